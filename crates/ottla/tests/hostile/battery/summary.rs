//! Responses in few words: their error codes, and what else two brokers must agree on.

use ottla::protocol::api::{ApiKey, ErrorCode};
use ottla::protocol::messages::ResponseBody;

/// The APIs that are tried, of which [`of`] has something to say.
pub(super) const TRIED: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::FindCoordinator,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::DescribeConfigs,
    ApiKey::AlterConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::CreatePartitions,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::DescribeCluster,
    ApiKey::DescribeQuorum,
    ApiKey::ElectLeaders,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::AlterReplicaLogDirs,
    ApiKey::UpdateFeatures,
    ApiKey::UnregisterBroker,
    ApiKey::DescribeTopicPartitions,
    ApiKey::ListConfigResources,
    ApiKey::JoinGroup,
    ApiKey::SyncGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::OffsetDelete,
    ApiKey::ListGroups,
    ApiKey::DescribeGroups,
    ApiKey::DeleteGroups,
    ApiKey::ConsumerGroupHeartbeat,
    ApiKey::ConsumerGroupDescribe,
    ApiKey::WriteTxnMarkers,
    ApiKey::TxnOffsetCommit,
    ApiKey::DescribeProducers,
    ApiKey::ShareGroupHeartbeat,
    ApiKey::ShareGroupDescribe,
    ApiKey::ShareFetch,
    ApiKey::ShareAcknowledge,
    ApiKey::InitializeShareGroupState,
    ApiKey::ReadShareGroupState,
    ApiKey::WriteShareGroupState,
    ApiKey::DeleteShareGroupState,
    ApiKey::ReadShareGroupStateSummary,
    ApiKey::DescribeShareGroupOffsets,
    ApiKey::AlterShareGroupOffsets,
    ApiKey::DeleteShareGroupOffsets,
];

/// The error codes of a response: the one for all of it if that is set, else those of its parts. Parts that have
/// names come in the order of these, since brokers differ in theirs.
pub(super) fn of(body: &ResponseBody) -> String {
    match body {
        ResponseBody::ApiVersions(response) => response.error_code.to_string(),
        ResponseBody::DescribeCluster(response) => response.error_code.to_string(),
        ResponseBody::UpdateFeatures(response) => response.error_code.to_string(),
        ResponseBody::UnregisterBroker(response) => response.error_code.to_string(),
        ResponseBody::DescribeQuorum(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            format!("{}: {}", response.error_code, listed(partitions.map(|one| one.error_code.to_string())))
        }
        ResponseBody::ElectLeaders(response) => {
            let results = response.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
            format!("{}: {}", response.error_code, listed(results.map(|one| one.error_code.to_string())))
        }
        ResponseBody::AlterPartitionReassignments(response) => {
            let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
            format!("{}: {}", response.error_code, listed(partitions.map(|one| one.error_code.to_string())))
        }
        ResponseBody::ListPartitionReassignments(response) => {
            format!(
                "{}: {}",
                response.error_code,
                listed(response.topics.iter().map(|one| one.name.to_string()))
            )
        }
        ResponseBody::AlterReplicaLogDirs(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::InitProducerId(response) => response.error_code.to_string(),
        ResponseBody::Produce(response) => {
            let topics = response.responses.iter();
            listed(topics.flat_map(|topic| &topic.partition_responses).map(|one| one.error_code.to_string()))
        }
        ResponseBody::Fetch(response) if response.error_code != ErrorCode::NONE => {
            format!("refused {}", response.error_code)
        }
        ResponseBody::Fetch(response) => {
            let topics = response.responses.iter();
            listed(topics.flat_map(|topic| &topic.partitions).map(|one| {
                let records = one.records.as_ref().is_some_and(|records| !records.is_empty());
                format!("{}{}", one.error_code, if records { " with records" } else { "" })
            }))
        }
        ResponseBody::ListOffsets(response) => {
            let topics = response.topics.iter();
            listed(
                topics
                    .flat_map(|topic| &topic.partitions)
                    .map(|one| format!("{} {}", one.error_code, one.offset)),
            )
        }
        ResponseBody::Metadata(response) => sorted(
            response
                .topics
                .iter()
                .map(|topic| (topic.name.as_deref().unwrap_or_default(), topic.error_code.to_string())),
        ),
        ResponseBody::CreateTopics(response) => {
            sorted(response.topics.iter().map(|topic| (&*topic.name, topic.error_code.to_string())))
        }
        ResponseBody::DeleteTopics(response) => sorted(
            response
                .responses
                .iter()
                .map(|topic| (topic.name.as_deref().unwrap_or_default(), topic.error_code.to_string())),
        ),
        ResponseBody::CreatePartitions(response) => {
            sorted(response.results.iter().map(|topic| (&*topic.name, topic.error_code.to_string())))
        }
        ResponseBody::DescribeTopicPartitions(response) => {
            let topics = response.topics.iter();
            listed(topics.map(|topic| format!("{} of {}", topic.error_code, topic.partitions.len())))
        }
        ResponseBody::ListConfigResources(response) => {
            let kinds = response.config_resources.iter().map(|one| one.resource_type);
            let kinds: std::collections::BTreeSet<_> = kinds.collect();
            format!("{} of {kinds:?}", response.error_code)
        }
        ResponseBody::DeleteRecords(response) => sorted(response.topics.iter().flat_map(|topic| {
            let partitions = topic.partitions.iter();
            partitions.map(|one| (&*topic.name, format!("{} {}", one.error_code, one.low_watermark)))
        })),
        ResponseBody::OffsetForLeaderEpoch(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| format!("{} {}", one.error_code, one.leader_epoch)))
        }
        ResponseBody::DescribeLogDirs(response) => {
            let folders = response.results.iter();
            listed(folders.map(|one| format!("{} {}", response.error_code, one.error_code)))
        }
        ResponseBody::AlterConfigs(response) => {
            listed(response.responses.iter().map(|one| one.error_code.to_string()))
        }
        ResponseBody::IncrementalAlterConfigs(response) => {
            listed(response.responses.iter().map(|one| one.error_code.to_string()))
        }
        ResponseBody::DescribeConfigs(response) => listed(response.results.iter().map(|result| {
            let configs = if result.configs.is_empty() { "" } else { " with configs" };
            format!("{}{configs}", result.error_code)
        })),
        ResponseBody::FindCoordinator(response) if response.coordinators.is_empty() => {
            response.error_code.to_string()
        }
        ResponseBody::FindCoordinator(response) => {
            listed(response.coordinators.iter().map(|one| one.error_code.to_string()))
        }
        ResponseBody::JoinGroup(response) => response.error_code.to_string(),
        ResponseBody::SyncGroup(response) => response.error_code.to_string(),
        ResponseBody::Heartbeat(response) => response.error_code.to_string(),
        ResponseBody::LeaveGroup(response) if response.members.is_empty() && response.error_code.is_err() => {
            response.error_code.to_string()
        }
        ResponseBody::LeaveGroup(response) => {
            let members = response.members.iter().map(|one| one.error_code.to_string());
            format!("{}: {}", response.error_code, listed(members))
        }
        ResponseBody::OffsetCommit(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::OffsetFetch(response) if response.groups.is_empty() => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            let offsets = partitions.map(|one| format!("{} {}", one.error_code, one.committed_offset));
            match response.topics.is_empty() && response.error_code.is_none() {
                true => "nothing".to_owned(),
                false => format!("{}: {}", response.error_code, listed(offsets)),
            }
        }
        ResponseBody::OffsetFetch(response) => {
            let groups = response.groups.iter().map(|group| {
                let partitions = group.topics.iter().flat_map(|topic| &topic.partitions);
                let offsets = partitions.map(|one| format!("{} {}", one.error_code, one.committed_offset));
                format!("{}: {}", group.error_code, listed(offsets))
            });
            groups.collect::<Vec<_>>().join("; ")
        }
        ResponseBody::OffsetDelete(response) => {
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            format!("{}: {}", response.error_code, listed(partitions.map(|one| one.error_code.to_string())))
        }
        ResponseBody::ListGroups(response) => {
            let kinds = response.groups.iter().map(|one| format!("{} {}", one.group_state, one.group_type));
            let kinds: std::collections::BTreeSet<String> = kinds.collect();
            format!("{}: {}", response.error_code, listed(kinds.iter().map(|kind| kind.trim().to_owned())))
        }
        ResponseBody::DescribeGroups(response) => sorted(
            response
                .groups
                .iter()
                .map(|one| (&*one.group_id, format!("{} {}", one.error_code, one.group_state))),
        ),
        ResponseBody::DeleteGroups(response) => {
            sorted(response.results.iter().map(|one| (&*one.group_id, one.error_code.to_string())))
        }
        ResponseBody::ConsumerGroupHeartbeat(response) if response.error_code.is_err() => {
            response.error_code.to_string()
        }
        ResponseBody::ConsumerGroupHeartbeat(response) => {
            let (code, epoch) = (response.error_code, response.member_epoch);
            match &response.assignment {
                None => format!("{code} {epoch}"),
                Some(assignment) => {
                    let partitions = assignment.topic_partitions.iter().map(|topic| topic.partitions.len());
                    format!("{code} {epoch} of {}", partitions.sum::<usize>())
                }
            }
        }
        ResponseBody::ConsumerGroupDescribe(response) => sorted(response.groups.iter().map(|group| {
            let code = match group.error_code {
                code if code.is_err() => format!("{code} {}", group.group_state),
                code => format!(
                    "{code} {} {}/{} {} of {}",
                    group.group_state,
                    group.group_epoch,
                    group.assignment_epoch,
                    group.assignor_name,
                    group.members.len()
                ),
            };
            (&*group.group_id, code.trim().to_owned())
        })),
        ResponseBody::TxnOffsetCommit(response) => {
            let topics = response.topics.iter();
            listed(topics.flat_map(|topic| &topic.partitions).map(|one| one.error_code.to_string()))
        }
        ResponseBody::WriteTxnMarkers(response) => {
            let topics = response.markers.iter().flat_map(|one| &one.topics);
            listed(topics.flat_map(|topic| &topic.partitions).map(|one| one.error_code.to_string()))
        }
        ResponseBody::DescribeProducers(response) => {
            let topics = response.topics.iter();
            listed(topics.flat_map(|topic| &topic.partitions).map(|one| one.error_code.to_string()))
        }
        ResponseBody::ShareGroupHeartbeat(response) => response.error_code.to_string(),
        ResponseBody::ShareGroupDescribe(response) => {
            sorted(response.groups.iter().map(|one| (&*one.group_id, one.error_code.to_string())))
        }
        ResponseBody::ShareFetch(response) if response.error_code != ErrorCode::NONE => {
            format!("refused {}", response.error_code)
        }
        ResponseBody::ShareFetch(response) => {
            let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| format!("{} {}", one.error_code, one.acknowledge_error_code)))
        }
        ResponseBody::ShareAcknowledge(response) if response.error_code != ErrorCode::NONE => {
            format!("refused {}", response.error_code)
        }
        ResponseBody::ShareAcknowledge(response) => {
            let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::InitializeShareGroupState(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::ReadShareGroupState(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::WriteShareGroupState(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::DeleteShareGroupState(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::ReadShareGroupStateSummary(response) => {
            let partitions = response.results.iter().flat_map(|topic| &topic.partitions);
            listed(partitions.map(|one| one.error_code.to_string()))
        }
        ResponseBody::DescribeShareGroupOffsets(response) => {
            let groups = response.groups.iter().map(|group| {
                let partitions = group.topics.iter().flat_map(|topic| &topic.partitions);
                let offsets = partitions.map(|one| format!("{} {}", one.error_code, one.start_offset));
                format!("{}: {}", group.error_code, listed(offsets))
            });
            listed(groups)
        }
        ResponseBody::AlterShareGroupOffsets(response) => {
            let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
            format!("{}: {}", response.error_code, listed(partitions.map(|one| one.error_code.to_string())))
        }
        ResponseBody::DeleteShareGroupOffsets(response) => {
            let topics = response.responses.iter().map(|one| one.error_code.to_string());
            format!("{}: {}", response.error_code, listed(topics))
        }
        other => format!("an answer of {}", other.api_key()),
    }
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn sorted<'a>(parts: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut parts: Vec<_> = parts.collect();
    parts.sort();
    listed(parts.into_iter().map(|(_, part)| part))
}
