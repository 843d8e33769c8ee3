//! [`MemFile`]: an open file of a [`MemDisk`], and when its operations end.

use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::Errno;

use super::content::BLOCK_BYTES;
use super::faults::{Call, Pace, Refusal};
use super::{FileNode, MemDisk, lock, refused};
use crate::disk::error::failed;
use crate::disk::wait::oneshot;
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
        let bytes = parts.iter().flat_map(|part| part.iter().copied());
        let bytes: Vec<u8> = bytes.take(len).collect();
        lock(&self.node.content).write(offset, &[IoSlice::new(&bytes)]);
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
        let point = lock(&self.node.content).sync_point();
        let (file, done) = (self.clone(), Arc::clone(done));
        self.disk.shared.finish_later(pace, Box::new(move || done.complete(token, file.sync_to(point))));
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
        self.check_writable("write")?;
        let len: usize = parts.iter().map(|part| part.len()).sum();
        match self.admit(Call::Write) {
            Ok(()) => {}
            Err(Refusal::Error(errno)) => {
                let written = self.disk.shared.draw_rng().below(len as u64 + 1);
                self.write_some(parts, offset, usize::try_from(written).unwrap_or(0));
                return Err(refused("write", &self.path, Refusal::Error(errno)));
            }
            Err(refusal) => {
                if refusal == Refusal::PowerFails {
                    self.write_some(parts, offset, len);
                }
                return Err(refused("write", &self.path, refusal));
            }
        }
        if let Some(room) = self.room_for(offset, len) {
            self.write_some(parts, offset, room);
            return Err(failed("write", &self.path, Errno::NOSPC.into()));
        }
        let now_ms = lock(&self.disk.shared.clock).as_ref().map(|clock| clock.now_ms());
        let mut content = lock(&self.node.content);
        content.write(offset, parts);
        content.modified_ms = now_ms.or(content.modified_ms);
        Ok(())
    }

    fn sync_blocking(&self) -> io::Result<()> {
        let point = lock(&self.node.content).sync_point();
        self.sync_to(point)
    }

    fn read_blocking(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        self.admit(Call::Read).map_err(|refusal| refused("read", &self.path, refusal))?;
        Ok(lock(&self.node.content).read(offset, len).into())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.check_writable("truncate")?;
        let admitted = self.admit(Call::Truncate);
        if matches!(admitted, Ok(()) | Err(Refusal::PowerFails)) {
            lock(&self.node.content).set_len(len);
        }
        admitted.map_err(|refusal| refused("truncate", &self.path, refusal))
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
