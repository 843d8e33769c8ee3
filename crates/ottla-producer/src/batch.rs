//! One batch from its first record to its acknowledgement.
//!
//! A batch is open while records go in, then sealed; it is stamped with the producer's identity and
//! sequence when it is sent, and keeps its bytes until its fate is known. Which batch is sent when
//! is decided by the sender.

mod halves;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use ottla_client::TopicPartition;
use ottla_protocol::records::{self, AppendError, BatchBuilder, BatchOptions, Compression, HeaderEdit};
use ottla_protocol::wire::Str;

use crate::buffers::Buffers;
use crate::delivery::{Acknowledged, BatchDelivery, Duty};
use crate::error::Error;
use crate::flush::Ticket;
use crate::memory::Share;
use crate::partition::BatchRules;
use crate::record::Record;

/// Who a batch comes from, for the broker to tell a retry from news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
}

/// The sequence `records` behind `base`; they wrap around to 0.
pub(crate) fn sequence_behind(base: i32, records: u32) -> i32 {
    let sum = i64::from(base) + i64::from(records);
    i32::try_from(sum % (i64::from(i32::MAX) + 1)).unwrap_or(0)
}

/// The place of a batch among those of its partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    /// Counts batches as they are first sent.
    pub(crate) sent: u64,
    /// The record of that batch that this one begins with: 0 unless it was divided.
    pub(crate) part: u32,
}

/// What a batch takes along besides its records.
#[derive(Debug)]
pub(crate) struct Baggage {
    /// Its share of the memory.
    pub(crate) share: Share,
    /// Its place among those that a flush waits for.
    pub(crate) ticket: Ticket,
    /// Where its buffer comes from, and goes back to.
    pub(crate) buffers: Arc<Buffers>,
    /// When it was opened.
    pub(crate) opened_at: Instant,
}

/// A batch that takes records.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    builder: BatchBuilder,
    compression: Compression,
    duty: Duty,
    baggage: Baggage,
    records: u32,
}

impl OpenBatch {
    /// An empty batch. Past `size_limit` bytes it takes no record but its first.
    pub(crate) fn new(
        topic: Str,
        partition: i32,
        rules: &BatchRules,
        size_limit: usize,
        baggage: Baggage,
    ) -> Self {
        let compression = rules.compression;
        // How large a single record may be was checked before; here only the batch counts.
        let mut options = BatchOptions::default()
            .with_compression(compression, None)
            .with_limits(size_limit, BatchBuilder::BATCH_BYTES_MAX);
        if rules.is_transactional {
            options = options.with_transactional();
        }
        let builder = BatchBuilder::with_buffer(options, baggage.buffers.take(size_limit));
        Self { builder, compression, duty: Duty::new(topic, partition), baggage, records: 0 }
    }

    /// Encodes `record` into the batch, and tells `deliver` its place there; `None` if there is no room.
    pub(crate) fn offer<T>(
        &mut self,
        record: &Record<'_>,
        timestamp: i64,
        deliver: &mut impl FnMut(&Arc<BatchDelivery>, u32) -> T,
    ) -> Result<Option<T>, Error> {
        match self.builder.try_append(timestamp, record.key, record.value, record.headers) {
            Ok(_) => {
                let delivery = deliver(self.duty.of_batch(), self.records);
                self.records += 1;
                Ok(Some(delivery))
            }
            Err(AppendError::RecordTooLarge { size, limit }) => {
                Err(Error::RecordTooLarge { size, setting: "the format's limit", limit })
            }
            Err(_full) => Ok(None),
        }
    }

    /// Bytes so far, without compression.
    pub(crate) fn len(&self) -> usize {
        self.builder.uncompressed_len()
    }

    pub(crate) fn opened_at(&self) -> Instant {
        self.baggage.opened_at
    }

    /// Closes the batch for records, and compresses it if it is to be.
    pub(crate) fn seal(self) -> Batch {
        let mut batch = Batch {
            // Without compression the checksum is the only work left, and it waits for the stamp.
            payload: Payload::Records(self.builder),
            stamp: None,
            duty: self.duty,
            records: self.records,
            opened_at: self.baggage.opened_at,
            order: Order::default(),
            tries: 0,
            last: None,
            possibly_written: false,
            is_possibly_written_whole: false,
            buffers: self.baggage.buffers,
            held: Arc::new((self.baggage.share, self.baggage.ticket)),
        };
        if self.compression != Compression::None {
            batch.build();
        }
        batch
    }
}

#[derive(Debug)]
enum Payload {
    Records(BatchBuilder),
    Bytes(Bytes),
}

/// A batch that takes no more records and waits to be sent, or for its answer.
#[derive(Debug)]
pub(crate) struct Batch {
    payload: Payload,
    stamp: Option<Stamp>,
    duty: Duty,
    records: u32,
    opened_at: Instant,
    pub(crate) order: Order,
    tries: u32,
    last: Option<ottla_client::Error>,
    /// Whether a try had no certain end.
    pub(crate) possibly_written: bool,
    /// Whether that was a try of the batch that this one is a part of: the broker would not know
    /// the part again.
    pub(crate) is_possibly_written_whole: bool,
    buffers: Arc<Buffers>,
    /// Given back with the last part of a batch that was divided.
    held: Arc<(Share, Ticket)>,
}

impl Batch {
    /// Bytes that it takes in a request.
    pub(crate) fn len(&self) -> usize {
        match &self.payload {
            Payload::Records(builder) => builder.uncompressed_len(),
            Payload::Bytes(bytes) => bytes.len(),
        }
    }

    /// Gets ready to be sent once more, with this stamp; gives the bytes.
    pub(crate) fn send(&mut self, stamp: Option<Stamp>) -> Bytes {
        self.tries += 1;
        self.duty.sent = true;
        if stamp != self.stamp {
            self.stamp = stamp;
            self.restamp();
        }
        self.build()
    }

    pub(crate) fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    /// Number of records, as sequences count them.
    pub(crate) fn records(&self) -> u32 {
        self.records
    }

    pub(crate) fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// How often it was sent.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }

    /// Remembers what a try failed with.
    pub(crate) fn remember(&mut self, error: ottla_client::Error) {
        self.last = Some(error);
    }

    /// Whether its fate is known, so that it only holds its place in a sequence.
    pub(crate) fn is_settled(&self) -> bool {
        self.duty.is_told()
    }

    /// Tells its records that it was written.
    pub(crate) fn acknowledge(&self, acknowledged: Acknowledged) {
        self.duty.tell(Ok(acknowledged));
    }

    /// Tells its records that it failed for good.
    pub(crate) fn fail(&self, error: Error) {
        self.duty.tell(Err(error));
    }

    /// Tells its records that time or tries ran out.
    pub(crate) fn give_up(&self, partition: TopicPartition, waited: Duration, possibly_written: bool) {
        self.fail(self.undelivered(partition, waited, possibly_written));
    }

    /// That time or tries ran out.
    pub(crate) fn undelivered(
        &self,
        partition: TopicPartition,
        waited: Duration,
        possibly_written: bool,
    ) -> Error {
        Error::Undelivered {
            partition,
            tries: self.tries,
            waited,
            last: self.last.clone().map(Box::new),
            possibly_written: possibly_written || self.possibly_written,
        }
    }

    fn build(&mut self) -> Bytes {
        if let Payload::Records(builder) = &mut self.payload {
            let taken =
                std::mem::replace(builder, BatchBuilder::with_buffer(BatchOptions::default(), Vec::new()));
            let built = taken.build().unwrap_or_else(|error| {
                self.duty.tell(Err(Error::Build(error)));
                Bytes::new()
            });
            self.payload = Payload::Bytes(built);
        }
        match &self.payload {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::Records(_) => Bytes::new(),
        }
    }

    fn restamp(&mut self) {
        let Some(stamp) = self.stamp else { return };
        match &mut self.payload {
            Payload::Records(builder) => {
                builder.set_producer(stamp.producer_id, stamp.producer_epoch, stamp.base_sequence);
            }
            Payload::Bytes(bytes) => {
                *bytes = restamped(std::mem::take(bytes), stamp);
            }
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Payload::Bytes(bytes) = &mut self.payload {
            self.buffers.give_back(std::mem::take(bytes));
        }
    }
}

/// The batch under another stamp. The checksum follows from the old one, without a look at the body.
fn restamped(batch: Bytes, stamp: Stamp) -> Bytes {
    let Ok(parsed) = records::Batch::parse(batch) else {
        return Bytes::new(); // it could not be built, and its records know
    };
    let Stamp { producer_id, producer_epoch, base_sequence } = stamp;
    let header = HeaderEdit::new(&parsed).producer(producer_id, producer_epoch, base_sequence).finish();
    // An earlier try may still hold the bytes, on their way out of a connection that failed.
    let own = parsed.into_bytes().try_into_mut();
    let mut own = own.unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    own[..header.len()].copy_from_slice(&header);
    own.freeze()
}
