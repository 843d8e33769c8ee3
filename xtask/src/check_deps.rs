//! `cargo xtask check-deps`: what the workspace promises about its own shape.
//!
//! Here are the arrows between the packages, read from `cargo metadata`, and the projects that must
//! not appear among the dependencies. What a source file must look like is in [`sources`].

mod sources;

use crate::outcome::Outcome;
use crate::workspace::{self, Package};

/// Which packages of the workspace a package may depend on, in its code and in its tests.
///
/// A new edge is a change of design: it gets a commit of its own that says why.
const ARROWS: &[(&str, &[&str])] = &[
    ("ottla-env", &[]),
    ("ottla-check", &[]),
    ("ottla-protocol", &[]),
    ("ottla-transport", &["ottla-protocol", "ottla-env"]),
    ("ottla-storage", &["ottla-protocol", "ottla-env"]),
    ("ottla-broker", &["ottla-storage", "ottla-protocol", "ottla-env"]),
    ("ottla-client", &["ottla-transport", "ottla-protocol", "ottla-env"]),
    ("ottla-producer", &["ottla-client", "ottla-transport", "ottla-protocol", "ottla-env"]),
    ("ottla-consumer", &["ottla-client", "ottla-transport", "ottla-protocol", "ottla-env"]),
    (
        "ottla",
        &[
            "ottla-broker",
            "ottla-storage",
            "ottla-producer",
            "ottla-consumer",
            "ottla-client",
            "ottla-transport",
            "ottla-protocol",
            "ottla-env",
        ],
    ),
    ("ottla-sim", &["ottla", "ottla-check"]),
    ("ottla-cli", &["ottla", "ottla-check"]),
];

/// What a package may use from outside, where that is part of its promise.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("ottla-env", &[]),
    ("ottla-check", &["serde", "serde_json", "thiserror"]),
    (
        "ottla-protocol",
        &[
            "bytes",
            "thiserror",
            "crc32c",
            "crc-fast",
            "crc32fast",
            "flate2",
            "lz4_flex",
            "serde",
            "serde_json",
            "snap",
            "twox-hash",
            "zstd",
        ],
    ),
];

/// Projects that ottla is measured against: none may be needed to build or test the workspace.
const PEERS: &[&str] = &[
    "rdkafka",
    "rdkafka-sys",
    "rskafka",
    "krafka",
    "kafka",
    "kafka-protocol",
    "kafka-wire",
    "krabka-protocol",
    "tansu-sans-io",
    "iggy",
    "samsa",
];

/// Packages that ask for more than cargo and a C compiler, or for a TLS stack other than ours.
const BANNED: &[&str] = &["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls", "cmake", "bindgen"];

/// Runs every check and reports all that is wrong, not just the first.
pub(crate) fn run(_: &[String]) -> Outcome {
    let packages = workspace::packages()?;
    let mut wrong = arrows(&packages);
    wrong.extend(outside(&packages));
    wrong.extend(strangers(&workspace::locked_names()?));
    wrong.extend(sources::check(&packages)?);
    for line in &wrong {
        eprintln!("- {line}");
    }
    match wrong.len() {
        0 => Ok(()),
        count => Err(format!("{count} broken promises").into()),
    }
}

/// Edges between packages of the workspace that nobody allowed.
fn arrows(packages: &[Package]) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in packages {
        let allowed = ARROWS.iter().find(|(name, _)| *name == package.name).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            if package.publishable {
                wrong.push(format!("{} has no line among the arrows", package.name));
            }
            continue; // examples, benches and tasks may use everything
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.local) {
            if !allowed.contains(&dependency.name.as_str()) {
                let tests = if dependency.dev { " in its tests" } else { "" };
                wrong.push(format!("{} may not depend on {}{tests}", package.name, dependency.name));
            }
        }
    }
    wrong
}

/// Dependencies from outside that a package with a short list does not have on it.
fn outside(packages: &[Package]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, allowed) in OUTSIDE {
        let Some(package) = packages.iter().find(|package| package.name == *name) else { continue };
        for dependency in
            package.dependencies.iter().filter(|dependency| !dependency.local && !dependency.dev)
        {
            if !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{name} promises to do without {}", dependency.name));
            }
        }
    }
    wrong
}

/// Packages in the lock file that must not be there.
fn strangers(locked: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in locked {
        if PEERS.contains(&name.as_str()) {
            wrong.push(format!(
                "{name} is a peer project: it belongs in benches/peers, outside the workspace"
            ));
        }
        if BANNED.contains(&name.as_str()) {
            wrong.push(format!("{name} asks for more than cargo and a C compiler"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;
    use std::path::PathBuf;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            dir: PathBuf::new(),
            publishable: true,
            features: Vec::new(),
            dependencies: dependencies
                .iter()
                .map(|(name, local)| Dependency { name: (*name).to_owned(), dev: false, local: *local })
                .collect(),
            has_library: true,
        }
    }

    #[test]
    fn an_arrow_that_points_up_is_named() {
        let packages = [package("ottla-storage", &[("ottla-broker", true), ("ottla-protocol", true)])];
        assert_eq!(arrows(&packages), ["ottla-storage may not depend on ottla-broker"]);
    }

    #[test]
    fn a_new_crate_needs_a_line_of_its_own() {
        assert_eq!(arrows(&[package("ottla-new", &[])]).len(), 1);
    }

    #[test]
    fn the_codec_may_not_gain_a_runtime() {
        let packages = [package("ottla-protocol", &[("tokio", false), ("bytes", false)])];
        assert_eq!(outside(&packages), ["ottla-protocol promises to do without tokio"]);
    }

    #[test]
    fn a_peer_project_in_the_lock_file_is_found() {
        assert_eq!(strangers(&["bytes".to_owned(), "rdkafka".to_owned()]).len(), 1);
    }
}
