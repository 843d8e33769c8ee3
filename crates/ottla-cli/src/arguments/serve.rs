//! `ottla serve`: the words of it.

use std::path::PathBuf;

use clap::Args;
use ottla::Endpoint;

use super::pair;

const EXAMPLES: &str = "\
Examples:
  ottla serve                                             on 127.0.0.1:9092, data in ./ottla-data
  ottla serve --listen 127.0.0.1:0 --memory               a free port, nothing kept
  ottla serve --listen 0.0.0.0:9092 --advertise db7.lan:9092 --data /var/lib/ottla
  ottla serve --set durability=os --set num.partitions=4  acknowledges as Kafka does";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
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

#[cfg(test)]
mod tests {
    use super::super::tests::parse;
    use super::super::{Command, unescaped};

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
    fn escapes_stand_for_what_they_do_elsewhere() {
        assert_eq!(unescaped(r"a\tb\x2c\\").unwrap(), "a\tb,\\");
        assert!(unescaped(r"\xff").is_err());
    }
}
