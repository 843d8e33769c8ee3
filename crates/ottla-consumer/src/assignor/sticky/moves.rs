//! Partitions that moved while a group is balanced, so that none moves there while its neighbour moves back.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignor::table::{MemberIndex, Slot, TopicIndex};

/// From whom, and to whom.
type Way = (MemberIndex, MemberIndex);

/// All moves so far.
#[derive(Default)]
pub(super) struct Moves {
    by_topic: BTreeMap<TopicIndex, BTreeMap<Way, BTreeSet<Slot>>>,
    by_slot: BTreeMap<Slot, Way>,
}

impl Moves {
    /// Which partition to move instead of `slot`: one of its topic that came the other way goes back first.
    pub(super) fn instead_of(
        &self,
        slot: Slot,
        topic: TopicIndex,
        from: MemberIndex,
        to: MemberIndex,
    ) -> Slot {
        let origin = self.by_slot.get(&slot).map_or(from, |(origin, _)| *origin);
        let back = self.by_topic.get(&topic).and_then(|ways| ways.get(&(to, origin)));
        back.and_then(BTreeSet::first).copied().unwrap_or(slot)
    }

    /// Takes in that a partition moves.
    pub(super) fn add(&mut self, slot: Slot, topic: TopicIndex, from: MemberIndex, to: MemberIndex) {
        let before = self.by_slot.remove(&slot);
        let ways = self.by_topic.entry(topic).or_default();
        if let Some(way) = before
            && let Some(slots) = ways.get_mut(&way)
        {
            slots.remove(&slot);
            if slots.is_empty() {
                ways.remove(&way);
            }
        }
        let origin = before.map_or(from, |(origin, _)| origin);
        // What is back where it came from has not moved.
        if origin != to {
            ways.entry((origin, to)).or_default().insert(slot);
            self.by_slot.insert(slot, (origin, to));
        }
    }
}
