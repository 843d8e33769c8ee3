//! A Kafka-compatible message queue as a library: the whole stack, and a server to run in your own process.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

/// The version of this crate, as programs tell it that are built on it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

mod server;

pub use server::{
    Builder, DEFAULT_LISTENER, DiskFaults, Endpoint, EndpointParseError, Error, Faults, IN_PROCESS_ADDRESS,
    Listening, Server,
};

pub use {
    ottla_broker as broker, ottla_client as client, ottla_consumer as consumer, ottla_env as env,
    ottla_producer as producer, ottla_protocol as protocol, ottla_storage as storage,
    ottla_transport as transport,
};
