//! Checks what clients of a Kafka-compatible broker did and saw: lost, doubled, torn and stale records are named.
//!
//! What follows is the README.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod anomaly;
mod checks;
mod event;
mod history;
mod known;
mod report;

pub use anomaly::Anomaly;
pub use checks::check;
pub use event::{
    Acks, Committed, End, Event, Fault, How, Isolation, Partition, Read, Topic, Watermarks, What,
};
pub use history::{History, LineError};
pub use report::{Finding, Report};
