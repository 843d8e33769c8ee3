//! The reading half: what is read after an error is nothing.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::api::ErrorCode;
use crate::wire::{DecodeError, I32Array, Reader, Str, TaggedFields, Uuid};

/// A [`Reader`] that keeps the first error, and the version that it reads.
#[derive(Debug)]
pub(crate) struct LeanReader<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Version of the message.
    pub(crate) version: i16,
    error: Option<DecodeError>,
}

impl<'a> Reader<'a> {
    /// Reads a message with a [`LeanReader`].
    pub(crate) fn lean<T>(
        &mut self,
        version: i16,
        read: impl FnOnce(&mut LeanReader<'_, 'a>) -> T,
    ) -> Result<T, DecodeError> {
        let mut lean = LeanReader { reader: self, version, error: None };
        let message = read(&mut lean);
        match lean.error {
            None => Ok(message),
            Some(error) => Err(error),
        }
    }
}

/// A method a type.
macro_rules! reads {
    ($($name:ident -> $type:ty;)*) => {
        $(
            #[inline(never)]
            pub(crate) fn $name(&mut self, field: &'static str) -> $type {
                self.read(|r| r.$name(field))
            }
        )*
    };
}

impl<'a> LeanReader<'_, 'a> {
    fn read<T: Default>(&mut self, read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>) -> T {
        if self.error.is_none() {
            match read(self.reader) {
                Ok(value) => return value,
                Err(error) => self.error = Some(error),
            }
        }
        T::default()
    }

    reads! {
        bool -> bool;
        i8 -> i8;
        i16 -> i16;
        u16 -> u16;
        i32 -> i32;
        u32 -> u32;
        i64 -> i64;
        f64 -> f64;
        uuid -> Uuid;
        error_code -> ErrorCode;
        string -> Str;
        nullable_string -> Option<Str>;
        bytes -> Bytes;
        nullable_bytes -> Option<Bytes>;
        i32_array -> I32Array;
        nullable_i32_array -> Option<I32Array>;
        is_present -> bool;
        is_tag_present -> bool;
    }

    pub(crate) fn array<T>(&mut self, field: &'static str, element: fn(&mut Self) -> T) -> Vec<T> {
        match self.nullable_array(field, element) {
            Some(elements) => elements,
            None => {
                self.read::<()>(|_| Err(DecodeError::UnexpectedNull { field }));
                Vec::new()
            }
        }
    }

    pub(crate) fn nullable_array<T>(
        &mut self,
        field: &'static str,
        element: fn(&mut Self) -> T,
    ) -> Option<Vec<T>> {
        let (len, capacity) = self.array_len(field, size_of::<T>())?;
        let mut elements = Vec::with_capacity(capacity);
        for _ in 0..len {
            let value = element(self);
            if self.error.is_some() {
                break;
            }
            elements.push(value);
        }
        Some(elements)
    }

    /// How many elements follow, and for how many there is room to be made; `None` is null.
    #[inline(never)]
    fn array_len(&mut self, field: &'static str, element_size: usize) -> Option<(usize, usize)> {
        self.read(|r| r.array_len(field, element_size))
    }

    #[inline(never)]
    pub(crate) fn tags(&mut self) -> TaggedFields {
        self.read(Reader::tags)
    }

    /// The tagged fields of a struct that knows some: `known` reads one of those, or says `false`.
    #[inline(never)]
    pub(crate) fn known_tags(
        &mut self,
        known: &mut dyn FnMut(&mut LeanReader<'_, 'a>, u32) -> bool,
    ) -> TaggedFields {
        let version = self.version;
        self.read(|r| r.known_tags(|r, tag| r.lean(version, |r| known(r, tag))))
    }
}
