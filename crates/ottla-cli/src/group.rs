//! `ottla group`: list, describe and delete groups, and reset where they go on.

mod describe;
mod plan;
mod reset;

use std::collections::BTreeMap;

use ottla::client::{Admin, GroupFilter, GroupList, GroupListing, TopicPartition};
use serde_json::json;

use crate::arguments::{self, DeleteOffsets, Listed, Named, Partitions};
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::output::{Table, or_dash, print, print_json};

pub(crate) async fn run(words: arguments::Group) -> Result<(), Failure> {
    match words {
        arguments::Group::List(words) => list(words).await,
        arguments::Group::Describe(words) => describe::run(words).await,
        arguments::Group::Delete(words) => delete(words).await,
        arguments::Group::DeleteOffsets(words) => delete_offsets(words).await,
        arguments::Group::Reset(words) => reset::run(words).await,
    }
}

async fn list(words: Listed) -> Result<(), Failure> {
    let filter = GroupFilter::all().with_states(words.state).with_kinds(words.kind);
    let GroupList { groups, failed, .. } = admin(&words.cluster).await?.list_groups(&filter).await?;
    if words.shown.json {
        let group = |group: &GroupListing| {
            json!({
                "group": group.id.as_str(),
                "type": group.kind.as_ref().map(|kind| kind.name()),
                "protocol": group.protocol_type.as_str(),
                "state": group.state.as_ref().map(|state| state.name()),
                "coordinator": group.coordinator.0,
            })
        };
        print_json(&groups.iter().map(group).collect::<Vec<_>>())?;
    } else if !groups.is_empty() {
        let mut table = Table::new(&["GROUP", "TYPE", "PROTOCOL", "STATE"]);
        for group in groups {
            let protocol = Some(group.protocol_type).filter(|protocol| !protocol.is_empty());
            table.row([group.id.to_string(), or_dash(group.kind), or_dash(protocol), or_dash(group.state)]);
        }
        print(&table.to_string())?;
    }
    let mut failures = Failures::default();
    for error in failed.into_values() {
        failures.well(Err::<(), _>(error));
    }
    failures.end()
}

async fn delete(words: Named) -> Result<(), Failure> {
    let deleted = admin(&words.cluster).await?.delete_groups(words.names).await;
    let mut failures = Failures::default();
    for (name, outcome) in deleted {
        if failures.well(outcome).is_some() {
            print(&format!("deleted {name}\n"))?;
        }
    }
    failures.end()
}

async fn delete_offsets(words: DeleteOffsets) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let committed = admin.group_offsets(words.group.clone()).await?;
    let mut forget = Vec::new();
    for named in &words.topic {
        match &named.only {
            Some(only) => {
                forget.extend(only.iter().map(|index| TopicPartition::new(named.topic.clone(), *index)))
            }
            None => forget.extend(committed.keys().filter(|of| of.topic.as_str() == named.topic).cloned()),
        }
    }
    if forget.is_empty() {
        return Err(Failure::NoOffsets(words.group));
    }
    let mut failures = Failures::default();
    for (partition, outcome) in admin.delete_group_offsets(words.group, forget).await? {
        if failures.well(outcome).is_some() {
            print(&format!("forgot {partition}\n"))?;
        }
    }
    failures.end()
}

/// The partitions that are meant, all of which have to be there.
pub(crate) async fn partitions(admin: &Admin, named: &[Partitions]) -> Result<Vec<TopicPartition>, Failure> {
    let described = admin.describe_topics(named.iter().map(|named| named.topic.clone())).await;
    let mut counts = BTreeMap::new();
    for (topic, outcome) in described {
        counts.insert(topic, i32::try_from(outcome?.partitions.len()).unwrap_or(i32::MAX));
    }
    let mut partitions = Vec::new();
    for Partitions { topic, only } in named {
        let count = counts.get(topic.as_str()).copied().unwrap_or(0);
        let indexes: Vec<i32> = only.clone().unwrap_or_else(|| (0..count).collect());
        if let Some(beyond) = indexes.iter().find(|index| **index >= count) {
            let count = usize::try_from(count).unwrap_or(0);
            return Err(Failure::NoPartition { topic: topic.clone(), partition: *beyond, count });
        }
        partitions.extend(indexes.into_iter().map(|index| TopicPartition::new(topic.clone(), index)));
    }
    Ok(partitions)
}
