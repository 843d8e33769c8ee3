//! Members, topics and partitions as numbers, so that assignors compare and count without touching strings.
//!
//! Members are numbered by id, topics by name, and partitions through all topics: the order of the numbers is
//! that of the names.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::TopicPartition;
use ottla_protocol::wire::Str;

use super::{Assignment, Member, Topics};

/// A member, by its place among all.
pub(super) type MemberIndex = usize;
/// A topic, by its place among all that are subscribed to and known.
pub(super) type TopicIndex = usize;
/// A partition, by its place among those of all topics.
pub(super) type Slot = usize;

/// One topic.
pub(super) struct TopicRow<'a> {
    pub(super) name: &'a Str,
    /// The first of its partitions.
    pub(super) first: Slot,
    pub(super) racks: &'a [BTreeSet<Str>],
    /// Who subscribes to it, in the order of their ids.
    pub(super) consumers: Vec<MemberIndex>,
}

/// A group and its topics.
pub(super) struct Table<'a> {
    pub(super) members: Vec<&'a Member>,
    pub(super) topics: Vec<TopicRow<'a>>,
    /// By member: the topics that it subscribes to, as far as they are known, each once.
    pub(super) subscribed: Vec<BTreeSet<TopicIndex>>,
    by_name: BTreeMap<&'a str, TopicIndex>,
    slots: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(topics: &'a Topics, members: &'a [Member]) -> Self {
        let by_id: BTreeMap<&Str, &Member> = members.iter().map(|member| (&member.id, member)).collect();
        let members: Vec<&Member> = by_id.into_values().collect();
        let wanted: BTreeSet<&str> =
            members.iter().flat_map(|member| member.topics.iter().map(Str::as_str)).collect();
        let mut rows = Vec::new();
        let mut slots = 0;
        for (name, racks) in topics.iter() {
            if !racks.is_empty() && wanted.contains(name.as_str()) {
                rows.push(TopicRow { name, first: slots, racks, consumers: Vec::new() });
                slots += racks.len();
            }
        }
        let by_name: BTreeMap<&str, TopicIndex> =
            rows.iter().enumerate().map(|(index, row)| (row.name.as_str(), index)).collect();
        let subscribed: Vec<BTreeSet<TopicIndex>> = members
            .iter()
            .map(|member| {
                member.topics.iter().filter_map(|topic| by_name.get(topic.as_str()).copied()).collect()
            })
            .collect();
        for (member, topics) in subscribed.iter().enumerate() {
            for topic in topics {
                rows[*topic].consumers.push(member);
            }
        }
        Self { members, topics: rows, subscribed, by_name, slots }
    }

    /// How many partitions there are in all.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// The partitions of a topic.
    pub(super) fn slots_of(&self, topic: TopicIndex) -> std::ops::Range<Slot> {
        let row = &self.topics[topic];
        row.first..row.first + row.racks.len()
    }

    /// The topic of a partition.
    pub(super) fn topic_of(&self, slot: Slot) -> TopicIndex {
        self.topics.partition_point(|row| row.first <= slot) - 1
    }

    /// The index of a partition within its topic.
    pub(super) fn index_in_topic(&self, slot: Slot) -> usize {
        slot - self.topics[self.topic_of(slot)].first
    }

    /// The racks that hold a copy of a partition.
    pub(super) fn racks_of(&self, slot: Slot) -> &'a BTreeSet<Str> {
        let row = &self.topics[self.topic_of(slot)];
        &row.racks[slot - row.first]
    }

    /// The number of a partition; `None` if its topic is not subscribed to by anyone, or it does not exist.
    pub(super) fn slot_of(&self, partition: &TopicPartition) -> Option<Slot> {
        let row = &self.topics[*self.by_name.get(partition.topic.as_str())?];
        let index = usize::try_from(partition.partition).ok()?;
        (index < row.racks.len()).then_some(row.first + index)
    }

    /// The members that say who they are first, by that name; then the others by id.
    pub(super) fn members_by_instance(&self) -> Vec<MemberIndex> {
        let mut order: Vec<MemberIndex> = (0..self.members.len()).collect();
        order.sort_by_key(|index| {
            let instance = self.members[*index].instance_id.as_ref();
            (instance.is_none(), instance, *index)
        });
        order
    }

    /// The rack of a member, if it named one.
    pub(super) fn rack_of(&self, member: MemberIndex) -> Option<&'a Str> {
        self.members[member].rack.as_ref().filter(|rack| !rack.is_empty())
    }

    /// Names instead of numbers.
    pub(super) fn assignment(&self, assigned: Vec<Vec<Slot>>) -> Assignment {
        let name = |slot: Slot| {
            let row = &self.topics[self.topic_of(slot)];
            let partition = i32::try_from(slot - row.first).expect("partitions are counted in i32");
            TopicPartition { topic: row.name.clone(), partition }
        };
        let named = |(member, slots): (&&Member, Vec<Slot>)| {
            (member.id.clone(), slots.into_iter().map(name).collect())
        };
        self.members.iter().zip(assigned).map(named).collect()
    }
}

/// Whether racks should have a say: some member's rack holds some copy, and not every partition has a copy in
/// every rack.
pub(super) fn racks_matter<'a>(
    consumer_racks: &BTreeSet<&Str>,
    partition_racks: impl Iterator<Item = &'a BTreeSet<Str>> + Clone,
) -> bool {
    let all: BTreeSet<&Str> = partition_racks.clone().flatten().collect();
    !consumer_racks.is_disjoint(&all) && partition_racks.into_iter().any(|racks| racks.len() != all.len())
}
