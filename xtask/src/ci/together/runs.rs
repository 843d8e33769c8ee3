//! Which crates may be tested together: those for which the same is turned on then as for each by itself.
//!
//! Cargo turns on in a crate all that anybody asks for who is built in the same run. Two crates agree when that is
//! what each of them had by itself, in every crate of the workspace that both are built from.

use crate::outcome::Outcome;
use crate::workspace::Package;
use std::collections::{BTreeMap, BTreeSet};

/// Crates of the workspace that something is built from, and what is turned on in each.
pub(super) type Features = BTreeMap<String, BTreeSet<String>>;

/// What is tested together.
pub(super) struct Run<T> {
    pub(super) members: Vec<T>,
    /// What all of them together are built from.
    pub(super) features: Features,
}

/// Puts one that is built from `features` by itself into the first run that it agrees with, or into a new one.
pub(super) fn join<T>(runs: &mut Vec<Run<T>>, member: T, features: Features) {
    match runs.iter_mut().find(|run| agree(&run.features, &features)) {
        Some(run) => {
            run.members.push(member);
            run.features.extend(features);
        }
        None => runs.push(Run { members: vec![member], features }),
    }
}

fn agree(one: &Features, other: &Features) -> bool {
    one.iter().all(|(name, features)| other.get(name).is_none_or(|others| others == features))
}

/// How `cargo tree` has to print a package for [`parse_tree`]: name, version and place, and what is turned on.
pub(super) const FORMAT: &str = "{p}|{f}";

/// Reads what `cargo tree` says is turned on in the crates of the workspace.
pub(super) fn parse_tree(told: &str, packages: &[Package]) -> Outcome<Features> {
    let mut tree = Features::new();
    for line in told.lines().filter(|line| !line.is_empty()) {
        let (place, features) = line.split_once('|').ok_or_else(|| format!("odd line {line:?}"))?;
        let folder = |package: &Package| format!("({})", package.dir.display());
        let Some(package) = packages.iter().find(|package| place.ends_with(&folder(package))) else {
            continue;
        };
        let features = features.trim_end_matches(" (*)"); // one that is listed before
        let features = features.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        match tree.get(&package.name) {
            Some(before) if *before != features => {
                return Err(format!("{} is built twice: {before:?}, {features:?}", package.name).into());
            }
            _ => drop(tree.insert(package.name.clone(), features)),
        }
    }
    if tree.is_empty() { Err("cargo tree names no crate of the workspace".into()) } else { Ok(tree) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn features(crates: &[(&str, &[&str])]) -> Features {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        crates.iter().map(|(name, on)| ((*name).to_owned(), set(on))).collect()
    }

    /// Joins all in this order; the members of each run.
    fn joined(all: &[(&'static str, Features)]) -> Vec<Vec<&'static str>> {
        let mut runs = Vec::new();
        for (member, features) in all {
            join(&mut runs, *member, features.clone());
        }
        runs.into_iter().map(|run| run.members).collect()
    }

    #[test]
    fn crates_that_share_nothing_are_tested_together() {
        let runs = joined(&[("a", features(&[("a", &[])])), ("b", features(&[("b", &["x"])]))]);
        assert_eq!(runs, [["a", "b"]]);
    }

    #[test]
    fn one_crate_is_never_in_a_run_twice() {
        let runs = joined(&[("a", features(&[("a", &[])])), ("a with x", features(&[("a", &["x"])]))]);
        assert_eq!(runs, [["a"], ["a with x"]]);
    }

    #[test]
    fn what_a_neighbour_would_turn_on_keeps_a_crate_out_of_its_run() {
        let runs = joined(&[
            ("client", features(&[("client", &[]), ("codec", &[])])),
            ("consumer", features(&[("client", &["scripted"]), ("codec", &[]), ("consumer", &[])])),
            ("storage", features(&[("codec", &[]), ("storage", &[])])),
            ("producer", features(&[("client", &["scripted"]), ("codec", &[]), ("producer", &[])])),
        ]);
        assert_eq!(runs, [["client", "storage"], ["consumer", "producer"]]);
    }

    #[test]
    fn a_run_grows_by_what_its_members_are_built_from() {
        let runs = joined(&[
            ("a", features(&[("a", &[])])),
            ("b", features(&[("b", &[]), ("codec", &["x"])])),
            ("c", features(&[("c", &[]), ("codec", &["y"])])),
        ]);
        assert_eq!(runs, [vec!["a", "b"], vec!["c"]]);
    }

    fn package(name: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            dir: PathBuf::from("/here").join(name),
            publishable: true,
            features: Vec::new(),
            dependencies: Vec::new(),
            has_library: true,
        }
    }

    #[test]
    fn the_tree_is_read_for_the_crates_of_the_workspace_alone() {
        let told = "codec v1.0.0 (/here/codec)|gzip,std\ntokio v1.0.0|rt\nclient v1.0.0 (/here/client)|\n\
                    thiserror-impl v2.0.0 (proc-macro)|\n\ncodec v1.0.0 (/here/codec)|gzip,std (*)\n\
                    client v1.0.0 (/here/client)| (*)\n";
        let tree = parse_tree(told, &[package("codec"), package("client")]);
        assert_eq!(tree.expect("it is read"), features(&[("codec", &["gzip", "std"]), ("client", &[])]));
    }

    #[test]
    fn a_crate_that_is_built_in_two_ways_is_told() {
        let told = "codec v1.0.0 (/here/codec)|\ncodec v1.0.0 (/here/codec)|std\n";
        assert!(parse_tree(told, &[package("codec")]).is_err());
    }

    #[test]
    fn a_tree_that_names_nothing_proves_nothing() {
        assert!(parse_tree("", &[package("codec")]).is_err());
        assert!(parse_tree("tokio v1.0.0|rt\n", &[package("codec")]).is_err());
        assert!(parse_tree("codec v1.0.0 (/here/codec)\n", &[package("codec")]).is_err());
    }
}
