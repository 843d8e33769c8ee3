//! Deleting topics. Codes and messages are Kafka's.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::delete_topics::{DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest};
use ottla_protocol::wire::Uuid;

use crate::harness::{Kit, batch, text};

fn request(topics: &[(Option<&str>, Uuid)]) -> DeleteTopicsRequest {
    let mut request = DeleteTopicsRequest::default();
    request.timeout_ms = 5000;
    request.topics = topics
        .iter()
        .map(|(name, id)| {
            let mut topic = DeleteTopicState::default();
            topic.name = name.map(text);
            topic.topic_id = *id;
            topic
        })
        .collect();
    request
}

fn seen(result: &DeletableTopicResult) -> (Option<&str>, Uuid, ErrorCode, Option<&str>) {
    (result.name.as_deref(), result.topic_id, result.error_code, result.error_message.as_deref())
}

const UNKNOWN: Uuid = Uuid([9; 16]);

#[tokio::test(start_paused = true)]
async fn a_topic_is_deleted_by_name_or_by_id() {
    let mut kit = Kit::new().await;
    let a = kit.create("a", 2, &[]).await;
    let b = kit.create("b", 1, &[]).await;
    let response = kit.call(6, &request(&[(Some("a"), Uuid::ZERO), (None, b)])).await;
    let mut results: Vec<_> = response.responses.iter().map(seen).collect();
    results.sort_by_key(|result| result.0.map(str::to_owned));
    assert_eq!(results, [(Some("a"), a, ErrorCode::NONE, None), (Some("b"), b, ErrorCode::NONE, None)]);
    assert_eq!(kit.topics().await, []);
}

#[tokio::test(start_paused = true)]
async fn old_versions_delete_by_name() {
    let mut kit = Kit::new().await;
    for version in 1..=5 {
        kit.create("a", 1, &[]).await;
        let mut request = DeleteTopicsRequest::default();
        request.timeout_ms = 5000;
        request.topic_names = vec![text("a"), text("nope")];
        let response = kit.call(version, &request).await;
        let mut codes: Vec<_> = response
            .responses
            .iter()
            .map(|r| (r.name.as_deref().unwrap().to_owned(), r.error_code))
            .collect();
        codes.sort();
        let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        assert_eq!(codes, [("a".to_owned(), ErrorCode::NONE), ("nope".to_owned(), unknown)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_made_anew_is_empty_and_another() {
    let mut kit = Kit::new().await;
    let first = kit.create("a", 1, &[]).await;
    assert_eq!(kit.produce("a", 0, batch(&["x", "y"])).await.base_offset, 0);
    kit.call(6, &request(&[(Some("a"), Uuid::ZERO)])).await;
    assert_eq!(kit.produce("a", 0, batch(&["x"])).await.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_ne!(kit.create("a", 1, &[]).await, first);
    assert_eq!(kit.produce("a", 0, batch(&["x"])).await.base_offset, 0);
}

#[tokio::test(start_paused = true)]
async fn contradictions_and_repetitions_are_refused() {
    let mut kit = Kit::new().await;
    let a = kit.create("a", 1, &[]).await;
    let invalid = ErrorCode::INVALID_REQUEST;
    type Asked<'a> = &'a [(Option<&'a str>, Uuid)];
    let cases: [(Asked<'_>, _); 6] = [
        (
            &[(None, Uuid::ZERO)],
            (None, Uuid::ZERO, invalid, Some("Neither topic name nor id were specified.")),
        ),
        (
            &[(Some("a"), a)],
            (Some("a"), a, invalid, Some("You may not specify both topic name and topic id.")),
        ),
        (
            &[(Some("a"), Uuid::ZERO), (Some("a"), Uuid::ZERO)],
            (Some("a"), Uuid::ZERO, invalid, Some("Duplicate topic name.")),
        ),
        (&[(None, a), (None, a)], (None, a, invalid, Some("Duplicate topic id."))),
        (
            &[(None, a), (Some("a"), Uuid::ZERO)],
            (Some("a"), a, invalid, Some("The provided topic name maps to an ID that was already supplied.")),
        ),
        (&[(None, UNKNOWN)], (None, UNKNOWN, ErrorCode::UNKNOWN_TOPIC_ID, None)),
    ];
    for (topics, expected) in cases {
        let response = kit.call(6, &request(topics)).await;
        assert_eq!(response.responses.len(), 1, "{topics:?}");
        let seen = seen(&response.responses[0]);
        assert_eq!((seen.0, seen.1, seen.2), (expected.0, expected.1, expected.2));
        if expected.3.is_some() {
            assert_eq!(seen.3, expected.3);
        }
    }
    assert_eq!(kit.topics().await.len(), 1);
}

/// As seen on Kafka, but for the order: there it changes with every answer.
#[tokio::test(start_paused = true)]
async fn names_and_ids_are_mixed_as_one_likes_and_what_is_unknown_is_said_in_its_own_terms() {
    let mut kit = Kit::new().await;
    let a = kit.create("a", 1, &[]).await;
    let b = kit.create("b", 1, &[]).await;
    let asked = [
        (Some("a"), Uuid::ZERO),
        (None, b),
        (None, UNKNOWN),
        (Some("nope"), Uuid::ZERO),
        (Some(""), Uuid::ZERO),
    ];
    let response = kit.call(6, &request(&asked)).await;
    let mut results: Vec<_> = response.responses.iter().map(seen).collect();
    results.sort_by_key(|result| (result.0.map(str::to_owned), result.1.0));
    let told: Vec<_> =
        results.iter().map(|result| (result.0, result.1, result.2, result.3.is_some())).collect();
    assert_eq!(
        told,
        [
            (None, UNKNOWN, ErrorCode::UNKNOWN_TOPIC_ID, true),
            (Some(""), Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, true),
            (Some("a"), a, ErrorCode::NONE, false),
            (Some("b"), b, ErrorCode::NONE, false),
            (Some("nope"), Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, true),
        ]
    );
    let mut late = request(&[(Some("a"), Uuid::ZERO)]);
    late.timeout_ms = 0;
    assert_eq!(kit.call(6, &late).await.responses[0].error_code, ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(kit.call(6, &request(&[])).await.responses, []);
}

#[tokio::test(start_paused = true)]
async fn deletion_can_be_forbidden() {
    let mut kit = Kit::with(&[("delete.topic.enable", "false")]).await;
    kit.create("a", 1, &[]).await;
    let response = kit.call(6, &request(&[(Some("a"), Uuid::ZERO)])).await;
    assert_eq!(response.responses[0].error_code, ErrorCode::TOPIC_DELETION_DISABLED);
    let mut old = DeleteTopicsRequest::default();
    old.topic_names = vec![text("a")];
    assert_eq!(kit.call(2, &old).await.responses[0].error_code, ErrorCode::INVALID_REQUEST);
    assert_eq!(kit.topics().await.len(), 1);
}
