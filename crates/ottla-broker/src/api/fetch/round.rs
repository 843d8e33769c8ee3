//! One reading of all partitions that a fetch wants, in their order, within its byte limits.
//!
//! A reading stops where the disk has to be asked and goes on when it has answered, so that what is in memory is
//! answered without a future. When it is read again, and what is said of it, is decided in [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::fetch as messages;
use ottla_protocol::wire::Records;
use ottla_storage::{AbortedTransaction, FileRange, Isolation};
use tokio::time::Instant;

use super::{Limits, PartitionAnswer};
use crate::broker::Core;
use crate::directory::Topic;
use crate::fetch_session::{TopicKey, Wanted};
use crate::partition::{BoxFuture, Offsets, Partition, Read, Reading};
use crate::waiting;

/// A read of one partition that waits for the disk.
pub(super) struct Blocked {
    partition: Arc<dyn Partition>,
    read: BoxFuture<Result<Read, ErrorCode>>,
}

/// What was read so far.
pub(super) struct Round {
    pub(super) answers: Vec<PartitionAnswer>,
    bytes: usize,
    /// Something that the consumer must hear of at once.
    urgent: bool,
    /// Each partition, by its place among the wanted, and the high watermark up to which it was read: what is
    /// waited for is beyond.
    ends: Vec<(usize, Arc<dyn Partition>, i64)>,
}

/// How a partition is answered.
enum Outcome {
    Read(Arc<dyn Partition>, Reading),
    /// The reader's history parts from the log's, after this epoch and offset.
    Diverging(Offsets, i32, i64),
}

impl Round {
    pub(super) fn new(partitions: usize) -> Self {
        Self { answers: Vec::with_capacity(partitions), bytes: 0, urgent: false, ends: Vec::new() }
    }

    pub(super) fn is_enough(&self, limits: Limits) -> bool {
        self.urgent || self.bytes >= limits.bytes_min
    }

    /// Reads the partitions that have no answer yet, until one has to wait for the disk.
    pub(super) fn read(&mut self, core: &Core, wanted: &[Wanted], limits: Limits) -> Option<Blocked> {
        let mut last: Option<(&TopicKey, Option<Arc<Topic>>)> = None;
        while let Some(one) = wanted.get(self.answers.len()) {
            // Partitions of a topic mostly come together.
            let topic = match &last {
                Some((key, topic)) if **key == one.topic => topic,
                _ => &last.insert((&one.topic, find(core, &one.topic))).1,
            };
            let outcome = self.read_one(core, topic.as_deref(), one, limits);
            match outcome {
                Ok(Outcome::Read(partition, Reading::Now(read))) => self.answer(one, limits, partition, read),
                Ok(Outcome::Read(partition, Reading::Later(read))) => {
                    return Some(Blocked { partition, read });
                }
                Ok(Outcome::Diverging(offsets, epoch, end)) => {
                    let mut answer = answer(one, limits, offsets, Records::EMPTY);
                    answer.diverging_epoch.epoch = epoch;
                    answer.diverging_epoch.end_offset = end;
                    answer.aborted_transactions = None; // nothing was read
                    self.urgent = true;
                    self.answers.push(answer);
                }
                Err(code) => self.fail(one, limits, code),
            }
        }
        None
    }

    /// Reads to the end, waiting for the disk where that must be.
    pub(super) async fn read_on(
        &mut self,
        core: &Core,
        wanted: &[Wanted],
        limits: Limits,
        mut blocked: Option<Blocked>,
    ) {
        while let Some(Blocked { partition, read }) = blocked {
            let read = read.await;
            if let Some(one) = wanted.get(self.answers.len()) {
                self.answer(one, limits, partition, read);
            }
            blocked = self.read(core, wanted, limits);
        }
    }

    /// Waits until a partition grew, or turned out never to, and says whether one did before the deadline; one
    /// that never will is not waited for again. Cancel safe.
    pub(super) async fn grown(&self, deadline: Instant, ended: &mut BTreeSet<usize>) -> bool {
        let open: Vec<_> = self.ends.iter().filter(|(place, ..)| !ended.contains(place)).collect();
        let grown = open.iter().map(|(_, partition, end)| partition.readable(*end)).collect();
        let first = tokio::time::timeout_at(deadline, waiting::first(grown)).await;
        if let Ok((index, false)) = first {
            ended.extend(open.get(index).map(|(place, ..)| *place));
        }
        first.is_ok()
    }

    fn read_one(
        &self,
        core: &Core,
        topic: Option<&Topic>,
        wanted: &Wanted,
        limits: Limits,
    ) -> Result<Outcome, ErrorCode> {
        let partition = topic.ok_or_else(|| unknown(core, wanted))?.partition(wanted.partition);
        let partition =
            partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?.ok_or(ErrorCode::KAFKA_STORAGE_ERROR)?;
        check_leader_epoch(wanted.current_leader_epoch, partition.leader_epoch())?;
        if limits.from_follower {
            // A single node has no followers. One that knows of this epoch must know of a newer one.
            let knows = wanted.current_leader_epoch >= 0;
            return Err(if knows {
                ErrorCode::UNKNOWN_LEADER_EPOCH
            } else {
                ErrorCode::NOT_LEADER_OR_FOLLOWER
            });
        }
        if wanted.last_fetched_epoch >= 0 {
            let offsets = partition.offsets();
            if let Some((epoch, end)) = diverging(partition, wanted, offsets)? {
                return Ok(Outcome::Diverging(offsets, epoch, end));
            }
        }
        let bytes_max = self.bytes_max(wanted, limits);
        let reading = partition.read(wanted.fetch_offset, bytes_max, self.bytes == 0, limits.isolation);
        Ok(Outcome::Read(Arc::clone(partition), reading))
    }

    /// What may still be read of a partition.
    fn bytes_max(&self, wanted: &Wanted, limits: Limits) -> usize {
        let left = limits.bytes_max.saturating_sub(self.bytes);
        usize::try_from(wanted.max_bytes).unwrap_or(0).min(left)
    }

    fn answer(
        &mut self,
        one: &Wanted,
        limits: Limits,
        partition: Arc<dyn Partition>,
        read: Result<Read, ErrorCode>,
    ) {
        match read {
            Ok(Read { records, offsets, aborted }) => {
                let is_cut = records.is_empty()
                    && one.fetch_offset < offsets.last_stable
                    && self.bytes_max(one, limits) > 0;
                self.bytes += records.len();
                self.ends.push((self.answers.len(), partition, offsets.high_watermark));
                let mut answer = answer(one, limits, offsets, records);
                if let Some(told) = &mut answer.aborted_transactions {
                    told.extend(aborted.into_iter().map(aborted_transaction));
                }
                if is_cut {
                    answer.aborted_transactions = None; // Kafka throws away what it read: no whole batch
                }
                self.answers.push(answer);
            }
            Err(code) => self.fail(one, limits, code),
        }
    }

    fn fail(&mut self, one: &Wanted, limits: Limits, code: ErrorCode) {
        let nowhere = Offsets { log_start: -1, high_watermark: -1, last_stable: -1, log_end: -1 };
        let mut answer = answer(one, limits, nowhere, Records::EMPTY);
        answer.error_code = code;
        // As Kafka says it: none where nothing was looked for, nothing where the log had no answer.
        let is_unknown = matches!(code, ErrorCode::UNKNOWN_TOPIC_ID | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        answer.aborted_transactions = is_unknown.then(Vec::new);
        self.urgent = true;
        self.answers.push(answer);
    }
}

/// Whether there is such a partition.
pub(super) fn is_there(core: &Core, one: &Wanted) -> bool {
    find(core, &one.topic).is_some_and(|topic| topic.partition(one.partition).is_some())
}

/// What is said of a topic that is not there. One that went by its id, and that a session has seen, is known by its
/// name, which another topic may bear by now.
fn unknown(core: &Core, wanted: &Wanted) -> ErrorCode {
    let Some(name) = &wanted.known_as else {
        return match wanted.topic {
            TopicKey::Id(_) => ErrorCode::UNKNOWN_TOPIC_ID,
            TopicKey::Name(_) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        };
    };
    let other = core.directory.by_name(name);
    match other.is_some_and(|other| other.partition(wanted.partition).is_some()) {
        true => ErrorCode::INCONSISTENT_TOPIC_ID,
        false => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    }
}

fn find(core: &Core, key: &TopicKey) -> Option<Arc<Topic>> {
    match key {
        TopicKey::Name(name) => core.directory.by_name(name),
        TopicKey::Id(id) => core.directory.by_id(*id),
    }
}

fn answer(one: &Wanted, limits: Limits, offsets: Offsets, records: Records<FileRange>) -> PartitionAnswer {
    let mut answer = PartitionAnswer::default();
    answer.partition_index = one.partition;
    answer.high_watermark = offsets.high_watermark;
    answer.last_stable_offset = offsets.last_stable;
    answer.log_start_offset = offsets.log_start;
    answer.preferred_read_replica = -1;
    answer.aborted_transactions = (limits.isolation == Isolation::ReadCommitted).then(Vec::new);
    answer.records = Some(records);
    answer
}

fn aborted_transaction(aborted: AbortedTransaction) -> messages::AbortedTransaction {
    let mut told = messages::AbortedTransaction::default();
    (told.producer_id, told.first_offset) = (aborted.producer_id, aborted.first_offset.0);
    told
}

/// Whether the client and the broker agree on who leads (KIP-320).
pub(in crate::api) fn check_leader_epoch(theirs: i32, ours: i32) -> Result<(), ErrorCode> {
    match theirs {
        ..0 => Ok(()),
        older if older < ours => Err(ErrorCode::FENCED_LEADER_EPOCH),
        newer if newer > ours => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
        _ => Ok(()),
    }
}

/// Where the reader's history parts from the log's (KIP-595).
fn diverging(
    partition: &Arc<dyn Partition>,
    wanted: &Wanted,
    offsets: Offsets,
) -> Result<Option<(i32, i64)>, ErrorCode> {
    let known = partition.epoch_end_offset(wanted.last_fetched_epoch);
    let (epoch, end) = known.ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
    if wanted.fetch_offset < offsets.log_start {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    let parts = epoch < wanted.last_fetched_epoch || end < wanted.fetch_offset;
    Ok(parts.then_some((epoch, end)))
}
