//! `ottla topic`: the words of it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Cluster, Named, Partitions, Shown, pair};
use crate::moments::Moment;

#[derive(Debug, Subcommand)]
pub(crate) enum Topic {
    /// Create topics
    Create(Create),
    /// List the topics, with their partitions
    List(List),
    /// Show topics: their partitions, and the settings that are their own
    Describe(Described),
    /// Change topics: more partitions, other settings
    Alter(Alter),
    /// Delete topics and all they hold
    Delete(Named),
    /// Delete the oldest records of partitions, for good
    DeleteRecords(DeleteRecords),
}

const CREATE: &str = "\
Examples:
  ottla topic create orders
  ottla topic create orders --partitions 12 --replication-factor 3 --config retention.ms=86400000";

#[derive(Debug, Args)]
#[command(after_help = CREATE)]
pub(crate) struct Create {
    /// Names of the topics
    #[arg(required = true, value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// Number of partitions [default: the broker's num.partitions]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: Option<i32>,
    /// Copies of each partition [default: the broker's default.replication.factor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    pub(crate) replication_factor: Option<i16>,
    /// One of Kafka's topic settings
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) config: Vec<(String, String)>,
    /// Leave a topic alone that is there already
    #[arg(long)]
    pub(crate) if_not_exists: bool,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Also those that the cluster itself uses, such as __consumer_offsets
    #[arg(short, long)]
    pub(crate) internal: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct Described {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Show all settings, not just those that are the topic's own
    #[arg(short, long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

const ALTER: &str = "\
Examples:
  ottla topic alter orders --partitions 24
  ottla topic alter orders --config retention.ms=3600000 --delete-config segment.bytes
  ottla topic alter orders --append-config cleanup.policy=compact --dry-run";

#[derive(Debug, Args)]
#[command(after_help = ALTER)]
pub(crate) struct Alter {
    /// Names of the topics
    #[arg(required = true, value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// Only ask the broker whether it would
    #[arg(long, visible_alias = "validate-only")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// What is to be changed: something.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// Have so many partitions from now on: more than before
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: Option<i32>,
    /// Set one of Kafka's topic settings
    #[arg(short, long, visible_alias = "add-config", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) config: Vec<(String, String)>,
    /// Let a setting be the broker's again
    #[arg(short, long, value_name = "KEY")]
    pub(crate) delete_config: Vec<String>,
    /// Add to a setting that is a list
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) append_config: Vec<(String, String)>,
    /// Take from a setting that is a list
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) subtract_config: Vec<(String, String)>,
}

const DELETE_RECORDS: &str = "\
Examples:
  ottla topic delete-records orders:0 --before 1000
  ottla topic delete-records orders audit:0,2 --before @2026-11-01T00:00:00Z
  ottla topic delete-records orders --all
  ottla topic delete-records --offset-json-file offsets.json";

#[derive(Debug, Args)]
#[command(after_help = DELETE_RECORDS)]
pub(crate) struct DeleteRecords {
    /// Topic, or some partitions of it
    #[arg(value_name = "TOPIC[:PARTITION,...]", required_unless_present = "offset_json_file")]
    pub(crate) partitions: Vec<Partitions>,
    #[command(flatten)]
    pub(crate) which: WhichRecords,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// Which records.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichRecords {
    /// Those before an offset, or before the first of @TIME or later
    #[arg(long, value_name = "OFFSET|@TIME")]
    pub(crate) before: Option<Before>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
    /// Those that this file says, in the form that kafka-delete-records takes
    #[arg(long, value_name = "FILE", conflicts_with = "partitions")]
    pub(crate) offset_json_file: Option<PathBuf>,
}

/// Before which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Offset(i64),
    Moment(Moment),
}

impl std::str::FromStr for Before {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(moment) = text.strip_prefix('@') {
            return moment.parse().map(Self::Moment);
        }
        let offset = text.parse().ok().filter(|offset| *offset >= 0);
        offset.map(Self::Offset).ok_or_else(|| "expected an offset, or @TIME".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::parse;

    #[test]
    fn it_is_said_which_records_are_deleted() {
        for words in ["t", "t --before -1", "t --before soon", "t --all --before 3", "--all", "t:x --all"] {
            assert!(parse(&format!("ottla topic delete-records {words}")).is_err(), "{words}");
        }
        for words in
            ["t u:0,1 --all", "t --before 3", "t --before @2026-11-22T06:00:00Z", "--offset-json-file f"]
        {
            assert!(parse(&format!("ottla topic delete-records {words}")).is_ok(), "{words}");
        }
    }

    #[test]
    fn a_change_changes_something() {
        assert!(parse("ottla topic alter t").is_err());
        assert!(parse("ottla topic alter t --dry-run").is_err());
        assert!(parse("ottla topic alter t --partitions 3 --config a=b").is_ok());
    }
}
