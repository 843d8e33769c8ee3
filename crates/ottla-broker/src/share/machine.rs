//! The states of one partition of `__share_group_state`, as the state machine of its shard.
//!
//! A state says what has become of the records of a partition in a group: those below the start offset are done
//! with, and those that are not as new are listed in runs. Who writes is fenced by two epochs: that of the partition's
//! leader, and that of the state, which grows when the state begins anew. Which records are handed out is decided
//! in [`super::partition`], and what the log need not keep in [`pruning`].

mod pruning;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::internal::{ShareSnapshotValue, ShareUpdateValue, share_snapshot, share_update};
use ottla_protocol::wire::Uuid;

use self::pruning::Pruning;
use super::ShareContext;
use super::batches::{StateBatch, StateBatches};
use super::record::{SharePartitionKey, ShareRecord};
use super::removal;
use super::settings::Settings;
use crate::coordinator::shard::Shard;
use crate::coordinator::{self, Machine, Place, Token};

/// What comes of a step of states.
pub(crate) type Effects = coordinator::Effects<ShareStates>;

/// Says that an epoch or an offset is not known.
pub(crate) const UNKNOWN: i32 = -1;

/// The state of a partition in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShareState {
    snapshot_epoch: i32,
    pub(crate) state_epoch: i32,
    pub(crate) leader_epoch: i32,
    /// Where the group begins to read; -1 if that is not decided yet.
    pub(crate) start_offset: i64,
    pub(crate) delivery_complete_count: i32,
    created_ms: i64,
    pub(crate) batches: StateBatches,
    /// Updates since the last snapshot.
    updates: u32,
    /// Where the last snapshot lies that is durable: all from there on may be needed to come to this state.
    snapshot_offset: Option<i64>,
}

/// What is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) state_epoch: i32,
    pub(crate) leader_epoch: i32,
    /// -1 if it does not change.
    pub(crate) start_offset: i64,
    pub(crate) delivery_complete_count: i32,
    pub(crate) batches: Vec<StateBatch>,
}

/// Why a request is refused, in the words of Kafka where it has some of its own.
pub(crate) type Refusal = (ErrorCode, Option<&'static str>);

/// What a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// The state.
    State(Box<ShareState>),
    /// There is no state.
    None,
    Refused(Refusal),
}

/// The states of a shard.
#[derive(Debug)]
pub(crate) struct ShareStates {
    updates_per_snapshot: u32,
    /// State: what the records say.
    states: BTreeMap<SharePartitionKey, ShareState>,
    pruning: Pruning,
}

/// What states have to have done outside of their shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// To delete what the log holds below this offset.
    Prune(i64),
}

const NEGATIVE_PARTITION: Refusal =
    (ErrorCode::INVALID_REQUEST, Some("The partition id cannot be a negative number."));
const WRITE_UNINITIALIZED: Refusal =
    (ErrorCode::INVALID_REQUEST, Some("Write operation on uninitialized share partition not allowed."));
const READ_UNINITIALIZED: Refusal =
    (ErrorCode::INVALID_REQUEST, Some("Read operation on uninitialized share partition not allowed."));
const UNKNOWN_PARTITION: Refusal = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None);

fn answer(token: Token, answer: Answer) -> Effects {
    Effects { answers: vec![(token, answer)], ..Effects::default() }
}

fn done(token: Token, record: ShareRecord) -> Effects {
    Effects { records: vec![record], ..answer(token, Answer::Done) }
}

impl ShareStates {
    /// No states.
    fn with(settings: &Settings) -> Self {
        Self {
            updates_per_snapshot: settings.updates_per_snapshot,
            states: BTreeMap::new(),
            pruning: Pruning::new(settings.prune_interval, settings.cold_interval),
        }
    }

    /// Begins a state, or begins one anew.
    pub(crate) fn initialize(
        &self,
        token: Token,
        key: &SharePartitionKey,
        (state_epoch, start_offset): (i32, i64),
        is_there: bool,
        now_ms: i64,
    ) -> Effects {
        let state = self.states.get(key);
        let refusal = match state {
            _ if key.partition < 0 => Some(NEGATIVE_PARTITION),
            Some(state) if state_epoch != UNKNOWN && state.state_epoch > state_epoch => {
                Some((ErrorCode::FENCED_STATE_EPOCH, None))
            }
            _ if !is_there => Some(UNKNOWN_PARTITION),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return answer(token, Answer::Refused(refusal));
        }
        let mut value = ShareSnapshotValue::default();
        value.snapshot_epoch = state.map_or(0, |state| state.snapshot_epoch + 1);
        value.state_epoch = match (state_epoch, state) {
            (UNKNOWN, Some(state)) => state.state_epoch,
            _ => state_epoch,
        };
        // Else it would be forgotten with the older records. Kafka forgets it.
        value.leader_epoch = state.map_or(0, |state| state.leader_epoch);
        value.start_offset = start_offset;
        value.delivery_complete_count = if start_offset < 0 { UNKNOWN } else { 0 };
        (value.create_timestamp, value.write_timestamp) = (now_ms, now_ms);
        done(token, ShareRecord::Snapshot(key.clone(), Some(value)))
    }

    /// Changes a state.
    pub(crate) fn write(
        &self,
        token: Token,
        key: &SharePartitionKey,
        write: &Write,
        is_there: bool,
        now_ms: i64,
    ) -> Effects {
        let state = match self.states.get(key) {
            _ if key.partition < 0 => Err(NEGATIVE_PARTITION),
            None => Err(WRITE_UNINITIALIZED),
            Some(state) if write.leader_epoch != UNKNOWN && state.leader_epoch > write.leader_epoch => {
                Err((ErrorCode::FENCED_LEADER_EPOCH, None))
            }
            Some(state) if write.state_epoch != UNKNOWN && state.state_epoch > write.state_epoch => {
                Err((ErrorCode::FENCED_STATE_EPOCH, None))
            }
            Some(_) if !is_there => Err(UNKNOWN_PARTITION),
            Some(state) => Ok(state),
        };
        match state {
            Ok(state) => {
                // The epochs that fence are those of who began or read the state: a write raises none.
                let write = Write { state_epoch: UNKNOWN, leader_epoch: UNKNOWN, ..write.clone() };
                done(token, self.change(key, state, &write, now_ms))
            }
            Err(refusal) => answer(token, Answer::Refused(refusal)),
        }
    }

    fn change(&self, key: &SharePartitionKey, state: &ShareState, write: &Write, now_ms: i64) -> ShareRecord {
        let or = |new: i32, old: i32| if new == UNKNOWN { old } else { new };
        if state.updates < self.updates_per_snapshot {
            let batches = StateBatches::default().merged(&write.batches, write.start_offset);
            let mut value = ShareUpdateValue::default();
            value.snapshot_epoch = state.snapshot_epoch;
            value.leader_epoch = or(write.leader_epoch, state.leader_epoch);
            value.start_offset = write.start_offset;
            value.delivery_complete_count = write.delivery_complete_count;
            value.state_batches = batches.iter().map(update_batch).collect();
            return ShareRecord::Update(key.clone(), value);
        }
        whole(key, state, write, now_ms)
    }

    /// Reads a state for the leader of this epoch; those before it are fenced from then on.
    pub(crate) fn read(
        &self,
        token: Token,
        key: &SharePartitionKey,
        leader_epoch: i32,
        is_there: bool,
        now_ms: i64,
    ) -> Effects {
        let refuse = |refusal| answer(token, Answer::Refused(refusal));
        match self.states.get(key) {
            _ if key.partition < 0 => refuse(NEGATIVE_PARTITION),
            None => refuse(READ_UNINITIALIZED),
            Some(state) if leader_epoch != UNKNOWN && state.leader_epoch > leader_epoch => {
                refuse((ErrorCode::FENCED_LEADER_EPOCH, None))
            }
            Some(_) if !is_there => refuse(UNKNOWN_PARTITION),
            Some(state) => {
                let mut effects = answer(token, Answer::State(Box::new(state.clone())));
                if leader_epoch > state.leader_epoch {
                    let write = Write {
                        state_epoch: state.state_epoch,
                        leader_epoch,
                        start_offset: -1,
                        delivery_complete_count: state.delivery_complete_count,
                        batches: Vec::new(),
                    };
                    effects.records.push(self.change(key, state, &write, now_ms));
                }
                effects
            }
        }
    }

    /// What a state comes to, for people.
    pub(crate) fn summary(&self, token: Token, key: &SharePartitionKey, is_there: bool) -> Effects {
        answer(
            token,
            match self.states.get(key) {
                _ if key.partition < 0 => Answer::Refused(NEGATIVE_PARTITION),
                _ if !is_there => Answer::Refused(UNKNOWN_PARTITION),
                Some(state) => Answer::State(Box::new(state.clone())),
                None => Answer::None,
            },
        )
    }

    /// Forgets a state.
    pub(crate) fn delete(&self, token: Token, key: &SharePartitionKey, is_there: bool) -> Effects {
        match self.states.contains_key(key) {
            _ if key.partition < 0 => answer(token, Answer::Refused(NEGATIVE_PARTITION)),
            _ if !is_there => answer(token, Answer::Refused(UNKNOWN_PARTITION)),
            true => done(token, ShareRecord::Snapshot(key.clone(), None)),
            false => answer(token, Answer::Done),
        }
    }

    /// What deletes the states of topics that are gone.
    pub(crate) fn without_topics(&self, is_gone: impl Fn(Uuid) -> bool) -> Vec<ShareRecord> {
        let gone = self.states.keys().filter(|key| is_gone(Uuid(key.topic)));
        gone.map(|key| ShareRecord::Snapshot(key.clone(), None)).collect()
    }

    fn take_in_update(&mut self, key: &SharePartitionKey, value: &ShareUpdateValue) {
        let state = self.states.entry(key.clone()).or_default();
        if value.start_offset >= 0 {
            state.start_offset = value.start_offset;
        }
        state.leader_epoch = state.leader_epoch.max(value.leader_epoch);
        state.delivery_complete_count = value.delivery_complete_count;
        let batches: Vec<_> = value.state_batches.iter().map(from_update).collect();
        state.batches = state.batches.merged(&batches, state.start_offset);
        state.updates += 1;
    }
}

impl Machine for ShareStates {
    type Record = ShareRecord;
    type Answer = Answer;
    type Act = Act;
    type Context = ShareContext;

    fn new(context: &ShareContext) -> Self {
        Self::with(&context.settings)
    }

    fn replay(&mut self, record: &ShareRecord) {
        match record {
            ShareRecord::Snapshot(key, None) => {
                self.states.remove(key);
            }
            ShareRecord::Snapshot(key, Some(value)) => {
                let batches: Vec<_> = value.state_batches.iter().map(from_snapshot).collect();
                let before = self.states.get(key);
                let (leader_epoch, snapshot_offset) =
                    before.map_or((UNKNOWN, None), |state| (state.leader_epoch, state.snapshot_offset));
                let state = ShareState {
                    snapshot_epoch: value.snapshot_epoch,
                    state_epoch: value.state_epoch,
                    leader_epoch: value.leader_epoch.max(leader_epoch),
                    start_offset: value.start_offset,
                    delivery_complete_count: value.delivery_complete_count,
                    created_ms: value.create_timestamp,
                    batches: StateBatches::default().merged(&batches, value.start_offset),
                    updates: 0,
                    snapshot_offset,
                };
                self.states.insert(key.clone(), state);
            }
            ShareRecord::Update(key, value) => self.take_in_update(key, value),
        }
    }

    fn replay_at(&mut self, record: &ShareRecord, place: Place) {
        self.replay(record);
        self.lies_at(record, place.offset);
    }

    fn loaded(&mut self, now: Instant, _now_ms: i64) -> Vec<Effects> {
        self.pruning.loaded(now);
        Vec::new()
    }

    fn stored(&mut self, _now: Instant, _record: &ShareRecord) -> Effects {
        Effects::default()
    }

    fn stored_at(&mut self, now: Instant, record: &ShareRecord, place: Place) -> Effects {
        self.lies_at(record, place.offset);
        self.pruning.plan(now);
        Effects::default()
    }

    fn refused(&mut self, _now: Instant, _now_ms: i64, _record: &ShareRecord, _code: ErrorCode) -> Effects {
        Effects::default()
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.pruning.next_deadline()
    }

    fn tick(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        self.upkeep(now, now_ms)
    }

    async fn act(shard: Arc<Shard<Self>>, act: Act) {
        match act {
            Act::Prune(before) => pruning::prune(&shard, before).await,
        }
    }

    fn serves(shard: &Arc<Shard<Self>>) {
        let directory = &shard.shared.context.directory;
        removal::remove_topics(shard, |topic| directory.by_id(topic).is_none());
    }
}

/// The record that says all of a state, after this change.
fn whole(key: &SharePartitionKey, state: &ShareState, write: &Write, now_ms: i64) -> ShareRecord {
    let or = |new: i32, old: i32| if new == UNKNOWN { old } else { new };
    let start = if write.start_offset < 0 { state.start_offset } else { write.start_offset };
    let mut value = ShareSnapshotValue::default();
    value.snapshot_epoch = state.snapshot_epoch + 1;
    value.state_epoch = or(write.state_epoch, state.state_epoch);
    value.leader_epoch = or(write.leader_epoch, state.leader_epoch);
    value.start_offset = start;
    value.delivery_complete_count = or(write.delivery_complete_count, state.delivery_complete_count);
    value.create_timestamp = state.created_ms;
    value.write_timestamp = now_ms;
    value.state_batches = state.batches.merged(&write.batches, start).iter().map(snapshot_batch).collect();
    ShareRecord::Snapshot(key.clone(), Some(value))
}

fn update_batch(batch: StateBatch) -> share_update::StateBatch {
    share_update::StateBatch::default()
        .with_first_offset(batch.first)
        .with_last_offset(batch.last)
        .with_delivery_state(batch.state)
        .with_delivery_count(batch.deliveries)
}

fn snapshot_batch(batch: StateBatch) -> share_snapshot::StateBatch {
    share_snapshot::StateBatch::default()
        .with_first_offset(batch.first)
        .with_last_offset(batch.last)
        .with_delivery_state(batch.state)
        .with_delivery_count(batch.deliveries)
}

fn from_update(batch: &share_update::StateBatch) -> StateBatch {
    StateBatch {
        first: batch.first_offset,
        last: batch.last_offset,
        state: batch.delivery_state,
        deliveries: batch.delivery_count,
    }
}

fn from_snapshot(batch: &share_snapshot::StateBatch) -> StateBatch {
    StateBatch {
        first: batch.first_offset,
        last: batch.last_offset,
        state: batch.delivery_state,
        deliveries: batch.delivery_count,
    }
}

#[cfg(test)]
#[path = "machine/tests.rs"]
mod tests;
