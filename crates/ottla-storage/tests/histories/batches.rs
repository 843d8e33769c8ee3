//! Random batches, and what the reference remembers of each.

use bytes::Bytes;
use ottla_env::Rng;
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Compression, EndTxnMarker};

/// Where a stored batch begins to be the producer's own bytes: behind offset, length and epoch.
const OWN_BYTES: usize = 16;
/// Where its records begin, which no broker changes.
const RECORD_BYTES: usize = 61;

/// One batch that was sent to a log.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) base: i64,
    /// The offset behind its last record.
    pub(crate) end: i64,
    /// As it was sent.
    pub(crate) sent: Bytes,
    pub(crate) leader_epoch: i32,
    /// The time that its records were given; `None` when they keep their own.
    pub(crate) append_time: Option<i64>,
    /// The clock when it was sent.
    pub(crate) sent_ms: i64,
    /// The least that the clock has shown since it was appended.
    pub(crate) seen_ms: i64,
    pub(crate) producer: Option<Claim>,
    /// How the transaction of its producer ends here, when it is a marker.
    pub(crate) marker: Option<bool>,
    pub(crate) records: Vec<Record>,
    /// Its bytes were changed behind the log's back, or those of others written over them.
    pub(crate) suspect: bool,
}

/// Who sent a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) id: i64,
    /// Sequence behind its last record.
    pub(crate) next_sequence: i32,
    pub(crate) is_transactional: bool,
}

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Option<Bytes>,
    pub(crate) timestamp: i64,
    /// When a compaction may have seen it first.
    pub(crate) first_round_ms: Option<i64>,
    /// A tombstone that a compaction may have dropped.
    pub(crate) may_go: bool,
}

impl Entry {
    /// Whether a log that keeps batches as they are may give this one back for it.
    pub(crate) fn is(&self, batch: &Batch) -> bool {
        let header = batch.header();
        let stored = batch.bytes();
        let same = match self.append_time {
            None => stored[OWN_BYTES..] == self.sent[OWN_BYTES..],
            Some(time) => stored[RECORD_BYTES..] == self.sent[RECORD_BYTES..] && header.max_timestamp == time,
        };
        let place = (header.base_offset, header.next_offset(), header.partition_leader_epoch);
        batch.crc_is_valid() && same && place == (self.base, self.end, self.leader_epoch)
    }

    /// Its records with their offsets.
    pub(crate) fn records(&self) -> impl Iterator<Item = (i64, &Record)> {
        (self.base..).zip(&self.records)
    }

    /// The timestamp that a reader sees of a record.
    pub(crate) fn timestamp(&self, record: &Record) -> i64 {
        self.append_time.unwrap_or(record.timestamp)
    }

    pub(crate) fn max_timestamp(&self) -> i64 {
        self.records.iter().map(|record| self.timestamp(record)).max().unwrap_or(self.seen_ms)
    }
}

/// Who is to send the next batch, and from which sequence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) id: i64,
    pub(crate) sequence: i32,
    pub(crate) is_transactional: bool,
}

/// A random batch, to be appended at `base`.
pub(crate) fn random_batch(
    rng: &mut Rng,
    base: i64,
    now_ms: i64,
    keys: u64,
    sender: Option<Sender>,
) -> Entry {
    let mut options = BatchOptions::default().with_limits(1 << 20, 1 << 20);
    if rng.chance(0.2) {
        let codec = Compression::ALL[usize::try_from(rng.below(5)).expect("a small number")];
        if codec.is_enabled() {
            options = options.with_compression(codec, None);
        }
    }
    if let Some(sender) = sender {
        options = options.with_producer(sender.id, 0, sender.sequence);
        if sender.is_transactional {
            options = options.with_transactional();
        }
    }
    let mut builder = BatchBuilder::new(options);
    let count = i32::try_from(1 + rng.below(4)).expect("a small count");
    let mut records = Vec::new();
    for _ in 0..count {
        let mut value = vec![0; usize::try_from(rng.below(300)).expect("a small size")];
        rng.fill(&mut value);
        let value = (!rng.chance(0.15)).then(|| Bytes::from(value));
        let key = (!rng.chance(0.1)).then(|| Bytes::from(format!("k{}", rng.below(keys))));
        let timestamp = match rng.below(20) {
            0 => now_ms + i64::try_from(rng.below(3_000_000)).expect("a small number"),
            1 => now_ms - i64::try_from(rng.below(3_000_000)).expect("a small number"),
            _ => now_ms - i64::try_from(rng.below(1_000)).expect("a small number"),
        };
        builder.try_append(timestamp, key.as_deref(), value.as_deref(), &[]).expect("it is small");
        records.push(Record { key, value, timestamp, first_round_ms: None, may_go: false });
    }
    let producer = sender.map(|Sender { id, sequence, is_transactional }| Claim {
        id,
        next_sequence: sequence + count,
        is_transactional,
    });
    let sent = builder.build().expect("it is whole");
    Entry { records, producer, ..entry(base, base + i64::from(count), sent, now_ms) }
}

/// The end of a transaction.
pub(crate) fn marker(base: i64, now_ms: i64, producer_id: i64, committed: bool) -> Entry {
    let marker = EndTxnMarker { committed, coordinator_epoch: 1 };
    let sent = marker.to_batch(now_ms, producer_id, 0).expect("it is whole");
    let claim = Claim { id: producer_id, next_sequence: 0, is_transactional: true };
    Entry { marker: Some(committed), producer: Some(claim), ..entry(base, base + 1, sent, now_ms) }
}

fn entry(base: i64, end: i64, sent: Bytes, now_ms: i64) -> Entry {
    Entry {
        base,
        end,
        sent,
        leader_epoch: 0,
        append_time: None,
        sent_ms: now_ms,
        seen_ms: now_ms,
        producer: None,
        marker: None,
        records: Vec::new(),
        suspect: false,
    }
}
