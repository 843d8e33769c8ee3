//! An idempotent, batching producer for any Kafka cluster.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod error;
mod record;

mod deliveries;
mod delivery;
mod flush;
mod memory;

mod batch;
mod buffers;
mod partition;
mod partitioner;
mod topic;

mod sender;
mod worker;

mod producer;
mod transaction;

pub use config::{Acks, Config};
pub use deliveries::Deliveries;
pub use delivery::Delivery;
pub use error::Error;
pub use ottla_client::{CommittedOffset, ConfigError, GroupMetadata, Offset, Property, TopicPartition};
pub use ottla_protocol::records::Compression;
pub use partitioner::{murmur2, partition_for_key};
pub use producer::Producer;
pub use record::{Record, RecordMetadata};
pub use transaction::Transaction;
