//! One id, one kind of group: how the kinds give way to each other.

use std::time::Duration;

use ottla_protocol::internal::OffsetCommitValue;
use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::wire::Uuid;

use super::*;
use crate::config::BrokerConfig;
use crate::config::group::MemberConfig;
use crate::groups::classic::Caller;
use crate::groups::consumer::heartbeat::Heartbeat;

fn groups() -> Groups {
    let config = BrokerConfig::new();
    Groups::new(&GroupContext {
        settings: Settings::new(&config),
        directory: Arc::new(Directory::default()),
        configs: Arc::new(Configs::new(config)),
        core: OnceLock::new(),
    })
}

fn caller() -> Caller {
    Caller { client_id: Str::from("c"), client_host: Str::from("/h") }
}

/// Appends what was decided, and gives the answer.
fn done(groups: &mut Groups, log: &mut Vec<GroupRecord>, mut effects: Effects) -> Option<Answer> {
    for record in effects.records {
        groups.appended(&record);
        let more = groups.stored(Instant::now(), &record);
        assert!(more.records.is_empty());
        log.push(record);
    }
    effects.answers.pop().map(|(_, answer)| answer)
}

fn heartbeat(groups: &mut Groups, log: &mut Vec<GroupRecord>, epoch: i32) -> ErrorCode {
    let mut request = ConsumerGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (Str::from("g"), Str::from("m"));
    (request.member_epoch, request.rebalance_timeout_ms) = (epoch, 1_000);
    request.subscribed_topic_names = Some(vec![Str::from("t")]);
    request.topic_partitions = Some(Vec::new());
    let config = MemberConfig {
        session_timeout: Duration::from_secs(45),
        heartbeat_interval: Duration::from_secs(5),
        assignment_interval: Duration::ZERO,
    };
    let caller = caller();
    let beat =
        Heartbeat { now: Instant::now(), now_ms: 0, caller: &caller, config, size_max: 9, request: &request };
    let effects = groups.consumer_heartbeat(Token(0), &beat, &Directory::default());
    match done(groups, log, effects) {
        Some(Answer::ConsumerHeartbeat(response)) => response.error_code,
        other => panic!("another answer: {other:?}"),
    }
}

/// The first request of a member of the classic protocol, which is given an id.
fn join(groups: &mut Groups, log: &mut Vec<GroupRecord>) -> ErrorCode {
    join_for(groups, log, 10_000)
}

fn join_for(groups: &mut Groups, log: &mut Vec<GroupRecord>, session_timeout_ms: i32) -> ErrorCode {
    let mut protocol = JoinGroupRequestProtocol::default();
    protocol.name = Str::from("range");
    let mut request = JoinGroupRequest::default();
    (request.group_id, request.protocol_type) = (Str::from("g"), Str::from("consumer"));
    (request.session_timeout_ms, request.rebalance_timeout_ms) = (session_timeout_ms, 10_000);
    request.protocols = vec![protocol];
    let effects = groups.classic_join(&request.group_id, Token(0), |classic| {
        classic.join(Instant::now(), 0, Token(0), &caller(), 9, &request, Uuid([1; 16]))
    });
    match done(groups, log, effects) {
        Some(Answer::Join(response)) => response.error_code,
        other => panic!("another answer: {other:?}"),
    }
}

fn commit(groups: &mut Groups, log: &mut Vec<GroupRecord>) {
    let value = Some(OffsetCommitValue::default());
    let record = GroupRecord::Offset { group: Str::from("g"), topic: Str::from("t"), partition: 0, value };
    done(groups, log, Effects::of_records(vec![record]));
}

/// The kinds of the group.
fn kinds(groups: &Groups) -> Vec<Str> {
    let all = groups.classic.list().chain(groups.consumer.list()).chain(groups.share.list());
    all.map(|group| group.group_type).collect()
}

#[test]
fn a_group_that_had_nothing_but_offsets_becomes_one_of_consumers_and_keeps_them() {
    let (mut live, mut log) = (groups(), Vec::new());
    commit(&mut live, &mut log);
    assert_eq!(kinds(&live), ["classic"]);
    assert_eq!(
        heartbeat(&mut live, &mut log, 1),
        ErrorCode::GROUP_ID_NOT_FOUND,
        "who does not join finds none"
    );
    assert_eq!(heartbeat(&mut live, &mut log, 0), ErrorCode::NONE);
    assert_eq!(kinds(&live), ["consumer"]);
    commit(&mut live, &mut log);
    assert_eq!(kinds(&live), ["consumer"], "its own offsets do not make it a classic one");
    assert!(live.offsets.get("g", "t", 0).is_some());
    // A compacted log may have the offset before the group, or behind it.
    for reversed in [false, true] {
        let mut replayed = groups();
        let order: Vec<_> = if reversed { log.iter().rev().collect() } else { log.iter().collect() };
        for record in order.into_iter().filter(|record| !matches!(record, GroupRecord::Group { .. })) {
            replayed.replay(record);
        }
        assert_eq!(kinds(&replayed), ["consumer"]);
    }
}

#[test]
fn a_group_of_consumers_with_members_takes_no_classic_one_and_an_empty_one_gives_way() {
    let (mut live, mut log) = (groups(), Vec::new());
    assert_eq!(heartbeat(&mut live, &mut log, 0), ErrorCode::NONE);
    assert_eq!(join(&mut live, &mut log), ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(kinds(&live), ["consumer"]);
    assert_eq!(heartbeat(&mut live, &mut log, -1), ErrorCode::NONE);
    assert_eq!(join_for(&mut live, &mut log, 1), ErrorCode::INVALID_SESSION_TIMEOUT);
    assert_eq!(kinds(&live), ["consumer"], "who may not join changes nothing");
    assert_eq!(join(&mut live, &mut log), ErrorCode::MEMBER_ID_REQUIRED);
    assert_eq!(kinds(&live), ["classic"]);
}
