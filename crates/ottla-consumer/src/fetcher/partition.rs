//! What is known of one assigned partition: where it stands, and what waits to be handed out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use ottla_client::internal::Route;
use ottla_client::{Backoff, TopicPartition};
use ottla_protocol::records::Batch;

use super::Place;
use crate::error::Error;
use crate::progress::Progress;

/// A batch that waits to be handed out.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) batch: Batch,
    /// Whether nothing of it is handed out: a marker, or part of an aborted transaction.
    pub(super) is_hidden: bool,
    pub(super) high_watermark: i64,
}

/// One assigned partition.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) name: Arc<TopicPartition>,
    /// Counts places that it was sent to; an answer to an older question does not count.
    pub(super) turn: u64,
    /// What is handed out next.
    pub(super) position: Place,
    /// What is fetched next: behind what waits.
    pub(super) fetch_offset: i64,
    /// The connection that it is fetched over, once it has a leader.
    pub(super) route: Option<Route>,
    pub(super) fetched: VecDeque<Fetched>,
    pub(super) fetched_bytes: usize,
    pub(super) is_paused: bool,
    /// Whether it is about to be given up: nothing more of it is handed out.
    pub(super) is_stopped: bool,
    /// Whether the place is being found out.
    pub(super) is_finding: bool,
    /// Whether it waits in line to hand something out.
    pub(super) is_in_line: bool,
    /// To be handed out behind what was fetched; nothing is fetched until a seek.
    pub(super) error: Option<Error>,
    pub(super) is_stuck: bool,
    pub(super) not_before: Option<Instant>,
    pub(super) backoff: Backoff,
    pub(super) high_watermark: Option<i64>,
    /// What is left of batches whose reader stopped in the middle; handed out before what was fetched.
    pub(super) returned: VecDeque<crate::batch::Batch>,
    /// Batches that were handed out, the oldest that the user is not done with first; with a group only.
    pub(super) progress: VecDeque<Arc<Progress>>,
    /// Epoch of the leader that wrote what is before them; -1 when unknown.
    pub(super) epoch: i32,
    /// What the group knows to be committed.
    pub(super) committed: Option<i64>,
    /// Whether a commit may still come over it that was sent before: it had no answer.
    pub(super) is_doubted: bool,
}

impl Partition {
    pub(super) fn new(name: TopicPartition, turn: u64, place: Place, backoff: Backoff) -> Self {
        let mut partition = Self {
            name: Arc::new(name),
            turn,
            position: place,
            fetch_offset: 0,
            route: None,
            fetched: VecDeque::new(),
            fetched_bytes: 0,
            is_paused: false,
            is_stopped: false,
            is_finding: false,
            is_in_line: false,
            error: None,
            is_stuck: false,
            not_before: None,
            backoff,
            high_watermark: None,
            returned: VecDeque::new(),
            progress: VecDeque::new(),
            epoch: -1,
            committed: None,
            is_doubted: false,
        };
        partition.go_to(place, turn);
        partition
    }

    /// Goes on at `place`; gives the bytes that no longer wait.
    pub(super) fn go_to(&mut self, place: Place, turn: u64) -> usize {
        self.turn = turn;
        self.position = place;
        if let Place::Offset(offset) = place {
            self.fetch_offset = offset;
        }
        self.is_finding = false;
        self.is_stuck = false;
        self.error = None;
        self.not_before = None;
        self.backoff.reset();
        self.fetched.clear();
        self.returned.clear();
        self.progress.clear();
        self.epoch = -1;
        std::mem::take(&mut self.fetched_bytes)
    }

    /// Begins at an offset that was found out.
    pub(super) fn begin_at(&mut self, offset: i64) {
        self.position = Place::Offset(offset);
        self.fetch_offset = offset;
    }

    /// Hands out `error` behind what waits, and nothing after it until a seek.
    pub(super) fn stick(&mut self, error: Error) {
        self.error = Some(error);
        self.is_stuck = true;
    }

    /// Whether it has something to hand out.
    pub(super) fn has_something(&self) -> bool {
        let has_something = !self.returned.is_empty() || !self.fetched.is_empty() || self.error.is_some();
        has_something && !self.is_paused && !self.is_stopped
    }

    /// Whether it is to be fetched, apart from how much waits already.
    pub(super) fn wants_fetch(&self, now: Instant) -> bool {
        !self.is_paused
            && !self.is_stopped
            && !self.is_stuck
            && matches!(self.position, Place::Offset(_))
            && self.not_before.is_none_or(|not_before| not_before <= now)
    }
}
