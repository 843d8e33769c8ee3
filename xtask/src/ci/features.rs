//! Each crate with none of its features, and with each of them alone; and a build in which C is broken.

use super::{Verdict, passed};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace::{self, Package};

/// Features whose code is C, compiled by `cc`.
const COMPILES_C: &[&str] = &["zstd"];

/// Tests every crate that has features with none of them, and with each alone.
///
/// Crates without features are the same there as in the step that tests the workspace, but for the
/// features that their neighbours turn on in it: so they are tested alone as well.
pub(super) fn each_alone(log: &Journal) -> Outcome<Verdict> {
    let mut failed = Vec::new();
    for package in workspace::packages()?.iter().filter(|package| package.publishable) {
        let alone = package.features.iter().map(|feature| Some(feature.as_str()));
        for feature in std::iter::once(None).chain(alone) {
            if test(log, package, feature).is_err() {
                failed.push(format!("{} with {}", package.name, feature.unwrap_or("no feature")));
            }
        }
    }
    if failed.is_empty() { Ok(Verdict::Passed) } else { Err(failed.join(", ").into()) }
}

fn test(log: &Journal, package: &Package, feature: Option<&str>) -> Outcome {
    let mut command =
        cargo(&["test", "--quiet", "--locked", "--no-default-features", "--package", &package.name]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    log.run(&mut command)
}

/// Checks every crate (which runs every build script) with every feature that is Rust alone, where the C compiler is `false`.
///
/// A target folder of its own, because a C library built before would be taken as it is.
pub(super) fn nothing_compiles_c(log: &Journal) -> Outcome<Verdict> {
    for package in workspace::packages()?.iter().filter(|package| package.publishable) {
        let rust: Vec<&str> = package
            .features
            .iter()
            .map(String::as_str)
            .filter(|feature| !COMPILES_C.contains(feature))
            .collect();
        let mut command = cargo(&["check", "--locked", "--no-default-features", "--package", &package.name]);
        if !rust.is_empty() {
            command.args(["--features", &rust.join(",")]);
        }
        command.args(["--target-dir", "target/no-c"]);
        log.run(command.env("CC", "false").env("CXX", "false"))?;
    }
    // That the trap would have caught something: the one codec in C must not build here.
    let mut trap =
        cargo(&["check", "--quiet", "--locked", "--package", "ottla-protocol", "--features", "zstd"]);
    trap.args(["--target-dir", "target/no-c"]).env("CC", "false").env("CXX", "false");
    match log.run(&mut trap) {
        Err(_) => passed(Ok(())),
        Ok(()) => Err("zstd was built with CC=false, so this step proves nothing any more".into()),
    }
}
