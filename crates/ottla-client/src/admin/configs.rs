//! Configuration of topics and brokers.

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
};
use ottla_protocol::wire::Str;

use super::Admin;
use crate::error::Error;
use crate::node::NodeId;
use crate::retry::Retries;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// Something that has a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ConfigResource {
    /// A topic, by name.
    Topic(Str),
    /// A broker, by id.
    Broker(NodeId),
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
    /// Something that this release does not know, by Kafka's number.
    Other(i8),
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
}

impl Admin {
    /// The configuration of a topic or a broker, by key.
    ///
    /// # Errors
    /// [`Error::Refused`] if it does not exist, or that nobody answered.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_configs(&self, resource: &ConfigResource) -> Result<Vec<ConfigEntry>, Error> {
        let mut asked = DescribeConfigsResource::default();
        asked.configuration_keys = None; // all
        (asked.resource_type, asked.resource_name) = match resource {
            ConfigResource::Topic(name) => (TOPIC, name.clone()),
            ConfigResource::Broker(id) => (BROKER, Str::from(id.to_string())),
        };
        let mut request = DescribeConfigsRequest::default();
        request.resources = vec![asked];
        let mut retries = Retries::new(&self.client, "describing a configuration");
        loop {
            match self.describe_configs_once(resource, &request).await {
                Ok(entries) => return Ok(entries),
                Err(error) => retries.after(error).await?,
            }
        }
    }

    async fn describe_configs_once(
        &self,
        resource: &ConfigResource,
        request: &DescribeConfigsRequest,
    ) -> Result<Vec<ConfigEntry>, Error> {
        let answer = match resource {
            ConfigResource::Topic(_) => self.client.call_any(request).await?,
            // Only a broker itself knows what it runs with.
            ConfigResource::Broker(id) => self.client.call(*id, request).await?,
        };
        let Some(described) = answer.results.into_iter().next() else {
            let missing = "a result".to_owned();
            return Err(Error::IncompleteAnswer { node: NodeId(-1), api: ApiKey::DescribeConfigs, missing });
        };
        let subject = match resource {
            ConfigResource::Topic(name) => format!("topic {:?}", name.as_str()),
            ConfigResource::Broker(id) => format!("broker {id}"),
        };
        Error::check(subject, described.error_code, described.error_message.as_deref())?;
        let mut entries: Vec<_> = described.configs.into_iter().map(ConfigEntry::from_answer).collect();
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }
}

impl ConfigEntry {
    fn from_answer(answer: DescribeConfigsResourceResult) -> Self {
        let source = match answer.config_source {
            1 => ConfigSource::Topic,
            2 => ConfigSource::DynamicBroker,
            3 => ConfigSource::DynamicDefaultBroker,
            4 => ConfigSource::StaticBroker,
            5 => ConfigSource::Default,
            other => ConfigSource::Other(other),
        };
        Self {
            name: answer.name,
            value: answer.value,
            source,
            is_read_only: answer.read_only,
            is_sensitive: answer.is_sensitive,
        }
    }
}
