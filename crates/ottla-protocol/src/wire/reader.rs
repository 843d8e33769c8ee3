//! Reads the primitive types of the protocol from one frame.
//!
//! [`Reader`] knows whether the version is flexible (KIP-482), so a message says `string` and never "string or
//! compact string". Which fields a message has is said in [`crate::messages`].

use alloc::vec::Vec;
use core::mem::size_of;

use bytes::Bytes;

use super::varint::{self, VarintError};
use super::{DecodeError, DecodeLimits, I32Array, Records, Str, TaggedFields, Uuid};
use crate::api::ErrorCode;
use crate::message::Fill;

/// How much memory may be reserved for elements per byte of the frame that is still unread.
///
/// Real elements take at most this much more memory than wire, so theirs is reserved exactly and at once; a
/// length that lies costs a small multiple of the bytes that were really sent.
const RESERVE_FACTOR: usize = 16;

/// Bytes that a string may have: what its classic length can say. Compact lengths could say more, and must not.
const STRING_BYTES_MAX: usize = i16::MAX.unsigned_abs() as usize;

/// Reads one message from the bytes of a frame; strings, bytes and records are slices of them.
///
/// Every read names its field, for the error.
#[derive(Debug)]
pub struct Reader<'a> {
    frame: &'a Bytes,
    rest: &'a [u8], // the unread end of `frame`, or of a tagged field in it
    flexible: bool,
    elements_bytes_left: usize,
    limits: &'a DecodeLimits,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte; `flexible` says if the version has compact lengths and tagged fields.
    #[must_use]
    pub fn new(frame: &'a Bytes, flexible: bool, limits: &'a DecodeLimits) -> Self {
        Self { frame, rest: frame, flexible, elements_bytes_left: limits.elements_bytes_max, limits }
    }

    /// How many bytes are still unread.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// How many bytes of the frame lie before the next one that is read.
    #[cfg(feature = "json")]
    pub(crate) fn position(&self) -> usize {
        // In a tagged field `rest` ends before the frame does, so its length does not tell.
        self.rest.as_ptr().addr() - self.frame.as_ptr().addr()
    }

    /// Whether this version has compact lengths and tagged fields.
    #[must_use]
    pub fn is_flexible(&self) -> bool {
        self.flexible
    }

    /// Goes from the part of a request header that never changes to the part that may be flexible.
    pub(crate) fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    /// Says that the message is whole.
    ///
    /// # Errors
    /// [`DecodeError::LeftOver`] if there are bytes after it.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(DecodeError::LeftOver { extra }),
        }
    }
}

/// Fixed-size types. All of them are errors if the bytes end first.
#[expect(clippy::missing_errors_doc, reason = "said once for all of them, above")]
impl<'a> Reader<'a> {
    #[inline]
    fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.truncated(field, N)),
        }
    }

    #[cold]
    fn truncated(&self, field: &'static str, needed: usize) -> DecodeError {
        DecodeError::Truncated { field, needed, remaining: self.rest.len() }
    }

    /// An `int8`.
    #[inline]
    pub fn i8(&mut self, field: &'static str) -> Result<i8, DecodeError> {
        Ok(i8::from_be_bytes(self.fixed(field)?))
    }

    /// An `int16`.
    #[inline]
    pub fn i16(&mut self, field: &'static str) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.fixed(field)?))
    }

    /// A `uint16`.
    #[inline]
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.fixed(field)?))
    }

    /// An `int32`.
    #[inline]
    pub fn i32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.fixed(field)?))
    }

    /// A `uint32`.
    #[inline]
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.fixed(field)?))
    }

    /// An `int64`.
    #[inline]
    pub fn i64(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.fixed(field)?))
    }

    /// A `float64`.
    #[inline]
    pub fn f64(&mut self, field: &'static str) -> Result<f64, DecodeError> {
        Ok(f64::from_be_bytes(self.fixed(field)?))
    }

    /// A `bool`; as in Kafka, every byte but 0 is true.
    #[inline]
    pub fn bool(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        Ok(self.i8(field)? != 0)
    }

    /// A `uuid`.
    #[inline]
    pub fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        Ok(Uuid(self.fixed(field)?))
    }

    /// An error code, which is an `int16`.
    #[inline]
    pub fn error_code(&mut self, field: &'static str) -> Result<ErrorCode, DecodeError> {
        Ok(ErrorCode(self.i16(field)?))
    }

    /// An unsigned varint of at most 32 bits, as compact lengths and tags are.
    #[inline]
    pub fn unsigned_varint(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        match self.rest {
            [byte @ 0..=0x7f, rest @ ..] => {
                self.rest = rest;
                Ok(u32::from(*byte))
            }
            _ => self.long_unsigned_varint(field),
        }
    }

    fn long_unsigned_varint(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        let mut pos = 0;
        match varint::read_unsigned_varint(self.rest, &mut pos) {
            Ok(value) => {
                self.rest = &self.rest[pos..];
                Ok(value)
            }
            Err(VarintError::Truncated { .. }) => Err(self.truncated(field, self.rest.len() + 1)),
            Err(VarintError::TooLong { .. }) => Err(DecodeError::VarintTooLong { field }),
        }
    }
}

/// Which of the two classic length prefixes a type has.
#[derive(Clone, Copy)]
enum Prefix {
    Int16,
    Int32,
}

/// Types with a length. Errors: a length that cannot be true, a null that may not be, bytes that are not UTF-8.
#[expect(clippy::missing_errors_doc, reason = "said once for all of them, above")]
impl<'a> Reader<'a> {
    /// A length, `None` for null, held against the bytes that are there.
    #[inline]
    fn len(&mut self, field: &'static str, prefix: Prefix) -> Result<Option<usize>, DecodeError> {
        let len = if self.flexible {
            i64::from(self.unsigned_varint(field)?) - 1
        } else {
            match prefix {
                Prefix::Int16 => i64::from(self.i16(field)?),
                Prefix::Int32 => i64::from(self.i32(field)?),
            }
        };
        match usize::try_from(len) {
            // Bytes of a string, or elements of which each takes at least one byte.
            Ok(len) if len <= self.rest.len() => Ok(Some(len)),
            Ok(_) => Err(self.impossible(field, len)),
            Err(_) if len == -1 => Ok(None),
            Err(_) => Err(DecodeError::NegativeLength { field, len }),
        }
    }

    #[cold]
    fn impossible(&self, field: &'static str, len: i64) -> DecodeError {
        DecodeError::ImpossibleLength { field, len: len.unsigned_abs(), remaining: self.rest.len() }
    }

    /// The next `len` bytes, which [`len`](Self::len) has found to be there, as a slice of the frame.
    #[inline]
    fn slice(&mut self, field: &'static str, len: usize) -> Result<(Bytes, &'a [u8]), DecodeError> {
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.truncated(field, len));
        };
        self.rest = rest;
        // An empty slice shares nothing, so that it does not keep the frame in memory.
        Ok((if len == 0 { Bytes::new() } else { self.frame.slice_ref(bytes) }, bytes))
    }

    /// A `string`.
    #[inline]
    pub fn string(&mut self, field: &'static str) -> Result<Str, DecodeError> {
        self.nullable_string(field)?.ok_or(DecodeError::UnexpectedNull { field })
    }

    /// A `string` or null.
    #[inline]
    pub fn nullable_string(&mut self, field: &'static str) -> Result<Option<Str>, DecodeError> {
        let Some(len) = self.len(field, Prefix::Int16)? else { return Ok(None) };
        if len > STRING_BYTES_MAX {
            return Err(DecodeError::StringTooLong { field, len, limit: STRING_BYTES_MAX });
        }
        let (bytes, _) = self.slice(field, len)?;
        match Str::from_utf8(bytes) {
            Ok(string) => Ok(Some(string)),
            Err(err) => Err(DecodeError::NotUtf8 { field, valid_up_to: err.valid_up_to() }),
        }
    }

    /// A `bytes`.
    #[inline]
    pub fn bytes(&mut self, field: &'static str) -> Result<Bytes, DecodeError> {
        self.nullable_bytes(field)?.ok_or(DecodeError::UnexpectedNull { field })
    }

    /// A `bytes` or null.
    #[inline]
    pub fn nullable_bytes(&mut self, field: &'static str) -> Result<Option<Bytes>, DecodeError> {
        let Some(len) = self.len(field, Prefix::Int32)? else { return Ok(None) };
        Ok(Some(self.slice(field, len)?.0))
    }

    /// A `records`, unread.
    #[inline]
    pub fn records<F>(&mut self, field: &'static str) -> Result<Records<F>, DecodeError> {
        Ok(Records::Bytes(self.bytes(field)?))
    }

    /// A `records` or null, unread.
    #[inline]
    pub fn nullable_records<F>(&mut self, field: &'static str) -> Result<Option<Records<F>>, DecodeError> {
        Ok(self.nullable_bytes(field)?.map(Records::Bytes))
    }

    /// An array, its elements read one by one.
    #[inline]
    pub fn array<T>(
        &mut self,
        field: &'static str,
        element: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.nullable_array(field, element)?.ok_or(DecodeError::UnexpectedNull { field })
    }

    /// An array or null, its elements read one by one.
    #[inline]
    pub fn nullable_array<T>(
        &mut self,
        field: &'static str,
        mut element: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some((len, capacity)) = self.array_len(field, size_of::<T>())? else { return Ok(None) };
        let mut elements = Vec::with_capacity(capacity);
        for _ in 0..len {
            elements.push(element(self)?);
        }
        Ok(Some(elements))
    }

    /// An array of structs of a hot message.
    #[inline]
    pub(crate) fn structs<T: Fill>(
        &mut self,
        field: &'static str,
        version: i16,
    ) -> Result<Vec<T>, DecodeError> {
        self.nullable_structs(field, version)?.ok_or(DecodeError::UnexpectedNull { field })
    }

    /// An array of structs of a hot message, or null.
    #[inline]
    pub(crate) fn nullable_structs<T: Fill>(
        &mut self,
        field: &'static str,
        version: i16,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let Some((len, capacity)) = self.array_len(field, size_of::<T>())? else { return Ok(None) };
        let mut elements = Vec::with_capacity(capacity);
        for _ in 0..len {
            elements.push(T::DEFAULT);
            if let Some(element) = elements.last_mut() {
                element.fill(self, version)?;
            }
        }
        Ok(Some(elements))
    }

    /// How many elements follow that take so many bytes of memory each, and for how many there is room to be made.
    #[inline]
    pub(crate) fn array_len(
        &mut self,
        field: &'static str,
        element_size: usize,
    ) -> Result<Option<(usize, usize)>, DecodeError> {
        let Some(len) = self.len(field, Prefix::Int32)? else { return Ok(None) };
        let size = element_size.max(1);
        self.charge(field, len.saturating_mul(size))?;
        let affordable = self.rest.len().saturating_mul(RESERVE_FACTOR) / size + 1;
        Ok(Some((len, len.min(affordable))))
    }

    /// An array of `int32`.
    #[inline]
    pub fn i32_array(&mut self, field: &'static str) -> Result<I32Array, DecodeError> {
        let mut array = I32Array::new();
        self.fill_i32_array(field, &mut array)?;
        Ok(array)
    }

    /// An array of `int32`, to where it will stay.
    #[inline(always)]
    pub(crate) fn fill_i32_array(
        &mut self,
        field: &'static str,
        array: &mut I32Array,
    ) -> Result<(), DecodeError> {
        // Metadata has three a partition, nearly all of up to three numbers: those are taken without a branch more.
        if self.flexible
            && let [compact_len @ 1..=4, rest @ ..] = self.rest
            && let Some(numbers) = rest.first_chunk()
        {
            let len = *compact_len - 1;
            self.rest = &rest[usize::from(len) * size_of::<i32>()..];
            *array = I32Array::from_first(len, numbers);
            return Ok(());
        }
        self.fill_long_i32_array(field, array)
    }

    #[cold]
    #[inline(never)]
    fn fill_long_i32_array(&mut self, field: &'static str, array: &mut I32Array) -> Result<(), DecodeError> {
        *array = self.nullable_i32_array(field)?.ok_or(DecodeError::UnexpectedNull { field })?;
        Ok(())
    }

    /// An array of `int32` or null.
    #[inline]
    pub fn nullable_i32_array(&mut self, field: &'static str) -> Result<Option<I32Array>, DecodeError> {
        let Some(len) = self.len(field, Prefix::Int32)? else { return Ok(None) };
        let size = len.saturating_mul(size_of::<i32>());
        let Some((numbers, rest)) = self.rest.split_at_checked(size) else {
            return Err(self.truncated(field, size));
        };
        self.rest = rest;
        Ok(Some(I32Array::from_be_bytes(numbers)))
    }

    /// Whether a nullable struct is there: Kafka writes a byte, -1 for null and 1 else.
    #[inline]
    pub fn is_present(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        Ok(self.i8(field)? >= 0)
    }

    /// Whether a nullable struct in a tagged field is there: Kafka writes an unsigned varint, 0 for null and 1 else.
    #[inline]
    pub fn is_tag_present(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        Ok(self.unsigned_varint(field)? > 0)
    }

    #[inline]
    fn charge(&mut self, field: &'static str, size: usize) -> Result<(), DecodeError> {
        match self.elements_bytes_left.checked_sub(size) {
            Some(left) => {
                self.elements_bytes_left = left;
                Ok(())
            }
            None => {
                let limit = self.limits.elements_bytes_max;
                let size = (limit - self.elements_bytes_left).saturating_add(size);
                Err(DecodeError::TooManyElements { field, size, limit })
            }
        }
    }
}

/// Tagged fields (KIP-482).
impl<'a> Reader<'a> {
    /// The tagged fields of a struct that knows none; nothing is read where the version is not flexible.
    ///
    /// # Errors
    /// Tags out of order, or lengths that cannot be true.
    #[inline]
    pub fn tags(&mut self) -> Result<TaggedFields, DecodeError> {
        self.known_tags(|_, _| Ok(false))
    }

    /// The tagged fields of a struct that knows some: `known` reads one of those, or says `false`.
    ///
    /// # Errors
    /// Tags out of order, lengths that cannot be true, and what `known` finds.
    #[inline]
    pub fn known_tags(
        &mut self,
        known: impl FnMut(&mut Self, u32) -> Result<bool, DecodeError>,
    ) -> Result<TaggedFields, DecodeError> {
        if !self.flexible {
            return Ok(TaggedFields::new());
        }
        if let [0, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(TaggedFields::new());
        }
        self.some_tags(known)
    }

    fn some_tags(
        &mut self,
        mut known: impl FnMut(&mut Self, u32) -> Result<bool, DecodeError>,
    ) -> Result<TaggedFields, DecodeError> {
        const FIELD: &str = "tagged fields";
        let count = self.unsigned_varint(FIELD)?;
        let mut unknown = TaggedFields::new();
        let mut previous = None;
        for _ in 0..count {
            let tag = self.unsigned_varint(FIELD)?;
            if let Some(previous) = previous
                && tag <= previous
            {
                return Err(DecodeError::TagOrder { tag, previous });
            }
            previous = Some(tag);
            let size = self.unsigned_varint(FIELD)?;
            let len = usize::try_from(size).unwrap_or(usize::MAX);
            let Some((field, after)) = self.rest.split_at_checked(len) else {
                return Err(self.impossible(FIELD, i64::from(size)));
            };
            self.rest = field; // a field cannot read past its own end
            if !known(self, tag)? {
                self.charge(FIELD, size_of::<super::TaggedField>())?;
                unknown.push(tag, self.slice(FIELD, len)?.0);
            }
            if !self.rest.is_empty() {
                return Err(DecodeError::TagTooLong { tag, extra: self.rest.len() });
            }
            self.rest = after;
        }
        Ok(unknown)
    }
}
