//! Share groups over the requests of the protocol: who is handed which records, and what a crash leaves of that.

use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition, AlterShareGroupOffsetsRequestTopic,
};
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::messages::share_acknowledge::{
    self as acknowledges, AcknowledgePartition, AcknowledgeTopic, ShareAcknowledgeRequest,
};
use ottla_protocol::messages::share_fetch::{self as fetches, FetchPartition, FetchTopic, ShareFetchRequest};
use ottla_protocol::messages::share_group_describe::ShareGroupDescribeRequest;
use ottla_protocol::messages::share_group_heartbeat::ShareGroupHeartbeatRequest;
use ottla_protocol::wire::Uuid;

use ottla_storage::disk::{Call, Fault, FaultError};

use crate::harness::{End, Kit, batch, text};

pub(crate) const ACCEPT: i8 = 1;
pub(crate) const RELEASE: i8 = 2;
pub(crate) const REJECT: i8 = 3;
pub(crate) const RENEW: i8 = 4;

/// A run of records that was handed out: first and last offset, and the count of deliveries.
pub(crate) type Run = (i64, i64, i16);

/// A member of the group `g`.
pub(crate) struct Member {
    id: &'static str,
    epoch: i32,
}

pub(crate) fn heartbeat(member: &str, epoch: i32) -> ShareGroupHeartbeatRequest {
    let mut request = ShareGroupHeartbeatRequest::default();
    (request.group_id, request.member_id) = (text("g"), text(member));
    request.member_epoch = epoch;
    request.subscribed_topic_names = (epoch == 0).then(|| vec![text("t")]);
    request
}

/// A broker with ten records in the one partition of `t`, and the group `g` that reads it from its begin.
pub(crate) async fn kit() -> (Kit, Uuid) {
    kit_with(&[]).await
}

/// The same, of a broker with this configuration.
pub(crate) async fn kit_with(config: &[(&str, &str)]) -> (Kit, Uuid) {
    let mut kit = Kit::with(config).await;
    let topic = kit.create("t", 1, &[]).await;
    for _ in 0..10 {
        assert_eq!(kit.produce("t", 0, batch(&["v"])).await.error_code, ErrorCode::NONE);
    }
    set(&mut kit, "share.auto.offset.reset", "earliest").await;
    join(&mut kit, "m").await;
    (kit, topic)
}

pub(crate) async fn set(kit: &mut Kit, key: &str, value: &str) {
    let mut config = AlterableConfig::default();
    (config.name, config.value) = (text(key), Some(text(value)));
    let mut resource = AlterConfigsResource::default();
    (resource.resource_type, resource.resource_name) = (32, text("g"));
    resource.configs.push(config);
    let mut request = IncrementalAlterConfigsRequest::default();
    request.resources.push(resource);
    let response = kit.call(1, &request).await;
    assert_eq!(response.responses[0].error_code, ErrorCode::NONE, "{response:?}");
}

/// Joins until there is a partition to read; returns the member's epoch.
pub(crate) async fn join(kit: &mut Kit, member: &str) -> i32 {
    let mut find = FindCoordinatorRequest::default();
    find.coordinator_keys = vec![text("g")];
    kit.call(6, &find).await;
    let mut request = heartbeat(member, 0);
    for _ in 0..50 {
        let response = kit.call(1, &request).await;
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
        if response.assignment.is_some_and(|assignment| !assignment.topic_partitions.is_empty()) {
            return response.member_epoch;
        }
        request = heartbeat(member, response.member_epoch);
        tokio::time::advance(Duration::from_secs(1)).await;
        kit.clock.advance(1_000);
    }
    panic!("{member} was never given a partition");
}

impl Member {
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, epoch: 0 }
    }

    pub(crate) fn request(&mut self, topic: Uuid, records: i32) -> ShareFetchRequest {
        let mut partition = FetchTopic::default();
        partition.topic_id = topic;
        partition.partitions.push(FetchPartition::default());
        let mut request = ShareFetchRequest::default();
        (request.group_id, request.member_id) = (Some(text("g")), Some(text(self.id)));
        request.share_session_epoch = self.epoch;
        (request.max_wait_ms, request.min_bytes) = (100, 1);
        (request.max_bytes, request.max_records, request.batch_size) = (1 << 20, records, records);
        request.share_acquire_mode = 1;
        request.topics.push(partition);
        self.epoch += 1;
        request
    }

    pub(crate) async fn fetch(&mut self, kit: &mut Kit, topic: Uuid, records: i32) -> Vec<Run> {
        let request = self.request(topic, records);
        let response = kit.call(2, &request).await;
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
        runs(&response)
    }

    pub(crate) async fn say(&mut self, kit: &mut Kit, topic: Uuid, said: &[(i64, i64, i8)]) -> ErrorCode {
        let mut partition = AcknowledgePartition::default();
        partition.acknowledgement_batches = said
            .iter()
            .map(|(first, last, kind)| {
                let mut batch = acknowledges::AcknowledgementBatch::default();
                (batch.first_offset, batch.last_offset) = (*first, *last);
                batch.acknowledge_types = vec![*kind];
                batch
            })
            .collect();
        let mut one = AcknowledgeTopic::default();
        one.topic_id = topic;
        one.partitions.push(partition);
        let mut request = ShareAcknowledgeRequest::default();
        (request.group_id, request.member_id) = (Some(text("g")), Some(text(self.id)));
        request.share_session_epoch = self.epoch;
        request.is_renew_ack = said.iter().any(|(.., kind)| *kind == RENEW);
        request.topics.push(one);
        self.epoch += 1;
        let response = kit.call(2, &request).await;
        assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
        response.responses[0].partitions[0].error_code
    }
}

pub(crate) fn runs(response: &fetches::ShareFetchResponse) -> Vec<Run> {
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    partitions
        .flat_map(|partition| {
            assert_eq!(partition.error_code, ErrorCode::NONE, "{partition:?}");
            partition.acquired_records.iter()
        })
        .map(|run| (run.first_offset, run.last_offset, run.delivery_count))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_record_is_handed_to_one_member_at_a_time() {
    let (mut kit, topic) = kit().await;
    let (mut one, mut other) = (Member::new("m"), Member::new("n"));
    assert_eq!(one.fetch(&mut kit, topic, 4).await, [(0, 3, 1)]);
    assert_eq!(other.fetch(&mut kit, topic, 100).await, [(4, 9, 1)]);
    assert_eq!(one.fetch(&mut kit, topic, 100).await, []);
    assert_eq!(other.say(&mut kit, topic, &[(0, 3, ACCEPT)]).await, ErrorCode::INVALID_RECORD_STATE);
    assert_eq!(one.say(&mut kit, topic, &[(0, 1, ACCEPT), (2, 2, RELEASE)]).await, ErrorCode::NONE);
    assert_eq!(one.say(&mut kit, topic, &[(2, 2, ACCEPT)]).await, ErrorCode::INVALID_RECORD_STATE);
    assert_eq!(other.fetch(&mut kit, topic, 100).await, [(2, 2, 2)]);
    assert_eq!(one.say(&mut kit, topic, &[(3, 3, REJECT)]).await, ErrorCode::NONE);
    assert_eq!(other.say(&mut kit, topic, &[(2, 2, ACCEPT), (4, 9, ACCEPT)]).await, ErrorCode::NONE);
    assert_eq!(one.fetch(&mut kit, topic, 100).await, []);
}

#[tokio::test(start_paused = true)]
async fn nothing_accepted_comes_again_after_a_crash_and_nothing_else_is_lost() {
    for seed in 0..20 {
        let end = if seed == 0 { End::Kill } else { End::PowerLoss(seed) };
        let (mut kit, topic) = kit().await;
        let mut member = Member::new("m");
        assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
        assert_eq!(
            member.say(&mut kit, topic, &[(0, 2, ACCEPT), (5, 5, ACCEPT), (6, 6, RELEASE)]).await,
            ErrorCode::NONE
        );
        let mut kit = kit.reopened(end).await;
        let mut member = Member::new("m");
        let again = member.fetch(&mut kit, topic, 100).await;
        let offsets: Vec<_> = again.iter().flat_map(|(first, last, _)| *first..=*last).collect();
        assert_eq!(offsets, [3, 4, 6, 7, 8, 9], "{end:?}");
        assert!(again.contains(&(6, 6, 2)), "{end:?}: {again:?}");
    }
}

/// Kafka forgets where a group began that has not acknowledged anything, and begins at the new end.
#[tokio::test(start_paused = true)]
async fn a_group_that_begins_at_the_end_misses_nothing_after_a_crash() {
    let (mut kit, topic) = kit().await;
    set(&mut kit, "share.auto.offset.reset", "latest").await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, []);
    assert_eq!(kit.produce("t", 0, batch(&["v"])).await.error_code, ErrorCode::NONE);
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(Member::new("m").fetch(&mut kit, topic, 100).await, [(10, 10, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_lock_ends_unless_it_is_renewed_and_a_record_is_given_up_in_the_end() {
    let (mut kit, topic) = kit().await;
    set(&mut kit, "share.delivery.count.limit", "2").await;
    let mut member = Member::new("m");
    let mut other = Member::new("n");
    assert_eq!(member.fetch(&mut kit, topic, 10).await, [(0, 9, 1)]);
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(member.say(&mut kit, topic, &[(0, 0, RENEW)]).await, ErrorCode::NONE);
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(other.fetch(&mut kit, topic, 100).await, [(1, 9, 2)]);
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(other.fetch(&mut kit, topic, 100).await, [(0, 0, 2)], "the others were delivered twice");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_waits_until_there_is_something_for_it() {
    let (mut kit, topic) = kit().await;
    let (mut one, mut other) = (Member::new("m"), Member::new("n"));
    assert_eq!(one.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    let mut request = other.request(topic, 100);
    request.max_wait_ms = 60_000;
    let waits = tokio::spawn(kit.handle(2, &request).reply());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!waits.is_finished());
    assert_eq!(one.say(&mut kit, topic, &[(7, 8, RELEASE)]).await, ErrorCode::NONE);
    let response = crate::harness::response::<ShareFetchRequest>(2, waits.await.unwrap());
    assert_eq!(runs(&response), [(7, 8, 2)]);
}

#[tokio::test(start_paused = true)]
async fn sessions_count_and_end() {
    let (mut kit, topic) = kit().await;
    let mut member = Member::new("m");
    let mut request = member.request(topic, 3);
    request.share_session_epoch = 3;
    assert_eq!(kit.call(2, &request).await.error_code, ErrorCode::SHARE_SESSION_NOT_FOUND);
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 3).await, [(0, 2, 1)]);
    let mut request = member.request(topic, 3);
    request.share_session_epoch = 7;
    assert_eq!(kit.call(2, &request).await.error_code, ErrorCode::INVALID_SHARE_SESSION_EPOCH);
    request.share_session_epoch = -1;
    assert_eq!(kit.call(2, &request).await.error_code, ErrorCode::NONE);
    // What it had is there for others.
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 3).await, [(0, 2, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_session_begins_with_all_its_partitions_and_members_have_short_names() {
    let (mut kit, topic) = kit().await;
    let mut early = Member::new("e");
    assert!(!early.fetch(&mut kit, topic, 100).await.is_empty(), "all there is");
    // Nothing is left, which is told of each partition once.
    let mut member = Member::new("m");
    let request = member.request(topic, 3);
    let response = kit.call(2, &request).await;
    assert_eq!((response.responses.len(), runs(&response)), (1, vec![]));
    let request = member.request(topic, 3);
    assert_eq!(kit.call(2, &request).await.responses, []);
    // Of a partition that nobody fetched there is nothing to say.
    let mut unknown = AcknowledgePartition::default();
    unknown.partition_index = 7;
    let mut batch = acknowledges::AcknowledgementBatch::default();
    batch.acknowledge_types = vec![1];
    unknown.acknowledgement_batches.push(batch);
    let mut of_topic = AcknowledgeTopic::default();
    of_topic.topic_id = topic;
    of_topic.partitions.push(unknown);
    let mut request = ShareAcknowledgeRequest::default();
    (request.group_id, request.member_id) = (Some(text("g")), Some(text("m")));
    (request.share_session_epoch, request.topics) = (2, vec![of_topic]);
    let response = kit.call(2, &request).await;
    assert_eq!(response.responses[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    // A record may be named twice in a row, but is nobody's the second time, and so nothing of it holds.
    let twice = early.say(&mut kit, topic, &[(0, 1, ACCEPT), (1, 1, ACCEPT)]).await;
    assert_eq!(twice, ErrorCode::INVALID_RECORD_STATE);
    assert_eq!(early.say(&mut kit, topic, &[(0, 1, ACCEPT)]).await, ErrorCode::NONE);
    // An id is a UUID in one of its forms.
    let long = "m".repeat(37);
    let mut request = member.request(topic, 3);
    request.member_id = Some(text(&long));
    assert_eq!(kit.call(2, &request).await.error_code, ErrorCode::INVALID_REQUEST);
    assert_eq!(kit.call(1, &heartbeat(&long, 0)).await.error_code, ErrorCode::INVALID_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_with_its_connection() {
    let (mut kit, topic) = kit().await;
    assert_eq!(Member::new("m").fetch(&mut kit, topic, 3).await, [(0, 2, 1)]);
    let gone = std::mem::replace(&mut kit.session, kit.broker.session("PLAINTEXT"));
    let mut other = Member::new("n");
    assert_eq!(other.fetch(&mut kit, topic, 3).await, [(3, 5, 1)]);
    drop(gone);
    assert_eq!(other.fetch(&mut kit, topic, 3).await, [(0, 2, 2)]);
    // A session that was begun again is that of the later connection.
    let mut again = Member::new("n");
    assert_eq!(again.fetch(&mut kit, topic, 3).await, [(6, 8, 1)]);
}

#[tokio::test(start_paused = true)]
async fn members_come_go_and_are_told_when_they_are_wrong() {
    let (mut kit, _) = kit().await;
    let wrong = [
        (heartbeat("", 0), ErrorCode::INVALID_REQUEST),
        (heartbeat("m", -2), ErrorCode::INVALID_REQUEST),
        (heartbeat("other", 3), ErrorCode::UNKNOWN_MEMBER_ID),
        (heartbeat("other", -1), ErrorCode::UNKNOWN_MEMBER_ID),
        (heartbeat("m", 77), ErrorCode::FENCED_MEMBER_EPOCH),
        (heartbeat("m", 1), ErrorCode::FENCED_MEMBER_EPOCH),
    ];
    for (request, code) in wrong {
        assert_eq!(kit.call(1, &request).await.error_code, code, "{request:?}");
    }
    let describe = |group: &str| {
        let mut request = ShareGroupDescribeRequest::default();
        request.group_ids = vec![text(group)];
        request
    };
    assert_eq!(kit.call(1, &describe("x")).await.groups[0].error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    let group = kit.call(1, &describe("g")).await.groups.remove(0);
    assert_eq!((group.group_state.as_str(), group.members.len()), ("Stable", 1));
    assert_eq!(group.members[0].assignment.topic_partitions[0].topic_name, text("t"));
    let mut kit = kit.reopened(End::Kill).await;
    let same = kit.call(1, &describe("g")).await.groups.remove(0);
    assert_eq!(same, group, "a restart finds the group as it was");
    tokio::time::advance(Duration::from_secs(46)).await;
    let group = kit.call(1, &describe("g")).await.groups.remove(0);
    assert_eq!((group.group_state.as_str(), group.members.len()), ("Empty", 0), "its session is over");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_takes_no_record_from_who_holds_it() {
    let (mut kit, topic) = kit().await;
    let (mut one, mut other) = (Member::new("m"), Member::new("n"));
    assert_eq!(one.fetch(&mut kit, topic, 4).await, [(0, 3, 1)]);
    assert_eq!(other.fetch(&mut kit, topic, 3).await, [(4, 6, 1)]);
    kit.disk.inject(Fault::new(Call::Write, FaultError::NoSpace).with_path("__share_group_state-"));
    assert_eq!(other.say(&mut kit, topic, &[(4, 4, ACCEPT)]).await, ErrorCode::NOT_COORDINATOR);
    kit.disk.heal();
    assert_eq!(other.fetch(&mut kit, topic, 100).await, [(7, 9, 1)], "the others are held");
    assert_eq!(other.say(&mut kit, topic, &[(4, 9, ACCEPT)]).await, ErrorCode::NONE);
    assert_eq!(one.say(&mut kit, topic, &[(0, 3, ACCEPT)]).await, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn only_a_group_without_members_begins_elsewhere() {
    let (mut kit, topic) = kit().await;
    let mut partition = AlterShareGroupOffsetsRequestPartition::default();
    partition.start_offset = 4;
    let mut one = AlterShareGroupOffsetsRequestTopic::default();
    one.topic_name = text("t");
    one.partitions.push(partition);
    let mut alter = AlterShareGroupOffsetsRequest::default();
    alter.group_id = text("g");
    alter.topics.push(one);
    assert_eq!(kit.call(0, &alter).await.error_code, ErrorCode::NON_EMPTY_GROUP);
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 3).await, [(0, 2, 1)]);
    kit.call(1, &heartbeat("m", -1)).await;
    let altered = kit.call(0, &alter).await;
    assert_eq!((altered.error_code, altered.responses[0].partitions[0].error_code), Default::default());
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 100).await, [(4, 9, 1)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_of_a_request_does_not_keep_its_frame() {
    let (mut kit, topic) = kit().await;
    let mut member = Member::new("n");
    assert!(!kit.keeps_its_frame(1, &heartbeat("n", 0)).await);
    let fetch = member.request(topic, 5);
    assert!(!kit.keeps_its_frame(2, &fetch).await);
    // The fetch began a session, and handed records to the member.
    let again = member.request(topic, 5);
    assert!(!kit.keeps_its_frame(2, &again).await);
    assert_eq!(Member::new("o").fetch(&mut kit, topic, 100).await, []);
}
