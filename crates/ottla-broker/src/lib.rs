//! The broker core: topics, produce and fetch as a request in and a response out, with no socket in sight.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod adopt;
mod api;
mod aside;
mod broker;
pub mod config;
mod configs;
mod coordinator;
mod directory;
mod error;
mod features;
mod fetch_session;
mod groups;
mod metadata;
pub mod partition;
mod producer_ids;
mod share;
pub mod telemetry;
pub mod topic_name;
mod transactions;
mod turns;
mod waiting;

pub use api::{Handling, Reply};
pub use broker::open::Builder;
pub use broker::{Broker, Session};
pub use config::{BrokerConfig, ConfigError, Durability};
pub use error::Error;
