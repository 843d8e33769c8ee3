//! Reading the batches that no checkpoint vouches for, and deciding what becomes of what is no
//! batch.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::records::BatchHeader;

use super::Before;
use crate::disk::wait::completed;
use crate::disk::{Disk, File, OpenMode};
use crate::epochs::Epoch;
use crate::findings::{FindingKind, Findings};
use crate::index::{Index, OffsetEntry, TimeEntry};
use crate::planted;
use crate::segment::index_files::{IndexBuilder, REBUILD_INTERVAL};
use crate::segment::walk::{DATA_AHEAD, HEADERS_AHEAD, Next, Walk, next_good};
use crate::segment::{Segment, Suffix, file_name};

/// The fewest bytes that a record takes.
const RECORD_BYTES_MIN: i64 = 7;

/// What the scan found.
#[derive(Default)]
pub(super) struct Scanned {
    pub(super) segments: Vec<Arc<Segment>>,
    /// Those that were read, and may hold bytes that no sync has covered.
    pub(super) read: Vec<Arc<Segment>>,
    /// From where on no sync is known to have covered them, in order.
    unsynced: Vec<(Arc<Segment>, u32)>,
    pub(super) log_end: i64,
    /// Epochs of the batches that were read.
    pub(super) epochs: Vec<Epoch>,
}

/// Reads what has to be read of `segments`, in order.
pub(super) async fn scan(
    disk: &dyn Disk,
    segments: Vec<Arc<Segment>>,
    before: &Before,
    findings: &Findings,
) -> io::Result<Scanned> {
    let mut scanned = Scanned {
        segments: Vec::new(),
        read: Vec::new(),
        unsynced: Vec::new(),
        log_end: 0,
        epochs: Vec::new(),
    };
    let mut rest = segments.into_iter().peekable();
    while let Some(segment) = rest.next() {
        let next_base = rest.peek().map(|next| next.base_offset());
        // What ends before the recovery point needs no look; the last is always looked at. What ends there may have bytes behind
        // its end that a failed write left: no sync is known to have covered that they were cut off.
        if next_base.is_some_and(|next| next < before.recovery_point) {
            scanned.segments.push(segment);
            continue;
        }
        let cut = read_segment(disk, &segment, before, (next_base, findings), &mut scanned).await?;
        scanned.segments.push(Arc::clone(&segment));
        scanned.read.push(segment);
        if cut {
            set_aside(disk, rest.collect(), findings).await?;
            break;
        }
    }
    Ok(scanned)
}

impl Scanned {
    /// Writes again, as it is, what no sync is known to have covered.
    ///
    /// A sync of the last run may have failed: then the kernel shows the bytes, takes them for clean, and lets every
    /// later sync of them go well, though the device never got them. Written again, they are dirty again.
    pub(super) async fn write_again(&self) -> io::Result<()> {
        for (segment, position) in &self.unsynced {
            let (file, len) = (segment.file()?, segment.state().len);
            let mut at = *position;
            while at < len {
                let bytes = file.read_at(u64::from(at), DATA_AHEAD.min((len - at) as usize)).bytes().await?;
                if bytes.is_empty() {
                    break;
                }
                file.write_blocking(&[io::IoSlice::new(&bytes)], u64::from(at))?;
                at += u32::try_from(bytes.len()).unwrap_or(len - at);
            }
        }
        Ok(())
    }
}

/// Reads one segment from its last trustworthy index entry on. Answers whether the log ends in it.
async fn read_segment(
    disk: &dyn Disk,
    segment: &Arc<Segment>,
    before: &Before,
    (next_base, findings): (Option<i64>, &Findings),
    scanned: &mut Scanned,
) -> io::Result<bool> {
    let file = segment.file()?;
    let len = segment.state().len;
    let (index, start) = trusted_index(segment, before, len).await?;
    let in_files = Some((index.offset_entries(), index.time_entries()));
    let mut reader = Reader::new(segment, index, start);
    let ahead = if before.is_clean { HEADERS_AHEAD } else { DATA_AHEAD };
    let mut walk = Walk::new(Arc::clone(&file), start, len, ahead);
    if start > 0
        && let Next::Found(header) = walk.next_header().await?
    {
        // The index entry vouches for it, whatever stands behind it.
        reader.next_offset = header.base_offset.max(reader.next_offset);
    }
    walk.jump(start);
    let mut cut = None;
    let mut unsynced = None;
    let mut lost_bytes = 0;
    let mut last = None;
    loop {
        let position = walk.position();
        // After a clean shutdown readers check what they read; here only the end is looked for.
        let bound = next_base.unwrap_or(i64::MAX);
        let mut next = walk.next_in_order(reader.next_offset, bound, !before.is_clean).await?;
        // Compaction never touches the last segment, so there what skips offsets is not what was written,
        // unless the search began in the middle, or what is skipped is rotten and was covered, or deleted.
        if let Next::Found(header) = &next
            && next_base.is_none()
            && header.base_offset > reader.next_offset.max(before.covered).max(before.log_start.unwrap_or(0))
            && position > start
        {
            walk.jump(position);
            next = Next::Bad;
        }
        // A header that was not checked may lie about its offsets or its length: then what stands behind it does not
        // fit, and is not to blame.
        if let Next::Found(header) = &next
            && before.is_clean
            && !walk.goes_on_from(header.next_offset()).await?
            && !is_whole(&file, position, len).await?
        {
            walk.jump(position);
            next = Next::Bad;
        }
        match next {
            Next::Found(header) => {
                last = Some((position, header.base_offset));
                reader.found(&header, position, walk.position() - position);
                if header.last_offset() >= before.safe() {
                    unsynced.get_or_insert(position);
                }
                if !before.is_clean {
                    segment.state().checked.insert(position, walk.position());
                }
            }
            Next::End => break,
            // A failed write left it: no offset is missing up to the next segment, which holds what followed.
            Next::Bad if next_base == Some(reader.next_offset) => {
                cut = Some((position, None));
                break;
            }
            Next::Bad => {
                let resume = next_good(&file, position, len, reader.next_offset).await?;
                if let Some(resume) = resume.filter(|_| planted::is("resurrected")) {
                    segment.damaged(position, resume, reader.next_offset);
                    walk.jump(resume);
                    continue;
                }
                let goes_on = match resume {
                    Some(resume) => segment.offset_at(resume, len).await?,
                    None => None,
                };
                // Bytes that no offset is missing for are no torn write: an earlier start left them as damaged at the end
                // of the log, which went on behind them. What did may have been promised.
                let is_older = goes_on == Some(reader.next_offset);
                // What was deleted was shown before, and nobody asks what became of it; what follows may have been promised.
                let is_deleted = goes_on.is_some_and(|offset| Some(offset) <= before.log_start);
                let covered = planted::is("torn_tail_not_cut")
                    || before.is_clean
                    || reader.next_offset < before.covered
                    || is_older
                    || is_deleted
                    || !before.has_record && (next_base.is_some() || resume.is_some());
                if !covered {
                    cut = Some((position, resume));
                    break;
                }
                let resume = resume.unwrap_or(len);
                segment.damaged(position, resume, reader.next_offset);
                lost_bytes = if resume == len { len - position } else { 0 };
                walk.jump(resume);
            }
        }
    }
    // A clean shutdown says where the log ends. A last batch that says otherwise has a damaged header.
    if before.is_clean
        && next_base.is_none()
        && reader.next_offset > before.covered
        && let Some((position, offset)) = last
    {
        let resume = next_good(&file, position, len, offset).await?.unwrap_or(len);
        segment.damaged(position, resume, offset);
        reader.next_offset = before.covered;
    }
    // Writes at the end of this segment that never arrived, before a roll whose file did: what
    // follows would leave a hole. Where a sync had covered all of it, the hole is rot and stays.
    let unwritten = !before.is_clean && before.has_record;
    let is_hole = |next: i64| unwritten && next > reader.next_offset.max(before.covered);
    let ends_here = cut.is_none() && next_base.is_none_or(is_hole);
    // What was synced was promised: its offsets are not given out again, even when they are lost.
    let mut log_end = reader.next_offset;
    if ends_here {
        // A recovery point has no checksum: it is believed as far as the bytes can have held records. It may be ahead of
        // the record of syncs where that could not be written.
        let most = log_end + i64::from(lost_bytes) / RECORD_BYTES_MIN;
        log_end = log_end.max(before.synced.unwrap_or(0)).max(before.covered.min(most));
    }
    if let Some((position, resume)) = cut {
        cut_off(disk, segment, (position, len), resume, reader.next_offset, findings).await?;
    }
    // A run that was not closed left the room that it had reserved.
    if let Err(error) = file.give_back() {
        tracing::warn!(?segment, %error, "the room that a segment did not use stays taken");
    }
    scanned.log_end = log_end;
    scanned.unsynced.extend(unsynced.map(|position| (Arc::clone(segment), position)));
    scanned.epochs.append(&mut reader.epochs);
    let entries = (reader.index.offset_entries(), reader.index.time_entries());
    {
        let mut state = segment.state();
        state.len = cut.map_or(len, |(position, _)| position);
        state.newest = reader.newest;
        state.in_files = in_files.filter(|_| entries.0 > 0 || entries.1 > 0 || in_files == Some((0, 0)));
        state.index = Some(reader.index);
        state.is_index_from_before = true;
    }
    if next_base.is_some() {
        segment.seal();
        if let Some(unwritten) = segment.unwritten_index() {
            segment.write_index(&unwritten)?;
        }
    }
    let is_missing_nothing = next_base == Some(reader.next_offset);
    Ok(cut.is_some() && !is_missing_nothing || ends_here)
}

/// Whether the batch at `position` is as it was written.
async fn is_whole(file: &Arc<dyn File>, position: u32, len: u32) -> io::Result<bool> {
    let mut walk = Walk::new(Arc::clone(file), position, len, DATA_AHEAD);
    Ok(matches!(walk.next_batch().await?, Next::Found(_)))
}

/// The part of the index files that speaks of what is before the recovery point, and the position
/// from which batches have to be read.
async fn trusted_index(segment: &Arc<Segment>, before: &Before, len: u32) -> io::Result<(Index, u32)> {
    let trusted = before.recovery_point;
    if trusted <= segment.base_offset() {
        return Ok((Index::default(), 0));
    }
    let mut index = match segment.read_index_files(len).await? {
        Ok(index) => index,
        Err(why) => {
            segment.index_made_anew(&why);
            return Ok((Index::default(), 0));
        }
    };
    let next = index.time_from(segment.relative(trusted));
    index.keep_below(segment.relative(trusted));
    let Some(last) = index.last_offset() else { return Ok((Index::default(), 0)) };
    let wrong = if !segment.is_its_index(&index, len).await? {
        "it is not of this log"
    } else if segment.lacks_times(&index, next, len).await? {
        "its newest times are missing"
    } else {
        return Ok((index, last.position));
    };
    segment.index_made_anew(&wrong);
    Ok((Index::default(), 0))
}

/// Collects what is learned from batch after batch.
struct Reader<'a> {
    segment: &'a Segment,
    index: Index,
    builder: IndexBuilder,
    newest: Option<TimeEntry>,
    next_offset: i64,
    epochs: Vec<Epoch>,
    /// The batch that the last trusted entry names is read once more, but has its entry.
    indexed_up_to: Option<u32>,
}

impl<'a> Reader<'a> {
    fn new(segment: &'a Segment, index: Index, start: u32) -> Self {
        Self {
            segment,
            builder: IndexBuilder::default(),
            newest: index.last_time(),
            next_offset: segment.base_offset(),
            epochs: Vec::new(),
            indexed_up_to: index.last_offset().map(|_| start),
            index,
        }
    }

    fn found(&mut self, header: &BatchHeader, position: u32, len: u32) {
        if position == 0 {
            self.segment.state().first_timestamp = Some(header.max_timestamp);
        }
        let relative_offset = self.segment.relative(header.last_offset());
        let newer = TimeEntry { timestamp: header.max_timestamp, relative_offset };
        if self.newest.is_none_or(|newest| newest.timestamp < newer.timestamp) {
            self.newest = Some(newer);
        }
        let due = self.builder.is_due(len, REBUILD_INTERVAL);
        if due && self.indexed_up_to.is_none_or(|up_to| position > up_to) {
            self.index.push_offset(OffsetEntry { relative_offset, position });
            self.newest.iter().for_each(|newest| self.index.push_time(*newest));
        }
        let begins = self.epochs.last().is_none_or(|last| last.epoch < header.partition_leader_epoch);
        if begins {
            self.epochs
                .push(Epoch { epoch: header.partition_leader_epoch, start_offset: header.base_offset });
        }
        self.next_offset = header.next_offset();
    }
}

/// Cuts the torn end of a segment off, after it was copied.
async fn cut_off(
    disk: &dyn Disk,
    segment: &Segment,
    (position, len): (u32, u32),
    resume: Option<u32>,
    offset: i64,
    findings: &Findings,
) -> io::Result<()> {
    let file = segment.file()?;
    let path = segment.path(Suffix::Log).with_file_name(file_name(offset, Suffix::Cut));
    let what = format!(
        "{} bytes from position {position} on, offset {offset}, were not written to their end{}; they are kept as {}",
        len - position,
        if resume.is_some() { ", though whole batches follow" } else { "" },
        path.display()
    );
    findings.report(FindingKind::Cut, &segment.path(Suffix::Log), what);
    let copy = async {
        let cut = disk.open(&path, OpenMode::Create)?;
        cut.truncate(0)?;
        let mut at = position;
        while at < len {
            let bytes = file.read_at(u64::from(at), DATA_AHEAD.min((len - at) as usize)).bytes().await?;
            if bytes.is_empty() {
                break;
            }
            cut.write_blocking(&[io::IoSlice::new(&bytes)], u64::from(at - position))?;
            at += u32::try_from(bytes.len()).unwrap_or(u32::MAX - at);
        }
        cut.sync_blocking()
    };
    if let Err(error) = copy.await {
        // It was never promised to anybody; a full disk must not keep the log closed.
        tracing::warn!(path = %path.display(), %error, "what is cut off could not be kept");
    }
    file.truncate(u64::from(position))?;
    // What comes back after a loss of power would stand among what was appended since.
    completed(|token, done| file.sync_data(token, done)).await
}

/// Takes segments out of the log, because it ends before they begin, or starts behind them. Durably: a name that is back after a
/// loss of power would stand among what was appended since.
pub(super) async fn set_aside(
    disk: &dyn Disk,
    segments: Vec<Arc<Segment>>,
    findings: &Findings,
) -> io::Result<()> {
    let what = "the log ends before this segment begins, or starts behind it";
    for segment in &segments {
        findings.report(FindingKind::SetAside, &segment.path(Suffix::Log), what);
        if segment.state().len > 0 {
            disk.rename(&segment.path(Suffix::Log), &segment.path(Suffix::Cut))?;
        } else {
            disk.remove_file(&segment.path(Suffix::Log))?;
        }
        for suffix in [Suffix::Index, Suffix::TimeIndex, Suffix::TxnIndex] {
            let _ = disk.remove_file(&segment.path(suffix));
        }
    }
    let Some(first) = segments.first() else { return Ok(()) };
    let path = first.path(Suffix::Log);
    let dir = path.parent().unwrap_or(Path::new(""));
    let synced = completed(|token, done| disk.start_sync_dir(dir, token, done)).await;
    if synced.is_err() {
        // No later sync would save what this one lost: the names are as before, and the next start has to do all of it again.
        for segment in &segments {
            let path = segment.path(Suffix::Log);
            let _ = match segment.state().len {
                0 => disk.open(&path, OpenMode::Create).map(drop),
                _ => disk.rename(&segment.path(Suffix::Cut), &path),
            };
        }
    }
    synced
}
