//! A member of a classic group: what it said of itself, what it was assigned, and what it waits for.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use ottla_protocol::internal::group_metadata::MemberMetadata;
use ottla_protocol::messages::describe_groups::DescribedGroupMember;
use ottla_protocol::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponseMember,
};
use ottla_protocol::wire::{Str, Uuid};

use super::{Caller, Token};
use crate::coordinator::kept;

/// A request that waits, and the version in which it will be answered.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) token: Token,
    pub(super) version: i16,
}

/// A protocol that a member supports; for consumers, an assignor and the subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Protocol {
    pub(super) name: Str,
    pub(super) metadata: Bytes,
}

/// A member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: Str,
    /// The name that survives a restart, of a static member.
    pub(super) instance_id: Option<Str>,
    pub(super) client_id: Str,
    pub(super) client_host: Str,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) session_timeout_ms: i32,
    /// The one it likes best first.
    pub(super) protocols: Vec<Protocol>,
    pub(super) assignment: Bytes,
    /// Whether it has not yet learned its id, so that it cannot send heartbeats.
    pub(super) is_new: bool,
    /// Whether it comes from the log and has asked for nothing since. What it last asked for may have been lost.
    pub(super) is_silent: bool,
    pub(super) joining: Option<Waiting>,
    pub(super) syncing: Option<Waiting>,
}

impl Member {
    /// A member that has just come.
    pub(super) fn new(id: Str, caller: &Caller, request: &JoinGroupRequest, version: i16) -> Self {
        Self {
            id,
            instance_id: request.group_instance_id.as_ref().map(kept),
            client_id: kept(&caller.client_id),
            client_host: kept(&caller.client_host),
            rebalance_timeout_ms: rebalance_timeout_ms(request, version),
            session_timeout_ms: request.session_timeout_ms,
            protocols: protocols_of(request),
            assignment: Bytes::new(),
            is_new: true,
            is_silent: false,
            joining: None,
            syncing: None,
        }
    }

    /// A member as a record has it, of a group that chose `protocol`.
    pub(super) fn from_record(record: &MemberMetadata, protocol: &Str) -> Self {
        let session_timeout_ms = record.session_timeout;
        Self {
            id: kept(&record.member_id),
            instance_id: record.group_instance_id.as_ref().map(kept),
            client_id: kept(&record.client_id),
            client_host: kept(&record.client_host),
            rebalance_timeout_ms: match record.rebalance_timeout {
                -1 => session_timeout_ms,
                timeout => timeout,
            },
            session_timeout_ms,
            protocols: vec![Protocol {
                name: protocol.clone(),
                metadata: Bytes::copy_from_slice(&record.subscription),
            }],
            assignment: Bytes::copy_from_slice(&record.assignment),
            is_new: false,
            is_silent: true,
            joining: None,
            syncing: None,
        }
    }

    /// What it says of itself when it joins anew.
    pub(super) fn update(&mut self, request: &JoinGroupRequest, version: i16) {
        self.protocols = protocols_of(request);
        self.rebalance_timeout_ms = rebalance_timeout_ms(request, version);
        self.session_timeout_ms = request.session_timeout_ms;
    }

    /// Whether a request names the same protocols, in the same order, with the same metadata.
    pub(super) fn matches(&self, protocols: &[JoinGroupRequestProtocol]) -> bool {
        self.protocols
            .iter()
            .map(|own| (&own.name, &own.metadata))
            .eq(protocols.iter().map(|asked| (&asked.name, &asked.metadata)))
    }

    /// The names of its protocols, each once.
    pub(super) fn protocol_names(&self) -> BTreeSet<&Str> {
        self.protocols.iter().map(|protocol| &protocol.name).collect()
    }

    /// Its metadata under a protocol; empty if it does not support it.
    pub(super) fn metadata(&self, protocol: Option<&Str>) -> Bytes {
        let found = self.protocols.iter().find(|own| Some(&own.name) == protocol);
        found.map(|own| own.metadata.clone()).unwrap_or_default()
    }

    /// Whether it is known to live although its session ended: it waits for the others.
    pub(super) fn is_excused(&self) -> bool {
        !self.is_new && (self.joining.is_some() || self.syncing.is_some())
    }

    pub(super) fn session_timeout(&self) -> Duration {
        milliseconds(self.session_timeout_ms)
    }

    /// As a leader sees it.
    pub(super) fn joined(&self, protocol: Option<&Str>) -> JoinGroupResponseMember {
        JoinGroupResponseMember::default()
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance_id.clone())
            .with_metadata(self.metadata(protocol))
    }

    /// As administrators see it; what it subscribes to only when the group has a protocol.
    pub(super) fn described(&self, protocol: Option<&Str>) -> DescribedGroupMember {
        DescribedGroupMember::default()
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance_id.clone())
            .with_client_id(self.client_id.clone())
            .with_client_host(self.client_host.clone())
            .with_member_metadata(self.metadata(protocol))
            .with_member_assignment(self.assignment.clone())
    }

    /// As it is written down.
    pub(super) fn record(&self, protocol: Option<&Str>) -> MemberMetadata {
        MemberMetadata::default()
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance_id.clone())
            .with_client_id(self.client_id.clone())
            .with_client_host(self.client_host.clone())
            .with_rebalance_timeout(self.rebalance_timeout_ms)
            .with_session_timeout(self.session_timeout_ms)
            .with_subscription(self.metadata(protocol))
            .with_assignment(self.assignment.clone())
    }
}

/// Milliseconds of the wire, where what is negative means none.
pub(super) fn milliseconds(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// The id of a member that comes without one: what it calls itself, and a random (version 4) UUID.
pub(super) fn new_member_id(name: &str, random: Uuid) -> Str {
    let mut bits = random.as_u128();
    bits = bits & !(0xf << 76) | 0x4 << 76;
    bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    Str::from(format!("{name}-{a}-{b}-{c}-{d}-{e}"))
}

/// Version 0 has no rebalance timeout: there the session's holds for both.
fn rebalance_timeout_ms(request: &JoinGroupRequest, version: i16) -> i32 {
    if version == 0 { request.session_timeout_ms } else { request.rebalance_timeout_ms }
}

fn protocols_of(request: &JoinGroupRequest) -> Vec<Protocol> {
    let protocols = request.protocols.iter();
    protocols
        .map(|protocol| Protocol {
            name: kept(&protocol.name),
            metadata: Bytes::copy_from_slice(&protocol.metadata),
        })
        .collect()
}
