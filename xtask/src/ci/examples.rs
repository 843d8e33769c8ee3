//! Every example, as its own documentation says to run it: it ends by itself, and badly if it found something wrong.

use crate::ci::{Verdict, passed};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;

/// The examples, with the words that keep them short here.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("quickstart", &["--records", "50000"]),
    ("in_memory", &[]),
    ("simulated", &[]),
    ("axum", &[]),
    ("workers", &[]),
    ("admin_tour", &[]),
    ("journal", &[]),
    ("wal", &[]),
    ("tail", &[]),
    ("fault_model", &[]),
    ("inspector", &[]),
];

/// Runs them one after the other.
pub(super) fn run(log: &Journal) -> Outcome<Verdict> {
    for (name, words) in EXAMPLES {
        let mut arguments = vec!["run", "--locked", "--example", name];
        if !words.is_empty() {
            arguments.push("--");
            arguments.extend_from_slice(words);
        }
        log.run(&mut cargo(&arguments))?;
    }
    passed(Ok(()))
}
