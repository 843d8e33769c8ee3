//! An idempotent, batching, cancel-aware producer for any Kafka cluster, in pure Rust.
