//! One member of a group whose coordinator assigns (KIP-848), from joining to leaving.
//!
//! A state machine as [`Membership`](super::Membership) is one, with the same steps: there are only heartbeats here,
//! which carry what is new on either side. Each member goes its own way to what it is assigned: it gives up what is
//! not its any more, says so, and takes what others have given up.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use ottla_client::{Backoff, NodeId, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use ottla_protocol::wire::{I32Array, Str, Uuid};

use super::{Answer, Ask, Coordinator, Identity, Presence, Rules, Step, Tenure, Ticket, Verdict};
use crate::error::Error;

/// The epoch of who joins, of who leaves, and of a static member who will be back.
const JOINING: i32 = 0;
const LEAVING: i32 = -1;
const LEAVING_FOR_A_WHILE: i32 = -2;

/// What a partition of the subscription may be, by topic.
type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// A member of a group whose coordinator assigns.
#[derive(Debug)]
pub(crate) struct ServerAssigned {
    rules: Rules,
    /// `group.remote.assignor`; the coordinator's choice if there is none.
    assignor: Option<Str>,
    rng: Rng,
    state: State,
    coordinator: Coordinator,
    /// Its own choice, anew each time it joins.
    ///
    /// Under one id, who joins again may get the epoch again that it had: the coordinator may know nothing of what it
    /// lost by its own clock. A commit sent before, and late, would be taken for one of what it was given since.
    member_id: Str,
    /// Whether its id of before may still bear its name (`group.instance.id`).
    may_be_followed: bool,
    epoch: i32,
    /// Whether the coordinator may have heard of it.
    may_be_known: bool,
    topics: BTreeSet<Str>,
    /// The ids of these topics, and of those that were assigned before.
    ids: BTreeMap<Uuid, Str>,
    /// What the coordinator wants this member to have.
    target: Option<Partitions>,
    /// Whether the user is to hear of the target still.
    is_target_new: bool,
    /// What it has, with what it is giving up, and since which assignment without a break.
    owned: BTreeMap<TopicPartition, Tenure>,
    assignments: u64,
    releasing: Option<(Ticket, BTreeSet<TopicPartition>)>,
    /// What the coordinator surely knows; `None` after an answer that was lost.
    told: Option<Told>,
    /// An epoch that a commit was refused for: the next one is on its way.
    refused_epoch: Option<i32>,
    interval: Duration,
    due: Instant,
    waits: Option<Beat>,
    last_contact: Instant,
    steps: VecDeque<Step>,
    tickets: u64,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In no group, and not on the way into one.
    Out {
        /// Whether the user subscribes and stays away.
        is_absent: bool,
    },
    /// In the group, or on the way into it.
    In,
    /// On the way out.
    Leaving { then: Then },
    /// Something went wrong that time does not mend.
    Failed,
}

/// What comes after a group was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Nothing.
    Out,
    /// It is joined again when the user is back.
    Away,
    /// It is joined again.
    Joins,
}

/// What a heartbeat tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    topics: BTreeSet<Str>,
    owned: BTreeSet<TopicPartition>,
}

/// A heartbeat that is under way.
#[derive(Debug)]
struct Beat {
    ticket: Ticket,
    sent_at: Instant,
    told: Told,
}

impl ServerAssigned {
    pub(crate) fn new(rules: Rules, assignor: Option<Str>, mut rng: Rng, now: Instant) -> Self {
        let backoff = rules.backoff.clone();
        let member_id = new_id(&mut rng);
        Self {
            interval: rules.heartbeat_interval,
            rules,
            assignor,
            rng,
            state: State::Out { is_absent: false },
            coordinator: Coordinator::Unknown { not_before: None, is_asked: false },
            member_id,
            may_be_followed: false,
            epoch: JOINING,
            may_be_known: false,
            topics: BTreeSet::new(),
            ids: BTreeMap::new(),
            target: None,
            is_target_new: false,
            owned: BTreeMap::new(),
            assignments: 0,
            releasing: None,
            told: None,
            refused_epoch: None,
            due: now,
            waits: None,
            last_contact: now,
            steps: VecDeque::new(),
            tickets: 0,
            backoff,
        }
    }

    /// Subscribes to exactly these topics.
    pub(crate) fn subscribe(&mut self, now: Instant, topics: BTreeSet<Str>) {
        self.steps.push_back(Step::Watch(topics.clone()));
        self.topics = topics;
        match &mut self.state {
            State::Out { .. } | State::Failed => self.join(now),
            State::Leaving { then } => *then = Then::Joins,
            State::In => self.due = now,
        }
    }

    /// Leaves the group, and gives up everything without asking.
    pub(crate) fn leave(&mut self) {
        self.topics.clear();
        self.owned.clear();
        // Nothing is left to be told of partitions.
        self.steps.retain(|step| !matches!(step, Step::Revoke(..) | Step::Lose(_) | Step::Assign(_)));
        self.go_out(Then::Out);
    }

    pub(crate) fn is_out(&self) -> bool {
        matches!(self.state, State::Out { .. } | State::Failed)
    }

    /// Whether what it commits is taken, as far as it knows.
    pub(crate) fn is_stable(&self) -> bool {
        self.state == State::In && self.epoch > JOINING && self.refused_epoch.is_none()
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.state == State::Out { is_absent: true }
    }

    pub(crate) fn releasing(&self, ticket: Ticket) -> Option<&BTreeSet<TopicPartition>> {
        self.releasing.as_ref().filter(|(current, _)| *current == ticket).map(|(_, released)| released)
    }

    pub(crate) fn tenure(&self, partition: &TopicPartition) -> Option<Tenure> {
        self.owned.get(partition).copied()
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        let is_member = self.state == State::In && self.epoch > JOINING;
        if !is_member {
            let nobody = Identity { generation: -1, member_id: Str::default(), instance_id: None };
            return (self.state == State::Out { is_absent: false }).then_some(nobody);
        }
        let (member_id, instance_id) = (self.member_id.clone(), self.rules.instance_id.clone());
        Some(Identity { generation: self.epoch, member_id, instance_id })
    }

    /// The topics whose ids must be known.
    pub(crate) fn named(&self) -> &BTreeSet<Str> {
        &self.topics
    }

    /// The ids of topics, as far as they are known.
    pub(crate) fn names(&mut self, ids: impl IntoIterator<Item = (Uuid, Str)>) {
        self.ids.extend(ids);
        self.reconcile();
    }

    pub(crate) fn poll(&mut self, now: Instant, presence: Presence) -> Option<Step> {
        if self.steps.is_empty() {
            self.look_at_user(now, presence);
            self.look_at_session(now);
            self.find_coordinator(now);
            self.send_due(now);
        }
        self.steps.pop_front()
    }

    pub(crate) fn poll_timeout(&self, presence: Presence) -> Option<Instant> {
        let absence = match presence {
            Presence::AwaySince(since) if self.state == State::In => {
                Some(since + self.rules.max_poll_interval)
            }
            _ => None,
        };
        let find = match self.coordinator {
            Coordinator::Unknown { not_before, is_asked: false } if !self.is_out() => not_before,
            _ => None,
        };
        let is_known = matches!(self.coordinator, Coordinator::At(_));
        let send = (is_known && self.waits.is_none() && !self.is_out()).then_some(self.due);
        [absence, find, send, self.session_end()].into_iter().flatten().min()
    }

    /// The user has given up what was to be revoked.
    pub(crate) fn released(&mut self, now: Instant, ticket: Ticket) {
        let Some((_, released)) = self.releasing.take_if(|(current, _)| *current == ticket) else { return };
        for partition in &released {
            self.owned.remove(partition);
        }
        self.due = now;
        // What came meanwhile.
        self.reconcile();
    }

    /// A commit under `epoch` was refused; says what that means for the commit.
    pub(crate) fn commit_refused(&mut self, now: Instant, epoch: i32, code: ErrorCode) -> Verdict {
        tracing::debug!(group = %self.rules.group_id, epoch, now = self.epoch, %code, "a commit is refused");
        if self.state != State::In || self.epoch <= JOINING {
            return Verdict::Final;
        }
        if epoch != self.epoch {
            return Verdict::Later;
        }
        match code {
            ErrorCode::STALE_MEMBER_EPOCH
            | ErrorCode::ILLEGAL_GENERATION
            | ErrorCode::REBALANCE_IN_PROGRESS => {
                self.refused_epoch = Some(epoch);
                self.due = now;
                Verdict::Later
            }
            code => {
                self.refused(now, code);
                Verdict::Final
            }
        }
    }

    /// Where the coordinator is, or why that is not known.
    pub(crate) fn found(&mut self, now: Instant, outcome: Result<NodeId, ottla_client::Error>) {
        let Coordinator::Unknown { not_before, is_asked } = &mut self.coordinator else { return };
        *is_asked = false;
        match outcome {
            Ok(node) => {
                self.coordinator = Coordinator::At(node);
                self.backoff.reset();
            }
            Err(error) if error.is_retriable() => {
                *not_before = Some(now + self.backoff.next_wait(&mut self.rng));
            }
            Err(_) if self.is_out() => {}
            // Whoever leaves needs no coordinator that cannot be had.
            Err(_) if matches!(self.state, State::Leaving { .. }) => self.has_left(now),
            Err(error) => self.fail(error.into()),
        }
    }

    /// What came of a heartbeat.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        ticket: Ticket,
        outcome: Result<Answer, ottla_client::Error>,
    ) {
        let Some(beat) = self.waits.take_if(|beat| beat.ticket == ticket) else { return };
        if matches!(self.state, State::Leaving { .. }) {
            // Whether it arrived or not: the coordinator will notice the silence.
            return self.has_left(now);
        }
        match outcome {
            Ok(Answer::Assigning(answer)) if answer.error_code == ErrorCode::NONE => {
                self.goes_on(now, beat, answer)
            }
            Ok(Answer::Assigning(answer)) => {
                self.told = None;
                self.refused(now, answer.error_code);
            }
            Ok(_) => {}
            Err(error) if error.is_retriable() => {
                tracing::debug!(group = %self.rules.group_id, %error, "the coordinator does not answer");
                self.told = None;
                self.again_later(now);
                self.forget_coordinator(now);
            }
            Err(error) => self.fail(error.into()),
        }
    }

    fn goes_on(&mut self, now: Instant, beat: Beat, answer: ConsumerGroupHeartbeatResponse) {
        self.backoff.reset();
        self.last_contact = self.last_contact.max(beat.sent_at);
        self.interval = u64::try_from(answer.heartbeat_interval_ms)
            .ok()
            .filter(|ms| *ms > 0)
            .map_or(self.rules.heartbeat_interval, Duration::from_millis);
        self.due = beat.sent_at + self.interval;
        self.told = Some(beat.told);
        if let Some(id) = answer.member_id {
            self.member_id = Str::from(id.to_string());
        }
        if self.epoch != answer.member_epoch {
            tracing::debug!(group = %self.rules.group_id, epoch = answer.member_epoch, "a new epoch");
        }
        self.epoch = answer.member_epoch;
        self.may_be_followed = false;
        self.refused_epoch = self.refused_epoch.filter(|refused| *refused == self.epoch);
        if let Some(assignment) = answer.assignment {
            let target = partitions_of(&assignment);
            self.is_target_new |= self.target.as_ref() != Some(&target);
            self.target = Some(target);
        }
        self.reconcile();
        if self.told.as_ref() != Some(&self.tells()) {
            self.due = now;
        } else if self.refused_epoch.is_some() {
            // The new epoch is not there yet.
            self.again_later(now);
        }
    }

    /// Goes on towards what is assigned: gives up, and takes.
    fn reconcile(&mut self) {
        if self.state != State::In || self.releasing.is_some() {
            return;
        }
        let Some(target) = &self.target else { return };
        let mut assigned = BTreeSet::new();
        for (id, indexes) in target {
            // What has no name yet is taken once it has one.
            let Some(name) = self.ids.get(id) else { continue };
            assigned.extend(indexes.iter().map(|index| TopicPartition::new(name.clone(), *index)));
        }
        let revoked: BTreeSet<_> =
            self.owned.keys().filter(|owned| !assigned.contains(owned)).cloned().collect();
        let added: Vec<_> =
            assigned.into_iter().filter(|partition| !self.owned.contains_key(partition)).collect();
        if !revoked.is_empty() {
            let ticket = self.ticket();
            self.steps.push_back(Step::Revoke(ticket, revoked.iter().cloned().collect()));
            self.releasing = Some((ticket, revoked));
        }
        if !added.is_empty() || self.is_target_new {
            self.is_target_new = false;
            self.assignments += 1;
            let tenure = Tenure(self.assignments);
            self.owned.extend(added.iter().map(|partition| (partition.clone(), tenure)));
            tracing::info!(group = %self.rules.group_id, epoch = self.epoch, ?added, "assigned");
            self.steps.push_back(Step::Assign(added));
        }
    }

    /// What there is to tell: what is being given up is owned until it is.
    fn tells(&self) -> Told {
        Told { topics: self.topics.clone(), owned: self.owned.keys().cloned().collect() }
    }

    fn send_due(&mut self, now: Instant) {
        let Coordinator::At(to) = self.coordinator else { return };
        if self.waits.is_some() || self.is_out() {
            return;
        }
        if self.state == State::In && self.due > now {
            return;
        }
        let (ticket, told) = (self.ticket(), self.tells());
        let request = self.request(&told);
        self.due = now + self.interval;
        self.may_be_known = true;
        let patience = self.rules.request_timeout.min(self.rules.session_timeout);
        self.waits = Some(Beat { ticket, sent_at: now, told });
        self.steps.push_back(Step::Send { ticket, to, ask: Ask::Assigning(Box::new(request)), patience });
    }

    /// The next heartbeat; what the coordinator knows is left out.
    fn request(&self, told: &Told) -> ConsumerGroupHeartbeatRequest {
        let mut request = ConsumerGroupHeartbeatRequest::default();
        request.group_id = self.rules.group_id.clone();
        request.member_id = self.member_id.clone();
        request.instance_id.clone_from(&self.rules.instance_id);
        request.member_epoch = self.epoch;
        if let State::Leaving { .. } = self.state {
            let is_static = self.rules.instance_id.is_some();
            request.member_epoch = if is_static { LEAVING_FOR_A_WHILE } else { LEAVING };
            return request;
        }
        let known = self.told.as_ref().filter(|_| self.epoch > JOINING);
        if known.is_none() {
            let ms = self.rules.max_poll_interval.as_millis();
            request.rebalance_timeout_ms = i32::try_from(ms).unwrap_or(i32::MAX);
            request.rack_id.clone_from(&self.rules.rack);
            request.server_assignor.clone_from(&self.assignor);
        }
        if known.is_none_or(|known| known.topics != told.topics) {
            request.subscribed_topic_names = Some(told.topics.iter().cloned().collect());
        }
        if known.is_none_or(|known| known.owned != told.owned) {
            // Who joins has nothing.
            let owned = if self.epoch == JOINING { &BTreeSet::new() } else { &told.owned };
            request.topic_partitions = Some(self.by_topic(owned));
        }
        request
    }

    fn by_topic(&self, owned: &BTreeSet<TopicPartition>) -> Vec<TopicPartitions> {
        let topics = self.ids.iter().filter_map(|(id, name)| {
            let indexes = owned.iter().filter(|of| of.topic == *name).map(|of| of.partition);
            let indexes: Vec<i32> = indexes.collect();
            let is_current = self.target.as_ref().is_none_or(|target| {
                // Of a topic that was made anew under its name, the id counts that is assigned, or was last.
                target.contains_key(id)
                    || !self.ids.iter().any(|(other, same)| same == name && target.contains_key(other))
            });
            (!indexes.is_empty() && is_current).then(|| {
                let mut topic = TopicPartitions::default();
                (topic.topic_id, topic.partitions) = (*id, I32Array::from(indexes));
                topic
            })
        });
        topics.collect()
    }

    fn look_at_user(&mut self, now: Instant, presence: Presence) {
        let is_away =
            matches!(presence, Presence::AwaySince(since) if since + self.rules.max_poll_interval <= now);
        match self.state {
            State::Out { is_absent: true } if !is_away => self.join(now),
            State::In if is_away => {
                tracing::warn!(
                    group = %self.rules.group_id,
                    "nothing was asked for within max.poll.interval.ms; leaving the group until it is"
                );
                self.lose_owned();
                self.go_out(Then::Away);
            }
            _ => {}
        }
    }

    fn look_at_session(&mut self, now: Instant) {
        if self.session_end().is_some_and(|end| end <= now) {
            tracing::warn!(group = %self.rules.group_id, "no word from the coordinator within session.timeout.ms");
            self.forget_coordinator(now);
            self.lose_owned();
            self.go_out(Then::Joins);
        }
    }

    fn session_end(&self) -> Option<Instant> {
        (self.state == State::In && self.epoch > JOINING)
            .then(|| self.last_contact + self.rules.session_timeout)
    }

    fn join(&mut self, now: Instant) {
        (self.epoch, self.told, self.target) = (JOINING, None, None);
        if self.topics.is_empty() {
            self.state = State::Out { is_absent: false };
        } else {
            (self.state, self.due) = (State::In, now);
        }
    }

    /// Is somebody else from here on, to the coordinator.
    fn takes_new_id(&mut self) {
        self.member_id = new_id(&mut self.rng);
        self.may_be_followed = self.rules.instance_id.is_some();
    }

    fn lose_owned(&mut self) {
        (self.releasing, self.waits, self.refused_epoch) = (None, None, None);
        let lost = std::mem::take(&mut self.owned);
        if !lost.is_empty() {
            tracing::info!(group = %self.rules.group_id, ?lost, "partitions are lost");
            self.steps.push_back(Step::Lose(lost.into_keys().collect()));
        }
    }

    fn go_out(&mut self, then: Then) {
        (self.releasing, self.waits, self.refused_epoch, self.target) = (None, None, None, None);
        self.state = match self.state {
            State::Leaving { .. } => State::Leaving { then },
            State::In if self.may_be_known => State::Leaving { then },
            State::In | State::Out { .. } | State::Failed => State::Out { is_absent: then != Then::Out },
        };
        if then == Then::Out {
            self.steps.push_back(Step::Watch(BTreeSet::new()));
        }
    }

    fn has_left(&mut self, now: Instant) {
        let State::Leaving { then } = self.state else { return };
        self.state = State::Out { is_absent: then == Then::Away };
        (self.epoch, self.may_be_known) = (JOINING, false);
        self.due = now;
        self.takes_new_id();
        if then == Then::Joins {
            self.join(now);
        }
    }

    fn refused(&mut self, now: Instant, code: ErrorCode) {
        tracing::debug!(group = %self.rules.group_id, %code, "the coordinator refuses");
        match code {
            // Refused twice in a row, it is not joined in a hurry.
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH if self.epoch == JOINING => {
                self.again_later(now);
            }
            // What it had may be others' by now.
            ErrorCode::UNKNOWN_MEMBER_ID => {
                self.lose_owned();
                self.takes_new_id();
                self.join(now);
            }
            ErrorCode::FENCED_MEMBER_EPOCH => {
                self.lose_owned();
                self.go_out(Then::Joins);
            }
            // That is itself: until its session is over, if it could not say that it leaves.
            ErrorCode::UNRELEASED_INSTANCE_ID if self.may_be_followed => self.again_later(now),
            ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE => {
                self.again_later(now);
                self.forget_coordinator(now);
            }
            code if code.is_retriable() => self.again_later(now),
            code => self.fail(Error::Group { group: self.rules.group_id.to_string(), code }),
        }
    }

    fn again_later(&mut self, now: Instant) {
        self.due = now + self.backoff.next_wait(&mut self.rng);
    }

    fn find_coordinator(&mut self, now: Instant) {
        let is_needed = !self.is_out();
        if let Coordinator::Unknown { not_before, is_asked } = &mut self.coordinator
            && is_needed
            && !*is_asked
            && not_before.is_none_or(|not_before| not_before <= now)
        {
            (*not_before, *is_asked) = (None, true);
            self.steps.push_back(Step::Find);
        }
    }

    /// The coordinator is elsewhere, or may be.
    fn forget_coordinator(&mut self, now: Instant) {
        if let Coordinator::At(node) = self.coordinator {
            self.coordinator = Coordinator::Unknown { not_before: Some(now), is_asked: false };
            self.steps.push_back(Step::Forget(node));
            // The answer may come after that of the next coordinator.
            (self.waits, self.told) = (None, None);
        }
    }

    fn fail(&mut self, error: Error) {
        self.lose_owned();
        self.takes_new_id();
        (self.epoch, self.state) = (JOINING, State::Failed);
        self.steps.push_back(Step::Fail(error));
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }
}

fn new_id(rng: &mut Rng) -> Str {
    let high = u128::from(rng.next_u64()) << 64;
    Str::from(Uuid::from_u128(high | u128::from(rng.next_u64())).to_string())
}

fn partitions_of(assignment: &Assignment) -> Partitions {
    let mut partitions = Partitions::new();
    for topic in &assignment.topic_partitions {
        partitions.entry(topic.topic_id).or_default().extend(topic.partitions.iter().copied());
    }
    partitions
}
