//! A consumer for any Kafka cluster: batches that borrow, or a stream of owned records.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod error;

pub mod assignor;

mod batch;
mod progress;
mod record;

mod aborted;
mod session;

mod fetcher;
mod group;
mod under_way;
mod worker;

mod consumer;
mod event;
mod stream;

pub use batch::{Batch, BatchIter};
pub use config::{Config, GroupProtocol, OffsetReset};
pub use consumer::{Consumer, Start};
pub use error::Error;
pub use event::{Event, Revocation};
pub use ottla_client::{
    CommittedOffset, ConfigError, GroupMetadata, GroupOffsets, IsolationLevel, ListedOffset, Offset,
    Property, TopicPartition,
};
pub use ottla_protocol::records::{Record as BorrowedRecord, RecordHeader, RecordHeaders};
pub use record::{Header, Record};
pub use stream::RecordStream;
