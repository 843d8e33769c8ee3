//! Kafka's own tools that need consumer groups, and those that measure or verify what is read.

use super::cases_tools::well;
use super::programs::{kcat, start_kcat, tool};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const CASES: &[Case] = &[
    Case { name: "ConsoleConsumer in a group goes on where it stopped", run: console },
    Case { name: "ConsumerGroupCommand lists, describes, resets, deletes", run: command },
    Case { name: "ConsumerGroupCommand sees members, and resets nothing under them", run: members },
    Case { name: "VerifiableProducer and VerifiableConsumer, every codec", run: verifiable },
    Case { name: "ProducerPerformance and ConsumerPerformance, every codec", run: performance },
    Case { name: "EndToEndLatency, every codec", run: latency },
];

/// Writes lines with the numbers of a range to each of two partitions.
pub(super) fn write(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<String>> {
    create(scene, topic, 2)?;
    let mut all = Vec::new();
    for partition in ["0", "1"] {
        let lines: Vec<String> = (0..count).map(|number| format!("{partition}-{number}")).collect();
        kcat(&scene.broker.bootstrap(), &["-P", "-t", topic, "-p", partition], &lines.join("\n"))?;
        all.extend(lines);
    }
    all.sort();
    Ok(all)
}

/// Reads so many records as a member of the group `topic-group`.
pub(super) fn read(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<String>> {
    let (bootstrap, group, count) = (scene.broker.bootstrap(), format!("{topic}-group"), count.to_string());
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", topic, "--group", &group];
    words.extend(["--from-beginning", "--max-messages", &count, "--timeout-ms", "30000"]);
    let said = tool("consumer.ConsoleConsumer", &words, "")?;
    if said.well && said.err.contains(&format!("Processed a total of {count} messages")) {
        return Ok(said.out.lines().map(str::to_owned).collect());
    }
    Err(format!("ConsoleConsumer {}:\n{}\n{}", words.join(" "), said.err, said.out).into())
}

fn console(scene: &mut Scene) -> Outcome {
    let wanted = write(scene, "console-group", 20)?;
    let mut got = read(scene, "console-group", 15)?;
    got.extend(read(scene, "console-group", 25)?);
    got.sort();
    same("what the two read", got, wanted)
}

/// Runs ConsumerGroupCommand to its end, for all that it says.
pub(super) fn group(scene: &Scene, words: &[&str]) -> Outcome<String> {
    let bootstrap = scene.broker.bootstrap();
    let all: Vec<&str> =
        ["--bootstrap-server", &bootstrap].into_iter().chain(words.iter().copied()).collect();
    let said = tool("consumer.group.ConsumerGroupCommand", &all, "")?;
    Ok(format!("{}{}", said.out, said.err))
}

/// The words of the line of a table that begins with these.
pub(super) fn line(what: &str, text: &str, begin: &[&str]) -> Outcome<Vec<String>> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines.into_iter().find(|words| words.starts_with(begin));
    let found = found.ok_or_else(|| format!("{what} has no line {begin:?}:\n{text}"))?;
    Ok(found.into_iter().map(str::to_owned).collect())
}

fn command(scene: &mut Scene) -> Outcome {
    let (topic, name) = ("command", "command-group");
    write(scene, topic, 10)?;
    read(scene, topic, 20)?;
    let state = line("--list --state", &group(scene, &["--list", "--state"])?, &[name])?;
    same("the state that --list tells", state[1].as_str(), "Empty")?;
    let described = group(scene, &["--describe", "--group", name])?;
    for partition in ["0", "1"] {
        let told = line("--describe", &described, &[name, topic, partition])?;
        same("committed offset, end and lag", told[3..6].join(" ").as_str(), "10 10 0")?;
    }
    let described = group(scene, &["--describe", "--group", name, "--state"])?;
    let told = line("--describe --state", &described, &[name])?;
    same("the state that --describe tells", told.contains(&"Empty".to_owned()), true)?;

    let reset = ["--reset-offsets", "--group", name, "--topic", topic];
    let told = group(scene, &[&reset[..], &["--shift-by", "-4", "--execute"]].concat())?;
    same("reset by -4", line("--reset-offsets", &told, &[name, topic, "1"])?[3].as_str(), "6")?;
    let told =
        group(scene, &[&reset[..], &["--to-datetime", "2096-01-01T00:00:00.000", "--dry-run"]].concat())?;
    same("reset to a time to come", line("--reset-offsets", &told, &[name, topic, "1"])?[3].as_str(), "10")?;
    let got = read(scene, topic, 8)?;
    same("read from the offsets that were set", got.contains(&"1-6".to_owned()), true)?;

    let told = group(scene, &["--delete-offsets", "--group", name, "--topic", "command:1"])?;
    same("--delete-offsets", line("--delete-offsets", &told, &[topic, "1"])?[2].as_str(), "Successful")?;
    let described = group(scene, &["--describe", "--group", name])?;
    same("an offset that is gone is told", line("", &described, &[name, topic, "1"]).is_err(), true)?;
    holds("--delete", &group(scene, &["--delete", "--group", name])?, "was successful")?;
    let listed = group(scene, &["--list"])?;
    same("listed after --delete", listed.lines().any(|line| line.trim() == name), false)?;
    holds("a second --delete", &group(scene, &["--delete", "--group", name])?, "GroupIdNotFoundException")
}

fn members(scene: &mut Scene) -> Outcome {
    let (topic, name) = ("watched", "watched-group");
    let mut lines = write(scene, topic, 10)?;
    let settings = ["-X", "auto.offset.reset=earliest", "-X", "client.id=watched-member", "-u", "-c", "21"];
    let member = start_kcat(&scene.broker.bootstrap(), &[&settings[..], &["-G", name, topic]].concat(), "")?;
    // It has joined once it shows up with both partitions.
    let told = loop {
        let told = group(scene, &["--describe", "--group", name, "--members", "--verbose"])?;
        if member.has_ended() {
            return Err(format!("kcat has left the group:\n{told}").into());
        }
        if told.contains(":0,1") {
            break told;
        }
    };
    holds("--members", &told, "watched-member")?;
    let told = group(scene, &["--describe", "--group", name, "--state"])?;
    let told = line("--state", &told, &[name])?;
    same("the state of a group with a member", told.contains(&"Stable".to_owned()), true)?;
    let reset = ["--reset-offsets", "--group", name, "--all-topics", "--to-earliest", "--execute"];
    holds(
        "--reset-offsets under a member",
        &group(scene, &reset)?,
        "is inactive, but the current state is Stable",
    )?;
    holds(
        "--delete under a member",
        &group(scene, &["--delete", "--group", name])?,
        "GroupNotEmptyException",
    )?;
    kcat(&scene.broker.bootstrap(), &["-P", "-t", topic, "-p", "0"], "last\n")?;
    let mut got: Vec<String> = member.well()?.lines().map(str::to_owned).collect();
    got.sort();
    lines.push("last".to_owned());
    same("what the member read", got, lines)
}

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// A file of settings for a tool that takes them from nowhere else: the codec.
fn settings(scene: &Scene, codec: &str) -> Outcome<String> {
    let path = scene.broker.data().with_file_name(format!("{codec}.properties"));
    std::fs::write(&path, format!("compression.type={codec}\n"))?;
    Ok(path.display().to_string())
}

/// Each codec's records have keys and a prefix of their own; a null key and a null value come from kcat.
fn verifiable(scene: &mut Scene) -> Outcome {
    create(scene, "verifiable", 2)?;
    let bootstrap = scene.broker.bootstrap();
    let topic = ["--bootstrap-server", &bootstrap, "--topic", "verifiable"];
    let mut wanted = BTreeSet::new();
    for (number, codec) in CODECS.iter().enumerate() {
        let (prefix, file) = (number.to_string(), settings(scene, codec)?);
        let words = ["--max-messages", "200", "--acks", "-1", "--repeating-keys", "7"];
        let codec = ["--value-prefix", &prefix, "--command-config", &file];
        let said = well("VerifiableProducer", &[&topic[..], &words, &codec].concat(), "")?;
        holds("VerifiableProducer", &said, "\"sent\":200,\"acked\":200")?;
        wanted.extend((0..200).map(|value| format!("\"{}\": \"{number}.{value}\"", value % 7)));
    }
    kcat(&bootstrap, &["-P", "-t", "verifiable", "-K", ":", "-Z"], "gone:\n:no key\n")?;
    wanted.extend(["\"gone\": null".to_owned(), "null: \"no key\"".to_owned()]);

    let group = ["--group-id", "verifiable-group", "--session-timeout", "10000", "--verbose"];
    let count = wanted.len().to_string();
    let words = [&topic[..], &group, &["--max-messages", &count]].concat();
    let said = well("VerifiableConsumer", &words, "")?;
    let events: Vec<Value> = said.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let named = |name: &'static str| events.iter().filter(move |event| event["name"] == name);
    same("records read", named("record_data").count(), wanted.len())?;
    let read = named("record_data").map(|event| format!("{}: {}", event["key"], event["value"]));
    same("keys and values", read.collect(), wanted)?;
    same(
        "commits that failed",
        named("offsets_committed").filter(|event| event["success"] != true).count(),
        0,
    )?;
    same("commits", named("offsets_committed").count() > 0, true)
}

fn performance(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    for codec in CODECS {
        let topic = format!("consumer-performance-{codec}");
        create(scene, &topic, 4)?;
        let words = ["--bootstrap-server", &bootstrap, "--topic", &topic, "--num-records", "20000"];
        let setting = format!("compression.type={codec}");
        let write = ["--record-size", "1000", "--throughput", "-1", "--command-property", &setting];
        let said = well("ProducerPerformance", &[&words[..], &write].concat(), "")?;
        holds("ProducerPerformance", &said, "20000 records sent")?;
        let said = well("ConsumerPerformance", &[&words[..], &["--timeout", "30000"]].concat(), "")?;
        let fields: Vec<&str> = said.lines().last().unwrap_or_default().split(", ").collect();
        let count = fields.get(4).ok_or_else(|| format!("ConsumerPerformance says:\n{said}"))?;
        same(&format!("records read, {codec}"), *count, "20000")?;
    }
    Ok(())
}

fn latency(scene: &mut Scene) -> Outcome {
    create(scene, "latency", 2)?;
    let bootstrap = scene.broker.bootstrap();
    for codec in CODECS {
        let file = settings(scene, codec)?;
        let words = ["--bootstrap-server", &bootstrap, "--topic", "latency", "--num-records", "200"];
        let record = ["--producer-acks", "all", "--record-size", "100", "--record-key-size", "10"];
        let headers = ["--num-headers", "2", "--record-header-key-size", "5", "--record-header-size", "20"];
        let said = well(
            "EndToEndLatency",
            &[&words[..], &record, &headers, &["--command-config", &file]].concat(),
            "",
        )?;
        holds("EndToEndLatency", &said, "Percentiles: 50th = ")?;
    }
    Ok(())
}
