//! The passes over a log: one that collects keys, one that copies what stays.
//!
//! Both go from batch to batch with checksums checked, and give way to others after every piece of
//! work. What becomes of a batch is decided in [`super::retention`].

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use ottla_protocol::records::{Batch, Selection};
use ottla_protocol::wire::DecodeLimits;

use super::Pace;
use super::aborted;
use super::groups::SegmentSize;
use super::new_segment::NewSegment;
use super::offset_map::OffsetMap;
use super::retention::{self, BadBatch, Filter};
use super::transactions::Transactions;
use crate::aborted::{AbortedEntry, Known};
use crate::disk::Disk;
use crate::log::Core;
use crate::segment::walk::{DATA_AHEAD, HEADERS_AHEAD, Next, Walk};
use crate::segment::{Segment, Suffix};

/// Bytes that are worked on before others get their turn.
const PIECE: u64 = 256 * 1024;

/// A segment, as far as it is read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) segment: Arc<Segment>,
    /// Bytes of whole batches.
    pub(super) len: u32,
    /// The offset at which the next segment begins, or where the visible log ends.
    pub(super) next: i64,
}

impl Source {
    pub(super) fn size(&self, disk: &dyn Disk) -> SegmentSize {
        let len = |suffix| disk.metadata(&self.segment.path(suffix)).map_or(0, |metadata| metadata.len);
        SegmentSize {
            base_offset: self.segment.base_offset(),
            bytes: u64::from(self.len),
            index_bytes: len(Suffix::Index),
            time_index_bytes: len(Suffix::TimeIndex),
        }
    }

    pub(super) fn damaged(&self, position: u32) -> io::Error {
        let path = self.segment.path(Suffix::Log);
        let what = format!("{} is damaged at position {position}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, what)
    }

    pub(super) fn unreadable(&self, error: &BadBatch) -> io::Error {
        let path = self.segment.path(Suffix::Log);
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    }
}

/// One round over one log.
pub(super) struct Round<'a, P> {
    pub(super) core: &'a Arc<Core>,
    pub(super) pace: &'a mut P,
    /// All segments of the log as far as they are visible.
    pub(super) sources: Vec<Source>,
    /// Where the part ends that may be compacted.
    pub(super) end: i64,
    /// Aborted transactions below the end; `None` while no batch of a transaction was seen.
    pub(super) aborted: Option<Vec<AbortedEntry>>,
    /// Bytes since others had their turn.
    pub(super) worked: u64,
}

impl<P: Pace> Round<'_, P> {
    /// Collects the keys from `first` on, up to the end or as many as there is room for.
    pub(super) async fn collect(&mut self, map: &mut OffsetMap, first: i64) -> io::Result<()> {
        let limits = DecodeLimits::DEFAULT;
        let mut selection = Selection::default();
        let mut transactions = Transactions::default();
        for source in self.sources.clone() {
            if source.next <= first || source.segment.base_offset() >= self.end {
                continue;
            }
            let mut walk = self.walk(&source, first).await?;
            while let Some((batch, _)) = self.next(&source, &mut walk).await? {
                if self.has_news_of_transactions(&batch).await? {
                    transactions = self.transactions(batch.header().base_offset);
                }
                let indexed = retention::index(&batch, map, &mut transactions, &mut selection, &limits);
                if indexed.map_err(|error| source.unreadable(&error))?.is_err() {
                    return Ok(());
                }
                self.work(batch.bytes().len()).await?;
            }
            // Offsets that are no longer there are known as well.
            if map.advance(source.next.min(self.end) - 1).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Copies what stays of these neighbours into a new segment.
    pub(super) async fn copy(&mut self, group: &[Source], filter: &mut Filter) -> io::Result<NewSegment> {
        let Some(first) = group.first() else { return Err(io::Error::other("no segment to copy")) };
        let mut new = NewSegment::create(self.core, first.segment.base_offset())?;
        for (place, source) in group.iter().enumerate() {
            let is_last_source = place + 1 == group.len();
            let mut walk = Walk::new(source.segment.file()?, 0, source.len, DATA_AHEAD);
            while let Some((batch, end)) = self.next(source, &mut walk).await? {
                if self.has_news_of_transactions(&batch).await? {
                    filter.transactions = self.transactions(batch.header().base_offset);
                }
                let is_last = is_last_source && end == source.len;
                let before = new.buffer().len();
                let copied = filter.copy(&batch, is_last, new.buffer());
                copied.map_err(|error| source.unreadable(&error))?;
                let written = new.added(before)?;
                if new.is_due() {
                    new.write().await?;
                }
                self.work(batch.bytes().len() + written).await?;
            }
        }
        let written_ms = group.last().and_then(|last| last.segment.state().written_ms);
        let open_from = match group.last() {
            Some(last) if self.aborted.is_some() => self.core.load_aborted(&last.segment).await?.open_from,
            _ => None,
        };
        let entries = filter.transactions.take_left();
        new.finish(Known { entries, in_file: 0, open_from }, written_ms).await?;
        Ok(new)
    }

    /// Whether this batch is the first of any transaction; then the aborted ones are known from now on.
    async fn has_news_of_transactions(&mut self, batch: &Batch) -> io::Result<bool> {
        let attributes = batch.header().attributes;
        if self.aborted.is_some() || !attributes.is_transactional() && !attributes.is_control() {
            return Ok(false);
        }
        self.aborted = Some(aborted::find(self.core, &self.sources, self.end).await?);
        Ok(true)
    }

    /// The aborted transactions that matter to a pass from this offset on, as far as they are known.
    pub(super) fn transactions(&self, from: i64) -> Transactions {
        let aborted = self.aborted.iter().flatten().copied();
        Transactions::new(aborted.filter(|aborted| aborted.last_offset >= from).collect())
    }

    async fn walk(&self, source: &Source, first: i64) -> io::Result<Walk> {
        let start = if first > source.segment.base_offset() {
            source.segment.load_index(&self.core.shared.indexes).await?;
            let relative = source.segment.relative(first);
            source.segment.state().index.as_ref().map_or(0, |index| index.position_before(relative))
        } else {
            0
        };
        let file = source.segment.file()?;
        let mut walk = Walk::new(Arc::clone(&file), start, source.len, DATA_AHEAD);
        // An index may be wrong; then everything is read.
        if start > 0 && !matches!(walk.next_batch().await?, Next::Found(_)) {
            return Ok(Walk::new(file, 0, source.len, DATA_AHEAD));
        }
        walk.jump(start);
        Ok(walk)
    }

    /// The next batch and the position behind it.
    async fn next(&self, source: &Source, walk: &mut Walk) -> io::Result<Option<(Batch, u32)>> {
        match walk.next_batch().await? {
            Next::Found(batch) => Ok(Some((batch, walk.position()))),
            Next::End => Ok(None),
            Next::Bad => Err(source.damaged(walk.position())),
        }
    }

    async fn work(&mut self, bytes: usize) -> io::Result<()> {
        self.worked += bytes as u64;
        if self.worked < PIECE {
            return Ok(());
        }
        self.pace.worked(std::mem::take(&mut self.worked)).await;
        give_way().await;
        if self.core.is_ending() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the log is being closed or removed"));
        }
        Ok(())
    }
}

/// The greatest timestamp of the first batch of a segment.
pub(super) async fn first_timestamp(segment: &Segment) -> io::Result<Option<i64>> {
    let len = segment.state().len;
    match Walk::new(segment.file()?, 0, len, HEADERS_AHEAD).next_header().await? {
        Next::Found(header) => Ok(Some(header.max_timestamp)),
        Next::Bad | Next::End => Ok(None),
    }
}

/// Lets the executor's other tasks run.
pub(crate) async fn give_way() {
    let mut given = false;
    poll_fn(|cx| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
