//! Moves a million records through a broker to a group of consumers, and checks each one of them.
//!
//! `cargo run --release --example quickstart` starts a broker in this process, in a temporary folder and on a
//! free port; with `-- --bootstrap HOST:PORT` the same goes through any Kafka cluster. It ends badly if a single
//! record is lost, repeated, changed or out of order.

mod consuming;
mod payload;
mod producing;
mod report;
mod tally;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::{Client, Config, NewTopic};
use ottla::producer::Compression;

/// Moves records through a broker and checks each one of them.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Brokers of a cluster to use, instead of a broker in this process
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// Records to move
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    records: u64,
    /// Bytes of each record's value
    #[arg(long, value_name = "BYTES", default_value_t = 100, value_parser = size)]
    size: usize,
    /// Partitions of the topic
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: i32,
    /// Tasks that produce at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    tasks: u32,
    /// Consumers in one group that share the partitions
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    consumers: u32,
    /// Name of the topic, which is created and must not exist
    #[arg(long, value_name = "NAME", default_value = "quickstart")]
    topic: String,
    /// Codec of the batches: none, gzip, snappy, lz4 or zstd
    #[arg(long, value_name = "CODEC", default_value = "none", value_parser = codec)]
    compression: Compression,
}

fn codec(text: &str) -> Result<Compression, String> {
    let known = Compression::from_name(text).filter(|codec| codec.is_enabled());
    known.ok_or_else(|| "expected none, gzip, snappy, lz4 or zstd".to_owned())
}

/// A size that holds what a record says of itself.
fn size(text: &str) -> Result<usize, String> {
    let size = text.parse().map_err(|_| "expected a number of bytes".to_owned())?;
    if size < payload::SIZE_MIN {
        return Err(format!("a record that can be checked has at least {} bytes", payload::SIZE_MIN));
    }
    Ok(size)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match runtime.block_on(run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn Error) -> ExitCode {
    eprintln!("quickstart: {error}");
    ExitCode::FAILURE
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if let Some(bootstrap) = &arguments.bootstrap {
        println!("cluster at {bootstrap}");
        return through(arguments, bootstrap).await;
    }
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    // So long a new group waits for more members before it begins; by default it is three seconds, as in Kafka.
    let config = BrokerConfig::from_pairs([("group.initial.rebalance.delay.ms", "300")])?;
    let server =
        Server::builder().data(folder.path()).config(config).listen("127.0.0.1:0".parse()?).start().await?;
    let started = began.elapsed().as_secs_f64() * 1e3;
    println!(
        "broker in this process at {}, up in {started:.1} ms, every ack on stable storage",
        server.bootstrap()
    );
    let outcome = through(arguments, &server.bootstrap()).await;
    server.shutdown().await?;
    outcome
}

/// Creates the topic, fills it, reads it back.
async fn through(arguments: &Arguments, bootstrap: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(Config::new(bootstrap).with_client_id("quickstart")).await?;
    let topic = NewTopic::new(arguments.topic.clone()).with_partitions(arguments.partitions);
    client.admin().create_topic(topic).await?;

    let arguments = Arc::new(arguments.clone());
    let began = Instant::now();
    let (sent, times) = producing::produce(&arguments, bootstrap).await?;
    let produced = began.elapsed();

    let consumed = consuming::consume(&arguments, bootstrap, &client, &sent).await?;

    let line = |what: &str, took: Duration| {
        println!(
            "{what:<9}{} in {:.2} s",
            report::rate(arguments.records, arguments.size, took),
            took.as_secs_f64()
        );
    };
    line("produced", produced);
    line("consumed", consumed.took);
    let shares: Vec<String> = consumed.shares.iter().map(u64::to_string).collect();
    println!(
        "by a group of {}: {} records, after {:.2} s of joining",
        shares.len(),
        shares.join(" + "),
        consumed.joining.as_secs_f64()
    );
    println!(
        "from enqueue to ack, at full load: p50 {}, p99 {}",
        times.millis_at(0.5),
        times.millis_at(0.99)
    );
    if let Some((now, most)) = report::memory() {
        println!("memory of this process: {now} MB, at most {most} MB");
    }
    consumed.tally.verdict()?;
    println!("all {} records came once, unchanged and in order", arguments.records);
    Ok(())
}
