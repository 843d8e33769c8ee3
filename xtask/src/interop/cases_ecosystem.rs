//! Whole programs around Kafka that live on transactions, groups and internal topics: Streams, Connect, and the tools that
//! move records in transactions or look into them.

use super::cases_tools::well;
use super::client::{PATIENCE, Stage};
use super::environment::Program;
use super::exactly_once::{self, by_librdkafka};
use super::families::{JAVA, KCAT};
use super::listening::Listening;
use super::programs::{kcat, start, tool};
use super::records::Record;
use super::{connect, holds, same};
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

/// One case, played side by side with the others on one broker.
pub(super) struct Case {
    /// What it is called.
    pub(super) name: &'static str,
    /// Tries it.
    pub(super) run: fn(&Stage) -> Outcome,
}

pub(super) const CASES: &[Case] = &[
    Case { name: "TransactionalMessageCopier copies exactly once, aborts and a kill among it", run: copier },
    Case { name: "TransactionsCommand lists, describes, finds, aborts, terminates", run: transactions },
    Case { name: "Kafka Streams counts exactly once, its state restored after kill -9", run: streams },
    Case { name: "kafka-python's admin client is told what Kafka 4.3.1 tells it", run: kafka_python_admin },
    Case { name: "Kafka Connect carries a file to a file, its worker restarted", run: connect::file_to_file },
];

/// What each step of kafka-python's admin client came to with Kafka 4.3.1.
const ADMIN_WITH_KAFKA: &str = include_str!("../../interop/clients/python/kafka_python_admin.jsonl");

/// Topics, configurations, records, groups and the cluster, as kafka-python administers them.
fn kafka_python_admin(stage: &Stage) -> Outcome {
    let mut program = stage.environment.command(Program::Python("kafka_python_admin"));
    program.args(["admin", &json!({"bootstrap": stage.bootstrap}).to_string()]);
    let said = start(&mut program, "")?.well()?;
    for (told, expected) in said.lines().zip(ADMIN_WITH_KAFKA.lines()) {
        same("a step", told, expected)?;
    }
    same("steps", said.lines().count(), ADMIN_WITH_KAFKA.lines().count())
}

/// Creates topics.
pub(super) fn create(stage: &Stage, topics: Value) -> Outcome {
    stage.talk(&JAVA, "topics", json!({"topics": topics}))?.end()
}

/// Records that are copied, of each of two partitions.
const COPIED: i32 = 2_000;

/// The copier in both of its ways: with partitions of its own, and as a member of a group. It aborts at random.
fn copier(stage: &Stage) -> Outcome {
    create(stage, json!({"copier-from": 2, "copier-to": 3}))?;
    let values: Vec<String> = (0..2 * COPIED).map(|number| format!("{number:05}")).collect();
    let numbered = (0..).zip(&values);
    let records: Vec<Record> = numbered
        .map(|(number, value): (i32, _)| Record::new(Some(number % 2), value.clone(), value.clone()))
        .collect();
    stage.produce(&KCAT, "copier-from", "none", &records)?;
    let start = |partition: &str, ways: &[&str]| {
        let id = format!("copier-{partition}");
        let mut words = vec!["--broker-list", &stage.bootstrap, "--input-topic", "copier-from"];
        words.extend(["--input-partition", partition, "--output-topic", "copier-to"]);
        words.extend(["--consumer-group", &id, "--transactional-id", &id, "--transaction-size", "50"]);
        words.extend(["--enable-random-aborts", "--transaction-timeout", "20000"]);
        words.extend(ways);
        Listening::start("TransactionalMessageCopier", &words, &stage.folder)
    };
    let told = |said: &[String], field: &str| -> Option<i64> {
        let last = said.iter().rev().find_map(|line| serde_json::from_str::<Value>(line).ok())?;
        last[field].as_i64()
    };
    let mut killed = start("0", &["--use-group-metadata"])?;
    let other = start("1", &[])?;
    // It tells what it has consumed at times, aborted or not.
    killed.until("that it copies", |said| told(said, "consumed").is_some_and(|consumed| consumed > 0))?;
    killed.kill()?;
    let again = start("0", &["--use-group-metadata"])?;
    for copier in [again, other] {
        let said = copier.end()?;
        same("records left to copy", told(&said, "remaining"), Some(0))?;
    }
    let committed = json!({
        "topic": "copier-from", "group": "copier-0", "offsets": [COPIED], "patience_ms": 20_000,
    });
    stage.talk(&super::families::CONFLUENT, "committed", committed)?.end()?;
    let mut found = by_librdkafka(&stage.bootstrap, "copier-to", "read_committed")?;
    found.sort();
    exactly_once::exactly_once(&found, &values)?;
    let all = by_librdkafka(&stage.bootstrap, "copier-to", "read_uncommitted")?;
    same("there are aborted records to be seen", all.len() > values.len(), true)
}

/// What a table of a tool says, line by line: cells by the names of their columns.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines =
        text.lines().map(|line| line.split('\t').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let heads = lines.next().unwrap_or_default();
    lines.map(|cells| heads.iter().cloned().zip(cells).collect()).collect()
}

/// A transaction stays open; the tool sees it from all sides, and ends it.
fn transactions(stage: &Stage) -> Outcome {
    let run = |words: &[&str]| -> Outcome<Vec<BTreeMap<String, String>>> {
        let all = [&["--bootstrap-server", stage.bootstrap.as_str()], words].concat();
        Ok(table(&well("TransactionsCommand", &all, "")?))
    };
    create(stage, json!({"seen-from": 1, "seen-to": 1}))?;
    let records: Vec<Record> = (0..3).map(|_| Record::new(Some(0), "key", "value")).collect();
    stage.produce(&KCAT, "seen-from", "none", &records)?;
    let order = json!({
        "bootstrap": stage.bootstrap, "from": "seen-from", "to": "seen-to", "group": "seen", "id": "seen",
        "batch": 3, "abort": 0, "hold": 1, "session_ms": 30_000, "timeout_ms": 300_000,
    });
    let mut program = stage.environment.command(JAVA.program);
    program.args(["transform", &order.to_string()]);
    let mut holding = Listening::to("seen", &program, &stage.folder)?;
    holding.until("that it holds a transaction", |said| said.iter().any(|line| line.contains("held")))?;

    let state = |id: &str| -> Outcome<Option<String>> {
        let listed = run(&["list"])?;
        let mine =
            listed.into_iter().find(|line| line.get("TransactionalId").is_some_and(|found| found == id));
        Ok(mine.and_then(|mut line| line.remove("TransactionState")))
    };
    same("the state that list tells", state("seen")?.as_deref(), Some("Ongoing"))?;
    let described = run(&["describe", "--transactional-id", "seen"])?.pop().unwrap_or_default();
    let cell = |line: &BTreeMap<String, String>, head: &str| line.get(head).cloned().unwrap_or_default();
    same("the state that describe tells", cell(&described, "TransactionState").as_str(), "Ongoing")?;
    same("the time-out", cell(&described, "TransactionTimeoutMs").as_str(), "300000")?;
    let mut partitions: Vec<String> =
        cell(&described, "TopicPartitions").split(',').map(str::to_owned).collect();
    partitions.sort();
    same("partitions", partitions.len(), 2)?;
    holds("partitions", &partitions[0], "__consumer_offsets-")?;
    same("partitions", partitions[1].as_str(), "seen-to-0")?;
    let producers = || -> Outcome<BTreeMap<String, String>> {
        let words = ["describe-producers", "--topic", "seen-to", "--partition", "0"];
        Ok(run(&words)?.pop().unwrap_or_default())
    };
    let producer = producers()?;
    same("its producer", cell(&producer, "ProducerId"), cell(&described, "ProducerId"))?;
    same("its last sequence", cell(&producer, "LastSequence").as_str(), "2")?;
    same("where it begins", cell(&producer, "CurrentTransactionStartOffset").as_str(), "0")?;
    same("transactions that hang", run(&["find-hanging", "--topic", "seen-to"])?.len(), 0)?;
    let read = |isolation| by_librdkafka(&stage.bootstrap, "seen-to", isolation);
    same("what is committed", read("read_committed")?.len(), 0)?;
    same("what is there", read("read_uncommitted")?.len(), 3)?;

    // Records behind an open transaction wait for its end.
    kcat(&stage.bootstrap, &["-P", "-t", "seen-to", "-p", "0"], "behind\n")?;
    same("what is committed", read("read_committed")?.len(), 0)?;
    run(&["abort", "--topic", "seen-to", "--partition", "0", "--start-offset", "0"])?;
    same("what is committed after an abort", read("read_committed")?, vec!["behind".to_owned()])?;
    same(
        "a transaction after its abort",
        cell(&producers()?, "CurrentTransactionStartOffset").as_str(),
        "None",
    )?;
    same("its state after that", state("seen")?.as_deref(), Some("Ongoing"))?;
    run(&["forceTerminateTransaction", "--transactionalId", "seen"])?;
    let deadline = Instant::now() + PATIENCE;
    // Kafka takes the producer for a new one then, ottla tells how the transaction ended.
    while !matches!(state("seen")?.as_deref(), Some("CompleteAbort" | "Empty")) {
        same("it ends in time", Instant::now() < deadline, true)?;
    }
    holding.say("go on\n")?;
    let said = holding.end()?;
    holds("a client whose transaction was terminated", &said.join("\n"), "fenced")?;
    let offsets = json!({"topic": "seen-from", "group": "seen", "offsets": [0], "patience_ms": 10_000});
    stage.talk(&super::families::CONFLUENT, "committed", offsets)?.end()
}

/// Values that Streams counts, in two halves, and how many different ones there are.
const COUNTED: i32 = 400;
const WORDS: i32 = 23;

/// An application with a store counts; it is killed with work in flight, and its folder lost with it.
fn streams(stage: &Stage) -> Outcome {
    create(stage, json!({"counted": 3, "counts": 3}))?;
    let words: Vec<String> = (0..COUNTED).map(|number| format!("word {}", number * 7 % WORDS)).collect();
    let numbered = (0..).zip(&words);
    let record = |(number, word): (i32, &String)| Record::new(Some(number % 3), "key", word.clone());
    let records: Vec<Record> = numbered.map(record).collect();
    let (before, after) = records.split_at(records.len() / 2);
    stage.produce(&KCAT, "counted", "none", before)?;
    let start = |folder: &str| -> Outcome<Listening> {
        let folder = stage.folder.join(folder);
        fs::create_dir_all(&folder)?;
        let order = json!({
            "bootstrap": stage.bootstrap, "from": "counted", "to": "counts", "application": "counting",
            "folder": folder, "session_ms": 6_000,
        });
        let mut program = stage.environment.command(JAVA.program);
        program.args(["count", &order.to_string()]);
        Listening::to("streams", &program, &stage.folder)
    };
    let counts = || -> Outcome<Vec<String>> {
        let words = ["-C", "-t", "counts", "-e", "-q", "-X", "isolation.level=read_committed"];
        let words = [&words[..], &["-o", "beginning", "-f", "%k\t%s\n"]].concat();
        Ok(kcat(&stage.bootstrap, &words, "")?.lines().map(str::to_owned).collect())
    };
    let reaches = |application: &mut Listening, count: usize| -> Outcome<Vec<String>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            application.listen()?;
            let found = counts()?;
            if found.len() >= count {
                return Ok(found);
            }
            if Instant::now() > deadline {
                return Err(application.failure(&format!("has counted {} of {count}", found.len())));
            }
        }
    };
    let mut application = start("streams-1")?;
    reaches(&mut application, before.len())?;
    stage.produce(&KCAT, "counted", "none", after)?;
    application.kill()?;
    let mut application = start("streams-2")?;
    let mut found = reaches(&mut application, records.len())?;
    let restored =
        |line: &String| -> Option<u64> { serde_json::from_str::<Value>(line).ok()?["restored"].as_u64() };
    let restored: u64 = application.said.iter().filter_map(restored).sum();
    same("the store comes back from its changelog", restored > 0, true)?;
    application.end()?;
    let mut seen: BTreeMap<&String, usize> = BTreeMap::new();
    let mut wanted: Vec<String> = Vec::new();
    for word in &words {
        let count = seen.entry(word).or_default();
        *count += 1;
        wanted.push(format!("{word}\t{count}"));
    }
    (found, wanted) = (exactly_once::sorted(found), exactly_once::sorted(wanted));
    exactly_once::exactly_once(&found, &wanted)?;
    let listed = well("TopicCommand", &["--bootstrap-server", &stage.bootstrap, "--list"], "")?;
    holds("the topics", &listed, "counting-counts-changelog\n")?;
    let groups = tool(
        "consumer.group.ConsumerGroupCommand",
        &["--bootstrap-server", &stage.bootstrap, "--describe", "--group", "counting", "--offsets"],
        "",
    )?;
    let lags: Vec<&str> = groups
        .out
        .lines()
        .filter(|line| line.contains(" counted "))
        .filter_map(|line| line.split_whitespace().nth(5))
        .collect();
    same("what the group has not read", lags, vec!["0"; 3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_a_tool_is_read_by_its_heads() {
        let text = "TransactionalId\tCoordinator\tTransactionState\t\ntid-1          \t1          \tOngoing         \t\n";
        let lines = table(text);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["TransactionalId"], "tid-1");
        assert_eq!(lines[0]["TransactionState"], "Ongoing");
    }
}
