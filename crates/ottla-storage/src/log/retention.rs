//! Which segments are too old or too many, and segments that are closed because time has passed.
//!
//! What to delete is a pure function of ages and sizes, [`first_kept`], with Kafka's rules and one
//! more: a segment is as old as its newest record says, but never younger than its last write. So
//! a timestamp from the future keeps nothing for ever. How segments leave is in [`super::removal`].

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Core;
use crate::config::LogConfig;
use crate::error::AppendError;
use crate::lock::lock;
use crate::planted;
use crate::segment::roll::{self, Waiting};

/// What the decision knows of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aged {
    /// The offset at which the next one begins, or the log ends.
    end: i64,
    bytes: u64,
}

/// How many of the segments, from the first, are too many for `bytes_max`. As in Kafka, what is left is at least as large.
fn too_many(segments: &[Aged], bytes_max: u64) -> usize {
    let total: u64 = segments.iter().map(|segment| segment.bytes).sum();
    let mut excess = total.saturating_sub(bytes_max);
    let fits = |segment: &&Aged| match excess.checked_sub(segment.bytes) {
        Some(left) => {
            excess = left;
            total > bytes_max
        }
        None => planted::is("retention_takes_all") && total > bytes_max,
    };
    segments.iter().take_while(fits).count()
}

/// Whether a segment with this newest timestamp, and this last write, is too old at `now_ms`.
fn too_old(newest: i64, written_ms: i64, now_ms: i64, retention_ms: i64) -> bool {
    let since = if newest < 0 { written_ms } else { newest.min(written_ms) };
    now_ms.saturating_sub(since) > retention_ms
}

impl Core {
    /// Where the log would start if what is too old or too much left it now; `None` when nothing is.
    pub(crate) async fn start_by_retention(&self) -> io::Result<Option<i64>> {
        let config = self.config();
        if !config.cleanup_policy.delete || config.retention_ms.is_none() && config.retention_bytes.is_none()
        {
            return Ok(None);
        }
        let (segments, log_start) = {
            let state = lock(&self.state);
            let visible = state.visible.offset;
            let ends = state.segments.keys().skip(1).copied().chain([state.log_end]);
            let segments = state.segments.values().zip(ends).map(|(segment, end)| {
                let bytes = u64::from(segment.state().len);
                (Arc::clone(segment), Aged { end, bytes })
            });
            // What is not visible yet stays, and an empty last one is no older than the log.
            let kept = segments.take_while(|(_, aged)| aged.end <= visible);
            let mut kept: Vec<_> = kept.collect();
            if kept.last().is_some_and(|(_, last)| last.bytes == 0 && last.end == state.log_end) {
                kept.pop();
            }
            (kept, state.log_start)
        };
        let aged: Vec<Aged> = segments.iter().map(|(_, aged)| *aged).collect();
        let mut gone = config.retention_bytes.map_or(0, |bytes_max| {
            let rest = self.bytes() - aged.iter().map(|aged| aged.bytes).sum::<u64>();
            too_many(&aged, bytes_max.saturating_sub(rest))
        });
        if let Some(retention_ms) = config.retention_ms {
            let now_ms = self.shared.env.now_ms();
            for (segment, _) in &segments[gone..] {
                let newest = segment.newest_timestamp(&self.shared.indexes).await?.unwrap_or(-1);
                let written_ms = segment.state().written_ms.unwrap_or(self.opened_ms);
                if !too_old(newest, written_ms, now_ms, retention_ms) {
                    break;
                }
                gone += 1;
            }
        }
        let start = gone.checked_sub(1).map(|last| aged[last].end);
        Ok(start.filter(|start| *start > log_start))
    }

    /// Closes the active segment when it has become too old, or holds nothing that is still in the log, and does
    /// what that allows: segments below the start leave, and files of those that left long ago.
    pub(crate) async fn tidy(&self) {
        match self.roll_idle().await {
            Ok(()) => self.drop_below_start().await,
            Err(error) => tracing::warn!(log = %self.name, %error, "the active segment could not be closed"),
        }
        self.remove_leaving().await;
    }

    /// Whether all its records are deleted, and what is remembered of their producers is nowhere else yet.
    pub(crate) fn is_emptied_in_haste(&self) -> bool {
        let state = lock(&self.state);
        let holds_something =
            state.segments.values().next_back().is_some_and(|active| active.state().len > 0);
        let is_kept = lock(&self.checkpointed).recovery_point >= state.log_end;
        holds_something && state.log_start == state.log_end && !is_kept && !state.stopped
    }

    async fn roll_idle(&self) -> Result<(), AppendError> {
        let config = self.config();
        if !self.roll_now(&config, self.shared.env.now_ms())? {
            return Ok(());
        }
        // Its name is durable before the one before it may lose its own.
        self.sync_folder().await.map_err(failed("sync", self.dir.to_path_buf()))
    }

    /// Answers whether a new segment was begun.
    fn roll_now(&self, config: &LogConfig, now_ms: i64) -> Result<bool, AppendError> {
        let mut writer = lock(&self.writer);
        let next_offset = writer.next_offset;
        self.clear_leftover(&mut writer)?;
        {
            let state = lock(&self.state);
            let is_idle = !state.is_writing() && state.broken.is_none() && state.failed.is_none();
            let Some(active) = writer.active.as_mut().filter(|active| active.position > 0 && is_idle) else {
                return Ok(false);
            };
            // What is remembered of its producers is safe before all that it holds leaves.
            let is_kept = lock(&self.checkpointed).recovery_point >= next_offset;
            let is_below = state.log_start == next_offset && is_kept;
            let jitter_ms = active.jitter_ms(config, &self.shared.env);
            let begun = active.segment.state().begun();
            let waiting = Waiting { now_ms, newest_add: i64::MIN, begun, jitter_ms };
            if state.stopped || !is_below && !roll::is_too_old(&waiting, config) {
                return Ok(false);
            }
        }
        let next = self
            .create_segment(config, next_offset)
            .map_err(failed("create the next segment in", self.dir.to_path_buf()))?;
        self.roll(&mut writer, Arc::new(next)).map_err(failed("roll", self.dir.to_path_buf()))?;
        lock(&self.state).begin_at_end(next_offset);
        Ok(true)
    }

    /// Starts a sync under `os` durability when records have waited for it long enough.
    pub(crate) fn sync_if_due(&self) {
        let (now_ms, flush_ms) = (self.shared.env.now_ms(), self.config().flush_ms);
        {
            let mut state = lock(&self.state);
            let Some(since_ms) = state.unsynced_since_ms.as_mut() else { return };
            // A clock that was set back makes nobody wait for ever.
            *since_ms = (*since_ms).min(now_ms);
            if now_ms.saturating_sub(*since_ms) < flush_ms {
                return;
            }
            let end = state.log_end;
            state.want_sync(end);
        }
        self.settle();
    }

    fn bytes(&self) -> u64 {
        let state = lock(&self.state);
        state.segments.values().map(|segment| u64::from(segment.state().len)).sum()
    }
}

fn failed(attempt: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> AppendError {
    move |source| AppendError::Write { attempt, path, source: Arc::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(bytes: &[u64]) -> Vec<Aged> {
        (1..).zip(bytes).map(|(end, bytes)| Aged { end: end * 10, bytes: *bytes }).collect()
    }

    #[test]
    fn as_many_segments_go_as_leave_the_limit_or_more() {
        let segments = segments(&[100, 50, 70, 30]);
        for (bytes_max, gone) in
            [(250, 0), (249, 0), (151, 0), (150, 1), (101, 1), (100, 2), (31, 2), (30, 3), (1, 3), (0, 4)]
        {
            assert_eq!(too_many(&segments, bytes_max), gone, "{bytes_max}");
        }
        assert_eq!(too_many(&[], 0), 0);
    }

    #[test]
    fn a_segment_is_as_old_as_its_newest_record_or_its_last_write() {
        let (now, week) = (10_000, 1_000);
        assert!(!too_old(9_000, 9_500, now, week));
        assert!(too_old(8_999, 9_500, now, week));
        assert!(too_old(8_999, i64::MAX, now, week), "written at an unknown time");
        assert!(!too_old(i64::MAX, 9_000, now, week), "from the future, and written lately");
        assert!(too_old(i64::MAX, 8_999, now, week), "from the future, and written long ago");
        assert!(too_old(-1, 8_999, now, week) && !too_old(-1, 9_000, now, week), "without a time of its own");
        assert!(!too_old(0, 0, now, i64::MAX));
    }
}
