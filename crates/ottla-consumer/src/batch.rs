//! A batch as it is handed out: unpacked if need be, and walked lazily.

use std::sync::Arc;

use ottla_client::{Offset, TopicPartition};
use ottla_protocol::records::{BatchError, BatchRecords, TimestampType};

use crate::error::Error;
use crate::fetcher::Taken;
use crate::progress::{Lease, Progress};
use crate::record::Record;

/// Records of one partition that were written together.
///
/// Walking it reads records one by one from the bytes that were received; nothing is copied but
/// what was compressed.
///
/// In a group, a batch counts as finished once it and all its clones are dropped: then its offsets are committed
/// with the next automatic commit.
///
/// # Examples
/// ```no_run
/// # async fn demo(consumer: ottla_consumer::Consumer) -> Result<(), ottla_consumer::Error> {
/// let batch = consumer.next_batch().await?;
/// for record in &batch {
///     let record = record?;
///     println!("{} {:?}", record.offset, record.value);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    place: Arc<TopicPartition>,
    records: BatchRecords,
    /// Records before it were asked to be skipped, by the position within the batch.
    from: i64,
    high_watermark: i64,
    /// Which of the places that its partition was sent to it comes from.
    turn: u64,
    lease: Option<Arc<Lease>>,
}

impl Batch {
    pub(crate) fn new(taken: Taken, records: BatchRecords) -> Self {
        let Taken { name, from, high_watermark, turn, lease, .. } = taken;
        Self { place: name, records, from, high_watermark, turn, lease: lease.map(Arc::new) }
    }

    /// What is left of it from `offset` on.
    pub(crate) fn from(mut self, offset: i64) -> Self {
        self.from = self.from.max(offset);
        self
    }

    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    /// How far the user is with it, if that is watched.
    pub(crate) fn progress(&self) -> Option<&Progress> {
        self.lease.as_deref().map(Lease::progress)
    }

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

    /// Offset of its first record.
    pub fn first_offset(&self) -> Offset {
        Offset(self.records.header().base_offset.max(self.from))
    }

    /// The offset behind it, where to go on.
    pub fn next_offset(&self) -> Offset {
        Offset(self.records.header().next_offset())
    }

    /// Where the partition ended for readers when the batch was fetched.
    pub fn high_watermark(&self) -> Offset {
        Offset(self.high_watermark)
    }

    /// Epoch of the leader that wrote it; -1 when unknown.
    pub fn leader_epoch(&self) -> i32 {
        self.records.header().partition_leader_epoch
    }

    /// Whose the timestamps of its records are: their producer's, or the broker's.
    pub fn timestamp_type(&self) -> TimestampType {
        self.records.header().attributes.timestamp_type()
    }

    /// Number of records, by the header; a compacted batch may be read to have fewer behind the
    /// position.
    pub fn len(&self) -> usize {
        usize::try_from(self.records.header().records_count).unwrap_or(0)
    }

    /// Whether it has no records, as compaction may leave it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Walks the records, which borrow from the batch.
    pub fn iter(&self) -> BatchIter<'_> {
        BatchIter { records: self.records.iter(), from: self.from, batch: self }
    }

    /// Makes owned records of all, behind those in `into`.
    ///
    /// # Errors
    /// [`Error::BadBatch`], with the records before the bad one taken.
    pub fn append_to(&self, into: &mut impl Extend<Record>) -> Result<(), Error> {
        for record in self {
            let owned = Record::from_borrowed(&self.place, &self.records, &record?);
            into.extend([owned.map_err(|source| self.bad(source))?]);
        }
        Ok(())
    }

    fn bad(&self, source: BatchError) -> Error {
        Error::BadBatch {
            partition: TopicPartition::clone(&self.place),
            next: self.next_offset(),
            offset: Offset(self.records.header().base_offset),
            source,
        }
    }
}

impl<'a> IntoIterator for &'a Batch {
    type Item = Result<ottla_protocol::records::Record<'a>, Error>;
    type IntoIter = BatchIter<'a>;

    fn into_iter(self) -> BatchIter<'a> {
        self.iter()
    }
}

/// Walks the records of a [`Batch`]. What is wrong with its bytes comes out as one last error.
#[derive(Clone, Debug)]
pub struct BatchIter<'a> {
    records: ottla_protocol::records::RecordIter<'a>,
    from: i64,
    batch: &'a Batch,
}

impl<'a> Iterator for BatchIter<'a> {
    type Item = Result<ottla_protocol::records::Record<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.next()? {
                Ok(record) if record.offset < self.from => {}
                Ok(record) => return Some(Ok(record)),
                Err(source) => return Some(Err(self.batch.bad(source))),
            }
        }
    }
}
