//! Why records could not be consumed.

use ottla_client::{ConfigError, Offset, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::BatchError;

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
            | Self::BadBatch { .. }
            | Self::NotAssigned(_)
            | Self::Closed => false,
            Self::Client(error) => error.is_retriable(),
            Self::NoStart { source, .. } => source.is_retriable(),
            Self::Refused { code, .. } => code.is_retriable(),
        }
    }

    /// The partition that is not read further until a `seek`, if it is one.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Self::OutOfRange { partition, .. }
            | Self::NoStart { partition, .. }
            | Self::Refused { partition, .. }
            | Self::BadBatch { partition, .. }
            | Self::NotAssigned(partition) => Some(partition),
            Self::Config(_) | Self::Client(_) | Self::Closed => None,
        }
    }
}
