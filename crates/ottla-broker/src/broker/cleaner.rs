//! The cleaner: compacts what topics, offsets and metadata have become, one log after the other.
//!
//! When and how fast is here; which log, and what stays of it, is decided in `ottla_storage`. The keys
//! `log.cleaner.*` hold as they are when a round begins.

use std::sync::Arc;
use std::time::Duration;

use ottla_storage::{CompactionConfig, Pace, Ratio};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Core;
use crate::config::live::LiveConfig;

impl Core {
    /// Compacts logs as long as one needs it, and looks again every `log.cleaner.backoff.ms`. A round that is broken off
    /// leaves the old segments.
    pub(super) fn compact_from_time_to_time(self: &Arc<Self>, closed: watch::Receiver<bool>) {
        if !self.config.flag("log.cleaner.enable") {
            return;
        }
        self.repeat(closed, Duration::ZERO, async |storage, live| {
            let config = compaction(&live);
            let mut pace = Throttle::new(live.number("log.cleaner.io.max.bytes.per.second"));
            match storage.compact_next(&config, &mut pace).await {
                Ok(Some(_)) => return Duration::ZERO,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a log could not be compacted"),
            }
            Duration::from_millis(live.number("log.cleaner.backoff.ms"))
        });
    }
}

fn compaction(live: &LiveConfig) -> CompactionConfig {
    let config = CompactionConfig::default();
    let load_factor = Ratio::new(live.number("log.cleaner.io.buffer.load.factor"));
    let load_factor = load_factor.unwrap_or(config.map_load_factor);
    let bytes: i64 = live.number("log.cleaner.dedupe.buffer.size");
    let bytes = usize::try_from(bytes).unwrap_or(config.map_bytes_max);
    config.with_map_bytes_max(bytes).with_map_load_factor(load_factor)
}

/// Keeps a round to so many bytes in a second.
pub(super) struct Throttle {
    seconds_per_byte: f64,
    /// Until when what was done so far should have taken.
    free_at: Instant,
}

impl Throttle {
    pub(super) fn new(bytes_per_second: f64) -> Self {
        Self { seconds_per_byte: bytes_per_second.max(1.0).recip(), free_at: Instant::now() }
    }
}

impl Pace for Throttle {
    async fn worked(&mut self, bytes: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a pace needs no last byte")]
        let seconds = bytes as f64 * self.seconds_per_byte;
        let took = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.free_at = self.free_at.checked_add(took).unwrap_or(self.free_at);
        if self.free_at > Instant::now() {
            tokio::time::sleep_until(self.free_at).await;
        } else {
            // What was not used is not saved up: nobody gets a burst later.
            self.free_at = Instant::now();
        }
    }
}
