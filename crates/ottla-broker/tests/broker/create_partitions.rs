//! Topics that grow. Codes and messages are Kafka's.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic, CreatePartitionsTopicResult,
};
use ottla_protocol::messages::delete_topics::DeleteTopicsRequest;
use ottla_protocol::messages::find_coordinator::FindCoordinatorRequest;

use crate::fetch::{only, request as fetch};
use crate::harness::{End, Kit, batch, text};

type Asked<'a> = (&'a str, i32, Option<&'a [&'a [i32]]>);

fn request(topics: &[Asked<'_>]) -> CreatePartitionsRequest {
    let mut request = CreatePartitionsRequest::default();
    request.timeout_ms = 5000;
    request.topics = topics
        .iter()
        .map(|(name, count, assignments)| {
            let mut topic = CreatePartitionsTopic::default();
            topic.name = text(name);
            topic.count = *count;
            topic.assignments = assignments.map(|assignments| {
                let brokers = assignments.iter().map(|brokers| {
                    let mut assignment = CreatePartitionsAssignment::default();
                    assignment.broker_ids = brokers.to_vec().into();
                    assignment
                });
                brokers.collect()
            });
            topic
        })
        .collect();
    request
}

fn seen(result: &CreatePartitionsTopicResult) -> (&str, ErrorCode, Option<&str>) {
    (&result.name, result.error_code, result.error_message.as_deref())
}

#[tokio::test(start_paused = true)]
async fn a_grown_topic_keeps_its_records_and_takes_more_in_new_partitions_also_after_a_restart() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[("max.message.bytes", "5000")]).await;
    kit.produce("a", 0, batch(&["x"])).await;
    let results = kit.call(3, &request(&[("a", 3, None)])).await.results;
    assert_eq!(results.iter().map(seen).collect::<Vec<_>>(), [("a", ErrorCode::NONE, None)]);
    for (index, offset) in [(0, 1), (1, 0), (2, 0)] {
        assert_eq!(kit.produce("a", index, batch(&["y"])).await.base_offset, offset, "partition {index}");
    }
    for end in [End::Close, End::Kill, End::PowerLoss(1)] {
        kit = kit.reopened(end).await;
        assert_eq!(kit.topics().await, [("a".to_owned(), id, 3)]);
        assert_eq!(only(&kit.call_now(18, &fetch(&[(id, 2, 0)]))).high_watermark, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn every_version_is_answered() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for (version, count) in [(0, 2), (1, 3), (2, 4), (3, 5)] {
        let results = kit.call(version, &request(&[("a", count, None)])).await.results;
        assert_eq!(results[0].error_code, ErrorCode::NONE, "v{version}");
    }
    assert_eq!(kit.topics().await[0].2, 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_validated_is_not_done() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let mut asked = request(&[("a", 3, None), ("nope", 1, None)]);
    asked.validate_only = true;
    let results = kit.call(3, &asked).await.results;
    let codes: Vec<_> = results.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION]);
    assert_eq!(kit.topics().await[0].2, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_increase_is_refused() {
    let mut kit = Kit::new().await;
    kit.create("a", 4, &[]).await;
    let invalid = ErrorCode::INVALID_PARTITIONS;
    let assignment = ErrorCode::INVALID_REPLICA_ASSIGNMENT;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let cases: [(Asked<'_>, _, _); 14] = [
        (("a", 4, None), invalid, Some("Topic already has 4 partition(s).")),
        (("a", 4, Some(&[])), invalid, Some("Topic already has 4 partition(s).")),
        (
            ("a", 2, None),
            invalid,
            Some("The topic a currently has 4 partition(s); 2 would not be an increase."),
        ),
        (
            ("a", -1, None),
            invalid,
            Some("The topic a currently has 4 partition(s); -1 would not be an increase."),
        ),
        (("nope", 4, None), unknown, None),
        (("", 4, None), unknown, None),
        (("__ottla_metadata", 4, None), unknown, None),
        (
            ("a", 5, Some(&[])),
            assignment,
            Some("Attempted to add 1 additional partition(s), but only 0 assignment(s) were specified."),
        ),
        (
            ("a", 5, Some(&[&[1], &[1]])),
            assignment,
            Some("Attempted to add 1 additional partition(s), but only 2 assignment(s) were specified."),
        ),
        (
            ("a", 5, Some(&[&[9]])),
            assignment,
            Some("The manual partition assignment includes broker 9, but no such broker is registered."),
        ),
        (
            ("a", 5, Some(&[&[1, 1]])),
            assignment,
            Some("The manual partition assignment includes the broker 1 more than once."),
        ),
        (
            ("a", 6, Some(&[&[1], &[]])),
            assignment,
            Some("The manual partition assignment includes an empty replica list."),
        ),
        (
            ("a", 10_005, None),
            ErrorCode::POLICY_VIOLATION,
            Some("Excessively large number of partitions per request."),
        ),
        (("__consumer_offsets", 60, None), unknown, None),
    ];
    for (topic, code, message) in cases {
        let results = kit.call(3, &request(&[topic])).await.results;
        assert_eq!(results.iter().map(seen).collect::<Vec<_>>(), [(topic.0, code, message)], "{topic:?}");
    }
    assert_eq!(kit.topics().await[0].2, 4);
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_one_for_the_whole_request() {
    let mut kit = Kit::new().await;
    kit.create("a", 4, &[]).await;
    kit.create("b", 4, &[]).await;
    let mut asked = request(&[("a", 6_004, None), ("b", 6_004, None)]);
    asked.validate_only = true;
    let results = kit.call(3, &asked).await.results;
    let codes: Vec<_> = results.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::POLICY_VIOLATION]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_named_twice_does_not_grow_and_the_others_do() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.create("b", 1, &[]).await;
    let asked = request(&[("b", 2, None), ("a", 2, None), ("nope", 2, None), ("a", 3, None)]);
    let results = kit.call(3, &asked).await.results;
    assert_eq!(
        results.iter().map(seen).collect::<Vec<_>>(),
        [
            ("a", ErrorCode::INVALID_REQUEST, Some("Duplicate topic name.")),
            ("b", ErrorCode::NONE, None),
            ("nope", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None),
        ]
    );
    assert_eq!(kit.topics().await.iter().map(|topic| topic.2).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_replica_can_be_assigned_by_hand() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let results = kit.call(3, &request(&[("a", 3, Some(&[&[1], &[1]]))])).await.results;
    assert_eq!(results[0].error_code, ErrorCode::NONE);
    assert_eq!(kit.topics().await[0].2, 3);
}

#[tokio::test(start_paused = true)]
async fn without_time_nothing_is_done() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    for timeout_ms in [0, -1] {
        let mut asked = request(&[("a", 2, None), ("nope", 2, None)]);
        asked.timeout_ms = timeout_ms;
        let results = kit.call(3, &asked).await.results;
        assert!(results.iter().all(|result| result.error_code == ErrorCode::REQUEST_TIMED_OUT));
    }
    assert_eq!(kit.topics().await[0].2, 1);
}

/// As many partitions as it has decide which group is where.
#[tokio::test(start_paused = true)]
async fn the_topic_of_a_coordinator_neither_grows_nor_goes() {
    let mut kit = Kit::new().await;
    let group = FindCoordinatorRequest::default().with_coordinator_keys(vec![text("group")]);
    kit.call(6, &group).await;
    let results = kit.call(3, &request(&[("__consumer_offsets", 60, None)])).await.results;
    let words = "Adding partitions to internal topic __consumer_offsets is prohibited.";
    assert_eq!(seen(&results[0]), ("__consumer_offsets", ErrorCode::INVALID_REQUEST, Some(words)));
    let mut delete = DeleteTopicsRequest::default();
    delete.topic_names = vec![text("__consumer_offsets")];
    delete.timeout_ms = 5000;
    assert_eq!(kit.call(5, &delete).await.responses[0].error_code, ErrorCode::INVALID_REQUEST);
    assert_eq!(kit.topics().await[0].2, 50);
}
