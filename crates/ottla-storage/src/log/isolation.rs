//! Which aborted transactions a reader is told of.
//!
//! Those that overlap what it reads: their marker is at or behind the offset it asked for, and they began before the end
//! of what it gets. Their markers may be in later segments, so the search goes on from segment to segment until
//! nothing is open that began in what is read. What a segment knows is in [`crate::aborted`].

use std::io;
use std::sync::Arc;

use super::Core;
use super::checkpoint::overwrite;
use super::commit::State;
use crate::aborted::{AbortedEntry, Known, SegmentAborted, load};
use crate::lock::lock;
use crate::offset::Offset;
use crate::producers::snapshot;
use crate::read::{AbortedTransaction, Isolation};
use crate::segment::index_files::read_whole;
use crate::segment::{Segment, Stage, Suffix, file_name};

/// Whether the search is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Over,
    GoesOn,
}

impl Search {
    /// Whether a segment that begins at `base_offset` need not be looked at: a read that goes on into it may meet
    /// transactions that began there, whatever was over before.
    fn is_over_at(self, base_offset: i64, end: i64) -> bool {
        self == Self::Over && base_offset >= end
    }
}

/// Adds those of a segment that overlap `from..end`, and says whether anything that began in it, or before, may end
/// behind it.
pub(crate) fn collect(known: &Known, from: i64, end: i64, into: &mut Vec<AbortedEntry>) -> Search {
    let first = known.entries.partition_point(|entry| entry.last_offset < from);
    for entry in &known.entries[first..] {
        if entry.first_offset < end {
            into.push(*entry);
        }
        if entry.last_stable_offset >= end {
            return Search::Over;
        }
    }
    match known.open_from.is_some_and(|open| open < end) {
        true => Search::GoesOn,
        false => Search::Over,
    }
}

impl Core {
    /// What a reader of `from..end` is told; `None` when files have to be read for it.
    pub(super) fn told(
        &self,
        state: &State,
        isolation: Isolation,
        from: i64,
        end: i64,
    ) -> Option<Vec<AbortedTransaction>> {
        let mut entries = Vec::new();
        if isolation == Isolation::ReadUncommitted || from >= end {
            return Some(Vec::new());
        }
        let first = state.segments.range(..=from).next_back().map_or(i64::MIN, |(base, _)| *base);
        let mut search = Search::GoesOn;
        for segment in state.segments.range(first..).map(|(_, segment)| segment) {
            if search.is_over_at(segment.base_offset(), end) {
                break;
            }
            search = collect(segment.state().aborted.known()?, from, end, &mut entries);
        }
        Some(told(&entries))
    }

    /// The same, reading files where that has to be.
    pub(super) async fn aborted_between(&self, from: i64, end: i64) -> io::Result<Vec<AbortedTransaction>> {
        let segments: Vec<Arc<Segment>> = {
            let state = lock(&self.state);
            let first = state.segments.range(..=from).next_back().map_or(i64::MIN, |(base, _)| *base);
            state.segments.range(first..).map(|(_, segment)| Arc::clone(segment)).collect()
        };
        let mut entries = Vec::new();
        let mut search = Search::GoesOn;
        for segment in segments {
            if search.is_over_at(segment.base_offset(), end) {
                break;
            }
            search = self.collect_aborted(&segment, from, end, &mut entries).await?;
        }
        Ok(told(&entries))
    }

    /// Adds those of a segment that overlap `from..end`, reading files where that has to be.
    pub(crate) async fn collect_aborted(
        &self,
        segment: &Arc<Segment>,
        from: i64,
        end: i64,
        into: &mut Vec<AbortedEntry>,
    ) -> io::Result<Search> {
        if let Some(known) = segment.state().aborted.known() {
            return Ok(collect(known, from, end, into));
        }
        let known = self.load_aborted(segment).await?;
        Ok(collect(&known, from, end, into))
    }

    /// What a closed segment knows of aborted transactions, from its files, and kept in memory from now on.
    pub(crate) async fn load_aborted(&self, segment: &Arc<Segment>) -> io::Result<Known> {
        if let Some(known) = segment.state().aborted.known() {
            return Ok(known.clone());
        }
        let (segments, next) = {
            let state = lock(&self.state);
            let before = state.segments.range(..segment.base_offset());
            let segments = before.map(|(_, before)| Arc::clone(before)).chain([Arc::clone(segment)]);
            let next = state.segments.range(segment.base_offset() + 1..).next().map(|(base, _)| *base);
            (segments.collect::<Vec<_>>(), next.unwrap_or(state.log_end))
        };
        let (known, is_news) = {
            let (disk, findings) = (self.shared.disk.as_ref(), &self.shared.findings);
            load::load(disk, &self.dir, self.identity(), findings, &segments, next).await?
        };
        segment.state().aborted = SegmentAborted::Known(known.clone());
        if is_news {
            self.renew_summary(segment, next).await;
        }
        let memory = known.entries.len() * size_of::<AbortedEntry>();
        if memory > 0 {
            self.shared.indexes.loaded(segment, memory);
        }
        Ok(known)
    }
}

impl Core {
    /// Writes down anew what is to be known again of the index of a closed segment that ends at `next`, beside the producers
    /// of that moment, if they are there. Not synced: where it does not fit, the index is made anew.
    pub(crate) async fn renew_summary(&self, segment: &Segment, next: i64) {
        let disk = self.shared.disk.as_ref();
        let path = self.dir.join(file_name(next, Suffix::Producers));
        // While nothing stands behind it, the next checkpoint writes it.
        let is_due = segment.stage() == Stage::Live && lock(&self.state).log_end > next;
        let Ok(Some(beside)) = read_whole(disk, &path).await else { return };
        let open_from = segment.state().aborted.known().and_then(|known| known.open_from);
        if let Some(renewed) = snapshot::with_summary(&beside, self.identity(), &segment.summary(open_from))
            && is_due
            && renewed != beside
            && let Err(error) = overwrite(disk, &path, &renewed)
        {
            tracing::warn!(path = %path.display(), %error, "what an index should be could not be written down");
        }
    }
}

fn told(entries: &[AbortedEntry]) -> Vec<AbortedTransaction> {
    let told = |entry: &AbortedEntry| AbortedTransaction {
        producer_id: entry.producer_id,
        first_offset: Offset(entry.first_offset),
    };
    entries.iter().map(told).collect()
}
