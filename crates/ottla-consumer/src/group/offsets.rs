//! Committing offsets for a group, and asking what is committed.
//!
//! What may be committed is known to the fetcher; under which name, to the membership.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla_client::internal::lock;
use ottla_client::{
    Backoff, Client, CommittedOffset, GroupMetadata, GroupOffsets, Lane, NodeId, Offset, TopicPartition,
};
use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use ottla_protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla_protocol::wire::{I32Array, Str};
use tokio::sync::MutexGuard;
use tokio::time::Instant;

use super::Group;
use super::membership::{Identity, Tenure, Verdict};
use crate::error::Error;
use crate::worker::Shared;

/// The last versions of both requests that name topics instead of giving their ids.
const BY_NAME: i16 = 9;
/// The first version of `OffsetFetch` that asks for several groups at once.
const FETCH_GROUPS_FROM: i16 = 8;
/// The first version of `OffsetFetch` that waits for transactions to end.
const FETCH_STABLE_FROM: i16 = 7;
/// The first version of `OffsetCommit` that tells leader epochs.
const COMMIT_EPOCH_FROM: i16 = 6;
/// The first version of `OffsetCommit` for static members.
const COMMIT_INSTANCE_FROM: i16 = 7;

/// What to commit.
pub(crate) enum Offsets<F> {
    /// What this gives; it is asked again for each try, and gives nothing of what is no longer owned.
    Of(F),
    /// Exactly these.
    These(GroupOffsets),
}

impl<F: Fn() -> GroupOffsets> Offsets<F> {
    fn now(&self) -> GroupOffsets {
        match self {
            Self::Of(offsets) => offsets(),
            Self::These(offsets) => offsets.clone(),
        }
    }
}

impl Group {
    /// Commits offsets, and gives what is committed; nothing is no work.
    pub(crate) async fn commit(
        &self,
        shared: &Shared,
        limit: Duration,
        offsets: Offsets<impl Fn() -> GroupOffsets>,
    ) -> Result<GroupOffsets, Error> {
        let deadline = Instant::now() + limit;
        let mut patience = Patience::new(&shared.client, "committing offsets", deadline, limit);
        let mut turn = self.turn(deadline, &patience).await?;
        if let Offsets::These(_) = offsets {
            self.check_told()?;
        }
        let tenures = self.tenures(&offsets);
        let mut done = GroupOffsets::new();
        loop {
            // What is committed is done, though the user has come further since: this would never end otherwise.
            let mut left = offsets.now();
            left.retain(|name, _| !done.contains_key(name));
            let Some(error) = self.try_commit(shared, &left, &mut done).await? else {
                return Ok(done);
            };
            if error.code() == Some(ErrorCode::REBALANCE_IN_PROGRESS) {
                // The rebalance may wait for what others commit.
                drop(turn);
                self.wait_for_rebalance(deadline).await?;
                turn = self.turn(deadline, &patience).await?;
                if let Offsets::These(_) = offsets {
                    self.check_owned(&left, &tenures)?;
                }
            } else {
                patience.after(error).await?;
            }
        }
    }

    /// Waits until no other commit is under way.
    async fn turn(&self, deadline: Instant, patience: &Patience<'_>) -> Result<MutexGuard<'_, ()>, Error> {
        let turn = tokio::time::timeout_at(deadline, self.committing.lock()).await;
        turn.map_err(|_| patience.out_of_time(None).into())
    }

    /// Commits offsets if that can be done at once, and gives what is committed: all, or what is not told of an
    /// error that may pass.
    pub(crate) async fn commit_at_once(
        &self,
        shared: &Shared,
        offsets: impl FnOnce() -> GroupOffsets,
    ) -> (GroupOffsets, Result<(), Error>) {
        let mut done = GroupOffsets::new();
        let _turn = self.committing.lock().await;
        let outcome = match self.try_commit(shared, &offsets(), &mut done).await {
            Ok(None) => Ok(()),
            Ok(Some(error)) if error.code() == Some(ErrorCode::REBALANCE_IN_PROGRESS) => {
                Err(self.not_committed(ErrorCode::REBALANCE_IN_PROGRESS))
            }
            Ok(Some(error)) => Err(error.into()),
            Err(error) => Err(error),
        };
        (done, outcome)
    }

    /// Tries once to commit these offsets, and adds what is committed to `done`. Gives what stood in the way and
    /// may pass.
    async fn try_commit(
        &self,
        shared: &Shared,
        offsets: &GroupOffsets,
        done: &mut GroupOffsets,
    ) -> Result<Option<ottla_client::Error>, Error> {
        if offsets.is_empty() {
            return Ok(None);
        }
        let identity = self.identity()?;
        // It stays so if there is no answer, or this is dropped: the coordinator may come to it when it has taken later ones.
        let doubted = lock(&shared.fetcher).doubts(offsets);
        let outcome = self.commit_once(&shared.client, &identity, offsets).await;
        if outcome.as_ref().err().is_none_or(ottla_client::Error::surely_had_no_effect) {
            lock(&shared.fetcher).is_sure_of(&doubted);
        }
        match outcome {
            Ok(answer) => self.take_in(&shared.client, &identity, answer, offsets, done),
            Err(error) => Ok(Some(error)),
        }
    }

    /// The name to commit under, for whoever commits in its stead.
    pub(crate) fn metadata(&self) -> Result<GroupMetadata, Error> {
        self.check_told()?;
        let Identity { generation, member_id, instance_id } = self.identity()?;
        let group = GroupMetadata::new(self.id.clone());
        Ok(group.with_member(generation, member_id).with_instance(instance_id))
    }

    /// The name to commit under. A member that has lost its place has none.
    fn identity(&self) -> Result<Identity, Error> {
        let identity = lock(&self.membership).identity();
        identity.ok_or_else(|| self.not_committed(ErrorCode::UNKNOWN_MEMBER_ID))
    }

    /// Refuses a user who works with what was lost still: under the name that came after, others' work would be undone.
    fn check_told(&self) -> Result<(), Error> {
        if self.has_untold_loss() {
            self.identity()?;
            return Err(self.not_committed(ErrorCode::ILLEGAL_GENERATION));
        }
        Ok(())
    }

    /// Since when the partitions are owned whose offsets were named by the user.
    fn tenures<F>(&self, offsets: &Offsets<F>) -> BTreeMap<TopicPartition, Tenure> {
        let Offsets::These(offsets) = offsets else { return BTreeMap::new() };
        let membership = lock(&self.membership);
        offsets.keys().filter_map(|name| Some((name.clone(), membership.tenure(name)?))).collect()
    }

    fn not_committed(&self, code: ErrorCode) -> Error {
        Error::NotCommitted { group: self.id.to_string(), code }
    }

    async fn commit_once(
        &self,
        client: &Client,
        identity: &Identity,
        offsets: &GroupOffsets,
    ) -> Result<(NodeId, OffsetCommitResponse), ottla_client::Error> {
        let node = client.coordinator(self.id.clone()).await?;
        let ask = async {
            let connection = client.connection(node, Lane::Calls).await?;
            let version = connection.version_at_most::<OffsetCommitRequest>(BY_NAME)?;
            connection.call_version(&self.commit_request(identity, offsets, version), version).await
        };
        match ask.await {
            Ok(answer) => Ok((node, answer)),
            Err(error) => {
                client.forget_coordinator(&self.id, node);
                Err(error)
            }
        }
    }

    fn commit_request(
        &self,
        identity: &Identity,
        offsets: &GroupOffsets,
        version: i16,
    ) -> OffsetCommitRequest {
        let mut request = OffsetCommitRequest::default();
        request.group_id = self.id.clone();
        request.generation_id_or_member_epoch = identity.generation;
        request.member_id = identity.member_id.clone();
        if version >= COMMIT_INSTANCE_FROM {
            request.group_instance_id.clone_from(&identity.instance_id);
        }
        for (name, committed) in offsets {
            let mut partition = OffsetCommitRequestPartition::default();
            partition.partition_index = name.partition;
            partition.committed_offset = committed.offset.0;
            if version >= COMMIT_EPOCH_FROM {
                partition.committed_leader_epoch = committed.leader_epoch;
            }
            partition.committed_metadata = Some(committed.metadata.clone());
            match request.topics.last_mut() {
                Some(topic) if topic.name == name.topic => topic.partitions.push(partition),
                _ => {
                    let mut topic = OffsetCommitRequestTopic::default();
                    topic.name = name.topic.clone();
                    topic.partitions.push(partition);
                    request.topics.push(topic);
                }
            }
        }
        request
    }

    /// Takes in what became of each offset; what may pass is given back, to be tried again.
    fn take_in(
        &self,
        client: &Client,
        identity: &Identity,
        (node, answer): (NodeId, OffsetCommitResponse),
        sent: &GroupOffsets,
        done: &mut GroupOffsets,
    ) -> Result<Option<ottla_client::Error>, Error> {
        let mut again = None;
        for topic in answer.topics {
            for partition in topic.partitions {
                let name = TopicPartition::new(topic.name.clone(), partition.partition_index);
                let Some((name, committed)) = sent.get_key_value(&name) else { continue };
                let code = partition.error_code;
                match code {
                    ErrorCode::NONE => drop(done.insert(name.clone(), committed.clone())),
                    ErrorCode::UNKNOWN_MEMBER_ID
                    | ErrorCode::ILLEGAL_GENERATION
                    | ErrorCode::STALE_MEMBER_EPOCH
                    | ErrorCode::FENCED_MEMBER_EPOCH
                    | ErrorCode::FENCED_INSTANCE_ID
                    | ErrorCode::REBALANCE_IN_PROGRESS => {
                        let now = Instant::now().into_std();
                        let verdict = lock(&self.membership).commit_refused(now, identity.generation, code);
                        self.wake.notify_one();
                        match verdict {
                            Verdict::Later => again = Some(ErrorCode::REBALANCE_IN_PROGRESS),
                            Verdict::Final => return Err(self.not_committed(code)),
                        }
                    }
                    ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE => {
                        client.forget_coordinator(&self.id, node);
                        again = Some(code);
                    }
                    code if code.is_retriable() => again = Some(code),
                    code => return Err(Error::CommitRefused { partition: name.clone(), code }),
                }
            }
        }
        let subject = || format!("offsets of group {:?}", self.id.as_str());
        Ok(again.map(|code| ottla_client::Error::Refused { subject: subject(), code, message: None }))
    }

    /// The group is between two generations: what is still owned after it can be committed then.
    async fn wait_for_rebalance(&self, deadline: Instant) -> Result<(), Error> {
        let settled = self.wait_until(|membership| membership.is_stable() || membership.is_out());
        let in_time = tokio::time::timeout_at(deadline, settled).await;
        in_time.map_err(|_| self.not_committed(ErrorCode::REBALANCE_IN_PROGRESS))
    }

    /// Offsets that the user named count only while their partitions stay: somebody else may have come further.
    fn check_owned(
        &self,
        offsets: &GroupOffsets,
        tenures: &BTreeMap<TopicPartition, Tenure>,
    ) -> Result<(), Error> {
        let membership = lock(&self.membership);
        let is_kept = |name| tenures.get(name).is_some_and(|tenure| membership.tenure(name) == Some(*tenure));
        if offsets.keys().all(is_kept) {
            Ok(())
        } else {
            Err(self.not_committed(ErrorCode::REBALANCE_IN_PROGRESS))
        }
    }

    /// What the group committed for each of these partitions; where there is nothing, nothing is given.
    pub(crate) async fn fetch_offsets(
        &self,
        client: &Client,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<GroupOffsets, ottla_client::Error> {
        let partitions: BTreeSet<_> = partitions.into_iter().collect();
        if partitions.is_empty() {
            return Ok(GroupOffsets::new());
        }
        let limit = client.config().default_api_timeout;
        let mut patience = Patience::new(client, "asking what is committed", Instant::now() + limit, limit);
        loop {
            match self.fetch_offsets_once(client, &partitions).await {
                Ok(offsets) => return Ok(offsets),
                Err(error) => patience.after(error).await?,
            }
        }
    }

    async fn fetch_offsets_once(
        &self,
        client: &Client,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Result<GroupOffsets, ottla_client::Error> {
        let node = client.coordinator(self.id.clone()).await?;
        let outcome = async {
            let connection = client.connection(node, Lane::Calls).await?;
            let version = connection.version_at_most::<OffsetFetchRequest>(BY_NAME)?;
            let answer = connection.call_version(&self.fetch_request(partitions, version), version).await?;
            let subject = || format!("group {:?}", self.id.as_str());
            ottla_client::Error::check(subject(), answer.error_code, None)?;
            let mut offsets = GroupOffsets::new();
            for topic in answer.topics {
                for of in topic.partitions {
                    let name = TopicPartition::new(topic.name.clone(), of.partition_index);
                    ottla_client::Error::check(format!("partition {name}"), of.error_code, None)?;
                    take(&mut offsets, name, of.committed_offset, of.committed_leader_epoch, of.metadata);
                }
            }
            for group in answer.groups {
                ottla_client::Error::check(subject(), group.error_code, None)?;
                for topic in group.topics {
                    for of in topic.partitions {
                        let name = TopicPartition::new(topic.name.clone(), of.partition_index);
                        ottla_client::Error::check(format!("partition {name}"), of.error_code, None)?;
                        take(&mut offsets, name, of.committed_offset, of.committed_leader_epoch, of.metadata);
                    }
                }
            }
            Ok(offsets)
        };
        let outcome: Result<_, ottla_client::Error> = outcome.await;
        let is_elsewhere = |error: &ottla_client::Error| {
            error.code().is_none_or(|code| {
                matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE)
            })
        };
        if outcome.as_ref().is_err_and(is_elsewhere) {
            client.forget_coordinator(&self.id, node);
        }
        outcome
    }

    fn fetch_request(&self, partitions: &BTreeSet<TopicPartition>, version: i16) -> OffsetFetchRequest {
        let mut topics = BTreeMap::<&Str, Vec<i32>>::new();
        for name in partitions {
            topics.entry(&name.topic).or_default().push(name.partition);
        }
        let mut request = OffsetFetchRequest::default();
        // A transaction that is about to move the offset is waited for (KIP-447).
        request.require_stable = version >= FETCH_STABLE_FROM;
        if version >= FETCH_GROUPS_FROM {
            let topic = |(name, indexes): (&Str, Vec<i32>)| {
                let mut topic = OffsetFetchRequestTopics::default();
                (topic.name, topic.partition_indexes) = (name.clone(), I32Array::from(indexes));
                topic
            };
            let mut group = OffsetFetchRequestGroup::default();
            group.group_id = self.id.clone();
            group.topics = Some(topics.into_iter().map(topic).collect());
            request.topics = Some(Vec::new());
            request.groups.push(group);
        } else {
            let topic = |(name, indexes): (&Str, Vec<i32>)| {
                let mut topic = OffsetFetchRequestTopic::default();
                (topic.name, topic.partition_indexes) = (name.clone(), I32Array::from(indexes));
                topic
            };
            request.group_id = self.id.clone();
            request.topics = Some(topics.into_iter().map(topic).collect());
        }
        request
    }
}

/// Takes an answered offset in; a negative one stands for none.
fn take(offsets: &mut GroupOffsets, name: TopicPartition, offset: i64, epoch: i32, note: Option<Str>) {
    if offset >= 0 {
        let committed = CommittedOffset::new(Offset(offset)).with_leader_epoch(epoch);
        offsets.insert(name, committed.with_metadata(note.unwrap_or_default()));
    }
}

/// The time that a call has for all its tries.
struct Patience<'a> {
    client: &'a Client,
    what: &'static str,
    deadline: Instant,
    limit: Duration,
    backoff: Backoff,
}

impl<'a> Patience<'a> {
    fn new(client: &'a Client, what: &'static str, deadline: Instant, limit: Duration) -> Self {
        Self { client, what, deadline, limit, backoff: client.config().backoff_of_retries() }
    }

    /// Waits a while after a try failed with `error`, or gives up with it.
    async fn after(&mut self, error: ottla_client::Error) -> Result<(), ottla_client::Error> {
        if !error.is_retriable() {
            return Err(error);
        }
        let wait = self.backoff.next_wait(&mut self.client.env().rng());
        if Instant::now() + wait >= self.deadline {
            return Err(self.out_of_time(Some(error)));
        }
        tracing::debug!(what = self.what, %error, ?wait, "trying again");
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn out_of_time(&self, last: Option<ottla_client::Error>) -> ottla_client::Error {
        let (what, limit) = (self.what.to_owned(), self.limit);
        ottla_client::Error::Timeout { what, limit, last: last.map(Box::new) }
    }
}
