//! What happened, in order: a running hash of all of it, the lines if they are wanted, and what must not be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Problems that are kept; one cause tends to have many.
const PROBLEMS_MAX: usize = 12;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Trace {
    began: Instant,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    hash: u64,
    lines: Option<Vec<String>>,
    problems: Vec<String>,
}

impl Trace {
    /// Begins now.
    pub(crate) fn new(with_lines: bool) -> Self {
        let inner =
            Inner { hash: 0xcbf2_9ce4_8422_2325, lines: with_lines.then(Vec::new), problems: Vec::new() };
        Self { began: Instant::now(), inner: Arc::new(Mutex::new(inner)) }
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Adds an event.
    pub(crate) fn note(&self, event: &str) {
        let line = format!("{:>12} {event}", self.began.elapsed().as_micros());
        let mut inner = self.lock();
        for byte in line.bytes() {
            inner.hash = (inner.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut inner.lines {
            lines.push(line);
        }
    }

    /// Adds a line that is no event: it is not in the hash.
    pub(crate) fn line(&self, line: &str) {
        let micros = self.began.elapsed().as_micros();
        if let Some(lines) = &mut self.lock().lines {
            lines.push(format!("{micros:>12} {line}"));
        }
    }

    pub(crate) fn problem(&self, problem: String) {
        self.note(&format!("PROBLEM {problem}"));
        let problems = &mut self.lock().problems;
        if problems.len() < PROBLEMS_MAX {
            problems.push(problem);
        }
    }

    /// The hash, the lines and the problems.
    pub(crate) fn told(&self) -> (u64, Vec<String>, Vec<String>) {
        let inner = self.lock();
        (inner.hash, inner.lines.clone().unwrap_or_default(), inner.problems.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half changed by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
