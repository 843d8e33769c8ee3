//! A load program that holds what it made until it is let go: members of groups, open transactions.

use super::Tools;
use super::measured::Measured;
use super::rows::Line;
use crate::outcome::Outcome;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A program that takes an order by each line of its standard input, and ends with that.
pub(super) struct Held {
    child: Child,
    orders: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
    /// Its first line: it has made what it holds.
    began: Line,
}

impl Held {
    /// Starts a subcommand of the load program, and waits for its first line.
    pub(super) fn start(tools: &Tools, broker: &Measured, what: &str, arguments: &[&str]) -> Outcome<Self> {
        let mut command = Command::new(&tools.load);
        command.args([what, "--bootstrap", &broker.bootstrap]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        let orders = child.stdin.take();
        let mut held = Self { child, orders, said, began: Line::new(String::new()) };
        held.began = held.line()?;
        Ok(held)
    }

    /// Groups with so many members each, on a connection each.
    pub(super) fn groups(
        tools: &Tools,
        broker: &Measured,
        name: &str,
        groups: u32,
        members: u32,
        heartbeat_ms: u32,
    ) -> Outcome<Self> {
        let (groups, members) = (groups.to_string(), members.to_string());
        let heartbeat_ms = heartbeat_ms.to_string();
        let arguments =
            ["--topic", name, "--groups", &groups, "--members", &members, "--heartbeat-ms", &heartbeat_ms];
        Self::start(tools, broker, "groups", &arguments)
    }

    /// A figure of its first line.
    pub(super) fn began(&self, key: &str) -> Outcome<f64> {
        self.began.field(key)
    }

    /// Gives it its next order.
    pub(super) fn order(&mut self) -> Outcome {
        Ok(writeln!(self.orders.as_mut().ok_or("no standard input")?)?)
    }

    /// Waits for its next line, and takes a figure of that.
    pub(super) fn next(&mut self, key: &str) -> Outcome<f64> {
        self.line()?.field(key)
    }

    /// Waits for its next line.
    pub(super) fn line(&mut self) -> Outcome<Line> {
        let line = self.said.next().ok_or("a load program ended early")??;
        eprintln!("  {line}");
        Ok(Line::new(line))
    }

    /// Lets it go; it leaves nothing behind but what its sessions hold.
    pub(super) fn end(mut self) -> Outcome {
        self.orders = None;
        // What it says at its end is of no interest, but it must be able to say it.
        for line in self.said.by_ref() {
            line?;
        }
        if self.child.wait()?.success() { Ok(()) } else { Err("a load program failed".into()) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Ended long ago, unless a step in between failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
