//! The sticky assignment of a group whose members all subscribe to the same topics.
//!
//! Everybody gets the same number of partitions, and some one more. Members keep what they own up to that
//! number; what is left goes round to those who have too little, first within racks where these count.

use std::collections::VecDeque;

use super::Claims;
use super::racks::Racks;
use crate::assignor::table::{MemberIndex, Slot, Table};

/// The partitions of each member.
pub(super) fn assign(table: &Table<'_>, claims: &Claims, racks: &Racks<'_>) -> Vec<Vec<Slot>> {
    let members = table.members.len();
    let mut filling = Filling {
        least: table.slots() / members,
        most: table.slots().div_ceil(members),
        one_more_left: table.slots() % members,
        assigned: vec![Vec::new(); members],
        too_little: Vec::new(),
        at_least: VecDeque::new(),
    };
    filling.keep_owned(table, claims, racks);
    let mut is_assigned = vec![false; table.slots()];
    for slot in filling.assigned.iter().flatten() {
        is_assigned[*slot] = true;
    }
    let mut left: Vec<Slot> = (0..table.slots()).filter(|slot| !is_assigned[*slot]).collect();
    racks.sort(&mut left);
    if racks.matter {
        left = filling.deal_within_racks(left, racks);
    }
    filling.deal(left);
    filling.assigned
}

struct Filling {
    least: usize,
    most: usize,
    /// How many members may still get to `most`, where that is more than `least`.
    one_more_left: usize,
    assigned: Vec<Vec<Slot>>,
    /// Members with less than `least`, by id.
    too_little: Vec<MemberIndex>,
    /// Members with `least` that may get one more, next one first.
    at_least: VecDeque<MemberIndex>,
}

impl Filling {
    fn keep_owned(&mut self, table: &Table<'_>, claims: &Claims, racks: &Racks<'_>) {
        for (member, claimed) in claims.owned.iter().enumerate() {
            let believed = |slot: &Slot| !racks.take(member, *slot) && !claims.disputed.contains(slot);
            let mut owned: Vec<Slot> = claimed.iter().copied().filter(believed).collect();
            // By partition, then topic: members that give something up give up the same of each topic.
            owned.sort_unstable_by_key(|slot| (table.index_in_topic(*slot), *slot));
            if owned.len() < self.least {
                self.too_little.push(member);
            } else if owned.len() >= self.most && self.one_more_left > 0 {
                self.got_one_more();
                owned.truncate(self.most);
            } else {
                owned.truncate(self.least);
                self.got_least(member);
            }
            self.assigned[member] = owned;
        }
    }

    /// A member has `least`, and may get one more if others do not need it.
    fn got_least(&mut self, member: MemberIndex) {
        if self.one_more_left > 0 {
            self.at_least.push_back(member);
        }
    }

    /// A member has `most`, so that one less of the others gets there.
    fn got_one_more(&mut self) {
        self.one_more_left -= 1;
        if self.one_more_left == 0 {
            self.at_least.clear();
        }
    }

    /// Deals out what can go to a member in the rack of a copy; gives what is left.
    fn deal_within_racks(&mut self, slots: Vec<Slot>, racks: &Racks<'_>) -> Vec<Slot> {
        let mut next = 0;
        let mut left = Vec::new();
        for slot in slots {
            let near = |member: &MemberIndex| racks.is_near(*member, slot);
            let count = self.too_little.len();
            let place = (0..count).map(|step| (next + step) % count).find(|at| near(&self.too_little[*at]));
            if let Some(place) = place {
                let member = self.too_little[place];
                self.assigned[member].push(slot);
                next = place;
                if self.assigned[member].len() == self.least {
                    self.too_little.remove(place);
                    self.got_least(member);
                } else {
                    next += 1;
                }
                next = if self.too_little.is_empty() { 0 } else { next % self.too_little.len() };
            } else if let Some(place) = self.at_least.iter().position(near) {
                let member = self.at_least[place];
                self.assigned[member].push(slot);
                self.at_least.remove(place);
                self.got_one_more();
            } else {
                left.push(slot);
            }
        }
        left
    }

    /// Deals out everything: in turn to those with too little, then one each to those who may have one more.
    fn deal(&mut self, slots: Vec<Slot>) {
        let mut next = 0;
        for slot in slots {
            if next >= self.too_little.len() {
                next = 0;
            }
            let Some(member) = self.too_little.get(next).copied() else {
                // There are as many places as partitions, so somebody is left.
                if let Some(member) = self.at_least.pop_front() {
                    self.assigned[member].push(slot);
                    self.got_one_more();
                }
                continue;
            };
            self.assigned[member].push(slot);
            if self.assigned[member].len() == self.least {
                self.too_little.remove(next);
                self.got_least(member);
            } else {
                next += 1;
            }
        }
    }
}
