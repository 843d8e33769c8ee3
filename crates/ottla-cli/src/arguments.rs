//! The command line: what may be typed, and what it says about itself.
//!
//! Only words are checked here; what they do is in the module of each command. What several commands
//! share is here, what is one command's own in a file of its name.

mod check;
mod cluster;
mod consume;
mod explain;
mod group;
mod log;
mod produce;
mod serve;
mod topic;
mod transactions;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use check::Check;
pub(crate) use cluster::Describe as DescribeCluster;
pub(crate) use consume::{Consume, Start};
pub(crate) use explain::{Explain, Kind};
pub(crate) use group::{DeleteOffsets, Described as DescribedGroups, Group, Listed, Reset, ResetTo};
pub(crate) use log::{Adopt, Dump, Log, Repair, Verify};
pub(crate) use produce::Produce;
pub(crate) use serve::Serve;
pub(crate) use topic::{
    Alter, Before, Changes, Create, DeleteRecords, Described as DescribedTopics, List, Topic,
};
pub(crate) use transactions::{
    Abort, DescribedTransactions, FindHanging, ListedTransactions, Producers, Transactions,
};

/// Where clients look for a broker when nobody says.
const BOOTSTRAP: &str = "127.0.0.1:9092";

/// What the exit codes are, for the end of the help.
const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed, with the reason on standard error; 2 a command line that makes no sense;
3 no broker could be reached.

The variable OTTLA_BOOTSTRAP stands for --bootstrap, and OTTLA_LOG says how much is logged to standard
error (error, warn, info, debug, or by module: ottla_client=debug).";

/// A Kafka-compatible message queue: serve a broker, or work with any Kafka cluster.
#[derive(Debug, Parser)]
#[command(name = "ottla", version, arg_required_else_help = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a broker until SIGTERM or SIGINT
    Serve(Serve),
    /// Create, list, describe, alter and delete topics
    #[command(subcommand, visible_alias = "topics")]
    Topic(Topic),
    /// List, describe and delete groups of consumers, and reset where they go on
    #[command(subcommand, visible_alias = "groups")]
    Group(Group),
    /// List and describe transactions, and end those that nobody else ends
    #[command(subcommand, visible_alias = "transaction")]
    Transactions(Transactions),
    /// Produce the lines of standard input, one record each
    Produce(Produce),
    /// Print records, one line each
    Consume(Consume),
    /// Describe a cluster: its brokers, what they hold and what they serve
    Cluster(DescribeCluster),
    /// Print bytes of Kafka's protocol and log field by field: frames, segments, captures
    Explain(Explain),
    /// Look at folders of logs and mend them, without a broker
    #[command(subcommand, visible_alias = "logs")]
    Log(Log),
    /// Check a history of what clients did and saw: lost, doubled, torn and stale records
    Check(Check),
    /// Print what a shell needs to complete these commands
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const COMPLETIONS: &str = "\
Examples:
  source <(ottla completions bash)
  ottla completions zsh > ~/.zfunc/_ottla
  ottla completions fish > ~/.config/fish/completions/ottla.fish";

/// Where the cluster is.
#[derive(Debug, Args)]
pub(crate) struct Cluster {
    /// Brokers to ask first, separated by commas
    #[arg(
        short,
        long,
        visible_alias = "bootstrap-server",
        value_name = "HOST:PORT",
        default_value = BOOTSTRAP,
        env = "OTTLA_BOOTSTRAP"
    )]
    pub(crate) bootstrap: String,
    /// Any other setting of the client, under Kafka's key
    #[arg(short = 'X', long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
}

/// What is meant, and where it is.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The names
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// How what is found is shown.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Shown {
    /// Print JSON
    #[arg(short = 'J', long)]
    pub(crate) json: bool,
}

/// `KEY=VALUE`.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE"),
    }
}

/// Some partitions of a topic, or all of it: `TOPIC[:PARTITION,...]`, as Kafka's tools take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partitions {
    pub(crate) topic: String,
    pub(crate) only: Option<Vec<i32>>,
}

impl std::str::FromStr for Partitions {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (topic, only) = match text.split_once(':') {
            None => (text, None),
            Some((topic, list)) => {
                let only: Option<Vec<i32>> = list
                    .split(',')
                    .map(|part| part.trim().parse().ok().filter(|index| *index >= 0))
                    .collect();
                (topic, Some(only.ok_or("expected TOPIC or TOPIC:PARTITION,...")?))
            }
        };
        if topic.is_empty() {
            return Err("expected the name of a topic");
        }
        Ok(Self { topic: topic.to_owned(), only })
    }
}

/// Text in which `\t`, `\n`, `\r`, `\\` and `\xNN` stand for what they do elsewhere.
pub(crate) fn unescaped(text: &str) -> Result<String, String> {
    let bytes = crate::format::unescape(text).map_err(|problem| problem.to_string())?;
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn parse(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(words.split(' '))
    }

    #[test]
    fn the_definitions_agree_with_each_other() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn settings_need_a_key() {
        assert!(parse("ottla serve --set durability").is_err());
        assert!(parse("ottla serve --set =os").is_err());
        assert!(parse("ottla topic create t --partitions 0").is_err());
    }

    #[test]
    fn partitions_are_named_as_kafkas_tools_name_them() {
        let parsed = |text: &str| text.parse::<Partitions>();
        assert_eq!(parsed("t").unwrap(), Partitions { topic: "t".to_owned(), only: None });
        assert_eq!(parsed("t:0,2").unwrap(), Partitions { topic: "t".to_owned(), only: Some(vec![0, 2]) });
        assert!(parsed("t:").is_err() && parsed(":1").is_err() && parsed("t:-1").is_err());
    }
}
