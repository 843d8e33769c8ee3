//! The assignor `uniform` of members that all subscribe to the same topics.
//!
//! Each has its share: the number of partitions by the number of members, and one more for as many as that leaves
//! over. Who has more than its share, gives up what is too much; who has less, gets of what nobody has. One more goes
//! to those that have it already, so that nothing moves in a group that is balanced.

use std::collections::BTreeSet;

use super::{Assignment, Spec, size};

/// Gives each its share.
pub(super) fn assign(spec: &Spec) -> Assignment {
    let mut assignment: Assignment =
        spec.members.iter().map(|(id, member)| (id.clone(), member.target.clone())).collect();
    let Some(first) = spec.members.values().next() else { return assignment };
    let all =
        first.topics.iter().flat_map(|topic| (0..spec.count(topic)).map(|partition| (*topic, partition)));
    let mut free: BTreeSet<_> = all.collect();
    let (each, mut with_one_more) = (free.len() / spec.members.len(), free.len() % spec.members.len());
    // First those that have more than the least share, then the others, in the order of their ids.
    let mut order: Vec<_> =
        spec.members.iter().map(|(id, member)| (size(&member.target) <= each, id)).collect();
    order.sort();
    let mut shares = Vec::with_capacity(order.len());
    for (_, id) in order {
        let mut share = each;
        if with_one_more > 0 {
            with_one_more -= 1;
            share += 1;
        }
        let Some(own) = assignment.get_mut(id) else { continue };
        let mut kept = 0;
        own.retain(|topic, partitions| {
            partitions.retain(|partition| {
                let keeps = kept < share;
                kept += usize::from(keeps);
                if keeps {
                    free.remove(&(*topic, *partition));
                }
                keeps
            });
            !partitions.is_empty()
        });
        shares.push((id, share - kept));
    }
    for (id, lacking) in shares {
        let Some(own) = assignment.get_mut(id) else { continue };
        for _ in 0..lacking {
            let Some((topic, partition)) = free.pop_first() else { break };
            own.entry(topic).or_default().insert(partition);
        }
    }
    assignment
}
