//! Groups of members from several families: what one of them assigns as the leader, the others must understand.
//!
//! For each assignor there are as many groups as families that have it, and in each another family is the eldest,
//! which leads. All join, then the eldest leaves, and another one has to lead those that are left.

use super::client::Stage;
use super::families::{CONFLUENT, CRATES, FRANZ, Family, JAVA};
use super::groups::Group;
use crate::outcome::Outcome;

/// Partitions of each topic here.
pub(super) const PARTITIONS: i32 = 12;

/// Assignors that more than one of the families has, in the names of the contract.
pub(super) const ASSIGNORS: &[&str] = &["range", "roundrobin", "sticky", "cooperative-sticky"];

/// Families that meet.
const FAMILIES: &[Family] = &[JAVA, CONFLUENT, FRANZ, CRATES];

/// Those of the families that have an assignor.
pub(super) fn members(assignor: &str) -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().filter(move |family| family.assignors.contains(&assignor))
}

/// Lets all families that have an assignor share a topic, once with each of them as the eldest.
///
/// The topics are `topic` with the name of the eldest behind it.
pub(super) fn play(stage: &Stage, assignor: &str, topic: &str) -> Outcome {
    for eldest in members(assignor) {
        let led = led_by(stage, assignor, eldest, &topic_of(topic, eldest));
        led.map_err(|failure| format!("with {} as the eldest: {failure}", eldest.name))?;
    }
    Ok(())
}

/// The topic of the group in which a family is the eldest.
pub(super) fn topic_of(topic: &str, eldest: &Family) -> String {
    format!("{topic}-{}", eldest.slug())
}

fn led_by(stage: &Stage, assignor: &str, eldest: &Family, topic: &str) -> Outcome {
    let mut group = Group::new(stage, topic, PARTITIONS, assignor);
    group.join(eldest)?;
    group.settle()?;
    for family in members(assignor).filter(|family| family.name != eldest.name) {
        group.join(family)?;
    }
    group.settle()?;
    group.exchange()?;
    group.leave(0)?;
    group.exchange()?;
    group.end()
}
