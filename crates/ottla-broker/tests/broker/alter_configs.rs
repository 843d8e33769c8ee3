//! Changing configurations, key by key or all at once. Codes, messages and their order are Kafka's.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::alter_configs::{self, AlterConfigsRequest};
use ottla_protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig, IncrementalAlterConfigsRequest,
};

use crate::harness::{End, Kit, batch, text};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGER: i8 = 8;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

const BYTES: &str = "max.message.bytes";

/// A resource, and for each of its keys an operation and a value.
type Asked<'a> = (i8, &'a str, &'a [(&'a str, i8, Option<&'a str>)]);

fn request(resources: &[Asked<'_>]) -> IncrementalAlterConfigsRequest {
    let mut request = IncrementalAlterConfigsRequest::default();
    request.resources = resources
        .iter()
        .map(|(kind, name, keys)| {
            let mut resource = AlterConfigsResource::default();
            resource.resource_type = *kind;
            resource.resource_name = text(name);
            resource.configs = keys
                .iter()
                .map(|(key, operation, value)| {
                    let mut config = AlterableConfig::default();
                    config.name = text(key);
                    config.config_operation = *operation;
                    config.value = value.map(text);
                    config
                })
                .collect();
            resource
        })
        .collect();
    request
}

/// A resource, and all that it is to have.
type Replaced<'a> = (i8, &'a str, &'a [(&'a str, Option<&'a str>)]);

fn replace(resources: &[Replaced<'_>]) -> AlterConfigsRequest {
    let mut request = AlterConfigsRequest::default();
    request.resources = resources
        .iter()
        .map(|(kind, name, keys)| {
            let mut resource = alter_configs::AlterConfigsResource::default();
            resource.resource_type = *kind;
            resource.resource_name = text(name);
            resource.configs = keys
                .iter()
                .map(|(key, value)| {
                    let mut config = alter_configs::AlterableConfig::default();
                    config.name = text(key);
                    config.value = value.map(text);
                    config
                })
                .collect();
            resource
        })
        .collect();
    request
}

fn seen(response: &AlterConfigsResourceResponse) -> (ErrorCode, Option<&str>) {
    (response.error_code, response.error_message.as_deref())
}

async fn alter(kit: &mut Kit, resource: Asked<'_>) -> (ErrorCode, Option<String>) {
    let mut response = kit.call(1, &request(&[resource])).await;
    let response = response.responses.remove(0);
    assert_eq!((response.resource_type, response.resource_name.as_str()), (resource.0, resource.1));
    (response.error_code, response.error_message.map(|message| message.to_string()))
}

async fn done(kit: &mut Kit, resource: Asked<'_>) {
    assert_eq!(alter(kit, resource).await, (ErrorCode::NONE, None), "{resource:?}");
}

/// The value of a key and where it comes from, and its synonyms as key, value, and source.
type Described = (Option<String>, i8, Vec<(String, String, i8)>);

async fn describe(kit: &mut Kit, kind: i8, name: &str, key: &str) -> Described {
    let mut resource = DescribeConfigsResource::default();
    resource.resource_type = kind;
    resource.resource_name = text(name);
    resource.configuration_keys = Some(vec![text(key)]);
    let mut request = DescribeConfigsRequest::default();
    request.resources = vec![resource];
    request.include_synonyms = true;
    let mut result = kit.call(4, &request).await.results.remove(0);
    assert_eq!(result.error_code, ErrorCode::NONE, "{:?}", result.error_message);
    let Some(config) = result.configs.pop() else { return (None, 0, vec![]) };
    let synonyms = config.synonyms.into_iter();
    let synonyms = synonyms.map(|s| (s.name.to_string(), s.value.unwrap_or_default().to_string(), s.source));
    (config.value.map(|value| value.to_string()), config.config_source, synonyms.collect())
}

async fn value(kit: &mut Kit, kind: i8, name: &str, key: &str) -> (Option<String>, i8) {
    let (value, source, _) = describe(kit, kind, name, key).await;
    (value, source)
}

fn is(value: &str, source: i8) -> (Option<String>, i8) {
    (Some(value.to_owned()), source)
}

/// Whether a batch of a little more than 200 bytes is taken.
async fn takes_200_bytes(kit: &mut Kit, topic: &str) -> bool {
    let answer = kit.produce(topic, 0, batch(&[&"x".repeat(200)])).await;
    assert!(matches!(answer.error_code, ErrorCode::NONE | ErrorCode::MESSAGE_TOO_LARGE), "{answer:?}");
    answer.error_code == ErrorCode::NONE
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_topic_acts_at_once_and_outlives_the_broker() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    assert!(takes_200_bytes(&mut kit, "a").await);
    done(&mut kit, (TOPIC, "a", &[(BYTES, SET, Some(" 200 ")), ("retention.ms", SET, Some("-1"))])).await;
    for end in [End::Close, End::Kill, End::PowerLoss(2)] {
        assert!(!takes_200_bytes(&mut kit, "a").await, "before {end:?}");
        kit = kit.reopened(end).await;
        assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("200", 1));
        assert_eq!(value(&mut kit, TOPIC, "a", "retention.ms").await, is("-1", 1));
    }
    done(&mut kit, (TOPIC, "a", &[(BYTES, DELETE, None)])).await;
    assert!(takes_200_bytes(&mut kit, "a").await);
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1048588", 5));
    assert_eq!(value(&mut kit, TOPIC, "a", "retention.ms").await, is("-1", 1), "other keys stay");
}

/// Kafka lengthens the file; here its length stays, and the room stands behind it.
#[tokio::test(start_paused = true)]
async fn a_segment_gets_its_room_when_it_is_begun_after_the_change() {
    const SEGMENT: u64 = 1 << 20;
    let segment: (&str, &str) = ("segment.bytes", "1048576");
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[segment]).await;
    let mut before = kit.disk.used_bytes();
    let mut taken = |kit: &Kit| {
        let used = kit.disk.used_bytes();
        used - std::mem::replace(&mut before, used)
    };
    let most = batch(&[&"x".repeat(600_000)]);
    kit.produce("a", 0, most.clone()).await;
    assert!((600_000..800_000).contains(&taken(&kit)));
    done(&mut kit, (TOPIC, "a", &[("preallocate", SET, Some(" TRUE "))])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", "preallocate").await, is("true", 1));
    kit.produce("a", 0, batch(&["x"])).await;
    assert!(taken(&kit) < 100_000, "the segment that is there has none");
    kit.produce("a", 0, most.clone()).await;
    assert!((SEGMENT..SEGMENT + 100_000).contains(&taken(&kit)));

    done(&mut kit, (BROKER, "", &[("log.preallocate", SET, Some("true"))])).await;
    kit.create("b", 1, &[segment]).await;
    kit.create("c", 1, &[segment, ("preallocate", "false")]).await;
    assert_eq!(value(&mut kit, TOPIC, "b", "preallocate").await, is("true", 3));
    assert_eq!(value(&mut kit, TOPIC, "c", "preallocate").await, is("false", 1));
    assert!(taken(&kit) < 100_000);
    kit.produce("b", 0, batch(&["x"])).await;
    assert!((SEGMENT..SEGMENT + 100_000).contains(&taken(&kit)));
    kit.produce("c", 0, batch(&["x"])).await;
    assert!(taken(&kit) < 100_000);
    let used = kit.disk.used_bytes();
    kit = kit.reopened(End::Close).await;
    assert!(kit.disk.used_bytes() < used - SEGMENT, "what was not used is given back");
    assert_eq!(value(&mut kit, TOPIC, "b", "preallocate").await, is("true", 3));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_broker_acts_on_the_topics_that_say_nothing_themselves() {
    const MAX: &str = "message.max.bytes";
    let mut kit = Kit::with(&[(MAX, "1000")]).await;
    kit.create("a", 1, &[]).await;
    kit.create("b", 1, &[(BYTES, "5000")]).await;
    done(&mut kit, (BROKER, "", &[(MAX, SET, Some("2000"))])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("2000", 3));
    done(&mut kit, (BROKER, "1", &[(MAX, SET, Some("200"))])).await;
    assert!(!takes_200_bytes(&mut kit, "a").await);
    assert!(takes_200_bytes(&mut kit, "b").await);

    kit.create("c", 1, &[]).await;
    assert!(!takes_200_bytes(&mut kit, "c").await, "new topics follow too");
    kit = kit.reopened(End::Kill).await;
    assert!(!takes_200_bytes(&mut kit, "a").await);
    let own = |name: &str, value: &str, source| (name.to_owned(), value.to_owned(), source);
    let all = vec![own(MAX, "200", 2), own(MAX, "2000", 3), own(MAX, "1000", 4), own(MAX, "1048588", 5)];
    assert_eq!(describe(&mut kit, BROKER, "1", MAX).await, (Some("200".into()), 2, all.clone()));
    assert_eq!(describe(&mut kit, TOPIC, "a", BYTES).await, (Some("200".into()), 2, all.clone()));
    let with_own = [vec![own(BYTES, "5000", 1)], all].concat();
    assert_eq!(describe(&mut kit, TOPIC, "b", BYTES).await, (Some("5000".into()), 1, with_own));
    let set = vec![own(MAX, "2000", 3)];
    assert_eq!(describe(&mut kit, BROKER, "", MAX).await, (Some("2000".into()), 3, set));

    done(&mut kit, (BROKER, "1", &[(MAX, DELETE, None)])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("2000", 3));
    done(&mut kit, (BROKER, "", &[(MAX, DELETE, None)])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1000", 4));
    assert_eq!(describe(&mut kit, BROKER, "", MAX).await, (None, 0, vec![]));
    assert!(takes_200_bytes(&mut kit, "a").await);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_validated_is_not_done() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for version in 0..=1 {
        let mut asked =
            request(&[(TOPIC, "a", &[(BYTES, SET, Some("1"))]), (TOPIC, "nope", &[(BYTES, SET, Some("1"))])]);
        asked.validate_only = true;
        let response = kit.call(version, &asked).await;
        let codes: Vec<_> = response.responses.iter().map(|response| response.error_code).collect();
        assert_eq!(codes, [ErrorCode::NONE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION]);
    }
    let mut asked = replace(&[(TOPIC, "a", &[(BYTES, Some("1"))])]);
    asked.validate_only = true;
    assert_eq!(kit.call(2, &asked).await.responses[0].error_code, ErrorCode::NONE);
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1048588", 5));
}

#[tokio::test(start_paused = true)]
async fn lists_take_and_lose_elements() {
    const LIST: &str = "leader.replication.throttled.replicas";
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let steps = [
        (APPEND, "0:1,1:1", "0:1,1:1"),
        (APPEND, "0:1,2:1", "0:1,1:1,2:1"),
        (SUBTRACT, "0:1,7:7", "1:1,2:1"),
        (SUBTRACT, "1:1,2:1", ""),
        (SET, "*", "*"),
    ];
    for (operation, elements, expected) in steps {
        done(&mut kit, (TOPIC, "a", &[(LIST, operation, Some(elements))])).await;
        assert_eq!(value(&mut kit, TOPIC, "a", LIST).await, is(expected, 1));
    }
    // Where nothing is set, elements come to those of the default.
    done(&mut kit, (BROKER, "1", &[("log.cleanup.policy", APPEND, Some("delete"))])).await;
    assert_eq!(value(&mut kit, BROKER, "1", "log.cleanup.policy").await, is("delete", 2));
}

#[tokio::test(start_paused = true)]
async fn a_topic_refuses_what_makes_no_sense() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let invalid = ErrorCode::INVALID_CONFIG;
    let request = ErrorCode::INVALID_REQUEST;
    let cases: [(Asked<'_>, _, &str); 22] = [
        ((TOPIC, "a", &[(BYTES, SET, None)]), request, "Null value not supported for : max.message.bytes"),
        (
            (TOPIC, "a", &[("cleanup.policy", APPEND, None), (BYTES, SUBTRACT, None)]),
            request,
            "Null value not supported for : cleanup.policy, max.message.bytes",
        ),
        ((TOPIC, "a", &[("foo", SET, Some("1"))]), invalid, "Unknown topic config name: foo"),
        (
            (TOPIC, "a", &[("max.mesage.bytes", SET, Some("1"))]),
            invalid,
            "Unknown topic config name: max.mesage.bytes (did you mean max.message.bytes?)",
        ),
        (
            (TOPIC, "a", &[(BYTES, SET, Some("abc"))]),
            invalid,
            "Invalid value abc for configuration max.message.bytes: Not a number of type INT",
        ),
        (
            (TOPIC, "a", &[(BYTES, SET, Some(""))]),
            invalid,
            "Invalid value  for configuration max.message.bytes: Not a number of type INT",
        ),
        (
            (TOPIC, "a", &[(BYTES, SET, Some("-1"))]),
            invalid,
            "Invalid value -1 for configuration max.message.bytes: Value must be at least 0",
        ),
        ((TOPIC, "a", &[(BYTES, 7, Some("1"))]), request, "Unknown operations type 7"),
        (
            (TOPIC, "a", &[(BYTES, APPEND, Some("1"))]),
            invalid,
            "Can't APPEND to key max.message.bytes because its type is not LIST.",
        ),
        (
            (TOPIC, "a", &[("foo", SUBTRACT, Some("1"))]),
            invalid,
            "Can't SUBTRACT to key foo because its type is not LIST.",
        ),
        (
            (TOPIC, "a", &[("leader.replication.throttled.replicas", SET, Some("none"))]),
            invalid,
            "Invalid value [none] for configuration leader.replication.throttled.replicas: \
             leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the \
             following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        ),
        (
            (TOPIC, "a", &[(BYTES, SET, Some("1")), (BYTES, DELETE, None)]),
            request,
            "Error due to duplicate config keys",
        ),
        (
            (
                TOPIC,
                "a",
                &[("min.compaction.lag.ms", SET, Some("10")), ("max.compaction.lag.ms", SET, Some("1"))],
            ),
            invalid,
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (1)",
        ),
        (
            (TOPIC, "a", &[("remote.storage.enable", SET, Some("true"))]),
            invalid,
            "remote.storage.enable=true cannot be fulfilled: there is no tiered storage; accepted: false",
        ),
        (
            (TOPIC, "nope", &[(BYTES, SET, Some("1"))]),
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            "The topic 'nope' does not exist.",
        ),
        ((TOPIC, "nope", &[("foo", SET, Some("1"))]), invalid, "Unknown topic config name: foo"),
        (
            (TOPIC, "__ottla_metadata", &[(BYTES, SET, Some("1"))]),
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            "The topic '__ottla_metadata' does not exist.",
        ),
        (
            (TOPIC, "a/b", &[(BYTES, SET, Some("1"))]),
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, \
             '.', '_' and '-'",
        ),
        ((TOPIC, "", &[(BYTES, SET, Some("1"))]), request, "Default topic resources are not allowed."),
        ((0, "a", &[(BYTES, SET, Some("1"))]), request, "Unknown resource type 0"),
        ((-1, "a", &[]), request, "Unknown resource type -1"),
        ((LOGGER, "1", &[("root", SET, Some("INFO"))]), request, "Unknown resource type 8"),
    ];
    for (resource, code, message) in cases {
        assert_eq!(alter(&mut kit, resource).await, (code, Some(message.to_owned())), "{resource:?}");
    }
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1048588", 5), "nothing was changed");
    done(&mut kit, (TOPIC, "a", &[("foo", DELETE, None), ("retention.ms", DELETE, Some("x"))])).await;
    done(&mut kit, (TOPIC, "a", &[])).await;
}

#[tokio::test(start_paused = true)]
async fn the_broker_refuses_what_it_cannot_change_while_it_runs() {
    const MAX: &str = "message.max.bytes";
    let mut kit = Kit::new().await;
    let invalid = ErrorCode::INVALID_CONFIG;
    let request = ErrorCode::INVALID_REQUEST;
    let cases: [(Asked<'_>, _, &str); 20] = [
        (
            (BROKER, "1", &[("num.partitions", SET, Some("3"))]),
            request,
            "Cannot update these configs dynamically: [num.partitions]",
        ),
        (
            (BROKER, "", &[("num.partitions", SET, Some("3")), ("broker.rack", SET, Some("r"))]),
            request,
            "Cannot update these configs dynamically: [num.partitions, broker.rack]",
        ),
        (
            (BROKER, "1", &[("ssl.keystore.location", SET, Some("/x"))]),
            request,
            "These security configs can be dynamically updated only per-listener using the listener prefix: \
             [ssl.keystore.location]",
        ),
        (
            (BROKER, "", &[("listeners", SET, Some("x"))]),
            request,
            "Cannot update these configs at default cluster level, broker id must be specified: [listeners]",
        ),
        (
            (BROKER, "1", &[("listeners", SET, Some("PLAINTEXT://:1"))]),
            invalid,
            "listeners=PLAINTEXT://:1 cannot be fulfilled: the listeners and their limits are set up when \
             the server starts; accepted: PLAINTEXT://:9092",
        ),
        ((BROKER, "1", &[("foo.bar", SET, Some("1"))]), invalid, "unknown broker config name: foo.bar"),
        (
            (BROKER, "1", &[(MAX, SET, Some("abc"))]),
            request,
            "Invalid value abc for configuration message.max.bytes: Not a number of type INT",
        ),
        (
            (BROKER, "1", &[(MAX, SET, Some("-1"))]),
            request,
            "Invalid value -1 for configuration message.max.bytes: Value must be at least 0",
        ),
        ((BROKER, "1", &[(MAX, SET, None)]), request, "Null value not supported for : message.max.bytes"),
        ((BROKER, "1", &[(MAX, -1, Some("1"))]), request, "Unknown operations type -1"),
        (
            (BROKER, "1", &[(MAX, APPEND, Some("1"))]),
            invalid,
            "Config value append is not allowed for config key: message.max.bytes",
        ),
        ((BROKER, "1", &[("foo", SUBTRACT, Some("1"))]), invalid, "Unknown config name: foo"),
        (
            (BROKER, "1", &[("compression.lz4.level", SET, Some("1"))]),
            invalid,
            "compression.lz4.level=1 cannot be fulfilled: LZ4 has one level here; accepted: 9",
        ),
        (
            (
                BROKER,
                "1",
                &[
                    ("log.cleaner.min.compaction.lag.ms", SET, Some("9223372036854775807")),
                    ("log.cleaner.max.compaction.lag.ms", SET, Some("1")),
                ],
            ),
            invalid,
            "conflict topic config setting min.compaction.lag.ms (9223372036854775807) > \
             max.compaction.lag.ms (1)",
        ),
        (
            (BROKER, "2", &[(MAX, SET, Some("1"))]),
            request,
            "Unexpected broker id, expected 1, but received 2",
        ),
        ((BROKER, "x", &[(MAX, SET, Some("1"))]), request, "Node id must be an integer, but it is: x"),
        ((BROKER, " 1", &[(MAX, SET, Some("1"))]), request, "Node id must be an integer, but it is:  1"),
        (
            (BROKER, "-1", &[(MAX, SET, Some("1"))]),
            request,
            "Unexpected broker id, expected 1, but received -1",
        ),
        (
            (BROKER, "1", &[("max.connections", SET, Some("5"))]),
            invalid,
            "max.connections=5 cannot be fulfilled: the listeners and their limits are set up when the \
             server starts; accepted: 2147483647",
        ),
        (
            (BROKER, "1", &[("metric.reporters", SET, Some("foo"))]),
            invalid,
            "metric.reporters=foo cannot be fulfilled: Java classes are not loaded; accepted: \
             org.apache.kafka.common.metrics.JmxReporter",
        ),
    ];
    for (resource, code, message) in cases {
        assert_eq!(alter(&mut kit, resource).await, (code, Some(message.to_owned())), "{resource:?}");
    }
    done(&mut kit, (BROKER, "1", &[("num.partitions", DELETE, None), ("foo", DELETE, None)])).await;
    done(&mut kit, (BROKER, "1", &[("max.connections", SET, Some("2147483647"))])).await;
    done(&mut kit, (BROKER, "+01", &[(MAX, SET, Some("777"))])).await;
    assert_eq!(value(&mut kit, BROKER, "1", MAX).await, is("777", 2), "the same broker in other words");
}

#[tokio::test(start_paused = true)]
async fn groups_and_subscriptions_take_what_kafka_takes_and_show_it() {
    const SESSION: &str = "consumer.session.timeout.ms";
    let mut kit = Kit::new().await;
    let invalid = ErrorCode::INVALID_CONFIG;
    let request = ErrorCode::INVALID_REQUEST;
    let brokers = vec![("group.consumer.session.timeout.ms".to_owned(), "45000".to_owned(), 5)];
    assert_eq!(describe(&mut kit, GROUP, "g", SESSION).await, (Some("45000".into()), 5, brokers.clone()));
    done(&mut kit, (GROUP, "g", &[(SESSION, SET, Some("50000"))])).await;
    let interval = ("interval.ms", SET, Some("100"));
    let clients = ("match", SET, Some(" client_id = a-.*, client_software_name=b"));
    done(&mut kit, (METRICS, "m", &[interval, clients, ("metrics", SET, Some("*"))])).await;
    kit = kit.reopened(End::Kill).await;
    let own = vec![(SESSION.to_owned(), "50000".to_owned(), 8)];
    assert_eq!(
        describe(&mut kit, GROUP, "g", SESSION).await,
        (Some("50000".into()), 8, [own, brokers].concat())
    );
    let own = vec![("interval.ms".to_owned(), "100".to_owned(), 7)];
    assert_eq!(describe(&mut kit, METRICS, "m", "interval.ms").await, (Some("100".into()), 7, own));
    assert_eq!(
        value(&mut kit, METRICS, "m", "match").await,
        is("client_id = a-.*,client_software_name=b", 7)
    );
    assert_eq!(describe(&mut kit, METRICS, "other", "match").await, (Some(String::new()), 5, vec![]));
    done(&mut kit, (GROUP, "g", &[(SESSION, DELETE, None)])).await;
    assert_eq!(value(&mut kit, GROUP, "g", SESSION).await, is("45000", 5));

    let cases: [(Asked<'_>, _, &str); 16] = [
        (
            (GROUP, "g", &[(SESSION, SET, Some("60001"))]),
            invalid,
            "consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms",
        ),
        (
            (GROUP, "g", &[("share.record.lock.duration.ms", SET, Some("14999"))]),
            invalid,
            "share.record.lock.duration.ms must be greater than or equal to \
             group.share.min.record.lock.duration.ms",
        ),
        (
            (GROUP, "g", &[("share.auto.offset.reset", SET, Some("LATEST"))]),
            invalid,
            "Invalid value LATEST for configuration share.auto.offset.reset: Invalid value `LATEST` for \
             configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the \
             format 'by_duration:<PnDTnHnMn.nS>'.",
        ),
        (
            (GROUP, "g", &[("streams.num.standby.replicas", SET, Some("1"))]),
            invalid,
            "streams.num.standby.replicas=1 cannot be fulfilled: streams groups are not served by this \
             release; accepted: 0",
        ),
        (
            (METRICS, "m", &[("metrics", SET, Some("a,,b"))]),
            invalid,
            "Invalid value a,,b for configuration metrics: Configuration 'metrics' values must not be empty.",
        ),
        (
            (METRICS, "m", &[("match", SET, Some("client_id=["))]),
            invalid,
            "Illegal client matching pattern: client_id=[",
        ),
        (
            (GROUP, "g", &[(SESSION, SET, Some("x"))]),
            invalid,
            "Invalid value x for configuration consumer.session.timeout.ms: Not a number of type INT",
        ),
        ((GROUP, "g", &[("foo", SET, Some("x"))]), invalid, "Unknown group config name: foo"),
        (
            (GROUP, "g", &[(SESSION, APPEND, Some("1"))]),
            invalid,
            "Can't APPEND to key consumer.session.timeout.ms because its type is not LIST.",
        ),
        ((GROUP, "", &[(SESSION, SET, Some("45000"))]), request, "Default group resources are not allowed."),
        (
            (METRICS, "m", &[("interval.ms", SET, Some("6"))]),
            request,
            "Invalid value 6 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
        ),
        (
            (METRICS, "m", &[("interval.ms", SET, Some("x"))]),
            invalid,
            "Invalid value x for configuration interval.ms: Not a number of type INT",
        ),
        ((METRICS, "m", &[("foo", SET, Some("6"))]), request, "Unknown client metrics configuration: foo"),
        ((METRICS, "m", &[("match", SET, Some("foo"))]), invalid, "Illegal client matching pattern: foo"),
        (
            (METRICS, "m", &[("metrics", APPEND, Some("x"))]),
            invalid,
            "Can't APPEND to key metrics because its type is not LIST.",
        ),
        ((METRICS, "", &[("interval.ms", SET, Some("6"))]), request, "Subscription name can't be empty"),
    ];
    for (resource, code, message) in cases {
        assert_eq!(alter(&mut kit, resource).await, (code, Some(message.to_owned())), "{resource:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn resources_are_answered_in_the_order_asked_and_none_twice() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.create("b", 1, &[]).await;
    let set: &[_] = &[(BYTES, SET, Some("5"))];
    let mixed =
        [(TOPIC, "b", set), (99, "x", &[]), (TOPIC, "nope", &[]), (BROKER, "7", &[]), (TOPIC, "a", set)];
    let response = kit.call(1, &request(&mixed)).await;
    let names: Vec<_> = response.responses.iter().map(|r| (r.resource_type, &*r.resource_name)).collect();
    assert_eq!(names, mixed.map(|(kind, name, _)| (kind, name)));
    let codes: Vec<_> = response.responses.iter().map(|response| response.error_code).collect();
    let (none, request_code) = (ErrorCode::NONE, ErrorCode::INVALID_REQUEST);
    assert_eq!(codes, [none, request_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, request_code, none]);

    let twice = [
        (TOPIC, "a", &[(BYTES, DELETE, None)][..]),
        (TOPIC, "b", &[(BYTES, DELETE, None)]),
        (TOPIC, "a", &[]),
    ];
    let response = kit.call(1, &request(&twice)).await;
    let refused = (request_code, Some("Each resource must appear at most once."));
    assert_eq!(response.responses.iter().map(seen).collect::<Vec<_>>(), [refused, (none, None), refused]);
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("5", 1));
    assert_eq!(value(&mut kit, TOPIC, "b", BYTES).await, is("1048588", 5));
    assert_eq!(kit.call(1, &request(&[])).await.responses, []);
}

#[tokio::test(start_paused = true)]
async fn the_older_request_replaces_all_that_was_set() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[("retention.ms", "-1")]).await;
    for version in 0..=2 {
        let asked = replace(&[(TOPIC, "a", &[(BYTES, Some("300")), ("segment.bytes", Some("2000000"))])]);
        assert_eq!(kit.call(version, &asked).await.responses[0].error_code, ErrorCode::NONE, "v{version}");
    }
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("300", 1));
    assert_eq!(value(&mut kit, TOPIC, "a", "retention.ms").await, is("604800000", 5));
    kit.call(2, &replace(&[(TOPIC, "a", &[])])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1048588", 5));

    kit.call(2, &replace(&[(BROKER, "1", &[("message.max.bytes", Some("400"))])])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("400", 2));
    kit.call(2, &replace(&[(BROKER, "1", &[])])).await;
    assert_eq!(value(&mut kit, TOPIC, "a", BYTES).await, is("1048588", 5));

    let request = ErrorCode::INVALID_REQUEST;
    let cases: [(Replaced<'_>, _, &str); 5] = [
        ((TOPIC, "a", &[(BYTES, None)]), request, "Null value not supported for : max.message.bytes"),
        (
            (TOPIC, "a", &[(BYTES, Some("1")), (BYTES, Some("2"))]),
            request,
            "Error due to duplicate config keys",
        ),
        ((LOGGER, "1", &[("root", Some("INFO"))]), request, "Unknown resource type 8"),
        (
            (TOPIC, "nope", &[(BYTES, Some("1"))]),
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            "The topic 'nope' does not exist.",
        ),
        ((TOPIC, "a", &[("foo", Some("1"))]), ErrorCode::INVALID_CONFIG, "Unknown topic config name: foo"),
    ];
    for (resource, code, message) in cases {
        let response = kit.call(2, &replace(&[resource])).await;
        let answer = &response.responses[0];
        assert_eq!(
            (answer.error_code, answer.error_message.as_deref()),
            (code, Some(message)),
            "{resource:?}"
        );
    }
    let twice = kit.call(2, &replace(&[(TOPIC, "a", &[]), (TOPIC, "a", &[])])).await;
    assert!(twice.responses.iter().all(|response| response.error_code == request));
}

#[tokio::test(start_paused = true)]
async fn operations_are_looked_at_before_names_and_names_before_values() {
    let mut kit = Kit::new().await;
    let invalid = ErrorCode::INVALID_CONFIG;
    let request = ErrorCode::INVALID_REQUEST;
    let cases: [(Asked<'_>, _); 7] = [
        ((TOPIC, "", &[(BYTES, APPEND, Some("x"))]), invalid),
        ((TOPIC, "", &[(BYTES, SET, Some("x"))]), request),
        ((TOPIC, "a/b", &[(BYTES, APPEND, Some("x"))]), invalid),
        ((TOPIC, "a/b", &[(BYTES, SET, Some("x"))]), ErrorCode::INVALID_TOPIC_EXCEPTION),
        ((GROUP, "", &[("consumer.session.timeout.ms", SET, Some("x"))]), request),
        ((METRICS, "", &[("interval.ms", SET, Some("x"))]), request),
        ((TOPIC, "nope", &[(BYTES, SET, Some("x"))]), invalid),
    ];
    for (resource, code) in cases {
        assert_eq!(alter(&mut kit, resource).await.0, code, "{resource:?}");
    }
}
