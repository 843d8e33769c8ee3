//! Carrying out what a finding names.

use std::io::{self, ErrorKind, IoSlice};
use std::path::Path;
use std::sync::Arc;

use super::finding::Mend;
use crate::disk::wait::block_on;
use crate::disk::{Disk, OpenMode};
use crate::files::{self, CleanShutdown, Loaded, OffsetCheckpoint, parse_folder_name};
use crate::segment::walk::DATA_AHEAD;
use crate::segment::{Segment, SegmentState};

/// Carries out one mend, so that it survives a loss of power. The caller [holds](super::hold) the folder, and the folder is
/// as it was when it was examined.
///
/// # Errors
/// Those of the disk. What was begun is found by the next examination.
pub fn mend(disk: &Arc<dyn Disk>, mend: &Mend) -> io::Result<()> {
    match mend {
        Mend::Indexes { segment } => indexes(disk, segment),
        Mend::Write { path, content } => files::replace_blocking(disk.as_ref(), path, content),
        Mend::Remove { path } => remove(disk.as_ref(), path),
        Mend::Cut { segment, bytes, offset, copy, .. } => {
            cut(disk, segment, bytes.clone(), *offset, copy)?;
            indexes(disk, segment)
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn remove(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    disk.remove_file(path)?;
    disk.sync_dir(folder_of(path))
}

fn indexes(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<()> {
    let base = super::files::base_offset(path).ok_or(ErrorKind::InvalidInput)?;
    let len = u32::try_from(disk.metadata(path)?.len).map_err(io::Error::other)?;
    let state = SegmentState { len, ..SegmentState::default() };
    let segment = Segment::new(Arc::clone(disk), folder_of(path).into(), base, state);
    segment.state().index = Some(block_on(segment.rebuild_index(len))?);
    if let Some(unwritten) = segment.unwritten_index() {
        for file in segment.write_index(&unwritten)? {
            file.sync_blocking()?;
        }
    }
    disk.sync_dir(folder_of(path))
}

/// Copies the end of a segment, lets nothing vouch for it any more, and cuts it off.
fn cut(
    disk: &Arc<dyn Disk>,
    segment: &Path,
    bytes: std::ops::Range<u64>,
    offset: i64,
    copy: &Path,
) -> io::Result<()> {
    let file = disk.open(segment, OpenMode::Write)?;
    let kept = disk.open(copy, OpenMode::CreateNew)?;
    let mut at = bytes.start;
    while at < bytes.end {
        let want = usize::try_from(bytes.end - at).unwrap_or(usize::MAX).min(DATA_AHEAD);
        let piece = file.read_blocking(at, want)?;
        if piece.is_empty() {
            break;
        }
        kept.write_blocking(&[IoSlice::new(&piece)], at - bytes.start)?;
        at += piece.len() as u64;
    }
    kept.sync_blocking()?;
    disk.sync_dir(folder_of(segment))?;
    vouch_for_less(disk.as_ref(), folder_of(segment), offset)?;
    file.truncate(bytes.start)?;
    file.sync_blocking()
}

/// The next start is to look at this log again: the marker of a clean shutdown goes, and the recovery point goes back.
fn vouch_for_less(disk: &dyn Disk, dir: &Path, offset: i64) -> io::Result<()> {
    let Some((topic, partition)) = dir.to_str().and_then(parse_folder_name) else { return Ok(()) };
    match remove(disk, Path::new(CleanShutdown::FILE)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let path = Path::new(OffsetCheckpoint::RECOVERY_POINT);
    if let Loaded::Whole(mut points) = files::load(disk, path, OffsetCheckpoint::parse)?
        && let Some(point) = points.offsets.get_mut(&(topic.to_owned(), partition))
        && *point > offset
    {
        *point = offset;
        files::replace_blocking(disk, path, &points.format())?;
    }
    Ok(())
}
