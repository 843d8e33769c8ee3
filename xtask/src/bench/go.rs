//! Load from clients in Go: franz-go for brokers that speak Kafka's protocol, nats.go for JetStream. Built from
//! `benches/peers/go` with pinned modules, where there is a Go.

use super::measured::{Measured, Mode};
use super::rows::{Bench, Round, Row, row, run};
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use crate::workspace::root;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rows, in the order of their table.
pub(super) const ROWS: &[Row] = &[
    row("client in Go: produce 1 KiB", "MB/s", 0, true),
    row("client in Go: consume 1 KiB", "MB/s", 0, true),
    row("client in Go: produce 100 B", "k records/s", 0, true),
    row("client in Go: consume 100 B", "k records/s", 0, true),
    row("client in Go: one in flight, 100 B", "requests/s", 0, true),
    row("client in Go: p50 of these", "us", 0, false),
    row("client in Go: p99 of these", "us", 0, false),
    row("64 clients in Go: one in flight each, 100 B", "k requests/s", 1, true),
    row("memory before these clients came", "MB", 1, false),
    row("memory after these clients", "MB", 1, false),
];

/// Builds the load program; without Go, or where its modules cannot be had, says so and goes on without.
pub(super) fn build() -> Option<PathBuf> {
    let program = root().join("target/peers/go-load");
    let mut command = Command::new("go");
    command.args(["build", "-mod=readonly", "-o"]).arg(&program).arg(".");
    command.current_dir(root().join("benches/peers/go"));
    is_built(&mut command, "rows of clients in Go").then_some(program)
}

/// Whether Go does what it is asked to do; if not, says what there will not be.
pub(super) fn is_built(command: &mut Command, what: &str) -> bool {
    match command.status() {
        Ok(status) if status.success() => true,
        Ok(status) => {
            eprintln!("no {what}: {command:?}: {status}");
            false
        }
        Err(error) => {
            eprintln!("no {what}: no Go: {error}");
            false
        }
    }
}

/// Measures the rows on one broker that speaks Kafka's protocol.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let Some(program) = &tools.go_load else { return Ok(()) };
    let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
    broker.serve()?;
    let bench = Bench { broker: &broker, tools };
    ["large", "small", "single"].into_iter().try_for_each(|topic| bench.create(topic))?;
    load(program, "franz", &broker.bootstrap, broker.pid()?, plan, round)
}

/// Moves the records of the rows through a client, to and from the server of this process.
pub(super) fn load(
    program: &Path,
    client: &str,
    bootstrap: &str,
    server: u32,
    plan: &Plan,
    round: &mut Round,
) -> Outcome {
    let scale = |records: u64| (records * plan.load_percent / 100).max(1_000);
    let load = |what: &str, topic: &str, connections: &str, records: u64, size: &str| {
        let place = [what, "--bootstrap", bootstrap, "--topic", topic, "--client", client];
        let records = scale(records).to_string();
        let much = ["--connections", connections, "--records", &records, "--size", size];
        run(program, &[place.as_slice(), &much].concat())
    };
    let memory = || super::measured::resident_mb(server);
    round.insert("memory before these clients came", memory()?);
    let produced = load("produce", "large", "1", 1_000_000, "1024")?;
    round.insert("client in Go: produce 1 KiB", produced.field("mb_per_s")?);
    let consumed = load("consume", "large", "1", 1_000_000, "1024")?;
    round.insert("client in Go: consume 1 KiB", consumed.field("mb_per_s")?);
    let produced = load("produce", "small", "1", 2_000_000, "100")?;
    round.insert("client in Go: produce 100 B", produced.field("records_per_s")? / 1e3);
    let consumed = load("consume", "small", "1", 2_000_000, "100")?;
    round.insert("client in Go: consume 100 B", consumed.field("records_per_s")? / 1e3);
    let one = load("in-flight", "single", "1", 40_000, "100")?;
    round.insert("client in Go: one in flight, 100 B", one.field("records_per_s")?);
    round.insert("client in Go: p50 of these", one.field("p50_us")?);
    round.insert("client in Go: p99 of these", one.field("p99_us")?);
    let many = load("in-flight", "single", "64", 400_000, "100")?;
    round.insert("64 clients in Go: one in flight each, 100 B", many.field("records_per_s")? / 1e3);
    round.insert("memory after these clients", memory()?);
    Ok(())
}
