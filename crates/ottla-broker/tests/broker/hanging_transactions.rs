//! Transactions that no coordinator knows any more: found by `DescribeProducers`, ended by `WriteTxnMarkers`.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use ottla_protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use ottla_protocol::records::{BatchOptions, EndTxnMarker};
use ottla_storage::{AppendOptions, LogName, Origin};

use crate::fetch::{only, request};
use crate::harness::{End, Kit, NOW_MS, batch, batch_at, text};

/// What makes nonsense of a marker.
type Change = fn(&mut WritableTxnMarker);

/// What a partition tells of a producer: id, epoch, last sequence, coordinator epoch, where its transaction began.
type Told = (i64, i32, i32, i32, i64);

async fn producers(kit: &mut Kit, name: &str, index: i32) -> Result<Vec<Told>, (ErrorCode, Option<String>)> {
    let mut request = DescribeProducersRequest::default();
    let mut topic = TopicRequest::default();
    topic.name = text(name);
    topic.partition_indexes = [index].into_iter().collect();
    request.topics.push(topic);
    let mut response = kit.call(0, &request).await;
    let answer = response.topics.remove(0).partitions.remove(0);
    assert_eq!(answer.partition_index, index);
    if answer.error_code.is_err() {
        return Err((answer.error_code, answer.error_message.map(|message| message.to_string())));
    }
    let told = answer.active_producers.iter().map(|p| {
        (p.producer_id, p.producer_epoch, p.last_sequence, p.coordinator_epoch, p.current_txn_start_offset)
    });
    Ok(told.collect())
}

/// A marker for the partitions of topics.
fn marker(producer_id: i64, epoch: i16, topics: &[(&str, &[i32])]) -> WritableTxnMarker {
    let mut marker = WritableTxnMarker::default();
    (marker.producer_id, marker.producer_epoch, marker.coordinator_epoch) = (producer_id, epoch, 5);
    let topics = topics.iter().map(|(name, indexes)| {
        let mut topic = WritableTxnMarkerTopic::default();
        topic.name = text(name);
        topic.partition_indexes = indexes.iter().copied().collect();
        topic
    });
    marker.topics = topics.collect();
    marker
}

/// What became of each marker: producer, topic, partition, code.
async fn write(
    kit: &mut Kit,
    version: i16,
    markers: &[WritableTxnMarker],
) -> Vec<(i64, String, i32, ErrorCode)> {
    let mut request = WriteTxnMarkersRequest::default();
    request.markers = markers.to_vec();
    let response = kit.call(version, &request).await;
    let mut outcomes = Vec::new();
    for marker in &response.markers {
        for topic in &marker.topics {
            let each = topic.partitions.iter();
            outcomes.extend(
                each.map(|p| (marker.producer_id, topic.name.to_string(), p.partition_index, p.error_code)),
            );
        }
    }
    outcomes
}

/// The code of a marker for partition 0 of topic `a`.
async fn code(kit: &mut Kit, marker: WritableTxnMarker) -> ErrorCode {
    let outcomes = write(kit, 2, &[marker]).await;
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes[0].3
}

fn last_stable(kit: &mut Kit, id: ottla_protocol::wire::Uuid) -> i64 {
    let mut request = request(&[(id, 0, 0)]);
    request.isolation_level = 1;
    only(&kit.call_now(18, &request)).last_stable_offset
}

/// Producer 70 has a transaction open from offset 1 on, producer 71 had one of version 1 that is over.
async fn kit() -> (Kit, ottla_protocol::wire::Uuid) {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 2, &[]).await;
    kit.produce("a", 0, batch(&["plain"])).await;
    let kit = kit.reopened_after(|storage| {
        let log = storage.log(&LogName::new("a", 0)).unwrap();
        for producer in [70, 71] {
            let options = BatchOptions::default().with_producer(producer, 3, 0).with_transactional();
            log.append(batch_at(NOW_MS, &["a", "b"], options), AppendOptions::new(NOW_MS)).unwrap();
        }
        let marker = EndTxnMarker { committed: true, coordinator_epoch: 4 };
        let marker = marker.to_batch(NOW_MS, 71, 3).unwrap();
        log.append(marker, AppendOptions::new(NOW_MS).with_origin(Origin::Coordinator)).unwrap();
    });
    (kit.await, id)
}

#[tokio::test(start_paused = true)]
async fn a_hanging_transaction_is_found_and_ended() {
    let (mut kit, id) = kit().await;
    assert_eq!(producers(&mut kit, "a", 0).await.unwrap(), [(70, 3, 1, -1, 1), (71, 3, 1, 4, -1)]);
    assert_eq!(producers(&mut kit, "a", 1).await.unwrap(), []);
    assert_eq!(last_stable(&mut kit, id), 1);
    let outcomes = write(&mut kit, 1, &[marker(70, 3, &[("a", &[0])])]).await;
    assert_eq!(outcomes, [(70, "a".to_owned(), 0, ErrorCode::NONE)]);
    assert_eq!(last_stable(&mut kit, id), 7);
    assert_eq!(producers(&mut kit, "a", 0).await.unwrap()[0], (70, 3, 1, 5, -1));
    // What was answered is durable.
    let mut kit = kit.reopened(End::PowerLoss(3)).await;
    assert_eq!(last_stable(&mut kit, id), 7);
    assert_eq!(producers(&mut kit, "a", 0).await.unwrap()[0], (70, 3, 1, 5, -1));
}

#[tokio::test(start_paused = true)]
async fn markers_of_the_past_are_refused() {
    let (mut kit, id) = kit().await;
    assert_eq!(code(&mut kit, marker(70, 2, &[("a", &[0])])).await, ErrorCode::INVALID_PRODUCER_EPOCH);
    let mut old = marker(71, 3, &[("a", &[0])]);
    old.coordinator_epoch = 3;
    assert_eq!(code(&mut kit, old).await, ErrorCode::TRANSACTION_COORDINATOR_FENCED);
    // From version 2 of transactions on, the end comes in an epoch of its own.
    let mut raised = marker(70, 3, &[("a", &[0])]);
    raised.transaction_version = 2;
    assert_eq!(code(&mut kit, raised.clone()).await, ErrorCode::INVALID_PRODUCER_EPOCH);
    assert_eq!(last_stable(&mut kit, id), 1);
    raised.producer_epoch = 4;
    assert_eq!(code(&mut kit, raised.clone()).await, ErrorCode::NONE);
    assert_eq!(code(&mut kit, raised).await, ErrorCode::NONE, "once more");
    assert_eq!(last_stable(&mut kit, id), 8);
}

/// Each was tried on Kafka 4.3.1, but for what it never answers.
#[tokio::test(start_paused = true)]
async fn markers_that_make_no_sense_are_refused_one_by_one() {
    let (mut kit, _) = kit().await;
    assert_eq!(write(&mut kit, 2, &[]).await, []);
    assert_eq!(write(&mut kit, 2, &[marker(1, 0, &[]), marker(2, 0, &[("a", &[])])]).await, []);
    let a = |id, index, code| (id, "a".to_owned(), index, code);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let outcomes = write(
        &mut kit,
        2,
        &[marker(1, 0, &[("a", &[0, 0, 7, -1]), ("no", &[0])]), marker(1, 0, &[("a", &[1])])],
    )
    .await;
    assert_eq!(
        outcomes,
        [
            a(1, -1, unknown),
            a(1, 0, ErrorCode::NONE),
            a(1, 1, ErrorCode::NONE),
            a(1, 7, unknown),
            (1, "no".to_owned(), 0, unknown)
        ]
    );
    let of_the_past = marker(1, -2, &[("a", &[0, 7])]);
    let refused = [a(1, 0, ErrorCode::INVALID_PRODUCER_EPOCH), a(1, 7, unknown)];
    assert_eq!(write(&mut kit, 2, &[of_the_past]).await, refused);
    let refused = |change: fn(&mut WritableTxnMarker)| {
        let mut marker = marker(80, 0, &[("a", &[0])]);
        change(&mut marker);
        marker
    };
    let nonsense: [(Change, ErrorCode); 7] = [
        (|m| m.producer_id = -1, ErrorCode::UNKNOWN_SERVER_ERROR),
        (|m| m.producer_epoch = -1, ErrorCode::UNKNOWN_SERVER_ERROR),
        (|m| m.transaction_version = -1, ErrorCode::UNKNOWN_SERVER_ERROR),
        (|m| m.producer_epoch = -2, ErrorCode::INVALID_PRODUCER_EPOCH),
        (|m| m.coordinator_epoch = -7, ErrorCode::TRANSACTION_COORDINATOR_FENCED),
        (|m| m.transaction_version = 9, ErrorCode::NONE),
        (|m| m.transaction_version = -2, ErrorCode::NONE),
    ];
    for (change, expected) in nonsense {
        assert_eq!(code(&mut kit, refused(change)).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn who_describes_the_producers_of_what_is_not_there_is_told_so() {
    let (mut kit, _) = kit().await;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(producers(&mut kit, "a", 2).await, Err((unknown, None)));
    let words = "This server does not host this topic-partition.".to_owned();
    assert_eq!(producers(&mut kit, "no", 0).await, Err((unknown, Some(words))));
    let words = "Topic name is invalid: the empty string is not allowed".to_owned();
    assert_eq!(producers(&mut kit, "", 0).await, Err((ErrorCode::INVALID_TOPIC_EXCEPTION, Some(words))));
}
