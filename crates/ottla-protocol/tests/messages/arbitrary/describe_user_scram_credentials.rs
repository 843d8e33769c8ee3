// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeUserScramCredentials` out of random bytes.

use ottla_protocol::messages::describe_user_scram_credentials;

use crate::source::Source;

pub(crate) fn describe_user_scram_credentials_request(
    s: &mut Source<'_>,
    version: i16,
) -> describe_user_scram_credentials::DescribeUserScramCredentialsRequest {
    let mut value = describe_user_scram_credentials::DescribeUserScramCredentialsRequest::default();
    value.users = s.nullable(true, |s| s.array(|s| user_name(s, version)));
    value.unknown_tags = s.tags();
    value
}

fn user_name(s: &mut Source<'_>, _version: i16) -> describe_user_scram_credentials::UserName {
    let mut value = describe_user_scram_credentials::UserName::default();
    value.name = s.string("name");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn describe_user_scram_credentials_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_user_scram_credentials::DescribeUserScramCredentialsResponse {
    let mut value = describe_user_scram_credentials::DescribeUserScramCredentialsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.results = s.array(|s| describe_user_scram_credentials_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_user_scram_credentials_result(
    s: &mut Source<'_>,
    version: i16,
) -> describe_user_scram_credentials::DescribeUserScramCredentialsResult {
    let mut value = describe_user_scram_credentials::DescribeUserScramCredentialsResult::default();
    value.user = s.string("user");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.credential_infos = s.array(|s| credential_info(s, version));
    value.unknown_tags = s.tags();
    value
}

fn credential_info(s: &mut Source<'_>, _version: i16) -> describe_user_scram_credentials::CredentialInfo {
    let mut value = describe_user_scram_credentials::CredentialInfo::default();
    value.mechanism = s.int8("mechanism");
    value.iterations = s.int32("iterations");
    value.unknown_tags = s.tags();
    value
}
