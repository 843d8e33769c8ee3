//! The newest batches of every log, in memory, so that consumers at the tail cost no file access.
//!
//! What is kept of a large batch is a slice of the buffer that its producer sent, not a copy; small
//! ones are copied next to each other, into a [`run`]. One budget counts the memory of all logs
//! together, and past it the oldest pieces of all are let go. Older data is read from the files,
//! which is decided in the log.

mod run;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use ottla_protocol::records::BATCH_HEADER_LEN;
use ottla_protocol::wire::Chunk;

use self::run::Run;
use crate::lock::lock;
use crate::read::FileRange;

/// A batch of at most this many bytes is copied; a larger one holds most of its buffer by itself.
const COPIED_MAX: usize = 16 << 10;

/// One batch as it is written: the edited header, and the rest as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct TailBatch {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) header: [u8; BATCH_HEADER_LEN],
    pub(crate) body: Bytes,
}

impl TailBatch {
    pub(crate) fn len(&self) -> usize {
        self.header.len() + self.body.len()
    }
}

/// The newest batches of one log, without gaps.
#[derive(Debug)]
pub(crate) struct Tail {
    budget: Arc<TailBudget>,
    /// Oldest first.
    pieces: VecDeque<Piece>,
    /// What follows them, and is added to.
    newest: Run,
}

/// Batches that stay as they are.
#[derive(Debug)]
struct Piece {
    base_offset: i64,
    last_offset: i64,
    /// Memory that it takes, as far as it is counted.
    room: usize,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    /// Several, next to each other.
    Run(Bytes),
    /// One, in two parts.
    Batch(Bytes, Bytes),
}

impl Tail {
    pub(crate) fn new(budget: &Arc<TailBudget>) -> Self {
        Self { budget: Arc::clone(budget), pieces: VecDeque::new(), newest: Run::default() }
    }

    /// Keeps a batch. Whether a piece begins with it, of which the budget is to be [told](TailBudget::make_room).
    pub(crate) fn push(&mut self, batch: TailBatch) -> bool {
        let len = batch.len();
        if len > COPIED_MAX {
            self.close_newest();
            self.budget.take(len);
            self.pieces.push_back(Piece {
                base_offset: batch.base_offset,
                last_offset: batch.last_offset,
                room: len,
                kept: Kept::Batch(Bytes::copy_from_slice(&batch.header), batch.body),
            });
            return true;
        }
        let begins = !self.newest.has_room(len);
        if begins {
            let last_room = self.newest.room();
            self.close_newest();
            self.newest = Run::after(last_room, len);
            self.budget.take(self.newest.room());
        }
        self.newest.add(&batch);
        begins
    }

    fn close_newest(&mut self) {
        let run = std::mem::take(&mut self.newest);
        if run.is_empty() {
            self.budget.give_back(run.room());
            return;
        }
        let (base_offset, last_offset, room) = (run.base_offset, run.last_offset, run.room());
        if self.pieces.capacity() == 0 {
            self.pieces.reserve_exact(1);
        }
        self.pieces.push_back(Piece { base_offset, last_offset, room, kept: Kept::Run(run.into_bytes()) });
    }

    /// Lets the oldest piece go.
    pub(crate) fn let_oldest_go(&mut self) {
        match self.pieces.pop_front() {
            Some(piece) => self.budget.give_back(piece.room),
            None => self.budget.give_back(std::mem::take(&mut self.newest).room()),
        }
        // An idle log gives back what a busy hour made it reserve.
        if self.pieces.is_empty() && self.pieces.capacity() > 64 {
            self.pieces = VecDeque::new();
        }
    }

    /// Forgets batches from this offset on, which were not written after all.
    pub(crate) fn truncate(&mut self, offset: i64) {
        if !self.newest.is_empty() && self.newest.last_offset >= offset {
            self.newest.truncate(offset);
            if self.newest.is_empty() {
                self.close_newest();
            }
        }
        while let Some(piece) = self.pieces.back_mut().filter(|piece| piece.last_offset >= offset) {
            if piece.base_offset >= offset {
                self.budget.give_back(piece.room);
                self.pieces.pop_back();
                continue;
            }
            let Kept::Run(bytes) = &mut piece.kept else { break };
            let (end, last_offset) = run::end_below(bytes, offset);
            bytes.truncate(end);
            piece.last_offset = last_offset;
            break;
        }
    }

    /// Forgets all batches below this offset, of which the files say otherwise by now, and those that share a run with them.
    pub(crate) fn forget_below(&mut self, offset: i64) {
        while self.base_offset().is_some_and(|base_offset| base_offset < offset) {
            self.let_oldest_go();
        }
    }

    pub(crate) fn clear(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        let room: usize = pieces.iter().map(|piece| piece.room).sum();
        self.budget.give_back(room + std::mem::take(&mut self.newest).room());
    }

    /// Offset of the oldest batch.
    fn base_offset(&self) -> Option<i64> {
        let newest = || (!self.newest.is_empty()).then_some(self.newest.base_offset);
        self.pieces.front().map(|piece| piece.base_offset).or_else(newest)
    }

    /// Whole batches from the one that holds `from`, up to `limit`, in at most `max_bytes` (or the
    /// first whatever its size), and the offset behind them. `None` when the first is not here any more.
    pub(crate) fn read(
        &self,
        from: i64,
        limit: i64,
        max_bytes: usize,
        at_least_one: bool,
    ) -> Option<(Vec<Chunk<FileRange>>, i64)> {
        if self.base_offset()? > from {
            return None;
        }
        let first = self.pieces.partition_point(|piece| piece.last_offset < from);
        let mut taking = Taking { from, limit, left: max_bytes, at_least_one, chunks: Vec::new(), end: from };
        for piece in self.pieces.range(first..) {
            let is_whole = match &piece.kept {
                Kept::Run(bytes)
                    if piece.base_offset >= from
                        && piece.last_offset < limit
                        && bytes.len() <= taking.left =>
                {
                    taking.take(bytes.clone(), piece.last_offset);
                    true
                }
                Kept::Run(bytes) => taking.walk(bytes, |at| bytes.slice(at)),
                Kept::Batch(header, body) => {
                    let takes = taking.takes(piece.last_offset, header.len() + body.len());
                    if takes {
                        taking.take(header.clone(), piece.last_offset);
                        taking.take(body.clone(), piece.last_offset);
                    }
                    takes
                }
            };
            if !is_whole {
                return Some((taking.chunks, taking.end));
            }
        }
        let newest = self.newest.bytes_from(from);
        if first == self.pieces.len() && (newest.is_empty() || self.newest.last_offset < from) {
            return None;
        }
        // It is still added to, so what is taken of it is copied.
        taking.walk(newest, |at| Bytes::copy_from_slice(&newest[at]));
        Some((taking.chunks, taking.end))
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.clear();
    }
}

/// What a read has found so far.
struct Taking {
    from: i64,
    limit: i64,
    /// Bytes that it may still take.
    left: usize,
    at_least_one: bool,
    chunks: Vec<Chunk<FileRange>>,
    end: i64,
}

impl Taking {
    /// Whether a batch is taken.
    fn takes(&self, last_offset: i64, len: usize) -> bool {
        last_offset < self.limit && (len <= self.left || self.at_least_one && self.chunks.is_empty())
    }

    fn take(&mut self, bytes: Bytes, last_offset: i64) {
        self.left = self.left.saturating_sub(bytes.len());
        self.end = last_offset + 1;
        self.chunks.push(Chunk::Bytes(bytes));
    }

    /// Takes what is wanted of a run. Whether there was nothing behind it that is not.
    fn walk(&mut self, bytes: &[u8], slice: impl Fn(Range<usize>) -> Bytes) -> bool {
        let is_first = self.at_least_one && self.chunks.is_empty();
        let (mut taken, mut last_offset) = (0..0, self.from);
        for batch in run::batches(bytes) {
            if batch.last_offset < self.from {
                taken = batch.at.end..batch.at.end;
                continue;
            }
            let fits = batch.at.end - taken.start <= self.left || is_first && taken.is_empty();
            if batch.last_offset >= self.limit || !fits {
                break;
            }
            (taken.end, last_offset) = (batch.at.end, batch.last_offset);
        }
        let is_whole = taken.end == bytes.len();
        if !taken.is_empty() {
            self.take(slice(taken), last_offset);
        }
        is_whole
    }
}

/// Something that holds a tail and can let the oldest of it go.
pub(crate) trait TailOwner: Send + Sync {
    /// Lets its oldest piece go. Never called while the owner's own lock is held.
    fn evict_oldest(&self);
}

/// The memory that all tails together may use.
#[derive(Debug)]
pub(crate) struct TailBudget {
    bytes_max: usize,
    bytes: AtomicUsize,
    /// One entry for each piece that is held, oldest first, and for some that are gone.
    pieces: Mutex<VecDeque<Weak<dyn TailOwner>>>,
}

impl TailBudget {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, bytes: AtomicUsize::new(0), pieces: Mutex::default() }
    }

    /// Whether a batch of this size is worth keeping at all.
    pub(crate) fn takes(&self, len: usize) -> bool {
        len <= self.bytes_max
    }

    fn take(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Notes so many pieces that `owner` has begun, and makes room for them elsewhere.
    pub(crate) fn make_room(&self, owner: &Weak<dyn TailOwner>, pieces: usize) {
        let mut held = lock(&self.pieces);
        held.extend(std::iter::repeat_n(owner, pieces).cloned());
        while self.bytes.load(Ordering::Relaxed) > self.bytes_max {
            let Some(oldest) = held.pop_front() else { break };
            drop(held);
            // The order of locks is owner before budget, so the budget's is not held here.
            if let Some(oldest) = oldest.upgrade() {
                oldest.evict_oldest();
            }
            held = lock(&self.pieces);
        }
    }
}

#[cfg(test)]
mod tests;
