//! The last offset of each key in the part of the log that a round looks at, in memory of a fixed size.
//!
//! # Layout
//!
//! A table of slots, 24 bytes each: digest of the key, and offset. Slots are found by the upper bits of
//! the digest and then one after the other, so that a search stays within a cache line or two. It
//! is filled to nine tenths (`log.cleaner.io.buffer.load.factor`); what does not fit waits for the next
//! round. Beside it is one bit for each offset, set when a later record of the same key came: the
//! copying pass reads records in order, and asks that bit instead of the table, which is a walk
//! through memory instead of a leap. Where the bits do not reach, the table is asked.

use std::hint::black_box;

use super::digest::{Digest, Digester};

/// Bytes of one slot.
const SLOT_LEN: usize = size_of::<Slot>();
/// The share of the memory that the bits may take: one in so many parts.
const BITS_SHARE: usize = 16;
/// Keys that are looked for at the same time.
const AT_ONCE: usize = 32;

/// Two halves of a digest, and the offset plus one; zero where nothing is.
type Slot = [u64; 3];

/// There is no slot for another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Last offsets by key.
#[derive(Debug)]
pub(crate) struct OffsetMap {
    digester: Digester,
    slots: Vec<Slot>,
    keys: usize,
    keys_max: usize,
    /// The first offset that the map speaks of.
    first: i64,
    /// The last one.
    latest: i64,
    /// A bit for each offset from `first` on: whether a later record has the same key.
    superseded: Vec<u64>,
    /// Keys that wait to be entered together.
    waiting: Vec<(Digest, i64)>,
}

impl OffsetMap {
    /// A map of the records from `first` on and below `end`, in at most `bytes_max` bytes, filled
    /// up to `load_factor`; of less memory when there are fewer records.
    pub(crate) fn new(
        digester: Digester,
        (first, end): (i64, i64),
        bytes_max: usize,
        load_factor: f64,
    ) -> Self {
        let offsets = usize::try_from(end.saturating_sub(first)).unwrap_or(0);
        let words = offsets.div_ceil(64).min(bytes_max / BITS_SHARE / 8);
        let slots_max = (bytes_max - words * 8) / SLOT_LEN;
        let slots = offsets.saturating_add(offsets / 2).clamp(8, slots_max.max(8));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a length is a length"
        )]
        let keys_max = ((slots as f64) * load_factor.clamp(0.01, 0.9)) as usize;
        Self {
            digester,
            // Pages that are never touched are never taken.
            slots: vec![[0; 3]; slots],
            keys: 0,
            keys_max: keys_max.max(1),
            first,
            latest: first - 1,
            superseded: vec![0; words],
            waiting: Vec::with_capacity(AT_ONCE),
        }
    }

    /// The last offset that the map speaks of; one below the first where it knows none.
    pub(crate) fn latest(&self) -> i64 {
        self.latest
    }

    /// Bytes that it takes, touched or not.
    pub(crate) fn memory(&self) -> usize {
        self.slots.len() * SLOT_LEN + self.superseded.len() * 8
    }

    /// Enters a record behind all others. It may take effect only with the next [`advance`](Self::advance).
    #[inline]
    pub(crate) fn put(&mut self, key: &[u8], offset: i64) -> Result<(), Full> {
        if offset < self.first {
            return Ok(());
        }
        self.waiting.push((self.digester.digest(key), offset));
        if self.waiting.len() == AT_ONCE { self.enter() } else { Ok(()) }
    }

    /// Says that everything up to `latest` was entered.
    pub(crate) fn advance(&mut self, latest: i64) -> Result<(), Full> {
        self.enter()?;
        self.latest = self.latest.max(latest);
        Ok(())
    }

    /// Enters the keys that wait.
    fn enter(&mut self) -> Result<(), Full> {
        // Each lies somewhere else in memory. Asked for one by one, the processor waits for each; here they come together.
        let touched = self.waiting.iter().fold(0, |sum, (digest, _)| sum ^ self.slots[self.home(*digest)][2]);
        black_box(touched);
        let waiting = std::mem::take(&mut self.waiting);
        let entered = waiting.iter().try_for_each(|(digest, offset)| self.enter_one(*digest, *offset));
        self.waiting = waiting;
        self.waiting.clear();
        entered
    }

    #[inline]
    fn enter_one(&mut self, digest: Digest, offset: i64) -> Result<(), Full> {
        let value = offset.cast_unsigned() + 1;
        let place = self.find(digest);
        let slot = &mut self.slots[place];
        if slot[2] == 0 {
            if self.keys >= self.keys_max {
                return Err(Full);
            }
            *slot = [digest.low, digest.high, value];
            self.keys += 1;
        } else {
            let older = std::mem::replace(&mut slot[2], value);
            self.supersede((older - 1).cast_signed());
        }
        self.latest = offset;
        Ok(())
    }

    /// Whether no later record of the same key is known.
    #[inline]
    pub(crate) fn is_last(&self, key: &[u8], offset: i64) -> bool {
        if let Some(bit) = self.bit(offset) {
            return self.superseded[bit / 64] & 1 << (bit % 64) == 0;
        }
        match self.slots[self.find(self.digester.digest(key))][2] {
            0 => true,
            found => offset >= (found - 1).cast_signed(),
        }
    }

    fn supersede(&mut self, offset: i64) {
        if let Some(bit) = self.bit(offset) {
            self.superseded[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// The place of the bit of an offset, if it has one.
    #[inline]
    fn bit(&self, offset: i64) -> Option<usize> {
        let bit = usize::try_from(offset.checked_sub(self.first)?).ok()?;
        (bit < self.superseded.len() * 64).then_some(bit)
    }

    #[inline]
    fn home(&self, digest: Digest) -> usize {
        let scaled = u128::from(digest.low) * self.slots.len() as u128;
        usize::try_from(scaled >> 64).unwrap_or(0)
    }

    /// The slot that has the digest, or the free one where it belongs. One is always free.
    #[inline]
    fn find(&self, digest: Digest) -> usize {
        let mut place = self.home(digest);
        loop {
            let slot = &self.slots[place];
            if slot[2] == 0 || slot[0] == digest.low && slot[1] == digest.high {
                return place;
            }
            place += 1;
            if place == self.slots.len() {
                place = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn map(first: i64, end: i64, bytes_max: usize) -> OffsetMap {
        OffsetMap::new(Digester::new([3, 4]), (first, end), bytes_max, 0.9)
    }

    proptest! {
        #[test]
        fn what_is_last_is_known_with_bits_and_without(
            keys in prop::collection::vec(0_u8..40, 1..400),
            first in 0_i64..1 << 40,
            bytes_max in prop::sample::select(vec![1200_usize, 4000, 1 << 20]),
        ) {
            let end = first + 400;
            let mut map = map(first, end, bytes_max);
            let mut last = BTreeMap::new();
            let mut covered = first;
            for (offset, key) in (first..).zip(&keys) {
                if map.put(&[*key], offset).is_err() {
                    break;
                }
                covered = offset + 1;
            }
            if covered == first + i64::try_from(keys.len()).unwrap() {
                let _ = map.advance(covered - 1);
            }
            for (offset, key) in (first..=map.latest()).zip(&keys) {
                last.insert(*key, offset);
            }
            for (offset, key) in (first..=map.latest()).zip(&keys) {
                prop_assert_eq!(map.is_last(&[*key], offset), last[key] == offset, "{}", offset);
            }
            // Records before the first are held against the table.
            for key in 0..50 {
                prop_assert_eq!(map.is_last(&[key], first - 1), !last.contains_key(&key));
            }
            prop_assert!(map.memory() <= bytes_max);
        }
    }

    #[test]
    fn a_full_map_keeps_what_it_has_and_says_how_far_it_came() {
        let mut map = map(0, 1 << 20, 2400);
        let full = (0_i64..).find(|n| map.put(&n.to_le_bytes(), *n).is_err()).unwrap();
        let latest = map.latest();
        assert!(latest < full && latest > full - i64::try_from(AT_ONCE).unwrap(), "{latest} of {full}");
        assert!(latest + 1 >= 80, "{latest}");
        assert!(map.is_last(&latest.to_le_bytes(), latest));
        assert!(!map.is_last(&latest.to_le_bytes(), -5));
        assert!(map.is_last(&full.to_le_bytes(), -5));
    }

    #[test]
    fn a_short_log_takes_little_memory() {
        assert!(map(5000, 5100, 128 << 20).memory() < 5000);
    }
}
