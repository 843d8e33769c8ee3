//! How much is on the way at a time: what fills the line between a producer and a broker far away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_client::internal::lock;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_producer::{Config, Producer, Record};
use ottla_protocol::messages::RequestBody;
use tokio::time::Instant;

/// How long a broker takes to answer a batch.
const ROUND_TRIP: Duration = Duration::from_millis(100);
/// Records of a full batch.
const BATCH: usize = 10;

/// Produces full batches to every partition as fast as the producer takes them; gives the time that
/// it took, and how many requests carried how many batches.
async fn flood(partitions: i32, batches: usize, in_flight: usize) -> (Duration, BTreeMap<usize, usize>) {
    let cluster = ScriptedCluster::start(1);
    cluster.add_topic("t", partitions);
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let value = [0; 80];
    let config = Config::with_client(cluster.config())
        .with_batch_size(BATCH * 100)
        .with_buffer_memory(1 << 20)
        .with_max_in_flight(in_flight);
    let producer = Producer::new(config).await.expect("the cluster is up");
    for partition in 0..partitions {
        // Until its first batch is acknowledged, a partition has one on the way.
        let first = producer.enqueue(record(partition, &value)).await.expect("there is room");
        first.await.expect("it is written");
    }
    let requests = Arc::clone(&seen);
    cluster.script(move |_, request| {
        let RequestBody::Produce(request) = request else { return None };
        let batches = request.topic_data.iter().map(|topic| topic.partition_data.len()).sum::<usize>();
        *lock(&requests).entry(batches).or_insert(0) += 1;
        Some(Reply::Delay(ROUND_TRIP))
    });
    let start = Instant::now();
    for _ in 0..batches * BATCH {
        for partition in 0..partitions {
            drop(producer.enqueue(record(partition, &value)).await.expect("there is room"));
        }
    }
    producer.flush().await;
    let requests = lock(&seen).clone();
    (start.elapsed(), requests)
}

fn record(partition: i32, value: &[u8]) -> Record<'_> {
    Record::new("t").with_partition(partition).with_value(value)
}

#[tokio::test(start_paused = true)]
async fn a_partition_has_as_many_batches_on_the_way_as_a_connection_takes_requests() {
    for in_flight in [1, 2, 5] {
        let (took, _) = flood(1, 100, in_flight).await;
        let trips = u32::try_from(100 / in_flight).unwrap();
        assert!(took >= ROUND_TRIP * trips && took <= ROUND_TRIP * (trips + 4), "{in_flight}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn partitions_of_a_broker_share_its_requests() {
    let (took, requests) = flood(20, 100, 5).await;
    assert!(took <= ROUND_TRIP * 24, "{took:?}: {requests:?}");
    let full = requests.get(&20).copied().unwrap_or(0);
    assert!(full >= 95, "{requests:?}");
}
