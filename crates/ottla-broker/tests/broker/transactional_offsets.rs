//! Offsets of groups that are committed in transactions. Codes and what is seen when are those of Kafka 4.3.1.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use ottla_protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::wire::I32Array;
use ottla_storage::disk::Call;

use crate::harness::{End, Kit, text};
use crate::transactional::Transactional;

const GROUP: &str = "g";
/// What is answered for an offset that a transaction may still change.
const UNSTABLE: Result<i64, ErrorCode> = Err(ErrorCode::UNSTABLE_OFFSET_COMMIT);

async fn kit() -> (Kit, Transactional) {
    kit_with(&[]).await
}

async fn kit_with(config: &[(&str, &str)]) -> (Kit, Transactional) {
    let mut kit = Kit::with(config).await;
    kit.create("a", 3, &[]).await;
    let mut request = FindCoordinatorRequest::default();
    request.coordinator_keys = vec![text(GROUP)];
    assert_eq!(kit.call(4, &request).await.coordinators[0].error_code, ErrorCode::NONE);
    let producer = Transactional::new(&mut kit, "t").await;
    (kit, producer)
}

/// A commit of an offset for each partition of topic `a`, in order.
fn request(producer: &Transactional, offsets: &[i64]) -> TxnOffsetCommitRequest {
    let mut topic = TxnOffsetCommitRequestTopic::default();
    topic.name = text("a");
    topic.partitions = (0..)
        .zip(offsets)
        .map(|(index, offset)| {
            let partition = TxnOffsetCommitRequestPartition::default().with_partition_index(index);
            partition.with_committed_offset(*offset).with_committed_metadata(Some(text("note")))
        })
        .collect();
    TxnOffsetCommitRequest::default()
        .with_transactional_id(text(producer.transactional_id))
        .with_group_id(text(GROUP))
        .with_producer_id(producer.id)
        .with_producer_epoch(producer.epoch)
        .with_topics(vec![topic])
}

async fn codes(kit: &mut Kit, version: i16, request: &TxnOffsetCommitRequest) -> Vec<ErrorCode> {
    let response = kit.call(version, request).await;
    response.topics.iter().flat_map(|topic| &topic.partitions).map(|one| one.error_code).collect()
}

async fn code(kit: &mut Kit, version: i16, request: &TxnOffsetCommitRequest) -> ErrorCode {
    codes(kit, version, request).await[0]
}

async fn add_offsets(kit: &mut Kit, producer: &Transactional) -> ErrorCode {
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(text(producer.transactional_id))
        .with_producer_id(producer.id)
        .with_producer_epoch(producer.epoch)
        .with_group_id(text(GROUP));
    kit.call(4, &request).await.error_code
}

/// What is answered for the first partitions of topic `a`.
async fn fetch(kit: &mut Kit, require_stable: bool) -> [Result<i64, ErrorCode>; 2] {
    let mut topic = OffsetFetchRequestTopics::default();
    topic.name = text("a");
    topic.partition_indexes = I32Array::from(vec![0, 1]);
    let mut group = OffsetFetchRequestGroup::default();
    group.group_id = text(GROUP);
    group.topics = Some(vec![topic]);
    let request = OffsetFetchRequest::default().with_groups(vec![group]).with_require_stable(require_stable);
    let response = kit.call(9, &request).await;
    let partitions = &response.groups[0].topics[0].partitions;
    [0, 1].map(|index: usize| match &partitions[index] {
        refused if refused.error_code.is_err() => {
            assert_eq!(refused.committed_offset, -1);
            Err(refused.error_code)
        }
        told => Ok(told.committed_offset),
    })
}

async fn commit_plainly(kit: &mut Kit, offset: i64) {
    let mut topic = OffsetCommitRequestTopic::default();
    topic.name = text("a");
    topic.partitions = vec![OffsetCommitRequestPartition::default().with_committed_offset(offset)];
    let request = OffsetCommitRequest::default()
        .with_group_id(text(GROUP))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic]);
    let response = kit.call(8, &request).await;
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_transaction_count_when_it_is_committed() {
    let (mut kit, mut producer) = kit().await;
    assert_eq!(codes(&mut kit, 5, &request(&producer, &[5, 6])).await, [ErrorCode::NONE; 2]);
    assert_eq!(fetch(&mut kit, false).await, [Ok(-1); 2]);
    assert_eq!(fetch(&mut kit, true).await, [UNSTABLE; 2]);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(5), Ok(6)]);
    // An aborted one leaves them as they were.
    assert_eq!(code(&mut kit, 5, &request(&producer, &[7])).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [UNSTABLE, Ok(6)]);
    assert_eq!(fetch(&mut kit, false).await, [Ok(5), Ok(6)]);
    assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(5), Ok(6)]);
}

#[tokio::test(start_paused = true)]
async fn a_start_finds_the_offsets_of_transactions_as_they_were() {
    for end in [End::Close, End::Kill, End::PowerLoss(3)] {
        let (mut kit, mut producer) = kit().await;
        assert_eq!(code(&mut kit, 5, &request(&producer, &[5])).await, ErrorCode::NONE);
        assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
        assert_eq!(code(&mut kit, 5, &request(&producer, &[7])).await, ErrorCode::NONE);
        kit = kit.reopened(end).await;
        assert_eq!(fetch(&mut kit, false).await, [Ok(5), Ok(-1)]);
        assert_eq!(fetch(&mut kit, true).await, [UNSTABLE, Ok(-1)]);
        assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
        assert_eq!(fetch(&mut kit, true).await, [Ok(7), Ok(-1)]);
        assert_eq!(code(&mut kit, 5, &request(&producer, &[9])).await, ErrorCode::NONE);
        assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
        kit = kit.reopened(end).await;
        assert_eq!(fetch(&mut kit, true).await, [Ok(7), Ok(-1)]);
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_plain_commit_and_one_in_a_transaction_the_later_stands() {
    let (mut kit, mut producer) = kit().await;
    commit_plainly(&mut kit, 1).await;
    assert_eq!(code(&mut kit, 5, &request(&producer, &[5, 6])).await, ErrorCode::NONE);
    commit_plainly(&mut kit, 9).await;
    assert_eq!(fetch(&mut kit, false).await, [Ok(9), Ok(-1)]);
    assert_eq!(fetch(&mut kit, true).await, [UNSTABLE; 2]);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(9), Ok(6)]);
    kit = kit.reopened(End::Kill).await;
    assert_eq!(fetch(&mut kit, true).await, [Ok(9), Ok(6)], "and so it is replayed");
}

#[tokio::test(start_paused = true)]
async fn before_version_5_the_group_has_to_take_part_before() {
    let (mut kit, mut producer) = kit().await;
    for version in 0..4 {
        let refused = code(&mut kit, version, &request(&producer, &[5])).await;
        assert_eq!(refused, ErrorCode::INVALID_TXN_STATE, "version {version}");
    }
    assert_eq!(code(&mut kit, 4, &request(&producer, &[5])).await, ErrorCode::TRANSACTION_ABORTABLE);
    assert_eq!(add_offsets(&mut kit, &producer).await, ErrorCode::NONE);
    for version in 0..5 {
        let offset = i64::from(version);
        assert_eq!(code(&mut kit, version, &request(&producer, &[offset])).await, ErrorCode::NONE);
    }
    assert_eq!(producer.end(&mut kit, 4, true).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(4), Ok(-1)]);
    assert_eq!(code(&mut kit, 3, &request(&producer, &[6])).await, ErrorCode::INVALID_TXN_STATE);
}

#[tokio::test(start_paused = true)]
async fn strangers_and_zombies_commit_nothing() {
    let (mut kit, producer) = kit().await;
    for version in [0, 3, 5] {
        let ask = |change: fn(&mut TxnOffsetCommitRequest)| {
            let mut request = request(&producer, &[5]);
            change(&mut request);
            request
        };
        for (request, expected) in [
            (ask(|r| r.producer_id += 500), ErrorCode::INVALID_PRODUCER_ID_MAPPING),
            (ask(|r| r.transactional_id = text("nobody")), ErrorCode::INVALID_PRODUCER_ID_MAPPING),
            (ask(|r| r.transactional_id = text("")), ErrorCode::INVALID_REQUEST),
            (ask(|r| r.producer_epoch += 4), ErrorCode::INVALID_PRODUCER_EPOCH),
            (ask(|r| r.group_id = text("")), ErrorCode::INVALID_GROUP_ID),
            (ask(|r| r.topics[0].name = text("no")), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            (ask(|r| r.topics[0].partitions[0].partition_index = 7), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ] {
            assert_eq!(code(&mut kit, version, &request).await, expected, "version {version}: {request:?}");
        }
    }
    for (topic, answered) in [("a", 0), ("no", 1)] {
        let mut of_nothing = request(&producer, &[]);
        of_nothing.topics[0].name = text(topic);
        assert_eq!(kit.call(5, &of_nothing).await.topics.len(), answered, "{topic}");
    }
    assert_eq!(code(&mut kit, 5, &request(&producer, &[5])).await, ErrorCode::NONE);
    assert_eq!(producer.clone().end(&mut kit, 5, true).await, ErrorCode::NONE);
    for version in [3, 5] {
        let zombie = code(&mut kit, version, &request(&producer, &[6])).await;
        assert_eq!(zombie, ErrorCode::INVALID_PRODUCER_EPOCH);
    }
    assert_eq!(fetch(&mut kit, true).await, [Ok(5), Ok(-1)]);
}

#[tokio::test(start_paused = true)]
async fn members_are_checked_where_they_are_named() {
    let (mut kit, producer) = kit().await;
    assert_eq!(add_offsets(&mut kit, &producer).await, ErrorCode::NONE);
    let named = |generation: i32, member: &str, instance: Option<&str>| {
        request(&producer, &[5])
            .with_generation_id(generation)
            .with_member_id(text(member))
            .with_group_instance_id(instance.map(text))
    };
    assert_eq!(code(&mut kit, 3, &named(3, "x", None)).await, ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(code(&mut kit, 3, &named(-1, "x", Some("i"))).await, ErrorCode::NONE, "it is empty");
    assert_eq!(code(&mut kit, 3, &named(0, "x", None)).await, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(code(&mut kit, 3, &named(0, "x", Some("i"))).await, ErrorCode::UNKNOWN_MEMBER_ID);
    let mut long = request(&producer, &[5, 7]);
    long.topics[0].partitions[0].committed_metadata = Some(text(&"m".repeat(5000)));
    long.topics[0].partitions[1].committed_metadata = None;
    let expected = [ErrorCode::OFFSET_METADATA_TOO_LARGE, ErrorCode::NONE];
    assert_eq!(codes(&mut kit, 3, &long).await, expected);
}

#[tokio::test(start_paused = true)]
async fn who_deletes_offsets_deletes_those_of_open_transactions_too() {
    let (mut kit, mut producer) = kit().await;
    assert_eq!(code(&mut kit, 5, &request(&producer, &[5, 6])).await, ErrorCode::NONE);
    let mut topic = OffsetDeleteRequestTopic::default();
    topic.name = text("a");
    topic.partitions = vec![OffsetDeleteRequestPartition::default()];
    let delete = OffsetDeleteRequest::default().with_group_id(text(GROUP)).with_topics(vec![topic]);
    let response = kit.call(0, &delete).await;
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(-1), UNSTABLE]);
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![text(GROUP)]);
    assert_eq!(kit.call(2, &delete).await.results[0].error_code, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(-1); 2]);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(-1); 2]);
    kit = kit.reopened(End::Kill).await;
    assert_eq!(fetch(&mut kit, true).await, [Ok(-1); 2]);
}

#[tokio::test(start_paused = true)]
async fn offsets_that_a_transaction_may_change_do_not_expire() {
    let config = [("offsets.retention.minutes", "1"), ("offsets.retention.check.interval.ms", "1000")];
    let (mut kit, mut producer) = kit_with(&config).await;
    commit_plainly(&mut kit, 1).await;
    assert_eq!(code(&mut kit, 5, &request(&producer, &[5])).await, ErrorCode::NONE);
    kit.clock.advance(120_000);
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    tokio::task::yield_now().await;
    assert_eq!(fetch(&mut kit, false).await, [Ok(1), Ok(-1)]);
    assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
    assert_eq!(fetch(&mut kit, true).await, [Ok(1), Ok(-1)]);
}

/// The offsets are asked for, the transaction ends, and only then are they to be appended.
#[tokio::test(start_paused = true)]
async fn offsets_that_come_after_the_end_of_their_transaction_stay_out() {
    for version in [4, 5] {
        let (mut kit, mut producer) = kit().await;
        kit.disk.hold(Call::Sync);
        let late = kit.handle(5, &request(&producer, &[5]));
        // It asks as soon as it is looked at.
        let mut reply = Box::pin(late.reply());
        let waiting = std::future::poll_fn(|cx| std::task::Poll::Ready(reply.as_mut().poll(cx).is_pending()));
        assert!(waiting.await);
        kit.disk.release();
        assert_eq!(producer.end(&mut kit, version, true).await, ErrorCode::NONE);
        let answer = crate::harness::response::<TxnOffsetCommitRequest>(5, reply.await);
        let expected =
            if version == 5 { ErrorCode::INVALID_PRODUCER_EPOCH } else { ErrorCode::INVALID_TXN_STATE };
        assert_eq!(answer.topics[0].partitions[0].error_code, expected);
        assert_eq!(fetch(&mut kit, true).await, [Ok(-1); 2]);
    }
}
