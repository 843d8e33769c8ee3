//! Bytes: frames of any header and body, and batches with one thing wrong.
//!
//! What is right is encoded by the protocol crate; only what is wrong is written by hand.

use bytes::{BufMut, Bytes};
use ottla::protocol::Request;
use ottla::protocol::frame::encode_request;
use ottla::protocol::records::{BatchBuilder, BatchOptions, Compression, crc32c};
use ottla::protocol::wire::Chunk;

/// Number of every request of a case.
pub(super) const CORRELATION_ID: i32 = 7;
/// Number of the good request that follows a case.
pub(super) const PROBE_ID: i32 = 0x7f00_0001;

const SIZE_LEN: usize = 4;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;

/// A whole request, size first.
pub(super) fn request<R: Request>(version: i16, request: &R) -> Vec<u8> {
    let chunks = encode_request(version, CORRELATION_ID, Some("hostile"), request);
    let mut all = Vec::new();
    for chunk in chunks.expect("the request fits its version") {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
            Chunk::External { source, .. } => match source {},
        }
    }
    all
}

/// The body of a request, without its header.
pub(super) fn body<R: Request>(version: i16, of: &R) -> Vec<u8> {
    let tags = usize::from(R::API_KEY.is_flexible(version));
    request(version, of).split_off(SIZE_LEN + 2 + 2 + 4 + 2 + "hostile".len() + tags)
}

/// A size, then these bytes.
pub(super) fn sized(bytes: &[u8]) -> Vec<u8> {
    announced(i32::try_from(bytes.len()).unwrap_or(i32::MAX), bytes)
}

/// This size, whatever follows.
pub(super) fn announced(size: i32, bytes: &[u8]) -> Vec<u8> {
    written(|b| {
        b.put_i32(size);
        b.put_slice(bytes);
    })
}

/// A frame with an ordinary header, which ends in tags or not.
pub(super) fn frame(api_key: i16, version: i16, tags: bool, body: &[u8]) -> Vec<u8> {
    sized(&written(|b| {
        put_header(b, api_key, version, CORRELATION_ID);
        if tags {
            b.put_u8(0);
        }
        b.put_slice(body);
    }))
}

/// A request header without client id, up to its tags.
pub(super) fn put_header(b: &mut Vec<u8>, api_key: i16, version: i16, correlation_id: i32) {
    b.put_i16(api_key);
    b.put_i16(version);
    b.put_i32(correlation_id);
    b.put_i16(-1);
}

/// The good request: `ApiVersions` in version 0, which has no body.
pub(super) fn probe() -> Vec<u8> {
    sized(&written(|b| put_header(b, 18, 0, PROBE_ID)))
}

pub(super) fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

/// A sound batch of three records.
pub(super) fn batch() -> Bytes {
    batch_with(BatchOptions::default(), 3)
}

/// A sound batch of so many records.
pub(super) fn batch_with(options: BatchOptions, records: i64) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    for number in 0..records {
        let value = format!("record {number} of a batch that is sound");
        builder
            .try_append(NOW_MS + number, Some(b"key"), Some(value.as_bytes()), &[])
            .expect("there is room");
    }
    builder.build().expect("a batch without a codec, or with one that is there")
}

/// A sound compressed batch; `None` without the codec.
pub(super) fn compressed(codec: Compression) -> Option<Bytes> {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_compression(codec, None));
    for number in 0..50_u8 {
        let value = vec![number; 100];
        builder.try_append(NOW_MS, Some(b"key"), Some(&value), &[]).ok()?;
    }
    builder.build().ok()
}

/// The same batch with something else in it, and a checksum that fits.
pub(super) fn twisted(batch: &Bytes, twist: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut bytes = batch.to_vec();
    twist(&mut bytes);
    let crc = crc32c(&bytes[ATTRIBUTES_AT..]);
    bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

/// Writes a number into a batch.
pub(super) fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

/// A time in the past, whatever the clock of a broker says: 2023-11-14.
pub(super) const NOW_MS: i64 = 1_700_000_000_000;
