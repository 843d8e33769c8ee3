//! Every small file of a data folder, damaged in every way: the storage opens, serves every record, says what
//! it found, and has made the file anew by the next start.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Call, Disk, Fault, FaultError, MemDisk, OpenMode};
use ottla_storage::files::MetaProperties;
use ottla_storage::{
    CleanupPolicy, CompactionConfig, Log, LogConfig, LogName, Offset, ReadOptions, Storage, StorageConfig,
    Unpaced,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "the batches here have keys and times")]
mod logs;
use logs::{NOW, options, try_open};

/// The files of a disk, by path.
type Image = BTreeMap<String, Vec<u8>>;

const LOGS: [&str; 3] = ["orders", "keys", "payments"];

fn name(topic: &str) -> LogName {
    LogName::new(topic, 0)
}

/// What differs between two storages of logs with the same names.
#[derive(Clone, Copy)]
struct Kind {
    batches: i64,
    producer_id: i64,
    time: i64,
}

const OURS: Kind = Kind { batches: 60, producer_id: 9, time: NOW };
const OTHERS: Kind = Kind { batches: 47, producer_id: 10, time: NOW + 7 };

fn batch(kind: Kind, n: i64) -> Bytes {
    let sequence = i32::try_from(n).unwrap();
    let options = BatchOptions::default().with_producer(kind.producer_id, 0, sequence);
    let mut batch = BatchBuilder::new(options);
    let (key, value) =
        (format!("{}", n % 7), format!("{n} {}", "x".repeat(usize::try_from(n % 50).unwrap())));
    batch.try_append(kind.time + n * 10, Some(key.as_bytes()), Some(value.as_bytes()), &[]).unwrap();
    batch.build().unwrap()
}

/// Three logs of several segments and epochs: one whose start moved, one compacted, and one more. Closed, or killed
/// after a checkpoint in the middle.
fn folder(kind: Kind, clean: bool) -> Image {
    let disk = MemDisk::new(1);
    let id = Some(format!("folder of {}", kind.producer_id));
    let meta = MetaProperties { cluster_id: "cluster".to_owned(), node_id: 1, directory_id: id };
    let file = disk.open(Path::new(MetaProperties::FILE), OpenMode::Create).unwrap();
    file.write_blocking(&[IoSlice::new(&meta.format())], 0).unwrap();
    let storage = try_open(Arc::new(disk.clone()), config()).unwrap();
    for (number, topic) in (1..).zip(LOGS) {
        let mut config = LogConfig::default().with_segment_bytes(2000).with_index_interval_bytes(200);
        if topic == "keys" {
            config = config.with_cleanup_policy(CleanupPolicy::COMPACT);
        }
        let log = storage.create_log(name(topic), Uuid::from_u128(number), config).unwrap();
        // A log of fewer batches has other segments.
        let batches = if topic == "payments" { kind.batches - 9 } else { kind.batches };
        for n in 0..batches {
            // Compaction removes the batches that begin an epoch, so there another start of it is as good.
            let epoch =
                if topic == "keys" { 0 } else { [0, 0, 1, 3][usize::try_from(n * 4 / batches).unwrap()] };
            log.append(batch(kind, n), options().with_leader_epoch(epoch)).unwrap();
            if n == batches - 8 {
                block_on(storage.checkpoint()).unwrap();
            }
        }
        if topic == "orders" {
            block_on(log.delete_records(Offset(23))).unwrap();
        }
    }
    while block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).unwrap().is_some() {}
    if clean {
        block_on(storage.close()).unwrap();
    } else {
        block_on(storage.checkpoint()).unwrap();
        for topic in LOGS {
            let log = storage.log(&name(topic)).unwrap();
            let more = log.offsets().log_end.0;
            for n in more..more + 3 {
                log.append(batch(kind, n), options().with_leader_epoch(log.offsets().leader_epoch)).unwrap();
            }
        }
        disk.kill();
    }
    disk.image()
}

fn config() -> StorageConfig {
    StorageConfig::default()
}

fn disk_of(image: &Image) -> MemDisk {
    let disk = MemDisk::new(1);
    for (path, bytes) in image {
        let path = Path::new(path);
        if let Some(dir) = path.parent().filter(|dir| *dir != Path::new("")) {
            let _ = disk.create_dir(dir);
        }
        let file = disk.open(path, OpenMode::Create).unwrap();
        file.write_blocking(&[IoSlice::new(bytes)], 0).unwrap();
    }
    disk
}

/// All records, also those behind batches that compaction has emptied.
fn read_all(log: &Log, mut from: i64) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    loop {
        let read = block_on(log.read(Offset(from), ReadOptions::default()).into_future()).unwrap();
        let mut rest = read.into_bytes().unwrap();
        if rest.is_empty() {
            return all;
        }
        while let Some(batch) = Batch::split_first(&mut rest).unwrap() {
            assert!(batch.crc_is_valid(), "a damaged batch went out");
            from = batch.header().next_offset();
            for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
                let record = record.unwrap();
                all.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
            }
        }
    }
}

/// All that a user sees of a log.
#[derive(Debug, PartialEq)]
struct Picture {
    start: i64,
    end: i64,
    records: Vec<(i64, String)>,
    epochs: Vec<Option<(i32, Offset)>>,
    times: Vec<Option<(Offset, i64)>>,
    newest: Option<Offset>,
    /// Offsets of the last five batches, as their producer is told when it sends them again.
    repeated: Vec<Option<Offset>>,
}

fn picture(log: &Log, kind: Kind) -> Picture {
    let offsets = log.offsets();
    let (start, end) = (offsets.log_start.0, offsets.log_end.0);
    let time = |n: i64| block_on(log.offset_for_timestamp(kind.time + n * 10 - 3)).unwrap();
    let repeat = |n| {
        let appended = log.append(batch(kind, n), options().with_leader_epoch(offsets.leader_epoch));
        appended.ok().filter(|appended| appended.duplicate).map(|appended| appended.base_offset)
    };
    Picture {
        start,
        end,
        records: read_all(log, start),
        epochs: (0..5).map(|epoch| log.epoch_end_offset(epoch)).collect(),
        times: (0..end + 2).map(|n| time(n).map(|found| (found.offset, found.timestamp))).collect(),
        newest: block_on(log.max_timestamp()).unwrap().map(|found| found.offset),
        repeated: (end - 5..end).map(repeat).collect(),
    }
}

fn pictures(storage: &Storage, kind: Kind) -> Vec<Picture> {
    LOGS.into_iter().map(|topic| picture(&storage.log(&name(topic)).unwrap(), kind)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    Missing,
    Empty,
    ShortByOne,
    Half,
    Zeroed,
    Noise,
    Flipped(usize),
    OfAnotherLog,
    Huge,
    Negative,
    Folder,
    Unreadable,
}

fn harms() -> Vec<Harm> {
    use Harm::{
        Empty, Flipped, Folder, Half, Huge, Missing, Negative, Noise, OfAnotherLog, ShortByOne, Unreadable,
        Zeroed,
    };
    let plain =
        [Missing, Empty, ShortByOne, Half, Zeroed, Noise, OfAnotherLog, Huge, Negative, Folder, Unreadable];
    plain.into_iter().chain((0..12).map(Flipped)).collect()
}

/// The last number of each line, replaced.
fn with_numbers(bytes: &[u8], number: &str) -> Option<Vec<u8>> {
    let text = str::from_utf8(bytes).ok()?;
    let lines = text.lines().enumerate().map(|(at, line)| match line.rsplit_once(' ') {
        Some((rest, last)) if at >= 2 && last.parse::<i64>().is_ok() => format!("{rest} {number}\n"),
        _ => format!("{line}\n"),
    });
    Some(lines.collect::<String>().into_bytes())
}

/// The bytes of the file after harm that changes them; `None` when it is gone.
fn harmed(image: &Image, others: &Image, path: &str, harm: Harm) -> Option<Vec<u8>> {
    let mut bytes = image[path].clone();
    match harm {
        Harm::Missing | Harm::Folder => return None,
        Harm::Unreadable => {}
        Harm::Empty => bytes.clear(),
        Harm::ShortByOne => bytes.truncate(bytes.len().saturating_sub(1)),
        Harm::Half => bytes.truncate(bytes.len() / 2),
        Harm::Zeroed => bytes.fill(0),
        Harm::Noise => bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(37) ^ 0x5a),
        Harm::Flipped(part) => {
            let at = bytes.len() * part / 12;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << ((part * 5 + 1) % 8);
            }
        }
        Harm::OfAnotherLog => match path.split_once('/') {
            None => bytes.clone_from(others.get(path)?),
            Some((folder, file)) => {
                let other = if folder == "payments-0" { "orders-0" } else { "payments-0" };
                let suffix = file.rsplit('.').next().unwrap();
                let same_kind = |(path, _): &(&String, &Vec<u8>)| {
                    path.starts_with(other) && path.ends_with(suffix) && !path.ends_with(file)
                };
                let same_name = image.get(&format!("{other}/{file}"));
                bytes.clone_from(same_name.or_else(|| Some(image.iter().find(same_kind)?.1))?);
            }
        },
        Harm::Huge | Harm::Negative => {
            let number = if harm == Harm::Huge { "9223372036854775807" } else { "-7" };
            match with_numbers(&bytes, number) {
                Some(changed) => bytes = changed,
                None => bytes
                    .iter_mut()
                    .skip(8)
                    .for_each(|byte| *byte = if harm == Harm::Huge { 0x7f } else { 0xff }),
            }
        }
    }
    Some(bytes)
}

/// Opens the folder with one file harmed. Answers what was found wrong.
fn open_harmed(image: &Image, others: &Image, path: &str, harm: Harm, expected: &[Picture]) -> Vec<String> {
    let mut changed = image.clone();
    match harmed(image, others, path, harm) {
        Some(bytes) => changed.insert(path.to_owned(), bytes),
        None => changed.remove(path),
    };
    let disk = disk_of(&changed);
    match harm {
        Harm::Folder => {
            disk.create_dir(Path::new(path)).unwrap();
            disk.open(&Path::new(path).join("within"), OpenMode::Create).unwrap();
        }
        Harm::Unreadable => {
            disk.inject(Fault::new(Call::Read, FaultError::Io).with_path(path).with_times(u64::MAX));
        }
        _ => {}
    }
    let what = format!("{path} {harm:?}");
    let storage =
        try_open(Arc::new(disk.clone()), config()).unwrap_or_else(|error| panic!("{what}: {error}"));
    // Whoever puts another folder's file there means it.
    let is_its = (path, harm) != (MetaProperties::FILE, Harm::OfAnotherLog);
    assert_eq!(storage.directory_id() == Some("folder of 9"), is_its, "{what}");
    assert_eq!(storage.cluster_id(), "cluster", "{what}");
    for (number, topic) in (1..).zip(LOGS) {
        // The id of a topic is known to who gave it.
        storage.log(&name(topic)).unwrap().correct_topic_id(Uuid::from_u128(number)).unwrap();
    }
    for (topic, (picture, expected)) in LOGS.iter().zip(pictures(&storage, OURS).iter().zip(expected)) {
        assert_eq!(picture.times, expected.times, "{what}: {topic}");
        assert_eq!(picture, expected, "{what}: {topic}");
    }
    disk.heal();
    let found: Vec<String> = storage.findings().iter().map(ToString::to_string).collect();
    // It goes on, and is whole after the next start.
    for topic in LOGS {
        let log = storage.log(&name(topic)).unwrap();
        let end = log.offsets().log_end.0;
        let appended = log.append(batch(OURS, end), options().with_leader_epoch(log.offsets().leader_epoch));
        assert_eq!(
            appended.unwrap_or_else(|error| panic!("{what}: {error}")).base_offset,
            Offset(end),
            "{what}"
        );
    }
    block_on(storage.close()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let storage = try_open(Arc::new(disk.restarted()), config()).unwrap();
    for (picture, expected) in pictures(&storage, OURS).iter().zip(expected) {
        assert_eq!((picture.start, picture.end), (expected.start, expected.end + 1), "{what}");
        assert_eq!(picture.records[..expected.records.len()], expected.records, "{what}");
    }
    assert_eq!(storage.findings(), [], "{what}: at the start after");
    found
}

fn try_all(clean: bool) {
    let (image, others) = (folder(OURS, clean), folder(OTHERS, clean));
    let expected = pictures(&try_open(Arc::new(disk_of(&image)), config()).unwrap(), OURS);
    for path in image.keys().filter(|path| !path.ends_with(".log") && *path != ".lock") {
        for harm in harms() {
            // A fault takes all paths that begin so, and the copy is one.
            if path == MetaProperties::FILE && harm == Harm::Unreadable {
                continue;
            }
            // Those that nobody reads need no more than three.
            if is_unread(&image, path) && !matches!(harm, Harm::Missing | Harm::Noise | Harm::OfAnotherLog) {
                continue;
            }
            let found = open_harmed(&image, &others, path, harm, &expected);
            let told = found.iter().any(|finding| finding.starts_with(path.trim_end_matches(".timeindex")));
            let other = path.replace(".timeindex", ".index");
            let told = told || found.iter().any(|finding| finding.starts_with(&other));
            assert!(told || !must_tell(&image, path, harm), "{path} {harm:?}: {found:?}");
        }
    }
}

/// Whether a start has no need of this file: it has left the log, or a newer one says more.
fn is_unread(image: &Image, path: &str) -> bool {
    let Some((folder, file)) = path.split_once('/') else { return false };
    let Some((_, suffix)) =
        file.split_once('.').filter(|(_, suffix)| ["snapshot", "producers"].contains(suffix))
    else {
        return path.ends_with(".deleted");
    };
    let newest = image.keys().rfind(|path| path.starts_with(folder) && path.ends_with(suffix));
    newest.is_some_and(|newest| newest != path)
}

/// Whether this harm shows: a flipped digit need not, an index that is cut off between two entries is right as far as it
/// goes, and what is missing may never have been.
fn must_tell(image: &Image, path: &str, harm: Harm) -> bool {
    use Harm::{Folder, Half, Noise, Unreadable, Zeroed};
    let is_of = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
    if is_of(&["offset-checkpoint", "offsets"]) && image[path].starts_with(b"0\n0\n") {
        return matches!(harm, Half | Zeroed | Noise | Folder | Unreadable);
    }
    let text = ["properties", ".copy", "shutdown", "checkpoint", "log-start-offsets", "partition.metadata"];
    match harm {
        Harm::Empty => {
            is_of(&text[..3]) || is_of(&["leader-epoch-checkpoint", "partition.metadata", ".timeindex"])
        }
        Zeroed => is_of(&text) || is_of(&[".timeindex"]),
        Half | Noise => is_of(&text),
        Folder | Unreadable => is_of(&text) || is_of(&["index", "synced-offsets"]),
        Harm::Missing => {
            is_of(&["index", "leader-epoch-checkpoint", "partition.metadata", "meta.properties"])
        }
        Harm::OfAnotherLog => {
            is_of(&["synced-offsets"]) || path.ends_with(".snapshot") && !is_unread(image, path)
        }
        Harm::Flipped(_) => is_of(&["log-start-offsets"]),
        Harm::ShortByOne | Harm::Huge | Harm::Negative => is_of(&["log-start-offsets"]),
    }
}

#[test]
fn after_a_clean_shutdown_any_small_file_may_be_damaged() {
    try_all(true);
}

#[test]
fn after_a_kill_any_small_file_may_be_damaged() {
    try_all(false);
}

#[test]
fn one_epoch_of_another_log_is_not_believed_where_there_were_several() {
    for segment_bytes in [300, 1 << 20] {
        let disk = MemDisk::new(1);
        let config = LogConfig::default().with_segment_bytes(segment_bytes);
        let storage = try_open(Arc::new(disk.clone()), StorageConfig::default()).unwrap();
        let log = storage.create_log(name("orders"), Uuid::ZERO, config).unwrap();
        for n in 0..9 {
            let epoch = i32::try_from(n / 3).unwrap();
            log.append(batch(OURS, n), options().with_leader_epoch(epoch)).unwrap();
        }
        block_on(storage.close()).unwrap();
        disk.edit(Path::new("orders-0/leader-epoch-checkpoint"), |bytes| *bytes = b"0\n1\n0 0\n".to_vec())
            .unwrap();
        let storage = try_open(Arc::new(disk.clone()), StorageConfig::default()).unwrap();
        let log = storage.log(&name("orders")).unwrap();
        let ends: Vec<_> = (0..3).map(|epoch| log.epoch_end_offset(epoch).unwrap().1).collect();
        assert_eq!(ends, [Offset(3), Offset(6), Offset(9)]);
        assert!(storage.findings().iter().any(|f| f.path.ends_with("leader-epoch-checkpoint")));
    }
}
