// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `RenewDelegationToken` out of random bytes.

use ottla_protocol::messages::renew_delegation_token;

use crate::source::Source;

pub(crate) fn renew_delegation_token_request(
    s: &mut Source<'_>,
    _version: i16,
) -> renew_delegation_token::RenewDelegationTokenRequest {
    let mut value = renew_delegation_token::RenewDelegationTokenRequest::default();
    value.hmac = s.bytes("hmac");
    value.renew_period_ms = s.int64("renew_period_ms");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn renew_delegation_token_response(
    s: &mut Source<'_>,
    _version: i16,
) -> renew_delegation_token::RenewDelegationTokenResponse {
    let mut value = renew_delegation_token::RenewDelegationTokenResponse::default();
    value.error_code = s.error_code("error_code");
    value.expiry_timestamp_ms = s.int64("expiry_timestamp_ms");
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.unknown_tags = s.tags();
    value
}
