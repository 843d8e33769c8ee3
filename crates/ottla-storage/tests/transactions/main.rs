//! Transactions in a log: the last stable offset, what readers of committed records are told, and the index of aborted
//! transactions, held against a plain account of what was appended.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

mod crash;
mod damage;
mod taken_back;
mod world;

use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, MemDisk};
use ottla_storage::{Durability, Offset};

use world::World;

#[test]
fn readers_of_committed_records_see_what_the_account_says() {
    for seed in 0..120 {
        let mut world = World::new(seed);
        for step in 0..60 {
            world.any_step();
            if step % 10 == 9 {
                world.check(&format!("seed {seed}, step {step}"));
            }
        }
        world.check(&format!("seed {seed}"));
        world.reopen();
        world.check(&format!("seed {seed}, opened again"));
        world.check_files(&format!("seed {seed}"));
    }
}

#[test]
fn a_transaction_counts_as_open_until_its_end_is_visible() {
    for committed in [true, false] {
        let disk = MemDisk::new(1);
        let mut world = World::on(disk.clone(), 1, Durability::Fsync);
        world.append(Some(1), 2);
        let end = world.log().offsets().high_watermark;
        assert_eq!((end, world.log().offsets().last_stable), (Offset(2), Offset(0)));
        disk.hold(Call::Sync);
        world.end(1, committed);
        let offsets = world.log().offsets();
        assert_eq!((offsets.high_watermark, offsets.log_end), (Offset(2), Offset(3)));
        assert_eq!(offsets.last_stable, Offset(0), "nobody may know yet how it ended");
        assert_eq!(world.committed(0, 1 << 20).records, []);
        disk.release();
        let offsets = world.log().offsets();
        assert_eq!((offsets.high_watermark, offsets.last_stable), (Offset(3), Offset(3)));
        world.check("released");
    }
}

#[test]
fn an_end_that_could_not_be_written_leaves_the_transaction_open() {
    use ottla_storage::disk::{Fault, FaultError};
    let disk = MemDisk::new(1);
    let mut world = World::on(disk.clone(), 1, Durability::Fsync);
    world.append(Some(1), 2);
    world.append(Some(2), 1);
    world.end(1, false);
    disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path(".log"));
    assert!(world.try_end(2, false).is_err());
    assert_eq!(world.log().offsets().last_stable, Offset(2));
    world.check("refused");
    world.end(2, true);
    world.check("ended in the other way");
    world.reopen();
    world.check("opened again");
    world.check_files("opened again");
}

#[test]
fn an_end_whose_write_fails_later_leaves_the_transaction_open() {
    use ottla_storage::disk::{Fault, FaultError};
    let disk = MemDisk::new(1);
    let mut world = World::on(disk.clone(), 1, Durability::Fsync);
    world.append(Some(1), 2);
    disk.hold(Call::Write);
    disk.inject(Fault::new(Call::Write, FaultError::Io).with_path(".log"));
    world.end_unanswered(1, false);
    disk.release();
    assert_eq!(world.log().offsets().last_stable, Offset(0));
    world.check("taken back");
    world.append(Some(2), 1);
    world.check("goes on");
    world.end(1, false);
    world.check("ended after all");
    block_on(world.storage().checkpoint()).unwrap();
    world.check_files("ended after all");
}

#[test]
fn a_log_without_aborted_transactions_has_no_index_of_them() {
    let mut world = World::new(3);
    for n in 0..40 {
        world.append(Some(1 + n % 2), 2);
        world.end(1 + n % 2, true);
    }
    world.reopen();
    world.check("committed only");
    let names = world.disk.image().into_keys();
    assert_eq!(names.filter(|name| name.ends_with(".txnindex")).count(), 0);
}

#[test]
fn a_read_over_several_segments_is_told_of_what_was_aborted_in_each() {
    let mut world = World::remembering(5);
    // The first segments hold nothing that is open at their ends.
    for n in 0..40 {
        world.append(None, 2);
        world.append(Some(1), 1);
        world.end(1, n < 20);
    }
    let end = world.log().offsets().high_watermark.0;
    let got = world.committed(0, 1 << 20);
    assert_eq!(got.end, end, "all of it is read at once");
    assert_eq!(got.told.len(), 20);
    world.check("after many aborts");
}

#[test]
fn segments_that_leave_take_their_index_along() {
    let mut world = World::new(4);
    for n in 0..40 {
        world.append(Some(1 + n % 2), 2);
        world.end(1 + n % 2, false);
    }
    let before = world.index_files().len();
    assert!(before > 3);
    world.delete_records(60);
    world.check("deleted");
    world.clock.advance(120_000);
    block_on(world.storage().maintain()).unwrap();
    let after = world.index_files();
    assert!(after.len() < before, "{after:?}");
    world.reopen();
    world.check("opened again");
    world.check_files("opened again");
}
