//! A share group that reads committed records is handed no others, whether a transaction is open or was aborted.

use std::time::Duration;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::share_fetch::ShareFetchRequest;
use ottla_protocol::wire::Uuid;

use crate::harness::{End, Kit, batch, response};
use crate::share_groups::{ACCEPT, Member, kit, runs, set};
use crate::transactional::Transactional;

/// A group that reads committed records and has done with the first ten.
async fn stage() -> (Kit, Uuid, Member) {
    let (mut kit, topic) = kit().await;
    set(&mut kit, "share.isolation.level", "read_committed").await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(0, 9, 1)]);
    assert_eq!(member.say(&mut kit, topic, &[(0, 9, ACCEPT)]).await, ErrorCode::NONE);
    (kit, topic, member)
}

/// Two records of a transaction, and one of none behind them.
async fn open(kit: &mut Kit, producer: &Transactional) {
    for sequence in 0..2 {
        assert_eq!(producer.produce(kit, 12, "t", 0, sequence).await.error_code, ErrorCode::NONE);
    }
    assert_eq!(kit.produce("t", 0, batch(&["plain"])).await.error_code, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn records_behind_an_open_transaction_wait_until_it_is_committed() {
    let (mut kit, topic, mut member) = stage().await;
    let mut producer = Transactional::new(&mut kit, "x").await;
    open(&mut kit, &producer).await;
    assert_eq!(member.fetch(&mut kit, topic, 100).await, []);
    let mut request = member.request(topic, 100);
    request.max_wait_ms = 60_000;
    let waits = tokio::spawn(kit.handle(2, &request).reply());
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!waits.is_finished());
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    let told = response::<ShareFetchRequest>(2, waits.await.unwrap());
    // The last is the marker, of which a client says that there is no record.
    assert_eq!(runs(&told), [(10, 13, 1)]);
}

#[tokio::test(start_paused = true)]
async fn records_of_an_aborted_transaction_are_passed_over_for_good() {
    for ends in [None, Some(End::Kill), Some(End::PowerLoss(3))] {
        let (mut kit, topic, mut member) = stage().await;
        let mut producer = Transactional::new(&mut kit, "x").await;
        open(&mut kit, &producer).await;
        assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
        // Though only as many are asked for as are passed over.
        assert_eq!(member.fetch(&mut kit, topic, 2).await, [(12, 13, 1)], "{ends:?}");
        // They are not the next one's either, who reads all that there is.
        set(&mut kit, "share.isolation.level", "read_uncommitted").await;
        if let Some(end) = ends {
            tokio::time::advance(Duration::from_secs(1)).await;
            kit = kit.reopened(end).await;
            let found = Member::new("n").fetch(&mut kit, topic, 100).await;
            // What was handed out and not acknowledged, the state knows nothing of.
            assert_eq!(found.iter().map(|run| (run.0, run.1)).collect::<Vec<_>>(), [(12, 13)], "{ends:?}");
        } else {
            assert_eq!(Member::new("n").fetch(&mut kit, topic, 100).await, []);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_reads_all_waits_for_no_transaction() {
    let (mut kit, topic, mut member) = stage().await;
    set(&mut kit, "share.isolation.level", "read_uncommitted").await;
    let producer = Transactional::new(&mut kit, "x").await;
    open(&mut kit, &producer).await;
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(10, 12, 1)]);
}

/// An open transaction holds the group up over a restart too, and only until it is aborted.
#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_open_as_the_broker_ends_is_not_shown_afterwards() {
    let (mut kit, topic, _) = stage().await;
    let mut producer = Transactional::new(&mut kit, "x").await;
    open(&mut kit, &producer).await;
    let mut kit = kit.reopened(End::Kill).await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 100).await, []);
    assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
    assert_eq!(member.fetch(&mut kit, topic, 100).await, [(12, 13, 1)]);
}
