//! Configurations: `AlterConfigs`, `IncrementalAlterConfigs`, `ListConfigResources`.

use ottla::protocol::messages::alter_configs::{self, AlterConfigsRequest};
use ottla::protocol::messages::get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest;
use ottla::protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla::protocol::messages::list_config_resources::ListConfigResourcesRequest;
use ottla::protocol::messages::push_telemetry::PushTelemetryRequest;
use ottla::protocol::wire::Str;

use super::Case;
use super::reasons::{ANYTHING, STUMBLES};
use super::world::TARGET;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGERS: i8 = 8;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = incremental();
    cases.extend(whole());
    cases.extend(listing());
    cases.extend(metrics_that_nobody_takes());
    cases
}

type Key<'a> = (&'a str, i8, Option<&'a str>);

/// Nothing is changed: what would be is only validated.
fn incremental() -> Vec<Case> {
    let of = |name: &str, expected, resources: &[(i8, &str, &[Key<'_>])]| {
        let resources = resources.iter().map(|(kind, name, keys)| {
            let keys = keys.iter().map(|(key, operation, value)| {
                AlterableConfig::default()
                    .with_name(Str::from((*key).to_owned()))
                    .with_config_operation(*operation)
                    .with_value(value.map(|value| Str::from(value.to_owned())))
            });
            AlterConfigsResource::default()
                .with_resource_type(*kind)
                .with_resource_name(Str::from((*name).to_owned()))
                .with_configs(keys.collect())
        });
        let request = IncrementalAlterConfigsRequest::default();
        let request = request.with_resources(resources.collect()).with_validate_only(true);
        Case::new(format!("IncrementalAlterConfigs of {name}"), expected).request(1, &request)
    };
    let session = "consumer.session.timeout.ms";
    let (config, request) = ("INVALID_CONFIG", "INVALID_REQUEST");
    let long = "9".repeat(32_767);
    let endless = format!("client_id={}", "(".repeat(1_000));
    vec![
        of("nothing", "nothing", &[]),
        of("a topic", "NONE", &[(TOPIC, TARGET, &[("retention.ms", SET, Some("-1"))])]),
        of("a topic, and nothing of it", "NONE", &[(TOPIC, TARGET, &[])]),
        of("a number of 32,767 digits", config, &[(TOPIC, TARGET, &[("retention.ms", SET, Some(&long))])])
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("no key", config, &[(TOPIC, TARGET, &[("", SET, Some("1"))])]),
        of("a list that is none", config, &[(TOPIC, TARGET, &[("retention.ms", APPEND, Some("1"))])]),
        of("an operation that there is not", request, &[(TOPIC, TARGET, &[("retention.ms", 77, Some("1"))])])
            .kafka("UNKNOWN_SERVER_ERROR", STUMBLES),
        of("a key that is null", request, &[(TOPIC, TARGET, &[("retention.ms", SET, None)])]),
        of("a key deleted with null", "NONE", &[(TOPIC, TARGET, &[("retention.ms", DELETE, None)])]),
        of(
            "a topic twice",
            "INVALID_REQUEST, INVALID_REQUEST",
            &[(TOPIC, TARGET, &[]), (TOPIC, TARGET, &[])],
        ),
        of("loggers", request, &[(LOGGERS, "1", &[("root", SET, Some("LOUD"))])])
            .kafka("INVALID_CONFIG", "levels of loggers belong to whoever embeds the broker"),
        of("resource type 3", request, &[(3, "x", &[])]),
        of("another broker", request, &[(BROKER, "7", &[("message.max.bytes", SET, Some("1000"))])]),
        of("a group", "NONE", &[(GROUP, "g", &[(session, SET, Some("50000"))])]),
        of("a group without a name", request, &[(GROUP, "", &[(session, SET, Some("50000"))])]),
        of("a group, out of bounds", config, &[(GROUP, "g", &[(session, SET, Some("1"))])]),
        of("a group, past its type", config, &[(GROUP, "g", &[(session, SET, Some("2147483648"))])]),
        of("a group's key appended to", config, &[(GROUP, "g", &[(session, APPEND, Some("1"))])]),
        of(
            "a share group's start before time",
            config,
            &[(GROUP, "g", &[("share.auto.offset.reset", SET, Some("by_duration:-PT1H"))])],
        ),
        of(
            "a share group's start by a duration past any type",
            config,
            &[(GROUP, "g", &[("share.auto.offset.reset", SET, Some("by_duration:P9223372036854775807D"))])],
        ),
        of("a subscription", "NONE", &[(METRICS, "m", &[("metrics", SET, Some("*"))])]),
        of("a subscription without a name", request, &[(METRICS, "", &[("metrics", SET, Some("*"))])]),
        of("a subscription, too often", request, &[(METRICS, "m", &[("interval.ms", SET, Some("0"))])]),
        of("a subscription to clients of no kind", config, &[(METRICS, "m", &[("match", SET, Some("a=b"))])]),
        of(
            "a subscription with an expression that does not end",
            config,
            &[(METRICS, "m", &[("match", SET, Some("client_id=["))])],
        ),
        of(
            "a subscription with a thousand brackets",
            config,
            &[(METRICS, "m", &[("match", SET, Some(&endless))])],
        ),
        of("a subscription's unknown key", request, &[(METRICS, "m", &[("foo", SET, Some("1"))])]),
    ]
}

fn whole() -> Vec<Case> {
    let of = |name: &str, expected, kind, resource: &str, keys: &[(&str, Option<&str>)]| {
        let keys = keys.iter().map(|(key, value)| {
            alter_configs::AlterableConfig::default()
                .with_name(Str::from((*key).to_owned()))
                .with_value(value.map(|value| Str::from(value.to_owned())))
        });
        let resource = alter_configs::AlterConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(Str::from(resource.to_owned()))
            .with_configs(keys.collect());
        let request = AlterConfigsRequest::default().with_resources(vec![resource]).with_validate_only(true);
        Case::new(format!("AlterConfigs of {name}"), expected).request(2, &request)
    };
    vec![
        of("a topic", "NONE", TOPIC, TARGET, &[("retention.ms", Some("-1"))]),
        of("a group", "NONE", GROUP, "g", &[("share.isolation.level", Some("read_committed"))]),
        of("a group, wrongly", "INVALID_CONFIG", GROUP, "g", &[("share.isolation.level", Some("dirty"))]),
        of("a group's key that is null", "INVALID_REQUEST", GROUP, "g", &[("share.isolation.level", None)]),
        of("a subscription", "NONE", METRICS, "m", &[("interval.ms", Some("100"))]),
        of("a subscription, wrongly", "INVALID_CONFIG", METRICS, "m", &[("interval.ms", Some("often"))]),
        of("an unknown topic", "UNKNOWN_TOPIC_OR_PARTITION", TOPIC, "hostile-unknown", &[]),
    ]
}

fn listing() -> Vec<Case> {
    let of = |name: &str, expected, version, kinds: &[i8]| {
        let request = ListConfigResourcesRequest::default().with_resource_types(kinds.to_vec());
        Case::new(format!("ListConfigResources of {name}"), expected).request(version, &request)
    };
    vec![
        of("everything", "NONE of {2, 4}", 1, &[])
            .kafka("NONE of {2, 4, 8}", "levels of loggers belong to whoever embeds the broker"),
        of("what the first version knows", "NONE of {}", 0, &[]),
        of("brokers, twice", "NONE of {4}", 1, &[BROKER, BROKER]),
        of("kind 0", "UNSUPPORTED_VERSION of {}", 1, &[0]),
        of("a kind that is known and one that is not", "UNSUPPORTED_VERSION of {}", 1, &[TOPIC, 99]),
        of("a thousand kinds", "UNSUPPORTED_VERSION of {}", 1, &[-1; 1_000]),
    ]
}

/// Without a receiver these are not served.
fn metrics_that_nobody_takes() -> Vec<Case> {
    const ANSWERED: &str = "Kafka does not advertise them either, and answers all the same";
    let asked = Case::new("GetTelemetrySubscriptions where nobody takes metrics", "closed");
    let pushed = Case::new("PushTelemetry where nobody takes metrics", "closed");
    vec![
        asked.request(0, &GetTelemetrySubscriptionsRequest::default()).kafka(ANYTHING, ANSWERED),
        pushed.request(0, &PushTelemetryRequest::default()).kafka(ANYTHING, ANSWERED),
    ]
}
