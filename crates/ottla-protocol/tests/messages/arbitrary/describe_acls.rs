// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DescribeAcls` out of random bytes.

use ottla_protocol::messages::describe_acls;

use crate::source::Source;

pub(crate) fn describe_acls_request(s: &mut Source<'_>, _version: i16) -> describe_acls::DescribeAclsRequest {
    let mut value = describe_acls::DescribeAclsRequest::default();
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

pub(crate) fn describe_acls_response(
    s: &mut Source<'_>,
    version: i16,
) -> describe_acls::DescribeAclsResponse {
    let mut value = describe_acls::DescribeAclsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.resources = s.array(|s| describe_acls_resource(s, version));
    value.unknown_tags = s.tags();
    value
}

fn describe_acls_resource(s: &mut Source<'_>, version: i16) -> describe_acls::DescribeAclsResource {
    let mut value = describe_acls::DescribeAclsResource::default();
    value.resource_type = s.int8("resource_type");
    value.resource_name = s.string("resource_name");
    value.pattern_type = s.int8("pattern_type");
    value.acls = s.array(|s| acl_description(s, version));
    value.unknown_tags = s.tags();
    value
}

fn acl_description(s: &mut Source<'_>, _version: i16) -> describe_acls::AclDescription {
    let mut value = describe_acls::AclDescription::default();
    value.principal = s.string("principal");
    value.host = s.string("host");
    value.operation = s.int8("operation");
    value.permission_type = s.int8("permission_type");
    value.unknown_tags = s.tags();
    value
}
