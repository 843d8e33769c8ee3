//! What is kept of a group that nobody talks to: its own few bytes, and not the frames of the requests that made it.

use ottla_protocol::consumer_protocol::ConsumerProtocolSubscription;
use ottla_protocol::messages::consumer_group_heartbeat::TopicPartitions;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::sync_group::SyncGroupRequest;
use ottla_protocol::{Data, ErrorCode};

use crate::committed_offsets::kit_with;
use crate::consumer_groups::{self, heartbeat};
use crate::groups::{self, only_member};
use crate::harness::{Kit, text};

/// The epoch of the first member of a group.
const FIRST_EPOCH: i32 = 2;

/// A join by a consumer of the classic protocol, with a name of its own.
fn classic_join(member: &str, instance: &str) -> JoinGroupRequest {
    let mut said = ConsumerProtocolSubscription::default();
    said.topics = vec![text("t")];
    let metadata = said.encode_versioned(3).unwrap();
    let protocol = JoinGroupRequestProtocol::default().with_name("range").with_metadata(metadata);
    let mut join = groups::join("g", member).with_group_instance_id(Some(text(instance)));
    join.protocols = vec![protocol];
    join
}

#[tokio::test(start_paused = true)]
async fn a_classic_group_does_not_keep_the_frames_of_its_requests() {
    let mut kit = kit_with(&[("group.initial.rebalance.delay.ms", "0")]).await;
    // Static members are let in by their first request.
    let named = groups::join("named", "").with_group_instance_id(Some(text("i")));
    assert!(!kit.keeps_its_frame(9, &named).await, "the first join of a static member");
    let member = only_member(&mut kit, "g").await;
    let again = groups::join("g", &member.id);
    assert!(!kit.keeps_its_frame(9, &again).await, "a join");
    let member = only_generation(&mut kit, member).await;
    let sync = member.sync("g", &[(&member.id, b"all")]);
    assert!(!kit.keeps_its_frame(5, &sync).await, "a sync of the leader");
    assert!(!kit.keeps_its_frame(4, &member.heartbeat("g")).await, "a heartbeat");
    assert!(!kit.keeps_its_frame(9, &member.commit("g", 5)).await, "a commit");
}

/// The member after it joined once more.
async fn only_generation(kit: &mut Kit, member: groups::Member) -> groups::Member {
    let joined = kit.call(9, &groups::join("g", &member.id)).await;
    groups::Member { generation: joined.generation_id, ..member }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_group_does_not_keep_the_frames_of_its_requests() {
    let (mut kit, topic) = consumer_groups::kit().await;
    let mut join = consumer_groups::join("m1", &["t"]);
    (join.instance_id, join.rack_id) = (Some(text("i")), Some(text("r")));
    (join.subscribed_topic_regex, join.server_assignor) = (Some(text("t.*")), Some(text("range")));
    assert!(!kit.keeps_its_frame(1, &join).await, "the first join");
    let told = kit.call(1, &heartbeat("m1", FIRST_EPOCH)).await;
    assert_eq!(told.error_code, ErrorCode::NONE);
    assert!(!kit.keeps_its_frame(1, &heartbeat("m1", FIRST_EPOCH)).await, "a heartbeat");
    let second = consumer_groups::join("m2", &["t"]);
    assert!(!kit.keeps_its_frame(1, &second).await, "the second join");
    consumer_groups::pass(&mut kit, 3).await;
    let mut beat = heartbeat("m1", FIRST_EPOCH);
    let mut owned = TopicPartitions::default();
    (owned.topic_id, owned.partitions) = (topic, vec![0, 1, 2, 3].into());
    beat.topic_partitions = Some(vec![owned]);
    assert!(!kit.keeps_its_frame(1, &beat).await, "a heartbeat that is answered with news");
    assert!(!kit.keeps_its_frame(1, &heartbeat("m1", -2)).await, "a leave for a while");
}

#[tokio::test(start_paused = true)]
async fn a_classic_member_of_a_consumer_group_does_not_keep_the_frames_of_its_requests() {
    let (mut kit, _) = consumer_groups::kit().await;
    kit.call(1, &consumer_groups::join("m1", &["t"])).await;
    let join = classic_join("", "i");
    assert!(!kit.keeps_its_frame(9, &join).await, "the first join");
    let joined = kit.call(9, &join).await;
    assert_eq!(joined.error_code.0, 0, "{joined:?}");
    let again = classic_join(&joined.member_id, "i");
    assert!(!kit.keeps_its_frame(9, &again).await, "a join");
    let sync = SyncGroupRequest::default()
        .with_group_id(text("g"))
        .with_member_id(joined.member_id.clone())
        .with_generation_id(joined.generation_id)
        .with_group_instance_id(Some(text("i")));
    assert!(!kit.keeps_its_frame(5, &sync).await, "a sync");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_changes_its_protocol_does_not_keep_the_frames_of_its_requests() {
    let mut kit = kit_with(&[("group.initial.rebalance.delay.ms", "0")]).await;
    only_member(&mut kit, "g").await;
    assert!(!kit.keeps_its_frame(1, &consumer_groups::join("m1", &["t"])).await);
}
