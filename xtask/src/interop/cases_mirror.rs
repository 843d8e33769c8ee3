//! Our command and our quickstart, against ottla and against a real Kafka, read and written on the other side by kcat.

use super::cases_groups;
use super::cases_tools::api_versions_by_ours;
use super::listening::Listening;
use super::programs::{kcat, ours, start};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a state may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) const ON_OTTLA: &[Case] = &[
    Case { name: "ottla topic creates, lists, describes, deletes", run: topics },
    Case { name: "ottla produce and ottla consume", run: both_ways },
    Case { name: "ottla cluster and BrokerApiVersionsCommand agree", run: api_versions_by_ours },
    Case { name: "ottla group and ConsumerGroupCommand agree", run: groups },
    Case { name: "ottla transactions lists, describes, finds, aborts, terminates", run: transactions },
    Case { name: "the quickstart", run: quickstart },
];

pub(super) const ON_KAFKA: &[Case] = &[
    Case { name: "ottla topic creates, lists, describes, deletes", run: topics },
    Case { name: "ottla produce, kcat reads, every codec", run: ours_to_kcat },
    Case { name: "kcat produces, ottla consume reads, every codec", run: kcat_to_ours },
    Case { name: "ottla produce and ottla consume", run: both_ways },
    Case { name: "ottla consume from an offset", run: from_offset },
    Case { name: "ottla cluster and BrokerApiVersionsCommand agree", run: api_versions_by_ours },
    Case { name: "ottla group and ConsumerGroupCommand agree", run: groups },
    Case { name: "ottla transactions lists, describes, finds, aborts, terminates", run: transactions },
    Case { name: "the quickstart, and kcat reads what it left", run: quickstart_and_kcat },
];

const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];

/// Runs our command with `--bootstrap`.
fn ottla(scene: &Scene, words: &[&str], input: &str) -> Outcome<String> {
    let bootstrap = scene.broker.bootstrap();
    let all: Vec<&str> = words.iter().copied().chain(["--bootstrap", &bootstrap]).collect();
    ours(&scene.programs.ottla, &all, input)
}

fn topics(scene: &mut Scene) -> Outcome {
    ottla(
        scene,
        &["topic", "create", "command-topic", "--partitions", "3", "--config", "max.message.bytes=5000"],
        "",
    )?;
    holds("topic list", &ottla(scene, &["topic", "list"], "")?, "command-topic")?;
    let described = ottla(scene, &["topic", "describe", "command-topic"], "")?;
    holds("topic describe", &described, "max.message.bytes=5000")?;
    let listing = kcat(&scene.broker.bootstrap(), &["-L", "-t", "command-topic"], "")?;
    holds("what kcat lists", &listing, "with 3 partitions")?;
    let bootstrap = scene.broker.bootstrap();
    let words = ["topic", "create", "command-topic", "--bootstrap", &bootstrap];
    let again = start(Command::new(&scene.programs.ottla).args(words), "")?.end()?;
    same("a second topic create ends well", again.well, false)?;
    holds("a second topic create", &again.err, "exists")?;
    ottla(scene, &["topic", "delete", "command-topic"], "")?;
    let left = ottla(scene, &["topic", "list"], "")?;
    same("listed after topic delete", left.contains("command-topic"), false)
}

fn ours_to_kcat(scene: &mut Scene) -> Outcome {
    for codec in CODECS {
        let topic = format!("ours-{codec}");
        create(scene, &topic, 1)?;
        let words =
            ["produce", &topic, "--compression", codec, "--key-separator", ":", "--header", "trace=a1"];
        let lines: String = (0..500).map(|number| format!("key-{number}:value {number}\n")).collect();
        ottla(scene, &words, &lines)?;
        let read = ["-C", "-t", &topic, "-o", "beginning", "-e", "-f", "%h %k:%s\n"];
        let got = kcat(&scene.broker.bootstrap(), &read, "")?;
        let wanted: String =
            (0..500).map(|number| format!("trace=a1 key-{number}:value {number}\n")).collect();
        same(codec, got, wanted)?;
    }
    Ok(())
}

fn kcat_to_ours(scene: &mut Scene) -> Outcome {
    for codec in CODECS {
        let topic = format!("theirs-{codec}");
        create(scene, &topic, 1)?;
        let lines: String = (0..500).map(|number| format!("key-{number}:value {number}\n")).collect();
        kcat(&scene.broker.bootstrap(), &["-P", "-t", &topic, "-K", ":", "-z", codec], &lines)?;
        let got = ottla(scene, &["consume", &topic, "--count", "500", "--format", "%k:%v"], "")?;
        same(codec, got, lines)?;
    }
    Ok(())
}

fn both_ways(scene: &mut Scene) -> Outcome {
    create(scene, "both-ways", 4)?;
    let lines: String = (0..1_000).map(|number| format!("line {number}\n")).collect();
    ottla(scene, &["produce", "both-ways"], &lines)?;
    let got = ottla(scene, &["consume", "both-ways", "--count", "1000"], "")?;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    same("lines", sorted(&got), sorted(&lines))
}

fn from_offset(scene: &mut Scene) -> Outcome {
    create(scene, "from-offset", 1)?;
    let lines: String = (0..10).map(|number| format!("{number}\n")).collect();
    kcat(&scene.broker.bootstrap(), &["-P", "-t", "from-offset"], &lines)?;
    let got = ottla(scene, &["consume", "from-offset", "--from", "7", "--count", "3"], "")?;
    same("lines", got.as_str(), "7\n8\n9\n")
}

/// What one of the two does to a group, the other one sees; members of both go on where the other stopped.
fn groups(scene: &mut Scene) -> Outcome {
    let (topic, name) = ("group-verbs", "group-verbs-group");
    let mut written = cases_groups::write(scene, topic, 10)?;
    let consume = ["consume", topic, "--group", name, "--count"];
    let mut read = ottla(scene, &[&consume[..], &["15"]].concat(), "")?;
    let rest = cases_groups::read(scene, topic, 5)?;
    read.extend(rest.iter().map(|line| format!("{line}\n")));
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    same("what a member of each read", sorted(&read), written.drain(..).collect())?;
    agree(scene, topic, name, "10")?;
    holds("group list", &ottla(scene, &["group", "list"], "")?, name)?;

    ottla(scene, &["group", "reset", name, "--topic", topic, "--to-offset", "4", "--execute"], "")?;
    agree(scene, topic, name, "4")?;
    let reset = ["--reset-offsets", "--group", name, "--topic", topic, "--shift-by", "3", "--execute"];
    cases_groups::group(scene, &reset)?;
    agree(scene, topic, name, "7")?;
    let again = ottla(scene, &[&consume[..], &["6"]].concat(), "")?;
    let wanted = ["0-7", "0-8", "0-9", "1-7", "1-8", "1-9"].map(str::to_owned);
    same("read from the offsets that were set", sorted(&again), BTreeSet::from(wanted))?;

    ottla(scene, &["group", "delete-offsets", name, "--topic", "group-verbs:1"], "")?;
    let described = cases_groups::group(scene, &["--describe", "--group", name])?;
    same(
        "an offset that is gone is told",
        cases_groups::line("", &described, &[name, topic, "1"]).is_err(),
        true,
    )?;
    ottla(scene, &["group", "delete", name], "")?;
    let listed = cases_groups::group(scene, &["--list"])?;
    same("listed after group delete", listed.lines().any(|line| line.trim() == name), false)
}

/// Both say that the group has committed this offset in both partitions of 10 records.
fn agree(scene: &Scene, topic: &str, name: &str, offset: &str) -> Outcome {
    let described = cases_groups::group(scene, &["--describe", "--group", name])?;
    let ours: Value = serde_json::from_str(&ottla(scene, &["group", "describe", name, "--json"], "")?)?;
    for partition in [0, 1] {
        let told = cases_groups::line("--describe", &described, &[name, topic, &partition.to_string()])?;
        same("offset and end", [told[3].as_str(), told[4].as_str()], [offset, "10"])?;
        let mut places = ours[0]["offsets"].as_array().into_iter().flatten();
        let place = places.find(|place| place["partition"] == partition);
        let place = place.ok_or_else(|| format!("partition {partition} is not in {ours}"))?;
        let told = [&place["offset"], &place["end"]].map(Value::to_string);
        same("offset and end, as group describe says", told, [offset.to_owned(), "10".to_owned()])?;
    }
    Ok(())
}

/// Records that the quickstart moves here: enough for many batches on every partition.
const RECORDS: usize = 200_000;

fn quickstart(scene: &mut Scene) -> Outcome {
    let (bootstrap, records) = (scene.broker.bootstrap(), RECORDS.to_string());
    let words =
        ["--bootstrap", &bootstrap, "--records", &records, "--partitions", "4", "--topic", "quickstart"];
    ours(&scene.programs.quickstart, &words, "").map(|_| ())
}

fn quickstart_and_kcat(scene: &mut Scene) -> Outcome {
    quickstart(scene)?;
    let count = RECORDS.to_string();
    let words = ["-C", "-t", "quickstart", "-o", "beginning", "-c", &count, "-f", "%S\n"];
    let got = kcat(&scene.broker.bootstrap(), &words, "")?;
    same("records of 100 bytes", got.lines().filter(|line| *line == "100").count(), RECORDS)
}

/// Our producer holds a transaction open; the command sees it from all sides, and ends it.
fn transactions(scene: &mut Scene) -> Outcome {
    create(scene, "held", 1)?;
    let mut program = Command::new(&scene.programs.ottla);
    program.args([
        "produce",
        "held",
        "--transactional-id",
        "holder",
        "--bootstrap",
        &scene.broker.bootstrap(),
    ]);
    let mut holding = Listening::to("holder", &program, &scene.broker.data().with_file_name("holder"))?;
    holding.say("one\n")?;
    let told = |words: &[&str]| -> Outcome<Value> {
        Ok(serde_json::from_str(&ottla(scene, &[&["transactions"], words, &["--json"]].concat(), "")?)?)
    };
    let start = || -> Outcome<Value> { Ok(told(&["producers", "held"])?[0]["start_offset"].clone()) };
    let deadline = Instant::now() + PATIENCE;
    while start()? != 0 {
        same("a transaction begins in time", Instant::now() < deadline, true)?;
    }
    let state = || -> Outcome<Value> {
        let listed = told(&["list"])?;
        let mut listed = listed.as_array().into_iter().flatten();
        Ok(listed.find(|listed| listed["id"] == "holder").map_or(Value::Null, |found| found["state"].clone()))
    };
    same("the state that list tells", state()?.as_str(), Some("Ongoing"))?;
    let described = told(&["describe", "holder"])?;
    same("the state that describe tells", described[0]["state"].as_str(), Some("Ongoing"))?;
    same("its topic", described[0]["partitions"][0]["topic"].as_str(), Some("held"))?;
    let hanging = told(&["find-hanging", "--topic", "held", "--max-transaction-timeout", "0"])?;
    same("transactions that hang", hanging, Value::Array(Vec::new()))?;

    // Records behind an open transaction wait for its end.
    kcat(&scene.broker.bootstrap(), &["-P", "-t", "held", "-p", "0"], "behind\n")?;
    let committed = || {
        let words =
            ["-C", "-t", "held", "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed"];
        kcat(&scene.broker.bootstrap(), &words, "")
    };
    same("what is committed", committed()?.as_str(), "")?;
    let abort = ["transactions", "abort", "--topic", "held", "--partition", "0", "--start-offset", "0"];
    ottla(scene, &abort, "")?;
    same("what is committed after an abort", committed()?.as_str(), "behind\n")?;
    same("a transaction after its abort", start()?, Value::Null)?;
    ottla(scene, &["transactions", "terminate", "holder"], "")?;
    let deadline = Instant::now() + PATIENCE;
    while state()? == "Ongoing" {
        same("it ends in time", Instant::now() < deadline, true)?;
    }
    holding.kill()
}
