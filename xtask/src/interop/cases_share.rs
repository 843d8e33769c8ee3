//! Kafka's own tools of share groups (KIP-932): consumers that share a partition, and the command about them.

use super::cases_groups::line;
use super::cases_tools::well;
use super::programs::{kcat, tool};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const CASES: &[Case] = &[
    Case { name: "ConsoleShareConsumer goes on where it stopped", run: console },
    Case { name: "ShareGroupCommand lists, describes, resets, deletes", run: command },
    Case { name: "VerifiableProducer and VerifiableShareConsumer", run: verifiable },
];

/// Writes so many lines to the one partition of a new topic, and has the group `topic-group` read it from its begin.
fn write(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<String>> {
    create(scene, topic, 1)?;
    let lines: Vec<String> = (0..count).map(|number| format!("line-{number:03}")).collect();
    kcat(&scene.broker.bootstrap(), &["-P", "-t", topic], &lines.join("\n"))?;
    let (bootstrap, group) = (scene.broker.bootstrap(), format!("{topic}-group"));
    let words = ["--bootstrap-server", &bootstrap, "--alter", "--entity-type", "groups"];
    let set = ["--entity-name", &group, "--add-config", "share.auto.offset.reset=earliest"];
    let said = tool("kafka.admin.ConfigCommand", &[&words[..], &set].concat(), "")?;
    holds("ConfigCommand", &format!("{}{}", said.out, said.err), "Completed updating config")?;
    Ok(lines)
}

/// Reads so many records as a member of the group `topic-group`.
fn read(scene: &Scene, topic: &str, count: usize) -> Outcome<Vec<String>> {
    let (bootstrap, group, count) = (scene.broker.bootstrap(), format!("{topic}-group"), count.to_string());
    let words = ["--bootstrap-server", &bootstrap, "--topic", topic, "--group", &group];
    let until = ["--max-messages", &count, "--timeout-ms", "30000"];
    let said = tool("consumer.ConsoleShareConsumer", &[&words[..], &until].concat(), "")?;
    if said.well && said.err.contains(&format!("Processed a total of {count} messages")) {
        return Ok(said.out.lines().map(str::to_owned).collect());
    }
    Err(format!("ConsoleShareConsumer {topic}:\n{}\n{}", said.err, said.out).into())
}

fn group(scene: &Scene, words: &[&str]) -> Outcome<String> {
    let bootstrap = scene.broker.bootstrap();
    let all: Vec<&str> =
        ["--bootstrap-server", &bootstrap].into_iter().chain(words.iter().copied()).collect();
    let said = tool("consumer.group.ShareGroupCommand", &all, "")?;
    Ok(format!("{}{}", said.out, said.err))
}

fn console(scene: &mut Scene) -> Outcome {
    let wanted = write(scene, "share-console", 20)?;
    let mut got = read(scene, "share-console", 8)?;
    got.extend(read(scene, "share-console", 12)?);
    got.sort();
    same("what the two read", got, wanted)
}

fn command(scene: &mut Scene) -> Outcome {
    let (topic, name) = ("share-command", "share-command-group");
    write(scene, topic, 10)?;
    read(scene, topic, 6)?;
    let told = line("--describe", &group(scene, &["--describe", "--group", name])?, &[name, topic, "0"])?;
    same("start offset and lag", told[3..5].join(" ").as_str(), "6 4")?;
    let state = line("--list --state", &group(scene, &["--list", "--state"])?, &[name])?;
    same("the state that --list tells", state[1].as_str(), "Empty")?;
    let reset = ["--reset-offsets", "--group", name, "--topic", topic, "--to-earliest", "--execute"];
    line("--reset-offsets", &group(scene, &reset)?, &[name, topic, "0", "0"])?;
    let told = line("--describe", &group(scene, &["--describe", "--group", name])?, &[name, topic, "0"])?;
    same("start offset and lag after the reset", told[3..5].join(" ").as_str(), "0 10")?;
    let deleted = group(scene, &["--delete-offsets", "--group", name, "--topic", topic])?;
    line("--delete-offsets", &deleted, &[topic, "Successful"])?;
    holds("--delete", &group(scene, &["--delete", "--group", name])?, "was successful")?;
    let left = group(scene, &["--list"])?;
    same("groups that are left", left.lines().filter(|line| line.trim() == name).count(), 0)
}

fn verifiable(scene: &mut Scene) -> Outcome {
    create(scene, "share-verifiable", 2)?;
    let bootstrap = scene.broker.bootstrap();
    let topic = ["--bootstrap-server", &bootstrap, "--topic", "share-verifiable"];
    let said = well("VerifiableProducer", &[&topic[..], &["--max-messages", "500"]].concat(), "")?;
    holds("VerifiableProducer", &said, "\"sent\":500,\"acked\":500")?;
    let group = ["--group-id", "share-verifiable-group", "--max-messages", "500"];
    let how = ["--offset-reset-strategy", "earliest", "--acknowledgement-mode", "sync"];
    let said = well("VerifiableShareConsumer", &[&topic[..], &group, &how].concat(), "")?;
    let events: Vec<Value> = said.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut accepted = BTreeSet::new();
    for event in events.iter().filter(|event| event["name"] == "offsets_acknowledged") {
        same("an acknowledgement", &event["success"], &Value::Bool(true))?;
        for partition in event["partitions"].as_array().into_iter().flatten() {
            for offset in partition["offsets"].as_array().into_iter().flatten() {
                let is_new = accepted.insert((partition["partition"].to_string(), offset.to_string()));
                same(&format!("{partition}: {offset} is accepted once"), is_new, true)?;
            }
        }
    }
    same("records accepted", accepted.len(), 500)
}
