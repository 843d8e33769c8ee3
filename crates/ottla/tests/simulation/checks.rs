//! What must hold of a whole history and of what is left on the disk in the end.
//!
//! The names of the anomalies are those of jepsen.tests.kafka, so that others can compare.

use std::collections::BTreeMap;

use ottla::client::TopicPartition;

use crate::history::{Inner, Outcome, SendId, Sent};

/// What the last reader found in each partition.
pub(crate) type Finally = BTreeMap<TopicPartition, BTreeMap<i64, SendId>>;

/// Checks a history against the last read of every partition, which is what everybody saw at the end.
pub(crate) fn check(history: &mut Inner, finally: &Finally) {
    let mut problems = Vec::new();
    durability(history, finally, &mut problems);
    visibility(history, finally, &mut problems);
    once(history, finally, &mut problems);
    order(history, finally, &mut problems);
    for problem in problems {
        history.problem(problem);
    }
}

/// lost-write: what was acknowledged is at its offset.
fn durability(history: &Inner, finally: &Finally, problems: &mut Vec<String>) {
    for (id, sent) in history.sends.iter().enumerate() {
        let Outcome::Ok(Some(offset)) = sent.outcome else { continue };
        if !is_promised(history, sent) {
            continue;
        }
        let found = finally.get(&sent.place).and_then(|records| records.get(&offset));
        if found != Some(&id) {
            let found = found.map_or("nothing".to_owned(), |found| history.name(*found));
            problems.push(format!("lost-write: {} is {found} at {}:{offset}", history.name(id), sent.place));
        }
    }
}

/// Whether an acknowledged record must last to the end of the history.
fn is_promised(history: &Inner, sent: &Sent) -> bool {
    // With acks=1 it survives the process, and not the power nor a sync that fails.
    let is_shaken =
        history.has_failed_calls || history.power_losses_ms.iter().any(|lost| *lost >= sent.ended_ms);
    sent.promise.is_acks_all || !is_shaken
}

/// What a reader once saw stays.
fn visibility(history: &Inner, finally: &Finally, problems: &mut Vec<String>) {
    for (place, records) in &history.seen {
        for (offset, id) in records {
            let found = finally.get(place).and_then(|records| records.get(offset));
            if found != Some(id) {
                let found = found.map_or("nothing".to_owned(), |found| history.name(*found));
                let was = history.name(*id);
                problems.push(format!("vanished: {place}:{offset} was read as {was} and is {found}"));
            }
        }
    }
}

/// duplicate: nothing is at two offsets, unless it may have been retried by who does not number its batches.
fn once(history: &Inner, finally: &Finally, problems: &mut Vec<String>) {
    let mut places: BTreeMap<SendId, Vec<i64>> = BTreeMap::new();
    for (offset, id) in finally.values().flatten() {
        places.entry(*id).or_default().push(*offset);
    }
    for (id, offsets) in places {
        let sent = &history.sends[id];
        if sent.outcome == Outcome::Fail {
            problems.push(format!("aborted-read: {} is at {}:{offsets:?}", history.name(id), sent.place));
        }
        let end_ms = if sent.ended_ms == 0 { u64::MAX } else { sent.ended_ms };
        let is_disrupted = history.has_random_cuts
            || history.disruptions_ms.iter().any(|at| (sent.begun_ms..=end_ms).contains(at));
        if offsets.len() > 1 && (sent.promise.is_idempotent || !is_disrupted) {
            problems.push(format!("duplicate: {} is at {}:{offsets:?}", history.name(id), sent.place));
        }
    }
}

/// nonmonotonic-send: what one producer sent to one partition stands in the order it was sent, acknowledged or not.
fn order(history: &Inner, finally: &Finally, problems: &mut Vec<String>) {
    for (place, records) in finally {
        let mut last: BTreeMap<usize, SendId> = BTreeMap::new();
        for (offset, id) in records {
            let sent = &history.sends[*id];
            if !sent.promise.is_idempotent {
                continue;
            }
            let before = last.insert(sent.producer, *id);
            if let Some(before) = before.filter(|before| history.sends[*before].number > sent.number) {
                let (before, now) = (history.name(before), history.name(*id));
                problems.push(format!("nonmonotonic-send: {now} is at {place}:{offset}, behind {before}"));
            }
        }
    }
}
