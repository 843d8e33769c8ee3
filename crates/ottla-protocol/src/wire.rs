//! Primitive values of the protocol: how single fields lie in bytes.
//!
//! Whole messages, headers and record batches stand in modules of their own and are made of these.

pub mod varint;
