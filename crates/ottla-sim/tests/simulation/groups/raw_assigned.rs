//! A member made by hand that leaves it to the coordinator to assign (KIP-848), on a network that repeats, loses and
//! reorders what it says.
//!
//! It keeps to the protocol: one request is under way, the next says all about itself where an answer did not come, what it
//! is to give up is given up before that is said, and it drops everything when it is fenced or its session has passed. Copies
//! of its requests arrive later, over whichever connection. It owns partitions and reads nothing, so no commit of anybody else
//! may be taken for them meanwhile; and it tries to commit far behind everything as a member that nobody is.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla::client::{Client, Error, Lane, TopicPartition};
use ottla::env::Rng;
use ottla::protocol::Request;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla::protocol::messages::offset_commit::OffsetCommitRequest;
use ottla::protocol::wire::{Str, Uuid};
use tokio::time::{Instant, sleep, timeout};

use super::plan::{GroupPlan, RawPlan};
use super::raw::{BEHIND_EVERYTHING, CLIENTS, COMMIT_BY_NAME, code_of, commit};
use crate::clients::{AGAIN, Seams};
use crate::history::partitions;
use ottla_check::What;
use ottla_sim::{millis as ms, number};

/// Copies of its requests that the network keeps.
const COPIES_MAX: usize = 12;

/// Meddles with a group for a while, and is gone without a word.
pub(crate) async fn meddle(seams: Seams, group: GroupPlan, plan: RawPlan, mut rng: Rng) {
    sleep(plan.away).await;
    let process = seams.sim.process();
    let seams = Seams { env: process.env(rng.next_u64()), ..seams };
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(seams.client("raw").await);
    }
    let topics = topic_ids(&seams, &clients[0]).await;
    let heard = Arc::new(Mutex::new(Heard::default()));
    let lives = number(&mut rng, 0, 1_000_000);
    let mut raw = Raw { seams, group, clients, topics, heard, rng, copies: Vec::new(), lives, member: None };
    // Others give up what it is given with their next heartbeats.
    let until = Instant::now() + plan.lasts.max(raw.group.heartbeat_interval * 15);
    while Instant::now() < until {
        raw.turn().await;
        sleep(ms(&mut raw.rng, 0, plan.turn_max_ms)).await;
    }
    raw.drops_all("is no more");
    process.kill();
}

/// The ids of the topics that the group reads.
async fn topic_ids(seams: &Seams, client: &Client) -> Vec<(Uuid, Str)> {
    let names: BTreeSet<Str> = seams.places.iter().map(|place| place.topic.clone()).collect();
    loop {
        let described = client.admin().describe_topics(names.iter().cloned()).await;
        let known = described.into_iter().filter_map(|(name, topic)| Some((topic.ok()?.id, name)));
        let known: Vec<_> = known.collect();
        if known.len() == names.len() {
            return known;
        }
        seams.history.note("raw: not all topics are described");
        sleep(AGAIN).await;
    }
}

/// What has been answered to the request under way.
#[derive(Default)]
struct Heard {
    /// Its number; answers to others come too late.
    number: u64,
    answer: Option<ConsumerGroupHeartbeatResponse>,
}

/// What it is in this life.
struct Member {
    id: Str,
    epoch: i32,
    owned: BTreeSet<TopicPartition>,
    target: BTreeSet<TopicPartition>,
    /// What it said last that it owns.
    said: Option<BTreeSet<TopicPartition>>,
    /// Since when a request is under way.
    asked: Option<Instant>,
    /// When the last request was sent that was answered well.
    heard_of: Instant,
    tells_all: bool,
}

struct Raw {
    seams: Seams,
    group: GroupPlan,
    clients: Vec<Client>,
    topics: Vec<(Uuid, Str)>,
    heard: Arc<Mutex<Heard>>,
    rng: Rng,
    copies: Vec<ConsumerGroupHeartbeatRequest>,
    lives: u64,
    member: Option<Member>,
}

impl Raw {
    async fn turn(&mut self) {
        self.hears();
        let has_passed = |member: &Member| member.heard_of.elapsed() >= self.group.session_timeout;
        if self.member.as_ref().is_some_and(has_passed) {
            self.drops_all("gives its session up");
        }
        if !self.copies.is_empty() && self.rng.chance(0.3) {
            let index = number(&mut self.rng, 0, self.copies.len() - 1);
            let copy = self.copies.swap_remove(index);
            self.send(copy, 0, true);
        }
        match self.rng.below(40) {
            0..=2 => self.commits_as_nobody(),
            3 if self.member.is_some() => self.leaves(),
            _ => {
                self.works();
                self.beats();
            }
        }
    }

    /// Takes in what was answered to the request under way, or gives up on it.
    fn hears(&mut self) {
        let Some(member) = &mut self.member else { return };
        let Some(asked) = member.asked else { return };
        let answer = self.heard.lock().unwrap().answer.take();
        let Some(answer) = answer else {
            if asked.elapsed() > self.group.heartbeat_interval * 2 {
                (member.asked, member.tells_all) = (None, true);
            }
            return;
        };
        member.asked = None;
        match answer.error_code {
            ErrorCode::NONE => {
                (member.epoch, member.heard_of) = (answer.member_epoch, asked);
                if let Some(assignment) = answer.assignment {
                    member.target = named(&self.topics, &assignment.topic_partitions);
                    // Each assignment is answered with what is owned then.
                    member.said = None;
                }
            }
            ErrorCode::FENCED_MEMBER_EPOCH | ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::GROUP_ID_NOT_FOUND => {
                self.drops_all("is fenced");
            }
            _ => member.tells_all = true,
        }
    }

    /// Gives up what it is to give up, or takes over what it is given.
    fn works(&mut self) {
        let takes = self.rng.chance(0.6); // what it gives up, it gives up at once, or all would wait for it
        let name = self.name();
        let Some(member) = &mut self.member else { return };
        let gone: Vec<_> = member.owned.difference(&member.target).cloned().collect();
        let group = self.group.name.clone();
        if !gone.is_empty() {
            member.owned.retain(|place| member.target.contains(place));
            let (who, partitions) = (name.clone(), partitions(&gone));
            self.seams.history.push(What::Revoked { who, group: group.clone(), partitions });
        }
        let new: Vec<_> = member.target.difference(&member.owned).cloned().collect();
        if takes && !new.is_empty() {
            member.owned.extend(new.iter().cloned());
            self.seams.history.push(What::Assigned {
                who: name,
                group,
                generation: None,
                instance: None,
                partitions: partitions(&new),
            });
        }
    }

    /// Says what is to be said, unless a request is under way.
    fn beats(&mut self) {
        if self.member.is_none() {
            self.lives += 1;
            self.member = Some(Member {
                id: Str::from(format!("raw-{}", self.lives)),
                epoch: 0,
                owned: BTreeSet::new(),
                target: BTreeSet::new(),
                said: None,
                asked: None,
                heard_of: Instant::now(),
                tells_all: true,
            });
        }
        let Some(member) = self.member.as_mut().filter(|member| member.asked.is_none()) else { return };
        let mut request = ConsumerGroupHeartbeatRequest::default();
        request.group_id = Str::from(self.group.name.clone());
        (request.member_id, request.member_epoch) = (member.id.clone(), member.epoch);
        request.rebalance_timeout_ms = -1;
        if member.tells_all || member.epoch == 0 {
            request.rebalance_timeout_ms = i32::try_from(self.group.max_poll_interval.as_millis()).unwrap();
            request.subscribed_topic_names = Some(self.topics.iter().map(|(_, name)| name.clone()).collect());
        }
        if member.tells_all || member.said.as_ref() != Some(&member.owned) {
            request.topic_partitions = Some(listed(&self.topics, &member.owned));
            member.said = Some(member.owned.clone());
        }
        (member.tells_all, member.asked) = (false, Some(Instant::now()));
        let number = {
            let mut heard = self.heard.lock().unwrap();
            (heard.number, heard.answer) = (heard.number + 1, None);
            heard.number
        };
        match self.rng.below(10) {
            // It is lost, and may arrive later.
            0 => self.keeps(request),
            1 => self.send(request, number, false),
            2..=4 => {
                self.keeps(request.clone());
                self.send(request, number, true);
            }
            5 => {
                self.send(request.clone(), 0, true);
                self.send(request, number, true);
            }
            _ => self.send(request, number, true),
        }
    }

    fn leaves(&mut self) {
        let Some(member) = &self.member else { return };
        let mut request = ConsumerGroupHeartbeatRequest::default();
        request.group_id = Str::from(self.group.name.clone());
        (request.member_id, request.member_epoch) = (member.id.clone(), -1);
        request.rebalance_timeout_ms = -1;
        self.drops_all("leaves");
        self.keeps(request.clone());
        self.send(request, 0, true);
    }

    /// The network keeps a copy.
    fn keeps(&mut self, request: ConsumerGroupHeartbeatRequest) {
        self.copies.push(request);
        if self.copies.len() > COPIES_MAX {
            self.copies.remove(0);
        }
    }

    /// It owns nothing any more, and comes back as somebody else.
    fn drops_all(&mut self, why: &str) {
        let Some(_) = self.member.take() else { return };
        self.seams.history.note(&format!("{} {why}", self.name()));
        self.seams.history.push(What::Left { who: self.name(), group: self.group.name.clone() });
    }

    fn commits_as_nobody(&mut self) {
        let alive = self.member.as_ref().filter(|member| member.epoch > 0);
        let (id, epoch) = match alive.filter(|_| self.rng.chance(0.5)) {
            Some(member) => (member.id.clone(), member.epoch + 1_000),
            None => (Str::from_static("nobody"), 1),
        };
        let place = &self.seams.places[number::<usize>(&mut self.rng, 0, self.seams.places.len() - 1)];
        let request = commit(&self.group, &id, epoch, place, BEHIND_EVERYTHING);
        let asks = self.asks();
        self.seams.env.spawn(async move {
            let Ok(answer) = asks.call(&request).await else { return };
            let code = code_of(&answer);
            asks.seams.history.note(&format!("raw of {} commits as nobody: {code}", asks.group));
            if code == ErrorCode::NONE {
                let what = format!("group-dead: {} took a commit of {id:?} in epoch {epoch}", asks.group);
                asks.seams.history.problem(what);
            }
        });
    }

    /// Sends a request, over whichever connection, and takes its answer in or never hears of it.
    fn send(&mut self, request: ConsumerGroupHeartbeatRequest, number: u64, listens: bool) {
        let (asks, heard) = (self.asks(), Arc::clone(&self.heard));
        // Long enough to be sent, and mostly not to be answered.
        let patience = if listens { self.group.max_poll_interval } else { Duration::from_millis(1) };
        self.seams.env.spawn(async move {
            let Ok(Ok(answer)) = timeout(patience, asks.call(&request)).await else { return };
            let (id, epoch, code) = (&request.member_id, request.member_epoch, answer.error_code);
            asks.seams.history.note(&format!(
                "raw of {} beats as {id} in {epoch}: {code} in {}",
                asks.group, answer.member_epoch
            ));
            let mut heard = heard.lock().unwrap();
            if heard.number == number {
                heard.answer = Some(answer);
            }
        });
    }

    fn asks(&mut self) -> Asks {
        Asks {
            seams: self.seams.clone(),
            client: self.clients[number::<usize>(&mut self.rng, 0, CLIENTS - 1)].clone(),
            lane: if self.rng.chance(0.5) { Lane::Groups } else { Lane::Calls },
            group: Str::from(self.group.name.clone()),
            patience: self.group.max_poll_interval,
        }
    }

    fn name(&self) -> String {
        format!("raw of {}", self.group.name)
    }
}

/// One request under way.
struct Asks {
    seams: Seams,
    client: Client,
    lane: Lane,
    group: Str,
    patience: Duration,
}

/// A request of a member.
trait Ask: Request {
    /// The newest version that this member speaks.
    const NEWEST: i16;
}

impl Ask for ConsumerGroupHeartbeatRequest {
    const NEWEST: i16 = i16::MAX;
}

impl Ask for OffsetCommitRequest {
    const NEWEST: i16 = COMMIT_BY_NAME;
}

impl Asks {
    async fn call<R: Ask>(&self, request: &R) -> Result<R::Response, Error> {
        let node = self.client.coordinator(self.group.clone()).await?;
        let connection = self.client.connection(node, self.lane).await?;
        let version = connection.version_at_most::<R>(R::NEWEST)?;
        let answer = connection.call_within(request, version, self.patience).await;
        if answer.is_err() {
            self.client.forget_coordinator(&self.group, node);
        }
        answer
    }
}

fn named(topics: &[(Uuid, Str)], told: &[TopicPartitions]) -> BTreeSet<TopicPartition> {
    let mut places = BTreeSet::new();
    for topic in told {
        let Some((_, name)) = topics.iter().find(|(id, _)| *id == topic.topic_id) else { continue };
        places.extend(topic.partitions.iter().map(|partition| TopicPartition::new(name.clone(), *partition)));
    }
    places
}

fn listed(topics: &[(Uuid, Str)], places: &BTreeSet<TopicPartition>) -> Vec<TopicPartitions> {
    let of = |(id, name): &(Uuid, Str)| {
        let mut listed = TopicPartitions::default();
        listed.topic_id = *id;
        let of_topic = places.iter().filter(|place| place.topic == *name);
        listed.partitions = of_topic.map(|place| place.partition).collect::<Vec<_>>().into();
        listed
    };
    topics.iter().map(of).filter(|listed| listed.partitions.iter().next().is_some()).collect()
}
