//! The transaction coordinator: transactional ids, their producers and transactions, in `__transaction_state`.
//!
//! Each partition of that topic is a shard of the [`coordinator`](crate::coordinator), whose state is [`machine`].
//! What a transaction goes through is decided in [`transaction`], which knows neither log nor clock; how partitions
//! learn how it ended is in [`markers`]. An outcome is final once its record is durable: whatever stops the broker
//! then, the markers are written after the next start. The requests are in [`crate::api`].

pub(crate) mod machine;
mod markers;
mod record;
mod settings;
pub(crate) mod transaction;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::Compression;
use ottla_protocol::wire::{Str, Uuid};

use self::machine::{Answer, Effects, Transactions};
use self::settings::{Settings, TransactionContext};
use self::transaction::{EPOCH_PER_TRANSACTION, Participant, Producer};
use crate::broker::Core;
use crate::config::BrokerConfig;
use crate::coordinator::shard::Waiting;
use crate::coordinator::{Coordinator, Token};
use crate::directory::Topic;
use crate::features::Features;
use crate::metadata::record::TopicRecord;
use crate::partition::BoxFuture;
use crate::topic_name::TRANSACTIONS_TOPIC;

/// What a partition asks the coordinator before it takes records of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    /// To let the partition take part, if it does not yet.
    Add,
    /// Whether it takes part.
    Only,
}

/// The transactions of this broker.
pub(crate) struct TransactionCoordinator {
    coordinator: Coordinator<Transactions>,
}

impl Deref for TransactionCoordinator {
    type Target = Coordinator<Transactions>;

    fn deref(&self) -> &Coordinator<Transactions> {
        &self.coordinator
    }
}

impl TransactionCoordinator {
    pub(crate) fn new(env: Env, config: &BrokerConfig, features: Arc<Features>) -> Self {
        let settings = Settings::new(config);
        let (load_bytes, store_timeout) = (settings.load_bytes, settings.store_timeout);
        let context = TransactionContext { settings, features, core: OnceLock::new() };
        Self { coordinator: Coordinator::new(env, context, load_bytes, Compression::None, store_timeout) }
    }

    /// What `__transaction_state` is to be, once somebody looks for a coordinator.
    pub(crate) fn topic(&self, id: Uuid) -> TopicRecord {
        let settings = &self.context().settings;
        TopicRecord {
            id,
            name: Str::from_static(TRANSACTIONS_TOPIC),
            partitions: settings.partitions,
            overrides: vec![
                ("cleanup.policy".to_owned(), "compact".to_owned()),
                ("compression.type".to_owned(), "uncompressed".to_owned()),
                ("min.insync.replicas".to_owned(), "1".to_owned()),
                ("segment.bytes".to_owned(), settings.segment_bytes.to_string()),
                ("unclean.leader.election.enable".to_owned(), "false".to_owned()),
            ],
        }
    }

    /// Begins to serve on the partitions of `__transaction_state`.
    pub(crate) fn start(&self, core: Weak<Core>, topic: &Topic) {
        let _known = self.context().core.set(core);
        self.coordinator.start(topic);
    }

    /// Begins a step of a transactional id, whose answer comes later.
    ///
    /// # Errors
    /// As those of the shard of the id.
    pub(crate) fn begin(
        &self,
        id: &str,
        step: impl FnOnce(&mut Transactions, Token) -> Effects,
    ) -> Result<Waiting<Transactions>, ErrorCode> {
        self.shard(id)?.begin(step)
    }

    /// A step that may need a new producer id, which is taken only then.
    pub(crate) async fn step(
        core: &Arc<Core>,
        id: &str,
        step: impl Fn(&mut Transactions, Token, Option<i64>) -> Effects,
    ) -> Result<Producer, ErrorCode> {
        let mut fresh = None;
        loop {
            let waiting =
                core.transactions.begin(id, |transactions, token| step(transactions, token, fresh))?;
            match answer(waiting, core.transactions.store_timeout()).await? {
                Answer::Producer(outcome) => return outcome,
                Answer::NeedsProducerId => fresh = Some(core.producer_ids.next(core).await?),
            }
        }
    }

    /// Whether partitions take part in the ongoing transaction of a producer; or lets them, durably. A code for each,
    /// in their order, as `AddPartitionsToTxn` answers them.
    pub(crate) fn verify_or_add(
        &self,
        id: &Str,
        producer_id: i64,
        epoch: i16,
        partitions: Vec<Participant>,
        verify: Verify,
    ) -> BoxFuture<Vec<ErrorCode>> {
        let producer = (producer_id, epoch);
        match verify {
            Verify::Only => Box::pin(std::future::ready(self.verify(id, producer, &partitions))),
            Verify::Add => {
                let count = partitions.len();
                let added = self.add(id, producer, partitions.into_iter().collect(), EPOCH_PER_TRANSACTION);
                Box::pin(async move { vec![added.await.err().unwrap_or_default(); count] })
            }
        }
    }

    /// Whether partitions take part in the ongoing transaction of a producer: a code for each.
    pub(crate) fn verify(&self, id: &str, producer: Producer, partitions: &[Participant]) -> Vec<ErrorCode> {
        match self.shard(id).and_then(|shard| shard.enter()) {
            Err(code) => vec![code; partitions.len()],
            Ok(locked) => {
                let verified =
                    partitions.iter().map(|partition| locked.machine().verify(id, producer, partition));
                verified.map(|verified| verified.err().unwrap_or_default()).collect()
            }
        }
    }

    /// Lets partitions take part in the transaction of a producer, durably. Begins at once; the future is cancel safe.
    pub(crate) fn add(
        &self,
        id: &Str,
        producer: Producer,
        participants: BTreeSet<Participant>,
        version: i16,
    ) -> BoxFuture<Result<(), ErrorCode>> {
        let now_ms = self.now_ms();
        let waiting = self.begin(id, |transactions, token| {
            transactions.add(now_ms, token, id, producer, &participants, version)
        });
        let timeout = self.store_timeout();
        Box::pin(async move {
            match answer(waiting?, timeout).await? {
                Answer::Producer(outcome) => outcome.map(|_| ()),
                Answer::NeedsProducerId => Err(ErrorCode::UNKNOWN_SERVER_ERROR),
            }
        })
    }
}

/// The answer to a step; what takes longer than the coordinator's log may is asked for again.
async fn answer(waiting: Waiting<Transactions>, timeout: Duration) -> Result<Answer, ErrorCode> {
    let answer = tokio::time::timeout(timeout, waiting.outcome()).await;
    answer.unwrap_or(Err(ErrorCode::COORDINATOR_NOT_AVAILABLE))
}
