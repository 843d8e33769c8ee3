//! What a group's members may do with its offsets, and what deletes a group.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use super::state::{Current, Held};
use super::{ConsumerGroups, records};
use crate::groups::record::GroupRecord;

/// The first version of `OffsetCommit` that knows of epochs of members.
const FIRST_WITH_MEMBER_EPOCH: i16 = 9;

impl ConsumerGroups {
    /// Whether a member may commit offsets of these partitions; `version` is that of its request, or `None` in a
    /// transaction, where the version says nothing.
    ///
    /// A commit under way when the member's epoch grew is good still for what was the member's in its old epoch and
    /// has been since.
    pub(crate) fn check_commit(
        &self,
        id: &str,
        member_id: &str,
        epoch: i32,
        version: Option<i16>,
        places: impl IntoIterator<Item = (Uuid, i32)>,
    ) -> Result<(), ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        if epoch < 0 && group.members.is_empty() {
            return Ok(());
        }
        let member = group.members.get(member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        let is_classic = member.classic.is_some();
        if !is_classic && version.is_some_and(|version| version < FIRST_WITH_MEMBER_EPOCH) {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        let known = group.current.get(member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if epoch == known.epoch {
            return Ok(());
        }
        if is_classic {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let mut places = places.into_iter();
        if (0..known.epoch).contains(&epoch) && places.all(|place| had(known, place, epoch)) {
            return Ok(());
        }
        Err(ErrorCode::STALE_MEMBER_EPOCH)
    }

    /// Whether a member may ask for offsets.
    pub(crate) fn check_fetch(&self, id: &str, member: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        let Some(member) = member else {
            return if epoch < 0 { Ok(()) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) };
        };
        match group.current.get(member) {
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            Some(current) if current.epoch != epoch => Err(ErrorCode::STALE_MEMBER_EPOCH),
            Some(_) => Ok(()),
        }
    }

    /// Whether a member reads a topic.
    pub(crate) fn is_subscribed(&self, id: &str, topic: &str) -> bool {
        self.groups.get(id).is_some_and(|group| {
            group.members.values().any(|member| {
                let pattern = member.pattern.as_ref().and_then(|pattern| group.patterns.get(pattern));
                member.topics.contains(topic) || pattern.is_some_and(|known| known.topics.contains(topic))
            })
        })
    }

    /// What deletes a group that has no member.
    pub(crate) fn delete(&self, id: &Str) -> Result<Vec<GroupRecord>, ErrorCode> {
        let group = self.groups.get(id).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        if !group.members.is_empty() {
            return Err(ErrorCode::NON_EMPTY_GROUP);
        }
        Ok(records(id, group.tombstones()))
    }
}

/// Whether a partition was a member's in an epoch, and has been since.
fn had(current: &Current, (topic, partition): (Uuid, i32), epoch: i32) -> bool {
    let since = |held: &Held| held.get(&topic.0)?.get(&partition).copied();
    since(&current.assigned).or_else(|| since(&current.revoking)).is_some_and(|since| since <= epoch)
}
