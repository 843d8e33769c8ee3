//! Coordinators, of which there are none yet.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_cluster::DescribeClusterRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;

use crate::harness::{Kit, text};

#[tokio::test(start_paused = true)]
async fn who_looks_for_a_coordinator_is_told_that_there_is_none() {
    let mut kit = Kit::new().await;
    let mut request = FindCoordinatorRequest::default();
    request.key = text("group");
    let response = kit.call_now(3, &request);
    assert_eq!((response.error_code, response.node_id), (ErrorCode::COORDINATOR_NOT_AVAILABLE, -1));
    assert!(response.error_message.unwrap().contains("not served"));

    let mut request = FindCoordinatorRequest::default();
    request.coordinator_keys = vec![text("a"), text("b")];
    for key_type in [0, 1] {
        request.key_type = key_type;
        let response = kit.call_now(4, &request);
        let codes: Vec<_> = response.coordinators.iter().map(|c| (c.key.to_string(), c.error_code)).collect();
        let unavailable = ErrorCode::COORDINATOR_NOT_AVAILABLE;
        assert_eq!(codes, [("a".to_owned(), unavailable), ("b".to_owned(), unavailable)]);
    }
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
        (6, 2, "g:AAAAAAAAAAAAAAAAAAAAAQ:0", ErrorCode::COORDINATOR_NOT_AVAILABLE),
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
