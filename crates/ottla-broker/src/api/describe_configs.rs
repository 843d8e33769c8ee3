//! `DescribeConfigs` (key 32): the keys of topics, of this broker and of all brokers, of groups and of subscriptions
//! to client metrics, their values, and where these come from.
//!
//! What keys there are and what they mean is in [`crate::config`]. Levels of loggers, which Kafka lists too, belong
//! to whoever embeds the broker.

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
    DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_protocol::wire::Str;

use super::{Handling, told};
use crate::broker::Core;
use crate::config::definition::{Definition, broker_definitions, find, topic_definitions};
use crate::config::resource::ResourceKind;
use crate::config::{ConfigSource, Synonym};
use crate::topic_name;

/// The loggers of a broker, which have no configuration here.
const LOGGERS: i8 = 8;

type Refusal = (ErrorCode, String);
type Described = Result<Vec<DescribeConfigsResourceResult>, Refusal>;

/// Describes each resource. One of a kind that is not known spoils the whole request, as in Kafka.
pub(crate) fn handle(core: &Core, request: DescribeConfigsRequest) -> Handling {
    let include =
        Include { synonyms: request.include_synonyms, documentation: request.include_documentation };
    let is_known = |kind| kind == LOGGERS || ResourceKind::from_wire(kind).is_some();
    let unknown =
        request.resources.iter().map(|resource| resource.resource_type).find(|kind| !is_known(*kind));
    let mut response = DescribeConfigsResponse::default();
    for resource in request.resources {
        let mut result = DescribeConfigsResult::default();
        let described = match unknown {
            Some(kind) => Err(invalid(format!("resource type {kind} is not known"))),
            None => describe(core, &resource, include),
        };
        match described {
            Ok(configs) => {
                result.configs = configs;
                result.error_message = Some(Str::EMPTY);
            }
            Err((code, message)) => {
                result.error_code = code;
                result.error_message = Some(told(message));
            }
        }
        result.resource_type = resource.resource_type;
        result.resource_name = resource.resource_name;
        response.results.push(result);
    }
    Handling::respond(ResponseBody::DescribeConfigs(response))
}

#[derive(Clone, Copy)]
struct Include {
    synonyms: bool,
    documentation: bool,
}

fn describe(core: &Core, resource: &DescribeConfigsResource, include: Include) -> Described {
    let name = &resource.resource_name;
    match ResourceKind::from_wire(resource.resource_type) {
        Some(ResourceKind::Topic) => describe_topic(core, resource, include),
        Some(ResourceKind::Broker) if name.is_empty() => Ok(describe_all_brokers(core, resource, include)),
        Some(ResourceKind::Broker) => describe_broker(core, resource, include),
        Some(ResourceKind::ClientMetrics) if name.is_empty() => {
            Err(invalid("Client metrics subscription name must not be empty"))
        }
        Some(ResourceKind::ClientMetrics) => Ok(describe_subscription(core, resource, include)),
        Some(ResourceKind::Group) if name.is_empty() => Err(invalid("Group name must not be empty")),
        Some(ResourceKind::Group) => Ok(describe_group(core, resource, include)),
        None => Err(invalid("levels of loggers are not served")),
    }
}

fn invalid(words: impl Into<String>) -> Refusal {
    (ErrorCode::INVALID_REQUEST, words.into())
}

fn describe_topic(core: &Core, resource: &DescribeConfigsResource, include: Include) -> Described {
    let name = &resource.resource_name;
    topic_name::validate(name).map_err(|error| (ErrorCode::INVALID_TOPIC_EXCEPTION, error.to_string()))?;
    let unknown = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
    let topic = core.directory.by_name(name).ok_or(unknown)?;
    let broker = core.configs.broker();
    Ok(asked(topic_definitions(), resource)
        .map(|key| {
            let (value, source) = topic.config.effective(&broker, key);
            entry(key, value, source, include, || topic.config.synonyms(&broker, key))
        })
        .collect())
}

fn describe_broker(core: &Core, resource: &DescribeConfigsResource, include: Include) -> Described {
    let name = &resource.resource_name;
    let id: i32 =
        name.parse().map_err(|_| invalid(format!("Broker id must be an integer, but it is: {name}")))?;
    if id != core.node_id {
        let ours = core.node_id;
        return Err(invalid(format!(
            "Unexpected broker id, expected {ours} or empty string, but received {name}"
        )));
    }
    let broker = core.configs.broker();
    Ok(asked(broker_definitions(), resource)
        .map(|key| {
            let synonyms = match key.name() {
                "node.id" | "broker.id" => ids(core, key),
                _ => broker.synonyms(key),
            };
            let set = broker.value(key.name());
            let source = synonyms.first().map_or(ConfigSource::Default, |first| first.source);
            let value = match key.name() {
                "node.id" | "broker.id" => Some(core.node_id.to_string()),
                _ => set.map(|(value, _)| value).or(key.default_value()).map(str::to_owned),
            };
            entry(key, value, source, include, || synonyms)
        })
        .collect())
}

/// The id of the node goes by two names, and who gives the one gives both.
fn ids(core: &Core, key: &'static Definition) -> Vec<Synonym> {
    let given = core.config.given("node.id").or(core.config.given("broker.id"));
    let of = |value: &str, source| Synonym { name: key.name(), value: value.to_owned(), source };
    let given = given.map(|_| of(&core.node_id.to_string(), ConfigSource::StaticBroker));
    let default = key.default_value().map(|value| of(value, ConfigSource::Default));
    given.into_iter().chain(default).collect()
}

/// What was set for all brokers, and nothing else.
fn describe_all_brokers(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Vec<DescribeConfigsResourceResult> {
    let broker = core.configs.broker();
    let set = asked(broker_definitions(), resource).filter_map(|key| {
        let value = broker.cluster().get(key.name())?.clone();
        let source = ConfigSource::DynamicDefaultBroker;
        let synonyms = || broker.synonyms(key).into_iter().filter(|one| one.source == source).collect();
        Some(entry(key, Some(value), source, include, synonyms))
    });
    set.collect()
}

fn describe_subscription(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Vec<DescribeConfigsResourceResult> {
    let kind = ResourceKind::ClientMetrics;
    let values = core.configs.of(kind, &resource.resource_name);
    asked(kind.keys(), resource)
        .map(|key| {
            let set = values.get(key.name()).cloned();
            let own = set.clone().map(|value| Synonym {
                name: key.name(),
                value,
                source: ConfigSource::ClientMetrics,
            });
            let source = own.as_ref().map_or(ConfigSource::Default, |own| own.source);
            let value = set.or_else(|| key.default_value().map(str::to_owned));
            entry(key, value, source, include, || own.into_iter().collect())
        })
        .collect()
}

/// A group's keys fall back to those of the broker that have the same name behind `group.`.
fn describe_group(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Vec<DescribeConfigsResourceResult> {
    let kind = ResourceKind::Group;
    let values = core.configs.of(kind, &resource.resource_name);
    let broker = core.configs.broker();
    asked(kind.keys(), resource)
        .map(|key| {
            let own = values.get(key.name()).map(|value| Synonym {
                name: key.name(),
                value: value.clone(),
                source: ConfigSource::Group,
            });
            let fallback = match find(broker_definitions(), &format!("group.{}", key.name())) {
                Some(brokers) => broker.synonyms(brokers),
                None => key
                    .default_value()
                    .map(|value| Synonym {
                        name: key.name(),
                        value: value.to_owned(),
                        source: ConfigSource::Default,
                    })
                    .into_iter()
                    .collect(),
            };
            let synonyms: Vec<_> = own.into_iter().chain(fallback).collect();
            let first = synonyms.first();
            let source = first.map_or(ConfigSource::Default, |first| first.source);
            let value = first.map(|first| first.value.clone());
            entry(key, value, source, include, || synonyms)
        })
        .collect()
}

/// The keys that a resource is asked for: those named, all of them when none is.
fn asked(
    table: &'static [Definition],
    resource: &DescribeConfigsResource,
) -> impl Iterator<Item = &'static Definition> {
    let named = resource.configuration_keys.as_deref().filter(|keys| !keys.is_empty());
    table.iter().filter(|key| !key.is_internal()).filter(move |key| match named {
        Some(named) => named.iter().any(|name| name.as_str() == key.name()),
        None => true,
    })
}

fn entry(
    key: &'static Definition,
    value: Option<String>,
    source: ConfigSource,
    include: Include,
    synonyms: impl FnOnce() -> Vec<Synonym>,
) -> DescribeConfigsResourceResult {
    let shown = |value: Option<String>| value.filter(|_| !key.is_sensitive()).map(Str::from);
    let mut entry = DescribeConfigsResourceResult::default();
    entry.name = Str::from_static(key.name());
    entry.value = shown(value);
    entry.read_only = !key.is_dynamic();
    entry.config_source = source.wire_code();
    entry.is_sensitive = key.is_sensitive();
    entry.config_type = key.value_type().wire_code();
    entry.documentation = include.documentation.then(|| Str::from_static(key.documentation()));
    if include.synonyms {
        let synonym = |synonym: Synonym| {
            let mut listed = DescribeConfigsSynonym::default();
            listed.name = Str::from_static(synonym.name);
            listed.value = shown(Some(synonym.value));
            listed.source = synonym.source.wire_code();
            listed
        };
        entry.synonyms = synonyms().into_iter().map(synonym).collect();
    }
    entry
}
