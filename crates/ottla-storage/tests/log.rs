//! Appending, reading and opening again, over a real folder and over memory.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Spawn};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, DecodeLimits, Records, Uuid};
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_storage::{
    AppendError, AppendOptions, Appended, FileRange, Log, LogConfig, LogName, Offset, ReadError, ReadOptions,
    Storage, StorageConfig,
};

struct Nothing;

impl Spawn for Nothing {
    fn spawn(&self, _task: ottla_env::Task) {
        unreachable!("the storage spawns nothing");
    }
}

fn env() -> Env {
    Env::new(Arc::new(ManualClock::new(1_000_000)), Arc::new(FixedSeeds::new(7)), Arc::new(Nothing))
}

fn open(disk: Arc<dyn Disk>) -> Storage {
    block_on(Storage::open(disk, env(), StorageConfig::default())).unwrap()
}

fn batch(values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for value in values {
        builder.try_append(1000, None, Some(value.as_bytes()), &[]).unwrap();
    }
    builder.build().unwrap()
}

fn append(log: &Log, values: &[&str]) -> Appended {
    let appended = log.append(batch(values), AppendOptions::new(5)).unwrap();
    block_on(log.durable(&appended)).unwrap();
    appended
}

fn bytes(records: &Records<FileRange>) -> Bytes {
    let mut all = Vec::new();
    match records {
        Records::Bytes(bytes) => all.extend_from_slice(bytes),
        Records::Chunks(chunks) => {
            for chunk in chunks {
                match chunk {
                    Chunk::Bytes(bytes) => all.extend_from_slice(bytes),
                    Chunk::External { source, .. } => {
                        all.extend_from_slice(&source.read_at(0, source.len()).unwrap())
                    }
                }
            }
        }
    }
    all.into()
}

fn read(log: &Log, from: i64) -> Vec<(i64, String)> {
    let result = block_on(log.read(Offset(from), ReadOptions::default()).into_future()).unwrap();
    let mut rest = bytes(&result.records);
    let mut found = Vec::new();
    while let Some(batch) = Batch::split_first(&mut rest).unwrap() {
        assert!(batch.crc_is_valid());
        for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
            let record = record.unwrap();
            found.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    assert!(rest.is_empty());
    found
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
    assert!(matches!(log.append(batch(&["late"]), AppendOptions::new(5)), Err(AppendError::Gone(_))));
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
