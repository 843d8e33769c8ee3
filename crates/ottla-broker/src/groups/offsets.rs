//! The offsets that groups have committed, as far as they are durable.
//!
//! State changes by [`OffsetStore::apply`] alone, for a live commit as for a replay. Which commits are taken is
//! decided in [`super::classic`]; when offsets expire in [`super::expiry`].

mod pending;
mod sorted;

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::internal::OffsetCommitValue;
use ottla_protocol::wire::{Str, Uuid};

use self::pending::PendingOffsets;
use self::sorted::SortedMap;
use crate::coordinator::Place;

/// An offset that a group has committed for one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// The next record to read.
    pub(crate) offset: i64,
    /// Epoch of the last record that was read, -1 when it was not told.
    pub(crate) leader_epoch: i32,
    /// What the client wanted to be kept with it.
    pub(crate) metadata: Str,
    /// When it was committed, in Unix milliseconds.
    pub(crate) commit_timestamp_ms: i64,
    /// When it expires, if the client said so itself, which old ones do; in Unix milliseconds.
    pub(crate) expire_timestamp_ms: Option<i64>,
    /// The topic that it was committed for; zero when that is not known.
    pub(crate) topic_id: Uuid,
    /// Where it lies in the log: of a plain commit and one in a transaction the later one stands, whenever that ended.
    position: i64,
}

impl Committed {
    /// Whether it was committed for the topic that bears its name now, whose id this is.
    pub(crate) fn is_of(&self, id: Option<Uuid>) -> bool {
        id.is_some_and(|id| self.topic_id.is_zero() || self.topic_id == id)
    }
}

/// The offsets of one group: by topic, and then by partition.
type Topics = SortedMap<Str, SortedMap<i32, Committed>>;

/// The committed offsets of all groups of a shard.
#[derive(Clone, Debug, Default)]
pub(crate) struct OffsetStore {
    groups: BTreeMap<Str, Topics>,
    /// Every topic's name once, however many groups read it.
    names: BTreeSet<Str>,
    pending: PendingOffsets,
}

impl OffsetStore {
    /// Applies one record: a commit, or the removal of one.
    pub(crate) fn apply(
        &mut self,
        group: &str,
        topic: &str,
        partition: i32,
        value: Option<&OffsetCommitValue>,
        place: Place,
    ) {
        let Some(value) = value else {
            self.pending.remove(group, topic, partition);
            return self.remove(group, topic, partition);
        };
        let committed = Committed {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: copy(&value.metadata),
            commit_timestamp_ms: value.commit_timestamp,
            expire_timestamp_ms: (value.expire_timestamp != -1).then_some(value.expire_timestamp),
            topic_id: value.topic_id,
            position: place.offset,
        };
        match place.producer_id {
            None => self.put(group, topic, partition, committed),
            Some(producer_id) => {
                let topic = self.name(topic);
                self.pending.insert(producer_id, copy(group), topic, partition, committed);
            }
        }
    }

    /// Ends a producer's transaction: what was committed in it is the group's from now on, or forgotten.
    pub(crate) fn end_transaction(&mut self, producer_id: i64, committed: bool) {
        for ((group, topic, partition), offset) in self.pending.take(producer_id) {
            let known = self.get(&group, &topic, partition);
            if committed && known.is_none_or(|known| known.position < offset.position) {
                self.put(&group, &topic, partition, offset);
            }
        }
    }

    fn put(&mut self, group: &str, topic: &str, partition: i32, committed: Committed) {
        if let Some(partitions) = self.groups.get_mut(group).and_then(|topics| topics.get_mut(topic)) {
            return partitions.insert(partition, committed);
        }
        let mut partitions = SortedMap::default();
        partitions.insert(partition, committed);
        let topic = self.name(topic);
        match self.groups.get_mut(group) {
            Some(topics) => topics.insert(topic, partitions),
            None => {
                let mut topics = Topics::default();
                topics.insert(topic, partitions);
                self.groups.insert(copy(group), topics);
            }
        }
    }

    fn remove(&mut self, group: &str, topic: &str, partition: i32) {
        let Some(topics) = self.groups.get_mut(group) else { return };
        let Some(partitions) = topics.get_mut(topic) else { return };
        partitions.remove(&partition);
        if partitions.is_empty() {
            topics.remove(topic);
        }
        if topics.is_empty() {
            self.groups.remove(group);
        }
    }

    pub(crate) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&Committed> {
        self.groups.get(group)?.get(topic)?.get(&partition)
    }

    /// All offsets of a group, by topic and partition.
    pub(crate) fn of_group(
        &self,
        group: &str,
    ) -> impl Iterator<Item = (&Str, impl Iterator<Item = (i32, &Committed)>)> {
        let topics = self.groups.get(group).into_iter().flat_map(SortedMap::iter);
        topics.map(|(topic, partitions)| {
            (topic, partitions.iter().map(|(partition, committed)| (*partition, committed)))
        })
    }

    /// Whether an offset was committed in a transaction that is open.
    pub(crate) fn is_unstable(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.pending.has(group, topic, partition)
    }

    /// The partitions for which a group has offsets in transactions that are open.
    pub(crate) fn unstable_of_group(&self, group: &str) -> impl Iterator<Item = (&Str, i32)> {
        self.pending.of_group(group)
    }

    /// The groups that have committed anything, in order.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Str> {
        self.groups.keys()
    }

    /// Shares the name of a topic no more, because it is gone.
    pub(crate) fn forget_topic(&mut self, topic: &str) {
        self.names.remove(topic);
    }

    fn name(&mut self, topic: &str) -> Str {
        match self.names.get(topic) {
            Some(name) => name.clone(),
            None => {
                let name = copy(topic);
                self.names.insert(name.clone());
                name
            }
        }
    }
}

/// A text of its own, where the given one may be a slice of a frame and keep all of it in memory.
fn copy(text: &str) -> Str {
    if text.is_empty() { Str::EMPTY } else { Str::from(text.to_owned()) }
}
