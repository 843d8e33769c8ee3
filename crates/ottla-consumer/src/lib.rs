//! A consumer for any Kafka cluster: batches that borrow, or a stream of owned records.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod error;

pub mod assignor;

mod batch;
mod record;

mod aborted;
mod session;

mod fetcher;
mod worker;

mod consumer;
mod stream;

pub use batch::{Batch, BatchIter};
pub use config::{Config, OffsetReset};
pub use consumer::{Consumer, Start};
pub use error::Error;
pub use ottla_client::{ConfigError, IsolationLevel, Offset, Property, TopicPartition};
pub use ottla_protocol::records::{Record as BorrowedRecord, RecordHeader, RecordHeaders};
pub use record::{Header, Record};
pub use stream::RecordStream;
