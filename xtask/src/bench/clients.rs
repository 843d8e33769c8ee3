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
    Play { client, what, is_produce, rows }
}

const fn moves(rate: &'static str, cpu: &'static str) -> [Row; 2] {
    [row(rate, "k records/s", 0, true), row(cpu, "s", 3, false)]
}

const fn waits(rate: &'static str, p50: &'static str) -> [Row; 2] {
    [row(rate, "requests/s", 0, true), row(p50, "us", 0, false)]
}

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
        let (program, more): (&Path, Vec<&str>) = match play.client {
            Client::Own => (&tools.load, Vec::new()),
            Client::Peer(name) => (&tools.peer_load, vec!["--client", name]),
        };
        let is_rate = play.rows[0].unit == "k records/s";
        let records = scale(if is_rate { 4_000_000 } else { 20_000 });
        let line = bench.load_with(program, play.what, &topic, records, 100, &more)?;
        let (rate, second) = if is_rate { (1e3, "cpu_s_per_million") } else { (1.0, "p50_us") };
        round.insert(play.rows[0].name, line.field("records_per_s")? / rate);
        round.insert(play.rows[1].name, line.field(second)?);
    }
    Ok(())
}
