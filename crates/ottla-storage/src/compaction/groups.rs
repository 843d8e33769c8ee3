//! Which segments become one: small ones are put together, so that their number falls as records go.
//!
//! Kafka's rule: neighbours, as long as their bytes, their indexes and their range of offsets would
//! have fitted into one segment before anything was left out.

use crate::index::RELATIVE_OFFSET_MAX;

/// A segment, as far as grouping goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentSize {
    pub(crate) base_offset: i64,
    /// Bytes of batches.
    pub(crate) bytes: u64,
    /// Bytes of its offset index.
    pub(crate) index_bytes: u64,
    /// Bytes of its time index.
    pub(crate) time_index_bytes: u64,
}

/// Cuts `segments`, which end below `end`, into groups of neighbours. Answers the length of each.
pub(crate) fn group(segments: &[SegmentSize], end: i64, segment_bytes: u64, index_bytes: u64) -> Vec<usize> {
    let mut groups: Vec<usize> = Vec::new();
    let mut first = 0;
    let mut sum = SegmentSize { base_offset: 0, bytes: 0, index_bytes: 0, time_index_bytes: 0 };
    for (place, segment) in segments.iter().enumerate() {
        let with = SegmentSize {
            base_offset: sum.base_offset,
            bytes: sum.bytes + segment.bytes,
            index_bytes: sum.index_bytes + segment.index_bytes,
            time_index_bytes: sum.time_index_bytes + segment.time_index_bytes,
        };
        let last_offset = segments.get(place + 1).map_or(end, |next| next.base_offset) - 1;
        let fits = place > first
            && with.bytes <= segment_bytes
            && with.index_bytes <= index_bytes
            && with.time_index_bytes <= index_bytes
            && last_offset - sum.base_offset <= i64::from(RELATIVE_OFFSET_MAX);
        if fits {
            sum = with;
            if let Some(len) = groups.last_mut() {
                *len += 1;
            }
        } else {
            first = place;
            sum = *segment;
            groups.push(1);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(base_offset: i64, bytes: u64) -> SegmentSize {
        SegmentSize { base_offset, bytes, index_bytes: 8, time_index_bytes: 12 }
    }

    #[test]
    fn neighbours_are_put_together_as_long_as_they_fit() {
        let segments =
            [segment(0, 400), segment(10, 300), segment(20, 300), segment(30, 1), segment(40, 2000)];
        assert_eq!(group(&segments, 50, 1000, 1000), [3, 1, 1]);
        assert_eq!(group(&segments, 50, 10_000, 1000), [5]);
        assert_eq!(group(&segments, 50, 10_000, 24), [2, 2, 1]);
        assert_eq!(group(&segments, 50, 10_000, 12), [1, 1, 1, 1, 1]);
        assert_eq!(group(&[], 50, 1000, 1000), [0; 0]);
    }

    #[test]
    fn offsets_too_far_apart_for_an_index_stay_apart() {
        let far = i64::from(RELATIVE_OFFSET_MAX);
        let segments = [segment(0, 1), segment(10, 1), segment(far, 1)];
        assert_eq!(group(&segments, far + 1, 1000, 1000), [3]);
        assert_eq!(group(&segments, far + 2, 1000, 1000), [2, 1]);
    }
}
