//! A shard: the groups of one partition of `__consumer_offsets`, and the shell around their state machine.
//!
//! A request takes the lock, lets [`super::classic`] or the API decide, and appends what was decided while it
//! holds the lock, so that the log has the order of the decisions. Then it lets go and waits: an append is
//! *pending* until it is durable, and only then are its offsets seen and its answers sent. Pending appends are
//! settled in their order by one task, which lives while there are any.
//!
//! What a shard does when its log fails is here too: an append that is refused changes nothing, and one that
//! is lost after all has the shard thrown away and loaded anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ottla_env::Env;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;
use tokio::sync::oneshot;

use super::classic::{Answer, ClassicGroups, Effects, Token};
use super::offsets::OffsetStore;
use super::record::{self, GroupRecord};
use super::settings::Settings;
use super::timer::Timer;
use crate::directory::Directory;
use crate::partition::{Ack, BoxFuture, Partition};

/// What all shards share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) env: Env,
    pub(crate) settings: Settings,
    pub(crate) directory: Arc<Directory>,
    pub(crate) timer: Timer,
    pub(crate) closed: AtomicBool,
}

/// The groups of one partition of `__consumer_offsets`.
pub(crate) struct Shard {
    pub(super) shared: Arc<Shared>,
    pub(super) partition: Arc<dyn Partition>,
    /// The largest batch that the log takes, unless it is a single record.
    batch_bytes_max: usize,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    groups: ClassicGroups,
    offsets: OffsetStore,
    pending: VecDeque<Pending>,
    /// Whether a task settles what is pending.
    is_driven: bool,
    waiting: BTreeMap<Token, oneshot::Sender<Outcome>>,
    /// When the alarm rings at the latest because of these groups.
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
pub(crate) type Outcome = Result<Answer, ErrorCode>;

/// An append that is not known to be durable.
struct Pending {
    acknowledged: Option<BoxFuture<Result<(), ErrorCode>>>,
    records: Vec<GroupRecord>,
    answers: Vec<(Token, Answer)>,
    told: Vec<oneshot::Sender<Result<(), ErrorCode>>>,
}

/// Records that were appended.
#[must_use]
#[derive(Debug)]
pub(crate) enum Stored {
    /// They are durable.
    Now,
    /// They will be, or will be lost.
    Later(oneshot::Receiver<Result<(), ErrorCode>>),
}

impl Shard {
    /// A shard that is not loaded.
    pub(super) fn new(shared: Arc<Shared>, partition: Arc<dyn Partition>, batch_bytes_max: usize) -> Self {
        let state = Mutex::new(State {
            phase: Phase::Loading,
            groups: ClassicGroups::new(shared.settings.classic.clone()),
            offsets: OffsetStore::default(),
            pending: VecDeque::new(),
            is_driven: false,
            waiting: BTreeMap::new(),
            alarm: None,
            next_token: 0,
        });
        Self { shared, partition, batch_bytes_max, state }
    }

    /// The shard, locked, if it serves.
    ///
    /// # Errors
    /// `COORDINATOR_NOT_AVAILABLE` once the broker closes, `COORDINATOR_LOAD_IN_PROGRESS`, and
    /// `NOT_COORDINATOR` when it cannot be loaded.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Locked<'_>, ErrorCode> {
        if self.shared.closed.load(Ordering::Acquire) {
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

    /// Whether it cannot serve until the next start.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().phase == Phase::Failed
    }

    /// Begins something that is answered later, perhaps much later, under a token.
    ///
    /// # Errors
    /// As [`enter`](Self::enter).
    pub(crate) fn begin(
        self: &Arc<Self>,
        start: impl FnOnce(&mut ClassicGroups, Token) -> Effects,
    ) -> Result<Waiting, ErrorCode> {
        let mut locked = self.enter()?;
        let state = &mut *locked.state;
        let token = Token(state.next_token);
        state.next_token += 1;
        let (sender, answer) = oneshot::channel();
        state.waiting.insert(token, sender);
        let effects = start(&mut state.groups, token);
        // A refusal is the answer then.
        let _refused = locked.perform(effects);
        locked.catch_up(); // a delay of nothing is over at once
        Ok(Waiting { shard: Arc::clone(self), token, answer })
    }

    /// Does what is due, now that the alarm has rung.
    pub(super) fn tick(self: &Arc<Self>) {
        self.lock().alarm = None;
        if let Ok(mut locked) = self.enter() {
            locked.catch_up();
        }
    }

    /// Begins to serve, with what was loaded.
    pub(super) fn loaded(self: &Arc<Self>, mut groups: ClassicGroups, offsets: OffsetStore) {
        groups.loaded(now(), self.shared.env.now_ms());
        let mut state = self.lock();
        state.groups = groups;
        state.offsets = offsets;
        state.phase = Phase::Active;
        drop(Locked { shard: self, state });
    }

    /// Gives up: what the log holds could not be read.
    pub(super) fn failed(&self) {
        self.lock().phase = Phase::Failed;
    }

    /// Ends all requests that wait for other members.
    pub(super) fn close(&self) {
        self.lock().waiting.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics between two changes of what the lock guards.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Settles what is pending, in order, until nothing is.
    async fn drive(self: Arc<Self>) {
        loop {
            let wait = match self.lock().pending.front_mut() {
                Some(oldest) => oldest.acknowledged.take(),
                None => None,
            };
            let durable = match wait {
                Some(wait) => wait.await,
                None => Ok(()),
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

/// A shard that serves, locked. Letting go of it sets the alarm for what the groups wait for.
pub(crate) struct Locked<'a> {
    shard: &'a Arc<Shard>,
    state: MutexGuard<'a, State>,
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let state = &mut *self.state;
        if let Some(deadline) = state.groups.next_deadline()
            && state.alarm.is_none_or(|alarm| deadline < alarm)
        {
            state.alarm = Some(deadline);
            self.shard.shared.timer.set(deadline);
        }
    }
}

impl Locked<'_> {
    pub(crate) fn groups(&mut self) -> &mut ClassicGroups {
        &mut self.state.groups
    }

    /// The offsets that are durable.
    pub(crate) fn offsets(&self) -> &OffsetStore {
        &self.state.offsets
    }

    /// The partitions of which a group has an offset at the end of the log, durable or not.
    pub(crate) fn partitions_of(&self, group: &str) -> BTreeSet<(Str, i32)> {
        let durable = self.state.offsets.of_group(group);
        let mut partitions: BTreeSet<_> = durable
            .flat_map(|(topic, partitions)| partitions.map(move |(partition, _)| (topic.clone(), partition)))
            .collect();
        for record in self.state.pending.iter().flat_map(|pending| &pending.records) {
            if let GroupRecord::Offset { group: of, topic, partition, value } = record
                && of.as_str() == group
            {
                match value {
                    Some(_) => partitions.insert((topic.clone(), *partition)),
                    None => partitions.remove(&(topic.clone(), *partition)),
                };
            }
        }
        partitions
    }

    /// Whether an offset waits to become durable, or its removal does.
    pub(crate) fn is_pending(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.state.pending.iter().flat_map(|pending| &pending.records).any(|record| match record {
            GroupRecord::Offset { group: of, topic: named, partition: index, .. } => {
                *index == partition && named.as_str() == topic && of.as_str() == group
            }
            GroupRecord::Group { .. } => false,
        })
    }

    /// Keeps the name of a topic no more; what is kept under it is not changed.
    pub(crate) fn forget_topic(&mut self, topic: &str) {
        self.state.offsets.forget_topic(topic);
    }

    /// All groups that have an offset at the end of the log, durable or not.
    pub(crate) fn groups_with_offsets(&self) -> BTreeSet<Str> {
        let mut groups: BTreeSet<_> = self.state.offsets.groups().cloned().collect();
        let pending = self.state.pending.iter().flat_map(|pending| &pending.records);
        groups.extend(pending.map(|record| record.group().clone()));
        groups
    }

    /// Appends records.
    ///
    /// # Errors
    /// The code to answer; nothing was appended then.
    pub(crate) fn store(&mut self, records: Vec<GroupRecord>) -> Result<Stored, ErrorCode> {
        self.perform(Effects { records, ..Effects::default() })
    }

    /// Appends the records of a decision; its answers go out when these are durable.
    ///
    /// # Errors
    /// The code to answer; nothing was appended then, and the answers are errors.
    pub(crate) fn perform(&mut self, effects: Effects) -> Result<Stored, ErrorCode> {
        if effects.records.is_empty() {
            self.answer(effects.answers);
            return Ok(Stored::Now);
        }
        match self.append(effects) {
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
        while self.state.groups.next_deadline().is_some_and(|deadline| deadline <= now) {
            let now_ms = self.shard.shared.env.now_ms();
            let effects = self.state.groups.tick(now, now_ms);
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

    fn perform_all(&mut self, effects: Vec<Effects>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effects) = todo.pop_front() {
            if effects.records.is_empty() {
                self.answer(effects.answers);
                continue;
            }
            match self.append(effects) {
                Ok(None) => {}
                Ok(Some(done)) => todo.extend(self.settle(done)),
                Err((code, effects)) => todo.extend(self.refused(code, effects)),
            }
        }
    }

    /// Appends; what is durable at once is returned to be settled.
    fn append(&mut self, effects: Effects) -> Result<Option<Pending>, (ErrorCode, Effects)> {
        let shard = self.shard;
        let now_ms = shard.shared.env.now_ms();
        let Some(batches) = record::batches(&effects.records, shard.batch_bytes_max, now_ms) else {
            return Err((ErrorCode::UNKNOWN_SERVER_ERROR, effects));
        };
        let append = match shard.partition.append(batches, now_ms, Some(Ack::Durable)) {
            Ok(append) => append,
            Err(refused) => {
                tracing::warn!(code = %refused.code, message = refused.message, "group records were not appended");
                return Err((coordinator_error(refused.code), effects));
            }
        };
        for record in &effects.records {
            match record {
                GroupRecord::Offset { group, value: Some(_), .. } => self.state.groups.has_offsets(group),
                GroupRecord::Group { value: None, .. } => self.state.groups.replay(record),
                // What else there is to say, the groups know themselves.
                GroupRecord::Offset { .. } | GroupRecord::Group { .. } => {}
            }
        }
        let pending = Pending {
            acknowledged: append.acknowledged,
            records: effects.records,
            answers: effects.answers,
            told: Vec::new(),
        };
        if pending.acknowledged.is_none() && self.state.pending.is_empty() {
            return Ok(Some(pending));
        }
        self.state.pending.push_back(pending);
        if !self.state.is_driven {
            self.state.is_driven = true;
            shard.shared.env.spawn(Arc::clone(shard).drive());
        }
        Ok(None)
    }

    /// Shows what is durable, and answers who waited for it; returns what follows from it.
    fn settle(&mut self, pending: Pending) -> Vec<Effects> {
        for record in &pending.records {
            if let GroupRecord::Offset { group, topic, partition, value } = record {
                self.state.offsets.apply(group, topic, *partition, value.as_ref());
            }
        }
        let now = now();
        let groups = &mut self.state.groups;
        let effects = pending.records.iter().map(|record| groups.stored(now, record)).collect();
        self.answer(pending.answers);
        for told in pending.told {
            let _gone = told.send(Ok(()));
        }
        effects
    }

    /// Answers a decision that could not be appended; returns what follows from it.
    fn refused(&mut self, code: ErrorCode, effects: Effects) -> Vec<Effects> {
        for (token, _) in effects.answers {
            if let Some(waiting) = self.state.waiting.remove(&token) {
                let _gone = waiting.send(Err(code));
            }
        }
        let (now, now_ms) = (now(), self.shard.shared.env.now_ms());
        let groups = &mut self.state.groups;
        effects.records.iter().map(|record| groups.refused(now, now_ms, record, code)).collect()
    }

    fn answer(&mut self, answers: Vec<(Token, Answer)>) {
        for (token, answer) in answers {
            if let Some(waiting) = self.state.waiting.remove(&token) {
                let _gone = waiting.send(Ok(answer));
            }
        }
    }

    /// Throws everything away and loads it anew: what was appended last is not in the log.
    fn lose(&mut self, code: ErrorCode) {
        let shard = self.shard;
        tracing::error!(%code, partition = ?shard.partition, "group records were lost; the groups are loaded anew");
        let state = &mut *self.state;
        for told in state.pending.drain(..).flat_map(|pending| pending.told) {
            let _gone = told.send(Err(coordinator_error(code)));
        }
        state.waiting.clear();
        state.is_driven = false;
        state.phase = Phase::Loading;
        state.groups = ClassicGroups::new(shard.shared.settings.classic.clone());
        state.offsets = OffsetStore::default();
        if !shard.shared.closed.load(Ordering::Acquire) {
            shard.shared.env.spawn(Arc::clone(shard).load());
        }
    }
}

/// A request that waits for its answer. Dropping it takes nothing back but the answer.
pub(crate) struct Waiting {
    shard: Arc<Shard>,
    token: Token,
    answer: oneshot::Receiver<Outcome>,
}

impl Waiting {
    /// The answer, if it is there.
    pub(crate) fn now(&mut self) -> Option<Outcome> {
        match self.answer.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(ErrorCode::NOT_COORDINATOR)),
        }
    }

    /// Waits for the answer; there is none when the shard is loaded anew or the broker closes. Cancel safe.
    pub(crate) async fn outcome(mut self) -> Outcome {
        (&mut self.answer).await.unwrap_or(Err(ErrorCode::NOT_COORDINATOR))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shard.lock().waiting.remove(&self.token);
    }
}

impl Stored {
    /// Waits until the records are durable, or as long as `offsets.commit.timeout.ms` allows. Cancel safe.
    ///
    /// # Errors
    /// The code to answer: they were lost, or it is not known whether they will be.
    pub(crate) async fn durable(self, settings: &Settings) -> Result<(), ErrorCode> {
        let Self::Later(told) = self else { return Ok(()) };
        match tokio::time::timeout(settings.commit_timeout, told).await {
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
