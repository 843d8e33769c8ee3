//! Writes that fail after others were begun behind them, in the same segment or in later ones: all of them are taken back, and
//! the log goes on as if they had never been.

use std::collections::BTreeMap;

use ottla_storage::Durability;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk};

use crate::world::{Account, World};

/// An append or an end, of a producer among three.
fn step(world: &mut World) -> bool {
    let producer = 1 + i64::try_from(world.rng.below(3)).unwrap();
    let count = 1 + usize::try_from(world.rng.below(4)).unwrap();
    match world.rng.below(10) {
        0..=1 => world.try_append(None, count).is_ok(),
        2..=6 => world.try_append(Some(producer), count).is_ok(),
        drawn => world.try_end(producer, drawn == 7).is_ok(),
    }
}

/// Makes one of many writes fail that are in flight together.
fn fail_one_of_many(world: &mut World) {
    let mut known: BTreeMap<i64, Account> = BTreeMap::new();
    known.insert(world.log().offsets().log_end.0, world.account.clone());
    world.disk.hold(Call::Write);
    let writes = 2 + world.rng.below(14);
    for _ in 0..writes {
        assert!(step(world));
        known.insert(world.log().offsets().log_end.0, world.account.clone());
    }
    let fault = Fault::new(Call::Write, FaultError::Io).with_path(".log").with_skip(world.rng.below(writes));
    world.disk.inject(fault);
    world.disk.release();
    world.disk.heal();
    let end = world.log().offsets().log_end.0;
    world.take_back(known.remove(&end).expect("an end that the log had"));
}

#[test]
fn a_log_goes_on_as_if_what_could_not_be_written_had_never_been() {
    for seed in 0..300 {
        let durability = if seed % 2 == 0 { Durability::Fsync } else { Durability::Os };
        let mut world = World::on(MemDisk::new(seed), seed, durability);
        let what = format!("seed {seed}");
        for _ in 0..world.rng.below(12) {
            assert!(step(&mut world));
        }
        for _ in 0..4 {
            fail_one_of_many(&mut world);
            for _ in 0..world.rng.below(6) {
                assert!(step(&mut world), "{what}: the log is closed for writing");
            }
            if world.rng.chance(0.3) {
                block_on(world.storage().checkpoint()).unwrap();
            }
            world.check(&what);
        }
        match seed % 3 {
            0 => world.reopen(),
            _ => world.kill_and_open(),
        }
        world.check(&format!("{what}, opened again"));
        (0..6).for_each(|_| assert!(step(&mut world), "{what}"));
        world.reopen();
        world.check_files(&what);
    }
}

#[test]
fn what_was_taken_back_does_not_come_back_when_the_power_fails() {
    let points_max = 60;
    for durability in [Durability::Fsync, Durability::Os] {
        for point in 1..=points_max {
            for seed in 0..12 {
                let what = format!("{durability:?}, point {point}, seed {seed}");
                let mut world = World::on(MemDisk::new(seed), seed, durability);
                (0..5).for_each(|_| assert!(step(&mut world)));
                fail_one_of_many(&mut world);
                world.disk.power_off_at(point);
                for n in 0..12 {
                    if !step(&mut world) {
                        break;
                    }
                    if n == 8 {
                        drop(block_on(world.storage().checkpoint()));
                    }
                }
                let promised = world.log().offsets().high_watermark.0;
                world.disk.crash(seed);
                world.disk = world.disk.restarted();
                world.open().unwrap();
                let end = world.log().offsets().log_end.0;
                if durability == Durability::Fsync {
                    assert!(end >= promised, "{what}: promised {promised}, found {end}");
                }
                if end > world.known_end() {
                    // The append in which the power failed, and of which nobody was told, is there.
                    world.learn(end);
                }
                world.forget_from(end);
                world.check(&what);
                (0..4).for_each(|_| assert!(step(&mut world), "{what}"));
                world.reopen();
                world.check(&what);
                world.check_files(&what);
            }
        }
    }
}
