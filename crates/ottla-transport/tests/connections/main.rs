//! Connections from outside: both ends over memory, TCP and Unix sockets.
#![cfg(test)]

mod client;
mod drain;
mod faults;
mod files;
mod hostile;
mod limits;
mod order;
mod partitions;
#[cfg(unix)]
mod sockets;
#[cfg(test)]
mod support;
