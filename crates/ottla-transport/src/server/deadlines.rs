//! How long a client may take: for its first request, within a request, between requests, and for
//! taking what is written to it.
//!
//! Only times are kept here. The shell's one timer is set to [`Deadlines::next`] and not moved when
//! a deadline moves away, so that a request costs no timer.

use std::time::{Duration, Instant};

use super::config::ServerConfig;
use crate::deadline::after;

/// Bytes within one request that earn the client another `frame_stall_timeout`.
const STALL_BYTES: usize = 1024 * 1024;

/// How long a connection keeps its read buffer after it went quiet.
const QUIET: Duration = Duration::from_secs(1);

/// The deadline that a client has missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Expired {
    #[error("no whole request within {0:?} of connecting")]
    FirstRequest(Duration),
    #[error("stalled within a request for {0:?}")]
    Frame(Duration),
    #[error("took none of its answers for {0:?}")]
    Write(Duration),
    #[error("idle for connections.max.idle.ms of {0:?}")]
    Idle(Duration),
}

/// What a connection is doing, as far as deadlines go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Activity {
    pub(crate) first_request: bool,
    pub(crate) mid_frame: bool,
    pub(crate) in_flight: bool,
    pub(crate) holds_buffer: bool,
}

#[derive(Debug)]
pub(crate) struct Deadlines {
    first_request_timeout: Duration,
    frame_stall_timeout: Duration,
    write_stall_timeout: Duration,
    idle_timeout: Duration,
    opened: Instant,
    last_activity: Instant,
    /// When the frame at the front last earned time, and what arrived of it since.
    frame_since: Option<Instant>,
    frame_bytes: usize,
    /// When the peer last took bytes while some were waiting.
    write_since: Option<Instant>,
    written_bytes: u64,
}

impl Deadlines {
    pub(crate) fn new(config: &ServerConfig, now: Instant) -> Self {
        Self {
            first_request_timeout: config.first_request_timeout,
            frame_stall_timeout: config.frame_stall_timeout,
            write_stall_timeout: config.write_stall_timeout,
            idle_timeout: config.connections_max_idle,
            opened: now,
            last_activity: now,
            frame_since: None,
            frame_bytes: 0,
            write_since: None,
            written_bytes: 0,
        }
    }

    /// Bytes came in.
    pub(crate) fn read(&mut self, count: usize, now: Instant) {
        self.last_activity = now;
        self.frame_bytes += count;
        if self.frame_since.is_none() || self.frame_bytes >= STALL_BYTES {
            self.frame_since = Some(now);
            self.frame_bytes = 0;
        }
    }

    /// A request is there in full; bytes of the next one may be as well.
    pub(crate) fn request(&mut self, more: bool) {
        self.frame_since = more.then_some(self.last_activity);
        self.frame_bytes = 0;
    }

    /// Reading goes on after it was held back from this side.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.frame_since = Some(now);
        self.frame_bytes = 0;
    }

    /// Something happened on this side that keeps the connection from being idle.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.last_activity = now;
    }

    /// Bytes were written, or could not be.
    pub(crate) fn write(&mut self, queued_bytes: usize, written_bytes: u64, now: Instant) {
        if queued_bytes == 0 {
            self.write_since = None;
        } else if self.write_since.is_none() || written_bytes > self.written_bytes {
            self.write_since = Some(now);
        }
        self.written_bytes = written_bytes;
    }

    /// Whether the connection has been still for long enough to do without a buffer.
    pub(crate) fn is_quiet(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_activity) >= QUIET
    }

    /// The next moment to look at [`check`](Self::check), if one is known.
    pub(crate) fn next(&self, activity: Activity) -> Option<Instant> {
        let quiet = activity.holds_buffer.then(|| self.last_activity + QUIET);
        let expiring = self.expiring(activity).into_iter().flatten().map(|(at, _)| at);
        expiring.chain(quiet).min()
    }

    /// # Errors
    /// The deadline that has passed.
    pub(crate) fn check(&self, activity: Activity, now: Instant) -> Result<(), Expired> {
        match self.expiring(activity).into_iter().flatten().find(|&(at, _)| at <= now) {
            Some((_, expired)) => Err(expired),
            None => Ok(()),
        }
    }

    /// Deadlines that run at present.
    fn expiring(&self, activity: Activity) -> [Option<(Instant, Expired)>; 4] {
        let first = activity.first_request.then(|| {
            (
                after(self.opened, self.first_request_timeout),
                Expired::FirstRequest(self.first_request_timeout),
            )
        });
        let frame = match self.frame_since {
            Some(since) if activity.mid_frame => {
                Some((after(since, self.frame_stall_timeout), Expired::Frame(self.frame_stall_timeout)))
            }
            _ => None,
        };
        let write = self
            .write_since
            .map(|since| (after(since, self.write_stall_timeout), Expired::Write(self.write_stall_timeout)));
        // A request that waits on this side, however long, is no idleness.
        let idle = (!activity.in_flight)
            .then(|| (after(self.last_activity, self.idle_timeout), Expired::Idle(self.idle_timeout)));
        [first, frame, write, idle]
    }
}
