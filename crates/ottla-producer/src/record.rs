//! What goes in and what comes back: a record to be produced, and where it was written.

use ottla_client::{Offset, TopicPartition};
use ottla_protocol::wire::Str;

/// A record to be produced. It borrows everything: producing encodes it straight into its batch.
///
/// # Examples
/// ```
/// use ottla_producer::Record;
/// let record = Record::new("orders").with_key(b"o-17").with_value(b"paid");
/// assert_eq!(record.partition, None); // the key decides
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Topic to write to.
    pub topic: &'a str,
    /// Partition to write to; `None` leaves it to the partitioner.
    pub partition: Option<i32>,
    /// When it happened, in Unix milliseconds; `None` means now.
    pub timestamp: Option<i64>,
    /// Records with the same key go to the same partition.
    pub key: Option<&'a [u8]>,
    /// What it says; without a value it is a tombstone in compacted topics.
    pub value: Option<&'a [u8]>,
    /// Named values beside it.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

impl<'a> Record<'a> {
    /// A record for `topic` with nothing in it yet.
    pub fn new(topic: &'a str) -> Self {
        Self { topic, ..Self::default() }
    }

    /// Sets the partition.
    #[must_use]
    pub fn with_partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Sets the timestamp, in Unix milliseconds.
    #[must_use]
    pub fn with_timestamp(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// Sets the key.
    #[must_use]
    pub fn with_key<K: AsRef<[u8]> + ?Sized>(mut self, key: &'a K) -> Self {
        self.key = Some(key.as_ref());
        self
    }

    /// Sets the value.
    #[must_use]
    pub fn with_value<V: AsRef<[u8]> + ?Sized>(mut self, value: &'a V) -> Self {
        self.value = Some(value.as_ref());
        self
    }

    /// Sets the headers.
    #[must_use]
    pub fn with_headers(mut self, headers: &'a [(&'a str, Option<&'a [u8]>)]) -> Self {
        self.headers = headers;
        self
    }

    /// Bytes that the record takes at most in a batch, without compression.
    pub(crate) fn size_max(&self) -> usize {
        /// The most that varints of lengths, deltas and counts take (as in Kafka).
        const OVERHEAD_MAX: usize = 21;
        /// The most that the two lengths of a header take.
        const HEADER_OVERHEAD_MAX: usize = 10;
        let bytes = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
        let header = |(name, value): &(&str, Option<&[u8]>)| HEADER_OVERHEAD_MAX + name.len() + bytes(*value);
        let headers: usize = self.headers.iter().map(header).sum();
        OVERHEAD_MAX + bytes(self.key) + bytes(self.value) + headers
    }
}

/// Where a record was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordMetadata {
    /// Topic it is in.
    pub topic: Str,
    /// Partition it is in.
    pub partition: i32,
    /// Its offset; `None` when the broker did not tell, as with `acks=0`.
    pub offset: Option<Offset>,
    /// Its timestamp in Unix milliseconds: the record's own, or the broker's where the topic is
    /// configured with `LogAppendTime`.
    pub timestamp: i64,
}

impl RecordMetadata {
    /// The partition it is in, by name.
    pub fn topic_partition(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.partition }
    }
}
