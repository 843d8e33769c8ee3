//! The consumer as its users hold it.
//!
//! It checks and unpacks batches, on the task that asks for them; what is fetched is decided in
//! `fetcher`, and fetched by `worker`. What it does as a member of a group is in `consumer/group.rs`.

mod group;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use ottla_client::internal::{CloseOnDrop, Closing, lock};
use ottla_client::{Client, Offset, OffsetSpec, TopicPartition};
use ottla_protocol::records::BatchError;
use ottla_protocol::wire::DecodeLimits;
use tokio::sync::Notify;

use crate::batch::Batch;
use crate::config::Config;
use crate::error::Error;
use crate::event::{Event, Revocation};
use crate::fetcher::{Fetcher, Next, Place, Taken, Wanted};
use crate::group::{Group, Notice};
use crate::progress::Progress;
use crate::stream::RecordStream;
use crate::worker::{self, Shared, Waiting};

/// Where to begin reading a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// At the first record that is still there.
    Earliest,
    /// Behind the last record.
    Latest,
    /// At this offset.
    Offset(Offset),
    /// At the first record with this timestamp, in Unix milliseconds, or a later one.
    Timestamp(i64),
    /// At what the group of `group.id` committed; where there is nothing, by `auto.offset.reset`.
    Committed,
}

impl From<Start> for Place {
    fn from(start: Start) -> Self {
        match start {
            Start::Earliest => Self::Find(Wanted::Spec(OffsetSpec::Earliest)),
            Start::Latest => Self::Find(Wanted::Spec(OffsetSpec::Latest)),
            Start::Offset(offset) => Self::Offset(offset.0),
            Start::Timestamp(ms) => Self::Find(Wanted::Spec(OffsetSpec::Timestamp(ms))),
            Start::Committed => Self::Find(Wanted::Committed),
        }
    }
}

/// Reads partitions of a cluster: those that a group gives it ([`subscribe`](Self::subscribe)), or those that it is
/// told to ([`assign`](Self::assign)).
///
/// Clones share everything: what one is given, no other gets. The last clone dropped closes the
/// consumer without waiting: in the background it commits what is finished, with `enable.auto.commit`, and leaves
/// its group. To wait for that, call [`close`](Self::close).
#[derive(Clone)]
pub struct Consumer {
    pub(crate) shared: Arc<Shared>,
    // The worker holds `shared` alone, so that this is dropped with the last handle.
    _open: Arc<CloseOnDrop>,
}

impl Consumer {
    /// Connects to a cluster. Nothing is read before [`subscribe`](Self::subscribe) or [`assign`](Self::assign).
    ///
    /// # Errors
    /// [`Error::Config`] names a setting that cannot be; [`Error::Client`] says that no bootstrap
    /// server answered.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, it leaves nothing behind.
    pub async fn new(config: Config) -> Result<Self, Error> {
        let config = config.build()?;
        let client = Client::connect(config.client.clone()).await?;
        let fetcher = Fetcher::new(&config, client.env().rng());
        let shared = Arc::new(Shared {
            fetcher: Mutex::new(fetcher),
            interests: Mutex::default(),
            waiting: Mutex::new(Waiting::new()),
            group: Group::new(&config, client.env().rng()).map(Arc::new),
            wake: Notify::new(),
            closing: Closing::new(),
            client,
            config,
        });
        shared.client.env().spawn(worker::run(Arc::clone(&shared)));
        if let Some(group) = &shared.group {
            shared.client.env().spawn(crate::group::run(Arc::clone(&shared), Arc::clone(group)));
        }
        Ok(Self { _open: Arc::new(shared.closing.on_drop()), shared })
    }

    /// The settings of this consumer.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The client underneath, for metadata and admin calls. It lives as long as this consumer.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// The partitions of a topic, to be assigned.
    ///
    /// # Errors
    /// [`Error::Client`] if the topic does not exist after `default.api.timeout.ms`, or nobody
    /// answers.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn partitions_of(&self, topic: &str) -> Result<Vec<TopicPartition>, Error> {
        let limit = self.shared.config.client.default_api_timeout;
        let known = self.shared.client.topic(topic, limit).await?;
        let name =
            |partition: &ottla_client::Partition| TopicPartition::new(known.name.clone(), partition.index);
        Ok(known.partitions.iter().map(name).collect())
    }

    /// Reads exactly these partitions from here on, all from `start`. Nothing is asked of the
    /// cluster yet: what goes wrong is told by [`next_batch`](Self::next_batch).
    ///
    /// A consumer that has subscribed leaves its group, and commits nothing before; to have that,
    /// [`unsubscribe`](Self::unsubscribe) first.
    pub fn assign(&self, partitions: impl IntoIterator<Item = TopicPartition>, start: Start) {
        self.assign_each(partitions.into_iter().map(|partition| (partition, start)));
    }

    /// As [`assign`](Self::assign), each partition from a place of its own.
    pub fn assign_each(&self, partitions: impl IntoIterator<Item = (TopicPartition, Start)>) {
        let partitions: Vec<_> =
            partitions.into_iter().map(|(partition, start)| (partition, Place::from(start))).collect();
        self.assign_places(partitions);
    }

    fn assign_places(&self, partitions: Vec<(TopicPartition, Place)>) {
        let assign = || lock(&self.shared.fetcher).assign(partitions);
        match &self.shared.group {
            Some(group) => group.leave_for(assign),
            None => assign(),
        }
        self.shared.keep_topics();
        self.shared.wake.notify_one();
    }

    /// The partitions that are read.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        lock(&self.shared.fetcher).assignment().cloned().collect()
    }

    /// Goes on elsewhere in a partition. What was fetched of it is dropped.
    ///
    /// # Errors
    /// [`Error::NotAssigned`].
    pub fn seek(&self, partition: &TopicPartition, to: Start) -> Result<(), Error> {
        // Who was not told yet that it was lost speaks of an ownership that is over: the group may have gone on from there.
        let is_lost = self.shared.group.as_ref().is_some_and(|group| group.has_untold_loss_of(partition));
        let is_assigned = !is_lost && lock(&self.shared.fetcher).seek(partition, to.into());
        self.done(is_assigned, partition)
    }

    /// Hands out nothing of a partition until [`resume`](Self::resume), and fetches no more of it.
    ///
    /// # Errors
    /// [`Error::NotAssigned`].
    pub fn pause(&self, partition: &TopicPartition) -> Result<(), Error> {
        let is_assigned = lock(&self.shared.fetcher).set_paused(partition, true);
        self.done(is_assigned, partition)
    }

    /// Goes on with a partition that was paused.
    ///
    /// # Errors
    /// [`Error::NotAssigned`].
    pub fn resume(&self, partition: &TopicPartition) -> Result<(), Error> {
        let is_assigned = lock(&self.shared.fetcher).set_paused(partition, false);
        self.shared.wake_waiting();
        self.done(is_assigned, partition)
    }

    fn done(&self, is_assigned: bool, partition: &TopicPartition) -> Result<(), Error> {
        self.shared.wake.notify_one();
        if is_assigned { Ok(()) } else { Err(Error::NotAssigned(partition.clone())) }
    }

    /// The offset behind the last batch that was handed out, or where reading starts; `None` while
    /// that is being found out, and for partitions that are not assigned.
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        lock(&self.shared.fetcher).position(partition).map(Offset)
    }

    /// Where the partition ended for readers when it was last fetched.
    pub fn high_watermark(&self, partition: &TopicPartition) -> Option<Offset> {
        lock(&self.shared.fetcher).high_watermark(partition).map(Offset)
    }

    /// The next batch of any partition that is read, in order within its partition; waits for one.
    ///
    /// In a group, partitions that are to be given up are given up as this is called, and what comes and goes is
    /// not told: for that, see [`next_event`](Self::next_event).
    ///
    /// # Errors
    /// One that concerns a partition is told once, and the partition then waits for a
    /// [`seek`](Self::seek) while the others go on. [`Error::Group`] when the group does not take this consumer.
    /// [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, no batch is lost.
    pub async fn next_batch(&self) -> Result<Batch, Error> {
        std::future::poll_fn(|cx| self.poll_next_batch(cx)).await
    }

    /// As [`next_batch`](Self::next_batch), for use in other futures.
    ///
    /// # Errors
    /// As [`next_batch`](Self::next_batch).
    pub fn poll_next_batch(&self, cx: &mut Context<'_>) -> Poll<Result<Batch, Error>> {
        self.poll_for(cx, Self::try_next_batch)
    }

    /// The next batch, if one is there already.
    pub fn try_next_batch(&self) -> Option<Result<Batch, Error>> {
        batch_of(|| self.try_next_event())
    }

    /// What comes next: a batch, or what the group decides about partitions; waits for it.
    ///
    /// # Errors
    /// As [`next_batch`](Self::next_batch).
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, nothing is lost.
    pub async fn next_event(&self) -> Result<Event, Error> {
        std::future::poll_fn(|cx| self.poll_next_event(cx)).await
    }

    /// As [`next_event`](Self::next_event), for use in other futures.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub fn poll_next_event(&self, cx: &mut Context<'_>) -> Poll<Result<Event, Error>> {
        self.poll_for(cx, Self::try_next_event)
    }

    /// What comes next, if it is there already.
    pub fn try_next_event(&self) -> Option<Result<Event, Error>> {
        let next = self.try_next()?;
        if let Ok(Event::Batch(batch)) = &next {
            batch.progress().into_iter().for_each(Progress::hand_out_all);
        }
        Some(next)
    }

    /// A batch whose records are handed out one by one.
    pub(crate) fn poll_batch_for_records(&self, cx: &mut Context<'_>) -> Poll<Result<Batch, Error>> {
        self.poll_for(cx, |consumer| batch_of(|| consumer.try_next()))
    }

    fn try_next(&self) -> Option<Result<Event, Error>> {
        if self.shared.closing.is_closed() {
            return Some(Err(Error::Closed));
        }
        let next = match self.take_notice() {
            Some(notice) => notice,
            None => self.take_batch()?.map(Event::Batch),
        };
        if self.shared.group.is_some() {
            self.shared.user_was_here();
        }
        Some(next)
    }

    fn take_notice(&self) -> Option<Result<Event, Error>> {
        let group = self.shared.group.as_ref()?;
        Some(match group.take_notice()? {
            Notice::Assigned(partitions) => Ok(Event::Assigned(partitions)),
            Notice::Revoking(ticket, partitions) => {
                Ok(Event::Revoking(Revocation::new(Arc::clone(group), ticket, partitions)))
            }
            Notice::Lost(partitions) => Ok(Event::Lost(partitions)),
            Notice::Failed(error) => Err(error),
        })
    }

    fn take_batch(&self) -> Option<Result<Batch, Error>> {
        let (next, made_room) = {
            let mut fetcher = lock(&self.shared.fetcher);
            (fetcher.take(), fetcher.take_made_room())
        };
        if made_room {
            self.shared.wake.notify_one();
        }
        Some(match next? {
            Ok(Next::Fetched(taken)) => self.unpack(taken),
            Ok(Next::Returned(batch)) => Ok(batch),
            Err(error) => Err(error),
        })
    }

    fn poll_for<T>(&self, cx: &mut Context<'_>, try_next: impl Fn(&Self) -> Option<T>) -> Poll<T> {
        if let Some(ready) = try_next(self) {
            return Poll::Ready(ready);
        }
        self.shared.wait(cx.waker());
        // What came between the first look and the registration would wake nobody.
        try_next(self).map_or(Poll::Pending, Poll::Ready)
    }

    /// All records from here on, one by one.
    ///
    /// The stream takes whole batches and hands out their records, so that
    /// [`position`](Self::position) runs ahead of it by up to one batch. Dropped, it gives back what is left of the
    /// batch, which is then handed out next.
    ///
    /// In a group, a record counts as finished when the next one is asked for. Partitions that are to be given up
    /// are given up then too, with what is left of their batch.
    pub fn records(&self) -> RecordStream {
        RecordStream::new(self.clone())
    }

    /// Stops reading, and closes all connections. Other clones fail from here on.
    ///
    /// In a group, this first commits what is finished, with `enable.auto.commit`, and leaves the group, so that
    /// others take over at once; a static member (`group.instance.id`) keeps its place. That takes
    /// `request.timeout.ms` at most.
    ///
    /// # Cancel safety
    /// Cancel safe: the consumer is closed by the first poll, and the rest is done in the background.
    pub async fn close(self) {
        self.shared.closing.close();
        if let Some(group) = &self.shared.group {
            group.has_ended().await;
        }
    }

    fn unpack(&self, taken: Taken) -> Result<Batch, Error> {
        let config = &self.shared.config;
        let limits = DecodeLimits::DEFAULT.with_decompressed_bytes_max(config.decompressed_max_bytes);
        let records = match check_crc(&taken, config.check_crcs) {
            Ok(()) => taken.batch.records(&limits),
            Err(error) => Err(error),
        };
        match records {
            Ok(records) => Ok(Batch::new(taken, records)),
            Err(source) => {
                lock(&self.shared.fetcher).was_bad(&taken);
                let header = taken.batch.header();
                Err(Error::BadBatch {
                    partition: TopicPartition::clone(&taken.name),
                    next: Offset(header.next_offset()),
                    offset: Offset(header.base_offset),
                    source,
                })
            }
        }
    }
}

/// The next batch among events; what is to be given up is given up by that.
fn batch_of(next: impl Fn() -> Option<Result<Event, Error>>) -> Option<Result<Batch, Error>> {
    loop {
        match next()? {
            Ok(Event::Batch(batch)) => return Some(Ok(batch)),
            Ok(Event::Assigned(_) | Event::Revoking(_) | Event::Lost(_)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

fn check_crc(taken: &Taken, check: bool) -> Result<(), BatchError> {
    if !check {
        return Ok(());
    }
    let (stored, computed) = (taken.batch.header().crc, taken.batch.computed_crc());
    if stored == computed { Ok(()) } else { Err(BatchError::CrcMismatch { stored, computed }) }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
