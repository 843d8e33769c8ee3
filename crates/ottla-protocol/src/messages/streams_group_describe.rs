// Generated from schema/streams_group_describe.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupDescribe` (API key 89): groups of Kafka Streams with their topology and members
//! (KIP-1071).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Groups to describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupDescribeRequest {
    /// Ids of the groups.
    pub group_ids: Vec<Str>,
    /// Whether to say what the client may do to each of them.
    pub include_authorized_operations: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for StreamsGroupDescribeRequest {
    const API_KEY: ApiKey = ApiKey::StreamsGroupDescribe;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupDescribeRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupDescribeRequest {
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

impl Request for StreamsGroupDescribeRequest {
    type Response = StreamsGroupDescribeResponse;
}

setters! {
    StreamsGroupDescribeRequest {
        with_group_ids(group_ids: Vec<Str>);
        with_include_authorized_operations(include_authorized_operations: bool);
    }
}

/// The groups, as they are at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupDescribeResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The groups of the request.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for StreamsGroupDescribeResponse {
    const API_KEY: ApiKey = ApiKey::StreamsGroupDescribe;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for StreamsGroupDescribeResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupDescribeResponse {
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
    StreamsGroupDescribeResponse {
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
    /// The topology of the group; null if it has none.
    pub topology: Option<Topology>,
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
            topology: None,
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
            topology: r.is_present("topology").then(|| Topology::read(r)),
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
        s.is_present(self.topology.is_some());
        if let Some(value) = &self.topology {
            value.write(s);
        }
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
        with_topology(topology: Option<Topology>);
        with_members(members: Vec<Member>);
        with_authorized_operations(authorized_operations: i32);
    }
}

/// What the application computes, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Topology {
    /// Epoch of the topology.
    pub epoch: i32,
    /// The subtopologies; null if they are not complete yet.
    pub subtopologies: Option<Vec<Subtopology>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Topology {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            epoch: r.i32("epoch"),
            subtopologies: r.nullable_array("subtopologies", Subtopology::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        s.nullable_array("subtopologies", self.subtopologies.as_deref(), Subtopology::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Topology {
        with_epoch(epoch: i32);
        with_subtopologies(subtopologies: Option<Vec<Subtopology>>);
    }
}

/// A part of the topology that can run on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subtopology {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Names of the topics that the subtopology reads.
    pub source_topics: Vec<Str>,
    /// Names of the repartition topics that the subtopology writes.
    pub repartition_sink_topics: Vec<Str>,
    /// The changelog topics of its state stores.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// The repartition topics that the subtopology reads.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Subtopology {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            source_topics: r.array("source_topics", |r| r.string("source_topics")),
            repartition_sink_topics: r
                .array("repartition_sink_topics", |r| r.string("repartition_sink_topics")),
            state_changelog_topics: r.array("state_changelog_topics", TopicInfo::read),
            repartition_source_topics: r.array("repartition_source_topics", TopicInfo::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.array("source_topics", &self.source_topics, |value, s| s.string("source_topics", value));
        s.array("repartition_sink_topics", &self.repartition_sink_topics, |value, s| {
            s.string("repartition_sink_topics", value)
        });
        s.array("state_changelog_topics", &self.state_changelog_topics, TopicInfo::write);
        s.array("repartition_source_topics", &self.repartition_source_topics, TopicInfo::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Subtopology {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_source_topics(source_topics: Vec<Str>);
        with_repartition_sink_topics(repartition_sink_topics: Vec<Str>);
        with_state_changelog_topics(state_changelog_topics: Vec<TopicInfo>);
        with_repartition_source_topics(repartition_source_topics: Vec<TopicInfo>);
    }
}

/// A topic that is created for the application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Name of the topic.
    pub name: Str,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many replicas each partition gets; 0 for the broker's default.
    pub replication_factor: i16,
    /// Configuration that differs from the broker's.
    pub topic_configs: Vec<KeyValue>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicInfo {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            partitions: r.i32("partitions"),
            replication_factor: r.i16("replication_factor"),
            topic_configs: r.array("topic_configs", KeyValue::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32(self.partitions);
        s.i16(self.replication_factor);
        s.array("topic_configs", &self.topic_configs, KeyValue::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TopicInfo {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: i32);
        with_replication_factor(replication_factor: i16);
        with_topic_configs(topic_configs: Vec<KeyValue>);
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

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Id of the member in its group.
    pub member_id: Str,
    /// Epoch of the member in its group (KIP-848); -1 where there is none.
    pub member_epoch: i32,
    /// Name of a static member, which stays the same when the member starts anew; null for a dynamic one.
    pub instance_id: Option<Str>,
    /// Rack or zone of the member; null if it was given none.
    pub rack_id: Option<Str>,
    /// Name that the client gives itself.
    pub client_id: Str,
    /// Address from which the client is connected.
    pub client_host: Str,
    /// Epoch of the topology that the member has.
    pub topology_epoch: i32,
    /// Id of the process, which may hold several members.
    pub process_id: Str,
    /// Where the member answers interactive queries; null if it does not.
    pub user_endpoint: Option<Endpoint>,
    /// Tags of the client, for assignments that mind racks.
    pub client_tags: Vec<KeyValue>,
    /// How far the member has read the changelogs of its tasks.
    pub task_offsets: Vec<TaskOffset>,
    /// Where the changelogs of its tasks end.
    pub task_end_offsets: Vec<TaskOffset>,
    /// What the member does.
    pub assignment: Assignment,
    /// What the member is to do.
    pub target_assignment: Assignment,
    /// Whether the member speaks the classic protocol.
    pub is_classic: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Member {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            member_id: r.string("member_id"),
            member_epoch: r.i32("member_epoch"),
            instance_id: r.nullable_string("instance_id"),
            rack_id: r.nullable_string("rack_id"),
            client_id: r.string("client_id"),
            client_host: r.string("client_host"),
            topology_epoch: r.i32("topology_epoch"),
            process_id: r.string("process_id"),
            user_endpoint: r.is_present("user_endpoint").then(|| Endpoint::read(r)),
            client_tags: r.array("client_tags", KeyValue::read),
            task_offsets: r.array("task_offsets", TaskOffset::read),
            task_end_offsets: r.array("task_end_offsets", TaskOffset::read),
            assignment: Assignment::read(r),
            target_assignment: Assignment::read(r),
            is_classic: r.bool("is_classic"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("member_id", &self.member_id);
        s.i32(self.member_epoch);
        s.nullable_string("instance_id", self.instance_id.as_ref());
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.string("client_id", &self.client_id);
        s.string("client_host", &self.client_host);
        s.i32(self.topology_epoch);
        s.string("process_id", &self.process_id);
        s.is_present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.write(s);
        }
        s.array("client_tags", &self.client_tags, KeyValue::write);
        s.array("task_offsets", &self.task_offsets, TaskOffset::write);
        s.array("task_end_offsets", &self.task_end_offsets, TaskOffset::write);
        self.assignment.write(s);
        self.target_assignment.write(s);
        s.bool(self.is_classic);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Member {
        with_member_id(member_id: impl Into<Str>);
        with_member_epoch(member_epoch: i32);
        with_instance_id(instance_id: Option<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_client_id(client_id: impl Into<Str>);
        with_client_host(client_host: impl Into<Str>);
        with_topology_epoch(topology_epoch: i32);
        with_process_id(process_id: impl Into<Str>);
        with_user_endpoint(user_endpoint: Option<Endpoint>);
        with_client_tags(client_tags: Vec<KeyValue>);
        with_task_offsets(task_offsets: Vec<TaskOffset>);
        with_task_end_offsets(task_end_offsets: Vec<TaskOffset>);
        with_assignment(assignment: Assignment);
        with_target_assignment(target_assignment: Assignment);
        with_is_classic(is_classic: bool);
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

/// An offset of one task, summed over its changelogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskOffset {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Number of the partition, which is the task.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TaskOffset {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            partition: r.i32("partition"),
            offset: r.i64("offset"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.i32(self.partition);
        s.i64(self.offset);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TaskOffset {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_partition(partition: i32);
        with_offset(offset: i64);
    }
}

/// Tasks of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// Tasks that the member runs.
    pub active_tasks: Vec<TaskIds>,
    /// Tasks whose state the member keeps a copy of.
    pub standby_tasks: Vec<TaskIds>,
    /// Tasks whose state the member is catching up with, to run them later.
    pub warmup_tasks: Vec<TaskIds>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Assignment {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            active_tasks: r.array("active_tasks", TaskIds::read),
            standby_tasks: r.array("standby_tasks", TaskIds::read),
            warmup_tasks: r.array("warmup_tasks", TaskIds::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("active_tasks", &self.active_tasks, TaskIds::write);
        s.array("standby_tasks", &self.standby_tasks, TaskIds::write);
        s.array("warmup_tasks", &self.warmup_tasks, TaskIds::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Assignment {
        with_active_tasks(active_tasks: Vec<TaskIds>);
        with_standby_tasks(standby_tasks: Vec<TaskIds>);
        with_warmup_tasks(warmup_tasks: Vec<TaskIds>);
    }
}

/// Tasks of one subtopology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskIds {
    /// Id of the subtopology.
    pub subtopology_id: Str,
    /// Numbers of the partitions, one a task.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TaskIds {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            partitions: r.i32_array("partitions"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TaskIds {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
