//! `ottla consume`: the words of it.

use std::time::Duration;

use clap::Args;

use super::{Cluster, unescaped};
use crate::format::Format;
use crate::moments::{Back, Moment};

/// What may stand in a format, and examples.
const FORMAT: &str = "\
In --format:
  %t topic   %p partition   %o offset   %T timestamp in Unix milliseconds   %d the same as date and time
  %k key   %v or %s value   %K and %V or %S their bytes (-1 for none)   %h headers, NAME=VALUE,...   %% a %
  \\n  \\t  \\r  \\\\  \\xNN
Each record ends in --delimiter, unless the format ends in it.

With --json a record is an object of one line: topic, partition, offset, tstype, ts, headers (names and
values by turns), key, payload. Bytes that are not UTF-8 are {\"base64\": \"...\"}.

With --group standard error tells in a line each time what the member owns: `assigned: orders 0,2`,
`revoked: orders 2` as it gives partitions up, `lost: orders 0` if the group went on without it. SIGTERM and
SIGINT let it commit what was printed and leave the group, so that others go on at once.

Examples:
  ottla consume orders                                       all, and then what comes
  ottla consume orders --from -10 --exit                     the last ten of each partition
  ottla consume orders --from @2026-11-22T06:00:00Z --count 5 --format '%d %p/%o %k=%v'
  ottla consume orders --group billing                       as a member of a group, from where it went on
  ottla consume orders --from @-15m --json | jq .payload     of the last quarter of an hour";

#[derive(Debug, Args)]
#[command(after_help = FORMAT)]
pub(crate) struct Consume {
    /// Topics to read
    #[arg(required = true, value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// Read as a member of this group: where it goes on, and with others that share the work. What is printed is
    /// committed; where nothing is committed yet, --from says whether to start at the beginning or the end
    #[arg(short, long, short_alias = 'G', value_name = "GROUP", conflicts_with = "partition", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) group: Option<String>,
    /// How often what was printed is committed; 0s is after each batch [default: once there is nothing more to
    /// print, and every second while there is]
    #[arg(long, value_name = "DURATION", value_parser = patience, requires = "group")]
    pub(crate) commit_interval: Option<Duration>,
    /// Where to start: beginning, end, an offset, -N for the last N of each partition, or @TIME: a date and
    /// time, Unix milliseconds, or -DURATION for so long ago
    #[arg(
        short = 'o',
        long,
        value_name = "START",
        default_value = "beginning",
        allow_hyphen_values = true,
        visible_alias = "offset"
    )]
    pub(crate) from: Start,
    /// Stop after this many records [default: wait for more until interrupted]
    #[arg(short, long, value_name = "N", visible_alias = "max-messages")]
    pub(crate) count: Option<u64>,
    /// Stop behind the records that are there when it starts
    #[arg(short, long)]
    pub(crate) exit: bool,
    /// Stop once nothing came for so long: 500ms, 10s, 5m
    #[arg(long, value_name = "DURATION", value_parser = patience)]
    pub(crate) timeout: Option<Duration>,
    /// Partition to read [default: all]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub(crate) partition: Option<i32>,
    /// What is printed of a record; see below
    #[arg(short, long, value_name = "TEXT", default_value = "%v")]
    pub(crate) format: Format,
    /// Text that ends a record
    #[arg(short = 'D', long, value_name = "TEXT", default_value = r"\n", value_parser = unescaped)]
    pub(crate) delimiter: String,
    /// Text that stands for a key or value that is none
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) null_value: String,
    /// Print JSON; see below
    #[arg(short = 'J', long, conflicts_with_all = ["format", "delimiter", "null_value"])]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}

fn patience(text: &str) -> Result<Duration, String> {
    let expected = |_| "expected a duration such as 500ms, 10s or 5m".to_owned();
    text.parse::<Back>().map(Back::duration).map_err(expected)
}

/// Where to start reading a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Beginning,
    End,
    Offset(i64),
    Last(i64),
    At(Moment),
}

impl std::str::FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || "expected beginning, end, an offset, -N for the last N, or @TIME".to_owned();
        match text {
            "beginning" | "earliest" => return Ok(Self::Beginning),
            "end" | "latest" => return Ok(Self::End),
            _ => {}
        }
        if let Some(moment) = text.strip_prefix('@') {
            return moment.parse().map(Self::At);
        }
        match text.parse::<i64>().map_err(|_| expected())? {
            offset @ 0.. => Ok(Self::Offset(offset)),
            back => back.checked_neg().map(Self::Last).ok_or_else(expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::tests::parse;
    use super::*;

    #[test]
    fn a_start_is_a_word_an_offset_a_count_from_the_end_or_a_time() {
        for (text, from) in [
            ("end", Start::End),
            ("beginning", Start::Beginning),
            ("7", Start::Offset(7)),
            ("-3", Start::Last(3)),
            ("@1700000000000", Start::At(Moment::At(1_700_000_000_000))),
        ] {
            let parsed = parse(&format!("ottla consume t --from {text}")).unwrap();
            let Command::Consume(consume) = parsed.command else { panic!("not consume") };
            assert_eq!(consume.from, from);
        }
        assert!(parse("ottla consume t --from soon").is_err());
        assert!(parse("ottla consume t --from @soon").is_err());
    }

    #[test]
    fn json_has_no_format() {
        assert!(parse("ottla consume t --json --format %v").is_err());
        assert!(parse("ottla consume t --json").is_ok());
    }
}
