//! What can be wrong with bytes that are read, and with a message that is to be written.
//!
//! Every variant names the field it met, so that a log line finds the bug. Errors of record batches are in
//! [`crate::records`], those of framing in [`crate::frame`].

use crate::api::ApiKey;

/// Why bytes are not the message they were said to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end inside a field.
    #[error("{field}: {needed} bytes needed, {remaining} left")]
    Truncated {
        /// The field that was being read.
        field: &'static str,
        /// How many bytes the field takes.
        needed: usize,
        /// How many bytes there are.
        remaining: usize,
    },
    /// A field claims more elements or bytes than the rest of the frame could hold.
    #[error("{field}: a length of {len} is impossible, {remaining} bytes left")]
    ImpossibleLength {
        /// The field that was being read.
        field: &'static str,
        /// The length that it claims.
        len: u64,
        /// How many bytes there are.
        remaining: usize,
    },
    /// A length is negative and is not the -1 that stands for null.
    #[error("{field}: negative length {len}")]
    NegativeLength {
        /// The field that was being read.
        field: &'static str,
        /// The length that it claims.
        len: i64,
    },
    /// A field is null, and this version has no null there.
    #[error("{field}: null, which this version does not allow")]
    UnexpectedNull {
        /// The field that was being read.
        field: &'static str,
    },
    /// A string is longer than any may be, whichever way its length is written.
    #[error("{field}: a string of {len} bytes, over the limit of {limit}")]
    StringTooLong {
        /// The field that was being read.
        field: &'static str,
        /// The length, as received.
        len: usize,
        /// The most bytes that a string may have.
        limit: usize,
    },
    /// A string is not UTF-8.
    #[error("{field}: not UTF-8 from byte {valid_up_to} on")]
    NotUtf8 {
        /// The field that was being read.
        field: &'static str,
        /// How many bytes from the start of the string are fine.
        valid_up_to: usize,
    },
    /// A variable-length integer has more bits than its type.
    #[error("{field}: varint longer than its type")]
    VarintTooLong {
        /// The field that was being read.
        field: &'static str,
    },
    /// Tagged fields must come in rising order, each at most once (KIP-482).
    #[error("tagged field {tag} after tagged field {previous}")]
    TagOrder {
        /// The tag that came too late.
        tag: u32,
        /// The tag before it.
        previous: u32,
    },
    /// A tagged field holds more bytes than its value takes.
    #[error("tagged field {tag}: {extra} bytes after its value")]
    TagTooLong {
        /// The tag.
        tag: u32,
        /// How many bytes its value leaves.
        extra: usize,
    },
    /// The decoded elements would take more memory than [`elements_bytes_max`] allows.
    ///
    /// [`elements_bytes_max`]: crate::wire::DecodeLimits::elements_bytes_max
    #[error("{field}: elements of {size} bytes in memory, over the limit of {limit} a message")]
    TooManyElements {
        /// The field that was being read.
        field: &'static str,
        /// What all elements so far would take, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The message ends before its bytes do.
    #[error("{extra} bytes left over after the message")]
    LeftOver {
        /// How many bytes are left.
        extra: usize,
    },
    /// This release knows no API of this key, or does not serve it.
    #[error("unknown api key {api_key} (version {api_version})")]
    UnknownApiKey {
        /// The key, as received.
        api_key: i16,
        /// The version, as received.
        api_version: i16,
    },
    /// The API is known, this version of it is not.
    #[error("{api_key} has no version {api_version}")]
    UnsupportedVersion {
        /// The API.
        api_key: ApiKey,
        /// The version, as received.
        api_version: i16,
    },
    /// The structure is known, this version of it is not.
    #[error("{name} has no version {version}")]
    UnknownDataVersion {
        /// The structure.
        name: &'static str,
        /// The version, as read.
        version: i16,
    },
    /// The key of a record is of a type that is not known.
    #[error("unknown record type {record_type}")]
    UnknownRecordType {
        /// The type, as read.
        record_type: i16,
    },
}

/// Why a message cannot be written in a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The field is set, and the version neither carries it nor lets it be dropped.
    #[error("{field} is set, which version {version} cannot carry")]
    NotInVersion {
        /// The field.
        field: &'static str,
        /// The version that was asked for.
        version: i16,
    },
    /// The field is null, and the version has no null there.
    #[error("{field} is null, which version {version} does not allow")]
    NullNotInVersion {
        /// The field.
        field: &'static str,
        /// The version that was asked for.
        version: i16,
    },
    /// The field is longer than its length prefix can say.
    #[error("{field}: a length of {len}, over the {max} that the format can say")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Its length: bytes of a string, elements of an array.
        len: usize,
        /// The most that the format can say.
        max: usize,
    },
    /// The whole frame is longer than its size prefix can say.
    #[error("a frame of {size} bytes, over the {max} that the format can say")]
    FrameTooLong {
        /// Size of the frame, in bytes.
        size: u64,
        /// The most that the format can say.
        max: u64,
    },
    /// The message has no such version.
    #[error("{api_key} has no version {api_version}")]
    UnsupportedVersion {
        /// The API.
        api_key: ApiKey,
        /// The version that was asked for.
        api_version: i16,
    },
    /// The structure has no such version.
    #[error("{name} has no version {version}")]
    UnknownDataVersion {
        /// The structure.
        name: &'static str,
        /// The version that was asked for.
        version: i16,
    },
    /// An unknown tagged field has the number of a field that the message knows.
    #[error("unknown tagged field {tag} has the number of a known one, or is not in rising order")]
    TagTaken {
        /// The tag.
        tag: u32,
    },
    /// The message changed between measuring and writing, as a value of interior mutability could.
    #[error("measured {measured} bytes, wrote {written}")]
    LengthChanged {
        /// Bytes counted in the first pass.
        measured: usize,
        /// Bytes written in the second.
        written: usize,
    },
}
