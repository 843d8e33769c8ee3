//! A log, and a plain account of the transactions in it.
//!
//! The account knows nothing of batches, segments or indexes. It filters as Kafka's consumer does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Rng, Spawn, Task};
use ottla_protocol::records::{
    Batch, BatchBuilder, BatchOptions, ControlRecord, ControlRecordType, EndTxnMarker,
};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::disk::MemDisk;
use ottla_storage::disk::wait::block_on;
use ottla_storage::{
    AppendError, AppendOptions, Appended, Durability, Error, Isolation, Log, LogConfig, LogName, Offset,
    Origin, ReadOptions, Storage, StorageConfig,
};

pub(crate) const NOW: i64 = 1_000_000;

struct Nothing;

impl Spawn for Nothing {
    fn spawn(&self, _task: Task) {
        unreachable!("a storage spawns nothing");
    }
}

/// A transaction, as it was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) producer: i64,
    pub(crate) first: i64,
    /// Where it ended, and whether it was committed.
    pub(crate) end: Option<(i64, bool)>,
}

/// What was appended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Records by offset, with the number of their transaction.
    pub(crate) records: BTreeMap<i64, (String, Option<usize>)>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) next_sequence: BTreeMap<i64, i32>,
}

impl Account {
    fn open_of(&self, producer: i64) -> Option<usize> {
        self.transactions.iter().position(|one| one.producer == producer && one.end.is_none())
    }

    /// Forgets what stands at `end` or behind it.
    pub(crate) fn truncate(&mut self, end: i64) {
        self.records.retain(|offset, _| *offset < end);
        self.transactions.retain(|one| one.first < end);
        for one in &mut self.transactions {
            one.end = one.end.filter(|(marker, _)| *marker < end);
        }
    }

    fn last_stable(&self, log_start: i64, high_watermark: i64) -> i64 {
        let is_open = |one: &&Transaction| one.end.is_none_or(|(marker, _)| marker >= high_watermark);
        let first = self.transactions.iter().filter(is_open).map(|one| one.first).min();
        first.map_or(high_watermark, |first| first.max(log_start).min(high_watermark))
    }

    /// Those a reader of `from..end` is told of, in order of their ends.
    fn told(&self, from: i64, end: i64) -> Vec<(i64, i64)> {
        let mut aborted: Vec<(i64, i64, i64)> = Vec::new();
        for one in &self.transactions {
            if let Some((marker, false)) = one.end
                && marker >= from
                && one.first < end
            {
                aborted.push((marker, one.producer, one.first));
            }
        }
        aborted.sort_unstable();
        aborted.into_iter().map(|(_, producer, first)| (producer, first)).collect()
    }

    /// The records that a reader of committed ones finds in `from..end`.
    fn committed(&self, from: i64, end: i64) -> Vec<(i64, String)> {
        let is_shown = |transaction: &Option<usize>| {
            transaction
                .is_none_or(|number| self.transactions[number].end.is_some_and(|(_, committed)| committed))
        };
        let shown = self.records.range(from..end).filter(|(_, (_, transaction))| is_shown(transaction));
        shown.map(|(offset, (value, _))| (*offset, value.clone())).collect()
    }
}

/// What a reader of committed records got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    /// What is left when aborted ones are filtered out.
    pub(crate) records: Vec<(i64, String)>,
    pub(crate) told: Vec<(i64, i64)>,
    /// The offset behind the last batch.
    pub(crate) end: i64,
}

pub(crate) struct World {
    pub(crate) disk: MemDisk,
    pub(crate) clock: ManualClock,
    pub(crate) rng: Rng,
    pub(crate) account: Account,
    durability: Durability,
    storage: Option<Storage>,
    log: Option<Arc<Log>>,
    counter: u32,
    /// Offsets of all ends, also of those of no transaction.
    markers: BTreeSet<i64>,
    /// Epoch of all producers.
    epoch: i16,
    /// Bytes of the end of the log that are kept in memory; drawn for each opening unless said.
    tail_bytes: Option<usize>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self::on(MemDisk::new(seed), seed, Durability::Fsync)
    }

    pub(crate) fn on(disk: MemDisk, seed: u64, durability: Durability) -> Self {
        let mut world = Self {
            disk,
            clock: ManualClock::new(NOW),
            rng: Rng::new(seed),
            account: Account::default(),
            durability,
            storage: None,
            log: None,
            counter: 0,
            markers: BTreeSet::new(),
            epoch: 0,
            tail_bytes: None,
        };
        world.open().unwrap();
        world
    }

    /// One that reads from memory what was appended since it was opened.
    pub(crate) fn remembering(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.tail_bytes = Some(1 << 20);
        world.reopen();
        world
    }

    pub(crate) fn open(&mut self) -> Result<(), Error> {
        let env = Env::new(Arc::new(self.clock.clone()), Arc::new(FixedSeeds::new(7)), Arc::new(Nothing));
        let config = LogConfig::default()
            .with_durability(self.durability)
            .with_segment_bytes(600 + u32::try_from(self.rng.below(600)).unwrap())
            .with_index_interval_bytes(150);
        let tail = usize::try_from(self.rng.below(3)).unwrap() * 500;
        let storage_config = StorageConfig::default()
            .with_log(config.clone())
            .with_tail_bytes_max(self.tail_bytes.unwrap_or(tail));
        let storage = block_on(Storage::open(Arc::new(self.disk.clone()), env, storage_config))?;
        let name = LogName::new("orders", 0);
        let log = match storage.log(&name) {
            Some(log) => log,
            None => storage.create_log(name, Uuid::from_u128(9), config)?,
        };
        self.storage = Some(storage);
        self.log = Some(log);
        Ok(())
    }

    pub(crate) fn reopen(&mut self) {
        block_on(self.storage().close()).unwrap();
        self.disk = self.disk.restarted();
        self.open().unwrap();
    }

    pub(crate) fn storage(&self) -> Storage {
        self.storage.clone().unwrap()
    }

    pub(crate) fn log(&self) -> Arc<Log> {
        self.log.clone().unwrap()
    }

    /// One of all that may happen.
    pub(crate) fn any_step(&mut self) {
        let producer = 1 + i64::try_from(self.rng.below(4)).unwrap();
        let count = 1 + usize::try_from(self.rng.below(3)).unwrap();
        match self.rng.below(20) {
            0..=2 => self.append(None, count),
            3..=9 => self.append(Some(producer), count),
            10..=14 => {
                let committed = self.rng.chance(0.4);
                self.end(producer, committed);
            }
            15..=16 => block_on(self.storage().checkpoint()).unwrap(),
            17 => self.reopen(),
            18 => {
                let end = self.log().offsets().high_watermark.0;
                let to = i64::try_from(self.rng.below(u64::try_from(end).unwrap() + 1)).unwrap();
                if to < end / 2 {
                    self.delete_records(to);
                }
            }
            _ => self.crash_and_open(),
        }
    }

    /// The power fails when all is at rest: under `fsync` nothing is lost.
    pub(crate) fn crash_and_open(&mut self) {
        let seed = self.rng.next_u64();
        self.disk.crash(seed);
        self.disk = self.disk.restarted();
        self.open().unwrap();
        let end = self.log().offsets().log_end.0;
        self.forget_from(end);
    }

    /// The process ends, and what it wrote stays: also what nobody was told of, or only that it failed.
    pub(crate) fn kill_and_open(&mut self) {
        self.disk.kill();
        self.disk = self.disk.restarted();
        self.open().unwrap();
        self.learn(self.log().offsets().log_end.0);
    }

    /// Forgets what was lost: it was promised to nobody. Its producers begin anew.
    pub(crate) fn forget_from(&mut self, end: i64) {
        if self.known_end() > end {
            self.account.truncate(end);
            self.markers.retain(|marker| *marker < end);
            self.epoch += 1;
            self.account.next_sequence.clear();
        }
    }

    /// Knows only what it knew once: what came since could not be written, and its producers send it again.
    pub(crate) fn take_back(&mut self, account: Account) {
        self.account = account;
        let end = self.log().offsets().log_end.0;
        self.markers.retain(|marker| *marker < end);
        assert!(self.known_end() <= end, "{} and {end}", self.known_end());
    }

    pub(crate) fn append(&mut self, producer: Option<i64>, count: usize) {
        assert!(self.try_append(producer, count).is_ok());
    }

    pub(crate) fn try_append(
        &mut self,
        producer: Option<i64>,
        count: usize,
    ) -> Result<Appended, AppendError> {
        let values: Vec<String> = (0..count)
            .map(|_| {
                self.counter += 1;
                format!("v{}", self.counter)
            })
            .collect();
        let mut options = BatchOptions::default();
        if let Some(producer) = producer {
            let sequence = self.account.next_sequence.get(&producer).copied().unwrap_or(0);
            options = options.with_producer(producer, self.epoch, sequence).with_transactional();
        }
        let mut builder = BatchBuilder::new(options);
        for value in &values {
            builder.try_append(NOW, None, Some(value.as_bytes()), &[]).unwrap();
        }
        let appended = self.log().append(builder.build().unwrap(), AppendOptions::new(NOW))?;
        let base = appended.base_offset.0;
        let account = &mut self.account;
        let transaction = producer.map(|producer| {
            *account.next_sequence.entry(producer).or_insert(0) += i32::try_from(count).unwrap();
            account.open_of(producer).unwrap_or_else(|| {
                account.transactions.push(Transaction { producer, first: base, end: None });
                account.transactions.len() - 1
            })
        });
        account.records.extend((base..).zip(values.into_iter().map(|value| (value, transaction))));
        Ok(appended)
    }

    /// Sends the first batch of a producer once more, which was of so many records.
    pub(crate) fn again(&self, producer: i64, count: usize) -> Appended {
        let options = BatchOptions::default().with_producer(producer, self.epoch, 0).with_transactional();
        let mut builder = BatchBuilder::new(options);
        for _ in 0..count {
            builder.try_append(NOW, None, Some(b"again"), &[]).unwrap();
        }
        self.log().append(builder.build().unwrap(), AppendOptions::new(NOW)).unwrap()
    }

    pub(crate) fn end(&mut self, producer: i64, committed: bool) {
        assert!(self.try_end(producer, committed).is_ok());
    }

    fn marker(&self, producer: i64, committed: bool) -> Result<Appended, AppendError> {
        let marker = EndTxnMarker { committed, coordinator_epoch: 1 };
        let bytes = marker.to_batch(NOW, producer, self.epoch).unwrap();
        self.log().append(bytes, AppendOptions::new(NOW).with_origin(Origin::Coordinator))
    }

    pub(crate) fn try_end(&mut self, producer: i64, committed: bool) -> Result<Appended, AppendError> {
        let appended = self.marker(producer, committed)?;
        self.markers.insert(appended.base_offset.0);
        if let Some(number) = self.account.open_of(producer) {
            self.account.transactions[number].end = Some((appended.base_offset.0, committed));
        }
        Ok(appended)
    }

    /// Asks for an end that will come to nothing.
    pub(crate) fn end_unanswered(&mut self, producer: i64, committed: bool) {
        self.marker(producer, committed).unwrap();
    }

    /// Takes what is in the log behind the account into it: appends that nobody was told of.
    pub(crate) fn learn(&mut self, end: i64) {
        let mut from = self.known_end();
        while from < end {
            from = self.learn_some(from, end);
        }
    }

    /// The same for what one read finds; answers where the next goes on.
    fn learn_some(&mut self, from: i64, end: i64) -> i64 {
        let mut next_offset = from;
        let read = block_on(self.log().read(Offset(from), ReadOptions::default()).into_future()).unwrap();
        let mut bytes = read.into_bytes().unwrap();
        while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
            let header = *batch.header();
            assert!(header.base_offset >= from && header.last_offset() < end);
            next_offset = header.next_offset();
            let transaction = self.account.open_of(header.producer_id);
            for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
                let record = record.unwrap();
                if header.attributes.is_control() {
                    let committed = ControlRecord::parse(&record).unwrap().kind == ControlRecordType::Commit;
                    if let Some(number) = transaction {
                        self.account.transactions[number].end = Some((record.offset, committed));
                    }
                    continue;
                }
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                let number = |value: &str| value[1..].parse::<u32>().unwrap();
                let newest = self.account.records.values().next_back().map(|(value, _)| number(value));
                assert!(newest < Some(number(&value)), "{value} is behind what was appended after it");
                let is_new = header.attributes.is_transactional()
                    && self.account.open_of(header.producer_id).is_none();
                if is_new {
                    let (producer, first) = (header.producer_id, header.base_offset);
                    self.account.transactions.push(Transaction { producer, first, end: None });
                }
                let of =
                    header.attributes.is_transactional().then(|| self.account.open_of(header.producer_id));
                self.account.records.insert(record.offset, (value, of.flatten()));
            }
            if !header.attributes.is_control() && header.has_producer_id() {
                let next = header.base_sequence + header.last_offset_delta + 1;
                self.account.next_sequence.insert(header.producer_id, next);
            }
        }
        next_offset
    }

    /// The offset behind all that the account knows.
    pub(crate) fn known_end(&self) -> i64 {
        let records = self.account.records.keys().next_back().map_or(0, |last| last + 1);
        let ends = self.account.transactions.iter().filter_map(|one| Some(one.end?.0 + 1));
        ends.chain(self.markers.iter().map(|marker| marker + 1)).fold(records, i64::max)
    }

    pub(crate) fn delete_records(&mut self, before: i64) {
        block_on(self.log().delete_records(Offset(before))).unwrap();
    }

    /// Reads committed records from `from` on, once.
    pub(crate) fn committed(&self, from: i64, max_bytes: usize) -> Got {
        let options =
            ReadOptions { max_bytes, isolation: Isolation::ReadCommitted, ..ReadOptions::default() };
        let read = block_on(self.log().read(Offset(from), options).into_future()).unwrap();
        let told: Vec<(i64, i64)> =
            read.aborted.iter().map(|aborted| (aborted.producer_id, aborted.first_offset.0)).collect();
        let (records, end) = filter(from, &told, read.into_bytes().unwrap());
        Got { records, told, end }
    }

    /// Holds what readers find against the account, from every offset on.
    pub(crate) fn check(&mut self, what: &str) {
        let offsets = self.log().offsets();
        let last_stable = self.account.last_stable(offsets.log_start.0, offsets.high_watermark.0);
        assert_eq!(offsets.last_stable.0, last_stable, "{what}: {offsets:?}");
        for from in offsets.log_start.0..=offsets.high_watermark.0 {
            let max_bytes = usize::try_from(1 + self.rng.below(900)).unwrap();
            let got = self.committed(from, max_bytes);
            assert!(got.end <= last_stable.max(from), "{what}: from {from} to {}", got.end);
            assert!(from >= last_stable || got.end > from, "{what}: a reader at {from} does not get on");
            assert_eq!(got.records, self.account.committed(from, got.end), "{what}: {from} to {}", got.end);
            let told = if got.end > from { self.account.told(from, got.end) } else { Vec::new() };
            assert_eq!(
                got.told,
                told,
                "{what}: {from} to {}, {:?} {:?}",
                got.end,
                self.account.transactions,
                self.disk.image().keys()
            );
        }
    }

    /// The indexes of aborted transactions that are in the folder.
    pub(crate) fn index_files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.disk.image().into_iter();
        files.filter(|(name, _)| name.ends_with(".txnindex")).collect()
    }

    /// Holds the files of the index against the account, as Kafka would read them.
    pub(crate) fn check_files(&self, what: &str) {
        let image = self.disk.image();
        let base_of = |name: &str| name.trim_start_matches("orders-0/")[..20].parse::<i64>().unwrap();
        let bases: BTreeSet<i64> =
            image.keys().filter(|name| name.ends_with(".log")).map(|name| base_of(name)).collect();
        let mut expected: BTreeMap<i64, Vec<[i64; 4]>> = BTreeMap::new();
        let transactions = &self.account.transactions;
        let mut ended: Vec<&Transaction> = transactions.iter().filter(|one| one.end.is_some()).collect();
        ended.sort_unstable_by_key(|one| one.end);
        for one in ended {
            let Some((marker, false)) = one.end else { continue };
            let was_open =
                |other: &&Transaction| other.first < marker && other.end.is_none_or(|(end, _)| end > marker);
            let stable = transactions.iter().filter(was_open).map(|other| other.first).min();
            let entry = [one.producer, one.first, marker, stable.unwrap_or(marker + 1)];
            if let Some(base) = bases.range(..=marker).next_back() {
                expected.entry(*base).or_default().push(entry);
            }
        }
        let found: BTreeMap<i64, Vec<[i64; 4]>> = self
            .index_files()
            .into_iter()
            .filter(|(_, bytes)| !bytes.is_empty()) // an empty one, as a crash may leave it, says what none says
            .map(|(name, bytes)| {
                let entries = bytes.chunks(34).map(|entry| {
                    assert_eq!(&entry[..2], [0, 0], "{what}");
                    let field = |at: usize| i64::from_be_bytes(entry[at..at + 8].try_into().unwrap());
                    [field(2), field(10), field(18), field(26)]
                });
                (base_of(&name), entries.collect())
            })
            .collect();
        assert_eq!(found, expected, "{what}");
    }
}

/// What Kafka's consumer makes of an answer.
fn filter(from: i64, told: &[(i64, i64)], mut bytes: Bytes) -> (Vec<(i64, String)>, i64) {
    let mut to_come: Vec<(i64, i64)> = told.iter().map(|(producer, first)| (*first, *producer)).collect();
    to_come.sort_unstable();
    let mut to_come = to_come.into_iter().peekable();
    let mut hidden = BTreeSet::new();
    let (mut records, mut end) = (Vec::new(), from);
    while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
        let header = *batch.header();
        end = header.next_offset();
        while let Some((_, producer)) = to_come.next_if(|(first, _)| *first <= header.last_offset()) {
            hidden.insert(producer);
        }
        for record in &batch.records(&DecodeLimits::DEFAULT).unwrap() {
            let record = record.unwrap();
            if header.attributes.is_control() {
                if ControlRecord::parse(&record).unwrap().kind == ControlRecordType::Abort {
                    hidden.remove(&header.producer_id);
                }
            } else if !(header.attributes.is_transactional() && hidden.contains(&header.producer_id))
                && record.offset >= from
            {
                records.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
            }
        }
    }
    (records, end)
}
