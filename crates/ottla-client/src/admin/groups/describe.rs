//! What a group consists of: its members, and what each of them has.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_protocol::Data;
use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use ottla_protocol::messages::consumer_group_describe::{self, ConsumerGroupDescribeRequest};
use ottla_protocol::messages::describe_groups::{
    DescribeGroupsRequest, DescribedGroup, DescribedGroupMember,
};
use ottla_protocol::wire::Str;

use super::state::{GroupKind, GroupState};
use super::{check, subject};
use crate::admin::Admin;
use crate::admin::routed::{Answered, Outcomes, Routed, ToCoordinator, route};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;
use crate::topic_partition::TopicPartition;

/// What the protocol type of consumers is called.
const CONSUMER: &str = "consumer";

/// A group and its members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupDescription {
    /// Its name.
    pub id: Str,
    /// What it is doing.
    pub state: GroupState,
    /// Which protocol keeps it together.
    pub kind: GroupKind,
    /// What its members are: `consumer` for consumers; empty for a group that has only offsets.
    pub protocol_type: Str,
    /// How partitions are assigned, such as `cooperative-sticky`; empty while there is no say in it.
    pub assignor: Str,
    /// The broker that coordinates it.
    pub coordinator: NodeId,
    /// Its members, in no certain order.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupMember {
    /// The id that it got when it joined, or chose.
    pub id: Str,
    /// The name that it keeps over restarts, if it has one (KIP-345).
    pub instance_id: Option<Str>,
    /// The `client.id` that it is configured with.
    pub client_id: Str,
    /// The address that it comes from, with a slash before it.
    pub host: Str,
    /// The topics that a consumer is subscribed to; empty for members that are no consumers.
    pub topics: Vec<Str>,
    /// The partitions that a consumer has, in order; empty for members that are no consumers.
    pub assignment: Vec<TopicPartition>,
    /// What a classic member said of itself when it joined, as bytes; empty for others.
    pub metadata: Bytes,
    /// What a classic member was assigned, as bytes; empty for others.
    pub assigned: Bytes,
}

impl Admin {
    /// Describes groups, each on its own, whichever protocol they use.
    ///
    /// # Errors
    /// Each group has its own outcome: [`Error::Refused`] with `GROUP_ID_NOT_FOUND` if there is no such
    /// group, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_groups<T: Into<Str>>(
        &self,
        groups: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<GroupDescription, Error>> {
        route(&self.client, &DescribeGroups, groups.into_iter().map(Into::into)).await
    }
}

struct DescribeGroups;

impl Routed for DescribeGroups {
    type Key = Str;
    type Value = GroupDescription;
    type Route = ToCoordinator;
    const WHAT: &'static str = "describing groups";
    const API: ApiKey = ApiKey::DescribeGroups;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let mut request = DescribeGroupsRequest::default();
        request.groups = keys.to_vec();
        let mut outcomes = Outcomes::new();
        for group in connection.call(&request).await?.groups {
            outcomes.insert(group.group_id.clone(), GroupDescription::classic(group, node));
        }
        // What is no classic group may be one of the other protocol, where the broker knows that.
        let is_unknown = |group: &&Str| is_not_found(outcomes.get(*group));
        let others: Vec<_> = keys.iter().filter(is_unknown).cloned().collect();
        let Ok(version) = connection.version::<ConsumerGroupDescribeRequest>() else { return Ok(outcomes) };
        if !others.is_empty() {
            let mut request = ConsumerGroupDescribeRequest::default();
            request.group_ids = others;
            for group in connection.call_version(&request, version).await?.groups {
                let (id, outcome) = (group.group_id.clone(), GroupDescription::consumer(group, node));
                if !is_not_found(Some(&outcome)) {
                    outcomes.insert(id, outcome);
                }
            }
        }
        Ok(outcomes)
    }

    fn subject(group: &Str) -> String {
        subject(group)
    }
}

fn is_not_found(outcome: Option<&Result<GroupDescription, Error>>) -> bool {
    let error = outcome.and_then(|outcome| outcome.as_ref().err());
    error.is_some_and(|error| error.code() == Some(ErrorCode::GROUP_ID_NOT_FOUND))
}

impl GroupDescription {
    fn classic(group: DescribedGroup, coordinator: NodeId) -> Result<Self, Error> {
        check(&group.group_id, group.error_code, group.error_message.as_deref())?;
        let state = GroupState::from(group.group_state.as_str());
        if state == GroupState::Dead {
            // How brokers before version 6 of this API say that there is no such group.
            check(&group.group_id, ErrorCode::GROUP_ID_NOT_FOUND, None)?;
        }
        let of_consumers = group.protocol_type.as_str() == CONSUMER;
        let member = |member| GroupMember::classic(member, of_consumers);
        Ok(Self {
            members: group.members.into_iter().map(member).collect(),
            id: group.group_id,
            state,
            kind: GroupKind::Classic,
            protocol_type: group.protocol_type,
            assignor: group.protocol_data,
            coordinator,
        })
    }

    fn consumer(group: consumer_group_describe::DescribedGroup, coordinator: NodeId) -> Result<Self, Error> {
        check(&group.group_id, group.error_code, group.error_message.as_deref())?;
        Ok(Self {
            members: group.members.into_iter().map(GroupMember::consumer).collect(),
            id: group.group_id,
            state: GroupState::from(group.group_state.as_str()),
            kind: GroupKind::Consumer,
            protocol_type: Str::from(CONSUMER),
            assignor: group.assignor_name,
            coordinator,
        })
    }

    /// Which member has which partition.
    pub fn owners(&self) -> BTreeMap<&TopicPartition, &GroupMember> {
        let mut owners = BTreeMap::new();
        for member in &self.members {
            owners.extend(member.assignment.iter().map(|partition| (partition, member)));
        }
        owners
    }
}

impl GroupMember {
    fn classic(member: DescribedGroupMember, is_consumer: bool) -> Self {
        let (metadata, assigned) = (member.member_metadata, member.member_assignment);
        // While the group rebalances there is nothing yet; and what a foreign client wrote may be anything.
        let topics = if is_consumer { subscribed_topics(&metadata) } else { Vec::new() };
        let assignment = if is_consumer { assigned_partitions(&assigned) } else { Vec::new() };
        Self {
            id: member.member_id,
            instance_id: member.group_instance_id,
            client_id: member.client_id,
            host: member.client_host,
            topics,
            assignment,
            metadata,
            assigned,
        }
    }

    fn consumer(member: consumer_group_describe::Member) -> Self {
        let has = |of: consumer_group_describe::TopicPartitions| {
            let partition = |index: &i32| TopicPartition::new(of.topic_name.clone(), *index);
            of.partitions.iter().map(partition).collect::<Vec<_>>()
        };
        let mut assignment: Vec<_> = member.assignment.topic_partitions.into_iter().flat_map(has).collect();
        assignment.sort();
        Self {
            id: member.member_id,
            instance_id: member.instance_id,
            client_id: member.client_id,
            host: member.client_host,
            topics: member.subscribed_topic_names,
            assignment,
            metadata: Bytes::new(),
            assigned: Bytes::new(),
        }
    }
}

fn subscribed_topics(metadata: &Bytes) -> Vec<Str> {
    ConsumerProtocolSubscription::decode_versioned(metadata).map(|said| said.topics).unwrap_or_default()
}

fn assigned_partitions(assigned: &Bytes) -> Vec<TopicPartition> {
    let Ok(assignment) = ConsumerProtocolAssignment::decode_versioned(assigned) else { return Vec::new() };
    let of_topic = |has: &AssignedPartitions| -> Vec<TopicPartition> {
        has.partitions.iter().map(|partition| TopicPartition::new(has.topic.clone(), *partition)).collect()
    };
    let mut partitions: Vec<_> = assignment.assigned_partitions.iter().flat_map(of_topic).collect();
    partitions.sort();
    partitions
}
