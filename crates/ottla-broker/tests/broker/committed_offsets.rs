//! Committing offsets, fetching and deleting them. Codes, orders and forms are those of Kafka 4.3.1.

use std::path::Path;
use std::time::Duration;

use ottla_broker::Handling;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla_protocol::messages::delete_topics::DeleteTopicsRequest;
use ottla_protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::describe_groups::DescribeGroupsRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::list_groups::ListGroupsRequest;
use ottla_protocol::messages::metadata::MetadataRequest;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla_protocol::wire::Uuid;
use ottla_storage::disk::{Call, Fault, FaultError};
use tokio::time::sleep;

use crate::harness::{End, Kit, NOW_MS, response, text};

const MINUTE_MS: i64 = 60_000;

/// A broker with a coordinator, and with a topic `t` of three partitions.
pub(crate) async fn kit() -> Kit {
    kit_with(&[]).await
}

pub(crate) async fn kit_with(config: &[(&str, &str)]) -> Kit {
    let mut kit = Kit::with(config).await;
    find(&mut kit).await;
    kit.create("t", 3, &[]).await;
    kit
}

/// Has the coordinator's topic created.
pub(crate) async fn find(kit: &mut Kit) {
    let found = kit.call(6, &FindCoordinatorRequest::default().with_coordinator_keys(vec![text("")])).await;
    assert_eq!(found.coordinators[0].error_code, ErrorCode::NONE);
}

pub(crate) fn partition(index: i32, offset: i64) -> OffsetCommitRequestPartition {
    let mut partition = OffsetCommitRequestPartition::default();
    partition.partition_index = index;
    partition.committed_offset = offset;
    partition
}

pub(crate) fn topic(name: &str, partitions: &[(i32, i64)]) -> OffsetCommitRequestTopic {
    let mut topic = OffsetCommitRequestTopic::default();
    topic.name = text(name);
    topic.partitions = partitions.iter().map(|(index, offset)| partition(*index, *offset)).collect();
    topic
}

/// A commit by nobody's member.
pub(crate) fn commit(group: &str, topics: Vec<OffsetCommitRequestTopic>) -> OffsetCommitRequest {
    let mut request = OffsetCommitRequest::default();
    request.group_id = text(group);
    request.topics = topics;
    request
}

/// Topics and partitions with their codes, in the order of the response.
fn codes(response: &OffsetCommitResponse) -> Vec<(String, Vec<(i32, ErrorCode)>)> {
    let topics = response.topics.iter();
    topics
        .map(|t| {
            (t.name.to_string(), t.partitions.iter().map(|p| (p.partition_index, p.error_code)).collect())
        })
        .collect()
}

/// The code of the only partition.
pub(crate) fn code(response: &OffsetCommitResponse) -> ErrorCode {
    response.topics[0].partitions[0].error_code
}

fn fetch_all(group: &str, version: i16) -> OffsetFetchRequest {
    let mut request = OffsetFetchRequest::default();
    if version < 8 {
        request.group_id = text(group);
        request.topics = None;
    } else {
        let mut asked = OffsetFetchRequestGroup::default();
        asked.group_id = text(group);
        asked.topics = None;
        request.groups = vec![asked];
    }
    request
}

/// All that a group has committed: topic, partition and offset.
pub(crate) async fn committed(kit: &mut Kit, group: &str) -> Vec<(String, i32, i64)> {
    let response = kit.call(9, &fetch_all(group, 9)).await;
    assert_eq!(response.groups[0].error_code, ErrorCode::NONE);
    let topics = response.groups[0].topics.iter();
    topics
        .flat_map(|t| {
            t.partitions.iter().map(|p| (t.name.to_string(), p.partition_index, p.committed_offset))
        })
        .collect()
}

async fn groups(kit: &mut Kit) -> Vec<String> {
    let response = kit.call(5, &ListGroupsRequest::default()).await;
    assert_eq!(response.error_code, ErrorCode::NONE);
    let mut groups: Vec<_> = response.groups.iter().map(|group| group.group_id.to_string()).collect();
    groups.sort();
    groups
}

#[tokio::test(start_paused = true)]
async fn what_is_committed_is_fetched_in_every_version() {
    let mut kit = kit().await;
    let id = kit.topics().await.into_iter().find(|topic| topic.0 == "t").unwrap().1;
    for version in 2..=10 {
        let mut asked = topic("t", &[(1, i64::from(version))]);
        asked.topic_id = if version >= 10 { id } else { Uuid::ZERO };
        asked.partitions[0].committed_metadata = Some(text("note"));
        asked.partitions[0].committed_leader_epoch = if version >= 6 { 3 } else { -1 };
        let response = kit.call(version, &commit("g", vec![asked])).await;
        assert_eq!(code(&response), ErrorCode::NONE, "v{version}");
        assert_eq!(response.topics[0].topic_id, if version >= 10 { id } else { Uuid::ZERO });
    }
    for version in 2..=7 {
        let response = kit.call(version, &fetch_all("g", version)).await;
        let partition = &response.topics[0].partitions[0];
        assert_eq!((partition.partition_index, partition.committed_offset), (1, 10));
        assert_eq!(partition.metadata.as_deref(), Some("note"));
        assert_eq!(partition.committed_leader_epoch, if version >= 5 { 3 } else { -1 });
    }
    for version in 8..=10 {
        let response = kit.call(version, &fetch_all("g", version)).await;
        let topic = &response.groups[0].topics[0];
        assert_eq!(
            (topic.name.as_str(), topic.topic_id),
            if version < 10 { ("t", Uuid::ZERO) } else { ("", id) }
        );
        assert_eq!(topic.partitions[0].committed_offset, 10);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_is_answered_though_nothing_was_committed() {
    let mut kit = kit().await;
    let mut asked = OffsetFetchRequestTopic::default();
    asked.name = text("nope");
    asked.partition_indexes = vec![0, 7].into();
    let mut request = OffsetFetchRequest::default();
    request.group_id = text("g");
    request.topics = Some(vec![asked]);
    for version in 1..=7 {
        let response = kit.call(version, &request).await;
        let offsets: Vec<_> = response.topics[0]
            .partitions
            .iter()
            .map(|p| (p.partition_index, p.committed_offset, p.metadata.as_deref(), p.error_code))
            .collect();
        assert_eq!(offsets, [(0, -1, Some(""), ErrorCode::NONE), (7, -1, Some(""), ErrorCode::NONE)]);
    }
    assert_eq!(groups(&mut kit).await, Vec::<String>::new(), "asking makes no group");
}

#[tokio::test(start_paused = true)]
async fn a_topic_id_that_nobody_knows_is_answered_last() {
    let mut kit = kit().await;
    let id = kit.topics().await.into_iter().find(|topic| topic.0 == "t").unwrap().1;
    let wanted = |id, index: i32| {
        let mut topic = OffsetFetchRequestTopics::default();
        topic.topic_id = id;
        topic.partition_indexes = vec![index].into();
        topic
    };
    let nobodys = Uuid([7; 16]);
    let mut group = OffsetFetchRequestGroup::default();
    group.group_id = text("g");
    group.topics = Some(vec![wanted(nobodys, 0), wanted(id, 0), wanted(id, 1)]);
    let response = kit.call_now(10, &OffsetFetchRequest::default().with_groups(vec![group]));
    let answers: Vec<_> = response.groups[0]
        .topics
        .iter()
        .map(|t| (t.topic_id, t.partitions[0].partition_index, t.partitions[0].error_code))
        .collect();
    let none = ErrorCode::NONE;
    assert_eq!(answers, [(id, 0, none), (id, 1, none), (nobodys, 0, ErrorCode::UNKNOWN_TOPIC_ID)]);
}

#[tokio::test(start_paused = true)]
async fn partitions_that_do_not_exist_are_refused_and_the_others_kept() {
    let mut kit = kit().await;
    kit.create("u", 1, &[]).await;
    let request = commit(
        "g",
        vec![
            topic("nope", &[(0, 5)]),
            topic("t", &[(9, 5), (0, 7), (1, -5), (-1, 5)]),
            topic("u", &[(0, 1)]),
        ],
    );
    let (none, unknown) = (ErrorCode::NONE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(
        codes(&kit.call(9, &request).await),
        [
            ("nope".to_owned(), vec![(0, unknown)]),
            ("t".to_owned(), vec![(9, unknown), (-1, unknown), (0, none), (1, none)]),
            ("u".to_owned(), vec![(0, none)]),
        ]
    );
    let kept = [("t".to_owned(), 0, 7), ("t".to_owned(), 1, -5), ("u".to_owned(), 0, 1)];
    assert_eq!(committed(&mut kit, "g").await, kept);
    // With nothing that could be committed, the coordinator is not asked: no group comes of it.
    for topics in [vec![topic("nope", &[(0, 5)])], vec![], vec![topic("t", &[])]] {
        kit.call_now(9, &commit("other", topics));
    }
    assert_eq!(groups(&mut kit).await, ["g"]);
}

#[tokio::test(start_paused = true)]
async fn metadata_over_the_limit_is_refused_for_its_partition_alone() {
    let mut kit = kit_with(&[("offset.metadata.max.bytes", "4")]).await;
    let mut asked = topic("t", &[(2, 5), (0, 70)]);
    asked.partitions[0].committed_metadata = Some(text("12345"));
    asked.partitions[1].committed_metadata = Some(text("éééé")); // four characters to Java
    let response = kit.call(9, &commit("g", vec![asked])).await;
    assert_eq!(
        codes(&response),
        [("t".to_owned(), vec![(2, ErrorCode::OFFSET_METADATA_TOO_LARGE), (0, ErrorCode::NONE)])]
    );
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 70)]);
}

#[tokio::test(start_paused = true)]
async fn a_member_of_a_group_that_does_not_exist_commits_nothing() {
    let mut kit = kit().await;
    let mut request = commit("g", vec![topic("t", &[(0, 5)])]);
    request.generation_id_or_member_epoch = 3;
    request.member_id = text("m");
    assert_eq!(code(&kit.call_now(9, &request)), ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(code(&kit.call_now(8, &request)), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(groups(&mut kit).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn before_the_topic_of_groups_exists_there_is_no_coordinator() {
    let mut kit = Kit::new().await;
    kit.create("t", 1, &[]).await;
    let not = ErrorCode::NOT_COORDINATOR;
    assert_eq!(code(&kit.call_now(9, &commit("g", vec![topic("t", &[(0, 5)])]))), not);
    assert_eq!(kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code, not);
    assert_eq!(kit.call_now(7, &fetch_all("g", 7)).error_code, not);
    let mut asked = OffsetFetchRequestTopic::default();
    asked.name = text("t");
    asked.partition_indexes = vec![0].into();
    let mut old = OffsetFetchRequest::default();
    old.group_id = text("g");
    old.topics = Some(vec![asked]);
    let response = kit.call_now(1, &old);
    assert_eq!(response.topics[0].partitions[0].error_code, not, "version 1 has no other place for it");
    assert_eq!(kit.call_now(5, &ListGroupsRequest::default()).error_code, ErrorCode::NONE);
    let described = kit.call_now(6, &DescribeGroupsRequest::default().with_groups(vec![text("g")]));
    assert_eq!((described.groups[0].error_code, described.groups[0].group_state.as_str()), (not, ""));
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_seen_and_answered_when_it_is_durable() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.disk.hold(Call::Sync);
    let Handling::Later { reply, .. } = kit.handle(9, &commit("g", vec![topic("t", &[(0, 2)])])) else {
        panic!("the sync is held");
    };
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)]);
    let stable = kit.handle(9, &fetch_all("g", 9).with_require_stable(true));
    assert!(matches!(stable, Handling::Later { .. }), "who wants what is stable waits for it");
    kit.disk.release();
    assert_eq!(code(&response::<OffsetCommitRequest>(9, reply.await)), ErrorCode::NONE);
    let stable = response::<OffsetFetchRequest>(9, stable.reply().await);
    assert_eq!(stable.groups[0].topics[0].partitions[0].committed_offset, 2);
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_kept_though_its_client_is_gone() {
    let mut kit = kit().await;
    kit.disk.hold(Call::Sync);
    drop(kit.handle(9, &commit("g", vec![topic("t", &[(0, 2)])])));
    kit.disk.release();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_takes_too_long_is_no_coordinator() {
    let mut kit = kit_with(&[("offsets.commit.timeout.ms", "700")]).await;
    kit.disk.hold(Call::Sync);
    let started = tokio::time::Instant::now();
    let response = kit.call(9, &commit("g", vec![topic("t", &[(0, 2)])])).await;
    assert_eq!(code(&response), ErrorCode::COORDINATOR_NOT_AVAILABLE);
    assert_eq!(started.elapsed(), Duration::from_millis(700));
    kit.disk.release();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 2)], "it was not known, and came true");
}

/// As in Kafka, whose log then is offline; what is durable stays to be read here.
#[tokio::test(start_paused = true)]
async fn a_log_that_fails_takes_no_commit_and_loses_none() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.disk.inject(Fault::new(Call::Sync, FaultError::Io).with_path("__consumer_offsets-"));
    for _ in 0..3 {
        let response = kit.call(9, &commit("g", vec![topic("t", &[(0, 2)])])).await;
        assert_eq!(code(&response), ErrorCode::NOT_COORDINATOR);
        sleep(Duration::from_millis(1)).await; // it is loaded anew
        assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)]);
    }
    kit.disk.heal();
    let other = kit.call(9, &commit("h", vec![topic("t", &[(0, 2)])])).await;
    assert_eq!(code(&other), ErrorCode::NONE, "the groups of other partitions do not notice");
    let mut kit = kit.reopened(End::Kill).await;
    let offset = committed(&mut kit, "g").await[0].2;
    assert!(offset == 1 || offset == 2, "what was refused may have been written");
    assert_eq!(code(&kit.call(9, &commit("g", vec![topic("t", &[(0, 3)])])).await), ErrorCode::NONE);
}

/// The write fails after its append returned, and its offset in the log is given out anew.
#[tokio::test(start_paused = true)]
async fn a_commit_whose_write_is_lost_is_neither_answered_nor_seen() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.disk.hold(Call::Write);
    let lost = kit.handle(9, &commit("g", vec![topic("t", &[(0, 2), (1, 2)])]));
    let gone = kit.handle(9, &commit("g", vec![topic("t", &[(2, 2)])]));
    kit.disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("__consumer_offsets-"));
    drop(gone); // nobody asks what became of this one
    kit.disk.release();
    assert_eq!(code(&response::<OffsetCommitRequest>(9, lost.reply().await)), ErrorCode::NOT_COORDINATOR);
    kit.disk.heal();
    sleep(Duration::from_millis(1)).await; // it is loaded anew
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)]);
    assert_eq!(code(&kit.call(9, &commit("g", vec![topic("t", &[(0, 3)])])).await), ErrorCode::NONE);
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 3)]);
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_refuses_commits_until_there_is_room() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.disk.set_capacity(Some(0));
    let mut large = topic("t", &[(0, 2)]);
    large.partitions[0].committed_metadata = Some(text(&"x".repeat(4096)));
    let response = kit.call(9, &commit("g", vec![large.clone()])).await;
    assert_eq!(code(&response), ErrorCode::NOT_COORDINATOR);
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)]);
    kit.disk.set_capacity(None);
    assert_eq!(code(&kit.call(9, &commit("g", vec![large])).await), ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn offsets_survive_a_restart() {
    for end in [End::Close, End::Kill, End::PowerLoss(5)] {
        let mut kit = kit().await;
        kit.call(9, &commit("g", vec![topic("t", &[(0, 1), (2, 9)])])).await;
        kit.call(9, &commit("", vec![topic("t", &[(0, 4)])])).await;
        kit.call(9, &commit("g", vec![topic("t", &[(0, 3)])])).await;
        let mut kit = kit.reopened(end).await;
        assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 3), ("t".to_owned(), 2, 9)]);
        assert_eq!(committed(&mut kit, "").await, [("t".to_owned(), 0, 4)]);
        assert_eq!(groups(&mut kit).await, ["", "g"]);
    }
}

/// As Kafka, whose load fails: nothing is made up for what cannot be read.
#[tokio::test(start_paused = true)]
async fn a_damaged_log_has_no_coordinator_and_the_others_have() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.call(9, &commit("h", vec![topic("t", &[(0, 2)])])).await;
    let path = "__consumer_offsets-3/00000000000000000000.log"; // that of g
    kit.disk.edit(Path::new(path), |bytes| *bytes.last_mut().unwrap() ^= 1).unwrap();
    let mut kit = kit.reopened(End::Close).await;
    let not = ErrorCode::NOT_COORDINATOR;
    assert_eq!(code(&kit.call_now(9, &commit("g", vec![topic("t", &[(0, 5)])]))), not);
    assert_eq!(kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code, not);
    assert_eq!(committed(&mut kit, "h").await, [("t".to_owned(), 0, 2)]);
    assert_eq!(groups(&mut kit).await, ["h"]);
    let find = FindCoordinatorRequest::default().with_coordinator_keys(vec![text("g"), text("h")]);
    let found: Vec<_> = kit.call_now(6, &find).coordinators.iter().map(|c| c.error_code).collect();
    assert_eq!(found, [ErrorCode::COORDINATOR_NOT_AVAILABLE, ErrorCode::NONE]);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_could_not_be_read_is_read_again() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.broker.close().await.unwrap();
    let path = "__consumer_offsets-3/00000000000000000000.log"; // that of g
    let mut failed = 0;
    for skip in 0..10 {
        // The first readings are those of the storage, which does not open then.
        let fault = Fault::new(Call::Read, FaultError::Io).with_path(path).with_skip(skip).with_times(2);
        let Ok(mut kit) = kit.try_shadow(|disk| disk.inject(fault)).await else { continue };
        failed += usize::from(
            kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code == ErrorCode::NOT_COORDINATOR,
        );
        sleep(Duration::from_secs(4)).await;
        assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 1)], "{skip}");
    }
    assert!(failed > 0);
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_to_load_is_loaded_while_the_broker_serves() {
    let mut kit = kit_with(&[("offsets.topic.num.partitions", "1")]).await;
    let all: Vec<_> = (0..3).map(|index| (index, 1)).collect();
    for _ in 0..70 {
        let topics = (0..100).map(|_| topic("t", &all)).collect();
        kit.call(9, &commit("g", topics)).await;
    }
    let mut kit = kit.reopened(End::Close).await;
    let loading = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
    assert_eq!(kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code, loading);
    assert_eq!(code(&kit.call_now(9, &commit("g", vec![topic("t", &[(0, 5)])]))), loading);
    assert_eq!(kit.call_now(5, &ListGroupsRequest::default()).error_code, loading);
    while kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code == loading {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(committed(&mut kit, "g").await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn groups_are_described_listed_and_deleted_with_their_offsets() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1), (1, 1)])])).await;
    let mut describe = DescribeGroupsRequest::default();
    describe.groups = vec![text("g"), text("nix")];
    describe.include_authorized_operations = true;
    let described = kit.call_now(6, &describe).groups;
    assert_eq!((described[0].error_code, described[0].group_state.as_str()), (ErrorCode::NONE, "Empty"));
    assert_eq!((described[0].protocol_type.as_str(), described[0].authorized_operations), ("", 3400));
    assert_eq!(
        (described[1].error_code, described[1].group_state.as_str()),
        (ErrorCode::GROUP_ID_NOT_FOUND, "Dead")
    );
    assert_eq!(described[1].error_message.as_deref(), Some("Group nix not found."));
    assert_eq!(described[1].authorized_operations, i32::MIN, "of what is not there nothing is told");
    describe.include_authorized_operations = false;
    let described = kit.call_now(5, &describe).groups;
    assert_eq!((described[1].error_code, described[1].group_state.as_str()), (ErrorCode::NONE, "Dead"));
    assert_eq!(described[1].authorized_operations, i32::MIN);

    for (states, types, found) in [
        (vec![], vec![], true),
        (vec!["empty", "nope"], vec!["CLASSIC"], true),
        (vec!["Stable"], vec![], false),
        (vec![], vec!["consumer"], false),
    ] {
        let mut list = ListGroupsRequest::default();
        list.states_filter = states.into_iter().map(text).collect();
        list.types_filter = types.into_iter().map(text).collect();
        assert_eq!(kit.call_now(5, &list).groups.len(), usize::from(found), "{list:?}");
    }

    let mut delete = DeleteGroupsRequest::default();
    delete.groups_names = vec![text("g"), text("nix"), text("g")];
    let deleted = kit.call(2, &delete).await.results;
    let codes: Vec<_> = deleted.iter().map(|r| (r.group_id.as_str(), r.error_code)).collect();
    assert_eq!(codes, [("g", ErrorCode::NONE), ("nix", ErrorCode::GROUP_ID_NOT_FOUND)]);
    assert_eq!((groups(&mut kit).await, committed(&mut kit, "g").await), (Vec::<String>::new(), vec![]));
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!((groups(&mut kit).await, committed(&mut kit, "g").await), (Vec::<String>::new(), vec![]));
}

fn delete(group: &str, topics: &[(&str, &[i32])]) -> OffsetDeleteRequest {
    let topics = topics.iter().map(|(name, indexes)| {
        let partitions =
            indexes.iter().map(|index| OffsetDeleteRequestPartition::default().with_partition_index(*index));
        OffsetDeleteRequestTopic::default()
            .with_name(text(name))
            .with_partitions(partitions.collect::<Vec<_>>())
    });
    OffsetDeleteRequest::default().with_group_id(text(group)).with_topics(topics.collect::<Vec<_>>())
}

#[tokio::test(start_paused = true)]
async fn offsets_are_deleted_one_by_one() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1), (1, 1)])])).await;
    let response = kit.call(0, &delete("g", &[("t", &[0, 9, 2, 0]), ("nope", &[0])])).await;
    assert_eq!(response.error_code, ErrorCode::NONE);
    let (none, unknown) = (ErrorCode::NONE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let codes: Vec<_> = response
        .topics
        .iter()
        .map(|t| {
            let partitions = t.partitions.iter().map(|p| (p.partition_index, p.error_code));
            (t.name.as_str(), partitions.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        codes,
        [("t", vec![(9, unknown), (0, none), (2, none), (0, none)]), ("nope", vec![(0, unknown)])]
    );
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 1, 1)]);
    assert_eq!(kit.call_now(0, &delete("nix", &[("t", &[0])])).error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(kit.call_now(0, &delete("", &[("t", &[0])])).error_code, ErrorCode::INVALID_GROUP_ID);
}

/// A commit that is on its way to the disk is deleted too.
#[tokio::test(start_paused = true)]
async fn what_is_deleted_does_not_come_back_with_the_next_sync() {
    let mut kit = kit().await;
    kit.disk.hold(Call::Sync);
    let commit = kit.handle(9, &commit("g", vec![topic("t", &[(0, 1)])]));
    let deletion = kit.handle(0, &delete("g", &[("t", &[0])]));
    kit.disk.release();
    assert_eq!(code(&response::<OffsetCommitRequest>(9, commit.reply().await)), ErrorCode::NONE);
    assert_eq!(response::<OffsetDeleteRequest>(0, deletion.reply().await).error_code, ErrorCode::NONE);
    assert_eq!(committed(&mut kit, "g").await, []);
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(committed(&mut kit, "g").await, []);
}

pub(crate) async fn delete_topic(kit: &mut Kit, name: &str) -> ErrorCode {
    let mut request = DeleteTopicsRequest::default();
    request.topic_names = vec![text(name)];
    request.timeout_ms = 5000;
    kit.call(5, &request).await.responses[0].error_code
}

#[tokio::test(start_paused = true)]
async fn a_removed_topic_takes_its_offsets_with_it() {
    let mut kit = kit().await;
    kit.create("u", 1, &[]).await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)]), topic("u", &[(0, 8)])])).await;
    assert_eq!(delete_topic(&mut kit, "t").await, ErrorCode::NONE);
    assert_eq!(committed(&mut kit, "g").await, [("u".to_owned(), 0, 8)]);
    kit.create("t", 1, &[]).await;
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(committed(&mut kit, "g").await, [("u".to_owned(), 0, 8)]);
}

/// The coordinator's log takes no removal, so that the offset outlives its topic.
#[tokio::test(start_paused = true)]
async fn the_offset_of_an_earlier_topic_is_not_that_of_a_later_one() {
    let mut kit = kit().await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    kit.disk.inject(Fault::new(Call::Write, FaultError::Io).with_path("__consumer_offsets-"));
    assert_eq!(delete_topic(&mut kit, "t").await, ErrorCode::NONE);
    kit.disk.heal();
    kit.create("t", 1, &[]).await;
    assert_eq!(committed(&mut kit, "g").await, []);
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(committed(&mut kit, "g").await, []);
}

#[tokio::test(start_paused = true)]
async fn an_interval_without_end_is_one() {
    let longest = i64::MAX.to_string();
    let mut kit = kit_with(&[("offsets.retention.check.interval.ms", &longest)]).await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(committed(&mut kit, "g").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_topic_of_groups_is_listed_and_read_like_any_other() {
    let mut kit =
        kit_with(&[("offsets.topic.num.partitions", "1"), ("offsets.topic.segment.bytes", "2000000")]).await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    let listed = kit.call(13, &MetadataRequest::default().with_topics(None)).await.topics;
    let listed = listed.iter().find(|topic| topic.name.as_deref() == Some("__consumer_offsets")).unwrap();
    assert!(listed.is_internal);
    assert_eq!(listed.partitions.len(), 1);
    let fetched = kit.call_now(18, &crate::fetch::request(&[(listed.topic_id, 0, 0)]));
    assert_eq!(crate::fetch::only(&fetched).high_watermark, 1);

    let mut resource = DescribeConfigsResource::default();
    resource.resource_type = 2;
    resource.resource_name = text("__consumer_offsets");
    resource.configuration_keys = None;
    let described = kit.call_now(4, &DescribeConfigsRequest::default().with_resources(vec![resource]));
    let of_topic: Vec<_> = described.results[0]
        .configs
        .iter()
        .filter(|config| config.config_source == 1)
        .map(|config| (config.name.as_str(), config.value.as_deref()))
        .collect();
    let expected = [
        ("cleanup.policy", Some("compact")),
        ("compression.type", Some("producer")),
        ("segment.bytes", Some("2000000")),
    ];
    assert_eq!(of_topic, expected);
}

#[tokio::test(start_paused = true)]
async fn the_topic_of_groups_is_kept_from_clients() {
    let mut kit = kit().await;
    let produced = kit.produce("__consumer_offsets", 0, crate::harness::batch(&["x"])).await;
    assert_eq!(produced.error_code, ErrorCode::INVALID_TOPIC_EXCEPTION);
    assert_eq!(delete_topic(&mut kit, "__consumer_offsets").await, ErrorCode::INVALID_REQUEST);
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    assert_eq!(committed(&mut kit, "g").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn offsets_that_nobody_uses_expire_with_their_group() {
    let mut kit =
        kit_with(&[("offsets.retention.minutes", "10"), ("offsets.retention.check.interval.ms", "60000")])
            .await;
    kit.call(9, &commit("g", vec![topic("t", &[(0, 1)])])).await;
    let mut brief = commit("old", vec![topic("t", &[(0, 1)])]);
    brief.retention_time_ms = 2 * MINUTE_MS;
    kit.call(4, &brief).await;
    let minute = Duration::from_secs(60);
    for minutes in 1..=9 {
        kit.clock.set(NOW_MS + minutes * MINUTE_MS);
        sleep(minute).await;
        let left: &[&str] = if minutes < 2 { &["g", "old"] } else { &["g"] };
        assert_eq!(groups(&mut kit).await, left, "after {minutes} minutes");
    }
    kit.call(9, &commit("g", vec![topic("t", &[(1, 1)])])).await;
    kit.clock.set(NOW_MS + 10 * MINUTE_MS);
    sleep(minute).await;
    assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 1, 1)]);
    kit.clock.set(NOW_MS + 19 * MINUTE_MS);
    sleep(minute).await;
    assert_eq!(groups(&mut kit).await, Vec::<String>::new());
    let mut kit = kit.reopened(End::Kill).await;
    assert_eq!(groups(&mut kit).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_closed_coordinates_nothing() {
    let mut kit = kit().await;
    kit.broker.close().await.unwrap();
    let closed = ErrorCode::COORDINATOR_NOT_AVAILABLE;
    assert_eq!(code(&kit.call_now(9, &commit("g", vec![topic("t", &[(0, 1)])]))), closed);
    assert_eq!(kit.call_now(9, &fetch_all("g", 9)).groups[0].error_code, closed);
    assert_eq!(kit.call_now(5, &ListGroupsRequest::default()).error_code, closed);
}
