//! Logs that nobody writes to: what a start, a checkpoint and a close leave alone.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode};
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
fn after_a_kill_a_close_writes_what_no_earlier_one_has_written() {
    let disk = MemDisk::new(1);
    block_on(written(&disk).close()).unwrap();
    let before = files_of_logs(&disk);
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&LogName::new("orders", 3)).unwrap();
    block_on(log.durable(&log.append(batch(&["second"]), options()).unwrap())).unwrap();
    disk.kill();
    drop((log, storage));
    let disk = disk.restarted();
    // One that lost its index, as one that was never closed has none.
    let lost = "orders-1/00000000000000000000.index";
    disk.remove_file(lost.as_ref()).unwrap();
    let storage = open(Arc::new(disk.clone()));
    for call in [Call::Write, Call::Sync, Call::SyncDir, Call::Rename] {
        for partition in [0, 2, 4] {
            disk.inject(Fault::new(call, FaultError::Io).with_path(&format!("orders-{partition}")));
        }
    }
    block_on(storage.close()).unwrap();
    disk.heal();
    let after = files_of_logs(&disk);
    assert_eq!(after.get(lost), before.get(lost), "it is made anew");
    let changed = |(path, bytes): &(&String, &Vec<u8>)| before.get(*path) != Some(*bytes);
    let changed: Vec<&String> = after.iter().filter(changed).map(|(path, _)| path).collect();
    assert!(!changed.is_empty() && changed.iter().all(|path| path.starts_with("orders-3/")), "{changed:?}");
    let storage = open(Arc::new(disk.clone()));
    assert!(storage.findings().is_empty(), "{:?}", storage.findings());
}

#[test]
fn an_index_of_an_earlier_run_is_synced_before_a_start_need_not_look_at_it() {
    let disk = MemDisk::new(1);
    let storage = written(&disk);
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    for _ in 0..3 {
        log.append(batch(&[&"x".repeat(5_000)]), options()).unwrap();
    }
    block_on(storage.close()).unwrap();
    // As a run leaves it that is killed before it comes to the sync.
    let index = Path::new("orders-0/00000000000000000000.timeindex");
    let bytes = files_of_logs(&disk)[&index.display().to_string()].clone();
    disk.remove_file(index).unwrap();
    disk.sync_dir(Path::new("orders-0")).unwrap();
    let file = disk.open(index, OpenMode::CreateNew).unwrap();
    file.write_blocking(&[IoSlice::new(&bytes)], 0).unwrap();
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&LogName::new("orders", 0)).unwrap();
    // The index has all entries already when the next segment begins.
    log.set_config(LogConfig::default().with_segment_bytes(100));
    log.append(batch(&["second"]), options()).unwrap();
    block_on(storage.checkpoint()).unwrap();
    disk.crash(3);
    assert_eq!(files_of_logs(&disk.restarted()).get(&index.display().to_string()), Some(&bytes));
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
