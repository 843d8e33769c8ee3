//! Each crate as somebody who depends on it gets it: packaged, unpacked, and tested there as if it was alone.

use super::Verdict;
use super::together::{Ground, Tested};
use crate::journal::{Journal, cargo};
use crate::outcome::Outcome;
use crate::workspace::{self, Package};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Packages every crate, unpacks them side by side, and tests each from what was in its package.
///
/// The unpacked crates depend on each other by version, as they will from a registry; a patch in the
/// manifest above them says where that version is to be found.
pub(super) fn check(log: &Journal) -> Outcome<Verdict> {
    let packages = workspace::packages()?;
    let crates: Vec<&Package> = packages.iter().filter(|package| package.publishable).collect();
    let root = workspace::root();
    let mut command = cargo(&["package", "--no-verify", "--allow-dirty", "--locked"]);
    for package in &crates {
        command.args(["--package", &package.name]);
    }
    log.run(&mut command)?;

    let folder = root.join("target/packaged");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for package in &crates {
        let archive = root.join(format!("target/package/{}-{}.crate", package.name, package.version));
        log.run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&folder))?;
    }
    fs::write(folder.join("Cargo.toml"), manifest(&crates, &fs::read_to_string(root.join("Cargo.toml"))?))?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let unpacked: Vec<Package> = crates.iter().map(|package| unpacked(package, &folder)).collect();
    // The target folder is the workspace's own: what both need from outside is built once.
    let target = root.join("target");
    let ground = Ground { folder, target, packages: &unpacked, words: &[], settings: &[] };
    let words = |package: &Package| vec!["--package".to_owned(), package.name.clone()];
    let all = unpacked.iter().map(|package| Tested { name: package.name.clone(), words: words(package) });
    let failed = ground.test(log, all.collect())?;
    if failed.is_empty() { Ok(Verdict::Passed) } else { Err(failed.join("; ").into()) }
}

/// The package where it was unpacked.
fn unpacked(package: &Package, folder: &Path) -> Package {
    Package { dir: folder.join(format!("{}-{}", package.name, package.version)), ..package.clone() }
}

/// The manifest above the unpacked crates: where they are, and the profiles that the workspace builds with.
fn manifest(crates: &[&Package], of_workspace: &str) -> String {
    let mut text =
        String::from("[workspace]\nresolver = \"3\"\nmembers = [\"ottla*\"]\n\n[patch.crates-io]\n");
    for package in crates {
        let Package { name, version, .. } = package;
        text.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
    }
    text.push_str(&sections(of_workspace, "[profile."));
    text
}

/// The sections of a manifest whose heading starts so, as they stand there.
fn sections(manifest: &str, heading: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.starts_with(heading);
        }
        if inside {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sections_asked_for_are_copied() {
        let text = "[workspace]\na = 1\n[profile.dev]\nb = 2\n\n[lints]\nc = 3\n[profile.release]\nd = 4\n";
        assert_eq!(sections(text, "[profile."), "[profile.dev]\nb = 2\n\n[profile.release]\nd = 4\n");
    }
}
