// Generated from schema/data/consumer_group_member_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupMemberMetadata` (record type 5 of the group coordinator): a member of a KIP-848 group,
//! and what it wants.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupMemberMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ConsumerGroupMemberMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 5;
}

impl Data for ConsumerGroupMemberMetadataKey {
    const NAME: &'static str = "ConsumerGroupMemberMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 5..=5;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupMemberMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupMemberMetadataKey {
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
    ConsumerGroupMemberMetadataKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// The member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupMemberMetadataValue {
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one.
    pub instance_id: Option<Str>,
    /// Rack or zone of the member; null if it was given none.
    pub rack_id: Option<Str>,
    /// Name that the client gives itself.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// Names of the topics that the member subscribes to.
    pub subscribed_topic_names: Vec<Str>,
    /// Pattern of names that the member subscribes to; null for none.
    pub subscribed_topic_regex: Option<Str>,
    /// How long the member may take to give partitions up, in milliseconds; -1 if it is not known. Default
    /// `-1`.
    pub rebalance_timeout_ms: i32,
    /// Assignor of the coordinator that the member wants; null if it does not mind.
    pub server_assignor: Option<Str>,
    /// What the member said in the classic protocol; null if it speaks that of KIP-848.
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Str::EMPTY),
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(Str::EMPTY),
            rebalance_timeout_ms: -1,
            server_assignor: Some(Str::EMPTY),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupMemberMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupMemberMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        let mut message = Self {
            instance_id: r.nullable_string("instance_id"),
            rack_id: r.nullable_string("rack_id"),
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            subscribed_topic_names: r.array("subscribed_topic_names", |r| r.string("subscribed_topic_names")),
            subscribed_topic_regex: r.nullable_string("subscribed_topic_regex"),
            rebalance_timeout_ms: r.i32("rebalance_timeout_ms"),
            server_assignor: r.nullable_string("server_assignor"),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(&mut |r, tag| {
            match tag {
                0 => {
                    message.classic_member_metadata =
                        r.is_tag_present("classic_member_metadata").then(|| ClassicMemberMetadata::read(r))
                }
                _ => return false,
            }
            true
        });
        message
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("instance_id", self.instance_id.as_ref());
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.array("subscribed_topic_names", &self.subscribed_topic_names, |value, s| {
            s.string("subscribed_topic_names", value)
        });
        s.nullable_string("subscribed_topic_regex", self.subscribed_topic_regex.as_ref());
        s.i32(self.rebalance_timeout_ms);
        s.nullable_string("server_assignor", self.server_assignor.as_ref());
        let mut known = TaggedFields::new();
        if self.classic_member_metadata != Some(ClassicMemberMetadata::default()) {
            s.tag(&mut known, 0, &mut |s| {
                s.is_tag_present(self.classic_member_metadata.is_some());
                if let Some(value) = &self.classic_member_metadata {
                    value.write(s);
                }
            });
        }
        s.known_tags(&known, &self.unknown_tags);
    }
}

setters! {
    ConsumerGroupMemberMetadataValue {
        with_instance_id(instance_id: Option<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_subscribed_topic_names(subscribed_topic_names: Vec<Str>);
        with_subscribed_topic_regex(subscribed_topic_regex: Option<Str>);
        with_rebalance_timeout_ms(rebalance_timeout_ms: i32);
        with_server_assignor(server_assignor: Option<Str>);
        with_classic_member_metadata(classic_member_metadata: Option<ClassicMemberMetadata>);
    }
}

/// What a member that speaks the classic protocol said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassicMemberMetadata {
    /// After how long without a heartbeat the member counts as dead, in milliseconds.
    pub session_timeout_ms: i32,
    /// The protocols that the member can follow.
    pub supported_protocols: Vec<ClassicProtocol>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ClassicMemberMetadata {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            session_timeout_ms: r.i32("session_timeout_ms"),
            supported_protocols: r.array("supported_protocols", ClassicProtocol::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.session_timeout_ms);
        s.array("supported_protocols", &self.supported_protocols, ClassicProtocol::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ClassicMemberMetadata {
        with_session_timeout_ms(session_timeout_ms: i32);
        with_supported_protocols(supported_protocols: Vec<ClassicProtocol>);
    }
}

/// One protocol, and what the member says in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassicProtocol {
    /// Name of the protocol, such as an assignor.
    pub name: Str,
    /// What the member says, in the form of the protocol.
    pub metadata: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl ClassicProtocol {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), metadata: r.bytes("metadata"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.bytes("metadata", &self.metadata);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ClassicProtocol {
        with_name(name: impl Into<Str>);
        with_metadata(metadata: impl Into<Bytes>);
    }
}
