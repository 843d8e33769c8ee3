//! `cargo xtask bench steady`: a load that a broker carries with ease, for minutes, and whether memory or p99 drift under it.
//!
//! Every ten seconds the load is made anew and its p99 taken, and the broker's memory looked at. Of ten parts of the time the second is
//! held against the last: of ten minutes, the second minute.

use super::measured::{Measured, Mode};
use super::plot::{self, Lines};
use super::rows::{Bench, in_flight, run as load};
use super::table::median;
use super::{Plan, Tools, title};
use crate::outcome::Outcome;
use std::fmt::Write;
use std::fs;

/// Seconds of a sample.
const SAMPLE: u64 = 10;
/// Parts of the time, of which the second and the last are compared.
const PARTS: usize = 10;
/// Share of what the broker can take, in per cent.
const LOAD: f64 = 0.3;
/// Requests a second that one thread, which paces them, sends without being late itself.
const RATE_MAX: f64 = 20_000.0;
const CONNECTIONS: u64 = 64;
/// Records of a fetch.
const FETCHED: u64 = 10;
/// How much more the last part may have than the second.
const DRIFT: f64 = 1.2;

/// Old records go while new ones come.
const SETTINGS: [&str; 4] = [
    "log.segment.bytes=16777216",
    "log.retention.bytes=268435456",
    "log.retention.check.interval.ms=5000",
    "log.segment.delete.delay.ms=1000",
];

/// What was seen at the end of a sample.
#[derive(Clone, Copy)]
struct Seen {
    seconds: f64,
    p99_us: f64,
    memory_mb: f64,
}

/// Loads each broker for so many minutes, and says whether it drifts.
pub(super) fn run(plan: &Plan, tools: &Tools) -> Outcome {
    let mut text = String::new();
    let mut all = Vec::new();
    for kind in &plan.brokers {
        let mut broker = Measured::new(*kind, Mode::Os, &SETTINGS, plan, tools)?;
        broker.serve()?;
        let bench = Bench { broker: &broker, tools };
        bench.create("steady")?;
        let most = bench.in_flight("steady", CONNECTIONS, 400_000)?.field("records_per_s")?;
        let rate = format!("{:.0}", (most * LOAD).min(RATE_MAX));
        let mut seen = Vec::new();
        for number in 1..=(plan.minutes * 60 / SAMPLE).max(2) {
            let p99_us = sample(&bench, rate.parse()?)?;
            #[expect(clippy::cast_precision_loss, reason = "some minutes")]
            let seconds = (number * SAMPLE) as f64;
            seen.push(Seen { seconds, p99_us, memory_mb: broker.resident_mb()? });
        }
        let name = title(*kind);
        let _ = writeln!(
            text,
            "{name}: {} minutes of {rate} requests a second of 100 B produced, and as many fetched, of {most:.0} that it can take",
            plan.minutes
        );
        for (what, of) in [
            ("p99 of produce, us", (|seen: &Seen| seen.p99_us) as fn(&Seen) -> f64),
            ("memory, MB", |seen: &Seen| seen.memory_mb),
        ] {
            let figures: Vec<f64> = seen.iter().map(of).collect();
            let _ = writeln!(text, "- {what}: {}", drift(&figures));
        }
        text.push('\n');
        all.push((name, seen));
    }
    println!("{text}");
    if let Some(folder) = &plan.report {
        fs::create_dir_all(folder)?;
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let mut text = format!("# A steady load\n\n`cargo xtask bench steady`, durability `os`.\n\n{text}");
        let end = all.iter().flat_map(|(_, seen)| seen).map(|seen| seen.seconds).fold(0.0, f64::max);
        for (file, title, of) in [
            ("steady-p99", "p99 of produce over time, us", (|seen: &Seen| seen.p99_us) as fn(&Seen) -> f64),
            ("steady-memory", "Memory of the broker over time, MB", |seen: &Seen| seen.memory_mb),
        ] {
            let line = |seen: &Vec<Seen>| seen.iter().map(|seen| (seen.seconds, of(seen))).collect();
            let marks = (0..=4).map(|part| f64::from(part) / 4.0 * end);
            let marks = marks.map(|at| (at, format!("{at:.0} s"))).collect();
            let lines = all.iter().map(|(_, seen)| line(seen)).collect();
            let plot = Lines { title, marks, lines, is_logarithmic: false };
            fs::write(folder.join(format!("{file}.svg")), plot::lines(&plot, &names))?;
            let _ = writeln!(text, "![{title}]({file}.svg)\n");
        }
        fs::write(folder.join("steady.md"), text)?;
        eprintln!("the report is in {}", folder.display());
    }
    Ok(())
}

/// Produces for ten seconds at this pace while as many are fetched, and says the p99 of produce.
fn sample(bench: &Bench<'_>, rate: u64) -> Outcome<f64> {
    let records = (rate * SAMPLE).to_string();
    let per_second = rate.to_string();
    let pace = ["--rate", per_second.as_str()];
    std::thread::scope(|scope| {
        let produced = scope.spawn(|| {
            let words = in_flight(&bench.broker.bootstrap, "steady", CONNECTIONS, rate * SAMPLE);
            let words: Vec<&str> = words.iter().map(String::as_str).chain(pace).collect();
            load(&bench.tools.load, &words)
                .and_then(|line| line.field("p99_us"))
                .map_err(|error| error.to_string())
        });
        let place =
            ["gather", "--bootstrap", &bench.broker.bootstrap, "--topic", "steady", "--records", &records];
        let (fetches, each) = ((rate / FETCHED).max(1).to_string(), FETCHED.to_string());
        let last = ["--at", "tail", "--batch-records", &each, "--connections", "4", "--depth", "1"];
        load(
            &bench.tools.load,
            &[place.as_slice(), &last, &["--fetch-bytes", "1700", "--rate", &fetches]].concat(),
        )?;
        Ok(produced.join().map_err(|_| "the producing thread panicked")??)
    })
}

/// Whether the last part of figures over time is more than the second.
fn drift(figures: &[f64]) -> String {
    let part = figures.len().div_ceil(PARTS).max(1);
    let second = figures.iter().skip(part).take(part).copied().collect();
    let last = figures.iter().rev().take(part).copied().collect();
    let (Some(second), Some(last)) = (median(second), median(last)) else { return "too short".to_owned() };
    let factor = last / second.max(1e-9);
    let verdict = if factor > DRIFT { "it drifts" } else { "no drift" };
    format!("{second:.1} in the second part of the time, {last:.1} in the last, {factor:.2} times: {verdict}")
}

#[cfg(test)]
mod tests {
    use super::drift;

    #[test]
    fn what_grows_from_the_second_part_on_drifts_and_what_began_high_does_not() {
        let grows: Vec<f64> = (0..60).map(f64::from).collect();
        assert!(drift(&grows).ends_with("it drifts"));
        let settles: Vec<f64> = (0..60).map(|at| if at < 6 { 90.0 } else { 50.0 }).collect();
        assert!(drift(&settles).ends_with("no drift"));
        assert_eq!(drift(&[]), "too short");
    }
}
