//! What a member of a group owns, told on standard error: a line for each change, for programs that read along.
//!
//! ```text
//! assigned: orders 0,2 payments 1
//! revoked: orders 2
//! lost: orders 0 payments 1
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ottla::client::TopicPartition;

/// What a member owns.
#[derive(Debug, Default)]
pub(super) struct Owned {
    partitions: BTreeSet<TopicPartition>,
}

impl Owned {
    /// The group gave these; told even if they are none, once there are no others either.
    pub(super) fn assigned(&mut self, partitions: &[TopicPartition]) {
        self.partitions.extend(partitions.iter().cloned());
        if !partitions.is_empty() || self.partitions.is_empty() {
            tell("assigned", partitions);
        }
    }

    /// These are given up.
    pub(super) fn revoked(&mut self, partitions: &[TopicPartition]) {
        self.gone("revoked", partitions);
    }

    /// These are gone: others may have them already.
    pub(super) fn lost(&mut self, partitions: &[TopicPartition]) {
        self.gone("lost", partitions);
    }

    /// The group was left.
    pub(super) fn left(self) {
        let partitions: Vec<_> = self.partitions.into_iter().collect();
        if !partitions.is_empty() {
            tell("revoked", &partitions);
        }
    }

    fn gone(&mut self, how: &str, partitions: &[TopicPartition]) {
        self.partitions.retain(|partition| !partitions.contains(partition));
        if !partitions.is_empty() {
            tell(how, partitions);
        }
    }
}

fn tell(what: &str, partitions: &[TopicPartition]) {
    eprintln!("{}", line(what, partitions));
}

/// Topics, which have no spaces in their names, each with its partitions behind it.
fn line(what: &str, partitions: &[TopicPartition]) -> String {
    let mut topics: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().insert(partition.partition);
    }
    let mut line = format!("{what}:");
    if topics.is_empty() {
        line.push_str(" none");
    }
    for (topic, partitions) in topics {
        let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
        let _ = write!(line, " {topic} {}", partitions.join(","));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_each_topic_with_its_partitions_in_their_order() {
        let partitions = [("payments", 1), ("orders", 10), ("orders", 2)]
            .map(|(topic, index)| TopicPartition::new(topic, index));
        assert_eq!(line("assigned", &partitions), "assigned: orders 2,10 payments 1");
        assert_eq!(line("assigned", &[]), "assigned: none");
    }
}
