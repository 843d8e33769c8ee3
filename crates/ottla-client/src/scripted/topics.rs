//! How a scripted broker serves what administers topics: creating, deleting, describing, configuring.

use std::collections::BTreeMap;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use ottla_protocol::messages::create_topics::{
    CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};
use ottla_protocol::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use ottla_protocol::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse,
};
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult,
};
use ottla_protocol::messages::describe_log_dirs::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use ottla_protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use ottla_protocol::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};
use ottla_protocol::wire::{Str, Uuid};

use super::State;
use super::log::Topic;
use crate::node::NodeId;

/// Settings that were made, by kind and name of what they are of.
pub(super) type Configs = BTreeMap<(i8, String), BTreeMap<String, String>>;

impl State {
    pub(super) fn create_topics(&mut self, request: &CreateTopicsRequest) -> CreateTopicsResponse {
        let mut answer = CreateTopicsResponse::default();
        for asked in &request.topics {
            let mut result = CreatableTopicResult::default();
            result.name = asked.name.clone();
            if self.topics.contains_key(asked.name.as_str()) {
                result.error_code = ErrorCode::TOPIC_ALREADY_EXISTS;
            } else {
                let topic = Topic::new(self.next_topic, asked.num_partitions.max(1), self.nodes);
                (result.topic_id, result.num_partitions) = (topic.id, asked.num_partitions.max(1));
                result.replication_factor = 1;
                if !request.validate_only {
                    self.next_topic += 1;
                    self.topics.insert(asked.name.to_string(), topic);
                }
            }
            answer.topics.push(result);
        }
        answer
    }

    pub(super) fn delete_topics(&mut self, request: &DeleteTopicsRequest) -> DeleteTopicsResponse {
        let mut answer = DeleteTopicsResponse::default();
        let by_name = request.topic_names.iter().map(|name| (Some(name.clone()), Uuid::ZERO));
        let asked = request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id)).chain(by_name);
        for (name, id) in asked {
            let mut result = DeletableTopicResult::default();
            (result.name, result.topic_id) = (name.clone(), id);
            let found = self.name_of(name.as_deref().unwrap_or_default(), id);
            match found.and_then(|found| Some((self.topics.remove(&found)?, found))) {
                Some((topic, found)) => (result.name, result.topic_id) = (Some(Str::from(found)), topic.id),
                None if name.is_none() => result.error_code = ErrorCode::UNKNOWN_TOPIC_ID,
                None => result.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            }
            answer.responses.push(result);
        }
        answer
    }

    pub(super) fn create_partitions(
        &mut self,
        request: &CreatePartitionsRequest,
    ) -> CreatePartitionsResponse {
        let mut answer = CreatePartitionsResponse::default();
        for asked in &request.topics {
            let mut result = CreatePartitionsTopicResult::default();
            result.name = asked.name.clone();
            match self.topics.get_mut(asked.name.as_str()) {
                None => result.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Some(topic) if usize::try_from(asked.count).is_ok_and(|count| count > topic.logs.len()) => {
                    if !request.validate_only {
                        topic.grow(asked.count, self.nodes);
                    }
                }
                Some(_) => result.error_code = ErrorCode::INVALID_PARTITIONS,
            }
            answer.results.push(result);
        }
        answer
    }

    /// One page, in the order of names, as Kafka gives it.
    pub(super) fn describe_topic_partitions(
        &self,
        request: &DescribeTopicPartitionsRequest,
    ) -> DescribeTopicPartitionsResponse {
        let mut answer = DescribeTopicPartitionsResponse::default();
        let mut names: Vec<_> = request.topics.iter().map(|topic| topic.name.clone()).collect();
        names.sort();
        let (first, mut from) = match &request.cursor {
            Some(cursor) => (cursor.topic_name.clone(), usize::try_from(cursor.partition_index).unwrap_or(0)),
            None => (Str::default(), 0),
        };
        let mut room =
            usize::try_from(request.response_partition_limit.min(self.page_partitions)).unwrap_or(0);
        for name in names.into_iter().filter(|name| *name >= first) {
            let mut topic = DescribeTopicPartitionsResponseTopic::default();
            topic.name = Some(name.clone());
            let Some(known) = self.topics.get(name.as_str()) else {
                topic.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
                answer.topics.push(topic);
                continue;
            };
            if room == 0 {
                answer.next_cursor = Some(cursor(&name, 0));
                return answer;
            }
            topic.topic_id = known.id;
            for (index, log) in known.logs.iter().enumerate().skip(from).take(room) {
                let mut partition = DescribeTopicPartitionsResponsePartition::default();
                partition.partition_index = i32::try_from(index).expect("a few partitions");
                (partition.leader_id, partition.leader_epoch) = (log.leader.0, log.leader_epoch);
                partition.replica_nodes = [log.leader.0].into();
                partition.isr_nodes = [log.leader.0].into();
                partition.eligible_leader_replicas = Some([].into());
                topic.partitions.push(partition);
                room -= 1;
                from = index + 1;
            }
            answer.topics.push(topic);
            if from < known.logs.len() {
                answer.next_cursor = Some(cursor(&name, from));
                return answer;
            }
            from = 0;
        }
        answer
    }

    pub(super) fn describe_configs(&self, request: &DescribeConfigsRequest) -> DescribeConfigsResponse {
        let mut answer = DescribeConfigsResponse::default();
        for asked in &request.resources {
            let mut result = DescribeConfigsResult::default();
            (result.resource_type, result.resource_name) = (asked.resource_type, asked.resource_name.clone());
            let place = (asked.resource_type, asked.resource_name.to_string());
            if asked.resource_type == 2 && !self.topics.contains_key(asked.resource_name.as_str()) {
                result.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            }
            for (key, value) in self.configs.get(&place).into_iter().flatten() {
                let mut entry = DescribeConfigsResourceResult::default();
                (entry.name, entry.value) = (Str::from(key), Some(Str::from(value)));
                entry.config_source = if asked.resource_type == 2 { 1 } else { 2 };
                result.configs.push(entry);
            }
            answer.results.push(result);
        }
        answer
    }

    pub(super) fn alter_configs(
        &mut self,
        request: &IncrementalAlterConfigsRequest,
    ) -> IncrementalAlterConfigsResponse {
        let mut answer = IncrementalAlterConfigsResponse::default();
        for asked in &request.resources {
            let mut result = AlterConfigsResourceResponse::default();
            (result.resource_type, result.resource_name) = (asked.resource_type, asked.resource_name.clone());
            let place = (asked.resource_type, asked.resource_name.to_string());
            if asked.resource_type == 2 && !self.topics.contains_key(asked.resource_name.as_str()) {
                result.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            } else if !request.validate_only {
                let configs = self.configs.entry(place).or_default();
                for change in &asked.configs {
                    let (key, value) = (change.name.to_string(), change.value.clone().unwrap_or_default());
                    match change.config_operation {
                        1 => drop(configs.remove(&key)),
                        2 => {
                            let list = configs.entry(key).or_default();
                            *list =
                                if list.is_empty() { value.to_string() } else { format!("{list},{value}") };
                        }
                        3 => {
                            let list = configs.entry(key).or_default();
                            let kept = list.split(',').filter(|part| *part != value.as_str());
                            *list = kept.collect::<Vec<_>>().join(",");
                        }
                        _ => drop(configs.insert(key, value.to_string())),
                    }
                }
            }
            answer.responses.push(result);
        }
        answer
    }

    /// One folder, with the partitions that the broker leads.
    pub(super) fn describe_log_dirs(&self, node: NodeId) -> DescribeLogDirsResponse {
        let mut folder = DescribeLogDirsResult::default();
        folder.log_dir = Str::from("/data");
        (folder.total_bytes, folder.usable_bytes) = (1_000, 900);
        for (name, topic) in &self.topics {
            let mut described = DescribeLogDirsTopic::default();
            described.name = Str::from(name);
            for (index, log) in (0..).zip(&topic.logs).filter(|(_, log)| log.leader == node) {
                let mut partition = DescribeLogDirsPartition::default();
                (partition.partition_index, partition.partition_size) = (index, log.end);
                described.partitions.push(partition);
            }
            folder.topics.push(described);
        }
        let mut answer = DescribeLogDirsResponse::default();
        answer.results = vec![folder];
        answer
    }

    pub(super) fn delete_records(
        &mut self,
        node: NodeId,
        request: &DeleteRecordsRequest,
    ) -> DeleteRecordsResponse {
        let mut answer = DeleteRecordsResponse::default();
        for topic in &request.topics {
            let mut answered = DeleteRecordsTopicResult::default();
            answered.name = topic.name.clone();
            for asked in &topic.partitions {
                let mut deleted = DeleteRecordsPartitionResult::default();
                (deleted.partition_index, deleted.low_watermark) = (asked.partition_index, -1);
                match self.led(node, Some(&topic.name), asked.partition_index) {
                    Err(code) => deleted.error_code = code,
                    Ok(log) if asked.offset < -1 || asked.offset > log.end => {
                        deleted.error_code = ErrorCode::OFFSET_OUT_OF_RANGE;
                    }
                    Ok(log) => {
                        let before = if asked.offset == -1 { log.end } else { asked.offset };
                        if before > log.start {
                            log.truncate_before(before);
                        }
                        deleted.low_watermark = log.start;
                    }
                }
                answered.partitions.push(deleted);
            }
            answer.topics.push(answered);
        }
        answer
    }

    /// Every epoch ends where the log does: nothing is known of earlier leaders.
    pub(super) fn offset_for_leader_epoch(
        &mut self,
        node: NodeId,
        request: &OffsetForLeaderEpochRequest,
    ) -> OffsetForLeaderEpochResponse {
        let mut answer = OffsetForLeaderEpochResponse::default();
        for topic in &request.topics {
            let mut answered = OffsetForLeaderTopicResult::default();
            answered.topic = topic.topic.clone();
            for asked in &topic.partitions {
                let mut end = EpochEndOffset::default();
                end.partition = asked.partition;
                match self.led(node, Some(&topic.topic), asked.partition) {
                    Err(code) => end.error_code = code,
                    Ok(log) if asked.leader_epoch > log.leader_epoch => {}
                    Ok(log) => (end.leader_epoch, end.end_offset) = (asked.leader_epoch, log.end),
                }
                answered.partitions.push(end);
            }
            answer.topics.push(answered);
        }
        answer
    }
}

fn cursor(topic: &Str, partition: usize) -> Cursor {
    let mut cursor = Cursor::default();
    cursor.topic_name = topic.clone();
    cursor.partition_index = i32::try_from(partition).expect("a few partitions");
    cursor
}
