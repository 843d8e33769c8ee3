//! What the log of states need not keep.
//!
//! A state is what its last snapshot and the updates behind that come to, so nothing is needed below the oldest of these
//! snapshots. From time to time that is deleted; and a state that hardly changes, whose old snapshot would hold up all
//! others, is written whole again. Only what is durable counts, and records are deleted when all that was decided before is
//! durable too: whatever a crash leaves comes to the same states.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Act, Effects, ShareStates, UNKNOWN, Write, whole};
use crate::coordinator::shard::{Shard, now};
use crate::share::record::ShareRecord;

/// How far the log is needed, and when to look at that again: never, unless something was written since.
#[derive(Debug)]
pub(super) struct Pruning {
    interval: Duration,
    cold_interval: Duration,
    /// After the last record that is known to be durable.
    end: i64,
    /// What is below was asked to be deleted.
    pruned: i64,
    /// Where the log ended at the last look for cold states.
    looked: i64,
    prune_at: Option<Instant>,
    look_at: Option<Instant>,
}

impl Pruning {
    pub(super) fn new(interval: Duration, cold_interval: Duration) -> Self {
        Self { interval, cold_interval, end: 0, pruned: 0, looked: 0, prune_at: None, look_at: None }
    }

    /// Says that all of the log was replayed: what lies in it was written before the last look.
    pub(super) fn loaded(&mut self, now: Instant) {
        self.looked = self.end;
        self.plan(now);
    }

    /// Sees to it that somebody looks, if there is anything to look at. An interval that outlasts the clock is never over.
    pub(super) fn plan(&mut self, now: Instant) {
        if self.end > self.pruned {
            self.prune_at = self.prune_at.or_else(|| now.checked_add(self.interval));
            self.look_at = self.look_at.or_else(|| now.checked_add(self.cold_interval));
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.prune_at.into_iter().chain(self.look_at).min()
    }
}

impl ShareStates {
    /// Takes note of where a record lies that is durable.
    pub(super) fn lies_at(&mut self, record: &ShareRecord, offset: i64) {
        self.pruning.end = self.pruning.end.max(offset + 1);
        if let ShareRecord::Snapshot(key, Some(_)) = record
            && let Some(state) = self.states.get_mut(key)
        {
            // That of a state which was deleted since and has begun again is taken for the new one's: too low, if anything.
            state.snapshot_offset = Some(offset);
        }
    }

    /// Has deleted what is needed no more, and writes cold states whole, when it is time for that.
    pub(super) fn upkeep(&mut self, now: Instant, now_ms: i64) -> Vec<Effects> {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let mut effects = Vec::new();
        if is_due(self.pruning.prune_at) {
            self.pruning.prune_at = None;
            let needed = self.needed_from();
            if needed > self.pruning.pruned {
                self.pruning.pruned = needed;
                effects.push(Effects { acts: vec![Act::Prune(needed)], ..Effects::default() });
            }
        }
        if is_due(self.pruning.look_at) {
            self.pruning.look_at = None;
            let cold = self.cold(now_ms);
            if !cold.is_empty() {
                effects.push(Effects::of_records(cold));
            }
            self.pruning.looked = self.pruning.end;
            if self.states.values().any(|state| self.holds_up(state.snapshot_offset)) {
                self.pruning.look_at = now.checked_add(self.pruning.cold_interval);
            }
        }
        effects
    }

    /// The first offset that is needed.
    fn needed_from(&self) -> i64 {
        let snapshots = self.states.values().filter_map(|state| state.snapshot_offset);
        snapshots.min().unwrap_or(self.pruning.end)
    }

    /// Whether a snapshot keeps more records in the log than there would be if all states were written whole, twice.
    /// *Else states that nobody changes would be written for ever.*
    fn holds_up(&self, snapshot_offset: Option<i64>) -> bool {
        let enough = i64::try_from(self.states.len()).unwrap_or(i64::MAX).saturating_mul(2);
        snapshot_offset.is_some_and(|offset| self.pruning.end - offset > enough)
    }

    /// The states anew that were last written whole before the last look, and hold up others.
    fn cold(&self, now_ms: i64) -> Vec<ShareRecord> {
        let is_old = |offset: Option<i64>| offset.is_some_and(|offset| offset < self.pruning.looked);
        let nothing = Write {
            state_epoch: UNKNOWN,
            leader_epoch: UNKNOWN,
            start_offset: -1,
            delivery_complete_count: UNKNOWN,
            batches: Vec::new(),
        };
        self.states
            .iter()
            .filter(|(_, state)| is_old(state.snapshot_offset) && self.holds_up(state.snapshot_offset))
            .map(|(key, state)| whole(key, state, &nothing, now_ms))
            .collect()
    }

    /// What was to be deleted is there still.
    fn prune_again(&mut self, now: Instant) {
        self.pruning.pruned = 0;
        self.pruning.plan(now);
    }
}

/// Deletes what the log holds below an offset.
pub(super) async fn prune(shard: &Arc<Shard<ShareStates>>, before: i64) {
    if let Err(code) = shard.partition.delete_records(Some(before)).await {
        tracing::warn!(%code, partition = ?shard.partition, "old states of share groups are left until later");
        if let Ok(mut locked) = shard.enter() {
            locked.machine_mut().prune_again(now());
        }
    }
}

#[cfg(test)]
mod tests;
