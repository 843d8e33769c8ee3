//! Changing configuration key by key, which leaves other keys as they are (KIP-339).

use std::collections::BTreeMap;

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_protocol::wire::Str;

use super::{ConfigResource, ToOwner, is_final};
use crate::admin::Admin;
use crate::admin::routed::{Answered, Outcomes, Routed, route};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;

/// A change of one configuration value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    key: Str,
    value: Option<Str>,
    operation: i8,
}

impl ConfigChange {
    /// Sets a key.
    pub fn set(key: impl Into<Str>, value: impl Into<Str>) -> Self {
        Self { key: key.into(), value: Some(value.into()), operation: 0 }
    }

    /// Lets a key have its default again.
    pub fn delete(key: impl Into<Str>) -> Self {
        Self { key: key.into(), value: None, operation: 1 }
    }

    /// Adds to a key that is a list.
    pub fn append(key: impl Into<Str>, value: impl Into<Str>) -> Self {
        Self { key: key.into(), value: Some(value.into()), operation: 2 }
    }

    /// Takes from a key that is a list.
    pub fn subtract(key: impl Into<Str>, value: impl Into<Str>) -> Self {
        Self { key: key.into(), value: Some(value.into()), operation: 3 }
    }

    /// The key that is changed.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn to_request(&self) -> AlterableConfig {
        let mut config = AlterableConfig::default();
        (config.name, config.value) = (self.key.clone(), self.value.clone());
        config.config_operation = self.operation;
        config
    }
}

impl Admin {
    /// Changes configurations, each on its own: all that is asked of one topic or broker is done, or
    /// nothing of it.
    ///
    /// # Errors
    /// Each has its own outcome: [`Error::Refused`] with `INVALID_CONFIG` and what is wrong with it, or
    /// [`Error::Timeout`] with the last failure. [`Error::Unsupported`] from brokers before Kafka 2.3.
    ///
    /// # Cancel safety
    /// Not cancel safe: the changes may be made all the same.
    pub async fn alter_configs(
        &self,
        changes: impl IntoIterator<Item = (ConfigResource, Vec<ConfigChange>)>,
    ) -> BTreeMap<ConfigResource, Result<(), Error>> {
        self.change_configs(changes, false).await
    }

    /// Asks whether configurations would be changed, and changes none.
    ///
    /// # Errors
    /// As [`alter_configs`](Self::alter_configs).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn validate_configs(
        &self,
        changes: impl IntoIterator<Item = (ConfigResource, Vec<ConfigChange>)>,
    ) -> BTreeMap<ConfigResource, Result<(), Error>> {
        self.change_configs(changes, true).await
    }

    async fn change_configs(
        &self,
        changes: impl IntoIterator<Item = (ConfigResource, Vec<ConfigChange>)>,
        validate_only: bool,
    ) -> BTreeMap<ConfigResource, Result<(), Error>> {
        let mut by_resource = BTreeMap::<ConfigResource, Vec<ConfigChange>>::new();
        for (resource, changes) in changes {
            by_resource.entry(resource).or_default().extend(changes);
        }
        let call = AlterConfigs { changes: &by_resource, validate_only };
        route(&self.client, &call, by_resource.keys().cloned()).await
    }
}

struct AlterConfigs<'a> {
    changes: &'a BTreeMap<ConfigResource, Vec<ConfigChange>>,
    validate_only: bool,
}

impl Routed for AlterConfigs<'_> {
    type Key = ConfigResource;
    type Value = ();
    type Route = ToOwner;
    const WHAT: &'static str = "changing configurations";
    const API: ApiKey = ApiKey::IncrementalAlterConfigs;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[ConfigResource]) -> Answered<Self> {
        let mut request = IncrementalAlterConfigsRequest::default();
        request.validate_only = self.validate_only;
        for resource in keys {
            let mut asked = AlterConfigsResource::default();
            (asked.resource_type, asked.resource_name) = resource.to_wire();
            let changes = self.changes.get(resource).map(Vec::as_slice).unwrap_or_default();
            asked.configs = changes.iter().map(ConfigChange::to_request).collect();
            request.resources.push(asked);
        }
        let mut outcomes = Outcomes::new();
        for changed in client.call(node, &request).await?.responses {
            let resource = ConfigResource::from_wire(changed.resource_type, changed.resource_name);
            let Some(resource) = resource else { continue };
            let message = changed.error_message.as_deref();
            let outcome = Error::check(resource.subject(), changed.error_code, message);
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
