//! Share groups: consumers that share partitions record by record (KIP-932).
//!
//! What has become of the records of a partition in a group is kept by the share coordinator, in
//! `__share_group_state`: each partition of that topic is a shard of the [`coordinator`](crate::coordinator), whose
//! state is [`machine`]. Who is a member of which group is decided in [`crate::groups`]; the requests are in
//! [`crate::api`].

pub(crate) mod batches;
pub(crate) mod machine;
pub(crate) mod record;
mod settings;

use std::ops::Deref;

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::{Str, Uuid};

use self::machine::{Answer, Effects, ShareStates};
use self::record::SharePartitionKey;
use self::settings::Settings;
use crate::config::BrokerConfig;
use crate::coordinator::{Coordinator, Token};
use crate::directory::Topic;
use crate::metadata::record::TopicRecord;
use crate::partition::BoxFuture;
use crate::topic_name::SHARE_TOPIC;

/// The states of share groups that this broker keeps.
pub(crate) struct ShareCoordinator {
    coordinator: Coordinator<ShareStates>,
}

impl Deref for ShareCoordinator {
    type Target = Coordinator<ShareStates>;

    fn deref(&self) -> &Coordinator<ShareStates> {
        &self.coordinator
    }
}

impl ShareCoordinator {
    pub(crate) fn new(env: Env, config: &BrokerConfig) -> Self {
        let settings = Settings::new(config);
        let (load_bytes, store_timeout) = (settings.load_bytes, settings.store_timeout);
        Self { coordinator: Coordinator::new(env, settings, load_bytes, store_timeout) }
    }

    /// What `__share_group_state` is to be, once somebody needs it.
    pub(crate) fn topic(&self, id: Uuid) -> TopicRecord {
        let settings = self.context();
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
