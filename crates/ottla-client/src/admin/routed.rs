//! Calls about many things at once, each of which is the business of a certain broker.
//!
//! Things whose broker is the same share a request. What fails in a way that may pass is located and
//! asked for again, on its own: the others are not asked twice. What is asked, and of whom, is said by
//! the implementations of [`Routed`], beside the calls that they are for.

use std::collections::BTreeMap;
use std::pin::Pin;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::wire::Str;

use crate::client::Client;
use crate::error::Error;
use crate::join::join_all;
use crate::node::NodeId;
use crate::retry::Retries;
use crate::topic_partition::TopicPartition;

/// What became of each thing.
pub(super) type Outcomes<K, V> = BTreeMap<K, Result<V, Error>>;

/// Who is responsible for each thing, or why nobody is.
pub(super) type Located<K> = BTreeMap<K, Result<NodeId, Error>>;

/// A call about things of type `Key`.
pub(super) trait Routed: Sync {
    /// What is asked about.
    type Key: Key;
    /// What is answered about each.
    type Value: Send;

    /// What is done, for the error of a call that took too long.
    const WHAT: &'static str;
    /// The API that is called.
    const API: ApiKey;

    /// Asks `node` about `keys`.
    fn ask(
        &self,
        client: &Client,
        node: NodeId,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<Outcomes<Self::Key, Self::Value>, Error>> + Send;

    /// The failure that is in an answer, where an answer can hold some.
    fn failure_in<'a>(&self, _value: &'a Self::Value) -> Option<&'a Error> {
        None
    }
}

/// Something whose broker can be found.
pub(super) trait Key: Ord + Clone + Send + Sync {
    /// Finds the brokers that are responsible for `keys`.
    fn locate(client: &Client, keys: Vec<Self>) -> impl Future<Output = Located<Self>> + Send;

    /// Takes in that `node` failed with `error` when it was asked about this.
    fn failed(&self, client: &Client, node: NodeId, error: &Error);

    /// How it is called in errors.
    fn subject(&self) -> String;
}

/// A group, whose broker is its coordinator.
impl Key for Str {
    async fn locate(client: &Client, keys: Vec<Self>) -> Located<Self> {
        client.coordinators(keys).await
    }

    fn failed(&self, client: &Client, node: NodeId, error: &Error) {
        let moved = |code| matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE);
        // A broker that only loads the group still coordinates it; one that cannot be reached may be gone.
        if error.code().is_none_or(moved) {
            client.forget_coordinator(self, node);
        }
    }

    fn subject(&self) -> String {
        format!("group {:?}", self.as_str())
    }
}

/// A partition, whose broker is its leader.
impl Key for TopicPartition {
    async fn locate(client: &Client, keys: Vec<Self>) -> Located<Self> {
        let limit = client.config().request_timeout;
        let leaders = keys.into_iter().map(|key| -> Pin<Box<dyn Future<Output = _> + Send + '_>> {
            Box::pin(async move {
                let leader = client.leader_of(&key, limit).await;
                (key, leader.map(|leader| leader.node))
            })
        });
        join_all(leaders.collect()).await.into_iter().collect()
    }

    fn failed(&self, client: &Client, _node: NodeId, _error: &Error) {
        client.want_refresh();
    }

    fn subject(&self) -> String {
        format!("partition {self}")
    }
}

/// A broker, which is its own business.
impl Key for NodeId {
    async fn locate(_client: &Client, keys: Vec<Self>) -> Located<Self> {
        keys.into_iter().map(|node| (node, Ok(node))).collect()
    }

    fn failed(&self, client: &Client, _node: NodeId, _error: &Error) {
        client.want_refresh();
    }

    fn subject(&self) -> String {
        format!("broker {self}")
    }
}

/// Makes the call, until each thing has an answer or a failure that will not pass.
pub(super) async fn route<R: Routed>(
    client: &Client,
    call: &R,
    keys: impl IntoIterator<Item = R::Key>,
) -> Outcomes<R::Key, R::Value> {
    let mut missing: Vec<_> = keys.into_iter().collect();
    missing.sort();
    missing.dedup();
    let mut done = Outcomes::new();
    if missing.is_empty() {
        return done;
    }
    let mut retries = Retries::new(client, R::WHAT);
    loop {
        let mut again = BTreeMap::new();
        for (key, outcome) in once(client, call, missing).await {
            match failure(call, &outcome).filter(|error| error.is_retriable()).cloned() {
                Some(error) => drop(again.insert(key, error)),
                None => drop(done.insert(key, outcome)),
            }
        }
        let Some(error) = again.values().next() else { return done };
        if !retries.wait(error).await {
            done.extend(again.into_iter().map(|(key, error)| (key, Err(retries.out_of_time(error)))));
            return done;
        }
        missing = again.into_keys().collect();
    }
}

fn failure<'a, R: Routed>(call: &R, outcome: &'a Result<R::Value, Error>) -> Option<&'a Error> {
    match outcome {
        Ok(value) => call.failure_in(value),
        Err(error) => Some(error),
    }
}

/// Locates the things and asks all brokers concerned, side by side.
async fn once<R: Routed>(client: &Client, call: &R, keys: Vec<R::Key>) -> Outcomes<R::Key, R::Value> {
    let mut outcomes = Outcomes::new();
    let mut by_node = BTreeMap::<NodeId, Vec<R::Key>>::new();
    for (key, located) in R::Key::locate(client, keys).await {
        match located {
            Ok(node) => by_node.entry(node).or_default().push(key),
            Err(error) => drop(outcomes.insert(key, Err(error))),
        }
    }
    type Asking<'a, R> =
        Pin<Box<dyn Future<Output = Outcomes<<R as Routed>::Key, <R as Routed>::Value>> + Send + 'a>>;
    let ask =
        |(node, keys): (NodeId, Vec<R::Key>)| -> Asking<'_, R> { Box::pin(ask(client, call, node, keys)) };
    for answered in join_all(by_node.into_iter().map(ask).collect()).await {
        outcomes.extend(answered);
    }
    outcomes
}

async fn ask<R: Routed>(
    client: &Client,
    call: &R,
    node: NodeId,
    keys: Vec<R::Key>,
) -> Outcomes<R::Key, R::Value> {
    let answered = call.ask(client, node, &keys).await;
    let mut outcomes = Outcomes::new();
    let (mut answers, failed) = match answered {
        Ok(answers) => (answers, None),
        Err(error) => (Outcomes::new(), Some(error)),
    };
    for key in keys {
        let outcome = match (answers.remove(&key), &failed) {
            (Some(outcome), _) => outcome,
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(Error::IncompleteAnswer { node, api: R::API, missing: key.subject() }),
        };
        if let Some(error) = failure(call, &outcome) {
            key.failed(client, node, error);
        }
        outcomes.insert(key, outcome);
    }
    outcomes
}
