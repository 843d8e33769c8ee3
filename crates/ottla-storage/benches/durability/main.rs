//! Appends in both durabilities, beside what the machine can do in the same run.
//!
//! `cargo bench -p ottla-storage --bench durability [-- SECONDS [WORDS]]`: each row runs for so many seconds
//! (2 by default); with words, only groups whose name holds one of them. Files go to `target/tmp`,
//! so that they are on a disk where the target folder is. The limits are in [`limits`], ours in
//! [`ours`]. Absolute figures change from machine to machine: read the ratios.

#![expect(clippy::disallowed_methods, reason = "a bench measures time, in threads, on files of its own")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

mod limits;
mod ours;

/// A record of 100 bytes in a batch of its own: what is appended, except where bytes count.
const SMALL: usize = 100;
/// Turns that a limit and what is held against it take.
const TURNS: u32 = 9;
/// A batch as producers fill them.
const LARGE: usize = 16 * 1024;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let seconds = words.first().and_then(|word| word.parse().ok()).unwrap_or(2.0);
    let bench = Bench {
        time: Duration::from_secs_f64(seconds),
        words: words.into_iter().filter(|word| word.parse::<f64>().is_err()).collect(),
    };
    bench.appends();
    bench.durable_appends();
    bench.thousand_writers();
}

struct Bench {
    time: Duration,
    words: Vec<String>,
}

impl Bench {
    fn wants(&self, group: &str) -> bool {
        let wanted = self.words.is_empty() || self.words.iter().any(|word| group.contains(word.as_str()));
        if wanted {
            println!("\n{group}");
        }
        wanted
    }

    /// Two things that are compared closely, in turns, because the machine is not as fast at every moment.
    fn alternately(&self, limit: impl Fn(Duration) -> Rate, ours: impl Fn(Duration) -> Rate) -> (Rate, Rate) {
        let turns: Vec<(Rate, Rate)> =
            (0..TURNS).map(|_| (limit(self.time / TURNS), ours(self.time / TURNS))).collect();
        let middle = |each: fn(&(Rate, Rate)) -> Rate| {
            let mut rates: Vec<Rate> = turns.iter().map(each).collect();
            rates.sort_by(|a, b| a.each_second.total_cmp(&b.each_second));
            rates[rates.len() / 2]
        };
        (middle(|turn| turn.0), middle(|turn| turn.1))
    }

    /// Appends that wait for no sync: asked for is 1.3 times the raw write with its checksum.
    fn appends(&self) {
        if !self.wants("append, os durability, 16 KiB batches") {
            return;
        }
        let batch = ours::batch(LARGE);
        row("limit: memcpy", limits::copy(self.time, &batch), None);
        let (raw, one) = self.alternately(
            |time| limits::write_and_checksum(time, &batch),
            |time| ours::appends(time, &batch, 1, 1),
        );
        row("limit: pwrite and CRC-32C", raw, None);
        row("1 writers, 1 partitions", one, Some(raw));
        for (writers, partitions) in [(64, 1), (1, 1000), (64, 1000)] {
            let rate = ours::appends(self.time, &batch, writers, partitions);
            row(&format!("{writers} writers, {partitions} partitions"), rate, Some(raw));
        }
    }

    /// Appends that wait for their sync: asked for is 1.2 times the sync for one writer.
    fn durable_appends(&self) {
        if !self.wants("durable append, 100 B") {
            return;
        }
        let batch = ours::batch(SMALL);
        let (raw, one) = self.alternately(
            |time| limits::write_and_sync(time, &batch),
            |time| ours::durable_appends(time, &batch, 1, 1),
        );
        row("limit: pwrite and fdatasync", raw, None);
        row("1 writers, 1 partitions", one, Some(raw));
        row(
            "limit: the same into room that was written before",
            limits::overwrite_and_sync(self.time, &batch),
            None,
        );
        row("okaywal, 1 writer", limits::okaywal(self.time, &batch, 1), Some(raw));
        let rate = ours::durable_appends(self.time, &batch, 1, 1000);
        row("1 writers, 1000 partitions", rate, Some(raw));
        row("okaywal, 64 writers", limits::okaywal(self.time, &batch, 64), Some(raw));
        for (writers, partitions) in [(64, 1), (64, 64), (64, 1000)] {
            let rate = ours::durable_appends(self.time, &batch, writers, partitions);
            row(&format!("{writers} writers, {partitions} partitions"), rate, Some(raw));
        }
    }

    /// A thousand logs at once: asked for are 20,000 a second. The ways to sync them, side by side.
    fn thousand_writers(&self) {
        if !self.wants("durable append, 100 B, 1000 files") {
            return;
        }
        let batch = ours::batch(SMALL);
        for threads in [1, 4, 16, 64, 128] {
            let rate = limits::parallel_syncs(self.time, &batch, threads);
            row(&format!("limit: a sync each, {threads} threads"), rate, None);
        }
        row("limit: syncfs for all", limits::sync_file_system(self.time, &batch), None);
        row("limit: one journal, and a copy to each file", limits::one_journal(self.time, &batch), None);
        for threads in [16, 64, 128] {
            let rate = ours::durable_appends_with(self.time, &batch, 1000, 1000, threads);
            row(&format!("1000 writers, 1000 partitions, {threads} threads"), rate, None);
        }
    }
}

/// Operations and bytes a second.
#[derive(Clone, Copy)]
struct Rate {
    each_second: f64,
    bytes: usize,
    /// Seconds of processor time for an operation, where it is told.
    processor: f64,
}

impl Rate {
    /// What `run` does in about `time`: it answers how many operations it has done, and starts no more once
    /// the given moment is past.
    fn measure(time: Duration, bytes: usize, run: impl FnOnce(Instant) -> u64) -> Self {
        let (start, before) = (Instant::now(), processor_time());
        let done = run(start + time);
        let (took, used) = (start.elapsed(), processor_time() - before);
        #[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
        let done = done as f64;
        Self { each_second: done / took.as_secs_f64(), bytes, processor: used / done }
    }
}

/// Seconds that all threads of this process have spent, in the system and outside.
fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
        .as_secs_f64()
}

fn row(name: &str, rate: Rate, limit: Option<Rate>) {
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

/// An empty folder on the disk of the target folder.
fn folder() -> tempfile::TempDir {
    let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    tempfile::tempdir_in(parent).expect("the target folder takes files")
}
