//! What a consumer hands out when brokers fail, move and forget, and when its user changes course.

use std::time::Duration;

use bytes::Bytes;
use ottla_client::NodeId;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_consumer::{Config, Consumer, Error, Offset, OffsetReset, Start, TopicPartition};
use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::RequestBody;
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::records::{BatchBuilder, BatchError, BatchOptions, Compression};
use ottla_transport::NetworkFaults;
use tokio::time::Instant;

/// A batch of records whose values are `numbers`, stamped with their numbers as milliseconds.
fn batch(numbers: std::ops::Range<i64>, compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default().with_compression(compression, None));
    for number in numbers {
        let value = number.to_string();
        builder
            .try_append(number, Some(b"key"), Some(value.as_bytes()), &[("h", Some(b"v"))])
            .expect("there is room");
    }
    builder.build().expect("the codec is there")
}

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

/// Brokers with a topic of two partitions, with the numbers 0 to 99 in partition 0.
fn cluster() -> ScriptedCluster {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    for first in (0..100).step_by(10) {
        cluster.append("t", 0, batch(first..first + 10, Compression::None));
    }
    cluster
}

async fn consumer(cluster: &ScriptedCluster, start: Start) -> Consumer {
    let consumer = Consumer::new(Config::with_client(cluster.config())).await.expect("the cluster is up");
    consumer.assign([at(0), at(1)], start);
    consumer
}

/// The next `count` values, from whatever partition.
async fn values(consumer: &Consumer, count: usize) -> Vec<i64> {
    let mut records = consumer.records();
    let mut values = Vec::new();
    for _ in 0..count {
        let next = tokio::time::timeout(Duration::from_secs(60), records.next()).await;
        let record = next.expect("in time").expect("not closed").expect("no error");
        let value = record.value.expect("a value");
        values.push(String::from_utf8_lossy(&value).parse().expect("a number"));
    }
    values
}

/// Lets virtual time pass.
async fn pass(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

async fn nothing_more(consumer: &Consumer) {
    let more = tokio::time::timeout(Duration::from_secs(5), consumer.next_batch()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test(start_paused = true)]
async fn every_start_begins_where_it_says() {
    let cluster = cluster();
    for (start, first) in [
        (Start::Earliest, 0),
        (Start::Offset(Offset(37)), 37),
        (Start::Timestamp(55), 55),
        (Start::Timestamp(-7), 0),
    ] {
        let consumer = consumer(&cluster, start).await;
        assert_eq!(values(&consumer, 100 - first).await[0], i64::try_from(first).unwrap(), "{start:?}");
        assert_eq!(consumer.position(&at(0)), Some(Offset(100)));
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_end_only_what_comes_later_is_read() {
    let cluster = cluster();
    for start in [Start::Latest, Start::Timestamp(1_000_000)] {
        let consumer = consumer(&cluster, start).await;
        nothing_more(&consumer).await;
        cluster.append("t", 1, batch(500..501, Compression::None));
        assert_eq!(values(&consumer, 1).await, [500]);
    }
}

#[tokio::test(start_paused = true)]
async fn records_own_their_parts_and_say_where_they_are() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Offset(Offset(42))).await;
    let record = consumer.records().next().await.unwrap().unwrap();
    assert_eq!((record.topic(), record.partition(), record.offset.0, record.timestamp), ("t", 0, 42, 42));
    assert_eq!(record.key.as_deref(), Some(&b"key"[..]));
    assert_eq!(record.headers[0].key, &b"h"[..]);
    assert_eq!(record.headers[0].value.as_deref(), Some(&b"v"[..]));
}

#[tokio::test(start_paused = true)]
async fn every_codec_is_read() {
    for codec in Compression::ALL.into_iter().filter(|codec| codec.is_enabled()) {
        let cluster = ScriptedCluster::start(1);
        cluster.add_topic("t", 2);
        cluster.append("t", 0, batch(0..50, codec));
        let consumer = consumer(&cluster, Start::Earliest).await;
        assert_eq!(values(&consumer, 50).await, Vec::from_iter(0..50), "{codec}");
    }
}

#[tokio::test(start_paused = true)]
async fn seek_goes_back_and_drops_what_was_fetched() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Earliest).await;
    let first = consumer.next_batch().await.unwrap();
    assert_eq!((first.first_offset(), first.next_offset(), first.len()), (Offset(0), Offset(10), 10));
    consumer.seek(&at(0), Start::Offset(Offset(5))).unwrap();
    assert_eq!(values(&consumer, 95).await, Vec::from_iter(5..100));
    assert!(matches!(consumer.seek(&at(9), Start::Latest), Err(Error::NotAssigned(_))));
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_question_from_before_a_seek_does_not_count() {
    let cluster = cluster();
    cluster.script(|_, request| {
        matches!(request, RequestBody::Fetch(_)).then_some(Reply::Delay(Duration::from_secs(2)))
    });
    let consumer = consumer(&cluster, Start::Offset(Offset(90))).await;
    pass(Duration::from_secs(1)).await;
    consumer.seek(&at(0), Start::Offset(Offset(5))).unwrap();
    assert_eq!(values(&consumer, 95).await, Vec::from_iter(5..100));
}

#[tokio::test(start_paused = true)]
async fn a_paused_partition_hands_out_nothing_until_it_is_resumed() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Earliest).await;
    consumer.next_batch().await.unwrap();
    consumer.pause(&at(0)).unwrap();
    nothing_more(&consumer).await;
    cluster.append("t", 1, batch(700..701, Compression::None));
    assert_eq!(values(&consumer, 1).await, [700]);
    consumer.resume(&at(0)).unwrap();
    assert_eq!(values(&consumer, 90).await, Vec::from_iter(10..100));
}

#[tokio::test(start_paused = true)]
async fn reading_follows_the_leader() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Earliest).await;
    assert_eq!(values(&consumer, 100).await.len(), 100);
    for round in 0..4 {
        cluster.move_leader("t", 0, NodeId(2 - round % 2));
        let first = 100 + i64::from(round) * 10;
        cluster.append("t", 0, batch(first..first + 10, Compression::None));
        assert_eq!(values(&consumer, 10).await, Vec::from_iter(first..first + 10));
    }
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_session_starts_over_where_it_was() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Earliest).await;
    assert_eq!(values(&consumer, 100).await.len(), 100);
    cluster.forget_sessions();
    cluster.append("t", 0, batch(100..110, Compression::None));
    assert_eq!(values(&consumer, 10).await, Vec::from_iter(100..110));
}

#[tokio::test(start_paused = true)]
async fn an_offset_out_of_range_is_reset_as_configured() {
    let truncated = || {
        let cluster = cluster();
        cluster.truncate_before("t", 0, 50);
        cluster
    };
    let with_reset = async |cluster: &ScriptedCluster, reset| {
        let config = Config::with_client(cluster.config()).with_auto_offset_reset(reset);
        let consumer = Consumer::new(config).await.unwrap();
        consumer.assign([at(0)], Start::Offset(Offset(3)));
        consumer
    };
    let cluster = truncated();
    let earliest = with_reset(&cluster, OffsetReset::Earliest).await;
    assert_eq!(values(&earliest, 50).await[0], 50);

    let latest = with_reset(&cluster, OffsetReset::Latest).await;
    nothing_more(&latest).await;
    assert_eq!(latest.position(&at(0)), Some(Offset(100)));

    let none = with_reset(&cluster, OffsetReset::None).await;
    let error = none.next_batch().await.unwrap_err();
    assert!(matches!(&error, Error::OutOfRange { offset: Offset(3), .. }), "{error}");
    nothing_more(&none).await;
    none.seek(&at(0), Start::Offset(Offset(90))).unwrap();
    assert_eq!(values(&none, 10).await, Vec::from_iter(90..100));
}

#[tokio::test(start_paused = true)]
async fn a_damaged_batch_stops_its_partition_and_a_seek_goes_on_behind_it() {
    let cluster = cluster();
    let mut damaged = batch(100..110, Compression::None).to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    cluster.append("t", 0, damaged.into());
    cluster.append("t", 0, batch(110..120, Compression::None));
    let consumer = consumer(&cluster, Start::Offset(Offset(90))).await;
    assert_eq!(values(&consumer, 10).await, Vec::from_iter(90..100));
    let error = consumer.next_batch().await.unwrap_err();
    let Error::BadBatch { partition, next, source: BatchError::CrcMismatch { .. }, .. } = error else {
        panic!("{error}");
    };
    nothing_more(&consumer).await;
    cluster.append("t", 1, batch(800..801, Compression::None));
    assert_eq!(values(&consumer, 1).await, [800], "the other partition goes on");
    consumer.seek(&partition, Start::Offset(next)).unwrap();
    assert_eq!(values(&consumer, 10).await, Vec::from_iter(110..120));
}

#[tokio::test(start_paused = true)]
async fn records_that_are_damaged_at_the_broker_are_told_of_and_a_seek_goes_on_behind_them() {
    let cluster = cluster();
    cluster.script(|_, request| {
        let RequestBody::Fetch(fetch) = request else { return None };
        let topic = fetch.topics.first()?;
        let asked = topic.partitions.iter().find(|asked| asked.partition == 0)?;
        if !(50..60).contains(&asked.fetch_offset) {
            return None;
        }
        let mut damaged = PartitionData::default();
        (damaged.error_code, damaged.high_watermark) = (ErrorCode::CORRUPT_MESSAGE, -1);
        let mut of_topic = FetchableTopicResponse::default();
        (of_topic.topic, of_topic.topic_id) = (topic.topic.clone(), topic.topic_id);
        of_topic.partitions.push(damaged);
        let mut answer = FetchResponse::default();
        answer.responses.push(of_topic);
        Some(Reply::Answer(answer.into()))
    });
    let consumer = consumer(&cluster, Start::Offset(Offset(55))).await;
    let error = consumer.next_batch().await.unwrap_err();
    assert!(matches!(&error, Error::Corrupt { offset: Offset(55), .. }), "{error}");
    assert!(!error.is_retriable());
    nothing_more(&consumer).await;
    consumer.seek(error.partition().unwrap(), Start::Offset(Offset(60))).unwrap();
    assert_eq!(values(&consumer, 40).await, Vec::from_iter(60..100));
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_session_is_nobodys_business() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Earliest).await;
    assert_eq!(values(&consumer, 100).await.len(), 100);
    let mut asked = 0;
    cluster.script(move |_, request| match request {
        RequestBody::Fetch(_) if asked == 0 => {
            asked += 1;
            let mut answer = FetchResponse::default();
            answer.error_code = ErrorCode::FETCH_SESSION_ID_NOT_FOUND;
            Some(Reply::Answer(answer.into()))
        }
        _ => None,
    });
    cluster.append("t", 0, batch(100..101, Compression::None));
    assert_eq!(values(&consumer, 1).await, [100]);
}

#[tokio::test(start_paused = true)]
async fn no_more_is_fetched_than_fits_the_limits() {
    let cluster = cluster();
    let config =
        Config::with_client(cluster.config()).with_prefetch_max_bytes(1).with_max_partition_fetch_bytes(1);
    let consumer = Consumer::new(config).await.unwrap();
    consumer.assign([at(0)], Start::Earliest);
    let fetches = || cluster.requests().iter().filter(|(_, api)| *api == ApiKey::Fetch).count();
    pass(Duration::from_secs(60)).await;
    assert_eq!(fetches(), 1, "one batch waits, and that is enough");
    assert_eq!(values(&consumer, 100).await, Vec::from_iter(0..100));
    assert!(fetches() >= 10);
}

#[tokio::test(start_paused = true)]
async fn a_next_batch_that_is_dropped_loses_nothing() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Latest).await;
    for round in 0..20 {
        let _ = tokio::time::timeout(Duration::from_millis(30), consumer.next_batch()).await.map(|batch| {
            panic!("{batch:?} before anything was written in round {round}");
        });
    }
    cluster.append("t", 0, batch(100..110, Compression::None));
    assert_eq!(values(&consumer, 10).await, Vec::from_iter(100..110));
}

#[tokio::test(start_paused = true)]
async fn a_closed_consumer_says_so_and_wakes_who_waits() {
    let cluster = cluster();
    let consumer = consumer(&cluster, Start::Latest).await;
    let waiter = tokio::spawn({
        let consumer = consumer.clone();
        async move { consumer.next_batch().await }
    });
    pass(Duration::from_secs(1)).await;
    let mut records = consumer.records();
    consumer.close().await;
    assert!(matches!(waiter.await.unwrap(), Err(Error::Closed)));
    assert!(records.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn every_record_comes_once_and_in_order_whatever_fails() {
    for seed in 0..60 {
        let faults = NetworkFaults {
            delay_max: Duration::from_millis(20),
            split_chance: 0.1,
            cut_chance: 0.02,
            refuse_chance: 0.1,
            ..NetworkFaults::default()
        };
        let cluster = ScriptedCluster::with_faults(2, faults, seed);
        cluster.add_topic("t", 2);
        let mut rng = ottla_env::Rng::new(seed);
        cluster.script(move |_, request| match request {
            RequestBody::Fetch(_) if rng.chance(0.1) => Some(Reply::LoseAnswer),
            RequestBody::Fetch(_) if rng.chance(0.05) => Some(Reply::Close),
            _ => None,
        });
        let config = Config::with_client(cluster.config()).with_max_partition_fetch_bytes(300);
        let Ok(consumer) = Consumer::new(config).await else { continue };
        consumer.assign([at(0)], Start::Offset(Offset(0)));
        let mut read = Vec::new();
        for round in 0..10 {
            cluster.append("t", 0, batch(round * 10..round * 10 + 10, Compression::None));
            if round % 3 == 2 {
                cluster.move_leader("t", 0, NodeId(1 + i32::try_from(round / 3 % 2).unwrap()));
                cluster.forget_sessions();
            }
            read.extend(values(&consumer, 10).await);
        }
        assert_eq!(read, Vec::from_iter(0..100), "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_over_whose_quota_the_consumer_is_gets_nothing_until_it_wants_more() {
    let cluster = cluster();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    cluster.script(move |node, request| match request {
        RequestBody::Fetch(_) if node == NodeId(1) => {
            told.send(Instant::now()).expect("the test listens");
            Some(Reply::Throttle(Duration::from_secs(7)))
        }
        _ => None,
    });
    let consumer = consumer(&cluster, Start::Earliest).await;
    assert_eq!(values(&consumer, 100).await, Vec::from_iter(0..100));
    let (first, second) = (heard.recv().await.unwrap(), heard.recv().await.unwrap());
    assert_eq!((second - first).as_secs(), 7);
}
