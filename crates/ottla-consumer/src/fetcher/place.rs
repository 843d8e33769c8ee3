//! Places in a partition, known and still to be found out.

use std::time::Duration;

use ottla_client::{ListedOffset, OffsetSpec, TopicPartition};

use super::Fetcher;
use crate::config::OffsetReset;
use crate::error::Error;

/// Where reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this offset.
    Offset(i64),
    /// At an offset that is still to be found out.
    Find(Wanted),
}

/// How an offset is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// From the leader of the partition.
    Spec(OffsetSpec),
    /// From the leader, by a time that lies so far back.
    Ago(Duration),
    /// From what the group committed.
    Committed,
}

/// A place to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Find {
    pub(crate) partition: TopicPartition,
    pub(super) turn: u64,
    pub(crate) wanted: Wanted,
}

/// What the group committed for a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
}

impl Place {
    /// Where `auto.offset.reset` leads; `None` if nowhere.
    pub(super) fn of_reset(reset: OffsetReset) -> Option<Self> {
        let wanted = match reset {
            OffsetReset::Earliest => Wanted::Spec(OffsetSpec::Earliest),
            OffsetReset::Latest => Wanted::Spec(OffsetSpec::Latest),
            OffsetReset::ByDuration(duration) => Wanted::Ago(duration),
            OffsetReset::None => return None,
        };
        Some(Self::Find(wanted))
    }
}

impl Fetcher {
    /// Places to be found out, each told once.
    pub(crate) fn take_finds(&mut self, now: std::time::Instant) -> Vec<Find> {
        let mut finds = Vec::new();
        for (name, partition) in &mut self.partitions {
            let Place::Find(wanted) = partition.position else { continue };
            let may_ask = partition.not_before.is_none_or(|not_before| not_before <= now);
            if may_ask && !partition.is_finding && !partition.is_stuck {
                partition.is_finding = true;
                finds.push(Find { partition: name.clone(), turn: partition.turn, wanted });
            }
        }
        finds
    }

    /// Takes in where a place is.
    pub(crate) fn found(&mut self, find: &Find, outcome: Result<ListedOffset, ottla_client::Error>) {
        let Some(partition) =
            self.partitions.get_mut(&find.partition).filter(|known| known.turn == find.turn)
        else {
            return;
        };
        partition.is_finding = false;
        match outcome {
            Ok(ListedOffset { offset: Some(offset), .. }) => partition.begin_at(offset.0),
            // No record is that late, so the next one will be the first.
            Ok(_) => partition.position = Place::Find(Wanted::Spec(OffsetSpec::Latest)),
            Err(source) => {
                let name = find.partition.clone();
                partition.stick(Error::NoStart { partition: name, source });
                self.line_up(&find.partition);
            }
        }
    }

    /// Takes in what the group committed, if anything.
    pub(crate) fn found_committed(
        &mut self,
        find: &Find,
        outcome: Result<Option<Committed>, ottla_client::Error>,
    ) {
        let Some(partition) =
            self.partitions.get_mut(&find.partition).filter(|known| known.turn == find.turn)
        else {
            return;
        };
        partition.is_finding = false;
        match outcome {
            Ok(Some(committed)) => {
                partition.begin_at(committed.offset);
                (partition.committed, partition.epoch) = (Some(committed.offset), committed.leader_epoch);
            }
            Ok(None) => match Place::of_reset(self.rules.reset) {
                Some(place) => partition.position = place,
                None => partition.stick(Error::NothingCommitted(find.partition.clone())),
            },
            Err(source) => {
                partition.stick(Error::NoStart { partition: find.partition.clone(), source });
            }
        }
        self.line_up(&find.partition);
    }
}
