//! The small files of the data folder, as a start finds them, and what is believed of them.
//!
//! None of them stops a start, but one of a later release: what one says is had from another, from its copy, or from the logs. What two
//! files say of one thing is held against each other here:
//!
//! - `meta.properties` has a checksum in a comment, and a copy, `meta.properties.copy`.
//! - Where logs start is in Kafka's `log-start-offset-checkpoint`, which has no checksum, and in
//!   `log-start-offsets`, which has one and counts ([`crate::starts`]).
//! - A recovery point above what the last sync covered ([`crate::synced`]) is not believed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use ottla_env::{Env, Rng};
use ottla_protocol::wire::Uuid;

use crate::config::StorageConfig;
use crate::disk::wait::completed;
use crate::disk::{Disk, Entry, EntryKind, OpenMode};
use crate::error::Error;
use crate::files::{self, CleanShutdown, Damage, Loaded, MetaProperties, OffsetCheckpoint};
use crate::findings::{FindingKind, Findings};
use crate::join::join_bounded;
use crate::offset::LogName;
use crate::planted;
use crate::recovery::Before;
use crate::starts::{self, LogStarts};
use crate::synced::SyncedOffsets;

/// The copy of `meta.properties`.
pub(crate) const META_COPY: &str = "meta.properties.copy";

/// What they say, as far as it is believed.
#[derive(Debug)]
pub(crate) struct RootFiles {
    pub(crate) meta: MetaProperties,
    /// Whether the storage was closed as it should be.
    pub(crate) is_clean: bool,
    /// The recovery points, as the file has them.
    pub(crate) points: Option<OffsetCheckpoint>,
    pub(crate) starts: OffsetCheckpoint,
    /// Whether the files of the starts have to be written again: they differ, or nothing says that they are on stable storage.
    pub(crate) rewrites_starts: bool,
    pub(crate) compacted: OffsetCheckpoint,
    pub(crate) synced: SyncedOffsets,
    syncs: BTreeMap<String, i64>,
    /// Whether syncs were recorded, even if the file of them is gone by now.
    has_record: bool,
}

impl RootFiles {
    /// Reads them, and takes the marker of a clean shutdown away.
    pub(crate) async fn open(
        disk: &dyn Disk,
        env: &Env,
        config: &StorageConfig,
        findings: &Findings,
    ) -> Result<Self, Error> {
        let root = Path::new("");
        let entries = disk.list(root).map_err(Error::io("list", root))?;
        set_folders_aside(disk, root, &entries, is_root_file, findings)
            .map_err(Error::io("set aside in", root))?;
        let is_old = entries
            .iter()
            .any(|entry| entry.kind == EntryKind::Dir && files::parse_folder_name(&entry.name).is_some());
        let has =
            |name: &str| entries.iter().any(|entry| entry.kind == EntryKind::File && entry.name == name);
        for name in [MetaProperties::FILE, OffsetCheckpoint::RECOVERY_POINT, SyncedOffsets::FILE] {
            // Kafka leaves no record of syncs.
            if is_old && !has(name) && (name != SyncedOffsets::FILE || has(META_COPY)) {
                findings.made_anew(Path::new(name), &"it is missing");
            }
        }
        let meta = open_meta(disk, env, config, findings).await?;
        // A marker vouches for nothing where there is no log, and one sync of a new folder does for all that is made in it.
        let is_made_early = !is_old && !has(SyncedOffsets::FILE);
        if is_made_early {
            let made = disk.open(Path::new(SyncedOffsets::FILE), OpenMode::Create);
            made.map_err(Error::io("create", SyncedOffsets::FILE))?;
        }
        let marker = take_clean_marker(disk, findings).await?;
        let points =
            try_read(disk, Path::new(OffsetCheckpoint::RECOVERY_POINT), OffsetCheckpoint::parse, findings);
        let name = OffsetCheckpoint::LOG_START;
        let plain = try_read(disk, Path::new(name), OffsetCheckpoint::parse, findings);
        let copy = try_read(disk, Path::new(starts::COPY), starts::parse_copy, findings);
        let (plain, copy) = match (plain, copy) {
            // Without either, records that were deleted would be back; a disk that does not answer now may do so later.
            (Err(error), Err(_) | Ok(None)) | (Ok(None), Err(error)) => {
                return Err(Error::io("read", name)(error));
            }
            (plain, copy) => {
                // One of them is enough.
                (told(plain, name, findings), told(copy, starts::COPY, findings))
            }
        };
        let by_kafka = marker.is_some_and(|marker| marker.broker_epoch >= 0);
        // A run that was killed may have left them with names that no sync of the folder has made safe, or ever will.
        let are_unsafe = marker.is_none() && (plain.is_some() || copy.is_some());
        let (starts, differ) = agree(plain, copy, by_kafka, findings);
        let rewrites_starts = differ || are_unsafe;
        let name = OffsetCheckpoint::CLEANER;
        let compacted = checkpoint(disk, name, findings);
        if compacted.is_none() && disk.metadata(Path::new(name)).is_ok() {
            // It may be long until something is compacted.
            let empty = OffsetCheckpoint::default().format();
            files::replace(disk, Path::new(name), &empty).await.map_err(Error::io("write", name))?;
        }
        let compacted = compacted.unwrap_or_default();
        let id = meta.directory_id.as_deref().unwrap_or_default();
        // With neither, rot would pass for a torn write and be cut, with all behind it; a disk that does not answer now may do
        // so later. One of them is enough.
        let is_needed = is_old && !matches!(points, Ok(Some(_)));
        let (synced, syncs) = SyncedOffsets::open(disk, id, is_needed, findings)
            .map_err(Error::io("open", SyncedOffsets::FILE))?;
        let name = OffsetCheckpoint::RECOVERY_POINT;
        let points = match points {
            Err(error) if is_needed && syncs.is_empty() => return Err(Error::io("read", name)(error)),
            points => told(points, name, findings),
        };
        if is_old && has(SyncedOffsets::FILE) && syncs.is_empty() && points.is_some() {
            findings.made_anew(Path::new(SyncedOffsets::FILE), &"it has no record of any log");
        }
        // Kafka has neither copy: where one is left, a run of ours recorded its syncs.
        let has_record = [SyncedOffsets::FILE, META_COPY, starts::COPY].into_iter().any(has);
        if !has(SyncedOffsets::FILE) && !is_made_early {
            // That it is missing says something from now on.
            completed(|token, done| disk.start_sync_dir(root, token, done))
                .await
                .map_err(Error::io("sync", root))?;
        }
        let is_clean = marker.is_some();
        Ok(Self { has_record, meta, is_clean, points, starts, rewrites_starts, compacted, synced, syncs })
    }

    /// What is known of a log before its folder is looked at.
    pub(crate) fn before(&self, name: &LogName, config: &StorageConfig, findings: &Findings) -> Before {
        let key = (name.topic.clone(), name.partition);
        let point = self.points.as_ref().and_then(|points| points.offsets.get(&key)).copied();
        let synced = self.syncs.get(&name.to_string()).copied();
        let mut recovery_point = point.unwrap_or(0);
        if let Some(synced) = synced.filter(|synced| *synced < recovery_point) {
            let what =
                format!("it says that {name} is safe up to {recovery_point}; the last sync covered {synced}");
            findings.made_anew(Path::new(OffsetCheckpoint::RECOVERY_POINT), &what);
            recovery_point = synced;
        }
        Before {
            recovery_point,
            covered: synced.unwrap_or(0).max(point.unwrap_or(0)),
            synced,
            has_record: self.has_record,
            log_start: self.starts.offsets.get(&key).copied(),
            // A log that the checkpoint does not name is read, whatever the marker says.
            is_clean: self.is_clean && point.is_some(),
            durability: config.log.durability,
        }
    }

    /// Takes out what is said of logs that have lost their folders: it is not true of the next ones of their names.
    /// Answers these logs.
    pub(crate) fn forget_lost(&mut self, names: &BTreeSet<LogName>) -> Vec<LogName> {
        let points = self.points.iter().flat_map(|points| points.offsets.keys());
        let known = points.chain(self.starts.offsets.keys()).chain(self.compacted.offsets.keys());
        let known = known.map(|(topic, partition)| LogName::new(&topic[..], *partition));
        let synced = self.syncs.keys().filter_map(|folder| files::parse_folder_name(folder));
        let known = known.chain(synced.map(|(topic, partition)| LogName::new(topic, partition)));
        let lost: BTreeSet<LogName> = known.filter(|name| !names.contains(name)).collect();
        for name in &lost {
            let key = (name.topic.clone(), name.partition);
            if let Some(points) = &mut self.points {
                points.offsets.remove(&key);
            }
            self.rewrites_starts |= self.starts.offsets.remove(&key).is_some();
        }
        lost.into_iter().collect()
    }

    /// Where logs start, for changing it.
    pub(crate) fn log_starts(&self) -> LogStarts {
        LogStarts::new(self.starts.clone(), self.rewrites_starts)
    }
}

/// Whether a file of this name is one of ours.
fn is_root_file(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        MetaProperties::FILE,
        META_COPY,
        CleanShutdown::FILE,
        OffsetCheckpoint::RECOVERY_POINT,
        OffsetCheckpoint::LOG_START,
        starts::COPY,
        OffsetCheckpoint::CLEANER,
        SyncedOffsets::FILE,
        "reserve",
    ];
    NAMES.contains(&name.strip_suffix(".tmp").unwrap_or(name))
}

/// Gives folders that have the names of files other ones.
pub(crate) fn set_folders_aside(
    disk: &dyn Disk,
    dir: &Path,
    entries: &[Entry],
    is_file: impl Fn(&str) -> bool,
    findings: &Findings,
) -> io::Result<()> {
    let folders = entries.iter().filter(|entry| entry.kind == EntryKind::Dir && is_file(&entry.name));
    for Entry { name, .. } in folders {
        // No number behind a dash, or it would be the name of a log.
        let mut names = (0..).map(|n: u32| dir.join(format!("{name}.{n}.folder")));
        let free = names.find(|path| disk.metadata(path).is_err());
        let aside: PathBuf = free.ok_or_else(|| io::Error::other("no name is free"))?;
        disk.rename(&dir.join(name), &aside)?;
        findings.report(FindingKind::SetAside, &dir.join(name), "it is a folder");
    }
    Ok(())
}

/// What a file that was read says; `None`, which is told, where it could not be read.
fn told<T>(found: io::Result<Option<T>>, name: &str, findings: &Findings) -> Option<T> {
    found.unwrap_or_else(|error| {
        findings.made_anew(Path::new(name), &error);
        None
    })
}

/// What a small file says; `None` when it is missing, damaged or cannot be read.
pub(crate) fn read<T>(
    disk: &dyn Disk,
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, Damage>,
    findings: &Findings,
) -> Option<T> {
    let found = try_read(disk, path, parse, findings);
    found.unwrap_or_else(|error| {
        findings.made_anew(path, &error);
        None
    })
}

/// What a small file says; `None` when it is missing or damaged.
fn try_read<T>(
    disk: &dyn Disk,
    path: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, Damage>,
    findings: &Findings,
) -> io::Result<Option<T>> {
    match files::load(disk, path, parse)? {
        Loaded::Whole(content) => Ok(Some(content)),
        Loaded::Missing => Ok(None),
        Loaded::Damaged(damage) => {
            findings.made_anew(path, &damage);
            Ok(None)
        }
    }
}

fn checkpoint(disk: &dyn Disk, name: &'static str, findings: &Findings) -> Option<OffsetCheckpoint> {
    // Kafka creates some of them empty.
    let parse = |bytes: &[u8]| match OffsetCheckpoint::parse(bytes) {
        Err(Damage::Empty) if name == OffsetCheckpoint::CLEANER => Ok(OffsetCheckpoint::default()),
        parsed => parsed,
    };
    read(disk, Path::new(name), parse, findings)
}

/// Where logs start, by both files, and whether one of them has to be written again.
fn agree(
    plain: Option<OffsetCheckpoint>,
    copy: Option<OffsetCheckpoint>,
    by_kafka: bool,
    findings: &Findings,
) -> (OffsetCheckpoint, bool) {
    let Some(mut copy) = copy else {
        // A folder of Kafka has none.
        let starts = plain.unwrap_or_default();
        let differ = !starts.offsets.is_empty();
        return (starts, differ);
    };
    let Some(plain) = plain else {
        if !copy.offsets.is_empty() {
            findings.made_anew(Path::new(OffsetCheckpoint::LOG_START), &"its copy counts");
        }
        return (copy, true);
    };
    if plain == copy {
        return (copy, false);
    }
    if by_kafka {
        // It leaves out logs that start with a segment; a start only goes up.
        for (log, start) in plain.offsets {
            let known = copy.offsets.entry(log).or_insert(0);
            *known = start.max(*known);
        }
    } else {
        findings.made_anew(Path::new(OffsetCheckpoint::LOG_START), &"it is not what its copy says");
    }
    (copy, true)
}

/// Reads `meta.properties`, and writes it anew, with its copy, where they do not say the same. What is written has its name
/// for good with the next sync of the folder, which is that of the marker.
async fn open_meta(
    disk: &dyn Disk,
    env: &Env,
    config: &StorageConfig,
    findings: &Findings,
) -> Result<MetaProperties, Error> {
    let paths = [Path::new(MetaProperties::FILE), Path::new(META_COPY)];
    for path in paths {
        // One that is damaged says so by its checksum.
        if let Ok(Loaded::Damaged(Damage::Version { found, expected })) =
            files::load(disk, path, MetaProperties::parse)
            && found > expected
        {
            return Err(Error::Newer { path: path.to_path_buf(), found, expected });
        }
    }
    let found = paths.map(|path| read(disk, path, MetaProperties::parse, findings));
    let [main, copy] = &found;
    let meta = main.clone().or_else(|| copy.clone()).unwrap_or_else(|| {
        // Refusing would stop everything for 80 bytes; what they said is asked of the caller.
        let mut rng = env.rng();
        let cluster_id = config.cluster_id.clone().unwrap_or_else(|| random_id(&mut rng).to_string());
        let directory_id = Some(random_id(&mut rng).to_string());
        MetaProperties { cluster_id, node_id: config.node_id, directory_id }
    });
    let foreign = |key, found: String, expected: String| Err(Error::Foreign { key, found, expected });
    if meta.node_id != config.node_id {
        return foreign("node.id", meta.node_id.to_string(), config.node_id.to_string());
    }
    if let Some(expected) = config.cluster_id.as_ref().filter(|expected| **expected != meta.cluster_id) {
        return foreign("cluster.id", meta.cluster_id.clone(), expected.clone());
    }
    let bytes = &meta.format();
    let stale = paths.into_iter().zip(&found).filter(|(_, found)| found.as_ref() != Some(&meta));
    let write = |path| async move { files::put(disk, path, bytes).await.map_err(Error::io("write", path)) };
    let writes: Vec<_> = stale.map(|(path, _)| write(path)).collect();
    join_bounded(writes, paths.len()).await.into_iter().collect::<Result<(), _>>()?;
    Ok(meta)
}

/// The marker of a clean shutdown, if there was one. It is gone, durably, before anything changes
/// that it vouches for.
async fn take_clean_marker(disk: &dyn Disk, findings: &Findings) -> Result<Option<CleanShutdown>, Error> {
    let path = Path::new(CleanShutdown::FILE);
    let marker = read(disk, path, CleanShutdown::parse, findings);
    if planted::is("clean_marker_stays") {
        return Ok(marker);
    }
    match disk.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A start that was killed, or whose sync of the folder failed, may have taken it from sight and not from the device.
            // A name that comes and goes changes the folder again, and the sync covers that.
            disk.open(path, OpenMode::Create).map_err(Error::io("create", path))?;
            disk.remove_file(path).map_err(Error::io("remove", path))?;
        }
        removed => removed.map_err(Error::io("remove", path))?,
    }
    let root = Path::new("");
    completed(|token, done| disk.start_sync_dir(root, token, done)).await.map_err(Error::io("sync", root))?;
    Ok(marker)
}

pub(crate) fn random_id(rng: &mut Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    // Version 4, variant 1, as Kafka's are.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid(bytes)
}
