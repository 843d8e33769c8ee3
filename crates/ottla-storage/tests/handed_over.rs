//! Logs whose batches another thread writes: the order stays, what waits is bounded, and a full disk lets them go on.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use ottla_protocol::ErrorCode;
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OsDisk};
use ottla_storage::{AppendError, Error, Log, LogConfig, LogName, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read_all};

/// A log that hands over its batches, and its first record.
fn begun(disk: Arc<dyn Disk>) -> (Storage, Arc<Log>) {
    let storage = open(disk);
    let mut config = LogConfig::default().with_reserve();
    config.hands_over = true;
    let log = storage.create_log(LogName::new("offsets", 0), Uuid::from_u128(7), config).unwrap();
    let first = log.append(batch(&["first"]), options()).unwrap();
    block_on(log.durable(&first)).unwrap();
    (storage, log)
}

#[test]
fn what_threads_of_the_system_write_stands_in_the_order_of_the_appends() {
    let folder = tempfile::tempdir().unwrap();
    let (storage, log) = begun(Arc::new(OsDisk::new(folder.path()).unwrap()));
    let appended: Vec<_> =
        (0..500).map(|n| log.append(batch(&[&n.to_string()]), options()).unwrap()).collect();
    appended.iter().for_each(|appended| block_on(log.durable(appended)).unwrap());
    block_on(storage.close()).unwrap();
    drop((storage, log));
    let storage = open(Arc::new(OsDisk::new(folder.path()).unwrap()));
    let log = storage.log(&LogName::new("offsets", 0)).unwrap();
    let found: Vec<_> = read_all(&log, 1).into_iter().map(|(_, value)| value).collect();
    assert_eq!(found, (0..500).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn appends_are_refused_while_too_much_waits_for_the_disk_and_taken_again_when_it_goes_on() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(Arc::new(disk.clone()));
    disk.hold(Call::Write);
    let value = "x".repeat(1 << 20);
    let mut waiting = Vec::new();
    let refused = loop {
        match log.append(batch(&[&value[..1_000_000]]), options()) {
            Ok(appended) => waiting.push(appended),
            Err(error) => break error,
        }
    };
    let AppendError::Stalled { bytes, limit } = refused else { panic!("{refused}") };
    assert_eq!(limit, LogConfig::HANDED_OVER_BYTES_MAX);
    assert!((limit..limit + value.len()).contains(&bytes), "{bytes}");
    assert_eq!((refused.error_code(), refused.is_retriable()), (ErrorCode::REQUEST_TIMED_OUT, true));
    disk.release();
    waiting.iter().for_each(|appended| block_on(log.durable(appended)).unwrap());
    let last = log.append(batch(&["last"]), options()).unwrap();
    block_on(log.durable(&last)).unwrap();
    assert_eq!(last.base_offset.0, 1 + i64::try_from(waiting.len()).unwrap());
}

#[test]
fn a_write_that_finds_the_disk_full_is_made_out_of_the_reserve() {
    let disk = MemDisk::new(3);
    disk.set_capacity(Some(4 << 20));
    let (storage, log) = begun(Arc::new(disk.clone()));
    let orders = storage.create_log(LogName::new("orders", 0), Uuid::from_u128(8), LogConfig::default());
    let orders = orders.unwrap();
    while orders.append(batch(&[&"x".repeat(10_000)]), options()).is_ok() {}
    for number in 0..20 {
        disk.hold(Call::Write);
        let appended = log.append(batch(&[&format!("{number}{}", "y".repeat(5_000))]), options()).unwrap();
        disk.release();
        block_on(log.durable(&appended)).unwrap();
    }
    assert_eq!(read_all(&log, 0).len(), 21);
}

#[test]
fn a_write_that_fails_is_told_to_who_waits_and_the_log_goes_on() {
    let disk = MemDisk::new(1);
    let (_storage, log) = begun(Arc::new(disk.clone()));
    disk.hold(Call::Write);
    let lost = log.append(batch(&["lost"]), options()).unwrap();
    disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("offsets-0"));
    disk.release();
    assert!(matches!(block_on(log.durable(&lost)), Err(Error::Lost { .. })));
    disk.heal();
    let next = log.append(batch(&["next"]), options()).unwrap();
    block_on(log.durable(&next)).unwrap();
    assert_eq!(read_all(&log, 0), [(0, "first".to_owned()), (1, "next".to_owned())]);
}
