//! `ottla consume`: records become lines of standard output.

mod printer;
mod starts;

use std::time::Duration;

use ottla::client::{Admin, CommittedOffset, GroupOffsets, TopicPartition};
use ottla::consumer::{Config, Consumer, Event};
use tokio::time::{Instant, sleep_until};

use crate::arguments::{Consume, Start};
use crate::client::settings;
use crate::failure::Failure;
use crate::signals::Signals;
use printer::Printer;
use starts::Ends;

/// How often it is looked whether all was read that is to be read, where no record says so: what ends a
/// transaction is not seen as one.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long a group may not know of what was printed.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(words: Consume) -> Result<(), Failure> {
    let mut signals = Signals::receive()?;
    let config = config(&words)?;
    let consumer = Consumer::new(config).await?;
    let mut reading = Reading::begin(&consumer, &words).await?;
    let read = reading.read(&mut signals).await;
    // Whatever ended it, the group goes on behind what was printed.
    let committed = reading.commit().await;
    consumer.close().await;
    read.and(committed)
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
    consumer: &'a Consumer,
    admin: Admin,
    words: &'a Consume,
    printer: Printer<'a>,
    /// With `--exit`, where it ends; in a group of what is assigned.
    ends: Option<Ends>,
    /// Whether it is known what is to be read.
    is_assigned: bool,
    /// What was printed and not committed yet.
    printed: GroupOffsets,
}

impl<'a> Reading<'a> {
    async fn begin(consumer: &'a Consumer, words: &'a Consume) -> Result<Self, Failure> {
        let admin = consumer.client().admin();
        let mut reading = Self {
            consumer,
            words,
            printer: Printer::new(words),
            ends: words.exit.then(Ends::default),
            is_assigned: false,
            printed: GroupOffsets::new(),
            admin,
        };
        // In a group too, a topic that is not there is most likely a slip of the finger.
        let partitions = starts::partitions(&reading.admin, words).await?;
        if words.group.is_some() {
            consumer.subscribe(words.topics.iter().cloned()).await?;
        } else {
            reading.assigned(&partitions).await?;
            consumer.assign_each(starts::starts(&reading.admin, partitions, words.from).await?);
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

    async fn read(&mut self, signals: &mut Signals) -> Result<(), Failure> {
        let patience = self.words.timeout;
        let mut give_up = patience.map(|patience| Instant::now() + patience);
        let mut commit_at = None;
        while !self.printer.is_done() && !self.is_at_the_end() {
            let look_again = self.ends.is_some().then(|| Instant::now() + LOOK_AGAIN);
            let event = tokio::select! {
                biased;
                () = signals.next() => return Ok(()),
                () = until(commit_at) => {
                    commit_at = None;
                    self.commit().await?;
                    continue;
                }
                event = self.consumer.next_event() => event?,
                () = until(give_up) => return Ok(()),
                () = until(look_again) => continue,
            };
            if let Event::Batch(_) = event {
                give_up = patience.map(|patience| Instant::now() + patience);
                commit_at =
                    commit_at.or_else(|| self.words.group.as_ref().map(|_| Instant::now() + COMMIT_EVERY));
            }
            self.take(event).await?;
        }
        Ok(())
    }

    fn is_at_the_end(&self) -> bool {
        let reached = self.ends.as_ref().is_some_and(|ends| ends.are_reached(self.consumer));
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
                self.tell("reads", &partitions);
                self.assigned(&partitions).await?;
            }
            Event::Revoking(revocation) => {
                self.tell("gives up", revocation.partitions());
                self.commit().await?;
                self.leave_to_others(revocation.partitions());
                revocation.done().await;
            }
            Event::Lost(partitions) => {
                self.tell("lost", &partitions);
                self.leave_to_others(&partitions);
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
        let printed = std::mem::take(&mut self.printed);
        if !printed.is_empty() {
            self.consumer.commit_offsets(printed).await?;
        }
        Ok(())
    }

    fn tell(&self, what: &str, partitions: &[TopicPartition]) {
        if let (Some(group), [_, ..]) = (&self.words.group, partitions) {
            let names: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            eprintln!("ottla: group {group}: {what} {}", names.join(" "));
        }
    }
}

/// Waits until a moment, or for ever where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
