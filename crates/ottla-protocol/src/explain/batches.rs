//! Record batches as trees: their headers, and each of their records.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use super::internal;
use super::tree::{Node, Trouble, Value};
use crate::records::legacy::LegacyMessage;
use crate::records::{Batch, BatchError, ControlRecord, ControlRecordType, EndTxnMarker, Record, magic_of};
use crate::wire::{DecodeLimits, Str};

/// All batches in `bytes`, which lie at `at`, and why there are no more.
pub(super) fn explain(
    bytes: &Bytes,
    at: usize,
    topic: Option<&str>,
    limits: &DecodeLimits,
) -> (Vec<Node>, Option<Trouble>) {
    let mut nodes = Vec::new();
    let mut rest = bytes.clone();
    let mut trouble = None;
    while !rest.is_empty() {
        let start = at + bytes.len() - rest.len();
        let open = Open { at: start, topic, limits };
        let result = match magic_of(&rest) {
            Some(0 | 1) => LegacyMessage::split_first(&mut rest).map(|one| one.map(|one| open.legacy(&one))),
            _ => Batch::split_first(&mut rest).map(|one| one.map(|one| open.batch(&one))),
        };
        match result {
            Ok(Some((node, inside))) => {
                nodes.push(node);
                trouble = trouble.or(inside);
            }
            Ok(None) => {
                let doc = "The start of a batch whose end is cut off, as the last one of a fetch may be.";
                let cut = Node::new("incompleteBatch", Value::Bytes(rest.clone())).doc(doc);
                let cut = cut.at(start..start + rest.len());
                nodes.push(Node { at: cut.at.clone(), ..Node::new("", Value::Struct(vec![cut])) });
                break;
            }
            Err(error) => {
                trouble = trouble.or(Some(Trouble { at: start, what: error.to_string() }));
                break;
            }
        }
    }
    (nodes, trouble)
}

/// What is needed to open a batch.
struct Open<'a> {
    /// Where it lies.
    at: usize,
    topic: Option<&'a str>,
    limits: &'a DecodeLimits,
}

type Opened = (Node, Option<Trouble>);

impl Open<'_> {
    fn batch(&self, batch: &Batch) -> Opened {
        let header = batch.header();
        let at = self.at;
        let int = |name, value: i64, from: usize, len: usize, doc| {
            Node::new(name, Value::Int(value)).at(at + from..at + from + len).doc(doc)
        };
        let attributes = header.attributes;
        let mut nodes = vec![
            int("baseOffset", header.base_offset, 0, 8, "Offset of the first record."),
            int("batchLength", header.batch_length.into(), 8, 4, "How many bytes of the batch follow."),
            int(
                "partitionLeaderEpoch",
                header.partition_leader_epoch.into(),
                12,
                4,
                "Epoch of the leader that appended the batch.",
            ),
            int("magic", header.magic.into(), 16, 1, "Format of the batch."),
            int("crc", header.crc.into(), 17, 4, "CRC-32C of all that follows."),
            Node::new("crcIsValid", Value::Bool(batch.crc_is_valid()))
                .doc("Whether the bytes have that CRC."),
            int("attributes", attributes.0.into(), 21, 2, "Codec and flags, which follow one by one."),
            Node::new("compression", text(attributes.compression().map_or("unknown", |codec| codec.name()))),
            Node::new("timestampType", text(&attributes.timestamp_type().to_string())),
            Node::new("isTransactional", Value::Bool(attributes.is_transactional())),
            Node::new("isControl", Value::Bool(attributes.is_control())),
            Node::new("hasDeleteHorizon", Value::Bool(attributes.has_delete_horizon())),
            int(
                "lastOffsetDelta",
                header.last_offset_delta.into(),
                23,
                4,
                "Offset of the last record, less that of the first.",
            ),
            int(
                "baseTimestamp",
                header.base_timestamp,
                27,
                8,
                "What the timestamps of the records are relative to; the delete horizon where there is one.",
            ),
            int("maxTimestamp", header.max_timestamp, 35, 8, "Largest timestamp, in Unix milliseconds."),
            int("producerId", header.producer_id, 43, 8, "Id of an idempotent producer; -1 for others."),
            int("producerEpoch", header.producer_epoch.into(), 51, 2, "Epoch of that producer."),
            int("baseSequence", header.base_sequence.into(), 53, 4, "Number of the first record to it."),
            int("recordsCount", header.records_count.into(), 57, 4, "How many records there are."),
        ];
        let trouble = match batch.records(self.limits) {
            Ok(records) => {
                let records = self.records(records.iter(), batch.bytes(), attributes.is_control());
                nodes.push(Node::new("records", Value::List(records.0)));
                records.1
            }
            Err(error) => Some(self.trouble(&error)),
        };
        self.done(nodes, batch.bytes().len(), trouble)
    }

    fn legacy(&self, message: &LegacyMessage) -> Opened {
        let attributes = message.attributes();
        let mut nodes = vec![
            Node::new("offset", Value::Int(message.offset())).at(self.at..self.at + 8),
            Node::new("magic", Value::Int(message.magic().into())).at(self.at + 16..self.at + 17),
            Node::new("crcIsValid", Value::Bool(message.crc_is_valid())),
            Node::new("compression", text(attributes.compression().map_or("unknown", |codec| codec.name()))),
            Node::new("timestampType", text(&attributes.timestamp_type().to_string())),
            Node::new("timestamp", Value::Int(message.timestamp())),
        ];
        let trouble = match message.records(self.limits) {
            Ok(records) => {
                let records = self.records(records.iter(), message.bytes(), false);
                nodes.push(Node::new("records", Value::List(records.0)));
                records.1
            }
            Err(error) => Some(self.trouble(&error)),
        };
        self.done(nodes, message.bytes().len(), trouble)
    }

    fn done(&self, nodes: Vec<Node>, len: usize, trouble: Option<Trouble>) -> Opened {
        (Node::new("", Value::Struct(nodes)).at(self.at..self.at + len), trouble)
    }

    fn trouble(&self, error: &BatchError) -> Trouble {
        Trouble { at: self.at, what: error.to_string() }
    }

    fn records<'r>(
        &self,
        records: impl Iterator<Item = Result<Record<'r>, BatchError>>,
        batch: &[u8],
        is_control: bool,
    ) -> (Vec<Node>, Option<Trouble>) {
        let mut nodes = Vec::new();
        for record in records {
            match record {
                Ok(record) => nodes.push(self.record(&record, batch, is_control)),
                Err(error) => return (nodes, Some(self.trouble(&error))),
            }
        }
        (nodes, None)
    }

    fn record(&self, record: &Record<'_>, batch: &[u8], is_control: bool) -> Node {
        let mut key = self.payload("key", record.key, batch);
        let mut value = self.payload("value", record.value, batch);
        let key_bytes = record.key.map(Bytes::copy_from_slice);
        let known = self.topic.zip(key_bytes.as_ref());
        if let Some((key_schema, value_schema)) =
            known.and_then(|(topic, key)| internal::schemas(topic, key)).filter(|_| !is_control)
        {
            let start = |node: &Node| node.at.as_ref().map_or(0, |at| at.start);
            key.content = key_bytes
                .as_ref()
                .map_or_else(Vec::new, |bytes| internal::whole(key_schema, bytes, start(&key), self.limits));
            value.content = record.value.map(Bytes::copy_from_slice).map_or_else(Vec::new, |bytes| {
                internal::whole(value_schema, &bytes, start(&value), self.limits)
            });
        }
        let mut nodes = vec![
            Node::new("offset", Value::Int(record.offset)),
            Node::new("timestamp", Value::Int(record.timestamp)),
            key,
            value,
        ];
        if is_control {
            nodes.extend(control(record));
        }
        let headers: Vec<_> = record
            .headers()
            .filter_map(Result::ok)
            .map(|header| {
                let key = self.payload("key", Some(header.key), batch);
                let value = self.payload("value", header.value, batch);
                Node::new("", Value::Struct(vec![key, value]))
            })
            .collect();
        nodes.push(Node::new("headers", Value::List(headers)));
        Node::new("", Value::Struct(nodes))
    }

    fn payload(&self, name: &'static str, bytes: Option<&[u8]>, batch: &[u8]) -> Node {
        match bytes {
            None => Node::new(name, Value::Null),
            Some(bytes) => {
                let at = within(batch, bytes).map(|at| self.at + at.start..self.at + at.end);
                Node { at, ..Node::new(name, Value::Payload(Bytes::copy_from_slice(bytes))) }
            }
        }
    }
}

/// Where a part of a slice lies in it; `None` if it is a part of something else, such as what was decompressed.
fn within(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start + part.len();
    (end <= whole.len()).then_some(start..end)
}

/// What a control record says.
fn control(record: &Record<'_>) -> Vec<Node> {
    let Ok(control) = ControlRecord::parse(record) else { return Vec::new() };
    let name = match control.kind {
        ControlRecordType::Abort => "ABORT",
        ControlRecordType::Commit => "COMMIT",
        ControlRecordType::LeaderChange => "LEADER_CHANGE",
        ControlRecordType::SnapshotHeader => "SNAPSHOT_HEADER",
        ControlRecordType::SnapshotFooter => "SNAPSHOT_FOOTER",
        ControlRecordType::KraftVersion => "KRAFT_VERSION",
        ControlRecordType::KraftVoters => "KRAFT_VOTERS",
        ControlRecordType::Unknown(_) => "UNKNOWN",
    };
    let mut nodes = vec![Node::new("controlType", text(name))];
    if let Ok(Some(marker)) = EndTxnMarker::parse(&control) {
        nodes.push(Node::new("coordinatorEpoch", Value::Int(marker.coordinator_epoch.into())));
    }
    nodes
}

fn text(text: &str) -> Value {
    Value::Text(Str::from(text.to_string()))
}
