//! The configuration of a running broker: what it was given at its start, under what was set since.
//!
//! What was set is metadata, for all brokers of the cluster or for this one. Which keys can be set while the broker
//! runs is in [`super::alter`]; who acts on a change is in [`crate::broker`].

use std::collections::BTreeMap;

use super::definition::{self, Definition};
use super::{BrokerConfig, ConfigSource, Synonym};

/// The configuration of a running broker.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LiveConfig {
    given: BrokerConfig,
    cluster: BTreeMap<&'static str, String>,
    node: BTreeMap<&'static str, String>,
}

impl LiveConfig {
    /// What was given, and nothing set.
    pub(crate) fn new(given: BrokerConfig) -> Self {
        Self { given, cluster: BTreeMap::new(), node: BTreeMap::new() }
    }

    /// The same, with these values in place of what was set for all brokers or for this one.
    pub(crate) fn with_values(&self, for_all: bool, values: &BTreeMap<String, String>) -> Self {
        let mut changed = self.clone();
        let level = if for_all { &mut changed.cluster } else { &mut changed.node };
        *level = known(values);
        changed
    }

    /// Of keys that decide the same, strongest first, the one that decides, by its place among them: what was set
    /// goes before what was given, whichever key it is.
    pub(crate) fn deciding(&self, keys: &[&'static str]) -> Option<(usize, &str, ConfigSource)> {
        self.levels().into_iter().find_map(|(level, source)| {
            let mut places = keys.iter().enumerate();
            places.find_map(|(place, key)| Some((place, level.get(key)?.as_str(), source)))
        })
    }

    /// The value that was set or given for a key, and where.
    pub(crate) fn value(&self, key: &str) -> Option<(&str, ConfigSource)> {
        self.levels().into_iter().find_map(|(level, source)| Some((level.get(key)?.as_str(), source)))
    }

    /// The value that holds for a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let set = self.value(key).map(|(value, _)| value);
        set.or_else(|| definition::find(definition::broker_definitions(), key)?.default_value())
    }

    /// A number among the keys.
    pub(crate) fn number<N: std::str::FromStr + Default>(&self, key: &str) -> N {
        self.get(key).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// What was set for all brokers.
    pub(crate) fn cluster(&self) -> &BTreeMap<&'static str, String> {
        &self.cluster
    }

    /// All that decides a broker key, strongest first; of its family, those that come before it are left out.
    pub(crate) fn synonyms(&self, primary: &'static Definition) -> Vec<Synonym> {
        let family = family(primary);
        let family = &family;
        let set = self.levels().into_iter().flat_map(|(level, source)| {
            let names = family.iter();
            names.filter_map(move |name| Some(Synonym { name, value: level.get(name)?.clone(), source }))
        });
        let default = family.iter().filter_map(|name| {
            let value = definition::find(definition::broker_definitions(), name)?.default_value()?;
            Some(Synonym { name, value: value.to_owned(), source: ConfigSource::Default })
        });
        set.chain(default).skip_while(|synonym| synonym.name != primary.name()).collect()
    }

    fn levels(&self) -> [(&BTreeMap<&'static str, String>, ConfigSource); 3] {
        [
            (&self.node, ConfigSource::DynamicBroker),
            (&self.cluster, ConfigSource::DynamicDefaultBroker),
            (&self.given.given, ConfigSource::StaticBroker),
        ]
    }
}

/// The values of known keys; a key that is not known here was set by another release.
fn known(values: &BTreeMap<String, String>) -> BTreeMap<&'static str, String> {
    let known = values.iter().filter_map(|(key, value)| {
        let key = definition::find(definition::broker_definitions(), key)?;
        Some((key.name(), value.clone()))
    });
    known.collect()
}

/// The keys that say the same in different units, strongest first.
fn family(key: &'static Definition) -> Vec<&'static str> {
    match key.name() {
        "log.roll.ms" | "log.roll.hours" => vec!["log.roll.ms", "log.roll.hours"],
        "log.roll.jitter.ms" | "log.roll.jitter.hours" => vec!["log.roll.jitter.ms", "log.roll.jitter.hours"],
        "log.flush.interval.ms" => vec!["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
        "log.retention.ms" | "log.retention.minutes" | "log.retention.hours" => {
            vec!["log.retention.ms", "log.retention.minutes", "log.retention.hours"]
        }
        name => vec![name],
    }
}
