//! Which broker coordinates which group or transactional id: asked for many at once, and remembered.
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

/// Groups, and transactional ids, whose coordinators are remembered; one more has another forgotten, which costs
/// one question.
const REMEMBERED_MAX: usize = 10_000;

/// The version of `FindCoordinator` from which one request asks for many groups (KIP-699).
const FIND_MANY: i16 = 4;

/// What a coordinator coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coordinated {
    /// Groups, by their ids.
    Group,
    /// Transactional producers, by their ids.
    Transaction,
}

impl Coordinated {
    /// Kafka's number for it.
    fn to_wire(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }

    /// How one of them is called in errors.
    fn subject(self, key: &str) -> String {
        match self {
            Self::Group => format!("group {key:?}"),
            Self::Transaction => format!("transactional id {key:?}"),
        }
    }
}

/// What brokers answered so far.
#[derive(Debug, Default)]
pub(crate) struct Coordinators {
    groups: BTreeMap<Str, NodeId>,
    transactions: BTreeMap<Str, NodeId>,
}

impl Coordinators {
    fn of(&mut self, kind: Coordinated) -> &mut BTreeMap<Str, NodeId> {
        match kind {
            Coordinated::Group => &mut self.groups,
            Coordinated::Transaction => &mut self.transactions,
        }
    }

    /// The broker that coordinates `key`, as far as is known.
    pub(crate) fn get(&self, kind: Coordinated, key: &str) -> Option<NodeId> {
        let known = match kind {
            Coordinated::Group => &self.groups,
            Coordinated::Transaction => &self.transactions,
        };
        known.get(key).copied()
    }

    /// Remembers who coordinates `key`.
    pub(crate) fn learn(&mut self, kind: Coordinated, key: &Str, node: NodeId) {
        let known = self.of(kind);
        if known.len() >= REMEMBERED_MAX && !known.contains_key(key) {
            known.pop_first();
        }
        // A copy: what came with an answer would keep all of it in memory.
        known.insert(Str::from(key.to_string()), node);
    }

    /// Forgets that `node` coordinates `key`, unless another is known by now.
    pub(crate) fn forget(&mut self, kind: Coordinated, key: &str, node: NodeId) {
        if self.get(kind, key) == Some(node) {
            self.of(kind).remove(key);
        }
    }
}

/// Who coordinates a group or an id, and where it is reached; or why that is not known.
pub(crate) type Found = BTreeMap<Str, Result<Node, Error>>;

/// Asks one broker for the coordinators of `keys`: with one request, or with one for each if the
/// broker is old.
pub(crate) async fn find(connection: Connection, kind: Coordinated, keys: &[Str]) -> Result<Found, Error> {
    let version = connection.version::<FindCoordinatorRequest>()?;
    let mut found = Found::new();
    if version >= FIND_MANY {
        let mut request = FindCoordinatorRequest::default();
        (request.key_type, request.coordinator_keys) = (kind.to_wire(), keys.to_vec());
        for answer in connection.call_version(&request, version).await?.coordinators {
            let message = answer.error_message.as_deref();
            let node =
                node(kind, &answer.key, answer.error_code, message, answer.node_id, answer.host, answer.port);
            found.insert(answer.key, node);
        }
    } else {
        for key in keys {
            let mut request = FindCoordinatorRequest::default();
            (request.key_type, request.key) = (kind.to_wire(), key.clone());
            let answer = connection.call_version(&request, version).await?;
            let message = answer.error_message.as_deref();
            let node = node(kind, key, answer.error_code, message, answer.node_id, answer.host, answer.port);
            found.insert(key.clone(), node);
        }
    }
    for key in keys {
        let incomplete = || {
            let missing = kind.subject(key);
            Err(Error::IncompleteAnswer { node: connection.node(), api: ApiKey::FindCoordinator, missing })
        };
        found.entry(key.clone()).or_insert_with(incomplete);
    }
    Ok(found)
}

fn node(
    kind: Coordinated,
    key: &str,
    code: ErrorCode,
    message: Option<&str>,
    id: i32,
    host: Str,
    port: i32,
) -> Result<Node, Error> {
    let subject = || format!("coordinator of {}", kind.subject(key));
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
        coordinators.learn(Coordinated::Group, &Str::from("g"), NodeId(1));
        coordinators.forget(Coordinated::Group, "g", NodeId(2));
        assert_eq!(coordinators.get(Coordinated::Group, "g"), Some(NodeId(1)));
        coordinators.forget(Coordinated::Group, "g", NodeId(1));
        assert_eq!(coordinators.get(Coordinated::Group, "g"), None);
    }

    #[test]
    fn a_group_and_a_transactional_id_of_one_name_are_two_things() {
        let mut coordinators = Coordinators::default();
        coordinators.learn(Coordinated::Group, &Str::from("x"), NodeId(1));
        assert_eq!(coordinators.get(Coordinated::Transaction, "x"), None);
        coordinators.learn(Coordinated::Transaction, &Str::from("x"), NodeId(2));
        coordinators.forget(Coordinated::Transaction, "x", NodeId(2));
        assert_eq!(coordinators.get(Coordinated::Group, "x"), Some(NodeId(1)));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let mut coordinators = Coordinators::default();
        for group in 0..=REMEMBERED_MAX {
            coordinators.learn(Coordinated::Group, &Str::from(format!("group-{group}")), NodeId(1));
        }
        assert_eq!(coordinators.groups.len(), REMEMBERED_MAX);
        assert_eq!(coordinators.get(Coordinated::Group, &format!("group-{REMEMBERED_MAX}")), Some(NodeId(1)));
    }
}
