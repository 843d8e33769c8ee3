//! [`OsDisk`]: a folder of the operating system.
//!
//! Here are names, folders and the lock; bytes are in [`file`], what is open in [`descriptors`], the threads in [`pool`]. Buffered
//! writes and reads of what is in the page cache are done in the calling thread, since handing
//! them over would cost more than doing them. Syncs, and reads that would have to wait for the
//! device, go to two small pools of threads, so that a stalled device stalls who waits for it.
//!
//! Unix only. On Linux whether a read would wait is asked with `RWF_NOWAIT`; elsewhere, and on a
//! file system that does not know it, every read that may not block goes to the pool.

#![expect(clippy::disallowed_methods, reason = "this is the adapter to files and threads")]

mod descriptors;
mod file;
mod gather;
mod pool;
#[cfg(target_os = "linux")]
mod room;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use self::descriptors::Descriptors;
use self::file::OsFile;
use self::pool::{Job, Pool};
use super::error::{check_relative, failed};
use super::{Completion, Disk, Entry, EntryKind, File, Lock, Metadata, OpenMode, Space, Started};

/// Mode of a new file: nobody but its owner reads the data.
const FILE_MODE: u32 = 0o600;
/// Threads for writes that are handed over: few and small ones, which hardly ever wait.
const WRITE_THREADS_MAX: usize = 2;
/// Mode of a new folder.
const DIR_MODE: u32 = 0o700;

/// How many threads and descriptors an [`OsDisk`] may use. None is started or opened before it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsDiskConfig {
    sync_threads_max: usize,
    read_threads_max: usize,
    open_files_max: Option<usize>,
}

impl OsDiskConfig {
    /// Default of [`with_sync_threads_max`](Self::with_sync_threads_max).
    pub const SYNC_THREADS_MAX: usize = 64;
    /// Default of [`with_read_threads_max`](Self::with_read_threads_max).
    pub const READ_THREADS_MAX: usize = 4;

    /// Syncs in flight at the same time, 1 or more (default 64). A thread is started when all others are
    /// busy, so a storage with one busy log has one.
    ///
    /// Syncs that overlap share a commit of the file system's journal and a flush of the device's cache, which is
    /// most of what a sync costs; so many logs that sync side by side cost little more than one. See
    /// [`disk`](crate::disk#syncing-many-logs) for what was weighed.
    #[must_use]
    pub fn with_sync_threads_max(mut self, threads: usize) -> Self {
        self.sync_threads_max = threads.max(1);
        self
    }

    /// Reads in flight that wait for the device, 1 or more (default 4).
    #[must_use]
    pub fn with_read_threads_max(mut self, threads: usize) -> Self {
        self.read_threads_max = threads.max(1);
        self
    }

    /// Files that are kept open, 1 or more. Default: half of what the process may open (`RLIMIT_NOFILE`),
    /// at most 65,536.
    ///
    /// Files above it are closed, those that were not used for longest first, and opened again when they are used.
    /// Those in use, and those written and not synced, stay open all the same: leave room for as many as
    /// are written at the same time, and for connections.
    #[must_use]
    pub fn with_open_files_max(mut self, files: usize) -> Self {
        self.open_files_max = Some(files.max(1));
        self
    }
}

impl Default for OsDiskConfig {
    fn default() -> Self {
        Self {
            sync_threads_max: Self::SYNC_THREADS_MAX,
            read_threads_max: Self::READ_THREADS_MAX,
            open_files_max: None,
        }
    }
}

/// A folder of the operating system as a [`Disk`].
///
/// Files are created readable and writable for their owner alone, folders likewise.
///
/// Its threads live as long as it or one of its files does. The last one dropped finishes the
/// operations that were started, and waits for them.
#[derive(Debug)]
pub struct OsDisk {
    root: PathBuf,
    descriptors: Arc<Descriptors>,
    writes: Arc<Pool>,
    syncs: Arc<Pool>,
    reads: Arc<Pool>,
}

impl OsDisk {
    /// The disk whose root is the folder `root`, created with its parents when missing.
    ///
    /// # Errors
    /// When the folder cannot be created, or is something else.
    pub fn new(root: impl Into<PathBuf>) -> io::Result<Self> {
        Self::with_config(root, &OsDiskConfig::default())
    }

    /// [`new`](Self::new), with other limits.
    ///
    /// # Errors
    /// When the folder cannot be created, or is something else.
    pub fn with_config(root: impl Into<PathBuf>, config: &OsDiskConfig) -> io::Result<Self> {
        let root = root.into();
        // The working folder may change later; the data must not move with it.
        let root = std::path::absolute(&root).map_err(|err| failed("resolve", &root, err))?;
        DirBuilder::new()
            .recursive(true)
            .mode(DIR_MODE)
            .create(&root)
            .map_err(|err| failed("create folder", &root, err))?;
        let syncs = Arc::new(Pool::new("ottla-sync", config.sync_threads_max));
        Ok(Self {
            root,
            descriptors: Descriptors::new(config.open_files_max, &syncs),
            syncs,
            writes: Arc::new(Pool::new("ottla-write", WRITE_THREADS_MAX)),
            reads: Arc::new(Pool::new("ottla-read", config.read_threads_max)),
        })
    }

    /// The root folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn full(&self, attempted: &'static str, path: &Path) -> io::Result<PathBuf> {
        check_relative(attempted, path)?;
        // Joining an empty path would add a slash to the root.
        Ok(if path.as_os_str().is_empty() { self.root.clone() } else { self.root.join(path) })
    }
}

impl Disk for OsDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let path = self.full("open", path)?;
        let mut options = OpenOptions::new();
        options.read(true).mode(FILE_MODE);
        match mode {
            OpenMode::Read => &mut options,
            OpenMode::Write => options.write(true),
            OpenMode::Create => options.write(true).create(true).truncate(false),
            OpenMode::CreateNew => options.write(true).create_new(true),
        };
        let handle = self.descriptors.open(path.into(), &options, mode != OpenMode::Read)?;
        let (writes, syncs, reads) =
            (Arc::clone(&self.writes), Arc::clone(&self.syncs), Arc::clone(&self.reads));
        Ok(Arc::new(OsFile::new(handle, writes, syncs, reads)))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let path = self.full("look up", path)?;
        let found = fs::metadata(&path).map_err(|err| failed("look up", &path, err))?;
        Ok(match found.is_dir() {
            true => Metadata { kind: EntryKind::Dir, len: 0, modified_ms: None },
            false => Metadata { kind: EntryKind::File, len: found.len(), modified_ms: modified_ms(&found) },
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let path = self.full("list", path)?;
        let listed = || -> io::Result<Vec<Entry>> {
            let mut entries = Vec::new();
            for entry in self.descriptors.with_room(|| fs::read_dir(&path))? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let kind = if entry.file_type()?.is_dir() { EntryKind::Dir } else { EntryKind::File };
                entries.push(Entry { name, kind });
            }
            entries.sort_unstable();
            Ok(entries)
        };
        listed().map_err(|err| failed("list", &path, err))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.full("rename", from)?, self.full("rename to", to)?);
        self.descriptors
            .rename(&from, Some(&to), || fs::rename(&from, &to))
            .map_err(|err| failed("rename", &from, err))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let path = self.full("remove", path)?;
        self.descriptors
            .rename(&path, None, || fs::remove_file(&path))
            .map_err(|err| failed("remove", &path, err))
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let path = self.full("create folder", path)?;
        DirBuilder::new().mode(DIR_MODE).create(&path).map_err(|err| failed("create folder", &path, err))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let path = self.full("remove folder", path)?;
        fs::remove_dir(&path).map_err(|err| failed("remove folder", &path, err))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        pool::sync_dir(&self.full("sync folder", path)?, &self.descriptors)
    }

    fn start_sync_dir(&self, path: &Path, token: u64, done: &Arc<dyn Completion>) -> Started {
        match self.full("sync folder", path) {
            Ok(path) => {
                let (descriptors, done) = (Arc::clone(&self.descriptors), Arc::clone(done));
                self.syncs.start(Job::SyncDir { path, descriptors, token, done });
            }
            Err(err) => return Started::Now(Err(err)),
        }
        Started::Later
    }

    fn start_helper(&self, work: Box<dyn FnOnce() + Send>) -> bool {
        pool::start_helper(work)
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let stat = rustix::fs::statvfs(&self.root)
            .map_err(|err| failed("ask for the space of", &self.root, err.into()))?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(Some(Space { total_bytes: bytes(stat.f_blocks), usable_bytes: bytes(stat.f_bavail) }))
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let path = self.full("lock", path)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(|err| failed("lock", &path, err))?;
        // The second is the one that Java takes, so that Kafka and this never have one folder. Of the two only the first
        // tells apart who is in this process.
        let flock = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
        let lock =
            flock.and_then(|()| rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive));
        match lock {
            Ok(()) => Ok(Box::new(OsLock { _file: file })),
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::ACCESS) => {
                let held = "it is held, so another process is using this folder";
                Err(failed("lock", &path, io::Error::new(io::ErrorKind::WouldBlock, held)))
            }
            Err(err) => Err(failed("lock", &path, err.into())),
        }
    }
}

/// The lock goes with the descriptor, also when the process is killed.
#[derive(Debug)]
struct OsLock {
    _file: fs::File,
}

impl Lock for OsLock {}

fn modified_ms(found: &fs::Metadata) -> Option<i64> {
    let since = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}
