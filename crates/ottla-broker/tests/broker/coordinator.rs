//! Which node coordinates what.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_cluster::DescribeClusterRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;

use ottla_storage::disk::{Call, Fault, FaultError};

use crate::harness::{Kit, response, text};

/// Codes and words are Kafka's, but for the first answer: Kafka has none until the topic is there.
#[tokio::test(start_paused = true)]
async fn who_looks_for_the_coordinator_of_a_group_finds_this_node() {
    let mut kit = Kit::new().await;
    assert_eq!(kit.topics().await.len(), 0, "nothing is created before somebody asks");
    let mut request = FindCoordinatorRequest::default();
    request.key = text("group");
    let response = kit.call(3, &request).await;
    assert_eq!((response.error_code, response.error_message.as_deref()), (ErrorCode::NONE, Some("NONE")));
    assert_eq!((response.node_id, response.host.as_str(), response.port), (1, "broker.test", 9092));

    let mut request = FindCoordinatorRequest::default();
    request.coordinator_keys = vec![text("a"), text("")];
    let response = kit.call_now(6, &request);
    let found: Vec<_> = response
        .coordinators
        .iter()
        .map(|c| (c.key.as_str(), c.error_code, c.error_message.as_deref(), c.node_id, c.port))
        .collect();
    let none = ErrorCode::NONE;
    assert_eq!(found, [("a", none, Some(""), 1, 9092), ("", none, Some(""), 1, 9092)]);

    let topics = kit.topics().await;
    assert_eq!((topics[0].0.as_str(), topics[0].2), ("__consumer_offsets", 50));
    let folders =
        kit.disk.image().into_keys().filter(|path| path.starts_with("__consumer_offsets-0")).count();
    assert_eq!(folders, 0, "a partition costs no file until it is written");
}

#[tokio::test(start_paused = true)]
async fn two_who_ask_at_once_find_the_same_coordinator() {
    let mut kit = Kit::new().await;
    kit.disk.hold(Call::Sync);
    let mut request = FindCoordinatorRequest::default();
    request.key = text("group");
    let first = kit.handle(3, &request);
    let second = kit.handle(3, &request);
    kit.disk.release();
    for handling in [first, second] {
        let response = response::<FindCoordinatorRequest>(3, handling.reply().await);
        assert_eq!(response.error_code, ErrorCode::NONE);
    }
    assert_eq!(kit.topics().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_metadata_there_is_no_coordinator() {
    let mut kit = Kit::new().await;
    kit.disk.inject(Fault::new(Call::Sync, FaultError::Io));
    let mut request = FindCoordinatorRequest::default();
    request.key = text("group");
    for _ in 0..2 {
        let response = kit.call(3, &request).await;
        assert_eq!((response.error_code, response.node_id), (ErrorCode::COORDINATOR_NOT_AVAILABLE, -1));
    }
}

#[tokio::test(start_paused = true)]
async fn who_looks_for_the_coordinator_of_transactions_has_its_topic_created() {
    let mut kit = Kit::new().await;
    let mut request = FindCoordinatorRequest::default();
    request.coordinator_keys = vec![text("a"), text("b")];
    request.key_type = 1;
    let response = kit.call(4, &request).await;
    let codes: Vec<_> = response.coordinators.iter().map(|c| (c.key.to_string(), c.error_code)).collect();
    assert_eq!(codes, [("a".to_owned(), ErrorCode::NONE), ("b".to_owned(), ErrorCode::NONE)]);
    assert_eq!(kit.topics().await.len(), 1);
}

/// The codes are Kafka's.
#[tokio::test(start_paused = true)]
async fn an_ill_formed_key_is_an_invalid_request() {
    let mut kit = Kit::new().await;
    for (version, key_type, key, code) in [
        (6, 9, "g", ErrorCode::INVALID_REQUEST),
        (6, 2, "g", ErrorCode::INVALID_REQUEST),
        (6, 2, "g:id:0", ErrorCode::INVALID_REQUEST),
        (4, 2, "g:AAAAAAAAAAAAAAAAAAAAAQ:0", ErrorCode::INVALID_REQUEST),
    ] {
        let mut request = FindCoordinatorRequest::default();
        request.key_type = key_type;
        request.coordinator_keys = vec![text(key)];
        assert_eq!(
            kit.call_now(version, &request).coordinators[0].error_code,
            code,
            "v{version} {key_type} {key}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_partition_of_a_share_group_has_a_coordinator() {
    let mut kit = Kit::new().await;
    let mut request = FindCoordinatorRequest::default();
    request.key_type = 2;
    request.coordinator_keys = vec![text("g:AAAAAAAAAAAAAAAAAAAAAQ:0")];
    let found = kit.call(6, &request).await.coordinators.remove(0);
    assert_eq!((found.error_code, found.node_id), (ErrorCode::NONE, 1));
}

/// Codes, messages and operations are Kafka's.
#[tokio::test(start_paused = true)]
async fn the_cluster_is_this_node() {
    let mut kit = Kit::new().await;
    let mut request = DescribeClusterRequest::default();
    request.include_cluster_authorized_operations = true;
    let response = kit.call_now(0, &request);
    assert_eq!(response.cluster_id.as_str(), kit.broker.cluster_id());
    assert_eq!((response.controller_id, response.cluster_authorized_operations), (1, 8096));
    assert_eq!((response.brokers[0].host.as_str(), response.brokers[0].port), ("broker.test", 9092));

    request.endpoint_type = 2;
    let response = kit.call_now(2, &request);
    assert_eq!((response.error_code, response.brokers.len()), (ErrorCode::MISMATCHED_ENDPOINT_TYPE, 0));
    request.endpoint_type = 9;
    let response = kit.call_now(2, &request);
    assert_eq!(response.error_code, ErrorCode::UNSUPPORTED_ENDPOINT_TYPE);
    assert_eq!(response.error_message.as_deref(), Some("Unsupported endpoint type 9"));
}
