//! What ten thousand idle groups of each kind and a thousand open transactions take of a broker's memory, looked at from outside.
//!
//! They come over eight connections, so that the figures are those of groups and transactions and not of sockets.

use super::groups::NO_DELAY;
use super::held::Held;
use super::measured::{Measured, Mode};
use super::rows::{Bench, Round};
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::time::Duration;

const GROUPS: u32 = 10_000;
const TRANSACTIONS: u32 = 1_000;
const CONNECTIONS: &str = "8";

/// Until a broker has put down what it needed for the last request, and no longer than it takes to settle.
const REST: Duration = Duration::from_secs(2);

/// Measures the rows of what is idle on one broker.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let mut broker = Measured::new(kind, Mode::Os, &[NO_DELAY], plan, tools)?;
    broker.serve()?;
    let bench = Bench { broker: &broker, tools };
    for topic in ["first", "offsets", "members", "open", "states", "sharers"] {
        bench.create(topic)?;
    }
    // These make the topics of offsets, of transactions and of the states of share groups, which are no part of the figures.
    Held::start(tools, &broker, "idle", &["--topic", "first"])?.end()?;
    Held::start(tools, &broker, "transactions", &["--topic", "first"])?.end()?;
    Held::start(tools, &broker, "shares", &["--topic", "first", "--groups", "1000"])?.end()?;

    let groups = GROUPS.to_string();
    for (what, topic, members, row) in [
        ("idle", "offsets", "0", "memory of an idle group: one offset, no members"),
        ("idle", "members", "1", "memory of an idle group: one offset, one member"),
        ("shares", "states", "0", "memory of an idle share group: four partitions, no members"),
        ("shares", "sharers", "1", "memory of an idle share group: four partitions, one member"),
    ] {
        std::thread::sleep(REST);
        let before = broker.resident_mb()?;
        let arguments =
            ["--topic", topic, "--groups", &groups, "--members", members, "--connections", CONNECTIONS];
        let idle = Held::start(tools, &broker, what, &arguments)?;
        std::thread::sleep(REST);
        round.insert(row, (broker.resident_mb()? - before) * 1e3 / f64::from(GROUPS));
        idle.end()?;
    }

    std::thread::sleep(REST);
    let before = broker.resident_mb()?;
    let transactions = TRANSACTIONS.to_string();
    let arguments = ["--topic", "open", "--transactions", &transactions, "--connections", CONNECTIONS];
    let mut open = Held::start(tools, &broker, "transactions", &arguments)?;
    std::thread::sleep(REST);
    let memory = (broker.resident_mb()? - before) * 1e3 / f64::from(TRANSACTIONS);
    round.insert("memory of an open transaction", memory);
    round.insert("1,000 transactions, until all are open with a record", open.began("opened_ms")?);
    open.order()?;
    round.insert("the same, until all are committed", open.next("committed_ms")?);
    open.end()
}
