//! How a scripted broker serves each request.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::api_versions::{ApiVersion, ApiVersionsResponse, FinalizedFeatureKey};
use ottla_protocol::messages::fetch::{FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::init_producer_id::InitProducerIdResponse;
use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use ottla_protocol::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_protocol::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use ottla_protocol::messages::{self, RequestBody, ResponseBody};
use ottla_protocol::wire::{Str, Uuid};

use super::State;
use super::log::{Log, Topic};
use crate::node::NodeId;

/// What a broker remembers of a fetch session: offset and bytes by topic and partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    epoch: i32,
    partitions: BTreeMap<(String, i32), (i64, i32)>,
}

/// How a request is answered.
pub(super) enum Answer {
    Now(ResponseBody),
    AfterWaiting(Duration, ResponseBody),
    /// When others have done their part.
    Later(tokio::sync::oneshot::Receiver<ResponseBody>),
    Silent,
}

impl State {
    pub(super) fn serve(&mut self, node: NodeId, request: &RequestBody, version: i16) -> Answer {
        if let Some(answer) = self.serve_member(node, request, version) {
            return answer;
        }
        match request {
            RequestBody::ApiVersions(_) => Answer::Now(api_versions(self.transactions.version).into()),
            RequestBody::Metadata(request) => Answer::Now(self.metadata(request).into()),
            RequestBody::InitProducerId(request) if request.transactional_id.is_some() => {
                Answer::Now(self.init_transactions(node, request).into())
            }
            RequestBody::AddPartitionsToTxn(request) => Answer::Now(self.add_partitions(request).into()),
            RequestBody::AddOffsetsToTxn(request) => Answer::Now(self.add_offsets(request).into()),
            RequestBody::TxnOffsetCommit(request) => {
                Answer::Now(self.commit_in_transaction(request, version).into())
            }
            RequestBody::EndTxn(request) => Answer::Now(self.end_transaction(request, version).into()),
            RequestBody::InitProducerId(_) => {
                let mut answer = InitProducerIdResponse::default();
                (answer.producer_id, answer.producer_epoch) = (self.next_producer_id, 0);
                self.next_producer_id += 1;
                Answer::Now(answer.into())
            }
            RequestBody::Produce(request) => {
                let answer = self.produce(node, request);
                if request.acks == 0 { Answer::Silent } else { Answer::Now(answer.into()) }
            }
            RequestBody::ListOffsets(request) => Answer::Now(self.list_offsets(node, request).into()),
            RequestBody::Fetch(request) => self.fetch(node, request),
            RequestBody::FindCoordinator(request) => Answer::Now(self.find_coordinator(request).into()),
            RequestBody::ListGroups(request) => Answer::Now(self.list_groups(node, request).into()),
            RequestBody::DescribeGroups(request) => {
                Answer::Now(self.describe_groups(node, request, version).into())
            }
            RequestBody::DeleteGroups(request) => Answer::Now(self.delete_groups(node, request).into()),
            RequestBody::OffsetCommit(request) => Answer::Now(self.offset_commit(node, request).into()),
            RequestBody::OffsetFetch(request) => {
                Answer::Now(self.offset_fetch(node, request, version).into())
            }
            RequestBody::OffsetDelete(request) => Answer::Now(self.offset_delete(node, request).into()),
            RequestBody::CreateTopics(request) => Answer::Now(self.create_topics(request).into()),
            RequestBody::DeleteTopics(request) => Answer::Now(self.delete_topics(request).into()),
            RequestBody::CreatePartitions(request) => Answer::Now(self.create_partitions(request).into()),
            RequestBody::DescribeTopicPartitions(request) => {
                Answer::Now(self.describe_topic_partitions(request).into())
            }
            RequestBody::DescribeConfigs(request) => Answer::Now(self.describe_configs(request).into()),
            RequestBody::IncrementalAlterConfigs(request) => Answer::Now(self.alter_configs(request).into()),
            RequestBody::DescribeLogDirs(_) => Answer::Now(self.describe_log_dirs(node).into()),
            RequestBody::DeleteRecords(request) => Answer::Now(self.delete_records(node, request).into()),
            RequestBody::OffsetForLeaderEpoch(request) => {
                Answer::Now(self.offset_for_leader_epoch(node, request).into())
            }
            other => {
                // Nothing else is needed by the clients so far.
                let mut answer = ApiVersionsResponse::default();
                answer.error_code = ErrorCode::UNSUPPORTED_VERSION;
                tracing::warn!(api = ?other.api_key(), "a scripted broker does not serve this");
                Answer::Now(answer.into())
            }
        }
    }

    pub(super) fn log(&mut self, topic: &str, partition: i32) -> Option<&mut Log> {
        self.topics.get_mut(topic)?.logs.get_mut(usize::try_from(partition).ok()?)
    }

    pub(super) fn name_of(&self, name: &str, id: Uuid) -> Option<String> {
        if id == Uuid::ZERO {
            return self.topics.contains_key(name).then(|| name.to_owned());
        }
        let found = self.topics.iter().find(|(_, topic)| topic.id == id);
        found.map(|(name, _)| name.clone())
    }

    /// The log, if this broker leads it.
    pub(super) fn led(
        &mut self,
        node: NodeId,
        topic: Option<&str>,
        partition: i32,
    ) -> Result<&mut Log, ErrorCode> {
        let log = topic
            .and_then(|topic| self.log(topic, partition))
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        if log.leader == node { Ok(log) } else { Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) }
    }

    fn metadata(&self, request: &MetadataRequest) -> MetadataResponse {
        let mut answer = MetadataResponse::default();
        answer.controller_id = 1;
        answer.cluster_id = Some(Str::from("scripted"));
        for node in 1..=self.nodes {
            let mut broker = MetadataResponseBroker::default();
            (broker.node_id, broker.host, broker.port) = (node, Str::from(format!("broker-{node}")), 9092);
            answer.brokers.push(broker);
        }
        let names: Vec<String> = match &request.topics {
            None => self.topics.keys().cloned().collect(),
            Some(topics) => {
                let name = |topic: &MetadataRequestTopic| match &topic.name {
                    Some(name) => Some(name.to_string()),
                    None => self.name_of("", topic.topic_id),
                };
                topics.iter().filter_map(name).collect()
            }
        };
        for name in names {
            let mut topic = match self.topics.get(&name) {
                Some(topic) => describe(topic),
                None => {
                    let mut unknown = MetadataResponseTopic::default();
                    unknown.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
                    unknown
                }
            };
            topic.name = Some(Str::from(name));
            answer.topics.push(topic);
        }
        answer
    }

    fn produce(&mut self, node: NodeId, request: &ProduceRequest) -> ProduceResponse {
        let mut answer = ProduceResponse::default();
        for topic in &request.topic_data {
            let name = self.name_of(&topic.name, topic.topic_id);
            let mut answered = TopicProduceResponse::default();
            (answered.name, answered.topic_id) = (topic.name.clone(), topic.topic_id);
            for data in &topic.partition_data {
                let appended = self.led(node, name.as_deref(), data.index).and_then(|log| {
                    let records = data.records.as_ref().ok_or(ErrorCode::INVALID_REQUEST)?;
                    log.append(records.to_bytes(), true)
                });
                let appended = match (&request.transactional_id, name.as_deref(), appended) {
                    (Some(id), Some(name), Ok(_)) => {
                        appended.and_then(|base| self.note_written(id, name, data.index).map(|()| base))
                    }
                    _ => appended,
                };
                let mut partition = PartitionProduceResponse::default();
                partition.index = data.index;
                partition.base_offset = -1;
                match appended {
                    Ok(base_offset) => partition.base_offset = base_offset,
                    Err(code) => partition.error_code = code,
                }
                if partition.error_code == ErrorCode::NOT_LEADER_OR_FOLLOWER
                    && let Some(log) = name.as_deref().and_then(|name| self.log(name, data.index))
                {
                    partition.current_leader.leader_id = log.leader.0;
                    partition.current_leader.leader_epoch = log.leader_epoch;
                }
                answered.partition_responses.push(partition);
            }
            answer.responses.push(answered);
        }
        answer
    }

    fn list_offsets(&mut self, node: NodeId, request: &ListOffsetsRequest) -> ListOffsetsResponse {
        let mut answer = ListOffsetsResponse::default();
        for topic in &request.topics {
            let mut answered = ListOffsetsTopicResponse::default();
            answered.name = topic.name.clone();
            for asked in &topic.partitions {
                let mut partition = ListOffsetsPartitionResponse::default();
                partition.partition_index = asked.partition_index;
                match self.led(node, Some(&topic.name), asked.partition_index) {
                    Err(code) => partition.error_code = code,
                    Ok(log) => {
                        (partition.offset, partition.timestamp) = match asked.timestamp {
                            -1 => (log.end, -1),
                            -2 => (log.start, -1),
                            timestamp => log.offset_of(timestamp).unwrap_or((-1, -1)),
                        }
                    }
                }
                answered.partitions.push(partition);
            }
            answer.topics.push(answered);
        }
        answer
    }

    fn fetch(&mut self, node: NodeId, request: &FetchRequest) -> Answer {
        let mut answer = FetchResponse::default();
        let id = match self.session(request) {
            Ok(id) => id,
            Err(code) => {
                answer.error_code = code;
                return Answer::Now(answer.into());
            }
        };
        answer.session_id = id;
        let wanted = self.sessions[&id].partitions.clone();
        answer.responses = self.read(node, &wanted);
        if answer.responses.is_empty() {
            let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
            return Answer::AfterWaiting(wait, answer.into());
        }
        Answer::Now(answer.into())
    }

    /// What a fetch that waited finds in the end.
    pub(super) fn look_again(&mut self, node: NodeId, id: i32) -> Option<ResponseBody> {
        let wanted = self.sessions.get(&id)?.partitions.clone();
        let mut answer = FetchResponse::default();
        answer.session_id = id;
        answer.responses = self.read(node, &wanted);
        Some(answer.into())
    }

    /// Takes a request into its session, or into a new one.
    fn session(&mut self, request: &FetchRequest) -> Result<i32, ErrorCode> {
        let id = if request.session_epoch == 0 {
            self.sessions.remove(&request.session_id);
            self.next_session += 1;
            self.sessions.insert(self.next_session - 1, Session::default());
            self.next_session - 1
        } else {
            let session =
                self.sessions.get(&request.session_id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
            if session.epoch + 1 != request.session_epoch {
                return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
            }
            request.session_id
        };
        let mut session = self.sessions.remove(&id).unwrap_or_default();
        session.epoch = request.session_epoch;
        for topic in &request.forgotten_topics_data {
            let name = self.name_of(&topic.topic, topic.topic_id).unwrap_or_default();
            for partition in topic.partitions.iter() {
                session.partitions.remove(&(name.clone(), *partition));
            }
        }
        for topic in &request.topics {
            let name = self.name_of(&topic.topic, topic.topic_id).unwrap_or_default();
            for partition in &topic.partitions {
                let asked = (partition.fetch_offset, partition.partition_max_bytes);
                session.partitions.insert((name.clone(), partition.partition), asked);
            }
        }
        self.sessions.insert(id, session);
        Ok(id)
    }

    fn read(
        &mut self,
        node: NodeId,
        wanted: &BTreeMap<(String, i32), (i64, i32)>,
    ) -> Vec<FetchableTopicResponse> {
        let mut topics = Vec::new();
        for ((name, index), (offset, bytes_max)) in wanted {
            let mut data = PartitionData::default();
            data.partition_index = *index;
            match self.led(node, Some(name), *index) {
                Err(code) => {
                    data.error_code = code;
                    if let Some(log) = self.log(name, *index) {
                        data.current_leader.leader_id = log.leader.0;
                        data.current_leader.leader_epoch = log.leader_epoch;
                    }
                }
                Ok(log) if !(log.start..=log.end).contains(offset) => {
                    data.error_code = ErrorCode::OFFSET_OUT_OF_RANGE;
                }
                Ok(log) => {
                    let records = log.read(*offset, usize::try_from(*bytes_max).unwrap_or(0));
                    if records.is_empty() {
                        continue;
                    }
                    (data.high_watermark, data.last_stable_offset) = (log.end, log.end);
                    data.records = Some(records.into());
                }
            }
            let mut topic = FetchableTopicResponse::default();
            topic.topic = Str::from(name);
            topic.topic_id = self.topics.get(name).map_or(Uuid::ZERO, |topic| topic.id);
            topic.partitions.push(data);
            topics.push(topic);
        }
        topics
    }
}

/// Has an answer say that its broker wants nothing more for so long.
///
/// # Panics
/// For answers that no script has throttled so far.
pub(super) fn throttle(answer: &mut ResponseBody, throttle: Duration) {
    let throttle_time_ms = match answer {
        ResponseBody::Produce(answer) => &mut answer.throttle_time_ms,
        ResponseBody::Fetch(answer) => &mut answer.throttle_time_ms,
        ResponseBody::ListOffsets(answer) => &mut answer.throttle_time_ms,
        other => panic!("{:?} is not throttled", other.api_key()),
    };
    *throttle_time_ms = i32::try_from(throttle.as_millis()).expect("less than some days");
}

fn describe(topic: &Topic) -> MetadataResponseTopic {
    let mut answer = MetadataResponseTopic::default();
    answer.topic_id = topic.id;
    for (index, log) in (0..).zip(&topic.logs) {
        let mut partition = MetadataResponsePartition::default();
        partition.partition_index = index;
        (partition.leader_id, partition.leader_epoch) = (log.leader.0, log.leader_epoch);
        partition.replica_nodes = [log.leader.0].into();
        partition.isr_nodes = [log.leader.0].into();
        answer.partitions.push(partition);
    }
    answer
}

fn api_versions(transaction_version: i16) -> ApiVersionsResponse {
    let mut answer = ApiVersionsResponse::default();
    let mut feature = FinalizedFeatureKey::default();
    (feature.name, feature.max_version_level) = ("transaction.version".into(), transaction_version);
    answer.finalized_features = vec![feature];
    for api in messages::APIS.iter().filter(|api| SERVED.contains(&api.key)) {
        let mut served = ApiVersion::default();
        served.api_key = api.key.into();
        (served.min_version, served.max_version) = (*api.versions.start(), *api.versions.end());
        answer.api_keys.push(served);
    }
    answer
}

/// What is served, in every version that is known.
const SERVED: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::TxnOffsetCommit,
    ApiKey::EndTxn,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::SyncGroup,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::DescribeConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::CreatePartitions,
    ApiKey::DeleteGroups,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::OffsetDelete,
    ApiKey::DescribeTopicPartitions,
];
