//! The whole stack in one thread, in virtual time, from one seed: broker, producers and consumers over a network and
//! a disk in memory, which crash, stall, fail and fill up at random; and then the history is checked.
//!
//! [`plan`] draws what a seed is about, [`world`] runs it, [`clients`] are those who send and read, [`groups`] those who
//! read together, [`shares`] those who share partitions record by record, [`transactions`] those who write all or nothing, and [`history`] is what they saw; `ottla_check` says whether that is what was promised.
//!
//! `OTTLA_SIM_SEEDS` is how many seeds are run, `OTTLA_SIM_FIRST` the first of them; `OTTLA_SIM_SEED` runs one
//! alone and prints every event.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a seed fails as a test does, and tells its events"
)]

mod clients;
mod groups;
mod history;
mod plan;
mod shares;
mod transactions;
mod world;

use ottla_sim::{Ran, each_seed};
use world::Tally;

/// Seeds of a run unless `OTTLA_SIM_SEEDS` says otherwise.
const SEEDS: u64 = 40;

#[test]
fn crashes_lose_nothing_that_was_promised() {
    if let Some(seed) = number("OTTLA_SIM_SEED") {
        let ran = world::run(seed, true);
        ran.lines.iter().for_each(|line| println!("{line}"));
        ran.value.history.iter().for_each(|history| println!("{history}"));
        assert_eq!(ran.problems, Vec::<String>::new(), "seed {seed}: {:?}", ran.value.plan);
        return;
    }
    let first = number("OTTLA_SIM_FIRST").unwrap_or(0);
    let seeds = first..first + number("OTTLA_SIM_SEEDS").unwrap_or(SEEDS);
    let run = |seed| {
        let ran = world::run(seed, false);
        if !ran.problems.is_empty() {
            println!("seed {seed}: {}\n{}", ran.problems.join("\n    "), replay(seed));
        }
        ran
    };
    let ran = each_seed(seeds.clone(), run, |seed| println!("seed {seed} panicked\n{}", replay(seed)));
    let sum = |count: fn(&Tally) -> u64| ran.iter().map(|ran| count(&ran.value)).sum::<u64>();
    println!(
        "{} seeds: {} sends, {} acknowledged, {} reads, {} crashes, {} virtual seconds",
        ran.len(),
        sum(|tally| tally.sends),
        sum(|tally| tally.acknowledged),
        sum(|tally| tally.reads),
        sum(|tally| tally.crashes),
        ran.iter().map(|ran| ran.took.as_secs()).sum::<u64>(),
    );
    let failed: Vec<u64> = ran.iter().filter(|ran| !ran.problems.is_empty()).map(|ran| ran.seed).collect();
    assert!(failed.is_empty(), "{} of {} seeds failed: {failed:?}", failed.len(), ran.len());
}

#[test]
fn the_same_seed_has_the_same_trace() {
    const TWICE: u64 = 20;
    let trace = |ran: Ran<Tally>| ran.trace;
    let run = |seed| (trace(world::run(seed, false)), trace(world::run(seed, false)));
    for (seed, (first, second)) in (0..).zip(each_seed(0..TWICE, run, |_| {})) {
        assert_eq!(first, second, "seed {seed} went two ways");
    }
}

fn replay(seed: u64) -> String {
    format!("replay: cargo xtask simulate --seed {seed}")
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads how many seeds to run")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|value| value.parse().ok())
}
