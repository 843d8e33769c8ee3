//! Tasks of the workspace: `cargo xtask <task>`.
//!
//! This file knows the names of the tasks and nothing else; each task is a module of its own with a
//! `run(&[String]) -> Outcome`, and takes the arguments after its name.

mod api;
mod bench;
mod brokers;
mod check_deps;
mod ci;
mod codegen;
mod counts;
mod fuzz;
mod golden;
mod histories;
mod interop;
mod journal;
mod outcome;
mod planted;
mod schema_diff;
mod simulate;
mod torture;
mod workspace;

use outcome::Outcome;
use std::process::ExitCode;

/// One task: what is typed, what it is for, and the function that does it.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome,
}

/// Every task, in the order that the help lists them.
const TASKS: &[Task] = &[
    Task { name: "api", about: "write the listing of each crate's public API, or --check it", run: api::run },
    Task {
        name: "ci",
        about: "run the whole gate, or the steps that are named; --strict forbids to skip",
        run: ci::run,
    },
    Task {
        name: "interop",
        about: "kcat and Kafka's tools against ottla, and ours against Kafka",
        run: interop::run,
    },
    Task {
        name: "differential",
        about: "the same requests to ottla and real Kafka; --seed N, or words that pick cases of bad input",
        run: interop::differential::run,
    },
    Task {
        name: "bench",
        about: "ottla and real Kafka side by side; prints the table; growth, footprint, steady",
        run: bench::run,
    },
    Task {
        name: "counts",
        about: "count the instructions of hot paths: --check holds them, --write REASON writes them down",
        run: counts::run,
    },
    Task {
        name: "torture",
        about: "ottla serve is killed, loses power, has its disk fail, soaks transactions; --short, --seed N, --minutes N",
        run: torture::run,
    },
    Task {
        name: "planted",
        about: "plant bugs in the storage engine, each of which its model test has to find; --short, or names",
        run: planted::run,
    },
    Task {
        name: "histories",
        about: "random histories of the storage engine beside a model: [--seeds 0..100000]",
        run: histories::run,
    },
    Task {
        name: "simulate",
        about: "whole stacks in virtual time, from seeds: [--seeds 0..1000 | --seed N] [--release]",
        run: simulate::run,
    },
    Task { name: "fuzz", about: "fuzz [TARGET...] [--seconds N]", run: fuzz::run },
    Task {
        name: "check-deps",
        about: "hold the arrows between crates and the rules of every file",
        run: check_deps::run,
    },
    Task {
        name: "codegen",
        about: "write the messages of ottla-protocol from its schemas; --check only compares",
        run: codegen::run,
    },
    Task {
        name: "golden",
        about: "write golden bytes of every message, as Kafka itself encodes them",
        run: golden::run,
    },
    Task {
        name: "schema-diff",
        about: "hold the schemas against Kafka's own message descriptions; --reference FOLDER",
        run: schema_diff::run,
    },
    Task {
        name: "list",
        about: "print the packages, their features and where they live",
        run: workspace::list,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = planted::compiler(&arguments) {
        return code;
    }
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprint!("no task is named {name}\n\n{}", help());
        return ExitCode::from(2);
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a task by its name, from within another.
fn call(name: &str, arguments: &[&str]) -> Outcome {
    let task =
        TASKS.iter().find(|task| task.name == name).ok_or_else(|| format!("no task is named {name}"))?;
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    (task.run)(&arguments)
}

/// What `cargo xtask help` prints.
fn help() -> String {
    let mut text = String::from("cargo xtask <task>\n\n");
    for task in TASKS {
        text.push_str(&format!("  {:<12} {}\n", task.name, task.about));
    }
    text
}
