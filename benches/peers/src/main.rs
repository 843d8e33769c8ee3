//! Load from other projects' clients, against any broker that speaks Kafka's protocol: librdkafka through the `rdkafka`
//! crate, and the Rust clients `rskafka` and `krafka`.
//!
//! Each subcommand moves a known number of records and prints one line of `key=value` pairs, which
//! `cargo xtask bench` reads. The topic exists already; partitions are filled round robin, or a task each. A client
//! has the settings that make it fastest here; where they are not its defaults, its file says so.

mod librdkafka;
mod through_krafka;
mod through_rskafka;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand, ValueEnum};
use hdrhistogram::Histogram;

/// Longest that one subcommand may take before it gives up with an error.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a subcommand ends with: its line of figures, or why there are none.
type Figures = Result<String, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Load from other projects' clients for `cargo xtask bench`")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Produces `records` records as fast as the client can, each handed over by itself.
    Produce(Load),
    /// Produces `records` records in batches of `batch`, each batch handed over whole (`rskafka` only).
    ProduceBatches(Load),
    /// Consumes `records` records from the beginning of each partition.
    Consume(Load),
    /// Produces one record at a time, each after the answer to the one before.
    OneInFlight(Load),
    /// Produces `rate` records a second, none of which waits for company (`rdkafka` only).
    Paced(Load),
}

/// Whose client makes the load.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Client {
    Rdkafka,
    Rskafka,
    Krafka,
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
    /// Records a second, for `paced`.
    #[arg(long, default_value_t = 5_000)]
    rate: u32,
    /// Records in a batch that is handed over whole.
    #[arg(long, default_value_t = 1_000)]
    batch: usize,
    /// Whose client.
    #[arg(long, value_enum, default_value = "rdkafka")]
    client: Client,
    /// Acknowledgements that librdkafka asks for: 0, 1 or all. The others ask for all.
    #[arg(long, default_value = "all")]
    acks: String,
}

impl Load {
    /// How many records go to one partition.
    fn records_of(&self, partition: i32) -> u64 {
        let (partitions, partition) =
            (u64::from(self.partitions.unsigned_abs()), u64::from(partition.unsigned_abs()));
        self.records / partitions + u64::from(partition < self.records % partitions)
    }

    /// An error unless a value that was consumed is as long as they were produced.
    fn check(&self, len: usize) -> Result<(), String> {
        if len == self.size { Ok(()) } else { Err(format!("a record of {len} bytes, not {}", self.size)) }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
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

fn run(command: Command) -> Figures {
    match command {
        Command::Produce(load) => match load.client {
            Client::Rdkafka => librdkafka::produce(&load),
            Client::Rskafka => runtime()?.block_on(through_rskafka::produce(&load)),
            Client::Krafka => runtime()?.block_on(through_krafka::produce(&load)),
        },
        Command::ProduceBatches(load) => match load.client {
            Client::Rskafka => runtime()?.block_on(through_rskafka::produce_batches(&load)),
            Client::Rdkafka | Client::Krafka => Err("the client takes no batches".into()),
        },
        Command::Consume(load) => match load.client {
            Client::Rdkafka => librdkafka::consume(&load),
            Client::Rskafka => runtime()?.block_on(through_rskafka::consume(&load)),
            Client::Krafka => runtime()?.block_on(through_krafka::consume(&load)),
        },
        Command::Paced(load) => match load.client {
            Client::Rdkafka => librdkafka::paced(&load),
            Client::Rskafka | Client::Krafka => Err("the client has no pace".into()),
        },
        Command::OneInFlight(load) => match load.client {
            Client::Rdkafka => librdkafka::one_in_flight(&load),
            Client::Rskafka => one_thread()?.block_on(through_rskafka::one_in_flight(&load)),
            Client::Krafka => one_thread()?.block_on(through_krafka::one_in_flight(&load)),
        },
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// One record at a time is driven from one thread, as our own clients and the bare connection do it: on several, each
/// answer would also pay for waking other cores.
fn one_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn payload(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 % 251) as u8).collect()
}

/// The clock and the CPU time of this process while a load is under way.
struct Stopwatch {
    start: Instant,
    cpu_start: Duration,
}

impl Stopwatch {
    fn start() -> Self {
        Self { start: Instant::now(), cpu_start: cpu_time() }
    }

    /// The line of figures of a load that is done.
    fn rates(&self, load: &Load) -> String {
        let seconds = self.start.elapsed().as_secs_f64();
        let cpu = (cpu_time() - self.cpu_start).as_secs_f64();
        let (records, size) = (load.records as f64, load.size as f64);
        format!(
            "records={} seconds={seconds:.4} records_per_s={:.0} mb_per_s={:.1} cpu_s_per_million={:.4}",
            load.records,
            records / seconds,
            records * size / 1e6 / seconds,
            cpu * 1e6 / records,
        )
    }
}

/// CPU time of this process so far, user and system.
fn cpu_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

/// Latencies of requests that follow each other.
struct Latencies {
    histogram: Histogram<u64>,
    stopwatch: Stopwatch,
}

impl Latencies {
    fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self { histogram: Histogram::new(3)?, stopwatch: Stopwatch::start() })
    }

    /// Forgets what came before: it warmed up.
    fn begin(&mut self) {
        self.histogram.reset();
        self.stopwatch = Stopwatch::start();
    }

    fn record(&mut self, latency: Duration) -> Result<(), hdrhistogram::RecordError> {
        self.histogram.record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX))
    }

    /// The line of figures.
    fn rates(&self, load: &Load) -> String {
        let micros = |quantile| self.histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        format!("{} p50_us={:.1} p99_us={:.1}", self.stopwatch.rates(load), micros(0.5), micros(0.99))
    }
}
