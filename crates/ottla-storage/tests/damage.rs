//! Files that are missing, cut, overwritten or rotten: the storage opens, serves what is good, and
//! says what is not.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::records::{BatchBuilder, BatchOptions, Compression};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk};
use ottla_storage::{Log, LogConfig, LogName, Offset, ReadError, ReadOptions, Storage, StorageConfig};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, batch_with, open, options, place_of, read_all, try_open, try_read};

const BATCHES: i64 = 200;

fn name() -> LogName {
    LogName::new("orders", 0)
}

fn value(n: i64) -> String {
    format!("{n} {}", "x".repeat(usize::try_from(n % 50).unwrap()))
}

fn records() -> Vec<(i64, String)> {
    (0..BATCHES).map(|n| (n, value(n))).collect()
}

/// A log of 200 batches of one record each, over some ten segments, from one producer.
fn filled(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_segment_bytes(2000).with_index_interval_bytes(300);
    let log = storage.create_log(name(), Uuid::from_u128(5), config).unwrap();
    for n in 0..BATCHES {
        let sequence = i32::try_from(n).unwrap();
        log.append(batch_with(BatchOptions::default().with_producer(9, 0, sequence), &[value(n)]), options())
            .unwrap();
    }
    (storage, log)
}

/// A filled log whose storage was closed or, without a checkpoint, killed.
fn left(clean: bool) -> MemDisk {
    let disk = MemDisk::new(1);
    let (storage, _log) = filled(&disk);
    if clean {
        block_on(storage.close()).unwrap();
    } else {
        disk.kill();
    }
    disk.restarted()
}

fn files(disk: &MemDisk, suffix: &str) -> Vec<PathBuf> {
    let all = disk.image();
    all.keys().filter(|path| path.ends_with(suffix)).map(PathBuf::from).collect()
}

fn reopened(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.clone()));
    let log = storage.log(&name()).unwrap();
    (storage, log)
}

/// All is there, the last five batches are known, and the log goes on.
fn assert_whole(disk: &MemDisk, what: &str) {
    let (storage, log) = reopened(disk);
    assert_eq!(read_all(&log, 0), records(), "{what}");
    assert_eq!(read_all(&log, BATCHES / 2).len(), records().len() / 2, "{what}");
    for n in BATCHES - 5..BATCHES {
        let sequence = i32::try_from(n).unwrap();
        let again = batch_with(BatchOptions::default().with_producer(9, 0, sequence), &[value(n)]);
        let again = log.append(again, options()).unwrap();
        assert!(again.duplicate && again.base_offset == Offset(n), "{what}: batch {n}");
    }
    assert_eq!(log.epoch_end_offset(0), Some((0, Offset(BATCHES))), "{what}");
    let found = block_on(log.offset_for_timestamp(NOW)).unwrap().unwrap();
    assert_eq!((found.offset, found.timestamp), (Offset(0), NOW), "{what}");
    assert_eq!(log.append(batch(&["more"]), options()).unwrap().base_offset, Offset(BATCHES), "{what}");
    block_on(storage.close()).unwrap();
}

#[test]
fn caches_may_be_missing_empty_zeroed_cut_or_of_another_log() {
    let kinds = [
        ".index",
        ".timeindex",
        ".snapshot",
        ".producers",
        "leader-epoch-checkpoint",
        "offset-checkpoint",
        "synced-offsets",
        ".kafka_cleanshutdown",
        "partition.metadata",
        "meta.properties",
    ];
    for clean in [true, false] {
        for kind in kinds {
            for damage in ["missing", "empty", "zeroed", "cut", "noise"] {
                let disk = left(clean);
                for path in files(&disk, kind) {
                    match damage {
                        "missing" => disk.remove_file(&path).unwrap(),
                        "empty" => disk.edit(&path, Vec::clear).unwrap(),
                        "zeroed" => disk.edit(&path, |bytes| bytes.fill(0)).unwrap(),
                        "cut" => disk.edit(&path, |bytes| bytes.truncate(bytes.len() / 2)).unwrap(),
                        _ => disk
                            .edit(&path, |bytes| {
                                bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(37) ^ 0x5a)
                            })
                            .unwrap(),
                    }
                }
                assert_whole(&disk, &format!("{kind} {damage}, clean: {clean}"));
            }
        }
    }
}

#[test]
fn a_torn_garbage_or_zeroed_tail_is_cut_and_kept_aside() {
    for tail in [vec![0; 300], vec![0xa5; 300], batch(&["torn, for it is not all there"])[..70].to_vec()] {
        let disk = left(false);
        let last = files(&disk, ".log").pop().unwrap();
        disk.edit(&last, |bytes| bytes.extend_from_slice(&tail)).unwrap();
        assert_whole(&disk, "tail");
        let cut = files(&disk, ".cut");
        assert_eq!(cut, [Path::new("orders-0/00000000000000000200.cut")]);
        assert_eq!(disk.image()["orders-0/00000000000000000200.cut"], tail);
    }
}

#[test]
fn rot_is_answered_as_corrupt_and_the_records_around_it_stay_readable() {
    for clean in [true, false] {
        for at in [5, 7, 9, 11, 16, 30, 70] {
            let disk = left(clean);
            let path = files(&disk, ".log").remove(3);
            // A byte of a body, of a length, of an offset: all of them end that batch alone.
            disk.edit(&path, |bytes| bytes[at] ^= 0x55).unwrap();
            let (_storage, log) = reopened(&disk);
            assert_eq!(log.offsets().log_end, Offset(BATCHES), "byte {at}, clean: {clean}");
            let mut found = Vec::new();
            let mut corrupt = Vec::new();
            let mut next = 0;
            while next < BATCHES {
                match try_read(&log, next, ReadOptions::default()) {
                    Ok(piece) => {
                        next = piece.last().unwrap().0 + 1;
                        found.extend(piece);
                    }
                    Err(ReadError::Corrupt { offset, .. }) => {
                        corrupt.push(offset.0);
                        next += 1;
                    }
                    Err(error) => panic!("byte {at}: {error}"),
                }
            }
            assert_eq!(corrupt.len(), 1, "byte {at}, clean: {clean}: {corrupt:?}");
            let mut expected = records();
            expected.remove(usize::try_from(corrupt[0]).unwrap());
            assert_eq!(found, expected, "byte {at}, clean: {clean}");
        }
    }
}

#[test]
fn rot_among_deleted_records_costs_none_of_those_that_are_left() {
    for start in [150, 198] {
        let left = || {
            let disk = MemDisk::new(3);
            let (_storage, log) = filled(&disk);
            block_on(log.delete_records(Offset(start))).unwrap();
            disk.kill();
            let disk = disk.restarted();
            // Nothing tells any more how far the log was synced, but that it starts there.
            disk.remove_file(Path::new("synced-offsets")).unwrap();
            disk
        };
        let first = files(&left(), ".log").remove(0);
        let base: i64 = first.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        assert!((0..start).contains(&base), "what is left begins at {base}, below the start");
        for deleted in base..start {
            let disk = left();
            let (path, at) = place_of(&disk, &value(deleted));
            disk.edit(&path, |bytes| bytes[at] ^= 1).unwrap();
            let (_storage, log) = reopened(&disk);
            let expected = &records()[usize::try_from(start).unwrap()..];
            assert_eq!(read_all(&log, start), expected, "the batch at {deleted} is damaged");
        }
    }
}

#[test]
fn rot_at_the_end_costs_no_offset_where_the_record_of_syncs_could_not_be_written() {
    let disk = MemDisk::new(4);
    let (storage, log) = filled(&disk);
    let record = Path::new("synced-offsets");
    let older = disk.image()[record.to_str().unwrap()].clone();
    log.append(batch(&["the last of all"]), options()).unwrap();
    block_on(storage.close()).unwrap();
    let disk = disk.restarted();
    disk.edit(record, |bytes| *bytes = older).unwrap();
    // A start that was cut short has taken it away.
    disk.remove_file(Path::new(".kafka_cleanshutdown")).unwrap();
    let (path, at) = place_of(&disk, "the last of all");
    disk.edit(&path, |bytes| bytes[at] ^= 1).unwrap();
    let (_storage, log) = reopened(&disk);
    assert_eq!(log.offsets().log_end, Offset(BATCHES + 1), "what the checkpoint covered");
    let damaged = try_read(&log, BATCHES, ReadOptions::default());
    assert!(matches!(damaged, Err(ReadError::Corrupt { .. })), "{damaged:?}");
}

#[test]
fn a_start_that_can_read_neither_account_of_syncs_fails_and_takes_nothing_for_torn() {
    let accounts = ["recovery-point-offset-checkpoint", "synced-offsets"];
    for call in [Call::Open, Call::Read] {
        let disk = MemDisk::new(5);
        let (storage, _log) = filled(&disk);
        block_on(storage.checkpoint()).unwrap();
        disk.kill();
        let disk = disk.restarted();
        let rotten = BATCHES / 2;
        let (path, at) = place_of(&disk, &value(rotten));
        disk.edit(&path, |bytes| bytes[at] ^= 1).unwrap();
        for account in accounts {
            disk.inject(Fault::new(call, FaultError::Io).with_path(account).with_times(u64::MAX));
        }
        let error = try_open(Arc::new(disk.clone()), StorageConfig::default()).unwrap_err();
        assert!(accounts.iter().any(|account| error.to_string().contains(account)), "{error}");
        disk.heal();
        let (_storage, log) = reopened(&disk.restarted());
        assert_eq!(log.offsets().log_end, Offset(BATCHES), "{call:?}");
        assert_eq!(read_all(&log, rotten + 1), records()[usize::try_from(rotten + 1).unwrap()..]);
    }
}

#[test]
fn every_codec_and_many_records_a_batch_are_found_by_offset_and_time() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_segment_bytes(3000).with_index_interval_bytes(100);
    let log = storage.create_log(name(), Uuid::ZERO, config).unwrap();
    let mut next = 0;
    let enabled = Compression::ALL.into_iter().filter(|codec| codec.is_enabled());
    for codec in enabled.cycle().take(40) {
        let mut builder =
            ottla_protocol::records::BatchBuilder::new(BatchOptions::default().with_compression(codec, None));
        for _ in 0..7 {
            builder.try_append(1000 + next * 10, None, Some(next.to_string().as_bytes()), &[]).unwrap();
            next += 1;
        }
        log.append(builder.build().unwrap(), options()).unwrap();
    }
    block_on(storage.close()).unwrap();
    let (_storage, log) = reopened(&disk);
    for n in 0..next {
        for time in [1000 + n * 10, 1000 + n * 10 - 9] {
            let found = block_on(log.offset_for_timestamp(time)).unwrap().unwrap();
            assert_eq!((found.offset, found.timestamp), (Offset(n), 1000 + n * 10));
        }
        let read = try_read(&log, n, ReadOptions { max_bytes: 1, ..ReadOptions::default() }).unwrap();
        assert_eq!(read.len(), 7, "one whole batch");
        assert!(read.contains(&(n, n.to_string())));
    }
    assert_eq!(block_on(log.offset_for_timestamp(1000 + next * 10)).unwrap(), None);
    assert_eq!(block_on(log.max_timestamp()).unwrap().unwrap().offset, Offset(next - 1));
}

/// The newest of all is neither the first nor the last of the log, and lies below the checkpoint.
fn time(n: i64) -> i64 {
    NOW + if n < 12 { n * 10 } else { 100 - n }
}

/// A log of one segment whose batches have these times.
fn left_with_times(clean: bool) -> MemDisk {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let config = LogConfig::default().with_index_interval_bytes(150);
    let log = storage.create_log(name(), Uuid::from_u128(5), config).unwrap();
    for n in 0..24 {
        if n == 20 {
            block_on(storage.checkpoint()).unwrap();
        }
        let mut batch = BatchBuilder::new(BatchOptions::default());
        batch.try_append(time(n), None, Some(value(n).as_bytes()), &[]).unwrap();
        log.append(batch.build().unwrap(), options()).unwrap();
    }
    match clean {
        true => block_on(storage.close()).unwrap(),
        false => disk.kill(),
    }
    disk.restarted()
}

#[test]
fn no_bit_of_a_time_index_hides_a_record_or_makes_one_up() {
    for clean in [true, false] {
        let disk = left_with_times(clean);
        let path = files(&disk, ".timeindex").remove(0);
        let bits = 8 * disk.image()[path.to_str().unwrap()].len();
        assert!(bits >= 4 * 96, "several entries: {bits} bits");
        for bit in 0..bits {
            let what = format!("bit {bit} of {bits}, clean: {clean}");
            let disk = left_with_times(clean);
            disk.flip_bit(&path, bit as u64).unwrap();
            let (_storage, log) = reopened(&disk);
            let newest = block_on(log.max_timestamp()).unwrap().unwrap();
            assert_eq!((newest.offset, newest.timestamp), (Offset(11), time(11)), "{what}");
            for n in 0..12 {
                let found = block_on(log.offset_for_timestamp(time(n))).unwrap().unwrap();
                assert_eq!((found.offset, found.timestamp), (Offset(n), time(n)), "{what}");
            }
        }
    }
}
