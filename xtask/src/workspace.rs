//! The workspace as cargo sees it: its root, its packages, their features and dependencies.
//!
//! Read from `cargo metadata`; what the arrows between packages may be is said in `check_deps`.

use crate::outcome::Outcome;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root folder, absolute.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).unwrap_or_else(|| here.to_path_buf())
}

/// The folder `../shared` beside the clone, which holds what is compared with and must not be committed:
/// Kafka's message descriptions and Kafka itself. It need not exist; a worktree finds that of its clone.
pub(crate) fn shared() -> PathBuf {
    let root = root();
    let beside = root.ancestors().skip(1).map(|folder| folder.join("shared"));
    beside
        .into_iter()
        .find(|folder| folder.join("reference").is_dir())
        .unwrap_or_else(|| root.join("../shared"))
}

/// The oldest Rust that the workspace promises to build with.
pub(crate) fn rust_version() -> Outcome<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))?;
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).ok_or("no rust-version")?;
    Ok(version.trim_matches('"').to_owned())
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Name in its manifest.
    pub(crate) name: String,
    /// Version in its manifest.
    pub(crate) version: String,
    /// Folder that holds its manifest, absolute.
    pub(crate) dir: PathBuf,
    /// Whether it may go to a registry (`publish = false` says no).
    pub(crate) publishable: bool,
    /// Its features, without `default`, in order of name.
    pub(crate) features: Vec<String>,
    /// What it depends on.
    pub(crate) dependencies: Vec<Dependency>,
    /// Whether it has a library target.
    pub(crate) has_library: bool,
}

/// One line of a package's dependencies.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    /// Name of the package depended upon.
    pub(crate) name: String,
    /// Whether it is a dev-dependency.
    pub(crate) dev: bool,
    /// Whether it is reached by path, so that it is a package of the workspace.
    pub(crate) local: bool,
}

/// The packages of the workspace, in order of name.
pub(crate) fn packages() -> Outcome<Vec<Package>> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let mut packages = list.iter().map(package).collect::<Outcome<Vec<_>>>()?;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packages)
}

fn package(value: &Value) -> Outcome<Package> {
    let text = |field: &str| -> Outcome<String> {
        Ok(value[field].as_str().ok_or_else(|| format!("a package without {field}"))?.to_owned())
    };
    let manifest = PathBuf::from(text("manifest_path")?);
    let list = |field: &str| value[field].as_array().cloned().unwrap_or_default();
    Ok(Package {
        name: text("name")?,
        version: text("version")?,
        dir: manifest.parent().ok_or("a manifest without a folder")?.to_path_buf(),
        publishable: value["publish"].is_null(),
        features: value["features"].as_object().map_or_else(Vec::new, |features| {
            features.keys().filter(|name| *name != "default").cloned().collect()
        }),
        dependencies: list("dependencies")
            .iter()
            .map(|dependency| Dependency {
                name: dependency["name"].as_str().unwrap_or_default().to_owned(),
                dev: dependency["kind"].as_str() == Some("dev"),
                local: dependency["path"].is_string(),
            })
            .collect(),
        has_library: list("targets").iter().any(|target| {
            target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"))
        }),
    })
}

/// Names of every package in the lock file, ours and others'.
pub(crate) fn locked_names() -> Outcome<Vec<String>> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(names.map(str::to_owned).collect())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// `cargo xtask list`.
pub(crate) fn list(_: &[String]) -> Outcome {
    let root = root();
    for package in packages()? {
        let place = package.dir.strip_prefix(&root).unwrap_or(&package.dir).display().to_string();
        let features = package.features.join(" ");
        println!("{:<16} {:<8} {place:<24} {features}", package.name, package.version);
    }
    Ok(())
}
