// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteShareGroupOffsets` out of random bytes.

use ottla_protocol::messages::delete_share_group_offsets;

use crate::source::Source;

pub(crate) fn delete_share_group_offsets_request(
    s: &mut Source<'_>,
    version: i16,
) -> delete_share_group_offsets::DeleteShareGroupOffsetsRequest {
    let mut value = delete_share_group_offsets::DeleteShareGroupOffsetsRequest::default();
    value.group_id = s.string("group_id");
    value.topics = s.array(|s| delete_share_group_offsets_request_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_share_group_offsets_request_topic(
    s: &mut Source<'_>,
    _version: i16,
) -> delete_share_group_offsets::DeleteShareGroupOffsetsRequestTopic {
    let mut value = delete_share_group_offsets::DeleteShareGroupOffsetsRequestTopic::default();
    value.topic_name = s.string("topic_name");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_share_group_offsets_response(
    s: &mut Source<'_>,
    version: i16,
) -> delete_share_group_offsets::DeleteShareGroupOffsetsResponse {
    let mut value = delete_share_group_offsets::DeleteShareGroupOffsetsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.responses = s.array(|s| delete_share_group_offsets_response_topic(s, version));
    value.unknown_tags = s.tags();
    value
}

fn delete_share_group_offsets_response_topic(
    s: &mut Source<'_>,
    _version: i16,
) -> delete_share_group_offsets::DeleteShareGroupOffsetsResponseTopic {
    let mut value = delete_share_group_offsets::DeleteShareGroupOffsetsResponseTopic::default();
    value.topic_name = s.string("topic_name");
    value.topic_id = s.uuid("topic_id");
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    value.unknown_tags = s.tags();
    value
}
