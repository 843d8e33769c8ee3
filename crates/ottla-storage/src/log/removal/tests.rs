//! Segments that are replaced, on a disk that loses its power at every point of it.

use std::collections::BTreeSet;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Spawn, Task};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{DecodeLimits, Uuid};

use crate::disk::wait::block_on;
use crate::disk::{Call, Disk, Fault, FaultError, MemDisk};
use crate::segment::{Segment, Stage, Suffix};
use crate::{
    AppendOptions, Durability, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig, Unpaced,
};

const NOW: i64 = 1_000_000;

struct Nothing;

impl Spawn for Nothing {
    fn spawn(&self, _task: Task) {
        unreachable!("a storage spawns nothing");
    }
}

fn try_open(disk: &MemDisk) -> Result<(Storage, Arc<Log>), crate::Error> {
    let env = Env::new(Arc::new(ManualClock::new(NOW)), Arc::new(FixedSeeds::new(7)), Arc::new(Nothing));
    let config = LogConfig::default().with_segment_bytes(300).with_index_interval_bytes(1);
    let storage_config = StorageConfig::default().with_log(config.clone()).with_tail_bytes_max(0);
    let storage = block_on(Storage::open(Arc::new(disk.clone()), env, storage_config))?;
    let name = LogName::new("orders", 0);
    let log = match storage.log(&name) {
        Some(log) => log,
        None => storage.create_log(name, Uuid::from_u128(9), config)?,
    };
    Ok((storage, log))
}

fn batch(value: &str) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(NOW, None, Some(value.as_bytes()), &[]).unwrap();
    builder.build().unwrap()
}

/// Some segments of three batches each, all of it on stable storage.
fn prepared() -> (MemDisk, Storage, Arc<Log>) {
    let disk = MemDisk::new(1);
    let (storage, log) = try_open(&disk).unwrap();
    for number in 0..12 {
        log.append(batch(&format!("v{number}")), AppendOptions::new(NOW)).unwrap();
    }
    block_on(storage.checkpoint()).unwrap();
    (disk, storage, log)
}

fn stored(log: &Log) -> Vec<Batch> {
    let (mut found, mut from) = (Vec::new(), log.offsets().log_start);
    loop {
        let result = block_on(log.read(from, ReadOptions::default()).into_future()).unwrap();
        let mut bytes = result.into_bytes().unwrap();
        if bytes.is_empty() {
            return found;
        }
        while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
            from = Offset(batch.header().next_offset());
            found.push(batch);
        }
    }
}

fn values(log: &Log) -> Vec<(i64, String)> {
    let records = stored(log).into_iter().flat_map(|batch| {
        let records = batch.records(&DecodeLimits::DEFAULT).unwrap();
        let one = |record: ottla_protocol::records::Record| {
            (record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap())
        };
        records.iter().map(|record| one(record.unwrap())).collect::<Vec<_>>()
    });
    records.collect()
}

/// A segment with those of the stored batches that `keeps` wants, in the place of the segments in `gone`.
fn rewritten(log: &Log, gone: &[i64], end: i64, keeps: impl Fn(i64) -> bool) -> Arc<Segment> {
    let is_kept = |base: i64| (gone[0]..end).contains(&base) && keeps(base);
    let kept = stored(log).into_iter().filter(|batch| is_kept(batch.header().base_offset));
    segment_of(log, gone[0], kept)
}

/// A segment of these batches that is not part of the log yet.
fn segment_of(log: &Log, base_offset: i64, batches: impl IntoIterator<Item = Batch>) -> Arc<Segment> {
    let core = log.core();
    let disk = Arc::clone(&core.shared.disk);
    let segment = Segment::create(disk, Arc::clone(&core.dir), base_offset, Stage::Cleaned).unwrap();
    let file = segment.file().unwrap();
    for batch in batches {
        let header = batch.header();
        let position = segment.state().len;
        file.write_blocking(&[IoSlice::new(batch.bytes())], u64::from(position)).unwrap();
        let len = u32::try_from(batch.bytes().len()).unwrap();
        segment.appended(header.last_offset(), header.max_timestamp, len, true);
    }
    segment.seal();
    segment.write_index(&segment.unwritten_index().unwrap()).unwrap();
    Arc::new(segment)
}

/// A segment of four batches from `base_offset` on that takes more bytes than the log gives to them.
fn longer(log: &Log, base_offset: i64) -> Arc<Segment> {
    let batches = (base_offset..base_offset + 4).map(|offset| {
        let mut bytes = batch(&"longer ".repeat(30)).to_vec();
        bytes[..8].copy_from_slice(&offset.to_be_bytes());
        Batch::split_first(&mut bytes.into()).unwrap().unwrap()
    });
    segment_of(log, base_offset, batches)
}

/// How many batches are damaged, when each was looked at.
fn scrubbed(storage: &Storage) -> u64 {
    while block_on(storage.scrub_next(&mut Unpaced)).unwrap().is_some() {}
    storage.damaged_batches()
}

fn bases(log: &Log) -> Vec<i64> {
    crate::lock::lock(&log.core().state).segments.keys().copied().collect()
}

#[test]
fn a_replaced_segment_shows_the_new_one_and_its_readers_finish_with_the_old() {
    let (disk, storage, log) = prepared();
    let bases_before = bases(&log);
    assert!(bases_before.len() >= 3, "{bases_before:?}");
    let before = values(&log);
    let (gone, end) = (&bases_before[..2], bases_before[2]);
    let old = Arc::clone(&crate::lock::lock(&log.core().state).segments[&gone[1]]);
    let new = rewritten(&log, gone, end, |offset| offset % 2 == 1);
    block_on(log.core().replace_segments(gone, Some(new))).unwrap();
    let mut expected = before.clone();
    expected.retain(|(offset, _)| *offset >= end || offset % 2 == 1);
    assert_eq!(values(&log), expected);
    assert_eq!(log.offsets().log_start, Offset(0), "replacing moves no start");
    assert!(!old.file().unwrap().is_empty().unwrap(), "what left can still be opened");
    let names = disk.image();
    let deleted = names.keys().filter(|name| name.ends_with(".deleted")).count();
    assert_eq!(deleted, 6, "{:?}", names.keys());
    assert!(!names.keys().any(|name| name.ends_with(".swap") || name.ends_with(".cleaned")));
    drop(old);
    block_on(storage.close()).unwrap();
    let (_storage, log) = try_open(&disk.restarted()).unwrap();
    assert_eq!(values(&log), expected);
}

#[test]
fn segments_of_one_base_that_leave_shortly_after_each_other_keep_a_file_each() {
    let (disk, storage, log) = prepared();
    let bases = bases(&log);
    let replace = |keeps: fn(i64) -> bool| {
        let old = Arc::clone(&crate::lock::lock(&log.core().state).segments[&bases[0]]);
        let new = rewritten(&log, &bases[..1], bases[1], keeps);
        block_on(log.core().replace_segments(&bases[..1], Some(new))).unwrap();
        old
    };
    let old = [replace(|offset| offset < 2), replace(|offset| offset < 1), replace(|_| true)];
    let lens = old.iter().map(|old| {
        // As one whose descriptor was closed finds it again.
        let file = disk.open(&old.path(Suffix::Log), crate::disk::OpenMode::Read).unwrap();
        assert_eq!(file.len().unwrap(), u64::from(old.state().len));
        old.state().len
    });
    assert_eq!(lens.collect::<BTreeSet<_>>().len(), 3, "three files");
    assert!(old.iter().all(|old| old.path(Suffix::Log).to_string_lossy().ends_with(".deleted")));
    block_on(storage.close()).unwrap();
    let disk = disk.restarted();
    try_open(&disk).unwrap();
    assert!(!disk.image().keys().any(|name| name.ends_with(".deleted")));
}

#[test]
fn what_has_left_or_is_written_to_is_not_replaced() {
    let (_disk, _storage, log) = prepared();
    let bases = bases(&log);
    let before = values(&log);
    let new = || rewritten(&log, &bases[..1], bases[1], |_| true);
    block_on(log.core().replace_segments(&[*bases.last().unwrap()], None)).unwrap_err();
    block_on(log.core().replace_segments(&[1_000], Some(new()))).unwrap_err();
    block_on(log.delete_records(Offset(bases[1]))).unwrap();
    block_on(
        log.core().replace_segments(
            &bases[..1],
            Some(Arc::new(
                Segment::create(
                    Arc::clone(&log.core().shared.disk),
                    Arc::clone(&log.core().dir),
                    bases[0],
                    Stage::Cleaned,
                )
                .unwrap(),
            )),
        ),
    )
    .unwrap_err();
    assert_eq!(values(&log), before[usize::try_from(bases[1]).unwrap()..]);
}

#[test]
fn a_crash_leaves_the_old_segments_or_the_new_one() {
    let change = |log: &Log| {
        let bases = bases(log);
        // The last batches go, so that the new segment does not reach to the second old one.
        let new = rewritten(log, &bases[..2], bases[2], |offset| offset == 0);
        block_on(log.core().replace_segments(&bases[..2], Some(new)))
    };
    let (before, after, points) = {
        let (disk, _storage, log) = prepared();
        let before = values(&log);
        let start = disk.changes();
        change(&log).unwrap();
        (before, values(&log), disk.changes() - start)
    };
    let mut outcomes = BTreeSet::new();
    for point in 1..=points {
        for seed in 0..20 {
            let (disk, _storage, log) = prepared();
            disk.power_off_at(point);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| change(&log)));
            disk.crash(seed);
            let disk = disk.restarted();
            let (_storage, log) = try_open(&disk).unwrap();
            let found = values(&log);
            // Of the old ones the later may come back alone, never the earlier: nothing that was made void shows.
            let (first, rest) = found.split_at(1);
            let whole = found == before || found == after;
            let later = first == &after[..1] && before.ends_with(rest);
            assert!(whole || later, "point {point}, seed {seed}: {found:?}");
            outcomes.insert(found.len());
            let names = disk.image();
            let leftover = names.keys().find(|name| {
                name.rsplit('.').next().is_some_and(|end| ["swap", "cleaned", "deleted"].contains(&end))
            });
            assert_eq!(leftover, None, "point {point}, seed {seed}");
            assert!(
                disk.open(
                    &log.core().dir.join(crate::segment::file_name(0, Suffix::Log)),
                    crate::disk::OpenMode::Read
                )
                .is_ok()
            );
        }
    }
    assert!(outcomes.contains(&before.len()) && outcomes.contains(&after.len()), "{outcomes:?}");
}

#[test]
fn the_last_segment_below_a_start_leaves_once_the_next_has_a_safe_name() {
    for (seed, covered) in (0..200).flat_map(|seed| [(seed, 3), (seed, 4)]) {
        let disk = MemDisk::new(seed);
        let (storage, log) = try_open(&disk).unwrap();
        log.set_config((*log.config()).clone().with_durability(Durability::Os));
        let append = |from: i64, to: i64| {
            for number in from..to {
                log.append(batch(&format!("v{number}")), AppendOptions::new(NOW)).unwrap();
            }
        };
        append(0, covered);
        block_on(storage.checkpoint()).unwrap();
        append(covered, 4);
        assert_eq!(block_on(log.delete_records(Offset(4))).unwrap(), Offset(4));
        append(4, 9);
        assert_eq!(bases(&log), [0, 4, 8]);
        block_on(storage.maintain()).unwrap();
        assert_eq!(bases(&log), [4, 8]);
        disk.crash(seed);
        let (_storage, log) = try_open(&disk.restarted()).unwrap();
        assert_eq!(log.offsets().log_start, Offset(4), "seed {seed}, {covered} covered: {:?}", log.offsets());
    }
}

#[test]
fn a_segment_that_is_longer_than_what_it_replaces_is_read_to_its_end() {
    let (disk, storage, log) = prepared();
    // What the next segment holds is still being written, so what is visible ends with the one that is replaced.
    disk.hold(Call::Write);
    log.append(batch("v12"), AppendOptions::new(NOW)).unwrap();
    assert_eq!((bases(&log), log.offsets().high_watermark), (vec![0, 4, 8, 12], Offset(12)));
    block_on(log.core().replace_segments(&[8], Some(longer(&log, 8)))).unwrap();
    let result = block_on(log.read(Offset(8), ReadOptions::default()).into_future()).unwrap();
    let mut bytes = result.into_bytes().unwrap();
    for offset in 8..12 {
        let batch = Batch::split_first(&mut bytes).unwrap().expect("a whole batch");
        assert_eq!(batch.header().base_offset, offset);
    }
    assert!(bytes.is_empty(), "{} bytes more", bytes.len());
    assert_eq!(scrubbed(&storage), 0);
}

#[test]
fn a_segment_in_place_of_one_that_was_synced_in_part_is_not_taken_for_damaged() {
    let disk = MemDisk::new(1);
    let (storage, log) = try_open(&disk).unwrap();
    log.set_config((*log.config()).clone().with_durability(Durability::Os));
    for number in 0..6 {
        log.append(batch(&format!("v{number}")), AppendOptions::new(NOW)).unwrap();
        if number == 1 {
            block_on(storage.checkpoint()).unwrap();
        }
    }
    assert_eq!(bases(&log), [0, 4]);
    block_on(log.core().replace_segments(&[0], Some(longer(&log, 0)))).unwrap();
    assert_eq!(scrubbed(&storage), 0);
    assert_eq!(stored(&log).len(), 6);
}

#[test]
fn a_sync_that_failed_before_the_start_moves_is_not_tried_again() {
    for call in [Call::Sync, Call::SyncDir] {
        let disk = MemDisk::new(1);
        let (storage, log) = try_open(&disk).unwrap();
        log.set_config((*log.config()).clone().with_durability(Durability::Os));
        for number in 0..12 {
            log.append(batch(&format!("v{number}")), AppendOptions::new(NOW)).unwrap();
        }
        disk.inject(Fault::new(call, FaultError::Io).with_times(1));
        for attempt in 0..2 {
            let deleted = block_on(storage.log(log.name()).unwrap().delete_records(Offset(6)));
            assert!(deleted.is_err(), "{call:?}, attempt {attempt}");
            assert_eq!(log.offsets().log_start, Offset(0));
        }
        log.append(batch("v12"), AppendOptions::new(NOW)).expect_err("the log is closed for writing");
    }
}
