//! Why a record was not produced, and whether it may have been written all the same.

use std::time::Duration;

use ottla_client::{ConfigError, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::BuildError;

/// Why a record was not produced.
///
/// Ask [`is_possibly_written`](Self::is_possibly_written) before producing it again: an error says
/// that no acknowledgement came, which is not always that nothing was written.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The cluster could not be asked, or does not know the topic.
    #[error(transparent)]
    Client(#[from] ottla_client::Error),
    /// The record alone is larger than a request, or than all buffers together, may be.
    #[error("record of {size} bytes exceeds {setting} of {limit} bytes")]
    RecordTooLarge {
        /// Size of the record in a batch of its own, in bytes.
        size: usize,
        /// The setting that it exceeds: `max.request.size` or `buffer.memory`.
        setting: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The batch cannot be built, because its codec failed.
    #[error("batch cannot be built: {0}")]
    Build(BuildError),
    /// The buffers stayed full for `max.block.ms`, because brokers are slower than this producer.
    #[error("no room in buffer.memory of {limit} bytes within {waited:?}")]
    BufferFull {
        /// The limit, in bytes.
        limit: usize,
        /// How long was waited.
        waited: Duration,
    },
    /// The leader of the partition refused the batch.
    #[error("leader of {partition} answered {code}{}", message.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Rejected {
        /// The partition.
        partition: TopicPartition,
        /// Kafka's code.
        code: ErrorCode,
        /// What the broker said about it, if anything.
        message: Option<String>,
        /// Whether an earlier try, or this one, may have been written.
        possibly_written: bool,
    },
    /// No acknowledgement came within `delivery.timeout.ms`, or within `retries` tries.
    #[error(
        "batch for {partition} was not acknowledged after {tries} tries in {waited:?}{}",
        last.as_ref().map(|error| format!("; last error: {error}")).unwrap_or_default()
    )]
    Undelivered {
        /// The partition.
        partition: TopicPartition,
        /// How often the batch was sent.
        tries: u32,
        /// Its age.
        waited: Duration,
        /// What the last try failed with.
        last: Option<Box<ottla_client::Error>>,
        /// Whether one of the tries may have been written.
        possibly_written: bool,
    },
    /// The producer has no `transactional.id`.
    #[error("the producer is not transactional: transactional.id is not set")]
    NotTransactional,
    /// No transaction is open, or the one meant has ended, or is ending.
    #[error("no transaction is open")]
    NoTransaction,
    /// A transaction is open already, or is being committed.
    #[error("a transaction is open")]
    TransactionOpen,
    /// Something in the transaction failed, so that it can only be aborted.
    #[error("the transaction must be aborted: {0}")]
    MustAbort(Box<Error>),
    /// The transaction was aborted, and with it the record.
    #[error("the transaction was aborted")]
    Aborted,
    /// Another producer with the same `transactional.id` has taken over; or the transaction took longer than
    /// `transaction.timeout.ms`, and the coordinator aborted it. The producer can do no more: close it.
    #[error("another producer has taken over the transactional id, or the transaction timed out")]
    Fenced,
    /// The coordinator of transactions refused for good. The producer can do no more: close it.
    #[error("transactions have failed for good: {0}")]
    TransactionFailed(Box<Error>),
    /// The producer was closed or dropped before the record was acknowledged.
    #[error("the producer was closed")]
    Closed {
        /// Whether the record was on its way.
        possibly_written: bool,
    },
}

impl Error {
    /// Whether the transaction can only be aborted; the producer goes on after that.
    pub fn is_abortable(&self) -> bool {
        matches!(self, Self::MustAbort(_))
    }

    /// Whether the producer can do no more, and must be closed.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Fenced | Self::TransactionFailed(_) | Self::Closed { .. })
    }

    /// Whether the record may be in its partition in spite of this error.
    ///
    /// `false` is a promise: producing it again makes no duplicate; of a record in a transaction, for those who read
    /// committed records.
    pub fn is_possibly_written(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Client(_)
            | Self::RecordTooLarge { .. }
            | Self::Build(_)
            | Self::BufferFull { .. }
            | Self::NotTransactional
            | Self::NoTransaction
            | Self::TransactionOpen
            | Self::MustAbort(_)
            | Self::Aborted
            | Self::Fenced
            | Self::TransactionFailed(_) => false,
            Self::Rejected { possibly_written, .. }
            | Self::Undelivered { possibly_written, .. }
            | Self::Closed { possibly_written } => *possibly_written,
        }
    }

    /// Whether the same call could succeed later, with nothing changed but time.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::RecordTooLarge { .. }
            | Self::Build(_)
            | Self::NotTransactional
            | Self::NoTransaction
            | Self::TransactionOpen
            | Self::MustAbort(_)
            | Self::Aborted
            | Self::Fenced
            | Self::TransactionFailed(_)
            | Self::Closed { .. } => false,
            Self::Client(error) => error.is_retriable(),
            Self::BufferFull { .. } | Self::Undelivered { .. } => true,
            Self::Rejected { code, .. } => code.is_retriable(),
        }
    }
}
