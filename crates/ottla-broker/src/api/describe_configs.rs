//! `DescribeConfigs` (key 32): the keys of topics and of this broker, their values, and where these come from.
//!
//! What keys there are and what they mean is in [`crate::config`].

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
    DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_protocol::wire::Str;

use super::{Handling, told};
use crate::broker::Core;
use crate::config::definition::{Definition, broker_definitions, topic_definitions};
use crate::config::{ConfigSource, Synonym};
use crate::topic_name;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

type Refusal = (ErrorCode, String);

/// Describes each resource.
pub(crate) fn handle(core: &Core, request: DescribeConfigsRequest) -> Handling {
    let include =
        Include { synonyms: request.include_synonyms, documentation: request.include_documentation };
    let mut response = DescribeConfigsResponse::default();
    for resource in request.resources {
        let mut result = DescribeConfigsResult::default();
        match describe(core, &resource, include) {
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

fn describe(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    match resource.resource_type {
        TOPIC => describe_topic(core, resource, include),
        BROKER => describe_broker(core, resource, include),
        other => Err((
            ErrorCode::INVALID_REQUEST,
            format!("configurations of resource type {other} are not served"),
        )),
    }
}

fn describe_topic(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let name = &resource.resource_name;
    topic_name::validate(name).map_err(|error| (ErrorCode::INVALID_TOPIC_EXCEPTION, error.to_string()))?;
    let unknown = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
    let topic = core.directory.by_name(name).ok_or(unknown)?;
    Ok(asked(topic_definitions(), resource)
        .map(|key| {
            let (value, source) = topic.config.effective(&core.config, key);
            entry(key, value, source, include, || topic.config.synonyms(&core.config, key))
        })
        .collect())
}

fn describe_broker(
    core: &Core,
    resource: &DescribeConfigsResource,
    include: Include,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let name = &resource.resource_name;
    if name.is_empty() {
        return Ok(Vec::new()); // what is set for all brokers of the cluster: nothing, since nothing can be
    }
    let invalid = |words: String| (ErrorCode::INVALID_REQUEST, words);
    let id: i32 =
        name.parse().map_err(|_| invalid(format!("Broker id must be an integer, but it is: {name}")))?;
    if id != core.node_id {
        let ours = core.node_id;
        return Err(invalid(format!(
            "Unexpected broker id, expected {ours} or empty string, but received {name}"
        )));
    }
    Ok(asked(broker_definitions(), resource)
        .map(|key| {
            let given = core.config.given(key.name());
            let source = if given.is_some() { ConfigSource::StaticBroker } else { ConfigSource::Default };
            let value = match key.name() {
                "node.id" | "broker.id" => Some(core.node_id.to_string()),
                _ => given.or(key.default_value()).map(str::to_owned),
            };
            entry(key, value, source, include, || core.config.synonyms(key))
        })
        .collect())
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
    if include.documentation {
        entry.documentation = Some(Str::from_static(key.documentation()));
    }
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
