//! What a group means for the offsets that are committed to it.

use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::join_group::JoinGroupRequest;
use ottla_protocol::wire::Str;

use super::stage::{Stage, join};
use crate::groups::classic::OffsetExpiry;

/// A stable group of whoever sends these requests.
fn stable(stage: &mut Stage, requests: &[JoinGroupRequest]) -> Vec<Str> {
    let tokens: Vec<u64> = requests.iter().map(|request| stage.join(3, request)).collect();
    stage.pass(Duration::from_secs(7));
    let leader = stage.joined(tokens[0]).leader;
    stage.sync("g", &leader, 1, &[]);
    assert_eq!(stage.state("g"), "Stable");
    tokens.into_iter().map(|token| stage.joined(token).member_id).collect()
}

/// A request of somebody with this metadata.
fn with_metadata(metadata: &'static [u8]) -> JoinGroupRequest {
    let mut request = join("g", &["range"]);
    request.protocols[0].metadata = Bytes::from_static(metadata);
    request
}

fn is_subscribed(stage: &Stage, topic: &str) -> bool {
    stage.groups.is_subscribed(&"g".into(), &topic.into())
}

fn expiry(stage: &Stage) -> OffsetExpiry {
    stage.groups.offset_expiry(&"g".into())
}

#[test]
fn a_group_reads_what_any_of_its_members_subscribes_to() {
    let mut stage = Stage::default();
    assert!(!is_subscribed(&stage, "t"));
    let later = with_metadata(b"\0\x03\0\0\0\x02\0\x01u\0\x01v\xff\xff\xff\xffand what later versions add");
    stable(&mut stage, &[join("g", &["range"]), later]);
    assert_eq!(["t", "u", "v", "w"].map(|topic| is_subscribed(&stage, topic)), [true, true, true, false]);
    assert_eq!(expiry(&stage), OffsetExpiry::SinceCommit);
    stage.restart();
    assert_eq!(["t", "u", "v", "w"].map(|topic| is_subscribed(&stage, topic)), [true, true, true, false]);
    stage.pass(Duration::from_secs(15));
    assert_eq!(stage.state("g"), "Empty");
    assert!(!is_subscribed(&stage, "t"));
    assert_eq!(expiry(&stage), OffsetExpiry::Since(stage.now_ms - 5_000));
}

#[test]
fn consumers_that_do_not_say_what_they_read_may_read_anything() {
    for metadata in
        [&b""[..], b"\0", b"\0\0\xff\xff\xff\xff", b"\0\0\0\0\0\x01\0\x09t", b"\0\0\x7f\xff\xff\xff"]
    {
        let mut stage = Stage::default();
        stable(&mut stage, &[join("g", &["range"]), with_metadata(metadata)]);
        assert!(is_subscribed(&stage, "anything"), "{metadata:?}");
        assert_eq!(expiry(&stage), OffsetExpiry::Never);
    }
}

#[test]
fn members_that_are_no_consumers_subscribe_to_nothing() {
    let mut stage = Stage::default();
    stable(&mut stage, &[join("g", &["range"]).with_protocol_type("connect")]);
    assert!(!is_subscribed(&stage, "t"));
    assert_eq!(expiry(&stage), OffsetExpiry::Never);
    assert_eq!(stage.groups.check_offset_delete(&"g".into()), Err(ErrorCode::NON_EMPTY_GROUP));
}

#[test]
fn a_group_of_offsets_alone_is_there_until_it_is_deleted() {
    let mut stage = Stage::default();
    let group = Str::from("g");
    assert_eq!(stage.groups.check_offset_delete(&group), Err(ErrorCode::GROUP_ID_NOT_FOUND));
    assert_eq!(stage.commit(9, &group, -1, &Str::EMPTY, None), Ok(()));
    assert_eq!(expiry(&stage), OffsetExpiry::SinceCommit);
    assert_eq!(stage.groups.check_offset_delete(&group), Ok(()));
    assert!(!is_subscribed(&stage, "t"));
    let listed = stage.groups.list().next().expect("it is there");
    assert_eq!((listed.group_state.as_str(), listed.protocol_type.as_str()), ("Empty", ""));
    assert!(stage.log.is_empty());
    assert_eq!(stage.delete("g"), Ok(()));
    assert_eq!(stage.groups.list().count(), 0);
}

#[test]
fn who_commits_is_alive() {
    let mut stage = Stage::default();
    let ids = stable(&mut stage, &[join("g", &["range"]), join("g", &["range"])]);
    for _ in 0..5 {
        stage.pass(Duration::from_secs(4));
        assert_eq!(stage.commit(9, &"g".into(), 1, &ids[0], None), Ok(()));
    }
    let described = stage.groups.describe(&"g".into()).expect("it is there");
    assert_eq!(described.members.len(), 1, "the other one is dead");
}

#[test]
fn a_replay_of_nonsense_harms_nobody() {
    let mut stage = Stage::default();
    let ids = stable(&mut stage, &[join("g", &["range"]), join("g", &["range"])]);
    let Some(crate::groups::record::GroupRecord::Group { value: Some(value), .. }) = stage.log.last_mut()
    else {
        panic!("the assignment is written");
    };
    value.leader = Some("somebody else".into());
    value.protocol = None;
    value.generation = i32::MAX;
    stage.restart();
    let again = ids.iter().map(|id| stage.join(3, &join("g", &["", "range"]).with_member_id(id.clone())));
    let again: Vec<u64> = again.collect();
    assert!(again.iter().all(|token| stage.joined(*token).generation_id == 1));
    assert!(ids.contains(&stage.joined(again[0]).leader));
}
