//! The states of a group's partitions, as its records know them: which there are, and which are gone.

use std::collections::BTreeSet;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use super::ShareGroups;
use super::state::{NamedPartitions, ShareGroup, states_record, target_epoch_record};
use crate::groups::machine::Effects;
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

    /// The group begins anew where it is told to, with these partitions. One that there is not begins, if there are any.
    pub(crate) fn altered(
        &self,
        id: &Str,
        topics: &[(Uuid, Str, Vec<i32>)],
        now_ms: i64,
    ) -> Vec<GroupRecord> {
        let new = ShareGroup::default();
        let known = self.groups.get(id);
        if known.is_none() && topics.is_empty() {
            return Vec::new();
        }
        let group = known.unwrap_or(&new);
        let mut initialized = group.initialized.clone();
        for (topic, name, partitions) in topics {
            let entry = initialized.entry(topic.0).or_insert_with(|| (name.clone(), BTreeSet::new()));
            entry.1.extend(partitions.iter().copied());
        }
        let states = states_record(&group.initializing, &initialized, &group.deleting);
        let mut changes = Vec::new();
        if known.is_none() {
            let first = group.bumped(true);
            let target = target_epoch_record(first.epoch, now_ms);
            changes.extend([ShareChange::Group(Some(first)), ShareChange::TargetEpoch(Some(target))]);
        }
        changes.push(ShareChange::States(Some(states)));
        changes.into_iter().map(|change| GroupRecord::Share { group: id.clone(), change }).collect()
    }

    /// The states of a topic are gone.
    pub(crate) fn forgotten(&self, id: &Str, topics: &[Uuid]) -> Effects {
        let Some(group) = self.groups.get(id) else { return Effects::default() };
        let (mut initializing, mut initialized) = (group.initializing.clone(), group.initialized.clone());
        for topic in topics {
            initializing.remove(&topic.0);
            initialized.remove(&topic.0);
        }
        let change = ShareChange::States(Some(states_record(&initializing, &initialized, &group.deleting)));
        Effects::of_records(vec![GroupRecord::Share { group: id.clone(), change }])
    }
}
