//! The Kafka wire protocol and record batches as plain Rust values: no IO, no clock, no async, no unsafe.
