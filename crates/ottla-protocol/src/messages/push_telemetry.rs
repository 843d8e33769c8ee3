// Generated from schema/push_telemetry.txt by `cargo xtask codegen`: change that file and run it again.
//! `PushTelemetry` (API key 72): a client delivers its metrics (KIP-714).
//!
//! There is one version, which is flexible.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, TaggedFields, Uuid};

/// Metrics of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushTelemetryRequest {
    /// Id of the client, which the broker gives it.
    pub client_instance_id: Uuid,
    /// Number of the set of metrics that is wanted, which the client repeats when it pushes them.
    pub subscription_id: i32,
    /// Whether this is the last push.
    pub terminating: bool,
    /// Codec of the metrics: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub compression_type: i8,
    /// The metrics, as OpenTelemetry's `MetricsData` in protobuf.
    pub metrics: Bytes,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for PushTelemetryRequest {
    const API_KEY: ApiKey = ApiKey::PushTelemetry;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for PushTelemetryRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl PushTelemetryRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            client_instance_id: r.uuid("client_instance_id"),
            subscription_id: r.i32("subscription_id"),
            terminating: r.bool("terminating"),
            compression_type: r.i8("compression_type"),
            metrics: r.bytes("metrics"),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.client_instance_id);
        s.i32(self.subscription_id);
        s.bool(self.terminating);
        s.i8(self.compression_type);
        s.bytes("metrics", &self.metrics);
        s.tags(&self.unknown_tags);
    }
}

impl Request for PushTelemetryRequest {
    type Response = PushTelemetryResponse;
}

setters! {
    PushTelemetryRequest {
        with_client_instance_id(client_instance_id: Uuid);
        with_subscription_id(subscription_id: i32);
        with_terminating(terminating: bool);
        with_compression_type(compression_type: i8);
        with_metrics(metrics: impl Into<Bytes>);
    }
}

/// Whether they were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushTelemetryResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for PushTelemetryResponse {
    const API_KEY: ApiKey = ApiKey::PushTelemetry;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for PushTelemetryResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl PushTelemetryResponse {
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
    PushTelemetryResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
    }
}
