//! The shell around the sender: connects, sends, waits, and hands everything to the state machine.

mod identity;

use std::sync::Arc;

use ottla_client::internal::{BrokerEvent, Brokers};
use ottla_client::{Cluster, Lane, NodeId, Watch};
use ottla_protocol::messages::produce::ProduceRequest;
use tokio::time::{Instant, sleep_until};

use crate::config::Acks;
use crate::partition::Partition;
use crate::sender::{ProducerIdentity, RequestId, Sender, Sending, TOPIC_IDS_FROM};
use crate::topic::Shared;
use identity::IdentityQuestion;

/// Works until the producer is closed.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut worker = Worker::new(Arc::clone(&shared));
    shared.closing.interrupt(worker.work()).await;
    // Whatever is left learns that the producer is closed.
    drop(worker);
    shared.close();
}

struct Worker {
    shared: Arc<Shared>,
    sender: Sender,
    brokers: Brokers<ProduceRequest, RequestId>,
    identity: IdentityQuestion,
    cluster: Arc<Cluster>,
    watch: Watch<Arc<Cluster>>,
    news: Vec<Arc<Partition>>,
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        let sender = Sender::new(&shared.config, shared.client.env().rng());
        let (watch, cluster) = (shared.client.watch(), shared.client.cluster());
        let brokers = Brokers::new(shared.client.clone(), Lane::Calls);
        let identity = IdentityQuestion::default();
        Self { shared, sender, brokers, identity, cluster, watch, news: Vec::new() }
    }

    async fn work(&mut self) {
        let mut timer = Box::pin(sleep_until(Instant::now()));
        loop {
            let now = Instant::now();
            self.take_in(now);
            self.send(now).await;
            let sender_timeout = self.sender.poll_timeout().map(Instant::from_std);
            let timeout = sender_timeout.into_iter().chain(self.brokers.poll_timeout()).min();
            if let Some(timeout) = timeout
                && timer.deadline() != timeout
            {
                timer.as_mut().reset(timeout);
            }
            tokio::select! {
                biased;
                outcome = self.identity.answer() => self.take_identity(outcome),
                event = self.brokers.next() => self.handle(event),
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
            self.identity.ask(&self.shared.client);
        }
    }

    async fn send(&mut self, now: Instant) {
        for node in self.sender.ready_nodes() {
            let Some(connection) = self.brokers.connection(node, now) else { continue };
            while let Some((request, batches)) = self.sender.send_to(node, now.into_std(), &self.cluster) {
                if let Err(error) = self.send_one(node, &connection, request, batches).await {
                    let now = now.into_std();
                    let directory = &mut &self.shared.client;
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
            self.brokers.wait_for(node, request, pending);
        }
        Ok(())
    }

    fn take_identity(&mut self, outcome: Result<ProducerIdentity, ottla_client::Error>) {
        match outcome {
            Ok(identity) => self.sender.set_identity(identity),
            Err(error) => self.sender.fail_waiting(&error),
        }
    }

    fn handle(&mut self, event: BrokerEvent<ProduceRequest, RequestId>) {
        let now = Instant::now().into_std();
        let directory = &mut &self.shared.client;
        match event {
            BrokerEvent::Answer(_, request, Ok(response)) => {
                self.sender.answered(request, response, now, directory);
            }
            BrokerEvent::Answer(_, request, Err(error)) => {
                tracing::debug!(%error, "produce request failed");
                self.sender.failed(request, &error, now, &self.cluster, directory);
            }
            BrokerEvent::Connected => {}
            BrokerEvent::NotConnected(error) => {
                tracing::debug!(%error, "batches wait for a connection");
                self.shared.client.want_refresh();
            }
        }
    }
}
