//! What a history says as a whole: its questions with their answers, its sends, its transactions, and what was ever
//! seen where. The checks start from here; nothing is judged here but whether the history makes sense.

use std::collections::{BTreeMap, HashMap};

use crate::anomaly::Anomaly;
use crate::event::{Acks, Committed, End, Event, Fault, Isolation, Partition, Topic, What};
use crate::report::Report;

/// What came of a question. The numbers are those of events, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not told by the end of the history.
    Open,
    Ok(usize),
    Fail(usize),
    Info(usize),
}

impl Outcome {
    pub(crate) fn is_ok(self) -> bool {
        matches!(self, Self::Ok(_))
    }
}

/// A send.
#[derive(Clone, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) event: usize,
    pub(crate) who: &'a str,
    pub(crate) place: Partition,
    pub(crate) value: &'a str,
    pub(crate) acks: Acks,
    pub(crate) is_idempotent: bool,
    pub(crate) transaction: Option<&'a str>,
    pub(crate) outcome: Outcome,
    /// Where it was acknowledged to be.
    pub(crate) offset: Option<i64>,
}

/// What is to become of a transaction, as its producer knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Committed,
    Aborted,
    /// A commit was asked for, and never answered for sure.
    Unknown,
}

/// A transaction.
#[derive(Clone, Debug)]
pub(crate) struct Transaction<'a> {
    pub(crate) who: &'a str,
    pub(crate) begun: usize,
    pub(crate) sends: Vec<usize>,
    /// The group, and what it commits there.
    pub(crate) offsets: Vec<(&'a str, Partition, i64, Outcome)>,
    /// Each request to end it: how, when, and what came of it.
    pub(crate) ends: Vec<(End, usize, Outcome)>,
}

impl Transaction<'_> {
    /// When its commit was asked for first.
    pub(crate) fn commit_asked(&self) -> Option<usize> {
        self.ends.iter().find(|(how, ..)| *how == End::Commit).map(|(_, event, _)| *event)
    }

    pub(crate) fn fate(&self) -> Fate {
        let commits = || self.ends.iter().filter(|(how, ..)| *how == End::Commit);
        if commits().any(|(.., outcome)| outcome.is_ok()) {
            Fate::Committed
        } else if self.ends.iter().any(|(how, _, outcome)| *how == End::Abort && outcome.is_ok()) {
            // An abort that was answered well found nothing committed.
            Fate::Aborted
        } else if commits().all(|(.., outcome)| matches!(outcome, Outcome::Fail(_))) {
            Fate::Aborted
        } else {
            Fate::Unknown
        }
    }
}

/// All of it.
pub(crate) struct Known<'a> {
    pub(crate) events: &'a [Event],
    pub(crate) sends: Vec<Sent<'a>>,
    by_value: HashMap<&'a str, usize>,
    /// The answer to each question, by its number.
    outcomes: HashMap<u64, Outcome>,
    /// What was read where, by whomever first: the send, and the event.
    pub(crate) seen: BTreeMap<Partition, BTreeMap<i64, (usize, usize)>>,
    pub(crate) transactions: BTreeMap<&'a str, Transaction<'a>>,
    topics: BTreeMap<&'a str, Topic>,
    /// Where partitions are known to have been cut off at their beginning.
    starts: BTreeMap<Partition, i64>,
    pub(crate) faults: Vec<(usize, Fault)>,
    /// Who reads everything in the end, and from which event on.
    pub(crate) auditor: Option<(&'a str, usize)>,
}

impl<'a> Known<'a> {
    /// Reads a history; what makes no sense in it is reported.
    pub(crate) fn new(events: &'a [Event], report: &mut Report) -> Self {
        let mut known = Self {
            events,
            sends: Vec::new(),
            by_value: HashMap::new(),
            outcomes: HashMap::new(),
            seen: BTreeMap::new(),
            transactions: BTreeMap::new(),
            topics: BTreeMap::new(),
            starts: BTreeMap::new(),
            faults: Vec::new(),
            auditor: None,
        };
        known.pair(report);
        for (index, event) in events.iter().enumerate() {
            known.take(index, &event.what, report);
        }
        known
    }

    /// Finds the answer to each question.
    fn pair(&mut self, report: &mut Report) {
        let mut last_at = 0;
        for (index, event) in self.events.iter().enumerate() {
            if event.at < last_at {
                report.find(Anomaly::Malformed, format!("event {} is before the one before it", index + 1));
            }
            last_at = event.at;
            let Some(op) = event.what.op() else { continue };
            let told = match &event.what {
                What::Ok { .. } => Outcome::Ok(index),
                What::Fail { .. } => Outcome::Fail(index),
                What::Info { .. } => Outcome::Info(index),
                _ => {
                    if self.outcomes.insert(op, Outcome::Open).is_some() {
                        report.find(
                            Anomaly::Malformed,
                            format!("event {} asks under the number {op} of another", index + 1),
                        );
                    }
                    continue;
                }
            };
            match self.outcomes.get_mut(&op) {
                Some(outcome @ (Outcome::Open | Outcome::Info(_))) => *outcome = told,
                _ => report.find(
                    Anomaly::Malformed,
                    format!("event {} answers {op}, which was not asked or has its answer", index + 1),
                ),
            }
        }
    }

    fn take(&mut self, index: usize, what: &'a What, report: &mut Report) {
        match what {
            What::Send { op, who, topic, partition, value, acks, idempotent, transaction } => {
                let outcome = self.outcome(*op);
                let offset = match outcome {
                    Outcome::Ok(answer) => match &self.events[answer].what {
                        What::Ok { offset, .. } => *offset,
                        _ => None,
                    },
                    _ => None,
                };
                let id = self.sends.len();
                if let Some(other) = self.by_value.insert(value, id) {
                    let other = self.sends[other].event + 1;
                    report.find(
                        Anomaly::Malformed,
                        format!("events {other} and {} send the same value {value:?}", index + 1),
                    );
                }
                if let Some(name) = transaction {
                    self.transaction(who, name, index).sends.push(id);
                }
                self.sends.push(Sent {
                    event: index,
                    who,
                    place: Partition::new(topic.as_str(), *partition),
                    value,
                    acks: *acks,
                    is_idempotent: *idempotent || transaction.is_some(),
                    transaction: transaction.as_deref(),
                    outcome,
                    offset,
                });
            }
            What::Begin { who, transaction } => {
                self.transaction(who, transaction, index);
            }
            What::End { op, who, transaction, how } => {
                let outcome = self.outcome(*op);
                self.transaction(who, transaction, index).ends.push((*how, index, outcome));
            }
            What::Commit { op, who, group, transaction: Some(transaction), offsets, .. } => {
                let outcome = self.outcome(*op);
                let offsets = self.committed(offsets, outcome);
                let of = self.transaction(who, transaction, index);
                of.offsets.extend(
                    offsets
                        .iter()
                        .map(|committed| (group.as_str(), committed.place(), committed.offset, outcome)),
                );
            }
            What::Poll { topic, partition, records, .. } => {
                let seen = self.seen.entry(Partition::new(topic.as_str(), *partition)).or_default();
                for record in records {
                    // What nobody sent is told where reads are checked.
                    if let Some(id) = self.by_value.get(record.value.as_str()) {
                        seen.entry(record.offset).or_insert((*id, index));
                    }
                }
            }
            What::Ok { ends, .. } => {
                for told in ends {
                    if let Some(start) = told.start {
                        let known = self.starts.entry(told.place()).or_insert(0);
                        *known = start.max(*known);
                    }
                }
            }
            What::Topic { topic, kind } => {
                self.topics.insert(topic, *kind);
            }
            What::Fault { kind } => self.faults.push((index, *kind)),
            What::Audit { who } => self.auditor = Some((who, index)),
            _ => {}
        }
    }

    fn transaction(&mut self, who: &'a str, name: &'a str, index: usize) -> &mut Transaction<'a> {
        self.transactions.entry(name).or_insert_with(|| Transaction {
            who,
            begun: index,
            sends: Vec::new(),
            offsets: Vec::new(),
            ends: Vec::new(),
        })
    }

    pub(crate) fn outcome(&self, op: u64) -> Outcome {
        self.outcomes.get(&op).copied().unwrap_or(Outcome::Open)
    }

    /// What a commit is of: what it says, or what its answer tells.
    pub(crate) fn committed(&self, said: &'a [Committed], outcome: Outcome) -> &'a [Committed] {
        match outcome {
            Outcome::Ok(answer) if said.is_empty() => match &self.events[answer].what {
                What::Ok { offsets, .. } => offsets,
                _ => said,
            },
            _ => said,
        }
    }

    /// Which send this value is of.
    pub(crate) fn send_of(&self, value: &str) -> Option<usize> {
        self.by_value.get(value).copied()
    }

    pub(crate) fn kind(&self, topic: &str) -> Topic {
        self.topics.get(topic).copied().unwrap_or_default()
    }

    /// Where a partition begins at the latest that anybody was told.
    pub(crate) fn start(&self, place: &Partition) -> i64 {
        self.starts.get(place).copied().unwrap_or(0)
    }

    /// What is to become of the transaction of a send, if it has one.
    pub(crate) fn fate_of(&self, send: usize) -> Option<Fate> {
        let name = self.sends[send].transaction?;
        self.transactions.get(name).map(Transaction::fate)
    }

    /// Whether somebody who reads this way has to be given this send, once it is there.
    pub(crate) fn is_for(&self, send: usize, isolation: Isolation) -> bool {
        isolation == Isolation::ReadUncommitted || matches!(self.fate_of(send), None | Some(Fate::Committed))
    }

    /// The first offset from `from` to before `to` that a reader may not leave out, and what is known to be there.
    pub(crate) fn hole(
        &self,
        place: &Partition,
        from: i64,
        to: i64,
        isolation: Isolation,
        places: &Places,
    ) -> Option<(i64, Option<usize>)> {
        let from = from.max(self.start(place));
        if from >= to {
            return None;
        }
        let records = places.of(place).range(from..to);
        let mut found = records.filter(|(_, send)| self.is_for(**send, isolation));
        match self.kind(&place.topic) {
            Topic::Dense => Some((from, places.of(place).get(&from).copied())),
            Topic::Plain => found.next().map(|(offset, send)| (*offset, Some(*send))),
            Topic::Compacted => None,
        }
    }

    /// A send in words.
    pub(crate) fn name(&self, send: usize) -> String {
        let sent = &self.sends[send];
        let outcome = match sent.outcome {
            Outcome::Open => "never answered".to_owned(),
            Outcome::Ok(event) => format!("acknowledged by event {}", event + 1),
            Outcome::Fail(event) => format!("refused by event {}", event + 1),
            Outcome::Info(event) => format!("in doubt since event {}", event + 1),
        };
        let value: String = sent.value.chars().take(60).collect();
        format!("{value:?} of {} (event {}, {outcome})", sent.who, sent.event + 1)
    }

    /// A send in words, or that there is none.
    pub(crate) fn name_or_nothing(&self, send: Option<usize>) -> String {
        send.map_or_else(|| "nothing".to_owned(), |send| self.name(send))
    }
}

/// Where which records are, by what was seen or acknowledged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    by_place: BTreeMap<Partition, BTreeMap<i64, usize>>,
    none: BTreeMap<i64, usize>,
}

impl Places {
    /// Everything that was seen, and what was acknowledged for good.
    pub(crate) fn known(known: &Known<'_>) -> Self {
        let mut places = Self::default();
        for (place, records) in &known.seen {
            let of = places.by_place.entry(place.clone()).or_default();
            of.extend(records.iter().map(|(offset, (send, _))| (*offset, *send)));
        }
        for (id, sent) in known.sends.iter().enumerate() {
            if let (Some(offset), Acks::All) = (sent.offset, sent.acks) {
                places.by_place.entry(sent.place.clone()).or_default().entry(offset).or_insert(id);
            }
        }
        places
    }

    pub(crate) fn add(&mut self, place: Partition, offset: i64, send: usize) {
        self.by_place.entry(place).or_default().insert(offset, send);
    }

    pub(crate) fn of(&self, place: &Partition) -> &BTreeMap<i64, usize> {
        self.by_place.get(place).unwrap_or(&self.none)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&Partition, &BTreeMap<i64, usize>)> {
        self.by_place.iter()
    }
}
