//! What clients are to push: the subscriptions, and what they come to for one client.

use std::collections::BTreeSet;
use std::time::Duration;

use ottla_protocol::records::crc32c;
use ottla_protocol::wire::{Str, Uuid};

use super::Client;
use crate::config::alter::Values;
use crate::config::client_match::ClientMatch;
use crate::config::definition::client_metrics_definitions;
use crate::config::definition::find;
use crate::config::resource::ResourceKind;
use crate::configs::Configs;

/// Stands for every metric.
const EVERY_METRIC: &str = "*";

/// All subscriptions of one moment.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    /// Says whether these are the ones of now.
    pub(crate) version: u64,
    all: Vec<Subscription>,
}

#[derive(Debug)]
struct Subscription {
    clients: ClientMatch,
    metrics: Vec<String>,
    interval_ms: i32,
}

/// What one client is to push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Prefixes of the names of metrics; `*` alone for every one.
    pub(crate) metrics: Vec<Str>,
    pub(crate) interval_ms: i32,
    /// Another one for another wish.
    pub(crate) id: i32,
}

impl Wanted {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.interval_ms).unwrap_or_default())
    }
}

impl Subscriptions {
    /// Those that are set now.
    pub(crate) fn new(configs: &Configs) -> Self {
        // Read first: a change in between is seen again.
        let version = configs.subscriptions_version();
        let all = configs.all(ResourceKind::ClientMetrics).into_iter();
        Self { version, all: all.filter_map(|(_, values)| Subscription::new(&values)).collect() }
    }

    /// What a client is to push.
    pub(crate) fn of(&self, instance_id: Uuid, client: &Client) -> Wanted {
        let its = self.all.iter().filter(|one| one.clients.matches(|attribute| client.attribute(attribute)));
        let mut interval_ms = default_interval_ms();
        let mut names = BTreeSet::new();
        for subscription in its {
            interval_ms = interval_ms.min(subscription.interval_ms);
            names.extend(subscription.metrics.iter().map(String::as_str));
        }
        if names.contains(EVERY_METRIC) {
            names = BTreeSet::from([EVERY_METRIC]);
        }
        let names: Vec<&str> = names.into_iter().collect();
        let id = subscription_id(&names, interval_ms, instance_id);
        Wanted {
            metrics: names.into_iter().map(|name| Str::from(name.to_owned())).collect(),
            interval_ms,
            id,
        }
    }
}

impl Subscription {
    fn new(values: &Values) -> Option<Self> {
        let value = |name: &str| {
            let default = || find(client_metrics_definitions(), name)?.default_value();
            values.get(name).map(String::as_str).or_else(default).unwrap_or_default()
        };
        let elements = value("metrics").split(',').filter(|element| !element.is_empty());
        Some(Self {
            // One that another release took and this one does not is about nobody.
            clients: ClientMatch::parse(value("match")).ok()?,
            metrics: elements.map(str::to_owned).collect(),
            interval_ms: value("interval.ms").parse().ok()?,
        })
    }
}

/// How often a client pushes that no subscription is about; often it has nothing to.
fn default_interval_ms() -> i32 {
    let default = find(client_metrics_definitions(), "interval.ms").and_then(|key| key.default_value());
    default.and_then(|value| value.parse().ok()).unwrap_or(300_000)
}

/// Kafka's: a checksum of what is wanted, mixed with who it is wanted of.
fn subscription_id(metrics: &[&str], interval_ms: i32, instance_id: Uuid) -> i32 {
    let crc = crc32c(format!("[{}]{interval_ms}", metrics.join(", ")).as_bytes());
    let folded = instance_id.as_u128();
    let folded = u64::try_from((folded >> 64) ^ (folded & u128::from(u64::MAX))).unwrap_or_default();
    let folded = u32::try_from((folded >> 32) ^ (folded & u64::from(u32::MAX))).unwrap_or_default();
    (crc ^ folded).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrokerConfig;
    use crate::metadata::record::ConfigRecord;

    fn configs(subscriptions: &[(&str, &[(&str, &str)])]) -> Configs {
        let configs = Configs::new(BrokerConfig::new());
        for (name, values) in subscriptions {
            let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let kind = ResourceKind::ClientMetrics.wire_code();
            let record = ConfigRecord { kind, name: Str::from((*name).to_owned()), values: values.collect() };
            configs.publish(1, &record);
        }
        configs
    }

    fn client(client_id: &str) -> Client {
        Client {
            instance_id: Uuid([7; 16]).to_string(),
            client_id: Str::from(client_id.to_owned()),
            software: None,
            address: None,
            ip: String::new(),
            port: String::new(),
        }
    }

    #[test]
    fn a_client_gets_all_subscriptions_that_are_about_it_and_the_shortest_interval() {
        let configs = configs(&[
            ("a", &[("metrics", "x.,y."), ("interval.ms", "5000"), ("match", "client_id=a.*")]),
            ("b", &[("metrics", "y.,z."), ("interval.ms", "2000")]),
            ("all", &[("metrics", "*,q."), ("interval.ms", "9000"), ("match", "client_id=all")]),
        ]);
        let of = |name: &str| {
            let wanted = Subscriptions::new(&configs).of(Uuid([7; 16]), &client(name));
            (wanted.metrics.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), wanted.interval_ms)
        };
        assert_eq!(of("a1"), ("x. y. z.".to_owned(), 2_000));
        assert_eq!(of("b1"), ("y. z.".to_owned(), 2_000));
        assert_eq!(of("all"), ("*".to_owned(), 2_000));
    }

    #[test]
    fn without_subscriptions_a_client_pushes_nothing_every_five_minutes() {
        let wanted = Subscriptions::new(&configs(&[])).of(Uuid([7; 16]), &client("a"));
        assert_eq!((wanted.metrics, wanted.interval_ms), (vec![], 300_000));
    }

    #[test]
    fn another_wish_and_another_client_have_another_id() {
        let id = subscription_id;
        assert_eq!(id(&["*"], 1_000, Uuid([7; 16])), id(&["*"], 1_000, Uuid([7; 16])));
        assert_ne!(id(&["*"], 1_000, Uuid([7; 16])), id(&["*"], 1_001, Uuid([7; 16])));
        assert_ne!(id(&["*"], 1_000, Uuid([7; 16])), id(&["a"], 1_000, Uuid([7; 16])));
        assert_ne!(id(&["*"], 1_000, Uuid::from_u128(5)), id(&["*"], 1_000, Uuid::from_u128(6)));
    }
}
