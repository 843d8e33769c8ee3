//! What one node has no need of, asked wrongly: quorums, elections, moves, features, other brokers.

use ottla::protocol::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use ottla::protocol::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use ottla::protocol::messages::describe_quorum::{
    DescribeQuorumRequest, PartitionDataRequest, TopicDataRequest,
};
use ottla::protocol::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use ottla::protocol::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use ottla::protocol::messages::unregister_broker::UnregisterBrokerRequest;
use ottla::protocol::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};
use ottla::protocol::wire::Str;

use super::Case;
use super::world::TARGET;

const UNKNOWN: &str = "hostile-unknown";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = quorum();
    cases.extend(elections());
    cases.extend(reassignments());
    cases.extend(folders());
    cases.extend(features());
    let unregister = |name: &str, id| {
        let request = UnregisterBrokerRequest::default().with_broker_id(id);
        Case::new(format!("UnregisterBroker {name}"), "BROKER_ID_NOT_REGISTERED").request(0, &request)
    };
    cases.extend([
        unregister("that is not there", 7),
        unregister("-1", -1),
        unregister("of no end", i32::MAX),
    ]);
    cases
}

fn quorum() -> Vec<Case> {
    let of = |name: &str, expected, version, topics: &[(&'static str, &[i32])]| {
        let topics = topics.iter().map(|(name, indexes)| {
            let partitions =
                indexes.iter().map(|index| PartitionDataRequest::default().with_partition_index(*index));
            TopicDataRequest::default()
                .with_topic_name(Str::from(*name))
                .with_partitions(partitions.collect())
        });
        let request = DescribeQuorumRequest::default().with_topics(topics.collect());
        Case::new(format!("DescribeQuorum of {name}"), expected).request(version, &request)
    };
    const METADATA: &str = "__cluster_metadata";
    const NONE_OF_IT: &str = "NONE: UNKNOWN_TOPIC_OR_PARTITION";
    const NONE_OF_BOTH: &str = "NONE: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION";
    vec![
        of("the metadata", "NONE: NONE", 2, &[(METADATA, &[0])]),
        of("the metadata, v0", "NONE: NONE", 0, &[(METADATA, &[0])]),
        of("nothing", "NONE: nothing", 2, &[]),
        of("no partition", "NONE: nothing", 2, &[(METADATA, &[])]),
        of("another partition", NONE_OF_IT, 2, &[(METADATA, &[1])]),
        of("partition -1", NONE_OF_IT, 1, &[(METADATA, &[-1])]),
        of("a topic", NONE_OF_IT, 2, &[(TARGET, &[0])]),
        of("a topic without a name", NONE_OF_IT, 2, &[("", &[0])]),
        of("the metadata twice", NONE_OF_BOTH, 2, &[(METADATA, &[0, 0])]),
        of("the metadata and a topic", NONE_OF_BOTH, 2, &[(METADATA, &[0]), (TARGET, &[0])]),
    ]
}

fn elections() -> Vec<Case> {
    let of = |name: &str, expected, version, kind, timeout, topics: Option<&[(&'static str, &[i32])]>| {
        let topics = topics.map(|topics| {
            let topics = topics.iter().map(|(name, indexes)| {
                TopicPartitions::default().with_topic(Str::from(*name)).with_partitions(indexes.to_vec())
            });
            topics.collect()
        });
        let request = ElectLeadersRequest::default()
            .with_election_type(kind)
            .with_topic_partitions(topics)
            .with_timeout_ms(timeout);
        Case::new(format!("ElectLeaders of {name}"), expected).request(version, &request)
    };
    const LATE: &str = "REQUEST_TIMED_OUT: REQUEST_TIMED_OUT";
    vec![
        of("a partition", "NONE: ELECTION_NOT_NEEDED", 2, 0, 30_000, Some(&[(TARGET, &[0])])),
        of("a partition, v0", "NONE: ELECTION_NOT_NEEDED", 0, 0, 30_000, Some(&[(TARGET, &[0])])),
        of("a partition, uncleanly", "NONE: ELECTION_NOT_NEEDED", 2, 1, 30_000, Some(&[(TARGET, &[0])])),
        of("all partitions", "NONE: nothing", 2, 0, 30_000, None),
        of("nothing", "NONE: nothing", 2, 0, 30_000, Some(&[])),
        of("nothing in no kind and no time", "NONE: nothing", 2, 7, 0, Some(&[])),
        of("an unknown topic", "NONE: UNKNOWN_TOPIC_OR_PARTITION", 2, 0, 30_000, Some(&[(UNKNOWN, &[0])])),
        of("partition -1", "NONE: UNKNOWN_TOPIC_OR_PARTITION", 1, 0, 30_000, Some(&[(TARGET, &[-1])])),
        of(
            "the same partition twice",
            "NONE: ELECTION_NOT_NEEDED, ELECTION_NOT_NEEDED",
            2,
            0,
            30_000,
            Some(&[(TARGET, &[0, 0])]),
        ),
        of("kind 2", "INVALID_REQUEST: INVALID_REQUEST", 2, 2, 30_000, Some(&[(TARGET, &[0])])),
        of("kind -1", "INVALID_REQUEST: INVALID_REQUEST", 1, -1, 30_000, Some(&[(UNKNOWN, &[0])])),
        of("all in kind 9", "INVALID_REQUEST: nothing", 2, 9, 30_000, None),
        of("a partition in no time", LATE, 2, 0, 0, Some(&[(TARGET, &[0])])),
        of("a partition in kind 9 and less than no time", LATE, 2, 9, -1, Some(&[(TARGET, &[0])])),
    ]
}

fn reassignments() -> Vec<Case> {
    let of = |name: &str, expected, version, topic: &'static str, index, replicas: Option<&[i32]>| {
        let partition = ReassignablePartition::default()
            .with_partition_index(index)
            .with_replicas(replicas.map(|replicas| replicas.to_vec().into()));
        let topic = ReassignableTopic::default().with_name(Str::from(topic)).with_partitions(vec![partition]);
        let request = AlterPartitionReassignmentsRequest::default().with_topics(vec![topic]);
        Case::new(format!("AlterPartitionReassignments {name}"), expected).request(version, &request)
    };
    let listed = |name: &str, topics| {
        let request = ListPartitionReassignmentsRequest::default().with_topics(topics);
        Case::new(format!("ListPartitionReassignments of {name}"), "NONE: nothing").request(0, &request)
    };
    let topic = |name: &'static str| {
        ListPartitionReassignmentsTopics::default()
            .with_name(Str::from(name))
            .with_partition_indexes(vec![0, -1, 0])
    };
    const INVALID: &str = "NONE: INVALID_REPLICA_ASSIGNMENT";
    const NOT_THERE: &str = "NONE: UNKNOWN_TOPIC_OR_PARTITION";
    let late = {
        let topic = ReassignableTopic::default()
            .with_name(Str::from(TARGET))
            .with_partitions(vec![ReassignablePartition::default()]);
        let request =
            AlterPartitionReassignmentsRequest::default().with_topics(vec![topic]).with_timeout_ms(0);
        Case::new("AlterPartitionReassignments in no time", "REQUEST_TIMED_OUT: REQUEST_TIMED_OUT")
            .request(1, &request)
    };
    let nothing = Case::new("AlterPartitionReassignments of nothing", "NONE: nothing")
        .request(1, &AlterPartitionReassignmentsRequest::default());
    vec![
        of("to where it is", "NONE: NONE", 1, TARGET, 0, Some(&[1])),
        of("to where it is, v0", "NONE: NONE", 0, TARGET, 0, Some(&[1])),
        of("that is called off", "NONE: NO_REASSIGNMENT_IN_PROGRESS", 1, TARGET, 0, None),
        of("to nowhere", INVALID, 1, TARGET, 0, Some(&[])),
        of("to a broker that is not there", INVALID, 1, TARGET, 0, Some(&[2])),
        of("to broker -1", INVALID, 1, TARGET, 0, Some(&[-1])),
        of("to where it is and to another", INVALID, 1, TARGET, 0, Some(&[1, 2])),
        of("to where it is, twice", INVALID, 1, TARGET, 0, Some(&[1, 1])),
        of("of an unknown partition", NOT_THERE, 1, TARGET, 7, Some(&[1])),
        of("of partition -1", NOT_THERE, 1, TARGET, -1, Some(&[])),
        of("of an unknown topic", NOT_THERE, 1, UNKNOWN, 0, None),
        of("of a topic without a name", NOT_THERE, 0, "", 0, Some(&[1])),
        late,
        nothing,
        listed("all", None),
        listed("nothing", Some(vec![])),
        listed("a topic", Some(vec![topic(TARGET)])),
        listed("an unknown topic, twice", Some(vec![topic(UNKNOWN), topic(UNKNOWN)])),
    ]
}

fn folders() -> Vec<Case> {
    let of = |name: &str, expected, version, path: &'static str, topic: String, indexes: &[i32]| {
        let topic =
            AlterReplicaLogDirTopic::default().with_name(Str::from(topic)).with_partitions(indexes.to_vec());
        let dir = AlterReplicaLogDir::default().with_path(Str::from(path)).with_topics(vec![topic]);
        let request = AlterReplicaLogDirsRequest::default().with_dirs(vec![dir]);
        Case::new(format!("AlterReplicaLogDirs {name}"), expected).request(version, &request)
    };
    let (target, long) = (|| TARGET.to_owned(), "x".repeat(250));
    vec![
        of("to a folder that is not there", "LOG_DIR_NOT_FOUND", 2, "/nowhere", target(), &[0]),
        of("to a folder that is not there, v1", "LOG_DIR_NOT_FOUND", 1, "/nowhere", target(), &[0]),
        of("to a relative folder", "LOG_DIR_NOT_FOUND", 2, "..", target(), &[0]),
        of("to a folder without a name", "LOG_DIR_NOT_FOUND", 2, "", target(), &[0]),
        of("of an unknown topic", "LOG_DIR_NOT_FOUND", 2, "/nowhere", UNKNOWN.to_owned(), &[0]),
        of("of the same partition twice", "LOG_DIR_NOT_FOUND", 2, "/nowhere", target(), &[0, 0]),
        of("of no partition", "nothing", 2, "/nowhere", target(), &[]),
        of("of a name of 250 letters", "INVALID_TOPIC_EXCEPTION", 2, "/nowhere", long, &[0]),
        Case::new("AlterReplicaLogDirs of nothing", "nothing")
            .request(2, &AlterReplicaLogDirsRequest::default()),
    ]
}

fn features() -> Vec<Case> {
    let of = |name: &str, expected, version, feature: &'static str, level, kind| {
        let mut update =
            FeatureUpdateKey::default().with_feature(Str::from(feature)).with_max_version_level(level);
        if version > 0 {
            update = update.with_upgrade_type(kind);
        }
        let request = UpdateFeaturesRequest::default()
            .with_feature_updates(vec![update])
            .with_validate_only(version > 0);
        Case::new(format!("UpdateFeatures {name}"), expected).request(version, &request)
    };
    const ELR: &str = "eligible.leader.replicas.version";
    const WRONG: &str = "INVALID_UPDATE_VERSION";
    vec![
        of("to where it is", "NONE", 2, ELR, 1, 1),
        of("to where it is, v0", "NONE", 0, ELR, 1, 1),
        of("down, checked only", "NONE", 1, ELR, 0, 2),
        of("down without a word of it", WRONG, 1, ELR, 0, 1),
        of("past the highest", WRONG, 2, ELR, 2, 1),
        of("below 0", WRONG, 2, ELR, -1, 3),
        of("to i16::MAX", WRONG, 0, ELR, i16::MAX, 1),
        of("in a kind that there is not", WRONG, 1, ELR, 1, 0),
        of("in kind -1", WRONG, 2, ELR, 1, -1),
        of("of an unknown feature", WRONG, 2, "no.such.feature", 1, 1),
        of("of an unknown feature, to 0", WRONG, 1, "no.such.feature", 0, 3),
        of("of a feature without a name", WRONG, 2, "", 1, 1),
        of("back to older metadata", WRONG, 1, "metadata.version", 29, 3),
        Case::new("UpdateFeatures of nothing", "NONE").request(2, &UpdateFeaturesRequest::default()),
    ]
}
