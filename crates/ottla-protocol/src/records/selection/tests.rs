//! What is written of a selection has the records that stay, as they were, and nothing else.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::records::{Batch, BatchBuilder, BatchOptions};
use crate::wire::DecodeLimits;

type Sent = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>);
type Read = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

fn build(options: BatchOptions, sent: &[Sent]) -> Batch {
    let mut builder = BatchBuilder::new(options.with_limits(1 << 20, 1 << 20));
    for (timestamp, key, value, header) in sent {
        let headers = [("trace", Some(&header[..])), ("none", None)];
        let headers = &headers[..if header.is_empty() { 0 } else { 2 }];
        builder.try_append(*timestamp, key.as_deref(), value.as_deref(), headers).unwrap();
    }
    Batch::parse(builder.build().unwrap()).unwrap()
}

fn read(batch: &Batch) -> Vec<Read> {
    let records = batch.records(&DecodeLimits::default()).unwrap();
    let records = records.iter().map(|record| {
        let record = record.unwrap();
        let headers = record.headers().map(|header| {
            let header = header.unwrap();
            (header.key.to_vec(), header.value.map(<[u8]>::to_vec))
        });
        let (key, value) = (record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec));
        (record.offset, record.timestamp, key, value, headers.collect())
    });
    records.collect()
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let bytes = || prop::option::of(prop::collection::vec(any::<u8>(), 0..200));
    prop::collection::vec((0_i64..1 << 41, bytes(), bytes(), prop::collection::vec(any::<u8>(), 0..9)), 1..40)
}

/// The codecs that this build has.
fn enabled() -> Vec<Compression> {
    Compression::ALL.into_iter().filter(|codec| codec.is_enabled()).collect()
}

proptest! {
    #[test]
    fn what_stays_is_as_it_was(
        sent in sent(),
        keep in prop::collection::vec(any::<bool>(), 40),
        codec in prop::sample::select(enabled()),
        log_append_time in any::<bool>(),
        horizon in prop::option::of(0_i64..1 << 42),
        had_horizon in prop::option::of(0_i64..1 << 42),
    ) {
        let mut options = BatchOptions::default()
            .with_compression(codec, None)
            .with_place(5_000_000_000, 3)
            .with_producer(7, 1, 40)
            .with_transactional();
        if log_append_time {
            options = options.with_timestamp_type(TimestampType::LogAppendTime);
        }
        options.delete_horizon = had_horizon;
        let batch = build(options, &sent);
        let before = read(&batch);
        let records = batch.records(&DecodeLimits::default()).unwrap();
        let mut selection = Selection::default();
        let mut asked = Vec::new();
        selection.walk(batch.header(), records.bytes(), |record| {
            asked.push((record.offset, record.key.map(<[u8]>::to_vec), record.has_value));
            keep[asked.len() - 1]
        }).unwrap();
        let expected: Vec<_> = before.iter().map(|(o, _, k, v, _)| (*o, k.clone(), v.is_some())).collect();
        prop_assert_eq!(asked, expected);

        let stays: Vec<_> = before.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(r, _)| r.clone()).collect();
        prop_assert_eq!(selection.kept(), stays.len());
        prop_assert_eq!(selection.dropped(), before.len() - stays.len());
        prop_assert_eq!(selection.has_tombstone(), stays.iter().any(|record| record.3.is_none()));
        let mut out = b"before".to_vec();
        let result = selection.write(batch.header(), records.bytes(), horizon, &mut out);
        if stays.is_empty() {
            prop_assert_eq!(result, Err(BuildError::Empty));
            prop_assert_eq!(out, b"before");
            return Ok(());
        }
        result.unwrap();
        let after = Batch::parse(out.split_off(6).into()).unwrap();
        prop_assert!(after.crc_is_valid());
        prop_assert_eq!(&read(&after), &stays);
        let (old, new) = (batch.header(), after.header());
        prop_assert_eq!(new.delete_horizon(), horizon.or(had_horizon));
        prop_assert_eq!(new.base_offset, old.base_offset);
        prop_assert_eq!(new.last_offset_delta, old.last_offset_delta);
        prop_assert_eq!(new.base_sequence, old.base_sequence);
        prop_assert_eq!(new.producer_id, old.producer_id);
        prop_assert_eq!(new.partition_leader_epoch, old.partition_leader_epoch);
        prop_assert_eq!(new.attributes.compression(), Ok(codec));
        let newest = stays.iter().map(|record| record.1).max().unwrap();
        prop_assert_eq!(new.max_timestamp, newest);
    }

    #[test]
    fn bytes_that_are_no_records_are_an_error_and_no_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        records_count in 0_i32..9,
    ) {
        let header = BatchHeader { records_count, ..BatchHeader::default() };
        let mut selection = Selection::default();
        if selection.walk(&header, &bytes, |record| record.has_value).is_ok() && selection.kept() > 0 {
            selection.write(&header, &bytes, Some(9), &mut Vec::new()).unwrap();
        }
    }
}

#[test]
fn an_empty_batch_keeps_offsets_and_sequences_alone() {
    let options = BatchOptions::default().with_place(40, 2).with_producer(9, 4, 100).with_delete_horizon(77);
    let batch = build(options, &[(5, None, None, Vec::new()), (6, None, None, Vec::new())]);
    let mut out = Vec::new();
    write_empty_batch(batch.header(), &mut out);
    let empty = Batch::parse(out.into()).unwrap();
    assert!(empty.crc_is_valid());
    assert_eq!(empty.header().last_offset(), 41);
    assert_eq!(empty.header().last_sequence(), 101);
    assert_eq!(empty.header().max_timestamp, 6);
    assert_eq!(empty.header().delete_horizon(), None);
    assert_eq!(read(&empty), []);
}
