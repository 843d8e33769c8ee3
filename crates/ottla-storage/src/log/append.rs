//! Appending: check, number, write, publish.
//!
//! One append at a time has the [`Writer`]; it holds it over the start of the write, so that
//! batches lie in the file in the order of their offsets. What was written is then entered into the
//! account of [`super::commit`], which decides when it is visible.

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::records::{
    BATCH_HEADER_LEN, Batch, BatchError, BatchHeader, BatchOrigin, InvalidBatch, ValidBatch, ValidateRules,
    validate,
};

use super::Core;
use super::checkpoint::overwrite;
use super::commit::{Point, Publish, wake};
use super::room::Roomy;
use super::writer::{Active, InFlight, Rules, Writer};
use crate::config::LogConfig;
use crate::disk::{Completion, Started};
use crate::error::AppendError;
use crate::files::PartitionMetadata;
use crate::lock::lock;
use crate::offset::Offset;
use crate::producers::{Origin, Terms, TransactionGuard};
use crate::segment::Segment;
use crate::segment::roll::{self, Filling, Waiting};
use crate::segment::walk::{BATCH_BYTES_MAX, len_u32};
use crate::tail::{TailBatch, TailOwner};

/// How batches are to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppendOptions {
    /// Epoch of the leader that appends; it is written into each batch. Default 0.
    pub leader_epoch: i32,
    /// Whose batches they are. Default [`Origin::Client`].
    pub origin: Origin,
    /// Unix milliseconds now: the time of records under `LogAppendTime`, and what the limits on the
    /// timestamps of others are measured from.
    pub now_ms: i64,
    /// The version of transactions that the coordinator which sends a marker speaks, Kafka's `transaction.version`: from 2 on
    /// (KIP-890) a marker raises the epoch of its producer, and one that does not is refused. Default 0.
    pub transaction_version: i16,
    /// What the log knew of the transaction before its coordinator was asked. Default nothing: whoever appends knows
    /// by itself that the transaction is open.
    pub guard: Option<TransactionGuard>,
    /// Whether a producer of whom nothing is known has to begin with sequence 0, as those that speak version 2 of transactions do
    /// (KIP-890). Default no: what was known of it may have expired.
    pub begins_at_zero: bool,
}

impl AppendOptions {
    /// A client's batches, appended at `now_ms` by the leader of epoch 0.
    #[must_use]
    pub const fn new(now_ms: i64) -> Self {
        Self {
            leader_epoch: 0,
            origin: Origin::Client,
            now_ms,
            transaction_version: 0,
            guard: None,
            begins_at_zero: false,
        }
    }

    /// The same, by the leader of another epoch.
    #[must_use]
    pub const fn with_leader_epoch(mut self, leader_epoch: i32) -> Self {
        self.leader_epoch = leader_epoch;
        self
    }

    /// The same, for somebody else's batches.
    #[must_use]
    pub const fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The same, for markers of a coordinator that speaks this version of transactions.
    #[must_use]
    pub const fn with_transaction_version(mut self, transaction_version: i16) -> Self {
        self.transaction_version = transaction_version;
        self
    }

    /// The same, of a transaction that has not ended since the guard was taken.
    #[must_use]
    pub const fn with_guard(mut self, guard: TransactionGuard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// The same, of a producer that begins with sequence 0 where nothing is known of it.
    #[must_use]
    pub const fn with_begins_at_zero(mut self) -> Self {
        self.begins_at_zero = true;
        self
    }
}

/// Where batches were appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: Offset,
    /// Offset of the last record.
    pub last_offset: Offset,
    /// The time that the records were given, in Unix milliseconds; -1 when they keep their own.
    /// For a duplicate, the greatest timestamp of the batch that was written then.
    pub log_append_time_ms: i64,
    /// The first offset of the log.
    pub log_start_offset: Offset,
    /// Whether every batch had been written before, so that nothing was appended now.
    pub duplicate: bool,
    pub(crate) generation: usize,
}

impl Appended {
    /// The offset behind the last record.
    #[must_use]
    pub const fn end(&self) -> Offset {
        self.last_offset.next()
    }
}

impl Core {
    pub(super) fn append(&self, records: &Bytes, options: &AppendOptions) -> Result<Appended, AppendError> {
        let config = self.config();
        let mut rest = records.clone();
        let first = next_batch(&mut rest, &config, options)?.ok_or(AppendError::Empty)?;
        let mut more = Vec::new();
        while let Some(batch) = next_batch(&mut rest, &config, options)? {
            more.push(batch);
        }
        let reserve = &self.shared.reserve;
        if reserve.is_short() && !config.uses_reserve && !reserve.fill() {
            let (attempt, path) = ("write", self.dir.to_path_buf());
            return Err(AppendError::Write { attempt, path, source: Arc::new(reserve.refusal()) });
        }
        if config.hands_over {
            self.shared.handed_over.check()?;
        }
        let mut writer = lock(&self.writer);
        let rules = self.rules(&mut writer, &config, options)?;
        let start_offset = writer.next_offset;
        let mut answer = None;
        for batch in std::iter::once(&first).chain(&more) {
            if let Err(error) = writer.take(batch, &rules, &mut answer) {
                writer.give_up(start_offset);
                return Err(error);
            }
        }
        let answer = answer.ok_or(AppendError::Empty)?;
        if answer.duplicate {
            return Ok(answer);
        }
        let mut written = self.write(&mut writer, &rules, start_offset);
        while config.uses_reserve && written.as_ref().is_err_and(AppendError::is_full) && reserve.give() {
            written = self.write(&mut writer, &rules, start_offset);
        }
        if let Err(error) = written {
            writer.give_up(start_offset);
            return Err(error);
        }
        drop(writer);
        self.settle();
        Ok(answer)
    }

    /// What holds for this append; an error when the log takes none. Mends what an earlier write
    /// that failed left behind.
    fn rules<'a>(
        &self,
        writer: &mut Writer,
        config: &'a LogConfig,
        options: &AppendOptions,
    ) -> Result<Rules<'a>, AppendError> {
        let mut state = lock(&self.state);
        if state.stopped {
            return Err(AppendError::Gone(self.name.clone()));
        }
        if state.broken.is_some() {
            state = self.mend(writer, state)?;
        }
        if let Some(source) = &state.failed {
            return Err(AppendError::Closed { log: self.name.clone(), source: Arc::clone(source) });
        }
        if let Some(current) = state.epochs.latest().filter(|current| options.leader_epoch < *current) {
            return Err(AppendError::FencedLeader { epoch: options.leader_epoch, current });
        }
        let oldest = state.oldest_token();
        while writer.in_flight.front().is_some_and(|front| oldest.is_none_or(|oldest| front.token < oldest)) {
            writer.in_flight.pop_front();
        }
        Ok(Rules {
            config,
            leader_epoch: options.leader_epoch,
            terms: Terms {
                origin: options.origin,
                guard: options.guard,
                begins_at_zero: options.begins_at_zero,
            },
            log_start: state.log_start,
            generation: state.losses.len(),
            now_ms: options.now_ms,
            transaction_version: options.transaction_version,
        })
    }

    /// Writes the prepared batches and publishes them.
    fn write(&self, writer: &mut Writer, rules: &Rules<'_>, start_offset: i64) -> Result<(), AppendError> {
        let len: usize = writer.batches.iter().map(TailBatch::len).sum();
        let limit = rules.config.segment_bytes.min(LogConfig::SEGMENT_BYTES_MAX) as usize;
        if len > limit {
            return Err(AppendError::LargerThanSegment { size: len, limit });
        }
        self.clear_leftover(writer)?;
        self.make_room(writer, rules, start_offset, len)?;
        let Writer { active: Some(active), batches, next_token, .. } = &mut *writer else {
            unreachable!("making room opens a segment");
        };
        let token = *next_token;
        *next_token += 1;
        let done: Arc<dyn Completion> = self.me();
        let position = active.position;
        // Where nothing is left for a full disk, who appends is to be told at once.
        let hands_over = rules.config.hands_over && !self.shared.reserve.is_used_up();
        let started = match batches.as_slice() {
            batches if hands_over => self.hand_over(&active.file, batches, u64::from(position), token),
            [batch] => {
                let parts = [IoSlice::new(&batch.header), IoSlice::new(&batch.body)];
                active.file.write_at(&parts, u64::from(position), token, &done)
            }
            batches => {
                let parts = batches.iter().flat_map(|batch| [batch.header.as_slice(), &batch.body]);
                let parts: Vec<_> = parts.map(IoSlice::new).collect();
                active.file.write_at(&parts, u64::from(position), token, &done)
            }
        };
        let done = match started {
            Started::Now(Ok(())) => true,
            Started::Now(Err(error)) => return Err(self.write_failed(active, error)),
            Started::Later => false,
        };
        self.publish(writer, rules, start_offset, Written { token, len, done });
        Ok(())
    }

    /// Enters what was written, or is being written, where readers and waiters look.
    fn publish(&self, writer: &mut Writer, rules: &Rules<'_>, start_offset: i64, written: Written) {
        let Writer { active: Some(active), batches, undo, ended, in_flight, next_offset, producers, .. } =
            &mut *writer
        else {
            unreachable!("something was written to it");
        };
        let base = active.segment.base_offset();
        let start = Point { offset: start_offset, base, position: active.position };
        let newest = active.segment.state().newest;
        if let Some(first) = batches.first() {
            active.segment.appends_at(rules.now_ms, first.max_timestamp);
        }
        for batch in batches.iter() {
            let len = len_u32(batch.len());
            let indexed = active.index.is_due(len, rules.config.index_interval_bytes);
            active.segment.appended(batch.last_offset, batch.max_timestamp, len, indexed);
            active.position += len;
        }
        ended.iter().filter_map(|ended| ended.aborted).for_each(|entry| active.segment.aborted(entry));
        let end = Point { offset: *next_offset, base, position: active.position };
        if written.done {
            undo.clear();
        } else {
            in_flight.push_back(InFlight { token: written.token, start, newest, undo: std::mem::take(undo) });
        }
        let keeps = self.shared.tails.takes(written.len);
        let mut begun = 0;
        let mut woken = Vec::new();
        {
            let mut state = lock(&self.state);
            state.unsynced_since_ms.get_or_insert(rules.now_ms);
            state.epochs.assign(rules.leader_epoch, start_offset);
            state.first_unstable = producers.first_unstable();
            state.ended.extend(ended.drain(..).map(|ended| (ended.marker, ended.first_offset)));
            if !keeps {
                state.tail.clear();
            }
            for batch in batches.drain(..).filter(|_| keeps) {
                begun += usize::from(state.tail.push(batch));
            }
            let (token, len, done) = (written.token, written.len as u64, written.done);
            state.publish(Publish { token, start, end, len, done }, &mut woken);
        }
        wake(woken);
        if begun > 0 {
            let owner: std::sync::Weak<dyn TailOwner> = self.me.clone();
            self.shared.tails.make_room(&owner, begun);
        }
    }

    /// Makes sure that there is an active segment with room for `len` bytes.
    fn make_room(
        &self,
        writer: &mut Writer,
        rules: &Rules<'_>,
        start_offset: i64,
        len: usize,
    ) -> Result<(), AppendError> {
        let config = rules.config;
        let failed = |attempt, path: PathBuf| {
            move |source: io::Error| AppendError::Write { attempt, path, source: Arc::new(source) }
        };
        let Some(active) = &mut writer.active else {
            writer.active = Some(
                self.first_segment(config, start_offset).map_err(failed("create", self.dir.to_path_buf()))?,
            );
            return Ok(());
        };
        let jitter_ms = active.jitter_ms(config, &self.shared.env);
        let (filling, waiting) = {
            let state = active.segment.state();
            let filling = Filling {
                base_offset: active.segment.base_offset(),
                len: active.position,
                index_full: state.index.as_ref().is_some_and(|index| index.is_full(config.index_bytes)),
                add: len,
                last_offset: writer.next_offset - 1,
            };
            let newest_add = writer.batches.iter().map(|batch| batch.max_timestamp).max().unwrap_or(-1);
            (filling, Waiting { now_ms: rules.now_ms, newest_add, begun: state.begun(), jitter_ms })
        };
        let is_too_old = filling.len > 0 && roll::is_too_old(&waiting, config);
        if is_too_old || roll::is_due(&filling, config) {
            let next = self.create_segment(config, start_offset);
            let next = next.map_err(failed("create the next segment in", self.dir.to_path_buf()))?;
            self.roll(writer, Arc::new(next)).map_err(failed("roll", self.dir.to_path_buf()))?;
        }
        Ok(())
    }

    /// Creates the folder of a log that was never written to, with its first segment. Their entries
    /// become durable with the first sync.
    fn first_segment(&self, config: &LogConfig, base_offset: i64) -> io::Result<Active> {
        let disk = &self.shared.disk;
        match disk.create_dir(&self.dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let metadata = PartitionMetadata { topic_id: self.topic_id() }.format();
        let metadata = overwrite(disk.as_ref(), &self.dir.join(PartitionMetadata::FILE), &metadata)?;
        let segment = Arc::new(self.create_segment(config, base_offset)?);
        segment.report_to(&self.shared.findings);
        let file = segment.file()?;
        let parent = self.dir.parent().unwrap_or(std::path::Path::new("")).to_path_buf();
        lock(&self.state).add_segment(Arc::clone(&segment), [metadata], [self.dir.to_path_buf(), parent]);
        Ok(Active::new(segment, file))
    }

    /// Closes the active segment and goes on with `next`.
    pub(super) fn roll(&self, writer: &mut Writer, next: Arc<Segment>) -> io::Result<()> {
        next.report_to(&self.shared.findings);
        let file = next.file()?;
        let active = Active::new(Arc::clone(&next), file);
        let Some(closed) = writer.active.replace(active) else { return Ok(()) };
        closed.segment.seal();
        lock(&self.state).add_segment(Arc::clone(&next), [closed.file], [self.dir.to_path_buf()]);
        // The batches of this append are counted already, but stand behind the roll.
        let mut producers = writer.producers.clone();
        for undo in writer.undo.iter().rev() {
            producers.undo(undo);
        }
        closed.segment.state().aborted.close(producers.first_unstable());
        self.write_caches(&closed.segment, &producers, next.base_offset());
        if closed.segment.state().reserved > 0 {
            writer.roomy.push(Roomy { token: writer.next_token, segment: closed.segment });
            self.give_back(writer);
        }
        Ok(())
    }
}

/// A write that was started.
struct Written {
    token: u64,
    len: usize,
    done: bool,
}

/// The next batch, held against the rules that need no log; an error when there are bytes but no
/// whole batch.
fn next_batch(
    rest: &mut Bytes,
    config: &LogConfig,
    options: &AppendOptions,
) -> Result<Option<(Batch, ValidBatch)>, InvalidBatch> {
    if rest.is_empty() {
        return Ok(None);
    }
    let Some(batch) = Batch::split_first(rest)? else {
        let needed = BatchHeader::parse(rest).map_or(BATCH_HEADER_LEN, |header| header.size());
        return Err(BatchError::Truncated { field: "batch", needed, remaining: rest.len() }.into());
    };
    let mut rules = ValidateRules::default();
    rules.origin = match options.origin {
        Origin::Client => BatchOrigin::Client,
        Origin::Coordinator => BatchOrigin::Broker,
    };
    rules.message_bytes_max = config.max_message_bytes.min(BATCH_BYTES_MAX);
    rules.timestamp_type = config.timestamp_type;
    rules.now = options.now_ms;
    rules.timestamp_before_max = config.timestamp_before_max_ms;
    rules.timestamp_after_max = config.timestamp_after_max_ms;
    rules.compacted = config.requires_keys;
    let valid = validate(&batch, &rules)?;
    Ok(Some((batch, valid)))
}
