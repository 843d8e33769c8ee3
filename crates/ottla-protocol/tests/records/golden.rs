//! Batches that Kafka 4.3.1 built, by `xtask/golden/GoldenBatches.java`, whose constants are repeated here.

use std::{fs, path::Path};

use bytes::Bytes;
use ottla_protocol::records::{
    BATCH_HEADER_LEN, Batch, BatchBuilder, BatchOptions, BatchOrigin, Compression, ControlRecord,
    EndTxnMarker, Record, TimestampType, ValidateRules, legacy::LegacyMessage, validate,
};
use ottla_protocol::wire::DecodeLimits;

const BASE_OFFSET: i64 = 7;
const LEADER_EPOCH: i32 = 3;
const TIME: i64 = 1_700_000_000_000;
const APPEND_TIME: i64 = TIME + 60_000;
const DELETE_HORIZON: i64 = TIME + 86_400_000;
const PRODUCER: (i64, i16) = (4242, 5);
const SEQUENCE: i32 = 100;
const COORDINATOR_EPOCH: i32 = 11;

/// Time, key and value of a record.
type Parts = (i64, Option<&'static [u8]>, Option<Vec<u8>>);
type Header<'a> = (&'a str, Option<&'a [u8]>);

/// What is in every file but those of control batches.
fn expected() -> [Parts; 3] {
    [
        (TIME, Some(b"o-17"), Some(b"paid".to_vec())),
        (TIME + 5, None, Some(b"abcd".repeat(40))),
        (TIME - 3, Some(b"o-18"), None),
    ]
}

/// The headers of the first record.
const HEADERS: [Header<'static>; 3] = [("trace", Some(&[0x7f])), ("käse", None), ("trace", Some(&[]))];

fn golden(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("hex");
    let text = fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
    let (release, hex) = text.split_once('\n').expect("the first line says the release");
    assert_eq!(release, "# Apache Kafka 4.3.1", "{name}");
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

fn batch(name: &str) -> Batch {
    let batch = Batch::parse(golden(name)).expect(name);
    assert!(batch.crc_is_valid(), "{name}");
    batch
}

fn check_records<'a>(
    records: impl Iterator<Item = Record<'a>>,
    timestamp: Option<i64>,
    headers: bool,
    name: &str,
) {
    let records: Vec<_> = records.collect();
    assert_eq!(records.len(), 3, "{name}");
    for (index, (record, (time, key, value))) in records.iter().zip(expected()).enumerate() {
        assert_eq!(record.offset, BASE_OFFSET + i64::try_from(index).expect("three"), "{name}");
        assert_eq!(record.timestamp, timestamp.unwrap_or(time), "{name}");
        assert_eq!((record.key, record.value), (key, value.as_deref()), "{name}");
        let found: Vec<Header<'_>> = record
            .headers()
            .map(|header| header.expect("the header is whole"))
            .map(|header| (header.key_str().expect("the key is text"), header.value))
            .collect();
        assert_eq!(found, if headers && index == 0 { HEADERS.to_vec() } else { vec![] }, "{name}");
    }
}

fn check_batch(batch: &Batch, timestamp: Option<i64>, name: &str) {
    let records = batch.records(&DecodeLimits::DEFAULT).expect(name);
    check_records(records.iter().map(|record| record.expect(name)), timestamp, true, name);
    let rules =
        ValidateRules::default().with_origin(BatchOrigin::Broker).with_clock(TimestampType::CreateTime, TIME);
    let valid = validate(batch, &rules).expect(name);
    assert_eq!(valid.max_timestamp, timestamp.unwrap_or(TIME + 5), "{name}");
    assert_eq!(valid.records_len, records.bytes().len(), "{name}");
}

/// The same records through our own builder.
fn rebuild(options: BatchOptions) -> Batch {
    let mut builder = BatchBuilder::new(options.with_place(BASE_OFFSET, LEADER_EPOCH));
    for (index, (time, key, value)) in expected().into_iter().enumerate() {
        let headers: &[Header<'_>] = if index == 0 { &HEADERS } else { &[] };
        builder.try_append(time, key, value.as_deref(), headers).expect("there is room");
    }
    Batch::parse(builder.build().expect("it can be built")).expect("it can be read")
}

#[test]
fn an_uncompressed_batch_is_read_and_built_byte_for_byte() {
    let golden = batch("batch-none");
    check_batch(&golden, None, "batch-none");
    assert_eq!(golden.header().base_offset, BASE_OFFSET);
    assert_eq!(golden.header().partition_leader_epoch, LEADER_EPOCH);
    assert_eq!(golden.header().max_timestamp, TIME + 5);
    assert_eq!(rebuild(BatchOptions::default()), golden);
}

#[test]
fn every_codec_is_read_and_our_own_output_has_the_same_records_and_header() {
    for codec in Compression::ALL.into_iter().filter(|codec| codec.is_enabled()) {
        let name = format!("batch-{codec}");
        let golden = batch(&name);
        assert_eq!(golden.header().attributes.compression(), Ok(codec));
        check_batch(&golden, None, &name);
        let ours = rebuild(BatchOptions::default().with_compression(codec, None));
        check_batch(&ours, None, &name);
        let fields = |batch: &Batch| {
            let mut header = *batch.header();
            (header.crc, header.batch_length) = (0, 0);
            header
        };
        assert_eq!(fields(&ours), fields(&golden), "{name}");
    }
}

#[test]
fn snappy_and_lz4_are_framed_as_the_java_client_frames_them() {
    for (codec, framing) in [(Compression::Snappy, 16), (Compression::Lz4, 7)] {
        if codec.is_enabled() {
            let theirs = batch(&format!("batch-{codec}")).body();
            let ours = rebuild(BatchOptions::default().with_compression(codec, None)).body();
            assert_eq!(ours[..framing], theirs[..framing], "{codec}");
        }
    }
}

#[test]
fn a_transactional_batch_is_read_and_built_byte_for_byte() {
    let golden = batch("batch-transactional");
    check_batch(&golden, None, "batch-transactional");
    let header = golden.header();
    assert!(header.attributes.is_transactional() && header.has_producer_id());
    assert_eq!((header.base_sequence, header.last_sequence()), (SEQUENCE, SEQUENCE + 2));
    let options =
        BatchOptions::default().with_producer(PRODUCER.0, PRODUCER.1, SEQUENCE).with_transactional();
    assert_eq!(rebuild(options), golden);
}

#[test]
fn log_append_time_is_read_and_an_edit_gives_kafkas_own_checksum() {
    let golden = batch("batch-log-append-time");
    check_batch(&golden, Some(APPEND_TIME), "batch-log-append-time");
    assert_eq!(golden.header().attributes.timestamp_type(), TimestampType::LogAppendTime);
    let edited = ottla_protocol::records::HeaderEdit::new(&golden).log_append_time(APPEND_TIME).finish();
    assert_eq!(edited[..], golden.bytes()[..BATCH_HEADER_LEN]);
    let later = ottla_protocol::records::HeaderEdit::new(&golden).log_append_time(APPEND_TIME + 1).finish();
    let later = Batch::parse([&later[..], &golden.body()].concat().into()).expect("only the time changed");
    assert!(later.crc_is_valid());
}

#[test]
fn a_delete_horizon_is_read_and_built_byte_for_byte() {
    let golden = batch("batch-delete-horizon");
    check_batch(&golden, None, "batch-delete-horizon");
    assert_eq!(golden.header().delete_horizon(), Some(DELETE_HORIZON));
    assert_eq!(rebuild(BatchOptions::default().with_delete_horizon(DELETE_HORIZON)), golden);
}

#[test]
fn ends_of_transactions_are_read_and_built_byte_for_byte() {
    for (name, committed) in [("batch-commit", true), ("batch-abort", false)] {
        let golden = batch(name);
        assert!(golden.header().attributes.is_control(), "{name}");
        let records = golden.records(&DecodeLimits::DEFAULT).expect(name);
        let record = records.iter().next().expect(name).expect(name);
        let control = ControlRecord::parse(&record).expect(name);
        let marker = EndTxnMarker { committed, coordinator_epoch: COORDINATOR_EPOCH };
        assert_eq!(EndTxnMarker::parse(&control), Ok(Some(marker)), "{name}");
        let ours = Batch::parse(marker.to_batch(TIME, PRODUCER.0, PRODUCER.1).expect(name)).expect(name);
        let header = ottla_protocol::records::HeaderEdit::new(&ours)
            .base_offset(BASE_OFFSET)
            .partition_leader_epoch(LEADER_EPOCH)
            .finish();
        assert_eq!([&header[..], &ours.body()].concat(), golden.bytes()[..], "{name}");
    }
}

#[test]
fn legacy_sets_are_read() {
    for (name, codec, magic, append_time) in [
        ("batch-legacy-v0-none", Compression::None, 0, None),
        ("batch-legacy-v0-gzip", Compression::Gzip, 0, None),
        ("batch-legacy-v0-snappy", Compression::Snappy, 0, None),
        ("batch-legacy-v0-lz4", Compression::Lz4, 0, None),
        ("batch-legacy-v1-none", Compression::None, 1, None),
        ("batch-legacy-v1-gzip", Compression::Gzip, 1, None),
        ("batch-legacy-v1-snappy", Compression::Snappy, 1, None),
        ("batch-legacy-v1-lz4", Compression::Lz4, 1, None),
        ("batch-legacy-v1-log-append-time", Compression::Gzip, 1, Some(APPEND_TIME)),
    ] {
        if !codec.is_enabled() {
            continue;
        }
        let mut set = golden(name);
        let mut messages = Vec::new();
        while let Some(message) = LegacyMessage::split_first(&mut set).expect(name) {
            assert!(message.crc_is_valid(), "{name}");
            assert_eq!(message.magic(), magic, "{name}");
            assert_eq!(message.attributes().compression(), Ok(codec), "{name}");
            messages.push(message.records(&DecodeLimits::DEFAULT).expect(name));
        }
        assert!(set.is_empty(), "{name}");
        let records = messages.iter().flat_map(|message| message.iter()).map(|record| record.expect(name));
        check_records(records, if magic == 0 { Some(-1) } else { append_time }, false, name);
    }
}
