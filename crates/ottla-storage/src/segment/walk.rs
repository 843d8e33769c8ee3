//! From batch to batch through the file of a segment.
//!
//! A walk reads headers or whole batches and says where one is damaged. What follows from damage
//! (cut, keep, answer an error) is decided by recovery and by the readers.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use ottla_protocol::records::{BATCH_HEADER_LEN, Batch, BatchHeader};

use crate::disk::File;

/// The largest batch that a log takes or believes to find, in bytes. It bounds the memory that a
/// damaged length can claim.
pub(crate) const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes read at once when only headers are wanted: batches are often larger than this.
pub(crate) const HEADERS_AHEAD: usize = 4 * 1024;
/// Bytes read at once when all of the data is wanted.
pub(crate) const DATA_AHEAD: usize = 1024 * 1024;

/// What a walk comes upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// A batch that is whole; the walk is past it now.
    Found(T),
    /// Bytes that are no batch; the walk stays before them.
    Bad,
    /// The end.
    End,
}

/// A walk through the bytes of a segment, from a position where a batch starts.
#[derive(Debug)]
pub(crate) struct Walk {
    file: Arc<dyn File>,
    position: u32,
    end: u32,
    ahead: usize,
    window: Bytes,
    window_at: u32,
}

impl Walk {
    /// A walk from `position` to `end`, reading `ahead` bytes at once.
    pub(crate) fn new(file: Arc<dyn File>, position: u32, end: u32, ahead: usize) -> Self {
        Self { file, position, end, ahead, window: Bytes::new(), window_at: position }
    }

    /// Where the next batch starts.
    pub(crate) fn position(&self) -> u32 {
        self.position
    }

    /// Goes on from another place.
    pub(crate) fn jump(&mut self, position: u32) {
        self.position = position;
    }

    /// The next header. Its batch lies within the end; its body is not looked at.
    pub(crate) async fn next_header(&mut self) -> io::Result<Next<BatchHeader>> {
        let next = self.peek_header().await?;
        if let Next::Found(header) = &next {
            self.position += len_u32(header.size());
        }
        Ok(next)
    }

    /// The next batch, its checksum right.
    pub(crate) async fn next_batch(&mut self) -> io::Result<Next<Batch>> {
        let header = match self.peek_header().await? {
            Next::Found(header) => header,
            Next::Bad => return Ok(Next::Bad),
            Next::End => return Ok(Next::End),
        };
        let len = header.size();
        let mut bytes = self.bytes(len).await?;
        if bytes.len() < len {
            return Ok(Next::Bad);
        }
        match Batch::split_first(&mut bytes) {
            Ok(Some(batch)) if batch.crc_is_valid() => {
                self.position += len_u32(len);
                Ok(Next::Found(batch))
            }
            _ => Ok(Next::Bad),
        }
    }

    async fn peek_header(&mut self) -> io::Result<Next<BatchHeader>> {
        if self.position >= self.end {
            return Ok(Next::End);
        }
        let bytes = self.bytes(BATCH_HEADER_LEN).await?;
        let Ok(header) = BatchHeader::parse(&bytes) else { return Ok(Next::Bad) };
        let fits = header.size() <= BATCH_BYTES_MAX
            && header.size() <= (self.end - self.position) as usize
            && header.base_offset >= 0
            && header.last_offset_delta >= 0
            && header.base_offset.checked_add(i64::from(header.last_offset_delta) + 1).is_some();
        Ok(if fits { Next::Found(header) } else { Next::Bad })
    }

    /// `len` bytes at the position; fewer where the end or the end of the file comes first.
    async fn bytes(&mut self, len: usize) -> io::Result<Bytes> {
        let left = (self.end - self.position) as usize;
        let len = len.min(left);
        let held = self.held(len);
        if held.len() == len {
            return Ok(held);
        }
        let ahead = len.max(self.ahead).min(left);
        self.window = self.file.read_at(u64::from(self.position), ahead).bytes().await?;
        self.window_at = self.position;
        Ok(self.held(len))
    }

    /// As much of `len` bytes at the position as the window holds.
    fn held(&self, len: usize) -> Bytes {
        let Some(from) = self.position.checked_sub(self.window_at) else { return Bytes::new() };
        let from = (from as usize).min(self.window.len());
        let to = (from + len).min(self.window.len());
        self.window.slice(from..to)
    }
}

/// A length that was held against a segment, whose positions are `u32`.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).expect("a batch within a segment is shorter than 4 GiB")
}
