//! The state of a transactional producer, and what it asks of its coordinators (KIP-98, KIP-360, KIP-890, KIP-1050).
//!
//! Neither network nor clock nor task: calls of the user, news of the sender, answers and time go in; requests and
//! deadlines come out. One request is under way at a time. What the answers' codes mean is in `verdict`, sending
//! in `exchange`; the records themselves are the sender's.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use ottla_client::{Backoff, GroupMetadata, GroupOffsets, TopicPartition};
use ottla_env::Rng;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;

use super::verdict::{Step, Verdict, verdict, verdict_of_batch};
use crate::error::Error;
use crate::sender::ProducerIdentity;

/// How a transaction ended: whether it was committed. Unset until it has.
pub(crate) type Outcome = Arc<OnceLock<bool>>;

/// Offsets that are to be stored in a transaction.
#[derive(Debug)]
pub(crate) struct OffsetsJob {
    pub(crate) group: GroupMetadata,
    pub(crate) offsets: GroupOffsets,
    /// What became of them; unset until that is known.
    pub(crate) done: OnceLock<Result<(), Error>>,
}

/// What to ask of a coordinator.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// An identity, or the next epoch of the one given.
    Init(Option<ProducerIdentity>),
    AddPartitions(ProducerIdentity, Vec<TopicPartition>),
    AddOffsets(ProducerIdentity, Str),
    /// The job, and whether its group need not be added first.
    CommitOffsets(ProducerIdentity, Arc<OffsetsJob>, bool),
    /// Whether to commit, and whether the next epoch comes with the answer.
    End(ProducerIdentity, bool, bool),
}

/// What a coordinator answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The identity, and the transaction version of the cluster.
    Initialized(ErrorCode, ProducerIdentity, i16),
    PartitionsAdded(Vec<(TopicPartition, ErrorCode)>),
    OffsetsAdded(ErrorCode),
    /// The codes of all offsets.
    OffsetsCommitted(Vec<ErrorCode>),
    /// The identity to go on with, where a new one came along; and the transaction version of the cluster.
    Ended(ErrorCode, Option<ProducerIdentity>, i16),
}

/// Where a transactional producer is.
#[derive(Clone, Debug)]
enum Phase {
    /// Nothing was asked of it.
    New,
    Initializing,
    /// Between two transactions.
    Ready,
    Open,
    Committing,
    /// Something failed, so that only an abort is possible.
    Broken(Error),
    Aborting,
    /// Aborted; the next epoch is asked for, because sequences were lost (KIP-360).
    Bumping,
    /// For good.
    Failed(Error),
}

/// What the sender has to know.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// Counts transactions.
    pub(crate) number: u64,
    pub(crate) identity: Option<ProducerIdentity>,
    /// Whether partitions need not be added before they are written to (version 2).
    pub(crate) is_implicit: bool,
    /// What all waiting batches fail with, if they do.
    pub(crate) doom: Option<Error>,
    /// Whether to send without lingering.
    pub(crate) is_ending: bool,
}

/// How long to wait before an answer of `CONCURRENT_TRANSACTIONS` is asked about again, at first and at most: the
/// last transaction's markers are nearly written.
pub(crate) const CONCURRENT_WAITS_MS: (u64, u64) = (20, 200);

/// A transactional producer.
#[derive(Debug)]
pub(crate) struct Machine {
    phase: Phase,
    number: u64,
    outcome: Outcome,
    identity: Option<ProducerIdentity>,
    /// The cluster's transaction version, as last told; a transaction keeps the one that it began with.
    version: i16,
    is_implicit: bool,
    wanted: BTreeSet<TopicPartition>,
    added: Vec<TopicPartition>,
    groups: BTreeSet<Str>,
    jobs: VecDeque<Arc<OffsetsJob>>,
    /// Whether the coordinator may know of the transaction, and whether it does for sure.
    has_begun: bool,
    has_surely_begun: bool,
    /// Whether sequences were lost, so that the next transaction needs another epoch.
    must_bump: bool,
    asked: Option<Request>,
    not_before: Option<Instant>,
    backoff: Backoff,
    concurrent: Backoff,
}

impl Machine {
    pub(crate) fn new(backoff: Backoff, concurrent: Backoff) -> Self {
        Self {
            phase: Phase::New,
            number: 0,
            outcome: Outcome::default(),
            identity: None,
            version: 0,
            is_implicit: false,
            wanted: BTreeSet::new(),
            added: Vec::new(),
            groups: BTreeSet::new(),
            jobs: VecDeque::new(),
            has_begun: false,
            has_surely_begun: false,
            must_bump: false,
            asked: None,
            not_before: None,
            backoff,
            concurrent,
        }
    }

    /// Asks for an identity, unless that was done.
    pub(crate) fn init(&mut self) {
        if matches!(self.phase, Phase::New) {
            self.phase = Phase::Initializing;
        }
    }

    /// Whether there is an identity and nothing is going on; `None` while that is to be waited for.
    pub(crate) fn is_ready(&self) -> Option<Result<(), Error>> {
        match &self.phase {
            Phase::Ready => Some(Ok(())),
            Phase::Failed(error) => Some(Err(error.clone())),
            Phase::Open | Phase::Broken(_) => Some(Err(Error::TransactionOpen)),
            Phase::New | Phase::Initializing | Phase::Committing | Phase::Aborting | Phase::Bumping => None,
        }
    }

    /// Whether there is an identity; `None` while that is to be waited for.
    pub(crate) fn is_initialized(&self) -> Option<Result<(), Error>> {
        match &self.phase {
            Phase::New | Phase::Initializing => None,
            Phase::Failed(error) => Some(Err(error.clone())),
            _ => Some(Ok(())),
        }
    }

    /// Begins a transaction; only when ready.
    pub(crate) fn begin(&mut self) -> (u64, Outcome) {
        self.number += 1;
        self.phase = Phase::Open;
        self.outcome = Outcome::default();
        self.is_implicit = self.version >= 2;
        self.wanted.clear();
        self.added.clear();
        self.groups.clear();
        (self.has_begun, self.has_surely_begun) = (false, false);
        (self.number, Arc::clone(&self.outcome))
    }

    /// Whether a record may be put into transaction `number`, or into whichever is open.
    pub(crate) fn admits(&self, number: Option<u64>) -> Result<(), Error> {
        match &self.phase {
            Phase::Failed(error) => Err(error.clone()),
            _ if number.is_some_and(|number| number != self.number) => Err(Error::NoTransaction),
            Phase::Open => Ok(()),
            Phase::Broken(error) => Err(must_abort(error)),
            _ => Err(Error::NoTransaction),
        }
    }

    /// Takes in offsets to be stored in transaction `number`.
    pub(crate) fn add_offsets(&mut self, number: u64, job: Arc<OffsetsJob>) -> Result<(), Error> {
        self.admits(Some(number))?;
        self.jobs.push_back(job);
        Ok(())
    }

    /// Ends transaction `number`, unless it is ending, or has ended.
    pub(crate) fn end(&mut self, number: u64, commit: bool) {
        if number != self.number {
            return;
        }
        match (&self.phase, commit) {
            (Phase::Open, true) => self.phase = Phase::Committing,
            (Phase::Open | Phase::Broken(_), false) => {
                self.drop_jobs(&Error::Aborted);
                self.wanted.clear();
                self.phase = Phase::Aborting;
            }
            _ => {}
        }
    }

    /// How the call to commit or abort transaction `number` ends; `None` while that is to be waited for.
    pub(crate) fn ended(&self, number: u64, outcome: &Outcome, commit: bool) -> Option<Result<(), Error>> {
        if let Some(committed) = outcome.get() {
            return Some(match (committed, commit) {
                (true, true) | (false, false) => Ok(()),
                (true, false) => Err(Error::NoTransaction),
                (false, true) => Err(Error::Aborted),
            });
        }
        match &self.phase {
            Phase::Failed(error) => Some(Err(error.clone())),
            Phase::Broken(error) if number == self.number => Some(Err(must_abort(error))),
            Phase::Committing if !commit => Some(Err(Error::TransactionOpen)),
            Phase::Aborting if commit => Some(Err(Error::Aborted)),
            _ => None,
        }
    }

    /// Whether transaction `number` is open still.
    pub(crate) fn is_open(&self, number: u64) -> bool {
        number == self.number && matches!(self.phase, Phase::Open | Phase::Broken(_))
    }

    /// What the sender has to know.
    pub(crate) fn course(&self) -> Course {
        let doom = match &self.phase {
            Phase::Failed(error) => Some(error.clone()),
            Phase::Broken(_) | Phase::Aborting => Some(Error::Aborted),
            _ => None,
        };
        Course {
            number: self.number,
            identity: self.identity,
            is_implicit: self.is_implicit,
            doom,
            is_ending: matches!(self.phase, Phase::Committing | Phase::Aborting),
        }
    }

    /// The sender wants to write to these partitions (version 1).
    pub(crate) fn want(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        if matches!(self.phase, Phase::Open | Phase::Committing) {
            self.wanted.extend(partitions);
        }
    }

    /// The partitions that were added since the last call.
    pub(crate) fn take_added(&mut self) -> Vec<TopicPartition> {
        std::mem::take(&mut self.added)
    }

    /// The sender has sent something.
    pub(crate) fn has_sent(&mut self) {
        self.has_begun = true;
    }

    /// The sender lost sequences.
    pub(crate) fn has_lost_sequences(&mut self) {
        self.must_bump = true;
    }

    /// A batch failed for good.
    pub(crate) fn batch_failed(&mut self, error: Error) {
        match verdict_of_batch(&error) {
            Verdict::Fenced => self.fail(Error::Fenced),
            Verdict::Fatal => self.fail(Error::TransactionFailed(Box::new(error))),
            _ => self.break_off(error),
        }
    }

    /// The next request. `is_drained` says that no batch is left without its fate.
    pub(crate) fn poll(&mut self, now: Instant, is_drained: bool) -> Option<Request> {
        if self.asked.is_some() || self.not_before.is_some_and(|not_before| not_before > now) {
            return None;
        }
        // Over once it is over: whoever sleeps until then must not be woken for it again and again.
        self.not_before = None;
        let request = match &self.phase {
            Phase::Initializing => Request::Init(None),
            Phase::Bumping => Request::Init(self.identity),
            Phase::Open | Phase::Committing => match self.poll_parts() {
                Some(request) => request,
                None if matches!(self.phase, Phase::Committing) && is_drained => return self.poll_end(true),
                None => return None,
            },
            Phase::Aborting if is_drained => return self.poll_end(false),
            _ => return None,
        };
        // In version 2 the group is added before anything else is looked at.
        self.has_begun |= matches!(request, Request::CommitOffsets(_, _, true));
        self.asked = Some(request.clone());
        Some(request)
    }

    /// When to poll again.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.asked.is_some() { None } else { self.not_before }
    }

    /// Takes in what became of the request.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        answer: Result<Answer, ottla_client::Error>,
        rng: &mut Rng,
    ) {
        self.not_before = None;
        let Some(asked) = self.asked.take() else { return };
        let step = Step::of(&asked);
        match answer {
            Err(error) => {
                self.has_begun |= step != Step::Init && !error.surely_had_no_effect();
                let judged = match error.code() {
                    Some(code) => verdict(step, code),
                    None if error.is_retriable() => Verdict::Again,
                    None => Verdict::Fatal,
                };
                self.follow(step, judged, now, Error::Client(error), rng);
            }
            Ok(Answer::Initialized(code, identity, version)) => {
                if self.accepts(step, code, now, "transactional id", rng) {
                    (self.identity, self.version) = (Some(identity), version);
                    self.phase = Phase::Ready;
                    self.must_bump = false;
                }
            }
            Ok(Answer::PartitionsAdded(results)) => self.partitions_added(results, now, rng),
            Ok(Answer::OffsetsAdded(code)) => {
                if self.accepts(step, code, now, "group", rng)
                    && let Request::AddOffsets(_, group) = asked
                {
                    self.groups.insert(group);
                    (self.has_begun, self.has_surely_begun) = (true, true);
                }
            }
            Ok(Answer::OffsetsCommitted(codes)) => {
                let worst =
                    codes.into_iter().max_by_key(|code| verdict(step, *code)).unwrap_or(ErrorCode::NONE);
                if self.accepts(step, worst, now, "offsets in a transaction", rng)
                    && let Some(job) = self.jobs.pop_front()
                {
                    (self.has_begun, self.has_surely_begun) = (true, true);
                    let _ = job.done.set(Ok(()));
                }
            }
            Ok(Answer::Ended(ErrorCode::INVALID_TXN_STATE, ..))
                if matches!(self.phase, Phase::Aborting) && !self.has_surely_begun =>
            {
                // What was lost on the way never arrived.
                self.conclude(false);
            }
            Ok(Answer::Ended(code, identity, version)) => {
                if self.accepts(step, code, now, "end of a transaction", rng) {
                    let Request::End(_, committed, is_implicit) = asked else { return };
                    self.version = version;
                    if let Some(identity) = identity.filter(|_| is_implicit) {
                        self.identity = Some(identity);
                        self.must_bump = false;
                    }
                    self.conclude(committed);
                }
            }
        }
    }

    /// What is to be part of the transaction and is not yet.
    fn poll_parts(&self) -> Option<Request> {
        let identity = self.identity?;
        if !self.wanted.is_empty() {
            return Some(Request::AddPartitions(identity, self.wanted.iter().cloned().collect()));
        }
        let job = self.jobs.front()?;
        if !self.is_implicit && !self.groups.contains(&job.group.group_id) {
            return Some(Request::AddOffsets(identity, job.group.group_id.clone()));
        }
        Some(Request::CommitOffsets(identity, Arc::clone(job), self.is_implicit))
    }

    fn poll_end(&mut self, commit: bool) -> Option<Request> {
        if !self.has_begun {
            // The coordinator knows nothing of it.
            self.conclude(commit);
            return self.poll_bump();
        }
        let request = Request::End(self.identity?, commit, self.is_implicit);
        self.asked = Some(request.clone());
        Some(request)
    }

    fn poll_bump(&mut self) -> Option<Request> {
        if !matches!(self.phase, Phase::Bumping) {
            return None;
        }
        let request = Request::Init(self.identity);
        self.asked = Some(request.clone());
        Some(request)
    }

    /// The transaction has ended; perhaps the next epoch is needed before the next one.
    fn conclude(&mut self, committed: bool) {
        self.backoff.reset();
        self.concurrent.reset();
        self.phase = if self.must_bump { Phase::Bumping } else { Phase::Ready };
        let _ = self.outcome.set(committed);
    }

    fn partitions_added(&mut self, results: Vec<(TopicPartition, ErrorCode)>, now: Instant, rng: &mut Rng) {
        let mut worst = (Verdict::Fine, ErrorCode::NONE, None);
        for (partition, code) in results {
            let judged = verdict(Step::AddPartitions, code);
            if judged == Verdict::Fine && code == ErrorCode::NONE && self.wanted.remove(&partition) {
                self.added.push(partition.clone());
                (self.has_begun, self.has_surely_begun) = (true, true);
            }
            if judged > worst.0 {
                worst = (judged, code, Some(partition));
            }
        }
        let subject = worst.2.map(|partition| format!("partition {partition}")).unwrap_or_default();
        self.accepts(Step::AddPartitions, worst.1, now, &subject, rng);
    }

    /// Does what a code asks for; says whether it is none.
    fn accepts(&mut self, step: Step, code: ErrorCode, now: Instant, subject: &str, rng: &mut Rng) -> bool {
        let judged = verdict(step, code);
        if judged == Verdict::Fine {
            self.backoff.reset();
            self.concurrent.reset();
            return true;
        }
        let subject = subject.to_owned();
        let error = Error::Client(ottla_client::Error::Refused { subject, code, message: None });
        self.follow(step, judged, now, error, rng);
        false
    }

    fn follow(&mut self, step: Step, judged: Verdict, now: Instant, error: Error, rng: &mut Rng) {
        match judged {
            Verdict::Fine => {}
            Verdict::Again => {
                tracing::debug!(%error, "the transaction is held up");
                let is_concurrent = matches!(&error, Error::Client(error)
                    if error.code() == Some(ErrorCode::CONCURRENT_TRANSACTIONS));
                let backoff = if is_concurrent { &mut self.concurrent } else { &mut self.backoff };
                self.not_before = Some(now + backoff.next_wait(rng));
            }
            Verdict::Broken => match self.phase {
                // It is aborted already, whatever became of a part of it that was asked for before.
                Phase::Aborting if !matches!(step, Step::Init | Step::End) => {}
                // There is nothing else to try.
                Phase::Aborting | Phase::Bumping | Phase::Initializing => {
                    self.fail(Error::TransactionFailed(Box::new(error)));
                }
                _ => {
                    let is_forgotten = matches!(&error, Error::Client(error) if matches!(error.code(),
                        Some(ErrorCode::UNKNOWN_PRODUCER_ID | ErrorCode::INVALID_PRODUCER_ID_MAPPING)));
                    if is_forgotten {
                        // There is nothing to end; the next epoch makes it known again.
                        (self.must_bump, self.has_begun) = (true, false);
                    }
                    self.break_off(error);
                }
            },
            Verdict::Fenced => self.fail(Error::Fenced),
            Verdict::Fatal => self.fail(Error::TransactionFailed(Box::new(error))),
        }
    }

    fn break_off(&mut self, error: Error) {
        if matches!(self.phase, Phase::Open | Phase::Committing) {
            tracing::debug!(%error, "the transaction must be aborted");
            self.drop_jobs(&must_abort(&error));
            self.wanted.clear();
            self.phase = Phase::Broken(error);
        }
    }

    fn fail(&mut self, error: Error) {
        if !matches!(self.phase, Phase::Failed(_)) {
            tracing::warn!(%error, "the transactional producer can do no more");
            self.drop_jobs(&error);
            self.phase = Phase::Failed(error);
        }
    }

    fn drop_jobs(&mut self, error: &Error) {
        for job in self.jobs.drain(..) {
            let _ = job.done.set(Err(error.clone()));
        }
    }
}

fn must_abort(cause: &Error) -> Error {
    Error::MustAbort(Box::new(cause.clone()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_part_that_is_refused_after_the_abort_began_changes_nothing() {
        let (now, mut rng) = (Instant::now(), Rng::new(7));
        let backoff = || Backoff::new(Duration::from_millis(10), Duration::from_millis(100));
        let mut machine = Machine::new(backoff(), backoff());
        machine.init();
        assert!(machine.poll(now, true).is_some());
        let identity = ProducerIdentity { id: 1, epoch: 0 };
        machine.answered(now, Ok(Answer::Initialized(ErrorCode::NONE, identity, 2)), &mut rng);
        let (number, outcome) = machine.begin();
        let job = OffsetsJob {
            group: GroupMetadata::new("billing"),
            offsets: GroupOffsets::new(),
            done: OnceLock::new(),
        };
        machine.add_offsets(number, Arc::new(job)).unwrap();
        assert!(matches!(machine.poll(now, true), Some(Request::CommitOffsets(..))));
        machine.end(number, false);
        let refused = Answer::OffsetsCommitted(vec![ErrorCode::ILLEGAL_GENERATION]);
        machine.answered(now, Ok(refused), &mut rng);

        assert!(matches!(machine.poll(now, true), Some(Request::End(_, false, true))));
        machine.answered(now, Ok(Answer::Ended(ErrorCode::NONE, None, 2)), &mut rng);
        assert!(matches!(machine.ended(number, &outcome, false), Some(Ok(()))));
    }

    #[test]
    fn a_pause_that_is_over_wakes_nobody_again() {
        let (mut now, mut rng) = (Instant::now(), Rng::new(7));
        let backoff = || Backoff::new(Duration::from_millis(10), Duration::from_millis(100));
        let mut machine = Machine::new(backoff(), backoff());
        machine.init();
        assert!(matches!(machine.poll(now, true), Some(Request::Init(None))));
        let identity = ProducerIdentity { id: 1, epoch: 0 };
        machine.answered(now, Ok(Answer::Initialized(ErrorCode::NONE, identity, 1)), &mut rng);
        let (number, _) = machine.begin();
        let partition = TopicPartition::new("orders", 0);
        machine.want([partition.clone()]);
        assert!(matches!(machine.poll(now, false), Some(Request::AddPartitions(..))));
        let held_up = Answer::PartitionsAdded(vec![(partition, ErrorCode::CONCURRENT_TRANSACTIONS)]);
        machine.answered(now, Ok(held_up), &mut rng);
        machine.end(number, false);

        now = machine.poll_timeout().expect("it waits before it asks again");
        assert!(machine.poll(now, false).is_none(), "a batch is under way still");
        assert_eq!(machine.poll_timeout(), None);
    }
}
