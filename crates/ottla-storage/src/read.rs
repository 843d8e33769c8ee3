//! What a read of a log gives: records in memory or as a range of a file.
//!
//! The values live here; how they are found is in the log and its segments.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use ottla_protocol::wire::{Chunk, Records};

use crate::disk::{Descriptor, File};
use crate::error::ReadError;
use crate::log::LogOffsets;
use crate::offset::Offset;

/// Whole batches in the file of a segment, ready for `sendfile`.
///
/// It holds the file open: what it names stays readable when the segment is deleted. Its checksums
/// were checked since the file was opened.
#[derive(Clone)]
pub struct FileRange {
    file: Arc<dyn File>,
    descriptor: Option<Descriptor>,
    position: u64,
    len: usize,
}

impl FileRange {
    pub(crate) fn new(
        file: Arc<dyn File>,
        descriptor: Option<Descriptor>,
        position: u64,
        len: usize,
    ) -> Self {
        Self { file, descriptor, position, len }
    }

    /// The descriptor of the file, to hand to `sendfile`. `None` when the disk has none.
    #[must_use]
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.descriptor.as_ref().map(AsFd::as_fd)
    }

    /// Where the range starts in the file, in bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Length of the range, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the range holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads up to `len` bytes from `at`, counted from the start of the range; fewer only where the
    /// range ends. Blocks while the device is read.
    ///
    /// # Errors
    /// As the device gives them; `UnexpectedEof` when the file is shorter than the range.
    pub fn read_at(&self, at: u64, len: usize) -> io::Result<Bytes> {
        let left = usize::try_from((self.len as u64).saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = len.min(left);
        let mut read = self.file.read_blocking(self.position + at, wanted)?;
        if read.len() == wanted {
            return Ok(read);
        }
        if read.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // A file that ends within the range is damaged; what is there is handed out once.
        read.truncate(wanted);
        Ok(read)
    }
}

impl FileRange {
    /// Reads the whole range, without blocking the thread that asks.
    ///
    /// # Errors
    /// As the device gives them; `UnexpectedEof` when the file is shorter than the range.
    ///
    /// # Cancel safety
    /// A dropped future gives the read up; nothing else changes.
    pub async fn load(&self) -> io::Result<Bytes> {
        let read = self.file.read_at(self.position, self.len).bytes().await?;
        match read.len() < self.len {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(read),
        }
    }
}

impl fmt::Debug for FileRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileRange").field("position", &self.position).field("len", &self.len).finish()
    }
}

/// Which records a reader wants to see. Kafka's `isolation.level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// All, up to the high watermark.
    #[default]
    ReadUncommitted,
    /// Those before the first record of the oldest open transaction. Records of aborted ones are among them, and are
    /// [told](ReadResult::aborted).
    ReadCommitted,
}

/// How much is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Bytes to answer at most.
    pub max_bytes: usize,
    /// Whether the first batch is answered whatever its size, so that a reader always gets on.
    pub at_least_one: bool,
    /// Which records are visible.
    pub isolation: Isolation,
}

impl Default for ReadOptions {
    /// 1 MiB, at least one batch, uncommitted records too: Kafka's defaults for a partition.
    fn default() -> Self {
        Self { max_bytes: 1024 * 1024, at_least_one: true, isolation: Isolation::ReadUncommitted }
    }
}

/// A transaction whose records are not to be shown: from its first one on to the abort marker of its producer. (KIP-98)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AbortedTransaction {
    /// Whose it was.
    pub producer_id: i64,
    /// Offset of its first record, which may be before what was read.
    pub first_offset: Offset,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct ReadResult {
    /// Whole batches, the first of which holds the offset that was asked for. Empty at the end.
    pub records: Records<FileRange>,
    /// How far the log reached at that moment.
    pub offsets: LogOffsets,
    /// The aborted transactions that have records, or their end, in what was read, in order of their ends. Empty unless read with
    /// [`Isolation::ReadCommitted`].
    pub aborted: Vec<AbortedTransaction>,
}

impl ReadResult {
    /// All batches in one piece of memory, for who does not send them on as they are. Blocks while
    /// the device is read.
    ///
    /// # Errors
    /// As [`FileRange::read_at`].
    pub fn into_bytes(self) -> io::Result<Bytes> {
        let chunks = match self.records {
            Records::Bytes(bytes) => return Ok(bytes),
            Records::Chunks(chunks) => chunks,
        };
        if let [Chunk::External { len, source }] = chunks.as_slice() {
            let bytes = source.read_at(0, *len)?;
            if bytes.len() == *len {
                return Ok(bytes);
            }
        }
        let mut all = BytesMut::with_capacity(chunks.iter().map(Chunk::len).sum());
        for chunk in chunks {
            match chunk {
                Chunk::Bytes(bytes) => all.extend_from_slice(&bytes),
                Chunk::External { len, source } => {
                    let mut at = 0;
                    while at < len {
                        let bytes = source.read_at(at as u64, len - at)?;
                        at += bytes.len();
                        all.extend_from_slice(&bytes);
                    }
                }
            }
        }
        Ok(all.freeze())
    }
}

/// A read that is done already or waits for the disk; either way it can be awaited.
///
/// # Cancel safety
/// Dropping it gives the read up; nothing else changes.
#[must_use = "a read does nothing for who does not look at it"]
pub enum Reading {
    /// The tail, or data that the operating system had in memory.
    Now(Result<ReadResult, ReadError>),
    /// The device has to be read.
    Later(Pin<Box<dyn Future<Output = Result<ReadResult, ReadError>> + Send>>),
}

impl IntoFuture for Reading {
    type Output = Result<ReadResult, ReadError>;
    type IntoFuture = ReadingFuture;

    fn into_future(self) -> ReadingFuture {
        ReadingFuture(match self {
            Self::Now(result) => Step::Now(Some(Box::new(result))),
            Self::Later(future) => Step::Later(future),
        })
    }
}

/// The future of a [`Reading`].
#[must_use = "futures do nothing unless polled"]
pub struct ReadingFuture(Step);

enum Step {
    Now(Option<Box<Result<ReadResult, ReadError>>>),
    Later(Pin<Box<dyn Future<Output = Result<ReadResult, ReadError>> + Send>>),
}

impl Future for ReadingFuture {
    type Output = Result<ReadResult, ReadError>;

    /// # Panics
    /// When polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Step::Now(result) => {
                Poll::Ready(*result.take().expect("a future is not polled once it is ready"))
            }
            Step::Later(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(result) => f.debug_tuple("Now").field(result).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

/// The first record that is at least as new as a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp, in Unix milliseconds.
    pub timestamp: i64,
    /// Epoch of the leader that appended it.
    pub leader_epoch: i32,
}
