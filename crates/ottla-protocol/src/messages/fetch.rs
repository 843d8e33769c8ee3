// Generated from schema/fetch.txt by `cargo xtask codegen`: change that file and run it again.
//! `Fetch` (API key 1): reads record batches from partitions.
//!
//! v4 is the oldest version left; v5 adds log start offsets; v7 adds fetch sessions (KIP-227); v9 adds
//! leader epochs (KIP-320); v10 allows zstd (KIP-110); v11 lets a consumer read from a near replica
//! (KIP-392); v12 is the first flexible version and detects truncation (KIP-595); v13 names topics by
//! id (KIP-516); v14 knows tiered storage (KIP-405); v15 moves the replica id into a tagged field
//! (KIP-903); v16 tells of new leaders (KIP-951); v17 and v18 add what replicas of a quorum tell each
//! other (KIP-853, KIP-1166).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Fill, Message, Request, big_endian, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, NoFile, Reader, Records, Sink, Str, TaggedFields, Uuid,
};

/// Asks for records of some partitions, or for what is new in a fetch session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchRequest {
    /// Id of the cluster, if the sender knows it; checked between the nodes of a quorum. v12+.
    pub cluster_id: Option<Str>,
    /// Node id of a follower; -1 for a consumer. Until v14. Default `-1`.
    pub replica_id: i32,
    /// Who the follower is; left at its default by a consumer. v15+.
    pub replica_state: ReplicaState,
    /// How long the broker may wait for `min_bytes` to be there, in milliseconds.
    pub max_wait_ms: i32,
    /// How many bytes of records the broker waits for.
    pub min_bytes: i32,
    /// How many bytes of records the answer may hold; the first batch comes whole even if it is larger
    /// (KIP-74). Default `i32::MAX`.
    pub max_bytes: i32,
    /// 0 to see all records (`READ_UNCOMMITTED`), 1 to see only those of no or a committed transaction
    /// (`READ_COMMITTED`).
    pub isolation_level: i8,
    /// Fetch session that this request continues; 0 for none (KIP-227). v7+.
    pub session_id: i32,
    /// Number of this request in its session: 0 opens one, -1 goes without one or ends it. v7+. Default
    /// `-1`.
    pub session_epoch: i32,
    /// Partitions to read, or to add to the session, in the order in which they are served.
    pub topics: Vec<FetchTopic>,
    /// Partitions that leave the session. v7+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Rack of the consumer, by which the broker may name a nearer replica (KIP-392). v11+.
    pub rack_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: Str::EMPTY,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for FetchRequest {
    const API_KEY: ApiKey = ApiKey::Fetch;
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut message = Self {
            replica_id: match version {
                ..=14 => r.i32("replica_id")?,
                _ => -1,
            },
            max_wait_ms: r.i32("max_wait_ms")?,
            min_bytes: r.i32("min_bytes")?,
            max_bytes: r.i32("max_bytes")?,
            isolation_level: r.i8("isolation_level")?,
            session_id: match version {
                7.. => r.i32("session_id")?,
                _ => 0,
            },
            session_epoch: match version {
                7.. => r.i32("session_epoch")?,
                _ => -1,
            },
            topics: r.structs("topics", version)?,
            forgotten_topics_data: match version {
                7.. => r.structs("forgotten_topics_data", version)?,
                _ => Vec::new(),
            },
            rack_id: match version {
                11.. => r.string("rack_id")?,
                _ => Str::EMPTY,
            },
            cluster_id: None,
            replica_state: ReplicaState::default(),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 12 => message.cluster_id = r.nullable_string("cluster_id")?,
                1 if version >= 15 => {
                    message.replica_state = {
                        let mut value = ReplicaState::default();
                        value.fill(r, version)?;
                        value
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(message)
    }
}

impl<F> Encode<F> for FetchRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        if version <= 14 {
            s.i32(self.replica_id);
        } else if self.replica_id != -1 {
            return Err(EncodeError::NotInVersion { field: "replica_id", version });
        }
        s.put(big_endian!(13; self.max_wait_ms, self.min_bytes, self.max_bytes, self.isolation_level));
        if version >= 7 {
            s.i32(self.session_id);
        }
        if version >= 7 {
            s.i32(self.session_epoch);
        }
        s.array("topics", &self.topics, |s, value| value.encode(s, version))?;
        if version >= 7 {
            s.array("forgotten_topics_data", &self.forgotten_topics_data, |s, value| {
                value.encode(s, version)
            })?;
        } else if !self.forgotten_topics_data.is_empty() {
            return Err(EncodeError::NotInVersion { field: "forgotten_topics_data", version });
        }
        if version >= 11 {
            s.string("rack_id", &self.rack_id)?;
        }
        let mut known = TaggedFields::new();
        if version >= 12 && self.cluster_id.is_some() {
            known.push_known(0, |s| s.nullable_string("cluster_id", self.cluster_id.as_ref()))?;
        }
        if self.replica_state != ReplicaState::default() {
            if version < 15 {
                return Err(EncodeError::NotInVersion { field: "replica_state", version });
            }
            known.push_known(1, |s| self.replica_state.encode(s, version))?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

impl Request for FetchRequest {
    type Response = FetchResponse;
}

setters! {
    FetchRequest {
        with_cluster_id(cluster_id: Option<Str>);
        with_replica_id(replica_id: i32);
        with_replica_state(replica_state: ReplicaState);
        with_max_wait_ms(max_wait_ms: i32);
        with_min_bytes(min_bytes: i32);
        with_max_bytes(max_bytes: i32);
        with_isolation_level(isolation_level: i8);
        with_session_id(session_id: i32);
        with_session_epoch(session_epoch: i32);
        with_topics(topics: Vec<FetchTopic>);
        with_forgotten_topics_data(forgotten_topics_data: Vec<ForgottenTopic>);
        with_rack_id(rack_id: impl Into<Str>);
    }
}

/// A follower, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplicaState {
    /// Node id of the follower; -1 for a consumer. Default `-1`.
    pub replica_id: i32,
    /// Epoch of the follower's registration; -1 if it is not known. Default `-1`.
    pub replica_epoch: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for ReplicaState {
    const DEFAULT: Self = Self { replica_id: -1, replica_epoch: -1, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.replica_id = r.i32("replica_id")?;
        self.replica_epoch = r.i64("replica_epoch")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl ReplicaState {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(12; self.replica_id, self.replica_epoch));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    ReplicaState {
        with_replica_id(replica_id: i32);
        with_replica_epoch(replica_epoch: i64);
    }
}

/// Partitions of one topic to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchTopic {
    /// Name of the topic. Until v12.
    pub topic: Str,
    /// Id of the topic. v13+.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<FetchPartition>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FetchTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for FetchTopic {
    const DEFAULT: Self = Self {
        topic: Str::EMPTY,
        topic_id: Uuid::ZERO,
        partitions: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic = match version {
            ..=12 => r.string("topic")?,
            _ => Str::EMPTY,
        };
        self.topic_id = match version {
            13.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.partitions = r.structs("partitions", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl FetchTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version <= 12 {
            s.string("topic", &self.topic)?;
        }
        if version >= 13 {
            s.uuid(self.topic_id);
        }
        s.array("partitions", &self.partitions, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    FetchTopic {
        with_topic(topic: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<FetchPartition>);
    }
}

/// One partition to read, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPartition {
    /// Number of the partition in its topic, from 0.
    pub partition: i32,
    /// Epoch of the leader as the client knows it; a broker at another epoch refuses the request. -1 skips
    /// the check. v9+. Default `-1`.
    pub current_leader_epoch: i32,
    /// Offset of the first record to read.
    pub fetch_offset: i64,
    /// Epoch of the last record that the reader has; -1 skips the check for a truncated log. v12+. Default
    /// `-1`.
    pub last_fetched_epoch: i32,
    /// First offset that the follower holds; -1 from a consumer. v5+. Default `-1`.
    pub log_start_offset: i64,
    /// How many bytes of records of this partition the answer may hold; the first batch of all comes whole
    /// (KIP-74).
    pub partition_max_bytes: i32,
    /// Id of the folder in which the follower keeps the partition (KIP-853). v17+.
    pub replica_directory_id: Uuid,
    /// High watermark that the follower knows; -1 if it knows none, and the default from one that does not
    /// tell (KIP-1166). v18+. Default `i64::MAX`.
    pub high_watermark: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for FetchPartition {
    const DEFAULT: Self = Self {
        partition: 0,
        current_leader_epoch: -1,
        fetch_offset: 0,
        last_fetched_epoch: -1,
        log_start_offset: -1,
        partition_max_bytes: 0,
        replica_directory_id: Uuid::ZERO,
        high_watermark: i64::MAX,
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.partition = r.i32("partition")?;
        self.current_leader_epoch = match version {
            9.. => r.i32("current_leader_epoch")?,
            _ => -1,
        };
        self.fetch_offset = r.i64("fetch_offset")?;
        self.last_fetched_epoch = match version {
            12.. => r.i32("last_fetched_epoch")?,
            _ => -1,
        };
        self.log_start_offset = match version {
            5.. => r.i64("log_start_offset")?,
            _ => -1,
        };
        self.partition_max_bytes = r.i32("partition_max_bytes")?;
        self.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 17 => self.replica_directory_id = r.uuid("replica_directory_id")?,
                1 if version >= 18 => self.high_watermark = r.i64("high_watermark")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(())
    }
}

impl FetchPartition {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.partition);
        if version >= 9 {
            s.i32(self.current_leader_epoch);
        }
        s.i64(self.fetch_offset);
        if version >= 12 {
            s.i32(self.last_fetched_epoch);
        } else if self.last_fetched_epoch != -1 {
            return Err(EncodeError::NotInVersion { field: "last_fetched_epoch", version });
        }
        if version >= 5 {
            s.i64(self.log_start_offset);
        }
        s.i32(self.partition_max_bytes);
        let mut known = TaggedFields::new();
        if version >= 17 && self.replica_directory_id != Uuid::ZERO {
            known.push_known(0, |s| {
                s.uuid(self.replica_directory_id);
                Ok(())
            })?;
        }
        if version >= 18 && self.high_watermark != i64::MAX {
            known.push_known(1, |s| {
                s.i64(self.high_watermark);
                Ok(())
            })?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

setters! {
    FetchPartition {
        with_partition(partition: i32);
        with_current_leader_epoch(current_leader_epoch: i32);
        with_fetch_offset(fetch_offset: i64);
        with_last_fetched_epoch(last_fetched_epoch: i32);
        with_log_start_offset(log_start_offset: i64);
        with_partition_max_bytes(partition_max_bytes: i32);
        with_replica_directory_id(replica_directory_id: Uuid);
        with_high_watermark(high_watermark: i64);
    }
}

/// Partitions of one topic that leave the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgottenTopic {
    /// Name of the topic. Until v12.
    pub topic: Str,
    /// Id of the topic. v13+.
    pub topic_id: Uuid,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ForgottenTopic {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for ForgottenTopic {
    const DEFAULT: Self = Self {
        topic: Str::EMPTY,
        topic_id: Uuid::ZERO,
        partitions: I32Array::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic = match version {
            ..=12 => r.string("topic")?,
            _ => Str::EMPTY,
        };
        self.topic_id = match version {
            13.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        r.fill_i32_array("partitions", &mut self.partitions)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl ForgottenTopic {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version <= 12 {
            s.string("topic", &self.topic)?;
        }
        if version >= 13 {
            s.uuid(self.topic_id);
        }
        s.i32_array("partitions", &self.partitions)?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    ForgottenTopic {
        with_topic(topic: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// Records of the partitions that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchResponse<F = NoFile> {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong with the request as a whole, such as its session. v7+.
    pub error_code: ErrorCode,
    /// Fetch session that was opened or continued; 0 for none. v7+.
    pub session_id: i32,
    /// The topics; in a session only those with something to tell.
    pub responses: Vec<FetchableTopicResponse<F>>,
    /// Where the leaders that are named in this response are reached (KIP-951). v16+.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for FetchResponse<F> {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            session_id: 0,
            responses: Vec::new(),
            node_endpoints: Vec::new(),
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl<F> Message for FetchResponse<F> {
    const API_KEY: ApiKey = ApiKey::Fetch;
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        let mut message = Self {
            throttle_time_ms: r.i32("throttle_time_ms")?,
            error_code: match version {
                7.. => r.error_code("error_code")?,
                _ => ErrorCode::NONE,
            },
            session_id: match version {
                7.. => r.i32("session_id")?,
                _ => 0,
            },
            responses: r.structs("responses", version)?,
            node_endpoints: Vec::new(),
            unknown_tags: TaggedFields::new(),
        };
        message.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 16 => message.node_endpoints = r.structs("node_endpoints", version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(message)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for FetchResponse<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.i32(self.throttle_time_ms);
        if version >= 7 {
            s.error_code(self.error_code);
        }
        if version >= 7 {
            s.i32(self.session_id);
        } else if self.session_id != 0 {
            return Err(EncodeError::NotInVersion { field: "session_id", version });
        }
        s.array("responses", &self.responses, |s, value| value.encode(s, version))?;
        let mut known = TaggedFields::new();
        if !self.node_endpoints.is_empty() {
            if version < 16 {
                return Err(EncodeError::NotInVersion { field: "node_endpoints", version });
            }
            known.push_known(0, |s| {
                s.array("node_endpoints", &self.node_endpoints, |s, value| value.encode(s, version))
            })?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

setters! {
    FetchResponse<F> {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_session_id(session_id: i32);
        with_responses(responses: Vec<FetchableTopicResponse<F>>);
        with_node_endpoints(node_endpoints: Vec<NodeEndpoint>);
    }
}

/// Records of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchableTopicResponse<F = NoFile> {
    /// Name of the topic. Until v12.
    pub topic: Str,
    /// Id of the topic. v13+.
    pub topic_id: Uuid,
    /// The partitions of the topic.
    pub partitions: Vec<PartitionData<F>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for FetchableTopicResponse<F> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<F> Fill for FetchableTopicResponse<F> {
    const DEFAULT: Self = Self {
        topic: Str::EMPTY,
        topic_id: Uuid::ZERO,
        partitions: Vec::new(),
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.topic = match version {
            ..=12 => r.string("topic")?,
            _ => Str::EMPTY,
        };
        self.topic_id = match version {
            13.. => r.uuid("topic_id")?,
            _ => Uuid::ZERO,
        };
        self.partitions = r.structs("partitions", version)?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl<F> FetchableTopicResponse<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        if version <= 12 {
            s.string("topic", &self.topic)?;
        }
        if version >= 13 {
            s.uuid(self.topic_id);
        }
        s.array("partitions", &self.partitions, |s, value| value.encode(s, version))?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    FetchableTopicResponse<F> {
        with_topic(topic: impl Into<Str>);
        with_topic_id(topic_id: Uuid);
        with_partitions(partitions: Vec<PartitionData<F>>);
    }
}

/// Records of one partition, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionData<F = NoFile> {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Offset after the last record that consumers may see.
    pub high_watermark: i64,
    /// Offset before which every transaction has ended, so that a `READ_COMMITTED` consumer reads up to it;
    /// -1 if it is not known. Default `-1`.
    pub last_stable_offset: i64,
    /// First offset that the partition still holds; -1 if it is not known. v5+. Default `-1`.
    pub log_start_offset: i64,
    /// Where the reader's log and the leader's part ways; the reader cuts its log there. v12+.
    pub diverging_epoch: EpochEndOffset,
    /// Who leads the partition now, so that the client need not ask (KIP-951). v12+.
    pub current_leader: LeaderIdAndEpoch,
    /// Snapshot to load instead, because the log no longer goes back so far; only in a quorum. v12+.
    pub snapshot_id: SnapshotId,
    /// Aborted transactions that reach into these records, for `READ_COMMITTED` consumers to skip; null for
    /// others.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// Nearer replica that the consumer should read from next; -1 for none (KIP-392). v11+. Default `-1`.
    pub preferred_read_replica: i32,
    /// The batches, the last of which may be cut off.
    pub records: Option<Records<F>>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl<F> Default for PartitionData<F> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<F> Fill for PartitionData<F> {
    const DEFAULT: Self = Self {
        partition_index: 0,
        error_code: ErrorCode::NONE,
        high_watermark: 0,
        last_stable_offset: -1,
        log_start_offset: -1,
        diverging_epoch: EpochEndOffset::DEFAULT,
        current_leader: LeaderIdAndEpoch::DEFAULT,
        snapshot_id: SnapshotId::DEFAULT,
        aborted_transactions: Some(Vec::new()),
        preferred_read_replica: -1,
        records: None,
        unknown_tags: TaggedFields::new(),
    };

    fn fill(&mut self, r: &mut Reader<'_>, version: i16) -> Result<(), DecodeError> {
        self.partition_index = r.i32("partition_index")?;
        self.error_code = r.error_code("error_code")?;
        self.high_watermark = r.i64("high_watermark")?;
        self.last_stable_offset = r.i64("last_stable_offset")?;
        self.log_start_offset = match version {
            5.. => r.i64("log_start_offset")?,
            _ => -1,
        };
        self.aborted_transactions = r.nullable_structs("aborted_transactions", version)?;
        self.preferred_read_replica = match version {
            11.. => r.i32("preferred_read_replica")?,
            _ => -1,
        };
        self.records = r.nullable_records("records")?;
        self.unknown_tags = r.known_tags(|r, tag| {
            match tag {
                0 if version >= 12 => {
                    self.diverging_epoch = {
                        let mut value = EpochEndOffset::default();
                        value.fill(r, version)?;
                        value
                    }
                }
                1 if version >= 12 => {
                    self.current_leader = {
                        let mut value = LeaderIdAndEpoch::default();
                        value.fill(r, version)?;
                        value
                    }
                }
                2 if version >= 12 => {
                    self.snapshot_id = {
                        let mut value = SnapshotId::default();
                        value.fill(r, version)?;
                        value
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(())
    }
}

impl<F> PartitionData<F> {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(22; self.partition_index, self.error_code.0, self.high_watermark, self.last_stable_offset));
        if version >= 5 {
            s.i64(self.log_start_offset);
        }
        s.nullable_array("aborted_transactions", self.aborted_transactions.as_deref(), |s, value| {
            value.encode(s, version)
        })?;
        if version >= 11 {
            s.i32(self.preferred_read_replica);
        } else if self.preferred_read_replica != -1 {
            return Err(EncodeError::NotInVersion { field: "preferred_read_replica", version });
        }
        s.nullable_records("records", self.records.as_ref())?;
        let mut known = TaggedFields::new();
        if self.diverging_epoch != EpochEndOffset::default() {
            if version < 12 {
                return Err(EncodeError::NotInVersion { field: "diverging_epoch", version });
            }
            known.push_known(0, |s| self.diverging_epoch.encode(s, version))?;
        }
        if self.current_leader != LeaderIdAndEpoch::default() {
            if version < 12 {
                return Err(EncodeError::NotInVersion { field: "current_leader", version });
            }
            known.push_known(1, |s| self.current_leader.encode(s, version))?;
        }
        if self.snapshot_id != SnapshotId::default() {
            if version < 12 {
                return Err(EncodeError::NotInVersion { field: "snapshot_id", version });
            }
            known.push_known(2, |s| self.snapshot_id.encode(s, version))?;
        }
        s.known_tags(&known, &self.unknown_tags, version)
    }
}

setters! {
    PartitionData<F> {
        with_partition_index(partition_index: i32);
        with_error_code(error_code: ErrorCode);
        with_high_watermark(high_watermark: i64);
        with_last_stable_offset(last_stable_offset: i64);
        with_log_start_offset(log_start_offset: i64);
        with_diverging_epoch(diverging_epoch: EpochEndOffset);
        with_current_leader(current_leader: LeaderIdAndEpoch);
        with_snapshot_id(snapshot_id: SnapshotId);
        with_aborted_transactions(aborted_transactions: Option<Vec<AbortedTransaction>>);
        with_preferred_read_replica(preferred_read_replica: i32);
        with_records(records: Option<Records<F>>);
    }
}

/// An epoch, and where its records end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EpochEndOffset {
    /// Largest epoch that both logs can share. Default `-1`.
    pub epoch: i32,
    /// Offset after the last record of that epoch. Default `-1`.
    pub end_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for EpochEndOffset {
    const DEFAULT: Self = Self { epoch: -1, end_offset: -1, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.epoch = r.i32("epoch")?;
        self.end_offset = r.i64("end_offset")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl EpochEndOffset {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(12; self.epoch, self.end_offset));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    EpochEndOffset {
        with_epoch(epoch: i32);
        with_end_offset(end_offset: i64);
    }
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaderIdAndEpoch {
    /// Node that leads the partition; -1 if none does or it is not known. Default `-1`.
    pub leader_id: i32,
    /// Number of the leadership, which grows with each new leader; -1 if it is not known. Default `-1`.
    pub leader_epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for LeaderIdAndEpoch {
    const DEFAULT: Self = Self { leader_id: -1, leader_epoch: -1, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.leader_id = r.i32("leader_id")?;
        self.leader_epoch = r.i32("leader_epoch")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl LeaderIdAndEpoch {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(8; self.leader_id, self.leader_epoch));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    LeaderIdAndEpoch {
        with_leader_id(leader_id: i32);
        with_leader_epoch(leader_epoch: i32);
    }
}

/// Names a snapshot by what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotId {
    /// Offset after the last record in the snapshot. Default `-1`.
    pub end_offset: i64,
    /// Epoch of that record. Default `-1`.
    pub epoch: i32,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for SnapshotId {
    const DEFAULT: Self = Self { end_offset: -1, epoch: -1, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.end_offset = r.i64("end_offset")?;
        self.epoch = r.i32("epoch")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl SnapshotId {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(12; self.end_offset, self.epoch));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    SnapshotId {
        with_end_offset(end_offset: i64);
        with_epoch(epoch: i32);
    }
}

/// One aborted transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbortedTransaction {
    /// Id of its producer.
    pub producer_id: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for AbortedTransaction {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for AbortedTransaction {
    const DEFAULT: Self = Self { producer_id: 0, first_offset: 0, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.producer_id = r.i64("producer_id")?;
        self.first_offset = r.i64("first_offset")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl AbortedTransaction {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.put(big_endian!(16; self.producer_id, self.first_offset));
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    AbortedTransaction {
        with_producer_id(producer_id: i64);
        with_first_offset(first_offset: i64);
    }
}

/// Where one broker is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeEndpoint {
    /// Id of the broker.
    pub node_id: i32,
    /// Host name or address under which clients reach the broker.
    pub host: Str,
    /// Port under which clients reach the broker.
    pub port: i32,
    /// Rack or zone of the broker; null if it was given none.
    pub rack: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for NodeEndpoint {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Fill for NodeEndpoint {
    const DEFAULT: Self =
        Self { node_id: 0, host: Str::EMPTY, port: 0, rack: None, unknown_tags: TaggedFields::new() };

    fn fill(&mut self, r: &mut Reader<'_>, _version: i16) -> Result<(), DecodeError> {
        self.node_id = r.i32("node_id")?;
        self.host = r.string("host")?;
        self.port = r.i32("port")?;
        self.rack = r.nullable_string("rack")?;
        self.unknown_tags = r.tags()?;
        Ok(())
    }
}

impl NodeEndpoint {
    fn encode<F, S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        s.i32(self.node_id);
        s.string("host", &self.host)?;
        s.i32(self.port);
        s.nullable_string("rack", self.rack.as_ref())?;
        s.tags(&self.unknown_tags, version)
    }
}

setters! {
    NodeEndpoint {
        with_node_id(node_id: i32);
        with_host(host: impl Into<Str>);
        with_port(port: i32);
        with_rack(rack: Option<Str>);
    }
}
