//! Load through `rskafka`: a client a partition, as it wants to be used.
//!
//! It gathers single records only where its user sets how (`BatchProducer`); the size is the one that librdkafka has
//! by default. Each record that is handed over waits for its own answer, so that many are under way at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::producer::BatchProducerBuilder;
use rskafka::client::producer::aggregator::RecordAggregator;
use rskafka::record::Record;
use tokio::task::JoinSet;

use crate::{DEADLINE, Figures, Latencies, Load, Stopwatch, payload};

/// Bytes of a batch that is gathered from single records, as it counts them: without what the format adds.
const BATCH_BYTES: usize = 900_000;
/// Single records that are under way at once, of each partition.
const UNDER_WAY: usize = 20_000;
/// Whole batches that are under way at once, of each partition.
const BATCHES_UNDER_WAY: usize = 5;
/// Bytes of one answer at most.
const FETCH_BYTES: i32 = 1 << 20;
/// How long a broker may wait for records, in milliseconds.
const FETCH_WAIT_MS: i32 = 500;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Produces with one task a partition, each record on its own.
pub(crate) async fn produce(load: &Load) -> Figures {
    let partitions = partitions(load).await?;
    let value = payload(load.size);
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for client in partitions {
        let (records, value) = (load.records_of(client.partition()), value.clone());
        tasks.spawn(async move {
            let linger = Duration::from_millis(5);
            let producer = BatchProducerBuilder::new(client)
                .with_linger(linger)
                .build(RecordAggregator::new(BATCH_BYTES));
            stream::iter(0..records)
                .map(|_| producer.produce(record(&value, Utc::now())))
                .buffer_unordered(UNDER_WAY)
                .try_for_each(|_offset| async { Ok(()) })
                .await
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(stopwatch.rates(load))
}

/// Produces with one task a partition, each batch handed over whole.
pub(crate) async fn produce_batches(load: &Load) -> Figures {
    let partitions = partitions(load).await?;
    let value = payload(load.size);
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for client in partitions {
        let (records, value, batch) = (load.records_of(client.partition()), value.clone(), load.batch as u64);
        tasks.spawn(async move {
            stream::iter(0..records.div_ceil(batch))
                .map(|index| {
                    let len = batch.min(records - index * batch);
                    let now = Utc::now();
                    let batch: Vec<Record> = (0..len).map(|_| record(&value, now)).collect();
                    client.produce(batch, Compression::NoCompression)
                })
                .buffered(BATCHES_UNDER_WAY)
                .try_for_each(|_offsets| async { Ok(()) })
                .await
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(stopwatch.rates(load))
}

/// Consumes with one task a partition.
pub(crate) async fn consume(load: &Load) -> Figures {
    let partitions = partitions(load).await?;
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for client in partitions {
        let (wanted, size) = (load.records_of(client.partition()), load.size);
        tasks.spawn(async move {
            let (mut offset, mut seen) = (0, 0);
            while seen < wanted {
                let (records, _) = client.fetch_records(offset, 1..FETCH_BYTES, FETCH_WAIT_MS).await?;
                for record in &records {
                    let len = record.record.value.as_ref().map_or(0, Vec::len);
                    if len != size {
                        return Err(Failure::from(format!("a record of {len} bytes, not {size}")));
                    }
                    seen += 1;
                }
                offset = records.last().map_or(offset, |last| last.offset + 1);
            }
            Ok(())
        });
    }
    while let Some(ended) = tokio::time::timeout(DEADLINE, tasks.join_next()).await? {
        ended??;
    }
    Ok(stopwatch.rates(load))
}

/// Produces one record at a time to the first partition.
pub(crate) async fn one_in_flight(load: &Load) -> Figures {
    let partitions = partitions(load).await?;
    let client = partitions.first().ok_or("no partition")?;
    let value = payload(load.size);
    let warm_up = load.records / 10;
    let mut latencies = Latencies::new()?;
    for sequence in 0..load.records + warm_up {
        if sequence == warm_up {
            latencies.begin();
        }
        let sent = Instant::now();
        client.produce(vec![record(&value, Utc::now())], Compression::NoCompression).await?;
        latencies.record(sent.elapsed())?;
    }
    Ok(latencies.rates(load))
}

async fn partitions(load: &Load) -> Result<Vec<Arc<PartitionClient>>, Failure> {
    let client = ClientBuilder::new(vec![load.bootstrap.clone()]).build().await?;
    let mut partitions = Vec::new();
    for partition in 0..load.partitions {
        let of = client.partition_client(&load.topic, partition, UnknownTopicHandling::Error).await?;
        partitions.push(Arc::new(of));
    }
    Ok(partitions)
}

fn record(value: &[u8], timestamp: DateTime<Utc>) -> Record {
    Record { key: None, value: Some(value.to_vec()), headers: BTreeMap::new(), timestamp }
}
