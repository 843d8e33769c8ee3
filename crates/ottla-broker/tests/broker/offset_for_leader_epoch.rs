//! Where an epoch ends. What is answered was seen on Kafka.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use crate::harness::{Kit, batch, text};

/// Partition, current epoch, and the epoch that is asked for.
type Asked = (i32, i32, i32);

fn request(topics: &[(&str, &[Asked])]) -> OffsetForLeaderEpochRequest {
    let mut request = OffsetForLeaderEpochRequest::default();
    request.replica_id = -1;
    request.topics = topics
        .iter()
        .map(|(name, partitions)| {
            let mut topic = OffsetForLeaderTopic::default();
            topic.topic = text(name);
            topic.partitions = partitions
                .iter()
                .map(|(index, current, epoch)| {
                    let mut partition = OffsetForLeaderPartition::default();
                    partition.partition = *index;
                    partition.current_leader_epoch = *current;
                    partition.leader_epoch = *epoch;
                    partition
                })
                .collect();
            topic
        })
        .collect();
    request
}

async fn ask(kit: &mut Kit, version: i16, asked: &[Asked]) -> Vec<(i32, ErrorCode, i32, i64)> {
    let mut response = kit.call_now(version, &request(&[("a", asked)]));
    let partitions = response.topics.remove(0).partitions.into_iter();
    partitions.map(|p| (p.partition, p.error_code, p.leader_epoch, p.end_offset)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_current_epoch_ends_where_the_log_does() {
    let mut kit = Kit::new().await;
    kit.create("a", 2, &[]).await;
    kit.produce("a", 0, batch(&["x", "y"])).await;
    let none = ErrorCode::NONE;
    for version in 2..=4 {
        let seen = ask(&mut kit, version, &[(0, -1, 0), (0, 0, 0), (1, -1, 0)]).await;
        assert_eq!(seen, [(0, none, 0, 2), (0, none, 0, 2), (1, none, 0, 0)], "v{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_epoch_before_the_first_ends_where_that_begins_and_one_after_the_last_nowhere() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let none = ErrorCode::NONE;
    for records in [0, 1] {
        if records == 1 {
            kit.produce("a", 0, batch(&["x"])).await;
        }
        let seen = ask(&mut kit, 4, &[(0, -1, -2), (0, -1, i32::MIN), (0, -1, 1), (0, -1, -1)]).await;
        assert_eq!(
            seen,
            [(0, none, -2, 0), (0, none, i32::MIN, 0), (0, none, -1, -1), (0, none, -1, -1)],
            "{records} records"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_behind_or_ahead_of_the_leader_is_told() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let fenced = ErrorCode::FENCED_LEADER_EPOCH;
    let unknown = ErrorCode::UNKNOWN_LEADER_EPOCH;
    let seen = ask(&mut kit, 4, &[(0, 1, 0), (0, i32::MAX, -1), (0, -2, 0), (0, i32::MIN, 0)]).await;
    assert_eq!(seen, [unknown, unknown, fenced, fenced].map(|code| (0, code, -1, -1)));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_refused_and_the_rest_is_answered_in_order() {
    let mut kit = Kit::new().await;
    kit.create("a", 1, &[]).await;
    let asked: &[Asked] = &[(0, -1, 0)];
    let topics = [("nope", asked), ("a", asked), ("", asked), ("__ottla_metadata", asked), ("a", asked)];
    let response = kit.call_now(4, &request(&topics));
    let seen: Vec<_> = response.topics.iter().map(|t| (&*t.topic, t.partitions[0].error_code)).collect();
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(
        seen,
        [
            ("nope", unknown),
            ("a", ErrorCode::NONE),
            ("", unknown),
            ("__ottla_metadata", unknown),
            ("a", ErrorCode::NONE)
        ]
    );
    let partitions = ask(&mut kit, 4, &[(9, -1, 0), (-1, -1, 0)]).await;
    assert_eq!(partitions, [(9, unknown, -1, -1), (-1, unknown, -1, -1)]);
}
