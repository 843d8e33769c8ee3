// Generated from schema/data/consumer_group_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupMetadata` (record type 3 of the group coordinator): the epoch of a KIP-848 group.

use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 3;
}

impl Data for ConsumerGroupMetadataKey {
    const NAME: &'static str = "ConsumerGroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 3..=3;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupMetadataKey {
        with_group_id(group_id: impl Into<Str>);
    }
}

/// How far the group has moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupMetadataValue {
    /// Epoch of the group, which grows whenever its members or what they read changes.
    pub epoch: i32,
    /// Hash of the metadata of all topics that the group reads; 0 if it is not known.
    pub metadata_hash: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self { epoch: r.i32("epoch"), metadata_hash: 0, unknown_tags: TaggedFields::new() };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => message.metadata_hash = r.i64("metadata_hash"),
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        let mut known = TaggedFields::new();
        if self.metadata_hash != 0 {
            s.tag(&mut known, 0, &mut |s| {
                s.i64(self.metadata_hash);
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    ConsumerGroupMetadataValue {
        with_epoch(epoch: i32);
        with_metadata_hash(metadata_hash: i64);
    }
}
