//! `cargo xtask bench`: our broker and real Kafka side by side, in the same run.
//!
//! The brokers take turns: each round starts one, measures every row on it and stops it, then does
//! the same with the other, and the next round begins with the other. So a machine that drifts
//! drifts under both, and each figure is the median of its rounds, each ratio the median of the
//! rounds' ratios. What the machine can do at all is measured in each round as well. What a row does is
//! in `rows`, how a broker is watched in `measured`, what becomes of the figures in `table`.
//! NATS JetStream, which speaks another protocol, has the rows of clients in Go, a table of their own.
//! `growth`, `footprint` and `steady` are runs of their own, each in the module of its name (`steady` in `drift`).
//! The tables go to standard output, as Markdown, ready for the README; `--report FOLDER` writes them with plots.

mod calls;
mod clients;
mod drift;
mod footprint;
mod go;
mod groups;
mod growth;
mod held;
mod idle;
mod limits;
mod measured;
mod nats;
mod plot;
mod report;
mod rows;
mod steady;
mod storm;
mod table;

use crate::brokers::{Kind, kafka_script};
use crate::outcome::Outcome;
use crate::workspace::{cargo, root};
use std::path::PathBuf;
use std::process::Command;
use table::{Column, Results};

/// What the user asked for.
struct Plan {
    /// How many times each broker is measured.
    rounds: usize,
    /// Share of the full load that is moved, in per cent.
    load_percent: u64,
    /// The script which starts a real Kafka.
    kafka: PathBuf,
    /// Where the brokers have their folders.
    folder: PathBuf,
    /// Where a report is written, if one is wanted.
    report: Option<PathBuf>,
    /// Who is measured.
    brokers: Vec<Kind>,
    /// What is measured; everything when empty.
    parts: Vec<Part>,
    /// What is measured in place of the table, if anything.
    other: Option<Other>,
    /// Words after that: the curves of growth that are wanted.
    words: Vec<String>,
    /// How long a steady load lasts.
    minutes: u64,
}

impl Plan {
    fn measures(&self, part: Part) -> bool {
        self.other.is_none() && (self.parts.is_empty() || self.parts.contains(&part))
    }
}

/// A part of the table that can be asked for alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Records in and out, memory and start.
    Records,
    /// Consumer groups.
    Groups,
    /// Memory of idle groups and of open transactions.
    Idle,
    /// Produce beside a group that rebalances all the time.
    Storm,
    /// Clients side by side.
    Clients,
    /// Load from clients in Go, beside NATS JetStream too.
    Go,
}

/// What a run without the name of it leaves out: these take long, or have no table of rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    /// What things cost as there are more of them.
    Growth,
    /// Sizes and memory.
    Footprint,
    /// Minutes of the same load.
    Steady,
}

/// The programs that make load, of other projects' clients and of our own, and servers.
struct Tools {
    peer_load: PathBuf,
    /// That of clients in Go, where there is a Go to build it.
    go_load: Option<PathBuf>,
    /// The server of NATS, where there is a Go to build it and it is to be measured.
    nats: Option<PathBuf>,
    load: PathBuf,
    ottla: PathBuf,
}

/// Runs the whole comparison and prints its table.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let plan = plan(arguments)?;
    if plan.brokers.contains(&Kind::Kafka) && !plan.kafka.is_file() {
        let at = plan.kafka.display();
        return Err(format!("no real Kafka to compare with: {at} is missing (see --kafka, --no-peer)").into());
    }
    let tools = build(&plan)?;
    match plan.other {
        Some(Other::Growth) => return growth::run(&plan, &tools),
        Some(Other::Footprint) => return footprint::run(&plan, &tools),
        Some(Other::Steady) => return drift::run(&plan, &tools),
        None => {}
    }
    let mut results = Results { rounds: plan.rounds, columns: Vec::new(), limits: Vec::new() };
    results.columns.extend(plan.brokers.iter().map(|kind| Column {
        name: title(*kind),
        rounds: Vec::new(),
        memory: Vec::new(),
    }));
    let mut nats = Column { name: "NATS JetStream", rounds: Vec::new(), memory: Vec::new() };
    for number in 0..plan.rounds {
        if plan.measures(Part::Records) {
            eprintln!("round {} of {}: the machine", number + 1, plan.rounds);
            results.limits.push(limits::measure(&plan, &tools)?);
        }
        let mut order: Vec<_> = plan.brokers.iter().zip(&mut results.columns).collect();
        if number % 2 == 1 {
            order.reverse();
        }
        for (kind, column) in order {
            eprintln!("round {} of {}: {}", number + 1, plan.rounds, kind.name());
            let mut memory = Vec::new();
            column.rounds.push(rows::measure(*kind, &plan, &tools, &mut memory)?);
            if column.memory.is_empty() {
                column.memory = memory;
            }
        }
        if let (Some(load), Some(server)) = (&tools.go_load, &tools.nats) {
            eprintln!("round {} of {}: NATS JetStream", number + 1, plan.rounds);
            nats.rounds.push(nats::measure(load, server, &plan)?);
        }
    }
    results.columns.push(nats);
    let tables = [rows::ROWS.iter().chain(clients::rows()).collect(), go::ROWS.iter().collect()];
    print!("{}", results.markdown(&tables));
    if let Some(folder) = &plan.report {
        report::write(folder, "report", &plan, &results, &tables)?;
    }
    Ok(())
}

/// What a column says at its head.
fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Ottla => "ottla",
        Kind::Kafka => "Kafka 4.3.1",
    }
}

const OTHERS: [(&str, Other); 3] =
    [("growth", Other::Growth), ("footprint", Other::Footprint), ("steady", Other::Steady)];

fn plan(arguments: &[String]) -> Outcome<Plan> {
    let mut plan = Plan {
        rounds: 5,
        load_percent: 100,
        kafka: kafka_script(),
        folder: root().join("target/bench"),
        report: None,
        brokers: vec![Kind::Ottla, Kind::Kafka],
        parts: Vec::new(),
        other: None,
        words: Vec::new(),
        minutes: 10,
    };
    let mut arguments = arguments.iter().peekable();
    let first = arguments.peek().map(|word| word.as_str());
    plan.other = OTHERS.iter().find(|(name, _)| Some(*name) == first).map(|(_, other)| *other);
    if plan.other.is_some() {
        (_, plan.rounds) = (arguments.next(), 1);
    }
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rounds" => plan.rounds = value()?.parse()?,
            "--load-percent" => plan.load_percent = value()?.parse()?,
            "--kafka" => plan.kafka = value()?.into(),
            curve if plan.other == Some(Other::Growth) && growth::is_curve(curve) => {
                plan.words.push(curve.to_owned());
            }
            "records" => plan.parts.push(Part::Records),
            "groups" => plan.parts.push(Part::Groups),
            "idle" => plan.parts.push(Part::Idle),
            "storm" => plan.parts.push(Part::Storm),
            "clients" => plan.parts.push(Part::Clients),
            "go" => plan.parts.push(Part::Go),
            "--minutes" => plan.minutes = value()?.parse()?,
            "--folder" => plan.folder = value()?.into(),
            "--report" => plan.report = Some(value()?.into()),
            "--no-peer" => plan.brokers = vec![Kind::Ottla],
            other => {
                return Err(format!(
                    "{other} is no part and no option; there are records, groups, idle, storm, clients, go; growth [{}], \
                     footprint, steady [--minutes N]; --rounds N, --load-percent N, --kafka PATH, --folder PATH, --report FOLDER, --no-peer",
                    growth::names()
                )
                .into());
            }
        }
    }
    if plan.rounds == 0 || plan.load_percent == 0 || plan.minutes == 0 {
        return Err("--rounds, --load-percent and --minutes start at 1".into());
    }
    Ok(plan)
}

/// Builds everything that is measured, in release form.
fn build(plan: &Plan) -> Outcome<Tools> {
    let peers = root().join("benches/peers");
    let mut builds: Vec<(&[&str], PathBuf)> =
        vec![(&["build", "--release", "-p", "ottla-cli", "-p", "ottla-benches", "--bins"], root())];
    if plan.measures(Part::Records) || plan.measures(Part::Clients) {
        builds.push((&["build", "--release", "--locked"], peers.clone()));
    }
    for (arguments, folder) in builds {
        let status = Command::new(cargo()).args(arguments).current_dir(&folder).status()?;
        if !status.success() {
            return Err(format!("cargo {} in {} failed", arguments.join(" "), folder.display()).into());
        }
    }
    let ours = root().join("target/release");
    Ok(Tools {
        peer_load: peers.join("target/release/ottla-peer-load"),
        go_load: plan.measures(Part::Go).then(go::build).flatten(),
        nats: (plan.measures(Part::Go) && plan.brokers.len() > 1).then(nats::build).flatten(),
        load: ours.join("load"),
        ottla: ours.join("ottla"),
    })
}
