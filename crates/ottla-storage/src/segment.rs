//! One segment of a log: a file of batches, its indexes, and what is known about them.
//!
//! Here live the names of its files, the open file, the index in memory and the parts that were
//! checked since the segment was opened. Reading is in [`reading`], the files of the index are in
//! [`index_files`] and [`aborted_file`], the walk from batch to batch is in [`walk`], when to begin the next segment is
//! in [`roll`]. What is appended, and when, is decided in the log.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use crate::aborted::{AbortedEntry, Known, SegmentAborted, encode};
use crate::disk::{Disk, File, OpenMode};
use crate::findings::{FindingKind, Findings};
use crate::index::{Index, OffsetEntry, RELATIVE_OFFSET_MAX, TimeEntry};
use crate::lock::lock;
use crate::offset::Offset;
use crate::ranges::Ranges;
use crate::segment::roll::Begun;

pub(crate) mod aborted_file;
pub(crate) mod index_files;
pub(crate) mod reading;
pub(crate) mod roll;
pub(crate) mod walk;

/// The kinds of files that are named after an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    Log,
    Index,
    TimeIndex,
    TxnIndex,
    Snapshot,
    Producers,
    Cut,
}

impl Suffix {
    pub(crate) const ALL: [Self; 7] =
        [Self::Log, Self::Index, Self::TimeIndex, Self::TxnIndex, Self::Snapshot, Self::Producers, Self::Cut];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Index => "index",
            Self::TimeIndex => "timeindex",
            Self::TxnIndex => "txnindex",
            Self::Snapshot => "snapshot",
            Self::Producers => "producers",
            Self::Cut => "cut",
        }
    }
}

/// What stands behind the names of a segment's files, and says what they count for after a restart. Kafka's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing: they are the log.
    Live,
    /// `.cleaned`: half written, they count for nothing.
    Cleaned,
    /// `.swap`: whole; they take the place of all that they cover.
    Swap,
    /// `.deleted`: they are no longer part of the log. Behind a number where others of this base left shortly before.
    Deleted,
}

impl Stage {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Cleaned => ".cleaned",
            Self::Swap => ".swap",
            Self::Deleted => ".deleted",
        }
    }
}

/// The files of a segment that leave and come with it. The one that counts comes last.
const FILES: [Suffix; 4] = [Suffix::Index, Suffix::TimeIndex, Suffix::TxnIndex, Suffix::Log];

/// `00000000000000000042.log`: twenty digits, so that names sort as offsets do.
pub(crate) fn file_name(offset: i64, suffix: Suffix) -> String {
    format!("{offset:020}.{}", suffix.as_str())
}

/// What [`file_name`] made the name from; `None` for any other name.
pub(crate) fn parse_file_name(name: &str) -> Option<(i64, Suffix)> {
    let (digits, suffix) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let suffix = Suffix::ALL.into_iter().find(|known| known.as_str() == suffix)?;
    Some((digits.parse().ok()?, suffix))
}

/// A segment, open or not. Shared by the log, its readers and the ranges they were given.
pub(crate) struct Segment {
    base_offset: i64,
    disk: Arc<dyn Disk>,
    dir: Arc<Path>,
    stage: Mutex<Stage>,
    /// What tells its files from those of others of this base, once all have left.
    left_as: AtomicU32,
    file: Mutex<Option<Arc<dyn File>>>,
    state: Mutex<SegmentState>,
    writing_index: Mutex<()>,
    findings: OnceLock<Findings>,
}

/// What is known about the content of a segment.
#[derive(Debug, Default)]
pub(crate) struct SegmentState {
    /// Bytes of whole batches, from the start of the file.
    pub(crate) len: u32,
    /// The indexes, while they are in memory; always for the active segment.
    pub(crate) index: Option<Index>,
    /// The newest batch so far. `None` for an empty segment or until the index was in memory once.
    pub(crate) newest: Option<TimeEntry>,
    /// The newest timestamp of the first batch; `None` when it is not known, or there is none.
    pub(crate) first_timestamp: Option<i64>,
    /// The clock at the first append of this run, if the segment was empty then.
    pub(crate) begun_ms: Option<i64>,
    /// The clock at the last append: of this run, or the time of the file.
    pub(crate) written_ms: Option<i64>,
    /// How many entries of each index are in its file, in order; `None` when the files must be
    /// written anew.
    pub(crate) in_files: Option<(usize, usize)>,
    /// Whether these files were written since a sync has covered them.
    pub(crate) is_index_unsynced: bool,
    /// The index files are of an earlier run, of which nobody knows whether it came to sync them. Of no concern while the segment
    /// is the last, which every start looks at.
    pub(crate) is_index_from_before: bool,
    /// What was checked against its checksums since the segment was opened.
    pub(crate) checked: Ranges,
    /// Batches that were found damaged: where each starts and where the next good one does.
    pub(crate) bad: BTreeMap<u32, u32>,
    /// The transactions that were aborted by markers in it.
    pub(crate) aborted: SegmentAborted,
    /// For how many bytes room was reserved by this run, and not given back.
    pub(crate) reserved: u64,
}

impl SegmentState {
    /// Where the good batches go on behind damage that is known and that this position lies in.
    pub(crate) fn bad_until(&self, position: u32) -> Option<u32> {
        self.bad.range(..=position).next_back().map(|(_, resume)| *resume).filter(|resume| *resume > position)
    }

    /// Whether the index files wait for a sync.
    pub(crate) fn owes_index_sync(&self, is_last: bool) -> bool {
        self.is_index_unsynced || self.is_index_from_before && !is_last
    }

    /// When it was begun, for closing it by age.
    pub(crate) fn begun(&self) -> Begun {
        let indexed = || self.index.as_ref().and_then(Index::first_time).map(|entry| entry.timestamp);
        let by_records = self.first_timestamp.or_else(indexed);
        // Of an earlier run only the records tell, where they do not claim to be from later than its last write.
        let earlier = || Some(by_records.filter(|first| *first >= 0)?.min(self.written_ms?));
        Begun { by_records, by_clock: self.begun_ms.or_else(earlier) }
    }
}

impl Segment {
    /// A segment whose file may or may not exist yet, holding `len` bytes of whole batches.
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: Arc<Path>, base_offset: i64, state: SegmentState) -> Self {
        Self {
            base_offset,
            disk,
            dir,
            stage: Mutex::new(Stage::Live),
            left_as: AtomicU32::new(0),
            file: Mutex::new(None),
            state: Mutex::new(state),
            writing_index: Mutex::new(()),
            findings: OnceLock::new(),
        }
    }

    /// Says where to tell what is found wrong with it.
    pub(crate) fn report_to(&self, findings: &Findings) {
        let _ = self.findings.set(findings.clone());
    }

    fn report(&self, kind: FindingKind, suffix: Suffix, what: impl Into<String>) {
        // One that nobody said it to is told in the program's log alone.
        self.findings.get().cloned().unwrap_or_default().report(kind, &self.path(suffix), what);
    }

    pub(crate) fn index_made_anew(&self, why: &dyn fmt::Display) {
        self.report(FindingKind::MadeAnew, Suffix::Index, why.to_string());
    }

    /// Remembers that the batch at `position`, which starts at `offset` or behind it, is damaged, and that the next good
    /// one starts at `resume`.
    pub(crate) fn damaged(&self, position: u32, resume: u32, offset: i64) {
        let is_new = {
            let mut state = self.state();
            // It may have been good when it was checked.
            state.checked.remove(position, resume);
            state.bad.insert(position, resume).is_none()
        };
        if is_new {
            let what = format!(
                "{} bytes from position {position} on are not as they were written",
                resume - position
            );
            self.report(FindingKind::Damaged { position, offset: Offset(offset) }, Suffix::Log, what);
        }
    }

    /// The same, with files of other names.
    pub(crate) fn in_stage(self, stage: Stage) -> Self {
        *lock(&self.stage) = stage;
        self
    }

    /// Creates the file of a new segment, which is to be appended to.
    pub(crate) fn create(
        disk: Arc<dyn Disk>,
        dir: Arc<Path>,
        base_offset: i64,
        stage: Stage,
    ) -> io::Result<Self> {
        let index = Some(Index::default());
        let aborted = SegmentAborted::Known(Known::default());
        let state = SegmentState { index, aborted, ..SegmentState::default() };
        let segment = Self::new(disk, dir, base_offset, state).in_stage(stage);
        let file = segment.disk.open(&segment.path(Suffix::Log), OpenMode::Create)?;
        // What a crash may have left under this name was never part of the log.
        if !file.is_empty()? {
            file.truncate(0)?;
        }
        *lock(&segment.file) = Some(file);
        Ok(segment)
    }

    pub(crate) fn base_offset(&self) -> i64 {
        self.base_offset
    }

    pub(crate) fn path(&self, suffix: Suffix) -> PathBuf {
        self.path_in(*lock(&self.stage), suffix)
    }

    fn path_in(&self, stage: Stage, suffix: Suffix) -> PathBuf {
        let name = file_name(self.base_offset, suffix);
        match (stage, self.left_as.load(Ordering::Relaxed)) {
            (Stage::Deleted, number @ 1..) => self.dir.join(format!("{name}.{number}{}", stage.as_str())),
            _ => self.dir.join(name + stage.as_str()),
        }
    }

    /// Says which name its files are to take when it leaves: 0 for the plain one.
    pub(crate) fn leaves_as(&self, number: u32) {
        self.left_as.store(number, Ordering::Relaxed);
    }

    pub(crate) fn left_as(&self) -> u32 {
        self.left_as.load(Ordering::Relaxed)
    }

    pub(crate) fn stage(&self) -> Stage {
        *lock(&self.stage)
    }

    /// Gives its files other names. Who holds the segment goes on reading it. Durable after a sync of the folder.
    ///
    /// # Errors
    /// When the file of batches kept its name. An index that keeps its name is made anew where it is missed.
    pub(crate) fn rename(&self, to: Stage) -> io::Result<()> {
        let _no_index_is_written = lock(&self.writing_index);
        // Nobody opens a file by the name that it is losing.
        let _no_file_is_opened = lock(&self.file);
        let from = self.stage();
        for suffix in FILES {
            match self.disk.rename(&self.path_in(from, suffix), &self.path_in(to, suffix)) {
                Err(error) if suffix == Suffix::Log => return Err(error),
                _ => {}
            }
        }
        *lock(&self.stage) = to;
        Ok(())
    }

    /// Removes its files. Handles that are open go on reading.
    pub(crate) fn remove_files(&self) -> io::Result<()> {
        let _no_index_is_written = lock(&self.writing_index);
        let mut outcome = Ok(());
        for suffix in FILES {
            match self.disk.remove_file(&self.path(suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => outcome = Err(error),
                _ => {}
            }
        }
        outcome
    }

    /// The open file; opened now if it was not.
    pub(crate) fn file(&self) -> io::Result<Arc<dyn File>> {
        let mut file = lock(&self.file);
        if let Some(file) = &*file {
            return Ok(Arc::clone(file));
        }
        let opened = self.disk.open(&self.path(Suffix::Log), OpenMode::Write)?;
        *file = Some(Arc::clone(&opened));
        Ok(opened)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, SegmentState> {
        lock(&self.state)
    }

    /// The distance of an offset from the base, as far as an index can say it.
    pub(crate) fn relative(&self, offset: i64) -> u32 {
        let distance = offset.saturating_sub(self.base_offset).clamp(0, i64::from(RELATIVE_OFFSET_MAX));
        u32::try_from(distance).unwrap_or(RELATIVE_OFFSET_MAX)
    }

    /// Takes note of a batch behind all others, which was written and checked.
    ///
    /// `indexed` says whether an index entry is due for it.
    pub(crate) fn appended(&self, last_offset: i64, max_timestamp: i64, len: u32, indexed: bool) {
        let relative_offset = self.relative(last_offset);
        let mut state = self.state();
        let position = state.len;
        let entry = TimeEntry { timestamp: max_timestamp, relative_offset };
        if state.newest.is_none_or(|newest| newest.timestamp < max_timestamp) {
            state.newest = Some(entry);
        }
        let newest = state.newest;
        if indexed && let Some(index) = &mut state.index {
            index.push_offset(OffsetEntry { relative_offset, position });
            if let Some(newest) = newest {
                index.push_time(newest);
            }
        }
        state.len = position + len;
        state.checked.insert(position, position + len);
    }

    /// Takes note of the clock at an append whose first batch has this newest timestamp; call it before [`appended`](Self::appended).
    pub(crate) fn appends_at(&self, now_ms: i64, max_timestamp: i64) {
        let mut state = self.state();
        if state.len == 0 {
            state.first_timestamp = Some(max_timestamp);
            state.begun_ms = Some(now_ms);
        }
        state.written_ms = Some(now_ms);
    }

    /// Takes the newest batches back, which could not be written.
    pub(crate) fn take_back(&self, offset: i64, position: u32, newest: Option<TimeEntry>) {
        let relative_offset = self.relative(offset);
        let mut state = self.state();
        state.len = position;
        state.newest = newest;
        state.checked.truncate(position);
        state.aborted.take_back(offset);
        if let Some(index) = &mut state.index {
            index.truncate(relative_offset, position);
            let left = (index.offset_entries(), index.time_entries());
            // Entries are only written to files once what they point at is durable.
            state.in_files = state.in_files.map(|(offsets, times)| (offsets.min(left.0), times.min(left.1)));
        }
    }

    /// Makes a closed segment one that is written to again, after its newest batches were [taken back](Self::take_back): its
    /// files say nothing of those any more.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn reopen(&self) -> io::Result<()> {
        self.drop_index_files();
        let (at, bytes) = match &mut self.state().aborted {
            SegmentAborted::Known(known) => {
                known.open_from = None;
                (known.in_file, encode(&known.entries[known.in_file..]))
            }
            SegmentAborted::Unknown => {
                return Err(io::Error::other("its aborted transactions are not known"));
            }
        };
        self.write_aborted(at, &bytes)?;
        Ok(())
    }

    /// Takes note of a transaction whose abort marker is appended.
    pub(crate) fn aborted(&self, entry: AbortedEntry) {
        self.state().aborted.push(entry);
    }

    /// Closes the index: its last time entry names the newest batch of the segment.
    pub(crate) fn seal(&self) {
        let mut state = self.state();
        let newest = state.newest;
        if let (Some(index), Some(newest)) = (&mut state.index, newest) {
            index.push_time(newest);
            index.shrink();
        }
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Segment").field(&self.path(Suffix::Log)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_offsets_do_and_are_read_back() {
        assert_eq!(file_name(42, Suffix::Log), "00000000000000000042.log");
        for suffix in Suffix::ALL {
            assert_eq!(parse_file_name(&file_name(i64::MAX, suffix)), Some((i64::MAX, suffix)));
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in [
            "leader-epoch-checkpoint",
            "partition.metadata",
            "42.log",
            "00000000000000000042.log.deleted",
            "0000000000000000004x.log",
            "99999999999999999999.log",
            "+0000000000000000042.log",
        ] {
            assert_eq!(parse_file_name(name), None, "{name}");
        }
    }
}
