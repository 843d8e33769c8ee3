//! Room that is kept aside for what must be written though the disk is full.
//!
//! Here live the file `reserve` in the data folder, which is as long as the room that it takes up, and the
//! rule who gets of it. When a write finds no room, checkpoints, the record of syncs and the logs that
//! are marked for it ([`LogConfig::uses_reserve`](crate::LogConfig)) get a piece: the file is cut by it, and they try again. From
//! then on until the reserve is whole again, other appends are refused before they are tried, because
//! they would use up what was given to the others. As soon as the disk has room the reserve is
//! filled and appends go on; nothing has to be opened anew.
//!
//! A disk that nothing bounds needs no reserve, and has none.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::disk::{Disk, File, OpenMode, Space};
use crate::lock::lock;

pub(crate) const FILE: &str = "reserve";
/// The reserve never takes more than this part of a disk.
const PART_OF_DISK: u64 = 16;
/// How many times it can give a piece.
const PIECES: u64 = 16;
/// The least that it gives.
const PIECE_MIN: u64 = 64 * 1024;

/// The reserve of a storage.
#[derive(Debug)]
pub(crate) struct Reserve {
    disk: Arc<dyn Disk>,
    bytes_max: u64,
    /// Bytes that were given and not filled in again; appends are refused while there are any.
    given: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    file: Option<Arc<dyn File>>,
    /// Length of the file, which is room that it has.
    bytes: u64,
    /// The length that it was last filled to.
    whole: u64,
}

impl Reserve {
    /// Takes up to `bytes_max` aside. A disk that has no room for it now may have some later; until then what the
    /// storage had aside when it was last open, on a disk that is still full, is there to be given.
    pub(crate) fn open(disk: &Arc<dyn Disk>, bytes_max: u64) -> Self {
        let reserve =
            Self { disk: Arc::clone(disk), bytes_max, given: AtomicU64::new(0), kept: Mutex::default() };
        if let Err(error) = reserve.find() {
            tracing::warn!(%error, "what was taken aside for a full disk cannot be used");
        }
        reserve.fill();
        reserve
    }

    /// Takes over the file that is there; what it is short of was given away before.
    fn find(&self) -> io::Result<()> {
        let wanted = self.disk.space()?.map_or(0, |space| self.wanted(space));
        let file = match self.disk.open(Path::new(FILE), OpenMode::Write) {
            Ok(file) if wanted > 0 => file,
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let bytes = file.len()?;
        self.given.store(wanted.saturating_sub(bytes), Ordering::Relaxed);
        *lock(&self.kept) = Kept { file: Some(file), bytes, whole: wanted.max(bytes) };
        Ok(())
    }

    fn wanted(&self, space: Space) -> u64 {
        self.bytes_max.min(space.total_bytes / PART_OF_DISK)
    }

    /// Whether some of it was given away, so that only those who may use it should write.
    pub(crate) fn is_short(&self) -> bool {
        self.given.load(Ordering::Relaxed) > 0
    }

    /// Whether all of it was given away.
    pub(crate) fn is_used_up(&self) -> bool {
        self.is_short() && lock(&self.kept).bytes == 0
    }

    /// Makes it whole again if the disk has room for that and for some more. Answers whether it is.
    pub(crate) fn fill(&self) -> bool {
        let mut kept = lock(&self.kept);
        let space = match self.disk.space() {
            Ok(Some(space)) => space,
            // Nothing bounds it any more.
            Ok(None) => {
                self.let_all_write();
                return true;
            }
            Err(_) => return !self.is_short(),
        };
        let wanted = self.wanted(space);
        let missing = wanted.saturating_sub(kept.bytes);
        if missing > 0 {
            // Not the last bytes: who fills up the disk would find it full again at once.
            if space.usable_bytes < missing + wanted / PIECES {
                return !self.is_short();
            }
            if let Err(error) = self.lengthen(&mut kept, wanted) {
                tracing::warn!(%error, bytes = wanted, "the reserve for a full disk could not be taken aside");
                return !self.is_short();
            }
        }
        self.let_all_write();
        true
    }

    /// Lets everybody write again.
    fn let_all_write(&self) {
        if self.given.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("the disk has room again");
        }
    }

    fn lengthen(&self, kept: &mut Kept, bytes: u64) -> io::Result<()> {
        let file = match &kept.file {
            Some(file) => Arc::clone(file),
            None => self.disk.open(Path::new(FILE), OpenMode::Create)?,
        };
        let allocated = file.allocate(bytes);
        if allocated.is_err() {
            // What it got of it would be missing elsewhere.
            file.truncate(kept.bytes)?;
        }
        allocated?;
        *kept = Kept { file: Some(file), bytes, whole: bytes };
        Ok(())
    }

    /// Gives a piece of it to somebody who may use it and found the disk full. Whether there was one.
    pub(crate) fn give(&self) -> bool {
        let mut kept = lock(&self.kept);
        let Some(file) = kept.file.clone() else { return false };
        let piece = kept.bytes.min((kept.whole / PIECES).max(PIECE_MIN));
        if piece == 0 {
            return false;
        }
        let left = kept.bytes - piece;
        // Synced, because file systems hand out freed blocks again only once that is on the device.
        if let Err(error) = file.truncate(left).and_then(|()| file.sync_blocking()) {
            tracing::warn!(%error, "the reserve for a full disk cannot be used");
            return false;
        }
        kept.bytes = left;
        if self.given.fetch_add(piece, Ordering::Relaxed) == 0 {
            tracing::warn!(
                "the disk is full; appends are refused until it has room, but for those that may use the reserve"
            );
        }
        true
    }

    /// Runs `write`, and again with a piece of the reserve for as long as the disk is full.
    pub(crate) async fn help<T, F>(&self, write: impl Fn() -> F) -> io::Result<T>
    where
        F: Future<Output = io::Result<T>>,
    {
        loop {
            match write().await {
                Err(error) if is_full(&error) && self.give() => {}
                result => return result,
            }
        }
    }

    /// Why an append is refused while the reserve is short.
    pub(crate) fn refusal(&self) -> io::Error {
        let why = "the disk is full, and what is left of its reserve is for others";
        io::Error::new(io::ErrorKind::StorageFull, why)
    }
}

/// Whether a write failed because there was no room, on the disk or in a quota.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
