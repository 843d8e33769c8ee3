//! What a group is after a restart, and what happens when the log is slow or refuses.

use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::wire::Str;

use super::stage::{Stage, join, leads};
use crate::groups::record::GroupRecord;

/// A stable group of two: the leader's id, and the follower's.
fn two(stage: &mut Stage) -> (Str, Str) {
    let tokens = [stage.join_anew("g", &["range"]), stage.join_anew("g", &["range"])];
    stage.pass(Duration::from_secs(7));
    let [one, other] = tokens.map(|token| stage.joined(token));
    let (leader, follower) = if leads(&one) { (one, other) } else { (other, one) };
    let (leader, follower) = (leader.member_id, follower.member_id);
    let assignments = [(leader.as_str(), "l"), (follower.as_str(), "f")];
    let sync = stage.sync("g", &leader, 1, &assignments);
    assert_eq!(stage.synced(sync).assignment, "l");
    (leader, follower)
}

/// What was last written of the only group.
fn written(stage: &Stage) -> &GroupMetadataValue {
    match stage.log.last() {
        Some(GroupRecord::Group { value: Some(value), .. }) => value,
        other => panic!("{other:?} is not about a group"),
    }
}

fn leaving(member_id: &Str) -> LeaveGroupRequest {
    let identity = MemberIdentity::default().with_member_id(member_id.clone());
    LeaveGroupRequest::default().with_group_id("g").with_members(vec![identity])
}

#[test]
fn a_group_is_written_when_it_comes_into_being_is_assigned_and_becomes_empty() {
    let mut stage = Stage::default();
    let asked = stage.join(4, &join("g", &["range"]));
    assert_eq!(stage.joined(asked).error_code, ErrorCode::MEMBER_ID_REQUIRED);
    let mut born = GroupMetadataValue::default().with_current_state_timestamp(1_000_000);
    (born.protocol, born.leader) = (None, None);
    assert_eq!((stage.log.len(), written(&stage)), (1, &born));
    let member_id = stage.joined(asked).member_id;
    stage.join(4, &join("g", &["range"]).with_member_id(member_id.clone()));
    stage.pass(Duration::from_secs(4));
    assert_eq!(stage.log.len(), 1, "a generation is not written before its assignment");
    let sync = stage.sync("g", &member_id, 1, &[(&member_id, "all")]);
    assert_eq!(stage.synced(sync).assignment, "all");
    let value = written(&stage);
    assert_eq!((stage.log.len(), value.generation, value.protocol_type.as_str()), (2, 1, "consumer"));
    assert_eq!((&value.leader, &value.protocol), (&Some(member_id.clone()), &Some("range".into())));
    let member = &value.members[0];
    assert_eq!((&member.member_id, &member.assignment[..]), (&member_id, &b"all"[..]));
    assert_eq!((member.client_id.as_str(), member.client_host.as_str()), ("c", "/127.0.0.1"));
    assert_eq!((member.session_timeout, member.rebalance_timeout), (10_000, 60_000));
    stage.pass(Duration::from_secs(10));
    let value = written(&stage);
    assert_eq!((stage.log.len(), value.generation, value.members.len()), (3, 2, 0));
    assert_eq!((&value.leader, &value.protocol), (&None, &None));
    assert_eq!(value.protocol_type, "consumer");
}

#[test]
fn after_a_restart_members_go_on_where_they_were() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    let before = stage.groups.describe(&"g".into());
    stage.pass(Duration::from_secs(9)); // in which they hardly lived on
    stage.restart();
    assert_eq!(stage.groups.describe(&"g".into()), before);
    stage.pass(Duration::from_secs(9));
    assert_eq!(stage.heartbeat("g", &leader, 1), ErrorCode::NONE);
    let sync = stage.sync("g", &follower, 1, &[]);
    assert_eq!(stage.synced(sync).assignment, "f");
    stage.pass(Duration::from_secs(2));
    assert_eq!(stage.heartbeat("g", &leader, 1), ErrorCode::REBALANCE_IN_PROGRESS, "the other is gone");
}

#[test]
fn an_assignment_is_told_when_it_is_durable_and_not_before() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    stage.is_slow = true;
    let joins =
        [&leader, &follower].map(|id| stage.join(9, &join("g", &["range"]).with_member_id(id.clone())));
    let answers = joins.map(|token| stage.joined(token));
    assert!(answers.iter().all(|answer| answer.generation_id == 2));
    let late = stage.sync("g", &follower, 2, &[]);
    let first = stage.sync("g", &leader, 2, &[(&follower, "new")]);
    assert_eq!(stage.state("g"), "CompletingRebalance");
    assert!(stage.waits(late) && stage.waits(first));
    let again = stage.sync("g", &leader, 2, &[(&follower, "newer")]);
    assert_eq!(stage.synced(first).error_code, ErrorCode::REBALANCE_IN_PROGRESS, "another takes its place");
    stage.sync_log();
    assert_eq!(stage.state("g"), "Stable");
    assert_eq!(stage.synced(late).assignment, "new", "what the log has");
    assert_eq!(stage.synced(again).error_code, ErrorCode::NONE);
    assert_eq!(stage.log.len(), 3);
}

#[test]
fn an_assignment_that_a_rebalance_overtakes_is_not_told() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    stage.is_slow = true;
    for id in [&leader, &follower] {
        stage.join(9, &join("g", &["range"]).with_member_id(id.clone()));
    }
    let sync = stage.sync("g", &leader, 2, &[(&follower, "new")]);
    stage.leave(5, &leaving(&follower));
    assert_eq!(stage.synced(sync).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    stage.sync_log();
    assert_eq!(stage.state("g"), "PreparingRebalance");
    stage.restart();
    assert_eq!(stage.state("g"), "Stable", "but it was written");
    let sync = stage.sync("g", &follower, 2, &[]);
    assert_eq!(stage.synced(sync).assignment, "new");
}

#[test]
fn a_late_word_of_an_older_assignment_is_not_taken_for_the_current_one() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    stage.is_slow = true;
    let mut syncs = Vec::new();
    for (generation, protocols) in [(2, &["range"][..]), (3, &["range", "sticky"])] {
        for id in [&leader, &follower] {
            stage.join(9, &join("g", protocols).with_member_id(id.clone()));
        }
        if generation == 3 {
            assert_eq!(stage.synced(syncs[0]).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        syncs.push(stage.sync("g", &leader, generation, &[(&leader, "mine")]));
    }
    assert_eq!(stage.state("g"), "CompletingRebalance");
    stage.sync_one();
    assert_eq!(stage.state("g"), "CompletingRebalance", "that was generation 2");
    stage.sync_one();
    assert_eq!(stage.synced(syncs[1]).assignment, "mine");
}

#[test]
fn an_assignment_that_is_refused_is_taken_back_from_all() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    for id in [&leader, &follower] {
        stage.join(9, &join("g", &["range"]).with_member_id(id.clone()));
    }
    let waiting = stage.sync("g", &follower, 2, &[]);
    stage.refuses = Some(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let sync = stage.sync("g", &leader, 2, &[(&follower, "new")]);
    for token in [waiting, sync] {
        assert_eq!(stage.synced(token).error_code, ErrorCode::COORDINATOR_NOT_AVAILABLE);
    }
    assert_eq!(stage.heartbeat("g", &follower, 2), ErrorCode::REBALANCE_IN_PROGRESS);
    let described = stage.groups.describe(&"g".into()).expect("it is there");
    assert!(described.members.iter().all(|member| member.member_assignment.is_empty()));
}

#[test]
fn a_group_whose_first_record_is_refused_has_never_been() {
    let mut stage = Stage::default();
    stage.refuses = Some(ErrorCode::NOT_COORDINATOR);
    let asked = stage.join(4, &join("g", &["range"]));
    assert_eq!(stage.joined(asked).error_code, ErrorCode::NOT_COORDINATOR);
    let waiting = stage.join(3, &join("g", &["range"]));
    assert_eq!(stage.joined(waiting).error_code, ErrorCode::NOT_COORDINATOR);
    assert_eq!(stage.groups.list().count(), 0);
    assert_eq!(stage.groups.next_deadline(), None);
}

#[test]
fn that_a_group_is_empty_is_written_as_soon_as_the_log_takes_it() {
    let mut stage = Stage::default();
    let (leader, follower) = two(&mut stage);
    stage.refuses = Some(ErrorCode::NOT_COORDINATOR);
    stage.leave(5, &leaving(&follower));
    stage.leave(5, &leaving(&leader));
    assert_eq!(stage.state("g"), "Empty");
    stage.pass(Duration::from_secs(60));
    assert_eq!(written(&stage).members.len(), 2);
    stage.refuses = None;
    stage.pass(Duration::from_secs(6));
    assert_eq!((written(&stage).generation, written(&stage).members.len()), (2, 0));
    assert_eq!(stage.groups.next_deadline(), None);
}

#[test]
fn a_group_is_deleted_only_when_it_is_empty_and_when_that_is_written() {
    let mut stage = Stage::default();
    assert_eq!(stage.delete("g"), Err(ErrorCode::GROUP_ID_NOT_FOUND));
    let (leader, follower) = two(&mut stage);
    assert_eq!(stage.delete("g"), Err(ErrorCode::NON_EMPTY_GROUP));
    stage.leave(5, &leaving(&leader));
    assert_eq!(stage.delete("g"), Err(ErrorCode::NON_EMPTY_GROUP));
    stage.leave(5, &leaving(&follower));
    stage.refuses = Some(ErrorCode::NOT_COORDINATOR);
    assert_eq!(stage.delete("g"), Err(ErrorCode::NOT_COORDINATOR));
    assert_eq!(stage.state("g"), "Empty");
    stage.refuses = None;
    assert_eq!(stage.delete("g"), Ok(()));
    assert_eq!(stage.groups.list().count(), 0);
    stage.restart();
    assert_eq!(stage.groups.list().count(), 0);
}

#[test]
fn a_group_above_a_limit_that_was_lowered_lets_those_stay_who_come_first() {
    let mut stage = Stage::default();
    let tokens = [0; 3].map(|_| stage.join_anew("g", &["range"]));
    stage.pass(Duration::from_secs(7));
    let ids = tokens.map(|token| stage.joined(token).member_id);
    let leader = stage.joined(tokens[0]).leader;
    stage.sync("g", &leader, 1, &[]);
    stage.config.size_max = 2;
    stage.restart();
    assert_eq!(stage.heartbeat("g", &ids[0], 1), ErrorCode::REBALANCE_IN_PROGRESS);
    let again = ids.map(|id| stage.join(9, &join("g", &["range"]).with_member_id(id)));
    let codes = again.map(|token| stage.joined(token).error_code);
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::NONE, ErrorCode::GROUP_MAX_SIZE_REACHED]);
}

#[test]
fn a_rebalance_that_a_restart_forgot_is_made_up_for_when_its_static_member_comes_back() {
    let named = || join("g", &["cooperative-sticky"]).with_group_instance_id(Some("i".into()));
    for is_heard in [false, true] {
        let mut stage = Stage::default();
        let first = stage.join(9, &named());
        stage.pass(Duration::from_secs(4));
        let member_id = stage.joined(first).member_id;
        let sync = stage.sync("g", &member_id, 1, &[(&member_id, "some")]);
        assert_eq!(stage.synced(sync).assignment, "some");
        // It has given something up and says so; the coordinator ends before anybody is told of a generation.
        stage.is_slow = true;
        stage.join(9, &named().with_member_id(member_id.clone()));
        stage.restart();
        stage.is_slow = false;
        if is_heard {
            assert_eq!(stage.heartbeat("g", &member_id, 1), ErrorCode::NONE, "it asked for nothing then");
        }
        let back = stage.join(9, &named());
        stage.pass(Duration::from_secs(61));
        let back = stage.joined(back);
        assert_eq!((back.generation_id, back.skip_assignment), if is_heard { (1, true) } else { (2, false) });
    }
}
