//! A member made by hand out of single requests, which it repeats, loses and sends in another order.
//!
//! It joins a group of real members, leads it when it is told to, and reads nothing. What it commits under names
//! that are its own goes to a partition of its own; under names that are nobody's any more it tries to commit far
//! behind everything, which must always be refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla::client::{Client, Error, Lane, TopicPartition};
use ottla::consumer::assignor::wire::{self, Subscription};
use ottla::consumer::assignor::{Assignment, Assignor, Topics};
use ottla::env::Rng;
use ottla::protocol::Request;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::heartbeat::HeartbeatRequest;
use ottla::protocol::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse, JoinGroupResponseMember,
};
use ottla::protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla::protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use ottla::protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla::protocol::wire::Str;
use tokio::time::{Instant, sleep};

use super::plan::{GroupPlan, RawPlan};
use crate::clients::Seams;
use ottla_sim::{millis as ms, number};

/// The topic that it commits to.
pub(crate) const TOPIC: &str = "raw";
/// What is committed under dead names: no partition of a world comes to it.
pub(super) const BEHIND_EVERYTHING: i64 = 1_000_000;
/// Connections are what a broker keeps in order; there are two lanes to each client.
pub(super) const CLIENTS: usize = 2;
/// The last version of `JoinGroup` that makes a member of whoever asks, at once.
const JOIN_AT_ONCE: i16 = 3;
/// The last version of `LeaveGroup` for one member alone.
const LEAVE_ALONE: i16 = 2;
/// The last version of `OffsetCommit` that names topics.
pub(super) const COMMIT_BY_NAME: i16 = 9;

/// A request, to be sent now, later, twice or never.
#[derive(Clone)]
enum Ask {
    Join(JoinGroupRequest),
    Sync(SyncGroupRequest),
    Heartbeat(HeartbeatRequest),
    Leave(LeaveGroupRequest),
    /// Under a name that may be its own.
    Commit(OffsetCommitRequest),
    /// Under a name that is nobody's.
    DeadCommit(OffsetCommitRequest),
}

/// What it knows by the answers so far, which may come late and in any order.
#[derive(Default)]
struct Known {
    member_id: Str,
    generation: i32,
    assignor: Option<Assignor>,
    /// All members, while it leads.
    members: Vec<JoinGroupResponseMember>,
    is_synced: bool,
    /// Requests to join that are under way.
    joins: usize,
    /// Names that it had.
    names: Vec<(Str, i32)>,
    /// The newest generation whose assignment was given out: older names are dead, whatever the coordinator loses.
    given_out: i32,
}

/// Makes the partition that it commits to.
pub(crate) async fn create_topic(seams: &Seams) {
    crate::clients::create_topics(seams, &[(TOPIC.to_owned(), 1)]).await;
}

/// Meddles with a group for a while, and is gone without a word.
pub(crate) async fn meddle(seams: Seams, group: GroupPlan, plan: RawPlan, mut rng: Rng) {
    sleep(plan.away).await;
    let process = seams.sim.process();
    let seams = Seams { env: process.env(rng.next_u64()), ..seams };
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(seams.client("raw").await);
    }
    let known = Arc::new(Mutex::new(Known { generation: -1, given_out: -1, ..Known::default() }));
    let mut raw = Raw { seams, group, clients, known, rng, later: Vec::new() };
    let until = Instant::now() + plan.lasts;
    while Instant::now() < until {
        raw.turn();
        sleep(ms(&mut raw.rng, 0, plan.turn_max_ms)).await;
    }
    raw.seams.history.note(&format!("raw of {} is no more", raw.group.name));
    process.kill();
}

struct Raw {
    seams: Seams,
    group: GroupPlan,
    clients: Vec<Client>,
    known: Arc<Mutex<Known>>,
    rng: Rng,
    later: Vec<Ask>,
}

impl Raw {
    fn turn(&mut self) {
        let is_joining = self.known.lock().unwrap().is_joining();
        if is_joining && self.rng.chance(0.8) {
            return;
        }
        let ask = if !self.later.is_empty() && self.rng.chance(0.3) {
            let index = number(&mut self.rng, 0, self.later.len() - 1);
            self.later.swap_remove(index)
        } else {
            self.next_ask()
        };
        match self.rng.below(10) {
            0..=1 => self.later.push(ask),
            2..=3 => {
                self.later.push(ask.clone());
                self.send(ask, true);
            }
            4 => {
                self.send(ask.clone(), true);
                self.send(ask, true);
            }
            5 => self.send(ask, false),
            _ => self.send(ask, true),
        }
    }

    fn next_ask(&mut self) -> Ask {
        let known = self.known.lock().unwrap();
        if known.generation < 0 {
            return Ask::Join(join(&self.group, &known, &self.seams));
        }
        match self.rng.below(20) {
            0..=3 if !known.is_synced => Ask::Sync(sync(&self.group, &known, &self.seams)),
            4 => Ask::Join(join(&self.group, &known, &self.seams)),
            5 => {
                let mut leave = LeaveGroupRequest::default();
                leave.group_id = Str::from(self.group.name.clone());
                leave.member_id = known.member_id.clone();
                Ask::Leave(leave)
            }
            6..=8 => {
                let place = TopicPartition::new(TOPIC, 0);
                let offset = i64::from(known.generation);
                Ask::Commit(commit(&self.group, &known.member_id, known.generation, &place, offset))
            }
            9..=11 => {
                let dead: Vec<_> = known.names.iter().filter(|(_, at)| *at < known.given_out).collect();
                let (member, generation) = match self.rng.below(dead.len() as u64 + 2) {
                    0 => (Str::from_static("nobody"), known.generation),
                    1 => (known.member_id.clone(), known.generation + 1_000),
                    index => dead[usize::try_from(index).unwrap() - 2].clone(),
                };
                let place =
                    &self.seams.places[number::<usize>(&mut self.rng, 0, self.seams.places.len() - 1)];
                Ask::DeadCommit(commit(&self.group, &member, generation, place, BEHIND_EVERYTHING))
            }
            12..=13 => Ask::Sync(sync(&self.group, &known, &self.seams)),
            _ => {
                let mut beat = HeartbeatRequest::default();
                beat.group_id = Str::from(self.group.name.clone());
                (beat.member_id, beat.generation_id) = (known.member_id.clone(), known.generation);
                Ask::Heartbeat(beat)
            }
        }
    }

    /// Sends a request, over whichever connection, and takes its answer in or never hears of it.
    fn send(&mut self, ask: Ask, listens: bool) {
        let client = self.clients[number::<usize>(&mut self.rng, 0, CLIENTS - 1)].clone();
        let lane = if self.rng.chance(0.5) { Lane::Groups } else { Lane::Calls };
        let is_old = self.rng.chance(0.2);
        let (seams, known, group) =
            (self.seams.clone(), Arc::clone(&self.known), Str::from(self.group.name.clone()));
        let patience = self.group.max_poll_interval * 2;
        self.seams.env.spawn(async move {
            let asks = Asks { seams, client, lane, known, group, patience, is_old };
            let asked = asks.ask(ask);
            let lost = async {
                match listens {
                    true => std::future::pending().await,
                    // Long enough to be sent, and mostly not to be answered.
                    false => sleep(Duration::from_millis(1)).await,
                }
            };
            tokio::select! {
                biased;
                outcome = asked => if let Err(error) = outcome {
                    asks.seams.history.note(&format!("raw of {}: {error}", asks.group));
                },
                () = lost => {}
            }
        });
    }
}

/// One request under way.
struct Asks {
    seams: Seams,
    client: Client,
    lane: Lane,
    known: Arc<Mutex<Known>>,
    group: Str,
    patience: Duration,
    is_old: bool,
}

impl Asks {
    async fn ask(&self, ask: Ask) -> Result<(), Error> {
        match ask {
            Ask::Join(request) => {
                let _joins = Joins::new(&self.known);
                let answer = self.call(&request, JOIN_AT_ONCE).await?;
                self.note("joins", answer.error_code);
                self.joined(&request, answer);
            }
            Ask::Sync(request) => {
                let answer = self.call(&request, i16::MAX).await?;
                self.note("syncs", answer.error_code);
                let mut known = self.known.lock().unwrap();
                if answer.error_code == ErrorCode::NONE {
                    known.given_out = known.given_out.max(request.generation_id);
                    known.is_synced |= request.generation_id == known.generation;
                } else {
                    known.refused(&request.member_id, answer.error_code);
                }
            }
            Ask::Heartbeat(request) => {
                let answer = self.call(&request, i16::MAX).await?;
                self.note("beats", answer.error_code);
                self.known.lock().unwrap().refused(&request.member_id, answer.error_code);
            }
            Ask::Leave(request) => {
                let answer = match self.is_old {
                    true => self.call(&request, LEAVE_ALONE).await?,
                    false => {
                        let mut many = request.clone();
                        let mut member = MemberIdentity::default();
                        member.member_id = std::mem::take(&mut many.member_id);
                        many.members = vec![member.clone(), member];
                        self.call(&many, i16::MAX).await?
                    }
                };
                self.note("leaves", answer.error_code);
                self.known.lock().unwrap().refused(&request.member_id, ErrorCode::UNKNOWN_MEMBER_ID);
            }
            Ask::Commit(request) => {
                let answer = self.call(&request, COMMIT_BY_NAME).await?;
                self.note("commits", code_of(&answer));
            }
            Ask::DeadCommit(request) => {
                let answer = self.call(&request, COMMIT_BY_NAME).await?;
                self.note("commits as a dead one", code_of(&answer));
                if code_of(&answer) == ErrorCode::NONE {
                    self.seams.history.problem(format!(
                        "group-dead: {} took a commit of {:?} in generation {}",
                        self.group, request.member_id, request.generation_id_or_member_epoch
                    ));
                }
            }
        }
        Ok(())
    }

    async fn call<R: Request>(&self, request: &R, oldest: i16) -> Result<R::Response, Error> {
        let node = self.client.coordinator(self.group.clone()).await?;
        let connection = self.client.connection(node, self.lane).await?;
        let version = match self.is_old || oldest == COMMIT_BY_NAME {
            true => connection.version_at_most::<R>(oldest)?,
            false => connection.version::<R>()?,
        };
        let answer = connection.call_within(request, version, self.patience).await;
        if answer.is_err() {
            self.client.forget_coordinator(&self.group, node);
        }
        answer
    }

    fn joined(&self, request: &JoinGroupRequest, answer: JoinGroupResponse) {
        let mut known = self.known.lock().unwrap();
        match answer.error_code {
            ErrorCode::NONE if answer.generation_id >= known.generation => {
                known.names.push((answer.member_id.clone(), answer.generation_id));
                known.is_synced = false;
                known.assignor =
                    answer.protocol_name.as_ref().and_then(|name| name.as_str().parse::<Assignor>().ok());
                known.members = answer.members;
                (known.member_id, known.generation) = (answer.member_id, answer.generation_id);
            }
            // Another one has taken the place of this request.
            ErrorCode::NONE | ErrorCode::REBALANCE_IN_PROGRESS => {}
            ErrorCode::MEMBER_ID_REQUIRED => known.member_id = answer.member_id,
            code => known.refused(&request.member_id, code),
        }
    }

    fn note(&self, what: &str, code: ErrorCode) {
        self.seams.history.note(&format!("raw of {} {what}: {code}", self.group));
    }
}

/// A request to join that is under way.
struct Joins(Arc<Mutex<Known>>);

impl Joins {
    fn new(known: &Arc<Mutex<Known>>) -> Self {
        known.lock().unwrap().joins += 1;
        Self(Arc::clone(known))
    }
}

impl Drop for Joins {
    fn drop(&mut self) {
        self.0.lock().unwrap().joins -= 1;
    }
}

impl Known {
    /// Whether it waits for its first answer, or for the group.
    fn is_joining(&self) -> bool {
        self.generation < 0 && self.joins > 0
    }

    /// The coordinator does not know this name; if it is the one of now, another is needed.
    fn refused(&mut self, member_id: &Str, code: ErrorCode) {
        if *member_id != self.member_id {
            return;
        }
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID => (self.member_id, self.generation) = (Str::default(), -1),
            ErrorCode::ILLEGAL_GENERATION | ErrorCode::REBALANCE_IN_PROGRESS => self.generation = -1,
            _ => {}
        }
    }
}

pub(super) fn code_of(answer: &OffsetCommitResponse) -> ErrorCode {
    answer
        .topics
        .iter()
        .flat_map(|topic| &topic.partitions)
        .map(|partition| partition.error_code)
        .next()
        .unwrap()
}

fn join(group: &GroupPlan, known: &Known, seams: &Seams) -> JoinGroupRequest {
    let mut subscription = Subscription::default();
    subscription.topics = topics(seams).into_keys().collect();
    subscription.generation = -1;
    let mut request = JoinGroupRequest::default();
    request.group_id = Str::from(group.name.clone());
    request.member_id = known.member_id.clone();
    request.protocol_type = Str::from_static("consumer");
    request.session_timeout_ms = i32::try_from(group.session_timeout.as_millis()).unwrap();
    request.rebalance_timeout_ms = i32::try_from(group.max_poll_interval.as_millis()).unwrap();
    for assignor in group.assignors {
        let mut protocol = JoinGroupRequestProtocol::default();
        protocol.name = Str::from(assignor.name());
        protocol.metadata = subscription.encode(*assignor).unwrap();
        request.protocols.push(protocol);
    }
    request
}

/// Asks for the assignment; a leader brings it, as any leader would make it.
fn sync(group: &GroupPlan, known: &Known, seams: &Seams) -> SyncGroupRequest {
    let mut request = SyncGroupRequest::default();
    request.group_id = Str::from(group.name.clone());
    (request.member_id, request.generation_id) = (known.member_id.clone(), known.generation);
    let Some(assignor) = known.assignor else { return request };
    request.protocol_type = Some(Str::from_static("consumer"));
    request.protocol_name = Some(Str::from(assignor.name()));
    let read = |member: &JoinGroupResponseMember| {
        let (id, instance) = (member.member_id.clone(), member.group_instance_id.clone());
        wire::decode_member(assignor, id, instance, &member.metadata).ok()
    };
    let members: Vec<_> = known.members.iter().filter_map(read).collect();
    let layout = topics(seams)
        .into_iter()
        .fold(Topics::new(), |layout, (topic, count)| layout.with_topic(topic, count));
    let assignment: Assignment = assignor.assign(&layout, &members);
    for (member_id, partitions) in assignment {
        let mut assigned = SyncGroupRequestAssignment::default();
        assigned.member_id = member_id;
        assigned.assignment = wire::encode_assignment(&partitions).unwrap();
        request.assignments.push(assigned);
    }
    request
}

pub(super) fn commit(
    group: &GroupPlan,
    member_id: &Str,
    generation: i32,
    place: &TopicPartition,
    offset: i64,
) -> OffsetCommitRequest {
    let mut partition = OffsetCommitRequestPartition::default();
    (partition.partition_index, partition.committed_offset) = (place.partition, offset);
    let mut topic = OffsetCommitRequestTopic::default();
    topic.name = place.topic.clone();
    topic.partitions.push(partition);
    let mut request = OffsetCommitRequest::default();
    request.group_id = Str::from(group.name.clone());
    request.member_id = member_id.clone();
    request.generation_id_or_member_epoch = generation;
    request.topics.push(topic);
    request
}

/// How many partitions each topic has.
fn topics(seams: &Seams) -> BTreeMap<Str, usize> {
    let mut topics = BTreeMap::new();
    for place in seams.places.iter() {
        *topics.entry(place.topic.clone()).or_insert(0) += 1;
    }
    topics
}
