//! Growth of connections: most do nothing, and sixty-four have a request in flight.

use super::{Curve, Plotted, Points};
use crate::bench::held::Held;
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::time::Duration;

const FIGURES: &[Row] = &[
    row("CPU of a request", "us", 1, false),
    row("p99", "us", 0, false),
    row("requests", "k/s", 0, true),
    row("memory of an idle connection", "kB", 1, false),
];

pub(super) const CURVE: Curve = Curve {
    name: "connections",
    title: "Connections",
    across: "idle connections, beside 64 active ones",
    figures: FIGURES,
    plots: &[
        Plotted {
            title: "Broker CPU of a request of 100 B, us, by idle connections beside it",
            figures: &["CPU of a request"],
        },
        Plotted {
            title: "p99 of 64 requests in flight, us, by idle connections beside them",
            figures: &["p99"],
        },
    ],
    measure,
};

const COUNTS: [(u32, &str); 5] = [(1, "1"), (10, "10"), (100, "100"), (1_000, "1,000"), (10_000, "10,000")];
/// Fewer do not take enough memory to be seen.
const SEEN_MIN: u32 = 1_000;
/// Descriptors that either side needs for other things.
const SPARE: u64 = 200;
const ACTIVE: u64 = 64;
const REQUESTS: u64 = 400_000;
const REST: Duration = Duration::from_secs(1);

/// A broker has limits of its own, that are not what is measured.
fn settings(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ottla => &["max.connections=20000", "max.connections.per.ip=20000"],
        Kind::Kafka => &[],
    }
}

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    let descriptors = descriptors()?;
    for (count, label) in COUNTS {
        if u64::from(count) + SPARE > descriptors {
            points.note(format!("{label} connections were left out: a process may open {descriptors} files"));
            continue;
        }
        let mut broker = Measured::new(kind, Mode::Os, settings(kind), plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        bench.create("active")?;
        bench.in_flight("active", ACTIVE, ACTIVE * 100)?;
        std::thread::sleep(REST);
        let before = broker.resident_mb()?;
        let held = Held::start(tools, &broker, "held", &["--connections", &count.to_string()])?;
        std::thread::sleep(REST);
        let memory = broker.resident_mb()? - before;
        let requests = (REQUESTS * plan.load_percent / 100).max(ACTIVE);
        let before = broker.cpu_seconds()?;
        let served = bench.in_flight("active", ACTIVE, requests)?;
        let cpu = broker.cpu_seconds()? - before;
        held.end()?;
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
        let mut round = Round::from([
            (FIGURES[0].name, cpu * 1e6 / requests as f64),
            (FIGURES[1].name, served.field("p99_us")?),
            (FIGURES[2].name, served.field("records_per_s")? / 1e3),
        ]);
        if count >= SEEN_MIN {
            round.insert(FIGURES[3].name, memory * 1e3 / f64::from(count));
        }
        points.add(label, f64::from(count), round);
    }
    Ok(())
}

/// Files that a process may open: the hard limit, up to which a broker raises its own.
fn descriptors() -> Outcome<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line =
        limits.lines().find(|line| line.starts_with("Max open files")).ok_or("no limit of open files")?;
    let hard = line.split_whitespace().nth(4).ok_or("a limit of open files without its maximum")?;
    if hard == "unlimited" { Ok(u64::MAX) } else { Ok(hard.parse()?) }
}
