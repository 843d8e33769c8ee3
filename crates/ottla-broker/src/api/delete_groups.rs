//! `DeleteGroups` (key 42): forgets groups that have no member, with their offsets.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::{Handling, share_group_offsets};
use crate::broker::Core;
use crate::coordinator::shard::Stored;
use crate::groups::expiry::removal;

/// Deletes groups, each once however often it is named; the answer says what is durable.
pub(crate) fn handle(core: &Arc<Core>, request: DeleteGroupsRequest) -> Handling {
    let mut seen = BTreeSet::new();
    let groups = request.groups_names.into_iter().filter(|group| seen.insert(group.clone()));
    let deleted: Vec<_> = groups.map(|group| (delete(core, &group), group)).collect();
    if deleted.iter().all(|(stored, _)| !matches!(stored, Ok(Stored::Later(_)))) {
        return Handling::respond(response(deleted.into_iter().map(|(stored, group)| (group, stored.err()))));
    }
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut results = Vec::with_capacity(deleted.len());
        for (stored, group) in deleted {
            let durable = match stored {
                Ok(stored) => stored.durable(core.groups.store_timeout()).await,
                Err(code) => Err(code),
            };
            results.push((group, durable.err()));
        }
        response(results)
    })
}

fn delete(core: &Arc<Core>, group: &Str) -> Result<Stored, ErrorCode> {
    let mut locked = core.groups.shard(group)?.enter()?;
    if locked.machine().share.contains(group) {
        let records = locked.machine().share.delete(group)?;
        let states = locked.machine().share.initialized_partitions(group);
        let stored = locked.store(records)?;
        drop(locked);
        share_group_offsets::forget(core, group, states);
        return Ok(stored);
    }
    let records = if locked.machine().consumer.contains(group) {
        locked.machine().consumer.delete(group)?
    } else {
        vec![locked.machine().classic.delete(group)?]
    };
    let offsets = locked.partitions_of(group).into_iter();
    let removals = offsets.map(|(topic, partition)| removal(group, topic, partition));
    locked.store(removals.chain(records).collect())
}

fn response(results: impl IntoIterator<Item = (Str, Option<ErrorCode>)>) -> ResponseBody<FileRange> {
    let results = results.into_iter().map(|(group, code)| {
        let mut result = DeletableGroupResult::default();
        result.group_id = group;
        result.error_code = code.unwrap_or_default();
        result
    });
    let mut response = DeleteGroupsResponse::default();
    response.results = results.collect();
    ResponseBody::DeleteGroups(response)
}
