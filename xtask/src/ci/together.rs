//! Tests of many crates in few runs of cargo, each crate as if it was tested by itself.
//!
//! A run builds once what its crates share, so as many crates share one as agree on what is turned on in the crates of
//! the workspace that they are built from; [`runs`] says who agrees, and cargo what is turned on.

mod runs;

use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace::Package;
use runs::{Features, Run};
use std::path::PathBuf;
use std::process::Command;

/// A workspace in which crates are tested.
pub(super) struct Ground<'a> {
    /// Where it is.
    pub(super) folder: PathBuf,
    /// Where it is built.
    pub(super) target: PathBuf,
    /// Its crates, at home in it.
    pub(super) packages: &'a [Package],
    /// Words for cargo that hold for all crates.
    pub(super) words: &'static [&'static str],
    /// Variables that the tests read, and their values.
    pub(super) settings: &'static [(&'static str, &'static str)],
}

/// What is tested as if by itself.
pub(super) struct Tested {
    /// What it is called where it fails.
    pub(super) name: String,
    /// Words by which cargo selects it.
    pub(super) words: Vec<String>,
}

impl Ground<'_> {
    /// Tests all of these, in as few runs as may be; the failures.
    pub(super) fn test(&self, log: &Journal, all: Vec<Tested>) -> Outcome<Vec<String>> {
        let mut runs: Vec<Run<Tested>> = Vec::new();
        for one in all {
            let features = self.turned_on(log, std::slice::from_ref(&one))?;
            runs::join(&mut runs, one, features);
        }
        let mut failed = Vec::new();
        for run in &runs {
            let together = self.turned_on(log, &run.members)?;
            let outcome = match together == run.features {
                true => log.run(&mut self.cargo(&["test", "--quiet"], &run.members)),
                false => Err(format!("built as {together:?}, and not {:?}", run.features).into()),
            };
            if let Err(failure) = outcome {
                let names: Vec<&str> = run.members.iter().map(|one| one.name.as_str()).collect();
                failed.push(format!("{}: {failure}", names.join(", ")));
            }
        }
        Ok(failed)
    }

    /// What is turned on in each crate of the workspace when these are tested together.
    fn turned_on(&self, log: &Journal, selected: &[Tested]) -> Outcome<Features> {
        let words = ["tree", "--edges", "normal,build,dev", "--prefix", "none", "--format", runs::FORMAT];
        runs::parse_tree(&log.run_and_hear(&mut self.cargo(&words, selected))?, self.packages)
    }

    fn cargo(&self, words: &[&str], selected: &[Tested]) -> Command {
        let mut command = cargo(words);
        command.args(self.words).args(selected.iter().flat_map(|one| &one.words));
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        command.envs(self.settings.iter().copied());
        command
    }
}
