//! Opening the logs of a storage, side by side where the disk has threads for it.
//!
//! A start reads a handful of small files for each log, and most of them are in memory: it is work for the
//! processor, and ten thousand logs of it take a second. So the logs wait in a queue from which the
//! caller and the helpers of the disk take some at a time. How one log is opened is in
//! [`crate::recovery`].

use std::collections::VecDeque;
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ottla_protocol::wire::Uuid;

use crate::config::LogConfig;
use crate::disk::wait::{Receiver, Sender, block_on, oneshot};
use crate::disk::{Disk, Lock};
use crate::error::Error;
use crate::files::{self, PartitionMetadata};
use crate::join::join_bounded;
use crate::lock::lock;
use crate::log::{Core, Log, Shared};
use crate::offset::LogName;
use crate::recovery::{self, Before};
use crate::root_files;
use crate::storage::Wanted;
use crate::synced::Slot;

/// Logs that one thread opens at the same time.
const AT_ONCE: usize = 32;
/// Threads beside the caller's.
const HELPERS: usize = 3;
/// Logs below which no thread is worth its start.
const FEW: usize = 64;

/// A log that is to be opened.
pub(crate) struct Unopened {
    pub(crate) name: LogName,
    pub(crate) slot: Slot,
    pub(crate) before: Before,
}

/// A log that was opened, or one that nobody wants.
type Outcome = Result<Option<Log>, Error>;

/// The logs that wait, and those that were opened. The last one who lets go of it hands these over.
struct Opening {
    shared: Arc<Shared>,
    config: Arc<LogConfig>,
    waiting: Mutex<VecDeque<Unopened>>,
    opened: Mutex<Vec<Outcome>>,
    wanted: Wanted,
    /// The folder is held for as long as somebody works in it, also when nobody waits for the outcome any more.
    held: Option<Arc<dyn Lock>>,
    done: Option<Sender<Vec<Outcome>>>,
}

/// Opens those of `logs` that are wanted, in the folder that `held` is the lock of.
///
/// # Cancel safety
/// A dropped future leaves the folder as after a crash. Helpers finish what they have begun.
pub(crate) async fn open_logs(
    shared: &Arc<Shared>,
    config: &Arc<LogConfig>,
    held: &Arc<dyn Lock>,
    logs: Vec<Unopened>,
    wanted: Wanted,
) -> Result<Vec<Log>, Error> {
    let count = logs.len();
    let (done, all): (_, Receiver<_>) = oneshot();
    let opening = Arc::new(Opening {
        shared: Arc::clone(shared),
        config: Arc::clone(config),
        waiting: Mutex::new(logs.into()),
        opened: Mutex::default(),
        wanted,
        held: Some(Arc::clone(held)),
        done: Some(done),
    });
    // Whoever gives up waiting leaves nothing for the helpers to go on with.
    let rest = GiveUp(Arc::clone(&opening));
    for _ in 0..if count < FEW { 0 } else { HELPERS } {
        let opening = Arc::clone(&opening);
        shared.disk.start_helper(Box::new(move || block_on(opening.work())));
    }
    opening.work().await;
    drop((rest, opening));
    let opened: Vec<Option<Log>> = all.await.unwrap_or_default().into_iter().collect::<Result<_, _>>()?;
    match opened.len() == count {
        true => Ok(opened.into_iter().flatten().collect()),
        false => {
            Err(Error::io("open logs in", "")(std::io::Error::other("a thread that opened them panicked")))
        }
    }
}

impl Opening {
    /// Opens logs until none is left.
    async fn work(&self) {
        loop {
            let some: Vec<Unopened> = {
                let mut waiting = lock(&self.waiting);
                let count = AT_ONCE.min(waiting.len());
                waiting.drain(..count).collect()
            };
            if some.is_empty() {
                return;
            }
            let open = |log| open_log(&self.shared, Arc::clone(&self.config), log, &self.wanted);
            let opening = some.into_iter().map(open);
            let opened = join_bounded(opening.collect(), AT_ONCE).await;
            lock(&self.opened).extend(opened);
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        // Before anybody is told, so that who closes the storage next lets go of the last.
        self.held = None;
        if let Some(done) = self.done.take() {
            done.send(std::mem::take(&mut *lock(&self.opened)));
        }
    }
}

struct GiveUp(Arc<Opening>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        lock(&self.0.waiting).clear();
    }
}

async fn open_log(shared: &Arc<Shared>, config: Arc<LogConfig>, log: Unopened, wanted: &Wanted) -> Outcome {
    let Unopened { name, slot, before } = log;
    let dir: Arc<Path> = PathBuf::from(name.to_string()).into();
    let told = told_topic_id(shared.disk.as_ref(), &dir);
    if !wanted(&name, told.unwrap_or(Uuid::ZERO)) {
        return Ok(None);
    }
    let identity = shared.identity(&dir);
    let found = recovery::recover(&shared.disk, &dir, before, identity, &shared.findings).await?;
    let topic_id = told.unwrap_or_else(|| topic_id(shared, &dir));
    Ok(Some(Log::new(Core::new(name, topic_id, dir, config, Arc::clone(shared), slot, found))))
}

/// Id of the topic that a folder says it belongs to, if it does.
pub(crate) fn told_topic_id(disk: &dyn Disk, dir: &Path) -> Option<Uuid> {
    let path = dir.join(PartitionMetadata::FILE);
    let metadata = files::load(disk, &path, PartitionMetadata::parse).ok()?.whole()?;
    Some(metadata.topic_id).filter(|id| *id != Uuid::ZERO)
}

/// The same; zero when it does not, which is told.
fn topic_id(shared: &Shared, dir: &Path) -> Uuid {
    let path = dir.join(PartitionMetadata::FILE);
    let metadata = root_files::read(shared.disk.as_ref(), &path, PartitionMetadata::parse, &shared.findings);
    if metadata.is_none() && matches!(shared.disk.metadata(&path), Err(error) if error.kind() == NotFound) {
        shared.findings.made_anew(&path, &"it is missing, and the topic id is not known");
    }
    metadata.map_or(Uuid::ZERO, |metadata| metadata.topic_id)
}
