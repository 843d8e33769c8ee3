//! What is written, synced and visible, and the syncs that move it on.
//!
//! # Group commit
//!
//! At most one *round* of syncs is in flight per log. It covers what was written when it began;
//! who appends meanwhile is covered by the next, which begins as soon as this one ends. So one sync
//! serves everybody who waited for it. A round first syncs the files of segments that were closed
//! since the last one, then the active one, then the folders whose entries changed; only when all
//! of that has gone well does the synced point move. Between the moment when the active file's sync was started and that when
//! it begins, more may be written: that is covered too, and where more is expected ([`Crowd`]) the sync waits for it a little.
//!
//! Under [`Durability::Fsync`] every append asks for a round; under [`Durability::Os`] only a
//! checkpoint does, and every [`BACKGROUND_SYNC_BYTES`].
//!
//! # Failure
//!
//! A sync that failed is not tried again, because the kernel may have dropped the pages it could
//! not write: the log takes no more appends until it is opened anew, and what was visible stays
//! readable. A write that failed is taken back, and the log goes on.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::crowd::Crowd;
use super::{Core, Found, LogOffsets};
use crate::config::{Durability, LogConfig};
use crate::disk::{Completion, File, Started};
use crate::epochs::Epochs;
use crate::lock::lock;
use crate::offset::Offset;
use crate::planted;
use crate::segment::Segment;
use crate::tail::{Tail, TailBudget, TailOwner};
use crate::waiters::Waiters;

/// Bytes written without a sync above which one is started in the background (`os` durability),
/// and bytes synced above which the owner is asked for a checkpoint.
pub(crate) const BACKGROUND_SYNC_BYTES: u64 = 64 * 1024 * 1024;

/// Token of all operations of a sync round; writes count from 0.
const SYNC_TOKEN: u64 = u64::MAX;

/// A place between two batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// The offset of the next record.
    pub(crate) offset: i64,
    /// Base offset of the segment that ends or goes on here.
    pub(crate) base: i64,
    /// Position in its file.
    pub(crate) position: u32,
}

/// The shared account of a log. Its lock is held for moments only, never over IO.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) log_start: i64,
    pub(crate) log_end: i64,
    pub(crate) written: Point,
    pub(crate) synced: Point,
    pub(crate) visible: Point,
    pub(crate) segments: BTreeMap<i64, Arc<Segment>>,
    pub(crate) epochs: Epochs,
    /// Where the oldest transaction began that is open at the end of the log.
    pub(crate) first_unstable: Option<i64>,
    /// Transactions whose marker is not visible yet: its offset, and where they began. Readers take them for open.
    pub(crate) ended: VecDeque<(i64, i64)>,
    pub(crate) tail: Tail,
    pub(crate) on_written: Waiters,
    pub(crate) on_synced: Waiters,
    pub(crate) on_visible: Waiters,
    /// Why no more is appended, until the log is opened anew.
    pub(crate) failed: Option<Arc<io::Error>>,
    /// No more is appended, because the log is being removed or closed.
    pub(crate) stopped: bool,
    /// The log was removed or closed.
    pub(crate) gone: bool,
    /// Where the log was cut back because a write failed, each time.
    pub(crate) losses: Vec<i64>,
    /// The place to which the writer has to take back, before it appends again.
    pub(crate) broken: Option<Point>,
    /// Writes that have not completed, or not in order.
    pending: VecDeque<Pending>,
    /// Completions that came before the write was entered into `pending`.
    early: Vec<(u64, io::Result<()>)>,
    round: Option<Round>,
    /// Who appends, and waits for a round.
    crowd: Crowd,
    /// Files of closed segments, and of the folder itself, that no sync has covered yet.
    /// Each with the base offset of its segment.
    unsynced_files: Vec<(i64, Arc<dyn File>)>,
    /// Folders with entries that no sync has covered yet.
    unsynced_dirs: Vec<PathBuf>,
    /// A sync up to here was asked for.
    sync_wanted: i64,
    /// Where the log ended, and in which segment, when a clean shutdown completed the index.
    closed_at: Option<(i64, i64)>,
    /// Where the log ended, and in which segment, when it was opened.
    opened_at: Option<(i64, i64)>,
    bytes_since_sync: u64,
    bytes_since_checkpoint: u64,
    /// The clock at the first append that no round of syncs has begun to cover.
    pub(crate) unsynced_since_ms: Option<i64>,
}

/// A write in flight.
#[derive(Debug)]
struct Pending {
    token: u64,
    start: Point,
    end: Point,
    len: u64,
    done: bool,
}

/// One round of syncs.
#[derive(Debug)]
struct Round {
    target: Point,
    bytes: u64,
    closed: Vec<Arc<dyn File>>,
    active: Option<Arc<dyn File>>,
    dirs: Vec<PathBuf>,
}

enum SyncStep {
    File(Arc<dyn File>),
    Dir(PathBuf),
}

impl Round {
    fn next_step(&mut self) -> Option<SyncStep> {
        // `closed` is in reverse, so that the oldest is popped first.
        let file = self.closed.pop().or_else(|| self.active.take());
        file.map(SyncStep::File).or_else(|| self.dirs.pop().map(SyncStep::Dir))
    }
}

/// What an append has to tell the account.
pub(crate) struct Publish {
    pub(crate) token: u64,
    pub(crate) start: Point,
    pub(crate) end: Point,
    pub(crate) len: u64,
    /// Whether the write has completed already.
    pub(crate) done: bool,
}

impl State {
    pub(crate) fn new(found: Found, unsynced_dir: Option<PathBuf>, tails: &Arc<TailBudget>) -> Self {
        let (base, position) =
            found.segments.last().map_or((0, 0), |last| (last.base_offset(), last.state().len));
        let end = Point { offset: found.log_end, base, position };
        // What lies behind the recovery point was read back, but may not be on stable storage yet.
        let synced = Point { offset: found.recovery_point.min(found.log_end), ..end };
        // Also of the segment that ends there: that what a failed write left in it was cut off.
        let closed = found.segments.windows(2).filter(|pair| pair[1].base_offset() >= synced.offset);
        let unsynced_files =
            closed.filter_map(|pair| Some((pair[0].base_offset(), pair[0].file().ok()?))).collect();
        let mut epochs = found.epochs;
        epochs.shrink();
        Self {
            opened_at: found.segments.last().map(|last| (found.log_end, last.base_offset())),
            closed_at: found.is_clean.then_some((end.offset, end.base)),
            log_start: found.log_start,
            log_end: found.log_end,
            written: end,
            synced,
            visible: end,
            segments: found.segments.into_iter().map(|segment| (segment.base_offset(), segment)).collect(),
            first_unstable: found.producers.first_unstable(),
            ended: VecDeque::new(),
            epochs,
            tail: Tail::new(tails),
            on_written: Waiters::default(),
            on_synced: Waiters::default(),
            on_visible: Waiters::default(),
            failed: None,
            stopped: false,
            gone: false,
            losses: Vec::new(),
            broken: None,
            pending: VecDeque::new(),
            early: Vec::new(),
            round: None,
            crowd: Crowd::default(),
            unsynced_files,
            unsynced_dirs: unsynced_dir.into_iter().collect(),
            sync_wanted: 0,
            bytes_since_sync: 0,
            bytes_since_checkpoint: 0,
            unsynced_since_ms: None,
        }
    }

    pub(crate) fn offsets(&self) -> LogOffsets {
        let is_early = planted::is("high_watermark_before_durable");
        let high_watermark = if is_early { self.written.offset } else { self.visible.offset };
        LogOffsets {
            log_start: Offset(self.log_start),
            high_watermark: Offset(high_watermark),
            last_stable: Offset(self.last_stable()),
            log_end: Offset(self.log_end),
            leader_epoch: self.epochs.latest().unwrap_or(-1),
        }
    }

    pub(crate) fn last_stable(&self) -> i64 {
        let visible = self.visible.offset;
        let ended = self.ended.iter().filter(|(marker, _)| *marker >= visible).map(|(_, first)| *first);
        // A transaction may have begun below what is left of the log.
        let first = ended.chain(self.first_unstable).min().map(|first| first.max(self.log_start));
        first.map_or(visible, |first| first.min(visible))
    }

    /// Gives back the memory of the newest batches, and what is kept for the next ones.
    pub(crate) fn rest(&mut self) {
        self.tail.clear();
        for waiters in [&mut self.on_written, &mut self.on_synced, &mut self.on_visible] {
            waiters.shrink();
        }
        self.pending.shrink_to_fit();
        self.early = Vec::new();
        self.ended.shrink_to_fit();
        self.unsynced_files.shrink_to_fit();
        self.unsynced_dirs.shrink_to_fit();
        self.epochs.shrink();
    }

    /// Enters the file and folder entries of a segment that follows a closed one, or of the first.
    pub(crate) fn add_segment(
        &mut self,
        segment: Arc<Segment>,
        unsynced_files: impl IntoIterator<Item = Arc<dyn File>>,
        unsynced_dirs: impl IntoIterator<Item = PathBuf>,
    ) {
        let closed = self.segments.keys().next_back().copied().unwrap_or(i64::MIN);
        self.unsynced_files.extend(unsynced_files.into_iter().map(|file| (closed, file)));
        for dir in unsynced_dirs {
            if !self.unsynced_dirs.contains(&dir) {
                self.unsynced_dirs.push(dir);
            }
        }
        self.segments.insert(segment.base_offset(), segment);
    }

    /// A segment was begun while nothing was being written: what has come to the end of the log stands at its start.
    pub(crate) fn begin_at_end(&mut self, offset: i64) {
        for point in [&mut self.written, &mut self.synced, &mut self.visible] {
            if point.offset == offset {
                *point = Point { offset, base: offset, position: 0 };
            }
        }
    }

    /// A segment has taken the place of others, all of which were visible, and is on stable storage: what stood somewhere
    /// in theirs stands at its end, because positions in their files mean nothing in its own.
    pub(crate) fn stand_in(&mut self, gone: &[i64], new: &Segment) {
        let (base, position) = (new.base_offset(), new.state().len);
        let target = self.round.as_mut().map(|round| &mut round.target);
        for point in [&mut self.written, &mut self.synced, &mut self.visible].into_iter().chain(target) {
            if gone.contains(&point.base) {
                *point = Point { base, position, ..*point };
            }
        }
    }

    /// Enters a write that was started.
    pub(crate) fn publish(&mut self, publish: Publish, woken: &mut Vec<Waker>) {
        let Publish { token, start, end, len, done } = publish;
        self.log_end = end.offset;
        woken.extend(self.crowd.comes());
        let early = self.early.iter().position(|(early, _)| *early == token);
        match early.map(|at| self.early.swap_remove(at).1) {
            None if done && self.pending.is_empty() => self.count_written(end, len),
            early => {
                self.pending.push_back(Pending { token, start, end, len, done });
                if let Some(result) = early {
                    self.write_completed(token, result, woken);
                }
            }
        }
    }

    fn count_written(&mut self, end: Point, len: u64) {
        self.written = end;
        self.bytes_since_sync += len;
    }

    fn write_completed(&mut self, token: u64, result: io::Result<()>, woken: &mut Vec<Waker>) {
        let Some(at) = self.pending.iter().position(|pending| pending.token == token) else {
            self.early.push((token, result));
            return;
        };
        self.pending[at].done = true;
        if result.is_err() {
            let start = self.pending[at].start;
            if self.broken.is_none_or(|broken| start.offset < broken.offset) {
                self.take_back(start, woken);
            }
        }
        while self.pending.front().is_some_and(|front| front.done) {
            let Some(front) = self.pending.pop_front() else { break };
            if self.broken.is_none_or(|broken| front.start.offset < broken.offset) {
                self.count_written(front.end, front.len);
            }
        }
    }

    /// Everything from `start` on will not be written; its offsets are given out anew.
    fn take_back(&mut self, start: Point, woken: &mut Vec<Waker>) {
        self.broken = Some(start);
        self.log_end = start.offset;
        self.losses.push(start.offset);
        self.tail.truncate(start.offset);
        self.epochs.truncate(start.offset);
        for waiters in [&mut self.on_written, &mut self.on_synced, &mut self.on_visible] {
            waiters.give_up(start.offset, woken);
        }
    }

    /// The segment of this base, and those behind it, which are part of the log no more.
    pub(crate) fn take_back_segments(&mut self, base: i64) -> (Option<Arc<Segment>>, Vec<Arc<Segment>>) {
        let newer: Vec<_> = self.segments.split_off(&(base + 1)).into_values().collect();
        if !newer.is_empty() {
            // It is synced as the active one.
            self.unsynced_files.retain(|(closed, _)| *closed < base);
        }
        (self.segments.get(&base).cloned(), newer)
    }

    /// Whether writes are in flight.
    pub(crate) fn is_writing(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The token of the oldest write in flight.
    pub(crate) fn oldest_token(&self) -> Option<u64> {
        self.pending.front().map(|pending| pending.token)
    }

    /// The first offset that an append of this generation lost, if it lost one below `end`.
    pub(crate) fn lost(&self, generation: usize, end: i64) -> Option<i64> {
        let losses = self.losses.get(generation..).unwrap_or_default();
        losses.iter().copied().min().filter(|from| *from < end)
    }

    /// Moves what is visible to where it may be by now.
    fn show(&mut self, durability: Durability, woken: &mut Vec<Waker>) {
        let visible = match durability {
            Durability::Fsync if planted::is("ack_before_sync") => self.written,
            Durability::Fsync => self.synced,
            Durability::Os => self.written,
        };
        if visible.offset > self.visible.offset && self.failed.is_none() {
            self.visible = visible;
            while self.ended.front().is_some_and(|(marker, _)| *marker < visible.offset) {
                self.ended.pop_front();
            }
        }
        self.on_written.reach(self.written.offset, woken);
        self.on_synced.reach(self.synced.offset, woken);
        self.on_visible.reach(self.visible.offset, woken);
    }

    /// Begins a round, if one is asked for and none is in flight.
    fn begin_round(&mut self, config: &LogConfig, woken: &mut Vec<Waker>) -> bool {
        if self.round.is_some() || self.failed.is_some() || self.gone {
            return false;
        }
        let unsynced = self.written.offset > self.synced.offset;
        let wanted = match config.durability {
            Durability::Fsync => unsynced,
            Durability::Os => {
                unsynced
                    && (self.sync_wanted > self.synced.offset
                        || self.bytes_since_sync >= BACKGROUND_SYNC_BYTES
                        || self.written.offset - self.synced.offset >= config.flush_messages)
            }
        };
        if !wanted {
            return false;
        }
        let active = match self.segments.get(&self.written.base).map(|segment| segment.file()) {
            Some(Ok(file)) => Some(file),
            Some(Err(error)) => {
                self.fail(error, woken);
                return false;
            }
            None => None,
        };
        // A closed segment that still waits for its last writes is the active one of this round, and
        // has to be synced again when they have come.
        let mut closed = Vec::new();
        for (base, file) in std::mem::take(&mut self.unsynced_files) {
            match base < self.written.base {
                true => closed.push(file),
                false => self.unsynced_files.push((base, file)),
            }
        }
        closed.reverse();
        let mut dirs = std::mem::take(&mut self.unsynced_dirs);
        dirs.sort_unstable();
        if planted::is("no_folder_sync_after_create") {
            dirs.clear();
        }
        self.round = Some(Round { target: self.written, bytes: 0, closed, active, dirs });
        self.cover_written();
        true
    }

    /// Has the round that begins cover what was written to its active file.
    fn cover_written(&mut self) {
        if let Some(round) = &mut self.round
            && round.target.base == self.written.base
        {
            round.target = self.written;
            round.bytes += std::mem::take(&mut self.bytes_since_sync);
            self.unsynced_since_ms = None;
            self.crowd.is_served();
        }
    }

    /// The sync of a file begins: if that is the active one, it may wait for who is expected.
    fn sync_begins(&mut self, durability: Durability, waker: &Waker, is_over: bool) -> Poll<()> {
        let is_active = self.round.as_ref().is_some_and(|round| round.active.is_none());
        if is_active {
            // Nobody waits for the others.
            if durability == Durability::Fsync && self.crowd.is_awaited(waker, is_over) {
                return Poll::Pending;
            }
            self.cover_written();
        }
        Poll::Ready(())
    }

    fn fail(&mut self, error: io::Error, woken: &mut Vec<Waker>) {
        self.failed.get_or_insert(Arc::new(error));
        self.round = None;
        self.on_synced.give_up(i64::MIN, woken);
        self.on_visible.give_up(i64::MIN, woken);
    }

    pub(crate) fn wake_all(&mut self, woken: &mut Vec<Waker>) {
        for waiters in [&mut self.on_written, &mut self.on_synced, &mut self.on_visible] {
            waiters.give_up(i64::MIN, woken);
        }
    }

    /// Whether nothing was appended since a clean shutdown completed the index.
    pub(crate) fn is_as_closed(&self) -> bool {
        let base = self.segments.keys().next_back().copied().unwrap_or(0);
        self.closed_at == Some((self.log_end, base))
    }

    /// Whether nothing was appended since the log was opened.
    pub(crate) fn is_as_opened(&self) -> bool {
        let base = self.segments.keys().next_back().copied();
        base.is_some_and(|base| self.opened_at == Some((self.log_end, base)))
    }

    pub(crate) fn want_sync(&mut self, end: i64) {
        self.sync_wanted = self.sync_wanted.max(end);
    }

    /// Says that the log takes no more appends, because its files are in a state it cannot mend.
    pub(crate) fn close_for_writing(&mut self, error: io::Error) {
        self.failed.get_or_insert(Arc::new(error));
    }
}

impl Core {
    /// Moves on what can move: visibility, waiters, the next sync round.
    pub(crate) fn settle(&self) {
        let config = self.config();
        let mut woken = Vec::new();
        let begun = {
            let mut state = lock(&self.state);
            state.show(config.durability, &mut woken);
            state.begin_round(&config, &mut woken)
        };
        wake(woken);
        if begun {
            self.drive();
        }
    }

    /// Starts the steps of the round in flight, one after the other, as long as they complete at
    /// once. Called by whoever began the round and then by each completion, so never twice at a time.
    fn drive(&self) {
        let done: Arc<dyn Completion> = self.me();
        loop {
            let step = match &mut lock(&self.state).round {
                Some(round) => round.next_step(),
                None => return,
            };
            let started = match step {
                Some(SyncStep::File(file)) => file.sync_data(SYNC_TOKEN, &done),
                Some(SyncStep::Dir(dir)) => self.shared.disk.start_sync_dir(&dir, SYNC_TOKEN, &done),
                None => {
                    if self.end_round() {
                        continue;
                    }
                    return;
                }
            };
            match started {
                Started::Now(Ok(())) => {}
                Started::Now(Err(_)) if planted::is("sync_tried_again") => {}
                Started::Now(Err(error)) => return self.sync_failed(error),
                Started::Later => return,
            }
        }
    }

    /// Answers whether the next round has begun.
    fn end_round(&self) -> bool {
        let config = self.config();
        let mut woken = Vec::new();
        // As long as the round is there no other one begins, so that this is written in order.
        let Some(target) = lock(&self.state).round.as_ref().map(|round| round.target) else { return false };
        self.record_synced(target.offset);
        let (begun, checkpoint_due) = {
            let mut state = lock(&self.state);
            let Some(round) = state.round.take() else { return false };
            state.crowd.ends();
            state.synced = round.target;
            let before = state.bytes_since_checkpoint;
            state.bytes_since_checkpoint += round.bytes;
            let due = before < BACKGROUND_SYNC_BYTES && state.bytes_since_checkpoint >= BACKGROUND_SYNC_BYTES;
            state.show(config.durability, &mut woken);
            (state.begin_round(&config, &mut woken), due)
        };
        wake(woken);
        if checkpoint_due {
            self.shared.due.set();
        }
        begun
    }

    /// Writes down what a sync has covered, before anybody is shown it. Nobody waits for this who holds the state.
    fn record_synced(&self, offset: i64) {
        let _in_order = lock(&self.recording);
        // The record of a log that is being removed was erased, and stays so.
        let gone = lock(&self.state).gone;
        if !gone {
            self.shared.synced.record(self.synced_slot, &self.dir.to_string_lossy(), offset);
        }
    }

    /// Takes back what was written down, of a log that is gone.
    pub(crate) async fn erase_synced(&self) -> io::Result<()> {
        drop(lock(&self.recording)); // who found that it is not gone has begun to write by then
        self.shared.synced.erase(self.synced_slot).await
    }

    /// A checkpoint has begun: the next one is due after as many bytes again.
    pub(super) fn start_over_counting(&self) {
        lock(&self.state).bytes_since_checkpoint = 0;
    }

    pub(super) fn sync_failed(&self, error: io::Error) {
        tracing::error!(log = %self.name, %error, "sync failed; the log is closed for writing until it is opened anew");
        let mut woken = Vec::new();
        lock(&self.state).fail(error, &mut woken);
        wake(woken);
    }
}

impl Completion for Core {
    fn sync_begins(&self, token: u64, waker: &Waker, is_over: bool) -> Poll<()> {
        if token != SYNC_TOKEN {
            return Poll::Ready(());
        }
        let durability = self.config().durability;
        lock(&self.state).sync_begins(durability, waker, is_over)
    }

    fn complete(&self, token: u64, result: io::Result<()>) {
        if token == SYNC_TOKEN {
            match result {
                Ok(()) => self.drive(),
                Err(_) if planted::is("sync_tried_again") => self.drive(),
                Err(error) => self.sync_failed(error),
            }
            return;
        }
        if let Err(error) = &result {
            tracing::warn!(log = %self.name, %error, "write failed and is taken back");
        }
        let mut woken = Vec::new();
        lock(&self.state).write_completed(token, result, &mut woken);
        wake(woken);
        self.settle();
    }
}

impl TailOwner for Core {
    fn evict_oldest(&self) {
        lock(&self.state).tail.let_oldest_go();
    }
}

pub(crate) fn wake(woken: Vec<Waker>) {
    for waker in woken {
        waker.wake();
    }
}
