//! Records as they are handed out: borrowed from their batch, or owned.

use std::sync::Arc;

use bytes::Bytes;
use ottla_client::{Offset, TopicPartition};
use ottla_protocol::records::BatchRecords;

/// A record that owns its parts. They are slices of what was received, or of what it was unpacked
/// to; nothing is copied.
///
/// Holding one record keeps the whole answer that it came in in memory. To keep a few for long, copy
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    place: Arc<TopicPartition>,
    /// Offset in its partition.
    pub offset: Offset,
    /// Unix milliseconds: the producer's, or the broker's where the topic is configured with
    /// `LogAppendTime`.
    pub timestamp: i64,
    /// What its partition was chosen by.
    pub key: Option<Bytes>,
    /// What it says; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Named values beside it, in the order they were written.
    pub headers: Vec<Header>,
}

/// A named value beside a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The name's bytes. Writers use UTF-8, and nobody holds them to it.
    pub key: Bytes,
    /// The value.
    pub value: Option<Bytes>,
}

impl Record {
    /// The topic that it is in.
    pub fn topic(&self) -> &str {
        &self.place.topic
    }

    /// The partition that it is in.
    pub fn partition(&self) -> i32 {
        self.place.partition
    }

    /// The topic and partition that it is in.
    pub fn topic_partition(&self) -> &TopicPartition {
        &self.place
    }

    /// An owned record from one that borrows from `records`.
    pub(crate) fn from_borrowed(
        place: &Arc<TopicPartition>,
        records: &BatchRecords,
        record: &ottla_protocol::records::Record<'_>,
    ) -> Result<Self, ottla_protocol::records::BatchError> {
        let bytes = records.bytes();
        let slice = |part: &[u8]| bytes.slice_ref(part);
        let mut headers = Vec::new();
        for header in record.headers() {
            let header = header?;
            headers.push(Header { key: slice(header.key), value: header.value.map(slice) });
        }
        Ok(Self {
            place: Arc::clone(place),
            offset: Offset(record.offset),
            timestamp: record.timestamp,
            key: record.key.map(slice),
            value: record.value.map(slice),
            headers,
        })
    }
}
