//! The assignor `simple`: who is given which partitions.
//!
//! Each member is given the partition that its id falls on, so that members spread out; partitions that nobody has
//! go round; and what a member had, it keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::wire::Str;

use super::state::{Assignment, TopicKey};

/// Partitions that a member may be given, by topic; shared by members that subscribe alike.
pub(super) type Eligible = BTreeMap<Str, Arc<Assignment>>;

/// Gives every member some of what it may have; `current` is what it was given last.
pub(super) fn assign(eligible: &Eligible, current: &BTreeMap<Str, Assignment>) -> BTreeMap<Str, Assignment> {
    let mut assigned: BTreeMap<Str, BTreeSet<(TopicKey, i32)>> = BTreeMap::new();
    let lists: BTreeMap<_, Vec<_>> =
        distinct(eligible).map(|topics| (Arc::as_ptr(topics), each(topics).collect())).collect();
    let all: BTreeSet<_> = lists.values().flatten().copied().collect();
    for (member, topics) in eligible {
        let partitions = &lists[&Arc::as_ptr(topics)];
        let own = assigned.entry(member.clone()).or_default();
        if !partitions.is_empty() {
            own.insert(partitions[place(member, partitions.len())]);
        }
    }
    let mut taken: BTreeSet<_> = assigned.values().flatten().copied().collect();
    for (member, topics) in current {
        let (Some(own), Some(allowed)) = (assigned.get_mut(member), eligible.get(member)) else { continue };
        for (topic, partition) in each(topics) {
            if allowed.get(&topic).is_some_and(|partitions| partitions.contains(&partition)) {
                own.insert((topic, partition));
                taken.insert((topic, partition));
            }
        }
    }
    let mut turn = 0;
    let members: Vec<_> = eligible.keys().collect();
    for (topic, partition) in all.difference(&taken) {
        // The next member who may have it.
        for step in 0..members.len() {
            let member = members[(turn + step) % members.len()];
            let may = eligible[member].get(topic).is_some_and(|partitions| partitions.contains(partition));
            if may && let Some(own) = assigned.get_mut(member) {
                own.insert((*topic, *partition));
                turn = (turn + step + 1) % members.len();
                break;
            }
        }
    }
    let by_topic = |partitions: BTreeSet<(TopicKey, i32)>| {
        let mut topics = Assignment::new();
        for (topic, partition) in partitions {
            topics.entry(topic).or_default().insert(partition);
        }
        topics
    };
    assigned.into_iter().map(|(member, partitions)| (member, by_topic(partitions))).collect()
}

/// What members may be given, each only once though several may.
pub(super) fn distinct(eligible: &Eligible) -> impl Iterator<Item = &Arc<Assignment>> {
    let distinct: BTreeMap<_, _> = eligible.values().map(|topics| (Arc::as_ptr(topics), topics)).collect();
    distinct.into_values()
}

/// All partitions, one by one.
pub(super) fn each(topics: &Assignment) -> impl Iterator<Item = (TopicKey, i32)> + '_ {
    topics.iter().flat_map(|(topic, partitions)| partitions.iter().map(|partition| (*topic, *partition)))
}

/// Java's hash of an id, as Kafka takes it.
fn place(member: &str, partitions: usize) -> usize {
    let hash =
        member.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    let partitions = i64::try_from(partitions).unwrap_or(i64::MAX);
    usize::try_from((i64::from(hash) % partitions).abs()).unwrap_or(0)
}
