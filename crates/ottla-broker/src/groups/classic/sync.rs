//! `SyncGroup`, `Heartbeat`, and what a commit of offsets has to do with a group: what members ask between rebalances.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::sync_group::SyncGroupRequest;
use ottla_protocol::wire::Str;

use super::group::{Assignment, Group, State, Timer};
use super::member::Waiting;
use super::turn::Turn;

/// The first version of `SyncGroup` that names the protocol.
const PROTOCOL_FROM: i16 = 5;

impl Group {
    /// A member asks for its assignment; the leader brings all of them.
    pub(super) fn sync(&mut self, turn: &mut Turn<'_>, from: Waiting, request: &SyncGroupRequest) {
        if let Err(code) = self.check_sync(request) {
            return turn.refuse_sync(from, code);
        }
        let member_id = &request.member_id;
        match self.state {
            State::Empty => turn.refuse_sync(from, ErrorCode::UNKNOWN_MEMBER_ID),
            State::PreparingRebalance(_) => turn.refuse_sync(from, ErrorCode::REBALANCE_IN_PROGRESS),
            State::Stable => {
                self.has_asked(member_id);
                turn.answer_sync(from, self.synced(member_id));
            }
            State::CompletingRebalance(assignment) => {
                self.has_asked(member_id);
                let older = self.members.get_mut(member_id).and_then(|member| member.syncing.replace(from));
                if let Some(older) = older {
                    turn.refuse_sync(older, ErrorCode::REBALANCE_IN_PROGRESS); // as a join that is repeated
                }
                // What the leader says first counts: the log has it already.
                if assignment == Assignment::Missing && self.is_leader(member_id) {
                    self.assign(turn, request);
                }
            }
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        let differs =
            |asked: &Option<Str>, own: &Option<Str>| asked.is_some() && own.is_some() && asked != own;
        self.check_member(&request.member_id, request.group_instance_id.as_ref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    /// Takes the leader's assignment in, and writes it down. A member that it leaves out gets an empty one.
    fn assign(&mut self, turn: &mut Turn<'_>, request: &SyncGroupRequest) {
        let assignments = request.assignments.iter().map(|of| (&of.member_id, &of.assignment));
        let assignments: BTreeMap<&Str, &Bytes> = assignments.collect();
        self.walk();
        for member in self.members.values_mut() {
            let assignment = assignments.get(&member.id).map(|assignment| Bytes::copy_from_slice(assignment));
            member.assignment = assignment.unwrap_or_default();
        }
        self.enter(turn, State::CompletingRebalance(Assignment::Stored));
        self.record(turn);
    }

    /// Notes that a member has asked for its assignment.
    fn has_asked(&mut self, member_id: &Str) {
        self.unsynced.remove(member_id);
        if self.unsynced.is_empty() {
            self.timers.cancel(&Timer::Sync);
        }
    }

    /// A member says that it is alive.
    ///
    /// # Errors
    /// The code that it is answered with: `REBALANCE_IN_PROGRESS` bids it join.
    pub(super) fn heartbeat(&mut self, now: Instant, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
        self.check_member(&request.member_id, request.group_instance_id.as_ref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        self.restart_session(now, &request.member_id);
        match self.state {
            State::PreparingRebalance(_) => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            State::Empty | State::CompletingRebalance(_) | State::Stable => Ok(()),
        }
    }

    /// Whether offsets may be committed; a member that may has also said that it is alive.
    ///
    /// # Errors
    /// The code to answer for all partitions.
    pub(super) fn check_commit(
        &mut self,
        now: Instant,
        generation: i32,
        member_id: &Str,
        instance_id: Option<&Str>,
    ) -> Result<(), ErrorCode> {
        if generation < 0 && self.state == State::Empty {
            return Ok(()); // by hand, or by a consumer that is in no group
        }
        if generation < 0 && member_id.is_empty() && instance_id.is_none() {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.check_member(member_id, instance_id)?;
        if generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        match self.state {
            // It knows the generation, but not yet what is its own.
            State::CompletingRebalance(_) => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            State::Empty | State::PreparingRebalance(_) | State::Stable => {
                self.restart_session(now, member_id);
                Ok(())
            }
        }
    }

    /// The same for a commit in a transaction: who does not say which member it is need not be one.
    pub(super) fn check_transactional_commit(
        &self,
        generation: i32,
        member_id: &Str,
        instance_id: Option<&Str>,
    ) -> Result<(), ErrorCode> {
        let is_nobody = generation < 0 && member_id.is_empty() && instance_id.is_none();
        if is_nobody || generation < 0 && self.state == State::Empty {
            return Ok(());
        }
        self.check_member(member_id, instance_id)?;
        if generation == self.generation { Ok(()) } else { Err(ErrorCode::ILLEGAL_GENERATION) }
    }
}

/// From version 5 on, who syncs says which protocol it joined for (KIP-559).
pub(super) fn check_version(version: i16, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
    match (&request.protocol_type, &request.protocol_name) {
        (Some(_), Some(_)) => Ok(()),
        _ if version < PROTOCOL_FROM => Ok(()),
        _ => Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL),
    }
}
