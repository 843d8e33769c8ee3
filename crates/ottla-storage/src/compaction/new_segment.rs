//! A segment that is being written to take the place of others.
//!
//! Its files are called `.cleaned` until all of it is on stable storage, and count for nothing
//! until then: a crash leaves the old segments. Dropped half way, it removes them itself. How it takes
//! its place is in [`crate::log`], `replace_segments`.

use std::io::{self, IoSlice};
use std::sync::Arc;

use ottla_protocol::records::BatchHeader;

use crate::aborted::{Known, SegmentAborted, encode};
use crate::config::LogConfig;
use crate::disk::File;
use crate::disk::wait::completed;
use crate::log::Core;
use crate::segment::index_files::IndexBuilder;
use crate::segment::{Segment, Stage};

/// Bytes that are written at once.
const WRITE_BYTES: usize = 512 * 1024;
/// Bytes after which a sync is asked for, so that the last one finds little to do and the syncs of
/// other logs do not wait behind it.
const SYNC_BYTES: u64 = 32 * 1024 * 1024;

/// A segment in the making.
pub(super) struct NewSegment {
    segment: Option<Arc<Segment>>,
    file: Arc<dyn File>,
    index: IndexBuilder,
    index_interval: u32,
    /// Batches that are not written yet.
    buffer: Vec<u8>,
    /// What is in the buffer: last offset, greatest timestamp and length of each.
    waiting: Vec<(i64, i64, u32)>,
    position: u64,
    unsynced: u64,
}

impl NewSegment {
    pub(super) fn create(core: &Arc<Core>, base_offset: i64) -> io::Result<Self> {
        let (disk, dir) = (Arc::clone(&core.shared.disk), Arc::clone(&core.dir));
        let segment = Arc::new(Segment::create(disk, dir, base_offset, Stage::Cleaned)?);
        Ok(Self {
            file: segment.file()?,
            segment: Some(segment),
            index: IndexBuilder::default(),
            index_interval: core.config().index_interval_bytes,
            buffer: Vec::with_capacity(2 * WRITE_BYTES),
            waiting: Vec::new(),
            position: 0,
            unsynced: 0,
        })
    }

    /// Where the next batch is put.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Takes note of the batch that was put at `before`, if one was. Answers its length.
    pub(super) fn added(&mut self, before: usize) -> io::Result<usize> {
        let len = self.buffer.len() - before;
        if len == 0 {
            return Ok(0);
        }
        let header = BatchHeader::parse(&self.buffer[before..]).map_err(io::Error::other)?;
        let end = self.position + self.buffer.len() as u64;
        let length = u32::try_from(len).ok().filter(|_| end <= u64::from(LogConfig::SEGMENT_BYTES_MAX));
        let length = length.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "what was compacted is larger than a segment can be")
        })?;
        self.waiting.push((header.last_offset(), header.max_timestamp, length));
        Ok(len)
    }

    /// Whether there is enough in the buffer to be written.
    pub(super) fn is_due(&self) -> bool {
        self.buffer.len() >= WRITE_BYTES
    }

    pub(super) async fn write(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let (file, position) = (Arc::clone(&self.file), self.position);
        let parts = [IoSlice::new(&self.buffer)];
        completed(|token, done| file.write_at(&parts, position, token, done)).await?;
        if let Some(segment) = &self.segment {
            for (last_offset, max_timestamp, len) in self.waiting.drain(..) {
                let indexed = self.index.is_due(len, self.index_interval);
                segment.appended(last_offset, max_timestamp, len, indexed);
            }
        }
        self.position += self.buffer.len() as u64;
        self.unsynced += self.buffer.len() as u64;
        self.buffer.clear();
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            completed(|token, done| file.sync_data(token, done)).await?;
        }
        Ok(())
    }

    /// Writes the rest and the indexes, and makes all of it durable. `aborted` are the transactions to be told of it, `written_ms` is when the last of the old
    /// segments was written to, for who asks how old the new one is.
    pub(super) async fn finish(&mut self, aborted: Known, written_ms: Option<i64>) -> io::Result<()> {
        self.write().await?;
        let Some(segment) = &self.segment else { return Ok(()) };
        segment.seal();
        segment.state().written_ms = written_ms;
        let mut files = vec![Arc::clone(&self.file)];
        if let Some(unwritten) = segment.unwritten_index() {
            files.extend(segment.write_index(&unwritten)?);
        }
        files.extend(segment.write_aborted(0, &encode(&aborted.entries))?);
        segment.state().aborted = SegmentAborted::Known(Known { in_file: aborted.entries.len(), ..aborted });
        // On failure none of it takes the place of anything.
        segment.take_index_unsynced(true);
        for file in files {
            completed(|token, done| file.sync_data(token, done)).await?;
        }
        Ok(())
    }

    /// Bytes of it.
    pub(super) fn len(&self) -> u64 {
        self.position
    }

    /// The segment, finished; its files are whose who takes it.
    pub(super) fn take(mut self) -> Option<Arc<Segment>> {
        self.segment.take()
    }
}

impl Drop for NewSegment {
    fn drop(&mut self) {
        let Some(segment) = self.segment.take() else { return };
        // What stays is removed by the next start, and written over by the next round.
        if let Err(error) = segment.remove_files() {
            tracing::warn!(?segment, %error, "a half written segment stays until the next start");
        }
    }
}
