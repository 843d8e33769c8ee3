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

use super::Handling;
use crate::broker::Core;
use crate::coordinator::shard::Stored;
use crate::groups::expiry::removal;
use crate::share::removal::forget;

/// Deletes groups, each once however often it is named; the answer says what is durable.
pub(crate) fn handle(core: &Arc<Core>, request: DeleteGroupsRequest) -> Handling {
    let mut seen = BTreeSet::new();
    let groups = request.groups_names.into_iter().filter(|group| seen.insert(group.clone()));
    let deleted: Vec<_> = groups.map(|group| (delete(core, &group), group)).collect();
    if deleted.iter().all(|(deleted, _)| matches!(deleted, Ok(Deleted::Stored(Stored::Now)) | Err(_))) {
        return Handling::respond(response(
            deleted.into_iter().map(|(deleted, group)| (group, deleted.err())),
        ));
    }
    let core = Arc::clone(core);
    Handling::later(async move {
        let mut results = Vec::with_capacity(deleted.len());
        for (deleted, group) in deleted {
            let durable = match deleted {
                Ok(Deleted::Stored(stored)) => stored.durable(core.groups.store_timeout()).await,
                Ok(Deleted::Share) => delete_share(&core, &group).await,
                Err(code) => Err(code),
            };
            results.push((group, durable.err()));
        }
        response(results)
    })
}

/// How far the deletion of a group is.
enum Deleted {
    Stored(Stored),
    /// A share group: its states are first.
    Share,
}

fn delete(core: &Arc<Core>, group: &Str) -> Result<Deleted, ErrorCode> {
    let mut locked = core.groups.shard(group)?.enter()?;
    if locked.machine().share.contains(group) {
        locked.machine().share.delete(group)?;
        return Ok(Deleted::Share);
    }
    let records = if locked.machine().consumer.contains(group) {
        locked.machine().consumer.delete(group)?
    } else {
        vec![locked.machine().classic.delete(group)?]
    };
    let offsets = locked.partitions_of(group).into_iter();
    let removals = offsets.map(|(topic, partition)| removal(group, topic, partition));
    locked.store(removals.chain(records).collect()).map(Deleted::Stored)
}

/// Deletes the states of a share group, and then itself, unless somebody came meanwhile.
async fn delete_share(core: &Arc<Core>, group: &Str) -> Result<(), ErrorCode> {
    forget(core, group, None).await?;
    let stored = {
        let mut locked = core.groups.shard(group)?.enter()?;
        let records = locked.machine().share.delete(group)?;
        locked.store(records)?
    };
    stored.durable(core.groups.store_timeout()).await
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
