//! Racks, as far as they have a say in a sticky assignment.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::wire::Str;

use crate::assignor::table::{MemberIndex, Slot, Table, racks_matter};

/// Who is near to which partition.
pub(super) struct Racks<'a> {
    table: &'a Table<'a>,
    /// Whether racks have a say at all.
    pub(super) matter: bool,
    /// Members by rack; empty while none names one.
    members: BTreeMap<&'a Str, usize>,
    /// Whether members lose what is far from them.
    take_away: bool,
}

impl<'a> Racks<'a> {
    pub(super) fn new(table: &'a Table<'a>) -> Self {
        let mut members = BTreeMap::new();
        for rack in (0..table.members.len()).filter_map(|member| table.rack_of(member)) {
            *members.entry(rack).or_insert(0) += 1;
        }
        let named: BTreeSet<&Str> = members.keys().copied().collect();
        let matter = racks_matter(&named, table.topics.iter().flat_map(|row| row.racks));
        Self { table, matter, members, take_away: true }
    }

    /// The same racks, but that nobody loses anything by them.
    pub(super) fn only_for_what_is_free(self) -> Self {
        Self { take_away: false, ..self }
    }

    /// Whether a member loses what it owns for being far from it.
    pub(super) fn take(&self, member: MemberIndex, slot: Slot) -> bool {
        self.take_away && self.is_far(member, slot)
    }

    /// Whether a member is in a rack that has no copy, while others may be in one that has.
    pub(super) fn is_far(&self, member: MemberIndex, slot: Slot) -> bool {
        self.matter
            && self.table.rack_of(member).is_some_and(|rack| !self.table.racks_of(slot).contains(rack))
    }

    /// Whether a member is in the rack of a copy.
    pub(super) fn is_near(&self, member: MemberIndex, slot: Slot) -> bool {
        self.matter && self.table.rack_of(member).is_some_and(|rack| self.table.racks_of(slot).contains(rack))
    }

    /// Orders partitions by how many members are in the rack of a copy, the choosiest first.
    pub(super) fn sort(&self, slots: &mut [Slot]) {
        if self.members.is_empty() {
            return;
        }
        let count = |slot: Slot| -> usize {
            self.table.racks_of(slot).iter().filter_map(|rack| self.members.get(rack)).sum()
        };
        slots.sort_by_key(|slot| count(*slot));
    }
}
