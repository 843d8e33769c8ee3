//! The group coordinator: groups of consumers and the offsets that they commit, in `__consumer_offsets`.
//!
//! Each partition of that topic is a [`shard`]: a log, and the state that its records come to. The group's id
//! decides the shard, as in Kafka. Here are the coordinator as a whole, its one timer, and how it starts: the
//! topic is created when somebody first looks for a coordinator. How members come and go is decided in
//! [`classic`], which knows neither log nor clock; the requests are in [`crate::api`].

pub(crate) mod classic;
pub(crate) mod expiry;
mod load;
pub(crate) mod offsets;
pub(crate) mod record;
mod settings;
pub(crate) mod shard;
mod timer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Instant;

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use self::classic::ClassicGroups;
use self::offsets::OffsetStore;
use self::settings::Settings;
use self::shard::{Shard, Shared};
use self::timer::Timer;
use crate::broker::Core;
use crate::config::BrokerConfig;
use crate::directory::{Directory, Topic};
use crate::metadata::record::TopicRecord;
use crate::topic_name::OFFSETS_TOPIC;

/// Records that are loaded before the broker is open; what is left is loaded while it serves.
const LOADED_AT_OPEN_MAX: i64 = 20_000;

/// The groups of this broker.
pub(crate) struct GroupCoordinator {
    shared: Arc<Shared>,
    /// Not set before `__consumer_offsets` exists.
    shards: OnceLock<Vec<Option<Arc<Shard>>>>,
    /// When offsets that expired are searched for next.
    next_search: Mutex<Option<Instant>>,
}

impl GroupCoordinator {
    pub(crate) fn new(env: Env, config: &BrokerConfig, directory: Arc<Directory>) -> Self {
        let shared = Shared {
            env,
            settings: Settings::new(config),
            directory,
            timer: Timer::default(),
            closed: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared), shards: OnceLock::new(), next_search: Mutex::new(None) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The shard of a group.
    ///
    /// # Errors
    /// `NOT_COORDINATOR` before `__consumer_offsets` exists, and for a partition without a log.
    pub(crate) fn shard(&self, group: &str) -> Result<&Arc<Shard>, ErrorCode> {
        let shards = self.shards.get().ok_or(ErrorCode::NOT_COORDINATOR)?;
        shards[partition_of(group, shards.len())].as_ref().ok_or(ErrorCode::NOT_COORDINATOR)
    }

    /// All shards that there are.
    pub(crate) fn shards(&self) -> impl Iterator<Item = &Arc<Shard>> {
        self.shards.get().into_iter().flatten().flatten()
    }

    /// Whether `__consumer_offsets` exists.
    pub(crate) fn has_started(&self) -> bool {
        self.shards.get().is_some()
    }

    /// What `__consumer_offsets` is to be, once somebody looks for a coordinator.
    pub(crate) fn topic(&self, id: Uuid) -> TopicRecord {
        let settings = self.settings();
        TopicRecord {
            id,
            name: Str::from_static(OFFSETS_TOPIC),
            partitions: settings.partitions,
            overrides: vec![
                ("cleanup.policy".to_owned(), "compact".to_owned()),
                ("compression.type".to_owned(), "producer".to_owned()),
                ("segment.bytes".to_owned(), settings.segment_bytes.to_string()),
            ],
        }
    }

    /// Begins to serve on the partitions of `__consumer_offsets`; those with records have to be loaded first.
    pub(crate) fn start(&self, core: Weak<Core>, topic: &Topic) {
        if self.has_started() {
            return; // only the topic's configuration was changed
        }
        let batch_bytes_max = usize::try_from(topic.settings.max_message_bytes).unwrap_or(0);
        let shards = topic.partitions().map(|partition| {
            let partition = Arc::clone(partition?);
            let is_empty = partition.offsets().log_start == partition.offsets().high_watermark;
            let shard = Arc::new(Shard::new(Arc::clone(&self.shared), partition, batch_bytes_max));
            if is_empty {
                shard.loaded(ClassicGroups::new(self.settings().classic.clone()), OffsetStore::default());
            }
            Some(shard)
        });
        if self.shards.set(shards.collect()).is_err() {
            return; // it serves already
        }
        self.plan_search();
        let shared = Arc::clone(&self.shared);
        self.shared.env.spawn(async move {
            while shared.timer.rings().await {
                let Some(core) = core.upgrade() else { return };
                core.groups.tick();
            }
        });
    }

    /// Loads what takes no time to load, and sees to it that the rest is loaded while the broker serves.
    pub(crate) async fn load(&self) {
        let mut left = LOADED_AT_OPEN_MAX;
        let mut later = Vec::new();
        for shard in self.shards().filter(|shard| shard.is_loading()) {
            let offsets = shard.partition.offsets();
            left = left.saturating_sub(offsets.high_watermark - offsets.log_start);
            if left >= 0 {
                Arc::clone(shard).load().await;
            } else {
                later.push(Arc::clone(shard));
            }
        }
        if !later.is_empty() {
            self.shared.env.spawn(async move {
                for shard in later {
                    shard.load().await;
                }
            });
        }
    }

    /// Removes the offsets of a topic that is gone.
    pub(crate) fn remove_topic(&self, topic: &str) {
        self.shards().for_each(|shard| shard.remove_topic(topic));
    }

    /// Takes no more requests, and ends those that wait for others.
    pub(crate) fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.timer.close();
        self.shards().for_each(|shard| shard.close());
    }

    /// Does what is due, and sets the alarm for what will be.
    fn tick(&self) {
        let now = shard::now();
        self.shards().for_each(|shard| shard.tick());
        let is_due = self.next_search().is_some_and(|at| at <= now);
        if is_due {
            let now_ms = self.shared.env.now_ms();
            self.shards().for_each(|shard| shard.expire(now_ms));
            self.plan_search();
        } else if let Some(at) = self.next_search() {
            self.shared.timer.set(at);
        }
    }

    /// When offsets that expired are searched for next.
    fn next_search(&self) -> Option<Instant> {
        *self.next_search.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan_search(&self) {
        // An interval that outlasts the clock is never over.
        let at = shard::now().checked_add(self.settings().retention_check_interval);
        *self.next_search.lock().unwrap_or_else(PoisonError::into_inner) = at;
        if let Some(at) = at {
            self.shared.timer.set(at);
        }
    }
}

impl Drop for GroupCoordinator {
    fn drop(&mut self) {
        self.close();
    }
}

/// The partition of a group: Java's hash of its id, as Kafka takes it.
fn partition_of(group: &str, partitions: usize) -> usize {
    let hash =
        group.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka's abs: the least number has none, and counts as 0.
    let hash = usize::try_from(hash.checked_abs().unwrap_or(0)).unwrap_or(0);
    hash % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was seen on Kafka 4.3.1, whose `__consumer_offsets` had 50 partitions.
    #[test]
    fn a_group_is_where_kafka_has_it() {
        for (group, partition) in
            [("", 0), ("g", 3), ("dup", 39), ("ids", 20), ("old", 19), ("cc", 18), ("kg", 20)]
        {
            assert_eq!(partition_of(group, 50), partition, "{group}");
        }
        assert_eq!(partition_of("polygenelubricants", 50), 0); // whose hash is the least number there is
        assert_eq!(partition_of("äö😀", 50), 3);
    }
}
