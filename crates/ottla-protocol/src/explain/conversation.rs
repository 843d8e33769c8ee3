//! Both directions of one connection, so that a response is explained by the request that it answers.

use alloc::collections::VecDeque;
use alloc::string::ToString;
use alloc::vec::Vec;

use bytes::Bytes;

use super::tree::{Explained, Trouble, Value};
use super::{request, response};
use crate::api::ApiKey;
use crate::wire::DecodeLimits;

/// How many requests may wait for their answers; older ones are forgotten.
const WAITING_MAX: usize = 10_000;

/// Explains the frames of one connection, in the order in which they went by.
///
/// A broker answers in the order of the requests. A response whose request was not seen cannot be explained.
#[derive(Clone, Debug)]
pub struct Conversation {
    waiting: VecDeque<(i32, ApiKey, i16)>,
    limits: DecodeLimits,
}

impl Conversation {
    /// No frames yet.
    #[must_use]
    pub fn new(limits: DecodeLimits) -> Self {
        Self { waiting: VecDeque::new(), limits }
    }

    /// Whether a request of this number was seen, and its answer not yet.
    #[must_use]
    pub fn awaits(&self, correlation_id: i32) -> bool {
        self.waiting.iter().any(|(sent, ..)| *sent == correlation_id)
    }

    /// Explains a frame of the client.
    pub fn request(&mut self, frame: &Bytes) -> Explained {
        let explained = request(frame, &self.limits);
        if let Some(sent) = sent(&explained) {
            if self.waiting.len() == WAITING_MAX {
                self.waiting.pop_front();
            }
            self.waiting.push_back(sent);
        }
        explained
    }

    /// Explains a frame of the broker.
    pub fn response(&mut self, frame: &Bytes) -> Explained {
        // Behind a size, if there is one; what is explained then says which.
        let id = |at: usize| frame.get(at..)?.first_chunk().map(|id| i32::from_be_bytes(*id));
        let size = id(0).and_then(|size| usize::try_from(size).ok());
        let id = if size == Some(frame.len().wrapping_sub(4)) { id(4) } else { id(0) };
        match self.waiting.iter().position(|(sent, ..)| Some(*sent) == id) {
            Some(position) => {
                // Those before it were answered unseen, or never will be.
                self.waiting.drain(..position);
                let Some((_, api, version)) = self.waiting.pop_front() else { return unseen() };
                response(frame, api, version, &self.limits)
            }
            None => unseen(),
        }
    }
}

fn unseen() -> Explained {
    let what = "it answers no request that was seen".to_string();
    Explained::new("a response".to_string(), Vec::new(), Some(Trouble { at: 0, what }))
}

/// Number, API and version of a request that will be answered.
fn sent(explained: &Explained) -> Option<(i32, ApiKey, i16)> {
    let header = explained.get("requestHeader").ok()?;
    let int = |name| match header.get(name).ok()?.value {
        Value::Int(value) => Some(value),
        _ => None,
    };
    let api = ApiKey::from_i16(i16::try_from(int("requestApiKey")?).ok()?)?;
    let version = i16::try_from(int("requestApiVersion")?).ok()?;
    let acks = explained.get("request").and_then(|body| body.get("acks")).map(|acks| &acks.value);
    if api == ApiKey::Produce && acks == Ok(&Value::Int(0)) {
        return None;
    }
    Some((i32::try_from(int("correlationId")?).ok()?, api, version))
}
