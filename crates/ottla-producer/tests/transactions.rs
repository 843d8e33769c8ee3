//! Transactions: what is committed, what is aborted, and what each error leads to, in both versions.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ottla_client::scripted::{Reply, ScriptedCluster};
use ottla_client::{GroupMetadata, Offset, TopicPartition};
use ottla_producer::{Config, Error, Producer, Record};
use ottla_protocol::api::{ApiKey, ErrorCode};
use ottla_protocol::messages::add_offsets_to_txn::AddOffsetsToTxnResponse;
use ottla_protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnTopicResult,
};
use ottla_protocol::messages::end_txn::EndTxnResponse;
use ottla_protocol::messages::init_producer_id::InitProducerIdResponse;
use ottla_protocol::messages::produce::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse};
use ottla_protocol::messages::txn_offset_commit::{
    TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use ottla_protocol::messages::{RequestBody, ResponseBody};

const VERSIONS: [i16; 2] = [1, 2];

/// The requests of a transaction, in their order; in version 2 some of them are not sent.
const STEPS: [ApiKey; 6] = [
    ApiKey::InitProducerId,
    ApiKey::AddPartitionsToTxn,
    ApiKey::Produce,
    ApiKey::AddOffsetsToTxn,
    ApiKey::TxnOffsetCommit,
    ApiKey::EndTxn,
];

fn cluster(version: i16) -> ScriptedCluster {
    let cluster = ScriptedCluster::start(2);
    cluster.add_topic("t", 2);
    cluster.set_transaction_version(version);
    cluster
}

async fn producer(cluster: &ScriptedCluster) -> Producer {
    let config = Config::with_client(cluster.config()).with_transactional_id("id");
    Producer::new(config).await.expect("the cluster is up")
}

/// One whole transaction: two partitions, offsets of a group, and the end.
async fn transact(producer: &Producer) -> Result<(), Error> {
    let transaction = producer.begin_transaction().await?;
    let result = async {
        for partition in [0, 1] {
            let record = Record::new("t").with_partition(partition).with_value("v");
            transaction.enqueue(record).await?.await?;
        }
        let offsets = [(TopicPartition::new("t", 0), Offset(7))];
        let offsets = offsets.map(|(name, offset)| (name, ottla_producer::CommittedOffset::new(offset)));
        transaction.send_offsets(offsets, &GroupMetadata::new("g")).await?;
        transaction.commit().await
    };
    match result.await {
        Err(error) if !error.is_fatal() => {
            transaction.abort().await?;
            Err(error)
        }
        other => other,
    }
}

/// An answer to a request of a transaction with this code for all that it asks for.
fn answer(request: &RequestBody, code: ErrorCode) -> Option<ResponseBody> {
    Some(match request {
        RequestBody::InitProducerId(_) => {
            let mut answer = InitProducerIdResponse::default();
            answer.error_code = code;
            answer.into()
        }
        RequestBody::AddPartitionsToTxn(request) => {
            let mut answer = AddPartitionsToTxnResponse::default();
            for topic in &request.v3_and_below_topics {
                let mut answered = AddPartitionsToTxnTopicResult::default();
                answered.name = topic.name.clone();
                for index in &topic.partitions {
                    let mut result = AddPartitionsToTxnPartitionResult::default();
                    (result.partition_index, result.partition_error_code) = (*index, code);
                    answered.results_by_partition.push(result);
                }
                answer.results_by_topic_v3_and_below.push(answered);
            }
            answer.into()
        }
        RequestBody::Produce(request) => {
            let mut answer = ProduceResponse::default();
            for topic in &request.topic_data {
                let mut answered = TopicProduceResponse::default();
                (answered.name, answered.topic_id) = (topic.name.clone(), topic.topic_id);
                for data in &topic.partition_data {
                    let mut partition = PartitionProduceResponse::default();
                    (partition.index, partition.error_code, partition.base_offset) = (data.index, code, -1);
                    answered.partition_responses.push(partition);
                }
                answer.responses.push(answered);
            }
            answer.into()
        }
        RequestBody::AddOffsetsToTxn(_) => {
            let mut answer = AddOffsetsToTxnResponse::default();
            answer.error_code = code;
            answer.into()
        }
        RequestBody::TxnOffsetCommit(request) => {
            let mut answer = TxnOffsetCommitResponse::default();
            for topic in &request.topics {
                let mut answered = TxnOffsetCommitResponseTopic::default();
                answered.name = topic.name.clone();
                for partition in &topic.partitions {
                    let mut result = TxnOffsetCommitResponsePartition::default();
                    (result.partition_index, result.error_code) = (partition.partition_index, code);
                    answered.partitions.push(result);
                }
                answer.topics.push(answered);
            }
            answer.into()
        }
        RequestBody::EndTxn(_) => {
            let mut answer = EndTxnResponse::default();
            answer.error_code = code;
            answer.into()
        }
        _ => return None,
    })
}

/// Answers the first request of an API with `code`; says whether it came.
fn fail_first(cluster: &ScriptedCluster, api: ApiKey, code: ErrorCode) -> Arc<AtomicBool> {
    let came = Arc::new(AtomicBool::new(false));
    cluster.script({
        let came = Arc::clone(&came);
        move |_, request| {
            if request.api_key() != api || came.swap(true, Ordering::SeqCst) {
                return None;
            }
            answer(request, code).map(Reply::Answer)
        }
    });
    came
}

fn asked(cluster: &ScriptedCluster, api: ApiKey) -> usize {
    cluster.requests().iter().filter(|(_, asked)| *asked == api).count()
}

fn is_sent_in(version: i16, api: ApiKey) -> bool {
    version == 1 || !matches!(api, ApiKey::AddPartitionsToTxn | ApiKey::AddOffsetsToTxn)
}

#[tokio::test(start_paused = true)]
async fn what_is_committed_comes_with_its_offsets() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        for round in 1..=3 {
            transact(&producer).await.unwrap();
            assert_eq!(cluster.transactions_ended("id"), vec![true; round], "version {version}");
        }
        assert_eq!(cluster.values("t", 0).len(), 3);
        assert_eq!(cluster.committed("g", "t", 0), Some(7));
        for api in STEPS {
            assert_eq!(asked(&cluster, api) > 0, is_sent_in(version, api), "{api:?} in version {version}");
        }
        let epoch = cluster.producer_epoch("id").unwrap();
        assert_eq!(epoch, if version == 1 { 0 } else { 3 }, "version 2 has an epoch for each transaction");
    }
}

#[tokio::test(start_paused = true)]
async fn an_abort_drops_what_waits_and_the_producer_goes_on() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        let transaction = producer.begin_transaction().await.unwrap();
        transaction.send("t", "k", "written").await.unwrap();
        let waits = transaction.enqueue(Record::new("t").with_value("waits")).await.unwrap();
        transaction.abort().await.unwrap();
        assert!(matches!(waits.await, Err(Error::Aborted)));
        assert!(matches!(transaction.commit().await, Err(Error::Aborted)));
        transact(&producer).await.unwrap();
        assert_eq!(cluster.transactions_ended("id"), [false, true], "version {version}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_transaction_costs_no_request() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        producer.begin_transaction().await.unwrap().commit().await.unwrap();
        producer.begin_transaction().await.unwrap().abort().await.unwrap();
        assert_eq!(asked(&cluster, ApiKey::EndTxn), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_transaction_is_aborted_before_the_next_one_begins() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        let transaction = producer.begin_transaction().await.unwrap();
        transaction.send("t", "k", "v").await.unwrap();
        drop(transaction);
        transact(&producer).await.unwrap();
        assert_eq!(cluster.transactions_ended("id"), [false, true], "version {version}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_outside_of_a_transaction() {
    let cluster = cluster(2);
    let producer = producer(&cluster).await;
    assert!(matches!(producer.send("t", "k", "v").await, Err(Error::NoTransaction)));
    let transaction = producer.begin_transaction().await.unwrap();
    assert!(matches!(producer.begin_transaction().await, Err(Error::TransactionOpen)));
    transaction.commit().await.unwrap();
    assert!(matches!(transaction.send("t", "k", "v").await, Err(Error::NoTransaction)));
    let other = producer.begin_transaction().await.unwrap();
    assert!(matches!(transaction.send("t", "k", "v").await, Err(Error::NoTransaction)), "it is another one");
    other.send("t", "k", "v").await.unwrap();
    transaction.commit().await.expect("that it was committed is known still");
    let plain = Producer::new(Config::with_client(cluster.config())).await.unwrap();
    assert!(matches!(plain.begin_transaction().await, Err(Error::NotTransactional)));
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_at_every_step() {
    let codes = [
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::CONCURRENT_TRANSACTIONS,
    ];
    for version in VERSIONS {
        for api in STEPS.into_iter().filter(|api| is_sent_in(version, *api)) {
            for code in codes {
                let cluster = cluster(version);
                let producer = producer(&cluster).await;
                let came = fail_first(&cluster, api, code);
                let outcome = transact(&producer).await;
                assert!(came.load(Ordering::SeqCst), "{api:?} is sent in version {version}");
                outcome.unwrap_or_else(|error| panic!("{api:?}, {code}, version {version}: {error}"));
                assert_eq!(cluster.transactions_ended("id"), [true], "{api:?}, {code}, version {version}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_at_any_step_changes_nothing() {
    for version in VERSIONS {
        for api in STEPS.into_iter().filter(|api| is_sent_in(version, *api)) {
            let cluster = cluster(version);
            let producer = producer(&cluster).await;
            let mut lost = false;
            cluster.script(move |_, request| {
                let lose = request.api_key() == api && !lost;
                lost |= lose;
                lose.then_some(Reply::LoseAnswer)
            });
            transact(&producer).await.unwrap_or_else(|error| panic!("{api:?}, version {version}: {error}"));
            assert_eq!(cluster.transactions_ended("id"), [true], "{api:?}, version {version}");
            assert_eq!(cluster.values("t", 0).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_abortable_error_at_any_step_leads_to_an_abort_after_which_all_is_well() {
    for version in VERSIONS {
        for api in STEPS.into_iter().skip(1).filter(|api| is_sent_in(version, *api)) {
            let cluster = cluster(version);
            let producer = producer(&cluster).await;
            let came = fail_first(&cluster, api, ErrorCode::TRANSACTION_ABORTABLE);
            transact(&producer).await.expect_err("it cannot be committed");
            assert!(came.load(Ordering::SeqCst));
            transact(&producer).await.unwrap_or_else(|error| panic!("{api:?}, version {version}: {error}"));
            let ended = cluster.transactions_ended("id");
            assert_eq!(ended.last(), Some(&true), "{api:?}, version {version}");
            assert_eq!(ended.iter().filter(|committed| **committed).count(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fenced_producer_can_do_no_more() {
    for version in VERSIONS {
        for api in STEPS.into_iter().filter(|api| is_sent_in(version, *api) && *api != ApiKey::Produce) {
            for code in [ErrorCode::PRODUCER_FENCED, ErrorCode::INVALID_PRODUCER_EPOCH] {
                let cluster = cluster(version);
                let producer = producer(&cluster).await;
                fail_first(&cluster, api, code);
                let error = loop {
                    match transact(&producer).await {
                        Err(error) if error.is_fatal() => break error,
                        other => other.map(drop).expect_err("nobody else fails"),
                    };
                };
                assert!(matches!(error, Error::Fenced), "{api:?}, {code}, version {version}: {error}");
                assert!(matches!(producer.begin_transaction().await, Err(Error::Fenced)));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_of_two_producers_fences_the_first_and_aborts_its_transaction() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let zombie = producer(&cluster).await;
        let transaction = zombie.begin_transaction().await.unwrap();
        transaction.send("t", "k", "old").await.unwrap();
        let successor = producer(&cluster).await;
        transact(&successor).await.unwrap();
        let error = transaction.commit().await.expect_err("it was taken over");
        assert!(matches!(error, Error::Fenced), "version {version}: {error}");
        assert_eq!(cluster.transactions_ended("id"), [false, true]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_refuses_an_epoch_breaks_the_transaction_and_not_the_producer() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        fail_first(&cluster, ApiKey::Produce, ErrorCode::INVALID_PRODUCER_EPOCH);
        let transaction = producer.begin_transaction().await.unwrap();
        transaction.send("t", "k", "v").await.expect_err("it is refused");
        let error = transaction.commit().await.unwrap_err();
        assert!(error.is_abortable() && !error.is_fatal(), "{error}");
        assert!(transaction.send("t", "k", "v").await.unwrap_err().is_abortable());
        transaction.abort().await.unwrap();
        transact(&producer).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn lost_sequences_are_healed_by_the_next_epoch() {
    let cluster = cluster(1);
    let producer = producer(&cluster).await;
    transact(&producer).await.unwrap();
    fail_first(&cluster, ApiKey::Produce, ErrorCode::INVALID_RECORD);
    transact(&producer).await.expect_err("a record is refused");
    cluster.clear_script();
    transact(&producer).await.unwrap();
    assert_eq!(cluster.producer_epoch("id"), Some(1), "version 1 asks for the next epoch (KIP-360)");
    assert_eq!(asked(&cluster, ApiKey::InitProducerId), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_commit_goes_on_and_another_call_tells_its_outcome() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        let transaction = producer.begin_transaction().await.unwrap();
        let delivery = transaction.enqueue(Record::new("t").with_value("v")).await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut commit = std::pin::pin!(transaction.commit());
            assert!(matches!(commit.as_mut().poll(&mut context), Poll::Pending));
        }
        assert!(matches!(transaction.abort().await, Err(Error::TransactionOpen)), "the commit is under way");
        transaction.commit().await.unwrap();
        delivery.await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(cluster.transactions_ended("id"), [true], "version {version}: once");
        assert!(matches!(transaction.abort().await, Err(Error::NoTransaction)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_runs_out_of_time_can_be_waited_for_again() {
    let cluster = cluster(2);
    let config = Config::with_client(cluster.config())
        .with_transactional_id("id")
        .with_max_block(Duration::from_millis(500));
    let producer = Producer::new(config).await.unwrap();
    let transaction = producer.begin_transaction().await.unwrap();
    transaction.send("t", "k", "v").await.unwrap();
    let mut is_first = true;
    cluster.script(move |_, request| {
        let is_end = request.api_key() == ApiKey::EndTxn && std::mem::take(&mut is_first);
        is_end.then_some(Reply::Delay(Duration::from_secs(1)))
    });
    let error = transaction.commit().await.unwrap_err();
    assert!(error.is_retriable() && !error.is_fatal(), "{error}");
    loop {
        match transaction.commit().await {
            Ok(()) => break,
            Err(error) => assert!(error.is_retriable(), "{error}"),
        }
    }
    assert_eq!(cluster.transactions_ended("id"), [true]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_lost_its_place_cannot_commit_offsets() {
    for version in VERSIONS {
        let cluster = cluster(version);
        let producer = producer(&cluster).await;
        for code in
            [ErrorCode::ILLEGAL_GENERATION, ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::FENCED_INSTANCE_ID]
        {
            fail_first(&cluster, ApiKey::TxnOffsetCommit, code);
            let error = transact(&producer).await.unwrap_err();
            assert!(error.is_abortable(), "{code}: {error}");
        }
        assert_eq!(cluster.committed("g", "t", 0), None);
        cluster.clear_script();
        transact(&producer).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_transactional_id_that_is_not_allowed_is_fatal() {
    let cluster = cluster(2);
    let producer = producer(&cluster).await;
    fail_first(&cluster, ApiKey::InitProducerId, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    let error = producer.init_transactions().await.unwrap_err();
    assert!(matches!(error, Error::TransactionFailed(_)) && error.is_fatal(), "{error}");
}
