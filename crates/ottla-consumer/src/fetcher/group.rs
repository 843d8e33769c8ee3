//! What a group adds to fetching: partitions come and go one by one, and what was handed out is committed.

use std::collections::VecDeque;
use std::sync::Arc;

use ottla_client::{CommittedOffset, GroupOffsets, Offset, TopicPartition};

use super::{Fetcher, Place};
use crate::batch::Batch;
use crate::fetcher::partition::Partition;
use crate::progress::{Extent, Progress};

impl Fetcher {
    /// Reads these partitions too, each from `place`; those that are read already go on as they are.
    pub(crate) fn add(&mut self, partitions: impl IntoIterator<Item = TopicPartition>, place: Place) {
        for name in partitions {
            if !self.partitions.contains_key(&name) {
                self.turns += 1;
                let partition = Partition::new(name.clone(), self.turns, place, self.rules.backoff.clone());
                self.partitions.insert(name, partition);
            }
        }
    }

    /// Reads these partitions no longer.
    pub(crate) fn remove<'a>(&mut self, partitions: impl IntoIterator<Item = &'a TopicPartition>) {
        for name in partitions {
            if let Some(partition) = self.partitions.remove(name) {
                self.fetched_bytes -= partition.fetched_bytes;
                self.made_room = true;
                self.line.retain(|waiting| waiting != name);
            }
        }
    }

    /// Hands out nothing more of these partitions; they are about to be removed.
    pub(crate) fn stop<'a>(&mut self, partitions: impl IntoIterator<Item = &'a TopicPartition>) {
        for name in partitions {
            if let Some(partition) = self.partitions.get_mut(name) {
                partition.is_stopped = true;
            }
        }
    }

    /// What could be committed of all partitions whose position is known.
    pub(crate) fn committable(&self, extent: Extent) -> GroupOffsets {
        let committable = |(name, partition): (&TopicPartition, &Partition)| {
            let (offset, epoch) = partition.committable(extent)?;
            Some((name.clone(), CommittedOffset::new(Offset(offset)).with_leader_epoch(epoch)))
        };
        self.partitions.iter().filter_map(committable).collect()
    }

    /// What the user is done with and the group does not know yet, or may not: what is doubted is said again, for as long as
    /// the partition is read.
    pub(crate) fn uncommitted(&self) -> GroupOffsets {
        let mut offsets = self.committable(Extent::Finished);
        offsets.retain(|name, committed| {
            self.partitions.get(name).is_some_and(|partition| {
                partition.is_doubted || partition.committed != Some(committed.offset.0)
            })
        });
        offsets
    }

    /// A commit of these is on its way, and it is not known what becomes of it. Gives those of which all was known before.
    pub(crate) fn doubts(&mut self, offsets: &GroupOffsets) -> Vec<TopicPartition> {
        let mut doubted = Vec::new();
        for name in offsets.keys() {
            if let Some(partition) = self.partitions.get_mut(name)
                && !std::mem::replace(&mut partition.is_doubted, true)
            {
                doubted.push(name.clone());
            }
        }
        doubted
    }

    /// It is known what became of the commit of these.
    pub(crate) fn is_sure_of(&mut self, partitions: &[TopicPartition]) {
        for name in partitions {
            if let Some(partition) = self.partitions.get_mut(name) {
                partition.is_doubted = false;
            }
        }
    }

    /// What was handed out counts as done with.
    pub(crate) fn finish_handed_out(&mut self) {
        for progress in self.partitions.values().flat_map(|partition| &partition.progress) {
            progress.finish_handed_out();
        }
    }

    /// The group knows these offsets.
    pub(crate) fn committed(&mut self, offsets: &GroupOffsets) {
        for (name, committed) in offsets {
            if let Some(partition) = self.partitions.get_mut(name) {
                partition.committed = Some(committed.offset.0);
            }
        }
    }

    /// How many records are there behind what was handed out, as far as that is known.
    pub(crate) fn lag(&self, name: &TopicPartition) -> Option<i64> {
        Some((self.high_watermark(name)? - self.position(name)?).max(0))
    }

    /// Whether a batch that was handed out is still this consumer's to go on with.
    pub(crate) fn is_current(&self, batch: &Batch) -> bool {
        let partition = self.partitions.get(batch.topic_partition());
        partition.is_some_and(|partition| partition.turn == batch.turn() && !partition.is_stopped)
    }

    /// Hands out what is left of a batch again, before anything else of its partition; says whether it will.
    pub(crate) fn put_back(&mut self, batch: Batch) -> bool {
        if !self.is_current(&batch) {
            batch.progress().into_iter().for_each(Progress::abandon);
            return false;
        }
        let name = batch.topic_partition().clone();
        if let Some(partition) = self.partitions.get_mut(&name) {
            partition.returned.push_front(batch);
        }
        self.line_up(&name);
        true
    }
}

impl Partition {
    /// The offset that may be committed, with the epoch of the leader that wrote the record before it.
    fn committable(&self, extent: Extent) -> Option<(i64, i32)> {
        let Place::Offset(position) = self.position else { return None };
        let mut epoch = self.epoch;
        for progress in &self.progress {
            if let Some(open_from) = progress.open_from(extent) {
                return Some((open_from, epoch));
            }
            epoch = progress.leader_epoch();
        }
        Some((position, epoch))
    }

    /// Forgets batches that the user is done with, before those that the user is not.
    pub(super) fn forget_finished(&mut self) {
        while let Some(first) = self.progress.front()
            && first.open_from(Extent::Finished).is_none()
        {
            self.epoch = first.leader_epoch();
            self.progress.pop_front();
        }
    }

    /// Takes the newest batch out of what is watched, and gives the rest.
    pub(super) fn progress_without_last(&mut self) -> VecDeque<Arc<Progress>> {
        let mut progress = std::mem::take(&mut self.progress);
        progress.pop_back();
        progress
    }
}
