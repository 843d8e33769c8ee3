//! `cargo xtask planted`: bugs that are planted in the storage engine, each of which its model test has to find.
//!
//! One build has them all, behind `--cfg ottla_planted`, and a run of the test plants one. To build so without a second
//! copy of every dependency, this program is the compiler of the workspace's own crates meanwhile
//! (`RUSTC_WORKSPACE_WRAPPER`): it adds the word and calls the real one.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::journal::cargo;
use crate::outcome::Outcome;

/// Histories within which a bug has to be found.
const SEEDS: u64 = 4_000;

/// Set where this program is called as a compiler.
const IS_COMPILER: &str = "OTTLA_PLANTED_COMPILER";

/// A name, and what is wrong. The first five are those that the gate plants.
const BUGS: &[(&str, &str)] = &[
    ("ack_before_sync", "records are acknowledged and shown when they are written"),
    ("no_folder_sync_after_create", "the name of a new segment is not made durable"),
    ("index_off_by_one", "a search begins one index entry too late"),
    ("wrong_delete_horizon", "tombstones get a horizon that has passed"),
    ("last_batch_only", "only the last batch of a producer is remembered"),
    ("high_watermark_before_durable", "readers are shown what is only written"),
    ("no_folder_sync_after_rename", "the name of a small file that was replaced is not made durable"),
    ("sync_tried_again", "a failed sync is tried again, and goes well"),
    ("torn_tail_not_cut", "a torn write stays in the log as a damaged batch"),
    ("resurrected", "a whole batch behind a torn one is taken for part of the log"),
    ("start_not_durable", "the start of the log is told before it is written down"),
    ("swap_order", "old segments leave before the new one is sure to take their place"),
    ("checkpoint_past_synced", "a checkpoint speaks of records that no sync has covered"),
    ("dedupe_lost", "a snapshot forgets the producers"),
    ("short_write", "a write that took some of the bytes is taken for done"),
    ("retention_takes_all", "retention by size deletes the active segment, too"),
    ("tombstones_at_once", "tombstones go in the round that sees them first"),
    ("time_index_trusted", "a search by time begins one index entry too late"),
    ("failed_write_remembered", "the batch of a write that failed counts as written"),
    ("markers_dropped", "compaction drops the ends of transactions with their data still there"),
    ("clean_marker_stays", "the marker of a clean shutdown is there after the next start"),
];

/// How many of them the gate plants.
const SHORT: usize = 5;

/// Adds the word and calls the compiler, if that is what this program is now.
pub(crate) fn compiler(arguments: &[String]) -> Option<ExitCode> {
    std::env::var_os(IS_COMPILER)?;
    let (compiler, words) = arguments.split_first()?;
    let status = Command::new(compiler).args(words).args(["--cfg", "ottla_planted"]).status();
    Some(if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `[--short] [BUG]...`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let is_short = arguments.iter().any(|word| word == "--short");
    let named: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    if let Some(unknown) = named.iter().find(|name| BUGS.iter().all(|(bug, _)| bug != *name)) {
        return Err(format!("no bug is named {unknown}").into());
    }
    let bugs = BUGS.iter().take(if is_short { SHORT } else { BUGS.len() });
    let bugs = bugs.filter(|(bug, _)| named.is_empty() || named.contains(bug));

    let without = histories("", "0..200")?;
    if without.is_some() {
        return Err("the model test fails without any bug, in a build that has them".into());
    }
    let mut missed = Vec::new();
    for (bug, what) in bugs {
        let began = Instant::now();
        match histories(bug, &format!("0..{SEEDS}"))? {
            Some(seed) => {
                let seconds = began.elapsed().as_secs_f64();
                println!("{bug:<30} found by seed {seed:<5} {seconds:>5.1} s   {what}");
            }
            None => {
                println!("{bug:<30} NOT FOUND in {SEEDS} seeds   {what}");
                missed.push(*bug);
            }
        }
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("the model test does not find {}", missed.join(", ")).into()),
    }
}

/// Runs the model test with a bug; the first seed that found it.
fn histories(bug: &str, seeds: &str) -> Outcome<Option<u64>> {
    let mut command = cargo(&["test", "-p", "ottla-storage", "--test", "histories", "--locked"]);
    command.args(["--", "--exact", "what_was_promised_or_shown_survives_every_history"]);
    command.env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?).env(IS_COMPILER, "yes");
    command.env("OTTLA_PLANTED", bug).env("OTTLA_HISTORIES", seeds).env("RUST_BACKTRACE", "0");
    let output = command.output()?;
    if output.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let found = said.lines().find_map(|line| {
        let (_, list) = line.split_once("histories that failed: [")?;
        list.trim_end_matches(']').split(", ").next()?.parse().ok()
    });
    found.map(Some).ok_or_else(|| format!("the model test did not run:\n{said}").into())
}
