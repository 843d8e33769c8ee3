//! The round robin assignor: all partitions of all topics, dealt out one by one.

use super::table::{Slot, Table};

/// The partitions of each member.
pub(super) fn assign(table: &Table<'_>) -> Vec<Vec<Slot>> {
    let mut assigned = vec![Vec::new(); table.members.len()];
    let mut round = table.members_by_instance().into_iter().cycle();
    for topic in 0..table.topics.len() {
        for slot in table.slots_of(topic) {
            // Every topic of the table has a subscriber, so this ends.
            let next = round.by_ref().find(|member| table.subscribed[*member].contains(&topic));
            if let Some(member) = next {
                assigned[member].push(slot);
            }
        }
    }
    assigned
}
