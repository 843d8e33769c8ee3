//! Why a command failed, in one sentence for the one who typed it.

use ottla::{client, consumer, producer};

use crate::settings;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the runtime did not start: {0}")]
    Runtime(std::io::Error),
    #[error("signals cannot be received: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Settings(#[from] settings::Error),
    #[error(transparent)]
    Server(#[from] ottla::Error),
    #[error(transparent)]
    Client(#[from] client::Error),
    #[error(transparent)]
    ClientConfig(#[from] client::ConfigError),
    #[error("{0} is no setting of a producer")]
    UnknownSetting(String),
    #[error(transparent)]
    Producer(#[from] producer::Error),
    #[error("line {line}: {source}")]
    Line { line: u64, source: producer::Error },
    #[error("line {line} has no {separator:?}, which ends the key")]
    NoKey { line: u64, separator: String },
    #[error(transparent)]
    Consumer(#[from] consumer::Error),
    #[error("topic {topic:?} has {count} partitions: there is no partition {partition}")]
    NoPartition { topic: String, partition: i32, count: usize },
    #[error("headers of the record at offset {offset}: {source}")]
    Header { offset: i64, source: ottla::protocol::records::BatchError },
    #[error("--format {0}")]
    Format(#[from] crate::format::Problem),
    #[error("standard input: {0}")]
    Input(std::io::Error),
    #[error("standard output: {0}")]
    Output(std::io::Error),
    #[error("{failed} of {asked} topics failed")]
    Topics { failed: usize, asked: usize },
}
