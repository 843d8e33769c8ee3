// Generated from schema/data/offset_commit.txt by `cargo xtask codegen`: change that file and run it again.
//! `OffsetCommit` (record type 1 of the group coordinator): up to where a group has read a partition.
//!
//! v1 adds the time at which the offset expires, which v2 takes out again; v3 adds leader epochs
//! (KIP-320); v4 is the first flexible version (KIP-915), with the id of the topic.

use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Which group, and which partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitKey {
    /// Id of the group.
    pub group: Str,
    /// Name of the topic.
    pub topic: Str,
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OffsetCommitKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 1;
}

impl Data for OffsetCommitKey {
    const NAME: &'static str = "OffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetCommitKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetCommitKey {
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
    OffsetCommitKey {
        with_group(group: impl Into<Str>);
        with_topic(topic: impl Into<Str>);
        with_partition(partition: i32);
    }
}

/// The offset that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffsetCommitValue {
    /// The offset: that of the next record to read.
    pub offset: i64,
    /// Leader epoch of the last record that was read; -1 if it is not known. v3+. Default `-1`.
    pub leader_epoch: i32,
    /// What the client stored with the offset; empty if there is none.
    pub metadata: Str,
    /// When the offset was stored, in Unix milliseconds.
    pub commit_timestamp: i64,
    /// When it expires, in Unix milliseconds; -1 for when the broker's configuration says so. v1 only.
    /// Default `-1`.
    pub expire_timestamp: i64,
    /// Id of the topic; all zeros if it was named by name alone. v4+.
    pub topic_id: Uuid,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: Str::EMPTY,
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for OffsetCommitValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl OffsetCommitValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            offset: r.i64("offset"),
            leader_epoch: match r.version {
                3.. => r.i32("leader_epoch"),
                _ => -1,
            },
            metadata: r.string("metadata"),
            commit_timestamp: r.i64("commit_timestamp"),
            expire_timestamp: match r.version {
                1..=1 => r.i64("expire_timestamp"),
                _ => -1,
            },
            topic_id: Uuid::ZERO,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 if r.version >= 4 => message.topic_id = r.uuid("topic_id"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.offset);
        if s.version >= 3 {
            s.i32(self.leader_epoch);
        }
        s.string("metadata", &self.metadata);
        s.i64(self.commit_timestamp);
        if s.version == 1 {
            s.i64(self.expire_timestamp);
        }
        let mut known = TaggedFields::new();
        if s.version >= 4 && self.topic_id != Uuid::ZERO {
            s.tag(&mut known, 0, &mut |s| {
                s.uuid(self.topic_id);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    OffsetCommitValue {
        with_offset(offset: i64);
        with_leader_epoch(leader_epoch: i32);
        with_metadata(metadata: impl Into<Str>);
        with_commit_timestamp(commit_timestamp: i64);
        with_expire_timestamp(expire_timestamp: i64);
        with_topic_id(topic_id: Uuid);
    }
}
