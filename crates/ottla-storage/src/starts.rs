//! Where each log starts, for all logs of a storage: `log-start-offset-checkpoint`, and its copy.
//!
//! Kafka's file has no checksum, and a digit that rotted in it would hide records or bring deleted ones back.
//! So the same lines are in `log-start-offsets`, with one more:
//!
//! ```text
//! 0
//! 1
//! orders 0 1042
//! crc32c 1c291ca3       of all above
//! ```
//!
//! Which of the two counts is decided where they are read, in [`crate::root_files`]. Where they differ, as after a crash between the
//! two, both are written again before any log is opened; so they are after every crash, because what a killed process left may
//! be visible and not on stable storage.
//!
//! A start that was answered to anybody never goes back, so it is written down, durably, before it
//! counts. Many logs that move at once share one write of the file. What leaves a log when its
//! start has moved is in [`crate::log`].

use std::io;
use std::path::Path;
use std::sync::Mutex;

use ottla_protocol::records::crc32c;

use crate::disk::Disk;
use crate::files::{self, Damage, OffsetCheckpoint};
use crate::gate::Gate;
use crate::join::join_bounded;
use crate::lock::lock;
use crate::offset::LogName;

/// Name of the copy.
pub(crate) const COPY: &str = "log-start-offsets";

/// The files, and what they should say.
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
    /// What the files said at the start, and whether they have to be written again.
    pub(crate) fn new(found: OffsetCheckpoint, rewrite: bool) -> Self {
        let version = u64::from(rewrite);
        Self {
            inner: Mutex::new(Inner { wanted: found, version, written: 0, closed: false }),
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
        let copy = seal(&bytes);
        let both = [(OffsetCheckpoint::LOG_START, &bytes), (COPY, &copy)];
        let both = both.map(|(name, bytes)| files::replace(disk, Path::new(name), bytes));
        join_bounded(both.into(), 2).await.into_iter().collect::<io::Result<()>>()?;
        lock(&self.inner).written = version;
        Ok(())
    }
}

fn seal(bytes: &[u8]) -> Vec<u8> {
    [bytes, format!("crc32c {:08x}\n", crc32c(bytes)).as_bytes()].concat()
}

/// What the copy says.
pub(crate) fn parse_copy(bytes: &[u8]) -> Result<OffsetCheckpoint, Damage> {
    const SEAL_LEN: usize = "crc32c 01234567\n".len();
    let content = bytes.len().checked_sub(SEAL_LEN).map_or(&[][..], |len| &bytes[..len]);
    match seal(content) == bytes {
        true => OffsetCheckpoint::parse(content),
        false if bytes.is_empty() => Err(Damage::Empty),
        false => Err(Damage::Checksum),
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
        let starts = LogStarts::new(OffsetCheckpoint::default(), false);
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
        assert!(syncs <= 4, "{syncs} syncs of the two files");
        assert_eq!(in_file(&disk).offsets.len(), 50);
    }

    #[test]
    fn a_start_only_goes_up_and_is_forgotten_with_its_log() {
        let disk = MemDisk::new(1);
        let starts = LogStarts::new(OffsetCheckpoint::default(), false);
        let log = LogName::new("orders", 0);
        starts.raise(&log, 7);
        starts.raise(&log, 5);
        block_on(starts.write(&disk)).unwrap();
        assert_eq!(in_file(&disk).offsets[&("orders".to_owned(), 0)], 7);
        starts.forget(&log);
        block_on(starts.write(&disk)).unwrap();
        assert!(in_file(&disk).offsets.is_empty());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_of_the_copy_is_noticed() {
        let offsets = [(("orders".to_owned(), 0), 1042), (("orders".to_owned(), 1), 7)].into();
        let starts = OffsetCheckpoint { offsets };
        let copy = seal(&starts.format());
        assert_eq!(parse_copy(&copy), Ok(starts));
        for bit in 0..copy.len() * 8 {
            let mut damaged = copy.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(parse_copy(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..copy.len() {
            assert!(parse_copy(&copy[..len]).is_err(), "cut at {len}");
        }
    }
}
