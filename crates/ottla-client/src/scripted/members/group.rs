//! One group of a scripted cluster: who is in it, and how it rebalances.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use ottla_protocol::wire::Str;
use tokio::time::Instant;

use super::{Waiter, join_error, respond, sync_error};

/// The first version of `JoinGroup` whose members must know their id before they are let in (KIP-394).
const MEMBER_ID_FROM: i16 = 4;

/// A group.
#[derive(Debug, Default)]
pub(super) struct Group {
    generation: i32,
    phase: Phase,
    protocol: String,
    leader: Option<String>,
    members: BTreeMap<String, Member>,
    /// Ids that were given out and not used yet.
    pending: BTreeSet<String>,
}

#[derive(Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Empty,
    /// Waits for everybody to join, no longer than until then.
    Joining(Instant),
    /// Waits for the leader to assign.
    Syncing,
    Stable,
}

#[derive(Debug)]
struct Member {
    instance: Option<Str>,
    protocols: Vec<(Str, Bytes)>,
    session_timeout: Duration,
    rebalance_timeout: Duration,
    /// When its session ends without a sign of life.
    session_end: Instant,
    has_joined: bool,
    joins: Option<Waiter>,
    syncs: Option<Waiter>,
    assignment: Bytes,
}

impl Group {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn generation(&self) -> i32 {
        self.generation
    }

    pub(super) fn is_settled(&self) -> bool {
        self.phase == Phase::Stable && self.members.values().all(|member| member.syncs.is_none())
    }

    pub(super) fn assignments(&self) -> BTreeMap<String, Bytes> {
        self.members.iter().map(|(id, member)| (id.clone(), member.assignment.clone())).collect()
    }

    /// When to [`tick`](Self::tick) next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let sessions = self.members.values().filter(|member| !member.has_joined || !self.is_joining());
        let rebalance = match self.phase {
            Phase::Joining(until) => Some(until),
            Phase::Empty | Phase::Syncing | Phase::Stable => None,
        };
        sessions.map(|member| member.session_end).chain(rebalance).min()
    }

    fn is_joining(&self) -> bool {
        matches!(self.phase, Phase::Joining(_))
    }

    pub(super) fn join(
        &mut self,
        request: &JoinGroupRequest,
        version: i16,
        waiter: Waiter,
        new_id: &mut dyn FnMut() -> String,
        now: Instant,
    ) {
        let instance = request.group_instance_id.as_ref();
        let known = instance.and_then(|instance| self.holder_of(instance));
        let id = request.member_id.to_string();
        if id.is_empty() {
            let id = new_id();
            match known {
                Some(old) => self.replace(&old, id, request, waiter, now),
                None if instance.is_none() && version >= MEMBER_ID_FROM => {
                    let mut answer = join_error(ErrorCode::MEMBER_ID_REQUIRED);
                    answer.member_id = Str::from(id.clone());
                    self.pending.insert(id);
                    respond(waiter, answer);
                }
                None => self.add(id, request, waiter, now),
            }
            return;
        }
        if known.is_some_and(|known| known != id) {
            return respond(waiter, join_error(ErrorCode::FENCED_INSTANCE_ID));
        }
        if self.pending.remove(&id) {
            return self.add(id, request, waiter, now);
        }
        let Some(member) = self.members.get_mut(&id) else {
            return respond(waiter, join_error(ErrorCode::UNKNOWN_MEMBER_ID));
        };
        let is_same = member.protocols == protocols(request);
        let leads = self.leader.as_deref() == Some(&id);
        let stays = match self.phase {
            Phase::Stable => is_same && !leads,
            Phase::Syncing => is_same,
            Phase::Empty | Phase::Joining(_) => false,
        };
        member.take_in(request, now);
        if stays {
            return self.answer_join(&id, waiter, false);
        }
        member.has_joined = true;
        if let Some(older) = member.joins.replace(waiter) {
            respond(older, join_error(ErrorCode::REBALANCE_IN_PROGRESS));
        }
        if !self.is_joining() {
            self.rebalance_but(Some(&id), now);
        }
        self.complete_join(now);
    }

    fn holder_of(&self, instance: &Str) -> Option<String> {
        let holds = |(_, member): &(&String, &Member)| member.instance.as_ref() == Some(instance);
        self.members.iter().find(holds).map(|(id, _)| id.clone())
    }

    fn add(&mut self, id: String, request: &JoinGroupRequest, waiter: Waiter, now: Instant) {
        let mut member = Member::new(request, now);
        member.joins = Some(waiter);
        member.has_joined = true;
        self.members.insert(id.clone(), member);
        if !self.is_joining() {
            self.rebalance_but(Some(&id), now);
        }
        self.complete_join(now);
    }

    /// A static member is back under a new id; nothing moves for it.
    fn replace(&mut self, old: &str, id: String, request: &JoinGroupRequest, waiter: Waiter, now: Instant) {
        let Some(mut member) = self.members.remove(old) else { return };
        if let Some(waiter) = member.joins.take() {
            respond(waiter, join_error(ErrorCode::FENCED_INSTANCE_ID));
        }
        if let Some(waiter) = member.syncs.take() {
            respond(waiter, sync_error(ErrorCode::FENCED_INSTANCE_ID));
        }
        // What it says in them may differ, as it has been in no generation yet.
        let names = |protocols: &[(Str, Bytes)]| -> Vec<Str> {
            protocols.iter().map(|(name, _)| name.clone()).collect()
        };
        let is_same = names(&member.protocols) == names(&protocols(request));
        member.take_in(request, now);
        let led = self.leader.as_deref() == Some(old);
        if led {
            self.leader = Some(id.clone());
        }
        let stays = self.phase == Phase::Stable && is_same;
        if stays {
            self.members.insert(id.clone(), member);
            return self.answer_join(&id, waiter, led);
        }
        (member.joins, member.has_joined) = (Some(waiter), true);
        self.members.insert(id.clone(), member);
        if !self.is_joining() {
            self.rebalance_but(Some(&id), now);
        }
        self.complete_join(now);
    }

    pub(super) fn rebalance(&mut self, now: Instant) {
        self.rebalance_but(None, now);
        self.complete_join(now);
    }

    /// Everybody has to join anew, but for one who just did.
    fn rebalance_but(&mut self, joined: Option<&str>, now: Instant) {
        for (id, member) in &mut self.members {
            member.has_joined = Some(id.as_str()) == joined;
            if let Some(waiter) = member.syncs.take() {
                respond(waiter, sync_error(ErrorCode::REBALANCE_IN_PROGRESS));
            }
        }
        let timeout = self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default();
        self.phase = if self.members.is_empty() { Phase::Empty } else { Phase::Joining(now + timeout) };
    }

    fn complete_join(&mut self, now: Instant) {
        if !self.is_joining() || self.members.values().any(|member| !member.has_joined) {
            return;
        }
        self.generation += 1;
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            return;
        }
        self.protocol = self.vote();
        if self.leader.as_ref().is_none_or(|leader| !self.members.contains_key(leader)) {
            self.leader = self.members.keys().next().cloned();
        }
        self.phase = Phase::Syncing;
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.session_end = now + member.session_timeout;
            if let Some(waiter) = member.joins.take() {
                self.answer_join(&id, waiter, false);
            }
        }
    }

    /// The protocol that all know and most like best.
    fn vote(&self) -> String {
        let mut votes = BTreeMap::<&str, usize>::new();
        let is_common = |name: &Str| {
            self.members.values().all(|member| member.protocols.iter().any(|(known, _)| known == name))
        };
        for member in self.members.values() {
            if let Some((best, _)) = member.protocols.iter().find(|(name, _)| is_common(name)) {
                *votes.entry(best).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned()).unwrap_or_default()
    }

    fn answer_join(&self, id: &str, waiter: Waiter, is_skipped: bool) {
        let mut answer = JoinGroupResponse::default();
        answer.generation_id = self.generation;
        answer.protocol_type = Some(Str::from("consumer"));
        answer.protocol_name = Some(Str::from(self.protocol.clone()));
        answer.leader = Str::from(self.leader.clone().unwrap_or_default());
        answer.member_id = Str::from(id.to_owned());
        answer.skip_assignment = is_skipped;
        if self.leader.as_deref() == Some(id) {
            for (id, member) in &self.members {
                let mut told = JoinGroupResponseMember::default();
                told.member_id = Str::from(id.clone());
                told.group_instance_id.clone_from(&member.instance);
                let offered = member.protocols.iter().find(|(name, _)| name.as_str() == self.protocol);
                told.metadata = offered.map(|(_, metadata)| metadata.clone()).unwrap_or_default();
                answer.members.push(told);
            }
        }
        respond(waiter, answer);
    }

    pub(super) fn sync(&mut self, request: &SyncGroupRequest, waiter: Waiter, now: Instant) {
        let instance = request.group_instance_id.as_deref();
        if let Err(code) = self.check(&request.member_id, instance, request.generation_id) {
            return respond(waiter, sync_error(code));
        }
        let leads = self.leader.as_deref() == Some(request.member_id.as_str());
        let Some(member) = self.members.get_mut(request.member_id.as_str()) else { return };
        member.session_end = now + member.session_timeout;
        match self.phase {
            Phase::Stable => {
                let mut answer = sync_error(ErrorCode::NONE);
                answer.protocol_type = Some(Str::from("consumer"));
                answer.protocol_name = Some(Str::from(self.protocol.clone()));
                answer.assignment = member.assignment.clone();
                respond(waiter, answer);
            }
            Phase::Syncing => {
                member.syncs = Some(waiter);
                if leads {
                    self.assign(request);
                }
            }
            Phase::Empty | Phase::Joining(_) => {
                respond(waiter, sync_error(ErrorCode::REBALANCE_IN_PROGRESS));
            }
        }
    }

    fn assign(&mut self, request: &SyncGroupRequest) {
        self.phase = Phase::Stable;
        for (id, member) in &mut self.members {
            let given = request.assignments.iter().find(|given| given.member_id.as_str() == id);
            member.assignment = given.map(|given| given.assignment.clone()).unwrap_or_default();
            if let Some(waiter) = member.syncs.take() {
                let mut answer = SyncGroupResponse::default();
                answer.protocol_type = Some(Str::from("consumer"));
                answer.protocol_name = Some(Str::from(self.protocol.clone()));
                answer.assignment = member.assignment.clone();
                respond(waiter, answer);
            }
        }
    }

    pub(super) fn heartbeat(&mut self, request: &HeartbeatRequest, now: Instant) -> Result<(), ErrorCode> {
        let instance = request.group_instance_id.as_deref();
        self.check(&request.member_id, instance, request.generation_id)?;
        let Some(member) = self.members.get_mut(request.member_id.as_str()) else {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        };
        member.session_end = now + member.session_timeout;
        if self.is_joining() { Err(ErrorCode::REBALANCE_IN_PROGRESS) } else { Ok(()) }
    }

    pub(super) fn may_commit(
        &self,
        generation: i32,
        member: &str,
        instance: Option<&str>,
    ) -> Result<(), ErrorCode> {
        self.check(member, instance, generation)?;
        if self.phase == Phase::Syncing { Err(ErrorCode::REBALANCE_IN_PROGRESS) } else { Ok(()) }
    }

    fn check(&self, member: &str, instance: Option<&str>, generation: i32) -> Result<(), ErrorCode> {
        if instance
            .and_then(|instance| self.holder_of(&Str::from(instance.to_owned())))
            .is_some_and(|id| id != member)
        {
            return Err(ErrorCode::FENCED_INSTANCE_ID);
        }
        if !self.members.contains_key(member) {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        if generation == self.generation { Ok(()) } else { Err(ErrorCode::ILLEGAL_GENERATION) }
    }

    /// Takes a member out; says whether it was in.
    pub(super) fn remove(&mut self, id: &str, now: Instant) -> bool {
        let Some(member) = self.members.remove(id) else { return self.pending.remove(id) };
        if let Some(waiter) = member.joins {
            respond(waiter, join_error(ErrorCode::UNKNOWN_MEMBER_ID));
        }
        if let Some(waiter) = member.syncs {
            respond(waiter, sync_error(ErrorCode::UNKNOWN_MEMBER_ID));
        }
        if matches!(self.phase, Phase::Stable | Phase::Syncing) {
            self.rebalance_but(None, now);
        }
        if self.members.is_empty() {
            (self.generation, self.phase) = (self.generation + 1, Phase::Empty);
        }
        self.complete_join(now);
        true
    }

    /// Takes out who gave no sign of life, and ends a rebalance that took too long.
    pub(super) fn tick(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Joining(until) if until <= now) {
            let late: Vec<String> = self
                .members
                .iter()
                .filter(|(_, member)| !member.has_joined)
                .map(|(id, _)| id.clone())
                .collect();
            for id in late {
                self.remove(&id, now);
            }
        }
        let is_silent = |member: &Member| {
            let waits = member.has_joined && self.is_joining();
            !waits && member.session_end <= now
        };
        let silent: Vec<String> =
            self.members.iter().filter(|(_, member)| is_silent(member)).map(|(id, _)| id.clone()).collect();
        for id in silent {
            self.remove(&id, now);
        }
    }
}

impl Member {
    fn new(request: &JoinGroupRequest, now: Instant) -> Self {
        let mut member = Self {
            instance: request.group_instance_id.clone(),
            protocols: Vec::new(),
            session_timeout: Duration::ZERO,
            rebalance_timeout: Duration::ZERO,
            session_end: now,
            has_joined: false,
            joins: None,
            syncs: None,
            assignment: Bytes::new(),
        };
        member.take_in(request, now);
        member
    }

    fn take_in(&mut self, request: &JoinGroupRequest, now: Instant) {
        let ms = |ms: i32| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        self.protocols = protocols(request);
        self.session_timeout = ms(request.session_timeout_ms);
        self.rebalance_timeout = ms(request.rebalance_timeout_ms.max(request.session_timeout_ms));
        self.session_end = now + self.session_timeout;
    }
}

fn protocols(request: &JoinGroupRequest) -> Vec<(Str, Bytes)> {
    let protocol = |protocol: &ottla_protocol::messages::join_group::JoinGroupRequestProtocol| {
        (protocol.name.clone(), protocol.metadata.clone())
    };
    request.protocols.iter().map(protocol).collect()
}
