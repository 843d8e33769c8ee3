//! `DeleteTopics` (key 20): by name, or from v6 on by id.
//!
//! Topics of the coordinators cannot be deleted here, as they can in Kafka: what is in them would be lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use ottla_protocol::wire::{Str, Uuid};

use super::Handling;
use super::change::{Change, Verdict};
use crate::broker::Core;
use crate::metadata::image::Image;
use crate::metadata::record::MetadataRecord;
use crate::topic_name;

/// Deletes topics; their records are gone when this is answered.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: DeleteTopicsRequest) -> Handling {
    let asked: Vec<(Option<Str>, Uuid)> = if version >= 6 {
        request.topics.into_iter().map(|DeleteTopicState { name, topic_id, .. }| (name, topic_id)).collect()
    } else {
        request.topic_names.into_iter().map(|name| (Some(name), Uuid::ZERO)).collect()
    };
    let refuse = |code| asked.iter().map(|(name, id)| result(name.clone(), *id, code, None)).collect();
    let change = Change { timeout_ms: Some(request.timeout_ms), refuse, respond: response };
    if !core.delete_topics {
        return change.refused(match version {
            ..3 => ErrorCode::INVALID_REQUEST,
            _ => ErrorCode::TOPIC_DELETION_DISABLED,
        });
    }
    change.carry_out(core, |image| decide(image, &asked))
}

/// The records that remove what can be removed, and an answer for each topic once.
fn decide(image: &Image, asked: &[(Option<Str>, Uuid)]) -> (Vec<MetadataRecord>, Vec<DeletableTopicResult>) {
    let mut results = Vec::with_capacity(asked.len());
    let mut names = BTreeMap::<&Str, u32>::new();
    let mut ids = BTreeMap::<[u8; 16], u32>::new();
    let invalid =
        |name: Option<Str>, id, words: &str| result(name, id, ErrorCode::INVALID_REQUEST, Some(words));
    for (name, id) in asked {
        match (name, id.is_zero()) {
            (Some(name), true) => *names.entry(name).or_default() += 1,
            (None, false) => *ids.entry(id.0).or_default() += 1,
            (Some(name), false) => {
                let words = "You may not specify both topic name and topic id.";
                results.push(invalid(Some(name.clone()), *id, words));
            }
            (None, true) => results.push(invalid(None, *id, "Neither topic name nor id were specified.")),
        }
    }
    let mut found = BTreeMap::<[u8; 16], Str>::new();
    for (id, mentions) in &ids {
        match image.topic_by_id(Uuid(*id)) {
            _ if *mentions > 1 => results.push(invalid(None, Uuid(*id), "Duplicate topic id.")),
            None => results.push(unknown(None, Uuid(*id), ErrorCode::UNKNOWN_TOPIC_ID)),
            Some(topic) => {
                found.insert(*id, topic.name.clone());
            }
        }
    }
    for (name, mentions) in &names {
        let name = Some((*name).clone());
        match image.topic(name.as_deref().unwrap_or_default()) {
            _ if *mentions > 1 => results.push(invalid(name, Uuid::ZERO, "Duplicate topic name.")),
            None => results.push(unknown(name, Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)),
            Some(topic) if ids.contains_key(&topic.id.0) => {
                let words = "The provided topic name maps to an ID that was already supplied.";
                found.remove(&topic.id.0);
                results.push(invalid(name, topic.id, words));
            }
            Some(topic) => {
                found.insert(topic.id.0, topic.name.clone());
            }
        }
    }
    found.retain(|id, name| {
        let is_internal = topic_name::is_internal(name);
        if is_internal {
            let words = format!("Deletion of internal topic {name} is prohibited.");
            results.push(invalid(Some(name.clone()), Uuid(*id), &words));
        }
        !is_internal
    });
    let records = found.keys().map(|id| MetadataRecord::TopicRemoved(Uuid(*id))).collect();
    results.extend(found.into_iter().map(|(id, name)| result(Some(name), Uuid(id), ErrorCode::NONE, None)));
    (records, results)
}

fn unknown(name: Option<Str>, id: Uuid, code: ErrorCode) -> DeletableTopicResult {
    result(name, id, code, Some(code.message()))
}

fn result(
    name: Option<Str>,
    topic_id: Uuid,
    error_code: ErrorCode,
    message: Option<&str>,
) -> DeletableTopicResult {
    let mut result = DeletableTopicResult::default();
    result.name = name;
    result.topic_id = topic_id;
    result.error_code = error_code;
    result.error_message = message.map(|words| Str::from(words.to_owned()));
    result
}

impl Verdict for DeletableTopicResult {
    fn error_code(&self) -> ErrorCode {
        self.error_code
    }

    fn fail(&mut self, code: ErrorCode) {
        self.error_code = code;
    }
}

fn response(results: Vec<DeletableTopicResult>) -> ResponseBody<ottla_storage::FileRange> {
    let mut response = DeleteTopicsResponse::default();
    response.responses = results;
    ResponseBody::DeleteTopics(response)
}
