//! Load from franz-go, Kafka's client in Go: built from `benches/peers/go` with pinned modules, where there is a Go.

use super::rows::{Bench, Round, run};
use crate::outcome::Outcome;
use crate::workspace::root;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the load program; without Go, or where its modules cannot be had, says so and goes on without.
pub(super) fn build() -> Option<PathBuf> {
    let program = root().join("target/peers/go-load");
    let mut command = Command::new("go");
    let command = command.args(["build", "-mod=readonly", "-o"]).arg(&program).arg(".");
    match command.current_dir(root().join("benches/peers/go")).status() {
        Ok(status) if status.success() => Some(program),
        Ok(status) => {
            eprintln!("no rows of franz-go: go build: {status}");
            None
        }
        Err(error) => {
            eprintln!("no rows of franz-go: no Go: {error}");
            None
        }
    }
}

/// Measures the rows of franz-go on one broker, with so many records of 1 KiB and so many of 100 B one by one.
pub(super) fn measure(
    program: &Path,
    bench: &Bench<'_>,
    records: u64,
    single: u64,
    round: &mut Round,
) -> Outcome {
    bench.create("franz")?;
    let load = |what: &str, connections: &str, records: u64, size: &str| {
        let place = [what, "--bootstrap", &bench.broker.bootstrap, "--topic", "franz"];
        let records = records.to_string();
        run(
            program,
            &[place.as_slice(), &["--connections", connections, "--records", &records, "--size", size]]
                .concat(),
        )
    };
    let produced = load("produce", "1", records, "1024")?;
    round.insert("produce 1 KiB, franz-go", produced.field("mb_per_s")?);
    let consumed = load("consume", "1", records, "1024")?;
    round.insert("consume 1 KiB, franz-go", consumed.field("mb_per_s")?);
    let one = load("in-flight", "1", single, "100")?;
    round.insert("one in flight, 100 B, franz-go", one.field("records_per_s")?);
    let many = load("in-flight", "64", single * 10, "100")?;
    round.insert("64 producers, one in flight each, franz-go", many.field("records_per_s")? / 1e3);
    Ok(())
}
