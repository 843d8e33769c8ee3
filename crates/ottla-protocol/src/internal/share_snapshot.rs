// Generated from schema/data/share_snapshot.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareSnapshot` (record type 0 of the share coordinator): the whole state of a partition in a share
//! group.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Which partition in which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareSnapshotKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareSnapshotKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 0;
}

impl Data for ShareSnapshotKey {
    const NAME: &'static str = "ShareSnapshotKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareSnapshotKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareSnapshotKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            topic_id: r.uuid("topic_id"),
            partition: r.i32("partition"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.uuid(self.topic_id);
        s.i32(self.partition);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareSnapshotKey {
        with_group_id(group_id: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partition(partition: i32);
    }
}

/// The state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareSnapshotValue {
    /// Number of the snapshot.
    pub snapshot_epoch: i32,
    /// Epoch of the state of this partition in the group.
    pub state_epoch: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known.
    pub leader_epoch: i32,
    /// First offset that the group is not done with; -1 if it is not known.
    pub start_offset: i64,
    /// How many records from the start offset on are done with; -1 if it is not known. Default `-1`.
    pub delivery_complete_count: i32,
    /// When the state was begun, in Unix milliseconds.
    pub create_timestamp: i64,
    /// When the snapshot was written, in Unix milliseconds.
    pub write_timestamp: i64,
    /// State of the records from the start offset on, in runs.
    pub state_batches: Vec<StateBatch>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ShareSnapshotValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            create_timestamp: 0,
            write_timestamp: 0,
            state_batches: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for ShareSnapshotValue {
    const NAME: &'static str = "ShareSnapshotValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareSnapshotValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareSnapshotValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            snapshot_epoch: r.i32("snapshot_epoch"),
            state_epoch: r.i32("state_epoch"),
            leader_epoch: r.i32("leader_epoch"),
            start_offset: r.i64("start_offset"),
            create_timestamp: r.i64("create_timestamp"),
            write_timestamp: r.i64("write_timestamp"),
            state_batches: r.array("state_batches", StateBatch::read),
            delivery_complete_count: -1,
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.delivery_complete_count = r.i32("delivery_complete_count"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.snapshot_epoch);
        s.i32(self.state_epoch);
        s.i32(self.leader_epoch);
        s.i64(self.start_offset);
        s.i64(self.create_timestamp);
        s.i64(self.write_timestamp);
        s.array("state_batches", &self.state_batches, StateBatch::write);
        let mut known = TaggedFields::new();
        if self.delivery_complete_count != -1 {
            s.tag(&mut known, 0, &mut |s| {
                s.i32(self.delivery_complete_count);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    ShareSnapshotValue {
        with_snapshot_epoch(snapshot_epoch: i32);
        with_state_epoch(state_epoch: i32);
        with_leader_epoch(leader_epoch: i32);
        with_start_offset(start_offset: i64);
        with_delivery_complete_count(delivery_complete_count: i32);
        with_create_timestamp(create_timestamp: i64);
        with_write_timestamp(write_timestamp: i64);
        with_state_batches(state_batches: Vec<StateBatch>);
    }
}

/// A run of records in the same state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateBatch {
    /// First offset of the run.
    pub first_offset: i64,
    /// Last offset of the run.
    pub last_offset: i64,
    /// State of the records: 0 available, 2 acknowledged, 4 archived.
    pub delivery_state: i8,
    /// How often the records were delivered.
    pub delivery_count: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StateBatch {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            first_offset: r.i64("first_offset"),
            last_offset: r.i64("last_offset"),
            delivery_state: r.i8("delivery_state"),
            delivery_count: r.i16("delivery_count"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i64(self.first_offset);
        s.i64(self.last_offset);
        s.i8(self.delivery_state);
        s.i16(self.delivery_count);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StateBatch {
        with_first_offset(first_offset: i64);
        with_last_offset(last_offset: i64);
        with_delivery_state(delivery_state: i8);
        with_delivery_count(delivery_count: i16);
    }
}
