//! Which part of a log may be compacted, and whether it is worth it.
//!
//! Kafka's rules, as a pure function of sizes, offsets and timestamps: nothing of the active segment,
//! nothing past the last stable offset, nothing younger than `min.compaction.lag.ms`; when the part that is new
//! exceeds `min.cleanable.dirty.ratio`, or a record in it is older than `max.compaction.lag.ms`.

/// A closed segment, as far as the choice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClosedSegment {
    pub(super) base_offset: i64,
    pub(super) bytes: u64,
    /// Timestamp of its newest record; read only where there is a least age.
    pub(super) newest_timestamp: Option<i64>,
    /// Greatest timestamp of its first batch; read only where there is a greatest age.
    pub(super) first_timestamp: Option<i64>,
}

/// A log, as far as the choice goes.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// All segments but the active one, in order.
    pub(super) closed: Vec<ClosedSegment>,
    /// Base offset of the active segment.
    pub(super) active: i64,
    pub(super) log_start: i64,
    pub(super) last_stable: i64,
    pub(super) log_end: i64,
    /// Up to where it was compacted before, if it ever was.
    pub(super) compacted_to: Option<i64>,
}

/// Ages, in Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ages {
    pub(super) now_ms: i64,
    pub(super) min_lag_ms: i64,
    pub(super) max_lag_ms: i64,
}

/// What may be compacted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cleanable {
    /// From here on keys are collected.
    pub(super) first_dirty: i64,
    /// Up to here: the base of a segment.
    pub(super) end: i64,
    /// Bytes of the segments that were compacted before.
    pub(super) clean_bytes: u64,
    /// Bytes of those that were not.
    pub(super) dirty_bytes: u64,
    /// Whether a record has waited too long.
    pub(super) is_overdue: bool,
}

impl Candidate {
    /// Where the part begins that was never compacted. What the checkpoint says counts as far as it can be true.
    pub(super) fn first_dirty(&self) -> i64 {
        match self.compacted_to {
            Some(to) if to >= self.log_start && to <= self.log_end => to,
            _ => self.log_start,
        }
    }

    /// The closed segments from the one that holds `offset` on.
    pub(super) fn closed_from(&self, offset: i64) -> &[ClosedSegment] {
        let behind = self.closed.partition_point(|segment| segment.base_offset <= offset);
        if offset >= self.active { &[] } else { &self.closed[behind.saturating_sub(1)..] }
    }

    pub(super) fn cleanable(&self, ages: Ages) -> Cleanable {
        let first_dirty = self.first_dirty();
        let dirty = self.closed_from(first_dirty);
        let youngest = ages.now_ms.saturating_sub(ages.min_lag_ms);
        let too_young = dirty.iter().find(|segment| {
            ages.min_lag_ms > 0 && segment.newest_timestamp.is_some_and(|newest| newest > youngest)
        });
        let limit = too_young.map_or(self.active, |segment| segment.base_offset);
        let limit = limit.min(self.last_stable).min(self.active).max(first_dirty);
        let end = self.closed_from(limit).first().map_or(self.active, |segment| segment.base_offset);
        let oldest = ages.now_ms.saturating_sub(ages.max_lag_ms.max(0));
        let is_overdue = dirty
            .iter()
            .filter_map(|segment| segment.first_timestamp)
            .any(|timestamp| timestamp > 0 && timestamp < oldest);
        let sum = |segments: &[ClosedSegment]| segments.iter().map(|segment| segment.bytes).sum();
        let clean = self.closed.partition_point(|segment| segment.base_offset < first_dirty);
        let dirty = &dirty[..dirty.partition_point(|segment| segment.base_offset < end)];
        Cleanable {
            first_dirty,
            end,
            clean_bytes: sum(&self.closed[..clean]),
            dirty_bytes: sum(dirty),
            is_overdue,
        }
    }
}

impl Cleanable {
    /// The part of all that was never compacted, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a ratio of sizes needs no last digit")]
    pub(super) fn dirty_ratio(&self) -> f64 {
        match self.clean_bytes + self.dirty_bytes {
            0 => 0.0,
            total => self.dirty_bytes as f64 / total as f64,
        }
    }

    /// Whether it is to be compacted now.
    pub(super) fn is_worth(&self, dirty_ratio_min: f64) -> bool {
        self.dirty_bytes > 0 && (self.is_overdue || self.dirty_ratio() > dirty_ratio_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(compacted_to: Option<i64>) -> Candidate {
        let closed = [(0, 100), (10, 200), (20, 300)].map(|(base_offset, bytes)| ClosedSegment {
            base_offset,
            bytes,
            newest_timestamp: Some(1000 + base_offset),
            first_timestamp: Some(900 + base_offset),
        });
        let closed = closed.to_vec();
        Candidate { closed, active: 30, log_start: 0, last_stable: 35, log_end: 35, compacted_to }
    }

    const AGES: Ages = Ages { now_ms: 2000, min_lag_ms: 0, max_lag_ms: i64::MAX };

    #[test]
    fn all_but_the_active_segment_may_be_compacted() {
        let cleanable = candidate(None).cleanable(AGES);
        let all = Cleanable { first_dirty: 0, end: 30, clean_bytes: 0, dirty_bytes: 600, is_overdue: false };
        assert_eq!(cleanable, all);
        assert!(cleanable.is_worth(0.5));
        let cleanable = candidate(Some(10)).cleanable(AGES);
        assert_eq!((cleanable.clean_bytes, cleanable.dirty_bytes), (100, 500));
        let cleanable = candidate(Some(30)).cleanable(AGES);
        assert_eq!((cleanable.clean_bytes, cleanable.dirty_bytes), (600, 0));
        assert!(!cleanable.is_worth(0.0));
    }

    #[test]
    fn a_segment_that_was_compacted_in_part_counts_as_both() {
        let cleanable = candidate(Some(15)).cleanable(AGES);
        assert_eq!((cleanable.clean_bytes, cleanable.dirty_bytes, cleanable.first_dirty), (300, 500, 15));
    }

    #[test]
    fn an_open_transaction_and_young_records_hold_it_back() {
        let mut open = candidate(None);
        open.last_stable = 25;
        assert_eq!(open.cleanable(AGES).end, 20);
        open.last_stable = 20;
        assert_eq!(open.cleanable(AGES).end, 20);
        open.last_stable = 5;
        assert_eq!(open.cleanable(AGES).dirty_bytes, 0);
        let young = |min_lag_ms| candidate(None).cleanable(Ages { min_lag_ms, ..AGES }).end;
        assert_eq!(young(979), 30);
        assert_eq!(young(981), 20);
        assert_eq!(young(1001), 0);
    }

    #[test]
    fn records_that_wait_too_long_are_compacted_in_any_case() {
        let overdue = |max_lag_ms| candidate(Some(10)).cleanable(Ages { max_lag_ms, ..AGES }).is_worth(0.99);
        assert!(overdue(1089));
        assert!(!overdue(1090));
    }

    #[test]
    fn a_checkpoint_that_cannot_be_true_is_not_believed() {
        assert_eq!(candidate(Some(36)).first_dirty(), 0);
        let mut moved = candidate(Some(4));
        moved.log_start = 7;
        assert_eq!(moved.first_dirty(), 7);
    }

    #[test]
    fn a_log_of_one_segment_has_nothing_to_compact() {
        let mut one = candidate(None);
        one.closed.clear();
        one.active = 0;
        assert_eq!(one.cleanable(AGES).dirty_bytes, 0);
        assert!(!one.cleanable(AGES).is_worth(0.0));
    }
}
