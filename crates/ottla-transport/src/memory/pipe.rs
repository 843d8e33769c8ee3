//! The two directions of one in-process connection.
//!
//! Each is a bounded buffer with a waker on either side. Bytes written become readable after the
//! delay that the network's faults say, in order.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use ottla_env::Rng;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::{NetworkFaults, Way};

/// Bytes one direction holds before its writer waits, about what a socket's buffers do.
const BUFFERED_BYTES_MAX: usize = 128 * 1024;

/// What both ends of a connection share.
pub(super) struct Link {
    faults: Mutex<NetworkFaults>,
    /// Spares the perfect network the look at its faults.
    faulty: AtomicBool,
    /// Towards the connecting side, and towards the accepting one.
    directions: [Mutex<Direction>; 2],
}

#[derive(Default)]
struct Direction {
    bytes: BytesMut,
    /// How many bytes become readable when, in order; what it does not count is readable.
    delayed: VecDeque<(Instant, usize)>,
    delayed_bytes: usize,
    /// When what was written so far is through, on a link that takes its time for each byte.
    busy_until: Option<Instant>,
    /// Nothing arrives, as behind a firewall that drops packets; what was sent comes once this ends.
    held: bool,
    write_closed: bool,
    read_closed: bool,
    cut: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Link {
    pub(super) fn new(faults: NetworkFaults) -> Self {
        let link = Self {
            faults: Mutex::new(faults),
            faulty: AtomicBool::new(false),
            directions: [Mutex::default(), Mutex::default()],
        };
        link.set_faults(faults);
        link
    }

    pub(super) fn set_faults(&self, faults: NetworkFaults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
        self.faulty.store(faults != NetworkFaults::default(), Ordering::Release);
    }

    /// The faults, or `None` on a perfect network.
    fn faults(&self) -> Option<NetworkFaults> {
        let faulty = self.faulty.load(Ordering::Acquire);
        faulty.then(|| *self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends both directions at once and forgets what is on the way.
    pub(super) fn cut(&self) {
        for direction in 0..2 {
            let mut state = self.direction(direction);
            state.cut = true;
            state.bytes = BytesMut::new();
            state.delayed.clear();
            state.delayed_bytes = 0;
            let wakers = [state.reader.take(), state.writer.take()];
            drop(state);
            wakers.into_iter().flatten().for_each(Waker::wake);
        }
    }

    /// Holds up all bytes of these directions, or lets them come.
    pub(super) fn set_held(&self, way: Way, held: bool) {
        let directions = [way.is_from_listener(), way.is_to_listener()];
        for (direction, _) in directions.into_iter().enumerate().filter(|(_, is_meant)| *is_meant) {
            let mut state = self.direction(direction);
            state.held = held;
            let reader = state.reader.take().filter(|_| !held);
            drop(state);
            reader.into_iter().for_each(Waker::wake);
        }
    }

    fn direction(&self, index: usize) -> MutexGuard<'_, Direction> {
        // Nothing in here is left half changed by a panic.
        self.directions[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Direction {
    /// Makes what has arrived by `now` readable; when the next bytes will be, if any are on the way.
    fn arrive(&mut self, now: impl Fn() -> Instant) -> Option<Instant> {
        let mut cached = None;
        while let Some(&(at, bytes)) = self.delayed.front() {
            if at > *cached.get_or_insert_with(&now) {
                return Some(at);
            }
            self.delayed_bytes -= bytes;
            self.delayed.pop_front();
        }
        None
    }

    fn readable(&self) -> usize {
        if self.held { 0 } else { self.bytes.len() - self.delayed_bytes }
    }
}

/// One end of a connection over a [`MemoryNetwork`](super::MemoryNetwork).
pub struct MemoryStream {
    link: Arc<Link>,
    /// Index of the direction that leads here; the other leads away.
    inward: usize,
    rng: Rng,
    /// Runs while bytes are on the way here and none has arrived.
    arrival: Option<Pin<Box<Sleep>>>,
}

impl MemoryStream {
    /// Both ends: the connecting one first.
    pub(super) fn pair(link: &Arc<Link>, rng: &mut Rng) -> (Self, Self) {
        let mut end =
            |inward| Self { link: Arc::clone(link), inward, rng: Rng::new(rng.next_u64()), arrival: None };
        (end(0), end(1))
    }

    /// Waits until a read would not have to wait.
    pub(crate) fn poll_read_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut inward = self.link.direction(self.inward);
            let next_arrival = inward.arrive(Instant::now);
            if inward.cut {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let has_ended = inward.write_closed && next_arrival.is_none() && !inward.held;
            if inward.readable() > 0 || has_ended {
                return Poll::Ready(Ok(()));
            }
            if !inward.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
                inward.reader = Some(cx.waker().clone());
            }
            let is_held = inward.held;
            drop(inward);
            let Some(at) = next_arrival.filter(|_| !is_held) else {
                self.arrival = None;
                return Poll::Pending;
            };
            let sleep = self.arrival.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if sleep.deadline() != at {
                sleep.as_mut().reset(at);
            }
            ready!(sleep.as_mut().poll(cx));
            // The timer rounds up to its own grain, so the bytes are there on the next look.
        }
    }

    /// Moves all of `most`, or on a network that splits, perhaps only some.
    fn split(&mut self, faults: Option<&NetworkFaults>, most: usize) -> usize {
        match faults {
            Some(faults) if most > 1 && self.rng.chance(faults.split_chance) => {
                // Small pieces find more than even halves do.
                let bound = if self.rng.chance(0.5) { most.min(16) } else { most };
                1 + usize::try_from(self.rng.below(bound as u64 - 1)).unwrap_or(0)
            }
            _ => most,
        }
    }
}

impl AsyncRead for MemoryStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let coop = ready!(tokio::task::coop::poll_proceed(cx));
        ready!(this.poll_read_ready(cx))?;
        coop.made_progress();
        let faults = this.link.faults();
        let most = this.link.direction(this.inward).readable().min(buf.remaining());
        let count = this.split(faults.as_ref(), most);
        let mut inward = this.link.direction(this.inward);
        // A cut may have come in between.
        let count = count.min(inward.readable());
        buf.put_slice(&inward.bytes[..count]);
        inward.bytes.advance(count);
        let writer = inward.writer.take();
        drop(inward);
        if let Some(writer) = writer {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl MemoryStream {
    fn poll_write_slices(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let coop = ready!(tokio::task::coop::poll_proceed(cx));
        let faults = self.link.faults();
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let allowed = self.split(faults.as_ref(), offered);
        if faults.is_some_and(|faults| self.rng.chance(faults.cut_chance)) {
            self.link.cut();
        }

        let link = Arc::clone(&self.link);
        let mut outward = link.direction(1 - self.inward);
        if outward.cut {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if outward.read_closed || outward.write_closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = BUFFERED_BYTES_MAX - outward.bytes.len();
        if room == 0 && offered > 0 {
            outward.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        coop.made_progress();
        let count = allowed.min(room);
        let mut left = count;
        for slice in slices {
            let part = &slice[..slice.len().min(left)];
            outward.bytes.extend_from_slice(part);
            left -= part.len();
        }
        let delay = faults.map_or(Duration::ZERO, |faults| faults.delay(&mut self.rng));
        let through = faults.map_or(Duration::ZERO, |faults| faults.through(count));
        if count > 0 && (!delay.is_zero() || !through.is_zero() || !outward.delayed.is_empty()) {
            let after = outward.delayed.back().map(|&(at, _)| at);
            let now = Instant::now();
            let sent = outward.busy_until.map_or(now, |busy| busy.max(now)) + through;
            outward.busy_until = Some(sent);
            let at = sent + delay;
            outward.delayed.push_back((after.map_or(at, |after| after.max(at)), count));
            outward.delayed_bytes += count;
        }
        let reader = outward.reader.take();
        drop(outward);
        if let Some(reader) = reader {
            reader.wake();
        }
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_slices(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_slices(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut outward = self.link.direction(1 - self.inward);
        outward.write_closed = true;
        let reader = outward.reader.take();
        drop(outward);
        if let Some(reader) = reader {
            reader.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryStream {
    fn drop(&mut self) {
        let mut outward = self.link.direction(1 - self.inward);
        outward.write_closed = true;
        let reader = outward.reader.take();
        drop(outward);
        let mut inward = self.link.direction(self.inward);
        inward.read_closed = true;
        let writer = inward.writer.take();
        drop(inward);
        [reader, writer].into_iter().flatten().for_each(Waker::wake);
    }
}

impl fmt::Debug for MemoryStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStream")
            .field("readable", &self.link.direction(self.inward).readable())
            .finish()
    }
}
