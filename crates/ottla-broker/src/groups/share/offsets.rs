//! The states of a group's partitions, as its records know them: which there are, and which are gone.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use super::ShareGroups;
use super::state::{NamedPartitions, ShareGroup, TopicKey, states_record, target_epoch_record};
use crate::groups::record::{GroupRecord, ShareChange};

impl ShareGroups {
    /// What deletes a group that has no member.
    pub(crate) fn delete(&self, id: &Str) -> Result<Vec<GroupRecord>, ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        if !group.members.is_empty() {
            return Err(ErrorCode::NON_EMPTY_GROUP);
        }
        let changes = [ShareChange::TargetEpoch(None), ShareChange::Group(None), ShareChange::States(None)];
        Ok(changes.map(|change| GroupRecord::Share { group: id.clone(), change }).into())
    }

    /// The partitions that a group has states of.
    pub(crate) fn initialized_partitions(&self, id: &str) -> NamedPartitions {
        self.groups.get(id).map(|group| group.initialized.clone()).unwrap_or_default()
    }

    /// A group without members may have its offsets changed, and in which epoch; one that there is not has none.
    pub(crate) fn alterable(&self, id: &str) -> Result<Option<i32>, ErrorCode> {
        match self.groups.get(id) {
            None => Ok(None),
            Some(group) if group.members.is_empty() => Ok(Some(group.epoch)),
            Some(_) => Err(ErrorCode::NON_EMPTY_GROUP),
        }
    }

    /// The group is to begin anew in these partitions: their states are begun, if there are none. A group that there is
    /// not begins with any topic, whatever partitions of it are there.
    pub(crate) fn altering(
        &self,
        id: &Str,
        topics: &[(Uuid, Str, Vec<i32>)],
        now_ms: i64,
    ) -> Vec<GroupRecord> {
        let new = ShareGroup::default();
        let known = self.groups.get(id);
        if topics.is_empty() {
            return Vec::new();
        }
        let group = known.unwrap_or(&new);
        let mut initializing = group.initializing.clone();
        for (topic, name, partitions) in topics {
            let has = |partition: &&i32| {
                group.initialized.get(&topic.0).is_some_and(|(_, there)| there.contains(partition))
            };
            let entry = initializing.entry(topic.0).or_insert_with(|| (name.clone(), BTreeSet::new()));
            entry.1.extend(partitions.iter().filter(|partition| !has(partition)));
        }
        initializing.retain(|_, (_, partitions)| !partitions.is_empty());
        let mut changes = Vec::new();
        if known.is_none() {
            let first = group.bumped(true);
            let target = target_epoch_record(first.epoch, now_ms);
            changes.extend([ShareChange::Group(Some(first)), ShareChange::TargetEpoch(Some(target))]);
        }
        if known.is_none() || initializing != group.initializing {
            let states = states_record(&initializing, &group.initialized, &group.deleting);
            changes.push(ShareChange::States(Some(states)));
        }
        changes.into_iter().map(|change| GroupRecord::Share { group: id.clone(), change }).collect()
    }

    /// The topics of a group whose states are being deleted.
    pub(crate) fn deleting(&self, id: &str) -> BTreeSet<TopicKey> {
        self.groups.get(id).map(|group| group.deleting.keys().copied().collect()).unwrap_or_default()
    }

    /// All groups with topics whose states are being deleted: somebody began that and did not finish it.
    pub(crate) fn all_deleting(&self) -> impl Iterator<Item = (&Str, Vec<Uuid>)> {
        let groups = self.groups.iter().filter(|(_, group)| !group.deleting.is_empty());
        groups.map(|(id, group)| (id, group.deleting.keys().map(|topic| Uuid(*topic)).collect()))
    }

    /// The states of topics are to be deleted, or of all of them: written before the first one is.
    pub(crate) fn forgetting(&self, id: &Str, topics: Option<&[Uuid]>) -> Vec<GroupRecord> {
        self.changed(id, |group| {
            let named: Vec<_> = group.initialized.iter().chain(&group.initializing).collect();
            let named = named.into_iter().map(|(topic, (name, _))| (*topic, name.clone()));
            let is_meant = |topic: &TopicKey| topics.is_none_or(|topics| topics.contains(&Uuid(*topic)));
            let deleting: Vec<_> = named.filter(|(topic, _)| is_meant(topic)).collect();
            for (topic, name) in deleting {
                group.initializing.remove(&topic);
                group.initialized.remove(&topic);
                group.deleting.insert(topic, name);
            }
        })
    }

    /// The states of topics are gone.
    pub(crate) fn forgotten(&self, id: &Str, topics: &[Uuid]) -> Vec<GroupRecord> {
        self.changed(id, |group| group.deleting.retain(|topic, _| !topics.contains(&Uuid(*topic))))
    }

    /// Topics are gone, and their states with them.
    pub(crate) fn without_topics(&self, is_gone: impl Fn(Uuid) -> bool) -> Vec<GroupRecord> {
        let all = self.groups.keys().flat_map(|id| {
            self.changed(id, |group| {
                group.initializing.retain(|topic, _| !is_gone(Uuid(*topic)));
                group.initialized.retain(|topic, _| !is_gone(Uuid(*topic)));
                group.deleting.retain(|topic, _| !is_gone(Uuid(*topic)));
            })
        });
        all.collect()
    }

    /// What writes down a change of which states there are, if it is one.
    fn changed(&self, id: &Str, change: impl FnOnce(&mut States)) -> Vec<GroupRecord> {
        let Some(group) = self.groups.get(id) else { return Vec::new() };
        let before = States {
            initializing: group.initializing.clone(),
            initialized: group.initialized.clone(),
            deleting: group.deleting.clone(),
        };
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Vec::new();
        }
        let record = states_record(&after.initializing, &after.initialized, &after.deleting);
        vec![GroupRecord::Share { group: id.clone(), change: ShareChange::States(Some(record)) }]
    }
}

/// Which states a group has.
#[derive(Clone, PartialEq, Eq)]
struct States {
    initializing: NamedPartitions,
    initialized: NamedPartitions,
    deleting: BTreeMap<TopicKey, Str>,
}
