//! The queue of one partition: its open batch and the sealed ones behind it.
//!
//! Callers append under its lock, which is held for as long as it takes to encode one record. The
//! sender takes sealed batches out. Each tells the other only what changes something: the queue
//! remembers what the sender knows of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ottla_client::TopicPartition;
use ottla_protocol::records::Compression;
use ottla_protocol::wire::Str;

use crate::batch::{Baggage, Batch, OpenBatch};
use crate::delivery::BatchDelivery;
use crate::error::Error;
use crate::record::Record;

/// One partition, shared by callers and the sender.
#[derive(Debug)]
pub(crate) struct Partition {
    /// Counts partitions of this producer; the sender's index.
    pub(crate) id: usize,
    pub(crate) topic: Str,
    pub(crate) index: i32,
    pub(crate) queue: Mutex<Queue>,
}

impl Partition {
    pub(crate) fn new(id: usize, topic: Str, index: i32) -> Self {
        Self { id, topic, index, queue: Mutex::default() }
    }

    pub(crate) fn name(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.index }
    }
}

/// What the sender has been told, and need not be told again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Told {
    /// Nothing: the queue is empty as far as it knows.
    #[default]
    Nothing,
    /// That there is an open batch, to be sent when its time is up.
    Open,
    /// That there is a sealed batch.
    Sealed,
}

/// How to open and fill batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchRules {
    pub(crate) compression: Compression,
    pub(crate) batch_size: usize,
    pub(crate) is_transactional: bool,
}

/// What became of a record that was appended.
#[derive(Debug)]
pub(crate) enum Appended<T> {
    /// It is in a batch.
    Queued {
        /// What was made of its place there.
        delivery: T,
        /// Whether the sender must be told of this partition.
        tell_sender: bool,
        /// Whether records without a key have filled this partition's share.
        share_filled: bool,
    },
    /// A new batch is needed, and the baggage for it.
    NeedsBatch {
        /// Whether the sender must be told of this partition.
        tell_sender: bool,
    },
}

/// What the sender finds when it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Nothing.
    Nothing,
    /// An open batch that may linger until then.
    Until(Instant),
    /// A batch to be sent now.
    Now,
}

/// The queue itself.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    sealed: VecDeque<Batch>,
    open: Option<OpenBatch>,
    told: Told,
    is_closed: bool,
    /// Bytes without a key that came here since the partitioner chose this partition.
    sticky_bytes: usize,
}

impl Queue {
    /// Appends to the open batch, or to a new one if there is `baggage` for it.
    ///
    /// Baggage that is not needed, because another caller opened a batch meanwhile, stays. `deliver` is told in which
    /// batch the record is, and where.
    #[expect(clippy::too_many_arguments, reason = "each is another thing, and all come from one caller")]
    pub(crate) fn append<T>(
        &mut self,
        partition: &Partition,
        record: &Record<'_>,
        timestamp: i64,
        is_sticky: bool,
        rules: &BatchRules,
        baggage: &mut Option<Baggage>,
        deliver: &mut impl FnMut(&Arc<BatchDelivery>, u32) -> T,
    ) -> Result<Appended<T>, Error> {
        if self.is_closed {
            return Err(Error::Closed { possibly_written: false });
        }
        let mut sealed_one = false;
        let delivery = loop {
            if let Some(open) = &mut self.open {
                if let Some(delivery) = open.offer(record, timestamp, deliver)? {
                    break delivery;
                }
                self.seal();
                sealed_one = true;
            }
            let Some(baggage) = baggage.take() else {
                return Ok(Appended::NeedsBatch { tell_sender: self.tell() });
            };
            let size_limit = rules.batch_size.max(batch_size_for(record));
            let (topic, index) = (partition.topic.clone(), partition.index);
            self.open = Some(OpenBatch::new(topic, index, rules, size_limit, baggage));
        };
        if self.open.as_ref().is_some_and(|open| open.len() >= rules.batch_size) {
            self.seal();
            sealed_one = true;
        }
        let share_filled = is_sticky && self.count_sticky(record.size_max(), sealed_one, rules.batch_size);
        Ok(Appended::Queued { delivery, tell_sender: self.tell(), share_filled })
    }

    /// Counts towards the partition's share; says whether it is full. About a batch is enough, and
    /// up to two to end with a whole one.
    fn count_sticky(&mut self, bytes: usize, sealed_one: bool, batch_size: usize) -> bool {
        self.sticky_bytes += bytes;
        let share = if sealed_one { batch_size } else { batch_size * 2 };
        let filled = self.sticky_bytes >= share;
        if filled {
            self.sticky_bytes = 0;
        }
        filled
    }

    /// Whether the sender must be told of something it does not know; it is, if so.
    pub(crate) fn tell(&mut self) -> bool {
        let news = match (&self.open, self.sealed.is_empty()) {
            (_, false) => Told::Sealed,
            (Some(_), true) => Told::Open,
            (None, true) => Told::Nothing,
        };
        let tell = match (self.told, news) {
            (Told::Nothing, Told::Open | Told::Sealed) | (Told::Open, Told::Sealed) => true,
            (Told::Nothing, Told::Nothing) | (Told::Open, _) | (Told::Sealed, _) => false,
        };
        if tell {
            self.told = news;
        }
        tell
    }

    /// What there is to send; the sender knows it from here on.
    pub(crate) fn look(&mut self, now: Instant, linger: Duration) -> Waiting {
        if !self.sealed.is_empty() {
            self.told = Told::Sealed;
            return Waiting::Now;
        }
        match &self.open {
            Some(open) => {
                self.told = Told::Open;
                let until = open.opened_at() + linger;
                if until <= now { Waiting::Now } else { Waiting::Until(until) }
            }
            None => {
                self.told = Told::Nothing;
                Waiting::Nothing
            }
        }
    }

    /// Age of the oldest batch.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        let sealed = self.sealed.front().map(Batch::opened_at);
        sealed.or_else(|| self.open.as_ref().map(OpenBatch::opened_at))
    }

    /// Bytes of the batch that [`take`](Self::take) would give.
    pub(crate) fn next_len(&mut self) -> Option<usize> {
        if self.sealed.is_empty() && self.open.is_some() {
            self.seal();
        }
        self.sealed.front().map(Batch::len)
    }

    /// The oldest batch, sealed if it was open.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        if self.sealed.is_empty() {
            self.seal();
        }
        self.sealed.pop_front()
    }

    /// Takes no more records, and drops those that are here.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        self.open = None;
        self.sealed.clear();
    }

    fn seal(&mut self) {
        if let Some(open) = self.open.take() {
            self.sealed.push_back(open.seal());
        }
    }
}

/// Bytes to reserve for a new batch whose first record is `record`.
pub(crate) fn batch_size_for(record: &Record<'_>) -> usize {
    ottla_protocol::records::BATCH_HEADER_LEN + record.size_max()
}
