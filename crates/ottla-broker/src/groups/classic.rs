//! Classic groups: members that a coordinator brings together, and that share out the work among themselves.
//!
//! A pure state machine over the groups of one shard: requests and the time go in; answers, and records to be
//! written, come out. It knows neither log nor connection. What is decided is in [`join`], [`sync`] and
//! [`leave`], what follows from it in [`rebalance`]. The rules are those of Kafka 4.3.1, and so are the records,
//! so that a restart finds the groups as they were.
//!
//! A request that waits has a token, chosen by whoever calls, and is answered once under it: with the others of
//! its generation, when its session ends, or by a later request that takes its place.

mod group;
mod join;
mod leave;
mod member;
pub(in crate::groups) mod migrate;
mod rebalance;
mod sync;
pub(super) mod timers;
mod turn;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::GroupMetadataValue;
use ottla_protocol::messages::describe_groups::DescribedGroup;
use ottla_protocol::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use ottla_protocol::messages::join_group::JoinGroupRequest;
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use ottla_protocol::messages::list_groups::ListedGroup;
use ottla_protocol::messages::sync_group::SyncGroupRequest;
use ottla_protocol::wire::{Str, Uuid};

use self::group::{Group, State};
pub(in crate::groups) use self::leave::answer as answer_leave;
use self::member::Waiting;
pub(crate) use self::migrate::Former;
use self::rebalance::Cause;
use self::timers::Timers;
use self::turn::Turn;
use super::machine::{Answer, Effects};
use super::record::GroupRecord;
use crate::coordinator::{Token, kept};

/// How long a new member may wait for its first answer; it has no session before that. Kafka's own, no setting.
pub(crate) const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long after a refusal a record is tried again.
const RECORD_RETRY: Duration = Duration::from_secs(5);
/// The first version of `OffsetCommit` that can say that there is no such group (KIP-848).
const GROUP_NOT_FOUND_FROM: i16 = 9;

/// Who sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What it calls itself; empty if it does not say.
    pub(crate) client_id: Str,
    /// Where it is, as Kafka prints it: `/127.0.0.1`.
    pub(crate) client_host: Str,
}

impl Caller {
    /// The same without the frame of its request, for a group to keep.
    pub(crate) fn kept(&self) -> Self {
        Self { client_id: kept(&self.client_id), client_host: self.client_host.clone() }
    }
}

/// Settings of all classic groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClassicConfig {
    /// `group.initial.rebalance.delay.ms`.
    pub(crate) initial_rebalance_delay: Duration,
    /// `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.
    pub(crate) session_timeout: RangeInclusive<Duration>,
    /// `group.max.size`.
    pub(crate) size_max: usize,
}

/// Since when the offsets of a group are on their way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OffsetExpiry {
    /// They are not.
    Never,
    /// Each since it was committed, if its topic is not subscribed to.
    SinceCommit,
    /// All since this time, in Unix milliseconds.
    Since(i64),
}

/// The classic groups of a shard.
#[derive(Debug)]
pub(crate) struct ClassicGroups {
    config: ClassicConfig,
    groups: BTreeMap<Str, Box<Group>>,
    /// When each group has something to do.
    due: Timers<Str>,
}

impl ClassicGroups {
    /// No groups.
    pub(crate) fn new(config: ClassicConfig) -> Self {
        Self { config, groups: BTreeMap::new(), due: Timers::default() }
    }

    /// Takes in a record of the log. Those of offsets are none of its business.
    pub(crate) fn replay(&mut self, record: &GroupRecord) {
        let GroupRecord::Group { group, value } = record else { return };
        self.due.cancel(group);
        match value {
            Some(value) => {
                let id = kept(group);
                self.groups.insert(id.clone(), Box::new(Group::from_record(id, value)));
            }
            None => _ = self.groups.remove(group),
        }
    }

    /// Says that all of the log was replayed: the sessions of the members begin.
    pub(crate) fn loaded(&mut self, now: Instant, now_ms: i64) {
        for (id, group) in &mut self.groups {
            let members: Vec<Str> = group.members.keys().cloned().collect();
            for member_id in &members {
                group.restart_session(now, member_id);
                group.members.get_mut(member_id).into_iter().for_each(|member| member.is_silent = true);
            }
            // Nobody waits yet, so there is nobody to answer.
            let mut turn = Turn::new(&self.config, now, now_ms);
            if !members.is_empty() && group.state_since_ms.is_none() {
                // It was of the consumer protocol, and has not begun to be what it is.
                group.begin(&mut turn);
            } else if members.len() > self.config.size_max {
                // The limit was lowered.
                group.prepare_rebalance(&mut turn, Cause::new("the group is over its limit", id));
            }
            if let Some(first) = group.timers.first() {
                self.due.set(id.clone(), first);
            }
        }
    }

    /// Lets somebody join; `new_member` makes the id that it may be given.
    #[expect(clippy::too_many_arguments, reason = "a request with all that belongs to it")]
    pub(crate) fn join(
        &mut self,
        now: Instant,
        now_ms: i64,
        token: Token,
        caller: &Caller,
        version: i16,
        request: &JoinGroupRequest,
        new_member: Uuid,
    ) -> Effects {
        let mut turn = Turn::new(&self.config, now, now_ms);
        let from = Waiting { token, version };
        if let Err(code) = check_join(&self.config, request) {
            turn.refuse_join(from, request.member_id.clone(), code);
            return turn.effects;
        }
        let is_new = !self.groups.contains_key(&request.group_id);
        if is_new {
            if !request.member_id.is_empty() {
                turn.refuse_join(from, request.member_id.clone(), ErrorCode::UNKNOWN_MEMBER_ID);
                return turn.effects;
            }
            let id = kept(&request.group_id);
            self.groups.insert(id.clone(), Box::new(Group::new(id, Some(now_ms))));
        }
        let (_, effects) = self.step(now, now_ms, &request.group_id, |group, turn| {
            let born = is_new.then(|| view::record_of(group));
            group.join(turn, from, caller, request, new_member);
            // A group is written down as soon as it is there.
            if let Some(born) = born
                && turn.effects.records.is_empty()
            {
                turn.record(&group.id, born);
            }
        });
        effects
    }

    /// A member asks for its assignment; the leader brings all of them.
    pub(crate) fn sync(
        &mut self,
        now: Instant,
        now_ms: i64,
        token: Token,
        version: i16,
        request: &SyncGroupRequest,
    ) -> Effects {
        let from = Waiting { token, version };
        if let Err(code) =
            sync::check_version(version, request).and_then(|()| self.check_known(&request.group_id))
        {
            let mut turn = Turn::new(&self.config, now, now_ms);
            turn.refuse_sync(from, code);
            return turn.effects;
        }
        self.step(now, now_ms, &request.group_id, |group, turn| group.sync(turn, from, request)).1
    }

    /// A member says that it is alive.
    pub(crate) fn heartbeat(&mut self, now: Instant, request: &HeartbeatRequest) -> HeartbeatResponse {
        let outcome = self.check_known(&request.group_id).and_then(|()| {
            self.touch(&request.group_id, |group| group.heartbeat(now, request))
                .unwrap_or(Err(ErrorCode::UNKNOWN_MEMBER_ID))
        });
        HeartbeatResponse::default().with_error_code(outcome.err().unwrap_or(ErrorCode::NONE))
    }

    /// Members leave. The response too goes out once the records are durable.
    pub(crate) fn leave(
        &mut self,
        now: Instant,
        now_ms: i64,
        version: i16,
        request: &LeaveGroupRequest,
    ) -> (Effects, LeaveGroupResponse) {
        match self.check_known(&request.group_id) {
            Ok(()) => {
                let (response, effects) = self
                    .step(now, now_ms, &request.group_id, |group, turn| group.leave(turn, version, request));
                (effects, response.unwrap_or_default())
            }
            Err(ErrorCode::UNKNOWN_MEMBER_ID) => (Effects::default(), leave::unknown_group(version, request)),
            Err(code) => (Effects::default(), LeaveGroupResponse::default().with_error_code(code)),
        }
    }

    /// Does what is due: the effects of each group by themselves.
    pub(crate) fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        let mut all = Vec::new();
        while let Some(id) = self.due.pop(now) {
            let (_, effects) = self.step(now, now_ms, &id, |group, turn| group.tick(turn));
            if !effects.is_empty() {
                all.push(effects);
            }
        }
        all
    }

    /// When to [`tick`](Self::tick) next, and not before; `None` when there is nothing to wait for.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.due.first()
    }

    /// Says that a record is durable: what waited for it can go out.
    pub(crate) fn stored(&mut self, now: Instant, record: &GroupRecord) -> Effects {
        let GroupRecord::Group { group, value: Some(value) } = record else { return Effects::default() };
        // The state has the time of its record, so this one is not looked at.
        self.step(now, value.current_state_timestamp, group, |group, turn| group.stored(turn, value)).1
    }

    /// Says that a record was not appended, and why. Nothing may have been done in between.
    pub(crate) fn refused(
        &mut self,
        now: Instant,
        now_ms: i64,
        record: &GroupRecord,
        code: ErrorCode,
    ) -> Effects {
        let GroupRecord::Group { group: id, value: Some(value) } = record else { return Effects::default() };
        let (_, effects) = self.step(now, now_ms, id, |group, turn| {
            if is_birth(value) {
                // Nothing is known of it but what did not last.
                let members: Vec<Str> = group.members.keys().cloned().collect();
                for member_id in &members {
                    group.fail(turn, member_id, code);
                }
            } else {
                group.refused(turn, value, code);
            }
        });
        if is_birth(value) {
            self.groups.remove(id);
            self.due.cancel(id);
        }
        effects
    }

    /// Whether offsets may be committed to a group; a member that may has also said that it is alive.
    ///
    /// # Errors
    /// The code to answer for all partitions.
    pub(crate) fn check_commit(
        &mut self,
        now: Instant,
        version: i16,
        group: &Str,
        generation: i32,
        member_id: &Str,
        instance_id: Option<&Str>,
    ) -> Result<(), ErrorCode> {
        let checked = self.touch(group, |group| group.check_commit(now, generation, member_id, instance_id));
        match checked {
            Some(outcome) => outcome,
            None if generation < 0 => Ok(()),
            None if version >= GROUP_NOT_FOUND_FROM => Err(ErrorCode::GROUP_ID_NOT_FOUND),
            None => Err(ErrorCode::ILLEGAL_GENERATION),
        }
    }

    /// Whether offsets may be committed to a group in a transaction, whose producer need not be a member.
    ///
    /// # Errors
    /// The code to answer for all partitions.
    pub(crate) fn check_transactional_commit(
        &self,
        group: &Str,
        generation: i32,
        member_id: &Str,
        instance_id: Option<&Str>,
    ) -> Result<(), ErrorCode> {
        match self.groups.get(group) {
            Some(group) => group.check_transactional_commit(generation, member_id, instance_id),
            None if generation < 0 => Ok(()),
            None => Err(ErrorCode::ILLEGAL_GENERATION),
        }
    }

    /// Says that there are offsets of a group: it is there from now on, if it was not, though nothing is written of it.
    pub(crate) fn has_offsets(&mut self, group: &Str) {
        if !self.groups.contains_key(group) {
            let id = kept(group);
            self.groups.insert(id.clone(), Box::new(Group::new(id, None)));
        }
    }

    /// Decides to delete a group. It is gone once the record is appended and [replayed](Self::replay).
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND`, and `NON_EMPTY_GROUP` for one that has members.
    pub(crate) fn delete(&self, group: &Str) -> Result<GroupRecord, ErrorCode> {
        let group = self.groups.get(group).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        match group.state {
            State::Empty => Ok(GroupRecord::Group { group: group.id.clone(), value: None }),
            _ => Err(ErrorCode::NON_EMPTY_GROUP),
        }
    }

    /// Whether offsets of a group may be deleted; those of subscribed topics may not.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND`, and `NON_EMPTY_GROUP` for one whose members do not say what they subscribe to.
    pub(crate) fn check_offset_delete(&self, group: &Str) -> Result<(), ErrorCode> {
        let group = self.groups.get(group).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        match group.state {
            State::Empty => Ok(()),
            _ if group.is_of_consumers() => Ok(()),
            _ => Err(ErrorCode::NON_EMPTY_GROUP),
        }
    }

    /// All groups, by their ids.
    pub(crate) fn list(&self) -> impl Iterator<Item = ListedGroup> + '_ {
        self.groups.values().map(|group| group.listed())
    }

    /// A group with its members; `None` if there is none. Who may do what with it is not filled in.
    pub(crate) fn describe(&self, group: &Str) -> Option<DescribedGroup> {
        self.groups.get(group).map(|group| group.described())
    }

    /// Whether members of a group read a topic, or may do so.
    pub(crate) fn is_subscribed(&self, group: &Str, topic: &Str) -> bool {
        self.groups.get(group).is_some_and(|group| group.is_subscribed(topic))
    }

    /// Since when the offsets of a group are on their way out.
    pub(crate) fn offset_expiry(&self, group: &Str) -> OffsetExpiry {
        self.groups.get(group).map_or(OffsetExpiry::SinceCommit, |group| group.offset_expiry())
    }

    /// What a replay of the log gives: of a group between two generations it is not known, and of one that has
    /// nothing but offsets the log may say nothing.
    #[cfg(test)]
    pub(crate) fn durable_view(&self) -> BTreeMap<Str, Option<GroupMetadataValue>> {
        let view = |group: &Group| group.is_settled().then(|| view::record_of(group));
        self.groups.iter().map(|(id, group)| (id.clone(), view(group))).collect()
    }

    /// Makes sure of what is always so of all groups.
    #[cfg(test)]
    fn check(&self) {
        for group in self.groups.values() {
            group.check();
            assert_eq!(group.timers.first().is_some(), self.due.contains(&group.id), "a group is forgotten");
        }
    }

    /// What members ask of a group that there must be.
    fn check_known(&self, group: &Str) -> Result<(), ErrorCode> {
        match self.groups.contains_key(group) {
            // Of a group without a name there can be offsets, but no members.
            _ if group.is_empty() => Err(ErrorCode::INVALID_GROUP_ID),
            true => Ok(()),
            false => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    /// Something that changes deadlines alone.
    fn touch<R>(&mut self, id: &Str, change: impl FnOnce(&mut Group) -> R) -> Option<R> {
        let group = self.groups.get_mut(id)?;
        let result = change(group);
        self.due_from(id);
        Some(result)
    }

    /// A step of one group.
    fn step<R>(
        &mut self,
        now: Instant,
        now_ms: i64,
        id: &Str,
        change: impl FnOnce(&mut Group, &mut Turn<'_>) -> R,
    ) -> (Option<R>, Effects) {
        let mut turn = Turn::new(&self.config, now, now_ms);
        let result = self.groups.get_mut(id).map(|group| change(group, &mut turn));
        let effects = turn.effects;
        self.due_from(id);
        (result, effects)
    }

    fn due_from(&mut self, id: &Str) {
        let Some(group) = self.groups.get(id) else { return };
        match group.timers.first() {
            Some(first) => self.due.set(group.id.clone(), first),
            None => self.due.cancel(&group.id),
        }
    }
}

/// What a request to join must have, of whatever group.
fn check_join(config: &ClassicConfig, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    let session_timeout = u64::try_from(request.session_timeout_ms).map(Duration::from_millis);
    match session_timeout.is_ok_and(|timeout| config.session_timeout.contains(&timeout)) {
        true => Ok(()),
        false => Err(ErrorCode::INVALID_SESSION_TIMEOUT),
    }
}

/// Whether a record is the first of its group: it says nothing of it but that it is there.
fn is_birth(value: &GroupMetadataValue) -> bool {
    value.generation == 0 && value.members.is_empty()
}
