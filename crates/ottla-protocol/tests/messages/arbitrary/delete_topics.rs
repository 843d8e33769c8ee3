// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `DeleteTopics` out of random bytes.

use ottla_protocol::messages::delete_topics;

use crate::source::Source;

pub(crate) fn delete_topics_request(s: &mut Source<'_>, version: i16) -> delete_topics::DeleteTopicsRequest {
    let mut value = delete_topics::DeleteTopicsRequest::default();
    if version >= 6 {
        value.topics = s.array(|s| delete_topic_state(s, version));
    }
    if version <= 5 {
        value.topic_names = s.array(|s| s.string("topic_names"));
    }
    value.timeout_ms = s.int32("timeout_ms");
    value.unknown_tags = s.tags();
    value
}

fn delete_topic_state(s: &mut Source<'_>, _version: i16) -> delete_topics::DeleteTopicState {
    let mut value = delete_topics::DeleteTopicState::default();
    value.name = s.nullable(true, |s| s.string("name"));
    value.topic_id = s.uuid("topic_id");
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn delete_topics_response(
    s: &mut Source<'_>,
    version: i16,
) -> delete_topics::DeleteTopicsResponse {
    let mut value = delete_topics::DeleteTopicsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.responses = s.array(|s| deletable_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn deletable_topic_result(s: &mut Source<'_>, version: i16) -> delete_topics::DeletableTopicResult {
    let mut value = delete_topics::DeletableTopicResult::default();
    value.name = s.nullable(version >= 6, |s| s.string("name"));
    if version >= 6 {
        value.topic_id = s.uuid("topic_id");
    }
    value.error_code = s.error_code("error_code");
    if version >= 5 {
        value.error_message = s.nullable(true, |s| s.string("error_message"));
    }
    value.unknown_tags = s.tags();
    value
}
