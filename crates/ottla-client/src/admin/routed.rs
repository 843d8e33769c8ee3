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
use crate::coordinators::Coordinated;
use crate::error::Error;
use crate::join::join_all;
use crate::node::NodeId;
use crate::retry::Retries;
use crate::topic_partition::TopicPartition;

/// What became of each thing.
pub(super) type Outcomes<K, V> = BTreeMap<K, Result<V, Error>>;

/// What a broker answered about each thing, or why it did not.
pub(super) type Answered<R> = Result<Outcomes<<R as Routed>::Key, <R as Routed>::Value>, Error>;

/// Who is responsible for each thing, or why nobody is.
pub(super) type Located<K> = BTreeMap<K, Result<NodeId, Error>>;

/// A call about things of type `Key`.
pub(super) trait Routed: Sync + Sized {
    /// What is asked about.
    type Key: Ord + Clone + Send + Sync;
    /// What is answered about each.
    type Value: Send;
    /// How the broker of each is found.
    type Route: Route<Self::Key>;

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
    ) -> impl Future<Output = Answered<Self>> + Send;

    /// How a key is called in errors.
    fn subject(key: &Self::Key) -> String;

    /// Whether a failure is the answer, and asking again would bring no other.
    fn is_final(&self, error: &Error) -> bool {
        !error.is_retriable()
    }

    /// The failure that is in an answer, where an answer can hold some.
    fn failure_in<'a>(&self, _value: &'a Self::Value) -> Option<&'a Error> {
        None
    }
}

/// A way to find the brokers of things.
pub(super) trait Route<K> {
    /// The brokers that are responsible for `keys`.
    fn locate(client: &Client, keys: Vec<K>) -> impl Future<Output = Located<K>> + Send;

    /// Takes in that `node` failed with `error` when it was asked about `key`.
    fn failed(client: &Client, key: &K, node: NodeId, error: &Error);
}

/// Groups, which are their coordinators' business.
pub(super) struct ToCoordinator;

impl Route<Str> for ToCoordinator {
    async fn locate(client: &Client, keys: Vec<Str>) -> Located<Str> {
        client.coordinators(Coordinated::Group, keys).await
    }

    fn failed(client: &Client, group: &Str, node: NodeId, error: &Error) {
        let moved = |code| matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE);
        // A broker that only loads the group still coordinates it; one that cannot be reached may be gone.
        if error.code().is_none_or(moved) {
            client.forget_coordinator(group, node);
        }
    }
}

/// Transactional ids, which are the business of their coordinators of transactions.
pub(super) struct ToTransactionCoordinator;

impl Route<Str> for ToTransactionCoordinator {
    async fn locate(client: &Client, keys: Vec<Str>) -> Located<Str> {
        client.coordinators(Coordinated::Transaction, keys).await
    }

    fn failed(client: &Client, id: &Str, node: NodeId, error: &Error) {
        let moved = |code| matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE);
        if error.code().is_none_or(moved) {
            client.forget_transaction_coordinator(id, node);
        }
    }
}

/// Partitions, which are their leaders' business.
pub(super) struct ToLeader;

impl Route<TopicPartition> for ToLeader {
    async fn locate(client: &Client, keys: Vec<TopicPartition>) -> Located<TopicPartition> {
        let limit = client.config().request_timeout;
        let leaders = keys.into_iter().map(|key| -> Pin<Box<dyn Future<Output = _> + Send + '_>> {
            Box::pin(async move {
                let leader = client.leader_of(&key, limit).await;
                (key, leader.map(|leader| leader.node))
            })
        });
        join_all(leaders.collect()).await.into_iter().collect()
    }

    fn failed(client: &Client, _partition: &TopicPartition, _node: NodeId, _error: &Error) {
        client.want_refresh();
    }
}

/// Brokers, each of which is its own business.
pub(super) struct ToNode;

impl Route<NodeId> for ToNode {
    async fn locate(_client: &Client, keys: Vec<NodeId>) -> Located<NodeId> {
        keys.into_iter().map(|node| (node, Ok(node))).collect()
    }

    fn failed(client: &Client, _node: &NodeId, _asked: NodeId, _error: &Error) {
        client.want_refresh();
    }
}

/// What the controller changes. Brokers of today hand such requests on to it.
pub(super) struct ToController;

impl<K: Ord + Send> Route<K> for ToController {
    async fn locate(client: &Client, keys: Vec<K>) -> Located<K> {
        let node = client.controller();
        keys.into_iter().map(|key| (key, Ok(node))).collect()
    }

    fn failed(client: &Client, _key: &K, _node: NodeId, error: &Error) {
        // Most likely another one is the controller by now.
        if error.is_retriable() {
            client.want_refresh();
        }
    }
}

/// What any broker knows as well as another.
pub(super) struct ToAny;

impl<K: Ord + Send> Route<K> for ToAny {
    async fn locate(client: &Client, keys: Vec<K>) -> Located<K> {
        let node = client.any_node();
        keys.into_iter().map(|key| (key, Ok(node))).collect()
    }

    fn failed(_client: &Client, _key: &K, _node: NodeId, _error: &Error) {}
}

/// Puts together what is of the same topic, as requests want it.
pub(super) fn by_topic<T>(items: impl IntoIterator<Item = (Str, T)>) -> BTreeMap<Str, Vec<T>> {
    let mut topics = BTreeMap::<Str, Vec<T>>::new();
    for (topic, item) in items {
        topics.entry(topic).or_default().push(item);
    }
    topics
}

/// How a topic is called in errors.
pub(super) fn topic_subject(name: &Str) -> String {
    format!("topic {:?}", name.as_str())
}

/// How a partition is called in errors.
pub(super) fn partition_subject(of: &TopicPartition) -> String {
    format!("partition {of}")
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
            match failure(call, &outcome).filter(|error| !call.is_final(error)).cloned() {
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
    for (key, located) in R::Route::locate(client, keys).await {
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
            (None, None) => Err(Error::IncompleteAnswer { node, api: R::API, missing: R::subject(&key) }),
        };
        if let Some(error) = failure(call, &outcome) {
            R::Route::failed(client, &key, node, error);
        }
        outcomes.insert(key, outcome);
    }
    outcomes
}
