//! The socket of a connection that a network thread serves: read and written at once, or not yet.
//!
//! The system tells of each change once (edge-triggered `epoll`), into [`Readiness`]. What was told is believed until a call takes
//! less than it could have: it is forgotten before the call and remembered after it, so that what is told meanwhile holds.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll, ready};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Calls that a connection may make before others get their turn.
const CALLS_MAX: u32 = 32;

/// Room of a read that is filled with zeros without asking how much of it will be used.
const UNASKED_BYTES_MAX: usize = 16 * 1024;

const READ: u8 = 1;
const WRITE: u8 = 2;
/// The peer sends no more, or the socket is broken: from here on a read always tells.
const CLOSED: u8 = 4;

/// What the system has told of a socket.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    told: AtomicU8,
    calls_left: AtomicU32,
}

impl Readiness {
    /// What the socket is watched for.
    pub(super) const WATCHED: EventFlags =
        EventFlags::IN.union(EventFlags::OUT).union(EventFlags::RDHUP).union(EventFlags::ET);

    /// Takes an event.
    pub(super) fn tell(&self, event: EventFlags) {
        let mut told = 0;
        if event.contains(EventFlags::IN) {
            told |= READ;
        }
        if event.contains(EventFlags::OUT) {
            told |= WRITE;
        }
        if event.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR) {
            told |= READ | WRITE | CLOSED;
        }
        self.told.fetch_or(told, Ordering::SeqCst);
    }

    /// Begins a turn of the connection.
    pub(super) fn begin_turn(&self) {
        self.calls_left.store(CALLS_MAX, Ordering::Relaxed);
    }

    fn is(&self, what: u8) -> bool {
        self.told.load(Ordering::SeqCst) & (what | CLOSED) != 0
    }

    /// Makes a call that tells how many bytes it moved, of how many it was ready to. `None` when it would have had to wait.
    fn call(
        &self,
        what: u8,
        most: usize,
        call: impl FnOnce() -> Result<usize, Errno>,
    ) -> Option<io::Result<usize>> {
        self.told.fetch_and(!what, Ordering::SeqCst);
        match call() {
            Err(Errno::AGAIN) => None,
            Ok(moved) if moved < most => Some(Ok(moved)),
            result => {
                self.told.fetch_or(what, Ordering::SeqCst);
                Some(result.map_err(io::Error::from))
            }
        }
    }
}

/// A TCP or Unix socket that a network thread of the server watches.
#[derive(Debug)]
pub struct Socket {
    descriptor: Arc<OwnedFd>,
    readiness: Arc<Readiness>,
}

impl Socket {
    pub(super) fn new(descriptor: Arc<OwnedFd>, readiness: Arc<Readiness>) -> Self {
        Self { descriptor, readiness }
    }

    pub(super) fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.descriptor)
    }

    /// Whether one more call may be made now. If not, the task is polled again behind all others.
    fn poll_turn(&self, cx: &Context<'_>) -> Poll<()> {
        let left = self.readiness.calls_left.load(Ordering::Relaxed);
        if left == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.readiness.calls_left.store(left - 1, Ordering::Relaxed);
        Poll::Ready(())
    }

    /// Waits until a read would not have to wait, or might not.
    pub(crate) fn poll_read_ready(&self) -> Poll<()> {
        // The task is polled with each event.
        if self.readiness.is(READ) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Writes up to `most` bytes by one call, which tells how many, once it would not have to wait.
    pub(crate) fn poll_write_by(
        &self,
        cx: &Context<'_>,
        most: usize,
        call: impl FnMut(BorrowedFd<'_>) -> Result<usize, Errno>,
    ) -> Poll<io::Result<usize>> {
        self.poll_by(WRITE, cx, most, call)
    }

    /// Reads into the spare room of `bytes`; 0 is the end of the stream.
    pub(crate) fn poll_read_more(&self, cx: &Context<'_>, bytes: &mut Vec<u8>) -> Poll<io::Result<usize>> {
        let room = bytes.capacity() - bytes.len();
        self.poll_by(READ, cx, room, |socket| {
            let (_, read) = rustix::net::recv(socket, spare_capacity(bytes), RecvFlags::empty())?;
            Ok(read)
        })
    }

    fn poll_by(
        &self,
        what: u8,
        cx: &Context<'_>,
        most: usize,
        mut call: impl FnMut(BorrowedFd<'_>) -> Result<usize, Errno>,
    ) -> Poll<io::Result<usize>> {
        if !self.readiness.is(what) {
            return Poll::Pending;
        }
        ready!(self.poll_turn(cx));
        let call = || rustix::io::retry_on_intr(|| call(self.descriptor.as_fd()));
        // Where it would have had to wait, the task is polled with the event that ends the wait.
        self.readiness.call(what, most, call).map_or(Poll::Pending, Poll::Ready)
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buf.remaining();
        let read = ready!(self.poll_by(READ, cx, room, |socket| {
            let mut used = room;
            if room > UNASKED_BYTES_MAX {
                // No more is filled with zeros than is read. Where nothing is there, a byte tells whether that is the end.
                let there = rustix::io::ioctl_fionread(socket)?;
                used = used.min(usize::try_from(there).unwrap_or(usize::MAX)).max(1);
            }
            rustix::net::recv(socket, buf.initialize_unfilled_to(used), RecvFlags::empty())
                .map(|(read, _)| read)
        }))?;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_by(WRITE, cx, buf.len(), |socket| rustix::net::send(socket, buf, SendFlags::NOSIGNAL))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let most = bufs.iter().map(|buf| buf.len()).sum();
        self.poll_by(WRITE, cx, most, |socket| rustix::io::writev(socket, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(rustix::net::shutdown(&*self.descriptor, rustix::net::Shutdown::Write)?))
    }
}
