//! A crash-safe, append-only log of record batches in the on-disk format of Kafka, to embed anywhere.

pub mod disk;
pub mod files;
