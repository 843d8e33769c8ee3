//! Room on the device that a file has behind its end.
//!
//! Linux keeps it beside the length (`FALLOC_FL_KEEP_SIZE`), where no reader comes. A truncation to the very length that
//! the file has gives it back, on ext4, XFS, btrfs and tmpfs.

use std::fs::{File, FileTimes};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::{Errno, retry_on_intr};

use super::descriptors::Handle;

/// In which `st_blocks` counts, whatever the blocks of the file system.
const STAT_BLOCK_BYTES: u64 = 512;

impl Handle {
    /// Takes room for the first `len` bytes. Whether the file system can.
    pub(super) fn reserve(self: &Arc<Self>, len: u64) -> io::Result<bool> {
        let file = self.file_to_write()?;
        let missing = len.saturating_sub(file.metadata()?.blocks().saturating_mul(STAT_BLOCK_BYTES));
        // One that runs out takes all that is left before it says so, and others would find the disk full meanwhile.
        let stat = fstatvfs(&*file)?;
        if missing > stat.f_bavail.saturating_mul(stat.f_frsize) {
            return Err(Errno::NOSPC.into());
        }
        match retry_on_intr(|| fallocate(&*file, FallocateFlags::KEEP_SIZE, 0, len)) {
            Ok(()) => Ok(true),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
            Err(errno) => {
                // What it got is missing elsewhere. Where it stays, it is given back with what is written.
                let _ = give_back(&file);
                Err(errno.into())
            }
        }
    }

    pub(super) fn give_back(self: &Arc<Self>) -> io::Result<()> {
        let found = self.file()?.metadata()?;
        match found.blocks().saturating_mul(STAT_BLOCK_BYTES) > found.len().next_multiple_of(found.blksize())
        {
            true => give_back(&*self.file_to_write()?),
            false => Ok(()),
        }
    }
}

fn give_back(file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    file.set_len(found.len())?;
    // It tells when a segment was written to last, which this was not.
    let _ = found.modified().and_then(|modified| file.set_times(FileTimes::new().set_modified(modified)));
    Ok(())
}
