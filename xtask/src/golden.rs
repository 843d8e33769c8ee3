//! `cargo xtask golden`: writes messages and batches as Apache Kafka encodes them, and assignments as it makes them,
//! for tests to compare with.
//!
//! The bytes come from Kafka's own classes, by the programs in `golden/`; they are committed, so that the
//! tests need no Kafka.

use crate::codegen::{Schemas, schemas};
use crate::outcome::Outcome;
use crate::workspace;
use std::process::Command;

/// Where golden messages and batches are.
const PROTOCOL: &str = "crates/ottla-protocol/tests/golden";
/// Where golden assignments are.
const CONSUMER: &str = "crates/ottla-consumer/tests/golden";

/// Writes `tests/golden` of `ottla-protocol` and `ottla-consumer` anew.
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
    let Schemas { apis, data } = schemas(&workspace::root())?;
    let apis = apis.iter().map(|api| api.name.as_str());
    let parts = data.iter().flat_map(|file| &file.parts).map(|part| part.message.body.name.as_str());
    java(&classpath, "Golden.java", PROTOCOL, apis.chain(["--data"]).chain(parts))?;
    java(&classpath, "GoldenBatches.java", PROTOCOL, [])?;
    java(&classpath, "GoldenAssignors.java", CONSUMER, [])
}

/// Runs one of the programs, which writes into the folder of golden bytes.
fn java<'a>(
    classpath: &str,
    program: &str,
    folder: &str,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Outcome {
    let root = workspace::root();
    let status = Command::new("java")
        .args(["-cp", classpath.trim()])
        .arg(root.join("xtask/golden").join(program))
        .arg(root.join(folder))
        .args(arguments)
        .status()
        .map_err(|err| format!("java: {err}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{program} failed").into()),
    }
}
