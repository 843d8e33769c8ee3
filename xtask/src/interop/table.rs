//! The README's account of what was played: clients by features, mixed groups, and Kafka's tools.
//!
//! It says what ran in this run, and nothing else: a cell stands for a case that passed, failed, or cannot be
//! expressed by the client, with the reason in a note below.

use super::families::Family;
use super::rows::Row;
use super::{matrix, mixed};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use crate::workspace;
use std::collections::BTreeMap;
use std::fs;

/// What surrounds the account in the README.
const BEGIN: &str = "<!-- cargo xtask interop --write: begin -->\n";
const END: &str = "<!-- cargo xtask interop --write: end -->\n";

/// The cases that were played, by name.
pub(super) struct Account<'a> {
    passed: BTreeMap<&'a str, bool>,
    notes: Vec<&'static str>,
    text: String,
}

impl<'a> Account<'a> {
    /// Nothing is told yet.
    pub(super) fn new(rows: &'a [Row]) -> Self {
        let passed = rows.iter().map(|row| (row.name.as_str(), row.passed())).collect();
        Self { passed, notes: Vec::new(), text: String::new() }
    }

    fn cell(&self, name: &str) -> &'static str {
        match self.passed.get(name) {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "not run",
        }
    }

    /// The table of clients by features; a client is a family and its version.
    pub(super) fn clients(&mut self, title: &str, kind: Kind, clients: &[(&Family, String)]) {
        self.text.push_str(&format!("| {title} |"));
        for column in matrix::columns() {
            self.text.push_str(&format!(" {column} |"));
        }
        self.text.push_str(&format!("\n|---|{}\n", "---|".repeat(matrix::columns().count())));
        for (family, version) in clients {
            self.text.push_str(&format!("| {} {version} |", family.name));
            for column in matrix::columns() {
                let cell = match family.lack(column) {
                    Some(reason) => format!("n/a [{}]", self.note(reason)),
                    None => self.cell(&matrix::name(kind, family, column)).to_owned(),
                };
                self.text.push_str(&format!(" {cell} |"));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// The number of a note below the tables.
    fn note(&mut self, reason: &'static str) -> usize {
        if let Some(at) = self.notes.iter().position(|note| *note == reason) {
            return at + 1;
        }
        self.notes.push(reason);
        self.notes.len()
    }

    /// The table of mixed groups: assignors, who shares them, and how that went.
    pub(super) fn mixed(&mut self, kinds: &[(Kind, &str)]) {
        self.text.push_str("| members of one group | assignor |");
        for (_, name) in kinds {
            self.text.push_str(&format!(" on {name} |"));
        }
        self.text.push_str(&format!("\n|---|---|{}\n", "---|".repeat(kinds.len())));
        for assignor in mixed::ASSIGNORS {
            let names: Vec<&str> = mixed::members(assignor).map(|family| family.name).collect();
            self.text.push_str(&format!("| {} | {assignor} |", names.join(", ")));
            for (kind, _) in kinds {
                self.text.push_str(&format!(" {} |", self.cell(&matrix::mixed_name(*kind, assignor))));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// How many of the other cases of a broker passed, and which failed.
    pub(super) fn others(&mut self, kind: Kind, what: &str) {
        let begin = format!("{}: ", kind.name());
        let others: Vec<(&str, bool)> = self
            .passed
            .iter()
            .filter_map(|(name, passed)| Some((name.strip_prefix(&begin)?, *passed)))
            .filter(|(name, _)| !name.contains(": "))
            .collect();
        let failed: Vec<&str> = others.iter().filter(|(_, passed)| !passed).map(|(name, _)| *name).collect();
        let passed = others.len() - failed.len();
        self.text.push_str(&format!("{what}: {passed} of {} cases pass", others.len()));
        match failed.is_empty() {
            true => self.text.push_str(".\n\n"),
            false => self.text.push_str(&format!("; these do not: {}.\n\n", failed.join("; "))),
        }
    }

    /// All of it, with the notes.
    pub(super) fn end(mut self) -> String {
        for (number, note) in self.notes.iter().enumerate() {
            self.text.push_str(&format!("{}. {note}.\n", number + 1));
        }
        self.text
    }
}

/// Puts the account into the README, between its two marks.
pub(super) fn write(account: &str) -> Outcome {
    let path = workspace::root().join("README.md");
    let readme = fs::read_to_string(&path)?;
    let (before, rest) = readme.split_once(BEGIN).ok_or("the README has no mark where the account begins")?;
    let (_, after) = rest.split_once(END).ok_or("the README has no mark where the account ends")?;
    Ok(fs::write(path, format!("{before}{BEGIN}\n{account}{END}{after}"))?)
}
