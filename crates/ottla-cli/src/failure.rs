//! Why a command failed, in one sentence for the one who typed it, and the exit code that says the same.

use std::path::PathBuf;
use std::process::ExitCode;

use ottla::{broker, client, consumer, producer};

use crate::{explain, settings};

/// Something failed.
const FAILED: u8 = 1;

/// The command line makes no sense. (Most of those end in `clap`, with the same code.)
const NONSENSE: u8 = 2;

/// No broker could be reached.
const NO_BROKER: u8 = 3;

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
    Broker(#[from] broker::Error),
    #[error(transparent)]
    Client(#[from] client::Error),
    #[error(transparent)]
    ClientConfig(#[from] client::ConfigError),
    #[error("{0} is no setting of this client")]
    UnknownSetting(String),
    /// Words that do not go together.
    #[error("{0}")]
    Nonsense(&'static str),
    #[error(transparent)]
    Producer(#[from] producer::Error),
    #[error("line {line}: {source}")]
    Line { line: u64, source: producer::Error },
    #[error("line {line} has no {separator:?}, which ends the key")]
    NoKey { line: u64, separator: String },
    #[error("line {line} is no record: {problem}")]
    NoRecord { line: u64, problem: String },
    #[error(transparent)]
    Consumer(#[from] consumer::Error),
    #[error("topic {topic:?} has {count} partitions: there is no partition {partition}")]
    NoPartition { topic: String, partition: i32, count: usize },
    #[error("headers of the record at offset {offset}: {source}")]
    Header { offset: i64, source: ottla::protocol::records::BatchError },
    #[error("no transaction that is open in {partition} begins at offset {offset}")]
    NoTransaction { partition: client::TopicPartition, offset: i64 },
    #[error("group {group:?} is {state}: offsets can only be reset while it has no members")]
    GroupIsActive { group: String, state: client::GroupState },
    #[error("group {0:?} has committed no offsets")]
    NoOffsets(String),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{} is no history: {source}", path.display())]
    NoHistory { path: PathBuf, source: ottla_check::LineError },
    #[error("{0:?} is neither a file nor hexadecimal digits")]
    NeitherFileNorHex(String),
    #[error(transparent)]
    Hex(#[from] explain::HexProblem),
    #[error(transparent)]
    Capture(#[from] explain::CaptureProblem),
    #[error("there is nothing to explain: no bytes came in")]
    NothingToExplain,
    #[error(
        "this is longer than one frame of {limit} bytes, and nothing else that is known: --as says what it is"
    )]
    TooMuchToExplain { limit: usize },
    #[error(
        "no structure is called {0:?}: ConsumerProtocolSubscription, GroupMetadataValue and OffsetCommitKey are some"
    )]
    NoStructure(String),
    #[error("standard input: {0}")]
    Input(std::io::Error),
    #[error("standard output: {0}")]
    Output(std::io::Error),
    /// Whoever reads the output has enough of it: no failure, but the end.
    #[error("nobody reads the output")]
    NobodyReads,
    /// The one thing that was asked failed, and that was told.
    #[error("that failed")]
    Told,
    #[error("{failed} of {asked} failed")]
    Some { failed: usize, asked: usize },
}

impl Failure {
    /// Whether there is anything left to say about it.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::NobodyReads | Self::Told)
    }

    /// What the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NobodyReads => ExitCode::SUCCESS,
            Self::Told | Self::Some { .. } => ExitCode::from(FAILED),
            Self::UnknownSetting(_)
            | Self::ClientConfig(_)
            | Self::Producer(producer::Error::Config(_))
            | Self::Consumer(consumer::Error::Config(_))
            | Self::Nonsense(_)
            | Self::NeitherFileNorHex(_)
            | Self::NoStructure(_) => ExitCode::from(NONSENSE),
            Self::Client(error)
            | Self::Producer(producer::Error::Client(error))
            | Self::Consumer(consumer::Error::Client(error)) => match error {
                client::Error::Bootstrap { .. } => ExitCode::from(NO_BROKER),
                client::Error::Config(_) => ExitCode::from(NONSENSE),
                _ => ExitCode::from(FAILED),
            },
            _ => ExitCode::from(FAILED),
        }
    }
}

/// Says what went wrong with one of several things, and counts it.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    failed: usize,
    asked: usize,
}

impl Failures {
    /// The value of an outcome; a failure is told at once, and the command goes on with the others.
    pub(crate) fn well<T, E: std::fmt::Display>(&mut self, outcome: Result<T, E>) -> Option<T> {
        self.asked += 1;
        outcome.inspect_err(|error| eprintln!("ottla: {error}")).inspect_err(|_| self.failed += 1).ok()
    }

    /// How the command ends.
    pub(crate) fn end(self) -> Result<(), Failure> {
        match self {
            Self { failed: 0, .. } => Ok(()),
            Self { asked: 1, .. } => Err(Failure::Told),
            Self { failed, asked } => Err(Failure::Some { failed, asked }),
        }
    }
}
