//! Appending, reading and opening again, over a real folder and over memory.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_storage::{AppendError, Appended, Log, LogConfig, LogName, Offset, ReadError, ReadOptions};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read};

fn append(log: &Log, values: &[&str]) -> Appended {
    let appended = log.append(batch(values), options()).unwrap();
    block_on(log.durable(&appended)).unwrap();
    appended
}

fn records(from: i64, values: &[&str]) -> Vec<(i64, String)> {
    (from..).zip(values.iter().map(|value| (*value).to_owned())).collect()
}

fn appends_reads_and_opens_again(disk: &dyn Fn() -> Arc<dyn Disk>) {
    let name = LogName::new("orders", 0);
    let topic_id = Uuid::from_u128(42);
    let storage = open(disk());
    let cluster = storage.cluster_id().to_owned();
    let log = storage.create_log(name.clone(), topic_id, LogConfig::default()).unwrap();
    assert_eq!(append(&log, &["a", "b"]).base_offset, Offset(0));
    assert_eq!(append(&log, &["c"]).base_offset, Offset(2));
    assert_eq!(read(&log, 0), records(0, &["a", "b", "c"]));
    assert_eq!(read(&log, 2), records(2, &["c"]));
    assert_eq!(read(&log, 3), []);
    assert!(matches!(
        block_on(log.read(Offset(4), ReadOptions::default()).into_future()),
        Err(ReadError::OutOfRange { log_start: Offset(0), log_end: Offset(3), .. })
    ));
    block_on(storage.close()).unwrap();
    assert!(matches!(log.append(batch(&["late"]), options()), Err(AppendError::Gone(_))));
    drop((log, storage));

    let storage = open(disk());
    assert_eq!(storage.cluster_id(), cluster);
    assert_eq!(storage.logs(), std::slice::from_ref(&name));
    let log = storage.log(&name).unwrap();
    assert_eq!(log.topic_id(), topic_id);
    assert_eq!(log.offsets().high_watermark, Offset(3));
    assert_eq!(read(&log, 0), records(0, &["a", "b", "c"]));
    append(&log, &["d"]);
    assert_eq!(read(&log, 1), records(0, &["a", "b", "c", "d"]));
    // Without a close, as after kill -9.
    drop((log, storage));

    let storage = open(disk());
    let log = storage.log(&name).unwrap();
    assert_eq!(read(&log, 0), records(0, &["a", "b", "c", "d"]));
    drop(log);
    block_on(storage.remove_log(&name)).unwrap();
    assert_eq!(storage.logs(), []);
    drop(storage);
    assert_eq!(open(disk()).logs(), []);
}

#[test]
fn a_log_in_a_folder_appends_reads_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    appends_reads_and_opens_again(&|| Arc::new(OsDisk::new(root.clone()).unwrap()));
}

#[test]
fn a_log_in_memory_appends_reads_and_opens_again() {
    let disk = MemDisk::new(1);
    appends_reads_and_opens_again(&|| Arc::new(disk.clone()));
}
