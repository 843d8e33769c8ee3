//! Which broker coordinates which group: asked for many groups at once, and remembered.
//!
//! What is remembered here may be out of date: whoever is told `NOT_COORDINATOR` has it forgotten and
//! asks again. Where a broker is reached is known to `cluster`.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::wire::Str;

use crate::connection::Connection;
use crate::error::Error;
use crate::node::{Node, NodeId};

/// Groups whose coordinators are remembered; one more has another forgotten, which costs one question.
const REMEMBERED_MAX: usize = 10_000;

/// The version of `FindCoordinator` from which one request asks for many groups (KIP-699).
const FIND_MANY: i16 = 4;

/// Kafka's number for coordinators of groups.
const GROUP: i8 = 0;

/// What brokers answered so far.
#[derive(Debug, Default)]
pub(crate) struct Coordinators {
    known: BTreeMap<Str, NodeId>,
}

impl Coordinators {
    /// The broker that coordinates `group`, as far as is known.
    pub(crate) fn get(&self, group: &str) -> Option<NodeId> {
        self.known.get(group).copied()
    }

    /// Remembers who coordinates a group.
    pub(crate) fn learn(&mut self, group: &Str, node: NodeId) {
        if self.known.len() >= REMEMBERED_MAX && !self.known.contains_key(group) {
            self.known.pop_first();
        }
        // A copy: what came with an answer would keep all of it in memory.
        self.known.insert(Str::from(group.to_string()), node);
    }

    /// Forgets that `node` coordinates `group`, unless another is known by now.
    pub(crate) fn forget(&mut self, group: &str, node: NodeId) {
        if self.get(group) == Some(node) {
            self.known.remove(group);
        }
    }
}

/// Who coordinates a group, and where it is reached; or why that is not known.
pub(crate) type Found = BTreeMap<Str, Result<Node, Error>>;

/// Asks one broker for the coordinators of `groups`: with one request, or with one for each if the
/// broker is old.
pub(crate) async fn find(connection: Connection, groups: &[Str]) -> Result<Found, Error> {
    let version = connection.version::<FindCoordinatorRequest>()?;
    let mut found = Found::new();
    if version >= FIND_MANY {
        let mut request = FindCoordinatorRequest::default();
        (request.key_type, request.coordinator_keys) = (GROUP, groups.to_vec());
        for answer in connection.call_version(&request, version).await?.coordinators {
            let message = answer.error_message.as_deref();
            let node =
                node(&answer.key, answer.error_code, message, answer.node_id, answer.host, answer.port);
            found.insert(answer.key, node);
        }
    } else {
        for group in groups {
            let mut request = FindCoordinatorRequest::default();
            (request.key_type, request.key) = (GROUP, group.clone());
            let answer = connection.call_version(&request, version).await?;
            let message = answer.error_message.as_deref();
            let node = node(group, answer.error_code, message, answer.node_id, answer.host, answer.port);
            found.insert(group.clone(), node);
        }
    }
    for group in groups {
        let incomplete = || {
            let missing = format!("group {:?}", group.as_str());
            Err(Error::IncompleteAnswer { node: connection.node(), api: ApiKey::FindCoordinator, missing })
        };
        found.entry(group.clone()).or_insert_with(incomplete);
    }
    Ok(found)
}

fn node(
    group: &str,
    code: ErrorCode,
    message: Option<&str>,
    id: i32,
    host: Str,
    port: i32,
) -> Result<Node, Error> {
    let subject = || format!("coordinator of group {group:?}");
    if code != ErrorCode::NONE {
        return Err(Error::Refused { subject: subject(), code, message: message.map(str::to_owned) });
    }
    match u16::try_from(port) {
        Ok(port) if id >= 0 => Ok(Node { id: NodeId(id), host, port, rack: None }),
        // Some brokers name nobody instead of saying that there is nobody.
        _ => Err(Error::Refused {
            subject: subject(),
            code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            message: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinator_is_forgotten_only_by_who_knew_the_same() {
        let mut coordinators = Coordinators::default();
        coordinators.learn(&Str::from("g"), NodeId(1));
        coordinators.forget("g", NodeId(2));
        assert_eq!(coordinators.get("g"), Some(NodeId(1)));
        coordinators.forget("g", NodeId(1));
        assert_eq!(coordinators.get("g"), None);
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let mut coordinators = Coordinators::default();
        for group in 0..=REMEMBERED_MAX {
            coordinators.learn(&Str::from(format!("group-{group}")), NodeId(1));
        }
        assert_eq!(coordinators.known.len(), REMEMBERED_MAX);
        assert_eq!(coordinators.get(&format!("group-{REMEMBERED_MAX}")), Some(NodeId(1)));
    }
}
