//! The task of one server connection: it reads, calls, writes and sleeps, and decides nothing that
//! [`Core`] could.
//!
//! Everything is polled from one place and nothing is handed to another task, so that a request that
//! is answered at once goes from read to write without a detour.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, Sleep};

use super::Shared;
use super::admission::Ticket;
use super::budget::Share;
use super::core::Core;
use super::deadlines::Expired;
use super::drain::{Membership, Phase};
use super::service::{Call, Outcome, Service};
use super::violation::Violation;
use crate::connector::BoxFuture;
use crate::outbound::Outbound;
use crate::{Peer, Stream};

/// How long the end of a stream is waited for, so that the peer reads its last answers before the
/// system resets the connection over bytes that nobody reads.
const LINGER: Duration = Duration::from_secs(1);

/// One connection, as the future that serves it.
pub(crate) struct Connection<S: Service> {
    shared: Arc<Shared<S>>,
    session: S::Session,
    peer: Peer,
    stream: Stream,
    core: Core,
    outbound: Outbound<S::File>,
    /// Requests in flight, in order.
    replies: VecDeque<Reply<S::File>>,
    /// The share of the budget that the frame being read has.
    share: Option<Share>,
    taking: Option<BoxFuture<'static, Share>>,
    timer: Option<Pin<Box<Sleep>>>,
    membership: Membership,
    /// Why the service wants the connection closed.
    refused: Option<String>,
    /// Answers were still to come when the drain began.
    drained: Option<bool>,
    ending: Option<Ending>,
    _ticket: Ticket,
}

struct Reply<F> {
    state: ReplyState<F>,
    /// The request's memory, given back once it is answered.
    _share: Option<Share>,
}

enum ReplyState<F> {
    Done(Outcome<F>),
    Waiting(Pin<Box<dyn Future<Output = Outcome<F>> + Send>>),
}

/// Answers are out: the stream is closed in an orderly way.
#[derive(Clone, Copy)]
enum Ending {
    ShuttingDown,
    Lingering,
}

/// Why a connection ended.
enum End {
    /// In an orderly way, from either side.
    Finished,
    Violation(Violation),
    Expired(Expired),
    Refused(String),
    Read(io::Error),
    Write(io::Error),
}

impl<S: Service> Connection<S> {
    pub(crate) fn new(
        shared: Arc<Shared<S>>,
        stream: Stream,
        peer: Peer,
        membership: Membership,
        ticket: Ticket,
    ) -> Self {
        let session = shared.service.connect(&peer);
        let core = Core::new(&shared.config, now());
        Self {
            shared,
            session,
            peer,
            stream,
            core,
            outbound: Outbound::new(),
            replies: VecDeque::new(),
            share: None,
            taking: None,
            timer: None,
            membership,
            refused: None,
            drained: None,
            ending: None,
            _ticket: ticket,
        }
    }

    /// Moves whatever can be moved, until everything waits or the connection ends.
    fn poll_serve(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        match self.membership.poll_phase(cx) {
            Phase::Serving => {}
            Phase::Draining => self.drain(),
            Phase::Closing => return Poll::Ready(End::Finished),
        }
        loop {
            loop {
                if let Err(violation) = self.call_requests() {
                    if self.replies.is_empty() && self.outbound.is_empty() {
                        return Poll::Ready(End::Violation(violation));
                    }
                    // What came before it is answered first.
                    self.core.close();
                    self.refused = Some(violation.to_string());
                }
                // An answer may have made room for the next request.
                if !self.poll_replies(cx) {
                    break;
                }
            }
            if !self.outbound.is_empty() {
                let was_bound = self.core.is_write_bound();
                let flushed = self.outbound.poll_flush(cx, &mut self.stream);
                if let Poll::Ready(Err(error)) = flushed {
                    return Poll::Ready(End::Write(error));
                }
                let (memory, queued) = (self.outbound.memory_bytes(), self.outbound.queued_bytes());
                self.core.handle_write(memory, queued, self.outbound.written_bytes(), now());
                if was_bound && !self.core.is_write_bound() {
                    continue;
                }
            }
            if self.outbound.is_empty() && self.core.is_finished() {
                return Poll::Ready(match self.refused.take() {
                    Some(reason) => End::Refused(reason),
                    None => End::Finished,
                });
            }
            self.poll_budget(cx);
            if !self.core.wants_read() {
                return Poll::Pending;
            }
            match ready!(self.poll_read(cx)) {
                Ok(count) => self.core.handle_read(count, now()),
                Err(error) => return Poll::Ready(End::Read(error)),
            }
        }
    }

    /// Calls every request whose turn it is.
    fn call_requests(&mut self) -> Result<(), Violation> {
        let service = &self.shared.service;
        while let Some(frame) = self.core.poll_request(|frame| service.overlaps(frame))? {
            let size = frame.len();
            let share = self.share.take();
            match service.call(&mut self.session, frame) {
                Call::Ready(outcome) if self.replies.is_empty() => {
                    Self::settle(outcome, &mut self.core, &mut self.outbound, &mut self.refused);
                }
                Call::Ready(outcome) => {
                    self.core.handle_pending(true, true);
                    self.replies.push_back(Reply { state: ReplyState::Done(outcome), _share: None });
                }
                Call::Pending { reply, overlap } => {
                    let share = share.or_else(|| self.shared.budget.try_take(size));
                    self.core.handle_pending(overlap, share.is_some());
                    self.replies.push_back(Reply { state: ReplyState::Waiting(reply), _share: share });
                }
            }
        }
        Ok(())
    }

    /// Settles the replies that are next in line and there; whether there were any.
    fn poll_replies(&mut self, cx: &mut Context<'_>) -> bool {
        let mut settled = false;
        while let Some(reply) = self.replies.front_mut() {
            if let ReplyState::Waiting(waiting) = &mut reply.state {
                match waiting.as_mut().poll(cx) {
                    Poll::Ready(outcome) => reply.state = ReplyState::Done(outcome),
                    Poll::Pending => break,
                }
            }
            let Some(Reply { state: ReplyState::Done(outcome), .. }) = self.replies.pop_front() else {
                break;
            };
            self.core.handle_answer(now());
            let closes = matches!(outcome, Outcome::Close(_));
            Self::settle(outcome, &mut self.core, &mut self.outbound, &mut self.refused);
            settled = true;
            if closes {
                // Nobody will read what comes after.
                for _ in self.replies.drain(..) {
                    self.core.handle_answer(now());
                }
            }
        }
        settled
    }

    fn settle(
        outcome: Outcome<S::File>,
        core: &mut Core,
        outbound: &mut Outbound<S::File>,
        refused: &mut Option<String>,
    ) {
        match outcome {
            Outcome::Respond(chunks) => {
                outbound.push(chunks);
                core.handle_unwritten(outbound.memory_bytes());
            }
            Outcome::Silent => {}
            Outcome::Close(reason) => {
                core.close();
                *refused = Some(reason);
            }
        }
    }

    fn poll_budget(&mut self, cx: &mut Context<'_>) {
        let Some(bytes) = self.core.wanted_bytes() else { return };
        let budget = &self.shared.budget;
        let taking = self.taking.get_or_insert_with(|| Box::pin(budget.take(bytes)));
        if let Poll::Ready(share) = taking.as_mut().poll(cx) {
            self.taking = None;
            self.core.grant(share.is_without_limit(), now());
            match &mut self.share {
                Some(held) => held.absorb(share),
                none => *none = Some(share),
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.core.holds_no_buffer() {
            ready!(self.stream.poll_read_ready(cx))?;
        }
        self.stream.poll_read_more(cx, self.core.read_buf())
    }

    fn drain(&mut self) {
        if self.drained.is_none() {
            self.drained = Some(!self.replies.is_empty() || !self.outbound.is_empty());
            self.core.drain();
            (self.taking, self.share) = (None, None);
        }
    }

    /// Keeps the one timer no later than the next deadline. It is not moved when a deadline moves
    /// away: it fires early instead, once in a while, and looks again.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Result<(), Expired> {
        while let Some(at) = self.core.poll_timeout() {
            let at = Instant::from_std(at);
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            if timer.as_mut().poll(cx).is_pending() {
                break;
            }
            self.core.handle_timeout(now())?;
            self.outbound.shrink();
            self.replies.shrink_to_fit();
            self.timer = None;
        }
        Ok(())
    }

    /// Logs the end; how the stream is to be closed, if it is not just dropped.
    fn conclude(&mut self, end: End) -> Option<Ending> {
        let journal = &self.shared.journal;
        match end {
            End::Finished => {
                tracing::debug!(peer = %self.peer, "connection closed");
                return self.drained.unwrap_or(false).then_some(Ending::ShuttingDown);
            }
            End::Refused(reason) => {
                journal.closed(&self.peer, &reason, now());
                return Some(Ending::ShuttingDown);
            }
            End::Violation(violation) => journal.closed(&self.peer, &violation, now()),
            // Clients may go quiet; that is no news.
            End::Expired(expired @ Expired::Idle(_)) => {
                tracing::debug!(peer = %self.peer, "connection closed: {expired}");
            }
            End::Expired(expired) => journal.closed(&self.peer, &expired, now()),
            End::Read(error) => tracing::debug!(peer = %self.peer, "connection closed: read: {error}"),
            End::Write(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                journal.closed(&self.peer, &error, now());
            }
            End::Write(error) => tracing::debug!(peer = %self.peer, "connection closed: write: {error}"),
        }
        None
    }

    /// Closes the stream so that the peer gets to read its last answers.
    fn poll_ending(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.membership.poll_phase(cx) == Phase::Closing {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if let Some(Ending::ShuttingDown) = self.ending {
            if ready!(Pin::new(&mut self.stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            self.ending = Some(Ending::Lingering);
        }
        let mut discarded = BytesMut::with_capacity(1_024);
        loop {
            discarded.clear();
            match ready!(pin!(self.stream.read_buf(&mut discarded)).poll(cx)) {
                Ok(count) if count > 0 => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<S: Service> Future for Connection<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.ending.is_none() {
            let end = match this.poll_serve(cx) {
                Poll::Ready(end) => end,
                Poll::Pending => match this.poll_timer(cx) {
                    Ok(()) => return Poll::Pending,
                    Err(expired) => End::Expired(expired),
                },
            };
            // Requests in flight end here, and their waits with them.
            this.replies.clear();
            (this.share, this.taking, this.timer) = (None, None, None);
            this.ending = this.conclude(end);
            if this.ending.is_none() {
                return Poll::Ready(());
            }
        }
        this.poll_ending(cx)
    }
}

// Nothing in it is pinned in place; what must not move is on the heap.
impl<S: Service> Unpin for Connection<S> {}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
