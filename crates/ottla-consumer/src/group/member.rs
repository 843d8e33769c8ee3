//! A member of a group, by whichever protocol (`group.protocol`).

use std::collections::BTreeSet;
use std::time::Instant;

use ottla_client::{Cluster, NodeId, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::membership::{
    Answer, Identity, Membership, Presence, Rules, ServerAssigned, Step, Tenure, Ticket, Verdict,
};
use crate::assignor::Topics;
use crate::config::Config;

/// What a member does, whoever assigns. The docs are at [`Membership`].
#[derive(Debug)]
pub(crate) enum Member {
    /// A member of the group assigns.
    Classic(Box<Membership>),
    /// The coordinator assigns.
    ServerAssigned(Box<ServerAssigned>),
}

/// Asks whichever it is.
macro_rules! ask {
    ($member:expr, $one:ident => $asked:expr) => {
        match $member {
            Member::Classic($one) => $asked,
            Member::ServerAssigned($one) => $asked,
        }
    };
}

impl Member {
    pub(crate) fn new(config: &Config, rules: Rules, rng: Rng, now: Instant) -> Self {
        match config.group_protocol {
            crate::config::GroupProtocol::Classic => {
                Self::Classic(Box::new(Membership::new(rules, rng, now)))
            }
            crate::config::GroupProtocol::Consumer => {
                let assignor = config.group_remote_assignor.clone().map(Str::from);
                Self::ServerAssigned(Box::new(ServerAssigned::new(rules, assignor, rng, now)))
            }
        }
    }

    pub(crate) fn subscribe(&mut self, now: Instant, topics: BTreeSet<Str>) {
        ask!(self, one => one.subscribe(now, topics));
    }

    pub(crate) fn leave(&mut self, reason: &'static str) {
        match self {
            Self::Classic(one) => one.leave(reason),
            Self::ServerAssigned(one) => one.leave(),
        }
    }

    pub(crate) fn is_out(&self) -> bool {
        ask!(self, one => one.is_out())
    }

    pub(crate) fn is_stable(&self) -> bool {
        ask!(self, one => one.is_stable())
    }

    pub(crate) fn is_absent(&self) -> bool {
        ask!(self, one => one.is_absent())
    }

    pub(crate) fn releasing(&self, ticket: Ticket) -> Option<&BTreeSet<TopicPartition>> {
        ask!(self, one => one.releasing(ticket))
    }

    pub(crate) fn tenure(&self, partition: &TopicPartition) -> Option<Tenure> {
        ask!(self, one => one.tenure(partition))
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        ask!(self, one => one.identity())
    }

    pub(crate) fn poll(&mut self, now: Instant, presence: Presence) -> Option<Step> {
        ask!(self, one => one.poll(now, presence))
    }

    pub(crate) fn poll_timeout(&self, presence: Presence) -> Option<Instant> {
        ask!(self, one => one.poll_timeout(presence))
    }

    pub(crate) fn released(&mut self, now: Instant, ticket: Ticket) {
        ask!(self, one => one.released(now, ticket));
    }

    pub(crate) fn commit_refused(&mut self, now: Instant, generation: i32, code: ErrorCode) -> Verdict {
        ask!(self, one => one.commit_refused(now, generation, code))
    }

    pub(crate) fn found(&mut self, now: Instant, outcome: Result<NodeId, ottla_client::Error>) {
        ask!(self, one => one.found(now, outcome));
    }

    pub(crate) fn answered(
        &mut self,
        now: Instant,
        ticket: Ticket,
        outcome: Result<Answer, ottla_client::Error>,
    ) {
        ask!(self, one => one.answered(now, ticket, outcome));
    }

    /// Looks at the topics of a cluster; `layout` makes what a leader assigns from. Says whether there may be something to do.
    pub(crate) fn look_at(
        &mut self,
        now: Instant,
        cluster: &Cluster,
        layout: impl FnOnce(&BTreeSet<Str>) -> Option<Topics>,
    ) -> bool {
        match self {
            Self::Classic(one) => {
                let Some(layout) = one.watched().and_then(layout) else { return false };
                one.layout(now, layout);
            }
            Self::ServerAssigned(one) => {
                let topics = one.named().iter().filter_map(|name| cluster.topic(name));
                let ids: Vec<_> = topics
                    .filter(|topic| !topic.id.is_zero())
                    .map(|topic| (topic.id, topic.name.clone()))
                    .collect();
                one.names(ids);
            }
        }
        true
    }
}
