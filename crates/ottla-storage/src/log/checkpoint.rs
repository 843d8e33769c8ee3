//! Writing down how far a log has come, so that the next start reads only what comes later.
//!
//! A checkpoint takes the state of one moment (index entries, epochs, producers), waits until all
//! records up to that moment are on stable storage, and then writes the files. So nothing in them
//! speaks of records that a loss of power could take. The recovery point itself is written by the
//! storage, for all logs at once. All files here are caches: one that cannot be written is worth a
//! warning, and a log with more to read at its next start.

use std::collections::BTreeSet;
use std::io::{self, IoSlice};
use std::path::Path;
use std::sync::Arc;

use super::Core;
use super::commit::State;
use super::wait::Synced;
use crate::aborted::Summary;
use crate::disk::wait::completed;
use crate::disk::{Disk, File, OpenMode};
use crate::error::Error;
use crate::files::{self, EpochCheckpoint};
use crate::join::join_bounded;
use crate::lock::lock;
use crate::planted;
use crate::producers::{Producers, snapshot};
use crate::segment::aborted_file::UnwrittenAborted;
use crate::segment::index_files::UnwrittenIndex;
use crate::segment::{Segment, Suffix, file_name};

/// What the last checkpoint wrote.
#[derive(Debug, Default)]
pub(crate) struct Checkpointed {
    /// Up to where a restart needs to read nothing.
    pub(crate) recovery_point: i64,
    epochs: Vec<(i32, i64)>,
    /// Offsets of the snapshots in the folder.
    snapshots: BTreeSet<i64>,
    /// Whether epochs were dropped since, from the start of the log.
    epochs_moved: bool,
    /// Offset of the snapshot that this run wrote last, and synced.
    snapshot: Option<i64>,
    /// Offsets of those that were written when segments were closed, and wait for a sync.
    unsynced: Vec<i64>,
}

impl Checkpointed {
    pub(crate) fn new(recovery_point: i64, snapshots: BTreeSet<i64>, epochs: Vec<(i32, i64)>) -> Self {
        Self { recovery_point, snapshots, epochs, ..Self::default() }
    }

    /// Whether all that is to be known of a log that ends at `end`, but for its index, is written down.
    fn is_whole(&self, end: i64, epochs: &[(i32, i64)]) -> bool {
        self.recovery_point == end && self.has_snapshot(end) && !self.epochs_moved && self.epochs == epochs
    }

    /// Whether a snapshot of this offset is on stable storage. It may be the only one that knows of batches that were deleted,
    /// so it is not written over.
    fn has_snapshot(&self, end: i64) -> bool {
        self.snapshot == Some(end) || self.recovery_point == end && self.snapshots.contains(&end)
    }

    pub(super) fn epochs_moved(&mut self) {
        self.epochs_moved = true;
    }

    /// Takes out the snapshot at the start of a segment that was taken back.
    pub(super) fn forget_snapshot(&mut self, offset: i64) {
        self.snapshots.remove(&offset);
        self.unsynced.retain(|unsynced| *unsynced != offset);
    }

    /// Takes out the snapshots below `offset`; the newest of all stays.
    pub(super) fn take_snapshots_below(&mut self, offset: i64) -> Vec<i64> {
        let newest = self.snapshots.last().copied().unwrap_or(0);
        let kept = self.snapshots.split_off(&offset.min(newest));
        std::mem::replace(&mut self.snapshots, kept).into_iter().collect()
    }
}

/// The state of one moment.
struct Moment {
    end: i64,
    generation: usize,
    indexes: Vec<(Arc<Segment>, UnwrittenIndex)>,
    aborted: Vec<(Arc<Segment>, UnwrittenAborted)>,
    epochs: Vec<(i32, i64)>,
    snapshot: (Vec<u8>, Vec<u8>),
}

impl Core {
    /// Makes everything up to now durable and writes it down. Answers the recovery point, which an error leaves where it was.
    pub(crate) async fn checkpoint(self: &Arc<Self>) -> Result<i64, Error> {
        let Some(moment) = self.moment()? else { return Ok(lock(&self.checkpointed).recovery_point) };
        self.settle();
        // Where some of it is taken back while this waits, the next checkpoint has the rest.
        if !planted::is("checkpoint_past_synced") {
            Synced::new(self, moment.end, moment.generation).await?;
        }
        self.start_over_counting();
        // After the recovery point no start looks at those that are closed.
        self.give_back(&mut lock(&self.writer));
        let end = moment.end;
        match self.shared.reserve.help(|| self.write_moment(&moment)).await {
            Ok(()) => {
                lock(&self.checkpointed).recovery_point = end;
                Ok(end)
            }
            Err(error) => {
                tracing::warn!(log = %self.name, %error, "checkpoint could not be written; a restart will read more");
                Err(Error::io("write a checkpoint of", self.dir.to_path_buf())(error))
            }
        }
    }

    /// Takes the state of this moment, and asks for the sync that makes it safe. What a write that
    /// failed has left in it is taken back before. `None` when the last checkpoint has it all: then the log is
    /// idle, and gives back the memory that its newest batches took.
    fn moment(&self) -> Result<Option<Moment>, Error> {
        let config = self.config();
        let mut writer = lock(&self.writer);
        writer.producers.expire(self.shared.env.now_ms(), config.producer_id_expiration_ms);
        let mut state = self.mend(&mut writer, lock(&self.state))?;
        let end = state.log_end;
        let segments = state.segments.values();
        let indexes = segments.filter_map(|segment| Some((Arc::clone(segment), segment.unwritten_index()?)));
        let indexes: Vec<_> = indexes.collect();
        let segments = state.segments.values();
        let aborted =
            segments.filter_map(|segment| Some((Arc::clone(segment), segment.unwritten_aborted()?)));
        let aborted: Vec<_> = aborted.collect();
        {
            let mut checkpointed = lock(&self.checkpointed);
            let last = state.segments.keys().next_back().copied();
            let owes =
                |(base, segment): (&i64, &Arc<Segment>)| segment.state().owes_index_sync(Some(*base) == last);
            let unsynced = || state.segments.iter().any(owes);
            let has_more =
                !indexes.is_empty() || !aborted.is_empty() || checkpointed.epochs_moved || unsynced();
            if end == checkpointed.recovery_point && !has_more {
                writer.rest();
                state.rest();
                return Ok(None);
            }
            checkpointed.epochs_moved = false;
        }
        state.want_sync(end);
        Ok(Some(Moment {
            end,
            generation: state.losses.len(),
            indexes,
            aborted,
            epochs: state.epochs.pairs(),
            snapshot: snapshot::encode(
                &writer.producers,
                self.identity(),
                &summary(&state, &writer.producers),
            ),
        }))
    }

    async fn write_moment(&self, moment: &Moment) -> io::Result<()> {
        let mut indexed = Vec::new();
        let written = self.write_files(moment, &mut indexed).await;
        if written.is_err() {
            // No later sync would prove anything of them.
            indexed.iter().for_each(|segment| segment.drop_index_files());
        }
        written
    }

    /// Writes the indexes of the moment. Answers their files and those that closed segments left behind, none of which a sync has
    /// covered. Of these segments, `indexed`, the next start reads nothing once the recovery point has passed them.
    fn write_indexes(
        &self,
        moment: &Moment,
        indexed: &mut Vec<Arc<Segment>>,
    ) -> io::Result<Vec<Arc<dyn File>>> {
        let mut written = Vec::new();
        for (segment, unwritten) in &moment.indexes {
            let files = segment.write_index(unwritten)?;
            if !files.is_empty() && segment.take_index_unsynced(true) {
                indexed.push(Arc::clone(segment));
            }
            written.extend(files);
        }
        let segments: Vec<_> = lock(&self.state).segments.values().cloned().collect();
        let last = segments.last().map(|segment| segment.base_offset());
        let owing = |segment: &Arc<Segment>| segment.take_index_unsynced(Some(segment.base_offset()) == last);
        for segment in segments.into_iter().filter(owing) {
            let files = segment.open_index_files();
            indexed.push(segment);
            written.extend(files?);
        }
        Ok(written)
    }

    async fn write_files(&self, moment: &Moment, indexed: &mut Vec<Arc<Segment>>) -> io::Result<()> {
        let disk = self.shared.disk.as_ref();
        let mut written = self.write_indexes(moment, indexed)?;
        for (segment, unwritten) in &moment.aborted {
            written.extend(segment.write_unwritten_aborted(unwritten)?);
        }
        // Where only the index has moved, as when a log is closed, the last checkpoint's still says it all.
        if !lock(&self.checkpointed).has_snapshot(moment.end) {
            let (last, older) = &moment.snapshot;
            written.push(self.write_named(moment.end, Suffix::Snapshot, last)?);
            written.push(self.write_named(moment.end, Suffix::Producers, older)?);
        }
        // What closed segments left behind is as safe as what speaks of later records.
        let unsynced: Vec<i64> = {
            let checkpointed = lock(&self.checkpointed);
            checkpointed.unsynced.iter().copied().filter(|offset| *offset <= moment.end).collect()
        };
        for offset in &unsynced {
            for suffix in [Suffix::Snapshot, Suffix::Producers] {
                // It may have left with its segment.
                written.extend(disk.open(&self.dir.join(file_name(*offset, suffix)), OpenMode::Read).ok());
            }
        }
        let syncs = written.iter().map(|file| completed(|token, done| file.sync_data(token, done)));
        join_bounded(syncs.collect(), written.len().max(1)).await.into_iter().collect::<io::Result<()>>()?;
        moment.aborted.iter().for_each(|(segment, unwritten)| segment.aborted_are_synced(unwritten));
        {
            let mut checkpointed = lock(&self.checkpointed);
            checkpointed.snapshot = Some(moment.end);
            checkpointed.unsynced.retain(|offset| !unsynced.contains(offset));
        }
        if lock(&self.checkpointed).epochs != moment.epochs {
            let checkpoint = EpochCheckpoint { epochs: moment.epochs.clone() };
            files::put(disk, &self.dir.join(EpochCheckpoint::FILE), &checkpoint.format()).await?;
            let mut checkpointed = lock(&self.checkpointed);
            checkpointed.epochs.clone_from(&moment.epochs);
        }
        // The name of a segment that was begun meanwhile may wait for the same sync.
        self.sync_folder().await?;
        self.remove_old_snapshots(moment.end);
        Ok(())
    }

    /// Writes what a closed segment leaves behind: its index, and the producers at its end. Not
    /// synced: what a loss of power takes of it is made anew.
    pub(super) fn write_caches(&self, closed: &Segment, producers: &Producers, end: i64) {
        let write = || {
            if let Some(unwritten) = closed.unwritten_index() {
                closed.write_index(&unwritten)?;
            }
            if let Some(unwritten) = closed.unwritten_aborted() {
                closed.write_unwritten_aborted(&unwritten)?;
            }
            if lock(&self.checkpointed).has_snapshot(end) {
                return Ok(());
            }
            let summary = closed.summary(producers.first_unstable());
            let (last, older) = snapshot::encode(producers, self.identity(), &summary);
            self.write_named(end, Suffix::Snapshot, &last)?;
            self.write_named(end, Suffix::Producers, &older)?;
            lock(&self.checkpointed).unsynced.push(end);
            Ok::<_, io::Error>(())
        };
        if let Err(error) = write() {
            tracing::warn!(log = %self.name, %error, "index or snapshot could not be written; it will be made anew");
        }
    }

    fn write_named(&self, offset: i64, suffix: Suffix, bytes: &[u8]) -> io::Result<Arc<dyn File>> {
        let file = overwrite(self.shared.disk.as_ref(), &self.dir.join(file_name(offset, suffix)), bytes)?;
        if suffix == Suffix::Snapshot {
            lock(&self.checkpointed).snapshots.insert(offset);
        }
        Ok(file)
    }

    /// Keeps the snapshots of the last two checkpoints and those at the start of a segment.
    fn remove_old_snapshots(&self, newest: i64) {
        let old: Vec<i64> = {
            let state = lock(&self.state);
            let mut checkpointed = lock(&self.checkpointed);
            let kept = checkpointed.snapshots.range(..newest).next_back().copied().unwrap_or(newest);
            let old = checkpointed.snapshots.range(..kept).copied();
            let old: Vec<i64> = old.filter(|offset| !state.segments.contains_key(offset)).collect();
            checkpointed.snapshots.retain(|offset| !old.contains(offset));
            old
        };
        for offset in old {
            for suffix in [Suffix::Snapshot, Suffix::Producers] {
                // One that stays is found and removed after the next checkpoint of the next start.
                let _ = self.shared.disk.remove_file(&self.dir.join(file_name(offset, suffix)));
            }
        }
    }

    /// Stops appends for good and completes the index of the active segment. Where nothing was appended since the log was opened,
    /// an earlier close may have completed and written it.
    pub(crate) fn stop(&self) {
        let mut writer = lock(&self.writer);
        let leftover = self.clear_leftover(&mut writer).err();
        let (active, is_written) = {
            let mut state = lock(&self.state);
            state.stopped = true;
            if let Some(error) = leftover {
                state.close_for_writing(io::Error::other(error));
            }
            let active = state.segments.values().next_back().cloned();
            let is_written = state.is_as_opened()
                && lock(&self.checkpointed).is_whole(state.log_end, &state.epochs.pairs());
            (active.filter(|_| !state.is_as_closed()), is_written)
        };
        if let Some(active) = active {
            active.seal();
            if is_written {
                active.recognize_index();
            }
        }
    }

    /// Ends the life of a log whose storage is closed or that is removed: waiters get an error.
    pub(crate) fn end(&self) {
        let mut woken = Vec::new();
        {
            let _writer = lock(&self.writer);
            let mut state = lock(&self.state);
            state.stopped = true;
            state.gone = true;
            state.tail.clear();
            state.wake_all(&mut woken);
        }
        super::commit::wake(woken);
    }
}

/// What is to be known again of the segment that holds the end of the log.
fn summary(state: &State, producers: &Producers) -> Summary {
    let ends = state.segments.values().rev().find(|segment| segment.state().len > 0);
    ends.map_or(Summary::UNKNOWN, |segment| segment.summary(producers.first_unstable()))
}

/// Writes a file whole, over what has its name. Not synced.
pub(crate) fn overwrite(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<Arc<dyn File>> {
    let file = disk.open(path, OpenMode::Create)?;
    if !file.is_empty()? {
        file.truncate(0)?;
    }
    file.write_blocking(&[IoSlice::new(bytes)], 0)?;
    Ok(file)
}
