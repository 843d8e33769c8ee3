//! Deleting records from the front of a log: what is answered holds, whatever happens to the power.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Waker};

use ottla_env::ManualClock;
use ottla_protocol::ErrorCode;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;

use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk};
use ottla_storage::{Durability, Log, LogConfig, Offset, ReadOptions, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, options, read_all, try_read};

struct World {
    clock: ManualClock,
    storage: Storage,
    log: Arc<Log>,
}

fn config() -> LogConfig {
    LogConfig::default().with_segment_bytes(300).with_index_interval_bytes(100)
}

fn open_with(disk: &MemDisk, config: &LogConfig) -> Result<World, ottla_storage::Error> {
    let clock = ManualClock::new(NOW);
    let (storage, log) = logs::open_orders(disk, clock.clone(), config)?;
    Ok(World { clock, storage, log })
}

fn open(disk: &MemDisk) -> World {
    open_with(disk, &config()).unwrap()
}

fn fill(log: &Log, count: i64) {
    for number in 0..count {
        log.append(batch(&[&format!("v{number}")]), options()).unwrap();
    }
}

fn expected(from: i64, end: i64) -> Vec<(i64, String)> {
    (from..end).map(|offset| (offset, format!("v{offset}"))).collect()
}

fn segment_files(disk: &MemDisk) -> Vec<String> {
    let names = disk.image().into_keys().filter(|name| name.contains(".log"));
    names.map(|name| name.trim_start_matches("orders-0/").to_owned()).collect()
}

#[test]
fn deleted_records_are_answered_as_out_of_range_and_their_files_leave_after_the_delay() {
    let disk = MemDisk::new(1);
    let World { clock, storage, log } = open(&disk);
    fill(&log, 12);
    let before = segment_files(&disk).len();
    assert_eq!(block_on(log.delete_records(Offset(7))).unwrap(), Offset(7));
    assert_eq!(log.offsets().log_start, Offset(7));
    let error = try_read(&log, 6, ReadOptions::default()).unwrap_err();
    assert_eq!(error.error_code(), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(read_all(&log, 7), expected(7, 12));
    let deleted =
        |disk: &MemDisk| segment_files(disk).iter().filter(|name| name.ends_with(".deleted")).count();
    assert!(deleted(&disk) > 0 && segment_files(&disk).len() == before);
    block_on(storage.maintain()).unwrap();
    assert!(deleted(&disk) > 0, "they stay for a minute");
    clock.advance(60_000);
    block_on(storage.maintain()).unwrap();
    assert_eq!(deleted(&disk), 0);
    assert_eq!(read_all(&log, 7), expected(7, 12));
    block_on(storage.close()).unwrap();
    let World { log, .. } = open(&disk.restarted());
    assert_eq!(log.offsets().log_start, Offset(7));
    assert_eq!(read_all(&log, 7), expected(7, 12));
}

#[test]
fn the_start_goes_as_far_as_the_high_watermark_and_never_back() {
    let disk = MemDisk::new(1);
    let World { log, .. } = open(&disk);
    fill(&log, 12);
    for wrong in [13, -1, i64::MAX, i64::MIN] {
        let error = block_on(log.delete_records(Offset(wrong))).unwrap_err();
        assert_eq!(error.error_code(), ErrorCode::OFFSET_OUT_OF_RANGE, "{wrong}");
    }
    assert_eq!(log.offsets().log_start, Offset(0));
    assert_eq!(block_on(log.delete_records(Offset(9))).unwrap(), Offset(9));
    assert_eq!(block_on(log.delete_records(Offset(3))).unwrap(), Offset(9), "it started later already");
    assert_eq!(block_on(log.delete_records(Offset(12))).unwrap(), Offset(12));
    assert!(read_all(&log, 12).is_empty());
    let appended = log.append(batch(&["v12"]), options()).unwrap();
    assert_eq!((appended.base_offset, appended.log_start_offset), (Offset(12), Offset(12)));
    assert_eq!(read_all(&log, 12), expected(12, 13));
}

#[test]
fn a_start_that_was_answered_stays_when_the_power_takes_the_first_segments_that_nobody_synced() {
    let config = config().with_durability(Durability::Os);
    let mut lost = 0;
    for seed in 0..100 {
        let disk = MemDisk::new(seed);
        let World { log, .. } = open_with(&disk, &config).unwrap();
        fill(&log, 12);
        assert_eq!(block_on(log.delete_records(Offset(1))).unwrap(), Offset(1));
        disk.crash(seed);
        let names = segment_files(&disk);
        lost += u32::from(names.first().is_some_and(|first| !first.starts_with("00000000000000000000")));
        let World { log, .. } = open_with(&disk.restarted(), &config).unwrap();
        // Its folder may be gone, too.
        if !names.is_empty() {
            assert_eq!(log.offsets().log_start, Offset(1), "seed {seed}: {names:?}");
        }
    }
    assert!(lost > 10, "{lost} first segments were lost and later ones not");
}

#[test]
fn a_log_whose_name_is_given_again_starts_anew() {
    let disk = MemDisk::new(1);
    let World { storage, log, .. } = open(&disk);
    fill(&log, 12);
    block_on(log.delete_records(Offset(7))).unwrap();
    block_on(storage.remove_log(log.name())).unwrap();
    block_on(log.delete_records(Offset(8))).unwrap_err();
    let log = storage.create_log(log.name().clone(), Uuid::from_u128(10), config()).unwrap();
    fill(&log, 2);
    block_on(storage.close()).unwrap();
    let World { log, .. } = open(&disk.restarted());
    assert_eq!(log.offsets().log_start, Offset(0));
    assert_eq!(read_all(&log, 0), expected(0, 2));
}

#[test]
fn a_log_that_has_the_place_of_a_removed_one_is_left_alone_by_its_chores() {
    let disk = MemDisk::new(1);
    let World { clock, storage, log } = open(&disk);
    fill(&log, 12);
    block_on(log.delete_records(Offset(12))).unwrap();
    block_on(storage.checkpoint()).unwrap();
    disk.hold(Call::SyncDir);
    let mut maintaining = Box::pin(storage.maintain());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        maintaining.as_mut().poll(&mut cx).is_pending(),
        "the name of the next segment is not durable yet"
    );
    let mut removing = Box::pin(storage.remove_log(log.name()));
    while removing.as_mut().poll(&mut cx).is_pending() {
        disk.release_one();
    }
    disk.release();
    let again = storage.create_log(log.name().clone(), Uuid::from_u128(10), config()).unwrap();
    fill(&again, 12);
    let files = segment_files(&disk);
    block_on(maintaining).unwrap();
    clock.advance(60_000);
    block_on(storage.maintain()).unwrap();
    assert_eq!(segment_files(&disk), files);
    assert_eq!(read_all(&again, 0), expected(0, 12));
    drop(removing);
    block_on(storage.close()).unwrap();
    block_on(again.delete_records(Offset(3))).unwrap_err();
}

#[test]
fn the_largest_timestamp_is_that_of_a_record_that_is_left() {
    let disk = MemDisk::new(1);
    let World { log, .. } = open_with(&disk, &LogConfig::default()).unwrap();
    for timestamps in [[50, 10], [40, 30], [20, 25]] {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for timestamp in timestamps {
            builder.try_append(timestamp, None, None, &[]).unwrap();
        }
        log.append(builder.build().unwrap(), options()).unwrap();
    }
    for (before, largest) in [
        (0, Some((0, 50))),
        (1, Some((2, 40))),
        (2, Some((2, 40))),
        (3, Some((3, 30))),
        (5, Some((5, 25))),
        (6, None),
    ] {
        block_on(log.delete_records(Offset(before))).unwrap();
        let found = block_on(log.max_timestamp()).unwrap();
        assert_eq!(found.map(|found| (found.offset.0, found.timestamp)), largest, "{before}");
    }
}

/// Deletes twice, with appends between, until the power fails; what was answered, and appended for good.
fn live(world: &World) -> (i64, i64) {
    let mut answered = 0;
    for (before, more) in [(5, 4), (11, 3), (19, 0)] {
        if let Ok(start) = block_on(world.log.delete_records(Offset(before))) {
            answered = start.0;
            assert!(answered >= before);
        }
        for _ in 0..more {
            let next = world.log.offsets().log_end.0;
            drop(world.log.append(batch(&[&format!("v{next}")]), options()));
        }
        drop(block_on(world.storage.checkpoint()));
        world.clock.advance(60_000);
        drop(block_on(world.storage.maintain()));
    }
    (answered, world.log.offsets().high_watermark.0)
}

#[test]
fn a_start_that_was_answered_survives_every_loss_of_power_and_leaves_no_hole() {
    let prepared = |seed| {
        let disk = MemDisk::new(seed);
        let world = open(&disk);
        fill(&world.log, 12);
        (disk, world)
    };
    let points = {
        let (disk, world) = prepared(1);
        let before = disk.changes();
        assert_eq!(live(&world), (19, 19));
        disk.changes() - before
    };
    let mut starts = BTreeSet::new();
    for point in 1..=points {
        for seed in 0..10 {
            let (disk, world) = prepared(seed);
            disk.power_off_at(point);
            let (answered, promised) = live(&world);
            disk.crash(seed);
            // The next start is cut short as well.
            let disk = disk.restarted();
            disk.power_off_at(1 + seed * 2);
            drop(open_with(&disk, &config()));
            disk.crash(seed + 1);
            let disk = disk.restarted();
            let World { log, .. } = open(&disk);
            let what = format!("point {point}, seed {seed}");
            let offsets = log.offsets();
            assert!(offsets.log_start.0 >= answered, "{what}: answered {answered}, found {offsets:?}");
            assert!([0, 5, 11, 19].contains(&offsets.log_start.0), "{what}: {offsets:?}");
            assert!(offsets.high_watermark.0 >= promised, "{what}: promised {promised}, found {offsets:?}");
            let found = read_all(&log, offsets.log_start.0);
            assert_eq!(found, expected(offsets.log_start.0, offsets.high_watermark.0), "{what}");
            starts.insert(offsets.log_start.0);
        }
    }
    assert_eq!(starts, BTreeSet::from([0, 5, 11, 19]));
}

#[test]
fn a_log_that_lost_all_behind_its_start_goes_on_there() {
    let unsafe_config = config().with_durability(Durability::Os);
    let mut emptied = 0;
    for seed in 0..50 {
        let disk = MemDisk::new(seed);
        let world = open_with(&disk, &unsafe_config).unwrap();
        fill(&world.log, 12);
        block_on(world.log.delete_records(Offset(10))).unwrap();
        disk.crash(seed);
        let disk = disk.restarted();
        let World { storage, log, .. } = open_with(&disk, &unsafe_config).unwrap();
        let offsets = log.offsets();
        if disk.image().keys().any(|name| name.starts_with("orders-0/")) {
            assert!(offsets.log_start.0 >= 10, "seed {seed}: {offsets:?}");
            emptied += u32::from(offsets.log_end.0 == 10);
        } else {
            // The folder itself was never synced.
            continue;
        }
        let end = offsets.log_end.0;
        fill(&log, 3);
        assert_eq!(read_all(&log, end).len(), 3, "seed {seed}");
        block_on(storage.close()).unwrap();
        let World { log, .. } = open_with(&disk.restarted(), &unsafe_config).unwrap();
        assert_eq!(read_all(&log, end).len(), 3, "seed {seed}");
    }
    assert!(emptied > 0);
}

#[test]
fn a_log_that_lost_all_behind_its_start_still_goes_on_there_after_a_clean_shutdown() {
    let unsafe_config = config().with_durability(Durability::Os);
    let mut emptied = 0;
    for seed in 0..50 {
        let disk = MemDisk::new(seed);
        let World { storage, log, .. } = open_with(&disk, &unsafe_config).unwrap();
        fill(&log, 3);
        block_on(storage.checkpoint()).unwrap();
        fill(&log, 9);
        block_on(log.delete_records(Offset(12))).unwrap();
        disk.crash(seed);
        let mut disk = disk.restarted();
        for _ in 0..2 {
            let World { storage, log, .. } = open_with(&disk, &unsafe_config).unwrap();
            let offsets = log.offsets();
            assert_eq!((offsets.log_start, offsets.log_end), (Offset(12), Offset(12)), "seed {seed}");
            emptied += u32::from(segment_files(&disk).is_empty());
            block_on(storage.close()).unwrap();
            disk = disk.restarted();
        }
        let World { log, .. } = open_with(&disk, &unsafe_config).unwrap();
        let appended = log.append(batch(&["v12"]), options()).unwrap();
        assert_eq!(appended.base_offset, Offset(12), "seed {seed}");
    }
    assert!(emptied > 0);
}

#[test]
fn a_start_stays_when_the_power_takes_the_first_segments_of_a_log_that_had_been_emptied() {
    let config = config().with_durability(Durability::Os);
    let mut lost = 0;
    for seed in 0..200 {
        let disk = MemDisk::new(seed);
        let World { storage, log, .. } = open_with(&disk, &config).unwrap();
        fill(&log, 3);
        block_on(storage.checkpoint()).unwrap();
        fill(&log, 9);
        block_on(log.delete_records(Offset(12))).unwrap();
        disk.crash(seed);
        let disk = disk.restarted();
        let World { log, .. } = open_with(&disk, &config).unwrap();
        fill(&log, 9);
        disk.crash(seed + 1);
        let disk = disk.restarted();
        let first = segment_files(&disk).iter().find_map(|name| name.strip_suffix(".log")?.parse().ok());
        lost += u32::from(first.is_some_and(|first: i64| first > 12));
        let World { log, .. } = open_with(&disk, &config).unwrap();
        let offsets = log.offsets();
        assert_eq!(offsets.log_start, Offset(12), "seed {seed}: {first:?}");
        let found = read_all(&log, 12);
        let found = found.into_iter().map(|(offset, _)| offset);
        assert!(found.eq(12..offsets.log_end.0), "seed {seed}: a hole");
    }
    assert!(lost > 4, "{lost} first segments were lost and later ones not");
}

/// Two starts that differ are what a loss of power leaves of a move that nobody was told of.
#[test]
fn a_start_that_a_log_was_opened_with_outlives_the_loss_of_either_file() {
    const FILES: [&str; 2] = ["log-start-offset-checkpoint", "log-start-offsets"];
    let mut differed = 0;
    for seed in 0..60 {
        for gone in FILES {
            let disk = MemDisk::new(seed);
            let World { log, .. } = open(&disk);
            fill(&log, 12);
            block_on(log.delete_records(Offset(1))).unwrap();
            disk.power_off_at(1 + seed % 12);
            drop(block_on(log.delete_records(Offset(5))));
            disk.crash(seed);
            let disk = disk.restarted();
            let image = disk.image();
            let [plain, copy] = FILES.map(|name| image.get(name).cloned().unwrap_or_default());
            differed += u32::from(!copy.starts_with(&plain));
            let World { log, .. } = open(&disk);
            let (start, found) = (log.offsets().log_start, read_all(&log, log.offsets().log_start.0));
            disk.kill();
            let disk = disk.restarted();
            disk.remove_file(Path::new(gone)).unwrap();
            let World { log, .. } = open(&disk);
            assert_eq!(log.offsets().log_start, start, "seed {seed}: without {gone}");
            assert_eq!(read_all(&log, start.0), found, "seed {seed}: without {gone}");
        }
    }
    assert!(differed > 10, "{differed} starts differed");
}

#[test]
fn a_start_that_a_killed_process_could_not_make_safe_is_safe_before_it_is_shown() {
    let mut unsafe_ones = 0;
    for seed in 0..60 {
        let disk = MemDisk::new(seed);
        let World { storage, log, .. } = open(&disk);
        fill(&log, 12);
        block_on(storage.checkpoint()).unwrap();
        disk.inject(Fault::new(Call::SyncDir, FaultError::Io).with_skip(seed % 3).with_times(u64::MAX));
        drop(block_on(log.delete_records(Offset(5))));
        disk.kill();
        disk.heal();
        let disk = disk.restarted();
        let World { log, .. } = open(&disk);
        let start = log.offsets().log_start;
        unsafe_ones += u32::from(start == Offset(5));
        disk.crash(seed);
        let World { log, .. } = open(&disk.restarted());
        assert_eq!(log.offsets().log_start, start, "seed {seed}");
        assert_eq!(read_all(&log, start.0), expected(start.0, 12), "seed {seed}");
    }
    assert!(unsafe_ones > 10, "{unsafe_ones} starts were visible and not safe");
}
