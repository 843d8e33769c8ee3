//! One classic group: its members, and what they are to each other.
//!
//! What happens to it is in the files beside this one: [`join`](super::join), [`sync`](super::sync),
//! [`leave`](super::leave), and [`rebalance`](super::rebalance) for what follows from them. How it is shown and
//! written down is in [`view`](super::view).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::join_group::{JoinGroupRequestProtocol, JoinGroupResponse};
use ottla_protocol::wire::Str;

use super::member::Member;
use super::timers::Timers;
use super::turn::Turn;
use super::view;

/// A classic group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: Str,
    pub(super) state: State,
    /// When it came into its state, in Unix milliseconds; old records do not say.
    pub(super) state_since_ms: Option<i64>,
    /// What the group is for; none until somebody joins.
    pub(super) protocol_type: Option<Str>,
    /// What the members of this generation chose.
    pub(super) protocol: Option<Str>,
    pub(super) generation: i32,
    pub(super) leader: Option<Str>,
    /// In boxes: a map of one entry has room for eleven, and most groups are small.
    pub(super) members: BTreeMap<Str, Box<Member>>,
    /// Static members: their member ids by their own names.
    pub(super) instances: BTreeMap<Str, Str>,
    /// Who was given an id and has not come back with it.
    pub(super) pending: BTreeSet<Str>,
    /// How many members wait for the answer to their join.
    pub(super) joining: usize,
    /// Who has not asked for its assignment in this generation.
    pub(super) unsynced: BTreeSet<Str>,
    /// The topics of this generation; `None` when they are not known.
    pub(super) subscribed: Option<BTreeSet<Str>>,
    pub(super) timers: Timers<Timer>,
    /// How many members each protocol is supported by.
    supported: BTreeMap<Str, usize>,
    /// Members looked at by walks over all of them.
    #[cfg(test)]
    pub(super) walked: std::cell::Cell<usize>,
}

/// Where a group stands between two generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Without members.
    Empty,
    /// It waits for its members to join; `Some` as long as it gathers its first ones.
    PreparingRebalance(Option<Gathering>),
    /// It waits for its leader's assignment.
    CompletingRebalance(Assignment),
    /// All is decided.
    Stable,
}

/// The time that a group without members gives the first ones to come (`group.initial.rebalance.delay.ms`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gathering {
    pub(super) delay: Duration,
    /// How much longer it may be made.
    pub(super) remaining: Duration,
    pub(super) has_grown: bool,
}

/// The leader's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    /// It is waited for.
    Missing,
    /// The members have it; they are told once it is durable.
    Stored,
}

/// What a group waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The end of the time in which members join.
    Join,
    /// The end of the time in which they ask for their assignment.
    Sync,
    /// The end of a session, or of the time in which an id that was given out must be used.
    Session(Str),
    /// Another try to write down what the log refused.
    Record,
}

impl Group {
    /// A group of which nothing is known.
    pub(super) fn new(id: Str, state_since_ms: Option<i64>) -> Self {
        Self {
            id,
            state: State::Empty,
            state_since_ms,
            protocol_type: None,
            protocol: None,
            generation: 0,
            leader: None,
            members: BTreeMap::new(),
            instances: BTreeMap::new(),
            pending: BTreeSet::new(),
            joining: 0,
            unsynced: BTreeSet::new(),
            subscribed: None,
            timers: Timers::default(),
            supported: BTreeMap::new(),
            #[cfg(test)]
            walked: std::cell::Cell::default(),
        }
    }

    /// Whether somebody can join with these protocols: those who are there must all support one of them.
    pub(super) fn supports(&self, protocol_type: &Str, protocols: &[JoinGroupRequestProtocol]) -> bool {
        if self.state == State::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_ref() == Some(protocol_type)
            && protocols.iter().any(|protocol| self.supporters(&protocol.name) == self.members.len())
    }

    fn supporters(&self, protocol: &Str) -> usize {
        self.supported.get(protocol).copied().unwrap_or(0)
    }

    /// Whether there is room for whoever joins under this id.
    pub(super) fn has_room(&self, member_id: &Str, size_max: usize) -> bool {
        match self.state {
            State::Empty => true,
            // Who waits already has its place. The group may be larger than it may be, if the limit was
            // lowered: those who come last lose theirs.
            State::PreparingRebalance(_) => {
                self.joining < size_max
                    || self.members.get(member_id).is_some_and(|member| member.joining.is_some())
            }
            State::CompletingRebalance(_) | State::Stable => {
                self.members.len() < size_max || self.members.contains_key(member_id)
            }
        }
    }

    /// Whether a request comes from a member, and from the one that it says it is.
    ///
    /// # Errors
    /// `UNKNOWN_MEMBER_ID`; `FENCED_INSTANCE_ID` for a static member that was replaced.
    pub(super) fn check_member(&self, member_id: &Str, instance_id: Option<&Str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.instances.get(instance_id) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(current) if current != member_id => return Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => {}
            }
        }
        match self.members.contains_key(member_id) {
            true => Ok(()),
            false => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    /// Takes a member in; the first one leads.
    pub(super) fn add(&mut self, member: Member, protocol_type: &Str) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.clone());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        if let Some(instance_id) = &member.instance_id {
            self.instances.insert(instance_id.clone(), member.id.clone());
        }
        self.pending.remove(&member.id);
        self.joining += usize::from(member.joining.is_some());
        self.count(&member);
        self.members.insert(member.id.clone(), Box::new(member));
    }

    /// Takes a member out, or an id that was given out: its requests end, and another one leads.
    pub(super) fn remove(&mut self, turn: &mut Turn<'_>, member_id: &Str) {
        self.pending.remove(member_id);
        self.unsynced.remove(member_id);
        self.timers.cancel(&Timer::Session(member_id.clone()));
        let Some(mut member) = self.members.remove(member_id) else { return };
        self.discount(&member);
        if let Some(instance_id) = &member.instance_id {
            self.instances.remove(instance_id);
        }
        if let Some(waiting) = member.joining.take() {
            self.joining -= 1;
            turn.refuse_join(waiting, Str::EMPTY, ErrorCode::UNKNOWN_MEMBER_ID);
        }
        if let Some(waiting) = member.syncing.take() {
            turn.refuse_sync(waiting, ErrorCode::UNKNOWN_MEMBER_ID);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    /// Takes a member out whose join came to nothing because of the log.
    pub(super) fn fail(&mut self, turn: &mut Turn<'_>, member_id: &Str, code: ErrorCode) {
        let waiting = self.members.get_mut(member_id).and_then(|member| member.joining.take());
        if let Some(waiting) = waiting {
            self.joining -= 1;
            turn.refuse_join(waiting, Str::EMPTY, code);
        }
        self.remove(turn, member_id);
    }

    pub(super) fn is_leader(&self, member_id: &Str) -> bool {
        self.leader.as_ref() == Some(member_id)
    }

    /// Whether nobody is missing who could join.
    pub(super) fn all_joined(&self) -> bool {
        self.joining == self.members.len() && self.pending.is_empty()
    }

    /// Whether the log says what the group is.
    #[cfg(test)]
    pub(super) fn is_settled(&self) -> bool {
        let is_decided = match self.state {
            State::Empty | State::Stable | State::CompletingRebalance(Assignment::Stored) => true,
            State::PreparingRebalance(_) | State::CompletingRebalance(Assignment::Missing) => false,
        };
        is_decided && !self.timers.contains(&Timer::Record)
    }

    /// What is always so.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let members = || self.members.values();
        let has_timer = |timer: Timer| self.timers.contains(&timer);
        let mut supported: BTreeMap<Str, usize> = BTreeMap::new();
        for name in members().flat_map(|member| member.protocol_names()) {
            *supported.entry(name.clone()).or_default() += 1;
        }
        assert_eq!(self.supported, supported, "protocols are counted");
        assert_eq!(self.joining, members().filter(|member| member.joining.is_some()).count());
        let instances = members().filter_map(|member| Some((member.instance_id.clone()?, member.id.clone())));
        assert_eq!(self.instances, instances.collect(), "static members are known by their names");
        assert!(self.members.iter().all(|(id, member)| *id == member.id));
        assert!(self.unsynced.iter().all(|id| self.members.contains_key(id)));
        assert!(self.pending.iter().all(|id| !self.members.contains_key(id)));
        assert_eq!(self.leader.is_some(), !self.members.is_empty(), "who has members has a leader");
        assert!(self.leader.iter().all(|leader| self.members.contains_key(leader)));
        assert_eq!(self.state == State::Empty, self.members.is_empty() && !has_timer(Timer::Join));
        assert_eq!(
            matches!(self.state, State::PreparingRebalance(_)),
            has_timer(Timer::Join),
            "{:?}",
            self.state
        );
        assert_eq!(has_timer(Timer::Sync), !self.unsynced.is_empty(), "{:?}", self.state);
        for member in members() {
            let has_session = has_timer(Timer::Session(member.id.clone()));
            assert!(has_session || member.is_excused(), "{} lives forever", member.id);
            assert!(member.joining.is_none() || matches!(self.state, State::PreparingRebalance(_)));
            assert!(member.syncing.is_none() || matches!(self.state, State::CompletingRebalance(_)));
            assert!(self.vote(member).is_some(), "all support one protocol");
        }
        for member_id in &self.pending {
            assert!(has_timer(Timer::Session(member_id.clone())), "{member_id} is waited for forever");
        }
    }

    /// Counts the protocols of a member.
    pub(super) fn count(&mut self, member: &Member) {
        for name in member.protocol_names() {
            match self.supported.get_mut(name) {
                Some(count) => *count += 1,
                None => _ = self.supported.insert(name.clone(), 1),
            }
        }
    }

    /// Takes back the count of a member.
    pub(super) fn discount(&mut self, member: &Member) {
        for name in member.protocol_names() {
            if let Some(count) = self.supported.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    self.supported.remove(name);
                }
            }
        }
    }

    /// The protocol that most members like best, of those that all support; among equals, Kafka's choice.
    pub(super) fn select_protocol(&self) -> Option<Str> {
        self.walk();
        let mut votes: BTreeMap<&Str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some(vote) = self.vote(member) {
                *votes.entry(vote).or_default() += 1;
            }
        }
        let most = votes.values().max()?;
        let equals = votes.iter().filter(|(_, count)| *count == most).map(|(vote, _)| *vote);
        equals.min_by_key(|vote| place_in_java(vote, votes.len())).cloned()
    }

    /// The protocol that a member likes best, of those that all support.
    fn vote<'a>(&self, member: &'a Member) -> Option<&'a Str> {
        let mut names = member.protocols.iter().map(|protocol| &protocol.name);
        names.find(|name| self.supporters(name) == self.members.len())
    }

    /// What a member that joined is told of the generation; the leader is told of all members.
    pub(super) fn joined(&self, member_id: &Str, sees_members: bool) -> JoinGroupResponse {
        let members = match sees_members {
            true => {
                self.walk();
                self.members.values().map(|member| member.joined(self.protocol.as_ref())).collect()
            }
            false => Vec::new(),
        };
        JoinGroupResponse::default()
            .with_generation_id(self.generation)
            .with_protocol_type(self.protocol_type.clone())
            .with_protocol_name(self.protocol.clone())
            .with_leader(self.leader.clone().unwrap_or_default())
            .with_member_id(member_id.clone())
            .with_members(members)
    }

    /// Begins a member's session anew.
    pub(super) fn restart_session(&mut self, now: Instant, member_id: &Str) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.is_silent = false;
            let due = now + member.session_timeout();
            self.timers.set(Timer::Session(member_id.clone()), due);
        }
    }

    /// Comes into a state.
    pub(super) fn enter(&mut self, turn: &Turn<'_>, state: State) {
        self.state = state;
        self.state_since_ms = Some(turn.now_ms);
    }

    /// Writes down what the group is.
    pub(super) fn record(&mut self, turn: &mut Turn<'_>) {
        self.walk();
        self.timers.cancel(&Timer::Record);
        turn.record(&self.id, view::record_of(self));
    }

    /// Counts, for the tests, that all members are looked at.
    pub(super) fn walk(&self) {
        #[cfg(test)]
        self.walked.set(self.walked.get() + self.members.len());
    }
}

/// Where a name stands in a `HashMap` of Java that holds so many: Kafka takes the first of the protocols with the most votes
/// from one.
fn place_in_java(name: &str, entries: usize) -> u32 {
    let hash = name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    let mut buckets = 16_u32;
    while entries > (buckets / 4 * 3) as usize {
        buckets *= 2;
    }
    (hash ^ hash >> 16) & (buckets - 1)
}
