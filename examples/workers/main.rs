//! Workers that share a topic of jobs as a group, come and go while it is worked on, and stop gracefully.
//!
//! `cargo run --release --example workers` starts a broker in memory, two workers, then a third, stops the first in
//! the midst of it, and checks that every job was done. With `-- --bootstrap HOST:PORT` the same goes
//! through any Kafka cluster. Ctrl-c stops all of them as gracefully.

mod worker;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use clap::Parser;
use ottla::Server;
use ottla::broker::BrokerConfig;
use ottla::client::{Client, Config, NewTopic, TopicPartition};
use ottla::producer::{self, Producer};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use worker::{Done, GROUP, TOPIC, Worker};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const PARTITIONS: i32 = 6;
const JOBS: usize = 900;

/// How long nothing may be done before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Workers that share a topic of jobs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Brokers of a cluster to use, instead of a broker in this process
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
}

#[tokio::main]
async fn main() -> Outcome {
    if let Some(bootstrap) = Arguments::parse().bootstrap {
        return shift(Config::new(bootstrap)).await;
    }
    // Kafka waits three seconds for more members before a new group begins; a demonstration need not.
    let config = BrokerConfig::from_pairs([("group.initial.rebalance.delay.ms", "0")])?;
    let server = Server::builder().config(config).in_memory().start().await?;
    let worked = shift(Config::new(server.bootstrap()).with_connector(server.connector())).await;
    server.shutdown().await?;
    worked
}

/// A worker at work, and how it is told to stop.
struct Hired {
    stop: watch::Sender<bool>,
    working: JoinHandle<Outcome>,
}

impl Hired {
    fn new(name: &'static str, config: &Config, done: &mpsc::Sender<Done>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let worker = Worker { name, config: config.clone(), done: done.clone(), stopping };
        Self { stop, working: tokio::spawn(worker.work()) }
    }

    /// Waits until it has finished what it was doing, said so to the group, and left it.
    async fn stop(self) -> Outcome {
        self.stop.send_replace(true);
        self.working.await?
    }
}

async fn shift(config: Config) -> Outcome {
    let client = Client::connect(config.clone()).await?;
    client.admin().create_topic(NewTopic::new(TOPIC).with_partitions(PARTITIONS)).await?;
    let producing = tokio::spawn(produce(config.clone()));

    let (done, mut dones) = mpsc::channel(100);
    let first = Hired::new("first", &config, &done);
    let second = Hired::new("second", &config, &done);
    let mut tally = Tally::default();
    tally.until(JOBS / 3, &mut dones).await?;
    println!("-- a third worker comes");
    let third = Hired::new("third", &config, &done);
    tally.until(2 * JOBS / 3, &mut dones).await?;
    println!("-- the first worker goes");
    // It may be telling of a job right now: somebody has to listen until it is gone.
    let (stopped, heard) = tokio::join!(first.stop(), tally.until(2 * JOBS / 3 + 1, &mut dones));
    stopped.and(heard)?;
    tally.until(JOBS, &mut dones).await?;
    producing.await??;
    second.stop().await?;
    third.stop().await?;

    println!("done: {:?}", tally.by_worker);
    check("every job was done", tally.jobs.len() == JOBS)?;
    let again = tally.jobs.values().filter(|times| **times > 1).count();
    check("all had their share", tally.by_worker.len() == 3)?;
    let committed = client.admin().group_offsets(GROUP).await?;
    let all: i64 = committed.values().map(|committed| committed.offset.0).sum();
    check("the group knows of all of it", usize::try_from(all) == Ok(JOBS))?;
    let left =
        client.admin().describe_groups([GROUP]).await.remove(GROUP).ok_or("asked and not answered")??;
    check("nobody is left in the group", left.members.is_empty())?;

    client.admin().delete_groups([GROUP]).await.into_values().collect::<Result<Vec<_>, _>>()?;
    client.admin().delete_topics([TOPIC]).await.into_values().collect::<Result<Vec<_>, _>>()?;
    // A worker that loses partitions before it could commit has its last jobs done again by the next: at least once.
    println!("all {JOBS} jobs were done, {again} of them again, while workers came and went");
    Ok(())
}

/// Puts jobs into the topic, a few at a time.
async fn produce(config: Config) -> Outcome {
    let producer = Producer::new(producer::Config::with_client(config)).await?;
    for job in 0..JOBS {
        producer.send(TOPIC, format!("job-{job}"), "to be done").await?;
    }
    producer.close().await;
    Ok(())
}

fn check(what: &str, is_so: bool) -> Outcome {
    if is_so { Ok(()) } else { Err(format!("{what}: not so").into()) }
}

/// What was done so far.
#[derive(Default)]
struct Tally {
    /// How often each job was done.
    jobs: BTreeMap<(TopicPartition, i64), usize>,
    by_worker: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Listens until so many jobs are done.
    async fn until(&mut self, count: usize, dones: &mut mpsc::Receiver<Done>) -> Outcome {
        while self.jobs.len() < count {
            let next = tokio::time::timeout(PATIENCE, dones.recv()).await;
            let done = next.map_err(|_| "nothing is done any more")?.ok_or("all workers have stopped")?;
            *self.jobs.entry((done.partition, done.offset)).or_default() += 1;
            *self.by_worker.entry(done.worker).or_default() += 1;
        }
        Ok(())
    }
}
