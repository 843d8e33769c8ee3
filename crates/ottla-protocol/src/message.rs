//! What every message can do: name its API and versions, be decoded, be encoded.
//!
//! The messages themselves are generated, in [`crate::messages`]; structures that are no messages, in
//! [`crate::consumer_protocol`] and [`crate::internal`].

pub(crate) mod bodies;

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::wire::{DecodeError, DecodeLimits, EncodeError, Length, NoFile, Reader, Records, Sink, Writer};

/// A request or response message.
pub trait Message: Sized {
    /// The API it belongs to.
    const API_KEY: ApiKey;
    /// The versions that can be decoded and encoded: those of Kafka 4.3.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields (KIP-482).
    const FLEXIBLE_FROM: Option<i16>;

    /// Whether Kafka serves the last version only when told to serve unstable ones.
    const LATEST_VERSION_UNSTABLE: bool = false;

    /// Reads the message; `version` is one of [`VERSIONS`](Self::VERSIONS), and `r` was made for it.
    ///
    /// A field that the version does not carry gets its default.
    ///
    /// # Errors
    /// Bytes that are not this message.
    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError>;

    /// For how many milliseconds the broker asks its client to send nothing more, because of a quota (KIP-219);
    /// 0 in messages that cannot say.
    #[must_use]
    fn throttle_time_ms(&self) -> i32 {
        0
    }

    /// Whether this version has compact lengths and tagged fields.
    #[must_use]
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE_FROM.is_some_and(|first| version >= first)
    }

    /// Refuses a version that the message does not have; every `encode` starts with it.
    ///
    /// # Errors
    /// [`EncodeError::UnsupportedVersion`].
    #[inline]
    fn check_version(version: i16) -> Result<(), EncodeError> {
        match Self::VERSIONS.contains(&version) {
            true => Ok(()),
            false => Err(EncodeError::UnsupportedVersion { api_key: Self::API_KEY, api_version: version }),
        }
    }

    /// Reads a body that holds this message and nothing else.
    ///
    /// # Errors
    /// An unknown version, bytes that are not this message, bytes left over.
    fn decode_whole(body: &Bytes, version: i16, limits: &DecodeLimits) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&version) {
            return Err(DecodeError::UnsupportedVersion { api_key: Self::API_KEY, api_version: version });
        }
        let mut r = Reader::new(body, Self::is_flexible(version), limits);
        let message = Self::decode(&mut r, version)?;
        r.finish()?;
        Ok(message)
    }
}

/// A message that can be written; `F` is what its record data outside memory comes from.
pub trait Encode<F = NoFile> {
    /// Writes the message: to a [`Length`] first, then to a [`Writer`].
    ///
    /// # Errors
    /// A field that `version` cannot carry, a version that the message does not have.
    fn encode<S: Sink<F>>(&self, sink: &mut S, version: i16) -> Result<(), EncodeError>;
}

/// A message that asks.
pub trait Request: Message + Encode {
    /// The message that answers it, of the same version.
    type Response: Message;
}

/// What stands before the fields of a [`Data`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefix {
    /// The version, as an `int16`; in the key of a record, its type.
    Version,
    /// This type and then the version, both as unsigned varints: so it is with metadata of remote storage.
    TypeAndVersion(i16),
}

/// A structure that is neither request nor response: bytes within a message, or a record of an internal topic.
///
/// It says itself which version it is of, in front of its fields.
pub trait Data: Encode + Sized {
    /// Kafka's name for it.
    const NAME: &'static str;
    /// The versions that can be decoded and encoded; for the key of a record, its type.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields (KIP-482).
    const FLEXIBLE_FROM: Option<i16>;

    /// Whether a version above all known ones is read as the last of them, and bytes after it are left alone:
    /// writers then promise that later versions only add fields at the end.
    const READS_NEWER: bool = false;

    /// What stands before the fields.
    const PREFIX: Prefix = Prefix::Version;

    /// Reads the fields; `version` is one of [`VERSIONS`](Self::VERSIONS), and `r` was made for it.
    ///
    /// # Errors
    /// Bytes that are not this structure.
    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError>;

    /// Refuses a version that the structure does not have; every `encode` starts with it.
    ///
    /// # Errors
    /// [`EncodeError::UnknownDataVersion`].
    #[inline]
    fn check_version(version: i16) -> Result<(), EncodeError> {
        match Self::VERSIONS.contains(&version) {
            true => Ok(()),
            false => Err(EncodeError::UnknownDataVersion { name: Self::NAME, version }),
        }
    }

    /// Reads version and fields, within [`DecodeLimits::DEFAULT`].
    ///
    /// # Errors
    /// An unknown version, bytes that are not this structure, bytes left over; see [`READS_NEWER`](Self::READS_NEWER).
    fn decode_versioned(bytes: &Bytes) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes, false, &DecodeLimits::DEFAULT);
        let given = match Self::PREFIX {
            Prefix::Version => r.i16("version")?,
            Prefix::TypeAndVersion(known) => {
                let record_type = i16::try_from(r.unsigned_varint("record type")?).unwrap_or(i16::MAX);
                if record_type != known {
                    return Err(DecodeError::UnknownRecordType { record_type });
                }
                i16::try_from(r.unsigned_varint("version")?).unwrap_or(i16::MAX)
            }
        };
        let version = if Self::READS_NEWER { given.min(*Self::VERSIONS.end()) } else { given };
        if !Self::VERSIONS.contains(&version) {
            return Err(DecodeError::UnknownDataVersion { name: Self::NAME, version });
        }
        r.set_flexible(Self::FLEXIBLE_FROM.is_some_and(|first| version >= first));
        let data = Self::decode(&mut r, version)?;
        if !Self::READS_NEWER {
            r.finish()?;
        }
        Ok(data)
    }

    /// The bytes in a version, the version first.
    ///
    /// # Errors
    /// A version that the structure does not have, a field that the version cannot carry.
    fn encode_versioned(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut length = Length::new(Self::FLEXIBLE_FROM.is_some_and(|first| version >= first));
        write_prefix(&mut length, Self::PREFIX, version);
        self.encode(&mut length, version)?;
        let mut writer: Writer = Writer::new(&length, 0);
        write_prefix(&mut writer, Self::PREFIX, version);
        self.encode(&mut writer, version)?;
        Ok(Records::Chunks(writer.into_chunks()).into_bytes())
    }
}

fn write_prefix(sink: &mut impl Sink, prefix: Prefix, version: i16) {
    match prefix {
        Prefix::Version => sink.i16(version),
        Prefix::TypeAndVersion(record_type) => {
            sink.unsigned_varint(record_type.unsigned_abs().into());
            sink.unsigned_varint(version.unsigned_abs().into());
        }
    }
}

/// A struct of a message that is hot: read to where it will stay.
///
/// Read elsewhere and moved there, it would be stored in small pieces and loaded in large ones, and the processor would
/// have to wait for the stores: that took more than half the time of metadata. For the same reason the default is a
/// constant, which is copied from where no store is under way.
pub(crate) trait Fill: Sized {
    /// Every field at its default.
    const DEFAULT: Self;

    /// Reads the fields; `self` is [`DEFAULT`](Self::DEFAULT) before.
    ///
    /// # Errors
    /// Bytes that are not this struct; `self` is of no use then.
    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError>;
}

/// The value of a field that must not be null in this version.
#[inline]
pub(crate) fn required<'a, T>(
    field: &'static str,
    value: Option<&'a T>,
    version: i16,
) -> Result<&'a T, EncodeError> {
    value.ok_or(EncodeError::NullNotInVersion { field, version })
}

/// The bytes of numbers, one behind the other, to be written at once.
macro_rules! big_endian {
    ($len:literal; $($value:expr),+) => {{
        let mut bytes = [0; $len];
        let mut rest = bytes.as_mut_slice();
        $(
            let value = $value.to_be_bytes();
            rest[..value.len()].copy_from_slice(&value);
            rest = &mut rest[value.len()..];
        )+
        debug_assert!(rest.is_empty(), "the length is that of the numbers");
        bytes
    }};
}
pub(crate) use big_endian;

/// The `with_` methods of a struct: one line a field, its value taken as it is or `impl Into` its type.
macro_rules! setters {
    ($name:ident $(<$f:ident>)? { $($body:tt)* }) => {
        impl $(<$f>)? $name $(<$f>)? {
            $crate::message::setters!(@ $($body)*);
        }
    };
    (@ $with:ident($field:ident: impl Into<$kind:ty>); $($rest:tt)*) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$kind>) -> Self {
            self.$field = $field.into();
            self
        }
        $crate::message::setters!(@ $($rest)*);
    };
    (@ $with:ident($field:ident: $kind:ty); $($rest:tt)*) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: $kind) -> Self {
            self.$field = $field;
            self
        }
        $crate::message::setters!(@ $($rest)*);
    };
    (@) => {};
}
pub(crate) use setters;
