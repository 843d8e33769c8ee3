//! Opening a log that was there before: what is read, what is cut, what is made anew.
//!
//! # What is read
//!
//! Up to the recovery point everything was synced and written down, so of older segments not a byte
//! is read. From the last index entry before that point on, every batch is read and checked. After
//! a clean shutdown that is the end of the log, and a few headers.
//!
//! # What is cut
//!
//! The first bytes that are no whole batch end the log, if no sync had covered them: they are what
//! a crash left of a write that was never acknowledged. They are copied to `NNN.cut` first. Whole
//! batches behind them are cut as well, because writes that no sync covered may reach the disk in
//! any order. Where a sync had covered them, they are rot: the place is kept and remembered as
//! damaged, and the log goes on behind it.
//!
//! What syncs had covered is known from two places that are written apart: the recovery point, and
//! the record of the last sync of each log ([`crate::synced`]).

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::config::Durability;
use crate::disk::wait::completed;
use crate::disk::{Disk, Entry, EntryKind, Metadata, OpenMode};
use crate::epochs::{Epoch, Epochs};
use crate::error::Error;
use crate::files::{self, EpochCheckpoint, Loaded, PartitionMetadata};
use crate::log::Found;
use crate::segment::{Segment, SegmentState, Suffix, parse_file_name};

mod leftovers;
mod scan;
mod state;

/// What is known about a log before its folder is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// Up to where everything was synced and written down.
    pub(crate) recovery_point: i64,
    /// Up to where a sync is known to have covered the log; at least the recovery point.
    pub(crate) synced: i64,
    /// Where the log starts, if records were deleted from its front.
    pub(crate) log_start: Option<i64>,
    /// Whether the storage was closed as it should be.
    pub(crate) is_clean: bool,
    /// What the log has to promise once it is open.
    pub(crate) durability: Durability,
}

/// The files of a log, by kind.
#[derive(Debug, Default)]
struct Folder {
    /// The segments, in order of their base offsets.
    segments: Vec<FoundSegment>,
    snapshots: BTreeSet<i64>,
}

/// A file of batches.
#[derive(Clone, Copy, Debug)]
struct FoundSegment {
    base_offset: i64,
    len: u32,
    modified_ms: Option<i64>,
}

/// Opens the log in `dir`.
pub(crate) async fn recover(disk: &Arc<dyn Disk>, dir: &Arc<Path>, before: Before) -> Result<Found, Error> {
    let failed = |attempt| Error::io(attempt, dir.to_path_buf());
    let mut entries = disk.list(dir).map_err(failed("list"))?;
    if leftovers::settle(disk, dir, &entries).await.map_err(failed("finish a change of segments in"))? {
        entries = disk.list(dir).map_err(failed("list"))?;
    }
    let mut folder = list(disk.as_ref(), dir, entries).map_err(failed("look at"))?;
    let below = below_start(&folder.segments, before.log_start);
    for FoundSegment { base_offset, .. } in folder.segments.drain(..below) {
        let left = Segment::new(Arc::clone(disk), Arc::clone(dir), base_offset, SegmentState::default());
        left.remove_files().map_err(failed("remove a deleted segment from"))?;
    }
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    for FoundSegment { base_offset, len, modified_ms } in folder.segments {
        let state = SegmentState { len, written_ms: modified_ms, ..SegmentState::default() };
        segments.push(Arc::new(Segment::new(Arc::clone(disk), Arc::clone(dir), base_offset, state)));
    }
    if first_is_lost(disk.as_ref(), dir, &segments, &before).map_err(failed("look at"))? {
        for segment in segments.drain(..) {
            scan::set_aside(disk.as_ref(), &segment).map_err(failed("set segments aside in"))?;
        }
    }
    let mut scanned = scan::scan(disk.as_ref(), segments, &before).await.map_err(failed("read"))?;
    let first = scanned.segments.first().map_or(0, |segment| segment.base_offset());
    let mut log_end = scanned.log_end.max(first);
    if let Some(log_start) = before.log_start.filter(|log_start| *log_start > log_end) {
        // What was deleted does not come back, and its offsets are not given out again.
        tracing::warn!(
            folder = %dir.display(), log_start, log_end,
            "the log ends before its start; what is left of it is set aside"
        );
        for segment in std::mem::take(&mut scanned).segments {
            scan::set_aside(disk.as_ref(), &segment).map_err(failed("set segments aside in"))?;
        }
        log_end = log_start;
    }
    let first = scanned.segments.first().map_or(log_end, |segment| segment.base_offset());
    let log_start = before.log_start.unwrap_or(first).clamp(first, log_end);

    let mut epochs = epochs(disk.as_ref(), dir).map_err(failed("read the leader epochs of"))?;
    if let Some(epochs) = &mut epochs {
        // The epoch of a log that was emptied begins where the log goes on.
        epochs.truncate(if log_start == log_end && log_start > 0 { log_end + 1 } else { log_end });
        for entry in &scanned.epochs {
            epochs.assign(entry.epoch, entry.start_offset);
        }
    }
    let mut recovery_point = before.recovery_point.min(log_end);
    let (segments, snapshots) = (&scanned.segments, &folder.snapshots);
    let replayed = state::replay(disk.as_ref(), dir, segments, snapshots, log_end, epochs, recovery_point);
    let replayed = replayed.await.map_err(failed("replay"))?;

    // A log that no sync is known to have covered may lack its very name.
    let unknown = before.synced == 0 && !scanned.read.is_empty();
    // What a sync is known to have covered is safe with all that names it, so nothing is left to do for it.
    let covered = before.synced >= log_end;
    if !unknown && covered && before.durability == Durability::Fsync {
        recovery_point = log_end;
    }
    if unknown || before.durability == Durability::Fsync && !covered && recovery_point < log_end {
        // It is shown to readers from now on, so it must be as safe as what is shown later.
        scanned.write_again().await.map_err(failed("write again"))?;
        for segment in &scanned.read {
            let file = segment.file().map_err(failed("open"))?;
            completed(|token, done| file.sync_data(token, done)).await.map_err(failed("sync"))?;
        }
        // So must be what names it: a killed process may not have come to that.
        if let Ok(metadata) = disk.open(&dir.join(PartitionMetadata::FILE), OpenMode::Read) {
            completed(|token, done| metadata.sync_data(token, done)).await.map_err(failed("sync"))?;
        }
        for dir in [dir, dir.parent().unwrap_or(Path::new(""))] {
            completed(|token, done| disk.start_sync_dir(dir, token, done)).await.map_err(failed("sync"))?;
        }
        recovery_point = log_end;
    }
    let mut epochs = replayed.epochs;
    epochs.truncate_start(log_start);
    let synced = before.synced.clamp(recovery_point, log_end);
    Ok(Found {
        log_start,
        log_end,
        recovery_point,
        synced,
        segments: scanned.segments,
        producers: replayed.producers,
        epochs,
        snapshots: replayed.snapshots,
        is_clean: before.is_clean && recovery_point == log_end,
    })
}

/// Whether a log that was never checkpointed lacks its first segment: power failed before any sync
/// had covered the folder, and of two names only the later one arrived. Nothing of such a log was
/// ever promised. A log that starts later because it was cut from the front has been checkpointed.
fn first_is_lost(
    disk: &dyn Disk,
    dir: &Path,
    segments: &[Arc<Segment>],
    before: &Before,
) -> io::Result<bool> {
    if before.synced > 0
        || before.log_start.is_some()
        || segments.first().is_none_or(|first| first.base_offset() == 0)
    {
        return Ok(false);
    }
    match disk.metadata(&dir.join(EpochCheckpoint::FILE)) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// How many segments, from the first, hold nothing from `log_start` on.
fn below_start(segments: &[FoundSegment], log_start: Option<i64>) -> usize {
    let Some(log_start) = log_start else { return 0 };
    segments.iter().skip(1).take_while(|next| next.base_offset <= log_start).count()
}

fn list(disk: &dyn Disk, dir: &Path, entries: Vec<Entry>) -> io::Result<Folder> {
    let mut folder = Folder::default();
    for entry in entries {
        if entry.kind != EntryKind::File {
            continue;
        }
        match parse_file_name(&entry.name) {
            Some((base_offset, Suffix::Log)) => {
                let Metadata { len, modified_ms, .. } = disk.metadata(&dir.join(&entry.name))?;
                let len =
                    u32::try_from(len).ok().filter(|len| i32::try_from(*len).is_ok()).ok_or_else(|| {
                        io::Error::other(format!(
                            "{} of {len} bytes is larger than a segment can be",
                            entry.name
                        ))
                    })?;
                folder.segments.push(FoundSegment { base_offset, len, modified_ms });
            }
            Some((offset, Suffix::Snapshot)) => {
                folder.snapshots.insert(offset);
            }
            Some(_) | None => {}
        }
    }
    folder.segments.sort_unstable_by_key(|segment| segment.base_offset);
    Ok(folder)
}

/// What `leader-epoch-checkpoint` says; `None` when it is missing or damaged.
fn epochs(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Epochs>> {
    let path = dir.join(EpochCheckpoint::FILE);
    match files::load(disk, &path, EpochCheckpoint::parse)? {
        Loaded::Whole(checkpoint) => {
            let entries = checkpoint.epochs.into_iter();
            Ok(Some(Epochs::new(entries.map(|(epoch, start_offset)| Epoch { epoch, start_offset }))))
        }
        Loaded::Missing => Ok(None),
        Loaded::Damaged(damage) => {
            tracing::warn!(path = %path.display(), %damage, "leader epochs are made anew from the log");
            Ok(None)
        }
    }
}
