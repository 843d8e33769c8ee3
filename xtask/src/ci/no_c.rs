//! A build in which C is broken: whatever compiles C without being asked for it fails there.

use super::{Verdict, passed};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace;

/// Features whose code is C, compiled by `cc`.
const COMPILES_C: &[&str] = &["zstd"];

/// Checks all crates (which runs every build script) with every feature that is Rust alone, where the C compiler is `false`.
///
/// All of them at once: features only add, so whatever one crate would bring by itself is among what they bring together.
/// A target folder of its own, because a C library built before would be taken as it is.
pub(super) fn nothing_compiles_c(log: &Journal) -> Outcome<Verdict> {
    let packages = workspace::packages()?;
    let mut command = check_without_c(&["--no-default-features"]);
    for package in packages.iter().filter(|package| package.publishable) {
        command.args(["--package", &package.name]);
        for feature in package.features.iter().filter(|name| !COMPILES_C.contains(&name.as_str())) {
            command.args(["--features", &format!("{}/{feature}", package.name)]);
        }
    }
    log.run(&mut command)?;
    // That the trap would have caught something: the one codec in C must not build here.
    let mut trap = check_without_c(&["--quiet", "--package", "ottla-protocol", "--features", "zstd"]);
    match log.run(&mut trap) {
        Err(_) => passed(Ok(())),
        Ok(()) => Err("zstd was built with CC=false, so this step proves nothing any more".into()),
    }
}

fn check_without_c(words: &[&str]) -> std::process::Command {
    let mut command = cargo(&["check", "--locked", "--target-dir", "target/no-c"]);
    command.args(words).env("CC", "false").env("CXX", "false");
    command
}
