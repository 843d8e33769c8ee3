//! The seam between the storage engine and whatever keeps its bytes.
//!
//! Here live the traits: [`Disk`] (names, folders, locks) and [`File`] (bytes at positions), and
//! the rules that every implementation keeps. What is stored where, in which order and why is
//! decided above this seam, in the log.
//!
//! # Started and completed
//!
//! Reads, writes and syncs of a file are *started*. Each completes at once ([`Started::Now`]) or
//! later, by a call to its [`Completion`] from wherever it ends. The caller picks a token that
//! comes back with the result. An operation completes exactly once, by one of the two ways.
//!
//! Names and folders change rarely (start, roll, create, delete), so those calls simply block.
//!
//! # What is durable when
//!
//! - A **write** that completed is seen by every later read, and survives the end of the process.
//!   It survives a loss of power only once a sync that was *started after it completed* has
//!   completed well. Until then any part of it may be lost, in pieces of 512 bytes, and writes may
//!   reach the disk in any order.
//! - A **sync** ([`File::sync_data`]) covers the bytes and the length of one file, whichever handle
//!   wrote them. When it fails, what it should have covered may be lost without another error: the
//!   kernel may have dropped the pages and marked them clean. It must not be tried again.
//! - A **length** set by [`File::truncate`] is durable after the next sync of the file.
//! - A **name** (created, renamed, removed) is durable once [`Disk::sync_dir`] of the folder that
//!   holds it has returned well. Until then either the old or the new state may come back, each
//!   name for itself; a rename never loses both.
//!
//! # Order
//!
//! Writes and syncs in flight at the same time complete in any order, also for one file. Writes
//! in flight together must not overlap. A read sees each write that completed before it started,
//! and may see parts of those in flight.
//!
//! # Syncing many logs
//!
//! Each log syncs its own file ([`OsDisk`] does up to 64 at a time), and there is no journal that all logs share.
//! Weighed on ext4 with a thousand writers on a thousand logs, 100-byte records, each
//! waiting for its own to be durable; records a second on a busy 4-core machine (`cargo bench -p
//! ottla-storage --bench durability`):
//!
//! | Way | Records a second |
//! | --- | --- |
//! | one file at a time | 350 to 2,400 |
//! | 16 syncs at a time | 13,000 to 27,000 |
//! | 64 syncs at a time | 31,000 to 42,000 |
//! | 64 at a time, all of this crate included | 32,000 |
//! | write to all, then `syncfs` | 19,000 to 53,000 |
//! | one journal, synced once, and an unsynced copy to each log | 87,000 to 139,000 |
//! | starting write-back of all, then a sync each, one thread | 3,200 |
//!
//! A shared journal is three to four times as fast where a thousand logs are written at once, and no faster
//! where one is. It would write every byte twice, make each log's recovery depend on another file,
//! and keep Kafka's tools from reading a folder that was not closed, so it has to win where it
//! matters: 20,000 a second was asked for, and parallel syncs reach it with one file, one rule and one
//! reader. `syncfs` writes and waits for whatever else is dirty on the file system, so that the
//! neighbours decide how long an append takes. `io_uring` was not measured: it hands every `fsync` to a
//! kernel thread of its own, which is what the pool does. The overlap is what pays: with 64 in flight,
//! each commit of ext4's journal serves dozens.

mod error;
mod mem;
mod os;
pub mod wait;
mod whole;

pub use self::error::{OperationError, raw_os_error};
pub use self::mem::{Call, Delays, Fault, FaultError, MemDisk, Misdirected, RawFile, Sleeper};
pub use self::os::{OsDisk, OsDiskConfig};

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use bytes::Bytes;

/// A place for files and folders. Every path is relative to the disk's root; the empty path is
/// the root itself. Absolute paths and `..` are refused with [`io::ErrorKind::InvalidInput`].
///
/// All calls may block the calling thread for as long as the device takes. Errors carry the path
/// and what was attempted.
pub trait Disk: Send + Sync + Debug + 'static {
    /// Opens a file, which may be open already.
    ///
    /// # Errors
    /// `NotFound` for a missing file (or folder) unless `mode` creates it; `AlreadyExists` under
    /// [`OpenMode::CreateNew`]; others as the system gives them.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>>;

    /// What stands at `path`.
    ///
    /// # Errors
    /// `NotFound` when nothing does.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// The entries of a folder, sorted by name. Names that are not UTF-8 are left out: nothing
    /// that this crate writes has one.
    ///
    /// # Errors
    /// `NotFound`, `NotADirectory`.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// Gives a file or folder another name, replacing a file that had it. At once for readers;
    /// durable after [`sync_dir`](Self::sync_dir) of the folders of both names.
    ///
    /// # Errors
    /// `NotFound` when `from` is missing.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes the name of a file. Handles that are open keep reading and writing it.
    ///
    /// # Errors
    /// `NotFound` when it is missing.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Creates one folder.
    ///
    /// # Errors
    /// `AlreadyExists`; `NotFound` when its parent is missing.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder, which must be empty.
    ///
    /// # Errors
    /// `NotFound`, `DirectoryNotEmpty`.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable, and blocks until they are.
    ///
    /// # Errors
    /// As [`File::sync_data`]: nothing is known of the names it should have covered.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// The same as [`sync_dir`](Self::sync_dir), without blocking.
    fn start_sync_dir(&self, path: &Path, token: u64, done: &Arc<dyn Completion>) -> Started;

    /// Takes the lock of a folder, by way of the file `path`, which is created when missing. It
    /// is held until the returned guard is dropped or the process ends.
    ///
    /// # Errors
    /// `WouldBlock`, with a message naming the path, when somebody else holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>>;

    /// Runs work that blocks on a thread of its own, so that the caller can do other work beside it. Whether there was
    /// one: a disk in memory has none, because nothing blocks there, and drops the work.
    fn start_helper(&self, _work: Box<dyn FnOnce() + Send>) -> bool {
        false
    }

    /// The folder of the operating system that is the root; `None` for a disk that is no such folder.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// How much it holds, and how much more it takes; `None` where nothing bounds it.
    ///
    /// # Errors
    /// As the system gives them.
    fn space(&self) -> io::Result<Option<Space>> {
        Ok(None)
    }
}

/// The room of a disk, in bytes, whoever takes it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub total_bytes: u64,
    /// What this process may still use.
    pub usable_bytes: u64,
}

/// A file that can be read and written. Dropping the last handle closes it; operations in flight keep it open.
pub trait File: Send + Sync + Debug + 'static {
    /// Starts writing the parts, one behind the other, at `offset`; past the end it lengthens the
    /// file, and a gap reads as zeros. All of it is written, or it is an error and any prefix may
    /// have been. Nothing is borrowed after the return: who completes later copies.
    ///
    /// An empty write completes at once.
    fn write_at(&self, parts: &[IoSlice<'_>], offset: u64, token: u64, done: &Arc<dyn Completion>)
    -> Started;

    /// [`write_at`](Self::write_at) for who must not wait for the device: where a write may have to, it is made by another thread
    /// and completes later, for the price of a hop. A disk in memory never waits, and writes at once.
    fn write_later(&self, parts: Vec<Bytes>, offset: u64, token: u64, done: &Arc<dyn Completion>) -> Started {
        let parts: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        self.write_at(&parts, offset, token, done)
    }

    /// Starts making every write that completed before this call durable, with the length.
    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started;

    /// Reads up to `len` bytes at `offset`; fewer only where the file ends, so an empty answer
    /// means that it ends at or before `offset`. At once when the bytes are in memory.
    fn read_at(&self, offset: u64, len: usize) -> Read;

    /// [`read_at`](Self::read_at) of the first bytes of `followed_by` that somebody is going to read: where they have to come from
    /// the device, it is asked for all of them at once, if the system can be told.
    fn read_before(&self, offset: u64, len: usize, _followed_by: usize) -> Read {
        self.read_at(offset, len)
    }

    /// [`read_at`](Self::read_at), of bytes that nobody is expected to want again: what was not in memory before is
    /// not kept there, where the system can be asked for that.
    fn read_once(&self, offset: u64, len: usize) -> Read {
        self.read_at(offset, len)
    }

    /// [`write_at`](Self::write_at), blocking until it completed. For start, roll and close.
    ///
    /// # Errors
    /// As the device gives them; any prefix may have been written.
    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()>;

    /// [`sync_data`](Self::sync_data), blocking until it completed.
    ///
    /// # Errors
    /// What it should have covered may be lost; a second sync proves nothing.
    fn sync_blocking(&self) -> io::Result<()>;

    /// [`read_at`](Self::read_at), blocking until it completed.
    ///
    /// # Errors
    /// As the device gives them.
    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes>;

    /// Sets the length: bytes past it are gone, with the room that was [reserved](Self::reserve) there, and a longer file
    /// reads as zeros there. Blocks.
    ///
    /// # Errors
    /// As the device gives them.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Makes it `len` bytes long, with room on the device for all of them; what is added reads as zeros.
    /// Blocks.
    ///
    /// # Errors
    /// `StorageFull` where there is not as much; any part may have been added.
    fn allocate(&self, len: u64) -> io::Result<()> {
        fill_with_zeros(self, len)
    }

    /// Takes room on the device for the first `len` bytes and leaves the length as it is, so that nobody reads any of it.
    /// Whether it did: `false` where there is no such thing, as by default. Blocks.
    ///
    /// The room outlives the process. It stays until it is written to, [given back](Self::give_back), or the file is
    /// [truncated](Self::truncate), to whatever length.
    ///
    /// # Errors
    /// `StorageFull` where there is not as much; then nothing was taken.
    fn reserve(&self, _len: u64) -> io::Result<bool> {
        Ok(false)
    }

    /// Gives back the room that it has behind its end. Blocks, and costs little where there is none.
    ///
    /// Not while a write is in flight: what that adds could be cut off.
    ///
    /// # Errors
    /// As the device gives them; the room may be taken up still, nothing else changed.
    fn give_back(&self) -> io::Result<()> {
        Ok(())
    }

    /// The length, in bytes, as completed writes and truncations left it.
    ///
    /// # Errors
    /// As the device gives them.
    fn len(&self) -> io::Result<u64>;

    /// Whether nothing is in it.
    ///
    /// # Errors
    /// As [`len`](Self::len).
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The descriptor to hand to `sendfile` or `mmap`; `None` when there is no file behind this.
    ///
    /// # Errors
    /// When the file had been closed meanwhile and could not be opened again.
    fn descriptor(&self) -> io::Result<Option<Descriptor>>;
}

/// Lengthens a file by writing zeros.
fn fill_with_zeros<F: File + ?Sized>(file: &F, len: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    let mut at = file.len()?;
    while at < len {
        let count = usize::try_from(len - at).unwrap_or(usize::MAX).min(ZEROS.len());
        file.write_blocking(&[IoSlice::new(&ZEROS[..count])], at)?;
        at += count as u64;
    }
    Ok(())
}

/// The descriptor of a file, which stays open for as long as this is held.
#[derive(Clone, Debug)]
pub struct Descriptor(Arc<std::fs::File>);

impl From<Arc<std::fs::File>> for Descriptor {
    fn from(file: Arc<std::fs::File>) -> Self {
        Self(file)
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// How a file is opened. All modes may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// An existing file, to read only.
    Read,
    /// An existing file, to read and write.
    Write,
    /// To read and write; created empty when missing, its contents kept when not.
    Create,
    /// To read and write; created, and an error when something has that name already.
    CreateNew,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// File or folder.
    pub kind: EntryKind,
    /// Length of a file in bytes; 0 for a folder.
    pub len: u64,
    /// When a file was last written to, in Unix milliseconds; `None` for a folder, and where nothing tells.
    pub modified_ms: Option<i64>,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name in the folder.
    pub name: String,
    /// File or folder.
    pub kind: EntryKind,
}

/// File or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A file, or anything that is not a folder.
    File,
    /// A folder.
    Dir,
}

/// Told when an operation that was [`Started::Later`] has ended.
///
/// The call comes from any thread, must not block, and may start other operations. It can come
/// before the call that started the operation has returned.
pub trait Completion: Send + Sync {
    /// The operation that was started with `token` ended with `result`.
    fn complete(&self, token: u64, result: io::Result<()>);

    /// The sync of a file that was started with `token` is about to begin: all that was written before this returns `Ready`
    /// is covered. A disk may begin later than a sync was started, and asks this, or begin at once, and does not.
    ///
    /// `Pending` asks the disk to wait a little for more to be written: until `waker` is woken, and no longer than it likes.
    /// When it has waited for long enough `is_over`, and the answer is `Ready`.
    fn sync_begins(&self, _token: u64, _waker: &Waker, _is_over: bool) -> Poll<()> {
        Poll::Ready(())
    }
}

/// How a write or sync began.
#[derive(Debug)]
#[must_use = "an operation may have failed already"]
pub enum Started {
    /// It has ended; its completion will not be called.
    Now(io::Result<()>),
    /// Its completion will be called, exactly once.
    Later,
}

/// How a read began.
#[must_use = "a read does nothing for who does not look at it"]
pub enum Read {
    /// The bytes were at hand, or it failed at once.
    Now(io::Result<Bytes>),
    /// The bytes are on their way. Dropping the future gives them up.
    Later(ReadFuture),
}

/// The bytes of a [`Read::Later`], or why there are none. Not bound to any executor.
pub type ReadFuture = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

impl Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Now(result) => f.debug_tuple("Now").field(result).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

impl Read {
    /// The bytes, as soon as they are there.
    ///
    /// # Errors
    /// As the device gives them.
    ///
    /// # Cancel safety
    /// A dropped future gives the read up; nothing else changes.
    pub async fn bytes(self) -> io::Result<Bytes> {
        match self {
            Self::Now(result) => result,
            Self::Later(future) => future.await,
        }
    }
}

/// A held folder lock; dropping it lets the next one in.
pub trait Lock: Send + Sync + Debug {}
