//! Groups and their offsets.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::Data;
use ottla_protocol::consumer_protocol::{
    AssignedPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use ottla_protocol::messages::consumer_group_describe;
use ottla_protocol::messages::describe_groups::{
    DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use ottla_protocol::messages::find_coordinator::{Coordinator, FindCoordinatorResponse};
use ottla_protocol::messages::offset_commit::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_protocol::wire::Str;
use tokio::time::Instant;

use super::*;
use crate::{CommittedOffset, GroupFilter, GroupKind, GroupOffsets, GroupState, Offset};

fn offsets(of: &[(i32, i64)]) -> GroupOffsets {
    of.iter()
        .map(|(partition, offset)| (at("t", *partition), CommittedOffset::new(Offset(*offset))))
        .collect()
}

fn keep<T>(refused: &mut i32, reply: T) -> Option<T> {
    *refused -= 1;
    (*refused >= 0).then_some(reply)
}

#[tokio::test(start_paused = true)]
async fn offsets_are_set_read_and_forgotten() {
    let cluster = ScriptedCluster::start(3);
    cluster.add_topic("t", 2);
    let admin = admin(&cluster).await;
    let mut set = offsets(&[(0, 7), (1, 9)]);
    set.insert(at("t", 1), CommittedOffset::new(Offset(9)).with_leader_epoch(4).with_metadata("noted"));
    let outcomes = admin.alter_group_offsets("g", &set).await.unwrap();
    assert!(outcomes.len() == 2 && outcomes.values().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(admin.group_offsets("g").await.unwrap(), set);
    let forgotten = admin.delete_group_offsets("g", [at("t", 0)]).await.unwrap();
    assert!(forgotten[&at("t", 0)].is_ok());
    assert_eq!(admin.group_offsets("g").await.unwrap().into_keys().collect::<Vec<_>>(), [at("t", 1)]);
    assert_eq!(admin.group_offsets("other").await.unwrap(), GroupOffsets::new());
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_with_one_partition_leaves_the_others_alone() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    let outcomes = admin.alter_group_offsets("g", &offsets(&[(0, 1), (5, 1)])).await.unwrap();
    assert!(outcomes[&at("t", 0)].is_ok());
    assert_eq!(code(&outcomes[&at("t", 5)]), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(cluster.committed("g", "t", 0), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_moved_is_looked_for_and_found() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    cluster.move_coordinator("g", NodeId(1));
    admin.alter_group_offsets("g", &offsets(&[(0, 1)])).await.unwrap();
    cluster.move_coordinator("g", NodeId(2));
    let outcomes = admin.alter_group_offsets("g", &offsets(&[(0, 2)])).await.unwrap();
    assert!(outcomes[&at("t", 0)].is_ok(), "{outcomes:?}");
    cluster.move_coordinator("g", NodeId(1));
    assert_eq!(admin.group_offsets("g").await.unwrap(), offsets(&[(0, 2)]));
    cluster.move_coordinator("g", NodeId(2));
    assert!(admin.describe_groups(["g"]).await["g"].is_ok());
    cluster.move_coordinator("g", NodeId(1));
    assert!(admin.delete_groups(["g"]).await["g"].is_ok());
    assert_eq!(code(&admin.delete_groups(["g"]).await["g"]), ErrorCode::GROUP_ID_NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_that_is_lost_is_looked_for_elsewhere() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    cluster.move_coordinator("g", NodeId(1));
    admin.alter_group_offsets("g", &offsets(&[(0, 1)])).await.unwrap();
    cluster.move_coordinator("g", NodeId(2));
    cluster.script(|node, request| match request {
        RequestBody::OffsetFetch(_) if node == NodeId(1) => Some(Reply::Close),
        _ => None,
    });
    assert_eq!(admin.group_offsets("g").await.unwrap(), offsets(&[(0, 1)]));
}

#[tokio::test(start_paused = true)]
async fn a_group_without_a_coordinator_is_waited_for_as_long_as_there_is_time() {
    let cluster = ScriptedCluster::start(1);
    let mut refusals = 3;
    cluster.script(move |_, request| match request {
        RequestBody::FindCoordinator(_) => {
            let mut coordinator = Coordinator::default();
            (coordinator.key, coordinator.node_id) = (Str::from("g"), -1);
            coordinator.error_code = ErrorCode::COORDINATOR_NOT_AVAILABLE;
            let mut answer = FindCoordinatorResponse::default();
            answer.coordinators = vec![coordinator];
            keep(&mut refusals, Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let admin = admin(&cluster).await;
    let began = Instant::now();
    assert!(admin.group_offsets("g").await.is_ok());
    assert!((Duration::from_millis(300)..Duration::from_secs(5)).contains(&began.elapsed()));

    cluster.script(|_, request| match request {
        RequestBody::FindCoordinator(_) => Some(Reply::Close),
        _ => None,
    });
    let error = admin.group_offsets("h").await.unwrap_err();
    let Error::Timeout { last: Some(last), .. } = &error else { panic!("{error}") };
    assert!(matches!(**last, Error::Connection { .. }), "{error}");
    assert!((50..=61).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_all_partitions_because_the_group_is_being_loaded_is_tried_again() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    let mut refusals = 2;
    cluster.script(move |_, request| match request {
        RequestBody::OffsetCommit(_) => {
            let mut partition = OffsetCommitResponsePartition::default();
            partition.error_code = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
            let mut topic = OffsetCommitResponseTopic::default();
            (topic.name, topic.partitions) = (Str::from("t"), vec![partition]);
            let mut answer = OffsetCommitResponse::default();
            answer.topics = vec![topic];
            keep(&mut refusals, Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let admin = admin(&cluster).await;
    let outcomes = admin.alter_group_offsets("g", &offsets(&[(0, 3)])).await.unwrap();
    assert!(outcomes[&at("t", 0)].is_ok(), "{outcomes:?}");
    assert_eq!((cluster.committed("g", "t", 0), asked(&cluster, ApiKey::OffsetCommit)), (Some(3), 3));
    assert_eq!(asked(&cluster, ApiKey::FindCoordinator), 1, "it is still the coordinator");
}

#[tokio::test(start_paused = true)]
async fn many_groups_cost_one_request_for_each_coordinator() {
    let cluster = ScriptedCluster::start(3);
    let admin = admin(&cluster).await;
    let groups: Vec<_> = (0..30).map(|group| Str::from(format!("g{group}"))).collect();
    let found = admin.offsets_of_groups(groups.iter().cloned()).await;
    assert!(found.len() == 30 && found.values().all(Result::is_ok), "{found:?}");
    assert_eq!(asked(&cluster, ApiKey::OffsetFetch), 3);
    let described = admin.describe_groups(groups).await;
    assert!(described.values().all(|outcome| code(outcome) == ErrorCode::GROUP_ID_NOT_FOUND));
    assert_eq!(asked(&cluster, ApiKey::DescribeGroups), 3);
}

#[tokio::test(start_paused = true)]
async fn old_brokers_are_asked_for_one_group_at_a_time_and_in_the_old_form() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    serve_only(
        &cluster,
        &[
            (ApiKey::Metadata, 5),
            (ApiKey::FindCoordinator, 1),
            (ApiKey::OffsetCommit, 2),
            (ApiKey::OffsetFetch, 2),
            (ApiKey::DescribeGroups, 0),
            (ApiKey::ListGroups, 0),
        ],
    );
    let admin = admin(&cluster).await;
    admin.alter_group_offsets("a", &offsets(&[(0, 1)])).await.unwrap();
    let found = admin.offsets_of_groups(["a", "b"]).await;
    assert_eq!(found["a"].as_ref().unwrap(), &offsets(&[(0, 1)]));
    assert!(found["b"].as_ref().unwrap().is_empty());
    assert_eq!(asked(&cluster, ApiKey::OffsetFetch), 2);
    assert_eq!(code(&admin.describe_groups(["b"]).await["b"]), ErrorCode::GROUP_ID_NOT_FOUND);
    let listed = admin.list_groups(&GroupFilter::all()).await.unwrap();
    assert_eq!((listed.groups[0].id.as_str(), &listed.groups[0].state), ("a", &None));
    let filtered = admin.list_groups(&GroupFilter::all().with_states([GroupState::Empty])).await.unwrap();
    assert!(matches!(filtered.failed[&NodeId(1)], Error::Unsupported { .. }));
}

#[tokio::test(start_paused = true)]
async fn groups_are_listed_by_all_brokers_and_one_that_fails_hides_only_its_own() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 1);
    let admin = admin(&cluster).await;
    for (group, node) in [("a", 1), ("b", 2), ("c", 1)] {
        cluster.move_coordinator(group, NodeId(node));
        admin.alter_group_offsets(group, &offsets(&[(0, 1)])).await.unwrap();
    }
    let all = admin.list_groups(&GroupFilter::all()).await.unwrap();
    let names =
        |list: &crate::GroupList| list.groups.iter().map(|group| group.id.to_string()).collect::<Vec<_>>();
    assert_eq!((names(&all), all.failed.len()), (vec!["a".into(), "b".into(), "c".into()], 0));
    assert_eq!((all.groups[1].coordinator, &all.groups[1].kind), (NodeId(2), &Some(GroupKind::Classic)));
    let stable = GroupFilter::all().with_states([GroupState::Stable]);
    assert!(admin.list_groups(&stable).await.unwrap().groups.is_empty());

    cluster.script(|node, request| match request {
        RequestBody::ListGroups(_) if node == NodeId(2) => Some(Reply::Close),
        _ => None,
    });
    let some = admin.list_groups(&GroupFilter::all()).await.unwrap();
    assert_eq!(names(&some), ["a", "c"]);
    assert!(matches!(some.failed[&NodeId(2)], Error::Timeout { .. }), "{:?}", some.failed);
}

#[tokio::test(start_paused = true)]
async fn members_are_described_with_what_they_read() {
    let cluster = ScriptedCluster::start(1);
    cluster.script(|_, request| match request {
        RequestBody::DescribeGroups(_) => {
            let mut subscription = ConsumerProtocolSubscription::default();
            subscription.topics = vec![Str::from("t")];
            let mut has = AssignedPartitions::default();
            (has.topic, has.partitions) = (Str::from("t"), [2, 0].into());
            let mut assignment = ConsumerProtocolAssignment::default();
            assignment.assigned_partitions = vec![has];
            let mut member = DescribedGroupMember::default();
            (member.member_id, member.client_host) = (Str::from("m-1"), Str::from("/10.0.0.1"));
            member.member_metadata = subscription.encode_versioned(1).unwrap();
            member.member_assignment = assignment.encode_versioned(1).unwrap();
            let mut odd = DescribedGroupMember::default();
            (odd.member_id, odd.member_metadata) =
                (Str::from("m-2"), Bytes::from_static(b"\xff\xffnonsense"));
            let mut group = DescribedGroup::default();
            (group.group_id, group.group_state) = (Str::from("g"), Str::from("Stable"));
            (group.protocol_type, group.protocol_data) = (Str::from("consumer"), Str::from("range"));
            group.members = vec![member, odd];
            let mut answer = DescribeGroupsResponse::default();
            answer.groups = vec![group];
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let described = admin(&cluster).await.describe_groups(["g"]).await.remove("g").unwrap().unwrap();
    assert_eq!((&described.state, described.assignor.as_str()), (&GroupState::Stable, "range"));
    let [member, odd] = &described.members[..] else { panic!("{described:?}") };
    assert_eq!(
        (&member.topics[..], &member.assignment[..]),
        (&[Str::from("t")][..], &[at("t", 0), at("t", 2)][..])
    );
    assert!(odd.topics.is_empty() && odd.assignment.is_empty(), "what cannot be read is no reason to fail");
    let owners: BTreeMap<_, _> = described.owners();
    assert_eq!(owners[&at("t", 2)].id, "m-1");
}

#[tokio::test(start_paused = true)]
async fn groups_of_the_newer_protocol_are_described_where_brokers_know_it() {
    let cluster = ScriptedCluster::start(1);
    cluster.script(|_, request| match request {
        RequestBody::ApiVersions(_) => Some(Reply::Answer(serving(&[
            (ApiKey::Metadata, 12),
            (ApiKey::FindCoordinator, 4),
            (ApiKey::DescribeGroups, 6),
            (ApiKey::ConsumerGroupDescribe, 1),
        ]))),
        RequestBody::ConsumerGroupDescribe(request) => {
            let mut has = consumer_group_describe::TopicPartitions::default();
            (has.topic_name, has.partitions) = (Str::from("t"), [1, 0].into());
            let mut member = consumer_group_describe::Member::default();
            member.member_id = Str::from("m");
            member.assignment.topic_partitions = vec![has];
            let describe = |id: &Str| {
                let mut group = consumer_group_describe::DescribedGroup::default();
                group.group_id = id.clone();
                (group.group_state, group.members) = (Str::from("Stable"), vec![member.clone()]);
                if id == "none" {
                    group.error_code = ErrorCode::GROUP_ID_NOT_FOUND;
                }
                group
            };
            let mut answer = consumer_group_describe::ConsumerGroupDescribeResponse::default();
            answer.groups = request.group_ids.iter().map(describe).collect();
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    let described = admin(&cluster).await.describe_groups(["new", "none"]).await;
    let new = described["new"].as_ref().unwrap();
    assert_eq!(
        (&new.kind, &new.members[0].assignment[..]),
        (&GroupKind::Consumer, &[at("t", 0), at("t", 1)][..])
    );
    assert_eq!(code(&described["none"]), ErrorCode::GROUP_ID_NOT_FOUND);
}
