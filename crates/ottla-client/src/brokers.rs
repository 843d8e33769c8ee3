//! The brokers that a client's background work sends to: one or several connections to each, made when first
//! needed and anew after a while when they failed, and the answers that are under way.
//!
//! A connection answers in the order of its requests, so that of each only the oldest is looked at. What
//! to send, and what an answer means, is decided by the work itself.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use ottla_protocol::Request;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::client::Client;
use crate::connection::Connection;
use crate::error::Error;
use crate::held_back::Pending;
use crate::pool::Lane;
use crate::route::Route;

/// Something that was waited for. `T` is what a request was sent with.
#[derive(Debug)]
pub enum BrokerEvent<R: Request, T> {
    /// A request has its answer, or will have none.
    Answer(Route, T, Result<R::Response, Error>),
    /// A broker can be sent to.
    Connected,
    /// A broker cannot be reached; it is tried again, after a while.
    NotConnected(Error),
}

/// Connections to brokers, and requests of one kind on them.
pub struct Brokers<R, T> {
    client: Client,
    lane: Lane,
    brokers: BTreeMap<Route, Broker<R, T>>,
}

type Connecting = Pin<Box<dyn Future<Output = Result<Connection, Error>> + Send>>;

struct Broker<R, T> {
    connecting: Option<Connecting>,
    not_before: Option<Instant>,
    /// Over a quota until then.
    held_back: Option<Instant>,
    backoff: Backoff,
    answers: VecDeque<(T, Pending<R>)>,
}

impl<R: Request, T> Brokers<R, T> {
    /// None yet; the first connection to each will be that of `lane`.
    pub fn new(client: Client, lane: Lane) -> Self {
        Self { client, lane, brokers: BTreeMap::new() }
    }

    /// The connection to a broker that can be sent to. Without one, it is being made; while requests
    /// are held back because of a quota there is none either.
    pub fn connection(&mut self, route: Route, now: Instant) -> Option<Connection> {
        let (node, lane) = (route.node, route.lane(self.lane));
        let open = self.client.open_connection(node, lane);
        let backoff = self.client.config().backoff_of_retries();
        let broker = self.brokers.entry(route).or_insert_with(|| Broker::new(backoff));
        if open.is_none()
            && broker.connecting.is_none()
            && broker.not_before.is_none_or(|not_before| not_before <= now)
        {
            let client = self.client.clone();
            broker.not_before = None;
            broker.connecting = Some(Box::pin(async move { client.connection(node, lane).await }));
        }
        broker.held_back = open.as_ref().and_then(Connection::held_back_until);
        open.filter(|_| broker.held_back.is_none())
    }

    /// Waits for the answer to a request that was sent over a [`connection`](Self::connection).
    pub fn wait_for(&mut self, route: Route, sent_with: T, answer: Pending<R>) {
        if let Some(broker) = self.brokers.get_mut(&route) {
            broker.answers.push_back((sent_with, answer));
        }
    }

    /// When a broker may be tried again, or sent to again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.brokers.values().flat_map(|broker| [broker.not_before, broker.held_back]).flatten().min()
    }

    /// The next thing that happens; with nothing under way it never does. Cancel safe.
    pub async fn next(&mut self) -> BrokerEvent<R, T> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<BrokerEvent<R, T>> {
        for (route, broker) in &mut self.brokers {
            for wait in [&mut broker.not_before, &mut broker.held_back] {
                wait.take_if(|until| *until <= Instant::now());
            }
            if let Some(connecting) = &mut broker.connecting
                && let Poll::Ready(outcome) = connecting.as_mut().poll(cx)
            {
                broker.connecting = None;
                return Poll::Ready(match outcome {
                    Ok(_) => {
                        broker.backoff.reset();
                        BrokerEvent::Connected
                    }
                    Err(error) => {
                        let wait = broker.backoff.next_wait(&mut self.client.env().rng());
                        broker.not_before = Some(Instant::now() + wait);
                        BrokerEvent::NotConnected(error)
                    }
                });
            }
            if let Some((_, answer)) = broker.answers.front_mut()
                && let Poll::Ready(outcome) = Pin::new(answer).poll(cx)
                && let Some((sent_with, _)) = broker.answers.pop_front()
            {
                return Poll::Ready(BrokerEvent::Answer(*route, sent_with, outcome));
            }
        }
        Poll::Pending
    }
}

impl<R, T> Broker<R, T> {
    fn new(backoff: Backoff) -> Self {
        Self { connecting: None, not_before: None, held_back: None, backoff, answers: VecDeque::new() }
    }
}

impl<R, T> fmt::Debug for Brokers<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routes = self.brokers.keys().collect::<Vec<_>>();
        f.debug_struct("Brokers").field("lane", &self.lane).field("routes", &routes).finish_non_exhaustive()
    }
}
