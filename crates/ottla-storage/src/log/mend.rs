//! Taking back what could not be written.
//!
//! A write that fails at once leaves at most bytes behind the end, which are cut off. One that fails after its append has
//! returned takes with it all that was appended behind it, whose offsets are given out anew: the segment that it belongs to
//! is written to again, and those that were begun since leave.
//!
//! # What a crash leaves
//!
//! That the newer segments have left is on stable storage before anything is written in the place of what they held. So a
//! crash brings them back whole or not at all, and never behind batches that have their offsets.

use std::io;
use std::sync::{Arc, MutexGuard};

use super::Core;
use super::commit::{Point, State};
use super::writer::{Active, Writer};
use crate::error::AppendError;
use crate::lock::lock;
use crate::segment::{Segment, Stage, Suffix, file_name};

impl Core {
    /// Takes back what a write that failed may have left in the file.
    pub(super) fn write_failed(&self, active: &mut Active, source: io::Error) -> AppendError {
        let path = active.segment.path(Suffix::Log);
        if let Err(error) = active.segment.cut(active.position) {
            // A crash would find garbage, which recovery cuts. But nothing may follow it, and nobody may vouch for it.
            tracing::warn!(path = %path.display(), %error, "what a failed write left could not be cut off yet");
            active.has_leftover = true;
        }
        AppendError::Write { attempt: "write", path, source: Arc::new(source) }
    }

    /// Cuts off what a failed write left, if that could not be done then.
    pub(super) fn clear_leftover(&self, writer: &mut Writer) -> Result<(), AppendError> {
        let Some(active) = writer.active.as_mut().filter(|active| active.has_leftover) else { return Ok(()) };
        if let Err(source) = active.segment.cut(active.position) {
            let (attempt, path) = ("take back a failed write in", active.segment.path(Suffix::Log));
            return Err(AppendError::Write { attempt, path, source: Arc::new(source) });
        }
        active.has_leftover = false;
        Ok(())
    }

    /// Takes back writes that failed after their append had returned, once none is in flight.
    ///
    /// # Errors
    /// While writes are in flight. Where files cannot be taken back, the log is closed for writing.
    pub(super) fn mend<'s>(
        &'s self,
        writer: &mut Writer,
        mut state: MutexGuard<'s, State>,
    ) -> Result<MutexGuard<'s, State>, AppendError> {
        let Some(to) = state.broken else { return Ok(state) };
        if state.is_writing() {
            let source = Arc::new(io::Error::other("other writes are still in flight"));
            let (attempt, path) = ("take back a failed write in", self.dir.to_path_buf());
            return Err(AppendError::Write { attempt, path, source });
        }
        let (segment, newer) = state.take_back_segments(to.base);
        while let Some(last) = writer.in_flight.pop_back() {
            if last.start.offset < to.offset {
                writer.in_flight.push_back(last);
                break;
            }
            for undo in last.undo.iter().rev() {
                writer.producers.undo(undo);
            }
            if let Some(segment) = segment.as_ref().filter(|_| last.start.base == to.base) {
                segment.take_back(last.start.offset, last.start.position, last.newest);
            }
        }
        state.first_unstable = writer.producers.first_unstable();
        state.ended.retain(|(marker, _)| *marker < to.offset);
        // Where a sync has failed, no other one would prove anything.
        let taken_back = match (segment, state.failed.clone()) {
            (Some(segment), failed) if failed.is_none() || newer.is_empty() => {
                drop(state);
                let taken_back = self.take_back_files(writer, &segment, to, &newer);
                state = lock(&self.state);
                taken_back
            }
            _ => Err(io::Error::other("segments that were begun since a failed write cannot leave")),
        };
        if let Err(error) = taken_back {
            tracing::error!(log = %self.name, %error, "a failed write could not be taken back; the log is closed for writing until it is opened anew");
            state.close_for_writing(error);
            return Ok(state);
        }
        writer.next_offset = to.offset;
        state.broken = None;
        Ok(state)
    }

    /// Makes a segment the active one again, up to a point in it, and lets those leave that were begun since.
    fn take_back_files(
        &self,
        writer: &mut Writer,
        segment: &Arc<Segment>,
        to: Point,
        newer: &[Arc<Segment>],
    ) -> io::Result<()> {
        for newer in newer.iter().rev() {
            newer.leaves_as(self.next_left_as(newer.base_offset()));
            newer.rename(Stage::Deleted)?;
            if let Err(error) = newer.remove_files() {
                tracing::warn!(segment = ?newer, %error, "files that were taken back stay until the next start");
            }
            lock(&self.checkpointed).forget_snapshot(newer.base_offset());
            for suffix in [Suffix::Snapshot, Suffix::Producers] {
                let path = self.dir.join(file_name(newer.base_offset(), suffix));
                match self.shared.disk.remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        if !newer.is_empty() {
            segment.reopen()?;
            self.shared.disk.sync_dir(&self.dir)?;
            writer.active = Some(Active::resume(Arc::clone(segment))?);
        }
        let Some(active) = &mut writer.active else {
            return Err(io::Error::other("no segment is written to"));
        };
        active.position = to.position;
        writer.roomy.retain(|roomy| roomy.segment.base_offset() < to.base);
        active.segment.cut(to.position)
    }
}
