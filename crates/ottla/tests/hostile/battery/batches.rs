//! Batches with one thing wrong: lengths, checksums, counts, offsets, timestamps, codecs, kinds.

use bytes::{BufMut, Bytes};
use ottla::protocol::records::{BatchBuilder, BatchOptions, Compression, EndTxnMarker};

use super::Case;
use super::making::{NOW_MS, batch, batch_with, compressed, put, twisted, written};
use super::producing::produce;
use super::reasons::STUMBLES;
use super::world::TARGET;

const LENGTH_AT: usize = 8;
const MAGIC_AT: usize = 16;
const ATTRIBUTES_AT: usize = 21;
const LAST_OFFSET_DELTA_AT: usize = 23;
const BASE_TIMESTAMP_AT: usize = 27;
const MAX_TIMESTAMP_AT: usize = 35;
const COUNT_AT: usize = 57;
const RECORDS_AT: usize = 61;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(records());
    cases.extend(kinds());
    cases.extend(codecs());
    cases
}

fn case(name: &str, expected: &'static str, records: Bytes) -> Case {
    Case::new(format!("a batch {name}"), expected).request(12, &produce(TARGET, 1, Some(records), -1))
}

fn headers() -> Vec<Case> {
    let sound = batch();
    let size = i32::try_from(sound.len()).unwrap_or(0) - 12;
    let length = |length: i32| twisted(&sound, |b| put(b, LENGTH_AT, length.to_be_bytes()));
    let magic = |magic: u8| twisted(&sound, |b| b[MAGIC_AT] = magic);
    let count = |count: i32| twisted(&sound, |b| put(b, COUNT_AT, count.to_be_bytes()));
    let last = |delta: i32| twisted(&sound, |b| put(b, LAST_OFFSET_DELTA_AT, delta.to_be_bytes()));
    let untouched = |change: fn(&mut Vec<u8>)| {
        let mut bytes = sound.to_vec();
        change(&mut bytes);
        Bytes::from(bytes)
    };
    vec![
        case("with a wrong checksum", "CORRUPT_MESSAGE", untouched(|b| b[17] ^= 1)),
        case("with a flipped bit in a record", "CORRUPT_MESSAGE", untouched(|b| b[80] ^= 1)),
        case("with a base offset of 42", "INVALID_RECORD", untouched(|b| put(b, 0, 42_i64.to_be_bytes()))),
        case("with a leader epoch of 99", "NONE", untouched(|b| put(b, 12, 99_i32.to_be_bytes()))),
        case("of format 0", "INVALID_RECORD", magic(0)),
        case("of format 1", "INVALID_RECORD", magic(1)),
        case("of format 3", "CORRUPT_MESSAGE", magic(3)),
        case("of format -1", "CORRUPT_MESSAGE", magic(0xff)),
        case("with a length one too small", "CORRUPT_MESSAGE", length(size - 1)),
        case("with a length one too large", "INVALID_RECORD", length(size + 1)),
        case("with a length of 0", "CORRUPT_MESSAGE", length(0)),
        case("with a length of -1", "CORRUPT_MESSAGE", length(-1)),
        case("with a length of i32::MAX", "INVALID_RECORD", length(i32::MAX))
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        case("with a length of 48", "CORRUPT_MESSAGE", length(48)),
        case("cut off in its header", "INVALID_RECORD", sound.slice(..40)),
        case("cut off in its length", "INVALID_RECORD", sound.slice(..10)),
        case("cut off in its records", "INVALID_RECORD", sound.slice(..90)),
        case("and another", "INVALID_RECORD", [&sound[..], &sound].concat().into()),
        case("and half of another", "NONE", [&sound[..], &sound[..40]].concat().into()),
        case("and noise", "CORRUPT_MESSAGE", [&sound[..], &[0xff; 20]].concat().into()),
        case("of one byte", "INVALID_RECORD", Bytes::from_static(&[1])),
        case("of noise", "CORRUPT_MESSAGE", Bytes::from_static(&[0xff; 200])),
        case("of zeros", "CORRUPT_MESSAGE", Bytes::from_static(&[0; 200])),
        case("with a count of 4 for 3", "INVALID_RECORD", count(4)),
        case("with a count of 2 for 3", "INVALID_RECORD", count(2)),
        case("with a count of 0", "INVALID_RECORD", count(0)),
        case("with a count of -1", "INVALID_RECORD", count(-1)),
        case("with a count of i32::MAX", "INVALID_RECORD", count(i32::MAX)),
        case("with a last offset delta of 3 for 3", "INVALID_RECORD", last(3)),
        case("with a last offset delta of 1 for 3", "INVALID_RECORD", last(1)),
        case("with a last offset delta of -1", "INVALID_RECORD", last(-1)),
        case("with a last offset delta of i32::MAX", "INVALID_RECORD", last(i32::MAX)),
        case(
            "without records",
            "INVALID_RECORD",
            twisted(&sound, |b| {
                b.truncate(RECORDS_AT);
                put(b, LENGTH_AT, 49_i32.to_be_bytes());
                put(b, LAST_OFFSET_DELTA_AT, (-1_i32).to_be_bytes());
                put(b, COUNT_AT, 0_i32.to_be_bytes());
            }),
        ),
        case(
            "with a base timestamp of i64::MIN",
            "INVALID_TIMESTAMP",
            twisted(&sound, |b| put(b, BASE_TIMESTAMP_AT, i64::MIN.to_be_bytes())),
        ),
        case(
            "with a base timestamp of i64::MAX",
            "INVALID_TIMESTAMP",
            twisted(&sound, |b| put(b, BASE_TIMESTAMP_AT, i64::MAX.to_be_bytes())),
        ),
        case(
            "with a base timestamp of -1",
            "NONE",
            twisted(&sound, |b| put(b, BASE_TIMESTAMP_AT, (-1_i64).to_be_bytes())),
        ),
        case(
            "with a max timestamp of i64::MIN",
            "NONE",
            twisted(&sound, |b| put(b, MAX_TIMESTAMP_AT, i64::MIN.to_be_bytes())),
        ),
        case("from the year 2100", "INVALID_TIMESTAMP", one_record(4_102_444_800_000)),
        case("of a record at -1", "NONE", one_record(-1)),
        case("of a record at -5", "NONE", one_record(-5)),
        case("of a record at 0", "NONE", one_record(0)),
    ]
}

fn one_record(timestamp: i64) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.try_append(timestamp, Some(b"key"), Some(b"value"), &[]).expect("there is room");
    builder.build().expect("a batch without a codec")
}

/// A batch whose only record is these bytes.
fn raw_record(record: &[u8]) -> Bytes {
    twisted(&one_record(NOW_MS), |b| {
        b.truncate(RECORDS_AT);
        b.put_slice(record);
        let length = i32::try_from(b.len()).unwrap_or(0) - 12;
        put(b, LENGTH_AT, length.to_be_bytes());
    })
}

fn records() -> Vec<Case> {
    let gaps = {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for delta in [0, 2, 4] {
            builder.append_at(delta, NOW_MS, Some(b"key"), Some(b"value"), &[]).expect("there is room");
        }
        builder.build().expect("a batch without a codec")
    };
    let from_one = {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append_at(1, NOW_MS, Some(b"key"), Some(b"value"), &[]).expect("there is room");
        builder.build().expect("a batch without a codec")
    };
    // A record: length, attributes, timestamp delta, offset delta, key, value, count of headers; zigzag varints.
    vec![
        case("whose offsets have gaps", "INVALID_RECORD", gaps),
        case("whose offsets start at one", "INVALID_RECORD", from_one),
        case("of a sound record by hand", "NONE", raw_record(&[14, 0, 0, 0, 1, 2, b'v', 0])),
        case(
            "of a record of 2^31-1 bytes",
            "INVALID_RECORD",
            raw_record(&[0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]),
        ),
        case("of a record of -1 bytes", "INVALID_RECORD", raw_record(&[1, 0, 0, 0, 1, 2, b'v', 0])),
        case("of a record of 0 bytes", "INVALID_RECORD", raw_record(&[0])),
        case("of a record one byte too short", "INVALID_RECORD", raw_record(&[12, 0, 0, 0, 1, 2, b'v', 0])),
        case("of a record one byte too long", "INVALID_RECORD", raw_record(&[16, 0, 0, 0, 1, 2, b'v', 0])),
        case(
            "of a record and noise",
            "INVALID_RECORD",
            raw_record(&[14, 0, 0, 0, 1, 2, b'v', 0, 0xff, 0xff]),
        ),
        case(
            "of a record whose key is too long",
            "INVALID_RECORD",
            raw_record(&[14, 0, 0, 0, 100, 2, b'v', 0]),
        ),
        case("of a record whose key is -2 long", "NONE", raw_record(&[14, 0, 0, 0, 3, 2, b'v', 0])),
        case(
            "of a record whose value is too long",
            "INVALID_RECORD",
            raw_record(&[14, 0, 0, 0, 1, 100, b'v', 0]),
        ),
        case("of a record with -1 headers", "INVALID_RECORD", raw_record(&[14, 0, 0, 0, 1, 2, b'v', 1])),
        case(
            "of a record with headers that are missing",
            "INVALID_RECORD",
            raw_record(&[14, 0, 0, 0, 1, 2, b'v', 100]),
        ),
        case(
            "of a record with a header without key",
            "INVALID_RECORD",
            raw_record(&[18, 0, 0, 0, 1, 2, b'v', 2, 1, 1]),
        ),
        case(
            "of a record with a length of six bytes",
            "INVALID_RECORD",
            raw_record(&[0x8e, 0x80, 0x80, 0x80, 0x80, 0, 0, 0]),
        )
        .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        case("of a record with attributes of -1", "NONE", raw_record(&[14, 0xff, 0, 0, 1, 2, b'v', 0])),
        case("of a record before its base timestamp", "NONE", raw_record(&[14, 0, 1, 0, 1, 2, b'v', 0])),
    ]
}

fn kinds() -> Vec<Case> {
    let attributes = |attributes: i16| twisted(&batch(), |b| put(b, ATTRIBUTES_AT, attributes.to_be_bytes()));
    let marker = EndTxnMarker { committed: true, coordinator_epoch: 0 };
    let marker = marker.to_batch(NOW_MS, 5, 0).expect("a marker is a batch");
    vec![
        case("with LogAppendTime from a producer", "NONE", attributes(1 << 3)),
        case("of control records", "INVALID_RECORD", attributes(1 << 5)),
        case("with a transaction marker", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", marker),
        case(
            "of a transaction, without a producer",
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            attributes(1 << 4),
        ),
        case("with a delete horizon", "NONE", attributes(1 << 6)),
        case("with attributes that nobody knows", "NONE", attributes(0x7f00)),
        case("with codec 5", "UNKNOWN_SERVER_ERROR", attributes(5)),
        case("with codec 7", "UNKNOWN_SERVER_ERROR", attributes(7)),
        case("that says gzip and is not", unreadable(Compression::Gzip), attributes(1)),
        case("that says snappy and is not", unreadable(Compression::Snappy), attributes(2)),
        case("that says lz4 and is not", unreadable(Compression::Lz4), attributes(3)),
        case("that says zstd and is not", unreadable(Compression::Zstd), attributes(4)),
    ]
}

/// What is said of a compressed batch that cannot be unpacked: Kafka's answer, or that this build has not the codec.
fn unreadable(codec: Compression) -> &'static str {
    if codec.is_enabled() { "UNKNOWN_SERVER_ERROR" } else { "UNSUPPORTED_COMPRESSION_TYPE" }
}

fn codecs() -> Vec<Case> {
    let mut cases = Vec::new();
    let codecs = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    for (codec, name) in codecs.into_iter().zip(["gzip", "snappy", "lz4", "zstd"]) {
        let Some(sound) = compressed(codec) else { continue };
        let middle = RECORDS_AT + (sound.len() - RECORDS_AT) / 2;
        let short = |b: &mut Vec<u8>, len: usize| {
            b.truncate(len);
            let length = i32::try_from(len).unwrap_or(0) - 12;
            put(b, LENGTH_AT, length.to_be_bytes());
        };
        cases.extend([
            case(&format!("in {name}, sound"), "NONE", sound.clone()),
            case(
                &format!("in {name}, with a broken start"),
                "UNKNOWN_SERVER_ERROR",
                twisted(&sound, |b| b[RECORDS_AT..RECORDS_AT + 8].fill(0xee)),
            ),
            case(
                &format!("in {name}, cut off in the middle"),
                "UNKNOWN_SERVER_ERROR",
                twisted(&sound, |b| short(b, middle)),
            ),
            case(
                &format!("in {name}, empty"),
                // A stream of no frames is a sound one for zstd: it is the records that are missing.
                if codec == Compression::Zstd { "INVALID_RECORD" } else { "UNKNOWN_SERVER_ERROR" },
                twisted(&sound, |b| short(b, RECORDS_AT)),
            ),
            case(
                &format!("in {name}, with a count of 49 for 50"),
                "INVALID_RECORD",
                twisted(&sound, |b| {
                    put(b, COUNT_AT, 49_i32.to_be_bytes());
                    put(b, LAST_OFFSET_DELTA_AT, 48_i32.to_be_bytes());
                }),
            ),
            case(
                &format!("in {name}, with a count of 51 for 50"),
                "INVALID_RECORD",
                twisted(&sound, |b| {
                    put(b, COUNT_AT, 51_i32.to_be_bytes());
                    put(b, LAST_OFFSET_DELTA_AT, 50_i32.to_be_bytes());
                }),
            ),
            case(
                &format!("in {name}, with a count of i32::MAX"),
                "INVALID_RECORD",
                twisted(&sound, |b| {
                    put(b, COUNT_AT, i32::MAX.to_be_bytes());
                    put(b, LAST_OFFSET_DELTA_AT, (i32::MAX - 1).to_be_bytes());
                }),
            ),
        ]);
        if codec == Compression::Zstd {
            cases.push(
                Case::new("a batch in zstd in version 6", "UNSUPPORTED_COMPRESSION_TYPE")
                    .request(6, &produce(TARGET, 1, Some(sound), -1)),
            );
        }
    }
    cases.extend(bombs());
    cases
}

/// Few bytes that unpack to many, or say so.
fn bombs() -> Vec<Case> {
    const CEILING: &str = "ottla unpacks at most 100 MiB of a batch";
    let mut cases = Vec::new();
    for (codec, name) in [(Compression::Zstd, "zstd"), (Compression::Gzip, "gzip")] {
        let size = 104 << 20;
        let options = BatchOptions::default().with_compression(codec, None).with_limits(size, size);
        let mut builder = BatchBuilder::new(options);
        let zeros = vec![0; (104 << 20) - 1024];
        if builder.try_append(NOW_MS, Some(b"key"), Some(&zeros), &[]).is_err() {
            continue;
        }
        let Ok(bomb) = builder.build() else { continue };
        cases.push(
            case(&format!("in {name} that unpacks to 104 MiB"), "MESSAGE_TOO_LARGE", bomb)
                .kafka("NONE", CEILING),
        );
    }
    let body =
        |codec: i16, body: &[u8]| twisted(&raw_record(body), |b| put(b, ATTRIBUTES_AT, codec.to_be_bytes()));
    let record = [14, 0, 0, 0, 1, 2, b'v', 0];
    // Magic, a frame header with a window of 2 GiB, and one raw block, which is the last.
    let window = written(|b| {
        b.put_slice(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 65, 0, 0]);
        b.put_slice(&record);
    });
    // Magic, version, independent blocks with a content size of 2^62, and a wrong header checksum.
    let content = written(|b| {
        b.put_slice(&[0x04, 0x22, 0x4d, 0x18, 0x68, 0x40]);
        b.put_u64_le(1 << 62);
        b.put_slice(&[0, 8, 0, 0, 0x80]);
        b.put_slice(&record);
        b.put_u32(0);
    });
    // A bare snappy block that says it holds 2^32-1 bytes.
    let snappy = written(|b| {
        b.put_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0x1c]);
        b.put_slice(&record);
    });
    cases.extend([
        case("in zstd with a window of 2 GiB", unreadable(Compression::Zstd), body(4, &window)),
        case("in lz4 with a content size of 2^62", unreadable(Compression::Lz4), body(3, &content)),
        case("in snappy with a length of 2^32-1", unreadable(Compression::Snappy), body(2, &snappy)),
    ]);
    cases
}

/// A batch of the largest sequence numbers is used where producers are tried.
pub(super) fn of_producer(producer_id: i64, epoch: i16, sequence: i32) -> Bytes {
    batch_with(BatchOptions::default().with_producer(producer_id, epoch, sequence), 3)
}
