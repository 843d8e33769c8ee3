// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `PushTelemetry` out of random bytes.

use ottla_protocol::messages::push_telemetry;

use crate::source::Source;

pub(crate) fn push_telemetry_request(
    s: &mut Source<'_>,
    _version: i16,
) -> push_telemetry::PushTelemetryRequest {
    let mut value = push_telemetry::PushTelemetryRequest::default();
    value.client_instance_id = s.uuid("client_instance_id");
    value.subscription_id = s.int32("subscription_id");
    value.terminating = s.bool("terminating");
    value.compression_type = s.int8("compression_type");
    value.metrics = s.bytes("metrics");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn push_telemetry_response(
    s: &mut Source<'_>,
    _version: i16,
) -> push_telemetry::PushTelemetryResponse {
    let mut value = push_telemetry::PushTelemetryResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.unknown_tags = s.tags();
    value
}
