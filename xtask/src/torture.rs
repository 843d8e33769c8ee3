//! `cargo xtask torture`: `ottla serve` is killed, loses its power, and has its disk fail, fill up and stall; nothing
//! that it acknowledged may be lost; and what workers make in transactions is there exactly once. `--short` takes three
//! minutes at most; `--help` tells the rest.
//!
//! Here the command is built, as it is released, and the one who tortures it, as tests are. What is done to the broker,
//! and how it is judged, is in `examples/torture`.

use crate::ci::{Verdict, missing, passed};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace;
use std::process::Command;

/// How it ends when nothing was wrong, and something was not looked at.
const SKIPPED: i32 = 3;

/// Builds both and runs it with the words that are given.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    for words in BUILDS {
        let status = cargo(words).current_dir(workspace::root()).status()?;
        if !status.success() {
            return Err(format!("cargo {}: {status}", words.join(" ")).into());
        }
    }
    let status = torture().args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("torture: {status}").into()) }
}

/// The short form, as a step of the gate.
pub(crate) fn short(log: &Journal) -> Outcome<Verdict> {
    for words in BUILDS {
        log.run(&mut cargo(words))?;
    }
    let status = log.run_to_end(torture().arg("--short"))?;
    if status.code() == Some(SKIPPED) {
        let skipped: Vec<String> =
            log.text().lines().filter(|line| line.contains("SKIPPED")).map(str::to_owned).collect();
        return missing(skipped.join("; "));
    }
    passed(if status.success() { Ok(()) } else { Err(format!("torture: {status}").into()) })
}

/// Builds of the two.
const BUILDS: [&[&str]; 2] = [
    &["build", "--locked", "--quiet", "--release", "--bin", "ottla"],
    &["build", "--locked", "--quiet", "--example", "torture"],
];

/// The one who tortures, with the command that he is to torture.
fn torture() -> Command {
    let built = workspace::root().join("target");
    let mut command = Command::new(built.join("debug/examples/torture"));
    command.arg("--ottla").arg(built.join("release/ottla"));
    command
}
