//! Finding records: in the tail, in a segment, by offset or by time.
//!
//! Nothing past the high watermark is looked at. How a segment is searched is in
//! [`crate::segment::reading`].

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ottla_protocol::wire::{Chunk, DecodeLimits, Records};

use super::commit::State;
use super::{Core, LogOffsets};
use crate::error::ReadError;
use crate::lock::lock;
use crate::offset::Offset;
use crate::read::{FileRange, Isolation, ReadOptions, ReadResult, Reading, TimestampOffset};
use crate::segment::reading::Located;
use crate::segment::{Segment, Stage, Suffix};

/// A segment and how far into it readers may see.
#[derive(Clone, Debug)]
struct View {
    segment: Arc<Segment>,
    /// Position up to which it may be read.
    end: u32,
    /// Offset below which all of it ends: that of the next segment, or of what is visible.
    bound: i64,
}

/// What a reader asks for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    from: i64,
    options: ReadOptions,
}

fn nothing(offsets: LogOffsets) -> ReadResult {
    ReadResult { records: Records::EMPTY, offsets, aborted: Vec::new() }
}

impl Core {
    pub(super) fn read(self: &Arc<Self>, from: i64, options: ReadOptions) -> Reading {
        let wanted = Wanted { from, options };
        let (views, offsets) = {
            let state = lock(&self.state);
            let offsets = state.offsets();
            if state.gone {
                return Reading::Now(Err(ReadError::Gone(self.name.clone())));
            }
            if from < state.log_start || from > state.log_end {
                return Reading::Now(Err(ReadError::OutOfRange {
                    offset: Offset(from),
                    log_start: offsets.log_start,
                    log_end: offsets.log_end,
                }));
            }
            let limit = match options.isolation {
                Isolation::ReadUncommitted => offsets.high_watermark.0,
                Isolation::ReadCommitted => offsets.last_stable.0,
            };
            if from >= limit {
                return Reading::Now(Ok(nothing(offsets)));
            }
            let tail = state.tail.read(from, limit, options.max_bytes, options.at_least_one);
            if let Some((chunks, end)) = tail
                && let Some(aborted) = self.told(&state, options.isolation, from, end)
            {
                return Reading::Now(Ok(ReadResult { records: Records::Chunks(chunks), offsets, aborted }));
            }
            (self.views(&state, from, limit), offsets)
        };
        let core = Arc::clone(self);
        let mut cold = Box::pin(async move { core.read_files(wanted, views, offsets).await });
        // Data that the operating system holds is there at once; then nobody needs to wait.
        match cold.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Reading::Now(result),
            Poll::Pending => Reading::Later(cold),
        }
    }

    /// The part of each segment that lies below `limit`, from the one that may hold `from` on.
    fn views(&self, state: &State, from: i64, limit: i64) -> Vec<View> {
        let first = state.segments.range(..=from).next_back().map_or(i64::MIN, |(base, _)| *base);
        let visible = state.visible;
        let seen: Vec<_> = state.segments.range(first..).filter(|(base, _)| **base <= visible.base).collect();
        let bounds = seen.iter().skip(1).map(|(base, _)| **base).chain([visible.offset]);
        let views = seen.iter().zip(bounds).map(|((base, segment), bound)| {
            let len = segment.state().len;
            let end = if **base == visible.base { visible.position.min(len) } else { len };
            View { segment: Arc::clone(segment), end, bound }
        });
        views.take_while(|view| view.segment.base_offset() < limit).collect()
    }

    async fn read_files(
        &self,
        wanted: Wanted,
        views: Vec<View>,
        offsets: LogOffsets,
    ) -> Result<ReadResult, ReadError> {
        let Wanted { from, options } = wanted;
        let is_committed = options.isolation == Isolation::ReadCommitted;
        for View { segment, mut end, mut bound } in views {
            let failed = |source: io::Error| self.read_failed(&segment, source);
            let indexes = &self.shared.indexes;
            if is_committed && offsets.last_stable.0 < bound {
                bound = offsets.last_stable.0;
                end = segment.position_of(indexes, bound, end).await.map_err(failed)?;
            }
            let located =
                segment.locate(indexes, from, (end, bound), options.max_bytes, options.at_least_one);
            match located.await.map_err(failed)? {
                Located::Beyond => {}
                Located::Damaged { position } => {
                    let path = segment.path(Suffix::Log);
                    return Err(ReadError::Corrupt { offset: Offset(from), path, position });
                }
                Located::Range { start, end: stop } => {
                    let mut aborted = Vec::new();
                    if is_committed && start < stop {
                        aborted = self.aborted_between(from, bound).await.map_err(failed)?;
                    }
                    if !aborted.is_empty() && stop < end {
                        // Only those that are of concern to what is read.
                        let bound = segment.offset_at(stop, end).await.map_err(failed)?.unwrap_or(bound);
                        aborted = self.aborted_between(from, bound).await.map_err(failed)?;
                    }
                    let records = self.range(&segment, start, stop).await.map_err(failed)?;
                    return Ok(ReadResult { records, offsets, aborted });
                }
            }
        }
        Ok(nothing(offsets))
    }

    /// A range of a file as it goes out: for `sendfile` where the disk has descriptors, or in memory.
    async fn range(&self, segment: &Segment, start: u32, end: u32) -> io::Result<Records<FileRange>> {
        let len = (end - start) as usize;
        if len == 0 {
            return Ok(Records::EMPTY);
        }
        let file = segment.file()?;
        let Some(descriptor) = file.descriptor()? else {
            return Ok(Records::Bytes(file.read_at(u64::from(start), len).bytes().await?));
        };
        let source = FileRange::new(file, Some(descriptor), u64::from(start), len);
        Ok(Records::Chunks(vec![Chunk::External { len, source }]))
    }

    fn read_failed(&self, segment: &Segment, source: io::Error) -> ReadError {
        let state = lock(&self.state);
        if state.gone {
            return ReadError::Gone(self.name.clone());
        }
        if segment.stage() == Stage::Deleted {
            // It left while it was read, and so long ago that its file has left as well.
            let LogOffsets { log_start, log_end, .. } = state.offsets();
            return ReadError::OutOfRange { offset: Offset(segment.base_offset()), log_start, log_end };
        }
        ReadError::Io { path: segment.path(Suffix::Log), source: Arc::new(source) }
    }

    pub(super) async fn offset_for_timestamp(
        &self,
        timestamp: i64,
    ) -> Result<Option<TimestampOffset>, ReadError> {
        let (views, log_start) = {
            let state = lock(&self.state);
            if state.gone {
                return Err(ReadError::Gone(self.name.clone()));
            }
            (self.views(&state, state.log_start, i64::MAX), state.log_start)
        };
        for View { segment, end, bound } in views {
            let failed = |source: io::Error| self.read_failed(&segment, source);
            let newest = segment.newest_timestamp(&self.shared.indexes).await.map_err(failed)?;
            if newest.is_none_or(|newest| newest < timestamp) {
                continue;
            }
            let mut from = log_start;
            // A batch whose header promises such a record may, damaged or compacted, hold none.
            let indexes = &self.shared.indexes;
            while let Some(batch) =
                segment.first_batch_since(indexes, timestamp, from, (end, bound)).await.map_err(failed)?
            {
                let header = *batch.header();
                from = header.next_offset();
                let Ok(records) = batch.records(&DecodeLimits::DEFAULT) else { continue };
                let found = records
                    .iter()
                    .map_while(Result::ok)
                    .find(|record| record.timestamp >= timestamp && record.offset >= log_start);
                if let Some(record) = found {
                    return Ok(Some(TimestampOffset {
                        offset: Offset(record.offset),
                        timestamp: record.timestamp,
                        leader_epoch: header.partition_leader_epoch,
                    }));
                }
            }
        }
        Ok(None)
    }

    pub(super) async fn max_timestamp(&self) -> Result<Option<TimestampOffset>, ReadError> {
        let (views, log_start) = {
            let state = lock(&self.state);
            if state.gone {
                return Err(ReadError::Gone(self.name.clone()));
            }
            (self.views(&state, state.log_start, i64::MAX), state.log_start)
        };
        let indexes = &self.shared.indexes;
        let (mut first, mut rest) = (None, None);
        for (number, View { segment, end, bound }) in views.iter().enumerate() {
            let failed = |source: io::Error| self.read_failed(segment, source);
            let newest = if number == 0 { &mut first } else { &mut rest };
            // What is newest of all in a segment may not be visible yet.
            *newest = (*newest).max(segment.newest_below(indexes, (*end, *bound)).await.map_err(failed)?);
        }
        // What the index of the first segment names may be deleted; that is looked at where it makes a difference.
        if let Some(View { segment, end, bound }) = views.first()
            && segment.base_offset() < log_start
            && first >= rest
        {
            let failed = |source: io::Error| self.read_failed(segment, source);
            first = segment.newest_since(indexes, log_start, (*end, *bound)).await.map_err(failed)?;
        }
        match first.max(rest) {
            Some(newest) => self.offset_for_timestamp(newest).await,
            None => Ok(None),
        }
    }
}
