//! CRC-32C (Castagnoli), the checksum of batches of format v2.
//!
//! The CRC-32 of legacy messages is in `legacy`.
//!
//! With `std` the work is done by `crc-fast`, which folds with wide carry-less multiplication where
//! the processor has it; without, by a table of this module's own. Putting two checksums together
//! is done here in both cases, because a header edit must not cost a pass over the body.

/// The reflected polynomial of CRC-32C.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The CRC-32C of `data`.
#[inline]
pub fn crc32c(data: &[u8]) -> u32 {
    crc32c_append(0, data)
}

/// The CRC-32C of some bytes followed by `data`, where `crc` is that of the bytes before.
#[cfg(feature = "std")]
pub fn crc32c_append(crc: u32, data: &[u8]) -> u32 {
    if crc == 0 {
        return crc_fast::crc32_iscsi(data);
    }
    crc32c_combine(crc, crc_fast::crc32_iscsi(data), data.len())
}

/// The CRC-32C of some bytes followed by `data`, where `crc` is that of the bytes before.
#[cfg(not(feature = "std"))]
pub fn crc32c_append(crc: u32, data: &[u8]) -> u32 {
    by_table(crc, data)
}

/// The CRC-32C of two runs of bytes put together, from that of each and the length of the second.
///
/// Takes time in the logarithm of the length.
pub fn crc32c_combine(first: u32, second: u32, second_len: usize) -> u32 {
    shift(first, second_len) ^ second
}

/// What a difference in the checksum becomes once `len` more bytes follow: multiplies by x^(8 len).
pub(super) fn shift(mut crc: u32, len: usize) -> u32 {
    let mut rest = len;
    for power in &POWERS {
        if rest == 0 {
            break;
        }
        if rest & 1 != 0 {
            crc = multiply(*power, crc);
        }
        rest >>= 1;
    }
    crc
}

/// Entry n is x^(8 * 2^n) modulo the polynomial: what 2^n zero bytes multiply a checksum by.
static POWERS: [u32; usize::BITS as usize] = {
    let mut powers = [0; usize::BITS as usize];
    powers[0] = 1 << (31 - 8); // x^8: the highest bit is x^0
    let mut index = 1;
    while index < powers.len() {
        powers[index] = multiply(powers[index - 1], powers[index - 1]);
        index += 1;
    }
    powers
};

/// The product of two polynomials modulo the checksum's own, all reflected, four bits a step.
const fn multiply(a: u32, b: u32) -> u32 {
    let multiples = multiples(b);
    let mut product = 0u32;
    let mut shift = 0;
    while shift < 32 {
        product = product >> 4 ^ REDUCED[(product & 15) as usize] ^ multiples[(a >> shift & 15) as usize];
        shift += 4;
    }
    product
}

/// What the four bits that a step shifts out come back as.
static REDUCED: [u32; 16] = {
    let mut table = [0; 16];
    let mut start = 0u32;
    while start < 16 {
        table[start as usize] = times_x(times_x(times_x(times_x(start))));
        start += 1;
    }
    table
};

/// The products of `b` with all polynomials of four bits, whose highest bit is x^0.
const fn multiples(b: u32) -> [u32; 16] {
    let by_x = times_x(b);
    let by_x2 = times_x(by_x);
    let powers = [times_x(by_x2), by_x2, by_x, b];
    let mut table = [0; 16];
    let mut index = 1usize;
    while index < 16 {
        let top = index.ilog2();
        table[index] = table[index & !(1 << top)] ^ powers[top as usize];
        index += 1;
    }
    table
}

const fn times_x(a: u32) -> u32 {
    a >> 1 ^ POLYNOMIAL & 0u32.wrapping_sub(a & 1)
}

/// Eight bytes a step through eight tables ("slicing by 8").
#[cfg(any(test, not(feature = "std")))]
fn by_table(crc: u32, data: &[u8]) -> u32 {
    let (chunks, rest) = data.as_chunks::<8>();
    let mut crc = !crc;
    for chunk in chunks {
        let [a, b, c, d, e, f, g, h] = *chunk;
        let [w, x, y, z] = (crc ^ u32::from_le_bytes([a, b, c, d])).to_le_bytes();
        crc = TABLES[7][usize::from(w)]
            ^ TABLES[6][usize::from(x)]
            ^ TABLES[5][usize::from(y)]
            ^ TABLES[4][usize::from(z)]
            ^ TABLES[3][usize::from(e)]
            ^ TABLES[2][usize::from(f)]
            ^ TABLES[1][usize::from(g)]
            ^ TABLES[0][usize::from(h)];
    }
    for byte in rest {
        crc = crc >> 8 ^ TABLES[0][usize::from(crc.to_le_bytes()[0] ^ byte)];
    }
    !crc
}

#[cfg(any(test, not(feature = "std")))]
static TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    let mut start = 0u32;
    while byte < 256 {
        let mut crc = start;
        let mut bit = 0;
        while bit < 8 {
            crc = times_x(crc);
            bit += 1;
        }
        tables[0][byte] = crc;
        start += 1;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
};

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_check_values_hold() {
        // The check value of the catalogue, and RFC 3720 B.4.
        for crc in [crc32c, |data: &[u8]| by_table(0, data)] {
            assert_eq!(crc(b"123456789"), 0xe306_9283);
            assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
            assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
            assert_eq!(crc(b""), 0);
        }
    }

    proptest! {
        #[test]
        fn table_library_and_combination_agree(data: Vec<u8>, more: Vec<u8>, cut in 0usize..400) {
            let mut data = data.repeat(7);
            let cut = cut.min(data.len());
            let (a, b) = data.split_at(cut);
            prop_assert_eq!(crc32c(&data), by_table(0, &data));
            prop_assert_eq!(crc32c_append(crc32c(a), b), crc32c(&data));
            prop_assert_eq!(by_table(by_table(0, a), b), crc32c(&data));
            prop_assert_eq!(crc32c_combine(crc32c(a), crc32c(b), b.len()), crc32c(&data));
            let before = crc32c(&data);
            data.extend_from_slice(&more);
            prop_assert_eq!(crc32c_append(before, &more), crc32c(&data));
        }
    }
}
