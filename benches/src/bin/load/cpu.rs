//! What a load costs this process: CPU time, beside the clock.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::{Load, rates_of};

/// The clock and the CPU time of this process while a load is under way.
pub(crate) struct Stopwatch {
    start: Instant,
    cpu_start: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), cpu_start: cpu_time() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The line of figures of a load that is done.
    pub(crate) fn rates(&self, load: &Load) -> String {
        self.rates_of(load.records, load.size)
    }

    /// The same of so many records of that size.
    #[expect(clippy::cast_precision_loss, reason = "a rate, to a few digits")]
    pub(crate) fn rates_of(&self, records: u64, size: usize) -> String {
        let (elapsed, cpu) = (self.start.elapsed(), cpu_time() - self.cpu_start);
        let per_million = cpu.as_secs_f64() * 1e6 / records as f64;
        format!("{} cpu_s_per_million={per_million:.4}", rates_of(records, size, elapsed))
    }
}

/// CPU time of this process so far, user and system.
fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or(0))
}
