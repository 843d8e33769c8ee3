//! Growth of records, from one byte to ten mebibytes: prepared batches in, and bytes out.

use super::{Curve, Plotted, Points};
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

const FIGURES: &[Row] = &[
    row("produced", "MB/s", 0, true),
    row("CPU of a GB produced", "s", 2, false),
    row("CPU of a record produced", "us", 3, false),
    row("fetched", "MB/s", 0, true),
    row("CPU of a GB fetched", "s", 2, false),
    row("CPU of a record fetched", "us", 3, false),
];

pub(super) const CURVE: Curve = Curve {
    name: "sizes",
    title: "Record sizes",
    across: "bytes of a value",
    figures: FIGURES,
    plots: &[Plotted {
        title: "Broker CPU of a GB of values, s, by the size of a value",
        figures: &["CPU of a GB produced", "CPU of a GB fetched"],
    }],
    measure,
};

const SIZES: [(u64, &str); 8] = [
    (1, "1 B"),
    (10, "10 B"),
    (100, "100 B"),
    (1 << 10, "1 KiB"),
    (10 << 10, "10 KiB"),
    (100 << 10, "100 KiB"),
    (1 << 20, "1 MiB"),
    (10 << 20, "10 MiB"),
];
/// Bytes of values that are moved, and records where they are small.
const BYTES: u64 = 600_000_000;
const RECORDS_MAX: u64 = 40_000_000;
/// A batch has about so many bytes, and no more records than this.
const BATCH_BYTES: u64 = 512_000;
const BATCH_RECORDS_MAX: u64 = 10_000;
/// Of a record in a batch, beside its value.
const OVERHEAD: u64 = 8;
const PARTITIONS: u64 = 4;
/// A batch of the largest record, and a fetch of that.
const SETTING: &str = "message.max.bytes=11000000";
const FETCH_BYTES: &str = "12582912";

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    for (size, label) in SIZES {
        // Anew for each: what is written is gone with it, and with that the memory in which it stood.
        let mut broker = Measured::new(kind, Mode::Os, &[SETTING], plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        bench.create("sized")?;
        let batch = (BATCH_BYTES / (size + OVERHEAD)).clamp(1, BATCH_RECORDS_MAX);
        let wanted = (BYTES / size).min(RECORDS_MAX) * plan.load_percent / 100;
        let records = wanted.max(1).next_multiple_of(batch * PARTITIONS);
        let words = ["--batch-records", &batch.to_string(), "--fetch-bytes", FETCH_BYTES];
        let before = broker.cpu_seconds()?;
        let produced = bench.load_with(&tools.load, "prepared", "sized", records, size, &words)?;
        let between = broker.cpu_seconds()?;
        let fetched = bench.load_with(&tools.load, "fetched", "sized", records, size, &words)?;
        let after = broker.cpu_seconds()?;
        #[expect(clippy::cast_precision_loss, reason = "some gigabytes, to three digits")]
        let (moved, gigabytes, at) = (records as f64, (records * size) as f64 / 1e9, size as f64);
        let round = Round::from([
            (FIGURES[0].name, produced.field("mb_per_s")?),
            (FIGURES[1].name, (between - before) / gigabytes),
            (FIGURES[2].name, (between - before) * 1e6 / moved),
            (FIGURES[3].name, fetched.field("mb_per_s")?),
            (FIGURES[4].name, (after - between) / gigabytes),
            (FIGURES[5].name, (after - between) * 1e6 / moved),
        ]);
        points.add(label, at, round);
    }
    points.note(format!(
        "batches of {BATCH_BYTES} bytes, or of {BATCH_RECORDS_MAX} records, or of one; a record has {OVERHEAD} bytes and more \
         beside its value"
    ));
    Ok(())
}
