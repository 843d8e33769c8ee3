//! Clients side by side on one broker: ours, and the peers in `benches/peers`, each in the form that is fastest there.
//!
//! Here the broker is what stays the same, and its column says which one it was. A client that a broker holds back
//! shows by its CPU time what it costs; how each is set up is in its load program.

use super::measured::{Measured, Mode};
use super::rows::{Bench, Round, Row, row};
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::path::Path;

/// A subcommand of a load program, and the rows that it fills.
struct Play {
    /// Whose client.
    client: Client,
    /// What it does.
    what: &'static str,
    /// Whether it fills a topic, which a `consume` then empties.
    is_produce: bool,
    /// Bytes of a record's value.
    size: u64,
    /// Its rows: a rate, and CPU time or a latency.
    rows: [Row; 2],
}

/// Whose client a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    Own,
    Peer(&'static str),
}

const fn play(client: Client, what: &'static str, rows: [Row; 2]) -> Play {
    let is_produce = matches!(what.as_bytes(), [b'p', ..]);
    Play { client, what, is_produce, size: 100, rows }
}

/// With records of 1 KiB; our own client then has a connection a partition, as rskafka always does. librdkafka has one
/// to each broker.
const fn large(client: Client, what: &'static str, rows: [Row; 2]) -> Play {
    Play { size: 1_024, ..play(client, what, rows) }
}

const fn moves(rate: &'static str, cpu: &'static str) -> [Row; 2] {
    [row(rate, "k records/s", 0, true), row(cpu, "s", 3, false)]
}

const fn carries(rate: &'static str, cpu: &'static str) -> [Row; 2] {
    [row(rate, "MB/s", 0, true), row(cpu, "s", 2, false)]
}

const fn waits(rate: &'static str, p50: &'static str) -> [Row; 2] {
    [row(rate, "requests/s", 0, true), row(p50, "us", 0, false)]
}

/// What a million records of 1 KiB carry, in MB.
const MEGABYTES_OF_MILLION: f64 = 1_024.0;

const RDKAFKA: Client = Client::Peer("rdkafka");
const RSKAFKA: Client = Client::Peer("rskafka");
const KRAFKA: Client = Client::Peer("krafka");

/// What each client does, in the order of the table. A `consume` reads what its client produced last.
const PLAYS: &[Play] = &[
    play(
        Client::Own,
        "produce",
        moves("own: produce 100 B, record by record", "own: CPU per million of these"),
    ),
    play(
        Client::Own,
        "produce-batches",
        moves("own: produce 100 B, batches made by the caller", "own: CPU per million in batches"),
    ),
    play(Client::Own, "consume", moves("own: consume 100 B", "own: CPU per million consumed")),
    play(
        RDKAFKA,
        "produce",
        moves("rdkafka: produce 100 B, record by record", "rdkafka: CPU per million of these"),
    ),
    play(RDKAFKA, "consume", moves("rdkafka: consume 100 B", "rdkafka: CPU per million consumed")),
    play(
        RSKAFKA,
        "produce",
        moves("rskafka: produce 100 B, record by record", "rskafka: CPU per million of these"),
    ),
    play(
        RSKAFKA,
        "produce-batches",
        moves("rskafka: produce 100 B, batches made by the caller", "rskafka: CPU per million in batches"),
    ),
    play(RSKAFKA, "consume", moves("rskafka: consume 100 B", "rskafka: CPU per million consumed")),
    play(
        KRAFKA,
        "produce",
        moves("krafka: produce 100 B, record by record", "krafka: CPU per million of these"),
    ),
    play(KRAFKA, "consume", moves("krafka: consume 100 B", "krafka: CPU per million consumed")),
    large(
        Client::Own,
        "produce",
        carries("own: produce 1 KiB, record by record, four connections", "own: CPU per GB of these"),
    ),
    large(
        Client::Own,
        "produce-batches",
        carries(
            "own: produce 1 KiB, batches made by the caller, four connections",
            "own: CPU per GB in batches",
        ),
    ),
    large(
        Client::Own,
        "consume",
        carries("own: consume 1 KiB, four connections", "own: CPU per GB consumed"),
    ),
    large(
        RDKAFKA,
        "produce",
        carries("rdkafka: produce 1 KiB, record by record", "rdkafka: CPU per GB of these"),
    ),
    large(RDKAFKA, "consume", carries("rdkafka: consume 1 KiB", "rdkafka: CPU per GB consumed")),
    large(
        RSKAFKA,
        "produce-batches",
        carries("rskafka: produce 1 KiB, batches made by the caller", "rskafka: CPU per GB in batches"),
    ),
    large(RSKAFKA, "consume", carries("rskafka: consume 1 KiB", "rskafka: CPU per GB consumed")),
    play(
        Client::Own,
        "in-flight",
        waits("a bare connection: one in flight, 100 B", "a bare connection: p50 of these"),
    ),
    play(Client::Own, "one-in-flight", waits("own: one in flight, 100 B", "own: p50 of these")),
    play(RDKAFKA, "one-in-flight", waits("rdkafka: one in flight, 100 B", "rdkafka: p50 of these")),
    play(RSKAFKA, "one-in-flight", waits("rskafka: one in flight, 100 B", "rskafka: p50 of these")),
    play(KRAFKA, "one-in-flight", waits("krafka: one in flight, 100 B", "krafka: p50 of these")),
];

/// Every row of this part, in the order of the table.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    PLAYS.iter().flat_map(|play| &play.rows)
}

/// Lets each client do what it does on one broker, in `os` mode.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let scale = |records: u64| (records * plan.load_percent / 100).max(1_000);
    let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
    broker.serve()?;
    let bench = Bench { broker: &broker, tools };
    let mut topic = String::new();
    for (index, play) in PLAYS.iter().enumerate() {
        if play.is_produce {
            topic = format!("clients-{index}");
            bench.create(&topic)?;
        }
        let (program, more): (&Path, &[&str]) = match play.client {
            Client::Own if play.size > 100 => (&tools.load, &["--connections", "4"]),
            Client::Own => (&tools.load, &[]),
            Client::Peer(name) => (&tools.peer_load, &["--client", name]),
        };
        let records = scale(match play.rows[0].unit {
            "requests/s" => 20_000,
            "MB/s" => 1_500_000,
            _ => 4_000_000,
        });
        let line = bench.load_with(program, play.what, &topic, records, play.size, more)?;
        let [rate, second] = match play.rows[0].unit {
            "requests/s" => [line.field("records_per_s")?, line.field("p50_us")?],
            "MB/s" => {
                [line.field("mb_per_s")?, line.field("cpu_s_per_million")? / MEGABYTES_OF_MILLION * 1e3]
            }
            _ => [line.field("records_per_s")? / 1e3, line.field("cpu_s_per_million")?],
        };
        round.insert(play.rows[0].name, rate);
        round.insert(play.rows[1].name, second);
    }
    Ok(())
}
