//! Configuration of topics, brokers and what else has one: what it is.
//!
//! Changing it is in `alter`.

pub(super) mod alter;

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
};
use ottla_protocol::wire::Str;

use super::Admin;
use super::routed::{Answered, Located, Outcomes, Route, Routed, route, topic_subject};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

/// Something that has a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ConfigResource {
    /// A topic, by name.
    Topic(Str),
    /// A broker, by id.
    Broker(NodeId),
    /// All brokers, where they have nothing of their own.
    AllBrokers,
    /// What a broker logs, by id.
    BrokerLogger(NodeId),
    /// A subscription to metrics of clients, by name (KIP-714).
    ClientMetrics(Str),
    /// A group, by name (KIP-848).
    Group(Str),
}

impl ConfigResource {
    /// Kafka's number for its kind, and its name.
    fn to_wire(&self) -> (i8, Str) {
        match self {
            Self::Topic(name) => (TOPIC, name.clone()),
            Self::Broker(id) => (BROKER, Str::from(id.to_string())),
            Self::AllBrokers => (BROKER, Str::default()),
            Self::BrokerLogger(id) => (BROKER_LOGGER, Str::from(id.to_string())),
            Self::ClientMetrics(name) => (CLIENT_METRICS, name.clone()),
            Self::Group(name) => (GROUP, name.clone()),
        }
    }

    fn from_wire(kind: i8, name: Str) -> Option<Self> {
        let id = || name.parse().ok().map(NodeId);
        Some(match kind {
            TOPIC => Self::Topic(name),
            BROKER if name.is_empty() => Self::AllBrokers,
            BROKER => Self::Broker(id()?),
            BROKER_LOGGER => Self::BrokerLogger(id()?),
            CLIENT_METRICS => Self::ClientMetrics(name),
            GROUP => Self::Group(name),
            _ => return None,
        })
    }

    /// The one broker that has to be asked, if there is one.
    fn node(&self) -> Option<NodeId> {
        match self {
            // Only a broker itself knows what it runs with.
            Self::Broker(id) | Self::BrokerLogger(id) => Some(*id),
            Self::Topic(_) | Self::AllBrokers | Self::ClientMetrics(_) | Self::Group(_) => None,
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Topic(name) => topic_subject(name),
            Self::Broker(id) => format!("broker {id}"),
            Self::AllBrokers => "all brokers".to_owned(),
            Self::BrokerLogger(id) => format!("logging of broker {id}"),
            Self::ClientMetrics(name) => format!("metrics subscription {:?}", name.as_str()),
            Self::Group(name) => format!("group {:?}", name.as_str()),
        }
    }
}

/// Where a configuration value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigSource {
    /// Set on the topic.
    Topic,
    /// Set on this broker while it ran.
    DynamicBroker,
    /// Set on all brokers while they ran.
    DynamicDefaultBroker,
    /// Set in the broker's configuration file.
    StaticBroker,
    /// Not set.
    Default,
    /// Set on what this broker logs, while it ran.
    DynamicBrokerLogger,
    /// Set on a subscription to metrics of clients.
    ClientMetrics,
    /// Set on the group.
    Group,
    /// Something that this release does not know, by Kafka's number.
    Other(i8),
}

impl From<i8> for ConfigSource {
    fn from(number: i8) -> Self {
        match number {
            1 => Self::Topic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            7 => Self::ClientMetrics,
            8 => Self::Group,
            other => Self::Other(other),
        }
    }
}

/// What a configuration value has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigType {
    /// `true` or `false`.
    Boolean,
    /// Any text.
    String,
    /// A number of 32 bits.
    Int,
    /// A number of 16 bits.
    Short,
    /// A number of 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a class.
    Class,
    /// A secret.
    Password,
    /// Not told, or something that this release does not know, by Kafka's number.
    Other(i8),
}

impl From<i8> for ConfigType {
    fn from(number: i8) -> Self {
        match number {
            1 => Self::Boolean,
            2 => Self::String,
            3 => Self::Int,
            4 => Self::Short,
            5 => Self::Long,
            6 => Self::Double,
            7 => Self::List,
            8 => Self::Class,
            9 => Self::Password,
            other => Self::Other(other),
        }
    }
}

/// One configuration value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigEntry {
    /// Kafka's key.
    pub name: Str,
    /// The value; `None` for secrets, and where there is none.
    pub value: Option<Str>,
    /// Where it comes from.
    pub source: ConfigSource,
    /// Whether it can be changed while the broker runs.
    pub is_read_only: bool,
    /// Whether it is a secret.
    pub is_sensitive: bool,
    /// What it has to look like.
    pub kind: ConfigType,
    /// The values that would hold where this one is not set, and this one, the strongest first. Only if
    /// asked for.
    pub synonyms: Vec<ConfigSynonym>,
    /// What it is for, in the broker's words. Only if asked for.
    pub documentation: Option<Str>,
}

/// A value that would hold if stronger ones were not set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigSynonym {
    /// The key that it is set under.
    pub name: Str,
    /// The value; `None` for secrets, and where there is none.
    pub value: Option<Str>,
    /// Where it comes from.
    pub source: ConfigSource,
}

/// What to find out about configurations: everything but synonyms and documentation, until said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigQuery {
    keys: Option<Vec<Str>>,
    synonyms: bool,
    documentation: bool,
}

impl ConfigQuery {
    /// All keys, with their values alone.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these keys.
    #[must_use]
    pub fn with_keys<T: Into<Str>>(mut self, keys: impl IntoIterator<Item = T>) -> Self {
        self.keys.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// Also the values that would hold if stronger ones were not set.
    #[must_use]
    pub fn with_synonyms(mut self) -> Self {
        self.synonyms = true;
        self
    }

    /// Also what the keys are for.
    #[must_use]
    pub fn with_documentation(mut self) -> Self {
        self.documentation = true;
        self
    }
}

impl Admin {
    /// The configuration of a topic or a broker, by key.
    ///
    /// # Errors
    /// [`Error::Refused`] if it does not exist, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_configs(&self, resource: &ConfigResource) -> Result<Vec<ConfigEntry>, Error> {
        let mut outcomes = self.query_configs([resource.clone()], &ConfigQuery::all()).await;
        outcomes.remove(resource).unwrap_or_else(|| Ok(Vec::new()))
    }

    /// The configurations of several things, by key, each on its own.
    ///
    /// # Errors
    /// Each has its own outcome, as that of [`describe_configs`](Self::describe_configs).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn query_configs(
        &self,
        resources: impl IntoIterator<Item = ConfigResource>,
        query: &ConfigQuery,
    ) -> BTreeMap<ConfigResource, Result<Vec<ConfigEntry>, Error>> {
        route(&self.client, &DescribeConfigs { query }, resources).await
    }
}

/// Brokers know and change their own configuration; the controller that of everything else.
pub(super) struct ToOwner;

impl Route<ConfigResource> for ToOwner {
    async fn locate(client: &Client, keys: Vec<ConfigResource>) -> Located<ConfigResource> {
        let controller = client.controller();
        keys.into_iter().map(|key| (key.clone(), Ok(key.node().unwrap_or(controller)))).collect()
    }

    fn failed(client: &Client, _resource: &ConfigResource, _node: NodeId, error: &Error) {
        if error.is_retriable() {
            client.want_refresh();
        }
    }
}

struct DescribeConfigs<'a> {
    query: &'a ConfigQuery,
}

impl Routed for DescribeConfigs<'_> {
    type Key = ConfigResource;
    type Value = Vec<ConfigEntry>;
    type Route = ToOwner;
    const WHAT: &'static str = "describing configurations";
    const API: ApiKey = ApiKey::DescribeConfigs;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[ConfigResource]) -> Answered<Self> {
        let mut request = DescribeConfigsRequest::default();
        request.include_synonyms = self.query.synonyms;
        request.include_documentation = self.query.documentation;
        for resource in keys {
            let mut asked = DescribeConfigsResource::default();
            (asked.resource_type, asked.resource_name) = resource.to_wire();
            asked.configuration_keys.clone_from(&self.query.keys);
            request.resources.push(asked);
        }
        let mut outcomes = Outcomes::new();
        for described in client.call(node, &request).await?.results {
            let resource = ConfigResource::from_wire(described.resource_type, described.resource_name);
            let Some(resource) = resource else { continue };
            let message = described.error_message.as_deref();
            let outcome = Error::check(resource.subject(), described.error_code, message).map(|()| {
                let mut entries: Vec<_> =
                    described.configs.into_iter().map(ConfigEntry::from_answer).collect();
                entries.sort_by(|one, other| one.name.cmp(&other.name));
                entries
            });
            outcomes.insert(resource, outcome);
        }
        Ok(outcomes)
    }

    fn subject(resource: &ConfigResource) -> String {
        resource.subject()
    }

    fn is_final(&self, error: &Error) -> bool {
        is_final(error)
    }
}

/// That a topic or group does not exist (yet) is worth waiting for elsewhere; here it is the answer.
fn is_final(error: &Error) -> bool {
    !error.is_retriable() || error.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
}

impl ConfigEntry {
    fn from_answer(answer: DescribeConfigsResourceResult) -> Self {
        let synonym = |synonym: ottla_protocol::messages::describe_configs::DescribeConfigsSynonym| {
            ConfigSynonym { name: synonym.name, value: synonym.value, source: synonym.source.into() }
        };
        Self {
            name: answer.name,
            value: answer.value,
            source: answer.config_source.into(),
            is_read_only: answer.read_only,
            is_sensitive: answer.is_sensitive,
            kind: answer.config_type.into(),
            synonyms: answer.synonyms.into_iter().map(synonym).collect(),
            documentation: answer.documentation,
        }
    }
}
