//! The writing half: counts in the first pass and writes in the second, with the same code.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::api::ErrorCode;
use crate::wire::{EncodeError, I32Array, Records, Sink, Str, TaggedFields, Uuid};

/// A [`Sink`] that keeps the first error, and the version that it writes.
#[derive(Debug)]
pub struct LeanSink {
    /// Version of the message.
    pub(crate) version: i16,
    flexible: bool,
    counted: usize,
    out: Option<Vec<u8>>,
    error: Option<EncodeError>,
}

impl LeanSink {
    /// Counts what is written.
    pub(in crate::wire) fn counting(flexible: bool, version: i16) -> Self {
        Self { version, flexible, counted: 0, out: None, error: None }
    }

    /// Writes behind what is in `out`.
    pub(in crate::wire) fn writing(flexible: bool, version: i16, out: Vec<u8>) -> Self {
        Self { version, flexible, counted: 0, out: Some(out), error: None }
    }

    /// How many bytes were counted.
    pub(in crate::wire) fn counted(&self) -> usize {
        self.counted
    }

    /// What was written, and the first error.
    pub(in crate::wire) fn finish(self) -> (Vec<u8>, Result<(), EncodeError>) {
        (self.out.unwrap_or_default(), self.error.map_or(Ok(()), Err))
    }

    fn note(&mut self, result: Result<(), EncodeError>) {
        if let (Err(error), None) = (result, &self.error) {
            self.error = Some(error);
        }
    }

    #[inline(never)]
    fn take(&mut self, bytes: &[u8]) {
        match &mut self.out {
            Some(out) => out.extend_from_slice(bytes),
            None => self.counted += bytes.len(),
        }
    }

    /// Says that a field is set which the version cannot carry.
    #[cold]
    pub(crate) fn not_in_version(&mut self, field: &'static str) {
        let version = self.version;
        self.note(Err(EncodeError::NotInVersion { field, version }));
    }

    /// The value of a field that must not be null in this version.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        value: Option<&T>,
        write: fn(&mut Self, &'static str, &T),
    ) {
        match value {
            Some(value) => write(self, field, value),
            None => {
                let version = self.version;
                self.note(Err(EncodeError::NullNotInVersion { field, version }));
            }
        }
    }
}

impl Sink for LeanSink {
    fn is_flexible(&self) -> bool {
        self.flexible
    }

    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.take(&bytes);
    }

    fn put_slice(&mut self, bytes: &[u8]) {
        self.take(bytes);
    }

    fn put_records(&mut self, records: &Records) {
        self.take(&records.to_bytes());
    }

    fn lean(&mut self, version: i16, write: &mut dyn FnMut(&mut LeanSink)) -> Result<(), EncodeError> {
        let outer = core::mem::replace(&mut self.version, version);
        write(self);
        self.version = outer;
        self.error.clone().map_or(Ok(()), Err)
    }
}

/// A method a type, by value.
macro_rules! fixed {
    ($($name:ident($type:ty);)*) => {
        $(
            #[inline(never)]
            pub(crate) fn $name(&mut self, value: $type) {
                Sink::$name(self, value);
            }
        )*
    };
}

/// A method a type, by reference.
macro_rules! varying {
    ($($name:ident($type:ty);)*) => {
        $(
            #[inline(never)]
            pub(crate) fn $name(&mut self, field: &'static str, value: $type) {
                let result = Sink::$name(self, field, value);
                self.note(result);
            }
        )*
    };
}

/// What a message is written by; the names are those of [`Sink`].
impl LeanSink {
    fixed! {
        bool(bool);
        i8(i8);
        i16(i16);
        u16(u16);
        i32(i32);
        u32(u32);
        i64(i64);
        f64(f64);
        uuid(Uuid);
        error_code(ErrorCode);
        is_present(bool);
        is_tag_present(bool);
    }

    varying! {
        string(&Str);
        nullable_string(Option<&Str>);
        bytes(&Bytes);
        nullable_bytes(Option<&Bytes>);
        i32_array(&I32Array);
        nullable_i32_array(Option<&I32Array>);
        long_len(Option<usize>);
    }

    pub(crate) fn array<T>(&mut self, field: &'static str, elements: &[T], write: fn(&T, &mut Self)) {
        self.nullable_array(field, Some(elements), write);
    }

    pub(crate) fn nullable_array<T>(
        &mut self,
        field: &'static str,
        elements: Option<&[T]>,
        write: fn(&T, &mut Self),
    ) {
        self.long_len(field, elements.map(<[T]>::len));
        for value in elements.unwrap_or_default() {
            write(value, self);
        }
    }

    /// The tagged fields of a struct that knows none of its own.
    #[inline(never)]
    pub(crate) fn tags(&mut self, unknown: &TaggedFields) {
        let result = Sink::tags(self, unknown, self.version);
        self.note(result);
    }

    /// The tagged fields of a struct: its own, encoded, between the unknown ones.
    #[inline(never)]
    pub(crate) fn known_tags(&mut self, known: &TaggedFields, unknown: &TaggedFields) {
        let result = Sink::known_tags(self, known, unknown, self.version);
        self.note(result);
    }

    /// Adds a known tagged field to those that will be written, in rising order of tags.
    #[inline(never)]
    pub(crate) fn tag(&mut self, known: &mut TaggedFields, tag: u32, write: &mut dyn FnMut(&mut Self)) {
        let mut field = Self::writing(self.flexible, self.version, Vec::new());
        write(&mut field);
        let (bytes, result) = field.finish();
        known.push(tag, Bytes::from(bytes));
        self.note(result);
    }
}
