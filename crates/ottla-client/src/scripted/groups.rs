//! How a scripted broker serves what concerns groups from the outside: coordinators, offsets, and
//! what can be said of groups without members.

use std::collections::BTreeMap;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};
use ottla_protocol::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup,
};
use ottla_protocol::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use ottla_protocol::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use ottla_protocol::wire::Str;

use super::{State, address};
use crate::node::NodeId;

/// Groups that are kept by brokers in turn, unless they were moved.
#[derive(Debug, Default)]
pub(super) struct Groups {
    moved: BTreeMap<String, NodeId>,
    groups: BTreeMap<String, Group>,
}

/// Topic and partition.
type Place = (String, i32);

/// A group that has offsets.
#[derive(Debug, Default)]
struct Group {
    offsets: BTreeMap<Place, Committed>,
}

/// An offset with its epoch and note.
#[derive(Clone, Debug)]
struct Committed {
    offset: i64,
    leader_epoch: i32,
    metadata: Option<Str>,
}

impl Groups {
    pub(super) fn move_to(&mut self, group: &str, node: NodeId) {
        self.moved.insert(group.to_owned(), node);
    }

    /// The offset that a group committed.
    pub(super) fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let offsets = &self.groups.get(group)?.offsets;
        offsets.get(&(topic.to_owned(), partition)).map(|committed| committed.offset)
    }

    /// The broker that coordinates a group.
    pub(super) fn coordinator(&self, group: &str, nodes: i32) -> NodeId {
        let turn = || NodeId(group.bytes().fold(0, |sum, byte| (sum + i32::from(byte)) % nodes) + 1);
        self.moved.get(group).copied().unwrap_or_else(turn)
    }
}

impl State {
    /// Whether this broker coordinates a group.
    pub(super) fn coordinates(&self, node: NodeId, group: &str) -> Result<(), ErrorCode> {
        let coordinator = self.groups.coordinator(group, self.nodes);
        if coordinator == node { Ok(()) } else { Err(ErrorCode::NOT_COORDINATOR) }
    }

    pub(super) fn find_coordinator(&self, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
        let mut answer = FindCoordinatorResponse::default();
        if request.coordinator_keys.is_empty() {
            let found = self.coordinator_of(&request.key);
            (answer.node_id, answer.host, answer.port) = (found.node_id, found.host, found.port);
        }
        answer.coordinators = request.coordinator_keys.iter().map(|key| self.coordinator_of(key)).collect();
        answer
    }

    fn coordinator_of(&self, group: &Str) -> Coordinator {
        let mut answer = Coordinator::default();
        answer.key = group.clone();
        let node = self.groups.coordinator(group, self.nodes);
        answer.node_id = node.0;
        if let ottla_transport::Address::Tcp(host, port) = address(node) {
            (answer.host, answer.port) = (host.into(), port.into());
        }
        answer
    }

    pub(super) fn list_groups(&self, node: NodeId, request: &ListGroupsRequest) -> ListGroupsResponse {
        let mut answer = ListGroupsResponse::default();
        let wanted = |filter: &[Str], name: &str| {
            filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
        };
        if !wanted(&request.states_filter, "Empty") || !wanted(&request.types_filter, "classic") {
            return answer;
        }
        for id in self.groups.groups.keys().filter(|id| self.coordinates(node, id).is_ok()) {
            let mut group = ListedGroup::default();
            group.group_id = Str::from(id);
            (group.group_state, group.group_type) = (Str::from("Empty"), Str::from("classic"));
            answer.groups.push(group);
        }
        answer
    }

    pub(super) fn describe_groups(
        &self,
        node: NodeId,
        request: &DescribeGroupsRequest,
        version: i16,
    ) -> DescribeGroupsResponse {
        let mut answer = DescribeGroupsResponse::default();
        for id in &request.groups {
            let mut group = DescribedGroup::default();
            group.group_id = id.clone();
            group.group_state = Str::from("Empty");
            if let Err(code) = self.coordinates(node, id) {
                group.error_code = code;
            } else if !self.groups.groups.contains_key(id.as_str()) {
                group.group_state = Str::from("Dead");
                group.error_code = if version >= 6 { ErrorCode::GROUP_ID_NOT_FOUND } else { ErrorCode::NONE };
            }
            answer.groups.push(group);
        }
        answer
    }

    pub(super) fn delete_groups(
        &mut self,
        node: NodeId,
        request: &DeleteGroupsRequest,
    ) -> DeleteGroupsResponse {
        let mut answer = DeleteGroupsResponse::default();
        for id in &request.groups_names {
            let mut result = DeletableGroupResult::default();
            result.group_id = id.clone();
            result.error_code = match self.coordinates(node, id) {
                Err(code) => code,
                Ok(()) if self.groups.groups.remove(id.as_str()).is_some() => ErrorCode::NONE,
                Ok(()) => ErrorCode::GROUP_ID_NOT_FOUND,
            };
            answer.results.push(result);
        }
        answer
    }

    /// Takes offsets in. What members may do is known to `members`.
    pub(super) fn offset_commit(
        &mut self,
        node: NodeId,
        request: &OffsetCommitRequest,
    ) -> OffsetCommitResponse {
        let refused = self.coordinates(node, &request.group_id).and_then(|()| self.may_commit(request)).err();
        let mut answer = OffsetCommitResponse::default();
        for topic in &request.topics {
            let mut answered = OffsetCommitResponseTopic::default();
            let name = self.name_of(&topic.name, topic.topic_id);
            (answered.name, answered.topic_id) = (topic.name.clone(), topic.topic_id);
            for asked in &topic.partitions {
                let place = name.clone().map(|name| (name, asked.partition_index));
                let known = place.filter(|(name, index)| self.log(name, *index).is_some());
                let mut partition = OffsetCommitResponsePartition::default();
                partition.partition_index = asked.partition_index;
                partition.error_code = match (refused, known) {
                    (Some(code), _) => code,
                    (None, None) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    (None, Some(place)) => {
                        let committed = Committed {
                            offset: asked.committed_offset,
                            leader_epoch: asked.committed_leader_epoch,
                            metadata: asked.committed_metadata.clone(),
                        };
                        let group = self.groups.groups.entry(request.group_id.to_string()).or_default();
                        group.offsets.insert(place, committed);
                        ErrorCode::NONE
                    }
                };
                answered.partitions.push(partition);
            }
            answer.topics.push(answered);
        }
        answer
    }

    pub(super) fn offset_fetch(
        &self,
        node: NodeId,
        request: &OffsetFetchRequest,
        version: i16,
    ) -> OffsetFetchResponse {
        let mut answer = OffsetFetchResponse::default();
        if version >= 8 {
            answer.groups = request.groups.iter().map(|group| self.offsets_of(node, group)).collect();
            return answer;
        }
        // Until version 7 one group is asked for, in a form of its own.
        let mut group = OffsetFetchRequestGroup::default();
        group.group_id = request.group_id.clone();
        let topic = |topic: &OffsetFetchRequestTopic| {
            let mut asked = OffsetFetchRequestTopics::default();
            (asked.name, asked.partition_indexes) = (topic.name.clone(), topic.partition_indexes.clone());
            asked
        };
        group.topics = request.topics.as_ref().map(|topics| topics.iter().map(topic).collect());
        let told = self.offsets_of(node, &group);
        answer.error_code = told.error_code;
        for topic in told.topics {
            let mut answered = OffsetFetchResponseTopic::default();
            answered.name = topic.name;
            for of in topic.partitions {
                let mut partition = OffsetFetchResponsePartition::default();
                (partition.partition_index, partition.committed_offset) =
                    (of.partition_index, of.committed_offset);
                (partition.committed_leader_epoch, partition.metadata) =
                    (of.committed_leader_epoch, of.metadata);
                answered.partitions.push(partition);
            }
            answer.topics.push(answered);
        }
        answer
    }

    fn offsets_of(&self, node: NodeId, group: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        let mut answered = OffsetFetchResponseGroup::default();
        answered.group_id = group.group_id.clone();
        let places = |topic: &OffsetFetchRequestTopics| -> Vec<Place> {
            let name = self.name_of(&topic.name, topic.topic_id).unwrap_or_default();
            topic.partition_indexes.iter().map(|index| (name.clone(), *index)).collect()
        };
        let asked = group.topics.as_ref().map(|topics| topics.iter().flat_map(places).collect());
        match self.offsets(node, &group.group_id, asked) {
            Err(code) => answered.error_code = code,
            Ok(offsets) => {
                for ((name, index), committed) in offsets {
                    let mut partition = OffsetFetchResponsePartitions::default();
                    partition.partition_index = index;
                    partition.committed_offset = committed.offset;
                    partition.committed_leader_epoch = committed.leader_epoch;
                    partition.metadata = committed.metadata;
                    let mut topic = OffsetFetchResponseTopics::default();
                    topic.topic_id = self.topics.get(&name).map(|topic| topic.id).unwrap_or_default();
                    (topic.name, topic.partitions) = (Str::from(name), vec![partition]);
                    answered.topics.push(topic);
                }
            }
        }
        answered
    }

    /// What a group committed: of all partitions that it did, or of those asked for, -1 for none.
    fn offsets(
        &self,
        node: NodeId,
        group: &str,
        asked: Option<Vec<Place>>,
    ) -> Result<Vec<(Place, Committed)>, ErrorCode> {
        self.coordinates(node, group)?;
        let offsets = self.groups.groups.get(group).map(|group| &group.offsets);
        let none = Committed { offset: -1, leader_epoch: -1, metadata: Some(Str::default()) };
        Ok(match asked {
            None => offsets
                .into_iter()
                .flatten()
                .map(|(place, committed)| (place.clone(), committed.clone()))
                .collect(),
            Some(asked) => {
                let of = |place: &(String, i32)| offsets.and_then(|offsets| offsets.get(place)).cloned();
                asked
                    .into_iter()
                    .map(|place| (place.clone(), of(&place).unwrap_or_else(|| none.clone())))
                    .collect()
            }
        })
    }

    pub(super) fn offset_delete(
        &mut self,
        node: NodeId,
        request: &OffsetDeleteRequest,
    ) -> OffsetDeleteResponse {
        let mut answer = OffsetDeleteResponse::default();
        if let Err(code) = self.coordinates(node, &request.group_id) {
            answer.error_code = code;
            return answer;
        }
        let Some(group) = self.groups.groups.get_mut(request.group_id.as_str()) else {
            answer.error_code = ErrorCode::GROUP_ID_NOT_FOUND;
            return answer;
        };
        for topic in &request.topics {
            let mut answered = OffsetDeleteResponseTopic::default();
            answered.name = topic.name.clone();
            for asked in &topic.partitions {
                group.offsets.remove(&(topic.name.to_string(), asked.partition_index));
                let mut partition = OffsetDeleteResponsePartition::default();
                partition.partition_index = asked.partition_index;
                answered.partitions.push(partition);
            }
            answer.topics.push(answered);
        }
        answer
    }
}
