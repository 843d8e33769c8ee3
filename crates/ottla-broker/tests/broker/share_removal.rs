//! States of share groups are gone with their topic, with their group, and when they are deleted; and the power may fail at
//! every single change of the disk.

use std::collections::BTreeSet;
use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::internal::ShareCoordinatorKey;
use ottla_protocol::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition, AlterShareGroupOffsetsRequestTopic,
};
use ottla_protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla_protocol::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequestTopic,
};
use ottla_protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
};
use ottla_protocol::messages::list_groups::ListGroupsRequest;
use ottla_protocol::messages::share_fetch::ShareFetchRequest;
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{DecodeLimits, Uuid};

use crate::fetch::{only, request};
use crate::harness::{End, Kit, response, text};
use crate::share_groups::{ACCEPT, Member, heartbeat, join, kit_with};
use crate::share_pruning::{EARLIEST, STATES, offset};

/// A group that has accepted the first three records of ten, and has no member.
async fn stage() -> (Kit, Uuid) {
    let (mut kit, topic) = kit_with(&[("share.coordinator.state.topic.num.partitions", "1")]).await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 3).await, [(0, 2, 1)]);
    assert_eq!(member.say(&mut kit, topic, &[(0, 2, ACCEPT)]).await, ErrorCode::NONE);
    assert_eq!(kit.call(1, &heartbeat("m", -1)).await.error_code, ErrorCode::NONE);
    (kit, topic)
}

/// The states that the share coordinator has: group, topic and partition.
async fn states(kit: &mut Kit) -> BTreeSet<(String, [u8; 16], i32)> {
    let id = kit.topics().await.into_iter().find(|(name, ..)| name == STATES).unwrap().1;
    let from = offset(kit, EARLIEST).await;
    let response = kit.call(18, &request(&[(id, 0, from)])).await;
    let mut bytes = only(&response).records.clone().unwrap().into_bytes();
    let mut states = BTreeSet::new();
    while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
        for record in &batch.records(&DecodeLimits::default()).unwrap() {
            let record = record.unwrap();
            let key = bytes::Bytes::copy_from_slice(record.key.unwrap());
            let ShareCoordinatorKey::ShareSnapshot(key) = ShareCoordinatorKey::decode(&key).unwrap() else {
                continue;
            };
            let state = (key.group_id.to_string(), key.topic_id.0, key.partition);
            match record.value {
                Some(_) => states.insert(state),
                None => states.remove(&state),
            };
        }
    }
    states
}

/// Where the group `g` is in the topics that it knows it has states of.
async fn known(kit: &mut Kit) -> Vec<(String, i64)> {
    let mut group = DescribeShareGroupOffsetsRequestGroup::default();
    (group.group_id, group.topics) = (text("g"), None);
    let mut request = DescribeShareGroupOffsetsRequest::default();
    request.groups.push(group);
    let response = kit.call(0, &request).await;
    let topics = response.groups[0].topics.iter();
    let of = |topic: &ottla_protocol::messages::describe_share_group_offsets::DescribeShareGroupOffsetsResponseTopic| {
        (topic.topic_name.to_string(), topic.partitions[0].start_offset)
    };
    topics.map(of).collect()
}

async fn delete_topic(kit: &mut Kit) -> ErrorCode {
    let mut request = DeleteTopicsRequest::default();
    request.topics.push(DeleteTopicState::default().with_name(Some(text("t"))));
    request.timeout_ms = 5_000;
    kit.call(6, &request).await.responses[0].error_code
}

async fn delete_group(kit: &mut Kit) -> ErrorCode {
    let mut request = DeleteGroupsRequest::default();
    request.groups_names = vec![text("g")];
    kit.call(2, &request).await.results[0].error_code
}

async fn delete_offsets(kit: &mut Kit) -> ErrorCode {
    let mut request = DeleteShareGroupOffsetsRequest::default();
    request.group_id = text("g");
    request.topics.push(DeleteShareGroupOffsetsRequestTopic::default().with_topic_name(text("t")));
    let response = kit.call(0, &request).await;
    match response.error_code {
        ErrorCode::NONE => response.responses[0].error_code,
        code => code,
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_begins_with_a_topic_that_is_there_though_none_of_its_partitions_are() {
    let (mut kit, _) = kit_with(&[]).await;
    let ask = |group: &str, topics: &[(&str, &[i32])]| {
        let mut request = AlterShareGroupOffsetsRequest::default();
        request.group_id = text(group);
        for (name, indexes) in topics {
            let mut topic = AlterShareGroupOffsetsRequestTopic::default();
            topic.topic_name = text(name);
            topic.partitions.extend(indexes.iter().map(|index| {
                let mut partition = AlterShareGroupOffsetsRequestPartition::default();
                partition.partition_index = *index;
                partition
            }));
            request.topics.push(topic);
        }
        request
    };
    let response = kit.call(0, &ask("nothing", &[("no", &[])])).await;
    assert_eq!((response.error_code, response.responses.len()), (ErrorCode::NONE, 0));
    let response = kit.call(0, &ask("unknown", &[("no", &[0])])).await;
    let code = response.responses[0].partitions[0].error_code;
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let response = kit.call(0, &ask("begun", &[("t", &[])])).await;
    assert_eq!((response.responses.len(), response.responses[0].partitions.len()), (1, 0));
    let mut names = Vec::new();
    for group in kit.call(5, &ListGroupsRequest::default()).await.groups {
        names.push(group.group_id.to_string());
    }
    assert_eq!(names, ["g", "begun"]);
}

async fn alter(kit: &mut Kit, start_offset: i64) -> ErrorCode {
    let mut partition = AlterShareGroupOffsetsRequestPartition::default();
    partition.start_offset = start_offset;
    let mut topic = AlterShareGroupOffsetsRequestTopic::default();
    topic.topic_name = text("t");
    topic.partitions.push(partition);
    let mut request = AlterShareGroupOffsetsRequest::default();
    request.group_id = text("g");
    request.topics.push(topic);
    let response = kit.call(0, &request).await;
    match response.error_code {
        ErrorCode::NONE => response.responses[0].partitions[0].error_code,
        code => code,
    }
}

/// Lets the broker finish what it found half done.
async fn settle() {
    for _ in 0..20 {
        tokio::time::advance(Duration::from_millis(500)).await;
        tokio::task::yield_now().await;
    }
}

async fn has_topic(kit: &mut Kit) -> bool {
    kit.topics().await.iter().any(|(name, ..)| name == "t")
}

#[tokio::test(start_paused = true)]
async fn the_states_of_a_topic_are_gone_with_it() {
    let (mut kit, topic) = stage().await;
    let epoch = join(&mut kit, "n").await;
    let mut member = Member::new("n");
    assert_eq!(member.fetch(&mut kit, topic, 3).await, [(3, 5, 1)]);
    assert_eq!(known(&mut kit).await, [("t".to_owned(), 0)]); // as in Kafka, until the next is acknowledged
    assert_eq!(states(&mut kit).await, BTreeSet::from([("g".to_owned(), topic.0, 0)]));
    assert_eq!(delete_topic(&mut kit).await, ErrorCode::NONE);
    assert_eq!(states(&mut kit).await, BTreeSet::new());
    assert_eq!(known(&mut kit).await, []);
    kit.clock.advance(1_000); // an assignment a second
    let told = kit.call(1, &heartbeat("n", epoch)).await;
    assert_eq!(told.error_code, ErrorCode::NONE);
    assert_eq!(told.assignment.unwrap().topic_partitions, []);
    // One of the same name is another.
    let other = kit.create("t", 1, &[]).await;
    kit.produce("t", 0, crate::harness::batch(&["v"])).await;
    join(&mut kit, "n").await;
    assert_eq!(Member::new("n").fetch(&mut kit, other, 3).await, [(0, 0, 1)]);
    assert_eq!(states(&mut kit).await, BTreeSet::from([("g".to_owned(), other.0, 0)]));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_records_of_a_topic_that_is_deleted_is_told_so() {
    let (mut kit, topic) = stage().await;
    let mut member = Member::new("n");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(3, 9, 1)]);
    let mut request = member.request(topic, 100);
    request.max_wait_ms = 60_000;
    let waits = tokio::spawn(kit.handle(2, &request).reply());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!waits.is_finished());
    assert_eq!(delete_topic(&mut kit).await, ErrorCode::NONE);
    let begun = tokio::time::Instant::now();
    let told = response::<ShareFetchRequest>(2, waits.await.unwrap());
    assert_eq!(told.responses[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_states_of_a_topic_are_gone_with_it_wherever_the_power_fails() {
    for nth in 1..200 {
        let (mut kit, _) = stage().await;
        kit.disk.power_off_at(nth);
        let answered = delete_topic(&mut kit).await;
        settle().await;
        let is_through = !kit.disk.is_dead();
        let mut kit = kit.reopened(End::PowerLoss(nth)).await;
        settle().await;
        let is_there = has_topic(&mut kit).await;
        assert!(!is_there || answered.is_err(), "power off at {nth}");
        let left = usize::from(is_there);
        assert_eq!(states(&mut kit).await.len(), left, "power off at {nth}");
        assert_eq!(known(&mut kit).await.len(), left, "power off at {nth}");
        if is_through {
            assert!(nth > 3, "a deletion is more than {nth} calls of the disk");
            return;
        }
    }
    panic!("it takes no end");
}

#[tokio::test(start_paused = true)]
async fn a_group_leaves_no_states_wherever_the_power_fails() {
    for nth in 1..200 {
        let (mut kit, _) = stage().await;
        kit.disk.power_off_at(nth);
        let answered = delete_group(&mut kit).await;
        let is_through = !kit.disk.is_dead();
        let mut kit = kit.reopened(End::PowerLoss(nth)).await;
        settle().await;
        let known = known(&mut kit).await;
        assert_eq!(states(&mut kit).await.len(), known.len(), "power off at {nth}");
        let again = delete_group(&mut kit).await;
        let expected = if answered.is_none() {
            vec![ErrorCode::GROUP_ID_NOT_FOUND]
        } else {
            vec![ErrorCode::NONE, ErrorCode::GROUP_ID_NOT_FOUND]
        };
        assert!(expected.contains(&again), "power off at {nth}: {again:?}");
        assert_eq!(states(&mut kit).await.len(), 0, "power off at {nth}");
        if is_through {
            assert!(nth > 3, "a deletion is more than {nth} calls of the disk");
            return;
        }
    }
    panic!("it takes no end");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_forgets_a_topic_begins_it_anew_wherever_the_power_fails() {
    for nth in 1..200 {
        let (mut kit, topic) = stage().await;
        kit.disk.power_off_at(nth);
        let answered = delete_offsets(&mut kit).await;
        let is_through = !kit.disk.is_dead();
        let mut kit = kit.reopened(End::PowerLoss(nth)).await;
        settle().await;
        let known = known(&mut kit).await;
        assert_eq!(states(&mut kit).await.len(), known.len(), "power off at {nth}");
        assert!(answered.is_err() || known.is_empty(), "power off at {nth}");
        join(&mut kit, "n").await;
        let first = if known.is_empty() { 0 } else { 3 };
        assert_eq!(Member::new("n").fetch(&mut kit, topic, 100).await, [(first, 9, 1)], "power off at {nth}");
        if is_through {
            assert!(nth > 3, "a deletion is more than {nth} calls of the disk");
            return;
        }
    }
    panic!("it takes no end");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_to_begin_elsewhere_does_wherever_the_power_fails() {
    for is_new in [false, true] {
        for nth in 1.. {
            let (mut kit, topic) = stage().await;
            if is_new {
                assert_eq!(delete_group(&mut kit).await, ErrorCode::NONE);
            }
            kit.disk.power_off_at(nth);
            let answered = alter(&mut kit, 5).await;
            let is_through = !kit.disk.is_dead();
            let mut kit = kit.reopened(End::PowerLoss(nth)).await;
            settle().await;
            let before = if is_new { 0 } else { 3 };
            join(&mut kit, "n").await;
            let found = Member::new("n").fetch(&mut kit, topic, 100).await;
            let is_altered = found == [(5, 9, 1)];
            assert!(is_altered || answered.is_err() && found == [(before, 9, 1)], "at {nth}: {found:?}");
            // Whatever states there are, the group knows of them.
            assert_eq!(kit.call(1, &heartbeat("n", -1)).await.error_code, ErrorCode::NONE);
            assert_eq!(delete_group(&mut kit).await, ErrorCode::NONE, "at {nth}");
            assert_eq!(states(&mut kit).await.len(), 0, "at {nth}");
            if is_through {
                assert!(nth > 3, "it is more than {nth} calls of the disk");
                break;
            }
        }
    }
}
