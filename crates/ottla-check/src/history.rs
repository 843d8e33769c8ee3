//! A history: events in the order in which they happened, and as lines of text.

use std::fmt::Write;

use serde_json::Value;

use crate::event::{Event, What};

/// Events in the order in which they happened.
///
/// [`push`](Self::push) adds to it as a program runs; [`read`](Self::read) and [`write`](Self::write) are its form as
/// text, one JSON object a line, so that a program in any language can feed [`check`](crate::check).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<Event>,
    ops: u64,
}

/// A line that is no event.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {source}")]
pub struct LineError {
    /// Which line, from 1 on.
    pub line: usize,
    /// What is wrong with it.
    source: serde_json::Error,
}

impl History {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number for the next question, which no other in this history has.
    pub fn op(&mut self) -> u64 {
        self.ops += 1;
        self.ops
    }

    /// Adds what happens then.
    pub fn push(&mut self, at: u64, what: What) {
        self.events.push(Event::new(at, what));
    }

    /// What happened, in order. The first is event 1 in findings, and line 1 of a text without empty lines.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Reads lines; empty ones, and those that begin with `#`, are left out.
    ///
    /// # Errors
    /// The first line that is no event: no JSON object, an unknown type, a field that its type does not have.
    pub fn read(text: &str) -> Result<Self, LineError> {
        let mut history = Self::new();
        for (index, line) in text.lines().enumerate() {
            let line_trimmed = line.trim();
            if line_trimmed.is_empty() || line_trimmed.starts_with('#') {
                continue;
            }
            let event = parse(line_trimmed).map_err(|source| LineError { line: index + 1, source })?;
            history.ops = history.ops.max(event.what.op().unwrap_or(0));
            history.events.push(event);
        }
        Ok(history)
    }

    /// Writes it as lines, each with its end.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            let _written = writeln!(text, "{}", line(event));
        }
        text
    }
}

impl FromIterator<Event> for History {
    fn from_iter<T: IntoIterator<Item = Event>>(events: T) -> Self {
        let events: Vec<Event> = events.into_iter().collect();
        let ops = events.iter().filter_map(|event| event.what.op()).max().unwrap_or(0);
        Self { events, ops }
    }
}

fn parse(line: &str) -> Result<Event, serde_json::Error> {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(line)?;
    let at = fields.remove("at").unwrap_or(Value::Null);
    let at = serde_json::from_value(at)
        .map_err(|_| serde::de::Error::custom("the field `at` has to be a number that is not negative"))?;
    Ok(Event { at, what: serde_json::from_value(Value::Object(fields))? })
}

/// An event as its line.
pub(crate) fn line(event: &Event) -> String {
    // Only maps with keys that are no text cannot be written, and there is none.
    let what = serde_json::to_string(&event.what).unwrap_or_default();
    format!("{{\"at\":{},{}", event.at, what.strip_prefix('{').unwrap_or(&what))
}

impl What {
    /// The number of the question that this asks or answers.
    pub fn op(&self) -> Option<u64> {
        match self {
            Self::Send { op, .. }
            | Self::Init { op, .. }
            | Self::End { op, .. }
            | Self::Commit { op, .. }
            | Self::Committed { op, .. }
            | Self::Ends { op, .. }
            | Self::Acquire { op, .. }
            | Self::Acknowledge { op, .. }
            | Self::Ok { op, .. }
            | Self::Fail { op, .. }
            | Self::Info { op, .. } => Some(*op),
            Self::Begin { .. }
            | Self::Poll { .. }
            | Self::Seek { .. }
            | Self::Assigned { .. }
            | Self::Revoked { .. }
            | Self::Left { .. }
            | Self::Handled { .. }
            | Self::Reset { .. }
            | Self::ShareGroup { .. }
            | Self::Acquired { .. }
            | Self::Topic { .. }
            | Self::Fault { .. }
            | Self::Settled {}
            | Self::Audit { .. } => None,
        }
    }

    /// Whether this says what came of a question.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Ok { .. } | Self::Fail { .. } | Self::Info { .. })
    }

    /// The answer that something was done, without more.
    pub fn ok(op: u64) -> Self {
        Self::Ok { op, offset: None, producer_id: None, epoch: None, offsets: Vec::new(), ends: Vec::new() }
    }

    /// The answer to a send.
    pub fn sent(op: u64, offset: Option<i64>) -> Self {
        Self::Ok { op, offset, producer_id: None, epoch: None, offsets: Vec::new(), ends: Vec::new() }
    }

    /// The answer that it was certainly not done.
    pub fn fail(op: u64, why: impl Into<String>) -> Self {
        Self::Fail { op, why: why.into() }
    }

    /// The answer that nobody knows.
    pub fn info(op: u64, why: impl Into<String>) -> Self {
        Self::Info { op, why: why.into() }
    }
}
