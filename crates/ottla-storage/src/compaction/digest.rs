//! What stands for a key: 16 bytes of SipHash under a secret of the run.
//!
//! Two keys with one digest would be taken for one, and the older record of the other would be lost.
//! Kafka's MD5 lets whoever may produce make such keys at will; here they would have to know the
//! secret, which is drawn for each run and never leaves it. One round for every eight bytes and three at the end
//! (SipHash-1-3) is what Rust's own maps rely on.

/// Two halves of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// The secret of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digester {
    keys: [u64; 2],
}

impl Digester {
    pub(crate) fn new(keys: [u64; 2]) -> Self {
        Self { keys }
    }

    #[inline]
    pub(crate) fn digest(&self, key: &[u8]) -> Digest {
        siphash::<1, 3>(self.keys, key)
    }
}

/// SipHash with an output of 128 bits: `C` rounds a word, `D` at the end.
#[inline]
fn siphash<const C: usize, const D: usize>([k0, k1]: [u64; 2], data: &[u8]) -> Digest {
    let mut state = State([
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = data.as_chunks::<8>();
    for word in words {
        state.take::<C>(u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = data.len().to_le_bytes()[0];
    state.take::<C>(u64::from_le_bytes(last));
    state.0[2] ^= 0xee;
    let low = state.end::<D>();
    state.0[1] ^= 0xdd;
    let high = state.end::<D>();
    Digest { low, high }
}

struct State([u64; 4]);

impl State {
    #[inline]
    fn take<const C: usize>(&mut self, word: u64) {
        self.0[3] ^= word;
        for _ in 0..C {
            self.round();
        }
        self.0[0] ^= word;
    }

    #[inline]
    fn end<const D: usize>(&mut self) -> u64 {
        for _ in 0..D {
            self.round();
        }
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }

    #[inline]
    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_hold() {
        // From the reference implementation: SipHash-2-4-128, key 00..0f, inputs of length 0 and 1.
        let keys = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let bytes = |data: &[u8]| {
            let digest = siphash::<2, 4>(keys, data);
            [digest.low.to_le_bytes(), digest.high.to_le_bytes()].concat()
        };
        assert_eq!(
            bytes(&[]),
            [0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93]
        );
        assert_eq!(
            bytes(&[0]),
            [0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45]
        );
    }

    #[test]
    fn a_key_is_not_taken_for_one_with_zeros_behind_it() {
        let digester = Digester::new([1, 2]);
        let digests: Vec<_> = (0..20).map(|len| digester.digest(&vec![0; len])).collect();
        for (place, digest) in digests.iter().enumerate() {
            assert!(!digests[..place].contains(digest));
        }
    }
}
