//! `ottla group reset`: asks what is known, plans, and does it if told to.

use std::collections::BTreeMap;

use ottla::client::{
    self, Admin, CommittedOffset, GroupOffsets, IsolationLevel, Offset, OffsetSpec, TopicPartition,
};
use ottla::protocol::ErrorCode;
use serde_json::json;

use super::partitions;
use super::plan::{Aim, Known, Planned, plan};
use crate::arguments::Reset;
use crate::client::admin;
use crate::failure::{Failure, Failures};
use crate::moments::now;
use crate::output::{Table, or_dash, print, print_json};

/// A partition of a group, and where it is to go on.
struct Step {
    group: String,
    partition: TopicPartition,
    from: Option<i64>,
    to: i64,
}

pub(super) async fn run(words: Reset) -> Result<(), Failure> {
    let admin = admin(&words.cluster).await?;
    let aim = Aim::of(&words.to, now());
    let mut failures = Failures::default();
    let mut steps = Vec::new();
    for group in &words.groups {
        if let Some(planned) = failures.well(planned(&admin, group, &words, aim).await) {
            steps.extend(planned);
        }
    }
    if words.execute {
        steps = execute(&admin, steps, &mut failures).await;
    }
    if words.shown.json {
        let step = |step: &Step| {
            json!({
                "group": step.group,
                "topic": step.partition.topic.as_str(),
                "partition": step.partition.partition,
                "from": step.from,
                "to": step.to,
                "done": words.execute,
            })
        };
        print_json(&steps.iter().map(step).collect::<Vec<_>>())?;
    } else if !steps.is_empty() {
        let mut table = Table::new(&["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "NEW-OFFSET"]);
        for step in &steps {
            let (topic, index) = (step.partition.topic.to_string(), step.partition.partition.to_string());
            table.row([step.group.clone(), topic, index, or_dash(step.from), step.to.to_string()]);
        }
        print(&table.to_string())?;
    }
    if !words.execute && !words.dry_run {
        eprintln!("ottla: nothing was changed; --execute does it");
    }
    failures.end()
}

/// Where each partition of a group is to go on.
async fn planned(admin: &Admin, group: &str, words: &Reset, aim: Aim) -> Result<Vec<Step>, Failure> {
    check_inactive(admin, group).await?;
    let committed = admin.group_offsets(group.to_owned()).await?;
    let scope = if words.scope.all_topics {
        if committed.is_empty() {
            return Err(Failure::NoOffsets(group.to_owned()));
        }
        committed.keys().cloned().collect()
    } else {
        partitions(admin, &words.scope.topic).await?
    };
    let known = known(admin, scope, &committed, aim).await?;
    let mut steps = Vec::new();
    for (partition, known) in known {
        let to = match plan(aim, known) {
            Planned::To(to) => to,
            Planned::Within { to, wanted } => {
                let (first, end) = (known.first, known.end);
                eprintln!("ottla: {partition} has offsets {first} to {end}: {to} instead of {wanted}");
                to
            }
            Planned::NothingToShift => {
                eprintln!("ottla: group {group:?} has committed nothing of {partition}: it stays so");
                continue;
            }
        };
        steps.push(Step { group: group.to_owned(), partition, from: known.current, to });
    }
    Ok(steps)
}

/// A group with members would go on where they are. One that does not exist is made by the reset.
async fn check_inactive(admin: &Admin, group: &str) -> Result<(), Failure> {
    match admin.describe_groups([group.to_owned()]).await.pop_first() {
        Some((_, Ok(described))) if !described.state.is_inactive() => {
            Err(Failure::GroupIsActive { group: group.to_owned(), state: described.state })
        }
        Some((_, Err(error))) if error.code() != Some(ErrorCode::GROUP_ID_NOT_FOUND) => Err(error.into()),
        _ => Ok(()),
    }
}

async fn known(
    admin: &Admin,
    scope: Vec<TopicPartition>,
    committed: &GroupOffsets,
    aim: Aim,
) -> Result<BTreeMap<TopicPartition, Known>, Failure> {
    let first = offsets(admin, &scope, OffsetSpec::Earliest).await?;
    let end = offsets(admin, &scope, OffsetSpec::Latest).await?;
    let at_time = match aim {
        Aim::Time(ms) => offsets(admin, &scope, OffsetSpec::Timestamp(ms)).await?,
        _ => BTreeMap::new(),
    };
    let of = |partition: TopicPartition| {
        let known = Known {
            first: first.get(&partition).copied().flatten().unwrap_or(0),
            end: end.get(&partition).copied().flatten().unwrap_or(0),
            current: committed.get(&partition).map(|committed| committed.offset.0),
            at_time: at_time.get(&partition).copied().flatten(),
        };
        (partition, known)
    };
    Ok(scope.into_iter().map(of).collect())
}

async fn offsets(
    admin: &Admin,
    partitions: &[TopicPartition],
    place: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, Option<i64>>, client::Error> {
    let places = partitions.iter().map(|partition| (partition.clone(), place));
    let listed = admin.list_offsets(places, IsolationLevel::ReadUncommitted).await;
    listed.into_iter().map(|(of, listed)| Ok((of, listed?.offset.map(|offset| offset.0)))).collect()
}

/// Sets the offsets; what was set is given back.
async fn execute(admin: &Admin, steps: Vec<Step>, failures: &mut Failures) -> Vec<Step> {
    let mut by_group = BTreeMap::<String, Vec<Step>>::new();
    for step in steps {
        by_group.entry(step.group.clone()).or_default().push(step);
    }
    let mut done = Vec::new();
    for (group, steps) in by_group {
        let offset = |step: &Step| (step.partition.clone(), CommittedOffset::new(Offset(step.to)));
        let offsets = steps.iter().map(offset).collect();
        let Some(mut outcomes) = failures.well(admin.alter_group_offsets(group, &offsets).await) else {
            continue;
        };
        for step in steps {
            let outcome = outcomes.remove(&step.partition).unwrap_or(Ok(()));
            if failures.well(outcome).is_some() {
                done.push(step);
            }
        }
    }
    done
}
