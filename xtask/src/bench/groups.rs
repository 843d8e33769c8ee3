//! What consumer groups cost the broker: many idle ones, and one with many members.
//!
//! Both brokers begin a first generation without delay here, so that the figures are the broker's work
//! and not its patience. Members send a heartbeat each three seconds while idle, and five a second where it is
//! measured how soon a group is in order again after a member left: they hear of it by a heartbeat.

use super::measured::{Measured, Mode};
use super::rows::{Line, Round};
use super::{Plan, Tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// How long the idle groups are watched.
const WATCHED: Duration = Duration::from_secs(9);

/// Measures the rows of groups on one broker.
pub(super) fn measure(kind: Kind, plan: &Plan, tools: &Tools, round: &mut Round) -> Outcome {
    let no_delay = "group.initial.rebalance.delay.ms=0";
    let mut broker = Measured::new(kind, Mode::Os, &[no_delay], plan, tools)?;
    broker.serve()?;
    // Makes the topic of offsets, which is no part of the figures.
    Members::join(tools, &broker, "first", 1, 1, 3_000)?.end()?;

    let mut large = Members::join(tools, &broker, "large", 1, 500, 200)?;
    round.insert("a group of 500 members, until all are in it", large.settled_ms);
    round.insert("the same, after one has left", large.one_leaves()?);
    large.end()?;

    std::thread::sleep(Duration::from_secs(1));
    let before = broker.resident_mb()?;
    let idle = Members::join(tools, &broker, "idle", 1_000, 1, 3_000)?;
    round.insert("1,000 groups of one member, until all are in order", idle.settled_ms);
    let cpu = broker.cpu_seconds()?;
    std::thread::sleep(WATCHED);
    let cpu = broker.cpu_seconds()? - cpu;
    round.insert("broker CPU for these, idle, per second", cpu * 1e3 / WATCHED.as_secs_f64());
    round.insert("broker memory for these, connections and all", broker.resident_mb()? - before);
    idle.end()
}

/// Groups whose members are tasks of a load program, as long as it runs.
struct Members {
    child: Child,
    orders: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
    settled_ms: f64,
}

impl Members {
    fn join(
        tools: &Tools,
        broker: &Measured,
        name: &str,
        groups: u32,
        members: u32,
        heartbeat_ms: u32,
    ) -> Outcome<Self> {
        let mut command = Command::new(&tools.load);
        command.args(["groups", "--bootstrap", &broker.bootstrap, "--topic", name]);
        command.args(["--groups", &groups.to_string(), "--members", &members.to_string()]);
        command.args(["--heartbeat-ms", &heartbeat_ms.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        let orders = child.stdin.take();
        let mut members = Self { child, orders, said, settled_ms: 0.0 };
        members.settled_ms = members.next("settled_ms")?;
        Ok(members)
    }

    /// Lets a member leave; milliseconds until the others are in order again.
    fn one_leaves(&mut self) -> Outcome<f64> {
        use std::io::Write;
        writeln!(self.orders.as_mut().ok_or("no standard input")?)?;
        self.next("resettled_ms")
    }

    fn next(&mut self, key: &str) -> Outcome<f64> {
        let line = self.said.next().ok_or("load groups ended early")??;
        eprintln!("  groups: {line}");
        Line::new(line).field(key)
    }

    /// Ends the program; the members leave nothing behind but what their sessions hold.
    fn end(mut self) -> Outcome {
        self.orders = None;
        if self.child.wait()?.success() { Ok(()) } else { Err("load groups failed".into()) }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        // Ended long ago, unless a step in between failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
