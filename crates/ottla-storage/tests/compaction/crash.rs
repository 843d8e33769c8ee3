//! The power fails at any moment of a compaction: the old segments are there afterwards, or the new ones.

use std::collections::BTreeSet;

use ottla_storage::disk::wait::block_on;

use crate::world::{RETENTION_MS, Seen, World, config};
use crate::{WIDE, fill, put};

/// A log of a dozen segments with all that compaction treats differently.
fn prepared(seed: u64) -> World {
    let mut world = World::new(seed, config(600));
    for _ in 0..40 {
        world.append_any(5);
    }
    world.end_all();
    fill(&mut world);
    world
}

/// Two rounds with appends between; as far as the power reaches.
fn live(world: &mut World) {
    for _ in 0..2 {
        if world.compact(WIDE).is_err() {
            assert!(world.disk.is_dead());
        }
        if !world.disk.is_dead() {
            world.clock.advance(RETENTION_MS);
            fill_alive(world);
            drop(block_on(world.storage().maintain()));
            drop(block_on(world.storage().checkpoint()));
        }
    }
}

fn fill_alive(world: &mut World) {
    for n in 0..8 {
        if !world.is_dead {
            put(world, "filling", Some(&format!("{n:090}")));
        }
    }
}

fn offsets(seen: &Seen) -> BTreeSet<i64> {
    seen.records.keys().copied().collect()
}

#[test]
fn the_old_or_the_new_segments_are_there_after_every_loss_of_power() {
    let (mut old, mut new) = (0, 0);
    for seed in 0..6 {
        let points = {
            let mut world = prepared(seed);
            let before = world.disk.changes();
            live(&mut world);
            world.check(&format!("seed {seed}"));
            world.disk.changes() - before
        };
        // Every point once, in one world or another.
        for point in (1..=points).filter(|point| point % 6 == seed) {
            let what = format!("seed {seed}, point {point}");
            let mut world = prepared(seed);
            let before = world.see();
            let promised = world.log().offsets().high_watermark;
            let expected = {
                let mut account = world.account.clone();
                account.compacted(promised.0, world.now_ms());
                account
            };
            world.disk.power_off_at(point);
            live(&mut world);
            world.disk.crash(point);
            // The next start is cut short as well.
            world.disk = world.disk.restarted();
            world.disk.power_off_at(1 + point % 7);
            drop(world.open());
            world.disk.crash(point + 1);
            world.disk = world.disk.restarted();
            world.open().unwrap();
            let files = world.disk.image().into_keys();
            let half = files.filter(|name| name.ends_with(".cleaned") || name.ends_with(".swap"));
            assert_eq!(half.count(), 0, "{what}");
            let log = world.log();
            assert!(log.offsets().high_watermark >= promised, "{what}: {:?}", log.offsets());
            let seen = world.see();
            // Nothing changed or came back, and nothing is gone that compaction would have kept.
            for (offset, record) in seen.records.range(..promised.0) {
                assert_eq!(before.records.get(offset), Some(record), "{what}: offset {offset}");
            }
            let later = world.now_ms() + RETENTION_MS;
            let newer_came = |record: &crate::world::Record| record.key.as_deref() == Some("filling");
            for (offset, record) in expected.expected(later).into_iter().filter(|(_, r)| !newer_came(r)) {
                assert_eq!(seen.records.get(&offset), Some(&record), "{what}: offset {offset}");
            }
            let account = world.account.clone();
            let last = |records| {
                let mut last = crate::world::Account::last_values(records, |offset| account.fate(offset));
                last.remove("filling");
                last
            };
            assert_eq!(last(&seen.records), last(&before.records), "{what}");
            match offsets(&seen).range(..promised.0).count() == before.records.len() {
                true => old += 1,
                false => new += 1,
            }
            // And it goes on as if nothing had been.
            world.is_dead = false;
            world.account.compacted_to = promised.0;
            fill_again(&mut world);
            let config = ottla_storage::CompactionConfig::default();
            let mut rounds = 0;
            while block_on(world.storage().compact_next(&config, &mut ottla_storage::Unpaced))
                .unwrap()
                .is_some()
            {
                rounds += 1;
            }
            assert!(rounds > 0, "{what}");
            assert_eq!(last(&world.see().records), last(&before.records), "{what}, compacted again");
        }
    }
    assert!(old > 5 && new > 20, "{old} old, {new} new");
}

/// Appends past what the account knows.
fn fill_again(world: &mut World) {
    for n in 0..20 {
        put(world, "filling", Some(&format!("{n:090}")));
    }
}

#[test]
fn a_disk_that_fails_leaves_the_log_readable_and_is_tried_again() {
    use ottla_storage::disk::{Call, Fault, FaultError};
    let mut world = prepared(3);
    let before = world.see();
    world.disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("cleaned"));
    let error = world.compact(WIDE).unwrap_err();
    assert!(error.is_retriable(), "{error}");
    assert_eq!(world.see(), before);
    let names: Vec<String> =
        world.disk.image().into_keys().filter(|name| name.ends_with("cleaned")).collect();
    assert!(names.is_empty(), "{names:?}");
    world.disk.heal();
    assert_eq!(world.compact(WIDE).unwrap(), None, "it is left alone for a minute");
    world.clock.advance(60_000);
    assert!(world.compact(WIDE).unwrap().is_some());
    assert!(world.storage().uncleanable().is_empty());
    world.check("healed");
}

#[test]
fn a_log_with_a_damaged_batch_is_left_out_and_others_go_on() {
    let mut world = prepared(4);
    let storage = world.storage();
    let other = ottla_storage::LogName::new("others", 0);
    let log =
        storage.create_log(other.clone(), ottla_protocol::wire::Uuid::from_u128(3), config(300)).unwrap();
    let healthy = world.log();
    let first = world.disk.image().into_keys().find(|name| name.ends_with(".log")).unwrap();
    world.disk.flip_bit(first.as_ref(), 8 * 100).unwrap();
    let error = world.compact(WIDE).unwrap_err();
    assert!(error.to_string().contains("damaged at position 0"), "{error}");
    assert_eq!(storage.uncleanable().len(), 1);
    assert_eq!(&storage.uncleanable()[0].0, healthy.name());
    assert_eq!(world.compact(WIDE).unwrap(), None);
    for n in 0..10 {
        let batch = crate::keyed_batch("k", &format!("{n:060}"), world.now_ms());
        log.append(batch, ottla_storage::AppendOptions::new(world.now_ms())).unwrap();
    }
    let config = ottla_storage::CompactionConfig::default();
    let compacted = block_on(storage.compact_next(&config, &mut ottla_storage::Unpaced)).unwrap().unwrap();
    assert_eq!(compacted.log, other);
}

#[test]
fn how_far_a_log_is_compacted_is_written_down_out_of_the_reserve() {
    use ottla_storage::disk::{Call, Fault, FaultError};
    let mut world = prepared(3);
    world.disk.set_capacity(Some(64 << 20));
    block_on(world.storage().checkpoint()).unwrap();
    world.disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("cleaner-offset"));
    assert!(world.compact(WIDE).unwrap().is_some());
}
