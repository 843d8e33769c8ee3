//! Configuration: Kafka's keys for a broker and a topic, and where each effective value comes from.
//!
//! A [`BrokerConfig`] holds what was given; a topic adds its own overrides; what was not given is Kafka's
//! default. Keys and legal values are in [`definition`]. What a value does is decided where it acts: the log
//! settings in `ottla-storage`, the listeners in the server around the core. What is set while the broker runs
//! comes on top of that: `live` for the broker, `topic` for a topic, `group` for a group, and `alter` for how it changes.

pub(crate) mod alter;
pub(crate) mod client_match;
pub mod definition;
mod duration;
pub(crate) mod group;
pub(crate) mod live;
pub(crate) mod resource;
mod topic;

use std::collections::BTreeMap;
use std::fmt;

use definition::{Definition, InvalidValue};
use ottla_protocol::records::Compression;

pub(crate) use topic::{TopicConfig, TopicSettings};

/// What an acknowledgement promises (`durability`, a key of ottla's own).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Records are on stable storage: they survive the loss of power. The default.
    #[default]
    Fsync,
    /// Records were handed to the operating system, as Kafka does: they survive the end of the process.
    Os,
}

/// Where an effective value comes from, as `DescribeConfigs` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigSource {
    /// Set on the topic itself.
    Topic,
    /// Set for this broker while it ran.
    DynamicBroker,
    /// Set for all brokers of the cluster while they ran.
    DynamicDefaultBroker,
    /// Given to the broker when it was started.
    StaticBroker,
    /// Given by nobody.
    Default,
    /// Set on the subscription to metrics itself.
    ClientMetrics,
    /// Set on the group itself.
    Group,
}

impl ConfigSource {
    /// The number of this source in `DescribeConfigs` and `CreateTopics`.
    pub fn wire_code(self) -> i8 {
        match self {
            Self::Topic => 1,
            Self::DynamicBroker => 2,
            Self::DynamicDefaultBroker => 3,
            Self::StaticBroker => 4,
            Self::Default => 5,
            Self::ClientMetrics => 7,
            Self::Group => 8,
        }
    }
}

/// A key that decides a value, with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The key.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Where that comes from.
    pub source: ConfigSource,
}

/// Why a configuration was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No such key.
    #[error("unknown broker config name: {name}{}", did_you_mean(*.nearest))]
    UnknownBrokerKey {
        /// The key as given.
        name: String,
        /// A key that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// No such key of a topic; the first words are Kafka's.
    #[error("Unknown topic config name: {name}{}", did_you_mean(*.nearest))]
    UnknownTopicKey {
        /// The key as given.
        name: String,
        /// A key that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// The value is not legal, or its meaning cannot be fulfilled.
    #[error(transparent)]
    InvalidValue(#[from] InvalidValue),
    /// Records would have to be compacted before they may be; the words are Kafka's.
    #[error(
        "conflict topic config setting min.compaction.lag.ms ({min_ms}) > max.compaction.lag.ms ({max_ms})"
    )]
    CompactionLags {
        /// `min.compaction.lag.ms`.
        min_ms: i64,
        /// `max.compaction.lag.ms`.
        max_ms: i64,
    },
    /// A value lies outside of what another key allows; the words are Kafka's.
    #[error("{name} must be {relation} {other}")]
    OutOfBounds {
        /// The key.
        name: String,
        /// How its value has to be to that of the other.
        relation: &'static str,
        /// The other key.
        other: String,
    },
    /// A key was given without any value.
    #[error("Null value not supported for topic configs: {0}")]
    NullValue(String),
    /// Two keys contradict each other.
    #[error("{first}={first_value} contradicts {second}={second_value}")]
    Contradiction {
        /// One of the keys.
        first: &'static str,
        /// Its value.
        first_value: String,
        /// The other key.
        second: &'static str,
        /// Its value.
        second_value: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

/// The configuration of a broker under Kafka's keys, and `durability`.
///
/// # Examples
/// ```
/// let mut config = ottla_broker::BrokerConfig::new();
/// config.set("num.partitions", "3")?;
/// assert_eq!(config.get("num.partitions"), Some("3"));
/// assert_eq!(config.get("message.max.bytes"), Some("1048588")); // Kafka's default
///
/// let refused = config.set("num.partition", "3").unwrap_err();
/// assert_eq!(refused.to_string(), "unknown broker config name: num.partition (did you mean num.partitions?)");
/// # Ok::<(), ottla_broker::ConfigError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BrokerConfig {
    given: BTreeMap<&'static str, String>,
}

impl BrokerConfig {
    /// Kafka's defaults, and `durability=fsync`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The profile for tests: a new group does not wait three seconds for more members
    /// (`group.initial.rebalance.delay.ms=0`). All else is as in [`new`](Self::new).
    pub fn for_tests() -> Self {
        let given = BTreeMap::from([("group.initial.rebalance.delay.ms", "0".to_owned())]);
        Self { given }
    }

    /// A configuration from keys and values, such as the lines of a `server.properties`.
    ///
    /// # Errors
    /// As [`set`](Self::set), for the first pair that is refused.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::new();
        for (key, value) in pairs {
            config.set(key.as_ref(), value.as_ref())?;
        }
        Ok(config)
    }

    /// Sets one of Kafka's broker keys, or `durability`; a later value replaces an earlier one.
    ///
    /// # Errors
    /// [`ConfigError::UnknownBrokerKey`], [`ConfigError::InvalidValue`] for a value that is not legal or that one
    /// node cannot fulfil, [`ConfigError::Contradiction`] when `node.id` and `broker.id` differ.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let table = definition::broker_definitions();
        let Some(definition) = definition::find(table, key) else {
            return Err(ConfigError::UnknownBrokerKey {
                name: key.to_owned(),
                nearest: definition::nearest(table, key),
            });
        };
        let value = definition.check(value)?;
        let twin = match definition.name() {
            "node.id" => Some("broker.id"),
            "broker.id" => Some("node.id"),
            _ => None,
        };
        if let Some((twin, other)) = twin.and_then(|twin| self.given.get(twin).map(|other| (twin, other)))
            && *other != value
        {
            return Err(ConfigError::Contradiction {
                first: twin,
                first_value: other.clone(),
                second: definition.name(),
                second_value: value,
            });
        }
        self.given.insert(definition.name(), value);
        Ok(())
    }

    /// [`set`](Self::set), as a builder.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn with(mut self, key: &str, value: &str) -> Result<Self, ConfigError> {
        self.set(key, value)?;
        Ok(self)
    }

    /// The value that holds for a key: the given one or the default; `None` for no value or no such key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let given = self.given.get(key).map(String::as_str);
        given.or_else(|| definition::find(definition::broker_definitions(), key)?.default_value())
    }

    /// The value that was given for a key, if one was.
    pub fn given(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }

    /// All keys that were given, in alphabetical order. Secrets are among them: do not print these.
    pub fn all_given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.given.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// The id of this node (`node.id`, else `broker.id`), 1 unless given.
    pub fn node_id(&self) -> i32 {
        let given = self.given("node.id").or_else(|| self.given("broker.id"));
        given.and_then(|id| id.parse().ok()).filter(|id| *id >= 0).unwrap_or(1)
    }

    /// What an acknowledgement promises (`durability`).
    pub fn durability(&self) -> Durability {
        durability(self.get("durability"))
    }

    /// Addresses or names of hosts that may have another number of connections than the rest, each with that
    /// number (`max.connections.per.ip.overrides`).
    pub fn max_connections_per_ip_overrides(&self) -> impl Iterator<Item = (&str, u32)> {
        address_counts(self.given("max.connections.per.ip.overrides").unwrap_or_default()).flatten()
    }

    /// A number among the keys; every numeric key that acts has one, given or by default.
    pub(crate) fn number<N: std::str::FromStr + Default>(&self, key: &str) -> N {
        self.get(key).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// The codec that a key names by its number.
    pub(crate) fn codec(&self, key: &str) -> Compression {
        Compression::from_id(self.number(key)).unwrap_or_default()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }
}

/// Secrets are hidden.
impl fmt::Debug for BrokerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.given.iter().map(|(key, value)| {
            let secret =
                definition::find(definition::broker_definitions(), key).is_some_and(Definition::is_sensitive);
            (key, if secret { "[hidden]" } else { value.as_str() })
        });
        f.debug_map().entries(shown).finish()
    }
}

/// The elements of a list of `address:number`; `None` for one that is none.
fn address_counts(list: &str) -> impl Iterator<Item = Option<(&str, u32)>> {
    let elements = list.split(',').map(str::trim).filter(move |_| !list.is_empty());
    elements.map(|element| {
        let (address, count) = element.rsplit_once(':')?;
        let count = count.trim().parse::<i32>().ok()?;
        let address = address.trim();
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        Some((bare, u32::try_from(count).ok()?)).filter(|(bare, _)| !bare.is_empty())
    })
}

pub(crate) fn durability(value: Option<&str>) -> Durability {
    match value {
        Some("os") => Durability::Os,
        _ => Durability::Fsync,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_properties_that_kafka_ships_is_accepted() {
        let shipped = [
            ("process.roles", "broker,controller"),
            ("node.id", "1"),
            ("controller.quorum.bootstrap.servers", "localhost:9093"),
            ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            ("inter.broker.listener.name", "PLAINTEXT"),
            ("advertised.listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
            ("controller.listener.names", "CONTROLLER"),
            ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL"),
            ("num.network.threads", "3"),
            ("num.io.threads", "8"),
            ("socket.send.buffer.bytes", "102400"),
            ("socket.receive.buffer.bytes", "102400"),
            ("socket.request.max.bytes", "104857600"),
            ("log.dirs", "/tmp/kraft-combined-logs"),
            ("num.partitions", "1"),
            ("num.recovery.threads.per.data.dir", "2"),
            ("offsets.topic.replication.factor", "1"),
            ("share.coordinator.state.topic.replication.factor", "1"),
            ("share.coordinator.state.topic.min.isr", "1"),
            ("transaction.state.log.replication.factor", "1"),
            ("transaction.state.log.min.isr", "1"),
            ("log.retention.hours", "168"),
            ("log.segment.bytes", "1073741824"),
            ("log.retention.check.interval.ms", "300000"),
        ];
        let config = BrokerConfig::from_pairs(shipped).unwrap();
        assert_eq!((config.node_id(), config.durability()), (1, Durability::Fsync));
    }

    #[test]
    fn the_profile_for_tests_says_what_can_be_said_by_keys() {
        let by_keys = BrokerConfig::new().with("group.initial.rebalance.delay.ms", "0").unwrap();
        assert_eq!(BrokerConfig::for_tests(), by_keys);
        assert_eq!(BrokerConfig::new().get("group.initial.rebalance.delay.ms"), Some("3000"));
    }

    #[test]
    fn other_limits_of_single_addresses_are_read() {
        let list = "10.0.0.9:5, host : 7,::1:0,[::2]:3";
        let config = BrokerConfig::new().with("max.connections.per.ip.overrides", list).unwrap();
        let read: Vec<_> = config.max_connections_per_ip_overrides().collect();
        assert_eq!(read, [("10.0.0.9", 5), ("host", 7), ("::1", 0), ("::2", 3)]);
        for wrong in
            ["10.0.0.9", "10.0.0.9:", "10.0.0.9:x", ":5", "10.0.0.9:-1", "10.0.0.9:5,", "10.0.0.9:5,,a:1"]
        {
            let refused =
                BrokerConfig::new().with("max.connections.per.ip.overrides", wrong).unwrap_err().to_string();
            assert!(
                refused.contains("max.connections.per.ip.overrides") && refused.contains(wrong),
                "{refused}"
            );
        }
        assert_eq!(BrokerConfig::new().max_connections_per_ip_overrides().count(), 0);
    }

    #[test]
    fn a_buffer_has_a_size_or_is_left_to_the_system() {
        for (value, taken) in [("-1", true), ("1", true), ("0", false), ("-2", false)] {
            for key in ["socket.send.buffer.bytes", "socket.receive.buffer.bytes"] {
                let set = BrokerConfig::new().with(key, value);
                assert_eq!(set.is_ok(), taken, "{key}={value}");
                if let Err(refused) = set {
                    assert!(
                        refused.to_string().starts_with(&format!("{key}={value} cannot be fulfilled")),
                        "{refused}"
                    );
                }
            }
        }
    }

    #[test]
    fn contradicting_ids_are_refused() {
        let config = BrokerConfig::new().with("broker.id", "3").unwrap();
        assert_eq!(config.node_id(), 3);
        assert!(matches!(config.with("node.id", "4"), Err(ConfigError::Contradiction { .. })));
    }
}
