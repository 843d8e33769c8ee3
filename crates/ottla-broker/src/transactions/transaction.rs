//! One transactional id: its producer, its transaction, and what becomes of them.
//!
//! Each step is a function from what is to what shall be, and changes nothing: the step is a record first. The rules
//! are those of Kafka 4.3.1: of the older protocol, and of transaction version 2 (KIP-890), in which every transaction
//! has an epoch of its own.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::TransactionLogValue;
use ottla_protocol::internal::transaction_log::PartitionsSchema;
use ottla_protocol::wire::{I32Array, Str};

/// The transaction version in which the epoch grows with each transaction.
pub(crate) const EPOCH_PER_TRANSACTION: i16 = 2;
/// What stands for an id or an epoch that is not there.
pub(crate) const NONE: i64 = -1;
const NO_EPOCH: i16 = -1;
/// From this epoch on a producer gets a new id: the one after it is kept for fencing.
const LAST_EPOCH: i16 = i16::MAX - 1;

/// A partition of a topic that takes part in a transaction.
pub(crate) type Participant = (Str, i32);

/// A producer: its id and epoch.
pub(crate) type Producer = (i64, i16);

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub(crate) enum State {
    /// There was none since the producer was initialized.
    Empty = 0,
    Ongoing = 1,
    /// It will be committed: nothing can change that.
    PrepareCommit = 2,
    /// It will be aborted: nothing can change that.
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
    /// Never written; Kafka lists it among the states.
    Dead = 6,
    /// Never written; Kafka lists it among the states.
    PrepareEpochFence = 7,
}

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::Dead,
        Self::PrepareEpochFence,
    ];

    /// Its name in Kafka's tools.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::Dead => "Dead",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    fn from_wire(state: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|known| *known as i8 == state)
    }
}

/// What is to be written, or why nothing is.
pub(crate) type Decision = Result<Transaction, Refusal>;

/// Why a step writes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was done already.
    Done,
    /// It needs a new producer id, and none was handed in.
    NeedsProducerId,
    /// It is an error.
    Code(ErrorCode),
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

/// A transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) producer_id: i64,
    /// The id at the step before.
    pub(crate) previous_producer_id: i64,
    /// The id that the producer gets when its transaction is complete, because it ran out of epochs.
    pub(crate) next_producer_id: i64,
    pub(crate) producer_epoch: i16,
    /// The epoch before, if a producer may ask for its next one again.
    pub(crate) last_producer_epoch: i16,
    pub(crate) timeout_ms: i32,
    pub(crate) state: State,
    pub(crate) participants: BTreeSet<Participant>,
    pub(crate) started_ms: i64,
    pub(crate) updated_ms: i64,
    /// The version in which the latest transaction was ended, or its partitions were added.
    pub(crate) version: i16,
}

impl Transaction {
    /// One that nobody knows yet: it has a producer, and no epoch.
    pub(crate) fn new(producer_id: i64, timeout_ms: i32, now_ms: i64) -> Self {
        Self {
            producer_id,
            previous_producer_id: NONE,
            next_producer_id: NONE,
            producer_epoch: NO_EPOCH,
            last_producer_epoch: NO_EPOCH,
            timeout_ms,
            state: State::Empty,
            participants: BTreeSet::new(),
            started_ms: NONE,
            updated_ms: now_ms,
            version: 0,
        }
    }

    /// As it was written; `None` for a state that nobody writes.
    pub(crate) fn from_record(value: &TransactionLogValue, last_producer_epoch: i16) -> Option<Self> {
        let partitions = value.transaction_partitions.iter().flatten();
        let participants = partitions.flat_map(|topic| {
            let name = Str::from(topic.topic.as_str().to_owned());
            topic.partition_ids.iter().map(move |partition| (name.clone(), *partition))
        });
        Some(Self {
            producer_id: value.producer_id,
            previous_producer_id: value.previous_producer_id,
            next_producer_id: value.next_producer_id,
            producer_epoch: value.producer_epoch,
            last_producer_epoch,
            timeout_ms: value.transaction_timeout_ms,
            state: State::from_wire(value.transaction_status)?,
            participants: participants.collect(),
            started_ms: value.transaction_start_timestamp_ms,
            updated_ms: value.transaction_last_update_timestamp_ms,
            version: value.client_transaction_version,
        })
    }

    /// As it is written while `transaction.version` is `server_version`.
    pub(crate) fn to_record(&self, server_version: i16) -> TransactionLogValue {
        let mut value = TransactionLogValue::default();
        value.producer_id = self.producer_id;
        value.producer_epoch = self.producer_epoch;
        value.transaction_timeout_ms = self.timeout_ms;
        value.transaction_status = self.state as i8;
        value.transaction_start_timestamp_ms = self.started_ms;
        value.transaction_last_update_timestamp_ms = self.updated_ms;
        value.transaction_partitions = match self.state {
            State::Empty => None,
            _ => Some(self.by_topic().map(schema).collect()),
        };
        if server_version > 0 {
            value.previous_producer_id = self.previous_producer_id;
            value.next_producer_id = self.next_producer_id;
            value.client_transaction_version = self.version;
        }
        value
    }

    /// Who takes part, by topic.
    pub(crate) fn by_topic(&self) -> impl Iterator<Item = (Str, Vec<i32>)> {
        let mut topics = BTreeMap::<Str, Vec<i32>>::new();
        for (topic, partition) in &self.participants {
            topics.entry(topic.clone()).or_default().push(*partition);
        }
        topics.into_iter()
    }

    /// Whether the outcome is decided, and not yet told to everyone who takes part.
    pub(crate) fn is_prepared(&self) -> bool {
        matches!(self.state, State::PrepareCommit | State::PrepareAbort)
    }

    /// Whether there is no transaction, or none any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Empty | State::CompleteCommit | State::CompleteAbort)
    }

    fn is_exhausted(&self) -> bool {
        self.producer_epoch >= LAST_EPOCH
    }

    /// The same at a later time, in another state: what every step begins with.
    fn next(&self, state: State, now_ms: i64) -> Self {
        Self { previous_producer_id: self.producer_id, state, updated_ms: now_ms, ..self.clone() }
    }

    /// A producer initializes itself, and fences those before it; one that says who it is goes on in an epoch of its own
    /// (KIP-360). `fresh` is a producer id that nobody has.
    pub(crate) fn init(
        &self,
        now_ms: i64,
        timeout_ms: i32,
        expected: Option<Producer>,
        server_version: i16,
        fresh: Option<i64>,
    ) -> Decision {
        if let Some((id, epoch)) = expected {
            // It was told an id and did not hear of it, maybe.
            let is_retry = id == self.previous_producer_id && epoch >= LAST_EPOCH;
            if self.producer_epoch != NO_EPOCH && id != self.producer_id && !is_retry {
                return Err(ErrorCode::PRODUCER_FENCED.into());
            }
        }
        match self.state {
            State::PrepareCommit | State::PrepareAbort => {
                return Err(ErrorCode::CONCURRENT_TRANSACTIONS.into());
            }
            // The producer asks again, and by then it is over.
            State::Ongoing => return Ok(self.fence(now_ms, server_version)),
            State::Dead | State::PrepareEpochFence => return Err(ErrorCode::UNKNOWN_SERVER_ERROR.into()),
            State::Empty | State::CompleteCommit | State::CompleteAbort => {}
        }
        let mut next = self.next(State::Empty, now_ms);
        next.timeout_ms = timeout_ms;
        next.participants.clear();
        next.started_ms = NONE;
        if self.is_exhausted() && expected.is_none_or(|(_, epoch)| epoch == self.producer_epoch) {
            next.producer_id = fresh.ok_or(Refusal::NeedsProducerId)?;
            next.producer_epoch = 0;
            next.last_producer_epoch = if expected.is_some() { self.producer_epoch } else { NO_EPOCH };
            return Ok(next);
        }
        match expected {
            None => {
                next.last_producer_epoch = NO_EPOCH;
                next.producer_epoch += 1;
            }
            Some((_, epoch)) if self.producer_epoch == NO_EPOCH || epoch == self.producer_epoch => {
                next.last_producer_epoch = self.producer_epoch;
                next.producer_epoch += 1;
            }
            // It asks again for what it was given.
            Some((_, epoch)) if epoch == self.last_producer_epoch => {}
            Some(_) => return Err(ErrorCode::PRODUCER_FENCED.into()),
        }
        Ok(next)
    }

    /// Aborts what goes on, in an epoch that its producer is only given if it aborts too.
    pub(crate) fn fence(&self, now_ms: i64, server_version: i16) -> Self {
        let mut next = self.next(State::PrepareAbort, now_ms);
        next.next_producer_id = NONE;
        next.producer_epoch = self.producer_epoch.saturating_add(1);
        (next.last_producer_epoch, next.version) = match server_version >= EPOCH_PER_TRANSACTION {
            true => (self.producer_epoch, server_version),
            false => (NO_EPOCH, 0),
        };
        next
    }

    /// Who asks must be the producer as it is known.
    fn check_producer(&self, producer: Producer) -> Result<(), ErrorCode> {
        match producer {
            (id, _) if id != self.producer_id => Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING),
            (_, epoch) if epoch != self.producer_epoch => Err(ErrorCode::PRODUCER_FENCED),
            _ if self.is_prepared() => Err(ErrorCode::CONCURRENT_TRANSACTIONS),
            _ => Ok(()),
        }
    }

    /// Others take part too; the first of them begin the transaction.
    pub(crate) fn add(
        &self,
        now_ms: i64,
        producer: Producer,
        participants: &BTreeSet<Participant>,
        version: i16,
    ) -> Decision {
        self.check_producer(producer)?;
        if self.state == State::Ongoing && participants.is_subset(&self.participants) {
            return Err(Refusal::Done);
        }
        let mut next = self.next(State::Ongoing, now_ms);
        if self.is_over() {
            next.participants.clear();
            next.started_ms = now_ms;
        }
        next.participants.extend(participants.iter().cloned());
        next.version = version;
        Ok(next)
    }

    /// Whether somebody takes part in what the producer has going on.
    ///
    /// # Errors
    /// The code to answer for all who were asked of.
    pub(crate) fn verify(&self, producer: Producer, participant: &Participant) -> Result<(), ErrorCode> {
        self.check_producer(producer)?;
        match self.participants.contains(participant) {
            true => Ok(()),
            false => Err(ErrorCode::TRANSACTION_ABORTABLE),
        }
    }

    /// The producer commits or aborts, by the rules of the version that its request stands for.
    pub(crate) fn end(
        &self,
        now_ms: i64,
        producer: Producer,
        commits: bool,
        version: i16,
        fresh: Option<i64>,
    ) -> Decision {
        match version >= EPOCH_PER_TRANSACTION {
            true => self.end_with_epoch(now_ms, producer, commits, version, fresh),
            false => self.end_without_epoch(now_ms, producer, commits),
        }
    }

    fn end_without_epoch(&self, now_ms: i64, (id, epoch): Producer, commits: bool) -> Decision {
        if id != self.producer_id {
            return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING.into());
        }
        if epoch != self.producer_epoch {
            return Err(ErrorCode::PRODUCER_FENCED.into());
        }
        match (self.state, commits) {
            (State::Ongoing, _) => {
                let mut next = self.next(prepared(commits), now_ms);
                next.next_producer_id = NONE;
                next.version = 0;
                Ok(next)
            }
            (State::CompleteCommit, true) | (State::CompleteAbort, false) => Err(Refusal::Done),
            (State::PrepareCommit, true) | (State::PrepareAbort, false) => {
                Err(ErrorCode::CONCURRENT_TRANSACTIONS.into())
            }
            _ => Err(ErrorCode::INVALID_TXN_STATE.into()),
        }
    }

    fn end_with_epoch(
        &self,
        now_ms: i64,
        (id, epoch): Producer,
        commits: bool,
        version: i16,
        fresh: Option<i64>,
    ) -> Decision {
        // Asked again, because the answer was lost: the epoch has grown since, or the id has changed.
        let is_after_rotation =
            self.previous_producer_id == id && epoch == LAST_EPOCH && self.producer_epoch == 0;
        let is_after_epoch = epoch.checked_add(1) == Some(self.producer_epoch);
        let is_retry = is_after_rotation || is_after_epoch;
        if id != self.producer_id && !is_after_rotation {
            return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING.into());
        }
        let is_valid = match self.state {
            State::PrepareCommit | State::PrepareAbort => is_after_epoch,
            State::CompleteCommit | State::CompleteAbort => is_retry || epoch == self.producer_epoch,
            _ => epoch == self.producer_epoch,
        };
        if !is_valid {
            return Err(ErrorCode::PRODUCER_FENCED.into());
        }
        match (self.state, commits) {
            (State::Ongoing, _) => self.prepare(now_ms, commits, version, fresh),
            (State::CompleteCommit, true) | (State::CompleteAbort, false) if is_retry => Err(Refusal::Done),
            // There is nothing to abort, but what may still be under way to a partition is fenced.
            (State::CompleteCommit | State::CompleteAbort, false) if !is_retry => {
                self.prepare_nothing(now_ms, version, fresh)
            }
            (State::Empty, false) => self.prepare_nothing(now_ms, version, fresh),
            (State::PrepareCommit, true) | (State::PrepareAbort, false) => {
                Err(ErrorCode::CONCURRENT_TRANSACTIONS.into())
            }
            _ => Err(ErrorCode::INVALID_TXN_STATE.into()),
        }
    }

    fn prepare(&self, now_ms: i64, commits: bool, version: i16, fresh: Option<i64>) -> Decision {
        let mut next = self.next(prepared(commits), now_ms);
        next.next_producer_id = match self.is_exhausted() {
            true => fresh.ok_or(Refusal::NeedsProducerId)?,
            false => NONE,
        };
        next.last_producer_epoch = self.producer_epoch;
        next.producer_epoch = self.producer_epoch.saturating_add(1);
        next.version = version;
        Ok(next)
    }

    fn prepare_nothing(&self, now_ms: i64, version: i16, fresh: Option<i64>) -> Decision {
        let mut next = self.prepare(now_ms, false, version, fresh)?;
        next.started_ms = now_ms;
        Ok(next)
    }

    /// Everyone who takes part knows of the outcome.
    pub(crate) fn complete(&self, now_ms: i64) -> Option<Self> {
        let state = match self.state {
            State::PrepareCommit => State::CompleteCommit,
            State::PrepareAbort => State::CompleteAbort,
            _ => return None,
        };
        let mut next = self.next(state, now_ms);
        next.participants.clear();
        if self.version >= EPOCH_PER_TRANSACTION && self.next_producer_id != NONE {
            next.producer_id = self.next_producer_id;
            next.producer_epoch = 0;
        }
        next.next_producer_id = NONE;
        Some(next)
    }
}

fn prepared(commits: bool) -> State {
    if commits { State::PrepareCommit } else { State::PrepareAbort }
}

fn schema((topic, partitions): (Str, Vec<i32>)) -> PartitionsSchema {
    let mut schema = PartitionsSchema::default();
    schema.topic = topic;
    schema.partition_ids = I32Array::from(partitions);
    schema
}
