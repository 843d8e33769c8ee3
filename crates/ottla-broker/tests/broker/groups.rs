//! The life of a group through requests: members join, share out the work, commit, leave, die and come back.
//!
//! How members come and go is tested beside the state machine; here is what the shell adds: logs, waits, clocks.

use std::time::Duration;

use bytes::Bytes;
use ottla_broker::Handling;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_groups::{DescribeGroupsRequest, DescribedGroup};
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::offset_commit::OffsetCommitRequest;
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse};
use ottla_protocol::wire::Str;
use ottla_storage::disk::{Call, Fault, FaultError};
use tokio::time::{Instant, sleep};

use crate::committed_offsets::{code, commit, committed, kit_with, topic};
use crate::harness::{End, Kit, response, text};

/// A subscription to the topic `t`, as consumers write it.
const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff";
/// No waiting for the first members.
const AT_ONCE: (&str, &str) = ("group.initial.rebalance.delay.ms", "0");

async fn kit() -> Kit {
    kit_with(&[AT_ONCE]).await
}

pub(crate) fn join(group: &str, member_id: &str) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default().with_name("range").with_metadata(SUBSCRIPTION);
    JoinGroupRequest::default()
        .with_group_id(text(group))
        .with_member_id(text(member_id))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(30_000)
        .with_protocol_type("consumer")
        .with_protocols(vec![protocol])
}

/// A member of a generation.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: Str,
    pub(crate) generation: i32,
}

impl Member {
    fn of(joined: &JoinGroupResponse) -> Self {
        assert_eq!(joined.error_code, ErrorCode::NONE);
        Self { id: joined.member_id.clone(), generation: joined.generation_id }
    }

    pub(crate) fn sync(&self, group: &str, assignments: &[(&Str, &'static [u8])]) -> SyncGroupRequest {
        let assignments = assignments.iter().map(|(member_id, assignment)| {
            let assignment = Bytes::from_static(assignment);
            SyncGroupRequestAssignment::default()
                .with_member_id((*member_id).clone())
                .with_assignment(assignment)
        });
        SyncGroupRequest::default()
            .with_group_id(text(group))
            .with_member_id(self.id.clone())
            .with_generation_id(self.generation)
            .with_protocol_type(Some(text("consumer")))
            .with_protocol_name(Some(text("range")))
            .with_assignments(assignments.collect::<Vec<_>>())
    }

    pub(crate) fn commit(&self, group: &str, offset: i64) -> OffsetCommitRequest {
        commit(group, vec![topic("t", &[(0, offset)])])
            .with_member_id(self.id.clone())
            .with_generation_id_or_member_epoch(self.generation)
    }

    pub(crate) fn heartbeat(&self, group: &str) -> HeartbeatRequest {
        HeartbeatRequest::default()
            .with_group_id(text(group))
            .with_member_id(self.id.clone())
            .with_generation_id(self.generation)
    }

    fn leave(&self, group: &str) -> LeaveGroupRequest {
        let identity = MemberIdentity::default().with_member_id(self.id.clone());
        LeaveGroupRequest::default().with_group_id(text(group)).with_members(vec![identity])
    }
}

/// The only member of a group that is stable.
pub(crate) async fn only_member(kit: &mut Kit, group: &str) -> Member {
    let member = Member::of(&kit.call(3, &join(group, "")).await);
    let synced = kit.call(5, &member.sync(group, &[(&member.id, b"all")])).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (ErrorCode::NONE, &b"all"[..]));
    member
}

fn described(kit: &mut Kit, group: &str) -> DescribedGroup {
    let request = DescribeGroupsRequest::default().with_groups(vec![text(group)]);
    kit.call_now(6, &request).groups.remove(0)
}

fn state(kit: &mut Kit, group: &str) -> String {
    described(kit, group).group_state.to_string()
}

#[track_caller]
fn waits(handling: Handling) -> impl Future<Output = ottla_broker::Reply> + Send {
    match handling {
        Handling::Later { reply, .. } => reply,
        Handling::Now(reply) => panic!("answered at once: {reply:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_lives_from_its_first_member_to_its_last() {
    let mut kit = kit().await;
    kit.session = kit.session.clone().with_client_address("127.0.0.1".parse().unwrap());
    let required = kit.call(9, &join("g", "")).await;
    assert_eq!(required.error_code, ErrorCode::MEMBER_ID_REQUIRED);
    assert!(required.member_id.starts_with("test-"), "{}", required.member_id);
    let joined = kit.call(9, &join("g", &required.member_id)).await;
    let first = Member::of(&joined);
    assert_eq!((&joined.leader, joined.members.len(), first.generation), (&first.id, 1, 1));
    assert_eq!(state(&mut kit, "g"), "CompletingRebalance");
    assert_eq!(kit.call_now(4, &first.heartbeat("g")).error_code, ErrorCode::NONE);
    kit.call(5, &first.sync("g", &[(&first.id, b"all")])).await;

    let group = described(&mut kit, "g");
    let member = &group.members[0];
    assert_eq!(
        (&*group.group_state, &*group.protocol_type, &*group.protocol_data),
        ("Stable", "consumer", "range")
    );
    assert_eq!((&*member.client_id, &*member.client_host), ("test", "/127.0.0.1"));
    assert_eq!((&member.member_metadata[..], &member.member_assignment[..]), (SUBSCRIPTION, &b"all"[..]));
    assert_eq!(code(&kit.call(9, &first.commit("g", 7)).await), ErrorCode::NONE);

    // A second one comes; the first learns it from its heartbeat, and joins again.
    let second = waits(kit.handle(3, &join("g", "")));
    assert_eq!(kit.call_now(4, &first.heartbeat("g")).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    let leader = Member::of(&kit.call(9, &join("g", &first.id)).await);
    let second = Member::of(&response::<JoinGroupRequest>(3, second.await));
    assert_eq!((leader.generation, second.generation), (2, 2));
    let follower = waits(kit.handle(5, &second.sync("g", &[])));
    kit.call(5, &leader.sync("g", &[(&leader.id, b"one"), (&second.id, b"two")])).await;
    let told: SyncGroupResponse = response::<SyncGroupRequest>(5, follower.await);
    assert_eq!(&told.assignment[..], b"two");
    assert_eq!(code(&kit.call(9, &first.commit("g", 8)).await), ErrorCode::ILLEGAL_GENERATION);

    let left = kit.call(5, &second.leave("g")).await;
    assert_eq!((left.error_code, left.members[0].error_code), (ErrorCode::NONE, ErrorCode::NONE));
    assert_eq!(code(&kit.call_now(9, &second.commit("g", 9))), ErrorCode::UNKNOWN_MEMBER_ID, "from the dead");
    kit.call(5, &leader.leave("g")).await;
    assert_eq!(state(&mut kit, "g"), "Empty");
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 7)]);
}

#[tokio::test(start_paused = true)]
async fn a_group_waits_for_its_first_members() {
    let mut kit = kit_with(&[]).await;
    let started = Instant::now();
    let first = waits(kit.handle(3, &join("g", "")));
    let second = waits(kit.handle(3, &join("g", "")));
    let first = Member::of(&response::<JoinGroupRequest>(3, first.await));
    let second = Member::of(&response::<JoinGroupRequest>(3, second.await));
    assert_eq!((first.generation, second.generation), (1, 1));
    // Kafka's delay of 3 seconds, and as much again because another one came.
    assert_eq!(started.elapsed(), Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_falls_silent_is_missed_when_its_session_ends() {
    let mut kit = kit().await;
    let member = only_member(&mut kit, "g").await;
    for _ in 0..3 {
        sleep(Duration::from_secs(9)).await;
        assert_eq!(kit.call_now(4, &member.heartbeat("g")).error_code, ErrorCode::NONE);
    }
    sleep(Duration::from_millis(10_001)).await;
    assert_eq!(state(&mut kit, "g"), "Empty");
    assert_eq!(kit.call_now(4, &member.heartbeat("g")).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[tokio::test(start_paused = true)]
async fn who_waits_does_not_hold_up_others() {
    let mut kit = kit().await;
    let member = only_member(&mut kit, "g").await;
    let waiting = waits(kit.handle(3, &join("g", "")));
    // Of the same group, and of the same shard.
    assert_eq!(code(&kit.call(9, &member.commit("g", 3)).await), ErrorCode::NONE);
    only_member(&mut kit, "other").await;
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 3)]);
    kit.call(5, &member.leave("g")).await;
    Member::of(&response::<JoinGroupRequest>(3, waiting.await));
}

/// As in Kafka, which does not notice that a connection is gone.
#[tokio::test(start_paused = true)]
async fn who_is_gone_while_it_waits_has_joined_all_the_same() {
    let mut kit = kit().await;
    let member = only_member(&mut kit, "g").await;
    drop(waits(kit.handle(3, &join("g", ""))));
    assert_eq!(described(&mut kit, "g").members.len(), 2);
    let leader = Member::of(&kit.call(9, &join("g", &member.id)).await);
    kit.call(5, &leader.sync("g", &[])).await;
    sleep(Duration::from_secs(9)).await;
    kit.call_now(4, &leader.heartbeat("g"));
    sleep(Duration::from_millis(1_001)).await;
    assert_eq!(described(&mut kit, "g").members.len(), 1, "its session is over");
}

#[tokio::test(start_paused = true)]
async fn members_are_told_what_is_durable() {
    let mut kit = kit().await;
    let member = Member::of(&kit.call(3, &join("g", "")).await);
    kit.disk.hold(Call::Sync);
    let synced = waits(kit.handle(5, &member.sync("g", &[(&member.id, b"all")])));
    assert_eq!(state(&mut kit, "g"), "CompletingRebalance");
    kit.disk.release();
    let synced: SyncGroupResponse = response::<SyncGroupRequest>(5, synced.await);
    assert_eq!((synced.error_code, &synced.assignment[..]), (ErrorCode::NONE, &b"all"[..]));
    assert_eq!(state(&mut kit, "g"), "Stable");
}

/// The leader's connection is gone: the others are told all the same.
#[tokio::test(start_paused = true)]
async fn an_assignment_is_handed_out_though_its_leader_is_gone() {
    let mut kit = kit().await;
    let leader = only_member(&mut kit, "g").await;
    let second = waits(kit.handle(3, &join("g", "")));
    let leader = Member::of(&kit.call(9, &join("g", &leader.id)).await);
    let second = Member::of(&response::<JoinGroupRequest>(3, second.await));
    let follower = waits(kit.handle(5, &second.sync("g", &[])));
    kit.disk.hold(Call::Sync);
    drop(waits(kit.handle(5, &leader.sync("g", &[(&second.id, b"two")]))));
    kit.disk.release();
    let told: SyncGroupResponse = response::<SyncGroupRequest>(5, follower.await);
    assert_eq!((told.error_code, &told.assignment[..]), (ErrorCode::NONE, &b"two"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_group_survives_a_restart_with_its_members() {
    for end in [End::Close, End::Kill, End::PowerLoss(9)] {
        let mut kit = kit().await;
        let member = only_member(&mut kit, "g").await;
        let former = only_member(&mut kit, "empty").await;
        kit.call(9, &member.commit("g", 7)).await;
        kit.call(9, &former.commit("empty", 8)).await;
        kit.call(5, &former.leave("empty")).await;
        let before = (described(&mut kit, "g"), described(&mut kit, "empty"));
        let mut kit = kit.reopened(end).await;
        assert_eq!((described(&mut kit, "g"), described(&mut kit, "empty")), before);
        assert_eq!(kit.call_now(4, &member.heartbeat("g")).error_code, ErrorCode::NONE);
        assert_eq!(code(&kit.call(9, &member.commit("g", 9)).await), ErrorCode::NONE);
        assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 9)]);
        assert_eq!(committed(&mut kit, "empty").await, [("t".to_owned(), 0, 8)]);
        assert_eq!(kit.call_now(4, &former.heartbeat("empty")).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
        sleep(Duration::from_millis(10_001)).await;
        assert_eq!(state(&mut kit, "g"), "Empty", "its session began anew, and ended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_fails_ends_waits_and_tells_no_lies() {
    let mut kit = kit_with(&[AT_ONCE, ("offsets.topic.num.partitions", "1")]).await;
    let member = only_member(&mut kit, "g").await;
    let waiting = waits(kit.handle(3, &join("g", "")));
    kit.disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("__consumer_offsets-"));
    let refused = kit.call(9, &member.commit("g", 7)).await;
    assert_eq!(code(&refused), ErrorCode::NOT_COORDINATOR);
    let waited = response::<JoinGroupRequest>(3, waiting.await);
    assert_eq!((waited.error_code, waited.protocol_name.as_deref()), (ErrorCode::NOT_COORDINATOR, Some("")));
    sleep(Duration::from_millis(1)).await; // the group is loaded anew, as it was when it was durable
    assert_eq!(described(&mut kit, "g").members.len(), 1);
    assert_eq!(kit.call(9, &join("new", "")).await.error_code, ErrorCode::NOT_COORDINATOR);
}

#[tokio::test(start_paused = true)]
async fn an_assignment_that_cannot_be_written_is_none() {
    let mut kit = kit().await;
    let member = Member::of(&kit.call(3, &join("g", "")).await);
    kit.disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("__consumer_offsets-"));
    let synced = kit.call(5, &member.sync("g", &[(&member.id, b"all")])).await;
    assert_eq!((synced.error_code, synced.assignment.len()), (ErrorCode::NOT_COORDINATOR, 0));
    kit.disk.heal();
    let again = Member::of(&kit.call(9, &join("g", &member.id)).await);
    let synced = kit.call(5, &again.sync("g", &[(&again.id, b"all")])).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (ErrorCode::NONE, &b"all"[..]));
}

#[tokio::test(start_paused = true)]
async fn closing_the_broker_ends_waits() {
    let mut kit = kit().await;
    let member = only_member(&mut kit, "g").await;
    let joining = waits(kit.handle(3, &join("g", "")));
    kit.broker.close().await.unwrap();
    let ended = response::<JoinGroupRequest>(3, joining.await);
    assert_eq!(ended.error_code, ErrorCode::NOT_COORDINATOR);
    let closed = ErrorCode::COORDINATOR_NOT_AVAILABLE;
    assert_eq!(kit.call_now(9, &join("g", "")).error_code, closed);
    assert_eq!(kit.call_now(5, &member.sync("g", &[])).error_code, closed);
    assert_eq!(kit.call_now(4, &member.heartbeat("g")).error_code, closed);
    assert_eq!(kit.call_now(5, &member.leave("g")).error_code, closed);
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_topic_that_is_read_are_not_deleted() {
    let mut kit = kit().await;
    let member = only_member(&mut kit, "g").await;
    kit.call(9, &member.commit("g", 7)).await;
    let partition = OffsetDeleteRequestPartition::default();
    let topic = OffsetDeleteRequestTopic::default().with_name("t").with_partitions(vec![partition]);
    let delete = OffsetDeleteRequest::default().with_group_id("g").with_topics(vec![topic]);
    let refused = kit.call_now(0, &delete);
    assert_eq!(refused.topics[0].partitions[0].error_code, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC);
    kit.call(5, &member.leave("g")).await;
    let deleted = kit.call(0, &delete).await;
    assert_eq!(deleted.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(committed(&mut kit, "g").await, []);
}

/// A subscribed topic's offsets stay while the group is stable, and all go when it has been empty for long.
#[tokio::test(start_paused = true)]
async fn offsets_expire_once_their_group_is_empty() {
    const MINUTE_MS: i64 = 60_000;
    let minutes = |minutes: i64| crate::harness::NOW_MS + minutes * MINUTE_MS;
    let mut kit = kit_with(&[
        AT_ONCE,
        ("offsets.retention.minutes", "10"),
        ("offsets.retention.check.interval.ms", "60000"),
    ])
    .await;
    let request = join("g", "").with_session_timeout_ms(1_800_000);
    let member = Member::of(&kit.call(3, &request).await);
    kit.call(5, &member.sync("g", &[(&member.id, b"all")])).await;
    kit.call(9, &member.commit("g", 7)).await;
    kit.clock.set(minutes(15));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(committed(&mut kit, "g").await.len(), 1, "it is read");
    kit.call(5, &member.leave("g")).await;
    kit.clock.set(minutes(24));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(committed(&mut kit, "g").await.len(), 1, "the group is empty since nine minutes");
    kit.clock.set(minutes(25));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(committed(&mut kit, "g").await, []);
    assert_eq!(state(&mut kit, "g"), "Dead");
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_group_hold() {
    let mut kit = kit_with(&[
        AT_ONCE,
        ("group.max.size", "1"),
        ("group.min.session.timeout.ms", "9000"),
        ("group.max.session.timeout.ms", "11000"),
    ])
    .await;
    only_member(&mut kit, "g").await;
    assert_eq!(kit.call_now(3, &join("g", "")).error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    for (session_timeout_ms, code) in [
        (8_999, ErrorCode::INVALID_SESSION_TIMEOUT),
        (11_001, ErrorCode::INVALID_SESSION_TIMEOUT),
        (11_000, ErrorCode::NONE),
    ] {
        let request = join("h", "").with_session_timeout_ms(session_timeout_ms);
        assert_eq!(kit.call(3, &request).await.error_code, code, "{session_timeout_ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_thousand_members_share_a_group_and_the_next_one_and_other_groups_do_not_suffer() {
    const MEMBERS: usize = 2_000;
    // All groups in one shard.
    let mut kit = kit_with(&[("group.max.size", "2000"), ("offsets.topic.num.partitions", "1")]).await;
    let other = only_member(&mut kit, "other").await;
    let goes_on = async |kit: &mut Kit, offset: i64| {
        assert_eq!(kit.call_now(4, &other.heartbeat("other")).error_code, ErrorCode::NONE);
        assert_eq!(code(&kit.call(9, &other.commit("other", offset)).await), ErrorCode::NONE);
        assert_eq!(committed(kit, "other").await, [("t".to_owned(), 0, offset)]);
    };
    let joining: Vec<_> = (0..MEMBERS).map(|_| waits(kit.handle(3, &join("g", "")))).collect();
    assert_eq!(kit.call_now(3, &join("g", "")).error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    goes_on(&mut kit, 1).await;
    let (mut members, mut leader) = (Vec::new(), None);
    for joined in joining {
        let joined = response::<JoinGroupRequest>(3, joined.await);
        members.push(Member::of(&joined));
        if !joined.members.is_empty() {
            assert_eq!((&joined.leader, joined.members.len()), (&joined.member_id, MEMBERS));
            assert!(leader.replace(members.len() - 1).is_none(), "there is one leader");
        }
    }
    let leader = members.remove(leader.expect("there is a leader"));
    goes_on(&mut kit, 2).await;
    let syncing: Vec<_> = members.iter().map(|member| waits(kit.handle(5, &member.sync("g", &[])))).collect();
    let parts: Vec<_> = members.iter().map(|member| (&member.id, &b"part"[..])).collect();
    assert_eq!(kit.call(5, &leader.sync("g", &parts)).await.error_code, ErrorCode::NONE);
    for synced in syncing {
        assert_eq!(&response::<SyncGroupRequest>(5, synced.await).assignment[..], b"part");
    }
    assert_eq!(kit.call_now(3, &join("g", "")).error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    goes_on(&mut kit, 3).await;
    // All of them survive a restart, and then fall silent together.
    let mut kit = kit.reopened(End::Close).await;
    assert_eq!(described(&mut kit, "g").members.len(), MEMBERS);
    sleep(Duration::from_secs(5)).await;
    goes_on(&mut kit, 4).await;
    sleep(Duration::from_secs(6)).await;
    assert_eq!((state(&mut kit, "g"), state(&mut kit, "other")), ("Empty".to_owned(), "Stable".to_owned()));
    goes_on(&mut kit, 5).await;
}

/// Whoever it was: one that left, one whose session is over, and one of an older generation.
#[tokio::test(start_paused = true)]
async fn what_the_dead_commit_is_refused_and_changes_nothing() {
    let mut kit = kit().await;
    let silent = only_member(&mut kit, "g").await;
    assert_eq!(code(&kit.call(9, &silent.commit("g", 1)).await), ErrorCode::NONE);
    sleep(Duration::from_millis(10_001)).await;
    let left = only_member(&mut kit, "g").await;
    kit.call(5, &left.leave("g")).await;
    let old = only_member(&mut kit, "g").await;
    let now = Member::of(&kit.call(9, &join("g", &old.id).with_reason(Some(text("anew")))).await);
    let codes =
        |kit: &mut Kit| [&silent, &left, &old].map(|dead| code(&kit.call_now(9, &dead.commit("g", 100))));
    let refused = [ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::ILLEGAL_GENERATION];
    assert_eq!(codes(&mut kit), refused);
    kit.call(5, &now.sync("g", &[(&now.id, b"all")])).await;
    assert_eq!(codes(&mut kit), refused);
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)]);
    assert_eq!(code(&kit.call(9, &now.commit("g", 2)).await), ErrorCode::NONE);
    let mut kit = kit.reopened(End::Close).await;
    assert_eq!(codes(&mut kit), refused);
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_group_without_a_name_has_offsets_and_no_members() {
    let mut kit = kit().await;
    kit.call(9, &commit("", vec![topic("t", &[(0, 1)])])).await;
    let nobody = Member { id: text("m"), generation: 1 };
    assert_eq!(kit.call(4, &nobody.heartbeat("")).await.error_code, ErrorCode::INVALID_GROUP_ID);
    assert_eq!(kit.call(5, &nobody.sync("", &[])).await.error_code, ErrorCode::INVALID_GROUP_ID);
    assert_eq!(kit.call(9, &join("", "")).await.error_code, ErrorCode::INVALID_GROUP_ID);
}
