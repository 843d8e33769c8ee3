//! Growth of a log: what it costs to append and to fetch when so much is there, and how soon it is served again.

use super::{Curve, Plotted, Points};
use crate::bench::measured::{Measured, Mode};
use crate::bench::rows::{Bench, Round, Row, row};
use crate::bench::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;

const FIGURES: &[Row] = &[
    row("CPU of a GB appended", "s", 2, false),
    row("user CPU of a GB appended", "s", 2, false),
    row("CPU of a batch fetched at the head", "us", 1, false),
    row("CPU of a batch fetched at the tail", "us", 1, false),
    row("CPU of a batch fetched anywhere", "us", 1, false),
    row("p99 of that", "us", 0, false),
    row("start after a clean stop", "ms", 0, false),
    row("start after kill -9", "ms", 0, false),
];

pub(super) const CURVE: Curve = Curve {
    name: "logs",
    title: "Log size",
    across: "GiB in four partitions",
    figures: FIGURES,
    plots: &[
        Plotted {
            title: "Broker CPU of a batch of 64 KiB fetched, us, by GiB in the log",
            figures: &[
                "CPU of a batch fetched at the head",
                "CPU of a batch fetched at the tail",
                "CPU of a batch fetched anywhere",
            ],
        },
        Plotted {
            title: "Broker CPU of a GB appended (1 KiB a record), s, by GiB in the log",
            figures: &["CPU of a GB appended", "user CPU of a GB appended"],
        },
        Plotted {
            title: "Start to first acknowledged record, ms, by GiB in the log",
            figures: &["start after a clean stop", "start after kill -9"],
        },
    ],
    measure,
};

const GIB: [u64; 4] = [1, 4, 10, 30];
/// What is left on the disk in any case.
const FREE_GIB: u64 = 8;
const BATCH: &str = "63";
/// Records that make a batch in each of four partitions; each is a KiB.
const WHOLE: u64 = 63 * 4;
/// Records that are appended at the end of each point, and that is where the cost is taken.
const APPENDED: u64 = 400_000;
/// Enough that the clock ticks by which CPU is counted are small beside them.
const FETCHES: u64 = 100_000;

fn measure(kind: Kind, plan: &Plan, tools: &Tools, points: &mut Points) -> Outcome {
    let mut broker = Measured::new(kind, Mode::Os, &[], plan, tools)?;
    broker.serve()?;
    Bench { broker: &broker, tools }.create("long")?;
    let mut there = 0;
    for gib in GIB {
        let label = match plan.load_percent {
            100 => gib.to_string(),
            percent => format!("{}", f64::from(u32::try_from(gib * percent)?) / 100.0),
        };
        let records = (gib << 20) * plan.load_percent / 100;
        let free = free_gib(&plan.folder)?;
        if free < ((records.saturating_sub(there)) >> 20) + FREE_GIB {
            points
                .note(format!("{label} GiB were left out: {free} GiB are free, of which {FREE_GIB} stay so"));
            break;
        }
        if kind == Kind::Kafka && gib > 4 {
            points.note(format!("{label} GiB were left out: it takes a real Kafka too long"));
            break;
        }
        let appended = (APPENDED * plan.load_percent / 100).max(100_000).next_multiple_of(WHOLE);
        let bench = Bench { broker: &broker, tools };
        let batches = ["--batch-records", BATCH];
        if let fill @ 1.. = records.saturating_sub(there + appended) / WHOLE * WHOLE {
            bench.load_with(&tools.load, "prepared", "long", fill, 1024, &batches)?;
            there += fill;
        }
        let (before, user) = (broker.cpu_seconds()?, broker.user_seconds()?);
        bench.load_with(&tools.load, "prepared", "long", appended, 1024, &batches)?;
        there += appended;
        #[expect(clippy::cast_precision_loss, reason = "some gigabytes, to three digits")]
        let gigabytes = (appended * 1024) as f64 / 1e9;
        let mut round = Round::from([
            (FIGURES[0].name, (broker.cpu_seconds()? - before) / gigabytes),
            (FIGURES[1].name, (broker.user_seconds()? - user) / gigabytes),
        ]);
        for (at, name) in [("head", FIGURES[2].name), ("tail", FIGURES[3].name), ("random", FIGURES[4].name)]
        {
            let load = ["--connections", "4", "--depth", "4", "--fetch-bytes", "65536", "--at", at];
            let words = [batches.as_slice(), &load].concat();
            let fetches = (FETCHES * plan.load_percent / 100).max(20_000) / 4 * 4;
            let before = broker.cpu_seconds()?;
            let line = bench.load_with(&tools.load, "gather", "long", fetches * 63, 1024, &words)?;
            round.insert(name, (broker.cpu_seconds()? - before) * 1e6 / line.field("requests")?);
            if at == "random" {
                round.insert(FIGURES[5].name, line.field("p99_us")?);
            }
        }
        round.insert(FIGURES[6].name, broker.restarted(tools, &format!("clean-{gib}"), false)?);
        round.insert(FIGURES[7].name, broker.restarted(tools, &format!("killed-{gib}"), true)?);
        #[expect(clippy::cast_precision_loss, reason = "some gibibytes")]
        let at = gib as f64;
        points.add(&label, at, round);
    }
    Ok(())
}

/// GiB that are free where the folder is, to the whole.
pub(in crate::bench) fn free_gib(folder: &std::path::Path) -> Outcome<u64> {
    std::fs::create_dir_all(folder)?;
    let output = std::process::Command::new("df").args(["--output=avail", "-B1G"]).arg(folder).output()?;
    let said = String::from_utf8(output.stdout)?;
    Ok(said.lines().nth(1).ok_or("df says nothing")?.trim().parse()?)
}
