//! What a file holds, entry by entry.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ottla_protocol::records::Batch;

use super::caches::Aborted;
use super::files::{FileKind, base_offset, kind_of};
use super::finding::Flaw;
use super::segment::flaw;
use crate::disk::wait::block_on;
use crate::disk::{Disk, OpenMode};
use crate::files::{
    self, CleanShutdown, EpochCheckpoint, Loaded, MetaProperties, OffsetCheckpoint, PartitionMetadata,
};
use crate::index::Index;
use crate::producers::snapshot;
use crate::segment::index_files::read_whole;
use crate::segment::walk::{DATA_AHEAD, Next, Walk, next_good};
use crate::{starts, synced};

/// One thing that a file holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Entry {
    /// A whole batch.
    Batch {
        /// Where it starts in the file.
        position: u64,
        /// The batch; its checksum is right.
        batch: Batch,
    },
    /// Bytes that are no whole batch.
    Damaged {
        /// Where they start.
        position: u64,
        /// How many, up to the next whole batch.
        len: u64,
        /// Why.
        flaw: Flaw,
    },
    /// An entry of an offset index.
    Offset {
        /// Last offset of the batch.
        offset: i64,
        /// Where the batch starts.
        position: u32,
    },
    /// An entry of a time index.
    Time {
        /// The greatest timestamp up to this offset, in Unix milliseconds.
        timestamp: i64,
        /// Last offset of the batch that has it.
        offset: i64,
    },
    /// An aborted transaction.
    Aborted {
        /// Whose it was.
        producer_id: i64,
        /// Offset of its first record.
        first_offset: i64,
        /// Offset of the marker that ended it.
        last_offset: i64,
        /// The last stable offset once it had ended.
        last_stable_offset: i64,
    },
    /// What is remembered of a producer.
    Producer {
        /// Its id.
        producer_id: i64,
        /// Its epoch.
        epoch: i16,
        /// Its newest batches, oldest first.
        batches: Vec<ProducerBatch>,
        /// Timestamp of its last batch or marker.
        last_timestamp: i64,
        /// Epoch of the coordinator that ended its last transaction; -1 for none.
        coordinator_epoch: i32,
        /// First offset of its open transaction.
        transaction_start: Option<i64>,
    },
    /// An offset of a log, in a checkpoint.
    Log {
        /// The log, as its folder is called.
        log: String,
        /// The offset.
        offset: i64,
    },
    /// Where a leader epoch begins.
    Epoch {
        /// The epoch.
        epoch: i32,
        /// Offset of its first record.
        start_offset: i64,
    },
    /// A property, of those files that hold properties.
    Property {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The file cannot be read as what its name says.
    Unreadable(String),
}

/// One remembered batch of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerBatch {
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Offset of its last record.
    pub last_offset: i64,
    /// Offset of the last record relative to the first.
    pub offset_delta: i32,
    /// Its greatest timestamp.
    pub timestamp: i64,
}

/// Tells what a file holds, one entry after the other. A file of no known kind holds nothing.
///
/// # Errors
/// Those of the disk, and those of `each`, which end it.
pub fn entries<E: From<io::Error>>(
    disk: &Arc<dyn Disk>,
    path: &Path,
    each: &mut dyn FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let base = base_offset(path).unwrap_or(0);
    match kind_of(name) {
        FileKind::Segment | FileKind::Cut => batches(disk, path, each),
        // The files of a segment that is no longer, or not yet, part of the log hold what the name before says.
        FileKind::Leftover if name.contains(".log.") => batches(disk, path, each),
        kind => small(disk.as_ref(), path, (kind, base))?.into_iter().try_for_each(each),
    }
}

fn batches<E: From<io::Error>>(
    disk: &Arc<dyn Disk>,
    path: &Path,
    each: &mut dyn FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    let file = disk.open(path, OpenMode::Read)?;
    let len = u32::try_from(file.len()?).unwrap_or(u32::MAX);
    let mut walk = Walk::new(Arc::clone(&file), 0, len, DATA_AHEAD);
    loop {
        let position = walk.position();
        match block_on(walk.next_batch())? {
            Next::End => return Ok(()),
            Next::Found(batch) => each(Entry::Batch { position: u64::from(position), batch })?,
            Next::Bad => {
                let flaw = flaw(&file, position, len)?;
                let resume = block_on(next_good(&file, position, len, 0))?.unwrap_or(len);
                let (position, len) = (u64::from(position), u64::from(resume - position));
                each(Entry::Damaged { position, len, flaw })?;
                walk.jump(resume);
            }
        }
    }
}

fn small(disk: &dyn Disk, path: &Path, (kind, base): (FileKind, i64)) -> io::Result<Vec<Entry>> {
    let property = |name, value: String| Entry::Property { name, value };
    let whole = || Ok::<_, io::Error>(block_on(read_whole(disk, path))?.unwrap_or_default());
    Ok(match kind {
        FileKind::OffsetIndex => of_index(Index::parse(&whole()?, &[], u32::MAX), base),
        FileKind::TimeIndex => of_index(Index::parse(&[], &whole()?, u32::MAX), base),
        FileKind::TransactionIndex => match Aborted::parse(&whole()?) {
            Ok(entries) => entries.into_iter().map(aborted).collect(),
            Err(why) => vec![Entry::Unreadable(why)],
        },
        FileKind::Snapshot | FileKind::Producers => producers(disk, path, (kind, base))?,
        FileKind::Epochs => small_file(files::load(disk, path, EpochCheckpoint::parse)?, |found| {
            found
                .epochs
                .into_iter()
                .map(|(epoch, start_offset)| Entry::Epoch { epoch, start_offset })
                .collect()
        }),
        FileKind::Checkpoint => small_file(files::load(disk, path, OffsetCheckpoint::parse)?, offsets),
        FileKind::LogStarts => small_file(files::load(disk, path, starts::parse_copy)?, offsets),
        FileKind::SyncedOffsets => {
            let id = super::folder::id(disk)?;
            synced::parse(&id, &whole()?)
                .into_iter()
                .map(|(log, offset)| Entry::Log { log, offset })
                .collect()
        }
        FileKind::PartitionMetadata => {
            small_file(files::load(disk, path, PartitionMetadata::parse)?, |found| {
                vec![property("topic_id", found.topic_id.to_string())]
            })
        }
        FileKind::MetaProperties => small_file(files::load(disk, path, MetaProperties::parse)?, |found| {
            let ids = [
                Some(("node.id", found.node_id.to_string())),
                Some(("cluster.id", found.cluster_id)),
                found.directory_id.map(|id| ("directory.id", id)),
            ];
            ids.into_iter().flatten().map(|(name, value)| property(name, value)).collect()
        }),
        FileKind::CleanShutdown => small_file(files::load(disk, path, CleanShutdown::parse)?, |found| {
            vec![property("broker_epoch", found.broker_epoch.to_string())]
        }),
        FileKind::Segment | FileKind::Cut | FileKind::Leftover | FileKind::Aside | FileKind::Foreign => {
            Vec::new()
        }
    })
}

fn offsets(found: OffsetCheckpoint) -> Vec<Entry> {
    let each = found.offsets.into_iter();
    each.map(|((topic, partition), offset)| Entry::Log { log: format!("{topic}-{partition}"), offset })
        .collect()
}

fn small_file<T>(loaded: Loaded<T>, entries: impl FnOnce(T) -> Vec<Entry>) -> Vec<Entry> {
    match loaded {
        Loaded::Whole(found) => entries(found),
        Loaded::Missing => Vec::new(),
        Loaded::Damaged(damage) => vec![Entry::Unreadable(damage.to_string())],
    }
}

fn of_index(parsed: Result<Index, crate::index::BadIndex>, base: i64) -> Vec<Entry> {
    let index = match parsed {
        Ok(index) => index,
        Err(why) => return vec![Entry::Unreadable(why.to_string())],
    };
    let (offsets, times) = index.entries();
    let offset = |relative: u32| base.saturating_add(i64::from(relative));
    let offsets = offsets
        .iter()
        .map(|entry| Entry::Offset { offset: offset(entry.relative_offset), position: entry.position });
    let times = times
        .iter()
        .map(|entry| Entry::Time { timestamp: entry.timestamp, offset: offset(entry.relative_offset) });
    offsets.chain(times).collect()
}

fn aborted(entry: Aborted) -> Entry {
    let Aborted { producer_id, first_offset, last_offset, last_stable_offset } = entry;
    Entry::Aborted { producer_id, first_offset, last_offset, last_stable_offset }
}

/// A snapshot, with what the file beside it adds.
fn producers(disk: &dyn Disk, path: &Path, (kind, offset): (FileKind, i64)) -> io::Result<Vec<Entry>> {
    let last = block_on(read_whole(disk, &path.with_extension("snapshot")))?;
    let older = block_on(read_whole(disk, &path.with_extension("producers")))?;
    let Some(last) = last else {
        return Ok(vec![Entry::Unreadable("the snapshot beside it is missing".to_owned())]);
    };
    // Each file is told as it is: the snapshot alone, and the other as what both come to.
    let older = older.filter(|_| kind == FileKind::Producers);
    let identity = older.as_deref().and_then(snapshot::identity_of).unwrap_or(0);
    Ok(match snapshot::decode(offset, &last, older.as_deref(), identity) {
        Err(why) => vec![Entry::Unreadable(why.to_string())],
        Ok((_, None)) if kind == FileKind::Producers => {
            vec![Entry::Unreadable("it does not fit the snapshot beside it".to_owned())]
        }
        Ok((producers, _)) => {
            let entry = |(producer_id, producer): (i64, &crate::producers::Producer)| Entry::Producer {
                producer_id,
                epoch: producer.epoch,
                batches: producer
                    .batches()
                    .iter()
                    .map(|batch| ProducerBatch {
                        last_sequence: batch.last_sequence,
                        last_offset: batch.last_offset,
                        offset_delta: batch.offset_delta,
                        timestamp: batch.timestamp,
                    })
                    .collect(),
                last_timestamp: producer.last_timestamp,
                coordinator_epoch: producer.coordinator_epoch,
                transaction_start: producer.transaction_start,
            };
            producers.iter().map(entry).collect()
        }
    })
}
