//! One connection's bytes, whatever carries them.
//!
//! An enum and not a boxed trait: TCP is the fast path, and the compiler sees through it. TLS will
//! be a variant of its own. What the bytes mean is not known here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::memory::MemoryStream;

/// A connected byte stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
    /// Within the process.
    Memory(MemoryStream),
}

/// Runs one expression on whichever stream it is.
macro_rules! each {
    ($self:expr, $stream:ident => $do:expr) => {
        match $self {
            Stream::Tcp($stream) => $do,
            #[cfg(unix)]
            Stream::Unix($stream) => $do,
            Stream::Memory($stream) => $do,
        }
    };
}

impl Stream {
    /// Waits until a read would not have to wait, so that no buffer is held meanwhile.
    pub(crate) fn poll_read_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => stream.poll_read_ready(cx))
    }
}

#[cfg(target_os = "linux")]
mod send_file {
    //! A file range straight from the page cache to a socket.

    use std::io;
    use std::os::fd::BorrowedFd;
    use std::task::{Context, Poll, ready};

    use tokio::io::Interest;

    use super::Stream;

    impl Stream {
        /// Whether [`poll_send_file`](Self::poll_send_file) serves this stream.
        pub(crate) fn can_send_file(&self) -> bool {
            match self {
                Self::Tcp(_) | Self::Unix(_) => true,
                Self::Memory(_) => false,
            }
        }

        /// Sends up to `len` bytes that stand at `offset` in `file`; 0 is the end of the file.
        pub(crate) fn poll_send_file(
            &mut self,
            cx: &mut Context<'_>,
            file: BorrowedFd<'_>,
            offset: u64,
            len: usize,
        ) -> Poll<io::Result<usize>> {
            macro_rules! send {
                ($stream:expr) => {
                    loop {
                        ready!($stream.poll_write_ready(cx))?;
                        let sent = $stream.try_io(Interest::WRITABLE, || {
                            let mut at = offset;
                            Ok(rustix::fs::sendfile(&*$stream, file, Some(&mut at), len)?)
                        });
                        match sent {
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                            sent => return Poll::Ready(sent),
                        }
                    }
                };
            }
            match self {
                Self::Tcp(stream) => send!(stream),
                Self::Unix(stream) => send!(stream),
                Self::Memory(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Self {
        Self::Tcp(stream)
    }
}

#[cfg(unix)]
impl From<UnixStream> for Stream {
    fn from(stream: UnixStream) -> Self {
        Self::Unix(stream)
    }
}

impl From<MemoryStream> for Stream {
    fn from(stream: MemoryStream) -> Self {
        Self::Memory(stream)
    }
}
