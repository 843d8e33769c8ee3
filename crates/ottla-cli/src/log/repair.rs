//! `ottla log repair`: what verify finds, mended as far as it can be without losing anything, or farther with `--yes`.

use ottla::storage::inspect::{Finding, Mend, examine, hold, mend};

use super::Located;
use super::verify;
use crate::arguments::Repair;
use crate::failure::Failure;
use crate::output::print;

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Planned,
    NeedsYes,
}

/// Mends, tells what was done, and looks again.
pub(super) fn run(words: &Repair) -> Result<(), Failure> {
    let located = Located::at(&words.folder.path)?;
    let _held = hold(located.disk.as_ref()).map_err(|error| located.failed(error))?;
    let report = examine(&located.disk, &located.place).map_err(|error| located.failed(error))?;
    let outcome_of = |mend: &Mend| match () {
        () if words.dry_run => Outcome::Planned,
        () if mend.discards() && !words.yes => Outcome::NeedsYes,
        () => Outcome::Done,
    };
    let wanted = report.findings.iter().filter_map(|finding| finding.mend.as_ref());
    for mend in once(wanted.filter(|mend| outcome_of(mend) == Outcome::Done).collect()) {
        self::mend(&located.disk, mend).map_err(|error| located.failed(error))?;
    }
    let words_of = |finding: &Finding| {
        Some(match outcome_of(finding.mend.as_ref()?) {
            Outcome::Done => "done",
            Outcome::Planned => "planned",
            Outcome::NeedsYes => "needs --yes",
        })
    };
    if words.folder.is_json() {
        print(&verify::json(&located, &report, words_of)?)?;
    } else {
        let mut lines = String::new();
        for finding in &report.findings {
            lines += &format!("{}\n", verify::line(&located, finding));
            if let Some((outcome, mend)) = words_of(finding).zip(finding.mend.as_ref()) {
                lines += &format!("       {outcome}: {mend}\n");
            }
        }
        print(&lines)?;
    }
    let left = examine(&located.disk, &located.place).map_err(|error| located.failed(error))?;
    if !words.folder.is_json() {
        print(&format!("{}\n", verify::summary(&left)))?;
    }
    if left.is_sound() { Ok(()) } else { Err(Failure::Told) }
}

/// Each thing once: who cuts a segment makes its indexes anew as well.
fn once(wanted: Vec<&Mend>) -> Vec<&Mend> {
    let is_cut =
        |path| wanted.iter().any(|mend| matches!(mend, Mend::Cut { segment, .. } if segment == path));
    let mut mends: Vec<&Mend> = Vec::new();
    for mend in &wanted {
        let is_twice = matches!(mend, Mend::Indexes { segment } if is_cut(segment));
        if !is_twice && !mends.contains(mend) {
            mends.push(mend);
        }
    }
    mends
}
