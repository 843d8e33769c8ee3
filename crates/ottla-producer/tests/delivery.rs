//! What becomes of records when brokers fail, move, forget and refuse.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ottla_client::NodeId;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_env::Rng;
use ottla_producer::{Config, Delivery, Error, Producer, Record};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::RequestBody;
use ottla_protocol::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use ottla_transport::NetworkFaults;

/// Small batches and no lingering, so that a few records make many requests.
fn config(cluster: &ScriptedCluster) -> Config {
    Config::with_client(cluster.config()).with_batch_size(100).with_linger(Duration::ZERO)
}

async fn producer(cluster: &ScriptedCluster) -> Producer {
    Producer::new(config(cluster)).await.expect("the cluster is up")
}

async fn enqueue(producer: &Producer, number: usize) -> Delivery {
    let value = format!("value {number:>60}");
    producer.enqueue(Record::new("t").with_partition(0).with_value(&value)).await.expect("there is room")
}

async fn enqueue_all(producer: &Producer, numbers: std::ops::Range<usize>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for number in numbers {
        deliveries.push(enqueue(producer, number).await);
    }
    deliveries
}

/// The numbers in partition 0, in order.
fn written(cluster: &ScriptedCluster) -> Vec<usize> {
    let number = |value: &[u8]| {
        String::from_utf8_lossy(value).trim_start_matches("value").trim().parse().expect("a number")
    };
    cluster.values("t", 0).iter().map(|value| number(value)).collect()
}

/// An answer that refuses every batch of a request.
fn refuse(request: &ProduceRequest, code: ErrorCode) -> Reply {
    let mut answer = ProduceResponse::default();
    for topic in &request.topic_data {
        let mut answered = TopicProduceResponse::default();
        (answered.name, answered.topic_id) = (topic.name.clone(), topic.topic_id);
        for data in &topic.partition_data {
            let mut partition = PartitionProduceResponse::default();
            (partition.index, partition.error_code, partition.base_offset) = (data.index, code, -1);
            answered.partition_responses.push(partition);
        }
        answer.responses.push(answered);
    }
    Reply::Answer(answer.into())
}

/// Does `what` with the `nth` produce request (counted from 0) and serves all others.
fn script_nth(
    cluster: &ScriptedCluster,
    nth: usize,
    what: impl Fn(&ProduceRequest) -> Reply + Send + 'static,
) {
    let mut count = 0;
    cluster.script(move |_, request| match request {
        RequestBody::Produce(request) => {
            count += 1;
            (count == nth + 1).then(|| what(request))
        }
        _ => None,
    });
}

async fn cluster_with_topic() -> ScriptedCluster {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 1);
    cluster
}

#[tokio::test(start_paused = true)]
async fn each_record_learns_where_it_was_written() {
    let cluster = cluster_with_topic().await;
    let producer = producer(&cluster).await;
    for (offset, delivery) in (0..).zip(enqueue_all(&producer, 0..20).await) {
        let metadata = delivery.await.unwrap();
        assert_eq!((metadata.partition, metadata.offset.unwrap().0), (0, offset));
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..20));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_duplicate_and_changes_no_order() {
    for nth in 0..8 {
        let cluster = cluster_with_topic().await;
        let producer = producer(&cluster).await;
        script_nth(&cluster, nth, |_| Reply::LoseAnswer);
        for (offset, delivery) in (0..).zip(enqueue_all(&producer, 0..20).await) {
            assert_eq!(delivery.await.unwrap().offset.unwrap().0, offset);
        }
        assert_eq!(written(&cluster), Vec::from_iter(0..20), "answer {nth} lost");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_is_sent_again_before_those_behind_it() {
    for code in
        [ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::REQUEST_TIMED_OUT, ErrorCode::NOT_LEADER_OR_FOLLOWER]
    {
        for nth in 0..8 {
            let cluster = cluster_with_topic().await;
            let producer = producer(&cluster).await;
            script_nth(&cluster, nth, move |request| refuse(request, code));
            let deliveries = enqueue_all(&producer, 0..20).await;
            producer.flush().await;
            assert!(deliveries.iter().all(|delivery| delivery.peek().unwrap().is_ok()));
            assert_eq!(written(&cluster), Vec::from_iter(0..20), "request {nth} answered {code}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn batches_follow_their_leader() {
    let cluster = cluster_with_topic().await;
    let producer = producer(&cluster).await;
    for round in 0..6 {
        let deliveries = enqueue_all(&producer, round * 10..round * 10 + 10).await;
        cluster.move_leader("t", 0, NodeId(if round % 2 == 0 { 2 } else { 1 }));
        for delivery in deliveries {
            delivery.await.unwrap();
        }
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..60));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_was_surely_not_written_and_the_rest_goes_on() {
    let cluster = cluster_with_topic().await;
    let producer = producer(&cluster).await;
    script_nth(&cluster, 2, |request| refuse(request, ErrorCode::MESSAGE_TOO_LARGE));
    let mut failed = 0;
    for delivery in enqueue_all(&producer, 0..20).await {
        match delivery.await {
            Ok(_) => {}
            Err(error) => {
                failed += 1;
                assert!(
                    matches!(error, Error::Rejected { code: ErrorCode::MESSAGE_TOO_LARGE, .. }),
                    "{error}"
                );
                assert!(!error.is_possibly_written());
            }
        }
    }
    assert!(failed > 0);
    let written = written(&cluster);
    assert_eq!(written.len(), 20 - failed);
    assert!(written.is_sorted(), "{written:?}");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_forgot_the_producer_is_told_anew() {
    let cluster = cluster_with_topic().await;
    let producer = producer(&cluster).await;
    for delivery in enqueue_all(&producer, 0..5).await {
        delivery.await.unwrap();
    }
    script_nth(&cluster, 0, |request| refuse(request, ErrorCode::UNKNOWN_PRODUCER_ID));
    for delivery in enqueue_all(&producer, 5..20).await {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..20));
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_the_record_is_possibly_written() {
    let cluster = cluster_with_topic().await;
    let producer = producer(&cluster).await;
    cluster.script(|_, request| matches!(request, RequestBody::Produce(_)).then_some(Reply::Ignore));
    let start = tokio::time::Instant::now();
    let error = enqueue(&producer, 0).await.await.unwrap_err();
    assert!(matches!(error, Error::Undelivered { possibly_written: true, .. }), "{error}");
    let waited = start.elapsed();
    assert!(waited >= Duration::from_secs(120) && waited < Duration::from_secs(121), "{waited:?}");

    // What comes after is not held up by it.
    cluster.clear_script();
    enqueue(&producer, 1).await.await.unwrap();
    assert_eq!(written(&cluster), [1]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_never_left_is_surely_not_written() {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", 1);
    let producer = producer(&cluster).await;
    cluster.set_faults(NetworkFaults { refuse_chance: 1.0, ..NetworkFaults::default() });
    cluster.cut(NodeId(1));
    // Nothing was sent to the broker so far: even an identity is missing.
    let topic = producer.enqueue(Record::new("t").with_value("x"));
    let error = topic.await.unwrap_err();
    assert!(!error.is_possibly_written(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn full_buffers_make_callers_wait_and_then_go_on() {
    let cluster = cluster_with_topic().await;
    let producer = Producer::new(config(&cluster).with_buffer_memory(1_000)).await.unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&served);
    cluster.script(move |_, request| {
        matches!(request, RequestBody::Produce(_)).then(|| {
            counter.fetch_add(1, Ordering::Relaxed);
            Reply::Delay(Duration::from_millis(10))
        })
    });
    for delivery in enqueue_all(&producer, 0..100).await {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..100));
    assert!(served.load(Ordering::Relaxed) >= 10);
}

#[tokio::test(start_paused = true)]
async fn an_enqueue_that_is_dropped_while_it_waits_produces_nothing() {
    let cluster = cluster_with_topic().await;
    let producer = Producer::new(config(&cluster).with_buffer_memory(250)).await.unwrap();
    producer.send("t", "warm", "up").await.unwrap();
    cluster.script(|_, request| {
        matches!(request, RequestBody::Produce(_)).then_some(Reply::Delay(Duration::from_secs(5)))
    });
    let mut kept = Vec::new();
    let dropped = loop {
        let next = kept.len();
        match tokio::time::timeout(Duration::from_secs(1), enqueue(&producer, next)).await {
            Ok(delivery) => kept.push(delivery),
            Err(_) => break next,
        }
    };
    for delivery in kept {
        delivery.await.unwrap();
    }
    producer.flush().await;
    let values = cluster.values("t", 0);
    let needle = format!("value {dropped:>60}");
    assert!(!values.iter().any(|value| *value == needle.as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn flush_does_not_linger_and_waits_for_everything() {
    let cluster = cluster_with_topic().await;
    let config = config(&cluster).with_batch_size(10_000).with_linger(Duration::from_secs(60));
    let producer = Producer::new(config).await.unwrap();
    let deliveries = enqueue_all(&producer, 0..20).await;
    let start = tokio::time::Instant::now();
    producer.flush().await;
    assert!(deliveries.iter().all(|delivery| delivery.peek().unwrap().is_ok()));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn without_a_flush_a_batch_lingers_for_as_long_as_was_asked() {
    let cluster = cluster_with_topic().await;
    let config = config(&cluster).with_batch_size(10_000).with_linger(Duration::from_secs(60));
    let producer = Producer::new(config).await.unwrap();
    let start = tokio::time::Instant::now();
    enqueue(&producer, 0).await.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn close_flushes_and_drop_does_not() {
    let cluster = cluster_with_topic().await;
    let lingering = config(&cluster).with_batch_size(10_000).with_linger(Duration::from_secs(60));
    let closed = Producer::new(lingering.clone()).await.unwrap();
    let delivery = enqueue(&closed, 0).await;
    let clone = closed.clone();
    closed.close().await;
    delivery.await.unwrap();
    let error = clone.enqueue(Record::new("t").with_value("late")).await;
    tokio::task::yield_now().await;
    assert!(matches!(error, Err(Error::Closed { .. })) || clone.send("t", "k", "v").await.is_err());

    let dropped = Producer::new(lingering).await.unwrap();
    let delivery = enqueue(&dropped, 1).await;
    drop(dropped);
    let error = delivery.await.unwrap_err();
    assert!(matches!(error, Error::Closed { possibly_written: false }), "{error}");
    assert_eq!(written(&cluster), [0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_refused_at_once() {
    let cluster = cluster_with_topic().await;
    let producer = Producer::new(config(&cluster).with_max_request_size(1_000)).await.unwrap();
    let error = producer.send("t", "key", vec![0; 1_000]).await.unwrap_err();
    assert!(matches!(error, Error::RecordTooLarge { limit: 1_000, .. }), "{error}");
    assert!(!error.is_possibly_written());
    // Larger than batch.size is fine: it gets a batch of its own.
    producer.send("t", "key", vec![0; 500]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_unknown_topic_is_an_error_after_max_block() {
    let cluster = cluster_with_topic().await;
    let producer = Producer::new(config(&cluster).with_max_block(Duration::from_secs(3))).await.unwrap();
    let start = tokio::time::Instant::now();
    let error = producer.send("nowhere", "key", "value").await.unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_broker_over_whose_quota_the_producer_is_gets_nothing_until_it_wants_more() {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    let producer = producer(&cluster).await;
    let start = tokio::time::Instant::now();
    cluster.script(move |node, request| match request {
        RequestBody::Produce(_) if node == NodeId(1) => Some(Reply::Throttle(Duration::from_secs(3))),
        _ => None,
    });
    let send = async |partition| {
        let record = Record::new("t").with_partition(partition).with_value("x");
        producer.enqueue(record).await.unwrap().await.unwrap();
        start.elapsed().as_secs()
    };
    // Partition 0 is led by broker 1, and partition 1 by broker 2.
    assert_eq!((send(0).await, send(1).await), (0, 0));
    assert_eq!((send(0).await, send(1).await), (3, 3));
    assert_eq!((send(0).await, send(0).await), (6, 9));
}

/// The history that idempotence promises, on a network that cuts connections and with brokers that
/// fail and move at random.
#[tokio::test(start_paused = true)]
async fn nothing_acknowledged_is_lost_or_twice_or_out_of_order_whatever_fails() {
    for seed in 0..60 {
        let faults = NetworkFaults {
            delay_max: Duration::from_millis(20),
            split_chance: 0.1,
            cut_chance: 0.02,
            refuse_chance: 0.1,
            ..NetworkFaults::default()
        };
        let cluster = ScriptedCluster::with_faults(2, faults, seed);
        cluster.add_topic("t", 1);
        let mut rng = Rng::new(seed);
        let mover = cluster.clone();
        cluster.script(move |_, request| {
            let RequestBody::Produce(request) = request else { return None };
            match rng.below(30) {
                0 => Some(Reply::LoseAnswer),
                1 => Some(Reply::Close),
                2 => Some(refuse(request, ErrorCode::NOT_ENOUGH_REPLICAS)),
                3 => Some(refuse(request, ErrorCode::NOT_LEADER_OR_FOLLOWER)),
                _ => None,
            }
        });
        let Ok(producer) = Producer::new(config(&cluster)).await else { continue };
        let mut deliveries = BTreeMap::new();
        for number in 0..150 {
            if number % 40 == 39 {
                let to = NodeId(1 + i32::try_from(number / 40 % 2).unwrap());
                mover.move_leader("t", 0, to);
            }
            let value = format!("value {number:>60}");
            let record = Record::new("t").with_partition(0).with_value(&value);
            deliveries.insert(number, producer.enqueue(record).await.unwrap());
        }
        producer.flush().await;
        let written = written(&cluster);
        let mut in_order = written.clone();
        in_order.dedup();
        assert!(in_order.is_sorted() && in_order.len() == written.len(), "seed {seed}: {written:?}");
        for (number, delivery) in deliveries {
            match delivery.await {
                Ok(metadata) => {
                    let offset = metadata.offset.map(|offset| usize::try_from(offset.0).unwrap());
                    assert!(written.contains(&number), "seed {seed}: {number} is lost");
                    assert!(offset.is_none_or(|offset| written[offset] == number), "seed {seed}: {number}");
                }
                Err(error) => {
                    assert!(
                        error.is_possibly_written() || !written.contains(&number),
                        "seed {seed}: {error}"
                    );
                }
            }
        }
    }
}
