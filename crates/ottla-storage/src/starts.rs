//! Where each log starts, for all logs of a storage: `log-start-offset-checkpoint`.
//!
//! A start that was answered to anybody never goes back, so it is written down, durably, before it
//! counts. Many logs that move at once share one write of the file. What leaves a log when its
//! start has moved is in [`crate::log`].

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
pub(crate) struct LogStarts {
    inner: Mutex<Inner>,
    writing: Gate,
}

#[derive(Debug)]
struct Inner {
    wanted: OffsetCheckpoint,
    /// Counts the changes of `wanted`.
    version: u64,
    /// The last version that is in the file.
    written: u64,
    /// The file is no longer ours to write.
    closed: bool,
}

impl LogStarts {
    /// What the file said at the start.
    pub(crate) fn new(found: OffsetCheckpoint) -> Self {
        Self {
            inner: Mutex::new(Inner { wanted: found, version: 0, written: 0, closed: false }),
            writing: Gate::default(),
        }
    }

    /// Moves the start of a log up. Nothing counts before [`write`](Self::write) has returned well;
    /// when that fails, a later one or none may write it.
    pub(crate) fn raise(&self, log: &LogName, start: i64) {
        let mut inner = lock(&self.inner);
        let known = inner.wanted.offsets.entry(key(log)).or_insert(0);
        if *known < start {
            *known = start;
            inner.version += 1;
        }
    }

    /// Forgets a log, so that another of its name starts at 0. In the file after the next [`write`](Self::write).
    pub(crate) fn forget(&self, log: &LogName) {
        let mut inner = lock(&self.inner);
        if inner.wanted.offsets.remove(&key(log)).is_some() {
            inner.version += 1;
        }
    }

    /// Waits until nobody writes the file; nobody will again.
    pub(crate) async fn close(&self) {
        let _alone = self.writing.enter().await;
        lock(&self.inner).closed = true;
    }

    /// Returns once everything said before the call is on stable storage.
    pub(crate) async fn write(&self, disk: &dyn Disk) -> io::Result<()> {
        let needed = lock(&self.inner).version;
        if lock(&self.inner).written >= needed {
            return Ok(());
        }
        let _alone = self.writing.enter().await;
        let (version, bytes) = {
            let inner = lock(&self.inner);
            if inner.written >= needed {
                return Ok(());
            }
            if inner.closed {
                return Err(io::Error::other("the storage is closed"));
            }
            (inner.version, inner.wanted.format())
        };
        files::replace(disk, Path::new(OffsetCheckpoint::LOG_START), &bytes).await?;
        lock(&self.inner).written = version;
        Ok(())
    }
}

fn key(log: &LogName) -> (String, i32) {
    (log.topic.clone(), log.partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::wait::block_on;
    use crate::disk::{Call, MemDisk};
    use crate::files::Loaded;

    fn in_file(disk: &MemDisk) -> OffsetCheckpoint {
        let path = Path::new(OffsetCheckpoint::LOG_START);
        match files::load(disk, path, OffsetCheckpoint::parse).unwrap() {
            Loaded::Whole(found) => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn many_that_move_at_once_share_a_write() {
        let disk = MemDisk::new(1);
        let starts = LogStarts::new(OffsetCheckpoint::default());
        disk.hold(Call::Sync);
        let mut writes: Vec<_> = (0..50)
            .map(|partition| {
                starts.raise(&LogName::new("orders", partition), 5);
                Box::pin(starts.write(&disk))
            })
            .collect();
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let mut syncs = 0;
        while !writes.is_empty() {
            writes.retain_mut(|write| write.as_mut().poll(&mut cx).is_pending());
            syncs += u32::from(disk.release_one());
        }
        assert!(syncs <= 2, "{syncs} syncs of the file");
        assert_eq!(in_file(&disk).offsets.len(), 50);
    }

    #[test]
    fn a_start_only_goes_up_and_is_forgotten_with_its_log() {
        let disk = MemDisk::new(1);
        let starts = LogStarts::new(OffsetCheckpoint::default());
        let log = LogName::new("orders", 0);
        starts.raise(&log, 7);
        starts.raise(&log, 5);
        block_on(starts.write(&disk)).unwrap();
        assert_eq!(in_file(&disk).offsets[&("orders".to_owned(), 0)], 7);
        starts.forget(&log);
        block_on(starts.write(&disk)).unwrap();
        assert!(in_file(&disk).offsets.is_empty());
    }
}
