//! Groups of the consumer protocol (KIP-848) over the requests of the protocol: who is told which partitions, and what
//! a crash leaves of that.

use std::time::Duration;

use ottla_broker::BrokerConfig;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::api_versions::ApiVersionsRequest;
use ottla_protocol::messages::consumer_group_describe::{ConsumerGroupDescribeRequest, DescribedGroup};
use ottla_protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::wire::Uuid;

use crate::harness::{End, Kit, text};

/// What a member asks of the group `g`.
pub(crate) fn heartbeat(member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    let mut request = ConsumerGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (text("g"), text(member));
    (request.member_epoch, request.rebalance_timeout_ms) = (epoch, -1);
    request
}

pub(crate) fn join(member: &str, topics: &[&str]) -> ConsumerGroupHeartbeatRequest {
    let mut request = heartbeat(member, 0);
    request.rebalance_timeout_ms = 30_000;
    request.subscribed_topic_names = Some(topics.iter().map(|topic| text(topic)).collect());
    request.topic_partitions = Some(Vec::new());
    request
}

/// A member that does what it is told.
struct Member {
    id: &'static str,
    epoch: i32,
    owned: Vec<TopicPartitions>,
}

impl Member {
    async fn joins(kit: &mut Kit, request: ConsumerGroupHeartbeatRequest, id: &'static str) -> Self {
        let mut member = Self { id, epoch: 0, owned: Vec::new() };
        let response = kit.call(1, &request).await;
        member.hears(&response);
        member
    }

    /// One heartbeat a few seconds after the last, which tells what the member owns.
    async fn beats(&mut self, kit: &mut Kit) -> ConsumerGroupHeartbeatResponse {
        pass(kit, 3).await;
        let mut request = heartbeat(self.id, self.epoch);
        request.topic_partitions = Some(self.owned.clone());
        let response = kit.call(1, &request).await;
        self.hears(&response);
        response
    }

    fn hears(&mut self, response: &ConsumerGroupHeartbeatResponse) {
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
        self.epoch = response.member_epoch;
        if let Some(told) = &response.assignment {
            self.owned.clone_from(&told.topic_partitions);
        }
    }

    fn partitions(&self) -> Vec<i32> {
        self.owned.iter().flat_map(|topic| topic.partitions.iter().copied()).collect()
    }
}

/// Time goes on, for who waits and who looks at the clock.
pub(crate) async fn pass(kit: &mut Kit, seconds: u64) {
    for _ in 0..seconds {
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    kit.clock.advance(i64::try_from(seconds * 1_000).unwrap());
}

/// A broker with a topic of four partitions, and a coordinator of the group.
pub(crate) async fn kit() -> (Kit, Uuid) {
    let mut kit = Kit::new().await;
    let topic = kit.create("t", 4, &[]).await;
    find(&mut kit).await;
    (kit, topic)
}

async fn find(kit: &mut Kit) {
    let mut find = FindCoordinatorRequest::default();
    find.coordinator_keys = vec![text("g")];
    let response = kit.call(6, &find).await;
    assert_eq!(response.coordinators[0].error_code, ErrorCode::NONE);
}

async fn described(kit: &mut Kit) -> DescribedGroup {
    let mut request = ConsumerGroupDescribeRequest::default();
    request.group_ids = vec![text("g")];
    kit.call(1, &request).await.groups.remove(0)
}

/// Two members, with two of the four partitions each.
async fn two_members(kit: &mut Kit) -> (Member, Member) {
    let mut first = Member::joins(kit, join("m1", &["t"]), "m1").await;
    assert_eq!(first.partitions(), [0, 1, 2, 3]);
    pass(kit, 3).await;
    let mut second = Member::joins(kit, join("m2", &["t"]), "m2").await;
    for _ in 0..4 {
        first.beats(kit).await;
        second.beats(kit).await;
    }
    assert_eq!((first.partitions().len(), second.partitions().len()), (2, 2));
    assert!(first.partitions().iter().all(|partition| !second.partitions().contains(partition)));
    (first, second)
}

async fn commit(kit: &mut Kit, member: &str, epoch: i32, topic: Uuid, partition: i32) -> ErrorCode {
    let mut request = OffsetCommitRequest::default();
    (request.group_id, request.member_id) = (text("g"), text(member));
    request.generation_id_or_member_epoch = epoch;
    let mut of_topic = OffsetCommitRequestTopic::default();
    of_topic.topic_id = topic;
    let mut of_partition = OffsetCommitRequestPartition::default();
    (of_partition.partition_index, of_partition.committed_offset) = (partition, 7);
    of_topic.partitions.push(of_partition);
    request.topics.push(of_topic);
    kit.call(10, &request).await.topics[0].partitions[0].error_code
}

#[tokio::test(start_paused = true)]
async fn the_protocol_is_advertised_and_finalized() {
    let (mut kit, _) = kit().await;
    let mut request = ApiVersionsRequest::default();
    (request.client_software_name, request.client_software_version) = (text("test"), text("1"));
    let response = kit.call(4, &request).await;
    for key in [68, 69] {
        let served = response.api_keys.iter().find(|served| served.api_key == key).unwrap();
        assert_eq!((served.min_version, served.max_version), (0, 1));
    }
    let levels = response.finalized_features.iter();
    let group = levels.clone().find(|feature| &*feature.name == "group.version");
    assert_eq!(group.unwrap().max_version_level, 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_member_is_given_what_the_first_has_given_up() {
    let (mut kit, topic) = kit().await;
    let mut first = Member::joins(&mut kit, join("m1", &["t"]), "m1").await;
    assert_eq!(first.partitions(), [0, 1, 2, 3]);
    assert_eq!(described(&mut kit).await.group_state, "Stable");
    pass(&mut kit, 3).await;
    let mut second = Member::joins(&mut kit, join("m2", &["t"]), "m2").await;
    assert_eq!(second.partitions(), [0; 0]);
    let had = first.owned.clone();
    first.beats(&mut kit).await;
    assert_eq!(first.partitions().len(), 2, "asked to give up the others");
    second.beats(&mut kit).await;
    assert_eq!(second.partitions(), [0; 0], "which it has not said yet");
    assert_eq!(described(&mut kit).await.group_state, "Reconciling");
    // It is busy still.
    let mut busy = heartbeat("m1", first.epoch);
    busy.topic_partitions = Some(had);
    kit.call(1, &busy).await;
    second.beats(&mut kit).await;
    assert_eq!(second.partitions(), [0; 0]);
    first.beats(&mut kit).await;
    second.beats(&mut kit).await;
    assert_eq!(second.partitions().len(), 2);
    assert_eq!(first.beats(&mut kit).await.heartbeat_interval_ms, 5_000);
    let group = described(&mut kit).await;
    assert_eq!((&*group.group_state, group.members.len()), ("Stable", 2));
    assert_eq!((group.assignment_epoch, &*group.assignor_name), (group.group_epoch, "uniform"));
    let owned = second.partitions()[0];
    assert_eq!(commit(&mut kit, "m2", second.epoch, topic, owned).await, ErrorCode::NONE);
    assert_eq!(commit(&mut kit, "m2", second.epoch + 1, topic, owned).await, ErrorCode::STALE_MEMBER_EPOCH);
    assert_eq!(commit(&mut kit, "m9", second.epoch, topic, owned).await, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[tokio::test(start_paused = true)]
async fn what_a_member_had_that_leaves_the_others_get() {
    let (mut kit, _) = kit().await;
    let (mut first, second) = two_members(&mut kit).await;
    let response = kit.call(1, &heartbeat("m2", -1)).await;
    assert_eq!((response.error_code, response.member_epoch), (ErrorCode::NONE, -1));
    first.beats(&mut kit).await;
    assert_eq!(first.partitions(), [0, 1, 2, 3]);
    let gone = kit.call(1, &heartbeat("m2", second.epoch)).await;
    assert_eq!(gone.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(kit.call(1, &heartbeat("m1", -1)).await.error_code, ErrorCode::NONE);
    assert_eq!(described(&mut kit).await.group_state, "Empty");
}

#[tokio::test(start_paused = true)]
async fn who_is_not_heard_of_for_a_session_is_no_member_any_more() {
    let (mut kit, _) = kit().await;
    let (mut first, second) = two_members(&mut kit).await;
    for _ in 0..16 {
        first.beats(&mut kit).await;
    }
    first.beats(&mut kit).await;
    assert_eq!(first.partitions(), [0, 1, 2, 3]);
    let gone = kit.call(1, &heartbeat("m2", second.epoch)).await;
    assert_eq!(gone.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

/// As Kafka 4.3.1, which advertises the calls all the same.
#[tokio::test(start_paused = true)]
async fn the_protocol_is_served_only_if_it_is_among_those_that_are_to_be() {
    for (protocols, is_served) in [("classic", false), ("classic,share", false), ("consumer,classic", true)] {
        let mut kit = Kit::with(&[("group.coordinator.rebalance.protocols", protocols)]).await;
        kit.create("t", 4, &[]).await;
        find(&mut kit).await;
        let (joined, described) = (kit.call(1, &join("m1", &["t"])).await, described(&mut kit).await);
        let code = if is_served { ErrorCode::NONE } else { ErrorCode::UNSUPPORTED_VERSION };
        assert_eq!((joined.error_code, described.error_code), (code, code), "{protocols}");
    }
    let refused = BrokerConfig::new().with("group.coordinator.rebalance.protocols", "consumer").unwrap_err();
    assert!(refused.to_string().contains("the classic protocol cannot be switched off"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn members_go_on_after_every_end_of_the_broker() {
    for end in [End::Close, End::Kill, End::PowerLoss(3)] {
        let (mut kit, topic) = kit().await;
        let (mut first, mut second) = two_members(&mut kit).await;
        let before = (first.owned.clone(), second.owned.clone());
        let owned = first.partitions()[0];
        assert_eq!(commit(&mut kit, "m1", first.epoch, topic, owned).await, ErrorCode::NONE);
        let group = described(&mut kit).await;
        let mut kit = kit.reopened(end).await;
        find(&mut kit).await;
        assert_eq!(described(&mut kit).await, group, "{end:?}");
        first.beats(&mut kit).await;
        second.beats(&mut kit).await;
        assert_eq!((&first.owned, &second.owned), (&before.0, &before.1), "{end:?}");
        // Who does not come back is let go.
        for _ in 0..17 {
            second.beats(&mut kit).await;
        }
        assert_eq!(second.partitions(), [0, 1, 2, 3], "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_static_member_comes_back_to_its_partitions() {
    let (mut kit, _) = kit().await;
    let named = |mut request: ConsumerGroupHeartbeatRequest| {
        request.instance_id = Some(text("i"));
        request
    };
    let mut other = Member::joins(&mut kit, join("m2", &["t"]), "m2").await;
    pass(&mut kit, 3).await;
    let mut first = Member::joins(&mut kit, named(join("m1", &["t"])), "m1").await;
    for _ in 0..4 {
        other.beats(&mut kit).await;
        first.beats(&mut kit).await;
    }
    let (had, others) = (first.owned.clone(), other.owned.clone());
    assert_eq!(first.partitions().len(), 2);
    let taken = kit.call(1, &named(join("m3", &["t"]))).await;
    assert_eq!(taken.error_code, ErrorCode::UNRELEASED_INSTANCE_ID);
    assert_eq!(kit.call(1, &named(heartbeat("m1", -2))).await.error_code, ErrorCode::NONE);
    other.beats(&mut kit).await;
    assert_eq!(other.owned, others, "it will come back");
    let back = Member::joins(&mut kit, named(join("m3", &["t"])), "m3").await;
    assert_eq!(back.owned, had);
    let former = kit.call(1, &named(heartbeat("m1", first.epoch))).await;
    assert_eq!(former.error_code, ErrorCode::FENCED_INSTANCE_ID);
    let group = described(&mut kit).await;
    assert_eq!(group.members.iter().filter(|member| member.instance_id.is_some()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pattern_finds_the_topics_that_come_later() {
    let (mut kit, _) = kit().await;
    kit.create("orders-eu", 1, &[]).await;
    let mut request = join("m1", &[]);
    request.subscribed_topic_regex = Some(text("orders-.*"));
    let mut member = Member::joins(&mut kit, request, "m1").await;
    assert_eq!(member.owned.len(), 1);
    kit.create("orders-us", 1, &[]).await;
    kit.create("my-orders-us", 1, &[]).await;
    for _ in 0..5 {
        member.beats(&mut kit).await;
    }
    assert_eq!(member.owned.len(), 2, "all of a name is to match");
    let mut wrong = join("m2", &[]);
    wrong.subscribed_topic_regex = Some(text("("));
    assert_eq!(kit.call(1, &wrong).await.error_code, ErrorCode::INVALID_REGULAR_EXPRESSION);
}

#[tokio::test(start_paused = true)]
async fn partitions_that_come_later_are_given_out() {
    let (mut kit, _) = kit().await;
    let mut member = Member::joins(&mut kit, join("m1", &["t", "later"]), "m1").await;
    assert_eq!(member.partitions().len(), 4);
    kit.create("later", 2, &[]).await;
    member.beats(&mut kit).await;
    member.beats(&mut kit).await;
    assert_eq!(member.partitions().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_group_has_no_more_members_than_it_may() {
    let mut kit = Kit::with(&[("group.consumer.max.size", "1")]).await;
    kit.create("t", 4, &[]).await;
    find(&mut kit).await;
    let mut first = Member::joins(&mut kit, join("m1", &["t"]), "m1").await;
    let refused = kit.call(1, &join("m2", &["t"])).await;
    assert_eq!(refused.error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    first.beats(&mut kit).await;
    assert_eq!(first.partitions().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_group_uses_the_assignors_that_the_broker_names() {
    let mut kit = Kit::with(&[("group.consumer.assignors", "range")]).await;
    kit.create("t", 4, &[]).await;
    find(&mut kit).await;
    let mut request = join("m1", &["t"]);
    request.server_assignor = Some(text("uniform"));
    let refused = kit.call(1, &request).await;
    assert_eq!(refused.error_code, ErrorCode::UNSUPPORTED_ASSIGNOR);
    let words = "ServerAssignor uniform is not supported. Supported assignors: range.";
    assert_eq!(refused.error_message.as_deref(), Some(words));
    Member::joins(&mut kit, join("m1", &["t"]), "m1").await;
    assert_eq!(described(&mut kit).await.assignor_name, "range");
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_are_refused_and_change_nothing() {
    let (mut kit, _) = kit().await;
    let (first, _) = two_members(&mut kit).await;
    let before = described(&mut kit).await;
    let unknown = kit.call(1, &heartbeat("m9", first.epoch)).await;
    assert_eq!(unknown.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    let future = kit.call(1, &heartbeat("m1", first.epoch + 1)).await;
    assert_eq!(future.error_code, ErrorCode::FENCED_MEMBER_EPOCH);
    let past = kit.call(1, &heartbeat("m1", 1)).await;
    assert_eq!(past.error_code, ErrorCode::FENCED_MEMBER_EPOCH);
    let mut elsewhere = heartbeat("m1", 3);
    elsewhere.group_id = text("nobody");
    assert_eq!(kit.call(1, &elsewhere).await.error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    let nameless = kit.call(1, &join("", &["t"])).await;
    assert_eq!(nameless.error_code, ErrorCode::INVALID_REQUEST);
    assert_eq!(described(&mut kit).await, before);
    let mut protocol = JoinGroupRequestProtocol::default();
    protocol.name = text("range");
    let mut classic = JoinGroupRequest::default();
    (classic.group_id, classic.protocol_type) = (text("g"), text("consumer"));
    (classic.session_timeout_ms, classic.rebalance_timeout_ms) = (10_000, 10_000);
    classic.protocols.push(protocol);
    assert_eq!(kit.call(3, &classic).await.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(described(&mut kit).await, before);
}
