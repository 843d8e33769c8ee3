//! Topics and their partitions, page by page. What is answered was seen on Kafka.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicRequest,
};
use ottla_protocol::wire::Uuid;

use crate::harness::{Kit, text};

fn request(topics: &[&str], limit: i32, cursor: Option<(&str, i32)>) -> DescribeTopicPartitionsRequest {
    let mut request = DescribeTopicPartitionsRequest::default();
    request.topics = topics
        .iter()
        .map(|name| {
            let mut topic = TopicRequest::default();
            topic.name = text(name);
            topic
        })
        .collect();
    request.response_partition_limit = limit;
    request.cursor = cursor.map(|(name, index)| {
        let mut cursor = Cursor::default();
        cursor.topic_name = text(name);
        cursor.partition_index = index;
        cursor
    });
    request
}

type Seen = (Vec<(String, ErrorCode, Vec<i32>)>, Option<(String, i32)>);

fn seen(response: &DescribeTopicPartitionsResponse) -> Seen {
    let topics = response.topics.iter().map(|topic| {
        let indexes = topic.partitions.iter().map(|partition| partition.partition_index);
        (topic.name.as_deref().unwrap().to_owned(), topic.error_code, indexes.collect())
    });
    let next = response.next_cursor.as_ref().map(|next| (next.topic_name.to_string(), next.partition_index));
    (topics.collect(), next)
}

/// Topics `a` of five partitions, `b` of two and `c` of one.
async fn kit(config: &[(&str, &str)]) -> Kit {
    let mut kit = Kit::with(config).await;
    for (name, partitions) in [("a", 5), ("b", 2), ("c", 1)] {
        kit.create(name, partitions, &[]).await;
    }
    kit
}

#[tokio::test(start_paused = true)]
async fn a_partition_is_described_in_full() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let response = kit.call_now(0, &request(&["a"], 2000, None));
    let topic = &response.topics[0];
    assert_eq!((topic.topic_id, topic.is_internal, topic.topic_authorized_operations), (id, false, 3576));
    let partition = &topic.partitions[0];
    assert_eq!((partition.leader_id, partition.leader_epoch), (1, 0));
    assert_eq!((&partition.replica_nodes[..], &partition.isr_nodes[..]), (&[1][..], &[1][..]));
    assert!(partition.offline_replicas.is_empty());
    assert_eq!(partition.eligible_leader_replicas.as_deref(), Some(&[][..]));
    assert_eq!(partition.last_known_elr.as_deref(), Some(&[][..]));
}

#[tokio::test(start_paused = true)]
async fn a_page_ends_at_the_limit_and_says_where_the_next_begins() {
    let mut kit = kit(&[]).await;
    let none = ErrorCode::NONE;
    let of = |name: &str, indexes: std::ops::Range<i32>| (name.to_owned(), none, indexes.collect::<Vec<_>>());
    let next = |name: &str, index| Some((name.to_owned(), index));
    type Case<'a> = (&'a [&'a str], i32, Option<(&'a str, i32)>, Seen);
    let cases: [Case<'_>; 15] = [
        (&[], 2000, None, (vec![of("a", 0..5), of("b", 0..2), of("c", 0..1)], None)),
        (&["c", "a", "c"], 2000, None, (vec![of("a", 0..5), of("c", 0..1)], None)),
        (&[], 4, None, (vec![of("a", 0..4)], next("a", 4))),
        (&[], 4, Some(("a", 4)), (vec![of("a", 4..5), of("b", 0..2), of("c", 0..1)], None)),
        (&[], 7, None, (vec![of("a", 0..5), of("b", 0..2)], next("c", 0))),
        (&["b", "ba"], 2, None, (vec![of("b", 0..2)], next("ba", 0))),
        (&["b"], 0, None, (vec![of("b", 0..1)], next("b", 1))),
        (&["b"], -7, None, (vec![of("b", 0..1)], next("b", 1))),
        (&["a", "b"], i32::MAX, Some(("a", 1)), (vec![of("a", 1..5), of("b", 0..2)], None)),
        (&["a", "b"], 2000, Some(("b", 0)), (vec![of("b", 0..2)], None)),
        (&["a", "b"], 2000, Some(("a", 100)), (vec![of("a", 0..0), of("b", 0..2)], None)),
        (&["a"], 5, Some(("a", i32::MAX)), (vec![of("a", 0..0)], None)),
        (&[], 2000, Some(("bb", 1)), (vec![of("c", 0..1)], None)),
        (&[], 2000, Some(("", 2)), (vec![of("a", 0..5), of("b", 0..2), of("c", 0..1)], None)),
        (&[], 2000, Some(("zz", 0)), (vec![], None)),
    ];
    for (topics, limit, cursor, expected) in cases {
        let response = kit.call_now(0, &request(topics, limit, cursor));
        assert_eq!(seen(&response), expected, "{topics:?} {limit} {cursor:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pages_together_are_everything_whatever_the_limit() {
    let mut kit = kit(&[]).await;
    for limit in 1..10 {
        let mut all = Vec::new();
        let mut asked = request(&[], limit, None);
        loop {
            let page = kit.call_now(0, &asked);
            for topic in &page.topics {
                let name = topic.name.as_deref().unwrap().to_owned();
                all.extend(topic.partitions.iter().map(|p| (name.clone(), p.partition_index)));
            }
            asked.cursor = page.next_cursor;
            if asked.cursor.is_none() {
                break;
            }
        }
        let expected = [("a", 5), ("b", 2), ("c", 1)];
        let expected: Vec<_> = expected
            .into_iter()
            .flat_map(|(name, count)| (0..count).map(move |index| (name.to_owned(), index)))
            .collect();
        assert_eq!(all, expected, "limit {limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_broker_bounds_a_page_too() {
    let mut kit = kit(&[("max.request.partition.size.limit", "3")]).await;
    let response = kit.call_now(0, &request(&["a"], 2000, None));
    assert_eq!(seen(&response).1, Some(("a".to_owned(), 3)));
}

#[tokio::test(start_paused = true)]
async fn unknown_topics_are_told_apart_from_impossible_ones() {
    let mut kit = kit(&[]).await;
    let response = kit.call_now(0, &request(&["nope", "a/b", "c"], 2000, None));
    let codes =
        response.topics.iter().map(|t| (t.name.as_deref().unwrap(), t.error_code, t.topic_id.is_zero()));
    assert_eq!(
        codes.collect::<Vec<_>>(),
        [
            ("a/b", ErrorCode::INVALID_TOPIC_EXCEPTION, true),
            ("c", ErrorCode::NONE, false),
            ("nope", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, true),
        ]
    );
    assert_eq!(kit.topics().await.len(), 3, "nothing is created");
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_makes_no_sense_is_refused_for_every_topic() {
    let mut kit = kit(&[]).await;
    let refused = |name: &str| (name.to_owned(), ErrorCode::INVALID_REQUEST, vec![]);
    for cursor in [("c", 0), ("", 0), ("b", -1)] {
        let response = kit.call_now(0, &request(&["b", "a"], 2000, Some(cursor)));
        assert_eq!(seen(&response), (vec![refused("b"), refused("a")], None), "{cursor:?}");
        assert_eq!(response.topics[0].topic_id, Uuid::ZERO);
    }
    assert_eq!(seen(&kit.call_now(0, &request(&[], 2000, Some(("b", -1))))), (vec![], None));
}
