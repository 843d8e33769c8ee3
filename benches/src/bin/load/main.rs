//! Load from our own clients, for `cargo xtask bench`, against any broker that speaks Kafka's protocol.
//!
//! Each subcommand moves a known number of records and prints one line of `key=value` pairs, as the
//! programs in `benches/peers` do. `wire` drives bare connections at a pace, one request in flight on each,
//! `in_flight` as fast as answers come; `prepared` and `fetched` move as much as the broker can, with next to no client;
//! `scatter` and `gather` go over many partitions, `held` is connections and `producers` producer ids that do nothing;
//! `clients` is the producer and the consumer; `committed` is groups that commit all the time, `groups` is
//! members of consumer groups, `idle` and `shares` many groups that do nothing, `storm` one that is never in order;
//! `transactions` are open ones; `echo` and `echoes` are what sockets alone would take,
//! `limits` what the machine can do at all.

mod clients;
mod committed;
mod cpu;
mod echo;
mod echoes;
mod fetched;
mod groups;
mod held;
mod idle;
mod in_flight;
mod limits;
mod prepared;
mod producers;
mod shares;
mod spread;
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
use ottla_protocol::records::Compression;
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
    /// Produces a batch a request to all partitions of all topics in turn, over so many connections.
    Scatter(Load),
    /// Fetches a batch a request from all partitions of all topics in turn, over so many connections.
    Gather(Load),
    /// Opens connections that ask for the broker's versions, and holds them until standard input ends.
    Held(Load),
    /// Measures what the machine can do without a broker.
    Limits(Load),
    /// Settles consumer groups, holds them, and lets a member leave at each line of standard input.
    Groups(Load),
    /// Makes consumer groups with a committed offset each, over few connections, and holds them until standard
    /// input ends.
    Idle(Load),
    /// Makes consumer groups with a member each; at a line of standard input, heartbeats and commits, over few connections.
    Committed(Load),
    /// Writes one record by each of so many idempotent producers, over one connection.
    Producers(Load),
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
    /// Topics to create, or for `scatter` and `gather`: if there are several, `topic` with a number each.
    #[arg(long, default_value_t = 1)]
    topics: u64,
    /// Partitions of the topic, or of each.
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
    /// Connections, for `in-flight`, `scatter`, `gather`, `held`, `idle`, `shares` and `transactions`, and of the client
    /// to a broker for `produce`, `produce-batches` and `consume`.
    #[arg(long, default_value_t = 1)]
    connections: u64,
    /// Requests a second that `in-flight`, `scatter` and `gather` send, all connections together; as many as it can when 0.
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
    /// How `produce` and `prepared` pack batches; the values are text then, and not bytes that are all alike.
    #[arg(long, value_enum, default_value = "none")]
    codec: Codec,
    /// Whether the values are text without a codec too.
    #[arg(long)]
    text: bool,
    /// Acknowledgements that `prepared` asks for: -1 for all, 1 or 0.
    #[arg(long, default_value_t = -1, allow_hyphen_values = true)]
    acks: i16,
    /// Bytes that one answer may hold, for `fetched`.
    #[arg(long, default_value_t = 4 << 20)]
    fetch_bytes: i32,
    /// Where in each partition `gather` fetches: batches of `batch-records` are expected there.
    #[arg(long, value_enum, default_value = "walk")]
    at: At,
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

/// The codecs of batches.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl From<Codec> for Compression {
    fn from(codec: Codec) -> Self {
        match codec {
            Codec::None => Self::None,
            Codec::Gzip => Self::Gzip,
            Codec::Snappy => Self::Snappy,
            Codec::Lz4 => Self::Lz4,
            Codec::Zstd => Self::Zstd,
        }
    }
}

impl Load {
    fn values(&self) -> Values {
        match self.text || self.codec != Codec::None {
            true => Values { bytes: text(self.size + TEXT_BYTES), size: self.size },
            false => Values { bytes: payload(self.size), size: self.size },
        }
    }
}

/// Text that values are cut out of: more than a codec looks back for what was there before.
const TEXT_BYTES: usize = 1 << 20;

/// The values of records: all the same, or one piece of a text after the other.
#[derive(Clone)]
struct Values {
    bytes: Vec<u8>,
    size: usize,
}

impl Values {
    /// The value of a record by its number.
    fn of(&self, number: u64) -> &[u8] {
        let span = self.bytes.len() - self.size;
        let start = match span {
            0 => 0,
            // No multiple of the span, or all would begin at the same place.
            _ => usize::try_from(number).unwrap_or(0).wrapping_mul(self.size | 1) % span,
        };
        &self.bytes[start..start + self.size]
    }
}

/// Where in a partition something is fetched.
#[derive(Clone, Copy, clap::ValueEnum)]
enum At {
    /// One batch after the other, from the first on.
    Walk,
    /// The first batch.
    Head,
    /// The last one.
    Tail,
    /// Any.
    Random,
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
            Command::Scatter(load) => spread::scatter(&load),
            Command::Gather(load) => spread::gather(&load),
            Command::Held(load) => held::run(&load),
            Command::Groups(load) => groups::run(&load).await,
            Command::Idle(load) => idle::run(&load).await,
            Command::Committed(load) => committed::run(&load).await,
            Command::Producers(load) => producers::run(&load).await,
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

/// A value of so many bytes that packs as text does: words in any order, and numbers.
fn text(size: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "order",
        "customer",
        "\"price\":",
        "amount",
        "delivered",
        "\"id\":",
        "north",
        "{",
        "}, ",
        "payment",
        "returned",
        "warehouse",
        "at",
        "the",
        "shelf",
        "number",
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut text = String::new();
    while text.len() < size {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let word = WORDS[usize::try_from(seed >> 60).unwrap_or(0)];
        text.push_str(word);
        if seed & 3 == 0 {
            text.push_str(&(seed >> 32 & 0xf_ffff).to_string());
        }
        text.push(' ');
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(size);
    bytes
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

#[cfg(test)]
mod tests {
    use super::{TEXT_BYTES, Values, payload, text};

    #[test]
    fn values_of_text_differ_and_all_have_their_size() {
        for size in [1, 100, 1_024, 3 << 20] {
            let values = Values { bytes: text(size + TEXT_BYTES), size };
            assert!((0..5_000).all(|number| values.of(number).len() == size));
            assert!(size == 1 || values.of(0) != values.of(1), "of {size} bytes");
        }
        let alike = Values { bytes: payload(100), size: 100 };
        assert_eq!(alike.of(0), alike.of(7));
    }
}
