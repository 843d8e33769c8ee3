//! `ottla log`: the words of it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

const PLACES: &str = "\
PATH is a data folder, the folder of a partition, or a file in it. Folders that Kafka wrote are read by the same rules. \
Nothing needs a broker; while one has the folder, what it writes meanwhile may look unfinished.";

const DUMP: &str = "\
Examples:
  ottla log dump ottla-data/orders-0
  ottla log dump ottla-data/orders-0/00000000000000000000.log --batches
  ottla log dump ottla-data --format json | jq 'select(.kind == \"record\") | .payload'
  ottla log dump ottla-data/__consumer_offsets-7 --fields";

const VERIFY: &str = "\
Every batch is read, its checksum computed and its records unpacked; offsets have to rise; each entry of an index has to
name a batch; producers, leader epochs and checkpoints have to fit the log. What is told is one of these:
  data    records are damaged or missing
  cache   something is missing or wrong that is made anew from the log
  note    a leftover, an unknown file: the next start takes care of it, or nobody minds

Exit codes: 0 if there is nothing, or notes alone; 1 if something is wrong, or could not be read.";

const REPAIR: &str = "\
Indexes are made anew, and files that cannot be read and are made anew by the next start are removed. Where a log ends in bytes
that are no whole batch, it is cut there only with --yes, once what is cut was copied to NNN.cut beside it; what is cut is said by bytes,
batches and records. Damaged batches with others behind them, and those that were synced once, stay: a broker answers CORRUPT_MESSAGE for
them and serves the others. A folder that a broker has is refused.

Exit codes: 0 if nothing is wrong any more; 1 if something is left, or failed.";

/// What is done to a folder.
#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Print batches, records, indexes, snapshots and checkpoints
    Dump(Dump),
    /// Check every batch, index, snapshot and checkpoint
    #[command(after_help = VERIFY)]
    Verify(Verify),
    /// Make topics of logs that belong to none, such as Kafka's
    #[command(after_help = ADOPT)]
    Adopt(Adopt),
    /// Mend what verify finds; nothing is discarded without --yes
    #[command(after_help = REPAIR)]
    Repair(Repair),
}

const ADOPT: &str = "\
A broker leaves folders alone that are named like the log of a partition and belong to none of its topics, as those that Kafka
wrote. This makes topics of them, with the id that their partition.metadata tells and as many partitions as there are folders. All of each
log is read and checked before. With a data folder all such topics are adopted, with the folder of a partition its topic is. What conflicts with
a topic that there is, or lacks a partition, is refused by name, and then nothing is adopted.

Topics get no settings of the cluster that they come from: give them with --config. Unless retention.ms or cleanup.policy is given,
retention.ms=-1 is set, so that old records do not leave before anybody has said so.

Examples:
  cp -r kafka-logs/orders-0 kafka-logs/orders-1 ottla-data/ && ottla log adopt ottla-data
  ottla log adopt ottla-data/users-0 --config cleanup.policy=compact";

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines to read
    Text,
    /// One object of JSON a line
    Json,
}

/// Where it is, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// Data folder, folder of a partition, or a file
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, long_help = PLACES)]
    pub(crate) path: PathBuf,
    /// How it is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    /// Print JSON: --format json
    #[arg(short = 'J', long)]
    json: bool,
}

impl Folder {
    /// Whether JSON is wanted.
    pub(crate) fn is_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

/// `ottla log dump`.
#[derive(Debug, Args)]
#[command(after_help = DUMP)]
pub(crate) struct Dump {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Print batches without their records
    #[arg(long, conflicts_with = "fields")]
    pub(crate) batches: bool,
    /// Print batches field by field, as explain does, which opens the records of internal topics
    #[arg(long)]
    pub(crate) fields: bool,
}

/// `ottla log verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) folder: Folder,
}

/// `ottla log repair`.
#[derive(Debug, Args)]
pub(crate) struct Repair {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Cut what has to be cut
    #[arg(long)]
    pub(crate) yes: bool,
    /// Change nothing, and say what would be done
    #[arg(short = 'n', long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// `ottla log adopt`.
#[derive(Debug, Args)]
pub(crate) struct Adopt {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// How many partitions the topics have [default: as many as there are folders]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: Option<i32>,
    /// A setting of the topics, under Kafka's key
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = super::pair)]
    pub(crate) config: Vec<(String, String)>,
}
