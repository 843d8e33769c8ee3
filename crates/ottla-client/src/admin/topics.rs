//! Topics to be: what is asked for, and creating them.
//!
//! Finding out about topics is in `describe`, deleting them in `delete`, more partitions in `partitions`.

mod delete;
pub(super) mod describe;
pub(super) mod partitions;

use std::collections::BTreeMap;

use ottla_protocol::api::ApiKey;
use ottla_protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
    CreateTopicsRequest,
};
use ottla_protocol::wire::{Str, Uuid};

use super::routed::{Answered, Routed, ToController, route, topic_subject};
use super::{Admin, request_timeout_ms};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;

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
        Error::check(topic_subject(&answer.name), answer.error_code, answer.error_message.as_deref())?;
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
        let mut outcomes = self.create_topics([topic]).await;
        outcomes.remove(&name).unwrap_or(Err(Error::UnknownTopic { topic: name.to_string() }))
    }

    /// Creates topics, each on its own: one that is refused does not stop the others. Of two with the
    /// same name the last counts.
    ///
    /// # Errors
    /// Each topic has its own outcome: [`Error::Refused`], or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Not cancel safe: topics may be created all the same.
    pub async fn create_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> BTreeMap<Str, Result<CreatedTopic, Error>> {
        let created = self.create(topics, false).await;
        self.client.want_refresh();
        created
    }

    /// Asks whether topics would be created, and creates none.
    ///
    /// # Errors
    /// As [`create_topics`](Self::create_topics).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn validate_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> BTreeMap<Str, Result<CreatedTopic, Error>> {
        self.create(topics, true).await
    }

    async fn create(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
        validate_only: bool,
    ) -> BTreeMap<Str, Result<CreatedTopic, Error>> {
        let topics: BTreeMap<_, _> = topics.into_iter().map(|topic| (topic.name.clone(), topic)).collect();
        let call = CreateTopics { topics: &topics, validate_only };
        route(&self.client, &call, topics.keys().cloned()).await
    }
}

struct CreateTopics<'a> {
    topics: &'a BTreeMap<Str, NewTopic>,
    validate_only: bool,
}

impl Routed for CreateTopics<'_> {
    type Key = Str;
    type Value = CreatedTopic;
    type Route = ToController;
    const WHAT: &'static str = "creating topics";
    const API: ApiKey = ApiKey::CreateTopics;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let mut request = CreateTopicsRequest::default();
        request.topics =
            keys.iter().filter_map(|name| self.topics.get(name)).map(NewTopic::to_request).collect();
        request.timeout_ms = request_timeout_ms(client);
        request.validate_only = self.validate_only;
        let answer = client.call(node, &request).await?;
        let outcome = |answer: CreatableTopicResult| (answer.name.clone(), CreatedTopic::from_answer(answer));
        Ok(answer.topics.into_iter().map(outcome).collect())
    }

    fn subject(name: &Str) -> String {
        topic_subject(name)
    }
}
