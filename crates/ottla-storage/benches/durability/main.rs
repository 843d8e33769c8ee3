//! Appends in both durabilities, beside what the machine can do in the same run.
//!
//! `cargo bench -p ottla-storage --bench durability [-- SECONDS [WORDS]]`: each row runs for so many seconds
//! (2 by default); with words, only groups whose name holds one of them. Files go to `target/tmp`,
//! so that they are on a disk where the target folder is. The limits are in [`limits`], ours in
//! [`ours`]. Absolute figures change from machine to machine: read the ratios.

#![expect(clippy::disallowed_methods, reason = "a bench measures time, in threads, on files of its own")]

use std::time::Duration;

use self::rate::{Rate, alternately, folder, row};

#[path = "../helpers/forgets.rs"]
mod forgets;
mod limits;
mod ours;
#[path = "../helpers/rate.rs"]
mod rate;

/// A record of 100 bytes in a batch of its own: what is appended, except where bytes count.
const SMALL: usize = 100;
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

    /// Appends that wait for no sync: asked for is 1.3 times the raw write with its checksum.
    fn appends(&self) {
        if !self.wants("append, os durability, 16 KiB batches") {
            return;
        }
        let batch = ours::batch(LARGE);
        row("limit: memcpy", limits::copy(self.time, &batch), None);
        let (raw, one) = alternately(
            self.time,
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
        let (raw, one) = alternately(
            self.time,
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
