// Generated from schema/describe_transactions.txt by `cargo xtask codegen`: change that file and run it again.
//! `DescribeTransactions` (API key 65): transactions, by their transactional ids (KIP-664).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{
    DecodeError, EncodeError, I32Array, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields,
};

/// Asks for some transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTransactionsRequest {
    /// The transactional ids; none are described if it is empty.
    pub transactional_ids: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeTransactionsRequest {
    const API_KEY: ApiKey = ApiKey::DescribeTransactions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for DescribeTransactionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeTransactionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_ids: r.array("transactional_ids", |r| r.string("transactional_ids")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("transactional_ids", &self.transactional_ids, |value, s| {
            s.string("transactional_ids", value)
        });
        s.tags(&self.unknown_tags);
    }
}

impl Request for DescribeTransactionsRequest {
    type Response = DescribeTransactionsResponse;
}

setters! {
    DescribeTransactionsRequest {
        with_transactional_ids(transactional_ids: Vec<Str>);
    }
}

/// The transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeTransactionsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// The transactional ids of the request.
    pub transaction_states: Vec<TransactionState>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for DescribeTransactionsResponse {
    const API_KEY: ApiKey = ApiKey::DescribeTransactions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for DescribeTransactionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl DescribeTransactionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            transaction_states: r.array("transaction_states", TransactionState::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.array("transaction_states", &self.transaction_states, TransactionState::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    DescribeTransactionsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_transaction_states(transaction_states: Vec<TransactionState>);
    }
}

/// The transaction of one transactional id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionState {
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// State of the transaction, such as `Ongoing` or `CompleteCommit`.
    pub transaction_state: Str,
    /// After how long the coordinator aborts an idle transaction, in milliseconds.
    pub transaction_timeout_ms: i32,
    /// When it began, in Unix milliseconds; -1 if none is open.
    pub transaction_start_time_ms: i64,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// The topics with partitions that are in the transaction and have not learnt of its end.
    pub topics: Vec<TopicData>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TransactionState {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            error_code: r.error_code("error_code"),
            transactional_id: r.string("transactional_id"),
            transaction_state: r.string("transaction_state"),
            transaction_timeout_ms: r.i32("transaction_timeout_ms"),
            transaction_start_time_ms: r.i64("transaction_start_time_ms"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            topics: r.array("topics", TopicData::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.error_code(self.error_code);
        s.string("transactional_id", &self.transactional_id);
        s.string("transaction_state", &self.transaction_state);
        s.i32(self.transaction_timeout_ms);
        s.i64(self.transaction_start_time_ms);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.array("topics", &self.topics, TopicData::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TransactionState {
        with_error_code(error_code: ErrorCode);
        with_transactional_id(transactional_id: impl Into<Str>);
        with_transaction_state(transaction_state: impl Into<Str>);
        with_transaction_timeout_ms(transaction_timeout_ms: i32);
        with_transaction_start_time_ms(transaction_start_time_ms: i64);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_topics(topics: Vec<TopicData>);
    }
}

/// Partitions of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicData {
    /// Name of the topic.
    pub topic: Str,
    /// Numbers of the partitions.
    pub partitions: I32Array,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TopicData {
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
    TopicData {
        with_topic(topic: impl Into<Str>);
        with_partitions(partitions: impl Into<I32Array>);
    }
}
