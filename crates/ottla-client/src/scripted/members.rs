//! How a scripted broker keeps the members of groups (classic protocol): joining, syncing, heartbeats, leaving.
//!
//! It keeps to Kafka's rules as far as a client can tell, in the time of tokio. Offsets are in `groups`.

mod group;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use ottla_protocol::messages::leave_group::{
    LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse,
};
use ottla_protocol::messages::offset_commit::OffsetCommitRequest;
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use ottla_protocol::messages::{RequestBody, ResponseBody};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::answers::Answer;
use super::{ScriptedCluster, State};
use crate::lock::lock;
use crate::node::NodeId;

use group::Group;

/// Who waits for an answer.
type Waiter = oneshot::Sender<ResponseBody>;

/// The members of all groups.
#[derive(Debug, Default)]
pub(super) struct Members {
    groups: BTreeMap<String, Group>,
    next_member: u64,
    /// When a timer is set to look at sessions and rebalances.
    timer: Option<Instant>,
}

impl State {
    /// Serves requests of members; `None` for others.
    pub(super) fn serve_member(
        &mut self,
        node: NodeId,
        request: &RequestBody,
        version: i16,
    ) -> Option<Answer> {
        let group = match request {
            RequestBody::JoinGroup(request) => &request.group_id,
            RequestBody::SyncGroup(request) => &request.group_id,
            RequestBody::Heartbeat(request) => &request.group_id,
            RequestBody::LeaveGroup(request) => &request.group_id,
            _ => return None,
        };
        let refused = self.coordinates(node, group).err();
        self.members.tick(Instant::now());
        let (waiter, answer) = oneshot::channel();
        match request {
            RequestBody::JoinGroup(request) => match refused {
                Some(code) => respond(waiter, join_error(code)),
                None => self.members.join(request, version, waiter),
            },
            RequestBody::SyncGroup(request) => match refused {
                Some(code) => respond(waiter, sync_error(code)),
                None => self.members.sync(request, waiter),
            },
            RequestBody::Heartbeat(request) => {
                let mut answer = HeartbeatResponse::default();
                answer.error_code = refused.or(self.members.heartbeat(request).err()).unwrap_or_default();
                respond(waiter, answer);
            }
            RequestBody::LeaveGroup(request) => {
                let mut answer = self.members.leave(request);
                if let Some(code) = refused {
                    answer.error_code = code;
                }
                respond(waiter, answer);
            }
            _ => return None,
        }
        Some(Answer::Later(answer))
    }

    /// Whether the committer is who it says, and the group in a state to commit.
    pub(super) fn may_commit(&self, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        match self.members.groups.get(request.group_id.as_str()).filter(|group| !group.is_empty()) {
            Some(group) => {
                group.may_commit(generation, &request.member_id, request.group_instance_id.as_deref())
            }
            None if generation < 0 => Ok(()),
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    /// Has sessions and rebalances looked at when the next one ends.
    pub(super) fn set_member_timer(&mut self, state: &Arc<Mutex<Self>>, env: &Env) {
        let Some(next) = self.members.groups.values().filter_map(Group::deadline).min() else { return };
        if self.members.timer.is_some_and(|timer| timer <= next) {
            return;
        }
        self.members.timer = Some(next);
        let (state, env_of_timer) = (Arc::clone(state), env.clone());
        env.spawn(async move {
            sleep_until(next).await;
            let mut locked = lock(&state);
            if locked.members.timer == Some(next) {
                locked.members.timer = None;
            }
            locked.members.tick(Instant::now());
            locked.set_member_timer(&state, &env_of_timer);
        });
    }
}

impl Members {
    fn tick(&mut self, now: Instant) {
        self.groups.values_mut().for_each(|group| group.tick(now));
    }

    fn join(&mut self, request: &JoinGroupRequest, version: i16, waiter: Waiter) {
        let group = self.groups.entry(request.group_id.to_string()).or_default();
        let mut new_id = || {
            self.next_member += 1;
            format!("member-{:03}", self.next_member)
        };
        group.join(request, version, waiter, &mut new_id, Instant::now());
    }

    fn sync(&mut self, request: &SyncGroupRequest, waiter: Waiter) {
        match self.groups.get_mut(request.group_id.as_str()) {
            Some(group) => group.sync(request, waiter, Instant::now()),
            None => respond(waiter, sync_error(ErrorCode::UNKNOWN_MEMBER_ID)),
        }
    }

    fn heartbeat(&mut self, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
        let group = self.groups.get_mut(request.group_id.as_str()).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        group.heartbeat(request, Instant::now())
    }

    fn leave(&mut self, request: &LeaveGroupRequest) -> LeaveGroupResponse {
        let mut leaving = request.members.clone();
        if leaving.is_empty() {
            let mut member = MemberIdentity::default();
            member.member_id = request.member_id.clone();
            leaving.push(member);
        }
        let mut answer = LeaveGroupResponse::default();
        for member in leaving {
            let mut left = MemberResponse::default();
            (left.member_id, left.group_instance_id) = (member.member_id.clone(), member.group_instance_id);
            let group = self.groups.get_mut(request.group_id.as_str());
            let is_gone = group.is_some_and(|group| group.remove(&member.member_id, Instant::now()));
            left.error_code = if is_gone { ErrorCode::NONE } else { ErrorCode::UNKNOWN_MEMBER_ID };
            answer.members.push(left);
        }
        answer
    }
}

fn respond(waiter: Waiter, answer: impl Into<ResponseBody>) {
    // Whoever has gone meanwhile needs no answer.
    let _ = waiter.send(answer.into());
}

fn join_error(code: ErrorCode) -> JoinGroupResponse {
    let mut answer = JoinGroupResponse::default();
    (answer.error_code, answer.generation_id) = (code, -1);
    // Versions before 7 have no null there.
    answer.protocol_name = Some(ottla_protocol::wire::Str::default());
    answer
}

fn sync_error(code: ErrorCode) -> SyncGroupResponse {
    let mut answer = SyncGroupResponse::default();
    answer.error_code = code;
    answer
}

impl ScriptedCluster {
    /// The members of a group, by id, with what each was assigned, as the leader wrote it.
    pub fn members(&self, group: &str) -> BTreeMap<String, Bytes> {
        lock(&self.state).members.groups.get(group).map(Group::assignments).unwrap_or_default()
    }

    /// How often a group has rebalanced.
    pub fn generation(&self, group: &str) -> i32 {
        lock(&self.state).members.groups.get(group).map_or(0, Group::generation)
    }

    /// Whether a group is settled: every member has its assignment.
    pub fn is_settled(&self, group: &str) -> bool {
        lock(&self.state).members.groups.get(group).is_some_and(Group::is_settled)
    }

    /// Forgets the members of a group, as a coordinator does that lost its log.
    pub fn forget_members(&self, group: &str) {
        lock(&self.state).members.groups.remove(group);
    }

    /// Has a group rebalance.
    pub fn rebalance(&self, group: &str) {
        let mut state = lock(&self.state);
        if let Some(group) = state.members.groups.get_mut(group) {
            group.rebalance(Instant::now());
        }
        state.set_member_timer(&self.state, &self.env);
    }
}
