// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `AlterUserScramCredentials` out of random bytes.

use ottla_protocol::messages::alter_user_scram_credentials;

use crate::source::Source;

pub(crate) fn alter_user_scram_credentials_request(
    s: &mut Source<'_>,
    version: i16,
) -> alter_user_scram_credentials::AlterUserScramCredentialsRequest {
    let mut value = alter_user_scram_credentials::AlterUserScramCredentialsRequest::default();
    value.deletions = s.array(|s| scram_credential_deletion(s, version));
    value.upsertions = s.array(|s| scram_credential_upsertion(s, version));
    value.unknown_tags = s.tags();
    value
}

fn scram_credential_deletion(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_user_scram_credentials::ScramCredentialDeletion {
    let mut value = alter_user_scram_credentials::ScramCredentialDeletion::default();
    value.name = s.string("name");
    value.mechanism = s.int8("mechanism");
    value.unknown_tags = s.tags();
    value
}

fn scram_credential_upsertion(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_user_scram_credentials::ScramCredentialUpsertion {
    let mut value = alter_user_scram_credentials::ScramCredentialUpsertion::default();
    value.name = s.string("name");
    value.mechanism = s.int8("mechanism");
    value.iterations = s.int32("iterations");
    value.salt = s.bytes("salt");
    value.salted_password = s.bytes("salted_password");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn alter_user_scram_credentials_response(
    s: &mut Source<'_>,
    version: i16,
) -> alter_user_scram_credentials::AlterUserScramCredentialsResponse {
    let mut value = alter_user_scram_credentials::AlterUserScramCredentialsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| alter_user_scram_credentials_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn alter_user_scram_credentials_result(
    s: &mut Source<'_>,
    _version: i16,
) -> alter_user_scram_credentials::AlterUserScramCredentialsResult {
    let mut value = alter_user_scram_credentials::AlterUserScramCredentialsResult::default();
    value.user = s.string("user");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
