//! What must hold of where partitions begin, are stable and end: it only grows, and is in order.

use std::collections::{BTreeMap, HashMap};

use crate::anomaly::Anomaly;
use crate::event::{Acks, Partition, Watermarks, What};
use crate::known::Known;
use crate::report::Report;

/// The least that who asks now must be told.
#[derive(Clone, Copy, Default)]
struct Floor {
    start: i64,
    stable: i64,
    end: i64,
}

type Floors = BTreeMap<Partition, Floor>;

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    let mut floors = Floors::new();
    let mut asked: HashMap<u64, Floors> = HashMap::new();
    let mut sends: HashMap<u64, usize> = HashMap::new();
    for (id, sent) in known.sends.iter().enumerate() {
        if let Some(op) = known.events[sent.event].what.op() {
            sends.insert(op, id);
        }
    }
    for (index, event) in known.events.iter().enumerate() {
        match &event.what {
            What::Ends { op, .. } => {
                asked.insert(*op, floors.clone());
            }
            What::Ok { op, offset: Some(offset), .. } => {
                let Some(sent) = sends.get(op).map(|id| &known.sends[*id]) else { continue };
                if sent.acks == Acks::All {
                    raise(&mut floors, &sent.place).end(offset.saturating_add(1));
                }
            }
            What::Poll { topic, partition, records, .. } => {
                if let Some(last) = records.last() {
                    raise(&mut floors, &Partition::new(topic.as_str(), *partition))
                        .end(last.offset.saturating_add(1));
                }
            }
            What::Ok { op, ends, .. } if !ends.is_empty() => {
                let floors_then = asked.remove(op).unwrap_or_default();
                for told in ends {
                    let floor = floors_then.get(&told.place()).copied().unwrap_or_default();
                    judge(index, told, floor, report);
                    let now = raise(&mut floors, &told.place());
                    now.start = now.start.max(told.start.unwrap_or(0));
                    now.stable = now.stable.max(told.stable.unwrap_or(0));
                    now.end(told.end.unwrap_or(0));
                }
            }
            _ => {}
        }
    }
}

fn raise<'a>(floors: &'a mut Floors, place: &Partition) -> &'a mut Floor {
    floors.entry(place.clone()).or_default()
}

impl Floor {
    fn end(&mut self, end: i64) {
        self.end = self.end.max(end);
    }
}

/// offsets: nothing is told that is behind what was known when it was asked.
fn judge(index: usize, told: &Watermarks, floor: Floor, report: &mut Report) {
    let place = told.place();
    let pairs = [
        ("begins", told.start, floor.start),
        ("is stable to", told.stable, floor.stable),
        ("ends", told.end, floor.end),
    ];
    for (what, told, floor) in pairs {
        if let Some(told) = told.filter(|told| *told < floor) {
            report.find(
                Anomaly::Offsets,
                format!("event {} tells that {place} {what} at {told}; it was {floor} before", index + 1),
            );
        }
    }
    let ordered = [told.start, told.stable, told.end];
    let ordered: Vec<i64> = ordered.into_iter().flatten().collect();
    if !ordered.is_sorted() {
        report.find(
            Anomaly::Offsets,
            format!("event {} tells of {place} what is not in order: {ordered:?}", index + 1),
        );
    }
}
