//! Asks what groups have committed, again and again, and whether they are settled once all is calm.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla::client::{Client, GroupState, TopicPartition};
use tokio::time::sleep;

use super::member::Seat;
use super::plan::GroupPlan;
use super::raw;
use crate::clients::Seams;
use ottla_sim::millis as ms;

/// A group that runs.
pub(crate) struct Group {
    pub(crate) plan: GroupPlan,
    pub(crate) seats: Vec<Seat>,
}

/// How long a group that looks settled must look so.
const HOLDS: Duration = Duration::from_secs(1);

/// Asks for ever what each group has committed.
pub(crate) async fn watch_commits(seams: Seams, groups: Vec<String>) {
    let (client, mut rng) = (seams.client("group watcher").await, seams.env.rng());
    while !groups.is_empty() {
        for group in &groups {
            if let Err(error) = committed(&seams, &client, group).await {
                seams.history.note(&format!("group watcher: {group}: {error}"));
            }
        }
        sleep(ms(&mut rng, 10, 400)).await;
    }
}

/// What a group has committed, held against all that was told before.
pub(crate) async fn committed(
    seams: &Seams,
    client: &Client,
    group: &str,
) -> Result<BTreeMap<TopicPartition, i64>, ottla::client::Error> {
    let asked = seams.history.asks_for_commits("group watcher", group);
    let told = client.admin().group_offsets(group.to_owned()).await?;
    let told: BTreeMap<_, _> =
        told.into_iter().map(|(place, committed)| (place, committed.offset.0)).collect();
    // The one that is made by hand repeats old commits in a generation that a crash has brought back.
    asked.committed(
        told.iter().filter(|(place, _)| place.topic != raw::TOPIC).map(|(place, offset)| (place, *offset)),
    );
    Ok(told)
}

/// Waits until each group has come to these ends, and gives each partition to one of its members, for a while.
/// `unsettled` says meanwhile what is missing.
pub(crate) async fn settle(
    seams: &Seams,
    groups: &[Group],
    ends: &BTreeMap<TopicPartition, i64>,
    unsettled: &mut String,
) {
    let client = seams.client("group auditor").await;
    for group in groups {
        let mut settled_as = None;
        loop {
            match state_of(seams, &client, group, ends).await {
                Ok(state) if settled_as.as_ref() == Some(&state) => break,
                Ok(state) => {
                    settled_as = Some(state);
                    sleep(HOLDS).await;
                }
                Err(why) => {
                    *unsettled = format!("{} is not settled: {why}", group.plan.name);
                    settled_as = None;
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
        seams.history.note(&format!("{} is settled", group.plan.name));
    }
}

/// Who owns what in a group that is settled, or why it is not.
async fn state_of(
    seams: &Seams,
    client: &Client,
    group: &Group,
    ends: &BTreeMap<TopicPartition, i64>,
) -> Result<BTreeMap<String, BTreeSet<TopicPartition>>, String> {
    if group.seats.iter().any(Seat::is_restless) {
        return Err("members still come and go".to_owned());
    }
    let name = &group.plan.name;
    let mut described = client.admin().describe_groups([name.clone()]).await;
    let described = described.remove(name.as_str()).ok_or("it is not described")?;
    let described = described.map_err(|error| error.to_string())?;
    if described.state != GroupState::Stable {
        return Err(format!("it is {:?}", described.state));
    }
    let told: BTreeMap<String, BTreeSet<TopicPartition>> = described
        .members
        .iter()
        .map(|member| (member.id.to_string(), member.assignment.iter().cloned().collect()))
        .collect();
    let assignments: Vec<_> = group.seats.iter().filter_map(Seat::assignment).collect();
    if told.len() != assignments.len() {
        return Err(format!("{} members live, the coordinator tells of {told:?}", assignments.len()));
    }
    for (who, owned) in
        [("coordinator", told.values().collect::<Vec<_>>()), ("members", assignments.iter().collect())]
    {
        let mut count = BTreeMap::<&TopicPartition, usize>::new();
        owned.iter().copied().flatten().for_each(|place| *count.entry(place).or_insert(0) += 1);
        if !seams.places.iter().all(|place| count.get(place) == Some(&1)) || count.len() != seams.places.len()
        {
            return Err(format!("by the {who}, partitions have so many owners: {count:?}"));
        }
    }
    let committed = committed(seams, client, name).await.map_err(|error| error.to_string())?;
    for (place, end) in ends {
        let at = committed.get(place).copied().unwrap_or(0);
        if at < *end {
            return Err(format!("it has committed {place} at {at}, which ends at {end}"));
        }
    }
    Ok(told)
}
