//! `cargo xtask golden`: writes messages as Apache Kafka encodes them, for tests to compare with.
//!
//! The bytes come from Kafka's own classes, by the program `golden/Golden.java`; they are committed, so that the
//! tests need no Kafka.

use crate::codegen::schemas;
use crate::outcome::Outcome;
use crate::workspace;
use std::process::Command;

/// Writes `tests/golden` of `ottla-protocol` anew.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask golden".into());
    }
    let kafka = workspace::shared().join("peers/kafka/kafka");
    let output = Command::new(&kafka)
        .arg("classpath")
        .output()
        .map_err(|err| format!("{}: {err}; it says where the jars of Kafka are", kafka.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let classpath = String::from_utf8(output.stdout)?;
    let root = workspace::root();
    let status = Command::new("java")
        .args(["-cp", classpath.trim()])
        .arg(root.join("xtask/golden/Golden.java"))
        .arg(root.join("crates/ottla-protocol/tests/golden"))
        .args(schemas(&root)?.iter().map(|api| &api.name))
        .status()
        .map_err(|err| format!("java: {err}"))?;
    match status.success() {
        true => Ok(()),
        false => Err("Golden.java failed".into()),
    }
}
