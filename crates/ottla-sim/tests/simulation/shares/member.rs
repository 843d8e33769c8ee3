//! One member of a share group through its lives: each in a process of its own, which may be killed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla::client::{Client, ConfigChange, ConfigResource, Error, Lane, NodeId, TopicPartition};
use ottla::env::Rng;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::share_group_heartbeat::{Assignment, ShareGroupHeartbeatRequest};
use ottla::protocol::wire::{Str, Uuid};
use ottla_check::What;
use ottla_sim::Process;
use tokio::time::{Instant, sleep, timeout_at};

use super::plan::{LifeEnd, MemberPlan, SharePlan};
use super::session::Session;
use crate::clients::{AGAIN, Seams};

/// How long it waits to learn of its topics.
const PATIENCE: Duration = Duration::from_secs(5);
/// The epochs of who joins, and of who leaves.
const JOINS: i32 = 0;
const LEAVES: i32 = -1;

/// Since when a member is given nothing, though it asks and is answered well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quiet(Arc<Mutex<Option<Instant>>>);

impl Quiet {
    /// A question was answered with nothing, or not so.
    pub(super) fn is_given(&self, nothing: bool) {
        let mut since = self.0.lock().unwrap();
        *since = if nothing { since.or_else(|| Some(Instant::now())) } else { None };
    }

    /// Whether it has lasted so long.
    pub(super) fn lasts(&self, long: Duration) -> bool {
        self.0.lock().unwrap().is_some_and(|since| since.elapsed() > long)
    }
}

/// Configures a group, however often it takes, and tells the history of it.
pub(crate) async fn configure(seams: &Seams, group: &SharePlan) {
    let client = seams.client("operator").await;
    let resource = ConfigResource::Group(Str::from(group.name.clone()));
    loop {
        let changes = group.config().into_iter().map(|(key, value)| ConfigChange::set(key, value)).collect();
        let changed = client.admin().alter_configs([(resource.clone(), changes)]).await;
        match changed.into_values().next() {
            Some(Ok(())) => break,
            other => seams.history.note(&format!("{} is not configured: {other:?}", group.name)),
        }
        sleep(AGAIN).await;
    }
    seams.history.push(What::ShareGroup {
        group: group.name.clone(),
        topics: group.topics.iter().map(|(topic, _)| topic.clone()).collect(),
        delivery_limit: Some(group.delivery_limit),
        lock: Some(u64::try_from(group.lock.as_micros()).unwrap()),
    });
}

/// Lives all lives of a member; one that stays never ends.
pub(crate) async fn live(seams: Seams, group: Arc<SharePlan>, index: usize, mut rng: Rng, quiet: Quiet) {
    let plan = group.members[index].clone();
    for (number, life) in plan.lives.iter().enumerate() {
        sleep(life.away).await;
        let mut member = Member::begin(&seams, &group, &plan, &format!("{index}.{number}"), &mut rng);
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
        let mut member = Member::begin(&seams, &group, &plan, &name, &mut rng);
        member.quiet = quiet;
        member.work(None).await;
    }
}

/// A member in one life.
pub(super) struct Member {
    pub(super) seams: Seams,
    pub(super) group: Arc<SharePlan>,
    pub(super) plan: MemberPlan,
    pub(super) rng: Rng,
    name: String,
    /// How the coordinator knows it.
    pub(super) id: Str,
    epoch: i32,
    next_beat: Instant,
    /// Whether its last heartbeat has no answer yet.
    is_beating: bool,
    /// What it is to read.
    pub(super) assigned: Vec<(Uuid, TopicPartition)>,
    process: Process,
    client: Option<Client>,
    sessions: u32,
    pub(super) session: Option<Session>,
    pub(super) quiet: Quiet,
}

impl Member {
    fn begin(seams: &Seams, group: &Arc<SharePlan>, plan: &MemberPlan, name: &str, rng: &mut Rng) -> Self {
        let process = seams.sim.process();
        let seams = Seams { env: process.env(rng.next_u64()), ..seams.clone() };
        let mut rng = seams.env.rng();
        Self {
            name: format!("{} {name}", group.name),
            group: Arc::clone(group),
            plan: plan.clone(),
            process,
            id: Str::from(format!("member-{:016x}", rng.next_u64())),
            rng,
            seams,
            epoch: JOINS,
            next_beat: Instant::now(),
            is_beating: false,
            assigned: Vec::new(),
            client: None,
            sessions: 0,
            session: None,
            quiet: Quiet::default(),
        }
    }

    /// Joins and takes records, on one connection after the other.
    async fn work(&mut self, until: Option<Instant>) {
        let client = self.seams.client(&self.name).await;
        self.client = Some(client.clone());
        loop {
            let served = self.serve(&client, until).await;
            match served {
                Ok(()) => return,
                Err(error) => self.note(&error.to_string()),
            }
            self.has_left();
            self.quiet.is_given(false);
            sleep(AGAIN).await;
        }
    }

    async fn serve(&mut self, client: &Client, until: Option<Instant>) -> Result<(), Error> {
        let group = Str::from(self.group.name.clone());
        let node = client.coordinator(group.clone()).await?;
        let topics = self.topics(client).await?;
        while self.assigned.is_empty() {
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(());
            }
            if !self.beat(client, node, &topics).await? {
                client.forget_coordinator(&group, node);
            }
            sleep(AGAIN).await;
        }
        let connection = client.connection(node, Lane::LongPolls).await?;
        self.sessions += 1;
        let who = format!("{}/{}", self.name, self.sessions);
        self.session = Some(Session::new(who, connection));
        while until.is_none_or(|until| Instant::now() < until) {
            if Instant::now() >= self.next_beat {
                match self.beat(client, node, &topics).await {
                    Ok(true) => {}
                    Ok(false) => client.forget_coordinator(&group, node),
                    Err(error) => self.note(&error.to_string()),
                }
            }
            self.step().await?;
        }
        Ok(())
    }

    async fn topics(&self, client: &Client) -> Result<Vec<(Uuid, Str)>, Error> {
        let mut topics = Vec::new();
        for (name, _) in &self.group.topics {
            topics.push((client.topic(name, PATIENCE).await?.id, Str::from(name.clone())));
        }
        Ok(topics)
    }

    /// Tells the coordinator that it lives; says whether the coordinator was one.
    async fn beat(&mut self, client: &Client, node: NodeId, topics: &[(Uuid, Str)]) -> Result<bool, Error> {
        self.next_beat = Instant::now() + self.group.heartbeat_interval;
        let mut request = self.heartbeat(self.epoch);
        // Without an answer to the last one, nobody knows whether an assignment was lost with it.
        let is_whole = self.epoch == JOINS || self.is_beating;
        self.is_beating = true;
        request.subscribed_topic_names =
            is_whole.then(|| topics.iter().map(|(_, name)| name.clone()).collect());
        let connection = client.connection(node, Lane::Groups).await?;
        let version = connection.version::<ShareGroupHeartbeatRequest>()?;
        let answer = connection.call_within(&request, version, self.plan.request_timeout).await?;
        match answer.error_code {
            ErrorCode::NONE => {
                (self.epoch, self.is_beating) = (answer.member_epoch, false);
                if let Some(assignment) = answer.assignment {
                    self.assigned = places(&assignment, topics);
                }
                return Ok(true);
            }
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH => {
                (self.epoch, self.next_beat) = (JOINS, Instant::now() + AGAIN);
            }
            code if code.is_retriable() => {}
            code => self.seams.history.problem(format!("refused: {} beats: {code}", self.name)),
        }
        self.note(&format!("beats: {}", answer.error_code));
        Ok(false)
    }

    fn heartbeat(&self, epoch: i32) -> ShareGroupHeartbeatRequest {
        let mut request = ShareGroupHeartbeatRequest::default();
        (request.group_id, request.member_id) = (Str::from(self.group.name.clone()), self.id.clone());
        request.member_epoch = epoch;
        request
    }

    /// What it held may be anybody's by now.
    pub(super) fn has_left(&mut self) {
        if let Some(session) = self.session.take() {
            self.seams.history.push(What::Left { who: session.who, group: self.group.name.clone() });
        }
    }

    async fn end(&mut self, end: LifeEnd) {
        self.note(&format!("ends: {end:?}"));
        match end {
            LifeEnd::Stalls(stall) => self.stall(Instant::now() + stall).await,
            LifeEnd::Leaves => {
                if let Err(error) = self.leave().await {
                    self.note(&format!("leaves: {error}"));
                }
            }
            LifeEnd::Dies => {}
        }
        self.process.kill();
        self.has_left();
        self.client = None;
        self.note("is no more");
    }

    /// Asks for nothing. What it held is anybody's once its connection is gone, though it does not look.
    async fn stall(&mut self, until: Instant) {
        while Instant::now() < until {
            sleep(AGAIN.min(until - Instant::now())).await;
            if self.session.as_ref().is_some_and(Session::is_closed) {
                self.has_left();
            }
        }
    }

    async fn leave(&mut self) -> Result<(), Error> {
        self.end_session().await?;
        let Some(client) = self.client.clone() else { return Ok(()) };
        let node = client.coordinator(Str::from(self.group.name.clone())).await?;
        let connection = client.connection(node, Lane::Groups).await?;
        let version = connection.version::<ShareGroupHeartbeatRequest>()?;
        let request = self.heartbeat(LEAVES);
        let answer = connection.call_within(&request, version, self.plan.request_timeout).await?;
        self.note(&format!("leaves: {}", answer.error_code));
        Ok(())
    }

    pub(super) fn note(&self, what: &str) {
        self.seams.history.note(&format!("{}: {what}", self.name));
    }
}

fn places(assignment: &Assignment, topics: &[(Uuid, Str)]) -> Vec<(Uuid, TopicPartition)> {
    let mut places = Vec::new();
    for one in &assignment.topic_partitions {
        let Some((id, name)) = topics.iter().find(|(id, _)| *id == one.topic_id) else { continue };
        places.extend(
            one.partitions.iter().map(|partition| (*id, TopicPartition::new(name.clone(), *partition))),
        );
    }
    places
}
