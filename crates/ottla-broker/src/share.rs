//! Share groups: consumers that share partitions record by record (KIP-932).
//!
//! What has become of the records of a partition in a group is kept by the share coordinator, in
//! `__share_group_state`: each partition of that topic is a shard of the [`coordinator`](crate::coordinator), whose
//! state is [`machine`]. Who is a member of which group is decided in [`crate::groups`]; the requests are in
//! [`crate::api`].

pub(crate) mod batches;
pub(crate) mod connection;
pub(crate) mod hub;
pub(crate) mod machine;
mod opened;
pub(crate) mod partition;
pub(crate) mod record;
pub(crate) mod removal;
pub(crate) mod session;
mod settings;

use std::ops::Deref;

use std::sync::Arc;

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use self::hub::Hub;
use self::machine::{Answer, Effects, ShareStates};
use self::record::SharePartitionKey;
use self::settings::Settings;
use crate::api::create_topics;
use crate::broker::Core;
use crate::config::BrokerConfig;
use crate::coordinator::{Coordinator, Token};
use crate::directory::{Directory, Topic};
use crate::metadata::record::TopicRecord;
use crate::partition::BoxFuture;
use crate::topic_name::SHARE_TOPIC;
use crate::waiting;

/// What all shards of states share.
pub(crate) struct ShareContext {
    settings: Settings,
    /// The topics that there are.
    directory: Arc<Directory>,
}

/// The states of share groups that this broker keeps.
pub(crate) struct ShareCoordinator {
    coordinator: Coordinator<ShareStates>,
    /// The share-partitions in use.
    pub(crate) hub: Hub,
    sessions_max: usize,
}

impl Deref for ShareCoordinator {
    type Target = Coordinator<ShareStates>;

    fn deref(&self) -> &Coordinator<ShareStates> {
        &self.coordinator
    }
}

impl ShareCoordinator {
    pub(crate) fn new(env: Env, config: &BrokerConfig, directory: Arc<Directory>) -> Self {
        let settings = Settings::new(config);
        let (load_bytes, store_timeout) = (settings.load_bytes, settings.store_timeout);
        let sessions_max = settings.sessions_max;
        let codec = config.codec("share.coordinator.state.topic.compression.codec");
        let context = ShareContext { settings, directory };
        let coordinator = Coordinator::new(env, context, load_bytes, codec, store_timeout);
        Self { coordinator, hub: Hub::default(), sessions_max }
    }

    /// What `__share_group_state` is to be, once somebody needs it.
    pub(crate) fn topic(&self, id: Uuid) -> TopicRecord {
        let settings = &self.context().settings;
        TopicRecord {
            id,
            name: Str::from_static(SHARE_TOPIC),
            partitions: settings.partitions,
            overrides: vec![
                ("cleanup.policy".to_owned(), "delete".to_owned()),
                ("compression.type".to_owned(), "producer".to_owned()),
                ("min.insync.replicas".to_owned(), "1".to_owned()),
                ("retention.ms".to_owned(), "-1".to_owned()),
                ("segment.bytes".to_owned(), settings.segment_bytes.to_string()),
            ],
        }
    }

    /// Share sessions that there can be.
    pub(crate) fn sessions_max(&self) -> usize {
        self.sessions_max
    }

    /// Begins to serve on the partitions of `__share_group_state`.
    pub(crate) fn start(&self, topic: &Topic) {
        self.coordinator.start(topic);
    }

    /// Takes a step with the state of a partition in a group: begun on return, answered when it is durable.
    pub(crate) fn step(
        &self,
        key: &SharePartitionKey,
        step: impl FnOnce(&mut ShareStates, Token) -> Effects,
    ) -> BoxFuture<Result<Answer, ErrorCode>> {
        let waiting = self.shard(&key.coordinator_key()).and_then(|shard| shard.begin(step));
        let timeout = self.store_timeout();
        Box::pin(async move {
            let answer = tokio::time::timeout(timeout, waiting?.outcome()).await;
            answer.unwrap_or(Err(ErrorCode::COORDINATOR_NOT_AVAILABLE))
        })
    }
}

/// Creates `__share_group_state`, if it is not there.
async fn created(core: &Arc<Core>) -> Result<(), ErrorCode> {
    if core.share.has_started() {
        return Ok(());
    }
    let end = create_topics::create_internal(core, |id| core.share.topic(id))?;
    core.journal.published(end).await
}

/// Begins the states of partitions in a group; returns those that there are then.
pub(crate) async fn initialize(
    core: &Arc<Core>,
    group: &Str,
    state_epoch: i32,
    start_offset: i64,
    topics: Vec<(Uuid, Vec<i32>)>,
) -> Vec<(Uuid, Vec<i32>)> {
    if let Err(code) = created(core).await {
        tracing::warn!(%code, "the topic of share groups could not be created");
        return Vec::new();
    }
    let mut all = Vec::with_capacity(topics.len());
    for (topic, partitions) in topics {
        let now_ms = core.env.now_ms();
        let begun = partitions.iter().map(|partition| {
            let key = SharePartitionKey::new(group, topic, *partition);
            core.share.step(&key, |states, token| {
                // Looked up with the shard locked, or a state could be begun behind the removal of its topic.
                let is_there = is_there(&core.directory, topic, *partition);
                states.initialize(token, &key, (state_epoch, start_offset), is_there, now_ms)
            })
        });
        let outcomes = waiting::all(begun.collect::<Vec<_>>()).await;
        let there = partitions.into_iter().zip(outcomes);
        let there = there.filter(|(_, outcome)| matches!(outcome, Ok(Answer::Done)));
        all.push((topic, there.map(|(partition, _)| partition).collect()));
    }
    all
}

/// Whether there is such a partition.
pub(crate) fn is_there(directory: &Directory, topic: Uuid, partition: i32) -> bool {
    directory.by_id(topic).is_some_and(|topic| topic.partition(partition).is_some())
}
