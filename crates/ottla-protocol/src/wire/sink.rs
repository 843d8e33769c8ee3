//! Writes the primitive types of the protocol: once to learn the length, once for real.
//!
//! [`Sink`] knows whether the version is flexible (KIP-482), as [`Reader`](super::Reader) does. [`Length`] counts,
//! [`Writer`] writes into a buffer of exactly that size, and passes record data on without copying it.

use alloc::vec::Vec;
use core::mem;

use bytes::Bytes;

use super::varint;
use super::{Chunk, EncodeError, I32Array, LeanSink, NoFile, Records, Str, TaggedFields, Uuid};
use crate::api::ErrorCode;

/// Record data up to this many bytes is copied into the frame: an entry of a `writev` costs more than that.
const INLINE_RECORDS_MAX: usize = 1024;

/// Where a message is encoded to; `F` is what record data outside memory comes from.
pub trait Sink<F = NoFile> {
    /// Whether this version has compact lengths and tagged fields.
    fn is_flexible(&self) -> bool;

    /// Takes a few bytes.
    fn put<const N: usize>(&mut self, bytes: [u8; N]);

    /// Takes bytes.
    fn put_slice(&mut self, bytes: &[u8]);

    /// Takes numbers, one after the other.
    #[inline]
    fn put_i32s(&mut self, numbers: &[i32]) {
        numbers.iter().for_each(|number| self.i32(*number));
    }

    /// Takes record data, whose length stands before it already.
    fn put_records(&mut self, records: &Records<F>);

    /// Has a message without record data written by a [`LeanSink`], in this version.
    ///
    /// # Errors
    /// What the writing found.
    fn lean(&mut self, version: i16, write: &mut dyn FnMut(&mut LeanSink)) -> Result<(), EncodeError>;

    /// An `int8`.
    #[inline]
    fn i8(&mut self, value: i8) {
        self.put(value.to_be_bytes());
    }

    /// An `int16`.
    #[inline]
    fn i16(&mut self, value: i16) {
        self.put(value.to_be_bytes());
    }

    /// A `uint16`.
    #[inline]
    fn u16(&mut self, value: u16) {
        self.put(value.to_be_bytes());
    }

    /// An `int32`.
    #[inline]
    fn i32(&mut self, value: i32) {
        self.put(value.to_be_bytes());
    }

    /// A `uint32`.
    #[inline]
    fn u32(&mut self, value: u32) {
        self.put(value.to_be_bytes());
    }

    /// An `int64`.
    #[inline]
    fn i64(&mut self, value: i64) {
        self.put(value.to_be_bytes());
    }

    /// A `float64`.
    #[inline]
    fn f64(&mut self, value: f64) {
        self.put(value.to_be_bytes());
    }

    /// A `bool`.
    #[inline]
    fn bool(&mut self, value: bool) {
        self.put([u8::from(value)]);
    }

    /// A `uuid`.
    #[inline]
    fn uuid(&mut self, value: Uuid) {
        self.put(value.0);
    }

    /// An error code, which is an `int16`.
    #[inline]
    fn error_code(&mut self, value: ErrorCode) {
        self.i16(value.0);
    }

    /// An unsigned varint.
    #[inline]
    fn unsigned_varint(&mut self, value: u32) {
        match u8::try_from(value) {
            Ok(byte @ 0..=0x7f) => self.put([byte]),
            _ => {
                let mut bytes = [0; varint::VARLONG_LEN_MAX];
                let len = varint::write_unsigned(u64::from(value), &mut bytes);
                self.put_slice(&bytes[..len]);
            }
        }
    }

    /// A length that is an `int16` in versions that are not flexible; `None` is null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn short_len(&mut self, field: &'static str, len: Option<usize>) -> Result<(), EncodeError> {
        match len.map_or(Ok(-1), i16::try_from) {
            Ok(_) if self.is_flexible() => self.compact_len(field, len),
            Ok(len) => {
                self.i16(len);
                Ok(())
            }
            Err(_) => Err(too_long(field, len, STRING_LEN_MAX)),
        }
    }

    /// A length that is an `int32` in versions that are not flexible; `None` is null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn long_len(&mut self, field: &'static str, len: Option<usize>) -> Result<(), EncodeError> {
        if self.is_flexible() {
            return self.compact_len(field, len);
        }
        match len.map_or(Ok(-1), i32::try_from) {
            Ok(len) => self.i32(len),
            Err(_) => return Err(too_long(field, len, LEN_MAX)),
        }
        Ok(())
    }

    /// A length as flexible versions have it: one more than it is, 0 for null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn compact_len(&mut self, field: &'static str, len: Option<usize>) -> Result<(), EncodeError> {
        match len.map_or(Ok(-1), i32::try_from) {
            Ok(len) => self.unsigned_varint((len + 1).cast_unsigned()),
            Err(_) => return Err(too_long(field, len, LEN_MAX)),
        }
        Ok(())
    }

    /// A `string`.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn string(&mut self, field: &'static str, value: &Str) -> Result<(), EncodeError> {
        self.short_len(field, Some(value.len()))?;
        self.put_slice(value.as_bytes());
        Ok(())
    }

    /// A `string` or null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn nullable_string(&mut self, field: &'static str, value: Option<&Str>) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.string(field, value),
            None => self.short_len(field, None),
        }
    }

    /// A `bytes`.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn bytes(&mut self, field: &'static str, value: &Bytes) -> Result<(), EncodeError> {
        self.long_len(field, Some(value.len()))?;
        self.put_slice(value);
        Ok(())
    }

    /// A `bytes` or null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn nullable_bytes(&mut self, field: &'static str, value: Option<&Bytes>) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.bytes(field, value),
            None => self.long_len(field, None),
        }
    }

    /// A `records`.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn records(&mut self, field: &'static str, value: &Records<F>) -> Result<(), EncodeError> {
        self.long_len(field, Some(value.len()))?;
        self.put_records(value);
        Ok(())
    }

    /// A `records` or null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn nullable_records(
        &mut self,
        field: &'static str,
        value: Option<&Records<F>>,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.records(field, value),
            None => self.long_len(field, None),
        }
    }

    /// An array, its elements written one by one.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`], and what `element` finds.
    #[inline]
    fn array<T>(
        &mut self,
        field: &'static str,
        elements: &[T],
        mut element: impl FnMut(&mut Self, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.long_len(field, Some(elements.len()))?;
        elements.iter().try_for_each(|value| element(self, value))
    }

    /// An array or null, its elements written one by one.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`], and what `element` finds.
    #[inline]
    fn nullable_array<T>(
        &mut self,
        field: &'static str,
        elements: Option<&[T]>,
        element: impl FnMut(&mut Self, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        match elements {
            Some(elements) => self.array(field, elements, element),
            None => self.long_len(field, None),
        }
    }

    /// An array of `int32`.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn i32_array(&mut self, field: &'static str, value: &I32Array) -> Result<(), EncodeError> {
        self.long_i32_array(field, value)
    }

    /// An array of `int32`, whatever its length.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline(never)]
    fn long_i32_array(&mut self, field: &'static str, value: &I32Array) -> Result<(), EncodeError> {
        self.long_len(field, Some(value.len()))?;
        self.put_i32s(value);
        Ok(())
    }

    /// An array of `int32` or null.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    #[inline]
    fn nullable_i32_array(
        &mut self,
        field: &'static str,
        value: Option<&I32Array>,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.i32_array(field, value),
            None => self.long_len(field, None),
        }
    }

    /// Whether a nullable struct follows: Kafka writes a byte, -1 for null and 1 else.
    #[inline]
    fn is_present(&mut self, present: bool) {
        self.i8(if present { 1 } else { -1 });
    }

    /// Whether a nullable struct in a tagged field follows: Kafka writes an unsigned varint, 0 for null and 1 else.
    #[inline]
    fn is_tag_present(&mut self, present: bool) {
        self.unsigned_varint(present.into());
    }

    /// The tagged fields of a struct that knows none of its own.
    ///
    /// # Errors
    /// [`EncodeError::NotInVersion`] if there are some and the version is not flexible.
    #[inline]
    fn tags(&mut self, unknown: &TaggedFields, version: i16) -> Result<(), EncodeError> {
        if unknown.is_empty() {
            if self.is_flexible() {
                self.put([0]);
            }
            return Ok(());
        }
        self.some_tags(&TaggedFields::new(), unknown, version)
    }

    /// The tagged fields of a struct: its own, encoded, between the unknown ones, in rising order.
    ///
    /// # Errors
    /// [`EncodeError::NotInVersion`] if there are unknown ones and the version is not flexible,
    /// [`EncodeError::TagTaken`] if two have the same number.
    #[inline]
    fn known_tags(
        &mut self,
        known: &TaggedFields,
        unknown: &TaggedFields,
        version: i16,
    ) -> Result<(), EncodeError> {
        match known.is_empty() {
            true => self.tags(unknown, version),
            false => self.some_tags(known, unknown, version),
        }
    }

    /// The same, if there are any.
    ///
    /// # Errors
    /// As [`known_tags`](Self::known_tags).
    fn some_tags(
        &mut self,
        known: &TaggedFields,
        unknown: &TaggedFields,
        version: i16,
    ) -> Result<(), EncodeError> {
        const FIELD: &str = "unknown_tags";
        if !self.is_flexible() {
            return match unknown.is_empty() {
                true => Ok(()),
                false => Err(EncodeError::NotInVersion { field: FIELD, version }),
            };
        }
        let (mut known, mut unknown) = (known.as_slice(), unknown.as_slice());
        let count = known.len() + unknown.len();
        self.unsigned_varint(u32::try_from(count).map_err(|_| too_long(FIELD, Some(count), LEN_MAX))?);
        let mut previous = None;
        loop {
            let from = match (known, unknown) {
                ([k, ..], [u, ..]) if u.tag < k.tag => &mut unknown,
                ([_, ..], _) => &mut known,
                ([], [_, ..]) => &mut unknown,
                ([], []) => return Ok(()),
            };
            let [field, rest @ ..] = *from else { return Ok(()) };
            *from = rest;
            if previous.is_some_and(|previous| field.tag <= previous) {
                return Err(EncodeError::TagTaken { tag: field.tag });
            }
            previous = Some(field.tag);
            let len = field.data.len();
            self.unsigned_varint(field.tag);
            self.unsigned_varint(u32::try_from(len).map_err(|_| too_long(FIELD, Some(len), LEN_MAX))?);
            self.put_slice(&field.data);
        }
    }
}

/// The most that a string may have: what an `int16` length can say.
const STRING_LEN_MAX: usize = i16::MAX as usize;

/// The most that an `int32` length can say.
const LEN_MAX: usize = i32::MAX as usize;

#[cold]
fn too_long(field: &'static str, len: Option<usize>, max: usize) -> EncodeError {
    EncodeError::TooLong { field, len: len.unwrap_or(0), max }
}

/// Whether record data of this length is copied into the frame.
#[inline]
fn is_inline(len: usize) -> bool {
    len <= INLINE_RECORDS_MAX
}

/// Bytes that a compact length takes.
#[inline]
fn compact_len_of(len: usize) -> usize {
    varint::unsigned_varlong_len(len as u64 + 1)
}

/// Bytes of tagged fields, of which there are some.
#[cold]
#[inline(never)]
fn tags_len(
    flexible: bool,
    known: &TaggedFields,
    unknown: &TaggedFields,
    version: i16,
) -> Result<usize, EncodeError> {
    let mut length = Length::new(flexible);
    Sink::<NoFile>::some_tags(&mut length, known, unknown, version)?;
    Ok(length.inline)
}

/// Bytes of an array of up to three `int32` where lengths are compact.
#[inline]
fn compact_i32s_len(len: u8) -> usize {
    1 + usize::from(len) * size_of::<i32>()
}

/// The first pass: counts what the second will write.
#[derive(Clone, Debug)]
pub struct Length {
    flexible: bool,
    inline: usize,
    apart: u64,
    cuts: usize,
}

impl Length {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(flexible: bool) -> Self {
        Self { flexible, inline: 0, apart: 0, cuts: 0 }
    }

    /// All bytes, record data included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.inline as u64 + self.apart
    }

    /// Bytes of the frame itself, without the record data that goes apart.
    pub(crate) fn inline_len(&self) -> usize {
        self.inline
    }
}

impl<F> Sink<F> for Length {
    #[inline]
    fn is_flexible(&self) -> bool {
        self.flexible
    }

    #[inline]
    fn put<const N: usize>(&mut self, _: [u8; N]) {
        self.inline += N;
    }

    #[inline]
    fn put_slice(&mut self, bytes: &[u8]) {
        self.inline += bytes.len();
    }

    #[inline]
    fn put_i32s(&mut self, numbers: &[i32]) {
        self.inline += size_of_val(numbers);
    }

    // What follows is here, and not only above, so that nothing in a loop over elements hands the counter out: then it
    // stays in a register.

    #[inline(always)]
    fn unsigned_varint(&mut self, value: u32) {
        self.inline += varint::unsigned_varint_len(value);
    }

    #[inline(always)]
    fn string(&mut self, field: &'static str, value: &Str) -> Result<(), EncodeError> {
        let len = value.len();
        if len > STRING_LEN_MAX {
            return Err(too_long(field, Some(len), STRING_LEN_MAX));
        }
        self.inline += len + if self.flexible { compact_len_of(len) } else { size_of::<i16>() };
        Ok(())
    }

    #[inline(always)]
    fn i32_array(&mut self, field: &'static str, value: &I32Array) -> Result<(), EncodeError> {
        if self.flexible
            && let Some((len, _)) = value.up_to_three()
        {
            self.inline += compact_i32s_len(len);
            return Ok(());
        }
        Sink::<F>::long_len(self, field, Some(value.len()))?;
        self.inline += size_of_val(value.as_slice());
        Ok(())
    }

    #[inline(always)]
    fn known_tags(
        &mut self,
        known: &TaggedFields,
        unknown: &TaggedFields,
        version: i16,
    ) -> Result<(), EncodeError> {
        if known.is_empty() && unknown.is_empty() {
            self.inline += usize::from(self.flexible);
            return Ok(());
        }
        self.inline += tags_len(self.flexible, known, unknown, version)?;
        Ok(())
    }

    #[inline(always)]
    fn tags(&mut self, unknown: &TaggedFields, version: i16) -> Result<(), EncodeError> {
        if unknown.is_empty() {
            self.inline += usize::from(self.flexible);
            return Ok(());
        }
        self.inline += tags_len(self.flexible, &TaggedFields::new(), unknown, version)?;
        Ok(())
    }

    fn put_records(&mut self, records: &Records<F>) {
        let mut count = |len: usize, in_memory: bool| {
            if in_memory && is_inline(len) {
                self.inline += len;
            } else {
                self.apart += len as u64;
                self.cuts += 1;
            }
        };
        match records {
            Records::Bytes(bytes) => count(bytes.len(), true),
            Records::Chunks(chunks) => {
                chunks.iter().for_each(|chunk| count(chunk.len(), matches!(chunk, Chunk::Bytes(_))));
            }
        }
    }

    fn lean(&mut self, version: i16, write: &mut dyn FnMut(&mut LeanSink)) -> Result<(), EncodeError> {
        let mut lean = LeanSink::counting(self.flexible, version);
        write(&mut lean);
        self.inline += lean.counted();
        lean.finish().1
    }
}

/// The second pass: writes into a buffer of exactly the size that [`Length`] counted.
#[derive(Debug)]
pub struct Writer<F = NoFile> {
    flexible: bool,
    inline: Vec<u8>,
    apart: Vec<(usize, Chunk<F>)>, // record data, each with where in `inline` it belongs
}

impl<F> Writer<F> {
    /// A buffer for what was counted, and `prefix` bytes more.
    #[must_use]
    pub fn new(length: &Length, prefix: usize) -> Self {
        Self {
            flexible: length.flexible,
            inline: Vec::with_capacity(length.inline + prefix),
            apart: Vec::with_capacity(length.cuts),
        }
    }

    /// How many bytes of the frame itself are written.
    pub(crate) fn inline_len(&self) -> usize {
        self.inline.len()
    }

    /// What was written, in order.
    #[must_use]
    pub fn into_chunks(self) -> Vec<Chunk<F>> {
        let mut inline = Bytes::from(self.inline);
        if self.apart.is_empty() {
            return alloc::vec![Chunk::Bytes(inline)];
        }
        let mut chunks = Vec::with_capacity(2 * self.apart.len() + 1);
        let mut done = 0;
        for (at, chunk) in self.apart {
            if at > done {
                chunks.push(Chunk::Bytes(inline.split_to(at - done)));
                done = at;
            }
            chunks.push(chunk);
        }
        if !inline.is_empty() {
            chunks.push(Chunk::Bytes(inline));
        }
        chunks
    }
}

impl<F: Clone> Sink<F> for Writer<F> {
    #[inline]
    fn is_flexible(&self) -> bool {
        self.flexible
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.inline.extend_from_slice(&bytes);
    }

    #[inline]
    fn put_slice(&mut self, bytes: &[u8]) {
        self.inline.extend_from_slice(bytes);
    }

    #[inline]
    fn i32_array(&mut self, field: &'static str, value: &I32Array) -> Result<(), EncodeError> {
        // Metadata has three a partition, nearly all of up to three numbers: length and numbers are put together in a
        // register and stored at once, as many as there may be, and those are forgotten that there are not.
        if self.flexible
            && let Some((len, numbers)) = value.up_to_three()
            && self.inline.capacity() - self.inline.len() >= size_of::<u128>()
        {
            let [a, b, c] = numbers.map(|number| u128::from(number.cast_unsigned()));
            let end = self.inline.len() + compact_i32s_len(len);
            self.put((u128::from(len + 1) << 120 | a << 88 | b << 56 | c << 24).to_be_bytes());
            self.inline.truncate(end);
            return Ok(());
        }
        self.long_i32_array(field, value)
    }

    fn put_records(&mut self, records: &Records<F>) {
        match records {
            Records::Bytes(bytes) => self.put_bytes(bytes),
            Records::Chunks(chunks) => {
                for chunk in chunks {
                    match chunk {
                        Chunk::Bytes(bytes) => self.put_bytes(bytes),
                        Chunk::External { .. } => self.apart.push((self.inline.len(), chunk.clone())),
                    }
                }
            }
        }
    }

    fn lean(&mut self, version: i16, write: &mut dyn FnMut(&mut LeanSink)) -> Result<(), EncodeError> {
        let mut lean = LeanSink::writing(self.flexible, version, mem::take(&mut self.inline));
        write(&mut lean);
        let (inline, result) = lean.finish();
        self.inline = inline;
        result
    }
}

impl<F> Writer<F> {
    #[inline]
    fn put_bytes(&mut self, bytes: &Bytes) {
        if is_inline(bytes.len()) {
            self.inline.extend_from_slice(bytes);
        } else {
            self.apart.push((self.inline.len(), Chunk::Bytes(bytes.clone())));
        }
    }
}

impl TaggedFields {
    /// Adds a known field, encoded; its tag must be above those before it.
    ///
    /// # Errors
    /// What `value` finds.
    pub fn push_known(
        &mut self,
        tag: u32,
        value: impl FnOnce(&mut Writer) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        // Known tags are rare and small, so this buffer is not measured first.
        let mut writer = Writer { flexible: true, inline: Vec::new(), apart: Vec::new() };
        value(&mut writer)?;
        self.push(tag, Bytes::from(writer.inline));
        Ok(())
    }
}
