//! Rates, how they are measured and told, and the folder for files.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Turns that a limit and what is held against it take.
const TURNS: u32 = 9;

/// Operations and bytes a second.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) each_second: f64,
    bytes: usize,
    /// Seconds of processor time for an operation, where it is told.
    processor: f64,
}

impl Rate {
    /// What `run` does in about `time`: it answers how many operations it has done, and starts no more once
    /// the given moment is past.
    pub(crate) fn measure(time: Duration, bytes: usize, run: impl FnOnce(Instant) -> u64) -> Self {
        let (start, before) = (Instant::now(), processor_time());
        let done = run(start + time);
        let (took, used) = (start.elapsed(), processor_time() - before);
        #[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
        let done = done as f64;
        Self { each_second: done / took.as_secs_f64(), bytes, processor: used / done }
    }
}

/// Seconds that all threads of this process have spent, in the system and outside.
pub(crate) fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
        .as_secs_f64()
}

pub(crate) fn row(name: &str, rate: Rate, limit: Option<Rate>) {
    let Rate { each_second, bytes, processor } = rate;
    #[expect(clippy::cast_precision_loss, reason = "sizes of a bench")]
    let megabytes = each_second * bytes as f64 / 1e6;
    let ratio = limit.map_or(String::new(), |limit| {
        format!("  x{:.2} of the limit's time", limit.each_second / each_second)
    });
    println!(
        "  {name:52} {each_second:>10.0}/s  {:>9.1} us  {megabytes:>7.0} MB/s  {:>6.1} us CPU{ratio}",
        1e6 / each_second,
        processor * 1e6
    );
}

/// Two things that are compared closely, in turns, because the machine is not as fast at every moment.
pub(crate) fn alternately(
    time: Duration,
    limit: impl Fn(Duration) -> Rate,
    ours: impl Fn(Duration) -> Rate,
) -> (Rate, Rate) {
    let turns: Vec<(Rate, Rate)> = (0..TURNS).map(|_| (limit(time / TURNS), ours(time / TURNS))).collect();
    let middle = |each: fn(&(Rate, Rate)) -> Rate| {
        let mut rates: Vec<Rate> = turns.iter().map(each).collect();
        rates.sort_by(|a, b| a.each_second.total_cmp(&b.each_second));
        rates[rates.len() / 2]
    };
    (middle(|turn| turn.0), middle(|turn| turn.1))
}

/// An empty folder on the disk of the target folder.
pub(crate) fn folder() -> tempfile::TempDir {
    let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    tempfile::tempdir_in(parent).expect("the target folder takes files")
}
