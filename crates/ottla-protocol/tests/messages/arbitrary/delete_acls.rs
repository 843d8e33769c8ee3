// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteAcls` out of random bytes.

use ottla_protocol::messages::delete_acls;

use crate::source::Source;

pub(crate) fn delete_acls_request(s: &mut Source<'_>, version: i16) -> delete_acls::DeleteAclsRequest {
    let mut value = delete_acls::DeleteAclsRequest::default();
    value.filters = s.array(|s| delete_acls_filter(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_acls_filter(s: &mut Source<'_>, _version: i16) -> delete_acls::DeleteAclsFilter {
    let mut value = delete_acls::DeleteAclsFilter::default();
    value.resource_type_filter = s.int8("resource_type_filter");
    value.resource_name_filter = s.nullable(true, |s| s.string("resource_name_filter"));
    value.pattern_type_filter = s.int8("pattern_type_filter");
    value.principal_filter = s.nullable(true, |s| s.string("principal_filter"));
    value.host_filter = s.nullable(true, |s| s.string("host_filter"));
    value.operation = s.int8("operation");
    value.permission_type = s.int8("permission_type");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_acls_response(s: &mut Source<'_>, version: i16) -> delete_acls::DeleteAclsResponse {
    let mut value = delete_acls::DeleteAclsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.filter_results = s.array(|s| delete_acls_filter_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_acls_filter_result(s: &mut Source<'_>, version: i16) -> delete_acls::DeleteAclsFilterResult {
    let mut value = delete_acls::DeleteAclsFilterResult::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.matching_acls = s.array(|s| delete_acls_matching_acl(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_acls_matching_acl(s: &mut Source<'_>, _version: i16) -> delete_acls::DeleteAclsMatchingAcl {
    let mut value = delete_acls::DeleteAclsMatchingAcl::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.pattern_type = s.int8("pattern_type");
    value.principal = s.string("principal");
    value.host = s.string("host");
    value.operation = s.int8("operation");
    value.permission_type = s.int8("permission_type");
    value.unknown_tags = s.tags();
    value
}
