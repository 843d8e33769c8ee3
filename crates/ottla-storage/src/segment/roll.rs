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

/// Whether what is to be appended goes into a new segment.
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
