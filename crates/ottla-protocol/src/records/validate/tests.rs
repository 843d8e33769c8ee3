//! The rules, case by case as a Kafka 4.3.1 broker answered them to the same bytes.

use alloc::{vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{
    ErrorCode,
    records::{Attributes, BatchBuilder, BatchOptions, RecordIter, codec, crc32c},
    wire::varint::put_varint,
};

const NOW: i64 = 1_795_318_350_330;
/// The max timestamp to store, or the code to answer.
type Outcome = Result<i64, i16>;
const OK: Outcome = Ok(NOW);

fn rules() -> ValidateRules {
    ValidateRules { now: NOW, ..ValidateRules::default() }
}

fn record(offset_delta: i32) -> Vec<u8> {
    record_with(0, offset_delta, Some(b"k"), &[0])
}

fn record_with(timestamp_delta: i64, offset_delta: i32, key: Option<&[u8]>, headers: &[u8]) -> Vec<u8> {
    let mut body = vec![0];
    crate::wire::varint::put_varlong(&mut body, timestamp_delta);
    put_varint(&mut body, offset_delta);
    for field in [key, Some(b"v")] {
        put_varint(&mut body, field.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap()));
        body.extend_from_slice(field.unwrap_or_default());
    }
    body.extend_from_slice(headers);
    with_length(i32::try_from(body.len()).unwrap(), &body)
}

fn with_length(length: i32, body: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    put_varint(&mut record, length);
    record.extend_from_slice(body);
    record
}

/// The header of `count` records from now, without a producer.
fn header(count: i32) -> BatchHeader {
    BatchHeader {
        records_count: count,
        last_offset_delta: count.wrapping_sub(1),
        base_timestamp: NOW,
        max_timestamp: NOW,
        ..BatchHeader::default()
    }
}

/// A batch of exactly these fields and this body, with the right length and checksum.
fn batch(mut header: BatchHeader, body: &[u8]) -> Batch {
    header.batch_length = i32::try_from(49 + body.len()).unwrap();
    let mut bytes = [&header.to_bytes()[..], body].concat();
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    Batch::parse(bytes.into()).unwrap()
}

fn outcome(batch: &Batch, rules: &ValidateRules) -> Outcome {
    match validate(batch, rules) {
        Ok(valid) => Ok(valid.max_timestamp),
        Err(invalid) => Err(invalid.error_code().0),
    }
}

fn attributes(bits: i16) -> BatchHeader {
    BatchHeader { attributes: Attributes(bits), ..header(1) }
}

#[test]
fn headers_are_judged_as_kafka_judges_them() {
    let one = record(0);
    let cases: Vec<(&str, BatchHeader, Outcome)> = vec![
        ("good", header(1), OK),
        ("base offset 5", BatchHeader { base_offset: 5, ..header(1) }, Err(87)),
        ("base offset -1", BatchHeader { base_offset: -1, ..header(1) }, Err(87)),
        ("leader epoch 77", BatchHeader { partition_leader_epoch: 77, ..header(1) }, OK),
        ("count 0", BatchHeader { records_count: 0, last_offset_delta: 0, ..header(1) }, Err(87)),
        ("count 0 of nothing", header(0), Err(87)),
        ("count -1", BatchHeader { records_count: -1, last_offset_delta: 0, ..header(1) }, Err(87)),
        ("count -1, range -1", header(-1), Err(87)),
        ("count 2 of 1", header(2), Err(87)),
        ("count huge", header(i32::MAX), Err(87)),
        ("range 6, count 1", BatchHeader { last_offset_delta: 5, ..header(1) }, Err(87)),
        ("range 0, count 1", BatchHeader { last_offset_delta: -1, ..header(1) }, Err(87)),
        ("control", attributes(0x20), Err(87)),
        ("producer, sequence -1", BatchHeader { producer_id: 1, ..header(1) }, Err(87)),
        ("producer, sequence -5", BatchHeader { producer_id: 1, base_sequence: -5, ..header(1) }, Err(87)),
        ("producer, epoch -1", BatchHeader { producer_id: 5, base_sequence: 0, ..header(1) }, OK),
        ("producer -2", BatchHeader { producer_id: -2, ..header(1) }, OK),
        ("sequence alone", BatchHeader { base_sequence: 5, ..header(1) }, OK),
        ("unused bits", attributes(0x80 | i16::MIN), OK),
        ("delete horizon", attributes(0x40), OK),
        ("transactional", attributes(0x10), OK),
        ("codec 5", attributes(5), Err(-1)),
        ("codec 6", attributes(6), Err(-1)),
        ("codec 7", attributes(7), Err(-1)),
        ("max timestamp too old", BatchHeader { max_timestamp: 5, ..header(1) }, OK),
        ("max timestamp too new", BatchHeader { max_timestamp: NOW * 2, ..header(1) }, OK),
    ];
    for (name, header, expected) in cases {
        assert_eq!(outcome(&batch(header, &one), &rules()), expected, "{name}");
    }
}

#[test]
fn records_are_judged_as_kafka_judges_them() {
    let extra = |mut record: Vec<u8>| {
        record[0] += 4; // two bytes more, zigzag
        record.extend_from_slice(b"zz");
        record
    };
    let cases: Vec<(&str, i32, Vec<u8>, Outcome)> = vec![
        ("one of two", 1, [record(0), record(1)].concat(), Err(87)),
        ("two of two", 2, [record(0), record(1)].concat(), OK),
        ("nothing", 1, vec![], Err(87)),
        ("length too long", 1, with_length(100, &record(0)[1..]), Err(87)),
        ("length too short", 1, with_length(3, &record(0)[1..]), Err(87)),
        ("length negative", 1, with_length(-3, &record(0)[1..]), Err(87)),
        ("bytes behind", 1, [&record(0)[..], b"x"].concat(), Err(87)),
        ("bytes inside", 1, extra(record(0)), Err(87)),
        ("key too long", 1, with_length(9, &[0, 0, 0, 200, 1, b'a', b'b', b'c', b'd']), Err(87)),
        ("key and value -2", 1, with_length(6, &[0, 0, 0, 3, 3, 0]), OK),
        ("headers -1", 1, record_with(0, 0, None, &[1]), Err(87)),
        ("headers 5 of none", 1, record_with(0, 0, None, &[10]), Err(87)),
        ("header with null key", 1, record_with(0, 0, None, &[2, 1, 1]), Err(87)),
        ("header key too long", 1, record_with(0, 0, None, &[2, 18, 1]), Err(87)),
        ("header", 1, record_with(0, 0, None, &[2, 2, b'h', 1]), OK),
        ("header that is no text", 1, record_with(0, 0, None, &[2, 2, 0xff, 1]), OK),
        ("record attributes", 1, [&[record(0)[0], 0xff][..], &record(0)[2..]].concat(), OK),
        // Kafka stores this one, at offsets beyond the end of the log.
        ("offset deltas 5 and 9", 2, [record(5), record(9)].concat(), Err(87)),
    ];
    for (name, count, body, expected) in cases {
        assert_eq!(outcome(&batch(header(count), &body), &rules()), expected, "{name}");
        for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
            if codec.is_enabled() {
                let mut packed = Vec::new();
                codec::pack(codec, None, &body, &mut packed).unwrap();
                let header = BatchHeader { attributes: Attributes(codec as i16), ..header(count) };
                assert_eq!(outcome(&batch(header, &packed), &rules()), expected, "{name}, {codec}");
            }
        }
    }
}

#[test]
fn timestamps_are_judged_as_kafka_judges_them() {
    let lat_topic = ValidateRules { timestamp_type: TimestampType::LogAppendTime, ..rules() };
    let narrow = ValidateRules { timestamp_before_max: 1000, ..rules() };
    let plain = rules();
    let hour = 3_600_000;
    let cases: Vec<(&str, i16, i64, i64, &ValidateRules, Outcome)> = vec![
        ("two hours ahead", 0, NOW + 2 * hour, 0, &plain, Err(32)),
        ("an hour ahead", 0, NOW + hour, 0, &plain, Ok(NOW + hour)),
        ("two hours ago", 0, NOW - 2 * hour, 0, &narrow, Err(32)),
        ("long ago", 0, 0, 0, &plain, Ok(0)),
        ("none", 0, -1, 0, &plain, Ok(-1)),
        ("none, claiming LogAppendTime", 8, -1, 0, &plain, Err(32)),
        ("negative", 0, -5, 0, &plain, Ok(-1)),
        ("least", 0, i64::MIN, 0, &plain, Err(32)),
        ("greatest", 0, i64::MAX, 0, &plain, Err(32)),
        ("delta overflows", 0, NOW, i64::MAX, &plain, Err(32)),
        ("claiming LogAppendTime", 8, NOW, 0, &plain, OK),
        ("claiming LogAppendTime where it is", 8, NOW, 0, &lat_topic, Err(32)),
        ("long ago under LogAppendTime", 0, 5, 0, &lat_topic, OK),
    ];
    for (name, bits, base, delta, rules, expected) in cases {
        let header = BatchHeader { base_timestamp: base, max_timestamp: base, ..attributes(bits) };
        let body = record_with(delta, 0, None, &[0]);
        assert_eq!(outcome(&batch(header, &body), rules), expected, "{name}");
    }
}

#[test]
fn keys_are_asked_for_where_the_topic_is_compacted_and_every_record_is_named() {
    let compacted = ValidateRules { compacted: true, ..rules() };
    assert_eq!(outcome(&batch(header(1), &record_with(0, 0, Some(b""), &[0])), &compacted), OK);
    let five: Vec<u8> = (0..5).flat_map(|index| record_with(0, index, None, &[0])).collect();
    let invalid = validate(&batch(header(5), &five), &compacted).unwrap_err();
    assert_eq!(invalid.error_code(), ErrorCode::INVALID_RECORD);
    let indexes: Vec<_> = invalid.record_errors().iter().map(RecordError::index).collect();
    assert_eq!(indexes, [0, 1, 2, 3, 4]);
    let mixed = [record_with(0, 0, None, &[0]), record_with(7_200_000, 1, Some(b"k"), &[0])].concat();
    assert_eq!(outcome(&batch(header(2), &mixed), &compacted), Err(32));
}

#[test]
fn what_is_wrong_first_is_what_kafka_finds_first() {
    let mut broken = batch(header(1), &record(0)).into_bytes().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    let crc = Batch::parse(broken.clone().into()).unwrap();
    assert_eq!(outcome(&crc, &rules()), Err(2));
    assert_eq!(outcome(&crc, &ValidateRules { message_bytes_max: 60, ..rules() }), Err(10));
    broken[7] = 5;
    let offset = Batch::parse(broken.into()).unwrap();
    assert_eq!(outcome(&offset, &ValidateRules { message_bytes_max: 60, ..rules() }), Err(87));
}

#[test]
fn the_broker_may_write_control_records_and_gaps() {
    let broker = ValidateRules { origin: BatchOrigin::Broker, ..rules() };
    let header = BatchHeader { base_offset: 40, last_offset_delta: 9, records_count: 2, ..attributes(0x30) };
    assert_eq!(outcome(&batch(header, &[record(5), record(9)].concat()), &broker), OK);
}

#[test]
fn packed_garbage_is_answered_as_kafka_answers_it() {
    for (bits, body, expected) in [
        (1, &b"garbage!"[..], -1),
        (2, b"garbage!garbage!", -1),
        (3, b"garbage!garbage!", -1),
        (4, b"garbage!garbage!", -1),
        (4, b"", 87),
        (3, b"", -1),
        (1, b"", -1),
        (2, b"", -1),
    ] {
        let codec = Attributes(bits).compression().unwrap();
        let expected = if codec.is_enabled() { expected } else { 76 };
        assert_eq!(outcome(&batch(attributes(bits), body), &rules()), Err(expected), "{codec} {body:?}");
    }
}

#[test]
fn a_produce_request_holds_one_batch_and_at_most_a_beginning_behind_it() {
    let good = batch(header(1), &record(0)).into_bytes();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.to_vec();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let length = |length: i32| with(8, &length.to_be_bytes());
    let glued = |more: &[u8]| [&good[..], more].concat();
    let cases: Vec<(&str, Vec<u8>, i16)> = vec![
        ("good", good.to_vec(), 0),
        ("empty", vec![], 87),
        ("11 bytes", good[..11].to_vec(), 87),
        ("12 bytes", good[..12].to_vec(), 87),
        ("half a header", good[..40].to_vec(), 87),
        ("cut by one", good[..good.len() - 1].to_vec(), 87),
        ("5 bytes behind", glued(b"hello"), 0),
        ("20 zeros behind", glued(&[0; 20]), 2),
        ("30 bytes of a batch behind", glued(&good[..30]), 0),
        ("two batches", glued(&good), 87),
        ("magic 0", with(16, &[0]), 87),
        ("magic 1", with(16, &[1]), 87),
        ("magic 3", with(16, &[3]), 2),
        ("magic -1", with(16, &[0xff]), 2),
        ("length 0", length(0), 2),
        ("length -1", length(-1), 2),
        ("length 13", length(13), 2),
        ("length 14", length(14), 2),
        ("length 48", length(48), 2),
        ("length 49", length(49), 2),
        ("length one more", length(i32::try_from(good.len()).unwrap() - 11), 87),
    ];
    for (name, records, expected) in cases {
        let code = match produced_batch(records.into()).and_then(|batch| validate(&batch, &rules())) {
            Ok(_) => 0,
            Err(invalid) => invalid.error_code().0,
        };
        assert_eq!(code, expected, "{name}");
    }
}

#[test]
fn stored_headers_have_their_timestamps_put_right() {
    let lying = batch(BatchHeader { max_timestamp: 5, ..attributes(0) }, &record(0));
    let stored = |rules: &ValidateRules| {
        let valid = validate(&lying, rules).unwrap();
        let header = valid.header_edit(&lying, 17, 3).finish();
        Batch::parse([&header[..], &lying.body()].concat().into()).unwrap()
    };
    let create = stored(&rules());
    assert_eq!((create.header().max_timestamp, create.header().base_offset), (NOW, 17));
    let append = stored(&ValidateRules { timestamp_type: TimestampType::LogAppendTime, now: 99, ..rules() });
    assert_eq!(append.header().max_timestamp, 99);
    assert_eq!(append.header().attributes.timestamp_type(), TimestampType::LogAppendTime);
    assert!(create.crc_is_valid() && append.crc_is_valid());
}

#[test]
fn records_larger_than_the_window_are_walked_in_pieces() {
    let value: Vec<u8> = (0..300_000u32).map(|n| n.to_le_bytes()[0]).collect();
    for codec in Compression::ALL.into_iter().filter(|codec| codec.is_enabled()) {
        let options = BatchOptions::default().with_compression(codec, None).with_limits(1 << 24, 1 << 24);
        let mut builder = BatchBuilder::new(options);
        for index in 0..3 {
            builder.try_append(NOW + index, Some(&value), Some(&value), &[("h", Some(&value))]).unwrap();
        }
        let len = builder.uncompressed_len() - BATCH_HEADER_LEN;
        let batch = Batch::parse(builder.build().unwrap()).unwrap();
        let wide = ValidateRules { message_bytes_max: usize::MAX, ..rules() };
        let valid = validate(&batch, &wide).unwrap();
        assert_eq!((valid.max_timestamp, valid.records_len), (NOW + 2, len), "{codec}");
        let tight =
            ValidateRules { limits: DecodeLimits::DEFAULT.with_decompressed_bytes_max(len - 1), ..wide };
        let expected = if codec == Compression::None { Ok(NOW + 2) } else { Err(10) };
        assert_eq!(outcome(&batch, &tight), expected, "{codec}");
    }
}

proptest! {
    #[test]
    fn what_is_found_valid_is_read_whole(
        mut body in prop::collection::vec(any::<u8>(), 0..120),
        count in 1i32..4,
        damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        codec in 0i16..5,
    ) {
        if let Some((at, byte)) = damage {
            body = (0..count).flat_map(record).collect();
            let at = at.index(body.len());
            body[at] = byte;
        }
        let plain = batch(header(count), &body);
        let found = validate(&plain, &rules());
        let reader: Vec<_> = RecordIter::new(plain.header(), &body).collect();
        if found.is_ok() {
            prop_assert!(reader.iter().all(|record| record.as_ref().is_ok_and(|r| r.headers().all(|h| h.is_ok()))));
        }
        let codec = Attributes(codec).compression().unwrap();
        let mut packed = Vec::new();
        if codec::pack(codec, None, &body, &mut packed).is_ok() {
            let header = BatchHeader { attributes: Attributes(codec as i16), ..header(count) };
            let streamed = validate(&batch(header, &packed), &rules());
            prop_assert_eq!(streamed.is_ok(), found.is_ok());
        }
    }

    #[test]
    fn any_packed_bytes_are_refused_or_read(body: Vec<u8>, codec in 1i16..5, count in 1i32..4) {
        let header = BatchHeader { attributes: Attributes(codec), ..header(count) };
        let _ = validate(&batch(header, &body), &rules());
    }
}
