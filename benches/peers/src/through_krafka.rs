//! Load through `krafka`: one producer, a task a partition; one consumer that is in no group.
//!
//! Batches are as large as librdkafka's by default, and the consumer may hold as many records as it likes: its default
//! of 500 would let it fetch one answer at a time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use krafka::consumer::AutoOffsetReset;
use krafka::producer::Producer;
use krafka::{Kafka, Record};
use tokio::task::JoinSet;

use crate::{DEADLINE, Figures, Latencies, Load, Stopwatch, payload};

/// Bytes of a batch.
const BATCH_BYTES: usize = 1_000_000;
/// Records that one poll gives at most.
const POLL_RECORDS: i32 = 10_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Produces with one task a partition, each record on its own.
pub(crate) async fn produce(load: &Load) -> Figures {
    let producer = std::sync::Arc::new(producer(load, Duration::from_millis(5)).await?);
    let value = Bytes::from(payload(load.size));
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for partition in 0..load.partitions {
        let (producer, topic, value) = (producer.clone(), load.topic.clone(), value.clone());
        let records = load.records_of(partition);
        tasks.spawn(async move {
            let mut last = None;
            for _ in 0..records {
                let record = Record::new(topic.as_str(), value.clone()).partition(partition);
                last = Some(producer.enqueue(record).await?);
            }
            match last {
                Some(last) => last.await.map(drop),
                None => Ok(()),
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    producer.flush().await?;
    let rates = stopwatch.rates(load);
    producer.close().await?;
    Ok(rates)
}

/// Consumes every partition from its beginning.
pub(crate) async fn consume(load: &Load) -> Figures {
    let kafka = Kafka::builder(load.bootstrap.as_str()).connect().await?;
    let consumer = kafka
        .consumer_without_group()
        .auto_offset_reset(AutoOffsetReset::Earliest)
        .max_poll_records(POLL_RECORDS)
        .max_buffered_records(0)
        .build()
        .await?;
    let stopwatch = Stopwatch::start();
    consumer.assign(&load.topic, (0..load.partitions).collect()).await?;
    let mut records = 0;
    while records < load.records {
        if stopwatch.start.elapsed() > DEADLINE {
            return Err(format!("{records} of {} records consumed in {DEADLINE:?}", load.records).into());
        }
        for record in consumer.poll(Duration::from_secs(1)).await? {
            load.check(record.value.as_ref().map_or(0, Bytes::len))?;
            records += 1;
        }
    }
    let rates = stopwatch.rates(load);
    consumer.close().await?;
    Ok(rates)
}

/// Produces one record at a time to the first partition.
pub(crate) async fn one_in_flight(load: &Load) -> Figures {
    let producer = producer(load, Duration::ZERO).await?;
    let value = Bytes::from(payload(load.size));
    let warm_up = load.records / 10;
    let mut latencies = Latencies::new()?;
    for sequence in 0..load.records + warm_up {
        if sequence == warm_up {
            latencies.begin();
        }
        let sent = Instant::now();
        let _written = producer.send(Record::new(load.topic.as_str(), value.clone()).partition(0)).await?;
        latencies.record(sent.elapsed())?;
    }
    let rates = latencies.rates(load);
    producer.close().await?;
    Ok(rates)
}

async fn producer(load: &Load, linger: Duration) -> Result<Producer, Failure> {
    let kafka = Kafka::builder(load.bootstrap.as_str()).connect().await?;
    let builder = kafka.producer().batch_size(BATCH_BYTES).linger(linger).buffer_memory(64 << 20);
    Ok(builder.build().await?)
}
