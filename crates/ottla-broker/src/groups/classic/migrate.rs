//! A classic group on its way to the consumer protocol, or back from it: what it is taken for there, who is told to
//! join anew, and how it begins when the last member of the consumer protocol has gone.

use std::time::Instant;

use bytes::Bytes;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::join_group::JoinGroupRequest;
use ottla_protocol::wire::Str;

use super::group::{Group, State};
use super::rebalance::Cause;
use super::turn::Turn;
use super::{Answer, ClassicGroups, Effects, check_join};
use crate::coordinator::Token;

/// What a classic group was.
#[derive(Clone, Debug)]
pub(crate) struct Former {
    pub(crate) generation: i32,
    pub(crate) members: Vec<FormerMember>,
}

/// What a member of it was.
#[derive(Clone, Debug)]
pub(crate) struct FormerMember {
    pub(crate) id: Str,
    pub(crate) instance: Option<Str>,
    pub(crate) client_id: Str,
    pub(crate) client_host: Str,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    /// Its protocols with what it says in each, the one it likes best first.
    pub(crate) protocols: Vec<(Str, Bytes)>,
    /// What it says in the protocol of its group.
    pub(crate) subscription: Bytes,
    pub(crate) assignment: Bytes,
}

impl ClassicGroups {
    /// Whether there is such a group.
    pub(crate) fn contains(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// What a request to join must have, of whatever group.
    ///
    /// # Errors
    /// The code to answer.
    pub(crate) fn check_join(&self, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
        check_join(&self.config, request)
    }

    /// What a group of consumers is; `None` for one of another kind.
    pub(crate) fn former(&self, group: &str) -> Option<Former> {
        let group = self.groups.get(group).filter(|group| group.is_of_consumers())?;
        let protocol = match group.protocol.clone().or_else(|| group.select_protocol()) {
            Some(protocol) => protocol,
            // All its members went before it began.
            None if group.members.is_empty() => Str::default(),
            None => return None,
        };
        let members = group.members.values().map(|member| FormerMember {
            id: member.id.clone(),
            instance: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout_ms,
            protocols: member
                .protocols
                .iter()
                .map(|protocol| (protocol.name.clone(), protocol.metadata.clone()))
                .collect(),
            subscription: member.metadata(Some(&protocol)),
            assignment: member.assignment.clone(),
        });
        Some(Former { generation: group.generation, members: members.collect() })
    }

    /// Has all who wait in a group come again, because it becomes one of another protocol.
    pub(crate) fn send_away(&mut self, now: Instant, now_ms: i64, group: &Str) -> Vec<(Token, Answer)> {
        self.step(now, now_ms, group, Group::send_away).1.answers
    }

    /// Begins to be what it was just written down to be: its members are to join.
    pub(crate) fn begin(&mut self, now: Instant, now_ms: i64, group: &Str) -> Effects {
        self.step(now, now_ms, group, Group::begin).1
    }
}

impl Group {
    fn send_away(&mut self, turn: &mut Turn<'_>) {
        let mut waiting = Vec::new();
        for member in self.members.values_mut() {
            waiting.push((member.id.clone(), member.joining.take(), member.syncing.take()));
        }
        self.joining = 0;
        for (member_id, joining, syncing) in waiting {
            self.restart_session(turn.now, &member_id);
            if let Some(joining) = joining {
                turn.refuse_join(joining, member_id, ErrorCode::REBALANCE_IN_PROGRESS);
            }
            if let Some(syncing) = syncing {
                turn.refuse_sync(syncing, ErrorCode::REBALANCE_IN_PROGRESS);
            }
        }
    }

    pub(super) fn begin(&mut self, turn: &mut Turn<'_>) {
        let members: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &members {
            self.restart_session(turn.now, member_id);
        }
        if self.state == State::Stable {
            let leader = self.leader.clone().unwrap_or_default();
            self.prepare_rebalance(turn, Cause::new("the group is of the classic protocol again", &leader));
        }
    }
}
