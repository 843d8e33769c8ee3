//! Removing what nobody uses any more: offsets past their time, groups that are empty, offsets of topics that
//! are gone.
//!
//! Which groups' offsets may expire, and since when their time counts, is decided in [`super::classic`].

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::wire::{Str, Uuid};

use super::classic::OffsetExpiry;
use super::machine::{Act, Effects, Groups};
use super::offsets::Committed;
use super::record::GroupRecord;
use super::share::ShareAct;
use crate::coordinator::shard::{Locked, Shard};

impl Shard<Groups> {
    /// Removes offsets whose time is over, and groups that are empty and have none left.
    pub(super) fn expire(self: &Arc<Self>, now_ms: i64) {
        let Ok(mut locked) = self.enter() else { return };
        let machine = locked.machine();
        let groups = machine.classic.list().chain(machine.consumer.list());
        let groups: Vec<_> = groups.map(|group| group.group_id).collect();
        for group in groups {
            let retention_ms = self.shared.context.settings.retention_ms;
            let (mut records, is_all) = expired(&mut locked, &group, now_ms, retention_ms);
            let machine = locked.machine();
            if is_all && let Ok(record) = machine.classic.delete(&group) {
                records.push(record);
            } else if is_all && let Ok(gone) = machine.consumer.delete(&group) {
                records.extend(gone);
            }
            if !records.is_empty() && locked.store(records).is_err() {
                return; // the log takes nothing: the next search may find it mended
            }
        }
    }

    /// Removes the offsets of a topic that is gone, and has share groups know that its states are.
    pub(super) fn remove_topic(self: &Arc<Self>, id: Uuid, topic: &str) {
        let Ok(mut locked) = self.enter() else { return };
        let groups = locked.groups_with_offsets();
        let mut records = Vec::new();
        for group in groups {
            let partitions = locked.partitions_of(&group).into_iter().filter(|(of, _)| of.as_str() == topic);
            records.extend(partitions.map(|(topic, partition)| removal(&group, topic, partition)));
        }
        locked.machine_mut().offsets.forget_topic(topic);
        records.extend(locked.machine().share.without_topics(|gone| gone == id));
        if !records.is_empty()
            && let Err(code) = locked.store(records)
        {
            // They are not shown, because they bear the id of the topic; the next load removes them.
            tracing::warn!(%code, topic, "the offsets of a removed topic are left until the next start");
        }
    }

    /// Removes the offsets of all topics that are gone, and finishes what share groups had begun to delete.
    pub(super) fn remove_leftovers(self: &Arc<Self>) {
        let Ok(mut locked) = self.enter() else { return };
        let mut known = BTreeMap::<Str, Option<Uuid>>::new();
        let mut records = Vec::new();
        let groups: Vec<_> = locked.machine().offsets.groups().cloned().collect();
        for group in &groups {
            for (topic, partitions) in locked.machine().offsets.of_group(group) {
                let id = *known
                    .entry(topic.clone())
                    .or_insert_with(|| self.shared.context.directory.by_name(topic).map(|topic| topic.id));
                let gone = partitions.filter(|(_, committed)| !committed.is_of(id));
                records.extend(gone.map(|(partition, _)| removal(group, topic.clone(), partition)));
            }
        }
        let directory = &self.shared.context.directory;
        records.extend(locked.machine().share.without_topics(|topic| directory.by_id(topic).is_none()));
        if !records.is_empty()
            && let Err(code) = locked.store(records)
        {
            tracing::warn!(%code, "offsets of topics that are gone could not be removed");
        }
        let deleting = locked.machine().share.all_deleting();
        let acts = deleting.map(|(group, topics)| ShareAct::Forget { group: group.clone(), topics });
        let acts: Vec<_> = acts.map(Act::Share).collect();
        // No record, so nothing that can be refused.
        let _nothing = locked.perform(Effects { acts, ..Effects::default() });
    }
}

/// The removals of a group's offsets whose time is over, and whether none is left then.
fn expired(
    locked: &mut Locked<'_, Groups>,
    group: &Str,
    now_ms: i64,
    retention_ms: i64,
) -> (Vec<GroupRecord>, bool) {
    let expiry = locked.machine().classic.offset_expiry(group);
    let mut records = Vec::new();
    let mut is_all = true;
    let partitions = locked.partitions_of(group);
    for (topic, partition) in partitions {
        let is_over = match locked.machine().offsets.get(group, &topic, partition) {
            Some(committed) if !locked.is_pending(group, &topic, partition) => {
                let since = match expiry {
                    OffsetExpiry::Never => None,
                    OffsetExpiry::SinceCommit => Some(committed.commit_timestamp_ms),
                    OffsetExpiry::Since(since) => Some(since),
                };
                since.is_some_and(|since| is_expired(committed, since, now_ms, retention_ms))
            }
            _ => false,
        };
        // One that a transaction is about to replace stays until that has ended.
        let is_over = is_over && !locked.machine().offsets.is_unstable(group, &topic, partition);
        if is_over && !locked.machine().is_subscribed(group, &topic) {
            records.push(removal(group, topic, partition));
        } else {
            is_all = false;
        }
    }
    (records, is_all)
}

fn is_expired(committed: &Committed, since_ms: i64, now_ms: i64, retention_ms: i64) -> bool {
    match committed.expire_timestamp_ms {
        Some(at) => now_ms >= at,
        None => now_ms.saturating_sub(since_ms) >= retention_ms,
    }
}

/// The record that removes an offset.
pub(crate) fn removal(group: &Str, topic: Str, partition: i32) -> GroupRecord {
    GroupRecord::Offset { group: group.clone(), topic, partition, value: None }
}
