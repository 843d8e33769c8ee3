//! What a cluster of many nodes would do with its replicas, asked of one node: quorum, elections, moves, folders.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use ottla_protocol::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use ottla_protocol::messages::describe_quorum::{
    DescribeQuorumRequest, PartitionDataRequest, TopicDataRequest,
};
use ottla_protocol::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use ottla_protocol::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use ottla_protocol::messages::unregister_broker::UnregisterBrokerRequest;

use crate::harness::{Kit, NOW_MS, text};

fn quorum(of: &[(&str, &[i32])]) -> DescribeQuorumRequest {
    let topics = of.iter().map(|(name, indexes)| {
        let mut topic = TopicDataRequest::default();
        topic.topic_name = text(name);
        let partitions =
            indexes.iter().map(|index| PartitionDataRequest::default().with_partition_index(*index));
        topic.partitions = partitions.collect();
        topic
    });
    DescribeQuorumRequest::default().with_topics(topics.collect())
}

const METADATA: &str = "__cluster_metadata";

#[tokio::test(start_paused = true)]
async fn the_quorum_is_this_node_with_all_of_the_metadata_on_its_disk() {
    let mut kit = Kit::new().await;
    let mut ends = Vec::new();
    for name in ["a", "b"] {
        for version in 0..=2 {
            let response = kit.call_now(version, &quorum(&[(METADATA, &[0])]));
            let partition = &response.topics[0].partitions[0];
            assert_eq!((response.error_code, partition.error_code), (ErrorCode::NONE, ErrorCode::NONE));
            assert_eq!(partition.leader_id, 1);
            let [voter] = &partition.current_voters[..] else { panic!("one voter: {partition:?}") };
            assert_eq!((voter.replica_id, voter.log_end_offset), (1, partition.high_watermark));
            assert!(partition.observers.is_empty());
            if version > 0 {
                let now = NOW_MS;
                assert_eq!((voter.last_fetch_timestamp, voter.last_caught_up_timestamp), (now, now));
            }
            if version == 2 {
                let node = &response.nodes[0];
                let listener = &node.listeners[0];
                assert_eq!((node.node_id, &*listener.host, listener.port), (1, "broker.test", 9092));
                ends.push(partition.high_watermark);
            }
        }
        kit.create(name, 1, &[]).await;
    }
    assert_eq!(ends[1], ends[0] + 1, "a topic is one record of metadata");
}

/// As seen on Kafka 4.3.1, which answers for nothing as soon as anything else is named.
#[tokio::test(start_paused = true)]
async fn no_other_partition_has_a_quorum() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let others: [&[(&str, &[i32])]; 6] = [
        &[("a", &[0])],
        &[(METADATA, &[1])],
        &[(METADATA, &[0, 0])],
        &[(METADATA, &[0]), ("a", &[0])],
        &[(METADATA, &[0]), (METADATA, &[0])],
        &[("__ottla_metadata", &[0])],
    ];
    for other in others {
        let response = kit.call_now(2, &quorum(other));
        assert_eq!((response.error_code, response.nodes.len()), (ErrorCode::NONE, 0));
        let mut partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
        assert!(partitions.all(|p| p.error_code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION), "{other:?}");
    }
    assert_eq!(kit.call_now(2, &quorum(&[])).topics.len(), 0);
}

fn election(of: Option<&[(&str, &[i32])]>) -> ElectLeadersRequest {
    let topics = of.map(|of| {
        let topics = of.iter().map(|(name, indexes)| {
            let mut topic = TopicPartitions::default();
            topic.topic = text(name);
            topic.partitions = indexes.to_vec().into();
            topic
        });
        topics.collect()
    });
    ElectLeadersRequest::default().with_topic_partitions(topics)
}

fn elected(
    kit: &mut Kit,
    version: i16,
    request: &ElectLeadersRequest,
) -> (ErrorCode, Vec<(String, i32, ErrorCode)>) {
    let response = kit.call_now(version, request);
    let results = response.replica_election_results.iter().flat_map(|topic| {
        topic.partition_result.iter().map(|p| (topic.topic.to_string(), p.partition_id, p.error_code))
    });
    (response.error_code, results.collect())
}

#[tokio::test(start_paused = true)]
async fn no_partition_needs_an_election() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    let needed = |name: &str, index, code| (name.to_owned(), index, code);
    for version in 0..=2 {
        let request = election(Some(&[("a", &[1, 0, 2]), ("none", &[0])]));
        let wanted = vec![
            needed("a", 1, ErrorCode::ELECTION_NOT_NEEDED),
            needed("a", 0, ErrorCode::ELECTION_NOT_NEEDED),
            needed("a", 2, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            needed("none", 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ];
        assert_eq!(elected(&mut kit, version, &request), (ErrorCode::NONE, wanted));
        assert_eq!(elected(&mut kit, version, &election(None)), (ErrorCode::NONE, vec![]));
    }
    let unclean = election(Some(&[("a", &[0])])).with_election_type(1);
    assert_eq!(elected(&mut kit, 2, &unclean).1, [needed("a", 0, ErrorCode::ELECTION_NOT_NEEDED)]);
}

/// As seen on Kafka 4.3.1.
#[tokio::test(start_paused = true)]
async fn elections_of_no_type_or_without_time_are_refused() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for election_type in [-1, 2] {
        let request = election(Some(&[("a", &[0])])).with_election_type(election_type);
        let code = ErrorCode::INVALID_REQUEST;
        assert_eq!(elected(&mut kit, 1, &request), (code, vec![("a".to_owned(), 0, code)]));
        assert_eq!(elected(&mut kit, 2, &election(None).with_election_type(election_type)), (code, vec![]));
        let nothing = election(Some(&[])).with_election_type(election_type);
        assert_eq!(elected(&mut kit, 2, &nothing), (ErrorCode::NONE, vec![]));
    }
    let late = election(Some(&[("a", &[0])])).with_timeout_ms(0).with_election_type(9);
    let code = ErrorCode::REQUEST_TIMED_OUT;
    assert_eq!(elected(&mut kit, 2, &late), (code, vec![("a".to_owned(), 0, code)]));
    let late = election(Some(&[("a", &[0])])).with_timeout_ms(0);
    assert_eq!(elected(&mut kit, 0, &late).1, [("a".to_owned(), 0, code)]);
}

fn reassignment(name: &str, index: i32, replicas: Option<&[i32]>) -> AlterPartitionReassignmentsRequest {
    let mut partition = ReassignablePartition::default();
    partition.partition_index = index;
    partition.replicas = replicas.map(|replicas| replicas.to_vec().into());
    let mut topic = ReassignableTopic::default();
    topic.name = text(name);
    topic.partitions = vec![partition];
    AlterPartitionReassignmentsRequest::default().with_topics(vec![topic])
}

/// Codes as seen on Kafka 4.3.1.
#[tokio::test(start_paused = true)]
async fn a_partition_can_only_be_placed_where_it_is() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let cases: [(&str, i32, Option<&[i32]>, ErrorCode); 9] = [
        ("a", 0, Some(&[1]), ErrorCode::NONE),
        ("a", 0, None, ErrorCode::NO_REASSIGNMENT_IN_PROGRESS),
        ("a", 0, Some(&[2]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        ("a", 0, Some(&[1, 2]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        ("a", 0, Some(&[1, 1]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        ("a", 0, Some(&[]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        ("a", 1, Some(&[]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ("none", 0, None, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ("a", -1, Some(&[1]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
    ];
    for version in 0..=1 {
        for (name, index, replicas, code) in cases {
            let response = kit.call_now(version, &reassignment(name, index, replicas));
            let answer = &response.responses[0].partitions[0];
            assert_eq!(
                (response.error_code, answer.error_code),
                (ErrorCode::NONE, code),
                "{name} {replicas:?}"
            );
        }
    }
    let fixed = reassignment("a", 0, Some(&[1])).with_allow_replication_factor_change(false);
    assert!(!kit.call_now(1, &fixed).allow_replication_factor_change);
    let nothing = fixed.with_topics(vec![]);
    assert!(kit.call_now(1, &nothing).allow_replication_factor_change, "not even read");
    let late = kit.call_now(1, &reassignment("a", 0, Some(&[1])).with_timeout_ms(0));
    assert_eq!(late.error_code, ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(late.responses[0].partitions[0].error_code, ErrorCode::REQUEST_TIMED_OUT);
}

#[tokio::test(start_paused = true)]
async fn no_move_ever_goes_on() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let mut topic = ListPartitionReassignmentsTopics::default();
    topic.name = text("a");
    topic.partition_indexes = vec![0].into();
    for topics in [None, Some(vec![topic])] {
        let response = kit.call_now(0, &ListPartitionReassignmentsRequest::default().with_topics(topics));
        assert_eq!((response.error_code, response.topics.len()), (ErrorCode::NONE, 0));
    }
}

fn moved(kit: &mut Kit, version: i16, dirs: &[(&str, &str, &[i32])]) -> Vec<(String, i32, ErrorCode)> {
    let dirs = dirs.iter().map(|(path, name, indexes)| {
        let mut topic = AlterReplicaLogDirTopic::default();
        topic.name = text(name);
        topic.partitions = indexes.to_vec().into();
        AlterReplicaLogDir::default().with_path(text(path)).with_topics(vec![topic])
    });
    let request = AlterReplicaLogDirsRequest::default().with_dirs(dirs.collect());
    let response = kit.call_now(version, &request);
    let results = response.results.iter().flat_map(|topic| {
        topic.partitions.iter().map(|p| (topic.topic_name.to_string(), p.partition_index, p.error_code))
    });
    results.collect()
}

/// Codes as seen on Kafka 4.3.1, where what is named for a partition last counts as well.
#[tokio::test(start_paused = true)]
async fn a_partition_stays_in_the_one_folder() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    let all = |name: &str, codes: &[(i32, ErrorCode)]| {
        codes.iter().map(|(index, code)| (name.to_owned(), *index, *code)).collect::<Vec<_>>()
    };
    let (there, unknown) = (ErrorCode::NONE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    for version in 1..=2 {
        let known = moved(&mut kit, version, &[("memory", "a", &[0, 1, 9])]);
        assert_eq!(known, all("a", &[(0, there), (1, there), (9, unknown)]));
        assert_eq!(moved(&mut kit, version, &[("memory", "none", &[0])]), all("none", &[(0, unknown)]));
        let nowhere = moved(&mut kit, version, &[("/nowhere", "a", &[0]), ("/nowhere", "none", &[0])]);
        assert!(
            nowhere.iter().all(|(_, _, code)| *code == ErrorCode::LOG_DIR_NOT_FOUND) && nowhere.len() == 2
        );
        let long = "x".repeat(213);
        let too_long = ErrorCode::INVALID_TOPIC_EXCEPTION;
        let longer = moved(&mut kit, version, &[("memory", &long, &[0, 10])]);
        assert_eq!(longer, all(&long, &[(0, unknown), (10, too_long)]));
        let last = moved(&mut kit, version, &[("/nowhere", "a", &[0]), ("memory", "a", &[0])]);
        assert_eq!(last, all("a", &[(0, there)]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_broker_is_not_forgotten() {
    let mut kit = Kit::new().await;
    let code = |kit: &mut Kit, id| {
        kit.call_now(0, &UnregisterBrokerRequest::default().with_broker_id(id)).error_code
    };
    assert_eq!(code(&mut kit, 1), ErrorCode::INVALID_REQUEST);
    assert_eq!(code(&mut kit, 2), ErrorCode::BROKER_ID_NOT_REGISTERED);
    assert_eq!(code(&mut kit, -1), ErrorCode::BROKER_ID_NOT_REGISTERED);
    kit.create("a", 1, &[]).await;
    assert_eq!(kit.topics().await.len(), 1);
}
