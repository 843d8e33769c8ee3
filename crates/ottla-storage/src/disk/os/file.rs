//! [`OsFile`]: bytes of one file of the operating system.
//!
//! Whole writes and reads out of the system calls that may do less than they were asked for. What
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
use crate::disk::wait::oneshot;
use crate::disk::{Completion, Descriptor, File, Read, Started, fill_with_zeros};

/// The most parts that one `pwritev` takes (`IOV_MAX` on every Unix that is used).
const WRITE_PARTS_MAX: usize = 1024;

/// A file of an `OsDisk`, with the pools that wait for the device.
#[derive(Debug)]
pub(super) struct OsFile {
    handle: Arc<Handle>,
    syncs: Arc<Pool>,
    reads: Arc<Pool>,
}

impl OsFile {
    pub(super) fn new(handle: Arc<Handle>, syncs: Arc<Pool>, reads: Arc<Pool>) -> Self {
        Self { handle, syncs, reads }
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
        let file = self.handle.file_to_write()?;
        let written = write_whole(parts, offset, |parts, offset| pwritev(&file, parts, offset));
        self.handle.wrote();
        written.map_err(|err| failed("write", &self.handle.path(), err))
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

    fn len(&self) -> io::Result<u64> {
        let metadata = self.handle.file()?.metadata();
        Ok(metadata.map_err(|err| failed("look up", &self.handle.path(), err))?.len())
    }

    fn descriptor(&self) -> io::Result<Option<Descriptor>> {
        Ok(Some(Descriptor::from(self.handle.file()?)))
    }
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

/// Writes all parts, however often `write` takes only some of the bytes or is interrupted.
fn write_whole(
    parts: &[IoSlice<'_>],
    mut offset: u64,
    mut write: impl FnMut(&[IoSlice<'_>], u64) -> io::Result<usize>,
) -> io::Result<()> {
    let mut write_some = |parts: &[IoSlice<'_>], offset| loop {
        match write(parts, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    };
    for parts in parts.chunks(WRITE_PARTS_MAX) {
        let total: usize = parts.iter().map(|part| part.len()).sum();
        if total == 0 {
            continue;
        }
        let mut written = write_some(parts, offset)?;
        if written < total {
            // Rare: a disk that is nearly full, or more than 2 GiB.
            let mut rest = parts.to_vec();
            let mut rest = &mut rest[..];
            let mut advance = written;
            while written < total {
                IoSlice::advance_slices(&mut rest, advance);
                advance = write_some(rest, offset + written as u64)?;
                written += advance;
            }
        }
        offset += total as u64;
    }
    Ok(())
}

/// Fills `buf` from its first `filled` bytes on, until it is full or the file ends; says how far.
fn read_whole(
    buf: &mut [u8],
    mut filled: usize,
    offset: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    while filled < buf.len() {
        match read(&mut buf[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes turns at being interrupted and doing a little.
    struct Grudging {
        bytes: Vec<u8>,
        calls: usize,
    }

    impl Grudging {
        fn turn(&mut self) -> io::Result<usize> {
            self.calls += 1;
            match self.calls % 3 {
                0 => Err(io::ErrorKind::Interrupted.into()),
                turn => Ok(turn * 2),
            }
        }

        fn write(&mut self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
            assert!(parts.len() <= WRITE_PARTS_MAX);
            assert_eq!(offset, self.bytes.len() as u64);
            let turn = self.turn()?;
            let before = self.bytes.len();
            self.bytes.extend(parts.iter().flat_map(|part| part.iter().copied()).take(turn));
            Ok(self.bytes.len() - before)
        }

        fn read(&mut self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            let at = usize::try_from(offset).unwrap();
            let len = self.turn()?.min(buf.len()).min(self.bytes.len() - at);
            buf[..len].copy_from_slice(&self.bytes[at..at + len]);
            Ok(len)
        }
    }

    #[test]
    fn a_write_is_whole_however_little_the_system_takes_at_a_time() {
        let numbers: Vec<Vec<u8>> = (0..3_000_u32).map(|n| n.to_string().into_bytes()).collect();
        let parts: Vec<IoSlice<'_>> = numbers.iter().map(|number| IoSlice::new(number)).collect();
        let mut system = Grudging { bytes: Vec::new(), calls: 0 };
        write_whole(&parts, 0, |parts, offset| system.write(parts, offset)).unwrap();
        assert_eq!(system.bytes, numbers.concat());
        write_whole(&[IoSlice::new(b""), IoSlice::new(b"")], 7, |_, _| panic!("nothing to write")).unwrap();
    }

    #[test]
    fn a_system_that_takes_nothing_is_an_error_and_not_an_endless_loop() {
        let error = write_whole(&[IoSlice::new(b"x")], 0, |_, _| Ok(0)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        let error = write_whole(&[IoSlice::new(b"x")], 0, |_, _| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_read_is_whole_however_little_the_system_gives_at_a_time() {
        let mut system = Grudging { bytes: (0..=255).collect(), calls: 0 };
        let mut buf = vec![0; 300];
        buf[..2].copy_from_slice(b"ab");
        let filled = read_whole(&mut buf, 2, 8, |buf, offset| system.read(buf, offset)).unwrap();
        assert_eq!(filled, 248, "where the file ends");
        assert_eq!(buf[..2], *b"ab");
        assert_eq!(buf[2..248], (10..=255).collect::<Vec<u8>>());
    }
}
