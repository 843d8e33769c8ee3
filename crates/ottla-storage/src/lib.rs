//! A crash-safe, append-only log of record batches in the on-disk format of Kafka.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod blocking;
pub mod disk;
pub mod files;
pub mod inspect;

mod aborted;
mod compaction;
mod config;
mod due;
mod epochs;
mod error;
mod findings;
mod follower;
mod gate;
mod index;
mod join;
mod lock;
mod log;
mod offset;
mod opening;
#[cfg(not(ottla_planted))]
mod planted;
#[cfg(ottla_planted)]
#[doc(hidden)]
pub mod planted;
mod producers;
mod ranges;
mod read;
mod records;
mod recovery;
mod reserve;
mod root_files;
mod scrub;
mod segment;
mod starts;
mod storage;
mod synced;
mod tail;
mod waiters;

pub use self::compaction::{Compacted, CompactionConfig, Pace, Unpaced};
pub use self::config::{CleanupPolicy, Durability, LogConfig, Ratio, StorageConfig};
pub use self::due::CheckpointDue;
pub use self::error::{AppendError, Error, ReadError};
pub use self::findings::{Finding, FindingKind};
pub use self::follower::Follower;
pub use self::log::{AppendOptions, Appended, Durable, Log, LogOffsets, Readable, Written};
pub use self::offset::{LogName, Offset};
pub use self::producers::{ActiveProducer, Origin, ProducerError, TransactionGuard};
pub use self::read::{
    AbortedTransaction, FileRange, Isolation, ReadOptions, ReadResult, Reading, ReadingFuture,
    TimestampOffset,
};
pub use self::records::{NewRecord, Record, RecordHeader, RecordOptions, RecordReader};
pub use self::scrub::Scrubbed;
pub use self::storage::{AdoptedLog, Storage, Wanted};
/// What records are packed with.
pub use ottla_protocol::records::Compression;
