//! What must hold of a log: what was acknowledged is there, once, and in order.

use std::collections::BTreeMap;

use crate::anomaly::Anomaly;
use crate::event::{Acks, Fault, Partition, Topic, What};
use crate::known::{Fate, Known, Outcome, Places, Sent};
use crate::report::Report;

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    acknowledged_offsets(known, report);
    match audited(known) {
        Some(last) => {
            lost(known, &last, report);
            vanished(known, &last, report);
            once(known, &last, report);
            order(known, &last, report);
        }
        None => {
            let all = Places::known(known);
            overtaken(known, report);
            once(known, &all, report);
            order(known, &all, report);
        }
    }
}

/// What the auditor found; `None` without one.
pub(super) fn audited(known: &Known<'_>) -> Option<Places> {
    let (auditor, from) = known.auditor?;
    let mut found = Places::default();
    for event in &known.events[from..] {
        let What::Poll { who, topic, partition, records, .. } = &event.what else { continue };
        if who != auditor {
            continue;
        }
        for record in records {
            if let Some(send) = known.send_of(&record.value) {
                found.add(Partition::new(topic.as_str(), *partition), record.offset, send);
            }
        }
    }
    Some(found)
}

/// inconsistent-offsets: no two sends are acknowledged at one offset.
fn acknowledged_offsets(known: &Known<'_>, report: &mut Report) {
    let mut at: BTreeMap<(&Partition, i64), usize> = BTreeMap::new();
    for (id, sent) in known.sends.iter().enumerate() {
        let Some(offset) = sent.offset.filter(|_| is_promised(known, sent)) else { continue };
        if let Some(other) = at.insert((&sent.place, offset), id) {
            report.find(
                Anomaly::InconsistentOffsets,
                format!(
                    "{}:{offset} was told for {} and for {}",
                    sent.place,
                    known.name(other),
                    known.name(id)
                ),
            );
        }
    }
}

/// Whether an acknowledged record must last to the end of the history.
fn is_promised(known: &Known<'_>, sent: &Sent<'_>) -> bool {
    match (sent.acks, sent.outcome) {
        (Acks::All, Outcome::Ok(_)) => true,
        // It survives the process, and neither the power nor a sync that fails.
        (Acks::Leader, Outcome::Ok(told)) => !known.faults.iter().any(|(event, kind)| match kind {
            Fault::PowerLoss => *event > told,
            Fault::Disk => true,
            Fault::Cut | Fault::Flaky | Fault::Stall | Fault::Resume | Fault::Restart => false,
        }),
        _ => false,
    }
}

/// Whether it may be missing although it was acknowledged: it was deleted or replaced, or is of a transaction that the
/// auditor may not see.
fn is_excused(known: &Known<'_>, id: usize, offset: i64) -> bool {
    let sent = &known.sends[id];
    known.kind(&sent.place.topic) == Topic::Compacted
        || offset < known.start(&sent.place)
        || !matches!(known.fate_of(id), None | Some(Fate::Committed))
}

/// lost-write: what was acknowledged is at its offset.
fn lost(known: &Known<'_>, last: &Places, report: &mut Report) {
    for (id, sent) in known.sends.iter().enumerate() {
        let Some(offset) = sent.offset.filter(|_| is_promised(known, sent)) else { continue };
        let found = last.of(&sent.place).get(&offset).copied();
        if found != Some(id) && !is_excused(known, id, offset) {
            let what = format!(
                "{} is not at {}:{offset}, where the last reader finds {}",
                known.name(id),
                sent.place,
                known.name_or_nothing(found)
            );
            report.find(Anomaly::LostWrite, what);
        }
    }
}

/// lost-write, where nobody read all of it in the end: nobody ever saw it, and readers are past it.
fn overtaken(known: &Known<'_>, report: &mut Report) {
    for (id, sent) in known.sends.iter().enumerate() {
        let Some(offset) = sent.offset.filter(|_| is_promised(known, sent)) else { continue };
        if is_excused(known, id, offset) {
            continue;
        }
        let Some(seen) = known.seen.get(&sent.place) else { continue };
        let past = seen.range(offset..).next_back().map(|(past, (_, event))| (*past, *event));
        if let (None, Some((past, event))) = (seen.get(&offset), past) {
            let what = format!(
                "nobody ever read {} at {}:{offset}, and event {} has read on to {past}",
                known.name(id),
                sent.place,
                event + 1
            );
            report.find(Anomaly::LostWrite, what);
        }
    }
}

/// What a reader once saw stays.
fn vanished(known: &Known<'_>, last: &Places, report: &mut Report) {
    for (place, records) in &known.seen {
        for (offset, (id, event)) in records {
            let found = last.of(place).get(offset).copied();
            if found != Some(*id) && !is_excused(known, *id, *offset) {
                let what = format!(
                    "event {} read {} at {place}:{offset}, where the last reader finds {}",
                    event + 1,
                    known.name(*id),
                    known.name_or_nothing(found)
                );
                report.find(Anomaly::Vanished, what);
            }
        }
    }
}

/// duplicate: nothing is at two offsets, unless it may have been sent again by who does not number its batches. And
/// what was refused for sure is nowhere.
fn once(known: &Known<'_>, places: &Places, report: &mut Report) {
    let mut found: BTreeMap<usize, Vec<(&Partition, i64)>> = BTreeMap::new();
    for (place, records) in places.all() {
        for (offset, id) in records {
            found.entry(*id).or_default().push((place, *offset));
        }
    }
    for (id, at) in found {
        let sent = &known.sends[id];
        let shown: Vec<String> = at.iter().map(|(place, offset)| format!("{place}:{offset}")).collect();
        let shown = shown.join(" and ");
        if let Outcome::Fail(_) = sent.outcome {
            report.find(Anomaly::AbortedRead, format!("{} is at {shown}", known.name(id)));
        }
        if at.len() > 1 && (sent.is_idempotent || !is_disrupted(known, sent)) {
            report.find(Anomaly::Duplicate, format!("{} is at {shown}", known.name(id)));
        }
    }
}

/// Whether a connection or the broker may have been lost while it was under way, so that it was sent again.
fn is_disrupted(known: &Known<'_>, sent: &Sent<'_>) -> bool {
    let end = end(sent);
    let mut stalled_since = None;
    let meets = |(event, kind): &(usize, Fault)| match kind {
        Fault::Flaky => *event <= end,
        Fault::Stall => {
            stalled_since = Some(*event);
            (sent.event..=end).contains(event)
        }
        // Whatever was under way meanwhile, or shared a connection with that: who waits for it no longer closes it.
        Fault::Resume => {
            stalled_since.take().is_some_and(|since| since <= end)
                && (*event >= sent.event || waits_since_before(known, sent, *event))
        }
        Fault::Cut | Fault::Restart | Fault::PowerLoss | Fault::Disk => (sent.event..=end).contains(event),
    };
    known.faults.iter().any(meets)
}

/// Whether the one who sent it had sent something else before this event, and still waited for that.
fn waits_since_before(known: &Known<'_>, sent: &Sent<'_>, event: usize) -> bool {
    let mut others = known.sends.iter().filter(|other| other.who == sent.who);
    others.any(|other| other.event < event && end(other) > sent.event)
}

/// The event that told the outcome.
fn end(sent: &Sent<'_>) -> usize {
    match sent.outcome {
        Outcome::Open => usize::MAX,
        Outcome::Ok(event) | Outcome::Fail(event) | Outcome::Info(event) => event,
    }
}

/// nonmonotonic-send: what one producer that numbers its batches sent to a partition stands in the order in which it
/// was sent, acknowledged or not.
fn order(known: &Known<'_>, places: &Places, report: &mut Report) {
    for (place, records) in places.all() {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (offset, id) in records {
            let sent = &known.sends[*id];
            if !sent.is_idempotent {
                continue;
            }
            let before = last.insert(sent.who, *id);
            if let Some(before) = before.filter(|before| *before > *id) {
                report.find(
                    Anomaly::NonmonotonicSend,
                    format!("at {place}:{offset} is {}, behind {}", known.name(*id), known.name(before)),
                );
            }
        }
    }
}
