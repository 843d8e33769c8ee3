//! Folders of partitions as files: copied from one broker to the other, read by `DumpLogSegments` in each of its modes, and by
//! `ottla log verify`. What is played with them is in [`super::cases_folders`] and [`super::cases_dumps`].

use super::cases_files::{dump, uncomplaining, with_extension};
use super::programs::{Programs, kcat, ours, start, tool};
use super::{holds, same};
use crate::brokers::{Broker, kafka_script};
use crate::outcome::Outcome;
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies a folder of files; what was in the copy before is gone.
pub(super) fn copy(from: &Path, to: &Path) -> Outcome {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Gives a partition of a stopped broker the files of another, but for the id of its topic.
pub(super) fn replace(from: &Path, to: &Path) -> Outcome {
    let keep = |path: &Path| path.file_name().is_some_and(|name| name == "partition.metadata");
    for entry in fs::read_dir(to)? {
        let path = entry?.path();
        if !keep(&path) {
            fs::remove_file(path)?;
        }
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if !keep(&path) && path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// All records of a partition with all that is known of each, as a consumer reads them.
pub(super) fn read(broker: &Broker, topic: &str, isolation: &str) -> Outcome<Vec<String>> {
    let isolation = format!("isolation.level={isolation}");
    let format = "%o %T %K %k %S %s %h\n";
    let words = ["-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q", "-X", &isolation, "-f", format];
    Ok(kcat(&broker.bootstrap(), &words, "")?.lines().map(str::to_owned).collect())
}

/// Lets Kafka's producers fill topics of one partition, with transactions.
pub(super) fn fill(broker: &Broker, rounds: u32, topics: &[&str]) -> Outcome {
    let jars = start(Command::new(kafka_script()).arg("classpath"), "")?.well()?;
    let mut command = Command::new("java");
    command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"]);
    command.args(["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", jars.trim()]);
    command.arg(workspace::root().join("xtask/interop/folders/Fill.java"));
    command.args([&broker.bootstrap(), &rounds.to_string()]).args(topics);
    start(&mut command, "")?.well().map(|_| ())
}

/// Everything in a folder is as `ottla log verify` wants it.
pub(super) fn verify(programs: &Programs, folder: &Path) -> Outcome<String> {
    ours(&programs.ottla, &["log", "verify", &folder.to_string_lossy()], "")
}

/// What `DumpLogSegments` makes of a folder: its records, its batches without their places and sizes, and its aborted transactions.
#[derive(Debug, Default)]
pub(super) struct Dumped {
    pub(super) records: Vec<String>,
    pub(super) batches: Vec<String>,
    pub(super) aborted: Vec<String>,
}

/// Reads a folder with `DumpLogSegments`.
pub(super) fn dumped(folder: &Path) -> Outcome<Dumped> {
    let logs = with_extension(folder, "log")?.join(",");
    let text = dump(&["--deep-iteration", "--print-data-log", "--files", &logs])?;
    let text = text.as_str();
    let lines =
        |start: &'static str| text.lines().filter(move |line| line.starts_with(start)).map(str::to_owned);
    let mut dumped = Dumped { records: lines("| offset").collect(), ..Dumped::default() };
    dumped.batches = lines("baseOffset").map(|line| without(&line, &["position", "size", "crc"])).collect();
    let indexes = with_extension(folder, "txnindex")?;
    if !indexes.is_empty() {
        let text = dump(&["--files", &indexes.join(",")])?;
        dumped.aborted = text.lines().filter(|line| line.contains("producerId")).map(str::to_owned).collect();
    }
    Ok(dumped)
}

/// A line of `name: value` pairs without some of them.
fn without(line: &str, names: &[&str]) -> String {
    let mut words = line.split(' ');
    let mut left = Vec::new();
    while let Some(word) = words.next() {
        match word.strip_suffix(':').is_some_and(|name| names.contains(&name)) {
            true => drop(words.next()),
            false => left.push(word),
        }
    }
    left.join(" ")
}

/// What `DumpLogSegments` tells. It takes the time of a batch from its records, and so it misses that of a batch that compaction has
/// emptied, in a folder of Kafka's as in one of ottla's.
fn dump_of_compacted(words: &[&str]) -> Result<String, String> {
    let said = tool("DumpLogSegments", words, "").map_err(|failure| failure.to_string())?;
    let text = format!("{}{}", said.out, said.err);
    let mut lines: Vec<&str> = text.lines().collect();
    while let Some(at) = lines.iter().position(|line| line.starts_with("Found timestamp mismatch")) {
        let entries =
            lines[at + 1..].iter().take_while(|line| line.starts_with("  Index timestamp: ")).count();
        let entries: Vec<&str> = lines.drain(at..=at + entries).skip(1).collect();
        if let Some(wrong) = entries.iter().find(|line| !line.ends_with("log timestamp: -1")) {
            return Err(format!("DumpLogSegments finds another timestamp: {wrong}"));
        }
    }
    uncomplaining(&lines.join("\n"), said.well).map_err(|failure| failure.to_string())
}

/// Lets `DumpLogSegments` read these folders in each of its modes, all of them at a time. None of them complains.
pub(super) fn dump_in_every_mode(folders: &[PathBuf]) -> Outcome {
    let of = |extensions: &[&str]| -> Outcome<Vec<String>> {
        let mut files = Vec::new();
        for folder in folders {
            for extension in extensions {
                files.extend(with_extension(folder, extension)?);
            }
        }
        Ok(files)
    };
    let logs = of(&["log"])?;
    let indexes = of(&["index", "timeindex"])?;
    let everything = of(&["log", "index", "timeindex", "txnindex", "snapshot"])?;
    let strings = "org.apache.kafka.tools.api.StringDecoder";
    let modes: [(&[&str], &[String], &str); 8] = [
        (&[], &everything, "baseOffset: "),
        (&["--deep-iteration"], &logs, "| offset: "),
        (&["--print-data-log", "--value-decoder-class", strings], &logs, "payload: "),
        (&["--print-data-log", "--skip-record-metadata"], &logs, "payload: "),
        (
            &["--deep-iteration", "--max-bytes", "100000", "--max-message-size", "5242880"],
            &logs,
            "| offset: ",
        ),
        (&["--verify-index-only"], &indexes, "Dumping "),
        (&["--index-sanity-check"], &indexes, "passed sanity check"),
        (&["--print-data-log", "--key-decoder-class", strings], &logs, "key: "),
    ];
    std::thread::scope(|scope| {
        let started: Vec<_> = modes
            .iter()
            .map(|(words, files, wanted)| {
                scope.spawn(move || -> Result<(), String> {
                    let all = files.join(",");
                    let told = dump_of_compacted(&[words, &["--files", &all][..]].concat())?;
                    holds(&words.join(" "), &told, wanted).map_err(|e| e.to_string())?;
                    let seen = files.iter().filter(|file| told.contains(&format!("Dumping {file}"))).count();
                    // A sanity check names the files in its own words.
                    let wanted = if words.contains(&"--index-sanity-check") { seen } else { files.len() };
                    same(&words.join(" "), seen, wanted).map_err(|e| e.to_string())
                })
            })
            .collect();
        for mode in started {
            mode.join().map_err(|_| "a mode has died")??;
        }
        Ok(())
    })
}
