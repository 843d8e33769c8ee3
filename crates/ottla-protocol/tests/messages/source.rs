//! Values for the fields of a message: out of random bytes, or out of the names of the fields.
//!
//! Random bytes are used in the manner of a fuzzer: the same ones give the same values, and bytes that run out give
//! small ones, so that what fails shrinks by itself. Values out of names follow the rules of `xtask/golden/Golden.java`.

use bytes::Bytes;
use ottla_protocol::ErrorCode;
use ottla_protocol::wire::{Records, Str, TaggedFields, Uuid};

/// Where values come from.
pub(crate) struct Source<'a> {
    mode: Mode<'a>,
    flexible: bool,
}

enum Mode<'a> {
    /// Random bytes, used up from the front.
    Random(&'a [u8]),
    /// The names of the fields, and the position in the innermost array.
    Named { index: u16, nulls: bool },
}

impl<'a> Source<'a> {
    /// Values out of random bytes; `flexible` says whether messages may have tagged fields.
    pub(crate) fn random(bytes: &'a [u8], flexible: bool) -> Self {
        Self { mode: Mode::Random(bytes), flexible }
    }

    /// The values of golden bytes, with null where it may be or nowhere.
    pub(crate) fn named(nulls: bool, flexible: bool) -> Self {
        Self { mode: Mode::Named { index: 0, nulls }, flexible }
    }

    fn byte(&mut self) -> u8 {
        match &mut self.mode {
            Mode::Random([byte, rest @ ..]) => {
                let byte = *byte;
                self.mode = Mode::Random(rest);
                byte
            }
            _ => 0,
        }
    }

    fn fixed<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// A random number, one of the odd ones more often than chance would have it.
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

    /// The number of a field: FNV-1a of its name without underscores, and the position.
    fn number_of(&self, name: &str) -> Option<i32> {
        let Mode::Named { index, .. } = self.mode else { return None };
        let plain = name.bytes().filter(|byte| *byte != b'_');
        let hash =
            plain.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Some(hash.cast_signed().wrapping_add(index.into()))
    }

    /// The text of a field: its name without underscores, and the position.
    fn text_of(&self, name: &str) -> Option<String> {
        let Mode::Named { index, .. } = self.mode else { return None };
        Some(format!("{}{index}", name.replace('_', "")))
    }

    fn named_long(&self, name: &str) -> Option<i64> {
        self.number_of(name).map(|number| i64::from(number) * 1_000_003)
    }

    pub(crate) fn bool(&mut self, _: &str) -> bool {
        if let Mode::Named { .. } = self.mode {
            return true;
        }
        self.byte() % 2 == 1
    }

    pub(crate) fn int8(&mut self, name: &str) -> i8 {
        match self.number_of(name) {
            Some(number) => number.to_le_bytes()[0].cast_signed(),
            None => self.byte().cast_signed(),
        }
    }

    pub(crate) fn int16(&mut self, name: &str) -> i16 {
        if let Some(number) = self.number_of(name) {
            let [low, high, ..] = number.to_le_bytes();
            return i16::from_le_bytes([low, high]);
        }
        let number = self.number();
        i16::try_from(number).unwrap_or(if number < 0 { i16::MIN } else { i16::MAX })
    }

    pub(crate) fn int32(&mut self, name: &str) -> i32 {
        if let Some(number) = self.number_of(name) {
            return number;
        }
        let number = self.number();
        i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
    }

    pub(crate) fn int64(&mut self, name: &str) -> i64 {
        match self.named_long(name) {
            Some(number) => number,
            None => self.number(),
        }
    }

    pub(crate) fn uint16(&mut self, name: &str) -> u16 {
        self.int16(name).cast_unsigned()
    }

    pub(crate) fn uint32(&mut self, name: &str) -> u32 {
        self.int32(name).cast_unsigned()
    }

    pub(crate) fn float64(&mut self, name: &str) -> f64 {
        match self.number_of(name) {
            Some(number) => number.into(),
            // A number that is none is equal to nothing, not even to itself.
            None => Some(f64::from_be_bytes(self.fixed())).filter(|number| !number.is_nan()).unwrap_or(0.5),
        }
    }

    pub(crate) fn error_code(&mut self, name: &str) -> ErrorCode {
        ErrorCode(self.int16(name))
    }

    pub(crate) fn uuid(&mut self, name: &str) -> Uuid {
        match (self.named_long(name), self.number_of(name)) {
            (Some(high), Some(low)) => {
                let low = u128::from(i64::from(low).cast_unsigned());
                Uuid::from_u128(u128::from(high.cast_unsigned()) << 64 | low)
            }
            _ => Uuid(self.fixed()),
        }
    }

    pub(crate) fn string(&mut self, name: &str) -> Str {
        if let Some(text) = self.text_of(name) {
            return Str::from(text);
        }
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

    pub(crate) fn bytes(&mut self, name: &str) -> Bytes {
        self.string(name).into_bytes()
    }

    pub(crate) fn records(&mut self, name: &str) -> Records {
        if let Some(text) = self.text_of(name) {
            return Records::from(text.into_bytes());
        }
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
        if let Mode::Named { index: outer, nulls } = self.mode {
            let mut at = |index| {
                self.mode = Mode::Named { index, nulls };
                element(self)
            };
            let elements = vec![at(0), at(1)];
            self.mode = Mode::Named { index: outer, nulls };
            return elements;
        }
        let len = match self.byte() % 8 {
            7 => 6 + self.byte() % 4,
            short => short % 4,
        };
        (0..len).map(|_| element(self)).collect()
    }

    pub(crate) fn nullable<T>(&mut self, allowed: bool, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let null = match self.mode {
            Mode::Named { nulls, .. } => nulls,
            Mode::Random(_) => self.byte() % 4 == 1,
        };
        (!allowed || !null).then(|| value(self))
    }

    /// Tagged fields that no message knows.
    pub(crate) fn tags(&mut self) -> TaggedFields {
        let mut tags = TaggedFields::new();
        if let Mode::Named { nulls, .. } = self.mode {
            if self.flexible && !nulls {
                tags.set(1000, "unknown".into());
            }
            return tags;
        }
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
