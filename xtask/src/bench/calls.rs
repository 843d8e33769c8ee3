//! System calls and context switches of the broker for each request, counted by `perf` on short runs of their own.

use super::Plan;
use super::rows::{Bench, Line, Round, in_flight};
use crate::outcome::Outcome;
use std::process::Command;

const EVENTS: [&str; 2] = ["raw_syscalls:sys_enter", "context-switches"];

/// Connections with one request in flight each, and the rows of the two events.
const RUNS: [(u64, [&str; 2]); 2] = [
    (
        1,
        [
            "system calls of the broker a request, one in flight",
            "context switches of the broker a request, one in flight",
        ],
    ),
    (
        64,
        [
            "system calls of the broker a request, 64 in flight",
            "context switches of the broker a request, 64 in flight",
        ],
    ),
];

/// Counts on a topic that is there; without `perf`, or where it may not count, says so and goes on.
pub(super) fn measure(plan: &Plan, bench: &Bench<'_>, topic: &str, round: &mut Round) -> Outcome {
    for (connections, rows) in RUNS {
        let requests = (100_000 * plan.load_percent / 100).max(6_400);
        let counts = plan.folder.join("perf.csv");
        let output = Command::new("perf")
            .args(["stat", "--field-separator", ",", "--event", &EVENTS.join(","), "--output"])
            .arg(&counts)
            .args(["--pid", &bench.broker.pid()?.to_string(), "--"])
            .arg(&bench.tools.load)
            .args(in_flight(&bench.broker.bootstrap, topic, connections, requests))
            .output();
        let said = match output {
            Ok(output) if output.status.success() => output,
            Ok(output) => {
                eprintln!("  perf counts nothing here: {}", String::from_utf8_lossy(&output.stderr).trim());
                return Ok(());
            }
            Err(error) => {
                eprintln!("  no perf: {error}");
                return Ok(());
            }
        };
        let served = Line::new(String::from_utf8(said.stdout)?).field("records")?;
        let text = std::fs::read_to_string(&counts)?;
        for (event, row) in EVENTS.into_iter().zip(rows) {
            match counted(&text, event) {
                Some(count) => drop(round.insert(row, count / served)),
                None => eprintln!("  perf does not count {event} here"),
            }
        }
        std::fs::remove_file(&counts)?;
    }
    Ok(())
}

/// How often an event was there, in the form `count,unit,event,...`.
fn counted(text: &str, event: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields.get(2) == Some(&event)).then(|| fields[0].parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn an_event_that_could_not_be_counted_is_none() {
        let text = "# started on Mon\n\n12345,,raw_syscalls:sys_enter,5172868,100.00,,\n<not counted>,,context-switches,0,0.00,,\n";
        assert_eq!(counted(text, "raw_syscalls:sys_enter"), Some(12345.0));
        assert_eq!(counted(text, "context-switches"), None);
        assert_eq!(counted(text, "cycles"), None);
    }
}
