//! Honouring quotas: for how long a broker wants no request on a connection (KIP-219).
//!
//! A broker over whose quota a client is answers at once, says how long the answer would have been
//! held back, and reads nothing of that connection meanwhile. A client that sent on would only see
//! its requests grow old.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ottla_protocol::{Message, Request};
use tokio::time::{Instant, sleep_until};

use crate::error::Error;
use crate::lock::lock;
use crate::node::NodeId;

/// The longest that a broker is believed: Kafka's quotas look back over eleven seconds, and whoever
/// says much more than that means something else.
const HELD_BACK_MAX: Duration = Duration::from_secs(10 * 60);

/// Until when nothing is to be sent. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldBack(Arc<Mutex<Option<Instant>>>);

impl HeldBack {
    /// Takes in an answer.
    pub(crate) fn take_in(&self, answer: &impl Message) {
        let throttle_ms = u64::try_from(answer.throttle_time_ms()).unwrap_or(0);
        if throttle_ms == 0 {
            return;
        }
        let until = Instant::now() + Duration::from_millis(throttle_ms).min(HELD_BACK_MAX);
        let mut latest = lock(&self.0);
        *latest = (*latest).max(Some(until));
        tracing::debug!(throttle_ms, "over a quota: requests are held back");
    }

    /// Until when nothing is to be sent, if that is not over.
    pub(crate) fn until(&self) -> Option<Instant> {
        let mut until = lock(&self.0);
        if until.is_some_and(|until| until <= Instant::now()) {
            *until = None;
        }
        *until
    }

    /// Waits until something may be sent. Cancel safe.
    pub(crate) async fn over(&self) {
        while let Some(until) = self.until() {
            sleep_until(until).await;
        }
    }
}

/// The answer to a request that was sent, to be awaited.
///
/// Dropped, it discards the answer.
#[must_use = "the answer comes to whoever awaits it"]
#[derive(Debug)]
pub struct Pending<R> {
    node: NodeId,
    answer: ottla_transport::Pending<R>,
    held_back: HeldBack,
}

impl<R> Pending<R> {
    pub(crate) fn new(node: NodeId, answer: ottla_transport::Pending<R>, held_back: HeldBack) -> Self {
        Self { node, answer, held_back }
    }
}

impl<R: Request> Future for Pending<R> {
    type Output = Result<R::Response, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(Pin::new(&mut self.answer).poll(cx));
        if let Ok(answer) = &outcome {
            self.held_back.take_in(answer);
        }
        Poll::Ready(outcome.map_err(|source| Error::connection(self.node, source)))
    }
}
