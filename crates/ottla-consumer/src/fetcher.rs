//! What to fetch from which broker, and what to hand out next.
//!
//! A state machine with neither network nor clock nor task: assignments, seeks, metadata, answers and
//! time go in; requests, batches and errors come out. The shell around it is `worker`, and how a
//! batch is checked and unpacked is in `consumer`.
//!
//! Memory is bounded twice: a partition is fetched again once less than one answer of it waits, and
//! nothing is fetched while `prefetch.max.bytes` wait in all.

mod answer;
mod group;
mod partition;
mod place;
mod request;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_client::internal::{Directory, Route};
use ottla_client::{Backoff, Cluster, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::wire::Uuid;

use crate::batch::Batch;
use crate::config::{Config, OffsetReset};
use crate::error::Error;
use crate::progress::{Lease, Progress};
use crate::session::{Asked, Session};
use partition::{Fetched, Partition};

pub(crate) use place::{Committed, Find, Place, Wanted};
pub(crate) use request::{FetchPlan, TOPIC_IDS_FROM};

/// How long a broker may wait for data while another partition is held back because enough of it
/// waits here: not long, because that may change at any moment.
const HELD_BACK_WAIT: Duration = Duration::from_millis(20);

/// What to hand out next.
#[derive(Debug)]
pub(crate) enum Next {
    /// A batch as it was fetched.
    Fetched(Taken),
    /// What is left of one that was handed out before.
    Returned(Batch),
}

/// A batch to be handed out, not checked yet.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) name: Arc<TopicPartition>,
    pub(crate) batch: ottla_protocol::records::Batch,
    pub(crate) from: i64,
    pub(crate) high_watermark: i64,
    pub(crate) turn: u64,
    pub(crate) lease: Option<Lease>,
}

/// The fetching half of a consumer.
#[derive(Debug)]
pub(crate) struct Fetcher {
    rules: Rules,
    partitions: BTreeMap<TopicPartition, Partition>,
    routes: BTreeMap<Route, RouteState>,
    /// Partitions with something to hand out, next one first.
    line: VecDeque<TopicPartition>,
    fetched_bytes: usize,
    made_room: bool,
    turns: u64,
    rng: Rng,
}

#[derive(Clone, Debug)]
struct Rules {
    reset: OffsetReset,
    min_bytes: i32,
    max_wait: Duration,
    /// Bytes in one answer: the connections to a broker share what one may hold.
    max_bytes: i32,
    partition_bytes_max: i32,
    isolation: ottla_client::IsolationLevel,
    prefetch_max: usize,
    rack: String,
    connections_per_broker: u16,
    backoff: Backoff,
    /// Whether it is watched how far the user is, so that it can be committed.
    commits: bool,
}

#[derive(Debug, Default)]
struct RouteState {
    session: Session,
    /// The turns of the partitions in flight, by partition.
    in_flight: Option<BTreeMap<TopicPartition, u64>>,
    not_before: Option<Instant>,
    /// Whether the last answer was that the session is no good.
    starts_over: bool,
}

impl Fetcher {
    pub(crate) fn new(config: &Config, rng: Rng) -> Self {
        let rules = Rules {
            reset: config.auto_offset_reset,
            min_bytes: config.fetch_min_bytes,
            max_wait: config.fetch_max_wait,
            max_bytes: (config.fetch_max_bytes / i32::from(config.connections_per_broker)).max(1),
            partition_bytes_max: config.max_partition_fetch_bytes,
            isolation: config.isolation_level,
            prefetch_max: config.prefetch_max_bytes,
            rack: config.client_rack.clone(),
            connections_per_broker: config.connections_per_broker,
            backoff: config.client.backoff_of_retries(),
            commits: config.group_id.is_some(),
        };
        Self {
            rules,
            partitions: BTreeMap::new(),
            routes: BTreeMap::new(),
            line: VecDeque::new(),
            fetched_bytes: 0,
            made_room: false,
            turns: 0,
            rng,
        }
    }

    /// Reads exactly `partitions` from here on, each from its place.
    pub(crate) fn assign(&mut self, partitions: impl IntoIterator<Item = (TopicPartition, Place)>) {
        self.partitions.clear();
        self.line.clear();
        self.fetched_bytes = 0;
        for (name, place) in partitions {
            self.turns += 1;
            let partition = Partition::new(name.clone(), self.turns, place, self.rules.backoff.clone());
            self.partitions.insert(name, partition);
        }
    }

    /// The partitions that are read.
    pub(crate) fn assignment(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }

    /// Goes on elsewhere in a partition; says whether it is assigned.
    pub(crate) fn seek(&mut self, partition: &TopicPartition, place: Place) -> bool {
        self.turns += 1;
        let Some(partition) = self.partitions.get_mut(partition) else { return false };
        self.fetched_bytes -= partition.go_to(place, self.turns);
        true
    }

    /// Hands out nothing of a partition for a while, or goes on with it; says whether it is assigned.
    pub(crate) fn set_paused(&mut self, partition: &TopicPartition, is_paused: bool) -> bool {
        let Some(state) = self.partitions.get_mut(partition) else { return false };
        state.is_paused = is_paused;
        self.line_up(partition);
        true
    }

    /// The offset that is handed out next, once it is known.
    pub(crate) fn position(&self, partition: &TopicPartition) -> Option<i64> {
        let partition = self.partitions.get(partition)?;
        match partition.position {
            Place::Offset(offset) => {
                Some(partition.returned.front().map_or(offset, |batch| batch.first_offset().0))
            }
            Place::Find(_) => None,
        }
    }

    /// Where a partition ends for readers, as far as an answer told.
    pub(crate) fn high_watermark(&self, partition: &TopicPartition) -> Option<i64> {
        self.partitions.get(partition)?.high_watermark
    }

    /// The next batch or error to hand out.
    pub(crate) fn take(&mut self) -> Option<Result<Next, Error>> {
        while let Some(name) = self.line.pop_front() {
            let Some(partition) = self.partitions.get_mut(&name) else { continue };
            partition.is_in_line = false;
            if partition.is_paused || partition.is_stopped {
                continue;
            }
            if let Some(batch) = partition.returned.pop_front() {
                self.line_up(&name);
                return Some(Ok(Next::Returned(batch)));
            }
            let Some(next) = partition.fetched.pop_front() else {
                match partition.error.take() {
                    Some(error) => return Some(Err(error)),
                    None => continue,
                }
            };
            let len = next.batch.bytes().len();
            let enough = usize::try_from(self.rules.partition_bytes_max).unwrap_or(usize::MAX);
            let was_full = partition.fetched_bytes >= enough || self.fetched_bytes >= self.rules.prefetch_max;
            partition.fetched_bytes -= len;
            self.fetched_bytes -= len;
            self.made_room |= was_full;
            let Place::Offset(from) = partition.position else { continue };
            let (next_offset, epoch) =
                (next.batch.header().next_offset().max(from), next.batch.header().partition_leader_epoch);
            partition.position = Place::Offset(next_offset);
            let lease = (self.rules.commits && !next.is_hidden).then(|| {
                partition.forget_finished();
                let progress = Arc::new(Progress::new(from, next_offset, epoch));
                partition.progress.push_back(Arc::clone(&progress));
                Lease::new(progress)
            });
            let taken = Taken {
                name: Arc::clone(&partition.name),
                from,
                high_watermark: next.high_watermark,
                turn: partition.turn,
                lease,
                batch: next.batch,
            };
            self.line_up(&name);
            if next.is_hidden {
                continue;
            }
            return Some(Ok(Next::Fetched(taken)));
        }
        None
    }

    /// A batch that was taken turned out bad: its partition stays there until a seek.
    pub(crate) fn was_bad(&mut self, taken: &Taken) {
        let Some(partition) = self.partitions.get_mut(&*taken.name).filter(|known| known.turn == taken.turn)
        else {
            return;
        };
        self.turns += 1;
        let before = partition.progress_without_last();
        self.fetched_bytes -= partition.go_to(Place::Offset(taken.from), self.turns);
        partition.progress = before;
        partition.is_stuck = true;
    }

    /// Whether something that was handed out since the last call was in the way of fetching more.
    pub(crate) fn take_made_room(&mut self) -> bool {
        std::mem::take(&mut self.made_room)
    }

    /// Connections over which something is to be fetched and that are not asked already.
    pub(crate) fn ready_routes(&mut self, now: Instant, cluster: &Cluster) -> BTreeSet<Route> {
        if self.fetched_bytes >= self.rules.prefetch_max {
            return BTreeSet::new();
        }
        let mut routes = self.wanted_routes(now, cluster).unwrap_or_else(|| {
            self.spread(now, cluster);
            self.wanted_routes(now, cluster).unwrap_or_default()
        });
        routes.retain(|route| {
            self.routes.get(route).is_none_or(|state| {
                state.in_flight.is_none() && state.not_before.is_none_or(|not_before| not_before <= now)
            })
        });
        routes
    }

    /// Connections over which something is to be fetched; `None` if one is still to be chosen for a partition.
    fn wanted_routes(&self, now: Instant, cluster: &Cluster) -> Option<BTreeSet<Route>> {
        let wanted = self.partitions.values().filter(|partition| self.is_fetchable(partition, now));
        let route_to_leader = |partition: &Partition| {
            let leader = cluster.leader(&partition.name)?.node;
            Some(partition.route.filter(|route| route.node == leader))
        };
        wanted.filter_map(route_to_leader).collect()
    }

    /// Chooses a connection for each partition that has a new leader: the one that carries the fewest. It stays
    /// there, so that never two of them are asked for the same records.
    fn spread(&mut self, now: Instant, cluster: &Cluster) {
        let leader_if_new = |partition: &Partition| {
            let leader = cluster.leader(&partition.name)?.node;
            partition.route.is_none_or(|route| route.node != leader).then_some(leader)
        };
        let mut carried = BTreeMap::<Route, usize>::new();
        for partition in self.partitions.values() {
            if leader_if_new(partition).is_none()
                && let Some(route) = partition.route
            {
                *carried.entry(route).or_default() += 1;
            }
        }
        for partition in self.partitions.values_mut().filter(|partition| partition.wants_fetch(now)) {
            let Some(node) = leader_if_new(partition) else { continue };
            let carries = |route| carried.get(&route).copied().unwrap_or(0);
            let route = Route::least_used(node, self.rules.connections_per_broker, carries);
            partition.route = Some(route);
            *carried.entry(route).or_default() += 1;
        }
    }

    /// The next request over a connection, which counts as sent.
    pub(crate) fn fetch_over(&mut self, route: Route, now: Instant, cluster: &Cluster) -> Option<FetchPlan> {
        let mut wanted = BTreeMap::new();
        let mut turns = BTreeMap::new();
        let mut is_held_back = false;
        for (name, partition) in &self.partitions {
            if partition.route != Some(route) {
                continue;
            }
            let Some(leader) = cluster.leader(name).filter(|leader| leader.node == route.node) else {
                continue;
            };
            if !self.is_fetchable(partition, now) {
                is_held_back |= partition.wants_fetch(now);
                continue;
            }
            let asked = Asked {
                topic_id: cluster.topic(&name.topic).map_or(Uuid::ZERO, |topic| topic.id),
                fetch_offset: partition.fetch_offset,
                leader_epoch: leader.epoch,
                bytes_max: self.rules.partition_bytes_max,
            };
            wanted.insert(name.clone(), asked);
            turns.insert(name.clone(), partition.turn);
        }
        if wanted.is_empty() {
            return None;
        }
        let state = self.routes.entry(route).or_default();
        state.in_flight = Some(turns);
        let names_ids = wanted.values().all(|asked| asked.topic_id != Uuid::ZERO);
        let delta = state.session.next(wanted);
        let max_wait =
            if is_held_back { self.rules.max_wait.min(HELD_BACK_WAIT) } else { self.rules.max_wait };
        Some(FetchPlan {
            delta,
            names_ids,
            max_wait,
            min_bytes: self.rules.min_bytes,
            max_bytes: self.rules.max_bytes,
            isolation: self.rules.isolation,
            rack: self.rules.rack.clone(),
        })
    }

    /// Takes in that a request has no answer.
    pub(crate) fn failed(&mut self, route: Route, now: Instant, directory: &mut dyn Directory) {
        directory.want_refresh();
        let wait = self.rules.backoff.clone().next_wait(&mut self.rng);
        let state = self.routes.entry(route).or_default();
        state.in_flight = None;
        state.session.failed();
        state.not_before = Some(now + wait);
    }

    /// When to look again, if nothing else happens before.
    pub(crate) fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let partitions = self.partitions.values().filter_map(|partition| partition.not_before);
        let routes = self.routes.values().filter_map(|state| state.not_before);
        partitions.chain(routes).filter(|at| *at > now).min()
    }

    fn is_fetchable(&self, partition: &Partition, now: Instant) -> bool {
        let enough = usize::try_from(self.rules.partition_bytes_max).unwrap_or(usize::MAX);
        partition.wants_fetch(now) && partition.fetched_bytes < enough
    }

    fn line_up(&mut self, name: &TopicPartition) {
        if let Some(partition) = self.partitions.get_mut(name)
            && partition.has_something()
            && !partition.is_in_line
        {
            partition.is_in_line = true;
            self.line.push_back(name.clone());
        }
    }
}
