//! What is fuzzed of messages and frames, as functions of the bytes alone.
//!
//! `fuzz/` calls these without end, and the test in `tests/corpus.rs` on every committed input.

use bytes::Bytes;
use ottla_protocol::frame::{self, FrameDecoder};
use ottla_protocol::header;
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile};
use ottla_protocol::{ApiKey, Encode};

/// Limits small enough that a fuzzer can reach them.
const LIMITS: DecodeLimits = DecodeLimits::DEFAULT.with_elements_bytes_max(1024 * 1024);

/// The first two bytes choose API and version, the rest is the body of a request; what it decodes to is encoded to a
/// frame that decodes to the same.
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
    let [api, version, body @ ..] = data else { return None };
    let api = &APIS[usize::from(*api) % APIS.len()];
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
