//! Changes of configurations, which `AlterConfigs` and `IncrementalAlterConfigs` ask for in their own ways.
//!
//! Checks, their order and their words are Kafka's. A change that was answered is durable and acts: logs are set up
//! anew before the answer goes out. How values change is in [`crate::config::alter`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::change::{Change, Verdict};
use super::{Handling, told};
use crate::broker::Core;
use crate::config::alter::{AlterError, Alteration, Draft, Target};
use crate::config::resource::ResourceKind;
use crate::metadata::image::Image;
use crate::metadata::record::{ConfigRecord, MetadataRecord, TopicRecord};
use crate::topic_name;

/// A resource whose configuration is to change.
pub(super) struct Asked {
    pub(super) kind: i8,
    pub(super) name: Str,
    pub(super) wish: Wish,
}

/// What is to become of it.
pub(super) enum Wish {
    /// These values alone; a null value is refused.
    Replace(Vec<(Str, Option<Str>)>),
    /// Each key by an operation, of which all but a deletion (1) take a value.
    Alter(Vec<(Str, i8, Option<Str>)>),
}

const DELETE: i8 = 1;

/// What a resource is answered.
pub(super) struct Answer {
    pub(super) kind: i8,
    pub(super) name: Str,
    pub(super) error_code: ErrorCode,
    pub(super) error_message: Option<Str>,
}

impl Verdict for Answer {
    fn error_code(&self) -> ErrorCode {
        self.error_code
    }

    fn fail(&mut self, code: ErrorCode) {
        self.error_code = code;
    }
}

/// Why a configuration stays as it is.
struct Refusal(ErrorCode, String);

impl From<AlterError> for Refusal {
    fn from(error: AlterError) -> Self {
        Self(error.error_code(), error.to_string())
    }
}

/// Changes configurations, or only says whether it would; each resource is answered, in the order asked.
pub(super) fn carry_out(
    core: &Arc<Core>,
    asked: &[Asked],
    validate_only: bool,
    respond: fn(Vec<Answer>) -> ResponseBody<FileRange>,
) -> Handling {
    let refuse = |code| asked.iter().map(|one| answer(one, code, None)).collect();
    Change { timeout_ms: None, refuse, respond }.carry_out(core, |image| {
        let mut mentions = BTreeMap::<(i8, &Str), u32>::new();
        asked.iter().for_each(|one| *mentions.entry((one.kind, &one.name)).or_default() += 1);
        let (mut records, mut answers) = (Vec::new(), Vec::with_capacity(asked.len()));
        for one in asked {
            let decided = match mentions[&(one.kind, &one.name)] {
                1 => decide(core, image, one),
                _ => Err(invalid("Each resource must appear at most once.")),
            };
            answers.push(match decided {
                Ok(record) => {
                    records.extend(record);
                    answer(one, ErrorCode::NONE, None)
                }
                Err(Refusal(code, words)) => answer(one, code, Some(words)),
            });
        }
        if validate_only {
            records.clear();
        }
        (records, answers)
    })
}

/// The record that changes a resource, if anything changes: what is asked for is put together, then the name is
/// looked at, then the values, and at last whether there is such a topic.
fn decide(core: &Core, image: &Image, asked: &Asked) -> Result<Option<MetadataRecord>, Refusal> {
    check_form(&asked.wish)?;
    let unknown_kind = || invalid(format!("Unknown resource type {}", asked.kind));
    let kind = ResourceKind::from_wire(asked.kind).ok_or_else(unknown_kind)?;
    let name = match kind {
        ResourceKind::Broker => broker_name(core, &asked.name)?,
        _ => asked.name.clone(),
    };
    let topic = image.topic(&name).filter(|_| kind == ResourceKind::Topic);
    let before = match topic {
        Some(topic) => Arc::new(topic.overrides.iter().cloned().collect()),
        None => image.config(kind.wire_code(), &name),
    };
    let broker = core.configs.broker();
    let target = Target { kind, name: &name, values: &before, broker: &broker };
    let draft = draft(&target, &asked.wish)?;
    check_name(kind, &name)?;
    let values = target.checked(draft)?;
    let is_changed = values != *before;
    let record = match (kind, topic) {
        (ResourceKind::Topic, None) => {
            let words = format!("The topic '{name}' does not exist.");
            return Err(Refusal(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, words));
        }
        (_, Some(topic)) => {
            let overrides = values.into_iter().collect();
            MetadataRecord::Topic(TopicRecord { overrides, ..TopicRecord::clone(topic) })
        }
        (_, None) => {
            // A copy: what is kept must not hold on to the frame that it came in.
            let name = Str::from(name.to_string());
            MetadataRecord::Config(ConfigRecord { kind: kind.wire_code(), name, values })
        }
    };
    Ok(is_changed.then_some(record))
}

/// The name under which the configuration of a broker is kept.
fn broker_name(core: &Core, name: &Str) -> Result<Str, Refusal> {
    if name.is_empty() {
        return Ok(Str::EMPTY);
    }
    let id: i32 =
        name.parse().map_err(|_| invalid(format!("Node id must be an integer, but it is: {name}")))?;
    if id != core.node_id {
        let ours = core.node_id;
        return Err(invalid(format!("Unexpected broker id, expected {ours}, but received {name}")));
    }
    Ok(Str::from(id.to_string()))
}

fn check_name(kind: ResourceKind, name: &str) -> Result<(), Refusal> {
    match kind {
        ResourceKind::Topic if name.is_empty() => Err(invalid("Default topic resources are not allowed.")),
        ResourceKind::Topic => topic_name::validate(name)
            .map_err(|error| Refusal(ErrorCode::INVALID_TOPIC_EXCEPTION, error.to_string())),
        ResourceKind::ClientMetrics if name.is_empty() => Err(invalid("Subscription name can't be empty")),
        ResourceKind::Group if name.is_empty() => Err(invalid("Default group resources are not allowed.")),
        _ => Ok(()),
    }
}

fn draft(target: &Target<'_>, wish: &Wish) -> Result<Draft, Refusal> {
    let value = |value: &Option<Str>| value.clone().unwrap_or_default();
    Ok(match wish {
        Wish::Replace(values) => {
            let values: Vec<_> = values.iter().map(|(key, given)| (key.clone(), value(given))).collect();
            Target::replaced(&values)
        }
        Wish::Alter(keys) => {
            let alterations = keys.iter().map(|(key, operation, given)| Alteration {
                key: key.clone(),
                operation: *operation,
                value: value(given),
            });
            target.altered(&alterations.collect::<Vec<_>>())?
        }
    })
}

/// What is wrong with a wish, whatever it is about: a key twice, or without a value where it needs one.
fn check_form(wish: &Wish) -> Result<(), Refusal> {
    let keys: Vec<(&Str, bool)> = match wish {
        Wish::Replace(values) => values.iter().map(|(key, value)| (key, value.is_none())).collect(),
        Wish::Alter(keys) => keys
            .iter()
            .map(|(key, operation, value)| (key, value.is_none() && *operation != DELETE))
            .collect(),
    };
    let mut seen = BTreeSet::new();
    if !keys.iter().all(|(key, _)| seen.insert(key.as_str())) {
        return Err(invalid("Error due to duplicate config keys"));
    }
    let null: Vec<&str> = keys.iter().filter(|(_, is_null)| *is_null).map(|(key, _)| key.as_str()).collect();
    if null.is_empty() {
        return Ok(());
    }
    Err(invalid(format!("Null value not supported for : {}", null.join(", "))))
}

fn invalid(words: impl Into<String>) -> Refusal {
    Refusal(ErrorCode::INVALID_REQUEST, words.into())
}

fn answer(asked: &Asked, error_code: ErrorCode, message: Option<String>) -> Answer {
    Answer { kind: asked.kind, name: asked.name.clone(), error_code, error_message: message.map(told) }
}
