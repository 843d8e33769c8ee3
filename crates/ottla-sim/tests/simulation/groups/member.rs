//! One member of a group through its lives: each in a process of its own, which may be killed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla::client::TopicPartition;
use ottla::consumer::{self, Batch, Consumer, Event, GroupProtocol, OffsetReset, Revocation};
use ottla::env::Rng;
use ottla::protocol::api::ErrorCode;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::plan::{Commits, GroupPlan, LifeEnd, MemberPlan};
use crate::clients::{AGAIN, Seams};
use crate::history::partitions;
use ottla_check::{Isolation, What};
use ottla_sim::{Process, millis as ms};

/// After so long without news a member commits what it has not.
const IDLE: Duration = Duration::from_millis(700);

/// Where a member can be seen from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    consumer: Option<Consumer>,
    is_restless: bool,
}

impl Seat {
    /// A member that is to come.
    pub(crate) fn new() -> Self {
        let seat = Self::default();
        seat.look(|state| state.is_restless = true);
        seat
    }

    /// Whether it is still to come or go.
    pub(crate) fn is_restless(&self) -> bool {
        self.look(|state| state.is_restless)
    }

    /// What it reads, if it lives.
    pub(crate) fn assignment(&self) -> Option<BTreeSet<TopicPartition>> {
        self.look(|state| state.consumer.as_ref().map(|consumer| consumer.assignment().into_iter().collect()))
    }

    fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }
}

/// Lives all lives of a member; one that stays ends only when its twin takes its place.
pub(crate) async fn live(seams: Seams, group: GroupPlan, index: usize, mut rng: Rng, seats: Vec<Seat>) {
    let plan = group.members[index].clone();
    let (seat, twin) = (seats[index].clone(), plan.twin.map(|twin| seats[twin].clone()));
    sleep(plan.away).await;
    for (number, life) in plan.lives.iter().enumerate() {
        sleep(life.away).await;
        let mut member = Member::begin(&seams, &group, &plan, &format!("{index}.{number}"), &mut rng, &seat);
        let until = Instant::now() + life.lasts;
        match life.end {
            // Death comes in the middle of whatever it does.
            LifeEnd::Dies => {
                let _dead = timeout_at(until, member.work(None)).await;
            }
            LifeEnd::Leaves | LifeEnd::Stalls(_) => member.work(Some(until)).await,
        }
        member.end(life.end).await;
    }
    if plan.stays {
        let name = format!("{index}.{}", plan.lives.len());
        let mut member = Member::begin(&seams, &group, &plan, &name, &mut rng, &seat);
        member.twin = twin;
        seat.look(|state| state.is_restless = false);
        member.work(None).await;
        member.end(LifeEnd::Dies).await;
    }
    seat.look(|state| state.is_restless = false);
}

/// A member in one life.
struct Member {
    seams: Seams,
    group: GroupPlan,
    plan: MemberPlan,
    name: String,
    process: Process,
    rng: Rng,
    seat: Seat,
    consumer: Option<Consumer>,
    /// Where another member of this name can be seen.
    twin: Option<Seat>,
}

impl Member {
    fn begin(
        seams: &Seams,
        group: &GroupPlan,
        plan: &MemberPlan,
        name: &str,
        rng: &mut Rng,
        seat: &Seat,
    ) -> Self {
        let process = seams.sim.process();
        let seams = Seams { env: process.env(rng.next_u64()), ..seams.clone() };
        Self {
            name: format!("{} {name}", group.name),
            group: group.clone(),
            plan: plan.clone(),
            process,
            rng: seams.env.rng(),
            seams,
            seat: seat.clone(),
            consumer: None,
            twin: None,
        }
    }

    /// Joins and reads, until it is done with what it has at that time.
    async fn work(&mut self, until: Option<Instant>) {
        let mut consumer = self.join().await;
        while until.is_none_or(|until| Instant::now() < until) {
            let Ok(event) = timeout(IDLE, consumer.next_event()).await else {
                if !matches!(self.plan.commits, Commits::Auto(_)) {
                    self.commit(&consumer).await;
                }
                continue;
            };
            match event {
                Ok(Event::Batch(batch)) => self.read(&consumer, batch).await,
                Ok(Event::Assigned(partitions)) => self.is_assigned(&partitions),
                Ok(Event::Revoking(revocation)) => self.give_up(&consumer, revocation).await,
                Ok(Event::Lost(partitions)) => self.is_without(&partitions),
                Ok(other) => self.seams.history.problem(format!("refused: {} got {other:?}", self.name)),
                Err(error) if error.is_retriable() => {
                    self.note(&error.to_string());
                    sleep(AGAIN).await;
                }
                Err(error) if self.is_replaced(&error) => return self.note(&error.to_string()),
                Err(error) if self.is_fenced(&error) => {
                    self.note(&error.to_string());
                    consumer.close().await;
                    self.has_left();
                    sleep(AGAIN).await;
                    consumer = self.join().await;
                }
                Err(error) => {
                    self.seams.history.problem(format!("refused: {}: {error}", self.name));
                    sleep(AGAIN).await;
                }
            }
        }
    }

    /// Its twin has joined after it, and is there to go on.
    fn is_replaced(&self, error: &consumer::Error) -> bool {
        is_fencing(error) && self.twin.as_ref().is_some_and(|twin| twin.assignment().is_some())
    }

    /// A static member that took its place over while the group rebalanced is taken for a stranger by a
    /// coordinator that has lost that rebalance in a crash, by Kafka's as well. And where the coordinator assigns, a
    /// name is taken until its bearer of before leaves or is given up. Its user starts anew.
    fn is_fenced(&self, error: &consumer::Error) -> bool {
        let crashes = self.seams.history.crashes();
        let is_early = self.plan.is_assigned && is_refused(error, ErrorCode::UNRELEASED_INSTANCE_ID);
        is_fencing(error) && (crashes > 0 || self.twin.is_some()) || is_early
    }

    async fn join(&mut self) -> Consumer {
        let mut config = consumer::Config::with_client(self.seams.config(&self.name, Duration::from_secs(2)))
            .with_group_id(self.group.name.as_str())
            .with_auto_offset_reset(OffsetReset::Earliest)
            .with_session(self.group.session_timeout, self.group.heartbeat_interval)
            .with_max_poll_interval(self.group.max_poll_interval)
            .with_assignors(self.group.assignors.iter().copied())
            .with_fetch_min(1, Duration::from_millis(200));
        if self.plan.is_assigned {
            config = config.with_group_protocol(GroupProtocol::Consumer);
        }
        if let Some(instance) = &self.plan.instance_id {
            config = config.with_group_instance_id(instance.as_str());
        }
        config = match self.plan.commits {
            Commits::Auto(interval) => config.with_auto_commit(interval),
            Commits::EachBatch | Commits::OneOf(_) => config.without_auto_commit(),
        };
        let consumer = loop {
            match Consumer::new(config.clone()).await {
                Ok(consumer) => break consumer,
                Err(error) => self.note(&error.to_string()),
            }
            sleep(AGAIN).await;
        };
        let topics: BTreeSet<_> = self.seams.places.iter().map(|place| place.topic.clone()).collect();
        if let Err(error) = consumer.subscribe(topics).await {
            self.seams.history.problem(format!("refused: {}: {error}", self.name));
        }
        self.note("has subscribed");
        self.consumer = Some(consumer.clone());
        self.seat.look(|state| state.consumer = Some(consumer.clone()));
        consumer
    }

    async fn read(&mut self, consumer: &Consumer, batch: Batch) {
        let history = self.seams.history.clone();
        let place = batch.topic_partition().clone();
        let mut records = Vec::new();
        for record in &batch {
            match record {
                Ok(record) => {
                    let key = record.key.map(Bytes::copy_from_slice);
                    let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
                    records.push((record.offset, key, value));
                }
                Err(error) => history.problem(format!("damage: {}: {error}", self.name)),
            }
        }
        let Some(last) = records.last().map(|(offset, ..)| *offset) else { return };
        history.read(&self.name, Some(&self.group.name), &place, Isolation::ReadUncommitted, &records);
        if !self.plan.work_max.is_zero() {
            sleep(ms(&mut self.rng, 0, millis(self.plan.work_max))).await;
        }
        history.handled(&self.group.name, &self.name, &place, last + 1);
        drop(batch);
        let commits = match self.plan.commits {
            Commits::Auto(_) => false,
            Commits::EachBatch => true,
            Commits::OneOf(batches) => self.rng.below(batches) == 0,
        };
        if commits {
            self.commit(consumer).await;
        }
    }

    async fn commit(&self, consumer: &Consumer) {
        let asked = self.seams.history.commits(&self.name, &self.group.name);
        match consumer.commit().await {
            Ok(committed) => {
                asked.committed(committed.iter().map(|(place, committed)| (place, committed.offset.0)));
            }
            Err(error) => asked.doubted(&error.to_string()),
        }
    }

    async fn give_up(&mut self, consumer: &Consumer, revocation: Revocation) {
        let partitions = revocation.partitions().to_vec();
        self.is_without(&partitions);
        if self.plan.commits_revoked && !matches!(self.plan.commits, Commits::Auto(_)) {
            self.commit(consumer).await;
        }
        if self.rng.chance(0.5) { revocation.done().await } else { drop(revocation) }
    }

    fn is_assigned(&self, places: &[TopicPartition]) {
        // It may be told of it late, when the group is in another one. Epochs are each member's own.
        let known = self.consumer.as_ref().filter(|_| !self.group.is_assigned);
        let generation = known.and_then(|consumer| consumer.group_metadata().ok());
        self.seams.history.push(What::Assigned {
            who: self.name.clone(),
            group: self.group.name.clone(),
            generation: generation.map(|known| known.generation).filter(|generation| *generation >= 0),
            instance: self.plan.instance_id.clone(),
            partitions: partitions(places),
        });
    }

    fn is_without(&self, places: &[TopicPartition]) {
        let (who, group) = (self.name.clone(), self.group.name.clone());
        self.seams.history.push(What::Revoked { who, group, partitions: partitions(places) });
    }

    fn has_left(&self) {
        self.seams.history.push(What::Left { who: self.name.clone(), group: self.group.name.clone() });
    }

    async fn end(&mut self, end: LifeEnd) {
        self.note(&format!("ends: {end:?}"));
        if let LifeEnd::Stalls(stall) = end {
            sleep(stall).await;
        }
        let consumer = self.consumer.take();
        if let (LifeEnd::Leaves, Some(consumer)) = (end, consumer.clone()) {
            consumer.close().await;
        }
        // What closes with the consumer does not come to it any more.
        self.process.kill();
        self.has_left();
        self.seat.look(|state| state.consumer = None);
        drop(consumer);
        self.note("is no more");
    }

    fn note(&self, what: &str) {
        self.seams.history.note(&format!("{}: {what}", self.name));
    }
}

fn is_fencing(error: &consumer::Error) -> bool {
    is_refused(error, ErrorCode::FENCED_INSTANCE_ID)
}

fn is_refused(error: &consumer::Error, with: ErrorCode) -> bool {
    matches!(error, consumer::Error::Group { code, .. } if *code == with)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}
