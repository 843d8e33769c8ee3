//! Plain records: appended and read without a word about batches, whole or not there, in order, to the last byte.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use ottla_protocol::records::BatchOptions;
use ottla_storage::disk::{Call, Disk, MemDisk};
use ottla_storage::{
    AppendError, Compression, Error, Log, LogConfig, NewRecord, Offset, ReadError, Record, RecordOptions,
    RecordReader, Storage, StorageConfig, blocking,
};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use blocking::block_on;
use logs::{NOW, batch_with, open, options, try_open};

fn journal(storage: &Storage) -> Arc<Log> {
    storage.open_log("journal", LogConfig::journal()).unwrap()
}

/// A storage whose readers get everything from files.
fn without_tail(disk: &MemDisk) -> Storage {
    try_open(Arc::new(disk.clone()), StorageConfig::default().with_tail_bytes_max(0)).unwrap()
}

fn append(log: &Log, values: &[&str]) {
    let records = values.iter().map(|value| NewRecord::new(value.as_bytes()));
    blocking::append_records(log, records, RecordOptions::default()).unwrap();
}

fn value(record: &Record) -> String {
    String::from_utf8(record.value.clone().unwrap().to_vec()).unwrap()
}

/// All that a reader finds now.
fn rest(reader: &mut RecordReader) -> Result<Vec<(i64, String)>, ReadError> {
    let mut found = Vec::new();
    while let Some(record) = block_on(reader.next())? {
        found.push((record.offset.0, value(&record)));
    }
    Ok(found)
}

fn numbered(from: i64, values: &[&str]) -> Vec<(i64, String)> {
    (from..).zip(values.iter().map(|value| (*value).to_owned())).collect()
}

#[test]
fn a_record_comes_back_with_all_that_it_had() {
    for storage in [open(Arc::new(MemDisk::new(1))), without_tail(&MemDisk::new(1))] {
        let log = journal(&storage);
        let headers: [(&str, Option<&[u8]>); 3] = [("trace", Some(b"7f")), ("trace", None), ("", Some(b""))];
        let full = NewRecord::new(b"paid").with_key(b"o-17").with_headers(&headers).with_timestamp_ms(42);
        let records = [full, NewRecord::deletion(b"o-18"), NewRecord::new(b"")];
        let appended = blocking::append_records(&log, records, RecordOptions::default()).unwrap();
        assert_eq!((appended.base_offset, appended.last_offset), (Offset(0), Offset(2)));

        let found: Vec<Record> = blocking::records(&log, Offset::ZERO).collect::<Result<_, _>>().unwrap();
        let [first, second, third] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((first.offset, first.timestamp_ms), (Offset(0), 42));
        assert_eq!(first.key.as_deref(), Some(&b"o-17"[..]));
        assert_eq!(first.value.as_deref(), Some(&b"paid"[..]));
        let found: Vec<(&[u8], Option<&[u8]>)> =
            first.headers.iter().map(|header| (&header.key[..], header.value.as_deref())).collect();
        assert_eq!(found, [(&b"trace"[..], Some(&b"7f"[..])), (b"trace", None), (b"", Some(b""))]);
        assert_eq!((second.offset, second.timestamp_ms), (Offset(1), NOW));
        assert_eq!((second.key.as_deref(), second.value.as_deref()), (Some(&b"o-18"[..]), None));
        assert_eq!((third.key.as_deref(), third.value.as_deref()), (None, Some(&b""[..])));
        assert!(third.headers.is_empty());
    }
}

#[test]
fn records_are_packed_with_every_codec_of_this_build_and_others_are_refused_by_name() {
    let storage = open(Arc::new(MemDisk::new(1)));
    let log = journal(&storage);
    let mut wanted = Vec::new();
    for codec in Compression::ALL {
        let values: Vec<String> = (0..100).map(|n| format!("{codec} {n}")).collect();
        let records = values.iter().map(|value| NewRecord::new(value.as_bytes()));
        let options = RecordOptions::default().with_compression(codec);
        match log.append_records(records, options) {
            Ok(_) => wanted.extend(values),
            Err(error) => {
                assert!(!codec.is_enabled() && matches!(error, AppendError::Codec(_)), "{codec}: {error}");
            }
        }
    }
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let mut reader = log.reader(Offset::ZERO);
    assert_eq!(rest(&mut reader).unwrap(), numbered(0, &wanted));
    // In the middle of a batch that is packed.
    reader.seek(Offset(50));
    assert_eq!(rest(&mut reader).unwrap(), numbered(50, &wanted[50..]));
}

#[test]
fn what_is_too_large_or_nothing_is_refused_by_name_and_nothing_is_appended() {
    let storage = open(Arc::new(MemDisk::new(1)));
    let log = storage.open_log("small", LogConfig::journal().with_max_message_bytes(1000)).unwrap();
    let refused = log.append_record(NewRecord::new(&[7; 1000]));
    assert!(
        matches!(refused, Err(AppendError::RecordsTooLarge { size: 1001.., limit: 1000 })),
        "{refused:?}"
    );
    let refused = log.append_records([NewRecord::new(&[7; 300]); 4], RecordOptions::default());
    assert!(
        matches!(refused, Err(AppendError::RecordsTooLarge { size: 1001.., limit: 1000 })),
        "{refused:?}"
    );
    let refused = log.append_records([], RecordOptions::default());
    assert!(matches!(refused, Err(AppendError::Empty)), "{refused:?}");
    assert!(matches!(storage.open_log("../etc", LogConfig::journal()), Err(Error::IllegalName { .. })));
    assert_eq!(log.offsets().log_end, Offset::ZERO);
    append(&log, &["fits"]);
    assert_eq!(rest(&mut log.reader(Offset::ZERO)).unwrap(), numbered(0, &["fits"]));
}

#[test]
fn records_of_one_append_are_all_there_or_none_when_power_is_lost() {
    let mut seen = [false; 2];
    for seed in 0..300 {
        let disk = MemDisk::new(seed);
        let storage = open(Arc::new(disk.clone()));
        let log = journal(&storage);
        append(&log, &["kept"]);
        disk.hold(Call::Sync);
        let large = [b'x'; 700];
        let records = [NewRecord::new(b"a"), NewRecord::new(&large), NewRecord::new(b"c")];
        log.append_records(records, RecordOptions::default()).unwrap();
        disk.crash(seed);
        let storage = open(Arc::new(disk.restarted()));
        let found = rest(&mut journal(&storage).reader(Offset::ZERO)).unwrap();
        assert!(found.len() == 1 || found.len() == 4, "seed {seed}: {} records", found.len());
        seen[usize::from(found.len() == 4)] = true;
    }
    assert_eq!(seen, [true; 2], "both ends came up");
}

#[test]
fn a_reader_waits_for_what_is_durable_and_loses_nothing_when_it_stops_waiting() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let log = journal(&storage);
    append(&log, &["a"]);
    let mut reader = log.reader(Offset::ZERO);
    assert_eq!(rest(&mut reader).unwrap(), numbered(0, &["a"]));

    let mut cx = Context::from_waker(Waker::noop());
    disk.hold(Call::Sync);
    log.append_record(NewRecord::new(b"b")).unwrap();
    for _ in 0..3 {
        // Written and not synced: it is not shown, and dropping the wait changes nothing.
        assert!(pin!(reader.next_or_wait()).poll(&mut cx).is_pending());
    }
    assert_eq!(block_on(reader.next()).unwrap(), None);
    {
        let mut waiting = pin!(reader.next_or_wait());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        disk.release();
        let Poll::Ready(Ok(record)) = waiting.poll(&mut cx) else { panic!("it is durable") };
        assert_eq!((record.offset, record.value), (Offset(1), Some(Bytes::from_static(b"b"))));
    }
    assert_eq!(reader.position(), Offset(2));
    block_on(storage.close()).unwrap();
    assert!(matches!(block_on(reader.next_or_wait()), Err(Error::Read(ReadError::Gone(_)))));
}

#[test]
fn a_reader_that_fell_behind_is_told_so_and_goes_on_where_it_says() {
    let storage = without_tail(&MemDisk::new(1));
    let log = journal(&storage);
    let mut reader = log.reader(Offset::ZERO);
    for value in ["a", "b", "c"] {
        append(&log, &[value]);
    }
    block_on(log.delete_records(Offset(2))).unwrap();
    for _ in 0..2 {
        assert!(matches!(
            block_on(reader.next()),
            Err(ReadError::OutOfRange { offset: Offset(0), log_start: Offset(2), log_end: Offset(3) })
        ));
    }
    assert_eq!(reader.skip_to_start(), Offset(2));
    assert_eq!(rest(&mut reader).unwrap(), numbered(2, &["c"]));
    assert_eq!(reader.skip_to_start(), Offset(3), "who is not behind stays");
    reader.seek(Offset(4));
    assert!(matches!(block_on(reader.next()), Err(ReadError::OutOfRange { log_end: Offset(3), .. })));
}

#[test]
fn a_damaged_batch_is_named_and_passed_over_alone() {
    let values: Vec<String> = (0..40).map(|n| format!("value {n} {}", "y".repeat(60))).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    // The first batch of a segment, one in the middle, and the last.
    for damaged in [0, 7, 39] {
        let disk = MemDisk::new(1);
        let storage = without_tail(&disk);
        let log = storage.open_log("journal", LogConfig::journal().with_segment_bytes(2000)).unwrap();
        values.chunks(2).for_each(|pair| append(&log, pair));
        block_on(storage.close()).unwrap();
        let (path, at) = logs::place_of(&disk, &format!("value {damaged} "));
        disk.edit(&path, |bytes| bytes[at + 10] ^= 1).unwrap();

        let storage = without_tail(&disk);
        let log = storage.open_log("journal", LogConfig::journal().with_segment_bytes(2000)).unwrap();
        let mut reader = log.reader(Offset::ZERO);
        let mut found = Vec::new();
        let error = loop {
            match block_on(reader.next()) {
                Ok(Some(record)) => found.push((record.offset.0, value(&record))),
                Ok(None) => panic!("batch of {damaged} was passed over in silence"),
                Err(error) => break error,
            }
        };
        let first_lost = damaged / 2 * 2;
        assert!(
            matches!(error, ReadError::Corrupt { offset, .. } if offset == Offset(first_lost)),
            "{error}"
        );
        assert_eq!(block_on(reader.skip_damaged()).unwrap(), Offset(first_lost + 2));
        assert_eq!(block_on(reader.skip_damaged()).unwrap(), Offset(first_lost + 2), "who stands well stays");
        found.extend(rest(&mut reader).unwrap());
        let mut wanted = numbered(0, &values);
        wanted.retain(|(offset, _)| offset / 2 * 2 != first_lost);
        assert_eq!(found, wanted);
    }
}

#[test]
fn both_faces_may_be_used_on_one_log() {
    let storage = open(Arc::new(MemDisk::new(1)));
    let log = journal(&storage);
    append(&log, &["plain"]);
    let batches =
        [batch_with(BatchOptions::default(), &["x", "y"]), batch_with(BatchOptions::default(), &["z"])];
    blocking::append(&log, batches.concat().into(), options().with_leader_epoch(3)).unwrap();
    append(&log, &["again"]);
    assert_eq!(rest(&mut log.reader(Offset(1))).unwrap(), numbered(1, &["x", "y", "z", "again"]));
    assert_eq!(logs::read(&log, 4), [(4, "again".to_owned())]);
}

#[test]
fn a_folder_is_opened_filled_and_read_in_a_few_lines() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("made/on/the/way");
    for run in 0..3 {
        let storage = blocking::open(&root, StorageConfig::default()).unwrap();
        let log = journal(&storage);
        let found: Vec<Record> =
            blocking::records(&log, log.offsets().log_start).collect::<Result<_, _>>().unwrap();
        assert_eq!(found.len(), run);
        blocking::append_record(&log, NewRecord::new(b"one more")).unwrap();
        assert!(matches!(blocking::open(&root, StorageConfig::default()), Err(Error::Locked { .. })));
        block_on(storage.close()).unwrap();
    }
}

#[test]
fn a_value_is_a_slice_of_what_was_read() {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    assert!(disk.list(Path::new("")).is_ok());
    let log = journal(&storage);
    append(&log, &["first", "second"]);
    let found: Vec<Record> = blocking::records(&log, Offset::ZERO).collect::<Result<_, _>>().unwrap();
    let [first, second] =
        [&found[0], &found[1]].map(|record| record.value.as_ref().unwrap().as_ptr() as usize);
    assert!(second > first && second - first < 32, "{first} and {second} are of one piece");
}
