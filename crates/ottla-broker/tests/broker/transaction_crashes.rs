//! The power fails at every single change of the disk while transactions go on: each ends for all of its partitions, and the
//! offsets of its group, or for none; one whose commit was answered is committed, and nothing hangs.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::records::Batch;
use ottla_protocol::wire::{Records, Uuid};

use crate::fetch::{only, request};
use crate::harness::{End, Kit, text};
use crate::transactional::Transactional;
use crate::transactional_offsets::{GROUP, code, fetch, request as offsets};

const PARTITIONS: i32 = 3;
/// More calls than a transaction takes to be over.
const CALLS_MAX: usize = 1_000;

/// How many committed records a reader is given of a partition; nothing may be open in it.
async fn visible(kit: &mut Kit, topic: Uuid, index: i32) -> i32 {
    let mut request = request(&[(topic, index, 0)]);
    request.isolation_level = 1;
    let response = kit.call(18, &request).await;
    let answer = only(&response);
    assert_eq!(answer.error_code, ErrorCode::NONE);
    assert_eq!(answer.last_stable_offset, answer.high_watermark, "a transaction hangs in partition {index}");
    let aborted: Vec<_> = answer.aborted_transactions.iter().flatten().map(|one| one.first_offset).collect();
    let mut bytes = answer.records.clone().map(Records::into_bytes).unwrap_or_default();
    let mut records = 0;
    while let Some(batch) = Batch::split_first(&mut bytes).unwrap() {
        let header = batch.header();
        if !header.attributes.is_control() && !aborted.contains(&header.base_offset) {
            records += header.records_count;
        }
    }
    records
}

/// A producer of the same id starts: what was under way is over then.
async fn take_over(kit: &mut Kit) {
    for _ in 0..CALLS_MAX {
        if Transactional::try_new(kit, "t").await.is_ok() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the transaction is not over");
}

/// A transaction over all partitions and a group's offset; whether its end was answered.
async fn transaction(kit: &mut Kit, producer: &mut Transactional, commits: bool) -> bool {
    for index in 0..PARTITIONS {
        if producer.code(kit, 12, index, 0).await.is_err() {
            return false;
        }
    }
    if code(kit, 5, &offsets(producer, &[1])).await.is_err() {
        return false;
    }
    producer.end(kit, 5, commits).await.is_none()
}

#[tokio::test(start_paused = true)]
async fn a_transaction_ends_for_all_of_its_partitions_or_none_wherever_the_power_fails() {
    for commits in [true, false] {
        let (mut all, mut none) = (0, 0);
        for nth in 1.. {
            let mut kit = Kit::new().await;
            let topic = kit.create("a", PARTITIONS, &[]).await;
            let mut coordinator = FindCoordinatorRequest::default();
            coordinator.coordinator_keys = vec![text(GROUP)];
            kit.call(4, &coordinator).await;
            let mut producer = Transactional::new(&mut kit, "t").await;
            kit.disk.power_off_at(nth);
            let is_answered = transaction(&mut kit, &mut producer, commits).await;
            if !kit.disk.is_dead() {
                assert!(is_answered && nth > 10, "the power has failed {nth} times");
                break;
            }
            let mut kit = kit.reopened(End::PowerLoss(nth)).await;
            take_over(&mut kit).await;
            let mut seen = Vec::new();
            for index in 0..PARTITIONS {
                seen.push(visible(&mut kit, topic, index).await);
            }
            let [offset, _] = fetch(&mut kit, true).await;
            match (&seen[..], offset) {
                ([1, 1, 1], Ok(1)) if commits => all += 1,
                ([0, 0, 0], Ok(-1)) if !commits || !is_answered => none += 1,
                _ => panic!(
                    "the {nth}th change: {seen:?} and {offset:?}, answered: {is_answered}, a commit: {commits}"
                ),
            }
        }
        assert!(none > 0 && (all > 0) == commits, "{all} of all, {none} of none");
    }
}
