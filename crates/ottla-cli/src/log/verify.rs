//! `ottla log verify`: what is wrong with a folder.

use std::fmt::Write;

use ottla::storage::inspect::{Counts, Finding, Report, Weight, examine};
use serde::Serialize;

use super::Located;
use crate::arguments::Verify;
use crate::failure::Failure;
use crate::output::{counted, print};

/// Prints what is wrong, and ends well if nothing is.
pub(super) fn run(words: &Verify) -> Result<(), Failure> {
    let located = Located::at(&words.folder.path)?;
    located.warn_if_held();
    let report = examine(&located.disk, &located.place).map_err(|error| located.failed(error))?;
    print(&match words.folder.is_json() {
        true => json(&located, &report, |_| None)?,
        false => text(&located, &report),
    })?;
    if report.is_sound() { Ok(()) } else { Err(Failure::Told) }
}

/// A finding as a line of JSON.
#[derive(Serialize)]
struct FindingLine {
    kind: &'static str,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u64>,
    weight: &'static str,
    problem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
}

/// What was read, as a line of JSON.
#[derive(Serialize)]
struct ReadLine {
    kind: &'static str,
    logs: u64,
    segments: u64,
    batches: u64,
    records: u64,
    bytes: u64,
    sound: bool,
}

/// All findings, one a line, and what was read. `outcome` says what became of one.
pub(super) fn json(
    located: &Located,
    report: &Report,
    outcome: impl Fn(&Finding) -> Option<&'static str>,
) -> Result<String, Failure> {
    let mut lines = String::new();
    let failed = |error: serde_json::Error| Failure::Output(error.into());
    for finding in &report.findings {
        let line = FindingLine {
            kind: "finding",
            file: located.shown(&finding.path),
            from: finding.bytes.as_ref().map(|bytes| bytes.start),
            to: finding.bytes.as_ref().map(|bytes| bytes.end),
            weight: word(finding.problem.weight()),
            problem: finding.problem.to_string(),
            repair: finding.mend.as_ref().map(ToString::to_string),
            outcome: outcome(finding),
        };
        lines += &serde_json::to_string(&line).map_err(failed)?;
        lines.push('\n');
    }
    let Counts { logs, segments, batches, records, bytes, .. } = report.counts;
    let line = ReadLine { kind: "read", logs, segments, batches, records, bytes, sound: report.is_sound() };
    lines += &serde_json::to_string(&line).map_err(failed)?;
    lines.push('\n');
    Ok(lines)
}

/// The same to be read by people.
pub(super) fn text(located: &Located, report: &Report) -> String {
    let mut lines = String::new();
    for finding in &report.findings {
        let _ = writeln!(lines, "{}", line(located, finding));
    }
    let _ = writeln!(lines, "{}", summary(report));
    lines
}

/// A finding in a line.
pub(super) fn line(located: &Located, finding: &Finding) -> String {
    let at = finding.bytes.as_ref().map(|bytes| format!(", bytes {} to {}", bytes.start, bytes.end));
    let (weight, file) = (word(finding.problem.weight()), located.shown(&finding.path));
    format!("{weight:<5}  {file}{}: {}", at.unwrap_or_default(), finding.problem)
}

/// What was read and what came of it.
pub(super) fn summary(report: &Report) -> String {
    let Counts { logs, segments, batches, records, bytes, .. } = report.counts;
    let of = |weight| report.findings.iter().filter(|finding| finding.problem.weight() == weight).count();
    let count = |weight| {
        let count = of(weight);
        (count > 0).then(|| format!("{count} of {}", word(weight)))
    };
    let found: Vec<String> =
        [Weight::Data, Weight::Cache, Weight::Note].into_iter().filter_map(count).collect();
    let found = match found.is_empty() {
        true => "nothing is wrong".to_owned(),
        false => format!("{} ({})", counted_usize(report.findings.len()), found.join(", ")),
    };
    let batch = if batches == 1 { "batch" } else { "batches" };
    let logs = if logs > 0 { format!("{}, ", counted(logs, "log")) } else { String::new() };
    format!(
        "{logs}{}, {batches} {batch}, {}, {}: {found}",
        counted(segments, "segment"),
        counted(records, "record"),
        counted(bytes, "byte")
    )
}

fn counted_usize(count: usize) -> String {
    counted(count as u64, "finding")
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Cache => "cache",
        Weight::Data => "data",
    }
}
