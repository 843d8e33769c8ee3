//! The client's half of one connection, with neither socket nor clock.
//!
//! Kafka answers a connection's requests in order, so what is in flight is a queue, and an answer
//! out of turn is a protocol violation, not something to search for. `W` is whoever waits for an
//! answer. The shell that reads, writes and sleeps is in `driver`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use ottla_protocol::frame::FrameDecoder;

use crate::{Disconnect, Sent, deadline};

/// Client side of one connection.
#[derive(Debug)]
pub(crate) struct Core<W> {
    frames: FrameDecoder,
    in_flight: VecDeque<InFlight<W>>,
    /// Where, counted in bytes from the start, requests without an answer end that are not written.
    oneway_ends: VecDeque<u64>,
    queued_bytes: u64,
    written_bytes: u64,
    /// No deadline is earlier. It may be that of a request that was answered since.
    earliest: Option<Instant>,
}

#[derive(Debug)]
struct InFlight<W> {
    correlation_id: i32,
    deadline: Instant,
    timeout: Duration,
    /// Where its first byte stands in all that is written.
    start: u64,
    waiter: W,
}

/// A request that had no answer in time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TimedOut {
    pub(crate) after: Duration,
}

impl<W> Core<W> {
    pub(crate) fn new(frame_bytes_max: usize) -> Self {
        Self {
            frames: FrameDecoder::new(frame_bytes_max),
            in_flight: VecDeque::new(),
            oneway_ends: VecDeque::new(),
            queued_bytes: 0,
            written_bytes: 0,
            earliest: None,
        }
    }

    /// Says that a request of `len` bytes is queued for writing, and will be answered.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        correlation_id: i32,
        len: usize,
        timeout: Duration,
        waiter: W,
    ) {
        let deadline = deadline::after(now, timeout);
        self.earliest = Some(self.earliest.map_or(deadline, |earliest| earliest.min(deadline)));
        let start = self.queued_bytes;
        self.queued_bytes += len as u64;
        self.in_flight.push_back(InFlight { correlation_id, deadline, timeout, start, waiter });
    }

    /// Says that a request of `len` bytes is queued for writing, and will have no answer.
    pub(crate) fn send_oneway(&mut self, len: usize) {
        self.queued_bytes += len as u64;
        self.oneway_ends.push_back(self.queued_bytes);
    }

    /// Says how many bytes were written since the start; how many requests without an answer are
    /// done with that.
    pub(crate) fn handle_write(&mut self, written_bytes: u64) -> usize {
        self.written_bytes = written_bytes;
        let done = self.oneway_ends.iter().take_while(|&&end| end <= written_bytes).count();
        self.oneway_ends.drain(..done);
        done
    }

    /// Where the shell reads into; grows only as bytes really arrive.
    pub(crate) fn read_buf(&mut self) -> &mut BytesMut {
        self.frames.read_buf()
    }

    /// The next whole answer and who waits for it, or `None` until more bytes come in.
    ///
    /// # Errors
    /// Every error is final: the stream can no longer be trusted, so close it.
    pub(crate) fn poll_response(&mut self) -> Result<Option<(W, Bytes)>, Disconnect> {
        let Some(frame) = self.frames.next_frame()? else {
            return Ok(None);
        };
        let Some(id) = frame.first_chunk::<4>() else {
            return Err(Disconnect::AnswerTooShort { size: frame.len() });
        };
        let actual = i32::from_be_bytes(*id);
        let expected = self.in_flight.front().ok_or(Disconnect::Unrequested)?.correlation_id;
        if expected != actual {
            return Err(Disconnect::WrongCorrelationId { expected, actual });
        }
        Ok(self.in_flight.pop_front().map(|request| (request.waiter, frame)))
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` while nothing is in flight.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.in_flight.is_empty() { None } else { self.earliest }
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// A request that had no answer in time: close the connection.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), TimedOut> {
        let expired = self.in_flight.iter().find(|request| request.deadline <= now);
        if let Some(request) = expired {
            return Err(TimedOut { after: request.timeout });
        }
        self.earliest = self.in_flight.iter().map(|request| request.deadline).min();
        Ok(())
    }

    /// Whether nothing is in flight, whose answer somebody waits for, and everything is written.
    pub(crate) fn is_idle(&self, mut is_waited_for: impl FnMut(&W) -> bool) -> bool {
        self.queued_bytes == self.written_bytes
            && !self.in_flight.iter().any(|request| is_waited_for(&request.waiter))
    }

    /// Gives up all that is in flight, oldest first: who waited, whether the peer can have got the
    /// request, and how long it was waited for if it is out of time at `now`.
    pub(crate) fn give_up(
        &mut self,
        now: Option<Instant>,
    ) -> impl Iterator<Item = (W, Sent, Option<Duration>)> + '_ {
        let written_bytes = self.written_bytes;
        self.in_flight.drain(..).map(move |request| {
            let sent = if request.start < written_bytes { Sent::Perhaps } else { Sent::No };
            let expired = now.is_some_and(|now| request.deadline <= now).then_some(request.timeout);
            (request.waiter, sent, expired)
        })
    }
}

#[cfg(test)]
mod tests;
