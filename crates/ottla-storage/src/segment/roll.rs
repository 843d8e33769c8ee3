//! When a segment is closed and the next one begun.
//!
//! A pure function of sizes and offsets, with Kafka's rules; closing and opening is done by the log.

use crate::config::LogConfig;
use crate::index::RELATIVE_OFFSET_MAX;

/// What the decision rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling {
    /// Base offset of the active segment.
    pub(crate) base_offset: i64,
    /// Bytes in the active segment.
    pub(crate) len: u32,
    /// Whether one of its indexes has no room for another entry.
    pub(crate) index_full: bool,
    /// Bytes that are to be appended.
    pub(crate) add: usize,
    /// The last offset that they will have.
    pub(crate) last_offset: i64,
}

/// What the decision by time rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// Unix milliseconds now.
    pub(crate) now_ms: i64,
    /// The greatest timestamp that is to be appended.
    pub(crate) newest_add: i64,
    /// When the segment was begun.
    pub(crate) begun: Begun,
    /// By how much it is closed early.
    pub(crate) jitter_ms: i64,
}

/// When a segment was begun, as far as that is known, in Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begun {
    /// By the timestamp of its first batch.
    pub(crate) by_records: Option<i64>,
    /// By the clock at its first append.
    pub(crate) by_clock: Option<i64>,
}

/// Whether a segment that holds something has been open for too long.
///
/// Kafka compares timestamps of records alone, so that one from the future keeps its segment open for ever; here the
/// clock of the appends closes it as well.
pub(crate) fn is_too_old(waiting: &Waiting, config: &LogConfig) -> bool {
    // What is written to is not compacted, so it may not be for longer than a record may wait for that.
    let longest = match config.cleanup_policy.compact {
        true => config.segment_ms.min(config.max_compaction_lag_ms),
        false => config.segment_ms,
    };
    let limit = longest.saturating_sub(waiting.jitter_ms);
    let by_records = waiting.begun.by_records.filter(|first| *first >= 0);
    let waited = [
        by_records.map(|first| waiting.newest_add.saturating_sub(first)),
        waiting.begun.by_clock.map(|first| waiting.now_ms.saturating_sub(first)),
    ];
    waited.into_iter().flatten().any(|waited| waited > limit)
}

/// Whether what is to be appended goes into a new segment, because the one at hand is full.
pub(crate) fn is_due(filling: &Filling, config: &LogConfig) -> bool {
    if filling.len == 0 {
        // An empty segment takes any batch; a new one would be no better.
        return false;
    }
    let limit = config.segment_bytes.min(LogConfig::SEGMENT_BYTES_MAX) as usize;
    (filling.len as usize).saturating_add(filling.add) > limit
        || filling.index_full
        || filling.last_offset.saturating_sub(filling.base_offset) > i64::from(RELATIVE_OFFSET_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling =
        Filling { base_offset: 100, len: 900, index_full: false, add: 100, last_offset: 110 };

    fn config() -> LogConfig {
        LogConfig::default().with_segment_bytes(1000)
    }

    #[test]
    fn a_segment_is_filled_to_its_limit_and_not_beyond() {
        assert!(!is_due(&FILLING, &config()));
        assert!(is_due(&Filling { add: 101, ..FILLING }, &config()));
    }

    #[test]
    fn a_segment_is_closed_by_the_age_of_its_records_or_of_itself() {
        let config = config().with_segment_ms(1000);
        let begun = Begun { by_records: Some(5_000), by_clock: Some(7_000) };
        let waiting = Waiting { now_ms: 8_000, newest_add: 6_000, begun, jitter_ms: 0 };
        assert!(!is_too_old(&waiting, &config));
        assert!(is_too_old(&Waiting { newest_add: 6_001, ..waiting }, &config));
        assert!(is_too_old(&Waiting { now_ms: 8_001, ..waiting }, &config));
        assert!(is_too_old(&Waiting { jitter_ms: 1, ..waiting }, &config));
        let future = Begun { by_records: Some(i64::MAX), ..begun };
        assert!(!is_too_old(&Waiting { begun: future, ..waiting }, &config));
        assert!(
            is_too_old(&Waiting { begun: future, now_ms: 8_001, ..waiting }, &config),
            "as the clock says"
        );
        let timeless = Begun { by_records: Some(-1), by_clock: None };
        assert!(!is_too_old(&Waiting { begun: timeless, now_ms: i64::MAX, ..waiting }, &config));
    }

    #[test]
    fn an_empty_segment_takes_a_batch_of_any_size() {
        assert!(!is_due(&Filling { len: 0, add: 5000, ..FILLING }, &config()));
    }

    #[test]
    fn a_full_index_or_a_distant_offset_closes_it() {
        assert!(is_due(&Filling { index_full: true, ..FILLING }, &config()));
        let far = 100 + i64::from(i32::MAX);
        assert!(!is_due(&Filling { last_offset: far, ..FILLING }, &config()));
        assert!(is_due(&Filling { last_offset: far + 1, ..FILLING }, &config()));
    }
}
