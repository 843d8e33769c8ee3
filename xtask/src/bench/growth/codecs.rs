//! Each codec in turn: prepared batches, which cost the load nothing to pack, and the producer and the consumer of ours.

use super::{Curve, Plotted, Points};
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

const FIGURES: &[Row] = &[
    row("produced, batches prepared", "MB/s", 0, true),
    row("CPU of a GB produced", "s", 2, false),
    row("fetched, bytes counted", "MB/s", 0, true),
    row("CPU of a GB fetched", "s", 2, false),
    row("bytes on the wire of a byte", "", 2, false),
    row("own producer", "MB/s", 0, true),
    row("own consumer", "MB/s", 0, true),
];

pub(super) const CURVE: Curve = Curve {
    name: "codecs",
    title: "Codecs",
    across: "codec",
    figures: FIGURES,
    plots: &[Plotted {
        title: "Broker CPU of a GB of values (1 KiB of text each), s, by codec",
        figures: &["CPU of a GB produced", "CPU of a GB fetched"],
    }],
    measure,
};

/// At places from which marks stand apart.
const CODECS: [(&str, f64); 5] =
    [("none", 1.0), ("gzip", 10.0), ("snappy", 100.0), ("lz4", 1e3), ("zstd", 1e4)];
const RECORDS: u64 = 600_000;
/// For clients, which pack and unpack: the slowest codec takes a core a second for every 50 MB.
const OWN_RECORDS: u64 = 200_000;
/// Records that fill a prepared batch in each partition.
const WHOLE: u64 = 2_000;
const SIZE: u64 = 1_024;

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    for (codec, at) in CODECS {
        let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        bench.create("packed")?;
        bench.create("own")?;
        let words = ["--codec", codec, "--text"];
        let scaled = |records: u64| (records * plan.load_percent / 100).max(1).next_multiple_of(WHOLE);
        let (records, own) = (scaled(RECORDS), scaled(OWN_RECORDS));
        let before = broker.cpu_seconds()?;
        let produced = bench.load_with(&tools.load, "prepared", "packed", records, SIZE, &words)?;
        let between = broker.cpu_seconds()?;
        let fetched = bench.load_with(&tools.load, "fetched", "packed", records, SIZE, &[])?;
        let after = broker.cpu_seconds()?;
        let own_produced = bench.load_with(&tools.load, "produce", "own", own, SIZE, &words)?;
        let own_consumed = bench.load_with(&tools.load, "consume", "own", own, SIZE, &[])?;
        #[expect(clippy::cast_precision_loss, reason = "some gigabytes, to three digits")]
        let gigabytes = (records * SIZE) as f64 / 1e9;
        let packed = fetched.field("bytes")? * gigabytes * 1e9 / (fetched.field("records")? * 1024.0);
        let round = Round::from([
            (FIGURES[0].name, produced.field("mb_per_s")?),
            (FIGURES[1].name, (between - before) / gigabytes),
            (FIGURES[2].name, fetched.field("mb_per_s")?),
            (FIGURES[3].name, (after - between) / gigabytes),
            (FIGURES[4].name, packed / (gigabytes * 1e9)),
            (FIGURES[5].name, own_produced.field("mb_per_s")?),
            (FIGURES[6].name, own_consumed.field("mb_per_s")?),
        ]);
        points.add(codec, at, round);
    }
    points.note("MB and GB are those of values before they are packed".to_owned());
    Ok(())
}
