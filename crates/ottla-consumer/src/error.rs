//! Why records could not be consumed.

use ottla_client::{ConfigError, Offset, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::BatchError;
use ottla_protocol::wire::{DecodeError, EncodeError};

/// Why records could not be consumed.
///
/// An error that names a partition concerns it alone: it is not read further until it is told
/// where to go on, with `seek`; the others go on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The cluster could not be asked.
    #[error(transparent)]
    Client(#[from] ottla_client::Error),
    /// The position does not exist, and `auto.offset.reset` is `none`.
    #[error("offset {offset} of {partition} does not exist, and auto.offset.reset is none")]
    OutOfRange {
        /// The partition.
        partition: TopicPartition,
        /// The offset that was to be read.
        offset: Offset,
    },
    /// Where to start could not be found out.
    #[error("no start found for {partition}: {source}")]
    NoStart {
        /// The partition.
        partition: TopicPartition,
        /// What happened.
        source: ottla_client::Error,
    },
    /// The leader refused to hand out the partition.
    #[error("leader of {partition} answered {code}")]
    Refused {
        /// The partition.
        partition: TopicPartition,
        /// Kafka's code.
        code: ErrorCode,
    },
    /// What the leader keeps at an offset is damaged there, so that it does not hand it out (`CORRUPT_MESSAGE`). Records
    /// behind the damaged batch can be read: the first offset that a `seek` finds good is the next one.
    #[error("leader of {partition} keeps damaged records at offset {offset}")]
    Corrupt {
        /// The partition.
        partition: TopicPartition,
        /// The offset that was to be read.
        offset: Offset,
    },
    /// A batch is damaged, or of a kind that this build does not read.
    #[error("batch at offset {offset} of {partition}: {source}")]
    BadBatch {
        /// The partition.
        partition: TopicPartition,
        /// Where to go on from to skip it: one past its last offset, as far as that can be read.
        next: Offset,
        /// The first offset of the batch.
        offset: Offset,
        /// What is wrong with it.
        source: BatchError,
    },
    /// The partition is not assigned to this consumer.
    #[error("{0} is not assigned")]
    NotAssigned(TopicPartition),
    /// The group has committed no offset for the partition, and `auto.offset.reset` is `none`.
    #[error("no offset is committed for {0}, and auto.offset.reset is none")]
    NothingCommitted(TopicPartition),
    /// What was asked for needs a group, and `group.id` is not set.
    #[error("group.id is not set")]
    NoGroup,
    /// The group's coordinator refuses this consumer for good. It is in the group no more, until it subscribes
    /// anew.
    #[error("coordinator of group {group:?} answered {code}")]
    Group {
        /// The group.
        group: String,
        /// Kafka's code: `FENCED_INSTANCE_ID` when another consumer has taken this one's `group.instance.id`.
        code: ErrorCode,
    },
    /// An offset was not committed: the group has gone on without this consumer, which reads the partitions it
    /// is given next from what was committed before.
    #[error("offsets of group {group:?} are not committed: {code}")]
    NotCommitted {
        /// The group.
        group: String,
        /// Kafka's code, such as `UNKNOWN_MEMBER_ID` and `ILLEGAL_GENERATION`.
        code: ErrorCode,
    },
    /// The coordinator does not take the offset of one partition; those of others it may have taken.
    #[error("offset of {partition} is not committed: {code}")]
    CommitRefused {
        /// The partition.
        partition: TopicPartition,
        /// Kafka's code.
        code: ErrorCode,
    },
    /// What this consumer would tell its group cannot be written.
    #[error("the subscription cannot be told to the group: {0}")]
    Subscription(#[from] EncodeError),
    /// What the leader of the group assigned cannot be read.
    #[error("the assignment by the leader of the group cannot be read: {0}")]
    Assignment(#[from] DecodeError),
    /// A pattern to subscribe to is none.
    #[error("{pattern:?} is no pattern: {problem}")]
    Pattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The consumer was closed.
    #[error("the consumer is closed")]
    Closed,
}

impl Error {
    /// Whether the same call could succeed later, with nothing changed but time.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::OutOfRange { .. }
            | Self::Corrupt { .. }
            | Self::BadBatch { .. }
            | Self::NotAssigned(_)
            | Self::NothingCommitted(_)
            | Self::NoGroup
            | Self::Subscription(_)
            | Self::Assignment(_)
            | Self::Pattern { .. }
            | Self::Closed => false,
            Self::Client(error) => error.is_retriable(),
            Self::NoStart { source, .. } => source.is_retriable(),
            Self::Refused { code, .. }
            | Self::Group { code, .. }
            | Self::NotCommitted { code, .. }
            | Self::CommitRefused { code, .. } => code.is_retriable(),
        }
    }

    /// The partition that it is about; it is not read further until a `seek`, but for a refused commit.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::OutOfRange { partition, .. }
            | Self::NoStart { partition, .. }
            | Self::Refused { partition, .. }
            | Self::Corrupt { partition, .. }
            | Self::BadBatch { partition, .. }
            | Self::CommitRefused { partition, .. }
            | Self::NothingCommitted(partition)
            | Self::NotAssigned(partition) => Some(partition),
            Self::Config(_)
            | Self::Client(_)
            | Self::NoGroup
            | Self::Group { .. }
            | Self::NotCommitted { .. }
            | Self::Subscription(_)
            | Self::Assignment(_)
            | Self::Pattern { .. }
            | Self::Closed => None,
        }
    }
}
