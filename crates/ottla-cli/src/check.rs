//! `ottla check`: a history of what clients did and saw, held against what was promised.
//!
//! What a history is and what must not be in one is known to `ottla_check`.

use std::io::Read;
use std::path::Path;

use ottla_check::{History, Report};
use serde::Serialize;

use crate::arguments::Check;
use crate::failure::Failure;
use crate::output::{print, print_json};

/// Prints what is wrong with a history, and ends well if nothing is.
pub(crate) fn run(words: &Check) -> Result<(), Failure> {
    let path = &words.file;
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(Failure::Input)?;
        text
    } else {
        std::fs::read_to_string(path).map_err(|source| Failure::File { path: path.clone(), source })?
    };
    let history = History::read(&text).map_err(|source| Failure::NoHistory { path: path.clone(), source })?;
    let report = ottla_check::check(&history);
    if words.shown.json {
        print_json(&Told::of(&report))?;
    } else {
        print(&format!("{report}\n"))?;
    }
    if report.is_clean() { Ok(()) } else { Err(Failure::Told) }
}

/// A report as JSON.
#[derive(Serialize)]
struct Told<'a> {
    findings: Vec<Found<'a>>,
    sends: u64,
    acknowledged: u64,
    reads: u64,
    transactions: u64,
}

#[derive(Serialize)]
struct Found<'a> {
    anomaly: &'static str,
    what: &'a str,
}

impl<'a> Told<'a> {
    fn of(report: &'a Report) -> Self {
        let found = report.findings.iter();
        Self {
            findings: found
                .map(|finding| Found { anomaly: finding.anomaly.name(), what: &finding.what })
                .collect(),
            sends: report.sends,
            acknowledged: report.acknowledged,
            reads: report.reads,
            transactions: report.transactions,
        }
    }
}
