//! Producers of numbered records, and what must be found of them in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ottla::consumer::{Consumer, Start};
use ottla::producer::{Producer, Record};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{PARTITIONS, Progress, TOPIC};

const PRODUCERS: usize = 4;
/// Records of one producer whose fate is not known yet, at most.
const UNKNOWN_MAX: usize = 500;

/// What was acknowledged to one producer: partition, offset, its own number of the record.
type Acknowledged = Vec<(i32, i64, u64)>;
/// A record by partition and offset: which producer's, and its number of it.
pub(crate) type Placed = ((i32, i64), (usize, u64));
/// Records by partition and offset.
pub(crate) type Records = BTreeMap<(i32, i64), (usize, u64)>;

pub(crate) fn start(address: &str, progress: &Arc<Progress>) -> Vec<JoinHandle<(u64, Acknowledged)>> {
    let produce = |number| tokio::spawn(produce(address.to_owned(), number, Arc::clone(progress)));
    (0..PRODUCERS).map(produce).collect()
}

/// How many records were sent in all, and what was acknowledged.
pub(crate) async fn finish(producers: Vec<JoinHandle<(u64, Acknowledged)>>) -> (u64, Vec<Placed>) {
    let mut sent = 0;
    let mut acknowledged = Vec::new();
    for (number, producer) in producers.into_iter().enumerate() {
        let (count, theirs) = producer.await.unwrap();
        sent += count;
        acknowledged.extend(
            theirs.into_iter().map(|(partition, offset, sequence)| ((partition, offset), (number, sequence))),
        );
    }
    (sent, acknowledged)
}

/// Produces numbered records until told to stop, and returns what was acknowledged and how many were sent.
async fn produce(bootstrap: String, number: usize, progress: Arc<Progress>) -> (u64, Acknowledged) {
    let config = ottla::producer::Config::new(&bootstrap).with_linger(Duration::from_millis(1));
    let producer = Producer::new(config).await.unwrap();
    let (pending, mut deliveries) = mpsc::channel(UNKNOWN_MAX);
    let counted = Arc::clone(&progress);
    let collector = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        while let Some((sequence, delivery)) = deliveries.recv().await {
            let delivery: ottla::producer::Delivery = delivery;
            let written = delivery.await.unwrap();
            acknowledged.push((written.partition, written.offset.unwrap().0, sequence));
            counted.acknowledged.fetch_add(1, Ordering::Relaxed);
            counted.more.notify_one();
        }
        acknowledged
    });
    let mut sequence = 0;
    while !progress.stop.load(Ordering::Relaxed) {
        let value = format!("{number} {sequence}");
        let partition = i32::try_from(sequence % u64::from(PARTITIONS.unsigned_abs())).unwrap();
        let record = Record::new(TOPIC).with_partition(partition).with_value(&value);
        let delivery = producer.enqueue(record).await.unwrap();
        pending.send((sequence, delivery)).await.unwrap();
        sequence += 1;
    }
    drop(pending);
    producer.close().await;
    (sequence, collector.await.unwrap())
}

/// Every record of every partition.
pub(crate) async fn consume(bootstrap: &str, count: u64) -> Records {
    let consumer = Consumer::new(ottla::consumer::Config::new(bootstrap)).await.unwrap();
    consumer.assign(consumer.partitions_of(TOPIC).await.unwrap(), Start::Earliest);
    let mut records = BTreeMap::new();
    let mut at_end = [false; PARTITIONS as usize];
    while !at_end.iter().all(|end| *end) || (records.len() as u64) < count {
        let next = tokio::time::timeout(Duration::from_secs(30), consumer.next_batch()).await;
        let batch = next.unwrap_or_else(|_| panic!("{} of {count} records", records.len())).unwrap();
        for record in &batch {
            let record = record.unwrap();
            let text = std::str::from_utf8(record.value.unwrap()).unwrap();
            let (producer, sequence) = text.split_once(' ').unwrap();
            let place = (batch.partition(), record.offset);
            let known = records.insert(place, (producer.parse().unwrap(), sequence.parse().unwrap()));
            assert_eq!(known, None, "{place:?} was handed out twice");
        }
        at_end[usize::try_from(batch.partition()).unwrap()] = batch.next_offset() >= batch.high_watermark();
    }
    records
}

/// What was acknowledged is there, once, and in the order of its producer.
pub(crate) fn check(found: &Records, acknowledged: &[Placed]) {
    for (place, record) in acknowledged {
        assert_eq!(found.get(place), Some(record), "what was acknowledged at {place:?}");
    }
    assert_eq!(found.len(), acknowledged.len(), "nothing stands twice and nothing was invented");
    let mut newest = BTreeMap::new();
    for ((partition, offset), (producer, sequence)) in found {
        let before = newest.insert((partition, producer), sequence);
        assert!(before < Some(sequence), "producer {producer} out of order at {partition}, {offset}");
    }
}
