//! Load from the producer and the consumer of this workspace, as an application would use them.

use std::collections::VecDeque;
use std::num::TryFromIntError;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use ottla_consumer::{Consumer, Start};
use ottla_producer::{Deliveries, Producer, Record};
use tokio::task::JoinSet;

use crate::cpu::Stopwatch;
use crate::{Figures, Load, micros, payload};

/// Batches as large as librdkafka's by default, so that both send the same.
const BATCH_BYTES: usize = 1_000_000;
/// Batches of the caller's whose answers are not awaited yet, of each partition: some that the producer makes into one
/// are filled meanwhile.
const BATCHES_UNDER_WAY: usize = 100;
/// Longest wait for one batch of records.
const PATIENCE: Duration = Duration::from_secs(60);

/// Produces with one task a partition, each record on its own.
pub(crate) async fn produce(load: &Load) -> Figures {
    let config = producer_config(load)?.with_compression(load.codec.into());
    let producer = Producer::new(config).await?;
    let partitions = u64::from(load.partitions.unsigned_abs()).max(1);
    let values = load.values();
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for partition in 0..partitions {
        let (producer, topic, values) = (producer.clone(), load.topic.clone(), values.clone());
        let records = load.records / partitions + u64::from(partition < load.records % partitions);
        let partition = i32::try_from(partition)?;
        tasks.spawn(async move {
            let mut last = None;
            for number in 0..records {
                let record = Record::new(&topic).with_partition(partition).with_value(values.of(number));
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
    producer.flush().await;
    let rates = stopwatch.rates(load);
    producer.close().await;
    Ok(rates)
}

fn producer_config(load: &Load) -> Result<ottla_producer::Config, TryFromIntError> {
    let config = ottla_producer::Config::new(&load.bootstrap).with_batch_size(BATCH_BYTES);
    let connections = u16::try_from(load.connections)?;
    Ok(config.with_buffer_memory(64 << 20).with_connections_per_broker(connections))
}

/// Produces with one task a partition, a batch of the caller's at a time.
pub(crate) async fn produce_batches(load: &Load) -> Figures {
    let producer = Producer::new(producer_config(load)?).await?;
    let partitions = u64::from(load.partitions.unsigned_abs()).max(1);
    let value = payload(load.size);
    let mut tasks = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for partition in 0..partitions {
        let (producer, topic, value) = (producer.clone(), load.topic.clone(), value.clone());
        let mut left = load.records / partitions + u64::from(partition < load.records % partitions);
        let (partition, batch) = (i32::try_from(partition)?, load.batch.max(1));
        tasks.spawn(async move {
            let record = Record::new(&topic).with_partition(partition).with_value(&value);
            let mut under_way = VecDeque::new();
            while left > 0 {
                let records = std::iter::repeat_n(record, usize::try_from(left.min(batch)).unwrap_or(1));
                let mut deliveries = Deliveries::new();
                producer.enqueue_all(records, &mut deliveries).await?;
                left = left.saturating_sub(batch);
                under_way.push_back(deliveries);
                if under_way.len() > BATCHES_UNDER_WAY
                    && let Some(oldest) = under_way.pop_front()
                {
                    oldest.all().await?;
                }
            }
            producer.flush().await;
            for deliveries in under_way {
                deliveries.all().await?;
            }
            Ok::<_, ottla_producer::Error>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let rates = stopwatch.rates(load);
    producer.close().await;
    Ok(rates)
}

/// Produces one record at a time to the first partition.
pub(crate) async fn one_in_flight(load: &Load) -> Figures {
    let config = ottla_producer::Config::new(&load.bootstrap).with_linger(Duration::ZERO);
    let producer = Producer::new(config).await?;
    let value = payload(load.size);
    let mut latencies = Histogram::<u64>::new(3)?;
    let warm_up = load.records / 10;
    let mut stopwatch = Stopwatch::start();
    for sequence in 0..load.records + warm_up {
        if sequence == warm_up {
            latencies.reset();
            stopwatch = Stopwatch::start();
        }
        let sent = Instant::now();
        let record = Record::new(&load.topic).with_partition(0).with_value(&value);
        producer.enqueue(record).await?.await?;
        latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
    }
    let rates = stopwatch.rates(load);
    producer.close().await;
    Ok(format!("{rates} p50_us={:.1} p99_us={:.1}", micros(&latencies, 0.5), micros(&latencies, 0.99)))
}

/// Consumes every partition from its beginning, walking each record of each batch.
pub(crate) async fn consume(load: &Load) -> Figures {
    let connections = u16::try_from(load.connections)?;
    let config = ottla_consumer::Config::new(&load.bootstrap).with_connections_per_broker(connections);
    let consumer = Consumer::new(config).await?;
    let stopwatch = Stopwatch::start();
    consumer.assign(consumer.partitions_of(&load.topic).await?, Start::Earliest);
    let mut records = 0;
    while records < load.records {
        let batch = tokio::time::timeout(PATIENCE, consumer.next_batch()).await??;
        for record in &batch {
            let value = record?.value;
            if value.is_none_or(|value| value.len() != load.size) {
                return Err(format!("a record that is not of {} bytes", load.size).into());
            }
            records += 1;
        }
    }
    let rates = stopwatch.rates(load);
    consumer.close().await;
    Ok(rates)
}
