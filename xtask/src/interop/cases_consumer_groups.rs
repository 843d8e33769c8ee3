//! Kafka's own tools and groups of the new protocol (KIP-848): tools that join them, and those that tell of them.

use super::cases_groups::{group, line, write};
use super::cases_tools::well;
use super::listening::Listening;
use super::programs::{kcat, tool};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const CASES: &[Case] = &[
    Case { name: "ConsoleConsumer of the new protocol goes on where it stopped", run: console },
    Case { name: "VerifiableConsumer of the new protocol reads each record once", run: verifiable },
    Case { name: "ConsoleConsumer in a rack is a member of both protocols", run: racks },
    Case { name: "ConsumerGroupCommand and GroupsCommand tell of a group of the new protocol", run: told },
];

/// Starts a console consumer of the new protocol in the group `topic-group`.
fn start(scene: &Scene, topic: &str, count: usize) -> Outcome<Listening> {
    start_with(scene, topic, count, &["group.protocol=consumer"])
}

/// The same with these properties.
fn start_with(scene: &Scene, topic: &str, count: usize, properties: &[&str]) -> Outcome<Listening> {
    let (bootstrap, group, count) = (scene.broker.bootstrap(), format!("{topic}-group"), count.to_string());
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", topic, "--group", &group];
    words.extend(["--from-beginning", "--max-messages", &count, "--timeout-ms", "60000"]);
    words.extend(properties.iter().flat_map(|property| ["--command-property", property]));
    let folder = scene.broker.data().with_file_name("consumer-groups");
    Listening::start("consumer.ConsoleConsumer", &words, &folder)
}

fn console(scene: &mut Scene) -> Outcome {
    let topic = "console-consumer-protocol";
    let wanted = write(scene, topic, 20)?;
    let mut got = start(scene, topic, 15)?.end()?;
    same("what the first read", got.len(), 15)?;
    got.extend(start(scene, topic, 25)?.end()?);
    got.sort();
    same("what the two read", got, wanted)
}

/// No assignor of Kafka 4.3 on the server looks at racks, and one node has one. Members say theirs all the same: they are
/// served, one after the other, and what they said is kept.
fn racks(scene: &mut Scene) -> Outcome {
    let topic = "racks";
    let wanted = write(scene, topic, 20)?;
    let range = "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor";
    let mut got = Vec::new();
    for (rack, count, how) in
        [("r1", 10, "group.protocol=consumer"), ("r2", 12, range), ("r3", 18, "group.protocol=consumer")]
    {
        let read = start_with(scene, topic, count, &[&format!("client.rack={rack}"), how])?.end()?;
        same(&format!("what the member in {rack} read"), read.len(), count)?;
        got.extend(read);
    }
    got.sort();
    same("what all of them read", got, wanted)?;
    let mut kept = BTreeSet::new();
    for partition in std::fs::read_dir(scene.broker.data())? {
        let log = partition?.path().join("00000000000000000000.log");
        let log = log.to_string_lossy();
        if log.contains("__consumer_offsets-") && std::fs::metadata(&*log)?.len() > 0 {
            let told = well("DumpLogSegments", &["--offsets-decoder", "--files", &log], "")?;
            kept.extend(
                ["r1", "r3"].into_iter().filter(|rack| told.contains(&format!("\"rackId\":\"{rack}\""))),
            );
        }
    }
    same("racks that are kept", kept, BTreeSet::from(["r1", "r3"]))
}

fn verifiable(scene: &mut Scene) -> Outcome {
    create(scene, "verifiable-consumer-protocol", 2)?;
    let bootstrap = scene.broker.bootstrap();
    let topic = ["--bootstrap-server", &bootstrap, "--topic", "verifiable-consumer-protocol"];
    let said = well("VerifiableProducer", &[&topic[..], &["--max-messages", "500"]].concat(), "")?;
    holds("VerifiableProducer", &said, "\"sent\":500,\"acked\":500")?;
    let group = ["--group-id", "verifiable-consumer-protocol-group", "--group-protocol", "consumer"];
    let how = ["--group-remote-assignor", "range", "--max-messages", "500", "--verbose"];
    let said = well("VerifiableConsumer", &[&topic[..], &group, &how].concat(), "")?;
    let events: Vec<Value> = said.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let named = |name: &'static str| events.iter().filter(move |event| event["name"] == name);
    let read: BTreeSet<String> = named("record_data").map(|event| event["value"].to_string()).collect();
    same("records read, and of them different ones", (named("record_data").count(), read.len()), (500, 500))?;
    let failed = named("offsets_committed").filter(|event| event["success"] != true).count();
    same("commits that failed", failed, 0)
}

/// What the commands say while a member is there, and after it has left.
fn told(scene: &mut Scene) -> Outcome {
    let (topic, name) = ("told-consumer-protocol", "told-consumer-protocol-group");
    write(scene, topic, 10)?;
    let mut member = start(scene, topic, 21)?;
    member.until("all that is there", |said| said.len() == 20)?;
    let members = group(scene, &["--describe", "--group", name, "--members", "--verbose"])?;
    let words = line("--members", &members, &[name])?;
    holds("--members", &members, "CURRENT-EPOCH")?;
    holds("--members", &members, &format!("{topic}:0,1"))?;
    same("partitions of the member", words.contains(&"2".to_owned()), true)?;
    let state = group(scene, &["--describe", "--group", name, "--state", "--verbose"])?;
    holds("--state", &state, "TARGET-ASSIGNMENT-EPOCH")?;
    let words = line("--state", &state, &[name])?;
    for wanted in ["uniform", "Stable"] {
        same(&format!("{wanted} in --state"), words.contains(&wanted.to_owned()), true)?;
    }
    let reset = ["--reset-offsets", "--group", name, "--all-topics", "--to-earliest", "--execute"];
    holds("--reset-offsets", &group(scene, &reset)?, "is inactive, but the current state is Stable")?;
    holds("--delete", &group(scene, &["--delete", "--group", name])?, "GroupNotEmptyException")?;
    let bootstrap = scene.broker.bootstrap();
    let listed = ["--bootstrap-server", &bootstrap, "--list", "--group-type", "consumer"];
    let listed = tool("GroupsCommand", &listed, "")?.out;
    same("GroupsCommand --list", line("", &listed, &[name])?[1..].join(" ").as_str(), "Consumer consumer")?;
    let listed = group(scene, &["--list", "--type", "consumer", "--state", "stable"])?;
    line("--list", &listed, &[name])?;
    kcat(&bootstrap, &["-P", "-t", topic, "-p", "0"], "last\n")?;
    same("records read", member.end()?.len(), 21)?;
    let described = group(scene, &["--describe", "--group", name])?;
    for (partition, end) in [("0", "11 11 0"), ("1", "10 10 0")] {
        let words = line("--describe", &described, &[name, topic, partition])?;
        same("committed offset, end and lag", words[3..6].join(" ").as_str(), end)?;
    }
    let words = line("--list --state", &group(scene, &["--list", "--state"])?, &[name])?;
    same("the state of a group without members", words[1].as_str(), "Empty")?;
    let words = ["--delete-offsets", "--group", name, "--topic", &format!("{topic}:1")];
    same("--delete-offsets", line("", &group(scene, &words)?, &[topic, "1"])?[2].as_str(), "Successful")?;
    holds("--delete", &group(scene, &["--delete", "--group", name])?, "was successful")?;
    holds("a second --delete", &group(scene, &["--delete", "--group", name])?, "GroupIdNotFoundException")
}
