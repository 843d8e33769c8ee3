//! Metadata, connections, retries and admin calls: what every client of a Kafka cluster needs.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod lock;

mod config;
mod error;

mod group_metadata;
mod node;
mod topic_partition;

mod cluster;
mod metadata;

mod backoff;
mod join;
mod retry;
mod staggered;
mod versions;
mod watched;

mod connection;
mod coordinators;
mod held_back;
mod pool;
mod route;

mod client;

mod brokers;
mod closing;
mod directory;
#[doc(hidden)]
pub mod internal;

mod admin;

#[cfg(any(test, feature = "scripted"))]
pub mod scripted;

pub use admin::{
    Admin, ClusterDescription, CommittedOffset, ConfigChange, ConfigEntry, ConfigQuery, ConfigResource,
    ConfigSource, ConfigSynonym, ConfigType, CreatedTopic, EpochEnd, GroupDescription, GroupFilter,
    GroupKind, GroupList, GroupListing, GroupMember, GroupOffsets, GroupState, HangingTransaction,
    IsolationLevel, ListedOffset, LogDir, NewPartitions, NewTopic, OffsetSpec, PartitionDescription,
    ProducerState, RecordsToDelete, Replica, TopicDescription, TransactionDescription, TransactionList,
    TransactionListing,
};
pub use backoff::Backoff;
pub use client::{Client, TopicInterest};
pub use cluster::{Cluster, Leader, Partition, Topic};
pub use config::{Config, ConfigError, Property};
pub use connection::Connection;
pub use error::Error;
pub use group_metadata::GroupMetadata;
pub use held_back::Pending;
pub use node::{Node, NodeId};
pub use ottla_transport::{Address, Connector, TcpConnector};
pub use pool::Lane;
pub use topic_partition::{Offset, TopicPartition};
pub use versions::ServedVersions;
pub use watched::Watch;
