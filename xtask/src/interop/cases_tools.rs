//! Kafka's own tools, which are its Java client: topics, console, performance, offsets, versions.

use super::programs::{kcat, ours, tool};
use super::{Case, Scene, api_table, create, holds, same};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) const CASES: &[Case] = &[
    Case { name: "BrokerApiVersionsCommand finds every API, in Kafka's versions", run: api_versions },
    Case { name: "TopicCommand creates, lists, describes, alters, deletes", run: topics },
    Case { name: "ConsoleProducer and ConsoleConsumer, no codec", run: |scene| console(scene, "none") },
    Case { name: "ConsoleProducer and ConsoleConsumer, gzip", run: |scene| console(scene, "gzip") },
    Case { name: "ConsoleProducer and ConsoleConsumer, snappy", run: |scene| console(scene, "snappy") },
    Case { name: "ConsoleProducer and ConsoleConsumer, lz4", run: |scene| console(scene, "lz4") },
    Case { name: "ConsoleProducer and ConsoleConsumer, zstd", run: |scene| console(scene, "zstd") },
    Case { name: "ConsoleProducer before, ConsoleConsumer after a restart", run: restart },
    Case { name: "kcat produces, ConsoleConsumer reads from an offset", run: kcat_to_console },
    Case {
        name: "ProducerPerformance, acks all, idempotent",
        run: |scene| performance(scene, "all", "none"),
    },
    Case { name: "ProducerPerformance, acks 1, lz4", run: |scene| performance(scene, "1", "lz4") },
    Case { name: "ProducerPerformance, acks 0", run: |scene| performance(scene, "0", "none") },
    Case { name: "GetOffsetShell tells earliest, latest, of a timestamp, maximum", run: offsets },
];

/// Runs a tool to its end and fails when it does, or when it complains.
pub(super) fn well(class: &str, words: &[&str], input: &str) -> Outcome<String> {
    let said = tool(class, words, input)?;
    let complains = ["ERROR", "Exception", "WARN"].iter().any(|word| said.err.contains(word));
    if said.well && !complains {
        return Ok(said.out);
    }
    Err(format!("{class} {}:\n{}\n{}", words.join(" "), said.err, said.out).into())
}

/// The APIs that a broker advertises as Kafka's own tool reads them, by `Name(key)`, and the versions of each.
///
/// One that the tool does not find usable is among them with what it says of it; one that is not advertised is not.
fn advertised(scene: &Scene) -> Outcome<BTreeMap<String, String>> {
    let text = well("BrokerApiVersionsCommand", &["--bootstrap-server", &scene.broker.bootstrap()], "")?;
    Ok(parse_versions(&text))
}

fn parse_versions(text: &str) -> BTreeMap<String, String> {
    let apis = text.lines().filter_map(|line| {
        let (api, said) = line.strip_prefix('\t')?.trim_end_matches(',').split_once(": ")?;
        let versions = match said.split_once(" [usable: ") {
            Some((versions, _)) => versions,
            None if said == "UNSUPPORTED" => return None,
            None => said,
        };
        Some((api.to_owned(), versions.to_owned()))
    });
    apis.collect()
}

fn api_versions(scene: &mut Scene) -> Outcome {
    let wanted = match scene.broker.kind() {
        Kind::Ottla => api_table::of_ottla(),
        Kind::Kafka => api_table::of_kafka(),
    };
    let listed = advertised(scene)?;
    for (api, versions) in &wanted {
        same(api, listed.get(api), Some(versions))?;
    }
    let more: Vec<_> = listed.keys().filter(|api| !wanted.contains_key(*api)).collect();
    same("what is advertised besides", more, Vec::new())
}

/// Our own command finds the same APIs and versions.
pub(super) fn api_versions_by_ours(scene: &mut Scene) -> Outcome {
    let words = ["cluster", "--versions", "--json", "--bootstrap", &scene.broker.bootstrap()];
    let said: Value = serde_json::from_str(&ours(&scene.programs.ottla, &words, "")?)?;
    let apis = said[0]["apis"].as_array().ok_or("no APIs are told")?.iter();
    let versions = |api: &Value| match (&api["min"], &api["max"]) {
        (min, max) if min == max => min.to_string(),
        (min, max) => format!("{min} to {max}"),
    };
    let told = apis.map(|api| {
        let name = api["api"].as_str().unwrap_or("UNKNOWN");
        (format!("{name}({})", api["key"]), versions(api))
    });
    same("APIs", told.collect(), advertised(scene)?)?;
    api_versions(scene)
}

fn topics(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let run = |words: &[&str]| {
        let mut all = vec!["--bootstrap-server", &bootstrap];
        all.extend(words);
        well("TopicCommand", &all, "")
    };
    let config = ["--config", "max.message.bytes=5000", "--config", "compression.type=producer"];
    let create: Vec<&str> =
        ["--create", "--topic", "tool-topic", "--partitions", "3"].into_iter().chain(config).collect();
    holds("--create", &run(&create)?, "Created topic tool-topic.")?;
    let again =
        tool("TopicCommand", &["--bootstrap-server", &bootstrap, "--create", "--topic", "tool-topic"], "")?;
    holds("a second --create", &format!("{}{}", again.out, again.err), "already exists")?;
    let bad =
        tool("TopicCommand", &["--bootstrap-server", &bootstrap, "--create", "--topic", "not/a/topic"], "")?;
    holds("--create with a bad name", &format!("{}{}", bad.out, bad.err), "not/a/topic")?;
    same("a bad name is accepted", bad.well, false)?;
    holds("--list", &run(&["--list"])?, "tool-topic\n")?;
    let described = run(&["--describe", "--topic", "tool-topic"])?;
    holds("--describe", &described, "PartitionCount: 3\tReplicationFactor: 1\t")?;
    holds("--describe", &described, "max.message.bytes=5000")?;
    same("partitions described", described.matches("Leader: 1").count(), 3)?;
    run(&["--alter", "--topic", "tool-topic", "--partitions", "5"])?;
    let described = run(&["--describe", "--topic", "tool-topic"])?;
    same("partitions after --alter", described.matches("Leader: 1").count(), 5)?;
    let words = ["--bootstrap-server", &bootstrap, "--alter", "--topic", "tool-topic", "--partitions", "4"];
    let fewer = tool("TopicCommand", &words, "")?;
    holds("--alter to fewer", &format!("{}{}", fewer.out, fewer.err), "currently has 5 partition")?;
    run(&["--delete", "--topic", "tool-topic"])?;
    let left = run(&["--list"])?;
    same("listed after --delete", left.lines().any(|line| line == "tool-topic"), false)
}

/// Words that make the console print everything about a record.
const PRINT: [&str; 8] = [
    "--formatter-property",
    "print.key=true",
    "--formatter-property",
    "print.headers=true",
    "--formatter-property",
    "print.offset=true",
    "--formatter-property",
    "null.literal=NULL",
];

fn consume(bootstrap: &str, topic: &str, partition: &str, offset: &str, count: usize) -> Outcome<String> {
    let count = count.to_string();
    let mut words = vec!["--bootstrap-server", bootstrap, "--topic", topic, "--partition", partition];
    words.extend(["--offset", offset, "--max-messages", &count, "--timeout-ms", "30000"]);
    words.extend(PRINT);
    let said = tool("consumer.ConsoleConsumer", &words, "")?;
    if said.well && said.err.contains(&format!("Processed a total of {count} messages")) {
        return Ok(said.out);
    }
    Err(format!("ConsoleConsumer {}:\n{}\n{}", words.join(" "), said.err, said.out).into())
}

fn produce(bootstrap: &str, topic: &str, codec: &str, input: &str) -> Outcome {
    let mut words = vec!["--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec];
    for property in ["parse.headers=true", "parse.key=true", "null.marker=NULL"] {
        words.extend(["--reader-property", property]);
    }
    well("ConsoleProducer", &words, input).map(|_| ())
}

fn console(scene: &mut Scene, codec: &str) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let topic = format!("console-{codec}");
    create(scene, &topic, 2)?;
    let mut input = String::from("a:1,b:2\tkey\tvalue with headers\na:1\tkey\tNULL\n");
    for number in 0..200 {
        input.push_str(&format!("n:{number}\tkey\tvalue {number}\n"));
    }
    produce(&bootstrap, &topic, codec, &input)?;
    // One key goes to one partition: Java's murmur2 says which.
    let latest = well("GetOffsetShell", &["--bootstrap-server", &bootstrap, "--topic", &topic], "")?;
    let partition = if latest.contains(&format!("{topic}:0:202")) { "0" } else { "1" };
    let got = consume(&bootstrap, &topic, partition, "earliest", 202)?;
    let mut wanted = String::from("Offset:0\ta:1,b:2\tkey\tvalue with headers\nOffset:1\ta:1\tkey\tNULL\n");
    for number in 0..200 {
        wanted.push_str(&format!("Offset:{}\tn:{number}\tkey\tvalue {number}\n", number + 2));
    }
    same("what was consumed", got, wanted)
}

fn restart(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "console-restart", 1)?;
    produce(&bootstrap, "console-restart", "lz4", "h:1\tkey\tbefore\n")?;
    scene.broker.stop()?;
    scene.broker.serve()?;
    produce(&bootstrap, "console-restart", "gzip", "h:2\tkey\tafter\n")?;
    let got = consume(&bootstrap, "console-restart", "0", "earliest", 2)?;
    same("what was consumed", got.as_str(), "Offset:0\th:1\tkey\tbefore\nOffset:1\th:2\tkey\tafter\n")
}

fn kcat_to_console(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "kcat-console", 2)?;
    let sent: String = (0..10).map(|number| format!("{number}\n")).collect();
    kcat(&bootstrap, &["-P", "-t", "kcat-console", "-p", "1", "-z", "zstd"], &sent)?;
    let got = consume(&bootstrap, "kcat-console", "1", "8", 2)?;
    let wanted = "Offset:8\tNO_HEADERS\tNULL\t8\nOffset:9\tNO_HEADERS\tNULL\t9\n";
    same("what was consumed", got.as_str(), wanted)
}

fn performance(scene: &mut Scene, acks: &str, codec: &str) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let topic = format!("performance-{acks}-{codec}");
    create(scene, &topic, 4)?;
    let settings = [format!("acks={acks}"), format!("compression.type={codec}")];
    let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", &topic, "--num-records", "50000"];
    words.extend(["--record-size", "1000", "--throughput", "-1"]);
    for setting in &settings {
        words.extend(["--command-property", setting]);
    }
    let said = well("ProducerPerformance", &words, "")?;
    let summary = said.lines().rev().find(|line| line.contains(" 50th")).unwrap_or_default();
    holds("the summary", summary, "50000 records sent")?;
    let got = kcat(&bootstrap, &["-C", "-t", &topic, "-o", "beginning", "-c", "50000", "-f", "%S\n"], "")?;
    same("records of 1,000 bytes", got.lines().filter(|line| *line == "1000").count(), 50_000)
}

fn offsets(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "shell-offsets", 2)?;
    kcat(&bootstrap, &["-P", "-t", "shell-offsets", "-p", "0"], "a\nb\nc\n")?;
    kcat(&bootstrap, &["-P", "-t", "shell-offsets", "-p", "1"], "d\n")?;
    let time = kcat(
        &bootstrap,
        &["-C", "-t", "shell-offsets", "-p", "0", "-o", "beginning", "-c", "1", "-f", "%T"],
        "",
    )?;
    let at = |time: &str| {
        let words = ["--bootstrap-server", &bootstrap, "--topic", "shell-offsets", "--time", time];
        well("GetOffsetShell", &words, "")
    };
    same("latest", at("-1")?.as_str(), "shell-offsets:0:3\nshell-offsets:1:1\n")?;
    same("earliest", at("-2")?.as_str(), "shell-offsets:0:0\nshell-offsets:1:0\n")?;
    holds("of the greatest timestamp", &at("-3")?, "shell-offsets:1:0\n")?;
    holds("of a timestamp", &at(&time)?, "shell-offsets:0:0\n")?;
    let far = at("4000000000000")?; // in the year 2096
    same("of a timestamp to come", far.contains("shell-offsets:0:3"), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_tool_prints_them() {
        let text = "127.0.0.1:9092 (id: 1 rack: null isFenced: false) -> (\n\tProduce(0): 0 to 13 [usable: 13],\n\t\
                    SaslHandshake(17): UNSUPPORTED,\n\tOffsetDelete(47): 0 [usable: 0],\n\t\
                    Vote(52): 0 to 1 [unusable: node too old],\n\tUNKNOWN(99): 0\n)\n";
        let read = parse_versions(text);
        let read: Vec<(&str, &str)> = read.iter().map(|(api, said)| (api.as_str(), said.as_str())).collect();
        assert_eq!(
            read,
            [
                ("OffsetDelete(47)", "0"),
                ("Produce(0)", "0 to 13"),
                ("UNKNOWN(99)", "0"),
                ("Vote(52)", "0 to 1 [unusable: node too old]"),
            ]
        );
    }
}
