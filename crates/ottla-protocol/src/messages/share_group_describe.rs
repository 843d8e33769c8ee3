// Generated from schema/share_group_describe.txt by `cargo xtask codegen`: change that file and run it again.
//! `ShareGroupDescribe` (API key 77): share groups with their members (KIP-932).
//!
//! v1 is the oldest version left, and flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid,
};

/// Groups to describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupDescribeRequest {
    /// Ids of the groups.
    pub group_ids: Vec<Str>,
    /// Whether to say what the client may do to each of them.
    pub include_authorized_operations: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ShareGroupDescribeRequest {
    const API_KEY: ApiKey = ApiKey::ShareGroupDescribe;
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ShareGroupDescribeRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupDescribeRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_ids: r.array("group_ids", |r| r.string("group_ids")),
            include_authorized_operations: r.bool("include_authorized_operations"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("group_ids", &self.group_ids, |value, s| s.string("group_ids", value));
        s.bool(self.include_authorized_operations);
        s.tags(&self.unknown_tags);
    }
}

impl Request for ShareGroupDescribeRequest {
    type Response = ShareGroupDescribeResponse;
}

setters! {
    ShareGroupDescribeRequest {
        with_group_ids(group_ids: Vec<Str>);
        with_include_authorized_operations(include_authorized_operations: bool);
    }
}

/// The groups, as they are at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareGroupDescribeResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The groups of the request.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ShareGroupDescribeResponse {
    const API_KEY: ApiKey = ApiKey::ShareGroupDescribe;
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ShareGroupDescribeResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ShareGroupDescribeResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            groups: r.array("groups", DescribedGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("groups", &self.groups, DescribedGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ShareGroupDescribeResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_groups(groups: Vec<DescribedGroup>);
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedGroup {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Id of the group.
    pub group_id: Str,
    /// State of the group, such as `Stable` or `Empty`.
    pub group_state: Str,
    /// Epoch of the group, which grows whenever its members or what they read changes.
    pub group_epoch: i32,
    /// Epoch of the group for which the target assignment was made.
    pub assignment_epoch: i32,
    /// Name of the assignor.
    pub assignor_name: Str,
    /// The members of the group.
    pub members: Vec<Member>,
    /// What the client may do to it, a bit an operation; the default stands for "not asked". Default
    /// `i32::MIN`.
    pub authorized_operations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            error_message: None,
            group_id: Str::EMPTY,
            group_state: Str::EMPTY,
            group_epoch: 0,
            assignment_epoch: 0,
            assignor_name: Str::EMPTY,
            members: Vec::new(),
            authorized_operations: i32::MIN,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl DescribedGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            group_id: r.string("group_id"),
            group_state: r.string("group_state"),
            group_epoch: r.i32("group_epoch"),
            assignment_epoch: r.i32("assignment_epoch"),
            assignor_name: r.string("assignor_name"),
            members: r.array("members", Member::read),
            authorized_operations: r.i32("authorized_operations"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.string("group_id", &self.group_id);
        s.string("group_state", &self.group_state);
        s.i32(self.group_epoch);
        s.i32(self.assignment_epoch);
        s.string("assignor_name", &self.assignor_name);
        s.array("members", &self.members, Member::write);
        s.i32(self.authorized_operations);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribedGroup {
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_group_id(group_id: impl Into<Str>);
        with_group_state(group_state: impl Into<Str>);
        with_group_epoch(group_epoch: i32);
        with_assignment_epoch(assignment_epoch: i32);
        with_assignor_name(assignor_name: impl Into<Str>);
        with_members(members: Vec<Member>);
        with_authorized_operations(authorized_operations: i32);
    }
}

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Rack or zone of the member; null if it was given none.
    pub rack_id: Option<Str>,
    /// Epoch of the member in its group (KIP-848); -1 where there is none.
    pub member_epoch: i32,
    /// Name that the client gives itself.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// Names of the topics that the member subscribes to.
    pub subscribed_topic_names: Vec<Str>,
    /// What the member reads.
    pub assignment: Assignment,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Member {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            rack_id: r.nullable_string("rack_id"),
            member_epoch: r.i32("member_epoch"),
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            subscribed_topic_names: r.array("subscribed_topic_names", |r| r.string("subscribed_topic_names")),
            assignment: Assignment::read(r),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.i32(self.member_epoch);
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.array("subscribed_topic_names", &self.subscribed_topic_names, |value, s| {
            s.string("subscribed_topic_names", value)
        });
        self.assignment.write(s);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Member {
        with_member_id(member_id: impl Into<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_member_epoch(member_epoch: i32);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_subscribed_topic_names(subscribed_topic_names: Vec<Str>);
        with_assignment(assignment: Assignment);
    }
}

/// Partitions of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// The topics, each with its partitions.
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

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartitions {
    /// Id of the topic; all zeros where it is known by name alone.
    pub topic_id: Uuid,
    /// Name of the topic.
    pub topic_name: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            topic_id: r.uuid("topic_id"),
            topic_name: r.string("topic_name"),
            partitions: r.i32_array("partitions"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.topic_id);
        s.string("topic_name", &self.topic_name);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicPartitions {
        with_topic_id(topic_id: Uuid);
        with_topic_name(topic_name: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
