//! A folder of logs looked at and mended offline: what its files hold, what is wrong with them, what can be done.
//!
//! [`entries`] tells what a file holds, entry by entry. [`examine`] holds every file against the batches of its log and
//! answers a [`Report`]. A [`Finding`] that can be mended names a [`Mend`], which [`mend`] carries out: indexes are
//! made anew, caches that say nothing are removed, and a torn end is cut once it was copied to `NNN.cut`.
//!
//! Nothing here needs the folder to be ottla's own: one that Kafka wrote is read by the same rules. Looking changes nothing
//! and takes no lock. Who mends must [`hold`] the folder, or a broker may be writing to it. What a start does about the same
//! damage by itself is in the crate's recovery. Everything blocks the calling thread.
//!
//! ```
//! use std::sync::Arc;
//! use ottla_storage::disk::{Disk, MemDisk};
//! use ottla_storage::inspect::{Place, examine};
//!
//! let disk: Arc<dyn Disk> = Arc::new(MemDisk::new(1));
//! let report = examine(&disk, &Place::Data)?;
//! assert!(report.findings.is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```

mod caches;
mod entries;
mod files;
mod finding;
mod folder;
mod mend;
mod segment;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, Lock};

pub use self::entries::{Entry, ProducerBatch, entries};
pub use self::files::{FileKind, kind_of};
pub use self::finding::{Counts, Finding, Flaw, Mend, Problem, Report, Weight};
pub use self::mend::mend;

/// Name of the file by which a folder is held.
pub const LOCK_FILE: &str = ".lock";

/// What is looked at. Paths are relative to the root of the disk, which is the data folder where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The data folder: every log in it, and the files that speak of all of them.
    Data,
    /// The folder of one log. Checkpoints of the data folder are read for what they say about it.
    Log(PathBuf),
    /// One file of batches and its indexes.
    Segment(PathBuf),
}

impl Place {
    /// The files of a place, in the order in which they are read best: those of the data folder first.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn files(&self, disk: &dyn Disk) -> io::Result<Vec<PathBuf>> {
        files::files(disk, self)
    }
}

/// Holds a folder against brokers for as long as the answer lives; `None` for a folder that was never held, as that of a log
/// that was copied somewhere.
///
/// # Errors
/// `WouldBlock` while a broker, ottla's or Kafka's, has it.
pub fn hold(disk: &dyn Disk) -> io::Result<Option<Box<dyn Lock>>> {
    let path = Path::new(LOCK_FILE);
    match disk.metadata(path) {
        Ok(_) => disk.lock(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads every file of a place and tells what is wrong with it, and what was read.
///
/// # Errors
/// Only those of the disk: damage is an answer.
pub fn examine(disk: &Arc<dyn Disk>, place: &Place) -> io::Result<Report> {
    let mut report = Report::default();
    match place {
        Place::Data => folder::data(disk, &mut report)?,
        Place::Log(dir) => folder::log(disk, dir, &folder::Known::read(disk.as_ref(), dir)?, &mut report)?,
        Place::Segment(path) => folder::segment(disk, path, &mut report)?,
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
