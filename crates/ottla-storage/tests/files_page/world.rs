//! Folders with every file that a storage writes, always the same to the last byte.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::ManualClock;
use ottla_protocol::records::{BatchBuilder, BatchOptions, EndTxnMarker};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::MemDisk;
use ottla_storage::disk::wait::block_on;
use ottla_storage::{
    AppendOptions, CleanupPolicy, CompactionConfig, Log, LogConfig, LogName, NewRecord, Offset, Origin,
    RecordOptions, Storage, StorageConfig, Unpaced,
};

use crate::logs::env_with;

/// When all of it happens: 2023-11-14, 22:13:20.
const NOW: i64 = 1_700_000_000_000;

/// The files of a folder, by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

fn open(disk: &MemDisk) -> Storage {
    let config = StorageConfig::default();
    block_on(Storage::open(Arc::new(disk.clone()), env_with(ManualClock::new(NOW)), config)).unwrap()
}

/// A disk that is not full, but has an end, so that a reserve is kept.
fn disk() -> MemDisk {
    let disk = MemDisk::new(1);
    disk.set_capacity(Some(64 << 20));
    disk
}

fn orders(storage: &Storage) -> Arc<Log> {
    let config = LogConfig::default().with_index_interval_bytes(1);
    let (name, id) = (LogName::new("orders", 0), Uuid::from_u128(0x6f74_746c_6100_4000_8000_0000_0000_0001));
    storage.log(&name).unwrap_or_else(|| storage.create_log(name, id, config).unwrap())
}

fn batch(options: BatchOptions, value: &str) -> Bytes {
    let mut batch = BatchBuilder::new(options);
    batch.try_append(NOW, None, Some(value.as_bytes()), &[]).unwrap();
    batch.build().unwrap()
}

fn append(log: &Log, batch: Bytes, options: AppendOptions) {
    let appended = log.append(batch, options).unwrap();
    block_on(log.durable(&appended)).unwrap();
}

/// A log with everything that a log can have in it, and one that is compacted, closed as they should be.
pub(crate) fn closed() -> Files {
    let disk = disk();
    let storage = open(&disk);
    let log = orders(&storage);
    let headers: [(&str, Option<&[u8]>); 1] = [("trace", Some(b"7f"))];
    let paid = NewRecord::new(b"paid").with_key(b"o-17").with_headers(&headers);
    let records = [paid.with_timestamp_ms(NOW - 5), NewRecord::deletion(b"o-16")];
    block_on(log.durable(&log.append_records(records, RecordOptions::default()).unwrap())).unwrap();
    let epoch = AppendOptions::new(NOW).with_leader_epoch(3);
    for sequence in 0..2 {
        append(&log, batch(BatchOptions::default().with_producer(1000, 0, sequence), "numbered"), epoch);
    }
    let transactional = BatchOptions::default().with_producer(2000, 4, 0).with_transactional();
    append(&log, batch(transactional, "never happened"), epoch);
    let marker = EndTxnMarker { committed: false, coordinator_epoch: 7 };
    append(&log, marker.to_batch(NOW, 2000, 4).unwrap(), epoch.with_origin(Origin::Coordinator));
    block_on(log.delete_records(Offset(1))).unwrap();

    let prices = compacted_log(&storage);
    block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).unwrap().unwrap();
    drop((log, prices));
    block_on(storage.close()).unwrap();
    disk.image()
}

/// A log with three values of each key, in several segments.
fn compacted_log(storage: &Storage) -> Arc<Log> {
    let config = LogConfig::journal().with_segment_bytes(200).with_cleanup_policy(CleanupPolicy::COMPACT);
    let log = storage.open_log("prices", config).unwrap();
    for n in 0..9 {
        let (key, value) = (format!("p{}", n % 3), format!("{n}"));
        let record = NewRecord::new(value.as_bytes()).with_key(key.as_bytes());
        block_on(log.durable(&log.append_record(record).unwrap())).unwrap();
    }
    log
}

/// The names of all files and folders that come up in all kinds of runs, numbers and random parts left out.
pub(crate) fn names() -> Vec<String> {
    let mut found = closed();
    // The power fails at every third change of a run with compaction, deletion and removal.
    for nth in (1..).step_by(3) {
        let disk = disk();
        disk.power_off_at(nth);
        if run(&disk).is_some() {
            break;
        }
        disk.crash(nth);
        let disk = disk.restarted();
        found.extend(disk.image());
        // And what the next run makes of it, with a torn end.
        let log = "orders-0/00000000000000000000.log";
        if disk.image().contains_key(log) {
            disk.edit(Path::new(log), |bytes| bytes.extend_from_slice(&[7; 30])).unwrap();
        }
        let storage = open(&disk);
        found.extend(disk.image());
        drop(storage);
    }
    let mut names: Vec<String> =
        found.keys().flat_map(|path| path.split('/').map(plain).collect::<Vec<_>>()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// One run; `None` when the power failed.
fn run(disk: &MemDisk) -> Option<()> {
    let open =
        Storage::open(Arc::new(disk.clone()), env_with(ManualClock::new(NOW)), StorageConfig::default());
    let storage = block_on(open).ok()?;
    let log = storage.open_log("orders", LogConfig::journal().with_segment_bytes(200)).ok()?;
    let prices = LogConfig::journal().with_segment_bytes(200).with_cleanup_policy(CleanupPolicy::COMPACT);
    let prices = storage.open_log("prices", prices).ok()?;
    for n in 0..9 {
        for log in [&log, &prices] {
            let (key, value) = (format!("p{}", n % 3), format!("{n}"));
            let record = NewRecord::new(value.as_bytes()).with_key(key.as_bytes());
            block_on(log.durable(&log.append_record(record).ok()?)).ok()?;
        }
    }
    block_on(storage.compact_next(&CompactionConfig::default(), &mut Unpaced)).ok()?;
    block_on(log.delete_records(Offset(5))).ok()?;
    block_on(storage.remove_log(&LogName::from("prices"))).ok()?;
    block_on(storage.checkpoint()).ok()?;
    block_on(storage.close()).ok()
}

/// `N` for the offset in a name, `X` for what is random.
fn plain(name: &str) -> String {
    let is_hex = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = name.split('.').map(|part| match part {
        offset if offset.len() == 20 && offset.bytes().all(|byte| byte.is_ascii_digit()) => "N".to_owned(),
        random if random.strip_suffix("-delete").is_some_and(is_hex) => "X-delete".to_owned(),
        other => other.replace("orders", "NAME").replace("prices", "NAME"),
    });
    parts.collect::<Vec<_>>().join(".")
}
