//! The Kafka wire protocol and record batches as plain Rust values: no IO, no clock, no async, no unsafe.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod api;
pub mod consumer_protocol;
#[cfg(feature = "json")]
pub mod explain;
pub mod frame;
pub mod header;
pub mod internal;
pub mod message;
pub mod messages;
pub mod records;
pub mod wire;

pub use self::api::{ApiKey, ErrorCode};
pub use self::message::{Data, Encode, Message, Request};
