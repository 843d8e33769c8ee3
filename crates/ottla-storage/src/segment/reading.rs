//! Reading a segment: where a batch starts, how far a range of whole batches goes, whether all of
//! it is as it was written, and which record is the first of its time.
//!
//! Everything here works below an end that the caller gives, because what lies beyond may not be
//! shown yet. What is answered to whom is decided in the log.

use std::io;
use std::sync::Arc;

use ottla_protocol::records::{BATCH_HEADER_LEN, Batch, BatchHeader};
use ottla_protocol::wire::DecodeLimits;

use super::Segment;
use super::index_files::IndexCache;
use super::walk::{DATA_AHEAD, HEADERS_AHEAD, Next, Walk, next_good};
use crate::index::Around;

/// Bytes that a search reads at once at most, where it goes from batch to batch.
const SEARCH_AHEAD_MAX: usize = 64 * 1024;

/// Where a read of a segment ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// Whole, checked batches; the first holds the offset or is the first behind it.
    Range { start: u32, end: u32 },
    /// No batch of this segment, below the end, reaches the offset.
    Beyond,
    /// The batch that holds the offset is damaged.
    Damaged { position: u32 },
}

impl Segment {
    /// Whole batches from the one that holds `from` on, below position `end`, in at most
    /// `max_bytes`, or just the first when it is larger and `at_least_one` is set. All batches of
    /// the segment end below offset `bound`.
    pub(crate) async fn locate(
        self: &Arc<Self>,
        cache: &IndexCache,
        from: i64,
        (end, bound): (u32, i64),
        max_bytes: usize,
        at_least_one: bool,
    ) -> io::Result<Located> {
        self.load_index(cache).await?;
        let (start, header, walk) = match self.seek(from, (end, bound), max_bytes).await? {
            Seek::At(start, header, walk) => (start, header, walk),
            Seek::Beyond => return Ok(Located::Beyond),
            Seek::Damaged(position) => return Ok(Located::Damaged { position }),
        };
        let first_end = start + u32::try_from(header.size()).unwrap_or(u32::MAX - start);
        let mut limit = start.saturating_add(u32::try_from(max_bytes).unwrap_or(u32::MAX)).min(end);
        if limit < first_end {
            if !at_least_one {
                return Ok(Located::Range { start, end: start });
            }
            limit = first_end;
        }
        match self.check(walk, (start, limit), header.base_offset, bound).await? {
            good if good <= start => Ok(Located::Damaged { position: start }),
            // What was checked before may reach further than what may be seen now.
            good => {
                let good = good.min(limit);
                Ok(Located::Range { start, end: self.last_boundary(start, first_end, good, end).await? })
            }
        }
    }

    /// Where the first batch below position `end` starts that begins at `offset` or behind it; `end` when there is none.
    pub(crate) async fn position_of(
        self: &Arc<Self>,
        cache: &IndexCache,
        offset: i64,
        end: u32,
    ) -> io::Result<u32> {
        self.load_index(cache).await?;
        let start = {
            let state = self.state();
            state.index.as_ref().map_or(0, |index| index.position_before(self.relative(offset - 1)))
        };
        let mut walk = Walk::new(self.file()?, start.min(end), end, HEADERS_AHEAD);
        let mut next_offset = self.base_offset;
        let mut start = start;
        loop {
            let position = walk.position();
            match walk.next_header().await? {
                Next::Found(header) if header.base_offset >= offset => {
                    // An entry of the index may be wrong.
                    if position == start && start > 0 {
                        start = 0;
                        next_offset = self.base_offset;
                        walk.jump(0);
                        continue;
                    }
                    return Ok(position);
                }
                Next::Found(header) => next_offset = header.next_offset(),
                Next::End => return Ok(end),
                Next::Bad if position == start && start > 0 => {
                    start = 0;
                    walk.jump(0);
                }
                Next::Bad => walk.jump(self.mark_bad(position, end, next_offset).await?),
            }
        }
    }

    /// The offset at which the batch at `position` begins, if one does below position `end`.
    pub(crate) async fn offset_at(&self, position: u32, end: u32) -> io::Result<Option<i64>> {
        let mut walk = Walk::new(self.file()?, position, end, BATCH_HEADER_LEN);
        match walk.next_header().await? {
            Next::Found(header) => Ok(Some(header.base_offset)),
            Next::Bad | Next::End => Ok(None),
        }
    }

    /// The batch that holds `from`, where an entry of the index names it and the header says the same: then it is read at
    /// once, with as much of what stands behind it as is wanted. `None` says nothing.
    async fn named(&self, from: i64, (end, bound): (u32, i64), max_bytes: usize) -> io::Result<Option<Seek>> {
        let (entry, wanted, is_checked) = {
            let state = self.state();
            let around = state.index.as_ref().and_then(|index| index.around(self.relative(from)));
            // Where many batches lie between two entries, the one that is searched has none of its own.
            let Some(Around { before, entry, after }) = around.filter(|around| !around.is_dense()) else {
                return Ok(None);
            };
            if entry.position >= end || before >= end || state.bad_until(entry.position).is_some() {
                return Ok(None);
            }
            let size = (after.unwrap_or(end).min(end) - entry.position) as usize;
            let wanted = size.max(max_bytes).min(DATA_AHEAD).min((end - entry.position) as usize);
            let checked = state.checked.covered_until(entry.position).unwrap_or(0);
            let is_checked = checked.saturating_sub(entry.position) as usize >= wanted;
            // A reader that goes through the log: the system reads ahead for it, and does so best after a small look.
            let goes_on = entry.position > 0 && state.checked.covered_until(entry.position - 1).is_some();
            if goes_on && !is_checked && wanted > SEARCH_AHEAD_MAX {
                return Ok(None);
            }
            (entry, wanted, is_checked)
        };
        let mut walk = match is_checked {
            // Nothing but the header is looked at, and the rest is only read by who gets it.
            true => self.walk(entry.position, end, BATCH_HEADER_LEN)?.followed_by(wanted),
            false => self.walk(entry.position, end, wanted)?,
        };
        Ok(match walk.next_header().await? {
            Next::Found(header)
                if self.relative(header.last_offset()) == entry.relative_offset
                    && (self.base_offset..=from).contains(&header.base_offset)
                    && (from..bound).contains(&header.last_offset()) =>
            {
                Some(Seek::At(entry.position, header, walk))
            }
            _ => None,
        })
    }

    /// How much is read at once by a search that begins at `position`: what lies between entries, and the batch behind it
    /// where its checksum is to be looked at as well.
    fn ahead_of_search(&self, relative: u32, (position, end): (u32, u32), max_bytes: usize) -> usize {
        let state = self.state();
        let around = state.index.as_ref().and_then(|index| index.around(relative));
        let until = around.and_then(|around| around.after).unwrap_or(end).min(end);
        let is_checked = state.checked.covered_until(position).is_some_and(|checked| checked >= until);
        if is_checked || max_bytes > SEARCH_AHEAD_MAX {
            return HEADERS_AHEAD;
        }
        (until.saturating_sub(position) as usize).clamp(HEADERS_AHEAD, SEARCH_AHEAD_MAX)
    }

    /// Finds the first batch that ends at `from` or behind it, of which at most `max_bytes` will be asked for. All batches
    /// end below `bound`.
    async fn seek(&self, from: i64, (end, bound): (u32, i64), max_bytes: usize) -> io::Result<Seek> {
        if let Some(found) = self.named(from, (end, bound), max_bytes).await? {
            return Ok(found);
        }
        for repaired in [false, true] {
            let relative = self.relative(from);
            let entry = self.state().index.as_ref().and_then(|index| index.entry_before(relative));
            let position = entry.map_or(0, |entry| entry.position);
            let ahead = self.ahead_of_search(relative, (position, end), max_bytes);
            let mut walk = self.walk(position.min(end), end, ahead)?;
            let mut next_offset = self.base_offset;
            // An entry vouches for the batch that it names; what stands behind it does not.
            if let Some(entry) = entry
                && let Next::Found(header) = walk.next_header().await?
                && self.relative(header.last_offset()) == entry.relative_offset
            {
                next_offset = header.base_offset.max(next_offset);
            }
            walk.jump(position.min(end));
            // The batch before, of which only the header was looked at: where it starts, and from which offset on.
            let mut before = None;
            let is_wrong = loop {
                let position = walk.position();
                match walk.next_in_order(next_offset, bound, false).await? {
                    Next::Found(header) => {
                        // A header that lies about its length leads past batches, perhaps to one that is none before.
                        if header.base_offset > next_offset
                            && header.base_offset > from
                            && let Some((at, offset)) = before.take()
                            && !self.is_whole(at, end).await?
                        {
                            self.mark_bad(at, end, offset).await?;
                            next_offset = offset;
                            walk = self.walk(at, end, HEADERS_AHEAD)?;
                            continue;
                        }
                        // The batch that an entry names ends at its offset; else one of them is wrong.
                        let named = entry.filter(|entry| entry.position == position);
                        if named
                            .is_some_and(|entry| self.relative(header.last_offset()) != entry.relative_offset)
                        {
                            break true;
                        }
                        if header.last_offset() >= from {
                            return Ok(Seek::At(position, header, walk));
                        }
                        before = Some((position, next_offset));
                        next_offset = header.next_offset();
                    }
                    Next::End => return Ok(Seek::Beyond),
                    Next::Bad if entry.is_some_and(|entry| entry.position == position) => break true,
                    Next::Bad => {
                        if let Some((at, offset)) = before.take()
                            && !self.is_known_bad(position)
                            && !self.is_whole(at, end).await?
                        {
                            self.mark_bad(at, end, offset).await?;
                            next_offset = offset;
                            walk = self.walk(at, end, HEADERS_AHEAD)?;
                            continue;
                        }
                        let resume = self.mark_bad(position, end, next_offset).await?;
                        walk.jump(resume);
                        // The offset was in what is damaged when the next good batch starts behind it.
                        match walk.next_in_order(next_offset, bound, false).await? {
                            Next::Found(header) if header.base_offset > from => {
                                return Ok(Seek::Damaged(position));
                            }
                            Next::End => return Ok(Seek::Damaged(position)),
                            Next::Found(_) | Next::Bad => walk.jump(resume),
                        }
                    }
                }
            };
            if !is_wrong || repaired {
                break;
            }
            self.repair_index(end).await?;
        }
        Ok(Seek::Beyond)
    }

    /// Checks the batches in `[start, limit)` that were not checked yet, going on from `walk`, which may hold some of their
    /// bytes. Answers where the first damaged one starts, or a place at or behind `limit`.
    async fn check(&self, walk: Walk, (start, limit): (u32, u32), from: i64, bound: i64) -> io::Result<u32> {
        let (len, bad) = {
            let state = self.state();
            (state.len, state.bad.clone())
        };
        let mut walk = walk.onward(len, DATA_AHEAD.min((limit - start) as usize)).avoiding(bad);
        walk.jump(start);
        let mut next_offset = from;
        // From where on batches were passed over, because they were checked before.
        let mut passed = None;
        while walk.position() < limit {
            let position = walk.position();
            {
                let state = self.state();
                if state.bad_until(position).is_some() {
                    return Ok(position);
                }
                if let Some(until) = state.checked.covered_until(position) {
                    drop(state);
                    passed.get_or_insert(position);
                    walk.jump(until);
                    continue;
                }
            }
            match walk.next_in_order(next_offset, bound, true).await? {
                Next::Found(header) => {
                    passed = None;
                    next_offset = header.next_offset();
                    self.state().checked.insert(position, walk.position());
                }
                Next::End => break,
                Next::Bad => {
                    let Some(at) = passed.take() else {
                        self.mark_bad(position, len, next_offset).await?;
                        return Ok(position);
                    };
                    // Behind what was passed over a batch may only seem to skip offsets.
                    let mut before = self.walk(at, position, HEADERS_AHEAD)?;
                    while let Next::Found(header) = before.next_header().await? {
                        next_offset = header.next_offset();
                    }
                }
            }
        }
        Ok(walk.position())
    }

    /// A walk that stays before what is known to be damaged, whatever its header says.
    pub(crate) fn walk(&self, position: u32, end: u32, ahead: usize) -> io::Result<Walk> {
        let bad = self.state().bad.clone();
        Ok(Walk::new(self.file()?, position, end, ahead).avoiding(bad))
    }

    fn is_known_bad(&self, position: u32) -> bool {
        self.state().bad.contains_key(&position)
    }

    /// Whether the batch at `position` is as it was written.
    async fn is_whole(&self, position: u32, end: u32) -> io::Result<bool> {
        if self.state().checked.covered_until(position).is_some() {
            return Ok(true);
        }
        let mut walk = self.walk(position, end, DATA_AHEAD)?;
        Ok(matches!(walk.next_batch().await?, Next::Found(_)))
    }

    /// Remembers that the batch at `position`, which should go on from `next_offset`, is damaged.
    /// Answers where the next good one starts.
    pub(crate) async fn mark_bad(&self, position: u32, end: u32, next_offset: i64) -> io::Result<u32> {
        if let Some(resume) = self.state().bad_until(position) {
            return Ok(resume);
        }
        let resume = next_good(&self.file()?, position, end, next_offset).await?.unwrap_or(end);
        self.damaged(position, resume, next_offset);
        Ok(resume)
    }

    /// The last place at or before `good` where a batch ends, given that one ends at `first_end`.
    async fn last_boundary(&self, start: u32, first_end: u32, good: u32, end: u32) -> io::Result<u32> {
        if good == end || good == first_end {
            return Ok(good);
        }
        let indexed = {
            let state = self.state();
            state.index.as_ref().and_then(|index| index.boundary_in(start, good))
        };
        if let Some(entry) = indexed {
            // Only the batch that it names proves an entry: the file may have been cut and written
            // anew since, and the index have come back with an older state.
            let mut walk = self.walk(entry.position, end, BATCH_HEADER_LEN)?;
            match walk.next_header().await? {
                Next::Found(header) if self.relative(header.last_offset()) == entry.relative_offset => {
                    return Ok(entry.position.max(first_end));
                }
                _ => {}
            }
        }
        let mut walk = self.walk(first_end, end, HEADERS_AHEAD)?;
        let mut last = first_end;
        while let Next::Found(_) = walk.next_header().await? {
            if walk.position() > good {
                break;
            }
            last = walk.position();
        }
        Ok(last)
    }

    /// The newest batch's timestamp; `None` when the segment is empty.
    pub(crate) async fn newest_timestamp(self: &Arc<Self>, cache: &IndexCache) -> io::Result<Option<i64>> {
        if let Some(newest) = self.state().newest {
            return Ok(Some(newest.timestamp));
        }
        self.load_index(cache).await?;
        Ok(self.state().newest.map(|newest| newest.timestamp))
    }

    /// The newest timestamp of the batches below position `end`, all of which end below offset `bound`; `None` when there
    /// is none. Reads no more than what lies behind the last index entry before it.
    pub(crate) async fn newest_below(
        self: &Arc<Self>,
        cache: &IndexCache,
        (end, bound): (u32, i64),
    ) -> io::Result<Option<i64>> {
        // Right after a roll nothing of the segment is visible; no relative offset says so.
        if end == 0 || bound <= self.base_offset {
            return Ok(None);
        }
        self.load_index(cache).await?;
        let (start, mut newest) = {
            let state = self.state();
            let last = self.relative(bound - 1);
            if let Some(newest) = state.newest.filter(|newest| newest.relative_offset <= last) {
                return Ok(Some(newest.timestamp));
            }
            let entry = state.index.as_ref().and_then(|index| index.entry_before(last));
            let known = entry.zip(state.index.as_ref());
            let known = known.and_then(|(entry, index)| index.newest_up_to(entry.relative_offset));
            (entry.map_or(0, |entry| entry.position), known)
        };
        let mut walk = self.walk(start.min(end), end, HEADERS_AHEAD)?;
        loop {
            let position = walk.position();
            match walk.next_header().await? {
                Next::Found(header) => newest = newest.max(Some(header.max_timestamp)),
                Next::End => return Ok(newest),
                Next::Bad => walk.jump(self.mark_bad(position, end, self.base_offset).await?),
            }
        }
    }

    /// The newest timestamp of the records from offset `from` on, below position `end` and offset `bound`, by looking at each
    /// batch.
    pub(crate) async fn newest_since(
        self: &Arc<Self>,
        cache: &IndexCache,
        from: i64,
        (end, bound): (u32, i64),
    ) -> io::Result<Option<i64>> {
        if end == 0 || bound <= self.base_offset {
            return Ok(None);
        }
        self.load_index(cache).await?;
        let start = self.start_of_search(self.relative(from.min(bound - 1)), end).await?;
        let mut walk = self.walk(start.min(end), end, HEADERS_AHEAD)?;
        let mut newest = None;
        loop {
            let position = walk.position();
            match walk.next_header().await? {
                Next::Found(header) if header.last_offset() < from => {}
                Next::Found(header) if header.base_offset >= from => {
                    newest = newest.max(Some(header.max_timestamp));
                }
                // Some of its records are deleted.
                Next::Found(_) => {
                    let next = walk.position();
                    walk.jump(position);
                    if let Next::Found(batch) = walk.next_batch().await?
                        && let Ok(records) = batch.records(&DecodeLimits::DEFAULT)
                    {
                        let left =
                            records.iter().map_while(Result::ok).filter(|record| record.offset >= from);
                        newest = newest.max(left.map(|record| record.timestamp).max());
                    }
                    walk.jump(next);
                }
                Next::End => return Ok(newest),
                Next::Bad => walk.jump(self.mark_bad(position, end, self.base_offset).await?),
            }
        }
    }

    /// The first batch below position `end` and offset `bound` that has a record of `timestamp` or newer, and that ends
    /// at `from` or behind it.
    pub(crate) async fn first_batch_since(
        self: &Arc<Self>,
        cache: &IndexCache,
        timestamp: i64,
        from: i64,
        (end, bound): (u32, i64),
    ) -> io::Result<Option<Batch>> {
        // Right after a roll nothing of the segment is visible; no relative offset says so.
        if end == 0 || bound <= self.base_offset {
            return Ok(None);
        }
        self.load_index(cache).await?;
        let start = self.start_of_search_by_time(timestamp, self.relative(from), (end, bound)).await?;
        let mut walk = self.walk(start.min(end), end, HEADERS_AHEAD)?;
        loop {
            let position = walk.position();
            match walk.next_header().await? {
                Next::Found(header) if header.max_timestamp >= timestamp && header.last_offset() >= from => {
                    walk.jump(position);
                    match walk.next_batch().await? {
                        Next::Found(batch) => return Ok(Some(batch)),
                        Next::End => return Ok(None),
                        Next::Bad => walk.jump(self.mark_bad(position, end, self.base_offset).await?),
                    }
                }
                Next::Found(_) => {}
                Next::End => return Ok(None),
                Next::Bad => walk.jump(self.mark_bad(position, end, self.base_offset).await?),
            }
        }
    }
}

impl Segment {
    /// Where to begin a search for this offset below position `end`, which is where a batch starts: an entry that names none
    /// has the index made anew.
    async fn start_of_search(&self, relative: u32, end: u32) -> io::Result<u32> {
        for repaired in [false, true] {
            let entry = self.state().index.as_ref().and_then(|index| index.entry_before(relative));
            let Some(entry) = entry else { break };
            let mut walk = Walk::new(self.file()?, entry.position, end, HEADERS_AHEAD);
            match walk.next_header().await? {
                Next::Found(header) if self.relative(header.last_offset()) == entry.relative_offset => {
                    return Ok(entry.position);
                }
                _ if repaired => break,
                _ => self.repair_index(end).await?,
            }
        }
        Ok(0)
    }

    /// Where to begin a search for a record that is this new and not before this offset, among the batches below position
    /// `end`, all of which end below offset `bound`. Later ones may not have been written yet.
    async fn start_of_search_by_time(
        &self,
        timestamp: i64,
        relative: u32,
        (end, bound): (u32, i64),
    ) -> io::Result<u32> {
        let last = self.relative(bound - 1);
        let relative = relative.min(last);
        for _ in 0..2 {
            let entry = self.state().index.as_ref().and_then(|index| index.time_before_in(timestamp, last));
            let Some(entry) = entry else { break };
            let start = self.start_of_search(entry.relative_offset, end).await?;
            // No checksum covers an index, and a time that is wrong would pass over records.
            if self.is_its_time(entry, start, end).await? {
                return Ok(start.max(self.start_of_search(relative, end).await?));
            }
            self.repair_index(end).await?;
        }
        self.start_of_search(relative, end).await
    }
}

/// Where a search for an offset ended.
#[derive(Debug)]
enum Seek {
    /// In the batch that starts here, and has this header; what was read on the way may hold more of it.
    At(u32, BatchHeader, Walk),
    Beyond,
    Damaged(u32),
}
