// Generated from schema/list_transactions.txt by `cargo xtask codegen`: change that file and run it again.
//! `ListTransactions` (API key 66): the transactions that a broker coordinates (KIP-664).
//!
//! Flexible from the first version. v1 asks for those that go on for long (KIP-994); v2 for
//! transactional ids that match a pattern (KIP-1152).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for all transactions, or those that match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListTransactionsRequest {
    /// Only transactions in these states; empty for any.
    pub state_filters: Vec<Str>,
    /// Only transactions of producers with these ids; empty for any.
    pub producer_id_filters: Vec<i64>,
    /// Only transactions that go on for longer than this, in milliseconds; -1 for any. v1+. Default `-1`.
    pub duration_filter: i64,
    /// Only transactional ids that match this regular expression; null or empty for any. v2+.
    pub transactional_id_pattern: Option<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for ListTransactionsRequest {
    const API_KEY: ApiKey = ApiKey::ListTransactions;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for ListTransactionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListTransactionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            state_filters: r.array("state_filters", |r| r.string("state_filters")),
            producer_id_filters: r.array("producer_id_filters", |r| r.i64("producer_id_filters")),
            duration_filter: match r.version {
                1.. => r.i64("duration_filter"),
                _ => -1,
            },
            transactional_id_pattern: match r.version {
                2.. => r.nullable_string("transactional_id_pattern"),
                _ => None,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.array("state_filters", &self.state_filters, |value, s| s.string("state_filters", value));
        s.array("producer_id_filters", &self.producer_id_filters, |value, s| s.i64(*value));
        if s.version >= 1 {
            s.i64(self.duration_filter);
        } else if self.duration_filter != -1 {
            s.not_in_version("duration_filter");
        }
        if s.version >= 2 {
            s.nullable_string("transactional_id_pattern", self.transactional_id_pattern.as_ref());
        } else if self.transactional_id_pattern.is_some() {
            s.not_in_version("transactional_id_pattern");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for ListTransactionsRequest {
    type Response = ListTransactionsResponse;
}

setters! {
    ListTransactionsRequest {
        with_state_filters(state_filters: Vec<Str>);
        with_producer_id_filters(producer_id_filters: Vec<i64>);
        with_duration_filter(duration_filter: i64);
        with_transactional_id_pattern(transactional_id_pattern: Option<Str>);
    }
}

/// The transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListTransactionsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// States of the request that there are not.
    pub unknown_state_filters: Vec<Str>,
    /// The transactions that match.
    pub transaction_states: Vec<TransactionState>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for ListTransactionsResponse {
    const API_KEY: ApiKey = ApiKey::ListTransactions;
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for ListTransactionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl ListTransactionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            unknown_state_filters: r.array("unknown_state_filters", |r| r.string("unknown_state_filters")),
            transaction_states: r.array("transaction_states", TransactionState::read),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.array("unknown_state_filters", &self.unknown_state_filters, |value, s| {
            s.string("unknown_state_filters", value)
        });
        s.array("transaction_states", &self.transaction_states, TransactionState::write);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    ListTransactionsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_unknown_state_filters(unknown_state_filters: Vec<Str>);
        with_transaction_states(transaction_states: Vec<TransactionState>);
    }
}

/// One transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionState {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// State of the transaction, such as `Ongoing` or `CompleteCommit`.
    pub transaction_state: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl TransactionState {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            producer_id: r.i64("producer_id"),
            transaction_state: r.string("transaction_state"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.i64(self.producer_id);
        s.string("transaction_state", &self.transaction_state);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    TransactionState {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_producer_id(producer_id: i64);
        with_transaction_state(transaction_state: impl Into<Str>);
    }
}
