//! The task behind a client connection: it reads, writes and sleeps, and decides nothing that
//! [`Core`] could.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use ottla_protocol::wire::{Chunk, NoFile};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, Sleep};

use super::Shared;
use super::core::{Core, TimedOut};
use super::inbox::{Submission, Waiter, Wish};
use crate::outbound::Outbound;
use crate::{Disconnect, Error, Sent, Stream};

/// One connection, as the future that drives it.
pub(crate) struct Driver {
    shared: Arc<Shared>,
    stream: Stream,
    core: Core<Waiter>,
    outbound: Outbound<NoFile>,
    /// Empty between polls; kept for its memory.
    taken: Vec<Submission>,
    /// Answers that came in one poll; kept for its memory.
    answers: Vec<(Waiter, Bytes)>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Driver {
    pub(crate) fn new(shared: Arc<Shared>, stream: Stream) -> Self {
        let core = Core::new(shared.config.frame_bytes_max);
        let (taken, answers) = (Vec::new(), Vec::new());
        Self { shared, stream, core, outbound: Outbound::new(), taken, answers, timer: None }
    }

    /// Moves whatever can be moved, until everything waits or the connection ends.
    fn poll_drive(&mut self, cx: &mut Context<'_>) -> Poll<Disconnect> {
        loop {
            let wish = self.shared.inbox.take(&mut self.taken, cx);
            self.start_taken();
            if wish == Wish::Close {
                return Poll::Ready(Disconnect::ClosedHere);
            }
            if !self.outbound.is_empty() {
                if let Poll::Ready(Err(error)) = self.outbound.poll_flush(cx, &mut self.stream) {
                    self.core.handle_write(self.outbound.written_bytes());
                    return Poll::Ready(self.last_answers(cx, error));
                }
                let done = self.core.handle_write(self.outbound.written_bytes());
                self.release(done);
            }
            if wish == Wish::Finish && self.core.is_idle(|waiter| !waiter.is_closed()) {
                return Poll::Ready(Disconnect::ClosedHere);
            }
            match pin!(self.stream.read_buf(self.core.read_buf())).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(Disconnect::ClosedByPeer),
                Poll::Ready(Err(error)) => return Poll::Ready(Disconnect::Io(Arc::new(error))),
                Poll::Ready(Ok(_)) => {}
            }
            if let Err(cause) = self.answer() {
                return Poll::Ready(cause);
            }
        }
    }

    fn start_taken(&mut self) {
        if self.taken.is_empty() {
            return;
        }
        let now = Instant::now().into_std();
        for submission in self.taken.drain(..) {
            let len = submission.frame.iter().map(Chunk::len).sum();
            match submission.answer {
                Some((waiter, timeout)) => {
                    self.core.send(now, submission.correlation_id, len, timeout, waiter)
                }
                None => self.core.send_oneway(len),
            }
            self.outbound.push(submission.frame);
        }
    }

    /// Hands out all answers that are there.
    fn answer(&mut self) -> Result<(), Disconnect> {
        let ended = loop {
            match self.core.poll_response() {
                Ok(Some(answer)) => self.answers.push(answer),
                Ok(None) => break Ok(()),
                Err(cause) => break Err(cause),
            }
        };
        self.release(self.answers.len());
        for (waiter, frame) in self.answers.drain(..) {
            // A call that was dropped leaves nobody to take its answer.
            let _ = waiter.send(Ok(frame));
        }
        ended
    }

    /// Hands out what the peer answered before writing to it failed with `error`; why to end.
    fn last_answers(&mut self, cx: &mut Context<'_>, error: io::Error) -> Disconnect {
        loop {
            match pin!(self.stream.read_buf(self.core.read_buf())).poll(cx) {
                Poll::Ready(Ok(0)) => return Disconnect::ClosedByPeer,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) | Poll::Pending => return Disconnect::Io(Arc::new(error)),
            }
            if let Err(cause) = self.answer() {
                return cause;
            }
        }
    }

    /// Makes room for further requests.
    fn release(&self, count: usize) {
        if count > 0 {
            self.shared.room.add_permits(count);
        }
    }

    /// Keeps the one timer no later than the next deadline. It is not moved when a deadline moves
    /// away: it fires early instead, once in a while, and looks again.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Result<(), TimedOut> {
        while let Some(at) = self.core.poll_timeout() {
            let at = Instant::from_std(at);
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
            if timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            if timer.as_mut().poll(cx).is_pending() {
                break;
            }
            self.core.handle_timeout(Instant::now().into_std())?;
            self.timer = None;
        }
        Ok(())
    }

    /// Tells everybody who waits.
    fn end(&mut self, cause: &Disconnect, timed_out: bool) {
        let unsent = self.shared.inbox.end(cause.clone());
        self.shared.room.close();
        let now = timed_out.then(|| Instant::now().into_std());
        for (waiter, sent, expired) in self.core.give_up(now) {
            let _ = waiter.send(Err(match expired {
                Some(after) => Error::RequestTimedOut { after, sent },
                None => Error::Disconnected { cause: cause.clone(), sent },
            }));
        }
        for (waiter, _) in unsent.into_iter().filter_map(|submission| submission.answer) {
            let _ = waiter.send(Err(Error::Disconnected { cause: cause.clone(), sent: Sent::No }));
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let (cause, timed_out) = match this.poll_drive(cx) {
            Poll::Ready(cause) => (cause, false),
            Poll::Pending => match this.poll_timer(cx) {
                Ok(()) => return Poll::Pending,
                Err(TimedOut { after }) => (Disconnect::RequestTimedOut { after }, true),
            },
        };
        tracing::debug!("{cause}");
        this.end(&cause, timed_out);
        Poll::Ready(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The runtime may shut down under it; otherwise this finds nothing left to tell.
        self.end(&Disconnect::ClosedHere, false);
    }
}
