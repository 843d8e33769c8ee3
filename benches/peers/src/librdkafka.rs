//! Load through librdkafka, by way of the `rdkafka` crate.

mod paced;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

pub(crate) use self::paced::paced;
use crate::{DEADLINE, Figures, Latencies, Load, Stopwatch, payload};

/// Counts deliveries and remembers the first failure.
#[derive(Default)]
struct Deliveries {
    ok: AtomicU64,
    failed: AtomicU64,
}

#[derive(Clone, Default)]
struct Counting(Arc<Deliveries>);

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let counter = if result.is_ok() { &self.0.ok } else { &self.0.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn producer(load: &Load, linger_ms: &str) -> Result<BaseProducer<Counting>, String> {
    ClientConfig::new()
        .set("bootstrap.servers", &load.bootstrap)
        .set("acks", &load.acks)
        .set("linger.ms", linger_ms)
        .set("queue.buffering.max.messages", "1000000")
        .set("queue.buffering.max.kbytes", "1048576")
        .create_with_context(Counting::default())
        .map_err(|error| format!("librdkafka refused its configuration: {error}"))
}

pub(crate) fn produce(load: &Load) -> Figures {
    let producer = producer(load, "5")?;
    let value = payload(load.size);
    let stopwatch = Stopwatch::start();
    for sequence in 0..load.records {
        let partition = (sequence % u64::from(load.partitions.unsigned_abs())) as i32;
        let mut record =
            BaseRecord::<(), [u8]>::to(&load.topic).partition(partition).payload(value.as_slice());
        while let Err((error, returned)) = producer.send(record) {
            if !matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) {
                return Err(format!("record {sequence} was refused: {error}").into());
            }
            producer.poll(Duration::from_millis(1));
            record = returned;
        }
        if sequence % 1024 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(DEADLINE).map_err(|error| format!("flush: {error}"))?;
    let rates = stopwatch.rates(load);
    let deliveries = &producer.context().0;
    let (ok, failed) = (deliveries.ok.load(Ordering::Relaxed), deliveries.failed.load(Ordering::Relaxed));
    if failed > 0 || ok != load.records {
        return Err(format!("{ok} of {} records delivered, {failed} failed", load.records).into());
    }
    Ok(rates)
}

pub(crate) fn consume(load: &Load) -> Figures {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &load.bootstrap)
        .set("group.id", "peer-load")
        .set("enable.auto.commit", "false")
        .set("queued.max.messages.kbytes", "262144")
        .set("fetch.message.max.bytes", "1048576")
        // Small records fill the default queue of 100,000 at once, and it then waits for a second.
        .set("queued.min.messages", "10000000")
        .create()
        .map_err(|error| format!("librdkafka refused its configuration: {error}"))?;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..load.partitions {
        assignment
            .add_partition_offset(&load.topic, partition, Offset::Beginning)
            .map_err(|error| format!("partition {partition}: {error}"))?;
    }
    let stopwatch = Stopwatch::start();
    consumer.assign(&assignment).map_err(|error| format!("assign: {error}"))?;
    let mut records = 0;
    while records < load.records {
        if stopwatch.start.elapsed() > DEADLINE {
            return Err(format!("{records} of {} records consumed in {DEADLINE:?}", load.records).into());
        }
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                load.check(message.payload_len())?;
                records += 1;
            }
            Some(Err(error)) => return Err(format!("poll: {error}").into()),
            None => {}
        }
    }
    Ok(stopwatch.rates(load))
}

pub(crate) fn one_in_flight(load: &Load) -> Figures {
    let producer = producer(load, "0")?;
    let value = payload(load.size);
    let mut latencies = Latencies::new()?;
    let warm_up = load.records / 10;
    for sequence in 0..load.records + warm_up {
        if sequence == warm_up {
            latencies.begin();
        }
        let sent = Instant::now();
        producer
            .send(BaseRecord::<(), [u8]>::to(&load.topic).partition(0).payload(value.as_slice()))
            .map_err(|(error, _)| format!("record {sequence} was refused: {error}"))?;
        while producer.context().0.ok.load(Ordering::Relaxed) <= sequence {
            // A poll that waits does so to its end, even after a delivery.
            producer.poll(Duration::ZERO);
            if producer.context().0.failed.load(Ordering::Relaxed) > 0 || sent.elapsed() > DEADLINE {
                return Err(format!("record {sequence} was not delivered").into());
            }
        }
        latencies.record(sent.elapsed())?;
    }
    Ok(latencies.rates(load))
}
