//! From one generation to the next: the members gather, the next generation begins, its leader assigns.
//!
//! Deadlines end here too, for most of them begin a rebalance or bring it on.

use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::messages::sync_group::SyncGroupResponse;
use ottla_protocol::wire::Str;

use super::group::{Assignment, Gathering, Group, State, Timer};
use super::member::{Member, milliseconds};
use super::turn::Turn;
use super::{RECORD_RETRY, view};

/// How long a group waits at least, before it looks again whether any of its members has joined.
const JOIN_RETRY_MIN: Duration = Duration::from_millis(100);
/// Characters of a client's reason that are logged, as many as clients are asked to send (KIP-800).
const REASON_LEN_MAX: usize = 255;

/// Why a group rebalances, for the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    what: &'static str,
    member_id: &'a Str,
    reason: Option<&'a Str>,
}

impl<'a> Cause<'a> {
    pub(super) fn new(what: &'static str, member_id: &'a Str) -> Self {
        Self { what, member_id, reason: None }
    }

    /// What the client says.
    pub(super) fn with_reason(self, reason: Option<&'a Str>) -> Self {
        Self { reason, ..self }
    }

    fn log(&self, group: &Group) {
        let reason: String = match self.reason {
            Some(reason) => reason.chars().take(REASON_LEN_MAX).collect(),
            None => "not provided".to_owned(),
        };
        tracing::info!(group = %group.id, generation = group.generation, member = %self.member_id, reason, "{}", self.what);
    }
}

impl Group {
    /// Begins a rebalance; in one that has begun, sees whether it can go on.
    pub(super) fn rebalance(&mut self, turn: &mut Turn<'_>, cause: Cause<'_>) {
        match self.state {
            State::PreparingRebalance(_) => self.maybe_complete_join(turn),
            State::Empty | State::CompletingRebalance(_) | State::Stable => {
                self.prepare_rebalance(turn, cause)
            }
        }
    }

    /// Has all members join anew.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>, cause: Cause<'_>) {
        cause.log(self);
        if matches!(self.state, State::CompletingRebalance(_)) {
            self.take_assignments_back(turn, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.unsynced.clear();
        self.timers.cancel(&Timer::Sync);
        if self.state == State::Empty {
            let delay = turn.config.initial_rebalance_delay;
            let remaining = self.rebalance_timeout().saturating_sub(delay);
            self.timers.set(Timer::Join, turn.now + delay);
            let gathering = Gathering { delay, remaining, has_grown: false };
            return self.enter(turn, State::PreparingRebalance(Some(gathering)));
        }
        self.enter(turn, State::PreparingRebalance(None));
        if self.all_joined() {
            self.complete_join(turn);
        } else {
            self.timers.set(Timer::Join, turn.now + self.rebalance_timeout());
        }
    }

    /// Goes on when nobody is missing. A group that gathers its first members takes its time.
    pub(super) fn maybe_complete_join(&mut self, turn: &mut Turn<'_>) {
        if self.state == State::PreparingRebalance(None) && self.all_joined() {
            self.complete_join(turn);
        }
    }

    /// Begins the next generation, with those who have joined, and with the static members, who may be away.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) {
        self.timers.cancel(&Timer::Join);
        self.walk();
        let is_missing = |member: &Member| member.joining.is_none() && member.instance_id.is_none();
        let missing = self.members.values().filter(|member| is_missing(member));
        let missing: Vec<Str> = missing.map(|member| member.id.clone()).collect();
        for member_id in missing {
            tracing::info!(group = %self.id, member = %member_id, "a member did not join in time");
            self.remove(turn, &member_id);
        }
        if !self.elect_leader() && !self.members.is_empty() {
            // All are static, and all are away: the group waits for the first of them, or for their sessions to end.
            let wait = self.rebalance_timeout().max(JOIN_RETRY_MIN);
            self.timers.set(Timer::Join, turn.now + wait);
            return;
        }
        self.unsynced.clear();
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        self.protocol = self.select_protocol();
        self.subscribed = view::subscribed_topics(self);
        if self.members.is_empty() {
            self.enter(turn, State::Empty);
            tracing::info!(group = %self.id, generation = self.generation, "the group is empty");
            return self.record(turn);
        }
        self.enter(turn, State::CompletingRebalance(Assignment::Missing));
        tracing::info!(group = %self.id, generation = self.generation, members = self.members.len(), "a generation begins");
        self.answer_joins(turn);
        self.timers.set(Timer::Sync, turn.now + self.rebalance_timeout());
    }

    /// Tells all who wait that the generation has begun; their sessions begin with it.
    fn answer_joins(&mut self, turn: &mut Turn<'_>) {
        self.walk();
        let ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in ids {
            let Some(member) = self.members.get_mut(&member_id) else { continue };
            member.is_new = false;
            if let Some(waiting) = member.joining.take() {
                self.joining -= 1;
                let response = self.joined(&member_id, self.is_leader(&member_id));
                turn.answer_join(waiting, response);
            }
            self.restart_session(turn.now, &member_id);
            self.unsynced.insert(member_id);
        }
    }

    /// Sees to it that the leader is one who has joined; false when nobody has.
    fn elect_leader(&mut self) -> bool {
        let leader = self.leader.as_ref().and_then(|leader| self.members.get(leader));
        if leader.is_some_and(|leader| leader.joining.is_some()) {
            return true;
        }
        self.walk();
        let Some(next) = self.members.values().find(|member| member.joining.is_some()) else { return false };
        tracing::info!(group = %self.id, leader = %next.id, "another member leads");
        self.leader = Some(next.id.clone());
        true
    }

    /// How long the group waits for its members: as long as the most patient of them asks for.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        self.walk();
        let timeouts = self.members.values().map(|member| member.rebalance_timeout_ms);
        milliseconds(timeouts.max().unwrap_or(0))
    }

    /// Takes back what the leader assigned, and says why to those who wait for it.
    fn take_assignments_back(&mut self, turn: &mut Turn<'_>, code: ErrorCode) {
        self.walk();
        let mut told = Vec::new();
        for member in self.members.values_mut() {
            member.assignment.clear();
            if let Some(waiting) = member.syncing.take() {
                turn.refuse_sync(waiting, code);
                told.push(member.id.clone());
            }
        }
        for member_id in told {
            self.restart_session(turn.now, &member_id);
        }
    }

    /// The leader's assignment is durable: all who wait for theirs are told, and the group is stable.
    pub(super) fn stored(&mut self, turn: &mut Turn<'_>, record: &GroupMetadataValue) {
        if self.state != State::CompletingRebalance(Assignment::Stored)
            || self.generation != record.generation
        {
            return; // overtaken, or not about an assignment
        }
        self.state = State::Stable; // since the record was written, as it says
        self.walk();
        let ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in ids {
            let Some(member) = self.members.get_mut(&member_id) else { continue };
            if let Some(waiting) = member.syncing.take() {
                let response = self.synced(&member_id);
                turn.answer_sync(waiting, response);
                self.restart_session(turn.now, &member_id);
            }
        }
    }

    /// What a member that asked for its assignment is told.
    pub(super) fn synced(&self, member_id: &Str) -> SyncGroupResponse {
        let assignment = self.members.get(member_id).map(|member| member.assignment.clone());
        SyncGroupResponse::default()
            .with_protocol_type(self.protocol_type.clone())
            .with_protocol_name(self.protocol.clone())
            .with_assignment(assignment.unwrap_or_default())
    }

    /// A record could not be written: an assignment is taken back, anything else is written later.
    pub(super) fn refused(&mut self, turn: &mut Turn<'_>, record: &GroupMetadataValue, code: ErrorCode) {
        if self.generation != record.generation {
            return;
        }
        match self.state {
            State::CompletingRebalance(Assignment::Stored) => {
                self.take_assignments_back(turn, code);
                let leader = self.leader.clone().unwrap_or_default();
                self.prepare_rebalance(turn, Cause::new("the assignment could not be written", &leader));
            }
            State::Stable | State::Empty => self.timers.set(Timer::Record, turn.now + RECORD_RETRY),
            State::CompletingRebalance(Assignment::Missing) | State::PreparingRebalance(_) => {}
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        while let Some(timer) = self.timers.pop(turn.now) {
            match timer {
                Timer::Join => self.end_join(turn),
                Timer::Sync => self.end_sync(turn),
                Timer::Session(member_id) => self.end_session(turn, &member_id),
                Timer::Record if matches!(self.state, State::Stable | State::Empty) => self.record(turn),
                Timer::Record => {} // the next generation will be written
            }
        }
    }

    /// The time to join is over. A group that gathers its first members gives more, if more have come.
    fn end_join(&mut self, turn: &mut Turn<'_>) {
        match &mut self.state {
            State::PreparingRebalance(Some(gathering))
                if gathering.has_grown && !gathering.remaining.is_zero() =>
            {
                let delay = turn.config.initial_rebalance_delay.min(gathering.remaining);
                gathering.remaining = gathering.remaining.saturating_sub(gathering.delay);
                gathering.delay = delay;
                gathering.has_grown = false;
                self.timers.set(Timer::Join, turn.now + delay);
            }
            State::PreparingRebalance(_) => self.complete_join(turn),
            State::Empty | State::CompletingRebalance(_) | State::Stable => {}
        }
    }

    /// The time to ask for an assignment is over: who has not is no member any more.
    fn end_sync(&mut self, turn: &mut Turn<'_>) {
        if !matches!(self.state, State::CompletingRebalance(_) | State::Stable) {
            return;
        }
        let silent = std::mem::take(&mut self.unsynced);
        let Some(first) = silent.first().cloned() else { return };
        for member_id in &silent {
            self.remove(turn, member_id);
        }
        self.prepare_rebalance(turn, Cause::new("members did not ask for their assignment", &first));
    }

    /// A session is over, or the time in which an id that was given out was to be used.
    fn end_session(&mut self, turn: &mut Turn<'_>, member_id: &Str) {
        if self.members.get(member_id).is_some_and(|member| member.is_excused()) {
            return; // it gets a new session with its answer
        }
        let was_member = self.members.contains_key(member_id);
        self.remove(turn, member_id);
        match self.state {
            State::Stable | State::CompletingRebalance(_) if was_member => {
                self.prepare_rebalance(turn, Cause::new("a session ended", member_id));
            }
            State::PreparingRebalance(_) if self.all_joined() => self.complete_join(turn),
            _ => {}
        }
    }
}
