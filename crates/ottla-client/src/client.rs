//! The shell around metadata and connections: asks, connects, waits, and tells who is interested.
//!
//! What to ask and when is decided in `metadata`, what is known in `cluster`, and how a connection is
//! made in `pool`. Calls that administer a cluster are in [`Admin`].

#[cfg(test)]
mod tests;
mod upkeep;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ottla_env::{Env, Rng};
use ottla_protocol::Request;
use ottla_protocol::api::ErrorCode;
use ottla_protocol::wire::Str;
use ottla_transport::Address;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::admin::Admin;
use crate::cluster::{Cluster, Leader, Topic};
use crate::config::Config;
use crate::connection::Connection;
use crate::coordinators::{Coordinated, Coordinators};
use crate::error::Error;
use crate::lock::lock;
use crate::metadata::{Interest, Refresh};
use crate::node::{Node, NodeId};
use crate::pool::{Lane, Pool};
use crate::topic_partition::TopicPartition;
use crate::watched::{Watch, Watched};

/// A client's view of one cluster, and its connections.
///
/// Clones share both. The last clone dropped closes them, without waiting; so does
/// [`close`](Self::close).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    // Background work holds `inner` alone, so that this is dropped with the last handle.
    _open: Arc<CloseOnDrop>,
}

/// What handles and background work share.
struct Inner {
    config: Config,
    bootstrap: Vec<Address>,
    pool: Pool,
    cluster: Watched<Arc<Cluster>>,
    refresh: Mutex<Refresh>,
    /// Wakes the background work when something is wanted.
    wanted: Notify,
    coordinators: Mutex<Coordinators>,
    last_failure: Mutex<Option<Error>>,
    rng: Mutex<Rng>,
    closed: Watched<bool>,
}

struct CloseOnDrop(Arc<Inner>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Keeps a topic in the client's picture of the cluster; dropped, the topic is let go.
pub struct TopicInterest {
    inner: Arc<Inner>,
    topic: Str,
    interest: Interest,
}

impl Drop for TopicInterest {
    fn drop(&mut self) {
        if lock(&self.inner.refresh).forget(&self.topic, self.interest) {
            self.inner.cluster.change_if(|cluster| {
                *cluster = Arc::new(cluster.without_topic(&self.topic));
                // Nobody waits for a topic to vanish from the picture.
                false
            });
        }
    }
}

impl Client {
    /// Reaches out to the cluster, and returns once one of the bootstrap servers has described it.
    ///
    /// Servers that do not answer do not hold up the others. While none does, they are tried again
    /// for up to `socket.connection.setup.timeout.ms`.
    ///
    /// # Errors
    /// [`Error::Config`], or [`Error::Bootstrap`] with what the last server failed with.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped, it leaves nothing behind.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        let config = config.build()?;
        let backoff = config.backoff_of_retries();
        let inner = Arc::new(Inner {
            bootstrap: config.addresses()?,
            pool: Pool::new(config.clone()),
            cluster: Watched::new(Arc::default()),
            refresh: Mutex::new(Refresh::new(config.metadata_max_age, backoff)),
            wanted: Notify::new(),
            coordinators: Mutex::default(),
            last_failure: Mutex::default(),
            rng: Mutex::new(config.env().rng()),
            closed: Watched::new(false),
            config,
        });
        let client = Self { _open: Arc::new(CloseOnDrop(Arc::clone(&inner))), inner };
        client.env().spawn(upkeep::run(Arc::clone(&client.inner)));
        let limit = client.inner.config.connection_setup_timeout;
        let described =
            client.wait_for(Instant::now() + limit, |cluster| cluster.nodes().next().map(|_| Ok(())));
        match described.await {
            Some(Ok(())) => Ok(client),
            Some(Err(error)) => Err(error),
            None => {
                let last = lock(&client.inner.last_failure).clone();
                let no_answer = || Error::Timeout { what: "the first answer".to_owned(), limit, last: None };
                Err(Error::Bootstrap {
                    servers: client.inner.config.bootstrap_servers.join(","),
                    waited: limit,
                    last: Box::new(last.unwrap_or_else(no_answer)),
                })
            }
        }
    }

    /// The settings of this client.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Clock, seeds and spawning.
    pub fn env(&self) -> &Env {
        self.inner.config.env()
    }

    /// Calls that administer the cluster.
    pub fn admin(&self) -> Admin {
        Admin::new(self.clone())
    }

    /// The cluster as it is known now.
    pub fn cluster(&self) -> Arc<Cluster> {
        self.inner.cluster.get()
    }

    /// The cluster as it is known, with a mark for each answer that came in.
    pub fn watch(&self) -> Watch<Arc<Cluster>> {
        self.inner.cluster.watch()
    }

    /// Keeps `topic` in the picture of the cluster, whether it exists or not, until the returned
    /// value is dropped.
    ///
    /// A topic that does not exist may be created by the broker that is asked for it
    /// (`allow.auto.create.topics`).
    pub fn keep_topic(&self, topic: impl Into<Str>) -> TopicInterest {
        self.interest_in(topic.into(), Interest::Use)
    }

    /// Keeps `topic` in the picture as [`keep_topic`](Self::keep_topic) does, and never creates it.
    pub(crate) fn look_at_topic(&self, topic: impl Into<Str>) -> TopicInterest {
        self.interest_in(topic.into(), Interest::Look)
    }

    fn interest_in(&self, topic: Str, interest: Interest) -> TopicInterest {
        lock(&self.inner.refresh).keep(&topic, interest);
        self.inner.wanted.notify_one();
        TopicInterest { inner: Arc::clone(&self.inner), topic, interest }
    }

    /// Asks for news of the cluster soon, because something known turned out wrong. Several
    /// requests make one question.
    pub fn want_refresh(&self) {
        lock(&self.inner.refresh).want();
        self.inner.wanted.notify_one();
    }

    /// Asks for news of the cluster and waits for them.
    ///
    /// # Errors
    /// [`Error::Timeout`] after `default.api.timeout.ms`, [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe: the answer is taken in all the same.
    pub async fn refresh(&self) -> Result<Arc<Cluster>, Error> {
        let limit = self.config().default_api_timeout;
        let watch = self.watch();
        self.want_refresh();
        let news = self.wait_for_change(&watch, Instant::now() + limit);
        match news.await {
            Some(Ok(())) => Ok(self.cluster()),
            Some(Err(error)) => Err(error),
            None => Err(self.timeout("news of the cluster", limit)),
        }
    }

    /// What is known of `topic`, once it is known to exist; asks for it if need be, which may create it
    /// (`allow.auto.create.topics`).
    ///
    /// # Errors
    /// [`Error::UnknownTopic`] if it does not exist after `limit`, [`Error::Refused`] if the
    /// brokers do not let this client see it, [`Error::Timeout`] if none answers.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn topic(&self, topic: &str, limit: Duration) -> Result<Arc<Topic>, Error> {
        if let Some(Ok(topic)) = known_topic(&self.cluster(), topic) {
            return Ok(topic);
        }
        let _interest = self.keep_topic(topic);
        self.kept_topic(topic, limit).await
    }

    /// What is known of a topic in which somebody is interested.
    async fn kept_topic(&self, topic: &str, limit: Duration) -> Result<Arc<Topic>, Error> {
        if let Some(Ok(topic)) = known_topic(&self.cluster(), topic) {
            return Ok(topic);
        }
        self.want_refresh();
        match self.wait_for(Instant::now() + limit, |cluster| known_topic(cluster, topic)).await {
            Some(outcome) => outcome,
            None if self.cluster().topic(topic).is_some() => {
                Err(Error::UnknownTopic { topic: topic.to_owned() })
            }
            None => Err(self.timeout(&format!("news of topic {topic:?}"), limit)),
        }
    }

    /// Who leads a partition, once somebody does; asks if need be, which does not create the topic.
    ///
    /// # Errors
    /// As [`topic`](Self::topic), and [`Error::UnknownPartition`], [`Error::NoLeader`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn leader_of(&self, partition: &TopicPartition, limit: Duration) -> Result<Leader, Error> {
        let deadline = Instant::now() + limit;
        let _interest = self.look_at_topic(partition.topic.clone());
        let topic = self.kept_topic(&partition.topic, limit).await?;
        if topic.partition(partition.partition).is_none() {
            return Err(Error::UnknownPartition(partition.clone()));
        }
        let leader = self.wait_for(deadline, |cluster| cluster.leader(partition).map(Ok));
        leader.await.unwrap_or_else(|| Err(Error::NoLeader(partition.clone())))
    }

    /// Takes in that a broker named another leader; says whether this was news.
    ///
    /// Without such a hint, or if it is not news, ask with [`want_refresh`](Self::want_refresh).
    pub fn hint_leader(&self, of: &TopicPartition, leader: Leader, node: Option<Node>) -> bool {
        self.inner.cluster.change_if(|cluster| {
            let changed = cluster.with_leader(of, leader, node);
            let is_news = changed.is_some();
            if let Some(changed) = changed {
                *cluster = Arc::new(changed);
            }
            is_news
        })
    }

    /// The broker that coordinates a group, asked for unless it is known. There are no retries.
    ///
    /// # Errors
    /// [`Error::Refused`] with `COORDINATOR_NOT_AVAILABLE` while there is none, or that nobody answered.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn coordinator(&self, group: impl Into<Str>) -> Result<NodeId, Error> {
        self.one_coordinator(Coordinated::Group, group.into()).await
    }

    /// Forgets that a broker coordinates a group, because it said that it does not, or is not reached.
    pub fn forget_coordinator(&self, group: &str, node: NodeId) {
        lock(&self.inner.coordinators).forget(Coordinated::Group, group, node);
    }

    /// The broker that coordinates the transactions of a transactional id, asked for unless it is known. There are
    /// no retries.
    ///
    /// # Errors
    /// As [`coordinator`](Self::coordinator).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn transaction_coordinator(&self, transactional_id: impl Into<Str>) -> Result<NodeId, Error> {
        self.one_coordinator(Coordinated::Transaction, transactional_id.into()).await
    }

    /// As [`forget_coordinator`](Self::forget_coordinator), for the coordinator of a transactional id.
    pub fn forget_transaction_coordinator(&self, transactional_id: &str, node: NodeId) {
        lock(&self.inner.coordinators).forget(Coordinated::Transaction, transactional_id, node);
    }

    async fn one_coordinator(&self, kind: Coordinated, key: Str) -> Result<NodeId, Error> {
        let mut found = self.inner.coordinators(kind, vec![key.clone()]).await;
        found.remove(&key).unwrap_or(Err(Error::Closed))
    }

    pub(crate) async fn coordinators(
        &self,
        kind: Coordinated,
        keys: Vec<Str>,
    ) -> BTreeMap<Str, Result<NodeId, Error>> {
        self.inner.coordinators(kind, keys).await
    }

    /// The broker that changes topics. Where it is unknown any will do: Kafka's brokers forward.
    pub(crate) fn controller(&self) -> NodeId {
        let cluster = self.cluster();
        let known = cluster.controller().filter(|id| cluster.node(*id).is_some());
        known.unwrap_or_else(|| self.any_node())
    }

    /// A broker to ask what any of them knows: one that is connected, if there is one.
    pub(crate) fn any_node(&self) -> NodeId {
        self.inner.candidates().first().copied().unwrap_or_else(|| NodeId::bootstrap(0))
    }

    /// The connection to a broker, made if there is none; after failures, attempts are spaced out.
    ///
    /// # Errors
    /// [`Error::UnknownNode`], [`Error::Connect`], [`Error::Closed`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn connection(&self, node: NodeId, lane: Lane) -> Result<Connection, Error> {
        self.inner.connection(node, lane).await
    }

    /// The connection to a broker, if one is open.
    pub fn open_connection(&self, node: NodeId, lane: Lane) -> Option<Connection> {
        self.inner.pool.live(node, lane)
    }

    /// Sends a request to a broker and waits for its answer. There are no retries.
    ///
    /// # Errors
    /// Those of [`connection`](Self::connection) and [`Connection::call`].
    ///
    /// # Cancel safety
    /// Cancel safe for the client; the request may have been sent and may be served.
    pub async fn call<R: Request>(&self, node: NodeId, request: &R) -> Result<R::Response, Error> {
        self.connection(node, Lane::Calls).await?.call(request).await
    }

    /// Sends a request to whichever broker answers. Use it for questions, which do no harm when
    /// two brokers get them.
    ///
    /// # Errors
    /// What the last broker failed with.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn call_any<R>(&self, request: &R) -> Result<R::Response, Error>
    where
        R: Request + Sync,
        R::Response: Send,
    {
        self.inner.call_any(request).await
    }

    /// Closes all connections and stops the background work. Other clones fail from here on.
    ///
    /// # Cancel safety
    /// Cancel safe: closing has happened by the first poll.
    pub async fn close(self) {
        self.inner.close();
    }

    /// Waits until `find` finds something in the picture of the cluster; `None` after `deadline`.
    async fn wait_for<T>(
        &self,
        deadline: Instant,
        mut find: impl FnMut(&Cluster) -> Option<Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        let mut watch = self.watch();
        loop {
            let found = find(&watch.see());
            if found.is_some() {
                return found;
            }
            match self.wait_for_change(&watch, deadline).await {
                Some(Ok(())) => {}
                Some(Err(error)) => return Some(Err(error)),
                None => return None,
            }
        }
    }

    async fn wait_for_change(
        &self,
        watch: &Watch<Arc<Cluster>>,
        deadline: Instant,
    ) -> Option<Result<(), Error>> {
        let mut closed = self.inner.closed.watch();
        let change = async {
            tokio::select! {
                biased;
                () = closed.wait_for(|closed| *closed) => Err(Error::Closed),
                () = watch.changed() => Ok(()),
            }
        };
        timeout_at(deadline, change).await.ok()
    }

    fn timeout(&self, what: &str, limit: Duration) -> Error {
        let last = lock(&self.inner.last_failure).clone().map(Box::new);
        Error::Timeout { what: what.to_owned(), limit, last }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl fmt::Debug for TopicInterest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TopicInterest").field(&self.topic).finish()
    }
}

/// The topic if it can be used; an error if it never will be; `None` if time may help.
fn known_topic(cluster: &Cluster, name: &str) -> Option<Result<Arc<Topic>, Error>> {
    let topic = cluster.topic(name)?;
    match topic.error {
        ErrorCode::NONE => Some(Ok(Arc::clone(topic))),
        // A topic whose partitions have no leader yet is there, and can be waited for in pieces.
        ErrorCode::LEADER_NOT_AVAILABLE if !topic.partitions.is_empty() => Some(Ok(Arc::clone(topic))),
        code if code.is_retriable() => None,
        code => Some(Error::check(format!("topic {name:?}"), code, None).map(|()| Arc::clone(topic))),
    }
}
