//! `cargo xtask golden`: writes messages and batches as Apache Kafka encodes them, and assignments as it makes them,
//! for tests to compare with. `cargo xtask golden groups` asks a running one what it answers to members of groups.
//!
//! The bytes come from Kafka's own classes, by the programs in `golden/`; they are committed, so that the
//! tests need no Kafka.

use crate::brokers::{Broker, Kind, kafka_script};
use crate::codegen::{Schemas, schemas};
use crate::outcome::Outcome;
use crate::workspace;
use std::fs;
use std::process::Command;

/// Where golden messages and batches are.
const PROTOCOL: &str = "crates/ottla-protocol/tests/golden";
/// Where golden assignments are.
const CONSUMER: &str = "crates/ottla-consumer/tests/golden";

/// Scripts of requests to groups, with the answers of a real broker.
const SCRIPTS: [&str; 2] = ["kafka.txt", "kafka-small.txt"];
/// Where they are.
const GROUPS: &str = "crates/ottla-broker/src/groups/classic/tests";

/// Writes `tests/golden` of `ottla-protocol` and `ottla-consumer` anew, or the answers to members of groups.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let asks_groups = match arguments {
        [] => false,
        [only] if only == "groups" => true,
        _ => return Err("usage: cargo xtask golden [groups]".into()),
    };
    let kafka = workspace::shared().join("peers/kafka/kafka");
    let output = Command::new(&kafka)
        .arg("classpath")
        .output()
        .map_err(|err| format!("{}: {err}; it says where the jars of Kafka are", kafka.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let classpath = String::from_utf8(output.stdout)?;
    if asks_groups {
        return SCRIPTS.iter().try_for_each(|script| answer(&classpath, script));
    }
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

/// Runs a script against a Kafka with the settings that it names, and writes the answers into it.
fn answer(classpath: &str, script: &str) -> Outcome {
    let root = workspace::root();
    let path = root.join(GROUPS).join(script);
    let text = fs::read_to_string(&path)?;
    let settings = text.lines().find_map(|line| line.strip_prefix("# Broker: ")).unwrap_or_default();
    let folder = root.join("target/golden").join(script);
    let _missing = fs::remove_dir_all(&folder);
    let mut broker = Broker::new(Kind::Kafka, &folder, &kafka_script())?;
    for setting in settings.split_whitespace() {
        broker = broker.with_setting(setting);
    }
    broker.serve()?;
    let bootstrap = broker.bootstrap();
    let port = bootstrap.rsplit(':').next().unwrap_or_default();
    let output = Command::new("java")
        .args(["-cp", classpath.trim()])
        .arg(root.join("xtask/golden/Groups.java"))
        .arg(port)
        .arg(&path)
        .output()
        .map_err(|err| format!("java: {err}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    fs::write(&path, output.stdout)?;
    Ok(())
}
