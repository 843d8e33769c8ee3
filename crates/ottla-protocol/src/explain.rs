//! Bytes explained field by field, for people: a tree of names, values and places, and its JSON.
//!
//! What the bytes are is looked up in tables that are made from the same schemas as the messages; no message is
//! decoded into its struct. Bytes that end early or break a rule are explained up to there, and the error stands beside
//! what could be read. Record batches are opened, and so is what is known of the bytes in other messages: what consumers
//! of a group tell each other, and the records of internal topics.
//!
//! The names are Kafka's, in camel case, as its own tools print them. Reading files, captures and hexadecimal digits is
//! left to the caller.
//!
//! ```
//! use bytes::Bytes;
//! use ottla_protocol::explain;
//! use ottla_protocol::wire::DecodeLimits;
//!
//! let frame = Bytes::from_static(b"\0\x0c\0\x01\0\0\0\x07\0\x02me\0\x07billing\0\0\0\x05\0\x03m-1");
//! let explained = explain::request(&frame, &DecodeLimits::DEFAULT);
//! assert_eq!(explained.title, "HeartbeatRequest v1");
//! let json = serde_json::to_value(&explained)?;
//! assert_eq!(json["request"]["groupId"], "billing");
//! assert_eq!(explained.get("request")?.get("groupId")?.at, Some(12..21));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batches;
mod conversation;
mod internal;
mod json;
mod schema;
mod tables;
mod text;
mod tree;
mod walk;

use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

pub use self::conversation::Conversation;
pub use self::internal::{internal_record, structure};
use self::schema::Schema;
pub use self::tree::{Explained, NoSuchPart, Node, Trouble, Value};
use self::walk::Walk;
use crate::api::ApiKey;
use crate::message::Encode;
use crate::messages::{RequestBody, ResponseBody};
use crate::wire::{DecodeError, DecodeLimits, EncodeError, Length, Reader, Records, Writer};

/// Explains a request frame: `requestHeader` and `request`. A size before it is taken off, if it fits.
#[must_use]
pub fn request(frame: &Bytes, limits: &DecodeLimits) -> Explained {
    let (frame, before) = without_size(frame);
    let mut walk = Walk::new(&frame, before, limits);
    let mut r = Reader::new(&frame, false, limits);
    let mut header = Vec::new();
    let api = match walk.request_header(&mut r, &mut header) {
        Ok(api) => api,
        Err(error) => {
            let parts = vec![Node::part("requestHeader", header)];
            return Explained::new("a request".to_string(), parts, walk.trouble(&r, error));
        }
    };
    let (api, version) = api;
    let mut explained = walk.body("request", &mut r, api, tables::request(api), version);
    explained.parts.insert(0, Node::part("requestHeader", header));
    explained
}

/// Explains a response frame: `responseHeader` and `response`. A size before it is taken off, if it fits.
///
/// A response does not say what it answers: see [`Conversation`].
#[must_use]
pub fn response(frame: &Bytes, api: ApiKey, version: i16, limits: &DecodeLimits) -> Explained {
    let (frame, before) = without_size(frame);
    let mut walk = Walk::new(&frame, before, limits);
    let mut r = Reader::new(&frame, false, limits);
    let mut header = Vec::new();
    if let Err(error) = walk.response_header(&mut r, api, version, &mut header) {
        let parts = vec![Node::part("responseHeader", header)];
        return Explained::new(format!("a response of {api} v{version}"), parts, walk.trouble(&r, error));
    }
    let mut explained = walk.body("response", &mut r, api, tables::response(api), version);
    explained.parts.insert(0, Node::part("responseHeader", header));
    explained
}

/// Explains a request that was decoded, or made, as it lies in bytes in this version.
///
/// # Errors
/// A version that the request does not have, a field that the version cannot carry.
pub fn request_body(request: &RequestBody, version: i16) -> Result<Explained, EncodeError> {
    let api = request.api_key();
    Ok(message("request", &encoded(request, api, version)?, api, tables::request(api), version))
}

/// Explains a response that was decoded, or made, as it lies in bytes in this version.
///
/// # Errors
/// A version that the response does not have, a field that the version cannot carry.
pub fn response_body(response: &ResponseBody, version: i16) -> Result<Explained, EncodeError> {
    let api = response.api_key();
    Ok(message("response", &encoded(response, api, version)?, api, tables::response(api), version))
}

/// Explains record batches, one behind the other, as in a segment of a log: `batches`.
///
/// `topic` opens the records of Kafka's internal topics.
#[must_use]
pub fn record_batches(bytes: &Bytes, topic: Option<&str>, limits: &DecodeLimits) -> Explained {
    let (batches, trouble) = batches::explain(bytes, 0, topic, limits);
    let list = Node::new("batches", Value::List(batches)).at(0..bytes.len());
    Explained::new("record batches".to_string(), vec![list], trouble)
}

fn message(
    part: &'static str,
    body: &Bytes,
    api: ApiKey,
    schema: Option<&'static Schema>,
    version: i16,
) -> Explained {
    let limits = DecodeLimits::DEFAULT;
    let mut r = Reader::new(body, api.is_flexible(version), &limits);
    Walk::new(body, 0, &limits).body(part, &mut r, api, schema, version)
}

fn encoded(message: &impl Encode, api: ApiKey, version: i16) -> Result<Bytes, EncodeError> {
    let mut length = Length::new(api.is_flexible(version));
    message.encode(&mut length, version)?;
    let mut writer: Writer = Writer::new(&length, 0);
    message.encode(&mut writer, version)?;
    Ok(Records::Chunks(writer.into_chunks()).into_bytes())
}

/// The frame, and how many bytes stand before it.
fn without_size(frame: &Bytes) -> (Bytes, usize) {
    match frame.split_first_chunk::<4>() {
        Some((size, rest)) if usize::try_from(u32::from_be_bytes(*size)) == Ok(rest.len()) => {
            (frame.slice(4..), 4)
        }
        _ => (frame.clone(), 0),
    }
}

/// What stands in an explanation for an API or version that there is not.
fn unknown(api: ApiKey, version: i16) -> DecodeError {
    DecodeError::UnsupportedVersion { api_key: api, api_version: version }
}
