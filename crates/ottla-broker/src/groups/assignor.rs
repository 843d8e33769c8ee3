//! Who of a group's members is given which partitions: the assignors of Kafka's coordinator (KIP-848).
//!
//! Pure functions of what members subscribe to and of what they were given last. An assignment is a target: how a
//! member gets there, without a partition that two hold at once, is decided in [`super::consumer`]. All that is
//! walked through is in an order, so that the same group is given the same assignment again.

mod mixed;
mod range;
mod uniform;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ottla_protocol::wire::Str;

/// The id of a topic, in an order.
pub(crate) type TopicKey = [u8; 16];

/// Partitions, by topic; a topic has at least one.
pub(crate) type Partitions = BTreeMap<TopicKey, BTreeSet<i32>>;

/// What each member is to have.
pub(crate) type Assignment = BTreeMap<Str, Partitions>;

/// A group to be assigned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    /// The members, by id.
    pub(crate) members: BTreeMap<Str, MemberSpec>,
    /// How many partitions each topic has; what is not here, does not exist.
    pub(crate) topics: BTreeMap<TopicKey, i32>,
}

/// A member that partitions are given to.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberSpec {
    /// Its name, if it is a static member.
    pub(crate) instance: Option<Str>,
    /// The topics that it subscribes to, shared with others that subscribe alike.
    pub(crate) topics: Arc<BTreeSet<TopicKey>>,
    /// What it was given last.
    pub(crate) target: Partitions,
}

/// How partitions are given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Assignor {
    /// All members get the same number, as far as that goes, and keep what they have.
    #[default]
    Uniform,
    /// Each topic is cut into ranges, so that topics with the same number of partitions are cut alike.
    Range,
}

impl Assignor {
    /// Those that there are, the one for a group that does not say first.
    pub(crate) const ALL: [Self; 2] = [Self::Uniform, Self::Range];

    /// As clients call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// The one of that name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// Gives out all partitions of the topics that somebody subscribes to.
    pub(crate) fn assign(self, spec: &Spec) -> Assignment {
        let spec = spec.of_known_topics();
        match self {
            Self::Range => range::assign(&spec),
            Self::Uniform if spec.is_homogeneous() => uniform::assign(&spec),
            Self::Uniform => mixed::assign(&spec),
        }
    }
}

impl Spec {
    /// Without the topics and partitions that do not exist, and without what two members were given.
    fn of_known_topics(&self) -> Self {
        let mut taken = BTreeSet::new();
        let mut members = BTreeMap::new();
        let mut subscriptions: BTreeMap<_, Arc<BTreeSet<_>>> = BTreeMap::new();
        for (id, member) in &self.members {
            let mut known = MemberSpec { instance: member.instance.clone(), ..MemberSpec::default() };
            let subscribed = subscriptions.entry(Arc::as_ptr(&member.topics)).or_insert_with(|| {
                let there = member.topics.iter().filter(|topic| self.count(topic) > 0);
                Arc::new(there.copied().collect())
            });
            known.topics = Arc::clone(subscribed);
            for (topic, partitions) in &member.target {
                if !known.topics.contains(topic) {
                    continue;
                }
                let there = partitions.range(0..self.count(topic)).copied();
                let own: BTreeSet<_> = there.filter(|partition| taken.insert((*topic, *partition))).collect();
                if !own.is_empty() {
                    known.target.insert(*topic, own);
                }
            }
            members.insert(id.clone(), known);
        }
        Self { members, topics: self.topics.clone() }
    }

    /// How many partitions a topic has.
    fn count(&self, topic: &TopicKey) -> i32 {
        self.topics.get(topic).copied().unwrap_or(0)
    }

    /// Whether all members subscribe to the same topics.
    fn is_homogeneous(&self) -> bool {
        let mut members = self.members.values();
        let Some(first) = members.next() else { return true };
        members.all(|member| Arc::ptr_eq(&member.topics, &first.topics) || member.topics == first.topics)
    }

    /// The members that subscribe to each topic.
    fn subscribers(&self) -> BTreeMap<TopicKey, Vec<&Str>> {
        let mut subscribers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, member) in &self.members {
            for topic in member.topics.iter() {
                subscribers.entry(*topic).or_default().push(id);
            }
        }
        subscribers
    }
}

/// How many partitions these are.
fn size(partitions: &Partitions) -> usize {
    partitions.values().map(BTreeSet::len).sum()
}
