// Generated from schema/data/legacy_offset_commit.txt by `cargo xtask codegen`: change that file and run it again.
//! `LegacyOffsetCommit` (record type 0 of the group coordinator): up to where a group has read a
//! partition, as the oldest brokers wrote it.
//!
//! The fields are those of `OffsetCommit`, under another type of record.

use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group, and which partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LegacyOffsetCommitKey {
    /// Id of the group.
    pub group: Str,
    /// Name of the topic.
    pub topic: Str,
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl LegacyOffsetCommitKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 0;
}

impl Data for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for LegacyOffsetCommitKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl LegacyOffsetCommitKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group: r.string("group"),
            topic: r.string("topic"),
            partition: r.i32("partition"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group", &self.group);
        s.string("topic", &self.topic);
        s.i32(self.partition);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    LegacyOffsetCommitKey {
        with_group(group: impl Into<Str>);
        with_topic(topic: impl Into<Str>);
        with_partition(partition: i32);
    }
}

/// The offset that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LegacyOffsetCommitValue {
    /// The offset: that of the next record to read.
    pub offset: i64,
    /// What the client stored with the offset; empty if there is none.
    pub metadata: Str,
    /// When the offset was stored, in Unix milliseconds.
    pub commit_timestamp: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for LegacyOffsetCommitValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl LegacyOffsetCommitValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            offset: r.i64("offset"),
            metadata: r.string("metadata"),
            commit_timestamp: r.i64("commit_timestamp"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.offset);
        s.string("metadata", &self.metadata);
        s.i64(self.commit_timestamp);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    LegacyOffsetCommitValue {
        with_offset(offset: i64);
        with_metadata(metadata: impl Into<Str>);
        with_commit_timestamp(commit_timestamp: i64);
    }
}
