//! Growth of partitions: requests of one batch each go to all of them in turn.

use super::{Curve, Plotted, Points};
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row, run};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

const FIGURES: &[Row] = &[
    row("CPU of a record produced", "us", 2, false),
    row("CPU of a record fetched", "us", 2, false),
    row("produced", "k records/s", 0, true),
    row("fetched", "k records/s", 0, true),
];

pub(super) const CURVE: Curve = Curve {
    name: "partitions",
    title: "Partitions",
    across: "partitions",
    figures: FIGURES,
    plots: &[Plotted {
        title: "Broker CPU of a record (100 B, ten to a batch, a batch a request), us, by partitions",
        figures: &["CPU of a record produced", "CPU of a record fetched"],
    }],
    measure,
};

/// Topics, and partitions of each.
const COUNTS: [(u64, u64, &str); 5] =
    [(1, 1, "1"), (1, 10, "10"), (1, 100, "100"), (10, 100, "1,000"), (100, 100, "10,000")];
/// A real Kafka takes minutes to make more.
const KAFKA_MAX: u64 = 1_000;

const RECORDS: u64 = 2_000_000;
const BATCH: u64 = 10;

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    for (topics, partitions, label) in COUNTS {
        let all = topics * partitions;
        if kind == Kind::Kafka && all > KAFKA_MAX {
            points.note(format!("{label} partitions were left out: they take a real Kafka minutes to make"));
            continue;
        }
        let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        let (topics, partitions) = (topics.to_string(), partitions.to_string());
        let place = ["--topics", topics.as_str(), "--partitions", &partitions];
        let create = ["create-topic", "--bootstrap", &broker.bootstrap, "--topic", "many"];
        run(&tools.load, &[create.as_slice(), &place].concat())?;
        let load = ["--connections", "4", "--depth", "16", "--batch-records", "10", "--fetch-bytes", "1000"];
        let more = [place.as_slice(), &load].concat();
        // Whole rounds, so that each partition has as many batches as are fetched of it.
        let records = (RECORDS * plan.load_percent / 100).max(1).next_multiple_of(all * BATCH);
        // The first record of a partition makes its files, which is no part of the figures.
        bench.load_with(&tools.load, "scatter", "many", (all * BATCH).max(4 * BATCH), 100, &more)?;
        let before = broker.cpu_seconds()?;
        let produced = bench.load_with(&tools.load, "scatter", "many", records, 100, &more)?;
        let between = broker.cpu_seconds()?;
        let fetched = bench.load_with(&tools.load, "gather", "many", records, 100, &more)?;
        let after = broker.cpu_seconds()?;
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        let (moved, at) = (records as f64, all as f64);
        let round = Round::from([
            (FIGURES[0].name, (between - before) * 1e6 / moved),
            (FIGURES[1].name, (after - between) * 1e6 / moved),
            (FIGURES[2].name, produced.field("records_per_s")? / 1e3),
            (FIGURES[3].name, fetched.field("records_per_s")? / 1e3),
        ]);
        points.add(label, at, round);
    }
    Ok(())
}
