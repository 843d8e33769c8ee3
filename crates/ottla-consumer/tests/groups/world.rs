//! A cluster with records in it, consumers in a group, and what they are seen to do.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use ottla_client::scripted::ScriptedCluster;
use ottla_consumer::{Batch, Config, Consumer, Error, Event, OffsetReset, TopicPartition};
use ottla_protocol::records::{BatchBuilder, BatchOptions};

pub(crate) const GROUP: &str = "g";

pub(crate) fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

/// A batch of records whose values are `numbers`, stamped with their numbers as milliseconds.
pub(crate) fn batch(numbers: std::ops::Range<i64>) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for number in numbers {
        builder.try_append(number, None, Some(number.to_string().as_bytes()), &[]).expect("there is room");
    }
    builder.build().expect("no codec is needed")
}

/// Brokers with a topic `t`; each partition has the numbers from a thousand times its index on, in batches of ten.
pub(crate) fn cluster(partitions: i32, records: i64) -> ScriptedCluster {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", partitions);
    for partition in 0..partitions {
        fill(&cluster, partition, 0..records);
    }
    cluster
}

pub(crate) fn fill(cluster: &ScriptedCluster, partition: i32, records: std::ops::Range<i64>) {
    let base = i64::from(partition) * 1_000;
    for first in records.step_by(10) {
        cluster.append("t", partition, batch(base + first..base + first + 10));
    }
}

pub(crate) fn config(cluster: &ScriptedCluster) -> Config {
    Config::with_client(cluster.config()).with_group_id(GROUP).with_auto_offset_reset(OffsetReset::Earliest)
}

/// A consumer that subscribes to `t`.
pub(crate) async fn member(config: Config) -> Consumer {
    let consumer = Consumer::new(config).await.expect("the cluster is up");
    consumer.subscribe(["t"]).await.expect("it has a group");
    consumer
}

/// Lets virtual time pass.
pub(crate) async fn pass(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

/// The next event that is no batch; batches are done with at once.
pub(crate) async fn next_change(consumer: &Consumer) -> Result<Event, Error> {
    let next = async {
        loop {
            match consumer.next_event().await {
                Ok(Event::Batch(_)) => {}
                other => return other,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(600), next).await.expect("in time")
}

pub(crate) async fn next_batch(consumer: &Consumer) -> Batch {
    let next = tokio::time::timeout(Duration::from_secs(600), consumer.next_batch()).await;
    next.expect("in time").expect("no error")
}

/// The partitions of the next assignment.
pub(crate) async fn assigned(consumer: &Consumer) -> Vec<i32> {
    match next_change(consumer).await.expect("no error") {
        Event::Assigned(partitions) => indexes(&partitions),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn indexes(partitions: &[TopicPartition]) -> Vec<i32> {
    partitions.iter().map(|partition| partition.partition).collect()
}

/// Who owns what, as the members say themselves.
pub(crate) fn owned(consumers: &[&Consumer]) -> Vec<Vec<i32>> {
    consumers.iter().map(|consumer| indexes(&consumer.assignment())).collect()
}

/// Lets all consumers work side by side until every partition is owned once and the group is calm.
pub(crate) async fn settle(cluster: &ScriptedCluster, consumers: &[&Consumer], partitions: i32) {
    // Twice the time in which everybody hears of a rebalance.
    const CALM: u32 = 14;
    let mut calm = 0;
    for _ in 0..600 {
        for consumer in consumers {
            // Whatever there is, at once.
            while let Some(next) = consumer.try_next_event() {
                next.expect("no error");
            }
        }
        pass(Duration::from_millis(500)).await;
        let all: Vec<i32> = owned(consumers).concat();
        let once: BTreeSet<i32> = all.iter().copied().collect();
        let is_whole = all.len() == once.len() && once == (0..partitions).collect();
        let is_calm =
            is_whole && cluster.is_settled(GROUP) && cluster.members(GROUP).len() == consumers.len();
        calm = if is_calm { calm + 1 } else { 0 };
        if calm == CALM {
            return;
        }
    }
    panic!("not settled: {:?}", owned(consumers));
}

/// The numbers in the next `count` records of a stream.
pub(crate) async fn numbers(consumer: &Consumer, count: usize) -> Vec<i64> {
    let mut records = consumer.records();
    let mut numbers = Vec::new();
    for _ in 0..count {
        let next = tokio::time::timeout(Duration::from_secs(600), records.next()).await;
        let record = next.expect("in time").expect("not closed").expect("no error");
        numbers.push(number(&record.value.expect("a value")));
    }
    numbers
}

pub(crate) fn number(value: &[u8]) -> i64 {
    std::str::from_utf8(value).expect("digits").parse().expect("a number")
}

pub(crate) fn numbers_of(batch: &Batch) -> Vec<i64> {
    batch.iter().map(|record| number(record.expect("a record").value.expect("a value"))).collect()
}
