//! `ottla produce`: the words of it.

use clap::{Args, ValueEnum};

use super::{Cluster, pair, unescaped};

const EXAMPLES: &str = "\
Examples:
  printf 'o-17:paid\\n' | ottla produce orders --key-separator :
  ottla produce orders --key-separator '\\t' --header source=shell --codec zstd < orders.tsv
  ottla consume orders --json --exit | ottla produce copy-of-orders --json
  printf 'o-17:\\n' | ottla produce orders -K : --null-value ''     a tombstone";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Produce {
    /// Topic to write to
    pub(crate) topic: String,
    /// Partition to write to [default: that of the key, or any]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(crate) partition: Option<i32>,
    /// Text that ends the key in each line, such as : or \t [default: lines have no key]
    #[arg(short = 'K', long, value_name = "TEXT", value_parser = unescaped)]
    pub(crate) key_separator: Option<String>,
    /// Key that every record gets
    #[arg(short, long, value_name = "KEY", conflicts_with = "key_separator")]
    pub(crate) key: Option<String>,
    /// Text that ends a line
    #[arg(short = 'D', long, value_name = "TEXT", default_value = r"\n", value_parser = unescaped)]
    pub(crate) delimiter: String,
    /// Value that stands for none, which makes the record a tombstone
    #[arg(long, value_name = "TEXT")]
    pub(crate) null_value: Option<String>,
    /// Header that every record gets
    #[arg(short = 'H', long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) header: Vec<(String, String)>,
    /// Lines are JSON, as consume --json prints it: key, payload, headers, ts, and partition with --keep-partition
    #[arg(short = 'J', long, conflicts_with_all = ["key_separator", "key", "null_value"])]
    pub(crate) json: bool,
    /// Write each record of --json to the partition that it names
    #[arg(long, requires = "json", conflicts_with = "partition")]
    pub(crate) keep_partition: bool,
    /// Codec of the batches: none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long, visible_alias = "compression", value_name = "CODEC", default_value = "none")]
    pub(crate) codec: String,
    /// Who has to have a record before it counts as written
    #[arg(short, long, value_enum, default_value_t = Acks::All)]
    pub(crate) acks: Acks,
    /// Write all of the input in one transaction under this name, committed at the end; a failure aborts it
    #[arg(long, value_name = "ID")]
    pub(crate) transactional_id: Option<String>,
    /// Print partition and offset of each record as soon as it is acknowledged, in the order of the lines
    #[arg(short, long)]
    pub(crate) report: bool,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// Kafka's `acks`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Acks {
    /// Nobody; failures are not even noticed
    #[value(name = "0")]
    None,
    /// The leader
    #[value(name = "1")]
    Leader,
    /// Every copy that is in sync
    #[value(alias = "-1")]
    All,
}

impl Acks {
    /// As Kafka writes it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Leader => "1",
            Self::All => "all",
        }
    }
}
