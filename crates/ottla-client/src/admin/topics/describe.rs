//! Finding out about topics: which there are, and what their partitions are.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic, TopicRequest,
};
use ottla_protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponseTopic};
use ottla_protocol::wire::{I32Array, Str, Uuid};

use crate::admin::Admin;
use crate::admin::routed::{Answered, Outcomes, Routed, ToAny, route, topic_subject};
use crate::client::Client;
use crate::cluster::{Partition, Topic};
use crate::connection::Connection;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;
use crate::retry::Retries;

/// The version of `Metadata` from which topics can be asked for by their ids (KIP-516).
const METADATA_BY_ID: i16 = 12;

/// Partitions in one page of `DescribeTopicPartitions`, which is also the most that brokers give.
const PAGE_PARTITIONS: i32 = 2_000;

/// A topic, as brokers describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicDescription {
    /// Its name.
    pub name: Str,
    /// Its id; [`Uuid::ZERO`] from brokers that do not give ids to topics.
    pub id: Uuid,
    /// Whether it belongs to the cluster itself, such as `__consumer_offsets`.
    pub is_internal: bool,
    /// Its partitions, by index.
    pub partitions: Vec<PartitionDescription>,
}

/// A partition, as brokers describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionDescription {
    /// Who leads it, and who keeps copies.
    pub partition: Partition,
    /// Brokers that may lead it though their copy is not in sync (KIP-966); `None` from brokers that do
    /// not tell.
    pub eligible_leaders: Option<Vec<NodeId>>,
    /// Brokers that were among those last; `None` from brokers that do not tell.
    pub last_known_eligible_leaders: Option<Vec<NodeId>>,
}

impl Admin {
    /// All topics that this client may see, by name, with those of the cluster itself.
    ///
    /// # Errors
    /// [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn list_topics(&self) -> Result<Vec<Topic>, Error> {
        let mut request = MetadataRequest::default();
        request.topics = None;
        request.allow_auto_topic_creation = false;
        let mut retries = Retries::new(&self.client, "listing topics");
        let answer = loop {
            match self.client.call_any(&request).await {
                Ok(answer) => break answer,
                Err(error) => retries.after(error).await?,
            }
        };
        let topic =
            |mut answer: MetadataResponseTopic| Some(Topic::from_answer(answer.name.take()?, answer, None));
        let mut topics: Vec<_> = answer.topics.into_iter().filter_map(topic).collect();
        topics.retain(|topic| topic.error == ErrorCode::NONE || topic.error.is_retriable());
        topics.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(topics)
    }

    /// Describes topics, each on its own. Asking does not create them.
    ///
    /// Brokers that serve `DescribeTopicPartitions` (KIP-966) are asked for pages of 2,000 partitions, so
    /// that topics may be as large as they like.
    ///
    /// # Errors
    /// Each topic has its own outcome: [`Error::Refused`] with `UNKNOWN_TOPIC_OR_PARTITION` if there is
    /// none of that name, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_topics<T: Into<Str>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<TopicDescription, Error>> {
        route(&self.client, &ByName, topics.into_iter().map(Into::into)).await
    }

    /// Describes topics by their ids.
    ///
    /// # Errors
    /// As [`describe_topics`](Self::describe_topics), with `UNKNOWN_TOPIC_ID`; [`Error::Unsupported`]
    /// from brokers before Kafka 3.1.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_topics_by_id(
        &self,
        topics: impl IntoIterator<Item = Uuid>,
    ) -> BTreeMap<Uuid, Result<TopicDescription, Error>> {
        route(&self.client, &ById, topics).await
    }
}

struct ByName;

impl Routed for ByName {
    type Key = Str;
    type Value = TopicDescription;
    type Route = ToAny;
    const WHAT: &'static str = "describing topics";
    const API: ApiKey = ApiKey::DescribeTopicPartitions;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        match connection.version::<DescribeTopicPartitionsRequest>() {
            Ok(version) => page_by_page(&connection, version, keys).await,
            Err(_) => by_metadata(&connection, keys).await,
        }
    }

    fn subject(name: &Str) -> String {
        topic_subject(name)
    }

    fn is_final(&self, error: &Error) -> bool {
        !error.is_retriable() || error.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }
}

/// Follows the pages to the last. A topic whose partitions are spread over several comes in pieces.
async fn page_by_page(
    connection: &Connection,
    version: i16,
    names: &[Str],
) -> Result<Outcomes<Str, TopicDescription>, Error> {
    let mut asked = DescribeTopicPartitionsRequest::default();
    asked.topics = names.iter().map(|name| TopicRequest::default().with_name(name.clone())).collect();
    asked.response_partition_limit = PAGE_PARTITIONS;
    let mut outcomes = Outcomes::<Str, TopicDescription>::new();
    loop {
        let answer = connection.call_version(&asked, version).await?;
        for topic in answer.topics {
            let Some(name) = topic.name.clone() else { continue };
            let piece = TopicDescription::from_page(&name, topic);
            match (outcomes.get_mut(&name), piece) {
                (Some(Ok(known)), Ok(piece)) if known.id == piece.id => {
                    known.partitions.extend(piece.partitions)
                }
                // Deleted, or deleted and created anew, between two pages.
                (_, piece) => drop(outcomes.insert(name, piece)),
            }
        }
        let Some(next) = answer.next_cursor else { return Ok(outcomes) };
        let at = (next.topic_name.clone(), next.partition_index);
        let last = asked.cursor.as_ref().map(|cursor| (cursor.topic_name.clone(), cursor.partition_index));
        if last.is_some_and(|last| last >= at) {
            let missing = "a page that leads on".to_owned();
            let (node, api) = (connection.node(), ApiKey::DescribeTopicPartitions);
            return Err(Error::IncompleteAnswer { node, api, missing });
        }
        let mut cursor = Cursor::default();
        (cursor.topic_name, cursor.partition_index) = at;
        asked.cursor = Some(cursor);
    }
}

async fn by_metadata(
    connection: &Connection,
    names: &[Str],
) -> Result<Outcomes<Str, TopicDescription>, Error> {
    let by_name = |name: &Str| MetadataRequestTopic::default().with_name(Some(name.clone()));
    let mut outcomes = Outcomes::new();
    let version = connection.version::<MetadataRequest>()?;
    for topic in ask_metadata(connection, version, names.iter().map(by_name).collect()).await? {
        let Some(name) = topic.name.clone() else { continue };
        let outcome = TopicDescription::from_metadata(topic_subject(&name), topic);
        outcomes.insert(name, outcome);
    }
    Ok(outcomes)
}

struct ById;

impl Routed for ById {
    type Key = Uuid;
    type Value = TopicDescription;
    type Route = ToAny;
    const WHAT: &'static str = "describing topics";
    const API: ApiKey = ApiKey::Metadata;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Uuid]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version::<MetadataRequest>()?;
        if version < METADATA_BY_ID {
            return Err(Error::Unsupported { node, api: ApiKey::Metadata });
        }
        let by_id = |id: &Uuid| MetadataRequestTopic::default().with_name(None).with_topic_id(*id);
        let mut outcomes = Outcomes::new();
        for topic in ask_metadata(&connection, version, keys.iter().map(by_id).collect()).await? {
            let id = topic.topic_id;
            outcomes.insert(id, TopicDescription::from_metadata(Self::subject(&id), topic));
        }
        Ok(outcomes)
    }

    fn subject(id: &Uuid) -> String {
        format!("topic {id}")
    }

    fn is_final(&self, error: &Error) -> bool {
        !error.is_retriable() || error.code() == Some(ErrorCode::UNKNOWN_TOPIC_ID)
    }
}

async fn ask_metadata(
    connection: &Connection,
    version: i16,
    topics: Vec<MetadataRequestTopic>,
) -> Result<Vec<MetadataResponseTopic>, Error> {
    let mut request = MetadataRequest::default();
    request.topics = Some(topics);
    request.allow_auto_topic_creation = false;
    Ok(connection.call_version(&request, version).await?.topics)
}

impl TopicDescription {
    fn from_page(name: &Str, answer: DescribeTopicPartitionsResponseTopic) -> Result<Self, Error> {
        Error::check(topic_subject(name), answer.error_code, None)?;
        Ok(Self {
            name: name.clone(),
            id: answer.topic_id,
            is_internal: answer.is_internal,
            partitions: answer.partitions.into_iter().map(PartitionDescription::from_page).collect(),
        })
    }

    fn from_metadata(subject: String, answer: MetadataResponseTopic) -> Result<Self, Error> {
        Error::check(subject, answer.error_code, None)?;
        let name = answer.name.clone().unwrap_or_default();
        let topic = Topic::from_answer(name, answer, None);
        let partition = |partition| PartitionDescription {
            partition,
            eligible_leaders: None,
            last_known_eligible_leaders: None,
        };
        Ok(Self {
            name: topic.name,
            id: topic.id,
            is_internal: topic.is_internal,
            partitions: topic.partitions.into_iter().map(partition).collect(),
        })
    }
}

impl PartitionDescription {
    fn from_page(answer: DescribeTopicPartitionsResponsePartition) -> Self {
        let nodes = |ids: I32Array| ids.iter().copied().map(NodeId).collect();
        Self {
            partition: Partition {
                index: answer.partition_index,
                leader: Some(answer.leader_id).filter(|id| *id >= 0).map(NodeId),
                leader_epoch: answer.leader_epoch,
                replicas: nodes(answer.replica_nodes),
                in_sync_replicas: nodes(answer.isr_nodes),
                offline_replicas: nodes(answer.offline_replicas),
            },
            eligible_leaders: answer.eligible_leader_replicas.map(nodes),
            last_known_eligible_leaders: answer.last_known_elr.map(nodes),
        }
    }
}
