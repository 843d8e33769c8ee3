//! The group coordinator: groups of consumers and the offsets that they commit, in `__consumer_offsets`.
//!
//! Each partition of that topic is a shard of the [`coordinator`](crate::coordinator), whose state is [`machine`].
//! Here is what the coordinator of groups has beside its shards: the topic, which is created when somebody first
//! looks for a coordinator, and the search for offsets that expired. How members come and go is decided in
//! [`classic`], which knows neither log nor clock; the requests are in [`crate::api`].

pub(crate) mod assignor;
pub(crate) mod classic;
pub(crate) mod consumer;
pub(crate) mod crowd;
pub(crate) mod expiry;
pub(crate) mod machine;
mod metadata_hash;
pub(crate) mod offsets;
pub(crate) mod record;
mod settings;
pub(crate) mod share;

use std::ops::Deref;
use std::sync::{Arc, OnceLock, Weak};

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use self::machine::{GroupContext, Groups};
use self::settings::Settings;
use crate::broker::Core;
use crate::config::BrokerConfig;
use crate::configs::Configs;
use crate::coordinator::Coordinator;
use crate::coordinator::shard::now;
use crate::coordinator::timer::Timer;
use crate::directory::{Directory, Topic};
use crate::metadata::record::TopicRecord;
use crate::partition::{BoxFuture, Marker};
use crate::topic_name::OFFSETS_TOPIC;

/// The groups of this broker.
pub(crate) struct GroupCoordinator {
    coordinator: Coordinator<Groups>,
    /// Rings when offsets that expired are searched for.
    search: Arc<Timer>,
}

impl Deref for GroupCoordinator {
    type Target = Coordinator<Groups>;

    fn deref(&self) -> &Coordinator<Groups> {
        &self.coordinator
    }
}

impl GroupCoordinator {
    pub(crate) fn new(
        env: Env,
        config: &BrokerConfig,
        directory: Arc<Directory>,
        configs: Arc<Configs>,
    ) -> Self {
        let settings = Settings::new(config);
        let (load_bytes, store_timeout) = (settings.load_bytes, settings.commit_timeout);
        let codec = config.codec("offsets.topic.compression.codec");
        let context = GroupContext { settings, directory, configs, core: OnceLock::new() };
        Self {
            coordinator: Coordinator::new(env, context, load_bytes, codec, store_timeout),
            search: Arc::default(),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.context().settings
    }

    /// The partition of `__consumer_offsets` that keeps a group.
    pub(crate) fn partition_of_group(&self, group: &str) -> i32 {
        self.coordinator.partition_of(group, self.settings().partitions)
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

    /// Begins to serve on the partitions of `__consumer_offsets`.
    pub(crate) fn start(&self, core: Weak<Core>, topic: &Topic) {
        let _known = self.context().core.set(core.clone());
        if !self.coordinator.start(topic) {
            return;
        }
        let search = Arc::clone(&self.search);
        // An interval that outlasts the clock is never over.
        let plan = |search: &Timer, settings: &Settings| {
            if let Some(at) = now().checked_add(settings.retention_check_interval) {
                search.set(at);
            }
        };
        plan(&search, self.settings());
        self.coordinator.spawn(async move {
            while search.rings().await {
                let Some(core) = core.upgrade() else { return };
                let now_ms = core.env.now_ms();
                core.groups.shards().for_each(|shard| shard.expire(now_ms));
                plan(&search, core.groups.settings());
            }
        });
    }

    /// Appends the end of a producer's transaction to a partition of `__consumer_offsets`, and has its offsets follow when that
    /// is durable. It is appended on return.
    pub(crate) fn append_marker(&self, index: i32, marker: Marker) -> BoxFuture<Result<(), ErrorCode>> {
        let shard = self.coordinator.shard_of_partition(index);
        let stored = shard.and_then(|shard| shard.enter()?.end_transaction(marker));
        let timeout = self.store_timeout();
        Box::pin(async move { stored?.durable(timeout).await })
    }

    /// Removes the offsets of a topic that is gone, and what share groups know of its states.
    pub(crate) fn remove_topic(&self, topic: &Topic) {
        self.shards().for_each(|shard| shard.remove_topic(topic.id, &topic.name));
    }

    /// Takes no more requests, and ends those that wait for others.
    pub(crate) fn close(&self) {
        self.search.close();
        self.coordinator.close();
    }
}

impl Drop for GroupCoordinator {
    fn drop(&mut self) {
        self.close();
    }
}
