//! The shell around the sender: connects, sends, waits, and hands everything to the state machine.

mod io;

use std::sync::Arc;
use std::time::Duration;

use ottla_client::{Backoff, Client, Cluster, Leader, Node, NodeId, TopicPartition, Watch};
use ottla_env::Env;
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;
use ottla_protocol::messages::produce::ProduceRequest;
use tokio::time::{Instant, sleep_until};

use crate::config::Acks;
use crate::partition::Partition;
use crate::sender::{Directory, ProducerIdentity, RequestId, Sender, Sending, TOPIC_IDS_FROM};
use crate::topic::Shared;
use io::{Event, Io};

/// Works until the producer is closed.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut closed = shared.closed.subscribe();
    let mut worker = Worker::new(Arc::clone(&shared));
    tokio::select! {
        biased;
        _ = closed.wait_for(|closed| *closed) => {}
        () = worker.work() => {}
    }
    // Whatever is left learns that the producer is closed.
    drop(worker);
    shared.close();
}

struct Worker {
    shared: Arc<Shared>,
    sender: Sender,
    io: Io,
    cluster: Arc<Cluster>,
    watch: Watch<Arc<Cluster>>,
    news: Vec<Arc<Partition>>,
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        let sender = Sender::new(&shared.config, shared.client.env().rng());
        let watch = shared.client.watch();
        let (io, cluster) = (Io::new(shared.client.clone()), shared.client.cluster());
        Self { shared, sender, io, cluster, watch, news: Vec::new() }
    }

    async fn work(&mut self) {
        let mut timer = Box::pin(sleep_until(Instant::now()));
        loop {
            let now = Instant::now();
            self.take_in(now);
            self.send(now).await;
            let sender_timeout = self.sender.poll_timeout().map(Instant::from_std);
            let timeout = sender_timeout.into_iter().chain(self.io.poll_timeout()).min();
            if let Some(timeout) = timeout
                && timer.deadline() != timeout
            {
                timer.as_mut().reset(timeout);
            }
            tokio::select! {
                biased;
                event = self.io.next() => self.handle(event),
                () = self.shared.wake.notified() => {}
                () = self.watch.changed() => {}
                () = timer.as_mut(), if timeout.is_some() => {}
            }
        }
    }

    fn take_in(&mut self, now: Instant) {
        let now = now.into_std();
        if self.watch.has_changed() {
            self.cluster = self.watch.see();
            self.shared.grow(&self.cluster);
            self.sender.cluster_changed(now, &self.cluster);
        }
        self.shared.take_news(&mut self.news);
        for partition in self.news.drain(..) {
            self.sender.has_news(&partition, now, &self.cluster);
        }
        self.sender.set_flushing(self.shared.tickets.is_flushing(), now, &self.cluster);
        if self.sender.poll_timeout().is_some_and(|timeout| timeout <= now) {
            self.sender.handle_timeout(now, &self.cluster);
        }
        if self.sender.needs_identity() {
            self.io.get_identity();
        }
    }

    async fn send(&mut self, now: Instant) {
        for node in self.sender.ready_nodes() {
            let Some(connection) = self.io.connection(node, now) else { continue };
            while let Some((request, batches)) = self.sender.send_to(node, now.into_std(), &self.cluster) {
                if let Err(error) = self.send_one(node, &connection, request, batches).await {
                    let now = now.into_std();
                    let directory = &mut Hints(&self.shared.client);
                    self.sender.failed(request, &error, now, &self.cluster, directory);
                    break;
                }
            }
        }
    }

    async fn send_one(
        &mut self,
        node: NodeId,
        connection: &ottla_client::Connection,
        request: RequestId,
        batches: Vec<Sending>,
    ) -> Result<(), ottla_client::Error> {
        let limit = if Sending::all_have_ids(&batches) { i16::MAX } else { TOPIC_IDS_FROM - 1 };
        let version = connection.version_at_most::<ProduceRequest>(limit)?;
        if version < TOPIC_IDS_FROM {
            self.sender.named_topics(request);
        }
        let config = &self.shared.config;
        let timeout_ms = i32::try_from(config.client.request_timeout.as_millis()).unwrap_or(i32::MAX);
        let produce = Sending::request(batches, config.acks.to_wire(), timeout_ms, version);
        if config.acks == Acks::None {
            connection.send_oneway(&produce, version).await?;
            self.sender.written_unanswered(request, Instant::now().into_std(), &self.cluster);
        } else {
            // Far fewer requests are in flight than would make this wait.
            let pending = connection.send(&produce, version).await?;
            self.io.wait_for(node, request, pending);
        }
        Ok(())
    }

    fn handle(&mut self, event: Event) {
        let now = Instant::now();
        let directory = &mut Hints(&self.shared.client);
        match event {
            Event::Answer(request, Ok(response)) => {
                self.sender.answered(request, response, now.into_std(), directory);
            }
            Event::Answer(request, Err(error)) => {
                tracing::debug!(%error, "produce request failed");
                self.sender.failed(request, &error, now.into_std(), &self.cluster, directory);
            }
            Event::Connected => {}
            Event::NotConnected(error) => {
                tracing::debug!(%error, "batches wait for a connection");
                self.shared.client.want_refresh();
            }
            Event::Identity(Ok(identity)) => self.sender.set_identity(identity),
            Event::Identity(Err(error)) => self.sender.fail_waiting(&error),
        }
    }
}

/// Passes on to the client what the sender learns of leaders.
struct Hints<'a>(&'a Client);

impl Directory for Hints<'_> {
    fn hint_leader(&mut self, of: &TopicPartition, leader: Leader, node: Option<Node>) -> bool {
        self.0.hint_leader(of, leader, node)
    }

    fn want_refresh(&mut self) {
        self.0.want_refresh();
    }

    fn cluster(&self) -> Arc<Cluster> {
        self.0.cluster()
    }
}

/// Gets an id from the cluster; fails only with what time does not heal.
async fn get_identity(client: Client) -> Result<ProducerIdentity, ottla_client::Error> {
    let mut request = InitProducerIdRequest::default();
    request.transactional_id = None;
    request.transaction_timeout_ms = i32::MAX;
    let config = client.config();
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    loop {
        let answer = client.call_any(&request).await.and_then(|answer| {
            ottla_client::Error::check("producer id", answer.error_code, None)?;
            Ok(ProducerIdentity { id: answer.producer_id, epoch: answer.producer_epoch })
        });
        match answer {
            Err(error) if error.is_retriable() => {
                tracing::debug!(%error, "no producer id yet");
                tokio::time::sleep(wait(&mut backoff, client.env())).await;
            }
            other => return other,
        }
    }
}

fn wait(backoff: &mut Backoff, env: &Env) -> Duration {
    backoff.next_wait(&mut env.rng())
}
