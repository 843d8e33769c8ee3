//! How far each log is compacted, for all logs of a storage: `cleaner-offset-checkpoint`.
//!
//! Written after each round, once its new segments are in their place. When it is missing or older than the log,
//! more is compacted again, and nothing else comes of it.

use std::io;
use std::path::Path;
use std::sync::Mutex;

use crate::disk::Disk;
use crate::files::{self, OffsetCheckpoint};
use crate::gate::Gate;
use crate::lock::lock;
use crate::offset::LogName;

/// The file, and what it should say.
#[derive(Debug)]
pub(crate) struct CompactedOffsets {
    known: Mutex<OffsetCheckpoint>,
    written: Mutex<OffsetCheckpoint>,
    writing: Gate,
}

impl CompactedOffsets {
    /// What the file said at the start.
    pub(crate) fn new(found: OffsetCheckpoint) -> Self {
        Self { known: Mutex::new(found.clone()), written: Mutex::new(found), writing: Gate::default() }
    }

    /// Up to where a log was compacted, if it ever was.
    pub(crate) fn get(&self, log: &LogName) -> Option<i64> {
        lock(&self.known).offsets.get(&key(log)).copied()
    }

    /// Says how far a log is compacted. In the file after the next [`write`](Self::write).
    pub(super) fn set(&self, log: &LogName, to: i64) {
        lock(&self.known).offsets.insert(key(log), to);
    }

    /// Forgets a log, or what was said of it that cannot be true.
    pub(crate) fn forget(&self, log: &LogName) {
        lock(&self.known).offsets.remove(&key(log));
    }

    /// Returns once everything said before the call is on stable storage.
    pub(crate) async fn write(&self, disk: &dyn Disk) -> io::Result<()> {
        let _alone = self.writing.enter().await;
        let known = lock(&self.known).clone();
        if *lock(&self.written) == known {
            return Ok(());
        }
        files::replace(disk, Path::new(OffsetCheckpoint::CLEANER), &known.format()).await?;
        *lock(&self.written) = known;
        Ok(())
    }
}

fn key(log: &LogName) -> (String, i32) {
    (log.topic.clone(), log.partition)
}
