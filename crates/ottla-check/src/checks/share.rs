//! What must hold of share groups: one holder at a time, each delivery counted, what is done is done, and nothing is
//! left out.
//!
//! A broker hands a record out somewhere between the question of a member and its answer, and an answer may be lost or
//! come late. So deliveries are put in order by their counts rather than by when they are told of, a lock is certain
//! from when it is told of until one that began with the question would end, and each question without an answer may
//! have been a delivery that nobody saw.

mod held;
mod members;
mod offsets;

use std::collections::{BTreeMap, HashMap};

use self::held::{Delivery, Done, Held};
use self::members::Members;
use self::offsets::Offsets;
use crate::anomaly::Anomaly;
use crate::event::{Event, Fault, How, Partition, What};
use crate::known::{Known, Outcome};
use crate::report::Report;

/// Records that one event may speak of: more is taken for a slip.
const RANGE_MAX: i64 = 100_000;
/// The least limit of deliveries that a group can have.
const LIMIT_MIN: u16 = 2;

/// What is known of a group.
#[derive(Clone, Copy, Debug, Default)]
struct Terms {
    limit: Option<u16>,
    /// How long a lock lasts.
    lock: Option<u64>,
}

/// An acknowledgement under way.
#[derive(Clone, Debug)]
struct Acknowledged<'a> {
    who: &'a str,
    group: &'a str,
    place: Partition,
    range: (i64, i64),
    how: How,
    event: usize,
    at: u64,
    outcome: Outcome,
}

struct Shares<'a, 'k> {
    known: &'k Known<'a>,
    terms: BTreeMap<&'a str, Terms>,
    members: Members<'a>,
    records: BTreeMap<(&'a str, Partition), BTreeMap<i64, Held<'a>>>,
    asked: HashMap<u64, Acknowledged<'a>>,
    offsets: Offsets<'a>,
    /// When the process began that runs.
    life: usize,
}

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    let mut shares = Shares {
        known,
        terms: BTreeMap::new(),
        members: Members::new(known),
        records: BTreeMap::new(),
        asked: HashMap::new(),
        offsets: Offsets::new(known),
        life: 0,
    };
    let settled = known.events.iter().rposition(|event| event.what == What::Settled {});
    for (index, event) in known.events.iter().enumerate() {
        shares.take(index, event, report);
        if Some(index) == settled {
            shares.settled(index, report);
        }
    }
}

impl<'a> Shares<'a, '_> {
    fn take(&mut self, index: usize, event: &'a Event, report: &mut Report) {
        match &event.what {
            What::ShareGroup { group, delivery_limit, lock, .. } => {
                self.terms.insert(group, Terms { limit: *delivery_limit, lock: *lock });
            }
            What::Acquire { op, who, group } => self.members.asks(index, *op, who, group),
            What::Acquired { group, topic, partition, first, last, .. } => {
                if is_absurd(index, *first, *last, report) {
                    return;
                }
                let place = Partition::new(topic.as_str(), *partition);
                for offset in *first..=*last {
                    self.acquired((index, event), group, (&place, offset), report);
                }
            }
            What::Acknowledge { op, who, group, topic, partition, first, last, how } => {
                if is_absurd(index, *first, *last, report) {
                    return;
                }
                let one = Acknowledged {
                    who,
                    group,
                    place: Partition::new(topic.as_str(), *partition),
                    range: (*first, *last),
                    how: *how,
                    event: index,
                    at: event.at,
                    outcome: self.known.outcome(*op),
                };
                self.acknowledge(&one, report);
                self.asked.insert(*op, one);
            }
            What::Committed { op, group, .. } if self.terms.contains_key(group.as_str()) => {
                self.offsets.asks(*op, group);
            }
            What::Ok { op, offsets, .. } => {
                self.members.answered(*op);
                if let Some(one) = self.asked.remove(op) {
                    self.acknowledged(&one, (index, event));
                }
                if let Some(group) = self.offsets.answered(*op) {
                    for told in offsets {
                        self.started(index, group, &told.place(), told.offset, report);
                    }
                }
            }
            What::Fail { op, .. } => self.members.answered(*op),
            What::Left { who, group } => self.left(who, group),
            What::Fault { kind: Fault::Restart | Fault::PowerLoss } => {
                self.life = index;
                self.records.values_mut().flat_map(BTreeMap::values_mut).for_each(Held::forget);
            }
            _ => {}
        }
    }

    fn terms(&self, group: &str) -> Terms {
        self.terms.get(group).copied().unwrap_or_default()
    }

    /// redelivered, two-holders, delivery-count.
    fn acquired(
        &mut self,
        (index, event): (usize, &'a Event),
        group: &'a str,
        (place, offset): (&Partition, i64),
        report: &mut Report,
    ) {
        let What::Acquired { who, count, until, .. } = &event.what else { return };
        let terms = self.terms(group);
        let asked = self.members.question(group, who).unwrap_or(index);
        let unseen = self.members.unseen_but(group, who);
        let given = format!("event {} gives {place}:{offset} of {group} to {who}", index + 1);
        let now = Delivery {
            who,
            count: *count,
            asked,
            told: index,
            told_at: event.at,
            until: *until,
            ends: terms.lock.map(|lock| event.at.saturating_add(lock)),
        };
        let of = self.records.entry((group, place.clone())).or_default();
        let held = of.entry(offset).or_default();
        if let Some(done) = held.done
            && (asked > done.event || done.count.is_some_and(|before| *count > before))
        {
            report
                .find(Anomaly::Redelivered, format!("{given}; it was done with by event {}", done.event + 1));
        }
        held.seen = held.seen.saturating_add(1);
        if let Some(unseen) = unseen
            && u64::from(*count) > u64::from(held.seen) + unseen
        {
            let seen = held.seen;
            report.find(
                Anomaly::DeliveryCount,
                format!("{given} as delivery {count}; {seen} were seen, and {unseen} may have been lost"),
            );
        }
        if *count == 0 || terms.limit.is_some_and(|limit| *count > limit) {
            let limit = terms.limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
            report.find(Anomaly::DeliveryCount, format!("{given} as delivery {count} of {limit}"));
        }
        if asked < self.life {
            return; // It may be a delivery of the process before, which is forgotten.
        }
        let Some(before) = held.last else { return held.give(now) };
        // Whether this was handed out before what was told earlier.
        let is_late = *count < before.count;
        let has_left = held.has_left || !self.members.stays(group, before.who, before.told);
        let repeats = *count == before.count && !has_left;
        if repeats || (is_late && asked > before.told) {
            report.find(
                Anomaly::DeliveryCount,
                format!(
                    "{given} as delivery {count}; event {} was delivery {}",
                    before.told + 1,
                    before.count
                ),
            );
        }
        let (one, other) = if is_late { (now, before) } else { (before, now) };
        let is_held = is_late || held.is_held;
        if is_held
            && one.who != other.who
            && one.until > other.told_at
            && self.members.stays(group, one.who, index)
        {
            report.find(
                Anomaly::TwoHolders,
                format!(
                    "{given} at {}; by event {} {} holds it until {}",
                    other.told_at,
                    one.told + 1,
                    one.who,
                    one.until
                ),
            );
        }
        if !is_late {
            held.give(now);
        }
    }

    /// Somebody asks to be rid of records, or for more time. Only a holder is answered well.
    fn acknowledge(&mut self, one: &Acknowledged<'a>, report: &mut Report) {
        let terms = self.terms(one.group);
        let lost = self.members.unseen(one.group);
        let Some(of) = self.records.get_mut(&(one.group, one.place.clone())) else { return };
        for (offset, held) in of.range_mut(one.range.0..=one.range.1) {
            let Some(last) = held.last.filter(|_| held.is_held) else {
                held.is_asked_done |= one.is_done();
                continue;
            };
            if let Outcome::Ok(answer) = one.outcome {
                let answered = self.known.events.get(answer).map_or(0, |event| event.at);
                let what = format!(
                    "event {} of {} for {}:{offset} of {} is answered well by event {}",
                    one.event + 1,
                    one.who,
                    one.place,
                    one.group,
                    answer + 1
                );
                if last.who != one.who {
                    if answered < last.until
                        && !held.is_asked_done
                        && self.members.stays(one.group, last.who, answer)
                    {
                        let (event, holder) = (last.told + 1, last.who);
                        report.find(Anomaly::Fencing, format!("{what}; by event {event} {holder} holds it"));
                    }
                } else if let Some(ends) = last.ends.filter(|ends| *ends < one.at)
                    && !held.may_be_done(terms.limit, lost)
                    && offset >= &self.known.start(&one.place)
                    && !self.members.may_have_asked_since(one.group, one.who, last.asked)
                {
                    report.find(
                        Anomaly::Fencing,
                        format!("{what}; its lock by event {} had ended at {ends}", last.told + 1),
                    );
                }
            }
            held.is_asked_done |= one.is_done();
            // Who is done keeps others away until that is heard; who let it go may be followed at once.
            let is_kept = match (one.how, one.outcome) {
                (How::Renew, _) | (_, Outcome::Fail(_)) => true,
                (How::Accept | How::Reject, outcome) => outcome.is_ok(),
                (How::Release, _) => false,
            };
            if last.who == one.who && !is_kept {
                held.is_held = false;
            }
        }
    }

    fn acknowledged(&mut self, one: &Acknowledged<'a>, (index, event): (usize, &Event)) {
        let lock = self.terms(one.group).lock;
        let Some(of) = self.records.get_mut(&(one.group, one.place.clone())) else { return };
        for (_, held) in of.range_mut(one.range.0..=one.range.1) {
            let own = held.last.as_mut().filter(|last| last.who == one.who && last.told < one.event);
            if one.is_done() {
                let count = own.filter(|own| event.at < own.until).map(|own| own.count);
                held.done = held.done.or(Some(Done { event: index, count }));
            } else if let (How::Renew, Some(own)) = (one.how, own) {
                match lock {
                    Some(lock) => {
                        own.until = own.until.max(one.at.saturating_add(lock));
                        own.ends = Some(event.at.saturating_add(lock));
                    }
                    None => own.ends = None,
                }
            }
        }
    }

    fn left(&mut self, who: &'a str, group: &'a str) {
        self.members.left(who, group);
        for ((of, _), records) in &mut self.records {
            if *of != group {
                continue;
            }
            for held in records.values_mut() {
                if held.last.is_some_and(|last| last.who == who) {
                    held.has_left |= held.is_held;
                    held.is_held = false;
                }
            }
        }
    }

    /// A group is told to be done with all records before an offset.
    fn started(&mut self, index: usize, group: &'a str, place: &Partition, start: i64, report: &mut Report) {
        let (limit, lost) = (self.terms(group).limit, self.members.unseen(group));
        let of = self.records.get(&(group, place.clone()));
        for (offset, send) in self.offsets.passed(group, place, start) {
            let sent = self.known.sends.get(send).is_some_and(|sent| sent.event < index);
            if !sent || offset < self.known.start(place) || !self.offsets.is_for(self.known, send) {
                continue;
            }
            let held = of.and_then(|of| of.get(&offset));
            if !held.copied().unwrap_or_default().may_be_done(limit, lost) {
                let (name, event) = (self.known.name(send), index + 1);
                report.find(
                    Anomaly::Undelivered,
                    format!(
                        "by event {event} {group} is done with all before {place}:{start}, and nobody with {name} at {offset}"
                    ),
                );
            }
        }
    }

    /// undelivered: once all is settled, each record was given to somebody, again and again until it was done with.
    fn settled(&self, settled: usize, report: &mut Report) {
        let at = self.known.events.get(settled).map_or(0, |event| event.at);
        for event in self.known.events.iter().take(settled) {
            let What::ShareGroup { group, topics, .. } = &event.what else { continue };
            let (limit, lost) = (self.terms(group).limit, self.members.unseen(group));
            for (id, sent) in self.known.sends.iter().enumerate() {
                let Some(offset) = self.offsets.is_kept(self.known, id, settled) else { continue };
                if !topics.contains(&sent.place.topic) {
                    continue;
                }
                let of = self.records.get(&(group.as_str(), sent.place.clone()));
                let held = of.and_then(|of| of.get(&offset)).copied().unwrap_or_default();
                if held.may_be_done(limit, lost)
                    || (held.is_held && held.last.is_some_and(|last| last.until > at))
                {
                    continue;
                }
                let name = self.known.name(id);
                if held.seen == 0 {
                    let what = format!("{group} was never given {name} at {}:{offset}", sent.place);
                    report.find(Anomaly::Undelivered, what);
                } else if limit.is_some() {
                    let (place, seen) = (&sent.place, held.seen);
                    let what = format!(
                        "{group} was given {name} at {place}:{offset} {seen} times, is not done with it"
                    );
                    report.find(Anomaly::Undelivered, format!("{what}, and is not given it again"));
                }
            }
        }
    }
}

impl Acknowledged<'_> {
    /// Whether the records may be done with by it.
    fn is_done(&self) -> bool {
        matches!(self.how, How::Accept | How::Reject) && !matches!(self.outcome, Outcome::Fail(_))
    }
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
