//! `ottla topic`: the words of it.

use clap::{Args, Subcommand};

use super::{Cluster, Named, Shown, pair};

#[derive(Debug, Subcommand)]
pub(crate) enum Topic {
    /// Create a topic
    Create(Create),
    /// List the topics, with their partitions
    List(List),
    /// Show topics: their partitions, and the settings that are their own
    Describe(Described),
    /// Change topics: more partitions, other settings
    Alter(Alter),
    /// Delete topics and all they hold
    Delete(Named),
}

const CREATE: &str = "\
Examples:
  ottla topic create orders
  ottla topic create orders --partitions 12 --replication-factor 3 --config retention.ms=86400000";

#[derive(Debug, Args)]
#[command(after_help = CREATE)]
pub(crate) struct Create {
    /// Name of the topic
    pub(crate) topic: String,
    /// Number of partitions [default: the broker's num.partitions]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: Option<i32>,
    /// Copies of each partition [default: the broker's default.replication.factor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    pub(crate) replication_factor: Option<i16>,
    /// One of Kafka's topic settings
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) config: Vec<(String, String)>,
    /// Do nothing if there is such a topic already
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

#[cfg(test)]
mod tests {
    use super::super::tests::parse;

    #[test]
    fn a_change_changes_something() {
        assert!(parse("ottla topic alter t").is_err());
        assert!(parse("ottla topic alter t --dry-run").is_err());
        assert!(parse("ottla topic alter t --partitions 3 --config a=b").is_ok());
    }
}
