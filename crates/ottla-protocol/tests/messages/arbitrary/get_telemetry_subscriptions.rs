// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `GetTelemetrySubscriptions` out of random bytes.

use ottla_protocol::messages::get_telemetry_subscriptions;

use crate::source::Source;

pub(crate) fn get_telemetry_subscriptions_request(
    s: &mut Source<'_>,
    _version: i16,
) -> get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest {
    let mut value = get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest::default();
    value.client_instance_id = s.uuid("client_instance_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn get_telemetry_subscriptions_response(
    s: &mut Source<'_>,
    _version: i16,
) -> get_telemetry_subscriptions::GetTelemetrySubscriptionsResponse {
    let mut value = get_telemetry_subscriptions::GetTelemetrySubscriptionsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.client_instance_id = s.uuid("client_instance_id");
    value.subscription_id = s.int32("subscription_id");
    value.accepted_compression_types = s.array(|s| s.int8("accepted_compression_types"));
    value.push_interval_ms = s.int32("push_interval_ms");
    value.telemetry_max_bytes = s.int32("telemetry_max_bytes");
    value.delta_temporality = s.bool("delta_temporality");
    value.requested_metrics = s.array(|s| s.string("requested_metrics"));
    value.unknown_tags = s.tags();
    value
}
