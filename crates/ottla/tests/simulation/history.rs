//! What the clients of one world did and saw, in order, and a running hash of all of it: the trace.
//!
//! What can be judged as it happens is judged here, against everything seen before by anybody; the rest is for
//! [`checks`](crate::checks).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use ottla::client::TopicPartition;
use tokio::time::Instant;

use crate::groups::seen::Seen;

/// Problems that are kept; one cause tends to have many.
const PROBLEMS_MAX: usize = 12;

/// A send, by its place in the history.
pub(crate) type SendId = usize;

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not known yet.
    Open,
    /// Acknowledged, with its offset unless nobody was asked for it.
    Ok(Option<i64>),
    /// Certainly not written.
    Fail,
    /// Written or not.
    Info,
}

/// What one producer promises, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) is_idempotent: bool,
    pub(crate) is_acks_all: bool,
}

/// One record that a producer was given.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) producer: usize,
    pub(crate) number: u32,
    pub(crate) promise: Promise,
    pub(crate) place: TopicPartition,
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Bytes,
    pub(crate) begun_ms: u64,
    pub(crate) ended_ms: u64,
    pub(crate) outcome: Outcome,
}

/// Everything that happened in one world. Clones share it.
#[derive(Clone)]
pub(crate) struct History {
    began: Instant,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
pub(crate) struct Inner {
    trace: u64,
    lines: Option<Vec<String>>,
    pub(crate) problems: Vec<String>,
    pub(crate) sends: Vec<Sent>,
    by_value: BTreeMap<Bytes, SendId>,
    /// What readers saw, whoever they were: it must never change.
    pub(crate) seen: BTreeMap<TopicPartition, BTreeMap<i64, SendId>>,
    /// Where the end of each partition must at least be, by what anybody was told.
    floors: BTreeMap<TopicPartition, i64>,
    pub(crate) power_losses_ms: Vec<u64>,
    /// When a connection or the broker may have been lost, so that a retry may follow.
    pub(crate) disruptions_ms: Vec<u64>,
    /// Whether connections are cut at any time.
    pub(crate) has_random_cuts: bool,
    /// Whether a call to the disk failed on purpose.
    pub(crate) has_failed_calls: bool,
    pub(crate) groups: BTreeMap<String, Seen>,
    pub(crate) reads: u64,
    pub(crate) crashes: u64,
}

impl History {
    /// An empty history that begins now; with lines, every event is kept as text.
    pub(crate) fn new(with_lines: bool) -> Self {
        let inner =
            Inner { lines: with_lines.then(Vec::new), trace: 0xcbf2_9ce4_8422_2325, ..Inner::default() };
        Self { began: Instant::now(), inner: Arc::new(Mutex::new(inner)) }
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Adds an event to the trace.
    pub(crate) fn note(&self, event: &str) {
        let micros = self.began.elapsed().as_micros();
        self.look(|inner| inner.note(micros, event));
    }

    /// Adds a line that is no event: it is not in the trace.
    pub(crate) fn line(&self, line: &str) {
        let micros = self.began.elapsed().as_micros();
        if let Some(lines) = &mut self.lock().lines {
            lines.push(format!("{micros:>12} {line}"));
        }
    }

    /// Something that must not be.
    pub(crate) fn problem(&self, problem: String) {
        self.note(&format!("PROBLEM {problem}"));
        self.look(|inner| inner.problem(problem));
    }

    pub(crate) fn trace(&self) -> u64 {
        self.lock().trace
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().lines.clone().unwrap_or_default()
    }

    /// Looks into it, or changes it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// A producer took a record.
    pub(crate) fn sent(&self, sent: Sent) -> SendId {
        self.note(&format!("send {}-{} to {}", sent.producer, sent.number, sent.place));
        self.look(|inner| {
            inner.by_value.insert(sent.value.clone(), inner.sends.len());
            inner.sends.push(sent);
            inner.sends.len() - 1
        })
    }

    /// A producer was told what became of a record.
    pub(crate) fn told(&self, id: SendId, outcome: Outcome, why: &str) {
        let now_ms = self.now_ms();
        let event = self.look(|inner| {
            let sent = &mut inner.sends[id];
            (sent.outcome, sent.ended_ms) = (outcome, now_ms);
            if let (Outcome::Ok(Some(offset)), true) = (outcome, sent.promise.is_acks_all) {
                let place = sent.place.clone();
                inner.raise(&place, offset + 1);
            }
            let sent = &inner.sends[id];
            format!("told {}-{} {outcome:?} {why}", sent.producer, sent.number)
        });
        self.note(&event);
    }

    /// A reader got a record; says which it is.
    pub(crate) fn read(
        &self,
        reader: &str,
        place: &TopicPartition,
        offset: i64,
        key: Option<&[u8]>,
        value: &[u8],
    ) -> Option<SendId> {
        self.note(&format!("{reader} read {place}:{offset}, {} bytes", value.len()));
        self.look(|inner| {
            inner.reads += 1;
            let Some(&id) = inner.by_value.get(value) else {
                inner
                    .problem(format!("truth: {reader} read at {place}:{offset} what nobody sent: {value:?}"));
                return None;
            };
            let sent = &inner.sends[id];
            if sent.place != *place || sent.key.as_deref() != key {
                let told = format!("{}-{} of {}", sent.producer, sent.number, sent.place);
                inner.problem(format!("truth: {reader} read {told} at {place}:{offset}"));
            }
            let before = inner.seen.entry(place.clone()).or_default().insert(offset, id);
            if let Some(before) = before.filter(|before| *before != id) {
                let (before, now) = (inner.name(before), inner.name(id));
                inner.problem(format!(
                    "inconsistent-offsets: {place}:{offset} was {before}, {reader} read {now}"
                ));
            }
            inner.raise(place, offset + 1);
            Some(id)
        })
    }

    /// Where the end of a partition must at least be for who asks now.
    pub(crate) fn floor(&self, place: &TopicPartition) -> i64 {
        self.look(|inner| inner.floors.get(place).copied().unwrap_or(0))
    }

    /// The end of a partition was told to who asked when `floor` held.
    pub(crate) fn end_told(&self, who: &str, place: &TopicPartition, floor: i64, end: i64) {
        self.note(&format!("{who} is told that {place} ends at {end}"));
        if end < floor {
            self.problem(format!(
                "offsets: {who} is told that {place} ends at {end}, it ended at {floor} before"
            ));
        }
        self.look(|inner| inner.raise(place, end));
    }
}

impl Inner {
    fn note(&mut self, micros: u128, event: &str) {
        let line = format!("{:>12} {event}", micros);
        for byte in line.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    pub(crate) fn problem(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    fn raise(&mut self, place: &TopicPartition, end: i64) {
        let floor = self.floors.entry(place.clone()).or_insert(0);
        *floor = end.max(*floor);
    }

    /// A send in words.
    pub(crate) fn name(&self, id: SendId) -> String {
        let sent = &self.sends[id];
        format!("{}-{} ({:?} at {} ms)", sent.producer, sent.number, sent.outcome, sent.ended_ms)
    }
}
