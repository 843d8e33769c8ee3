//! The transactional ids of one partition of `__transaction_state`, as the state machine of its shard.
//!
//! What a step is, is decided in [`super::transaction`]; here is which id it is about, what is answered, and what
//! follows by itself: markers once an outcome is decided, the end of transactions that take too long, and of ids that
//! nobody uses. All state is what the records say, but for the requests that wait for the markers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::markers::{self, Markers};
use super::record::TransactionRecord;
use super::settings::{Settings, TransactionContext};
use super::transaction::{Participant, Producer, Refusal, State, Transaction};
use crate::coordinator::shard::Shard;
use crate::coordinator::{self, Machine, Token};
use crate::features::Features;

/// What comes of a step of transactions.
pub(crate) type Effects = coordinator::Effects<Transactions>;

/// Ids that are removed in one append.
const REMOVED_MAX: usize = 1_000;

/// What a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The producer as it is from now on, or the error.
    Producer(Result<Producer, ErrorCode>),
    /// A new producer id is needed: ask again with one.
    NeedsProducerId,
}

/// A producer that initializes itself.
#[derive(Clone, Debug)]
pub(crate) struct Init {
    pub(crate) id: Str,
    pub(crate) timeout_ms: i32,
    /// Who it says it is.
    pub(crate) expected: Option<Producer>,
}

/// The end of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) id: Str,
    pub(crate) producer: Producer,
    pub(crate) commits: bool,
    /// The transaction version that the request stands for.
    pub(crate) version: i16,
}

/// The transactional ids of a shard.
#[derive(Debug)]
pub(crate) struct Transactions {
    settings: Settings,
    features: Arc<Features>,
    /// Stands for this state: one that is loaded anew is another.
    itself: Arc<()>,
    /// State: what the records say.
    ids: BTreeMap<Str, Transaction>,
    /// Who waits for markers, by id.
    ending: BTreeMap<Str, Vec<(Token, Producer)>>,
    /// Since when a transaction goes on, and what the date was: the date may be set back.
    since: BTreeMap<Str, (i64, Instant)>,
    /// When transactions that take too long are searched for; none while none goes on.
    abort_at: Option<Instant>,
    /// When ids that nobody uses are searched for; none while there is none.
    remove_at: Option<Instant>,
}

impl Transactions {
    /// What is known of an id.
    pub(crate) fn get(&self, id: &str) -> Option<&Transaction> {
        self.ids.get(id)
    }

    /// All ids, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Str, &Transaction)> {
        self.ids.iter()
    }

    /// A producer initializes itself; `fresh` is a producer id that nobody has, if it may be needed.
    pub(crate) fn init(&mut self, now_ms: i64, token: Token, init: &Init, fresh: Option<i64>) -> Effects {
        let version = self.features.transaction_version();
        let decision = match (self.ids.get(&init.id), fresh) {
            (Some(known), fresh) => known.init(now_ms, init.timeout_ms, init.expected, version, fresh),
            (None, None) => Err(Refusal::NeedsProducerId),
            (None, Some(fresh)) => {
                let born = Transaction::new(fresh, init.timeout_ms, now_ms);
                born.init(now_ms, init.timeout_ms, init.expected, version, None)
            }
        };
        let next = match decision {
            Ok(next) => next,
            Err(refusal) => return refuse(token, refusal, (-1, -1)),
        };
        let answer = match next.state {
            State::Empty => Ok((next.producer_id, next.producer_epoch)),
            // What went on is aborted first; the producer asks again.
            _ => Err(ErrorCode::CONCURRENT_TRANSACTIONS),
        };
        let mut effects = self.step(&init.id, &next);
        effects.answers.push((token, Answer::Producer(answer)));
        effects
    }

    /// Others take part in the transaction of a producer.
    pub(crate) fn add(
        &mut self,
        now_ms: i64,
        token: Token,
        id: &Str,
        producer: Producer,
        participants: &BTreeSet<Participant>,
        version: i16,
    ) -> Effects {
        let known = self.known(id);
        match known.and_then(|known| known.add(now_ms, producer, participants, version)) {
            Ok(next) => {
                let mut effects = self.step(id, &next);
                effects.answers.push((token, Answer::Producer(Ok(producer))));
                effects
            }
            Err(refusal) => refuse(token, refusal, producer),
        }
    }

    /// Whether somebody takes part in what a producer has going on.
    ///
    /// # Errors
    /// The code to answer.
    pub(crate) fn verify(
        &self,
        id: &str,
        producer: Producer,
        participant: &Participant,
    ) -> Result<(), ErrorCode> {
        let known = self.ids.get(id).ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        known.verify(producer, participant)
    }

    /// A producer commits or aborts. It is answered once the markers are durable, or when one cannot be written; by
    /// then nothing can change the outcome.
    pub(crate) fn end(&mut self, now_ms: i64, token: Token, end: &End, fresh: Option<i64>) -> Effects {
        let known = match self.known(&end.id) {
            Ok(known) => known,
            Err(refusal) => return refuse(token, refusal, end.producer),
        };
        let current = (known.producer_id, known.producer_epoch);
        match known.end(now_ms, end.producer, end.commits, end.version, fresh) {
            Ok(next) => {
                let told =
                    next.complete(now_ms).map_or(current, |next| (next.producer_id, next.producer_epoch));
                self.ending.entry(end.id.clone()).or_default().push((token, told));
                self.step(&end.id, &next)
            }
            Err(refusal) => refuse(token, refusal, current),
        }
    }

    /// Says that a marker of a transaction could not be written yet: who waits for them is told that it is decided.
    pub(crate) fn delayed(&mut self, markers: &Markers) -> Effects {
        match self.is_current(markers) {
            true => self.tell(&markers.id),
            false => Effects::default(),
        }
    }

    /// Says that everyone who takes part knows of the outcome; first who waits for that is told, then it is written.
    pub(crate) fn completed(&mut self, now_ms: i64, markers: &Markers) -> (Effects, Effects) {
        if !self.is_current(markers) {
            return Default::default();
        }
        let next = self.ids.get(&markers.id).and_then(|known| known.complete(now_ms));
        let written = next.map(|next| self.step(&markers.id, &next)).unwrap_or_default();
        (self.tell(&markers.id), written)
    }

    /// Whether a transaction is still the one that markers are written for.
    pub(super) fn is_current(&self, markers: &Markers) -> bool {
        if !Arc::ptr_eq(&self.itself, &markers.awaited_by) {
            return false;
        }
        let known = self.ids.get(&markers.id);
        known.is_some_and(|known| {
            known.is_prepared() && (known.producer_id, known.producer_epoch) == markers.producer
        })
    }

    fn tell(&mut self, id: &str) -> Effects {
        let waiting = self.ending.remove(id).unwrap_or_default();
        let answers = waiting.into_iter().map(|(token, told)| (token, Answer::Producer(Ok(told))));
        Effects { answers: answers.collect(), ..Effects::default() }
    }

    fn known(&self, id: &str) -> Result<&Transaction, Refusal> {
        self.ids.get(id).ok_or(Refusal::Code(ErrorCode::INVALID_PRODUCER_ID_MAPPING))
    }

    /// The record of a step.
    fn step(&self, id: &Str, next: &Transaction) -> Effects {
        let id = self.ids.get_key_value(id).map_or_else(|| Str::from(id.as_str()), |(id, _)| id.clone());
        let value = Some(next.to_record(self.features.transaction_version()));
        let last_producer_epoch = next.last_producer_epoch;
        Effects::of_records(vec![TransactionRecord { id, value, last_producer_epoch }])
    }

    /// The markers that a transaction waits for.
    fn markers(&self, id: &Str, known: &Transaction) -> Option<Markers> {
        known.is_prepared().then(|| Markers {
            awaited_by: Arc::clone(&self.itself),
            id: id.clone(),
            producer: (known.producer_id, known.producer_epoch),
            commits: known.state == State::PrepareCommit,
            version: known.version,
            participants: known.participants.iter().cloned().collect(),
        })
    }

    /// Ends transactions that take longer than they may, by the date or by what has passed since it was looked at.
    fn abort_late(&self, now: Instant, now_ms: i64) -> Vec<Effects> {
        let is_late = |id: &Str, known: &Transaction| {
            let timeout = Duration::from_millis(u64::try_from(known.timeout_ms).unwrap_or(0));
            let by_date = known.started_ms.saturating_add(i64::from(known.timeout_ms)) < now_ms;
            let since = self.since.get(id);
            by_date || since.is_some_and(|(_, since)| now.saturating_duration_since(*since) > timeout)
        };
        let version = self.features.transaction_version();
        let ongoing = self.ids.iter().filter(|(_, known)| known.state == State::Ongoing);
        let late = ongoing.filter(|(id, known)| is_late(id, known));
        late.map(|(id, known)| self.step(id, &known.fence(now_ms, version))).collect()
    }

    /// Removes ids that nobody has used for long.
    fn remove_unused(&self, now_ms: i64) -> Vec<Effects> {
        let is_unused = |known: &Transaction| {
            known.is_over() && known.updated_ms.saturating_add(self.settings.id_expiration_ms) <= now_ms
        };
        let unused = self.ids.iter().filter(|(_, known)| is_unused(known));
        let records: Vec<_> = unused
            .map(|(id, _)| TransactionRecord { id: id.clone(), value: None, last_producer_epoch: -1 })
            .collect();
        records.chunks(REMOVED_MAX).map(|some| Effects::of_records(some.to_vec())).collect()
    }

    /// Notes since when a transaction goes on.
    fn count_time(&mut self, now: Instant, id: &Str) {
        match self.ids.get(id).filter(|known| known.state == State::Ongoing) {
            None => _ = self.since.remove(id),
            Some(known) => {
                let since = self.since.entry(id.clone()).or_insert((known.started_ms, now));
                if since.0 != known.started_ms {
                    *since = (known.started_ms, now);
                }
            }
        }
    }

    fn is_any_ongoing(&self) -> bool {
        self.ids.values().any(|known| known.state == State::Ongoing)
    }

    /// State as a replay must give it. What is not written is left out.
    #[cfg(test)]
    pub(crate) fn durable_view(&self) -> BTreeMap<Str, Transaction> {
        let view = |known: &Transaction| Transaction { last_producer_epoch: -1, ..known.clone() };
        self.ids.iter().map(|(id, known)| (id.clone(), view(known))).collect()
    }
}

fn refuse(token: Token, refusal: Refusal, current: Producer) -> Effects {
    let answer = match refusal {
        Refusal::Done => Answer::Producer(Ok(current)),
        Refusal::NeedsProducerId => Answer::NeedsProducerId,
        Refusal::Code(code) => Answer::Producer(Err(code)),
    };
    Effects { answers: vec![(token, answer)], ..Effects::default() }
}

/// When an interval is over; one that outlasts the clock is never.
fn after(now: Instant, interval: Duration) -> Option<Instant> {
    now.checked_add(interval)
}

impl Machine for Transactions {
    type Record = TransactionRecord;
    type Answer = Answer;
    type Act = Markers;
    type Context = TransactionContext;

    fn new(context: &TransactionContext) -> Self {
        Self {
            settings: context.settings.clone(),
            features: Arc::clone(&context.features),
            itself: Arc::default(),
            ids: BTreeMap::new(),
            ending: BTreeMap::new(),
            since: BTreeMap::new(),
            abort_at: None,
            remove_at: None,
        }
    }

    fn replay(&mut self, record: &TransactionRecord) {
        let value = record.value.as_ref();
        match value.and_then(|value| Transaction::from_record(value, record.last_producer_epoch)) {
            Some(known) => _ = self.ids.insert(Str::from(record.id.as_str()), known),
            None => _ = self.ids.remove(&record.id),
        }
    }

    fn loaded(&mut self, now: Instant, _now_ms: i64) -> Vec<Effects> {
        if self.is_any_ongoing() {
            self.abort_at = after(now, self.settings.abort_interval);
        }
        for id in self.ids.keys().cloned().collect::<Vec<_>>() {
            self.count_time(now, &id);
        }
        if !self.ids.is_empty() {
            self.remove_at = after(now, self.settings.remove_interval);
        }
        let acts = self.ids.iter().filter_map(|(id, known)| self.markers(id, known)).collect();
        vec![Effects { acts, ..Effects::default() }]
    }

    fn stored(&mut self, now: Instant, record: &TransactionRecord) -> Effects {
        self.count_time(now, &record.id);
        let Some(known) = self.ids.get(&record.id) else { return Effects::default() };
        self.remove_at = self.remove_at.or_else(|| after(now, self.settings.remove_interval));
        if known.state == State::Ongoing {
            self.abort_at = self.abort_at.or_else(|| after(now, self.settings.abort_interval));
        }
        let is_prepare = record.value.as_ref().is_some_and(|value| {
            value.transaction_status == known.state as i8 && value.producer_epoch == known.producer_epoch
        });
        match self.markers(&record.id, known) {
            Some(markers) if is_prepare => Effects { acts: vec![markers], ..Effects::default() },
            _ => Effects::default(),
        }
    }

    fn refused(
        &mut self,
        _now: Instant,
        _now_ms: i64,
        record: &TransactionRecord,
        code: ErrorCode,
    ) -> Effects {
        // A transaction that could not be ended goes on; who asked for its end is told.
        match self.ids.get(&record.id) {
            Some(known) if !known.is_prepared() => {
                let waiting = self.ending.remove(&record.id).unwrap_or_default();
                let answers = waiting.into_iter().map(|(token, _)| (token, Answer::Producer(Err(code))));
                Effects { answers: answers.collect(), ..Effects::default() }
            }
            _ => Effects::default(),
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.abort_at.into_iter().chain(self.remove_at).min()
    }

    fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        let mut effects = Vec::new();
        if self.abort_at.is_some_and(|at| at <= now) {
            self.abort_at = self.is_any_ongoing().then(|| after(now, self.settings.abort_interval)).flatten();
            effects.extend(self.abort_late(now, now_ms));
        }
        if self.remove_at.is_some_and(|at| at <= now) {
            let next = || after(now, self.settings.remove_interval);
            self.remove_at = (!self.ids.is_empty()).then(next).flatten();
            effects.extend(self.remove_unused(now_ms));
        }
        effects
    }

    async fn act(shard: Arc<Shard<Self>>, markers: Markers) {
        markers::write(shard, markers).await;
    }
}
