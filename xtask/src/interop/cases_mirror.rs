//! Our command and our quickstart, against ottla and against a real Kafka, read and written on the other side by kcat.

use super::programs::{kcat, ours, start};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use std::process::Command;

pub(super) const ON_OTTLA: &[Case] = &[
    Case { name: "ottla topic creates, lists, describes, deletes", run: topics },
    Case { name: "ottla produce and ottla consume", run: both_ways },
    Case { name: "the quickstart", run: quickstart },
];

pub(super) const ON_KAFKA: &[Case] = &[
    Case { name: "ottla topic creates, lists, describes, deletes", run: topics },
    Case { name: "ottla produce, kcat reads, every codec", run: ours_to_kcat },
    Case { name: "kcat produces, ottla consume reads, every codec", run: kcat_to_ours },
    Case { name: "ottla produce and ottla consume", run: both_ways },
    Case { name: "ottla consume from an offset", run: from_offset },
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
