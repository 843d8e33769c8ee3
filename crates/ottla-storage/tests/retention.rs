//! Records that are too old or too many leave, segments close by age, and no timestamp keeps anything for ever.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use bytes::Bytes;
use ottla_env::ManualClock;
use ottla_protocol::ErrorCode;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, MemDisk};
use ottla_storage::{
    AppendOptions, CleanupPolicy, Durability, Log, LogConfig, LogName, Offset, ReadOptions, Storage,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{read_all, try_read};

/// What the clock shows at first, in Unix milliseconds.
const NOW: i64 = 1_700_000_000_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

struct World {
    disk: MemDisk,
    clock: ManualClock,
    storage: Storage,
    log: Arc<Log>,
}

impl World {
    fn new(seed: u64, config: &LogConfig) -> Self {
        let (disk, clock) = (MemDisk::new(seed), ManualClock::new(NOW));
        disk.set_clock(Arc::new(clock.clone()));
        Self::open(disk, clock, config).unwrap()
    }

    fn open(disk: MemDisk, clock: ManualClock, config: &LogConfig) -> Result<Self, ottla_storage::Error> {
        let (storage, log) = logs::open_orders(&disk, clock.clone(), config)?;
        Ok(Self { disk, clock, storage, log })
    }

    /// Appends one record of this time.
    fn append(&self, timestamp: i64) {
        self.try_append(timestamp).unwrap();
    }

    fn try_append(&self, timestamp: i64) -> Result<ottla_storage::Appended, ottla_storage::AppendError> {
        let value = format!("v{}", self.log.offsets().log_end);
        let options = AppendOptions::new(ottla_env::WallClock::now_ms(&self.clock));
        self.log.append(record(timestamp, &value), options)
    }

    fn maintain(&self) {
        block_on(self.storage.maintain()).unwrap();
    }

    fn start(&self) -> i64 {
        self.log.offsets().log_start.0
    }

    /// Files of segments that are part of the log.
    fn segments(&self) -> usize {
        self.disk.image().keys().filter(|name| name.ends_with(".log")).count()
    }

    fn restart(self) -> Self {
        block_on(self.storage.close()).unwrap();
        let config = (*self.log.config()).clone();
        Self::open(self.disk.restarted(), self.clock, &config).unwrap()
    }
}

fn record(timestamp: i64, value: &str) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(timestamp, None, Some(value.as_bytes()), &[]).unwrap();
    builder.build().unwrap()
}

/// Nothing is deleted, and a segment takes three batches or so.
fn config() -> LogConfig {
    let mut config = LogConfig::default().with_segment_bytes(240).with_index_interval_bytes(100);
    config = config.with_retention_ms(None).with_segment_ms(i64::MAX);
    config.timestamp_after_max_ms = i64::MAX;
    config
}

fn expected(from: i64, end: i64) -> Vec<(i64, String)> {
    (from..end).map(|offset| (offset, format!("v{offset}"))).collect()
}

#[test]
fn old_segments_leave_the_newest_included_and_offsets_go_on() {
    let world = World::new(1, &config().with_retention_ms(Some(DAY)));
    for offset in 0..9 {
        world.clock.set(NOW + offset * 1000);
        world.append(NOW + offset * 1000);
    }
    world.maintain();
    assert_eq!(world.start(), 0, "nothing is old");
    world.clock.set(NOW + DAY + 2_500);
    world.maintain();
    let start = world.start();
    assert_eq!(start, 3, "as many as were all too old");
    assert_eq!(read_all(&world.log, start), expected(start, 9));
    let error = try_read(&world.log, start - 1, ReadOptions::default()).unwrap_err();
    assert_eq!(error.error_code(), ErrorCode::OFFSET_OUT_OF_RANGE);
    world.clock.advance(DAY);
    world.maintain();
    assert_eq!((world.start(), world.log.offsets().log_end.0), (9, 9));
    assert_eq!((world.segments(), world.log.size()), (1, 0), "the log goes on in an empty segment");
    assert_eq!(block_on(world.log.max_timestamp()).unwrap(), None);
    let world = world.restart();
    assert_eq!((world.start(), world.log.offsets().log_end.0), (9, 9));
    assert_eq!(world.log.offsets().leader_epoch, 0, "the epoch outlives its records");
    world.append(NOW);
    assert_eq!(read_all(&world.log, 9), expected(9, 10));
}

#[test]
fn the_oldest_segments_leave_while_what_is_left_is_large_enough() {
    let world = World::new(1, &config().with_retention_bytes(Some(500)));
    for _ in 0..3 {
        world.append(NOW);
    }
    world.maintain();
    assert_eq!(world.start(), 0);
    for _ in 0..20 {
        world.append(NOW);
        world.maintain();
    }
    let size = world.log.size();
    assert!((500..500 + 240).contains(&size) && world.start() > 0, "{size}");
    assert_eq!(read_all(&world.log, world.start()), expected(world.start(), 23));
}

#[test]
fn what_is_only_compacted_is_never_too_old_and_yet_loses_what_is_below_its_start() {
    let only = config().with_retention_ms(Some(1)).with_retention_bytes(Some(1));
    let world = World::new(1, &only.with_cleanup_policy(CleanupPolicy::COMPACT));
    for _ in 0..9 {
        world.append(NOW);
    }
    world.clock.advance(DAY);
    world.maintain();
    assert_eq!(world.start(), 0);
    block_on(world.log.delete_records(Offset(9))).unwrap();
    world.maintain();
    assert_eq!((world.segments(), world.log.size()), (1, 0));
}

#[test]
fn a_timestamp_from_the_future_keeps_nothing_for_ever() {
    let settings = config().with_retention_ms(Some(DAY)).with_segment_ms(DAY);
    let world = World::new(1, &settings);
    for _ in 0..3 {
        world.append(i64::MAX / 2);
    }
    let before = world.segments();
    // Of the future too, and so never later than the first by its own account.
    world.clock.advance(DAY + 1);
    world.append(i64::MAX / 2);
    assert_eq!(world.segments(), before + 1, "the clock closes the segment");
    let world = world.restart();
    world.maintain();
    assert_eq!(world.start(), 3, "the age of the file deletes it, after a restart as well");
    assert_eq!(read_all(&world.log, 3), expected(3, 4));
}

#[test]
fn segments_close_by_the_time_of_their_records_and_by_the_clock_when_idle() {
    let world = World::new(1, &config().with_segment_bytes(1 << 20).with_segment_ms(1000));
    world.append(NOW);
    world.append(NOW + 1000);
    assert_eq!(world.segments(), 1);
    world.append(NOW + 1001);
    assert_eq!(world.segments(), 2, "by the records, as in Kafka");
    world.clock.advance(1000);
    world.maintain();
    assert_eq!(world.segments(), 2);
    world.clock.advance(1);
    world.maintain();
    assert_eq!(world.segments(), 3, "idle for too long");
    world.clock.advance(DAY);
    world.maintain();
    assert_eq!(world.segments(), 3, "an empty one is not closed");
    world.append(NOW + 2);
    assert_eq!(read_all(&world.log, 0), expected(0, 4));
    let world = world.restart();
    world.clock.advance(DAY);
    world.append(NOW + 2);
    assert_eq!(world.segments(), 4, "one of an earlier run closes by the clock too");
    assert_eq!(read_all(&world.log, 0), expected(0, 5));
}

#[test]
fn jitter_spreads_the_closing_of_segments() {
    let mut early = std::collections::BTreeSet::new();
    let mut settings = config().with_segment_bytes(1 << 20).with_segment_ms(1000);
    settings.segment_jitter_ms = 500;
    let world = World::new(1, &settings);
    for partition in 1..20 {
        let log =
            world.storage.create_log(LogName::new("orders", partition), Uuid::from_u128(9), settings.clone());
        let log = log.unwrap();
        log.append(record(NOW, "x"), AppendOptions::new(NOW)).unwrap();
        let mut at = NOW;
        while world
            .disk
            .image()
            .keys()
            .filter(|name| name.starts_with(&format!("orders-{partition}/")) && name.ends_with(".log"))
            .count()
            == 1
        {
            at += 10;
            log.append(record(at, "x"), AppendOptions::new(NOW)).unwrap();
        }
        assert!((500..=1010).contains(&(at - NOW)), "{at}");
        early.insert(at);
    }
    assert!(early.len() > 5, "{early:?}");
}

#[test]
fn records_that_are_not_visible_yet_are_not_deleted() {
    let world = World::new(1, &config().with_retention_ms(Some(DAY)));
    world.disk.hold(Call::Sync);
    for _ in 0..9 {
        world.append(NOW - 2 * DAY);
    }
    assert_eq!(world.log.offsets().high_watermark, Offset(0));
    block_on(world.storage.maintain()).unwrap();
    assert_eq!(world.start(), 0);
    world.disk.release();
    while world.disk.release_one() {}
    assert_eq!(world.log.offsets().high_watermark, Offset(9));
    world.maintain();
    assert_eq!(world.start(), 9);
}

#[test]
fn flush_messages_and_flush_ms_sync_what_only_the_system_has() {
    let mut settings = config().with_segment_bytes(1 << 20).with_durability(Durability::Os);
    settings.flush_messages = 3;
    let survivors = |settings: &LogConfig, act: &dyn Fn(&World)| {
        // One of the seeds is that of a crash that loses all that was not synced.
        let left = (0..50).map(|seed| {
            let copy = World::new(1, settings);
            for _ in 0..4 {
                copy.append(NOW);
            }
            act(&copy);
            copy.disk.crash(seed);
            let found = World::open(copy.disk.restarted(), copy.clock.clone(), settings).unwrap();
            found.log.offsets().log_end.0
        });
        left.min().unwrap()
    };
    assert_eq!(survivors(&settings, &|_| {}), 3);
    settings.flush_messages = i64::MAX;
    assert_eq!(survivors(&settings, &|_| {}), 0);
    settings.flush_ms = 100;
    let early = |world: &World| {
        world.clock.advance(99);
        world.storage.sync_due();
    };
    assert_eq!(survivors(&settings, &early), 0);
    let late = |world: &World| {
        world.clock.advance(100);
        world.storage.sync_due();
    };
    assert_eq!(survivors(&settings, &late), 4);
}

/// A day in which everything happens: segments close by size and age and leave by size and age.
fn live(world: &World) -> (i64, i64) {
    let mut answered = 0;
    for round in 0..5 {
        for _ in 0..4 {
            let now = ottla_env::WallClock::now_ms(&world.clock);
            drop(world.try_append(now));
        }
        world.clock.advance(DAY / 2);
        drop(block_on(world.storage.maintain()));
        if round % 2 == 1 {
            drop(block_on(world.storage.checkpoint()));
        }
        answered = answered.max(world.start());
    }
    world.clock.advance(3 * DAY);
    drop(block_on(world.storage.maintain()));
    (world.start(), world.log.offsets().high_watermark.0)
}

#[test]
fn no_loss_of_power_takes_the_start_back_or_leaves_a_hole() {
    let settings =
        config().with_retention_ms(Some(DAY)).with_retention_bytes(Some(900)).with_segment_ms(DAY / 2);
    let points = {
        let world = World::new(1, &settings);
        let (start, end) = live(&world);
        assert_eq!((start, end), (20, 20), "all is old in the end");
        world.disk.changes()
    };
    let mut starts = std::collections::BTreeSet::new();
    for point in 1..=points {
        for seed in 0..3 {
            let world = World::new(seed, &settings);
            world.disk.power_off_at(point);
            let (answered, promised) = live(&world);
            world.disk.crash(seed);
            let found = World::open(world.disk.restarted(), world.clock.clone(), &settings).unwrap();
            let offsets = found.log.offsets();
            let what =
                format!("point {point}, seed {seed}, answered {answered}, promised {promised}: {offsets:?}");
            assert!(offsets.log_start.0 >= answered && offsets.high_watermark.0 >= promised, "{what}");
            let (start, end) = (offsets.log_start.0, offsets.high_watermark.0);
            assert_eq!(read_all(&found.log, start), expected(start, end), "{what}");
            starts.insert(start);
            // It goes on as if nothing had been.
            let again = live(&found);
            assert_eq!(again, (end + 20, end + 20), "{what}");
        }
    }
    assert!(starts.len() > 4, "{starts:?}");
}
