//! `cargo xtask interop`: programs nobody here wrote against our broker, and our programs against Kafka.
//!
//! Every case is a row with a name; the table comes in the end, and one row that fails fails the task.
//! `--against kafka` runs the first half against a real Kafka instead: what fails there is wrong in a
//! case, not in ottla. Words that follow pick the cases whose names contain one of them.

mod cases_files;
mod cases_kcat;
mod cases_mirror;
mod cases_tools;
pub(crate) mod differential;
mod programs;

use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use crate::workspace;
use programs::Programs;
use std::time::Instant;

/// What a case works with.
struct Scene {
    /// The broker that the case talks to.
    broker: Broker,
    /// The programs that the case runs.
    programs: Programs,
}

/// One case: its name, and what it does.
struct Case {
    name: &'static str,
    run: fn(&mut Scene) -> Outcome,
}

/// One line of the table.
struct Row {
    name: String,
    seconds: f64,
    failure: Option<String>,
}

/// Runs the cases and prints the table.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let against_kafka = arguments.windows(2).any(|words| words[0] == "--against" && words[1] == "kafka");
    let picked: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !matches!(*word, "--against" | "kafka")).collect();
    let programs = Programs::build(!against_kafka)?;
    let folder = workspace::root().join("target/interop");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;

    let first = if against_kafka { Kind::Kafka } else { Kind::Ottla };
    let broker = Broker::start(first, &folder.join("first"), programs.starting(first))?;
    let mut scene = Scene { broker, programs };
    let mut rows = Vec::new();
    let title = first.name();
    for cases in [cases_kcat::CASES, cases_tools::CASES] {
        play(title, cases, &picked, &mut scene, &mut rows);
    }
    if first == Kind::Ottla {
        play(title, cases_mirror::ON_OTTLA, &picked, &mut scene, &mut rows);
        play(title, cases_files::CASES, &picked, &mut scene, &mut rows); // they stop the broker
    }
    scene.broker.stop()?;

    if !against_kafka && cases_mirror::ON_KAFKA.iter().any(|case| is_picked("kafka", case, &picked)) {
        let broker = Broker::start(Kind::Kafka, &folder.join("second"), &scene.programs.kafka)?;
        let mut scene = Scene { broker, programs: scene.programs };
        play("kafka", cases_mirror::ON_KAFKA, &picked, &mut scene, &mut rows);
        scene.broker.stop()?;
    }
    report(&rows)
}

/// Plays the cases that were picked, all of them if none was.
fn play(title: &str, cases: &[Case], picked: &[&str], scene: &mut Scene, rows: &mut Vec<Row>) {
    for case in cases {
        if !is_picked(title, case, picked) {
            continue;
        }
        let began = Instant::now();
        let failure = (case.run)(scene).err().map(|failure| failure.to_string());
        let row = Row { name: full_name(title, case), seconds: began.elapsed().as_secs_f64(), failure };
        println!("{}", line(&row));
        rows.push(row);
    }
}

fn full_name(title: &str, case: &Case) -> String {
    format!("{title}: {}", case.name)
}

fn is_picked(title: &str, case: &Case, picked: &[&str]) -> bool {
    picked.is_empty() || picked.iter().any(|word| full_name(title, case).contains(word))
}

fn line(row: &Row) -> String {
    let verdict = if row.failure.is_none() { "pass" } else { "FAIL" };
    let mut text = format!("{verdict}  {:>6.1} s  {}", row.seconds, row.name);
    if let Some(failure) = &row.failure {
        for part in failure.lines().take(30) {
            text.push_str(&format!("\n        {part}"));
        }
    }
    text
}

/// Prints the table, and ends well only if every row did.
fn report(rows: &[Row]) -> Outcome {
    let failed = rows.iter().filter(|row| row.failure.is_some()).count();
    println!("\n{:<72} {:>8}  result", "case", "seconds");
    for row in rows {
        let verdict = if row.failure.is_none() { "pass" } else { "FAIL" };
        println!("{:<72} {:>8.1}  {verdict}", row.name, row.seconds);
    }
    println!("{} cases, {failed} failed", rows.len());
    match (rows.len(), failed) {
        (0, _) => Err("no case has such a name".into()),
        (_, 0) => Ok(()),
        _ => Err(format!("{failed} cases failed").into()),
    }
}

/// Creates a topic: with our own command on our own broker, with Kafka's on Kafka.
fn create(scene: &Scene, topic: &str, partitions: u32) -> Outcome {
    let (bootstrap, partitions) = (scene.broker.bootstrap(), partitions.to_string());
    if scene.broker.kind() == Kind::Ottla {
        let words = ["topic", "create", topic, "--partitions", &partitions, "--bootstrap", &bootstrap];
        return programs::ours(&scene.programs.ottla, &words, "").map(|_| ());
    }
    let words = ["--bootstrap-server", &bootstrap, "--create", "--topic", topic, "--partitions", &partitions];
    let said = programs::tool("TopicCommand", &words, "")?;
    if said.well { Ok(()) } else { Err(format!("TopicCommand: {}{}", said.out, said.err).into()) }
}

/// Fails with both values when they differ.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Outcome {
    if got == wanted {
        return Ok(());
    }
    let cut = |value: &T| -> String { format!("{value:?}").chars().take(400).collect() };
    Err(format!("{what}: got {}, wanted {}", cut(&got), cut(&wanted)).into())
}

/// Fails with the whole text when it does not hold what it should.
fn holds(what: &str, text: &str, wanted: &str) -> Outcome {
    if text.contains(wanted) {
        return Ok(());
    }
    let cut: String = text.chars().take(2_000).collect();
    Err(format!("{what} does not say {wanted:?}:\n{cut}").into())
}
