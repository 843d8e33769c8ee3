//! What the producer and the consumer of this workspace are made of besides the public API.
//!
//! Not part of that API: whatever stands here may change with any release, and the clients are
//! released together with it. Only re-exports live here.

pub use crate::lock::lock;
