//! What a client does in the background: refreshes metadata and closes idle connections.
//!
//! It also picks whom to ask when any broker will do.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use ottla_protocol::Request;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use ottla_protocol::wire::Str;
use ottla_transport::Address;
use tokio::time::{Instant, sleep_until};

use crate::client::Inner;
use crate::cluster::Cluster;
use crate::connection::{Connection, PATIENCE};
use crate::coordinators::{self, Coordinated};
use crate::error::Error;
use crate::lock::lock;
use crate::metadata::{Question, Step};
use crate::node::{Node, NodeId};
use crate::pool::Lane;
use crate::staggered::first_success;

/// A question to one broker.
type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Works until the client is closed.
pub(super) async fn run(inner: Arc<Inner>) {
    let mut closed = inner.closed.watch();
    let work = async {
        loop {
            let step = lock(&inner.refresh).poll(Instant::now().into_std());
            match step {
                Step::Ask(question) => inner.ask(question).await,
                Step::Wait(until) => {
                    let idle_max = inner.config.connections_max_idle;
                    let look_again = inner.pool.close_idle(Instant::now(), idle_max);
                    tokio::select! {
                        biased;
                        () = inner.wanted.notified() => {}
                        () = sleep_until(look_again.min(Instant::from_std(until))) => {}
                    }
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = closed.wait_for(|closed| *closed) => {}
        () = work => {}
    }
}

impl Inner {
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.pool.close();
    }

    pub(super) async fn connection(&self, node: NodeId, lane: Lane) -> Result<Connection, Error> {
        if self.closed.get() {
            return Err(Error::Closed);
        }
        let address = self.address(node).ok_or(Error::UnknownNode(node))?;
        self.pool.get(node, lane, &address).await
    }

    pub(super) async fn call_any<R>(&self, request: &R) -> Result<R::Response, Error>
    where
        R: Request + Sync,
        R::Response: Send,
    {
        self.any(|connection| Box::pin(async move { connection.call(request).await })).await
    }

    /// Asks whichever broker answers: first those with an open connection, last the bootstrap
    /// servers, and otherwise at random, to spread the load.
    pub(super) async fn any<'a, T>(
        &'a self,
        ask: impl Fn(Connection) -> Asking<'a, T> + Sync,
    ) -> Result<T, Error> {
        let ask = &ask;
        let attempts = self.candidates().into_iter().map(|node| {
            Box::pin(async move { ask(self.connection(node, Lane::Calls).await?).await }) as Asking<'_, T>
        });
        let answer = first_success(attempts, PATIENCE).await;
        answer.map_err(|last| last.unwrap_or(Error::Closed))
    }

    /// The coordinators of groups or transactional ids, asked for unless they are known.
    pub(super) async fn coordinators(
        &self,
        kind: Coordinated,
        mut keys: Vec<Str>,
    ) -> BTreeMap<Str, Result<NodeId, Error>> {
        let mut located = BTreeMap::new();
        {
            let known = lock(&self.coordinators);
            keys.retain(|key| match known.get(kind, key) {
                Some(node) => {
                    located.insert(key.clone(), Ok(node));
                    false
                }
                None => true,
            });
        }
        if keys.is_empty() {
            return located;
        }
        let asked = &keys;
        match self.any(|connection| Box::pin(coordinators::find(connection, kind, asked))).await {
            Ok(found) => {
                for (key, found) in found {
                    let found = found.map(|node| self.learn_coordinator(kind, &key, node));
                    located.insert(key, found);
                }
            }
            Err(error) => located.extend(keys.into_iter().map(|key| (key, Err(error.clone())))),
        }
        located
    }

    fn learn_coordinator(&self, kind: Coordinated, key: &Str, node: Node) -> NodeId {
        let id = node.id;
        lock(&self.coordinators).learn(kind, key, id);
        self.cluster.change_if(|cluster| {
            if cluster.node(id).is_none() {
                *cluster = Arc::new(cluster.with_node(node));
            }
            // Nobody waits for a broker to show up in the picture.
            false
        });
        id
    }

    pub(super) fn candidates(&self) -> Vec<NodeId> {
        let known: Vec<_> = self.cluster.get().nodes().map(|node| node.id).collect();
        let (mut open, mut other): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|node| self.pool.live(*node, Lane::Calls).is_some());
        let mut rng = lock(&self.rng);
        rng.shuffle(&mut open);
        rng.shuffle(&mut other);
        let mut bootstrap: Vec<_> = (0..self.bootstrap.len()).map(NodeId::bootstrap).collect();
        rng.shuffle(&mut bootstrap);
        [open, other, bootstrap].concat()
    }

    fn address(&self, node: NodeId) -> Option<Address> {
        if let Some(node) = self.cluster.get().node(node) {
            return Some(node.address());
        }
        let index = usize::try_from(-1 - i64::from(node.0)).ok()?;
        self.bootstrap.get(index).cloned()
    }

    async fn ask(&self, question: Question) {
        let Question { used, looked_at } = question;
        // A request allows the creation of all of its topics or of none.
        let requests = if used.is_empty() || looked_at.is_empty() || !self.config.allow_auto_create_topics {
            let may_create = looked_at.is_empty();
            vec![([used, looked_at].concat(), may_create)]
        } else {
            vec![(used, true), (looked_at, false)]
        };
        let mut is_satisfied = true;
        for (topics, may_create) in requests {
            match self.describe(&topics, may_create).await {
                Ok(answer) if answer.brokers.is_empty() => {
                    tracing::debug!("a broker answered that it knows no broker");
                    return self.ask_again();
                }
                Ok(answer) => is_satisfied &= self.take_in(answer, &topics),
                Err(error) => {
                    tracing::debug!(%error, "no broker describes the cluster");
                    *lock(&self.last_failure) = Some(error);
                    return self.ask_again();
                }
            }
        }
        *lock(&self.last_failure) = None;
        lock(&self.refresh).answered(Instant::now().into_std(), &mut lock(&self.rng), is_satisfied);
    }

    fn ask_again(&self) {
        lock(&self.refresh).failed(Instant::now().into_std(), &mut lock(&self.rng));
    }

    async fn describe(&self, topics: &[Str], may_create: bool) -> Result<MetadataResponse, Error> {
        let mut request = MetadataRequest::default();
        request.allow_auto_topic_creation = may_create && self.config.allow_auto_create_topics;
        request.topics = Some(topics.iter().cloned().map(topic_by_name).collect());
        self.call_any(&request).await
    }

    /// Takes in an answer; says whether it tells all that was asked.
    fn take_in(&self, answer: MetadataResponse, asked: &[Str]) -> bool {
        self.cluster.change_if(|cluster| {
            *cluster = Arc::new(cluster.updated(answer));
            true
        });
        let cluster = self.cluster.get();
        asked.iter().all(|topic| is_settled(&cluster, topic))
    }
}

/// Whether asking again would bring nothing new for now.
fn is_settled(cluster: &Cluster, topic: &str) -> bool {
    cluster.topic(topic).is_some_and(|topic| match topic.error {
        ErrorCode::NONE => topic.partitions.iter().all(|partition| partition.leader.is_some()),
        code => !code.is_retriable(),
    })
}

fn topic_by_name(name: Str) -> MetadataRequestTopic {
    let mut topic = MetadataRequestTopic::default();
    topic.name = Some(name);
    topic
}
