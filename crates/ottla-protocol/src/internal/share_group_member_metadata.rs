// Generated from schema/data/share_group_member_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupMemberMetadata` (record type 10 of the group coordinator): a member of a share group, and
//! what it wants.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupMemberMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ShareGroupMemberMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 10;
}

impl Data for ShareGroupMemberMetadataKey {
    const NAME: &'static str = "ShareGroupMemberMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 10..=10;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupMemberMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupMemberMetadataKey {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { group_id: r.string("group_id"), member_id: r.string("member_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("member_id", &self.member_id);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupMemberMetadataKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// The member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupMemberMetadataValue {
    /// Rack or zone of the member; null if it was given none.
    pub rack_id: Option<Str>,
    /// Name that the client gives itself.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// Names of the topics that the member subscribes to.
    pub subscribed_topic_names: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            subscribed_topic_names: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupMemberMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupMemberMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            rack_id: r.nullable_string("rack_id"),
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            subscribed_topic_names: r.array("subscribed_topic_names", |r| r.string("subscribed_topic_names")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.array("subscribed_topic_names", &self.subscribed_topic_names, |value, s| {
            s.string("subscribed_topic_names", value)
        });
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupMemberMetadataValue {
        with_rack_id(rack_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_subscribed_topic_names(subscribed_topic_names: Vec<Str>);
    }
}
