//! What waits to be written to a stream, oldest first, and how it goes out: many pieces of memory
//! in one vectored write, file ranges by `sendfile` where the stream can, read in pieces where not.
//!
//! Both sides of a connection write through this. What is written is decided elsewhere.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use ottla_protocol::wire::Chunk;
use tokio::io::AsyncWrite;

use crate::{FileSource, Stream};

/// Pieces of one vectored write. More of them than this costs another system call.
const SLICES_MAX: usize = 64;

/// Bytes of a file range that are read at once, where it cannot be sent as it is.
const READ_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a file range that are asked to be sent at once; the socket may take fewer.
#[cfg(target_os = "linux")]
const SEND_BYTES_MAX: usize = 1024 * 1024;

/// A file chunk and what was read of it, once the disk has it.
#[cfg(target_os = "linux")]
type Reading<F> = tokio::task::JoinHandle<(Chunk<F>, io::Result<Bytes>)>;

/// A queue of chunks on their way out.
#[derive(Debug)]
pub(crate) struct Outbound<F> {
    chunks: VecDeque<Chunk<F>>,
    /// Bytes of the external chunk at the front that are read or sent.
    front_done: usize,
    /// Read from the external chunk at the front, and not yet written.
    staged: Bytes,
    /// Reads the external chunk at the front, away from here, because its disk must be waited for.
    #[cfg(target_os = "linux")]
    reading: Option<Reading<F>>,
    /// Bytes to write in all, those of files among them.
    queued_bytes: usize,
    /// Bytes that memory holds until they are written.
    memory_bytes: usize,
    /// Bytes written since the start.
    written_bytes: u64,
}

impl<F: FileSource> Outbound<F> {
    pub(crate) fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            front_done: 0,
            staged: Bytes::new(),
            #[cfg(target_os = "linux")]
            reading: None,
            queued_bytes: 0,
            memory_bytes: 0,
            written_bytes: 0,
        }
    }

    /// Appends chunks; empty ones are left out.
    pub(crate) fn push(&mut self, chunks: impl IntoIterator<Item = Chunk<F>>) {
        for chunk in chunks {
            let len = chunk.len();
            if len == 0 {
                continue;
            }
            self.queued_bytes += len;
            if let Chunk::Bytes(_) = chunk {
                self.memory_bytes += len;
            }
            self.chunks.push_back(chunk);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queued_bytes == 0
    }

    pub(crate) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Grows with every byte that the stream takes, so that a stall can be told.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Forgets the memory that a busy time left behind.
    pub(crate) fn shrink(&mut self) {
        if self.chunks.is_empty() {
            self.chunks = VecDeque::new();
        }
    }

    /// Writes until nothing is left or the stream takes no more.
    ///
    /// # Errors
    /// What the stream or a file says; [`io::ErrorKind::UnexpectedEof`] when a file range is shorter
    /// than announced. The stream cannot be used on after any of them.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<io::Result<()>> {
        while self.queued_bytes > 0 {
            #[cfg(target_os = "linux")]
            ready!(self.poll_reading(cx))?;
            let written = match (self.staged.is_empty(), self.chunks.front()) {
                (true, Some(Chunk::External { .. })) => ready!(self.poll_external(cx, stream))?,
                _ => ready!(self.poll_memory(cx, stream))?,
            };
            self.queued_bytes -= written;
            self.written_bytes += written as u64;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_memory(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<io::Result<usize>> {
        let staged = (!self.staged.is_empty()).then_some(&self.staged);
        let queued = self.chunks.iter().map_while(|chunk| match chunk {
            Chunk::Bytes(bytes) => Some(bytes),
            Chunk::External { .. } => None,
        });
        let mut pieces = staged.into_iter().chain(queued);

        let first: &[u8] = pieces.next().map_or(&[], |bytes| bytes);
        let written = match pieces.next() {
            // By far the most common case, and the cheaper system call.
            None => ready!(Pin::new(stream).poll_write(cx, first))?,
            Some(second) => {
                let mut slices = [io::IoSlice::new(&[]); SLICES_MAX];
                slices[0] = io::IoSlice::new(first);
                slices[1] = io::IoSlice::new(second);
                let mut count = 2;
                for (slice, bytes) in slices[2..].iter_mut().zip(pieces) {
                    *slice = io::IoSlice::new(bytes);
                    count += 1;
                }
                ready!(Pin::new(stream).poll_write_vectored(cx, &slices[..count]))?
            }
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance_memory(written);
        Poll::Ready(Ok(written))
    }

    fn advance_memory(&mut self, written: usize) {
        let mut left = written;
        self.memory_bytes -= written;
        let from_staged = left.min(self.staged.len());
        self.staged.advance(from_staged);
        left -= from_staged;
        if from_staged > 0 {
            self.pop_finished_external();
        }
        while left > 0 {
            let Some(Chunk::Bytes(bytes)) = self.chunks.front_mut() else {
                unreachable!("only bytes in memory were given to the stream");
            };
            let taken = left.min(bytes.len());
            left -= taken;
            if taken == bytes.len() {
                self.chunks.pop_front();
            } else {
                bytes.advance(taken);
            }
        }
    }

    /// Sends or stages some of the file range at the front; how many bytes went out.
    fn poll_external(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<io::Result<usize>> {
        let Some(Chunk::External { len, source }) = self.chunks.front() else {
            return Poll::Ready(Ok(0));
        };
        let (len, done) = (*len, self.front_done);
        #[cfg(target_os = "linux")]
        if let (true, Some(file)) = (stream.can_send_file(), source.fd()) {
            let offset = source.position() + done as u64;
            let count = (len - done).min(SEND_BYTES_MAX);
            if !crate::page_cache::holds(file, offset, count) {
                self.start_reading();
                return Poll::Ready(Ok(0));
            }
            let sent = ready!(stream.poll_send_file(cx, file, offset, count))?;
            if sent == 0 {
                return Poll::Ready(Err(shorter_than_announced(len, done)));
            }
            self.front_done += sent;
            self.pop_finished_external();
            return Poll::Ready(Ok(sent));
        }
        let _ = (&cx, &stream);
        let piece = source.read_at(done as u64, (len - done).min(READ_BYTES_MAX));
        self.stage(len, piece?)?;
        Poll::Ready(Ok(0))
    }

    /// Takes a piece that was read of the external chunk at the front, which is `len` bytes long.
    fn stage(&mut self, len: usize, piece: Bytes) -> io::Result<()> {
        if piece.is_empty() {
            return Err(shorter_than_announced(len, self.front_done));
        }
        self.staged = piece.slice(..piece.len().min(len - self.front_done));
        self.front_done += self.staged.len();
        self.memory_bytes += self.staged.len();
        Ok(())
    }

    /// Has the external chunk at the front read where blocking holds up nobody else.
    #[cfg(target_os = "linux")]
    fn start_reading(&mut self) {
        let done = self.front_done;
        if let Some(chunk) = self.chunks.pop_front() {
            self.reading = Some(tokio::task::spawn_blocking(move || {
                let piece = match &chunk {
                    Chunk::External { len, source } => {
                        source.read_at(done as u64, (len - done).min(READ_BYTES_MAX))
                    }
                    Chunk::Bytes(_) => Ok(Bytes::new()),
                };
                (chunk, piece)
            }));
        }
    }

    /// Waits for what is being read, if anything is.
    #[cfg(target_os = "linux")]
    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(reading) = &mut self.reading else {
            return Poll::Ready(Ok(()));
        };
        let read = ready!(Pin::new(reading).poll(cx));
        self.reading = None;
        let (chunk, piece) = read.map_err(io::Error::other)?;
        let len = chunk.len();
        self.chunks.push_front(chunk);
        Poll::Ready(piece.and_then(|piece| self.stage(len, piece)))
    }

    fn pop_finished_external(&mut self) {
        if let Some(Chunk::External { len, .. }) = self.chunks.front()
            && *len == self.front_done
            && self.staged.is_empty()
        {
            self.chunks.pop_front();
            self.front_done = 0;
        }
    }
}

fn shorter_than_announced(announced: usize, available: usize) -> io::Error {
    let message = format!("file range of {announced} bytes ends after {available}");
    io::Error::new(io::ErrorKind::UnexpectedEof, message)
}
