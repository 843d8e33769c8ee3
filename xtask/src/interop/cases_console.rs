//! Kafka's console tools and ours in one topic, for each codec: all of them write, all of them read, and agree.
//!
//! Keys, headers, empty and null ones are among the records, and nobody names a partition: what Java's partitioner and ours
//! make of a key has to be the same.

use super::cases_tools::well;
use super::programs::{ours, tool};
use super::records::Record;
use super::{Case, Scene, create, same};
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CASES: &[Case] = &[
    Case { name: "the console tools and ours, no codec", run: |scene| together(scene, "none") },
    Case { name: "the console tools and ours, gzip", run: |scene| together(scene, "gzip") },
    Case { name: "the console tools and ours, snappy", run: |scene| together(scene, "snappy") },
    Case { name: "the console tools and ours, lz4", run: |scene| together(scene, "lz4") },
    Case { name: "the console tools and ours, zstd", run: |scene| together(scene, "zstd") },
];

const PARTITIONS: u32 = 3;

/// What stands for null in the lines of the console tools.
const NULL: &str = "NULL";

/// Records that one writer writes.
const RECORDS: usize = 60;

/// A record and its offset.
type Read = (i64, Record);

/// Writes records to a topic, with a codec.
type Produce = fn(&Scene, &str, &str, &[Record]) -> Outcome;

/// Reads so many records of a topic.
type Consume = fn(&Scene, &str, usize) -> Outcome<Vec<Read>>;

fn together(scene: &mut Scene, codec: &str) -> Outcome {
    let topic = format!("console-and-ours-{codec}");
    create(scene, &topic, PARTITIONS)?;
    let mut written = Vec::new();
    let writers: [(&str, Produce); 3] =
        [("ConsoleProducer", console_produces), ("crates", crates_produce), ("command", command_produces)];
    for (name, produce) in writers {
        let records = sample(name);
        produce(scene, &topic, codec, &records).map_err(|failure| format!("{name}: {failure}"))?;
        written.extend(records);
    }
    let readers: [(&str, Consume); 3] =
        [("ConsoleConsumer", console_consumes), ("crates", crates_consume), ("command", command_consumes)];
    let mut first: Option<BTreeSet<Read>> = None;
    for (name, consume) in readers {
        let read = consume(scene, &topic, written.len())?;
        check(&format!("what {name} read"), &read, &written)?;
        let read: BTreeSet<Read> = read.into_iter().collect();
        let expected = first.get_or_insert_with(|| read.clone());
        same(&format!("what {name} read, beside ConsoleConsumer"), &read, &*expected)?;
    }
    Ok(())
}

/// Records of some keys, one of them null, with a null value and headers of all kinds among them.
fn sample(writer: &str) -> Vec<Record> {
    let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    let mut records: Vec<Record> = (0..RECORDS)
        .map(|number| {
            let value = format!("{writer} {number}: a välue of some length, the same words again and again");
            let mut record = Record::new(None, format!("key-{}", number % 11), value);
            record.headers = vec![pair("number", Some(&number.to_string()))];
            record
        })
        .collect();
    records[3].value = None;
    records[4].value = Some(String::new());
    records[5].key = None;
    records[6].headers.extend([pair("nothing", None), pair("trace", Some("ä1")), pair("trace", Some("ä2"))]);
    records
}

/// Holds what was read against what was written: offsets without a gap, each key in one partition and in order.
fn check(what: &str, read: &[Read], written: &[Record]) -> Outcome {
    let mut ends: BTreeMap<Option<i32>, i64> = BTreeMap::new();
    let mut homes: BTreeMap<&str, BTreeSet<Option<i32>>> = BTreeMap::new();
    for (offset, record) in read {
        let end = ends.entry(record.partition).or_default();
        same(&format!("{what}: offset in {:?}", record.partition), *offset, *end)?;
        *end += 1;
        if let Some(key) = &record.key {
            homes.entry(key).or_default().insert(record.partition);
        }
    }
    let scattered: Vec<_> = homes.iter().filter(|(_, homes)| homes.len() > 1).collect();
    same(&format!("{what}: keys in several partitions"), scattered, Vec::new())?;
    same(
        &format!("{what}: partitions in use"),
        homes.values().flatten().collect::<BTreeSet<_>>().len() > 1,
        true,
    )?;
    same(what, by_key(read.iter().map(|(_, record)| record)), by_key(written))
}

/// Records of each key in their order; those without a key have none, since they are spread over the partitions.
fn by_key<'a>(records: impl IntoIterator<Item = &'a Record>) -> BTreeMap<Option<String>, Vec<Record>> {
    let mut sorted: BTreeMap<Option<String>, Vec<Record>> = BTreeMap::new();
    for record in records {
        let of_key = sorted.entry(record.key.clone()).or_default();
        of_key.push(Record { partition: None, ..record.clone() });
        if record.key.is_none() {
            of_key.sort();
        }
    }
    sorted
}

fn console_produces(scene: &Scene, topic: &str, codec: &str, records: &[Record]) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", topic, "--compression-codec", codec];
    let marker = format!("null.marker={NULL}");
    for property in ["parse.headers=true", "parse.key=true", &marker] {
        words.extend(["--reader-property", property]);
    }
    let lines: String = records.iter().map(|record| console_line(record) + "\n").collect();
    well("ConsoleProducer", &words, &lines).map(|_| ())
}

/// `name:value,...`, key and value with tabs between them.
fn console_line(record: &Record) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| NULL.to_owned());
    let headers: Vec<String> =
        record.headers.iter().map(|(name, value)| format!("{name}:{}", text(value))).collect();
    format!("{}\t{}\t{}", headers.join(","), text(&record.key), text(&record.value))
}

fn console_consumes(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<Read>> {
    let (bootstrap, count) = (scene.broker.bootstrap(), count.to_string());
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", topic, "--from-beginning"];
    words.extend(["--max-messages", &count, "--timeout-ms", "30000"]);
    let literal = format!("null.literal={NULL}");
    for property in
        ["print.partition=true", "print.offset=true", "print.headers=true", "print.key=true", &literal]
    {
        words.extend(["--formatter-property", property]);
    }
    let said = tool("consumer.ConsoleConsumer", &words, "")?;
    let lines = said.out.lines().map(|line| parse_console(line).ok_or_else(|| format!("odd line {line:?}")));
    let read = lines.collect::<Result<Vec<Read>, String>>()?;
    same("records read to the end", said.err.contains(&format!("a total of {count} messages")), true)?;
    Ok(read)
}

/// A line as [`console_line`] writes it, with `Partition:` and `Offset:` before it.
fn parse_console(line: &str) -> Option<Read> {
    let parts: Vec<&str> = line.split('\t').collect();
    let [partition, offset, headers, key, value] = parts[..] else { return None };
    let text = |text: &str| (text != NULL).then(|| text.to_owned());
    let pairs = headers.split(',').filter(|_| headers != "NO_HEADERS");
    let record = Record {
        partition: Some(partition.strip_prefix("Partition:")?.parse().ok()?),
        key: text(key),
        value: text(value),
        headers: pairs
            .map(|pair| pair.split_once(':').map(|(name, value)| (name.to_owned(), text(value))))
            .collect::<Option<_>>()?,
    };
    Some((offset.strip_prefix("Offset:")?.parse().ok()?, record))
}

/// Runs the program that speaks for our crates.
fn crates(scene: &Scene, command: &str, mut order: Value, input: &str) -> Outcome<String> {
    order["bootstrap"] = json!(scene.broker.bootstrap());
    ours(&scene.programs.client, &[command, &order.to_string()], input)
}

fn crates_produce(scene: &Scene, topic: &str, codec: &str, records: &[Record]) -> Outcome {
    let lines: String = records.iter().map(|record| format!("{}\n", record.to_json())).collect();
    let said = crates(scene, "produce", json!({"topic": topic, "codec": codec}), &lines)?;
    let last: Value = serde_json::from_str(said.lines().last().unwrap_or_default())?;
    same("records acknowledged", last["written"].as_u64(), Some(u64::try_from(records.len())?))
}

fn crates_consume(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<Read>> {
    let partitions: Vec<u32> = (0..PARTITIONS).collect();
    let order = json!({"topic": topic, "partitions": partitions, "count": count});
    parse_all(&crates(scene, "consume", order, "")?, Record::from_json)
}

fn command_produces(scene: &Scene, topic: &str, codec: &str, records: &[Record]) -> Outcome {
    let line = |record: &Record| {
        let headers: Vec<Value> =
            record.headers.iter().flat_map(|(name, value)| [json!(name), json!(value)]).collect();
        format!("{}\n", json!({"key": record.key, "payload": record.value, "headers": headers}))
    };
    let bootstrap = scene.broker.bootstrap();
    let words = ["produce", topic, "--json", "--codec", codec, "--bootstrap", &bootstrap];
    let lines: String = records.iter().map(line).collect();
    ours(&scene.programs.ottla, &words, &lines).map(|_| ())
}

fn command_consumes(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<Read>> {
    let (bootstrap, count) = (scene.broker.bootstrap(), count.to_string());
    let words = ["consume", topic, "--json", "--count", &count, "--bootstrap", &bootstrap];
    parse_all(&ours(&scene.programs.ottla, &words, "")?, parse_command)
}

fn parse_command(said: &Value) -> Option<Read> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let headers = said["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let record = Record {
        partition: Some(i32::try_from(said["partition"].as_i64()?).ok()?),
        key: text(&said["key"]),
        value: text(&said["payload"]),
        headers: headers
            .chunks(2)
            .map(|pair| Some((text(&pair[0])?, text(pair.get(1)?))))
            .collect::<Option<_>>()?,
    };
    Some((said["offset"].as_i64()?, record))
}

fn parse_all(said: &str, parse: impl Fn(&Value) -> Option<Read>) -> Outcome<Vec<Read>> {
    let line = |line: &str| -> Outcome<Read> {
        Ok(parse(&serde_json::from_str(line)?).ok_or_else(|| format!("odd line {line:?}"))?)
    };
    said.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_console_prints_is_what_it_was_told() {
        for (number, record) in sample("a test").into_iter().enumerate() {
            let partition = Some(2);
            let line = format!("Partition:2\tOffset:{number}\t{}", console_line(&record));
            let wanted = Record { partition, ..record };
            assert_eq!(parse_console(&line), Some((number as i64, wanted)), "{line}");
        }
    }

    #[test]
    fn a_record_without_headers_is_told_by_the_console() {
        let (offset, record) =
            parse_console("Partition:0\tOffset:7\tNO_HEADERS\tNULL\tvalue").expect("a line");
        assert_eq!((offset, record.key, record.headers), (7, None, Vec::new()));
    }

    #[test]
    fn a_line_of_another_shape_is_no_record() {
        for line in
            ["", "value", "Partition:0\tOffset:7\tNO_HEADERS\tkey", "Partition:x\tOffset:7\th:1\tk\tv"]
        {
            assert_eq!(parse_console(line), None, "{line:?}");
        }
    }

    fn read(partition: i32, offset: i64, key: &str, value: &str) -> Read {
        (offset, Record::new(Some(partition), key, value))
    }

    fn written(key: &str, value: &str) -> Record {
        Record::new(None, key, value)
    }

    #[test]
    fn what_differs_from_what_was_written_is_noticed() {
        let sent = [written("a", "1"), written("b", "2"), written("a", "3")];
        let good = [read(0, 0, "a", "1"), read(1, 0, "b", "2"), read(0, 1, "a", "3")];
        assert!(check("good", &good, &sent).is_ok());
        let bad: [&[Read]; 5] = [
            &[read(0, 0, "a", "1"), read(1, 0, "b", "2")],
            &[read(0, 0, "a", "3"), read(1, 0, "b", "2"), read(0, 1, "a", "1")],
            &[read(0, 0, "a", "1"), read(1, 0, "b", "2"), read(1, 1, "a", "3")],
            &[read(0, 0, "a", "1"), read(1, 0, "b", "2"), read(0, 2, "a", "3")],
            &[read(0, 0, "a", "1"), read(1, 0, "b", "2"), read(0, 1, "a", "x")],
        ];
        for read in bad {
            assert!(check("bad", read, &sent).is_err(), "{read:?}");
        }
    }
}
