//! Values out of random bytes, in the manner of a fuzzer: the same bytes give the same values, and bytes that run
//! out give small ones, so that what fails shrinks by itself.

use ottla_protocol::ErrorCode;
use ottla_protocol::wire::{Records, Str, TaggedFields, Uuid};

/// Random bytes, used up from the front.
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    flexible: bool,
}

impl<'a> Source<'a> {
    /// `flexible` says whether messages may have tagged fields.
    pub(crate) fn new(bytes: &'a [u8], flexible: bool) -> Self {
        Self { bytes, flexible }
    }

    fn byte(&mut self) -> u8 {
        match self.bytes {
            [byte, rest @ ..] => {
                self.bytes = rest;
                *byte
            }
            [] => 0,
        }
    }

    fn fixed<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// A number, one of the odd ones more often than chance would have it.
    fn number(&mut self) -> i64 {
        match self.byte() % 8 {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => self.byte().into(),
            _ => i64::from_be_bytes(self.fixed()),
        }
    }

    pub(crate) fn bool(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    pub(crate) fn int8(&mut self) -> i8 {
        self.byte().cast_signed()
    }

    pub(crate) fn int16(&mut self) -> i16 {
        let number = self.number();
        i16::try_from(number).unwrap_or(if number < 0 { i16::MIN } else { i16::MAX })
    }

    pub(crate) fn int32(&mut self) -> i32 {
        let number = self.number();
        i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
    }

    pub(crate) fn int64(&mut self) -> i64 {
        self.number()
    }

    pub(crate) fn error_code(&mut self) -> ErrorCode {
        ErrorCode(self.int16())
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        Uuid(self.fixed())
    }

    pub(crate) fn string(&mut self) -> Str {
        // Around 127 a compact length grows a second byte.
        let len = match self.byte() % 8 {
            0 => 0,
            1 => 126 + usize::from(self.byte() % 4),
            short => usize::from(short),
        };
        let text: String =
            (0..len).map(|_| ['a', '.', 'é', '\u{0}', '水', '🦀'][usize::from(self.byte() % 6)]).collect();
        Str::from(text)
    }

    pub(crate) fn records(&mut self) -> Records {
        // Around 1 KiB record data is no longer copied into the frame.
        let len = match self.byte() % 4 {
            0 => 0,
            1 => 1024 + usize::from(self.byte() % 4),
            _ => usize::from(self.byte()),
        };
        let first = self.byte();
        Records::from((0..len).map(|at| first.wrapping_add(at.to_le_bytes()[0])).collect::<Vec<u8>>())
    }

    pub(crate) fn array<T>(&mut self, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let len = match self.byte() % 8 {
            7 => 6 + self.byte() % 4,
            short => short % 4,
        };
        (0..len).map(|_| element(self)).collect()
    }

    pub(crate) fn nullable<T>(&mut self, allowed: bool, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if allowed && self.byte() % 4 == 1 {
            return None;
        }
        Some(value(self))
    }

    /// Tagged fields that no message knows.
    pub(crate) fn tags(&mut self) -> TaggedFields {
        let mut tags = TaggedFields::new();
        if self.flexible && self.byte() % 4 == 3 {
            for _ in 0..=self.byte() % 3 {
                let tag = 100 + u32::from(self.byte());
                let len = usize::from(self.byte() % 8);
                tags.set(tag, (0..len).map(|_| self.byte()).collect::<Vec<u8>>().into());
            }
        }
        tags
    }
}
