//! Offsets that were committed in transactions that are open.
//!
//! They are nobody's yet: a commit makes them the group's, an abort forgets them, and so does who deletes the group's offset.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::wire::Str;

use super::Committed;

/// Offsets of open transactions.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingOffsets {
    by_producer: BTreeMap<i64, Groups>,
    /// The producers that have one for a partition: of a group, by topic.
    producers: BTreeMap<Str, BTreeMap<Str, BTreeMap<i32, BTreeSet<i64>>>>,
}

/// By group, topic and partition.
type Groups = BTreeMap<(Str, Str, i32), Committed>;

impl PendingOffsets {
    /// Takes in the offset of a transaction; a later one of the same replaces it.
    pub(super) fn insert(
        &mut self,
        producer_id: i64,
        group: Str,
        topic: Str,
        partition: i32,
        offset: Committed,
    ) {
        let topics = self.producers.entry(group.clone()).or_default();
        let partitions = topics.entry(topic.clone()).or_default();
        partitions.entry(partition).or_default().insert(producer_id);
        self.by_producer.entry(producer_id).or_default().insert((group, topic, partition), offset);
    }

    /// Whether there is an offset for a partition.
    pub(super) fn has(&self, group: &str, topic: &str, partition: i32) -> bool {
        let topics = self.producers.get(group);
        topics
            .and_then(|topics| topics.get(topic))
            .is_some_and(|partitions| partitions.contains_key(&partition))
    }

    /// The partitions that a group has offsets for.
    pub(super) fn of_group(&self, group: &str) -> impl Iterator<Item = (&Str, i32)> {
        let topics = self.producers.get(group).into_iter().flatten();
        topics.flat_map(|(topic, partitions)| partitions.keys().map(move |partition| (topic, *partition)))
    }

    /// All offsets of a producer's transaction, which is over.
    pub(super) fn take(&mut self, producer_id: i64) -> Groups {
        let offsets = self.by_producer.remove(&producer_id).unwrap_or_default();
        for (group, topic, partition) in offsets.keys() {
            self.forget(producer_id, group, topic, *partition);
        }
        offsets
    }

    /// Forgets the offsets for a partition.
    pub(super) fn remove(&mut self, group: &str, topic: &str, partition: i32) {
        let topics = self.producers.get(group);
        let partitions = topics.and_then(|topics| topics.get(topic));
        let Some(producers) = partitions.and_then(|partitions| partitions.get(&partition)) else { return };
        for producer_id in producers.clone() {
            if let Some(offsets) = self.by_producer.get_mut(&producer_id) {
                offsets.retain(|(of, named, index), _| {
                    !(*index == partition && named.as_str() == topic && of.as_str() == group)
                });
                if offsets.is_empty() {
                    self.by_producer.remove(&producer_id);
                }
            }
            self.forget(producer_id, group, topic, partition);
        }
    }

    fn forget(&mut self, producer_id: i64, group: &str, topic: &str, partition: i32) {
        let Some(topics) = self.producers.get_mut(group) else { return };
        let Some(partitions) = topics.get_mut(topic) else { return };
        if let Some(producers) = partitions.get_mut(&partition) {
            producers.remove(&producer_id);
            if producers.is_empty() {
                partitions.remove(&partition);
            }
        }
        if partitions.is_empty() {
            topics.remove(topic);
        }
        if topics.is_empty() {
            self.producers.remove(group);
        }
    }
}
