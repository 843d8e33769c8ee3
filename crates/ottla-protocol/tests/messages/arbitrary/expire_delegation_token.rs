// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ExpireDelegationToken` out of random bytes.

use ottla_protocol::messages::expire_delegation_token;

use crate::source::Source;

pub(crate) fn expire_delegation_token_request(
    s: &mut Source<'_>,
    _version: i16,
) -> expire_delegation_token::ExpireDelegationTokenRequest {
    let mut value = expire_delegation_token::ExpireDelegationTokenRequest::default();
    value.hmac = s.bytes("hmac");
    value.expiry_time_period_ms = s.int64("expiry_time_period_ms");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn expire_delegation_token_response(
    s: &mut Source<'_>,
    _version: i16,
) -> expire_delegation_token::ExpireDelegationTokenResponse {
    let mut value = expire_delegation_token::ExpireDelegationTokenResponse::default();
    value.error_code = s.error_code("error_code");
    value.expiry_timestamp_ms = s.int64("expiry_timestamp_ms");
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.unknown_tags = s.tags();
    value
}
