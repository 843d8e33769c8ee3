//! A shard: one partition of a coordinator's topic, and the shell around its state machine.
//!
//! A request takes the lock, lets the machine or the API decide, and appends what was decided while it
//! holds the lock, so that the log has the order of the decisions. Then it lets go and waits: an append is
//! *pending* until it is durable, and only then are its answers sent and its acts done. Pending appends are
//! settled in their order by one task, which lives while there are any.
//!
//! What a shard does when its log fails is here too: an append that is refused changes nothing, and one that
//! is lost after all has the shard thrown away and loaded anew.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::answers::tell;
use super::batches::batches;
use super::{Effects, InTransaction, Machine, Place, Shared, Token};
use crate::partition::{Ack, Append, BoxFuture, Marker, Partition, Refused};

/// The state of one partition of a coordinator's topic, and what is under way to it.
pub(crate) struct Shard<M: Machine> {
    pub(crate) shared: Arc<Shared<M>>,
    pub(crate) partition: Arc<dyn Partition>,
    /// The largest batch that the log takes, unless it is a single record.
    batch_bytes_max: usize,
    state: Mutex<State<M>>,
    /// The line of those who come in great numbers, or stay long.
    line: Arc<Semaphore>,
}

/// A turn in a shard: nobody else who waited in line is in it meanwhile.
#[must_use]
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

struct State<M: Machine> {
    phase: Phase,
    machine: M,
    pending: VecDeque<Pending<M>>,
    /// Whether a task settles what is pending.
    is_driven: bool,
    waiting: BTreeMap<Token, oneshot::Sender<Outcome<M>>>,
    /// When the alarm rings at the latest because of this shard.
    alarm: Option<Instant>,
    next_token: u64,
}

/// Whether a shard serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Loading,
    Active,
    /// What the log holds could not be read.
    Failed,
}

/// What a request that waited comes to.
pub(crate) type Outcome<M> = Result<<M as Machine>::Answer, ErrorCode>;

/// An append that is not known to be durable.
struct Pending<M: Machine> {
    acknowledged: Option<BoxFuture<Result<(), ErrorCode>>>,
    /// Where its records lie: the first, and the others behind it.
    first: Place,
    effects: Effects<M>,
    /// The marker that was appended instead of records.
    ended: Option<Marker>,
    told: Vec<oneshot::Sender<Result<(), ErrorCode>>>,
}

/// What was appended and is durable at once, or why it was not appended.
type Appended<M> = Result<Option<Pending<M>>, (ErrorCode, Effects<M>)>;

/// Records that were appended.
#[must_use]
#[derive(Debug)]
pub(crate) enum Stored {
    /// They are durable.
    Now,
    /// They will be, or will be lost.
    Later(oneshot::Receiver<Result<(), ErrorCode>>),
}

impl<M: Machine> Shard<M> {
    /// A shard that is not loaded.
    pub(super) fn new(shared: Arc<Shared<M>>, partition: Arc<dyn Partition>, batch_bytes_max: usize) -> Self {
        let state = Mutex::new(State {
            phase: Phase::Loading,
            machine: M::new(&shared.context),
            pending: VecDeque::new(),
            is_driven: false,
            waiting: BTreeMap::new(),
            alarm: None,
            next_token: 0,
        });
        Self { shared, partition, batch_bytes_max, state, line: Arc::new(Semaphore::new(1)) }
    }

    /// The shard, locked, if it serves.
    ///
    /// # Errors
    /// `COORDINATOR_NOT_AVAILABLE` once the broker closes, `COORDINATOR_LOAD_IN_PROGRESS`, and
    /// `NOT_COORDINATOR` when it cannot be loaded.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Locked<'_, M>, ErrorCode> {
        if self.is_closed() {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        }
        let state = self.lock();
        match state.phase {
            Phase::Active => Ok(Locked { shard: self, state }),
            Phase::Loading => Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS),
            Phase::Failed => Err(ErrorCode::NOT_COORDINATOR),
        }
    }

    pub(super) fn is_loading(&self) -> bool {
        self.lock().phase == Phase::Loading
    }

    /// Whether it cannot serve, because its log could not be read.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().phase == Phase::Failed
    }

    /// Whether the broker closes.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire)
    }

    /// Begins something that is answered later, perhaps much later, under a token.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub(crate) fn begin(
        self: &Arc<Self>,
        start: impl FnOnce(&mut M, Token) -> Effects<M>,
    ) -> Result<Waiting<M>, ErrorCode> {
        let mut locked = self.enter()?;
        let state = &mut *locked.state;
        let token = Token(state.next_token);
        state.next_token += 1;
        let (sender, answer) = oneshot::channel();
        state.waiting.insert(token, sender);
        let effects = start(&mut state.machine, token);
        // A refusal is the answer then.
        let _refused = locked.perform(effects);
        locked.catch_up(); // a delay of nothing is over at once
        Ok(Waiting { shard: Arc::clone(self), token, answer, is_over: false })
    }

    /// Does what is due, now that the alarm has rung.
    pub(super) fn tick(self: &Arc<Self>) {
        self.lock().alarm = None;
        if let Ok(mut locked) = self.enter() {
            locked.catch_up();
        }
    }

    /// Begins to serve, with what was loaded.
    pub(super) fn loaded(self: &Arc<Self>, mut machine: M) {
        let effects = machine.loaded(now(), self.shared.env.now_ms());
        let mut state = self.lock();
        state.machine = machine;
        state.phase = Phase::Active;
        let mut locked = Locked { shard: self, state };
        locked.perform_all(effects);
        drop(locked);
        M::serves(self);
    }

    /// Gives up: what the log holds could not be read.
    pub(super) fn failed(&self) {
        self.lock().phase = Phase::Failed;
    }

    /// Ends all requests that wait for other members.
    pub(super) fn close(&self) {
        self.lock().waiting.clear();
    }

    /// A turn, if nobody stands in line.
    pub(crate) fn try_turn(&self) -> Option<Turn> {
        let permit = Arc::clone(&self.line).try_acquire_owned().ok()?;
        Some(Turn { _permit: Some(permit) })
    }

    /// Waits in line for a turn, in nobody's way. Cancel safe.
    pub(crate) async fn turn(&self) -> Turn {
        Turn { _permit: Arc::clone(&self.line).acquire_owned().await.ok() } // it is never closed
    }

    fn lock(&self) -> MutexGuard<'_, State<M>> {
        // No code panics between two changes of what the lock guards.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Settles what is pending, in order, until nothing is.
    async fn drive(self: Arc<Self>) {
        loop {
            let turn = self.turn().await;
            let wait = match self.lock().pending.front_mut() {
                Some(oldest) => oldest.acknowledged.take(),
                None => None,
            };
            let (durable, _turn) = match wait {
                Some(wait) => {
                    drop(turn);
                    (wait.await, self.turn().await)
                }
                None => (Ok(()), turn),
            };
            let mut locked = Locked { shard: &self, state: self.lock() };
            if let Err(code) = durable {
                return locked.lose(code);
            }
            if let Some(oldest) = locked.state.pending.pop_front() {
                let effects = locked.settle(oldest);
                locked.perform_all(effects);
            }
            if locked.state.pending.is_empty() {
                locked.state.is_driven = false;
                return;
            }
        }
    }
}

/// A shard that serves, locked. Letting go of it sets the alarm for what the machine waits for.
pub(crate) struct Locked<'a, M: Machine> {
    shard: &'a Arc<Shard<M>>,
    state: MutexGuard<'a, State<M>>,
}

impl<M: Machine> Drop for Locked<'_, M> {
    fn drop(&mut self) {
        let state = &mut *self.state;
        if let Some(deadline) = state.machine.next_deadline()
            && state.alarm.is_none_or(|alarm| deadline < alarm)
        {
            state.alarm = Some(deadline);
            self.shard.shared.timer.set(deadline);
        }
    }
}

impl<M: Machine> Locked<'_, M> {
    /// The state, with what is appended and not yet durable.
    pub(crate) fn machine(&self) -> &M {
        &self.state.machine
    }

    pub(crate) fn machine_mut(&mut self) -> &mut M {
        &mut self.state.machine
    }

    /// Records that were appended and are not known to be durable, oldest first.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &M::Record> {
        self.state.pending.iter().flat_map(|pending| &pending.effects.records)
    }

    /// Appends records.
    ///
    /// # Errors
    /// The code to answer; nothing was appended then.
    pub(crate) fn store(&mut self, records: Vec<M::Record>) -> Result<Stored, ErrorCode> {
        self.perform(Effects::of_records(records))
    }

    /// Appends records in a producer's transaction: they count once that is committed.
    ///
    /// # Errors
    /// The code to answer; nothing was appended then.
    pub(crate) fn store_in(
        &mut self,
        records: Vec<M::Record>,
        transaction: &InTransaction,
    ) -> Result<Stored, ErrorCode> {
        let appended = self.append(Effects::of_records(records), Some(transaction));
        self.appended(appended)
    }

    /// Appends the end of a producer's transaction.
    ///
    /// # Errors
    /// As those of [`Partition::append_marker`]; nothing was appended then.
    pub(crate) fn end_transaction(&mut self, marker: Marker) -> Result<Stored, ErrorCode> {
        let now_ms = self.shard.shared.env.now_ms();
        let append = self.shard.partition.append_marker(marker, now_ms).map_err(|refused| refused.code)?;
        let appended = self.enqueue(append, Effects::default(), None, Some(marker));
        self.appended(Ok(appended))
    }

    /// Appends the records of a decision; its answers go out when these are durable.
    ///
    /// # Errors
    /// The code to answer; nothing was appended then, and the answers are errors.
    pub(crate) fn perform(&mut self, effects: Effects<M>) -> Result<Stored, ErrorCode> {
        if effects.records.is_empty() {
            self.finish_in_order(effects);
            return Ok(self.settled());
        }
        let appended = self.append(effects, None);
        self.appended(appended)
    }

    /// Sees to what was appended, or was not.
    fn appended(&mut self, appended: Appended<M>) -> Result<Stored, ErrorCode> {
        match appended {
            Ok(None) => Ok(self.settled()),
            Ok(Some(done)) => {
                let effects = self.settle(done);
                self.perform_all(effects);
                Ok(Stored::Now)
            }
            Err((code, effects)) => {
                let further = self.refused(code, effects);
                self.perform_all(further);
                Err(code)
            }
        }
    }

    /// Does what is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = now();
        while self.state.machine.next_deadline().is_some_and(|deadline| deadline <= now) {
            let now_ms = self.shard.shared.env.now_ms();
            let effects = self.state.machine.tick(now, now_ms);
            self.perform_all(effects);
        }
    }

    /// Waits for all that is pending.
    pub(crate) fn settled(&mut self) -> Stored {
        match self.state.pending.back_mut() {
            None => Stored::Now,
            Some(newest) => {
                let (sender, told) = oneshot::channel();
                newest.told.push(sender);
                Stored::Later(told)
            }
        }
    }

    fn perform_all(&mut self, effects: Vec<Effects<M>>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effects) = todo.pop_front() {
            if effects.records.is_empty() {
                self.finish_in_order(effects);
                continue;
            }
            match self.append(effects, None) {
                Ok(None) => {}
                Ok(Some(done)) => todo.extend(self.settle(done)),
                Err((code, effects)) => todo.extend(self.refused(code, effects)),
            }
        }
    }

    /// Appends; what is durable at once is returned to be settled.
    fn append(&mut self, effects: Effects<M>, transaction: Option<&InTransaction>) -> Appended<M> {
        let shard = self.shard;
        let now_ms = shard.shared.env.now_ms();
        let Some(batches) =
            batches(&effects.records, shard.batch_bytes_max, shard.shared.codec, now_ms, transaction)
        else {
            return Err((ErrorCode::UNKNOWN_SERVER_ERROR, effects));
        };
        let append = match transaction {
            None => shard.partition.append(batches, now_ms, Some(Ack::Durable)),
            Some(transaction) => shard.partition.append_of_coordinator(batches, now_ms, transaction.terms),
        };
        let append = match append {
            Ok(append) => append,
            Err(Refused { code, .. }) if transaction.is_some() && is_verdict(code) => {
                return Err((code, effects));
            }
            Err(refused) => {
                let partition = &shard.partition;
                tracing::warn!(code = %refused.code, message = refused.message, ?partition, "a coordinator's records were not appended");
                return Err((coordinator_error(refused.code), effects));
            }
        };
        for record in &effects.records {
            self.state.machine.appended(record);
        }
        Ok(self.enqueue(append, effects, transaction.map(|transaction| transaction.producer_id), None))
    }

    /// Has what was appended settled when it is durable; what is so at once is returned.
    fn enqueue(
        &mut self,
        append: Append,
        effects: Effects<M>,
        producer_id: Option<i64>,
        ended: Option<Marker>,
    ) -> Option<Pending<M>> {
        let shard = self.shard;
        let first = Place { offset: append.appended.base_offset, producer_id };
        let pending = Pending { acknowledged: append.acknowledged, first, effects, ended, told: Vec::new() };
        if pending.acknowledged.is_none() && self.state.pending.is_empty() {
            return Some(pending);
        }
        self.state.pending.push_back(pending);
        if !self.state.is_driven {
            self.state.is_driven = true;
            shard.shared.env.spawn(Arc::clone(shard).drive());
        }
        None
    }

    /// Shows what is durable, and answers who waited for it; returns what follows from it.
    fn settle(&mut self, pending: Pending<M>) -> Vec<Effects<M>> {
        let Pending { first, effects, ended, told, .. } = pending;
        let now = now();
        let machine = &mut self.state.machine;
        let places = (first.offset..).map(|offset| Place { offset, ..first });
        let records = effects.records.iter().zip(places);
        let further = records.map(|(record, place)| machine.stored_at(now, record, place)).collect();
        if let Some(marker) = ended {
            machine.transaction_ended(marker.producer_id, marker.committed);
        }
        self.finish(effects);
        for told in told {
            let _gone = told.send(Ok(()));
        }
        further
    }

    /// Answers a decision that could not be appended; returns what follows from it.
    fn refused(&mut self, code: ErrorCode, effects: Effects<M>) -> Vec<Effects<M>> {
        for (token, _) in effects.answers {
            if let Some(waiting) = self.state.waiting.remove(&token) {
                let _gone = waiting.send(Err(code));
            }
        }
        let (now, now_ms) = (now(), self.shard.shared.env.now_ms());
        let machine = &mut self.state.machine;
        effects.records.iter().map(|record| machine.refused(now, now_ms, record, code)).collect()
    }

    /// Answers, and has done what was asked for, once all is durable that it may have been decided by.
    fn finish_in_order(&mut self, effects: Effects<M>) {
        match self.state.pending.is_empty() || effects.is_empty() {
            true => self.finish(effects),
            // It is driven, because something is pending.
            false => {
                let first = Place { offset: 0, producer_id: None }; // of no record
                let (ended, told) = (None, Vec::new());
                self.state.pending.push_back(Pending { acknowledged: None, first, effects, ended, told });
            }
        }
    }

    /// Answers, and has done what was asked for.
    fn finish(&mut self, effects: Effects<M>) {
        let waiting = &mut self.state.waiting;
        let answers = effects.answers.into_iter();
        let told = answers.filter_map(|(token, answer)| Some((waiting.remove(&token)?, Ok(answer))));
        if let Some(others) = tell(told.collect()) {
            self.shard.shared.env.spawn(others);
        }
        for act in effects.acts {
            self.shard.shared.env.spawn(M::act(Arc::clone(self.shard), act));
        }
    }

    /// Throws everything away and loads it anew: what was appended last is not in the log.
    fn lose(&mut self, code: ErrorCode) {
        let shard = self.shard;
        tracing::error!(%code, partition = ?shard.partition, "a coordinator's records were lost; its state is loaded anew");
        let state = &mut *self.state;
        for told in state.pending.drain(..).flat_map(|pending| pending.told) {
            let _gone = told.send(Err(coordinator_error(code)));
        }
        state.waiting.clear();
        state.is_driven = false;
        state.phase = Phase::Loading;
        state.machine = M::new(&shard.shared.context);
        if !shard.shared.closed.load(Ordering::Acquire) {
            shard.shared.env.spawn(Arc::clone(shard).load());
        }
    }
}

/// A request that waits for its answer. Dropping it takes nothing back but the answer.
pub(crate) struct Waiting<M: Machine> {
    shard: Arc<Shard<M>>,
    token: Token,
    answer: oneshot::Receiver<Outcome<M>>,
    /// Nobody holds the other end any more, so that there is nothing to take back.
    is_over: bool,
}

impl<M: Machine> Waiting<M> {
    /// The answer, if it is there.
    pub(crate) fn now(&mut self) -> Option<Outcome<M>> {
        let outcome = match self.answer.try_recv() {
            Ok(outcome) => outcome,
            Err(oneshot::error::TryRecvError::Empty) => return None,
            Err(oneshot::error::TryRecvError::Closed) => Err(ErrorCode::NOT_COORDINATOR),
        };
        self.is_over = true;
        Some(outcome)
    }

    /// Waits for the answer; there is none when the shard is loaded anew or the broker closes. Cancel safe.
    pub(crate) async fn outcome(mut self) -> Outcome<M> {
        let outcome = (&mut self.answer).await.unwrap_or(Err(ErrorCode::NOT_COORDINATOR));
        self.is_over = true;
        outcome
    }
}

impl<M: Machine> Drop for Waiting<M> {
    fn drop(&mut self) {
        if !self.is_over {
            self.shard.lock().waiting.remove(&self.token);
        }
    }
}

impl Stored {
    /// Waits until the records are durable, or as long as requests wait for that. Cancel safe.
    ///
    /// # Errors
    /// The code to answer: they were lost, or it is not known whether they will be.
    pub(crate) async fn durable(self, timeout: Duration) -> Result<(), ErrorCode> {
        let Self::Later(told) = self else { return Ok(()) };
        match tokio::time::timeout(timeout, told).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(ErrorCode::NOT_COORDINATOR),
            Err(_) => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
        }
    }
}

/// The time of the state machines.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Whether a log says by this that it is the producer who is wrong.
fn is_verdict(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::INVALID_TXN_STATE | ErrorCode::INVALID_PRODUCER_EPOCH)
}

/// What a client is told when the coordinator's own log answers with this code, as in Kafka.
pub(crate) fn coordinator_error(code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::NOT_ENOUGH_REPLICAS
        | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
        | ErrorCode::REQUEST_TIMED_OUT => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::KAFKA_STORAGE_ERROR => ErrorCode::NOT_COORDINATOR,
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE | ErrorCode::INVALID_FETCH_SIZE => {
            ErrorCode::UNKNOWN_SERVER_ERROR
        }
        other => other,
    }
}
