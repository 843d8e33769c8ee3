//! Logs on a disk that loses its power, fails and lies: whatever was promised is there, byte for byte.
//!
//! Each seed is a history of several lives of a storage, beside a reference that knows no files ([`model`]). In a life
//! ([`steps`]) batches of every kind are appended, plain, by idempotent and transactional producers, compressed; batches are sent
//! again, read, looked up by time and epoch; records are deleted, logs age, are compacted, removed and made again; checkpoints are
//! written; the clock jumps; calls are held up, fail, transfer less than they were asked for, find the disk full or
//! read-only, or write to the wrong place. A life ends by kill, by loss of power in the middle of any
//! call, or by a clean stop; then bits rot and small files are damaged ([`damage`]), and the next start is cut
//! short, or fails, too.
//!
//! A failing seed is named in the panic with the line that tells it alone:
//!
//! ```sh
//! OTTLA_HISTORIES=4711 cargo test -p ottla-storage --test histories -- --nocapture
//! OTTLA_HISTORIES=0..100000 cargo test --release -p ottla-storage --test histories   # over all cores
//! ```

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

#[path = "histories/batches.rs"]
mod batches;
#[path = "histories/damage.rs"]
mod damage;
#[path = "histories/model.rs"]
mod model;
#[path = "histories/steps.rs"]
mod steps;
#[path = "histories/tasks.rs"]
mod tasks;
#[path = "histories/world.rs"]
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ottla_env::Rng;
use ottla_protocol::ErrorCode;
use ottla_protocol::records::TimestampType;
use ottla_storage::disk::{Call, Fault, FaultError};
use ottla_storage::{AppendError, CleanupPolicy, Durability, LogConfig, Ratio};

use self::world::{End, World};

/// Histories that the test runs.
const SEEDS: Range<u64> = 0..1_000;

/// The seeds to run: those that `OTTLA_HISTORIES` names, as `4711` or `0..100000`.
fn seeds() -> Range<u64> {
    #[expect(clippy::disallowed_methods, reason = "to run one history alone, or many")]
    let Ok(named) = std::env::var("OTTLA_HISTORIES") else { return SEEDS };
    let number = |text: &str| text.parse::<u64>().expect("OTTLA_HISTORIES is a seed, or two with .. between");
    match named.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&named)..number(&named) + 1,
    }
}

/// Plants the bug that `cargo xtask planted` names.
#[cfg(ottla_planted)]
fn plant() {
    #[expect(clippy::disallowed_methods, reason = "only in a build with bugs in it")]
    ottla_storage::planted::plant(std::env::var("OTTLA_PLANTED").unwrap_or_default());
}

/// One history from its seed; its fingerprint.
fn run(seed: u64, is_alone: bool) -> u64 {
    let mut rng = Rng::new(seed);
    let preallocate = seed.is_multiple_of(2);
    let configs =
        (0..1 + rng.below(3)).map(|_| random_config(&mut rng).with_preallocate(preallocate)).collect();
    let mut world = World::new(seed, configs).with_verbose(is_alone);
    if rng.chance(0.3) {
        world.disk.set_short_counts(0.3);
    }
    for _ in 0..1 + rng.below(4) {
        if rng.chance(0.4) {
            world.disk.power_off_at(1 + rng.below(80));
        }
        let faulty_from = if rng.chance(0.3) { rng.below(60) } else { u64::MAX };
        for step in 0..rng.below(60) {
            if step == faulty_from {
                world.inject();
            }
            world.step();
            if world.is_dead() {
                break;
            }
        }
        let end = [End::Kill, End::Power, End::Power, End::Close];
        world.end_life(end[usize::try_from(rng.below(4)).unwrap()]);
    }
    world.fingerprint()
}

fn random_config(rng: &mut Rng) -> LogConfig {
    let segment_bytes = [2_000, 4_000, 10_000, 1 << 20][usize::try_from(rng.below(4)).unwrap()];
    let durability = if rng.chance(0.8) { Durability::Fsync } else { Durability::Os };
    let mut config = LogConfig::default()
        .with_durability(durability)
        .with_segment_bytes(segment_bytes)
        .with_index_interval_bytes(if rng.chance(0.5) { 1 } else { 1_000 });
    config.cleanup_policy = match rng.below(10) {
        0..6 => CleanupPolicy::DELETE,
        6..9 => CleanupPolicy::COMPACT,
        _ => CleanupPolicy::COMPACT_AND_DELETE,
    };
    if config.cleanup_policy.compact {
        // What a compaction has seen does not change any more.
        config.durability = Durability::Fsync;
    }
    config.min_cleanable_dirty_ratio = Ratio::new(0.0).unwrap();
    config.delete_retention_ms = 100_000;
    config.file_delete_delay_ms = 5_000;
    if rng.chance(0.3) {
        config.retention_bytes = Some(8_000);
    }
    if rng.chance(0.3) {
        config.retention_ms = Some(60_000);
    }
    if rng.chance(0.3) {
        config.segment_ms = 30_000;
        config.segment_jitter_ms = 10_000;
    }
    if rng.chance(0.1) {
        config.timestamp_type = TimestampType::LogAppendTime;
    }
    config
}

#[test]
fn what_was_promised_or_shown_survives_every_history() {
    #[cfg(ottla_planted)]
    plant();
    let seeds = seeds();
    let is_alone = seeds.end - seeds.start == 1;
    let (next, failed) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || failed.lock().unwrap().len() >= 16 {
                return;
            }
            if catch_unwind(AssertUnwindSafe(|| run(seed, is_alone))).is_err() {
                eprintln!(
                    "again: OTTLA_HISTORIES={seed} cargo test -p ottla-storage --test histories -- --nocapture"
                );
                failed.lock().unwrap().push(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (0..cores).for_each(|_| drop(scope.spawn(work)));
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_unstable();
    assert!(failed.is_empty(), "histories that failed: {failed:?}");
}

#[test]
fn one_seed_is_one_history() {
    for seed in 0..50 {
        assert_eq!(run(seed, false), run(seed, false), "seed {seed}");
    }
}

#[test]
fn a_failed_sync_closes_its_log_for_writing_and_nothing_else() {
    for seed in 0..200 {
        let mut world = World::new(seed, vec![LogConfig::default(), LogConfig::default()]);
        for _ in 0..5 {
            world.append(0).unwrap();
            world.append(1).unwrap();
        }
        let durable = world.log(0).offsets().high_watermark;
        let fault = Fault::new(Call::Sync, FaultError::Io).with_path("orders-0/").with_skip(seed % 3);
        world.disk.inject(fault);
        world.is_faulty = true;
        for _ in 0..4 {
            drop(world.append(0));
        }
        let error = world.append(0).unwrap_err();
        assert!(matches!(error, AppendError::Closed { .. }), "seed {seed}: {error}");
        assert_eq!(error.error_code(), ErrorCode::KAFKA_STORAGE_ERROR);
        world.append(1).unwrap();
        world.read(0);
        world.read(1);
        let offsets = world.log(0).offsets();
        assert!(offsets.high_watermark >= durable, "what was visible stays so");
        world.disk.heal();
        world.append(0).expect_err("a second sync would prove nothing");
        world.end_life(End::Power);
        world.append(0).unwrap();
        world.end_life(End::Power);
    }
}

#[test]
fn a_full_disk_refuses_appends_keeps_the_rest_and_heals() {
    for seed in 0..200 {
        let mut world = World::new(seed, vec![LogConfig::default()]);
        for _ in 0..5 {
            world.append(0).unwrap();
        }
        world.disk.set_capacity(Some(world.disk.used_bytes() + 4_096));
        world.is_faulty = true;
        let refused = (0..200).find_map(|_| world.append(0).err()).expect("it fills up");
        assert_eq!(refused.error_code(), ErrorCode::KAFKA_STORAGE_ERROR);
        assert!(refused.is_retriable(), "seed {seed}: {refused}");
        world.read(0);
        if seed.is_multiple_of(2) {
            world.end_life(End::Kill);
        }
        world.heal();
        world.append(0).unwrap();
        world.read(0);
        world.end_life(End::Power);
    }
}
