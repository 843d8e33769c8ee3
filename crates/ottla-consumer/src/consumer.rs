//! The consumer as its users hold it.
//!
//! It checks and unpacks batches, on the task that asks for them; what is fetched is decided in
//! `fetcher`, and fetched by `worker`.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use ottla_client::internal::{CloseOnDrop, Closing, lock};
use ottla_client::{Client, Offset, OffsetSpec, TopicPartition};
use ottla_protocol::records::BatchError;
use ottla_protocol::wire::{DecodeLimits, Str};
use tokio::sync::Notify;

use crate::batch::Batch;
use crate::config::Config;
use crate::error::Error;
use crate::fetcher::{Fetcher, Place, Taken};
use crate::stream::RecordStream;
use crate::worker::{self, Shared};

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
}

impl From<Start> for Place {
    fn from(start: Start) -> Self {
        match start {
            Start::Earliest => Self::Find(OffsetSpec::Earliest),
            Start::Latest => Self::Find(OffsetSpec::Latest),
            Start::Offset(offset) => Self::Offset(offset.0),
            Start::Timestamp(ms) => Self::Find(OffsetSpec::Timestamp(ms)),
        }
    }
}

/// Reads partitions of a cluster.
///
/// Clones share everything: what one is given, no other gets. The last clone dropped closes the
/// consumer without waiting.
#[derive(Clone)]
pub struct Consumer {
    shared: Arc<Shared>,
    // The worker holds `shared` alone, so that this is dropped with the last handle.
    _open: Arc<CloseOnDrop>,
}

impl Consumer {
    /// Connects to a cluster. Nothing is read before [`assign`](Self::assign).
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
            waiting: Mutex::default(),
            wake: Notify::new(),
            closing: Closing::new(),
            client,
            config,
        });
        shared.client.env().spawn(worker::run(Arc::clone(&shared)));
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
    pub fn assign(&self, partitions: impl IntoIterator<Item = TopicPartition>, start: Start) {
        self.assign_each(partitions.into_iter().map(|partition| (partition, start)));
    }

    /// As [`assign`](Self::assign), each partition from a place of its own.
    pub fn assign_each(&self, partitions: impl IntoIterator<Item = (TopicPartition, Start)>) {
        let partitions: Vec<_> =
            partitions.into_iter().map(|(partition, start)| (partition, Place::from(start))).collect();
        let mut interests = lock(&self.shared.interests);
        let mut kept = std::collections::BTreeMap::<Str, _>::new();
        for (partition, _) in &partitions {
            let topic = &partition.topic;
            if !kept.contains_key(topic) {
                let interest =
                    interests.remove(topic).unwrap_or_else(|| self.shared.client.keep_topic(topic.clone()));
                kept.insert(topic.clone(), interest);
            }
        }
        *interests = kept;
        drop(interests);
        lock(&self.shared.fetcher).assign(partitions);
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
        let is_assigned = lock(&self.shared.fetcher).seek(partition, to.into());
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

    /// The next batch of any assigned partition, in order within its partition; waits for one.
    ///
    /// # Errors
    /// One that concerns a partition is told once, and the partition then waits for a
    /// [`seek`](Self::seek) while the others go on. [`Error::Closed`].
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
        if let Some(ready) = self.try_next_batch() {
            return Poll::Ready(ready);
        }
        {
            let mut waiting = lock(&self.shared.waiting);
            if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                waiting.push(cx.waker().clone());
            }
        }
        // What came between the first look and the registration would wake nobody.
        self.try_next_batch().map_or(Poll::Pending, Poll::Ready)
    }

    /// The next batch, if one is there already.
    pub fn try_next_batch(&self) -> Option<Result<Batch, Error>> {
        if self.shared.closing.is_closed() {
            return Some(Err(Error::Closed));
        }
        let (taken, made_room) = {
            let mut fetcher = lock(&self.shared.fetcher);
            (fetcher.take(), fetcher.take_made_room())
        };
        if made_room {
            self.shared.wake.notify_one();
        }
        Some(taken?.and_then(|taken| self.unpack(taken)))
    }

    /// All records from here on, one by one.
    ///
    /// The stream takes whole batches and hands out their records, so that
    /// [`position`](Self::position) runs ahead of it by up to one batch.
    pub fn records(&self) -> RecordStream {
        RecordStream::new(self.clone())
    }

    /// Stops reading and closes all connections. Other clones fail from here on.
    ///
    /// # Cancel safety
    /// Cancel safe: closing has happened by the first poll.
    pub async fn close(self) {
        self.shared.closing.close();
    }

    fn unpack(&self, taken: Taken) -> Result<Batch, Error> {
        let config = &self.shared.config;
        let limits = DecodeLimits::DEFAULT.with_decompressed_bytes_max(config.decompressed_max_bytes);
        let records = match check_crc(&taken, config.check_crcs) {
            Ok(()) => taken.batch.records(&limits),
            Err(error) => Err(error),
        };
        match records {
            Ok(records) => Ok(Batch::new(taken.name, records, taken.from, taken.high_watermark)),
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
