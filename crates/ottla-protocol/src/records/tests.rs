//! What is built is read, what is edited keeps its body, and no bytes at all can hurt.

use alloc::{string::String, vec, vec::Vec};

use bytes::Bytes;
use proptest::{collection::vec as list, option, prelude::*};

use super::*;
use crate::wire::DecodeLimits;

#[derive(Clone, Debug, PartialEq)]
struct OwnedRecord {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

fn any_record() -> impl Strategy<Value = OwnedRecord> {
    let timestamp = prop_oneof![
        Just(-1),
        Just(i64::MIN),
        Just(i64::MAX),
        1_700_000_000_000i64..1_700_000_100_000,
        any::<i64>()
    ];
    let bytes = || option::of(list(any::<u8>(), 0..200));
    let header = (prop_oneof!["[a-c]", ".{0,6}"], option::of(list(any::<u8>(), 0..20)));
    (timestamp, bytes(), bytes(), list(header, 0..4))
        .prop_map(|(timestamp, key, value, headers)| OwnedRecord { timestamp, key, value, headers })
}

fn any_codec() -> impl Strategy<Value = Compression> {
    prop::sample::select(enabled())
}

fn enabled() -> Vec<Compression> {
    Compression::ALL.into_iter().filter(|codec| codec.is_enabled()).collect()
}

fn append(builder: &mut BatchBuilder, record: &OwnedRecord) -> Result<i32, AppendError> {
    let headers: Vec<_> = record.headers.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
    builder.try_append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers)
}

fn build(options: BatchOptions, records: &[OwnedRecord]) -> Batch {
    let mut builder = BatchBuilder::new(options.with_limits(1 << 24, 1 << 24));
    for record in records {
        append(&mut builder, record).unwrap();
    }
    let estimate = builder.uncompressed_len();
    let bytes = builder.build().unwrap();
    let batch = Batch::parse(bytes).unwrap();
    if batch.header().attributes.compression() == Ok(Compression::None) {
        assert_eq!(batch.bytes().len(), estimate);
    }
    batch
}

fn read(batch: &Batch) -> Result<Vec<(i64, OwnedRecord)>, BatchError> {
    let records = batch.records(&DecodeLimits::DEFAULT)?;
    let owned = |record: Record<'_>| {
        let headers = record
            .headers()
            .map(|header| header.map(|h| (h.key_str().unwrap().into(), h.value.map(Into::into))))
            .collect::<Result<_, _>>()?;
        let Record { offset, timestamp, key, value, .. } = record;
        Ok((
            offset,
            OwnedRecord { timestamp, key: key.map(Into::into), value: value.map(Into::into), headers },
        ))
    };
    records.iter().map(|record| owned(record?)).collect()
}

fn one_record() -> Vec<OwnedRecord> {
    vec![OwnedRecord { timestamp: 5, key: None, value: Some(b"v".to_vec()), headers: vec![] }]
}

#[test]
fn glued_batches_are_split_without_a_copy_and_a_cut_one_is_left() {
    let first = build(BatchOptions::default(), &one_record());
    let second = build(BatchOptions::default().with_place(1, 0), &one_record());
    let mut glued = Bytes::from([&first.bytes()[..], second.bytes(), &first.bytes()[..40]].concat());
    let start = glued.as_ptr();
    let split = Batch::split_first(&mut glued).unwrap().unwrap();
    assert_eq!(split, first);
    assert_eq!(split.bytes().as_ptr(), start);
    assert_eq!(Batch::split_first(&mut glued).unwrap().unwrap(), second);
    assert_eq!(Batch::split_first(&mut glued), Ok(None));
    assert_eq!(glued.len(), 40);
}

#[test]
fn a_full_batch_refuses_more_and_a_first_record_is_always_taken() {
    let options = BatchOptions::default().with_limits(100, 200);
    let mut builder = BatchBuilder::new(options);
    assert_eq!(
        builder.try_append(0, None, Some(&[0; 200]), &[]),
        Err(AppendError::RecordTooLarge { size: 273, limit: 200 })
    );
    assert_eq!(builder.try_append(0, None, Some(&[0; 100]), &[]), Ok(0));
    let before = builder.uncompressed_len();
    assert!(matches!(builder.try_append(0, None, None, &[]), Err(AppendError::Full { limit: 100, .. })));
    assert_eq!((builder.uncompressed_len(), builder.records_count()), (before, 1));
    assert_eq!(BatchBuilder::new(BatchOptions::default()).build(), Err(BuildError::Empty));
}

#[test]
fn the_producer_is_set_after_the_records() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(1, None, None, &[]).unwrap();
    builder.try_append(1, None, None, &[]).unwrap();
    builder.set_producer(7, 3, 100);
    let batch = Batch::parse(builder.build().unwrap()).unwrap();
    let header = batch.header();
    assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (7, 3, 100));
    assert_eq!(header.last_sequence(), 101);
    assert!(batch.crc_is_valid());
}

#[test]
fn offsets_may_have_gaps_and_never_go_back() {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_place(1000, 4));
    builder.append_at(3, 10, Some(b"a"), None, &[]).unwrap();
    builder.append_at(9, 11, Some(b"b"), None, &[]).unwrap();
    assert!(builder.append_at(9, 12, Some(b"c"), None, &[]).is_err());
    let batch = Batch::parse(builder.build().unwrap()).unwrap();
    let offsets: Vec<_> = read(&batch).unwrap().iter().map(|(offset, _)| *offset).collect();
    assert_eq!(offsets, [1003, 1009]);
    assert_eq!((batch.header().next_offset(), batch.header().records_count), (1010, 2));
}

#[test]
fn the_end_of_a_transaction_is_written_and_read() {
    for committed in [true, false] {
        let marker = EndTxnMarker { committed, coordinator_epoch: 9 };
        let batch = Batch::parse(marker.to_batch(123, 7, 3).unwrap()).unwrap();
        let attributes = batch.header().attributes;
        assert!(attributes.is_control() && attributes.is_transactional() && batch.crc_is_valid());
        let records = batch.records(&DecodeLimits::DEFAULT).unwrap();
        let record = records.iter().next().unwrap().unwrap();
        let control = ControlRecord::parse(&record).unwrap();
        assert_eq!(EndTxnMarker::parse(&control), Ok(Some(marker)));
    }
}

#[test]
fn log_append_time_is_the_timestamp_of_every_record() {
    let batch = build(BatchOptions::default(), &one_record());
    let header = HeaderEdit::new(&batch).log_append_time(99).finish();
    let stored = Batch::parse([&header[..], &batch.body()].concat().into()).unwrap();
    assert!(stored.crc_is_valid());
    assert_eq!(stored.header().attributes.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(read(&stored).unwrap()[0].1.timestamp, 99);
}

#[test]
fn a_broken_batch_stays_broken_through_an_edit() {
    let batch = build(BatchOptions::default(), &one_record());
    let mut bytes = batch.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let broken = Batch::parse(bytes.into()).unwrap();
    let header = HeaderEdit::new(&broken).log_append_time(99).producer(1, 2, 3).finish();
    assert!(!Batch::parse([&header[..], &broken.body()].concat().into()).unwrap().crc_is_valid());
}

#[test]
fn wrong_counts_and_bytes_left_over_end_the_walk_with_an_error() {
    let batch = build(BatchOptions::default(), &one_record());
    for (count, outcomes) in [(0, 1), (2, 2), (-1, 1), (i32::MIN, 1)] {
        let header = BatchHeader { records_count: count, ..*batch.header() };
        let body = batch.body();
        let items: Vec<_> = RecordIter::new(&header, &body).collect();
        assert_eq!(items.len(), outcomes, "{count}");
        assert!(items.last().unwrap().is_err(), "{count}");
    }
}

proptest! {
    #[test]
    fn the_checksum_of_a_batch_that_was_summed_as_it_grew_is_that_of_its_bytes(
        sizes in list(prop_oneof![0_usize..300, 8_000_usize..40_000], 1..60),
        codec in any_codec(),
        producer_id in 0_i64..1 << 40,
    ) {
        let options = BatchOptions::default().with_compression(codec, None).with_limits(4 << 20, 1 << 20);
        let mut builder = BatchBuilder::new(options);
        for (timestamp, size) in (0..).zip(&sizes) {
            let value: Vec<u8> = (0..251_u8).cycle().skip(*size).take(*size).collect();
            builder.try_append(timestamp, Some(b"key"), Some(&value), &[]).unwrap();
        }
        builder.set_producer(producer_id, 7, 9);
        let batch = Batch::parse(builder.build().unwrap()).unwrap();
        prop_assert_eq!(batch.header().crc, batch.computed_crc());
        prop_assert_eq!(read(&batch).unwrap().len(), sizes.len());
    }

    #[test]
    fn what_is_built_is_read(
        records in list(any_record(), 1..20),
        base_offset in 0i64..1 << 40,
        codec in any_codec(),
    ) {
        let options = BatchOptions::default().with_place(base_offset, 1).with_compression(codec, None);
        let batch = build(options, &records);
        prop_assert_eq!(batch.header().attributes.compression(), Ok(codec));
        prop_assert!(batch.crc_is_valid());
        let read = read(&batch).unwrap();
        let expected: Vec<_> = (base_offset..).zip(records.iter().cloned()).collect();
        prop_assert_eq!(read, expected);
        let header = batch.header();
        prop_assert_eq!(header.max_timestamp, records.iter().map(|r| r.timestamp).max().unwrap());
        prop_assert_eq!(header.next_offset(), base_offset + records.len() as i64);
    }

    #[test]
    fn an_edit_gives_the_checksum_of_a_full_pass(
        records in list(any_record(), 1..20),
        (offset, epoch, time) in any::<(i64, i32, i64)>(),
        (id, producer_epoch, sequence) in any::<(i64, i16, i32)>(),
        keep_time in any::<bool>(),
    ) {
        let batch = build(BatchOptions::default(), &records);
        let edit = HeaderEdit::new(&batch).base_offset(offset).partition_leader_epoch(epoch);
        let edit = if keep_time { edit.max_timestamp(time) } else { edit.log_append_time(time) };
        let header = edit.producer(id, producer_epoch, sequence).finish();
        let edited = Batch::parse([&header[..], &batch.body()].concat().into()).unwrap();
        prop_assert!(edited.crc_is_valid());
        prop_assert_eq!(edited.body(), batch.body());
        prop_assert_eq!(edited.header().base_offset, offset);
        prop_assert_eq!(edited.header().max_timestamp, time);
    }

    #[test]
    fn damaged_batches_are_read_or_refused(
        records in list(any_record(), 1..5),
        damage in list((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        codec in any_codec(),
    ) {
        let mut bytes = build(BatchOptions::default().with_compression(codec, None), &records).into_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut bytes = Bytes::from(bytes);
        while let Ok(Some(batch)) = Batch::split_first(&mut bytes) {
            if let Ok(records) = batch.records(&DecodeLimits::DEFAULT) {
                for record in records.iter().flatten() {
                    let _ = record.headers().count();
                    let _ = ControlRecord::parse(&record).map(|control| EndTxnMarker::parse(&control));
                }
            }
        }
    }
}

#[test]
fn a_batch_in_another_codec_is_the_same_batch() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for number in 0..50 {
        builder.try_append(1_000 + number, Some(b"key"), Some(&[7; 40]), &[("h", Some(b"v"))]).unwrap();
    }
    let built = Batch::parse(builder.build().unwrap()).unwrap();
    let header =
        HeaderEdit::new(&built).base_offset(42).partition_leader_epoch(3).producer(7, 2, 11).finish();
    let plain = Batch::parse([&header[..], &built.body()[..]].concat().into()).unwrap();
    let codecs = || Compression::ALL.into_iter().filter(|codec| codec.is_enabled());
    for (first, second) in codecs().flat_map(|first| codecs().map(move |second| (first, second))) {
        let packed =
            plain.with_codec(first, None, 1 << 20).unwrap().with_codec(second, None, 1 << 20).unwrap();
        assert!(packed.crc_is_valid());
        assert_eq!(packed.header().attributes.compression(), Ok(second));
        assert_eq!(packed.with_codec(Compression::None, None, 1 << 20).unwrap(), plain, "{first} {second}");
    }
    let small = plain.with_codec(Compression::None, None, 10);
    assert!(matches!(small, Err(BatchError::DecompressedTooLarge { .. })));
    let mut broken = plain.bytes().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    let broken = Batch::parse(broken.into()).unwrap().with_codec(Compression::None, None, 1 << 20);
    assert!(matches!(broken, Err(BatchError::CrcMismatch { .. })), "a broken batch stays broken");
}
