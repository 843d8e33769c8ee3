// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `ShareGroupDescribe` out of random bytes.

use ottla_protocol::messages::share_group_describe;

use crate::source::Source;

pub(crate) fn share_group_describe_request(
    s: &mut Source<'_>,
    _version: i16,
) -> share_group_describe::ShareGroupDescribeRequest {
    let mut value = share_group_describe::ShareGroupDescribeRequest::default();
    value.group_ids = s.array(|s| s.string("group_ids"));
    value.include_authorized_operations = s.bool("include_authorized_operations");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn share_group_describe_response(
    s: &mut Source<'_>,
    version: i16,
) -> share_group_describe::ShareGroupDescribeResponse {
    let mut value = share_group_describe::ShareGroupDescribeResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.groups = s.array(|s| described_group(s, version));
    value.unknown_tags = s.tags();
    value
}

fn described_group(s: &mut Source<'_>, version: i16) -> share_group_describe::DescribedGroup {
    let mut value = share_group_describe::DescribedGroup::default();
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.group_id = s.string("group_id");
    value.group_state = s.string("group_state");
    value.group_epoch = s.int32("group_epoch");
    value.assignment_epoch = s.int32("assignment_epoch");
    value.assignor_name = s.string("assignor_name");
    value.members = s.array(|s| member(s, version));
    value.authorized_operations = s.int32("authorized_operations");
    value.unknown_tags = s.tags();
    value
}

fn member(s: &mut Source<'_>, version: i16) -> share_group_describe::Member {
    let mut value = share_group_describe::Member::default();
    value.member_id = s.string("member_id");
    value.rack_id = s.nullable(true, |s| s.string("rack_id"));
    value.member_epoch = s.int32("member_epoch");
    value.client_id = s.string("client_id");
    value.client_host = s.string("client_host");
    value.subscribed_topic_names = s.array(|s| s.string("subscribed_topic_names"));
    value.assignment = assignment(s, version);
    value.unknown_tags = s.tags();
    value
}

fn assignment(s: &mut Source<'_>, version: i16) -> share_group_describe::Assignment {
    let mut value = share_group_describe::Assignment::default();
    value.topic_partitions = s.array(|s| topic_partitions(s, version));
    value.unknown_tags = s.tags();
    value
}

fn topic_partitions(s: &mut Source<'_>, _version: i16) -> share_group_describe::TopicPartitions {
    let mut value = share_group_describe::TopicPartitions::default();
    value.topic_id = s.uuid("topic_id");
    value.topic_name = s.string("topic_name");
    value.partitions = s.array(|s| s.int32("partitions")).into();
    value.unknown_tags = s.tags();
    value
}
