//! The narrow trait through which the broker reaches a partition.
//!
//! Behind it is a log of `ottla-storage` (`log`); an object store could be. Which partitions there are is in
//! `directory`.

pub(crate) mod log;

use std::fmt::Debug;
use std::pin::Pin;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Records;
use ottla_storage::{AbortedTransaction, ActiveProducer, FileRange, Isolation, TransactionGuard};

/// A future behind a trait object.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One partition of a topic: an ordered log of record batches.
pub trait Partition: Send + Sync + Debug + 'static {
    /// Appends one v2 batch, or several.
    ///
    /// On return the offsets are given, the write is started and so is whatever makes it durable: nothing is
    /// left half done by dropping a future.
    ///
    /// # Errors
    /// [`Refused`], and nothing was appended.
    fn append(&self, records: Bytes, now_ms: i64, ack: Option<Ack>) -> Result<Append, Refused>;

    /// Appends one v2 batch of a producer, as [`append`](Self::append) does, that may only stand under these terms.
    ///
    /// # Errors
    /// [`Refused`], and nothing was appended; `INVALID_TXN_STATE` when the transaction has ended since the guard was taken.
    fn append_guarded(
        &self,
        records: Bytes,
        now_ms: i64,
        ack: Option<Ack>,
        terms: Terms,
    ) -> Result<Append, Refused>;

    /// Appends records of a coordinator, in one batch: only the epoch of their producer is checked. Acknowledged when
    /// they are durable.
    ///
    /// # Errors
    /// [`Refused`], and nothing was appended; `INVALID_TXN_STATE` when the transaction has ended since the guard was taken.
    fn append_of_coordinator(&self, records: Bytes, now_ms: i64, terms: Terms) -> Result<Append, Refused>;

    /// Appends the end of a producer's transaction. Acknowledged when it is durable. One that ends no transaction stands too.
    ///
    /// # Errors
    /// [`Refused`], and nothing was appended: `INVALID_PRODUCER_EPOCH`, `TRANSACTION_COORDINATOR_FENCED`.
    fn append_marker(&self, marker: Marker, now_ms: i64) -> Result<Append, Refused>;

    /// What an append of this producer's transaction is to be guarded by. Taken before the coordinator is asked whether the
    /// transaction is open, it keeps records of one that has ended since out; where it says that one
    /// [is open](TransactionGuard::is_open), the coordinator need not be asked.
    fn transaction_guard(&self, producer_id: i64, epoch: i16) -> TransactionGuard;

    /// What is remembered of each producer, in the order of their ids.
    fn active_producers(&self) -> Vec<ActiveProducer>;

    /// The epoch in which this broker leads it.
    fn leader_epoch(&self) -> i32;

    /// Where the partition begins and ends.
    fn offsets(&self) -> Offsets;

    /// Bytes that its records take where they are kept.
    fn size_bytes(&self) -> u64;

    /// Reads whole batches from the one that holds `from`, as many as fit `bytes_max`, or one that does not
    /// when `at_least_one`; never past the high watermark or, of committed records, the last stable offset. At the end it
    /// reads nothing.
    ///
    /// Fails with `OFFSET_OUT_OF_RANGE` outside of the log; `CORRUPT_MESSAGE`, `KAFKA_STORAGE_ERROR`.
    fn read(&self, from: i64, bytes_max: usize, at_least_one: bool, isolation: Isolation) -> Reading;

    /// Deletes the records below an offset, or below the high watermark: asked for on return. Answers where the partition starts then, durably.
    ///
    /// Fails with `OFFSET_OUT_OF_RANGE` below 0 and above the high watermark; `KAFKA_STORAGE_ERROR`. Dropped, it may
    /// have deleted them.
    fn delete_records(&self, before: Option<i64>) -> BoxFuture<Result<i64, ErrorCode>>;

    /// Waits until the high watermark exceeds `after`; false says that it never will. Registered, never polled.
    ///
    /// The future is cancel safe.
    fn readable(&self, after: i64) -> BoxFuture<bool>;

    /// The first record at or after a time, in milliseconds; cancel safe.
    fn offset_for_timestamp(&self, timestamp: i64) -> BoxFuture<Result<Option<TimedOffset>, ErrorCode>>;

    /// The record with the largest timestamp; cancel safe.
    fn max_timestamp(&self) -> BoxFuture<Result<Option<TimedOffset>, ErrorCode>>;

    /// The largest epoch that is not after `epoch`, and where it ends (KIP-279); `epoch` itself, ending where the
    /// first one begins, when all are after it; `None` for an epoch after the last.
    fn epoch_end_offset(&self, epoch: i32) -> Option<(i32, i64)>;
}

/// Records that were appended.
#[must_use]
pub struct Append {
    /// Where they are.
    pub appended: Appended,
    /// Comes when they are as safe as was asked, or never will be; `None` when they are. Cancel safe.
    pub acknowledged: Option<BoxFuture<Result<(), ErrorCode>>>,
}

/// A read that is done, or waits for the disk. Cancel safe.
#[must_use]
pub enum Reading {
    /// From memory, or of what the operating system had at hand.
    Now(Result<Read, ErrorCode>),
    /// The disk has to be asked.
    Later(BoxFuture<Result<Read, ErrorCode>>),
}

/// Under which terms a producer's batch may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The transaction that it is of must not have ended since this was taken; `None` for one of no transaction, or where nobody verifies.
    pub guard: Option<TransactionGuard>,
    /// A producer of whom nothing is known has to begin with sequence 0 (KIP-890).
    pub begins_at_zero: bool,
}

/// The end of a transaction, for one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Whether it is committed; aborted otherwise.
    pub committed: bool,
    /// Whose transaction it is.
    pub producer_id: i64,
    /// The epoch in which it ends: that of the transaction or, from version 2 of transactions on, the next.
    pub producer_epoch: i16,
    /// The epoch of the coordinator that decided it.
    pub coordinator_epoch: i32,
    /// The version of transactions that it speaks, 0 to 2.
    pub transaction_version: i16,
}

/// How safe records have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// Handed to the operating system (`acks=1`).
    Written,
    /// As safe as the partition's durability promises (`acks=all`).
    Durable,
}

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record; that of the first time when a producer sent a batch twice.
    pub base_offset: i64,
    /// Offset after the last record.
    pub end: i64,
    /// The broker's time that was kept with the records, -1 when the producer's was.
    pub log_append_time_ms: i64,
    /// Where the partition starts.
    pub log_start_offset: i64,
}

/// Why nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code to answer.
    pub code: ErrorCode,
    /// What is wrong, for people.
    pub message: Option<String>,
    /// Records that are wrong, by their place in the batch, and why.
    pub record_errors: Vec<(i32, String)>,
}

impl Refused {
    /// A refusal that its code explains.
    pub fn with_code(code: ErrorCode) -> Self {
        Self { code, message: None, record_errors: Vec::new() }
    }
}

/// Where a partition begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    /// The first offset that can be read.
    pub log_start: i64,
    /// The offset after the last that can be read.
    pub high_watermark: i64,
    /// The offset after the last that is of no open transaction.
    pub last_stable: i64,
    /// The offset that the next record gets.
    pub log_end: i64,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// Whole batches, in memory or as a range of a file.
    pub records: Records<FileRange>,
    /// The offsets at the time of the read.
    pub offsets: Offsets,
    /// The aborted transactions that reach into what was read, where only committed records were asked for.
    pub aborted: Vec<AbortedTransaction>,
}

/// A record that was looked for by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOffset {
    /// Its offset.
    pub offset: i64,
    /// Its time, in milliseconds.
    pub timestamp: i64,
    /// The epoch of the leader that appended it.
    pub leader_epoch: i32,
}
