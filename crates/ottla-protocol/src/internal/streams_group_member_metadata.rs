// Generated from schema/data/streams_group_member_metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupMemberMetadata` (record type 19 of the group coordinator): a member of a Kafka Streams
//! group.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::message::{Data, Encode, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Which member of which group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupMemberMetadataKey {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member in its group.
    pub member_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl StreamsGroupMemberMetadataKey {
    /// Type of the record, which stands where other structures have their version.
    pub const RECORD_TYPE: i16 = 19;
}

impl Data for StreamsGroupMemberMetadataKey {
    const NAME: &'static str = "StreamsGroupMemberMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 19..=19;
    const FLEXIBLE_FROM: Option<i16> = None;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupMemberMetadataKey {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupMemberMetadataKey {
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
    StreamsGroupMemberMetadataKey {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
    }
}

/// The member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupMemberMetadataValue {
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one.
    pub instance_id: Option<Str>,
    /// Rack or zone of the member; null if it was given none.
    pub rack_id: Option<Str>,
    /// Name that the client gives itself.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// How long the member may take to give tasks up, in milliseconds; -1 if it is not known. Default `-1`.
    pub rebalance_timeout_ms: i32,
    /// Epoch of the topology that the member has.
    pub topology_epoch: i32,
    /// Id of the process, which may hold several members.
    pub process_id: Str,
    /// Where the member answers interactive queries; null if it does not.
    pub user_endpoint: Option<Endpoint>,
    /// Tags of the client, for assignments that mind racks.
    pub client_tags: Vec<KeyValue>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Str::EMPTY),
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: Str::EMPTY,
            user_endpoint: None,
            client_tags: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Data for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupMemberMetadataValue {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupMemberMetadataValue {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            instance_id: r.nullable_string("instance_id"),
            rack_id: r.nullable_string("rack_id"),
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            rebalance_timeout_ms: r.i32("rebalance_timeout_ms"),
            topology_epoch: r.i32("topology_epoch"),
            process_id: r.string("process_id"),
            user_endpoint: r.is_present("user_endpoint").then(|| Endpoint::read(r)),
            client_tags: r.array("client_tags", KeyValue::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("instance_id", self.instance_id.as_ref());
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.i32(self.rebalance_timeout_ms);
        s.i32(self.topology_epoch);
        s.string("process_id", &self.process_id);
        s.is_present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.write(s);
        }
        s.array("client_tags", &self.client_tags, KeyValue::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupMemberMetadataValue {
        with_instance_id(instance_id: Option<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_rebalance_timeout_ms(rebalance_timeout_ms: i32);
        with_topology_epoch(topology_epoch: i32);
        with_process_id(process_id: impl Into<Str>);
        with_user_endpoint(user_endpoint: Option<Endpoint>);
        with_client_tags(client_tags: Vec<KeyValue>);
    }
}

/// Where a member is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Host name or address.
    pub host: Str,
    /// Port.
    pub port: u16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Endpoint {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { host: r.string("host"), port: r.u16("port"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("host", &self.host);
        s.u16(self.port);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Endpoint {
        with_host(host: impl Into<Str>);
        with_port(port: u16);
    }
}

/// A key and its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyValue {
    /// The key.
    pub key: Str,
    /// The value.
    pub value: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl KeyValue {
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
    KeyValue {
        with_key(key: impl Into<Str>);
        with_value(value: impl Into<Str>);
    }
}
