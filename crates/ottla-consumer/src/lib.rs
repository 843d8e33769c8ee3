//! An async consumer for any Kafka cluster, in pure Rust: batches and records as a stream.
