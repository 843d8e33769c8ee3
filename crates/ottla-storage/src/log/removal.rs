//! Segments that leave the log, segments that take their place, and the start that moves on.
//!
//! Both happen by one path, [`Core::replace_segments`]. Readers hold the segment they read, and
//! finish with it. The files keep their content for a while, with `.deleted` behind their names,
//! so that who is about to open one still can.
//!
//! # What a crash leaves
//!
//! What is remembered of producers and transactions below a new start is in a snapshot on stable storage before the start is.
//! The start of the log is on stable storage ([`crate::starts`]) before anybody is told of it and
//! before the first file below it loses its name; so whatever mix of old names a crash leaves
//! below it, the next start removes them, and no hole is ever seen. New segments in place of old
//! ones are whole and called `.swap`, durably, before the first old one loses its name; the next
//! start finishes what it finds so ([`crate::recovery`]).

use std::io;
use std::sync::Arc;

use super::Core;
use super::commit::State;
use crate::disk::wait::completed;
use crate::disk::{Completion, OpenMode, Started};
use crate::error::{Error, ReadError};
use crate::lock::lock;
use crate::offset::Offset;
use crate::planted;
use crate::segment::{Segment, Stage, Suffix, file_name};

/// A segment that is no longer part of the log, and whose files wait to be removed.
#[derive(Debug)]
pub(super) struct Leaving {
    segment: Arc<Segment>,
    /// When it left, in Unix milliseconds.
    since_ms: i64,
}

impl Core {
    /// Moves the start of the log up to `before`: asked for at once, durable when the future answers where it is then.
    pub(super) fn delete_records(
        self: &Arc<Self>,
        before: i64,
    ) -> impl Future<Output = Result<Offset, Error>> + Send + use<> {
        let core = Arc::clone(self);
        // At once, so that several logs share one write, unless something has to be safe before.
        let is_unkept = self.unkept(before).is_some();
        let wanted = if is_unkept { self.check_start(before) } else { self.want_start(before) };
        async move {
            wanted?;
            if is_unkept {
                let kept = core.keep_producers_below(before).await;
                kept.map_err(Error::io("sync a snapshot in", core.dir.to_path_buf()))?;
                core.want_start(before)?;
            }
            if planted::is("start_not_durable") {
                return Ok(Offset(core.apply_start(before)));
            }
            let write = || core.shared.starts.write(core.shared.disk.as_ref());
            let written = core.shared.reserve.help(write).await;
            written.map_err(Error::io("write", crate::files::OffsetCheckpoint::LOG_START))?;
            let start = core.apply_start(before);
            core.drop_below_start().await;
            Ok(Offset(start))
        }
    }

    /// Asks for the start to be moved up. It counts once it is written down and [applied](Self::apply_start).
    pub(crate) fn want_start(&self, to: i64) -> Result<(), Error> {
        let state = lock(&self.state);
        self.check_in(&state, to)?;
        if to > state.log_start {
            // Under the lock, so that a log that is removed meanwhile leaves nothing behind.
            self.shared.starts.raise(&self.name, to);
        }
        Ok(())
    }

    fn check_start(&self, to: i64) -> Result<(), Error> {
        self.check_in(&lock(&self.state), to)
    }

    /// Whether the log may start there.
    fn check_in(&self, state: &State, to: i64) -> Result<(), Error> {
        if state.gone {
            return Err(Error::Unknown(self.name.clone()));
        }
        let offsets = state.offsets();
        if to < 0 || to > offsets.high_watermark.0 {
            return Err(Error::Read(ReadError::OutOfRange {
                offset: Offset(to),
                log_start: offsets.log_start,
                log_end: offsets.high_watermark,
            }));
        }
        Ok(())
    }

    /// Moves the start up to where it is known to be written down. Answers where it is then.
    pub(crate) fn apply_start(&self, to: i64) -> i64 {
        let mut state = lock(&self.state);
        if to > state.log_start {
            state.log_start = to;
            if state.epochs.truncate_start(to) {
                lock(&self.checkpointed).epochs_moved();
            }
        }
        state.log_start
    }

    /// Takes out the segments that hold nothing from the start of the log on.
    pub(crate) async fn drop_below_start(&self) {
        let _alone = self.changing_segments.enter().await;
        let gone: Vec<i64> = {
            let state = lock(&self.state);
            if state.gone {
                return;
            }
            let bases = state.segments.keys().copied();
            let next = bases.clone().skip(1);
            bases.zip(next).take_while(|(_, next)| *next <= state.log_start).map(|(base, _)| base).collect()
        };
        if gone.is_empty() {
            return;
        }
        // The start may have moved while this was the active segment: the next may have no safe name yet, nor a snapshot.
        let start = lock(&self.state).log_start;
        let dropped = match self.keep_producers_below(start).await {
            Ok(()) => self.replace(&gone, None).await,
            kept => kept,
        };
        if let Err(error) = dropped {
            tracing::warn!(log = %self.name, %error, "segments below the start of the log keep their files");
        }
    }

    /// Base offset of the segment that would be the first if the log started at `to`, where others would leave, and the name
    /// of this one or the snapshot that speaks for those may not be on stable storage.
    fn unkept(&self, to: i64) -> Option<i64> {
        let state = lock(&self.state);
        let (first, _) = state.segments.range(..=to).next_back()?;
        let leaves = state.segments.keys().next() != Some(first);
        (leaves && lock(&self.checkpointed).recovery_point <= *first).then_some(*first)
    }

    /// Makes safe what is remembered of producers and transactions whose batches leave when the log starts at `to`: once
    /// the start has moved, only a snapshot may know it.
    pub(crate) async fn keep_producers_below(&self, to: i64) -> io::Result<()> {
        let Some(first) = self.unkept(to) else { return Ok(()) };
        let disk = self.shared.disk.as_ref();
        for suffix in [Suffix::Snapshot, Suffix::Producers] {
            match disk.open(&self.dir.join(file_name(first, suffix)), OpenMode::Read) {
                Ok(file) => self.synced(|token, done| file.sync_data(token, done)).await?,
                // A cache that could not be written is nothing to wait for.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.sync_folder().await
    }

    /// Takes segments out of the log, and puts one in their place, if it is given: whole, with its
    /// files in [`Stage::Cleaned`], the base offset of the first that goes, and everything in it
    /// synced or not. Without one, all that go must lie below the start of the log.
    ///
    /// When this returns well, the change is durable; a crash before it leaves the old segments or
    /// the new one. The active segment cannot be taken out.
    ///
    /// # Errors
    /// When one of them is no longer part of the log, as after its start moved on; when the disk
    /// refuses. The log is then as it was, or the change is made in memory and the next start
    /// finishes it on disk.
    pub(crate) async fn replace_segments(&self, gone: &[i64], new: Option<Arc<Segment>>) -> io::Result<()> {
        let _alone = self.changing_segments.enter().await;
        self.replace(gone, new).await
    }

    async fn replace(&self, gone: &[i64], new: Option<Arc<Segment>>) -> io::Result<()> {
        self.find(gone)?;
        if let Some(new) = &new {
            new.report_to(&self.shared.findings);
            let file = new.file()?;
            completed(|token, done| file.sync_data(token, done)).await?;
            if !planted::is("swap_order") {
                new.rename(Stage::Swap)?;
                self.sync_folder().await?;
            }
        }
        let old: Vec<Arc<Segment>> = {
            let mut state = lock(&self.state);
            let old = gone.iter().filter_map(|base| state.segments.remove(base)).collect();
            if let Some(new) = &new {
                state.segments.insert(new.base_offset(), Arc::clone(new));
                state.stand_in(gone, new);
            }
            old
        };
        let since_ms = self.shared.env.now_ms();
        let mut outcome = Ok(());
        // What the new one does not cover by its offsets goes oldest first, or a crash could bring back a
        // record and not the later one that had made it void.
        let in_order = new.is_some() && old.len() > 1;
        for segment in old {
            segment.leaves_as(self.next_left_as(segment.base_offset()));
            let renamed = segment.rename(Stage::Deleted);
            lock(&self.leaving).push(Leaving { segment, since_ms });
            if renamed.is_ok() && in_order {
                self.sync_folder().await?;
            }
            outcome = outcome.and(renamed);
        }
        self.remove_snapshots_below_first();
        // While an old file keeps its name, the new one keeps `.swap`, which the next start settles.
        outcome?;
        if let Some(new) = new {
            self.sync_folder().await?;
            new.rename(Stage::Live)?;
            self.sync_folder().await?;
        }
        Ok(())
    }

    /// A name that no other segment of this base has whose files are still there: who is about to open those still finds them.
    pub(super) fn next_left_as(&self, base_offset: i64) -> u32 {
        let leaving = lock(&self.leaving);
        let same = leaving.iter().filter(|left| left.segment.base_offset() == base_offset);
        same.map(|left| left.segment.left_as() + 1).max().unwrap_or(0)
    }

    /// An error when one of these segments is not part of the log, or is the active one.
    fn find(&self, gone: &[i64]) -> io::Result<()> {
        let state = lock(&self.state);
        if state.gone {
            return Err(io::Error::other("the log is gone"));
        }
        let active = state.segments.keys().next_back();
        match gone.iter().find(|base| !state.segments.contains_key(base) || active == Some(base)) {
            Some(base) => {
                Err(io::Error::other(format!("segment {base} cannot leave the log, or has left it")))
            }
            None => Ok(()),
        }
    }

    /// Makes the names in the folder durable. A failure closes the log for writing, as one of any sync does.
    pub(super) async fn sync_folder(&self) -> io::Result<()> {
        self.synced(|token, done| self.shared.disk.start_sync_dir(&self.dir, token, done)).await
    }

    /// Syncs something of this log, unless a sync of it has failed before: another one could go well and find nothing left
    /// to write. One that fails closes the log for writing.
    async fn synced(&self, start: impl FnOnce(u64, &Arc<dyn Completion>) -> Started) -> io::Result<()> {
        let failed = lock(&self.state).failed.clone();
        let outcome = match failed {
            Some(source) => {
                return Err(io::Error::new(source.kind(), format!("an earlier sync failed: {source}")));
            }
            None => completed(start).await,
        };
        if let Err(error) = &outcome {
            self.sync_failed(io::Error::new(error.kind(), error.to_string()));
        }
        outcome
    }

    /// Removes snapshots that speak of what is below the first segment; the newest of all stays.
    fn remove_snapshots_below_first(&self) {
        for offset in lock(&self.checkpointed).take_snapshots_below(self.first_base()) {
            for suffix in [Suffix::Snapshot, Suffix::Producers] {
                // One that stays is found by the next start.
                let _ = self.shared.disk.remove_file(&self.dir.join(file_name(offset, suffix)));
            }
        }
    }

    /// Waits until nobody changes the files of a log that has [ended](Self::end); nobody will again. Another log may
    /// have its folder then.
    pub(crate) async fn quiesce(&self) {
        drop(self.changing_segments.enter().await);
    }

    /// Removes the files of segments that left the log long enough ago.
    pub(crate) async fn remove_leaving(&self) {
        let _alone = self.changing_segments.enter().await;
        if lock(&self.state).gone {
            return;
        }
        let (now_ms, delay_ms) = (self.shared.env.now_ms(), self.config().file_delete_delay_ms);
        let mut leaving = lock(&self.leaving);
        leaving.retain_mut(|Leaving { segment, since_ms }| {
            // A clock that was set back makes nobody wait for ever.
            *since_ms = (*since_ms).min(now_ms);
            if now_ms.saturating_sub(*since_ms) < delay_ms {
                return true;
            }
            if let Err(error) = segment.remove_files() {
                tracing::warn!(?segment, %error, "files of a deleted segment stay until the next start");
            }
            false
        });
    }
}

#[cfg(test)]
mod tests;
