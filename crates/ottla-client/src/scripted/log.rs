//! One partition of a scripted cluster: batches, and what is known of their producers.

use std::collections::{BTreeMap, VecDeque};

use bytes::{Bytes, BytesMut};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{Batch, HeaderEdit};
use ottla_protocol::wire::{DecodeLimits, Uuid};

use crate::node::NodeId;

/// A topic of a scripted cluster.
pub(super) struct Topic {
    pub(super) id: Uuid,
    pub(super) logs: Vec<Log>,
}

/// Kafka's default of `max.message.bytes`.
const BATCH_BYTES_MAX: usize = 1_048_588;

/// Batches that a broker remembers per producer, to recognise one that is sent again.
const REMEMBERED: usize = 5;

/// A partition of a scripted cluster.
pub(super) struct Log {
    pub(super) leader: NodeId,
    pub(super) leader_epoch: i32,
    pub(super) start: i64,
    pub(super) end: i64,
    /// `max.message.bytes`.
    pub(super) batch_bytes_max: usize,
    batches: Vec<Batch>,
    producers: BTreeMap<i64, Producer>,
}

struct Producer {
    epoch: i16,
    /// First sequence, number of records and base offset of the last batches.
    last: VecDeque<(i32, i32, i64)>,
}

impl Topic {
    pub(super) fn new(number: usize, partitions: i32, nodes: i32) -> Self {
        let id = u8::try_from(number + 1).expect("a few topics");
        let mut topic = Self { id: Uuid([id; 16]), logs: Vec::new() };
        topic.grow(partitions, nodes);
        topic
    }

    /// Adds partitions until there are so many, led by the brokers in turn.
    pub(super) fn grow(&mut self, partitions: i32, nodes: i32) {
        let log = |index: i32| Log {
            leader: NodeId(index % nodes + 1),
            leader_epoch: 1,
            start: 0,
            end: 0,
            batch_bytes_max: BATCH_BYTES_MAX,
            batches: Vec::new(),
            producers: BTreeMap::new(),
        };
        let known = i32::try_from(self.logs.len()).expect("a few partitions");
        self.logs.extend((known..partitions).map(log));
    }
}

impl Log {
    /// Appends as Kafka does; gives the base offset.
    pub(super) fn append(&mut self, mut data: Bytes, check: bool) -> Result<i64, ErrorCode> {
        let base = self.end;
        while let Ok(Some(batch)) = Batch::split_first(&mut data) {
            if check && !batch.crc_is_valid() {
                return Err(ErrorCode::CORRUPT_MESSAGE);
            }
            if check && batch.bytes().len() > self.batch_bytes_max {
                return Err(ErrorCode::MESSAGE_TOO_LARGE);
            }
            if check
                && batch.header().has_producer_id()
                && let Some(duplicate_of) = self.check_sequence(&batch)?
            {
                return Ok(duplicate_of);
            }
            self.push(&batch);
        }
        if data.is_empty() { Ok(base) } else { Err(ErrorCode::CORRUPT_MESSAGE) }
    }

    fn push(&mut self, batch: &Batch) {
        let header =
            HeaderEdit::new(batch).base_offset(self.end).partition_leader_epoch(self.leader_epoch).finish();
        let mut stored = BytesMut::from(&batch.bytes()[..]);
        stored[..header.len()].copy_from_slice(&header);
        let stored = Batch::parse(stored.freeze()).expect("the same batch elsewhere");
        self.end = stored.header().next_offset();
        self.batches.push(stored);
    }

    /// The rules of idempotence: the base offset of the batch that this one repeats, if it does.
    fn check_sequence(&mut self, batch: &Batch) -> Result<Option<i64>, ErrorCode> {
        let header = batch.header();
        let (base, count) = (header.base_sequence, header.records_count);
        let fresh = Producer { epoch: header.producer_epoch, last: VecDeque::new() };
        let is_new = !self.producers.contains_key(&header.producer_id);
        let producer = self.producers.entry(header.producer_id).or_insert(fresh);
        if header.producer_epoch < producer.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if header.producer_epoch > producer.epoch {
            if base != 0 {
                return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
            }
            *producer = Producer { epoch: header.producer_epoch, last: VecDeque::new() };
        }
        if let Some((_, _, offset)) =
            producer.last.iter().find(|(first, len, _)| (*first, *len) == (base, count))
        {
            return Ok(Some(*offset));
        }
        // A producer that is not known may begin anywhere, as with Kafka.
        let expected = producer.last.back().map(|(first, len, _)| first + len);
        if expected.is_some_and(|expected| expected != base) || (expected.is_none() && !is_new && base != 0) {
            return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        producer.last.push_back((base, count, self.end));
        if producer.last.len() > REMEMBERED {
            producer.last.pop_front();
        }
        Ok(None)
    }

    /// Whole batches from the one that holds `offset` on, at least one, up to about `bytes_max`.
    pub(super) fn read(&self, offset: i64, bytes_max: usize) -> Bytes {
        let mut data = BytesMut::new();
        for batch in self.batches.iter().filter(|batch| batch.header().next_offset() > offset) {
            if !data.is_empty() && data.len() + batch.bytes().len() > bytes_max {
                break;
            }
            data.extend_from_slice(batch.bytes());
        }
        data.freeze()
    }

    pub(super) fn values(&self) -> Vec<Bytes> {
        let mut values = Vec::new();
        for batch in &self.batches {
            let records = batch.records(&DecodeLimits::DEFAULT).expect("a batch that was checked");
            for record in &records {
                let record = record.expect("a record that was checked");
                values.push(Bytes::copy_from_slice(record.value.unwrap_or_default()));
            }
        }
        values
    }

    /// The first offset with this timestamp or a later one, and its timestamp.
    pub(super) fn offset_of(&self, timestamp: i64) -> Option<(i64, i64)> {
        for batch in &self.batches {
            let records = batch.records(&DecodeLimits::DEFAULT).expect("a batch that was checked");
            let mut records = records.iter().flatten();
            if let Some(record) = records.find(|record| record.timestamp >= timestamp) {
                return Some((record.offset, record.timestamp));
            }
        }
        None
    }

    pub(super) fn truncate_before(&mut self, offset: i64) {
        self.start = offset;
        self.batches.retain(|batch| batch.header().next_offset() > offset);
    }

    pub(super) fn forget_producers(&mut self) {
        self.producers.clear();
    }
}
