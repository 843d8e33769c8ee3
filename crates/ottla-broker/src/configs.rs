//! The configurations that hold: of this broker, of all brokers, of groups and of subscriptions to client metrics.
//!
//! Those of topics are with the topics, in [`crate::directory`]. They are changed only when metadata is published;
//! what they ought to be is in [`crate::metadata`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use ottla_protocol::wire::Str;

use crate::config::BrokerConfig;
use crate::config::alter::Values;
use crate::config::group::GroupConfig;
use crate::config::live::LiveConfig;
use crate::config::resource::ResourceKind;
use crate::metadata::record::ConfigRecord;

/// The name that stands for all brokers.
pub(crate) const ALL_BROKERS: &str = "";

/// All configurations but those of topics.
#[derive(Debug)]
pub(crate) struct Configs {
    held: RwLock<Held>,
    /// Grows with each change of a subscription.
    subscriptions: AtomicU64,
}

#[derive(Debug)]
struct Held {
    broker: Arc<LiveConfig>,
    others: BTreeMap<(ResourceKind, Str), Arc<Values>>,
    /// What `others` comes to for groups, so that a heartbeat need not read it.
    groups: BTreeMap<Str, Arc<GroupConfig>>,
    /// What holds for every other group.
    group: Arc<GroupConfig>,
}

impl Configs {
    /// What the broker was given, and nothing set.
    pub(crate) fn new(given: BrokerConfig) -> Self {
        let broker = Arc::new(LiveConfig::new(given));
        let group = GroupConfig::of_broker(&broker);
        let held = Held { broker, others: BTreeMap::new(), groups: BTreeMap::new(), group };
        Self { held: RwLock::new(held), subscriptions: AtomicU64::new(0) }
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration of this broker.
    pub(crate) fn broker(&self) -> Arc<LiveConfig> {
        Arc::clone(&self.held().broker)
    }

    /// What holds for a group of the newer protocols, whether anything was set for it or not. Cheap: for each request.
    pub(crate) fn group(&self, id: &Str) -> Arc<GroupConfig> {
        let held = self.held();
        Arc::clone(held.groups.get(id).unwrap_or(&held.group))
    }

    /// What was set for a group or a subscription.
    pub(crate) fn of(&self, kind: ResourceKind, name: &Str) -> Arc<Values> {
        self.held().others.get(&(kind, name.clone())).cloned().unwrap_or_default()
    }

    /// The groups or subscriptions for which anything was set, by name, with what that is.
    pub(crate) fn all(&self, kind: ResourceKind) -> Vec<(Str, Arc<Values>)> {
        let held = self.held();
        let from = (kind, Str::EMPTY);
        let those = held.others.range(from..).take_while(|((of, _), _)| *of == kind);
        those.map(|((_, name), values)| (name.clone(), Arc::clone(values))).collect()
    }

    /// A number that grows with each change of a subscription to metrics.
    pub(crate) fn subscriptions_version(&self) -> u64 {
        self.subscriptions.load(Ordering::Acquire)
    }

    /// Takes over what was set, and says whether the configuration of this broker is another now.
    pub(crate) fn publish(&self, node_id: i32, record: &ConfigRecord) -> bool {
        let Some(kind) = ResourceKind::from_wire(record.kind) else { return false };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if kind != ResourceKind::Broker {
            let key = (kind, record.name.clone());
            if record.values.is_empty() {
                held.others.remove(&key);
                if kind == ResourceKind::Group {
                    held.groups.remove(&record.name);
                }
            } else {
                if kind == ResourceKind::Group {
                    let config = GroupConfig::new(&record.values, &held.broker);
                    held.groups.insert(record.name.clone(), Arc::new(config));
                }
                held.others.insert(key, Arc::new(record.values.clone()));
            }
            if kind == ResourceKind::ClientMetrics {
                self.subscriptions.fetch_add(1, Ordering::Release);
            }
            return false;
        }
        let for_all = record.name.as_str() == ALL_BROKERS;
        if !for_all && record.name.as_str() != node_id.to_string() {
            return false;
        }
        held.broker = Arc::new(held.broker.with_values(for_all, &record.values));
        held.group = GroupConfig::of_broker(&held.broker);
        let Held { broker, others, groups, .. } = &mut *held;
        for ((kind, name), values) in others.iter() {
            if *kind == ResourceKind::Group {
                groups.insert(name.clone(), Arc::new(GroupConfig::new(values, broker)));
            }
        }
        true
    }
}
