//! Records of transactions: who may append them, and what readers see of them. Codes are those of Kafka 4.3.1.

use ottla_broker::Handling;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::produce::ProduceRequest;
use ottla_protocol::records::BatchOptions;
use ottla_protocol::wire::{Records, Uuid};
use ottla_storage::disk::Call;

use crate::harness::{End, Kit, NOW_MS, batch, batch_at, produce_request, response, text};
use crate::transactional::{Transactional, committed};

async fn kit() -> (Kit, Uuid, Transactional) {
    kit_with(&[]).await
}

async fn kit_with(config: &[(&str, &str)]) -> (Kit, Uuid, Transactional) {
    let mut kit = Kit::with(config).await;
    let topic = kit.create("a", 3, &[]).await;
    let producer = Transactional::new(&mut kit, "t").await;
    (kit, topic, producer)
}

#[tokio::test(start_paused = true)]
async fn records_become_visible_when_their_transaction_is_committed() {
    let (mut kit, topic, mut producer) = kit().await;
    for version in [12, 13] {
        let request = producer.request("a", 0, 0);
        assert_eq!(request.topic_data.len(), 1);
        let before = committed(&mut kit, topic, 0).0;
        if version == 13 {
            let mut request = request;
            request.topic_data[0].topic_id = topic;
            let answer = kit.call(13, &request).await.responses.remove(0).partition_responses.remove(0);
            assert_eq!((answer.error_code, answer.base_offset), (ErrorCode::NONE, before));
        } else {
            assert_eq!(producer.code(&mut kit, version, 0, 0).await, ErrorCode::NONE);
        }
        assert_eq!(producer.code(&mut kit, 12, 0, 1).await, ErrorCode::NONE, "more of it");
        assert_eq!(committed(&mut kit, topic, 0), (before + 2, before, vec![]));
        assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
        assert_eq!(committed(&mut kit, topic, 0), (before + 3, before + 3, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn readers_are_told_of_transactions_that_were_aborted() {
    let (mut kit, topic, mut producer) = kit().await;
    for index in 0..2 {
        assert_eq!(producer.code(&mut kit, 12, index, 0).await, ErrorCode::NONE);
    }
    let id = producer.id;
    assert_eq!(producer.end(&mut kit, 5, false).await, ErrorCode::NONE);
    for index in 0..2 {
        assert_eq!(committed(&mut kit, topic, index), (2, 2, vec![(id, 0)]));
    }
    assert_eq!(committed(&mut kit, topic, 2), (0, 0, vec![]), "it took no part");
    for end in [End::Kill, End::PowerLoss(4), End::Close] {
        kit = kit.reopened(end).await;
        assert_eq!(committed(&mut kit, topic, 0), (2, 2, vec![(id, 0)]));
    }
}

#[tokio::test(start_paused = true)]
async fn before_version_12_a_partition_has_to_take_part_before() {
    let (mut kit, topic, mut producer) = kit().await;
    for version in [9, 10] {
        let refused = producer.produce(&mut kit, version, "a", 0, 0).await;
        assert_eq!(refused.error_code, ErrorCode::INVALID_TXN_STATE);
        assert_eq!(refused.error_message, Some(text("Partition was not added to the transaction")));
    }
    assert_eq!(producer.code(&mut kit, 11, 0, 0).await, ErrorCode::TRANSACTION_ABORTABLE);
    assert_eq!(producer.add(&mut kit, "a", &[0]).await, ErrorCode::NONE);
    assert_eq!(producer.code(&mut kit, 11, 1, 0).await, ErrorCode::TRANSACTION_ABORTABLE, "another did");
    for (sequence, version) in [3, 8, 11].into_iter().enumerate() {
        let sequence = i32::try_from(sequence).unwrap();
        assert_eq!(producer.code(&mut kit, version, 0, sequence).await, ErrorCode::NONE);
    }
    assert_eq!(producer.end(&mut kit, 4, true).await, ErrorCode::NONE);
    assert_eq!(committed(&mut kit, topic, 0), (4, 4, vec![]));
    // It is over: neither more of it comes in, nor the same once more.
    for sequence in [3, 2] {
        assert_eq!(producer.code(&mut kit, 11, 0, sequence).await, ErrorCode::TRANSACTION_ABORTABLE);
        assert_eq!(producer.code(&mut kit, 10, 0, sequence).await, ErrorCode::INVALID_TXN_STATE);
    }
    // The next one goes on counting in the same epoch.
    assert_eq!(producer.add(&mut kit, "a", &[0]).await, ErrorCode::NONE);
    assert_eq!(producer.code(&mut kit, 11, 0, 3).await, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn who_turns_verification_off_appends_unseen_and_version_12_adds_all_the_same() {
    let config = [("transaction.partition.verification.enable", "false")];
    let (mut kit, topic, mut producer) = kit_with(&config).await;
    assert_eq!(producer.code(&mut kit, 11, 0, 0).await, ErrorCode::NONE);
    assert_eq!(producer.code(&mut kit, 12, 1, 0).await, ErrorCode::NONE);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(
        committed(&mut kit, topic, 0),
        (1, 0, vec![]),
        "it hangs, as the coordinator does not know of it"
    );
    assert_eq!(committed(&mut kit, topic, 1), (2, 2, vec![]));
}

#[tokio::test(start_paused = true)]
async fn strangers_are_refused() {
    let (mut kit, topic, producer) = kit().await;
    let nobody = Transactional { transactional_id: "nobody", ..producer.clone() };
    let other = Transactional { id: producer.id + 500, ..producer.clone() };
    let newer = Transactional { epoch: producer.epoch + 5, ..producer.clone() };
    for version in [9, 11, 12] {
        assert_eq!(nobody.code(&mut kit, version, 0, 0).await, ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        assert_eq!(other.code(&mut kit, version, 0, 0).await, ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        assert_eq!(newer.code(&mut kit, version, 0, 0).await, ErrorCode::INVALID_PRODUCER_EPOCH);
        let nameless = produce_request("a", 0, Some(producer.batch(0)), -1);
        let answer = kit.call(version, &nameless).await.responses.remove(0).partition_responses.remove(0);
        assert_eq!(answer.error_code, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        let mut two = producer.request("a", 0, 0);
        let mut second = two.topic_data[0].partition_data[0].clone();
        (second.index, second.records) = (1, Some(Records::Bytes(other.batch(0))));
        two.topic_data[0].partition_data.push(second);
        let answers = kit.call(version, &two).await.responses.remove(0).partition_responses;
        let codes: Vec<_> = answers.iter().map(|answer| answer.error_code).collect();
        assert_eq!(codes, [ErrorCode::INVALID_PRODUCER_ID_MAPPING; 2]);
    }
    for index in 0..2 {
        assert_eq!(committed(&mut kit, topic, index), (0, 0, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn plain_records_beside_a_transaction_come_in_and_into_it_do_not() {
    let (mut kit, topic, producer) = kit().await;
    let named = |records| produce_request("a", 0, Some(records), -1).with_transactional_id(Some(text("t")));
    let answer =
        kit.call(12, &named(batch(&["plain"]))).await.responses.remove(0).partition_responses.remove(0);
    assert_eq!(answer.error_code, ErrorCode::NONE);
    assert_eq!(producer.code(&mut kit, 12, 0, 0).await, ErrorCode::NONE);
    let options = BatchOptions::default().with_producer(producer.id, producer.epoch, 1);
    let inside = named(batch_at(NOW_MS, &["plain"], options));
    let answer = kit.call(12, &inside).await.responses.remove(0).partition_responses.remove(0);
    assert_eq!(answer.error_code, ErrorCode::INVALID_TXN_STATE);
    assert_eq!(committed(&mut kit, topic, 0), (2, 1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_zombie_changes_nothing() {
    let (mut kit, topic, producer) = kit().await;
    assert_eq!(producer.code(&mut kit, 12, 0, 0).await, ErrorCode::NONE);
    let mut ended = producer.clone();
    assert_eq!(ended.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(ended.epoch, producer.epoch + 1);
    for (version, index, sequence) in [(12, 0, 1), (11, 0, 1), (12, 1, 0), (11, 1, 0), (12, 0, 0)] {
        let code = producer.code(&mut kit, version, index, sequence).await;
        assert_eq!(code, ErrorCode::INVALID_PRODUCER_EPOCH, "version {version}, partition {index}");
    }
    assert_eq!(committed(&mut kit, topic, 0), (2, 2, vec![]));
    assert_eq!(committed(&mut kit, topic, 1), (0, 0, vec![]));
    // A second producer of the same id fences the first.
    let second = Transactional::new(&mut kit, "t").await;
    assert_eq!(ended.code(&mut kit, 12, 0, 0).await, ErrorCode::INVALID_PRODUCER_EPOCH);
    assert_eq!(second.code(&mut kit, 12, 0, 0).await, ErrorCode::NONE);
}

#[tokio::test(start_paused = true)]
async fn each_transaction_of_version_2_counts_from_zero() {
    let (mut kit, _, mut producer) = kit().await;
    assert_eq!(producer.code(&mut kit, 12, 0, 4).await, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(producer.code(&mut kit, 12, 0, 0).await, ErrorCode::NONE);
    assert_eq!(producer.end(&mut kit, 5, true).await, ErrorCode::NONE);
    assert_eq!(producer.code(&mut kit, 12, 0, 1).await, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(producer.code(&mut kit, 12, 0, 0).await, ErrorCode::NONE);
}

/// The coordinator has let the partition take part, and says so to a request that then loses its way for a while.
#[tokio::test(start_paused = true)]
async fn records_that_come_after_the_end_of_their_transaction_stay_out() {
    let ends = [
        (5, true, ErrorCode::INVALID_PRODUCER_EPOCH), // the marker has raised the epoch
        (5, false, ErrorCode::INVALID_PRODUCER_EPOCH),
        (4, true, ErrorCode::INVALID_TXN_STATE),
        (4, false, ErrorCode::INVALID_TXN_STATE),
    ];
    for (version, commits, expected) in ends {
        let (mut kit, topic, mut producer) = kit().await;
        kit.disk.hold(Call::Sync);
        let late = kit.handle(12, &producer.request("a", 0, 0));
        assert!(matches!(late, Handling::Later { overlap: false, .. }), "{late:?}");
        kit.disk.release();
        assert_eq!(producer.end(&mut kit, version, commits).await, ErrorCode::NONE);
        let answer = response::<ProduceRequest>(12, late.reply().await);
        assert_eq!(answer.responses[0].partition_responses[0].error_code, expected, "EndTxn {version}");
        assert_eq!(committed(&mut kit, topic, 0), (1, 1, vec![]), "the marker and nothing else");
    }
}

#[tokio::test(start_paused = true)]
async fn records_wait_until_it_is_durable_that_their_partition_takes_part() {
    let (mut kit, topic, mut producer) = kit().await;
    kit.disk.hold(Call::Sync);
    let waiting = kit.handle(12, &producer.request("a", 0, 0));
    assert!(matches!(waiting, Handling::Later { overlap: false, .. }), "{waiting:?}");
    let mut killed = kit.reopened(End::PowerLoss(1)).await;
    drop(waiting);
    assert_eq!(committed(&mut killed, topic, 0), (0, 0, vec![]), "nothing of it is there");
    producer = Transactional::new(&mut killed, "t").await;
    assert_eq!(producer.code(&mut killed, 12, 0, 0).await, ErrorCode::NONE);
}
