//! The cooperative sticky assignment: members keep what they own until they have given it up (KIP-429).
//!
//! What goes from one member to another is held back for a round. Where racks count, Java's rules take from a
//! member what is far from it, and may deal it out to somebody else who is far from it: a few groups in which not
//! everything can be near pass partitions around forever. Such a group is found by looking ahead, and in it nobody
//! loses a partition for being far from it; everywhere else the assignment is Java's.

use std::collections::{BTreeMap, BTreeSet};

use super::racks::Racks;
use super::{assign_with, generation_of};
use crate::assignor::table::{MemberIndex, Slot, Table};
use crate::assignor::{Member, Topics};

/// Rounds after which a group that still passes partitions around counts as one that always will.
const ROUNDS_MAX: usize = 32;

/// The partitions of each member, without those that somebody else has yet to give up.
pub(in crate::assignor) fn assign(topics: &Topics, table: &Table<'_>) -> Vec<Vec<Slot>> {
    let racks = Racks::new(table);
    let round = Round::new(table, &racks);
    if !racks.matter || round.is_last || settles(topics, table, &round) {
        return round.assigned;
    }
    Round::new(table, &racks.only_for_what_is_free()).assigned
}

/// One round of a rebalance.
struct Round {
    assigned: Vec<Vec<Slot>>,
    /// Whether nothing is held back.
    is_last: bool,
}

impl Round {
    fn new(table: &Table<'_>, racks: &Racks<'_>) -> Self {
        let mut assigned = assign_with(table, racks);
        let mut owners = BTreeMap::<Slot, Vec<(MemberIndex, i32)>>::new();
        for (index, member) in table.members.iter().enumerate() {
            for slot in member.owned.iter().filter_map(|partition| table.slot_of(partition)) {
                owners.entry(slot).or_default().push((index, generation_of(table, index)));
            }
        }
        let mut is_last = true;
        for (index, slots) in assigned.iter_mut().enumerate() {
            slots.retain(|slot| {
                let owners = owners.get(slot).map_or(&[][..], Vec::as_slice);
                let own = owners.iter().find(|(owner, _)| *owner == index).map(|(_, generation)| *generation);
                // Of two that claim a partition, the one of the later generation owns it.
                let is_free = |(owner, generation): &(MemberIndex, i32)| {
                    *owner == index || own.is_some_and(|own| own > *generation)
                };
                let is_given = owners.iter().all(is_free);
                is_last &= is_given;
                is_given
            });
        }
        Self { assigned, is_last }
    }
}

/// Whether a group comes to a round that is its last, if its members go on after `round`, always by Java's rules.
fn settles(topics: &Topics, table: &Table<'_>, round: &Round) -> bool {
    let mut members: Vec<Member> = table.members.iter().map(|member| (*member).clone()).collect();
    let mut assigned = table.assignment(round.assigned.clone());
    let mut seen = BTreeSet::new();
    // What members own is all that the next round depends on: if that comes again, everything does.
    while seen.len() < ROUNDS_MAX && !seen.contains(&assigned) {
        for member in &mut members {
            // All are in the same generation, whichever that is.
            member.generation = Some(0);
            member.owned = assigned.get(&member.id).cloned().unwrap_or_default();
        }
        seen.insert(assigned);
        let table = Table::new(topics, &members);
        let next = Round::new(&table, &Racks::new(&table));
        if next.is_last {
            return true;
        }
        assigned = table.assignment(next.assigned);
    }
    false
}
