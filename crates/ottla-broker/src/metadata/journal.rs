//! The log of metadata: proposed changes go in, durable ones come out to be published, in order.
//!
//! A decision is taken on the state at the end of the log, so that two requests never both win; what clients
//! see changes when the records are durable. The log itself is a [`Partition`] like any other, always with
//! `durability=fsync`. What publishing does is in [`crate::broker`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions};
use ottla_protocol::wire::{Chunk, DecodeLimits, Records};
use ottla_storage::{FileRange, Isolation};
use tokio::sync::Notify;

use super::image::Image;
use super::record::MetadataRecord;
use crate::Error;
use crate::broker::Core;
use crate::partition::{Ack, Append, Partition, Reading};

/// Bytes of the log that a replay reads at a time.
const REPLAY_BYTES: usize = 1 << 20;

/// The largest batch of metadata, in bytes: more than any one request can decide.
pub(crate) const BATCH_BYTES_MAX: usize = 256 << 20;

/// The log of metadata and the state at its end.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Arc<dyn Partition>,
    ahead: Mutex<Ahead>,
    /// Held while records are published, so that they are in order.
    publishing: tokio::sync::Mutex<()>,
    progress: Watched,
}

#[derive(Debug)]
struct Ahead {
    image: Image,
    end: i64,
    unpublished: VecDeque<(i64, Vec<MetadataRecord>)>,
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    published: i64,
    failed: Option<ErrorCode>,
}

/// Where the journal is, and who waits for more. They are woken in the order in which they came: a `watch` of tokio
/// wakes in an order of chance, with which no simulation could be told again.
#[derive(Debug)]
struct Watched {
    now: Mutex<Progress>,
    changed: Notify,
}

impl Watched {
    fn new(now: Progress) -> Self {
        Self { now: Mutex::new(now), changed: Notify::new() }
    }

    fn now(&self) -> Progress {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
    }

    /// Cancel safe.
    async fn wait_for(&self, is_there: impl Fn(&Progress) -> bool) -> Progress {
        loop {
            // Made before the look: what changes after that wakes it.
            let changed = self.changed.notified();
            let now = self.now();
            if is_there(&now) {
                return now;
            }
            changed.await;
        }
    }
}

/// What was decided, and the end of the log at which it holds.
#[derive(Debug)]
pub(crate) struct Proposal<T> {
    pub(crate) outcome: T,
    pub(crate) end: i64,
}

impl Journal {
    /// Replays a log.
    ///
    /// # Errors
    /// When the log cannot be read, or holds what this release does not know.
    pub(crate) async fn replay(log: Arc<dyn Partition>) -> Result<Self, Error> {
        let mut image = Image::default();
        let offsets = log.offsets();
        let mut at = offsets.log_start;
        while at < offsets.high_watermark {
            let read = match log.read(at, REPLAY_BYTES, true, Isolation::ReadUncommitted) {
                Reading::Now(read) => read,
                Reading::Later(read) => read.await,
            };
            let read = read.map_err(Error::MetadataRead)?;
            let mut bytes = in_memory(read.records).map_err(|e| Error::metadata_corrupt(at, e))?;
            let before = at;
            while let Some(batch) =
                Batch::split_first(&mut bytes).map_err(|e| Error::metadata_corrupt(at, e))?
            {
                replay_batch(&batch, &mut image)?;
                at = batch.header().base_offset + i64::from(batch.header().last_offset_delta) + 1;
            }
            if at <= before {
                return Err(Error::metadata_corrupt(at, "no whole batch follows"));
            }
        }
        let progress = Watched::new(Progress { published: at, failed: None });
        let ahead = Mutex::new(Ahead { image, end: at, unpublished: VecDeque::new() });
        Ok(Self { log, ahead, publishing: tokio::sync::Mutex::new(()), progress })
    }

    /// Looks at the state at the end of the log.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Image) -> T) -> T {
        look(&self.lock().image)
    }

    /// The log itself, for who tells of it.
    pub(crate) fn log(&self) -> &dyn Partition {
        &*self.log
    }

    /// The end of what was published.
    pub(crate) fn published_end(&self) -> i64 {
        self.progress.now().published
    }

    /// Decides on a change and appends it; the records of one decision stand or fall together.
    ///
    /// # Errors
    /// When the log takes no more, and then nothing was decided.
    pub(crate) fn propose<T>(
        &self,
        core: &Core,
        decide: impl FnOnce(&Image) -> (Vec<MetadataRecord>, T),
    ) -> Result<Proposal<T>, ErrorCode> {
        // Once a write or sync has failed, what is known ahead is not what the log holds: a restart finds out.
        if let Some(code) = self.progress.now().failed {
            return Err(code);
        }
        let (outcome, end, waiting) = {
            let mut ahead = self.lock();
            let (records, outcome) = decide(&ahead.image);
            if records.is_empty() {
                return Ok(Proposal { outcome, end: ahead.end });
            }
            let now_ms = core.env.now_ms();
            let batch = encode(&records, now_ms).ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
            let appended =
                self.log.append(batch, now_ms, Some(Ack::Durable)).map_err(|refused| refused.code)?;
            let Append { appended, acknowledged } = appended;
            for record in &records {
                if let Err(error) = ahead.image.apply(record) {
                    tracing::error!(%error, "a metadata change contradicts what is known");
                }
            }
            ahead.end = appended.end;
            ahead.unpublished.push_back((appended.end, records));
            (outcome, appended.end, acknowledged)
        };
        if waiting.is_none() && self.publish_at_once(core, end) {
            return Ok(Proposal { outcome, end });
        }
        // Publishing must not hang on the client that asked: it may be gone by then.
        if let Some(core) = core.myself() {
            let env = core.env.clone();
            // Removing a topic takes files away.
            env.spawn_aside(async move {
                let durable = match waiting {
                    Some(wait) => wait.await,
                    None => Ok(()),
                };
                match durable {
                    Ok(()) => core.journal.publish(&core, end).await,
                    Err(code) => core.journal.progress.change(|progress| progress.failed = Some(code)),
                }
            });
        }
        Ok(Proposal { outcome, end })
    }

    /// Appends records while no broker is open, and waits until they are durable. They stand or fall together.
    ///
    /// # Errors
    /// When they could not be written.
    pub(crate) async fn append_alone(&self, records: &[MetadataRecord], now_ms: i64) -> Result<(), Error> {
        let failed = |code| Error::MetadataWrite(code);
        let batch = encode(records, now_ms).ok_or(ErrorCode::UNKNOWN_SERVER_ERROR).map_err(failed)?;
        let appended = self.log.append(batch, now_ms, Some(Ack::Durable));
        match appended.map_err(|refused| failed(refused.code))?.acknowledged {
            Some(wait) => wait.await.map_err(failed),
            None => Ok(()),
        }
    }

    /// Whether everything below `end` was published.
    pub(crate) fn is_published(&self, end: i64) -> bool {
        self.progress.now().published >= end
    }

    /// Waits until everything below `end` was published. Cancel safe.
    ///
    /// # Errors
    /// When it never will be, because the log failed.
    pub(crate) async fn published(&self, end: i64) -> Result<(), ErrorCode> {
        let progress = self.progress.wait_for(|p| p.published >= end || p.failed.is_some()).await;
        match progress.failed {
            Some(code) if progress.published < end => Err(code),
            _ => Ok(()),
        }
    }

    /// Publishes what is durable, as far as that needs no wait, and says whether that was all.
    fn publish_at_once(&self, core: &Core, durable: i64) -> bool {
        let Ok(_in_order) = self.publishing.try_lock() else { return false };
        while let Some((end, records)) = self.next_due(durable, |record| !record.is_removal()) {
            records.iter().for_each(|record| core.publish(record));
            self.progress.change(|progress| progress.published = end);
        }
        self.is_published(durable)
    }

    /// Publishes what is durable.
    async fn publish(&self, core: &Core, durable: i64) {
        let _in_order = self.publishing.lock().await;
        while let Some((end, records)) = self.next_due(durable, |_| true) {
            for record in &records {
                core.publish(record);
                if let MetadataRecord::TopicRemoved(id) = record {
                    core.remove_topic(*id).await;
                }
            }
            self.progress.change(|progress| progress.published = end);
        }
    }

    /// The oldest records that are durable and not published, if all of them are of a kind.
    fn next_due(
        &self,
        durable: i64,
        kind: impl Fn(&MetadataRecord) -> bool,
    ) -> Option<(i64, Vec<MetadataRecord>)> {
        let mut ahead = self.lock();
        let due = ahead
            .unpublished
            .front()
            .is_some_and(|(end, records)| *end <= durable && records.iter().all(kind));
        if due { ahead.unpublished.pop_front() } else { None }
    }

    fn lock(&self) -> MutexGuard<'_, Ahead> {
        // No code panics between two changes of what the lock guards.
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One batch that holds all records; `None` when they are more than a batch can hold.
fn encode(records: &[MetadataRecord], now_ms: i64) -> Option<Bytes> {
    let mut batch = BatchBuilder::new(BatchOptions::default().with_limits(BATCH_BYTES_MAX, BATCH_BYTES_MAX));
    for record in records {
        let (key, value) = record.encode();
        batch.try_append(now_ms, Some(&key), value.as_deref(), &[]).ok()?;
    }
    batch.build().ok()
}

fn replay_batch(batch: &Batch, image: &mut Image) -> Result<(), Error> {
    let at = batch.header().base_offset;
    if !batch.crc_is_valid() {
        return Err(Error::metadata_corrupt(at, "the checksum is wrong"));
    }
    let records = batch.records(&DecodeLimits::default()).map_err(|e| Error::metadata_corrupt(at, e))?;
    for record in &records {
        let record = record.map_err(|e| Error::metadata_corrupt(at, e))?;
        let key = record.key.unwrap_or_default();
        let change = MetadataRecord::decode(key, record.value)
            .map_err(|e| Error::metadata_corrupt(record.offset, e))?;
        image.apply(&change).map_err(|e| Error::metadata_corrupt(record.offset, e))?;
    }
    Ok(())
}

/// Record data in one piece, what lies in files read in. Only for the replay at start: it may block.
fn in_memory(records: Records<FileRange>) -> std::io::Result<Bytes> {
    let chunks = match records {
        Records::Bytes(bytes) => return Ok(bytes),
        Records::Chunks(chunks) => chunks,
    };
    let mut all = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
            Chunk::External { len, source } => all.extend_from_slice(&source.read_at(0, len)?),
        }
    }
    Ok(all.freeze())
}
