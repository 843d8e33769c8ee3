//! Writing over several connections to each broker (`connections.per.broker`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_client::NodeId;
use ottla_client::internal::lock;
use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_env::Rng;
use ottla_producer::{Config, Producer, Record};
use ottla_protocol::messages::RequestBody;
use ottla_transport::NetworkFaults;

const PARTITIONS: i32 = 7;

fn config(cluster: &ScriptedCluster, connections: u16) -> Config {
    Config::with_client(cluster.config())
        .with_batch_size(100)
        .with_linger(Duration::ZERO)
        .with_connections_per_broker(connections)
}

#[tokio::test(start_paused = true)]
async fn the_partitions_of_a_broker_are_spread_over_as_many_connections_as_are_set() {
    for (connections, expected) in [(1, vec![7]), (3, vec![2, 2, 3]), (9, vec![1; 7])] {
        let cluster = ScriptedCluster::start(1);
        cluster.add_topic("t", PARTITIONS);
        let producer = Producer::new(config(&cluster, connections)).await.unwrap();
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        for number in 0..20 {
            for partition in 0..PARTITIONS {
                let value = format!("{number:>60}");
                let record = Record::new("t").with_partition(partition).with_value(&value);
                drop(producer.enqueue(record).await.unwrap());
            }
            if number == 0 {
                // The connections are made, and every partition has its place; from here on each request is whole.
                producer.flush().await;
                let requests = Arc::clone(&seen);
                cluster.script(move |_, request| {
                    let RequestBody::Produce(request) = request else { return None };
                    let parts = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
                    lock(&requests).insert(parts.map(|part| part.index).collect::<BTreeSet<_>>());
                    Some(Reply::Delay(Duration::from_millis(100)))
                });
            }
        }
        producer.flush().await;
        let seen = lock(&seen).clone();
        // Requests that carry a part of what their connection carries are not counted.
        let is_whole =
            |group: &&BTreeSet<i32>| !seen.iter().any(|other| other != *group && group.is_subset(other));
        let mut groups: Vec<_> = seen.iter().filter(is_whole).map(BTreeSet::len).collect();
        groups.sort_unstable();
        assert_eq!(groups, expected, "{connections} connections: {seen:?}");
    }
}

/// What idempotence promises of each partition, on a network that cuts connections and with leaders that move.
#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_twice_or_out_of_order_over_several_connections_whatever_fails() {
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
        let mut rng = Rng::new(seed);
        cluster.script(move |_, request| {
            let RequestBody::Produce(_) = request else { return None };
            match rng.below(30) {
                0 => Some(Reply::LoseAnswer),
                1 => Some(Reply::Close),
                _ => None,
            }
        });
        let Ok(producer) = Producer::new(config(&cluster, 3)).await else { continue };
        let mut deliveries = BTreeMap::new();
        for number in 0..60_usize {
            for partition in 0..PARTITIONS {
                let value = format!("{number:>60}");
                let record = Record::new("t").with_partition(partition).with_value(&value);
                deliveries.insert((partition, number), producer.enqueue(record).await.unwrap());
            }
            if number % 20 == 19 {
                let moved = i32::try_from(number).unwrap() % PARTITIONS;
                cluster.move_leader("t", moved, NodeId(1 + (moved + 1) % 2));
            }
        }
        producer.flush().await;
        for partition in 0..PARTITIONS {
            let values = cluster.values("t", partition);
            let number = |value: &[u8]| String::from_utf8_lossy(value).trim().parse::<usize>().unwrap();
            let written: Vec<_> = values.iter().map(|value| number(value)).collect();
            let is_in_order = written.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(is_in_order, "seed {seed}, partition {partition}: {written:?}");
            for number in 0..60 {
                let delivery = deliveries.remove(&(partition, number)).unwrap();
                match delivery.await {
                    Ok(_) => assert!(written.contains(&number), "seed {seed}: {number} is lost"),
                    Err(error) if error.is_possibly_written() => {}
                    Err(_) => assert!(!written.contains(&number), "seed {seed}: {number} is there"),
                }
            }
        }
    }
}
