//! How a classic group is shown and written down, and what its members subscribe to.

use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_protocol::consumer_protocol::ConsumerProtocolSubscription;
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::message::Data;
use ottla_protocol::messages::describe_groups::DescribedGroup;
use ottla_protocol::messages::list_groups::ListedGroup;
use ottla_protocol::wire::{DecodeError, DecodeLimits, Reader, Str};

use super::OffsetExpiry;
use super::group::{Group, State};
use super::member::Member;
use crate::coordinator::kept;

/// The protocol type of consumers, the only one whose metadata a broker reads.
const CONSUMER: &str = "consumer";

impl State {
    /// As Kafka calls it.
    pub(super) fn name(self) -> Str {
        Str::from_static(match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance(_) => "PreparingRebalance",
            Self::CompletingRebalance(_) => "CompletingRebalance",
            Self::Stable => "Stable",
        })
    }
}

impl Group {
    /// The group in a list.
    pub(super) fn listed(&self) -> ListedGroup {
        ListedGroup::default()
            .with_group_id(self.id.clone())
            .with_protocol_type(self.protocol_type.clone().unwrap_or_default())
            .with_group_state(self.state.name())
            .with_group_type("classic")
    }

    /// The group with its members; protocol and metadata only when they are decided.
    pub(super) fn described(&self) -> DescribedGroup {
        let protocol = self.protocol.as_ref().filter(|_| self.state == State::Stable);
        let members = self.members.values().map(|member| member.described(protocol));
        DescribedGroup::default()
            .with_group_id(self.id.clone())
            .with_group_state(self.state.name())
            .with_protocol_type(self.protocol_type.clone().unwrap_or_default())
            .with_protocol_data(protocol.cloned().unwrap_or_default())
            .with_members(members.collect::<Vec<_>>())
    }

    /// When offsets of the group expire.
    pub(super) fn offset_expiry(&self) -> OffsetExpiry {
        match self.state {
            _ if self.protocol_type.is_none() => OffsetExpiry::SinceCommit,
            State::Empty => self.state_since_ms.map_or(OffsetExpiry::SinceCommit, OffsetExpiry::Since),
            State::Stable if self.is_of_consumers() && self.subscribed.is_some() => OffsetExpiry::SinceCommit,
            _ => OffsetExpiry::Never,
        }
    }

    /// Whether the members read a topic. Consumers of which that is not known may read any.
    pub(super) fn is_subscribed(&self, topic: &Str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.is_of_consumers(),
        }
    }

    pub(super) fn is_of_consumers(&self) -> bool {
        self.protocol_type.as_ref().is_some_and(|protocol_type| protocol_type == CONSUMER)
    }

    /// The group as a record has it; all its members live.
    pub(super) fn from_record(id: Str, record: &GroupMetadataValue) -> Self {
        let since_ms = record.current_state_timestamp;
        let mut group = Self::new(id, (since_ms >= 0).then_some(since_ms));
        let protocol = record.protocol.as_ref().map(kept).unwrap_or_default();
        let protocol_type = kept(&record.protocol_type);
        group.generation = record.generation;
        group.leader = record.leader.as_ref().map(kept);
        for member in &record.members {
            group.add(Member::from_record(member, &protocol), &protocol_type);
        }
        group.protocol = record.protocol.as_ref().map(|_| protocol);
        group.protocol_type = Some(protocol_type).filter(|protocol_type| !protocol_type.is_empty());
        if !group.members.is_empty() {
            group.state = State::Stable;
        }
        group.subscribed = subscribed_topics(&group);
        group
    }
}

/// The group as it is written down.
pub(super) fn record_of(group: &Group) -> GroupMetadataValue {
    let members = group.members.values().map(|member| member.record(group.protocol.as_ref()));
    GroupMetadataValue::default()
        .with_protocol_type(group.protocol_type.clone().unwrap_or_default())
        .with_generation(group.generation)
        .with_protocol(group.protocol.clone())
        .with_leader(group.leader.clone())
        .with_current_state_timestamp(group.state_since_ms.unwrap_or(-1))
        .with_members(members.collect::<Vec<_>>())
}

/// The topics that the members subscribe to; `None` when they are no consumers, or one does not say it as consumers do.
pub(super) fn subscribed_topics(group: &Group) -> Option<BTreeSet<Str>> {
    if !group.is_of_consumers() {
        return None;
    }
    if group.members.is_empty() {
        return Some(BTreeSet::new());
    }
    let protocol = group.protocol.as_ref()?;
    group.walk();
    // Most groups have one program in many instances, which all say the same: that is read once.
    let said: BTreeSet<Bytes> =
        group.members.values().map(|member| member.metadata(Some(protocol))).collect();
    let mut topics = BTreeSet::new();
    for metadata in &said {
        let subscription = subscription(metadata).ok()?;
        for topic in subscription.topics {
            if !topics.contains(&topic) {
                topics.insert(kept(&topic));
            }
        }
    }
    Some(topics)
}

/// A subscription, read as its first version, which all later ones begin with.
fn subscription(metadata: &Bytes) -> Result<ConsumerProtocolSubscription, DecodeError> {
    let mut reader = Reader::new(metadata, false, &DecodeLimits::DEFAULT);
    let _version = reader.i16("version")?;
    ConsumerProtocolSubscription::decode(&mut reader, 0)
}
