//! Figures for people: rates, times and memory, and the bar that shows how far it is.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};

/// Longest time that the histogram tells apart, in microseconds; longer ones count as this.
const MICROS_MAX: u64 = 600_000_000;

/// A bar over so many records.
pub(crate) fn bar(what: &'static str, records: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:<8} {bar:40} {human_pos:>10} of {human_len} {per_sec:>16}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(records).with_style(style).with_message(what)
}

/// Times of single records.
pub(crate) struct Times {
    micros: Histogram<u64>,
}

impl Times {
    pub(crate) fn new() -> Self {
        let micros = Histogram::new_with_bounds(1, MICROS_MAX, 3);
        Self { micros: micros.expect("the bounds of a histogram are constants that fit each other") }
    }

    pub(crate) fn note(&mut self, began: Instant) {
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(MICROS_MAX);
        self.micros.saturating_record(micros);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        // Both have the same bounds, and that is all that could be wrong.
        let _ = self.micros.add(&other.micros);
    }

    /// The time, in milliseconds, that this share of the records took at most.
    pub(crate) fn millis_at(&self, share: f64) -> String {
        format!("{:.2} ms", Duration::from_micros(self.micros.value_at_quantile(share)).as_secs_f64() * 1e3)
    }
}

/// Records and megabytes a second.
pub(crate) fn rate(records: u64, size: usize, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(1e-9);
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read, not to be counted with")]
    let (records, bytes) = (records as f64, records as f64 * size as f64);
    format!("{:>9.0} records/s {:>8.1} MB/s", records / seconds, bytes / seconds / 1e6)
}

/// Memory of this process in MB, now and at most so far, where the system tells.
pub(crate) fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    };
    Some((field("VmRSS:")? / 1_000, field("VmHWM:")? / 1_000))
}
