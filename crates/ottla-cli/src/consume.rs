//! `ottla consume`: records become lines of standard output.

mod owned;
mod printer;
mod starts;

use std::pin::pin;
use std::time::Duration;

use ottla::client::{Admin, CommittedOffset, GroupOffsets, TopicPartition};
use ottla::consumer::{self, Config, Consumer, Event};
use tokio::time::{Instant, sleep_until};

use crate::arguments::{Consume, Start};
use crate::client::settings;
use crate::failure::Failure;
use crate::output;
use crate::signals::{Signals, Stop};
use owned::Owned;
use printer::Printer;
use starts::Ends;

/// How often it is looked whether all was read that is to be read, where no record says so: what ends a
/// transaction is not seen as one.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a group may not know of what was printed, while there is more to print.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(words: Consume) -> Result<(), Failure> {
    let mut stop = Signals::receive()?.ask();
    let mut reading = tokio::select! {
        biased;
        () = stop.asked() => return Ok(()),
        begun = begin(&words) => begun?,
    };
    let read = reading.read(&mut stop).await;
    // Whatever ended it, the group goes on behind what was printed.
    let committed = reading.end().await;
    read.and(committed)
}

async fn begin(words: &Consume) -> Result<Reading<'_>, Failure> {
    Reading::begin(Consumer::new(config(words)?).await?, words).await
}

fn config(words: &Consume) -> Result<Config, Failure> {
    let mut own = Vec::new();
    if let Some(group) = &words.group {
        let reset = match words.from {
            Start::Beginning => "earliest",
            Start::End => "latest",
            _ => {
                return Err(Failure::Nonsense(
                    "--from OFFSET, -N and @TIME are not for groups; see group reset",
                ));
            }
        };
        // What is printed is committed, and not what was fetched.
        own =
            vec![("group.id", group.as_str()), ("auto.offset.reset", reset), ("enable.auto.commit", "false")];
    }
    if words.partition.is_some() && words.topics.len() > 1 {
        return Err(Failure::Nonsense("--partition is for one topic"));
    }
    settings(Config::new(&words.cluster.bootstrap), &own, &words.cluster)
}

/// Reading, by assignment or as a member of a group.
struct Reading<'a> {
    consumer: Consumer,
    admin: Admin,
    words: &'a Consume,
    printer: Printer<'a>,
    /// With `--exit`, where it ends; in a group of what is assigned.
    ends: Option<Ends>,
    /// Whether it is known what is to be read.
    is_assigned: bool,
    /// What was printed and not committed yet.
    printed: GroupOffsets,
    /// What the group gave.
    owned: Owned,
}

impl<'a> Reading<'a> {
    async fn begin(consumer: Consumer, words: &'a Consume) -> Result<Self, Failure> {
        let admin = consumer.client().admin();
        let mut reading = Self {
            consumer,
            words,
            printer: Printer::new(words),
            ends: words.exit.then(Ends::default),
            is_assigned: false,
            printed: GroupOffsets::new(),
            owned: Owned::default(),
            admin,
        };
        // In a group too, a topic that is not there is most likely a slip of the finger.
        let partitions = starts::partitions(&reading.admin, words).await?;
        if words.group.is_some() {
            reading.consumer.subscribe(words.topics.iter().cloned()).await?;
        } else {
            reading.assigned(&partitions).await?;
            let starts = starts::starts(&reading.admin, partitions, words.from).await?;
            reading.consumer.assign_each(starts);
        }
        Ok(reading)
    }

    async fn assigned(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        self.is_assigned = true;
        match &mut self.ends {
            Some(ends) => ends.add(&self.admin, partitions).await,
            None => Ok(()),
        }
    }

    async fn read(&mut self, stop: &mut Stop) -> Result<(), Failure> {
        let patience = self.words.timeout;
        let mut give_up = patience.map(|patience| Instant::now() + patience);
        let mut commit_at: Option<Instant> = None;
        // Whoever reads may have enough while there is nothing to print.
        let mut nobody_reads = pin!(output::nobody_reads());
        while !self.printer.is_done() && !self.is_at_the_end() && !stop.is_asked() {
            let is_due = commit_at.is_some_and(|at| Instant::now() >= at);
            let mut event = if is_due { None } else { self.consumer.try_next_event() };
            if event.is_none() && (is_due || self.words.commit_interval.is_none()) {
                tokio::select! {
                    biased;
                    () = stop.asked() => return Ok(()),
                    committed = self.commit() => committed?,
                }
                commit_at = (!self.printed.is_empty()).then(|| Instant::now() + COMMIT_EVERY);
            }
            if event.is_none() {
                let look_again = self.ends.is_some().then(|| Instant::now() + LOOK_AGAIN);
                event = tokio::select! {
                    biased;
                    () = stop.asked() => return Ok(()),
                    () = until(commit_at) => None,
                    event = self.consumer.next_event() => Some(event),
                    () = &mut nobody_reads => return Err(Failure::NobodyReads),
                    () = until(give_up) => return Ok(()),
                    () = until(look_again) => None,
                };
            }
            let Some(event) = event.transpose()? else { continue };
            if let Event::Batch(_) = event {
                give_up = patience.map(|patience| Instant::now() + patience);
                let interval = self.words.commit_interval.unwrap_or(COMMIT_EVERY);
                let commit = || self.words.group.as_ref().map(|_| Instant::now() + interval);
                commit_at = commit_at.or_else(commit);
            }
            self.take(event).await?;
        }
        Ok(())
    }

    fn is_at_the_end(&self) -> bool {
        let reached = self.ends.as_ref().is_some_and(|ends| ends.are_reached(&self.consumer));
        self.is_assigned && reached
    }

    async fn take(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Batch(batch) => {
                let partition = batch.topic_partition();
                let end = self.ends.as_ref().map_or(i64::MAX, |ends| ends.end(partition));
                let next = self.printer.print(&batch, end)?;
                if self.words.group.is_some() {
                    let next = CommittedOffset::new(next).with_leader_epoch(batch.leader_epoch());
                    self.printed.insert(partition.clone(), next);
                }
            }
            Event::Assigned(partitions) => {
                self.owned.assigned(&partitions);
                self.assigned(&partitions).await?;
            }
            Event::Revoking(revocation) => {
                self.commit().await?;
                self.leave_to_others(revocation.partitions());
                // Told before others can say that they have them.
                self.owned.revoked(revocation.partitions());
                revocation.done().await;
            }
            Event::Lost(partitions) => {
                self.leave_to_others(&partitions);
                self.owned.lost(&partitions);
            }
            _ => {}
        }
        Ok(())
    }

    fn leave_to_others(&mut self, partitions: &[TopicPartition]) {
        self.printed.retain(|partition, _| !partitions.contains(partition));
        if let Some(ends) = &mut self.ends {
            ends.remove(partitions);
        }
    }

    /// Tells the group what was printed.
    async fn commit(&mut self) -> Result<(), Failure> {
        if self.printed.is_empty() {
            return Ok(());
        }
        match self.consumer.commit_offsets(self.printed.clone()).await {
            Ok(()) => {}
            // It has gone on without this member, which is soon told what it lost; others print that again.
            Err(error @ consumer::Error::NotCommitted { .. }) => eprintln!("ottla: {error}"),
            // The coordinator is away; what is printed by then is committed the next time.
            Err(error) if error.is_retriable() => {
                eprintln!("ottla: {error}");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.printed.clear();
        Ok(())
    }

    /// Commits what was printed, and leaves the group, if it is in one.
    async fn end(self) -> Result<(), Failure> {
        let committed = match self.printed.is_empty() {
            true => Ok(()),
            false => self.consumer.commit_offsets(self.printed).await,
        };
        self.consumer.close().await;
        self.owned.left();
        Ok(committed?)
    }
}

/// Waits until a moment, or for ever where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
