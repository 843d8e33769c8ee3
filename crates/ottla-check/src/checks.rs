//! All checks, one after the other. Each looks at the whole of a history and is linear in it, but for the sorting.

mod groups;
mod log;
mod offsets;
mod reads;
mod share;
mod transactions;

use crate::anomaly::Anomaly;
use crate::event::What;
use crate::history::History;
use crate::known::{Known, Outcome};
use crate::report::Report;

/// Checks a history.
///
/// # Examples
/// ```
/// use ottla_check::{Anomaly, History, check};
///
/// let history = History::read(r#"
///     {"at":1,"type":"send","op":1,"who":"p","topic":"orders","partition":0,"value":"a"}
///     {"at":2,"type":"ok","op":1,"offset":0}
///     {"at":3,"type":"send","op":2,"who":"p","topic":"orders","partition":0,"value":"b"}
///     {"at":4,"type":"ok","op":2,"offset":1}
///     {"at":5,"type":"poll","who":"r","topic":"orders","partition":0,"records":[{"offset":1,"value":"b"}]}
///     {"at":6,"type":"audit","who":"last"}
///     {"at":7,"type":"poll","who":"last","topic":"orders","partition":0,"records":[{"offset":1,"value":"b"}]}
/// "#)?;
/// let report = check(&history);
/// assert!(report.has(Anomaly::LostWrite), "{report}");
/// # Ok::<(), ottla_check::LineError>(())
/// ```
pub fn check(history: &History) -> Report {
    let mut report = Report::default();
    let known = Known::new(history.events(), &mut report);
    log::check(&known, &mut report);
    reads::check(&known, &mut report);
    offsets::check(&known, &mut report);
    groups::check(&known, &mut report);
    transactions::check(&known, &mut report);
    share::check(&known, &mut report);
    answers(&known, &mut report);
    report.findings.sort_by_key(|finding| finding.anomaly);
    report.sends = known.sends.len() as u64;
    report.acknowledged = known.sends.iter().filter(|sent| sent.outcome.is_ok()).count() as u64;
    report.transactions = known.transactions.len() as u64;
    let read = known.events.iter().map(|event| match &event.what {
        What::Poll { records, .. } => records.len() as u64,
        _ => 0,
    });
    report.reads = read.sum();
    report
}

/// stuck: what was asked before all was to be settled has an answer by then.
fn answers(known: &Known<'_>, report: &mut Report) {
    let settled = |event: &crate::event::Event| event.what == What::Settled {};
    let Some(settled) = known.events.iter().rposition(settled) else { return };
    for (index, event) in known.events[..settled].iter().enumerate() {
        let Some(op) = event.what.op().filter(|_| !event.what.is_answer()) else { continue };
        let answered = match known.outcome(op) {
            Outcome::Open => None,
            Outcome::Ok(event) | Outcome::Fail(event) | Outcome::Info(event) => Some(event),
        };
        if answered.is_none_or(|answered| answered > settled) {
            let line = crate::history::line(event);
            report.find(
                Anomaly::Stuck,
                format!("event {} has no answer by event {}: {line}", index + 1, settled + 1),
            );
        }
    }
}
