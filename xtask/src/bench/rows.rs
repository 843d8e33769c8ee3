//! What is measured: the rows of the table, and the one pass over a broker that fills them.

use super::measured::{Measured, Mode};
use super::{Part, Plan, Tools, calls, clients, go, groups, idle, steady, storm};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Figures of one broker in one round, by the name of their row.
pub(super) type Round = BTreeMap<&'static str, f64>;

/// One line of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) digits: usize,
    pub(super) more_is_better: bool,
}

impl Row {
    /// What it says at its head: its name and unit, where it has one.
    pub(super) fn title(&self) -> String {
        if self.unit.is_empty() { self.name.to_owned() } else { format!("{}, {}", self.name, self.unit) }
    }
}

pub(super) const fn row(name: &'static str, unit: &'static str, digits: usize, more_is_better: bool) -> Row {
    Row { name, unit, digits, more_is_better }
}

/// Records that fill a prepared batch in each of the four partitions: only multiples of it are sent.
const PREPARED_ROUND: u64 = 2_000;

/// Every row, in the order of the table.
pub(super) const ROWS: &[Row] = &[
    row("produce 1 KiB, librdkafka", "MB/s", 0, true),
    row("broker CPU per GB produced so", "s", 2, false),
    row("consume 1 KiB, librdkafka", "MB/s", 0, true),
    row("broker CPU per GB consumed so", "s", 2, false),
    row("produce 100 B, librdkafka", "k records/s", 0, true),
    row("consume 100 B, librdkafka", "k records/s", 0, true),
    row("produce 1 KiB, prepared batches, a connection a partition", "MB/s", 0, true),
    row("broker CPU per GB of prepared batches", "s", 2, false),
    row("fetch 1 KiB, bytes counted, a connection a partition", "MB/s", 0, true),
    row("broker CPU per GB fetched so", "s", 2, false),
    row("produce 1 KiB, own client", "MB/s", 0, true),
    row("consume 1 KiB, own client", "MB/s", 0, true),
    row("produce 100 B, own client", "k records/s", 0, true),
    row("consume 100 B, own client", "k records/s", 0, true),
    row("5,000 x 1 KiB a second, linger 0, librdkafka: p50", "ms", 2, false),
    row("5,000 x 1 KiB a second, linger 0, librdkafka: p99", "ms", 2, false),
    row("10,000 x 1 KiB a second, linger 0, warm Java client: mean", "ms", 2, false),
    row("10,000 x 1 KiB a second, linger 0, warm Java client: p99", "ms", 0, false),
    row("10,000 x 1 KiB a second, linger 0, warm Java client: p99.9", "ms", 0, false),
    row("one in flight, 100 B, librdkafka", "requests/s", 0, true),
    row("one in flight, 100 B", "requests/s", 0, true),
    row("p50 of these", "us", 0, false),
    row("p99 of these", "us", 0, false),
    row("p50 of an echo through two sockets", "us", 0, false),
    row("64 in flight, 100 B", "k requests/s", 1, true),
    row("p50 of 64 in flight", "us", 0, false),
    row("p99 of 64 in flight", "us", 0, false),
    row("CPU of the load a request, 64 in flight", "us", 1, false),
    row("system calls of the broker a request, one in flight", "", 2, false),
    row("context switches of the broker a request, one in flight", "", 2, false),
    row("system calls of the broker a request, 64 in flight", "", 2, false),
    row("context switches of the broker a request, 64 in flight", "", 2, false),
    row("memory idle", "MB", 1, false),
    row("memory after 4.7 GB in and out", "MB", 1, false),
    row("memory after this load", "MB", 1, false),
    row("start to first acknowledged record", "ms", 1, false),
    row("fsync: produce 1 KiB, librdkafka", "MB/s", 0, true),
    row("fsync: one in flight, 100 B", "requests/s", 0, true),
    row("fsync: p50 of one in flight", "us", 0, false),
    row("fsync: 64 in flight, 100 B", "k requests/s", 1, true),
    row("fsync: p99 of 64 in flight", "us", 0, false),
    row("a group of 500 members, until all are in it", "ms", 0, false),
    row("the same, after one has left", "ms", 0, false),
    row("a group of 1,000 members, until all are in it", "ms", 0, false),
    row("the same, after one of 1,000 has left", "ms", 0, false),
    row("1,000 groups of one member, until all are in order", "ms", 0, false),
    row("broker CPU for these, idle, per second", "ms", 1, false),
    row("broker memory for these, connections and all", "MB", 1, false),
    row("memory of an idle group: one offset, no members", "kB", 1, false),
    row("memory of an idle group: one offset, one member", "kB", 1, false),
    row("memory of an idle share group: four partitions, no members", "kB", 1, false),
    row("memory of an idle share group: four partitions, one member", "kB", 1, false),
    row("memory of an open transaction", "kB", 1, false),
    row("1,000 transactions, until all are open with a record", "ms", 0, false),
    row("the same, until all are committed", "ms", 0, false),
    row("p50 of produce, a group at rest beside it", "us", 0, false),
    row("p50 of produce, a storm beside it", "us", 0, false),
    row("p99 of produce, a group at rest beside it", "us", 0, false),
    row("p99 of produce, a storm beside it", "us", 0, false),
    row("the storm moves the p99 by a factor of", "x", 2, false),
    row("generations in the storm", "/s", 1, true),
    row("p99 of produce, a KIP-848 group at rest beside it", "us", 0, false),
    row("p99 of produce, a KIP-848 storm beside it", "us", 0, false),
    row("the KIP-848 storm moves the p99 by a factor of", "x", 2, false),
    row("epochs in the KIP-848 storm", "/s", 1, true),
];

/// Latencies that are plotted: the name of the plot, what was done, and the figures in the order of the load program's
/// p50, p90, p99 and p99.9.
pub(super) const PERCENTILES: [(&str, &str, [&str; 4]); 2] = [
    (
        "latency-1",
        "One request of 100 B in flight (durability os)",
        ["one in flight: p50", "one in flight: p90", "one in flight: p99", "one in flight: p99.9"],
    ),
    (
        "latency-64",
        "64 connections with a request of 100 B in flight each (durability os)",
        ["64 in flight: p50", "64 in flight: p90", "64 in flight: p99", "64 in flight: p99.9"],
    ),
];

fn percentiles(round: &mut Round, names: [&'static str; 4], line: &Line) -> Outcome {
    for (name, key) in names.into_iter().zip(["p50_us", "p90_us", "p99_us", "p999_us"]) {
        round.insert(name, line.field(key)?);
    }
    Ok(())
}

/// Measures every row on one broker, started anew for each durability mode.
pub(super) fn measure(
    kind: Kind,
    plan: &Plan,
    tools: &Tools,
    memory: &mut Vec<(f64, f64)>,
) -> Outcome<Round> {
    let mut round = Round::new();
    if plan.measures(Part::Records) {
        *memory = written(kind, plan, tools, &mut round)?;
        synced(kind, plan, tools, &mut round)?;
    }
    if plan.measures(Part::Groups) {
        groups::measure(kind, plan, tools, &mut round)?;
    }
    if plan.measures(Part::Idle) {
        idle::measure(kind, plan, tools, &mut round)?;
    }
    if plan.measures(Part::Storm) {
        storm::measure(kind, plan, tools, &mut round)?;
    }
    if plan.measures(Part::Go) {
        go::measure(kind, plan, tools, &mut round)?;
    }
    if plan.measures(Part::Clients) {
        clients::measure(kind, plan, tools, &mut round)?;
    }
    Ok(round)
}

fn written(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome<Vec<(f64, f64)>> {
    let scale = |records: u64| (records * plan.load_percent / 100).max(1_000);
    let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
    round.insert("start to first acknowledged record", broker.first_ack(tools, "first")?);
    std::thread::sleep(Duration::from_secs(1));
    round.insert("memory idle", broker.resident_mb()?);

    let watch = broker.watched();
    let bench = Bench { broker: &broker, tools };
    let (large, small) = (scale(2_000_000), scale(6_000_000));
    for (topic, records, size) in [("large", large, 1024), ("small", small, 100)] {
        bench.create(topic)?;
        let before = broker.cpu_seconds()?;
        let produced = bench.load(&tools.peer_load, "produce", topic, records, size)?;
        let between = broker.cpu_seconds()?;
        let consumed = bench.load(&tools.peer_load, "consume", topic, records, size)?;
        let after = broker.cpu_seconds()?;
        if size == 1024 {
            #[expect(clippy::cast_precision_loss, reason = "some gigabytes, to three digits")]
            let gigabytes = (records * size) as f64 / 1e9;
            round.insert("produce 1 KiB, librdkafka", produced.field("mb_per_s")?);
            round.insert("consume 1 KiB, librdkafka", consumed.field("mb_per_s")?);
            round.insert("broker CPU per GB produced so", (between - before) / gigabytes);
            round.insert("broker CPU per GB consumed so", (after - between) / gigabytes);
        } else {
            round.insert("produce 100 B, librdkafka", produced.field("records_per_s")? / 1e3);
            round.insert("consume 100 B, librdkafka", consumed.field("records_per_s")? / 1e3);
        }
    }
    for (topic, records, size) in [("own-large", large, 1024), ("own-small", small, 100)] {
        bench.create(topic)?;
        let produced = bench.load(&tools.load, "produce", topic, records, size)?;
        let consumed = bench.load(&tools.load, "consume", topic, records, size)?;
        if size == 1024 {
            round.insert("memory after 4.7 GB in and out", broker.resident_mb()?);
            round.insert("produce 1 KiB, own client", produced.field("mb_per_s")?);
            round.insert("consume 1 KiB, own client", consumed.field("mb_per_s")?);
        } else {
            round.insert("produce 100 B, own client", produced.field("records_per_s")? / 1e3);
            round.insert("consume 100 B, own client", consumed.field("records_per_s")? / 1e3);
        }
    }
    bench.create("prepared")?;
    bench.prepared("prepared", large / PREPARED_ROUND * PREPARED_ROUND, round)?;
    bench.create("single")?;
    let single = bench.load(&tools.peer_load, "one-in-flight", "single", scale(40_000), 100)?;
    round.insert("one in flight, 100 B, librdkafka", single.field("records_per_s")?);
    let single = bench.in_flight("single", 1, scale(60_000))?;
    round.insert("one in flight, 100 B", single.field("records_per_s")?);
    round.insert("p50 of these", single.field("p50_us")?);
    round.insert("p99 of these", single.field("p99_us")?);
    percentiles(round, PERCENTILES[0].2, &single)?;
    let echo = bench.load(&tools.load, "echo", "single", scale(60_000), 100)?;
    round.insert("p50 of an echo through two sockets", echo.field("p50_us")?);
    let many = bench.in_flight("single", 64, scale(1_000_000))?;
    round.insert("64 in flight, 100 B", many.field("records_per_s")? / 1e3);
    percentiles(round, PERCENTILES[1].2, &many)?;
    round.insert("p50 of 64 in flight", many.field("p50_us")?);
    round.insert("p99 of 64 in flight", many.field("p99_us")?);
    round.insert("CPU of the load a request, 64 in flight", many.field("cpu_s_per_million")?);
    steady::measure(plan, &bench, round)?;
    calls::measure(plan, &bench, "single", round)?;
    round.insert("memory after this load", broker.resident_mb()?);
    Ok(watch.seen())
}

fn synced(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let scale = |records: u64| (records * plan.load_percent / 100).max(1_000);
    let mut broker = Measured::new(kind, Mode::Fsync, &[], plan, tools)?;
    broker.serve()?;
    let bench = Bench { broker: &broker, tools };
    bench.create("synced")?;
    let produced = bench.load(&tools.peer_load, "produce", "synced", scale(500_000), 1024)?;
    round.insert("fsync: produce 1 KiB, librdkafka", produced.field("mb_per_s")?);
    let single = bench.in_flight("synced", 1, scale(5_000))?;
    round.insert("fsync: one in flight, 100 B", single.field("records_per_s")?);
    round.insert("fsync: p50 of one in flight", single.field("p50_us")?);
    let many = bench.in_flight("synced", 64, scale(100_000))?;
    round.insert("fsync: 64 in flight, 100 B", many.field("records_per_s")? / 1e3);
    round.insert("fsync: p99 of 64 in flight", many.field("p99_us")?);
    Ok(())
}

/// A broker and the programs that load it.
pub(super) struct Bench<'a> {
    pub(super) broker: &'a Measured,
    pub(super) tools: &'a Tools,
}

impl Bench<'_> {
    pub(super) fn create(&self, topic: &str) -> Outcome {
        let arguments = ["create-topic", "--bootstrap", &self.broker.bootstrap, "--topic", topic];
        run(&self.tools.load, &arguments).map(drop)
    }

    fn load(&self, program: &Path, what: &str, topic: &str, records: u64, size: u64) -> Outcome<Line> {
        self.load_with(program, what, topic, records, size, &[])
    }

    /// Runs a load program, with `more` words for it.
    pub(super) fn load_with(
        &self,
        program: &Path,
        what: &str,
        topic: &str,
        records: u64,
        size: u64,
        more: &[&str],
    ) -> Outcome<Line> {
        let (records, size) = (records.to_string(), size.to_string());
        let bootstrap = self.broker.bootstrap.as_str();
        let words =
            [what, "--bootstrap", bootstrap, "--topic", topic, "--records", &records, "--size", &size];
        run(program, &[words.as_slice(), more].concat())
    }

    /// What the broker moves when hardly a client stands in the way.
    fn prepared(&self, topic: &str, records: u64, round: &mut Round) -> Outcome {
        let before = self.broker.cpu_seconds()?;
        let produced = self.load(&self.tools.load, "prepared", topic, records, 1024)?;
        let between = self.broker.cpu_seconds()?;
        let fetched = self.load(&self.tools.load, "fetched", topic, records, 1024)?;
        let after = self.broker.cpu_seconds()?;
        #[expect(clippy::cast_precision_loss, reason = "some gigabytes, to three digits")]
        let gigabytes = (records * 1024) as f64 / 1e9;
        round
            .insert("produce 1 KiB, prepared batches, a connection a partition", produced.field("mb_per_s")?);
        round.insert("broker CPU per GB of prepared batches", (between - before) / gigabytes);
        round.insert("fetch 1 KiB, bytes counted, a connection a partition", fetched.field("mb_per_s")?);
        round.insert("broker CPU per GB fetched so", (after - between) / gigabytes);
        Ok(())
    }

    /// Four connections that send 500 records a second each for four seconds, a record a request.
    pub(super) fn paced(&self, topic: &str) -> Outcome<Line> {
        let pace = ["--connections", "4", "--rate", "2000", "--records", "8000", "--size", "100"];
        let place = ["in-flight", "--bootstrap", self.broker.bootstrap.as_str(), "--topic", topic];
        run(&self.tools.load, &[place.as_slice(), pace.as_slice()].concat())
    }

    pub(super) fn in_flight(&self, topic: &str, connections: u64, records: u64) -> Outcome<Line> {
        let arguments = in_flight(&self.broker.bootstrap, topic, connections, records);
        run(&self.tools.load, &arguments.each_ref().map(String::as_str))
    }
}

/// What asks the load program for records of 100 bytes, one in flight on each connection.
pub(super) fn in_flight(bootstrap: &str, topic: &str, connections: u64, records: u64) -> [String; 11] {
    let (connections, records) = (connections.to_string(), records.to_string());
    [
        "in-flight",
        "--bootstrap",
        bootstrap,
        "--topic",
        topic,
        "--connections",
        &connections,
        "--records",
        &records,
        "--size",
        "100",
    ]
    .map(str::to_owned)
}

/// The one line of `key=value` pairs that a load program prints.
pub(super) struct Line(String);

impl Line {
    pub(super) fn new(line: String) -> Self {
        Self(line)
    }

    pub(super) fn field(&self, key: &str) -> Outcome<f64> {
        let value = self.0.split_whitespace().find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        Ok(value.ok_or_else(|| format!("no {key} in {:?}", self.0))?.parse()?)
    }
}

pub(super) fn run(program: &Path, arguments: &[&str]) -> Outcome<Line> {
    let what = format!("{} {}", program.display(), arguments.join(" "));
    let line = output(Command::new(program).args(arguments).output()?, &what)?;
    eprintln!("  {} {}: {}", arguments[0], arguments.get(4).unwrap_or(&""), line.0.trim());
    Ok(line)
}

pub(super) fn output(output: std::process::Output, what: &str) -> Outcome<Line> {
    if !output.status.success() {
        return Err(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(Line(String::from_utf8(output.stdout)?))
}
