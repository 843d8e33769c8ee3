//! Small batches next to each other, as they stand in the file.
//!
//! A small batch is a slice of a buffer that its connection read many requests into. Kept as that
//! slice it would hold the whole buffer, so that a tail of a few megabytes could hold gigabytes; kept by itself it would
//! cost more in what is noted of it than in bytes, and a reader of many a piece for each.

use std::ops::Range;

use bytes::Bytes;
use ottla_protocol::records::{BATCH_HEADER_LEN, LOG_OVERHEAD};

use super::TailBatch;

/// Room of a run of a busy log. An idle log keeps at most this much.
const RUN_BYTES: usize = 16 << 10;

/// Room of the first run; each has twice as much as the one before, so that a log with few batches takes little.
const FIRST_RUN_BYTES: usize = 256;

/// Where a batch says how far its last offset is from its first.
const LAST_OFFSET_DELTA_AT: usize = 23;

/// Batches that came one after the other, to which others may be added while there is room.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    /// A batch from which on to look for later ones, and where it stands: the newest, which most readers want.
    mark: (i64, usize),
    /// Never grows beyond its capacity.
    bytes: Vec<u8>,
}

impl Run {
    /// One that begins with room for `len` bytes and, if the last one was full, more than that one had.
    pub(super) fn after(last_room: usize, len: usize) -> Self {
        let room = (last_room * 2).clamp(FIRST_RUN_BYTES, RUN_BYTES).max(len);
        Self { bytes: Vec::with_capacity(room), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes that it takes of memory.
    pub(super) fn room(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn has_room(&self, len: usize) -> bool {
        self.bytes.capacity() - self.bytes.len() >= len
    }

    /// Adds a batch, for which there must be room.
    pub(super) fn add(&mut self, batch: &TailBatch) {
        if self.bytes.is_empty() {
            self.base_offset = batch.base_offset;
        }
        self.mark = (batch.base_offset, self.bytes.len());
        self.last_offset = batch.last_offset;
        self.bytes.extend_from_slice(&batch.header);
        self.bytes.extend_from_slice(&batch.body);
    }

    /// Forgets batches from this offset on.
    pub(super) fn truncate(&mut self, offset: i64) {
        let (end, last_offset) = end_below(&self.bytes, offset);
        self.bytes.truncate(end);
        self.last_offset = last_offset;
        self.mark = (self.base_offset, 0);
    }

    /// Closes it.
    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    /// The batches from some one on that is not behind the one that holds `offset`.
    pub(super) fn bytes_from(&self, offset: i64) -> &[u8] {
        let (marked, at) = self.mark;
        if offset >= marked { &self.bytes[at..] } else { &self.bytes }
    }
}

/// Where the batches below this offset end in the bytes of a run, and the last offset of the last of them.
pub(super) fn end_below(bytes: &[u8], offset: i64) -> (usize, i64) {
    let below = batches(bytes).take_while(|batch| batch.base_offset < offset);
    below.last().map_or((0, offset - 1), |batch| (batch.at.end, batch.last_offset))
}

/// A batch in the bytes of a run.
pub(super) struct Stands {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    pub(super) at: Range<usize>,
}

/// The batches in the bytes of a run. Of their headers only what is asked for is read: readers pass many.
pub(super) fn batches(bytes: &[u8]) -> impl Iterator<Item = Stands> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = bytes.get(at..)?.first_chunk::<BATCH_HEADER_LEN>()?;
        let (base_offset, rest) = header.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let (_, rest) = rest.split_first_chunk::<{ LAST_OFFSET_DELTA_AT - LOG_OVERHEAD }>()?;
        let base_offset = i64::from_be_bytes(*base_offset);
        let last_offset = base_offset + i64::from(i32::from_be_bytes(*rest.first_chunk()?));
        let begin = at;
        at += LOG_OVERHEAD + usize::try_from(i32::from_be_bytes(*len)).ok()?;
        Some(Stands { base_offset, last_offset, at: begin..at })
    })
}
