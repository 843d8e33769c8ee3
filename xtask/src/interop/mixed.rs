//! Groups of members from several families: what one of them assigns as the leader, the others must understand.
//!
//! Everyone joins, then one after the other leaves, the eldest first: so each family leads for a while.

use super::client::Stage;
use super::families::{CONFLUENT, FRANZ, Family, JAVA};
use super::groups::Group;
use crate::outcome::Outcome;

/// Partitions of each topic here.
pub(super) const PARTITIONS: i32 = 12;

/// Assignors that more than one of the families has, in the names of the contract.
pub(super) const ASSIGNORS: &[&str] = &["range", "roundrobin", "sticky", "cooperative-sticky"];

/// Families that meet, in the order in which they join.
pub(super) fn families() -> Vec<Family> {
    vec![JAVA, CONFLUENT, FRANZ]
}

/// Those of the families that have an assignor.
pub(super) fn members(assignor: &str) -> Vec<Family> {
    families().into_iter().filter(|family| family.assignors.contains(&assignor)).collect()
}

/// Lets all families that have an assignor share a topic, and fewer and fewer of them.
pub(super) fn play(stage: &Stage, assignor: &str, topic: &str) -> Outcome {
    let members = members(assignor);
    let mut group = Group::new(stage, topic, PARTITIONS, assignor);
    for family in &members {
        group.join(family)?;
        group.settle()?; // one after the other, so that the eldest leads
        group.exchange()?;
    }
    for eldest in 0..members.len() - 1 {
        group.leave(eldest)?;
        group.exchange()?;
    }
    group.end()
}
