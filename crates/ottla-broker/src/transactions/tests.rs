//! Rules of transactions, told one by one, and that a replay gives what is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;
use proptest::prelude::*;

use super::machine::{Answer, Effects, End, Init, Transactions};
use super::markers::Markers;
use super::record::TransactionRecord;
use super::settings::{Settings, TransactionContext};
use super::transaction::{Producer, State};
use crate::config::BrokerConfig;
use crate::coordinator::{CoordinatorRecord, Machine, Token};
use crate::features::Features;

/// Transactions with a log of their own, which can be replayed, lost in part, or refuse.
struct Stage {
    machine: Transactions,
    log: Vec<TransactionRecord>,
    markers: Vec<Markers>,
    answers: BTreeMap<Token, Answer>,
    tokens: u64,
    now: Instant,
    now_ms: i64,
    producer_ids: i64,
    /// Records that are not durable yet, with what waits for them.
    pending: Vec<Effects>,
    holds: bool,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            machine: Transactions::new(&context()),
            log: Vec::new(),
            markers: Vec::new(),
            answers: BTreeMap::new(),
            tokens: 0,
            now: Instant::now(),
            now_ms: 1_000_000,
            producer_ids: 0,
            pending: Vec::new(),
            holds: false,
        }
    }
}

fn context() -> TransactionContext {
    let (settings, features) = (Settings::new(&BrokerConfig::new()), Arc::new(Features::new()));
    TransactionContext { settings, features, core: OnceLock::new() }
}

const T: &str = "t";

impl Stage {
    fn perform(&mut self, effects: Effects) {
        for record in &effects.records {
            // As it is written and read.
            let (key, value) = record.encode().unwrap();
            let mut read = TransactionRecord::decode(&key, value.as_ref()).unwrap().unwrap();
            read.last_producer_epoch = record.last_producer_epoch;
            assert_eq!(&read, record, "a record does not come back as it was written");
            self.machine.appended(record);
            self.log.push(record.clone());
        }
        self.pending.push(effects);
        if !self.holds {
            self.settle();
        }
    }

    /// Everything that was appended becomes durable.
    fn settle(&mut self) {
        for effects in std::mem::take(&mut self.pending) {
            let further: Vec<_> =
                effects.records.iter().map(|record| self.machine.stored(self.now, record)).collect();
            self.answers.extend(effects.answers);
            self.markers.extend(effects.acts);
            further.into_iter().for_each(|effects| self.perform(effects));
        }
    }

    /// A start with what was durable.
    fn restart(&mut self) {
        let lost: usize = self.pending.drain(..).map(|effects| effects.records.len()).sum();
        self.log.truncate(self.log.len() - lost);
        self.machine = replayed(&self.log);
        self.markers.clear();
        let effects = self.machine.loaded(self.now, self.now_ms);
        effects.into_iter().for_each(|effects| self.perform(effects));
    }

    fn ask(
        &mut self,
        step: impl Fn(&mut Transactions, i64, Token, Option<i64>) -> Effects,
    ) -> Option<Answer> {
        let mut fresh = None;
        loop {
            let token = Token(self.tokens);
            self.tokens += 1;
            let effects = step(&mut self.machine, self.now_ms, token, fresh);
            self.perform(effects);
            match self.answers.get(&token).copied() {
                Some(Answer::NeedsProducerId) => {
                    self.producer_ids += 1;
                    fresh = Some(self.producer_ids * 1_000);
                }
                answer => return answer,
            }
        }
    }

    fn init(&mut self, expected: Option<Producer>) -> Result<Producer, ErrorCode> {
        let init = Init { id: Str::from(T), timeout_ms: 60_000, expected };
        answered(self.ask(|machine, now_ms, token, fresh| machine.init(now_ms, token, &init, fresh)))
    }

    fn add(&mut self, producer: Producer, partition: i32, version: i16) -> Result<Producer, ErrorCode> {
        let participants = BTreeSet::from([(Str::from("topic"), partition)]);
        let id = Str::from(T);
        answered(self.ask(|machine, now_ms, token, _| {
            machine.add(now_ms, token, &id, producer, &participants, version)
        }))
    }

    /// Asks for an end; the answer, if there is one before the markers are written.
    fn begin_end(&mut self, producer: Producer, commits: bool, version: i16) -> Option<Answer> {
        let end = End { id: Str::from(T), producer, commits, version };
        self.ask(|machine, now_ms, token, fresh| machine.end(now_ms, token, &end, fresh))
    }

    fn end(&mut self, producer: Producer, commits: bool, version: i16) -> Result<Producer, ErrorCode> {
        let token = Token(self.tokens);
        if let Some(answer) = self.begin_end(producer, commits, version) {
            return answered(Some(answer));
        }
        self.write_markers();
        // It may have asked twice, for the sake of a producer id.
        let latest = self.answers.range(token..).next_back().map(|(_, answer)| *answer);
        answered(latest)
    }

    /// Every partition takes its markers.
    fn write_markers(&mut self) {
        for markers in std::mem::take(&mut self.markers) {
            let (told, written) = self.machine.completed(self.now_ms, &markers);
            self.perform(told);
            self.perform(written);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.now_ms += i64::try_from(time.as_millis()).unwrap();
        while self.machine.next_deadline().is_some_and(|at| at <= self.now) {
            let effects = self.machine.tick(self.now, self.now_ms);
            effects.into_iter().for_each(|effects| self.perform(effects));
        }
    }

    fn state(&self) -> State {
        self.machine.get(T).unwrap().state
    }
}

fn answered(answer: Option<Answer>) -> Result<Producer, ErrorCode> {
    match answer {
        Some(Answer::Producer(outcome)) => outcome,
        other => panic!("no answer but {other:?}"),
    }
}

fn replayed(log: &[TransactionRecord]) -> Transactions {
    let mut machine = Transactions::new(&context());
    for record in log {
        let (key, value) = record.encode().unwrap();
        machine.replay(&TransactionRecord::decode(&key, value.as_ref()).unwrap().unwrap());
    }
    machine
}

#[test]
fn a_transaction_of_version_2_ends_in_an_epoch_of_its_own() {
    let mut stage = Stage::default();
    let (id, epoch) = stage.init(None).unwrap();
    assert_eq!(epoch, 0);
    stage.add((id, 0), 0, 2).unwrap();
    assert_eq!(stage.begin_end((id, 0), true, 2), None, "answered once partitions know of it");
    assert_eq!(stage.state(), State::PrepareCommit);
    assert_eq!((stage.markers.len(), stage.markers[0].producer), (1, (id, 1)));
    assert_eq!(stage.end((id, 0), true, 2), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    assert_eq!(stage.add((id, 1), 0, 2), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    stage.write_markers();
    assert_eq!(stage.state(), State::CompleteCommit);
    // The answer was lost, and it asks again.
    assert_eq!(stage.end((id, 0), true, 2), Ok((id, 1)));
    assert_eq!(stage.end((id, 0), false, 2), Err(ErrorCode::INVALID_TXN_STATE));
    // It is the old epoch for all else.
    assert_eq!(stage.add((id, 0), 0, 2), Err(ErrorCode::PRODUCER_FENCED));
    stage.add((id, 1), 3, 2).unwrap();
    assert_eq!(stage.end((id, 1), false, 2), Ok((id, 2)));
    assert_eq!(stage.state(), State::CompleteAbort);
    // There is nothing to abort, and an epoch all the same; a commit of nothing is an error.
    assert_eq!(stage.end((id, 2), false, 2), Ok((id, 3)));
    assert_eq!(stage.end((id, 3), true, 2), Err(ErrorCode::INVALID_TXN_STATE));
}

#[test]
fn a_transaction_of_version_1_keeps_its_epoch() {
    let mut stage = Stage::default();
    let producer = stage.init(None).unwrap();
    assert_eq!(stage.end(producer, true, 0), Err(ErrorCode::INVALID_TXN_STATE));
    stage.add(producer, 0, 0).unwrap();
    assert_eq!(stage.end(producer, true, 0), Ok(producer));
    assert_eq!(stage.end(producer, true, 0), Ok(producer));
    assert_eq!(stage.end(producer, false, 0), Err(ErrorCode::INVALID_TXN_STATE));
    assert_eq!(stage.end((producer.0, 5), true, 0), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(stage.end((producer.0 + 1, 0), true, 0), Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING));
}

#[test]
fn a_second_producer_of_an_id_fences_the_first_and_aborts_what_it_had_begun() {
    let mut stage = Stage::default();
    let first = stage.init(None).unwrap();
    stage.add(first, 0, 2).unwrap();
    assert_eq!(stage.init(None), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    assert_eq!(stage.init(None), Err(ErrorCode::CONCURRENT_TRANSACTIONS), "until the markers are written");
    stage.write_markers();
    assert_eq!(stage.state(), State::CompleteAbort);
    let second = stage.init(None).unwrap();
    assert_eq!(second.0, first.0);
    assert!(second.1 > first.1 + 1, "{second:?}");
    assert_eq!(stage.add(first, 0, 2), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(stage.end(first, true, 2), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(stage.init(Some(first)), Err(ErrorCode::PRODUCER_FENCED));
    // One that says who it is goes on, and may ask twice.
    let third = stage.init(Some(second)).unwrap();
    assert_eq!(third, (second.0, second.1 + 1));
    assert_eq!(stage.init(Some(second)), Ok(third));
    assert_eq!(stage.init(Some((third.0 + 7, third.1))), Err(ErrorCode::PRODUCER_FENCED));
}

#[test]
fn a_producer_that_runs_out_of_epochs_gets_another_id() {
    let mut stage = Stage::default();
    let mut producer = stage.init(None).unwrap();
    let first = producer.0;
    while producer.0 == first {
        stage.add(producer, 0, 2).unwrap();
        producer = stage.end(producer, true, 2).unwrap();
    }
    assert_eq!(producer.1, 0);
    assert_eq!(stage.end((first, i16::MAX - 1), true, 2), Ok(producer), "asked again");
    stage.add(producer, 0, 2).unwrap();
    assert_eq!(stage.end(producer, true, 2), Ok((producer.0, 1)));
    // The same by its initialization.
    let mut producer = stage.init(None).unwrap();
    let second = producer.0;
    while producer.0 == second {
        producer = stage.init(None).unwrap();
    }
    assert_eq!(producer.1, 0);
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    let mut stage = Stage::default();
    let producer = stage.init(None).unwrap();
    stage.add(producer, 0, 2).unwrap();
    stage.pass(Duration::from_secs(59));
    assert_eq!(stage.state(), State::Ongoing);
    stage.pass(Duration::from_secs(15));
    assert_eq!(stage.state(), State::PrepareAbort);
    stage.write_markers();
    assert_eq!(stage.add(producer, 0, 2), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(stage.end(producer, true, 2), Err(ErrorCode::INVALID_TXN_STATE));
    assert_eq!(stage.end(producer, false, 2), Ok((producer.0, producer.1 + 1)), "it goes on");
}

#[test]
fn an_id_that_nobody_uses_is_forgotten() {
    let mut stage = Stage::default();
    let producer = stage.init(None).unwrap();
    stage.add(producer, 0, 2).unwrap();
    let producer = stage.end(producer, true, 2).unwrap();
    stage.pass(Duration::from_secs(6 * 86_400));
    assert!(stage.machine.get(T).is_some());
    stage.pass(Duration::from_secs(2 * 86_400));
    assert!(stage.machine.get(T).is_none());
    assert_eq!(stage.add(producer, 0, 2), Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING));
    assert!(replayed(&stage.log).get(T).is_none());
}

#[test]
fn markers_of_a_decided_transaction_are_written_after_a_start() {
    for commits in [true, false] {
        let mut stage = Stage::default();
        let producer = stage.init(None).unwrap();
        stage.add(producer, 4, 2).unwrap();
        stage.begin_end(producer, commits, 2);
        stage.restart();
        assert_eq!(stage.markers.len(), 1);
        assert_eq!(stage.markers[0].commits, commits);
        stage.write_markers();
        assert_eq!(stage.end(producer, commits, 2), Ok((producer.0, 1)));
    }
}

#[test]
fn markers_of_a_transaction_that_was_lost_are_not_written() {
    let mut stage = Stage::default();
    let producer = stage.init(None).unwrap();
    stage.add(producer, 4, 2).unwrap();
    stage.holds = true;
    stage.begin_end(producer, true, 2);
    assert!(stage.markers.is_empty(), "the outcome is not durable");
    stage.restart();
    assert_eq!(stage.state(), State::Ongoing);
    assert!(stage.markers.is_empty());
}

#[test]
fn markers_of_a_state_that_was_lost_are_waited_for_by_nobody() {
    let mut stage = Stage::default();
    let producer = stage.init(None).unwrap();
    stage.add(producer, 4, 1).unwrap();
    stage.begin_end(producer, true, 1);
    let before = stage.markers[0].clone();
    assert!(stage.machine.is_current(&before));
    stage.restart();
    assert!(!stage.machine.is_current(&before), "others are written for the state that was loaded anew");
    assert!(stage.machine.is_current(&stage.markers[0]));
    stage.write_markers();
    // The next transaction has the same epoch, and those would end it.
    stage.add(producer, 4, 1).unwrap();
    stage.begin_end(producer, true, 1);
    assert!(stage.machine.is_current(&stage.markers[0]));
    assert!(!stage.machine.is_current(&before));
}

/// What may come to a coordinator, in any order.
#[derive(Clone, Debug)]
enum Event {
    Init(bool),
    Add(i32, i16),
    End(bool, i16),
    Zombie(bool),
    Markers,
    Pass(u64),
    Hold(bool),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => any::<bool>().prop_map(Event::Init),
        6 => (0..4, prop_oneof![Just(0i16), Just(2)]).prop_map(|(partition, by)| Event::Add(partition, by)),
        6 => (any::<bool>(), prop_oneof![Just(0i16), Just(2)]).prop_map(|(commits, by)| Event::End(commits, by)),
        1 => any::<bool>().prop_map(Event::Zombie),
        4 => Just(Event::Markers),
        1 => (0u64..200_000).prop_map(Event::Pass),
        2 => any::<bool>().prop_map(Event::Hold),
        1 => Just(Event::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_replay_gives_what_is_and_no_outcome_changes(events in prop::collection::vec(event(), 1..60)) {
        let mut stage = Stage::default();
        let mut producer = stage.init(None).unwrap();
        let mut decided: Option<(Producer, bool)> = None;
        for event in events {
            let before = producer;
            match event {
                Event::Init(says_who) => {
                    if let Some(Answer::Producer(Ok(new))) = stage.ask_init(says_who.then_some(producer)) {
                        prop_assert!(new.0 != before.0 || new.1 >= before.1);
                        producer = new;
                    }
                }
                Event::Add(partition, by) => stage.ask_add(producer, partition, by),
                Event::End(commits, by) => {
                    if let Some(Answer::Producer(Ok(new))) = stage.begin_end(producer, commits, by)
                        && by == 2
                    {
                        producer = new;
                    }
                }
                Event::Zombie(commits) => {
                    let view = stage.machine.durable_view();
                    let zombie = (producer.0, producer.1 - 1);
                    if stage.machine.get(T).is_some_and(|known| known.producer_epoch > zombie.1 + 1) {
                        stage.begin_end(zombie, commits, 2);
                        prop_assert_eq!(&view, &stage.machine.durable_view(), "a zombie has changed something");
                    }
                }
                Event::Markers => stage.write_markers(),
                Event::Pass(ms) => stage.pass(Duration::from_millis(ms)),
                Event::Hold(holds) => {
                    stage.holds = holds;
                    stage.settle();
                }
                Event::Restart => stage.restart(),
            }
            prop_assert_eq!(replayed(&stage.log).durable_view(), stage.machine.durable_view());
            if let Some(known) = stage.machine.get(T) {
                let who = (known.producer_id, known.producer_epoch);
                if let Some((of, commits)) = decided && of == who && known.is_prepared() {
                    prop_assert_eq!(known.state == State::PrepareCommit, commits, "an outcome has changed");
                }
                if known.is_over() {
                    decided = None;
                } else if known.is_prepared() && stage.pending.is_empty() {
                    decided = Some((who, known.state == State::PrepareCommit));
                }
                // Whoever fenced it, or ended by the rules of another version, has moved the epoch on.
                producer = (known.producer_id, known.producer_epoch);
            }
        }
    }
}

impl Stage {
    fn ask_init(&mut self, expected: Option<Producer>) -> Option<Answer> {
        let init = Init { id: Str::from(T), timeout_ms: 60_000, expected };
        self.ask(|machine, now_ms, token, fresh| machine.init(now_ms, token, &init, fresh))
    }

    fn ask_add(&mut self, producer: Producer, partition: i32, version: i16) {
        let participants = BTreeSet::from([(Str::from("topic"), partition)]);
        let id = Str::from(T);
        self.ask(|machine, now_ms, token, _| {
            machine.add(now_ms, token, &id, producer, &participants, version)
        });
    }
}
