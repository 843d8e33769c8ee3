//! What a log remembers of its producers, to tell a retry from a new batch and a gap from order.
//!
//! Here lives the state machine: a batch goes in, and out comes whether it is new, was written
//! before, or breaks the rules, which are those of Kafka 4.3 (KIP-98, KIP-360, KIP-890). Its files
//! are in [`snapshot`]. Who may use a producer id is decided by who hands the ids out.

use std::collections::BTreeMap;

use crate::offset::Offset;
use crate::planted;

pub(crate) mod snapshot;

/// Batches remembered of each producer: as many as a Kafka client keeps in flight at most.
pub(crate) const REMEMBERED_MAX: usize = 5;

/// Sequence of a producer that has written nothing.
const NO_SEQUENCE: i32 = -1;
/// Epoch of a producer that has written nothing.
const NO_EPOCH: i16 = -1;
/// The version of transactions from which on every marker raises the epoch of its producer (KIP-890).
const BUMPING_VERSION: i16 = 2;

/// What the header of a batch says about its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) first_sequence: i32,
    /// Offset of the last record, relative to the first. The last sequence follows from it.
    pub(crate) offset_delta: i32,
    /// Greatest timestamp in the batch, as stored.
    pub(crate) timestamp: i64,
    pub(crate) is_transactional: bool,
}

impl Claim {
    fn last_sequence(&self) -> i32 {
        match self.first_sequence {
            NO_SEQUENCE => NO_SEQUENCE, // a coordinator's
            first => add_to_sequence(first, self.offset_delta),
        }
    }
}

/// What is remembered of one producer in a log, as [`Log::active_producers`](crate::Log::active_producers) tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActiveProducer {
    /// Its id.
    pub producer_id: i64,
    /// Its newest epoch.
    pub epoch: i16,
    /// The last sequence that it wrote in this epoch; -1 when it wrote none.
    pub last_sequence: i32,
    /// Greatest timestamp of its last batch, or that of its last marker, in Unix milliseconds.
    pub last_timestamp: i64,
    /// Epoch of the coordinator that ended its last transaction; -1 when none has.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub transaction_start: Option<Offset>,
}

/// What a log knows of one producer's transaction at a moment, taken before its coordinator is asked whether a transaction is open
/// and given with the append that follows ([`AppendOptions::with_guard`](crate::AppendOptions::with_guard)): a transaction that has ended
/// in between lets nothing in, though the coordinator said it was open (KIP-890). It holds until the log is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionGuard {
    /// Offset of the last marker.
    marker: Option<i64>,
    /// Whether a transaction of the epoch that was asked for is open: the coordinator need not be asked.
    pub is_open: bool,
}

/// Whose batch it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A client's: its sequence must follow the one before.
    #[default]
    Client,
    /// The embedder's own (a coordinator's): only epochs are checked.
    Coordinator,
}

/// What a batch is held to, beside what is remembered of its producer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) origin: Origin,
    pub(crate) guard: Option<TransactionGuard>,
    /// Whether a producer of whom nothing is known has to begin with sequence 0.
    pub(crate) begins_at_zero: bool,
}

/// One remembered batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BatchMemory {
    pub(crate) last_sequence: i32,
    pub(crate) last_offset: i64,
    pub(crate) offset_delta: i32,
    pub(crate) timestamp: i64,
}

impl BatchMemory {
    pub(crate) fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }

    fn first_sequence(&self) -> i32 {
        subtract_from_sequence(self.last_sequence, self.offset_delta)
    }
}

/// What is remembered of one producer. Of fixed size, so that remembering allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) epoch: i16,
    /// Timestamp of the last batch or marker, for expiry.
    pub(crate) last_timestamp: i64,
    /// Epoch of the coordinator that ended its last transaction; -1 when none has.
    pub(crate) coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub(crate) transaction_start: Option<i64>,
    /// Offset of its last marker since the log was opened. It is in no snapshot: guards do not outlive the process either.
    marker: Option<i64>,
    batches: [BatchMemory; REMEMBERED_MAX],
    remembered: u8,
}

impl Producer {
    fn new(epoch: i16) -> Self {
        Self {
            epoch,
            last_timestamp: -1,
            coordinator_epoch: -1,
            transaction_start: None,
            marker: None,
            batches: [BatchMemory::default(); REMEMBERED_MAX],
            remembered: 0,
        }
    }

    /// The remembered batches, oldest first.
    pub(crate) fn batches(&self) -> &[BatchMemory] {
        &self.batches[..usize::from(self.remembered)]
    }

    fn last_sequence(&self) -> i32 {
        self.batches().last().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    fn set_epoch(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.remembered = 0;
        }
    }

    fn remember(&mut self, batch: BatchMemory) {
        if planted::is("last_batch_only") {
            (self.batches[0], self.remembered) = (batch, 1);
        } else if usize::from(self.remembered) == REMEMBERED_MAX {
            self.batches.rotate_left(1);
            self.batches[REMEMBERED_MAX - 1] = batch;
        } else {
            self.batches[usize::from(self.remembered)] = batch;
            self.remembered += 1;
        }
        self.last_timestamp = batch.timestamp;
    }
}

/// What becomes of a batch that breaks no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is to be written.
    New,
    /// It was written before, here.
    Duplicate(BatchMemory),
}

/// Which rule a batch breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProducerError {
    /// The sequence does not follow the last one. Kafka: `OUT_OF_ORDER_SEQUENCE_NUMBER`.
    #[error("producer {producer_id} sent sequence {sequence} after {last_sequence}, in epoch {epoch}")]
    OutOfOrderSequence {
        /// Who sent the batch.
        producer_id: i64,
        /// Its epoch.
        epoch: i16,
        /// First sequence of the batch.
        sequence: i32,
        /// The last one that was written; -1 when none was in this epoch.
        last_sequence: i32,
    },
    /// A newer epoch of this producer has written, or a marker did not raise it as its version of transactions asks. Kafka:
    /// `INVALID_PRODUCER_EPOCH`.
    #[error("producer {producer_id} sent epoch {epoch} after {current}")]
    InvalidProducerEpoch {
        /// Who sent the batch.
        producer_id: i64,
        /// The epoch it sent.
        epoch: i16,
        /// The epoch in force.
        current: i16,
    },
    /// A batch outside of any transaction while one is open. Kafka: `INVALID_TXN_STATE`.
    #[error("producer {producer_id} sent a plain batch within a transaction")]
    InvalidTransactionState {
        /// Who sent the batch.
        producer_id: i64,
    },
    /// The transaction of the batch has ended while its coordinator was asked. Kafka: `INVALID_TXN_STATE`.
    #[error("producer {producer_id} sent a batch of a transaction that has ended")]
    TransactionEnded {
        /// Who sent the batch.
        producer_id: i64,
    },
    /// The end of a transaction from a coordinator that was replaced. Kafka:
    /// `TRANSACTION_COORDINATOR_FENCED`.
    #[error("coordinator epoch {epoch} for producer {producer_id} is older than {current}")]
    CoordinatorFenced {
        /// Whose transaction it is.
        producer_id: i64,
        /// The epoch of the coordinator that sent the marker.
        epoch: i32,
        /// The epoch in force.
        current: i32,
    },
}

/// How to take one change back, because its batch could not be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Undo {
    producer_id: i64,
    before: Option<Producer>,
}

/// All producers that a log remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Producers {
    by_id: BTreeMap<i64, Producer>,
    /// Open transactions: first offset to producer.
    open: BTreeMap<i64, i64>,
}

impl Producers {
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (i64, &Producer)> {
        self.by_id.iter().map(|(id, producer)| (*id, producer))
    }

    /// The first offset of the oldest open transaction.
    pub(crate) fn first_unstable(&self) -> Option<i64> {
        self.open.keys().next().copied()
    }

    /// Holds a batch against what is remembered. Changes nothing.
    pub(crate) fn check(&self, claim: &Claim, terms: &Terms) -> Result<Verdict, ProducerError> {
        let origin = terms.origin;
        let Some(current) = self.by_id.get(&claim.producer_id) else {
            if terms.guard.is_some_and(|guard| guard.is_open || guard.marker.is_some()) {
                return Err(ProducerError::TransactionEnded { producer_id: claim.producer_id });
            }
            // Nothing is known (or everything has expired), so any sequence is a fresh start, unless it may not be.
            if origin == Origin::Client && terms.begins_at_zero && claim.first_sequence != 0 {
                let Claim { producer_id, epoch, first_sequence: sequence, .. } = *claim;
                return Err(ProducerError::OutOfOrderSequence {
                    producer_id,
                    epoch,
                    sequence,
                    last_sequence: NO_SEQUENCE,
                });
            }
            return Ok(Verdict::New);
        };
        if origin == Origin::Client
            && current.epoch == claim.epoch
            && let Some(found) = current.batches().iter().find(|batch| {
                batch.first_sequence() == claim.first_sequence && batch.last_sequence == claim.last_sequence()
            })
        {
            return Ok(Verdict::Duplicate(*found));
        }
        check_epoch(claim.producer_id, claim.epoch, current)?;
        if terms.guard.is_some_and(|guard| guard.marker != current.marker) {
            return Err(ProducerError::TransactionEnded { producer_id: claim.producer_id });
        }
        if origin == Origin::Client {
            check_sequence(claim, current)?;
        }
        if current.transaction_start.is_some() && !claim.is_transactional {
            return Err(ProducerError::InvalidTransactionState { producer_id: claim.producer_id });
        }
        Ok(Verdict::New)
    }

    /// Remembers a batch at `first_offset`, which was checked or is being replayed.
    pub(crate) fn apply(&mut self, claim: &Claim, first_offset: i64) -> Undo {
        let before = self.by_id.get(&claim.producer_id).copied();
        let producer = self.by_id.entry(claim.producer_id).or_insert_with(|| Producer::new(claim.epoch));
        producer.set_epoch(claim.epoch);
        producer.remember(BatchMemory {
            last_sequence: claim.last_sequence(),
            last_offset: first_offset + i64::from(claim.offset_delta),
            offset_delta: claim.offset_delta,
            timestamp: claim.timestamp,
        });
        if claim.is_transactional && producer.transaction_start.is_none() {
            producer.transaction_start = Some(first_offset);
            self.open.insert(first_offset, claim.producer_id);
        }
        Undo { producer_id: claim.producer_id, before }
    }

    /// What an append of a producer's transaction is to be guarded by.
    pub(crate) fn guard(&self, producer_id: i64, epoch: i16) -> TransactionGuard {
        let producer = self.by_id.get(&producer_id);
        let is_open =
            producer.is_some_and(|producer| producer.transaction_start.is_some() && producer.epoch == epoch);
        TransactionGuard { marker: producer.and_then(|producer| producer.marker), is_open }
    }

    /// All that is remembered, for people.
    pub(crate) fn active(&self) -> Vec<ActiveProducer> {
        let told = |(producer_id, producer): (i64, &Producer)| ActiveProducer {
            producer_id,
            epoch: producer.epoch,
            last_sequence: producer.last_sequence(),
            last_timestamp: producer.last_timestamp,
            coordinator_epoch: producer.coordinator_epoch,
            transaction_start: producer.transaction_start.map(Offset),
        };
        self.iter().map(told).collect()
    }

    /// Holds the end of a transaction against what is remembered. Changes nothing.
    ///
    /// From version 2 of transactions on (KIP-890) a marker comes in an epoch of its own, above that of the
    /// transaction. One that is sent again finds its epoch taken and no transaction, and may stand.
    pub(crate) fn check_marker(
        &self,
        producer_id: i64,
        epoch: i16,
        coordinator_epoch: i32,
        transaction_version: i16,
    ) -> Result<(), ProducerError> {
        let new = Producer::new(epoch);
        let current = self.by_id.get(&producer_id).unwrap_or(&new);
        check_epoch(producer_id, epoch, current)?;
        let is_again = current.transaction_start.is_none() || epoch == i16::MAX;
        if transaction_version >= BUMPING_VERSION && epoch == current.epoch && !is_again {
            return Err(ProducerError::InvalidProducerEpoch { producer_id, epoch, current: current.epoch });
        }
        if coordinator_epoch < current.coordinator_epoch {
            let (epoch, current) = (coordinator_epoch, current.coordinator_epoch);
            return Err(ProducerError::CoordinatorFenced { producer_id, epoch, current });
        }
        Ok(())
    }

    /// Remembers that a transaction has ended, by a commit or abort at this offset. Answers where it began, if it had.
    pub(crate) fn apply_marker(
        &mut self,
        producer_id: i64,
        epoch: i16,
        coordinator_epoch: i32,
        timestamp: i64,
        offset: Option<i64>,
    ) -> (Undo, Option<i64>) {
        let before = self.by_id.get(&producer_id).copied();
        let producer = self.by_id.entry(producer_id).or_insert_with(|| Producer::new(epoch));
        producer.set_epoch(epoch);
        producer.coordinator_epoch = coordinator_epoch;
        producer.last_timestamp = timestamp;
        producer.marker = offset;
        let ended = producer.transaction_start.take();
        if let Some(start) = ended {
            self.open.remove(&start);
        }
        (Undo { producer_id, before }, ended)
    }

    /// Takes back the change that `undo` came from. Later changes are taken back first.
    pub(crate) fn undo(&mut self, undo: &Undo) {
        let now = match undo.before {
            Some(before) => self.by_id.insert(undo.producer_id, before),
            None => self.by_id.remove(&undo.producer_id),
        };
        let started = now.and_then(|producer| producer.transaction_start);
        let before = undo.before.and_then(|producer| producer.transaction_start);
        if started != before {
            if let Some(start) = started {
                self.open.remove(&start);
            }
            if let Some(start) = before {
                self.open.insert(start, undo.producer_id);
            }
        }
    }

    /// Forgets producers that were last heard of before `now_ms - expiration_ms`, unless a
    /// transaction of theirs is open.
    pub(crate) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.by_id.retain(|_, producer| {
            producer.transaction_start.is_some()
                || now_ms.saturating_sub(producer.last_timestamp) < expiration_ms
        });
    }

    /// Puts back a producer read from a snapshot.
    fn restore(&mut self, id: i64, producer: Producer) {
        if let Some(start) = producer.transaction_start {
            self.open.insert(start, id);
        }
        self.by_id.insert(id, producer);
    }
}

fn check_epoch(producer_id: i64, epoch: i16, current: &Producer) -> Result<(), ProducerError> {
    if epoch < current.epoch {
        return Err(ProducerError::InvalidProducerEpoch { producer_id, epoch, current: current.epoch });
    }
    Ok(())
}

fn check_sequence(claim: &Claim, current: &Producer) -> Result<(), ProducerError> {
    let refused = |last_sequence| ProducerError::OutOfOrderSequence {
        producer_id: claim.producer_id,
        epoch: claim.epoch,
        sequence: claim.first_sequence,
        last_sequence,
    };
    if claim.epoch != current.epoch {
        // A new epoch starts anew, unless the one before is unknown.
        return match claim.first_sequence == 0 || current.epoch == NO_EPOCH {
            true => Ok(()),
            false => Err(refused(NO_SEQUENCE)),
        };
    }
    let last = current.last_sequence();
    match claim.first_sequence == add_to_sequence(last, 1) {
        true => Ok(()),
        false => Err(refused(last)),
    }
}

/// Sequences go from 0 to 2^31 - 1 and on from 0.
fn add_to_sequence(sequence: i32, add: i32) -> i32 {
    if sequence > i32::MAX - add { add - (i32::MAX - sequence) - 1 } else { sequence + add }
}

fn subtract_from_sequence(sequence: i32, subtract: i32) -> i32 {
    if sequence < subtract { i32::MAX - (subtract - sequence) + 1 } else { sequence - subtract }
}

#[cfg(test)]
mod tests;
