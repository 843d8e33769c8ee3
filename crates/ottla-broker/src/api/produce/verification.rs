//! Records of transactions: whether their partitions take part in the transaction that their producer has open.
//!
//! A partition that holds records of the transaction already is in it. For all others the transaction coordinator is
//! asked first: from version 12 on it lets them take part (KIP-890), before that it says whether they do. What the partition
//! knows of the producer is looked at before the coordinator is asked, and given with the append: records of a
//! transaction that has ended in between stay out, whatever the coordinator said.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::produce::ProduceRequest;
use ottla_protocol::records::BatchHeader;
use ottla_protocol::wire::{Records, Str};
use tokio::time::Instant;

use super::Refusal;
use super::checks::FirstBatch;
use crate::broker::Core;
use crate::directory::Topic;
use crate::partition::{BoxFuture, Partition, Terms};
use crate::topic_name;
use crate::transactions::Verify;

/// The version from which on the coordinator lets partitions take part by itself (KIP-890).
pub(super) const FIRST_THAT_ADDS: i16 = 12;
/// The version from which on a client knows that it can abort and go on.
const FIRST_WITH_ABORTABLE: i16 = 11;

/// A partition of a topic, by the id of that.
type Place = ([u8; 16], i32);

/// Which records of transactions may be appended, and under which terms.
#[derive(Default)]
pub(super) struct Verified {
    partitions: BTreeMap<Place, Result<Terms, Refusal>>,
}

impl Verified {
    /// The terms for a batch.
    pub(super) fn terms(&self, topic: &Topic, index: i32, batch: &BatchHeader) -> Result<Terms, Refusal> {
        if !(batch.attributes.is_transactional() && batch.has_producer_id()) {
            return Ok(Terms::default());
        }
        let found = self.partitions.get(&(topic.id.0, index));
        found.cloned().unwrap_or_else(|| Err(refusal(ErrorCode::INVALID_TXN_STATE, FIRST_THAT_ADDS)))
    }
}

/// What it takes to know.
pub(super) enum Verification {
    /// It is known.
    Done(Verified),
    /// The coordinator has to write first.
    Later(BoxFuture<Verified>),
}

/// Looks at what a request holds, and asks the coordinator where that has to be.
///
/// # Errors
/// What is wrong with the whole request.
pub(super) fn begin(
    core: &Arc<Core>,
    version: i16,
    request: &ProduceRequest,
) -> Result<Verification, Refusal> {
    let Some(mut asking) = Asking::new(core, version, request)? else {
        return Ok(Verification::Done(Verified::default()));
    };
    let mut verified = Verified::default();
    asking.look(&mut verified);
    if asking.open.is_empty() {
        return Ok(Verification::Done(verified));
    }
    if !asking.adds && !verifies(core) {
        for place in asking.open.into_keys() {
            verified.partitions.insert(place, Ok(Terms::default()));
        }
        return Ok(Verification::Done(verified));
    }
    let mut answer = asking.ask(core);
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(codes) if !asking.is_too_early(&codes) => {
            asking.take(&codes, &mut verified);
            Ok(Verification::Done(verified))
        }
        Poll::Ready(codes) => {
            let known: BoxFuture<_> = Box::pin(std::future::ready(codes));
            Ok(Verification::Later(Box::pin(asking.finish(Arc::clone(core), known, verified))))
        }
        Poll::Pending => Ok(Verification::Later(Box::pin(asking.finish(Arc::clone(core), answer, verified)))),
    }
}

/// Whether the coordinator is asked whether a partition is in a transaction, where it would not be let in.
pub(crate) fn verifies(core: &Core) -> bool {
    let key = "transaction.partition.verification.enable";
    !core.configs.broker().get(key).is_some_and(|value| value.eq_ignore_ascii_case("false"))
}

/// A partition that is to take records of the transaction.
struct Asked {
    topic: Str,
    partition: Arc<dyn Partition>,
    terms: Terms,
}

/// What the coordinator is asked.
struct Asking {
    id: Str,
    producer: (i64, i16),
    version: i16,
    adds: bool,
    /// Partitions that are not known to be in the transaction.
    open: BTreeMap<Place, Asked>,
}

impl Asking {
    /// All partitions that are to take records of a transaction; `None` when there is none.
    fn new(core: &Core, version: i16, request: &ProduceRequest) -> Result<Option<Self>, Refusal> {
        let mut producer = None;
        let mut open = BTreeMap::new();
        for data in &request.topic_data {
            let mut topic = None;
            for partition in &data.partition_data {
                let Some(records) = partition.records.as_ref().and_then(Records::as_bytes) else { continue };
                let Some(batch) = FirstBatch::of(records).filter(|batch| batch.is_transactional(records))
                else {
                    continue;
                };
                if request.transactional_id.is_none() {
                    return Err(Refusal::from(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
                }
                let Some(of) = batch.producer(records) else { continue };
                if *producer.get_or_insert(of) != of {
                    let message = "Transactional records contained more than one producer ID";
                    return Err(Refusal::saying(ErrorCode::INVALID_PRODUCER_ID_MAPPING, message));
                }
                let topic: &Option<Arc<Topic>> = topic.get_or_insert_with(|| match version {
                    13.. => core.directory.by_id(data.topic_id),
                    _ => core.directory.by_name(&data.name),
                });
                let Some(topic) = topic.as_ref().filter(|topic| !topic_name::is_internal(&topic.name)) else {
                    continue; // refused for that, later
                };
                if let Some(Some(found)) = topic.partition(partition.index) {
                    let (name, found) = (topic.name.clone(), Arc::clone(found));
                    let asked = Asked { topic: name, partition: found, terms: Terms::default() };
                    open.insert((topic.id.0, partition.index), asked);
                }
            }
        }
        let (Some(producer), Some(id)) = (producer, request.transactional_id.clone()) else {
            return Ok(None);
        };
        Ok(Some(Self { id, producer, version, adds: version >= FIRST_THAT_ADDS, open }))
    }

    /// Looks at what the partitions know, and passes those that are in the transaction. It is to be a turn's.
    fn look(&mut self, verified: &mut Verified) {
        let (id, epoch) = self.producer;
        self.open.retain(|place, asked| {
            let guard = asked.partition.transaction_guard(id, epoch);
            asked.terms = Terms { guard: Some(guard), begins_at_zero: self.adds && !guard.is_open };
            if guard.is_open {
                verified.partitions.insert(*place, Ok(asked.terms));
            }
            !guard.is_open
        });
    }

    fn ask(&self, core: &Core) -> BoxFuture<Vec<ErrorCode>> {
        if self.id.is_empty() {
            return Box::pin(std::future::ready(vec![ErrorCode::INVALID_REQUEST; self.open.len()]));
        }
        let (id, epoch) = self.producer;
        let participants =
            self.open.iter().map(|((_, index), asked)| (asked.topic.clone(), *index)).collect();
        let verify = if self.adds { Verify::Add } else { Verify::Only };
        core.transactions.verify_or_add(&self.id, id, epoch, participants, verify)
    }

    /// Whether the transaction before is still being ended, which the broker waits for by itself, for a while.
    fn is_too_early(&self, codes: &[ErrorCode]) -> bool {
        self.adds && codes.contains(&ErrorCode::CONCURRENT_TRANSACTIONS)
    }

    /// What the coordinator has said.
    fn take(self, codes: &[ErrorCode], verified: &mut Verified) {
        for ((place, asked), code) in self.open.into_iter().zip(codes) {
            let outcome = if code.is_none() { Ok(asked.terms) } else { Err(refusal(*code, self.version)) };
            verified.partitions.insert(place, outcome);
        }
    }

    /// Waits for the coordinator, and asks again, for a while, where it was too early.
    async fn finish(
        mut self,
        core: Arc<Core>,
        mut answer: BoxFuture<Vec<ErrorCode>>,
        mut verified: Verified,
    ) -> Verified {
        let pause = |key: &str| Duration::from_millis(core.config.number::<u64>(key));
        let backoff = pause("add.partitions.to.txn.retry.backoff.ms");
        let until = Instant::now() + pause("add.partitions.to.txn.retry.backoff.max.ms");
        loop {
            let codes = answer.await;
            if !self.is_too_early(&codes) || Instant::now() >= until {
                self.take(&codes, &mut verified);
                return verified;
            }
            tokio::time::sleep(backoff).await;
            // The marker of the transaction before may have come by now.
            let turn = core.turns.take().await;
            self.look(&mut verified);
            drop(turn);
            answer = self.ask(&core);
        }
    }
}

/// What is answered when the coordinator says this: what a client of the version knows how to handle.
fn refusal(code: ErrorCode, version: i16) -> Refusal {
    let unsure = || {
        let message = format!("it could not be verified that the partition is in the transaction: {code}");
        Refusal::saying(ErrorCode::NOT_ENOUGH_REPLICAS, message)
    };
    let not_added = || {
        let message = "Partition was not added to the transaction";
        Refusal::saying(ErrorCode::INVALID_TXN_STATE, message)
    };
    match code {
        ErrorCode::INVALID_TXN_STATE => not_added(),
        ErrorCode::TRANSACTION_ABORTABLE if version < FIRST_WITH_ABORTABLE => not_added(),
        ErrorCode::PRODUCER_FENCED => Refusal::from(ErrorCode::INVALID_PRODUCER_EPOCH),
        ErrorCode::NETWORK_EXCEPTION
        | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
        | ErrorCode::COORDINATOR_NOT_AVAILABLE
        | ErrorCode::NOT_COORDINATOR => unsure(),
        ErrorCode::CONCURRENT_TRANSACTIONS if version < FIRST_THAT_ADDS => unsure(),
        code => Refusal::from(code),
    }
}
