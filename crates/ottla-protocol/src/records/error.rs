//! Why the bytes of a batch could not be read.

use alloc::boxed::Box;

use super::Compression;
use crate::wire::varint::VarintError;

/// Why the bytes of a batch could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The bytes end before a field does.
    #[error("{field}: {needed} bytes needed, {remaining} left")]
    Truncated {
        /// The field that was being read.
        field: &'static str,
        /// Bytes it takes.
        needed: usize,
        /// Bytes that were there.
        remaining: usize,
    },
    /// The batch is of another format: a legacy message set, or not a batch at all.
    #[error("batch of format {magic} where format 2 is read")]
    UnsupportedMagic {
        /// The format byte.
        magic: i8,
    },
    /// The length in the header is smaller than the header itself, or negative.
    #[error("batch_length of {length} is below the minimum of {minimum}")]
    BadBatchLength {
        /// What the header says.
        length: i32,
        /// The least that a batch of this format takes.
        minimum: i32,
    },
    /// The length in the header is not that of the bytes handed in.
    #[error("batch of {size} bytes in {actual} bytes")]
    SizeMismatch {
        /// Size of the batch by its header.
        size: usize,
        /// Bytes that were handed in.
        actual: usize,
    },
    /// The checksum in the header is not that of the bytes.
    #[error("stored crc {stored:#010x}, computed {computed:#010x}")]
    CrcMismatch {
        /// What the header says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// A variable-length integer is cut off or endless.
    #[error("{field}: {source}")]
    Varint {
        /// The field that was being read.
        field: &'static str,
        /// What is wrong with it.
        source: VarintError,
    },
    /// A length is negative where it must not be, or goes beyond the bytes at hand.
    #[error("{field} of {length} with {remaining} bytes left")]
    BadLength {
        /// The field that was being read.
        field: &'static str,
        /// The length it claims.
        length: i64,
        /// Bytes that were there.
        remaining: usize,
    },
    /// Bytes are left over behind the last thing announced.
    #[error("{remaining} bytes left over behind {field}")]
    TrailingBytes {
        /// What ended too early.
        field: &'static str,
        /// Bytes left over.
        remaining: usize,
    },
    /// No codec has this id.
    #[error("unknown compression id {id}")]
    UnknownCompression {
        /// The id in the attributes.
        id: u8,
    },
    /// The codec is one that this build leaves out.
    #[error(
        "{codec} batch, but this build has no {codec}: turn on the feature \"{codec}\" of ottla-protocol"
    )]
    CodecNotEnabled {
        /// The codec that is missing.
        codec: Compression,
    },
    /// The compressed bytes are not what their codec writes.
    #[error("corrupt {codec} data: {reason}")]
    CorruptCompression {
        /// The codec of the batch.
        codec: Compression,
        /// What the codec said.
        reason: Box<str>,
    },
    /// The batch unpacks to more than is allowed.
    #[error("{codec} batch unpacks to more than the limit of {limit} bytes")]
    DecompressedTooLarge {
        /// The codec of the batch.
        codec: Compression,
        /// The limit it broke, in bytes.
        limit: usize,
    },
    /// A legacy wrapper has an offset below that of the last message inside.
    #[error("wrapper at offset {offset} around messages up to {last_inner}")]
    WrapperOffset {
        /// Offset of the wrapper.
        offset: i64,
        /// Offset of the last message inside, as it stands there.
        last_inner: i64,
    },
    /// A legacy wrapper is inside another.
    #[error("compressed message inside a compressed message")]
    NestedWrapper,
    /// The record of a control batch has no key that names its type.
    #[error("control record with a key of {len} bytes where 4 are needed")]
    BadControlKey {
        /// Length of the key.
        len: usize,
    },
}
