//! Rules of classic groups, told one by one.

mod cost;
mod kafka;
mod log;
mod offsets;
mod random;
mod stage;
mod timers;

use std::time::Duration;

use ottla_protocol::api::ErrorCode;

use self::stage::{Stage, leads};

#[test]
fn members_that_come_together_get_one_generation_one_leader_and_their_assignments() {
    let mut stage = Stage::default();
    let first = stage.join_anew("g", &["range"]);
    let second = stage.join_anew("g", &["range"]);
    stage.pass(Duration::from_secs(10));
    let (first, second) = (stage.joined(first), stage.joined(second));
    assert_eq!((first.error_code, second.error_code), (ErrorCode::NONE, ErrorCode::NONE));
    assert_eq!((first.generation_id, second.generation_id), (1, 1));
    assert_eq!(first.leader, second.leader);
    assert_eq!(first.protocol_name.as_deref(), Some("range"));
    let (leader, follower) = if leads(&first) { (first, second) } else { (second, first) };
    assert_eq!(leader.members.len(), 2);
    assert!(follower.members.is_empty());

    let follower_sync = stage.sync("g", &follower.member_id, 1, &[]);
    assert!(stage.waits(follower_sync));
    let assignment = [(leader.member_id.as_str(), "mine"), (follower.member_id.as_str(), "yours")];
    let leader_sync = stage.sync("g", &leader.member_id, 1, &assignment);
    assert_eq!(stage.synced(follower_sync).assignment, "yours");
    assert_eq!(stage.synced(leader_sync).assignment, "mine");
    assert_eq!(stage.state("g"), "Stable");
}

/// Kafka counts votes in a `HashMap`, in which `sticky` stands before `range`, and that before `roundrobin`.
#[test]
fn among_protocols_with_as_many_votes_kafkas_choice_wins() {
    for (first, second, chosen) in [
        (&["range", "sticky"], &["sticky", "range"], "sticky"),
        (&["roundrobin", "range"], &["range", "roundrobin"], "range"),
    ] {
        for [one, other] in [[first, second], [second, first]] {
            let mut stage = Stage::default();
            let (one, _other) = (stage.join_anew("g", one), stage.join_anew("g", other));
            stage.pass(Duration::from_secs(10));
            assert_eq!(stage.joined(one).protocol_name.as_deref(), Some(chosen));
        }
    }
}

#[test]
fn a_protocol_without_a_name_is_told_as_none() {
    let mut stage = Stage::default();
    let member = stage.join_anew("g", &[""]);
    stage.pass(Duration::from_secs(10));
    let joined = stage.joined(member);
    assert_eq!((joined.error_code, joined.protocol_name), (ErrorCode::NONE, None));
}
