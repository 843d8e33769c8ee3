//! Following a log of another process: what is durable is shown once and in order, whatever the owner does to its files.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::Path;
use std::sync::Arc;

use ottla_env::Rng;
use ottla_storage::disk::{Call, MemDisk, OsDisk};
use ottla_storage::files::{MetaProperties, replace_blocking};
use ottla_storage::{
    CleanupPolicy, CompactionConfig, Durability, Error, Follower, Log, LogConfig, LogName, NewRecord, Offset,
    ReadError, Record, RecordOptions, Storage, Unpaced, blocking,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use blocking::block_on;
use logs::{env_with, open};
use ottla_env::ManualClock;

fn config() -> LogConfig {
    LogConfig::journal().with_segment_bytes(700)
}

fn owner(disk: &MemDisk) -> (Storage, Arc<Log>) {
    let storage = open(Arc::new(disk.clone()));
    let log = storage.open_log("journal", config()).unwrap();
    (storage, log)
}

fn follower(disk: &MemDisk, from: i64) -> Follower {
    Follower::open(Arc::new(disk.clone()), "journal", Offset(from)).unwrap()
}

/// Appends records `numbers` of one key each, two at a time.
fn append(log: &Log, numbers: std::ops::Range<i64>) {
    let values: Vec<String> = numbers.map(|n| format!("value {n} {}", "z".repeat(50))).collect();
    for pair in values.chunks(2) {
        let records = pair.iter().map(|value| NewRecord::new(value.as_bytes()));
        blocking::append_records(log, records, RecordOptions::default()).unwrap();
    }
}

/// The number that [`append`] put into a record.
fn number(record: &Record) -> i64 {
    let value = String::from_utf8(record.value.clone().unwrap().to_vec()).unwrap();
    value.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Offsets of all that is there now; each is the number of its record.
fn rest(follower: &mut Follower) -> Result<Vec<i64>, ReadError> {
    let mut found = Vec::new();
    while let Some(record) = follower.try_next()? {
        assert_eq!(record.offset.0, number(&record));
        found.push(record.offset.0);
    }
    Ok(found)
}

fn all(range: std::ops::Range<i64>) -> Vec<i64> {
    range.collect()
}

#[test]
fn a_follower_sees_each_record_once_from_before_the_first_to_the_last() {
    let disk = MemDisk::new(1);
    let mut follower = follower(&disk, 0);
    assert_eq!(rest(&mut follower).unwrap(), [0; 0], "no folder yet");
    let (storage, log) = owner(&disk);
    assert_eq!(rest(&mut follower).unwrap(), [0; 0], "no file yet");
    append(&log, 0..2);
    assert_eq!(rest(&mut follower).unwrap(), [0, 1]);
    append(&log, 2..60);
    assert_eq!(rest(&mut follower).unwrap(), all(2..60), "over several segments");
    append(&log, 60..61);
    assert_eq!(rest(&mut follower).unwrap(), [60]);
    block_on(storage.close()).unwrap();
    assert_eq!(rest(&mut follower).unwrap(), [0; 0], "the owner has gone");

    let (_storage, log) = owner(&disk);
    append(&log, 61..70);
    assert_eq!(rest(&mut follower).unwrap(), all(61..70), "and come back");
    follower.seek(Offset(33));
    assert_eq!(rest(&mut follower).unwrap(), all(33..70));
    assert_eq!((follower.position(), follower.end().unwrap()), (Offset(70), Offset(70)));
}

#[test]
fn a_follower_sees_nothing_that_no_sync_has_covered() {
    let disk = MemDisk::new(1);
    let (_storage, log) = owner(&disk);
    append(&log, 0..2);
    let mut follower = follower(&disk, 0);
    disk.hold(Call::Sync);
    log.append_record(NewRecord::new(b"value 2")).unwrap();
    assert_eq!(rest(&mut follower).unwrap(), [0, 1]);
    disk.release();
    assert_eq!(rest(&mut follower).unwrap(), [2]);
}

#[test]
fn what_a_follower_has_shown_is_there_after_a_loss_of_power() {
    for seed in 0..200 {
        let disk = MemDisk::new(seed);
        let mut rng = Rng::new(seed);
        let (_storage, log) = owner(&disk);
        let mut following = follower(&disk, 0);
        let mut shown = Vec::new();
        let mut next = 0;
        disk.power_off_at(10 + rng.below(120));
        while !disk.is_dead() {
            let value = format!("value {next} {}", "z".repeat(50));
            if log.append_record(NewRecord::new(value.as_bytes())).is_ok() {
                next += 1;
            }
            if let Ok(found) = rest(&mut following) {
                shown.extend(found);
            }
        }
        disk.crash(seed);
        let disk = disk.restarted();
        let (_storage, log) = owner(&disk);
        let kept = log.offsets().log_end.0;
        assert_eq!(shown, all(0..shown.len().try_into().unwrap()), "seed {seed}");
        assert!(
            shown.len() <= usize::try_from(kept).unwrap(),
            "seed {seed}: {} shown, {kept} kept",
            shown.len()
        );
        append(&log, kept..kept + 2);
        assert_eq!(rest(&mut follower(&disk, 0)).unwrap(), all(0..kept + 2), "seed {seed}");
    }
}

#[test]
fn a_follower_is_told_that_records_were_deleted_before_it_came() {
    let disk = MemDisk::new(1);
    let (storage, log) = owner(&disk);
    let mut following = follower(&disk, 0);
    append(&log, 0..10);
    assert_eq!(following.try_next().unwrap().map(|record| number(&record)), Some(0));
    append(&log, 10..60);
    block_on(log.delete_records(Offset(31))).unwrap();
    block_on(storage.maintain()).unwrap();
    let mut seen = vec![0];
    let error = loop {
        match following.try_next() {
            Ok(record) => seen.push(number(&record.unwrap())),
            Err(error) => break error,
        }
    };
    assert_eq!(seen, all(0..seen.len().try_into().unwrap()));
    assert!(
        matches!(error, ReadError::OutOfRange { log_start: Offset(31), log_end: Offset(60), .. }),
        "{error}"
    );
    assert_eq!(following.skip_to_start().unwrap(), Offset(31));
    assert_eq!(rest(&mut following).unwrap(), all(31..60));
    assert_eq!(following.skip_to_start().unwrap(), Offset(60));

    // The segments tell, too, if the files do not.
    for file in ["log-start-offset-checkpoint", "log-start-offsets"] {
        disk.edit(Path::new(file), Vec::clear).unwrap();
    }
    let told = follower(&disk, 0).try_next();
    assert!(matches!(told, Err(ReadError::OutOfRange { log_start: Offset(1..), .. })), "{told:?}");
}

#[test]
fn a_follower_is_told_that_its_log_was_removed_also_when_there_is_a_new_one() {
    for is_made_again in [false, true] {
        let disk = MemDisk::new(1);
        let (storage, log) = owner(&disk);
        append(&log, 0..40);
        let mut following = follower(&disk, 0);
        assert_eq!(rest(&mut following).unwrap(), all(0..40));
        block_on(storage.remove_log(&LogName::from("journal"))).unwrap();
        if is_made_again {
            let log = storage.open_log("journal", config()).unwrap();
            append(&log, 0..50);
        }
        for _ in 0..2 {
            assert!(matches!(following.try_next(), Err(ReadError::Gone(_))), "{is_made_again}");
        }
    }
}

#[test]
fn a_damaged_batch_is_named_and_passed_over_alone() {
    // The first batch of a segment, one in the middle, and the last of all; in the header and in the records.
    for (damaged, back) in [(0_i64, 0_usize), (20, 0), (31, 0), (38, 0), (0, 60), (20, 60), (38, 60)] {
        let disk = MemDisk::new(1);
        let (_storage, log) = owner(&disk);
        append(&log, 0..40);
        let (path, at) = logs::place_of(&disk, &format!("value {damaged} "));
        disk.edit(&path, |bytes| bytes[at + 3 - back.min(at)] ^= 0x55).unwrap();
        let mut following = follower(&disk, 0);
        let (mut found, mut lost) = (Vec::new(), None);
        loop {
            match following.try_next() {
                Ok(Some(record)) => found.push(number(&record)),
                Ok(None) => break,
                Err(ReadError::Corrupt { offset, .. }) => {
                    assert_eq!(lost, None, "one batch is damaged");
                    lost = Some(offset.0);
                    following.skip_damaged();
                }
                Err(error) => panic!("{error}"),
            }
        }
        let first_lost = damaged / 2 * 2;
        assert_eq!(lost, Some(first_lost), "record {damaged}, {back} bytes before it");
        let wanted: Vec<i64> = (0..40).filter(|n| n / 2 * 2 != first_lost).collect();
        assert_eq!(found, wanted, "record {damaged}, {back} bytes before it");
    }
}

/// A compacted log with many versions of few keys.
fn compacted(disk: &MemDisk, clock: ManualClock) -> (Storage, Arc<Log>) {
    let storage =
        block_on(Storage::open(Arc::new(disk.clone()), env_with(clock), Default::default())).unwrap();
    let log = storage.open_log("journal", config().with_cleanup_policy(CleanupPolicy::COMPACT)).unwrap();
    (storage, log)
}

fn put(log: &Log, n: i64) {
    let (key, value) = (format!("key {}", n % 7), format!("value {n} {}", "z".repeat(30)));
    let record = NewRecord::new(value.as_bytes()).with_key(key.as_bytes());
    blocking::append_record(log, record).unwrap();
}

#[test]
fn a_follower_goes_through_segments_that_are_compacted_under_it() {
    for seed in 0..60 {
        let disk = MemDisk::new(seed);
        let mut rng = Rng::new(seed);
        let (storage, log) = compacted(&disk, ManualClock::new(logs::NOW));
        let mut following = follower(&disk, 0);
        let (mut next, mut seen) = (0, Vec::new());
        for _ in 0..150 {
            match rng.below(10) {
                0..4 => {
                    put(&log, next);
                    next += 1;
                }
                4..8 => {
                    if let Some(record) = following.try_next().unwrap() {
                        seen.push(number(&record));
                    }
                }
                8 => {
                    drop(block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).unwrap())
                }
                _ => block_on(storage.maintain()).unwrap(),
            }
        }
        seen.extend(rest(&mut following).unwrap());
        assert!(seen.is_sorted_by(|a, b| a < b), "seed {seed}: {seen:?}");
        let left: Vec<i64> =
            blocking::records(&log, Offset::ZERO).map(|record| number(&record.unwrap())).collect();
        let missed: Vec<&i64> = left.iter().filter(|n| !seen.contains(n)).collect();
        assert_eq!(missed, [&0; 0], "seed {seed}: all that compaction has left is seen");
    }
}

#[test]
fn a_follower_waits_while_segments_are_replaced_and_their_owner_is_dead() {
    let mut stages = [0; 2];
    for nth in 1.. {
        let disk = MemDisk::new(nth);
        let (storage, log) = compacted(&disk, ManualClock::new(logs::NOW));
        (0..60).for_each(|n| put(&log, n));
        let left_before: Vec<i64> = all(0..60);
        disk.power_off_at(nth);
        let ended = block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced));
        if !disk.is_dead() {
            assert!(ended.is_ok());
            break;
        }
        drop((storage, log));
        disk.crash(nth);
        let disk = disk.restarted();
        let mut following = follower(&disk, 0);
        let mut seen = Vec::new();
        while let Ok(Some(record)) = following.try_next() {
            seen.push(number(&record));
        }
        stages[usize::from(disk.image().keys().any(|path| path.ends_with(".swap")))] += 1;
        let (_storage, log) = compacted(&disk, ManualClock::new(logs::NOW));
        seen.extend(rest(&mut following).unwrap());
        assert!(seen.is_sorted_by(|a, b| a < b), "change {nth}: {seen:?}");
        assert!(seen.iter().all(|n| left_before.contains(n)));
        let left: Vec<i64> =
            blocking::records(&log, Offset::ZERO).map(|record| number(&record.unwrap())).collect();
        let missed: Vec<&i64> = left.iter().filter(|n| !seen.contains(n)).collect();
        assert_eq!(missed, [&0; 0], "change {nth}");
    }
    assert!(stages.iter().all(|count| *count > 0), "with .swap files and without: {stages:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "owner and follower do not wait for each other")]
fn a_follower_keeps_up_with_an_owner_that_compacts_all_the_time() {
    const LAST: i64 = 300;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let following = std::thread::spawn({
        let mut follower = blocking::follow(&root, "journal", Offset::ZERO).unwrap();
        move || {
            let mut seen = Vec::new();
            while seen.last() != Some(&LAST) {
                match follower.try_next() {
                    Ok(Some(record)) => seen.push(number(&record)),
                    Ok(None) => std::thread::yield_now(),
                    Err(error) => return (seen, Some(error)),
                }
            }
            (seen, None)
        }
    });
    let storage = blocking::open(&root, Default::default()).unwrap();
    let mut config = config().with_cleanup_policy(CleanupPolicy::COMPACT);
    (config.durability, config.file_delete_delay_ms) = (Durability::Fsync, 0);
    let log = storage.open_log("journal", config).unwrap();
    for n in 0..=LAST {
        put(&log, n);
        if n % 5 == 0 {
            block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).unwrap();
            block_on(storage.maintain()).unwrap();
        }
    }
    let left: Vec<i64> =
        blocking::records(&log, Offset::ZERO).map(|record| number(&record.unwrap())).collect();
    let (seen, error) = following.join().unwrap();
    assert!(error.is_none(), "{error:?} behind {:?}", seen.last());
    assert!(seen.is_sorted_by(|a, b| a < b));
    let missed: Vec<&i64> = left.iter().filter(|n| !seen.contains(n)).collect();
    assert_eq!(missed, [&0; 0]);
}

#[test]
fn a_follower_of_nothing_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        blocking::follow(folder.path().join("missing"), "journal", Offset::ZERO),
        Err(Error::Io { .. })
    ));
    assert!(matches!(
        blocking::follow(folder.path(), "../journal", Offset::ZERO),
        Err(Error::IllegalName { .. })
    ));
    assert!(blocking::follow(folder.path(), "journal", Offset::ZERO).unwrap().try_next().unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it writes nothing");

    let disk = OsDisk::new(folder.path()).unwrap();
    let newer = b"version=2\nnode.id=1\ncluster.id=x\n";
    replace_blocking(&disk, Path::new(MetaProperties::FILE), newer).unwrap();
    let newer = blocking::follow(folder.path(), "journal", Offset::ZERO);
    assert!(matches!(newer, Err(Error::Newer { found: 2, .. })), "{newer:?}");
}
