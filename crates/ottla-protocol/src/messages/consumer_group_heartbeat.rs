// Generated from schema/consumer_group_heartbeat.txt by `cargo xtask codegen`: change that file and run it again.
//! `ConsumerGroupHeartbeat` (API key 68): a consumer joins its group, stays in it and leaves it
//! (KIP-848).
//!
//! Flexible from the first version. v1 subscribes by pattern, and has the member choose its own id
//! (KIP-1082).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// What changed at the member since its last heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupHeartbeatRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member, which it keeps as long as it lives; from v1 chosen by itself.
    pub member_id: Str,
    /// Epoch of the member: 0 to join, -1 to leave, -2 to leave as a static member that will come back.
    pub member_epoch: i32,
    /// Name of a static member; null if there is none or it did not change.
    pub instance_id: Option<Str>,
    /// Rack or zone of the member; null if there is none or it did not change.
    pub rack_id: Option<Str>,
    /// How long the member may take to give partitions up, in milliseconds; -1 if it did not change.
    /// Default `-1`.
    pub rebalance_timeout_ms: i32,
    /// Names of the topics that the member subscribes to; null if they did not change.
    pub subscribed_topic_names: Option<Vec<Str>>,
    /// Pattern of names that the member subscribes to; null if it did not change. v1+.
    pub subscribed_topic_regex: Option<Str>,
    /// Assignor of the coordinator that the member wants; null if it does not mind or it did not change.
    pub server_assignor: Option<Str>,
    /// The partitions that the member owns; null if they did not change.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            member_id: Str::EMPTY,
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ConsumerGroupHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ConsumerGroupHeartbeatRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupHeartbeatRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            member_id: r.string("member_id"),
            member_epoch: r.i32("member_epoch"),
            instance_id: r.nullable_string("instance_id"),
            rack_id: r.nullable_string("rack_id"),
            rebalance_timeout_ms: r.i32("rebalance_timeout_ms"),
            subscribed_topic_names: r
                .nullable_array("subscribed_topic_names", |r| r.string("subscribed_topic_names")),
            subscribed_topic_regex: match r.version {
                1.. => r.nullable_string("subscribed_topic_regex"),
                _ => None,
            },
            server_assignor: r.nullable_string("server_assignor"),
            topic_partitions: r.nullable_array("topic_partitions", TopicPartitions::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("member_id", &self.member_id);
        s.i32(self.member_epoch);
        s.nullable_string("instance_id", self.instance_id.as_ref());
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.i32(self.rebalance_timeout_ms);
        s.nullable_array("subscribed_topic_names", self.subscribed_topic_names.as_deref(), |value, s| {
            s.string("subscribed_topic_names", value)
        });
        if s.version >= 1 {
            s.nullable_string("subscribed_topic_regex", self.subscribed_topic_regex.as_ref());
        } else if self.subscribed_topic_regex.is_some() {
            s.not_in_version("subscribed_topic_regex");
        }
        s.nullable_string("server_assignor", self.server_assignor.as_ref());
        s.nullable_array("topic_partitions", self.topic_partitions.as_deref(), TopicPartitions::write);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ConsumerGroupHeartbeatRequest {
    type Response = ConsumerGroupHeartbeatResponse;
}

setters! {
    ConsumerGroupHeartbeatRequest {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
        with_member_epoch(member_epoch: i32);
        with_instance_id(instance_id: Option<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_rebalance_timeout_ms(rebalance_timeout_ms: i32);
        with_subscribed_topic_names(subscribed_topic_names: Option<Vec<Str>>);
        with_subscribed_topic_regex(subscribed_topic_regex: Option<Str>);
        with_server_assignor(server_assignor: Option<Str>);
        with_topic_partitions(topic_partitions: Option<Vec<TopicPartitions>>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitions {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_id: r.uuid("topic_id"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicPartitions {
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// What the member is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerGroupHeartbeatResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Id that the coordinator gave the member; null unless it joins with v0.
    pub member_id: Option<Str>,
    /// New epoch of the member.
    pub member_epoch: i32,
    /// How long the member waits before its next heartbeat, in milliseconds.
    pub heartbeat_interval_ms: i32,
    /// What the member is assigned; null if it did not change.
    pub assignment: Option<Assignment>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ConsumerGroupHeartbeatResponse {
    const API_KEY: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ConsumerGroupHeartbeatResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ConsumerGroupHeartbeatResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            member_id: r.nullable_string("member_id"),
            member_epoch: r.i32("member_epoch"),
            heartbeat_interval_ms: r.i32("heartbeat_interval_ms"),
            assignment: r.is_present("assignment").then(|| Assignment::read(r)),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.nullable_string("member_id", self.member_id.as_ref());
        s.i32(self.member_epoch);
        s.i32(self.heartbeat_interval_ms);
        s.is_present(self.assignment.is_some());
        if let Some(value) = &self.assignment {
            value.write(s);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ConsumerGroupHeartbeatResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_member_id(member_id: Option<Str>);
        with_member_epoch(member_epoch: i32);
        with_heartbeat_interval_ms(heartbeat_interval_ms: i32);
        with_assignment(assignment: Option<Assignment>);
    }
}

/// What a member is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// The topics, each with the partitions that the member is to own.
    pub topic_partitions: Vec<TopicPartitions>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Assignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { topic_partitions: r.array("topic_partitions", TopicPartitions::read), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("topic_partitions", &self.topic_partitions, TopicPartitions::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Assignment {
        with_topic_partitions(topic_partitions: Vec<TopicPartitions>);
    }
}
