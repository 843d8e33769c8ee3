//! Who leads what, and topics that come into being by being asked for. Codes are Kafka's unless a test says so.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use ottla_protocol::wire::Uuid;

use crate::harness::{Kit, text};

fn by_name(names: &[&str]) -> MetadataRequest {
    let named = |name: &&str| {
        let mut topic = MetadataRequestTopic::default();
        topic.name = Some(text(name));
        topic
    };
    let mut request = MetadataRequest::default();
    request.topics = Some(names.iter().map(named).collect());
    request
}

fn without_creation(names: &[&str]) -> MetadataRequest {
    let mut request = by_name(names);
    request.allow_auto_topic_creation = false;
    request
}

fn by_id(ids: &[Uuid]) -> MetadataRequest {
    let mut request = by_name(&[]);
    request.topics = Some(
        ids.iter()
            .map(|id| {
                let mut topic = MetadataRequestTopic::default();
                topic.topic_id = *id;
                topic.name = None;
                topic
            })
            .collect(),
    );
    request
}

fn codes(response: &MetadataResponse) -> Vec<(Option<&str>, ErrorCode, usize)> {
    response.topics.iter().map(|t| (t.name.as_deref(), t.error_code, t.partitions.len())).collect()
}

#[tokio::test(start_paused = true)]
async fn this_node_leads_every_partition() {
    let mut kit = Kit::with(&[("broker.rack", "r1"), ("node.id", "4")]).await;
    let id = kit.create("a", 2, &[]).await;
    let response = kit.call_now(12, &by_name(&["a"]));
    let broker = &response.brokers[0];
    assert_eq!((broker.node_id, broker.host.as_str(), broker.port), (4, "broker.test", 9092));
    assert_eq!((broker.rack.as_deref(), response.controller_id), (Some("r1"), 4));
    assert_eq!(response.cluster_id.as_deref(), Some(kit.broker.cluster_id()));
    let topic = &response.topics[0];
    assert_eq!((topic.topic_id, topic.is_internal, topic.topic_authorized_operations), (id, false, i32::MIN));
    for (index, partition) in (0..).zip(&topic.partitions) {
        assert_eq!((partition.error_code, partition.partition_index), (ErrorCode::NONE, index));
        assert_eq!((partition.leader_id, partition.leader_epoch), (4, 0));
        assert_eq!((&partition.replica_nodes[..], &partition.isr_nodes[..]), (&[4][..], &[4][..]));
        assert!(partition.offline_replicas.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn no_list_means_all_topics_and_an_empty_one_means_none_but_in_version_0() {
    let mut kit = Kit::new().await;
    kit.create("b", 1, &[]).await;
    kit.create("a", 1, &[]).await;
    let all = [(Some("a"), ErrorCode::NONE, 1), (Some("b"), ErrorCode::NONE, 1)];
    for version in 0..=13 {
        let mut request = by_name(&[]);
        request.allow_auto_topic_creation = true;
        let none = kit.call_now(version, &request);
        if version == 0 {
            assert_eq!(codes(&none), all);
        } else {
            assert_eq!(codes(&none), []);
            request.topics = None;
            assert_eq!(codes(&kit.call_now(version, &request)), all);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_topic_is_created_when_request_and_broker_allow() {
    let mut kit = Kit::with(&[("num.partitions", "2")]).await;
    let response = kit.call(9, &without_creation(&["a"])).await;
    assert_eq!(codes(&response), [(Some("a"), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, 0)]);
    // Kafka answers the code once more and the topic the next time.
    assert_eq!(codes(&kit.call(9, &by_name(&["a", "a"])).await), [(Some("a"), ErrorCode::NONE, 2)]);
    assert_eq!(codes(&kit.call(1, &by_name(&["old"])).await), [(Some("old"), ErrorCode::NONE, 2)]);

    let mut kit = Kit::with(&[("auto.create.topics.enable", "false")]).await;
    let response = kit.call(9, &by_name(&["a"])).await;
    assert_eq!(codes(&response), [(Some("a"), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, 0)]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_topic_may_bear_is_not_created() {
    let mut kit = Kit::new().await;
    kit.create("my.top", 1, &[]).await;
    let names = ["a b", "", "my_top", "__cluster_metadata", "__ottla_metadata", "__consumer_offsets"];
    let response = kit.call(13, &by_name(&names)).await;
    let seen: Vec<_> = response.topics.iter().map(|t| t.error_code).collect();
    let (invalid, unknown) = (ErrorCode::INVALID_TOPIC_EXCEPTION, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(seen, [invalid, invalid, unknown, unknown, unknown, unknown]);
    assert_eq!(kit.topics().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn topics_are_found_by_id() {
    let mut kit = Kit::new().await;
    let a = kit.create("a", 1, &[]).await;
    let unknown = Uuid([5; 16]);
    let response = kit.call_now(12, &by_id(&[a, unknown, a]));
    assert_eq!(codes(&response), [(Some("a"), ErrorCode::NONE, 1), (None, ErrorCode::UNKNOWN_TOPIC_ID, 0)]);
    assert_eq!(response.topics[1].topic_id, unknown);
    // Names beside ids are not looked at.
    let mut mixed = by_id(&[a]);
    mixed.topics.as_mut().unwrap().extend(without_creation(&["b"]).topics.unwrap());
    assert_eq!(codes(&kit.call_now(13, &mixed)), [(Some("a"), ErrorCode::NONE, 1)]);
    // Ids had a place in the request before they had a meaning.
    let response = kit.call_now(10, &by_id(&[a]));
    assert_eq!(codes(&response), [(Some(""), ErrorCode::INVALID_REQUEST, 0)]);
}

#[tokio::test(start_paused = true)]
async fn operations_are_told_when_asked() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let mut request = by_name(&["a"]);
    request.include_topic_authorized_operations = true;
    request.include_cluster_authorized_operations = true;
    let response = kit.call_now(8, &request);
    assert_eq!(
        (response.topics[0].topic_authorized_operations, response.cluster_authorized_operations),
        (3576, 8096)
    );
}

/// As Kafka answers on a listener of which it has no address.
#[tokio::test(start_paused = true)]
async fn a_listener_that_is_not_advertised_knows_no_broker() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    kit.session = kit.broker.session("OTHER");
    let response = kit.call_now(12, &by_name(&["a"]));
    let partition = &response.topics[0].partitions[0];
    assert!(response.brokers.is_empty());
    assert_eq!((partition.leader_id, partition.error_code), (-1, ErrorCode::LISTENER_NOT_FOUND));
    let response = kit.call_now(5, &by_name(&["a"]));
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::LEADER_NOT_AVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_makes_no_sense_is_told_nothing_else() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    let mut request = by_id(&[id]);
    request.include_topic_authorized_operations = true;
    // Names and ids: version 10 has ids, and does not look for them.
    for version in [10, 11] {
        let response = kit.call_now(version, &request);
        let seen: Vec<_> =
            codes(&response).into_iter().map(|(_, code, partitions)| (code, partitions)).collect();
        assert_eq!(seen, [(ErrorCode::INVALID_REQUEST, 0)]);
        assert!(response.brokers.is_empty() && response.cluster_id.is_none(), "{response:?}");
        assert_eq!(response.controller_id, -1);
    }
}

#[tokio::test(start_paused = true)]
async fn operations_are_told_of_a_topic_that_does_not_exist_too() {
    let mut kit = Kit::new().await;
    let mut request = without_creation(&["nope"]);
    request.include_topic_authorized_operations = true;
    let topic = &kit.call_now(13, &request).topics[0];
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!((topic.error_code, topic.topic_authorized_operations), (unknown, 3576));
}
