//! Looking for rot before a reader meets it.
//!
//! A *pass* reads all that syncs have covered, segment after segment and log after log, and holds each batch
//! against its checksum. What it finds is remembered and told as if a reader had come upon it
//! ([`Storage::findings`]), and goes out to nobody from then on. It starts with a log drawn by lot, so that a process
//! which is often started anew does not look at the same logs again and again; where a pass stood is not written down.
//!
//! What is read is not kept in the memory of the operating system, where that can be asked for, and what is
//! there stays there. Nothing runs by itself: whoever owns the storage calls [`Storage::scrub_next`].

use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use crate::compaction::{Pace, give_way};
use crate::error::Error;
use crate::lock::lock;
use crate::log::{Core, Log};
use crate::offset::{LogName, Offset};
use crate::segment::walk::{DATA_AHEAD, Next, Walk};
use crate::segment::{Segment, Stage, Suffix};
use crate::storage::Storage;

/// Bytes that are read before others get their turn.
const PIECE: u64 = 256 * 1024;

/// A segment that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scrubbed {
    /// The log.
    pub log: LogName,
    /// Where the segment begins.
    pub base_offset: Offset,
    /// Bytes that were held against their checksums.
    pub bytes: u64,
    /// Damaged batches that nobody had come upon before.
    pub damaged: u64,
}

/// Where a pass stands.
#[derive(Debug, Default)]
pub(crate) struct Scrubbing(Mutex<Option<Pass>>);

#[derive(Debug)]
struct Pass {
    /// The log with which it began.
    first: LogName,
    /// The log and segment it came to.
    last: Option<(LogName, i64)>,
    /// Whether it has come to the last log, and goes on with the first of all.
    has_wrapped: bool,
}

/// A segment, as far as syncs have covered it.
struct Source {
    log: Arc<Log>,
    segment: Arc<Segment>,
    len: u32,
    /// The offset below which all of it ends.
    bound: i64,
}

impl Storage {
    /// Holds the next segment against its checksums, as far as syncs have covered it. `None` when the pass is
    /// through; the next call begins another.
    ///
    /// Call it again at once after a segment, and after a while (the broker waits a week) when the pass is through.
    ///
    /// # Errors
    /// When a segment cannot be read; the next call goes on behind it.
    ///
    /// # Cancel safety
    /// A dropped future leaves the rest of the segment to the next pass.
    pub async fn scrub_next(&self, pace: &mut impl Pace) -> Result<Option<Scrubbed>, Error> {
        loop {
            let Some(source) = self.next_source() else { return Ok(None) };
            let (log, segment) = (&source.log, &source.segment);
            match scrub(&source, pace).await {
                Ok((bytes, damaged)) => {
                    return Ok(Some(Scrubbed {
                        log: log.name().clone(),
                        base_offset: Offset(segment.base_offset()),
                        bytes,
                        damaged,
                    }));
                }
                // It left the log, or the log is being closed or removed.
                Err(_) if segment.stage() != Stage::Live || log.core().is_ending() => {}
                Err(error) => return Err(Error::io("scrub", segment.path(Suffix::Log))(error)),
            }
        }
    }

    fn next_source(&self) -> Option<Source> {
        let mut scrubbing = lock(&self.scrubbing().0);
        if scrubbing.is_none() {
            let first = self.log_by_lot()?;
            *scrubbing = Some(Pass { first, last: None, has_wrapped: false });
        }
        let pass = scrubbing.as_mut()?;
        loop {
            let (from, after) = match &pass.last {
                None if pass.has_wrapped => (Bound::Unbounded, None),
                None => (Bound::Included(&pass.first), None),
                Some((log, base)) => (Bound::Included(log), Some((log.clone(), *base))),
            };
            let mut log = self.next_log(from);
            while let Some(found) = &log {
                if pass.has_wrapped && *found.name() >= pass.first {
                    log = None;
                    break;
                }
                let behind = after.as_ref().filter(|(name, _)| name == found.name()).map(|(_, base)| *base);
                if let Some(source) = Core::next_source(found, behind) {
                    pass.last = Some((found.name().clone(), source.segment.base_offset()));
                    return Some(source);
                }
                log = self.next_log(Bound::Excluded(found.name()));
            }
            if pass.has_wrapped {
                *scrubbing = None;
                return None;
            }
            (pass.has_wrapped, pass.last) = (true, None);
        }
    }
}

impl Core {
    /// The first segment behind the one that begins at `after`.
    fn next_source(log: &Arc<Log>, after: Option<i64>) -> Option<Source> {
        let state = lock(&log.core().state);
        if state.gone || state.stopped {
            return None;
        }
        let synced = state.synced;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        // An emptied range would be a panic.
        let mut rest =
            state.segments.range((from, Bound::Unbounded)).take_while(|(base, _)| **base <= synced.base);
        rest.find_map(|(base, segment)| {
            let len = segment.state().len;
            let is_last = *base == synced.base;
            let len = if is_last { synced.position.min(len) } else { len };
            let next = state.segments.range((Bound::Excluded(*base), Bound::Unbounded)).next();
            // What was found at the start lies below the place that is called synced, though no sync is known to have covered it.
            let bound = next.map_or(state.log_end, |(next, _)| *next);
            (len > 0).then(|| Source { log: Arc::clone(log), segment: Arc::clone(segment), len, bound })
        })
    }
}

/// Holds the batches of a segment against their checksums. Answers how many bytes were read, and how many batches are
/// damaged that were not known to be.
async fn scrub(source: &Source, pace: &mut impl Pace) -> io::Result<(u64, u64)> {
    let Source { log, segment, len, bound } = source;
    let file = segment.file()?;
    let walk_from = |position| Walk::new(Arc::clone(&file), position, *len, DATA_AHEAD).read_once();
    let mut walk = walk_from(0);
    let mut next_offset = segment.base_offset();
    let (mut bytes, mut damaged, mut worked) = (0, 0, 0);
    loop {
        let position = walk.position();
        let known = segment.state().bad_until(position);
        if let Some(resume) = known {
            walk.jump(resume.min(*len));
            continue;
        }
        let mut next = walk.next_in_order(next_offset, *bound, true).await?;
        if next == Next::Bad {
            // What came over the wire wrongly once is not what the device holds.
            walk = walk_from(position);
            next = walk.next_in_order(next_offset, *bound, true).await?;
        }
        match next {
            Next::Found(header) => {
                next_offset = header.next_offset();
                segment.state().checked.insert(position, walk.position());
            }
            Next::End => break,
            Next::Bad => {
                walk.jump(segment.mark_bad(position, *len, next_offset).await?);
                damaged += 1;
            }
        }
        worked += u64::from(walk.position() - position);
        if worked >= PIECE {
            bytes += worked;
            pace.worked(std::mem::take(&mut worked)).await;
            give_way().await;
            if log.core().is_ending() {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "the log is being closed or removed"));
            }
        }
    }
    pace.worked(worked).await;
    Ok((bytes + worked, damaged))
}
