//! Which file is what, by its name.

use std::io;
use std::path::{Path, PathBuf};

use super::Place;
use crate::disk::{Disk, Entry, EntryKind};
use crate::files::{
    CleanShutdown, EpochCheckpoint, MetaProperties, OffsetCheckpoint, PartitionMetadata, parse_folder_name,
};
use crate::segment::{Stage, Suffix, file_name, parse_file_name};

/// What a file of a data folder or of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// `NNN.log`: batches.
    Segment,
    /// `NNN.index`: from offsets to positions.
    OffsetIndex,
    /// `NNN.timeindex`: from timestamps to offsets.
    TimeIndex,
    /// `NNN.txnindex`: aborted transactions.
    TransactionIndex,
    /// `NNN.snapshot`: the last batch of each producer.
    Snapshot,
    /// `NNN.producers`: the batches before it, which ottla remembers.
    Producers,
    /// `NNN.cut`: the copy of what was cut off.
    Cut,
    /// A file whose name ends in `.deleted`, `.cleaned`, `.swap` or `.tmp`: what a change left.
    Leftover,
    /// `leader-epoch-checkpoint`.
    Epochs,
    /// `partition.metadata`.
    PartitionMetadata,
    /// `recovery-point-offset-checkpoint` and its kind: an offset for each log.
    Checkpoint,
    /// `log-start-offsets`: where logs start, with a checksum.
    LogStarts,
    /// `synced-offsets`: what the last sync of each log covered.
    SyncedOffsets,
    /// `meta.properties`.
    MetaProperties,
    /// `.kafka_cleanshutdown`.
    CleanShutdown,
    /// Room and locks, which say nothing: `.lock`, `reserve`.
    Aside,
    /// Not a file of ottla's or Kafka's logs.
    Foreign,
}

/// What a file is, by its name alone.
#[must_use]
pub fn kind_of(name: &str) -> FileKind {
    if let Some((_, suffix)) = parse_file_name(name) {
        return match suffix {
            Suffix::Log => FileKind::Segment,
            Suffix::Index => FileKind::OffsetIndex,
            Suffix::TimeIndex => FileKind::TimeIndex,
            Suffix::TxnIndex => FileKind::TransactionIndex,
            Suffix::Snapshot => FileKind::Snapshot,
            Suffix::Producers => FileKind::Producers,
            Suffix::Cut => FileKind::Cut,
        };
    }
    let left = [Stage::Cleaned.as_str(), Stage::Swap.as_str(), Stage::Deleted.as_str(), ".tmp"];
    match name {
        EpochCheckpoint::FILE => FileKind::Epochs,
        PartitionMetadata::FILE => FileKind::PartitionMetadata,
        OffsetCheckpoint::RECOVERY_POINT | OffsetCheckpoint::LOG_START | OffsetCheckpoint::CLEANER => {
            FileKind::Checkpoint
        }
        // Replicas' high watermarks, which Kafka keeps beside them.
        "replication-offset-checkpoint" => FileKind::Checkpoint,
        crate::synced::SyncedOffsets::FILE => FileKind::SyncedOffsets,
        MetaProperties::FILE | crate::root_files::META_COPY => FileKind::MetaProperties,
        crate::starts::COPY => FileKind::LogStarts,
        CleanShutdown::FILE => FileKind::CleanShutdown,
        super::LOCK_FILE | crate::reserve::FILE => FileKind::Aside,
        // What Kafka writes beside its metadata log and in its data folder.
        "bootstrap.checkpoint" | "quorum-state" => FileKind::Aside,
        name if name.ends_with(".checkpoint") => FileKind::Aside,
        name if left.iter().any(|end| name.ends_with(end)) => FileKind::Leftover,
        _ => FileKind::Foreign,
    }
}

/// Files of a folder, by name; what is gone when it is listed holds nothing.
pub(super) fn list(disk: &dyn Disk, dir: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = disk.list(dir)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// Folders of logs, in order of their names.
pub(super) fn log_folders(disk: &dyn Disk) -> io::Result<Vec<String>> {
    let entries = list(disk, Path::new(""))?.into_iter();
    let folders =
        entries.filter(|entry| entry.kind == EntryKind::Dir && parse_folder_name(&entry.name).is_some());
    Ok(folders.map(|entry| entry.name).collect())
}

pub(super) fn files(disk: &dyn Disk, place: &Place) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut within = |dir: &Path| -> io::Result<()> {
        for entry in list(disk, dir)? {
            if entry.kind == EntryKind::File {
                found.push(dir.join(entry.name));
            }
        }
        Ok(())
    };
    match place {
        Place::Data => {
            within(Path::new(""))?;
            for folder in log_folders(disk)? {
                within(Path::new(&folder))?;
            }
        }
        Place::Log(dir) => within(dir)?,
        Place::Segment(path) => {
            let base = base_offset(path);
            for suffix in Suffix::ALL {
                let path =
                    base.map_or_else(|| path.clone(), |base| path.with_file_name(file_name(base, suffix)));
                if disk.metadata(&path).is_ok() && !found.contains(&path) {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}

/// The offset that a file is named after.
pub(super) fn base_offset(path: &Path) -> Option<i64> {
    parse_file_name(path.file_name()?.to_str()?).map(|(base, _)| base)
}
