//! A disk that fills up, becomes read-only or runs into a limit: what is refused, what goes on, and that it heals.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use ottla_protocol::ErrorCode;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk};
use ottla_storage::{AppendError, Appended, Log, LogConfig, LogName, Storage, StorageConfig};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read_all, try_open};

const MIB: u64 = 1 << 20;

fn full_disk(capacity: u64, seed: u64) -> MemDisk {
    let disk = MemDisk::new(seed);
    disk.set_capacity(Some(capacity));
    disk
}

fn create(storage: &Storage, topic: &str, config: LogConfig) -> Arc<Log> {
    storage.create_log(LogName::new(topic, 0), Uuid::from_u128(7), config).unwrap()
}

fn append(log: &Log, value: &str) -> Result<Appended, AppendError> {
    let appended = log.append(batch(&[value]), options())?;
    block_on(log.durable(&appended)).unwrap();
    Ok(appended)
}

/// Appends until the disk is full. Answers how many records it took.
fn fill(log: &Log) -> usize {
    let value = "x".repeat(10_000);
    let error = loop {
        if let Err(error) = append(log, &value) {
            break error;
        }
    };
    is_refused(&error);
    read_all(log, 0).len()
}

fn is_refused(error: &AppendError) {
    assert_eq!(error.error_code(), ErrorCode::KAFKA_STORAGE_ERROR);
    assert!(error.is_retriable(), "{error}");
    let AppendError::Write { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull, "{error}");
}

#[test]
fn a_full_disk_refuses_records_and_takes_checkpoints_and_the_logs_of_the_reserve() {
    let disk = full_disk(4 * MIB, 1);
    let storage = open(Arc::new(disk.clone()));
    let orders = create(&storage, "orders", LogConfig::default());
    let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
    append(&offsets, "before").unwrap();
    let count = fill(&orders);
    for n in 0..20 {
        append(&offsets, &format!("{n} {}", "x".repeat(4000))).unwrap();
        block_on(storage.checkpoint()).unwrap();
        is_refused(&append(&orders, "refused").unwrap_err());
    }
    assert_eq!(read_all(&orders, 0).len(), count, "reads go on");
    assert_eq!(read_all(&offsets, 0).len(), 21);
    assert_eq!(storage.logs().len(), 2);

    disk.kill();
    drop((storage, orders, offsets));
    let disk = disk.restarted();
    let storage = open(Arc::new(disk.clone()));
    let find = |topic| storage.log(&LogName::new(topic, 0)).unwrap();
    assert_eq!((read_all(&find("orders"), 0).len(), read_all(&find("offsets"), 0).len()), (count, 21));
}

#[test]
fn what_is_left_of_the_reserve_is_used_after_a_restart_on_a_full_disk() {
    let mut disk = full_disk(16 * MIB, 5);
    let value = "x".repeat(4000);
    let mut records = 0;
    for life in 0..4 {
        let storage = open(Arc::new(disk.clone()));
        let (orders, offsets) = match storage.log(&LogName::new("offsets", 0)) {
            Some(offsets) => {
                offsets.set_config(LogConfig::default().with_reserve());
                (storage.log(&LogName::new("orders", 0)).unwrap(), offsets)
            }
            None => {
                let orders = create(&storage, "orders", LogConfig::default());
                let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
                fill(&orders);
                (orders, offsets)
            }
        };
        for n in 0..40 {
            append(&offsets, &value).unwrap_or_else(|error| panic!("life {life}, {n}: {error}"));
            records += 1;
            assert!(append(&orders, &value).is_err(), "life {life}, {n}: others have no room");
        }
        disk.kill();
        drop((storage, orders, offsets));
        disk = disk.restarted();
    }
    let storage = open(Arc::new(disk));
    assert_eq!(read_all(&storage.log(&LogName::new("offsets", 0)).unwrap(), 0).len(), records);
}

#[test]
fn a_disk_that_has_room_again_is_written_again_without_a_restart() {
    let disk = full_disk(4 * MIB, 2);
    let storage = open(Arc::new(disk.clone()));
    let orders = create(&storage, "orders", LogConfig::default());
    let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
    let count = fill(&orders);
    for n in 0..30 {
        append(&offsets, &format!("{n} {}", "x".repeat(4000))).unwrap();
    }
    is_refused(&append(&orders, "refused").unwrap_err());
    disk.set_capacity(Some(6 * MIB));
    append(&orders, "taken").unwrap();
    assert_eq!(read_all(&orders, 0).len(), count + 1);
    let reserve = disk.metadata(std::path::Path::new("reserve")).unwrap().len;
    assert_eq!(reserve, 6 * MIB / 16, "the reserve is whole again");
    block_on(storage.close()).unwrap();
}

#[test]
fn a_disk_whose_bound_is_lifted_is_written_again_without_a_restart() {
    let disk = full_disk(4 * MIB, 4);
    let storage = open(Arc::new(disk.clone()));
    let orders = create(&storage, "orders", LogConfig::default());
    let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
    fill(&orders);
    for n in 0..30 {
        append(&offsets, &format!("{n} {}", "x".repeat(4000))).unwrap();
    }
    is_refused(&append(&orders, "refused").unwrap_err());
    disk.set_capacity(None);
    append(&orders, "taken").unwrap();
    disk.set_capacity(Some(disk.used_bytes()));
    is_refused(&append(&orders, &"x".repeat(10_000)).unwrap_err());
    append(&offsets, "it still has its reserve").unwrap();
}

#[test]
fn removing_a_log_makes_room_and_needs_none() {
    let disk = full_disk(4 * MIB, 3);
    let storage = open(Arc::new(disk.clone()));
    let (old, new) = ("old", "new");
    fill(&create(&storage, old, LogConfig::default()));
    block_on(storage.checkpoint()).unwrap();
    block_on(storage.remove_log(&LogName::new(old, 0))).unwrap();
    append(&create(&storage, new, LogConfig::default()), "taken").unwrap();
}

#[test]
fn power_lost_on_a_full_disk_takes_nothing_that_was_acknowledged() {
    for seed in 0..40 {
        let disk = full_disk(3 * MIB, seed);
        let storage = open(Arc::new(disk.clone()));
        let orders = create(&storage, "orders", LogConfig::default());
        let offsets = create(&storage, "offsets", LogConfig::default().with_reserve());
        let count = fill(&orders);
        for n in 0..5 {
            append(&offsets, &n.to_string()).unwrap();
            block_on(storage.checkpoint()).unwrap();
        }
        disk.crash(seed);
        drop((storage, orders, offsets));
        let storage = open(Arc::new(disk.restarted()));
        let find = |topic| storage.log(&LogName::new(topic, 0)).unwrap();
        assert_eq!(read_all(&find("orders"), 0).len(), count, "seed {seed}");
        assert_eq!(read_all(&find("offsets"), 0).len(), 5, "seed {seed}");
        find("offsets").set_config(LogConfig::default().with_reserve());
        append(&find("offsets"), "after").unwrap();
    }
}

#[test]
fn a_disk_without_bounds_and_a_storage_without_reserve_have_no_such_file() {
    let reserve = std::path::Path::new("reserve");
    let disk = MemDisk::new(1);
    block_on(open(Arc::new(disk.clone())).close()).unwrap();
    assert!(disk.metadata(reserve).is_err());
    let disk = full_disk(4 * MIB, 1);
    let none = StorageConfig::default().with_reserve_bytes(0);
    block_on(try_open(Arc::new(disk.clone()), none).unwrap().close()).unwrap();
    assert!(disk.metadata(reserve).is_err());
}

#[test]
fn a_quota_and_a_read_only_disk_refuse_appends_until_they_do_not() {
    for error in [FaultError::Quota, FaultError::ReadOnly] {
        let disk = MemDisk::new(4);
        let storage = open(Arc::new(disk.clone()));
        let orders = create(&storage, "orders", LogConfig::default());
        append(&orders, "first").unwrap();
        disk.inject(Fault::new(Call::Write, error));
        disk.inject(Fault::new(Call::Truncate, error));
        let refused = append(&orders, "refused").unwrap_err();
        assert_eq!(refused.error_code(), ErrorCode::KAFKA_STORAGE_ERROR);
        assert!(refused.is_retriable());
        assert_eq!(read_all(&orders, 0).len(), 1);
        // A checkpoint that cannot be written is not the end of anything.
        let _ = block_on(storage.checkpoint());
        disk.heal();
        append(&orders, "taken").unwrap();
        block_on(storage.close()).unwrap();
        let storage = open(Arc::new(disk.clone()));
        assert_eq!(read_all(&storage.log(&LogName::new("orders", 0)).unwrap(), 0).len(), 2);
    }
}
