// Generated from schema/get_telemetry_subscriptions.txt by `cargo xtask codegen`: change that file and run it again.
//! `GetTelemetrySubscriptions` (API key 71): which metrics of clients the cluster wants (KIP-714).
//!
//! There is one version, which is flexible.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::api::{ApiKey, ErrorCode};
use crate::message::{Encode, Message, Request, setters};
use crate::wire::{DecodeError, EncodeError, LeanReader, LeanSink, Reader, Sink, Str, TaggedFields, Uuid};

/// Asks which metrics are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTelemetrySubscriptionsRequest {
    /// Id that the broker gave the client; all zeros at first.
    pub client_instance_id: Uuid,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for GetTelemetrySubscriptionsRequest {
    const API_KEY: ApiKey = ApiKey::GetTelemetrySubscriptions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }
}

impl<F> Encode<F> for GetTelemetrySubscriptionsRequest {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl GetTelemetrySubscriptionsRequest {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self { client_instance_id: r.uuid("client_instance_id"), unknown_tags: r.tags() }
    }

    fn write(&self, s: &mut LeanSink) {
        s.uuid(self.client_instance_id);
        s.tags(&self.unknown_tags);
    }
}

impl Request for GetTelemetrySubscriptionsRequest {
    type Response = GetTelemetrySubscriptionsResponse;
}

setters! {
    GetTelemetrySubscriptionsRequest {
        with_client_instance_id(client_instance_id: Uuid);
    }
}

/// The metrics that are wanted, and how to push them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetTelemetrySubscriptionsResponse {
    /// How long the broker holds the client back because a quota was exceeded, in milliseconds; 0 if it
    /// does not.
    pub throttle_time_ms: i32,
    /// What went wrong; `NONE` if nothing did.
    pub error_code: ErrorCode,
    /// Id that the client is given; all zeros if it has one.
    pub client_instance_id: Uuid,
    /// Number of the set of metrics that is wanted, which the client repeats when it pushes them.
    pub subscription_id: i32,
    /// Codecs that the broker takes, the best first: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub accepted_compression_types: Vec<i8>,
    /// How often to push, in milliseconds.
    pub push_interval_ms: i32,
    /// How many bytes the broker takes at once.
    pub telemetry_max_bytes: i32,
    /// Whether sums are told since the last push, or since the start.
    pub delta_temporality: bool,
    /// Prefixes of the names of wanted metrics; one that is empty for all, none for no metrics.
    pub requested_metrics: Vec<Str>,
    /// Tagged fields that this release does not know.
    pub unknown_tags: TaggedFields,
}

impl Message for GetTelemetrySubscriptionsResponse {
    const API_KEY: ApiKey = ApiKey::GetTelemetrySubscriptions;
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError> {
        r.lean(version, Self::read)
    }

    fn throttle_time_ms(&self) -> i32 {
        self.throttle_time_ms
    }
}

impl<F> Encode<F> for GetTelemetrySubscriptionsResponse {
    fn encode<S: Sink<F>>(&self, s: &mut S, version: i16) -> Result<(), EncodeError> {
        Self::check_version(version)?;
        s.lean(version, &mut |s| self.write(s))
    }
}

impl GetTelemetrySubscriptionsResponse {
    fn read(r: &mut LeanReader<'_, '_>) -> Self {
        Self {
            throttle_time_ms: r.i32("throttle_time_ms"),
            error_code: r.error_code("error_code"),
            client_instance_id: r.uuid("client_instance_id"),
            subscription_id: r.i32("subscription_id"),
            accepted_compression_types: r
                .array("accepted_compression_types", |r| r.i8("accepted_compression_types")),
            push_interval_ms: r.i32("push_interval_ms"),
            telemetry_max_bytes: r.i32("telemetry_max_bytes"),
            delta_temporality: r.bool("delta_temporality"),
            requested_metrics: r.array("requested_metrics", |r| r.string("requested_metrics")),
            unknown_tags: r.tags(),
        }
    }

    fn write(&self, s: &mut LeanSink) {
        s.i32(self.throttle_time_ms);
        s.error_code(self.error_code);
        s.uuid(self.client_instance_id);
        s.i32(self.subscription_id);
        s.array("accepted_compression_types", &self.accepted_compression_types, |value, s| s.i8(*value));
        s.i32(self.push_interval_ms);
        s.i32(self.telemetry_max_bytes);
        s.bool(self.delta_temporality);
        s.array("requested_metrics", &self.requested_metrics, |value, s| {
            s.string("requested_metrics", value)
        });
        s.tags(&self.unknown_tags);
    }
}

setters! {
    GetTelemetrySubscriptionsResponse {
        with_throttle_time_ms(throttle_time_ms: i32);
        with_error_code(error_code: ErrorCode);
        with_client_instance_id(client_instance_id: Uuid);
        with_subscription_id(subscription_id: i32);
        with_accepted_compression_types(accepted_compression_types: Vec<i8>);
        with_push_interval_ms(push_interval_ms: i32);
        with_telemetry_max_bytes(telemetry_max_bytes: i32);
        with_delta_temporality(delta_temporality: bool);
        with_requested_metrics(requested_metrics: Vec<Str>);
    }
}
