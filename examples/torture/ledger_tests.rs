//! Each way to break a promise is found.

use super::*;

fn place() -> TopicPartition {
    TopicPartition::new("topic", 0)
}

/// A ledger of four records that one writer had acknowledged.
fn ledger(keeps: Keeps) -> Ledger {
    let ledger = Ledger::default();
    ledger.add_topic("topic", 1, keeps);
    let writer = ledger.add_writer(&place());
    for offset in 0..4 {
        let stamp = ledger.sending(writer);
        ledger.acknowledged(&place(), stamp, offset);
    }
    ledger
}

/// Reads these numbers at these offsets.
fn read(ledger: &Ledger, starts: (i64, i64), records: &[(i64, u64)]) -> Vec<String> {
    let found =
        records.iter().map(|(offset, number)| (*offset, Some((Stamp { writer: 0, number: *number }, 10))));
    let reading = Reading { starts, end: 4, found: found.collect(), is_calm: true };
    ledger.check_reading(&place(), &reading);
    ledger.problems()
}

const ALL: [(i64, u64); 4] = [(0, 0), (1, 1), (2, 2), (3, 3)];

#[test]
fn what_is_all_there_is_well() {
    assert_eq!(read(&ledger(Keeps::Everything), (0, 0), &ALL), Vec::<String>::new());
}

#[test]
fn a_lost_record_is_found_at_the_end_and_in_the_middle() {
    assert_eq!(read(&ledger(Keeps::Everything), (0, 0), &ALL[..3]).len(), 1);
    let problems = read(&ledger(Keeps::Everything), (0, 0), &[ALL[0], ALL[1], ALL[3]]);
    assert!(problems.iter().any(|problem| problem.contains("is lost")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("nothing is before 3")), "{problems:?}");
}

#[test]
fn a_doubled_a_moved_and_an_invented_record_are_found() {
    let doubled = read(&ledger(Keeps::Everything), (0, 0), &[ALL[0], ALL[1], ALL[2], (3, 2)]);
    assert!(doubled.iter().any(|problem| problem.contains("doubled")), "{doubled:?}");
    let moved = read(&ledger(Keeps::Everything), (0, 0), &[(0, 1), (1, 0), ALL[2], ALL[3]]);
    assert!(moved.iter().any(|problem| problem.contains("out of order")), "{moved:?}");
    let invented = read(&ledger(Keeps::Everything), (0, 0), &[ALL[0], ALL[1], ALL[2], ALL[3], (4, 4)]);
    assert_eq!(invented.len(), 1, "{invented:?}");
}

#[test]
fn what_was_seen_once_stays() {
    let ledger = ledger(Keeps::Everything);
    ledger.sending(0);
    assert_eq!(read(&ledger, (0, 0), &[ALL[0], ALL[1], ALL[2], ALL[3], (4, 4)]).len(), 0);
    let bounds = ledger.bounds(&place());
    ledger.check_bounds(&place(), bounds, (0, 4));
    assert_eq!(ledger.problems().len(), 1);
}

#[test]
fn deleted_records_do_not_come_back_and_others_do_not_go() {
    let ledger = ledger(Keeps::NotDeleted);
    ledger.deleting(&place(), 2);
    ledger.deleted(&place(), 2);
    let bounds = ledger.bounds(&place());
    ledger.check_bounds(&place(), bounds, (2, 4));
    assert_eq!(ledger.problems().len(), 0);
    ledger.check_bounds(&place(), bounds, (1, 4));
    assert_eq!(ledger.problems().len(), 1);
    ledger.check_bounds(&place(), bounds, (3, 4));
    assert_eq!(ledger.problems().len(), 2);
}

#[test]
fn a_compacted_topic_keeps_the_last_record_of_each_key() {
    let known = ledger(Keeps::LastOfKey);
    let keys: Vec<u64> = (0..4).map(|number| Stamp { writer: 0, number }.key()).collect();
    assert!(keys[3] != keys[0] && keys[3] != keys[1] && keys[3] != keys[2], "{keys:?}");
    assert_eq!(read(&known, (0, 0), &ALL[..3]).len(), 1);
}

#[test]
fn a_group_does_not_go_back() {
    let ledger = ledger(Keeps::Everything);
    ledger.committed("group", &place(), 3);
    let floors = ledger.commits_of("group");
    ledger.check_commits("group", &floors, &BTreeMap::from([(place(), 3)]));
    assert_eq!(ledger.problems().len(), 0);
    ledger.check_commits("group", &floors, &BTreeMap::from([(place(), 2)]));
    ledger.check_commits("group", &floors, &BTreeMap::new());
    assert_eq!(ledger.problems().len(), 2);
}
