//! Which batches go to which broker and when, and what follows from the answers.
//!
//! A state machine with neither network nor clock nor task: partitions with news, metadata, answers
//! and time go in; requests and deadlines come out. The shell around it is `worker`.
//!
//! What it promises: batches of a partition are sent in order, and in one request a partition has one
//! batch. An idempotent producer that retries makes no duplicate and changes no order, because
//! batches keep their sequence and nothing new is numbered while something old is unresolved.

mod course;
mod lane;
mod outcome;
mod request;
mod sequence;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_client::internal::{Directory, Route};
use ottla_client::{Backoff, Cluster, NodeId, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::produce::ProduceResponse;
use ottla_protocol::wire::Uuid;

use crate::batch::Batch;
use crate::config::Config;
use crate::delivery::Acknowledged;
use crate::error::Error;
use crate::partition::Partition;
use crate::transaction::Course;
use course::{Followed, Told};
use lane::{Lane, Place, Wish};
use outcome::{Meaning, Outcome, Outcomes, meaning};

pub(crate) use request::{Sending, TOPIC_IDS_FROM};
pub(crate) use sequence::ProducerIdentity;

/// One request, until its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RequestId(u64);

/// The sending half of a producer.
#[derive(Debug)]
pub(crate) struct Sender {
    rules: Rules,
    lanes: Vec<Option<Lane>>,
    routes: BTreeMap<Route, RouteQueue>,
    leaderless: BTreeSet<usize>,
    timers: BTreeSet<(Instant, usize)>,
    requests: BTreeMap<RequestId, InFlight>,
    next_request: u64,
    identity: Option<ProducerIdentity>,
    /// The transaction, if there are transactions.
    followed: Option<Followed>,
    is_flushing: bool,
    rng: Rng,
}

#[derive(Clone, Debug)]
struct Rules {
    is_idempotent: bool,
    is_acknowledged: bool,
    linger: Duration,
    delivery_timeout: Duration,
    retries: u32,
    in_flight_max: usize,
    connections_per_broker: u16,
    request_bytes_max: usize,
    backoff: Backoff,
}

#[derive(Debug, Default)]
struct RouteQueue {
    /// Lanes that go over it.
    lanes: usize,
    ready: VecDeque<usize>,
    in_flight: usize,
}

#[derive(Debug)]
struct InFlight {
    route: Route,
    batches: Vec<Sent>,
    /// When the first of its batches is too old.
    expires_at: Instant,
}

#[derive(Debug)]
struct Sent {
    lane: usize,
    batch: Batch,
    topic_id: Uuid,
}

impl Sender {
    pub(crate) fn new(config: &Config, rng: Rng) -> Self {
        let rules = Rules {
            is_idempotent: config.is_idempotent(),
            is_acknowledged: config.acks != crate::config::Acks::None,
            linger: config.linger,
            delivery_timeout: config.delivery_timeout,
            retries: config.retries,
            in_flight_max: config.max_in_flight,
            connections_per_broker: config.connections_per_broker,
            request_bytes_max: config.max_request_size,
            backoff: config.client.backoff_of_retries(),
        };
        Self {
            rules,
            lanes: Vec::new(),
            routes: BTreeMap::new(),
            leaderless: BTreeSet::new(),
            timers: BTreeSet::new(),
            requests: BTreeMap::new(),
            next_request: 0,
            identity: None,
            followed: None,
            is_flushing: false,
            rng,
        }
    }

    /// Takes in that a partition has something to send.
    pub(crate) fn has_news(&mut self, partition: &Arc<Partition>, now: Instant, cluster: &Cluster) {
        let id = partition.id;
        if self.lanes.len() <= id {
            self.lanes.resize_with(id + 1, || None);
        }
        let backoff = &self.rules.backoff;
        let keeps_epoch = self.followed.is_some();
        self.lanes[id].get_or_insert_with(|| Lane::new(Arc::clone(partition), backoff.clone(), keeps_epoch));
        self.consider(id, now, cluster);
    }

    /// Takes in that leaders may have changed.
    pub(crate) fn cluster_changed(&mut self, now: Instant, cluster: &Cluster) {
        let mut lanes = std::mem::take(&mut self.leaderless);
        for queue in self.routes.values_mut() {
            lanes.extend(queue.ready.drain(..));
        }
        for id in lanes {
            if let Some(lane) = &mut self.lanes[id] {
                lane.place = Place::Nowhere;
            }
            self.consider(id, now, cluster);
        }
    }

    /// Whether an id must be got from the cluster before anything can be sent.
    pub(crate) fn needs_identity(&self) -> bool {
        self.rules.is_idempotent
            && self.followed.is_none()
            && self.identity.is_none()
            && self.routes.values().any(|queue| !queue.ready.is_empty())
    }

    /// Takes in the id that the cluster gave.
    pub(crate) fn set_identity(&mut self, identity: ProducerIdentity) {
        self.identity = Some(identity);
    }

    /// Follows a transaction: takes in what it allows, and what was added to it.
    pub(crate) fn follow(
        &mut self,
        course: Course,
        added: &[TopicPartition],
        now: Instant,
        cluster: &Cluster,
    ) {
        if self.identity != course.identity {
            // Nothing is in flight: sequences start over with each epoch.
            self.identity = course.identity;
            for lane in self.lanes.iter_mut().flatten() {
                lane.sequence = sequence::Sequence::default();
            }
        }
        match &mut self.followed {
            Some(followed) => followed.follow(course),
            None => self.followed = Some(Followed::new(course)),
        }
        for partition in added {
            if let Some(lane) = self.followed.as_mut().and_then(|followed| followed.add(partition)) {
                self.consider(lane, now, cluster);
            }
        }
    }

    /// Fails what waits in a transaction that cannot be committed.
    pub(crate) fn fail_doomed(&mut self) {
        if let Some(doom) = self.followed.as_ref().and_then(|followed| followed.course.doom.clone()) {
            self.fail_waiting(&doom);
        }
    }

    /// Whether partitions are added to the transaction before they are written to (version 1).
    pub(crate) fn adds_partitions(&self) -> bool {
        self.followed.as_ref().is_some_and(|followed| !followed.course.is_implicit)
    }

    /// What is to be told of the transaction, and the partitions that are wanted in it.
    pub(crate) fn tell_of_transaction(&mut self) -> (Told, Vec<TopicPartition>) {
        let Some(followed) = &mut self.followed else { return Default::default() };
        (std::mem::take(&mut followed.told), followed.wanted().cloned().collect())
    }

    /// Fails everything that is not in flight, because it cannot be sent.
    pub(crate) fn fail_waiting(&mut self, error: &Error) {
        for lane in self.lanes.iter_mut().flatten() {
            for batch in lane.take_all() {
                lane.gave_up(&batch);
                note_failure(self.followed.as_mut(), &batch, error);
                batch.fail(error.clone());
            }
        }
    }

    /// Takes in whether somebody waits for everything to be sent, so that nothing lingers.
    pub(crate) fn set_flushing(&mut self, is_flushing: bool, now: Instant, cluster: &Cluster) {
        let started = is_flushing && !self.is_flushing;
        self.is_flushing = is_flushing;
        if started {
            for id in 0..self.lanes.len() {
                self.consider(id, now, cluster);
            }
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let timer = self.timers.first().map(|(at, _)| *at);
        let expiry = self.requests.values().map(|request| request.expires_at).min();
        timer.into_iter().chain(expiry).min()
    }

    /// Takes in that time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant, cluster: &Cluster) {
        while let Some((at, id)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, id));
            if let Some(lane) = &mut self.lanes[id] {
                lane.timer = None;
            }
            self.consider(id, now, cluster);
        }
        self.expire_in_flight(now);
    }

    /// Connections for which something is ready.
    pub(crate) fn ready_routes(&self) -> Vec<Route> {
        let can_send = !self.rules.is_idempotent || self.identity.is_some();
        let has_room =
            |queue: &RouteQueue| !queue.ready.is_empty() && queue.in_flight < self.rules.in_flight_max;
        let ready = self.routes.iter().filter(|(_, queue)| can_send && has_room(queue));
        ready.map(|(route, _)| *route).collect()
    }

    /// The next request over a connection: a batch of each partition that is ready, as far as
    /// `max.request.size` goes. `None` if nothing is ready or enough is in flight.
    pub(crate) fn send_over(
        &mut self,
        route: Route,
        now: Instant,
        cluster: &Cluster,
    ) -> Option<(RequestId, Vec<Sending>)> {
        let identity = if self.rules.is_idempotent { Some(self.identity?) } else { None };
        let queue = self.routes.get_mut(&route)?;
        if queue.in_flight >= self.rules.in_flight_max {
            return None;
        }
        let mut ids: Vec<_> = queue.ready.drain(..).collect();
        let mut bytes_total = 0;
        let mut batches = Vec::with_capacity(ids.len());
        let mut sending = Vec::with_capacity(ids.len());
        let mut taken = 0;
        let linger = if self.is_flushing { Duration::ZERO } else { self.rules.linger };
        for id in &ids {
            let Some(lane) = &mut self.lanes[*id] else { continue };
            // Since it was put here, its batches may have failed, gone, or found another leader.
            let still_wants = lane.wish(now, linger) == Wish::Send && lane.may_send_over(route);
            let Some(len) = still_wants.then(|| lane.next_len()).flatten() else {
                taken += 1;
                continue;
            };
            if !batches.is_empty() && bytes_total + len > self.rules.request_bytes_max {
                break;
            }
            taken += 1;
            bytes_total += len;
            let Some((batch, bytes)) = lane.take(route, identity) else { continue };
            let topic_id = cluster.topic(&lane.partition.topic).map_or(Uuid::ZERO, |topic| topic.id);
            sending.push(Sending::new(&lane.partition, topic_id, bytes));
            batches.push(Sent { lane: *id, batch, topic_id });
        }
        // Those that did not fit are first in the next request.
        queue.ready.extend(ids.drain(taken..));
        for id in &ids {
            if let Some(lane) = &mut self.lanes[*id] {
                lane.place = Place::Nowhere;
            }
        }
        let request = RequestId(self.next_request);
        if !batches.is_empty() {
            if let Some(followed) = &mut self.followed {
                followed.told.has_sent = true;
            }
            self.next_request += 1;
            queue.in_flight += 1;
            let oldest = batches.iter().map(|sent| sent.batch.opened_at()).min().unwrap_or(now);
            let expires_at = oldest + self.rules.delivery_timeout;
            self.requests.insert(request, InFlight { route, batches, expires_at });
        }
        for id in ids {
            self.consider(id, now, cluster);
        }
        (!sending.is_empty()).then_some((request, sending))
    }

    /// Takes in that topics were named, not identified, in a request.
    pub(crate) fn named_topics(&mut self, request: RequestId) {
        for sent in self.requests.get_mut(&request).into_iter().flat_map(|request| &mut request.batches) {
            sent.topic_id = Uuid::ZERO;
        }
    }

    /// Takes in that a request is written whose answer nobody will send (`acks=0`).
    pub(crate) fn written_unanswered(&mut self, request: RequestId, now: Instant, cluster: &Cluster) {
        debug_assert!(!self.rules.is_acknowledged);
        for Sent { lane: id, batch, .. } in self.take_request(request) {
            batch.acknowledge(Acknowledged { base_offset: None, log_append_time: None });
            self.came_back(id, &batch);
            self.consider(id, now, cluster);
        }
    }

    /// Takes in an answer.
    pub(crate) fn answered(
        &mut self,
        request: RequestId,
        response: ProduceResponse,
        now: Instant,
        directory: &mut dyn Directory,
    ) {
        let mut outcomes = Outcomes::new(response);
        let sent = self.take_request(request);
        let ids: Vec<_> = sent.iter().map(|sent| sent.lane).collect();
        for Sent { lane: id, mut batch, topic_id } in sent {
            let Some(partition) = self.lanes[id].as_ref().map(|lane| Arc::clone(&lane.partition)) else {
                continue;
            };
            self.came_back(id, &batch);
            match outcomes.pick(&partition.topic, topic_id, partition.index) {
                Some(outcome) => self.judge(id, batch, outcome, now, directory),
                None => {
                    let code = ErrorCode::UNKNOWN_SERVER_ERROR;
                    let message = Some("the answer does not mention the partition".to_owned());
                    batch.possibly_written = true;
                    self.refuse(id, batch, code, message);
                }
            }
        }
        let cluster = directory.cluster();
        for id in ids {
            self.consider(id, now, &cluster);
        }
    }

    /// Takes in that a request has no answer.
    pub(crate) fn failed(
        &mut self,
        request: RequestId,
        error: &ottla_client::Error,
        now: Instant,
        cluster: &Cluster,
        directory: &mut dyn Directory,
    ) {
        // The broker may be gone for good, and its partitions led elsewhere.
        directory.want_refresh();
        let possibly_written = !error.surely_had_no_effect();
        let sent = self.take_request(request);
        let ids: Vec<_> = sent.iter().map(|sent| sent.lane).collect();
        for Sent { lane: id, mut batch, .. } in sent {
            self.came_back(id, &batch);
            batch.possibly_written |= possibly_written;
            batch.remember(error.clone());
            self.retry_or_give_up(id, batch, now, false);
        }
        for id in ids {
            self.consider(id, now, cluster);
        }
    }

    fn take_request(&mut self, request: RequestId) -> Vec<Sent> {
        let Some(request) = self.requests.remove(&request) else { return Vec::new() };
        if let Some(queue) = self.routes.get_mut(&request.route) {
            queue.in_flight -= 1;
        }
        request.batches
    }

    fn came_back(&mut self, id: usize, batch: &Batch) {
        if let Some(lane) = &mut self.lanes[id] {
            lane.came_back(batch.order);
        }
    }

    fn judge(
        &mut self,
        id: usize,
        mut batch: Batch,
        outcome: Outcome,
        now: Instant,
        directory: &mut dyn Directory,
    ) {
        let Some(lane) = &mut self.lanes[id] else { return };
        let Outcome { code, message, acknowledged, leader } = outcome;
        match meaning(code, self.rules.is_idempotent) {
            Meaning::Written => {
                lane.succeeded(&batch);
                batch.acknowledge(acknowledged);
            }
            Meaning::Retry { possibly_written, stale_leader } => {
                batch.possibly_written |= possibly_written;
                let partition = lane.partition.name();
                tracing::debug!(%partition, %code, "batch will be sent again");
                remember(&mut batch, &partition, code, message);
                let hinted =
                    leader.is_some_and(|(leader, node)| directory.hint_leader(&partition, leader, node));
                if stale_leader && !hinted {
                    directory.want_refresh();
                }
                self.retry_or_give_up(id, batch, now, hinted);
            }
            Meaning::OutOfSequence { forgotten } => {
                let is_ahead = batch.stamp().is_some_and(|stamp| lane.sequence.is_ahead(stamp));
                let is_lost = forgotten || (lane.is_first(batch.order) && is_ahead);
                if is_lost && (batch.is_possibly_written_whole || self.followed.is_some()) {
                    // Its topic may have taken the whole before it took less.
                    return self.refuse(id, batch, code, message);
                }
                if is_lost {
                    tracing::debug!(partition = %lane.partition.name(), %code, "sequence starts over");
                    lane.sequence.lost();
                }
                remember(&mut batch, &lane.partition.name(), code, message);
                self.retry_or_give_up(id, batch, now, false);
            }
            Meaning::TooLarge => {
                remember(&mut batch, &lane.partition.name(), code, message.clone());
                self.halve_or_refuse(id, batch, code, message, now);
            }
            Meaning::Refused => self.refuse(id, batch, code, message),
        }
    }

    /// Sends the records of a batch that was too large in two, or fails it if that cannot be.
    fn halve_or_refuse(
        &mut self,
        id: usize,
        mut batch: Batch,
        code: ErrorCode,
        message: Option<String>,
        now: Instant,
    ) {
        let halves = if batch.is_settled() { None } else { batch.halves() };
        match halves {
            Some(halves) => {
                for half in halves {
                    self.retry_or_give_up(id, half, now, true);
                }
            }
            None => self.refuse(id, batch, code, message),
        }
    }

    fn refuse(&mut self, id: usize, batch: Batch, code: ErrorCode, message: Option<String>) {
        let Some(lane) = &mut self.lanes[id] else { return };
        let possibly_written = batch.possibly_written;
        lane.gave_up(&batch);
        let error = Error::Rejected { partition: lane.partition.name(), code, message, possibly_written };
        note_failure(self.followed.as_mut(), &batch, &error);
        batch.fail(error);
    }

    fn retry_or_give_up(&mut self, id: usize, batch: Batch, now: Instant, hurry: bool) {
        let Some(lane) = &mut self.lanes[id] else { return };
        let doom = self.followed.as_ref().and_then(|followed| followed.course.doom.clone());
        if let Some(doom) = doom {
            lane.gave_up(&batch);
            note_failure(self.followed.as_mut(), &batch, &doom);
            return batch.fail(doom);
        }
        let waited = now.saturating_duration_since(batch.opened_at());
        let is_spent = batch.tries() > self.rules.retries || waited >= self.rules.delivery_timeout;
        if is_spent || batch.is_settled() {
            lane.gave_up(&batch);
            let name = lane.partition.name();
            note_failure(self.followed.as_mut(), &batch, &batch.undelivered(name.clone(), waited, false));
            batch.give_up(name, waited, false);
        } else {
            lane.send_again(batch, now, hurry, &mut self.rng);
        }
    }

    /// Tells the records of batches in flight that time is up. The batches themselves stay until
    /// their answer, which decides about the sequence.
    fn expire_in_flight(&mut self, now: Instant) {
        let timeout = self.rules.delivery_timeout;
        for request in self.requests.values_mut().filter(|request| request.expires_at <= now) {
            for Sent { lane, batch, .. } in &request.batches {
                let waited = now.saturating_duration_since(batch.opened_at());
                if let Some(lane) = &self.lanes[*lane]
                    && waited >= timeout
                    && !batch.is_settled()
                {
                    let name = lane.partition.name();
                    let error = batch.undelivered(name.clone(), waited, true);
                    note_failure(self.followed.as_mut(), batch, &error);
                    batch.give_up(name, waited, true);
                }
            }
            let left = request.batches.iter().filter(|sent| !sent.batch.is_settled());
            let next = left.map(|sent| sent.batch.opened_at() + timeout).min();
            // Nothing left to tell: the connection's own deadline ends the request.
            request.expires_at = next.unwrap_or(now + timeout.max(Duration::from_secs(1)));
        }
    }

    /// Finds the place of a lane: in the queue of its leader, among those without, or at a timer.
    fn consider(&mut self, id: usize, now: Instant, cluster: &Cluster) {
        self.expire_waiting(id, now);
        let Some(lane) = &mut self.lanes[id] else { return };
        let linger = if self.is_flushing { Duration::ZERO } else { self.rules.linger };
        let wish = lane.wish(now, linger);
        if lane.sequence.take_used_up() {
            self.identity = None;
        }
        let expiry = lane.oldest().map(|oldest| oldest + self.rules.delivery_timeout);
        let wanted_at = match wish {
            Wish::Later(at) => Some(expiry.map_or(at, |expiry| expiry.min(at))),
            Wish::Nothing | Wish::Send => expiry,
        };
        if let Some(at) = wanted_at
            && lane.timer.is_none_or(|timer| at < timer)
        {
            if let Some(timer) = lane.timer.replace(at) {
                self.timers.remove(&(timer, id));
            }
            self.timers.insert((at, id));
        }
        if wish != Wish::Send || lane.place != Place::Nowhere {
            return;
        }
        if let Some(followed) = &mut self.followed
            && !followed.admits(id, || lane.partition.name())
        {
            return;
        }
        match cluster.partition(&lane.partition.topic, lane.partition.index).and_then(|known| known.leader) {
            None => {
                lane.place = Place::Leaderless;
                self.leaderless.insert(id);
            }
            Some(node) => {
                let connections = self.rules.connections_per_broker;
                let route = route_to(node, lane, connections, &mut self.routes);
                // Once the answers from the old leader are there, it is considered again.
                if lane.may_send_over(route) {
                    lane.place = Place::Ready;
                    self.routes.entry(route).or_default().ready.push_back(id);
                }
            }
        }
    }

    fn expire_waiting(&mut self, id: usize, now: Instant) {
        let timeout = self.rules.delivery_timeout;
        let Some(opened_until) = now.checked_sub(timeout) else { return };
        let Some(lane) = &mut self.lanes[id] else { return };
        while let Some(batch) = lane.take_expired(opened_until) {
            lane.gave_up(&batch);
            let waited = now.saturating_duration_since(batch.opened_at());
            let name = lane.partition.name();
            note_failure(self.followed.as_mut(), &batch, &batch.undelivered(name.clone(), waited, false));
            batch.give_up(name, waited, false);
        }
    }
}

/// The connection that a lane goes over: with a new leader, the one that carries the fewest.
fn route_to(
    node: NodeId,
    lane: &mut Lane,
    connections: u16,
    routes: &mut BTreeMap<Route, RouteQueue>,
) -> Route {
    if let Some(route) = lane.route {
        if route.node == node {
            return route;
        }
        if let Some(queue) = routes.get_mut(&route) {
            queue.lanes -= 1;
        }
    }
    let carries = |route| routes.get(&route).map_or(0, |queue| queue.lanes);
    let route = Route::least_used(node, connections, carries);
    routes.entry(route).or_default().lanes += 1;
    lane.route = Some(route);
    route
}

fn remember(batch: &mut Batch, partition: &TopicPartition, code: ErrorCode, message: Option<String>) {
    let subject = format!("partition {partition}");
    batch.remember(ottla_client::Error::Refused { subject, code, message });
}

/// Notes for the transaction that a batch failed for good.
fn note_failure(followed: Option<&mut Followed>, batch: &Batch, error: &Error) {
    let Some(Followed { told, .. }) = followed else { return };
    told.has_lost_sequences |= batch.stamp().is_some();
    told.failure.get_or_insert_with(|| error.clone());
}

/// Bytes of a batch on their way, and where to.
pub(crate) type Payload = Bytes;
