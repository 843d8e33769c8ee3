//! The reference: what one log owes, told from what was sent to it and what it answered.
//!
//! It knows no segments, files or indexes. It keeps every batch that the log took, how much of that was promised
//! (acknowledged as durable), written or shown, where the log may start, and what compaction may and
//! must have dropped.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::records::{Batch, ControlRecord, ControlRecordType};
use ottla_protocol::wire::{DecodeLimits, Uuid};
use ottla_storage::{Durability, Error, Log, LogConfig, LogName};

use crate::batches::{Entry, Record, Sender};

/// What is known of one log.
pub(crate) struct Model {
    pub(crate) name: LogName,
    pub(crate) topic_id: Uuid,
    pub(crate) config: LogConfig,
    pub(crate) log: Option<Arc<Log>>,
    /// Batches that the log took in this life or was found with, in order; also those that were deleted since.
    pub(crate) entries: Vec<Entry>,
    /// Batches of appends that failed, or were lost after all: a crash may have kept them.
    pub(crate) attempts: Vec<Entry>,
    /// The offset below which everything was acknowledged as durable.
    pub(crate) promised: i64,
    /// The offset below which everything was acknowledged as written.
    pub(crate) written: i64,
    /// The offset below which something was shown to a reader.
    pub(crate) shown: i64,
    /// The offset below which a checkpoint made everything durable, and wrote it down.
    pub(crate) covered: i64,
    /// Where the log starts at least, because somebody was told.
    pub(crate) start_least: i64,
    /// Where it starts at most, because nobody asked for more.
    pub(crate) start_most: i64,
    pub(crate) waiting: Vec<Waiting>,
    /// Ids of its producers; the last one's batches are transactional.
    pub(crate) producers: [i64; 3],
    /// Nothing from here on was ever seen by a compaction.
    pub(crate) reach: i64,
    /// A compaction went well up to here.
    pub(crate) compacted_to: i64,
    /// Records were deleted while the disk failed, or torn where they were deleted: what is known of their producers may be
    /// lost with them.
    pub(crate) is_doubtful: bool,
    /// It is being removed, as far as anybody knows.
    pub(crate) is_leaving: bool,
    /// Bytes that its files may hold beside its batches, because a write landed behind its place.
    pub(crate) astray: u64,
}

/// Somebody who waits for an append.
pub(crate) struct Waiting {
    pub(crate) end: i64,
    pub(crate) durable: bool,
    pub(crate) future: Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>,
}

/// What a reader came upon.
pub(crate) enum Seen {
    Batch(Batch),
    /// The batch from this offset on was answered as damaged.
    Corrupt(i64),
}

/// How the transaction of a batch ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Committed,
    Aborted,
    Open,
}

impl Model {
    pub(crate) fn new(
        name: LogName,
        topic_id: Uuid,
        config: LogConfig,
        log: Arc<Log>,
        first_producer: i64,
    ) -> Self {
        Self {
            name,
            topic_id,
            config,
            log: Some(log),
            entries: Vec::new(),
            attempts: Vec::new(),
            promised: 0,
            written: 0,
            shown: 0,
            covered: 0,
            start_least: 0,
            start_most: 0,
            waiting: Vec::new(),
            producers: [first_producer, first_producer + 1, first_producer + 2],
            reach: 0,
            compacted_to: 0,
            is_doubtful: false,
            is_leaving: false,
            astray: 0,
        }
    }

    pub(crate) fn log(&self) -> &Arc<Log> {
        self.log.as_ref().expect("the storage is open")
    }

    pub(crate) fn is_compacted(&self) -> bool {
        self.config.cleanup_policy.compact
    }

    pub(crate) fn is_durable(&self) -> bool {
        self.config.durability == Durability::Fsync
    }

    /// Batches that the log has by now, as it says itself: a write that failed late was taken back.
    pub(crate) fn held(&self) -> &[Entry] {
        let end = self.log().offsets().log_end.0;
        &self.entries[..self.entries.partition_point(|entry| entry.end <= end)]
    }

    /// Whether somebody changed bytes of this log.
    pub(crate) fn has_suspects(&self) -> bool {
        self.entries.iter().any(|entry| entry.suspect)
    }

    pub(crate) fn entry_of(&self, offset: i64) -> Option<&Entry> {
        let at = self.entries.partition_point(|entry| entry.end <= offset);
        self.entries.get(at).filter(|entry| entry.base <= offset)
    }

    /// Producer number `n` with the sequence that it sends next.
    pub(crate) fn sender(&self, n: usize, entries: &[Entry]) -> Sender {
        let id = self.producers[n];
        let of_it =
            |entry: &&Entry| entry.marker.is_none() && entry.producer.is_some_and(|claim| claim.id == id);
        let last = entries.iter().rev().find(of_it).and_then(|entry| entry.producer);
        Sender { id, sequence: last.map_or(0, |claim| claim.next_sequence), is_transactional: n == 2 }
    }

    /// Where each open transaction began, by producer.
    pub(crate) fn open(entries: &[Entry]) -> BTreeMap<i64, i64> {
        let mut open = BTreeMap::new();
        for entry in entries {
            match (entry.marker, entry.producer) {
                (Some(_), Some(claim)) => drop(open.remove(&claim.id)),
                (None, Some(claim)) if claim.is_transactional => {
                    open.entry(claim.id).or_insert(entry.base);
                }
                _ => {}
            }
        }
        open
    }

    /// Whether every batch of a producer was deleted, so that only the end of its last transaction may be known.
    pub(crate) fn is_forgotten(&self, id: i64) -> bool {
        let start = self.log().offsets().log_start.0;
        let of_it =
            |entry: &&Entry| entry.marker.is_none() && entry.producer.is_some_and(|claim| claim.id == id);
        self.held().iter().rev().find(of_it).is_none_or(|last| last.end <= start)
    }

    /// From now on others send, because nobody can tell what the log remembers of those before.
    pub(crate) fn replace_producers(&mut self) {
        self.producers = self.producers.map(|id| id + 3);
    }

    /// What survives a loss of power, or a kill; `knows_syncs` when the record of the last syncs did.
    pub(crate) fn owed(&self, power_lost: bool, knows_syncs: bool) -> i64 {
        let all = self.promised.max(self.shown);
        let (owed, sure) = match (power_lost, self.is_durable()) {
            // Without that record the last checkpoint counts.
            (false, true) if !knows_syncs => (all.max(self.written), self.covered),
            (false, true) => (all.max(self.written), self.promised),
            (false, false) => (all.max(self.written), self.covered),
            (true, true) => (all, self.covered),
            (true, false) => (self.covered, self.covered),
        };
        // Damage past what a sync is known to have covered is a torn write to who finds it.
        let doubtful = self.entries.iter().find(|entry| entry.suspect && entry.end > sure);
        doubtful.map_or(owed, |entry| owed.min(entry.base))
    }

    /// The clock shows another time.
    pub(crate) fn clock_moved(&mut self, now_ms: i64) {
        for entry in &mut self.entries {
            entry.seen_ms = entry.seen_ms.min(now_ms);
        }
    }

    /// Holds what a reader found, from `from` up to `end`, against what the log took. With `owed`, batches from there on may be
    /// others that were sent to their place.
    pub(crate) fn compare(&self, what: &str, found: &[Seen], from: i64, end: i64, owed: Option<i64>) {
        let mut at = from;
        let mut records = BTreeMap::new();
        let mut markers = BTreeMap::new();
        for (number, seen) in found.iter().enumerate() {
            let batch = match seen {
                Seen::Batch(batch) => batch,
                Seen::Corrupt(offset) => {
                    let entry = self.entry_of(*offset);
                    let is_suspect = entry.is_some_and(|entry| entry.suspect);
                    assert!(
                        is_suspect,
                        "{what}: offset {offset} is answered as damaged, and nobody damaged it"
                    );
                    at = entry.map_or(at, |entry| entry.end);
                    continue;
                }
            };
            assert!(batch.crc_is_valid(), "{what}: a damaged batch at {at}");
            let header = batch.header();
            if self.is_compacted() && header.base_offset < self.reach {
                assert!(header.last_offset() >= at, "{what}: {} comes again", header.base_offset);
                collect(batch, &mut records, &mut markers);
            } else {
                let base = header.base_offset;
                let follows = base == at
                    || number == 0 && base <= at
                    || self.is_compacted() && at < self.reach && base == self.reach;
                assert!(follows && header.next_offset() > at, "{what}: {base} comes where {at} should");
                self.match_batch(what, batch, owed);
            }
            at = header.next_offset();
        }
        if self.is_compacted() {
            // From there on each batch was held against what was sent.
            let end = end.max(at).min(self.reach);
            self.compare_records(what, &records, &markers, from, end);
        } else {
            assert_eq!(at.max(from), end.max(from), "{what}: where the batches end that were found");
        }
    }

    /// The batch that was sent to this place.
    pub(crate) fn match_batch(&self, what: &str, batch: &Batch, owed: Option<i64>) -> &Entry {
        let base = batch.header().base_offset;
        let taken = self.entry_of(base).filter(|entry| entry.is(batch));
        let others = self.attempts.iter().filter(|_| owed.is_some_and(|owed| base >= owed));
        let found = taken.or_else(|| others.rev().find(|entry| entry.is(batch)));
        found.unwrap_or_else(|| {
            let expected = self.entry_of(base).map(|entry| (entry.base, entry.end, entry.leader_epoch));
            panic!("{what}: {:?} in place of {expected:?}", batch.header())
        })
    }

    /// How each transactional batch ended; others count as committed.
    fn fates(&self) -> Vec<Fate> {
        let mut ends: BTreeMap<i64, Fate> = BTreeMap::new();
        let fates = self.entries.iter().rev().map(|entry| match (entry.producer, entry.marker) {
            (Some(claim), Some(committed)) => {
                ends.insert(claim.id, if committed { Fate::Committed } else { Fate::Aborted });
                Fate::Committed
            }
            (Some(claim), None) if claim.is_transactional => *ends.get(&claim.id).unwrap_or(&Fate::Open),
            _ => Fate::Committed,
        });
        let mut fates: Vec<Fate> = fates.collect();
        fates.reverse();
        fates
    }

    fn compare_records(
        &self,
        what: &str,
        found: &BTreeMap<i64, (Option<Bytes>, Option<Bytes>, i64)>,
        markers: &BTreeMap<i64, bool>,
        from: i64,
        end: i64,
    ) {
        let fates = self.fates();
        // The last committed record of each key that a compaction may have known, and surely did.
        let (mut last, mut last_sure) = (BTreeMap::new(), BTreeMap::new());
        for (entry, fate) in self.entries.iter().zip(&fates) {
            for (offset, record) in entry.records().filter(|_| *fate == Fate::Committed) {
                let Some(key) = record.key.clone() else { continue };
                if offset < self.reach {
                    last.insert(key.clone(), offset);
                }
                if offset < self.compacted_to {
                    last_sure.insert(key, offset);
                }
            }
        }
        let mut known = 0;
        let mut due_markers: BTreeMap<i64, i64> = BTreeMap::new();
        for (entry, fate) in self.entries.iter().zip(&fates) {
            for (offset, record) in entry.records() {
                if offset < from || offset >= end {
                    continue;
                }
                let later =
                    record.key.as_ref().and_then(|key| last.get(key)).is_some_and(|last| *last > offset);
                let may_go = offset < self.reach
                    && (record.key.is_none() || later || *fate == Fate::Aborted || record.may_go);
                let sure =
                    record.key.as_ref().and_then(|key| last_sure.get(key)).is_some_and(|last| *last > offset);
                let must_go =
                    offset < self.compacted_to && *fate == Fate::Committed && (record.key.is_none() || sure);
                match found.get(&offset) {
                    None => assert!(may_go, "{what}: record {offset} of {:?} is gone", record.key),
                    Some((key, value, timestamp)) => {
                        known += 1;
                        assert!(!must_go, "{what}: record {offset} of {:?} is not compacted", record.key);
                        let sent = (&record.key, &record.value, &entry.timestamp(record));
                        assert_eq!((key, value, timestamp), sent, "{what}: record {offset}");
                        if let Some(claim) = entry.producer.filter(|claim| claim.is_transactional) {
                            due_markers.insert(claim.id, offset);
                        }
                    }
                }
            }
            // While anything of a transaction is left, so is its end.
            if let (Some(committed), Some(claim)) = (entry.marker, entry.producer)
                && (from..end).contains(&entry.base)
                && due_markers.remove(&claim.id).is_some()
            {
                assert_eq!(markers.get(&entry.base), Some(&committed), "{what}: marker at {}", entry.base);
            }
        }
        let inside = found.range(from..end).count();
        assert_eq!(inside, known, "{what}: records that nobody sent");
    }

    /// A compaction begins that may take in everything below `reach`.
    pub(crate) fn compaction_begins(&mut self, reach: i64, now_ms: i64) {
        self.reach = self.reach.max(reach);
        let retention = self.config.delete_retention_ms;
        for entry in self.entries.iter_mut().filter(|entry| entry.base < reach) {
            for record in entry.records.iter_mut().filter(|record| record.value.is_none()) {
                let first = *record.first_round_ms.get_or_insert(now_ms);
                record.may_go |= now_ms >= first + retention;
                record.first_round_ms = Some(first.min(now_ms));
            }
        }
    }

    /// Whether retention may move the start of the log up to `start` at `now_ms`.
    pub(crate) fn may_expire(&self, old: i64, start: i64, now_ms: i64) -> bool {
        if start <= old {
            return true;
        }
        if !self.config.cleanup_policy.delete {
            return false;
        }
        let is_left = |entry: &&Entry| entry.base >= start;
        let left: usize = self.entries.iter().filter(is_left).map(|entry| entry.sent.len()).sum();
        // How much it is counts in bytes of its files, whatever is in them.
        if self.config.retention_bytes.is_some_and(|bytes| left as u64 + self.astray >= bytes) {
            return true;
        }
        let Some(retention_ms) = self.config.retention_ms else { return false };
        let may_be_gone = |offset: i64| self.is_compacted() && offset < self.reach;
        let gone = self.entries.iter().filter(|entry| entry.end > old && entry.end <= start);
        let mut records =
            gone.flat_map(|entry| entry.records().map(move |(offset, record)| (entry, offset, record)));
        records.all(|(entry, offset, record)| {
            let since = entry.timestamp(record).min(entry.seen_ms);
            may_be_gone(offset) || now_ms - since > retention_ms
        })
    }
}

fn collect(
    batch: &Batch,
    records: &mut BTreeMap<i64, (Option<Bytes>, Option<Bytes>, i64)>,
    markers: &mut BTreeMap<i64, bool>,
) {
    let bytes = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
    for record in &batch.records(&DecodeLimits::DEFAULT).expect("it is whole") {
        let record: ottla_protocol::records::Record<'_> = record.expect("it is whole");
        if batch.header().attributes.is_control() {
            let kind = ControlRecord::parse(&record).expect("a marker").kind;
            markers.insert(record.offset, kind == ControlRecordType::Commit);
            continue;
        }
        let found = (bytes(record.key), bytes(record.value), record.timestamp);
        let again = records.insert(record.offset, found);
        assert!(again.is_none(), "record {} comes twice", record.offset);
    }
}

/// The first of these records, visible below `end`, that is from `timestamp` or later.
pub(crate) fn first_since(entries: &[Entry], start: i64, end: i64, timestamp: i64) -> Option<(i64, i64)> {
    let all = entries.iter().flat_map(|entry| {
        let time = move |record: &Record| entry.timestamp(record);
        let marker = entry.marker.map(|_| (entry.base, entry.sent_ms));
        entry.records().map(move |(offset, record)| (offset, time(record))).chain(marker)
    });
    let mut all = all;
    all.find(|(offset, time)| (start..end).contains(offset) && *time >= timestamp)
}

impl Model {
    /// The next life goes on with what was found.
    pub(crate) fn take_found(&mut self, what: &str, found: &[Seen], end: i64, owed: i64) {
        let by_batch_from = if self.is_compacted() { self.reach } else { i64::MIN };
        let mut entries: Vec<Entry> = Vec::new();
        for seen in found {
            let entry = match seen {
                Seen::Batch(batch) if batch.header().base_offset < by_batch_from => continue,
                Seen::Batch(batch) => self.match_batch(what, batch, Some(owed)),
                Seen::Corrupt(offset) => self.entry_of(*offset).expect("it was compared"),
            };
            entries.push(entry.clone());
        }
        // Those that were deleted or compacted are remembered for their producers.
        let first = entries.first().map_or(end, |entry| entry.base);
        self.entries.retain(|entry| entry.end <= first);
        let is_whole = self.entries.last().map_or(0, |entry| entry.end) == first || self.is_compacted();
        if !is_whole || entries.is_empty() {
            self.replace_producers();
        }
        self.entries.append(&mut entries);
        // What is found was read just now, so it has been shown.
        (self.shown, self.written, self.promised) = (end, end, end);
        if self.is_durable() {
            self.covered = self.covered.min(end);
        }
        self.covered = self.covered.min(end);
    }
}
