//! Primitive values of the protocol: how single fields lie in bytes.
//!
//! Whole messages, headers and record batches stand in modules of their own and are made of these.

mod error;
mod i32_array;
mod lean;
mod limits;
mod reader;
mod record_data;
mod sink;
mod string;
mod tags;
mod uuid;
pub mod varint;

pub use self::error::{DecodeError, EncodeError};
pub use self::i32_array::I32Array;
pub(crate) use self::lean::LeanReader;
pub use self::lean::LeanSink;
pub use self::limits::DecodeLimits;
pub use self::reader::Reader;
pub use self::record_data::{Chunk, NoFile, Records};
pub use self::sink::{Length, Sink, Writer};
pub use self::string::Str;
pub use self::tags::{TaggedField, TaggedFields};
pub use self::uuid::{ParseUuidError, Uuid};
