// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `SaslHandshake` out of random bytes.

use ottla_protocol::messages::sasl_handshake;

use crate::source::Source;

pub(crate) fn sasl_handshake_request(
    s: &mut Source<'_>,
    _version: i16,
) -> sasl_handshake::SaslHandshakeRequest {
    let mut value = sasl_handshake::SaslHandshakeRequest::default();
    value.mechanism = s.string("mechanism");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn sasl_handshake_response(
    s: &mut Source<'_>,
    _version: i16,
) -> sasl_handshake::SaslHandshakeResponse {
    let mut value = sasl_handshake::SaslHandshakeResponse::default();
    value.error_code = s.error_code("error_code");
    value.mechanisms = s.array(|s| s.string("mechanisms"));
    value.unknown_tags = s.tags();
    value
}
