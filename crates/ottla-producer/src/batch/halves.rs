//! Making two batches of one that its broker found too large (KIP-126).
//!
//! The records keep their sequences: together the halves have those of the whole. When to halve is
//! decided by the sender.

use std::sync::Arc;

use ottla_protocol::records::{self, BATCH_HEADER_LEN, BatchBuilder, BatchOptions, Compression};
use ottla_protocol::wire::DecodeLimits;

use super::{Batch, Order, Payload, sequence_behind};

impl Batch {
    /// Two batches of about the same size with the records of this one, to be sent in its place as
    /// if they had never been. `None` for a single record.
    pub(crate) fn halves(&mut self) -> Option<[Self; 2]> {
        if self.records < 2 {
            return None;
        }
        let whole = records::Batch::parse(self.build()).ok()?;
        let compression = whole.header().attributes.compression().ok()?;
        let mut options = BatchOptions::default()
            .with_compression(compression, None)
            .with_limits(BatchBuilder::BATCH_BYTES_MAX, BatchBuilder::BATCH_BYTES_MAX);
        if whole.header().attributes.is_transactional() {
            options = options.with_transactional();
        }
        let room = whole.bytes().len();
        let builder = || BatchBuilder::with_buffer(options.clone(), self.buffers.take(room));
        let (mut first, mut second) = (builder(), builder());
        self.divide(&whole, &mut first, &mut second)?;
        let first = self.half(first, 0, compression)?;
        let second = self.half(second, first.records, compression)?;
        self.duty.split([(0, &first.duty), (first.records, &second.duty)]);
        Some([first, second])
    }

    /// Encodes the records anew: into the first half until it has half of the bytes, and at least
    /// one into each.
    fn divide(
        &self,
        whole: &records::Batch,
        first: &mut BatchBuilder,
        second: &mut BatchBuilder,
    ) -> Option<()> {
        let limits = DecodeLimits::DEFAULT.with_decompressed_bytes_max(BatchBuilder::BATCH_BYTES_MAX);
        let unpacked = whole.records(&limits).ok()?;
        let enough = BATCH_HEADER_LEN + unpacked.bytes().len() / 2;
        for (index, record) in (1..).zip(unpacked.iter()) {
            let record = record.ok()?;
            let is_behind = !second.is_empty() || first.uncompressed_len() >= enough || index == self.records;
            let half = if is_behind && !first.is_empty() { &mut *second } else { &mut *first };
            let mut headers = Vec::with_capacity(record.headers().len());
            for header in record.headers() {
                let header = header.ok()?;
                headers.push((header.key_str().ok()?, header.value));
            }
            half.try_append(record.timestamp, record.key, record.value, &headers).ok()?;
        }
        Some(())
    }

    /// A half, from the record at `behind` on.
    fn half(&self, builder: BatchBuilder, behind: u32, compression: Compression) -> Option<Self> {
        let mut half = Self {
            records: u32::try_from(builder.records_count()).ok()?,
            payload: Payload::Records(builder),
            stamp: self.stamp,
            duty: self.duty.of_part(),
            opened_at: self.opened_at,
            order: Order { part: self.order.part + behind, ..self.order },
            tries: 0,
            last: self.last.clone(),
            possibly_written: self.possibly_written,
            is_possibly_written_whole: self.possibly_written,
            buffers: Arc::clone(&self.buffers),
            held: Arc::clone(&self.held),
        };
        if let Some(stamp) = &mut half.stamp {
            stamp.base_sequence = sequence_behind(stamp.base_sequence, behind);
        }
        half.restamp();
        if compression != Compression::None {
            half.build();
        }
        Some(half)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use ottla_protocol::wire::Str;

    use super::*;
    use crate::batch::{Baggage, OpenBatch, Stamp};
    use crate::buffers::Buffers;
    use crate::flush::Tickets;
    use crate::memory::Memory;
    use crate::partition::BatchRules;
    use crate::record::Record;

    const STAMP: Stamp = Stamp { producer_id: 7, producer_epoch: 1, base_sequence: i32::MAX - 1 };

    /// A batch of these records, sent once; timestamps count from 100.
    fn sent(compression: Compression, records: &[Record<'_>]) -> Batch {
        let baggage = Baggage {
            share: Memory::new(10_000).try_share(1).unwrap(),
            ticket: Tickets::default().take(),
            buffers: Arc::new(Buffers::new(1_000)),
            opened_at: Instant::now(),
        };
        let rules = BatchRules { compression, batch_size: 10_000, is_transactional: false };
        let mut open = OpenBatch::new(Str::from("t"), 0, &rules, 10_000, baggage);
        for (timestamp, record) in (100..).zip(records) {
            open.offer(record, timestamp, &mut |_, _| ()).unwrap().unwrap();
        }
        let mut batch = open.seal();
        batch.send(Some(STAMP));
        batch
    }

    /// What a batch holds, and its first sequence.
    fn read(batch: &mut Batch) -> (i32, Vec<String>) {
        let parsed = records::Batch::parse(batch.build()).unwrap();
        assert!(parsed.crc_is_valid());
        let records = parsed.records(&DecodeLimits::DEFAULT).unwrap();
        let shown = records.iter().map(|record| {
            let record = record.unwrap();
            let headers: Vec<_> = record.headers().map(Result::unwrap).collect();
            format!("{} {:?} {:?} {headers:?}", record.timestamp, record.key, record.value)
        });
        (parsed.header().base_sequence, shown.collect())
    }

    #[test]
    fn halves_hold_the_same_records_under_the_same_sequences() {
        let headers = [("trace", Some(&b"17"[..])), ("empty", None)];
        let records = [
            Record::new("t").with_key("k").with_value("v"),
            Record::new("t").with_key("gone"),
            Record { headers: &headers, ..Record::new("t").with_value("with headers") },
            Record::new("t"),
            Record::new("t").with_value("the last"),
        ];
        for compression in
            [Compression::None, Compression::Lz4].into_iter().filter(|codec| codec.is_enabled())
        {
            let mut whole = sent(compression, &records);
            let (_, wanted) = read(&mut whole);
            let [mut first, mut second] = whole.halves().unwrap();
            let ((sequence, mut got), (behind, rest)) = (read(&mut first), read(&mut second));
            assert_eq!(sequence, STAMP.base_sequence);
            assert_eq!(behind, sequence_behind(sequence, first.records()));
            assert!(got.len() >= 2 && rest.len() >= 2, "{got:?} and {rest:?}");
            got.extend(rest);
            assert_eq!(got, wanted);
            assert!(first.order < second.order && whole.is_settled());
        }
    }

    #[test]
    fn each_half_has_a_record_however_large_the_others_are() {
        let (large, small) = (vec![0; 5_000], vec![0; 1]);
        let record = |value| Record::new("t").with_value(value);
        for records in [[record(&large), record(&small)], [record(&small), record(&large)]] {
            let [first, second] = sent(Compression::None, &records).halves().unwrap();
            assert_eq!((first.records(), second.records()), (1, 1));
        }
    }

    #[test]
    fn a_single_record_cannot_be_halved() {
        let mut batch = sent(Compression::None, &[Record::new("t").with_value("v")]);
        assert!(batch.halves().is_none() && !batch.is_settled());
    }
}
