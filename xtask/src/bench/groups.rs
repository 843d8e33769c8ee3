//! What consumer groups cost the broker: many idle ones, and one with many members.
//!
//! Both brokers begin a first generation without delay here, so that the figures are the broker's work
//! and not its patience. Members send a heartbeat each three seconds while idle, and five a second where it is
//! measured how soon a group is in order again after a member left: they hear of it by a heartbeat.

use super::held::Held;
use super::measured::{Measured, Mode};
use super::rows::Round;
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::time::Duration;

/// Both brokers begin a first generation at once.
pub(super) const NO_DELAY: &str = "group.initial.rebalance.delay.ms=0";

/// How long the idle groups are watched.
const WATCHED: Duration = Duration::from_secs(9);

/// Measures the rows of groups on one broker.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let mut broker = Measured::new(kind, Mode::Os, &[NO_DELAY], plan, tools)?;
    broker.serve()?;
    // Makes the topic of offsets, which is no part of the figures.
    Held::groups(tools, &broker, "first", 1, 1, 3_000)?.end()?;

    for (members, settled, after) in [
        (500, "a group of 500 members, until all are in it", "the same, after one has left"),
        (1_000, "a group of 1,000 members, until all are in it", "the same, after one of 1,000 has left"),
    ] {
        let mut large = Held::groups(tools, &broker, &format!("large-{members}"), 1, members, 200)?;
        round.insert(settled, large.began("settled_ms")?);
        large.order()?;
        round.insert(after, large.next("resettled_ms")?);
        large.end()?;
    }

    std::thread::sleep(Duration::from_secs(1));
    let before = broker.resident_mb()?;
    let idle = Held::groups(tools, &broker, "idle", 1_000, 1, 3_000)?;
    round.insert("1,000 groups of one member, until all are in order", idle.began("settled_ms")?);
    let cpu = broker.cpu_seconds()?;
    std::thread::sleep(WATCHED);
    let cpu = broker.cpu_seconds()? - cpu;
    round.insert("broker CPU for these, idle, per second", cpu * 1e3 / WATCHED.as_secs_f64());
    round.insert("broker memory for these, connections and all", broker.resident_mb()? - before);
    idle.end()
}
