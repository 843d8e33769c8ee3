//! The offsets that groups committed: read, set and forgotten from the outside.
//!
//! Members of a group commit in another way, with their generation; that is in `ottla_consumer`.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ottla_protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use ottla_protocol::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};
use ottla_protocol::wire::Str;

use super::{check, subject};
use crate::admin::Admin;
use crate::admin::routed::{Answered, Outcomes, Routed, ToCoordinator, by_topic, route};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;
use crate::topic_partition::{Offset, TopicPartition};

/// The version of `OffsetFetch` from which one request asks for many groups (KIP-709).
const FETCH_MANY: i16 = 8;

/// The last versions that name topics instead of giving their ids (KIP-848), which a group that was
/// written to by name needs not have.
const FETCH_BY_NAME: i16 = 9;
const COMMIT_BY_NAME: i16 = 9;

/// Where a group is in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommittedOffset {
    /// The record to go on with.
    pub offset: Offset,
    /// Epoch of the leader that the record before it was read from; -1 when unknown.
    pub leader_epoch: i32,
    /// What the committer noted beside it.
    pub metadata: Str,
}

impl CommittedOffset {
    /// An offset of which nothing else is known.
    pub fn new(offset: Offset) -> Self {
        Self { offset, leader_epoch: -1, metadata: Str::default() }
    }

    fn with_the_rest(self, leader_epoch: i32, metadata: Option<Str>) -> Self {
        Self { leader_epoch, metadata: metadata.unwrap_or_default(), ..self }
    }

    /// Sets the epoch of the leader that the record before it was read from.
    #[must_use]
    pub fn with_leader_epoch(mut self, epoch: i32) -> Self {
        self.leader_epoch = epoch;
        self
    }

    /// Sets a note beside it; brokers take up to `offset.metadata.max.bytes` of it.
    #[must_use]
    pub fn with_metadata(mut self, metadata: impl Into<Str>) -> Self {
        self.metadata = metadata.into();
        self
    }
}

/// Where a group is in each partition that it committed.
pub type GroupOffsets = BTreeMap<TopicPartition, CommittedOffset>;

/// What became of each partition.
type ByPartition = BTreeMap<TopicPartition, Result<(), Error>>;

impl Admin {
    /// The offsets that a group committed. A group that committed none, or does not exist, has none.
    ///
    /// # Errors
    /// [`Error::Refused`] for the group as a whole, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn group_offsets(&self, group: impl Into<Str>) -> Result<GroupOffsets, Error> {
        let group = group.into();
        let mut outcomes = self.offsets_of_groups([group.clone()]).await;
        outcomes.remove(&group).unwrap_or_else(|| Ok(GroupOffsets::new()))
    }

    /// As [`group_offsets`](Self::group_offsets), for many groups: coordinators that can be asked for
    /// several at once are (KIP-709).
    ///
    /// # Errors
    /// Each group has its own outcome, as that of [`group_offsets`](Self::group_offsets).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn offsets_of_groups<T: Into<Str>>(
        &self,
        groups: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<GroupOffsets, Error>> {
        route(&self.client, &FetchOffsets, groups.into_iter().map(Into::into)).await
    }

    /// Sets where a group goes on, as if it had read up to there. It must not have members, or the
    /// partitions are refused with `UNKNOWN_MEMBER_ID`; a group that does not exist is made.
    ///
    /// # Errors
    /// [`Error::Timeout`] with the last failure. What became of each partition is in the map.
    ///
    /// # Cancel safety
    /// Not cancel safe: offsets may be set all the same.
    pub async fn alter_group_offsets(
        &self,
        group: impl Into<Str>,
        offsets: &GroupOffsets,
    ) -> Result<BTreeMap<TopicPartition, Result<(), Error>>, Error> {
        self.one_group(&CommitOffsets { offsets }, group.into()).await
    }

    /// Forgets where a group is in some partitions. If it has members, none of them must be subscribed
    /// to the topic, or the partition is refused with `GROUP_SUBSCRIBED_TO_TOPIC` (KIP-496).
    ///
    /// # Errors
    /// [`Error::Refused`] for the group as a whole, such as `GROUP_ID_NOT_FOUND`, or [`Error::Timeout`]
    /// with the last failure. What became of each partition is in the map.
    ///
    /// # Cancel safety
    /// Not cancel safe: offsets may be forgotten all the same.
    pub async fn delete_group_offsets(
        &self,
        group: impl Into<Str>,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<BTreeMap<TopicPartition, Result<(), Error>>, Error> {
        let partitions: Vec<_> = partitions.into_iter().collect();
        self.one_group(&DeleteOffsets { partitions: &partitions }, group.into()).await
    }

    async fn one_group<R: Routed<Key = Str, Value = ByPartition>>(
        &self,
        call: &R,
        group: Str,
    ) -> Result<ByPartition, Error> {
        let mut outcomes = route(&self.client, call, [group.clone()]).await;
        outcomes.remove(&group).unwrap_or_else(|| Ok(ByPartition::new()))
    }
}

struct FetchOffsets;

impl Routed for FetchOffsets {
    type Key = Str;
    type Value = GroupOffsets;
    type Route = ToCoordinator;
    const WHAT: &'static str = "reading the offsets of groups";
    const API: ApiKey = ApiKey::OffsetFetch;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version_at_most::<OffsetFetchRequest>(FETCH_BY_NAME)?;
        let mut request = OffsetFetchRequest::default();
        let mut outcomes = Outcomes::new();
        if version >= FETCH_MANY {
            let all_of = |group: &Str| {
                let mut asked = OffsetFetchRequestGroup::default();
                (asked.group_id, asked.topics) = (group.clone(), None);
                asked
            };
            request.groups = keys.iter().map(all_of).collect();
            for answer in connection.call_version(&request, version).await?.groups {
                let refused = check(&answer.group_id, answer.error_code, None);
                let offsets = answer.topics.into_iter().flat_map(|topic| {
                    let partitions = topic.partitions.into_iter();
                    partitions.filter_map(move |of| {
                        let place =
                            TopicPartition { topic: topic.name.clone(), partition: of.partition_index };
                        let offset = committed(of.error_code, of.committed_offset)?;
                        Some((place, offset.with_the_rest(of.committed_leader_epoch, of.metadata)))
                    })
                });
                outcomes.insert(answer.group_id, refused.map(|()| offsets.collect()));
            }
            return Ok(outcomes);
        }
        request.topics = None;
        for group in keys {
            request.group_id = group.clone();
            let answer = connection.call_version(&request, version).await?;
            let mut offsets = GroupOffsets::new();
            for topic in answer.topics {
                for of in topic.partitions {
                    let Some(offset) = committed(of.error_code, of.committed_offset) else { continue };
                    let place = TopicPartition { topic: topic.name.clone(), partition: of.partition_index };
                    offsets.insert(place, offset.with_the_rest(of.committed_leader_epoch, of.metadata));
                }
            }
            outcomes.insert(group.clone(), check(group, answer.error_code, None).map(|()| offsets));
        }
        Ok(outcomes)
    }

    fn subject(group: &Str) -> String {
        subject(group)
    }
}

/// An answered offset, if there is one: -1 stands for none, and a partition with an error of its own is
/// one that this client may not see.
fn committed(code: ErrorCode, offset: i64) -> Option<CommittedOffset> {
    (code == ErrorCode::NONE && offset >= 0).then(|| CommittedOffset::new(Offset(offset)))
}

struct CommitOffsets<'a> {
    offsets: &'a GroupOffsets,
}

impl Routed for CommitOffsets<'_> {
    type Key = Str;
    type Value = ByPartition;
    type Route = ToCoordinator;
    const WHAT: &'static str = "setting the offsets of a group";
    const API: ApiKey = ApiKey::OffsetCommit;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let asked = self.offsets.iter().map(|(of, committed)| {
            let mut partition = OffsetCommitRequestPartition::default();
            partition.partition_index = of.partition;
            partition.committed_offset = committed.offset.0;
            partition.committed_leader_epoch = committed.leader_epoch;
            partition.committed_metadata = Some(committed.metadata.clone());
            (of.topic.clone(), partition)
        });
        let mut request = OffsetCommitRequest::default();
        request.generation_id_or_member_epoch = -1;
        for (name, partitions) in by_topic(asked) {
            let mut topic = OffsetCommitRequestTopic::default();
            (topic.name, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version_at_most::<OffsetCommitRequest>(COMMIT_BY_NAME)?;
        let mut outcomes = Outcomes::new();
        for group in keys {
            request.group_id = group.clone();
            let answer = connection.call_version(&request, version).await?;
            let answered = answer.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|of| (&topic.name, of.partition_index, of.error_code))
            });
            let partitions = outcomes_of(group, self.offsets.keys(), answered, (node, Self::API));
            outcomes.insert(group.clone(), Ok(partitions));
        }
        Ok(outcomes)
    }

    fn failure_in<'a>(&self, value: &'a ByPartition) -> Option<&'a Error> {
        value.values().filter_map(|outcome| outcome.as_ref().err()).find(|error| concerns_group(error))
    }

    fn subject(group: &Str) -> String {
        subject(group)
    }
}

struct DeleteOffsets<'a> {
    partitions: &'a [TopicPartition],
}

impl Routed for DeleteOffsets<'_> {
    type Key = Str;
    type Value = ByPartition;
    type Route = ToCoordinator;
    const WHAT: &'static str = "forgetting offsets of a group";
    const API: ApiKey = ApiKey::OffsetDelete;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let asked = self.partitions.iter().map(|of| {
            let mut partition = OffsetDeleteRequestPartition::default();
            partition.partition_index = of.partition;
            (of.topic.clone(), partition)
        });
        let mut request = OffsetDeleteRequest::default();
        for (name, partitions) in by_topic(asked) {
            let mut topic = OffsetDeleteRequestTopic::default();
            (topic.name, topic.partitions) = (name, partitions);
            request.topics.push(topic);
        }
        let mut outcomes = Outcomes::new();
        for group in keys {
            request.group_id = group.clone();
            let answer = client.call(node, &request).await?;
            let answered = answer.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|of| (&topic.name, of.partition_index, of.error_code))
            });
            let partitions = outcomes_of(group, self.partitions.iter(), answered, (node, Self::API));
            let outcome = check(group, answer.error_code, None);
            outcomes.insert(group.clone(), outcome.map(|()| partitions));
        }
        Ok(outcomes)
    }

    fn subject(group: &Str) -> String {
        subject(group)
    }
}

/// What became of each partition that was asked about; of one without an answer, that there is none.
fn outcomes_of<'a>(
    group: &Str,
    asked: impl Iterator<Item = &'a TopicPartition>,
    answered: impl Iterator<Item = (&'a Str, i32, ErrorCode)>,
    (node, api): (NodeId, ApiKey),
) -> ByPartition {
    let mut outcomes = ByPartition::new();
    for (topic, partition, code) in answered {
        let of = TopicPartition { topic: topic.clone(), partition };
        let outcome = match code {
            ErrorCode::NONE => Ok(()),
            code => Error::check(format!("partition {of} of {}", subject(group)), code, None),
        };
        outcomes.insert(of, outcome);
    }
    for of in asked {
        let missing = || Err(Error::IncompleteAnswer { node, api, missing: format!("partition {of}") });
        outcomes.entry(of.clone()).or_insert_with(missing);
    }
    outcomes
}

/// Whether a partition's failure is one of the whole group, which has to be asked for again.
fn concerns_group(error: &Error) -> bool {
    matches!(
        error.code(),
        Some(
            ErrorCode::NOT_COORDINATOR
                | ErrorCode::COORDINATOR_NOT_AVAILABLE
                | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
        )
    )
}
