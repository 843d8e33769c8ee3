//! `cargo xtask counts [--check | --write REASON]`: instructions of hot paths, held against those that are written down.
//!
//! Times depend on the machine's mood; instructions do not. Each path of `benches/paths` is run twice under callgrind, for
//! a number of times and for twice as many: the difference has nothing of what is done once. The counts are exact, and
//! the same each time, on one thread, with fixed seeds and files in memory. What they still depend on are the tools:
//! compiler, C library (`memcpy`, `malloc`), and what valgrind tells the program of its processor, which is one of a few
//! processors of its own, chosen by the instructions that the real one has. Counts made with other tools are shown and
//! said not to be held, since whoever changes a path can do nothing about those; to hold them again, write them down.
//!
//! What is written down, and why, is a [`Ledger`] in `benches/paths/counts.txt`. Its lines that say why are for who reviews
//! a change; nobody judges them here.

mod ledger;

use crate::ci::{Reason, Verdict};
use crate::journal::{cargo, is_installed};
use crate::outcome::Outcome;
use crate::workspace;
use ledger::{Count, Ledger};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// By how much a path may grow until somebody has to say why.
const GROWTH_MAX: f64 = 0.05;

/// What was asked for.
enum Order {
    Show,
    Check,
    Write(String),
}

impl Order {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let words: Vec<&str> = arguments.iter().map(|word| word.trim()).collect();
        match words.as_slice() {
            [] => Ok(Self::Show),
            ["--check"] => Ok(Self::Check),
            ["--write", reason] if !reason.is_empty() && !reason.contains('\n') => {
                Ok(Self::Write((*reason).to_owned()))
            }
            _ => Err("counts [--check | --write 'a line that says why']".into()),
        }
    }
}

/// `cargo xtask counts`.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let order = Order::parse(arguments)?;
    if !is_installed("valgrind", &["--version"]) {
        return Err("valgrind is not installed".into());
    }
    let (tools, counts) = (tools()?, counted()?);
    let mut ledger = read()?;
    print(&counts, &ledger);
    match order {
        Order::Show => Ok(()),
        Order::Check => match held(&tools, &counts, &ledger)? {
            None => Ok(()),
            Some(other) => {
                println!("{other}");
                Ok(())
            }
        },
        Order::Write(reason) => {
            ledger.add(reason, tools, counts);
            Ok(fs::write(file(), ledger.to_string())?)
        }
    }
}

/// The step of the gate.
pub(crate) fn check() -> Outcome<Verdict> {
    if !is_installed("valgrind", &["--version"]) {
        return Ok(Verdict::Skipped(Reason::Missing("no valgrind".to_owned())));
    }
    let (tools, counts, ledger) = (tools()?, counted()?, read()?);
    print(&counts, &ledger);
    Ok(match held(&tools, &counts, &ledger)? {
        None => Verdict::Passed,
        Some(other) => Verdict::Skipped(Reason::Toolchain(other)),
    })
}

/// Holds the counts against those that are written down; says so if they cannot be compared.
fn held(tools: &str, counts: &[Count], ledger: &Ledger) -> Outcome<Option<String>> {
    let missing: Vec<&str> =
        counts.iter().map(|count| count.path.as_str()).filter(|path| ledger.last(path).is_none()).collect();
    if !missing.is_empty() {
        return Err(format!("not written down: {}", missing.join("; ")).into());
    }
    if ledger.tools() != Some(tools) {
        let made = ledger.tools().unwrap_or("nothing");
        return Ok(Some(format!("counts not held: they are of {made}, and here is {tools}")));
    }
    let grown: Vec<String> = counts
        .iter()
        .filter_map(|count| {
            let before = ledger.last(&count.path)?;
            let is_grown = count.instructions > before * (1.0 + GROWTH_MAX);
            is_grown.then(|| format!("{}: {before:.1} to {:.1}", count.path, count.instructions))
        })
        .collect();
    match grown.is_empty() {
        true => Ok(None),
        false => Err(format!(
            "instructions grew by more than {:.0} per cent: {}. `callgrind_annotate` shows where; what has to be is \
             written down by `cargo xtask counts --write 'a line that says why'`",
            GROWTH_MAX * 100.0,
            grown.join("; ")
        )
        .into()),
    }
}

/// Counts every path, in a program of the profile `counts`.
fn counted() -> Outcome<Vec<Count>> {
    let mut build =
        cargo(&["build", "--profile", "counts", "--locked", "--quiet", "--package", "ottla-paths"]);
    // Counts must not depend on what somebody has set for builds of his own.
    build.env_remove("RUSTFLAGS").env_remove("CARGO_BUILD_RUSTFLAGS").env("CARGO_INCREMENTAL", "0");
    if !build.current_dir(workspace::root()).status()?.success() {
        return Err("ottla-paths cannot be built".into());
    }
    let program = workspace::root().join("target/counts/ottla-paths");
    let listed = output(&mut Command::new(&program))?;
    let mut counts = Vec::new();
    for line in listed.lines() {
        let (times, path) = line.split_once('\t').ok_or("ottla-paths lists times and names")?;
        let times: u32 = times.parse()?;
        let once = instructions(&program, path, times)?;
        let twice = instructions(&program, path, 2 * times)?;
        let more = twice.checked_sub(once).ok_or("twice as much is less")?;
        // Both are far below what an `f64` holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
        counts.push(Count { path: path.to_owned(), instructions: more as f64 / f64::from(times) });
    }
    Ok(counts)
}

/// Instructions of a whole run of the program.
fn instructions(program: &PathBuf, path: &str, times: u32) -> Outcome<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(program).arg(path).arg(times.to_string());
    let ran = command.output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let collected =
        said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    match (ran.status.success(), collected) {
        (true, Some(count)) => Ok(count.parse()?),
        _ => Err(format!("{path}, {times} times: {}\n{said}", ran.status).into()),
    }
}

/// What counts depend on beside the code.
fn tools() -> Outcome<String> {
    let rustc =
        output(Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())).arg("-vV"))?;
    let field = |name: &str| rustc.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let (release, host) =
        field("release:").zip(field("host:")).ok_or("rustc -vV tells neither release nor host")?;
    let libc = output(Command::new("getconf").arg("GNU_LIBC_VERSION"))?;
    let valgrind = output(Command::new("valgrind").arg("--version"))?;
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = processor.lines().find(|line| line.starts_with("flags")).unwrap_or_default();
    let level = ["avx2", "avx"].into_iter().find(|level| flags.split(' ').any(|flag| flag == *level));
    let (libc, valgrind, level) = (libc.trim(), valgrind.trim(), level.unwrap_or("no avx"));
    Ok(format!("rustc {release}, {host}, {level}, {libc}, {valgrind}"))
}

fn output(command: &mut Command) -> Outcome<String> {
    let ran = command.output()?;
    if !ran.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&ran.stderr)).into());
    }
    Ok(String::from_utf8(ran.stdout)?)
}

/// Where counts are written down.
fn file() -> PathBuf {
    workspace::root().join("benches/paths/counts.txt")
}

fn read() -> Outcome<Ledger> {
    match fs::read_to_string(file()) {
        Ok(text) => Ledger::parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ledger::default()),
        Err(error) => Err(format!("{}: {error}", file().display()).into()),
    }
}

fn print(counts: &[Count], ledger: &Ledger) {
    println!("{:>12} {:>12} {:>8}  instructions of", "written down", "now", "");
    for Count { path, instructions } in counts {
        match ledger.last(path) {
            Some(before) => {
                let change = (instructions / before - 1.0) * 100.0;
                println!("{before:>12.1} {instructions:>12.1} {change:>+7.1}%  {path}");
            }
            None => println!("{:>12} {instructions:>12.1} {:>8}  {path}", "-", ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, instructions: f64) -> Count {
        Count { path: path.to_owned(), instructions }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.add("first".to_owned(), "rustc 1".to_owned(), vec![count("a, b", 100.0), count("c", 40.0)]);
        ledger
    }

    #[test]
    fn a_path_may_grow_by_five_per_cent_and_no_more() {
        assert!(held("rustc 1", &[count("a, b", 105.0), count("c", 1.0)], &ledger()).unwrap().is_none());
        let refused = held("rustc 1", &[count("a, b", 105.1), count("c", 40.0)], &ledger()).unwrap_err();
        assert!(refused.to_string().contains("a, b: 100.0 to 105.1"), "{refused}");
    }

    #[test]
    fn growth_that_was_written_down_is_held_from_there() {
        let mut ledger = ledger();
        ledger.add(
            "checks more".to_owned(),
            "rustc 1".to_owned(),
            vec![count("a, b", 120.0), count("c", 40.0)],
        );
        assert!(held("rustc 1", &[count("a, b", 120.0)], &ledger).unwrap().is_none());
        assert!(held("rustc 1", &[count("a, b", 127.0)], &ledger).is_err());
    }

    #[test]
    fn counts_of_other_tools_are_said_not_to_be_held() {
        let said = held("rustc 2", &[count("a, b", 900.0)], &ledger()).unwrap().unwrap();
        assert!(said.contains("they are of rustc 1, and here is rustc 2"), "{said}");
    }

    #[test]
    fn a_path_that_is_not_written_down_is_refused_whatever_the_tools() {
        assert!(held("rustc 2", &[count("new", 1.0)], &ledger()).is_err());
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        let parse =
            |words: &[&str]| Order::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert!(
            matches!(parse(&["--write", "batches say more"]), Ok(Order::Write(reason)) if reason == "batches say more")
        );
        for bad in [&["--write"][..], &["--write", " "], &["--write", "a\nb"], &["--check", "x"]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
