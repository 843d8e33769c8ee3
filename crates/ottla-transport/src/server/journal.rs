//! What a server logs about bad clients, at a limited rate: a flood of them must not become a
//! flood of lines.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Peer;

/// Lines that go out per [`WINDOW`]; the rest is counted.
const LINES_MAX: u32 = 20;
const WINDOW: Duration = Duration::from_secs(10);

/// Writes the log lines of one server.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    window: Mutex<Option<Window>>,
}

#[derive(Debug)]
struct Window {
    start: Instant,
    lines: u32,
    withheld: u64,
}

impl Journal {
    /// Logs why a connection was closed.
    pub(crate) fn closed(&self, peer: &Peer, reason: &dyn std::fmt::Display, now: Instant) {
        if let Some(withheld) = self.admit(now) {
            tracing::warn!(%peer, withheld, "connection closed: {reason}");
        }
    }

    /// Logs why a listener cannot accept at present.
    pub(crate) fn accepting(&self, listener: &crate::Address, reason: &dyn std::fmt::Display, now: Instant) {
        if let Some(withheld) = self.admit(now) {
            tracing::warn!(%listener, withheld, "not accepting connections: {reason}");
        }
    }

    /// Whether one more line may go out; then how many were withheld since the last.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut guard = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = guard.get_or_insert(Window { start: now, lines: 0, withheld: 0 });
        if now.saturating_duration_since(window.start) >= WINDOW {
            window.start = now;
            window.lines = 0;
        }
        if window.lines >= LINES_MAX {
            window.withheld += 1;
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.withheld))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_is_counted_and_not_written() {
        let journal = Journal::default();
        #[expect(clippy::disallowed_methods, reason = "any moment will do")]
        let start = Instant::now();
        let written = (0..1_000).filter(|_| journal.admit(start).is_some()).count();
        assert_eq!(written, 20);
        assert_eq!(journal.admit(start + WINDOW), Some(980));
        assert_eq!(journal.admit(start + WINDOW), Some(0));
    }
}
