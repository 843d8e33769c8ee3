//! Logs that nobody writes to: what a start, a checkpoint and a close leave alone.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Fault, FaultError, MemDisk};
use ottla_storage::{LogConfig, LogName, Storage};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read, read_all};

/// Some logs with a durable record each.
fn written(disk: &MemDisk) -> Storage {
    let storage = open(Arc::new(disk.clone()));
    for partition in 0..5 {
        let name = LogName::new("orders", partition);
        let log = storage.create_log(name, Uuid::from_u128(7), LogConfig::default()).unwrap();
        let appended = log.append(batch(&["first"]), options()).unwrap();
        block_on(log.durable(&appended)).unwrap();
    }
    storage
}

fn files_of_logs(disk: &MemDisk) -> BTreeMap<String, Vec<u8>> {
    disk.image().into_iter().filter(|(path, _)| path.starts_with("orders-")).collect()
}

#[test]
fn an_idle_log_is_left_as_the_last_shutdown_left_it() {
    let disk = MemDisk::new(1);
    block_on(written(&disk).close()).unwrap();
    let before = files_of_logs(&disk);
    let storage = open(Arc::new(disk.clone()));
    disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("orders-"));
    disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("orders-"));
    block_on(storage.checkpoint()).unwrap();
    block_on(storage.close()).unwrap();
    assert_eq!(files_of_logs(&disk), before);
    disk.heal();
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&LogName::new("orders", 3)).unwrap();
    let appended = log.append(batch(&["second"]), options()).unwrap();
    block_on(log.durable(&appended)).unwrap();
    block_on(storage.close()).unwrap();
    let changed =
        |(path, bytes): (&String, &Vec<u8>)| (before.get(path) != Some(bytes)).then(|| path.clone());
    let changed: Vec<String> = files_of_logs(&disk).iter().filter_map(changed).collect();
    assert!(!changed.is_empty() && changed.iter().all(|path| path.starts_with("orders-3/")), "{changed:?}");
}

#[test]
fn what_a_sync_covered_before_the_process_was_killed_is_not_synced_again() {
    let disk = MemDisk::new(1);
    let storage = written(&disk);
    disk.kill();
    drop(storage);
    let disk = disk.restarted();
    disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("orders-"));
    let storage = open(Arc::new(disk.clone()));
    disk.heal();
    disk.crash(7);
    drop(storage);
    let storage = open(Arc::new(disk.restarted()));
    for name in storage.logs() {
        assert_eq!(read_all(&storage.log(&name).unwrap(), 0), [(0, "first".to_owned())]);
    }
}

#[test]
fn an_idle_log_gives_back_its_memory_and_is_read_from_its_file() {
    let disk = MemDisk::new(1);
    let storage = written(&disk);
    for _ in 0..2 {
        block_on(storage.checkpoint()).unwrap();
    }
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    disk.inject(Fault::new(Call::Read, FaultError::Io).with_path("orders-0"));
    block_on(log.read(ottla_storage::Offset(0), Default::default()).into_future()).unwrap_err();
    disk.heal();
    assert_eq!(read(&log, 0), [(0, "first".to_owned())]);
}

#[test]
fn a_log_that_could_not_be_written_down_keeps_its_storage_from_being_marked_as_closed() {
    for call in [Call::Create, Call::Write, Call::Sync] {
        let disk = MemDisk::new(1);
        let storage = written(&disk);
        disk.inject(Fault::new(call, FaultError::Io).with_path(".snapshot").with_times(u64::MAX));
        let error = block_on(storage.close()).unwrap_err();
        assert!(error.to_string().contains("orders-"), "{error}");
        assert!(!disk.image().contains_key(".kafka_cleanshutdown"), "{call:?}");
        drop(storage);
        disk.heal();
        let storage = open(Arc::new(disk.clone()));
        for log in storage.logs() {
            assert_eq!(read_all(&storage.log(&log).unwrap(), 0).len(), 1, "{call:?}");
        }
        block_on(storage.close()).unwrap();
        assert!(disk.image().contains_key(".kafka_cleanshutdown"), "{call:?}");
    }
}
