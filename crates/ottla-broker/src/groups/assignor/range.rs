//! The assignor `range`: each topic is cut into as many ranges as it has subscribers.
//!
//! Members are in the order of their names (static members, which keep theirs over a restart) or ids, and so topics
//! with the same subscribers and numbers of partitions are cut alike: a member gets the same numbers of each.

use std::collections::{BTreeMap, BTreeSet};

use ottla_protocol::wire::Str;

use super::{Assignment, Partitions, Spec};

/// What is left of a topic.
struct Left {
    next: i32,
    each: i32,
    with_one_more: i32,
}

/// Gives out ranges.
pub(super) fn assign(spec: &Spec) -> Assignment {
    let mut left = BTreeMap::new();
    for (topic, subscribers) in spec.subscribers() {
        let members = i32::try_from(subscribers.len()).unwrap_or(i32::MAX);
        let count = spec.count(&topic);
        left.insert(topic, Left { next: 0, each: count / members, with_one_more: count % members });
    }
    let mut order: Vec<_> = spec.members.iter().collect();
    // Those with a name come first.
    order.sort_by_cached_key(|(id, member)| {
        (member.instance.is_none(), member.instance.clone(), Str::clone(id))
    });
    let mut assignment = Assignment::new();
    for (id, member) in order {
        let mut own = Partitions::new();
        for topic in member.topics.iter() {
            let Some(left) = left.get_mut(topic) else { continue };
            let mut end = left.next + left.each;
            if left.with_one_more > 0 {
                left.with_one_more -= 1;
                end += 1;
            }
            let range: BTreeSet<_> = (left.next..end).collect();
            left.next = end;
            if !range.is_empty() {
                own.insert(*topic, range);
            }
        }
        assignment.insert(id.clone(), own);
    }
    assignment
}
