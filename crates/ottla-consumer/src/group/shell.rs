//! The shell around the membership: finds, sends, commits, waits, and tells fetcher and user what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ottla_client::internal::lock;
use ottla_client::{Backoff, Client, Cluster, GroupOffsets, Lane, NodeId, TopicInterest, Watch};
use ottla_protocol::Request;
use ottla_protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use ottla_protocol::messages::heartbeat::HeartbeatRequest;
use ottla_protocol::messages::leave_group::LeaveGroupRequest;
use ottla_protocol::wire::Str;
use tokio::time::{Instant, sleep_until, timeout};

use super::membership::{Answer, Ask, Step, Ticket};
use super::offsets::Offsets;
use super::{Group, Notice, Pattern};
use crate::assignor::Topics;
use crate::error::Error;
use crate::fetcher::{Place, Wanted};
use crate::under_way::UnderWay;
use crate::worker::Shared;

/// Works until the consumer is closed; then commits and leaves the group.
pub(crate) async fn run(shared: Arc<Shared>, group: Arc<Group>) {
    let mut shell = Shell::new(Arc::clone(&shared), Arc::clone(&group));
    shared.closing.interrupt(shell.work()).await;
    // What is under way belongs to a life that is over.
    shell.under_way = UnderWay::new();
    let limit = shared.config.client.request_timeout;
    if timeout(limit, shell.wind_up()).await.is_err() {
        tracing::warn!(group = %group.id, ?limit, "not all that was to be done at the end is done");
    }
    group.has_ended.store(true, std::sync::atomic::Ordering::Release);
    group.changed.notify_waiters();
}

/// Something that was waited for.
enum Done {
    Found(Result<NodeId, ottla_client::Error>),
    Answered(Ticket, Result<Answer, ottla_client::Error>),
    Committed(Result<(), Error>),
    /// What was finished of partitions that are to be given up is committed, as far as that was possible.
    Released(Ticket),
    Listed(Pattern, Result<BTreeSet<Str>, ottla_client::Error>),
}

struct Shell {
    shared: Arc<Shared>,
    group: Arc<Group>,
    under_way: UnderWay<Done>,
    watch: Watch<Arc<Cluster>>,
    cluster: Arc<Cluster>,
    /// The cluster or the topics to look at are new to the membership.
    layout_is_due: bool,
    /// Topics of the whole group, while this member leads it.
    interests: BTreeMap<Str, TopicInterest>,
    commit_due: Option<Instant>,
    commits: bool,
    /// How long a commit that failed is not tried again.
    commit_backoff: Backoff,
    /// The pattern whose topics were listed last, and when to list them again.
    listed: Option<(Pattern, Instant)>,
}

impl Shell {
    fn new(shared: Arc<Shared>, group: Arc<Group>) -> Self {
        let (watch, cluster) = (shared.client.watch(), shared.client.cluster());
        let commit_due = group.auto_commit.map(|interval| Instant::now() + interval);
        let commit_backoff = shared.config.client.backoff_of_retries();
        Self {
            shared,
            group,
            under_way: UnderWay::new(),
            watch,
            cluster,
            layout_is_due: false,
            interests: BTreeMap::new(),
            commit_due,
            commits: false,
            commit_backoff,
            listed: None,
        }
    }

    async fn work(&mut self) {
        loop {
            if self.watch.has_changed() {
                self.cluster = self.watch.see();
                self.layout_is_due = true;
            }
            self.release();
            self.list_topics();
            self.auto_commit();
            let timeout = self.advance();
            tokio::select! {
                biased;
                done = self.under_way.next() => self.take_in(done),
                () = self.group.wake.notified() => {}
                () = self.watch.changed() => {}
                () = sleep_until(timeout) => {}
            }
        }
    }

    /// Does what there is to do; gives the time to look again.
    fn advance(&mut self) -> Instant {
        if self.group.is_active.swap(false, std::sync::atomic::Ordering::Relaxed) {
            self.shared.user_was_here();
        }
        let now = Instant::now();
        let group = Arc::clone(&self.group);
        let mut membership = lock(&group.membership);
        loop {
            let presence = self.shared.presence();
            if let Some(step) = membership.poll(now.into_std(), presence) {
                self.take(step);
                continue;
            }
            let is_due = std::mem::take(&mut self.layout_is_due);
            let layout = |topics: &BTreeSet<Str>| self.layout(topics);
            if !is_due || !membership.look_at(now.into_std(), &self.cluster, layout) {
                break;
            }
        }
        group.is_absent.store(membership.is_absent(), std::sync::atomic::Ordering::Release);
        let timeout = membership.poll_timeout(self.shared.presence()).map(Instant::from_std);
        drop(membership);
        group.changed.notify_waiters();
        // The user may come and go unseen, and is looked for as often as the coordinator hears of it.
        let look = now + self.shared.config.heartbeat_interval;
        let listing = self.listed.as_ref().map(|(_, at)| *at);
        let commit = self.commit_due.filter(|_| !self.commits);
        [timeout, listing, commit].into_iter().flatten().fold(look, Instant::min)
    }

    /// The topics of the group, if all of them are known.
    fn layout(&self, topics: &BTreeSet<Str>) -> Option<Topics> {
        let mut layout = Topics::new();
        for name in topics {
            let topic = self.cluster.topic(name)?;
            if topic.partitions.is_empty() {
                continue;
            }
            let racks = topic.partitions.iter().map(|partition| {
                let nodes = partition.replicas.iter().filter_map(|node| self.cluster.node(*node));
                nodes.filter_map(|node| node.rack.clone()).collect()
            });
            layout = layout.with_racks(name.clone(), racks);
        }
        Some(layout)
    }

    fn take(&mut self, step: Step) {
        let client = self.shared.client.clone();
        match step {
            Step::Find => {
                let id = self.group.id.clone();
                self.under_way.push(async move { Done::Found(client.coordinator(id).await) });
            }
            Step::Forget(node) => client.forget_coordinator(&self.group.id, node),
            Step::Send { ticket, to, ask, patience } => {
                self.under_way
                    .push(async move { Done::Answered(ticket, send(&client, to, ask, patience).await) });
            }
            Step::Revoke(ticket, partitions) => {
                lock(&self.shared.fetcher).stop(&partitions);
                self.tell(Notice::Revoking(ticket, partitions));
            }
            Step::Lose(partitions) => {
                lock(&self.shared.fetcher).remove(&partitions);
                self.shared.keep_topics();
                self.tell(Notice::Lost(partitions));
            }
            Step::Assign(partitions) => {
                self.group.notify(Notice::Assigned(partitions.clone()));
                lock(&self.shared.fetcher).add(partitions, Place::Find(Wanted::Committed));
                self.shared.keep_topics();
                self.shared.wake.notify_one();
                self.shared.wake_waiting();
            }
            Step::Watch(topics) => {
                self.interests =
                    topics.into_iter().map(|topic| (topic.clone(), client.keep_topic(topic))).collect();
                self.layout_is_due = true;
            }
            Step::Fail(error) => self.tell(Notice::Failed(error)),
        }
    }

    fn tell(&self, notice: Notice) {
        self.group.notify(notice);
        self.shared.wake_waiting();
    }

    fn take_in(&mut self, done: Done) {
        let now = Instant::now().into_std();
        match done {
            Done::Found(outcome) => lock(&self.group.membership).found(now, outcome),
            Done::Answered(ticket, outcome) => lock(&self.group.membership).answered(now, ticket, outcome),
            Done::Committed(outcome) => self.auto_committed(outcome),
            Done::Released(ticket) => self.give_up(ticket),
            Done::Listed(pattern, outcome) => self.take_topics(&pattern, outcome),
        }
    }

    /// Commits what is finished of what the user gives up, and then gives it up.
    fn release(&mut self) {
        let released = std::mem::take(&mut *lock(&self.group.released));
        for ticket in released {
            if self.group.auto_commit.is_none() {
                self.give_up(ticket);
                continue;
            }
            let (shared, group) = (Arc::clone(&self.shared), Arc::clone(&self.group));
            self.under_way.push(async move {
                // It may take as long as the group would wait, but no longer than it does.
                let commit = group.commit_finished(&shared, shared.config.max_poll_interval);
                tokio::select! {
                    biased;
                    outcome = commit => {
                        if let Err(error) = outcome {
                            tracing::warn!(group = %group.id, %error, "not committed before partitions are given up");
                        }
                    }
                    () = group.has_released(ticket) => {}
                }
                Done::Released(ticket)
            });
        }
    }

    fn give_up(&self, ticket: Ticket) {
        let mut membership = lock(&self.group.membership);
        if let Some(released) = membership.releasing(ticket) {
            lock(&self.shared.fetcher).remove(released);
            membership.released(Instant::now().into_std(), ticket);
        }
        drop(membership);
        self.shared.keep_topics();
    }

    fn auto_commit(&mut self) {
        let (Some(interval), Some(due)) = (self.group.auto_commit, self.commit_due) else { return };
        let now = Instant::now();
        if due > now || self.commits {
            return;
        }
        self.commit_due = Some(now + interval);
        let is_between = {
            let membership = lock(&self.group.membership);
            !membership.is_out() && !membership.is_stable()
        };
        if is_between || lock(&self.shared.fetcher).uncommitted().is_empty() {
            return;
        }
        self.commits = true;
        let (shared, group) = (Arc::clone(&self.shared), Arc::clone(&self.group));
        self.under_way.push(async move { Done::Committed(group.commit_finished_at_once(&shared).await) });
    }

    /// A commit that failed is not tried again as it is: the next one says how far the user is by then, and it
    /// comes as soon as a retry would.
    fn auto_committed(&mut self, outcome: Result<(), Error>) {
        self.commits = false;
        match outcome {
            Ok(()) => self.commit_backoff.reset(),
            Err(error) => {
                tracing::warn!(group = %self.group.id, %error, "offsets were not committed");
                if self.commit_due.is_some() && error.is_retriable() {
                    let wait = self.commit_backoff.next_wait(&mut self.shared.client.env().rng());
                    self.commit_due = Some(Instant::now() + wait);
                }
            }
        }
    }

    /// Lists the topics of the cluster as long as there is a pattern for them.
    fn list_topics(&mut self) {
        let Some(pattern) = lock(&self.group.pattern).clone() else {
            self.listed = None;
            return;
        };
        let now = Instant::now();
        let is_due = self.listed.as_ref().is_none_or(|(known, at)| !known.is(&pattern) || *at <= now);
        if !is_due {
            return;
        }
        self.listed = Some((pattern.clone(), now + self.shared.config.client.metadata_max_age));
        let with_internal = !self.shared.config.exclude_internal_topics;
        let client = self.shared.client.clone();
        self.under_way.push(async move {
            let topics = client.admin().list_topics().await.map(|topics| {
                let is_meant = |topic: &&ottla_client::Topic| {
                    (with_internal || !topic.is_internal) && pattern.matches(&topic.name)
                };
                topics.iter().filter(is_meant).map(|topic| topic.name.clone()).collect()
            });
            Done::Listed(pattern, topics)
        });
    }

    fn take_topics(&mut self, pattern: &Pattern, outcome: Result<BTreeSet<Str>, ottla_client::Error>) {
        let Some((known, again)) = self.listed.as_mut().filter(|(known, _)| known.is(pattern)) else {
            return;
        };
        match outcome {
            Ok(topics) => {
                // Names of their own, so that they do not keep the whole answer.
                let topics = topics.iter().map(|topic| Str::from(topic.to_string())).collect();
                let is_wanted = lock(&self.group.pattern).as_ref().is_some_and(|wanted| wanted.is(known));
                if is_wanted {
                    lock(&self.group.membership).subscribe(Instant::now().into_std(), topics);
                }
            }
            Err(error) => {
                tracing::warn!(group = %self.group.id, %error, "topics are not listed");
                *again = Instant::now() + self.shared.config.client.retry_backoff_max;
            }
        }
    }

    /// Commits what is finished and leaves.
    async fn wind_up(&mut self) {
        if self.group.auto_commit.is_some() {
            let limit = self.shared.config.client.request_timeout;
            if let Err(error) = self.group.commit_finished(&self.shared, limit).await {
                tracing::warn!(group = %self.group.id, %error, "offsets were not committed");
            }
        }
        // Nothing else is begun any more.
        (self.commit_due, self.listed) = (None, None);
        lock(&self.group.membership).leave("the consumer is being closed");
        loop {
            let timeout = self.advance();
            if lock(&self.group.membership).is_out() {
                return;
            }
            tokio::select! {
                biased;
                done = self.under_way.next() => self.take_in(done),
                () = sleep_until(timeout) => {}
            }
        }
    }
}

impl Group {
    /// Commits what the user is done with, and notes that it is committed.
    pub(crate) async fn commit_finished(
        &self,
        shared: &Shared,
        limit: Duration,
    ) -> Result<GroupOffsets, Error> {
        let uncommitted = Offsets::Of(|| lock(&shared.fetcher).uncommitted());
        let committed = self.commit(shared, limit, uncommitted).await?;
        lock(&shared.fetcher).committed(&committed);
        Ok(committed)
    }

    /// As [`commit_finished`](Self::commit_finished), with a single try.
    async fn commit_finished_at_once(&self, shared: &Shared) -> Result<(), Error> {
        let uncommitted = || lock(&shared.fetcher).uncommitted();
        let (committed, outcome) = self.commit_at_once(shared, uncommitted).await;
        lock(&shared.fetcher).committed(&committed);
        outcome
    }
}

/// Sends a request to the coordinator and waits for its answer.
async fn send(
    client: &Client,
    to: NodeId,
    ask: Ask,
    patience: Duration,
) -> Result<Answer, ottla_client::Error> {
    match ask {
        Ask::Join(request) => waiting(client, to, &request, patience).await.map(Answer::Join),
        Ask::Sync(request) => waiting(client, to, &request, patience).await.map(Answer::Sync),
        Ask::Heartbeat(request) => {
            let connection = client.connection(to, Lane::Calls).await?;
            let version = connection.version::<HeartbeatRequest>()?;
            connection.call_within(&request, version, patience).await.map(Answer::Heartbeat)
        }
        Ask::Assigning(request) => {
            let connection = client.connection(to, Lane::Calls).await?;
            let version = connection.version::<ConsumerGroupHeartbeatRequest>()?;
            connection.call_within(&*request, version, patience).await.map(Answer::Assigning)
        }
        Ask::Leave(leave) => {
            let connection = client.connection(to, Lane::Calls).await?;
            let version = connection.version::<LeaveGroupRequest>()?;
            let request = leave.into_request(version);
            connection.call_within(&request, version, patience).await.map(Answer::Leave)
        }
    }
}

/// Sends a request that the coordinator holds until all members are there.
async fn waiting<R: Request>(
    client: &Client,
    to: NodeId,
    request: &R,
    patience: Duration,
) -> Result<R::Response, ottla_client::Error> {
    let connection = client.connection(to, Lane::Groups).await?;
    let version = connection.version::<R>()?;
    connection.call_within(request, version, patience).await
}
