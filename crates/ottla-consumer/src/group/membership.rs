//! One member of a group, from joining to leaving.
//!
//! A state machine with neither network nor clock: subscriptions, answers, metadata and time go in; requests,
//! partitions to take or to give up, and deadlines come out. Requests are sent and partitions are fetched
//! elsewhere, and who gets what is decided in [`crate::assignor`] when this member leads.

mod answers;
mod requests;
mod server_assigned;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use ottla_client::{Backoff, NodeId, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::sync_group::SyncGroupRequest;
use ottla_protocol::wire::Str;

use crate::assignor::{Assignor, Member, NO_GENERATION, Topics};
use crate::error::Error;

pub(crate) use answers::Answer;
pub(crate) use requests::Ask;
pub(crate) use server_assigned::ServerAssigned;

/// How a member behaves; from the settings.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) group_id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) session_timeout: Duration,
    pub(crate) heartbeat_interval: Duration,
    pub(crate) max_poll_interval: Duration,
    pub(crate) request_timeout: Duration,
    /// What is offered to the group, the dearest first; never empty.
    pub(crate) assignors: Vec<Assignor>,
    pub(crate) rack: Option<Str>,
    pub(crate) backoff: Backoff,
}

impl Rules {
    /// Whether partitions are kept while the group rebalances: only if every assignor allows it.
    pub(crate) fn is_cooperative(&self) -> bool {
        self.assignors.iter().all(|assignor| assignor.is_cooperative())
    }
}

/// Whether the user waits for something to be handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Waiting, with nothing there to be handed out.
    Here,
    /// Busy elsewhere since then.
    AwaySince(Instant),
}

/// Names a request or a revocation, so that what comes too late is told from what is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

/// What the shell has to do.
#[derive(Debug)]
pub(crate) enum Step {
    /// Find the coordinator, and report to [`Membership::found`].
    Find,
    /// The coordinator is not, or no longer, at this broker.
    Forget(NodeId),
    /// Send a request, and report to [`Membership::answered`].
    Send { ticket: Ticket, to: NodeId, ask: Ask, patience: Duration },
    /// Stop handing out these partitions, and report to [`Membership::released`] once they are given up.
    Revoke(Ticket, Vec<TopicPartition>),
    /// These partitions may be somebody else's by now.
    Lose(Vec<TopicPartition>),
    /// Begin with these partitions; the group is settled.
    Assign(Vec<TopicPartition>),
    /// Keep an eye on these topics, and report to [`Membership::layout`].
    Watch(BTreeSet<Str>),
    /// Nothing goes on before the user subscribes anew.
    Fail(Error),
}

/// What a refusal means for a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Verdict {
    /// What is still owned once the group is settled can be committed then.
    Later,
    /// It is not this member's to commit any more.
    Final,
}

/// The assignment since which a partition has been owned without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tenure(u64);

/// Under which name offsets are committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) generation: i32,
    pub(crate) member_id: Str,
    pub(crate) instance_id: Option<Str>,
}

/// One member of a group.
#[derive(Debug)]
pub(crate) struct Membership {
    rules: Rules,
    rng: Rng,
    state: State,
    coordinator: Coordinator,
    member_id: Str,
    generation: i32,
    /// What the user subscribes to.
    topics: BTreeSet<Str>,
    /// What the group knows that the user subscribes to.
    joined_topics: BTreeSet<Str>,
    /// What it owns, with what it is giving up, and since which assignment without a break.
    owned: BTreeMap<TopicPartition, Tenure>,
    assignments: u64,
    /// The last assignment and its generation, for the sticky assignors.
    last: Option<(Vec<TopicPartition>, i32)>,
    /// What the user is giving up.
    releasing: Option<(Ticket, BTreeSet<TopicPartition>)>,
    /// Why the group is to be joined anew.
    rejoin: Option<&'static str>,
    heartbeat: Heartbeat,
    lead: Option<Lead>,
    steps: VecDeque<Step>,
    tickets: u64,
    backoff: Backoff,
}

#[derive(Debug)]
enum State {
    /// In no group, and not on the way into one.
    Out {
        /// Whether the user subscribes and stays away.
        is_absent: bool,
    },
    /// The user gives up partitions before the group is joined anew.
    Preparing,
    /// To be joined, or being joined.
    Joining { not_before: Instant, waits: Option<Ticket> },
    /// Joined as the leader; the topics are not all known yet.
    Leading { assignor: Assignor, members: Vec<Member>, is_skipped: bool },
    /// The assignment is asked for.
    Syncing { request: Box<SyncGroupRequest>, not_before: Instant, waits: Option<Ticket> },
    /// In the group.
    Stable,
    /// On the way out.
    Leaving { waits: Option<Ticket>, is_absent: bool, reason: &'static str },
    /// Something went wrong that time does not mend.
    Failed,
}

#[derive(Debug)]
enum Coordinator {
    Unknown { not_before: Option<Instant>, is_asked: bool },
    At(NodeId),
}

#[derive(Debug)]
struct Heartbeat {
    due: Instant,
    waits: Option<Beat>,
    /// When the last request was sent that the coordinator answered well.
    last_contact: Instant,
}

/// A heartbeat that is under way.
#[derive(Debug)]
struct Beat {
    ticket: Ticket,
    sent_at: Instant,
    generation: i32,
}

/// What the leader of a group looks after.
#[derive(Debug)]
struct Lead {
    topics: BTreeSet<Str>,
    /// What the assignment was made from.
    layout: Option<Topics>,
    /// When the group rebalances once more, if nobody begins with it before: partitions may be nobody's.
    recheck: Option<Instant>,
}

impl Membership {
    pub(crate) fn new(rules: Rules, rng: Rng, now: Instant) -> Self {
        let backoff = rules.backoff.clone();
        Self {
            rules,
            rng,
            state: State::Out { is_absent: false },
            coordinator: Coordinator::Unknown { not_before: None, is_asked: false },
            member_id: Str::default(),
            generation: NO_GENERATION,
            topics: BTreeSet::new(),
            joined_topics: BTreeSet::new(),
            owned: BTreeMap::new(),
            assignments: 0,
            last: None,
            releasing: None,
            rejoin: None,
            heartbeat: Heartbeat { due: now, waits: None, last_contact: now },
            lead: None,
            steps: VecDeque::new(),
            tickets: 0,
            backoff,
        }
    }

    /// Subscribes to exactly these topics; the group is joined, or joined anew.
    pub(crate) fn subscribe(&mut self, now: Instant, topics: BTreeSet<Str>) {
        self.topics = topics;
        match self.state {
            State::Out { .. } | State::Failed => self.join(now),
            // It is joined again once it is left.
            State::Leaving { ref mut is_absent, .. } => *is_absent = true,
            State::Preparing
            | State::Joining { .. }
            | State::Leading { .. }
            | State::Syncing { .. }
            | State::Stable => {}
        }
    }

    /// Leaves the group, and gives up everything without asking.
    pub(crate) fn leave(&mut self, reason: &'static str) {
        self.topics.clear();
        self.owned.clear();
        // Nothing is left to be told of partitions.
        self.steps.retain(|step| !matches!(step, Step::Revoke(..) | Step::Lose(_) | Step::Assign(_)));
        self.go_out(false, reason);
    }

    /// Whether it is in no group, and not on the way in or out.
    pub(crate) fn is_out(&self) -> bool {
        matches!(self.state, State::Out { .. } | State::Failed)
    }

    /// Whether the group is settled, as far as this member knows.
    pub(crate) fn is_stable(&self) -> bool {
        matches!(self.state, State::Stable) && self.rejoin.is_none()
    }

    /// Whether it left because the user stayed away.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self.state, State::Out { is_absent: true })
    }

    /// What is being given up, if that is still waited for.
    pub(crate) fn releasing(&self, ticket: Ticket) -> Option<&BTreeSet<TopicPartition>> {
        self.releasing.as_ref().filter(|(current, _)| *current == ticket).map(|(_, released)| released)
    }

    /// Since when it has owned a partition; until it has given it up.
    pub(crate) fn tenure(&self, partition: &TopicPartition) -> Option<Tenure> {
        self.owned.get(partition).copied()
    }

    /// Under which name offsets are committed now; none while the user wants to be in a group and is not.
    pub(crate) fn identity(&self) -> Option<Identity> {
        if self.generation == NO_GENERATION && !matches!(self.state, State::Out { is_absent: false }) {
            return None;
        }
        let instance_id = self.rules.instance_id.clone().filter(|_| self.generation != NO_GENERATION);
        let member_id =
            if self.generation == NO_GENERATION { Str::default() } else { self.member_id.clone() };
        Some(Identity { generation: self.generation, member_id, instance_id })
    }

    /// The topics whose partitions must be known, if this member leads.
    pub(crate) fn watched(&self) -> Option<&BTreeSet<Str>> {
        self.lead.as_ref().map(|lead| &lead.topics)
    }

    /// What there is to do, one after the other, until there is nothing.
    pub(crate) fn poll(&mut self, now: Instant, presence: Presence) -> Option<Step> {
        if self.steps.is_empty() {
            self.look_at_user(now, presence);
            self.look_at_session(now);
            self.look_at_changes(now);
            self.find_coordinator(now);
            self.send_due(now);
        }
        self.steps.pop_front()
    }

    /// When to poll again, if nothing else happens before.
    pub(crate) fn poll_timeout(&self, presence: Presence) -> Option<Instant> {
        let absence = match presence {
            Presence::AwaySince(since) if self.is_in_group() => Some(since + self.rules.max_poll_interval),
            _ => None,
        };
        let find = match self.coordinator {
            Coordinator::Unknown { not_before, is_asked: false } if !self.is_out() => not_before,
            _ => None,
        };
        let send = match &self.state {
            State::Joining { not_before, waits: None } | State::Syncing { not_before, waits: None, .. } => {
                Some(*not_before)
            }
            _ => None,
        };
        let is_known = matches!(self.coordinator, Coordinator::At(_));
        let heartbeat = (self.has_heartbeat() && self.heartbeat.waits.is_none() && is_known)
            .then_some(self.heartbeat.due);
        let session = self.session_end();
        let recheck = self.recheck().filter(|_| self.is_stable() && self.releasing.is_none());
        [absence, find, send.filter(|_| is_known), heartbeat, session, recheck].into_iter().flatten().min()
    }

    /// The partitions of what [`watched`](Self::watched) names, as they are now.
    pub(crate) fn layout(&mut self, now: Instant, topics: Topics) {
        let Some(lead) = &mut self.lead else { return };
        let is_new = lead.layout.as_ref() != Some(&topics);
        match &self.state {
            State::Leading { .. } => {
                lead.layout = Some(topics);
                self.assign(now);
            }
            State::Stable if is_new && lead.layout.is_some() => self.rejoin = Some("topics have changed"),
            _ => {}
        }
    }

    /// The user has given up what was to be revoked.
    pub(crate) fn released(&mut self, now: Instant, ticket: Ticket) {
        let Some((_, released)) = self.releasing.take_if(|(current, _)| *current == ticket) else { return };
        for partition in &released {
            self.owned.remove(partition);
        }
        match self.state {
            State::Preparing => self.state = State::Joining { not_before: now, waits: None },
            _ => self.rejoin = Some("partitions were given up"),
        }
    }

    /// A commit under `generation` was refused with `code`; says what that means for the commit.
    pub(crate) fn commit_refused(&mut self, now: Instant, generation: i32, code: ErrorCode) -> Verdict {
        if self.generation == NO_GENERATION || !self.is_in_group() {
            return Verdict::Final;
        }
        if code == ErrorCode::REBALANCE_IN_PROGRESS {
            if matches!(self.state, State::Preparing) {
                // What is committed is being given up, and that may wait for this commit.
                return Verdict::Final;
            }
            if matches!(self.state, State::Stable) && generation == self.generation {
                self.rejoin = Some("the group rebalances");
            }
            return Verdict::Later;
        }
        if generation != self.generation || self.awaits_generation() {
            return Verdict::Later;
        }
        self.refused(now, code);
        Verdict::Final
    }

    /// Whether the group may be in its next generation already, with the answer that says so on its way: what is
    /// said of this generation then means nothing. A request to join whose answer was lost may have arrived, so that
    /// it does not matter whether one is under way: the answer to the next one tells.
    fn awaits_generation(&self) -> bool {
        matches!(self.state, State::Joining { .. })
    }

    fn look_at_user(&mut self, now: Instant, presence: Presence) {
        let is_away =
            matches!(presence, Presence::AwaySince(since) if since + self.rules.max_poll_interval <= now);
        match self.state {
            State::Out { is_absent: true } if !is_away => self.join(now),
            _ if is_away && self.is_in_group() => {
                tracing::warn!(
                    group = %self.rules.group_id,
                    "nothing was asked for within max.poll.interval.ms; leaving the group until it is"
                );
                self.lose_owned();
                self.go_out(true, "consumer poll timeout has expired");
            }
            _ => {}
        }
    }

    fn look_at_session(&mut self, now: Instant) {
        if self.session_end().is_some_and(|end| end <= now) {
            tracing::warn!(group = %self.rules.group_id, "no word from the coordinator within session.timeout.ms");
            self.forget_coordinator(None);
            self.lose_generation(now);
        }
    }

    fn look_at_changes(&mut self, now: Instant) {
        if !matches!(self.state, State::Stable) || self.releasing.is_some() {
            return;
        }
        if self.rejoin.is_none() && self.joined_topics != self.topics {
            self.rejoin = Some("the subscription has changed");
        }
        if self.rejoin.is_none() && self.recheck().is_some_and(|recheck| recheck <= now) {
            self.rejoin = Some("partitions may be nobody's");
        }
        if let Some(reason) = self.rejoin {
            tracing::debug!(group = %self.rules.group_id, reason, "joining anew");
            self.prepare(now);
        }
    }

    /// Gives up what must be given up before the group can be joined anew, and joins it.
    fn prepare(&mut self, now: Instant) {
        let is_kept = |partition: &TopicPartition| {
            self.rules.is_cooperative() && self.topics.contains(&partition.topic)
        };
        let revoked: BTreeSet<_> = self.owned.keys().filter(|owned| !is_kept(owned)).cloned().collect();
        if revoked.is_empty() {
            self.state = State::Joining { not_before: now, waits: None };
        } else {
            self.state = State::Preparing;
            self.revoke(revoked);
        }
    }

    fn revoke(&mut self, revoked: BTreeSet<TopicPartition>) {
        let ticket = self.ticket();
        self.steps.push_back(Step::Revoke(ticket, revoked.iter().cloned().collect()));
        self.releasing = Some((ticket, revoked));
    }

    fn join(&mut self, now: Instant) {
        self.state = if self.topics.is_empty() {
            State::Out { is_absent: false }
        } else {
            State::Joining { not_before: now, waits: None }
        };
    }

    fn is_in_group(&self) -> bool {
        match self.state {
            State::Out { .. } | State::Leaving { .. } | State::Failed => false,
            State::Preparing
            | State::Joining { .. }
            | State::Leading { .. }
            | State::Syncing { .. }
            | State::Stable => true,
        }
    }

    fn has_heartbeat(&self) -> bool {
        match self.state {
            State::Preparing | State::Leading { .. } | State::Syncing { .. } | State::Stable => {
                self.generation != NO_GENERATION
            }
            // The coordinator keeps those alive who wait for it to answer.
            State::Out { .. } | State::Joining { .. } | State::Leaving { .. } | State::Failed => false,
        }
    }

    fn session_end(&self) -> Option<Instant> {
        self.has_heartbeat().then(|| self.heartbeat.last_contact + self.rules.session_timeout)
    }

    /// When a leader no longer waits for others to begin the rebalance that its assignment wants.
    fn recheck(&self) -> Option<Instant> {
        self.lead.as_ref().and_then(|lead| lead.recheck)
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
    fn forget_coordinator(&mut self, not_before: Option<Instant>) {
        if let Coordinator::At(node) = self.coordinator {
            self.coordinator = Coordinator::Unknown { not_before, is_asked: false };
            self.steps.push_back(Step::Forget(node));
            // The answer may come after that of the next coordinator.
            self.heartbeat.waits = None;
        }
    }

    /// The membership is over for the coordinator: what was owned may be others' by now. It is joined anew.
    fn lose_generation(&mut self, now: Instant) {
        self.lose_owned();
        self.generation = NO_GENERATION;
        self.set_lead(None);
        self.state = State::Joining { not_before: now, waits: None };
    }

    fn lose_owned(&mut self) {
        self.releasing = None;
        self.rejoin = None;
        self.heartbeat.waits = None;
        let lost = std::mem::take(&mut self.owned);
        if !lost.is_empty() {
            tracing::info!(group = %self.rules.group_id, ?lost, "partitions are lost");
            self.steps.push_back(Step::Lose(lost.into_keys().collect()));
        }
    }

    fn set_lead(&mut self, topics: Option<BTreeSet<Str>>) {
        let led = self.lead.is_some();
        self.lead = topics.map(|topics| Lead { topics, layout: None, recheck: None });
        if let Some(lead) = &self.lead {
            self.steps.push_back(Step::Watch(lead.topics.clone()));
        } else if led {
            self.steps.push_back(Step::Watch(BTreeSet::new()));
        }
    }

    /// Leaves the group; a static member only stops, and keeps its place until its session ends.
    fn go_out(&mut self, is_absent: bool, reason: &'static str) {
        (self.releasing, self.rejoin, self.heartbeat.waits) = (None, None, None);
        self.set_lead(None);
        let is_known = !self.member_id.is_empty() && self.rules.instance_id.is_none() && self.is_in_group();
        let was_leaving = matches!(self.state, State::Leaving { .. });
        match &mut self.state {
            State::Leaving { is_absent: leaving_absent, .. } => *leaving_absent = is_absent,
            state if is_known => *state = State::Leaving { waits: None, is_absent, reason },
            state => *state = State::Out { is_absent },
        }
        self.generation = NO_GENERATION;
        if !is_known && !was_leaving {
            self.member_id = Str::default();
        }
    }

    fn fail(&mut self, error: Error) {
        self.lose_owned();
        self.set_lead(None);
        self.generation = NO_GENERATION;
        self.member_id = Str::default();
        self.state = State::Failed;
        self.steps.push_back(Step::Fail(error));
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Makes the assignment of everybody, once the topics are known.
    ///
    /// A cooperative assignor leaves out what others still have to give up, who join anew when they have. A static
    /// one that is started again in between has nothing to give up, and does not: then the leader does. A leader
    /// that was started again itself does not know what it had left out.
    fn assign(&mut self, now: Instant) {
        let State::Leading { assignor, members, is_skipped } = &self.state else { return };
        let Some(lead) = &mut self.lead else { return };
        let Some(layout) = &lead.layout else { return };
        let assignment = if *is_skipped { BTreeMap::new() } else { assignor.assign(layout, members) };
        if assignor.is_cooperative() {
            let assigned: usize = assignment.values().map(Vec::len).sum();
            let there: usize = layout.iter().map(|(_, partitions)| partitions.len()).sum();
            let patience = if *is_skipped { Duration::ZERO } else { self.rules.session_timeout };
            lead.recheck = (assigned < there).then(|| now + patience);
        }
        match self.sync_request(*assignor, assignment) {
            Ok(request) => {
                self.state = State::Syncing { request: Box::new(request), not_before: now, waits: None };
            }
            Err(error) => self.fail(error),
        }
    }
}
