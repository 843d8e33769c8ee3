//! Fetching without a session. Codes are Kafka's.

use std::time::Duration;

use ottla_broker::Handling;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};
use ottla_protocol::wire::Uuid;
use tokio::time::{Instant, sleep};

use crate::harness::{Kit, batch, response};

/// A request that waits for no more than is there.
pub(crate) fn request(partitions: &[(Uuid, i32, i64)]) -> FetchRequest {
    let mut request = FetchRequest::default();
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    for (topic_id, index, offset) in partitions {
        let mut partition = FetchPartition::default();
        partition.partition = *index;
        partition.fetch_offset = *offset;
        partition.partition_max_bytes = 1 << 20;
        if request.topics.last().is_none_or(|last| last.topic_id != *topic_id) {
            let mut topic = FetchTopic::default();
            topic.topic_id = *topic_id;
            request.topics.push(topic);
        }
        request.topics.last_mut().unwrap().partitions.push(partition);
    }
    request
}

pub(crate) fn len(partition: &PartitionData) -> usize {
    partition.records.as_ref().map_or(0, |records| records.len())
}

pub(crate) fn only(response: &FetchResponse) -> &PartitionData {
    assert_eq!((response.error_code, response.responses.len()), (ErrorCode::NONE, 1));
    assert_eq!(response.responses[0].partitions.len(), 1);
    &response.responses[0].partitions[0]
}

/// Five batches of the same size in partition 0 of two.
async fn kit() -> (Kit, Uuid, usize) {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 2, &[]).await;
    for _ in 0..5 {
        kit.produce("a", 0, batch(&["x"])).await;
    }
    (kit, id, batch(&["x"]).len())
}

#[tokio::test(start_paused = true)]
async fn what_was_produced_is_fetched_in_every_version() {
    let (mut kit, id, size) = kit().await;
    for version in 4..=18 {
        let mut request = request(&[(id, 0, 0)]);
        if version < 13 {
            request.topics[0].topic = crate::harness::text("a");
        }
        let response = kit.call_now(version, &request);
        let answer = only(&response);
        assert_eq!((answer.high_watermark, answer.last_stable_offset), (5, 5));
        assert_eq!(answer.log_start_offset, if version >= 5 { 0 } else { -1 });
        assert_eq!(
            (answer.error_code, len(answer), answer.preferred_read_replica),
            (ErrorCode::NONE, 5 * size, -1)
        );
        assert_eq!(answer.aborted_transactions, None);
    }
}

#[tokio::test(start_paused = true)]
async fn byte_limits_hold_but_for_the_first_batch() {
    let (mut kit, id, size) = kit().await;
    kit.create("b", 1, &[]).await;
    kit.produce("b", 0, batch(&["x"])).await;
    let b = kit.topics().await[1].1;
    for (partition_max, max, expected) in [
        (10, 1 << 20, [size, size]),
        (i32::try_from(2 * size).unwrap(), 1 << 20, [2 * size, size]),
        (1 << 20, 10, [size, 0]),
        (1 << 20, 0, [size, 0]),
        (0, 1 << 20, [size, 0]),
    ] {
        let mut request = request(&[(id, 0, 0), (b, 0, 0)]);
        request.max_bytes = max;
        request.topics[0].partitions[0].partition_max_bytes = partition_max;
        if partition_max == 0 {
            request.topics[1].partitions[0].partition_max_bytes = 0;
        }
        let response = kit.call_now(18, &request);
        let lens: Vec<_> = response.responses.iter().map(|topic| len(&topic.partitions[0])).collect();
        assert_eq!(lens, expected, "{partition_max} {max}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_are_answered_at_once() {
    let (mut kit, id, _) = kit().await;
    let unknown = Uuid([4; 16]);
    for (topic, index, offset, code) in [
        (id, 0, 6, ErrorCode::OFFSET_OUT_OF_RANGE),
        (id, 0, -1, ErrorCode::OFFSET_OUT_OF_RANGE),
        (id, 9, 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (unknown, 0, 0, ErrorCode::UNKNOWN_TOPIC_ID),
        (Uuid::ZERO, 0, 0, ErrorCode::UNKNOWN_TOPIC_ID),
    ] {
        let mut request = request(&[(topic, index, offset)]);
        request.max_wait_ms = 60_000;
        let response = kit.call_now(18, &request);
        let answer = only(&response);
        assert_eq!((answer.error_code, answer.high_watermark, answer.log_start_offset), (code, -1, -1));
        assert_eq!(len(answer), 0);
    }
    let mut by_name = request(&[(Uuid::ZERO, 0, 0)]);
    by_name.topics[0].topic = crate::harness::text("nope");
    let response = kit.call_now(12, &by_name);
    assert_eq!(only(&response).error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[tokio::test(start_paused = true)]
async fn leader_epochs_are_compared() {
    let (mut kit, id, _) = kit().await;
    for (epoch, code) in [(-2, ErrorCode::NONE), (0, ErrorCode::NONE), (1, ErrorCode::UNKNOWN_LEADER_EPOCH)] {
        let mut request = request(&[(id, 0, 0)]);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        assert_eq!(only(&kit.call_now(18, &request)).error_code, code, "{epoch}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_whose_history_differs_is_told_where() {
    let (mut kit, id, _) = kit().await;
    let ask = |kit: &mut Kit, last_fetched_epoch: i32, offset: i64| {
        let mut request = request(&[(id, 0, offset)]);
        request.topics[0].partitions[0].current_leader_epoch = 0;
        request.topics[0].partitions[0].last_fetched_epoch = last_fetched_epoch;
        request.max_wait_ms = 60_000;
        let response = kit.call_now(18, &request);
        let answer = only(&response);
        (
            answer.error_code,
            answer.diverging_epoch.epoch,
            answer.diverging_epoch.end_offset,
            answer.high_watermark,
        )
    };
    assert_eq!(ask(&mut kit, 0, 0), (ErrorCode::NONE, -1, -1, 5));
    assert_eq!(ask(&mut kit, 0, 9), (ErrorCode::NONE, 0, 5, 5));
    assert_eq!(ask(&mut kit, 3, 2), (ErrorCode::OFFSET_OUT_OF_RANGE, -1, -1, -1));
}

#[tokio::test(start_paused = true)]
async fn isolation_levels_are_two() {
    let (mut kit, id, _) = kit().await;
    let mut request = request(&[(id, 0, 2)]);
    request.isolation_level = 1;
    assert_eq!(only(&kit.call_now(18, &request)).aborted_transactions, Some(vec![]));
    request.isolation_level = 9;
    let response = kit.call_now(18, &request);
    assert_eq!((response.error_code, response.responses.len()), (ErrorCode::UNKNOWN_SERVER_ERROR, 0));
    // Before topics went by their ids, each partition is refused, those that are not there too.
    let mut by_name = request.clone();
    by_name.topics[0].topic = crate::harness::text("a");
    let mut other = by_name.topics[0].partitions[0].clone();
    other.partition = 9;
    by_name.topics[0].partitions.push(other);
    let response = kit.call_now(6, &by_name);
    let answers = &response.responses[0].partitions;
    let seen: Vec<_> = answers.iter().map(|p| (p.partition_index, p.error_code, p.high_watermark)).collect();
    let refused = ErrorCode::UNKNOWN_SERVER_ERROR;
    assert_eq!((response.error_code, seen), (ErrorCode::NONE, vec![(0, refused, -1), (9, refused, -1)]));
    assert_eq!(kit.call_now(7, &by_name).error_code, refused);
    // Where there is nothing to read, nobody notices.
    request.topics[0].partitions[0].partition = 9;
    assert_eq!(only(&kit.call_now(18, &request)).error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[tokio::test(start_paused = true)]
async fn aborted_transactions_are_told_only_of_what_was_read() {
    let (mut kit, id, _) = kit().await;
    let mut ask = |partition: i32, offset: i64, last_fetched_epoch: i32| {
        let mut request = request(&[(id, partition, offset)]);
        request.isolation_level = 1;
        request.topics[0].partitions[0].last_fetched_epoch = last_fetched_epoch;
        let response = kit.call_now(18, &request);
        (only(&response).error_code, only(&response).aborted_transactions.clone())
    };
    assert_eq!(ask(0, 2, -1), (ErrorCode::NONE, Some(vec![])));
    assert_eq!(ask(0, 9, 0), (ErrorCode::NONE, None), "a history that differs");
    assert_eq!(ask(0, 9, -1), (ErrorCode::OFFSET_OUT_OF_RANGE, None));
    assert_eq!(ask(9, 0, -1), (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Some(vec![])));

    // Behind records of another partition a batch that does not fit is not read; one that may take no bytes is not
    // looked at.
    let b = kit.create("b", 1, &[]).await;
    kit.produce("b", 0, batch(&["x"])).await;
    for (bytes_max, offset, aborted) in [(1, 0, None), (0, 0, Some(vec![])), (1, 1, Some(vec![]))] {
        let mut request = request(&[(id, 0, 2), (b, 0, offset)]);
        request.isolation_level = 1;
        request.topics[1].partitions[0].partition_max_bytes = bytes_max;
        let response = kit.call_now(18, &request);
        let answer = &response.responses[1].partitions[0];
        assert_eq!((len(answer), &answer.aborted_transactions), (0, &aborted), "{bytes_max} {offset}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_is_not_known_here() {
    let (mut kit, id, _) = kit().await;
    let mut request = request(&[(id, 0, 0)]);
    request.replica_id = 5;
    assert_eq!(only(&kit.call_now(14, &request)).error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
    request.topics[0].partitions[0].current_leader_epoch = 0;
    assert_eq!(only(&kit.call_now(14, &request)).error_code, ErrorCode::UNKNOWN_LEADER_EPOCH);
    request.topics[0].partitions[0].current_leader_epoch = -1;
    request.replica_id = -1;
    request.replica_state.replica_id = 5;
    assert_eq!(only(&kit.call_now(18, &request)).error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
}

#[tokio::test(start_paused = true)]
async fn nothing_to_read_is_waited_for_as_long_as_was_asked() {
    let (mut kit, id, size) = kit().await;
    for (min_bytes, offset, expected) in [(1, 5, 0), (100_000, 0, 5 * size)] {
        let mut request = request(&[(id, 0, offset)]);
        request.min_bytes = min_bytes;
        request.max_wait_ms = 500;
        let started = Instant::now();
        let response = kit.call(18, &request).await;
        assert_eq!(started.elapsed(), Duration::from_millis(500));
        assert_eq!(len(only(&response)), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_who_asks_for_nothing_or_has_no_time() {
    let (mut kit, id, _) = kit().await;
    let at_end = request(&[(id, 0, 5)]);
    assert_eq!(len(only(&kit.call_now(18, &at_end))), 0);
    let mut patient = at_end;
    patient.max_wait_ms = 500;
    patient.min_bytes = 0;
    assert_eq!(len(only(&kit.call_now(18, &patient))), 0);
    let mut empty = request(&[]);
    empty.max_wait_ms = 500;
    assert_eq!(kit.call_now(18, &empty).responses, []);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_fetch_is_answered_by_the_records_it_waits_for() {
    let (mut kit, id, size) = kit().await;
    let mut request = request(&[(id, 0, 5), (id, 1, 0)]);
    request.max_wait_ms = 60_000;
    request.min_bytes = i32::try_from(2 * size).unwrap();
    let Handling::Later { reply, overlap } = kit.handle(18, &request) else {
        panic!("there was nothing yet")
    };
    assert!(!overlap);
    let waiting = tokio::spawn(reply);
    let started = Instant::now();
    sleep(Duration::from_secs(1)).await;
    kit.produce("a", 1, batch(&["x"])).await;
    sleep(Duration::from_secs(1)).await;
    assert!(!waiting.is_finished(), "half of what was asked");
    kit.produce("a", 0, batch(&["x"])).await;
    let response = response::<FetchRequest>(18, waiting.await.unwrap());
    assert_eq!(started.elapsed(), Duration::from_secs(2));
    let lens: Vec<_> = response.responses[0].partitions.iter().map(len).collect();
    assert_eq!(lens, [size, size]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_fetch_hears_of_the_end_of_its_topic() {
    let (mut kit, id, _) = kit().await;
    let mut request = request(&[(id, 0, 5)]);
    request.max_wait_ms = 60_000;
    let waiting = tokio::spawn(kit.handle(18, &request).reply());
    sleep(Duration::from_millis(10)).await;
    let mut delete = ottla_protocol::messages::delete_topics::DeleteTopicsRequest::default();
    delete.topic_names = vec![crate::harness::text("a")];
    delete.timeout_ms = 1000;
    kit.call(5, &delete).await;
    let started = Instant::now();
    let response = response::<FetchRequest>(18, waiting.await.unwrap());
    assert_eq!(only(&response).error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_partition_named_twice_is_answered_once() {
    let (mut kit, id, size) = kit().await;
    assert_eq!(len(only(&kit.call_now(18, &request(&[(id, 0, 0), (id, 0, 2)])))), 3 * size);
}
