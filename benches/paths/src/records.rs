//! What a record costs in a batch: `times` counts records, a whole number of batches.

use std::hint::black_box;

use bytes::Bytes;
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, Record};
use ottla_protocol::wire::DecodeLimits;

const NOW: i64 = 1_700_000_000_000;
const KEY: &[u8; 14] = b"key-0123456789";
const VALUE: &[u8; 100] = &[b'v'; 100];
/// As many as make 16 KiB.
const RECORDS: u32 = 131;

/// A batch of records of 14 bytes of key and 100 of value.
pub(crate) fn batch(records: u32, buffer: Vec<u8>) -> Bytes {
    let mut builder = BatchBuilder::with_buffer(BatchOptions::default(), buffer);
    for index in 0..records {
        let (key, value) = (black_box(KEY), black_box(VALUE));
        builder.try_append(NOW + i64::from(index), Some(key), Some(value), &[]).expect("it fits");
    }
    builder.build().expect("it has records")
}

pub(crate) fn encode(times: u32) {
    let mut buffer = Vec::new();
    for _ in 0..times / RECORDS {
        buffer = Vec::from(black_box(batch(RECORDS, buffer)));
    }
}

pub(crate) fn walk(times: u32) {
    let batch = Batch::parse(batch(RECORDS, Vec::new())).expect("it was just built");
    for _ in 0..times / RECORDS {
        let records = black_box(&batch).records(&DecodeLimits::DEFAULT).expect("it is not compressed");
        for record in &records {
            black_box(record.expect("it is whole").offset);
        }
    }
}

/// From bytes that nobody has looked at to all records and all that is in them.
pub(crate) fn decode(times: u32) {
    let bytes = batch(RECORDS, Vec::new());
    for _ in 0..times / RECORDS {
        let batch = Batch::parse(black_box(&bytes).clone()).expect("it is whole");
        assert!(batch.crc_is_valid());
        let records = batch.records(&DecodeLimits::DEFAULT).expect("it is not compressed");
        let all = records.iter().collect::<Result<Vec<Record<'_>>, _>>().expect("they are whole");
        for record in &all {
            assert!(record.headers().is_empty());
        }
        black_box(&all);
    }
}

pub(crate) fn check(times: u32) {
    let bytes = batch(33, Vec::new());
    for _ in 0..times {
        let batch = Batch::parse(black_box(&bytes).clone()).expect("it is whole");
        assert!(black_box(batch).crc_is_valid());
    }
}
