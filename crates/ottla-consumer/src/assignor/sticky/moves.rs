//! Partitions that moved while a group is balanced, so that none moves there while its neighbour moves back.

use std::collections::BTreeMap;

use crate::assignor::table::{MemberIndex, Slot, Table, TopicIndex};

/// From whom, and to whom.
type Way = (MemberIndex, MemberIndex);

/// All moves so far.
#[derive(Default)]
pub(super) struct Moves {
    by_topic: BTreeMap<TopicIndex, BTreeMap<Way, Moved>>,
    by_slot: BTreeMap<Slot, Way>,
}

impl Moves {
    /// Which partition to move instead of `slot`: one of its topic that came the other way goes back first.
    pub(super) fn instead_of(
        &self,
        table: &Table<'_>,
        slot: Slot,
        from: MemberIndex,
        to: MemberIndex,
    ) -> Slot {
        let topic = table.topic_of(slot);
        let origin = self.by_slot.get(&slot).map_or(from, |(origin, _)| *origin);
        let back = self.by_topic.get(&topic).and_then(|ways| ways.get(&(to, origin)));
        back.and_then(|moved| moved.first(table, topic)).unwrap_or(slot)
    }

    /// Takes in that a partition moves.
    pub(super) fn add(&mut self, slot: Slot, topic: TopicIndex, from: MemberIndex, to: MemberIndex) {
        let before = self.by_slot.remove(&slot);
        let ways = self.by_topic.entry(topic).or_default();
        if let Some(way) = before
            && let Some(moved) = ways.get_mut(&way)
        {
            moved.slots.retain(|known| *known != slot);
            if moved.slots.is_empty() {
                ways.remove(&way);
            }
        }
        let origin = before.map_or(from, |(origin, _)| origin);
        // What is back where it came from has not moved.
        if origin != to {
            ways.entry((origin, to)).or_default().add(slot);
            self.by_slot.insert(slot, (origin, to));
        }
    }
}

/// Partitions of one topic that moved one way.
///
/// Java keeps them in a `HashSet` and takes whichever comes first there, so that this is part of what members agree
/// on: the place of a partition in it is what counts, and how far the set has grown.
struct Moved {
    /// In the order in which they came.
    slots: Vec<Slot>,
    /// Places in Java's set: a power of two, at least a third more than it ever held at once.
    places: u32,
}

impl Default for Moved {
    fn default() -> Self {
        Self { slots: Vec::new(), places: 16 }
    }
}

impl Moved {
    fn add(&mut self, slot: Slot) {
        self.slots.push(slot);
        if self.slots.len() > self.places as usize / 4 * 3 {
            self.places *= 2;
        }
    }

    fn first(&self, table: &Table<'_>, topic: TopicIndex) -> Option<Slot> {
        let hash_of_topic = java_hash(table.topics[topic].name);
        let place = |slot: &Slot| {
            let partition = u32::try_from(table.index_in_topic(*slot)).unwrap_or(u32::MAX);
            // As `TopicPartition.hashCode` and `HashMap` have it.
            let hash = partition.wrapping_add(31).wrapping_mul(31).wrapping_add(hash_of_topic);
            (hash ^ (hash >> 16)) & (self.places - 1)
        };
        self.slots.iter().copied().min_by_key(place)
    }
}

/// `String.hashCode`.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}
