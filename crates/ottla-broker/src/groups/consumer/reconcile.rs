//! How a member gets from what it has to what it is to have, such that no partition is held by two.
//!
//! As in Kafka a member first gives up what it is not to have any more, and gets nothing new before; a partition is
//! given to a member when nobody else holds it. Unlike Kafka, a member's epoch grows when it is asked to give
//! partitions up, not when it has done so; and only a list of what it owns that it sends with that very epoch says
//! that it has. Whoever knows that epoch has read the answer that asks for it, so that a heartbeat from before, which
//! a poor network delivers late or twice, says nothing about it. (Kafka 4.3 takes such an old list for an answer when
//! it happens not to name the partition, and hands the partition on while the member still reads it.)

use std::collections::BTreeSet;

use ottla_protocol::messages::consumer_group_heartbeat::TopicPartitions;

use super::state::{Current, Held, Phase};
use crate::groups::assignor::{Partitions, TopicKey};

/// What is known when a member is looked at.
pub(super) struct Look<'a> {
    pub(super) target_epoch: i32,
    pub(super) target: &'a Partitions,
    /// What the member says that it owns, with the epoch that it has now.
    pub(super) owned: Option<&'a [TopicPartitions]>,
    /// Whether another member holds a partition.
    pub(super) is_held: &'a dyn Fn(TopicKey, i32) -> bool,
}

/// What a member has next, after a heartbeat with its present epoch.
pub(super) fn next(current: &Current, look: &Look<'_>) -> Current {
    match current.phase {
        Phase::Stable if current.epoch == look.target_epoch => current.clone(),
        Phase::Unrevoked if !has_given_up(&current.revoking, look.owned) => current.clone(),
        _ => toward_target(current, look),
    }
}

/// What a member has when it comes again: it has told nothing yet of what it gave up, so that nobody gets that.
pub(super) fn rejoined(current: &Current, look: &Look<'_>) -> Current {
    let (assigned, mut revoking) = split(&current.assigned, look.target);
    for (topic, partitions) in &current.revoking {
        revoking.entry(*topic).or_default().extend(partitions);
    }
    if revoking.is_empty() {
        let mut next = toward_target(current, look);
        next.previous_epoch = 0;
        return next;
    }
    Current { epoch: look.target_epoch, previous_epoch: 0, phase: Phase::Unrevoked, assigned, revoking }
}

/// What a member has that left for a while and is back: what is another's by now it gave up when it left.
pub(super) fn returned(current: &Current, look: &Look<'_>) -> Current {
    let (assigned, _) = split(&current.assigned, look.target);
    toward_target(&Current { assigned, revoking: Held::new(), ..current.clone() }, look)
}

fn toward_target(current: &Current, look: &Look<'_>) -> Current {
    let (mut assigned, revoking) = split(&current.assigned, look.target);
    let mut next = Current { epoch: look.target_epoch, ..current.clone() };
    if current.epoch != look.target_epoch {
        next.previous_epoch = current.epoch;
    }
    if !revoking.is_empty() {
        (next.phase, next.assigned, next.revoking) = (Phase::Unrevoked, assigned, revoking);
        return next;
    }
    let mut phase = Phase::Stable;
    for (topic, partitions) in look.target {
        for partition in partitions {
            if assigned.get(topic).is_some_and(|own| own.contains_key(partition)) {
                continue;
            }
            if (look.is_held)(*topic, *partition) {
                phase = Phase::Unreleased;
            } else {
                assigned.entry(*topic).or_default().insert(*partition, look.target_epoch);
            }
        }
    }
    (next.phase, next.assigned, next.revoking) = (phase, assigned, Held::new());
    next
}

/// What of it is in the target, and what is not.
fn split(held: &Held, target: &Partitions) -> (Held, Held) {
    let none = BTreeSet::new();
    let (mut kept, mut lost) = (Held::new(), Held::new());
    for (topic, partitions) in held {
        let wanted = target.get(topic).unwrap_or(&none);
        for (partition, epoch) in partitions {
            let side = if wanted.contains(partition) { &mut kept } else { &mut lost };
            side.entry(*topic).or_default().insert(*partition, *epoch);
        }
    }
    (kept, lost)
}

fn has_given_up(revoking: &Held, owned: Option<&[TopicPartitions]>) -> bool {
    let Some(owned) = owned else { return revoking.is_empty() };
    !owned.iter().any(|topic| {
        let asked = revoking.get(&topic.topic_id.0);
        asked.is_some_and(|asked| topic.partitions.iter().any(|partition| asked.contains_key(partition)))
    })
}

/// Whether a member has, or is to give up, all that it says to own.
pub(super) fn covers(current: &Current, owned: &[TopicPartitions]) -> bool {
    owned.iter().all(|topic| {
        let has = |held: &Held, partition: i32| {
            held.get(&topic.topic_id.0).is_some_and(|partitions| partitions.contains_key(&partition))
        };
        let mut partitions = topic.partitions.iter();
        partitions.all(|partition| has(&current.assigned, *partition) || has(&current.revoking, *partition))
    })
}

/// Whether a member says to own all of this.
pub(super) fn owns(owned: &[TopicPartitions], held: &Held) -> bool {
    held.iter().all(|(topic, partitions)| {
        let said = |partition: &i32| {
            let mut of_topic = owned.iter().filter(|one| one.topic_id.0 == *topic);
            of_topic.any(|one| one.partitions.contains(partition))
        };
        partitions.keys().all(said)
    })
}
