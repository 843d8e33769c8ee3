// Generated from schema/init_producer_id.txt by `cargo xtask codegen`: change that file and run it again.
//! `InitProducerId` (API key 22): gives a producer its id and epoch.
//!
//! v2 is the first flexible version; v3 lets a producer raise its own epoch (KIP-360); v6 prepares
//! two-phase commit (KIP-939) and is not stable in Kafka 4.3.

use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// Asks for a producer id, or for a new epoch of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitProducerIdRequest {
    /// Name of the transactional producer; null for one without transactions.
    pub transactional_id: Option<Str>,
    /// After how long the coordinator aborts an idle transaction, in milliseconds; of no meaning without a
    /// transactional id.
    pub transaction_timeout_ms: i32,
    /// Id that the producer has already, to raise its epoch; -1 for a new one. v3+. Default `-1`.
    pub producer_id: i64,
    /// Epoch that the producer has; the coordinator refuses any other. -1 for a new id. v3+. Default `-1`.
    pub producer_epoch: i16,
    /// Whether transactions are decided from outside, by two-phase commit (KIP-939). v6+.
    pub enable2_pc: bool,
    /// Whether an open transaction is kept for that decision instead of being aborted. v6+.
    pub keep_prepared_txn: bool,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(Str::EMPTY),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for InitProducerIdRequest {
    const API_KEY: ApiKey = ApiKey::InitProducerId;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(2);
    const LATEST_VERSION_UNSTABLE: bool = true;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for InitProducerIdRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl InitProducerIdRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.nullable_string("transactional_id"),
            transaction_timeout_ms: r.i32("transaction_timeout_ms"),
            producer_id: match r.version {
                3.. => r.i64("producer_id"),
                _ => -1,
            },
            producer_epoch: match r.version {
                3.. => r.i16("producer_epoch"),
                _ => -1,
            },
            enable2_pc: match r.version {
                6.. => r.bool("enable2_pc"),
                _ => false,
            },
            keep_prepared_txn: match r.version {
                6.. => r.bool("keep_prepared_txn"),
                _ => false,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.nullable_string("transactional_id", self.transactional_id.as_ref());
        s.i32(self.transaction_timeout_ms);
        if s.version >= 3 {
            s.i64(self.producer_id);
        } else if self.producer_id != -1 {
            s.not_in_version("producer_id");
        }
        if s.version >= 3 {
            s.i16(self.producer_epoch);
        } else if self.producer_epoch != -1 {
            s.not_in_version("producer_epoch");
        }
        if s.version >= 6 {
            s.bool(self.enable2_pc);
        } else if self.enable2_pc {
            s.not_in_version("enable2_pc");
        }
        if s.version >= 6 {
            s.bool(self.keep_prepared_txn);
        } else if self.keep_prepared_txn {
            s.not_in_version("keep_prepared_txn");
        }
        s.tags(&self.unknown_tags);
    }
}

impl Request for InitProducerIdRequest {
    type Response = InitProducerIdResponse;
}

setters! {
    InitProducerIdRequest {
        with_transactional_id(transactional_id: Option<Str>);
        with_transaction_timeout_ms(transaction_timeout_ms: i32);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_enable2_pc(enable2_pc: bool);
        with_keep_prepared_txn(keep_prepared_txn: bool);
    }
}

/// The producer's id and epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitProducerIdResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Id of the producer; -1 if it has none. Default `-1`.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Producer id of the transaction that was kept open; -1 if there is none. v6+. Default `-1`.
    pub ongoing_txn_producer_id: i64,
    /// Producer epoch of the transaction that was kept open; -1 if there is none. v6+. Default `-1`.
    pub ongoing_txn_producer_epoch: i16,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            producer_id: -1,
            producer_epoch: 0,
            ongoing_txn_producer_id: -1,
            ongoing_txn_producer_epoch: -1,
            unknown_tags: TaggedFields::new(),
        }
    }
}

impl Message for InitProducerIdResponse {
    const API_KEY: ApiKey = ApiKey::InitProducerId;
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_FROM: Option<i16> = Some(2);
    const LATEST_VERSION_UNSTABLE: bool = true;

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for InitProducerIdResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl InitProducerIdResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            ongoing_txn_producer_id: match r.version {
                6.. => r.i64("ongoing_txn_producer_id"),
                _ => -1,
            },
            ongoing_txn_producer_epoch: match r.version {
                6.. => r.i16("ongoing_txn_producer_epoch"),
                _ => -1,
            },
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        if s.version >= 6 {
            s.i64(self.ongoing_txn_producer_id);
        } else if self.ongoing_txn_producer_id != -1 {
            s.not_in_version("ongoing_txn_producer_id");
        }
        if s.version >= 6 {
            s.i16(self.ongoing_txn_producer_epoch);
        } else if self.ongoing_txn_producer_epoch != -1 {
            s.not_in_version("ongoing_txn_producer_epoch");
        }
        s.tags(&self.unknown_tags);
    }
}

setters! {
    InitProducerIdResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_ongoing_txn_producer_id(ongoing_txn_producer_id: i64);
        with_ongoing_txn_producer_epoch(ongoing_txn_producer_epoch: i16);
    }
}
