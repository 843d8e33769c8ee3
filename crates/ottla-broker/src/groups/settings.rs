//! What the configuration says of groups and offsets, as numbers.

use std::time::Duration;

use super::classic::ClassicConfig;
use super::consumer::ConsumerSettings;
use crate::config::BrokerConfig;

/// The settings of the group coordinator.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) classic: ClassicConfig,
    /// Whether the consumer protocol is served (`group.coordinator.rebalance.protocols`).
    pub(crate) serves_consumer: bool,
    /// Members that a group of the consumer protocol can have (`group.consumer.max.size`).
    pub(crate) consumer_size_max: usize,
    /// What else holds for groups of the consumer protocol.
    pub(crate) consumer: ConsumerSettings,
    /// Members that a share group can have (`group.share.max.size`).
    pub(crate) share_size_max: usize,
    /// After how long the states of a share group's partitions are begun once more
    /// (`group.share.initialize.retry.interval.ms`).
    pub(crate) share_retry_interval: Duration,
    /// UTF-16 units of text that may be kept with an offset (`offset.metadata.max.bytes`, whose name says bytes).
    pub(crate) metadata_max: usize,
    /// How long offsets are kept once nobody uses them, in milliseconds (`offsets.retention.minutes`).
    pub(crate) retention_ms: i64,
    /// Time between two searches for offsets that expired (`offsets.retention.check.interval.ms`).
    pub(crate) retention_check_interval: Duration,
    /// How long a commit may wait for the disk (`offsets.commit.timeout.ms`).
    pub(crate) commit_timeout: Duration,
    /// Partitions of `__consumer_offsets` when it is created (`offsets.topic.num.partitions`).
    pub(crate) partitions: i32,
    /// Size of its segments when it is created (`offsets.topic.segment.bytes`).
    pub(crate) segment_bytes: i32,
    /// Bytes that a load reads at a time (`offsets.load.buffer.size`).
    pub(crate) load_bytes: usize,
}

impl Settings {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let milliseconds = |key: &str| Duration::from_millis(config.number::<u64>(key));
        let classic = ClassicConfig {
            initial_rebalance_delay: milliseconds("group.initial.rebalance.delay.ms"),
            session_timeout: milliseconds("group.min.session.timeout.ms")
                ..=milliseconds("group.max.session.timeout.ms"),
            size_max: config.number("group.max.size"),
        };
        let protocols = config.get("group.coordinator.rebalance.protocols").unwrap_or_default();
        Self {
            classic,
            serves_consumer: protocols.split(',').any(|protocol| protocol == "consumer"),
            consumer_size_max: config.number("group.consumer.max.size"),
            consumer: ConsumerSettings::new(config),
            share_size_max: config.number("group.share.max.size"),
            share_retry_interval: milliseconds("group.share.initialize.retry.interval.ms"),
            metadata_max: config.number("offset.metadata.max.bytes"),
            retention_ms: config.number::<i64>("offsets.retention.minutes").saturating_mul(60_000),
            retention_check_interval: milliseconds("offsets.retention.check.interval.ms"),
            commit_timeout: milliseconds("offsets.commit.timeout.ms"),
            partitions: config.number("offsets.topic.num.partitions"),
            segment_bytes: config.number("offsets.topic.segment.bytes"),
            load_bytes: config.number("offsets.load.buffer.size"),
        }
    }
}
