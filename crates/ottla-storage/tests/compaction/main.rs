//! Compaction: what a reader sees afterwards, against a plain account of all that was appended.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

mod beside;
mod crash;
mod world;

use bytes::Bytes;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_storage::disk::wait::block_on;
use ottla_storage::{AppendOptions, Offset};

use world::{RETENTION_MS, Record, World, config};

const WIDE: usize = 1 << 20;

fn record(world: &World, key: &str, value: Option<&str>) -> Record {
    Record { key: Some(key.to_owned()), value: value.map(str::to_owned), timestamp: world.now_ms() }
}

fn put(world: &mut World, key: &str, value: Option<&str>) {
    let record = record(world, key, value);
    world.append(BatchOptions::default(), None, &[record]);
}

fn keyed_batch(key: &str, value: &str, timestamp: i64) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(timestamp, Some(key.as_bytes()), Some(value.as_bytes()), &[]).unwrap();
    builder.build().unwrap()
}

/// Fills segments until what came before is in closed ones.
fn fill(world: &mut World) {
    for n in 0..20 {
        put(world, "filling", Some(&format!("{n:060}")));
    }
}

#[test]
fn what_is_read_afterwards_is_what_the_account_says() {
    for seed in 0..40 {
        let segment_bytes = 400 + u32::try_from(seed % 7).unwrap() * 300;
        let mut world = World::new(seed, config(segment_bytes));
        for step in 0..120 {
            let what = format!("seed {seed}, step {step}");
            match world.rng.below(20) {
                0..=13 => world.append_any(12),
                14..=15 => {
                    let committed = world.rng.chance(0.5);
                    world.end_any(committed);
                }
                16 => world.clock.advance(RETENTION_MS / 3),
                17 => world.reopen(),
                _ => {
                    world.compact(WIDE).unwrap();
                    world.check(&what);
                }
            }
        }
        world.end_all();
        fill(&mut world);
        for round in 0..4 {
            world.compact(WIDE).unwrap();
            world.check(&format!("seed {seed}, round {round}"));
            world.reopen();
            world.check(&format!("seed {seed}, round {round}, opened anew"));
            world.clock.advance(RETENTION_MS);
            fill(&mut world);
        }
    }
}

#[test]
fn memory_for_few_keys_needs_more_rounds_and_gives_the_same_values() {
    for seed in 0..40 {
        let mut world = World::new(seed, config(900));
        for _ in 0..80 {
            world.append_any(60);
        }
        world.end_all();
        fill(&mut world);
        let before = world.see();
        let mut rounds = 0;
        // 600 bytes hold twenty-odd keys.
        while let Some(compacted) = world.compact(600).unwrap() {
            rounds += 1;
            assert!(compacted.to > compacted.from);
            assert!(compacted.map_bytes <= 600);
            let seen = world.see();
            for (offset, record) in &seen.records {
                assert_eq!(before.records.get(offset), Some(record), "seed {seed}");
            }
        }
        assert!(rounds > 1, "seed {seed}");
        let account = &world.account;
        let last =
            |seen: &world::Seen| world::Account::last_values(&seen.records, |offset| account.fate(offset));
        assert_eq!(last(&world.see()), last(&before), "seed {seed}");
    }
}

#[test]
fn retries_are_recognized_even_when_all_snapshots_are_lost() {
    for seed in 0..20 {
        let mut world = World::new(seed, config(600));
        for _ in 0..80 {
            world.append_any(4);
        }
        world.end_all();
        fill(&mut world);
        for _ in 0..3 {
            world.compact(WIDE).unwrap();
            world.clock.advance(RETENTION_MS);
            fill(&mut world);
        }
        block_on(world.storage().close()).unwrap();
        world.disk = world.disk.restarted();
        let snapshots = world.disk.image().into_keys();
        for path in snapshots.filter(|path| path.ends_with(".snapshot") || path.ends_with(".producers")) {
            use ottla_storage::disk::Disk;
            world.disk.remove_file(path.as_ref()).unwrap();
        }
        world.open().unwrap();
        let log = world.log();
        for (first, last, bytes) in world.account.remembered() {
            let appended = log.append(bytes.clone(), AppendOptions::new(world.now_ms())).unwrap();
            assert!(appended.duplicate, "seed {seed}: {first}");
            assert_eq!((appended.base_offset, appended.last_offset), (Offset(*first), Offset(*last)));
        }
        assert_eq!(log.offsets().last_stable, log.offsets().high_watermark, "no transaction is open");
    }
}

#[test]
fn a_tombstone_stays_for_its_time_and_is_the_last_to_go() {
    let mut world = World::new(1, config(500));
    put(&mut world, "a", Some("1"));
    put(&mut world, "a", None);
    fill(&mut world);
    world.compact(WIDE).unwrap().unwrap();
    assert_eq!(world.see().records.get(&1).map(|record| record.value.clone()), Some(None));
    assert_eq!(world.see().records.get(&0), None);
    world.clock.advance(RETENTION_MS - 1);
    fill(&mut world);
    world.compact(WIDE).unwrap().unwrap();
    assert!(world.see().records.contains_key(&1));
    world.clock.advance(1);
    fill(&mut world);
    world.compact(WIDE).unwrap().unwrap();
    assert!(!world.see().records.contains_key(&1));
}

#[test]
fn an_aborted_record_makes_nothing_void() {
    let mut world = World::new(1, config(500));
    put(&mut world, "a", Some("good"));
    let aborted = record(&world, "a", Some("never"));
    world.append(BatchOptions::default().with_transactional(), Some(7), &[aborted]);
    world.end_any(false);
    fill(&mut world);
    world.compact(WIDE).unwrap().unwrap();
    let seen = world.see();
    assert_eq!(seen.records.get(&0).and_then(|record| record.value.clone()), Some("good".to_owned()));
    assert!(!seen.records.contains_key(&1));
    assert_eq!(seen.markers.get(&2), Some(&false), "its end stays as long as its batch was there");
    assert!(seen.batches.contains(&(1, 1)), "the batch stays, empty: it is the last of its producer");
    let index = &world.disk.image()["orders-0/00000000000000000000.txnindex"];
    let entry =
        [&0_i16.to_be_bytes()[..], &7_i64.to_be_bytes(), &1_i64.to_be_bytes(), &2_i64.to_be_bytes()].concat();
    assert_eq!(
        index,
        &[&entry[..], &3_i64.to_be_bytes()].concat(),
        "version, producer, first, last, last stable"
    );
}

#[test]
fn only_logs_that_are_to_be_compacted_are() {
    let mut config = config(500);
    config.cleanup_policy = ottla_storage::CleanupPolicy::DELETE;
    let mut world = World::new(1, config.clone());
    fill(&mut world);
    assert_eq!(world.compact(WIDE).unwrap(), None);
    config.cleanup_policy = ottla_storage::CleanupPolicy::COMPACT_AND_DELETE;
    world.log().set_config(config.clone());
    assert!(world.compact(WIDE).unwrap().is_some());
    assert_eq!(world.compact(WIDE).unwrap(), None, "nothing new has come");
    config.min_compaction_lag_ms = 1000;
    world.log().set_config(config);
    fill(&mut world);
    assert_eq!(world.compact(WIDE).unwrap(), None, "all is too young");
    world.clock.advance(1001);
    assert!(world.compact(WIDE).unwrap().is_some());
}
