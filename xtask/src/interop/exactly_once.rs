//! Clients that consume, transform and produce in transactions: what comes out is there exactly once.
//!
//! The same life for each of them: a transaction that is aborted on purpose, a zombie that is fenced, a kill in the
//! middle of a transaction. What counts is what a reader of other descent finds, and the offsets that were committed.

use super::client::Stage;
use super::environment::Program;
use super::families::{self, CONFLUENT, Family, JAVA, KCAT};
use super::listening::Listening;
use super::programs::{kcat, tool};
use super::records::Record;
use super::rows::Row;
use super::{Order, cases_ecosystem, same};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Columns of the table: both versions of the protocol of transactions, and a broker that is killed under them.
pub(super) const FEATURES: [&str; 3] = [TWO, ONE, KILLED];

const TWO: &str = "transactions of version 2";
const ONE: &str = "transactions of version 1";
const KILLED: &str = "transactions through kill -9";

/// Partitions that are read from and written to.
pub(super) const PARTITIONS: i32 = 3;

/// Records that each partition has to be read from.
const EACH: i32 = 30;

/// The same where the broker is killed, so that it happens in the middle: few milliseconds make a transaction of some
/// clients, and half a second one of others.
fn each_of_many(family: &Family) -> i32 {
    if matches!(family.name, "confluent-kafka" | "sarama") { 60 } else { 400 }
}

/// Records of one transaction, at most.
const BATCH: i32 = 5;

/// Transactions that are committed between two kills of the broker.
const BETWEEN_KILLS: usize = 12;

/// How often the broker is killed.
const KILLS: usize = 2;

/// How often clients go through kills at most, when Kafka itself says that it broke a promise meanwhile.
const ATTEMPTS: usize = 4;

/// What Kafka says when it leaves out markers of a transaction, with the id of that behind it. A broker that starts after
/// a kill begins with the metadata of before, hears then that its partitions have no leader, takes them for
/// deleted, and ends the transaction without them: the offsets of the group, say.
const LEAVES_OUT_MARKERS: &str = "while trying to send transaction markers for ";

/// How long a group may take to come to its end, and what was committed to show.
const PATIENCE_MS: u64 = 40_000;

/// How long a reader tries again that finds too little.
const READS_WITHIN: Duration = Duration::from_secs(60);

/// Clients that go through it: rows of the table.
pub(super) fn clients() -> Vec<Family> {
    let has_transactions = |family: &&Family| {
        matches!(family.program, Program::Java | Program::Python("confluent") | Program::Go(_))
    };
    families::THEIRS.iter().filter(has_transactions).cloned().chain([families::CRATES]).collect()
}

/// Our own, which goes through it with Kafka's broker too.
pub(super) const OURS: &[Family] = &[families::CRATES];

/// What a case is called.
pub(super) fn name(kind: Kind, family: &Family, feature: &str) -> String {
    format!("{}: {}: {feature}", kind.name(), family.name)
}

/// Plays the cases that were picked on a broker of their own; none starts no broker.
pub(super) fn play(
    kind: Kind,
    where_to: (&Path, &Path),
    environment: &super::environment::Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    play_of((kind, &clients()), cases_ecosystem::CASES, where_to, environment, order)
}

/// The same with Kafka's broker, for our own client.
pub(super) fn play_ours(
    where_to: (&Path, &Path),
    environment: &super::environment::Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    play_of((Kind::Kafka, OURS), &[], where_to, environment, order)
}

fn play_of(
    (kind, clients): (Kind, &[Family]),
    others: &[cases_ecosystem::Case],
    (folder, program): (&Path, &Path),
    environment: &super::environment::Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    let picked = |feature: &str| -> Vec<&Family> {
        clients.iter().filter(|family| order.picks(&name(kind, family, feature))).collect()
    };
    let case_name = |case: &cases_ecosystem::Case| format!("{}: {}", kind.name(), case.name);
    let others: Vec<_> = others.iter().filter(|case| order.picks(&case_name(case))).collect();
    if others.is_empty() && FEATURES.iter().all(|feature| picked(feature).is_empty()) {
        return Ok(Vec::new());
    }
    let mut broker = Broker::new(kind, folder, program)?.with_setting("group.initial.rebalance.delay.ms=0");
    broker.serve()?;
    let stage = Stage::new(broker.bootstrap(), environment, folder.join("programs"))?;
    let (stage, lives) = (&stage, |feature: &'static str| side_by_side(kind, &picked(feature), feature));
    let mut rows = std::thread::scope(|scope| {
        let started: Vec<_> = others
            .iter()
            .map(|case| scope.spawn(|| Row::play(case_name(case), || (case.run)(stage))))
            .collect();
        let mut rows = lives(TWO)(stage);
        rows.extend(started.into_iter().filter_map(|one| one.join().ok()));
        rows
    });
    for attempt in 1.. {
        let (ended, leaves_out) = killed(kind, stage, &mut broker, &picked(KILLED), attempt)?;
        if leaves_out && attempt < ATTEMPTS && !ended.iter().all(Row::passed) {
            println!("{KILLED}, once more: {} said that it left out markers of a transaction", kind.name());
            continue;
        }
        rows.extend(ended);
        break;
    }
    if !picked(ONE).is_empty() {
        let words =
            ["--bootstrap-server", &stage.bootstrap, "downgrade", "--feature", "transaction.version=1"];
        let said = tool("FeatureCommand", &words, "")?;
        same("transaction.version can be brought down", (said.well, said.err.as_str()), (true, ""))?;
        rows.extend(lives(ONE)(stage));
    }
    broker.stop()?;
    Ok(rows)
}

/// All clients through the same life.
fn side_by_side<'a>(
    kind: Kind,
    families: &[&'a Family],
    feature: &'static str,
) -> impl FnOnce(&Stage) -> Vec<Row> + use<'a> {
    let families = families.to_vec();
    move |stage| {
        std::thread::scope(|scope| {
            let started: Vec<_> = families
                .into_iter()
                .map(|family| {
                    let case = move || life(stage, &Life::new(family, feature));
                    scope.spawn(move || Row::play(name(kind, family, feature), case))
                })
                .collect();
            started.into_iter().filter_map(|one| one.join().ok()).collect()
        })
    }
}

/// One client and the names of what is its own.
struct Life<'a> {
    family: &'a Family,
    name: String,
}

impl<'a> Life<'a> {
    fn new(family: &'a Family, feature: &str) -> Self {
        Self { family, name: format!("{}-{}", family.slug(), feature.replace(' ', "-")) }
    }

    fn from(&self) -> String {
        format!("{}-from", self.name)
    }

    fn to(&self) -> String {
        format!("{}-to", self.name)
    }

    /// Creates both topics, and fills the one that is read from with so many records a partition.
    fn prepare(&self, stage: &Stage, each: i32) -> Outcome<Vec<String>> {
        let topics = json!({"topics": {self.from(): PARTITIONS, self.to(): PARTITIONS}});
        stage.talk(&JAVA, "topics", topics)?.end()?;
        let values: Vec<String> = (0..each * PARTITIONS).map(|number| format!("value {number}")).collect();
        let numbered = (0..).zip(&values);
        let record = |(number, value): (i32, &String)| {
            Record::new(Some(number % PARTITIONS), format!("key {}", number % 17), value.clone())
        };
        let records: Vec<Record> = numbered.map(record).collect();
        stage.produce(&KCAT, &self.from(), "none", &records)?;
        Ok(values)
    }

    /// Starts the client; it holds one transaction before its end and aborts another, by their numbers.
    fn start(&self, stage: &Stage, abort: i32, hold: i32) -> Outcome<Listening> {
        let order = json!({
            "bootstrap": stage.bootstrap, "from": self.from(), "to": self.to(), "group": self.name, "id": self.name,
            "batch": BATCH, "abort": abort, "hold": hold, "session_ms": 10_000,
        });
        let mut program = stage.environment.command(self.family.program);
        program.args(["transform", &order.to_string()]);
        Listening::to(&self.name, &program, &stage.folder)
    }

    /// Waits until the group has committed the ends of all partitions.
    fn committed(&self, stage: &Stage, each: i32) -> Outcome {
        let offsets = vec![each; usize::try_from(PARTITIONS)?];
        let order = json!({
            "topic": self.from(), "group": self.name, "offsets": offsets, "patience_ms": PATIENCE_MS,
        });
        stage.talk(&CONFLUENT, "committed", order)?.end()
    }

    /// A reader of other descent finds each value once, transformed; one that does not look at commits finds more.
    fn judge(&self, stage: &Stage, values: &[String]) -> Outcome {
        let of_librdkafka = matches!(self.family.program, Program::Python(_));
        let read = |isolation: &str, patience_ms: &str| match of_librdkafka {
            true => by_java(&stage.bootstrap, &self.to(), isolation, patience_ms),
            false => by_librdkafka(&stage.bootstrap, &self.to(), isolation),
        };
        let wanted: Vec<String> = sorted(values.iter().map(|value| value.to_uppercase()));
        let until = || Instant::now() + READS_WITHIN;
        let (first, again) = ("3000", "15000");
        let mut found = sorted(read("read_committed", first)?);
        // What ends a transaction in its partitions may come a moment after the answer to the client, and Kafka's consumer
        // gives up when it finds nothing for a while, on a busy machine before it has begun.
        let deadline = until();
        while found.len() < wanted.len() && Instant::now() < deadline {
            found = sorted(read("read_committed", again)?);
        }
        exactly_once(&found, &wanted)?;
        let mut all = read("read_uncommitted", first)?;
        let deadline = until();
        while all.len() <= wanted.len() && Instant::now() < deadline {
            all = read("read_uncommitted", again)?;
        }
        let lost: Vec<&String> = wanted.iter().filter(|value| !all.contains(value)).collect();
        same("values that only a reader of committed ones finds", lost, Vec::new())?;
        same("there are aborted records to be seen", all.len() > wanted.len(), true)
    }
}

/// Values in their order.
pub(super) fn sorted(values: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.into_iter().collect();
    values.sort();
    values
}

/// Tells what is missing, and what is there twice or out of nowhere; both sides are sorted.
pub(super) fn exactly_once(found: &[String], wanted: &[String]) -> Outcome {
    if found == wanted {
        return Ok(());
    }
    let (of_found, of_wanted): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), wanted.iter().collect());
    let missing: Vec<_> = of_wanted.difference(&of_found).collect();
    let strange: Vec<_> = of_found.difference(&of_wanted).collect();
    let doubled: Vec<_> = found.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    let (count, of) = (found.len(), wanted.len());
    Err(format!("{count} of {of} values; missing {missing:?}, strange {strange:?}, twice {doubled:?}").into())
}

/// The values of a topic as librdkafka reads them, up to the end that it sees.
pub(super) fn by_librdkafka(bootstrap: &str, topic: &str, isolation: &str) -> Outcome<Vec<String>> {
    let isolation = format!("isolation.level={isolation}");
    let words = ["-C", "-t", topic, "-e", "-q", "-X", &isolation, "-o", "beginning", "-f", "%s\n"];
    Ok(kcat(bootstrap, &words, "")?.lines().map(str::to_owned).collect())
}

/// The values of a topic as Kafka's consumer reads them, until nothing more comes.
fn by_java(bootstrap: &str, topic: &str, isolation: &str, patience_ms: &str) -> Outcome<Vec<String>> {
    let words =
        ["--bootstrap-server", bootstrap, "--topic", topic, "--from-beginning", "--timeout-ms", patience_ms];
    let words = [&words[..], &["--isolation-level", isolation]].concat();
    Ok(tool("consumer.ConsoleConsumer", &words, "")?.out.lines().map(str::to_owned).collect())
}

/// How often it has said so.
fn count(said: &[String], what: &str) -> usize {
    let of_line = |line: &String| -> Option<String> {
        let said: Value = serde_json::from_str(line).ok()?;
        Some(said["transaction"].as_str()?.to_owned())
    };
    said.iter().filter_map(of_line).filter(|word| word == what).count()
}

/// One transaction is aborted; a second client comes while the first holds a transaction open, which is fenced then; the
/// second is killed in the middle of one; a third goes on.
fn life(stage: &Stage, life: &Life) -> Outcome {
    let values = life.prepare(stage, EACH)?;
    let mut first = life.start(stage, 2, 4)?;
    first.until("that it holds a transaction", |said| count(said, "held") == 1)?;
    same(
        "transactions of the first",
        (count(&first.said, "committed"), count(&first.said, "aborted")),
        (2, 1),
    )?;
    let mut second = life.start(stage, 0, 3)?;
    second.until("that it has taken over", |said| count(said, "committed") > 0)?;
    first.say("go on\n")?;
    let said = first.end()?;
    same("the zombie", (count(&said, "fenced"), count(&said, "committed")), (1, 2))?;
    second.until("that it holds a transaction", |said| count(said, "held") == 1)?;
    second.kill()?;
    let third = life.start(stage, 0, 0)?;
    life.committed(stage, EACH).map_err(|failure| third.failure(&failure.to_string()))?;
    third.end()?;
    life.judge(stage, &values)?;
    life.committed(stage, EACH)
}

/// Clients whose broker is killed under them, more than once, all at the same time. Says too whether Kafka left out
/// markers of a transaction of theirs: then it may be Kafka's fault how that ended.
fn killed(
    kind: Kind,
    stage: &Stage,
    broker: &mut Broker,
    families: &[&Family],
    attempt: usize,
) -> Outcome<(Vec<Row>, bool)> {
    if families.is_empty() {
        return Ok((Vec::new(), false));
    }
    let lives: Vec<_> = families
        .iter()
        .map(|family| {
            let life = Life::new(family, KILLED);
            Life { name: if attempt == 1 { life.name } else { format!("{}-{attempt}", life.name) }, ..life }
        })
        .collect();
    let left_out = |broker: &Broker| {
        kind == Kind::Kafka && {
            let log = broker.log();
            lives.iter().any(|life| leaves_out_markers(&log, &life.name))
        }
    };
    let (gone, back) = (&Barrier::new(families.len() + 1), &Barrier::new(families.len() + 1));
    std::thread::scope(|scope| {
        let started: Vec<_> = lives
            .iter()
            .map(|life| {
                scope.spawn(move || {
                    let case = || through_kills(stage, life, || (gone.wait(), back.wait()));
                    Row::play(name(kind, life.family, KILLED), case)
                })
            })
            .collect();
        let mut leaves_out = false;
        let mut again = Ok(());
        for _ in 0..KILLS {
            gone.wait();
            if again.is_ok() {
                leaves_out |= left_out(broker);
                again = broker.kill().and_then(|()| broker.serve());
            }
            back.wait();
        }
        let rows = started.into_iter().filter_map(|one| one.join().ok()).collect();
        leaves_out |= left_out(broker);
        again.map(|()| (rows, leaves_out))
    })
}

/// Whether Kafka says in its log that it left out markers of transactions with this id.
fn leaves_out_markers(log: &str, id: &str) -> bool {
    log.lines().any(|line| line.contains(&format!("{LEAVES_OUT_MARKERS}{id},")))
}

fn through_kills<T>(stage: &Stage, life: &Life, kill: impl Fn() -> T) -> Outcome {
    let each = each_of_many(life.family);
    let begun = life.prepare(stage, each).and_then(|values| Ok((values, life.start(stage, 2, 0)?)));
    let mut so_far = Ok(());
    let mut begun = begun.inspect_err(|failure| so_far = Err(failure.to_string()));
    for number in 1..=KILLS {
        if let (Ok((_, client)), true) = (&mut begun, so_far.is_ok()) {
            let enough = |said: &[String]| count(said, "committed") >= number * BETWEEN_KILLS;
            so_far = client.until("that it goes on", enough).map_err(|failure| failure.to_string());
        }
        kill(); // the others wait for it, whatever became of this one
    }
    so_far?;
    let (values, client) = begun?;
    life.committed(stage, each).map_err(|failure| client.failure(&failure.to_string()))?;
    client.end()?;
    life.judge(stage, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_strange_or_there_twice_is_told() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let wanted = texts(&["a", "b", "c"]);
        assert!(exactly_once(&wanted, &wanted).is_ok());
        let failure =
            exactly_once(&texts(&["a", "a", "c", "d"]), &wanted).expect_err("it differs").to_string();
        assert_eq!(failure, r#"4 of 3 values; missing ["b"], strange ["d"], twice ["a"]"#);
    }

    #[test]
    fn kafka_says_whose_markers_it_leaves_out() {
        let log = "[TxnMarkerSenderThread-1] INFO Couldn't find leader endpoint for partitions Set(to-0, __consumer_offsets-29) \
                   while trying to send transaction markers for client-2, these partitions are likely deleted already and hence \
                   can be skipped\n";
        assert!(leaves_out_markers(log, "client-2"));
        assert!(!leaves_out_markers(log, "client"), "another id");
        assert!(!leaves_out_markers("", "client-2"));
    }

    #[test]
    fn clients_with_transactions_are_rows() {
        let names: Vec<&str> = clients().iter().map(|family| family.name).collect();
        assert_eq!(names, [JAVA.name, CONFLUENT.name, "franz-go", "sarama", families::CRATES.name]);
    }
}
