// Generated from schema/data/share_group_target_assignment_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupTargetAssignmentMetadata` (record type 12 of the group coordinator): for which epoch the
//! target assignment of a share group was made.

use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupTargetAssignmentMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareGroupTargetAssignmentMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 12;
}

impl Data for ShareGroupTargetAssignmentMetadataKey {
    const NAME: &'static str = "ShareGroupTargetAssignmentMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 12..=12;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupTargetAssignmentMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupTargetAssignmentMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupTargetAssignmentMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// When the target assignment was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupTargetAssignmentMetadataValue {
    /// Epoch of the group for which the target assignment was made.
    pub assignment_epoch: i32,
    /// When the target assignment was made, in Unix milliseconds; 0 if it is not known.
    pub assignment_timestamp: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ShareGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "ShareGroupTargetAssignmentMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupTargetAssignmentMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupTargetAssignmentMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            assignment_epoch: r.i32("assignment_epoch"),
            assignment_timestamp: 0,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.assignment_timestamp = r.i64("assignment_timestamp"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.assignment_epoch);
        let mut known = TaggedFields::new();
        if self.assignment_timestamp != 0 {
            s.tag(&mut known, 0, &mut |s| {
                s.i64(self.assignment_timestamp);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    ShareGroupTargetAssignmentMetadataValue {
        with_assignment_epoch(assignment_epoch: i32);
        with_assignment_timestamp(assignment_timestamp: i64);
    }
}
