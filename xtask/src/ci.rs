//! `cargo xtask ci`: the whole gate, step by step, with a line of time for each.
//!
//! Here is the order of the steps and what the table says in the end. What a step does is in a module
//! of its own, or in the task that the step calls. `--strict` is for the machine that guards what
//! lands: a step that could not run for any reason but a missing part of the toolchain fails there.

mod cpu;
mod examples;
mod features;
mod licences;
mod no_c;
mod packaged;
mod platforms;
mod together;

use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::{call, counts, torture, workspace};
use std::time::{Duration, Instant};

/// Seeds of the simulation that the gate runs: whole stacks that crash at random. A failure tells how to replay it.
const SIMULATED_SEEDS: &str = "0..500";

/// How a step ended that did not fail.
pub(crate) enum Verdict {
    /// Everything it looks at is well.
    Passed,
    /// A part of it was not looked at, and this is why.
    Skipped(Reason),
}

/// Why something was not looked at.
pub(crate) enum Reason {
    /// A toolchain, target or component is not installed; nobody has to have it.
    Toolchain(String),
    /// Something else is missing that the gate's own machine has to have.
    Missing(String),
}

/// One step of the gate.
struct Step {
    name: &'static str,
    run: fn(&Journal) -> Outcome<Verdict>,
}

/// The gate, cheapest first, so that a slip is told within seconds.
const STEPS: &[Step] = &[
    Step { name: "fmt", run: |log| passed(log.run(&mut cargo(&["fmt", "--all", "--check"]))) },
    Step { name: "check-deps", run: |_| passed(call("check-deps", &[])) },
    Step { name: "codegen", run: |_| passed(call("codegen", &["--check"])) },
    Step { name: "schema-diff", run: schema_diff },
    Step { name: "clippy", run: clippy },
    Step { name: "doc", run: doc },
    Step { name: "test", run: |log| passed(log.run(&mut cargo(&["test", "--workspace", "--locked"]))) },
    Step { name: "examples", run: examples::run },
    Step { name: "simulation", run: |_| passed(call("simulate", &["--seeds", SIMULATED_SEEDS])) },
    Step { name: "torture", run: torture::short },
    Step { name: "planted", run: |_| passed(call("planted", &["--short"])) },
    Step { name: "counts", run: |_| counts::check() },
    Step { name: "features", run: features::each_alone },
    Step { name: "no-c", run: no_c::nothing_compiles_c },
    Step { name: "api", run: |_| passed(call("api", &["--check"])) },
    Step { name: "licences", run: licences::check },
    Step { name: "packaged", run: packaged::check },
    Step { name: "platforms", run: platforms::check },
    Step { name: "fuzz", run: |_| passed(call("fuzz", &["--seconds", "10"])) },
    Step { name: "interop", run: interop },
];

/// What was asked of the gate.
struct Order {
    strict: bool,
    only: Vec<String>,
    without: Vec<String>,
}

impl Order {
    /// `[--strict] [--without STEP]... [STEP]...`
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut order = Self { strict: false, only: Vec::new(), without: Vec::new() };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--strict" => order.strict = true,
                "--without" => order.without.push(words.next().ok_or("--without wants a step")?.clone()),
                step => order.only.push(step.to_owned()),
            }
        }
        let mut named = order.only.iter().chain(&order.without);
        match named.find(|name| STEPS.iter().all(|step| step.name != **name)) {
            None => Ok(order),
            Some(unknown) => {
                let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                Err(format!("no step is named {unknown}; there are {}", names.join(", ")).into())
            }
        }
    }

    fn wants(&self, step: &Step) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == step.name);
        (self.only.is_empty() || named(&self.only)) && !named(&self.without)
    }
}

/// Runs the gate: all of it, or the steps that are named. Every step runs, even after a failure.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let order = Order::parse(arguments)?;
    let (began, cpu_at_first) = (Instant::now(), cpu::of_children());
    let mut rows = Vec::new();
    let mut failures = 0;
    for step in STEPS.iter().filter(|step| order.wants(step)) {
        println!("{} ...", step.name);
        let (step_began, cpu_before) = (Instant::now(), cpu::of_children());
        let log = Journal::create(step.name)?;
        let (failed, said) = match (step.run)(&log) {
            Ok(Verdict::Passed) => (false, "ok".to_owned()),
            Ok(Verdict::Skipped(Reason::Toolchain(what))) => (false, format!("SKIPPED in part: {what}")),
            Ok(Verdict::Skipped(Reason::Missing(what))) => (order.strict, format!("SKIPPED: {what}")),
            Err(failure) => {
                println!("{}", log.end());
                (true, format!("FAILED: {failure}"))
            }
        };
        failures += u32::from(failed);
        let row = format!("{}  {said}", times(step.name, step_began, cpu_before));
        println!("{row}");
        rows.push(row);
    }
    println!("\n{}\n{}", rows.join("\n"), times("all", began, cpu_at_first));
    match failures {
        0 => Ok(()),
        count => Err(format!("{count} steps failed; their logs are in target/ci").into()),
    }
}

/// What something took: seconds on the wall, and of processors, as far as its programs have ended.
fn times(name: &str, began: Instant, cpu_before: Option<Duration>) -> String {
    let cpu = cpu::of_children().zip(cpu_before).map(|(now, before)| now.saturating_sub(before));
    let cpu = cpu.map_or_else(|| "?".to_owned(), |cpu| format!("{:.1}", cpu.as_secs_f64()));
    format!("{name:<12} {:>7.1} s {cpu:>8} cpu s", began.elapsed().as_secs_f64())
}

/// Turns the end of a child or task into the end of a step.
pub(crate) fn passed(outcome: Outcome) -> Outcome<Verdict> {
    outcome.map(|()| Verdict::Passed)
}

/// Skips for want of something that the gate's own machine has.
pub(crate) fn missing(what: impl Into<String>) -> Outcome<Verdict> {
    Ok(Verdict::Skipped(Reason::Missing(what.into())))
}

fn schema_diff(_: &Journal) -> Outcome<Verdict> {
    if !workspace::shared().join("reference/kafka-messages").is_dir() {
        return missing("no reference/kafka-messages in the folder ../shared");
    }
    passed(call("schema-diff", &[]))
}

fn clippy(log: &Journal) -> Outcome<Verdict> {
    passed(log.run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ])))
}

fn doc(log: &Journal) -> Outcome<Verdict> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    passed(log.run(command.env("RUSTDOCFLAGS", "-D warnings")))
}

fn interop(_: &Journal) -> Outcome<Verdict> {
    if !workspace::shared().join("peers/kafka/kafka").is_file() {
        return missing("no peers/kafka in the folder ../shared");
    }
    call("interop", &[])?;
    passed(call("differential", &[]))
}
