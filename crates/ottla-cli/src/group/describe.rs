//! `ottla group describe`: where a group is, how far behind, and who reads.

use std::collections::{BTreeMap, BTreeSet};

use ottla::client::{
    Admin, GroupDescription, GroupMember, GroupOffsets, IsolationLevel, OffsetSpec, TopicPartition,
};
use serde_json::json;

use crate::arguments::DescribedGroups;
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::output::{Table, or_dash, print, print_json};

/// What is to be shown of a group.
struct Sight {
    group: GroupDescription,
    places: Vec<Place>,
}

/// A partition that a group reads, or has committed.
struct Place {
    partition: TopicPartition,
    committed: Option<i64>,
    end: Option<i64>,
    owner: Option<GroupMember>,
}

impl Place {
    /// Records that were written and not committed yet.
    fn lag(&self) -> Option<i64> {
        Some((self.end? - self.committed?).max(0))
    }
}

pub(super) async fn run(words: DescribedGroups) -> Result<(), Failure> {
    let admin = admin(&words.named.cluster).await?;
    let described = admin.describe_groups(words.named.names).await;
    let names: Vec<_> =
        described.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(name, _)| name.clone()).collect();
    let mut offsets = admin.offsets_of_groups(names).await;
    let mut failures = Failures::default();
    let mut sights = Vec::new();
    for (name, outcome) in described {
        let Some(group) = failures.well(outcome) else { continue };
        let committed = offsets.remove(&name).unwrap_or_else(|| Ok(GroupOffsets::new()));
        let Some(committed) = failures.well(committed) else { continue };
        let places = places(&admin, &group, &committed).await;
        sights.push(Sight { group, places });
    }
    if words.shown.json {
        print_json(&sights.iter().map(as_json).collect::<Vec<_>>())?;
    } else if words.state {
        print(&states(&sights).to_string())?;
    } else if words.members {
        print(&members(&sights).to_string())?;
    } else {
        for sight in sights.iter().filter(|sight| sight.group.members.is_empty()) {
            eprintln!("ottla: group {:?} has no members", sight.group.id.as_str());
        }
        let table = offsets_of(&sights);
        if !table.is_empty() {
            print(&table.to_string())?;
        }
    }
    failures.end()
}

async fn places(admin: &Admin, group: &GroupDescription, committed: &GroupOffsets) -> Vec<Place> {
    let owners = group.owners();
    let partitions: BTreeSet<_> = committed.keys().chain(owners.keys().copied()).cloned().collect();
    let asked = partitions.iter().map(|of| (of.clone(), OffsetSpec::Latest));
    let mut ends = admin.list_offsets(asked, IsolationLevel::ReadUncommitted).await;
    let place = |partition: TopicPartition| Place {
        committed: committed.get(&partition).map(|committed| committed.offset.0),
        // A topic that is gone has no end: what was committed is shown all the same.
        end: ends.remove(&partition).and_then(Result::ok).and_then(|end| end.offset).map(|offset| offset.0),
        owner: owners.get(&partition).map(|member| GroupMember::clone(member)),
        partition,
    };
    partitions.into_iter().map(place).collect()
}

fn offsets_of(sights: &[Sight]) -> Table {
    let mut table = Table::new(&[
        "GROUP",
        "TOPIC",
        "PARTITION",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]);
    for Sight { group, places } in sights {
        for place in places {
            let owner = place.owner.as_ref();
            table.row([
                group.id.to_string(),
                place.partition.topic.to_string(),
                place.partition.partition.to_string(),
                or_dash(place.committed),
                or_dash(place.end),
                or_dash(place.lag()),
                or_dash(owner.map(|owner| &owner.id)),
                or_dash(owner.map(|owner| &owner.host)),
                or_dash(owner.map(|owner| &owner.client_id)),
            ]);
        }
    }
    table
}

fn members(sights: &[Sight]) -> Table {
    let mut table = Table::new(&[
        "GROUP",
        "CONSUMER-ID",
        "INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "ASSIGNMENT",
    ]);
    for group in sights.iter().map(|sight| &sight.group) {
        for member in &group.members {
            table.row([
                group.id.to_string(),
                member.id.to_string(),
                or_dash(member.instance_id.as_ref()),
                member.host.to_string(),
                member.client_id.to_string(),
                member.assignment.len().to_string(),
                or_dash(Some(assignment(member)).filter(|assignment| !assignment.is_empty())),
            ]);
        }
    }
    table
}

/// `orders(0,2),bills(1)`, as Kafka's tools write it.
fn assignment(member: &GroupMember) -> String {
    let mut by_topic = BTreeMap::<&str, Vec<String>>::new();
    for of in &member.assignment {
        by_topic.entry(&of.topic).or_default().push(of.partition.to_string());
    }
    let topics = by_topic.into_iter().map(|(topic, indexes)| format!("{topic}({})", indexes.join(",")));
    topics.collect::<Vec<_>>().join(",")
}

fn states(sights: &[Sight]) -> Table {
    let mut table = Table::new(&["GROUP", "COORDINATOR", "TYPE", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"]);
    for group in sights.iter().map(|sight| &sight.group) {
        table.row([
            group.id.to_string(),
            group.coordinator.to_string(),
            group.kind.to_string(),
            or_dash(Some(&group.assignor).filter(|assignor| !assignor.is_empty())),
            group.state.to_string(),
            group.members.len().to_string(),
        ]);
    }
    table
}

fn as_json(sight: &Sight) -> serde_json::Value {
    let Sight { group, places } = sight;
    let member = |member: &GroupMember| {
        json!({
            "member": member.id.as_str(),
            "instance": member.instance_id.as_deref(),
            "client_id": member.client_id.as_str(),
            "host": member.host.as_str(),
            "topics": member.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(),
            "assignment": member.assignment.iter().map(|of| json!({
                "topic": of.topic.as_str(),
                "partition": of.partition,
            })).collect::<Vec<_>>(),
        })
    };
    let place = |place: &Place| {
        json!({
            "topic": place.partition.topic.as_str(),
            "partition": place.partition.partition,
            "offset": place.committed,
            "end": place.end,
            "lag": place.lag(),
            "member": place.owner.as_ref().map(|owner| owner.id.as_str()),
        })
    };
    json!({
        "group": group.id.as_str(),
        "type": group.kind.name(),
        "state": group.state.name(),
        "protocol": group.protocol_type.as_str(),
        "assignor": group.assignor.as_str(),
        "coordinator": group.coordinator.0,
        "members": group.members.iter().map(member).collect::<Vec<_>>(),
        "offsets": places.iter().map(place).collect::<Vec<_>>(),
    })
}
