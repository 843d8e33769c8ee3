//! A log that is compacted, and a plain account of all that was ever appended to it.
//!
//! The account knows nothing of batches, segments or maps: it says which records a reader may and must find.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_env::{Env, FixedSeeds, ManualClock, Rng, Spawn, Task};
use ottla_protocol::records::{
    Batch, BatchBuilder, BatchOptions, Compression, ControlRecord, ControlRecordType, EndTxnMarker,
};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::MemDisk;
use ottla_storage::disk::wait::block_on;
use ottla_storage::{
    AppendOptions, CleanupPolicy, Compacted, CompactionConfig, Error, Isolation, Log, LogConfig, LogName,
    Offset, Origin, Ratio, ReadOptions, Storage, StorageConfig, Unpaced,
};

pub(crate) const START_MS: i64 = 1_700_000_000_000;
/// `delete.retention.ms`.
pub(crate) const RETENTION_MS: i64 = 10_000;

struct Nothing;

impl Spawn for Nothing {
    fn spawn(&self, _task: Task) {
        unreachable!("a storage spawns nothing");
    }
}

/// A record that was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) timestamp: i64,
}

/// How the transaction of a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has none, or it was committed.
    Committed,
    Aborted,
    /// It is open.
    Open,
}

/// What the log was told, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) records: BTreeMap<i64, Record>,
    /// Transaction of a record, by number.
    transaction_of: BTreeMap<i64, u32>,
    fates: BTreeMap<u32, Fate>,
    /// The transaction that a marker ended.
    pub(crate) markers: BTreeMap<i64, (u32, bool)>,
    open: BTreeMap<i64, u32>,
    /// Tombstones that were compacted, and when they may go.
    horizons: BTreeMap<i64, i64>,
    pub(crate) compacted_to: i64,
    /// Batches that each producer sent: first offset, last offset, bytes.
    sent: BTreeMap<i64, Vec<(i64, i64, bytes::Bytes)>>,
    next_sequence: BTreeMap<i64, i32>,
}

impl Account {
    pub(crate) fn fate(&self, offset: i64) -> Fate {
        self.transaction_of.get(&offset).map_or(Fate::Committed, |transaction| self.fates[transaction])
    }

    /// What a reader has to find, given that rounds were made up to `compacted_to` and no further.
    pub(crate) fn expected(&self, now_ms: i64) -> BTreeMap<i64, Record> {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for (offset, record) in self.records.range(..self.compacted_to) {
            if let (Some(key), true) = (&record.key, self.fate(*offset) == Fate::Committed) {
                last.insert(key, *offset);
            }
        }
        let stays = |offset: i64, record: &Record| {
            offset >= self.compacted_to
                || record.key.as_ref().is_some_and(|key| last.get(&key[..]) == Some(&offset))
                    && (record.value.is_some()
                        || self.horizons.get(&offset).is_none_or(|horizon| now_ms < *horizon))
        };
        let found = self.records.iter().filter(|(offset, record)| stays(**offset, record));
        found.map(|(offset, record)| (*offset, record.clone())).collect()
    }

    /// Takes note of a round.
    pub(crate) fn compacted(&mut self, to: i64, now_ms: i64) {
        assert!(to >= self.compacted_to);
        self.compacted_to = to;
        for (offset, record) in self.records.range(..to) {
            if record.value.is_none() {
                self.horizons.entry(*offset).or_insert(now_ms + RETENTION_MS);
            }
        }
    }

    /// The last value of each key, of what is committed or has no transaction.
    pub(crate) fn last_values(
        records: &BTreeMap<i64, Record>,
        fate: impl Fn(i64) -> Fate,
    ) -> BTreeMap<String, String> {
        let mut last = BTreeMap::new();
        for (offset, record) in records {
            let Some(key) = record.key.clone().filter(|_| fate(*offset) == Fate::Committed) else { continue };
            match record.value.clone() {
                Some(value) => last.insert(key, value),
                None => last.remove(&key),
            };
        }
        last
    }

    /// The batches of each producer that have to be recognized when they are sent again.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = &(i64, i64, bytes::Bytes)> {
        self.sent.values().flat_map(|sent| &sent[sent.len().saturating_sub(5)..])
    }
}

/// What is in the log, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) records: BTreeMap<i64, Record>,
    pub(crate) markers: BTreeMap<i64, bool>,
    pub(crate) batches: Vec<(i64, i64)>,
}

pub(crate) struct World {
    pub(crate) disk: MemDisk,
    pub(crate) clock: ManualClock,
    pub(crate) rng: Rng,
    pub(crate) config: LogConfig,
    pub(crate) account: Account,
    storage: Option<Storage>,
    log: Option<Arc<Log>>,
    counter: u32,
    /// Unlike others, tests of lives end with the power off.
    pub(crate) is_dead: bool,
}

pub(crate) fn config(segment_bytes: u32) -> LogConfig {
    let mut config = LogConfig::default()
        .with_segment_bytes(segment_bytes)
        .with_index_interval_bytes(100)
        .with_cleanup_policy(CleanupPolicy::COMPACT);
    config.min_cleanable_dirty_ratio = Ratio::new(0.0).unwrap();
    config.delete_retention_ms = RETENTION_MS;
    config
}

impl World {
    pub(crate) fn new(seed: u64, config: LogConfig) -> Self {
        let mut world = Self {
            disk: MemDisk::new(seed),
            clock: ManualClock::new(START_MS),
            rng: Rng::new(seed),
            config,
            account: Account::default(),
            storage: None,
            log: None,
            counter: 0,
            is_dead: false,
        };
        world.open().unwrap();
        world
    }

    pub(crate) fn open(&mut self) -> Result<(), Error> {
        let env = Env::new(Arc::new(self.clock.clone()), Arc::new(FixedSeeds::new(7)), Arc::new(Nothing));
        let tail = usize::try_from(self.rng.below(3)).unwrap() * 1000;
        let config = StorageConfig::default().with_log(self.config.clone()).with_tail_bytes_max(tail);
        let storage = block_on(Storage::open(Arc::new(self.disk.clone()), env, config))?;
        let name = LogName::new("orders", 0);
        let log = match storage.log(&name) {
            Some(log) => log,
            None => storage.create_log(name, Uuid::from_u128(9), self.config.clone())?,
        };
        self.storage = Some(storage);
        self.log = Some(log);
        Ok(())
    }

    pub(crate) fn storage(&self) -> Storage {
        self.storage.clone().unwrap()
    }

    pub(crate) fn log(&self) -> Arc<Log> {
        self.log.clone().unwrap()
    }

    /// A clean stop and a new start.
    pub(crate) fn reopen(&mut self) {
        block_on(self.storage().close()).unwrap();
        self.disk = self.disk.restarted();
        self.open().unwrap();
    }

    pub(crate) fn now_ms(&self) -> i64 {
        use ottla_env::WallClock;
        self.clock.now_ms()
    }

    /// Appends a batch of a few records, whose producer is nobody, idempotent, or within a transaction.
    pub(crate) fn append_any(&mut self, keys: u64) {
        let count = 1 + self.rng.below(6);
        let records: Vec<Record> = (0..count)
            .map(|_| {
                self.counter += 1;
                let without_key = self.rng.chance(0.03);
                let key = (!without_key).then(|| format!("k{}", self.rng.below(keys)));
                let value = (!self.rng.chance(0.2)).then(|| format!("v{}", self.counter));
                let timestamp = self.now_ms() - i64::try_from(self.rng.below(50)).unwrap();
                Record { key, value, timestamp }
            })
            .collect();
        let codec = Compression::ALL[usize::try_from(self.rng.below(5)).unwrap()];
        let codec = if codec.is_enabled() { codec } else { Compression::None };
        let options = BatchOptions::default().with_compression(codec, None);
        match self.rng.below(6) {
            0..=2 => self.append(options, None, &records),
            3 => {
                let producer = 100 + i64::try_from(self.rng.below(3)).unwrap();
                self.append(options, Some(producer), &records);
            }
            _ => {
                let producer = 200 + i64::try_from(self.rng.below(3)).unwrap();
                self.append(options.with_transactional(), Some(producer), &records);
            }
        }
    }

    pub(crate) fn append(&mut self, mut options: BatchOptions, producer: Option<i64>, records: &[Record]) {
        let account = &mut self.account;
        let count = i32::try_from(records.len()).unwrap();
        if let Some(producer) = producer {
            let sequence = account.next_sequence.entry(producer).or_insert(0);
            options = options.with_producer(producer, 0, *sequence);
            *sequence += count;
        }
        let is_transactional = options.transactional;
        let mut builder = BatchBuilder::new(options.with_limits(1 << 20, 1 << 20));
        for record in records {
            let (key, value) = (record.key.as_ref(), record.value.as_ref());
            let headers: &[(&str, Option<&[u8]>)] = &[("n", Some(b"1"))];
            let (key, value) = (key.map(|key| key.as_bytes()), value.map(|value| value.as_bytes()));
            builder.try_append(record.timestamp, key, value, headers).unwrap();
        }
        let bytes = builder.build().unwrap();
        let Ok(appended) = self.log().append(bytes.clone(), AppendOptions::new(self.now_ms())) else {
            assert!(self.disk.is_dead(), "an append was refused");
            self.is_dead = true;
            return;
        };
        let account = &mut self.account;
        let base = appended.base_offset.0;
        for (offset, record) in (base..).zip(records) {
            account.records.insert(offset, record.clone());
            if let Some(producer) = producer.filter(|_| is_transactional) {
                let transaction = *account.open.entry(producer).or_insert_with(|| {
                    let number = u32::try_from(account.fates.len()).unwrap();
                    account.fates.insert(number, Fate::Open);
                    number
                });
                account.transaction_of.insert(offset, transaction);
            }
        }
        if let Some(producer) = producer {
            account.sent.entry(producer).or_default().push((base, appended.last_offset.0, bytes));
        }
    }

    /// Ends one of the open transactions.
    pub(crate) fn end_any(&mut self, committed: bool) {
        let Some((producer, transaction)) = self.account.open.pop_first() else { return };
        let marker = EndTxnMarker { committed, coordinator_epoch: 1 };
        let bytes = marker.to_batch(self.now_ms(), producer, 0).unwrap();
        let options = AppendOptions::new(self.now_ms()).with_origin(Origin::Coordinator);
        let Ok(appended) = self.log().append(bytes, options) else {
            assert!(self.disk.is_dead(), "a marker was refused");
            self.is_dead = true;
            return;
        };
        let fate = if committed { Fate::Committed } else { Fate::Aborted };
        self.account.fates.insert(transaction, fate);
        self.account.markers.insert(appended.base_offset.0, (transaction, committed));
    }

    pub(crate) fn end_all(&mut self) {
        while !self.account.open.is_empty() {
            let committed = self.rng.chance(0.5);
            self.end_any(committed);
        }
    }

    /// One round. What it did is entered into the account.
    pub(crate) fn compact(&mut self, map_bytes_max: usize) -> Result<Option<Compacted>, Error> {
        let config = CompactionConfig::default().with_map_bytes_max(map_bytes_max);
        let compacted = block_on(self.storage().compact_next(&config, &mut Unpaced))?;
        if let Some(compacted) = &compacted {
            let now_ms = self.now_ms();
            assert_eq!(compacted.from.0, self.account.compacted_to);
            self.account.compacted(compacted.to.0, now_ms);
        }
        Ok(compacted)
    }

    /// Everything in the log.
    pub(crate) fn see(&self) -> Seen {
        let log = self.log();
        let end = log.offsets().high_watermark.0;
        let mut from = log.offsets().log_start.0;
        let mut seen = Seen::default();
        while from < end {
            let options = ReadOptions::default();
            let read = block_on(log.read(Offset(from), options).into_future()).unwrap();
            let mut rest = read.into_bytes().unwrap();
            assert!(!rest.is_empty(), "nothing is read at {from} of {end}");
            while let Some(batch) = Batch::split_first(&mut rest).unwrap() {
                assert!(batch.crc_is_valid());
                let header = batch.header();
                assert!(header.base_offset >= seen.batches.last().map_or(0, |(_, last)| last + 1));
                seen.batches.push((header.base_offset, header.last_offset()));
                from = header.next_offset();
                for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
                    let record = record.unwrap();
                    assert!((header.base_offset..=header.last_offset()).contains(&record.offset));
                    if header.attributes.is_control() {
                        let kind = ControlRecord::parse(&record).unwrap().kind;
                        seen.markers.insert(record.offset, kind == ControlRecordType::Commit);
                        continue;
                    }
                    assert_eq!(record.headers().len(), 1);
                    let text =
                        |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
                    let (key, value) = (text(record.key), text(record.value));
                    let found = Record { key, value, timestamp: record.timestamp };
                    assert!(seen.records.insert(record.offset, found).is_none());
                }
            }
            assert!(rest.is_empty());
        }
        seen
    }

    /// The records that a reader of committed ones is left with, and where it came to the end.
    fn see_committed(&self) -> (BTreeMap<i64, Record>, i64) {
        let log = self.log();
        let mut from = log.offsets().log_start.0;
        let mut left = BTreeMap::new();
        loop {
            let options =
                ReadOptions { max_bytes: 700, isolation: Isolation::ReadCommitted, ..ReadOptions::default() };
            let read = block_on(log.read(Offset(from), options).into_future()).unwrap();
            let mut to_come: Vec<(i64, i64)> =
                read.aborted.iter().map(|aborted| (aborted.first_offset.0, aborted.producer_id)).collect();
            to_come.sort_unstable();
            let mut to_come = to_come.into_iter().peekable();
            let mut hidden = BTreeSet::new();
            let mut rest = read.into_bytes().unwrap();
            if rest.is_empty() {
                return (left, from);
            }
            while let Some(batch) = Batch::split_first(&mut rest).unwrap() {
                let header = *batch.header();
                from = header.next_offset();
                while let Some((_, producer)) = to_come.next_if(|(first, _)| *first <= header.last_offset()) {
                    hidden.insert(producer);
                }
                let is_hidden = header.attributes.is_transactional() && hidden.contains(&header.producer_id);
                for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
                    let record = record.unwrap();
                    if header.attributes.is_control() {
                        if ControlRecord::parse(&record).unwrap().kind == ControlRecordType::Abort {
                            hidden.remove(&header.producer_id);
                        }
                    } else if !is_hidden {
                        left.insert(record.offset, self.account.records[&record.offset].clone());
                    }
                }
            }
        }
    }

    /// Holds what is in the log against the account.
    pub(crate) fn check(&self, what: &str) {
        let seen = self.see();
        let (committed, end) = self.see_committed();
        let mut expected = seen.records.clone();
        expected.retain(|offset, _| *offset < end && self.account.fate(*offset) == Fate::Committed);
        assert_eq!(committed, expected, "{what}: committed records, to {end}");
        let last_stable = self.log().offsets().last_stable.0;
        assert!(end >= last_stable, "{what}: a reader of committed records ends at {end} of {last_stable}");
        let account = &self.account;
        let expected = account.expected(self.now_ms());
        let differs: BTreeSet<i64> = expected.keys().chain(seen.records.keys()).copied().collect();
        for offset in differs {
            // An aborted record beyond the end of the keys may be gone already.
            let (found, expected) = (seen.records.get(&offset), expected.get(&offset));
            // A tombstone whose time has come goes with the next round only.
            let may_linger = found.is_some_and(|found| found.value.is_none()) && expected.is_none();
            if may_linger && found == account.records.get(&offset) {
                continue;
            }
            assert_eq!(found, expected, "{what}: offset {offset}, compacted to {}", account.compacted_to);
        }
        // While anything of a transaction is left, so is its end.
        for (offset, (transaction, committed)) in &account.markers {
            let is_left = |offset: &i64| account.transaction_of.get(offset) == Some(transaction);
            if seen.records.keys().any(is_left) {
                assert_eq!(seen.markers.get(offset), Some(committed), "{what}: marker at {offset}");
            }
        }
        let all = Account::last_values(&account.records, |offset| account.fate(offset));
        let left = Account::last_values(&seen.records, |offset| account.fate(offset));
        assert_eq!(left, all, "{what}: the last values");
    }
}
