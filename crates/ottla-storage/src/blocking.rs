//! For programs without an async runtime: waiting on the calling thread, and a plain [`Env`].
//!
//! Everything is the same as in the async face, which these few functions wait for.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, OsSeeds, Spawn, SystemClock, Task};

use crate::config::StorageConfig;
use crate::disk::OsDisk;
pub use crate::disk::wait::block_on;
use crate::error::{Error, ReadError};
use crate::follower::Follower;
use crate::log::{AppendOptions, Appended, Log};
use crate::offset::{LogName, Offset};
use crate::read::{ReadOptions, ReadResult};
use crate::records::{NewRecord, Record, RecordOptions, RecordReader};
use crate::storage::Storage;

/// The clock and the seeds of the operating system. A storage spawns nothing, and nothing can be
/// spawned through this one: a task that is handed to it is dropped.
#[must_use]
pub fn env() -> Env {
    Env::new(Arc::new(SystemClock), Arc::new(OsSeeds), Arc::new(NoTasks))
}

struct NoTasks;

impl Spawn for NoTasks {
    fn spawn(&self, _task: Task) {}
}

/// Opens a folder of logs, or makes it one: [`Storage::open`] with what the operating system has.
///
/// # Errors
/// As for [`Storage::open`]; [`Error::Io`] when the folder cannot be made.
pub fn open(folder: impl Into<PathBuf>, config: StorageConfig) -> Result<Storage, Error> {
    let folder = folder.into();
    let disk = OsDisk::new(&folder).map_err(Error::io("open", folder))?;
    block_on(Storage::open(Arc::new(disk), env(), config))
}

/// Follows a log in a folder that another process has open, from an offset on. See [`Follower`].
///
/// # Errors
/// As for [`Follower::open`]; [`Error::Io`] when there is no such folder.
pub fn follow(folder: impl Into<PathBuf>, name: impl Into<LogName>, from: Offset) -> Result<Follower, Error> {
    let folder = folder.into();
    // A disk would make it.
    std::fs::metadata(&folder).map_err(Error::io("follow", &folder))?;
    let disk = OsDisk::new(&folder).map_err(Error::io("open", folder))?;
    Follower::open(Arc::new(disk), name, from)
}

/// Appends one record, and waits until it is as durable as the log promises.
///
/// # Errors
/// As for [`append_records`].
pub fn append_record(log: &Log, record: NewRecord<'_>) -> Result<Appended, Error> {
    append_records(log, [record], RecordOptions::default())
}

/// Appends records, all or none of them, and waits until they are as durable as the log promises.
///
/// # Errors
/// [`Error::Append`] when nothing was appended; those of [`Log::durable`] when it may have been.
pub fn append_records<'a>(
    log: &Log,
    records: impl IntoIterator<Item = NewRecord<'a>>,
    options: RecordOptions,
) -> Result<Appended, Error> {
    let appended = log.append_records(records, options)?;
    block_on(log.durable(&appended))?;
    Ok(appended)
}

/// All records from an offset on, up to the end of what can be seen.
#[must_use]
pub fn records(log: &Log, from: Offset) -> Recorded {
    Recorded { reader: log.reader(from), failed: false }
}

/// An iterator over the records that a log has: see [`records`].
///
/// It ends at the end of the log, and goes on when more was appended; behind an error it stays at its end.
#[derive(Debug)]
pub struct Recorded {
    reader: RecordReader,
    failed: bool,
}

impl Recorded {
    /// The reader, where it stands now: to wait for more, or to pass over what could not be read.
    #[must_use]
    pub fn into_reader(self) -> RecordReader {
        self.reader
    }
}

impl Iterator for Recorded {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = block_on(self.reader.next()).transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

/// Appends batches, and waits until the records are as durable as the log promises.
///
/// # Errors
/// [`Error::Append`] when nothing was appended; those of [`Log::durable`] when it may have been.
pub fn append(log: &Log, records: Bytes, options: AppendOptions) -> Result<Appended, Error> {
    let appended = log.append(records, options)?;
    block_on(log.durable(&appended))?;
    Ok(appended)
}

/// Reads, and waits for the device where it must.
///
/// # Errors
/// [`Error::Read`].
pub fn read(log: &Log, from: Offset, options: ReadOptions) -> Result<ReadResult, Error> {
    Ok(block_on(log.read(from, options).into_future())?)
}
