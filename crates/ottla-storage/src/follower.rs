//! Following a log that another process appends to.
//!
//! One process at a time owns a folder, and holds its lock. A [`Follower`] takes no lock, and writes nothing: it reads the files as
//! they are, up to where the owner has written down that a sync covered them (`synced-offsets`). Here is what it
//! answers; where in which file it goes on, while segments come, leave and are replaced under it, is in [`place`].

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::records::BatchHeader;
use ottla_protocol::wire::Uuid;

use crate::disk::wait::block_on;
use crate::disk::{Disk, File};
use crate::error::{Error, ReadError};
use crate::files::{Damage, Loaded, MetaProperties, OffsetCheckpoint, folder_name, load};
use crate::offset::{LogName, Offset};
use crate::records::{Record, Undecodable, Unpacked};
use crate::root_files::META_COPY;
use crate::segment::walk::{DATA_AHEAD, Next, Walk, len_u32, next_good};
use crate::starts;
use crate::synced::{self, Found, SyncedOffsets};

mod place;

use self::place::Place;

/// Bytes of batches that are read at once, roughly.
const READ_BYTES: usize = 1024 * 1024;

/// Reads the records of a log that another process has open, and goes on appending to.
///
/// It shows what is on stable storage and nothing else, whatever the [`Durability`](crate::Durability) of the log: what it has
/// shown survives a loss of power. (Under [`Durability::Os`](crate::Durability::Os) that is behind by as much as its owner has not synced, or checkpointed.) It
/// takes no lock and writes nothing, so any number of them may follow, also while no process has the
/// folder. A log that has no records yet, and so no files, is followed from its first.
///
/// Nobody tells it when there is more: call [`try_next`](Self::try_next) again after a pause. All calls block while files are read. Both processes have to
/// be on one machine; over a network file system what one of them writes is not seen in order by the other.
///
/// The owner may do anything meanwhile. Records that were deleted before they were read are told as [`ReadError::OutOfRange`], a log that
/// was removed as [`ReadError::Gone`], also when there is a new one of its name. Segments that are compacted are gone through in
/// their old form or in the new one, each offset at most once, in order.
///
/// ```
/// use ottla_storage::{Error, LogConfig, NewRecord, Offset, StorageConfig, blocking};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// // In one process:
/// let storage = blocking::open(folder, StorageConfig::default())?;
/// let log = storage.open_log("events", LogConfig::journal())?;
/// blocking::append_record(&log, NewRecord::new(b"started"))?;
///
/// // In another:
/// let mut follower = blocking::follow(folder, "events", Offset::ZERO)?;
/// while let Some(record) = follower.try_next()? {
///     println!("{} {:?}", record.offset, record.value); // then sleep, and look again
/// }
/// # assert_eq!(follower.position(), Offset(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Follower {
    disk: Arc<dyn Disk>,
    name: LogName,
    dir: PathBuf,
    /// What the owner's records of its syncs are sealed with.
    folder_id: String,
    /// Told by its folder, once it has one.
    topic_id: Option<Uuid>,
    next: i64,
    /// Everything below is on stable storage.
    end: i64,
    /// Where the owner writes down how far it has synced.
    sector: synced::Lookup,
    place: Option<Place>,
    unpacked: Unpacked,
    /// Where to go on behind what could not be read.
    behind_damage: Option<i64>,
}

impl Follower {
    /// A follower of the log of this name in the folder at the root of `disk`, which begins with the record at `from`.
    ///
    /// # Errors
    /// [`Error::IllegalName`]; [`Error::Newer`] for a folder of a later release; [`Error::Io`].
    pub fn open(disk: Arc<dyn Disk>, name: impl Into<LogName>, from: Offset) -> Result<Self, Error> {
        let name = name.into();
        let dir = folder_name(&name.topic, name.partition)
            .map_err(|_| Error::IllegalName { name: name.to_string() })?;
        let meta = Path::new(MetaProperties::FILE);
        match load(disk.as_ref(), meta, MetaProperties::parse).map_err(Error::io("read", meta))? {
            Loaded::Damaged(Damage::Version { found, expected }) => {
                return Err(Error::Newer { path: meta.into(), found, expected });
            }
            // The records are all that is needed.
            Loaded::Damaged(_) | Loaded::Missing | Loaded::Whole(_) => {}
        }
        Ok(Self {
            disk,
            name,
            dir: dir.into(),
            folder_id: String::new(),
            topic_id: None,
            next: from.0,
            end: 0,
            sector: synced::Lookup::default(),
            place: None,
            unpacked: Unpacked::default(),
            behind_damage: None,
        })
    }

    /// The offset of the next record, if nothing is missing there.
    #[must_use]
    pub fn position(&self) -> Offset {
        Offset(self.next)
    }

    /// Goes on from another offset, in any direction.
    pub fn seek(&mut self, offset: Offset) {
        self.next = offset.0;
        self.place = None;
        self.unpacked.clear();
        self.behind_damage = None;
    }

    /// The offset behind the last record that is on stable storage now.
    ///
    /// # Errors
    /// [`ReadError::Io`].
    pub fn end(&mut self) -> Result<Offset, ReadError> {
        self.look_for_more()?;
        Ok(Offset(self.end))
    }

    /// The next record; `None` when there is none yet.
    ///
    /// # Errors
    /// [`ReadError`]; the position has not changed.
    pub fn try_next(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            match self.unpacked.pop(&mut self.next) {
                Ok(None) => {}
                Ok(record) => return Ok(record),
                Err(Undecodable { next, source }) => {
                    self.unpacked.clear();
                    self.place = None;
                    self.behind_damage = Some(next.max(self.next + 1));
                    return Err(ReadError::Undecodable {
                        offset: Offset(self.next),
                        source: Arc::new(source),
                    });
                }
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    /// Goes on with the first record that is left, if those at the position were deleted. Answers the position.
    ///
    /// # Errors
    /// [`ReadError::Io`], [`ReadError::Gone`].
    pub fn skip_to_start(&mut self) -> Result<Offset, ReadError> {
        let told = self.told_start()?;
        let first = self.segments()?.and_then(|bases| bases.first().copied());
        let start = told.max(first.unwrap_or(0));
        if self.next < start {
            self.seek(Offset(start));
        }
        Ok(self.position())
    }

    /// Goes on behind what the last call of [`try_next`](Self::try_next) found damaged. Answers the position; without such a call it stays.
    pub fn skip_damaged(&mut self) -> Offset {
        if let Some(behind) = self.behind_damage {
            self.seek(Offset(behind));
        }
        self.position()
    }

    /// Reads more batches. Whether there were any.
    fn read(&mut self) -> Result<bool, ReadError> {
        self.look_for_more()?;
        loop {
            if let Some(place) = &self.place {
                // All up to there was handed out.
                self.next = self.next.max(place.offset);
            }
            if self.next >= self.end {
                return Ok(false);
            }
            let log_start = self.told_start()?;
            if self.next < log_start {
                return Err(self.out_of_range(log_start));
            }
            if self.place.is_none() {
                self.place = self.find()?;
            }
            let Some(mut place) = self.place.take() else { return Ok(false) };
            if self.take_batches(&mut place)? {
                self.place = Some(place);
                return Ok(true);
            }
            // The file has ended, and the log goes on in another one; or it reaches further by now.
            self.next = self.next.max(place.offset);
        }
    }

    /// Takes whole batches from the place on, which moves behind them. Whether there were any.
    fn take_batches(&mut self, place: &mut Place) -> Result<bool, ReadError> {
        let path = place.path.clone();
        let failed = |source| ReadError::Io { path: path.clone(), source: Arc::new(source) };
        let len = len_of(&place.file).map_err(failed)?;
        let mut walk = Walk::new(Arc::clone(&place.file), place.position, len, DATA_AHEAD);
        let mut taken = 0;
        // What lies behind the end may be half written.
        while taken < READ_BYTES && place.offset < self.end {
            match block_on(walk.next_batch()).map_err(failed)? {
                Next::Found(batch) if place.fits(batch.header(), self.end) => {
                    let header = batch.header();
                    place.position = walk.position();
                    place.offset = header.next_offset();
                    taken += header.size();
                    if header.last_offset() >= self.next {
                        self.unpacked.push(batch.into_bytes());
                    }
                }
                Next::End => break,
                // First what is good before it.
                Next::Found(_) | Next::Bad if taken > 0 => break,
                Next::Found(_) | Next::Bad => {
                    let end = self.end;
                    self.look_for_more()?;
                    if self.end > end {
                        // Compaction may have joined what was there with what came since.
                        return Ok(false);
                    }
                    self.behind_damage = Some(self.behind(place, len).map_err(failed)?);
                    let offset = Offset(self.next);
                    return Err(ReadError::Corrupt { offset, path: path.clone(), position: place.position });
                }
            }
        }
        Ok(taken > 0)
    }

    /// The first offset behind the damaged batch at a place that can be read again.
    fn behind(&mut self, place: &Place, len: u32) -> io::Result<i64> {
        let next = place.offset.max(self.next + 1);
        if let Some(good) = block_on(next_good(&place.file, place.position, len, place.offset))? {
            let head =
                place.file.read_blocking(u64::from(good), ottla_protocol::records::BATCH_HEADER_LEN)?;
            if let Ok(header) = BatchHeader::parse(&head)
                && header.base_offset <= self.end
            {
                return Ok(header.base_offset.max(next));
            }
        }
        let following =
            self.list()?.and_then(|(bases, _)| bases.into_iter().find(|base| *base > place.offset));
        Ok(following.unwrap_or(self.end).min(self.end).max(next))
    }

    /// Looks up how far the owner has synced the log.
    fn look_for_more(&mut self) -> Result<(), ReadError> {
        let path = Path::new(SyncedOffsets::FILE);
        let folder = self.name.to_string();
        let mut look = |id: &str| self.sector.look(self.disk.as_ref(), id, &folder).map_err(failed(path));
        let mut found = look(&self.folder_id)?;
        if found == Found::Nothing {
            self.folder_id = folder_id(self.disk.as_ref())?;
            found = look(&self.folder_id)?;
        }
        let end = match found {
            Found::Offset(offset) => offset,
            // Half written just now, or not at all: the owner is Kafka.
            Found::Nothing => {
                self.checkpointed(Path::new(OffsetCheckpoint::RECOVERY_POINT), OffsetCheckpoint::parse)?
            }
        };
        if end < self.end && self.is_another()? {
            return Err(ReadError::Gone(self.name.clone()));
        }
        self.end = self.end.max(end);
        Ok(())
    }

    /// Where the log starts, if records were deleted.
    fn told_start(&self) -> Result<i64, ReadError> {
        let sealed = self.checkpointed(Path::new(starts::COPY), starts::parse_copy)?;
        if sealed > 0 {
            return Ok(sealed);
        }
        self.checkpointed(Path::new(OffsetCheckpoint::LOG_START), OffsetCheckpoint::parse)
    }

    fn checkpointed(
        &self,
        path: &Path,
        parse: fn(&[u8]) -> Result<OffsetCheckpoint, Damage>,
    ) -> Result<i64, ReadError> {
        let loaded = load(self.disk.as_ref(), path, parse).map_err(failed(path))?;
        let key = (self.name.topic.clone(), self.name.partition);
        Ok(loaded.whole().and_then(|points| points.offsets.get(&key).copied()).unwrap_or(0))
    }

    fn out_of_range(&self, log_start: i64) -> ReadError {
        let (offset, log_start, log_end) = (Offset(self.next), Offset(log_start), Offset(self.end));
        ReadError::OutOfRange { offset, log_start, log_end }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, next, end, .. } = self;
        f.debug_struct("Follower").field("log", name).field("position", next).field("end", end).finish()
    }
}

/// The id of a data folder; empty for one that has none.
fn folder_id(disk: &dyn Disk) -> Result<String, ReadError> {
    for path in [MetaProperties::FILE, META_COPY].map(Path::new) {
        if let Loaded::Whole(meta) = load(disk, path, MetaProperties::parse).map_err(failed(path))? {
            return Ok(meta.directory_id.unwrap_or_default());
        }
    }
    Ok(String::new())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReadError {
    let path = path.to_path_buf();
    move |source| ReadError::Io { path, source: Arc::new(source) }
}

/// The length of a segment, whose positions are of 32 bits.
fn len_of(file: &Arc<dyn File>) -> io::Result<u32> {
    Ok(len_u32(usize::try_from(file.len()?.min(u64::from(u32::MAX))).unwrap_or(usize::MAX)))
}
