//! An array of `int32`, such as the replicas of a partition.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// How many numbers fit without an allocation: as many as a partition has replicas, nearly always.
const INLINE: usize = 3;

/// An array of `int32` that allocates nothing up to three of them.
///
/// Metadata of ten thousand partitions holds thirty thousand such arrays, nearly all of them this short.
#[derive(Clone)]
pub struct I32Array(Repr);

#[derive(Clone)]
enum Repr {
    Inline {
        len: u8,
        values: [i32; INLINE],
    },
    /// Boxed twice, so that the array is two words, not three: metadata is large, and has little of this.
    Heap(Box<Box<[i32]>>),
}

impl I32Array {
    /// No numbers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Repr::Inline { len: 0, values: [0; INLINE] })
    }

    /// The numbers.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[i32] {
        match &self.0 {
            Repr::Inline { len, values } => values.get(..usize::from(*len)).unwrap_or(values),
            Repr::Heap(values) => values,
        }
    }

    fn on_heap(numbers: Box<[i32]>) -> Self {
        Self(Repr::Heap(Box::new(numbers)))
    }

    /// How many numbers there are, and the first three, whatever stands where there are fewer; `None` if there are more.
    #[inline]
    pub(super) fn up_to_three(&self) -> Option<(u8, [i32; 3])> {
        match &self.0 {
            Repr::Inline { len, values } => Some((*len, *values)),
            Repr::Heap(_) => None,
        }
    }

    /// The first `len` of three big-endian numbers.
    #[inline]
    pub(super) fn from_first(len: u8, bytes: &[u8; 4 * INLINE]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        let mut values = [0; INLINE];
        for (value, number) in values.iter_mut().zip(numbers) {
            *value = i32::from_be_bytes(*number); // those past `len` are never looked at
        }
        Self(Repr::Inline { len, values })
    }

    /// Reads big-endian numbers; `bytes` holds a whole number of them.
    #[inline]
    pub(super) fn from_be_bytes(bytes: &[u8]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        if numbers.len() > INLINE {
            return Self::on_heap(numbers.iter().map(|number| i32::from_be_bytes(*number)).collect());
        }
        let mut values = [0; INLINE];
        let mut len = 0;
        for (value, number) in values.iter_mut().zip(numbers) {
            *value = i32::from_be_bytes(*number);
            len += 1;
        }
        Self(Repr::Inline { len, values })
    }
}

impl Default for I32Array {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for I32Array {
    type Target = [i32];
    fn deref(&self) -> &[i32] {
        self.as_slice()
    }
}

impl AsRef<[i32]> for I32Array {
    fn as_ref(&self) -> &[i32] {
        self.as_slice()
    }
}

impl fmt::Debug for I32Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl PartialEq for I32Array {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for I32Array {}

impl PartialEq<[i32]> for I32Array {
    fn eq(&self, other: &[i32]) -> bool {
        self.as_slice() == other
    }
}

impl<const N: usize> PartialEq<[i32; N]> for I32Array {
    fn eq(&self, other: &[i32; N]) -> bool {
        self.as_slice() == other
    }
}

impl PartialEq<Vec<i32>> for I32Array {
    fn eq(&self, other: &Vec<i32>) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl From<&[i32]> for I32Array {
    fn from(numbers: &[i32]) -> Self {
        if numbers.len() > INLINE {
            return Self::on_heap(numbers.into());
        }
        let mut values = [0; INLINE];
        let mut len = 0;
        for (value, number) in values.iter_mut().zip(numbers) {
            *value = *number;
            len += 1;
        }
        Self(Repr::Inline { len, values })
    }
}

impl<const N: usize> From<[i32; N]> for I32Array {
    fn from(numbers: [i32; N]) -> Self {
        Self::from(numbers.as_slice())
    }
}

impl From<Vec<i32>> for I32Array {
    fn from(numbers: Vec<i32>) -> Self {
        match numbers.len() {
            0..=INLINE => Self::from(numbers.as_slice()),
            _ => Self::on_heap(numbers.into_boxed_slice()),
        }
    }
}

impl From<I32Array> for Vec<i32> {
    fn from(numbers: I32Array) -> Self {
        match numbers.0 {
            Repr::Inline { .. } => numbers.as_slice().to_vec(),
            Repr::Heap(values) => values.into_vec(),
        }
    }
}

impl FromIterator<i32> for I32Array {
    fn from_iter<I: IntoIterator<Item = i32>>(numbers: I) -> Self {
        let mut values = [0; INLINE];
        let mut len = 0;
        let mut numbers = numbers.into_iter();
        for value in &mut values {
            let Some(number) = numbers.next() else { return Self(Repr::Inline { len, values }) };
            *value = number;
            len += 1;
        }
        match numbers.next() {
            None => Self(Repr::Inline { len, values }),
            Some(number) => Self::on_heap(values.into_iter().chain([number]).chain(numbers).collect()),
        }
    }
}

impl<'a> IntoIterator for &'a I32Array {
    type Item = &'a i32;
    type IntoIter = core::slice::Iter<'a, i32>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_holds_what_it_was_made_of_however_long() {
        for len in 0..12 {
            let numbers: Vec<i32> = (0..len).collect();
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            let array = I32Array::from_be_bytes(&bytes);
            assert_eq!(array, numbers);
            assert_eq!(array, I32Array::from(numbers.as_slice()));
            assert_eq!(array, numbers.iter().copied().collect::<I32Array>());
            assert_eq!(Vec::from(I32Array::from(numbers.clone())), numbers);
        }
    }

    #[test]
    fn an_array_is_smaller_than_a_vec() {
        assert_eq!(size_of::<I32Array>(), 2 * size_of::<usize>());
    }
}
