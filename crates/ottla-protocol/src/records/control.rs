//! Control records: what brokers write between records to say how a transaction ended.

use bytes::Bytes;

use super::{BatchBuilder, BatchError, BatchOptions, BuildError, NO_SEQUENCE, Record};

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ControlRecordType {
    /// A transaction was aborted.
    Abort,
    /// A transaction was committed.
    Commit,
    /// A Raft leader was elected (KIP-595).
    LeaderChange,
    /// A metadata snapshot begins (KIP-630).
    SnapshotHeader,
    /// A metadata snapshot ends (KIP-630).
    SnapshotFooter,
    /// The version of the Raft protocol (KIP-853).
    KraftVersion,
    /// The voters of the Raft quorum (KIP-853).
    KraftVoters,
    /// One that this release does not know; it is to be skipped.
    Unknown(i16),
}

impl ControlRecordType {
    /// The type with this number in a control record's key.
    pub const fn from_id(id: i16) -> Self {
        match id {
            0 => Self::Abort,
            1 => Self::Commit,
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KraftVersion,
            6 => Self::KraftVoters,
            id => Self::Unknown(id),
        }
    }

    /// The number in a control record's key.
    pub const fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KraftVersion => 5,
            Self::KraftVoters => 6,
            Self::Unknown(id) => id,
        }
    }
}

/// The record of a control batch, its key read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ControlRecord<'a> {
    /// Version of the key's layout.
    pub key_version: i16,
    /// What it says.
    pub kind: ControlRecordType,
    /// More about it, in a layout of the type's own.
    pub value: Option<&'a [u8]>,
}

impl<'a> ControlRecord<'a> {
    /// Reads a record of a control batch.
    ///
    /// # Errors
    /// [`BatchError::BadControlKey`] when the key is null or too short.
    pub fn parse(record: &Record<'a>) -> Result<Self, BatchError> {
        match record.key {
            Some([a, b, c, d, ..]) => Ok(Self {
                key_version: i16::from_be_bytes([*a, *b]),
                kind: ControlRecordType::from_id(i16::from_be_bytes([*c, *d])),
                value: record.value,
            }),
            key => Err(BatchError::BadControlKey { len: key.map_or(0, <[u8]>::len) }),
        }
    }
}

/// The end of a transaction, as the log tells it to consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxnMarker {
    /// Whether the transaction was committed; aborted otherwise.
    pub committed: bool,
    /// Epoch of the transaction coordinator that decided it.
    pub coordinator_epoch: i32,
}

impl EndTxnMarker {
    /// Reads the marker, if this control record is one.
    ///
    /// # Errors
    /// [`BatchError::Truncated`] when the value is null or too short.
    pub fn parse(record: &ControlRecord<'_>) -> Result<Option<Self>, BatchError> {
        let committed = match record.kind {
            ControlRecordType::Commit => true,
            ControlRecordType::Abort => false,
            _ => return Ok(None),
        };
        match record.value {
            Some([_, _, a, b, c, d, ..]) => {
                Ok(Some(Self { committed, coordinator_epoch: i32::from_be_bytes([*a, *b, *c, *d]) }))
            }
            value => Err(BatchError::Truncated {
                field: "end transaction marker",
                needed: 6,
                remaining: value.map_or(0, <[u8]>::len),
            }),
        }
    }

    /// The batch that writes this marker for a producer's transaction into the log of one partition.
    ///
    /// # Errors
    /// None that a marker can bring about.
    pub fn to_batch(
        self,
        timestamp: i64,
        producer_id: i64,
        producer_epoch: i16,
    ) -> Result<Bytes, BuildError> {
        let kind = if self.committed { ControlRecordType::Commit } else { ControlRecordType::Abort };
        let mut key = [0; 4];
        key[2..].copy_from_slice(&kind.id().to_be_bytes());
        let mut value = [0; 6];
        value[2..].copy_from_slice(&self.coordinator_epoch.to_be_bytes());
        let options = BatchOptions::default()
            .with_producer(producer_id, producer_epoch, NO_SEQUENCE)
            .with_transactional()
            .with_control();
        let mut builder = BatchBuilder::new(options);
        builder.try_append(timestamp, Some(&key), Some(&value), &[]).map_err(|_| BuildError::Empty)?;
        builder.build()
    }
}
