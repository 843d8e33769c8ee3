//! Messages as a real Kafka puts them on the wire: read to the values that were put in, and written to the same bytes.
//!
//! The files are made by `cargo xtask golden`. Their values follow from the names of the fields.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile};
use ottla_protocol::{ApiKey, ErrorCode, frame, header};

use super::arbitrary;
use super::round_trip::encode;
use super::source::Source;

const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;
const CORRELATION_ID: i32 = 0x0102_0304;

/// One golden frame, without its size prefix.
struct Golden {
    file: String,
    api: ApiKey,
    is_request: bool,
    version: i16,
    nulls: bool,
    frame: Bytes,
}

pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (at, character) in name.char_indices() {
        if at > 0 && character.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(character.to_ascii_lowercase());
    }
    kebab
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

/// The two sequences of bytes in a file, without nulls and with them; `None` if there is no such file.
pub(crate) fn read(file: &str) -> Option<[Vec<u8>; 2]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    let text = fs::read_to_string(path).ok()?;
    assert!(text.starts_with("# Apache Kafka 4.3"), "{file} does not say which release");
    let parts: Vec<_> = text
        .split("\n\n")
        .map(|part| bytes_of(&part.lines().filter(|line| !line.starts_with('#')).collect::<String>()))
        .collect();
    Some(parts.try_into().unwrap_or_else(|_| panic!("{file} does not have two parts")))
}

fn golden() -> Vec<Golden> {
    let mut all = Vec::new();
    for api in APIS {
        for version in api.versions.clone() {
            for (is_request, side) in [(true, "request"), (false, "response")] {
                let file = format!("{}-{side}-v{version}.hex", kebab(api.key.name()));
                let Some(frames) = read(&file) else { continue };
                for (bytes, nulls) in frames.iter().zip([false, true]) {
                    let (size, frame) = bytes.split_first_chunk::<4>().expect("a size");
                    assert_eq!(u32::from_be_bytes(*size) as usize, frame.len(), "{file}");
                    let frame = Bytes::copy_from_slice(frame);
                    all.push(Golden { file: file.clone(), api: api.key, is_request, version, nulls, frame });
                }
            }
        }
    }
    all
}

#[test]
fn there_are_golden_bytes_of_the_first_and_the_last_version_of_every_message() {
    let all = golden();
    for api in APIS {
        for version in [api.versions.start(), api.versions.end()] {
            for is_request in [true, false] {
                let count = all
                    .iter()
                    .filter(|it| it.api == api.key && it.version == *version && it.is_request == is_request)
                    .count();
                assert_eq!(count, 2, "{} v{version}, request: {is_request}", api.key);
            }
        }
    }
}

#[test]
fn requests_of_kafka_are_read_and_written_alike() {
    for golden in golden().into_iter().filter(|golden| golden.is_request) {
        let Golden { file, api, version, nulls, frame, .. } = golden;
        let (header, body) = header::decode_request(frame.clone(), &LIMITS).unwrap();
        assert_eq!((header.api(), header.api_version), (Some(api), version), "{file}");
        assert_eq!(header.correlation_id, CORRELATION_ID, "{file}");
        assert_eq!(header.client_id.as_deref(), Some("golden"), "{file}");
        let decoded =
            decode_request_body(&header, &body, &LIMITS).unwrap_or_else(|err| panic!("{file}: {err}"));
        let source = &mut Source::named(nulls, api.is_flexible(version));
        assert_eq!(decoded, arbitrary::request(source, api, version), "{file}");
        assert_eq!(encode(&decoded, api, version).unwrap(), body, "{file}");
        // The header is written by the same code for every API.
        if let RequestBody::Metadata(request) = &decoded {
            let chunks = frame::encode_request(version, CORRELATION_ID, Some("golden"), request).unwrap();
            assert_eq!(in_one_piece(&chunks)[4..], frame[..], "{file}");
        }
    }
}

#[test]
fn responses_of_kafka_are_read_and_written_alike() {
    for golden in golden().into_iter().filter(|golden| !golden.is_request) {
        let Golden { file, api, version, nulls, frame, .. } = golden;
        let (header, body) = header::decode_response(frame.clone(), api, version, &LIMITS).unwrap();
        assert_eq!(header.correlation_id, CORRELATION_ID, "{file}");
        let decoded: ResponseBody<NoFile> =
            ResponseBody::decode(api, version, &body, &LIMITS).unwrap_or_else(|err| panic!("{file}: {err}"));
        let source = &mut Source::named(nulls, api.is_flexible(version));
        assert_eq!(decoded, arbitrary::response(source, api, version), "{file}");
        let chunks = frame::encode_response(api, version, CORRELATION_ID, &decoded).unwrap();
        assert_eq!(in_one_piece(&chunks)[4..], frame[..], "{file}");
    }
}

#[test]
fn every_error_code_has_the_name_and_the_nature_that_kafka_gives_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/error-codes.txt");
    let text = fs::read_to_string(path).unwrap();
    let mut codes = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (code, rest) = line.split_once(' ').unwrap();
        let (name, retriable) = rest.split_once(' ').unwrap_or((rest, ""));
        let code = ErrorCode(code.parse().unwrap());
        assert_eq!((code.name(), code.is_retriable()), (Some(name), !retriable.is_empty()), "{line}");
        codes.push(code);
    }
    let mut ours = ErrorCode::ALL.to_vec();
    codes.sort();
    ours.sort();
    assert_eq!(ours, codes);
}

fn in_one_piece(chunks: &[Chunk]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(piece),
            Chunk::External { source, .. } => match *source {},
        }
    }
    bytes
}
