//! A group of the consumer protocol as its records tell it.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::internal::consumer_group_current_member_assignment as current;
use ottla_protocol::internal::consumer_group_member_metadata::ClassicMemberMetadata;
use ottla_protocol::internal::consumer_group_target_assignment_member as target;
use ottla_protocol::internal::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue,
};
use ottla_protocol::wire::{Str, Uuid};

use crate::groups::assignor::{Partitions, TopicKey};
use crate::groups::record::ConsumerChange;

/// Partitions that a member has, each with the epoch in which it was assigned.
pub(crate) type Held = BTreeMap<TopicKey, BTreeMap<i32, i32>>;

/// The epoch of a static member that left and may come back.
pub(crate) const LEFT_FOR_A_WHILE: i32 = -2;

/// A member, as it described itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name, if it is a static member.
    pub(crate) instance: Option<Str>,
    pub(crate) rack: Option<Str>,
    pub(crate) client_id: Str,
    pub(crate) client_host: Str,
    /// Names of topics.
    pub(crate) topics: BTreeSet<Str>,
    /// A pattern of names besides.
    pub(crate) pattern: Option<Str>,
    /// How long it may take to give partitions up.
    pub(crate) rebalance_timeout_ms: i32,
    /// The assignor that it wants.
    pub(crate) assignor: Option<Str>,
    /// What it said as a member of the classic protocol.
    pub(crate) classic: Option<ClassicMemberMetadata>,
}

/// How far a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has all that it was to have in its epoch.
    #[default]
    Stable,
    /// It is to give partitions up, and did not say yet that it has.
    Unrevoked,
    /// Others still have partitions that it is to have.
    Unreleased,
}

/// What a member has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) epoch: i32,
    /// The epoch before, which it may still name when an answer was lost.
    pub(crate) previous_epoch: i32,
    pub(crate) phase: Phase,
    pub(crate) assigned: Held,
    /// What it is to give up; nobody else gets that before it says that it did.
    pub(crate) revoking: Held,
}

/// The topics that a pattern stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) topics: BTreeSet<Str>,
    pub(crate) version: i64,
    pub(crate) at_ms: i64,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConsumerGroup {
    has_metadata: bool,
    pub(crate) epoch: i32,
    pub(crate) metadata_hash: i64,
    pub(crate) members: BTreeMap<Str, Member>,
    /// The epoch of the targets.
    pub(crate) target_epoch: i32,
    pub(crate) target_at_ms: i64,
    pub(crate) targets: BTreeMap<Str, Partitions>,
    pub(crate) current: BTreeMap<Str, Current>,
    pub(crate) patterns: BTreeMap<Str, Pattern>,
    /// Who holds each partition, be it to give it up; follows from `current`.
    pub(super) holders: BTreeMap<(TopicKey, i32), Str>,
    /// Who bears each name; follows from `members`.
    pub(super) instances: BTreeMap<Str, Str>,
}

impl ConsumerGroup {
    /// Whether no record speaks of it any more.
    pub(super) fn is_gone(&self) -> bool {
        !self.has_metadata && self.members.is_empty() && self.targets.is_empty() && self.current.is_empty()
    }

    /// Takes in what a record says.
    pub(super) fn take_in(&mut self, change: &ConsumerChange) {
        match change {
            ConsumerChange::Group(value) => {
                self.has_metadata = value.is_some();
                let value = value.clone().unwrap_or_default();
                (self.epoch, self.metadata_hash) = (value.epoch, value.metadata_hash);
            }
            ConsumerChange::TargetEpoch(value) => {
                let told = value.as_ref().map(|value| (value.assignment_epoch, value.assignment_timestamp));
                (self.target_epoch, self.target_at_ms) = told.unwrap_or_default();
            }
            ConsumerChange::Target(member, Some(value)) => {
                let partitions = value.topic_partitions.iter();
                let target = partitions.map(|one| (one.topic_id.0, one.partitions.iter().copied().collect()));
                self.targets.insert(member.clone(), target.collect());
            }
            ConsumerChange::Target(member, None) => _ = self.targets.remove(member),
            ConsumerChange::Member(id, value) => {
                let old = self.members.remove(id).and_then(|member| member.instance);
                if let Some(name) = old
                    && self.instances.get(&name) == Some(id)
                {
                    self.instances.remove(&name);
                }
                if let Some(value) = value {
                    let member = Member::from_record(value);
                    if let Some(name) = &member.instance {
                        self.instances.insert(name.clone(), id.clone());
                    }
                    self.members.insert(id.clone(), member);
                }
            }
            ConsumerChange::Current(member, value) => {
                if let Some(old) = self.current.remove(member) {
                    for place in old.held() {
                        if self.holders.get(&place) == Some(member) {
                            self.holders.remove(&place);
                        }
                    }
                }
                if let Some(value) = value {
                    let current = Current::from_record(value);
                    for place in current.held() {
                        self.holders.insert(place, member.clone());
                    }
                    self.current.insert(member.clone(), current);
                }
            }
            ConsumerChange::Pattern(pattern, Some(value)) => {
                let topics = value.topics.iter().cloned().collect();
                let known = Pattern { topics, version: value.version, at_ms: value.timestamp };
                self.patterns.insert(pattern.clone(), known);
            }
            ConsumerChange::Pattern(pattern, None) => _ = self.patterns.remove(pattern),
            ConsumerChange::NoFormerTopics => {}
        }
    }
}

impl Member {
    fn from_record(value: &ConsumerGroupMemberMetadataValue) -> Self {
        Self {
            instance: value.instance_id.clone(),
            rack: value.rack_id.clone(),
            client_id: value.client_id.clone(),
            client_host: value.client_host.clone(),
            topics: value.subscribed_topic_names.iter().cloned().collect(),
            pattern: value.subscribed_topic_regex.clone().filter(|pattern| !pattern.is_empty()),
            rebalance_timeout_ms: value.rebalance_timeout_ms,
            assignor: value.server_assignor.clone(),
            classic: value.classic_member_metadata.clone(),
        }
    }

    /// As it is written down.
    pub(super) fn record(&self) -> ConsumerGroupMemberMetadataValue {
        let mut value = ConsumerGroupMemberMetadataValue::default()
            .with_instance_id(self.instance.clone())
            .with_rack_id(self.rack.clone())
            .with_client_id(self.client_id.clone())
            .with_client_host(self.client_host.clone())
            .with_subscribed_topic_names(self.topics.iter().cloned().collect::<Vec<_>>())
            .with_subscribed_topic_regex(Some(self.pattern.clone().unwrap_or_default())) // as Kafka writes none
            .with_rebalance_timeout_ms(self.rebalance_timeout_ms)
            .with_server_assignor(self.assignor.clone());
        value.classic_member_metadata = self.classic.clone();
        value
    }
}

impl Phase {
    fn from_record(state: i8) -> Self {
        match state {
            1 => Self::Unrevoked,
            0 => Self::Stable,
            // Also one of a later Kafka: it is looked at again with the next heartbeat.
            _ => Self::Unreleased,
        }
    }

    fn record(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::Unrevoked => 1,
            Self::Unreleased => 2,
        }
    }
}

impl Current {
    /// All that it has or gives up.
    pub(super) fn held(&self) -> impl Iterator<Item = (TopicKey, i32)> + '_ {
        let topics = self.assigned.iter().chain(&self.revoking);
        topics.flat_map(|(topic, partitions)| partitions.keys().map(|partition| (*topic, *partition)))
    }

    fn from_record(value: &ConsumerGroupCurrentMemberAssignmentValue) -> Self {
        let held = |topics: &[current::TopicPartitions]| -> Held {
            let topics = topics.iter();
            topics
                .map(|topic| {
                    // Kafka wrote no epochs before 4.3: then it is that of the member.
                    let epochs = topic.assignment_epochs.iter().flat_map(|epochs| epochs.iter().copied());
                    let epochs = epochs.chain(std::iter::repeat(value.member_epoch));
                    (topic.topic_id.0, topic.partitions.iter().copied().zip(epochs).collect())
                })
                .collect()
        };
        Self {
            epoch: value.member_epoch,
            previous_epoch: value.previous_member_epoch,
            phase: Phase::from_record(value.state),
            assigned: held(&value.assigned_partitions),
            revoking: held(&value.partitions_pending_revocation),
        }
    }

    /// As it is written down.
    pub(super) fn record(&self) -> ConsumerGroupCurrentMemberAssignmentValue {
        let topics = |held: &Held| -> Vec<current::TopicPartitions> {
            let topics = held.iter().map(|(topic, partitions)| {
                let mut one = current::TopicPartitions::default();
                one.topic_id = Uuid(*topic);
                one.partitions = partitions.keys().copied().collect::<Vec<_>>().into();
                one.assignment_epochs = Some(partitions.values().copied().collect::<Vec<_>>().into());
                one
            });
            topics.collect()
        };
        let mut value = ConsumerGroupCurrentMemberAssignmentValue::default();
        value.member_epoch = self.epoch;
        value.previous_member_epoch = self.previous_epoch;
        value.state = self.phase.record();
        value.assigned_partitions = topics(&self.assigned);
        value.partitions_pending_revocation = topics(&self.revoking);
        value
    }
}

/// What a member is to have, as it is written down.
pub(super) fn target_record(partitions: &Partitions) -> ConsumerGroupTargetAssignmentMemberValue {
    let topics = partitions.iter().map(|(topic, partitions)| {
        let mut one = target::TopicPartition::default();
        one.topic_id = Uuid(*topic);
        one.partitions = partitions.iter().copied().collect::<Vec<_>>().into();
        one
    });
    let mut value = ConsumerGroupTargetAssignmentMemberValue::default();
    value.topic_partitions = topics.collect();
    value
}

/// The epoch of targets, as it is written down.
pub(super) fn target_epoch_record(epoch: i32, at_ms: i64) -> ConsumerGroupTargetAssignmentMetadataValue {
    let mut value = ConsumerGroupTargetAssignmentMetadataValue::default();
    (value.assignment_epoch, value.assignment_timestamp) = (epoch, at_ms);
    value
}

/// The epoch of a group, as it is written down.
pub(super) fn group_record(epoch: i32, metadata_hash: i64) -> ConsumerGroupMetadataValue {
    let mut value = ConsumerGroupMetadataValue::default();
    (value.epoch, value.metadata_hash) = (epoch, metadata_hash);
    value
}

impl Pattern {
    /// As it is written down.
    pub(super) fn record(&self) -> ConsumerGroupRegularExpressionValue {
        let mut value = ConsumerGroupRegularExpressionValue::default();
        value.topics = self.topics.iter().cloned().collect();
        (value.version, value.timestamp) = (self.version, self.at_ms);
        value
    }
}
