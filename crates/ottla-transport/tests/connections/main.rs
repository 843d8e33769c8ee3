//! Connections from outside: both ends over memory, TCP and Unix sockets.
#![cfg(test)]

mod client;
mod drain;
mod faults;
mod files;
mod hostile;
mod limits;
#[cfg(target_os = "linux")]
mod network_threads;
mod order;
mod partitions;
#[cfg(unix)]
mod sockets;
#[cfg(test)]
mod support;
