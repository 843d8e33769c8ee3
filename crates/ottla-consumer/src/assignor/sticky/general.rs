//! The sticky assignment of a group whose members subscribe to different topics.
//!
//! Everybody keeps what they own and still want, what is left goes to whoever has least, and then partitions
//! move from those with more to those with less until no move makes the group more even. If all the moving did
//! not help, nothing moves.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::Moves;
use super::racks::Racks;
use super::{Claims, generation_of};
use crate::assignor::table::{MemberIndex, Slot, Table, TopicIndex};

/// The partitions of each member.
pub(super) fn assign(table: &Table<'_>, claims: Claims, racks: &Racks<'_>) -> Vec<Vec<Slot>> {
    let mut balance = Balance::new(table, racks);
    let gave_up = balance.keep_owned(claims);
    let is_new_group = balance.assigned.iter().all(Vec::is_empty);
    let unassigned: Vec<Slot> =
        balance.order.iter().copied().filter(|slot| balance.owner[*slot].is_none()).collect();
    let mut left = unassigned.clone();
    if racks.matter {
        left.retain(|slot| !balance.give_to_least(*slot, true));
    }
    for slot in left {
        balance.give_to_least(slot, false);
    }
    balance.even_out(is_new_group, gave_up, unassigned);
    balance.assigned
}

struct Balance<'a> {
    table: &'a Table<'a>,
    racks: &'a Racks<'a>,
    /// All partitions, those of topics with the fewest subscribers first.
    order: Vec<Slot>,
    /// Who owned a partition in an earlier generation.
    earlier: BTreeMap<Slot, MemberIndex>,
    assigned: Vec<Vec<Slot>>,
    owner: Vec<Option<MemberIndex>>,
    /// Members by how much they have, the least first. Those that cannot take part are not in it.
    by_count: BTreeSet<(usize, MemberIndex)>,
    moves: Moves,
    /// Whether a partition that came the other way may go back instead of the one whose turn it is.
    moves_neighbours: bool,
}

impl<'a> Balance<'a> {
    fn new(table: &'a Table<'a>, racks: &'a Racks<'a>) -> Self {
        let mut topics: Vec<TopicIndex> = (0..table.topics.len()).collect();
        topics.sort_by_key(|topic| (table.topics[*topic].consumers.len(), *topic));
        Self {
            table,
            racks,
            order: topics.into_iter().flat_map(|topic| table.slots_of(topic)).collect(),
            earlier: earlier_owners(table),
            assigned: vec![Vec::new(); table.members.len()],
            owner: vec![None; table.slots()],
            by_count: BTreeSet::new(),
            moves: Moves::default(),
            moves_neighbours: true,
        }
    }

    /// Leaves with everybody what they own and still want; says whether somebody has to give something up.
    fn keep_owned(&mut self, claims: Claims) -> bool {
        let mut gave_up = false;
        for (member, claimed) in claims.owned.into_iter().enumerate() {
            for slot in claimed {
                let is_wanted = self.table.subscribed[member].contains(&self.table.topic_of(slot));
                if is_wanted && !self.racks.take(member, slot) {
                    self.assigned[member].push(slot);
                    self.owner[slot] = Some(member);
                } else {
                    gave_up = true;
                }
            }
        }
        self.by_count =
            self.assigned.iter().enumerate().map(|(member, slots)| (slots.len(), member)).collect();
        gave_up
    }

    /// Gives a partition to whoever has least of those who want it; says whether there is such a one.
    fn give_to_least(&mut self, slot: Slot, within_racks: bool) -> bool {
        let topic = self.table.topic_of(slot);
        let may = |member: MemberIndex| {
            self.table.subscribed[member].contains(&topic)
                && !(within_racks && self.racks.is_far(member, slot))
        };
        let Some((count, member)) = self.by_count.iter().copied().find(|(_, member)| may(*member)) else {
            return false;
        };
        self.by_count.remove(&(count, member));
        self.by_count.insert((count + 1, member));
        self.assigned[member].push(slot);
        self.owner[slot] = Some(member);
        true
    }

    fn even_out(&mut self, is_new_group: bool, gave_up: bool, mut unassigned: Vec<Slot>) {
        let can_move = |slot: &Slot| self.table.topics[self.table.topic_of(*slot)].consumers.len() >= 2;
        let mut order = std::mem::take(&mut self.order);
        order.retain(can_move);
        unassigned.retain(can_move);
        let takes_part = |member: MemberIndex| {
            let subscribed = &self.table.subscribed[member];
            let most: usize = subscribed.iter().map(|topic| self.table.slots_of(*topic).len()).sum();
            self.assigned[member].len() < most || self.assigned[member].iter().any(&can_move)
        };
        let fixed: Vec<_> =
            self.by_count.iter().copied().filter(|(_, member)| !takes_part(*member)).collect();
        for entry in fixed {
            self.by_count.remove(&entry);
        }
        let before = (self.assigned.clone(), self.score());
        if !gave_up {
            self.move_all(&unassigned);
        }
        let moved = self.move_all(&order);
        if moved && !is_new_group && self.score() >= before.1 {
            self.assigned = before.0;
        }
    }

    /// Moves partitions as long as that makes the group more even; says whether any moved.
    ///
    /// This ends: a move makes the group more even, unless a neighbour goes instead (see [`Moves::instead_of`]), and
    /// after a round that did not, none does any more. Without such an end, as in Java 4.3.1, it goes round for ever in
    /// some groups with racks.
    fn move_all(&mut self, slots: &[Slot]) -> bool {
        let mut moved = false;
        let mut score = self.score();
        loop {
            let mut moved_now = false;
            for slot in slots {
                if self.is_even() {
                    return moved || moved_now;
                }
                moved_now |= self.move_one(*slot);
            }
            moved |= moved_now;
            if !moved_now {
                return moved;
            }
            let before = std::mem::replace(&mut score, self.score());
            self.moves_neighbours &= score < before;
        }
    }

    fn is_even(&self) -> bool {
        match (self.by_count.first(), self.by_count.last()) {
            (Some((least, _)), Some((most, _))) => *least + 1 >= *most,
            _ => true,
        }
    }

    fn move_one(&mut self, slot: Slot) -> bool {
        let Some(owner) = self.owner[slot] else { return false };
        let topic = self.table.topic_of(slot);
        let has = self.assigned[owner].len();
        let has_more_than = |member: MemberIndex| has > self.assigned[member].len() + 1;
        let earlier = self.earlier.get(&slot).copied();
        let back = earlier
            .filter(|earlier| self.table.subscribed[*earlier].contains(&topic) && has_more_than(*earlier));
        let to = match back {
            Some(earlier) => earlier,
            None if self.table.topics[topic].consumers.iter().any(|member| has_more_than(*member)) => {
                let wants =
                    |(_, member): &&(usize, MemberIndex)| self.table.subscribed[*member].contains(&topic);
                match self.by_count.iter().find(wants) {
                    Some((_, least)) => *least,
                    None => return false,
                }
            }
            None => return false,
        };
        let slot =
            if self.moves_neighbours { self.moves.instead_of(self.table, slot, owner, to) } else { slot };
        self.move_to(slot, topic, to);
        true
    }

    fn move_to(&mut self, slot: Slot, topic: TopicIndex, to: MemberIndex) {
        let Some(from) = self.owner[slot].replace(to) else { return };
        for member in [from, to] {
            self.by_count.remove(&(self.assigned[member].len(), member));
        }
        self.moves.add(slot, topic, from, to);
        self.assigned[from].retain(|owned| *owned != slot);
        self.assigned[to].push(slot);
        for member in [from, to] {
            self.by_count.insert((self.assigned[member].len(), member));
        }
    }

    /// How uneven the group is: the sum of the differences between all pairs that take part.
    fn score(&self) -> usize {
        let mut sum_before = 0;
        let mut score = 0;
        for (at, (count, _)) in self.by_count.iter().enumerate() {
            score += count * at - sum_before;
            sum_before += count;
        }
        score
    }
}

/// Who owned each partition in the latest generation but the last.
fn earlier_owners(table: &Table<'_>) -> BTreeMap<Slot, MemberIndex> {
    let latest = (0..table.members.len()).map(|member| generation_of(table, member)).max();
    let mut earlier = BTreeMap::<Slot, (i32, MemberIndex)>::new();
    for (index, member) in table.members.iter().enumerate() {
        let generation = generation_of(table, index);
        if Some(generation) >= latest {
            continue;
        }
        for slot in member.owned.iter().filter_map(|partition| table.slot_of(partition)) {
            let known = earlier.entry(slot).or_insert((generation, index));
            if generation > known.0 {
                *known = (generation, index);
            }
        }
    }
    earlier.into_iter().map(|(slot, (_, member))| (slot, member)).collect()
}
