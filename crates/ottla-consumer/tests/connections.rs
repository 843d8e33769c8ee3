//! Reading over several connections to each broker (`connections.per.broker`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_client::NodeId;
use ottla_client::internal::lock;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_consumer::{Config, Consumer, Offset, Start, TopicPartition};
use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::RequestBody;
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_transport::NetworkFaults;

const PARTITIONS: i32 = 7;

/// A batch of records whose values are `numbers`.
fn batch(numbers: std::ops::Range<i64>) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for number in numbers {
        builder.try_append(0, None, Some(number.to_string().as_bytes()), &[]).expect("there is room");
    }
    builder.build().expect("no codec")
}

fn append_to_all(cluster: &ScriptedCluster, numbers: std::ops::Range<i64>) {
    for partition in 0..PARTITIONS {
        cluster.append("t", partition, batch(numbers.clone()));
    }
}

fn all() -> impl Iterator<Item = TopicPartition> {
    (0..PARTITIONS).map(|partition| TopicPartition::new("t", partition))
}

/// Reads `count` records; their offsets by partition, as they came.
async fn read(consumer: &Consumer, count: usize) -> BTreeMap<i32, Vec<i64>> {
    let mut records = consumer.records();
    let mut read = BTreeMap::<_, Vec<_>>::new();
    for _ in 0..count {
        let next = tokio::time::timeout(Duration::from_secs(120), records.next()).await;
        let record = next.expect("in time").expect("not closed").expect("no error");
        read.entry(record.partition()).or_default().push(record.offset.0);
    }
    read
}

/// What one broker was asked: how many fetches were under way at once, for how many partitions, with which
/// `fetch.max.bytes`.
#[derive(Clone, Debug, Default)]
struct Asked {
    partitions: Vec<usize>,
    max_bytes: Vec<i32>,
}

#[tokio::test(start_paused = true)]
async fn the_partitions_of_a_broker_are_spread_over_as_many_connections_as_are_set() {
    for (connections, expected) in [(1, vec![7]), (3, vec![2, 2, 3]), (9, vec![1; 7])] {
        let cluster = ScriptedCluster::start(1);
        cluster.add_topic("t", PARTITIONS);
        let asked = Arc::new(Mutex::new(Asked::default()));
        let seen = Arc::clone(&asked);
        cluster.script(move |_, request| {
            let RequestBody::Fetch(fetch) = request else { return None };
            let partitions = fetch.topics.iter().map(|topic| topic.partitions.len()).sum();
            let mut asked = lock(&seen);
            asked.partitions.push(partitions);
            asked.max_bytes.push(fetch.max_bytes);
            Some(Reply::Delay(Duration::from_secs(10)))
        });
        let config = Config::with_client(cluster.config())
            .with_fetch_max_bytes(9_000)
            .with_connections_per_broker(connections);
        let consumer = Consumer::new(config).await.unwrap();
        consumer.assign(all(), Start::Offset(Offset(0)));
        let none_yet = tokio::time::timeout(Duration::from_secs(5), consumer.next_batch()).await;
        assert!(none_yet.is_err(), "the first answers are still to come");
        let mut asked = lock(&asked).clone();
        asked.partitions.sort_unstable();
        assert_eq!(asked.partitions, expected, "{connections} connections");
        let share = 9_000 / i32::from(connections);
        assert!(asked.max_bytes.iter().all(|bytes| *bytes == share), "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_connection_is_what_is_made_unless_more_are_wanted() {
    let versions_asked = async |connections| {
        let cluster = ScriptedCluster::start(1);
        cluster.add_topic("t", PARTITIONS);
        append_to_all(&cluster, 0..1);
        let config = Config::with_client(cluster.config()).with_connections_per_broker(connections);
        let consumer = Consumer::new(config).await.unwrap();
        consumer.assign(all(), Start::Earliest);
        assert_eq!(read(&consumer, 7).await.len(), 7);
        cluster.requests().iter().filter(|(_, api)| *api == ApiKey::ApiVersions).count()
    };
    let one = versions_asked(1).await;
    assert_eq!(versions_asked(4).await, one + 3);
}

#[tokio::test(start_paused = true)]
async fn every_record_comes_once_and_in_order_over_several_connections_whatever_fails() {
    for seed in 0..40 {
        let faults = NetworkFaults {
            delay_max: Duration::from_millis(20),
            split_chance: 0.1,
            cut_chance: 0.02,
            refuse_chance: 0.1,
            ..NetworkFaults::default()
        };
        let cluster = ScriptedCluster::with_faults(2, faults, seed);
        cluster.add_topic("t", PARTITIONS);
        let mut rng = ottla_env::Rng::new(seed);
        cluster.script(move |_, request| match request {
            RequestBody::Fetch(_) if rng.chance(0.1) => Some(Reply::LoseAnswer),
            RequestBody::Fetch(_) if rng.chance(0.05) => Some(Reply::Close),
            _ => None,
        });
        let config = Config::with_client(cluster.config())
            .with_max_partition_fetch_bytes(300)
            .with_connections_per_broker(3);
        let Ok(consumer) = Consumer::new(config).await else { continue };
        consumer.assign(all(), Start::Offset(Offset(0)));
        let mut came = BTreeMap::<_, Vec<_>>::new();
        for round in 0..8 {
            append_to_all(&cluster, round * 10..round * 10 + 10);
            let partition = i32::try_from(round).unwrap() % PARTITIONS;
            cluster.move_leader("t", partition, NodeId(1 + (partition + 1) % 2));
            if round % 3 == 2 {
                cluster.forget_sessions();
            }
            for (partition, offsets) in read(&consumer, 70).await {
                came.entry(partition).or_default().extend(offsets);
            }
        }
        let expected = (0..PARTITIONS).map(|partition| (partition, Vec::from_iter(0..80))).collect();
        assert_eq!(came, expected, "seed {seed}");
    }
}
