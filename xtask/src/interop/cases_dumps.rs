//! `DumpLogSegments` in each of its modes, and `ottla log verify`, on folders after every kind of operation.
//!
//! A broker of its own is stopped after each operation and its folder copied; in the end the tool reads all copies, one
//! mode after the other, so that a mode is one start of Java.

use super::cases_files::dump;
use super::folders::{copy, dump_in_every_mode, verify};
use super::programs::{Programs, kcat, ours};
use super::{Case, Scene, holds, same};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] =
    &[Case { name: "DumpLogSegments in every mode after every operation", run: operations }];

/// How long the broker may take to do what it does from time to time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A broker, and copies of its folders.
struct Stages<'a> {
    programs: &'a Programs,
    broker: Broker,
    root: PathBuf,
    copies: Vec<PathBuf>,
}

fn operations(scene: &mut Scene) -> Outcome {
    let root = scene.broker.data().with_file_name("dumps");
    let broker = Broker::new(Kind::Ottla, &root, scene.programs.starting(Kind::Ottla))?;
    let settings = [
        "log.retention.check.interval.ms=200",
        "log.initial.task.delay.ms=0",
        "log.cleaner.backoff.ms=200",
        "offsets.topic.num.partitions=1",
    ];
    let broker = settings.iter().fold(broker, |broker, setting| broker.with_setting(setting));
    let mut stages = Stages { programs: &scene.programs, broker, root, copies: Vec::new() };
    let outcome = stages.play();
    stages.broker.stop()?;
    outcome
}

impl Stages<'_> {
    fn play(&mut self) -> Outcome {
        self.broker.serve()?;
        self.create("log", &[])?;
        self.create("keyed", &["cleanup.policy=compact", "min.cleanable.dirty.ratio=0.01"])?;
        self.append("log", 200)?;
        self.stage("append", &["log"])?;
        self.append("log", 5_000)?;
        self.stage("roll", &["log"])?;
        let words =
            ["topic", "delete-records", "log", "--before", "1500", "--bootstrap", &self.broker.bootstrap()];
        ours(&self.programs.ottla, &words, "")?;
        self.stage("delete-records", &["log"])?;
        let words = [
            "topic",
            "alter",
            "log",
            "--config",
            "retention.bytes=1500000",
            "--bootstrap",
            &self.broker.bootstrap(),
        ];
        ours(&self.programs.ottla, &words, "")?;
        self.until(
            |stages| Ok(super::cases_files::with_extension(&stages.folder("log"), "log")?.len() <= 3),
        )?;
        self.stage("retention", &["log"])?;
        self.append("keyed", 6_000)?;
        let checkpoint = self.broker.data().join("cleaner-offset-checkpoint");
        self.until(|_| Ok(fs::read_to_string(&checkpoint).is_ok_and(|text| text.contains("keyed 0 "))))?;
        self.stage("compaction", &["keyed"])?;
        self.append("log", 300)?;
        self.broker.kill()?;
        self.copied("kill", "log")?;
        self.broker.serve()?;
        self.append("log", 300)?;
        self.stage("restart-after-kill", &["log"])?;
        self.torn()?;
        self.groups()?;
        dump_in_every_mode(&self.copies)
    }

    /// A write that did not come to its end: the recovery cuts it, and what comes next follows.
    fn torn(&mut self) -> Outcome {
        self.append("log", 100)?;
        self.broker.kill()?;
        let last =
            super::cases_files::with_extension(&self.folder("log"), "log")?.pop().ok_or("no segment")?;
        let mut bytes = fs::read(&last)?;
        let piece = bytes[..bytes.len().min(700)].to_vec();
        bytes.extend_from_slice(&piece[..piece.len() - 100]);
        fs::write(&last, bytes)?;
        self.broker.serve()?;
        self.append("log", 100)?;
        self.stage("recovery", &["log"])?;
        let cut = super::cases_files::with_extension(&self.folder("log"), "cut")?;
        same("copies of what was cut", cut.len(), 1)
    }

    /// What groups have committed, by the decoder that Kafka has for it.
    fn groups(&mut self) -> Outcome {
        let bootstrap = self.broker.bootstrap();
        let words = [
            "group",
            "reset",
            "judges",
            "--topic",
            "log",
            "--to-latest",
            "--execute",
            "--bootstrap",
            &bootstrap,
        ];
        ours(&self.programs.ottla, &words, "")?;
        self.broker.stop()?;
        let folder = self.folder("__consumer_offsets");
        let logs = super::cases_files::with_extension(&folder, "log")?;
        let text = dump(&["--offsets-decoder", "--files", &logs.join(",")])?;
        holds("--offsets-decoder", &text, "judges")?;
        holds("--offsets-decoder", &text, "\"topic\":\"log\"")?;
        verify(self.programs, &self.broker.data())?;
        self.broker.serve()
    }

    fn folder(&self, topic: &str) -> PathBuf {
        self.broker.data().join(format!("{topic}-0"))
    }

    fn create(&self, topic: &str, settings: &[&str]) -> Outcome {
        let bootstrap = self.broker.bootstrap();
        let mut words = vec!["topic", "create", topic, "--partitions", "1", "--bootstrap", &bootstrap];
        for setting in [&["segment.bytes=1048576"], settings].concat() {
            words.extend(["--config", setting]);
        }
        ours(&self.programs.ottla, &words, "").map(|_| ())
    }

    fn append(&self, topic: &str, count: usize) -> Outcome {
        let text = "a line of some length ".repeat(40);
        let lines: String = (0..count).map(|n| format!("k{}:{n} {text}\n", n % 300)).collect();
        let words = ["-P", "-t", topic, "-p", "0", "-K", ":", "-X", "enable.idempotence=true"];
        let words = [&words[..], &["-X", "batch.num.messages=10"]].concat();
        kcat(&self.broker.bootstrap(), &words, &lines).map(|_| ())
    }

    fn until(&self, mut is_so: impl FnMut(&Self) -> Outcome<bool>) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self)? {
            if Instant::now() > deadline {
                return Err("the broker did not do in time what it does from time to time".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Copies folders of the stopped broker, which then serves again.
    fn stage(&mut self, name: &str, topics: &[&str]) -> Outcome {
        self.broker.stop()?;
        for topic in topics {
            self.copied(name, topic)?;
        }
        self.broker.serve()
    }

    fn copied(&mut self, name: &str, topic: &str) -> Outcome {
        let to = self.root.join("copies").join(name).join(format!("{topic}-0"));
        copy(&self.folder(topic), &to)?;
        verify(self.programs, Path::new(&to)).map_err(|failure| format!("after {name}: {failure}"))?;
        self.copies.push(to);
        Ok(())
    }
}
