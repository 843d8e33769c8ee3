//! The configuration of one topic: its overrides on top of the broker's, and what they come to.
//!
//! The wire forms of these are in the API modules; the log acts on most of them.

use std::collections::BTreeMap;

use ottla_protocol::records::Compression;
use ottla_storage::{CleanupPolicy, Ratio};

use super::definition::{self, Definition};
use super::live::LiveConfig;
use super::{ConfigError, ConfigSource, Durability, Synonym, durability};

/// The overrides of one topic, each checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopicConfig {
    overrides: BTreeMap<&'static str, String>,
}

impl TopicConfig {
    /// No overrides: the broker's configuration holds.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets one of Kafka's topic keys, or `durability`.
    ///
    /// # Errors
    /// [`ConfigError::UnknownTopicKey`], or [`ConfigError::InvalidValue`] for a value that is not legal or that
    /// one node cannot fulfil.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let table = definition::topic_definitions();
        let Some(definition) = definition::find(table, key) else {
            return Err(ConfigError::UnknownTopicKey {
                name: key.to_owned(),
                nearest: definition::nearest(table, key),
            });
        };
        self.overrides.insert(definition.name(), definition.check(value)?);
        Ok(())
    }

    /// Puts back an override that was once checked. One whose meaning this release no longer fulfils is kept
    /// too, so that metadata written by another release still opens; an unknown key is dropped.
    pub(crate) fn restore(&mut self, key: &str, value: &str) -> bool {
        let known = definition::find(definition::topic_definitions(), key);
        known.map(|definition| self.overrides.insert(definition.name(), value.to_owned())).is_some()
    }

    /// The overrides, in alphabetical order.
    pub(crate) fn overrides(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        self.overrides.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// The value that holds for a key of this topic on that broker, and where it comes from.
    pub(crate) fn effective(
        &self,
        broker: &LiveConfig,
        key: &'static Definition,
    ) -> (Option<String>, ConfigSource) {
        if let Some(value) = self.overrides.get(key.name()) {
            return (Some(value.clone()), ConfigSource::Topic);
        }
        let keys = broker_keys(key.name());
        let names: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
        match broker.deciding(&names) {
            Some((place, value, source)) => (Some(in_milliseconds(value, keys[place].1)), source),
            None => (key.default_value().map(str::to_owned), ConfigSource::Default),
        }
    }

    /// All keys that decide a value of this topic, strongest first.
    pub(crate) fn synonyms(&self, broker: &LiveConfig, key: &'static Definition) -> Vec<Synonym> {
        let own = self.overrides.get(key.name()).map(|value| Synonym {
            name: key.name(),
            value: value.clone(),
            source: ConfigSource::Topic,
        });
        let primary = broker_keys(key.name()).first().map(|(name, _)| *name);
        let primary = primary.and_then(|name| definition::find(definition::broker_definitions(), name));
        own.into_iter().chain(primary.map(|key| broker.synonyms(key)).unwrap_or_default()).collect()
    }

    /// Checks that values do not contradict each other.
    ///
    /// # Errors
    /// [`ConfigError::CompactionLags`].
    pub(crate) fn check(&self, broker: &LiveConfig) -> Result<(), ConfigError> {
        let value = |name: &str| -> Option<i64> {
            let key = definition::find(definition::topic_definitions(), name)?;
            self.effective(broker, key).0?.parse().ok()
        };
        match (value("min.compaction.lag.ms"), value("max.compaction.lag.ms")) {
            (Some(min_ms), Some(max_ms)) if min_ms > max_ms => {
                Err(ConfigError::CompactionLags { min_ms, max_ms })
            }
            _ => Ok(()),
        }
    }

    /// What the overrides and the broker's configuration come to.
    pub(crate) fn settings(&self, broker: &LiveConfig) -> TopicSettings {
        let value = |name: &str| {
            let key = definition::find(definition::topic_definitions(), name)?;
            self.effective(broker, key).0
        };
        let long = |name: &str| value(name).and_then(|v| v.parse::<i64>().ok());
        let int = |name: &str| value(name).and_then(|v| v.parse::<i32>().ok());
        TopicSettings {
            max_message_bytes: int("max.message.bytes").unwrap_or(1_048_588),
            compression: value("compression.type").and_then(|name| match name.as_str() {
                "uncompressed" => Some(Compression::None),
                name => Compression::from_name(name),
            }),
            gzip_level: int("compression.gzip.level").filter(|level| *level >= 0),
            zstd_level: int("compression.zstd.level").unwrap_or(3),
            min_insync_replicas: int("min.insync.replicas").unwrap_or(1),
            log_append_time: value("message.timestamp.type").as_deref() == Some("LogAppendTime"),
            timestamp_before_max_ms: long("message.timestamp.before.max.ms").unwrap_or(i64::MAX),
            timestamp_after_max_ms: long("message.timestamp.after.max.ms").unwrap_or(3_600_000),
            segment_bytes: int("segment.bytes").unwrap_or(1 << 30),
            segment_index_bytes: int("segment.index.bytes").unwrap_or(10 << 20),
            preallocate: value("preallocate").as_deref() == Some("true"),
            index_interval_bytes: int("index.interval.bytes").unwrap_or(4096),
            producer_id_expiration_ms: broker.number("producer.id.expiration.ms"),
            durability: durability(value("durability").as_deref()),
            cleanup_policy: cleanup_policy(&value("cleanup.policy").unwrap_or_default()),
            delete_retention_ms: long("delete.retention.ms").unwrap_or(86_400_000).max(0),
            min_cleanable_dirty_ratio: value("min.cleanable.dirty.ratio")
                .and_then(|ratio| Ratio::new(ratio.parse().ok()?))
                .unwrap_or(Ratio::HALF),
            min_compaction_lag_ms: long("min.compaction.lag.ms").unwrap_or(0).max(0),
            max_compaction_lag_ms: long("max.compaction.lag.ms").unwrap_or(i64::MAX).max(1),
            // Below 0 is for ever, and without limit.
            retention_ms: long("retention.ms").filter(|ms| *ms >= 0),
            retention_bytes: long("retention.bytes").and_then(|bytes| u64::try_from(bytes).ok()),
            segment_ms: long("segment.ms").unwrap_or(i64::MAX).max(1),
            segment_jitter_ms: long("segment.jitter.ms").unwrap_or(0).max(0),
            file_delete_delay_ms: long("file.delete.delay.ms").unwrap_or(60_000).max(0),
            flush_messages: long("flush.messages").unwrap_or(i64::MAX).max(1),
            flush_ms: long("flush.ms").unwrap_or(i64::MAX).max(0),
        }
    }
}

/// The settings of a topic that act, as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicSettings {
    pub(crate) max_message_bytes: i32,
    /// The codec in which batches are stored; `None` leaves it to their producers.
    pub(crate) compression: Option<Compression>,
    /// The level of gzip; `None` is its default.
    pub(crate) gzip_level: Option<i32>,
    pub(crate) zstd_level: i32,
    pub(crate) min_insync_replicas: i32,
    pub(crate) log_append_time: bool,
    pub(crate) timestamp_before_max_ms: i64,
    pub(crate) timestamp_after_max_ms: i64,
    pub(crate) segment_bytes: i32,
    pub(crate) segment_index_bytes: i32,
    pub(crate) preallocate: bool,
    pub(crate) index_interval_bytes: i32,
    pub(crate) producer_id_expiration_ms: i64,
    pub(crate) durability: Durability,
    pub(crate) cleanup_policy: CleanupPolicy,
    pub(crate) delete_retention_ms: i64,
    pub(crate) min_cleanable_dirty_ratio: Ratio,
    pub(crate) min_compaction_lag_ms: i64,
    pub(crate) max_compaction_lag_ms: i64,
    pub(crate) retention_ms: Option<i64>,
    pub(crate) retention_bytes: Option<u64>,
    pub(crate) segment_ms: i64,
    pub(crate) segment_jitter_ms: i64,
    pub(crate) file_delete_delay_ms: i64,
    pub(crate) flush_messages: i64,
    pub(crate) flush_ms: i64,
}

fn cleanup_policy(list: &str) -> CleanupPolicy {
    let has = |word: &str| list.split(',').any(|said| said.eq_ignore_ascii_case(word));
    CleanupPolicy { delete: has("delete"), compact: has("compact") }
}

/// The broker keys that a topic key falls back to, strongest first, each with its unit in milliseconds.
fn broker_keys(topic_key: &str) -> &'static [(&'static str, i64)] {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    match topic_key {
        "cleanup.policy" => &[("log.cleanup.policy", 1)],
        "compression.gzip.level" => &[("compression.gzip.level", 1)],
        "compression.lz4.level" => &[("compression.lz4.level", 1)],
        "compression.type" => &[("compression.type", 1)],
        "compression.zstd.level" => &[("compression.zstd.level", 1)],
        "delete.retention.ms" => &[("log.cleaner.delete.retention.ms", 1)],
        "durability" => &[("durability", 1)],
        "file.delete.delay.ms" => &[("log.segment.delete.delay.ms", 1)],
        "flush.messages" => &[("log.flush.interval.messages", 1)],
        "flush.ms" => &[("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)],
        "index.interval.bytes" => &[("log.index.interval.bytes", 1)],
        "local.retention.bytes" => &[("log.local.retention.bytes", 1)],
        "local.retention.ms" => &[("log.local.retention.ms", 1)],
        "max.compaction.lag.ms" => &[("log.cleaner.max.compaction.lag.ms", 1)],
        "max.message.bytes" => &[("message.max.bytes", 1)],
        "message.timestamp.after.max.ms" => &[("log.message.timestamp.after.max.ms", 1)],
        "message.timestamp.before.max.ms" => &[("log.message.timestamp.before.max.ms", 1)],
        "message.timestamp.type" => &[("log.message.timestamp.type", 1)],
        "min.cleanable.dirty.ratio" => &[("log.cleaner.min.cleanable.ratio", 1)],
        "min.compaction.lag.ms" => &[("log.cleaner.min.compaction.lag.ms", 1)],
        "min.insync.replicas" => &[("min.insync.replicas", 1)],
        "preallocate" => &[("log.preallocate", 1)],
        "retention.bytes" => &[("log.retention.bytes", 1)],
        "retention.ms" => {
            &[("log.retention.ms", 1), ("log.retention.minutes", MINUTE), ("log.retention.hours", HOUR)]
        }
        "segment.bytes" => &[("log.segment.bytes", 1)],
        "segment.index.bytes" => &[("log.index.size.max.bytes", 1)],
        "segment.jitter.ms" => &[("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", HOUR)],
        "segment.ms" => &[("log.roll.ms", 1), ("log.roll.hours", HOUR)],
        "unclean.leader.election.enable" => &[("unclean.leader.election.enable", 1)],
        _ => &[],
    }
}

fn in_milliseconds(value: &str, unit_ms: i64) -> String {
    match (unit_ms, value.parse::<i64>()) {
        (1, _) | (_, Err(_)) => value.to_owned(),
        (_, Ok(number)) if number < 0 => "-1".to_owned(), // for ever, in any unit
        (unit_ms, Ok(number)) => number.saturating_mul(unit_ms).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrokerConfig;

    fn key(name: &str) -> &'static Definition {
        definition::find(definition::topic_definitions(), name).unwrap()
    }

    #[test]
    fn a_topic_overrides_the_broker_and_the_broker_the_default() {
        let mut broker = BrokerConfig::new();
        let mut topic = TopicConfig::new();
        let value = |topic: &TopicConfig, broker: &BrokerConfig| {
            topic.effective(&LiveConfig::new(broker.clone()), key("retention.ms"))
        };
        assert_eq!(value(&topic, &broker), (Some("604800000".into()), ConfigSource::Default));
        broker.set("log.retention.hours", "168").unwrap();
        assert_eq!(value(&topic, &broker), (Some("604800000".into()), ConfigSource::StaticBroker));
        broker.set("log.retention.minutes", "-1").unwrap();
        assert_eq!(value(&topic, &broker), (Some("-1".into()), ConfigSource::StaticBroker));
        topic.set("retention.ms", "604800000").unwrap();
        assert_eq!(value(&topic, &broker), (Some("604800000".into()), ConfigSource::Topic));
        topic.set("max.message.bytes", "7").unwrap();
        assert_eq!(topic.settings(&LiveConfig::new(broker)).max_message_bytes, 7);
    }

    /// As Kafka 4.3.1 lists them.
    #[test]
    fn synonyms_are_listed_strongest_first() {
        let mut topic = TopicConfig::new();
        topic.set("max.message.bytes", "1000").unwrap();
        let listed: Vec<_> = topic
            .synonyms(&LiveConfig::default(), key("max.message.bytes"))
            .into_iter()
            .map(|s| (s.name, s.value, s.source))
            .collect();
        assert_eq!(
            listed,
            [
                ("max.message.bytes", "1000".to_owned(), ConfigSource::Topic),
                ("message.max.bytes", "1048588".to_owned(), ConfigSource::Default)
            ]
        );
        assert_eq!(TopicConfig::new().synonyms(&LiveConfig::default(), key("retention.ms")), []);
    }

    #[test]
    fn every_topic_key_that_kafka_lets_a_broker_default_falls_back_to_one() {
        let own = [
            "follower.replication.throttled.replicas",
            "leader.replication.throttled.replicas",
            "internal.segment.bytes",
        ];
        for key in definition::topic_definitions() {
            let alone = own.contains(&key.name()) || key.name().starts_with("remote.");
            assert_eq!(broker_keys(key.name()).is_empty(), alone, "{}", key.name());
            for (name, _) in broker_keys(key.name()) {
                assert!(definition::find(definition::broker_definitions(), name).is_some(), "{name}");
            }
        }
    }
}
