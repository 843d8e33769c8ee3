//! Other targets and tools, each where it is installed: wasm32, musl, the oldest Rust, Miri.
//!
//! None of them is needed to work on ottla, so what is not installed is named and not looked at.

use super::{Reason, Verdict};
use crate::journal::{Journal, cargo, is_installed};
use crate::outcome::Outcome;
use crate::workspace;
use std::process::Command;

/// Crates that promise to hold no call of one operating system.
const PORTABLE: &[&str] = &["ottla-protocol", "ottla-env"];

/// Checks every platform that can be checked here.
pub(super) fn check(log: &Journal) -> Outcome<Verdict> {
    let mut absent = Vec::new();
    wasm(log, &mut absent)?;
    musl(log, &mut absent)?;
    oldest_rust(log, &mut absent)?;
    miri(log, &mut absent)?;
    if absent.is_empty() {
        return Ok(Verdict::Passed);
    }
    Ok(Verdict::Skipped(Reason::Toolchain(format!("not installed: {}", absent.join(", ")))))
}

fn wasm(log: &Journal, absent: &mut Vec<String>) -> Outcome {
    let target = "wasm32-unknown-unknown";
    if !has_target(target)? {
        absent.push(target.to_owned());
        return Ok(());
    }
    for name in PORTABLE {
        log.run(&mut cargo(&[
            "build",
            "--locked",
            "--no-default-features",
            "--target",
            target,
            "--package",
            name,
        ]))?;
    }
    Ok(())
}

fn musl(log: &Journal, absent: &mut Vec<String>) -> Outcome {
    let target = "x86_64-unknown-linux-musl";
    if !has_target(target)? {
        absent.push(target.to_owned());
        return Ok(());
    }
    let words = ["build", "--locked", "--no-default-features", "--features", "gzip,snappy,lz4"];
    log.run(cargo(&words).args(["--target", target, "--package", "ottla-cli"]))
}

/// The `rust-version` of the workspace has to be true. Where that is the toolchain in use, the other steps say so.
fn oldest_rust(log: &Journal, absent: &mut Vec<String>) -> Outcome {
    let oldest = workspace::rust_version()?;
    let in_use = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
    if in_use.starts_with(&format!("rustc {oldest}.")) {
        return Ok(());
    }
    let toolchain = format!("+{oldest}");
    if !is_installed("cargo", &[&toolchain, "--version"]) {
        absent.push(format!("Rust {oldest}"));
        return Ok(());
    }
    let mut command = Command::new("cargo");
    command.args([&toolchain, "check", "--workspace", "--locked", "--target-dir", "target/oldest-rust"]);
    log.run(&mut command)
}

/// The codec and the state of a log under Miri, as far as they call no operating system. No crate has unsafe code of its
/// own (each forbids it); this looks at what they ask of those that have.
fn miri(log: &Journal, absent: &mut Vec<String>) -> Outcome {
    if !is_installed("cargo", &["+nightly", "miri", "--version"]) {
        absent.push("Miri".to_owned());
        return Ok(());
    }
    for (package, modules) in [("ottla-protocol", ["wire", "records"]), ("ottla-storage", ["index", "tail"])]
    {
        for module in modules {
            let words = ["+nightly", "miri", "test", "--locked", "--no-default-features", "--lib"];
            let mut command = Command::new("cargo");
            command.args(words).args(["--package", package, "--target-dir", "target/miri", module]);
            command.env("PROPTEST_CASES", "2").env("MIRIFLAGS", "-Zmiri-disable-isolation");
            log.run(&mut command)?;
        }
    }
    Ok(())
}

/// Whether the standard library for a target is there.
fn has_target(target: &str) -> Outcome<bool> {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8(output.stdout)?;
    Ok(output.status.success() && std::path::Path::new(folder.trim()).is_dir())
}
