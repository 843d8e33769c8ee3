//! How a scripted broker serves what concerns groups from the outside: who coordinates them.

use std::collections::BTreeMap;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use ottla_protocol::wire::Str;

use super::{State, address};
use crate::node::NodeId;

/// Groups that are kept by brokers in turn, unless they were moved.
#[derive(Debug, Default)]
pub(super) struct Groups {
    moved: BTreeMap<String, NodeId>,
}

impl Groups {
    pub(super) fn move_to(&mut self, group: &str, node: NodeId) {
        self.moved.insert(group.to_owned(), node);
    }

    /// The broker that coordinates a group.
    fn coordinator(&self, group: &str, nodes: i32) -> NodeId {
        let turn = || NodeId(group.bytes().fold(0, |sum, byte| (sum + i32::from(byte)) % nodes) + 1);
        self.moved.get(group).copied().unwrap_or_else(turn)
    }
}

impl State {
    pub(super) fn find_coordinator(&self, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
        let mut answer = FindCoordinatorResponse::default();
        if request.coordinator_keys.is_empty() {
            let found = self.coordinator_of(&request.key);
            answer.error_code = found.error_code;
            (answer.node_id, answer.host, answer.port) = (found.node_id, found.host, found.port);
        }
        answer.coordinators = request.coordinator_keys.iter().map(|key| self.coordinator_of(key)).collect();
        answer
    }

    fn coordinator_of(&self, group: &Str) -> Coordinator {
        let mut answer = Coordinator::default();
        answer.key = group.clone();
        let node = self.groups.coordinator(group, self.nodes);
        answer.node_id = node.0;
        if let ottla_transport::Address::Tcp(host, port) = address(node) {
            (answer.host, answer.port) = (host.into(), port.into());
        }
        answer.error_code = ErrorCode::NONE;
        answer
    }
}
