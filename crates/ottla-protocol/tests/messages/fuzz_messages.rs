//! What is fuzzed of messages and frames, as functions of the bytes alone.
//!
//! `fuzz/` calls these without end, and the test in `tests/corpus.rs` on every committed input.

use std::fmt::Debug;

use bytes::Bytes;
use ottla_protocol::consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use ottla_protocol::frame::{self, FrameDecoder};
use ottla_protocol::header;
use ottla_protocol::internal::{
    ConsumerGroupMemberMetadataValue, GroupCoordinatorKey, GroupCoordinatorValue, GroupMetadataValue,
    OffsetCommitValue, ProducerSnapshot, RemoteLogSegmentMetadataRecord, ShareCoordinatorKey,
    TransactionCoordinatorKey, TransactionLogValue,
};
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile};
use ottla_protocol::{ApiKey, Data, Encode};

/// Limits small enough that a fuzzer can reach them.
const LIMITS: DecodeLimits = DecodeLimits::DEFAULT.with_elements_bytes_max(1024 * 1024);

/// The first byte is the key of an API, the second chooses a version of it, the rest is the body of a request; what it
/// decodes to is encoded to a frame that decodes to the same.
pub(crate) fn request(data: &[u8]) {
    let _ = header::decode_request(Bytes::copy_from_slice(data), &LIMITS);
    let Some((api, version, body)) = choose(data) else { return };
    let Ok(request) = RequestBody::decode(api, version, &body, &LIMITS) else { return };
    // The header of a response before the body of a request: only the body is looked at.
    let again = body_of(&request, api, version);
    assert_eq!(RequestBody::decode(api, version, &again, &LIMITS), Ok(request), "{api} v{version}");
}

/// The same for the body of a response.
pub(crate) fn response(data: &[u8]) {
    let Some((api, version, body)) = choose(data) else { return };
    let _ = header::decode_response(body.clone(), api, version, &LIMITS);
    let Ok(response) = ResponseBody::decode(api, version, &body, &LIMITS) else { return };
    let again = body_of(&response, api, version);
    assert_eq!(ResponseBody::decode(api, version, &again, &LIMITS), Ok(response), "{api} v{version}");
}

/// The first byte chooses a structure, the rest is its bytes, version first.
pub(crate) fn structure(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    let bytes = Bytes::copy_from_slice(bytes);
    match kind {
        0 => {
            if let Ok(key) = GroupCoordinatorKey::decode(&bytes) {
                assert_eq!(key.encode().as_ref(), Ok(&bytes));
            }
        }
        1 => {
            if let Ok(key) = TransactionCoordinatorKey::decode(&bytes) {
                assert_eq!(key.encode().as_ref(), Ok(&bytes));
            }
        }
        2 => {
            if let Ok(key) = ShareCoordinatorKey::decode(&bytes) {
                assert_eq!(key.encode().as_ref(), Ok(&bytes));
            }
        }
        3 => same::<ConsumerProtocolSubscription>(&bytes),
        4 => same::<ConsumerProtocolAssignment>(&bytes),
        5 => same::<OffsetCommitValue>(&bytes),
        6 => same::<GroupMetadataValue>(&bytes),
        7 => same::<ConsumerGroupMemberMetadataValue>(&bytes),
        8 => same::<TransactionLogValue>(&bytes),
        9 => same::<ProducerSnapshot>(&bytes),
        10 => same::<RemoteLogSegmentMetadataRecord>(&bytes),
        record_type => {
            let _ = GroupCoordinatorValue::decode(i16::from(*record_type) - 11, &bytes);
        }
    }
}

/// What is decoded is encoded, in the version that it came in, to what decodes to the same; another version may
/// have no place for all of it.
fn same<D: Data + PartialEq + Debug>(bytes: &Bytes) {
    let Ok(data) = D::decode_versioned(bytes) else { return };
    // A newer version than the last is read as the last, where it is read at all.
    let version = i16::from_be_bytes([bytes[0], bytes[1]]).min(*D::VERSIONS.end());
    let again = data.encode_versioned(version).expect("what was decoded can be encoded");
    assert_eq!(D::decode_versioned(&again).as_ref(), Ok(&data));
}

/// Any bytes are explained, as whatever they may be.
#[cfg(feature = "json")]
pub(crate) fn explain(data: &[u8]) {
    use ottla_protocol::explain;
    let bytes = Bytes::copy_from_slice(data);
    let mut all = vec![
        explain::request(&bytes, &LIMITS),
        explain::record_batches(&bytes, Some("__consumer_offsets"), &LIMITS),
    ];
    if let Some((api, version, body)) = choose(data) {
        all.push(explain::response(&body, api, version, &LIMITS));
    }
    for explained in all {
        let _ = (explained.to_json(), explained.to_string());
    }
}

/// The first byte says in which pieces the rest arrives: frames come out the same as from one piece, and each is
/// read as a request.
pub(crate) fn frame(data: &[u8]) {
    const LIMIT: usize = 1024;
    let Some((size, stream)) = data.split_first() else { return };
    let cut = |step: usize| {
        let mut frames = FrameDecoder::new(LIMIT);
        let mut out = Vec::new();
        for piece in stream.chunks(step) {
            frames.read_buf().extend_from_slice(piece);
            loop {
                match frames.next_frame() {
                    Ok(Some(frame)) => out.push(frame),
                    Ok(None) => break,
                    Err(err) => return (out, Some(err)),
                }
            }
        }
        (out, None)
    };
    let whole = cut(stream.len().max(1));
    assert_eq!(cut(usize::from(*size) + 1), whole);
    for frame in whole.0 {
        if let Ok((header, body)) = header::decode_request(frame, &LIMITS) {
            let _ = decode_request_body(&header, &body, &LIMITS);
        }
    }
}

fn choose(data: &[u8]) -> Option<(ApiKey, i16, Bytes)> {
    let [key, version, body @ ..] = data else { return None };
    let api = APIS.iter().find(|api| api.key.to_i16() == i16::from(*key))?;
    let count = api.versions.end() - api.versions.start() + 1;
    let version = api.versions.start() + i16::from(*version) % count;
    Some((api.key, version, Bytes::copy_from_slice(body)))
}

fn body_of(message: &impl Encode<NoFile>, api: ApiKey, version: i16) -> Bytes {
    let chunks = frame::encode_response(api, version, 0, message).expect("what was decoded can be encoded");
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    let frame = Bytes::from(bytes).slice(4..);
    header::decode_response(frame, api, version, &LIMITS).expect("the header is ours").1
}
