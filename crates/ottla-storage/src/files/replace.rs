//! Small files to and from a disk: read whole, replaced whole.
//!
//! A replaced file is, after a crash at any moment, either the old one or the new one: the new
//! bytes go to a temporary name, are synced, take the name, and the folder is synced.

use std::io::{self, ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Damage, FILE_BYTES_MAX, Loaded};
use crate::disk::wait::completed;
use crate::disk::{Disk, File, OpenMode};
use crate::planted;

/// Reads a small file and says what it holds. Blocks.
///
/// ```
/// use std::path::Path;
/// use ottla_storage::disk::MemDisk;
/// use ottla_storage::files::{Loaded, OffsetCheckpoint, load};
///
/// let path = Path::new(OffsetCheckpoint::RECOVERY_POINT);
/// assert_eq!(load(&MemDisk::new(1), path, OffsetCheckpoint::parse)?, Loaded::Missing);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Only those of the disk; a file that is missing or damaged is an answer.
pub fn load<T>(
    disk: &dyn Disk,
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, Damage>,
) -> io::Result<Loaded<T>> {
    let file = match disk.open(path, OpenMode::Read) {
        Ok(file) => file,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Loaded::Missing),
        Err(err) => return Err(err),
    };
    let len = file.len()?;
    if len > FILE_BYTES_MAX {
        return Ok(Loaded::Damaged(Damage::TooLong { len, limit: FILE_BYTES_MAX }));
    }
    let bytes = file.read_blocking(0, usize::try_from(len).unwrap_or(usize::MAX))?;
    Ok(match parse(&bytes) {
        Ok(value) => Loaded::Whole(value),
        Err(damage) => Loaded::Damaged(damage),
    })
}

/// Replaces a small file, or creates it. When it returns well, the new bytes survive everything.
///
/// Two replacements of one file must not overlap: they share the temporary name, which is the
/// file's with `.tmp` behind it.
///
/// # Errors
/// Those of the disk; the file is then still the old one, or already the new one.
///
/// # Cancel safety
/// A dropped future leaves the old file or the new one, and perhaps the temporary one.
pub async fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(disk, path, bytes).await?;
    if planted::is("no_folder_sync_after_rename") {
        return Ok(());
    }
    completed(|token, done| disk.start_sync_dir(folder_of(path), token, done)).await
}

/// The same, but the new bytes may be the old ones again until the folder is synced, which is left to the caller.
pub(crate) async fn put(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, file) = open_temporary(disk, path)?;
    completed(|token, done| file.write_at(&[IoSlice::new(bytes)], 0, token, done)).await?;
    completed(|token, done| file.sync_data(token, done)).await?;
    disk.rename(&temporary, path)
}

/// [`replace`], in the calling thread.
///
/// # Errors
/// As [`replace`].
pub fn replace_blocking(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    put_blocking(disk, path, bytes)?;
    disk.sync_dir(folder_of(path))
}

/// [`put`], in the calling thread.
pub(crate) fn put_blocking(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, file) = open_temporary(disk, path)?;
    file.write_blocking(&[IoSlice::new(bytes)], 0)?;
    file.sync_blocking()?;
    disk.rename(&temporary, path)
}

fn open_temporary(disk: &dyn Disk, path: &Path) -> io::Result<(PathBuf, Arc<dyn File>)> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let file = disk.open(&temporary, OpenMode::Create)?;
    // What an interrupted replacement left.
    if file.len()? > 0 {
        file.truncate(0)?;
    }
    Ok((temporary, file))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
