//! What the sender knows of one partition: what is in flight, what is to be sent again, and when.
//!
//! Order is kept here: batches are sent in the order of the queue, and after a failure those that
//! were in flight are sent again, in the same order, before anything new.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_client::Backoff;
use ottla_client::internal::{Route, lock};
use ottla_env::Rng;

use super::sequence::{ProducerIdentity, Sequence};
use crate::batch::{Batch, Order};
use crate::partition::{Partition, Waiting};

/// One partition.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) partition: Arc<Partition>,
    pub(super) sequence: Sequence,
    /// Whether the epoch is a transaction's, and not to be raised here.
    keeps_epoch: bool,
    /// To be sent again, in order.
    retry: VecDeque<Batch>,
    in_flight: Vec<InFlight>,
    /// Where they are.
    in_flight_at: Option<Route>,
    /// The connection that batches go over, once there is a leader.
    pub(super) route: Option<Route>,
    /// Whether a batch failed and not all that were in flight with it are back.
    is_recovering: bool,
    next_order: u64,
    backoff: Backoff,
    not_before: Option<Instant>,
    pub(super) place: Place,
    /// The timer that is set, which may be earlier than need be.
    pub(super) timer: Option<Instant>,
}

/// A batch in flight.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    order: Order,
    /// Whether it was sent before.
    is_again: bool,
}

/// Where a lane waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// For its timer or for answers.
    Nowhere,
    /// For its turn on a connection.
    Ready,
    /// For a leader.
    Leaderless,
}

/// What a lane wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing, until an answer comes or more is appended.
    Nothing,
    /// To be asked again then.
    Later(Instant),
    /// To send a batch to its leader now.
    Send,
}

impl Lane {
    pub(super) fn new(partition: Arc<Partition>, backoff: Backoff, keeps_epoch: bool) -> Self {
        Self {
            keeps_epoch,
            partition,
            sequence: Sequence::default(),
            retry: VecDeque::new(),
            in_flight: Vec::new(),
            in_flight_at: None,
            route: None,
            is_recovering: false,
            next_order: 0,
            backoff,
            not_before: None,
            place: Place::Nowhere,
            timer: None,
        }
    }

    /// What it wants at `now`.
    pub(super) fn wish(&mut self, now: Instant, linger: Duration) -> Wish {
        if self.in_flight.is_empty() {
            self.is_recovering = false;
            if !self.keeps_epoch {
                self.sequence.settle(self.retry.is_empty());
            }
        } else if self.is_recovering
            || self.sequence.is_untried()
            || (self.retry.is_empty() && self.must_not_send_new())
        {
            // What is in flight behind a failed batch comes back too, and goes out again behind it.
            return Wish::Nothing;
        }
        let looked = lock(&self.partition.queue).look(now, linger);
        if !self.retry.is_empty() {
            return match self.not_before {
                Some(not_before) if not_before > now => Wish::Later(not_before),
                _ => Wish::Send,
            };
        }
        match looked {
            Waiting::Nothing => Wish::Nothing,
            Waiting::Until(until) => Wish::Later(until),
            Waiting::Now => Wish::Send,
        }
    }

    /// Whether batches that were not sent before have to wait for those in flight: the broker
    /// remembers the last five only, and one that is sent again must be among them.
    fn must_not_send_new(&self) -> bool {
        self.sequence.is_blocked() || self.in_flight.iter().any(|batch| batch.is_again)
    }

    /// Whether it may send over `route`: batches in flight elsewhere would be overtaken.
    pub(super) fn may_send_over(&self, route: Route) -> bool {
        self.in_flight.is_empty() || self.in_flight_at == Some(route)
    }

    /// Age of the oldest batch that is not in flight.
    pub(super) fn oldest(&self) -> Option<Instant> {
        let retry = self.retry.front().map(Batch::opened_at);
        retry.or_else(|| lock(&self.partition.queue).oldest())
    }

    /// Bytes of the batch that would be sent next.
    pub(super) fn next_len(&mut self) -> Option<usize> {
        match self.retry.front() {
            Some(batch) => Some(batch.len()),
            None => lock(&self.partition.queue).next_len(),
        }
    }

    /// Takes the next batch to send it over `route`, numbered if there is an identity.
    pub(super) fn take(
        &mut self,
        route: Route,
        identity: Option<ProducerIdentity>,
    ) -> Option<(Batch, bytes::Bytes)> {
        let mut batch = match self.retry.pop_front() {
            Some(batch) => batch,
            None => {
                let mut batch = lock(&self.partition.queue).take()?;
                batch.order = Order { sent: self.next_order, part: 0 };
                self.next_order += 1;
                batch
            }
        };
        let stamp = identity.map(|identity| match batch.stamp() {
            Some(stamp) if !self.sequence.is_outdated(stamp) => stamp,
            _ => self.sequence.assign(identity, batch.records()),
        });
        let bytes = batch.send(stamp);
        self.in_flight.push(InFlight { order: batch.order, is_again: batch.tries() > 1 });
        self.in_flight_at = Some(route);
        Some((batch, bytes))
    }

    /// A batch is not in flight any more.
    pub(super) fn came_back(&mut self, order: Order) {
        self.in_flight.retain(|other| other.order != order);
    }

    /// Whether no batch from before `order` is in flight or to be sent again.
    pub(super) fn is_first(&self, order: Order) -> bool {
        let retry = self.retry.iter().map(|batch| batch.order);
        self.in_flight.iter().map(|batch| batch.order).chain(retry).all(|other| other >= order)
    }

    /// A batch was written; the next failure starts with a short wait again.
    pub(super) fn succeeded(&mut self, batch: &Batch) {
        self.backoff.reset();
        if let Some(stamp) = batch.stamp() {
            self.sequence.acknowledged(stamp, batch.records());
        }
    }

    /// A batch failed for good.
    pub(super) fn gave_up(&mut self, batch: &Batch) {
        if batch.stamp().is_some() {
            self.sequence.gave_up();
        }
    }

    /// Puts a batch back, to be sent again in its place after a while, or at once if `hurry`.
    pub(super) fn send_again(&mut self, batch: Batch, now: Instant, hurry: bool, rng: &mut Rng) {
        if hurry {
            self.not_before = None;
        } else if self.retry.is_empty() {
            self.not_before = Some(now + self.backoff.next_wait(rng));
        }
        self.is_recovering = true;
        let place = self.retry.partition_point(|other| other.order < batch.order);
        self.retry.insert(place, batch);
    }

    /// Takes out everything that is not in flight, oldest first.
    pub(super) fn take_all(&mut self) -> Vec<Batch> {
        let mut batches: Vec<_> = self.retry.drain(..).collect();
        let mut queue = lock(&self.partition.queue);
        batches.extend(std::iter::from_fn(|| queue.take()));
        batches
    }

    /// Takes out a batch that is too old and not in flight, if there is one.
    pub(super) fn take_expired(&mut self, opened_until: Instant) -> Option<Batch> {
        if self.retry.front().is_some_and(|batch| batch.opened_at() <= opened_until) {
            return self.retry.pop_front();
        }
        if !self.retry.is_empty() {
            return None;
        }
        let mut queue = lock(&self.partition.queue);
        if queue.oldest().is_some_and(|oldest| oldest <= opened_until) { queue.take() } else { None }
    }
}
