//! Creating topics. Codes and messages are Kafka's, except where a test says otherwise.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicResult, CreateTopicsRequest,
};

use crate::harness::{Kit, create_request, topic};

async fn create(kit: &mut Kit, topics: &[CreatableTopic]) -> Vec<CreatableTopicResult> {
    kit.call(7, &create_request(topics)).await.topics
}

async fn refusal(kit: &mut Kit, topic: CreatableTopic) -> (ErrorCode, String) {
    let result = create(kit, &[topic]).await.remove(0);
    assert!(result.topic_id.is_zero() && result.num_partitions == -1 && result.replication_factor == -1);
    (result.error_code, result.error_message.map(|m| m.to_string()).unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_there_when_its_creation_is_answered() {
    let mut kit = Kit::with(&[("num.partitions", "3")]).await;
    let created = create(&mut kit, &[topic("a", -1, &[])]).await.remove(0);
    assert_eq!(
        (created.error_code, created.num_partitions, created.replication_factor),
        (ErrorCode::NONE, 3, 1)
    );
    assert_eq!(created.topic_id.0[6] >> 4, 4, "a random UUID");
    assert_eq!(kit.topics().await, [("a".to_owned(), created.topic_id, 3)]);
}

#[tokio::test(start_paused = true)]
async fn every_version_is_answered() {
    let mut kit = Kit::new().await;
    for version in 2..=7 {
        let name = format!("v{version}");
        let response = kit.call(version, &create_request(&[topic(&name, 1, &[])])).await;
        assert_eq!(response.topics[0].error_code, ErrorCode::NONE);
    }
    assert_eq!(kit.topics().await.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_validated_is_not_created() {
    let mut kit = Kit::new().await;
    let mut request = create_request(&[topic("a", 2, &[])]);
    request.validate_only = true;
    let response = kit.call_now(7, &request);
    assert_eq!((response.topics[0].error_code, response.topics[0].num_partitions), (ErrorCode::NONE, 2));
    assert_eq!(kit.topics().await, []);
}

#[tokio::test(start_paused = true)]
async fn of_a_key_that_is_given_twice_the_last_value_holds() {
    let mut kit = Kit::new().await;
    const KEY: &str = "max.message.bytes";
    let created = create(&mut kit, &[topic("a", 1, &[(KEY, "abc"), (KEY, "1000")])]).await.remove(0);
    let configs = created.configs.unwrap_or_default();
    let value = configs.iter().find(|config| config.name.as_str() == KEY).and_then(|c| c.value.as_deref());
    assert_eq!((created.error_code, value), (ErrorCode::NONE, Some("1000")));
    let (code, _) = refusal(&mut kit, topic("b", 1, &[(KEY, "1000"), (KEY, "abc")])).await;
    assert_eq!(code, ErrorCode::INVALID_CONFIG);
}

#[tokio::test(start_paused = true)]
async fn names_counts_and_replicas_are_refused_as_kafka_does() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.create("my.topic", 1, &[]).await;
    let with_replicas = |replicas| {
        let mut topic = topic("c", 1, &[]);
        topic.replication_factor = replicas;
        topic
    };
    let cases = [
        (topic("a", 1, &[]), ErrorCode::TOPIC_ALREADY_EXISTS, "Topic 'a' already exists."),
        (
            topic("", 1, &[]),
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Topic name is invalid: the empty string is not allowed",
        ),
        (
            topic("..", 1, &[]),
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Topic name is invalid: '..' is not allowed",
        ),
        (
            topic("my_topic", 1, &[]),
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Topic 'my_topic' collides with existing topic: my.topic",
        ),
        (
            topic("__cluster_metadata", 1, &[]),
            ErrorCode::INVALID_REQUEST,
            "Creation of internal topic __cluster_metadata is prohibited.",
        ),
        (
            topic("c", 0, &[]),
            ErrorCode::INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        ),
        (
            topic("c", -2, &[]),
            ErrorCode::INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        ),
        (
            topic("c", 10_001, &[]),
            ErrorCode::POLICY_VIOLATION,
            "Excessively large number of partitions per request.",
        ),
        (
            with_replicas(0),
            ErrorCode::INVALID_REPLICATION_FACTOR,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        ),
    ];
    for (topic, code, message) in cases {
        assert_eq!(refusal(&mut kit, topic).await, (code, message.to_owned()));
    }
    let (code, message) = refusal(&mut kit, with_replicas(2)).await;
    assert_eq!(code, ErrorCode::INVALID_REPLICATION_FACTOR);
    assert!(message.starts_with("Unable to replicate the partition 2 time(s)"), "{message}");
}

/// Kafka lets a client create these; here they are kept for the coordinators to come.
#[tokio::test(start_paused = true)]
async fn the_topics_of_coordinators_and_metadata_are_not_for_clients() {
    let mut kit = Kit::new().await;
    for name in ["__consumer_offsets", "__transaction_state", "__share_group_state", "__ottla_metadata"] {
        assert_eq!(refusal(&mut kit, topic(name, 1, &[])).await.0, ErrorCode::INVALID_REQUEST, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_comes_twice_is_refused_and_the_others_are_created() {
    let mut kit = Kit::new().await;
    let results = create(&mut kit, &[topic("d", 1, &[]), topic("d", 1, &[]), topic("e", 1, &[])]).await;
    let seen: Vec<_> = results.iter().map(|r| (r.name.as_str(), r.error_code)).collect();
    assert_eq!(seen, [("e", ErrorCode::NONE), ("d", ErrorCode::INVALID_REQUEST)]);
    assert_eq!(results[1].error_message.as_deref(), Some("Duplicate topic name."));
}

/// Kafka creates both.
#[tokio::test(start_paused = true)]
async fn two_names_of_one_request_may_not_collide_either() {
    let mut kit = Kit::new().await;
    let results = create(&mut kit, &[topic("e.1", 1, &[]), topic("e_1", 1, &[])]).await;
    let codes: Vec<_> = results.iter().map(|r| r.error_code).collect();
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::INVALID_TOPIC_EXCEPTION]);
}

#[tokio::test(start_paused = true)]
async fn replicas_can_be_assigned_to_this_node_alone() {
    let mut kit = Kit::new().await;
    let assigned = |partitions: i32, replicas: i16, assignments: &[(i32, &[i32])]| {
        let mut topic = topic("as", partitions, &[]);
        topic.replication_factor = replicas;
        let assign = |(index, brokers): &(i32, &[i32])| {
            let mut assignment = CreatableReplicaAssignment::default();
            assignment.partition_index = *index;
            assignment.broker_ids = (*brokers).into();
            assignment
        };
        topic.assignments = assignments.iter().map(assign).collect();
        topic
    };
    let invalid = ErrorCode::INVALID_REPLICA_ASSIGNMENT;
    let cases = [
        (
            assigned(2, -1, &[(0, &[1])]),
            ErrorCode::INVALID_REQUEST,
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        ),
        (
            assigned(-1, 1, &[(0, &[1])]),
            ErrorCode::INVALID_REQUEST,
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        ),
        (
            assigned(-1, -1, &[(0, &[7])]),
            invalid,
            "The manual partition assignment includes broker 7, but no such broker is registered.",
        ),
        (
            assigned(-1, -1, &[(0, &[1, 1])]),
            invalid,
            "The manual partition assignment includes the broker 1 more than once.",
        ),
        (
            assigned(-1, -1, &[(0, &[])]),
            invalid,
            "The manual partition assignment includes an empty replica list.",
        ),
        (
            assigned(-1, -1, &[(0, &[1]), (2, &[1])]),
            invalid,
            "partitions should be a consecutive 0-based integer sequence",
        ),
        (
            assigned(-1, -1, &[(0, &[1]), (0, &[1])]),
            invalid,
            "Found multiple manual partition assignments for partition 0",
        ),
    ];
    for (topic, code, message) in cases {
        assert_eq!(refusal(&mut kit, topic).await, (code, message.to_owned()));
    }
    let created = create(&mut kit, &[assigned(-1, -1, &[(1, &[1]), (0, &[1])])]).await.remove(0);
    assert_eq!((created.error_code, created.num_partitions), (ErrorCode::NONE, 2));
}

#[tokio::test(start_paused = true)]
async fn configurations_are_checked_and_answered_with_their_sources() {
    let mut kit = Kit::with(&[("log.segment.bytes", "2000000")]).await;
    let cases = [
        ("foo", "1", "Unknown topic config name: foo"),
        (
            "segment.bytes",
            "1",
            "Invalid value 1 for configuration segment.bytes: Value must be at least 1048576",
        ),
    ];
    for (key, value, message) in cases {
        let refused = refusal(&mut kit, topic("f", 1, &[(key, value)])).await;
        assert_eq!(refused, (ErrorCode::INVALID_CONFIG, message.to_owned()));
    }
    let mut null = topic("f", 1, &[("segment.bytes", "")]);
    null.configs[0].value = None;
    let (code, message) = refusal(&mut kit, null).await;
    assert_eq!(code, ErrorCode::INVALID_CONFIG);
    assert_eq!(message, "Null value not supported for topic configs: segment.bytes");

    let created = create(&mut kit, &[topic("g", 1, &[("max.message.bytes", "1000")])]).await.remove(0);
    let configs = created.configs.unwrap();
    let of = |name: &str| {
        let config = configs.iter().find(|c| c.name.as_str() == name).unwrap();
        (config.value.as_deref().unwrap().to_owned(), config.config_source)
    };
    assert_eq!(configs.len(), 34, "Kafka's 33 and durability");
    assert_eq!(of("max.message.bytes"), ("1000".to_owned(), 1));
    assert_eq!(of("segment.bytes"), ("2000000".to_owned(), 4));
    assert_eq!(of("cleanup.policy"), ("delete".to_owned(), 5));
    assert_eq!(of("durability"), ("fsync".to_owned(), 5));
}

/// Kafka takes these; here a setting that would be ignored is refused, and says why.
#[tokio::test(start_paused = true)]
async fn a_setting_that_would_be_ignored_is_refused() {
    let mut kit = Kit::new().await;
    for (key, value) in [
        ("remote.log.copy.disable", "true"),
        ("compression.lz4.level", "1"),
        ("remote.storage.enable", "true"),
    ] {
        let (code, message) = refusal(&mut kit, topic("f", 1, &[(key, value)])).await;
        assert_eq!(code, ErrorCode::INVALID_CONFIG);
        assert!(message.contains(&format!("{key}={value} cannot be fulfilled")), "{message}");
    }
}

/// As on Kafka: without time nothing is created.
#[tokio::test(start_paused = true)]
async fn a_request_without_time_creates_nothing() {
    let mut kit = Kit::new().await;
    let mut request = create_request(&[topic("t", 1, &[])]);
    request.timeout_ms = 0;
    assert_eq!(kit.call_now(7, &request).topics[0].error_code, ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(kit.topics().await, []);
}

#[tokio::test(start_paused = true)]
async fn no_topics_are_no_topics() {
    assert_eq!(Kit::new().await.call_now(7, &CreateTopicsRequest::default()).topics, []);
}
