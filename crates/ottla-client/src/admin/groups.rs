//! Groups of consumers and others: which there are, and deleting them.
//!
//! What a group consists of is told by `describe`, the offsets that it committed by `offsets`.

pub(super) mod describe;
pub(super) mod offsets;
pub(super) mod state;

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::delete_groups::DeleteGroupsRequest;
use ottla_protocol::messages::list_groups::{ListGroupsRequest, ListedGroup};
use ottla_protocol::wire::Str;

use self::state::{GroupKind, GroupState};
use super::Admin;
use super::routed::{Answered, Routed, ToCoordinator, ToNode, route};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;

/// The versions of `ListGroups` from which brokers pick groups by state (KIP-518), and by kind (KIP-848).
const PICK_BY_STATE: i16 = 4;
const PICK_BY_KIND: i16 = 5;

/// A group, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupListing {
    /// Its name.
    pub id: Str,
    /// What its members are: `consumer` for consumers; empty for a group that has only offsets.
    pub protocol_type: Str,
    /// What it is doing; `None` from brokers before Kafka 2.6.
    pub state: Option<GroupState>,
    /// Which protocol keeps it together; `None` from brokers before Kafka 3.7.
    pub kind: Option<GroupKind>,
    /// The broker that coordinates it.
    pub coordinator: NodeId,
}

impl GroupListing {
    /// Whether its members are consumers, of either protocol, or it has only offsets, as one whose
    /// consumers commit and are not members.
    pub fn is_of_consumers(&self) -> bool {
        matches!(self.protocol_type.as_str(), "" | "consumer")
    }
}

/// Which groups to list: all of them, until something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter {
    states: Vec<GroupState>,
    kinds: Vec<GroupKind>,
}

impl GroupFilter {
    /// All groups.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only groups in one of these states (KIP-518).
    #[must_use]
    pub fn with_states(mut self, states: impl IntoIterator<Item = GroupState>) -> Self {
        self.states.extend(states);
        self
    }

    /// Only groups of one of these kinds (KIP-848).
    #[must_use]
    pub fn with_kinds(mut self, kinds: impl IntoIterator<Item = GroupKind>) -> Self {
        self.kinds.extend(kinds);
        self
    }
}

/// The groups of a cluster, as far as its brokers told.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GroupList {
    /// The groups, by name.
    pub groups: Vec<GroupListing>,
    /// The brokers that did not tell which groups they coordinate, and why.
    pub failed: BTreeMap<NodeId, Error>,
}

impl Admin {
    /// The groups of the cluster. All brokers are asked side by side, each for those it coordinates.
    ///
    /// # Errors
    /// Nobody described the cluster. A broker that does not answer is in [`GroupList::failed`], so
    /// that the others' groups are seen all the same; so is one that is too old for the filter, with
    /// [`Error::Unsupported`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn list_groups(&self, filter: &GroupFilter) -> Result<GroupList, Error> {
        let cluster = self.client.refresh().await?;
        let nodes = cluster.nodes().map(|node| node.id);
        let mut list = GroupList::default();
        for (node, told) in route(&self.client, &ListGroups { filter }, nodes).await {
            match told {
                Ok(groups) => list.groups.extend(groups),
                Err(error) => drop(list.failed.insert(node, error)),
            }
        }
        // A group that moves while it is listed may be told of twice.
        list.groups.sort_by(|one, other| one.id.cmp(&other.id));
        list.groups.dedup_by(|one, other| one.id == other.id);
        Ok(list)
    }

    /// Deletes groups with the offsets they committed, each on its own.
    ///
    /// # Errors
    /// Each group has its own outcome: [`Error::Refused`] with `NON_EMPTY_GROUP` while it has members
    /// and `GROUP_ID_NOT_FOUND` if there is none, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Not cancel safe: groups may be deleted all the same.
    pub async fn delete_groups<T: Into<Str>>(
        &self,
        groups: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<(), Error>> {
        route(&self.client, &DeleteGroups, groups.into_iter().map(Into::into)).await
    }
}

struct ListGroups<'a> {
    filter: &'a GroupFilter,
}

impl Routed for ListGroups<'_> {
    type Key = NodeId;
    type Value = Vec<GroupListing>;
    type Route = ToNode;
    const WHAT: &'static str = "listing groups";
    const API: ApiKey = ApiKey::ListGroups;

    async fn ask(&self, client: &Client, node: NodeId, _keys: &[NodeId]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version::<ListGroupsRequest>()?;
        let too_old = (version < PICK_BY_STATE && !self.filter.states.is_empty())
            || (version < PICK_BY_KIND && !self.filter.kinds.is_empty());
        if too_old {
            return Err(Error::Unsupported { node, api: ApiKey::ListGroups });
        }
        let mut request = ListGroupsRequest::default();
        request.states_filter = self.filter.states.iter().map(|state| Str::from(state.name())).collect();
        request.types_filter = self.filter.kinds.iter().map(|kind| Str::from(kind.name())).collect();
        let answer = connection.call_version(&request, version).await?;
        Error::check(format!("groups of broker {node}"), answer.error_code, None)?;
        let listing = |group| listing(group, node, version);
        Ok([(node, Ok(answer.groups.into_iter().map(listing).collect()))].into())
    }

    fn subject(node: &NodeId) -> String {
        format!("broker {node}")
    }
}

fn listing(group: ListedGroup, coordinator: NodeId, version: i16) -> GroupListing {
    GroupListing {
        id: group.group_id,
        protocol_type: group.protocol_type,
        state: (version >= PICK_BY_STATE).then(|| GroupState::from(group.group_state.as_str())),
        kind: (version >= PICK_BY_KIND).then(|| GroupKind::from(group.group_type.as_str())),
        coordinator,
    }
}

struct DeleteGroups;

impl Routed for DeleteGroups {
    type Key = Str;
    type Value = ();
    type Route = ToCoordinator;
    const WHAT: &'static str = "deleting groups";
    const API: ApiKey = ApiKey::DeleteGroups;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let mut request = DeleteGroupsRequest::default();
        request.groups_names = keys.to_vec();
        let answer = client.call(node, &request).await?;
        let outcome = |result: ottla_protocol::messages::delete_groups::DeletableGroupResult| {
            let outcome = check(&result.group_id, result.error_code, None);
            (result.group_id, outcome)
        };
        Ok(answer.results.into_iter().map(outcome).collect())
    }

    fn subject(group: &Str) -> String {
        subject(group)
    }
}

/// Whether a group was refused what was asked of it.
fn check(group: &Str, code: ErrorCode, message: Option<&str>) -> Result<(), Error> {
    if code == ErrorCode::NONE {
        return Ok(());
    }
    Error::check(subject(group), code, message)
}

/// How a group is called in errors.
fn subject(group: &Str) -> String {
    format!("group {:?}", group.as_str())
}
