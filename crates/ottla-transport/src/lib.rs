//! Kafka connections: framing, pipelining, correlation and limits over TCP, Unix sockets and memory.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod address;
mod client_connection;
mod connector;
mod deadline;
mod error;
mod file_source;
mod listener;
mod memory;
#[cfg(target_os = "linux")]
mod network_threads;
mod outbound;
#[cfg(target_os = "linux")]
mod page_cache;
mod peer;
mod server;
mod spawn;
mod stream;

pub use address::{Address, AddressParseError};
pub use client_connection::{ClientConnection, ClientConnectionConfig, Pending};
#[cfg(unix)]
pub use connector::UnixConnector;
pub use connector::{BoxFuture, Connector, TcpConnector};
pub use error::{Disconnect, Error, Sent};
pub use file_source::FileSource;
#[cfg(unix)]
pub use listener::UnixListener;
pub use listener::{Listener, SocketOptions, TcpListener, listen, listen_with};
pub use memory::{MemoryListener, MemoryNetwork, MemoryStream, NetworkFaults, Way};
#[cfg(target_os = "linux")]
pub use network_threads::Socket;
pub use peer::Peer;
pub use server::{Call, Outcome, Server, ServerConfig, Service};
pub use spawn::TokioSpawn;
pub use stream::Stream;
