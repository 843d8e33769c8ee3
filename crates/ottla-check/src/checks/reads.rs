//! What must hold of reads: nothing is invented, an offset holds one record for ever, and a reader goes forward
//! without leaving anything out.

use std::collections::HashMap;

use crate::anomaly::Anomaly;
use crate::event::{Isolation, Partition, Read, What};
use crate::known::{Known, Places};
use crate::report::Report;

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    let places = Places::known(known);
    let mut readers: HashMap<(&str, Partition), i64> = HashMap::new();
    for (index, event) in known.events.iter().enumerate() {
        match &event.what {
            What::Poll { who, topic, partition, records, isolation, .. } => {
                let place = Partition::new(topic.as_str(), *partition);
                for record in records {
                    truth(known, index, &place, record, report);
                }
                let next = readers.entry((who.as_str(), place.clone())).or_insert_with(|| {
                    // A reader that was not seen before begins anywhere; the auditor at the beginning.
                    let is_auditor = known.auditor.is_some_and(|(auditor, _)| auditor == who);
                    if is_auditor { 0 } else { -1 }
                });
                for record in records {
                    follow(known, &places, index, (who, &place, *isolation), *next, record, report);
                    *next = record.offset.saturating_add(1);
                }
            }
            What::Seek { who, topic, partition, offset } => {
                let place = Partition::new(topic.as_str(), *partition);
                readers.insert((who.as_str(), place), offset.unwrap_or(-1));
            }
            // What a member is given next begins where its group is.
            What::Assigned { who, partitions, .. } | What::Revoked { who, partitions, .. } => {
                for place in partitions {
                    readers.remove(&(who.as_str(), place.clone()));
                }
            }
            _ => {}
        }
    }
}

/// invented, inconsistent-offsets: what is read was sent there, and is what everybody reads there.
fn truth(known: &Known<'_>, index: usize, place: &Partition, record: &Read, report: &mut Report) {
    let offset = record.offset;
    let Some(id) = known.send_of(&record.value).filter(|id| known.sends[*id].event < index) else {
        let value: String = record.value.chars().take(60).collect();
        report.find(
            Anomaly::Invented,
            format!("event {} read {value:?} at {place}:{offset}, which nobody had sent", index + 1),
        );
        return;
    };
    if known.sends[id].place != *place {
        report.find(
            Anomaly::Invented,
            format!(
                "event {} read {} at {place}:{offset}; it was sent to {}",
                index + 1,
                known.name(id),
                known.sends[id].place
            ),
        );
    }
    let first = known.seen.get(place).and_then(|records| records.get(&offset));
    if let Some((other, before)) = first.filter(|(other, _)| *other != id) {
        report.find(
            Anomaly::InconsistentOffsets,
            format!(
                "event {} read {} at {place}:{offset}, where event {} had read {}",
                index + 1,
                known.name(id),
                before + 1,
                known.name(*other)
            ),
        );
    }
}

/// nonmonotonic-poll, poll-skip: a record follows those before it.
fn follow(
    known: &Known<'_>,
    places: &Places,
    index: usize,
    (who, place, isolation): (&str, &Partition, Isolation),
    next: i64,
    record: &Read,
    report: &mut Report,
) {
    if next < 0 {
        return;
    }
    let offset = record.offset;
    if offset < next {
        report.find(
            Anomaly::NonmonotonicPoll,
            format!("event {}: {who} got {place}:{offset} and had come to {next}", index + 1),
        );
        return;
    }
    if let Some((hole, send)) = known.hole(place, next, offset, isolation, places) {
        report.find(
            Anomaly::PollSkip,
            format!(
                "event {}: {who} got {place}:{offset} and not {hole}, where there is {}",
                index + 1,
                known.name_or_nothing(send)
            ),
        );
    }
}
