//! Records that leave: `DeleteRecordsCommand`, retention, what `GetOffsetShell` tells of it, and what is left on disk.

use super::cases_files::{dump, with_extension};
use super::cases_tools::well;
use super::programs::{kcat, ours, tool};
use super::{Case, Scene, create, holds, same};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] =
    &[Case { name: "DeleteRecordsCommand, and GetOffsetShell at every time", run: delete_records }];

/// Those that look at the files of a stopped broker.
pub(super) const ON_OTTLA: &[Case] = &[
    Case { name: "DumpLogSegments reads what DeleteRecords left", run: files_after_deletion },
    Case { name: "DumpLogSegments reads what retention left", run: files_after_retention },
];

/// How long retention may take, whose checks are a fifth of a second apart.
const PATIENCE: Duration = Duration::from_secs(30);

fn delete_records(scene: &mut Scene) -> Outcome {
    let bootstrap = scene.broker.bootstrap();
    create(scene, "deleted", 2)?;
    for partition in ["0", "1"] {
        kcat(&bootstrap, &["-P", "-t", "deleted", "-p", partition], "a\nb\nc\nd\n")?;
        kcat(&bootstrap, &["-P", "-t", "deleted", "-p", partition], "e\nf\n")?;
    }
    let file = scene.broker.data().with_file_name("offsets.json");
    let run = |entries: &[(i32, i64)]| {
        let entries = entries.iter().map(|(partition, offset)| {
            format!(r#"{{"topic": "deleted", "partition": {partition}, "offset": {offset}}}"#)
        });
        let entries: Vec<String> = entries.collect();
        fs::write(&file, format!(r#"{{"partitions": [{}], "version": 1}}"#, entries.join(", ")))?;
        let words = ["--bootstrap-server", &bootstrap, "--offset-json-file", &file.to_string_lossy()];
        tool("DeleteRecordsCommand", &words, "")
    };
    let said = run(&[(0, 4), (1, -1)])?;
    same("DeleteRecordsCommand ends well", said.well, true)?;
    holds("DeleteRecordsCommand", &said.out, "partition: deleted-0\tlow_watermark: 4\n")?;
    holds("DeleteRecordsCommand", &said.out, "partition: deleted-1\tlow_watermark: 6\n")?;
    holds("one that goes back", &run(&[(0, 2)])?.out, "partition: deleted-0\tlow_watermark: 4\n")?;
    // Its client complains, too, as it should.
    holds("one past the end", &run(&[(0, 7)])?.out, "OffsetOutOfRangeException")?;
    let at = |time: &str| {
        let words = ["--bootstrap-server", &bootstrap, "--topic-partitions", "deleted:0", "--time", time];
        well("GetOffsetShell", &words, "")
    };
    for (time, told) in [
        ("-1", "deleted:0:6\n"),
        ("latest", "deleted:0:6\n"),
        ("-2", "deleted:0:4\n"),
        ("earliest", "deleted:0:4\n"),
        ("-3", "deleted:0:4\n"),
        ("max-timestamp", "deleted:0:4\n"),
        ("-4", "deleted:0:4\n"),
        ("earliest-local", "deleted:0:4\n"),
        ("0", "deleted:0:4\n"),
        // There is no tiered storage.
        ("-5", ""),
        ("latest-tiered", ""),
        ("-6", ""),
        ("earliest-pending-upload", ""),
    ] {
        same(&format!("the offset at {time}"), at(time)?.as_str(), told)?;
    }
    let read = ["-C", "-t", "deleted", "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n"];
    same("what is left", kcat(&bootstrap, &read, "")?.as_str(), "4 e\n5 f\n")
}

/// Produces about five segments, and answers where their files are.
fn filled(programs: &super::Programs, broker: &Broker, topic: &str, settings: &[&str]) -> Outcome<PathBuf> {
    let bootstrap = broker.bootstrap();
    let mut words = vec!["topic", "create", topic, "--partitions", "1", "--bootstrap", &bootstrap];
    for setting in [&["segment.bytes=1048576"], settings].concat() {
        words.extend(["--config", setting]);
    }
    ours(&programs.ottla, &words, "")?;
    let line = format!("{}\n", "a line of some length ".repeat(40));
    let produce = ["-P", "-t", topic, "-X", "enable.idempotence=true", "-X", "batch.num.messages=10"];
    kcat(&bootstrap, &produce, &line.repeat(5_000))?;
    Ok(broker.data().join(format!("{topic}-0")))
}

fn files_after_deletion(scene: &mut Scene) -> Outcome {
    let folder = filled(&scene.programs, &scene.broker, "shortened", &[])?;
    let bootstrap = scene.broker.bootstrap();
    let words = ["topic", "delete-records", "shortened", "--before", "3000", "--bootstrap", &bootstrap];
    holds("delete-records", &ours(&scene.programs.ottla, &words, "")?, "shortened-0 starts at 3000\n")?;
    scene.broker.stop()?;
    let outcome = dump_left(&folder, 3000);
    scene.broker.serve()?;
    outcome?;
    let read = ["-C", "-t", "shortened", "-o", "beginning", "-e", "-f", "%o\n"];
    let offsets = kcat(&bootstrap, &read, "")?;
    same("the first that is left", offsets.lines().next(), Some("3000"))?;
    same("records that are left", offsets.lines().count(), 2_000)
}

fn files_after_retention(scene: &mut Scene) -> Outcome {
    let folder = scene.broker.data().with_file_name("retention");
    let broker = Broker::new(Kind::Ottla, &folder, scene.programs.starting(Kind::Ottla))?;
    let settings = ["log.retention.check.interval.ms=200", "log.initial.task.delay.ms=0"];
    let mut broker = settings.iter().fold(broker, |broker, setting| broker.with_setting(setting));
    broker.serve()?;
    let size = filled(&scene.programs, &broker, "by-size", &["retention.bytes=1500000"])?;
    let age = filled(&scene.programs, &broker, "by-age", &["retention.ms=1"])?;
    let start = |topic: &str| -> Outcome<i64> {
        let words = ["--bootstrap-server", &broker.bootstrap(), "--topic", topic, "--time", "earliest"];
        let said = tool("GetOffsetShell", &words, "")?.out;
        Ok(said.trim().rsplit(':').next().unwrap_or_default().parse()?)
    };
    let deadline = Instant::now() + PATIENCE;
    let (mut by_size, mut by_age) = (0, 0);
    while (by_size == 0 || by_age < 5_000) && Instant::now() < deadline {
        (by_size, by_age) = (start("by-size")?, start("by-age")?);
    }
    same("where the log that is too old starts", by_age, 5_000)?;
    same("where the log that is too large starts", by_size > 0 && by_size < 5_000, true)?;
    broker.stop()?;
    dump_left(&size, by_size)?;
    dump_left(&age, by_age)
}

/// Everything in a folder is whole, and the log begins with the segment that holds this offset.
fn dump_left(folder: &Path, start: i64) -> Outcome {
    let logs = with_extension(folder, "log")?;
    let base = |file: &String| -> Outcome<i64> {
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(name.parse()?)
    };
    let bases = logs.iter().map(base).collect::<Outcome<Vec<_>>>()?;
    same("the first segment begins at or before the start", bases[0] <= start, true)?;
    let second = bases.get(1).copied().unwrap_or(i64::MAX);
    same("the second segment begins behind the start", second > start, true)?;
    let mut files = logs;
    for extension in ["index", "timeindex", "snapshot"] {
        files.extend(with_extension(folder, extension)?);
    }
    let text = dump(&["--deep-iteration", "--files", &files.join(",")])?;
    for file in &files {
        holds("the dump", &text, &format!("Dumping {file}"))?;
    }
    Ok(())
}
