//! One connection's bytes, whatever carries them.
//!
//! An enum and not a boxed trait: TCP is the fast path, and the compiler sees through it. TLS will
//! be a variant of its own. What the bytes mean is not known here.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::memory::MemoryStream;
#[cfg(target_os = "linux")]
use crate::network_threads::Socket;

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
    /// Over TCP or a Unix socket, on the server's side, where a network thread serves it.
    #[cfg(target_os = "linux")]
    Served(Socket),
}

/// Runs one expression on whichever stream it is.
macro_rules! each {
    ($self:expr, $stream:ident => $do:expr) => {
        match $self {
            Stream::Tcp($stream) => $do,
            #[cfg(unix)]
            Stream::Unix($stream) => $do,
            Stream::Memory($stream) => $do,
            #[cfg(target_os = "linux")]
            Stream::Served($stream) => $do,
        }
    };
}

impl Stream {
    /// Whether it is a socket of the operating system.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_of_the_system(&self) -> bool {
        matches!(self, Self::Tcp(_) | Self::Unix(_))
    }

    /// Waits until a read would not have to wait, so that no buffer is held meanwhile.
    pub(crate) fn poll_read_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(cx),
            #[cfg(unix)]
            Self::Unix(stream) => stream.poll_read_ready(cx),
            Self::Memory(stream) => stream.poll_read_ready(cx),
            #[cfg(target_os = "linux")]
            Self::Served(socket) => socket.poll_read_ready().map(Ok),
        }
    }
}

impl Stream {
    /// Reads into the spare room of `bytes`, of which there is some; 0 is the end of the stream.
    pub(crate) fn poll_read_more(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Served(socket) => socket.poll_read_more(cx, bytes),
            stream => pin!(stream.read_buf(bytes)).poll(cx),
        }
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
                Self::Tcp(_) | Self::Unix(_) | Self::Served(_) => true,
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
                // It may also send less because the file ends: only a refusal tells that the socket is full.
                Self::Served(socket) => socket.poll_write_by(cx, 1, |socket| {
                    let mut at = offset;
                    rustix::fs::sendfile(socket, file, Some(&mut at), len)
                }),
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
