//! `ottla topic`: create, list, describe, alter and delete topics.

mod records;

use std::fmt::Write as _;

use ottla::client::{
    ConfigChange, ConfigEntry, ConfigQuery, ConfigResource, ConfigSource, NewPartitions, NewTopic, NodeId,
    PartitionDescription, TopicDescription,
};
use ottla::protocol::ErrorCode;
use serde_json::json;

use crate::arguments::{self, Alter, Create, DescribedTopics, List, Named};
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::output::{counted, print, print_json};

pub(crate) async fn run(words: arguments::Topic) -> Result<(), Failure> {
    match words {
        arguments::Topic::Create(words) => create(words).await,
        arguments::Topic::List(words) => list(words).await,
        arguments::Topic::Describe(words) => describe(words).await,
        arguments::Topic::Alter(words) => alter(words).await,
        arguments::Topic::Delete(words) => delete(words).await,
        arguments::Topic::DeleteRecords(words) => records::delete(words).await,
    }
}

async fn create(words: Create) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let mut failures = Failures::default();
    for name in words.topics {
        let mut topic = NewTopic::new(name);
        if let Some(partitions) = words.partitions {
            topic = topic.with_partitions(partitions);
        }
        if let Some(copies) = words.replication_factor {
            topic = topic.with_replication_factor(copies);
        }
        for (key, value) in &words.config {
            topic = topic.with_config(key.clone(), value.clone());
        }
        let created = match admin.create_topic(topic).await {
            Err(error) if words.if_not_exists && is_there(&error) => Ok(None),
            created => created.map(Some),
        };
        if let Some(Some(new)) = failures.well(created) {
            let partitions = counted(new.partitions, "partition");
            print(&format!("created {} with {partitions}, id {}\n", new.name, new.id))?;
        }
    }
    failures.end()
}

fn is_there(error: &ottla::client::Error) -> bool {
    error.code() == Some(ErrorCode::TOPIC_ALREADY_EXISTS)
}

async fn list(words: List) -> Result<(), Failure> {
    let mut topics = admin(&words.cluster).await?.list_topics().await?;
    topics.retain(|topic| words.internal || !topic.is_internal);
    if words.shown.json {
        let topic = |topic: &ottla::client::Topic| {
            json!({
                "topic": topic.name.as_str(),
                "id": topic.id.to_string(),
                "internal": topic.is_internal,
                "partitions": topic.partitions.len(),
            })
        };
        return print_json(&topics.iter().map(topic).collect::<Vec<_>>());
    }
    let line = |topic: &ottla::client::Topic| {
        format!("{}\t{}\n", topic.name, counted(topic.partitions.len(), "partition"))
    };
    print(&topics.iter().map(line).collect::<String>())
}

async fn describe(words: DescribedTopics) -> Result<(), Failure> {
    let admin = admin(&words.named.cluster).await?;
    let described = admin.describe_topics(words.named.names).await;
    let of = described.values().filter_map(|outcome| outcome.as_ref().ok());
    let resources: Vec<_> = of.map(|topic| ConfigResource::Topic(topic.name.clone())).collect();
    let mut settings = admin.query_configs(resources, &ConfigQuery::all()).await;
    let mut failures = Failures::default();
    let (mut text, mut values) = (String::new(), Vec::new());
    for outcome in described.into_values() {
        let Some(topic) = failures.well(outcome) else { continue };
        let entries =
            settings.remove(&ConfigResource::Topic(topic.name.clone())).unwrap_or_else(|| Ok(Vec::new()));
        let mut entries = failures.well(entries).unwrap_or_default();
        entries.retain(|entry| words.all || is_own(entry));
        if words.shown.json {
            values.push(as_json(&topic, &entries));
        } else {
            shown(&topic, &entries, &mut text);
        }
    }
    if words.shown.json {
        print_json(&values)?
    } else {
        print(&text)?
    }
    failures.end()
}

/// Whether a setting was made for the topic, and is not what it would be anyway.
fn is_own(entry: &ConfigEntry) -> bool {
    !matches!(entry.source, ConfigSource::Default)
}

/// A topic, its settings and its partitions.
fn shown(topic: &TopicDescription, settings: &[ConfigEntry], text: &mut String) {
    // Writing to a text does not fail.
    let partitions = counted(topic.partitions.len(), "partition");
    let _ = writeln!(text, "{}\tid {}\t{partitions}", topic.name, topic.id);
    for setting in settings {
        let _ = writeln!(text, "  {}={}", setting.name, setting.value.as_deref().unwrap_or("(hidden)"));
    }
    for PartitionDescription { partition, eligible_leaders, .. } in &topic.partitions {
        let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        let (replicas, in_sync) = (listed(&partition.replicas), listed(&partition.in_sync_replicas));
        let _ = write!(
            text,
            "  partition {}\tleader {leader}\treplicas {replicas}\tin sync {in_sync}",
            partition.index
        );
        if !partition.offline_replicas.is_empty() {
            let _ = write!(text, "\toffline {}", listed(&partition.offline_replicas));
        }
        if let Some(eligible) = eligible_leaders.as_deref().filter(|eligible| !eligible.is_empty()) {
            let _ = write!(text, "\teligible {}", listed(eligible));
        }
        text.push('\n');
    }
}

fn listed(nodes: &[NodeId]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn as_json(topic: &TopicDescription, settings: &[ConfigEntry]) -> serde_json::Value {
    let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<_>>();
    let partition = |described: &PartitionDescription| {
        let partition = &described.partition;
        json!({
            "partition": partition.index,
            "leader": partition.leader.map(|leader| leader.0),
            "leader_epoch": partition.leader_epoch,
            "replicas": ids(&partition.replicas),
            "in_sync": ids(&partition.in_sync_replicas),
            "offline": ids(&partition.offline_replicas),
            "eligible": described.eligible_leaders.as_deref().map(ids),
        })
    };
    let setting = |entry: &ConfigEntry| {
        (entry.name.to_string(), entry.value.as_deref().map_or(json!(null), |value| json!(value)))
    };
    json!({
        "topic": topic.name.as_str(),
        "id": topic.id.to_string(),
        "internal": topic.is_internal,
        "configs": settings.iter().map(setting).collect::<serde_json::Map<_, _>>(),
        "partitions": topic.partitions.iter().map(partition).collect::<Vec<_>>(),
    })
}

/// Settings first: where one of them is refused, there are no more partitions either.
async fn alter(words: Alter) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let changes = changes(&words.changes);
    let mut failures = Failures::default();
    let mut refused = Vec::new();
    if !changes.is_empty() {
        let asked =
            words.topics.iter().map(|topic| (ConfigResource::Topic(topic.clone().into()), changes.clone()));
        let outcomes = if words.dry_run {
            admin.validate_configs(asked).await
        } else {
            admin.alter_configs(asked).await
        };
        for (resource, outcome) in outcomes {
            let ConfigResource::Topic(name) = resource else { continue };
            match failures.well(outcome) {
                Some(()) => told(&words, &format!("{name}: {}", shown_changes(&words.changes)))?,
                None => refused.push(name),
            }
        }
    }
    if let Some(total) = words.changes.partitions {
        let names =
            words.topics.iter().filter(|name| !refused.iter().any(|refused| refused == name.as_str()));
        let asked = names.map(|name| NewPartitions::increase_to(name.clone(), total));
        let outcomes = if words.dry_run {
            admin.validate_partitions(asked).await
        } else {
            admin.create_partitions(asked).await
        };
        for (name, outcome) in outcomes {
            if failures.well(outcome).is_some() {
                told(&words, &format!("{name} has {}", counted(total, "partition")))?;
            }
        }
    }
    failures.end()
}

fn told(words: &Alter, what: &str) -> Result<(), Failure> {
    let kept = if words.dry_run { "; nothing was changed: --dry-run" } else { "" };
    print(&format!("{what}{kept}\n"))
}

/// What becomes of the settings.
fn shown_changes(words: &arguments::Changes) -> String {
    let set = words.config.iter().map(|(key, value)| format!("{key}={value}"));
    let deleted = words.delete_config.iter().map(|key| format!("{key} as by default"));
    let added = words.append_config.iter().map(|(key, value)| format!("{key} with {value}"));
    let taken = words.subtract_config.iter().map(|(key, value)| format!("{key} without {value}"));
    set.chain(deleted).chain(added).chain(taken).collect::<Vec<_>>().join(", ")
}

fn changes(words: &arguments::Changes) -> Vec<ConfigChange> {
    let pairs = |pairs: &[(String, String)], change: fn(String, String) -> ConfigChange| {
        pairs.iter().map(|(key, value)| change(key.clone(), value.clone())).collect::<Vec<_>>()
    };
    let mut changes = pairs(&words.config, ConfigChange::set);
    changes.extend(words.delete_config.iter().map(|key| ConfigChange::delete(key.clone())));
    changes.extend(pairs(&words.append_config, ConfigChange::append));
    changes.extend(pairs(&words.subtract_config, ConfigChange::subtract));
    changes
}

async fn delete(words: Named) -> Result<(), Failure> {
    let deleted = admin(&words.cluster).await?.delete_topics(words.names).await;
    let mut failures = Failures::default();
    for (name, outcome) in deleted {
        if failures.well(outcome).is_some() {
            print(&format!("deleted {name}\n"))?;
        }
    }
    failures.end()
}
