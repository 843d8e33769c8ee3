//! The sticky assignors: as even as can be, with as little moved as can be.
//!
//! Where all members subscribe to the same topics the answer is found in one pass (`constrained`), otherwise by
//! moving partitions until nothing gets better (`general`). Cooperative sticky then takes back what another
//! member still owns (`cooperative`).

mod constrained;
mod cooperative;
mod general;
mod moves;
mod racks;

use std::collections::{BTreeMap, BTreeSet};

use super::NO_GENERATION;
use super::table::{MemberIndex, Slot, Table};
use racks::Racks;

pub(super) use cooperative::assign as assign_cooperatively;

/// The partitions of each member.
pub(super) fn assign(table: &Table<'_>) -> Vec<Vec<Slot>> {
    assign_with(table, &Racks::new(table))
}

fn assign_with(table: &Table<'_>, racks: &Racks<'_>) -> Vec<Vec<Slot>> {
    let claims = Claims::new(table);
    if all_subscribe_alike(table) {
        constrained::assign(table, &claims, racks)
    } else {
        general::assign(table, claims, racks)
    }
}

fn generation_of(table: &Table<'_>, member: MemberIndex) -> i32 {
    table.members[member].generation.unwrap_or(NO_GENERATION)
}

fn all_subscribe_alike(table: &Table<'_>) -> bool {
    let topics = |member: MemberIndex| table.members[member].topics.iter().collect::<BTreeSet<_>>();
    let first = topics(0);
    (1..table.members.len()).all(|member| topics(member) == first)
}

/// What members own, as far as it can be believed.
struct Claims {
    /// By member.
    owned: Vec<Vec<Slot>>,
    /// Partitions that several members of one generation claim: nobody is believed.
    disputed: BTreeSet<Slot>,
}

impl Claims {
    fn new(table: &Table<'_>) -> Self {
        let mut owned = vec![Vec::new(); table.members.len()];
        let mut disputed = BTreeSet::new();
        let mut owners = BTreeMap::<Slot, MemberIndex>::new();
        for (index, member) in table.members.iter().enumerate() {
            for slot in member.owned.iter().filter_map(|partition| table.slot_of(partition)) {
                let Some(other) = owners.get(&slot).copied() else {
                    owned[index].push(slot);
                    owners.insert(slot, index);
                    continue;
                };
                if other == index {
                    continue;
                }
                match generation_of(table, index).cmp(&generation_of(table, other)) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => {
                        disputed.insert(slot);
                        owned[other].retain(|owned| *owned != slot);
                        owners.insert(slot, index);
                    }
                    std::cmp::Ordering::Greater => {
                        owned[other].retain(|owned| *owned != slot);
                        owned[index].push(slot);
                        owners.insert(slot, index);
                    }
                }
            }
        }
        Self { owned, disputed }
    }
}
