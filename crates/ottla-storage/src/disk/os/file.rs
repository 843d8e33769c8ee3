//! [`OsFile`]: bytes of one file of the operating system.
//!
//! Whole writes and reads out of the system calls that may do less than they were asked for. What
//! may wait for the device is handed to the pools of the disk.

use std::fs;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::pool::{Job, Pool};
use crate::disk::error::failed;
use crate::disk::wait::oneshot;
use crate::disk::{Completion, File, Read, Started};

/// The most parts that one `pwritev` takes (`IOV_MAX` on every Unix that is used).
const WRITE_PARTS_MAX: usize = 1024;

/// An open file of an `OsDisk`.
#[derive(Debug)]
pub(super) struct OsFile {
    handle: Arc<Handle>,
    syncs: Arc<Pool>,
    reads: Arc<Pool>,
}

/// Descriptor and path: what the pool's threads need. It does not hold the pools, which would
/// otherwise keep themselves alive.
#[derive(Debug)]
pub(super) struct Handle {
    file: fs::File,
    path: PathBuf,
    /// The file system cannot say whether a read would wait.
    cannot_ask: AtomicBool,
}

impl OsFile {
    pub(super) fn new(file: fs::File, path: PathBuf, syncs: Arc<Pool>, reads: Arc<Pool>) -> Self {
        let cannot_ask = AtomicBool::new(!cfg!(target_os = "linux"));
        Self { handle: Arc::new(Handle { file, path, cannot_ask }), syncs, reads }
    }
}

impl File for OsFile {
    fn write_at(
        &self,
        parts: &[IoSlice<'_>],
        offset: u64,
        _token: u64,
        _done: &Arc<dyn Completion>,
    ) -> Started {
        Started::Now(self.write_blocking(parts, offset))
    }

    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started {
        self.syncs.start(Job::Sync { file: Arc::clone(&self.handle), token, done: Arc::clone(done) });
        Started::Later
    }

    fn read_at(&self, offset: u64, len: usize) -> Read {
        let mut buf = vec![0; len];
        let filled = match self.handle.read_cached(&mut buf, offset) {
            Ok(Cached::All(filled)) => {
                buf.truncate(filled);
                return Read::Now(Ok(buf.into()));
            }
            Ok(Cached::Part(filled)) => filled,
            Err(err) => return Read::Now(Err(err)),
        };
        let (answer, bytes) = oneshot();
        self.reads.start(Job::Read { file: Arc::clone(&self.handle), buf, filled, offset, answer });
        Read::Later(Box::pin(async move {
            // A job is dropped unanswered only when its thread panicked.
            bytes.await.unwrap_or_else(|| Err(io::Error::other("the read was given up")))
        }))
    }

    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.handle.write_all(parts, offset).map_err(|err| failed("write", &self.handle.path, err))
    }

    fn sync_blocking(&self) -> io::Result<()> {
        self.handle.sync()
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        self.handle.read_rest(vec![0; len], 0, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.handle.file.set_len(len).map_err(|err| failed("truncate", &self.handle.path, err))
    }

    fn len(&self) -> io::Result<u64> {
        let metadata =
            self.handle.file.metadata().map_err(|err| failed("look up", &self.handle.path, err))?;
        Ok(metadata.len())
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.handle.file.as_fd())
    }
}

/// How far a read got without waiting for the device.
enum Cached {
    /// To the end of the buffer or of the file: so many bytes.
    All(usize),
    /// So many bytes; the next ones are not in memory.
    Part(usize),
}

impl Handle {
    /// Writes all parts, however often the system takes only some of them.
    fn write_all(&self, parts: &[IoSlice<'_>], mut offset: u64) -> io::Result<()> {
        for parts in parts.chunks(WRITE_PARTS_MAX) {
            let total: usize = parts.iter().map(|part| part.len()).sum();
            let mut written = self.write_some(parts, offset)?;
            if written < total {
                // Rare: a full disk, a signal, or more than 2 GiB.
                let mut rest = parts.to_vec();
                let mut rest = &mut rest[..];
                let mut advance = written;
                while written < total {
                    IoSlice::advance_slices(&mut rest, advance);
                    advance = self.write_some(rest, offset + written as u64)?;
                    written += advance;
                }
            }
            offset += total as u64;
        }
        Ok(())
    }

    /// One system call's worth, more than nothing unless there is nothing to write.
    fn write_some(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
        if parts.iter().all(|part| part.is_empty()) {
            return Ok(0);
        }
        let written = loop {
            match self.pwritev(parts, offset) {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(written)
    }

    #[cfg(not(target_vendor = "apple"))]
    fn pwritev(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
        Ok(rustix::io::pwritev(&self.file, parts, offset)?)
    }

    #[cfg(target_vendor = "apple")]
    fn pwritev(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
        let first = parts.iter().find(|part| !part.is_empty());
        first.map_or(Ok(0), |part| self.file.write_at(part, offset))
    }

    /// Makes data and length durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data().map_err(|err| failed("sync", &self.path, err))
    }

    /// Fills `buf` as far as it can be done without waiting for the device.
    #[cfg(target_os = "linux")]
    fn read_cached(&self, buf: &mut [u8], offset: u64) -> io::Result<Cached> {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};

        let mut filled = 0;
        if self.cannot_ask.load(Ordering::Relaxed) {
            return Ok(Cached::Part(0));
        }
        while filled < buf.len() {
            let rest = &mut [io::IoSliceMut::new(&mut buf[filled..])];
            match preadv2(&self.file, rest, offset + filled as u64, ReadWriteFlags::NOWAIT) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Cached::Part(filled)),
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                    self.cannot_ask.store(true, Ordering::Relaxed);
                    return Ok(Cached::Part(filled));
                }
                Err(err) => return Err(failed("read", &self.path, err.into())),
            }
        }
        Ok(Cached::All(filled))
    }

    #[cfg(not(target_os = "linux"))]
    fn read_cached(&self, _buf: &mut [u8], _offset: u64) -> io::Result<Cached> {
        Ok(Cached::Part(0))
    }

    /// Reads what follows the first `filled` bytes of `buf`, which is as long as what is wanted and
    /// is to hold what stands at `offset`.
    pub(super) fn read_rest(&self, mut buf: Vec<u8>, mut filled: usize, offset: u64) -> io::Result<Bytes> {
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(err) => return Err(failed("read", &self.path, err)),
            }
        }
        buf.truncate(filled);
        Ok(buf.into())
    }
}
