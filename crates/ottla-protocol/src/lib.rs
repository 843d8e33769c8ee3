//! The Kafka wire protocol and record batches as plain Rust values: no IO, no clock, no async, no unsafe.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod wire;
