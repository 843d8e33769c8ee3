//! A cluster for tests: brokers on an in-memory network that answer as Kafka would, unless a script
//! says otherwise.
//!
//! It knows just enough of Kafka for clients: metadata with leaders that can be moved, logs that
//! check idempotent sequences, fetch sessions, groups and their members. It keeps everything in memory and promises nothing;
//! the broker to embed is `ottla::Server`.

mod answers;
mod groups;
mod log;
mod members;
mod topics;
mod transactions;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ottla_env::{Env, FixedSeeds, ManualClock, Rng};
use ottla_protocol::api::ApiKey;
use ottla_protocol::header::{self, RequestHeader};
use ottla_protocol::messages::{RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::wire::{DecodeLimits, NoFile};
use ottla_protocol::{frame, messages};
use ottla_transport::{
    Address, Call, Connector, MemoryNetwork, NetworkFaults, Outcome, Peer, Server, ServerConfig, Service,
    TokioSpawn,
};
use tokio::time::{Instant, sleep_until};

use crate::lock::lock;
use crate::node::NodeId;

use log::Topic;

/// What a broker does with a request instead of serving it as usual.
#[derive(Debug)]
pub enum Reply {
    /// Answers this.
    Answer(ResponseBody),
    /// Does not serve it, and closes the connection.
    Close,
    /// Serves it, and closes the connection instead of answering.
    LoseAnswer,
    /// Serves it, and answers after a while.
    Delay(Duration),
    /// Serves it, and asks in the answer to hold back further requests for so long (KIP-219).
    Throttle(Duration),
    /// Never answers, and does not serve it.
    Ignore,
}

type Script = Box<dyn FnMut(NodeId, &RequestBody) -> Option<Reply> + Send>;

/// Brokers on a network of their own. Clones share them.
#[derive(Clone)]
pub struct ScriptedCluster {
    network: MemoryNetwork,
    state: Arc<Mutex<State>>,
    env: Env,
}

pub(super) struct State {
    nodes: i32,
    topics: BTreeMap<String, Topic>,
    next_topic: usize,
    configs: topics::Configs,
    /// The most partitions in one page of a description.
    page_partitions: i32,
    next_producer_id: i64,
    next_session: i32,
    sessions: BTreeMap<i32, answers::Session>,
    groups: groups::Groups,
    members: members::Members,
    transactions: transactions::Transactions,
    script: Option<Script>,
    requests: Vec<(NodeId, ApiKey)>,
}

impl ScriptedCluster {
    /// Brokers 1 to `nodes`, on the tokio runtime that this is called from.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(nodes: i32) -> Self {
        Self::with_faults(nodes, NetworkFaults::default(), 0)
    }

    /// Brokers on a network with faults, drawn from `seed`.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn with_faults(nodes: i32, faults: NetworkFaults, seed: u64) -> Self {
        let clock = Arc::new(ManualClock::new(1_700_000_000_000));
        let env = Env::new(clock, Arc::new(FixedSeeds::new(seed)), Arc::new(TokioSpawn::new()));
        let state = State {
            nodes,
            topics: BTreeMap::new(),
            next_topic: 0,
            configs: topics::Configs::new(),
            page_partitions: 2_000,
            next_producer_id: 1_000,
            next_session: 1,
            sessions: BTreeMap::new(),
            groups: groups::Groups::default(),
            members: members::Members::default(),
            transactions: transactions::Transactions::default(),
            script: None,
            requests: Vec::new(),
        };
        let network = MemoryNetwork::new(faults, Rng::new(seed));
        let cluster = Self { network, state: Arc::new(Mutex::new(state)), env };
        for node in 1..=nodes {
            cluster.start_node(NodeId(node));
        }
        cluster
    }

    /// Starts a broker whose listener is free.
    ///
    /// # Panics
    /// If it runs already.
    pub fn start_node(&self, node: NodeId) {
        let listener = self.network.listen(address(node)).expect("the address is free");
        let service = Broker { node, state: Arc::clone(&self.state), env: self.env.clone() };
        let server = Server::new(service, ServerConfig::default(), self.env.clone());
        self.env.spawn(server.serve(listener, std::future::pending()));
    }

    /// A configuration that reaches these brokers and nothing else.
    pub fn config(&self) -> crate::Config {
        let servers: Vec<_> =
            (1..=lock(&self.state).nodes).map(|node| address(NodeId(node)).to_string()).collect();
        let connector: Arc<dyn Connector> = Arc::new(self.network.clone());
        crate::Config::new(servers.join(",")).with_connector(connector).with_env(self.env.clone())
    }

    /// Clock, seeds and spawning of this cluster.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Adds a topic whose partitions are led by the brokers in turn.
    pub fn add_topic(&self, name: &str, partitions: i32) {
        let mut state = lock(&self.state);
        let (nodes, number) = (state.nodes, state.next_topic);
        state.next_topic += 1;
        state.topics.insert(name.to_owned(), Topic::new(number, partitions, nodes));
    }

    /// Has another broker lead a partition, in the next epoch.
    pub fn move_leader(&self, topic: &str, partition: i32, to: NodeId) {
        let mut state = lock(&self.state);
        let log = state.log(topic, partition).expect("the partition exists");
        (log.leader, log.leader_epoch) = (to, log.leader_epoch + 1);
    }

    /// Has another broker coordinate a group.
    pub fn move_coordinator(&self, group: &str, to: NodeId) {
        lock(&self.state).groups.move_to(group, to);
    }

    /// Has the cluster speak another transaction version (KIP-890): 1, or 2, as from the start.
    pub fn set_transaction_version(&self, version: i16) {
        lock(&self.state).transactions.version = version;
    }

    /// How the transactions of a transactional id ended so far: whether each was committed.
    pub fn transactions_ended(&self, id: &str) -> Vec<bool> {
        lock(&self.state).transactions.ended(id)
    }

    /// The partitions that are part of the open transaction of a transactional id.
    pub fn transaction_partitions(&self, id: &str) -> Vec<(String, i32)> {
        lock(&self.state).transactions.partitions(id)
    }

    /// The producer epoch of a transactional id.
    pub fn producer_epoch(&self, id: &str) -> Option<i16> {
        lock(&self.state).transactions.epoch(id)
    }

    /// The offset that a group committed.
    pub fn committed(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        lock(&self.state).groups.committed(group, topic, partition)
    }

    /// Puts at most so many partitions into one page of a description of topics.
    pub fn set_page_partitions(&self, partitions: i32) {
        lock(&self.state).page_partitions = partitions;
    }

    /// Cuts all connections to a broker: what is on the way is lost.
    pub fn cut(&self, node: NodeId) {
        self.network.cut(&address(node));
    }

    /// Changes the faults of the network.
    pub fn set_faults(&self, faults: NetworkFaults) {
        self.network.set_faults(faults);
    }

    /// Asks `script` about each request from here on; where it says nothing, the request is served.
    pub fn script(&self, script: impl FnMut(NodeId, &RequestBody) -> Option<Reply> + Send + 'static) {
        lock(&self.state).script = Some(Box::new(script));
    }

    /// Serves all requests from here on.
    pub fn clear_script(&self) {
        lock(&self.state).script = None;
    }

    /// The values in a partition, in order.
    pub fn values(&self, topic: &str, partition: i32) -> Vec<Bytes> {
        lock(&self.state).log(topic, partition).map(|log| log.values()).unwrap_or_default()
    }

    /// Appends batches to a partition as they are, from whatever producer.
    ///
    /// # Panics
    /// If the partition does not exist or the bytes are no batches.
    pub fn append(&self, topic: &str, partition: i32, batches: Bytes) {
        let mut state = lock(&self.state);
        let log = state.log(topic, partition).expect("the partition exists");
        log.append(batches, false).expect("the bytes are batches");
    }

    /// Refuses batches of a topic that are larger (`max.message.bytes`).
    pub fn set_batch_bytes_max(&self, topic: &str, bytes: usize) {
        if let Some(topic) = lock(&self.state).topics.get_mut(topic) {
            topic.logs.iter_mut().for_each(|log| log.batch_bytes_max = bytes);
        }
    }

    /// Drops the records of a partition before `offset`.
    pub fn truncate_before(&self, topic: &str, partition: i32, offset: i64) {
        if let Some(log) = lock(&self.state).log(topic, partition) {
            log.truncate_before(offset);
        }
    }

    /// Forgets what the logs know of producers, as retention may have it.
    pub fn forget_producers(&self) {
        for topic in lock(&self.state).topics.values_mut() {
            topic.logs.iter_mut().for_each(|log| log.forget_producers());
        }
    }

    /// Forgets all fetch sessions, as a restart does.
    pub fn forget_sessions(&self) {
        lock(&self.state).sessions.clear();
    }

    /// All requests so far, by broker.
    pub fn requests(&self) -> Vec<(NodeId, ApiKey)> {
        lock(&self.state).requests.clone()
    }
}

impl fmt::Debug for ScriptedCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedCluster").field("network", &self.network).finish_non_exhaustive()
    }
}

/// Where a broker listens, and what it advertises.
fn address(node: NodeId) -> Address {
    Address::Tcp(format!("broker-{node}"), 9092)
}

struct Broker {
    node: NodeId,
    state: Arc<Mutex<State>>,
    env: Env,
}

impl Service for Broker {
    type File = NoFile;
    type Session = ();

    fn connect(&self, _peer: &Peer) {}

    fn call(&self, (): &mut (), frame: Bytes) -> Call<NoFile> {
        let limits = DecodeLimits::DEFAULT;
        let read = header::decode_request(frame, &limits)
            .and_then(|(header, body)| Ok((decode_request_body(&header, &body, &limits)?, header)));
        let (body, header) = match read {
            Ok(read) => read,
            Err(error) => return Call::Ready(Outcome::Close(error.to_string())),
        };
        let mut state = lock(&self.state);
        state.requests.push((self.node, body.api_key()));
        let reply = state.script.as_mut().and_then(|script| script(self.node, &body));
        let mut wait = Duration::ZERO;
        match reply {
            None => {}
            Some(Reply::Answer(answer)) => return Call::Ready(respond(&header, &answer)),
            Some(Reply::Close) => return Call::Ready(Outcome::Close("the script says so".to_owned())),
            Some(Reply::Ignore) => {
                return Call::Pending { reply: Box::pin(std::future::pending()), overlap: true };
            }
            Some(Reply::LoseAnswer) => {
                state.serve(self.node, &body, header.api_version);
                state.set_member_timer(&self.state, &self.env);
                return Call::Ready(Outcome::Close("the script says so".to_owned()));
            }
            Some(Reply::Delay(delay)) => wait = delay,
            Some(Reply::Throttle(throttle)) => {
                return match state.serve(self.node, &body, header.api_version) {
                    answers::Answer::Now(mut answer) | answers::Answer::AfterWaiting(_, mut answer) => {
                        answers::throttle(&mut answer, throttle);
                        Call::Ready(respond(&header, &answer))
                    }
                    answers::Answer::Silent => Call::Ready(Outcome::Silent),
                    answers::Answer::Later(answer) => later(header, wait, answer),
                };
            }
        }
        let overlap = matches!(body, RequestBody::Produce(_));
        let answer = state.serve(self.node, &body, header.api_version);
        state.set_member_timer(&self.state, &self.env);
        let answer = match answer {
            answers::Answer::Later(answer) => return later(header, wait, answer),
            answers::Answer::Now(answer) if wait.is_zero() => return Call::Ready(respond(&header, &answer)),
            answers::Answer::Now(answer) => answer,
            answers::Answer::Silent => return Call::Ready(Outcome::Silent),
            answers::Answer::AfterWaiting(delay, answer) => {
                wait += delay;
                answer
            }
        };
        drop(state);
        // A long poll looks again when its time is up, not when data arrives: simple, and late.
        let again = match &answer {
            ResponseBody::Fetch(answer) => Some((Arc::clone(&self.state), answer.session_id)),
            _ => None,
        };
        let node = self.node;
        // An answer is first polled once those before it are out; its time runs from here.
        let due = Instant::now() + wait;
        let later = async move {
            sleep_until(due).await;
            let answer = match again.map(|(state, session)| lock(&state).look_again(node, session)) {
                Some(Some(looked)) => looked,
                _ => answer,
            };
            respond(&header, &answer)
        };
        Call::Pending { reply: Box::pin(later), overlap }
    }
}

/// An answer that depends on what others do.
fn later(
    header: RequestHeader,
    wait: Duration,
    answer: tokio::sync::oneshot::Receiver<ResponseBody>,
) -> Call<NoFile> {
    let due = Instant::now() + wait;
    let reply = async move {
        sleep_until(due).await;
        match answer.await {
            Ok(answer) => respond(&header, &answer),
            // The group is forgotten, with all who wait for it.
            Err(_) => Outcome::Close("the group is gone".to_owned()),
        }
    };
    Call::Pending { reply: Box::pin(reply), overlap: false }
}

fn respond(header: &RequestHeader, answer: &ResponseBody) -> Outcome<NoFile> {
    let api = messages::ResponseBody::api_key(answer);
    match frame::encode_response(api, header.api_version, header.correlation_id, answer) {
        Ok(chunks) => Outcome::Respond(chunks),
        Err(error) => Outcome::Close(error.to_string()),
    }
}
