//! The scrubber: holds what is stored against its checksums, so that rot is found before a reader meets it.
//!
//! When and how fast is here; what is looked at is decided in `ottla_storage`. The keys `log.scrubber.*` are
//! ottla's own, and hold as they are when a segment begins.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Core;
use super::cleaner::Throttle;

impl Core {
    /// Looks at all there is, and again every `log.scrubber.interval.ms`.
    pub(super) fn scrub_from_time_to_time(self: &Arc<Self>, closed: watch::Receiver<bool>) {
        if !self.config.flag("log.scrubber.enable") {
            return;
        }
        let first = Duration::from_millis(self.config.number("log.initial.task.delay.ms"));
        self.repeat(closed, first, async |storage, live| {
            let mut pace = Throttle::new(live.number("log.scrubber.io.max.bytes.per.second"));
            match storage.scrub_next(&mut pace).await {
                Ok(Some(_)) => Duration::ZERO,
                Ok(None) => {
                    let damaged = storage.damaged_batches();
                    tracing::info!(damaged, "all that is stored was held against its checksums");
                    // Not at once again, whatever is configured.
                    Duration::from_millis(live.number("log.scrubber.interval.ms")).max(INTERVAL_MIN)
                }
                Err(error) => {
                    tracing::error!(%error, "a segment cannot be read");
                    Duration::ZERO
                }
            }
        });
    }
}

/// The shortest time between two passes.
const INTERVAL_MIN: Duration = Duration::from_secs(1);
