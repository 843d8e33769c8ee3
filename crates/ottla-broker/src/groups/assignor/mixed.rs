//! The assignor `uniform` of members that subscribe to different topics.
//!
//! Members keep what they have. What nobody has, goes to whoever of its subscribers has least, the topics with few
//! subscribers first. Then partitions move, each from a member to one that has at least two fewer, until none can:
//! no partition could go to a subscriber that has so much less than its owner that both would be better off.

use std::collections::BTreeMap;

use ottla_protocol::wire::Str;

use super::{Assignment, Spec, TopicKey, size};

/// Gives each as much as the others, as far as subscriptions allow.
pub(super) fn assign(spec: &Spec) -> Assignment {
    let subscribers = spec.subscribers();
    let mut given = Given::new(spec);
    for topic in in_order(spec, &subscribers) {
        for partition in 0..spec.count(&topic) {
            if !given.owners.contains_key(&(topic, partition))
                && let Some(member) = given.least(&subscribers[&topic])
            {
                given.give(topic, partition, &member);
            }
        }
    }
    // Each move makes the sum of the squares of the sizes smaller, so that there is an end.
    while balance(spec, &subscribers, &mut given) {}
    given.assignment
}

/// Moves what should move, in one walk over all partitions; says whether there was any.
fn balance(spec: &Spec, subscribers: &BTreeMap<TopicKey, Vec<&Str>>, given: &mut Given) -> bool {
    let mut has_moved = false;
    for topic in in_order(spec, subscribers) {
        for partition in 0..spec.count(&topic) {
            let Some(owner) = given.owners.get(&(topic, partition)).cloned() else { continue };
            let Some(least) = given.least(&subscribers[&topic]) else { continue };
            if given.sizes[&owner] > given.sizes[&least] + 1 {
                given.take(topic, partition, &owner);
                given.give(topic, partition, &least);
                has_moved = true;
            }
        }
    }
    has_moved
}

/// The topics whose partitions are hardest to place first: those with most partitions per subscriber, and among
/// them those with fewest subscribers.
fn in_order(spec: &Spec, subscribers: &BTreeMap<TopicKey, Vec<&Str>>) -> Vec<TopicKey> {
    let mut topics: Vec<_> = subscribers.keys().copied().collect();
    topics.sort_by(|a, b| {
        let (of_a, of_b) = (subscribers[a].len(), subscribers[b].len());
        let count = |topic| u64::try_from(spec.count(topic)).unwrap_or_default();
        // a / of_a against b / of_b, without the rounding.
        let (left, right) = (count(a).saturating_mul(of_b as u64), count(b).saturating_mul(of_a as u64));
        right.cmp(&left).then(of_a.cmp(&of_b)).then(a.cmp(b))
    });
    topics
}

/// An assignment that is being made.
struct Given {
    assignment: Assignment,
    sizes: BTreeMap<Str, usize>,
    owners: BTreeMap<(TopicKey, i32), Str>,
}

impl Given {
    fn new(spec: &Spec) -> Self {
        let mut given =
            Self { assignment: Assignment::new(), sizes: BTreeMap::new(), owners: BTreeMap::new() };
        for (id, member) in &spec.members {
            given.sizes.insert(id.clone(), size(&member.target));
            for (topic, partitions) in &member.target {
                let own = partitions.iter().map(|partition| ((*topic, *partition), id.clone()));
                given.owners.extend(own);
            }
            given.assignment.insert(id.clone(), member.target.clone());
        }
        given
    }

    /// Who of these has least.
    fn least(&self, of: &[&Str]) -> Option<Str> {
        of.iter().min_by_key(|id| self.sizes.get(**id)).map(|id| Str::clone(id))
    }

    fn give(&mut self, topic: TopicKey, partition: i32, to: &Str) {
        let own = self.assignment.entry(to.clone()).or_default();
        own.entry(topic).or_default().insert(partition);
        *self.sizes.entry(to.clone()).or_default() += 1;
        self.owners.insert((topic, partition), to.clone());
    }

    fn take(&mut self, topic: TopicKey, partition: i32, from: &Str) {
        if let Some(own) = self.assignment.get_mut(from)
            && let Some(partitions) = own.get_mut(&topic)
        {
            partitions.remove(&partition);
            if partitions.is_empty() {
                own.remove(&topic);
            }
        }
        if let Some(size) = self.sizes.get_mut(from) {
            *size = size.saturating_sub(1);
        }
    }
}
