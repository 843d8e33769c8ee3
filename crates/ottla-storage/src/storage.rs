//! Many logs in one folder, opened together, checkpointed together, closed together.
//!
//! The folder is Kafka's data folder: `meta.properties`, checkpoint files, the marker of a clean
//! shutdown, and one folder a log. Here is what belongs to all logs; one log is in [`crate::log`].
//! Nothing runs in the background: whoever owns the storage calls [`Storage::checkpoint`].

mod left_alone;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};

use ottla_env::{Env, Rng};
use ottla_protocol::wire::Uuid;

use crate::compaction::checkpoint::CompactedOffsets;
use crate::config::{LogConfig, StorageConfig};
use crate::disk::wait::completed;
use crate::disk::{Disk, EntryKind, Lock, Space};
use crate::due::{CheckpointDue, Due};
use crate::error::Error;
use crate::files::{self, CleanShutdown, MetaProperties, OffsetCheckpoint, folder_name, parse_folder_name};
use crate::findings::{Finding, Findings};
use crate::gate::Gate;
use crate::join::join_bounded;
use crate::lock::lock;
use crate::log::{Core, Found, HandedOver, Log, Shared};
use crate::offset::LogName;
use crate::recovery::{Before, names};
use crate::reserve::Reserve;
use crate::root_files::{RootFiles, random_id};
use crate::scrub::Scrubbing;
use crate::segment::index_files::IndexCache;
use crate::synced::SyncedOffsets;
use crate::tail::TailBudget;
use left_alone::Unopened;
pub use left_alone::{AdoptedLog, Wanted};

/// Logs that are checkpointed at the same time, more than an `OsDisk` syncs at a time.
const AT_ONCE: usize = 256;

/// What folders are called that wait to be removed. As in Kafka.
const DELETED: &str = "-delete";

/// A folder of logs, held by this process alone. Clones are the same storage.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    meta: MetaProperties,
    logs: Mutex<BTreeMap<LogName, Arc<Log>>>,
    /// Logs that have a folder and were not opened.
    unopened: Mutex<Unopened>,
    /// Recovery points as the checkpoint file has them.
    points: Mutex<OffsetCheckpoint>,
    checkpointing: Gate,
    scrubbing: Scrubbing,
    lock: Mutex<Option<Arc<dyn Lock>>>,
}

impl Storage {
    /// Opens the folder at the root of `disk`, or makes it one, and recovers every log in it.
    ///
    /// Folders that are not named like a log are left alone; those that wait to be removed are
    /// removed. Reading the small files blocks the calling thread, reading logs does not. Of many logs,
    /// some are opened by threads that the disk starts for it.
    ///
    /// # Errors
    /// [`Error::Locked`] when another process has it, [`Error::Foreign`] when it belongs to another
    /// node or cluster, [`Error::Io`] when it cannot be read. Damaged caches are not errors.
    ///
    /// # Cancel safety
    /// A dropped future leaves the folder as after a crash; opening it again recovers it.
    pub async fn open(disk: Arc<dyn Disk>, env: Env, config: StorageConfig) -> Result<Self, Error> {
        let storage = Self::open_folder(disk, env, config).await?;
        storage.open_logs(Arc::new(|_: &LogName, _| true)).await?;
        Ok(storage)
    }

    /// The same without any log: who owns the folder says with [`open_first`](Self::open_first) and
    /// [`open_logs`](Self::open_logs) which are its own, and the others are left alone.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    ///
    /// # Cancel safety
    /// As [`open`](Self::open).
    pub async fn open_folder(disk: Arc<dyn Disk>, env: Env, config: StorageConfig) -> Result<Self, Error> {
        let held = disk.lock(Path::new(".lock")).map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => Error::Locked { source: Arc::new(source) },
            _ => Error::Io { attempt: "lock", path: ".lock".into(), source: Arc::new(source) },
        })?;
        let held: Arc<dyn Lock> = held.into();
        let findings = Findings::default();
        let mut files = RootFiles::open(disk.as_ref(), &env, &config, &findings).await?;
        let names = log_folders(disk.as_ref())?;
        let lost = files.forget_lost(&names);
        let before: Vec<Before> = names.iter().map(|name| files.before(name, &config, &findings)).collect();
        let is_clean = files.is_clean;
        let shared = Arc::new(Shared {
            disk: Arc::clone(&disk),
            tails: Arc::new(TailBudget::new(config.tail_bytes_max)),
            indexes: IndexCache::new(config.index_cache_bytes_max),
            due: Due::default(),
            reserve: Reserve::open(&disk, config.reserve_bytes),
            handed_over: HandedOver::default(),
            cannot_reserve: Once::new(),
            starts: files.log_starts(),
            compacted: CompactedOffsets::new(files.compacted),
            synced: files.synced,
            folder_id: files.meta.directory_id.as_deref().unwrap_or_default().into(),
            findings,
            env,
        });
        if !lost.is_empty() {
            let points = files.points.clone().unwrap_or_default().format();
            let name = OffsetCheckpoint::RECOVERY_POINT;
            let write = || files::replace(disk.as_ref(), Path::new(name), &points);
            shared.reserve.help(write).await.map_err(Error::io("write", name))?;
            lost.iter().for_each(|log| shared.compacted.forget(log));
            let write = || shared.compacted.write(disk.as_ref());
            shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::CLEANER))?;
        }
        // A log shows from now on where it starts, so that must be as safe as what it answers later, in both files.
        let write = || shared.starts.write(disk.as_ref());
        shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::LOG_START))?;
        let unopened = Unopened {
            logs: names.into_iter().zip(before).collect(),
            is_clean,
            config: Arc::new(config.log),
            were_chosen: false,
            has_forgotten: !lost.is_empty(),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                meta: files.meta,
                logs: Mutex::default(),
                unopened: Mutex::new(unopened),
                points: Mutex::new(files.points.unwrap_or_default()),
                checkpointing: Gate::default(),
                scrubbing: Scrubbing::default(),
                lock: Mutex::new(Some(held)),
            }),
        })
    }

    /// Id of the cluster that the folder belongs to.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.inner.meta.cluster_id
    }

    /// Id of the folder itself, if it has one. Kafka's `directory.id`.
    #[must_use]
    pub fn directory_id(&self) -> Option<&str> {
        self.inner.meta.directory_id.as_deref()
    }

    /// The folder that it is in; `None` for a disk that is no folder of the operating system.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.inner.shared.disk.folder()
    }

    /// The room of its disk; `None` where nothing bounds it. Blocks for as long as the system takes to tell.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn space(&self) -> io::Result<Option<Space>> {
        self.inner.shared.disk.space()
    }

    /// What was not as it had been left, and what became of it: the newest 1,000 since the storage was opened, in
    /// order. Damage is entered when a reader, [`scrub_next`](Self::scrub_next) or a start comes upon it.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.inner.shared.findings.newest()
    }

    /// How many damaged batches were found since the storage was opened.
    #[must_use]
    pub fn damaged_batches(&self) -> u64 {
        self.inner.shared.findings.damaged()
    }

    /// Names of all logs, in order.
    #[must_use]
    pub fn logs(&self) -> Vec<LogName> {
        lock(&self.inner.logs).keys().cloned().collect()
    }

    pub(crate) fn scrubbing(&self) -> &Scrubbing {
        &self.inner.scrubbing
    }

    /// The first log from there on, in the order of names.
    pub(crate) fn next_log(&self, from: Bound<&LogName>) -> Option<Arc<Log>> {
        let logs = lock(&self.inner.logs);
        logs.range((from, Bound::Unbounded)).next().map(|(_, log)| Arc::clone(log))
    }

    /// The name of any log.
    pub(crate) fn log_by_lot(&self) -> Option<LogName> {
        let logs = lock(&self.inner.logs);
        let count = u64::try_from(logs.len()).ok().filter(|count| *count > 0)?;
        let drawn = self.inner.shared.env.rng().below(count);
        logs.keys().nth(usize::try_from(drawn).ok()?).cloned()
    }

    pub(crate) fn all_logs(&self) -> Vec<Arc<Log>> {
        lock(&self.inner.logs).values().cloned().collect()
    }

    /// One log.
    #[must_use]
    pub fn log(&self, name: &LogName) -> Option<Arc<Log>> {
        lock(&self.inner.logs).get(name).cloned()
    }

    /// Adds a log. It costs no file until something is appended to it, so one that is never
    /// written to is not there after the next start.
    ///
    /// # Errors
    /// [`Error::IllegalName`], [`Error::Exists`].
    pub fn create_log(&self, name: LogName, topic_id: Uuid, config: LogConfig) -> Result<Arc<Log>, Error> {
        let folder = folder_name(&name.topic, name.partition)
            .map_err(|_| Error::IllegalName { name: name.to_string() })?;
        let mut logs = lock(&self.inner.logs);
        if logs.contains_key(&name) || lock(&self.inner.unopened).logs.contains_key(&name) {
            return Err(Error::Exists(name));
        }
        let found = Found::default();
        // Many logs have one, and most that of the storage.
        let own = Arc::clone(&lock(&self.inner.unopened).config);
        let config = if *own == config { own } else { Arc::new(config) };
        let core = Core::new(
            name.clone(),
            topic_id,
            PathBuf::from(folder).into(),
            config,
            Arc::clone(&self.inner.shared),
            self.inner.shared.synced.new_slot(),
            found,
        );
        let log = Arc::new(Log::new(core));
        logs.insert(name, Arc::clone(&log));
        Ok(log)
    }

    /// An id for a log of whoever has no ids.
    pub(crate) fn new_id(&self) -> Uuid {
        random_id(&mut self.inner.shared.env.rng())
    }

    /// Removes a log and its files. Readers that hold a range of it may finish reading.
    ///
    /// # Errors
    /// [`Error::Unknown`]; [`Error::Io`] when the folder could not be renamed, and then the log is
    /// gone from this storage but may come back with the next start.
    ///
    /// # Cancel safety
    /// A dropped future may leave files behind, which the next start removes.
    pub async fn remove_log(&self, name: &LogName) -> Result<(), Error> {
        let _inside = self.inner.checkpointing.enter().await;
        let log = self.log(name).ok_or_else(|| Error::Unknown(name.clone()))?;
        log.core().end();
        log.core().quiesce().await;
        let disk = self.inner.shared.disk.as_ref();
        let dir = log.core().dir.to_path_buf();
        if log.core().has_files() || disk.metadata(&dir).is_ok() {
            // Before the name is free: what is known of this log is not true of the next one.
            self.inner.forget(&log).await?;
        }
        lock(&self.inner.logs).remove(name);
        let doomed = PathBuf::from(format!("{name}.{}{DELETED}", hex(&mut self.inner.shared.env.rng())));
        match disk.rename(&dir, &doomed) {
            // Nothing was ever written to it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(Error::io("remove", &dir))?,
        }
        let root = Path::new("");
        completed(|token, done| disk.start_sync_dir(root, token, done))
            .await
            .map_err(Error::io("sync", root))?;
        remove_folder(disk, &doomed).map_err(Error::io("remove", doomed))
    }

    /// Makes what all logs hold durable and writes down how far they have come, so that the next
    /// start reads only what comes later.
    ///
    /// Call it every few seconds, and when [`checkpoint_due`](Self::checkpoint_due) is ready.
    ///
    /// # Errors
    /// [`Error::Io`] when the checkpoint file could not be written. A log that failed is left out.
    ///
    /// # Cancel safety
    /// A dropped future leaves what was written down before; the next call does the rest.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        let _inside = self.inner.checkpointing.enter().await;
        self.inner.shared.due.clear();
        self.inner.checkpoint().await.map(|_| ())
    }

    /// Does what time asks for: deletes what is too old or too much, closes segments that were open for too long, and
    /// removes the files of those that left their log long enough ago.
    ///
    /// Call it every few minutes; Kafka does so every `log.retention.check.interval.ms`, 5 min.
    ///
    /// # Errors
    /// [`Error::Io`] when it could not be written down where logs start now: nothing was deleted then. What fails in one
    /// log is told in the program's log, and tried again by the next call.
    ///
    /// # Cancel safety
    /// A dropped future leaves the rest to the next call.
    pub async fn maintain(&self) -> Result<(), Error> {
        let logs: Vec<Arc<Log>> = lock(&self.inner.logs).values().cloned().collect();
        let each = logs.iter().map(|log| async move {
            let start = log.core().start_by_retention().await;
            match start {
                Ok(Some(to)) => (log, log.core().keep_producers_below(to).await.map(|()| Some(to))),
                _ => (log, start),
            }
        });
        let mut moved = Vec::new();
        for (log, start) in join_bounded(each.collect(), AT_ONCE).await {
            match start {
                Ok(Some(start)) if log.core().want_start(start).is_ok() => moved.push((log, start)),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(log = %log.name(), %error, "what is too old or too much cannot be deleted")
                }
            }
        }
        let shared = &self.inner.shared;
        let write = || shared.starts.write(shared.disk.as_ref());
        let written = shared.reserve.help(write).await;
        written.map_err(Error::io("write", OffsetCheckpoint::LOG_START))?;
        for (log, start) in moved {
            tracing::info!(log = %log.name(), start, "records before this offset are too old or too many");
            log.core().apply_start(start);
        }
        let emptied: Vec<_> = logs.iter().filter(|log| log.core().is_emptied_in_haste()).collect();
        if !emptied.is_empty() {
            let _inside = self.inner.checkpointing.enter().await;
            // One that fails keeps its last segment for now.
            join_bounded(emptied.iter().map(|log| log.core().checkpoint()).collect(), AT_ONCE).await;
        }
        join_bounded(logs.iter().map(|log| log.core().tidy()).collect(), AT_ONCE).await;
        Ok(())
    }

    /// Starts the syncs that [`LogConfig::flush_ms`] asks for by now.
    pub fn sync_due(&self) {
        let logs: Vec<Arc<Log>> = lock(&self.inner.logs).values().cloned().collect();
        logs.iter().for_each(|log| log.core().sync_if_due());
    }

    /// Waits until a log has synced so much that a checkpoint should be made before the usual time.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; nothing else changes.
    pub fn checkpoint_due(&self) -> CheckpointDue {
        self.inner.shared.due.wait()
    }

    /// Ends the storage: no more is appended, everything is made durable and written down, and the
    /// folder is marked as closed, so that the next start need not look for damage. Then the
    /// folder is free for another process. Logs that are still held answer that they are gone.
    ///
    /// # Errors
    /// What kept a log from being durable, or a file from being written. The folder is free all the
    /// same, but not marked.
    ///
    /// # Cancel safety
    /// A dropped future leaves the folder as after a crash.
    pub async fn close(&self) -> Result<(), Error> {
        let _inside = self.inner.checkpointing.enter().await;
        let logs: Vec<Arc<Log>> = lock(&self.inner.logs).values().cloned().collect();
        for log in &logs {
            log.core().stop();
        }
        let outcome = self.inner.finish().await;
        for log in &logs {
            log.core().end();
            log.core().quiesce().await;
        }
        self.inner.shared.starts.close().await;
        *lock(&self.inner.lock) = None;
        outcome
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage")
            .field("disk", &self.inner.shared.disk)
            .field("logs", &self.logs().len())
            .finish()
    }
}

impl Inner {
    /// Checkpoints every log and writes the files that speak of all. Answers the first error of a
    /// log, which keeps the storage from being closed cleanly.
    async fn checkpoint(&self) -> Result<Option<Error>, Error> {
        self.shared.reserve.fill();
        let logs: Vec<Arc<Log>> = lock(&self.logs).values().cloned().collect();
        let mut points = lock(&self.points).clone();
        // A name that no log has is damage, or of a log that lost its folder. One that was left alone has its folder.
        {
            let (logs, unopened) = (lock(&self.logs), lock(&self.unopened));
            points.offsets.retain(|(topic, partition), _| {
                let name = LogName::new(topic.as_str(), *partition);
                logs.contains_key(&name) || unopened.logs.contains_key(&name)
            });
        }
        let mut failed = None;
        for some in logs.chunks(AT_ONCE) {
            let each = some.iter().map(|log| async move { (log, log.core().checkpoint().await) });
            for (log, mut point) in join_bounded(each.collect(), AT_ONCE).await {
                if point.is_err() {
                    // What failed beside others, as for want of descriptors, may go well alone.
                    point = log.core().checkpoint().await;
                }
                let name = log.name();
                let key = (name.topic.clone(), name.partition);
                match point {
                    Ok(point) if log.core().has_files() => {
                        points.offsets.insert(key, point);
                    }
                    Ok(_) => {}
                    Err(error) => failed = Some(error),
                }
            }
        }
        let disk = self.shared.disk.as_ref();
        self.shared.synced.sync().await.map_err(Error::io("sync", SyncedOffsets::FILE))?;
        if *lock(&self.points) != points {
            let name = OffsetCheckpoint::RECOVERY_POINT;
            let bytes = points.format();
            let write = || files::replace(disk, Path::new(name), &bytes);
            self.shared.reserve.help(write).await.map_err(Error::io("write", name))?;
            *lock(&self.points) = points;
        }
        // Only what could not be written when it was asked for.
        let write = || self.shared.starts.write(disk);
        self.shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::LOG_START))?;
        Ok(failed)
    }

    /// Takes a log out of the files that speak of all of them.
    async fn forget(&self, log: &Log) -> Result<(), Error> {
        let disk = self.shared.disk.as_ref();
        let key = (log.name().topic.clone(), log.name().partition);
        let name = OffsetCheckpoint::RECOVERY_POINT;
        let mut without = lock(&self.points).clone();
        if without.offsets.remove(&key).is_some() {
            let bytes = without.format();
            let write = || files::replace(disk, Path::new(name), &bytes);
            self.shared.reserve.help(write).await.map_err(Error::io("write", name))?;
            *lock(&self.points) = without;
        }
        self.shared.compacted.forget(log.name());
        let write = || self.shared.compacted.write(disk);
        self.shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::CLEANER))?;
        self.shared.starts.forget(log.name());
        let write = || self.shared.starts.write(disk);
        self.shared.reserve.help(write).await.map_err(Error::io("write", OffsetCheckpoint::LOG_START))?;
        log.core().erase_synced().await.map_err(Error::io("erase", "synced-offsets"))?;
        self.shared.synced.sync().await.map_err(Error::io("sync", "synced-offsets"))
    }

    async fn finish(&self) -> Result<(), Error> {
        // Of a log that was left alone nobody knows how it ended, and the marker would vouch for it.
        let failed = self.checkpoint().await?;
        lock(&self.logs).values().for_each(|log| log.core().give_back_all());
        let forgotten = self.forget_left_alone();
        let may_mark = forgotten.map_err(Error::io("write", OffsetCheckpoint::RECOVERY_POINT))?;
        if let Some(error) = failed {
            return Err(error);
        }
        // One that takes no more appends has files that only the next start can mend, by looking at them.
        for log in lock(&self.logs).values() {
            if let Some(source) = lock(&log.core().state).failed.clone() {
                return Err(Error::Closed { log: log.name().clone(), source });
            }
        }
        if !may_mark {
            return Ok(());
        }
        let disk = self.shared.disk.as_ref();
        // Kafka expects both files, whatever is in them.
        for name in [OffsetCheckpoint::RECOVERY_POINT, OffsetCheckpoint::LOG_START] {
            if disk.metadata(Path::new(name)).is_err() {
                let empty = OffsetCheckpoint::default().format();
                let write = || files::replace(disk, Path::new(name), &empty);
                self.shared.reserve.help(write).await.map_err(Error::io("write", name))?;
            }
        }
        let marker = CleanShutdown { broker_epoch: -1 }.format();
        let path = Path::new(CleanShutdown::FILE);
        let write = || files::replace(disk, path, &marker);
        self.shared.reserve.help(write).await.map_err(Error::io("write", path))
    }
}

/// The logs that have a folder. Removes those that were being removed.
fn log_folders(disk: &dyn Disk) -> Result<BTreeSet<LogName>, Error> {
    let root = Path::new("");
    let mut names = BTreeSet::new();
    let mut entries = disk.list(root).map_err(Error::io("list", root))?;
    let is_log = |name: &str| parse_folder_name(name).is_some();
    if names::take_back(disk, root, &entries, EntryKind::Dir, is_log)
        .map_err(Error::io("take names back in", root))?
    {
        entries = disk.list(root).map_err(Error::io("list", root))?;
    }
    for entry in entries {
        if entry.kind != EntryKind::Dir {
            continue;
        }
        if entry.name.ends_with(DELETED) {
            let path = Path::new(&entry.name);
            if let Err(error) = remove_folder(disk, path) {
                tracing::warn!(path = %path.display(), %error, "a removed log could not be cleared away");
            }
        } else if let Some((topic, partition)) = parse_folder_name(&entry.name) {
            names.insert(LogName::new(topic, partition));
        }
    }
    Ok(names)
}

fn remove_folder(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    for entry in disk.list(dir)? {
        let path = dir.join(&entry.name);
        match entry.kind {
            EntryKind::File => disk.remove_file(&path)?,
            EntryKind::Dir => remove_folder(disk, &path)?,
        }
    }
    disk.remove_dir(dir)
}

fn hex(rng: &mut Rng) -> String {
    format!("{:032x}", random_id(rng).as_u128())
}
