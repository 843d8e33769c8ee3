//! What the configuration says of the share coordinator, as numbers.

use std::time::Duration;

use crate::config::BrokerConfig;

/// The settings of the share coordinator.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Partitions of the topic when it is created (`share.coordinator.state.topic.num.partitions`).
    pub(crate) partitions: i32,
    /// Size of its segments when it is created (`share.coordinator.state.topic.segment.bytes`).
    pub(crate) segment_bytes: i32,
    /// Updates after which a snapshot is written (`share.coordinator.snapshot.update.records.per.snapshot`).
    pub(crate) updates_per_snapshot: u32,
    /// Time between two removals of what the topic need not keep
    /// (`share.coordinator.state.topic.prune.interval.ms`).
    pub(crate) prune_interval: Duration,
    /// Time after which a state that hardly changes is written whole again
    /// (`share.coordinator.cold.partition.snapshot.interval.ms`).
    pub(crate) cold_interval: Duration,
    /// Share sessions that there can be (`group.share.max.share.sessions`).
    pub(crate) sessions_max: usize,
    /// Bytes that a load reads at a time (`share.coordinator.load.buffer.size`).
    pub(crate) load_bytes: usize,
    /// How long a request waits for its record to be durable (`share.coordinator.write.timeout.ms`).
    pub(crate) store_timeout: Duration,
}

impl Settings {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let milliseconds = |key| Duration::from_millis(config.number(key));
        Self {
            partitions: config.number("share.coordinator.state.topic.num.partitions"),
            segment_bytes: config.number("share.coordinator.state.topic.segment.bytes"),
            updates_per_snapshot: config.number("share.coordinator.snapshot.update.records.per.snapshot"),
            prune_interval: milliseconds("share.coordinator.state.topic.prune.interval.ms"),
            cold_interval: milliseconds("share.coordinator.cold.partition.snapshot.interval.ms"),
            sessions_max: config.number("group.share.max.share.sessions"),
            load_bytes: config.number("share.coordinator.load.buffer.size"),
            store_timeout: milliseconds("share.coordinator.write.timeout.ms"),
        }
    }
}
