// Generated from schema/streams_group_heartbeat.txt by `cargo xtask codegen`: change that file and run it again.
//! `StreamsGroupHeartbeat` (API key 88): a Kafka Streams client joins its group, stays in it and leaves
//! it (KIP-1071).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// What changed at the member since its last heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupHeartbeatRequest {
    /// Id of the group.
    pub group_id: Str,
    /// Id of the member, chosen by itself, which it keeps as long as it lives.
    pub member_id: Str,
    /// Epoch of the member: 0 to join, -1 to leave, -2 to leave as a static member that will come back.
    pub member_epoch: i32,
    /// Epoch of the endpoints that the member knows.
    pub endpoint_information_epoch: i32,
    /// Name of a static member; null if there is none or it did not change.
    pub instance_id: Option<Str>,
    /// Rack or zone of the member; null if there is none or it did not change.
    pub rack_id: Option<Str>,
    /// How long the member may take to give tasks up, in milliseconds; -1 if it did not change. Default
    /// `-1`.
    pub rebalance_timeout_ms: i32,
    /// The topology of the application; null unless the member joins.
    pub topology: Option<Topology>,
    /// Tasks that the member runs; null if they did not change.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Tasks whose state the member keeps a copy of; null if they did not change.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Tasks whose state the member is catching up with; null if they did not change.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Id of the process, which may hold several members; null if it did not change.
    pub process_id: Option<Str>,
    /// Where the member answers interactive queries; null if there is none or it did not change.
    pub user_endpoint: Option<Endpoint>,
    /// Tags of the client, for assignments that mind racks; null if they did not change.
    pub client_tags: Option<Vec<KeyValue>>,
    /// How far the member has read the changelogs of its tasks; null if it did not change.
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// Where the changelogs of its tasks end; null if it did not change.
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// Whether all members are to shut down.
    pub shutdown_application: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            member_id: Str::EMPTY,
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for StreamsGroupHeartbeatRequest {
    const API_KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for StreamsGroupHeartbeatRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupHeartbeatRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            group_id: r.string("group_id"),
            member_id: r.string("member_id"),
            member_epoch: r.i32("member_epoch"),
            endpoint_information_epoch: r.i32("endpoint_information_epoch"),
            instance_id: r.nullable_string("instance_id"),
            rack_id: r.nullable_string("rack_id"),
            rebalance_timeout_ms: r.i32("rebalance_timeout_ms"),
            topology: r.is_present("topology").then(|| Topology::read(r)),
            active_tasks: r.nullable_array("active_tasks", TaskIds::read),
            standby_tasks: r.nullable_array("standby_tasks", TaskIds::read),
            warmup_tasks: r.nullable_array("warmup_tasks", TaskIds::read),
            process_id: r.nullable_string("process_id"),
            user_endpoint: r.is_present("user_endpoint").then(|| Endpoint::read(r)),
            client_tags: r.nullable_array("client_tags", KeyValue::read),
            task_offsets: r.nullable_array("task_offsets", TaskOffset::read),
            task_end_offsets: r.nullable_array("task_end_offsets", TaskOffset::read),
            shutdown_application: r.bool("shutdown_application"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("group_id", &self.group_id);
        s.string("member_id", &self.member_id);
        s.i32(self.member_epoch);
        s.i32(self.endpoint_information_epoch);
        s.nullable_string("instance_id", self.instance_id.as_ref());
        s.nullable_string("rack_id", self.rack_id.as_ref());
        s.i32(self.rebalance_timeout_ms);
        s.is_present(self.topology.is_some());
        if let Some(value) = &self.topology {
            value.write(s);
        }
        s.nullable_array("active_tasks", self.active_tasks.as_deref(), TaskIds::write);
        s.nullable_array("standby_tasks", self.standby_tasks.as_deref(), TaskIds::write);
        s.nullable_array("warmup_tasks", self.warmup_tasks.as_deref(), TaskIds::write);
        s.nullable_string("process_id", self.process_id.as_ref());
        s.is_present(self.user_endpoint.is_some());
        if let Some(value) = &self.user_endpoint {
            value.write(s);
        }
        s.nullable_array("client_tags", self.client_tags.as_deref(), KeyValue::write);
        s.nullable_array("task_offsets", self.task_offsets.as_deref(), TaskOffset::write);
        s.nullable_array("task_end_offsets", self.task_end_offsets.as_deref(), TaskOffset::write);
        s.bool(self.shutdown_application);
        s.tags(&self.unknown_tags);
    }
}

impl Request for StreamsGroupHeartbeatRequest {
    type Response = StreamsGroupHeartbeatResponse;
}

setters! {
    StreamsGroupHeartbeatRequest {
        with_group_id(group_id: impl Into<Str>);
        with_member_id(member_id: impl Into<Str>);
        with_member_epoch(member_epoch: i32);
        with_endpoint_information_epoch(endpoint_information_epoch: i32);
        with_instance_id(instance_id: Option<Str>);
        with_rack_id(rack_id: Option<Str>);
        with_rebalance_timeout_ms(rebalance_timeout_ms: i32);
        with_topology(topology: Option<Topology>);
        with_active_tasks(active_tasks: Option<Vec<TaskIds>>);
        with_standby_tasks(standby_tasks: Option<Vec<TaskIds>>);
        with_warmup_tasks(warmup_tasks: Option<Vec<TaskIds>>);
        with_process_id(process_id: Option<Str>);
        with_user_endpoint(user_endpoint: Option<Endpoint>);
        with_client_tags(client_tags: Option<Vec<KeyValue>>);
        with_task_offsets(task_offsets: Option<Vec<TaskOffset>>);
        with_task_end_offsets(task_end_offsets: Option<Vec<TaskOffset>>);
        with_shutdown_application(shutdown_application: bool);
    }
}

/// What the application computes, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Topology {
    /// Epoch of the topology, to tell whether the member's is that of the group.
    pub epoch: i32,
    /// The subtopologies.
    pub subtopologies: Vec<Subtopology>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Topology {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            epoch: r.i32("epoch"),
            subtopologies: r.array("subtopologies", Subtopology::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.epoch);
        s.array("subtopologies", &self.subtopologies, Subtopology::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Topology {
        with_epoch(epoch: i32);
        with_subtopologies(subtopologies: Vec<Subtopology>);
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
    /// Patterns of names of topics that the subtopology reads.
    pub source_topic_regex: Vec<Str>,
    /// The changelog topics of its state stores.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Names of the repartition topics that the subtopology writes.
    pub repartition_sink_topics: Vec<Str>,
    /// The repartition topics that the subtopology reads.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Topics that must have the same number of partitions, group by group.
    pub copartition_groups: Vec<CopartitionGroup>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Subtopology {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            subtopology_id: r.string("subtopology_id"),
            source_topics: r.array("source_topics", |r| r.string("source_topics")),
            source_topic_regex: r.array("source_topic_regex", |r| r.string("source_topic_regex")),
            state_changelog_topics: r.array("state_changelog_topics", TopicInfo::read),
            repartition_sink_topics: r
                .array("repartition_sink_topics", |r| r.string("repartition_sink_topics")),
            repartition_source_topics: r.array("repartition_source_topics", TopicInfo::read),
            copartition_groups: r.array("copartition_groups", CopartitionGroup::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("subtopology_id", &self.subtopology_id);
        s.array("source_topics", &self.source_topics, |value, s| s.string("source_topics", value));
        s.array("source_topic_regex", &self.source_topic_regex, |value, s| {
            s.string("source_topic_regex", value)
        });
        s.array("state_changelog_topics", &self.state_changelog_topics, TopicInfo::write);
        s.array("repartition_sink_topics", &self.repartition_sink_topics, |value, s| {
            s.string("repartition_sink_topics", value)
        });
        s.array("repartition_source_topics", &self.repartition_source_topics, TopicInfo::write);
        s.array("copartition_groups", &self.copartition_groups, CopartitionGroup::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Subtopology {
        with_subtopology_id(subtopology_id: impl Into<Str>);
        with_source_topics(source_topics: Vec<Str>);
        with_source_topic_regex(source_topic_regex: Vec<Str>);
        with_state_changelog_topics(state_changelog_topics: Vec<TopicInfo>);
        with_repartition_sink_topics(repartition_sink_topics: Vec<Str>);
        with_repartition_source_topics(repartition_source_topics: Vec<TopicInfo>);
        with_copartition_groups(copartition_groups: Vec<CopartitionGroup>);
    }
}

/// A topic that is created for the application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Name of the topic.
    pub name: Str,
    /// How many partitions it has; 0 to let the coordinator find out.
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

/// Topics that must have the same number of partitions, as positions in the lists of the subtopology.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopartitionGroup {
    /// Positions in `source_topics`.
    pub source_topics: Vec<i16>,
    /// Positions in `source_topic_regex`.
    pub source_topic_regex: Vec<i16>,
    /// Positions in `repartition_source_topics`.
    pub repartition_source_topics: Vec<i16>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl CopartitionGroup {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            source_topics: r.array("source_topics", |r| r.i16("source_topics")),
            source_topic_regex: r.array("source_topic_regex", |r| r.i16("source_topic_regex")),
            repartition_source_topics: r
                .array("repartition_source_topics", |r| r.i16("repartition_source_topics")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("source_topics", &self.source_topics, |value, s| s.i16(*value));
        s.array("source_topic_regex", &self.source_topic_regex, |value, s| s.i16(*value));
        s.array("repartition_source_topics", &self.repartition_source_topics, |value, s| s.i16(*value));
        s.tags(&self.unknown_tags);
    }
}

setters! {
    CopartitionGroup {
        with_source_topics(source_topics: Vec<i16>);
        with_source_topic_regex(source_topic_regex: Vec<i16>);
        with_repartition_source_topics(repartition_source_topics: Vec<i16>);
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

/// What the member is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamsGroupHeartbeatResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// What went wrong, in words, where the code does not say it all.
    pub error_message: Option<Str>,
    /// Id of the member in its group.
    pub member_id: Str,
    /// New epoch of the member.
    pub member_epoch: i32,
    /// How long the member waits before its next heartbeat, in milliseconds.
    pub heartbeat_interval_ms: i32,
    /// How far behind a task that warms up may be to count as caught up.
    pub acceptable_recovery_lag: i32,
    /// How often to tell the offsets of tasks, in milliseconds.
    pub task_offset_interval_ms: i32,
    /// What the group lacks, such as topics; null if nothing is told.
    pub status: Option<Vec<Status>>,
    /// Tasks that the member is to run; null if they did not change.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Tasks whose state the member is to keep a copy of; null if they did not change.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Tasks whose state the member is to catch up with; null if they did not change.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Epoch of the endpoints.
    pub endpoint_information_epoch: i32,
    /// Who holds which state, for interactive queries; null if it did not change.
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            error_message: None,
            member_id: Str::EMPTY,
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag: 0,
            task_offset_interval_ms: 0,
            status: Some(Vec::new()),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            endpoint_information_epoch: 0,
            partitions_by_user_endpoint: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for StreamsGroupHeartbeatResponse {
    const API_KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for StreamsGroupHeartbeatResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl StreamsGroupHeartbeatResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            error_message: r.nullable_string("error_message"),
            member_id: r.string("member_id"),
            member_epoch: r.i32("member_epoch"),
            heartbeat_interval_ms: r.i32("heartbeat_interval_ms"),
            acceptable_recovery_lag: r.i32("acceptable_recovery_lag"),
            task_offset_interval_ms: r.i32("task_offset_interval_ms"),
            status: r.nullable_array("status", Status::read),
            active_tasks: r.nullable_array("active_tasks", TaskIds::read),
            standby_tasks: r.nullable_array("standby_tasks", TaskIds::read),
            warmup_tasks: r.nullable_array("warmup_tasks", TaskIds::read),
            endpoint_information_epoch: r.i32("endpoint_information_epoch"),
            partitions_by_user_endpoint: r
                .nullable_array("partitions_by_user_endpoint", EndpointToPartitions::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.nullable_string("error_message", self.error_message.as_ref());
        s.string("member_id", &self.member_id);
        s.i32(self.member_epoch);
        s.i32(self.heartbeat_interval_ms);
        s.i32(self.acceptable_recovery_lag);
        s.i32(self.task_offset_interval_ms);
        s.nullable_array("status", self.status.as_deref(), Status::write);
        s.nullable_array("active_tasks", self.active_tasks.as_deref(), TaskIds::write);
        s.nullable_array("standby_tasks", self.standby_tasks.as_deref(), TaskIds::write);
        s.nullable_array("warmup_tasks", self.warmup_tasks.as_deref(), TaskIds::write);
        s.i32(self.endpoint_information_epoch);
        s.nullable_array(
            "partitions_by_user_endpoint",
            self.partitions_by_user_endpoint.as_deref(),
            EndpointToPartitions::write,
        );
        s.tags(&self.unknown_tags);
    }
}

setters! {
    StreamsGroupHeartbeatResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_error_message(error_message: Option<Str>);
        with_member_id(member_id: impl Into<Str>);
        with_member_epoch(member_epoch: i32);
        with_heartbeat_interval_ms(heartbeat_interval_ms: i32);
        with_acceptable_recovery_lag(acceptable_recovery_lag: i32);
        with_task_offset_interval_ms(task_offset_interval_ms: i32);
        with_status(status: Option<Vec<Status>>);
        with_active_tasks(active_tasks: Option<Vec<TaskIds>>);
        with_standby_tasks(standby_tasks: Option<Vec<TaskIds>>);
        with_warmup_tasks(warmup_tasks: Option<Vec<TaskIds>>);
        with_endpoint_information_epoch(endpoint_information_epoch: i32);
        with_partitions_by_user_endpoint(partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>);
    }
}

/// One thing that the group lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What it is: 0 the topology is out of date, 1 source topics are missing, 2 partitions do not fit, 3
    /// internal topics are missing, 4 all are to shut down, 5 the assignment is put off for a while.
    pub status_code: i8,
    /// The same, in words.
    pub status_detail: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Status {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            status_code: r.i8("status_code"),
            status_detail: r.string("status_detail"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i8(self.status_code);
        s.string("status_detail", &self.status_detail);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    Status {
        with_status_code(status_code: i8);
        with_status_detail(status_detail: impl Into<Str>);
    }
}

/// What one member holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointToPartitions {
    /// Where the member answers interactive queries.
    pub user_endpoint: Endpoint,
    /// Partitions of tasks that it runs.
    pub active_partitions: Vec<TopicPartition>,
    /// Partitions of tasks whose state it keeps a copy of.
    pub standby_partitions: Vec<TopicPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl EndpointToPartitions {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            user_endpoint: Endpoint::read(r),
            active_partitions: r.array("active_partitions", TopicPartition::read),
            standby_partitions: r.array("standby_partitions", TopicPartition::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        self.user_endpoint.write(s);
        s.array("active_partitions", &self.active_partitions, TopicPartition::write);
        s.array("standby_partitions", &self.standby_partitions, TopicPartition::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EndpointToPartitions {
        with_user_endpoint(user_endpoint: Endpoint);
        with_active_partitions(active_partitions: Vec<TopicPartition>);
        with_standby_partitions(standby_partitions: Vec<TopicPartition>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicPartition {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicPartition {
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
    TopicPartition {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
