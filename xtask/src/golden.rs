//! `cargo xtask golden`: writes messages and batches as Apache Kafka encodes them, for tests to compare with.
//!
//! The bytes come from Kafka's own classes, by the programs in `golden/`; they are committed, so that the
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
    let apis = schemas(&workspace::root())?.apis;
    java(&classpath, "Golden.java", apis.iter().map(|api| api.name.as_str()))?;
    java(&classpath, "GoldenBatches.java", [])
}

/// Runs one of the programs, which writes into the folder of golden bytes.
fn java<'a>(classpath: &str, program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    let root = workspace::root();
    let status = Command::new("java")
        .args(["-cp", classpath.trim()])
        .arg(root.join("xtask/golden").join(program))
        .arg(root.join("crates/ottla-protocol/tests/golden"))
        .args(arguments)
        .status()
        .map_err(|err| format!("java: {err}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{program} failed").into()),
    }
}
