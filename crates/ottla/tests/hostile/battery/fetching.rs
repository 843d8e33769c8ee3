//! `Fetch`: offsets, epochs, sizes, sessions, ids.

use ottla::protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchTopic, ForgottenTopic, ReplicaState,
};
use ottla::protocol::wire::{Str, Uuid};

use super::Case;
use super::reasons::STUMBLES;
use super::world::{FRONT, STILL, TARGET, World};

/// A fetch without a session and without patience.
fn fetch(topic: FetchTopic, partitions: Vec<FetchPartition>) -> FetchRequest {
    FetchRequest::default()
        .with_replica_id(-1)
        .with_max_bytes(1 << 20)
        .with_session_epoch(-1)
        .with_topics(vec![topic.with_partitions(partitions)])
}

fn named(topic: &'static str) -> FetchTopic {
    FetchTopic::default().with_topic(Str::from(topic))
}

fn at(offset: i64) -> FetchPartition {
    FetchPartition::default()
        .with_fetch_offset(offset)
        .with_current_leader_epoch(-1)
        .with_last_fetched_epoch(-1)
        .with_log_start_offset(-1)
        .with_partition_max_bytes(1 << 20)
}

/// Opens a session on one partition.
pub(super) fn opening(topic: &'static str) -> FetchRequest {
    fetch(named(topic), vec![at(0)]).with_session_epoch(0)
}

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = partitions();
    cases.extend(requests(world));
    cases.extend(sessions(world));
    cases
}

fn one(name: &str, expected: &'static str, version: i16, request: &FetchRequest) -> Case {
    Case::new(format!("Fetch {name}"), expected).request(version, request)
}

fn partitions() -> Vec<Case> {
    let of = |name: &str, expected, partition| one(name, expected, 12, &fetch(named(STILL), vec![partition]));
    vec![
        of("that is sound", "NONE with records", at(0)),
        of("from the end", "NONE", at(3)),
        of("from offset -1", "OFFSET_OUT_OF_RANGE", at(-1)),
        of("from offset i64::MIN", "OFFSET_OUT_OF_RANGE", at(i64::MIN)),
        of("from past the end", "OFFSET_OUT_OF_RANGE", at(4)),
        of("from offset i64::MAX", "OFFSET_OUT_OF_RANGE", at(i64::MAX)),
        of("of partition -1", "UNKNOWN_TOPIC_OR_PARTITION", at(0).with_partition(-1)),
        of("of partition 1 of 1", "UNKNOWN_TOPIC_OR_PARTITION", at(0).with_partition(1)),
        of("of partition i32::MAX", "UNKNOWN_TOPIC_OR_PARTITION", at(0).with_partition(i32::MAX)),
        of("in leader epoch 7", "UNKNOWN_LEADER_EPOCH", at(0).with_current_leader_epoch(7)),
        of("in leader epoch -2", "NONE with records", at(0).with_current_leader_epoch(-2)),
        of("after epoch 7", "OFFSET_OUT_OF_RANGE", at(3).with_last_fetched_epoch(7)),
        of("after epoch 0, past the end", "NONE", at(4).with_last_fetched_epoch(0)),
        of("of 0 bytes of a partition", "NONE with records", at(0).with_partition_max_bytes(0)),
        of("of -1 bytes of a partition", "NONE with records", at(0).with_partition_max_bytes(-1))
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("with a log start of i64::MAX", "NONE with records", at(0).with_log_start_offset(i64::MAX)),
    ]
}

fn requests(world: &World) -> Vec<Case> {
    let sound = || fetch(named(STILL), vec![at(0)]);
    let by_id = |id| FetchTopic::default().with_topic_id(id);
    let follower = |id| ReplicaState::default().with_replica_id(id).with_replica_epoch(-1);
    let twice = {
        let mut request = sound();
        let again = request.topics[0].clone();
        request.topics.push(again);
        request
    };
    vec![
        one("v4", "NONE with records", 4, &sound()),
        one(
            "of an unknown topic",
            "UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &fetch(named("hostile-unknown"), vec![at(0)]),
        ),
        one("of an empty name", "UNKNOWN_TOPIC_OR_PARTITION", 12, &fetch(named(""), vec![at(0)])),
        one("of a bad name", "UNKNOWN_TOPIC_OR_PARTITION", 12, &fetch(named("no/such name"), vec![at(0)])),
        one("by id", "NONE with records", 17, &fetch(by_id(world.still_id), vec![at(0)])),
        one("of an unknown id", "UNKNOWN_TOPIC_ID", 17, &fetch(by_id(Uuid([7; 16])), vec![at(0)])),
        one("of the zero id", "UNKNOWN_TOPIC_ID", 17, &fetch(by_id(Uuid::ZERO), vec![at(0)])),
        one(
            "of an unknown partition by id",
            "UNKNOWN_TOPIC_OR_PARTITION",
            17,
            &fetch(by_id(world.still_id), vec![at(0).with_partition(9)]),
        ),
        one(
            "of no topics",
            "nothing",
            12,
            &FetchRequest::default().with_session_epoch(-1).with_max_bytes(1000),
        ),
        one("of what was deleted", "OFFSET_OUT_OF_RANGE", 12, &fetch(named(FRONT), vec![at(0)])),
        one("of the last that was deleted", "OFFSET_OUT_OF_RANGE", 12, &fetch(named(FRONT), vec![at(2)])),
        one("behind what was deleted", "NONE", 12, &fetch(named(FRONT), vec![at(3)]).with_max_wait_ms(0)),
        one("of a topic without partitions", "nothing", 12, &fetch(named(STILL), vec![])),
        one("of 0 bytes", "NONE with records", 12, &sound().with_max_bytes(0)),
        one("of -1 bytes", "NONE with records", 12, &sound().with_max_bytes(-1))
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        one("of at least -1 bytes", "NONE with records", 12, &sound().with_min_bytes(-1)),
        one("of at least i32::MAX bytes", "NONE with records", 12, &sound().with_min_bytes(i32::MAX)),
        one(
            "of at least i32::MAX bytes, waiting -1 ms",
            "NONE",
            12,
            &fetch(named(STILL), vec![at(3)]).with_min_bytes(i32::MAX).with_max_wait_ms(-1),
        ),
        one("with isolation level 7", "refused UNKNOWN_SERVER_ERROR", 12, &sound().with_isolation_level(7)),
        one("with isolation level -1", "refused UNKNOWN_SERVER_ERROR", 12, &sound().with_isolation_level(-1)),
        one("of the same partition twice", "NONE with records", 12, &fetch(named(STILL), vec![at(0), at(0)])),
        one("of the same topic twice", "NONE with records", 12, &twice),
        one("as replica 7", "NOT_LEADER_OR_FOLLOWER", 12, &sound().with_replica_id(7)),
        one("as replica 1, the leader itself", "NOT_LEADER_OR_FOLLOWER", 12, &sound().with_replica_id(1)),
        one("as replica -2", "NONE with records", 12, &sound().with_replica_id(-2)),
        one(
            "as replica 7, v17",
            "NOT_LEADER_OR_FOLLOWER",
            17,
            &fetch(by_id(world.still_id), vec![at(0)]).with_replica_state(follower(7)),
        ),
        one(
            "for another cluster",
            "NONE with records",
            12,
            &sound().with_cluster_id(Some(Str::from("another"))),
        ),
    ]
}

fn sessions(world: &World) -> Vec<Case> {
    let in_session = |id, epoch| {
        fetch(named(TARGET), vec![]).with_topics(vec![]).with_session_id(id).with_session_epoch(epoch)
    };
    let forgotten =
        ForgottenTopic::default().with_topic(Str::from("hostile-unknown")).with_partitions([0, -1, 99]);
    vec![
        one("in an unknown session", "refused FETCH_SESSION_ID_NOT_FOUND", 12, &in_session(0x7fff_0000, 1)),
        one("in session -1", "refused FETCH_SESSION_ID_NOT_FOUND", 12, &in_session(-1, 1)),
        one("in session 0 at epoch 1", "refused FETCH_SESSION_ID_NOT_FOUND", 12, &in_session(0, 1)),
        one(
            "in a session, epochs ahead",
            "refused INVALID_FETCH_SESSION_EPOCH",
            12,
            &in_session(world.session_id, 9),
        ),
        one(
            "in a session at epoch -2",
            "refused INVALID_FETCH_SESSION_EPOCH",
            12,
            &in_session(world.session_id, -2),
        ),
        one(
            "in a session, now by ids",
            "refused FETCH_SESSION_TOPIC_ID_ERROR",
            17,
            &in_session(world.session_id, 1),
        ),
        one(
            "in a session, forgetting what it never had",
            "NONE with records",
            12,
            &in_session(world.session_id, 1).with_forgotten_topics_data(vec![forgotten]),
        ),
        one(
            "in a session, an epoch late",
            "refused INVALID_FETCH_SESSION_EPOCH",
            12,
            &in_session(world.session_id, 1),
        ),
        one("that closes a session that is not there", "nothing", 12, &in_session(0x7fff_0000, -1)),
        one("that closes its session", "nothing", 12, &in_session(world.session_id, -1)),
        one(
            "in a session that was closed",
            "refused FETCH_SESSION_ID_NOT_FOUND",
            12,
            &in_session(world.session_id, 2),
        ),
    ]
}
