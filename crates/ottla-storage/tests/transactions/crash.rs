//! The power fails at any moment: the stable offset and the index of aborted transactions are those of what is left.

use ottla_storage::Durability;
use ottla_storage::disk::MemDisk;
use ottla_storage::disk::wait::block_on;

use crate::world::World;

/// Appends, ends and checkpoints until the power fails.
fn live(world: &mut World) {
    for n in 0..24 {
        let producer = 1 + n % 3;
        let done = match n % 4 {
            0..=1 => world.try_append(Some(producer), 2).is_ok(),
            2 => world.try_append(None, 1).is_ok(),
            _ => world.try_end(1 + (n / 4) % 3, n % 8 == 3).is_ok(),
        };
        if !done {
            return;
        }
        if n % 7 == 6 {
            drop(block_on(world.storage().checkpoint()));
        }
    }
}

#[test]
fn the_index_is_that_of_the_log_after_every_loss_of_power() {
    for durability in [Durability::Fsync, Durability::Os] {
        let points = {
            let mut world = World::on(MemDisk::new(1), 1, durability);
            let before = world.disk.changes();
            live(&mut world);
            world.disk.changes() - before
        };
        assert!(points > 40);
        for point in 1..=points {
            for seed in 0..6 {
                let mut world = World::on(MemDisk::new(seed), 1, durability);
                world.disk.power_off_at(point);
                live(&mut world);
                let promised = world.log().offsets().high_watermark.0;
                world.disk.crash(seed);
                // The next start is cut short as well.
                world.disk = world.disk.restarted();
                world.disk.power_off_at(1 + (point + seed) % 9);
                drop(world.open());
                world.disk.crash(seed + 1);
                world.disk = world.disk.restarted();
                world.open().unwrap();
                let what = format!("{durability:?}, point {point}, seed {seed}");
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
                // And it goes on, and knows everything again after a clean stop.
                world.append(Some(1), 1);
                world.end(1, false);
                world.append(Some(2), 1);
                world.check(&what);
                world.reopen();
                world.check(&what);
                world.check_files(&what);
            }
        }
    }
}

#[test]
fn producers_and_transactions_whose_batches_were_deleted_survive_every_loss_of_power() {
    let prepared = |seed| {
        let mut world = World::on(MemDisk::new(seed), 1, Durability::Fsync);
        world.append(Some(1), 2);
        world.append(Some(2), 2);
        for _ in 0..30 {
            world.append(None, 3);
        }
        world
    };
    // What was appended last by either is below the start now, and the second's transaction still open.
    for point in 0..60 {
        for seed in 0..3 {
            let mut world = prepared(seed);
            world.disk.power_off_at(point + 1);
            let _ = block_on(world.log().delete_records(ottla_storage::Offset(70)));
            drop(block_on(world.storage().maintain()));
            world.disk.crash(seed);
            world.disk = world.disk.restarted();
            world.open().unwrap();
            let what = format!("point {point}, seed {seed}");
            world.check(&what);
            assert!(
                world.again(1, 2).duplicate,
                "{what}: the batch of a deleted transaction is taken for new"
            );
            world.end(1, false);
            world.check(&what);
        }
    }
}
