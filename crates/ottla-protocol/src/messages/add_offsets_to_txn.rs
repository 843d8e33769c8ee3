// Generated from schema/add_offsets_to_txn.txt by `cargo xtask codegen`: change that file and run it again.
//! `AddOffsetsToTxn` (API key 25): says that a transaction will store offsets of a group.
//!
//! v2 may answer `PRODUCER_FENCED`; v3 is the first flexible version; v4 may answer
//! `TRANSACTION_ABORTABLE` (KIP-890).

use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields};

/// The group whose offsets the transaction will store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddOffsetsToTxnRequest {
    /// Name of the transactional producer.
    pub transactional_id: Str,
    /// Id of the producer; -1 if it has none.
    pub producer_id: i64,
    /// Epoch of the producer, which grows each time another instance takes over.
    pub producer_epoch: i16,
    /// Id of the group.
    pub group_id: Str,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AddOffsetsToTxnRequest {
    const API_KEY: ApiKey = ApiKey::AddOffsetsToTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for AddOffsetsToTxnRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddOffsetsToTxnRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            transactional_id: r.string("transactional_id"),
            producer_id: r.i64("producer_id"),
            producer_epoch: r.i16("producer_epoch"),
            group_id: r.string("group_id"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.string("transactional_id", &self.transactional_id);
        s.i64(self.producer_id);
        s.i16(self.producer_epoch);
        s.string("group_id", &self.group_id);
        s.tags(&self.unknown_tags);
    }
}

impl Request for AddOffsetsToTxnRequest {
    type Response = AddOffsetsToTxnResponse;
}

setters! {
    AddOffsetsToTxnRequest {
        with_transactional_id(transactional_id: impl Into<Str>);
        with_producer_id(producer_id: i64);
        with_producer_epoch(producer_epoch: i16);
        with_group_id(group_id: impl Into<Str>);
    }
}

/// Whether the transaction takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddOffsetsToTxnResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for AddOffsetsToTxnResponse {
    const API_KEY: ApiKey = ApiKey::AddOffsetsToTxn;
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for AddOffsetsToTxnResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl AddOffsetsToTxnResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.tags(&self.unknown_tags);
    }
}

setters! {
    AddOffsetsToTxnResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
    }
}
