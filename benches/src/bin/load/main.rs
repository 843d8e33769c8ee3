//! Load from our own clients, for `cargo xtask bench`, against any broker that speaks Kafka's protocol.
//!
//! Each subcommand moves a known number of records and prints one line of `key=value` pairs, as the
//! programs in `benches/peers` do. `wire` drives bare connections at a pace, one request in flight on each,
//! `in_flight` as fast as answers come; `prepared` and `fetched` move as much as the broker can, with next to no client;
//! `clients` is the producer and the consumer; `groups` is
//! members of consumer groups, `idle` and `shares` many groups that do nothing, `storm` one that is never in order;
//! `transactions` are open ones; `echo` and `echoes` are what sockets alone would take,
//! `limits` what the machine can do at all.

mod clients;
mod cpu;
mod echo;
mod echoes;
mod fetched;
mod groups;
mod idle;
mod in_flight;
mod limits;
mod prepared;
mod shares;
mod storm;
mod transactions;
mod wire;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use hdrhistogram::Histogram;
use ottla_env::{Env, OsSeeds, SystemClock};
use ottla_transport::TokioSpawn;

/// What a subcommand ends with: its line of figures, or why there are none.
type Figures = Result<String, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Load from our own clients for `cargo xtask bench`")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Creates the topic.
    CreateTopic(Load),
    /// Produces through the producer, a task a partition.
    Produce(Load),
    /// Produces through the producer, a task a partition, `batch` records handed over at a time.
    ProduceBatches(Load),
    /// Produces through the producer one record at a time, each after the answer to the one before.
    OneInFlight(Load),
    /// Consumes through the consumer, from the beginning of each partition.
    Consume(Load),
    /// Waits for a broker, creates the topic, and says when its first record was acknowledged.
    FirstAck(Load),
    /// Produces one record a request, each connection after the answer to the one before.
    InFlight(Load),
    /// Produces batches that were built once, over a connection a partition, several requests in flight on each.
    Prepared(Load),
    /// Receives every partition over a connection of its own, and counts records without looking into batches.
    Fetched(Load),
    /// Measures what the machine can do without a broker.
    Limits(Load),
    /// Settles consumer groups, holds them, and lets a member leave at each line of standard input.
    Groups(Load),
    /// Makes consumer groups with a committed offset each, over few connections, and holds them until standard
    /// input ends.
    Idle(Load),
    /// Makes share groups with the states of a topic each, over few connections, and holds them until standard input
    /// ends.
    Shares(Load),
    /// Settles a group; each line of standard input begins a storm of leaving and joining, or ends it.
    Storm(Load),
    /// Opens transactions of a record each, and commits them at a line of standard input.
    Transactions(Load),
    /// Sends as many bytes as `in-flight` does to threads of this program: without `epoll` and one at a time over a
    /// single connection, or over several.
    Echo(Load),
}

#[derive(Args)]
struct Load {
    /// Broker to talk to, as HOST:PORT. `echo` and `limits` have none.
    #[arg(long, default_value = "127.0.0.1:9092")]
    bootstrap: String,
    /// Topic to create or fill.
    #[arg(long, default_value = "load")]
    topic: String,
    /// Partitions of the topic.
    #[arg(long, default_value_t = 4)]
    partitions: i32,
    /// Records to move.
    #[arg(long, default_value_t = 1)]
    records: u64,
    /// Bytes of one record's value.
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// Records that are handed over at a time, for `produce-batches`.
    #[arg(long, default_value_t = 1_000)]
    batch: u64,
    /// Connections, for `in-flight`, `idle`, `shares` and `transactions`, and of the client
    /// to a broker for `produce`, `produce-batches` and `consume`.
    #[arg(long, default_value_t = 1)]
    connections: u64,
    /// Requests a second that `in-flight` sends, all connections together; as many as it can when 0.
    #[arg(long, default_value_t = 0)]
    rate: u32,
    /// Threads that drive the connections, for `in-flight` without a pace and `echo`.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Threads that answer, for `echo`.
    #[arg(long, default_value_t = 2)]
    echo_threads: usize,
    /// Where `limits` makes its files: on the disk that the brokers write to.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
    /// Requests in flight on each connection, for `prepared`.
    #[arg(long, default_value_t = 4)]
    depth: usize,
    /// Records of a batch, for `prepared`; a request is one batch.
    #[arg(long, default_value_t = 500)]
    batch_records: u64,
    /// Acknowledgements that `prepared` asks for: -1 for all, 1 or 0.
    #[arg(long, default_value_t = -1, allow_hyphen_values = true)]
    acks: i16,
    /// Bytes that one answer may hold, for `fetched`.
    #[arg(long, default_value_t = 4 << 20)]
    fetch_bytes: i32,
    /// Consumer groups, for `groups`; their names begin with that of the topic.
    #[arg(long, default_value_t = 1)]
    groups: u64,
    /// Transactions to open, for `transactions`; their ids begin with the name of the topic.
    #[arg(long, default_value_t = 1)]
    transactions: u64,
    /// Whether the members of `storm` speak the consumer protocol (KIP-848), and subscribe with a pattern.
    #[arg(long)]
    consumer_protocol: bool,
    /// Topics that each member subscribes to, for `storm`.
    #[arg(long, default_value_t = 100)]
    subscribed: u64,
    /// Members of each group, for `groups`, `storm` and, none or one, `idle` and `shares`.
    #[arg(long, default_value_t = 1)]
    members: u64,
    /// Milliseconds between the heartbeats of a member, for `groups`, `storm`, `idle` and `shares`.
    #[arg(long, default_value_t = 3_000)]
    heartbeat_ms: u64,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match runtime(&cli.command) {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let figures = runtime.block_on(async {
        match cli.command {
            Command::CreateTopic(load) => wire::create_topic(&load).await,
            Command::Produce(load) => clients::produce(&load).await,
            Command::ProduceBatches(load) => clients::produce_batches(&load).await,
            Command::OneInFlight(load) => clients::one_in_flight(&load).await,
            Command::Consume(load) => clients::consume(&load).await,
            Command::FirstAck(load) => wire::first_ack(&load).await,
            Command::InFlight(load) if load.rate > 0 => wire::paced(&load).await,
            Command::InFlight(load) => in_flight::run(&load),
            Command::Prepared(load) => prepared::run(&load),
            Command::Fetched(load) => fetched::run(&load),
            Command::Groups(load) => groups::run(&load).await,
            Command::Idle(load) => idle::run(&load).await,
            Command::Shares(load) => shares::run(&load).await,
            Command::Storm(load) => storm::run(load).await,
            Command::Transactions(load) => transactions::run(&load).await,
            Command::Echo(load) if load.connections > 1 => echoes::run(&load),
            Command::Echo(load) => echo::run(&load),
            Command::Limits(load) => limits::run(&load),
        }
    });
    match figures {
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

/// One connection is driven from one thread: on several, each answer would also pay for waking another
/// core of the client, twice, and the figure would tell more of this program than of the broker.
fn runtime(command: &Command) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match command {
        // The members of a storm are to trouble the broker, not to take all cores from it.
        Command::Storm(_) => tokio::runtime::Builder::new_current_thread(),
        Command::OneInFlight(_) => tokio::runtime::Builder::new_current_thread(),
        Command::InFlight(load) if load.rate > 0 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

/// The real world: system clock, system seeds, the running tokio.
fn env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(OsSeeds), Arc::new(TokioSpawn::new()))
}

/// A value of so many bytes, not all the same.
fn payload(size: usize) -> Vec<u8> {
    (0_u8..251).cycle().take(size).collect()
}

/// How fast all the records of a load were moved.
fn rates(load: &Load, elapsed: Duration) -> String {
    rates_of(load.records, load.size, elapsed)
}

#[expect(clippy::cast_precision_loss, reason = "a rate, to a few digits")]
fn rates_of(records: u64, size: usize, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let megabytes = records as f64 * size as f64 / 1e6;
    format!(
        "records={records} seconds={seconds:.4} records_per_s={:.0} mb_per_s={:.1}",
        records as f64 / seconds,
        megabytes / seconds
    )
}

/// A quantile of latencies that were recorded in nanoseconds.
#[expect(clippy::cast_precision_loss, reason = "a latency, to three digits")]
fn micros(latencies: &Histogram<u64>, quantile: f64) -> f64 {
    latencies.value_at_quantile(quantile) as f64 / 1_000.0
}
