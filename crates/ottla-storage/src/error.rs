//! What can go wrong, and which of Kafka's error codes says it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use ottla_protocol::ErrorCode;
use ottla_protocol::records::{BatchError, BuildError, InvalidBatch};

use crate::offset::{LogName, Offset};
use crate::producers::ProducerError;

/// Why a storage could not be opened, or a log not be created, removed or waited for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("{attempt} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// Another process has the folder.
    #[error("the data folder is in use by another process: {source}")]
    Locked {
        /// What the lock said.
        source: Arc<io::Error>,
    },
    /// The folder belongs to another cluster or node.
    #[error("the data folder belongs to {key} {found}, not {expected}")]
    Foreign {
        /// What differs: `cluster.id` or `node.id`.
        key: &'static str,
        /// What the folder says.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// The folder was written by a later release, whose files may mean something else.
    #[error("{} has version {found}; this release reads version {expected}", path.display())]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that is read.
        expected: i64,
    },
    /// A log that is to be adopted would have to be cut before.
    #[error("{}: {problem}; `repair` cuts it", path.display())]
    Torn {
        /// The file of batches.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<crate::inspect::Problem>,
    },
    /// A name that no folder can carry safely.
    #[error("{name:?} is no legal name of a log")]
    IllegalName {
        /// The name.
        name: String,
    },
    /// The log exists already.
    #[error("log {0} exists")]
    Exists(LogName),
    /// There is no such log, or no longer.
    #[error("log {0} does not exist")]
    Unknown(LogName),
    /// A write or sync failed and the log takes no more writes until it is opened anew.
    #[error("log {log} is closed for writing: {source}")]
    Closed {
        /// The log.
        log: LogName,
        /// What failed.
        source: Arc<io::Error>,
    },
    /// Nothing was appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Nothing was read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The records that were waited for could not be written after all.
    #[error("log {log} could not keep its records from offset {from} on")]
    Lost {
        /// The log.
        log: LogName,
        /// The first offset that was taken back.
        from: Offset,
    },
}

impl Error {
    pub(crate) fn io(attempt: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { attempt, path, source: Arc::new(source) }
    }

    /// Kafka's code for it.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Io { .. }
            | Self::Locked { .. }
            | Self::Foreign { .. }
            | Self::Newer { .. }
            | Self::Torn { .. }
            | Self::Closed { .. }
            | Self::Lost { .. } => ErrorCode::KAFKA_STORAGE_ERROR,
            Self::Append(error) => error.error_code(),
            Self::Read(error) => error.error_code(),
            Self::IllegalName { .. } => ErrorCode::INVALID_TOPIC_EXCEPTION,
            Self::Exists(_) => ErrorCode::TOPIC_ALREADY_EXISTS,
            Self::Unknown(_) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        }
    }

    /// Whether the same call could succeed later, with nothing changed but time.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Lost { .. } | Self::Locked { .. } => true,
            Self::Append(error) => error.is_retriable(),
            Self::Read(error) => error.is_retriable(),
            Self::Foreign { .. }
            | Self::Newer { .. }
            | Self::Torn { .. }
            | Self::IllegalName { .. }
            | Self::Exists(_)
            | Self::Unknown(_)
            | Self::Closed { .. } => false,
        }
    }
}

/// Why nothing was appended.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The bytes are not whole batches of format v2, or a batch breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidBatch),
    /// There was no batch.
    #[error("no batch to append")]
    Empty,
    /// The records of one append are larger than the log takes at once.
    #[error("records of {size} bytes exceed max.message.bytes of {limit}")]
    RecordsTooLarge {
        /// What they come to, up to the first that is too much, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The records could not be packed: the codec is not in this build, or has no such level.
    #[error(transparent)]
    Codec(BuildError),
    /// The batches of one call together are larger than a segment may be.
    #[error("{size} bytes at once exceed segment.bytes of {limit}")]
    LargerThanSegment {
        /// Size of all batches, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The producer of a batch broke a rule.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The append came from a leader that another has followed.
    #[error("leader epoch {epoch} is older than {current}")]
    FencedLeader {
        /// The epoch of the append.
        epoch: i32,
        /// The epoch of the last batch.
        current: i32,
    },
    /// All offsets are used up.
    #[error("log is full at offset {0}")]
    OffsetsExhausted(Offset),
    /// The bytes could not be written. The log is as it was, and a later append may succeed.
    #[error("{attempt} {}: {source}", path.display())]
    Write {
        /// What was attempted.
        attempt: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// The disk stands still, and as much waits for it as may.
    #[error("{bytes} bytes wait for the disk, which stands still; the limit is {limit}")]
    Stalled {
        /// What waits, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// An earlier write or sync failed and the log takes no more until it is opened anew.
    #[error("log {log} is closed for writing: {source}")]
    Closed {
        /// The log.
        log: LogName,
        /// What failed.
        source: Arc<io::Error>,
    },
    /// The log was removed, or its storage closed.
    #[error("log {0} is gone")]
    Gone(LogName),
}

impl AppendError {
    /// Kafka's code for it, as its produce path answers.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Invalid(invalid) => invalid.error_code(),
            Self::Empty => ErrorCode::INVALID_RECORD,
            Self::RecordsTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            Self::Codec(_) => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            Self::LargerThanSegment { .. } => ErrorCode::RECORD_LIST_TOO_LARGE,
            Self::Producer(error) => error.error_code(),
            Self::FencedLeader { .. } => ErrorCode::FENCED_LEADER_EPOCH,
            Self::OffsetsExhausted(_) | Self::Write { .. } | Self::Closed { .. } => {
                ErrorCode::KAFKA_STORAGE_ERROR
            }
            Self::Stalled { .. } => ErrorCode::REQUEST_TIMED_OUT,
            Self::Gone(_) => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        }
    }

    /// Whether the same call could succeed later, with nothing changed but time.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Write { .. } | Self::Stalled { .. } => true,
            Self::Invalid(_)
            | Self::Empty
            | Self::RecordsTooLarge { .. }
            | Self::Codec(_)
            | Self::LargerThanSegment { .. }
            | Self::Producer(_)
            | Self::FencedLeader { .. }
            | Self::OffsetsExhausted(_)
            | Self::Closed { .. }
            | Self::Gone(_) => false,
        }
    }
}

impl AppendError {
    /// Whether there was no room for it.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Write { source, .. } if crate::reserve::is_full(source))
    }
}

impl ProducerError {
    /// Kafka's code for it, as its produce path answers.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
            Self::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
            Self::InvalidTransactionState { .. } | Self::TransactionEnded { .. } => {
                ErrorCode::INVALID_TXN_STATE
            }
            Self::CoordinatorFenced { .. } => ErrorCode::TRANSACTION_COORDINATOR_FENCED,
        }
    }
}

/// Why nothing was read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The log does not hold this offset: it ends before it, or no longer begins early enough.
    #[error("offset {offset} is out of range: the log goes from {log_start} to {log_end}")]
    OutOfRange {
        /// The offset that was asked for.
        offset: Offset,
        /// The first offset of the log.
        log_start: Offset,
        /// The offset that the next record will get.
        log_end: Offset,
    },
    /// The batch that holds the offset is not as it was written. Those around it can be read.
    #[error("batch at offset {offset} is damaged, at byte {position} of {}", path.display())]
    Corrupt {
        /// The offset that was asked for.
        offset: Offset,
        /// The file that holds the batch.
        path: PathBuf,
        /// Where the batch starts in it, in bytes.
        position: u32,
    },
    /// The batch that holds the offset is as it was written, and its records cannot be had all the same: its
    /// codec is not in this build, or it was written wrong. Those around it can be read.
    #[error("records from offset {offset} on cannot be unpacked: {source}")]
    Undecodable {
        /// The first offset that cannot be had.
        offset: Offset,
        /// Why.
        source: Arc<BatchError>,
    },
    /// The file could not be read.
    #[error("read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// The log was removed, or its storage closed.
    #[error("log {0} is gone")]
    Gone(LogName),
}

impl ReadError {
    /// Kafka's code for it.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::OutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
            Self::Corrupt { .. } | Self::Undecodable { .. } => ErrorCode::CORRUPT_MESSAGE,
            Self::Io { .. } => ErrorCode::KAFKA_STORAGE_ERROR,
            Self::Gone(_) => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        }
    }

    /// Whether the same call could succeed later, with nothing changed but time.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Io { .. } => true,
            Self::OutOfRange { .. } | Self::Corrupt { .. } | Self::Undecodable { .. } | Self::Gone(_) => {
                false
            }
        }
    }
}
