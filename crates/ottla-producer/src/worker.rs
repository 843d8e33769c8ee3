//! The shell around the sender: connects, sends, waits, and hands everything to the state machine.

mod identity;

use std::sync::Arc;

use ottla_client::internal::{BrokerEvent, Brokers, Route};
use ottla_client::{Cluster, Lane, Watch};
use ottla_env::Rng;
use ottla_protocol::messages::produce::ProduceRequest;
use ottla_protocol::wire::Str;
use tokio::time::{Instant, sleep_until};

use crate::config::Acks;
use crate::partition::Partition;
use crate::sender::{ProducerIdentity, RequestId, Sender, Sending, TOPIC_IDS_FROM};
use crate::topic::Shared;
use crate::transaction::Exchange;
use identity::IdentityQuestion;

/// The last version of `Produce` before the second version of transactions (KIP-890), which adds a partition that is
/// written to.
const EXPLICIT_PRODUCE_MAX: i16 = 11;

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
    exchange: Exchange,
    rng: Rng,
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
        let (exchange, rng) = (Exchange::default(), shared.client.env().rng());
        Self { shared, sender, brokers, identity, exchange, rng, cluster, watch, news: Vec::new() }
    }

    async fn work(&mut self) {
        let mut timer = Box::pin(sleep_until(Instant::now()));
        loop {
            let now = Instant::now();
            self.take_in(now);
            self.send(now).await;
            let sender_timeout = self.sender.poll_timeout().map(Instant::from_std);
            let transactions = self.shared.transactions.as_ref();
            let held_up = transactions.and_then(|it| it.read().poll_timeout()).map(Instant::from_std);
            let timeouts = sender_timeout.into_iter().chain(self.brokers.poll_timeout()).chain(held_up);
            let timeout = timeouts.min();
            if let Some(timeout) = timeout
                && timer.deadline() != timeout
            {
                timer.as_mut().reset(timeout);
            }
            tokio::select! {
                biased;
                outcome = self.identity.answer() => self.take_identity(outcome),
                answer = self.exchange.answer() => {
                    if let Some(transactions) = &self.shared.transactions {
                        transactions.write().answered(Instant::now().into_std(), answer, &mut self.rng);
                    }
                }
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
        self.follow_transaction(now);
        self.shared.take_news(&mut self.news);
        for partition in self.news.drain(..) {
            self.sender.has_news(&partition, now, &self.cluster);
        }
        self.sender.fail_doomed();
        let is_ending = self.shared.transactions.as_ref().is_some_and(|it| it.read().course().is_ending);
        let is_flushing = is_ending || self.shared.tickets.is_flushing();
        self.sender.set_flushing(is_flushing, now, &self.cluster);
        if self.sender.poll_timeout().is_some_and(|timeout| timeout <= now) {
            self.sender.handle_timeout(now, &self.cluster);
        }
        if self.sender.needs_identity() {
            self.identity.ask(&self.shared.client);
        }
        self.ask_coordinators(now);
    }

    /// Takes in what the transaction allows, before anything is sent.
    fn follow_transaction(&mut self, now: std::time::Instant) {
        let Some(transactions) = &self.shared.transactions else { return };
        let (course, added) = {
            let mut machine = transactions.write();
            (machine.course(), machine.take_added())
        };
        self.sender.follow(course, &added, now, &self.cluster);
    }

    /// Tells the transaction what the sender wants, and asks coordinators what the transaction wants.
    fn ask_coordinators(&mut self, now: std::time::Instant) {
        let Some(transactions) = &self.shared.transactions else { return };
        let (told, wanted) = self.sender.tell_of_transaction();
        let mut machine = transactions.write();
        machine.want(wanted);
        if told.has_sent {
            machine.has_sent();
        }
        if told.has_lost_sequences {
            machine.has_lost_sequences();
        }
        if let Some(error) = told.failure {
            machine.batch_failed(error);
            // What waits fails too, in the next round.
            self.shared.wake.notify_one();
        }
        let request = machine.poll(now, self.shared.tickets.are_all_back());
        drop(machine);
        if let Some(request) = request {
            self.exchange.ask(&self.shared.client, &transactions.id, request, transactions.timeout_ms);
        }
        transactions.tell_changed();
    }

    async fn send(&mut self, now: Instant) {
        for route in self.sender.ready_routes() {
            let Some(connection) = self.brokers.connection(route, now) else { continue };
            while let Some((request, batches)) = self.sender.send_over(route, now.into_std(), &self.cluster) {
                if let Err(error) = self.send_one(route, &connection, request, batches).await {
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
        route: Route,
        connection: &ottla_client::Connection,
        request: RequestId,
        batches: Vec<Sending>,
    ) -> Result<(), ottla_client::Error> {
        let limit = if Sending::all_have_ids(&batches) { i16::MAX } else { TOPIC_IDS_FROM - 1 };
        let limit = if self.sender.adds_partitions() { limit.min(EXPLICIT_PRODUCE_MAX) } else { limit };
        let version = connection.version_at_most::<ProduceRequest>(limit)?;
        if version < TOPIC_IDS_FROM {
            self.sender.named_topics(request);
        }
        let config = &self.shared.config;
        let timeout_ms = i32::try_from(config.client.request_timeout.as_millis()).unwrap_or(i32::MAX);
        let mut produce = Sending::request(batches, config.acks.to_wire(), timeout_ms, version);
        produce.transactional_id = config.transactional_id.clone().map(Str::from);
        if config.acks == Acks::None {
            connection.send_oneway(&produce, version).await?;
            self.sender.written_unanswered(request, Instant::now().into_std(), &self.cluster);
        } else {
            // Far fewer requests are in flight than would make this wait.
            let pending = connection.send(&produce, version).await?;
            self.brokers.wait_for(route, request, pending);
        }
        Ok(())
    }

    fn take_identity(&mut self, outcome: Result<ProducerIdentity, ottla_client::Error>) {
        match outcome {
            Ok(identity) => self.sender.set_identity(identity),
            Err(error) => self.sender.fail_waiting(&error.into()),
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
