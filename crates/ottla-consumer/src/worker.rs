//! The shell around the fetcher: connects, fetches, waits, and hands everything to the state machine.

mod finding;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use ottla_client::internal::{BrokerEvent, Brokers, Closing, Route, lock};
use ottla_client::{Client, Cluster, Lane, TopicInterest, Watch};
use ottla_protocol::messages::fetch::FetchRequest;
use ottla_protocol::wire::Str;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::config::Config;
use crate::fetcher::{FetchPlan, Fetcher, Find, TOPIC_IDS_FROM, Wanted};
use crate::group::{Group, Presence};
use crate::under_way::UnderWay;
use finding::Found;

/// What handles and worker share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) fetcher: Mutex<Fetcher>,
    /// Topics of the assignment, kept in the client's picture of the cluster.
    pub(crate) interests: Mutex<BTreeMap<Str, TopicInterest>>,
    pub(crate) waiting: Mutex<Waiting>,
    /// The group that is to be joined or committed for.
    pub(crate) group: Option<Arc<Group>>,
    /// Wakes the worker.
    pub(crate) wake: Notify,
    pub(crate) closing: Closing,
}

/// Who waits for something to be handed out.
#[derive(Debug)]
pub(crate) struct Waiting {
    wakers: Vec<Waker>,
    /// When the user, if nobody waits, was last handed something.
    away_since: Instant,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { wakers: Vec::new(), away_since: Instant::now() }
    }
}

impl Shared {
    /// Wakes this one too when there is something to be handed out.
    pub(crate) fn wait(&self, waker: &Waker) {
        let mut waiting = lock(&self.waiting);
        if !waiting.wakers.iter().any(|known| known.will_wake(waker)) {
            waiting.wakers.push(waker.clone());
        }
        drop(waiting);
        if let Some(group) = &self.group {
            group.user_waits();
        }
    }

    /// Wakes all who wait for something.
    pub(crate) fn wake_waiting(&self) {
        let mut waiting = lock(&self.waiting);
        let wakers = std::mem::take(&mut waiting.wakers);
        if !wakers.is_empty() {
            waiting.away_since = Instant::now();
        }
        drop(waiting);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The user has come for something, and is busy with it from now on.
    pub(crate) fn user_was_here(&self) {
        lock(&self.waiting).away_since = Instant::now();
    }

    /// Whether the user waits. Who was woken and does not come back is away.
    pub(crate) fn presence(&self) -> Presence {
        let waiting = lock(&self.waiting);
        match waiting.wakers.is_empty() {
            true => Presence::AwaySince(waiting.away_since.into_std()),
            false => Presence::Here,
        }
    }

    /// Keeps the topics of what is read in the picture of the cluster, and no others.
    pub(crate) fn keep_topics(&self) {
        let mut interests = lock(&self.interests);
        let mut kept = BTreeMap::new();
        for partition in lock(&self.fetcher).assignment() {
            let topic = &partition.topic;
            if !kept.contains_key(topic) {
                let interest =
                    interests.remove(topic).unwrap_or_else(|| self.client.keep_topic(topic.clone()));
                kept.insert(topic.clone(), interest);
            }
        }
        *interests = kept;
    }
}

/// Works until the consumer is closed.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut worker = Worker::new(Arc::clone(&shared));
    shared.closing.interrupt(worker.work()).await;
    shared.wake_waiting();
}

struct Worker {
    shared: Arc<Shared>,
    /// A fetch request at a time over each connection.
    brokers: Brokers<FetchRequest, ()>,
    finding: UnderWay<Found>,
    cluster: Arc<Cluster>,
    watch: Watch<Arc<Cluster>>,
}

impl Worker {
    fn new(shared: Arc<Shared>) -> Self {
        let (watch, cluster) = (shared.client.watch(), shared.client.cluster());
        let brokers = Brokers::new(shared.client.clone(), Lane::LongPolls);
        Self { brokers, finding: UnderWay::new(), cluster, watch, shared }
    }

    async fn work(&mut self) {
        loop {
            if self.watch.has_changed() {
                self.cluster = self.watch.see();
            }
            let now = Instant::now();
            let finds = lock(&self.shared.fetcher).take_finds(now.into_std());
            self.find(finds);
            self.fetch(now).await;
            let fetcher_timeout = lock(&self.shared.fetcher).poll_timeout(now.into_std());
            let timeout =
                fetcher_timeout.map(Instant::from_std).into_iter().chain(self.brokers.poll_timeout()).min();
            tokio::select! {
                biased;
                found = self.finding.next() => self.take_found(found),
                event = self.brokers.next() => self.handle(event),
                () = self.shared.wake.notified() => {}
                () = self.watch.changed() => {}
                () = sleep_until(timeout.unwrap_or(now)), if timeout.is_some() => {}
            }
        }
    }

    fn find(&mut self, finds: Vec<Find>) {
        let (committed, listed): (Vec<_>, Vec<_>) =
            finds.into_iter().partition(|find| find.wanted == Wanted::Committed);
        if !committed.is_empty() {
            self.finding.push(Arc::clone(&self.shared).find_committed(committed));
        }
        if !listed.is_empty() {
            self.finding.push(Arc::clone(&self.shared).list(listed));
        }
    }

    async fn fetch(&mut self, now: Instant) {
        let ready = lock(&self.shared.fetcher).ready_routes(now.into_std(), &self.cluster);
        for route in ready {
            let Some(connection) = self.brokers.connection(route, now) else { continue };
            let plan = lock(&self.shared.fetcher).fetch_over(route, now.into_std(), &self.cluster);
            let Some(plan) = plan else { continue };
            if let Err(error) = self.fetch_one(route, &connection, plan).await {
                self.failed(route, &error);
            }
        }
    }

    async fn fetch_one(
        &mut self,
        route: Route,
        connection: &ottla_client::Connection,
        plan: FetchPlan,
    ) -> Result<(), ottla_client::Error> {
        let limit = if plan.names_ids { i16::MAX } else { TOPIC_IDS_FROM - 1 };
        let version = connection.version_at_most::<FetchRequest>(limit)?;
        let pending = connection.send(&plan.into_request(version), version).await?;
        self.brokers.wait_for(route, (), pending);
        Ok(())
    }

    fn failed(&self, route: Route, error: &ottla_client::Error) {
        tracing::debug!(node = %route.node, %error, "fetch request failed");
        let directory = &mut &self.shared.client;
        lock(&self.shared.fetcher).failed(route, Instant::now().into_std(), directory);
    }

    fn take_found(&mut self, found: Found) {
        let mut fetcher = lock(&self.shared.fetcher);
        match found {
            Found::Listed(finds, mut outcomes) => {
                for find in finds {
                    if let Some(outcome) = outcomes.remove(&find.partition) {
                        fetcher.found(&find, outcome);
                    }
                }
            }
            Found::Committed(finds, outcome) => {
                for find in finds {
                    let of_partition = |all: &BTreeMap<_, _>| all.get(&find.partition).copied();
                    fetcher.found_committed(&find, outcome.as_ref().map(of_partition).map_err(Clone::clone));
                }
            }
        }
        drop(fetcher);
        self.shared.wake_waiting();
    }

    fn handle(&mut self, event: BrokerEvent<FetchRequest, ()>) {
        match event {
            BrokerEvent::Answer(route, (), Ok(response)) => {
                let directory = &mut &self.shared.client;
                let now = Instant::now().into_std();
                lock(&self.shared.fetcher).answered(route, response, now, &self.cluster, directory);
                self.shared.wake_waiting();
            }
            BrokerEvent::Answer(route, (), Err(error)) => self.failed(route, &error),
            BrokerEvent::Connected => {}
            BrokerEvent::NotConnected(error) => {
                tracing::debug!(%error, "partitions wait for a connection");
                self.shared.client.want_refresh();
            }
        }
    }
}
