//! Topics: create, delete, list, describe.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
    CreateTopicsRequest,
};
use ottla_protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use ottla_protocol::wire::{Str, Uuid};

use super::{Admin, request_timeout_ms};
use crate::cluster::Topic;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;
use crate::retry::Retries;

/// The version of `DeleteTopics` from which topics are not just names.
const DELETE_TOPICS_STATES: i16 = 6;

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    name: Str,
    partitions: i32,
    replication_factor: i16,
    assignments: Vec<Vec<NodeId>>,
    configs: Vec<(Str, Str)>,
}

impl NewTopic {
    /// A topic with the broker's default of partitions and copies.
    pub fn new(name: impl Into<Str>) -> Self {
        Self {
            name: name.into(),
            partitions: -1,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: Vec::new(),
        }
    }

    /// Sets the number of partitions.
    #[must_use]
    pub fn with_partitions(mut self, partitions: i32) -> Self {
        self.partitions = partitions;
        self
    }

    /// Sets the number of copies.
    #[must_use]
    pub fn with_replication_factor(mut self, copies: i16) -> Self {
        self.replication_factor = copies;
        self
    }

    /// Says for each partition which brokers keep it, the preferred leader first; numbers of
    /// partitions and copies follow from it.
    #[must_use]
    pub fn with_assignments(mut self, assignments: Vec<Vec<NodeId>>) -> Self {
        self.assignments = assignments;
        self
    }

    /// Sets a configuration of the topic, by its Kafka key.
    #[must_use]
    pub fn with_config(mut self, key: impl Into<Str>, value: impl Into<Str>) -> Self {
        self.configs.push((key.into(), value.into()));
        self
    }

    fn to_request(&self) -> CreatableTopic {
        let mut topic = CreatableTopic::default();
        topic.name = self.name.clone();
        topic.num_partitions = self.partitions;
        topic.replication_factor = self.replication_factor;
        if !self.assignments.is_empty() {
            (topic.num_partitions, topic.replication_factor) = (-1, -1);
        }
        for (index, brokers) in (0..).zip(&self.assignments) {
            let mut assignment = CreatableReplicaAssignment::default();
            assignment.partition_index = index;
            assignment.broker_ids = brokers.iter().map(|broker| broker.0).collect();
            topic.assignments.push(assignment);
        }
        for (key, value) in &self.configs {
            let mut config = CreatableTopicConfig::default();
            (config.name, config.value) = (key.clone(), Some(value.clone()));
            topic.configs.push(config);
        }
        topic
    }
}

/// A topic that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedTopic {
    /// Its name.
    pub name: Str,
    /// Its id; [`Uuid::ZERO`] from brokers that do not give ids to topics.
    pub id: Uuid,
    /// Number of partitions; -1 from brokers that do not tell.
    pub partitions: i32,
    /// Number of copies; -1 from brokers that do not tell.
    pub replication_factor: i16,
}

impl CreatedTopic {
    fn from_answer(answer: CreatableTopicResult) -> Result<Self, Error> {
        let subject = format!("topic {:?}", answer.name.as_str());
        Error::check(subject, answer.error_code, answer.error_message.as_deref())?;
        Ok(Self {
            name: answer.name,
            id: answer.topic_id,
            partitions: answer.num_partitions,
            replication_factor: answer.replication_factor,
        })
    }
}

impl Admin {
    /// Creates one topic.
    ///
    /// # Errors
    /// [`Error::Refused`] with `TOPIC_ALREADY_EXISTS` and the like, or that nobody answered.
    ///
    /// # Cancel safety
    /// Not cancel safe: the topic may be created all the same.
    pub async fn create_topic(&self, topic: NewTopic) -> Result<CreatedTopic, Error> {
        let name = topic.name.clone();
        let mut outcomes = self.create_topics([topic]).await?;
        outcomes.remove(&name).unwrap_or_else(|| Err(incomplete(ApiKey::CreateTopics, &name)))
    }

    /// Creates topics, each on its own: one that is refused does not stop the others.
    ///
    /// # Errors
    /// Nobody answered. What became of each topic is in the map.
    ///
    /// # Cancel safety
    /// Not cancel safe: topics may be created all the same.
    pub async fn create_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> Result<BTreeMap<Str, Result<CreatedTopic, Error>>, Error> {
        let mut request = CreateTopicsRequest::default();
        request.topics = topics.into_iter().map(|topic| topic.to_request()).collect();
        request.timeout_ms = request_timeout_ms(&self.client);
        let mut retries = Retries::new(&self.client, "creating topics");
        let mut outcomes = BTreeMap::new();
        loop {
            let answered = self.call_controller(&request).await.map(|answer| {
                for answer in answer.topics {
                    outcomes.insert(answer.name.clone(), CreatedTopic::from_answer(answer));
                }
            });
            match answered.and_then(|()| self.again(&outcomes)) {
                Ok(()) => break,
                Err(error) => retries.after(error).await?,
            }
            request
                .topics
                .retain(|topic| !matches!(outcomes.get(&topic.name), Some(outcome) if is_final(outcome)));
        }
        self.client.want_refresh();
        Ok(outcomes)
    }

    /// Deletes topics, each on its own.
    ///
    /// # Errors
    /// Nobody answered. What became of each topic is in the map.
    ///
    /// # Cancel safety
    /// Not cancel safe: topics may be deleted all the same.
    pub async fn delete_topics<T: Into<Str>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Result<BTreeMap<Str, Result<(), Error>>, Error> {
        let mut names: Vec<Str> = topics.into_iter().map(Into::into).collect();
        let mut retries = Retries::new(&self.client, "deleting topics");
        let mut outcomes = BTreeMap::new();
        loop {
            let answered = self.delete_once(&names, &mut outcomes).await;
            match answered.and_then(|()| self.again(&outcomes)) {
                Ok(()) => break,
                Err(error) => retries.after(error).await?,
            }
            names.retain(|name| !matches!(outcomes.get(name), Some(outcome) if is_final(outcome)));
        }
        self.client.want_refresh();
        Ok(outcomes)
    }

    async fn delete_once(
        &self,
        names: &[Str],
        outcomes: &mut BTreeMap<Str, Result<(), Error>>,
    ) -> Result<(), Error> {
        let connection = self.client.connection(self.controller(), Lane::Calls).await?;
        let version = connection.version::<DeleteTopicsRequest>()?;
        let mut request = DeleteTopicsRequest::default();
        request.timeout_ms = request_timeout_ms(&self.client);
        if version < DELETE_TOPICS_STATES {
            request.topic_names = names.to_vec();
        } else {
            let by_name = |name: &Str| {
                let mut topic = DeleteTopicState::default();
                topic.name = Some(name.clone());
                topic
            };
            request.topics = names.iter().map(by_name).collect();
        }
        for answer in connection.call_version(&request, version).await?.responses {
            let Some(name) = answer.name else { continue };
            let subject = format!("topic {:?}", name.as_str());
            outcomes.insert(name, Error::check(subject, answer.error_code, answer.error_message.as_deref()));
        }
        Ok(())
    }

    /// All topics that this client may see, by name, with those of the cluster itself.
    ///
    /// # Errors
    /// Nobody answered.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn list_topics(&self) -> Result<Vec<Topic>, Error> {
        let mut topics = self.metadata(None).await?;
        topics.retain(|topic| topic.error == ErrorCode::NONE || topic.error.is_retriable());
        topics.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(topics)
    }

    /// Describes topics, each on its own. Asking does not create them.
    ///
    /// # Errors
    /// Nobody answered. A topic that does not exist is [`Error::Refused`] in the map.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn describe_topics<T: Into<Str>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Result<BTreeMap<Str, Result<Topic, Error>>, Error> {
        let names = topics.into_iter().map(Into::into).collect();
        let described = self.metadata(Some(names)).await?;
        let outcome = |topic: Topic| {
            let subject = format!("topic {:?}", topic.name.as_str());
            (topic.name.clone(), Error::check(subject, topic.error, None).map(|()| topic))
        };
        Ok(described.into_iter().map(outcome).collect())
    }

    async fn metadata(&self, names: Option<Vec<Str>>) -> Result<Vec<Topic>, Error> {
        let by_name = |name| {
            let mut topic = MetadataRequestTopic::default();
            topic.name = Some(name);
            topic
        };
        let mut request = MetadataRequest::default();
        request.topics = names.map(|names| names.into_iter().map(by_name).collect());
        request.allow_auto_topic_creation = false;
        let mut retries = Retries::new(&self.client, "describing topics");
        loop {
            match self.client.call_any(&request).await {
                Ok(answer) => {
                    let topic = |mut answer: ottla_protocol::messages::metadata::MetadataResponseTopic| {
                        Some(Topic::from_answer(answer.name.take()?, answer, None))
                    };
                    return Ok(answer.topics.into_iter().filter_map(topic).collect());
                }
                Err(error) => retries.after(error).await?,
            }
        }
    }

    /// Whether some outcome calls for another try: its error.
    fn again<T>(&self, outcomes: &BTreeMap<Str, Result<T, Error>>) -> Result<(), Error> {
        let retriable = outcomes.values().filter_map(|outcome| outcome.as_ref().err());
        match retriable.into_iter().find(|error| !is_final_error(error)) {
            None => Ok(()),
            Some(error) => {
                // Most likely the controller moved.
                self.client.want_refresh();
                Err(error.clone())
            }
        }
    }
}

fn is_final<T>(outcome: &Result<T, Error>) -> bool {
    outcome.as_ref().err().is_none_or(is_final_error)
}

fn is_final_error(error: &Error) -> bool {
    // That a topic does not exist (yet) is news worth waiting for elsewhere; here it is the answer.
    !error.is_retriable()
        || matches!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID))
}

fn incomplete(api: ApiKey, topic: &str) -> Error {
    Error::IncompleteAnswer { node: NodeId(-1), api, missing: format!("topic {topic:?}") }
}
