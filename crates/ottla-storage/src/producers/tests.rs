//! What a producer may do next, and what is remembered of it.

use super::*;

pub(super) fn claim(producer_id: i64, epoch: i16, first_sequence: i32, offset_delta: i32) -> Claim {
    Claim { producer_id, epoch, first_sequence, offset_delta, timestamp: 1000, is_transactional: false }
}

fn write(producers: &mut Producers, claim: &Claim, offset: i64) {
    assert_eq!(producers.check(claim, &Terms::default()), Ok(Verdict::New), "{claim:?}");
    producers.apply(claim, offset);
}

fn refusal(producers: &Producers, claim: &Claim) -> ProducerError {
    producers.check(claim, &Terms::default()).unwrap_err()
}

#[test]
fn the_last_five_batches_are_recognized_and_older_ones_are_out_of_order() {
    let mut producers = Producers::default();
    for n in 0..7 {
        write(&mut producers, &claim(1, 0, n * 10, 9), i64::from(n) * 10);
    }
    for n in 2..7 {
        let Ok(Verdict::Duplicate(found)) = producers.check(&claim(1, 0, n * 10, 9), &Terms::default())
        else {
            panic!("batch {n} is not recognized");
        };
        assert_eq!((found.first_offset(), found.last_offset), (i64::from(n) * 10, i64::from(n) * 10 + 9));
    }
    for n in 0..2 {
        let last_sequence = 69;
        assert_eq!(
            refusal(&producers, &claim(1, 0, n * 10, 9)),
            ProducerError::OutOfOrderSequence { producer_id: 1, epoch: 0, sequence: n * 10, last_sequence }
        );
    }
}

#[test]
fn a_batch_with_the_same_first_but_another_last_sequence_is_out_of_order() {
    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 0, 0, 9), 0);
    assert!(matches!(refusal(&producers, &claim(1, 0, 0, 8)), ProducerError::OutOfOrderSequence { .. }));
}

#[test]
fn a_gap_is_out_of_order() {
    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 0, 0, 9), 0);
    assert!(matches!(refusal(&producers, &claim(1, 0, 11, 0)), ProducerError::OutOfOrderSequence { .. }));
    write(&mut producers, &claim(1, 0, 10, 0), 10);
}

#[test]
fn an_unknown_producer_starts_anywhere() {
    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 3, 77, 0), 0);
    assert!(matches!(refusal(&producers, &claim(1, 3, 77 + 2, 0)), ProducerError::OutOfOrderSequence { .. }));
}

#[test]
fn an_old_epoch_is_refused_and_a_new_one_starts_at_zero() {
    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 5, 0, 0), 0);
    assert_eq!(
        refusal(&producers, &claim(1, 4, 1, 0)),
        ProducerError::InvalidProducerEpoch { producer_id: 1, epoch: 4, current: 5 }
    );
    assert!(matches!(
        refusal(&producers, &claim(1, 6, 1, 0)),
        ProducerError::OutOfOrderSequence { last_sequence: -1, .. }
    ));
    write(&mut producers, &claim(1, 6, 0, 0), 1);
    // The batch of the old epoch is not a duplicate of anything any more.
    assert!(matches!(refusal(&producers, &claim(1, 5, 0, 0)), ProducerError::InvalidProducerEpoch { .. }));
}

#[test]
fn sequences_wrap_within_and_between_batches() {
    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 0, i32::MAX - 1, 3), 0); // MAX-1, MAX, 0, 1
    let Ok(Verdict::Duplicate(_)) = producers.check(&claim(1, 0, i32::MAX - 1, 3), &Terms::default()) else {
        panic!("a batch over the wrap is not recognized");
    };
    write(&mut producers, &claim(1, 0, 2, 0), 4);

    let mut producers = Producers::default();
    write(&mut producers, &claim(1, 0, i32::MAX, 0), 0);
    write(&mut producers, &claim(1, 0, 0, 0), 1);
}

#[test]
fn sequence_arithmetic_is_its_own_inverse() {
    for (sequence, add) in [(0, 0), (0, i32::MAX), (i32::MAX, 1), (i32::MAX, i32::MAX), (5, i32::MAX - 3)] {
        let sum = add_to_sequence(sequence, add);
        assert!(sum >= 0);
        assert_eq!(subtract_from_sequence(sum, add), sequence, "{sequence} + {add}");
    }
}

#[test]
fn taking_changes_back_restores_what_was() {
    let mut producers = Producers::default();
    for n in 0..6 {
        producers.apply(&claim(1, 0, n, 0), i64::from(n));
    }
    let before = producers.clone();
    let mut transactional = claim(1, 1, 0, 0);
    transactional.is_transactional = true;
    let mut undo = vec![producers.apply(&transactional, 6), producers.apply(&claim(2, 0, 0, 0), 7)];
    undo.push(producers.apply_marker(1, 1, 3, 5, Some(99)).0);
    assert_ne!(producers, before);
    for undo in undo.iter().rev() {
        producers.undo(undo);
    }
    assert_eq!(producers, before);
}

#[test]
fn an_open_transaction_holds_the_stable_offset_until_its_marker() {
    let mut producers = Producers::default();
    let mut first = claim(1, 0, 0, 0);
    first.is_transactional = true;
    write(&mut producers, &first, 10);
    let mut second = claim(2, 0, 0, 0);
    second.is_transactional = true;
    write(&mut producers, &second, 20);
    assert_eq!(producers.first_unstable(), Some(10));
    assert_eq!(
        refusal(&producers, &claim(1, 0, 1, 0)),
        ProducerError::InvalidTransactionState { producer_id: 1 }
    );
    assert_eq!(producers.check_marker(1, 0, 3, 0), Ok(()));
    assert_eq!(producers.apply_marker(1, 0, 3, 1000, Some(99)).1, Some(10));
    assert_eq!(producers.first_unstable(), Some(20));
    assert_eq!(
        producers.check_marker(1, 0, 2, 0),
        Err(ProducerError::CoordinatorFenced { producer_id: 1, epoch: 2, current: 3 })
    );
}

#[test]
fn a_marker_of_version_two_raises_the_epoch_and_may_be_sent_again() {
    let mut producers = Producers::default();
    let begin = |producers: &mut Producers, epoch, offset| {
        let mut claim = claim(1, epoch, 0, 0);
        claim.is_transactional = true;
        write(producers, &claim, offset);
    };
    begin(&mut producers, 4, 10);
    let refused =
        |epoch, current| Err(ProducerError::InvalidProducerEpoch { producer_id: 1, epoch, current });
    assert_eq!(producers.check_marker(1, 4, 0, 1), Ok(()), "before version 2 the epoch stays");
    assert_eq!(producers.check_marker(1, 4, 0, 2), refused(4, 4));
    assert_eq!(producers.check_marker(1, 3, 0, 2), refused(3, 4));
    assert_eq!(producers.check_marker(1, 5, 0, 2), Ok(()));
    assert_eq!(producers.apply_marker(1, 5, 0, 1000, Some(99)).1, Some(10));
    // The same marker once more, and one of a producer that never wrote.
    assert_eq!(producers.check_marker(1, 5, 0, 2), Ok(()));
    assert_eq!(producers.apply_marker(1, 5, 0, 1000, Some(99)).1, None);
    assert_eq!(producers.check_marker(9, 0, 0, 2), Ok(()));
    // What comes next is of the raised epoch and starts at 0.
    assert!(matches!(refusal(&producers, &claim(1, 4, 1, 0)), ProducerError::InvalidProducerEpoch { .. }));
    assert!(matches!(refusal(&producers, &claim(1, 5, 1, 0)), ProducerError::OutOfOrderSequence { .. }));
    begin(&mut producers, 5, 20);
    // The last epoch of all cannot be raised.
    let mut last = claim(2, i16::MAX, 0, 0);
    last.is_transactional = true;
    write(&mut producers, &last, 30);
    assert_eq!(producers.check_marker(2, i16::MAX, 0, 2), Ok(()));
}

#[test]
fn the_silent_are_forgotten_unless_their_transaction_is_open() {
    let mut producers = Producers::default();
    producers.apply(&claim(1, 0, 0, 0), 0);
    let mut open = claim(2, 0, 0, 0);
    open.is_transactional = true;
    producers.apply(&open, 1);
    producers.expire(1999, 1000);
    assert_eq!(producers.iter().len(), 2);
    producers.expire(2000, 1000);
    assert_eq!(producers.iter().map(|(id, _)| id).collect::<Vec<_>>(), [2]);
}

fn transactional(epoch: i16, first_sequence: i32) -> Claim {
    Claim { is_transactional: true, ..claim(1, epoch, first_sequence, 0) }
}

#[test]
fn a_batch_whose_transaction_ended_since_its_guard_was_taken_is_refused() {
    let mut producers = Producers::default();
    let guarded = |producers: &Producers, claim: &Claim, guard| {
        producers.check(claim, &Terms { guard: Some(guard), ..Terms::default() })
    };
    let ended = Err(ProducerError::TransactionEnded { producer_id: 1 });
    let before_all = producers.guard(1, 0);
    assert!(!before_all.is_open);
    assert_eq!(guarded(&producers, &transactional(0, 0), before_all), Ok(Verdict::New));
    // The end comes before the first record of the transaction.
    producers.apply_marker(1, 0, 3, 1000, Some(10));
    assert_eq!(guarded(&producers, &transactional(0, 0), before_all), ended);
    let second = producers.guard(1, 0);
    assert_eq!(guarded(&producers, &transactional(0, 0), second), Ok(Verdict::New));
    producers.apply(&transactional(0, 0), 11);
    assert!(producers.guard(1, 0).is_open);
    assert!(!producers.guard(1, 1).is_open, "that of another epoch is not");
    assert_eq!(guarded(&producers, &transactional(0, 1), second), Ok(Verdict::New), "more of the same one");
    let open = producers.guard(1, 0);
    producers.apply_marker(1, 0, 3, 1000, Some(12));
    assert_eq!(guarded(&producers, &transactional(0, 1), open), ended);
    // What was written before is still recognized, and an epoch that is over is told before all.
    assert!(matches!(guarded(&producers, &transactional(0, 0), open), Ok(Verdict::Duplicate(_))));
    producers.apply_marker(1, 1, 3, 1000, Some(13));
    let old = Err(ProducerError::InvalidProducerEpoch { producer_id: 1, epoch: 0, current: 1 });
    assert_eq!(guarded(&producers, &transactional(0, 1), open), old);
    // And one that was forgotten meanwhile did not stand still either.
    let last = producers.guard(1, 1);
    producers.expire(i64::MAX, 0);
    assert_eq!(guarded(&producers, &transactional(1, 0), last), ended);
}

#[test]
fn a_producer_that_has_to_begin_at_zero_does_where_nothing_is_known_of_it() {
    let mut producers = Producers::default();
    let strictly = Terms { begins_at_zero: true, ..Terms::default() };
    assert_eq!(
        producers.check(&transactional(3, 7), &strictly),
        Err(ProducerError::OutOfOrderSequence {
            producer_id: 1,
            epoch: 3,
            sequence: 7,
            last_sequence: NO_SEQUENCE
        })
    );
    assert_eq!(producers.check(&transactional(3, 0), &strictly), Ok(Verdict::New));
    producers.apply(&transactional(3, 0), 0);
    assert_eq!(producers.check(&transactional(3, 1), &strictly), Ok(Verdict::New));
}

#[test]
fn the_batches_of_a_coordinator_have_no_sequence() {
    let mut producers = Producers::default();
    let coordinator = Terms { origin: Origin::Coordinator, ..Terms::default() };
    for n in 0..3 {
        let batch = Claim { is_transactional: true, ..claim(1, 0, NO_SEQUENCE, 4) };
        assert_eq!(producers.check(&batch, &coordinator), Ok(Verdict::New));
        producers.apply(&batch, n * 5);
    }
    producers.apply_marker(2, 1, 8, 77, Some(15));
    let told = producers.active();
    let told =
        told.iter().map(|told| (told.producer_id, told.epoch, told.last_sequence, told.last_timestamp));
    assert_eq!(told.collect::<Vec<_>>(), [(1, 0, -1, 1000), (2, 1, -1, 77)]);
    let told = producers.active();
    assert_eq!(told.iter().map(|told| told.transaction_start).collect::<Vec<_>>(), [Some(Offset(0)), None]);
    assert_eq!(told.iter().map(|told| told.coordinator_epoch).collect::<Vec<_>>(), [-1, 8]);
}
