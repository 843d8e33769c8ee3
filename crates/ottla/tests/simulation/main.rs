//! The whole stack in one thread, in virtual time, from one seed: broker, producers and consumers over a network and
//! a disk in memory, which crash, stall, fail and fill up at random; and then the history is checked.
//!
//! [`plan`] draws what a seed is about, [`world`] runs it, [`process`] is what a crash ends, [`clients`] are those
//! who send and read, [`groups`] those who read together, [`history`] is what they saw, and [`checks`] says whether that is what was promised.
//!
//! `OTTLA_SIM_SEEDS` is how many seeds are run, `OTTLA_SIM_FIRST` the first of them; `OTTLA_SIM_SEED` runs one
//! alone and prints every event.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a seed fails as a test does, and tells its events"
)]

mod checks;
mod clients;
mod groups;
mod history;
mod log;
mod plan;
mod process;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::Ran;

/// Seeds of a run unless `OTTLA_SIM_SEEDS` says otherwise.
const SEEDS: u64 = 40;

/// Threads that run seeds, each a world of its own.
const THREADS: u64 = 4;

#[test]
fn crashes_lose_nothing_that_was_promised() {
    if let Some(seed) = number("OTTLA_SIM_SEED") {
        let ran = world::run(seed, true);
        ran.lines.iter().for_each(|line| println!("{line}"));
        assert_eq!(ran.problems, Vec::<String>::new(), "seed {seed}: {:?}", ran.plan);
        return;
    }
    let first = number("OTTLA_SIM_FIRST").unwrap_or(0);
    let seeds = first..first + number("OTTLA_SIM_SEEDS").unwrap_or(SEEDS);
    let ran = each_seed(seeds.clone(), |seed| world::run(seed, false));
    let sum = |count: fn(&Ran) -> u64| ran.iter().map(count).sum::<u64>();
    println!(
        "{} seeds: {} sends, {} acknowledged, {} reads, {} crashes, {} virtual seconds",
        ran.len(),
        sum(|ran| ran.sends),
        sum(|ran| ran.acknowledged),
        sum(|ran| ran.reads),
        sum(|ran| ran.crashes),
        sum(|ran| ran.virtual_ms) / 1_000,
    );
    let failed: Vec<&Ran> = ran.iter().filter(|ran| !ran.problems.is_empty()).collect();
    for ran in &failed {
        println!("seed {}: {}", ran.seed, ran.problems.join("\n    "));
        println!(
            "replay: OTTLA_SIM_SEED={} cargo test -p ottla --test simulation crashes_lose_nothing -- --nocapture",
            ran.seed
        );
    }
    assert!(failed.is_empty(), "{} of {} seeds failed", failed.len(), ran.len());
}

#[test]
fn the_same_seed_has_the_same_trace() {
    const TWICE: u64 = 20;
    let run = |seed| (world::run(seed, false).trace, world::run(seed, false).trace);
    for (seed, (first, second)) in (0..).zip(each_seed(0..TWICE, run)) {
        assert_eq!(first, second, "seed {seed} went two ways");
    }
}

/// Runs seeds side by side; a panic of one becomes its own line.
fn each_seed<T: Send>(seeds: std::ops::Range<u64>, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(seeds.start);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return;
                    }
                    let ran = catch_unwind(AssertUnwindSafe(|| run(seed)));
                    let ran = ran.unwrap_or_else(|panic| {
                        println!("seed {seed} panicked");
                        std::panic::resume_unwind(panic)
                    });
                    done.lock().unwrap().push((seed, ran));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(seed, _)| *seed);
    done.into_iter().map(|(_, ran)| ran).collect()
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads how many seeds to run")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|value| value.parse().ok())
}
