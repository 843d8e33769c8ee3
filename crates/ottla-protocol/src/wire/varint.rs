//! Variable-length integers: seven bits a byte, lowest first, the top bit saying that more follow.
//!
//! Unsigned ones are the lengths and tags of flexible messages (KIP-482); signed ones are zigzag
//! coded and fill record batches v2. What those numbers mean is not known here.
//!
//! Like Kafka's own reader, these accept an encoding that is longer than needed, and drop the bits
//! of a last byte that do not fit the type; more bytes than the type can need are refused.

use bytes::BufMut;

/// The most bytes that a 32-bit varint takes.
pub const VARINT_LEN_MAX: usize = 5;
/// The most bytes that a 64-bit varint takes.
pub const VARLONG_LEN_MAX: usize = 10;

/// Why a varint could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VarintError {
    /// The bytes ended in the middle of the number.
    #[error("varint cut off at byte {at}")]
    Truncated {
        /// Position at which the next byte was needed.
        at: usize,
    },
    /// The number goes on for longer than its type can need.
    #[error("varint at byte {at} is longer than {limit} bytes")]
    TooLong {
        /// Position of the number's first byte.
        at: usize,
        /// The most bytes a number of this type takes.
        limit: usize,
    },
}

/// Reads an unsigned 32-bit varint at `*pos` and moves `*pos` behind it.
///
/// # Errors
/// [`VarintError`]; `*pos` then stays where it was.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the bits of a fifth byte that do not fit are dropped")]
pub fn read_unsigned_varint(bytes: &[u8], pos: &mut usize) -> Result<u32, VarintError> {
    read::<VARINT_LEN_MAX>(bytes, pos).map(|value| value as u32)
}

/// Reads an unsigned 64-bit varint at `*pos` and moves `*pos` behind it.
///
/// # Errors
/// [`VarintError`]; `*pos` then stays where it was.
#[inline]
pub fn read_unsigned_varlong(bytes: &[u8], pos: &mut usize) -> Result<u64, VarintError> {
    read::<VARLONG_LEN_MAX>(bytes, pos)
}

/// One and two bytes, which nearly all numbers take, are read where the caller stands.
#[inline]
fn read<const LEN_MAX: usize>(bytes: &[u8], pos: &mut usize) -> Result<u64, VarintError> {
    match bytes.get(*pos..) {
        Some(&[a, ..]) if a < 0x80 => {
            *pos += 1;
            Ok(u64::from(a))
        }
        Some(&[a, b, ..]) if b < 0x80 => {
            *pos += 2;
            Ok(u64::from(a & 0x7f) | u64::from(b) << 7)
        }
        _ => read_long::<LEN_MAX>(bytes, pos),
    }
}

/// Reads a zigzag-coded 32-bit varint at `*pos` and moves `*pos` behind it.
///
/// # Errors
/// [`VarintError`]; `*pos` then stays where it was.
#[inline]
pub fn read_varint(bytes: &[u8], pos: &mut usize) -> Result<i32, VarintError> {
    read_unsigned_varint(bytes, pos).map(unzigzag32)
}

/// Reads a zigzag-coded 64-bit varint at `*pos` and moves `*pos` behind it.
///
/// # Errors
/// [`VarintError`]; `*pos` then stays where it was.
#[inline]
pub fn read_varlong(bytes: &[u8], pos: &mut usize) -> Result<i64, VarintError> {
    read_unsigned_varlong(bytes, pos).map(unzigzag64)
}

/// The general case, kept out of line so that the short ones stay small where they are inlined.
#[inline(never)]
fn read_long<const LEN_MAX: usize>(bytes: &[u8], pos: &mut usize) -> Result<u64, VarintError> {
    let rest = bytes.get(*pos..).unwrap_or_default();
    let mut value = 0u64;
    for (index, &byte) in rest.iter().take(LEN_MAX).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *pos += index + 1;
            return Ok(value);
        }
    }
    if rest.len() < LEN_MAX {
        return Err(VarintError::Truncated { at: pos.saturating_add(rest.len()) });
    }
    Err(VarintError::TooLong { at: *pos, limit: LEN_MAX })
}

/// Appends an unsigned 32-bit varint.
#[inline]
pub fn put_unsigned_varint(buf: &mut impl BufMut, value: u32) {
    put_unsigned_varlong(buf, u64::from(value));
}

/// Appends an unsigned 64-bit varint.
#[inline]
pub fn put_unsigned_varlong(buf: &mut impl BufMut, value: u64) {
    if let Some(byte) = single_byte(value) {
        buf.put_u8(byte);
        return;
    }
    let mut bytes = [0; VARLONG_LEN_MAX];
    let len = write_unsigned(value, &mut bytes);
    buf.put_slice(&bytes[..len]);
}

/// Appends a zigzag-coded 32-bit varint.
#[inline]
pub fn put_varint(buf: &mut impl BufMut, value: i32) {
    put_unsigned_varint(buf, zigzag32(value));
}

/// Appends a zigzag-coded 64-bit varint.
#[inline]
pub fn put_varlong(buf: &mut impl BufMut, value: i64) {
    put_unsigned_varlong(buf, zigzag64(value));
}

/// Writes an unsigned varint to the front of `out` and gives its length.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken at a time")]
pub fn write_unsigned(value: u64, out: &mut [u8; VARLONG_LEN_MAX]) -> usize {
    if value < 1 << 7 {
        out[0] = value as u8;
        return 1;
    }
    if value < 1 << 14 {
        out[0] = value as u8 | 0x80;
        out[1] = (value >> 7) as u8;
        return 2;
    }
    write_long(value, out)
}

#[inline(never)]
#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken at a time")]
fn write_long(mut value: u64, out: &mut [u8; VARLONG_LEN_MAX]) -> usize {
    for (index, slot) in out.iter_mut().enumerate() {
        if value < 0x80 {
            *slot = value as u8;
            return index + 1;
        }
        *slot = value as u8 | 0x80;
        value >>= 7;
    }
    VARLONG_LEN_MAX
}

fn single_byte(value: u64) -> Option<u8> {
    u8::try_from(value).ok().filter(|byte| *byte < 0x80)
}

/// How many bytes an unsigned 32-bit varint takes: 1 to 5.
#[inline]
pub const fn unsigned_varint_len(value: u32) -> usize {
    unsigned_varlong_len(value as u64)
}

/// How many bytes an unsigned 64-bit varint takes: 1 to 10.
#[inline]
pub const fn unsigned_varlong_len(value: u64) -> usize {
    // Bits in use, at least one, divided by seven and rounded up, with no division.
    let bits = 63 - (value | 1).leading_zeros() as usize;
    (bits * 9 + 73) / 64
}

/// How many bytes a zigzag-coded 32-bit varint takes: 1 to 5.
#[inline]
pub const fn varint_len(value: i32) -> usize {
    unsigned_varint_len(zigzag32(value))
}

/// How many bytes a zigzag-coded 64-bit varint takes: 1 to 10.
#[inline]
pub const fn varlong_len(value: i64) -> usize {
    unsigned_varlong_len(zigzag64(value))
}

/// Folds the sign into the lowest bit, so that small negative numbers stay short.
#[inline]
pub const fn zigzag32(value: i32) -> u32 {
    (value << 1 ^ value >> 31).cast_unsigned()
}

/// Folds the sign into the lowest bit, so that small negative numbers stay short.
#[inline]
pub const fn zigzag64(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// The number that [`zigzag32`] folded.
#[inline]
pub const fn unzigzag32(value: u32) -> i32 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// The number that [`zigzag64`] folded.
#[inline]
pub const fn unzigzag64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zigzag_keeps_small_numbers_short() {
        for (value, bytes) in [
            (0, vec![0]),
            (-1, vec![1]),
            (1, vec![2]),
            (63, vec![0x7e]),
            (-64, vec![0x7f]),
            (64, vec![0x80, 0x01]),
            (i32::MAX, vec![0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i32::MIN, vec![0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            let mut buf = Vec::new();
            put_varint(&mut buf, value);
            assert_eq!(buf, bytes, "{value}");
        }
    }

    #[test]
    fn longest_numbers_take_five_and_ten_bytes() {
        assert_eq!(unsigned_varint_len(u32::MAX), VARINT_LEN_MAX);
        assert_eq!(unsigned_varlong_len(u64::MAX), VARLONG_LEN_MAX);
        assert_eq!(unsigned_varlong_len(0), 1);
        for shift in 0..64 {
            let mut buf = Vec::new();
            put_unsigned_varlong(&mut buf, 1 << shift);
            assert_eq!(buf.len(), unsigned_varlong_len(1 << shift), "1 << {shift}");
        }
    }

    #[test]
    fn cut_and_endless_numbers_are_told_apart_and_leave_the_position() {
        let mut pos = 1;
        let cut = [0xff; 4];
        assert_eq!(read_varint(&cut, &mut pos), Err(VarintError::Truncated { at: 4 }));
        let endless = [0xff; 11];
        assert_eq!(read_varint(&endless, &mut pos), Err(VarintError::TooLong { at: 1, limit: 5 }));
        assert_eq!(read_varlong(&endless, &mut pos), Err(VarintError::TooLong { at: 1, limit: 10 }));
        assert_eq!(read_varlong(&endless[..10], &mut pos), Err(VarintError::Truncated { at: 10 }));
        assert_eq!(pos, 1);
        let mut past_the_end = usize::MAX;
        assert!(read_varint(&cut, &mut past_the_end).is_err());
    }

    #[test]
    fn longer_encodings_than_needed_are_read_as_kafka_reads_them() {
        let mut pos = 0;
        assert_eq!(read_unsigned_varint(&[0x85, 0x80, 0x00], &mut pos), Ok(5));
        assert_eq!(pos, 3);
        pos = 0;
        assert_eq!(read_unsigned_varint(&[0xff, 0xff, 0xff, 0xff, 0x7f], &mut pos), Ok(u32::MAX));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(a: i32, b: i64, c: u32, d: u64) {
            let mut buf = Vec::new();
            put_varint(&mut buf, a);
            prop_assert_eq!(buf.len(), varint_len(a));
            put_varlong(&mut buf, b);
            put_unsigned_varint(&mut buf, c);
            put_unsigned_varlong(&mut buf, d);
            prop_assert_eq!(
                buf.len(),
                varint_len(a) + varlong_len(b) + unsigned_varint_len(c) + unsigned_varlong_len(d)
            );
            let mut pos = 0;
            prop_assert_eq!(read_varint(&buf, &mut pos), Ok(a));
            prop_assert_eq!(read_varlong(&buf, &mut pos), Ok(b));
            prop_assert_eq!(read_unsigned_varint(&buf, &mut pos), Ok(c));
            prop_assert_eq!(read_unsigned_varlong(&buf, &mut pos), Ok(d));
            prop_assert_eq!(pos, buf.len());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, at in 0usize..20) {
            for read in [read_unsigned_varint(&bytes, &mut at.clone()).is_ok(), read_varlong(&bytes, &mut at.clone()).is_ok()] {
                prop_assert!(!read || at < bytes.len());
            }
        }
    }
}
