// Generated from schema/end_txn.txt by `cargo xtask codegen`: change that file and run it again.
//! `EndTxn` (API key 26): commits or aborts a transaction.
//!
//! v2 may answer `PRODUCER_FENCED`; v3 is the first flexible version; v4 may answer
//! `TRANSACTION_ABORTABLE`; v5 gives the producer a new epoch for its next transaction (KIP-890).

use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// How the transaction ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndTxnRequest {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Whether it commits; otherwise it aborts.
    pub committed: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for EndTxnRequest {
    const API_KEY: ApiKey = ApiKey::EndTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for EndTxnRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl EndTxnRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            committed: r.bool("committed"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.bool(self.committed);
        s.tags(&self.unknown_tags);
    }
}

impl Request for EndTxnRequest {
    type Response = EndTxnResponse;
}

setters! {
    EndTxnRequest {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_committed(committed: bool);
    }
}

/// Whether it ended, and with what the producer goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndTxnResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Id of the producer; -1 if it has none. v5+. Default `-1`.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over. v5+. Default `-1`.
    pub producer_epoch: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for EndTxnResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            producer_id: -1,
            producer_epoch: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for EndTxnResponse {
    const API_KEY: ApiKey = ApiKey::EndTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for EndTxnResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl EndTxnResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            producer_id: match r.version {
                5.. => r.i64("producer_id"),
                _ => -1,
            },
            producer_epoch: match r.version {
                5.. => r.i16("producer_epoch"),
                _ => -1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        if s.version >= 5 {
            s.i64(self.producer_id);
        }
        if s.version >= 5 {
            s.i16(self.producer_epoch);
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    EndTxnResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
    }
}
