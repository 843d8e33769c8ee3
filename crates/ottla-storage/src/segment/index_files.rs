//! The index files of a segment: loading, checking, rebuilding and writing them.
//!
//! They are caches. One that is missing, cut off or senseless is made anew from the batches, and
//! the log goes on. The cache that bounds how many indexes of closed segments are in memory is
//! here as well; what an index holds is in [`crate::index`].

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use ottla_protocol::records::BatchHeader;

use super::walk::{HEADERS_AHEAD, Next, next_good};
use super::{Segment, Stage, Suffix};
use crate::disk::{Disk, File, OpenMode};
use crate::index::{Index, OFFSET_ENTRY_LEN, OffsetEntry, TIME_ENTRY_LEN, TimeEntry};
use crate::lock::lock;

/// Bytes behind the last entry above which an index counts as cut off. Several times what the
/// largest interval and batch in use leave.
const UNINDEXED_MAX: u32 = 32 * 1024 * 1024;

/// Batches behind the last time entry that are looked at for newer ones.
const LOOKED_AT: usize = 16;

/// Bytes between entries of an index that is made anew: Kafka's default.
pub(crate) const REBUILD_INTERVAL: u32 = 4096;

impl Segment {
    /// Makes sure that the index of a closed segment is in memory.
    pub(crate) async fn load_index(self: &Arc<Self>, cache: &IndexCache) -> io::Result<()> {
        let len = {
            let state = self.state();
            if state.index.is_some() {
                return Ok(());
            }
            state.len
        };
        let read = match self.read_index_files(len).await? {
            Ok(index) if !self.is_its_index(&index, len).await? => Err("it is not of this log".to_owned()),
            Ok(index) if self.has_newer(&index, len).await? => Err("its newest times are missing".to_owned()),
            read => read,
        };
        let (index, in_files) = match read {
            Ok(index) => {
                let entries = (index.offset_entries(), index.time_entries());
                (index, Some(entries))
            }
            Err(why) => {
                self.index_made_anew(&why);
                (self.rebuild_index(len).await?, None)
            }
        };
        let memory = index.memory();
        {
            let mut state = self.state();
            state.newest = index.last_time();
            state.in_files = in_files;
            state.index = Some(index);
        }
        cache.loaded(self, memory);
        Ok(())
    }

    /// Makes the index of what lies below position `end` anew, because an entry there turned out to be wrong. What lies
    /// behind it may not have been written yet, and its entries are of this run.
    pub(crate) async fn repair_index(&self, end: u32) -> io::Result<()> {
        self.index_made_anew(&"an entry is not what its batch says");
        let (mut index, next_offset) = self.rebuild_to(end).await?;
        let behind = self.relative(next_offset);
        let mut state = self.state();
        match &state.index {
            Some(old) => index.append_from(old, end, behind),
            // It was let go meanwhile, and is loaded again when it is missed.
            None if end < state.len => return Ok(()),
            None => {}
        }
        let below = index.last_time();
        let newer = |newest: &TimeEntry| below.is_none_or(|below| below.timestamp < newest.timestamp);
        state.newest =
            state.newest.filter(|newest| newest.relative_offset >= behind && newer(newest)).or(below);
        state.index = Some(index);
        state.in_files = None;
        Ok(())
    }

    /// What the index files of a segment of `len` bytes say, or why they cannot be used.
    pub(crate) async fn read_index_files(&self, len: u32) -> io::Result<Result<Index, String>> {
        let offsets = read_whole(self.disk.as_ref(), &self.path(Suffix::Index)).await;
        let times = read_whole(self.disk.as_ref(), &self.path(Suffix::TimeIndex)).await;
        let (offsets, times) = match (offsets, times) {
            (Ok(Some(offsets)), Ok(Some(times))) => (offsets, times),
            (Ok(None), _) | (_, Ok(None)) => return Ok(Err("a file is missing".to_owned())),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error.to_string())),
        };
        let index = match Index::parse(&offsets, &times, len) {
            Ok(index) => index,
            Err(bad) => return Ok(Err(bad.to_string())),
        };
        let indexed = index.last_offset().map_or(0, |entry| entry.position);
        if len.saturating_sub(indexed) > UNINDEXED_MAX {
            return Ok(Err(format!("it ends at {indexed} of {len} bytes")));
        }
        if len > 0 && index.last_time().is_none() {
            return Ok(Err("it has no time entry".to_owned()));
        }
        Ok(Ok(index))
    }

    /// Whether the last entries of an index, of offsets and of times, are what their batches say.
    pub(crate) async fn is_its_index(&self, index: &Index, len: u32) -> io::Result<bool> {
        if let Some(last) = index.last_offset() {
            let mut walk = self.walk(last.position, len, HEADERS_AHEAD)?;
            match walk.next_header().await? {
                Next::Found(header) if self.relative(header.last_offset()) == last.relative_offset => {}
                _ => return Ok(false),
            }
        }
        match index.last_time() {
            Some(last) => {
                let start = index.position_before(last.relative_offset);
                self.is_its_time(last, start, len).await
            }
            None => Ok(true),
        }
    }

    /// Whether batches of a closed segment are newer than the last time entry, which names the newest of all. Looks where
    /// an index that was cut off leaves some: behind that entry, and at the end.
    async fn has_newer(&self, index: &Index, len: u32) -> io::Result<bool> {
        let Some(last) = index.last_time() else { return Ok(false) };
        let end = index.last_offset().map_or(0, |entry| entry.position);
        for (start, headers_max) in
            [(index.position_before(last.relative_offset), LOOKED_AT), (end, usize::MAX)]
        {
            let mut walk = self.walk(start, len, HEADERS_AHEAD)?;
            for _ in 0..headers_max {
                match walk.next_header().await? {
                    Next::Found(header) if header.max_timestamp > last.timestamp => return Ok(true),
                    Next::Found(_) => {}
                    Next::Bad | Next::End => break,
                }
            }
        }
        Ok(false)
    }

    /// Whether a batch up to the last offset entry is newer than the last time entry. Only a time entry that lies can be
    /// to blame: `next` is the one behind the last, which names a later batch. It is held against that batch, and where
    /// they differ, or it cannot be found, each batch is looked at. Where there is no such entry, the index may have been
    /// cut off, and a few batches are looked at.
    pub(crate) async fn lacks_times(
        &self,
        index: &Index,
        next: Option<TimeEntry>,
        len: u32,
    ) -> io::Result<bool> {
        let Some(end) = index.last_offset() else { return Ok(false) };
        // Each entry of an offset comes with the newest time so far.
        let Some(last) = index.last_time() else { return Ok(true) };
        let headers_max = match next {
            None => LOOKED_AT,
            Some(next) if self.time_of(next, end.position, len).await? == Some(true) => return Ok(false),
            Some(_) => usize::MAX,
        };
        let mut walk = self.walk(index.position_before(last.relative_offset), len, HEADERS_AHEAD)?;
        for _ in 0..headers_max {
            if walk.position() > end.position {
                break;
            }
            match walk.next_header().await? {
                Next::Found(header) if header.max_timestamp > last.timestamp => return Ok(true),
                Next::Found(_) => {}
                Next::Bad | Next::End => break,
            }
        }
        Ok(false)
    }

    /// Whether a time entry is what its batch says, which starts at position `start` or behind it. Damage on the way
    /// to the batch is not its fault.
    pub(super) async fn is_its_time(&self, entry: TimeEntry, start: u32, len: u32) -> io::Result<bool> {
        Ok(self.time_of(entry, start, len).await?.unwrap_or(true))
    }

    /// The same; `None` where damage lies on the way.
    async fn time_of(&self, entry: TimeEntry, start: u32, len: u32) -> io::Result<Option<bool>> {
        let mut walk = self.walk(start, len, HEADERS_AHEAD)?;
        loop {
            match walk.next_header().await? {
                Next::Found(header) if self.relative(header.last_offset()) < entry.relative_offset => {}
                Next::Found(header) => {
                    // Older releases of Kafka name the record itself.
                    let is_named = self.relative(header.base_offset) <= entry.relative_offset;
                    return Ok(Some(is_named && header.max_timestamp == entry.timestamp));
                }
                Next::Bad => return Ok(None),
                Next::End => return Ok(Some(false)),
            }
        }
    }

    /// The first header of a batch that ends at this offset or behind it; `None` where there is none, or damage before it.
    pub(crate) async fn header_at(&self, offset: i64) -> io::Result<Option<BatchHeader>> {
        let relative = self.relative(offset);
        let (len, start) = {
            let state = self.state();
            (state.len, state.index.as_ref().map(|index| index.position_before(relative)))
        };
        let start = match start {
            Some(start) => start,
            None => self.read_index_files(len).await?.unwrap_or_default().position_before(relative),
        };
        let mut walk = self.walk(start.min(len), len, HEADERS_AHEAD)?;
        loop {
            match walk.next_header().await? {
                Next::Found(header) if header.last_offset() < offset => {}
                Next::Found(header) => return Ok(Some(header)),
                Next::Bad | Next::End => return Ok(None),
            }
        }
    }

    /// Walks the headers of the whole segment, and over damaged places to the next good batch.
    pub(crate) async fn rebuild_index(&self, len: u32) -> io::Result<Index> {
        self.rebuild_to(len).await.map(|(index, _)| index)
    }

    /// The same of what lies below position `len`, and the offset behind it.
    async fn rebuild_to(&self, len: u32) -> io::Result<(Index, i64)> {
        let file = self.file()?;
        let mut walk = self.walk(0, len, HEADERS_AHEAD)?;
        let mut next_offset = self.base_offset;
        let mut builder = IndexBuilder::default();
        let mut index = Index::default();
        loop {
            let position = walk.position();
            let header = match walk.next_in_order(next_offset, i64::MAX, false).await? {
                Next::Found(header) => header,
                Next::End => break,
                Next::Bad => {
                    let known = self.state().bad.get(&position).copied();
                    let resume = match known {
                        None => next_good(&file, position, len, next_offset).await?,
                        known => known,
                    };
                    let Some(resume) = resume else { break };
                    walk.jump(resume);
                    continue;
                }
            };
            next_offset = header.next_offset();
            let relative_offset = self.relative(header.last_offset());
            let size = walk.position() - position;
            let indexed = builder.is_due(size, REBUILD_INTERVAL);
            builder.newer(TimeEntry { timestamp: header.max_timestamp, relative_offset });
            if indexed {
                index.push_offset(OffsetEntry { relative_offset, position });
                builder.newest.iter().for_each(|newest| index.push_time(*newest));
            }
        }
        builder.newest.iter().for_each(|newest| index.push_time(*newest));
        index.shrink();
        Ok((index, next_offset))
    }

    /// The bytes that are missing from the index files, up to batches that end before `durable`.
    /// `None` when nothing is missing.
    pub(crate) fn unwritten_index(&self) -> Option<UnwrittenIndex> {
        let state = self.state();
        let index = state.index.as_ref()?;
        let entries = (index.offset_entries(), index.time_entries());
        if state.in_files == Some(entries) {
            return None;
        }
        let (offsets_at, times_at) = state.in_files.unwrap_or((0, 0));
        Some(UnwrittenIndex {
            entries,
            in_files: state.in_files,
            offsets: index.offset_bytes(offsets_at),
            times: index.time_bytes(times_at),
        })
    }

    /// Writes what [`unwritten_index`](Self::unwritten_index) found, without syncing it, and answers
    /// the files. Does nothing when somebody wrote more since.
    pub(crate) fn write_index(&self, unwritten: &UnwrittenIndex) -> io::Result<Vec<Arc<dyn File>>> {
        let _one_at_a_time = lock(&self.writing_index);
        if self.state().in_files != unwritten.in_files || self.stage() == Stage::Deleted {
            return Ok(Vec::new());
        }
        self.state().is_index_unsynced = true;
        let write = |suffix, at: usize, entry_len: usize, bytes: &[u8]| {
            let file = self.disk.open(&self.path(suffix), OpenMode::Create)?;
            let at = (at * entry_len) as u64;
            file.write_blocking(&[IoSlice::new(bytes)], at)?;
            let end = at + bytes.len() as u64;
            if file.len()? != end {
                file.truncate(end)?;
            }
            Ok::<_, io::Error>(file)
        };
        let (offsets_at, times_at) = unwritten.in_files.unwrap_or((0, 0));
        let offsets = write(Suffix::Index, offsets_at, OFFSET_ENTRY_LEN, &unwritten.offsets)?;
        let times = write(Suffix::TimeIndex, times_at, TIME_ENTRY_LEN, &unwritten.times)?;
        let mut state = self.state();
        if state.in_files == unwritten.in_files {
            state.in_files = Some(unwritten.entries);
        }
        Ok(vec![offsets, times])
    }

    /// Whether the index files wait for a sync; from now on they do not, because the caller makes one, or calls
    /// [`drop_index_files`](Self::drop_index_files) if it fails.
    pub(crate) fn take_index_unsynced(&self, is_last: bool) -> bool {
        let _no_index_is_written = lock(&self.writing_index);
        let mut state = self.state();
        let owed = state.owes_index_sync(is_last);
        if owed {
            (state.is_index_unsynced, state.is_index_from_before) = (false, false);
        }
        owed
    }

    /// Takes note of index files that hold the whole index already, as a close leaves them: then nothing of it is unwritten. Whether
    /// they were synced is not known.
    pub(crate) fn recognize_index(&self) {
        let _no_index_is_written = lock(&self.writing_index);
        let of = |index: &Index| (index.offset_bytes(0), index.time_bytes(0));
        let Some((offsets, times)) = self.state().index.as_ref().map(of) else { return };
        let holds = |suffix, bytes: &[u8]| {
            let file = self.disk.open(&self.path(suffix), OpenMode::Read)?;
            let has_len = file.len()? == bytes.len() as u64;
            Ok::<_, io::Error>(has_len && file.read_blocking(0, bytes.len())? == bytes)
        };
        // One that is missing, or cannot be read, is written anew.
        if !matches!((holds(Suffix::Index, &offsets), holds(Suffix::TimeIndex, &times)), (Ok(true), Ok(true)))
        {
            return;
        }
        let mut state = self.state();
        if let Some(index) = state.index.as_ref().filter(|index| of(index) == (offsets, times)) {
            state.in_files = Some((index.offset_entries(), index.time_entries()));
        }
    }

    /// The index files, for syncing them. Those that are missing are made anew when they are missed.
    pub(crate) fn open_index_files(&self) -> io::Result<Vec<Arc<dyn File>>> {
        let open = |suffix| match self.disk.open(&self.path(suffix), OpenMode::Read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => Some(opened),
        };
        [Suffix::Index, Suffix::TimeIndex].into_iter().filter_map(open).collect()
    }

    /// The index files may never reach the device, though they can be read: they are removed, and made anew.
    pub(crate) fn drop_index_files(&self) {
        let _one_at_a_time = lock(&self.writing_index);
        if self.stage() == Stage::Live {
            for suffix in [Suffix::Index, Suffix::TimeIndex] {
                // One that stays is written over.
                let _ = self.disk.remove_file(&self.path(suffix));
            }
        }
        self.state().in_files = None;
    }
}

/// Index entries on their way to the files.
#[derive(Debug)]
pub(crate) struct UnwrittenIndex {
    entries: (usize, usize),
    in_files: Option<(usize, usize)>,
    offsets: Vec<u8>,
    times: Vec<u8>,
}

/// Decides which batches get an entry: one whenever more than the interval lies since the last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IndexBuilder {
    since_entry: u32,
    newest: Option<TimeEntry>,
}

impl IndexBuilder {
    /// A builder that goes on with `since_entry` bytes behind the last entry.
    pub(crate) fn resume(since_entry: u32) -> Self {
        Self { since_entry, newest: None }
    }

    /// Whether the next batch, of `len` bytes, gets an entry.
    pub(crate) fn is_due(&mut self, len: u32, interval: u32) -> bool {
        let due = self.since_entry > interval;
        self.since_entry = if due { len } else { self.since_entry.saturating_add(len) };
        due
    }

    fn newer(&mut self, entry: TimeEntry) {
        if self.newest.is_none_or(|newest| newest.timestamp < entry.timestamp) {
            self.newest = Some(entry);
        }
    }
}

/// The content of a file; `None` when there is no such file.
pub(crate) async fn read_whole(disk: &dyn Disk, path: &Path) -> io::Result<Option<Bytes>> {
    let file = match disk.open(path, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
    file.read_at(0, len).bytes().await.map(Some)
}

/// Bounds the memory of the indexes of closed segments: past it, the longest loaded is let go.
#[derive(Debug)]
pub(crate) struct IndexCache {
    bytes_max: usize,
    loaded: Mutex<Loaded>,
}

#[derive(Debug, Default)]
struct Loaded {
    bytes: usize,
    segments: VecDeque<(Weak<Segment>, usize)>,
}

impl IndexCache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, loaded: Mutex::default() }
    }

    /// Counts the index of a closed segment, which is in memory from now on.
    pub(crate) fn loaded(&self, segment: &Arc<Segment>, memory: usize) {
        let mut loaded = lock(&self.loaded);
        loaded.bytes += memory;
        loaded.segments.push_back((Arc::downgrade(segment), memory));
        while loaded.bytes > self.bytes_max && loaded.segments.len() > 1 {
            let Some((oldest, memory)) = loaded.segments.pop_front() else { break };
            loaded.bytes -= memory;
            if let Some(oldest) = oldest.upgrade() {
                let mut state = oldest.state();
                // One that is not in its files yet stays until it is.
                if state.in_files.is_some() || state.index.is_none() {
                    state.index = None;
                    state.aborted.forget();
                } else {
                    drop(state);
                    loaded.bytes += memory;
                    loaded.segments.push_back((Arc::downgrade(&oldest), memory));
                    break;
                }
            }
        }
    }
}
