//! The power fails at every single change of the disk while a transaction goes on: afterwards it is all there or not at all,
//! over partitions and offsets of groups alike, in both versions, and what was answered stays.

use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use ottla_protocol::records::{Batch, ControlRecord, EndTxnMarker};
use ottla_protocol::wire::{DecodeLimits, I32Array, Uuid};

use crate::fetch::{only, request};
use crate::harness::{End, Kit, text};
use crate::transactional::Transactional;

const GROUP: &str = "g";
const PARTITIONS: i32 = 2;

/// Which version of transactions the producer speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Speaks {
    One,
    Two,
}

/// A broker with a topic and a group, and a producer that has committed one transaction.
async fn stage(speaks: Speaks) -> (Kit, Uuid, Transactional) {
    let mut kit = Kit::new().await;
    let topic = kit.create("a", PARTITIONS, &[]).await;
    let mut request = FindCoordinatorRequest::default();
    request.coordinator_keys = vec![text(GROUP)];
    assert_eq!(kit.call(4, &request).await.coordinators[0].error_code, ErrorCode::NONE);
    let mut producer = Transactional::new(&mut kit, "t").await;
    assert!(transaction(&mut kit, &mut producer, speaks, 0, true).await);
    (kit, topic, producer)
}

/// One transaction: a record for each partition, and an offset. Whether its end was answered well; it is given up at the first error.
async fn transaction(
    kit: &mut Kit,
    producer: &mut Transactional,
    speaks: Speaks,
    number: i32,
    commits: bool,
) -> bool {
    let (produce, offsets, end) = match speaks {
        Speaks::One => (11, 3, 4),
        Speaks::Two => (12, 5, 5),
    };
    // In version 1 the epoch stays, and sequences go on.
    let sequence = if speaks == Speaks::One { number } else { 0 };
    for index in 0..PARTITIONS {
        if speaks == Speaks::One && producer.add(kit, "a", &[index]).await.is_err() {
            return false;
        }
        if producer.produce(kit, produce, "a", index, sequence).await.error_code.is_err() {
            return false;
        }
    }
    if speaks == Speaks::One {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(text(producer.transactional_id))
            .with_producer_id(producer.id)
            .with_producer_epoch(producer.epoch)
            .with_group_id(text(GROUP));
        if kit.call(4, &request).await.error_code.is_err() {
            return false;
        }
    }
    let mut topic = TxnOffsetCommitRequestTopic::default();
    topic.name = text("a");
    let partition = TxnOffsetCommitRequestPartition::default().with_committed_offset(i64::from(number) + 1);
    topic.partitions = vec![partition];
    let request = TxnOffsetCommitRequest::default()
        .with_transactional_id(text(producer.transactional_id))
        .with_group_id(text(GROUP))
        .with_producer_id(producer.id)
        .with_producer_epoch(producer.epoch)
        .with_topics(vec![topic]);
    if kit.call(offsets, &request).await.topics[0].partitions[0].error_code.is_err() {
        return false;
    }
    producer.end(kit, end, commits).await.is_none()
}

/// How many committed records a reader sees in a partition, none of which is behind an open transaction.
fn seen(kit: &mut Kit, topic: Uuid, index: i32) -> usize {
    let mut request = request(&[(topic, index, 0)]);
    request.isolation_level = 1;
    let response = kit.call_now(18, &request);
    let answer = only(&response);
    assert_eq!(answer.error_code, ErrorCode::NONE);
    assert_eq!(answer.last_stable_offset, answer.high_watermark, "a transaction is open still");
    let mut aborted: Vec<_> = answer.aborted_transactions.clone().unwrap_or_default();
    let mut bytes = answer.records.clone().unwrap().into_bytes();
    let mut records = 0;
    while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
        let header = *batch.header();
        let is_aborted = aborted.iter().any(|aborted| {
            aborted.producer_id == header.producer_id && aborted.first_offset <= header.base_offset
        });
        if !header.attributes.is_control() {
            records += if is_aborted { 0 } else { usize::try_from(header.records_count).unwrap() };
            continue;
        }
        let inside = batch.records(&DecodeLimits::default()).unwrap();
        let control = inside.iter().next().unwrap().unwrap();
        let marker = EndTxnMarker::parse(&ControlRecord::parse(&control).unwrap()).unwrap().unwrap();
        if !marker.committed {
            let of = |a: &_| is_of(a, header.producer_id, header.base_offset);
            let ended = aborted.iter().position(of);
            ended.map(|place| aborted.remove(place));
        }
    }
    records
}

fn is_of(
    aborted: &ottla_protocol::messages::fetch::AbortedTransaction,
    producer_id: i64,
    marker: i64,
) -> bool {
    aborted.producer_id == producer_id && aborted.first_offset <= marker
}

/// What the group has committed, which no transaction may still change.
async fn committed_offset(kit: &mut Kit) -> i64 {
    let mut topic = OffsetFetchRequestTopics::default();
    topic.name = text("a");
    topic.partition_indexes = I32Array::from(vec![0]);
    let mut group = OffsetFetchRequestGroup::default();
    group.group_id = text(GROUP);
    group.topics = Some(vec![topic]);
    let request = OffsetFetchRequest::default().with_groups(vec![group]).with_require_stable(true);
    let response = kit.call(9, &request).await;
    let answer = &response.groups[0].topics[0].partitions[0];
    assert_eq!(answer.error_code, ErrorCode::NONE);
    answer.committed_offset
}

/// A producer of the same id, who tries until what was under way is over.
async fn take_over(kit: &mut Kit) -> Transactional {
    for _ in 0..100 {
        if let Ok(producer) = Transactional::try_new(kit, "t").await {
            return producer;
        }
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    panic!("the transaction is not over");
}

/// Has the power fail at the `nth` call of the disk that changes something; whether the transaction was over before.
async fn power_fails_at(nth: u64, speaks: Speaks, commits: bool) -> bool {
    let what = format!("{speaks:?}, commits: {commits}, power off at {nth}");
    let (mut kit, topic, mut producer) = stage(speaks).await;
    kit.disk.power_off_at(nth);
    let is_answered = transaction(&mut kit, &mut producer, speaks, 1, commits).await;
    let is_through = !kit.disk.is_dead();
    let mut kit = kit.reopened(End::PowerLoss(nth)).await;
    // Whoever comes next ends what is left open.
    let mut next = take_over(&mut kit).await;
    let counts: Vec<_> = (0..PARTITIONS).map(|index| seen(&mut kit, topic, index)).collect();
    let offset = committed_offset(&mut kit).await;
    let whole = (vec![2, 2], 2);
    let nothing = (vec![1, 1], 1);
    let found = (counts, offset);
    match (is_answered, commits) {
        (true, true) => assert_eq!(found, whole, "{what}"),
        (_, false) => assert_eq!(found, nothing, "{what}"),
        (false, true) => assert!(found == whole || found == nothing, "{what}: {found:?}"),
    }
    let before = found.0[0];
    assert!(transaction(&mut kit, &mut next, Speaks::Two, 6, true).await, "{what}: the next one");
    for index in 0..PARTITIONS {
        assert_eq!(seen(&mut kit, topic, index), before + 1, "{what}");
    }
    assert_eq!(committed_offset(&mut kit).await, 7, "{what}");
    is_through
}

async fn power_fails_everywhere(speaks: Speaks, commits: bool) {
    for nth in 1..500 {
        if power_fails_at(nth, speaks, commits).await {
            assert!(nth > 10, "a transaction is more than {nth} calls of the disk");
            return;
        }
    }
    panic!("it takes no end");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_of_version_2_is_committed_as_a_whole_or_not_at_all() {
    power_fails_everywhere(Speaks::Two, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_transaction_of_version_2_that_is_aborted_leaves_nothing() {
    power_fails_everywhere(Speaks::Two, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_transaction_of_version_1_is_committed_as_a_whole_or_not_at_all() {
    power_fails_everywhere(Speaks::One, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_transaction_of_version_1_that_is_aborted_leaves_nothing() {
    power_fails_everywhere(Speaks::One, false).await;
}
