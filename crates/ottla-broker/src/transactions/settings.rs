//! What the configuration says of transactions, as numbers, and what their shards share.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::broker::Core;
use crate::config::BrokerConfig;
use crate::features::Features;

/// The settings of the transaction coordinator.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The longest timeout that a producer may ask for, in milliseconds (`transaction.max.timeout.ms`).
    pub(crate) timeout_max_ms: i32,
    /// After how long an id that nobody uses is forgotten, in milliseconds (`transactional.id.expiration.ms`).
    pub(crate) id_expiration_ms: i64,
    /// How often transactions that take too long are searched for.
    pub(crate) abort_interval: Duration,
    /// How often ids that nobody uses are searched for.
    pub(crate) remove_interval: Duration,
    /// Partitions of the topic when it is created (`transaction.state.log.num.partitions`).
    pub(crate) partitions: i32,
    /// Size of its segments when it is created (`transaction.state.log.segment.bytes`).
    pub(crate) segment_bytes: i32,
    /// Bytes that a load reads at a time (`transaction.state.log.load.buffer.size`).
    pub(crate) load_bytes: usize,
    /// How long a request waits for its record to be durable (`request.timeout.ms`, as in Kafka).
    pub(crate) store_timeout: Duration,
}

impl Settings {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let milliseconds = |key: &str| Duration::from_millis(config.number::<u64>(key));
        Self {
            timeout_max_ms: config.number("transaction.max.timeout.ms"),
            id_expiration_ms: config.number("transactional.id.expiration.ms"),
            abort_interval: milliseconds("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            remove_interval: milliseconds("transaction.remove.expired.transaction.cleanup.interval.ms"),
            partitions: config.number("transaction.state.log.num.partitions"),
            segment_bytes: config.number("transaction.state.log.segment.bytes"),
            load_bytes: config.number("transaction.state.log.load.buffer.size"),
            store_timeout: milliseconds("request.timeout.ms"),
        }
    }
}

/// What the shards of transactions share.
pub(crate) struct TransactionContext {
    pub(crate) settings: Settings,
    pub(crate) features: Arc<Features>,
    /// Where the markers go; set before the first shard serves.
    pub(crate) core: OnceLock<Weak<Core>>,
}
