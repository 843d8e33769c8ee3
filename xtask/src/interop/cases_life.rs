//! Kafka's tools that go on until they are told to stop: three of them in a group, and all through a restart.
//!
//! What the client libraries do there by themselves is in `groups` and `restart`; these cases show that the tools
//! which come with Kafka, as they are, live on ottla.

use super::cases_groups;
use super::client::PATIENCE;
use super::listening::Listening;
use super::programs::{kcat, ours};
use super::{Case, Scene, create, holds, same};
use crate::outcome::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "three ConsoleConsumers share a topic, one leaves, one dies",
        run: |scene| Group::live(scene, &CONSOLE),
    },
    Case {
        name: "three VerifiableConsumers share a topic, one leaves, one dies",
        run: |scene| Group::live(scene, &VERIFIABLE),
    },
    Case { name: "the tools that move records go on through a restart", run: restart },
];

/// After this time without a member the broker takes it for dead.
const SESSION: Duration = Duration::from_secs(9);

const PARTITIONS: usize = 6;

/// A tool that reads as a member of a group.
struct Member {
    class: &'static str,
    group: &'static str,
    words: &'static [&'static str],
    /// Partition, offset and value of the record that a line tells, if it tells one.
    parse: fn(&str) -> Option<(usize, i64, String)>,
}

const CONSOLE: Member = Member {
    class: "consumer.ConsoleConsumer",
    group: "--group",
    words: &[
        "--from-beginning",
        "--command-property",
        "session.timeout.ms=9000",
        "--command-property",
        "auto.commit.interval.ms=200",
        "--formatter-property",
        "print.partition=true",
        "--formatter-property",
        "print.offset=true",
    ],
    parse: |line| {
        let (partition, rest) = line.strip_prefix("Partition:")?.split_once('\t')?;
        let (offset, value) = rest.strip_prefix("Offset:")?.split_once('\t')?;
        Some((partition.parse().ok()?, offset.parse().ok()?, value.to_owned()))
    },
};

const VERIFIABLE: Member = Member {
    class: "VerifiableConsumer",
    group: "--group-id",
    words: &["--reset-policy", "earliest", "--session-timeout", "9000", "--verbose"],
    parse: |line| {
        let event: Value = serde_json::from_str(line).ok()?;
        let partition = usize::try_from(event["partition"].as_u64()?).ok()?;
        Some((partition, event["offset"].as_i64()?, event["value"].as_str()?.to_owned()))
    },
};

/// Members of one group that read one topic of the same name.
struct Group<'a> {
    scene: &'a Scene,
    member: &'a Member,
    topic: String,
    tools: Vec<(Listening, usize)>,
    read: Vec<i64>,
    end: i64,
}

impl<'a> Group<'a> {
    /// Three join, one leaves, one dies; each time whatever is written is read once, in order.
    fn live(scene: &'a mut Scene, member: &'a Member) -> Outcome {
        let topic = format!("three-{}", member.class);
        create(scene, &topic, u32::try_from(PARTITIONS)?)?;
        let mut group = Self { scene, member, topic, tools: Vec::new(), read: vec![0; PARTITIONS], end: 0 };
        for _ in 0..3 {
            group.join()?;
        }
        group.settle()?;
        group.exchange()?;
        let began = Instant::now();
        group.tools.remove(2).0.leave()?;
        group.shared_out()?;
        same("the others wait for the session of one that left", began.elapsed() >= SESSION, false)?;
        group.settle()?;
        group.exchange()?;
        group.tools.remove(1).0.kill()?;
        group.settle()?;
        group.exchange()?;
        group.tools.remove(0).0.leave()
    }

    fn join(&mut self) -> Outcome {
        let bootstrap = self.scene.broker.bootstrap();
        let mut words = vec!["--bootstrap-server", &bootstrap, "--topic", &self.topic];
        words.extend([self.member.group, &self.topic]);
        words.extend(self.member.words);
        self.tools.push((Listening::start(self.member.class, &words, &complaints(self.scene))?, 0));
        Ok(())
    }

    /// Waits until the group is stable, with as many members as there are, all partitions shared out among all of them.
    fn settle(&mut self) -> Outcome {
        self.shared_out()?;
        let words = ["--describe", "--group", &self.topic, "--members", "--verbose"];
        let told = cases_groups::group(self.scene, &words)?;
        let members = told.lines().filter(|line| line.starts_with(&self.topic));
        same("members that ConsumerGroupCommand sees", members.count(), self.tools.len())
    }

    fn shared_out(&self) -> Outcome {
        self.until("shared out", |described, members| {
            let owned = |member: &Value| member["assignment"].as_array().map_or(0, Vec::len);
            let owned: Vec<usize> =
                described["members"].as_array().into_iter().flatten().map(owned).collect();
            let all: usize = owned.iter().sum();
            described["state"] == "Stable"
                && owned.len() == members
                && all == PARTITIONS
                && !owned.contains(&0)
        })
    }

    /// Writes to every partition, and waits until each record was read once, in order, and committed.
    fn exchange(&mut self) -> Outcome {
        let bootstrap = self.scene.broker.bootstrap();
        let lines: String = (self.end..self.end + 5).map(|offset| format!("{offset}\n")).collect();
        for partition in 0..PARTITIONS {
            kcat(&bootstrap, &["-P", "-t", &self.topic, "-p", &partition.to_string()], &lines)?;
        }
        self.end += 5;
        let deadline = Instant::now() + PATIENCE;
        while self.read.iter().any(|read| *read != self.end) {
            if Instant::now() > deadline {
                return Err(format!("not all is read: {:?} of {} each", self.read, self.end).into());
            }
            for (tool, heard) in &mut self.tools {
                tool.listen()?;
                for (partition, offset, value) in
                    tool.said[*heard..].iter().filter_map(|line| (self.member.parse)(line))
                {
                    same(&format!("offset read of {partition}"), offset, self.read[partition])?;
                    same("its value", value, offset.to_string())?;
                    self.read[partition] += 1;
                }
                *heard = tool.said.len();
            }
        }
        let end = self.end;
        self.until("committed", |described, _| {
            let places = described["offsets"].as_array().map(Vec::as_slice).unwrap_or_default();
            places.len() == PARTITIONS && places.iter().all(|place| place["offset"] == end)
        })
    }

    /// Waits until what our command says of the group is so, with so many members.
    fn until(&self, what: &str, enough: impl Fn(&Value, usize) -> bool) -> Outcome {
        let members = self.tools.len();
        until(self.scene, &self.topic, what, |described| enough(described, members)).map_err(|failure| {
            let tools: Vec<String> =
                self.tools.iter().map(|(tool, _)| tool.failure("is a member").to_string()).collect();
            format!("{failure}\n{}", tools.join("\n")).into()
        })
    }
}

/// Waits until what our command says of a group is so.
fn until(scene: &Scene, group: &str, what: &str, enough: impl Fn(&Value) -> bool) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    let words = ["group", "describe", group, "--json", "--bootstrap", &scene.broker.bootstrap()];
    loop {
        let said = ours(&scene.programs.ottla, &words, "").unwrap_or_default(); // none yet
        let described: Value = serde_json::from_str(&said).unwrap_or_default();
        if enough(&described[0]) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{group} is not {what}: {said}").into());
        }
    }
}

/// Where tools complain.
fn complaints(scene: &Scene) -> PathBuf {
    scene.broker.data().with_file_name("complaints")
}

/// How many lines hold a text.
fn count(said: &[String], text: &str) -> usize {
    said.iter().filter(|line| line.contains(text)).count()
}

/// Partition, offset and value of each record that an event of a verifiable tool tells.
fn records(said: &[String], event: &str) -> BTreeSet<(i64, i64, String)> {
    let tells = said.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tells = tells.filter(|told| told["name"] == event);
    tells
        .filter_map(|told| {
            let value = told["value"].as_str()?.to_owned();
            Some((told["partition"].as_i64()?, told["offset"].as_i64()?, value))
        })
        .collect()
}

/// All of them run when the broker goes, and have something left to do when it is back.
fn restart(scene: &mut Scene) -> Outcome {
    let (bootstrap, folder) = (scene.broker.bootstrap(), complaints(scene));
    for topic in ["through-console", "through-verifiable", "through-performance", "through-latency"] {
        create(scene, topic, 2)?;
    }
    let start = |class: &str, topic: &str, words: &[&str]| {
        let all = [&["--bootstrap-server", &bootstrap, "--topic", topic], words].concat();
        Listening::start(class, &all, &folder)
    };
    let lines = |from: usize, to: usize| (from..to).map(|number| format!("{number}\n")).collect::<String>();
    let mut writer = start("ConsoleProducer", "through-console", &[])?;
    let mut reader = start(
        "consumer.ConsoleConsumer",
        "through-console",
        &[
            "--from-beginning",
            "--max-messages",
            "60",
            "--timeout-ms",
            "60000",
            "--group",
            "through-console",
            "--command-property",
            "auto.commit.interval.ms=100",
        ],
    )?;
    let mut producer = start("VerifiableProducer", "through-verifiable", &["--throughput", "100"])?;
    let mut consumer =
        start("VerifiableConsumer", "through-verifiable", &["--group-id", "through", "--verbose"])?;
    let sent = ["--num-records", "10000"];
    let words = ["--timeout", "60000", "--group", "through-performance"];
    let measuring_reads = start("ConsumerPerformance", "through-performance", &[&sent[..], &words].concat())?;
    writer.say(&lines(0, 30))?;
    reader.until("30 lines", |said| said.len() == 30)?;
    producer.until("100 acknowledged", |said| count(said, "producer_send_success") >= 100)?;
    consumer.until("50 records", |said| count(said, "record_data") >= 50)?;
    let mut latency = start(
        "EndToEndLatency",
        "through-latency",
        &["--num-records", "5000", "--producer-acks", "all", "--record-size", "100"],
    )?;
    let words = ["--record-size", "100", "--throughput", "500", "--reporting-interval", "500"];
    let mut measuring_writes =
        start("ProducerPerformance", "through-performance", &[&sent[..], &words].concat())?;
    latency.until("its first record", |said| !said.is_empty())?;
    measuring_writes.until("its first records", |said| count(said, "records sent") >= 1)?;
    until(scene, "through-performance", "reading", |group| group["state"] == "Stable")?;
    // A consumer of Java that finds no broker forgets all topics for a moment, and gives up what it has: it begins anew
    // at what it has committed.
    until(scene, "through-console", "committed", |group| {
        let places = group["offsets"].as_array().into_iter().flatten();
        places.filter_map(|place| place["offset"].as_u64()).sum::<u64>() == 30
    })?;
    scene.broker.stop()?;
    scene.broker.serve()?;

    writer.say(&lines(30, 60))?;
    writer.end()?;
    let mut read: Vec<usize> = reader.end()?.iter().filter_map(|line| line.parse().ok()).collect();
    read.sort_unstable();
    same("what ConsoleConsumer read", read, (0..60).collect())?;

    let before = count(&producer.said, "producer_send_success");
    producer.until("100 more", |said| count(said, "producer_send_success") >= before + 100)?;
    producer.leave()?;
    // It tries no record a second time, so what it sends while the broker is away is lost, and it says so.
    producer.until("how it ended", |said| count(said, "\"tool_data\"") == 1)?;
    let acknowledged = records(&producer.said, "producer_send_success");
    consumer.until("all of them", |said| acknowledged.is_subset(&records(said, "record_data")))?;
    consumer.leave()?;

    let said = measuring_writes.end()?;
    same("what ProducerPerformance sent", count(&said, "10000 records sent"), 1)?;
    let said = measuring_reads.end()?;
    let counted: usize = said.last().and_then(|line| line.split(", ").nth(4)).unwrap_or_default().parse()?;
    same("ConsumerPerformance read less than there is", counted < 10_000, false)?;
    holds("EndToEndLatency", &latency.end()?.join("\n"), "Percentiles: 50th = ")
}
