// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `CreateDelegationToken` out of random bytes.

use ottla_protocol::messages::create_delegation_token;

use crate::source::Source;

pub(crate) fn create_delegation_token_request(
    s: &mut Source<'_>,
    version: i16,
) -> create_delegation_token::CreateDelegationTokenRequest {
    let mut value = create_delegation_token::CreateDelegationTokenRequest::default();
    if version >= 3 {
        value.owner_principal_type = s.nullable(true, |s| s.string("owner_principal_type"));
    }
    if version >= 3 {
        value.owner_principal_name = s.nullable(true, |s| s.string("owner_principal_name"));
    }
    value.renewers = s.array(|s| creatable_renewers(s, version));
    value.max_lifetime_ms = s.int64("max_lifetime_ms");
    value.unknown_tags = s.tags();
    value
}

fn creatable_renewers(s: &mut Source<'_>, _version: i16) -> create_delegation_token::CreatableRenewers {
    let mut value = create_delegation_token::CreatableRenewers::default();
    value.principal_type = s.string("principal_type");
    value.principal_name = s.string("principal_name");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn create_delegation_token_response(
    s: &mut Source<'_>,
    version: i16,
) -> create_delegation_token::CreateDelegationTokenResponse {
    let mut value = create_delegation_token::CreateDelegationTokenResponse::default();
    value.error_code = s.error_code("error_code");
    value.principal_type = s.string("principal_type");
    value.principal_name = s.string("principal_name");
    if version >= 3 {
        value.token_requester_principal_type = s.string("token_requester_principal_type");
    }
    if version >= 3 {
        value.token_requester_principal_name = s.string("token_requester_principal_name");
    }
    value.issue_timestamp_ms = s.int64("issue_timestamp_ms");
    value.expiry_timestamp_ms = s.int64("expiry_timestamp_ms");
    value.max_timestamp_ms = s.int64("max_timestamp_ms");
    value.token_id = s.string("token_id");
    value.hmac = s.bytes("hmac");
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.unknown_tags = s.tags();
    value
}
