//! The client's side of one connection: requests in, answers out, many in flight at once.
//!
//! Handles encode requests on their caller's task and decode answers there; the connection's own task
//! (`driver`, around a state machine without IO in `core`) only moves bytes. Which broker to
//! connect to, which version to speak and when to try again is decided in `ottla-client`.

mod core;
mod driver;
mod inbox;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use ottla_env::Env;
use ottla_protocol::Request;
use ottla_protocol::frame;
use ottla_protocol::wire::DecodeLimits;
use tokio::sync::{Semaphore, oneshot};

use crate::{Disconnect, Error, Sent, Stream};
use driver::Driver;
use inbox::{Inbox, Submission};

/// How a client connection behaves.
///
/// ```
/// let config = ottla_transport::ClientConnectionConfig::default().with_client_id("orders");
/// assert_eq!(config.client_id.as_deref(), Some("orders"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientConnectionConfig {
    /// The name in each request (`client.id`). Default none.
    pub client_id: Option<Arc<str>>,
    /// How long an answer may take (`request.timeout.ms`); then the connection is closed, because
    /// later answers would wait behind it. Default 30 seconds; [`Duration::MAX`] waits for ever.
    pub request_timeout: Duration,
    /// Bytes that an answer may have. Default 100 MiB.
    pub frame_bytes_max: usize,
    /// Requests in flight at once; [`send`](ClientConnection::send) waits for room. Default 64.
    pub in_flight_max: usize,
    /// What decoding an answer may cost.
    pub decode_limits: DecodeLimits,
}

impl Default for ClientConnectionConfig {
    fn default() -> Self {
        Self {
            client_id: None,
            request_timeout: Duration::from_secs(30),
            frame_bytes_max: 100 << 20,
            in_flight_max: 64,
            decode_limits: DecodeLimits::DEFAULT,
        }
    }
}

impl ClientConnectionConfig {
    /// Sets [`client_id`](Self::client_id).
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<Arc<str>>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Sets [`request_timeout`](Self::request_timeout).
    #[must_use]
    pub fn with_request_timeout(mut self, request_timeout: Duration) -> Self {
        self.request_timeout = request_timeout;
        self
    }

    /// Sets [`frame_bytes_max`](Self::frame_bytes_max).
    #[must_use]
    pub fn with_frame_bytes_max(mut self, frame_bytes_max: usize) -> Self {
        self.frame_bytes_max = frame_bytes_max;
        self
    }

    /// Sets [`in_flight_max`](Self::in_flight_max); 0 counts as 1.
    #[must_use]
    pub fn with_in_flight_max(mut self, in_flight_max: usize) -> Self {
        self.in_flight_max = in_flight_max;
        self
    }

    /// Sets [`decode_limits`](Self::decode_limits).
    #[must_use]
    pub fn with_decode_limits(mut self, decode_limits: DecodeLimits) -> Self {
        self.decode_limits = decode_limits;
        self
    }
}

/// A connection to a broker. Clones share it.
///
/// When the last clone is dropped, requests in flight that somebody still waits for are answered,
/// and then it is closed.
#[derive(Clone)]
pub struct ClientConnection {
    handle: Arc<Handle>,
}

/// What the clones share; the driver does not hold it, so its drop says that they are gone.
struct Handle {
    shared: Arc<Shared>,
}

/// What handles and driver share.
struct Shared {
    config: ClientConnectionConfig,
    inbox: Inbox,
    /// One permit per request that may be in flight. Closed with the connection.
    room: Semaphore,
    next_id: AtomicI32,
}

impl ClientConnection {
    /// Takes over a connected stream, driven by a task that `env` spawns.
    pub fn new(stream: impl Into<Stream>, config: ClientConnectionConfig, env: &Env) -> Self {
        let room = Semaphore::new(config.in_flight_max.clamp(1, Semaphore::MAX_PERMITS));
        let shared = Arc::new(Shared { config, inbox: Inbox::default(), room, next_id: AtomicI32::new(0) });
        env.spawn(Driver::new(Arc::clone(&shared), stream.into()));
        Self { handle: Arc::new(Handle { shared }) }
    }

    /// Sends a request and waits for its answer, for up to
    /// [`request_timeout`](ClientConnectionConfig::request_timeout) once there is room for it.
    ///
    /// # Errors
    /// [`Error::Encode`] and [`Error::Decode`] leave the connection usable; [`Error::RequestTimedOut`]
    /// and [`Error::Disconnected`] are its end, and say whether the request can have been sent.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, the request may still be sent and done; the connection stays usable and
    /// the answer is discarded.
    pub async fn call<R: Request>(&self, request: &R, version: i16) -> Result<R::Response, Error> {
        self.send(request, version).await?.await
    }

    /// Queues a request, and returns what its answer can be awaited with. Requests go out in the
    /// order in which these calls return. Waits while
    /// [`in_flight_max`](ClientConnectionConfig::in_flight_max) requests are in flight.
    ///
    /// # Errors
    /// [`Error::Encode`]; [`Error::Disconnected`], if the connection has ended.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, nothing is sent.
    pub async fn send<R: Request>(&self, request: &R, version: i16) -> Result<Pending<R>, Error> {
        self.send_within(request, version, self.handle.shared.config.request_timeout).await
    }

    /// Like [`send`](Self::send), with a time of its own in which the answer must come.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, nothing is sent.
    pub async fn send_within<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<Pending<R>, Error> {
        let (waiter, answer) = oneshot::channel();
        self.submit(request, version, Some((waiter, timeout))).await?;
        let decode_limits = self.handle.shared.config.decode_limits;
        Ok(Pending { answer, version, decode_limits, request: PhantomData })
    }

    /// Queues a request that has no answer: `Produce` with `acks=0`. Waits like
    /// [`send`](Self::send); the request counts as in flight until it is written.
    ///
    /// # Errors
    /// As for [`send`](Self::send). What happens after it returns is not told.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it returns, nothing is sent.
    pub async fn send_oneway<R: Request>(&self, request: &R, version: i16) -> Result<(), Error> {
        self.submit(request, version, None).await
    }

    /// Closes the connection at once; calls in flight get [`Disconnect::ClosedHere`].
    pub fn close(&self) {
        self.handle.shared.inbox.close();
    }

    /// Why the connection ended, if it has.
    pub fn closed(&self) -> Option<Disconnect> {
        self.handle.shared.inbox.closed()
    }

    async fn submit<R: Request>(
        &self,
        request: &R,
        version: i16,
        answer: Option<(inbox::Waiter, Duration)>,
    ) -> Result<(), Error> {
        let shared = &self.handle.shared;
        let Ok(permit) = shared.room.acquire().await else {
            let cause = shared.inbox.closed().unwrap_or(Disconnect::ClosedHere);
            return Err(Error::Disconnected { cause, sent: Sent::No });
        };
        // From here to the end nothing waits, so that a dropped call is either sent or not.
        let correlation_id = shared.next_id.fetch_add(1, Ordering::Relaxed);
        let client_id = shared.config.client_id.as_deref();
        let frame = frame::encode_request(version, correlation_id, client_id, request)?;
        shared.inbox.submit(Submission { correlation_id, frame, answer })?;
        // The driver gives it back once the request is done.
        permit.forget();
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.inbox.finish();
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConnection")
            .field("client_id", &self.handle.shared.config.client_id)
            .field("closed", &self.closed())
            .finish_non_exhaustive()
    }
}

/// The answer to a request that was sent, to be awaited.
///
/// Errors are those of [`ClientConnection::call`]. Dropped, it discards the answer.
#[must_use = "the answer comes to whoever awaits it"]
pub struct Pending<R> {
    answer: oneshot::Receiver<Result<Bytes, Error>>,
    version: i16,
    decode_limits: DecodeLimits,
    request: PhantomData<fn() -> R>,
}

impl<R: Request> Future for Pending<R> {
    type Output = Result<R::Response, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let frame = match ready!(Pin::new(&mut self.answer).poll(cx)) {
            Ok(answer) => answer?,
            // The driver tells everybody before it goes, so this is but a runtime shutting down.
            Err(_) => {
                let (cause, sent) = (Disconnect::ClosedHere, Sent::Perhaps);
                return Poll::Ready(Err(Error::Disconnected { cause, sent }));
            }
        };
        let (_, response) = frame::decode_response(frame, self.version, &self.decode_limits)?;
        Poll::Ready(Ok(response))
    }
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("version", &self.version).finish_non_exhaustive()
    }
}
