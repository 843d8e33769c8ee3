//! `cargo xtask bench footprint`: how large the program is, and what each thing that it holds takes of its memory.
//!
//! Each figure is the growth of resident memory over that of the broker as it stood, divided by how many there are.

use super::groups::NO_DELAY;
use super::growth::free_gib;
use super::held::Held;
use super::measured::{Measured, Mode};
use super::rows::{Bench, Round, Row, row, run as load};
use super::table::{Column, Results};
use super::{Plan, Tools, report, title};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::fs;
use std::process::Command;
use std::time::Duration;

const ROWS: &[Row] = &[
    row("the program, as built", "MB", 1, false),
    row("the program, stripped", "MB", 1, false),
    row("start to first acknowledged record, nothing there", "ms", 1, false),
    row("memory idle", "MB", 1, false),
    row("memory of a partition", "kB", 2, false),
    row("memory of a partition with a record", "kB", 2, false),
    row("memory of an idle connection", "kB", 2, false),
    row("memory of a group, one offset, one member", "kB", 2, false),
    row("memory of a producer id that wrote", "kB", 2, false),
    row("partitions at the restart", "", 0, true),
    row("GB in them", "", 1, true),
    row("restart after a clean stop to first acknowledged record", "ms", 0, false),
    row("restart after kill -9 to first acknowledged record", "ms", 0, false),
];

/// Of each thing that is counted, and where a real Kafka would take minutes.
const MANY: u64 = 10_000;
const KAFKA_PARTITIONS: u64 = 1_000;
const GIB: u64 = 20;
const KAFKA_GIB: u64 = 2;
/// Left on the disk.
const FREE_GIB: u64 = 8;
/// Until a broker has put down what it needed for the last request.
const REST: Duration = Duration::from_secs(1);
/// Partitions of a topic.
const EACH: u64 = 100;
/// Records of a batch, a KiB each, that fill partitions.
const BATCH: u64 = 500;

/// Measures all of it in each round, and prints it.
pub(super) fn run(plan: &Plan, tools: &Tools) -> Outcome {
    let mut results = Results { rounds: plan.rounds, columns: Vec::new(), limits: Vec::new() };
    for kind in &plan.brokers {
        let mut column = Column { name: title(*kind), rounds: Vec::new(), memory: Vec::new() };
        for number in 0..plan.rounds {
            eprintln!("footprint, round {} of {}: {}", number + 1, plan.rounds, kind.name());
            let mut round = Round::new();
            if *kind == Kind::Ottla {
                program(plan, tools, &mut round)?;
            }
            held(*kind, plan, tools, &mut round)?;
            restarted(*kind, plan, tools, &mut round)?;
            column.rounds.push(round);
        }
        results.columns.push(column);
    }
    let tables: [Vec<&Row>; 1] = [ROWS.iter().collect()];
    print!("{}", results.markdown(&tables));
    match &plan.report {
        Some(folder) => report::write(folder, "footprint", plan, &results, &tables),
        None => Ok(()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "some megabytes")]
fn program(plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    fs::create_dir_all(&plan.folder)?;
    let megabytes = |path: &std::path::Path| -> Outcome<f64> { Ok(fs::metadata(path)?.len() as f64 / 1e6) };
    round.insert(ROWS[0].name, megabytes(&tools.ottla)?);
    let stripped = plan.folder.join("stripped");
    match Command::new("strip").arg("-o").arg(&stripped).arg(&tools.ottla).status() {
        Ok(status) if status.success() => {
            round.insert(ROWS[1].name, megabytes(&stripped)?);
            fs::remove_file(&stripped)?;
        }
        failed => eprintln!("  strip does not run here: {failed:?}"),
    }
    Ok(())
}

/// What partitions, connections, groups and producer ids take: each on a broker of its own, for what one of them gave back
/// would be there for the next.
fn held(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let many = (MANY * plan.load_percent / 100).max(EACH);
    let mut settings = vec![NO_DELAY];
    if kind == Kind::Ottla {
        settings.extend(["max.connections=20000", "max.connections.per.ip=20000"]);
    }
    let words = many.to_string();
    // With a topic that has a record.
    let fresh = || -> Outcome<(Measured, f64)> {
        let mut broker = Measured::new(kind, Mode::Os, &settings, plan, tools)?;
        let started = broker.first_ack(tools, "first")?;
        Ok((broker, started))
    };

    let (broker, started) = fresh()?;
    round.insert(ROWS[2].name, started);
    let idle = settled(&broker)?;
    round.insert(ROWS[3].name, idle);
    let connections = Held::start(tools, &broker, "held", &["--connections", &words])?;
    round.insert(ROWS[6].name, grown(&broker, idle, many)?);
    connections.end()?;
    drop(broker);

    let (broker, _) = fresh()?;
    // These make the topic of offsets, which is no part of the figure.
    Bench { broker: &broker, tools }.create("members")?;
    Held::start(tools, &broker, "idle", &["--topic", "first"])?.end()?;
    let before = settled(&broker)?;
    let arguments = ["--topic", "members", "--groups", &words, "--members", "1", "--connections", "8"];
    let groups = Held::start(tools, &broker, "idle", &arguments)?;
    round.insert(ROWS[7].name, grown(&broker, before, many)?);
    groups.end()?;
    drop(broker);

    let (broker, _) = fresh()?;
    Bench { broker: &broker, tools }.create("written")?;
    let place = ["--bootstrap", broker.bootstrap.as_str()];
    load(
        &tools.load,
        &[["producers"].as_slice(), &place, &["--topic", "written", "--records", "100"]].concat(),
    )?;
    let before = settled(&broker)?;
    let producers = ["--topic", "written", "--records", &words, "--size", "100"];
    load(&tools.load, &[["producers"].as_slice(), &place, &producers].concat())?;
    round.insert(ROWS[8].name, grown(&broker, before, many)?);
    drop(broker);

    let (broker, _) = fresh()?;
    let place = ["--bootstrap", broker.bootstrap.as_str()];
    let partitions = if kind == Kind::Kafka { many.min(KAFKA_PARTITIONS) } else { many };
    let topics = (partitions / EACH).to_string();
    let spread = ["--topic", "many", "--topics", &topics, "--partitions", "100"];
    let before = settled(&broker)?;
    load(&tools.load, &[["create-topic"].as_slice(), &place, &spread].concat())?;
    round.insert(ROWS[4].name, grown(&broker, before, partitions)?);
    let records = partitions.to_string();
    let one = ["--records", records.as_str(), "--batch-records", "1", "--connections", "4", "--size", "100"];
    load(&tools.load, &[["scatter"].as_slice(), &place, &spread, &one].concat())?;
    round.insert(ROWS[5].name, grown(&broker, before, partitions)?);
    Ok(())
}

/// How soon a broker serves again that has much on its disk.
#[expect(clippy::cast_precision_loss, reason = "to a few digits")]
fn restarted(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let (gib, partitions) = if kind == Kind::Kafka { (KAFKA_GIB, KAFKA_PARTITIONS) } else { (GIB, MANY) };
    let free = free_gib(&plan.folder)?.saturating_sub(FREE_GIB + 1) << 20;
    let partitions = (partitions * plan.load_percent / 100).max(EACH);
    let wanted = ((gib * plan.load_percent) << 20) / 100;
    let records = wanted.min(free) / (partitions * BATCH) * (partitions * BATCH);
    let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
    broker.serve()?;
    let place = ["--bootstrap", broker.bootstrap.as_str()];
    let (topics, all) = ((partitions / EACH).to_string(), records.max(partitions * BATCH).to_string());
    let spread = ["--topic", "many", "--topics", &topics, "--partitions", "100"];
    load(&tools.load, &[["create-topic"].as_slice(), &place, &spread].concat())?;
    let batch = BATCH.to_string();
    let fill = ["--records", all.as_str(), "--batch-records", &batch, "--connections", "4", "--depth", "4"];
    load(&tools.load, &[["scatter"].as_slice(), &place, &spread, &fill].concat())?;
    round.insert(ROWS[9].name, partitions as f64);
    round.insert(ROWS[10].name, all.parse::<f64>()? * 1024.0 / 1e9);
    round.insert(ROWS[12].name, broker.restarted(tools, "killed", true)?);
    round.insert(ROWS[11].name, broker.restarted(tools, "stopped", false)?);
    Ok(())
}

fn settled(broker: &Measured) -> Outcome<f64> {
    std::thread::sleep(REST);
    broker.resident_mb()
}

/// Kilobytes that each of so many took since.
#[expect(clippy::cast_precision_loss, reason = "ten thousand")]
fn grown(broker: &Measured, before_mb: f64, count: u64) -> Outcome<f64> {
    Ok((settled(broker)? - before_mb) * 1e3 / count as f64)
}
