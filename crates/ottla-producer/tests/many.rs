//! Records that are handed over many at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_env::Rng;
use ottla_producer::{Config, Deliveries, Error, Producer, Record};
use ottla_protocol::messages::RequestBody;

const PARTITIONS: i32 = 3;

async fn cluster() -> ScriptedCluster {
    let cluster = ScriptedCluster::start(2);
    for topic in ["t", "u"] {
        cluster.add_topic(topic, PARTITIONS);
    }
    cluster
}

/// Batches of a few records.
fn config(cluster: &ScriptedCluster) -> Config {
    Config::with_client(cluster.config()).with_batch_size(400).with_linger(Duration::ZERO)
}

/// What is written to each partition of a topic, in order.
fn written(cluster: &ScriptedCluster, topic: &str) -> Vec<Vec<String>> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let of = |partition| cluster.values(topic, partition).iter().map(|value| text(value)).collect();
    (0..PARTITIONS).map(of).collect()
}

/// A record of a test: topic, partition, key and value.
type Given = (&'static str, Option<i32>, String, String);

fn record((topic, partition, key, value): &Given) -> Record<'_> {
    let mut record = Record::new(topic).with_key(key).with_value(value);
    record.partition = *partition;
    record
}

#[tokio::test(start_paused = true)]
async fn many_records_go_where_each_would_go_alone_and_in_the_same_order() {
    let mut rng = Rng::new(7);
    let given = |number| -> Given {
        let topic = if rng.below(4) == 0 { "u" } else { "t" };
        let partition = (rng.below(2) == 0).then(|| i32::try_from(rng.below(3)).unwrap());
        (topic, partition, format!("key {}", rng.below(5)), format!("value {number}"))
    };
    let given: Vec<Given> = (0..1_000).map(given).collect();

    let one_by_one = cluster().await;
    let producer = Producer::new(config(&one_by_one)).await.unwrap();
    for given in &given {
        drop(producer.enqueue(record(given)).await.unwrap());
    }
    producer.close().await;

    let together = cluster().await;
    let producer = Producer::new(config(&together)).await.unwrap();
    let mut deliveries = Deliveries::new();
    producer.enqueue_all(given.iter().map(record), &mut deliveries).await.unwrap();
    deliveries.all().await.unwrap();
    assert_eq!((deliveries.len(), deliveries.each().count()), (1_000, 1_000));
    let mut next = BTreeMap::new();
    for (delivery, (topic, ..)) in deliveries.each().zip(&given) {
        let metadata = delivery.await.unwrap();
        let of_partition = next.entry((*topic, metadata.partition)).or_insert(0);
        assert_eq!((&*metadata.topic, metadata.offset.unwrap().0), (*topic, *of_partition));
        *of_partition += 1;
    }
    for topic in ["t", "u"] {
        assert_eq!(written(&one_by_one, topic), written(&together, topic));
    }
}

#[tokio::test(start_paused = true)]
async fn the_records_before_one_that_is_refused_are_counted_and_written() {
    let cluster = cluster().await;
    let producer = Producer::new(config(&cluster).with_max_request_size(1_000)).await.unwrap();
    let values: Vec<_> = (0..100).map(|number| vec![b'v'; if number == 70 { 5_000 } else { 50 }]).collect();
    let records = |from: usize| values[from..].iter().map(|value| Record::new("t").with_value(value));
    let mut deliveries = Deliveries::new();
    let refused = producer.enqueue_all(records(0), &mut deliveries).await;
    assert!(matches!(refused, Err(Error::RecordTooLarge { limit: 1_000, .. })), "{refused:?}");
    assert_eq!(deliveries.len(), 70);
    producer.enqueue_all(records(71), &mut deliveries).await.unwrap();
    deliveries.all().await.unwrap();
    assert_eq!((deliveries.len(), written(&cluster, "t").concat().len()), (99, 99));
}

#[tokio::test(start_paused = true)]
async fn dropped_while_it_waits_for_room_what_was_counted_is_written_and_nothing_else() {
    let cluster = cluster().await;
    let config = config(&cluster).with_buffer_memory(2_000).with_max_block(Duration::from_secs(1_000));
    let producer = Producer::new(config).await.unwrap();
    producer.send("t", "k", "first").await.unwrap();
    let delay = |request: &_| matches!(request, RequestBody::Produce(_)).then_some(Duration::from_secs(20));
    cluster.script(move |_, request| delay(request).map(Reply::Delay));
    let values: Vec<_> = (0..200).map(|number| format!("value {number:>40}")).collect();
    let records = values.iter().map(|value| Record::new("t").with_partition(0).with_value(value));
    let mut deliveries = Deliveries::new();
    let enqueue = producer.enqueue_all(records, &mut deliveries);
    assert!(tokio::time::timeout(Duration::from_secs(5), enqueue).await.is_err(), "there is no such room");
    let counted = deliveries.len();
    assert!((1..100).contains(&counted), "{counted}");
    cluster.clear_script();
    deliveries.all().await.unwrap();
    producer.close().await;
    let found = cluster.values("t", 0);
    let found: Vec<_> = found.iter().filter(|value| value.starts_with(b"value")).collect();
    assert_eq!(found.len(), counted);
    assert!(found.iter().zip(&values).all(|(found, value)| found[..] == *value.as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_that_was_divided_every_part_is_waited_for() {
    let cluster = cluster().await;
    cluster.set_batch_bytes_max("t", 1_000);
    let producer = Producer::new(config(&cluster).with_batch_size(10_000)).await.unwrap();
    let values: Vec<_> = (0..30).map(|number| vec![b'v'; if number == 20 { 1_500 } else { 100 }]).collect();
    let record = |value| Record::new("t").with_partition(0).with_value(value);
    let mut deliveries = Deliveries::new();
    producer.enqueue_all(values[..20].iter().map(record), &mut deliveries).await.unwrap();
    deliveries.all().await.unwrap();
    assert_eq!(cluster.values("t", 0).len(), 20);

    let mut deliveries = Deliveries::new();
    producer.enqueue_all(values.iter().map(record), &mut deliveries).await.unwrap();
    assert!(matches!(deliveries.all().await, Err(Error::Rejected { .. })), "one was too large alone");
    producer.flush().await;
    let mut offset = 20;
    for (number, delivery) in deliveries.each().enumerate() {
        match delivery.await {
            Ok(metadata) => {
                assert_eq!(metadata.offset.map(|offset| offset.0), Some(offset), "record {number}");
                offset += 1;
            }
            Err(_) => assert_eq!(number, 20),
        }
    }
    assert_eq!(offset, 49);
}
