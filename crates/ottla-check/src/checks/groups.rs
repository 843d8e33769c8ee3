//! What must hold of groups: one owner at a time, no commit of an owner of the past, nothing left out, nothing
//! committed that was not done, and nothing committed that is forgotten.
//!
//! A group whose members tell what they are done with ([`Handled`](crate::What::Handled)) has read each partition from its
//! beginning on. So the records that it is done with are those before one offset, its frontier.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::anomaly::Anomaly;
use crate::event::{Committed, Fault, Isolation, Partition, Read, What};
use crate::known::{Known, Outcome, Places};
use crate::report::Report;

/// What is known of one group at some point.
#[derive(Default)]
struct Group<'a> {
    /// Who has which partition, in the order in which they got it: that of generations, where they are told.
    owners: BTreeMap<Partition, Vec<Owner<'a>>>,
    /// The latest generation that anybody was assigned something in, and by which event.
    generation: Option<(i32, usize)>,
    frontier: BTreeMap<Partition, i64>,
    /// What must at least be committed, by what anybody was told.
    floors: Floors,
}

type Floors = BTreeMap<Partition, i64>;

#[derive(Clone, Debug)]
struct Owner<'a> {
    who: &'a str,
    instance: Option<&'a str>,
    generation: Option<i32>,
    event: usize,
}

struct Groups<'a, 'k> {
    known: &'k Known<'a>,
    places: Places,
    /// Groups of which it is told what they are done with.
    tracked: BTreeSet<&'a str>,
    groups: BTreeMap<&'a str, Group<'a>>,
    /// What had to be committed when it was asked.
    asked: HashMap<u64, (&'a str, Floors)>,
    /// Commits outside of transactions that are under way.
    commits: HashMap<u64, (&'a str, &'a str, &'a [Committed])>,
}

pub(super) fn check(known: &Known<'_>, report: &mut Report) {
    let tracked = known.events.iter().filter_map(|event| match &event.what {
        What::Handled { group, .. } => Some(group.as_str()),
        _ => None,
    });
    let mut groups = Groups {
        known,
        places: Places::known(known),
        tracked: tracked.collect(),
        groups: BTreeMap::new(),
        asked: HashMap::new(),
        commits: HashMap::new(),
    };
    for (index, event) in known.events.iter().enumerate() {
        groups.take(index, &event.what, report);
    }
}

impl<'a> Groups<'a, '_> {
    fn take(&mut self, index: usize, what: &'a What, report: &mut Report) {
        match what {
            What::Assigned { who, group, generation, instance, partitions } => {
                let owner =
                    Owner { who, instance: instance.as_deref(), generation: *generation, event: index };
                for place in partitions {
                    self.assigned(group, place, &owner, report);
                }
                let known = &mut self.group(group).generation;
                if let Some(generation) = *generation
                    && known.is_none_or(|(known, _)| known < generation)
                {
                    *known = Some((generation, index));
                }
            }
            What::Revoked { who, group, partitions } => {
                for place in partitions {
                    self.group(group)
                        .owners
                        .entry(place.clone())
                        .or_default()
                        .retain(|owner| owner.who != who);
                }
            }
            What::Left { who, group } => {
                for owners in self.group(group).owners.values_mut() {
                    owners.retain(|owner| owner.who != who);
                }
            }
            What::Poll { who, topic, partition, records, group: Some(group), isolation, .. } => {
                let place = Partition::new(topic.as_str(), *partition);
                self.handed(index, (who, group), &place, records, *isolation, report);
            }
            What::Handled { group, topic, partition, next, .. } => {
                let place = Partition::new(topic.as_str(), *partition);
                raise(&mut self.group(group).frontier, &place, *next);
            }
            What::Commit { op, who, group, generation, offsets, transaction } => {
                let outcome = self.known.outcome(*op);
                let offsets = self.known.committed(offsets, outcome);
                self.stale(index, (who, group, *generation), offsets, outcome, report);
                if transaction.is_none() {
                    self.commits.insert(*op, (who, group, offsets));
                }
            }
            What::Committed { op, group, .. } => {
                let floors = self.group(group).floors.clone();
                self.asked.insert(*op, (group, floors));
            }
            What::Ok { op, offsets, .. } => {
                if let Some((who, group, offsets)) = self.commits.remove(op) {
                    self.committed(index, who, group, offsets, report);
                }
                if let Some((group, floors)) = self.asked.remove(op) {
                    self.told(index, group, &floors, offsets, report);
                }
            }
            What::Reset { group, offsets } => self.reset(group, offsets),
            What::Fault { kind: Fault::PowerLoss } => self.forget_generations(),
            _ => {}
        }
    }

    fn group(&mut self, name: &'a str) -> &mut Group<'a> {
        self.groups.entry(name).or_default()
    }

    /// Generations of before may come again, if their records were lost.
    fn forget_generations(&mut self) {
        for group in self.groups.values_mut() {
            group.generation = None;
            group.owners.values_mut().flatten().for_each(|owner| owner.generation = None);
        }
    }

    /// two-owners: nobody else has it in this generation. A member may be told of it when others are already in the next.
    fn assigned(&mut self, name: &'a str, place: &Partition, new: &Owner<'a>, report: &mut Report) {
        let owners = self.group(name).owners.entry(place.clone()).or_default();
        let is_replaced =
            |old: &Owner<'_>| old.who == new.who || (old.instance.is_some() && old.instance == new.instance);
        owners.retain(|old| !is_replaced(old));
        if let Some(generation) = new.generation
            && let Some(old) = owners.iter().find(|old| old.generation == Some(generation))
        {
            let what = format!(
                "event {} assigns {place} of {name} to {} in generation {generation}, in which event {} has \
                 assigned it to {}",
                new.event + 1,
                new.who,
                old.event + 1,
                old.who
            );
            report.find(Anomaly::TwoOwners, what);
        }
        let is_of_later =
            |old: &Owner<'_>| old.generation.zip(new.generation).is_some_and(|(old, new)| old > new);
        let at = owners.iter().position(is_of_later).unwrap_or(owners.len());
        owners.insert(at, new.clone());
    }

    /// stale-commit: who was followed by another commits nothing any more.
    fn stale(
        &mut self,
        index: usize,
        (who, name, generation): (&str, &'a str, Option<i32>),
        offsets: &[Committed],
        outcome: Outcome,
        report: &mut Report,
    ) {
        let Outcome::Ok(answer) = outcome else { return };
        let of = self.group(name);
        if let (Some(generation), Some((latest, event))) = (generation, of.generation) {
            if generation < latest {
                let what = format!(
                    "event {} commits for {name} in generation {generation}, and is answered well by event {}; event \
                     {} had told of generation {latest}",
                    index + 1,
                    answer + 1,
                    event + 1
                );
                report.find(Anomaly::StaleCommit, what);
            }
            return;
        }
        for place in offsets.iter().map(Committed::place) {
            let owners = of.owners.get(&place).map(Vec::as_slice).unwrap_or_default();
            let Some(own) = owners.iter().position(|owner| owner.who == who) else { continue };
            if let Some(new) = owners.get(own + 1..).and_then(<[_]>::first) {
                let what = format!(
                    "event {} commits {place} for {name} as {who}, and is answered well by event {}; event {} had \
                     assigned it to {}",
                    index + 1,
                    answer + 1,
                    new.event + 1,
                    new.who
                );
                report.find(Anomaly::StaleCommit, what);
            }
        }
    }

    /// group-skip: what a member is given follows what the group is done with.
    fn handed(
        &mut self,
        index: usize,
        (who, name): (&str, &'a str),
        place: &Partition,
        records: &[Read],
        isolation: Isolation,
        report: &mut Report,
    ) {
        let Some(first) = records.first().filter(|_| self.tracked.contains(name)) else { return };
        let frontier = self.frontier(name, place);
        if let Some((hole, send)) = self.known.hole(place, frontier, first.offset, isolation, &self.places) {
            let what = format!(
                "event {} gives {who} of {name} {place}:{}, and nobody of it was done with {hole}, where there is {}",
                index + 1,
                first.offset,
                self.known.name_or_nothing(send)
            );
            report.find(Anomaly::GroupSkip, what);
        }
    }

    /// A commit was answered well.
    fn committed(
        &mut self,
        index: usize,
        who: &str,
        name: &'a str,
        offsets: &[Committed],
        report: &mut Report,
    ) {
        for committed in offsets {
            self.earned(index, who, name, committed, report);
            raise(&mut self.group(name).floors, &committed.place(), committed.offset);
        }
    }

    /// group-back: what is told to be committed is not behind what anybody was told before it was asked.
    fn told(
        &mut self,
        index: usize,
        name: &'a str,
        floors: &Floors,
        told: &[Committed],
        report: &mut Report,
    ) {
        for (place, floor) in floors {
            let offset = told.iter().find(|told| told.place() == *place).map(|told| told.offset);
            if offset.is_none_or(|offset| offset < *floor) {
                let told = offset.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
                report.find(
                    Anomaly::GroupBack,
                    format!(
                        "event {} tells that {name} has committed {told} in {place}; it was {floor} before",
                        index + 1
                    ),
                );
            }
        }
        for committed in told {
            self.earned(index, "somebody", name, committed, report);
            raise(&mut self.group(name).floors, &committed.place(), committed.offset);
        }
    }

    /// group-ahead: nobody commits what nobody of the group is done with.
    fn earned(&mut self, index: usize, who: &str, name: &'a str, committed: &Committed, report: &mut Report) {
        if !self.tracked.contains(name) {
            return;
        }
        let place = committed.place();
        let frontier = self.frontier(name, &place);
        let isolation = Isolation::ReadCommitted; // which leaves out no less than the other
        let hole = self.known.hole(&place, frontier, committed.offset, isolation, &self.places);
        if let Some((hole, send)) = hole {
            let what = format!(
                "by event {} {who} of {name} has committed {place} at {}, and nobody of it was done with {hole}, where \
                 there is {}",
                index + 1,
                committed.offset,
                self.known.name_or_nothing(send)
            );
            report.find(Anomaly::GroupAhead, what);
        }
    }

    fn frontier(&mut self, name: &'a str, place: &Partition) -> i64 {
        self.group(name).frontier.get(place).copied().unwrap_or(0)
    }

    fn reset(&mut self, name: &'a str, offsets: &[Committed]) {
        for committed in offsets {
            let place = committed.place();
            raise(&mut self.group(name).frontier, &place, committed.offset);
            self.group(name).floors.insert(place.clone(), committed.offset);
            for (asked, floors) in self.asked.values_mut() {
                if *asked == name && floors.contains_key(&place) {
                    floors.insert(place.clone(), committed.offset.min(floors[&place]));
                }
            }
        }
    }
}

fn raise(offsets: &mut BTreeMap<Partition, i64>, place: &Partition, offset: i64) {
    let known = offsets.entry(place.clone()).or_insert(0);
    *known = offset.max(*known);
}
