//! The headers that stand before every message: which API and version, and which request is answered.
//!
//! Size prefixes are in [`crate::frame`], bodies in [`crate::messages`].

use alloc::string::String;

use bytes::{Buf, Bytes};

use crate::api::ApiKey;
use crate::wire::{DecodeError, DecodeLimits, EncodeError, Reader, Sink, Str, TaggedFields};

/// Where the bytes of the client id begin: after key, version, correlation id and its length.
const CLIENT_ID_AT: usize = 2 + 2 + 4 + 2;

/// What stands before a request.
///
/// Version 1 of the header ends with the client id; version 2 adds tagged fields and goes with flexible versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestHeader {
    /// Key of the API, known to this release or not.
    pub api_key: i16,
    /// Version of the request, and so of its answer.
    pub api_version: i16,
    /// Number that the answer repeats.
    pub correlation_id: i32,
    /// Name that the client gives itself, for logs and quotas.
    pub client_id: Option<Str>,
    /// Tagged fields this release does not know.
    pub unknown_tags: TaggedFields,
}

impl RequestHeader {
    /// The API, if Kafka 4.3 has one of this key.
    #[must_use]
    pub fn api(&self) -> Option<ApiKey> {
        ApiKey::from_i16(self.api_key)
    }
}

/// Reads the header of a request frame (without its size prefix), and gives the body after it.
///
/// The version need not be one that is served: a broker answers an `ApiVersions` of an unknown version in the form
/// of version 0, so that the client learns what to ask for. A client id that is not UTF-8 is read as Kafka reads it,
/// with U+FFFD for what is none.
///
/// # Errors
/// [`DecodeError::UnknownApiKey`], because the form of the header depends on the API; a header that is cut off.
pub fn decode_request(
    mut frame: Bytes,
    limits: &DecodeLimits,
) -> Result<(RequestHeader, Bytes), DecodeError> {
    let mut r = Reader::new(&frame, false, limits);
    let api_key = r.i16("api_key")?;
    let api_version = r.i16("api_version")?;
    let correlation_id = r.i32("correlation_id")?;
    let Some(api) = ApiKey::from_i16(api_key) else {
        return Err(DecodeError::UnknownApiKey { api_key, api_version });
    };
    // The client id never became compact: a broker must be able to read it in any ApiVersions request.
    let client_id = match r.nullable_string("client_id") {
        // It only names the client in logs and quotas: no reason to turn it away.
        Err(DecodeError::NotUtf8 { .. }) => {
            let text = &frame[CLIENT_ID_AT..frame.len() - r.remaining()];
            Some(Str::from(String::from_utf8_lossy(text).into_owned()))
        }
        client_id => client_id?,
    };
    r.set_flexible(api.is_flexible(api_version));
    let unknown_tags = r.tags()?;
    let header_len = frame.len() - r.remaining();
    frame.advance(header_len);
    Ok((RequestHeader { api_key, api_version, correlation_id, client_id, unknown_tags }, frame))
}

/// What stands before a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHeader {
    /// Number of the request that is answered.
    pub correlation_id: i32,
    /// Tagged fields this release does not know.
    pub unknown_tags: TaggedFields,
}

/// Reads the header of a response frame (without its size prefix), and gives the body after it.
///
/// # Errors
/// A header that is cut off.
pub fn decode_response(
    mut frame: Bytes,
    api: ApiKey,
    api_version: i16,
    limits: &DecodeLimits,
) -> Result<(ResponseHeader, Bytes), DecodeError> {
    let mut r = Reader::new(&frame, has_response_tags(api, api_version), limits);
    let correlation_id = r.i32("correlation_id")?;
    let unknown_tags = r.tags()?;
    let header_len = frame.len() - r.remaining();
    frame.advance(header_len);
    Ok((ResponseHeader { correlation_id, unknown_tags }, frame))
}

/// Whether the response header is that of flexible versions. That of `ApiVersions` never is: the client may have
/// asked in a version that the broker answers in the form of version 0 (KIP-511).
pub(crate) fn has_response_tags(api: ApiKey, api_version: i16) -> bool {
    api != ApiKey::ApiVersions && api.is_flexible(api_version)
}

/// A header that is to be written.
pub(crate) enum Head<'a> {
    Request { api: ApiKey, api_version: i16, correlation_id: i32, client_id: Option<&'a str> },
    Response { api: ApiKey, api_version: i16, correlation_id: i32 },
}

impl Head<'_> {
    pub(crate) fn encode<F, S: Sink<F>>(&self, sink: &mut S) -> Result<(), EncodeError> {
        let has_tags = match *self {
            Self::Request { api, api_version, correlation_id, client_id } => {
                sink.i16(api.to_i16());
                sink.i16(api_version);
                sink.i32(correlation_id);
                let id = client_id.map(str::as_bytes);
                let len = id.map_or(Ok(-1), |id| i16::try_from(id.len()));
                sink.i16(len.map_err(|_| EncodeError::TooLong {
                    field: "client_id",
                    len: id.map_or(0, <[u8]>::len),
                    max: i16::MAX.unsigned_abs().into(),
                })?);
                sink.put_slice(id.unwrap_or_default());
                api.is_flexible(api_version)
            }
            Self::Response { api, api_version, correlation_id } => {
                sink.i32(correlation_id);
                has_response_tags(api, api_version)
            }
        };
        if has_tags {
            sink.put([0]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_version_of_api_versions_still_has_a_header() {
        // Key 18, version 99, correlation id 7, client id "c", one unknown tag, then a body.
        let frame = Bytes::from_static(&[0, 18, 0, 99, 0, 0, 0, 7, 0, 1, b'c', 1, 5, 1, 9, 0xaa]);
        let (header, body) = decode_request(frame, &DecodeLimits::DEFAULT).unwrap();
        assert_eq!((header.api(), header.api_version), (Some(ApiKey::ApiVersions), 99));
        assert_eq!(header.correlation_id, 7);
        assert_eq!(header.client_id.as_deref(), Some("c"));
        assert_eq!(header.unknown_tags.get(5), Some(&Bytes::from_static(&[9])));
        assert_eq!(body, Bytes::from_static(&[0xaa]));
    }

    #[test]
    fn a_client_id_that_is_not_utf_8_is_no_reason_to_turn_a_client_away() {
        // Key 18, version 0, correlation id 7, and "Bücher" in Latin-1.
        let frame = Bytes::from_static(b"\0\x12\0\0\0\0\0\x07\0\x06B\xfccher");
        let (header, body) = decode_request(frame, &DecodeLimits::DEFAULT).unwrap();
        assert_eq!(header.client_id.as_deref(), Some("B\u{fffd}cher"));
        assert!(body.is_empty());
    }

    #[test]
    fn an_unknown_key_is_named() {
        let frame = Bytes::from_static(b"GET / HTTP/1.1\r\n");
        let unknown = DecodeError::UnknownApiKey { api_key: 0x4745, api_version: 0x5420 };
        assert_eq!(decode_request(frame, &DecodeLimits::DEFAULT), Err(unknown));
    }

    #[test]
    fn api_versions_is_answered_without_tags_in_the_header() {
        let frame = Bytes::from_static(&[0, 0, 0, 7, 1]);
        let (header, body) =
            decode_response(frame.clone(), ApiKey::ApiVersions, 4, &DecodeLimits::DEFAULT).unwrap();
        assert_eq!((header.correlation_id, body.len()), (7, 1));
        assert!(decode_response(frame, ApiKey::Metadata, 12, &DecodeLimits::DEFAULT).is_err());
    }
}
