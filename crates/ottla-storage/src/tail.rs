//! The newest batches of every log, in memory, so that consumers at the tail cost no file access.
//!
//! What is kept of a large batch is a slice of the buffer that its producer sent, not a copy; small
//! ones are copied next to each other, into an [`arena`]. One budget counts the
//! bytes of all logs together, and past it the oldest batches of all are let go. Older data is
//! read from the files, which is decided in the log.

pub(crate) mod arena;

use std::collections::VecDeque;
use std::sync::{Mutex, Weak};

use bytes::Bytes;
use ottla_protocol::wire::Chunk;

use crate::lock::lock;
use crate::read::FileRange;

/// One batch as it was written: the edited header, and the rest as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct TailBatch {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) header: Bytes,
    pub(crate) body: Bytes,
}

impl TailBatch {
    pub(crate) fn len(&self) -> usize {
        self.header.len() + self.body.len()
    }
}

/// The newest batches of one log, without gaps.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    batches: VecDeque<TailBatch>,
}

impl Tail {
    pub(crate) fn push(&mut self, batch: TailBatch) {
        if self.batches.capacity() == 0 {
            // Most of many logs get one between two rests.
            self.batches.reserve_exact(1);
        }
        self.batches.push_back(batch);
    }

    /// Lets the oldest batch go.
    pub(crate) fn pop_oldest(&mut self) {
        self.batches.pop_front();
        // An idle log gives back what a busy hour made it reserve.
        if self.batches.is_empty() && self.batches.capacity() > 64 {
            self.batches = VecDeque::new();
        }
    }

    /// Forgets batches from this offset on, which were not written after all.
    pub(crate) fn truncate(&mut self, offset: i64) {
        let keep = self.batches.partition_point(|batch| batch.base_offset < offset);
        self.batches.truncate(keep);
    }

    /// Forgets batches below this offset, of which the files say otherwise by now.
    pub(crate) fn forget_below(&mut self, offset: i64) {
        while self.batches.front().is_some_and(|batch| batch.last_offset < offset) {
            self.pop_oldest();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.batches = VecDeque::new();
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
        let first = self.batches.partition_point(|batch| batch.last_offset < from);
        if self.batches.get(first)?.base_offset > from {
            return None;
        }
        let mut left = max_bytes;
        let mut chunks = Vec::new();
        let mut end = from;
        for batch in self.batches.range(first..).take_while(|batch| batch.last_offset < limit) {
            let len = batch.len();
            if len > left && !(at_least_one && chunks.is_empty()) {
                break;
            }
            left = left.saturating_sub(len);
            chunks.push(Chunk::Bytes(batch.header.clone()));
            chunks.push(Chunk::Bytes(batch.body.clone()));
            end = batch.last_offset + 1;
        }
        Some((chunks, end))
    }
}

/// Something that holds tail batches and can let the oldest go.
pub(crate) trait TailOwner: Send + Sync {
    /// Drops the oldest batch. Never called while the owner's own lock is held.
    fn evict_oldest(&self);
}

/// The memory that all tails together may use.
#[derive(Debug)]
pub(crate) struct TailBudget {
    bytes_max: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    /// One entry for each batch that is held, oldest first.
    batches: VecDeque<(Weak<dyn TailOwner>, usize)>,
}

impl TailBudget {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, held: Mutex::default() }
    }

    /// Whether a batch of this size is worth keeping at all.
    pub(crate) fn takes(&self, len: usize) -> bool {
        len <= self.bytes_max
    }

    /// Counts a batch that `owner` has put into its tail, and makes room for it elsewhere.
    pub(crate) fn add(&self, owner: Weak<dyn TailOwner>, len: usize) {
        let mut held = lock(&self.held);
        held.bytes += len;
        held.batches.push_back((owner, len));
        while held.bytes > self.bytes_max {
            let Some((oldest, oldest_len)) = held.batches.pop_front() else { break };
            held.bytes -= oldest_len;
            drop(held);
            // The order of locks is owner before budget, so the budget's is not held here.
            if let Some(oldest) = oldest.upgrade() {
                oldest.evict_oldest();
            }
            held = lock(&self.held);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn batch(base_offset: i64, count: i64, len: usize) -> TailBatch {
        TailBatch {
            base_offset,
            last_offset: base_offset + count - 1,
            max_timestamp: 0,
            header: Bytes::from_static(&[0; 61]),
            body: Bytes::from(vec![0; len - 61]),
        }
    }

    fn three() -> Tail {
        let mut tail = Tail::default();
        for n in 0..3 {
            tail.push(batch(10 + n * 10, 10, 100));
        }
        tail
    }

    fn bytes(read: Option<(Vec<Chunk<FileRange>>, i64)>) -> Option<usize> {
        Some(read?.0.iter().map(Chunk::len).sum())
    }

    #[test]
    fn reading_starts_with_the_batch_that_holds_the_offset() {
        let tail = three();
        assert_eq!(bytes(tail.read(10, 40, 1000, false)), Some(300));
        assert_eq!(bytes(tail.read(19, 40, 1000, false)), Some(300));
        assert_eq!(bytes(tail.read(20, 40, 1000, false)), Some(200));
        assert_eq!(bytes(tail.read(39, 40, 1000, false)), Some(100));
    }

    #[test]
    fn older_offsets_are_not_here() {
        assert_eq!(bytes(three().read(9, 40, 1000, false)), None);
        assert_eq!(bytes(three().read(40, 40, 1000, false)), None);
    }

    #[test]
    fn reading_stops_at_the_limit_and_at_the_size() {
        let tail = three();
        assert_eq!(bytes(tail.read(10, 30, 1000, false)), Some(200));
        assert_eq!(bytes(tail.read(10, 29, 1000, false)), Some(100));
        assert_eq!(bytes(tail.read(10, 40, 299, false)), Some(200));
        assert_eq!(bytes(tail.read(10, 40, 99, false)), Some(0));
        assert_eq!(bytes(tail.read(10, 40, 99, true)), Some(100));
        let ends = [(40, 1000), (30, 1000), (40, 299)]
            .map(|(limit, max)| tail.read(10, limit, max, false).unwrap().1);
        assert_eq!(ends, [40, 30, 30]);
    }

    struct Counting(Mutex<Tail>);

    impl TailOwner for Counting {
        fn evict_oldest(&self) {
            lock(&self.0).pop_oldest();
        }
    }

    #[test]
    fn the_budget_lets_go_of_the_oldest_whosever_it_is() {
        let budget = TailBudget::new(250);
        let owners: [Arc<Counting>; 2] = std::array::from_fn(|_| Arc::new(Counting(Mutex::default())));
        for (n, owner) in [(0, 0), (1, 1), (2, 1)] {
            lock(&owners[owner].0).push(batch(n * 10, 10, 100));
            let owner: Arc<dyn TailOwner> = owners[owner].clone();
            budget.add(Arc::downgrade(&owner), 100);
        }
        assert_eq!(lock(&owners[0].0).batches.len(), 0);
        assert_eq!(lock(&owners[1].0).batches.len(), 2);
        assert_eq!(lock(&budget.held).bytes, 200);
    }

    #[test]
    fn what_was_not_written_is_forgotten() {
        let mut tail = three();
        tail.truncate(20);
        assert_eq!(bytes(tail.read(10, 40, 1000, false)), Some(100));
    }
}
