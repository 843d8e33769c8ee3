//! `cargo xtask fuzz [TARGET...] [--seconds N]`: runs the fuzz targets of every crate, one after another.
//!
//! The targets live in `crates/<crate>/fuzz`; each is one call to a function that `cargo test` runs over
//! the committed corpus as well, so that a toolchain that cannot fuzz still reads every known input.

use crate::journal::is_installed;
use crate::outcome::Outcome;
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// How long each target runs when nobody says.
const SECONDS: u64 = 60;

/// Memory one target may take, in MiB: far above what the decode limits allow.
const MEMORY_MIB_MAX: u64 = 1_024;

/// One fuzz target.
struct Target {
    folder: PathBuf,
    name: String,
}

/// Runs every target, or those whose names are given, and fails if one of them finds something.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let (named, seconds) = parse(arguments)?;
    install()?;
    let targets = targets()?;
    if let Some(unknown) = named.iter().find(|name| targets.iter().all(|target| target.name != **name)) {
        let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        return Err(format!("no fuzz target is named {unknown}; there are {}", names.join(", ")).into());
    }
    let mut found = Vec::new();
    for target in targets.iter().filter(|target| named.is_empty() || named.contains(&target.name)) {
        let began = Instant::now();
        let clean = fuzz(target, seconds)?;
        let said = if clean { "nothing found" } else { "FOUND SOMETHING" };
        println!("fuzz {:<24} {:>6.1} s  {said}", target.name, began.elapsed().as_secs_f64());
        if !clean {
            found.push(target.name.as_str());
        }
    }
    if found.is_empty() { Ok(()) } else { Err(format!("found by {}", found.join(", ")).into()) }
}

fn parse(arguments: &[String]) -> Outcome<(Vec<String>, u64)> {
    let mut named = Vec::new();
    let mut seconds = SECONDS;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => seconds = words.next().ok_or("--seconds wants a number")?.parse()?,
            name => named.push(name.to_owned()),
        }
    }
    Ok((named, seconds))
}

/// Installs the driver where it is missing.
fn install() -> Outcome {
    if is_installed("cargo", &["fuzz", "--version"]) {
        return Ok(());
    }
    let status = Command::new(workspace::cargo()).args(["install", "--locked", "cargo-fuzz"]).status()?;
    if status.success() { Ok(()) } else { Err("cargo-fuzz could not be installed".into()) }
}

/// Every target of every crate.
fn targets() -> Outcome<Vec<Target>> {
    let mut targets = Vec::new();
    for package in workspace::packages()? {
        let folder = package.dir.join("fuzz");
        if !folder.join("Cargo.toml").is_file() {
            continue;
        }
        let output = driver(&folder, "list", None).output()?;
        if !output.status.success() {
            return Err(format!("cargo fuzz list: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let listing = String::from_utf8(output.stdout)?;
        targets.extend(listing.lines().map(|name| Target { folder: folder.clone(), name: name.to_owned() }));
    }
    Ok(targets)
}

/// Runs one target; whether it found nothing.
fn fuzz(target: &Target, seconds: u64) -> Outcome<bool> {
    // What is found new goes to a folder that is not committed; the committed inputs are where the tests read them.
    let found = target.folder.join("corpus").join(&target.name);
    std::fs::create_dir_all(&found)?;
    let mut command = driver(&target.folder, "run", Some(&target.name));
    command.arg(found);
    let committed = target.folder.join("../tests/corpus").join(&target.name);
    if committed.is_dir() {
        command.arg(committed);
    }
    command.arg("--").arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}")).args(["-timeout=10", "-print_final_stats=1"]);
    let output = command.output()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.status.success())
}

/// `cargo fuzz`, on the toolchain in use: the sanitizer's runtime is part of it, only its flags are
/// locked away, and so the same compiler is fuzzed that builds the release.
fn driver(folder: &Path, verb: &str, target: Option<&str>) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.args(["fuzz", verb, "--fuzz-dir"]).arg(folder).args(target);
    command.current_dir(folder).env("RUSTC_BOOTSTRAP", "1");
    command
}
