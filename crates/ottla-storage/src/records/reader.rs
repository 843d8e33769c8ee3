//! Going through a log record by record, and waiting for more.
//!
//! The bytes come from [`Log::read`] and are taken apart by [`super::unpack`]; what stands here is where the reader is,
//! and what it can do when it cannot go on.

use std::fmt;
use std::sync::Arc;

use ottla_protocol::wire::{Chunk, Records};

use super::Record;
use super::unpack::{Undecodable, Unpacked};
use crate::error::{Error, ReadError};
use crate::log::Log;
use crate::offset::Offset;
use crate::read::ReadOptions;

/// Reads the records of a log one after the other, from an offset on, and waits for more when it is told to.
///
/// It sees what is as durable as the log promises, and nothing else. Any number of them read one log, and none of them
/// holds up who appends. The position is a plain offset: keep [`position`](Self::position) anywhere, and go on from there with
/// another reader.
///
/// An error leaves the reader where it is. [`ReadError::OutOfRange`] says that the records it wants were deleted meanwhile:
/// [`skip_to_start`](Self::skip_to_start) goes on with the first one that is left. [`ReadError::Corrupt`] and
/// [`ReadError::Undecodable`] are about records that cannot be read any more, or not by this build:
/// [`skip_damaged`](Self::skip_damaged) goes on behind them.
///
/// ```
/// # use ottla_storage::{*, disk::MemDisk};
/// # blocking::block_on(async {
/// # let storage = Storage::open(std::sync::Arc::new(MemDisk::new(1)), blocking::env(), StorageConfig::default()).await?;
/// # let log = storage.open_log("journal", LogConfig::journal())?;
/// # log.durable(&log.append_record(NewRecord::new(b"first"))?).await?;
/// let mut reader = log.reader(log.offsets().log_start);
/// while let Some(record) = reader.next().await? {
///     println!("{} {:?}", record.offset, record.value);
/// }
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
pub struct RecordReader {
    log: Log,
    next: i64,
    options: ReadOptions,
    unpacked: Unpacked,
    /// The high watermark when there was nothing more to read.
    end: i64,
    /// Where to go on behind a batch that cannot be taken apart.
    behind_undecodable: Option<i64>,
}

impl RecordReader {
    pub(super) fn new(log: Log, from: Offset) -> Self {
        let (unpacked, options) = (Unpacked::default(), ReadOptions::default());
        Self { log, next: from.0, options, unpacked, end: 0, behind_undecodable: None }
    }

    /// The same, reading about so many bytes at once; default 1 MiB. A larger record is read all the same.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.options.max_bytes = max_bytes;
        self
    }

    /// The offset of the next record, if nothing is missing there.
    #[must_use]
    pub fn position(&self) -> Offset {
        Offset(self.next)
    }

    /// Goes on from another offset, in any direction.
    pub fn seek(&mut self, offset: Offset) {
        self.next = offset.0;
        self.unpacked.clear();
        self.behind_undecodable = None;
    }

    /// The next record; `None` at the end of what can be seen now, and another call may find more.
    ///
    /// # Errors
    /// [`ReadError`]; the position has not changed.
    ///
    /// # Cancel safety
    /// A dropped future has taken no record: the next call answers the same.
    pub async fn next(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            match self.unpacked.pop(&mut self.next) {
                Ok(None) => {}
                Ok(record) => return Ok(record),
                Err(Undecodable { next, source }) => {
                    self.unpacked.clear();
                    self.behind_undecodable = Some(next.max(self.next + 1));
                    return Err(ReadError::Undecodable {
                        offset: Offset(self.next),
                        source: Arc::new(source),
                    });
                }
            }
            let read = self.log.read(Offset(self.next), self.options).await?;
            if read.records.is_empty() {
                self.end = read.offsets.high_watermark.0;
                return Ok(None);
            }
            let chunks = match read.records {
                Records::Bytes(bytes) => vec![Chunk::Bytes(bytes)],
                Records::Chunks(chunks) => chunks,
            };
            let mut pieces = Vec::with_capacity(chunks.len());
            for chunk in chunks {
                pieces.push(match chunk {
                    Chunk::Bytes(bytes) => bytes,
                    Chunk::External { source, .. } => {
                        source.load().await.map_err(|error| self.failed(error))?
                    }
                });
            }
            // Nothing waits from here on, so that a future that is dropped leaves no half of it.
            pieces.into_iter().for_each(|piece| self.unpacked.push(piece));
        }
    }

    /// The next record, however long it takes until there is one.
    ///
    /// # Errors
    /// [`Error::Read`] as for [`next`](Self::next); [`Error::Unknown`] when the log was removed or its storage closed,
    /// [`Error::Closed`] when the disk failed and no more will come. The position has not changed.
    ///
    /// # Cancel safety
    /// A dropped future has taken no record: the next call answers the same.
    pub async fn next_or_wait(&mut self) -> Result<Record, Error> {
        loop {
            if let Some(record) = self.next().await? {
                return Ok(record);
            }
            self.log.readable(Offset(self.next.max(self.end))).await?;
        }
    }

    /// Goes on with the first record that is left, if those at the position were deleted. Answers the position.
    pub fn skip_to_start(&mut self) -> Offset {
        let start = self.log.offsets().log_start;
        if self.next < start.0 {
            self.seek(start);
        }
        self.position()
    }

    /// Goes on behind a damaged batch, if there is one at the position: with the first record behind it that can be read, or
    /// at the end. Answers the position; what lies between the two is lost to readers, and is not changed on the disk.
    ///
    /// # Errors
    /// [`ReadError`], of another kind than the one that is to be passed over.
    ///
    /// # Cancel safety
    /// A dropped future has not moved the position.
    pub async fn skip_damaged(&mut self) -> Result<Offset, ReadError> {
        let behind = match self.behind_undecodable {
            Some(behind) => Some(behind),
            None => self.log.core().behind_damage(self.next).await?,
        };
        if let Some(behind) = behind {
            self.seek(Offset(behind));
        }
        Ok(self.position())
    }

    fn failed(&self, error: std::io::Error) -> ReadError {
        ReadError::Io { path: self.log.core().dir.to_path_buf(), source: Arc::new(error) }
    }
}

impl fmt::Debug for RecordReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordReader").field("log", self.log.name()).field("position", &self.next).finish()
    }
}
