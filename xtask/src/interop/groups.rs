//! A consumer group under watch: who owns what, and who has read what.
//!
//! The members are programs of one family or of several; what happens to them is told by the case. Whatever it is, once
//! things have settled each partition has one owner, and every record is read once, in order, by that owner.

use super::client::{Client, PATIENCE, Said, Stage};
use super::families::{CONFLUENT, Family};
use super::programs::kcat;
use super::same;
use crate::outcome::Outcome;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// Features of the table that [`life`] tries, in this order.
pub(super) const FEATURES: [&str; 3] = ["group of 3", "one leaves", "one dies"];

/// Partitions of a topic that one family's group reads.
pub(super) const PARTITIONS: i32 = 6;

/// After this time without a member the broker takes it for dead. Kafka allows no less than 6 s.
pub(super) const SESSION: Duration = Duration::from_secs(9);

/// How long nobody may say anything about partitions before the group counts as settled.
const QUIET: Duration = Duration::from_millis(800);

/// Records that one exchange writes to each partition.
const EXCHANGED: i64 = 5;

/// One group that reads one topic.
pub(super) struct Group<'a> {
    stage: &'a Stage<'a>,
    topic: String,
    assignor: String,
    members: BTreeMap<usize, Member>,
    joined: usize,
    /// For each partition, where it ends and up to where it was read.
    ends: Vec<i64>,
    read: Vec<i64>,
    sender: Sender<(usize, Said)>,
    said: Receiver<(usize, Said)>,
}

struct Member {
    client: Client,
    owned: BTreeSet<i32>,
    /// How often it has said what it owns.
    turns: usize,
}

/// How a member joins, where that is not as its library does by itself.
#[derive(Clone, Default)]
pub(super) struct Manner {
    /// Whether it speaks the new protocol (KIP-848).
    pub(super) consumer: bool,
    /// The assignor that it asks for, in the place of the group's.
    pub(super) assignor: Option<&'static str>,
    /// Its name, if it is a static member.
    pub(super) instance: Option<&'static str>,
    /// What it subscribes to in the place of the topic: all topics whose whole names match.
    pub(super) pattern: Option<String>,
}

impl<'a> Group<'a> {
    /// A group without members, named after its topic.
    pub(super) fn new(stage: &'a Stage<'a>, topic: &str, partitions: i32, assignor: &str) -> Self {
        let (sender, said) = mpsc::channel();
        let none = vec![0; usize::try_from(partitions).unwrap_or_default()];
        Self {
            stage,
            topic: topic.to_owned(),
            assignor: assignor.to_owned(),
            members: BTreeMap::new(),
            joined: 0,
            ends: none.clone(),
            read: none,
            sender,
            said,
        }
    }

    /// Starts one more member; they are numbered from 0.
    pub(super) fn join(&mut self, family: &Family) -> Outcome {
        self.join_as(family, &Manner::default())
    }

    /// Starts one more member, in a manner of its own.
    pub(super) fn join_as(&mut self, family: &Family, manner: &Manner) -> Outcome {
        let order = json!({
            "topic": self.topic,
            "group": self.topic,
            "assignor": manner.assignor.unwrap_or(&self.assignor),
            "session_ms": u64::try_from(SESSION.as_millis())?,
            "protocol": if manner.consumer { "consumer" } else { "classic" },
            "instance": manner.instance,
            "pattern": manner.pattern,
        });
        let voice = (self.joined, self.sender.clone());
        let client = self.stage.start(family, "group", order, voice)?;
        self.members.insert(self.joined, Member { client, owned: BTreeSet::new(), turns: 0 });
        self.joined += 1;
        if family.joins_in_turn { self.settle() } else { Ok(()) }
    }

    /// Waits until each partition has one owner, each member a partition, and nobody has anything to add.
    pub(super) fn settle(&mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.said.recv_timeout(QUIET) {
                Ok(said) => self.heard(said)?,
                Err(RecvTimeoutError::Timeout) if self.is_shared_out() => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err("no member is left".into()),
            }
            if Instant::now() > deadline {
                return Err(self.failure("the group does not settle"));
            }
        }
    }

    fn is_shared_out(&self) -> bool {
        let owned: Vec<i32> = self.members.values().flat_map(|member| member.owned.iter().copied()).collect();
        let distinct: BTreeSet<i32> = owned.iter().copied().collect();
        owned.len() == self.ends.len()
            && distinct.len() == owned.len()
            && self.members.values().all(|member| !member.owned.is_empty())
    }

    /// Writes to every partition, and waits until each record was read once, by the owner, and committed.
    pub(super) fn exchange(&mut self) -> Outcome {
        for (partition, end) in self.ends.iter_mut().enumerate() {
            let lines: String = (0..EXCHANGED).map(|number| format!("{}\n", *end + number)).collect();
            let words = ["-P", "-t", &self.topic, "-p", &partition.to_string()];
            kcat(&self.stage.bootstrap, &words, &lines)?;
            *end += EXCHANGED;
        }
        self.catch_up()
    }

    /// Waits until everything was read once, in order, by its owners, and was committed.
    fn catch_up(&mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while self.read != self.ends {
            match self.said.recv_timeout(Duration::from_millis(100)) {
                Ok(said) => self.heard(said)?,
                Err(_) if Instant::now() > deadline => {
                    return Err(self.failure("not everything is read"));
                }
                Err(_) => {}
            }
        }
        let order = json!({
            "topic": self.topic,
            "group": self.topic,
            "offsets": self.ends,
            "patience_ms": 20_000,
        });
        self.stage.talk(&CONFLUENT, "committed", order)?.end()
    }

    /// Takes in what a member said.
    fn heard(&mut self, (number, said): (usize, Said)) -> Outcome {
        let Some(member) = self.members.get_mut(&number) else { return Ok(()) }; // it has left or died
        match said {
            Said::Owned(owned) => (member.owned, member.turns) = (owned, member.turns + 1),
            Said::Record(offset, record) => {
                let partition = record.partition.ok_or("a record without a partition")?;
                if !member.owned.contains(&partition) {
                    let what = format!("read {partition} at {offset}, which it does not own");
                    return Err(member.client.failure(&what));
                }
                let next = &mut self.read[usize::try_from(partition)?];
                if offset != *next {
                    let what = format!("read {partition} at {offset}, where {next} comes next");
                    return Err(member.client.failure(&what));
                }
                same("a value", record.value, Some(offset.to_string()))?;
                *next += 1;
            }
            other => return Err(member.client.failure(&format!("said {other}"))),
        }
        Ok(())
    }

    /// Lets a member leave in good order, and the others settle; they must not need to wait for its session to end.
    pub(super) fn leave(&mut self, number: usize) -> Outcome {
        let mut member = self.members.remove(&number).ok_or("no such member")?;
        let began = Instant::now();
        member.client.end()?;
        self.settle()?;
        let settled = began.elapsed();
        if settled < SESSION {
            return Ok(());
        }
        Err(format!("the others took {settled:.1?} to share out what {number} had left").into())
    }

    /// Kills a member, and lets the others settle.
    pub(super) fn kill(&mut self, number: usize) -> Outcome {
        self.members.remove(&number).ok_or("no such member")?.client.kill()?;
        self.settle()
    }

    /// Lets a static member go in good order and come back: it owns what it owned, and the others notice nothing.
    pub(super) fn come_back(&mut self, number: usize, family: &Family, manner: &Manner) -> Outcome {
        let others = |group: &Self| -> Vec<(usize, usize)> {
            let others =
                group.members.iter().filter(|(other, _)| **other != number && **other < group.joined);
            others.map(|(other, member)| (*other, member.turns)).collect()
        };
        let before = others(self);
        let mut member = self.members.remove(&number).ok_or("no such member")?;
        member.client.end()?;
        self.join_as(family, manner)?;
        self.settle()?;
        let (again, back) = self.members.pop_last().ok_or("no member")?;
        same("what the member owns that came back", &back.owned, &member.owned)?;
        same("what the others said, as often as", others(self), before)?;
        self.members.insert(again, back);
        Ok(())
    }

    /// Lets everyone leave.
    pub(super) fn end(mut self) -> Outcome {
        for member in self.members.values_mut() {
            member.client.hang_up();
        }
        for member in self.members.values_mut() {
            member.client.end()?;
        }
        Ok(())
    }

    fn failure(&self, what: &str) -> crate::outcome::Failure {
        let mut text = format!("{what}: read {:?} of {:?}", self.read, self.ends);
        for (number, member) in &self.members {
            let said = member.client.failure("complained");
            text.push_str(&format!("\nmember {number} owns {:?}: {said}", member.owned));
        }
        text.into()
    }
}

/// The life of a group of one family: three join, one leaves, one dies. Tells how each of [`FEATURES`] ended.
pub(super) fn life(stage: &Stage, family: &Family, topic: &str, mut ended: impl FnMut(&str, Outcome)) {
    let mut group = Group::new(stage, topic, PARTITIONS, family.assignor);
    let steps: [fn(&mut Group, &Family) -> Outcome; 3] = [
        |group, family| {
            for _ in 0..3 {
                group.join(family)?;
            }
            group.settle()
        },
        |group, _| group.leave(2),
        |group, _| group.kill(1),
    ];
    let mut well = true;
    for (feature, step) in FEATURES.into_iter().zip(steps) {
        let outcome = match well {
            true => step(&mut group, family).and_then(|()| group.exchange()),
            false => Err("it did not come that far".into()),
        };
        well = outcome.is_ok();
        ended(feature, outcome);
    }
}
