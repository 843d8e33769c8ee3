//! Deleting topics, by name or by id (KIP-516).

use std::collections::BTreeMap;

use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::wire::{Str, Uuid};

use crate::admin::routed::{Answered, Outcomes, Routed, ToController, route, topic_subject};
use crate::admin::{Admin, request_timeout_ms};
use crate::client::Client;
use crate::error::Error;
use crate::node::NodeId;
use crate::pool::Lane;

/// The version of `DeleteTopics` from which topics are not just names.
const STATES: i16 = 6;

impl Admin {
    /// Deletes topics and all they hold, each on its own.
    ///
    /// # Errors
    /// Each topic has its own outcome: [`Error::Refused`] with `UNKNOWN_TOPIC_OR_PARTITION` if there is
    /// none of that name, or [`Error::Timeout`] with the last failure.
    ///
    /// # Cancel safety
    /// Not cancel safe: topics may be deleted all the same.
    pub async fn delete_topics<T: Into<Str>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> BTreeMap<Str, Result<(), Error>> {
        let deleted = route(&self.client, &ByName, topics.into_iter().map(Into::into)).await;
        self.client.want_refresh();
        deleted
    }

    /// Deletes topics by their ids, so that one that was created anew under the same name is spared.
    ///
    /// # Errors
    /// As [`delete_topics`](Self::delete_topics), with `UNKNOWN_TOPIC_ID`; [`Error::Unsupported`] from
    /// brokers before Kafka 2.8.
    ///
    /// # Cancel safety
    /// Not cancel safe: topics may be deleted all the same.
    pub async fn delete_topics_by_id(
        &self,
        topics: impl IntoIterator<Item = Uuid>,
    ) -> BTreeMap<Uuid, Result<(), Error>> {
        let deleted = route(&self.client, &ById, topics).await;
        self.client.want_refresh();
        deleted
    }
}

struct ByName;

impl Routed for ByName {
    type Key = Str;
    type Value = ();
    type Route = ToController;
    const WHAT: &'static str = "deleting topics";
    const API: ApiKey = ApiKey::DeleteTopics;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Str]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version::<DeleteTopicsRequest>()?;
        let mut request = DeleteTopicsRequest::default();
        request.timeout_ms = request_timeout_ms(client);
        if version < STATES {
            request.topic_names = keys.to_vec();
        } else {
            request.topics =
                keys.iter().map(|name| DeleteTopicState::default().with_name(Some(name.clone()))).collect();
        }
        let mut outcomes = Outcomes::new();
        for answer in connection.call_version(&request, version).await?.responses {
            let Some(name) = answer.name else { continue };
            let deleted =
                Error::check(topic_subject(&name), answer.error_code, answer.error_message.as_deref());
            outcomes.insert(name, deleted);
        }
        Ok(outcomes)
    }

    fn subject(name: &Str) -> String {
        topic_subject(name)
    }

    fn is_final(&self, error: &Error) -> bool {
        is_final(error)
    }
}

struct ById;

impl Routed for ById {
    type Key = Uuid;
    type Value = ();
    type Route = ToController;
    const WHAT: &'static str = "deleting topics";
    const API: ApiKey = ApiKey::DeleteTopics;

    async fn ask(&self, client: &Client, node: NodeId, keys: &[Uuid]) -> Answered<Self> {
        let connection = client.connection(node, Lane::Calls).await?;
        let version = connection.version::<DeleteTopicsRequest>()?;
        if version < STATES {
            return Err(Error::Unsupported { node, api: ApiKey::DeleteTopics });
        }
        let mut request = DeleteTopicsRequest::default();
        request.timeout_ms = request_timeout_ms(client);
        let by_id = |id: &Uuid| DeleteTopicState::default().with_name(None).with_topic_id(*id);
        request.topics = keys.iter().map(by_id).collect();
        let answer = connection.call_version(&request, version).await?;
        let outcome = |answer: ottla_protocol::messages::delete_topics::DeletableTopicResult| {
            let subject = Self::subject(&answer.topic_id);
            let deleted = Error::check(subject, answer.error_code, answer.error_message.as_deref());
            (answer.topic_id, deleted)
        };
        Ok(answer.responses.into_iter().map(outcome).collect())
    }

    fn subject(id: &Uuid) -> String {
        format!("topic {id}")
    }

    fn is_final(&self, error: &Error) -> bool {
        is_final(error)
    }
}

/// That a topic does not exist (yet) is worth waiting for elsewhere; here it is the answer.
fn is_final(error: &Error) -> bool {
    !error.is_retriable()
        || matches!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID))
}
