//! Who of a group reads which partition: range, round robin, sticky and cooperative sticky.
//!
//! Functions of members and topics to assignments, with neither network nor state, usable on their own. The
//! member that leads a group calls one of them; which one, the coordinator chooses by what all members offer.
//! How members tell each other what they want is in [`wire`].

mod range;
mod round_robin;
mod sticky;
mod table;
pub mod wire;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use ottla_client::TopicPartition;
use ottla_protocol::wire::Str;

use table::Table;

/// The generation of a member that has been in none.
pub const NO_GENERATION: i32 = -1;

/// The partitions of each member of a group, by member id.
pub type Assignment = BTreeMap<Str, Vec<TopicPartition>>;

/// How partitions are given to the members of a group (`partition.assignment.strategy`).
///
/// All give each partition of a subscribed topic to exactly one of the members that subscribe to it, and all
/// keep to Java's rules, so that it does not matter which client leads a group.
///
/// # Examples
/// ```
/// use ottla_consumer::assignor::{Assignor, Member, Topics};
///
/// let topics = Topics::new().with_topic("orders", 3);
/// let members = [Member::new("m1", ["orders"]), Member::new("m2", ["orders"])];
/// let assignment = Assignor::Range.assign(&topics, &members);
/// assert_eq!(assignment["m1"].len(), 2);
/// assert_eq!(assignment["m2"][0].partition, 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assignor {
    /// `range`: each topic alone, in runs of neighbouring partitions. Topics with as many partitions and the
    /// same members are cut alike, so that one member reads the same partitions of all.
    Range,
    /// `roundrobin`: all partitions of all topics, dealt out one by one.
    RoundRobin,
    /// `sticky`: as even as can be, and as little moved as can be. Members stop while a group rebalances.
    Sticky,
    /// `cooperative-sticky`: as sticky, while members go on reading what they keep. What moves is given up in
    /// one round and handed over in the next (KIP-429). A few groups whose racks leave Java's client passing
    /// partitions around without end come to rest here: nobody loses a partition in them for being far from it.
    CooperativeSticky,
}

impl Assignor {
    /// Every assignor.
    pub const ALL: [Self; 4] = [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// The name under which members offer it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// Whether members may keep what they have while the group rebalances.
    pub fn is_cooperative(self) -> bool {
        self == Self::CooperativeSticky
    }

    /// The assignor with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// Assigns every partition of `topics` to one of the `members` that subscribe to its topic.
    ///
    /// Each member is in the answer, with nothing if nothing is left for it. Partitions of topics that nobody
    /// subscribes to are in nobody's hands. Cooperative sticky leaves out partitions that are to move and are
    /// still owned: they are assigned in the round after their owner gave them up.
    pub fn assign(self, topics: &Topics, members: &[Member]) -> Assignment {
        let table = Table::new(topics, members);
        if table.members.is_empty() {
            return Assignment::new();
        }
        let assigned = match self {
            Self::Range => range::assign(&table),
            Self::RoundRobin => round_robin::assign(&table),
            Self::Sticky => sticky::assign(&table),
            Self::CooperativeSticky => sticky::assign_cooperatively(topics, &table),
        };
        table.assignment(assigned)
    }
}

impl fmt::Display for Assignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Assignor {
    type Err = UnknownAssignor;

    /// Reads a name, or the name of the class in Kafka's Java client.
    fn from_str(text: &str) -> Result<Self, UnknownAssignor> {
        let class = text.strip_prefix("org.apache.kafka.clients.consumer.").unwrap_or(text);
        match class {
            "RangeAssignor" => Ok(Self::Range),
            "RoundRobinAssignor" => Ok(Self::RoundRobin),
            "StickyAssignor" => Ok(Self::Sticky),
            "CooperativeStickyAssignor" => Ok(Self::CooperativeSticky),
            name => Self::by_name(name).ok_or_else(|| UnknownAssignor(text.to_owned())),
        }
    }
}

/// No assignor has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no assignor: range, roundrobin, sticky and cooperative-sticky are")]
pub struct UnknownAssignor(pub String);

/// A member of a group, as an assignor sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The id that the coordinator gave it.
    pub id: Str,
    /// The name that it keeps over restarts (`group.instance.id`), if it has one.
    pub instance_id: Option<Str>,
    /// The topics that it subscribes to.
    pub topics: Vec<Str>,
    /// The rack or zone that it is in (`client.rack`).
    pub rack: Option<Str>,
    /// The partitions that it owned last.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it owned them, if it said so.
    pub generation: Option<i32>,
}

impl Member {
    /// A member that owns nothing yet.
    pub fn new<T: Into<Str>>(id: impl Into<Str>, topics: impl IntoIterator<Item = T>) -> Self {
        let topics = topics.into_iter().map(Into::into).collect();
        Self { id: id.into(), topics, ..Self::default() }
    }

    /// The member with this `group.instance.id`.
    #[must_use]
    pub fn with_instance_id(mut self, instance_id: impl Into<Str>) -> Self {
        self.instance_id = Some(instance_id.into());
        self
    }

    /// The member in this rack.
    #[must_use]
    pub fn with_rack(mut self, rack: impl Into<Str>) -> Self {
        self.rack = Some(rack.into());
        self
    }

    /// The member with what it owned in `generation`.
    #[must_use]
    pub fn with_owned(mut self, owned: impl IntoIterator<Item = TopicPartition>, generation: i32) -> Self {
        self.owned = owned.into_iter().collect();
        self.generation = Some(generation);
        self
    }
}

/// Topics with their partitions, and the racks that hold copies of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics(BTreeMap<Str, Vec<BTreeSet<Str>>>);

impl Topics {
    /// No topics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a topic with so many partitions, of unknown racks.
    #[must_use]
    pub fn with_topic(self, topic: impl Into<Str>, partitions: usize) -> Self {
        self.with_racks(topic, vec![BTreeSet::new(); partitions])
    }

    /// Adds a topic with one set of racks per partition.
    #[must_use]
    pub fn with_racks(
        mut self,
        topic: impl Into<Str>,
        racks: impl IntoIterator<Item = BTreeSet<Str>>,
    ) -> Self {
        self.0.insert(topic.into(), racks.into_iter().collect());
        self
    }

    /// The number of partitions of a topic; 0 if it is not known.
    pub fn partitions_of(&self, topic: &str) -> usize {
        self.0.get(topic).map_or(0, Vec::len)
    }

    /// Every topic, by name, with the racks of each partition.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &[BTreeSet<Str>])> {
        self.0.iter().map(|(topic, racks)| (topic, racks.as_slice()))
    }
}
