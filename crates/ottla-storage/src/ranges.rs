//! Sets of byte ranges: which parts of a segment were checked since it was opened.
//!
//! Only arithmetic lives here; what "checked" means is the reader's business.

/// Disjoint half-open ranges, sorted, adjacent ones joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Adds `[start, end)`.
    pub(crate) fn insert(&mut self, start: u32, end: u32) {
        if start >= end {
            return;
        }
        // All ranges that overlap or touch the new one become one.
        let first = self.0.partition_point(|range| range.1 < start);
        let after = self.0.partition_point(|range| range.0 <= end);
        let (mut low, mut high) = (start, end);
        if let [joined_first, ..] = &self.0[first..after] {
            low = low.min(joined_first.0);
        }
        if let [.., joined_last] = &self.0[first..after] {
            high = high.max(joined_last.1);
        }
        self.0.splice(first..after, [(low, high)]);
    }

    /// The end of the range that holds `position`.
    pub(crate) fn covered_until(&self, position: u32) -> Option<u32> {
        let at = self.0.partition_point(|range| range.1 <= position);
        self.0.get(at).filter(|range| range.0 <= position).map(|range| range.1)
    }

    /// Takes `[start, end)` out of the set.
    pub(crate) fn remove(&mut self, start: u32, end: u32) {
        let cut = |range: &(u32, u32)| [(range.0, range.1.min(start)), (range.0.max(end), range.1)];
        let kept = self.0.iter().flat_map(cut).filter(|range| range.0 < range.1);
        // A range on both sides of nothing would come twice.
        if start < end {
            self.0 = kept.collect();
        }
    }

    /// Takes everything from `position` on out of the set.
    pub(crate) fn truncate(&mut self, position: u32) {
        self.0.retain(|range| range.0 < position);
        if let Some(last) = self.0.last_mut() {
            last.1 = last.1.min(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn touching_ranges_become_one() {
        let mut ranges = Ranges::default();
        ranges.insert(0, 10);
        ranges.insert(20, 30);
        assert_eq!(ranges.covered_until(5), Some(10));
        assert_eq!(ranges.covered_until(10), None);
        ranges.insert(10, 20);
        assert_eq!(ranges, Ranges(vec![(0, 30)]));
        ranges.truncate(7);
        assert_eq!(ranges, Ranges(vec![(0, 7)]));
    }

    proptest! {
        #[test]
        fn a_set_of_ranges_is_a_set_of_bytes(
            changes in prop::collection::vec((0_u32..60, 0_u32..20, prop::bool::weighted(0.7)), 0..12)
        ) {
            let mut ranges = Ranges::default();
            let mut bytes = [false; 80];
            for (start, len, is_insert) in changes {
                match is_insert {
                    true => ranges.insert(start, start + len),
                    false => ranges.remove(start, start + len),
                }
                bytes[start as usize..(start + len) as usize].fill(is_insert);
            }
            for pair in ranges.0.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
            for (start, position) in (0..80_usize).zip(0_u32..) {
                let end = bytes[start..].iter().position(|set| !set).map_or(80, |unset| start + unset);
                let until = ranges.covered_until(position).map(|until| until as usize);
                prop_assert_eq!(until, bytes[start].then_some(end));
            }
        }
    }
}
