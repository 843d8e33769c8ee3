//! Bytes of records that change after they were safe: wherever and however, the log is as long as it was, what is
//! around them is readable, and producers go on.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk};
use ottla_storage::{
    CleanupPolicy, CompactionConfig, FindingKind, Log, LogConfig, LogName, Offset, ReadError, ReadOptions,
    Storage, Unpaced,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "every test binary uses some of them")]
mod logs;
use logs::{NOW, batch_with, open, options, try_read};

const BATCHES: i64 = 60;
/// The checkpoint lies in the middle of the last segment.
const CHECKPOINT: i64 = 55;

fn name() -> LogName {
    LogName::new("orders", 0)
}

/// Batches of one record of one size, eight in a segment: the last one holds 56 to 59 or more.
fn batch(n: i64) -> bytes::Bytes {
    let sequence = i32::try_from(n).unwrap();
    let mut batch = BatchBuilder::new(BatchOptions::default().with_producer(9, 0, sequence));
    let (key, value) = (format!("key {}", n % 5), format!("{n:030}"));
    batch.try_append(NOW, Some(key.as_bytes()), Some(value.as_bytes()), &[]).unwrap();
    batch.build().unwrap()
}

fn left(clean: bool, policy: CleanupPolicy) -> MemDisk {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default()
        .with_segment_bytes(u32::try_from(batch(0).len() * 12).unwrap())
        .with_index_interval_bytes(200)
        .with_cleanup_policy(policy);
    let log = storage.create_log(name(), Uuid::ZERO, config).unwrap();
    for n in 0..BATCHES {
        if n == CHECKPOINT {
            block_on(storage.checkpoint()).unwrap();
        }
        let appended = log.append(batch(n), options()).unwrap();
        block_on(log.durable(&appended)).unwrap();
    }
    match clean {
        true => block_on(storage.close()).unwrap(),
        false => disk.kill(),
    }
    disk.restarted()
}

fn files(disk: &MemDisk) -> Vec<PathBuf> {
    disk.image().keys().filter(|path| path.ends_with(".log")).map(PathBuf::from).collect()
}

/// The file that holds this batch, and where in it.
fn place(disk: &MemDisk, n: i64) -> (PathBuf, usize) {
    let base = |path: &Path| path.file_stem().unwrap().to_str().unwrap().parse::<i64>().unwrap();
    let path = files(disk).into_iter().rfind(|path| base(path) <= n).unwrap();
    let position = usize::try_from(n - base(&path)).unwrap() * batch(0).len();
    (path, position)
}

/// Reads from the start, one offset on where a batch is answered as corrupt. The offsets of both kinds.
fn survey(log: &Log) -> (Vec<i64>, Vec<i64>) {
    let (mut good, mut corrupt, mut at) = (Vec::new(), Vec::new(), log.offsets().log_start.0);
    while at < log.offsets().high_watermark.0 {
        match try_read(log, at, ReadOptions::default()) {
            Ok(records) => {
                for (offset, value) in &records {
                    assert_eq!(value.parse::<i64>().unwrap(), *offset, "a record of another place");
                }
                good.extend(records.iter().map(|(offset, _)| offset));
                at = records.last().unwrap().0 + 1;
            }
            Err(ReadError::Corrupt { offset, .. }) => {
                assert_eq!(offset, Offset(at));
                corrupt.push(at);
                at += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    (good, corrupt)
}

const HARMS: [&str; 8] =
    ["value", "length", "offset", "last offset", "count", "magic", "zeros", "batch of another place"];

fn harm(disk: &MemDisk, n: i64, how: &str) {
    let size = batch(0).len();
    let (other, from) = place(disk, n - 20);
    let stranger = disk.image()[other.to_str().unwrap()][from..from + size].to_vec();
    let (path, at) = place(disk, n);
    disk.edit(&path, |bytes| match how {
        "value" => bytes[at + size - 3] ^= 1,
        "length" => bytes[at + 10] ^= 0x40,
        "offset" => bytes[at + 6] ^= 2,
        // It claims the offsets of the two batches behind it.
        "last offset" => bytes[at + 26] ^= 2,
        "count" => bytes[at + 60] ^= 4,
        "magic" => bytes[at + 16] ^= 1,
        "zeros" => bytes[at..at + size].fill(0),
        _ => bytes[at..at + size].copy_from_slice(&stranger),
    })
    .unwrap();
}

fn reopened(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.restarted()));
    let log = storage.log(&name()).unwrap();
    (storage, log)
}

#[test]
fn rot_costs_its_batch_and_nothing_else_wherever_it_is() {
    for clean in [true, false] {
        // In a closed segment, at the start of one, below the recovery point, above it, and the very last.
        for n in [27, 36, 53, CHECKPOINT + 2, BATCHES - 2, BATCHES - 1] {
            for how in HARMS {
                let what = format!("{how} of {n}, clean: {clean}");
                let disk = left(clean, CleanupPolicy::DELETE);
                harm(&disk, n, how);
                let (storage, log) = reopened(&disk);
                assert_eq!(log.offsets().log_end, Offset(BATCHES), "{what}");
                let (good, corrupt) = survey(&log);
                assert_eq!(corrupt, [n], "{what}");
                assert_eq!(good.len(), usize::try_from(BATCHES).unwrap() - 1, "{what}");
                let findings = storage.findings();
                let is_damaged = |kind| matches!(kind, FindingKind::Damaged { .. });
                assert!(findings.iter().any(|finding| is_damaged(finding.kind)), "{what}: {findings:?}");
                // Producers go on (but the one whose newest batch it was: its sequence is not known any more), and it is
                // the same after the next start.
                let more = batch_with(BatchOptions::default(), &[BATCHES.to_string()]);
                let appended = log.append(more, options()).unwrap();
                assert_eq!(appended.base_offset, Offset(BATCHES), "{what}");
                block_on(storage.close()).unwrap();
                let (_storage, log) = reopened(&disk);
                let (good, corrupt) = survey(&log);
                assert_eq!((good.last(), corrupt), (Some(&BATCHES), vec![n]), "{what}: later");
            }
        }
    }
}

#[test]
fn rot_costs_nothing_before_it_whatever_was_read_and_checked_already() {
    let one = ReadOptions { max_bytes: 1, ..ReadOptions::default() };
    let base = 24;
    for how in HARMS {
        for n in base + 1..base + 10 {
            for checked in base..n {
                let disk = left(false, CleanupPolicy::DELETE);
                harm(&disk, n, how);
                let (_storage, log) = reopened(&disk);
                assert_eq!(try_read(&log, checked, one).unwrap()[0].0, checked);
                assert_eq!(survey(&log).1, [n], "{how} of {n} when {checked} was checked");
            }
        }
    }
}

/// Opens a log of which nothing is missing, appends three batches durably, loses the power, and opens it again: they are there.
fn three_more_and_a_loss_of_power(disk: &MemDisk, seed: u64) -> (Storage, Arc<Log>) {
    let (_storage, log) = reopened(disk);
    assert_eq!(log.offsets().log_end, Offset(BATCHES), "seed {seed}");
    for n in BATCHES..BATCHES + 3 {
        let more = batch_with(BatchOptions::default(), &[n.to_string()]);
        let appended = log.append(more, options()).unwrap();
        block_on(log.durable(&appended)).unwrap();
    }
    disk.crash(seed);
    let (storage, log) = reopened(disk);
    assert_eq!(log.offsets().log_end, Offset(BATCHES + 3), "seed {seed}: what was acknowledged is lost");
    (storage, log)
}

#[test]
fn what_was_appended_behind_damage_at_the_end_of_a_log_survives_a_loss_of_power() {
    let size = batch(0).len();
    for seed in 0..50 {
        let disk = left(true, CleanupPolicy::DELETE);
        // The last two batches were written into the middle of the three before them.
        let (path, at) = place(&disk, BATCHES - 5);
        let meant = at + 3 * size;
        disk.edit(&path, |bytes| {
            let astray = bytes.split_off(meant);
            bytes[at + size / 2..at + size / 2 + astray.len()].copy_from_slice(&astray);
        })
        .unwrap();
        let (_storage, log) = three_more_and_a_loss_of_power(&disk, seed);
        let (good, corrupt) = survey(&log);
        assert_eq!(corrupt, [BATCHES - 5, BATCHES - 4, BATCHES - 3], "seed {seed}");
        assert_eq!(good.last(), Some(&(BATCHES + 2)), "seed {seed}");
    }
}

#[test]
fn what_was_appended_behind_rot_that_a_start_knew_survives_a_loss_of_power() {
    for seed in 0..50 {
        let disk = left(false, CleanupPolicy::DELETE);
        harm(&disk, BATCHES - 1, "value");
        let (_storage, log) = three_more_and_a_loss_of_power(&disk, seed);
        assert_eq!(survey(&log).1, [BATCHES - 1], "seed {seed}");
    }
}

#[test]
fn batches_that_were_written_over_earlier_ones_do_not_hide_those_between() {
    let size = batch(0).len();
    // What strays is one write of so many batches; it ends in the middle of one that it was written over.
    for count in 1..=2 {
        for (clean, first) in [(true, 24), (true, 27), (false, 27), (true, 56), (false, 56)] {
            let disk = left(clean, CleanupPolicy::DELETE);
            let (path, at) = place(&disk, first);
            let lost = usize::try_from(count).unwrap() * size;
            disk.edit(&path, |bytes| {
                // In the last segment only what comes later, to a place where nothing else would come then.
                let from = at + bytes[at..].len().min(4 * size) - lost;
                bytes.copy_within(from..from + lost, at);
                bytes[at + lost..at + lost + size / 2].fill(0);
            })
            .unwrap();
            let (_storage, log) = reopened(&disk);
            let corrupt: Vec<i64> = (first..=first + count).collect();
            let good: Vec<i64> = (0..BATCHES).filter(|n| !corrupt.contains(n)).collect();
            assert_eq!(survey(&log), (good, corrupt), "{count} at {first}, clean: {clean}");
        }
    }
}

#[test]
fn a_damaged_header_that_claims_an_offset_of_long_ago_says_nothing_against_the_batch_before() {
    let disk = left(true, CleanupPolicy::DELETE);
    harm(&disk, 27, "value");
    let (path, at) = place(&disk, 29);
    disk.edit(&path, |bytes| bytes[at..at + 8].fill(0)).unwrap();
    let (_storage, log) = reopened(&disk);
    let good = (0..BATCHES).filter(|n| ![27, 29].contains(n)).collect();
    assert_eq!(survey(&log), (good, vec![27, 29]));
}

#[test]
fn records_leave_over_damage_as_over_any_others() {
    let disk = left(true, CleanupPolicy::DELETE);
    harm(&disk, 27, "zeros");
    let (_storage, log) = reopened(&disk);
    let start = block_on(log.delete_records(Offset(40))).unwrap();
    assert_eq!(start, Offset(40));
    assert_eq!(survey(&log), ((40..BATCHES).collect(), Vec::new()));
}

#[test]
fn compaction_leaves_a_log_with_damage_as_it_is_and_says_so() {
    let disk = left(true, CleanupPolicy::COMPACT);
    harm(&disk, 27, "value");
    let (storage, log) = reopened(&disk);
    log.set_config(LogConfig::default().with_cleanup_policy(CleanupPolicy::COMPACT));
    block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).unwrap_err();
    let [(left_out, why)] = &storage.uncleanable()[..] else { panic!("it is not told") };
    assert_eq!(*left_out, name());
    assert!(why.contains(".log"), "{why}");
    assert_eq!(survey(&log).1, [27]);
    assert_eq!(survey(&log).0.len(), usize::try_from(BATCHES).unwrap() - 1);
}

#[test]
fn what_no_sync_had_covered_behind_rot_is_lost_and_no_damage() {
    for how in HARMS {
        let disk = left(false, CleanupPolicy::DELETE);
        // The batches behind the recovery point never arrived; the file of the next segment did.
        let synced = Path::new("synced-offsets");
        disk.remove_file(synced).unwrap();
        let points = Path::new("recovery-point-offset-checkpoint");
        disk.edit(points, |bytes| *bytes = b"0\n1\norders 0 45\n".to_vec()).unwrap();
        harm(&disk, 44, how);
        let (path, end) = place(&disk, 45);
        disk.edit(&path, |bytes| bytes.truncate(end)).unwrap();
        let (storage, log) = reopened(&disk);
        assert_eq!(log.offsets().log_end, Offset(45), "{how}");
        assert_eq!(survey(&log), ((0..44).collect(), vec![44]), "{how}");
        let is_set_aside = storage.findings().iter().any(|finding| finding.kind == FindingKind::SetAside);
        assert!(is_set_aside, "{how}");
        let appended = log.append(batch_with(BatchOptions::default(), &["45"]), options()).unwrap();
        assert_eq!(appended.base_offset, Offset(45), "{how}");
    }
}
