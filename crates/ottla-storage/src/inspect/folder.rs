//! All files of a log, and of a data folder, held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::caches;
use super::files::{FileKind, base_offset, kind_of, list, log_folders};
use super::finding::{Finding, Mend, Problem, Report};
use super::segment::{self, Around};
use crate::disk::wait::block_on;
use crate::disk::{Disk, EntryKind};
use crate::files::{
    self, CleanShutdown, Damage, EpochCheckpoint, Loaded, MetaProperties, OffsetCheckpoint,
    PartitionMetadata, parse_folder_name,
};

use crate::segment::index_files::read_whole;
use crate::segment::{Suffix, parse_file_name};
use crate::starts;
use crate::synced::{self, SyncedOffsets};

/// Id of the data folder, which its own files are sealed with; empty where none is told.
pub(super) fn id(disk: &dyn Disk) -> io::Result<String> {
    for name in [MetaProperties::FILE, crate::root_files::META_COPY] {
        if let Loaded::Whole(meta) = files::load(disk, Path::new(name), MetaProperties::parse)? {
            return Ok(meta.directory_id.unwrap_or_default());
        }
    }
    Ok(String::new())
}

/// What the files of the data folder say, of all logs.
#[derive(Debug, Default)]
pub(super) struct Known {
    checkpoints: BTreeMap<&'static str, OffsetCheckpoint>,
    synced: BTreeMap<String, i64>,
}

impl Known {
    /// Reads them; damaged ones say nothing. A log that is the root itself has none beside it.
    pub(super) fn read(disk: &dyn Disk, dir: &Path) -> io::Result<Self> {
        let mut known = Self::default();
        if dir == Path::new("") {
            return Ok(known);
        }
        for name in [OffsetCheckpoint::RECOVERY_POINT, OffsetCheckpoint::LOG_START, OffsetCheckpoint::CLEANER]
        {
            if let Loaded::Whole(found) = files::load(disk, Path::new(name), OffsetCheckpoint::parse)? {
                known.checkpoints.insert(name, found);
            }
        }
        if let Some(bytes) = block_on(read_whole(disk, Path::new(SyncedOffsets::FILE)))? {
            known.synced = synced::parse(&id(disk)?, &bytes);
        }
        Ok(known)
    }

    fn of(&self, name: &str, dir: &Path) -> Option<i64> {
        let (topic, partition) = parse_folder_name(dir.to_str()?)?;
        self.checkpoints.get(name)?.offsets.get(&(topic.to_owned(), partition)).copied()
    }

    fn synced(&self, dir: &Path) -> Option<i64> {
        self.synced.get(dir.to_str()?).copied()
    }
}

/// Leader epochs and the offsets at which they begin.
type EpochStarts = Vec<(i32, i64)>;

fn tell(report: &mut Report, path: impl Into<PathBuf>, problem: Problem, mend: Option<Mend>) {
    report.findings.push(Finding { path: path.into(), bytes: None, problem, mend });
}

/// Looks at a data folder.
pub(super) fn data(disk: &Arc<dyn Disk>, report: &mut Report) -> io::Result<()> {
    let root = Path::new("");
    let known = Known::read(disk.as_ref(), Path::new("."))?;
    let folders: BTreeSet<String> = log_folders(disk.as_ref())?.into_iter().collect();
    for entry in list(disk.as_ref(), root)? {
        let name = entry.name.as_str();
        match entry.kind {
            EntryKind::Dir if folders.contains(name) => {}
            EntryKind::Dir if name.ends_with("-delete") => tell(report, name, Problem::Leftover, None),
            EntryKind::Dir => tell(report, name, Problem::Foreign, None),
            EntryKind::File => root_file(disk.as_ref(), name, &folders, report)?,
        }
    }
    for folder in &folders {
        log(disk, Path::new(folder), &known, report)?;
    }
    (report.log_start, report.log_end) = (None, None);
    Ok(())
}

fn root_file(disk: &dyn Disk, name: &str, folders: &BTreeSet<String>, report: &mut Report) -> io::Result<()> {
    let path = Path::new(name);
    let remove = Some(Mend::Remove { path: path.to_path_buf() });
    let damage = match kind_of(name) {
        FileKind::Checkpoint => match files::load(disk, path, OffsetCheckpoint::parse)? {
            Loaded::Whole(checkpoint) => {
                for (topic, partition) in checkpoint.offsets.keys() {
                    let folder = format!("{topic}-{partition}");
                    if !folders.contains(&folder) {
                        tell(report, path, Problem::UnknownLog(folder), None);
                    }
                }
                None
            }
            // Kafka creates it empty.
            Loaded::Damaged(Damage::Empty) if name == OffsetCheckpoint::CLEANER => None,
            Loaded::Missing => None,
            Loaded::Damaged(damage) => Some((damage, remove)),
        },
        FileKind::LogStarts => match files::load(disk, path, starts::parse_copy)? {
            // Kafka's file beside it says the same, and counts where this one does not.
            Loaded::Damaged(damage) => Some((damage, remove)),
            _ => None,
        },
        FileKind::MetaProperties => match files::load(disk, path, MetaProperties::parse)? {
            Loaded::Damaged(damage) => Some((damage, None)),
            _ => None,
        },
        FileKind::CleanShutdown => match files::load(disk, path, CleanShutdown::parse)? {
            Loaded::Damaged(damage) => Some((damage, remove)),
            _ => None,
        },
        FileKind::Leftover => {
            tell(report, path, Problem::Leftover, None);
            None
        }
        FileKind::SyncedOffsets | FileKind::Aside => None,
        _ => {
            tell(report, path, Problem::Foreign, None);
            None
        }
    };
    if let Some((damage, mend)) = damage {
        tell(report, path, damage.into(), mend);
    }
    Ok(())
}

/// Looks at the folder of a log.
pub(super) fn log(disk: &Arc<dyn Disk>, dir: &Path, known: &Known, report: &mut Report) -> io::Result<()> {
    report.counts.logs += 1;
    let mut segments: BTreeMap<i64, u64> = BTreeMap::new();
    let mut beside: Vec<(i64, Suffix)> = Vec::new();
    for entry in list(disk.as_ref(), dir)? {
        let path = dir.join(&entry.name);
        match (entry.kind, parse_file_name(&entry.name)) {
            (EntryKind::Dir, _) => tell(report, path, Problem::Foreign, None),
            (EntryKind::File, Some((base, Suffix::Log))) => {
                segments.insert(base, disk.metadata(&path)?.len);
            }
            (EntryKind::File, Some((_, Suffix::Cut))) => tell(report, path, Problem::Cut, None),
            (EntryKind::File, Some(file)) => beside.push(file),
            (EntryKind::File, None) => match kind_of(&entry.name) {
                FileKind::Leftover => tell(report, path, Problem::Leftover, None),
                FileKind::Foreign => tell(report, path, Problem::Foreign, None),
                _ => {}
            },
        }
    }
    let (epochs, epochs_finding) = small_files(disk.as_ref(), dir, report)?;
    let recovery_point = known.of(OffsetCheckpoint::RECOVERY_POINT, dir);
    let mut around = Around {
        covered: recovery_point.max(known.synced(dir)).unwrap_or(0),
        is_last: false,
        bound: i64::MAX,
        open: Some(BTreeMap::new()),
        epochs,
        seen_epochs: Vec::new(),
        epochs_are_wrong: false,
    };
    let shared: Arc<Path> = dir.into();
    let mut end = segments.keys().next().copied().unwrap_or(0);
    let bases: Vec<i64> = segments.keys().copied().collect();
    for (number, base) in bases.iter().copied().enumerate() {
        let next = bases.get(number + 1).copied();
        (around.is_last, around.bound) = (next.is_none(), next.unwrap_or(i64::MAX));
        let len = segments[&base];
        match u32::try_from(len).ok().filter(|len| i32::try_from(*len).is_ok()) {
            Some(len) => end = segment::examine(disk, &shared, base, len, &mut around, report)?.max(base),
            None => tell(
                report,
                dir.join(crate::segment::file_name(base, Suffix::Log)),
                Problem::TooLong { len },
                None,
            ),
        }
    }
    let path = dir.join(EpochCheckpoint::FILE);
    if epochs_finding.is_some() || around.epochs_are_wrong {
        let content = EpochCheckpoint { epochs: around.seen_epochs }.format();
        let mend = Some(Mend::Write { path: path.clone(), content });
        let problem = epochs_finding.unwrap_or(Problem::EpochsWrong);
        tell(report, path, problem, mend);
    }
    if segments.is_empty() {
        tell(report, dir, Problem::NoSegments, None);
    }
    let mut offsets = BTreeSet::new();
    for (base, suffix) in beside {
        match suffix {
            Suffix::Snapshot | Suffix::Producers => {
                offsets.insert(base);
            }
            _ if !segments.contains_key(&base) => {
                tell(report, dir.join(crate::segment::file_name(base, suffix)), Problem::Orphan, None);
            }
            _ => {}
        }
    }
    for offset in offsets {
        caches::producers(disk.as_ref(), dir, offset, end, report)?;
    }
    past_end(dir, known, end, report);
    (report.log_start, report.log_end) = (segments.keys().next().copied(), Some(end));
    Ok(())
}

/// What the data folder says about offsets that a log does not have.
fn past_end(dir: &Path, known: &Known, end: i64, report: &mut Report) {
    let log = dir.display().to_string();
    let told = [
        (OffsetCheckpoint::RECOVERY_POINT, known.of(OffsetCheckpoint::RECOVERY_POINT, dir), true),
        (SyncedOffsets::FILE, known.synced(dir), true),
        (OffsetCheckpoint::LOG_START, known.of(OffsetCheckpoint::LOG_START, dir), true),
        (OffsetCheckpoint::CLEANER, known.of(OffsetCheckpoint::CLEANER, dir), false),
    ];
    for (file, offset, lost) in told {
        if let Some(offset) = offset.filter(|offset| *offset > end) {
            tell(report, file, Problem::PastEnd { log: log.clone(), offset, end, lost }, None);
        }
    }
}

/// Looks at the small files of a log. Answers its leader epochs, if they can be read, or what is wrong with them.
fn small_files(
    disk: &dyn Disk,
    dir: &Path,
    report: &mut Report,
) -> io::Result<(Option<EpochStarts>, Option<Problem>)> {
    let path = dir.join(PartitionMetadata::FILE);
    match files::load(disk, &path, PartitionMetadata::parse)? {
        Loaded::Whole(_) => {}
        Loaded::Missing => tell(report, path, Problem::NoTopicId, None),
        Loaded::Damaged(damage) => tell(report, path, damage.into(), None),
    }
    Ok(match files::load(disk, &dir.join(EpochCheckpoint::FILE), EpochCheckpoint::parse)? {
        Loaded::Whole(EpochCheckpoint { epochs }) => {
            match epochs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1) {
                true => (Some(epochs), None),
                false => (None, Some(Problem::EpochsWrong)),
            }
        }
        Loaded::Missing => (None, None),
        Loaded::Damaged(damage) => (None, Some(damage.into())),
    })
}

/// Looks at one segment and its indexes. Whether others follow is seen from its folder.
pub(super) fn segment(disk: &Arc<dyn Disk>, path: &Path, report: &mut Report) -> io::Result<()> {
    let base = base_offset(path)
        .ok_or_else(|| io::Error::other(format!("{} is not named after an offset", path.display())))?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let bases =
        list(disk.as_ref(), dir)?.into_iter().filter_map(|entry| match parse_file_name(&entry.name) {
            Some((base, Suffix::Log)) => Some(base),
            _ => None,
        });
    let bound = bases.filter(|other| *other > base).min();
    let known = Known::read(disk.as_ref(), dir)?;
    let mut around = Around {
        covered: known.of(OffsetCheckpoint::RECOVERY_POINT, dir).max(known.synced(dir)).unwrap_or(0),
        is_last: bound.is_none(),
        bound: bound.unwrap_or(i64::MAX),
        open: None,
        epochs: None,
        seen_epochs: Vec::new(),
        epochs_are_wrong: false,
    };
    let len = disk.metadata(path)?.len;
    match u32::try_from(len).ok().filter(|len| i32::try_from(*len).is_ok()) {
        Some(len) => segment::examine(disk, &dir.into(), base, len, &mut around, report).map(|_| ()),
        None => {
            tell(report, path, Problem::TooLong { len }, None);
            Ok(())
        }
    }
}
