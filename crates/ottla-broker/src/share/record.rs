//! The records of `__share_group_state`, as Kafka 4.3.1 writes them.
//!
//! A snapshot says all of the state of one partition in one group; an update says what changed since the last one. A
//! snapshot without a value says that the state is gone. What they come to is in [`super::machine`].

use bytes::Bytes;
use ottla_protocol::internal::{
    ShareCoordinatorKey, ShareSnapshotKey, ShareSnapshotValue, ShareUpdateKey, ShareUpdateValue,
};
use ottla_protocol::message::Data;
use ottla_protocol::wire::{DecodeError, EncodeError, Str, Uuid};

use crate::coordinator::CoordinatorRecord;

const VERSION: i16 = 0;

/// A partition in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharePartitionKey {
    /// Id of the group.
    pub(crate) group: Str,
    /// Id of the topic.
    pub(crate) topic: [u8; 16],
    /// Number of the partition.
    pub(crate) partition: i32,
}

impl SharePartitionKey {
    pub(crate) fn new(group: &Str, topic: Uuid, partition: i32) -> Self {
        Self { group: group.clone(), topic: topic.0, partition }
    }

    /// What says which partition of the topic keeps it.
    pub(crate) fn coordinator_key(&self) -> String {
        format!("{}:{}:{}", self.group, Uuid(self.topic), self.partition)
    }
}

/// A change of the state of a partition in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShareRecord {
    /// All of it, or that it is gone.
    Snapshot(SharePartitionKey, Option<ShareSnapshotValue>),
    /// What changed.
    Update(SharePartitionKey, ShareUpdateValue),
}

impl CoordinatorRecord for ShareRecord {
    const BASE_SEQUENCE: i32 = 0;

    fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        match self {
            Self::Snapshot(SharePartitionKey { group, topic, partition }, value) => {
                let key = ShareSnapshotKey::default()
                    .with_group_id(group.clone())
                    .with_topic_id(Uuid(*topic))
                    .with_partition(*partition);
                let value = value.as_ref().map(|value| value.encode_versioned(VERSION)).transpose()?;
                Ok((ShareCoordinatorKey::ShareSnapshot(key).encode()?, value))
            }
            Self::Update(SharePartitionKey { group, topic, partition }, value) => {
                let key = ShareUpdateKey::default()
                    .with_group_id(group.clone())
                    .with_topic_id(Uuid(*topic))
                    .with_partition(*partition);
                Ok((ShareCoordinatorKey::ShareUpdate(key).encode()?, Some(value.encode_versioned(VERSION)?)))
            }
        }
    }

    fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, DecodeError> {
        let key = match ShareCoordinatorKey::decode(key) {
            Ok(key) => key,
            Err(DecodeError::UnknownRecordType { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(match (key, value) {
            (ShareCoordinatorKey::ShareSnapshot(key), value) => {
                let value = value.map(ShareSnapshotValue::decode_versioned).transpose()?;
                let key = SharePartitionKey::new(&key.group_id, key.topic_id, key.partition);
                Some(Self::Snapshot(key, value))
            }
            (ShareCoordinatorKey::ShareUpdate(key), Some(value)) => {
                let value = ShareUpdateValue::decode_versioned(value)?;
                Some(Self::Update(SharePartitionKey::new(&key.group_id, key.topic_id, key.partition), value))
            }
            _ => None,
        })
    }
}
