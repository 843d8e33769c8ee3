//! `CreateTopics` (key 19), and topics that are created because somebody asked for their metadata.
//!
//! The checks, their order and their words are Kafka's. Two topics of one request whose names collide are refused
//! here, where Kafka creates both. A topic that was answered is durable and can be used at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::create_topics::{
    CreatableTopic, CreatableTopicConfigs, CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};
use ottla_protocol::wire::{Str, Uuid};

use super::change::{Change, Verdict};
use super::{Handling, told};
use crate::broker::Core;
use crate::config::definition::topic_definitions;
use crate::config::{ConfigError, TopicConfig};
use crate::metadata::image::Image;
use crate::metadata::record::{MetadataRecord, TopicRecord};
use crate::topic_name;

/// Partitions that one request may create, as in Kafka.
pub(super) const PARTITIONS_PER_REQUEST_MAX: usize = 10_000;

/// What is said of more.
pub(super) const TOO_MANY_PARTITIONS: &str = "Excessively large number of partitions per request.";

/// Why a topic is not created or does not grow.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) ErrorCode, pub(super) String);

/// A topic that passed every check.
struct Checked {
    record: TopicRecord,
    config: TopicConfig,
}

/// Creates topics, or only says whether it would.
pub(crate) fn handle(core: &Arc<Core>, request: CreateTopicsRequest) -> Handling {
    let CreateTopicsRequest { topics, timeout_ms, validate_only, .. } = request;
    let refuse = |code| topics.iter().map(|topic| failed(&topic.name, code, None)).collect();
    let asked: usize = topics.iter().map(partitions_asked).fold(0, usize::saturating_add);
    if timeout_ms > 0 && asked > PARTITIONS_PER_REQUEST_MAX {
        let words = || Some(TOO_MANY_PARTITIONS.to_owned());
        let refused = topics.iter().map(|t| failed(&t.name, ErrorCode::POLICY_VIOLATION, words()));
        return Handling::respond(response(refused.collect()));
    }
    Change { timeout_ms: Some(timeout_ms), refuse, respond: response }.carry_out(core, |image| {
        let mut records = Vec::new();
        let results = decide(core, image, &topics, &mut records);
        if validate_only {
            records.clear();
        }
        (records, results)
    })
}

/// Creates the topics of these names that can be created, with the broker's defaults.
///
/// Returns the end of the metadata log at which those that could be exist.
///
/// # Errors
/// When the metadata log takes no more.
pub(super) fn create_missing(core: &Core, names: &[Str]) -> Result<i64, ErrorCode> {
    let proposal = core.journal.propose(core, |image| {
        let asked: Vec<_> = names
            .iter()
            .filter(|name| image.topic(name).is_none())
            .map(|name| {
                let mut topic = CreatableTopic::default();
                topic.name = name.clone();
                topic.num_partitions = -1;
                topic.replication_factor = -1;
                topic
            })
            .collect();
        let mut records = Vec::new();
        decide(core, image, &asked, &mut records);
        (records, ())
    })?;
    Ok(proposal.end)
}

/// Creates a topic of a coordinator, unless it exists; the id is the one that it gets.
///
/// Returns the end of the metadata log at which it exists.
///
/// # Errors
/// When the metadata log takes no more.
pub(crate) fn create_internal(
    core: &Core,
    topic: impl FnOnce(Uuid) -> TopicRecord,
) -> Result<i64, ErrorCode> {
    let proposal = core.journal.propose(core, |image| {
        let record = topic(random_id(core, image));
        match image.topic(&record.name) {
            Some(_) => (Vec::new(), ()),
            None => (vec![MetadataRecord::Topic(record)], ()),
        }
    })?;
    Ok(proposal.end)
}

fn decide(
    core: &Core,
    image: &Image,
    topics: &[CreatableTopic],
    records: &mut Vec<MetadataRecord>,
) -> Vec<CreatableTopicResult> {
    let mut mentions = BTreeMap::<&Str, u32>::new();
    topics.iter().for_each(|topic| *mentions.entry(&topic.name).or_default() += 1);
    let mut results = Vec::with_capacity(mentions.len());
    let mut taken = BTreeMap::<String, Str>::new();
    for topic in topics.iter().filter(|topic| mentions[&topic.name] == 1) {
        results.push(match check(core, image, &taken, topic) {
            Ok(checked) => {
                taken.insert(topic_name::collision_key(&topic.name), topic.name.clone());
                let result = created(core, &checked);
                records.push(MetadataRecord::Topic(checked.record));
                result
            }
            Err(Refusal(code, message)) => failed(&topic.name, code, Some(message)),
        });
    }
    let repeated = mentions.iter().filter(|(_, count)| **count > 1);
    results.extend(
        repeated.map(|(name, _)| {
            failed(name, ErrorCode::INVALID_REQUEST, Some("Duplicate topic name.".to_owned()))
        }),
    );
    results
}

fn check(
    core: &Core,
    image: &Image,
    taken: &BTreeMap<String, Str>,
    topic: &CreatableTopic,
) -> Result<Checked, Refusal> {
    let name = &topic.name;
    if topic_name::is_reserved(name) {
        let words = format!("Creation of internal topic {name} is prohibited.");
        return Err(Refusal(ErrorCode::INVALID_REQUEST, words));
    }
    if image.topic(name).is_some() {
        return Err(Refusal(ErrorCode::TOPIC_ALREADY_EXISTS, format!("Topic '{name}' already exists.")));
    }
    topic_name::validate(name).map_err(|e| Refusal(ErrorCode::INVALID_TOPIC_EXCEPTION, e.to_string()))?;
    if let Some(log) = core.storage.left_alone().iter().find(|log| log.topic == **name) {
        let words =
            format!("Topic '{name}' cannot get the log {log}, which is there and belongs to no topic.");
        return Err(Refusal(ErrorCode::TOPIC_ALREADY_EXISTS, words));
    }
    if let Some(other) = image.colliding(name).or_else(|| taken.get(&topic_name::collision_key(name))) {
        let words = format!("Topic '{name}' collides with existing topic: {other}");
        return Err(Refusal(ErrorCode::INVALID_TOPIC_EXCEPTION, words));
    }
    let config = overrides(core, topic)?;
    let partitions =
        if topic.assignments.is_empty() { by_count(core, topic)? } else { by_assignment(core, topic)? };
    let record = TopicRecord {
        id: random_id(core, image),
        name: name.clone(),
        partitions,
        overrides: config.overrides().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
    };
    Ok(Checked { record, config })
}

fn overrides(core: &Core, topic: &CreatableTopic) -> Result<TopicConfig, Refusal> {
    let invalid = |error: ConfigError| Refusal(ErrorCode::INVALID_CONFIG, error.to_string());
    // Of a key that is given twice the last value holds, and no other is looked at.
    let mut keys = BTreeSet::new();
    let mut wanted: Vec<_> = topic.configs.iter().rev().filter(|given| keys.insert(&given.name)).collect();
    wanted.reverse();
    let mut config = TopicConfig::new();
    for given in wanted {
        let value =
            given.value.as_ref().ok_or_else(|| invalid(ConfigError::NullValue(given.name.to_string())))?;
        config.set(&given.name, value).map_err(invalid)?;
    }
    config.check(&core.configs.broker()).map_err(invalid)?;
    Ok(config)
}

/// A number of partitions and replicas, -1 for the broker's defaults.
fn by_count(core: &Core, topic: &CreatableTopic) -> Result<i32, Refusal> {
    let refuse = |words: String| Err(Refusal(ErrorCode::INVALID_REPLICATION_FACTOR, words));
    let partitions = match topic.num_partitions {
        -1 => core.num_partitions,
        1.. => topic.num_partitions,
        _ => {
            let words = "Number of partitions was set to an invalid non-positive value.";
            return Err(Refusal(ErrorCode::INVALID_PARTITIONS, words.to_owned()));
        }
    };
    match topic.replication_factor {
        -1 | 1 => Ok(partitions),
        ..1 => refuse("Replication factor must be larger than 0, or -1 to use the default value.".into()),
        factor => refuse(format!(
            "Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be \
             reached because only 1 broker(s) are registered."
        )),
    }
}

/// Replicas named one by one; all of them can only be this node.
fn by_assignment(core: &Core, topic: &CreatableTopic) -> Result<i32, Refusal> {
    let invalid = |words: String| Err(Refusal(ErrorCode::INVALID_REPLICA_ASSIGNMENT, words));
    let contradicts = |what: &str| {
        let words = format!("A manual partition assignment was specified, but {what} was not set to -1.");
        Err(Refusal(ErrorCode::INVALID_REQUEST, words))
    };
    if topic.replication_factor != -1 {
        return contradicts("replication factor");
    }
    if topic.num_partitions != -1 {
        return contradicts("numPartitions");
    }
    let mut seen = BTreeSet::new();
    for assignment in &topic.assignments {
        let index = assignment.partition_index;
        if !seen.insert(index) {
            return invalid(format!("Found multiple manual partition assignments for partition {index}"));
        }
        check_replicas(core, &assignment.broker_ids)?;
    }
    let count = i32::try_from(seen.len()).unwrap_or(i32::MAX);
    if !seen.into_iter().eq(0..count) {
        return invalid("partitions should be a consecutive 0-based integer sequence".into());
    }
    Ok(count)
}

/// The replicas named for one partition, which can only be this node.
pub(super) fn check_replicas(core: &Core, replicas: &[i32]) -> Result<(), Refusal> {
    let invalid = |words: String| Err(Refusal(ErrorCode::INVALID_REPLICA_ASSIGNMENT, words));
    if replicas.is_empty() {
        return invalid("The manual partition assignment includes an empty replica list.".into());
    }
    let mut brokers = BTreeSet::new();
    let mut replicas = replicas.to_vec();
    replicas.sort_unstable();
    for broker in replicas {
        if broker != core.node_id {
            return invalid(format!(
                "The manual partition assignment includes broker {broker}, but no such broker is registered."
            ));
        }
        if !brokers.insert(broker) {
            return invalid(format!(
                "The manual partition assignment includes the broker {broker} more than once."
            ));
        }
    }
    Ok(())
}

/// An id like those of Kafka: a random UUID (version 4), whose text does not begin with a dash.
fn random_id(core: &Core, image: &Image) -> Uuid {
    let mut rng = core.env.rng();
    loop {
        let mut id = Uuid::ZERO;
        rng.fill(&mut id.0);
        id.0[6] = (id.0[6] & 0x0f) | 0x40;
        id.0[8] = (id.0[8] & 0x3f) | 0x80;
        if image.topic_by_id(id).is_none() && !image.was_removed(id) && !id.to_string().starts_with('-') {
            return id;
        }
    }
}

fn partitions_asked(topic: &CreatableTopic) -> usize {
    usize::try_from(topic.num_partitions).unwrap_or(0).max(topic.assignments.len())
}

fn created(core: &Core, checked: &Checked) -> CreatableTopicResult {
    let mut result = CreatableTopicResult::default();
    result.name = checked.record.name.clone();
    result.topic_id = checked.record.id;
    result.num_partitions = checked.record.partitions;
    result.replication_factor = 1;
    result.error_message = None;
    let broker = core.configs.broker();
    let shown = topic_definitions().iter().filter(|key| !key.is_internal()).map(|key| {
        let (value, source) = checked.config.effective(&broker, key);
        let mut config = CreatableTopicConfigs::default();
        config.name = Str::from_static(key.name());
        config.value = value.map(Str::from);
        config.config_source = source.wire_code();
        config
    });
    result.configs = Some(shown.collect());
    result
}

fn failed(name: &Str, code: ErrorCode, message: Option<String>) -> CreatableTopicResult {
    let mut result = CreatableTopicResult::default();
    result.name = name.clone();
    result.error_code = code;
    result.error_message = message.map(told);
    result.num_partitions = -1;
    result.replication_factor = -1;
    result.configs = Some(Vec::new());
    result
}

impl Verdict for CreatableTopicResult {
    fn error_code(&self) -> ErrorCode {
        self.error_code
    }

    fn fail(&mut self, code: ErrorCode) {
        *self = failed(&self.name, code, None);
    }
}

fn response(results: Vec<CreatableTopicResult>) -> ResponseBody<ottla_storage::FileRange> {
    let mut response = CreateTopicsResponse::default();
    response.topics = results;
    ResponseBody::CreateTopics(response)
}
