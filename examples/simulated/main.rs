//! How to test a service under crashes, cuts and losses of power, in virtual time, from a seed.
//!
//! The service bills orders, as one member of a group. It is run twice: as somebody wrote it first, committing what it was
//! given before it has billed it, and as it should be. The broker suffers a weather drawn from the seed, and the service is
//! killed now and then; in the end every order that was acknowledged must have its bill.
//!
//! `cargo run --release --example simulated` finds a seed that breaks the first, tells the end of its replay, and
//! that no seed breaks the second. `-- SEED` replays one seed of the first with every event.

use std::collections::BTreeSet;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ottla::broker::BrokerConfig;
use ottla::client::{self, TopicPartition};
use ottla::consumer::{self, Consumer, OffsetReset, Start};
use ottla::env::Env;
use ottla::producer::{self, Producer};
use ottla_sim::{Power, Ran, Sim, Weather, each_seed, millis, replay, run};
use tokio::time::{sleep, timeout};

const BROKER: &str = "broker:9092";
const ORDERS: u32 = 30;
const SEEDS: u64 = 60;

/// When the service says that it has billed what it was given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commits {
    /// A crash after that loses bills.
    BeforeItBills,
    /// A crash before that bills twice, which is another test.
    AfterItBilled,
}

/// The service, as it runs in production but for its seams.
async fn bill(client: client::Config, commits: Commits) -> Result<(), Box<dyn Error>> {
    let producer = Producer::new(producer::Config::with_client(client.clone())).await?;
    let config = consumer::Config::with_client(client)
        .with_group_id("billing")
        .with_auto_offset_reset(OffsetReset::Earliest)
        .with_session(Duration::from_secs(3), Duration::from_millis(500))
        .without_auto_commit();
    let consumer = Consumer::new(config).await?;
    consumer.subscribe(["orders"]).await?;
    loop {
        let batch = match consumer.next_batch().await {
            Ok(batch) => batch,
            Err(error) if error.is_retriable() => continue,
            Err(error) => return Err(error.into()),
        };
        let orders: Vec<String> = batch
            .into_iter()
            .filter_map(Result::ok)
            .map(|order| String::from_utf8_lossy(order.value.unwrap_or_default()).into_owned())
            .collect();
        if commits == Commits::BeforeItBills {
            consumer.commit().await?;
        }
        for order in orders {
            producer.send("bills", "", order).await?;
        }
        if commits == Commits::AfterItBilled {
            consumer.commit().await?;
        }
    }
}

/// What becomes of it: the orders that were acknowledged and never billed.
async fn scenario(sim: Sim, commits: Commits) -> BTreeSet<String> {
    let config = BrokerConfig::from_pairs([
        ("group.min.session.timeout.ms", "100"),
        ("group.initial.rebalance.delay.ms", "0"),
    ]);
    let mut node = sim.node(BROKER, config.expect("these are keys of a broker"));
    node.start_anyhow().await;

    let weather = Weather::draw(&mut sim.rng(), &["orders-0/".into(), "bills-0/".into()], Power::MayFail);
    let ordering = tokio::spawn(order(sim.clone()));
    let living = tokio::spawn(live(sim.clone(), commits));
    node.weather(&weather).await;
    node.calm().await;
    let ordered = ordering.await.unwrap_or_default();
    drop(living.await);

    // Nothing fails any more: what is not billed within minutes never is.
    let mut left = ordered;
    drop(timeout(Duration::from_secs(180), billed(sim.clone(), &mut left)).await);
    left
}

fn client(sim: &Sim, env: Env) -> client::Config {
    client::Config::new(BROKER)
        .with_connector(sim.connector())
        .with_env(env)
        .with_request_timeout(Duration::from_secs(2))
}

/// Orders, and remembers what was acknowledged.
async fn order(sim: Sim) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    let mut rng = sim.rng();
    let config = producer::Config::with_client(client(&sim, sim.env()));
    let producer = loop {
        match Producer::new(config.clone()).await {
            Ok(producer) => break producer,
            Err(error) => sim.note(&error.to_string()),
        }
    };
    for number in 0..ORDERS {
        let order = format!("order {number}");
        match producer.send("orders", "", order.as_str()).await {
            Ok(_) => drop(acknowledged.insert(order)),
            Err(error) => sim.note(&format!("{order}: {error}")),
        }
        sleep(millis(&mut rng, 0, 300)).await;
    }
    acknowledged
}

/// The service lives, is killed, and lives again; the last of its lives lasts.
async fn live(sim: Sim, commits: Commits) {
    let mut rng = sim.rng();
    for life in 0..=4 {
        let process = sim.process();
        let env = process.env(rng.next_u64());
        let (told, config) = (sim.clone(), client(&sim, env));
        process.run(async move {
            // Where it fails it is started again, as a supervisor would.
            loop {
                if let Err(error) = bill(config.clone(), commits).await {
                    told.note(&format!("the service failed: {error}"));
                }
                sleep(Duration::from_millis(500)).await;
            }
        });
        if life < 4 {
            sleep(millis(&mut rng, 1_000, 6_000)).await;
            sim.note("the service is killed");
            process.kill();
        }
    }
}

/// Reads all bills, and strikes their orders off the list.
async fn billed(sim: Sim, left: &mut BTreeSet<String>) {
    let config = consumer::Config::with_client(client(&sim, sim.env()));
    let Ok(consumer) = Consumer::new(config).await else { return };
    consumer.assign([TopicPartition::new("bills", 0)], Start::Earliest);
    while !left.is_empty() {
        let Ok(batch) = consumer.next_batch().await else { continue };
        for bill in batch.into_iter().filter_map(Result::ok) {
            left.remove(&*String::from_utf8_lossy(bill.value.unwrap_or_default()));
        }
    }
}

fn main() -> ExitCode {
    if let Some(seed) = std::env::args().nth(1).and_then(|seed| seed.parse().ok()) {
        let ran = replay(seed, async |sim| scenario(sim, Commits::BeforeItBills).await);
        ran.lines.iter().for_each(|line| println!("{line}"));
        println!("never billed: {:?}", ran.value);
        return ExitCode::SUCCESS;
    }
    let careless = all(Commits::BeforeItBills);
    let careful = all(Commits::AfterItBilled);
    let Some(found) = careless.iter().find(|ran| !ran.value.is_empty()) else {
        println!("no seed has found what is wrong");
        return ExitCode::FAILURE;
    };
    let again = replay(found.seed, async |sim| scenario(sim, Commits::BeforeItBills).await);
    let last = again.lines.iter().filter(|line| line.contains("the service") || line.contains("trouble:"));
    last.for_each(|line| println!("{line}"));
    let is_same = again.trace == found.trace;
    println!("seed {}: {:?} were never billed, as in its replay: {is_same}", found.seed, found.value);
    let broken: Vec<&Ran<_>> =
        careful.iter().filter(|ran| !ran.value.is_empty() || !ran.problems.is_empty()).collect();
    for ran in &broken {
        println!("seed {}: {:?} {:?}", ran.seed, ran.value, ran.problems);
    }
    if broken.is_empty() && is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All seeds, and what that took.
fn all(commits: Commits) -> Vec<Ran<BTreeSet<String>>> {
    let began = Instant::now();
    let run = |seed| run(seed, async |sim| scenario(sim, commits).await);
    let ran = each_seed(0..SEEDS, run, |seed| println!("seed {seed} panicked"));
    println!(
        "{}: {} of {SEEDS} seeds lose bills; {} virtual seconds in {:.1} s",
        if commits == Commits::BeforeItBills { "commits first" } else { "bills first" },
        ran.iter().filter(|ran| !ran.value.is_empty()).count(),
        ran.iter().map(|ran| ran.took.as_secs()).sum::<u64>(),
        began.elapsed().as_secs_f64(),
    );
    ran
}
