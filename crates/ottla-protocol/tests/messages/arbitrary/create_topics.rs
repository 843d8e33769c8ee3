// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Messages of `CreateTopics` out of random bytes.

use ottla_protocol::messages::create_topics;

use crate::source::Source;

pub(crate) fn create_topics_request(s: &mut Source<'_>, version: i16) -> create_topics::CreateTopicsRequest {
    let mut value = create_topics::CreateTopicsRequest::default();
    value.topics = s.array(|s| creatable_topic(s, version));
    value.timeout_ms = s.int32();
    value.validate_only = s.bool();
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopic {
    let mut value = create_topics::CreatableTopic::default();
    value.name = s.string();
    value.num_partitions = s.int32();
    value.replication_factor = s.int16();
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
    value.partition_index = s.int32();
    value.broker_ids = s.array(|s| s.int32()).into();
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_config(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfig {
    let mut value = create_topics::CreatableTopicConfig::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.unknown_tags = s.tags();
    value
}

pub(crate) fn create_topics_response(
    s: &mut Source<'_>,
    version: i16,
) -> create_topics::CreateTopicsResponse {
    let mut value = create_topics::CreateTopicsResponse::default();
    value.throttle_time_ms = s.int32();
    value.topics = s.array(|s| creatable_topic_result(s, version));
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_result(s: &mut Source<'_>, version: i16) -> create_topics::CreatableTopicResult {
    let mut value = create_topics::CreatableTopicResult::default();
    value.name = s.string();
    if version >= 7 {
        value.topic_id = s.uuid();
    }
    value.error_code = s.error_code();
    value.error_message = s.nullable(true, |s| s.string());
    if version >= 5 {
        value.topic_config_error_code = s.error_code();
    }
    if version >= 5 {
        value.num_partitions = s.int32();
    }
    if version >= 5 {
        value.replication_factor = s.int16();
    }
    if version >= 5 {
        value.configs = s.nullable(true, |s| s.array(|s| creatable_topic_configs(s, version)));
    }
    value.unknown_tags = s.tags();
    value
}

fn creatable_topic_configs(s: &mut Source<'_>, _version: i16) -> create_topics::CreatableTopicConfigs {
    let mut value = create_topics::CreatableTopicConfigs::default();
    value.name = s.string();
    value.value = s.nullable(true, |s| s.string());
    value.read_only = s.bool();
    value.config_source = s.int8();
    value.is_sensitive = s.bool();
    value.unknown_tags = s.tags();
    value
}
