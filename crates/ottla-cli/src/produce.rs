//! `ottla produce`: the lines of standard input become records.

use std::borrow::Cow;
use std::io::Write as _;
use std::pin::pin;

use ottla::producer::{Config, Delivery, Producer, Record};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::arguments::Produce;
use crate::client::settings;
use crate::failure::Failure;
use crate::output;
use crate::record::Line;
use crate::signals::Signals;

/// Deliveries that are waited for at once; further lines wait until the oldest is told.
const DELIVERIES_MAX: usize = 100_000;

/// Bytes of input that are read at once.
const INPUT_BYTES: usize = 1 << 16;

pub(crate) async fn run(words: Produce) -> Result<(), Failure> {
    let producer = Producer::new(config(&words)?).await?;
    if words.transactional_id.is_none() {
        produce(&producer, &words).await?;
        producer.close().await;
        return Ok(());
    }
    // Whatever is enqueued meanwhile is part of it.
    let transaction = producer.begin_transaction().await?;
    let outcome = match produce(&producer, &words).await {
        Ok(()) => transaction.commit().await.map_err(Failure::from),
        Err(failure) => {
            if let Err(error) = transaction.abort().await {
                tracing::warn!(%error, "the transaction could not be aborted; the cluster aborts it in time");
            }
            Err(failure)
        }
    };
    drop(transaction);
    producer.close().await;
    outcome
}

/// Writes the input.
async fn produce(producer: &Producer, words: &Produce) -> Result<(), Failure> {
    // Until now it could be ended at any time.
    let mut stop = Signals::receive()?.ask();
    let (sent, waiting) = channel(DELIVERIES_MAX);
    // Boxed, because with it what it holds of the channel is dropped, which ends the telling.
    let mut feeding = Box::pin(feed(producer, words, sent));
    let mut telling = pin!(tell(waiting, words.report));
    let fed = tokio::select! {
        biased;
        // Only a failure ends the telling before the feeding.
        told = &mut telling => return told,
        fed = &mut feeding => fed,
        // What was read is written all the same.
        () = stop.asked() => Ok(()),
    };
    drop(feeding);
    let (told, ()) = tokio::join!(telling, producer.flush());
    told.and(fed)
}

/// A record that was sent, and the line that it was.
type Sent = (u64, Delivery);

/// Sends a record for each line of the input.
async fn feed(producer: &Producer, words: &Produce, sent: Sender<Sent>) -> Result<(), Failure> {
    let headers: Vec<Header<'_>> =
        words.header.iter().map(|(name, value)| (name.into(), Some(value.as_bytes().into()))).collect();
    let mut input = BufReader::with_capacity(INPUT_BYTES, tokio::io::stdin());
    let (mut line, mut number) = (Vec::new(), 0_u64);
    while next_line(&mut input, words.delimiter.as_bytes(), &mut line).await.map_err(Failure::Input)? {
        number += 1;
        let mut parts =
            if words.json { json_parts(words, &line, number)? } else { parts(words, &line, number)? };
        parts.headers.extend(headers.iter().cloned());
        let borrowed: Vec<_> =
            parts.headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
        let mut record = Record::new(&words.topic).with_headers(&borrowed);
        (record.partition, record.timestamp) = (parts.partition, parts.timestamp);
        (record.key, record.value) = (parts.key.as_deref(), parts.value.as_deref());
        let queued = producer.enqueue(record).await;
        let delivery = queued.map_err(|source| Failure::Line { line: number, source })?;
        if sent.send((number, delivery)).await.is_err() {
            // A delivery failed, and that is told.
            return Ok(());
        }
    }
    Ok(())
}

/// Waits for the fate of each record, and tells it on as soon as it is known.
async fn tell(mut waiting: Receiver<Sent>, report: bool) -> Result<(), Failure> {
    while let Some((line, delivery)) = waiting.recv().await {
        let written = delivery.await.map_err(|source| Failure::Line { line, source })?;
        if report {
            let offset = output::or_dash(written.offset);
            writeln!(std::io::stdout(), "{} {offset}", written.partition).map_err(output::failed)?;
        }
    }
    Ok(())
}

/// Reads up to the next delimiter, which is left out; says whether there was anything.
async fn next_line(
    input: &mut (impl AsyncBufRead + Unpin),
    delimiter: &[u8],
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    line.clear();
    // Without a delimiter all of the input is one line.
    let Some(last) = delimiter.last().copied() else {
        return tokio::io::AsyncReadExt::read_to_end(input, line).await.map(|read| read > 0);
    };
    loop {
        if input.read_until(last, line).await? == 0 {
            return Ok(!line.is_empty());
        }
        if line.ends_with(delimiter) {
            line.truncate(line.len() - delimiter.len());
            return Ok(true);
        }
    }
}

fn config(words: &Produce) -> Result<Config, Failure> {
    let own = [("acks", words.acks.text()), ("compression.type", &words.codec)];
    let mut config = Config::new(&words.cluster.bootstrap);
    config.transactional_id.clone_from(&words.transactional_id);
    settings(config, &own, &words.cluster)
}

/// Name and value of a header.
type Header<'a> = (Cow<'a, str>, Option<Cow<'a, [u8]>>);

/// What a record is made of.
#[derive(Debug, Default, PartialEq)]
struct Parts<'a> {
    partition: Option<i32>,
    timestamp: Option<i64>,
    key: Option<Cow<'a, [u8]>>,
    value: Option<Cow<'a, [u8]>>,
    headers: Vec<Header<'a>>,
}

/// The record that a line of text stands for.
fn parts<'a>(words: &'a Produce, line: &'a [u8], number: u64) -> Result<Parts<'a>, Failure> {
    let mut parts = Parts { partition: words.partition, ..Parts::default() };
    parts.key = words.key.as_ref().map(|key| key.as_bytes().into());
    let mut value = line;
    if let Some(separator) = &words.key_separator {
        let no_key = || Failure::NoKey { line: number, separator: separator.clone() };
        let at = position(line, separator.as_bytes()).ok_or_else(no_key)?;
        parts.key = Some(line[..at].into());
        value = &line[at + separator.len()..];
    }
    if words.null_value.as_deref().map(str::as_bytes) != Some(value) {
        parts.value = Some(value.into());
    }
    Ok(parts)
}

/// The record that a line of JSON stands for.
fn json_parts<'a>(words: &Produce, line: &'a [u8], number: u64) -> Result<Parts<'a>, Failure> {
    let wrong =
        |problem: &dyn std::fmt::Display| Failure::NoRecord { line: number, problem: problem.to_string() };
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(wrong(&"expected an object of JSON"));
    }
    let read: Line<'_> = serde_json::from_slice(line).map_err(|error| wrong(&error))?;
    let bytes =
        |text: crate::record::Text<'_>| text.into_bytes().map(Cow::Owned).map_err(|error| wrong(&error));
    let mut parts = Parts { timestamp: read.ts, partition: words.partition, ..Parts::default() };
    if words.keep_partition {
        parts.partition = read.partition;
    }
    parts.key = read.key.map(bytes).transpose()?;
    parts.value = read.payload.map(bytes).transpose()?;
    let mut headers = read.headers.into_iter();
    while let Some(name) = headers.next() {
        let name = name.ok_or_else(|| wrong(&"a header without a name"))?;
        let value = headers.next().ok_or_else(|| wrong(&"a name without a value in its headers"))?;
        let name = name.into_bytes().map_err(|error| wrong(&error))?;
        let name = String::from_utf8(name).map_err(|_| wrong(&"a header's name is not UTF-8"))?;
        parts.headers.push((name.into(), value.map(bytes).transpose()?));
    }
    Ok(parts)
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

    fn key_and_value(words: &Produce, line: &str) -> (Option<String>, Option<String>) {
        let parts = parts(words, line.as_bytes(), 1).unwrap();
        let text =
            |part: Option<Cow<'_, [u8]>>| part.map(|part| String::from_utf8(part.into_owned()).unwrap());
        (text(parts.key), text(parts.value))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_line_is_a_value_unless_a_separator_ends_its_key() {
        assert_eq!(key_and_value(&words(&[]), "a:b"), (None, some("a:b")));
        assert_eq!(key_and_value(&words(&["--key", "k"]), "a:b"), (some("k"), some("a:b")));
        let keyed = words(&["--key-separator", "::", "--null-value", "NULL"]);
        assert_eq!(key_and_value(&keyed, "a::b::c"), (some("a"), some("b::c")));
        assert_eq!(key_and_value(&keyed, "a::NULL"), (some("a"), None));
        assert_eq!(key_and_value(&words(&["-K", "\\t"]), "a\tb"), (some("a"), some("b")));
        let said = parts(&keyed, b"a:b", 7).unwrap_err().to_string();
        assert!(said.contains("line 7"), "{said}");
    }

    #[test]
    fn lines_of_json_say_everything_of_a_record() {
        let line =
            br#"{"partition":2,"ts":5,"headers":["a","1","b",null],"key":{"base64":"/wA="},"payload":null}"#;
        let got = json_parts(&words(&["--json"]), line, 1).unwrap();
        assert_eq!((got.partition, got.timestamp, got.value), (None, Some(5), None));
        assert_eq!(got.key.unwrap(), &[0xff, 0][..]);
        assert_eq!(got.headers, [("a".into(), Some(b"1"[..].into())), ("b".into(), None)]);
        let kept = json_parts(&words(&["--json", "--keep-partition"]), line, 1).unwrap();
        assert_eq!(kept.partition, Some(2));
        for wrong in
            ["", "[]", r#"{"headers":["a"]}"#, r#"{"headers":[null,"a"]}"#, r#"{"key":{"base64":"!"}}"#]
        {
            let said = json_parts(&words(&["--json"]), wrong.as_bytes(), 3).unwrap_err().to_string();
            assert!(said.starts_with("line 3 is no record"), "{said}");
        }
    }

    #[tokio::test]
    async fn lines_end_where_the_delimiter_says() {
        async fn lines(text: &str, delimiter: &str) -> Vec<String> {
            let (mut input, mut line, mut lines) = (text.as_bytes(), Vec::new(), Vec::new());
            while next_line(&mut input, delimiter.as_bytes(), &mut line).await.unwrap() {
                lines.push(String::from_utf8(line.clone()).unwrap());
            }
            lines
        }
        assert_eq!(lines("a\n\nb", "\n").await, ["a", "", "b"]);
        assert_eq!(lines("a;\nb\n;\n", ";\n").await, ["a", "b\n"]);
        assert_eq!(lines("a\nb\n", "").await, ["a\nb\n"]);
        assert!(lines("", "\n").await.is_empty());
    }

    #[test]
    fn settings_of_the_command_line_reach_the_producer() {
        let taken = config(&words(&["--acks", "1", "--set", "linger.ms=7"])).unwrap();
        assert_eq!(taken.linger, std::time::Duration::from_millis(7));
        let refused = config(&words(&["--set", "group.id=x"])).unwrap_err().to_string();
        assert!(refused.contains("group.id"), "{refused}");
        assert!(config(&words(&["--codec", "brotli"])).is_err());
        assert!(config(&words(&["--compression", "gzip"])).is_ok());
    }
}
