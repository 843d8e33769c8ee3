//! Where partitions begin and end, and where times fall. All answers are Kafka's.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use ottla_protocol::records::BatchOptions;

use crate::harness::{Kit, batch_at, text};

fn request(topic: &str, partitions: &[(i32, i64)]) -> ListOffsetsRequest {
    let mut asked = ListOffsetsTopic::default();
    asked.name = text(topic);
    asked.partitions = partitions
        .iter()
        .map(|(index, timestamp)| {
            let mut partition = ListOffsetsPartition::default();
            partition.partition_index = *index;
            partition.timestamp = *timestamp;
            partition
        })
        .collect();
    let mut request = ListOffsetsRequest::default();
    request.replica_id = -1;
    request.topics = vec![asked];
    request
}

fn seen(answer: &ListOffsetsPartitionResponse) -> (ErrorCode, i64, i64, i32) {
    (answer.error_code, answer.timestamp, answer.offset, answer.leader_epoch)
}

async fn ask(kit: &mut Kit, version: i16, index: i32, timestamp: i64) -> (ErrorCode, i64, i64, i32) {
    let response = kit.call(version, &request("a", &[(index, timestamp)])).await;
    seen(&response.topics[0].partitions[0])
}

/// Five batches of one record, at 1000, 1010 ... 1040, in partition 0 of two.
async fn kit() -> Kit {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    for number in 0..5 {
        let batch = batch_at(1000 + number * 10, &["x"], BatchOptions::default());
        assert_eq!(kit.produce("a", 0, batch).await.error_code, ErrorCode::NONE);
    }
    kit
}

const NONE: (ErrorCode, i64, i64, i32) = (ErrorCode::NONE, -1, -1, -1);

#[tokio::test(start_paused = true)]
async fn times_and_their_stand_ins_are_found() {
    let mut kit = kit().await;
    let cases = [
        (-1, (ErrorCode::NONE, -1, 5, 0)),
        (-2, (ErrorCode::NONE, -1, 0, 0)),
        (-3, (ErrorCode::NONE, 1040, 4, 0)),
        (-4, (ErrorCode::NONE, -1, 0, 0)),
        (-5, NONE),
        (-6, NONE),
        (-7, (ErrorCode::UNSUPPORTED_VERSION, -1, -1, -1)),
        (0, (ErrorCode::NONE, 1000, 0, 0)),
        (1005, (ErrorCode::NONE, 1010, 1, 0)),
        (1010, (ErrorCode::NONE, 1010, 1, 0)),
        (1041, NONE),
    ];
    for (timestamp, answer) in cases {
        assert_eq!(ask(&mut kit, 11, 0, timestamp).await, answer, "{timestamp}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_partition_begins_and_ends_at_0() {
    let mut kit = kit().await;
    let cases = [(-1, (ErrorCode::NONE, -1, 0, 0)), (-2, (ErrorCode::NONE, -1, 0, 0)), (-3, NONE), (5, NONE)];
    for (timestamp, answer) in cases {
        assert_eq!(ask(&mut kit, 11, 1, timestamp).await, answer, "{timestamp}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stand_in_is_not_understood_before_its_version() {
    let mut kit = kit().await;
    for version in 1..=11 {
        for (timestamp, since) in [(-1, 1), (-2, 1), (-3, 7), (-4, 8), (-5, 9), (-6, 11)] {
            let (code, ..) = ask(&mut kit, version, 0, timestamp).await;
            let expected = if version >= since { ErrorCode::NONE } else { ErrorCode::UNSUPPORTED_VERSION };
            assert_eq!(code, expected, "v{version} {timestamp}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_answered_has_its_code() {
    let mut kit = kit().await;
    assert_eq!(ask(&mut kit, 11, 9, -1).await.0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let response = kit.call(11, &request("nope", &[(0, -1)])).await;
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);

    let mut newer = request("a", &[(0, -1)]);
    newer.topics[0].partitions[0].current_leader_epoch = 1;
    assert_eq!(
        kit.call(11, &newer).await.topics[0].partitions[0].error_code,
        ErrorCode::UNKNOWN_LEADER_EPOCH
    );
    newer.topics[0].partitions[0].current_leader_epoch = 0;
    assert_eq!(kit.call(11, &newer).await.topics[0].partitions[0].error_code, ErrorCode::NONE);

    let mut isolation = request("a", &[(0, -1)]);
    isolation.isolation_level = 9;
    let response = kit.call(11, &isolation).await;
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_SERVER_ERROR);
    isolation.isolation_level = 1;
    assert_eq!(kit.call(11, &isolation).await.topics[0].partitions[0].offset, 5);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_asked_for_twice_is_refused_once() {
    let response = kit().await.call(11, &request("a", &[(0, -1), (0, -2), (1, -2)])).await;
    let codes: Vec<_> =
        response.topics[0].partitions.iter().map(|p| (p.partition_index, p.error_code)).collect();
    assert_eq!(codes, [(0, ErrorCode::INVALID_REQUEST), (1, ErrorCode::NONE)]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_named_twice_is_answered_once() {
    let mut twice = request("a", &[(0, -1)]);
    twice.topics.extend(request("a", &[(1, -2), (0, -2)]).topics);
    let response = kit().await.call(11, &twice).await;
    assert_eq!(response.topics.len(), 1);
    let codes: Vec<_> =
        response.topics[0].partitions.iter().map(|p| (p.partition_index, p.error_code)).collect();
    assert_eq!(codes, [(0, ErrorCode::INVALID_REQUEST), (1, ErrorCode::NONE)]);
}

#[tokio::test(start_paused = true)]
async fn no_leader_epoch_is_minus_one_and_nothing_below() {
    let mut below = request("a", &[(0, -1)]);
    below.topics[0].partitions[0].current_leader_epoch = -2;
    let response = kit().await.call(11, &below).await;
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::FENCED_LEADER_EPOCH);
}

#[tokio::test(start_paused = true)]
async fn a_topic_of_no_partitions_is_not_answered() {
    let mut asked = request("a", &[]);
    asked.topics.extend(request("a", &[(1, -2)]).topics);
    asked.topics.extend(request("b", &[]).topics);
    let response = kit().await.call(11, &asked).await;
    let topics: Vec<_> = response.topics.iter().map(|t| (t.name.as_str(), t.partitions.len())).collect();
    assert_eq!(topics, [("a", 1)]);
}

#[tokio::test(start_paused = true)]
async fn of_several_errors_the_one_of_the_whole_request_is_answered() {
    let mut kit = kit().await;
    // An unknown level of isolation comes before all that is wrong with a partition.
    let mut isolation = request("nope", &[(0, -99), (0, -1), (9, -1)]);
    isolation.isolation_level = 9;
    let response = kit.call(11, &isolation).await;
    let codes: Vec<_> = response.topics[0].partitions.iter().map(|p| p.error_code).collect();
    assert!(codes.iter().all(|code| *code == ErrorCode::UNKNOWN_SERVER_ERROR), "{codes:?}");
    // A time that is none comes before a partition that is not there.
    assert_eq!(ask(&mut kit, 11, 9, -7).await.0, ErrorCode::UNSUPPORTED_VERSION);
    assert_eq!(ask(&mut kit, 6, 9, -3).await.0, ErrorCode::UNSUPPORTED_VERSION);
}
