//! Reads and writes messages that are not hot, in little code.
//!
//! A broker moves most of its messages rarely, and there are many of them: what counts is how much code they are.
//! [`LeanReader`] and [`LeanSink`] do what [`Reader`](super::Reader) and [`Sink`](super::Sink) do, but each read and
//! write is a call that is not inlined, and the first error is kept instead of being handed up from each field: after
//! it nothing more is read, and every further value is its type's default. `Produce`, `Fetch` and `Metadata` do
//! without this.

mod reader;
mod sink;

pub(crate) use reader::LeanReader;
pub use sink::LeanSink;
