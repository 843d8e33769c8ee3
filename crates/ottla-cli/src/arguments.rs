//! The command line: what may be typed, and what it says about itself.
//!
//! Only words are checked here; what they do is in the module of each command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ottla::Endpoint;

/// Where clients look for a broker when nobody says.
const BOOTSTRAP: &str = "127.0.0.1:9092";

/// A Kafka-compatible message queue: serve a broker, or work with any Kafka cluster.
#[derive(Debug, Parser)]
#[command(name = "ottla", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a broker until SIGTERM or SIGINT
    Serve(Serve),
    /// Create, list, describe and delete topics
    #[command(subcommand)]
    Topic(Topic),
    /// Produce the lines of standard input, one record each
    Produce(Produce),
    /// Print records, one line each
    Consume(Consume),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:9092]
    #[arg(long, value_name = "[NAME://]HOST:PORT")]
    pub(crate) listen: Vec<Endpoint>,
    /// Address that clients are told to connect to, if it is not the one that is listened on
    #[arg(long, value_name = "[NAME://]HOST:PORT")]
    pub(crate) advertise: Vec<Endpoint>,
    /// Folder that keeps the data [default: ./ottla-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Keep the data in memory: it is gone when the broker stops
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// Settings under Kafka's keys: TOML, or Kafka's own format if the name ends in .properties
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One setting, which wins over the file: any of Kafka's broker keys, or durability
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
}

/// Where the cluster is.
#[derive(Debug, Args)]
pub(crate) struct Cluster {
    /// Brokers to ask first, separated by commas
    #[arg(long, value_name = "HOST:PORT", default_value = BOOTSTRAP)]
    pub(crate) bootstrap: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Topic {
    /// Create a topic
    Create(Create),
    /// List the topics, with their partitions
    List(Cluster),
    /// Show a topic's partitions and its settings
    Describe(Named),
    /// Delete topics and all they hold
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Name of the topic
    pub(crate) topic: String,
    /// Number of partitions [default: the broker's num.partitions]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: Option<i32>,
    /// Copies of each partition [default: the broker's default.replication.factor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    pub(crate) replication_factor: Option<i16>,
    /// One of Kafka's topic settings
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) config: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Names of the topics
    #[arg(required = true)]
    pub(crate) topics: Vec<String>,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct Produce {
    /// Topic to write to
    pub(crate) topic: String,
    /// Partition to write to [default: that of the key, or any]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(crate) partition: Option<i32>,
    /// Text that ends the key in each line [default: lines have no key]
    #[arg(long, value_name = "TEXT")]
    pub(crate) key_separator: Option<String>,
    /// Value that stands for none, which makes the record a tombstone
    #[arg(long, value_name = "TEXT")]
    pub(crate) null_value: Option<String>,
    /// Header that every record gets
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) header: Vec<(String, String)>,
    /// Codec of the batches: none, gzip, snappy, lz4 or zstd
    #[arg(long, value_name = "CODEC", default_value = "none")]
    pub(crate) compression: String,
    /// Who has to have a record before it counts as written
    #[arg(long, value_enum, default_value_t = Acks::All)]
    pub(crate) acks: Acks,
    /// Any other producer setting, under Kafka's key
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
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

#[derive(Debug, Args)]
pub(crate) struct Consume {
    /// Topic to read
    pub(crate) topic: String,
    /// Where to start: beginning, end, an offset, or -N for the last N of each partition
    #[arg(long, value_name = "START", default_value = "beginning", allow_hyphen_values = true)]
    pub(crate) from: Start,
    /// Stop after this many records [default: wait for more until interrupted]
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
    /// Partition to read [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(crate) partition: Option<i32>,
    /// What a line shows: %t topic, %p partition, %o offset, %T timestamp, %k key, %v value, %h headers
    #[arg(long, value_name = "TEXT", default_value = "%v")]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

/// Where to start reading a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Beginning,
    End,
    Offset(i64),
    Last(i64),
}

impl std::str::FromStr for Start {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected beginning, end, an offset, or -N for the last N";
        match text {
            "beginning" | "earliest" => return Ok(Self::Beginning),
            "end" | "latest" => return Ok(Self::End),
            _ => {}
        }
        match text.parse::<i64>().map_err(|_| EXPECTED)? {
            offset @ 0.. => Ok(Self::Offset(offset)),
            back => back.checked_neg().map(Self::Last).ok_or(EXPECTED),
        }
    }
}

/// `KEY=VALUE`.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(words.split(' '))
    }

    #[test]
    fn the_definitions_agree_with_each_other() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_broker_keeps_its_data_in_one_place_only() {
        assert!(parse("ottla serve --memory --data x").is_err());
        let parsed =
            parse("ottla serve --listen 127.0.0.1:0 --listen A://[::1]:1 --set durability=os").unwrap();
        let Command::Serve(serve) = parsed.command else { panic!("not serve") };
        assert_eq!(serve.listen[1].to_string(), "A://[::1]:1");
        assert_eq!(serve.set, [("durability".to_owned(), "os".to_owned())]);
    }

    #[test]
    fn a_start_is_a_word_an_offset_or_a_count_from_the_end() {
        for (text, from) in [
            ("end", Start::End),
            ("beginning", Start::Beginning),
            ("7", Start::Offset(7)),
            ("-3", Start::Last(3)),
        ] {
            let parsed = parse(&format!("ottla consume t --from {text}")).unwrap();
            let Command::Consume(consume) = parsed.command else { panic!("not consume") };
            assert_eq!(consume.from, from);
        }
        assert!(parse("ottla consume t --from soon").is_err());
    }

    #[test]
    fn settings_need_a_key() {
        assert!(parse("ottla serve --set durability").is_err());
        assert!(parse("ottla serve --set =os").is_err());
        assert!(parse("ottla topic create t --partitions 0").is_err());
    }
}
