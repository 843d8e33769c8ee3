//! Producers of numbered records, and who reads all of them in the end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ottla::consumer::{Batch, Consumer, Start};
use ottla::producer::{Producer, Record};
use ottla_check::{Acks, Read, What};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::groups::Offsets;
use crate::told::Told;
use crate::{PARTITIONS, Progress, TOPIC};

const PRODUCERS: usize = 4;
/// Records of one producer whose fate is not known yet, at most.
const UNKNOWN_MAX: usize = 500;

pub(crate) fn start(address: &str, progress: &Arc<Progress>) -> Vec<JoinHandle<u64>> {
    let produce = |number| tokio::spawn(produce(address.to_owned(), number, Arc::clone(progress)));
    (0..PRODUCERS).map(produce).collect()
}

/// How many records were sent in all.
pub(crate) async fn finish(producers: Vec<JoinHandle<u64>>) -> u64 {
    let mut sent = 0;
    for producer in producers {
        sent += producer.await.unwrap();
    }
    sent
}

/// Produces numbered records until told to stop, and returns how many; all of them are acknowledged.
async fn produce(bootstrap: String, number: usize, progress: Arc<Progress>) -> u64 {
    let config = ottla::producer::Config::new(&bootstrap).with_linger(Duration::from_millis(1));
    let producer = Producer::new(config).await.unwrap();
    let (pending, mut deliveries) = mpsc::channel(UNKNOWN_MAX);
    let counted = Arc::clone(&progress);
    let collector = tokio::spawn(async move {
        while let Some((op, delivery)) = deliveries.recv().await {
            let delivery: ottla::producer::Delivery = delivery;
            let written = delivery.await.unwrap();
            counted.told.push(What::sent(op, Some(written.offset.unwrap().0)));
            counted.acknowledged.fetch_add(1, Ordering::Relaxed);
            counted.more.notify_one();
        }
    });
    let mut sequence = 0;
    while !progress.stop.load(Ordering::Relaxed) {
        let value = format!("{number} {sequence}");
        let partition = i32::try_from(sequence % u64::from(PARTITIONS.unsigned_abs())).unwrap();
        let record = Record::new(TOPIC).with_partition(partition).with_value(&value);
        let op = progress.told.ask(|op| What::Send {
            op,
            who: format!("producer {number}"),
            topic: TOPIC.to_owned(),
            partition,
            value: value.clone(),
            acks: Acks::All,
            idempotent: true,
            transaction: None,
        });
        let delivery = producer.enqueue(record).await.unwrap();
        pending.send((op, delivery)).await.unwrap();
        sequence += 1;
    }
    drop(pending);
    producer.close().await;
    collector.await.unwrap();
    sequence
}

/// Reads every record of every partition, and returns where they end.
pub(crate) async fn consume(bootstrap: &str, count: u64, told: &Told) -> Offsets {
    const AUDITOR: &str = "auditor";
    let consumer = Consumer::new(ottla::consumer::Config::new(bootstrap)).await.unwrap();
    told.push(What::Audit { who: AUDITOR.to_owned() });
    consumer.assign(consumer.partitions_of(TOPIC).await.unwrap(), Start::Earliest);
    let (mut found, mut ends) = (0, Offsets::new());
    let mut at_end = [false; PARTITIONS as usize];
    while !at_end.iter().all(|end| *end) || found < count {
        let next = tokio::time::timeout(Duration::from_secs(30), consumer.next_batch()).await;
        let batch = next.unwrap_or_else(|_| panic!("{found} of {count} records")).unwrap();
        let records = records(&batch);
        found += records.len() as u64;
        told.read(AUDITOR, None, batch.partition(), records);
        ends.insert(batch.partition(), batch.next_offset().0);
        at_end[usize::try_from(batch.partition()).unwrap()] = batch.next_offset() >= batch.high_watermark();
    }
    assert_eq!(found, count, "nothing stands twice and nothing was invented");
    ends
}

/// Records as a history names them.
pub(crate) fn records(batch: &Batch) -> Vec<Read> {
    let named = batch.into_iter().map(|record| {
        let record = record.unwrap();
        let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
        Read { offset: record.offset, value }
    });
    named.collect()
}
