//! Describing configurations. Codes, messages and synonyms are Kafka's.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResult,
};

use crate::harness::{Kit, text};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

fn request(resource_type: i8, name: &str, keys: Option<&[&str]>) -> DescribeConfigsRequest {
    let mut resource = DescribeConfigsResource::default();
    resource.resource_type = resource_type;
    resource.resource_name = text(name);
    resource.configuration_keys = keys.map(|keys| keys.iter().map(|key| text(key)).collect());
    let mut request = DescribeConfigsRequest::default();
    request.resources = vec![resource];
    request.include_synonyms = true;
    request
}

fn describe(kit: &mut Kit, version: i16, request: &DescribeConfigsRequest) -> DescribeConfigsResult {
    kit.call_now(version, request).results.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_topic_shows_its_keys_with_values_sources_synonyms_and_documentation() {
    let mut kit = Kit::with(&[("log.index.interval.bytes", "8192")]).await;
    kit.create("a", 1, &[("max.message.bytes", "1000")]).await;
    assert_eq!(describe(&mut kit, 4, &request(TOPIC, "a", None)).configs.len(), 34);
    assert_eq!(describe(&mut kit, 4, &request(TOPIC, "a", Some(&[]))).configs.len(), 34);

    assert_eq!(describe(&mut kit, 4, &request(TOPIC, "a", None)).configs[0].documentation, None);

    let keys = ["max.message.bytes", "index.interval.bytes", "retention.ms", "foo"];
    let mut asked = request(TOPIC, "a", Some(&keys));
    asked.include_documentation = true;
    let result = describe(&mut kit, 4, &asked);
    assert_eq!(result.configs.len(), 3, "an unknown key is left out");
    let of = |name: &str| result.configs.iter().find(|c| c.name.as_str() == name).unwrap();
    let synonyms = |name: &str| -> Vec<(String, String, i8)> {
        let of = of(name).synonyms.iter();
        of.map(|s| (s.name.to_string(), s.value.as_deref().unwrap().to_owned(), s.source)).collect()
    };
    let synonym = |name: &str, value: &str, source| (name.to_owned(), value.to_owned(), source);
    let bytes = of("max.message.bytes");
    assert_eq!((bytes.value.as_deref(), bytes.config_source, bytes.config_type), (Some("1000"), 1, 3));
    assert!(!bytes.read_only && !bytes.is_sensitive && bytes.documentation.is_some());
    assert_eq!(
        synonyms("max.message.bytes"),
        [synonym("max.message.bytes", "1000", 1), synonym("message.max.bytes", "1048588", 5)]
    );
    assert_eq!(
        synonyms("index.interval.bytes"),
        [synonym("log.index.interval.bytes", "8192", 4), synonym("log.index.interval.bytes", "4096", 5)]
    );
    assert_eq!((of("retention.ms").config_source, synonyms("retention.ms")), (5, vec![]));
}

#[tokio::test(start_paused = true)]
async fn the_broker_shows_what_it_was_given() {
    let mut kit = Kit::with(&[("num.partitions", "3")]).await;
    assert_eq!(
        describe(&mut kit, 4, &request(BROKER, "1", None)).configs.len(),
        344,
        "Kafka's 340, durability and three of log.scrubber"
    );
    let keys = ["num.partitions", "node.id", "log.retention.ms", "ssl.keystore.password"];
    let result = describe(&mut kit, 4, &request(BROKER, "1", Some(&keys)));
    let of = |name: &str| {
        let config = result.configs.iter().find(|c| c.name.as_str() == name).unwrap();
        (config.value.as_deref(), config.config_source, config.is_sensitive)
    };
    assert_eq!(of("num.partitions"), (Some("3"), 4, false));
    assert_eq!(of("node.id"), (Some("1"), 5, false));
    assert_eq!(of("log.retention.ms"), (None, 5, false));
    assert_eq!(of("ssl.keystore.password"), (None, 5, true));
}

#[tokio::test(start_paused = true)]
async fn who_gives_the_node_an_id_gives_both_its_names_a_value() {
    for (given, source) in [(&[("node.id", "3")][..], 4), (&[("broker.id", "3")], 4), (&[], 5)] {
        let mut kit = Kit::with(given).await;
        let id = if given.is_empty() { "1" } else { "3" };
        let result = describe(&mut kit, 4, &request(BROKER, id, Some(&["node.id", "broker.id"])));
        let seen: Vec<_> = result.configs.iter().map(|c| (c.value.as_deref(), c.config_source)).collect();
        assert_eq!(seen, [(Some(id), source); 2], "{given:?}");
        for config in &result.configs {
            let sources: Vec<_> = config.synonyms.iter().map(|s| (s.name.as_str(), s.source)).collect();
            let name = config.name.as_str();
            let wanted = [(name, 4), (name, 5)];
            let is_without_default = name == "node.id" && config.synonyms.len() < 2;
            let wanted = if given.is_empty() { &wanted[1..] } else { &wanted[..] };
            assert!(sources == wanted || is_without_default, "{given:?} {sources:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_version_is_answered() {
    let mut kit = Kit::new().await;
    for version in 1..=4 {
        let mut asked = request(BROKER, "1", Some(&["node.id"]));
        asked.include_documentation = version >= 3;
        assert_eq!(describe(&mut kit, version, &asked).configs.len(), 1, "v{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_refused() {
    let mut kit = Kit::new().await;
    let cases = [
        (TOPIC, "nope", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ""),
        (
            TOPIC,
            "",
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Topic name is invalid: the empty string is not allowed",
        ),
        (
            BROKER,
            "2",
            ErrorCode::INVALID_REQUEST,
            "Unexpected broker id, expected 1 or empty string, but received 2",
        ),
        (BROKER, "abc", ErrorCode::INVALID_REQUEST, "Broker id must be an integer, but it is: abc"),
    ];
    for (resource_type, name, code, message) in cases {
        let result = describe(&mut kit, 4, &request(resource_type, name, None));
        assert_eq!((result.error_code, result.error_message.as_deref()), (code, Some(message)));
        assert_eq!((result.resource_type, result.resource_name.as_str()), (resource_type, name));
    }
    assert_eq!(describe(&mut kit, 4, &request(99, "x", None)).error_code, ErrorCode::INVALID_REQUEST);
    assert_eq!(describe(&mut kit, 4, &request(BROKER, "", None)).configs, []);
}
