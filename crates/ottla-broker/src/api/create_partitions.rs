//! `CreatePartitions` (key 37): topics grow.
//!
//! The checks and their words are Kafka's. What is answered is durable, and the new partitions can be used at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic, CreatePartitionsTopicResult,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::change::{Change, Verdict};
use super::create_topics::{PARTITIONS_PER_REQUEST_MAX, Refusal, TOO_MANY_PARTITIONS, check_replicas};
use super::{Handling, told};
use crate::broker::Core;
use crate::metadata::image::Image;
use crate::metadata::record::{MetadataRecord, TopicRecord};
use crate::topic_name;

/// Adds partitions to topics, or only says whether it would.
pub(crate) fn handle(core: &Arc<Core>, request: CreatePartitionsRequest) -> Handling {
    let CreatePartitionsRequest { topics, timeout_ms, validate_only, .. } = request;
    let refuse = |code| topics.iter().map(|topic| result(&topic.name, code, None)).collect();
    Change { timeout_ms: Some(timeout_ms), refuse, respond: response }.carry_out(core, |image| {
        let (mut records, results) = decide(core, image, &topics);
        if validate_only {
            records.clear();
        }
        (records, results)
    })
}

/// The records of the topics that grow, and an answer for each topic once: first what was named twice, then the
/// others by name.
fn decide(
    core: &Core,
    image: &Image,
    topics: &[CreatePartitionsTopic],
) -> (Vec<MetadataRecord>, Vec<CreatePartitionsTopicResult>) {
    let mut mentions = BTreeMap::<&Str, Vec<&CreatePartitionsTopic>>::new();
    topics.iter().for_each(|topic| mentions.entry(&topic.name).or_default().push(topic));
    let (mut records, mut results, mut added) = (Vec::new(), Vec::with_capacity(mentions.len()), 0);
    for name in mentions.iter().filter(|(_, mentions)| mentions.len() > 1).map(|(name, _)| name) {
        results.push(result(name, ErrorCode::INVALID_REQUEST, Some("Duplicate topic name.".to_owned())));
    }
    for mentions in mentions.values() {
        let [topic] = mentions[..] else { continue };
        results.push(match check(core, image, topic, &mut added) {
            Ok(record) => {
                records.push(MetadataRecord::Topic(record));
                result(&topic.name, ErrorCode::NONE, None)
            }
            Err(Refusal(code, words)) => {
                result(&topic.name, code, Some(words).filter(|words| !words.is_empty()))
            }
        });
    }
    (records, results)
}

/// The topic as it is to be; `added` counts the partitions that the request adds in all.
fn check(
    core: &Core,
    image: &Image,
    topic: &CreatePartitionsTopic,
    added: &mut usize,
) -> Result<TopicRecord, Refusal> {
    let name = &topic.name;
    let unknown = || Refusal(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
    let known = image.topic(name).ok_or_else(unknown)?;
    if topic_name::is_internal(name) {
        let words = format!("Adding partitions to internal topic {name} is prohibited.");
        return Err(Refusal(ErrorCode::INVALID_REQUEST, words));
    }
    let now = known.partitions;
    if topic.count <= now {
        let words = match topic.count {
            count if count == now => format!("Topic already has {now} partition(s)."),
            count => {
                format!(
                    "The topic {name} currently has {now} partition(s); {count} would not be an increase."
                )
            }
        };
        return Err(Refusal(ErrorCode::INVALID_PARTITIONS, words));
    }
    let more = usize::try_from(topic.count - now).unwrap_or(usize::MAX);
    if let Some(assignments) = &topic.assignments {
        if assignments.len() != more {
            let words = format!(
                "Attempted to add {more} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            );
            return Err(Refusal(ErrorCode::INVALID_REPLICA_ASSIGNMENT, words));
        }
        assignments.iter().try_for_each(|assignment| check_replicas(core, &assignment.broker_ids))?;
    }
    let in_all = added.saturating_add(more);
    if in_all > PARTITIONS_PER_REQUEST_MAX {
        return Err(Refusal(ErrorCode::POLICY_VIOLATION, TOO_MANY_PARTITIONS.to_owned()));
    }
    *added = in_all;
    Ok(TopicRecord { partitions: topic.count, ..TopicRecord::clone(known) })
}

impl Verdict for CreatePartitionsTopicResult {
    fn error_code(&self) -> ErrorCode {
        self.error_code
    }

    fn fail(&mut self, code: ErrorCode) {
        self.error_code = code;
    }
}

fn result(name: &Str, code: ErrorCode, message: Option<String>) -> CreatePartitionsTopicResult {
    let mut result = CreatePartitionsTopicResult::default();
    result.name = name.clone();
    result.error_code = code;
    result.error_message = message.map(told);
    result
}

fn response(results: Vec<CreatePartitionsTopicResult>) -> ResponseBody<FileRange> {
    let mut response = CreatePartitionsResponse::default();
    response.results = results;
    ResponseBody::CreatePartitions(response)
}
