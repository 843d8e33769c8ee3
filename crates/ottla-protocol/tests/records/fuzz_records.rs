//! What is fuzzed of record batches, as functions of the bytes alone.
//!
//! `fuzz/` calls these without end, and the test in `tests/corpus.rs` on every committed input.

use bytes::Bytes;
use ottla_protocol::records::{
    Attributes, Batch, BatchBuilder, BatchHeader, BatchOptions, BatchRecords, Compression, ControlRecord,
    EndTxnMarker, HeaderEdit, ValidateRules, crc32c, legacy::LegacyMessage, produced_batch, validate,
};
use ottla_protocol::wire::DecodeLimits;

/// A ceiling low enough that a fuzzer can reach it.
const LIMITS: DecodeLimits = DecodeLimits::DEFAULT.with_decompressed_bytes_max(1024 * 1024);

/// The bytes as glued batches, once as they are and once with checksums put right, so that what lies behind them is
/// reached.
pub(crate) fn batch(data: &[u8]) {
    let _ = produced_batch(Bytes::copy_from_slice(data));
    let mut rest = Bytes::copy_from_slice(data);
    while let Ok(Some(batch)) = Batch::split_first(&mut rest) {
        judge(&batch);
        let header = BatchHeader { crc: batch.computed_crc(), ..*batch.header() };
        judge(
            &Batch::parse([&header.to_bytes()[..], &batch.body()].concat().into())
                .expect("only the crc changed"),
        );
    }
}

/// The bytes as a message set of the formats before batches.
pub(crate) fn legacy_set(data: &[u8]) {
    let mut rest = Bytes::copy_from_slice(data);
    while let Ok(Some(message)) = LegacyMessage::split_first(&mut rest) {
        let _ = message.crc_is_valid();
        if let Ok(records) = message.records(&LIMITS) {
            assert!(records.bytes().len() <= LIMITS.decompressed_bytes_max.max(data.len()));
            let _ = records.iter().count();
        }
    }
}

/// The bytes as the body of a gzip batch, and as what such a body is made of.
pub(crate) fn gzip(data: &[u8]) {
    body(Compression::Gzip, data);
}

/// The same for snappy.
pub(crate) fn snappy(data: &[u8]) {
    body(Compression::Snappy, data);
}

/// The same for LZ4.
pub(crate) fn lz4(data: &[u8]) {
    body(Compression::Lz4, data);
}

/// The same for Zstandard.
pub(crate) fn zstd(data: &[u8]) {
    body(Compression::Zstd, data);
}

fn body(codec: Compression, data: &[u8]) {
    let header = BatchHeader {
        attributes: Attributes::default().with_compression(codec),
        batch_length: i32::try_from(49 + data.len()).expect("a fuzzer's input is short"),
        records_count: 1,
        ..BatchHeader::default()
    };
    let mut bytes = [&header.to_bytes()[..], data].concat();
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    judge(&Batch::parse(bytes.into()).expect("the header is ours"));

    let mut builder = BatchBuilder::new(BatchOptions::default().with_compression(codec, None));
    if builder.try_append(0, None, Some(data), &[]).is_ok() {
        let Ok(batch) = builder.build() else {
            assert!(!codec.is_enabled(), "{codec} packs anything");
            return;
        };
        let batch = Batch::parse(batch).expect("the batch is ours");
        let records = batch.records(&DecodeLimits::DEFAULT).expect("what was packed is unpacked");
        let record = records.iter().next().expect("there is one").expect("it is whole");
        assert_eq!(record.value, Some(data), "{codec}");
    }
}

/// Whatever `validate` lets through is read to the end.
fn judge(batch: &Batch) {
    let rules = ValidateRules::default().with_limits(LIMITS).with_timestamp_range(i64::MAX, i64::MAX);
    let valid = validate(batch, &rules);
    let records = batch.records(&LIMITS);
    if let Ok(records) = &records {
        assert!(records.bytes().len() <= LIMITS.decompressed_bytes_max.max(batch.bytes().len()));
        let whole = walk(records);
        if let Ok(valid) = &valid {
            assert!(whole, "valid, but not to be read");
            assert_eq!(valid.records_len, records.bytes().len());
        }
    }
    if let Ok(valid) = valid {
        assert!(records.is_ok(), "valid, but not to be unpacked");
        let header = valid.header_edit(batch, 5, 6).finish();
        let stored = Batch::parse([&header[..], &batch.body()].concat().into()).expect("only fields changed");
        assert!(stored.crc_is_valid());
    }
    let _ = HeaderEdit::new(batch).log_append_time(1).producer(1, 2, 3).finish();
}

/// Whether every record and every header could be read.
fn walk(records: &BatchRecords) -> bool {
    let mut whole = true;
    for record in records {
        let Ok(record) = record else {
            return false;
        };
        whole &= record.headers().all(|header| header.is_ok());
        let _ = ControlRecord::parse(&record).map(|control| EndTxnMarker::parse(&control));
    }
    whole
}
