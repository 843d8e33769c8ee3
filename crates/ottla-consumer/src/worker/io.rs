//! Everything that the worker waits for: connections, answers, and places that are being found out.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use ottla_client::{
    Backoff, Client, Connection, Error, IsolationLevel, Lane, ListedOffset, NodeId, Pending, TopicPartition,
};
use ottla_protocol::messages::fetch::{FetchRequest, FetchResponse};
use tokio::time::Instant;

use crate::fetcher::Find;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Found = (Vec<Find>, BTreeMap<TopicPartition, Result<ListedOffset, Error>>);

/// Something that was waited for.
pub(super) enum Event {
    /// A request has its answer, or will have none.
    Answer(NodeId, Result<FetchResponse, Error>),
    /// A broker can be asked.
    Connected,
    /// A broker cannot be reached; it is tried again, after a while.
    NotConnected(Error),
    /// Where places are.
    Found(Vec<Find>, BTreeMap<TopicPartition, Result<ListedOffset, Error>>),
}

/// What is under way.
pub(super) struct Io {
    client: Client,
    isolation: IsolationLevel,
    nodes: BTreeMap<NodeId, NodeIo>,
    finding: Vec<BoxFuture<Found>>,
}

struct NodeIo {
    connecting: Option<BoxFuture<Result<Connection, Error>>>,
    not_before: Option<Instant>,
    backoff: Backoff,
    answer: Option<Pending<FetchRequest>>,
}

impl Io {
    pub(super) fn new(client: Client, isolation: IsolationLevel) -> Self {
        Self { client, isolation, nodes: BTreeMap::new(), finding: Vec::new() }
    }

    /// The connection to a broker; without one, it is being made.
    pub(super) fn connection(&mut self, node: NodeId, now: Instant) -> Option<Connection> {
        let open = self.client.open_connection(node, Lane::LongPolls);
        let config = self.client.config();
        let io = self.nodes.entry(node).or_insert_with(|| NodeIo {
            connecting: None,
            not_before: None,
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            answer: None,
        });
        if open.is_none() && io.connecting.is_none() && io.not_before.is_none_or(|at| at <= now) {
            let client = self.client.clone();
            io.not_before = None;
            io.connecting = Some(Box::pin(async move { client.connection(node, Lane::LongPolls).await }));
        }
        open
    }

    /// Waits for the answer to a request that was sent; there is one per broker at a time.
    pub(super) fn wait_for(&mut self, node: NodeId, answer: Pending<FetchRequest>) {
        if let Some(io) = self.nodes.get_mut(&node) {
            io.answer = Some(answer);
        }
    }

    /// Finds out where places are.
    pub(super) fn find(&mut self, finds: Vec<Find>) {
        if finds.is_empty() {
            return;
        }
        let (admin, isolation) = (self.client.admin(), self.isolation);
        self.finding.push(Box::pin(async move {
            let places = finds.iter().map(|find| (find.partition.clone(), find.spec));
            let outcomes = admin.list_offsets(places, isolation).await;
            (finds, outcomes)
        }));
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
        for index in 0..self.finding.len() {
            if let Poll::Ready((finds, outcomes)) = self.finding[index].as_mut().poll(cx) {
                drop(self.finding.swap_remove(index));
                return Poll::Ready(Event::Found(finds, outcomes));
            }
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
                        let wait = io.backoff.next_wait(&mut self.client.env().rng());
                        io.not_before = Some(Instant::now() + wait);
                        Event::NotConnected(error)
                    }
                });
            }
            if let Some(answer) = &mut io.answer
                && let Poll::Ready(outcome) = Pin::new(answer).poll(cx)
            {
                io.answer = None;
                let outcome = outcome.map_err(|source| Error::connection(*node, source));
                return Poll::Ready(Event::Answer(*node, outcome));
            }
        }
        Poll::Pending
    }
}
