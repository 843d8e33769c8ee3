//! The coordinator of transactions: ids, epochs, who takes part, and how it ends, over restarts too.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use ottla_protocol::messages::add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic};
use ottla_protocol::messages::describe_transactions::DescribeTransactionsRequest;
use ottla_protocol::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla_protocol::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use ottla_protocol::messages::list_transactions::ListTransactionsRequest;
use ottla_protocol::wire::I32Array;

use crate::harness::{End, Kit, text};

const ID: &str = "t";

/// A broker with a topic, and a coordinator of transactions.
async fn kit() -> Kit {
    let mut kit = Kit::new().await;
    kit.create("a", 4, &[]).await;
    let mut request = FindCoordinatorRequest::default();
    (request.key_type, request.coordinator_keys) = (1, vec![text(ID)]);
    assert_eq!(kit.call(4, &request).await.coordinators[0].error_code, ErrorCode::NONE);
    kit
}

async fn init(kit: &mut Kit, id: &str, timeout_ms: i32) -> InitProducerIdResponse {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(text(id)))
        .with_transaction_timeout_ms(timeout_ms);
    kit.call(5, &request).await
}

/// The codes of partitions that are to take part.
async fn add(kit: &mut Kit, producer: (i64, i16), topic: &str, partitions: &[i32]) -> Vec<ErrorCode> {
    let mut named = AddPartitionsToTxnTopic::default();
    named.name = text(topic);
    named.partitions = I32Array::from(partitions.to_vec());
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(text(ID))
        .with_v3_and_below_producer_id(producer.0)
        .with_v3_and_below_producer_epoch(producer.1)
        .with_v3_and_below_topics(vec![named]);
    let response = kit.call(3, &request).await;
    let results = response.results_by_topic_v3_and_below.into_iter();
    results.flat_map(|topic| topic.results_by_partition).map(|one| one.partition_error_code).collect()
}

async fn end(kit: &mut Kit, version: i16, producer: (i64, i16), commits: bool) -> EndTxnResponse {
    let request = EndTxnRequest::default()
        .with_transactional_id(text(ID))
        .with_producer_id(producer.0)
        .with_producer_epoch(producer.1)
        .with_committed(commits);
    kit.call(version, &request).await
}

/// State, and how many partitions take part.
async fn state(kit: &mut Kit) -> (String, usize) {
    let request = DescribeTransactionsRequest::default().with_transactional_ids(vec![text(ID)]);
    let state = kit.call(0, &request).await.transaction_states.remove(0);
    assert_eq!(state.error_code, ErrorCode::NONE);
    (state.transaction_state.to_string(), state.topics.iter().map(|topic| topic.partitions.len()).sum())
}

#[tokio::test(start_paused = true)]
async fn a_transaction_begins_with_its_partitions_and_ends_with_a_marker_in_each() {
    let mut kit = kit().await;
    let born = init(&mut kit, ID, 60_000).await;
    assert_eq!((born.error_code, born.producer_epoch), (ErrorCode::NONE, 0));
    let producer = (born.producer_id, 0);
    assert_eq!(state(&mut kit).await, ("Empty".to_owned(), 0));
    assert_eq!(add(&mut kit, producer, "a", &[0, 2]).await, [ErrorCode::NONE; 2]);
    assert_eq!(state(&mut kit).await, ("Ongoing".to_owned(), 2));
    let ended = end(&mut kit, 5, producer, true).await;
    assert_eq!((ended.error_code, ended.producer_id, ended.producer_epoch), (ErrorCode::NONE, producer.0, 1));
    assert_eq!(state(&mut kit).await, ("CompleteCommit".to_owned(), 0));
    assert_eq!(ends(&mut kit).await, [1, 0, 1, 0], "a marker is a record");
    assert_eq!(end(&mut kit, 4, producer, true).await.error_code, ErrorCode::PRODUCER_FENCED);
}

/// Where each partition of the topic ends.
async fn ends(kit: &mut Kit) -> Vec<i64> {
    use ottla_protocol::messages::list_offsets::{
        ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
    };
    let mut topic = ListOffsetsTopic::default();
    topic.name = text("a");
    topic.partitions = (0..4)
        .map(|index| ListOffsetsPartition::default().with_partition_index(index).with_timestamp(-1))
        .collect();
    let response = kit.call(7, &ListOffsetsRequest::default().with_topics(vec![topic])).await;
    response.topics[0].partitions.iter().map(|partition| partition.offset).collect()
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_not_there_spoils_its_request() {
    let mut kit = kit().await;
    let producer = (init(&mut kit, ID, 60_000).await.producer_id, 0);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(add(&mut kit, producer, "a", &[0, 4]).await, [ErrorCode::OPERATION_NOT_ATTEMPTED, unknown]);
    assert_eq!(add(&mut kit, producer, "b", &[0]).await, [unknown]);
    let internal = add(&mut kit, producer, "__transaction_state", &[0]).await;
    assert_eq!(internal, [ErrorCode::TOPIC_AUTHORIZATION_FAILED]);
    assert_eq!(state(&mut kit).await, ("Empty".to_owned(), 0));
}

#[tokio::test(start_paused = true)]
async fn a_producer_asks_for_a_timeout_that_is_allowed() {
    let mut kit = kit().await;
    for (timeout_ms, code) in [
        (0, ErrorCode::INVALID_TRANSACTION_TIMEOUT),
        (-1, ErrorCode::INVALID_TRANSACTION_TIMEOUT),
        (900_001, ErrorCode::INVALID_TRANSACTION_TIMEOUT),
        (900_000, ErrorCode::NONE),
    ] {
        assert_eq!(init(&mut kit, ID, timeout_ms).await.error_code, code, "{timeout_ms}");
    }
    assert_eq!(init(&mut kit, "", 60_000).await.error_code, ErrorCode::INVALID_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_takes_too_long_is_aborted_though_the_date_is_set_back() {
    for (seconds, date_ms) in [(10, 31_000), (30, -3_600_000)] {
        let mut kit = kit().await;
        let producer = (init(&mut kit, ID, 30_000).await.producer_id, 0);
        assert_eq!(add(&mut kit, producer, "a", &[1]).await, [ErrorCode::NONE]);
        kit.clock.advance(date_ms);
        for _ in 0..seconds / 10 {
            assert_eq!(state(&mut kit).await.0, "Ongoing", "{date_ms}");
            tokio::time::advance(std::time::Duration::from_millis(10_001)).await;
        }
        while state(&mut kit).await.0 == "PrepareAbort" {
            tokio::task::yield_now().await;
        }
        assert_eq!(state(&mut kit).await.0, "CompleteAbort", "{date_ms}");
        assert_eq!(ends(&mut kit).await, [0, 1, 0, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_group_take_part_by_the_partition_that_keeps_it() {
    let mut kit = kit().await;
    let producer = (init(&mut kit, ID, 60_000).await.producer_id, 0);
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(text(ID))
        .with_producer_id(producer.0)
        .with_producer_epoch(producer.1)
        .with_group_id(text("g"));
    assert_eq!(kit.call(4, &request).await.error_code, ErrorCode::NONE);
    let request = DescribeTransactionsRequest::default().with_transactional_ids(vec![text(ID)]);
    let state = kit.call(0, &request).await.transaction_states.remove(0);
    assert_eq!(state.topics[0].topic, text("__consumer_offsets"));
    assert_eq!(state.topics[0].partitions, I32Array::from(vec![3]), "as in Kafka");
}

#[tokio::test(start_paused = true)]
async fn a_restart_finds_transactions_as_they_were() {
    for how in [End::Close, End::Kill, End::PowerLoss(5)] {
        let mut kit = kit().await;
        let producer = (init(&mut kit, ID, 60_000).await.producer_id, 0);
        add(&mut kit, producer, "a", &[1]).await;
        let mut kit = kit.reopened(how).await;
        assert_eq!(state(&mut kit).await, ("Ongoing".to_owned(), 1), "{how:?}");
        let ended = end(&mut kit, 5, producer, false).await;
        assert_eq!((ended.error_code, ended.producer_epoch), (ErrorCode::NONE, 1), "{how:?}");
        let mut kit = kit.reopened(how).await;
        assert_eq!(state(&mut kit).await, ("CompleteAbort".to_owned(), 0), "{how:?}");
        // The answer was lost with the connection.
        let again = end(&mut kit, 5, producer, false).await;
        assert_eq!((again.error_code, again.producer_epoch), (ErrorCode::NONE, 1), "{how:?}");
        let next = init(&mut kit, ID, 60_000).await;
        assert_eq!((next.producer_id, next.producer_epoch), (producer.0, 2), "{how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn transactions_are_listed_by_state_producer_and_name() {
    let mut kit = kit().await;
    let mut producers = Vec::new();
    for id in ["alpha", "beta", ID] {
        producers.push(init(&mut kit, id, 60_000).await.producer_id);
    }
    add(&mut kit, (producers[2], 0), "a", &[0]).await;
    let mut list = async |request: ListTransactionsRequest| {
        let response = kit.call(2, &request).await;
        let mut ids: Vec<_> =
            response.transaction_states.iter().map(|state| state.transactional_id.to_string()).collect();
        ids.sort();
        (response.error_code, response.unknown_state_filters.len(), ids.join(","))
    };
    let all = ListTransactionsRequest::default;
    assert_eq!(list(all()).await, (ErrorCode::NONE, 0, "alpha,beta,t".into()));
    let ongoing = all().with_state_filters(vec![text("Ongoing"), text("Ended")]);
    assert_eq!(list(ongoing).await, (ErrorCode::NONE, 1, "t".into()));
    let unknown = all().with_state_filters(vec![text("Ended")]);
    assert_eq!(list(unknown).await, (ErrorCode::NONE, 1, String::new()));
    let of_one = all().with_producer_id_filters(vec![producers[0]]);
    assert_eq!(list(of_one).await, (ErrorCode::NONE, 0, "alpha".into()));
    let by_name = all().with_transactional_id_pattern(Some(text(".*a")));
    assert_eq!(list(by_name).await, (ErrorCode::NONE, 0, "alpha,beta".into()));
    let wrong = all().with_transactional_id_pattern(Some(text("(")));
    assert_eq!(list(wrong).await, (ErrorCode::INVALID_REGULAR_EXPRESSION, 0, String::new()));
}
