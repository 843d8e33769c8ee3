//! Every message at every version: round trips, hostile bytes, whole frames, and bytes of a real Kafka.

mod arbitrary;
mod data;
#[cfg(feature = "json")]
mod explain;
mod frames;
mod golden;
mod round_trip;
mod source;
mod structures;
