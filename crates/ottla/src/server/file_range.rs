//! Joins the storage crate's file ranges to the transport crate's file sources.

use std::io;
#[cfg(unix)]
use std::os::fd::BorrowedFd;

use bytes::Bytes;
use ottla_protocol::wire::Chunk;
use ottla_storage::FileRange;
use ottla_transport::FileSource;

/// A range of a segment, as the transport sends it.
#[derive(Clone, Debug)]
pub(crate) struct SegmentRange(FileRange);

impl SegmentRange {
    /// The same chunks, in the same order.
    pub(crate) fn chunks(chunks: Vec<Chunk<FileRange>>) -> Vec<Chunk<Self>> {
        let wrap = |chunk| match chunk {
            Chunk::Bytes(bytes) => Chunk::Bytes(bytes),
            Chunk::External { len, source } => Chunk::External { len, source: Self(source) },
        };
        chunks.into_iter().map(wrap).collect()
    }
}

impl FileSource for SegmentRange {
    #[cfg(unix)]
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.fd()
    }

    fn position(&self) -> u64 {
        self.0.position()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn read_at(&self, at: u64, len: usize) -> io::Result<Bytes> {
        self.0.read_at(at, len)
    }
}
