//! Appends, reads and deletions go on while a log is compacted.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ottla_protocol::records::BatchOptions;
use ottla_storage::disk::wait::block_on;
use ottla_storage::{CompactionConfig, Offset, Pace, Unpaced};

use crate::world::{Record, World, config};

/// Large enough that a few are a piece of work.
fn put_large(world: &mut World, key: u64, n: u32) {
    let value = format!("{n:>60000}");
    let record = Record { key: Some(format!("k{key}")), value: Some(value), timestamp: world.now_ms() };
    world.append(BatchOptions::default(), None, &[record]);
}

/// A log of several segments, that a round takes many steps for.
fn world_of_large(seed: u64) -> World {
    let mut world = World::new(seed, config(400_000));
    for n in 0..80 {
        put_large(&mut world, u64::from(n) % 17, n);
    }
    world
}

/// Takes a round some steps further, none of which ends it.
fn go_on(mut round: Pin<&mut impl Future>, steps: usize) {
    for _ in 0..steps {
        assert!(round.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
}

#[test]
fn appends_and_reads_go_on_beside_a_round() {
    for seed in 0..8 {
        let mut world = world_of_large(seed);
        let storage = world.storage();
        let compaction = CompactionConfig::default();
        let mut unpaced = Unpaced;
        let mut round = pin!(storage.compact_next(&compaction, &mut unpaced));
        let mut polls = 0;
        let compacted = loop {
            match round.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(compacted) => break compacted.unwrap().unwrap(),
                Poll::Pending => polls += 1,
            }
            let key = world.rng.below(17);
            put_large(&mut world, key, 1000 + polls);
            let all = &world.account.records;
            let seen = world.see();
            for (offset, record) in &seen.records {
                assert_eq!(all.get(offset), Some(record), "seed {seed}");
            }
            let last =
                |records| crate::world::Account::last_values(records, |_| crate::world::Fate::Committed);
            assert_eq!(last(&seen.records), last(all), "seed {seed}");
        };
        assert!(polls > 10, "{polls}");
        let now_ms = world.now_ms();
        world.account.compacted(compacted.to.0, now_ms);
        world.check(&format!("seed {seed}"));
        world.reopen();
        world.check(&format!("seed {seed}, opened anew"));
    }
}

#[test]
fn a_round_that_is_given_up_leaves_nothing_behind() {
    let mut world = world_of_large(1);
    let before = world.see();
    let files = |world: &World| world.disk.image().into_keys().collect::<Vec<_>>();
    let names = files(&world);
    let (storage, compaction) = (world.storage(), CompactionConfig::default());
    // Within the pass that collects keys, and within the copy of the first segment.
    for polls in [3, 20] {
        let mut unpaced = Unpaced;
        let mut round = Box::pin(storage.compact_next(&compaction, &mut unpaced));
        go_on(round.as_mut(), polls);
        if polls == 20 {
            assert!(files(&world).iter().any(|name| name.ends_with(".cleaned")));
        }
        drop(round);
        assert!(!files(&world).iter().any(|name| name.ends_with(".cleaned") || name.ends_with(".swap")));
        if polls == 3 {
            assert_eq!(files(&world), names);
        }
        let left = world.see().records;
        assert!(left.iter().all(|(offset, record)| before.records.get(offset) == Some(record)));
        let last = |records| crate::world::Account::last_values(records, |_| crate::world::Fate::Committed);
        assert_eq!(last(&left), last(&before.records));
    }
    assert!(world.compact(crate::WIDE).unwrap().is_some(), "it is free for another");
}

#[test]
fn a_start_that_moves_meanwhile_ends_the_round_and_not_the_log() {
    let world = world_of_large(1);
    let (storage, log, compaction) = (world.storage(), world.log(), CompactionConfig::default());
    let mut unpaced = Unpaced;
    let mut round = Box::pin(storage.compact_next(&compaction, &mut unpaced));
    go_on(round.as_mut(), 20);
    assert_eq!(block_on(log.delete_records(Offset(30))).unwrap(), Offset(30));
    let error = block_on(round).unwrap_err();
    assert!(error.is_retriable(), "{error}");
    assert_eq!(world.see().records.first_key_value().map(|(offset, _)| *offset), Some(30));
    world.clock.advance(60_000);
    assert!(block_on(storage.compact_next(&compaction, &mut Unpaced)).unwrap().is_some());
    assert!(storage.uncleanable().is_empty());
}

#[test]
fn a_log_that_is_removed_meanwhile_ends_the_round() {
    let world = world_of_large(1);
    let (storage, log, compaction) = (world.storage(), world.log(), CompactionConfig::default());
    let mut unpaced = Unpaced;
    let mut round = Box::pin(storage.compact_next(&compaction, &mut unpaced));
    go_on(round.as_mut(), 20);
    block_on(storage.remove_log(log.name())).unwrap();
    block_on(round).unwrap_err();
    assert!(!world.disk.image().into_keys().any(|name| name.contains("orders")), "nothing is left of it");
    assert_eq!(block_on(storage.compact_next(&compaction, &mut Unpaced)).unwrap(), None);
}

/// Remembers what it was told.
struct Counting(Vec<u64>);

impl Pace for Counting {
    async fn worked(&mut self, bytes: u64) {
        self.0.push(bytes);
    }
}

#[test]
fn the_pace_is_told_of_all_that_is_read_and_written_in_small_pieces() {
    let world = world_of_large(1);
    let mut pace = Counting(Vec::new());
    let compacted = block_on(world.storage().compact_next(&CompactionConfig::default(), &mut pace));
    let compacted = compacted.unwrap().unwrap();
    assert!(pace.0.iter().all(|bytes| *bytes < 400_000), "{:?}", pace.0);
    let all = 2 * compacted.bytes_before + compacted.bytes_after;
    let told: u64 = pace.0.iter().sum();
    assert!(told <= all && told + 400_000 > all, "{told} of {all}");
}
