//! Taking in what the coordinator answers, and what it means that it does not.

use std::collections::BTreeSet;
use std::time::Instant;

use ottla_client::{NodeId, TopicPartition};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatResponse;
use ottla_protocol::messages::heartbeat::HeartbeatResponse;
use ottla_protocol::messages::join_group::JoinGroupResponse;
use ottla_protocol::messages::leave_group::LeaveGroupResponse;
use ottla_protocol::messages::sync_group::SyncGroupResponse;
use ottla_protocol::wire::Str;

use super::requests::CONSUMERS;
use super::{Beat, Coordinator, Membership, NO_GENERATION, State, Step, Tenure, Ticket};
use crate::assignor::{Assignment, Assignor, Member, wire};
use crate::error::Error;

/// An answer to an [`Ask`](super::Ask).
#[derive(Debug)]
pub(crate) enum Answer {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    Leave(LeaveGroupResponse),
    Assigning(ConsumerGroupHeartbeatResponse),
}

impl Membership {
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
                tracing::debug!(group = %self.rules.group_id, %error, "no coordinator yet");
                *not_before = Some(now + self.backoff.next_wait(&mut self.rng));
            }
            Err(_) if self.is_out() => {}
            // Whoever leaves needs no coordinator that cannot be had.
            Err(_) if matches!(self.state, State::Leaving { .. }) => self.has_left(),
            Err(error) => self.fail(error.into()),
        }
    }

    /// What came of a request.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        ticket: Ticket,
        outcome: Result<Answer, ottla_client::Error>,
    ) {
        if let Some(beat) = self.heartbeat.waits.take_if(|beat| beat.ticket == ticket) {
            match outcome {
                Ok(Answer::Heartbeat(answer)) => self.heartbeat_answered(now, &beat, answer.error_code),
                Ok(_) => {}
                Err(error) => self.had_no_answer(now, error),
            }
            return;
        }
        let waits = match &mut self.state {
            State::Joining { waits, .. } | State::Syncing { waits, .. } | State::Leaving { waits, .. } => {
                waits
            }
            State::Out { .. } | State::Preparing | State::Leading { .. } | State::Stable | State::Failed => {
                return;
            }
        };
        if waits.take_if(|waits| *waits == ticket).is_none() {
            return;
        }
        match outcome {
            Ok(Answer::Join(answer)) => self.joined(now, answer),
            Ok(Answer::Sync(answer)) => self.synced(now, &answer),
            Ok(Answer::Leave(answer)) => {
                if answer.error_code != ErrorCode::NONE {
                    tracing::debug!(group = %self.rules.group_id, code = %answer.error_code, "left without thanks");
                }
                self.has_left();
            }
            Ok(Answer::Heartbeat(_) | Answer::Assigning(_)) => {}
            // Whether it arrived or not: the coordinator will notice the silence.
            Err(_) if matches!(self.state, State::Leaving { .. }) => self.has_left(),
            Err(error) => self.had_no_answer(now, error),
        }
    }

    fn had_no_answer(&mut self, now: Instant, error: ottla_client::Error) {
        if !error.is_retriable() {
            return self.fail(error.into());
        }
        tracing::debug!(group = %self.rules.group_id, %error, "the coordinator does not answer");
        self.again_later(now);
        self.forget_coordinator(Some(now));
    }

    /// Tries what was tried again, after a while.
    fn again_later(&mut self, now: Instant) {
        let later = now + self.backoff.next_wait(&mut self.rng);
        match &mut self.state {
            State::Joining { not_before, .. } | State::Syncing { not_before, .. } => *not_before = later,
            _ => self.heartbeat.due = later,
        }
    }

    fn has_left(&mut self) {
        if let State::Leaving { is_absent, .. } = self.state {
            self.state = State::Out { is_absent };
            self.member_id = Str::default();
        }
    }

    fn joined(&mut self, now: Instant, answer: JoinGroupResponse) {
        match answer.error_code {
            ErrorCode::NONE => {}
            ErrorCode::MEMBER_ID_REQUIRED => {
                self.member_id = owned(&answer.member_id);
                return;
            }
            code => return self.refused(now, code),
        }
        self.backoff.reset();
        let assignor = answer.protocol_name.as_ref().and_then(|name| Assignor::by_name(name));
        let is_ours = answer.protocol_type.as_ref().is_none_or(|kind| kind.as_str() == CONSUMERS);
        let Some(assignor) = assignor.filter(|_| is_ours) else {
            return self.refused(now, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        };
        self.member_id = owned(&answer.member_id);
        self.generation = answer.generation_id;
        self.heartbeat.last_contact = now;
        self.heartbeat.due = now + self.rules.heartbeat_interval;
        tracing::debug!(
            group = %self.rules.group_id, generation = self.generation, member = %self.member_id, %assignor,
            leads = answer.leader == answer.member_id, "joined"
        );
        if answer.leader == answer.member_id {
            let (members, topics) = self.members_of(assignor, &answer);
            self.set_lead(Some(topics));
            self.state = State::Leading { assignor, members, is_skipped: answer.skip_assignment };
            return;
        }
        self.set_lead(None);
        match self.sync_request(assignor, Assignment::new()) {
            Ok(request) => {
                self.state = State::Syncing { request: Box::new(request), not_before: now, waits: None };
            }
            Err(error) => self.fail(error),
        }
    }

    /// All members of the group, and all topics that they want.
    fn members_of(&self, assignor: Assignor, answer: &JoinGroupResponse) -> (Vec<Member>, BTreeSet<Str>) {
        let mut members = Vec::new();
        for member in &answer.members {
            let (id, instance_id) = (member.member_id.clone(), member.group_instance_id.clone());
            match wire::decode_member(assignor, id, instance_id, &member.metadata) {
                Ok(member) => members.push(member),
                Err(error) => {
                    // The others should not suffer for it.
                    tracing::warn!(
                        group = %self.rules.group_id, member = %member.member_id, %error,
                        "a member whose subscription cannot be read gets nothing"
                    );
                }
            }
        }
        let topics = members.iter().flat_map(|member| member.topics.iter().map(owned)).collect();
        (members, topics)
    }

    fn synced(&mut self, now: Instant, answer: &SyncGroupResponse) {
        if answer.error_code != ErrorCode::NONE {
            return self.refused(now, answer.error_code);
        }
        let is_ours = answer.protocol_type.as_ref().is_none_or(|kind| kind.as_str() == CONSUMERS);
        if !is_ours {
            return self.refused(now, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        let assigned = match wire::decode_assignment(&answer.assignment) {
            Ok(assigned) => assigned,
            Err(error) => return self.fail(error.into()),
        };
        self.backoff.reset();
        self.state = State::Stable;
        tracing::info!(group = %self.rules.group_id, generation = self.generation, ?assigned, "assigned");
        if assigned.iter().any(|partition| !self.topics.contains(&partition.topic)) {
            // The user wants something else by now, and the group learns of it next.
            self.rejoin = Some("the assignment does not match the subscription");
            return;
        }
        self.last = Some((assigned.clone(), self.generation));
        let assigned: BTreeSet<TopicPartition> = assigned.into_iter().collect();
        let revoked: BTreeSet<_> =
            self.owned.keys().filter(|owned| !assigned.contains(owned)).cloned().collect();
        let added: Vec<_> =
            assigned.into_iter().filter(|partition| !self.owned.contains_key(partition)).collect();
        if !revoked.is_empty() {
            self.revoke(revoked);
        }
        self.assignments += 1;
        let tenure = Tenure(self.assignments);
        self.owned.extend(added.iter().map(|partition| (partition.clone(), tenure)));
        self.steps.push_back(Step::Assign(added));
    }

    fn heartbeat_answered(&mut self, now: Instant, beat: &Beat, code: ErrorCode) {
        // It may speak of a generation that is over.
        if beat.generation != self.generation || self.awaits_generation() {
            return;
        }
        match code {
            ErrorCode::NONE => self.heartbeat.last_contact = self.heartbeat.last_contact.max(beat.sent_at),
            ErrorCode::REBALANCE_IN_PROGRESS => {
                self.heartbeat.last_contact = self.heartbeat.last_contact.max(beat.sent_at);
                if matches!(self.state, State::Stable) {
                    self.rejoin = Some("the group rebalances");
                }
            }
            code => self.refused(now, code),
        }
    }

    /// The coordinator refuses what this member asks.
    pub(super) fn refused(&mut self, now: Instant, code: ErrorCode) {
        tracing::debug!(group = %self.rules.group_id, %code, "the coordinator refuses");
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID => {
                let was_known = self.generation != NO_GENERATION;
                self.member_id = Str::default();
                self.lose_generation(now);
                // Refused twice in a row, it is not joined in a hurry.
                if !was_known {
                    self.again_later(now);
                }
            }
            ErrorCode::ILLEGAL_GENERATION => self.lose_generation(now),
            ErrorCode::REBALANCE_IN_PROGRESS => match self.state {
                State::Stable => self.rejoin = Some("the group rebalances"),
                State::Syncing { .. } => self.prepare(now),
                State::Joining { .. } => self.again_later(now),
                State::Out { .. }
                | State::Preparing
                | State::Leading { .. }
                | State::Leaving { .. }
                | State::Failed => {}
            },
            ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE => {
                self.again_later(now);
                self.forget_coordinator(Some(now));
            }
            code if code.is_retriable() => self.again_later(now),
            code => self.fail(Error::Group { group: self.rules.group_id.to_string(), code }),
        }
    }
}

/// A copy, so that a name does not keep the whole answer that it came in.
fn owned(name: &Str) -> Str {
    Str::from(name.to_string())
}
