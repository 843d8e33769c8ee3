//! Growth of groups: each has a member that heartbeats and commits, one after the other.

use super::{Curve, Plotted, Points};
use crate::bench::groups::NO_DELAY;
use crate::bench::held::Held;
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

const FIGURES: &[Row] = &[
    row("CPU of a heartbeat or commit", "us", 1, false),
    row("p99", "us", 0, false),
    row("heartbeats and commits", "k/s", 1, true),
];

pub(super) const CURVE: Curve = Curve {
    name: "groups",
    title: "Groups",
    across: "groups with a member each",
    figures: FIGURES,
    plots: &[Plotted {
        title: "Broker CPU of a heartbeat or commit, by turns, us, by groups",
        figures: &["CPU of a heartbeat or commit"],
    }],
    measure,
};

const COUNTS: [(u32, &str); 4] = [(1, "1"), (10, "10"), (100, "100"), (1_000, "1,000")];
const REQUESTS: u64 = 200_000;

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    let mut broker = Measured::new(kind, Mode::Os, &[NO_DELAY], plan, tools)?;
    broker.serve()?;
    Bench { broker: &broker, tools }.create("members")?;
    for (count, label) in COUNTS {
        let (groups, requests) = (count.to_string(), (REQUESTS * plan.load_percent / 100).max(1_000));
        let records = requests.to_string();
        // As many connections at each point, so that the figures are those of groups; a group has only one.
        let connections = if count == 1 { "1" } else { "8" };
        let words =
            ["--topic", "members", "--groups", &groups, "--connections", connections, "--records", &records];
        let mut held = Held::start(tools, &broker, "committed", &words)?;
        let before = broker.cpu_seconds()?;
        held.order()?;
        let done = held.line()?;
        let cpu = broker.cpu_seconds()? - before;
        held.end()?;
        let round = Round::from([
            (FIGURES[0].name, cpu * 1e6 / done.field("requests")?),
            (FIGURES[1].name, done.field("p99_us")?),
            (FIGURES[2].name, done.field("records_per_s")? / 1e3),
        ]);
        points.add(label, f64::from(count), round);
    }
    points.note("1 group has 1 connection, and more have 8".to_owned());
    Ok(())
}
