//! States that nobody needs any more: those of topics that are gone, and those that a group is to forget.
//!
//! A group writes down which of its states are being deleted before the first one is, and that they are gone after the
//! last. A start that finds it half done finishes it; so states without a group, or a group that believes in states which are
//! not there, never stay.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use super::ShareCoordinator;
use super::machine::{Answer, ShareStates};
use super::record::SharePartitionKey;
use crate::broker::Core;
use crate::coordinator::shard::Shard;
use crate::groups::record::GroupRecord;
use crate::groups::share::ShareGroups;
use crate::waiting;

/// The pause before a deletion is tried again; each next one is twice as long.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(60);

impl ShareCoordinator {
    /// Deletes the states of a topic that is gone.
    pub(crate) fn remove_topic(&self, id: Uuid) {
        self.hub.forget_topic(id);
        self.shards().for_each(|shard| remove_topics(shard, |topic| topic == id));
    }
}

/// Deletes the states of topics that are gone.
pub(super) fn remove_topics(shard: &Arc<Shard<ShareStates>>, is_gone: impl Fn(Uuid) -> bool) {
    let Ok(mut locked) = shard.enter() else { return }; // one that begins to serve does this by itself
    let records = locked.machine().without_topics(is_gone);
    if !records.is_empty()
        && let Err(code) = locked.store(records)
    {
        tracing::warn!(%code, "the states of a removed topic are left until the next start");
    }
}

/// Deletes the states of a group in some topics, or in all; on return that is durable.
///
/// # Errors
/// What a client is told. What was begun is finished by the next start at the latest.
pub(crate) async fn forget(core: &Arc<Core>, group: &Str, topics: Option<&[Uuid]>) -> Result<(), ErrorCode> {
    write(core, group, |groups| groups.forgetting(group, topics)).await?;
    let deleting = core.groups.shard(group)?.enter()?.machine().share.deleting(group);
    let deleting: Vec<_> = deleting.into_iter().map(Uuid).collect();
    delete(core, group, &deleting).await?;
    write(core, group, |groups| groups.forgotten(group, &deleting)).await
}

/// Finishes what a start found half done.
pub(crate) fn finish(core: &Arc<Core>, group: Str, topics: Vec<Uuid>) {
    let (weak, env) = (Arc::downgrade(core), core.env.clone());
    env.spawn(async move {
        let mut pause = FIRST_RETRY;
        loop {
            let Some(core) = weak.upgrade() else { return };
            let deleted = match delete(&core, &group, &topics).await {
                Ok(()) => write(&core, &group, |groups| groups.forgotten(&group, &topics)).await,
                failed => failed,
            };
            let Err(code) = deleted else { return };
            if core.share.shards().any(|shard| shard.is_closed()) {
                return;
            }
            drop(core);
            tracing::debug!(%code, %group, "the states that a share group had begun to delete are there still");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_RETRY);
        }
    });
}

/// Writes down a change of a share group, durably.
///
/// # Errors
/// What a client is told.
pub(crate) async fn write(
    core: &Arc<Core>,
    group: &Str,
    change: impl FnOnce(&ShareGroups) -> Vec<GroupRecord>,
) -> Result<(), ErrorCode> {
    let stored = {
        let mut locked = core.groups.shard(group)?.enter()?;
        let records = change(&locked.machine().share);
        if records.is_empty() {
            return Ok(());
        }
        locked.store(records)?
    };
    stored.durable(core.groups.store_timeout()).await
}

/// Deletes the states of a group in topics; those of topics that are gone are deleted with these.
async fn delete(core: &Arc<Core>, group: &Str, topics: &[Uuid]) -> Result<(), ErrorCode> {
    if !core.share.has_started() {
        return Ok(());
    }
    for topic in topics {
        core.share.hub.forget(group, *topic);
        let partitions = core.directory.by_id(*topic).map_or(0, |topic| topic.partitions().len());
        let begun = (0..).take(partitions).map(|partition| {
            let key = SharePartitionKey::new(group, *topic, partition);
            core.share.step(&key, |states, token| states.delete(token, &key, true))
        });
        for outcome in waiting::all(begun.collect::<Vec<_>>()).await {
            if let Answer::Refused((code, _)) = outcome? {
                return Err(code);
            }
        }
    }
    Ok(())
}
