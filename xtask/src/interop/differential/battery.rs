//! The battery of bad input: cases that are written down, each with what must come of it.
//!
//! The cases, what must come of each and the differences that are meant are in the tests of `ottla`; the example
//! `hostile` plays them against one broker and prints what came of it. Here both outcomes are compared.

use crate::brokers::{Broker, Kind};
use crate::interop::programs::{self, Programs};
use crate::outcome::Outcome;
use std::path::Path;

/// Kafka's outcome where it changes from run to run.
const ANYTHING: &str = "*";

/// One case as it went with one broker.
struct Played {
    name: String,
    outcome: String,
    /// What must come of it with ottla, and so with Kafka unless that is known to differ.
    expected: String,
    /// What Kafka does instead, and why ottla does not; empty where they agree.
    kafka: String,
    reason: String,
}

/// Plays the cases whose names contain one of the words, all if there is none, and prints what differs.
pub(super) fn play(folder: &Path, programs: &Programs, words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (ottla, kafka) = std::thread::scope(|scope| {
        let ottla = scope.spawn(|| play_on(Kind::Ottla, &folder.join("ottla"), programs, &words));
        let kafka = play_on(Kind::Kafka, &folder.join("kafka"), programs, &words);
        (ottla.join().unwrap_or_else(|_| Err("the thread panicked".into())), kafka)
    });
    report(&ottla?, &kafka?)
}

fn play_on(kind: Kind, folder: &Path, programs: &Programs, words: &[&str]) -> Outcome<Vec<Played>> {
    let mut broker = Broker::start(kind, folder, programs.starting(kind))?;
    let bootstrap = broker.bootstrap();
    let words = [&[bootstrap.as_str()], words].concat();
    let text = programs::ours(&programs.hostile, &words, "")?;
    broker.stop()?;
    text.lines().map(parse).collect()
}

fn parse(line: &str) -> Outcome<Played> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, outcome, expected, kafka, reason] = fields[..] else {
        return Err(format!("odd line {line:?}").into());
    };
    let owned = str::to_owned;
    Ok(Played {
        name: owned(name),
        outcome: owned(outcome),
        expected: owned(expected),
        kafka: owned(kafka),
        reason: owned(reason),
    })
}

/// Prints the differences that are meant, then those that are not, and fails if there are any of these.
fn report(ottla: &[Played], kafka: &[Played]) -> Outcome {
    if ottla.len() != kafka.len() || ottla.is_empty() {
        return Err(format!("{} cases with ottla, {} with Kafka", ottla.len(), kafka.len()).into());
    }
    println!("{:<62} {:<32} {:<32} why", "case that differs on purpose", "ottla", "Kafka");
    let mut meant = 0;
    for (ours, theirs) in ottla.iter().zip(kafka).filter(|(ours, _)| !ours.kafka.is_empty()) {
        println!("{:<62} {:<32} {:<32} {}", ours.name, ours.outcome, theirs.outcome, ours.reason);
        meant += 1;
    }
    let mut wrong = Vec::new();
    for (ours, theirs) in ottla.iter().zip(kafka) {
        if ours.outcome != ours.expected {
            wrong.push(format!("{}: ottla {}, not {}", ours.name, ours.outcome, ours.expected));
        }
        let expected = if theirs.kafka.is_empty() { &theirs.expected } else { &theirs.kafka };
        if theirs.outcome != *expected && expected != ANYTHING {
            wrong.push(format!("{}: Kafka {}, not {expected}", theirs.name, theirs.outcome));
        }
    }
    println!("{} cases, {meant} differ on purpose, {} are wrong", ottla.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
