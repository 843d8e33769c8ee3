//! Each crate with none of its features, and with each of them alone.
//!
//! That it can be *built* so without its neighbours is seen for each crate by itself, since what they turn on in crates from
//! outside may be missing then. That it *works* so is what its tests say; those of many crates run together.
//!
//! A feature that nothing of the crate names only turns on others below, where it is looked at as well: with it the crate
//! itself is what it is without, and what it is with all of them is seen where the workspace is tested.

use super::Verdict;
use super::together::{Ground, Tested};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace::{self, Package};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// Words for cargo that hold for all of it.
const WORDS: &[&str] = &["--locked", "--no-default-features"];

/// The simulation knows no codec, and runs more seeds than these in two other steps: here it is to be seen that it runs.
const SETTINGS: &[(&str, &str)] = &[("OTTLA_SIM_SEEDS", "8")];

/// Builds and tests every crate with none of its features, and with each alone.
///
/// Crates without features are the same there as in the step that tests the workspace, but for the
/// features that their neighbours turn on in it: so they are looked at as well.
pub(super) fn each_alone(log: &Journal) -> Outcome<Verdict> {
    let packages = workspace::packages()?;
    let mut failed = Vec::new();
    let mut builds = Vec::new();
    for pair in pairs(&packages) {
        if pair.is_a_build_of_its_own()? {
            builds.push(pair);
        }
    }
    for pair in &builds {
        if build_alone(log, pair).is_err() {
            failed.push(format!("{} does not build", pair.name()));
        }
    }
    let ground = Ground {
        folder: workspace::root(),
        target: workspace::root().join("target"),
        packages: &packages,
        words: WORDS,
        settings: SETTINGS,
    };
    let all = builds.iter().map(|pair| Tested { name: pair.name(), words: pair.words() });
    failed.extend(ground.test(log, all.collect())?);
    if failed.is_empty() { Ok(Verdict::Passed) } else { Err(failed.join("; ").into()) }
}

/// A crate with one of its features alone, or with none.
#[derive(Clone, Copy)]
struct Pair<'a> {
    package: &'a Package,
    feature: Option<&'a str>,
}

fn pairs(packages: &[Package]) -> impl Iterator<Item = Pair<'_>> {
    packages.iter().filter(|package| package.publishable).flat_map(|package| {
        let alone = package.features.iter().map(|feature| Some(feature.as_str()));
        std::iter::once(None).chain(alone).map(move |feature| Pair { package, feature })
    })
}

impl Pair<'_> {
    fn name(&self) -> String {
        format!("{} with {}", self.package.name, self.feature.unwrap_or("no feature"))
    }

    /// Words by which cargo selects it.
    fn words(&self) -> Vec<String> {
        let name = &self.package.name;
        let feature = self.feature.map(|feature| ["--features".to_owned(), format!("{name}/{feature}")]);
        ["--package".to_owned(), name.clone()].into_iter().chain(feature.into_iter().flatten()).collect()
    }

    /// Whether the crate's own code is another than without the feature.
    fn is_a_build_of_its_own(&self) -> Outcome<bool> {
        let Some(feature) = self.feature else { return Ok(true) };
        let folders = ["src", "tests", "examples", "benches"].map(|name| self.package.dir.join(name));
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            if is_named(folder, &format!("feature = \"{feature}\""))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Builds all that there is of a crate as far as the compiler's complaints come, by itself.
fn build_alone(log: &Journal, pair: &Pair) -> Outcome {
    let mut command = cargo(&["clippy", "--quiet", "--no-deps", "--all-targets"]);
    log.run(command.args(WORDS).args(pair.words()).args(["--", "-D", "warnings"]))
}

/// Whether a text stands in a file of Rust below a folder.
fn is_named(folder: &Path, text: &str) -> std::io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = match path.extension() {
            _ if path.is_dir() => is_named(&path, text)?,
            Some(extension) if extension == OsStr::new("rs") => fs::read_to_string(&path)?.contains(text),
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str) -> Package {
        let packages = workspace::packages().expect("the workspace");
        packages.into_iter().find(|package| package.name == name).expect("the package")
    }

    #[test]
    fn a_feature_is_selected_in_its_own_crate_alone() {
        let package = package("ottla-storage");
        let words = |feature| Pair { package: &package, feature }.words();
        assert_eq!(words(None), ["--package", "ottla-storage"]);
        assert_eq!(words(Some("lz4")), ["--package", "ottla-storage", "--features", "ottla-storage/lz4"]);
    }

    #[test]
    fn a_crate_is_built_alone_with_what_it_names_and_with_nothing() {
        let its_own = |name: &str, feature| {
            let package = package(name);
            Pair { package: &package, feature }.is_a_build_of_its_own().expect("its files")
        };
        assert!(its_own("ottla-storage", None));
        assert!(its_own("ottla-protocol", Some("zstd")));
        assert!(its_own("ottla-client", Some("scripted")));
        assert!(!its_own("ottla-storage", Some("no such feature")));
    }
}
