//! The machine against what Kafka 4.3.1 wrote, and against its own records.

use proptest::prelude::*;

use super::*;
use crate::config::BrokerConfig;
use crate::coordinator::{CoordinatorRecord, batches};
use ottla_protocol::records::Compression;
use ottla_protocol::wire::{Str, Uuid};

/// Where the part of a batch begins that the log does not set.
const MAGIC_AT: usize = 16;

/// What Kafka 4.3.1 wrote for a console consumer that accepted six records of ten and left.
const KAFKAS: [(i64, &str); 3] = [
    (
        0x1a2_0521_0eb0,
        "00000000000000000000007b0000000002f7741743000000000000000001a205210eb0000001a205210eb0ffffffffffffffff\
         ffff00000000000000019001000000340000000273677180 59277d6a4741a92cbd11d6a629d0000000015000000000000000\
         00000200000000ffffffffffffffff000001a205210eb0000001a205210eb0010000",
    ),
    (
        0x1a2_0521_1a57,
        "0000000000000001000000810000000002 2e37d849000000000000000001a205211a57000001a205211a57ffffffffffffffff\
         ffff00000000000000019c0100000034000100027367718059277d6a4741a92cbd11d6a629d0000000015c0000000000000000\
         00000000000000000000020000000000000000000000000000000502000100010004 00000006 00",
    ),
    (
        0x1a2_0521_1a68,
        "00000000000000020000008100000000028d936424000000000000000001a205211a68000001a205211a68ffffffffffffffff\
         ffff00000000000000019c0100000034000100027367718059277d6a4741a92cbd11d6a629d0000000015c0000000000000000\
         000000000000000000060200000000000000060000000000000009000001000100040000000000",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn states(updates_per_snapshot: u32) -> ShareStates {
    let mut settings = Settings::new(&BrokerConfig::new());
    settings.updates_per_snapshot = updates_per_snapshot;
    ShareStates::with(&settings)
}

fn key() -> SharePartitionKey {
    let id: Uuid = "cYBZJ31qR0GpLL0R1qYp0A".parse().unwrap();
    SharePartitionKey::new(&Str::from("sg"), id, 1)
}

/// Takes in what was decided; returns the answer.
fn perform(states: &mut ShareStates, mut effects: Effects, log: &mut Vec<ShareRecord>) -> Answer {
    for record in &effects.records {
        states.replay(record);
    }
    log.append(&mut effects.records);
    effects.answers.remove(0).1
}

fn write(start_offset: i64, complete: i32, batches: Vec<StateBatch>) -> Write {
    Write { state_epoch: 2, leader_epoch: 0, start_offset, delivery_complete_count: complete, batches }
}

#[test]
fn states_are_written_byte_by_byte_as_kafka_writes_them() {
    let mut states = states(500);
    let mut log = Vec::new();
    let (key, token) = (key(), Token(0));
    let effects = states.initialize(token, &key, (2, -1), true, KAFKAS[0].0);
    perform(&mut states, effects, &mut log);
    let accepted = StateBatch { first: 0, last: 5, state: 2, deliveries: 1 };
    let effects = states.write(token, &key, &write(0, 6, vec![accepted]), true, 0);
    perform(&mut states, effects, &mut log);
    let released = StateBatch { first: 6, last: 9, state: 0, deliveries: 1 };
    let effects = states.write(token, &key, &write(6, 0, vec![released]), true, 0);
    perform(&mut states, effects, &mut log);
    for (record, (now_ms, kafkas)) in log.into_iter().zip(KAFKAS) {
        let ours = batches(std::slice::from_ref(&record), 1 << 20, Compression::None, now_ms, None).unwrap();
        assert_eq!(ours[MAGIC_AT..], bytes(kafkas)[MAGIC_AT..], "{record:?}");
    }
}

#[test]
fn writers_of_the_past_are_refused() {
    let mut states = states(500);
    let mut log = Vec::new();
    let (key, token) = (key(), Token(0));
    let refused = states.write(token, &key, &write(0, 0, Vec::new()), true, 0);
    assert_eq!(perform(&mut states, refused, &mut log), Answer::Refused(WRITE_UNINITIALIZED));
    let effects = states.initialize(token, &key, (2, -1), true, 0);
    assert_eq!(perform(&mut states, effects, &mut log), Answer::Done);
    let effects = states.initialize(token, &key, (1, -1), true, 0);
    let fenced = Answer::Refused((ErrorCode::FENCED_STATE_EPOCH, None));
    assert_eq!(perform(&mut states, effects, &mut log), fenced);
    // A write fences nobody, whatever epochs it names.
    let ahead = Write { leader_epoch: 9, state_epoch: 9, ..write(0, 0, Vec::new()) };
    let effects = states.write(token, &key, &ahead, true, 0);
    assert_eq!(perform(&mut states, effects, &mut log), Answer::Done);
    let effects = states.read(token, &key, 7, true, 0);
    assert!(matches!(perform(&mut states, effects, &mut log), Answer::State(_)));
    let effects = states.write(token, &key, &write(0, 0, Vec::new()), true, 0);
    let fenced = Answer::Refused((ErrorCode::FENCED_LEADER_EPOCH, None));
    assert_eq!(perform(&mut states, effects, &mut log), fenced);
}

proptest! {
    /// However often a snapshot is written, the states come to the same, and so does what the log says of them.
    #[test]
    fn what_is_replayed_is_what_was(
        writes in prop::collection::vec(
            (0..30i64, prop::collection::vec((0..40i64, 0..9i64, prop::sample::select(vec![0i8, 2, 4]), 1..4i16), 0..4)),
            0..20
        ),
        per_snapshot in 0..4u32,
    ) {
        let (mut often, mut never) = (states(per_snapshot), states(u32::MAX));
        let (mut log, mut other) = (Vec::new(), Vec::new());
        let (key, token) = (key(), Token(0));
        for states in [&mut often, &mut never] {
            let effects = states.initialize(token, &key, (2, -1), true, 5);
            perform(states, effects, &mut log);
        }
        log.pop();
        let mut start = 0;
        for (by, batches) in writes {
            start = start.max(by);
            let batches = batches.into_iter().map(|(first, more, state, deliveries)| StateBatch {
                first, last: first + more, state, deliveries,
            });
            let write = write(start, 0, batches.collect());
            let effects = often.write(token, &key, &write, true, 6);
            prop_assert_eq!(perform(&mut often, effects, &mut log), Answer::Done);
            let effects = never.write(token, &key, &write, true, 6);
            prop_assert_eq!(perform(&mut never, effects, &mut other), Answer::Done);
            let mut replayed = states(per_snapshot);
            for record in &log {
                let (key, value) = record.encode().unwrap();
                replayed.replay(&ShareRecord::decode(&key, value.as_ref()).unwrap().unwrap());
            }
            prop_assert_eq!(&replayed.states, &often.states);
            prop_assert_eq!(&never.states[&key].batches, &often.states[&key].batches);
        }
    }
}
