//! [`OsFile`]: bytes of one file of the operating system.
//!
//! System calls that may do less than they were asked for are repeated by [`whole`](crate::disk::whole). What
//! may wait for the device is handed to the pools of the disk.

use std::fs;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::descriptors::Handle;
use super::pool::{Job, Pool};
use crate::disk::error::failed;
use crate::disk::wait::{Receiver, oneshot};
use crate::disk::whole::{read_whole, write_whole};
use crate::disk::{Completion, Descriptor, File, Read, Started, fill_with_zeros};

/// A file of an `OsDisk`, with the pools that wait for the device.
#[derive(Debug)]
pub(super) struct OsFile {
    handle: Arc<Handle>,
    writes: Arc<Pool>,
    syncs: Arc<Pool>,
    reads: Arc<Pool>,
}

impl OsFile {
    pub(super) fn new(handle: Arc<Handle>, writes: Arc<Pool>, syncs: Arc<Pool>, reads: Arc<Pool>) -> Self {
        Self { handle, writes, syncs, reads }
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

    fn write_later(&self, parts: Vec<Bytes>, offset: u64, token: u64, done: &Arc<dyn Completion>) -> Started {
        let (file, done) = (Arc::clone(&self.handle), Arc::clone(done));
        self.writes.start(Job::Write { file, parts, offset, token, done });
        Started::Later
    }

    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started {
        self.syncs.start(Job::Sync { file: Arc::clone(&self.handle), token, done: Arc::clone(done) });
        Started::Later
    }

    fn read_at(&self, offset: u64, len: usize) -> Read {
        self.read_before(offset, len, 0)
    }

    fn read_before(&self, offset: u64, len: usize, followed_by: usize) -> Read {
        let mut buf = vec![0; len];
        let filled = match self.handle.read_cached(&mut buf, offset) {
            Ok(Cached::All(filled)) => {
                buf.truncate(filled);
                return Read::Now(Ok(buf.into()));
            }
            Ok(Cached::Part(filled)) => filled,
            Err(err) => return Read::Now(Err(err)),
        };
        if followed_by > len {
            self.handle.will_need(offset, followed_by);
        }
        let (answer, bytes) = oneshot();
        self.reads.start(Job::Read { file: Arc::clone(&self.handle), buf, filled, offset, answer });
        answered(bytes)
    }

    fn read_once(&self, offset: u64, len: usize) -> Read {
        let (answer, bytes) = oneshot();
        self.reads.start(Job::ReadOnce { file: Arc::clone(&self.handle), buf: vec![0; len], offset, answer });
        answered(bytes)
    }

    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.handle.write(parts, offset)
    }

    fn sync_blocking(&self) -> io::Result<()> {
        self.handle.sync()
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        self.handle.read_rest(vec![0; len], 0, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let truncated = self.handle.file_to_write()?.set_len(len);
        self.handle.wrote();
        truncated.map_err(|err| failed("truncate", &self.handle.path(), err))
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;

        let file = self.handle.file_to_write()?;
        let allocated = fallocate(&file, FallocateFlags::empty(), 0, len);
        self.handle.wrote();
        match allocated {
            // Not every file system knows of it.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => fill_with_zeros(self, len),
            allocated => allocated.map_err(|err| failed("allocate", &self.handle.path(), err.into())),
        }
    }

    #[cfg(target_os = "linux")]
    fn reserve(&self, len: u64) -> io::Result<bool> {
        self.handle.reserve(len).map_err(|err| failed("reserve room for", &self.handle.path(), err))
    }

    #[cfg(target_os = "linux")]
    fn give_back(&self) -> io::Result<()> {
        self.handle.give_back().map_err(|err| failed("give back the room behind", &self.handle.path(), err))
    }

    fn len(&self) -> io::Result<u64> {
        let metadata = self.handle.file()?.metadata();
        Ok(metadata.map_err(|err| failed("look up", &self.handle.path(), err))?.len())
    }

    fn descriptor(&self) -> io::Result<Option<Descriptor>> {
        Ok(Some(Descriptor::from(self.handle.file()?)))
    }
}

fn answered(bytes: Receiver<io::Result<Bytes>>) -> Read {
    Read::Later(Box::pin(async move {
        // A job is dropped unanswered only when its thread panicked.
        bytes.await.unwrap_or_else(|| Err(io::Error::other("the read was given up")))
    }))
}

/// How far a read got without waiting for the device.
enum Cached {
    /// To the end of the buffer or of the file: so many bytes.
    All(usize),
    /// So many bytes; the next ones are not in memory.
    Part(usize),
}

#[cfg(not(target_vendor = "apple"))]
fn pwritev(file: &fs::File, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
    Ok(rustix::io::pwritev(file, parts, offset)?)
}

#[cfg(target_vendor = "apple")]
fn pwritev(file: &fs::File, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
    let first = parts.iter().find(|part| !part.is_empty());
    first.map_or(Ok(0), |part| file.write_at(part, offset))
}

impl Handle {
    /// Writes all parts, one behind the other, at `offset`.
    pub(in crate::disk::os) fn write(self: &Arc<Self>, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        let file = self.file_to_write()?;
        let written = write_whole(parts, offset, |parts, offset| pwritev(&file, parts, offset));
        self.wrote();
        written.map_err(|err| failed("write", &self.path(), err))
    }

    /// Fills `buf` as far as it can be done without waiting for the device.
    #[cfg(target_os = "linux")]
    fn read_cached(self: &Arc<Self>, buf: &mut [u8], offset: u64) -> io::Result<Cached> {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};

        let mut filled = 0;
        if self.cannot_ask.load(Ordering::Relaxed) {
            return Ok(Cached::Part(0));
        }
        let file = self.file()?;
        while filled < buf.len() {
            let rest = &mut [io::IoSliceMut::new(&mut buf[filled..])];
            match preadv2(&*file, rest, offset + filled as u64, ReadWriteFlags::NOWAIT) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Cached::Part(filled)),
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                    self.cannot_ask.store(true, Ordering::Relaxed);
                    return Ok(Cached::Part(filled));
                }
                Err(err) => return Err(failed("read", &self.path(), err.into())),
            }
        }
        Ok(Cached::All(filled))
    }

    #[cfg(not(target_os = "linux"))]
    fn read_cached(self: &Arc<Self>, _buf: &mut [u8], _offset: u64) -> io::Result<Cached> {
        Ok(Cached::Part(0))
    }

    /// Has the system begin to read what is going to be asked for. No more than advice: what fails is met again by who reads.
    #[cfg(not(target_vendor = "apple"))]
    fn will_need(self: &Arc<Self>, offset: u64, len: usize) {
        use rustix::fs::{Advice, fadvise};

        if let Ok(file) = self.file() {
            let _ = fadvise(&*file, offset, std::num::NonZeroU64::new(len as u64), Advice::WillNeed);
        }
    }

    #[cfg(target_vendor = "apple")]
    fn will_need(self: &Arc<Self>, _offset: u64, _len: usize) {}

    /// Fills `buf` with what stands at `offset`, and keeps none of it in memory that was not there.
    #[cfg(target_os = "linux")]
    pub(in crate::disk::os) fn read_once(
        self: &Arc<Self>,
        mut buf: Vec<u8>,
        offset: u64,
    ) -> io::Result<Bytes> {
        use rustix::io::{ReadWriteFlags, preadv2};

        /// `RWF_DONTCACHE`, which Linux knows from 6.14 on.
        const DONTCACHE: ReadWriteFlags = ReadWriteFlags::from_bits_retain(0x80);
        let file = self.file()?;
        let filled = read_whole(&mut buf, 0, offset, |buf, offset| {
            Ok(preadv2(&*file, &mut [io::IoSliceMut::new(buf)], offset, DONTCACHE)?)
        });
        match filled {
            Ok(filled) => buf.truncate(filled),
            // An older system, or a file system that does not know it; what fails for another reason fails again.
            Err(_) => return self.read_rest(buf, 0, offset),
        }
        Ok(buf.into())
    }

    #[cfg(not(target_os = "linux"))]
    pub(in crate::disk::os) fn read_once(self: &Arc<Self>, buf: Vec<u8>, offset: u64) -> io::Result<Bytes> {
        self.read_rest(buf, 0, offset)
    }

    /// Reads what follows the first `filled` bytes of `buf`, which is as long as what is wanted and
    /// is to hold what stands at `offset`.
    pub(in crate::disk::os) fn read_rest(
        self: &Arc<Self>,
        mut buf: Vec<u8>,
        filled: usize,
        offset: u64,
    ) -> io::Result<Bytes> {
        let file = self.file()?;
        let filled = read_whole(&mut buf, filled, offset, |buf, offset| file.read_at(buf, offset))
            .map_err(|err| failed("read", &self.path(), err))?;
        buf.truncate(filled);
        Ok(buf.into())
    }
}
