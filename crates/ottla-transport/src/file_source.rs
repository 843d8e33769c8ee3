//! A range of a file that is sent without passing through this process, where the system can.
//!
//! The range's owner (the storage engine, say) says what it is; the write path decides how it is
//! sent: `sendfile` where stream and system allow it, reads in pieces elsewhere.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::fd::BorrowedFd;

use bytes::Bytes;
use ottla_protocol::wire::NoFile;

/// The source of a [`Chunk::External`](ottla_protocol::wire::Chunk): a range of a file.
pub trait FileSource: fmt::Debug + Send + 'static {
    /// The open file, if there is one; `None` has the range read by [`read_at`](Self::read_at).
    #[cfg(unix)]
    fn fd(&self) -> Option<BorrowedFd<'_>>;

    /// Where in the file the range starts.
    fn position(&self) -> u64;

    /// How many bytes the range has.
    fn len(&self) -> usize;

    /// Whether the range has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads up to `len` bytes at `at`, counted from the start of the range. May block.
    ///
    /// Fewer bytes are no error; none, before the announced end, closes the connection.
    ///
    /// # Errors
    /// What the file system says.
    fn read_at(&self, at: u64, len: usize) -> io::Result<Bytes>;
}

impl FileSource for NoFile {
    #[cfg(unix)]
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        match *self {}
    }

    fn position(&self) -> u64 {
        match *self {}
    }

    fn len(&self) -> usize {
        match *self {}
    }

    fn read_at(&self, _at: u64, _len: usize) -> io::Result<Bytes> {
        match *self {}
    }
}
