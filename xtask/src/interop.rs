//! `cargo xtask interop`: everybody's clients against our broker, and our clients against Kafka.
//!
//! Every case is a row with a name; one row that fails fails the task. In the end comes the table of clients
//! and features; `--write` puts it into the README. `--against kafka` runs the first half against a real
//! Kafka instead: what fails there is wrong in a case, not in ottla. `--debug` spares the time to optimize
//! ours. Words that follow pick the cases whose names contain one of them.

mod api_table;
mod cases_admin;
mod cases_configs;
mod cases_console;
mod cases_consumer_groups;
mod cases_deleting;
mod cases_dumps;
mod cases_ecosystem;
mod cases_files;
mod cases_folders;
mod cases_groups;
mod cases_kcat;
mod cases_life;
mod cases_mirror;
mod cases_share;
mod cases_tools;
mod client;
mod connect;
mod consumer_groups;
pub(crate) mod differential;
mod environment;
mod exactly_once;
mod families;
mod features;
mod folders;
mod groups;
mod listening;
mod matrix;
mod mixed;
mod programs;
mod records;
mod restart;
mod rows;
mod table;
mod tools;

use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use crate::workspace;
use environment::Environment;
use families::Family;
use programs::{DEBUG, Profile, Programs, RELEASE};
use rows::Row;
use std::path::Path;
use table::Account;

/// What a case works with.
struct Scene {
    /// The broker that the case talks to.
    broker: Broker,
    /// The programs that the case runs.
    programs: Programs,
}

/// One case: its name, and what it does.
struct Case {
    name: &'static str,
    run: fn(&mut Scene) -> Outcome,
}

/// What was asked of the task.
struct Order {
    against: Kind,
    write: bool,
    profile: Profile,
    words: Vec<String>,
}

impl Order {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut order = Self { against: Kind::Ottla, write: false, profile: RELEASE, words: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--write" => order.write = true,
                "--debug" => order.profile = DEBUG,
                "--against" => {
                    let kafka = arguments.next().is_some_and(|which| which == "kafka");
                    order.against = if kafka { Kind::Kafka } else { return Err("--against kafka".into()) };
                }
                word => order.words.push(word.to_owned()),
            }
        }
        if order.write && (order.against == Kind::Kafka || !order.words.is_empty()) {
            return Err("the table that is written is that of all cases, against ottla".into());
        }
        Ok(order)
    }

    /// Whether a case is to be played: all are if no words were given.
    fn picks(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }
}

/// Runs the cases and prints the table.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let order = Order::parse(arguments)?;
    let programs = Programs::build(Some(order.profile))?;
    let environment = Environment::install(&programs)?;
    let folder = workspace::root().join("target/interop/run");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let rows = side_by_side(&order, &programs, &environment, &folder)?;
    let ended = rows::report(&rows);
    if order.against == Kind::Ottla && order.words.is_empty() {
        let account = account(&rows, &environment)?;
        println!("\n{account}");
        if order.write {
            table::write(&account)?;
        }
    }
    ended
}

/// What the README tells of a run of all cases.
fn account(rows: &[Row], environment: &Environment) -> Outcome<String> {
    let with_version = |family: &'static Family| Ok((family, environment.version(family.program)?));
    let mut account = Account::new(rows);
    let theirs = families::THEIRS.iter().map(with_version).collect::<Outcome<Vec<_>>>()?;
    let ours = families::OURS.iter().map(with_version).collect::<Outcome<Vec<_>>>()?;
    account.clients("client, against ottla", Kind::Ottla, &[&theirs[..], &ours].concat());
    account.clients("ours, against Kafka 4.3.1", Kind::Kafka, &ours);
    let clients = exactly_once::clients();
    let clients: Vec<(&Family, String)> = clients
        .iter()
        .map(|family| Ok((family, environment.version(family.program)?)))
        .collect::<Outcome<_>>()?;
    account.exactly_once("exactly once, against ottla", Kind::Ottla, &clients);
    let ours = exactly_once::OURS.iter().map(with_version).collect::<Outcome<Vec<_>>>()?;
    account.exactly_once("exactly once, ours against Kafka 4.3.1", Kind::Kafka, &ours);
    let clients = consumer_groups::CLIENTS.iter().map(with_version).collect::<Outcome<Vec<_>>>()?;
    account.consumer_groups("group.protocol=consumer, against ottla", Kind::Ottla, &clients);
    let ours = consumer_groups::OURS.iter().map(with_version).collect::<Outcome<Vec<_>>>()?;
    account.consumer_groups("group.protocol=consumer, ours against Kafka 4.3.1", Kind::Kafka, &ours);
    account.mixed(&[(Kind::Ottla, "ottla"), (Kind::Kafka, "Kafka 4.3.1")]);
    account.tools("tools of Kafka 4.3.1, against ottla", Kind::Ottla);
    account.others(Kind::Ottla, "Beside these, kcat, the tools of Kafka 4.3.1 and our command against ottla");
    account.others(Kind::Kafka, "Our command and clients against Kafka 4.3.1");
    Ok(account.end())
}

/// Eight brokers at most serve at a time: two for the cases that stop theirs as they like, one for the client
/// programs, one for transactions, one for groups of the new protocol, a real Kafka for ours, and two that hand folders to each other.
fn side_by_side(
    order: &Order,
    programs: &Programs,
    environment: &Environment,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let first = order.against;
    let lanes: [&(dyn Fn() -> Outcome<Vec<Row>> + Sync); 7] = [
        &|| {
            let ours =
                [cases_mirror::ON_OTTLA, cases_deleting::ON_OTTLA, cases_files::CASES, cases_dumps::CASES];
            let ours = ours.into_iter().flatten();
            let ours = ours.filter(|_| first == Kind::Ottla);
            let cases: Vec<&Case> = short_cases().chain(ours).collect();
            play(first, &cases, &folder.join("cases"), programs, order)
        },
        &|| play(first, &long_cases().collect::<Vec<_>>(), &folder.join("long"), programs, order),
        &|| {
            let whom = (first, &*families::all());
            matrix::play(whom, (&folder.join("families"), programs.starting(first)), environment, order)
        },
        &|| {
            if first == Kind::Kafka {
                return Ok(Vec::new());
            }
            let cases: Vec<&Case> = cases_mirror::ON_KAFKA.iter().chain(cases_console::CASES).collect();
            let mut rows = play(Kind::Kafka, &cases, &folder.join("mirror"), programs, order)?;
            let whom = (Kind::Kafka, families::OURS);
            let where_to = (&*folder.join("mirror-families"), &*programs.kafka);
            rows.extend(matrix::play(whom, where_to, environment, order)?);
            let where_to = (&*folder.join("mirror-exactly-once"), &*programs.kafka);
            rows.extend(exactly_once::play_ours(where_to, environment, order)?);
            let where_to = (&*folder.join("mirror-consumer-groups"), &*programs.kafka);
            rows.extend(consumer_groups::play_ours(where_to, environment, order)?);
            Ok(rows)
        },
        &|| {
            if first == Kind::Kafka {
                return Ok(Vec::new());
            }
            cases_folders::play(&folder.join("folders"), programs, order)
        },
        &|| {
            let where_to = (&*folder.join("exactly-once"), programs.starting(first));
            exactly_once::play(first, where_to, environment, order)
        },
        &|| {
            let where_to = (&*folder.join("consumer-groups"), programs.starting(first));
            consumer_groups::play(first, where_to, environment, order)
        },
    ];
    std::thread::scope(|scope| {
        let started: Vec<_> =
            lanes.iter().map(|lane| scope.spawn(|| lane().map_err(|failure| failure.to_string()))).collect();
        let mut rows = Vec::new();
        for lane in started {
            rows.extend(lane.join().map_err(|_| "a lane has died")??);
        }
        Ok(rows)
    })
}

/// Cases of short programs, which any broker has to stand.
fn short_cases() -> impl Iterator<Item = &'static Case> {
    let of_tools = [
        cases_tools::CASES,
        cases_admin::CASES,
        cases_configs::CASES,
        cases_deleting::CASES,
        cases_groups::CASES,
        cases_consumer_groups::CASES,
        cases_share::CASES,
    ];
    cases_kcat::CASES.iter().chain(of_tools.into_iter().flatten())
}

/// Cases of programs that go on for long, or are many, which any broker has to stand.
fn long_cases() -> impl Iterator<Item = &'static Case> {
    cases_life::CASES.iter().chain(cases_console::CASES)
}

/// Plays the cases that were picked one after the other on a broker of their own; none starts no broker.
fn play(kind: Kind, cases: &[&Case], folder: &Path, programs: &Programs, order: &Order) -> Outcome<Vec<Row>> {
    let name = |case: &Case| format!("{}: {}", kind.name(), case.name);
    let picked: Vec<&Case> = cases.iter().copied().filter(|case| order.picks(&name(case))).collect();
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let broker = Broker::start(kind, folder, programs.starting(kind))?;
    let mut scene = Scene { broker, programs: programs.clone() };
    let rows = picked.into_iter().map(|case| Row::play(name(case), || (case.run)(&mut scene))).collect();
    scene.broker.stop()?;
    Ok(rows)
}

/// Creates a topic: with our own command on our own broker, with Kafka's on Kafka.
fn create(scene: &Scene, topic: &str, partitions: u32) -> Outcome {
    let (bootstrap, partitions) = (scene.broker.bootstrap(), partitions.to_string());
    if scene.broker.kind() == Kind::Ottla {
        let words = ["topic", "create", topic, "--partitions", &partitions, "--bootstrap", &bootstrap];
        return programs::ours(&scene.programs.ottla, &words, "").map(|_| ());
    }
    let words = ["--bootstrap-server", &bootstrap, "--create", "--topic", topic, "--partitions", &partitions];
    let said = programs::tool("TopicCommand", &words, "")?;
    if said.well { Ok(()) } else { Err(format!("TopicCommand: {}{}", said.out, said.err).into()) }
}

/// Fails with both values when they differ.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Outcome {
    if got == wanted {
        return Ok(());
    }
    let cut = |value: &T| -> String { format!("{value:?}").chars().take(400).collect() };
    Err(format!("{what}: got {}, wanted {}", cut(&got), cut(&wanted)).into())
}

/// Fails with the whole text when it does not hold what it should.
fn holds(what: &str, text: &str, wanted: &str) -> Outcome {
    if text.contains(wanted) {
        return Ok(());
    }
    let cut: String = text.chars().take(2_000).collect();
    Err(format!("{what} does not say {wanted:?}:\n{cut}").into())
}
