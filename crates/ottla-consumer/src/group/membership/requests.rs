//! The requests of a member: what is due, and what it says.

use std::time::{Duration, Instant};

use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use ottla_protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use ottla_protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use ottla_protocol::wire::Str;

use super::{Beat, Coordinator, Membership, State, Step};
use crate::assignor::wire::{self, Subscription};
use crate::assignor::{Assignment, Assignor};
use crate::error::Error;

/// The protocol type of groups of consumers.
pub(super) const CONSUMERS: &str = "consumer";

/// How long the coordinator may take over the time that members are given to join (as in Java's client).
const JOIN_LAPSE: Duration = Duration::from_secs(5);

/// The first version of `LeaveGroup` in which several members may leave at once.
const LEAVE_MEMBERS_FROM: i16 = 3;
/// The first version of `LeaveGroup` that takes a reason.
const LEAVE_REASON_FROM: i16 = 5;

/// A request to the coordinator.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Waits until all members have joined.
    Join(JoinGroupRequest),
    /// Waits until the leader has assigned.
    Sync(SyncGroupRequest),
    /// Says that the member is alive.
    Heartbeat(HeartbeatRequest),
    /// Leaves the group.
    Leave(Leave),
    /// Says all that is new, to a coordinator that assigns.
    Assigning(Box<ConsumerGroupHeartbeatRequest>),
}

/// Leaves a group, in the form of the version that is spoken.
#[derive(Clone, Debug)]
pub(crate) struct Leave {
    group_id: Str,
    member_id: Str,
    reason: &'static str,
}

impl Leave {
    /// The request in this version.
    pub(crate) fn into_request(self, version: i16) -> LeaveGroupRequest {
        let mut request = LeaveGroupRequest::default();
        request.group_id = self.group_id;
        if version < LEAVE_MEMBERS_FROM {
            request.member_id = self.member_id;
            return request;
        }
        let mut member = MemberIdentity::default();
        member.member_id = self.member_id;
        member.reason = (version >= LEAVE_REASON_FROM).then(|| Str::from(self.reason));
        request.members.push(member);
        request
    }
}

impl Membership {
    /// Queues the requests that are due.
    pub(super) fn send_due(&mut self, now: Instant) {
        let Coordinator::At(to) = self.coordinator else { return };
        let ask = match &self.state {
            State::Joining { not_before, waits: None } if *not_before <= now => match self.join_request() {
                Ok(request) => Ask::Join(request),
                Err(error) => return self.fail(error),
            },
            State::Syncing { request, not_before, waits: None } if *not_before <= now => {
                Ask::Sync((**request).clone())
            }
            State::Leaving { waits: None, reason, .. } => {
                let (group_id, member_id) = (self.rules.group_id.clone(), self.member_id.clone());
                Ask::Leave(Leave { group_id, member_id, reason })
            }
            _ if self.has_heartbeat() && self.heartbeat.waits.is_none() && self.heartbeat.due <= now => {
                Ask::Heartbeat(self.heartbeat_request())
            }
            _ => return,
        };
        let ticket = self.ticket();
        let mut patience = self.rules.request_timeout;
        match (&ask, &mut self.state) {
            (Ask::Join(_), State::Joining { waits, .. }) | (Ask::Sync(_), State::Syncing { waits, .. }) => {
                *waits = Some(ticket);
                patience = patience.max(self.rules.max_poll_interval + JOIN_LAPSE);
            }
            (Ask::Leave(_), State::Leaving { waits, .. }) => *waits = Some(ticket),
            _ => {
                self.heartbeat.waits = Some(Beat { ticket, sent_at: now, generation: self.generation });
                self.heartbeat.due = now + self.rules.heartbeat_interval;
                patience = patience.min(self.rules.session_timeout);
            }
        }
        if matches!(ask, Ask::Join(_)) {
            self.joined_topics.clone_from(&self.topics);
            self.rejoin = None;
        }
        self.steps.push_back(Step::Send { ticket, to, ask, patience });
    }

    fn join_request(&self) -> Result<JoinGroupRequest, Error> {
        let subscription = Subscription {
            topics: self.topics.iter().cloned().collect(),
            owned: self.owned.keys().cloned().collect(),
            generation: self.generation,
            rack: self.rules.rack.clone(),
            last: self.last.clone(),
        };
        let ms = |time: Duration| i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        let mut request = JoinGroupRequest::default();
        request.group_id = self.rules.group_id.clone();
        request.session_timeout_ms = ms(self.rules.session_timeout);
        request.rebalance_timeout_ms = ms(self.rules.max_poll_interval);
        request.member_id = self.member_id.clone();
        request.group_instance_id.clone_from(&self.rules.instance_id);
        request.protocol_type = Str::from(CONSUMERS);
        request.reason = self.rejoin.map(Str::from);
        for assignor in &self.rules.assignors {
            let mut protocol = JoinGroupRequestProtocol::default();
            protocol.name = Str::from(assignor.name());
            protocol.metadata = subscription.encode(*assignor)?;
            request.protocols.push(protocol);
        }
        Ok(request)
    }

    /// Asks for what was assigned; the leader brings the `assignment` of everybody.
    pub(super) fn sync_request(
        &self,
        assignor: Assignor,
        assignment: Assignment,
    ) -> Result<SyncGroupRequest, Error> {
        let mut request = SyncGroupRequest::default();
        request.group_id = self.rules.group_id.clone();
        request.generation_id = self.generation;
        request.member_id = self.member_id.clone();
        request.group_instance_id.clone_from(&self.rules.instance_id);
        request.protocol_type = Some(Str::from(CONSUMERS));
        request.protocol_name = Some(Str::from(assignor.name()));
        for (member_id, partitions) in assignment {
            let mut assigned = SyncGroupRequestAssignment::default();
            assigned.member_id = member_id;
            assigned.assignment = wire::encode_assignment(&partitions)?;
            request.assignments.push(assigned);
        }
        Ok(request)
    }

    fn heartbeat_request(&self) -> HeartbeatRequest {
        let mut request = HeartbeatRequest::default();
        request.group_id = self.rules.group_id.clone();
        request.generation_id = self.generation;
        request.member_id = self.member_id.clone();
        request.group_instance_id.clone_from(&self.rules.instance_id);
        request
    }
}
