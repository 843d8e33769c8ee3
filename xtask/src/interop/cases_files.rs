//! The files that a stopped broker leaves, read by Kafka's `DumpLogSegments`. The broker serves again after each case.

use super::programs::{kcat, ours, tool};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const CASES: &[Case] = &[
    Case { name: "DumpLogSegments reads segments, indexes and snapshots", run: segments },
    Case { name: "DumpLogSegments reads every file of every topic", run: every_file },
    Case { name: "DumpLogSegments finds the records that were sent", run: records },
];

/// Words by which the tool complains, in whatever it prints.
const COMPLAINTS: &[&str] = &["isvalid: false", "mismatch", "Exception", "out of order", "corrupt", "Found "];

fn every_file(scene: &mut Scene) -> Outcome {
    scene.broker.stop()?;
    let outcome = dump_all(&scene.broker.data());
    scene.broker.serve()?;
    outcome
}

fn dump_all(data: &Path) -> Outcome {
    let mut files = Vec::new();
    for folder in folders(data)? {
        for extension in ["log", "index", "timeindex", "snapshot"] {
            files.extend(with_extension(&folder, extension)?);
        }
    }
    if !files.iter().any(|file| file.ends_with(".log")) {
        return Err(format!("no log file in {}", data.display()).into());
    }
    let all = files.join(",");
    let text = dump(&["--deep-iteration", "--files", &all])?;
    for file in &files {
        holds("the dump", &text, &format!("Dumping {file}"))?;
    }
    let indexes: Vec<String> = files.into_iter().filter(|file| file.ends_with("index")).collect();
    let text = dump(&["--index-sanity-check", "--files", &indexes.join(",")])?;
    // A segment of few bytes has no entry in its offset index, in Kafka as here.
    let sane = |line: &&str| line.ends_with(" passed sanity check.") || line.ends_with(".index is empty.");
    same("sane indexes", text.lines().filter(sane).count(), indexes.len())
}

/// Several segments, with entries in every index and the state of an idempotent producer, through a kill -9.
fn segments(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    let words = ["topic", "create", "segments", "--partitions", "1", "--config", "segment.bytes=1048576"];
    ours(&scene.programs.ottla, &[&words[..], &["--bootstrap", &bootstrap]].concat(), "")?;
    let line = format!("{}\n", "a line of some length ".repeat(40));
    let produce = ["-P", "-t", "segments", "-X", "enable.idempotence=true", "-X", "batch.num.messages=10"];
    kcat(&bootstrap, &produce, &line.repeat(4_000))?;
    scene.broker.kill()?;
    scene.broker.serve()?;
    kcat(&bootstrap, &produce, &line.repeat(1_000))?;
    let read = ["-C", "-t", "segments", "-o", "beginning", "-e", "-f", "%o\n"];
    let offsets: Vec<String> = (0..5_000).map(|offset| offset.to_string()).collect();
    same("offsets", kcat(&bootstrap, &read, "")?.lines().eq(offsets.iter()), true)?;
    scene.broker.stop()?;
    let outcome = dump_segments(&scene.broker.data().join("segments-0"));
    scene.broker.serve()?;
    outcome
}

fn dump_segments(folder: &Path) -> Outcome {
    let logs = with_extension(folder, "log")?;
    same("at least four segments", logs.len() >= 4, true)?;
    let snapshots = with_extension(folder, "snapshot")?;
    same("a snapshot of the producers", snapshots.is_empty(), false)?;
    let indexes = [with_extension(folder, "index")?, with_extension(folder, "timeindex")?].concat();
    let text = dump(&["--files", &[logs, indexes, snapshots].concat().join(",")])?;
    holds("the index", &text, "offset: ")?;
    holds("the index", &text, " position: ")?;
    holds("the time index", &text, "timestamp: ")?;
    holds("the snapshot", &text, "producerId: ")
}

fn records(scene: &mut Scene) -> Outcome {
    create(scene, "dumped", 1)?;
    let bootstrap = scene.broker.bootstrap();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let line = format!("key:a value in {codec}\n");
        kcat(&bootstrap, &["-P", "-t", "dumped", "-K", ":", "-z", codec, "-H", "trace=1"], &line)?;
    }
    scene.broker.stop()?;
    let outcome = dump_records(&scene.broker.data().join("dumped-0"));
    scene.broker.serve()?;
    outcome
}

fn dump_records(folder: &Path) -> Outcome {
    let file = with_extension(folder, "log")?.pop().ok_or("the topic has no log")?;
    let text = dump(&["--print-data-log", "--files", &file])?;
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        holds("the dump", &text, &format!("payload: a value in {codec}"))?;
    }
    // One record of such a length is not made shorter by every codec, and a client then sends it as it is.
    holds("the dump", &text, "headerKeys: [trace]")?;
    same("batches with a valid checksum", text.matches("isvalid: true").count(), 5)
}

pub(super) fn dump(words: &[&str]) -> Outcome<String> {
    let said = tool("DumpLogSegments", words, "")?;
    uncomplaining(&format!("{}{}", said.out, said.err), said.well)
}

/// What the tool said, if it did not complain.
pub(super) fn uncomplaining(text: &str, well: bool) -> Outcome<String> {
    match text.lines().find(|line| COMPLAINTS.iter().any(|word| line.contains(word))) {
        Some(line) => Err(format!("DumpLogSegments complains: {line}").into()),
        None if well => Ok(text.to_owned()),
        None => Err(format!("DumpLogSegments failed:\n{text}").into()),
    }
}

/// Folders of partitions, those of internal topics too.
fn folders(data: &Path) -> Outcome<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(data)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

pub(super) fn with_extension(folder: &Path, extension: &str) -> Outcome<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    files.sort();
    Ok(files)
}
