//! Groups without members: those that only keep offsets.

use std::collections::BTreeSet;
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::describe_groups::DescribedGroup;
use ottla_protocol::messages::list_groups::ListedGroup;
use ottla_protocol::wire::Str;

use super::record::GroupRecord;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(pub(crate) u64);

/// Settings.
#[derive(Clone, Debug)]
pub(crate) struct ClassicConfig {}

pub(crate) enum Answer {}

#[must_use]
pub(crate) struct Effects {
    pub(crate) records: Vec<GroupRecord>,
    pub(crate) answers: Vec<(Token, Answer)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum OffsetExpiry {
    SinceCommit,
}

#[derive(Debug, Default)]
pub(crate) struct ClassicGroups {
    groups: BTreeSet<Str>,
}

impl ClassicGroups {
    pub(crate) fn new(_config: ClassicConfig) -> Self {
        Self::default()
    }
    pub(crate) fn replay(&mut self, record: &GroupRecord) {
        if let GroupRecord::Group { group, value: None } = record {
            self.groups.remove(group);
        }
    }
    pub(crate) fn loaded(&mut self, _now: Instant) {}
    pub(crate) fn has_offsets(&mut self, group: &str) {
        if !self.groups.contains(group) {
            self.groups.insert(Str::from(group.to_owned()));
        }
    }
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        None
    }
    pub(crate) fn tick(&mut self, _now: Instant, _now_ms: i64) -> Effects {
        Effects { records: Vec::new(), answers: Vec::new() }
    }
    pub(crate) fn stored(&mut self, _group: &str) -> Effects {
        Effects { records: Vec::new(), answers: Vec::new() }
    }
    pub(crate) fn refused(&mut self, _group: &str, _code: ErrorCode) -> Effects {
        Effects { records: Vec::new(), answers: Vec::new() }
    }
    pub(crate) fn check_commit(
        &mut self,
        _now: Instant,
        group: &str,
        generation: i32,
        _member_id: &str,
        _instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        match self.groups.contains(group) {
            _ if generation < 0 => Ok(()),
            true => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            false => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        }
    }
    pub(crate) fn check_offset_delete(&self, group: &str) -> Result<(), ErrorCode> {
        if self.groups.contains(group) { Ok(()) } else { Err(ErrorCode::GROUP_ID_NOT_FOUND) }
    }
    pub(crate) fn list(&self) -> impl Iterator<Item = ListedGroup> {
        self.groups.iter().map(|group| {
            let mut listed = ListedGroup::default();
            listed.group_id = group.clone();
            listed.group_state = Str::from_static("Empty");
            listed.group_type = Str::from_static("classic");
            listed
        })
    }
    pub(crate) fn describe(&self, group: &str) -> Option<DescribedGroup> {
        let mut described = DescribedGroup::default();
        described.group_id = self.groups.get(group)?.clone();
        described.group_state = Str::from_static("Empty");
        Some(described)
    }
    pub(crate) fn delete(&mut self, group: &str) -> Result<Effects, ErrorCode> {
        let group = self.groups.take(group).ok_or(ErrorCode::GROUP_ID_NOT_FOUND)?;
        Ok(Effects { records: vec![GroupRecord::Group { group, value: None }], answers: Vec::new() })
    }
    pub(crate) fn offset_expiry(&self, _group: &str) -> OffsetExpiry {
        OffsetExpiry::SinceCommit
    }
    pub(crate) fn is_subscribed(&self, _group: &str, _topic: &str) -> bool {
        false
    }
}
