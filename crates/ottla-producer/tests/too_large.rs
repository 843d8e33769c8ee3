//! Batches that a broker finds too large are divided (KIP-126), and their records keep every promise.

use std::time::Duration;

use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_env::Rng;
use ottla_producer::{Compression, Config, Delivery, Error, Producer, Record};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::RequestBody;
use ottla_transport::NetworkFaults;
use tokio::time::sleep;

/// Room for about five of the records of these tests, of which a batch of the producer holds more.
const TOPIC_TAKES: usize = 500;

fn cluster(faults: NetworkFaults, seed: u64) -> ScriptedCluster {
    let cluster = ScriptedCluster::with_faults(1, faults, seed);
    cluster.add_topic("t", 1);
    cluster.set_batch_bytes_max("t", TOPIC_TAKES);
    cluster
}

fn config(cluster: &ScriptedCluster) -> Config {
    Config::with_client(cluster.config()).with_batch_size(4_000).with_linger(Duration::from_millis(5))
}

/// A value that a codec can do little about.
fn value(number: usize) -> Vec<u8> {
    let mut noise = [0; 60];
    Rng::new(number as u64).fill(&mut noise);
    let mut value = format!("{number} ").into_bytes();
    value.extend(noise);
    value
}

async fn enqueue_all(producer: &Producer, numbers: std::ops::Range<usize>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for number in numbers {
        let value = value(number);
        deliveries.push(producer.enqueue(Record::new("t").with_value(&value)).await.expect("there is room"));
    }
    deliveries
}

fn written(cluster: &ScriptedCluster) -> Vec<usize> {
    let number = |value: &[u8]| {
        let number = value.split(|byte| *byte == b' ').next().expect("a first part");
        std::str::from_utf8(number).expect("text").parse().expect("a number")
    };
    cluster.values("t", 0).iter().map(|value| number(value)).collect()
}

#[tokio::test(start_paused = true)]
async fn every_record_learns_its_own_offset_whatever_part_it_is_in() {
    for compression in [Compression::None, Compression::Lz4, Compression::Gzip] {
        if !compression.is_enabled() {
            continue;
        }
        let cluster = cluster(NetworkFaults::default(), 1);
        let producer = Producer::new(config(&cluster).with_compression(compression)).await.unwrap();
        let deliveries = enqueue_all(&producer, 0..200).await;
        producer.flush().await;
        assert!(deliveries.iter().all(|delivery| delivery.peek().unwrap().is_ok()), "flush waits for parts");
        for (offset, delivery) in (0..).zip(deliveries) {
            assert_eq!(delivery.await.unwrap().offset.unwrap().0, offset);
        }
        assert_eq!(written(&cluster), Vec::from_iter(0..200));
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_already_is_woken_by_the_part() {
    let cluster = cluster(NetworkFaults::default(), 1);
    let producer = Producer::new(config(&cluster)).await.unwrap();
    let deliveries = enqueue_all(&producer, 0..40).await;
    let waits: Vec<_> = deliveries.into_iter().map(tokio::spawn).collect();
    for (offset, wait) in (0..).zip(waits) {
        assert_eq!(wait.await.unwrap().unwrap().offset.unwrap().0, offset);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_too_large_alone_fails_alone() {
    let cluster = cluster(NetworkFaults::default(), 1);
    let producer = Producer::new(config(&cluster)).await.unwrap();
    let mut deliveries = enqueue_all(&producer, 0..20).await;
    let large = vec![b'x'; TOPIC_TAKES];
    let large = producer.enqueue(Record::new("t").with_value(&large)).await.unwrap();
    deliveries.extend(enqueue_all(&producer, 20..40).await);
    let error = large.await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code: ErrorCode::MESSAGE_TOO_LARGE, .. }), "{error}");
    assert!(!error.is_possibly_written());
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..40));
}

#[tokio::test(start_paused = true)]
async fn parts_take_no_more_of_the_buffers_than_their_batch_did() {
    let cluster = cluster(NetworkFaults::default(), 1);
    let producer = Producer::new(config(&cluster).with_buffer_memory(8_000)).await.unwrap();
    for delivery in enqueue_all(&producer, 0..1_000).await {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..1_000));
}

#[tokio::test(start_paused = true)]
async fn without_idempotence_the_records_arrive_as_well() {
    let cluster = cluster(NetworkFaults::default(), 1);
    let config = config(&cluster).with_idempotence(false).with_max_in_flight(1);
    let producer = Producer::new(config).await.unwrap();
    for delivery in enqueue_all(&producer, 0..200).await {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..200));
}

/// The one case in which a part may stand already: written whole, its answer lost, and then the topic
/// took less.
#[tokio::test(start_paused = true)]
async fn a_batch_that_was_written_before_its_topic_took_less_is_not_written_twice() {
    let cluster = cluster(NetworkFaults::default(), 1);
    let producer = Producer::new(config(&cluster)).await.unwrap();
    producer.send("t", "known", "0 ").await.unwrap();
    cluster.set_batch_bytes_max("t", 10_000);
    let mut is_lost = false;
    cluster.script(move |_, request| {
        let loses = matches!(request, RequestBody::Produce(_)) && !std::mem::replace(&mut is_lost, true);
        loses.then_some(Reply::LoseAnswer)
    });
    let deliveries = enqueue_all(&producer, 1..30).await;
    while cluster.values("t", 0).len() < 30 {
        sleep(Duration::from_millis(1)).await;
    }
    cluster.set_batch_bytes_max("t", TOPIC_TAKES);
    for delivery in deliveries {
        match delivery.await {
            Ok(_) => {}
            Err(error) => assert!(error.is_possibly_written(), "{error}"),
        }
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..30));
    for delivery in enqueue_all(&producer, 30..60).await {
        delivery.await.unwrap();
    }
    assert_eq!(written(&cluster), Vec::from_iter(0..60));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_twice_or_out_of_order_whatever_else_fails() {
    for seed in 0..60 {
        let faults = NetworkFaults {
            delay_max: Duration::from_millis(20),
            split_chance: 0.1,
            cut_chance: 0.02,
            refuse_chance: 0.1,
            ..NetworkFaults::default()
        };
        let cluster = cluster(faults, seed);
        let mut rng = Rng::new(seed);
        cluster.script(move |_, request| {
            let RequestBody::Produce(_) = request else { return None };
            match rng.below(20) {
                0 => Some(Reply::LoseAnswer),
                1 => Some(Reply::Close),
                _ => None,
            }
        });
        let Ok(producer) = Producer::new(config(&cluster)).await else { continue };
        let deliveries = enqueue_all(&producer, 0..300).await;
        producer.flush().await;
        assert_eq!(written(&cluster), Vec::from_iter(0..300), "seed {seed}");
        for (offset, delivery) in (0..).zip(deliveries) {
            let told = delivery.await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert!(told.offset.is_none_or(|told| told.0 == offset), "seed {seed}: {offset}");
        }
    }
}
