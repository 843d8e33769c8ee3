//! What asks and changes nothing: `Metadata`, `DescribeCluster`, `DescribeConfigs`, `FindCoordinator`, `ApiVersions`.

use std::sync::LazyLock;

use ottla::protocol::messages::api_versions::ApiVersionsRequest;
use ottla::protocol::messages::describe_cluster::DescribeClusterRequest;
use ottla::protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla::protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla::protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use ottla::protocol::wire::{Str, Uuid};

use super::Case;
use super::reasons::{ANYTHING, STUMBLES};
use super::world::{STILL, TARGET, World};

pub(super) fn cases(world: &World) -> Vec<Case> {
    let mut cases = metadata(world);
    cases.extend(configs());
    cases.extend(coordinators());
    cases.extend(others());
    cases
}

fn metadata(world: &World) -> Vec<Case> {
    let of = |name: &str, expected, version, topics: &[(Option<&str>, Uuid)]| {
        let topics = topics.iter().map(|(name, id)| {
            let name = name.map(|name| Str::from(name.to_owned()));
            MetadataRequestTopic::default().with_name(name).with_topic_id(*id)
        });
        let request = MetadataRequest::default().with_topics(Some(topics.collect()));
        Case::new(format!("Metadata of {name}"), expected)
            .request(version, &request.with_allow_auto_topic_creation(version < 4))
    };
    let (zero, unknown) = (Uuid::ZERO, Uuid([7; 16]));
    let bad = "INVALID_TOPIC_EXCEPTION";
    let long = "t".repeat(250);
    vec![
        of("a topic", "NONE", 12, &[(Some(TARGET), zero)]),
        of("a topic, v0", "NONE", 0, &[(Some(TARGET), zero)]),
        of("a topic by id", "NONE", 12, &[(None, world.target_id)]),
        of("no topic", "nothing", 12, &[]),
        of("an unknown name", "UNKNOWN_TOPIC_OR_PARTITION", 12, &[(Some("hostile-unknown"), zero)]),
        of("an empty name", bad, 12, &[(Some(""), zero)]),
        of("an empty name, v3, where it would be created", bad, 3, &[(Some(""), zero)]),
        of("the name ..", bad, 12, &[(Some(".."), zero)]),
        of("a name with a slash", bad, 12, &[(Some("a/b"), zero)]),
        of("a name with a slash, v3, where it would be created", bad, 3, &[(Some("a/b"), zero)]),
        of("a name in emoji", bad, 12, &[(Some("🦦"), zero)]),
        of("a name of 250 letters", bad, 12, &[(Some(&long), zero)]),
        of("an unknown id", "UNKNOWN_TOPIC_ID", 12, &[(None, unknown)]),
        of("null and the zero id", "INVALID_REQUEST", 12, &[(None, zero)])
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("an unknown id, v10, which has no ids yet", "INVALID_REQUEST", 10, &[(Some(""), unknown)]),
        of("a null name, v10", "INVALID_REQUEST", 10, &[(None, zero)]),
        of("a name and its id", "NONE", 12, &[(Some(TARGET), world.target_id)]),
        of("a name and another's id", "NONE", 12, &[(Some(TARGET), world.still_id)]),
        of("a name and an unknown id", "UNKNOWN_TOPIC_ID", 12, &[(Some(TARGET), unknown)]),
        of("a name and, besides, an id", "NONE", 12, &[(Some(TARGET), zero), (None, world.still_id)]),
        of("the same name twice", "NONE", 12, &[(Some(TARGET), zero), (Some(TARGET), zero)]),
        of("the same id twice", "NONE", 12, &[(None, world.target_id), (None, world.target_id)]),
        of(
            "good and bad names",
            "INVALID_TOPIC_EXCEPTION, NONE, UNKNOWN_TOPIC_OR_PARTITION",
            12,
            &[(Some("hostile-unknown"), zero), (Some("a/b"), zero), (Some(STILL), zero)],
        ),
    ]
}

static LONG: LazyLock<String> = LazyLock::new(|| "n".repeat(32_767));

fn configs() -> Vec<Case> {
    let of = |name: &str, expected, resources: &[(i8, &'static str, Option<&[&'static str]>)]| {
        let resources = resources.iter().map(|(kind, name, keys)| {
            DescribeConfigsResource::default()
                .with_resource_type(*kind)
                .with_resource_name(Str::from(*name))
                .with_configuration_keys(keys.map(|keys| keys.iter().map(|key| Str::from(*key)).collect()))
        });
        let request = DescribeConfigsRequest::default().with_resources(resources.collect());
        Case::new(format!("DescribeConfigs of {name}"), expected).request(4, &request)
    };
    const LATER: &str = "levels of loggers belong to whoever embeds the broker";
    vec![
        of("a topic", "NONE with configs", &[(2, TARGET, None)]),
        of("a broker", "NONE with configs", &[(4, "1", None)]),
        of("one key", "NONE with configs", &[(2, TARGET, Some(&["retention.ms"]))]),
        of("no key", "NONE with configs", &[(2, TARGET, Some(&[]))]),
        of("an unknown key", "NONE", &[(2, TARGET, Some(&["no.such.key"]))]),
        of("an unknown topic", "UNKNOWN_TOPIC_OR_PARTITION", &[(2, "hostile-unknown", None)]),
        of("a bad topic name", "INVALID_TOPIC_EXCEPTION", &[(2, "a/b", None)]),
        of("an empty topic name", "INVALID_TOPIC_EXCEPTION", &[(2, "", None)]),
        of("a topic of 32,767 letters", "INVALID_TOPIC_EXCEPTION", &[(2, LONG.as_str(), None)])
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("a broker of 32,767 letters", "INVALID_REQUEST", &[(4, LONG.as_str(), None)])
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("another broker", "INVALID_REQUEST", &[(4, "7", None)]),
        of("a broker that is no number", "INVALID_REQUEST", &[(4, "one", None)]),
        of("all brokers", "NONE", &[(4, "", None)]).kafka(
            "NONE with configs",
            "formatting a new Kafka sets one key for all brokers; on a new ottla none is set",
        ),
        of("a broker's loggers", "INVALID_REQUEST", &[(8, "1", None)]).kafka("NONE with configs", LATER),
        of("resource type 0", "INVALID_REQUEST", &[(0, "x", None)]),
        of("resource type 1", "INVALID_REQUEST", &[(1, "x", None)]),
        of("resource type 3", "INVALID_REQUEST", &[(3, "x", None)]),
        of("resource type 99", "INVALID_REQUEST", &[(99, "x", None)]),
        of("resource type -1", "INVALID_REQUEST", &[(-1, "x", None)]),
        of("a client's metrics", "NONE with configs", &[(16, "x", None)]),
        of("a client's metrics without a name", "INVALID_REQUEST", &[(16, "", None)]),
        of("a group", "NONE with configs", &[(32, "x", None)]),
        of("a group without a name", "INVALID_REQUEST", &[(32, "", None)]),
        of(
            "a topic, and a resource of a kind that is not known",
            "INVALID_REQUEST, INVALID_REQUEST",
            &[(2, TARGET, None), (99, "x", None)],
        ),
        of("nothing", "nothing", &[]),
        of(
            "the same topic twice",
            "NONE with configs, NONE with configs",
            &[(2, TARGET, None), (2, TARGET, None)],
        ),
    ]
}

fn coordinators() -> Vec<Case> {
    const CREATED: &str = "its topic is created first, where Kafka answers that there is none yet";
    let one = |name: &str, expected, version, key: &'static str, kind| {
        let request = FindCoordinatorRequest::default().with_key(Str::from(key)).with_key_type(kind);
        Case::new(format!("FindCoordinator {name}"), expected).request(version, &request)
    };
    let many = |name: &str, expected, kind, keys: &[&'static str]| {
        let keys = keys.iter().map(|key| Str::from(*key)).collect();
        let request = FindCoordinatorRequest::default().with_key_type(kind).with_coordinator_keys(keys);
        Case::new(format!("FindCoordinator {name}"), expected).request(6, &request)
    };
    vec![
        one("of type 7, v3", "INVALID_REQUEST", 3, "key", 7),
        one("of type -1, v3", "INVALID_REQUEST", 3, "key", -1),
        one("of type 2, v3", "INVALID_REQUEST", 3, "key", 2),
        many("of type 7", "INVALID_REQUEST", 7, &["key"]),
        many("of type -1", "INVALID_REQUEST", -1, &["key"]),
        many("for nothing", "NONE", 0, &[]),
        many("of type 7 for nothing", "NONE", 7, &[]),
        many("for a share group with a bad key", "INVALID_REQUEST", 2, &["no partition"]),
        many("for a share group with a bad topic id", "INVALID_REQUEST", 2, &["group:topic:0"]),
        many("for a share group with a zero topic id", "NONE", 2, &["group:AAAAAAAAAAAAAAAAAAAAAA:0"])
            .kafka(ANYTHING, CREATED),
        many("for a share group and no partition", "INVALID_REQUEST", 2, &["group:AAAAAAAAAAAAAAAAAAAAAQ:x"]),
        many("for a share group and partition -1", "NONE", 2, &["group:AAAAAAAAAAAAAAAAAAAAAQ:-1"])
            .kafka(ANYTHING, CREATED),
        many("for a share group without a name", "INVALID_REQUEST", 2, &[":AAAAAAAAAAAAAAAAAAAAAQ:0"]),
        many("for a share group with a part too many", "NONE", 2, &["a:b:AAAAAAAAAAAAAAAAAAAAAQ:0"])
            .kafka(ANYTHING, CREATED),
        many("for a group without a name", "NONE", 0, &[""]),
        many("for the same group twice", "NONE, NONE", 0, &["g", "g"]),
        one("for a group, v0", "NONE", 0, "g", 0),
        one("for a group, v3", "NONE", 3, "g", 0),
        many("for a transaction without a name", "NONE", 1, &[""]).kafka(ANYTHING, CREATED),
    ]
}

fn others() -> Vec<Case> {
    let cluster = |name: &str, expected, version, endpoint| {
        let request = DescribeClusterRequest::default().with_endpoint_type(endpoint);
        Case::new(format!("DescribeCluster {name}"), expected).request(version, &request)
    };
    let software = |name: &str, expected, software: &str, version: &str| {
        let request = ApiVersionsRequest::default()
            .with_client_software_name(Str::from(software.to_owned()))
            .with_client_software_version(Str::from(version.to_owned()));
        Case::new(format!("ApiVersions {name}"), expected).request(4, &request)
    };
    vec![
        cluster("of brokers", "NONE", 2, 1),
        cluster("of controllers", "MISMATCHED_ENDPOINT_TYPE", 2, 2),
        cluster("of endpoint type 0", "UNSUPPORTED_ENDPOINT_TYPE", 2, 0),
        cluster("of endpoint type 99", "UNSUPPORTED_ENDPOINT_TYPE", 1, 99),
        software("from a client with a name", "NONE", "librdkafka", "2.3.0"),
        software("from a client without a name", "INVALID_REQUEST", "", "1"),
        software("from a client without a version", "INVALID_REQUEST", "name", ""),
        software("from a client with a space in its name", "INVALID_REQUEST", "a b", "1"),
        software("from a client in emoji", "INVALID_REQUEST", "🦦", "1"),
    ]
}
