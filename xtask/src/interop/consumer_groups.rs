//! Groups of the new protocol (KIP-848), in which the broker assigns: members come, go, die, come back and migrate.
//!
//! Whatever happens to a group, each partition has one owner once things have settled, and each record is read once and
//! in order, which [`Group`] watches. Kafka's tools for such groups are in `cases_consumer_groups`.

use super::client::Stage;
use super::environment::Environment;
use super::families::{CONFLUENT, CRATES, Family, JAVA};
use super::groups::{Group, Manner, PARTITIONS, SESSION};
use super::programs::{kcat, tool};
use super::rows::Row;
use super::{Order, cases_groups, holds, same};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// One column of the table.
struct Feature {
    name: &'static str,
    run: fn(&Stage, &Family, &str) -> Outcome,
    /// Whether its topic is there when it begins.
    has_topic: bool,
}

const FEATURES: [Feature; 5] = [
    Feature { name: "the broker assigns to members that come, leave and die", run: life, has_topic: true },
    Feature {
        name: "the broker assigns ranges to a static member that comes back",
        run: fixed,
        has_topic: true,
    },
    Feature { name: "the broker matches a regular expression", run: pattern, has_topic: false },
    Feature { name: "a group migrates to the new protocol", run: there, has_topic: true },
    Feature { name: "a group migrates there and back", run: there_and_back, has_topic: true },
];

/// What happens to the broker under a group that it assigns to.
const TROUBLES: [Trouble; 3] = [
    Trouble { name: "the broker assigns through a restart", go: Broker::stop, has_classic: false },
    Trouble { name: "the broker assigns through kill -9", go: Broker::kill, has_classic: false },
    Trouble { name: "members of both protocols go through kill -9", go: Broker::kill, has_classic: true },
];

/// How the broker goes.
struct Trouble {
    name: &'static str,
    go: fn(&mut Broker) -> Outcome,
    /// Whether two of the members are of the classic protocol.
    has_classic: bool,
}

/// Clients that go through it: rows of the table.
pub(super) const CLIENTS: &[Family] = &[JAVA, CONFLUENT, CRATES];

/// Our own, which goes through it with Kafka's broker too.
pub(super) const OURS: &[Family] = &[CRATES];

/// Names of the columns, in the order of the table.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|feature| feature.name).chain(TROUBLES.iter().map(|trouble| trouble.name))
}

/// What a case is called.
pub(super) fn name(kind: Kind, family: &Family, feature: &str) -> String {
    format!("{}: {}: {feature}", kind.name(), family.name)
}

/// The topic of a case, and its group.
fn topic(family: &Family, feature: &str) -> String {
    format!("{}-{}", family.slug(), feature.replace(' ', "-").replace(',', ""))
}

/// A member of the new protocol.
fn consumer() -> Manner {
    Manner { consumer: true, assignor: Some("default"), ..Manner::default() }
}

/// Plays the cases that were picked on a broker of their own; none starts no broker.
pub(super) fn play(
    kind: Kind,
    where_to: (&Path, &Path),
    environment: &Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    play_of((kind, CLIENTS), where_to, environment, order)
}

/// The same with Kafka's broker, for our own client.
pub(super) fn play_ours(
    where_to: (&Path, &Path),
    environment: &Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    play_of((Kind::Kafka, OURS), where_to, environment, order)
}

fn play_of(
    (kind, clients): (Kind, &'static [Family]),
    (folder, program): (&Path, &Path),
    environment: &Environment,
    order: &Order,
) -> Outcome<Vec<Row>> {
    let picks = |family: &Family, feature: &str| order.picks(&name(kind, family, feature));
    let features: Vec<(&Family, &Feature)> = clients
        .iter()
        .flat_map(|family| FEATURES.iter().map(move |feature| (family, feature)))
        .filter(|(family, feature)| family.lack(feature.name).is_none())
        .filter(|(family, feature)| picks(family, feature.name))
        .collect();
    let troubled = |trouble: &Trouble| -> Vec<&Family> {
        clients.iter().filter(|family| picks(family, trouble.name)).collect()
    };
    if features.is_empty() && TROUBLES.iter().all(|trouble| troubled(trouble).is_empty()) {
        return Ok(Vec::new());
    }
    let mut broker = broker(kind, folder, program)?;
    broker.serve()?;
    let stage = Stage::new(broker.bootstrap(), environment, folder.join("programs"))?;
    let of_features = features.iter().filter(|(_, feature)| feature.has_topic);
    let of_features = of_features.map(|(family, feature)| topic(family, feature.name));
    let of_troubles = TROUBLES
        .iter()
        .flat_map(|trouble| troubled(trouble).into_iter().map(|family| topic(family, trouble.name)));
    create(&stage, of_features.chain(of_troubles))?;
    let mut rows: Vec<Row> = std::thread::scope(|scope| {
        let case = |family: &Family, feature: &Feature| {
            let run = || (feature.run)(&stage, family, &topic(family, feature.name));
            Row::play(name(kind, family, feature.name), run)
        };
        let started: Vec<_> =
            features.iter().map(|(family, feature)| scope.spawn(move || case(family, feature))).collect();
        started.into_iter().filter_map(|one| one.join().ok()).collect()
    });
    for trouble in &TROUBLES {
        rows.extend(through(kind, &stage, &mut broker, trouble, &troubled(trouble))?);
    }
    broker.stop()?;
    Ok(rows)
}

/// A broker whose sessions end soon, which in the new protocol is the broker's choice.
fn broker(kind: Kind, folder: &Path, program: &Path) -> Outcome<Broker> {
    let session = SESSION.as_millis();
    Ok(Broker::new(kind, folder, program)?
        .with_setting("group.initial.rebalance.delay.ms=0")
        .with_setting("group.consumer.min.session.timeout.ms=1000")
        .with_setting(&format!("group.consumer.session.timeout.ms={session}"))
        .with_setting("group.consumer.min.heartbeat.interval.ms=100")
        .with_setting("group.consumer.heartbeat.interval.ms=400"))
}

fn create(stage: &Stage, names: impl Iterator<Item = String>) -> Outcome {
    let topics: Map<String, Value> = names.map(|name| (name, json!(PARTITIONS))).collect();
    stage.talk(&JAVA, "topics", json!({"topics": topics}))?.end()
}

/// Three join, two more, two leave in good order, one dies.
fn life(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let mut group = Group::new(stage, topic, PARTITIONS, "default");
    for more in [3, 2] {
        for _ in 0..more {
            group.join_as(family, &consumer())?;
        }
        group.settle()?;
        group.exchange()?;
    }
    for number in [0, 4] {
        group.leave(number)?;
        group.exchange()?;
    }
    group.kill(1)?;
    group.exchange()?;
    group.end()
}

/// A static member that comes back before its session ends owns what it owned, and nobody else is disturbed.
///
/// Its group has sessions that outlast the start of a program on a busy machine.
fn fixed(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let words = ["--bootstrap-server", &stage.bootstrap, "--alter", "--entity-type", "groups"];
    let longer = ["--entity-name", topic, "--add-config", "consumer.session.timeout.ms=60000"];
    let said = tool("kafka.admin.ConfigCommand", &[&words[..], &longer].concat(), "")?;
    holds("ConfigCommand", &format!("{}{}", said.out, said.err), "Completed updating config")?;
    let mut group = Group::new(stage, topic, PARTITIONS, "default");
    let named = |name| Manner { instance: Some(name), assignor: Some("range"), ..consumer() };
    for name in ["first", "second", "third"] {
        group.join_as(family, &named(name))?;
        group.settle()?;
    }
    group.exchange()?;
    group.come_back(1, family, &named("second"))?;
    group.exchange()?;
    group.end()
}

/// Topics come after the members that wait for them, one whose whole name matches and one with a bit more of a name.
fn pattern(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let longer = format!("{topic}-and-more");
    create(stage, [longer.clone()].into_iter())?;
    kcat(&stage.bootstrap, &["-P", "-t", &longer, "-p", "0"], "not for them\n")?;
    let mut group = Group::new(stage, topic, PARTITIONS, "default");
    let expression = topic.replace("regular", "r[eg]+ular");
    for _ in 0..2 {
        group.join_as(family, &Manner { pattern: Some(expression.clone()), ..consumer() })?;
    }
    let both = |said: &str| said.lines().filter(|line| line.starts_with(topic)).count() == 2;
    until(stage, topic, "--members", both)?;
    create(stage, [topic.to_owned()].into_iter())?;
    group.settle()?;
    group.exchange()?;
    group.end()
}

/// Waits until Kafka's command describes the group as wanted.
fn until(stage: &Stage, group: &str, what: &str, is_so: impl Fn(&str) -> bool) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(30);
    let words = ["--bootstrap-server", &stage.bootstrap, "--describe", "--group", group, what];
    loop {
        let said = tool("consumer.group.ConsumerGroupCommand", &words, "")?;
        if is_so(&said.out) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{group} is not as it should be:\n{}{}", said.out, said.err).into());
        }
    }
}

/// Fails unless the group is of this type, in the words of GroupsCommand.
fn is_of_type(stage: &Stage, group: &str, wanted: &str) -> Outcome {
    let said = tool("GroupsCommand", &["--bootstrap-server", &stage.bootstrap, "--list"], "")?;
    let line = cases_groups::line("GroupsCommand --list", &said.out, &[group])?;
    same("the type of the group", line[1].as_str(), wanted)
}

/// Two members of the classic protocol are joined by two of the new one.
fn mixed<'a>(stage: &'a Stage<'a>, family: &Family, topic: &str) -> Outcome<Group<'a>> {
    // The sticky assignor of librdkafka adds something of its own to assignments from the second one on, by which the
    // broker takes it for one that it does not know, and leaves the group as it is.
    let assignor = if family.name == CONFLUENT.name { "range" } else { "cooperative-sticky" };
    let mut group = Group::new(stage, topic, PARTITIONS, assignor);
    for _ in 0..2 {
        group.join(family)?;
    }
    group.settle()?;
    group.exchange()?;
    is_of_type(stage, topic, "Classic")?;
    // Kafka refuses who would migrate a group that is rebalancing.
    until(stage, topic, "--state", |said| said.contains("Stable"))?;
    for _ in 0..2 {
        group.join_as(family, &consumer())?;
    }
    group.settle()?;
    group.exchange()?;
    is_of_type(stage, topic, "Consumer")?;
    Ok(group)
}

/// Three members of the new protocol.
fn assigned<'a>(stage: &'a Stage<'a>, family: &Family, topic: &str) -> Outcome<Group<'a>> {
    let mut group = Group::new(stage, topic, PARTITIONS, "default");
    for _ in 0..3 {
        group.join_as(family, &consumer())?;
    }
    group.settle()?;
    group.exchange()?;
    Ok(group)
}

/// Those of the classic protocol leave a group of both.
fn migrated<'a>(stage: &'a Stage<'a>, family: &Family, topic: &str) -> Outcome<Group<'a>> {
    let mut group = mixed(stage, family, topic)?;
    for number in [0, 1] {
        group.leave(number)?;
        group.exchange()?;
    }
    Ok(group)
}

fn there(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    migrated(stage, family, topic)?.end()
}

/// And the other way round: with the last member of the new protocol the group is classic again.
fn there_and_back(stage: &Stage, family: &Family, topic: &str) -> Outcome {
    let mut group = migrated(stage, family, topic)?;
    for _ in 0..2 {
        group.join(family)?;
    }
    group.settle()?;
    group.exchange()?;
    is_of_type(stage, topic, "Consumer")?;
    for number in [2, 3] {
        group.leave(number)?;
        group.exchange()?;
    }
    is_of_type(stage, topic, "Classic")?;
    group.end()
}

/// A broker that goes and comes back under groups of all clients.
fn through(
    kind: Kind,
    stage: &Stage,
    broker: &mut Broker,
    trouble: &Trouble,
    families: &[&Family],
) -> Outcome<Vec<Row>> {
    if families.is_empty() {
        return Ok(Vec::new());
    }
    let (gone, back) = (&Barrier::new(families.len() + 1), &Barrier::new(families.len() + 1));
    std::thread::scope(|scope| {
        let case = |family: &Family| {
            let begin = if trouble.has_classic { mixed } else { assigned };
            let group = begin(stage, family, &topic(family, trouble.name));
            gone.wait(); // the others wait for it, whatever became of this one
            back.wait();
            let mut group = group?;
            group.settle()?;
            group.exchange()?;
            group.leave(1)?;
            group.exchange()?;
            group.join_as(family, &consumer())?;
            group.settle()?;
            group.exchange()?;
            group.end()
        };
        let started: Vec<_> = families
            .iter()
            .map(|family| scope.spawn(move || Row::play(name(kind, family, trouble.name), || case(family))))
            .collect();
        gone.wait();
        let again = (trouble.go)(broker).and_then(|()| broker.serve());
        back.wait();
        let rows = started.into_iter().filter_map(|one| one.join().ok()).collect();
        again.map(|()| rows)
    })
}
