// Generated from schema/data/streams_group_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupMetadata` (record type 17 of the group coordinator): the epoch of a Kafka Streams
//! group.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StreamsGroupMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 17;
}

impl Data for StreamsGroupMetadataKey {
    const NAME: &'static str = "StreamsGroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 17..=17;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// How far the group has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupMetadataValue {
    /// Epoch of the group, which grows whenever its members or what they read changes.
    pub epoch: i32,
    /// Hash of the metadata of all topics that the group reads; 0 if it is not known.
    pub metadata_hash: i64,
    /// Epoch of the topology that was last found to fit the topics; -1 if none was. Default `-1`.
    pub validated_topology_epoch: i32,
    /// Configuration with which the last assignment was made; null if it is not known.
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            epoch: r.i32("epoch"),
            metadata_hash: r.i64("metadata_hash"),
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.validated_topology_epoch = r.i32("validated_topology_epoch"),
                1 => {
                    message.last_assignment_configs =
                        r.nullable_array("last_assignment_configs", LastAssignmentConfig::read)
                }
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        s.i64(self.metadata_hash);
        let mut known = TaggedFields::new();
        if self.validated_topology_epoch != -1 {
            s.tag(&mut known, 0, &mut |s| {
                s.i32(self.validated_topology_epoch);
            });
        }
        if self.last_assignment_configs.as_ref().is_none_or(|value| !value.is_empty()) {
            s.tag(&mut known, 1, &mut |s| {
                s.nullable_array(
                    "last_assignment_configs",
                    self.last_assignment_configs.as_deref(),
                    LastAssignmentConfig::write,
                );
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    StreamsGroupMetadataValue {
        with_epoch(epoch: i32);
        with_metadata_hash(metadata_hash: i64);
        with_validated_topology_epoch(validated_topology_epoch: i32);
        with_last_assignment_configs(last_assignment_configs: Option<Vec<LastAssignmentConfig>>);
    }
}

/// One configuration value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastAssignmentConfig {
    /// The key.
    pub key: Str,
    /// The value.
    pub value: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl LastAssignmentConfig {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { key: r.string("key"), value: r.string("value"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("key", &self.key);
        s.string("value", &self.value);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    LastAssignmentConfig {
        with_key(key: impl Into<Str>);
        with_value(value: impl Into<Str>);
    }
}
