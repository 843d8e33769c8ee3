//! Why a broker could not be opened, or closed.
//!
//! What is wrong with a request is not an error here: it is answered, with one of Kafka's codes.

use std::path::PathBuf;

use ottla_protocol::api::ErrorCode;

use crate::adopt::NotAdopted;
use crate::config::ConfigError;

/// Why a broker could not be opened, or closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration key or value was refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder could not be used.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The storage underneath failed.
    #[error(transparent)]
    Storage(#[from] ottla_storage::Error),
    /// The log of metadata could not be read.
    #[error("metadata log __ottla_metadata-0 cannot be read: {0}")]
    MetadataRead(ErrorCode),
    /// The log of metadata could not be written.
    #[error("metadata log __ottla_metadata-0 cannot be written: {0}")]
    MetadataWrite(ErrorCode),
    /// Logs of this topic were not taken over.
    #[error("topic {topic} is not adopted: {reason}")]
    NotAdopted {
        /// The topic.
        topic: String,
        /// Why.
        reason: NotAdopted,
    },
    /// The log of metadata holds what no broker of this release wrote.
    #[error("metadata log __ottla_metadata-0 at offset {offset}: {reason}")]
    MetadataCorrupt {
        /// Where it stands.
        offset: i64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn metadata_corrupt(offset: i64, reason: impl ToString) -> Self {
        Self::MetadataCorrupt { offset, reason: reason.to_string() }
    }

    /// Whether the same call could succeed later, with nothing changed but time.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Config(_) | Self::MetadataCorrupt { .. } | Self::NotAdopted { .. } => false,
            Self::MetadataRead(code) | Self::MetadataWrite(code) => code.is_retriable(),
            Self::Folder { .. } => true,
            Self::Storage(error) => error.is_retriable(),
        }
    }
}
