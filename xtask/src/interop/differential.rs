//! `cargo xtask differential`: the same requests to ottla and to a real Kafka, side by side.
//!
//! First the battery of bad input ([`battery`]); words pick cases of it, and then nothing else is played. Then thousands
//! of generated requests ([`play`]), over all APIs that are served and in every version, from a few seeds that are
//! always the same; each seed has brokers of its own. `--seed N` plays one seed and nothing else, `--requests N` says
//! how many requests a seed is for, `--generated` leaves the battery out, `--ottla PROGRAM` does so too and takes a
//! command that is built already, `--debug` spares the time to optimize ours, and `--trace WORD` prints all exchanges
//! that have the word in them.
//!
//! What differs on purpose is listed in [`meant`], with the reasons. Nothing here uses the code that is under test:
//! requests are written and answers read by the schemas alone.

mod battery;
mod client;
mod compare;
mod consumers;
mod generate;
mod meant;
mod members;
mod play;
mod pools;
mod probes;
mod records;
mod report;
mod sense;
mod shares;
mod side;
mod value;
mod wire;

use self::generate::Generator;
use self::play::Play;
use self::report::Seen;
use super::programs::{DEBUG, Profile, Programs, RELEASE};
use crate::brokers::{Broker, Kind};
use crate::codegen;
use crate::outcome::Outcome;
use crate::workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The seeds that are played unless one is named, side by side.
const SEEDS: [u64; 2] = [1, 2];

/// Requests of one seed, unless it is said how many.
const REQUESTS: usize = 2_000;

/// What is always given to Kafka, so that both brokers tell the same of it.
const GIVEN_TO_KAFKA: [&str; 9] = [
    "process.roles=broker,controller",
    "node.id=1",
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "offsets.topic.replication.factor=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
];

/// What the task is asked for.
#[derive(Debug, PartialEq)]
struct Order {
    seed: Option<u64>,
    requests: usize,
    generated_only: bool,
    profile: Profile,
    ottla: Option<PathBuf>,
    traced: Option<String>,
    words: Vec<String>,
}

impl Order {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut order = Self {
            seed: None,
            requests: REQUESTS,
            generated_only: false,
            profile: RELEASE,
            ottla: None,
            traced: None,
            words: Vec::new(),
        };
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument {
                "--seed" => order.seed = Some(value()?.parse()?),
                "--requests" => order.requests = value()?.parse()?,
                "--generated" => order.generated_only = true,
                "--debug" => order.profile = DEBUG,
                "--ottla" => {
                    order.ottla = Some(value()?.into());
                    order.generated_only = true;
                }
                "--trace" => order.traced = Some(value()?.to_owned()),
                word => order.words.push(word.to_owned()),
            }
        }
        Ok(order)
    }
}

/// Plays the battery, or the cases of it whose names contain one of the words, and then requests from seeds.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let order = Order::parse(arguments)?;
    let mut programs = Programs::build(order.ottla.is_none().then_some(order.profile))?;
    if let Some(ottla) = &order.ottla {
        programs.ottla.clone_from(ottla);
    }
    let folder = workspace::root().join("target/differential");
    if order.seed.is_none() && !order.generated_only {
        let folder = folder.join("battery");
        clear(&folder)?;
        battery::play(&folder, &programs, &order.words)?;
    }
    if order.words.is_empty() { generated(&folder, &programs, &order) } else { Ok(()) }
}

/// Requests from seeds, each to a new ottla and a new Kafka.
fn generated(folder: &Path, programs: &Programs, order: &Order) -> Outcome {
    let began = Instant::now();
    let seeds: Vec<u64> = order.seed.map_or_else(|| SEEDS.to_vec(), |seed| vec![seed]);
    for seed in &seeds {
        println!(
            "seed {seed}; again with: cargo xtask differential --seed {seed} --requests {}",
            order.requests
        );
    }
    let mut seen = Seen::default();
    let starting = Mutex::new(());
    let starting = &starting;
    std::thread::scope(|scope| {
        let play = |seed: u64| {
            let folder = folder.join(format!("seed-{seed}"));
            scope.spawn(move || one_seed(&folder, programs, seed, order, starting))
        };
        let plays: Vec<_> = seeds.iter().map(|seed| play(*seed)).collect();
        for play in plays {
            seen.add(play.join().map_err(|_| "a play has died")??);
        }
        Outcome::Ok(())
    })?;
    println!("played for {:.0} s", began.elapsed().as_secs_f64());
    let all = order.seed.is_none() && order.requests >= REQUESTS;
    seen.report(all)
}

/// One seed's play. Brokers start one after the other, so that none takes the port that another has found free.
fn one_seed(
    folder: &Path,
    programs: &Programs,
    seed: u64,
    order: &Order,
    starting: &Mutex<()>,
) -> Outcome<Seen> {
    clear(folder)?;
    let serve = |kind: Kind| -> Outcome<Broker> {
        let mut broker = Broker::new(kind, &folder.join(kind.name()), programs.starting(kind))?
            .with_setting("auto.create.topics.enable=false")
            .with_setting("group.initial.rebalance.delay.ms=0")
            // The records of the test are old; those of brokers, such as the ends of transactions, are not, and a leap in
            // time ends a segment in Kafka, and with it what a fetch reads at once.
            .with_setting("log.retention.ms=-1")
            .with_setting("log.roll.ms=9223372036854775807");
        let settings = consumers::SETTINGS.iter().chain(&shares::SETTINGS);
        broker = settings.fold(broker, |broker, setting| broker.with_setting(setting));
        if kind == Kind::Ottla {
            broker = GIVEN_TO_KAFKA.iter().fold(broker, |broker, setting| broker.with_setting(setting));
        }
        broker.serve()?;
        Ok(broker)
    };
    let turn = starting.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut ottla, mut kafka) = (serve(Kind::Ottla)?, serve(Kind::Kafka)?);
    drop(turn);
    let apis = codegen::schemas(&workspace::root())?.apis;
    let mut play = Play::new(&apis, ottla.bootstrap(), kafka.bootstrap(), order.traced.clone());
    let served = play.served()?;
    let mut generator = Generator::new(seed, &served);
    play.set_up(&mut generator)?;
    play.run(&mut generator, order.requests)?;
    play.probe(&mut generator)?;
    let mut seen = play.seen;
    for wrong in &mut seen.wrong {
        wrong.insert_str(0, &format!("seed {seed}, "));
    }
    ottla.stop()?;
    kafka.stop()?;
    Ok(seen)
}

fn clear(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Outcome<Order> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Order::parse(&words)
    }

    #[test]
    fn a_seed_and_a_number_of_requests_can_be_named() {
        let order = parsed("--seed 7 --requests 50").unwrap();
        assert_eq!((order.seed, order.requests, order.generated_only), (Some(7), 50, false));
        let built = parsed("--ottla target/debug/ottla").unwrap();
        assert!(built.generated_only && built.ottla.is_some() && built.profile == RELEASE);
        assert_eq!(parsed("acks fetch").unwrap().words, ["acks", "fetch"]);
        assert_eq!(parsed("").unwrap().requests * SEEDS.len(), 4_000);
        assert!(parsed("--seed").is_err() && parsed("--seed x").is_err());
    }
}
