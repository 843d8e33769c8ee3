//! How a group of the consumer protocol is shown.

use ottla_protocol::messages::consumer_group_describe as messages;
use ottla_protocol::messages::list_groups::ListedGroup;
use ottla_protocol::wire::{Str, Uuid};

use super::ConsumerGroups;
use super::regroup::chosen;
use super::state::{ConsumerGroup, Phase};
use crate::groups::assignor::Partitions;
use crate::groups::share::Topics;

const KIND: &str = "consumer";
/// A member of the consumer protocol, as a description calls it.
const CONSUMER_MEMBER: i8 = 1;
/// And one of the classic protocol.
const CLASSIC_MEMBER: i8 = 0;

impl ConsumerGroup {
    /// As Kafka calls it.
    pub(super) fn state(&self) -> &'static str {
        if self.members.is_empty() {
            return "Empty";
        }
        if self.epoch > self.target_epoch {
            return "Assigning";
        }
        let mut all = self.current.values();
        let is_settled = all.all(|one| one.phase == Phase::Stable && one.epoch == self.target_epoch);
        if is_settled { "Stable" } else { "Reconciling" }
    }
}

impl ConsumerGroups {
    /// The groups in a list.
    pub(crate) fn list(&self) -> impl Iterator<Item = ListedGroup> + '_ {
        self.groups.iter().map(|(id, group)| {
            ListedGroup::default()
                .with_group_id(id.clone())
                .with_protocol_type(KIND)
                .with_group_state(group.state())
                .with_group_type(KIND)
        })
    }

    /// A group with its members.
    pub(crate) fn describe(&self, id: &Str, topics: &impl Topics) -> Option<messages::DescribedGroup> {
        let group = self.groups.get(id)?;
        let members = group.members.iter().map(|(member, about)| {
            let current = group.current.get(member).cloned().unwrap_or_default();
            let mut described = messages::Member::default();
            described.member_id = member.clone();
            described.instance_id.clone_from(&about.instance);
            described.rack_id.clone_from(&about.rack);
            described.member_epoch = current.epoch;
            described.client_id = about.client_id.clone();
            described.client_host = about.client_host.clone();
            described.subscribed_topic_names = about.topics.iter().cloned().collect();
            described.subscribed_topic_regex = Some(about.pattern.clone().unwrap_or_default());
            // What it is to give up it still has.
            let mut held = Partitions::new();
            for (topic, own) in current.assigned.iter().chain(&current.revoking) {
                held.entry(*topic).or_default().extend(own.keys());
            }
            let held = held.iter().map(|(topic, own)| (topic, own.iter().copied().collect()));
            described.assignment = shown(held, topics);
            let target = group.targets.get(member).into_iter().flatten();
            let target = target.map(|(topic, own)| (topic, own.iter().copied().collect()));
            described.target_assignment = shown(target, topics);
            described.member_type = if about.classic.is_some() { CLASSIC_MEMBER } else { CONSUMER_MEMBER };
            described
        });
        let mut described = messages::DescribedGroup::default();
        described.members = members.collect();
        described.group_id = id.clone();
        described.group_state = Str::from_static(group.state());
        described.group_epoch = group.epoch;
        described.assignment_epoch = group.target_epoch;
        described.assignor_name = Str::from_static(chosen(&group.members, &self.settings.assignors).name());
        Some(described)
    }
}

/// Partitions by the names of their topics; those of a topic that is gone are not shown.
fn shown<'a>(
    partitions: impl Iterator<Item = (&'a [u8; 16], Vec<i32>)>,
    topics: &impl Topics,
) -> messages::Assignment {
    let mut assignment = messages::Assignment::default();
    assignment.topic_partitions = partitions
        .filter_map(|(topic, partitions)| {
            let mut one = messages::TopicPartitions::default();
            one.topic_id = Uuid(*topic);
            one.topic_name = topics.name(Uuid(*topic))?;
            one.partitions = partitions.into();
            Some(one)
        })
        .collect();
    assignment
}
