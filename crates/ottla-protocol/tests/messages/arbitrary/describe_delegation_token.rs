// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeDelegationToken` out of random bytes.

use ottla_protocol::messages::describe_delegation_token;

use crate::source::Source;

pub(crate) fn describe_delegation_token_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_delegation_token::DescribeDelegationTokenRequest {
    let mut value = describe_delegation_token::DescribeDelegationTokenRequest::default();
    value.owners = s.nullable(true, |s| s.array(|s| describe_delegation_token_owner(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn describe_delegation_token_owner(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_delegation_token::DescribeDelegationTokenOwner {
    let mut value = describe_delegation_token::DescribeDelegationTokenOwner::default();
    value.principal_type = s.string("principal_type");
    value.principal_name = s.string("principal_name");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_delegation_token_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_delegation_token::DescribeDelegationTokenResponse {
    let mut value = describe_delegation_token::DescribeDelegationTokenResponse::default();
    value.error_code = s.error_code("error_code");
    value.tokens = s.array(|s| described_delegation_token(s, version));
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.unknown_tags = s.tags();
    value
}

fn described_delegation_token(
    s: &mut Source<'_>,
    version: i16,
) -> describe_delegation_token::DescribedDelegationToken {
    let mut value = describe_delegation_token::DescribedDelegationToken::default();
    value.principal_type = s.string("principal_type");
    value.principal_name = s.string("principal_name");
    if version >= 3 {
        value.token_requester_principal_type = s.string("token_requester_principal_type");
    }
    if version >= 3 {
        value.token_requester_principal_name = s.string("token_requester_principal_name");
    }
    value.issue_timestamp = s.int64("issue_timestamp");
    value.expiry_timestamp = s.int64("expiry_timestamp");
    value.max_timestamp = s.int64("max_timestamp");
    value.token_id = s.string("token_id");
    value.hmac = s.bytes("hmac");
    value.renewers = s.array(|s| described_delegation_token_renewer(s, version));
    value.unknown_tags = s.tags();
    value
}

fn described_delegation_token_renewer(
    s: &mut Source<'_>,
    _version: i16,
) -> describe_delegation_token::DescribedDelegationTokenRenewer {
    let mut value = describe_delegation_token::DescribedDelegationTokenRenewer::default();
    value.principal_type = s.string("principal_type");
    value.principal_name = s.string("principal_name");
    value.unknown_tags = s.tags();
    value
}
