//! The scrubber finds rot before a reader does, tells it once, and leaves everybody else alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeSet;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode, OsDisk};
use ottla_storage::{
    Durability, Error, FindingKind, Log, LogConfig, LogName, Offset, Pace, ReadError, ReadOptions, Scrubbed,
    Storage, StorageConfig, Unpaced,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "every test binary uses some of them")]
mod logs;
use logs::{batch, open, options, read, read_all, try_open, try_read};

/// A log of so many batches of one record, in segments of about five.
fn fill(storage: &Storage, topic: &str, count: i64) -> Arc<Log> {
    let config = LogConfig::default().with_segment_bytes(500).with_index_interval_bytes(100);
    let log = storage.create_log(LogName::new(topic, 0), Uuid::ZERO, config).unwrap();
    for n in 0..count {
        log.append(batch(&[&format!("{topic} {n}")]), options()).unwrap();
    }
    log
}

/// Everything that one pass looks at.
fn pass(storage: &Storage) -> Vec<Scrubbed> {
    std::iter::from_fn(|| block_on(storage.scrub_next(&mut Unpaced)).unwrap()).collect()
}

fn files(disk: &MemDisk, folder: &str) -> Vec<PathBuf> {
    let all = disk.image();
    all.keys().filter(|path| path.starts_with(folder) && path.ends_with(".log")).map(PathBuf::from).collect()
}

#[test]
fn a_pass_looks_at_every_byte_once_and_the_next_one_again() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    for topic in ["a", "b", "c", "d"] {
        fill(&storage, topic, 23);
    }
    storage.create_log(LogName::new("empty", 0), Uuid::ZERO, LogConfig::default()).unwrap();
    let written: u64 = disk
        .image()
        .iter()
        .filter(|(path, _)| path.ends_with(".log"))
        .map(|(_, bytes)| bytes.len() as u64)
        .sum();
    for _ in 0..2 {
        let scrubbed = pass(&storage);
        let places: BTreeSet<_> = scrubbed.iter().map(|one| (one.log.clone(), one.base_offset)).collect();
        assert_eq!(places.len(), scrubbed.len(), "none comes twice");
        assert_eq!(scrubbed.iter().map(|one| one.bytes).sum::<u64>(), written);
        assert_eq!(scrubbed.iter().map(|one| one.damaged).sum::<u64>(), 0);
    }
    assert_eq!(storage.findings(), []);
}

#[test]
fn rot_is_found_before_a_reader_comes_and_told_once() {
    for what in ["a bit", "a page of zeros", "a batch of another place"] {
        let disk = MemDisk::new(1);
        let storage = open(Arc::new(disk.clone()));
        fill(&storage, "a", 40);
        block_on(storage.close()).unwrap();
        let storage = open(Arc::new(disk.restarted()));
        let log = storage.log(&LogName::new("a", 0)).unwrap();
        let path = files(&disk, "a-0").remove(2);
        let image = disk.image();
        let donor = image[files(&disk, "a-0")[1].to_str().unwrap()].clone();
        disk.edit(&path, |bytes| {
            let second = bytes.len() / 2;
            match what {
                "a bit" => bytes[second] ^= 4,
                "a page of zeros" => bytes[second - 10..second + 10].fill(0),
                _ => bytes[..70].copy_from_slice(&donor[..70]),
            }
        })
        .unwrap();
        let scrubbed = pass(&storage);
        assert_eq!(scrubbed.iter().map(|one| one.damaged).sum::<u64>(), 1, "{what}");
        let findings = storage.findings();
        let [finding] = &findings[..] else { panic!("{what}: {findings:?}") };
        let FindingKind::Damaged { offset, .. } = finding.kind else { panic!("{what}: {finding}") };
        assert_eq!(finding.path, path, "{what}");
        assert_eq!(pass(&storage).iter().map(|one| one.damaged).sum::<u64>(), 0, "{what}: told again");
        assert_eq!((storage.findings().len(), storage.damaged_batches()), (1, 1), "{what}");
        // What it is in is answered as corrupt, and nothing else is.
        let (mut found, mut corrupt, mut next) = (0, Vec::new(), 0);
        while next < 40 {
            match try_read(&log, next, ReadOptions::default()) {
                Ok(records) => {
                    found += records.len();
                    next = records.last().unwrap().0 + 1;
                }
                Err(ReadError::Corrupt { offset, .. }) => {
                    corrupt.push(offset);
                    next += 1;
                }
                Err(error) => panic!("{what}: {error}"),
            }
        }
        assert!(!corrupt.is_empty() && corrupt.contains(&offset), "{what}: {corrupt:?}");
        assert_eq!(found + corrupt.len(), 40, "{what}");
        assert_eq!(storage.damaged_batches(), 1, "{what}: the reader found no more");
        // And the log goes on.
        assert_eq!(log.append(batch(&["more"]), options()).unwrap().base_offset, Offset(40), "{what}");
        block_on(storage.close()).unwrap();
    }
}

#[test]
fn what_was_good_when_it_was_read_is_not_sent_once_it_has_rotted() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    fill(&storage, "a", 40);
    block_on(storage.close()).unwrap();
    let storage = open(Arc::new(disk.restarted()));
    let log = storage.log(&LogName::new("a", 0)).unwrap();
    assert_eq!(read_all(&log, 0).len(), 40, "all of it is checked now");
    let path = files(&disk, "a-0").remove(3);
    disk.edit(&path, |bytes| bytes[65] ^= 1).unwrap();
    assert_eq!(pass(&storage).iter().map(|one| one.damaged).sum::<u64>(), 1);
    let first: i64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    assert!(matches!(try_read(&log, first, ReadOptions::default()), Err(ReadError::Corrupt { .. })));
    assert!(!read(&log, first + 1).is_empty());
    assert!(read(&log, first - 1).iter().all(|(offset, _)| *offset < first));
}

#[test]
fn what_no_sync_has_covered_is_left_alone() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_durability(Durability::Os);
    let log = storage.create_log(LogName::new("a", 0), Uuid::ZERO, config).unwrap();
    log.append(batch(&["synced"]), options()).unwrap();
    block_on(storage.checkpoint()).unwrap();
    let synced = log.size();
    log.append(batch(&["only written"]), options()).unwrap();
    assert_eq!(pass(&storage).iter().map(|one| one.bytes).sum::<u64>(), synced);
}

#[test]
fn what_a_kill_left_unsynced_is_not_taken_for_damage() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_durability(Durability::Os).with_segment_bytes(500);
    let log = storage.create_log(LogName::new("a", 0), Uuid::ZERO, config).unwrap();
    for n in 0..23 {
        log.append(batch(&[&format!("{n}")]), options()).unwrap();
        if n == 13 {
            block_on(storage.checkpoint()).unwrap();
        }
    }
    disk.kill();
    let config = LogConfig::default().with_durability(Durability::Os);
    let config = StorageConfig::default().with_log(config);
    let storage = try_open(Arc::new(disk.restarted()), config).unwrap();
    pass(&storage);
    assert_eq!(storage.findings(), []);
    assert_eq!(read_all(&storage.log(&LogName::new("a", 0)).unwrap(), 0).len(), 23);
}

#[test]
fn a_segment_that_cannot_be_read_is_named_and_does_not_end_the_pass() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    fill(&storage, "a", 40);
    let path = files(&disk, "a-0").remove(1);
    disk.inject(
        Fault::new(Call::Read, FaultError::Io).with_path(path.to_str().unwrap()).with_times(u64::MAX),
    );
    let (mut good, mut failed) = (0, Vec::new());
    loop {
        match block_on(storage.scrub_next(&mut Unpaced)) {
            Ok(Some(_)) => good += 1,
            Ok(None) => break,
            Err(Error::Io { path, .. }) => failed.push(path),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((good, failed), (files(&disk, "a-0").len() - 1, vec![path]));
}

/// A pace that does something to the storage meanwhile.
struct Meanwhile<'a, F>(&'a F);

impl<F: Fn() + Sync> Pace for Meanwhile<'_, F> {
    async fn worked(&mut self, _bytes: u64) {
        self.0();
    }
}

#[test]
fn a_log_that_is_removed_meanwhile_is_passed_over() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    for topic in ["a", "b"] {
        fill(&storage, topic, 40);
    }
    let remove = || {
        for topic in ["a", "b"] {
            let _ = block_on(storage.remove_log(&LogName::new(topic, 0)));
        }
    };
    while let Some(one) = block_on(storage.scrub_next(&mut Meanwhile(&remove))).unwrap() {
        assert_eq!(one.damaged, 0);
    }
    assert_eq!(pass(&storage), []);
}

#[test]
fn a_folder_of_the_operating_system_is_looked_at_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(Arc::new(OsDisk::new(folder.path()).unwrap()));
    let log = fill(&storage, "a", 200);
    block_on(storage.checkpoint()).unwrap();
    assert_eq!(pass(&storage).iter().map(|one| one.bytes).sum::<u64>(), log.size());
    let other = OsDisk::new(folder.path()).unwrap();
    let file = other.open(Path::new("a-0/00000000000000000000.log"), OpenMode::Write).unwrap();
    let byte = file.read_blocking(65, 1).unwrap()[0];
    file.write_blocking(&[IoSlice::new(&[byte ^ 1])], 65).unwrap();
    assert_eq!(pass(&storage).iter().map(|one| one.damaged).sum::<u64>(), 1);
}
