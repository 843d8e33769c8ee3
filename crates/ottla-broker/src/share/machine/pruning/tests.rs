//! What is left of a log, wherever it is cut behind what is durable, comes to what was.

use std::collections::{BTreeMap, VecDeque};

use ottla_protocol::wire::{Str, Uuid};
use proptest::prelude::*;

use super::*;
use crate::config::BrokerConfig;
use crate::coordinator::{Machine, Place, Token};
use crate::share::batches::StateBatch;
use crate::share::machine::ShareState;
use crate::share::record::SharePartitionKey;
use crate::share::settings::Settings;

const INTERVAL: Duration = Duration::from_secs(1);

/// A step of a shard with the states of a few partitions.
#[derive(Clone, Debug)]
enum Step {
    Initialize(i32),
    Write(i32, i64),
    Read(i32, i32),
    Delete(i32),
    /// Time goes on.
    Wait,
    /// So many of the appends that are pending become durable.
    Durable(usize),
    /// What was to be deleted is deleted.
    Prune,
}

fn any_step() -> impl Strategy<Value = Step> {
    let partition = || 0..4i32;
    prop_oneof![
        2 => partition().prop_map(Step::Initialize),
        8 => (partition(), 0..20i64).prop_map(|(partition, at)| Step::Write(partition, at)),
        1 => (partition(), 0..3i32).prop_map(|(partition, epoch)| Step::Read(partition, epoch)),
        1 => partition().prop_map(Step::Delete),
        3 => Just(Step::Wait),
        6 => (1..4usize).prop_map(Step::Durable),
        2 => Just(Step::Prune),
    ]
}

fn states(updates_per_snapshot: u32) -> ShareStates {
    let mut settings = Settings::new(&BrokerConfig::new());
    settings.updates_per_snapshot = updates_per_snapshot;
    (settings.prune_interval, settings.cold_interval) = (INTERVAL, INTERVAL);
    ShareStates::with(&settings)
}

/// A shard without its shell: a log whose end is not durable.
struct Log {
    states: ShareStates,
    now: Instant,
    records: Vec<ShareRecord>,
    start: usize,
    durable: usize,
    /// The states after so many records.
    were: Vec<BTreeMap<SharePartitionKey, ShareState>>,
    pending: VecDeque<Effects>,
    /// What was asked to be deleted.
    prunes: Vec<usize>,
}

impl Log {
    fn new(updates_per_snapshot: u32) -> Self {
        let (states, now) = (states(updates_per_snapshot), Instant::now());
        Self {
            states,
            now,
            records: Vec::new(),
            start: 0,
            durable: 0,
            were: vec![BTreeMap::new()],
            pending: VecDeque::new(),
            prunes: Vec::new(),
        }
    }

    fn perform(&mut self, effects: Effects) {
        for record in &effects.records {
            self.states.appended(record);
            self.records.push(record.clone());
            self.were.push(seen(&self.states));
        }
        self.pending.push_back(effects);
        if self.durable == self.records.len() {
            self.settle();
        }
    }

    /// The oldest append that is pending is durable, and all that needed no append behind it.
    fn settle(&mut self) {
        while let Some(effects) = self.pending.pop_front() {
            for record in &effects.records {
                let offset = i64::try_from(self.durable).unwrap();
                let _nothing = self.states.stored_at(self.now, record, Place { offset, producer_id: None });
                self.durable += 1;
            }
            self.prunes
                .extend(effects.acts.iter().map(|Act::Prune(before)| usize::try_from(*before).unwrap()));
            if self.pending.front().is_none_or(|next| !next.records.is_empty()) {
                return;
            }
        }
    }

    fn take(&mut self, step: &Step) {
        let (token, now_ms) = (Token(0), 0);
        let key = |partition: i32| SharePartitionKey::new(&Str::from("g"), Uuid([7; 16]), partition);
        let effects = match step {
            Step::Initialize(partition) => {
                self.states.initialize(token, &key(*partition), (UNKNOWN, -1), true, now_ms)
            }
            Step::Write(partition, at) => {
                let batch = StateBatch { first: *at, last: at + 2, state: 2, deliveries: 1 };
                let write = Write {
                    state_epoch: UNKNOWN,
                    leader_epoch: UNKNOWN,
                    start_offset: at / 4,
                    delivery_complete_count: 1,
                    batches: vec![batch],
                };
                self.states.write(token, &key(*partition), &write, true, now_ms)
            }
            Step::Read(partition, epoch) => self.states.read(token, &key(*partition), *epoch, true, now_ms),
            Step::Delete(partition) => self.states.delete(token, &key(*partition), true),
            Step::Wait => {
                self.now += INTERVAL;
                let due = self.states.tick(self.now, now_ms);
                due.into_iter().for_each(|effects| self.perform(effects));
                return;
            }
            Step::Durable(count) => return (0..*count).for_each(|_| self.settle()),
            Step::Prune => {
                self.start = self.prunes.drain(..).fold(self.start, usize::max);
                return;
            }
        };
        self.perform(effects);
    }

    /// What a start finds when the log has this end.
    fn after_crash(&self, end: usize) -> BTreeMap<SharePartitionKey, ShareState> {
        let mut found = states(self.states.updates_per_snapshot);
        for offset in self.start..end {
            let place = Place { offset: i64::try_from(offset).unwrap(), producer_id: None };
            found.replay_at(&self.records[offset], place);
        }
        seen(&found)
    }
}

/// The states, but for what is known of the log only.
fn seen(states: &ShareStates) -> BTreeMap<SharePartitionKey, ShareState> {
    let seen = |state: &ShareState| ShareState { snapshot_offset: None, ..state.clone() };
    states.states.iter().map(|(key, state)| (key.clone(), seen(state))).collect()
}

proptest! {
    #[test]
    fn what_is_left_of_the_log_comes_to_the_states_wherever_a_crash_cuts_it(
        steps in prop::collection::vec(any_step(), 0..60),
        per_snapshot in 0..5u32,
    ) {
        let mut log = Log::new(per_snapshot);
        for step in &steps {
            log.take(step);
            prop_assert!(log.start <= log.durable, "{step:?}");
            for end in log.durable..=log.records.len() {
                prop_assert_eq!(&log.after_crash(end), &log.were[end], "{:?}, cut at {}", step, end);
            }
        }
    }

    /// Whatever was written, the log comes to rest, and then holds little more than the states.
    #[test]
    fn a_log_that_nobody_writes_comes_to_hold_little_more_than_the_states(
        steps in prop::collection::vec(any_step(), 0..60),
        per_snapshot in 0..5u32,
    ) {
        let mut log = Log::new(per_snapshot);
        let all = Step::Durable(usize::from(u8::MAX));
        for step in steps.iter().chain([&all]) {
            log.take(step);
        }
        let mut looks = 0;
        while log.states.next_deadline().is_some() {
            log.take(&Step::Wait);
            log.take(&all);
            log.take(&Step::Prune);
            looks += 1;
            prop_assert!(looks < 8, "it is written for ever");
        }
        log.take(&Step::Prune);
        prop_assert!(log.records.len() - log.start <= 2 * log.states.states.len());
    }
}
