//! More partitions for topics that exist. There is no way to have fewer.

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic, CreatePartitionsTopicResult,
};
use ottla_protocol::wire::Str;

use crate::admin::routed::{Answered, Routed, ToController, route, topic_subject};
use crate::admin::{Admin, request_timeout_ms};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;

/// How many partitions a topic is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPartitions {
    topic: Str,
    total: i32,
    assignments: Vec<Vec<NodeId>>,
}

impl NewPartitions {
    /// So many partitions for a topic, with those that it has already.
    pub fn increase_to(topic: impl Into<Str>, total: i32) -> Self {
        Self { topic: topic.into(), total, assignments: Vec::new() }
    }

    /// Says for each partition that is added which brokers keep it, the preferred leader first.
    #[must_use]
    pub fn with_assignments(mut self, assignments: Vec<Vec<NodeId>>) -> Self {
        self.assignments = assignments;
        self
    }

    fn to_request(&self) -> CreatePartitionsTopic {
        let mut topic = CreatePartitionsTopic::default();
        (topic.name, topic.count) = (self.topic.clone(), self.total);
        let assignment = |brokers: &Vec<NodeId>| {
            let mut assignment = CreatePartitionsAssignment::default();
            assignment.broker_ids = brokers.iter().map(|broker| broker.0).collect();
            assignment
        };
        topic.assignments =
            (!self.assignments.is_empty()).then(|| self.assignments.iter().map(assignment).collect());
        topic
    }
}

impl Admin {
    /// Adds partitions to topics, each on its own. Records with keys go to other partitions from then on
    /// than those before with the same keys.
    ///
    /// # Errors
    /// Each topic has its own outcome: [`Error::Refused`] with `INVALID_PARTITIONS` if it has as many or
    /// more already, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Not cancel safe: partitions may be added all the same.
    pub async fn create_partitions(
        &self,
        topics: impl IntoIterator<Item = NewPartitions>,
    ) -> BTreeMap<Str, Result<(), Error>> {
        let created = self.add_partitions(topics, false).await;
        self.client.want_refresh();
        created
    }

    /// Asks whether partitions would be added, and adds none.
    ///
    /// # Errors
    /// As [`create_partitions`](Self::create_partitions).
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn validate_partitions(
        &self,
        topics: impl IntoIterator<Item = NewPartitions>,
    ) -> BTreeMap<Str, Result<(), Error>> {
        self.add_partitions(topics, true).await
    }

    async fn add_partitions(
        &self,
        topics: impl IntoIterator<Item = NewPartitions>,
        validate_only: bool,
    ) -> BTreeMap<Str, Result<(), Error>> {
        let topics: BTreeMap<_, _> = topics.into_iter().map(|topic| (topic.topic.clone(), topic)).collect();
        let call = CreatePartitions { topics: &topics, validate_only };
        route(&self.client, &call, topics.keys().cloned()).await
    }
}

struct CreatePartitions<'a> {
    topics: &'a BTreeMap<Str, NewPartitions>,
    validate_only: bool,
}

impl Routed for CreatePartitions<'_> {
    type Key = Str;
    type Value = ();
    type Route = ToController;
    const WHAT: &'static str = "adding partitions";
    const API: ApiKey = ApiKey::CreatePartitions;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let mut request = CreatePartitionsRequest::default();
        let topics = keys.iter().filter_map(|name| self.topics.get(name));
        request.topics = topics.map(NewPartitions::to_request).collect();
        request.timeout_ms = request_timeout_ms(client);
        request.validate_only = self.validate_only;
        let answer = client.call(node, &request).await?;
        let outcome = |answer: CreatePartitionsTopicResult| {
            let subject = topic_subject(&answer.name);
            let created = Error::check(subject, answer.error_code, answer.error_message.as_deref());
            (answer.name, created)
        };
        Ok(answer.results.into_iter().map(outcome).collect())
    }

    fn subject(name: &Str) -> String {
        topic_subject(name)
    }

    fn is_final(&self, error: &Error) -> bool {
        // A topic that is not there has no partitions to add to.
        !error.is_retriable() || error.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }
}
