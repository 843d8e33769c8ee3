//! `JoinGroup`: how members come, come back, and take the place of their former selves.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::wire::{Str, Uuid};

use super::group::{Group, State, Timer};
use super::member::{Member, Waiting, milliseconds, new_member_id};
use super::rebalance::Cause;
use super::turn::Turn;
use super::{Caller, NEW_MEMBER_JOIN_TIMEOUT};
use crate::coordinator::kept;

/// The first version in which a member that comes without an id is given one, to come again with it (KIP-394).
const MEMBER_ID_REQUIRED_FROM: i16 = 4;
/// The first version in which a leader can be told to leave the assignment as it is (KIP-814).
const SKIP_ASSIGNMENT_FROM: i16 = 9;

impl Group {
    /// Lets somebody join.
    pub(super) fn join(
        &mut self,
        turn: &mut Turn<'_>,
        from: Waiting,
        caller: &Caller,
        request: &JoinGroupRequest,
        random: Uuid,
    ) {
        if !self.has_room(&request.member_id, turn.config.size_max) {
            self.remove(turn, &request.member_id);
            turn.refuse_join(from, Str::EMPTY, ErrorCode::GROUP_MAX_SIZE_REACHED);
            self.maybe_complete_join(turn);
        } else if !self.supports(&request.protocol_type, &request.protocols) {
            turn.refuse_join(from, request.member_id.clone(), ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        } else if request.member_id.is_empty() {
            self.join_anew(turn, from, caller, request, random);
        } else {
            self.join_again(turn, from, caller, request);
        }
    }

    /// Somebody comes without an id.
    fn join_anew(
        &mut self,
        turn: &mut Turn<'_>,
        from: Waiting,
        caller: &Caller,
        request: &JoinGroupRequest,
        random: Uuid,
    ) {
        if let Some(instance_id) = &request.group_instance_id {
            let member_id = new_member_id(instance_id, random);
            return match self.instances.get(instance_id).cloned() {
                Some(former) => self.replace(turn, from, request, &former, member_id),
                None => self.admit(turn, from, caller, request, member_id),
            };
        }
        let member_id = new_member_id(&caller.client_id, random);
        if from.version < MEMBER_ID_REQUIRED_FROM {
            return self.admit(turn, from, caller, request, member_id);
        }
        self.pending.insert(member_id.clone());
        let due = turn.now + milliseconds(request.session_timeout_ms);
        self.timers.set(Timer::Session(member_id.clone()), due);
        turn.refuse_join(from, member_id, ErrorCode::MEMBER_ID_REQUIRED);
    }

    /// Somebody comes with the id that it was given.
    fn join_again(
        &mut self,
        turn: &mut Turn<'_>,
        from: Waiting,
        caller: &Caller,
        request: &JoinGroupRequest,
    ) {
        let member_id = &request.member_id;
        if self.pending.contains(member_id) {
            if request.group_instance_id.is_some() {
                // Static members are never asked to come again, so this id is another's.
                return turn.refuse_join(from, Str::EMPTY, ErrorCode::UNKNOWN_SERVER_ERROR);
            }
            return self.admit(turn, from, caller, request, kept(member_id));
        }
        if let Err(code) = self.check_member(member_id, request.group_instance_id.as_ref()) {
            let mut response = JoinGroupResponse::default().with_member_id(member_id.clone());
            response.error_code = code;
            response.protocol_name = None;
            return turn.answer_join(from, response);
        }
        let is_same = self.members.get(member_id).is_some_and(|member| member.matches(&request.protocols));
        let is_leader = self.is_leader(member_id);
        match self.state {
            // A leader that joins a stable group asks for another assignment, for reasons of its own.
            State::Stable if is_same && !is_leader => {
                let response = self.joined(member_id, false);
                turn.answer_join(from, response);
            }
            // It may not have got the answer to its join.
            State::CompletingRebalance(_) if is_same => {
                let response = self.joined(member_id, is_leader);
                turn.answer_join(from, response);
            }
            State::Empty => turn.refuse_join(from, member_id.clone(), ErrorCode::UNKNOWN_MEMBER_ID),
            _ => {
                self.update(turn, from, member_id, request);
                let what = if is_leader { "the leader joins again" } else { "a member joins again" };
                self.rebalance(turn, Cause::new(what, member_id).with_reason(request.reason.as_ref()));
            }
        }
    }

    /// Takes a new member in.
    fn admit(
        &mut self,
        turn: &mut Turn<'_>,
        from: Waiting,
        caller: &Caller,
        request: &JoinGroupRequest,
        member_id: Str,
    ) {
        if let State::PreparingRebalance(Some(gathering)) = &mut self.state {
            gathering.has_grown = true;
        }
        let mut member = Member::new(member_id.clone(), caller, request, from.version);
        member.joining = Some(from);
        self.add(member, &kept(&request.protocol_type));
        // It cannot send heartbeats before it knows its id. If its connection is gone, nobody will tell.
        self.timers.set(Timer::Session(member_id.clone()), turn.now + NEW_MEMBER_JOIN_TIMEOUT);
        let cause = Cause::new("a new member joins", &member_id).with_reason(request.reason.as_ref());
        self.rebalance(turn, cause);
    }

    /// Takes in what a member says of itself, and lets it wait for the others.
    fn update(&mut self, turn: &mut Turn<'_>, from: Waiting, member_id: &Str, request: &JoinGroupRequest) {
        let Some(mut member) = self.members.remove(member_id) else { return };
        self.discount(&member);
        member.update(request, from.version);
        self.count(&member);
        match member.joining.replace(from) {
            None => self.joining += 1,
            // Its sender has given up on it, or is another than it says; Kafka lets it wait forever.
            Some(older) => turn.refuse_join(older, member_id.clone(), ErrorCode::REBALANCE_IN_PROGRESS),
        }
        self.members.insert(member.id.clone(), member);
    }

    /// Puts a static member in the place of its former self, whose requests are fenced off.
    fn replace(
        &mut self,
        turn: &mut Turn<'_>,
        from: Waiting,
        request: &JoinGroupRequest,
        former: &Str,
        member_id: Str,
    ) {
        let former_leader = self.leader.clone();
        let version = from.version;
        let was_silent = self.members.get(former).is_some_and(|member| member.is_silent);
        self.take_place(turn, former, &member_id);
        self.restart_session(turn.now, &member_id);
        self.update(turn, from, &member_id, request);
        let cause = |what| Cause::new(what, &member_id).with_reason(request.reason.as_ref());
        match self.state {
            // It may have asked for a rebalance that a restart of this coordinator has forgotten; a cooperative leader that
            // took partitions from somebody has, and nobody else would give them out. Kafka leaves them without owner.
            State::Stable if was_silent => {
                self.rebalance(
                    turn,
                    cause("a static member came back that was not heard of since a restart"),
                );
            }
            State::Stable if self.select_protocol() == self.protocol => {
                self.record(turn);
                let is_leader = self.is_leader(&member_id);
                let response = if version >= SKIP_ASSIGNMENT_FROM {
                    self.joined(&member_id, is_leader).with_skip_assignment(is_leader)
                } else {
                    // A leader would assign anew. It takes itself for a follower when another one leads.
                    self.joined(&member_id, false).with_leader(former_leader.unwrap_or_default())
                };
                if let Some(waiting) =
                    self.members.get_mut(&member_id).and_then(|member| member.joining.take())
                {
                    self.joining -= 1;
                    turn.answer_join(waiting, response);
                }
            }
            State::Stable => self.rebalance(turn, cause("a static member changes the protocol")),
            // The leader may be about to assign to the former id.
            State::CompletingRebalance(_) => {
                self.rebalance(turn, cause("a static member came back before the assignment"));
            }
            State::PreparingRebalance(_) | State::Empty => self.maybe_complete_join(turn),
        }
    }

    /// Gives a member another id, and nothing else.
    fn take_place(&mut self, turn: &mut Turn<'_>, former: &Str, member_id: &Str) {
        let Some(mut member) = self.members.remove(former) else { return };
        if let Some(waiting) = member.joining.take() {
            self.joining -= 1;
            let mut response = JoinGroupResponse::default().with_member_id(former.clone());
            response.error_code = ErrorCode::FENCED_INSTANCE_ID;
            response.protocol_name = None;
            turn.answer_join(waiting, response);
        }
        if let Some(waiting) = member.syncing.take() {
            turn.refuse_sync(waiting, ErrorCode::FENCED_INSTANCE_ID);
        }
        self.timers.cancel(&Timer::Session(former.clone()));
        if self.unsynced.remove(former) {
            self.unsynced.insert(member_id.clone());
        }
        if self.is_leader(former) {
            self.leader = Some(member_id.clone());
        }
        if let Some(instance_id) = &member.instance_id {
            self.instances.insert(instance_id.clone(), member_id.clone());
        }
        member.id = member_id.clone();
        member.is_new = false;
        self.members.insert(member_id.clone(), member);
    }
}
