//! What every message can do: name its API and versions, be decoded, be encoded.
//!
//! The messages themselves are generated, in [`crate::messages`].

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::ApiKey;
use crate::wire::{DecodeError, DecodeLimits, EncodeError, NoFile, Reader, Sink};

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
    /// Writes the message: to a [`Length`](crate::wire::Length) first, then to a [`Writer`](crate::wire::Writer).
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

/// The value of a field that must not be null in this version.
#[inline]
pub(crate) fn required<'a, T>(
    field: &'static str,
    value: Option<&'a T>,
    version: i16,
) -> Result<&'a T, EncodeError> {
    value.ok_or(EncodeError::NullNotInVersion { field, version })
}

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
