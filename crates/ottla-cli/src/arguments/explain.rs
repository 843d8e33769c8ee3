//! `ottla explain`: the words of it.

use clap::{Args, ValueEnum};
use ottla::protocol::ApiKey;

const EXPLAIN: &str = "\
What is read may be hexadecimal digits (plain, or as xxd, hexdump -C and tcpdump -x print them), frames with
or without the size before them, the segment of a log, or a capture (pcap, pcapng). Which of them it is is
seen from the bytes; --as says it where they leave a doubt. Captures and segments may be of any size.

In a capture requests and answers of every connection that speaks Kafka are explained as they went by, each
answer by the request that it answers. Elsewhere an answer needs --api and --api-version, because it does not
say what it answers.

Examples:
  ottla explain 0000000e 0012 0000 00000001 0004 6b636174
  ottla explain ottla-data/orders-0/00000000000000000000.log
  tcpdump -i lo -U -w - port 9092 | ottla explain
  ottla explain talk.pcap --json | jq 'select(.title | startswith(\"Fetch\"))'
  ottla explain answer.bin --api Metadata --api-version 12 --docs
  ottla explain 0003 0000 0001 --structure ConsumerProtocolAssignment";

#[derive(Debug, Args)]
#[command(after_help = EXPLAIN)]
pub(crate) struct Explain {
    /// Files, or hexadecimal digits; - is standard input [default: standard input]
    #[arg(value_name = "FILE|HEX", value_hint = clap::ValueHint::FilePath)]
    pub(crate) input: Vec<String>,
    /// What it is
    #[arg(long = "as", value_enum, value_name = "WHAT", default_value_t = Kind::Auto)]
    pub(crate) kind: Kind,
    /// API that a frame answers, by name or number; without it frames are requests
    #[arg(long, value_name = "API", value_parser = api, requires = "api_version")]
    pub(crate) api: Option<ApiKey>,
    /// Version in which it was asked
    #[arg(long, value_name = "N", requires = "api")]
    pub(crate) api_version: Option<i16>,
    /// What the bytes are, by Kafka's name for it: the key or value of an internal record, a member's subscription
    #[arg(long, value_name = "NAME", conflicts_with_all = ["api", "kind", "topic", "port"])]
    pub(crate) structure: Option<String>,
    /// Topic of record batches, which opens the records of internal ones [default: by the name of the file's folder]
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// Port of a broker in a capture; may be given again [default: the one that was connected to]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Vec<u16>,
    /// Say what the fields mean
    #[arg(long, conflicts_with = "json")]
    pub(crate) docs: bool,
    /// Print JSON, one object a line
    #[arg(short = 'J', long)]
    pub(crate) json: bool,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Seen from the bytes
    Auto,
    /// A capture of a network: pcap or pcapng
    Capture,
    /// Frames, each with its size before it
    Frames,
    /// One frame, with its size before it or not
    Frame,
    /// Record batches, as in a segment of a log
    Batches,
}

fn api(text: &str) -> Result<ApiKey, String> {
    let by_number = || text.parse().ok().and_then(ApiKey::from_i16);
    let by_name = |api: &&ApiKey| api.name().eq_ignore_ascii_case(text);
    let found = ApiKey::ALL.iter().find(by_name).copied().or_else(by_number);
    found.ok_or_else(|| "no API has this name or number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::tests::parse;
    use super::*;

    #[test]
    fn an_api_is_named_or_numbered_and_has_a_version() {
        for words in ["--api metadata --api-version 3", "--api 3 --api-version 3"] {
            let Command::Explain(explain) = parse(&format!("ottla explain 00 {words}")).unwrap().command
            else {
                panic!("not explain")
            };
            assert_eq!((explain.api, explain.api_version), (Some(ApiKey::Metadata), Some(3)));
        }
        assert!(parse("ottla explain --api metadata").is_err());
        assert!(parse("ottla explain --api nothing --api-version 1").is_err());
    }
}
