//! The configurations that hold: of this broker, of all brokers, of groups and of subscriptions to client metrics.
//!
//! Those of topics are with the topics, in [`crate::directory`]. They are changed only when metadata is published;
//! what they ought to be is in [`crate::metadata`].

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use ottla_protocol::wire::Str;

use crate::config::BrokerConfig;
use crate::config::alter::Values;
use crate::config::live::LiveConfig;
use crate::config::resource::ResourceKind;
use crate::metadata::record::ConfigRecord;

/// The name that stands for all brokers.
pub(crate) const ALL_BROKERS: &str = "";

/// All configurations but those of topics.
#[derive(Debug)]
pub(crate) struct Configs {
    held: RwLock<Held>,
}

#[derive(Debug)]
struct Held {
    broker: Arc<LiveConfig>,
    others: BTreeMap<(ResourceKind, Str), Arc<Values>>,
}

impl Configs {
    /// What the broker was given, and nothing set.
    pub(crate) fn new(given: BrokerConfig) -> Self {
        let broker = Arc::new(LiveConfig::new(given));
        Self { held: RwLock::new(Held { broker, others: BTreeMap::new() }) }
    }

    /// The configuration of this broker.
    pub(crate) fn broker(&self) -> Arc<LiveConfig> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).broker)
    }

    /// What was set for a group or a subscription.
    pub(crate) fn of(&self, kind: ResourceKind, name: &Str) -> Arc<Values> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.others.get(&(kind, name.clone())).cloned().unwrap_or_default()
    }

    /// Takes over what was set, and says whether the configuration of this broker is another now.
    pub(crate) fn publish(&self, node_id: i32, record: &ConfigRecord) -> bool {
        let Some(kind) = ResourceKind::from_wire(record.kind) else { return false };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if kind != ResourceKind::Broker {
            held.others.insert((kind, record.name.clone()), Arc::new(record.values.clone()));
            held.others.retain(|_, values| !values.is_empty());
            return false;
        }
        let for_all = record.name.as_str() == ALL_BROKERS;
        if !for_all && record.name.as_str() != node_id.to_string() {
            return false;
        }
        held.broker = Arc::new(held.broker.with_values(for_all, &record.values));
        true
    }
}
