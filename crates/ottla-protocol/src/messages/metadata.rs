// Generated from schema/metadata.txt by `cargo xtask codegen`: change that file and run it again.
//! `Metadata` (API key 3): which brokers, topics and partitions there are, and who leads them.
//!
//! v1 tells no topics from all; v4 adds `allow_auto_topic_creation`; v7 adds leader epochs; v9 is the
//! first flexible version; v10 adds topic ids and v12 lets topics be asked for by them (KIP-516); v13
//! adds an error for the whole request.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Fill, Message, Request, big_endian, required, setters};
use crate::wire::{DecodeError, EncodeError, I32Array, Reader, Sink, Str, TaggedFields, Uuid};

/// Asks for some topics, or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataRequest {
    /// Topics to describe. Null asks for all of them, none for no topic; in v0, which has no null, none
    /// asks for all. Null from v1 on.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// Whether the broker may create a topic that is missing, if it is set up to. v4+. Default `true`.
    pub allow_auto_topic_creation: bool,
    /// Whether to say what the client may do to the cluster. v8 to v10.
    pub include_cluster_authorized_operations: bool,
    /// Whether to say what the client may do to each topic. v8+.
    pub include_topic_authorized_operations: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for MetadataRequest {
    const API_KEY: ApiKey = ApiKey::Metadata;
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            topics: match version {
                1.. => r.nullable_structs("topics", version)?,
                _ => Some(r.structs("topics", version)?),
            },
            allow_auto_topic_creation: match version {
                4.. => r.bool("allow_auto_topic_creation")?,
                _ => true,
            },
            include_cluster_authorized_operations: match version {
                8..=10 => r.bool("include_cluster_authorized_operations")?,
                _ => false,
            },
            include_topic_authorized_operations: match version {
                8.. => r.bool("include_topic_authorized_operations")?,
                _ => false,
            },
            unknown_tags: r.tags()?,
        })
    }
}

impl<F> Encode<F> for MetadataRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        if version >= 1 {
            s.nullable_array("topics", self.topics.as_deref(), |s, value| value.encode(s, version))?;
        } else {
            s.array("topics", required("topics", self.topics.as_ref(), version)?, |s, value| {
                value.encode(s, version)
            })?;
        }
        if version >= 4 {
            s.bool(self.allow_auto_topic_creation);
        } else if !self.allow_auto_topic_creation {
            return Err(EncodeError::NotInVersion { field: "allow_auto_topic_creation", version });
        }
        if (8..=10).contains(&version) {
            s.bool(self.include_cluster_authorized_operations);
        } else if self.include_cluster_authorized_operations {
            return Err(EncodeError::NotInVersion {
                field: "include_cluster_authorized_operations",
                version,
            });
        }
        if version >= 8 {
            s.bool(self.include_topic_authorized_operations);
        } else if self.include_topic_authorized_operations {
            return Err(EncodeError::NotInVersion { field: "include_topic_authorized_operations", version });
        }
        s.tags(&self.unknown_tags, version)
    }
}

impl Request for MetadataRequest {
    type Response = MetadataResponse;
}

setters! {
    MetadataRequest {
        with_topics(topics: Option<Vec<MetadataRequestTopic>>);
        with_allow_auto_topic_creation(allow_auto_topic_creation: bool);
        with_include_cluster_authorized_operations(include_cluster_authorized_operations: bool);
        with_include_topic_authorized_operations(include_topic_authorized_operations: bool);
    }
}

/// A topic to describe, by name or by id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataRequestTopic {
    /// Id of the topic; all zeros to ask by name. v10+.
    pub topic_id: Uuid,
    /// Name of the topic; null to ask by id. Null from v10 on.
    pub name: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for MetadataRequestTopic {
    const DEFAULT: Self =
        Self { topic_id: Uuid::ZERO, name: Some(Str::EMPTY), unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic_id = match version {
            10.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.name = match version {
            10.. => r.nullable_string("name")?,
            _ => Some(r.string("name")?),
        };
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl MetadataRequestTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version >= 10 {
            s.uuid(self.topic_id);
        }
        if version >= 10 {
            s.nullable_string("name", self.name.as_ref())?;
        } else {
            s.string("name", required("name", self.name.as_ref(), version)?)?;
        }
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    MetadataRequestTopic {
        with_topic_id(topic_id: Uuid);
        with_name(name: Option<Str>);
    }
}

/// The brokers of a cluster, and the topics that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not. v3+.
    pub throttle_time_ms: i32,
    /// Every broker that is alive.
    pub brokers: Vec<MetadataResponseBroker>,
    /// Id of the cluster; null if it has none yet. v2+.
    pub cluster_id: Option<Str>,
    /// Node to send administrative requests to; -1 if there is none at the moment. v1+. Default `-1`.
    pub controller_id: i32,
    /// The topics that were asked for, each with its own error.
    pub topics: Vec<MetadataResponseTopic>,
    /// What the client may do to the cluster, a bit an operation; the default stands for "not asked". v8 to
    /// v10. Default `i32::MIN`.
    pub cluster_authorized_operations: i32,
    /// What went wrong with the request as a whole. v13+.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: ErrorCode::NONE,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for MetadataResponse {
    const API_KEY: ApiKey = ApiKey::Metadata;
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        Ok(Self {
            throttle_time_ms: match version {
                3.. => r.i32("throttle_time_ms")?,
                _ => 0,
            },
            brokers: r.structs("brokers", version)?,
            cluster_id: match version {
                2.. => r.nullable_string("cluster_id")?,
                _ => None,
            },
            controller_id: match version {
                1.. => r.i32("controller_id")?,
                _ => -1,
            },
            topics: r.structs("topics", version)?,
            cluster_authorized_operations: match version {
                8..=10 => r.i32("cluster_authorized_operations")?,
                _ => i32::MIN,
            },
            error_code: match version {
                13.. => r.error_code("error_code")?,
                _ => ErrorCode::NONE,
            },
            unknown_tags: r.tags()?,
        })
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for MetadataResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        if version >= 3 {
            s.i32(self.throttle_time_ms);
        }
        s.array("brokers", &self.brokers, |s, value| value.encode(s, version))?;
        if version >= 2 {
            s.nullable_string("cluster_id", self.cluster_id.as_ref())?;
        }
        if version >= 1 {
            s.i32(self.controller_id);
        }
        s.array("topics", &self.topics, |s, value| value.encode(s, version))?;
        if (8..=10).contains(&version) {
            s.i32(self.cluster_authorized_operations);
        } else if self.cluster_authorized_operations != i32::MIN {
            return Err(EncodeError::NotInVersion { field: "cluster_authorized_operations", version });
        }
        if version >= 13 {
            s.error_code(self.error_code);
        }
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    MetadataResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_brokers(brokers: Vec<MetadataResponseBroker>);
        with_cluster_id(cluster_id: Option<Str>);
        with_controller_id(controller_id: i32);
        with_topics(topics: Vec<MetadataResponseTopic>);
        with_cluster_authorized_operations(cluster_authorized_operations: i32);
        with_error_code(error_code: ErrorCode);
    }
}

/// One broker, and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataResponseBroker {
    /// Id of the broker.
    pub node_id: i32,
    /// Host name or address under which clients reach the broker.
    pub host: Str,
    /// Port under which clients reach the broker.
    pub port: i32,
    /// Rack or zone of the broker; null if it was given none. v1+.
    pub rack: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataResponseBroker {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for MetadataResponseBroker {
    const DEFAULT: Self =
        Self { node_id: 0, host: Str::EMPTY, port: 0, rack: None, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.node_id = r.i32("node_id")?;
        self.host = r.string("host")?;
        self.port = r.i32("port")?;
        self.rack = match version {
            1.. => r.nullable_string("rack")?,
            _ => None,
        };
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl MetadataResponseBroker {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.node_id);
        s.string("host", &self.host)?;
        s.i32(self.port);
        if version >= 1 {
            s.nullable_string("rack", self.rack.as_ref())?;
        }
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    MetadataResponseBroker {
        with_node_id(node_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_rack(rack: Option<Str>);
    }
}

/// One topic and its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataResponseTopic {
    /// Why the topic cannot be described; `NONE` if it is.
    pub error_code: ErrorCode,
    /// Name of the topic; null for an unknown topic that was asked for by id. Null from v12 on.
    pub name: Option<Str>,
    /// Id of the topic; all zeros for an unknown topic that was asked for by name. v10+.
    pub topic_id: Uuid,
    /// Whether the topic belongs to the cluster itself, like `__consumer_offsets`. v1+.
    pub is_internal: bool,
    /// The partitions of the topic.
    pub partitions: Vec<MetadataResponsePartition>,
    /// What the client may do to the topic, a bit an operation; the default stands for "not asked". v8+.
    /// Default `i32::MIN`.
    pub topic_authorized_operations: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataResponseTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for MetadataResponseTopic {
    const DEFAULT: Self = Self {
        error_code: ErrorCode::NONE,
        name: Some(Str::EMPTY),
        topic_id: Uuid::ZERO,
        is_internal: false,
        partitions: Vec::new(),
        topic_authorized_operations: i32::MIN,
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.error_code = r.error_code("error_code")?;
        self.name = match version {
            12.. => r.nullable_string("name")?,
            _ => Some(r.string("name")?),
        };
        self.topic_id = match version {
            10.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.is_internal = match version {
            1.. => r.bool("is_internal")?,
            _ => false,
        };
        self.partitions = r.structs("partitions", version)?;
        self.topic_authorized_operations = match version {
            8.. => r.i32("topic_authorized_operations")?,
            _ => i32::MIN,
        };
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl MetadataResponseTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.error_code(self.error_code);
        if version >= 12 {
            s.nullable_string("name", self.name.as_ref())?;
        } else {
            s.string("name", required("name", self.name.as_ref(), version)?)?;
        }
        if version >= 10 {
            s.uuid(self.topic_id);
        }
        if version >= 1 {
            s.bool(self.is_internal);
        }
        s.array("partitions", &self.partitions, |s, value| value.encode(s, version))?;
        if version >= 8 {
            s.i32(self.topic_authorized_operations);
        } else if self.topic_authorized_operations != i32::MIN {
            return Err(EncodeError::NotInVersion { field: "topic_authorized_operations", version });
        }
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    MetadataResponseTopic {
        with_error_code(error_code: ErrorCode);
        with_name(name: Option<Str>);
        with_topic_id(topic_id: Uuid);
        with_is_internal(is_internal: bool);
        with_partitions(partitions: Vec<MetadataResponsePartition>);
        with_topic_authorized_operations(topic_authorized_operations: i32);
    }
}

/// One partition, its leader and its replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetadataResponsePartition {
    /// Why the partition cannot be used, such as `LEADER_NOT_AVAILABLE`.
    pub error_code: ErrorCode,
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// Node that leads the partition; -1 if none does or it is not known.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known. v7+. Default
    /// `-1`.
    pub leader_epoch: i32,
    /// Nodes that hold the partition, the preferred leader first.
    pub replica_nodes: I32Array,
    /// Those of them that have all that was acknowledged.
    pub isr_nodes: I32Array,
    /// Those of them that cannot be reached or whose disk failed. v5+.
    pub offline_replicas: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for MetadataResponsePartition {
    const DEFAULT: Self = Self {
        error_code: ErrorCode::NONE,
        partition_index: 0,
        leader_id: 0,
        leader_epoch: -1,
        replica_nodes: I32Array::new(),
        isr_nodes: I32Array::new(),
        offline_replicas: I32Array::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.error_code = r.error_code("error_code")?;
        self.partition_index = r.i32("partition_index")?;
        self.leader_id = r.i32("leader_id")?;
        self.leader_epoch = match version {
            7.. => r.i32("leader_epoch")?,
            _ => -1,
        };
        r.fill_i32_array("replica_nodes", &mut self.replica_nodes)?;
        r.fill_i32_array("isr_nodes", &mut self.isr_nodes)?;
        if version >= 5 {
            r.fill_i32_array("offline_replicas", &mut self.offline_replicas)?;
        }
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl MetadataResponsePartition {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(10; self.error_code.0, self.partition_index, self.leader_id));
        if version >= 7 {
            s.i32(self.leader_epoch);
        }
        s.i32_array("replica_nodes", &self.replica_nodes)?;
        s.i32_array("isr_nodes", &self.isr_nodes)?;
        if version >= 5 {
            s.i32_array("offline_replicas", &self.offline_replicas)?;
        }
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    MetadataResponsePartition {
        with_error_code(error_code: ErrorCode);
        with_partition_index(partition_index: i32);
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
        with_replica_nodes(replica_nodes: impl Into<I32Array>);
        with_isr_nodes(isr_nodes: impl Into<I32Array>);
        with_offline_replicas(offline_replicas: impl Into<I32Array>);
    }
}
