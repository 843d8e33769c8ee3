// Generated from schema/add_partitions_to_txn.txt by `cargo xtask codegen`: change that file and run it again.
//! `AddPartitionsToTxn` (API key 24): adds partitions to a transaction before anything is written to
//! them.
//!
//! Clients ask up to v3, brokers from v4 on, for several transactions at once (KIP-890). v2 may answer
//! `PRODUCER_FENCED`; v3 is the first flexible version; v5 may answer `TRANSACTION_ABORTABLE`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Partitions to add to one transaction or, from v4, several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnRequest {
    /// The transactions, each with its partitions. v4+.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// Name of the transactional producer. Until v3.
    pub v3_and_below_transactional_id: Str,
    /// Id of the producer. Until v3.
    pub v3_and_below_producer_id: i64,
    /// Epoch of the producer. Until v3.
    pub v3_and_below_producer_epoch: i16,
    /// The topics, each with its partitions. Until v3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AddPartitionsToTxnRequest {
    const API_KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AddPartitionsToTxnRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddPartitionsToTxnRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactions: match r.version {
                4.. => r.array("transactions", AddPartitionsToTxnTransaction::read),
                _ => Vec::new(),
            },
            v3_and_below_transactional_id: match r.version {
                ..=3 => r.string("v3_and_below_transactional_id"),
                _ => Str::EMPTY,
            },
            v3_and_below_producer_id: match r.version {
                ..=3 => r.i64("v3_and_below_producer_id"),
                _ => 0,
            },
            v3_and_below_producer_epoch: match r.version {
                ..=3 => r.i16("v3_and_below_producer_epoch"),
                _ => 0,
            },
            v3_and_below_topics: match r.version {
                ..=3 => r.array("v3_and_below_topics", AddPartitionsToTxnTopic::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        if s.version >= 4 {
            s.array("transactions", &self.transactions, AddPartitionsToTxnTransaction::write);
        } else if !self.transactions.is_empty() {
            s.not_in_version("transactions");
        }
        if s.version <= 3 {
            s.string("v3_and_below_transactional_id", &self.v3_and_below_transactional_id);
        } else if !self.v3_and_below_transactional_id.is_empty() {
            s.not_in_version("v3_and_below_transactional_id");
        }
        if s.version <= 3 {
            s.i64(self.v3_and_below_producer_id);
        } else if self.v3_and_below_producer_id != 0 {
            s.not_in_version("v3_and_below_producer_id");
        }
        if s.version <= 3 {
            s.i16(self.v3_and_below_producer_epoch);
        } else if self.v3_and_below_producer_epoch != 0 {
            s.not_in_version("v3_and_below_producer_epoch");
        }
        if s.version <= 3 {
            s.array("v3_and_below_topics", &self.v3_and_below_topics, AddPartitionsToTxnTopic::write);
        } else if !self.v3_and_below_topics.is_empty() {
            s.not_in_version("v3_and_below_topics");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for AddPartitionsToTxnRequest {
    type Response = AddPartitionsToTxnResponse;
}

setters! {
    AddPartitionsToTxnRequest {
        with_transactions(transactions: Vec<AddPartitionsToTxnTransaction>);
        with_v3_and_below_transactional_id(v3_and_below_transactional_id: impl Into<Str>);
        with_v3_and_below_producer_id(v3_and_below_producer_id: i64);
        with_v3_and_below_producer_epoch(v3_and_below_producer_epoch: i16);
        with_v3_and_below_topics(v3_and_below_topics: Vec<AddPartitionsToTxnTopic>);
    }
}

/// Partitions to add to one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnTransaction {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Whether only to check that the partitions are in the transaction already.
    pub verify_only: bool,
    /// The topics, each with its partitions.
    pub topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AddPartitionsToTxnTransaction {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            verify_only: r.bool("verify_only"),
            topics: r.array("topics", AddPartitionsToTxnTopic::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.bool(self.verify_only);
        s.array("topics", &self.topics, AddPartitionsToTxnTopic::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnTransaction {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_verify_only(verify_only: bool);
        with_topics(topics: Vec<AddPartitionsToTxnTopic>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnTopic {
    /// Name of the topic.
    pub name: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AddPartitionsToTxnTopic {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { name: r.string("name"), partitions: r.i32_array("partitions"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.i32_array("partitions", &self.partitions);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnTopic {
        with_name(name: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}

/// What became of each partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did. v4+.
    pub error_code: ErrorCode,
    /// The transactions of the request. v4+.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// The topics of the request. Until v3.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AddPartitionsToTxnResponse {
    const API_KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AddPartitionsToTxnResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddPartitionsToTxnResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: match r.version {
                4.. => r.error_code("error_code"),
                _ => ErrorCode::NONE,
            },
            results_by_transaction: match r.version {
                4.. => r.array("results_by_transaction", AddPartitionsToTxnResult::read),
                _ => Vec::new(),
            },
            results_by_topic_v3_and_below: match r.version {
                ..=3 => r.array("results_by_topic_v3_and_below", AddPartitionsToTxnTopicResult::read),
                _ => Vec::new(),
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        if s.version >= 4 {
            s.error_code(self.error_code);
        }
        if s.version >= 4 {
            s.array("results_by_transaction", &self.results_by_transaction, AddPartitionsToTxnResult::write);
        } else if !self.results_by_transaction.is_empty() {
            s.not_in_version("results_by_transaction");
        }
        if s.version <= 3 {
            s.array(
                "results_by_topic_v3_and_below",
                &self.results_by_topic_v3_and_below,
                AddPartitionsToTxnTopicResult::write,
            );
        } else if !self.results_by_topic_v3_and_below.is_empty() {
            s.not_in_version("results_by_topic_v3_and_below");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_results_by_transaction(results_by_transaction: Vec<AddPartitionsToTxnResult>);
        with_results_by_topic_v3_and_below(results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>);
    }
}

/// What became of the partitions of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnResult {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// The topics of the transaction.
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AddPartitionsToTxnResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            topic_results: r.array("topic_results", AddPartitionsToTxnTopicResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.array("topic_results", &self.topic_results, AddPartitionsToTxnTopicResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnResult {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_topic_results(topic_results: Vec<AddPartitionsToTxnTopicResult>);
    }
}

/// What became of the partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnTopicResult {
    /// Name of the topic.
    pub name: Str,
    /// The partitions of the topic.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AddPartitionsToTxnTopicResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            name: r.string("name"),
            results_by_partition: r.array("results_by_partition", AddPartitionsToTxnPartitionResult::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("name", &self.name);
        s.array("results_by_partition", &self.results_by_partition, AddPartitionsToTxnPartitionResult::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnTopicResult {
        with_name(name: impl Into<Str>);
        with_results_by_partition(results_by_partition: Vec<AddPartitionsToTxnPartitionResult>);
    }
}

/// What became of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddPartitionsToTxnPartitionResult {
    /// Number of the partition in its topic, from 0.
    pub partition_index: i32,
    /// What went wrong; `NONE` if nothing did.
    pub partition_error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl AddPartitionsToTxnPartitionResult {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            partition_index: r.i32("partition_index"),
            partition_error_code: r.error_code("partition_error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.partition_index);
        s.error_code(self.partition_error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddPartitionsToTxnPartitionResult {
        with_partition_index(partition_index: i32);
        with_partition_error_code(partition_error_code: ErrorCode);
    }
}
