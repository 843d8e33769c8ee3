//! The log: appended to at its end, read anywhere, durable as far as it says.
//!
//! Here are the public face and the parts it is made of. [`append`] checks, numbers and writes
//! batches, with what [`writer`] holds, and [`mend`] takes back what could not be written; [`commit`] keeps account of what is written, synced and visible; [`wait`] has the
//! futures that wait for that; [`reads`] finds records, [`isolation`] the transactions
//! among them that were aborted; [`checkpoint`] writes down how far the log
//! has come, for the next start. Opening one after a crash is in [`crate::recovery`]; the folder
//! that holds many is in [`crate::storage`].

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, Once, Weak};

use bytes::Bytes;
use ottla_env::Env;
use ottla_protocol::records::crc32c;
use ottla_protocol::wire::Uuid;

use crate::compaction::Compaction;
use crate::compaction::checkpoint::CompactedOffsets;
use crate::config::LogConfig;
use crate::disk::Disk;
use crate::due::Due;
use crate::epochs::Epochs;
use crate::error::{AppendError, Error, ReadError};
use crate::files::{self, PartitionMetadata};
use crate::findings::Findings;
use crate::gate::Gate;
use crate::lock::lock;
use crate::offset::{LogName, Offset};
use crate::producers::{ActiveProducer, TransactionGuard};
use crate::read::{ReadOptions, Reading, TimestampOffset};
use crate::reserve::Reserve;
use crate::segment::index_files::IndexCache;
use crate::starts::LogStarts;
use crate::synced::{Slot, SyncedOffsets};
use crate::tail::TailBudget;

mod append;
pub(crate) mod checkpoint;
mod commit;
mod crowd;
mod handed;
pub(crate) mod isolation;
mod mend;
mod reads;
mod removal;
pub(crate) mod replay;
mod retention;
mod room;
mod wait;
mod writer;

pub use self::append::{AppendOptions, Appended};
pub(crate) use self::handed::HandedOver;
pub use self::wait::{Durable, Readable, Written};

use self::checkpoint::Checkpointed;
use self::commit::State;
use self::removal::Leaving;
use self::writer::Writer;

/// An append-only sequence of record batches.
///
/// All methods take `&self` and may be called from any thread; appends take their turns, and
/// readers never wait for them to reach the disk. No executor is needed: futures are woken by
/// whoever completes what they wait for.
pub struct Log {
    core: Arc<Core>,
}

/// How far a log reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogOffsets {
    /// The first offset that can be read.
    pub log_start: Offset,
    /// The offset behind the last record that is visible: on stable storage under
    /// [`Durability::Fsync`](crate::Durability::Fsync), written under [`Durability::Os`](crate::Durability::Os).
    pub high_watermark: Offset,
    /// The offset below which every transaction has ended; never above the high watermark.
    pub last_stable: Offset,
    /// The offset that the next record will get.
    pub log_end: Offset,
    /// Epoch of the leader that appended last; -1 when none has.
    pub leader_epoch: i32,
}

impl Log {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// What the log is called.
    #[must_use]
    pub fn name(&self) -> &LogName {
        &self.core.name
    }

    /// Id of the topic it belongs to; [`Uuid::ZERO`] when a crash or damage took it from the folder.
    #[must_use]
    pub fn topic_id(&self) -> Uuid {
        self.core.topic_id()
    }

    /// Says to which topic a log belongs whose folder does not tell any more; one that tells keeps its id.
    ///
    /// # Errors
    /// [`Error::Io`] when it could not be written down: the id holds all the same, until the next start.
    pub fn adopt(&self, topic_id: Uuid) -> Result<(), Error> {
        self.core.adopt(topic_id)
    }

    /// Says to which topic a log belongs, whatever its folder says: for who knows that what it says is damage.
    ///
    /// # Errors
    /// As [`adopt`](Self::adopt).
    pub fn correct_topic_id(&self, topic_id: Uuid) -> Result<(), Error> {
        self.core.correct_topic_id(topic_id)
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> Arc<LogConfig> {
        self.core.config()
    }

    /// Changes its settings, for appends from now on.
    pub fn set_config(&self, config: LogConfig) {
        *lock(&self.core.config) = Arc::new(config);
        self.core.settle();
    }

    /// Appends one or more whole batches, and gives their records the next offsets.
    ///
    /// On return the offsets are given, the write is started and so, under
    /// [`Durability::Fsync`](crate::Durability::Fsync), is the sync or the wait for the one in flight: nothing more has to be
    /// called or polled for the records to become durable. To learn when they are, use
    /// [`durable`](Self::durable). Either all batches are appended or none. The bytes are not
    /// changed and stay shared with the caller while the log keeps its tail in memory.
    ///
    /// A batch that its producer sent before (one of its last five) is not appended again; the
    /// answer names the offsets it got then.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was appended then.
    pub fn append(&self, records: Bytes, options: AppendOptions) -> Result<Appended, AppendError> {
        self.core.append(&records, &options)
    }

    /// What the log remembers of its producers, in the order of their ids. It may wait for an append under way.
    #[must_use]
    pub fn active_producers(&self) -> Vec<ActiveProducer> {
        lock(&self.core.writer).producers.active()
    }

    /// What an append of this producer's transaction is to be guarded by. It may wait for an append under way.
    #[must_use]
    pub fn transaction_guard(&self, producer_id: i64, epoch: i16) -> TransactionGuard {
        lock(&self.core.writer).producers.guard(producer_id, epoch)
    }

    /// Waits until the append is handed to the operating system: it survives the end of the
    /// process. Kafka's `acks=1`.
    ///
    /// # Errors
    /// [`Error::Lost`](crate::Error::Lost) when the write failed after all.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; the append goes on.
    pub fn written(&self, appended: &Appended) -> Written {
        Written::new(&self.core, appended)
    }

    /// Waits until the append is visible to readers, which is when it is as durable as the log's
    /// [`Durability`](crate::Durability) promises. Kafka's `acks=all`.
    ///
    /// # Errors
    /// [`Error::Closed`](crate::Error::Closed) when the sync failed, [`Error::Lost`](crate::Error::Lost) when the write did.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; the append goes on.
    pub fn durable(&self, appended: &Appended) -> Durable {
        Durable::new(&self.core, appended)
    }

    /// How far the log reaches now.
    #[must_use]
    pub fn offsets(&self) -> LogOffsets {
        lock(&self.core.state).offsets()
    }

    /// Reads whole batches from the one that holds `from` on, never past the high watermark.
    ///
    /// At the end of the log the answer is empty; [`readable`](Self::readable) waits for more. The
    /// newest batches are answered from memory at once, older ones as a range of a file.
    pub fn read(&self, from: Offset, options: ReadOptions) -> Reading {
        self.core.read(from.0, options)
    }

    /// Waits until a record behind `after` is visible, that is until the high watermark is above it.
    ///
    /// A reader of committed records gives the high watermark that it was told of ([`ReadResult::offsets`](crate::ReadResult::offsets)): the
    /// end of a transaction moves that as well, and behind its own place there may be records that it is not to see yet.
    ///
    /// # Errors
    /// [`Error::Unknown`](crate::Error::Unknown) when the log is removed, [`Error::Closed`](crate::Error::Closed) when no more will become
    /// visible.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait; nothing else changes.
    pub fn readable(&self, after: Offset) -> Readable {
        Readable::new(&self.core, after)
    }

    /// The first visible record whose timestamp is `timestamp` or later, in Unix milliseconds.
    ///
    /// # Errors
    /// [`ReadError::Io`], [`ReadError::Gone`]. Damaged batches are passed over.
    ///
    /// # Cancel safety
    /// Dropping the future gives the search up; nothing else changes.
    pub async fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<TimestampOffset>, ReadError> {
        self.core.offset_for_timestamp(timestamp).await
    }

    /// The first visible record that has the greatest timestamp of all. `None` for an empty log.
    ///
    /// # Errors
    /// As [`offset_for_timestamp`](Self::offset_for_timestamp).
    ///
    /// # Cancel safety
    /// Dropping the future gives the search up; nothing else changes.
    pub async fn max_timestamp(&self) -> Result<Option<TimestampOffset>, ReadError> {
        self.core.max_timestamp().await
    }

    /// Deletes all records below `before`, which may be as high as the high watermark. Answers the first
    /// offset of the log from now on, which is above `before` when the log started there already.
    ///
    /// Several calls that are made before the first is awaited share one write. When it returns well, the new start
    /// survives everything. Segments that lie below it as a whole leave the log at once; their
    /// files are removed [`file_delete_delay_ms`](LogConfig::file_delete_delay_ms) later by
    /// [`Storage::maintain`](crate::Storage::maintain).
    ///
    /// # Errors
    /// [`ReadError::OutOfRange`] for an offset below 0 or above the high watermark; [`Error::Io`] when the start could not be written
    /// down, and then it may have moved after the next start; [`Error::Unknown`] when the log is removed.
    ///
    /// # Cancel safety
    /// A dropped future may have moved the start, now or for the next start of the storage; calling again settles it.
    pub fn delete_records(
        &self,
        before: Offset,
    ) -> impl Future<Output = Result<Offset, Error>> + Send + use<> {
        self.core.delete_records(before.0)
    }

    /// Where the records of `leader_epoch` end: the largest epoch of this log that is not above it,
    /// and the offset behind its last record. `None` for an epoch that this log has not seen yet.
    #[must_use]
    pub fn epoch_end_offset(&self, leader_epoch: i32) -> Option<(i32, Offset)> {
        let state = lock(&self.core.state);
        let (epoch, end) = state.epochs.end_offset(leader_epoch, state.log_end)?;
        Some((epoch, Offset(end)))
    }

    /// Bytes of all its segments.
    #[must_use]
    pub fn size(&self) -> u64 {
        let state = lock(&self.core.state);
        state.segments.values().map(|segment| u64::from(segment.state().len)).sum()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("name", &self.core.name).field("offsets", &self.offsets()).finish()
    }
}

/// What all logs of a storage share.
pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) tails: Arc<TailBudget>,
    pub(crate) indexes: IndexCache,
    pub(crate) due: Due,
    pub(crate) synced: SyncedOffsets,
    pub(crate) starts: LogStarts,
    pub(crate) compacted: CompactedOffsets,
    pub(crate) reserve: Reserve,
    pub(crate) handed_over: HandedOver,
    /// Whether it was said that the disk cannot reserve room.
    pub(crate) cannot_reserve: Once,
    /// Id of the data folder; empty for one that has none.
    pub(crate) folder_id: Box<str>,
    pub(crate) findings: Findings,
    pub(crate) env: Env,
}

impl Shared {
    /// What tells the files of the log in this folder from those of all others.
    pub(crate) fn identity(&self, dir: &Path) -> u32 {
        crc32c(format!("{} {}", self.folder_id, dir.display()).as_bytes())
    }
}

/// The inside of a log, shared with the futures and completions that outlive a call.
///
/// Locks are taken in this order: `writer`, `state`, a segment's or `checkpointed`, the tail budget's.
pub(crate) struct Core {
    pub(crate) name: LogName,
    /// Zero while it is not known.
    topic_id: Mutex<Uuid>,
    pub(crate) dir: Arc<Path>,
    pub(crate) shared: Arc<Shared>,
    me: Weak<Core>,
    config: Mutex<Arc<LogConfig>>,
    pub(crate) compaction: Mutex<Compaction>,
    pub(crate) writer: Mutex<Writer>,
    pub(crate) state: Mutex<State>,
    checkpointed: Mutex<Checkpointed>,
    /// Held over each change of its record in `synced-offsets`, and taken before `state`.
    recording: Mutex<()>,
    /// One change of the set of segments at a time.
    changing_segments: Gate,
    /// The clock when it was opened or made, in Unix milliseconds.
    opened_ms: i64,
    /// Segments that left, whose files stay for a while.
    leaving: Mutex<Vec<Leaving>>,
    pub(crate) synced_slot: Slot,
}

/// What a log starts with: nothing for a new one, what recovery found for an old one.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) log_start: i64,
    pub(crate) log_end: i64,
    /// Up to where the files are known to be on stable storage.
    pub(crate) recovery_point: i64,
    /// Up to where the last checkpoint wrote it down, with all that the next start needs to know of it.
    pub(crate) checkpointed: i64,
    /// Up to where a sync is known to have covered them; at least the recovery point.
    pub(crate) synced: i64,
    pub(crate) segments: Vec<Arc<crate::segment::Segment>>,
    pub(crate) producers: crate::producers::Producers,
    pub(crate) epochs: Epochs,
    /// What the file of epochs says; nothing where it cannot be believed.
    pub(crate) epochs_written: Vec<(i32, i64)>,
    /// Offsets of the snapshots in the folder.
    pub(crate) snapshots: BTreeSet<i64>,
    /// Whether the files are as a clean shutdown left them.
    pub(crate) is_clean: bool,
}

impl Core {
    pub(crate) fn new(
        name: LogName,
        topic_id: Uuid,
        dir: Arc<Path>,
        config: Arc<LogConfig>,
        shared: Arc<Shared>,
        synced_slot: Slot,
        found: Found,
    ) -> Arc<Self> {
        if !found.segments.is_empty() {
            shared.synced.record(synced_slot, &dir.to_string_lossy(), found.synced);
        }
        // A segment may have been created just before the last run was killed.
        let unsynced_dir = (!found.segments.is_empty()).then(|| dir.to_path_buf());
        Arc::new_cyclic(|me| Self {
            synced_slot,
            name,
            topic_id: Mutex::new(topic_id),
            dir,
            me: me.clone(),
            config: Mutex::new(config),
            compaction: Mutex::default(),
            writer: Mutex::new(Writer::new(&found)),
            checkpointed: Mutex::new(Checkpointed::new(
                found.checkpointed,
                found.snapshots.clone(),
                found.epochs_written.clone(),
            )),
            recording: Mutex::default(),
            changing_segments: Gate::default(),
            opened_ms: shared.env.now_ms(),
            leaving: Mutex::default(),
            state: Mutex::new(State::new(found, unsynced_dir, &shared.tails)),
            shared,
        })
    }

    /// What tells its files from those of all other logs.
    fn identity(&self) -> u32 {
        self.shared.identity(&self.dir)
    }

    pub(crate) fn topic_id(&self) -> Uuid {
        *lock(&self.topic_id)
    }

    fn adopt(&self, topic_id: Uuid) -> Result<(), Error> {
        match self.topic_id() {
            Uuid::ZERO => self.correct_topic_id(topic_id),
            _ => Ok(()),
        }
    }

    fn correct_topic_id(&self, topic_id: Uuid) -> Result<(), Error> {
        let before = std::mem::replace(&mut *lock(&self.topic_id), topic_id);
        if topic_id == before || !self.has_files() {
            return Ok(());
        }
        let path = self.dir.join(PartitionMetadata::FILE);
        let metadata = PartitionMetadata { topic_id }.format();
        let disk = self.shared.disk.as_ref();
        files::put_blocking(disk, &path, &metadata).map_err(Error::io("write", path))?;
        disk.sync_dir(&self.dir).map_err(|error| {
            // The name of a segment may have waited for it.
            self.sync_failed(io::Error::new(error.kind(), error.to_string()));
            Error::io("sync", self.dir.to_path_buf())(error)
        })
    }

    pub(crate) fn config(&self) -> Arc<LogConfig> {
        Arc::clone(&lock(&self.config))
    }

    /// Whether the log has a folder by now.
    pub(crate) fn has_files(&self) -> bool {
        !lock(&self.state).segments.is_empty()
    }

    /// Base offset of its first segment.
    pub(crate) fn first_base(&self) -> i64 {
        lock(&self.state).segments.keys().next().copied().unwrap_or(0)
    }

    fn me(&self) -> Arc<Self> {
        self.me.upgrade().expect("whoever calls a log holds it")
    }
}
