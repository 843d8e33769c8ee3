//! Everything that the worker waits for: connections, answers, and its identity.
//!
//! Answers of a broker come in the order of its requests, so that of each broker only the oldest is
//! looked at.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use ottla_client::{Backoff, Client, Connection, Error, Lane, NodeId, Pending};
use ottla_protocol::messages::produce::{ProduceRequest, ProduceResponse};
use tokio::time::Instant;

use super::{get_identity, wait};
use crate::sender::{ProducerIdentity, RequestId};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Something that was waited for.
pub(super) enum Event {
    /// A request has its answer, or will have none.
    Answer(RequestId, Result<ProduceResponse, Error>),
    /// A broker can be sent to.
    Connected,
    /// A broker cannot be reached; it is tried again, after a while.
    NotConnected(Error),
    /// The cluster gave an id, or refused to.
    Identity(Result<ProducerIdentity, Error>),
}

/// What is under way.
pub(super) struct Io {
    client: Client,
    nodes: BTreeMap<NodeId, NodeIo>,
    identity: Option<BoxFuture<Result<ProducerIdentity, Error>>>,
}

struct NodeIo {
    connecting: Option<BoxFuture<Result<Connection, Error>>>,
    not_before: Option<Instant>,
    backoff: Backoff,
    answers: VecDeque<(RequestId, Pending<ProduceRequest>)>,
}

impl Io {
    pub(super) fn new(client: Client) -> Self {
        Self { client, nodes: BTreeMap::new(), identity: None }
    }

    /// The connection to a broker; without one, it is being made.
    pub(super) fn connection(&mut self, node: NodeId, now: Instant) -> Option<Connection> {
        let open = self.client.open_connection(node, Lane::Calls);
        let config = self.client.config();
        let io = self.nodes.entry(node).or_insert_with(|| NodeIo {
            connecting: None,
            not_before: None,
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            answers: VecDeque::new(),
        });
        if open.is_none() && io.connecting.is_none() && io.not_before.is_none_or(|at| at <= now) {
            let client = self.client.clone();
            io.not_before = None;
            io.connecting = Some(Box::pin(async move { client.connection(node, Lane::Calls).await }));
        }
        open
    }

    /// Waits for the answer to a request that was sent.
    pub(super) fn wait_for(&mut self, node: NodeId, request: RequestId, answer: Pending<ProduceRequest>) {
        if let Some(io) = self.nodes.get_mut(&node) {
            io.answers.push_back((request, answer));
        }
    }

    /// Gets an id from the cluster, unless that is under way.
    pub(super) fn get_identity(&mut self) {
        let client = &self.client;
        self.identity.get_or_insert_with(|| Box::pin(get_identity(client.clone())));
    }

    /// When a broker may be tried again.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.nodes.values().filter_map(|io| io.not_before).min()
    }

    /// The next thing that happens. Cancel safe.
    pub(super) async fn next(&mut self) -> Event {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(identity) = &mut self.identity
            && let Poll::Ready(outcome) = identity.as_mut().poll(cx)
        {
            self.identity = None;
            return Poll::Ready(Event::Identity(outcome));
        }
        for (node, io) in &mut self.nodes {
            if io.not_before.is_some_and(|at| at <= Instant::now()) {
                io.not_before = None;
            }
            if let Some(connecting) = &mut io.connecting
                && let Poll::Ready(outcome) = connecting.as_mut().poll(cx)
            {
                io.connecting = None;
                return Poll::Ready(match outcome {
                    Ok(_) => {
                        io.backoff.reset();
                        Event::Connected
                    }
                    Err(error) => {
                        io.not_before = Some(Instant::now() + wait(&mut io.backoff, self.client.env()));
                        Event::NotConnected(error)
                    }
                });
            }
            if let Some((request, answer)) = io.answers.front_mut()
                && let Poll::Ready(outcome) = Pin::new(answer).poll(cx)
            {
                let request = *request;
                io.answers.pop_front();
                let outcome = outcome.map_err(|source| Error::connection(*node, source));
                return Poll::Ready(Event::Answer(request, outcome));
            }
        }
        Poll::Pending
    }
}
