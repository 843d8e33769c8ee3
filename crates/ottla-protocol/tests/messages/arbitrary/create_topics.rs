// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `CreateTopics` out of random bytes.

use ottla_protocol::messages::create_topics;

use crate::source::Source;

pub(crate) fn create_topics_request(s: &mut Source<'_>, version: i16) -> create_topics::CreateTopicsRequest {
    let mut value = create_topics::CreateTopicsRequest::default();
    value.topics = s.array(|s| creatable_topic(s, version));
    value.timeout_ms = s.int32("timeout_ms");
    value.validate_only = s.bool("validate_only");
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopic {
    let mut value = create_topics::CreatableTopic::default();
    value.name = s.string("name");
    value.num_partitions = s.int32("num_partitions");
    value.replication_factor = s.int16("replication_factor");
    value.assignments = s.array(|s| creatable_replica_assignment(s, version));
    value.configs = s.array(|s| creatable_topic_config(s, version));
    value.unknown_tags = s.tags();
    value
}

fn creatable_replica_assignment(
    s: &mut Source<'_>,
    _version: i16,
) -> create_topics::CreatableReplicaAssignment {
    let mut value = create_topics::CreatableReplicaAssignment::default();
    value.partition_index = s.int32("partition_index");
    value.broker_ids = s.array(|s| s.int32("broker_ids")).into();
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_config(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfig {
    let mut value = create_topics::CreatableTopicConfig::default();
    value.name = s.string("name");
    value.value = s.nullable(true, |s| s.string("value"));
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn create_topics_response(
    s: &mut Source<'_>,
    version: i16,
) -> create_topics::CreateTopicsResponse {
    let mut value = create_topics::CreateTopicsResponse::default();
    value.throttle_time_ms = s.int32("throttle_time_ms");
    value.topics = s.array(|s| creatable_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_result(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopicResult {
    let mut value = create_topics::CreatableTopicResult::default();
    value.name = s.string("name");
    if version >= 7 {
        value.topic_id = s.uuid("topic_id");
    }
    value.error_code = s.error_code("error_code");
    value.error_message = s.nullable(true, |s| s.string("error_message"));
    if version >= 5 {
        value.topic_config_error_code = s.error_code("topic_config_error_code");
    }
    if version >= 5 {
        value.num_partitions = s.int32("num_partitions");
    }
    if version >= 5 {
        value.replication_factor = s.int16("replication_factor");
    }
    if version >= 5 {
        value.configs = s.nullable(true, |s| s.array(|s| creatable_topic_configs(s, version)));
    }
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_configs(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfigs {
    let mut value = create_topics::CreatableTopicConfigs::default();
    value.name = s.string("name");
    value.value = s.nullable(true, |s| s.string("value"));
    value.read_only = s.bool("read_only");
    value.config_source = s.int8("config_source");
    value.is_sensitive = s.bool("is_sensitive");
    value.unknown_tags = s.tags();
    value
}
