//! Producing. Codes are Kafka's, except where a test says otherwise.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_broker::Reply;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::produce::{
    PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData, TopicProduceResponse,
};
use ottla_protocol::records::{BatchOptions, crc32c};
use ottla_protocol::wire::{Records, Uuid};

use crate::harness::{Kit, NOW_MS, batch, batch_at, produce_request, text};

async fn code_of(kit: &mut Kit, records: Option<Bytes>) -> ErrorCode {
    let response = kit.call(12, &produce_request("a", 0, records, -1)).await;
    response.responses[0].partition_responses[0].error_code
}

/// A batch with some bytes changed and its checksum put right, or left wrong.
fn edited(records: &Bytes, at: usize, bytes: &[u8], with_crc: bool) -> Bytes {
    let mut edited = BytesMut::from(&records[..]);
    edited[at..at + bytes.len()].copy_from_slice(bytes);
    if with_crc {
        let crc = crc32c(&edited[21..]);
        edited[17..21].copy_from_slice(&crc.to_be_bytes());
    }
    edited.freeze()
}

const LENGTH_AT: usize = 8;
const MAGIC_AT: usize = 16;
const ATTRIBUTES_AT: usize = 21;
const LAST_OFFSET_DELTA_AT: usize = 23;
const RECORDS_COUNT_AT: usize = 57;

#[tokio::test(start_paused = true)]
async fn every_version_is_answered_with_where_the_records_are() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for (version, base) in (3..=12).zip((0..).step_by(2)) {
        let request = produce_request("a", 0, Some(batch(&["x", "y"])), -1);
        let response = kit.call(version, &request).await;
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!(
            (answer.error_code, answer.base_offset, answer.log_append_time_ms),
            (ErrorCode::NONE, base, -1)
        );
        assert_eq!(answer.log_start_offset, if version >= 5 { 0 } else { -1 });
    }
}

#[tokio::test(start_paused = true)]
async fn version_13_names_topics_by_id() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    for (id, code) in [
        (id, ErrorCode::NONE),
        (Uuid([3; 16]), ErrorCode::UNKNOWN_TOPIC_ID),
        (Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_ID),
    ] {
        let mut request = produce_request("", 0, Some(batch(&["x"])), -1);
        request.topic_data[0].topic_id = id;
        let response = kit.call(13, &request).await;
        assert_eq!(response.responses[0].topic_id, id);
        assert_eq!(response.responses[0].partition_responses[0].error_code, code);
    }
}

#[tokio::test(start_paused = true)]
async fn each_partition_is_answered_for_itself() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    let mut request = ProduceRequest::default();
    request.acks = 1;
    for (name, indexes) in [("nope", vec![0]), ("a", vec![7, 1, -1])] {
        let mut topic = TopicProduceData::default();
        topic.name = text(name);
        topic.partition_data = indexes
            .into_iter()
            .map(|index| {
                let mut data = PartitionProduceData::default();
                data.index = index;
                data.records = Some(Records::Bytes(batch(&["x"])));
                data
            })
            .collect();
        request.topic_data.push(topic);
    }
    let response = kit.call(12, &request).await;
    let codes: Vec<_> = response
        .responses
        .iter()
        .flat_map(|t| &t.partition_responses)
        .map(|p| (p.index, p.error_code))
        .collect();
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(codes, [(0, unknown), (7, unknown), (1, ErrorCode::NONE), (-1, unknown)]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_of_no_partitions_is_not_answered() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let mut request = produce_request("a", 0, Some(batch(&["x"])), -1);
    let mut nothing = TopicProduceData::default();
    nothing.name = text("b");
    request.topic_data.insert(0, nothing);
    let response = kit.call(12, &request).await;
    let names: Vec<_> = response.responses.iter().map(|topic| topic.name.as_str()).collect();
    assert_eq!(names, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_nobody_knows_is_an_unknown_error() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for (version, log_start_offset) in [(6, -1), (7, 0), (12, 0)] {
        let records = edited(&batch(&["x"]), ATTRIBUTES_AT, &[0, 7], true);
        let response = kit.call(version, &produce_request("a", 0, Some(records), -1)).await;
        let answer = &response.responses[0].partition_responses[0];
        let seen = (answer.error_code, answer.log_start_offset);
        assert_eq!(seen, (ErrorCode::UNKNOWN_SERVER_ERROR, log_start_offset), "v{version}");
    }
}

/// A request for partition 0 of each of these topics.
fn to_all(topics: &[(&str, i32, Bytes)]) -> ProduceRequest {
    let mut request = produce_request("", 0, None, -1);
    let parts = topics.iter().map(|(name, index, records)| {
        produce_request(name, *index, Some(records.clone()), -1).topic_data.remove(0)
    });
    request.topic_data = parts.collect();
    request
}

fn seen(response: &ProduceResponse) -> Vec<(&str, Vec<(i32, ErrorCode)>)> {
    let partitions = |topic: &TopicProduceResponse| {
        topic.partition_responses.iter().map(|partition| (partition.index, partition.error_code)).collect()
    };
    response.responses.iter().map(|topic| (topic.name.as_str(), partitions(topic))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_named_again_is_answered_in_one_place() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    let good = batch(&["x"]);
    let request = to_all(&[("a", 1, good.clone()), ("b", 0, good.clone()), ("a", 0, good)]);
    let response = kit.call(12, &request).await;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let a = vec![(1, ErrorCode::NONE), (0, ErrorCode::NONE)];
    assert_eq!(seen(&response), [("a", a), ("b", vec![(0, unknown)])]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_kafka_cannot_make_out_spoils_the_whole_request() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let good = batch(&["x"]);
    let unknown_format = edited(&good, MAGIC_AT, &[3], false);
    let too_short = edited(&good, LENGTH_AT, &13i32.to_be_bytes(), false);
    let unknown_codec = edited(&good, ATTRIBUTES_AT, &[0, 7], true);
    let (corrupt, odd) = (ErrorCode::CORRUPT_MESSAGE, ErrorCode::UNKNOWN_SERVER_ERROR);
    for (version, name, records, code) in [
        (12, "a", unknown_format.clone(), corrupt),
        (12, "b", unknown_format, corrupt),
        (12, "b", too_short, corrupt),
        (6, "a", unknown_codec.clone(), odd),
    ] {
        let request = to_all(&[("a", 0, good.clone()), (name, 0, records)]);
        let response = kit.call(version, &request).await;
        let parts: Vec<_> = seen(&response).into_iter().flat_map(|(_, parts)| parts).collect();
        assert_eq!(parts, [(0, code), (0, code)], "v{version} {name}");
    }
    let mut request = to_all(&[("a", 0, edited(&good, MAGIC_AT, &[3], false)), ("b", 0, good.clone())]);
    request.topic_data[1].partition_data.clear();
    assert_eq!(seen(&kit.call(12, &request).await), [("a", vec![(0, corrupt)])]);
    // With a codec that is unknown, a topic that is so too comes first, and later versions do not ask for codecs.
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    for (version, name, code) in [(6, "b", unknown), (7, "a", odd)] {
        let request = to_all(&[("c", 0, good.clone()), (name, 0, unknown_codec.clone())]);
        let response = kit.call(version, &request).await;
        assert_eq!(seen(&response), [("c", vec![(0, unknown)]), (name, vec![(0, code)])], "v{version}");
    }
    assert_eq!(kit.produce("a", 0, good).await.base_offset, 0, "nothing of it was appended");
}

#[tokio::test(start_paused = true)]
async fn only_three_values_of_acks_are_understood() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for (acks, code) in [
        (1, ErrorCode::NONE),
        (-1, ErrorCode::NONE),
        (2, ErrorCode::INVALID_REQUIRED_ACKS),
        (-2, ErrorCode::INVALID_REQUIRED_ACKS),
    ] {
        let response = kit.call(9, &produce_request("a", 0, Some(batch(&["x"])), acks)).await;
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!(answer.error_code, code);
        if code.is_err() {
            assert_eq!((answer.base_offset, answer.log_start_offset), (-1, -1));
        }
    }
}

/// As on Kafka, for whom nobody reads an answer.
#[tokio::test(start_paused = true)]
async fn without_acks_there_is_silence_or_a_closed_connection() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let cases =
        [("a", 0, Some(batch(&["x"])), true), ("nope", 0, Some(batch(&["x"])), false), ("a", 9, None, false)];
    for (topic, index, records, goes_well) in cases {
        let reply = kit.handle(9, &produce_request(topic, index, records, 0)).reply().await;
        assert_eq!(matches!(reply, Reply::Silent), goes_well, "{reply:?}");
        assert_eq!(matches!(reply, Reply::Close(_)), !goes_well, "{reply:?}");
    }
    assert_eq!(kit.produce("a", 0, batch(&["y"])).await.base_offset, 1);
}

#[tokio::test(start_paused = true)]
async fn records_that_are_not_one_whole_batch_are_refused() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let good = batch(&["hello", "world"]);
    let two = [&good[..], &good[..]].concat();
    let cases = [
        ("null, which Kafka never answers", None, ErrorCode::INVALID_RECORD),
        ("empty", Some(Bytes::new()), ErrorCode::INVALID_RECORD),
        ("too short", Some(Bytes::from_static(b"abc")), ErrorCode::INVALID_RECORD),
        ("no batch", Some(Bytes::from(vec![1; 100])), ErrorCode::INVALID_RECORD),
        ("two batches", Some(two.into()), ErrorCode::INVALID_RECORD),
        ("cut off", Some(good.slice(..good.len() - 3)), ErrorCode::INVALID_RECORD),
        ("format 0", Some(edited(&good, MAGIC_AT, &[0], false)), ErrorCode::INVALID_RECORD),
        ("format 1", Some(edited(&good, MAGIC_AT, &[1], false)), ErrorCode::INVALID_RECORD),
        ("format 3", Some(edited(&good, MAGIC_AT, &[3], false)), ErrorCode::CORRUPT_MESSAGE),
        ("wrong checksum", Some(edited(&good, 70, &[0xff], false)), ErrorCode::CORRUPT_MESSAGE),
        (
            "wrong count",
            Some(edited(&good, RECORDS_COUNT_AT, &3i32.to_be_bytes(), true)),
            ErrorCode::INVALID_RECORD,
        ),
        (
            "no record",
            Some(edited(&good, RECORDS_COUNT_AT, &0i32.to_be_bytes(), true)),
            ErrorCode::INVALID_RECORD,
        ),
        (
            "wrong last offset",
            Some(edited(&good, LAST_OFFSET_DELTA_AT, &5i32.to_be_bytes(), true)),
            ErrorCode::INVALID_RECORD,
        ),
        ("control", Some(edited(&good, ATTRIBUTES_AT, &[0, 0x20], true)), ErrorCode::INVALID_RECORD),
        (
            "records beyond the count",
            Some(edited(&good, LAST_OFFSET_DELTA_AT, &0i32.to_be_bytes(), true)),
            ErrorCode::INVALID_RECORD,
        ),
        ("base offset", Some(edited(&good, 0, &5i64.to_be_bytes(), false)), ErrorCode::INVALID_RECORD),
    ];
    for (what, records, code) in cases {
        assert_eq!(code_of(&mut kit, records).await, code, "{what}");
    }
    assert_eq!(kit.produce("a", 0, good).await.base_offset, 0, "nothing of it was appended");
}

/// As Kafka does.
#[tokio::test(start_paused = true)]
async fn a_few_bytes_behind_the_batch_are_dropped() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let mut records = BytesMut::from(&batch(&["x"])[..]);
    records.put_slice(b"xyz");
    assert_eq!(code_of(&mut kit, Some(records.freeze())).await, ErrorCode::NONE);
    assert_eq!(kit.produce("a", 0, batch(&["y"])).await.base_offset, 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_larger_than_max_message_bytes_is_too_large() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("max.message.bytes", "1000")]).await;
    let answer = kit.produce("a", 0, batch(&[&"x".repeat(2000)])).await;
    assert_eq!((answer.error_code, answer.log_start_offset), (ErrorCode::MESSAGE_TOO_LARGE, -1));
    assert_eq!(kit.produce("a", 0, batch(&["x"])).await.error_code, ErrorCode::NONE);
}

/// Kafka 4.3.1 lowers the number to that of the replicas.
#[tokio::test(start_paused = true)]
async fn two_replicas_in_sync_are_more_than_one_node_has() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("min.insync.replicas", "2")]).await;
    assert_eq!(kit.produce("a", 0, batch(&["x"])).await.error_code, ErrorCode::NOT_ENOUGH_REPLICAS);
    let response = kit.call(12, &produce_request("a", 0, Some(batch(&["x"])), 1)).await;
    assert_eq!(response.responses[0].partition_responses[0].base_offset, 0);
}

#[tokio::test(start_paused = true)]
async fn zstd_came_with_version_7() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let zstd = edited(&batch(&["x"]), ATTRIBUTES_AT, &[0, 4], true);
    let response = kit.call(6, &produce_request("a", 0, Some(zstd), -1)).await;
    let answer = &response.responses[0].partition_responses[0];
    assert_eq!(answer.error_code, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
}

#[tokio::test(start_paused = true)]
async fn the_broker_gives_the_time_where_the_topic_says_so() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
    kit.clock.advance(5);
    let answer = kit.produce("a", 0, batch_at(1, &["x"], BatchOptions::default())).await;
    assert_eq!((answer.error_code, answer.log_append_time_ms), (ErrorCode::NONE, NOW_MS + 5));
}

/// Code, messages and the place of the record are Kafka's.
#[tokio::test(start_paused = true)]
async fn a_record_of_another_time_is_refused_where_the_topic_says_so() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("message.timestamp.before.max.ms", "1000")]).await;
    kit.create("b", 1, &[]).await;
    let hour = 3_600_000;
    for (topic, time, goes_well) in [
        ("a", NOW_MS - 1000, true),
        ("a", NOW_MS - 1001, false),
        ("a", NOW_MS + hour, true),
        ("b", 5, true),
        ("b", -1, true),
        ("b", NOW_MS + hour + 1, false),
    ] {
        let answer = kit.produce(topic, 0, batch_at(time, &["x"], BatchOptions::default())).await;
        let expected = if goes_well { ErrorCode::NONE } else { ErrorCode::INVALID_TIMESTAMP };
        assert_eq!(answer.error_code, expected, "{topic} {time}");
        if !goes_well {
            let message = "One or more records have been rejected due to invalid timestamp";
            assert_eq!(answer.error_message.as_deref(), Some(message));
            let error = &answer.record_errors[0];
            let words = error.batch_index_error_message.as_deref().unwrap();
            assert_eq!(error.batch_index, 0);
            assert!(
                words.starts_with(&format!("Timestamp {time} of message with offset 0 is out of range."))
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_producer_is_held_to_its_sequence() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let sent = |epoch: i16, sequence: i32| {
        batch_at(NOW_MS, &["x"], BatchOptions::default().with_producer(501, epoch, sequence))
    };
    let cases = [
        ("the first", 0, 0, ErrorCode::NONE, 0),
        ("the same again", 0, 0, ErrorCode::NONE, 0),
        ("a gap", 0, 5, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1),
        ("the next", 0, 1, ErrorCode::NONE, 1),
        ("a new epoch in the middle", 1, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1),
        ("a new epoch from the start", 1, 0, ErrorCode::NONE, 2),
        ("an old epoch", 0, 2, ErrorCode::INVALID_PRODUCER_EPOCH, -1),
    ];
    for (what, epoch, sequence, code, base_offset) in cases {
        let answer = kit.produce("a", 0, sent(epoch, sequence)).await;
        assert_eq!((answer.error_code, answer.base_offset), (code, base_offset), "{what}");
    }
}
