//! What every test of a log needs: a world without surprises, batches, and records read back.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Spawn, Task};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{Disk, MemDisk};
use ottla_storage::{
    AppendOptions, Error, Log, LogConfig, LogName, Offset, ReadError, ReadOptions, Storage, StorageConfig,
};

/// Now, in Unix milliseconds.
pub(crate) const NOW: i64 = 1_000_000;

struct Nothing;

impl Spawn for Nothing {
    fn spawn(&self, _task: Task) {
        unreachable!("a storage spawns nothing");
    }
}

/// A clock that stands still and seeds that are always the same.
pub(crate) fn env() -> Env {
    env_with(ManualClock::new(NOW))
}

/// This clock, and seeds that are always the same.
pub(crate) fn env_with(clock: ManualClock) -> Env {
    Env::new(Arc::new(clock), Arc::new(FixedSeeds::new(7)), Arc::new(Nothing))
}

/// A storage that keeps nothing in memory for readers, with one log, `orders-0`.
pub(crate) fn open_orders(
    disk: &MemDisk,
    clock: ManualClock,
    config: &LogConfig,
) -> Result<(Storage, Arc<Log>), Error> {
    let storage_config = StorageConfig::default().with_log(config.clone()).with_tail_bytes_max(0);
    let storage = block_on(Storage::open(Arc::new(disk.clone()), env_with(clock), storage_config))?;
    let name = LogName::new("orders", 0);
    let log = match storage.log(&name) {
        Some(log) => log,
        None => storage.create_log(name, Uuid::from_u128(9), config.clone())?,
    };
    Ok((storage, log))
}

pub(crate) fn try_open(disk: Arc<dyn Disk>, config: StorageConfig) -> Result<Storage, Error> {
    block_on(Storage::open(disk, env(), config))
}

pub(crate) fn open(disk: Arc<dyn Disk>) -> Storage {
    try_open(disk, StorageConfig::default()).unwrap()
}

/// How a client's appends are done.
pub(crate) fn options() -> AppendOptions {
    AppendOptions::new(NOW)
}

/// A batch of these values, each with the timestamp `NOW`.
pub(crate) fn batch_with<S: AsRef<str>>(batch: BatchOptions, values: &[S]) -> Bytes {
    let mut builder = BatchBuilder::new(batch);
    for value in values {
        builder.try_append(NOW, None, Some(value.as_ref().as_bytes()), &[]).unwrap();
    }
    builder.build().unwrap()
}

pub(crate) fn batch(values: &[&str]) -> Bytes {
    batch_with(BatchOptions::default(), values)
}

/// The records from the batch that holds `from` on, as offset and value.
pub(crate) fn try_read(log: &Log, from: i64, options: ReadOptions) -> Result<Vec<(i64, String)>, ReadError> {
    let mut rest = block_on(log.read(Offset(from), options).into_future())?.into_bytes().unwrap();
    let mut found = Vec::new();
    while let Some(batch) = Batch::split_first(&mut rest).unwrap() {
        assert!(batch.crc_is_valid(), "a damaged batch went out");
        for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
            let record = record.unwrap();
            found.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    assert!(rest.is_empty(), "half a batch went out");
    Ok(found)
}

pub(crate) fn read(log: &Log, from: i64) -> Vec<(i64, String)> {
    try_read(log, from, ReadOptions::default()).unwrap()
}

/// All records from `from` on, read in pieces.
pub(crate) fn read_all(log: &Log, mut from: i64) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    loop {
        let piece = read(log, from);
        let Some((last, _)) = piece.last() else { return all };
        let next = last + 1;
        all.extend(piece.into_iter().filter(|(offset, _)| *offset >= from));
        from = next;
    }
}

/// The segment in which a text stands, and where.
pub(crate) fn place_of(disk: &MemDisk, text: &str) -> (PathBuf, usize) {
    let place = |bytes: &[u8]| bytes.windows(text.len()).position(|window| window == text.as_bytes());
    let mut segments = disk.image().into_iter().filter(|(path, _)| path.ends_with(".log"));
    segments.find_map(|(path, bytes)| Some((path.into(), place(&bytes)?))).unwrap()
}
