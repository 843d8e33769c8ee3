// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `CreateAcls` out of random bytes.

use ottla_protocol::messages::create_acls;

use crate::source::Source;

pub(crate) fn create_acls_request(s: &mut Source<'_>, version: i16) -> create_acls::CreateAclsRequest {
    let mut value = create_acls::CreateAclsRequest::default();
    value.creations = s.array(|s| acl_creation(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acl_creation(s: &mut Source<'_>, _version: i16) -> create_acls::AclCreation {
    let mut value = create_acls::AclCreation::default();
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.resource_pattern_type = s.int8("resource_pattern_type");
    value.principal = s.string("principal");
    value.host = s.string("host");
    value.operation = s.int8("operation");
    value.permission_type = s.int8("permission_type");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn create_acls_response(s: &mut Source<'_>, version: i16) -> create_acls::CreateAclsResponse {
    let mut value = create_acls::CreateAclsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.results = s.array(|s| acl_creation_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acl_creation_result(s: &mut Source<'_>, _version: i16) -> create_acls::AclCreationResult {
    let mut value = create_acls::AclCreationResult::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
