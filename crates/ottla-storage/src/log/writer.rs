//! What the one who appends holds: the next offset, the producers, the active segment, and the
//! batches of the append that is being prepared.
//!
//! Batches are numbered and given their headers here; writing them is in [`super::append`].

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use ottla_protocol::records::{Batch, InvalidBatch, TimestampType, ValidBatch};

use ottla_env::Env;

use super::Found;
use super::append::Appended;
use super::commit::Point;
use super::replay::{claim, end_marker};
use super::room::Roomy;
use crate::aborted::AbortedEntry;
use crate::config::LogConfig;
use crate::disk::File;
use crate::error::AppendError;
use crate::index::TimeEntry;
use crate::offset::Offset;
use crate::planted;
use crate::producers::{Producers, Terms, Undo, Verdict};
use crate::segment::Segment;
use crate::segment::index_files::IndexBuilder;
use crate::tail::TailBatch;

/// What only the one who appends uses.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) next_offset: i64,
    pub(crate) producers: Producers,
    pub(super) active: Option<Active>,
    pub(super) next_token: u64,
    /// Writes in flight and how to take them back, oldest first.
    pub(super) in_flight: VecDeque<InFlight>,
    /// Closed segments with room that is to be given back.
    pub(super) roomy: Vec<Roomy>,
    /// Kept between appends, so that they need not allocate.
    pub(super) batches: Vec<TailBatch>,
    pub(super) undo: Vec<Undo>,
    /// Transactions that the append being prepared ends.
    pub(super) ended: Vec<Ended>,
}

/// A transaction that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// Offset of its marker.
    pub(super) marker: i64,
    /// Offset of its first record.
    pub(super) first_offset: i64,
    /// What is told of it when it was aborted.
    pub(super) aborted: Option<AbortedEntry>,
}

/// The segment that is written to.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) segment: Arc<Segment>,
    pub(super) file: Arc<dyn File>,
    pub(super) position: u32,
    pub(super) index: IndexBuilder,
    /// Behind the position stands what a failed write left.
    pub(super) has_leftover: bool,
    /// What part of `segment_jitter_ms` it is closed early, of 2^32; drawn when it is first asked for.
    jitter: Option<u32>,
}

impl Active {
    pub(super) fn new(segment: Arc<Segment>, file: Arc<dyn File>) -> Self {
        Self { segment, file, position: 0, index: IndexBuilder::default(), has_leftover: false, jitter: None }
    }

    /// A segment that holds batches, and is written to from now on.
    pub(super) fn resume(segment: Arc<Segment>) -> io::Result<Self> {
        let (position, since_entry) = {
            let state = segment.state();
            let indexed = state.index.as_ref().and_then(crate::index::Index::last_offset);
            (state.len, state.len - indexed.map_or(0, |entry| entry.position))
        };
        let file = segment.file()?;
        Ok(Self { position, index: IndexBuilder::resume(since_entry), ..Self::new(segment, file) })
    }

    /// By how much it is closed early.
    pub(super) fn jitter_ms(&mut self, config: &LogConfig, env: &Env) -> i64 {
        let most = config.segment_jitter_ms.min(config.segment_ms);
        if most <= 0 {
            return 0;
        }
        let drawn = *self.jitter.get_or_insert_with(|| (env.rng().next_u64() >> 32) as u32);
        i64::try_from((i128::from(most) * i128::from(drawn)) >> 32).unwrap_or(0)
    }
}

#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) token: u64,
    pub(super) start: Point,
    pub(super) newest: Option<TimeEntry>,
    pub(super) undo: Vec<Undo>,
}

impl Writer {
    pub(crate) fn new(found: &Found) -> Self {
        // A segment that cannot be opened now is opened, or fails, with the first append.
        let active = found.segments.last().and_then(|segment| Active::resume(Arc::clone(segment)).ok());
        Self {
            next_offset: found.log_end,
            producers: found.producers.clone(),
            active,
            next_token: 0,
            in_flight: VecDeque::new(),
            roomy: Vec::new(),
            batches: Vec::new(),
            undo: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Takes one batch into the append that is being prepared.
    pub(super) fn take(
        &mut self,
        (batch, valid): &(Batch, ValidBatch),
        rules: &Rules<'_>,
        into: &mut Option<Appended>,
    ) -> Result<(), AppendError> {
        let header = batch.header();
        let timestamp = valid.max_timestamp;
        let base_offset = self.next_offset;
        let delta = i64::from(header.last_offset_delta);
        let Some(next_offset) = base_offset.checked_add(delta + 1) else {
            return Err(AppendError::OffsetsExhausted(Offset(base_offset)));
        };
        if header.has_producer_id() {
            if header.attributes.is_control() {
                if let Some(marker) = end_marker(batch).map_err(InvalidBatch::from)? {
                    let (id, epoch) = (header.producer_id, header.producer_epoch);
                    let coordinator_epoch = marker.coordinator_epoch;
                    self.producers.check_marker(id, epoch, coordinator_epoch, rules.transaction_version)?;
                    let (undo, first) = self.producers.apply_marker(
                        id,
                        epoch,
                        coordinator_epoch,
                        timestamp,
                        Some(base_offset),
                    );
                    self.undo.push(undo);
                    if let Some(first_offset) = first {
                        let open_from = self.producers.first_unstable();
                        let entry = || AbortedEntry::new(first_offset, id, base_offset, open_from);
                        let aborted = (!marker.committed).then(entry);
                        self.ended.push(Ended { marker: base_offset, first_offset, aborted });
                    }
                }
            } else {
                let claim = claim(header, timestamp);
                if let Verdict::Duplicate(found) = self.producers.check(&claim, &rules.terms)? {
                    rules.answer(into, found.first_offset(), found.last_offset, found.timestamp, true);
                    return Ok(());
                }
                self.undo.push(self.producers.apply(&claim, base_offset));
            }
        }
        let edit = valid.header_edit(batch, base_offset, rules.leader_epoch);
        if self.batches.capacity() == 0 {
            self.batches.reserve_exact(1);
        }
        self.batches.push(TailBatch {
            base_offset,
            last_offset: next_offset - 1,
            max_timestamp: timestamp,
            header: edit.finish(),
            body: batch.body(),
        });
        self.next_offset = next_offset;
        let log_append_time = match valid.timestamp_type {
            TimestampType::LogAppendTime => timestamp,
            TimestampType::CreateTime => -1,
        };
        rules.answer(into, base_offset, next_offset - 1, log_append_time, false);
        Ok(())
    }

    /// Gives back the memory that it keeps for the next appends.
    pub(super) fn rest(&mut self) {
        self.batches = Vec::new();
        self.undo = Vec::new();
        self.ended = Vec::new();
        self.in_flight.shrink_to_fit();
    }

    /// Gives up the append that was being prepared.
    pub(super) fn give_up(&mut self, next_offset: i64) {
        self.next_offset = next_offset;
        self.batches.clear();
        self.ended.clear();
        if planted::is("failed_write_remembered") {
            self.undo.clear();
        }
        for undo in self.undo.drain(..).rev() {
            self.producers.undo(&undo);
        }
    }
}

/// What all batches of one append are held to.
pub(super) struct Rules<'a> {
    pub(super) config: &'a LogConfig,
    pub(super) leader_epoch: i32,
    pub(super) terms: Terms,
    pub(super) log_start: i64,
    pub(super) generation: usize,
    pub(super) now_ms: i64,
    pub(super) transaction_version: i16,
}

impl Rules<'_> {
    /// Adds one batch to the answer for all of them.
    fn answer(&self, into: &mut Option<Appended>, base: i64, last: i64, time: i64, duplicate: bool) {
        let answer = into.get_or_insert(Appended {
            base_offset: Offset(base),
            last_offset: Offset(last),
            log_append_time_ms: time,
            log_start_offset: Offset(self.log_start),
            duplicate,
            generation: self.generation,
        });
        answer.last_offset = answer.last_offset.max(Offset(last));
        answer.duplicate &= duplicate;
    }
}
