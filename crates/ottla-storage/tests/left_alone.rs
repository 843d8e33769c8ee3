//! Logs that their owner does not know: nothing in them is read or changed until it does, and then all of it is there.

#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::blocking::{self, block_on, env};
use ottla_storage::disk::{Disk, EntryKind, MemDisk, OpenMode};
use ottla_storage::{AppendOptions, Error, LogConfig, LogName, Storage, StorageConfig};

const ID: Uuid = Uuid([7; 16]);

fn name(topic: &str) -> LogName {
    LogName::new(topic, 0)
}

fn open_folder(disk: &Arc<dyn Disk>) -> Storage {
    block_on(Storage::open_folder(Arc::clone(disk), env(), StorageConfig::default())).unwrap()
}

/// Opens the logs of some topics, and leaves the others alone.
fn open_some(disk: &Arc<dyn Disk>, topics: &'static [&'static str]) -> Storage {
    let storage = open_folder(disk);
    block_on(storage.open_logs(Arc::new(|name: &LogName, _| topics.contains(&name.topic.as_str())))).unwrap();
    storage
}

fn append(storage: &Storage, topic: &str, count: i64) {
    let config = LogConfig::default().with_segment_bytes(2_000);
    let log =
        storage.log(&name(topic)).unwrap_or_else(|| storage.create_log(name(topic), ID, config).unwrap());
    let now_ms = env().now_ms();
    for _ in 0..count {
        let mut batch = BatchBuilder::new(BatchOptions::default());
        batch.try_append(now_ms, Some(b"key"), Some(&[1; 100]), &[]).unwrap();
        blocking::append(&log, batch.build().unwrap(), AppendOptions::new(now_ms)).unwrap();
    }
}

/// All files of a folder.
fn content(disk: &Arc<dyn Disk>, dir: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = disk.list(Path::new(dir)).unwrap().into_iter().filter(|entry| entry.kind == EntryKind::File);
    let read = |path: PathBuf| {
        let file = disk.open(&path, OpenMode::Read).unwrap();
        let bytes = file.read_blocking(0, usize::try_from(file.len().unwrap()).unwrap()).unwrap();
        (path, bytes.to_vec())
    };
    files.map(|entry| read(Path::new(dir).join(entry.name))).collect()
}

fn ends(storage: &Storage, topic: &str) -> (i64, i64) {
    let offsets = storage.log(&name(topic)).unwrap().offsets();
    (offsets.log_start.0, offsets.log_end.0)
}

/// A disk with two logs, of which power was lost or not.
fn two_logs(closed: bool) -> Arc<dyn Disk> {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new(1));
    let storage = block_on(Storage::open(Arc::clone(&disk), env(), StorageConfig::default())).unwrap();
    for topic in ["mine", "theirs"] {
        append(&storage, topic, 40);
    }
    block_on(storage.checkpoint()).unwrap();
    append(&storage, "theirs", 3);
    if closed {
        block_on(storage.close()).unwrap();
    }
    disk
}

#[test]
fn what_is_left_alone_stays_byte_for_byte_and_keeps_its_name() {
    for closed in [true, false] {
        let disk = two_logs(closed);
        let before = content(&disk, "theirs-0");
        for _ in 0..3 {
            let storage = open_some(&disk, &["mine"]);
            assert_eq!((storage.logs(), storage.left_alone()), (vec![name("mine")], vec![name("theirs")]));
            let taken = storage.create_log(name("theirs"), ID, LogConfig::default());
            assert!(matches!(taken, Err(Error::Exists(_))), "{taken:?}");
            append(&storage, "mine", 2);
            block_on(storage.checkpoint()).unwrap();
            block_on(storage.maintain()).unwrap();
            block_on(storage.close()).unwrap();
            assert_eq!(content(&disk, "theirs-0"), before);
        }
        let storage = open_some(&disk, &["mine", "theirs"]);
        assert_eq!((ends(&storage, "mine"), ends(&storage, "theirs")), ((0, 46), (0, 43)));
    }
}

#[test]
fn no_clean_marker_vouches_for_a_log_that_was_left_alone_after_a_crash() {
    let disk = two_logs(false);
    let segments = content(&disk, "theirs-0").into_iter().map(|(path, _)| path);
    let last = segments.filter(|path| path.extension().is_some_and(|end| end == "log")).max().unwrap();
    let file = disk.open(&last, OpenMode::Write).unwrap();
    file.write_blocking(&[std::io::IoSlice::new(b"torn")], file.len().unwrap()).unwrap();
    block_on(open_some(&disk, &["mine"]).close()).unwrap();
    let storage = open_some(&disk, &["mine", "theirs"]);
    assert_eq!(ends(&storage, "theirs"), (0, 43));
    append(&storage, "theirs", 1);
    assert_eq!(ends(&storage, "theirs"), (0, 44));
}

#[test]
fn an_adopted_log_keeps_every_record_though_compaction_has_left_gaps_between_its_segments() {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new(1));
    let storage = block_on(Storage::open(Arc::clone(&disk), env(), StorageConfig::default())).unwrap();
    append(&storage, "theirs", 60);
    block_on(storage.close()).unwrap();
    let logs = content(&disk, "theirs-0")
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "log"));
    let logs: Vec<_> = logs.collect();
    // As compaction leaves it: the second segment is gone, the first ends before the third begins.
    disk.remove_file(&logs[1].0).unwrap();
    for path in ["recovery-point-offset-checkpoint", "synced-offsets", ".kafka_cleanshutdown"] {
        disk.remove_file(Path::new(path)).unwrap();
    }
    let storage = open_folder(&disk);
    let adopted = storage.adopt_log(&name("theirs"), ID).unwrap();
    assert_eq!((adopted.log_start.0, adopted.log_end.0), (0, 60));
    block_on(storage.close()).unwrap();
    let before = content(&disk, "theirs-0");
    let segments = |content: &[(PathBuf, Vec<u8>)]| -> Vec<(PathBuf, Vec<u8>)> {
        content.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "log")).cloned().collect()
    };
    let storage = open_some(&disk, &["theirs"]);
    assert_eq!(ends(&storage, "theirs"), (0, 60));
    assert_eq!(segments(&content(&disk, "theirs-0")), segments(&before));
}
