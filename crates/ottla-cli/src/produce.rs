//! `ottla produce`: the lines of standard input become records.

use std::collections::VecDeque;

use ottla::client::Property;
use ottla::producer::{Config, Delivery, Producer, Record};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::arguments::Produce;
use crate::failure::Failure;

/// Deliveries that are waited for at once; further lines wait until the oldest is told.
const DELIVERIES_MAX: usize = 100_000;

/// Bytes of input that are read at once.
const INPUT_BYTES: usize = 1 << 16;

pub(crate) async fn run(words: Produce) -> Result<(), Failure> {
    let producer = Producer::new(config(&words)?).await?;
    let headers: Vec<(&str, Option<&[u8]>)> =
        words.header.iter().map(|(name, value)| (name.as_str(), Some(value.as_bytes()))).collect();
    let mut input = BufReader::with_capacity(INPUT_BYTES, tokio::io::stdin());
    let mut waiting: VecDeque<(u64, Delivery)> = VecDeque::new();
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).await.map_err(Failure::Input)? == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        number += 1;
        let record = record(&words, &line, number)?.with_headers(&headers);
        let queued = producer.enqueue(record).await;
        waiting.push_back((number, queued.map_err(|source| Failure::Line { line: number, source })?));
        if waiting.len() > DELIVERIES_MAX {
            told(&mut waiting).await?;
        }
    }
    producer.flush().await;
    while !waiting.is_empty() {
        told(&mut waiting).await?;
    }
    producer.close().await;
    Ok(())
}

/// Waits until the oldest record's fate is told.
async fn told(waiting: &mut VecDeque<(u64, Delivery)>) -> Result<(), Failure> {
    match waiting.pop_front() {
        Some((line, delivery)) => delivery.await.map(drop).map_err(|source| Failure::Line { line, source }),
        None => Ok(()),
    }
}

fn config(words: &Produce) -> Result<Config, Failure> {
    let mut config = Config::new(&words.cluster.bootstrap).with_client_id("ottla-cli");
    let own = [("acks", words.acks.text()), ("compression.type", &words.compression)];
    let given = words.set.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    for (key, value) in own.into_iter().chain(given) {
        if config.set(key, value)? == Property::Unknown {
            return Err(Failure::UnknownSetting(key.to_owned()));
        }
    }
    Ok(config)
}

/// The record that a line stands for.
fn record<'a>(words: &'a Produce, line: &'a [u8], number: u64) -> Result<Record<'a>, Failure> {
    let mut record = Record::new(&words.topic);
    record.partition = words.partition;
    let mut value = line;
    if let Some(separator) = &words.key_separator {
        let no_key = || Failure::NoKey { line: number, separator: separator.clone() };
        let at = position(line, separator.as_bytes()).ok_or_else(no_key)?;
        record.key = Some(&line[..at]);
        value = &line[at + separator.len()..];
    }
    if words.null_value.as_deref().map(str::as_bytes) != Some(value) {
        record.value = Some(value);
    }
    Ok(record)
}

/// Where `part` first stands in `line`.
fn position(line: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    line.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Command};
    use clap::Parser;

    fn words(rest: &[&str]) -> Produce {
        let all = ["ottla", "produce", "lines"].iter().chain(rest);
        let Command::Produce(words) = Arguments::try_parse_from(all).unwrap().command else {
            panic!("not produce")
        };
        words
    }

    #[test]
    fn a_line_is_a_value_unless_a_separator_ends_its_key() {
        let plain = words(&[]);
        let got = record(&plain, b"a:b", 1).unwrap();
        assert_eq!((got.key, got.value), (None, Some(&b"a:b"[..])));

        let keyed = words(&["--key-separator", "::", "--null-value", "NULL"]);
        let got = record(&keyed, b"a::b::c", 1).unwrap();
        assert_eq!((got.key, got.value), (Some(&b"a"[..]), Some(&b"b::c"[..])));
        let got = record(&keyed, b"a::NULL", 1).unwrap();
        assert_eq!((got.key, got.value), (Some(&b"a"[..]), None));
        let said = record(&keyed, b"a:b", 7).unwrap_err().to_string();
        assert!(said.contains("line 7"), "{said}");
    }

    #[test]
    fn settings_of_the_command_line_reach_the_producer() {
        let taken = config(&words(&["--acks", "1", "--set", "linger.ms=7"])).unwrap();
        assert_eq!(taken.linger, std::time::Duration::from_millis(7));
        let refused = config(&words(&["--set", "group.id=x"])).unwrap_err().to_string();
        assert!(refused.contains("group.id"), "{refused}");
        assert!(config(&words(&["--compression", "brotli"])).is_err());
    }
}
