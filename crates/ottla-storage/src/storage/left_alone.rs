//! Which logs of a folder are opened: all, or those that their owner knows. The others are left alone.
//!
//! A folder that is named like a log may be somebody's who put it there, as one that Kafka wrote. Until its owner says
//! that it is wanted, nothing in it is read or changed, and no log of its name is made. [`Storage::adopt_log`] looks at such a
//! one and makes it fit to be opened.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_protocol::wire::Uuid;

use super::{Inner, Storage};
use crate::config::LogConfig;
use crate::disk::{EntryKind, OpenMode};
use crate::error::Error;
use crate::files::{self, OffsetCheckpoint, PartitionMetadata};
use crate::inspect::{self, Mend, Place};
use crate::lock::lock;
use crate::log::Log;
use crate::offset::{LogName, Offset};
use crate::opening::{self, open_logs};
use crate::recovery::Before;
use crate::synced::SyncedOffsets;

/// Whether a log is opened, by its name and the id of the topic that its folder tells; zero when it does not.
pub type Wanted = Arc<dyn Fn(&LogName, Uuid) -> bool + Send + Sync>;

/// Logs that have a folder and are not open, and what is known about all of them.
pub(super) struct Unopened {
    /// Their names, and what is known of each before its folder is looked at.
    pub(super) logs: BTreeMap<LogName, Before>,
    pub(super) is_clean: bool,
    pub(super) config: Arc<LogConfig>,
    /// Whether those that are left were left on purpose.
    pub(super) were_chosen: bool,
    /// Whether something was known of logs that have lost their folders.
    pub(super) has_forgotten: bool,
}

/// What a log holds that was left alone until now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdoptedLog {
    /// Where it starts.
    pub log_start: Offset,
    /// The offset behind its last record.
    pub log_end: Offset,
    /// How many records it holds.
    pub records: u64,
    /// The greatest id of a producer that it knows: its producers must not be mistaken for new ones.
    pub producer_id_max: Option<i64>,
}

impl Storage {
    /// Opens one log before the others, if it has a folder.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    ///
    /// # Cancel safety
    /// As [`open`](Self::open).
    pub async fn open_first(&self, name: &LogName) -> Result<Option<Arc<Log>>, Error> {
        let names =
            [name.clone()].into_iter().filter(|name| lock(&self.inner.unopened).logs.contains_key(name));
        self.open_named(names.collect(), Arc::new(|_: &LogName, _| true)).await?;
        Ok(self.log(name))
    }

    /// Opens those logs that are wanted. Call it once: the others are [left alone](Self::left_alone) from then on.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    ///
    /// # Cancel safety
    /// As [`open`](Self::open).
    pub async fn open_logs(&self, wanted: Wanted) -> Result<(), Error> {
        let shared = &self.inner.shared;
        let names = lock(&self.inner.unopened).logs.keys().cloned().collect();
        self.open_named(names, wanted).await?;
        lock(&self.inner.unopened).were_chosen = true;
        let write = || shared.compacted.write(shared.disk.as_ref());
        shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::CLEANER))?;
        let used = lock(&self.inner.logs).values().map(|log| log.core().synced_slot).collect();
        shared.synced.keep(&used).map_err(Error::io("truncate", SyncedOffsets::FILE))?;
        // What was recorded of a log that has lost its folder is not true of the next one of its name. And without the
        // record of the last sync damage would pass for a torn write later, which is cut with all behind it.
        if lock(&self.inner.unopened).has_forgotten || shared.findings.damaged() > 0 {
            shared.synced.sync().await.map_err(Error::io("sync", SyncedOffsets::FILE))?;
        }
        Ok(())
    }

    /// Names of the logs that have a folder and are not open.
    #[must_use]
    pub fn left_alone(&self) -> Vec<LogName> {
        lock(&self.inner.unopened).logs.keys().cloned().collect()
    }

    /// Id of the topic that the folder of a log tells, which is left alone; `None` when it tells none.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a log that is open or has no folder, [`Error::Io`].
    pub fn topic_id_of(&self, name: &LogName) -> Result<Option<Uuid>, Error> {
        let dir = self.left_alone_folder(name)?;
        Ok(opening::told_topic_id(self.inner.shared.disk.as_ref(), &dir))
    }

    /// Makes a log that was left alone fit to be opened, by the next start: all of it is read, its indexes are made anew where they
    /// are wrong, everything is synced, and it is written down to which topic it belongs and up to where it needs no recovery.
    /// Blocks the calling thread for as long as that takes.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a log that is open or has no folder; [`Error::Torn`] where it ends in bytes that are no whole
    /// batch, which would have to be cut off before; [`Error::Io`].
    pub fn adopt_log(&self, name: &LogName, topic_id: Uuid) -> Result<AdoptedLog, Error> {
        let dir = self.left_alone_folder(name)?;
        let before = lock(&self.inner.unopened).logs.get(name).copied();
        let before = before.ok_or_else(|| Error::Unknown(name.clone()))?;
        let disk = &self.inner.shared.disk;
        let report = inspect::examine(disk, &Place::Log(dir.clone())).map_err(Error::io("read", &dir))?;
        let mends = || report.findings.iter().filter_map(|finding| finding.mend.as_ref());
        if let Some(torn) =
            report.findings.iter().find(|finding| finding.mend.as_ref().is_some_and(Mend::discards))
        {
            return Err(Error::Torn { path: torn.path.clone(), problem: Box::new(torn.problem.clone()) });
        }
        for mend in mends() {
            inspect::mend(disk, mend).map_err(Error::io("mend", &dir))?;
        }
        let metadata = PartitionMetadata { topic_id }.format();
        let path = dir.join(PartitionMetadata::FILE);
        files::replace_blocking(disk.as_ref(), &path, &metadata).map_err(Error::io("write", path))?;
        self.sync_all(&dir)?;
        let key = (name.topic.clone(), name.partition);
        let log_end = report.log_end.unwrap_or(0);
        let log_start = before.log_start.max(report.log_start).unwrap_or(0);
        lock(&self.inner.points).offsets.insert(key, log_end);
        let points = lock(&self.inner.points).format();
        let path = Path::new(OffsetCheckpoint::RECOVERY_POINT);
        files::replace_blocking(disk.as_ref(), path, &points).map_err(Error::io("write", path))?;
        Ok(AdoptedLog {
            log_start: Offset(log_start),
            log_end: Offset(log_end),
            records: report.counts.records,
            producer_id_max: report.counts.producer_id_max,
        })
    }

    fn left_alone_folder(&self, name: &LogName) -> Result<PathBuf, Error> {
        match lock(&self.inner.unopened).logs.contains_key(name) {
            true => Ok(PathBuf::from(name.to_string())),
            false => Err(Error::Unknown(name.clone())),
        }
    }

    /// Makes every file of a folder durable, and all names.
    fn sync_all(&self, dir: &Path) -> Result<(), Error> {
        let disk = &self.inner.shared.disk;
        for entry in disk.list(dir).map_err(Error::io("list", dir))? {
            let path = dir.join(&entry.name);
            if entry.kind == EntryKind::File {
                let synced = disk.open(&path, OpenMode::Write).and_then(|file| file.sync_blocking());
                synced.map_err(Error::io("sync", path))?;
            }
        }
        for dir in [dir, Path::new("")] {
            disk.sync_dir(dir).map_err(Error::io("sync", dir))?;
        }
        Ok(())
    }

    async fn open_named(&self, names: Vec<LogName>, wanted: Wanted) -> Result<(), Error> {
        let shared = &self.inner.shared;
        let held = lock(&self.inner.lock)
            .clone()
            .ok_or_else(|| Error::io("open logs in", "")(io::Error::other("the storage is closed")))?;
        let (config, opening) = {
            let unopened = lock(&self.inner.unopened);
            let known = |name: LogName| Some((unopened.logs.get(&name).copied()?, name));
            let unopened_log = |(before, name): (Before, LogName)| {
                let slot = shared.synced.slot_of(&name.to_string());
                opening::Unopened { name, slot, before }
            };
            (unopened.config.clone(), names.into_iter().filter_map(known).map(unopened_log).collect())
        };
        let opened = open_logs(shared, &config, &held, opening, wanted).await?;
        for log in opened {
            if shared.compacted.get(log.name()).is_some_and(|to| to > log.offsets().log_end.0) {
                // The log was cut, and what comes now is not compacted when it has reached that offset again.
                shared.compacted.forget(log.name());
            }
            lock(&self.inner.unopened).logs.remove(log.name());
            lock(&self.inner.logs).insert(log.name().clone(), Arc::new(log));
        }
        Ok(())
    }
}

impl Inner {
    /// Whether the marker of a clean shutdown tells the truth about logs that were not opened, once what is known of those
    /// that were left on purpose is forgotten: they are then read, whatever the marker says.
    pub(super) fn forget_left_alone(&self) -> io::Result<bool> {
        let unopened = lock(&self.unopened);
        if unopened.is_clean || unopened.logs.is_empty() {
            return Ok(true);
        }
        if !unopened.were_chosen {
            return Ok(false);
        }
        let mut points = lock(&self.points);
        let before = points.offsets.len();
        for name in unopened.logs.keys() {
            points.offsets.remove(&(name.topic.clone(), name.partition));
        }
        if points.offsets.len() < before {
            let path = Path::new(OffsetCheckpoint::RECOVERY_POINT);
            files::replace_blocking(self.shared.disk.as_ref(), path, &points.format())?;
        }
        Ok(true)
    }
}
