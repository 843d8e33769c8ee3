//! Connections from outside: both ends over memory, TCP and Unix sockets.
#![cfg(test)]

mod client;
#[cfg(test)]
mod support;
