//! Batches that lie and folders of somebody else: each is refused by name, nothing is written, and the log goes on.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ottla_protocol::ErrorCode;
use ottla_protocol::records::{BatchBuilder, BatchOptions, Compression, TimestampType, crc32c};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk, OsDisk};
use ottla_storage::{CleanupPolicy, Error, Log, LogConfig, LogName, Offset, Storage, StorageConfig};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{NOW, batch, env, open, options, read_all};

/// Where the fields of a batch stand.
const LENGTH: usize = 8;
const MAGIC: usize = 16;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_OFFSET_DELTA: usize = 23;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
const PRODUCER_ID: usize = 43;
const BASE_SEQUENCE: usize = 53;
const COUNT: usize = 57;
const RECORDS: usize = 61;

/// A batch of two records in which bytes were replaced, its checksum that of the new ones.
fn lying(at: usize, bytes: &[u8]) -> Bytes {
    lies(batch(&["one", "two"]), at, bytes)
}

fn lies(batch: Bytes, at: usize, bytes: &[u8]) -> Bytes {
    let mut batch = BytesMut::from(&batch[..]);
    batch[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32c(&batch[ATTRIBUTES..]);
    batch[CRC..ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
    batch.freeze()
}

/// A batch with one record of this time.
fn from(timestamp: i64) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(timestamp, None, Some(b"v"), &[]).unwrap();
    builder.build().unwrap()
}

/// A log that is written to on a disk of memory.
fn log(config: LogConfig) -> (MemDisk, Storage, Arc<Log>) {
    let disk = MemDisk::new(1);
    let storage = open(Arc::new(disk.clone()));
    let log = storage.create_log(LogName::new("orders", 0), Uuid::from_u128(9), config).unwrap();
    let appended = log.append(keyed("first"), options()).unwrap();
    block_on(log.durable(&appended)).unwrap();
    (disk, storage, log)
}

/// A record that any topic takes.
fn keyed(value: &str) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(NOW, Some(b"k"), Some(value.as_bytes()), &[]).unwrap();
    builder.build().unwrap()
}

/// Sees a batch refused with this code and these words, nothing written, and the next one taken.
#[track_caller]
fn refused_by(config: LogConfig, bytes: Bytes, code: ErrorCode, words: &str) {
    let (disk, _storage, log) = log(config);
    let before = disk.image();
    let error = log.append(bytes, options()).unwrap_err();
    assert_eq!((error.error_code(), error.is_retriable()), (code, false), "{error}");
    assert!(error.to_string().contains(words), "{error:?}: {error}");
    assert!(disk.image() == before, "something was written");
    assert_eq!(log.offsets().log_end, Offset(1));
    assert_eq!(log.append(keyed("second"), options()).unwrap().base_offset, Offset(1));
    assert_eq!(read_all(&log, 0), [(0, "first".to_owned()), (1, "second".to_owned())]);
}

#[track_caller]
fn refused(bytes: Bytes, code: ErrorCode, words: &str) {
    refused_by(LogConfig::default(), bytes, code, words);
}

#[test]
fn sizes_that_lie_are_refused() {
    let whole = batch(&["one", "two"]);
    let len = i32::try_from(whole.len() - 12).unwrap();
    refused(Bytes::new(), ErrorCode::INVALID_RECORD, "no batch");
    refused(whole.slice(..whole.len() - 1), ErrorCode::INVALID_RECORD, "batch");
    refused(whole.slice(..20), ErrorCode::INVALID_RECORD, "batch");
    refused(lying(LENGTH, &(len + 1).to_be_bytes()), ErrorCode::INVALID_RECORD, "batch");
    refused(lying(LENGTH, &i32::MAX.to_be_bytes()), ErrorCode::INVALID_RECORD, "batch");
    for length in [-1, 0, 48, i32::MIN] {
        refused(lying(LENGTH, &length.to_be_bytes()), ErrorCode::CORRUPT_MESSAGE, &length.to_string());
    }
    let with_more = [&whole[..], b"more"].concat();
    refused(with_more.into(), ErrorCode::INVALID_RECORD, "batch");
}

#[test]
fn a_checksum_or_format_that_lies_is_refused() {
    let mut wrong = BytesMut::from(&batch(&["one"])[..]);
    wrong[RECORDS] ^= 1;
    refused(wrong.freeze(), ErrorCode::CORRUPT_MESSAGE, "crc");
    for (magic, code) in [
        (0, ErrorCode::INVALID_RECORD),
        (1, ErrorCode::INVALID_RECORD),
        (3, ErrorCode::CORRUPT_MESSAGE),
        (0xff, ErrorCode::CORRUPT_MESSAGE),
    ] {
        refused(lying(MAGIC, &[magic]), code, &format!("format {}", magic.cast_signed()));
    }
}

#[test]
fn counts_and_offsets_that_lie_are_refused() {
    for count in [-1, 0, 1, 3, i32::MAX, i32::MIN] {
        refused(lying(COUNT, &count.to_be_bytes()), ErrorCode::INVALID_RECORD, "records_count");
    }
    for delta in [-1, 0, 2, i32::MAX, i32::MIN] {
        let bytes = lying(LAST_OFFSET_DELTA, &delta.to_be_bytes());
        refused(bytes, ErrorCode::INVALID_RECORD, "last_offset_delta");
    }
    // Count and delta agree, and the records are fewer or more.
    for count in [1_i32, 3, 1_000_000] {
        let bytes = lying(LAST_OFFSET_DELTA, &(count - 1).to_be_bytes());
        refused(lies(bytes, COUNT, &count.to_be_bytes()), ErrorCode::INVALID_RECORD, "record");
    }
    refused(lying(0, &7_i64.to_be_bytes()), ErrorCode::INVALID_RECORD, "base_offset of 7");
}

#[test]
fn records_that_lie_are_refused() {
    // The length of the first record, as a varint of one byte.
    for length in [0x00, 0x01, 0x7e, 0x7f] {
        refused(lying(RECORDS, &[length]), ErrorCode::INVALID_RECORD, "");
    }
    // Its offset delta: attributes and the delta of the timestamp stand before it.
    refused(lying(RECORDS + 3, &[0x08]), ErrorCode::INVALID_RECORD, "offset delta");
    refused(lying(PRODUCER_ID, &5_i64.to_be_bytes()), ErrorCode::INVALID_RECORD, "base_sequence");
    let with_sequence =
        lies(lying(PRODUCER_ID, &5_i64.to_be_bytes()), BASE_SEQUENCE, &(-7_i32).to_be_bytes());
    refused(with_sequence, ErrorCode::INVALID_RECORD, "base_sequence of -7");
}

#[test]
fn attributes_that_lie_are_refused() {
    for codec in [5, 6, 7] {
        refused(lying(ATTRIBUTES, &[0, codec]), ErrorCode::UNKNOWN_SERVER_ERROR, &codec.to_string());
    }
    for codec in Compression::ALL.into_iter().filter(|codec| *codec != Compression::None) {
        let lie = lying(ATTRIBUTES, &[0, codec.id()]);
        if codec.is_enabled() {
            refused(lie, ErrorCode::UNKNOWN_SERVER_ERROR, codec.name());
        } else {
            refused(lie, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, codec.name());
        }
    }
    refused(lying(ATTRIBUTES, &[0, 0x20]), ErrorCode::INVALID_RECORD, "control");
    // Where the topic keeps the times of clients, this bit counts for nothing, as in Kafka.
    let config = LogConfig::default().with_timestamp_type(TimestampType::LogAppendTime);
    let lie = lying(ATTRIBUTES, &[0, 0x08]);
    refused_by(config, lie, ErrorCode::INVALID_TIMESTAMP, "LogAppendTime");
}

#[test]
fn times_out_of_bounds_are_refused() {
    let mut config = LogConfig::default();
    (config.timestamp_before_max_ms, config.timestamp_after_max_ms) = (1000, 2000);
    for timestamp in [NOW - 1001, NOW + 2001, i64::MAX] {
        refused_by(config.clone(), from(timestamp), ErrorCode::INVALID_TIMESTAMP, &timestamp.to_string());
    }
    // What the header claims counts for nothing: the records say it.
    let header = lies(from(NOW + 2001), MAX_TIMESTAMP, &NOW.to_be_bytes());
    refused_by(config.clone(), header, ErrorCode::INVALID_TIMESTAMP, "is from");
    let base = lies(from(NOW), BASE_TIMESTAMP, &(NOW - 5000).to_be_bytes());
    refused_by(config, base, ErrorCode::INVALID_TIMESTAMP, "is from");
}

#[test]
fn what_a_topic_does_not_allow_is_refused() {
    let mut compacted = LogConfig::default().with_cleanup_policy(CleanupPolicy::COMPACT);
    compacted.requires_keys = true;
    refused_by(compacted, batch(&["without a key"]), ErrorCode::INVALID_RECORD, "no key");
    let large = batch(&["x".repeat(2000).as_str()]);
    let config = LogConfig::default().with_max_message_bytes(1000);
    refused_by(config, large.clone(), ErrorCode::MESSAGE_TOO_LARGE, "max.message.bytes of 1000");
    let config = LogConfig::default().with_segment_bytes(1000);
    refused_by(config, large, ErrorCode::RECORD_LIST_TOO_LARGE, "segment.bytes of 1000");
}

#[test]
fn what_is_good_before_a_lie_is_not_written_either() {
    let both = [&keyed("good")[..], &lying(COUNT, &9_i32.to_be_bytes())].concat();
    refused(both.into(), ErrorCode::INVALID_RECORD, "records_count");
}

#[test]
fn records_past_the_end_cannot_be_deleted() {
    let (disk, _storage, log) = log(LogConfig::default());
    let before = disk.image();
    for offset in [2, i64::MAX, -2, i64::MIN] {
        let error = block_on(log.delete_records(Offset(offset))).unwrap_err();
        assert_eq!(error.error_code(), ErrorCode::OFFSET_OUT_OF_RANGE, "{offset}: {error}");
        assert!(error.to_string().contains(&offset.to_string()), "{error}");
    }
    assert!(disk.image() == before, "something was written");
}

#[test]
fn names_that_are_no_folders_are_refused() {
    let (disk, storage, _log) = log(LogConfig::default());
    let before = disk.image();
    for (topic, partition) in [("", 0), ("..", 0), ("a/b", 0), ("a\0", 0), ("ä", 0), ("orders", -1)] {
        let error = storage.create_log(LogName::new(topic, partition), Uuid::ZERO, LogConfig::default());
        let error = error.unwrap_err();
        assert!(matches!(error, Error::IllegalName { .. }), "{topic:?} {partition}: {error}");
    }
    let again = storage.create_log(LogName::new("orders", 0), Uuid::ZERO, LogConfig::default()).unwrap_err();
    assert!(matches!(again, Error::Exists(_)), "{again}");
    assert!(disk.image() == before, "something was written");
}

#[test]
fn a_folder_of_somebody_else_is_left_as_it_is() {
    let (disk, storage, log) = log(LogConfig::default());
    drop(log);
    block_on(storage.close()).unwrap();
    drop(storage);
    let refused = |disk: &MemDisk, config: StorageConfig| {
        let before = disk.image();
        let error = block_on(Storage::open(Arc::new(disk.clone()), env(), config)).unwrap_err();
        assert!(disk.image() == before, "something was written");
        error.to_string()
    };
    let other = refused(&disk, StorageConfig::default().with_cluster_id("another"));
    assert!(other.contains("cluster.id") && other.contains("another"), "{other}");
    let other = refused(&disk, StorageConfig::default().with_node_id(7));
    assert!(other.contains("node.id") && other.contains('7'), "{other}");
    // As a later Kafka would write it; one of ours has a checksum.
    disk.edit(Path::new("meta.properties"), |bytes| {
        *bytes = b"version=2\nnode.id=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qk\n".to_vec();
    })
    .unwrap();
    let newer = refused(&disk, StorageConfig::default());
    assert!(newer.contains("meta.properties has version 2"), "{newer}");
}

#[test]
fn a_folder_that_another_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || -> Arc<dyn Disk> { Arc::new(OsDisk::new(folder.path()).unwrap()) };
    let storage = open(disk());
    let error = block_on(Storage::open(disk(), env(), StorageConfig::default())).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }) && error.to_string().contains("in use"), "{error}");
    block_on(storage.close()).unwrap();
    drop(storage);
    drop(open(disk()));
}
