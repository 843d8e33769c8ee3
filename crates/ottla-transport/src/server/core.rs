//! The server's half of one connection, with neither socket nor clock: bytes and time go in,
//! requests, limits and deadlines come out.
//!
//! It decides when a request may be called, when to read on, and when to give up. Who reads, calls
//! and writes is the shell in `connection`; how long everything may take is in `deadlines`.

use std::time::Instant;

use bytes::Bytes;

use super::config::ServerConfig;
use super::deadlines::{Deadlines, Expired};
use super::inbound::{Inbound, LARGE_BYTES};
use super::violation::{self, HEADER_BYTES_MIN, Violation};

/// What a connection may buffer without asking the budget: small requests, or the start of a
/// large one.
pub(crate) const FREE_BYTES: usize = 64 * 1024;

/// How many times what has arrived of a request the budget is asked for, so that the rest may follow.
const BUDGET_STEP: usize = 4;

/// Bytes of the size before each request.
const PREFIX_BYTES: usize = 4;

/// The least room that a read gets.
const READ_BYTES_MIN: usize = 8 * 1024;

/// Bytes in memory that wait to be written before further requests are called.
const UNWRITTEN_BYTES_MAX: usize = 1024 * 1024;

/// Server side of one connection.
#[derive(Debug)]
pub(crate) struct Core {
    frame_bytes_max: usize,
    in_flight_max: usize,
    inbound: Inbound,
    /// Size of the frame at the front of `inbound`, once its prefix was read.
    frame: Option<Frame>,
    /// Room that the next read gets; grows while reads fill it.
    read_bytes: usize,
    /// About the largest request that this client has lately sent, and may be trusted with again.
    earned_bytes: usize,
    first_request_seen: bool,
    eof: bool,
    draining: bool,
    closing: bool,
    in_flight: usize,
    /// A request in flight does not let others overtake its wait.
    exclusive: bool,
    /// The budget had no room for a request in flight: no further ones until all are answered.
    over_budget: bool,
    unwritten_bytes: usize,
    deadlines: Deadlines,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    size: usize,
    header_checked: bool,
    /// How much of it may be held: what a connection may buffer anyway, then what the budget gave.
    allowed: usize,
    /// How much of it may be held once the budget gave what it was asked for.
    asked: usize,
}

impl Core {
    pub(crate) fn new(config: &ServerConfig, now: Instant) -> Self {
        Self {
            frame_bytes_max: config.frame_bytes_max,
            in_flight_max: config.in_flight_max.max(1),
            inbound: Inbound::default(),
            frame: None,
            read_bytes: READ_BYTES_MIN,
            earned_bytes: 0,
            first_request_seen: false,
            eof: false,
            draining: false,
            closing: false,
            in_flight: 0,
            exclusive: false,
            over_budget: false,
            unwritten_bytes: 0,
            deadlines: Deadlines::new(config, now),
        }
    }

    /// Whether the shell should read now. If not, the peer is held back by its socket.
    pub(crate) fn wants_read(&self) -> bool {
        if self.eof || self.draining || self.closing {
            return false;
        }
        match self.frame {
            // Large frames are read on only within the budget.
            Some(frame) if self.inbound.len() < frame.size => self.inbound.len() < frame.allowed,
            // A whole frame waits for its turn; what follows is read ahead, within bounds, which
            // also shows the end of the stream.
            _ => self.inbound.len() < FREE_BYTES,
        }
    }

    /// Whether nothing is held that a read could be waiting with.
    pub(crate) fn holds_no_buffer(&self) -> bool {
        !self.inbound.holds_memory()
    }

    /// Where the shell reads into: no more than there is spare room. It grows only as bytes really arrive.
    pub(crate) fn read_buf(&mut self) -> &mut Vec<u8> {
        let held = self.inbound.len();
        let large = self.frame.filter(|frame| frame.size > LARGE_BYTES.max(held));
        let Some(frame) = large else {
            let most = FREE_BYTES.saturating_sub(held).max(1);
            return self.inbound.room(self.read_bytes.min(most), READ_BYTES_MIN);
        };
        // A few times what has arrived, or what the client once made good, so that a size
        // alone reserves nothing.
        let trusted = (held * BUDGET_STEP).max(self.earned_bytes).max(self.read_bytes);
        let allowed = frame.allowed.saturating_sub(held).max(1);
        let room = (frame.size - held).min(trusted).min(allowed);
        // A little room is left to be used up first, unless there is little to move and much to come.
        let least = if held <= FREE_BYTES && room > FREE_BYTES { room } else { READ_BYTES_MIN };
        self.inbound.large_room(room, least)
    }

    /// Says that `count` bytes were read, however the network cut them; 0 is the end of the stream.
    pub(crate) fn handle_read(&mut self, count: usize, now: Instant) {
        if count == 0 {
            self.eof = true;
            return;
        }
        if self.inbound.is_full() {
            self.read_bytes = (self.read_bytes * 2).min(FREE_BYTES);
        }
        self.deadlines.read(count, now);
    }

    /// The next request to call, if one is there in full and it is its turn.
    ///
    /// # Errors
    /// Every error is final: the bytes can no longer be trusted, so close the connection.
    pub(crate) fn poll_request(
        &mut self,
        overlaps: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Option<Bytes>, Violation> {
        if self.closing || self.draining {
            return Ok(None);
        }
        let Some(frame) = self.parse_frame()? else {
            return Ok(None);
        };
        if self.inbound.len() < frame.size || !self.has_room() {
            return Ok(None);
        }
        if self.in_flight > 0 && (self.exclusive || !overlaps(&self.inbound.bytes()[..frame.size])) {
            return Ok(None);
        }
        self.frame = None;
        self.first_request_seen = true;
        // What is earned wears off, so that a single large request is not remembered for ever.
        self.earned_bytes = frame.size.max(self.earned_bytes - self.earned_bytes.div_ceil(8));
        let request = self.inbound.take(frame.size);
        self.deadlines.request(!self.inbound.is_empty());
        Ok(Some(request))
    }

    /// Reads the prefix of the frame at the front, and judges its header as soon as it is there.
    fn parse_frame(&mut self) -> Result<Option<Frame>, Violation> {
        if self.frame.is_none() {
            let Some(prefix) = self.inbound.bytes().first_chunk::<PREFIX_BYTES>() else {
                return Ok(None);
            };
            let size = violation::frame_size(*prefix, self.frame_bytes_max, !self.first_request_seen)?;
            self.inbound.advance(PREFIX_BYTES);
            let allowed = size.min(FREE_BYTES);
            self.frame = Some(Frame { size, header_checked: false, allowed, asked: allowed });
        }
        if let Some(frame) = &mut self.frame
            && !frame.header_checked
            && let Some(header) = self.inbound.bytes().first_chunk::<HEADER_BYTES_MIN>()
        {
            violation::check_header(*header)?;
            frame.header_checked = true;
        }
        Ok(self.frame)
    }

    /// Whether one more request may be in flight.
    fn has_room(&self) -> bool {
        self.in_flight < self.in_flight_max
            && !self.is_write_bound()
            && !(self.over_budget && self.in_flight > 0)
    }

    /// Bytes to take from the budget before reading goes on; the same until [`grant`](Self::grant) is called.
    ///
    /// A size is a promise: the budget is asked for no more than a few times what has arrived, unless the client
    /// has sent as much before.
    pub(crate) fn wanted_bytes(&mut self) -> Option<usize> {
        if self.draining || self.closing {
            return None;
        }
        let held = self.inbound.len();
        let frame = self.frame.as_mut().filter(|frame| frame.header_checked && frame.allowed < frame.size)?;
        if frame.asked == frame.allowed {
            // A step that would leave little goes to the end.
            let nearly_there = held >= frame.allowed && held >= frame.size / (2 * BUDGET_STEP);
            if self.earned_bytes >= frame.size || nearly_there {
                frame.asked = frame.size;
            } else if held >= frame.allowed {
                frame.asked = frame.size.min(held.saturating_mul(BUDGET_STEP));
            } else {
                return None;
            }
        }
        // What a connection may buffer anyway is taken with the first step.
        let taken = if frame.allowed > FREE_BYTES { frame.allowed } else { 0 };
        Some(frame.asked - taken)
    }

    /// Says that the budget gave what [`wanted_bytes`](Self::wanted_bytes) said, or, `without_limit`, that it
    /// need not be asked any more for this request.
    pub(crate) fn grant(&mut self, without_limit: bool, now: Instant) {
        if let Some(frame) = &mut self.frame {
            frame.allowed = if without_limit { frame.size } else { frame.asked };
            frame.asked = frame.allowed;
        }
        self.deadlines.resume(now);
    }

    /// Says that the request last polled is in flight: its answer comes later.
    pub(crate) fn handle_pending(&mut self, overlap: bool, within_budget: bool) {
        self.in_flight += 1;
        self.exclusive |= !overlap;
        self.over_budget |= !within_budget;
    }

    /// Says that the oldest request in flight was answered.
    pub(crate) fn handle_answer(&mut self, now: Instant) {
        self.in_flight -= 1;
        if self.in_flight == 0 {
            self.exclusive = false;
            self.over_budget = false;
        }
        self.deadlines.touch(now);
    }

    /// Says how many bytes of answers in memory wait to be written.
    pub(crate) fn handle_unwritten(&mut self, memory_bytes: usize) {
        self.unwritten_bytes = memory_bytes;
    }

    /// Whether further requests wait for answers to be written.
    pub(crate) fn is_write_bound(&self) -> bool {
        self.unwritten_bytes >= UNWRITTEN_BYTES_MAX
    }

    /// Says after a write how many bytes still wait in memory, and in all, and how many were
    /// written since the start.
    pub(crate) fn handle_write(
        &mut self,
        memory_bytes: usize,
        queued_bytes: usize,
        written_bytes: u64,
        now: Instant,
    ) {
        self.unwritten_bytes = memory_bytes;
        self.deadlines.write(queued_bytes, written_bytes, now);
    }

    /// Starts no further request and reads no further byte; those in flight are answered.
    pub(crate) fn drain(&mut self) {
        self.draining = true;
        self.frame = None;
        self.inbound = Inbound::default();
    }

    /// Closes once earlier requests are answered.
    pub(crate) fn close(&mut self) {
        self.closing = true;
        self.frame = None;
        self.inbound = Inbound::default();
    }

    /// Whether nothing is left to do but to close the stream, given that nothing waits to be written.
    pub(crate) fn is_finished(&self) -> bool {
        if self.draining || self.closing {
            return self.in_flight == 0;
        }
        // The client is gone: nobody reads the answers, but whole requests that it left behind
        // (`Produce` with `acks=0`, say) are still called when it is their turn.
        self.eof && !self.frame_complete()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest; `None` while the
    /// connection waits for nothing but this side.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.next(self.activity())
    }

    /// Lets time pass: releases memory of a connection gone quiet.
    ///
    /// # Errors
    /// The deadline that has passed; close the connection.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), Expired> {
        self.deadlines.check(self.activity(), now)?;
        if self.inbound.is_empty() && self.deadlines.is_quiet(now) {
            self.inbound = Inbound::default();
            self.read_bytes = READ_BYTES_MIN;
            self.earned_bytes = 0;
        }
        Ok(())
    }

    fn activity(&self) -> super::deadlines::Activity {
        super::deadlines::Activity {
            // Time counts against the client only while it is the one that is waited for.
            first_request: !self.first_request_seen && self.wants_read(),
            mid_frame: self.wants_read()
                && (self.frame.is_some() || !self.inbound.is_empty())
                && !self.frame_complete(),
            in_flight: self.in_flight > 0,
            holds_buffer: self.inbound.is_empty() && self.inbound.holds_memory(),
        }
    }

    fn frame_complete(&self) -> bool {
        self.frame.is_some_and(|frame| self.inbound.len() >= frame.size)
    }
}

#[cfg(test)]
mod tests;
