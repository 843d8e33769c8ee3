//! Sessions against a model that answers everything always.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::cache::{EVICTION, FetchSessions};
use super::*;

fn wanted(partition: i32, fetch_offset: i64) -> Wanted {
    Wanted {
        topic: TopicKey::Id(Uuid([1; 16])),
        known_as: None,
        partition,
        fetch_offset,
        max_bytes: 1 << 20,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
    }
}

fn at(high_watermark: i64) -> Answered {
    Answered { failed: false, has_records: false, diverged: false, high_watermark, log_start_offset: 0 }
}

fn session(partitions: i32) -> FetchSession {
    let all: Vec<_> = (0..partitions).map(|p| wanted(p, 0)).collect();
    FetchSession::begin(true, all.iter().map(|w| (w, at(0))))
}

#[derive(Clone, Debug)]
enum Step {
    Request { moved: Vec<(i32, i64)>, forgotten: Vec<i32> },
    Appended { partition: i32, records: i64 },
    Failing { partition: i32, failing: bool },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (prop::collection::vec((0..6i32, 0..5i64), 0..3), prop::collection::vec(0..6i32, 0..2))
            .prop_map(|(moved, forgotten)| Step::Request { moved, forgotten }),
        2 => (0..6i32, 1..4i64).prop_map(|(partition, records)| Step::Appended { partition, records }),
        1 => (0..6i32, any::<bool>()).prop_map(|(partition, failing)| Step::Failing { partition, failing }),
    ]
}

proptest! {
    /// A consumer that keeps the last answer it got for each partition always knows what is so now.
    #[test]
    fn what_is_not_said_is_still_so(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut session = session(0);
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        let mut failing: BTreeMap<i32, bool> = BTreeMap::new();
        let mut asked: BTreeMap<i32, i64> = BTreeMap::new();
        let mut known: BTreeMap<i32, Answered> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Appended { partition, records } => *ends.entry(partition).or_default() += records,
                Step::Failing { partition, failing: is } => { failing.insert(partition, is); }
                Step::Request { moved, forgotten } => {
                    asked.extend(moved.iter().copied());
                    forgotten.iter().for_each(|p| { asked.remove(p); known.remove(p); });
                    let keys: Vec<_> = forgotten.iter().map(|p| (TopicKey::Id(Uuid([1; 16])), *p)).collect();
                    session.update(moved.iter().map(|(p, o)| wanted(*p, *o)).collect(), keys);
                    let all = session.wanted();
                    let mut partitions: Vec<_> = all.iter().map(|w| w.partition).collect();
                    partitions.sort_unstable();
                    prop_assert_eq!(&partitions, &asked.keys().copied().collect::<Vec<_>>());
                    for one in all {
                        prop_assert_eq!(one.fetch_offset, asked[&one.partition]);
                        let end = ends.get(&one.partition).copied().unwrap_or(0);
                        let failed = failing.get(&one.partition).copied().unwrap_or(false);
                        let truth = Answered {
                            failed,
                            has_records: !failed && one.fetch_offset < end,
                            high_watermark: if failed { -1 } else { end },
                            log_start_offset: if failed { -1 } else { 0 },
                            diverged: false,
                        };
                        if session.must_say(&one, truth) {
                            known.insert(one.partition, truth);
                        } else {
                            let unsaid = known[&one.partition];
                            prop_assert_eq!((unsaid.high_watermark, unsaid.log_start_offset), (truth.high_watermark, truth.log_start_offset));
                            prop_assert!(!truth.failed && !truth.has_records && !unsaid.failed);
                        }
                    }
                }
            }
        }
    }

    /// However sessions come and go, slots are not exceeded and the books agree.
    #[test]
    fn slots_are_never_exceeded(steps in prop::collection::vec((0..4u8, 0..12usize, 0..200u64), 1..200)) {
        let mut sessions = FetchSessions::new(5);
        let mut now = Instant::now();
        let mut ids = Vec::new();
        let mut random = 0u64;
        for (kind, index, seconds) in steps {
            now += Duration::from_secs(seconds);
            match kind {
                0 | 1 => {
                    let id = sessions.insert(now, session(i32::try_from(index).unwrap()), || {
                        random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
                        random
                    });
                    if id != 0 {
                        prop_assert!(!ids.contains(&id));
                        ids.push(id);
                    }
                }
                2 if !ids.is_empty() => sessions.touch(now, ids[index % ids.len()], index),
                3 if !ids.is_empty() => sessions.remove(ids.swap_remove(index % ids.len())),
                _ => {}
            }
            ids.retain(|id| sessions.get(*id).is_some());
            prop_assert!(sessions.len() <= 5);
            prop_assert_eq!(sessions.len(), ids.len());
        }
    }
}

#[test]
fn epochs_count_up_and_skip_the_initial_one() {
    assert_eq!((next_epoch(0), next_epoch(1), next_epoch(i32::MAX), next_epoch(-1)), (1, 2, 1, -1));
    let mut session = session(1);
    assert_eq!((session.epoch(), session.advance(), session.epoch()), (1, 2, 2));
}

#[test]
fn a_partition_that_gave_records_waits_for_its_next_turn() {
    let mut session = session(3);
    let first = session.wanted().remove(0);
    assert!(session.must_say(&first, Answered { has_records: true, ..at(5) }));
    let order: Vec<_> = session.wanted().iter().map(|w| w.partition).collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn a_full_cache_gives_a_slot_to_whoever_has_more_right() {
    let start = Instant::now();
    let mut ids = 1..;
    let mut random = move || (ids.next().unwrap() as u64) << 33;
    let mut sessions = FetchSessions::new(2);
    let small = sessions.insert(start, session(1), &mut random);
    let large = sessions.insert(start, session(9), &mut random);
    // Nobody is idle or old enough.
    assert_eq!(sessions.insert(start + Duration::from_secs(1), session(5), &mut random), 0);
    // Both are in use and old; the smaller gives way to a larger one.
    let later = start + EVICTION + Duration::from_secs(1);
    sessions.touch(later, small, 1);
    sessions.touch(later, large, 9);
    assert_eq!(sessions.insert(later, session(1), &mut random), 0);
    assert_ne!(sessions.insert(later, session(5), &mut random), 0);
    assert!(sessions.get(small).is_none() && sessions.get(large).is_some());
    // One that is idle gives way to any.
    let idle = later + EVICTION + Duration::from_secs(1);
    sessions.touch(idle, large, 9);
    assert_ne!(sessions.insert(idle, session(0), &mut random), 0);
    assert!(sessions.get(large).is_some());
}

#[test]
fn a_partition_named_twice_is_read_once_at_its_last_offset() {
    let kept = without_repeats(vec![wanted(0, 1), wanted(1, 2), wanted(0, 3)]);
    assert_eq!(kept, [wanted(0, 3), wanted(1, 2)]);
}
