// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `UnregisterBroker` out of random bytes.

use ottla_protocol::messages::unregister_broker;

use crate::source::Source;

pub(crate) fn unregister_broker_request(
    s: &mut Source<'_>,
    _version: i16,
) -> unregister_broker::UnregisterBrokerRequest {
    let mut value = unregister_broker::UnregisterBrokerRequest::default();
    value.broker_id = s.int32("broker_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn unregister_broker_response(
    s: &mut Source<'_>,
    _version: i16,
) -> unregister_broker::UnregisterBrokerResponse {
    let mut value = unregister_broker::UnregisterBrokerResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
