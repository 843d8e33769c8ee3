//! Deleting records up to an offset. What is answered was seen on Kafka.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use ottla_protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use ottla_protocol::messages::list_offsets::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};

use crate::harness::{End, Kit, batch, text};
use crate::transactional::Transactional;

type Asked<'a> = (&'a str, &'a [(i32, i64)]);

fn request(topics: &[Asked<'_>]) -> DeleteRecordsRequest {
    let topics = topics.iter().map(|(name, partitions)| {
        let partitions = partitions.iter().map(|(index, offset)| {
            DeleteRecordsPartition::default().with_partition_index(*index).with_offset(*offset)
        });
        DeleteRecordsTopic::default().with_name(text(name)).with_partitions(partitions.collect())
    });
    DeleteRecordsRequest::default().with_topics(topics.collect()).with_timeout_ms(5000)
}

async fn delete(kit: &mut Kit, topics: &[Asked<'_>]) -> Vec<(String, i32, ErrorCode, i64)> {
    let response = kit.call(2, &request(topics)).await;
    let answers = response.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|p| (topic.name.to_string(), p.partition_index, p.error_code, p.low_watermark))
    });
    answers.collect()
}

async fn delete_one(kit: &mut Kit, before: i64) -> (ErrorCode, i64) {
    let (_, _, code, start) = delete(kit, &[("a", &[(0, before)])]).await.remove(0);
    (code, start)
}

async fn list(kit: &mut Kit, timestamp: i64) -> (i64, i32) {
    let partition = ListOffsetsPartition::default().with_timestamp(timestamp).with_current_leader_epoch(-1);
    let topic = ListOffsetsTopic::default().with_name(text("a")).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic]);
    let one = kit.call(11, &request).await.topics.remove(0).partitions.remove(0);
    assert_eq!(one.error_code, ErrorCode::NONE);
    (one.offset, one.leader_epoch)
}

async fn fetch(kit: &mut Kit, from: i64) -> (ErrorCode, i64, i64, usize) {
    let partition = FetchPartition::default().with_fetch_offset(from).with_partition_max_bytes(1 << 20);
    let topic = FetchTopic::default().with_topic(text("a")).with_partitions(vec![partition]);
    let request = FetchRequest::default().with_topics(vec![topic]).with_max_bytes(1 << 20);
    let one = kit.call(12, &request).await.responses.remove(0).partitions.remove(0);
    let bytes = one.records.as_ref().map_or(0, |records| records.len());
    (one.error_code, one.log_start_offset, one.high_watermark, bytes)
}

async fn kit() -> Kit {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    for _ in 0..5 {
        assert_eq!(kit.produce("a", 0, batch(&["x"])).await.error_code, ErrorCode::NONE);
    }
    kit
}

#[tokio::test(start_paused = true)]
async fn the_log_starts_where_it_was_asked_to_and_says_so_everywhere() {
    let mut kit = kit().await;
    assert_eq!(delete_one(&mut kit, 2).await, (ErrorCode::NONE, 2));
    assert_eq!(list(&mut kit, -2).await, (2, 0));
    assert_eq!(list(&mut kit, -4).await, (2, 0));
    assert_eq!(list(&mut kit, 0).await, (2, 0), "the first that is left");
    assert_eq!(fetch(&mut kit, 1).await, (ErrorCode::OFFSET_OUT_OF_RANGE, -1, -1, 0));
    let (code, start, high_watermark, bytes) = fetch(&mut kit, 2).await;
    assert_eq!((code, start, high_watermark), (ErrorCode::NONE, 2, 5));
    assert!(bytes > 0);
    let produced = kit.produce("a", 0, batch(&["x"])).await;
    assert_eq!((produced.base_offset, produced.log_start_offset), (5, 2));
    for version in 0..=2 {
        let response = kit.call(version, &request(&[("a", &[(0, 3)])])).await;
        let one = &response.topics[0].partitions[0];
        assert_eq!((one.error_code, one.low_watermark), (ErrorCode::NONE, 3), "v{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn minus_one_is_the_high_watermark_and_no_start_goes_back() {
    let mut kit = kit().await;
    assert_eq!(delete_one(&mut kit, -1).await, (ErrorCode::NONE, 5));
    assert_eq!(delete_one(&mut kit, 2).await, (ErrorCode::NONE, 5));
    assert_eq!(list(&mut kit, -2).await, (5, 0));
    assert_eq!(list(&mut kit, -3).await, (-1, -1), "no record has the largest timestamp");
    assert_eq!(delete(&mut kit, &[("a", &[(1, -1)])]).await, [("a".into(), 1, ErrorCode::NONE, 0)]);
    let refused = (ErrorCode::OFFSET_OUT_OF_RANGE, -1);
    for wrong in [6, i64::MAX, -2, i64::MIN] {
        assert_eq!(delete_one(&mut kit, wrong).await, refused, "{wrong}");
    }
}

/// Where what is read of committed records ends.
async fn last_stable(kit: &mut Kit) -> i64 {
    let partition = ListOffsetsPartition::default().with_timestamp(-1).with_current_leader_epoch(-1);
    let topic = ListOffsetsTopic::default().with_name(text("a")).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_replica_id(-1).with_topics(vec![topic]);
    let one = kit.call(11, &request.with_isolation_level(1)).await.topics.remove(0).partitions.remove(0);
    assert_eq!(one.error_code, ErrorCode::NONE);
    one.offset
}

#[tokio::test(start_paused = true)]
async fn an_open_transaction_keeps_no_record_from_being_deleted() {
    let mut kit = kit().await;
    let mut producer = Transactional::new(&mut kit, "t").await;
    for sequence in 0..3 {
        assert_eq!(producer.code(&mut kit, 12, 0, sequence).await, ErrorCode::NONE);
    }
    assert_eq!(last_stable(&mut kit).await, 5);
    assert_eq!(delete_one(&mut kit, 7).await, (ErrorCode::NONE, 7), "the high watermark is the bound");
    assert_eq!(last_stable(&mut kit).await, 7, "it moves up with the start");
    assert_eq!(delete_one(&mut kit, -1).await, (ErrorCode::NONE, 8));
    assert_eq!(last_stable(&mut kit).await, 8);
    // It goes on, and what it has left ends as a whole.
    assert_eq!(producer.code(&mut kit, 12, 0, 3).await, ErrorCode::NONE);
    assert_eq!(last_stable(&mut kit).await, 8);
    kit = kit.reopened(End::Kill).await;
    assert_eq!(last_stable(&mut kit).await, 8);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(last_stable(&mut kit).await, 10);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_deleted_has_its_code_and_the_rest_is_done() {
    let mut kit = kit().await;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let asked: &[Asked<'_>] = &[
        ("nope", &[(0, 0)]),
        ("a", &[(0, 9), (7, 0), (0, 1)]),
        ("__ottla_metadata", &[(0, -1)]),
        ("empty", &[]),
        ("a", &[(-1, 0)]),
    ];
    let expected = [
        ("__ottla_metadata".to_owned(), 0, unknown, -1),
        ("a".to_owned(), -1, unknown, -1),
        ("a".to_owned(), 0, ErrorCode::NONE, 1),
        ("a".to_owned(), 7, unknown, -1),
        ("nope".to_owned(), 0, unknown, -1),
    ];
    assert_eq!(delete(&mut kit, asked).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_only_compacted_keeps_its_records() {
    let mut kit = kit().await;
    for (name, policy, code) in [
        ("only", "compact", ErrorCode::POLICY_VIOLATION),
        ("both", "compact,delete", ErrorCode::NONE),
        ("neither", "", ErrorCode::NONE),
    ] {
        kit.create(name, 1, &[("cleanup.policy", policy)]).await;
        let start = if code == ErrorCode::NONE { 0 } else { -1 };
        assert_eq!(delete(&mut kit, &[(name, &[(0, -1)])]).await, [(name.to_owned(), 0, code, start)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_start_survives_every_end() {
    for end in (0..20).map(End::PowerLoss).chain([End::Kill, End::Close]) {
        let mut kit = kit().await;
        assert_eq!(delete_one(&mut kit, 4).await, (ErrorCode::NONE, 4));
        let mut kit = kit.reopened(end).await;
        assert_eq!(list(&mut kit, -2).await, (4, 0), "{end:?}");
        assert_eq!(list(&mut kit, -1).await, (5, 0), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_partitions_are_done_at_once() {
    let mut kit = Kit::new().await;
    kit.create("many", 200, &[]).await;
    for index in 0..200 {
        kit.produce("many", index, batch(&["x"])).await;
    }
    let asked: Vec<(i32, i64)> = (0..200).map(|index| (index, -1)).collect();
    let before = kit.disk.changes();
    let answers = delete(&mut kit, &[("many", &asked)]).await;
    assert!(answers.iter().all(|(_, _, code, start)| (*code, *start) == (ErrorCode::NONE, 1)));
    assert_eq!(answers.len(), 200);
    let changes = kit.disk.changes() - before;
    assert!(changes < 30, "{changes} changes of the disk for 200 partitions");
}
