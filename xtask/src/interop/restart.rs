//! A broker that goes and comes back while a producer, a reader and a group of every family go on.
//!
//! All families meet here at one restart: it costs a real Kafka seconds, and would disturb whatever ran beside it.

use super::client::{Stage, Talk};
use super::families::{Family, KCAT};
use super::groups::{self, Group};
use super::records::{Record, same_records, sample};
use crate::brokers::Broker;
use crate::outcome::Outcome;
use serde_json::json;
use std::sync::Barrier;

/// How the broker goes.
pub(super) struct Feature {
    /// What the table calls it.
    pub(super) name: &'static str,
    /// Makes the broker go.
    pub(super) go: fn(&mut Broker) -> Outcome,
}

pub(super) const FEATURES: [Feature; 2] =
    [Feature { name: "restart", go: Broker::stop }, Feature { name: "kill -9", go: Broker::kill }];

/// Partitions of the topic that is written and read without a group.
pub(super) const PARTITIONS: i32 = 3;

/// Records before the broker goes, and again so many after it has come back.
const RECORDS: usize = 60;

/// The topic of the group, beside the one that is written and read.
pub(super) fn group_topic(topic: &str) -> String {
    format!("{topic}-group")
}

/// Lets all families go through it, each with a topic of its own.
pub(super) fn play(
    stage: &Stage,
    broker: &mut Broker,
    feature: &Feature,
    families: &[(&Family, String)],
) -> Outcome<Vec<Outcome>> {
    let (gone, back) = (Barrier::new(families.len() + 1), Barrier::new(families.len() + 1));
    std::thread::scope(|scope| {
        let (gone, back) = (&gone, &back);
        let through = |family: &Family, topic: &str| -> Outcome {
            let before = Running::start(stage, family, topic);
            gone.wait();
            back.wait();
            before?.go_on()
        };
        let started: Vec<_> = families
            .iter()
            .map(|(family, topic)| {
                scope.spawn(move || through(family, topic).map_err(|failure| failure.to_string()))
            })
            .collect();
        gone.wait();
        let again = (feature.go)(broker).and_then(|()| broker.serve());
        back.wait();
        let lost = || Err("the thread of a family has died".to_owned());
        let outcomes = started.into_iter().map(|one| one.join().unwrap_or_else(|_| lost()));
        let outcomes = outcomes.map(|outcome| outcome.map_err(Into::into)).collect();
        again.map(|()| outcomes)
    })
}

/// What a family has running when the broker goes.
struct Running<'a> {
    records: Vec<Record>,
    producer: Talk,
    reader: Talk,
    read: Vec<(i64, Record)>,
    group: Option<Group<'a>>,
}

impl<'a> Running<'a> {
    /// Starts everything, and waits until the first half of the records has come through.
    fn start(stage: &'a Stage, family: &Family, topic: &str) -> Outcome<Self> {
        let records = sample(family.name, PARTITIONS, i32::try_from(2 * RECORDS)?);
        let partitions: Vec<i32> = (0..PARTITIONS).collect();
        let mut producer = stage.talk(family, "produce", json!({"topic": topic, "codec": "none"}))?;
        let order = json!({"topic": topic, "partitions": partitions, "count": records.len()});
        // A reader that is a member of a group by force may read twice what it could not commit.
        let reader = if family.lack("assigned").is_some() { &KCAT } else { family };
        let mut reader = stage.talk(reader, "consume", order)?;
        producer.client.say(&records[..RECORDS])?;
        producer.written(RECORDS)?;
        let read = reader.records(RECORDS)?;
        let mut group = None;
        if family.lack(groups::FEATURES[0]).is_none() {
            let mut members = Group::new(stage, &group_topic(topic), groups::PARTITIONS, family.assignor);
            members.join(family)?;
            members.join(family)?;
            members.settle()?;
            members.exchange()?;
            group = Some(members);
        }
        Ok(Self { records, producer, reader, read, group })
    }

    /// The second half, with the same programs.
    fn go_on(mut self) -> Outcome {
        self.producer.client.say(&self.records[RECORDS..])?;
        self.producer.client.hang_up();
        self.producer.written(2 * RECORDS)?;
        self.producer.end()?;
        self.read.extend(self.reader.records(RECORDS)?);
        self.reader.end()?;
        same_records("what was read", &self.read, &self.records)?;
        let Some(mut group) = self.group else { return Ok(()) };
        group.settle()?;
        group.exchange()?;
        group.end()
    }
}
