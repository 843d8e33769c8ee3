//! Load from librdkafka, through the `rdkafka` crate, against any broker that speaks Kafka's protocol.
//!
//! Each subcommand moves a known number of records and prints one line of `key=value` pairs, which
//! `cargo xtask bench` reads. The topic exists already; partitions are filled round robin.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use hdrhistogram::Histogram;
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// Longest that one subcommand may take before it gives up with an error.
const DEADLINE: Duration = Duration::from_secs(120);

#[derive(Parser)]
#[command(about = "Load from librdkafka for `cargo xtask bench`")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Produces `records` records as fast as librdkafka can.
    Produce(Load),
    /// Consumes `records` records from the beginning of each partition.
    Consume(Load),
    /// Produces one record at a time, each after the answer to the one before.
    OneInFlight(Load),
}

#[derive(Args)]
struct Load {
    /// Broker to talk to, as HOST:PORT.
    #[arg(long)]
    bootstrap: String,
    /// Topic, which must exist.
    #[arg(long)]
    topic: String,
    /// Partitions of the topic.
    #[arg(long, default_value_t = 4)]
    partitions: i32,
    /// Records to move.
    #[arg(long)]
    records: u64,
    /// Bytes of one record's value.
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// Acknowledgements to ask for: 0, 1 or all.
    #[arg(long, default_value = "all")]
    acks: String,
}

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

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Produce(load) => produce(&load),
        Command::Consume(load) => consume(&load),
        Command::OneInFlight(load) => one_in_flight(&load),
    };
    match result {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
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

fn produce(load: &Load) -> Result<String, String> {
    let producer = producer(load, "5")?;
    let value = payload(load.size);
    let start = Instant::now();
    for sequence in 0..load.records {
        let partition = (sequence % u64::from(load.partitions.unsigned_abs())) as i32;
        let mut record =
            BaseRecord::<(), [u8]>::to(&load.topic).partition(partition).payload(value.as_slice());
        while let Err((error, returned)) = producer.send(record) {
            if !matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) {
                return Err(format!("record {sequence} was refused: {error}"));
            }
            producer.poll(Duration::from_millis(1));
            record = returned;
        }
        if sequence % 1024 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(DEADLINE).map_err(|error| format!("flush: {error}"))?;
    let elapsed = start.elapsed();
    let deliveries = &producer.context().0;
    let (ok, failed) = (deliveries.ok.load(Ordering::Relaxed), deliveries.failed.load(Ordering::Relaxed));
    if failed > 0 || ok != load.records {
        return Err(format!("{ok} of {} records delivered, {failed} failed", load.records));
    }
    Ok(rates(load, elapsed))
}

fn consume(load: &Load) -> Result<String, String> {
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
    let start = Instant::now();
    consumer.assign(&assignment).map_err(|error| format!("assign: {error}"))?;
    let mut records = 0;
    while records < load.records {
        if start.elapsed() > DEADLINE {
            return Err(format!("{records} of {} records consumed in {DEADLINE:?}", load.records));
        }
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) if message.payload_len() == load.size => records += 1,
            Some(Ok(message)) => {
                return Err(format!("a record of {} bytes, not {}", message.payload_len(), load.size));
            }
            Some(Err(error)) => return Err(format!("poll: {error}")),
            None => {}
        }
    }
    Ok(rates(load, start.elapsed()))
}

fn one_in_flight(load: &Load) -> Result<String, String> {
    let producer = producer(load, "0")?;
    let value = payload(load.size);
    let mut latencies = Histogram::<u64>::new(3).map_err(|error| error.to_string())?;
    let warm_up = load.records / 10;
    let mut start = Instant::now();
    for sequence in 0..load.records + warm_up {
        if sequence == warm_up {
            latencies.reset();
            start = Instant::now();
        }
        let sent = Instant::now();
        producer
            .send(BaseRecord::<(), [u8]>::to(&load.topic).partition(0).payload(value.as_slice()))
            .map_err(|(error, _)| format!("record {sequence} was refused: {error}"))?;
        while producer.context().0.ok.load(Ordering::Relaxed) <= sequence {
            // A poll that waits does so to its end, even after a delivery.
            producer.poll(Duration::ZERO);
            if producer.context().0.failed.load(Ordering::Relaxed) > 0 || sent.elapsed() > DEADLINE {
                return Err(format!("record {sequence} was not delivered"));
            }
        }
        let nanos = u64::try_from(sent.elapsed().as_nanos()).unwrap_or(u64::MAX);
        latencies.record(nanos).map_err(|error| error.to_string())?;
    }
    let micros = |quantile| latencies.value_at_quantile(quantile) as f64 / 1_000.0;
    Ok(format!("{} p50_us={:.1} p99_us={:.1}", rates(load, start.elapsed()), micros(0.5), micros(0.99)))
}

fn payload(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 % 251) as u8).collect()
}

fn rates(load: &Load, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let megabytes = load.records as f64 * load.size as f64 / 1e6;
    format!(
        "records={} seconds={seconds:.4} records_per_s={:.0} mb_per_s={:.1}",
        load.records,
        load.records as f64 / seconds,
        megabytes / seconds
    )
}
