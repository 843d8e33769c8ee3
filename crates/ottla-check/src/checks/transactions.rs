//! What must hold of transactions: all of one is there or nothing, over partitions and offsets of groups alike; nothing
//! is seen before it is committed; who was fenced off changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::log::audited;
use crate::anomaly::Anomaly;
use crate::event::{End, Isolation, Partition, What};
use crate::known::{Fate, Known, Outcome, Transaction};
use crate::report::Report;

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    isolated(known, report);
    contradicted(known, report);
    whole(known, report);
    aborted_offsets(known, report);
    circles(known, report);
    fenced(known, report);
}

/// aborted-read, precommitted-read: a reader of what is committed sees nothing else.
fn isolated(known: &Known<'_>, report: &mut Report) {
    for (index, event) in known.events.iter().enumerate() {
        let What::Poll { who, topic, partition, records, isolation: Isolation::ReadCommitted, .. } =
            &event.what
        else {
            continue;
        };
        for record in records {
            let Some(id) = known.send_of(&record.value) else { continue };
            let Some((name, transaction)) = transaction_of(known, id) else { continue };
            let at = format!("{topic}-{partition}:{}", record.offset);
            if transaction.fate() == Fate::Aborted {
                let what = format!(
                    "event {}: {who} read {} at {at}, of {name}, which was not committed",
                    index + 1,
                    known.name(id)
                );
                report.find(Anomaly::AbortedRead, what);
            } else if transaction.commit_asked().is_none_or(|asked| asked > index) {
                let what = format!(
                    "event {}: {who} read {} at {at}, of {name}, whose commit nobody had asked for",
                    index + 1,
                    known.name(id)
                );
                report.find(Anomaly::PrecommittedRead, what);
            }
        }
    }
}

fn transaction_of<'a, 'k>(known: &'k Known<'a>, id: usize) -> Option<(&'a str, &'k Transaction<'a>)> {
    let name = known.sends[id].transaction?;
    known.transactions.get(name).map(|transaction| (name, transaction))
}

/// torn-transaction: nobody is told that it was committed and that it was aborted.
fn contradicted(known: &Known<'_>, report: &mut Report) {
    for (name, transaction) in &known.transactions {
        let told = |wanted: End| {
            transaction.ends.iter().find_map(|(how, _, outcome)| match outcome {
                Outcome::Ok(event) if *how == wanted => Some(*event),
                _ => None,
            })
        };
        if let (Some(committed), Some(aborted)) = (told(End::Commit), told(End::Abort)) {
            let what = format!(
                "{name} of {} was told to be committed by event {} and aborted by event {}",
                transaction.who,
                committed + 1,
                aborted + 1
            );
            report.find(Anomaly::TornTransaction, what);
        }
    }
}

/// torn-transaction: where one part of a transaction is in the end, there are all.
fn whole(known: &Known<'_>, report: &mut Report) {
    let Some(last) = audited(known) else { return };
    let Some((auditor, from)) = known.auditor else { return };
    let sees_committed = known.events[from..].iter().any(|event| {
        matches!(&event.what, What::Poll { who, isolation: Isolation::ReadCommitted, .. } if who == auditor)
    });
    let told = last_told(known, from);
    let committers = Committers::new(known);
    for (name, transaction) in &known.transactions {
        let there = |id: &usize| {
            let sent = &known.sends[*id];
            sent.offset.is_some_and(|offset| last.of(&sent.place).get(&offset) == Some(id))
        };
        let acknowledged: Vec<usize> = transaction
            .sends
            .iter()
            .copied()
            .filter(|id| {
                known.sends[*id].offset.is_some_and(|offset| offset >= known.start(&known.sends[*id].place))
            })
            .collect();
        let seen = acknowledged.iter().find(|id| there(id));
        let missing = acknowledged.iter().find(|id| !there(id));
        if let (Fate::Unknown, true, Some(seen), Some(missing)) =
            (transaction.fate(), sees_committed, seen, missing)
        {
            let what = format!(
                "of {name}, begun by event {}, {} is there and {} is not",
                transaction.begun + 1,
                known.name(*seen),
                known.name(*missing)
            );
            report.find(Anomaly::TornTransaction, what);
        }
        let is_there = match transaction.fate() {
            Fate::Committed => Some("it was told to be committed".to_owned()),
            Fate::Unknown if sees_committed => seen.map(|seen| format!("{} is there", known.name(*seen))),
            Fate::Unknown | Fate::Aborted => None,
        };
        for (group, place, offset, outcome) in &transaction.offsets {
            let Some(now) = told.get(group) else { continue };
            let now = now.get(place).copied();
            match &is_there {
                Some(why) if outcome.is_ok() && now.is_none_or(|now| now < *offset) => {
                    let what = format!(
                        "{why}, and {name} commits {place} of {group} at {offset}, which stands at {now:?}"
                    );
                    report.find(Anomaly::TornTransaction, what);
                }
                None if sees_committed && now == Some(*offset) => {
                    if let Some(missing) = missing
                        && committers.only_by(name, group, place, *offset)
                    {
                        let what = format!(
                            "{group} stands at {place}:{offset}, which only {name} commits, and {} is not there",
                            known.name(*missing)
                        );
                        report.find(Anomaly::TornTransaction, what);
                    }
                }
                _ => {}
            }
        }
    }
}

/// What each group was last told to have committed, by an answer to a question after an event.
fn last_told<'a>(known: &Known<'a>, from: usize) -> BTreeMap<&'a str, BTreeMap<Partition, i64>> {
    let mut told = BTreeMap::new();
    for event in &known.events[from..] {
        let What::Committed { op, group, .. } = &event.what else { continue };
        let Outcome::Ok(answer) = known.outcome(*op) else { continue };
        if let What::Ok { offsets, .. } = &known.events[answer].what {
            let offsets = offsets.iter().map(|committed| (committed.place(), committed.offset));
            told.insert(group.as_str(), offsets.collect());
        }
    }
    told
}

/// Who may have put a group where: transactions by their names, and anybody else as `None`.
struct Committers<'a> {
    by_offset: BTreeMap<(&'a str, Partition, i64), BTreeSet<Option<&'a str>>>,
    /// Groups that were set on purpose.
    reset: BTreeSet<&'a str>,
}

impl<'a> Committers<'a> {
    fn new(known: &Known<'a>) -> Self {
        let mut committers = Self { by_offset: BTreeMap::new(), reset: BTreeSet::new() };
        for event in known.events {
            match &event.what {
                What::Commit { op, group, transaction, offsets, .. } => {
                    let is_possible = match transaction.as_deref() {
                        Some(name) => {
                            known.transactions.get(name).is_some_and(|one| one.fate() != Fate::Aborted)
                        }
                        None => !matches!(known.outcome(*op), Outcome::Fail(_)),
                    };
                    let offsets = known.committed(offsets, known.outcome(*op));
                    for committed in offsets.iter().filter(|_| is_possible) {
                        let key = (group.as_str(), committed.place(), committed.offset);
                        committers.by_offset.entry(key).or_default().insert(transaction.as_deref());
                    }
                }
                What::Reset { group, .. } => {
                    committers.reset.insert(group);
                }
                _ => {}
            }
        }
        committers
    }

    /// Whether nobody else can have committed this offset of a group.
    fn only_by(&self, name: &str, group: &'a str, place: &Partition, offset: i64) -> bool {
        let others = self.by_offset.get(&(group, place.clone(), offset));
        let is_other = |who: &Option<&str>| *who != Some(name);
        !self.reset.contains(group) && !others.is_some_and(|others| others.iter().any(is_other))
    }
}

/// aborted-read: a group is never told to stand where only a transaction put it that was not committed.
fn aborted_offsets(known: &Known<'_>, report: &mut Report) {
    // Where a group stands that only such transactions put there.
    let mut aborted: BTreeMap<(&str, Partition, i64), &str> = BTreeMap::new();
    let committers = Committers::new(known);
    for (name, transaction) in known.transactions.iter().filter(|(_, one)| one.fate() == Fate::Aborted) {
        for (group, place, offset, _) in &transaction.offsets {
            if committers.only_by(name, group, place, *offset) {
                aborted.insert((*group, place.clone(), *offset), *name);
            }
        }
    }
    if aborted.is_empty() {
        return;
    }
    for event in known.events {
        let What::Committed { op, group, .. } = &event.what else { continue };
        let Outcome::Ok(answer) = known.outcome(*op) else { continue };
        let What::Ok { offsets, .. } = &known.events[answer].what else { continue };
        for told in offsets {
            if let Some(name) = aborted.get(&(group.as_str(), told.place(), told.offset)) {
                let what = format!(
                    "event {} tells that {group} has committed {}:{}, which only {name} did, and it was not committed",
                    answer + 1,
                    told.place(),
                    told.offset
                );
                report.find(Anomaly::AbortedRead, what);
            }
        }
    }
}

/// circular-flow: no transaction reads what was made of what it writes itself.
///
/// Only reads make the edges here: that writes of transactions stand between each other in a log is legal (G0).
fn circles(known: &Known<'_>, report: &mut Report) {
    let mut flows: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (index, event) in known.events.iter().enumerate() {
        let What::Poll { records, transaction: Some(reader), .. } = &event.what else { continue };
        for record in records {
            let writer = known.send_of(&record.value).and_then(|id| known.sends[id].transaction);
            if let Some(writer) = writer.filter(|writer| writer != reader) {
                flows.entry(writer).or_default().entry(reader).or_insert(index);
            }
        }
    }
    let mut done = BTreeSet::new();
    for begin in flows.keys() {
        // The way from `begin` to where the search stands, and what is to be tried from each step of it.
        let mut way = vec![(*begin, successors(&flows, begin))];
        while let Some((_, next)) = way.last_mut() {
            let Some(to) = next.pop() else {
                done.extend(way.pop().map(|(name, _)| name));
                continue;
            };
            if let Some(at) = way.iter().position(|(name, _)| *name == to) {
                let mut names: Vec<&str> = way[at..].iter().map(|(name, _)| *name).collect();
                names.push(to);
                let events: Vec<String> =
                    names.windows(2).map(|two| (flows[two[0]][two[1]] + 1).to_string()).collect();
                let what = format!("{}, as events {} tell", names.join(" is read by "), events.join(", "));
                report.find(Anomaly::CircularFlow, what);
            } else if !done.contains(to) {
                way.push((to, successors(&flows, to)));
            }
        }
    }
}

fn successors<'a>(flows: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>, of: &str) -> Vec<&'a str> {
    flows.get(of).map(|to| to.keys().copied().collect()).unwrap_or_default()
}

/// A claim of a transactional id that was answered well.
struct Claim<'a> {
    who: &'a str,
    asked: usize,
    answered: usize,
    producer_id: Option<i64>,
    epoch: Option<i16>,
}

/// fencing: once somebody has claimed a transactional id, who had it before is served no more; and epochs go forward.
fn fenced(known: &Known<'_>, report: &mut Report) {
    let mut claims: BTreeMap<&str, Vec<Claim<'_>>> = BTreeMap::new();
    for (asked, event) in known.events.iter().enumerate() {
        let What::Init { op, who, transactional_id } = &event.what else { continue };
        let Outcome::Ok(answered) = known.outcome(*op) else { continue };
        if let What::Ok { producer_id, epoch, .. } = &known.events[answered].what {
            let claim = Claim { who, asked, answered, producer_id: *producer_id, epoch: *epoch };
            claims.entry(transactional_id).or_default().push(claim);
        }
    }
    // Who is fenced off, since which event, and by whom.
    let mut fenced: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (id, claims) in &claims {
        for old in claims {
            let later = claims.iter().filter(|new| new.asked > old.answered);
            for new in later {
                if new.who != old.who {
                    let since = fenced.entry(old.who).or_insert((new.answered, new.who));
                    if new.answered < since.0 {
                        *since = (new.answered, new.who);
                    }
                }
                if new.producer_id == old.producer_id && new.epoch.is_some() && new.epoch <= old.epoch {
                    let what = format!(
                        "event {} gives {id} the epoch {:?}; event {} had given it {:?}",
                        new.answered + 1,
                        new.epoch.unwrap_or(-1),
                        old.answered + 1,
                        old.epoch.unwrap_or(-1)
                    );
                    report.find(Anomaly::Fencing, what);
                }
            }
        }
    }
    for (index, event) in known.events.iter().enumerate() {
        let (op, who) = match &event.what {
            What::Send { op, who, .. } | What::End { op, who, .. } => (op, who),
            What::Commit { op, who, transaction: Some(_), .. } => (op, who),
            _ => continue,
        };
        let Some((since, by)) = fenced.get(who.as_str()) else { continue };
        if let (true, Outcome::Ok(answer)) = (index > *since, known.outcome(*op)) {
            let what = format!(
                "event {} of {who} is answered well by event {}; {by} had claimed its transactional id by event {}",
                index + 1,
                answer + 1,
                since + 1
            );
            report.find(Anomaly::Fencing, what);
        }
    }
}
