//! `ListOffsets`: special timestamps that are none, epochs, duplicates.

use ottla::protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use ottla::protocol::wire::Str;

use super::Case;
use super::making::NOW_MS;
use super::world::{FRONT, STILL};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

fn asking(topic: &'static str, partitions: Vec<ListOffsetsPartition>) -> ListOffsetsRequest {
    let topic = ListOffsetsTopic::default().with_name(Str::from(topic)).with_partitions(partitions);
    ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic])
}

fn at(timestamp: i64) -> ListOffsetsPartition {
    ListOffsetsPartition::default().with_timestamp(timestamp).with_current_leader_epoch(-1)
}

pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, expected, version, partition| {
        Case::new(format!("ListOffsets {name}"), expected).request(version, &asking(STILL, vec![partition]))
    };
    let all = |name: &str, expected, request: &ListOffsetsRequest| {
        Case::new(format!("ListOffsets {name}"), expected).request(10, request)
    };
    let twice = {
        let mut request = asking(STILL, vec![at(LATEST)]);
        let again = request.topics[0].clone();
        request.topics.push(again);
        request
    };
    vec![
        of("of the latest, v1", "NONE 3", 1, at(LATEST)),
        of("of the earliest, v11", "NONE 0", 11, at(EARLIEST)),
        of("of a time", "NONE 1", 10, at(NOW_MS + 1)),
        of("of a time past the last", "NONE -1", 10, at(i64::MAX)),
        of("of the largest timestamp", "NONE 2", 10, at(-3)),
        of("of the largest timestamp, before there was such", "UNSUPPORTED_VERSION -1", 6, at(-3)),
        of("of the earliest local", "NONE 0", 10, at(-4)),
        of("of the earliest local, before there was such", "UNSUPPORTED_VERSION -1", 7, at(-4)),
        Case::new("ListOffsets of the earliest, where records were deleted", "NONE 3")
            .request(11, &asking(FRONT, vec![at(EARLIEST)])),
        Case::new("ListOffsets of the largest timestamp, where records were deleted", "NONE -1")
            .request(11, &asking(FRONT, vec![at(-3)]))
            .kafka("NONE 2", "a deleted record, which its file still holds, cannot be read"),
        Case::new("ListOffsets of the first time, where records were deleted", "NONE -1")
            .request(11, &asking(FRONT, vec![at(0)])),
        of("of the latest tiered", "NONE -1", 10, at(-5)),
        of("of the latest tiered, before there was such", "UNSUPPORTED_VERSION -1", 8, at(-5)),
        of("of the earliest pending upload", "NONE -1", 11, at(-6)),
        of("of the earliest pending upload, before there was such", "UNSUPPORTED_VERSION -1", 10, at(-6)),
        of("at timestamp -7", "UNSUPPORTED_VERSION -1", 11, at(-7)),
        of("at timestamp -7, v1", "UNSUPPORTED_VERSION -1", 1, at(-7)),
        of("at timestamp i64::MIN", "UNSUPPORTED_VERSION -1", 10, at(i64::MIN)),
        of("in leader epoch 7", "UNKNOWN_LEADER_EPOCH -1", 10, at(LATEST).with_current_leader_epoch(7)),
        of("in leader epoch -2", "FENCED_LEADER_EPOCH -1", 10, at(LATEST).with_current_leader_epoch(-2)),
        of("of partition -1", "UNKNOWN_TOPIC_OR_PARTITION -1", 10, at(LATEST).with_partition_index(-1)),
        of(
            "of an unknown partition",
            "UNKNOWN_TOPIC_OR_PARTITION -1",
            10,
            at(LATEST).with_partition_index(7),
        ),
        all(
            "of an unknown topic",
            "UNKNOWN_TOPIC_OR_PARTITION -1",
            &asking("hostile-unknown", vec![at(LATEST)]),
        ),
        all("of an empty name", "UNKNOWN_TOPIC_OR_PARTITION -1", &asking("", vec![at(LATEST)])),
        all("of a bad name", "UNKNOWN_TOPIC_OR_PARTITION -1", &asking("no/such name", vec![at(LATEST)])),
        all(
            "of the same partition twice",
            "INVALID_REQUEST -1",
            &asking(STILL, vec![at(LATEST), at(LATEST)]),
        ),
        all(
            "of the same partition at two times",
            "INVALID_REQUEST -1",
            &asking(STILL, vec![at(LATEST), at(EARLIEST)]),
        ),
        all("of the same topic twice", "INVALID_REQUEST -1", &twice),
        all("of no topics", "nothing", &ListOffsetsRequest::default().with_replica_id(-1)),
        all(
            "with isolation level 7",
            "UNKNOWN_SERVER_ERROR -1",
            &asking(STILL, vec![at(LATEST)]).with_isolation_level(7),
        ),
        all("as replica 7", "NONE 3", &asking(STILL, vec![at(LATEST)]).with_replica_id(7)),
        all("as replica -2", "NONE 3", &asking(STILL, vec![at(LATEST)]).with_replica_id(-2)),
        all("with a timeout of -1", "NONE 3", &asking(STILL, vec![at(LATEST)]).with_timeout_ms(-1)),
    ]
}
