//! Segments that are begun with the room of all of them: it is there, nobody reads of it, and it is given back.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use ottla_protocol::ErrorCode;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode, OsDisk};
use ottla_storage::{AppendError, Appended, Log, LogConfig, LogName, Storage, StorageConfig};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read_all, try_open};

const SEGMENT: u64 = 1 << 20;

fn config() -> LogConfig {
    LogConfig::default().with_segment_bytes(u32::try_from(SEGMENT).unwrap()).with_preallocate(true)
}

fn create(storage: &Storage, topic: &str, config: LogConfig) -> Arc<Log> {
    storage.create_log(LogName::new(topic, 0), Uuid::from_u128(7), config).unwrap()
}

fn append(log: &Log, bytes: usize) -> Result<Appended, AppendError> {
    let appended = log.append(batch(&["x".repeat(bytes).as_str()]), options())?;
    block_on(log.durable(&appended)).unwrap();
    Ok(appended)
}

fn is_refused(error: &AppendError) {
    assert_eq!((error.error_code(), error.is_retriable()), (ErrorCode::KAFKA_STORAGE_ERROR, true), "{error}");
    let AppendError::Write { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull, "{error}");
}

/// A folder of a file system that can reserve room, as those that Linux is run on can.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let probe = OsDisk::new(folder.path().join("probe")).unwrap();
    let can = probe.open(Path::new("file"), OpenMode::Create).unwrap().reserve(SEGMENT).unwrap();
    if !can {
        println!("left out: no room can be reserved in {}", folder.path().display());
    }
    can.then_some(folder)
}

fn os_disk(folder: &tempfile::TempDir) -> Arc<OsDisk> {
    Arc::new(OsDisk::new(folder.path().join("data")).unwrap())
}

/// Length of each segment of `orders`, and whether room of a whole segment is taken behind it.
fn segments(disk: &OsDisk) -> Vec<(u64, bool)> {
    let entries = disk.list(Path::new("orders-0")).unwrap().into_iter();
    let segments = entries.filter(|entry| entry.name.ends_with(".log"));
    let found = segments.map(|entry| fs::metadata(disk.root().join("orders-0").join(entry.name)).unwrap());
    let taken = |found: &fs::Metadata| {
        let taken = found.blocks() * 512;
        // File systems take a little more than the bytes.
        assert!(taken >= SEGMENT || taken <= found.len() + 16 * 1024, "{taken} of {}", found.len());
        taken >= SEGMENT
    };
    found.map(|found| (found.len(), taken(&found))).collect()
}

/// The room taken by the segments of all logs, in bytes.
fn used(disk: &MemDisk, before: u64) -> u64 {
    disk.used_bytes() - before
}

#[test]
fn a_segment_has_the_room_of_all_of_it_until_it_is_closed() {
    let Some(folder) = folder() else { return };
    let disk = os_disk(&folder);
    let storage = open(disk.clone());
    let log = create(&storage, "orders", config());
    append(&log, 100).unwrap();
    let [(len, true)] = segments(&disk)[..] else { panic!("{:?}", segments(&disk)) };
    assert!(len < 1_000, "its length is that of its records: {len}");
    append(&log, 400_000).unwrap();
    append(&log, 700_000).unwrap();
    let [(first, false), (second, true)] = segments(&disk)[..] else { panic!("{:?}", segments(&disk)) };
    assert!((400_000..500_000).contains(&first) && (700_000..800_000).contains(&second));
    // When it was written to last is not when its room was given back.
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let active = disk.root().join("orders-0/00000000000000000002.log");
    fs::File::options().write(true).open(&active).unwrap().set_modified(old).unwrap();
    block_on(storage.close()).unwrap();
    assert_eq!(segments(&disk), [(first, false), (second, false)]);
    assert_eq!(fs::metadata(&active).unwrap().modified().unwrap(), old);
    drop((storage, log));
    // As in Kafka: the segment that a log goes on with has no more room than it takes.
    let storage = try_open(disk.clone(), StorageConfig::default().with_log(config())).unwrap();
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    append(&log, 100).unwrap();
    assert!(segments(&disk).iter().all(|(_, taken)| !taken));
    append(&log, 700_000).unwrap();
    assert!(segments(&disk)[2].1);
    assert_eq!(read_all(&log, 0).len(), 5);
}

#[test]
fn what_a_killed_run_had_reserved_is_given_back_by_the_next() {
    let Some(folder) = folder() else { return };
    let disk = os_disk(&folder);
    let storage = open(disk.clone());
    let log = create(&storage, "orders", config());
    append(&log, 700_000).unwrap();
    append(&log, 700_000).unwrap();
    drop((storage, log));
    // As if it had been killed between the roll and giving back what was left.
    let path = Path::new("orders-0/00000000000000000000.log");
    assert!(disk.open(path, OpenMode::Write).unwrap().reserve(SEGMENT).unwrap());
    let lengths = segments(&disk);
    assert!(lengths.iter().all(|(_, taken)| *taken), "{lengths:?}");
    let storage = open(disk.clone());
    let found = segments(&disk);
    assert!(found.iter().all(|(_, taken)| !taken), "{found:?}");
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    assert_eq!(append(&log, 100).unwrap().base_offset.0, 2);
    assert_eq!(read_all(&log, 0).len(), 3);
    let findings = storage.findings();
    assert!(findings.iter().all(|finding| !finding.path.ends_with(path)), "{findings:?}");
}

#[test]
fn a_change_holds_for_the_next_segment() {
    let Some(folder) = folder() else { return };
    let disk = os_disk(&folder);
    let storage = open(disk.clone());
    let log = create(&storage, "orders", config().with_preallocate(false));
    let taken = || segments(&disk).into_iter().map(|(_, taken)| taken).collect::<Vec<_>>();
    append(&log, 700_000).unwrap();
    log.set_config(config());
    append(&log, 100).unwrap();
    assert_eq!(taken(), [false]);
    append(&log, 700_000).unwrap();
    assert_eq!(taken(), [false, true]);
    log.set_config(config().with_preallocate(false));
    append(&log, 100).unwrap();
    assert_eq!(taken(), [false, true]);
    append(&log, 700_000).unwrap();
    assert_eq!(taken(), [false, false, false]);
    assert_eq!(read_all(&log, 0).len(), 5);
}

/// The disk that is full is met when a segment is begun, and what has its room is written to the end of it.
#[test]
fn a_segment_without_room_is_not_begun_and_begun_when_there_is_room() {
    let disk = MemDisk::new(1);
    disk.set_capacity(Some(3 * SEGMENT));
    let storage = try_open(Arc::new(disk.clone()), StorageConfig::default().with_reserve_bytes(0)).unwrap();
    let (orders, filler) =
        (create(&storage, "orders", config()), create(&storage, "filler", config().with_preallocate(false)));
    let late = create(&storage, "late", config());
    append(&orders, 100).unwrap();
    let full = loop {
        if let Err(error) = append(&filler, 10_000) {
            break error;
        }
    };
    is_refused(&full);
    disk.set_capacity(Some(disk.used_bytes()));
    for _ in 0..10 {
        append(&orders, 100_000).unwrap();
    }
    for _ in 0..3 {
        is_refused(&append(&orders, 100_000).unwrap_err());
        is_refused(&append(&late, 1).unwrap_err());
    }
    let names = |disk: &MemDisk, part: &str| {
        let image = disk.image();
        image.keys().filter(|path| path.contains(part) && path.contains(".log")).count()
    };
    assert_eq!((names(&disk, "orders-0"), names(&disk, "late-0")), (1, 0), "what failed left no file");
    assert_eq!(read_all(&orders, 0).len(), 11);
    disk.set_capacity(None);
    assert_eq!(append(&orders, 100_000).unwrap().base_offset.0, 11);
    assert_eq!(append(&late, 1).unwrap().base_offset.0, 0);
    drop((storage, orders, filler, late));
    disk.kill();
    let storage = open(Arc::new(disk.restarted()));
    assert_eq!(read_all(&storage.log(&LogName::new("orders", 0)).unwrap(), 0).len(), 12);
    assert_eq!(read_all(&storage.log(&LogName::new("late", 0)).unwrap(), 0).len(), 1);
}

/// What was made for the segment that was not begun would be back after a loss of power, in the middle of what went on.
#[test]
fn a_smaller_append_that_still_fits_survives_the_segment_that_was_not_begun() {
    for seed in 0..100 {
        let disk = MemDisk::new(seed);
        let storage = open(Arc::new(disk.clone()));
        let log = create(&storage, "orders", config().with_segment_bytes(2_000));
        append(&log, 1_000).unwrap();
        disk.inject(Fault::new(Call::Reserve, FaultError::NoSpace));
        is_refused(&append(&log, 1_000).unwrap_err());
        for _ in 0..3 {
            append(&log, 10).unwrap();
        }
        drop((storage, log));
        disk.crash(seed);
        let disk = disk.restarted();
        let storage = open(Arc::new(disk.clone()));
        let log = storage.log(&LogName::new("orders", 0)).unwrap();
        assert_eq!(read_all(&log, 0).len(), 4, "seed {seed}");
    }
}

#[test]
fn any_failure_to_reserve_refuses_the_append_that_asked_for_it_alone() {
    for error in [FaultError::Io, FaultError::NoSpace, FaultError::Quota, FaultError::ReadOnly] {
        let disk = MemDisk::new(1);
        let storage = open(Arc::new(disk.clone()));
        let log = create(&storage, "orders", config());
        for offset in 0..3 {
            disk.inject(Fault::new(Call::Reserve, error));
            let refused = append(&log, 700_000).unwrap_err();
            assert_eq!(refused.error_code(), ErrorCode::KAFKA_STORAGE_ERROR, "{error:?}: {refused}");
            assert_eq!(read_all(&log, 0).len(), offset);
            assert_eq!(append(&log, 700_000).unwrap().base_offset.0, i64::try_from(offset).unwrap());
        }
    }
}

#[test]
fn a_log_that_may_use_the_reserve_goes_on_without_room() {
    let disk = MemDisk::new(1);
    disk.set_capacity(Some(SEGMENT));
    let storage = try_open(Arc::new(disk.clone()), StorageConfig::default()).unwrap();
    let before = disk.used_bytes();
    assert!(before > 0, "the reserve is there");
    let log = create(&storage, "offsets", config().with_reserve());
    append(&log, 1_000).unwrap();
    append(&log, 1_000).unwrap();
    assert!(
        (1..100_000).contains(&used(&disk, before)),
        "it took none of the reserve: {}",
        used(&disk, before)
    );
    is_refused(&append(&create(&storage, "orders", config()), 1).unwrap_err());
}

/// A cut to give back the room would come before a write that is still on its way.
#[test]
fn a_segment_that_waits_for_bytes_keeps_its_room_until_it_has_them() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let mut config = config();
    config.hands_over = true;
    let log = create(&storage, "orders", config);
    append(&log, 100).unwrap();
    let before = disk.used_bytes() - SEGMENT;
    disk.hold(Call::Write);
    let appended: Vec<_> =
        (0..3).map(|_| log.append(batch(&["x".repeat(700_000).as_str()]), options()).unwrap()).collect();
    assert!(used(&disk, before) >= 3 * SEGMENT, "{}", used(&disk, before));
    let mut checkpoint = Box::pin(storage.checkpoint());
    assert!(checkpoint.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(used(&disk, before) >= 3 * SEGMENT, "{}", used(&disk, before));
    disk.release();
    appended.iter().for_each(|appended| block_on(log.durable(appended)).unwrap());
    block_on(checkpoint).unwrap();
    let room = used(&disk, before);
    assert!((SEGMENT + 1_400_000..SEGMENT + 1_450_000).contains(&room), "{room}");
    assert_eq!(read_all(&log, 0).len(), 4);
    block_on(storage.close()).unwrap();
    assert!(used(&disk, before) < 2_200_000, "{}", used(&disk, before));
}

#[test]
fn a_write_that_failed_costs_a_segment_none_of_its_room() {
    for is_told_late in [false, true] {
        let disk = MemDisk::new(1);
        let storage = open(Arc::new(disk.clone()));
        let mut config = config();
        config.hands_over = is_told_late;
        let log = create(&storage, "orders", config);
        append(&log, 100).unwrap();
        let room = disk.used_bytes();
        disk.inject(Fault::new(Call::Write, FaultError::Io).with_path(".log"));
        if is_told_late {
            disk.hold(Call::Write);
            // The second begins a segment, which leaves again.
            let appended = [100, 1_048_376]
                .map(|bytes| log.append(batch(&["x".repeat(bytes).as_str()]), options()).unwrap());
            assert!(disk.used_bytes() > room);
            disk.release();
            appended.iter().for_each(|appended| drop(block_on(log.durable(appended)).unwrap_err()));
        } else {
            append(&log, 100).unwrap_err();
        }
        assert_eq!(append(&log, 100).unwrap().base_offset.0, 1);
        assert_eq!(disk.used_bytes(), room, "{is_told_late}");
        block_on(storage.checkpoint()).unwrap();
        assert_eq!(disk.image().keys().filter(|path| path.ends_with(".log")).count(), 1);
        assert!(disk.used_bytes() >= room, "{is_told_late}");
        assert_eq!(read_all(&log, 0).len(), 2);
    }
}
