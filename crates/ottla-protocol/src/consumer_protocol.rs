// Generated from schema/data/consumer_protocol.txt by `cargo xtask codegen`: change that file and run it again.
//! What consumers of a classic group tell each other: the bytes within `JoinGroup` and `SyncGroup`.
//!
//! The broker passes them on unread. v1 adds what a member owns, for cooperative rebalances (KIP-429);
//! v2 the generation in which it came to own it (KIP-792); v3 the rack (KIP-881). A version that is not
//! known is read as the last known one.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{Data, Encode, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// What a member asks for; the metadata of `JoinGroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerProtocolSubscription {
    /// Names of the topics that the member subscribes to.
    pub topics: Vec<Str>,
    /// What the assignor of the member adds, in a form of its own.
    pub user_data: Option<Bytes>,
    /// The partitions that the member owns as it joins. v1+.
    pub owned_partitions: Vec<OwnedPartitions>,
    /// Generation in which the member came to own them; -1 if it is not known. v2+. Default `-1`.
    pub generation_id: i32,
    /// Rack or zone of the member; null if it was given none. v3+.
    pub rack_id: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = None;
    const READS_NEWER: bool = true;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerProtocolSubscription {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerProtocolSubscription {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topics: r.array("topics", |r| r.string("topics")),
            user_data: r.nullable_bytes("user_data"),
            owned_partitions: match r.version {
                1.. => r.array("owned_partitions", OwnedPartitions::read),
                _ => Vec::new(),
            },
            generation_id: match r.version {
                2.. => r.i32("generation_id"),
                _ => -1,
            },
            rack_id: match r.version {
                3.. => r.nullable_string("rack_id"),
                _ => None,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topics", &self.topics, |value, s| s.string("topics", value));
        s.nullable_bytes("user_data", self.user_data.as_ref());
        if s.version >= 1 {
            s.array("owned_partitions", &self.owned_partitions, OwnedPartitions::write);
        }
        if s.version >= 2 {
            s.i32(self.generation_id);
        }
        if s.version >= 3 {
            s.nullable_string("rack_id", self.rack_id.as_ref());
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerProtocolSubscription {
        with_topics(topics: Vec<Str>);
        with_user_data(user_data: Option<Bytes>);
        with_owned_partitions(owned_partitions: Vec<OwnedPartitions>);
        with_generation_id(generation_id: i32);
        with_rack_id(rack_id: Option<Str>);
    }
}

/// Partitions of one topic that a member owns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnedPartitions {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl OwnedPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic: r.string("topic"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    OwnedPartitions {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// What a member is given; the assignment of `SyncGroup`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerProtocolAssignment {
    /// The partitions that the member is to read.
    pub assigned_partitions: Vec<AssignedPartitions>,
    /// What the assignor adds, in a form of its own.
    pub user_data: Option<Bytes>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Data for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_FROM: Option<i16> = None;
    const READS_NEWER: bool = true;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerProtocolAssignment {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerProtocolAssignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            assigned_partitions: r.array("assigned_partitions", AssignedPartitions::read),
            user_data: r.nullable_bytes("user_data"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("assigned_partitions", &self.assigned_partitions, AssignedPartitions::write);
        s.nullable_bytes("user_data", self.user_data.as_ref());
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerProtocolAssignment {
        with_assigned_partitions(assigned_partitions: Vec<AssignedPartitions>);
        with_user_data(user_data: Option<Bytes>);
    }
}

/// Partitions of one topic that a member is to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssignedPartitions {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AssignedPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic: r.string("topic"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("topic", &self.topic);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AssignedPartitions {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
