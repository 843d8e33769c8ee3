//! `cargo xtask api [--check]`: the public API of each crate, one item a line, in `crates/<crate>/api.txt`.
//!
//! The listing is committed, so that a change of the API shows in review as what it is. It is made from
//! rustdoc's JSON, which changes from one Rust to the next: it is written and compared with the
//! workspace's `rust-version` alone, and any other toolchain says so and does nothing.

use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace::{self, Package};
use std::fs;
use std::process::Command;

/// Writes the listings anew, or with `--check` says where they differ from the code.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let check = arguments.iter().any(|word| word == "--check");
    let wanted = workspace::rust_version()?;
    let in_use = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
    if !in_use.starts_with(&format!("rustc {wanted}.")) {
        println!("api: SKIPPED, the listings are made with Rust {wanted}, and this is {}", in_use.trim());
        return Ok(());
    }
    let packages = workspace::packages()?;
    let libraries: Vec<&Package> =
        packages.iter().filter(|package| package.publishable && package.has_library).collect();
    describe(&libraries)?;
    let mut stale = Vec::new();
    for package in libraries {
        let listing = listing(package)?;
        let path = package.dir.join("api.txt");
        let committed = fs::read_to_string(&path).unwrap_or_default();
        if committed == listing {
            continue;
        }
        if check {
            report(&package.name, &committed, &listing);
            stale.push(package.name.as_str());
        } else {
            fs::write(&path, listing)?;
            println!("wrote {}", path.strip_prefix(workspace::root()).unwrap_or(&path).display());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the public API of {} is not what is committed; `cargo xtask api` writes it",
        stale.join(", ")
    )
    .into())
}

/// Where rustdoc's JSON goes. A target folder of its own: build scripts look at `RUSTC_BOOTSTRAP`, and would be
/// run anew here, and again in the next ordinary build.
const TARGET: &str = "target/api";

/// Has rustdoc describe the libraries, with their default features.
fn describe(libraries: &[&Package]) -> Outcome {
    let log = Journal::create("api-listing")?;
    let mut command = cargo(&["doc", "--locked", "--no-deps", "--lib", "--target-dir", TARGET]);
    for package in libraries {
        command.args(["--package", &package.name]);
    }
    let flags = "-Z unstable-options --output-format json --cap-lints allow";
    let described = log.run(command.env("RUSTC_BOOTSTRAP", "1").env("RUSTDOCFLAGS", flags));
    described.map_err(|error| format!("{error}\n{}", log.end()).into())
}

/// The public items of one library, sorted as rustdoc's paths are.
fn listing(package: &Package) -> Outcome<String> {
    let file = format!("{TARGET}/doc/{}.json", package.name.replace('-', "_"));
    let json = workspace::root().join(file);
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()?;
    let mut text = String::new();
    for item in api.items() {
        text.push_str(&format!("{item}\n"));
    }
    Ok(text)
}

/// Says which lines came and which went.
fn report(name: &str, committed: &str, listing: &str) {
    let absent_from = |text: &str, line: &str| text.lines().all(|other| other != line);
    for line in committed.lines().filter(|line| absent_from(listing, line)) {
        eprintln!("{name}: - {line}");
    }
    for line in listing.lines().filter(|line| absent_from(committed, line)) {
        eprintln!("{name}: + {line}");
    }
}
