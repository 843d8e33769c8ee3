// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `SaslAuthenticate` out of random bytes.

use ottla_protocol::messages::sasl_authenticate;

use crate::source::Source;

pub(crate) fn sasl_authenticate_request(
    s: &mut Source<'_>,
    _version: i16,
) -> sasl_authenticate::SaslAuthenticateRequest {
    let mut value = sasl_authenticate::SaslAuthenticateRequest::default();
    value.auth_bytes = s.bytes("auth_bytes");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn sasl_authenticate_response(
    s: &mut Source<'_>,
    version: i16,
) -> sasl_authenticate::SaslAuthenticateResponse {
    let mut value = sasl_authenticate::SaslAuthenticateResponse::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.auth_bytes = s.bytes("auth_bytes");
    if version >= 1 {
        value.session_lifetime_ms = s.int64("session_lifetime_ms");
    }
    value.unknown_tags = s.tags();
    value
}
