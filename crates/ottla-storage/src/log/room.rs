//! Room on the disk that a segment is begun with.
//!
//! It is taken for the whole segment when this is begun, behind the end of its file, and given back when the
//! segment is closed, as the file system does when the file is cut to the length that it has. A write in flight could be cut off by
//! that, so a segment that is closed before it has all its bytes keeps the room until it has them.

use std::io;
use std::sync::Arc;

use super::Core;
use super::writer::Writer;
use crate::config::LogConfig;
use crate::lock::lock;
use crate::reserve::is_full;
use crate::segment::{Segment, Stage};

/// A closed segment whose room is given back when the writes before `token` have ended.
#[derive(Debug)]
pub(super) struct Roomy {
    pub(super) token: u64,
    pub(super) segment: Arc<Segment>,
}

impl Core {
    /// Creates the file of the segment that is to be written to next, with the room that it is to have.
    ///
    /// It gets its name when it has its room. One that was made for nothing would be back after a loss of power, and say
    /// that the log was cut there, though a smaller batch had found its place in the segment before.
    pub(super) fn create_segment(&self, config: &LogConfig, base_offset: i64) -> io::Result<Segment> {
        let (disk, dir) = (Arc::clone(&self.shared.disk), Arc::clone(&self.dir));
        if !config.preallocate {
            return Segment::create(disk, dir, base_offset, Stage::Live);
        }
        let segment = Segment::create(disk, dir, base_offset, Stage::Cleaned)?;
        let made = self.take_room(&segment, config).and_then(|()| segment.rename(Stage::Live));
        if made.is_err() {
            // One that stays is removed by the next start, or written over by the next attempt.
            let _ = segment.remove_files();
        }
        made.map(|()| segment)
    }

    fn take_room(&self, segment: &Segment, config: &LogConfig) -> io::Result<()> {
        match segment.reserve(u64::from(config.segment_bytes.min(LogConfig::SEGMENT_BYTES_MAX))) {
            Ok(true) => {}
            Ok(false) => self.shared.cannot_reserve.call_once(|| {
                tracing::warn!(log = %self.name, "no room can be reserved on this disk, so segments are begun without");
            }),
            // The reserve is kept for what must be written on a full disk, which a whole segment is not.
            Err(error) if config.uses_reserve && is_full(&error) => {
                tracing::info!(log = %self.name, %error, "a segment is begun without the room of all of it");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gives back what closed segments did not use, but for those that still wait for bytes.
    pub(super) fn give_back(&self, writer: &mut Writer) {
        if writer.roomy.is_empty() {
            return;
        }
        let oldest = {
            let state = lock(&self.state);
            if state.broken.is_some() {
                return; // some of them may be written to again
            }
            state.oldest_token()
        };
        writer.roomy.retain(|roomy| {
            let waits = oldest.is_some_and(|oldest| oldest < roomy.token);
            if !waits {
                give_back(&roomy.segment);
            }
            waits
        });
    }

    /// Gives back what all segments did not use, because nothing more is appended.
    pub(crate) fn give_back_all(&self) {
        let mut writer = lock(&self.writer);
        self.give_back(&mut writer);
        let is_settled = {
            let state = lock(&self.state);
            !state.is_writing() && state.broken.is_none() && state.failed.is_none()
        };
        if let Some(active) = writer.active.as_ref().filter(|_| is_settled) {
            give_back(&active.segment);
        }
    }
}

fn give_back(segment: &Segment) {
    if let Err(error) = segment.give_back() {
        tracing::warn!(?segment, %error, "the room that a segment did not use stays taken");
    }
}

impl Segment {
    /// Takes room for `len` bytes. Whether the disk can do that.
    fn reserve(&self, len: u64) -> io::Result<bool> {
        let reserved = self.file()?.reserve(len)?;
        self.state().reserved = if reserved { len } else { 0 };
        Ok(reserved)
    }

    /// Gives back what was reserved and not used.
    fn give_back(&self) -> io::Result<()> {
        let reserved = std::mem::take(&mut self.state().reserved);
        if reserved > 0 { self.file()?.give_back() } else { Ok(()) }
    }

    /// Cuts the file, which is to be written to again, and keeps the room that it has if the disk lets it.
    pub(super) fn cut(&self, position: u32) -> io::Result<()> {
        self.file()?.truncate(u64::from(position))?;
        let reserved = std::mem::take(&mut self.state().reserved);
        if reserved > 0
            && let Err(error) = self.reserve(reserved)
        {
            tracing::info!(segment = ?self, %error, "a segment goes on without the room of all of it");
        }
        Ok(())
    }
}
