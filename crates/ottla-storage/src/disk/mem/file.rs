//! [`MemFile`]: an open file of a [`MemDisk`], and when its operations end.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use rustix::io::Errno;

use super::content::BLOCK_BYTES;
use super::faults::{Call, Pace, Refusal};
use super::{FileNode, MemDisk, lock, refused};
use crate::disk::error::failed;
use crate::disk::wait::oneshot;
use crate::disk::whole::{read_whole, write_whole};
use crate::disk::{Completion, Descriptor, File, Read, Started};

/// An open file, which lives as long as the process that opened it.
#[derive(Clone, Debug)]
pub(super) struct MemFile {
    disk: MemDisk,
    node: Arc<FileNode>,
    path: Arc<Path>,
    writable: bool,
}

impl MemFile {
    pub(super) fn new(disk: MemDisk, node: Arc<FileNode>, path: &Path, writable: bool) -> Self {
        Self { disk, node, path: PathBuf::from(path).into(), writable }
    }

    fn admit(&self, call: Call) -> Result<(), Refusal> {
        self.disk.shared.admit(self.disk.generation, call, &self.path)
    }

    fn pace(&self, call: Call) -> Pace {
        self.disk.shared.control().pace(call)
    }

    fn check_writable(&self, attempted: &'static str) -> io::Result<()> {
        match self.writable {
            true => Ok(()),
            false => Err(failed(attempted, &self.path, Errno::BADF.into())),
        }
    }

    /// Ends a sync that covers what was written before `point`.
    fn sync_to(&self, point: u64) -> io::Result<()> {
        match self.admit(Call::Sync) {
            Ok(()) => {
                lock(&self.node.content).sync(point);
                Ok(())
            }
            Err(refusal) => {
                if matches!(refusal, Refusal::Error(_)) {
                    let mut rng = self.disk.shared.draw_rng();
                    lock(&self.node.content).lose(point, &mut rng);
                }
                Err(refused("sync", &self.path, refusal))
            }
        }
    }

    fn write_some(&self, parts: &[IoSlice<'_>], offset: u64, len: usize) {
        lock(&self.node.content).write(offset, &[IoSlice::new(&head(parts, len))]);
    }

    /// Asks for faults before a write; one that fails may have written a part.
    fn admit_write(&self, parts: &[IoSlice<'_>], offset: u64, len: usize) -> io::Result<()> {
        self.check_writable("write")?;
        let Err(refusal) = self.admit(Call::Write) else { return Ok(()) };
        match refusal {
            Refusal::Error(_) => {
                let written = self.disk.shared.draw_rng().below(len as u64 + 1);
                self.write_some(parts, offset, usize::try_from(written).unwrap_or(0));
            }
            Refusal::PowerFails => self.write_some(parts, offset, len),
            Refusal::Dead => {}
        }
        Err(refused("write", &self.path, refusal))
    }

    /// One system call: some of the bytes, or none when it is interrupted.
    fn write_once(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
        let asked = parts.iter().map(|part| part.len()).sum();
        let len = self.disk.shared.control().count(asked)?;
        let len = match self.room_for(offset, len) {
            None => len,
            Some(0) => return Err(Errno::NOSPC.into()),
            Some(room) => room,
        };
        let landed = self.disk.shared.control().misdirect(&self.path, offset, len as u64);
        let now_ms = lock(&self.disk.shared.clock).as_ref().map(|clock| clock.now_ms());
        match (len < asked).then(|| head(parts, len)) {
            Some(head) => self.store(&[IoSlice::new(&head)], offset, landed),
            None => self.store(parts, offset, landed),
        }
        let mut content = lock(&self.node.content);
        content.modified_ms = now_ms.or(content.modified_ms);
        Ok(len)
    }

    fn store(&self, parts: &[IoSlice<'_>], offset: u64, landed: Option<u64>) {
        let mut content = lock(&self.node.content);
        content.write(landed.unwrap_or(offset), parts);
        let end = offset + parts.iter().map(|part| part.len() as u64).sum::<u64>();
        // The file is as long as it was meant to be, wherever the bytes went.
        if landed.is_some() && content.len() < end {
            content.set_len(end);
        }
    }

    /// One system call: some of the bytes, none at the end of the file.
    fn read_once(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.disk.shared.control().count(buf.len())?;
        let bytes = lock(&self.node.content).read(offset, len);
        buf[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    /// How many bytes of a write there is room for, when that is not all.
    fn room_for(&self, offset: u64, len: usize) -> Option<usize> {
        let capacity = self.disk.shared.control().capacity?;
        let used = self.disk.used_bytes();
        let content = lock(&self.node.content);
        let fits = |len: usize| {
            used + content.blocks_missing(offset, len as u64) * BLOCK_BYTES as u64 <= capacity.max(used)
        };
        if fits(len) {
            return None;
        }
        // Blocks are filled from the front, so what fits ends where a block does.
        let to_boundary = BLOCK_BYTES - usize::try_from(offset % BLOCK_BYTES as u64).unwrap_or(0);
        let ends = (0..).map(|block: usize| to_boundary + block * BLOCK_BYTES);
        Some(ends.take_while(|&end| end < len && fits(end)).last().unwrap_or(0))
    }
}

impl File for MemFile {
    fn write_at(
        &self,
        parts: &[IoSlice<'_>],
        offset: u64,
        token: u64,
        done: &Arc<dyn Completion>,
    ) -> Started {
        let pace = match parts.iter().all(|part| part.is_empty()) {
            true => Pace::Now,
            false => self.pace(Call::Write),
        };
        if matches!(pace, Pace::Now) {
            return Started::Now(self.write_blocking(parts, offset));
        }
        let (file, done) = (self.clone(), Arc::clone(done));
        let parts: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
        let bytes = parts.concat();
        let finish = move || done.complete(token, file.write_blocking(&[IoSlice::new(&bytes)], offset));
        self.disk.shared.finish_later(pace, Box::new(finish));
        Started::Later
    }

    fn sync_data(&self, token: u64, done: &Arc<dyn Completion>) -> Started {
        let pace = self.pace(Call::Sync);
        if matches!(pace, Pace::Now) {
            return Started::Now(self.sync_blocking());
        }
        let (file, done) = (self.clone(), Arc::clone(done));
        let begin = move |pace| {
            let _ = done.sync_begins(token, Waker::noop(), true);
            let point = lock(&file.node.content).sync_point();
            let disk = file.disk.clone();
            disk.shared.finish_later(pace, Box::new(move || done.complete(token, file.sync_to(point))));
        };
        match pace {
            // It begins some time after it was started, and takes some time.
            Pace::After(..) => {
                let takes = self.pace(Call::Sync);
                self.disk.shared.finish_later(pace, Box::new(move || begin(takes)));
            }
            pace => begin(pace),
        }
        Started::Later
    }

    fn read_at(&self, offset: u64, len: usize) -> Read {
        let pace = self.pace(Call::Read);
        if matches!(pace, Pace::Now) {
            return Read::Now(self.read_blocking(offset, len));
        }
        let (file, (sender, receiver)) = (self.clone(), oneshot());
        self.disk.shared.finish_later(pace, Box::new(move || sender.send(file.read_blocking(offset, len))));
        Read::Later(Box::pin(async move {
            receiver.await.unwrap_or_else(|| Err(io::Error::other("the executor dropped the read")))
        }))
    }

    fn write_blocking(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.admit_write(parts, offset, parts.iter().map(|part| part.len()).sum())?;
        write_whole(parts, offset, |parts, offset| self.write_once(parts, offset))
            .map_err(|error| failed("write", &self.path, error))
    }

    fn sync_blocking(&self) -> io::Result<()> {
        let point = lock(&self.node.content).sync_point();
        self.sync_to(point)
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        self.admit(Call::Read).map_err(|refusal| refused("read", &self.path, refusal))?;
        let left = lock(&self.node.content).len().saturating_sub(offset);
        let mut buf = vec![0; usize::try_from(left).map_or(len, |left| left.min(len))];
        let filled = read_whole(&mut buf, 0, offset, |buf, offset| self.read_once(buf, offset))
            .map_err(|error| failed("read", &self.path, error))?;
        buf.truncate(filled);
        Ok(buf.into())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.check_writable("truncate")?;
        let admitted = self.admit(Call::Truncate);
        if matches!(admitted, Ok(()) | Err(Refusal::PowerFails)) {
            lock(&self.node.content).set_len(len);
        }
        admitted.map_err(|refusal| refused("truncate", &self.path, refusal))
    }

    fn reserve(&self, len: u64) -> io::Result<bool> {
        self.check_writable("reserve room for")?;
        let mut admitted = self.admit(Call::Reserve);
        if admitted.is_ok() && self.room_for(0, usize::try_from(len).unwrap_or(usize::MAX)).is_some() {
            admitted = Err(Refusal::Error(Errno::NOSPC));
        }
        if matches!(admitted, Ok(()) | Err(Refusal::PowerFails)) {
            lock(&self.node.content).reserve(len);
        }
        admitted.map(|()| true).map_err(|refusal| refused("reserve room for", &self.path, refusal))
    }

    fn give_back(&self) -> io::Result<()> {
        if !lock(&self.node.content).is_reserved() {
            return Ok(());
        }
        let admitted = self.admit(Call::Truncate);
        if matches!(admitted, Ok(()) | Err(Refusal::PowerFails)) {
            lock(&self.node.content).give_back();
        }
        admitted.map_err(|refusal| refused("give back the room behind", &self.path, refusal))
    }

    fn len(&self) -> io::Result<u64> {
        if self.disk.is_dead() {
            return Err(refused("look up", &self.path, Refusal::Dead));
        }
        Ok(lock(&self.node.content).len())
    }

    fn descriptor(&self) -> io::Result<Option<Descriptor>> {
        Ok(None)
    }
}

/// The first `len` bytes of the parts.
fn head(parts: &[IoSlice<'_>], len: usize) -> Vec<u8> {
    parts.iter().flat_map(|part| part.iter().copied()).take(len).collect()
}

/// A file of a [`MemDisk`] by its bare system calls, which may transfer less than they are asked for.
///
/// For code that calls the system itself: the methods are those of
/// [`std::os::unix::fs::FileExt`], and behave so under [`MemDisk::set_short_counts`]. Who uses
/// [`File`] never sees that: there each call is repeated until it is whole.
#[derive(Clone, Debug)]
pub struct RawFile(MemFile);

impl RawFile {
    pub(super) fn new(file: MemFile) -> Self {
        Self(file)
    }

    /// Reads into `buf`, perhaps less than fits; 0 is the end of the file.
    ///
    /// # Errors
    /// `Interrupted`, and what was injected.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.admit(Call::Read).map_err(|refusal| refused("read", &self.0.path, refusal))?;
        self.0.read_once(buf, offset)
    }

    /// Writes some of `buf`, from its first byte on.
    ///
    /// # Errors
    /// `Interrupted`, `StorageFull`, and what was injected; then any prefix may have been written.
    pub fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<usize> {
        let parts = &[IoSlice::new(buf)];
        self.0.admit_write(parts, offset, buf.len())?;
        self.0.write_once(parts, offset)
    }

    /// As [`File::sync_blocking`].
    ///
    /// # Errors
    /// What it should have covered may be lost; a second sync proves nothing.
    pub fn sync_data(&self) -> io::Result<()> {
        self.0.sync_blocking()
    }

    /// As [`File::truncate`].
    ///
    /// # Errors
    /// What was injected.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.truncate(len)
    }

    /// The length, in bytes.
    ///
    /// # Errors
    /// When the life of its process has ended.
    pub fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    /// Whether nothing is in it.
    ///
    /// # Errors
    /// As [`len`](Self::len).
    pub fn is_empty(&self) -> io::Result<bool> {
        self.0.is_empty()
    }
}
