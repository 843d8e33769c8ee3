//! A share group as its records tell it.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::internal::{
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue, ShareGroupMetadataValue,
    ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataValue, share_group_current_member_assignment as current,
    share_group_state_partition_metadata as states, share_group_target_assignment_member as target,
};
use ottla_protocol::wire::{Str, Uuid};

use crate::groups::record::ShareChange;

/// The id of a topic, in an order.
pub(crate) type TopicKey = [u8; 16];

/// Partitions, by topic.
pub(crate) type Assignment = BTreeMap<TopicKey, BTreeSet<i32>>;

/// A member, as it described itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) rack: Option<Str>,
    pub(crate) client_id: Str,
    pub(crate) client_host: Str,
    /// Names of topics, in order.
    pub(crate) subscribed: Vec<Str>,
}

/// What a member has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) assigned: Assignment,
}

/// Topics, with their names, and partitions of them.
pub(crate) type NamedPartitions = BTreeMap<TopicKey, (Str, BTreeSet<i32>)>;

/// A share group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShareGroup {
    has_metadata: bool,
    pub(crate) epoch: i32,
    pub(crate) metadata_hash: i64,
    pub(crate) members: BTreeMap<Str, Member>,
    pub(crate) target_epoch: i32,
    pub(crate) target_at_ms: i64,
    pub(crate) targets: BTreeMap<Str, Assignment>,
    pub(crate) current: BTreeMap<Str, Current>,
    /// Partitions whose states are being begun.
    pub(crate) initializing: NamedPartitions,
    /// Partitions whose states there are.
    pub(crate) initialized: NamedPartitions,
    /// Topics whose states are being deleted.
    pub(crate) deleting: BTreeMap<TopicKey, Str>,
}

impl ShareGroup {
    /// Whether no record speaks of it any more.
    pub(super) fn is_gone(&self) -> bool {
        !self.has_metadata
            && self.members.is_empty()
            && self.targets.is_empty()
            && self.current.is_empty()
            && self.initializing.is_empty()
            && self.initialized.is_empty()
    }

    /// The group in its next epoch.
    pub(super) fn bumped(&self, is_empty: bool) -> ShareGroupMetadataValue {
        ShareGroupMetadataValue::default()
            .with_epoch(self.epoch.saturating_add(1))
            .with_metadata_hash(if is_empty { 0 } else { self.metadata_hash })
    }

    pub(super) fn take_in(&mut self, change: &ShareChange) {
        match change {
            ShareChange::Group(value) => {
                self.has_metadata = value.is_some();
                (self.epoch, self.metadata_hash) =
                    value.as_ref().map_or((0, 0), |value| (value.epoch, value.metadata_hash));
            }
            ShareChange::Member(member, Some(value)) => {
                self.members.insert(member.clone(), Member::from_record(value));
            }
            ShareChange::Member(member, None) => remove(&mut self.members, member),
            ShareChange::TargetEpoch(value) => {
                (self.target_epoch, self.target_at_ms) = value
                    .as_ref()
                    .map_or((0, 0), |value| (value.assignment_epoch, value.assignment_timestamp));
            }
            ShareChange::Target(member, Some(value)) => {
                let partitions = value.topic_partitions.iter();
                let assignment =
                    partitions.map(|one| (one.topic_id.0, one.partitions.iter().copied().collect()));
                self.targets.insert(member.clone(), assignment.collect());
            }
            ShareChange::Target(member, None) => remove(&mut self.targets, member),
            ShareChange::Current(member, Some(value)) => {
                let partitions = value.assigned_partitions.iter();
                let assigned =
                    partitions.map(|one| (one.topic_id.0, one.partitions.iter().copied().collect()));
                let current = Current {
                    epoch: value.member_epoch,
                    previous_epoch: value.previous_member_epoch,
                    assigned: assigned.collect(),
                };
                self.current.insert(member.clone(), current);
            }
            ShareChange::Current(member, None) => remove(&mut self.current, member),
            ShareChange::States(value) => {
                let value = value.clone().unwrap_or_default();
                self.initializing = named(&value.initializing_topics);
                self.initialized = named(&value.initialized_topics);
                let deleting = value.deleting_topics.into_iter();
                self.deleting = deleting.map(|topic| (topic.topic_id.0, topic.topic_name)).collect();
            }
        }
    }
}

/// Removes a member. A map of which the last is removed keeps the room for eleven, in each group that nobody is in.
fn remove<T>(of: &mut BTreeMap<Str, T>, member: &Str) {
    of.remove(member);
    if of.is_empty() {
        *of = BTreeMap::new();
    }
}

impl Member {
    fn from_record(value: &ShareGroupMemberMetadataValue) -> Self {
        Self {
            rack: value.rack_id.clone(),
            client_id: value.client_id.clone(),
            client_host: value.client_host.clone(),
            subscribed: value.subscribed_topic_names.clone(),
        }
    }

    pub(super) fn record(&self) -> ShareGroupMemberMetadataValue {
        ShareGroupMemberMetadataValue::default()
            .with_rack_id(self.rack.clone())
            .with_client_id(self.client_id.clone())
            .with_client_host(self.client_host.clone())
            .with_subscribed_topic_names(self.subscribed.clone())
    }
}

impl Current {
    pub(super) fn record(&self) -> ShareGroupCurrentMemberAssignmentValue {
        let assigned = self.assigned.iter().map(|(topic, partitions)| {
            current::TopicPartitions::default()
                .with_topic_id(Uuid(*topic))
                .with_partitions(partitions.iter().copied().collect::<Vec<_>>())
        });
        ShareGroupCurrentMemberAssignmentValue::default()
            .with_member_epoch(self.epoch)
            .with_previous_member_epoch(self.previous_epoch)
            .with_state(0)
            .with_assigned_partitions(assigned.collect::<Vec<_>>())
    }
}

pub(super) fn target_record(assignment: &Assignment) -> ShareGroupTargetAssignmentMemberValue {
    let partitions = assignment.iter().map(|(topic, partitions)| {
        target::TopicPartition::default()
            .with_topic_id(Uuid(*topic))
            .with_partitions(partitions.iter().copied().collect::<Vec<_>>())
    });
    ShareGroupTargetAssignmentMemberValue::default().with_topic_partitions(partitions.collect::<Vec<_>>())
}

pub(super) fn target_epoch_record(epoch: i32, at_ms: i64) -> ShareGroupTargetAssignmentMetadataValue {
    ShareGroupTargetAssignmentMetadataValue::default()
        .with_assignment_epoch(epoch)
        .with_assignment_timestamp(at_ms)
}

pub(super) fn states_record(
    initializing: &NamedPartitions,
    initialized: &NamedPartitions,
    deleting: &BTreeMap<TopicKey, Str>,
) -> ShareGroupStatePartitionMetadataValue {
    let infos = |topics: &NamedPartitions| -> Vec<states::TopicPartitionsInfo> {
        let topics = topics.iter().filter(|(_, (_, partitions))| !partitions.is_empty());
        topics
            .map(|(topic, (name, partitions))| {
                states::TopicPartitionsInfo::default()
                    .with_topic_id(Uuid(*topic))
                    .with_topic_name(name.clone())
                    .with_partitions(partitions.iter().copied().collect::<Vec<_>>())
            })
            .collect()
    };
    let deleting = deleting.iter().map(|(topic, name)| {
        states::TopicInfo::default().with_topic_id(Uuid(*topic)).with_topic_name(name.clone())
    });
    ShareGroupStatePartitionMetadataValue::default()
        .with_initializing_topics(infos(initializing))
        .with_initialized_topics(infos(initialized))
        .with_deleting_topics(deleting.collect::<Vec<_>>())
}

fn named(topics: &[states::TopicPartitionsInfo]) -> NamedPartitions {
    let topics = topics.iter();
    topics
        .map(|topic| {
            (topic.topic_id.0, (topic.topic_name.clone(), topic.partitions.iter().copied().collect()))
        })
        .collect()
}
