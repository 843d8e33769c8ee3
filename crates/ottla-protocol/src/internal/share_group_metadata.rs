// Generated from schema/data/share_group_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupMetadata` (record type 11 of the group coordinator): the epoch of a share group.

use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareGroupMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 11;
}

impl Data for ShareGroupMetadataKey {
    const NAME: &'static str = "ShareGroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 11..=11;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// How far the group has moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupMetadataValue {
    /// Epoch of the group, which grows whenever its members or what they read changes.
    pub epoch: i32,
    /// Hash of the metadata of all topics that the group reads; 0 if it is not known.
    pub metadata_hash: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ShareGroupMetadataValue {
    const NAME: &'static str = "ShareGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { epoch: r.i32("epoch"), metadata_hash: r.i64("metadata_hash"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        s.i64(self.metadata_hash);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupMetadataValue {
        with_epoch(epoch: i32);
        with_metadata_hash(metadata_hash: i64);
    }
}
