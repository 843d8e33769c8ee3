//! Logs on a disk that loses its power: whatever was promised is there, byte for byte.
//!
//! Each seed is a history of several lives: random appends, reads, retries and checkpoints, syncs
//! and writes that are held up, and an end by kill, by loss of power in the middle of any call, or
//! by a clean stop; starts are cut short too. The rules are in `world`. A failing seed is named in
//! the panic; `CRASH_SEED=n cargo test --test histories` tells that one alone.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

#[path = "histories/world.rs"]
mod world;

use ottla_env::Rng;
use ottla_protocol::ErrorCode;
use ottla_storage::disk::{Call, Fault, FaultError};
use ottla_storage::{AppendError, Durability, LogConfig};

use self::world::{End, World};

/// Histories that each test runs.
const SEEDS: u64 = 500;

/// The one seed to run and to tell about.
fn only_seed() -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "to run one history alone")]
    std::env::var("CRASH_SEED").ok().and_then(|seed| seed.parse().ok())
}

/// One history from its seed; its fingerprint.
fn run(seed: u64) -> u64 {
    let mut rng = Rng::new(seed);
    let configs = (0..1 + rng.below(2)).map(|_| random_config(&mut rng)).collect();
    let mut world = World::new(seed, configs).with_verbose(only_seed().is_some());
    for _ in 0..1 + rng.below(4) {
        if rng.chance(0.5) {
            world.disk.power_off_at(1 + rng.below(40));
        }
        for _ in 0..rng.below(40) {
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
    let segment_bytes = [4_000, 10_000, 1 << 20][usize::try_from(rng.below(3)).unwrap()];
    let durability = if rng.chance(0.8) { Durability::Fsync } else { Durability::Os };
    LogConfig::default()
        .with_durability(durability)
        .with_segment_bytes(segment_bytes)
        .with_index_interval_bytes(if rng.chance(0.5) { 1 } else { 1_000 })
}

#[test]
fn what_was_promised_or_shown_survives_every_history() {
    let seeds = only_seed().map_or(0..SEEDS, |seed| seed..seed + 1);
    for seed in seeds {
        run(seed);
    }
}

#[test]
fn one_seed_is_one_history() {
    for seed in 0..50 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
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
        let refused = (0..200).find_map(|_| world.append(0).err()).expect("it fills up");
        assert_eq!(refused.error_code(), ErrorCode::KAFKA_STORAGE_ERROR);
        assert!(refused.is_retriable(), "seed {seed}: {refused}");
        world.read(0);
        if seed % 2 == 0 {
            world.end_life(End::Kill);
        }
        world.disk.set_capacity(None);
        world.append(0).unwrap();
        world.read(0);
        world.end_life(End::Power);
    }
}
