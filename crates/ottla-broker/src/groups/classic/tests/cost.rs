//! What large groups cost, in members looked at and not in time.

use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::wire::Str;

use super::stage::{Stage, join};

const MEMBERS: usize = 2_000;

/// How often members were looked at by walks over a whole group, since this was last asked.
fn walked(stage: &Stage) -> usize {
    stage.groups.groups[&Str::from("g")].walked.take()
}

/// A stable group, its leader's id first.
fn stable(stage: &mut Stage) -> Vec<Str> {
    let tokens: Vec<u64> = (0..MEMBERS).map(|_| stage.join(3, &join("g", &["range", "sticky"]))).collect();
    stage.pass(Duration::from_secs(7));
    let mut ids: Vec<Str> = tokens.iter().map(|token| stage.joined(*token).member_id).collect();
    let leader = stage.joined(tokens[0]).leader;
    let at = ids.iter().position(|id| *id == leader).expect("the leader is one of them");
    ids.swap(0, at);
    sync_all(stage, &ids, 1);
    ids
}

fn sync_all(stage: &mut Stage, ids: &[Str], generation: i32) {
    let tokens: Vec<u64> = ids[1..].iter().map(|id| stage.sync("g", id, generation, &[])).collect();
    let assignments: Vec<_> = ids.iter().map(|id| (id.as_str(), "a part")).collect();
    stage.sync("g", &ids[0], generation, &assignments);
    assert!(tokens.iter().all(|token| stage.synced(*token).assignment == "a part"));
    assert_eq!(stage.state("g"), "Stable");
}

#[test]
fn two_thousand_members_that_come_together_are_walked_over_a_few_times() {
    let mut stage = Stage::default();
    stable(&mut stage);
    assert!(walked(&stage) <= 20 * MEMBERS);
}

#[test]
fn two_thousand_members_that_join_again_are_walked_over_a_few_times() {
    let mut stage = Stage::default();
    let ids = stable(&mut stage);
    walked(&stage);
    for id in ids.iter().skip(1).chain(ids.first()) {
        stage.join(3, &join("g", &["range"]).with_member_id(id.clone()));
    }
    sync_all(&mut stage, &ids, 2);
    assert!(walked(&stage) <= 20 * MEMBERS);
}

#[test]
fn heartbeats_walk_over_nobody_and_are_sorted_once_a_session() {
    let mut stage = Stage::default();
    let ids = stable(&mut stage);
    walked(&stage);
    let before = stage.groups.next_deadline();
    for _ in 0..5 {
        stage.now += Duration::from_millis(100);
        assert!(ids.iter().all(|id| stage.heartbeat("g", id, 1) == ErrorCode::NONE));
    }
    assert_eq!(walked(&stage), 0);
    assert_eq!(stage.groups.next_deadline(), before, "a heartbeat wakes nobody");
}

#[test]
fn two_thousand_members_that_leave_or_die_are_walked_over_a_few_times() {
    let mut stage = Stage::default();
    let ids = stable(&mut stage);
    walked(&stage);
    for id in &ids[..MEMBERS / 4] {
        let identity = MemberIdentity::default().with_member_id(id.clone());
        stage.leave(5, &LeaveGroupRequest::default().with_group_id("g").with_members(vec![identity]));
    }
    let many = ids[MEMBERS / 4..MEMBERS / 2].iter();
    let many: Vec<_> = many.map(|id| MemberIdentity::default().with_member_id(id.clone())).collect();
    stage.leave(5, &LeaveGroupRequest::default().with_group_id("g").with_members(many));
    stage.pass(Duration::from_secs(60));
    assert_eq!(stage.state("g"), "Empty");
    assert!(walked(&stage) <= 20 * MEMBERS);
}
