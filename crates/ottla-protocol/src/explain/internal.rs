//! What is known of bytes within messages: what consumers of a group tell each other, and records of internal topics.

use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::schema::{Prefix, Schema};
use super::tables;
use super::tree::{Explained, Node, Trouble, Value};
use super::walk::Walk;
use crate::wire::{DecodeError, DecodeLimits, Reader};

/// Explains a structure that is no message, by Kafka's name for it: `ConsumerProtocolSubscription`, `OffsetCommitKey`,
/// `ProducerSnapshot`, as they are in [`crate::consumer_protocol`] and [`crate::internal`]. `None` if there is none of
/// this name.
///
/// What stands before the fields, version or type, is the first of them.
#[must_use]
pub fn structure(name: &str, bytes: &Bytes, limits: &DecodeLimits) -> Option<Explained> {
    let schema = tables::structure(name)?;
    let (fields, trouble) = read(schema, bytes, 0, limits);
    let part = Node::new("fields", Value::Struct(fields)).at(0..bytes.len());
    Some(Explained::new(schema.name.to_string(), vec![part], trouble))
}

/// Explains a record of one of Kafka's internal topics: `key` and `value`. `None` if the topic is no such topic, or its
/// key is of an unknown type.
#[must_use]
pub fn internal_record(
    topic: &str,
    key: &Bytes,
    value: Option<&Bytes>,
    limits: &DecodeLimits,
) -> Option<Explained> {
    let (key_schema, value_schema) = schemas(topic, key)?;
    let (fields, mut trouble) = read(key_schema, key, 0, limits);
    let mut parts = vec![Node::part("key", fields)];
    match value {
        None => parts.push(Node::new("value", Value::Null)),
        Some(value) => {
            let (fields, in_value) = read(value_schema, value, 0, limits);
            parts.push(Node::part("value", fields));
            trouble = trouble.or(in_value);
        }
    }
    let name = key_schema.name.strip_suffix("Key").unwrap_or(key_schema.name);
    Some(Explained::new(format!("{name} record"), parts, trouble))
}

/// The tables of key and value of a record.
pub(super) fn schemas(topic: &str, key: &[u8]) -> Option<(&'static Schema, &'static Schema)> {
    let record_type = i16::from_be_bytes(*key.first_chunk()?);
    match topic {
        "__consumer_offsets" => tables::group_record(record_type),
        "__transaction_state" => tables::transaction_record(record_type),
        "__share_group_state" => tables::share_record(record_type),
        _ => None,
    }
}

/// The fields of a structure, whole or not at all; `at` is where its bytes lie.
pub(super) fn whole(schema: &'static Schema, bytes: &Bytes, at: usize, limits: &DecodeLimits) -> Vec<Node> {
    let (nodes, trouble) = read(schema, bytes, at, limits);
    if trouble.is_none() { nodes } else { Vec::new() }
}

fn read(
    schema: &'static Schema,
    bytes: &Bytes,
    at: usize,
    limits: &DecodeLimits,
) -> (Vec<Node>, Option<Trouble>) {
    let mut r = Reader::new(bytes, false, limits);
    let mut nodes = Vec::new();
    let result = read_all(schema, bytes, at, limits, &mut r, &mut nodes);
    let trouble = result.err().map(|error| Trouble { at: at + r.position(), what: error.to_string() });
    (nodes, trouble)
}

fn read_all(
    schema: &'static Schema,
    bytes: &Bytes,
    at: usize,
    limits: &DecodeLimits,
    r: &mut Reader<'_>,
    nodes: &mut Vec<Node>,
) -> Result<(), DecodeError> {
    let mut number = |r: &mut Reader<'_>, name, as_varint: bool| {
        let start = at + r.position();
        let number = match as_varint {
            true => i16::try_from(r.unsigned_varint(name)?).unwrap_or(i16::MAX),
            false => r.i16(name)?,
        };
        nodes.push(Node::new(name, Value::Int(number.into())).at(start..at + r.position()));
        Ok(number)
    };
    let right = |record_type: i16, expected: i16| match record_type == expected {
        true => Ok(()),
        false => Err(DecodeError::UnknownRecordType { record_type }),
    };
    let version = match schema.prefix {
        Prefix::Nothing => 0,
        Prefix::Version => number(r, "version", false)?,
        Prefix::Type(expected) => {
            right(number(r, "type", false)?, expected)?;
            0
        }
        Prefix::TypeAndVersion(expected) => {
            right(number(r, "type", true)?, expected)?;
            number(r, "version", true)?
        }
    };
    if !schema.versions.contains(&version) {
        return Err(DecodeError::UnknownDataVersion { name: schema.name, version });
    }
    r.set_flexible(schema.is_flexible(version));
    Walk::new(bytes, at, limits).fields(r, schema.fields, version, nodes)?;
    match r.remaining() {
        0 => Ok(()),
        extra => Err(DecodeError::LeftOver { extra }),
    }
}
