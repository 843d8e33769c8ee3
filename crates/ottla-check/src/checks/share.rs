//! What must hold of share groups: one holder at a time, each delivery counted, what is done is done, and nothing is
//! left out.

use std::collections::{BTreeMap, HashMap};

use crate::anomaly::Anomaly;
use crate::event::{Acks, Event, Fault, How, Partition, What};
use crate::known::{Known, Outcome};
use crate::report::Report;

/// Records that one event may speak of: more is taken for a slip.
const RANGE_MAX: i64 = 100_000;

/// What is known of one record in one group at some point.
#[derive(Clone, Debug, Default)]
struct Held<'a> {
    /// Who holds it, until when, and since which event; nobody can tell once it was asked to let it go.
    holder: Option<(&'a str, u64, usize)>,
    /// How often it was delivered, and by which event last.
    count: Option<(u16, usize)>,
    /// Whether who held it left, so that the delivery may not count.
    has_left: bool,
    /// Which event said that it is done, one way or the other.
    done: Option<usize>,
}

type Records<'a> = BTreeMap<(&'a str, Partition), BTreeMap<i64, Held<'a>>>;

/// An acknowledgement under way.
#[derive(Clone, Debug)]
struct Acknowledged<'a> {
    who: &'a str,
    group: &'a str,
    place: Partition,
    range: (i64, i64),
    how: How,
    event: usize,
}

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    let mut records = Records::new();
    let mut limits: BTreeMap<&str, u16> = BTreeMap::new();
    let mut asked: HashMap<u64, Acknowledged<'_>> = HashMap::new();
    for (index, event) in known.events.iter().enumerate() {
        match &event.what {
            What::ShareGroup { group, delivery_limit: Some(limit), .. } => {
                limits.insert(group, *limit);
            }
            What::Acquired { group, topic, partition, first, last, .. } => {
                let of = (group.as_str(), Partition::new(topic.as_str(), *partition));
                if is_absurd(index, *first, *last, report) {
                    continue;
                }
                let limit = limits.get(group.as_str()).copied();
                for offset in *first..=*last {
                    let held = records.entry(of.clone()).or_default().entry(offset).or_default();
                    acquired(held, (index, event), (&of.1, offset), limit, report);
                }
            }
            What::Acknowledge { op, who, group, topic, partition, first, last, how } => {
                let place = Partition::new(topic.as_str(), *partition);
                if is_absurd(index, *first, *last, report) {
                    continue;
                }
                let range = (*first, *last);
                let one = Acknowledged { who, group, place, range, how: *how, event: index };
                acknowledge(&mut records, &one, known.outcome(*op), report);
                asked.insert(*op, one);
            }
            What::Ok { op, .. } => {
                if let Some(one) = asked.remove(op) {
                    acknowledged(&mut records, &one, index);
                }
            }
            What::Left { who, group } => left(&mut records, who, group),
            What::Fault { kind: Fault::Restart | Fault::PowerLoss } => {
                // Who holds what is forgotten with the process, and so may be how often it was delivered.
                records.values_mut().flat_map(BTreeMap::values_mut).for_each(|held| {
                    (held.holder, held.count) = (None, None);
                });
            }
            _ => {}
        }
    }
    undelivered(known, &records, report);
}

fn is_absurd(index: usize, first: i64, last: i64, report: &mut Report) -> bool {
    let is_absurd = first < 0 || last < first || last - first >= RANGE_MAX;
    if is_absurd {
        report.find(
            Anomaly::Malformed,
            format!("event {} speaks of the records from {first} to {last}", index + 1),
        );
    }
    is_absurd
}

/// redelivered, two-holders, delivery-count.
fn acquired<'a>(
    held: &mut Held<'a>,
    (index, event): (usize, &'a Event),
    (place, offset): (&Partition, i64),
    limit: Option<u16>,
    report: &mut Report,
) {
    let What::Acquired { who, group, count, until, .. } = &event.what else { return };
    let given = format!("event {} gives {place}:{offset} of {group} to {who}", index + 1);
    if let Some(done) = held.done {
        report.find(Anomaly::Redelivered, format!("{given}; it was done with by event {}", done + 1));
    }
    if let Some((holder, until, since)) = held.holder.filter(|(holder, ..)| holder != who)
        && until > event.at
    {
        report.find(
            Anomaly::TwoHolders,
            format!("{given} at {}; by event {} {holder} holds it until {until}", event.at, since + 1),
        );
    }
    if let Some((before, since)) = held.count {
        let least = if held.has_left { before } else { before.saturating_add(1) };
        if *count < least {
            report.find(
                Anomaly::DeliveryCount,
                format!("{given} as delivery {count}; event {} was delivery {before}", since + 1),
            );
        }
    }
    if *count == 0 || limit.is_some_and(|limit| *count > limit) {
        let limit = limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
        report.find(Anomaly::DeliveryCount, format!("{given} as delivery {count} of {limit}"));
    }
    held.holder = Some((who, *until, index));
    held.count = Some((*count, index));
    held.has_left = false;
}

/// Somebody asks to be rid of records. From here on nobody can tell who holds them; only a holder is answered well.
fn acknowledge<'a>(records: &mut Records<'a>, one: &Acknowledged<'a>, outcome: Outcome, report: &mut Report) {
    let Some(of) = records.get_mut(&(one.group, one.place.clone())) else { return };
    for (offset, held) in of.range_mut(one.range.0..=one.range.1) {
        match held.holder {
            Some((holder, _, since)) if holder != one.who => {
                if let Outcome::Ok(answer) = outcome {
                    let what = format!(
                        "event {} of {} for {}:{offset} of {} is answered well by event {}; by event {} {holder} holds it",
                        one.event + 1,
                        one.who,
                        one.place,
                        one.group,
                        answer + 1,
                        since + 1
                    );
                    report.find(Anomaly::Fencing, what);
                }
            }
            _ => held.holder = None,
        }
    }
}

fn acknowledged<'a>(records: &mut Records<'a>, one: &Acknowledged<'a>, index: usize) {
    if !matches!(one.how, How::Accept | How::Reject) {
        return;
    }
    if let Some(of) = records.get_mut(&(one.group, one.place.clone())) {
        for (_, held) in of.range_mut(one.range.0..=one.range.1) {
            held.done = held.done.or(Some(index));
        }
    }
}

fn left(records: &mut Records<'_>, who: &str, group: &str) {
    for ((of, _), records) in records.iter_mut() {
        if *of != group {
            continue;
        }
        for held in records.values_mut() {
            if held.holder.is_some_and(|(holder, ..)| holder == who) {
                held.holder = None;
                held.has_left = true;
            }
        }
    }
}

/// undelivered: once all is settled, each record was given to somebody.
fn undelivered(known: &Known<'_>, records: &Records<'_>, report: &mut Report) {
    let settled = |event: &Event| event.what == What::Settled {};
    let Some(settled) = known.events.iter().rposition(settled) else { return };
    for event in &known.events[..settled] {
        let What::ShareGroup { group, topics, .. } = &event.what else { continue };
        for (id, sent) in known.sends.iter().enumerate() {
            let (Some(offset), Acks::All) = (sent.offset, sent.acks) else { continue };
            let is_for = topics.contains(&sent.place.topic)
                && sent.event < settled
                && offset >= known.start(&sent.place)
                && known.is_for(id, crate::event::Isolation::ReadCommitted);
            let of = records.get(&(group.as_str(), sent.place.clone()));
            if is_for && of.is_none_or(|of| !of.contains_key(&offset)) {
                report.find(
                    Anomaly::Undelivered,
                    format!("{group} was never given {} at {}:{offset}", known.name(id), sent.place),
                );
            }
        }
    }
}
