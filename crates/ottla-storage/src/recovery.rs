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
//! damaged, and the log goes on behind it. So are bytes behind which a whole batch has the very next
//! offset: nothing is missing between, so they are no torn write of this log, but damage behind which an
//! earlier start went on.
//!
//! What syncs had covered is known from two places that are written apart: the recovery point, and
//! the record of the last sync of each log ([`crate::synced`]). Where its file alone was lost, the recovery point
//! counts. Where nothing is left that only this crate writes, or the folder is Kafka's, all whole batches are kept, and only what
//! follows the last of them is cut.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::config::Durability;
use crate::disk::wait::completed;
use crate::disk::{Disk, Entry, EntryKind, Metadata, OpenMode};
use crate::epochs::{Epoch, Epochs};
use crate::error::Error;
use crate::files::{self, EpochCheckpoint, OffsetCheckpoint, PartitionMetadata};
use crate::findings::Findings;
use crate::log::Found;
use crate::root_files::{self, set_folders_aside};
use crate::segment::{Segment, SegmentState, Suffix, parse_file_name};

mod leftovers;
pub(crate) mod names;
mod scan;
mod state;

/// What is known about a log before its folder is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// Up to where everything was synced and written down.
    pub(crate) recovery_point: i64,
    /// Up to where a sync had covered the log by any account: damage below is rot. At least the recovery point.
    pub(crate) covered: i64,
    /// Up to where a sync had covered it by its own record, which has a checksum.
    pub(crate) synced: Option<i64>,
    /// Whether a run of ours kept a record of syncs, though its file may be gone. Where nothing is left that only we write, or the
    /// folder was Kafka's, nothing tells what a crash left of unsynced writes from what compaction, retention or rot left: what
    /// is whole is believed then.
    pub(crate) has_record: bool,
    /// Where the log starts, if records were deleted from its front.
    pub(crate) log_start: Option<i64>,
    /// Whether the storage was closed as it should be.
    pub(crate) is_clean: bool,
    /// What the log has to promise once it is open.
    pub(crate) durability: Durability,
}

impl Before {
    /// Up to where the files are known to be safe.
    fn safe(&self) -> i64 {
        self.synced.unwrap_or(self.recovery_point)
    }
}

/// The files of a log, by kind.
#[derive(Debug, Default)]
struct Folder {
    /// The segments, in order of their base offsets.
    segments: Vec<FoundSegment>,
    snapshots: BTreeSet<i64>,
    /// Base offsets of the segments that have an index of aborted transactions.
    aborted: BTreeSet<i64>,
}

/// A file of batches.
#[derive(Clone, Copy, Debug)]
struct FoundSegment {
    base_offset: i64,
    len: u32,
    modified_ms: Option<i64>,
}

/// Opens the log in `dir`.
///
/// `identity` tells its files from those of all other logs.
pub(crate) async fn recover(
    disk: &Arc<dyn Disk>,
    dir: &Arc<Path>,
    before: Before,
    identity: u32,
    findings: &Findings,
) -> Result<Found, Error> {
    let failed = |attempt| Error::io(attempt, dir.to_path_buf());
    let mut entries = disk.list(dir).map_err(failed("list"))?;
    set_folders_aside(disk.as_ref(), dir, &entries, is_file_of_log, findings)
        .map_err(failed("set folders aside in"))?;
    let is_segment = |name: &str| parse_file_name(name).is_some();
    if names::take_back(disk.as_ref(), dir, &entries, EntryKind::File, is_segment)
        .map_err(failed("take names back in"))?
    {
        entries = disk.list(dir).map_err(failed("list"))?;
    }
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
        let segment = Segment::new(Arc::clone(disk), Arc::clone(dir), base_offset, state);
        segment.report_to(findings);
        segments.push(Arc::new(segment));
    }
    if first_is_lost(disk.as_ref(), dir, &segments, &before).map_err(failed("look at"))? {
        let aside = scan::set_aside(disk.as_ref(), std::mem::take(&mut segments), findings).await;
        aside.map_err(failed("set segments aside in"))?;
    }
    let scanned = scan::scan(disk.as_ref(), segments, &before, findings).await;
    let mut scanned = scanned.map_err(failed("read"))?;
    let first = scanned.segments.first().map_or(0, |segment| segment.base_offset());
    let mut log_end = scanned.log_end.max(first);
    let mut wanted_start = before.log_start;
    let ends_before = wanted_start.is_some_and(|log_start| log_start > log_end);
    if before.is_clean && ends_before && !scanned.segments.is_empty() {
        // A log that was closed as it should be ends behind its start, so this is no start of it. One without a
        // segment was emptied, or lost what it held, and nothing but its start tells where it goes on.
        let what =
            format!("it says that {} starts at {wanted_start:?}, and it ends at {log_end}", dir.display());
        findings.made_anew(Path::new(OffsetCheckpoint::LOG_START), &what);
        wanted_start = None;
    }
    if let Some(log_start) = wanted_start.filter(|log_start| *log_start > log_end) {
        // What was deleted does not come back, and its offsets are not given out again.
        tracing::warn!(
            folder = %dir.display(), log_start, log_end,
            "the log ends before its start; what is left of it is set aside"
        );
        let left = std::mem::take(&mut scanned).segments;
        let aside = scan::set_aside(disk.as_ref(), left, findings).await;
        aside.map_err(failed("set segments aside in"))?;
        log_end = log_start;
    }
    let first = scanned.segments.first().map_or(log_end, |segment| segment.base_offset());
    let log_start = wanted_start.unwrap_or(first).clamp(first, log_end);

    let epochs = epochs(disk.as_ref(), dir, log_start, before.recovery_point, &scanned, findings).await;
    let mut epochs = epochs.map_err(failed("hold leader epochs against"))?;
    let epochs_written = epochs.as_ref().map(Epochs::pairs).unwrap_or_default();
    if let Some(epochs) = &mut epochs {
        // The epoch of a log that was emptied begins where the log goes on.
        epochs.truncate(if log_start == log_end && log_start > 0 { log_end + 1 } else { log_end });
        for entry in &scanned.epochs {
            epochs.assign(entry.epoch, entry.start_offset);
        }
    }
    let checkpointed = before.recovery_point.min(log_end);
    let mut recovery_point = checkpointed;
    let sources = state::Sources {
        disk: disk.as_ref(),
        dir,
        segments: &scanned.segments,
        snapshots: &folder.snapshots,
        aborted: &folder.aborted,
        log_end,
        recovery_point,
        is_clean: before.is_clean,
        identity,
        findings,
    };
    let replayed = state::replay(&sources, epochs).await.map_err(failed("replay"))?;

    // A log that no sync is known to have covered may lack its very name.
    let unknown = before.covered == 0 && !scanned.read.is_empty();
    // What a sync is known to have covered is safe with all that names it, so nothing is left to do for it.
    let covered = before.safe() >= log_end;
    if !unknown && covered && before.durability == Durability::Fsync {
        recovery_point = log_end;
    }
    if !before.is_clean {
        // The file of a segment that no sync is known to have covered, and the folder of such a log.
        let unnamed = scanned.read.iter().filter(|segment| segment.base_offset() >= before.safe());
        let paths = unnamed.map(|segment| segment.path(Suffix::Log));
        for path in paths.chain(unknown.then(|| dir.to_path_buf())) {
            names::give_again(disk.as_ref(), &path).map_err(failed("give names again in"))?;
        }
    }
    if unknown || before.durability == Durability::Fsync && !covered && recovery_point < log_end {
        // It is shown to readers from now on, so it must be as safe as what is shown later.
        scanned.write_again().await.map_err(failed("write again"))?;
        for segment in &scanned.read {
            let file = segment.file().map_err(failed("open"))?;
            completed(|token, done| file.sync_data(token, done)).await.map_err(failed("sync"))?;
        }
        // So must be what names it: a killed process may not have come to that.
        write_metadata_again(disk.as_ref(), dir, unknown).await.map_err(failed("write again in"))?;
        for dir in [dir, dir.parent().unwrap_or(Path::new(""))] {
            completed(|token, done| disk.start_sync_dir(dir, token, done)).await.map_err(failed("sync"))?;
        }
        recovery_point = log_end;
    }
    let mut epochs = replayed.epochs;
    epochs.truncate_start(log_start);
    let synced = before.safe().clamp(recovery_point, log_end);
    Ok(Found {
        log_start,
        log_end,
        recovery_point,
        checkpointed,
        synced,
        segments: scanned.segments,
        producers: replayed.producers,
        epochs,
        epochs_written,
        snapshots: replayed.snapshots,
        is_clean: before.is_clean && recovery_point == log_end,
    })
}

/// Makes the file that names the topic safe: by writing it anew where no sync is known to have covered it, because one may have
/// failed.
async fn write_metadata_again(disk: &dyn Disk, dir: &Path, anew: bool) -> io::Result<()> {
    let path = dir.join(PartitionMetadata::FILE);
    let Ok(file) = disk.open(&path, OpenMode::Read) else { return Ok(()) };
    if !anew {
        return completed(|token, done| file.sync_data(token, done)).await;
    }
    let len = usize::try_from(file.len()?).map_err(io::Error::other)?;
    let bytes = file.read_at(0, len).bytes().await?;
    files::put(disk, &path, &bytes).await
}

/// Whether a log of which no sync is known to have covered anything from its start on lacks its first segment: power failed
/// before any had covered the folder, and of two names only the later one arrived. Nothing from there on was ever promised.
/// A log that was cut from the front has its start written down before the first file leaves, and the next has a safe name
/// then, so the first that is left begins there or below. Where no start is written down, a log that was
/// checkpointed, as Kafka's was, may have been cut all the same.
fn first_is_lost(
    disk: &dyn Disk,
    dir: &Path,
    segments: &[Arc<Segment>],
    before: &Before,
) -> io::Result<bool> {
    let log_start = before.log_start.unwrap_or(0);
    let is_first = segments.first().is_none_or(|first| first.base_offset() <= log_start);
    if before.covered > log_start || !before.has_record || is_first {
        return Ok(false);
    }
    if log_start > 0 {
        return Ok(true);
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
            Some((base_offset, Suffix::TxnIndex)) => {
                folder.aborted.insert(base_offset);
            }
            Some(_) | None => {}
        }
    }
    folder.segments.sort_unstable_by_key(|segment| segment.base_offset);
    Ok(folder)
}

/// Whether a file of this name in the folder of a log is one of ours.
fn is_file_of_log(name: &str) -> bool {
    let stem = name.strip_suffix(".tmp").unwrap_or(name);
    parse_file_name(name).is_some() || [EpochCheckpoint::FILE, PartitionMetadata::FILE].contains(&stem)
}

/// What `leader-epoch-checkpoint` says; `None` when it is missing, damaged, or not what the batches say.
async fn epochs(
    disk: &dyn Disk,
    dir: &Path,
    log_start: i64,
    recovery_point: i64,
    scanned: &scan::Scanned,
    findings: &Findings,
) -> io::Result<Option<Epochs>> {
    let path = dir.join(EpochCheckpoint::FILE);
    let Some(checkpoint) = root_files::read(disk, &path, EpochCheckpoint::parse, findings) else {
        // One that was written to after its last checkpoint may have none yet.
        if recovery_point > 0 && disk.metadata(&path).is_err() {
            findings.made_anew(&path, &"it is missing");
        }
        return Ok(None);
    };
    let count = checkpoint.epochs.len();
    let entries = checkpoint.epochs.into_iter();
    let epochs = Epochs::new(entries.map(|(epoch, start_offset)| Epoch { epoch, start_offset }));
    let agrees =
        epochs.entries().len() == count && agree(&epochs, log_start, recovery_point, scanned).await?;
    if !agrees {
        findings.made_anew(&path, &"it is not what the batches of the log say");
    }
    Ok(agrees.then_some(epochs))
}

/// Whether each epoch begins where it says, the batches that were read have theirs, and so has the last one that was
/// there when the file was written.
async fn agree(
    epochs: &Epochs,
    log_start: i64,
    recovery_point: i64,
    scanned: &scan::Scanned,
) -> io::Result<bool> {
    if log_start < scanned.log_end
        && let Some(first) = epochs.entries().first().filter(|first| first.start_offset > log_start)
        && let Some(segment) = scanned.segments.first()
        && segment.header_at(log_start).await?.is_some_and(|header| header.base_offset < first.start_offset)
    {
        return Ok(false);
    }
    let read = scanned.epochs.iter();
    let mut of_read = read.map(|found| (epochs.at(found.start_offset), found.epoch));
    // What it does not know yet was appended after it was written.
    if of_read.any(|(known, found)| known.is_some_and(|known| known > found)) {
        return Ok(false);
    }
    let last = recovery_point.min(scanned.log_end) - 1;
    let holds = |segment: &&Arc<Segment>| segment.base_offset() <= last;
    if last >= log_start
        && let Some(segment) = scanned.segments.iter().rev().find(holds)
        && let Some(header) = segment.header_at(last).await?
        && header.base_offset <= last
        && epochs.at(last).unwrap_or(-1) != header.partition_leader_epoch
    {
        return Ok(false);
    }
    // One epoch is what nearly every log has; there is no more to say of it.
    if epochs.entries().len() <= 1 {
        return Ok(true);
    }
    let bounds = epochs.entries().iter().skip(1).map(|next| next.start_offset);
    for (entry, bound) in epochs.entries().iter().zip(bounds.chain([i64::MAX])) {
        let holds = |segment: &&Arc<Segment>| segment.base_offset() <= entry.start_offset;
        let Some(segment) = scanned.segments.iter().rev().find(holds) else { continue };
        for offset in [entry.start_offset - 1, entry.start_offset] {
            let Some(header) = segment.header_at(offset).await? else { continue };
            let epoch = header.partition_leader_epoch;
            let is_right = if header.last_offset() < entry.start_offset {
                // What lies below the start of the log is nobody's.
                epoch < entry.epoch || entry.start_offset <= log_start
            } else {
                let begins = header.base_offset >= entry.start_offset || entry.start_offset == log_start;
                begins && (header.base_offset >= bound || epoch == entry.epoch)
            };
            if !is_right {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
