//! For programs without an async runtime: waiting on the calling thread, and a plain [`Env`].
//!
//! Everything is the same as in the async face, which these few functions wait for.

use std::sync::Arc;

use bytes::Bytes;
use ottla_env::{Env, OsSeeds, Spawn, SystemClock, Task};

pub use crate::disk::wait::block_on;
use crate::error::Error;
use crate::log::{AppendOptions, Appended, Log};
use crate::offset::Offset;
use crate::read::{ReadOptions, ReadResult};

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

/// Appends, and waits until the records are as durable as the log promises.
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
